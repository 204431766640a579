/* Joins, strongest key first.
 *
 * session-id       both halves of a Session-ID (RFC 7989), in either order: survives B2BUAs and CUCM,
 *                  which change the Call-ID.  One half alone is no key: all the calls into a conference
 *                  share the focus's.  A call that shows only one half (nobody answered) is joined by
 *                  it where that half has no two partners and the calls are legs of each other besides
 * proxy-call-id    Expressway's serial number of a call component, in the Via of what it sends
 * tag              X-TAATag, the same on all hops of an Expressway network
 * trace-correlation-id  a Microsoft server's number for one message: that of the two calls of a B2BUA, within
 *                  seconds, in one box
 * conversation-id  Ms-Conversation-ID, the same on the legs of a Microsoft conversation; a redial in the
 *                  same window keeps it too, so that legs must overlap in time
 * peer-port        the port that an edge's record names and the Expressway sent from, within seconds, of calls for
 *                  the same user that no box saw both of, with one CSeq, and from one caller where both are
 *                  known; not where other calls show that the Call-ID stays the same on this hop
 * parties          the same From and To, and one leg went to the host that the other came from, soon, and was
 *                  answered and ended with it; a client's calls, by another clock, of the same shapes: the last
 *                  resort, only ever `possible`
 *
 * Only dialogs that an INVITE began are joined, and other requests of one method
 * by both halves of a Session-ID, at the same time: what registers or probes under
 * one id for days is not one conversation.  Joins form a forest, so that a key
 * that a million calls share costs a million joins and no more. */
#include "joining.h"

#include "links.h"
#include "ties.h"

#include <stdlib.h>

#define HALVES 8           /* of one call */

/* The last UCT_JOIN_VIEWS calls that were asked for stay. */
const struct uct_call *uct_join_at(const struct uct_joining *j, uint32_t i)
{
    if (!j->c->items[i].npacked)
        return &j->c->items[i];
    return uct_calls_show(j->c, i, &j->views->v[j->views->turn++ % UCT_JOIN_VIEWS]);
}

static uint32_t find(uint32_t *root, uint32_t i)
{
    while (root[i] != i)
        i = root[i] = root[root[i]];
    return i;
}

bool uct_join_connect(struct uct_joining *j, uint32_t a, uint32_t b, const char *key, uint32_t value,
                      enum uct_confidence confidence)
{
    struct uct_joins *o = j->out;
    uint32_t x = find(o->root, a), y = find(o->root, b);
    if (x == y)
        return true;
    if (!UCT_ROOM(o->items, o->n, o->cap))
        return false;
    o->items[o->n++] = (struct uct_join){a < b ? a : b, a < b ? b : a, key, value, confidence};
    o->root[x > y ? x : y] = x > y ? y : x;
    return true;
}

static bool add_to(const struct uct_joining *j, struct uct_keys *l, uint64_t key, uint32_t call, uint32_t value, uint32_t partner)
{
    if (l->n && l->v[l->n - 1].key == key && l->v[l->n - 1].call == call)
        return true;
    if (!UCT_ROOM(l->v, l->n, l->cap))
        return false;
    l->v[l->n++] = (struct uct_keyed){key, j->c->items[call].start, call, value, partner};
    return true;
}

bool uct_join_add(struct uct_joining *j, uint64_t key, uint32_t call, uint32_t value, uint32_t partner)
{
    return add_to(j, &j->l, key, call, value, partner);
}

static uint64_t text_key(const struct uct_joining *j, uint32_t id)
{
    return uct_hash_slice(uct_interned(j->s->strings, id));
}

/* Equal hashes may be made on purpose: the values decide. */
static bool same_value(const struct uct_keyed *a, const struct uct_keyed *b)
{
    return a->key == b->key && ((a->value == b->value && a->partner == b->partner) ||
                                (a->value == b->partner && a->partner == b->value));
}

/* Calls come in order of their start, so that the call's number orders by time too. */
static int by_key(const void *a, const void *b)
{
    const struct uct_keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call);
}

/* Nearly all keys are one call's: they are counted by a part of the hash, and only what is left is sorted. */
static void drop_single(struct uct_keys *l)
{
    size_t slots = 256, n = 0;
    while (slots < l->n * 4)
        slots *= 2;
    unsigned char *count = l->n > 64 ? calloc(slots, 1) : NULL;
    for (size_t i = 0; count && i < l->n; i++) {
        unsigned char *c = &count[(l->v[i].key ^ l->v[i].key >> 32) & (slots - 1)];
        *c = *c < 2 ? *c + 1 : 2;
    }
    for (size_t i = 0; count && i < l->n; i++)
        if (count[(l->v[i].key ^ l->v[i].key >> 32) & (slots - 1)] > 1)
            l->v[n++] = l->v[i];
    l->n = count ? n : l->n;
    free(count);
}

