/* Clocks.
 *
 * A message sent by A at a and received by B at b (both as printed) says that
 * B runs ahead of A by at most b - a, since it took some time on its way; one
 * in the other direction bounds it from below.  With both, the truth lies
 * between the tightest bounds and the middle of them is taken; one direction
 * alone is given a second.  Where a box between two logs kept none, what one
 * sent at the near side and the other got at the far side serves likewise.
 *
 * Bounds that contradict each other say that a clock drifts or was set while
 * the log ran: the samples, in the order of the text, are cut into stretches
 * whose bounds agree.  Two samples must say so, since one may be a wrong pair
 * (a repeated message of which the other log lacks one).
 *
 * Pairs form a graph of boxes; from the reference of each component clocks
 * are carried along the pairs with the most samples, errors adding up. */
#include "clock.h"

#include "links.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ONE_WAY_DELAY_MS 1000     /* what one direction alone leaves open */
#define MOST_DELAY_MS 30000       /* no message is longer on its way */
#define TOLERANCE_MS 5            /* stamps are taken before or after the event */
#define JUMP_MS 1000              /* from here on a step is a clock that was set, not drift */
#define SET_BACK_MS 60000         /* a clock set back by this makes its stamps run backwards in all but the quietest logs */
#define DRIFT_PPM 300             /* no clock runs worse */
#define PROOF 2                   /* samples that make a new stretch */
#define STEPS_PLACED 64           /* jumps of one clock that are looked for row by row */
#define STEPS_TOLD 3              /* ... and that its note tells one by one */
#define SILENCE_MS 600000         /* in one this long a clock may have been set unseen */
#define SHAKY_MS 60000            /* what was seen across one this long counts only if there is nothing else */

/* One box's sighting, where it stands. */
struct place {
    uint32_t box;
    uint32_t source;
    uint64_t rank;                /* order of the text in the box: file of the set, then offset */
    int64_t stamp;                /* as printed */
};

struct sample {
    struct place a, b;            /* a.box < b.box */
    bool forward;                 /* a sent it */
    bool transit;                 /* the ends are not those of one hop */
};

struct samples {
    struct sample *v;
    size_t n, cap;
};

struct pair {
    size_t from, n;               /* its samples */
    uint32_t a, b;
    bool transit;
};

/* A stretch of a box's text whose clock is ahead of the reference by one and the same. */
struct stretch {
    uint64_t from;                /* rank */
    uint32_t source;              /* of the row there */
    int64_t lo, hi;               /* bounds; INT64_MIN and MAX: none */
    int64_t lo2, hi2;             /* the tightest but one */
    int64_t first, last;          /* stamps of its samples */
    size_t begin, end;            /* its samples among the bounds */
    size_t samples;
    int64_t ahead, error;
    bool other;                   /* it begins with a step that the box's own stamps do not show */
};

struct stretches {
    struct stretch *v;
    size_t n, cap;
    uint64_t first, last;         /* ranks of its samples */
    int64_t before, after;        /* the longest silence or step back in the log before the first and after the last */
};

struct clocks {
    struct uct_sources *s;
    const struct uct_calls *c;
    const uint32_t *box;
    const uint32_t *next;         /* per source: the next one of its box, UINT32_MAX: none */
    uint64_t *rank;               /* per source: of its file in its set, shifted */
    struct samples all;
    struct pair *pairs;
    size_t npairs, cpairs;
    struct stretches *of;         /* per box (by its first source); none: tz_ms holds */
};

/* ---- samples ----------------------------------------------------------- */

static struct place place_of(const struct clocks *k, const struct uct_ref *r)
{
    return (struct place){k->box[r->source], r->source, k->rank[r->source] + r->msg->offset, r->msg->time};
}

static bool sample_add(struct clocks *k, const struct uct_ref *sent, const struct uct_ref *got, bool transit)
{
    struct samples *s = &k->all;
    struct sample x = {place_of(k, sent), place_of(k, got), true, transit};
    if (x.a.box > x.b.box)
        x = (struct sample){x.b, x.a, false, transit};
    if (!UCT_ROOM(s->v, s->n, s->cap))
        return false;
    s->v[s->n++] = x;
    return true;
}

/* A sighting by what it is one of: the hop's message, or the message on all its hops. */
struct view {
    uint64_t key;
    uint32_t box;
    uint32_t ref;
    bool out;
};

static int by_view(const void *a, const void *b)
{
    const struct view *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->box != y->box)
        return x->box < y->box ? -1 : 1;
    if (x->out != y->out)
        return x->out < y->out ? -1 : 1;
    return (x->ref > y->ref) - (x->ref < y->ref);
}

