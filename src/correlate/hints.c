/* Joins of calls that have no id in common: the last resort. */
#include "joining.h"

#include "links.h"
#include "port.h"
#include "ties.h"

#include <stdlib.h>

#define PARTIES_MS 500       /* a B2BUA calls on within this */
#define RELAYED_MS 1000      /* an answer, or a BYE, is passed on within this */

/* ---- the edge's Peer and the Expressway's Local-port --------------------- */

#define PEERS_MOST 64      /* sightings of a call that are looked at */

/* A call that only an edge saw, and the one that used its peer's port. */
struct peered {
    uint32_t edge, expressway, peer;
};

static int by_expressway(const void *a, const void *b)
{
    const struct peered *x = a, *y = b;
    if (x->expressway != y->expressway)
        return x->expressway < y->expressway ? -1 : 1;
    return (x->edge > y->edge) - (x->edge < y->edge);
}

static bool only_edge(const struct uct_joining *j, const struct uct_call *c)
{
    for (size_t i = 0; i < c->nrefs; i++)
        if (j->s->items[c->refs[i].source]->parser != &uct_parser_lync_server)
            return false;
    return c->nrefs > 0;
}

/* Per box: does an edge's log hold a call that an Expressway's does, too?  Then nobody between them changes
 * Call-IDs. */
static bool *list_keepers(const struct uct_joining *j)
{
    bool *keeps = calloc(j->s->n + 1, sizeof *keeps), any = false;
    for (size_t i = 0; i < j->s->n; i++)
        any |= j->s->items[i]->parser == &uct_parser_lync_server;
    for (size_t i = 0; keeps && any && i < j->c->n; i++) {
        const struct uct_call *c = uct_join_at(j, i);
        uint32_t edge = UINT32_MAX;
        bool expressway = false;
        for (size_t r = 0; r < c->nrefs; r++) {
            const struct uct_parser *p = j->s->items[c->refs[r].source]->parser;
            expressway |= p == &uct_parser_expressway;
            if (p == &uct_parser_lync_server)
                edge = j->c->links->box[c->refs[r].source];
            if (expressway && edge != UINT32_MAX)
                keeps[edge] = true;
        }
    }
    return keeps;
}

/* Has the edge's call a CSeq of its own method, and the other call none that is equal?  Who changes the
 * Call-ID alone leaves that. */
static bool other_cseq(const struct uct_call *edge, const struct uct_call *other)
{
    bool told = false;
    for (size_t i = 0; i < edge->nrefs && i < PEERS_MOST; i++) {
        const struct uct_ref *a = &edge->refs[i];
        uint32_t method = a->msg ? a->msg->method : a->record->method;
        uint32_t cseq = a->msg ? a->msg->cseq : a->record->cseq;
        if (method != edge->method || !cseq)
            continue;
        told = true;
        for (size_t k = 0; k < other->nrefs && k < PEERS_MOST; k++) {
            const struct uct_msg *m = other->refs[k].msg;
            if (m && m->method == other->method && m->cseq == cseq)
                return false;
        }
    }
    return told;
}

/* Notes which call used the port; *found becomes SIZE_MAX - 1 where two did. */
static void ask_port(const struct uct_joining *j, const struct uct_ports *ports, uint32_t source, uint32_t peer, int64_t time,
                     size_t *found, uint32_t *value)
{
    size_t call = uct_ports_find(ports, j->s->items[source], uct_links_port(j->c->links, peer), time);
    if (call == SIZE_MAX)
        return;
    *found = *found == SIZE_MAX || *found == call ? call : SIZE_MAX - 1;
    *value = peer;
}