void uct_join_sort(struct uct_keys *l)
{
    drop_single(l);
    if (l->n > 1)
        qsort(l->v, l->n, sizeof *l->v, by_key);
}

/* Calls that share a key, each with the one before it. */
static bool join_equal(struct uct_joining *j, const char *key, enum uct_confidence confidence)
{
    struct uct_keys *l = &j->l;
    uct_join_sort(l);
    for (size_t i = 1; i < l->n; i++)
        if (same_value(&l->v[i], &l->v[i - 1]) && l->v[i].call != l->v[i - 1].call &&
            !uct_join_connect(j, l->v[i - 1].call, l->v[i].call, key, l->v[i].value, confidence))
            return false;
    l->n = 0;
    return true;
}

bool uct_join_is_dialog(const struct uct_sources *s, const struct uct_call *c)
{
    struct uct_slice m = uct_interned(s->strings, c->method);
    return uct_slice_eq(m, UCT_S("INVITE")) || uct_slice_eq(m, UCT_S("ACK")) || uct_slice_eq(m, UCT_S("BYE")) ||
           uct_slice_eq(m, UCT_S("CANCEL")) || uct_slice_eq(m, UCT_S("UPDATE")) || uct_slice_eq(m, UCT_S("PRACK"));
}

/* ---- Session-ID -------------------------------------------------------- */

/* 32 hexadecimal digits that are not all zeros, interned in lower case; 0 if it is no such thing. */
static uint32_t half_id(const struct uct_joining *j, struct uct_slice s)
{
    char low[32];
    bool zeros = true;
    if (s.n != 32)
        return 0;
    for (size_t i = 0; i < 32; i++) {
        if (uct_hexval((unsigned char)s.p[i]) < 0)
            return 0;
        low[i] = (char)uct_lower((unsigned char)s.p[i]);
        zeros &= s.p[i] == '0';
    }
    return zeros ? 0 : uct_intern(j->s->strings, uct_slice(low, 32));
}

struct halves {
    uint32_t v[HALVES];
    size_t n;
};

static void half_add(struct halves *h, uint32_t id)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->v[i] == id)
            return;
    if (id && h->n < HALVES)
        h->v[h->n++] = id;
}

static uint64_t pair_key(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    uint64_t x = text_key(j, a), y = text_key(j, b);
    return x < y ? uct_hash_mix(x, y) : uct_hash_mix(y, x);
}

/* "local;remote=other", "local, Remote-SessionID=other": both halves, 0 where it has none. */
static void split_session(const struct uct_joining *j, uint32_t session_id, uint32_t *local, uint32_t *remote)
{
    struct uct_slice v = uct_interned(j->s->strings, session_id);
    size_t end = 0, at = uct_slice_ifind(v, UCT_S("remote="));
    while (end < v.n && v.p[end] != ';' && v.p[end] != ',')
        end++;
    size_t from = at == SIZE_MAX ? uct_slice_find(v, UCT_S("Remote-SessionID=")) : at;
    size_t skip = at == SIZE_MAX ? 17 : 7;
    *local = half_id(j, uct_slice_trim(uct_slice(v.p, end)));
    *remote = from == SIZE_MAX || v.n - from < skip + 32 ? 0 : half_id(j, uct_slice(v.p + from + skip, 32));
}

/* Walks over a call's Session-IDs; one that a message repeats of the one before is passed over. */
struct session_walk {
    size_t at;
    uint32_t last;
};

static bool next_session(const struct uct_joining *j, const struct uct_call *c, struct session_walk *w, uint32_t *local,
                         uint32_t *remote)
{
    for (; w->at < c->nrefs; w->at++) {
        uint32_t id = c->refs[w->at].msg ? c->refs[w->at].msg->session_id : 0;
        if (!id || id == w->last)
            continue;
        w->last = id;
        split_session(j, id, local, remote);
        return true;
    }
    return false;
}

static void list_halves(const struct uct_joining *j, const struct uct_call *c, struct halves *h)
{
    struct session_walk w = {0};
    uint32_t local, remote;
    h->n = 0;
    while (next_session(j, c, &w, &local, &remote)) {
        half_add(h, local);
        half_add(h, remote);
    }
}

