/* Joins, strongest key first.
 *
 * session-id       both halves of a Session-ID (RFC 7989), in either order: survives B2BUAs and CUCM,
 *                  which change the Call-ID.  One half alone is no key: all the calls into a conference
 *                  share the focus's.  A call that shows only one half (nobody answered) is joined by
 *                  it where that half has no two partners and the calls are legs of each other besides
 * proxy-call-id    Expressway's serial number of a call component, in the Via of what it sends
 * tag              X-TAATag, the same on all hops of an Expressway network
 * conversation-id  Ms-Conversation-ID, the same on the legs of a Microsoft conversation; a redial in the
 *                  same window keeps it too, so that legs must overlap in time
 * parties          the same From and To, and one leg went to the host that the other came from, and
 *                  began and ended within it: the last resort, only ever `possible`
 *
 * Only dialogs that an INVITE began are joined: what registers or probes under
 * one id for days is not one conversation.  Joins form a forest, so that a key
 * that a million calls share costs a million joins and no more. */
#include "join.h"

#include "links.h"

#include <stdlib.h>

#define LEG_MS 10000       /* the next leg begins within this (a challenge, a search) */
#define PARTIES_MS 2000
#define NEAR 16            /* calls of one key that are compared with each other */
#define HALVES 8           /* of one call */

struct keyed {
    uint64_t key;          /* hash of the text: interned numbers differ from run to run and order nothing */
    int64_t start;
    uint32_t call, value;
    uint32_t partner;      /* the other half; 0: none */
};

struct list {
    struct keyed *v;
    size_t n, cap;
};

/* The calls that were looked at last, where they are summaries. */
#define VIEWS 4

struct views {
    struct uct_view v[VIEWS];
    unsigned turn;
};

/* All that a join looks at. */
struct joining {
    const struct uct_sources *s;
    const struct uct_calls *c;
    struct uct_joins *out;
    const struct uct_source **clock;      /* per call: whose clock its times are by; NULL: of no one or several */
    bool *unsure;                         /* per box */
    struct list l;
    struct views *views;
};

/* With all its refs; the last VIEWS that were asked for stay. */
static const struct uct_call *call_at(const struct joining *j, uint32_t i)
{
    if (!j->c->items[i].npacked)
        return &j->c->items[i];
    return uct_calls_show(j->c, i, &j->views->v[j->views->turn++ % VIEWS]);
}

static uint32_t find(uint32_t *root, uint32_t i)
{
    while (root[i] != i)
        i = root[i] = root[root[i]];
    return i;
}

static bool connect(struct joining *j, uint32_t a, uint32_t b, const char *key, uint32_t value,
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

static bool add(struct joining *j, uint64_t key, uint32_t call, uint32_t value, uint32_t partner)
{
    struct list *l = &j->l;
    if (l->n && l->v[l->n - 1].key == key && l->v[l->n - 1].call == call)
        return true;
    if (!UCT_ROOM(l->v, l->n, l->cap))
        return false;
    l->v[l->n++] = (struct keyed){key, j->c->items[call].start, call, value, partner};
    return true;
}

static uint64_t text_key(const struct joining *j, uint32_t id)
{
    return uct_hash_slice(uct_interned(j->s->strings, id));
}

/* Equal hashes may be made on purpose: the values decide. */
static bool same_value(const struct keyed *a, const struct keyed *b)
{
    return a->key == b->key && ((a->value == b->value && a->partner == b->partner) ||
                                (a->value == b->partner && a->partner == b->value));
}

/* Calls come in order of their start, so that the call's number orders by time too. */
static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call);
}

static void sort(struct list *l)
{
    if (l->n > 1)
        qsort(l->v, l->n, sizeof *l->v, by_key);
}

/* Calls that share a key, each with the one before it. */
static bool join_equal(struct joining *j, const char *key, enum uct_confidence confidence)
{
    struct list *l = &j->l;
    sort(l);
    for (size_t i = 1; i < l->n; i++)
        if (same_value(&l->v[i], &l->v[i - 1]) && l->v[i].call != l->v[i - 1].call &&
            !connect(j, l->v[i - 1].call, l->v[i].call, key, l->v[i].value, confidence))
            return false;
    l->n = 0;
    return true;
}

static bool is_dialog(const struct uct_sources *s, const struct uct_call *c)
{
    struct uct_slice m = uct_interned(s->strings, c->method);
    return uct_slice_eq(m, UCT_S("INVITE")) || uct_slice_eq(m, UCT_S("ACK")) || uct_slice_eq(m, UCT_S("BYE")) ||
           uct_slice_eq(m, UCT_S("CANCEL")) || uct_slice_eq(m, UCT_S("UPDATE")) || uct_slice_eq(m, UCT_S("PRACK"));
}

