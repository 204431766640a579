/* Clocks.
 *
 * A message sent by A at a and received by B at b (both as printed) says that
 * B runs ahead of A by at most b - a, since it took some time on its way; one
 * in the other direction bounds it from below.  With both, the truth lies
 * between the tightest bounds and the middle of them is taken.  Delays are
 * never negative but may be long, so the smallest differences count; single
 * wild ones (a clock set in the middle of a log) are kept out by taking them
 * from the half of the samples around the median.
 *
 * Pairs form a graph of sources; from the reference of each component clocks
 * are carried along the pairs with the most samples, errors adding up. */
#include "clock.h"

#include <stdlib.h>

#define ONE_WAY_DELAY_MS 1000     /* what one direction alone leaves open */
#define QUARTER_MS 900000

struct sample {
    uint32_t a, b;                /* sources, a < b */
    bool forward;                 /* a sent it */
    int64_t diff;                 /* stamp of b less stamp of a */
};

struct samples {
    struct sample *v;
    size_t n, cap;
};

struct pair {
    uint32_t a, b;
    int64_t ahead;                /* b ahead of a */
    int64_t error, samples;
};

static int by_pair(const void *x, const void *y)
{
    const struct sample *p = x, *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    if (p->forward != q->forward)
        return p->forward ? -1 : 1;
    return (p->diff > q->diff) - (p->diff < q->diff);
}

static bool sample_add(struct samples *s, const struct uct_ref *sent, const struct uct_ref *got)
{
    struct sample x = {.a = sent->source, .b = got->source, .forward = true, .diff = got->time - sent->time};
    if (x.a > x.b)
        x = (struct sample){.a = got->source, .b = sent->source, .diff = sent->time - got->time};
    if (!UCT_ROOM(s->v, s->n, s->cap))
        return false;
    s->v[s->n++] = x;
    return true;
}

/* First sighting of a message by a source in one direction. */
static bool is_first(const struct uct_call *c, size_t at)
{
    const struct uct_ref *r = &c->refs[at];
    for (size_t i = at; i-- > 0 && at - i < 64;)
        if (c->refs[i].group == r->group && c->refs[i].source == r->source && c->refs[i].msg->dir == r->msg->dir)
            return false;
    return true;
}

#define LOOK_AHEAD 64             /* refs of one message stand close together, but for the skew between logs */

/* Every message of the call that one source sent and another one received. */
static bool take_samples(const struct uct_call *c, struct samples *s)
{
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *x = &c->refs[i];
        if (!x->group || x->time == UCT_NO_TIME || x->msg->dir == UCT_DIR_UNKNOWN || !is_first(c, i))
            continue;
        for (size_t k = i + 1; k < c->nrefs && k < i + 1 + LOOK_AHEAD * 4; k++) {
            const struct uct_ref *y = &c->refs[k];
            if (y->group != x->group || y->source == x->source || y->time == UCT_NO_TIME ||
                y->msg->dir == UCT_DIR_UNKNOWN || y->msg->dir == x->msg->dir || !is_first(c, k))
                continue;
            bool sent = x->msg->dir == UCT_DIR_OUT;
            if (!sample_add(s, sent ? x : y, sent ? y : x))
                return false;
        }
    }
    return true;
}

/* The bound one direction gives: the extreme of the samples near their median. */
static int64_t bound(const struct sample *v, size_t n, bool forward)
{
    int64_t median = v[n / 2].diff, spread = v[n - 1 - n / 4].diff - v[n / 4].diff;
    int64_t reach = spread * 4 > 2000 ? spread * 4 : 2000;
    size_t i = forward ? 0 : n - 1;
    while (llabs(v[i].diff - median) > reach)
        forward ? i++ : i--;
    return v[i].diff;
}

/* Samples of one pair, forward ones first, each direction sorted by difference. */
static struct pair measure(const struct sample *v, size_t n)
{
    size_t f = 0;
    while (f < n && v[f].forward)
        f++;
    struct pair p = {.a = v[0].a, .b = v[0].b, .samples = (int64_t)n};
    if (f && f < n) {
        int64_t upper = bound(v, f, true), lower = bound(v + f, n - f, false);
        p.ahead = lower + (upper - lower) / 2;
        p.error = llabs(upper - lower) / 2 + 1;
    } else if (f) {
        p.ahead = bound(v, f, true) - ONE_WAY_DELAY_MS / 2;
        p.error = ONE_WAY_DELAY_MS / 2;
    } else {
        p.ahead = bound(v, n, false) + ONE_WAY_DELAY_MS / 2;
        p.error = ONE_WAY_DELAY_MS / 2;
    }
    return p;
}

static int by_samples(const void *x, const void *y)
{
    const struct pair *p = x, *q = y;
    if (p->samples != q->samples)
        return p->samples > q->samples ? -1 : 1;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return (p->b > q->b) - (p->b < q->b);
}

static uint8_t basis_of(const struct uct_source *s)
{
    uint8_t basis = UCT_BASIS_NONE;
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].basis && (!basis || s->blocks[i].basis < basis))
            basis = s->blocks[i].basis;
    return basis;
}