bool uct_join_other_session(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    struct halves x, y;
    list_halves(j, uct_join_at(j, a), &x);
    list_halves(j, uct_join_at(j, b), &y);
    for (size_t i = 0; i < x.n; i++)
        for (size_t k = 0; k < y.n; k++)
            if (x.v[i] == y.v[k])
                return false;
    return x.n && y.n;
}

/* Adds the pairs of a call; its halves alone go to *alone when it shows no pair. */
static bool add_pairs(struct uct_joining *j, uint32_t call, struct halves *h)
{
    const struct uct_call *c = uct_join_at(j, call);
    struct session_walk w = {0};
    uint32_t local, remote;
    size_t pairs = 0;
    h->n = 0;
    while (next_session(j, c, &w, &local, &remote)) {
        half_add(h, local);
        half_add(h, remote);
        if (local && remote && local != remote && pairs < HALVES) {
            pairs++;
            if (!uct_join_add(j, pair_key(j, local, remote), call, local, remote))
                return false;
        }
    }
    if (pairs || h->n > 2)
        h->n = 0;
    if (h->n == 2) {          /* summary lines tell their own half only: request and answer show both */
        if (!uct_join_add(j, pair_key(j, h->v[0], h->v[1]), call, h->v[0], h->v[1]))
            return false;
        h->n = 0;
    }
    return true;
}

/* Is this half that of the caller, as the INVITE that began the call has it?  The far one is still zeros there. */
static bool is_callers(const struct uct_joining *j, uint32_t call, uint32_t half)
{
    const struct uct_call *c = uct_join_at(j, call);
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        uint32_t local = 0, remote = 0;
        if (!m || m->status || m->to_tag || !m->session_id || m->method != c->method)
            continue;
        split_session(j, m->session_id, &local, &remote);
        return (local == half && !remote) || (remote == half && !local);
    }
    return false;
}

/* The caller's half in two boxes at once: what CUCM has sent on to another number.  (In one box it may be a search
 * that rings several, which are other calls.) */
static bool callers_legs(const struct uct_joining *j, uint32_t a, uint32_t b, uint32_t half)
{
    const struct uct_call *x = uct_join_at(j, a), *y = uct_join_at(j, b);
    return x->start != UCT_NO_TIME && y->start != UCT_NO_TIME && llabs(x->start - y->start) <= UCT_LEG_MS &&
           !uct_legs_share_box(j, x, y) && is_callers(j, a, half) && is_callers(j, b, half);
}

/* Entries of one half, sorted by call: joins the calls that show nothing else with the legs round them. */
static bool join_half(struct uct_joining *j, const struct uct_keyed *v, size_t n)
{
    uint32_t partner = 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i].partner && partner && v[i].partner != partner)
            return true;                       /* a focus */
        partner = v[i].partner ? v[i].partner : partner;
    }
    j->out->cut += n > UCT_NEAR + 1 ? n : 0;
    for (size_t i = 1; i < n; i++)
        for (size_t k = i > UCT_NEAR ? i - UCT_NEAR : 0; k < i; k++) {
            uint32_t a = v[k].call, b = v[i].call;
            if ((v[i].partner && v[k].partner) || a == b ||
                (!uct_legs_are(j, a, b) && !callers_legs(j, a, b, v[i].value)))
                continue;
            bool seen = uct_legs_turned(j, a, b) || uct_legs_turned(j, b, a);        /* one came from where the other went */
            if (!uct_join_connect(j, a, b, "session-id", v[i].value, seen ? UCT_CERTAIN : UCT_LIKELY))
                return false;
        }
    return true;
}