/* ---- are two calls legs of each other? --------------------------------- */

/* The log itself says that its clock was set, and by how much nobody knows.  (A trace that several searches were
 * appended to runs back as well, but is right each time.) */
static bool is_unsure(const struct uct_source *s)
{
    for (size_t b = 0; b < s->nblocks && !s->nshifts && s->parser != &uct_parser_lync_server; b++)
        if (s->blocks[b].notes[UCT_NOTE_TIME_BACK])
            return true;
    return false;
}

/* Only calls that are by one and the same clock can be compared in time. */
static bool list_clocks(struct joining *j)
{
    const struct uct_source **source = calloc(j->s->n + 1, sizeof(void *));
    j->clock = calloc(j->c->n + 1, sizeof(void *));
    j->unsure = calloc(j->s->n + 1, sizeof *j->unsure);
    if (!source || !j->clock || !j->unsure) {
        free(source);
        return false;
    }
    for (size_t i = 0; i < j->s->n; i++) {
        const struct uct_source *s = j->s->items[j->c->links->box[i]];
        source[i] = is_unsure(j->s->items[i]) ? NULL : s->reference ? s->reference : s;
        j->unsure[j->c->links->box[i]] |= !source[i];
    }
    for (size_t i = 0; i < j->c->n; i++) {
        const struct uct_call *c = call_at(j, (uint32_t)i);
        j->clock[i] = c->nrefs ? source[c->refs[0].source] : NULL;
        for (size_t r = 1; r < c->nrefs && j->clock[i]; r++)
            if (source[c->refs[r].source] != j->clock[i])
                j->clock[i] = NULL;
    }
    free(source);
    return true;
}

static bool same_clock(const struct joining *j, uint32_t a, uint32_t b)
{
    return j->clock[a] && j->clock[a] == j->clock[b];
}

/* First final response to the call's own method, else its last sighting. */
static int64_t final_time(const struct uct_call *c)
{
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->status >= 200 && m->status != 401 && m->status != 407 && m->method == c->method)
            return c->refs[i].time;
    }
    return c->end;
}

/* Until when other legs may begin: a failed call is over with its answer, whatever is repeated after it; one
 * without an answer goes on though nothing is seen of it. */
static int64_t over(const struct uct_call *c)
{
    return c->status >= 300 ? final_time(c) : c->status ? c->end : c->end + LEG_MS;
}

/* Of the first INVITE in one box: the host it came from, the host it was sent to. */
struct way {
    uint32_t box, from, to;
};

#define WAYS 8

static size_t ways_of(const struct joining *j, const struct uct_call *c, struct way v[WAYS])
{
    const struct uct_links *l = j->c->links;
    size_t n = 0;
    for (size_t i = 0; i < c->nrefs && i < 256; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (!m || m->status || m->method != c->method || uct_links_loopback(l, m->remote))
            continue;
        uint32_t box = l->box[c->refs[i].source];
        size_t k = 0;
        while (k < n && v[k].box != box)
            k++;
        if (k == n && n == WAYS)
            continue;
        if (k == n)
            v[n++] = (struct way){box, 0, 0};
        uint32_t *end = m->dir == UCT_DIR_IN ? &v[k].from : &v[k].to;
        if (!*end)
            *end = uct_links_host(l, m->remote);
    }
    return n;
}

/* In some box a went out to the host that b came from. */
static bool turned(const struct joining *j, uint32_t a, uint32_t b)
{
    struct way x[WAYS], y[WAYS];
    size_t nx = ways_of(j, call_at(j, a), x), ny = ways_of(j, call_at(j, b), y);
    for (size_t i = 0; i < nx; i++)
        for (size_t k = 0; k < ny; k++)
            if (x[i].box == y[k].box && x[i].to && x[i].to == y[k].from)
                return true;
    return false;
}

static struct uct_slice user_of(const struct joining *j, uint32_t uri)
{
    struct uct_slice s = uct_interned(j->s->strings, uri);
    const char *at = s.n ? memchr(s.p, '@', s.n) : NULL, *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
    const char *from = colon && (!at || colon < at) ? colon + 1 : s.p;
    return uct_slice(from, at ? (size_t)(at - from) : s.n - (size_t)(from - s.p));
}

enum overlap { APART, TOGETHER, WHO_KNOWS };

