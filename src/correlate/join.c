/* Joins, strongest key first.
 *
 * session-id       a half of a Session-ID header (RFC 7989) that is not all zeros: survives B2BUAs
 *                  and CUCM, which change the Call-ID
 * proxy-call-id    Expressway's serial number of a call component, in the Via of what it sends
 * tag              X-TAATag, the same on all hops of an Expressway network
 * conversation-id  Ms-Conversation-ID, the same on the legs of a Microsoft conversation
 * parties          the same From and To, started within two seconds of each other, and nobody else
 *                  it could be: the last resort, only ever `possible`
 *
 * Only dialogs that an INVITE began are joined: what registers or probes under
 * one id for days is not one conversation.  Joins form a forest, so that a key
 * that a million calls share costs a million joins and no more. */
#include "join.h"

#include <stdlib.h>

#define PARTIES_MS 2000

struct keyed {
    uint64_t key;
    uint32_t call, value;
};

struct list {
    struct keyed *v;
    size_t n, cap;
};

static uint32_t find(uint32_t *root, uint32_t i)
{
    while (root[i] != i)
        i = root[i] = root[root[i]];
    return i;
}

static bool connect(struct uct_joins *j, uint32_t a, uint32_t b, const char *key, uint32_t value,
                    enum uct_confidence confidence)
{
    uint32_t x = find(j->root, a), y = find(j->root, b);
    if (x == y)
        return true;
    if (!UCT_ROOM(j->items, j->n, j->cap))
        return false;
    j->items[j->n++] = (struct uct_join){a < b ? a : b, a < b ? b : a, key, value, confidence};
    j->root[x > y ? x : y] = x > y ? y : x;
    return true;
}

static bool add(struct list *l, uint64_t key, uint32_t call, uint32_t value)
{
    if (l->n && l->v[l->n - 1].key == key && l->v[l->n - 1].call == call)
        return true;
    if (!UCT_ROOM(l->v, l->n, l->cap))
        return false;
    l->v[l->n++] = (struct keyed){key, call, value};
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call);
}

/* Interned numbers differ from run to run: what orders the joins is the text's hash. */
static uint64_t text_key(const struct uct_sources *s, uint32_t value)
{
    struct uct_slice t = uct_interned(s->strings, value);
    return uct_hash(t.p, t.n, 0);
}