static bool join_sessions(struct uct_joining *j)
{
    struct uct_keys alone = {0};
    struct halves h;
    bool ok = true;
    for (size_t i = 0; i < j->c->n && ok; i++) {
        if (!uct_join_is_dialog(j->s, &j->c->items[i]))
            continue;
        ok = add_pairs(j, (uint32_t)i, &h);
        if (ok && h.n == 1) {
            ok = UCT_ROOM(alone.v, alone.n, alone.cap);
            if (ok)
                alone.v[alone.n++] = (struct uct_keyed){text_key(j, h.v[0]), j->c->items[i].start, (uint32_t)i, h.v[0], 0};
        }
    }
    for (size_t i = 0, pairs = j->l.n; i < pairs && ok && alone.n; i++) {      /* the halves of the pairs, too */
        struct uct_keyed k = j->l.v[i];
        for (int side = 0; side < 2 && ok; side++) {
            uint32_t half = side ? k.partner : k.value, other = side ? k.value : k.partner;
            ok = UCT_ROOM(alone.v, alone.n, alone.cap);
            if (ok)
                alone.v[alone.n++] = (struct uct_keyed){text_key(j, half), k.start, k.call, half, other};
        }
    }
    ok = ok && join_equal(j, "session-id", UCT_CERTAIN);
    uct_join_sort(&alone);
    for (size_t i = 0, k; i < alone.n && ok; i = k) {
        for (k = i + 1; k < alone.n && alone.v[k].key == alone.v[i].key && alone.v[k].value == alone.v[i].value; k++)
            ;
        ok = join_half(j, alone.v + i, k - i);
    }
    free(alone.v);
    return ok;
}

/* The calls under each value of the sorted list, which is then empty. */
static bool join_each(struct uct_joining *j, bool (*join)(struct uct_joining *j, const struct uct_keyed *v, size_t n))
{
    struct uct_keys *l = &j->l;
    for (size_t i = 0, k; i < l->n; i = k) {
        for (k = i + 1; k < l->n && same_value(&l->v[k], &l->v[i]); k++)
            ;
        if (k - i > 1 && !join(j, l->v + i, k - i))
            return false;
    }
    l->n = 0;
    return true;
}

/* Other requests than INVITE under one pair, sorted by call.  A pair that two boxes keep for all they ask
 * each other names no request: where no clock tells, there are two of them and no more. */
static bool join_requests(struct uct_joining *j, const struct uct_keyed *v, size_t n)
{
    j->out->cut += n > UCT_NEAR + 1 ? n : 0;
    for (size_t i = 1; i < n; i++)
        for (size_t k = i > UCT_NEAR ? i - UCT_NEAR : 0; k < i; k++) {
            const struct uct_call *x = uct_join_at(j, v[k].call), *y = uct_join_at(j, v[i].call);
            if (x == y || x->method != y->method)
                continue;
            enum uct_overlap o = uct_legs_relayed(j, v[k].call, v[i].call);
            bool alone = o == UCT_WHO_KNOWS && n == 2 && uct_legs_same_user(j, x, y) &&
                         !uct_legs_share_box(j, x, y);
            if ((o == UCT_TOGETHER || alone) && !uct_join_connect(j, v[k].call, v[i].call, "session-id", v[i].value,
                                                                  alone ? UCT_LIKELY : UCT_CERTAIN))
                return false;
        }
    return true;
}

static bool join_request_sessions(struct uct_joining *j)
{
    struct uct_keys *l = &j->l;
    struct halves h;
    for (size_t i = 0; i < j->c->n; i++)
        if (!uct_join_is_dialog(j->s, &j->c->items[i]) && !add_pairs(j, (uint32_t)i, &h))
            return false;
    uct_join_sort(l);
    return join_each(j, join_requests);
}

/* ---- ids that are equal ------------------------------------------------ */

enum key { PROXY_CALL_ID, TAG, CONVERSATION, IDS };

static uint32_t key_of(const struct uct_msg *m, enum key k)
{
    return k == PROXY_CALL_ID ? m->proxy_call_id : k == TAG ? m->tag : m->conversation;
}

/* What stands beside the messages: in events, in deeper Vias. */
static bool list_known(struct uct_joining *j, enum uct_known_kind kind)
{
    const struct uct_ties *t = j->c->ties;
    for (size_t i = t->from[kind]; i < t->from[kind + 1]; i++)
        if (uct_join_is_dialog(j->s, &j->c->items[t->v[i].call]) &&
            !uct_join_add(j, text_key(j, t->v[i].value), t->v[i].call, t->v[i].value, 0))
            return false;
    return true;
}

static bool list_ids_of(struct uct_joining *j, uint32_t call, const struct uct_call *c)
{
    uint32_t last[IDS] = {0};
    for (size_t r = 0; r < c->nrefs; r++)
        for (int k = 0; k < IDS && c->refs[r].msg; k++) {
            uint32_t v = key_of(c->refs[r].msg, (enum key)k);
            if (!v || v == last[k])
                continue;
            last[k] = v;
            if (!add_to(j, &j->ids[k], text_key(j, v), call, v, 0))
                return false;
        }
    return true;
}

