/* A client's calls and those of a server's log, when nothing but the parties is the same and no message compares
 * the two clocks: a server of Microsoft's between them gives calls new Call-IDs.
 *
 * Each call has a shape: who calls whom, with what result, how long until the answer and until somebody hung up.
 * Two calls of one shape may be one, by a clock that is off by the difference of their starts.  What is true of one
 * is true of all: that difference counts which most calls agree on, if it is at least two and no other is as good.
 * One pair alone must be the only one, of calls that no other of these parties stands beside, and long enough to
 * tell, or its clocks off by whole quarter hours. */
#include "joining.h"

#include "links.h"

#include <stdlib.h>

#define APART_MS 400           /* of two logs' intervals: what a message takes on its way, there and back */
#define AGREE_MS 500           /* of the differences of two pairs */
#define LONG_MS 1000           /* an interval that tells something */
#define OTHER_MS 5000          /* more than a challenge on one side of a server makes the other's interval longer */
#define ZONE_MS 900000
#define SKEW_MS 3000           /* of clocks that are kept, but for their zones */
#define ZONES_MOST_MS 50400000 /* 14 hours */
#define APART_MOST_MS 95400000 /* of two clocks: 26 hours between zones, and what a clock is off */
#define LIKE_MOST 64           /* calls of one shape that are looked at */

/* A call as one box saw it. */
struct shape {
    uint64_t parties;
    int64_t first, ring, talk;      /* ring: until the answer; talk: from there until a BYE; UCT_NO_TIME if not seen */
    uint32_t call, box;
    bool client;
};

struct shapes {
    struct shape *v;
    size_t n, cap;
};

/* Of a client's call and another. */
struct pair {
    uint32_t client, other;         /* boxes */
    uint32_t a, b;
    int64_t ahead;
    bool telling;
    bool crowded;                   /* a box has another call of these parties and this result at about the time */
};

struct pairs {
    struct pair *v;
    size_t n, cap;
};

static uint64_t text_hash(const struct uct_joining *j, uint64_t h, uint32_t id)
{
    struct uct_slice v = uct_interned(j->s->strings, id);
    for (size_t i = 0; i < v.n; i++)
        h = uct_hash_mix(h, uct_lower((unsigned char)v.p[i]));
    return uct_hash_mix(h, 1000);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == UCT_NO_TIME || (b != UCT_NO_TIME && b < a) ? b : a;
}

static bool add_shapes(const struct uct_joining *j, struct shapes *out, uint32_t call)
{
    const struct uct_call *c = uct_join_at(j, call);
    struct uct_way w[UCT_WAYS];
    size_t n = c->from && c->to && uct_join_is_dialog(j->s, c) ? uct_legs_ways(j, c, w) : 0;
    for (size_t i = 0; i < n; i++) {
        int64_t first = earlier(w[i].came, w[i].went);
        if (first == UCT_NO_TIME || w[i].final == UCT_NO_TIME || j->unsure[w[i].box])
            continue;
        if (!UCT_ROOM(out->v, out->n, out->cap))
            return false;
        uint64_t parties = uct_hash_mix(text_hash(j, text_hash(j, 0, c->from), c->to), c->status);
        bool client = j->s->items[w[i].box]->parser == &uct_parser_uccapi;
        out->v[out->n++] = (struct shape){parties, first, w[i].final - first,
            w[i].bye == UCT_NO_TIME ? UCT_NO_TIME : w[i].bye - w[i].final, call, w[i].box, client};
    }
    return true;
}

static int by_parties(const void *a, const void *b)
{
    const struct shape *x = a, *y = b;
    if (x->parties != y->parties)
        return x->parties < y->parties ? -1 : 1;
    if (x->client != y->client)
        return x->client ? -1 : 1;
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    return (x->box > y->box) - (x->box < y->box);
}