/* First sighting per box and direction of what has one key; how often each was seen. */
struct end {
    uint32_t box, ref, copies;
    bool out;
};

#define ENDS 16

static size_t ends_of(const struct uct_call *c, const struct view *v, size_t n, struct end *out)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        struct end *last = count ? &out[count - 1] : NULL;
        if (last && last->box == v[i].box && last->out == v[i].out)     /* a search that stands there twice repeats the stamps */
            last->copies += c->refs[v[i].ref].msg->time != c->refs[v[i - 1].ref].msg->time;
        else if (count < ENDS)
            out[count++] = (struct end){v[i].box, v[i].ref, 1, v[i].out};
    }
    return count;
}

static bool has_end(const struct end *e, size_t n, uint32_t box, bool out)
{
    for (size_t i = 0; i < n; i++)
        if (e[i].box == box && e[i].out == out)
            return true;
    return false;
}

/* What goes from hop to hop; 100, ACK and CANCEL are each hop's own. */
static bool goes_through(const struct uct_msg *m, const struct uct_intern *strings)
{
    struct uct_slice method = uct_interned(strings, m->method);
    return m->status != 100 && !uct_slice_eq(method, UCT_S("ACK")) && !uct_slice_eq(method, UCT_S("CANCEL"));
}

/* A trace that does not say of which machine it is: two of them may be the files of one, in which a message that was got
 * and sent on looks like one that was sent and got. */
static bool nameless(const struct clocks *k, uint32_t box)
{
    const struct uct_source *s = k->s->items[box];
    return s->parser == &uct_parser_lync_server && !*s->machine;
}

/* Every pair of boxes of which one sent and the other received; of a repeated message only where both saw it as often.  In transit
 * one of the two must be the end of the trail, or nothing tells which comes first. */
static bool take_pairs(struct clocks *k, const struct uct_call *c, const struct end *e, size_t n, bool transit)
{
    for (size_t i = 0; i < n; i++)
        for (size_t x = 0; e[i].out && x < n; x++) {
            if (e[x].out || e[x].box == e[i].box || e[x].copies != e[i].copies || (transit && e[i].copies > 1))
                continue;
            if (transit && nameless(k, e[i].box) && nameless(k, e[x].box))
                continue;
            if (transit && has_end(e, n, e[x].box, true) && has_end(e, n, e[i].box, false))
                continue;
            if (!sample_add(k, &c->refs[e[i].ref], &c->refs[e[x].ref], transit))
                return false;
        }
    return true;
}

static bool take_call(struct clocks *k, const struct uct_call *c, struct view *v)
{
    struct end ends[ENDS];
    /* A summary does not show which box was the last to see a message. */
    for (int transit = 0; transit < (c->npacked ? 1 : 2); transit++) {
        size_t n = 0;
        for (size_t i = 0; i < c->nrefs; i++) {
            const struct uct_ref *r = &c->refs[i];
            if (!r->group || r->msg->time == UCT_NO_TIME || r->msg->dir == UCT_DIR_UNKNOWN ||
                (transit && !goes_through(r->msg, k->s->strings)))
                continue;
            v[n++] = (struct view){transit ? uct_msg_base(r->msg) : r->group, k->box[r->source], (uint32_t)i,
                                   r->msg->dir == UCT_DIR_OUT};
        }
        if (n > 1)
            qsort(v, n, sizeof *v, by_view);
        for (size_t i = 0, e; i < n; i = e) {
            for (e = i + 1; e < n && v[e].key == v[i].key; e++)
                ;
            if (e - i > 1 && !take_pairs(k, c, ends, ends_of(c, v + i, e - i, ends), transit))
                return false;
        }
    }
    return true;
}

static bool seen_by_many(const struct clocks *k, const struct uct_call *c)
{
    for (size_t i = 1; i < c->nrefs; i++)
        if (k->box[c->refs[i].source] != k->box[c->refs[0].source])
            return true;
    uint32_t first = c->nrefs ? c->refs[0].source : c->npacked ? c->packed[0].source : 0;
    for (size_t i = 0; i < c->npacked; i++)
        if (k->box[c->packed[i].source] != k->box[first])
            return true;
    return false;
}

static bool take_samples(struct clocks *k)
{
    struct view *v = NULL;
    struct uct_view shown = {0};
    size_t room = 0;
    bool ok = true;
    for (size_t i = 0; i < k->c->n && ok; i++) {
        if (!seen_by_many(k, &k->c->items[i]))
            continue;
        const struct uct_call *c = uct_calls_show(k->c, i, &shown);
        if (c->nrefs > room) {
            struct view *p = realloc(v, c->nrefs * 2 * sizeof *v);
            if (!p) {
                ok = false;
                break;
            }
            v = p;
            room = c->nrefs * 2;
        }
        ok = take_call(k, c, v);
    }
    free(v);
    ok = ok && !shown.failed;
    uct_view_free(&shown);
    return ok;
}