/* From when to when one box saw a call; false if it did not. */
static bool window(const struct joining *j, const struct uct_call *c, uint32_t box, int64_t *from, int64_t *to)
{
    bool any = false, done = false;
    for (size_t i = 0; i < c->nrefs && !done; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (j->c->links->box[r->source] != box || r->time == UCT_NO_TIME)
            continue;
        *from = any ? *from : r->time;
        *to = r->time;
        any = true;                 /* a failed call is over with its answer, whatever is repeated after it */
        done = r->msg && c->status >= 300 && r->msg->status == c->status;
    }
    if (any && c->npacked && c->end > *to)
        *to = c->end;               /* its last messages have no refs */
    if (any && !c->status)
        *to += LEG_MS;              /* without an answer it goes on though nothing is seen of it */
    return any;
}

#define BOXES 4

/* Two calls that one box saw are compared by what it saw; else by their times, if those are by one clock. */
static enum overlap overlap(const struct joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = call_at(j, a), *y = call_at(j, b);
    uint32_t asked[BOXES], n = 0;
    for (size_t i = 0; i < x->nrefs && n < BOXES; i++) {
        uint32_t box = j->c->links->box[x->refs[i].source], k = 0;
        int64_t f1 = 0, t1 = 0, f2 = 0, t2 = 0;
        while (k < n && asked[k] != box)
            k++;
        if (k < n || j->unsure[box])
            continue;
        asked[n++] = box;
        if (window(j, x, box, &f1, &t1) && window(j, y, box, &f2, &t2))
            return f1 <= t2 && f2 <= t1 ? TOGETHER : APART;
    }
    if (!same_clock(j, a, b) || x->start == UCT_NO_TIME || y->start == UCT_NO_TIME)
        return WHO_KNOWS;
    return x->start <= over(y) && y->start <= over(x) ? TOGETHER : APART;
}

static bool same_user(const struct joining *j, const struct uct_call *x, const struct uct_call *y)
{
    return x->to && uct_slice_ieq(user_of(j, x->to), user_of(j, y->to));
}

static bool are_legs(const struct joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = &j->c->items[a], *y = &j->c->items[b];
    enum overlap o = overlap(j, a, b);
    if (o == APART)
        return false;
    if (o == WHO_KNOWS)
        return same_user(j, x, y);
    return (same_clock(j, a, b) ? llabs(x->start - y->start) <= LEG_MS : true) &&
           (turned(j, a, b) || turned(j, b, a) || same_user(j, x, y));
}

/* ---- Session-ID -------------------------------------------------------- */

/* 32 hexadecimal digits that are not all zeros, interned in lower case; 0 if it is no such thing. */
static uint32_t half_id(const struct joining *j, struct uct_slice s)
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

static uint64_t pair_key(const struct joining *j, uint32_t a, uint32_t b)
{
    uint64_t x = text_key(j, a), y = text_key(j, b);
    return x < y ? uct_hash_mix(x, y) : uct_hash_mix(y, x);
}

/* "local;remote=other": both halves, 0 where it has none. */
static void split_session(const struct joining *j, uint32_t session_id, uint32_t *local, uint32_t *remote)
{
    struct uct_slice v = uct_interned(j->s->strings, session_id);
    const char *semi = v.n ? memchr(v.p, ';', v.n) : NULL;
    size_t at = uct_slice_ifind(v, UCT_S("remote="));
    *local = half_id(j, uct_slice_trim(uct_slice(v.p, semi ? (size_t)(semi - v.p) : v.n)));
    *remote = at == SIZE_MAX || v.n - at < 39 ? 0 : half_id(j, uct_slice(v.p + at + 7, 32));
}

/* Adds the pairs of a call; its halves alone go to *alone when it shows no pair. */
static bool add_pairs(struct joining *j, uint32_t call, struct halves *h)
{
    const struct uct_call *c = call_at(j, call);
    uint32_t last = 0;
    size_t pairs = 0;
    h->n = 0;
    for (size_t r = 0; r < c->nrefs; r++) {
        uint32_t id = c->refs[r].msg ? c->refs[r].msg->session_id : 0, local, remote;
        if (!id || id == last)
            continue;
        last = id;
        split_session(j, id, &local, &remote);
        half_add(h, local);
        half_add(h, remote);
        if (local && remote && local != remote && pairs < HALVES) {
            pairs++;
            if (!add(j, pair_key(j, local, remote), call, local, remote))
                return false;
        }
    }
    if (pairs || h->n > 2)
        h->n = 0;
    if (h->n == 2) {          /* summary lines tell their own half only: request and answer show both */
        if (!add(j, pair_key(j, h->v[0], h->v[1]), call, h->v[0], h->v[1]))
            return false;
        h->n = 0;
    }
    return true;
}