/* Its first way that was answered, as an interval until the answer and one until somebody hung up. */
static bool intervals(const struct uct_joining *j, uint32_t call, int64_t *ring, int64_t *talk)
{
    struct uct_way w[UCT_WAYS];
    size_t n = uct_legs_ways(j, uct_join_at(j, call), w);
    for (size_t i = 0; i < n; i++) {
        int64_t first = earlier(w[i].came, w[i].went);
        if (first == UCT_NO_TIME || w[i].final == UCT_NO_TIME || j->unsure[w[i].box])
            continue;
        *ring = w[i].final - first;
        *talk = w[i].bye == UCT_NO_TIME ? UCT_NO_TIME : w[i].bye - w[i].final;
        return true;
    }
    return false;
}

bool uct_join_shapes_differ(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = uct_join_at(j, a), *y = uct_join_at(j, b);
    int64_t ring[2], talk[2];
    if (x->status && y->status && x->status != y->status)
        return true;
    return intervals(j, a, &ring[0], &talk[0]) && intervals(j, b, &ring[1], &talk[1]) &&
           (llabs(ring[0] - ring[1]) > OTHER_MS ||
            (talk[0] != UCT_NO_TIME && talk[1] != UCT_NO_TIME && llabs(talk[0] - talk[1]) > OTHER_MS));
}

/* ---- pairs --------------------------------------------------------------- */

static bool alike(int64_t a, int64_t b)
{
    return a == UCT_NO_TIME || b == UCT_NO_TIME || llabs(a - b) <= APART_MS;
}

static bool same_parties(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = uct_join_at(j, a), *y = uct_join_at(j, b);
    const struct uct_intern *s = j->s->strings;
    return x->status == y->status && uct_slice_ieq(uct_interned(s, x->from), uct_interned(s, y->from)) &&
           uct_slice_ieq(uct_interned(s, x->to), uct_interned(s, y->to));
}

/* Of the first shapes of one hash: which have another of their box near. */
static void list_crowded(const struct shape *v, size_t n, bool crowded[LIKE_MOST])
{
    for (size_t i = 0; i < n && i < LIKE_MOST; i++) {
        crowded[i] = false;
        for (size_t k = 0; k < n && k < LIKE_MOST; k++)
            crowded[i] |= v[i].box == v[k].box && v[i].call != v[k].call &&
                          llabs(v[i].first - v[k].first) <= UCT_LEG_MS;
    }
}

static bool add_pair(const struct uct_joining *j, struct pairs *out, const struct shape *a, const struct shape *b,
                     bool crowded)
{
    if (!alike(a->ring, b->ring) || !alike(a->talk, b->talk) || !same_parties(j, a->call, b->call) ||
        uct_join_are_others(j, a->call, b->call) ||
        uct_legs_share_box(j, uct_join_at(j, a->call), uct_join_at(j, b->call)))      /* who sees both tells them apart */
        return true;
    if (!UCT_ROOM(out->v, out->n, out->cap))
        return false;
    bool telling = a->ring >= LONG_MS && a->talk != UCT_NO_TIME && b->talk != UCT_NO_TIME && a->talk >= LONG_MS;
    out->v[out->n++] = (struct pair){a->box, b->box, a->call, b->call, b->first - a->first, telling,
                                         crowded};
    return true;
}

/* v: of one hash, the clients' first. */
static bool pair_up(struct uct_joining *j, struct pairs *out, const struct shape *v, size_t n)
{
    size_t clients = 0;
    while (clients < n && v[clients].client)
        clients++;
    bool near[2][LIKE_MOST];
    list_crowded(v, clients, near[0]);
    list_crowded(v + clients, n - clients, near[1]);
    j->out->cut += (clients > LIKE_MOST && n > clients) || (clients && n - clients > LIKE_MOST) ? n : 0;
    for (size_t i = 0; i < clients && i < LIKE_MOST; i++)
        for (size_t k = clients; k < n && k < clients + LIKE_MOST; k++)
            if (v[i].call != v[k].call &&
                !add_pair(j, out, &v[i], &v[k], near[0][i] || near[1][k - clients]))
                return false;
    return true;
}

static int by_boxes(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->client != y->client)
        return x->client < y->client ? -1 : 1;
    if (x->other != y->other)
        return x->other < y->other ? -1 : 1;
    if (x->ahead != y->ahead)
        return x->ahead < y->ahead ? -1 : 1;
    return x->a != y->a ? (x->a < y->a ? -1 : 1) : (x->b > y->b) - (x->b < y->b);
}