/* All of them in one pass: each call is looked at once. */
static bool list_all_ids(struct uct_joining *j)
{
    bool ok = true;
    for (uint32_t i = 0; i < j->c->n && ok; i++)
        if (uct_join_is_dialog(j->s, &j->c->items[i]))
            ok = list_ids_of(j, i, uct_join_at(j, i));
    return ok;
}

/* Makes them the keys at hand. */
static void take_ids(struct uct_joining *j, enum key k)
{
    struct uct_keys spare = j->l;
    j->l = j->ids[k];
    j->ids[k] = spare;
    j->ids[k].n = 0;
}

/* What the messages say, and what events and further headers do. */
static bool join_ids(struct uct_joining *j, enum key k, enum uct_known_kind known, const char *name)
{
    take_ids(j, k);
    return list_known(j, known) && join_equal(j, name, UCT_CERTAIN);
}

/* ---- trace numbers ----------------------------------------------------- */

#define TRACE_MS 10000     /* a server has a message for as long as this */

static uint64_t trace_key(const struct uct_joining *j, const struct uct_known *k)
{
    uint64_t key = uct_hash_mix(text_key(j, k->value), k->source);      /* a log's next file may count anew */
    return uct_hash_mix(key, k->place ? text_key(j, k->place) : 0);
}

/* A call under a trace number, and when. */
struct traced {
    uint64_t key;
    const struct uct_known *known;
};

/* A number is one message's on its way through: where the only one there is stands on a call's INVITE and on the
 * answers to it, it is everybody's. */
static bool is_everybodys(const struct traced *v, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any |= v[i].known->repeated;
    return any;
}

static int by_trace(const void *a, const void *b)
{
    const struct traced *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->known->time != y->known->time)
        return x->known->time < y->known->time ? -1 : 1;
    return (x->known->call > y->known->call) - (x->known->call < y->known->call);
}

/* Two calls and no more: a number that stands in all the records of a box tells nothing.  Where the box is not seen
 * to number its messages, the calls must be for the same user. */
static bool join_trace(struct uct_joining *j, const struct traced *v, size_t n, bool numbered)
{
    const struct uct_known *a = v[0].known, *b = NULL;
    for (size_t i = 1; i < n; i++) {
        const struct uct_known *k = v[i].known;
        if (k->call == a->call || (b && k->call == b->call))
            continue;
        int64_t before = v[i - 1].known->time;
        if (b || before == UCT_NO_TIME || k->time == UCT_NO_TIME || k->time - before > TRACE_MS)
            return true;
        b = k;
    }
    if (!b || (!numbered && is_everybodys(v, n)) || a->time == UCT_NO_TIME || uct_legs_overlap(j, a->call, b->call) == UCT_APART)
        return true;
    const struct uct_call *x = uct_join_at(j, a->call), *y = uct_join_at(j, b->call);
    if (!numbered && !uct_legs_same_user(j, x, y))
        return true;
    return uct_join_connect(j, a->call, b->call, "trace-correlation-id", a->value, UCT_LIKELY);
}

/* Per box: does it give several numbers? */
static bool *list_numbered(const struct uct_joining *j)
{
    const struct uct_ties *t = j->c->ties;
    bool *numbered = calloc(j->s->n + 1, sizeof *numbered);
    uint32_t *first = calloc(j->s->n + 1, sizeof *first);
    for (size_t i = t->from[UCT_KNOWN_TRACE]; numbered && first && i < t->from[UCT_KNOWN_TRACE + 1]; i++) {
        uint32_t box = j->c->links->box[t->v[i].source];
        numbered[box] |= first[box] && first[box] != t->v[i].value;
        first[box] = t->v[i].value;
    }
    if (!first) {
        free(numbered);
        numbered = NULL;
    }
    free(first);
    return numbered;
}

static bool join_traces(struct uct_joining *j)
{
    const struct uct_ties *t = j->c->ties;
    size_t from = t->from[UCT_KNOWN_TRACE], n = t->from[UCT_KNOWN_TRACE + 1] - from, count = 0;
    struct traced *v = malloc((n + 1) * sizeof *v);
    bool *numbered = list_numbered(j), ok = v && numbered;
    for (size_t i = 0; ok && i < n; i++)
        if (uct_join_is_dialog(j->s, &j->c->items[t->v[from + i].call]))
            v[count++] = (struct traced){trace_key(j, &t->v[from + i]), &t->v[from + i]};
    if (count > 1)
        qsort(v, count, sizeof *v, by_trace);
    for (size_t i = 0, k; i < count && ok; i = k) {
        for (k = i + 1; k < count && v[k].key == v[i].key && v[k].known->value == v[i].known->value; k++)
            ;
        ok = k - i < 2 || join_trace(j, v + i, k - i, numbered[j->c->links->box[v[i].known->source]]);
    }
    free(numbered);
    free(v);
    return ok;
}