static int by_pair(const void *x, const void *y)
{
    const struct sample *p = x, *q = y;
    if (p->a.box != q->a.box)
        return p->a.box < q->a.box ? -1 : 1;
    if (p->b.box != q->b.box)
        return p->b.box < q->b.box ? -1 : 1;
    if (p->transit != q->transit)
        return p->transit < q->transit ? -1 : 1;
    if (p->a.rank != q->a.rank)
        return p->a.rank < q->a.rank ? -1 : 1;
    return (p->b.rank > q->b.rank) - (p->b.rank < q->b.rank);
}

/* Samples of one pair stand together; those in transit only count where there are no others. */
static bool list_pairs(struct clocks *k)
{
    struct samples *s = &k->all;
    if (s->n > 1)
        qsort(s->v, s->n, sizeof *s->v, by_pair);
    for (size_t i = 0, e; i < s->n; i = e) {
        const struct sample *x = &s->v[i];
        struct pair *last = k->npairs ? &k->pairs[k->npairs - 1] : NULL;
        for (e = i + 1; e < s->n && s->v[e].a.box == x->a.box && s->v[e].b.box == x->b.box && s->v[e].transit == x->transit; e++)
            ;
        if (last && last->a == x->a.box && last->b == x->b.box)
            continue;
        if (!UCT_ROOM(k->pairs, k->npairs, k->cpairs))
            return false;
        k->pairs[k->npairs++] = (struct pair){i, e - i, x->a.box, x->b.box, x->transit};
    }
    return true;
}

/* ---- the graph --------------------------------------------------------- */

static int by_weight(const void *x, const void *y)
{
    const struct pair *p = x, *q = y;
    if (p->transit != q->transit)
        return p->transit ? 1 : -1;
    if (p->n != q->n)
        return p->n > q->n ? -1 : 1;
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

/* How well a source says the time: an Expressway with a UTCTime best; a server's trace is written in UTC as a
 * rule, a client's in its local time. */
static int clock_rank(const struct uct_source *s)
{
    uint8_t basis = basis_of(s);
    if (s->parser == &uct_parser_expressway && basis == UCT_BASIS_UTC_FIELD)
        return 5;
    if (s->tz_user)
        return 4;
    if (basis == UCT_BASIS_UTC_FIELD || basis == UCT_BASIS_ZONE)
        return 3;
    return s->parser == &uct_parser_lync_server ? 2 : 1;
}

/* Per component (by its root): of those that say the time best that with the most messages, then the lowest id. */
static bool choose_references(const struct clocks *k, const uint32_t *root, uint32_t *reference)
{
    int *rank = calloc(k->s->n + 1, sizeof *rank);
    bool ok = rank != NULL;
    for (uint32_t i = 0; ok && i < k->s->n; i++) {
        uint32_t component = root[k->box[i]], best = reference[component];
        int here = clock_rank(k->s->items[i]);
        if (here > rank[component] ||
            (here == rank[component] && k->c->source_messages[i] > k->c->source_messages[best])) {
            reference[component] = i;
            rank[component] = here;
        }
    }
    free(rank);
    return ok;
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
        qsort(p, n, sizeof *p, by_weight);
    for (size_t i = 0; i < n; i++) {
        uint32_t a = find(root, p[i].a), b = find(root, p[i].b);
        if (a == b)
            continue;
        root[a > b ? a : b] = a > b ? b : a;
        p[kept++] = p[i];
    }
    return kept;
}

/* ---- one box against another ------------------------------------------- */

static const struct stretch *stretch_at(const struct stretches *s, uint64_t rank)
{
    size_t lo = 0, hi = s->n;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (s->v[mid].from <= rank)
            lo = mid;
        else
            hi = mid;
    }
    return s->n ? &s->v[lo] : NULL;
}

/* A clock that was measured some time ago may have drifted since. */
static int64_t error_at(const struct stretch *s, int64_t stamp)
{
    int64_t away = stamp > s->last ? stamp - s->last : stamp < s->first ? s->first - stamp : 0;
    return s->error + away * DRIFT_PPM / 1000000;
}

/* A sample as a bound on how far the child is ahead of the reference. */
struct bound {
    uint64_t rank;                /* in the child's text */
    uint32_t source;
    bool upper;
    int64_t v, error;             /* error: of the parent's own clock */
    int64_t stamp;
    int64_t silence;              /* between the parent's own samples and this */
};