/* Entries of one half, sorted by call: joins the calls that show nothing else with the legs round them. */
static bool join_half(struct joining *j, const struct keyed *v, size_t n)
{
    uint32_t partner = 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i].partner && partner && v[i].partner != partner)
            return true;                       /* a focus */
        partner = v[i].partner ? v[i].partner : partner;
    }
    for (size_t i = 1; i < n; i++)
        for (size_t k = i > NEAR ? i - NEAR : 0; k < i; k++) {
            uint32_t a = v[k].call, b = v[i].call;
            if ((v[i].partner && v[k].partner) || a == b || !are_legs(j, a, b))
                continue;
            bool seen = turned(j, a, b) || turned(j, b, a);        /* one came from where the other went */
            if (!connect(j, a, b, "session-id", v[i].value, seen ? UCT_CERTAIN : UCT_LIKELY))
                return false;
        }
    return true;
}

static bool join_sessions(struct joining *j)
{
    struct list alone = {0};
    struct halves h;
    bool ok = true;
    for (size_t i = 0; i < j->c->n && ok; i++) {
        if (!is_dialog(j->s, &j->c->items[i]))
            continue;
        ok = add_pairs(j, (uint32_t)i, &h);
        if (ok && h.n == 1) {
            ok = UCT_ROOM(alone.v, alone.n, alone.cap);
            if (ok)
                alone.v[alone.n++] = (struct keyed){text_key(j, h.v[0]), j->c->items[i].start, (uint32_t)i, h.v[0], 0};
        }
    }
    for (size_t i = 0, pairs = j->l.n; i < pairs && ok && alone.n; i++) {      /* the halves of the pairs, too */
        struct keyed k = j->l.v[i];
        for (int side = 0; side < 2 && ok; side++) {
            uint32_t half = side ? k.partner : k.value, other = side ? k.value : k.partner;
            ok = UCT_ROOM(alone.v, alone.n, alone.cap);
            if (ok)
                alone.v[alone.n++] = (struct keyed){text_key(j, half), k.start, k.call, half, other};
        }
    }
    ok = ok && join_equal(j, "session-id", UCT_CERTAIN);
    sort(&alone);
    for (size_t i = 0, k; i < alone.n && ok; i = k) {
        for (k = i + 1; k < alone.n && alone.v[k].key == alone.v[i].key && alone.v[k].value == alone.v[i].value; k++)
            ;
        ok = join_half(j, alone.v + i, k - i);
    }
    free(alone.v);
    return ok;
}

/* ---- ids that are equal ------------------------------------------------ */

enum key { PROXY_CALL_ID, TAG, CONVERSATION };

static uint32_t key_of(const struct uct_msg *m, enum key k)
{
    return k == PROXY_CALL_ID ? m->proxy_call_id : k == TAG ? m->tag : m->conversation;
}

static bool list_ids(struct joining *j, enum key k)
{
    for (size_t i = 0; i < j->c->n; i++) {
        uint32_t last = 0;
        if (!is_dialog(j->s, &j->c->items[i]))
            continue;
        const struct uct_call *c = call_at(j, (uint32_t)i);
        for (size_t r = 0; r < c->nrefs; r++) {
            const struct uct_msg *m = c->refs[r].msg;
            uint32_t v = m ? key_of(m, k) : 0;
            if (v && v != last && !add(j, text_key(j, v), (uint32_t)i, v, 0))
                return false;
            last = v ? v : last;
        }
    }
    return true;
}

/* Calls of one conversation that are on at the same time are legs.  *apart: some two of them are not. */
static bool join_overlapping(struct joining *j, const struct keyed *v, size_t n, bool *apart)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i > NEAR ? i - NEAR : 0; k < i; k++) {
            enum overlap o = overlap(j, v[k].call, v[i].call);
            *apart |= o == APART;
            if (o == TOGETHER && !connect(j, v[k].call, v[i].call, "conversation-id", v[i].value, UCT_LIKELY))
                return false;
        }
    return true;
}

/* Where clocks cannot be compared: only if all of the conversation is two stretches, one by either clock. */
static bool join_conversation(struct joining *j, const struct keyed *v, size_t n)
{
    bool apart = false;
    uint32_t other = v[0].call;
    if (!join_overlapping(j, v, n, &apart))
        return false;
    if (apart || n > NEAR)
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
    return second == root || !same_user(j, &j->c->items[v[0].call], &j->c->items[other]) ||
           connect(j, v[0].call, other, "conversation-id", v[0].value, UCT_LIKELY);
}