/* Calls that share a key value, each with the one before it. */
static bool join_equal(struct uct_joins *j, struct list *l, const char *key, enum uct_confidence confidence)
{
    if (l->n > 1)
        qsort(l->v, l->n, sizeof *l->v, by_key);
    for (size_t i = 1; i < l->n; i++)
        if (l->v[i].key == l->v[i - 1].key && l->v[i].call != l->v[i - 1].call &&
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

/* 32 hexadecimal digits that are not all zeros, lower case into out. */
static bool uuid_half(struct uct_slice s, char out[32])
{
    bool zeros = true;
    if (s.n != 32)
        return false;
    for (size_t i = 0; i < 32; i++) {
        if (uct_hexval((unsigned char)s.p[i]) < 0)
            return false;
        out[i] = (char)uct_lower((unsigned char)s.p[i]);
        zeros &= s.p[i] == '0';
    }
    return !zeros;
}

/* Both halves of "local;remote=other". */
static bool add_session(struct list *l, const struct uct_sources *s, uint32_t session_id, uint32_t call)
{
    struct uct_slice v = uct_interned(s->strings, session_id);
    char half[32];
    const char *semi = v.n ? memchr(v.p, ';', v.n) : NULL;
    struct uct_slice local = uct_slice_trim(uct_slice(v.p, semi ? (size_t)(semi - v.p) : v.n));
    if (uuid_half(local, half) && !add(l, uct_hash(half, 32, 0), call, uct_intern(s->strings, uct_slice(half, 32))))
        return false;
    size_t at = uct_slice_ifind(v, UCT_S("remote="));
    if (at == SIZE_MAX || v.n - at < 39)
        return true;
    return !uuid_half(uct_slice(v.p + at + 7, 32), half) ||
           add(l, uct_hash(half, 32, 0), call, uct_intern(s->strings, uct_slice(half, 32)));
}

enum key { SESSION_ID, PROXY_CALL_ID, TAG, CONVERSATION };

static uint32_t key_of(const struct uct_msg *m, enum key k)
{
    return k == SESSION_ID ? m->session_id : k == PROXY_CALL_ID ? m->proxy_call_id : k == TAG ? m->tag : m->conversation;
}

static bool join_by(struct uct_joins *j, const struct uct_sources *s, const struct uct_calls *c, struct list *l, enum key k)
{
    static const char *const names[] = {"session-id", "proxy-call-id", "tag", "conversation-id"};
    static const enum uct_confidence sure[] = {UCT_CERTAIN, UCT_CERTAIN, UCT_CERTAIN, UCT_LIKELY};
    for (size_t i = 0; i < c->n; i++) {
        uint32_t last = 0;
        if (!is_dialog(s, &c->items[i]))
            continue;
        for (size_t r = 0; r < c->items[i].nrefs; r++) {
            const struct uct_msg *m = c->items[i].refs[r].msg;
            uint32_t v = m ? key_of(m, k) : 0;
            if (!v || v == last)
                continue;
            last = v;
            bool ok = k == SESSION_ID ? add_session(l, s, v, (uint32_t)i) : add(l, text_key(s, v), (uint32_t)i, v);
            if (!ok)
                return false;
        }
    }
    return join_equal(j, l, names[k], sure[k]);
}

static uint64_t parties_key(const struct uct_sources *s, const struct uct_call *c)
{
    const uint32_t ids[] = {c->from, c->to};
    uint64_t h = 0;
    for (size_t k = 0; k < 2; k++) {
        struct uct_slice v = uct_interned(s->strings, ids[k]);
        for (size_t i = 0; i < v.n; i++)
            h = uct_hash_mix(h, uct_lower((unsigned char)v.p[i]));
        h = uct_hash_mix(h, k + 1000);
    }
    return h;
}

static bool close(const struct uct_calls *c, uint32_t a, uint32_t b)
{
    int64_t d = c->items[b].start - c->items[a].start;
    return (d < 0 ? -d : d) <= PARTIES_MS;
}

/* A leg of a B2BUA ends when the other one does. */
static bool end_together(const struct uct_calls *c, uint32_t a, uint32_t b)
{
    int64_t d = c->items[b].end - c->items[a].end;
    return (d < 0 ? -d : d) <= PARTIES_MS && c->items[a].outcome == c->items[b].outcome;
}

/* Same parties at the same time, and only these two: possible. */
static bool join_parties(struct uct_joins *j, const struct uct_sources *s, const struct uct_calls *c, struct list *l)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].from && c->items[i].to && c->items[i].start != UCT_NO_TIME && is_dialog(s, &c->items[i]) &&
            !add(l, parties_key(s, &c->items[i]), (uint32_t)i, c->items[i].from))
            return false;
    if (l->n > 1)
        qsort(l->v, l->n, sizeof *l->v, by_key);
    for (size_t i = 1; i < l->n; i++) {
        const struct keyed *p = &l->v[i - 1], *q = &l->v[i];
        if (p->key != q->key || !close(c, p->call, q->call) || !end_together(c, p->call, q->call))
            continue;
        bool third = (i > 1 && l->v[i - 2].key == q->key && close(c, l->v[i - 2].call, q->call)) ||
                     (i + 1 < l->n && l->v[i + 1].key == p->key && close(c, l->v[i + 1].call, p->call));
        if (!third && !connect(j, p->call, q->call, "parties", q->value, UCT_POSSIBLE))
            return false;
    }
    l->n = 0;
    return true;
}

enum uct_status uct_calls_join(const struct uct_sources *s, const struct uct_calls *c, struct uct_joins *out)
{
    struct list l = {0};
    *out = (struct uct_joins){.root = malloc((c->n + 1) * sizeof *out->root)};
    bool ok = out->root != NULL;
    for (size_t i = 0; ok && i < c->n; i++)
        out->root[i] = (uint32_t)i;
    for (int k = SESSION_ID; ok && k <= CONVERSATION; k++)
        ok = join_by(out, s, c, &l, (enum key)k);
    ok = ok && join_parties(out, s, c, &l);
    for (size_t i = 0; ok && i < c->n; i++)
        out->root[i] = find(out->root, (uint32_t)i);
    free(l.v);
    return ok ? UCT_OK : UCT_FATAL;
}

void uct_joins_free(struct uct_joins *j)
{
    free(j->items);
    free(j->root);
    *j = (struct uct_joins){0};
}