static int by_rank(const void *a, const void *b)
{
    const struct bound *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return (x->v > y->v) - (x->v < y->v);
}

/* What the parent's clock at one of its rows is not known by. */
static void doubt(const struct stretches *parent, const struct place *o, struct bound *b)
{
    const struct stretch *s = stretch_at(parent, o->rank);
    if (!s)
        return;
    b->error = error_at(s, o->stamp);
    if (o->rank > parent->last)
        b->silence = parent->after;
    else if (o->rank < parent->first)
        b->silence = parent->before;
}

/* A clock that may have been set since it was measured tells less than one that was measured then. */
static size_t keep_firm(struct bound *b, size_t n)
{
    size_t firm = 0;
    for (size_t i = 0; i < n; i++)
        firm += b[i].silence < SHAKY_MS;
    for (size_t i = 0, at = 0; i < n; i++) {
        if (!firm && b[i].silence >= SILENCE_MS)
            b[i].error += b[i].silence;
        if (firm && b[i].silence < SHAKY_MS)
            b[at++] = b[i];
    }
    return firm ? firm : n;
}

static struct bound *list_bounds(const struct clocks *k, const struct pair *p, bool child_b, size_t *n)
{
    struct bound *out = malloc((p->n + 1) * sizeof *out);
    const struct stretches *parent = &k->of[child_b ? p->a : p->b];
    for (size_t i = 0; out && i < p->n; i++) {
        const struct sample *x = &k->all.v[p->from + i];
        const struct place *c = child_b ? &x->b : &x->a, *o = child_b ? &x->a : &x->b;
        const struct stretch *s = stretch_at(parent, o->rank);
        int64_t ahead = s ? s->ahead : k->s->items[o->source]->tz_ms;
        out[i] = (struct bound){.rank = c->rank, .source = c->source, .upper = x->forward == child_b,
                                .v = c->stamp - (o->stamp - ahead), .stamp = c->stamp};
        doubt(parent, o, &out[i]);
    }
    *n = out ? keep_firm(out, p->n) : 0;
    if (*n > 1)
        qsort(out, *n, sizeof *out, by_rank);
    return out;
}

static bool contradicts(const struct stretch *s, const struct bound *b)
{
    int64_t lo = s->lo, hi = s->hi;
    if (lo == INT64_MIN && hi != INT64_MAX)
        lo = hi - MOST_DELAY_MS;
    if (hi == INT64_MAX && lo != INT64_MIN)
        hi = lo + MOST_DELAY_MS;
    if (lo == INT64_MIN || hi == INT64_MAX)
        return false;
    return b->upper ? b->v < lo - TOLERANCE_MS || b->v > hi + 2 * MOST_DELAY_MS
                    : b->v > hi + TOLERANCE_MS || b->v < lo - 2 * MOST_DELAY_MS;
}

static void take_bound(struct stretch *s, const struct bound *b)
{
    if (b->upper && b->v < s->hi) {
        s->hi2 = s->hi;
        s->hi = b->v;
    } else if (b->upper && b->v < s->hi2) {
        s->hi2 = b->v;
    }
    if (!b->upper && b->v > s->lo) {
        s->lo2 = s->lo;
        s->lo = b->v;
    } else if (!b->upper && b->v > s->lo2) {
        s->lo2 = b->v;
    }
    s->first = !s->samples || b->stamp < s->first ? b->stamp : s->first;
    s->last = !s->samples || b->stamp > s->last ? b->stamp : s->last;
    s->samples++;
}

static void open_stretch(struct stretch *s, const struct bound *b)
{
    *s = (struct stretch){.from = b->rank, .source = b->source, .lo = INT64_MIN, .hi = INT64_MAX,
                          .lo2 = INT64_MIN, .hi2 = INT64_MAX};
}

static bool push(struct stretches *s, const struct stretch *x)
{
    if (!UCT_ROOM(s->v, s->n, s->cap))
        return false;
    s->v[s->n++] = *x;
    return true;
}

static bool agree(const struct stretch *a, const struct stretch *b)
{
    const struct bound lo = {.v = b->lo}, hi = {.upper = true, .v = b->hi};
    return (b->lo == INT64_MIN || !contradicts(a, &lo)) && (b->hi == INT64_MAX || !contradicts(a, &hi));
}

/* A stretch that what follows contradicts may itself hold the wrong pair: a lone sample, or one of three or more
 * without which all agree. */
