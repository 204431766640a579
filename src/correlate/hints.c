/* Joins of calls that have no id in common: the last resort. */
#include "joining.h"

#include "links.h"
#include "port.h"
#include "ties.h"

#include <stdlib.h>

#define PARTIES_MS 2000

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
    const struct uct_call *c = &j->c->items[edge];
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
    const struct uct_call *other = &j->c->items[found];
    return !only_edge(j, other) && !uct_legs_share_box(j, c, other) && other->method == c->method &&
           uct_legs_same_user(j, c, other) ? found : SIZE_MAX;
}

static bool list_peered(struct uct_joining *j, struct uct_ports *ports, struct peered *v, size_t *n)
{
    const struct uct_ties *t = j->c->ties;
    size_t k = t->from[UCT_KNOWN_PEER], end = t->from[UCT_KNOWN_PEER + 1];
    for (size_t i = 0; i < j->c->n; i++) {
        size_t from = k;
        while (k < end && t->v[k].call == i)
            k++;
        uint32_t value = 0;
        if (!uct_join_is_dialog(j->s, &j->c->items[i]) || !only_edge(j, &j->c->items[i]))
            continue;
        if (!ports->listed && uct_ports_list(j->s, j->c, ports) != UCT_OK)
            return false;
        size_t other = by_port(j, ports, t->v + from, k - from, (uint32_t)i, &value);
        if (other != SIZE_MAX)
            v[(*n)++] = (struct peered){(uint32_t)i, (uint32_t)other, value};
    }
    return true;
}

bool uct_join_ports(struct uct_joining *j)
{
    struct uct_ports ports = {0};
    struct peered *v = malloc((j->c->n + 1) * sizeof *v);
    size_t n = 0;
    bool ok = v && list_peered(j, &ports, v, &n);
    if (ok && n > 1)
        qsort(v, n, sizeof *v, by_expressway);
    for (size_t i = 0, k; i < n && ok; i = k) {
        for (k = i + 1; k < n && v[k].expressway == v[i].expressway; k++)
            ;
        ok = k - i > 1 || uct_join_connect(j, v[i].edge, v[i].expressway, "peer-port", v[i].peer, UCT_LIKELY);
    }
    uct_ports_free(&ports);
    free(v);
    return ok;
}

/* ---- parties -------------------------------------------------------------- */

static uint64_t parties_key(const struct uct_joining *j, const struct uct_call *c)
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

static bool same_text(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    return a == b || uct_slice_ieq(uct_interned(j->s->strings, a), uct_interned(j->s->strings, b));
}

/* b is the leg of a behind a B2BUA: it came from where a went, later, and was answered before. */
static bool is_next_leg(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = &j->c->items[a], *y = &j->c->items[b];
    return uct_legs_same_clock(j, a, b) && y->start - x->start <= PARTIES_MS && same_text(j, x->from, y->from) &&
           same_text(j, x->to, y->to) && x->status == y->status && uct_legs_final(y) <= uct_legs_final(x) && uct_legs_turned(j, a, b) &&
           !uct_legs_turned(j, b, a);
}

/* Each with the only one it can be. */
bool uct_join_parties(struct uct_joining *j)
{
    const struct uct_calls *c = j->c;
    struct uct_keys *l = &j->l;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].from && c->items[i].to && c->items[i].start != UCT_NO_TIME && uct_join_is_dialog(j->s, &c->items[i]) &&
            !uct_join_add(j, parties_key(j, &c->items[i]), (uint32_t)i, c->items[i].from, 0))
            return false;
    uct_join_sort(l);
    uint32_t *next = calloc(l->n + 1, sizeof *next), *before = calloc(l->n + 1, sizeof *before);
    bool ok = next && before;
    for (size_t i = 0; ok && i < l->n; i++)
        for (size_t k = i + 1; k < l->n && k <= i + UCT_NEAR && l->v[k].key == l->v[i].key; k++) {
            if (l->v[k].start - l->v[i].start > PARTIES_MS)
                break;
            if (!is_next_leg(j, l->v[i].call, l->v[k].call))
                continue;
            next[i] = next[i] ? UINT32_MAX : (uint32_t)k;
            before[k] = before[k] ? UINT32_MAX : (uint32_t)i + 1;
        }
    for (size_t i = 0; ok && i < l->n; i++)
        if (next[i] && next[i] != UINT32_MAX && before[next[i]] == i + 1)
            ok = uct_join_connect(j, l->v[i].call, l->v[next[i]].call, "parties", l->v[i].value, UCT_POSSIBLE);
    free(next);
    free(before);
    l->n = 0;
    return ok;
}