static size_t by_port(const struct uct_joining *j, const struct uct_ports *ports, const struct uct_known *peers, size_t npeers,
                      uint32_t edge, uint32_t *value)
{
    const struct uct_call *c = uct_join_at(j, edge);
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < npeers && i < PEERS_MOST; i++)
        ask_port(j, ports, peers[i].source, peers[i].value, peers[i].time, &found, value);
    for (size_t i = 0; i < c->nrefs && i < PEERS_MOST; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->method == c->method && m->remote)
            ask_port(j, ports, c->refs[i].source, m->remote, c->refs[i].time, &found, value);
    }
    if (found >= SIZE_MAX - 1)
        return SIZE_MAX;
    const struct uct_call *other = uct_join_at(j, found);
    const struct uct_intern *t = j->s->strings;
    bool other_from = c->from && other->from &&
                      !uct_ties_same_uri(uct_interned(t, c->from), uct_interned(t, other->from));
    return !only_edge(j, other) && !uct_legs_share_box(j, c, other) && other->method == c->method &&
           !other_from && !other_cseq(c, other) && uct_legs_same_user(j, c, other) ? found : SIZE_MAX;
}

static bool list_peered(struct uct_joining *j, struct uct_ports *ports, const bool *keeps, struct peered *v,
                        size_t *n)
{
    const struct uct_ties *t = j->c->ties;
    size_t k = t->from[UCT_KNOWN_PEER], end = t->from[UCT_KNOWN_PEER + 1];
    for (size_t i = 0; i < j->c->n; i++) {
        size_t from = k;
        while (k < end && t->v[k].call == i)
            k++;
        uint32_t value = 0;
        if (!uct_join_is_dialog(j->s, &j->c->items[i]) || !only_edge(j, uct_join_at(j, i)) ||
            keeps[j->c->links->box[uct_join_at(j, i)->refs[0].source]])
            continue;
        if (!ports->listed && uct_ports_list(j->s, j->c, ports) != UCT_OK)
            return false;
        size_t other = by_port(j, ports, k > from ? t->v + from : NULL, k - from, (uint32_t)i, &value);
        if (other != SIZE_MAX)
            v[(*n)++] = (struct peered){(uint32_t)i, (uint32_t)other, value};
    }
    return true;
}

bool uct_join_ports(struct uct_joining *j)
{
    struct uct_ports ports = {0};
    struct peered *v = malloc((j->c->n + 1) * sizeof *v);
    bool *keeps = list_keepers(j);
    size_t n = 0;
    bool ok = v && keeps && list_peered(j, &ports, keeps, v, &n);
    if (ok && n > 1)
        qsort(v, n, sizeof *v, by_expressway);
    for (size_t i = 0, k; i < n && ok; i = k) {
        for (k = i + 1; k < n && v[k].expressway == v[i].expressway; k++)
            ;
        ok = k - i > 1 || uct_join_connect(j, v[i].edge, v[i].expressway, "peer-port", v[i].peer, UCT_LIKELY);
    }
    uct_ports_free(&ports);
    free(keeps);
    free(v);
    return ok;
}

/* ---- parties -------------------------------------------------------------- */

#define FROMLESS_MS 150      /* a summary line does not say who calls; without an answer nothing is nested */

static uint64_t text_hash(const struct uct_joining *j, uint32_t id)
{
    struct uct_slice v = uct_interned(j->s->strings, id);
    uint64_t h = 0;
    for (size_t i = 0; i < v.n; i++)
        h = uct_hash_mix(h, uct_lower((unsigned char)v.p[i]));
    return h;
}

static bool same_text(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    return a == b || uct_slice_ieq(uct_interned(j->s->strings, a), uct_interned(j->s->strings, b));
}

static bool soon_after(int64_t a, int64_t b, int64_t ms)
{
    return b >= a && b - a <= ms;
}