static bool leave_out(struct stretch *now, const struct stretch *next)
{
    struct stretch upper = *now, lower = *now;
    if (now->samples < PROOF) {
        now->lo = now->lo2 = INT64_MIN;
        now->hi = now->hi2 = INT64_MAX;
        now->samples = 0;
        return true;
    }
    upper.hi = now->hi2;
    upper.hi2 = INT64_MAX;
    lower.lo = now->lo2;
    lower.lo2 = INT64_MIN;
    bool high = now->hi != INT64_MAX && agree(&upper, next), low = now->lo != INT64_MIN && agree(&lower, next);
    if (now->samples <= PROOF || high == low)
        return false;
    *now = high ? upper : lower;
    now->samples--;
    return true;
}

/* Cuts the bounds, in the order of the text, where they contradict those before them and go on to do so. */
static bool cut(const struct bound *b, size_t n, struct stretches *out)
{
    struct stretch now;
    open_stretch(&now, &b[0]);
    for (size_t i = 0; i < n; i++) {
        if (!contradicts(&now, &b[i])) {
            take_bound(&now, &b[i]);
            continue;
        }
        struct stretch next;
        size_t proof = 0, last = i;
        open_stretch(&next, &b[i]);
        for (size_t k = i; k < n && k < i + 64 && proof < PROOF; k++) {
            if (contradicts(&next, &b[k]))
                break;
            proof += contradicts(&now, &b[k]);
            take_bound(&next, &b[k]);
            last = k;
        }
        if (proof < PROOF)
            continue;                          /* a wrong pair */
        if (leave_out(&now, &next)) {
            i--;
            continue;
        }
        now.end = i;
        if (!push(out, &now))
            return false;
        now = next;
        now.begin = i;
        i = last;
    }
    now.end = n;
    return push(out, &now);
}

#define WINDOWS 4

/* The bounds of a drifting clock close in on each other though it was now here, now there: it was somewhere
 * between the least and the most that parts of the stretch, each by itself, allow.  Half of that. */
static int64_t half_range(const struct stretch *s, const struct bound *b)
{
    size_t part = (s->end - s->begin + WINDOWS - 1) / WINDOWS, n = 0;
    int64_t lo = INT64_MIN, hi = INT64_MAX, least = INT64_MAX, most = INT64_MIN;
    for (size_t i = s->begin; i < s->end; i++) {
        if (!contradicts(s, &b[i])) {
            n++;
            lo = !b[i].upper && b[i].v > lo ? b[i].v : lo;
            hi = b[i].upper && b[i].v < hi ? b[i].v : hi;
        }
        if (n < part || lo == INT64_MIN || hi == INT64_MAX)
            continue;
        least = lo < least ? lo : least;
        most = hi > most ? hi : most;
        n = 0;
        lo = INT64_MIN;
        hi = INT64_MAX;
    }
    int64_t mid = s->lo + (s->hi - s->lo) / 2, down = mid - least, up = most - mid - llabs(s->hi - s->lo) % 2;
    int64_t plain = llabs(s->hi - s->lo) / 2, drift = (s->last - s->first) * DRIFT_PPM / 1000000;
    int64_t range = least == INT64_MAX ? plain : down > up ? down : up;
    return range < plain + drift ? range : plain + drift;
}

static void estimate(struct stretch *s, const struct bound *b, int64_t parent_error)
{
    if (s->lo != INT64_MIN && s->hi != INT64_MAX) {
        s->ahead = s->lo + (s->hi - s->lo) / 2;
        s->error = half_range(s, b) + 1 + (s->hi < s->lo ? TOLERANCE_MS : 0);
    } else if (s->hi != INT64_MAX) {
        s->ahead = s->hi - ONE_WAY_DELAY_MS / 2;
        s->error = ONE_WAY_DELAY_MS / 2;
    } else {
        s->ahead = s->lo == INT64_MIN ? 0 : s->lo + ONE_WAY_DELAY_MS / 2;
        s->error = ONE_WAY_DELAY_MS / 2;
    }
    s->error += parent_error;
}

/* Between two stretches: the row at which the stamps step by about as much as the clock did. */
static void place_step(const struct clocks *k, const struct bound *before, struct stretch *s, int64_t step)
{
    const struct uct_source *src = k->s->items[s->source];
    uint64_t base = k->rank[s->source], from = before->source == s->source ? before->rank : base;
    int64_t last = before->source == s->source ? before->stamp : UCT_NO_TIME, best = 0;
    uint64_t to = s->from;
    for (size_t b = 0; b < src->nblocks; b++)
        for (size_t i = 0; i < src->blocks[b].nmsgs; i++) {
            const struct uct_msg *m = &src->blocks[b].msgs[i];
            if (base + m->offset <= from || base + m->offset > to || m->time == UCT_NO_TIME)
                continue;
            int64_t d = last == UCT_NO_TIME ? 0 : m->time - last;
            if (step < 0 ? d < best : d > best) {
                best = d;
                s->from = base + m->offset;
            }
            last = m->time;
        }
    s->other = step > 0 ? best < step / 2 : best == 0 && step <= -SET_BACK_MS;
}