/* ---- conversations ------------------------------------------------------ */

/* A call that tells two ids by turns is listed each time. */
static void drop_repeats(struct uct_keys *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (!n || l->v[n - 1].call != l->v[i].call || !same_value(&l->v[n - 1], &l->v[i]))
            l->v[n++] = l->v[i];
    l->n = n;
}

/* Calls of one conversation that are on at the same time are legs.  *apart: some two of them are not. */
static bool join_overlapping(struct uct_joining *j, const struct uct_keyed *v, size_t n, bool *apart)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i > UCT_NEAR ? i - UCT_NEAR : 0; k < i; k++) {
            enum uct_overlap o = uct_legs_overlap(j, v[k].call, v[i].call);
            *apart |= o == UCT_APART;
            if (o == UCT_TOGETHER && !uct_join_connect(j, v[k].call, v[i].call, "conversation-id", v[i].value, UCT_LIKELY))
                return false;
        }
    return true;
}

/* Where clocks cannot be compared: only if all of the conversation is two stretches, one by either clock. */
static bool join_conversation(struct uct_joining *j, const struct uct_keyed *v, size_t n)
{
    bool apart = false;
    uint32_t other = v[0].call;
    j->out->cut += n > UCT_NEAR + 1 ? n : 0;
    if (!join_overlapping(j, v, n, &apart))
        return false;
    if (apart || n > UCT_NEAR)
        return true;
    uint32_t root = find(j->out->root, v[0].call), second = root;
    for (size_t i = 1; i < n; i++) {
        uint32_t r = find(j->out->root, v[i].call);
        if (r != root && second != root && r != second)
            return true;
        if (r != root && second == root) {
            second = r;
            other = v[i].call;
        }
    }
    return second == root || !uct_legs_same_user(j, uct_join_at(j, v[0].call), uct_join_at(j, other)) ||
           uct_join_shapes_differ(j, v[0].call, other) ||
           uct_join_connect(j, v[0].call, other, "conversation-id", v[0].value, UCT_LIKELY);
}

static bool join_conversations(struct uct_joining *j)
{
    struct uct_keys *l = &j->l;
    take_ids(j, CONVERSATION);
    uct_join_sort(l);
    drop_repeats(l);
    return join_each(j, join_conversation);
}

enum uct_status uct_calls_join(const struct uct_sources *s, const struct uct_calls *c, struct uct_joins *out)
{
    *out = (struct uct_joins){.root = malloc((c->n + 1) * sizeof *out->root)};
    struct uct_join_views views = {.turn = 0};
    struct uct_joining j = {.s = s, .c = c, .out = out, .views = &views, .kept_of = calloc(c->n + 1, sizeof *j.kept_of)};
    if (!out->root || !j.kept_of) {
        free(j.kept_of);
        return UCT_FATAL;
    }
    for (size_t i = 0; i < c->n; i++)
        out->root[i] = (uint32_t)i;
    bool ok = uct_legs_clocks(&j) && join_sessions(&j) && join_request_sessions(&j) && list_all_ids(&j) &&
              join_ids(&j, PROXY_CALL_ID, UCT_KNOWN_SERIAL, "proxy-call-id") && join_ids(&j, TAG, UCT_KNOWN_TAG, "tag") &&
              join_traces(&j) && join_conversations(&j) && uct_join_ports(&j) && uct_join_parties(&j) &&
              uct_join_shapes(&j);
    for (size_t i = 0; ok && i < c->n; i++)
        out->root[i] = find(out->root, (uint32_t)i);
    for (unsigned i = 0; i < UCT_JOIN_VIEWS; i++) {
        ok = ok && !views.v[i].failed;
        uct_view_free(&views.v[i]);
    }
    free(j.clock);
    free(j.unsure);
    free(j.kept_of);
    free(j.kept);
    free(j.l.v);
    for (int k = 0; k < IDS; k++)
        free(j.ids[k].v);
    return ok ? UCT_OK : UCT_FATAL;
}

void uct_joins_free(struct uct_joins *j)
{
    free(j->items);
    free(j->root);
    *j = (struct uct_joins){0};
}