/* In one box: b came from where a had gone, soon; its answer was the other's, and so was its end. */
static bool lies_within(const struct uct_way *a, const struct uct_way *b, bool from_known)
{
    if (a->box != b->box || !a->to || a->to != b->from || a->went == UCT_NO_TIME || b->came == UCT_NO_TIME)
        return false;
    bool answered = a->final != UCT_NO_TIME && b->final != UCT_NO_TIME;
    bool ended = a->bye != UCT_NO_TIME && b->bye != UCT_NO_TIME;
    bool rang_first = a->ringing != UCT_NO_TIME && b->ringing != UCT_NO_TIME && a->ringing < b->ringing;
    return !rang_first && soon_after(a->went, b->came, answered && from_known ? PARTIES_MS : FROMLESS_MS) &&
           (!answered || soon_after(b->final, a->final, RELAYED_MS)) &&
           (!ended || llabs(a->bye - b->bye) <= RELAYED_MS);
}

/* Both name the conversation, and not the same one: Session-IDs of which no half is equal, or Ms-Conversation-IDs. */
bool uct_join_are_others(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = uct_join_at(j, a), *y = uct_join_at(j, b);
    uint32_t p = 0, q = 0;
    for (size_t i = 0; i < x->nrefs && !p; i++)
        p = x->refs[i].msg ? x->refs[i].msg->conversation : 0;
    for (size_t i = 0; i < y->nrefs && !q; i++)
        q = y->refs[i].msg ? y->refs[i].msg->conversation : 0;
    return (p && q && p != q) || uct_join_other_session(j, a, b);
}

/* b is the leg of a behind a B2BUA.  It may go back to where a came from, as CUCM sends calls on; where nobody says
 * who calls, those may be two calls that cross. */
static bool is_next_leg(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = uct_join_at(j, a), *y = uct_join_at(j, b);
    struct uct_way v[UCT_WAYS], w[UCT_WAYS];
    bool from_known = x->from && y->from, found = false;
    if (x->status != y->status || !same_text(j, x->to, y->to) || (from_known && !same_text(j, x->from, y->from)))
        return false;
    size_t nv = uct_legs_ways(j, x, v), nw = uct_legs_ways(j, y, w);
    for (size_t i = 0; i < nv && !found; i++)
        for (size_t k = 0; k < nw && !found; k++)
            found = !j->unsure[v[i].box] && lies_within(&v[i], &w[k], from_known);
    return found && (from_known || !uct_legs_turned(j, b, a)) && !uct_join_are_others(j, a, b);
}

static uint32_t party(const struct uct_calls *c, uint32_t call)
{
    return c->items[call].from ? c->items[call].from : c->items[call].to;
}

/* Each with the only one it can be. */
bool uct_join_parties(struct uct_joining *j)
{
    const struct uct_calls *c = j->c;
    struct uct_keys *l = &j->l;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].to && c->items[i].start != UCT_NO_TIME && uct_join_is_dialog(j->s, &c->items[i]) &&
            !uct_join_add(j, text_hash(j, c->items[i].to), (uint32_t)i, c->items[i].to, 0))
            return false;
    uct_join_sort(l);
    uint32_t *next = calloc(l->n + 1, sizeof *next), *before = calloc(l->n + 1, sizeof *before);
    bool ok = next && before;
    for (size_t i = 0; ok && i < l->n; i++)
        for (size_t k = i + 1; k < l->n && k <= i + UCT_NEAR && l->v[k].key == l->v[i].key; k++) {
            if (l->v[k].start - l->v[i].start > UCT_LEG_MS)
                break;
            if (!is_next_leg(j, l->v[i].call, l->v[k].call))
                continue;
            next[i] = next[i] ? UINT32_MAX : (uint32_t)k;
            before[k] = before[k] ? UINT32_MAX : (uint32_t)i + 1;
        }
    for (size_t i = 0; ok && i < l->n; i++)
        if (next[i] && next[i] != UINT32_MAX && before[next[i]] == i + 1)
            ok = uct_join_connect(j, l->v[i].call, l->v[next[i]].call, "parties", party(c, l->v[i].call), UCT_POSSIBLE);
    free(next);
    free(before);
    l->n = 0;
    return ok;
}