static void find_steps(const struct clocks *k, const struct bound *b, size_t n, struct stretches *s)
{
    for (size_t i = 1, at = 0, placed = 0; i < s->n && placed < STEPS_PLACED; i++) {
        int64_t step = s->v[i].ahead - s->v[i - 1].ahead;
        while (at + 1 < n && b[at + 1].rank < s->v[i].from)
            at++;
        if (llabs(step) < JUMP_MS)
            continue;
        placed++;
        size_t before = at;                    /* the last one that fits only what was */
        while (before > 0 && !contradicts(&s->v[i], &b[before]) && b[before].rank > s->v[i - 1].from)
            before--;
        place_step(k, &b[before], &s->v[i], step);
    }
}

/* ---- what a box's sources are told ------------------------------------- */

/* The stretches between two jumps, of which that with the most samples is reported. */
struct regime {
    int64_t least, most, error;
    size_t samples;
};

static struct regime largest_regime(const struct stretches *s)
{
    struct regime best = {0}, now = {0};
    for (size_t i = 0; i < s->n; i++) {
        const struct stretch *x = &s->v[i];
        bool fresh = !i || llabs(x->ahead - s->v[i - 1].ahead) >= JUMP_MS;
        if (fresh)
            now = (struct regime){x->ahead, x->ahead, 0, 0};
        now.least = x->ahead < now.least ? x->ahead : now.least;
        now.most = x->ahead > now.most ? x->ahead : now.most;
        now.error = x->error > now.error ? x->error : now.error;
        now.samples += x->samples;
        if (now.samples > best.samples)
            best = now;
    }
    return best;
}

/* A clock that was set shows in its own stamps: a step back, or a silence as long as the step. */
static void note_jump(struct uct_source *s, int64_t step, bool other)
{
    int64_t a = llabs(step);
    bool back = other ? step > 0 : step < 0;
    uct_buf_addf(&s->note, "%s%s was set %s by %" PRId64 ".%03d s while it was written", s->note.n ? "; " : "",
                 other ? "the clock it is measured by" : "its clock", back ? "back" : "forward", a / 1000, (int)(a % 1000));
}

static void note_jumps(struct uct_source *s, size_t jumps)
{
    char text[64];
    snprintf(text, sizeof text, "; its clock was set %zu times more", jumps - STEPS_TOLD);
    if (jumps > STEPS_TOLD)
        uct_buf_adds(&s->note, text);
}

/* Copies the box's stretches into one of its sources: the one that holds its begin, then those that begin in it. */
static bool tell(const struct clocks *k, uint32_t source, const struct stretches *all)
{
    struct uct_source *s = k->s->items[source];
    uint64_t base = k->rank[source], end = base + (UINT64_C(1) << 44);
    size_t from = (size_t)(stretch_at(all, base) - all->v), to = from + 1, jumps = 0;
    while (to < all->n && all->v[to].from < end)
        to++;
    s->shifts = malloc((to - from) * sizeof *s->shifts);
    if (!s->shifts)
        return false;
    for (size_t i = from; i < to; i++) {
        const struct stretch *x = &all->v[i];
        if (i > from && llabs(x->ahead - all->v[i - 1].ahead) >= JUMP_MS && jumps++ < STEPS_TOLD)
            note_jump(s, x->ahead - all->v[i - 1].ahead, x->other);
        s->shifts[s->nshifts++] = (struct uct_shift){i > from ? x->from - base : 0, x->ahead};
    }
    note_jumps(s, jumps);
    return true;
}

/* What the user said stands; how far the messages are from it is its error. */
static void note_user(struct uct_source *s, int64_t offset)
{
    int64_t off = offset - s->tz_ms, a = llabs(off);
    if (a <= s->error_ms)
        return;
    s->error_ms += a;
    if (a >= JUMP_MS)
        uct_buf_addf(&s->note, "%sits messages show a clock %" PRId64 ".%03d s %s what --tz says", s->note.n ? "; " : "",
                     a / 1000, (int)(a % 1000), off < 0 ? "behind" : "ahead of");
}

