/* Many literals in one pass: a bitmap of 4-byte windows decides where to look.
 *
 * Of each literal one window of four bytes is chosen (the rarest by a rough
 * idea of log text) and hashed into a bitmap; the scan looks up the window at
 * every byte and only verifies where a bit is set.  Chains are capped by
 * construction: literals with one window sit in one bucket, and each costs a
 * memcmp. */
#include "base.h"

#include <stdlib.h>

struct lit {
    char *p;
    size_t n;
    uint32_t id;
    uint32_t at;          /* where its window begins */
    uint32_t next;        /* next literal of the bucket + 1 */
};

#define BITS 14
#define BUCKETS (1u << BITS)

struct uct_litset {
    struct lit *lits;
    size_t n, cap;
    uint32_t *buckets;         /* index + 1 */
    uint64_t *bitmap;
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

static inline uint32_t window(const char *p)
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

bool uct_litset_compile(struct uct_litset *l)
{
    l->buckets = calloc(BUCKETS, sizeof *l->buckets);
    l->bitmap = calloc(BUCKETS / 64, sizeof *l->bitmap);
    if (!l->buckets || !l->bitmap)
        return false;
    for (size_t i = 0; i < l->n; i++) {
        struct lit *t = &l->lits[i];
        unsigned best = UINT32_MAX;
        for (size_t k = 0; k + 4 <= t->n; k++) {
            unsigned w = 0;
            for (size_t j = k; j < k + 4; j++)
                w += weight((unsigned char)t->p[j]);
            if (w < best) {
                best = w;
                t->at = (uint32_t)k;
            }
        }
        uint32_t b = window(t->p + t->at);
        t->next = l->buckets[b];
        l->buckets[b] = (uint32_t)i + 1;
        l->bitmap[b / 64] |= (uint64_t)1 << (b % 64);
    }
    return true;
}

static void verify(const struct uct_litset *l, struct uct_slice s, size_t at, uint32_t b, uct_lit_fn *fn, void *arg)
{
    for (uint32_t i = l->buckets[b]; i; i = l->lits[i - 1].next) {
        const struct lit *t = &l->lits[i - 1];
        if (at >= t->at && s.n - (at - t->at) >= t->n && memcmp(s.p + at - t->at, t->p, t->n) == 0)
            fn(arg, t->id, at - t->at);
    }
}

void uct_litset_scan(const struct uct_litset *l, struct uct_slice s, uct_lit_fn *fn, void *arg)
{
    if (s.n < 4 || l->n == 0)
        return;
    for (size_t i = 0, end = s.n - 3; i < end; i++) {
        uint32_t b = window(s.p + i);
        if (l->bitmap[b / 64] >> (b % 64) & 1)
            verify(l, s, i, b, fn, arg);
    }
}

void uct_litset_free(struct uct_litset *l)
{
    if (!l)
        return;
    free(l->lits);
    free(l->buckets);
    free(l->bitmap);
    uct_arena_free(&l->arena);
    free(l);
}