/* ---- which difference ---------------------------------------------------- */

static bool same_clock(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_source *x = j->s->items[a], *y = j->s->items[b];
    return (x->reference ? x->reference : x) == (y->reference ? y->reference : y);
}

/* How many of the pairs from v on agree with the first: v is in order of the difference. */
static size_t agreeing(const struct pair *v, size_t n)
{
    size_t k = 1;
    while (k < n && k <= LIKE_MOST && v[k].ahead - v[0].ahead <= AGREE_MS)
        k++;
    return k;
}

/* Each call stands in one pair. */
static bool one_to_one(const struct pair *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (v[i].a == v[k].a || v[i].b == v[k].b)
                return false;
    return true;
}

static bool by_the_quarter(int64_t ahead)
{
    int64_t rest = llabs(ahead) % ZONE_MS;
    return llabs(ahead) <= ZONES_MOST_MS && (rest <= SKEW_MS || rest >= ZONE_MS - SKEW_MS);
}

/* The stretch of pairs that agree best, if no other is as good; n is 0 without one. */
static const struct pair *best_of(const struct pair *v, size_t *n)
{
    size_t best = 0, at = 0, second = 0;
    for (size_t i = 0; i < *n; i++) {
        size_t k = agreeing(v + i, *n - i);
        if (k > best) {
            best = k;
            at = i;
        }
    }
    for (size_t i = 0; i < *n; i++)
        if (llabs(v[i].ahead - v[at].ahead) > 2 * AGREE_MS) {
            size_t k = agreeing(v + i, *n - i);
            second = k > second ? k : second;
        }
    bool sure = best >= 2 ? best > second : *n == 1 && !v->crowded && (v->telling || by_the_quarter(v->ahead));
    sure = sure && llabs(v[at].ahead) <= APART_MOST_MS;
    *n = sure && best <= LIKE_MOST && one_to_one(v + at, best) ? best : 0;
    return v + at;
}

/* Pairs of two boxes. */
static bool join_boxes(struct uct_joining *j, const struct pair *v, size_t n)
{
    const struct pair *p = v;
    size_t count = n;
    if (same_clock(j, v->client, v->other)) {       /* then the difference is known */
        for (count = 0; n && v->ahead < -AGREE_MS; v++, n--)
            ;
        p = v;
        while (count < n && v[count].ahead <= AGREE_MS)
            count++;
        if (count > LIKE_MOST || !one_to_one(p, count))
            return true;
    } else {
        p = best_of(v, &count);
    }
    for (size_t i = 0; i < count; i++)
        if (!uct_join_connect(j, p[i].a, p[i].b, "parties", j->c->items[p[i].a].from, UCT_POSSIBLE))
            return false;
    return true;
}

bool uct_join_shapes(struct uct_joining *j)
{
    struct shapes l = {0};
    struct pairs p = {0};
    bool ok = true, any = false;
    for (size_t i = 0; i < j->s->n; i++)
        any |= j->s->items[i]->parser == &uct_parser_uccapi;
    for (size_t i = 0; any && ok && i < j->c->n; i++)
        ok = add_shapes(j, &l, (uint32_t)i);
    if (l.n > 1)
        qsort(l.v, l.n, sizeof *l.v, by_parties);
    for (size_t i = 0, k; i < l.n && ok; i = k) {
        for (k = i + 1; k < l.n && l.v[k].parties == l.v[i].parties; k++)
            ;
        ok = pair_up(j, &p, l.v + i, k - i);
    }
    if (p.n > 1)
        qsort(p.v, p.n, sizeof *p.v, by_boxes);
    for (size_t i = 0, k; i < p.n && ok; i = k) {
        for (k = i + 1; k < p.n && p.v[k].client == p.v[i].client && p.v[k].other == p.v[i].other; k++)
            ;
        ok = join_boxes(j, p.v + i, k - i);
    }
    free(l.v);
    free(p.v);
    return ok;
}