/* The Expressway source with a UTCTime and the most messages, then the lowest
 * id; without one the source whose own log says its time best. */
static uint32_t choose_reference(const struct uct_sources *s, const struct uct_calls *c, const uint32_t *root,
                                 uint32_t component)
{
    uint32_t best = UINT32_MAX;
    int best_rank = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        if (root[i] != component)
            continue;
        uint8_t basis = basis_of(s->items[i]);
        int rank = s->items[i]->parser == &uct_parser_expressway && basis == UCT_BASIS_UTC_FIELD ? 4
                   : s->items[i]->tz_user ? 3 : basis == UCT_BASIS_UTC_FIELD || basis == UCT_BASIS_ZONE ? 2 : 1;
        if (best == UINT32_MAX || rank > best_rank ||
            (rank == best_rank && c->source_messages[i] > c->source_messages[best])) {
            best = i;
            best_rank = rank;
        }
    }
    return best;
}

static uint32_t find(uint32_t *root, uint32_t i)
{
    while (root[i] != i)
        i = root[i] = root[root[i]];
    return i;
}

/* Keeps the pairs that connect (best first); the others say nothing new. */
static size_t span(struct pair *p, size_t n, uint32_t *root)
{
    size_t kept = 0;
    if (n > 1)
        qsort(p, n, sizeof *p, by_samples);
    for (size_t i = 0; i < n; i++) {
        uint32_t a = find(root, p[i].a), b = find(root, p[i].b);
        if (a == b)
            continue;
        root[a > b ? a : b] = a > b ? b : a;
        p[kept++] = p[i];
    }
    return kept;
}

static void settle(struct uct_source *s, const struct uct_source *from, int64_t ahead, const struct pair *p,
                   const struct uct_source *reference, bool *changed)
{
    s->reference = reference;
    s->error_ms = from->error_ms + p->error;
    s->samples = p->samples;
    if (s->tz_user)
        return;
    int64_t offset = from->tz_ms + ahead;
    if (llabs(offset) <= s->error_ms) {       /* no difference is as good an answer, and a likelier one */
        s->error_ms += llabs(offset);
        offset = 0;
    }
    s->tz_ms = offset;
    *changed |= offset != 0;
}

/* Carries the reference's clock along the spanning pairs. */
static void carry(struct uct_sources *s, const struct pair *p, size_t n, const uint32_t *reference, bool *done,
                  bool *changed)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < n; i++) {
            if (done[p[i].a] == done[p[i].b])
                continue;
            bool known_a = done[p[i].a];
            uint32_t from = known_a ? p[i].a : p[i].b, to = known_a ? p[i].b : p[i].a;
            settle(s->items[to], s->items[from], known_a ? p[i].ahead : -p[i].ahead, &p[i],
                   s->items[reference[to]], changed);
            done[to] = true;
            more = true;
        }
    }
}

static enum uct_status solve(struct uct_sources *s, const struct uct_calls *c, struct pair *p, size_t n, bool *changed)
{
    uint32_t *root = malloc((s->n + 1) * 2 * sizeof *root), *reference = root + s->n + 1;
    bool *done = calloc(s->n + 1, sizeof *done);
    if (root && done) {
        for (uint32_t i = 0; i < s->n; i++)
            root[i] = i;
        n = span(p, n, root);
        for (uint32_t i = 0; i < s->n; i++)
            root[i] = find(root, i);
        for (uint32_t i = 0; i < s->n; i++)
            reference[i] = root[i] == i ? choose_reference(s, c, root, i) : reference[root[i]];
        for (uint32_t i = 0; i < s->n; i++)
            done[reference[i]] = true;
        carry(s, p, n, reference, done, changed);
    }
    enum uct_status st = root && done ? UCT_OK : UCT_FATAL;
    free(root);
    free(done);
    return st;
}

enum uct_status uct_clocks_measure(struct uct_sources *s, const struct uct_calls *c, bool *changed)
{
    struct samples all = {0};
    struct pair *pairs = NULL;
    size_t n = 0, cap = 0;
    enum uct_status st = UCT_OK;
    *changed = false;
    for (size_t i = 0; i < c->n && s->n > 1 && st == UCT_OK; i++)
        if (!take_samples(&c->items[i], &all))
            st = UCT_FATAL;
    if (all.n > 1)
        qsort(all.v, all.n, sizeof *all.v, by_pair);
    for (size_t i = 0, k; i < all.n && st == UCT_OK; i = k) {
        for (k = i + 1; k < all.n && all.v[k].a == all.v[i].a && all.v[k].b == all.v[i].b; k++)
            ;
        if (!UCT_ROOM(pairs, n, cap))
            st = UCT_FATAL;
        else
            pairs[n++] = measure(all.v + i, k - i);
    }
    if (n && st == UCT_OK)
        st = solve(s, c, pairs, n, changed);
    free(all.v);
    free(pairs);
    return st;
}
