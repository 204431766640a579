/* Many literals in one pass: a bitmap of 4-byte windows decides where to look.
 *
 * Of a literal of seven bytes or more four windows that follow each other are
 * hashed into a bitmap (the rarest such run, by a rough idea of log text): one
 * of them stands at a multiple of four wherever the literal stands, so that the
 * scan looks up only every fourth byte and verifies where a bit is set.
 * Shorter literals are sought one by one while there are few; more of them get
 * one window each in a table of their own, looked up at every byte. */
#include "base.h"

#include <stdlib.h>

#define LONG 7

struct lit {
    char *p;
    size_t n;
    uint32_t id;
};

/* A literal may stand `at` bytes before a window of this bucket. */
struct window {
    uint32_t lit, at;
    uint32_t next;        /* next window of the bucket + 1 */
};

#define FEW 4              /* sought one by one */
#define BITS 16
#define BUCKETS (1u << BITS)

struct table {
    uint32_t *buckets;         /* index + 1 */
    uint64_t *bitmap;
    struct window *windows;
    size_t n, cap;
};

struct uct_litset {
    struct lit *lits;
    size_t n, cap;
    struct table longs, shorts;
    uint32_t few[FEW];         /* short literals, or those in the table */
    unsigned nfew;
    struct uct_arena arena;
};

struct uct_litset *uct_litset_new(void)
{
    return calloc(1, sizeof(struct uct_litset));
}

bool uct_litset_add(struct uct_litset *l, struct uct_slice lit, uint32_t id)
{
    if (lit.n < 4 || !UCT_ROOM(l->lits, l->n, l->cap))
        return false;
    char *copy = uct_arena_dup(&l->arena, lit);
    if (!copy)
        return false;
    l->lits[l->n++] = (struct lit){.p = copy, .n = lit.n, .id = id};
    return true;
}

static inline uint32_t hash_window(const char *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return (v * 0x9e3779b1u) >> (32 - BITS);
}

/* Letters and blanks that are everywhere weigh more; the lightest window wins. */
static unsigned weight(unsigned char c)
{
    if (c == ' ' || c == '"' || c == '=' || c == '-' || c == '0')
        return 6;
    if (memchr("etaoinsrl", c, 9))
        return 5;
    if (uct_isdigit(c))
        return 4;
    return c >= 'a' && c <= 'z' ? 3 : 1;
}

static bool add_window(struct table *t, const struct lit *l, uint32_t lit, uint32_t at)
{
    if (!UCT_ROOM(t->windows, t->n, t->cap))
        return false;
    uint32_t b = hash_window(l->p + at);
    t->windows[t->n++] = (struct window){lit, at, t->buckets[b]};
    t->buckets[b] = (uint32_t)t->n;
    t->bitmap[b / 64] |= (uint64_t)1 << (b % 64);
    return true;
}

/* Where the lightest run of `bytes` bytes begins. */
static uint32_t lightest(const struct lit *l, size_t bytes)
{
    unsigned best = UINT32_MAX;
    uint32_t at = 0;
    for (size_t k = 0; k + bytes <= l->n; k++) {
        unsigned w = 0;
        for (size_t j = k; j < k + bytes; j++)
            w += weight((unsigned char)l->p[j]);
        if (w < best) {
            best = w;
            at = (uint32_t)k;
        }
    }
    return at;
}

static bool table_new(struct table *t)
{
    t->buckets = calloc(BUCKETS, sizeof *t->buckets);
    t->bitmap = calloc(BUCKETS / 64, sizeof *t->bitmap);
    return t->buckets && t->bitmap;
}

bool uct_litset_compile(struct uct_litset *l)
{
    size_t nshort = 0;
    if (!table_new(&l->longs) || !table_new(&l->shorts))
        return false;
    for (size_t i = 0; i < l->n; i++)
        nshort += l->lits[i].n < LONG;
    l->nfew = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct lit *t = &l->lits[i];
        bool is_long = t->n >= LONG;
        if (!is_long && nshort <= FEW) {
            l->few[l->nfew++] = (uint32_t)i;
            continue;
        }
        uint32_t at = lightest(t, is_long ? LONG : 4);
        for (uint32_t k = 0; k < (is_long ? 4u : 1u); k++)
            if (!add_window(is_long ? &l->longs : &l->shorts, t, (uint32_t)i, at + k))
                return false;
    }
    return true;
}

static void verify(const struct uct_litset *l, const struct table *t, struct uct_slice s, size_t at, uint32_t b,
                   uct_lit_fn *fn, void *arg)
{
    for (uint32_t i = t->buckets[b]; i; i = t->windows[i - 1].next) {
        const struct window *w = &t->windows[i - 1];
        const struct lit *x = &l->lits[w->lit];
        if (at >= w->at && s.n - (at - w->at) >= x->n && memcmp(s.p + at - w->at, x->p, x->n) == 0)
            fn(arg, x->id, at - w->at);
    }
}

static void scan(const struct uct_litset *l, const struct table *t, struct uct_slice s, size_t stride, uct_lit_fn *fn,
                 void *arg)
{
    for (size_t i = 0, end = s.n - 3; i < end; i += stride) {
        uint32_t b = hash_window(s.p + i);
        if (t->bitmap[b / 64] >> (b % 64) & 1)
            verify(l, t, s, i, b, fn, arg);
    }
}

void uct_litset_scan(const struct uct_litset *l, struct uct_slice s, uct_lit_fn *fn, void *arg)
{
    if (s.n < 4)
        return;
    if (l->longs.n)
        scan(l, &l->longs, s, 4, fn, arg);
    if (l->shorts.n)
        scan(l, &l->shorts, s, 1, fn, arg);
    for (unsigned i = 0; i < l->nfew; i++) {
        const struct lit *x = &l->lits[l->few[i]];
        size_t at = uct_slice_find(s, uct_slice(x->p, x->n));
        if (at != SIZE_MAX)
            fn(arg, x->id, at);
    }
}

static void table_free(struct table *t)
{
    free(t->buckets);
    free(t->bitmap);
    free(t->windows);
}

void uct_litset_free(struct uct_litset *l)
{
    if (!l)
        return;
    free(l->lits);
    table_free(&l->longs);
    table_free(&l->shorts);
    uct_arena_free(&l->arena);
    free(l);
}