static bool settle(struct clocks *k, uint32_t box, uint32_t reference, size_t samples, bool *changed)
{
    const struct stretches *all = &k->of[box];
    struct regime r = largest_regime(all);
    int64_t offset = r.least + (r.most - r.least) / 2, error = r.error + (r.most - r.least + 1) / 2, measured = offset;
    bool none = all->n == 1 && llabs(offset) <= error;  /* no difference is as good an answer, and a likelier one */
    if (none) {
        error += llabs(offset);
        k->of[box].v[0].ahead = offset = 0;
        k->of[box].v[0].error = error;
    }
    k->s->items[reference]->is_reference = true;
    for (uint32_t i = box; i != UINT32_MAX; i = k->next[i]) {
        struct uct_source *s = k->s->items[i];
        s->reference = k->s->items[reference];
        s->error_ms = error;
        s->samples = (int64_t)samples;
        if (s->tz_user) {
            note_user(s, measured);
            continue;
        }
        s->tz_ms = offset;
        *changed |= offset != 0 || all->n > 1;
        if (all->n > 1 && !tell(k, i, all))
            return false;
    }
    return true;
}

static void find_silences(const struct uct_block *x, struct stretches *s)
{
    for (size_t g = 0; g < x->ngaps; g++) {
        int64_t length = x->gaps[g].to - x->gaps[g].from;
        if (x->gaps[g].from >= s->v[s->n - 1].last && length > s->after)
            s->after = length;
        if (x->gaps[g].to <= s->v[0].first && length > s->before)
            s->before = length;
    }
}

static void doubt_step(struct stretches *s, uint64_t rank, int64_t step)
{
    if (rank > s->last && step + SILENCE_MS > s->after)
        s->after = step + SILENCE_MS;
    if (rank <= s->first && step + SILENCE_MS > s->before)
        s->before = step + SILENCE_MS;
}

/* Stamps that step back show a clock that was set back, by that much and what passed between the two.  Of records
 * that are no messages only the first such step is known. */
static void find_back_steps(const struct uct_block *x, uint64_t base, struct stretches *s, int64_t *before)
{
    bool noted = x->notes[UCT_NOTE_TIME_BACK] > 0;
    for (size_t i = 0; i < x->nmsgs; i++) {
        const struct uct_msg *m = &x->msgs[i];
        if (m->time == UCT_NO_TIME)
            continue;
        int64_t step = *before == UCT_NO_TIME ? 0 : *before - m->time;
        *before = m->time;
        if (step >= JUMP_MS)
            doubt_step(s, base + m->offset, step);
        if (noted && m->line >= x->note_line[UCT_NOTE_TIME_BACK]) {
            doubt_step(s, base + m->offset, x->last - x->first);
            noted = false;
        }
    }
}

/* Where the box's clock may have been set, outside of what it was measured by. */
static void find_doubts(const struct clocks *k, uint32_t box, struct stretches *s)
{
    for (uint32_t i = box; i != UINT32_MAX; i = k->next[i]) {
        int64_t before = UCT_NO_TIME;
        for (size_t b = 0; !k->s->items[i]->several && b < k->s->items[i]->nblocks; b++) {
            find_silences(&k->s->items[i]->blocks[b], s);
            find_back_steps(&k->s->items[i]->blocks[b], k->rank[i], s, &before);
        }
    }
}

/* What was measured is carried on, whatever the user said of this one: the others are not set by it. */
static bool carry_one(struct clocks *k, const struct pair *p, bool child_b, uint32_t reference, bool *changed)
{
    uint32_t child = child_b ? p->b : p->a;
    size_t n;
    struct bound *b = list_bounds(k, p, child_b, &n);
    struct stretches *out = &k->of[child];
    bool ok = b && cut(b, n, out);
    int64_t error = 0;
    for (size_t i = 0; ok && i < n; i++)
        error = b[i].error > error ? b[i].error : error;
    for (size_t i = 0; i < out->n && ok; i++)
        estimate(&out->v[i], b, error);
    if (ok) {
        find_steps(k, b, n, out);
        out->first = b[0].rank;
        out->last = b[n - 1].rank;
        find_doubts(k, child, out);
    }
    free(b);
    return ok && settle(k, child, reference, p->n, changed);
}

/* The kept pairs of each box. */
struct graph {
    size_t *begin;                /* per box: its first in `pair` */
    uint32_t *pair;
    uint32_t *queue;              /* boxes whose clock is known */
    size_t head, tail;
};

static bool list_graph(const struct clocks *k, size_t n, struct graph *g)
{
    g->begin = calloc(k->s->n + 3, sizeof *g->begin);
    g->pair = malloc((2 * n + 1) * sizeof *g->pair);
    g->queue = malloc((k->s->n + 1) * sizeof *g->queue);
    if (!g->begin || !g->pair || !g->queue)
        return false;
    for (size_t i = 0; i < n; i++) {
        g->begin[k->pairs[i].a + 2]++;
        g->begin[k->pairs[i].b + 2]++;
    }
    for (size_t i = 2; i < k->s->n + 3; i++)
        g->begin[i] += g->begin[i - 1];
    for (size_t i = 0; i < n; i++) {
        g->pair[g->begin[k->pairs[i].a + 1]++] = (uint32_t)i;
        g->pair[g->begin[k->pairs[i].b + 1]++] = (uint32_t)i;
    }
    return true;
}