static bool join_conversations(struct joining *j)
{
    struct list *l = &j->l;
    if (!list_ids(j, CONVERSATION))
        return false;
    sort(l);
    for (size_t i = 0, k; i < l->n; i = k) {
        for (k = i + 1; k < l->n && same_value(&l->v[k], &l->v[i]); k++)
            ;
        if (k - i > 1 && !join_conversation(j, l->v + i, k - i))
            return false;
    }
    l->n = 0;
    return true;
}

/* ---- parties ----------------------------------------------------------- */

static uint64_t parties_key(const struct joining *j, const struct uct_call *c)
{
    const uint32_t ids[] = {c->from, c->to};
    uint64_t h = 0;
    for (size_t k = 0; k < 2; k++) {
        struct uct_slice v = uct_interned(j->s->strings, ids[k]);
        for (size_t i = 0; i < v.n; i++)
            h = uct_hash_mix(h, uct_lower((unsigned char)v.p[i]));
        h = uct_hash_mix(h, k + 1000);
    }
    return h;
}

static bool same_text(const struct joining *j, uint32_t a, uint32_t b)
{
    return a == b || uct_slice_ieq(uct_interned(j->s->strings, a), uct_interned(j->s->strings, b));
}

/* b is the leg of a behind a B2BUA: it came from where a went, later, and was answered before. */
static bool is_next_leg(const struct joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = call_at(j, a), *y = call_at(j, b);
    return same_clock(j, a, b) && y->start - x->start <= PARTIES_MS && same_text(j, x->from, y->from) &&
           same_text(j, x->to, y->to) && x->status == y->status && final_time(y) <= final_time(x) && turned(j, a, b) &&
           !turned(j, b, a);
}

/* Each with the only one it can be. */
static bool join_parties(struct joining *j)
{
    const struct uct_calls *c = j->c;
    struct list *l = &j->l;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].from && c->items[i].to && c->items[i].start != UCT_NO_TIME && is_dialog(j->s, &c->items[i]) &&
            !add(j, parties_key(j, &c->items[i]), (uint32_t)i, c->items[i].from, 0))
            return false;
    sort(l);
    uint32_t *next = calloc(l->n + 1, sizeof *next), *before = calloc(l->n + 1, sizeof *before);
    bool ok = next && before;
    for (size_t i = 0; ok && i < l->n; i++)
        for (size_t k = i + 1; k < l->n && k <= i + NEAR && l->v[k].key == l->v[i].key; k++) {
            if (l->v[k].start - l->v[i].start > PARTIES_MS)
                break;
            if (!is_next_leg(j, l->v[i].call, l->v[k].call))
                continue;
            next[i] = next[i] ? UINT32_MAX : (uint32_t)k;
            before[k] = before[k] ? UINT32_MAX : (uint32_t)i + 1;
        }
    for (size_t i = 0; ok && i < l->n; i++)
        if (next[i] && next[i] != UINT32_MAX && before[next[i]] == i + 1)
            ok = connect(j, l->v[i].call, l->v[next[i]].call, "parties", l->v[i].value, UCT_POSSIBLE);
    free(next);
    free(before);
    l->n = 0;
    return ok;
}

enum uct_status uct_calls_join(const struct uct_sources *s, const struct uct_calls *c, struct uct_joins *out)
{
    *out = (struct uct_joins){.root = malloc((c->n + 1) * sizeof *out->root)};
    struct views views = {.turn = 0};
    struct joining j = {.s = s, .c = c, .out = out, .views = &views};
    if (!out->root)
        return UCT_FATAL;
    for (size_t i = 0; i < c->n; i++)
        out->root[i] = (uint32_t)i;
    bool ok = list_clocks(&j) && join_sessions(&j) && list_ids(&j, PROXY_CALL_ID) && join_equal(&j, "proxy-call-id", UCT_CERTAIN) &&
              list_ids(&j, TAG) && join_equal(&j, "tag", UCT_CERTAIN) && join_conversations(&j) && join_parties(&j);
    for (size_t i = 0; ok && i < c->n; i++)
        out->root[i] = find(out->root, (uint32_t)i);
    for (unsigned i = 0; i < VIEWS; i++) {
        ok = ok && !views.v[i].failed;
        uct_view_free(&views.v[i]);
    }
    free(j.clock);
    free(j.unsure);
    free(j.l.v);
    return ok ? UCT_OK : UCT_FATAL;
}

void uct_joins_free(struct uct_joins *j)
{
    free(j->items);
    free(j->root);
    *j = (struct uct_joins){0};
}