/* Carries the reference's clock along the spanning pairs, which form a forest. */
static bool carry(struct clocks *k, size_t n, const uint32_t *reference, bool *done, bool *changed)
{
    struct graph g = {.head = 0};
    bool ok = list_graph(k, n, &g);
    for (uint32_t i = 0; ok && i < k->s->n; i++)
        if (done[i])
            g.queue[g.tail++] = i;
    while (ok && g.head < g.tail) {
        uint32_t box = g.queue[g.head++];
        for (size_t i = g.begin[box]; ok && i < g.begin[box + 1]; i++) {
            const struct pair *p = &k->pairs[g.pair[i]];
            uint32_t child = p->a == box ? p->b : p->a;
            if (done[child])
                continue;
            ok = carry_one(k, p, child == p->b, reference[child], changed);
            done[child] = true;
            g.queue[g.tail++] = child;
        }
    }
    free(g.begin);
    free(g.pair);
    free(g.queue);
    return ok;
}

static bool solve(struct clocks *k, bool *changed)
{
    size_t boxes = k->s->n + 1, n;
    uint32_t *root = calloc(boxes * 2, sizeof *root), *reference = root ? root + boxes : NULL;
    bool *done = calloc(boxes, sizeof *done), ok = root && done;
    for (uint32_t i = 0; ok && i < k->s->n; i++)
        root[i] = i;
    n = ok ? span(k->pairs, k->npairs, root) : 0;
    for (uint32_t i = 0; ok && i < k->s->n; i++)
        root[i] = find(root, i);
    ok = ok && choose_references(k, root, reference);
    for (uint32_t i = 0; ok && i < k->s->n; i++)
        if (k->box[i] == i)
            reference[i] = reference[root[i]];
    for (uint32_t i = 0; ok && i < k->s->n; i++)
        if (k->box[i] == i)
            done[k->box[reference[i]]] = true;
    ok = ok && carry(k, n, reference, done, changed);
    for (uint32_t i = 0; ok && i < k->s->n; i++) {          /* the reference's other files are by its clock, too */
        uint32_t best = reference[k->box[i]];
        if (best != i && k->box[best] == k->box[i])
            k->s->items[i]->reference = k->s->items[best];
    }
    free(root);
    free(done);
    return ok;
}

/* ---- all of it --------------------------------------------------------- */

static int64_t front_of(const struct uct_source *s)
{
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].front != UCT_NO_TIME)
            return s->blocks[i].front;
    return UCT_NO_TIME;
}

struct file {
    uint32_t box, source;
    int64_t front;
};

static int by_front(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    if (x->box != y->box)
        return x->box < y->box ? -1 : 1;
    if (x->front != y->front)
        return x->front < y->front ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

/* Files of one box one after the other, by their first stamps. */
static bool rank_files(struct clocks *k)
{
    struct file *v = malloc((k->s->n + 1) * sizeof *v);
    if (!v)
        return false;
    for (uint32_t i = 0; i < k->s->n; i++)
        v[i] = (struct file){k->box[i], i, front_of(k->s->items[i])};
    if (k->s->n > 1)
        qsort(v, k->s->n, sizeof *v, by_front);
    for (uint64_t i = 0, first = 0; i < k->s->n; i++) {
        first = v[i].box == v[first].box ? first : i;
        k->rank[v[i].source] = (i - first) << 44;
    }
    free(v);
    return true;
}

enum uct_status uct_clocks_measure(struct uct_sources *s, const struct uct_calls *c, bool *changed)
{
    struct clocks k = {.s = s, .c = c, .box = c->links->box, .next = c->links->next};
    *changed = false;
    if (c->links->nboxes < 2)
        return UCT_OK;
    k.rank = calloc(s->n + 1, sizeof *k.rank);
    k.of = calloc(s->n + 1, sizeof *k.of);
    bool ok = k.rank && k.of && rank_files(&k) && take_samples(&k) && list_pairs(&k) && (!k.npairs || solve(&k, changed));
    for (size_t i = 0; k.of && i < s->n; i++)
        free(k.of[i].v);
    free(k.of);
    free(k.rank);
    free(k.pairs);
    free(k.all.v);
    return ok ? UCT_OK : UCT_FATAL;
}
