/* Boxes, and where their addresses lead. */
#include "links.h"

#include <stdlib.h>

#define SERVER_PORTS 5100         /* ports up to here, and 7001-7100 of traversal zones, are servers': many share them */

static bool same_box(const struct uct_source *a, const struct uct_source *b)
{
    return a->set && b->set && strcmp(a->set, b->set) == 0 && a->parser == b->parser;
}

enum uct_status uct_links_new(struct uct_links *l, const struct uct_sources *s)
{
    *l = (struct uct_links){.nids = uct_intern_count(s->strings) + 32, .strings = s->strings, .nslots = 64};
    l->box = malloc((s->n + 1) * sizeof *l->box);
    l->last = malloc((s->n + 1) * sizeof *l->last);
    l->host_of = calloc(l->nids + 1u, sizeof *l->host_of);
    l->slots = calloc(l->nslots, sizeof *l->slots);
    if (!l->box || !l->last || !l->host_of || !l->slots)
        return UCT_FATAL;
    for (size_t i = 0; i < s->n; i++) {
        l->box[i] = (uint32_t)i;
        for (size_t k = i; k-- > 0 && i - k < 64 && s->items[i]->set;)
            if (same_box(s->items[i], s->items[k])) {
                l->box[i] = l->box[k];
                break;
            }
        l->nboxes += l->box[i] == i && s->items[i]->nblocks;
        int64_t last = s->items[i]->last;
        if (l->box[i] == i || (last != UCT_NO_TIME && last > l->last[l->box[i]]))
            l->last[l->box[i]] = last;
    }
    return UCT_OK;
}

void uct_links_free(struct uct_links *l)
{
    free(l->box);
    free(l->last);
    free(l->host_of);
    free(l->slots);
    *l = (struct uct_links){0};
}

/* Length of the host in "host:port", "[v6]:port", "host"; a bare IPv6 address has no port. */
static size_t host_length(struct uct_slice a)
{
    const char *colon = a.n ? memrchr(a.p, ':', a.n) : NULL;
    if (!colon || (a.p[0] != '[' && memchr(a.p, ':', (size_t)(colon - a.p))))
        return a.n;
    if (a.p[0] == '[' && colon > a.p && colon[-1] != ']')
        return a.n;
    return (size_t)(colon - a.p);
}

struct uct_slice uct_address_host(struct uct_slice address)
{
    return uct_slice(address.p, host_length(address));
}

uint32_t uct_links_host(const struct uct_links *l, uint32_t address)
{
    if (!address || address > l->nids)
        return 0;
    uint32_t *known = &l->host_of[address], host = __atomic_load_n(known, __ATOMIC_RELAXED);
    if (!host) {
        struct uct_slice a = uct_interned(l->strings, address);
        host = uct_intern(l->strings, uct_slice(a.p, host_length(a)));
        __atomic_store_n(known, host, __ATOMIC_RELAXED);       /* joins and findings ask at the same time */
    }
    return host;
}

uint32_t uct_links_port(const struct uct_links *l, uint32_t address)
{
    struct uct_slice a = uct_interned(l->strings, address);
    size_t n = host_length(a);
    uint64_t port = 0;
    if (n < a.n)
        uct_slice_u64(uct_slice(a.p + n + 1, a.n - n - 1), &port);
    return port <= 65535 ? (uint32_t)port : 0;
}

bool uct_links_loopback(const struct uct_links *l, uint32_t address)
{
    struct uct_slice a = uct_interned(l->strings, address);
    return uct_slice_starts(a, UCT_S("127.")) || uct_slice_starts(a, UCT_S("[::1]")) || uct_slice_starts(a, UCT_S("::1"));
}

/* ---- the table --------------------------------------------------------- */

static struct uct_link *slot_of(const struct uct_links *l, uint32_t box, uint32_t host)
{
    size_t i = (size_t)uct_hash_mix(box + 1u, host) & (l->nslots - 1);
    while (l->slots[i].host && (l->slots[i].host != host || l->slots[i].box != box))
        i = (i + 1) & (l->nslots - 1);
    return &l->slots[i];
}

static bool grow(struct uct_links *l)
{
    struct uct_link *old = l->slots;
    size_t n = l->nslots;
    if ((l->used + 1) * 2 < n)
        return true;
    l->slots = calloc(n * 2, sizeof *l->slots);
    if (!l->slots) {
        l->slots = old;
        return false;
    }
    l->nslots = n * 2;
    for (size_t i = 0; i < n; i++)
        if (old[i].host)
            *slot_of(l, old[i].box, old[i].host) = old[i];
    free(old);
    return true;
}

static bool add(struct uct_links *l, uint32_t box, uint32_t address, uint32_t peer, bool sent)
{
    uint32_t host = uct_links_host(l, address);
    if (!host || uct_links_loopback(l, address))
        return true;
    if (!grow(l))
        return false;
    struct uct_link *x = slot_of(l, box, host);
    l->used += !x->host;
    if (!x->host)
        *x = (struct uct_link){box, host, peer, 0};
    if (x->peer != peer)
        x->peer = UINT32_MAX;
    x->sent += sent && x->sent < UINT32_MAX;
    return true;
}

bool uct_links_add(struct uct_links *l, const struct uct_ref *sent, const struct uct_ref *got)
{
    uint32_t a = l->box[sent->source], b = l->box[got->source];
    return add(l, a, sent->msg->remote, b, true) && add(l, b, got->msg->remote, a, false);
}

const struct uct_link *uct_links_find(const struct uct_links *l, uint32_t box, uint32_t address)
{
    uint32_t host = uct_links_host(l, address);
    const struct uct_link *x = host ? slot_of(l, box, host) : NULL;
    return x && x->host ? x : NULL;
}

/* ---- evidence ---------------------------------------------------------- */

static bool is_ephemeral(uint32_t port)
{
    return port > SERVER_PORTS && !(port > 7000 && port <= 7100);
}

static bool leads(const struct uct_links *l, const struct uct_ref *from, uint32_t box)
{
    const struct uct_link *x = uct_links_find(l, l->box[from->source], from->msg->remote);
    return x && x->peer == box;
}

enum uct_evidence uct_links_evidence(const struct uct_links *l, const struct uct_ref *sent, const struct uct_ref *got)
{
    uint32_t s = sent->msg->local, r = sent->msg->remote, s2 = got->msg->remote, r2 = got->msg->local;
    if (uct_links_loopback(l, r) || uct_links_loopback(l, s2))
        return UCT_EVIDENCE_NONE;
    if ((s && s == s2) || (r && r == r2))
        return UCT_EVIDENCE_ADDRESS;
    uint32_t ps = s && s2 ? uct_links_port(l, s) : 0, pr = r && r2 ? uct_links_port(l, r) : 0;
    if ((ps && is_ephemeral(ps) && ps == uct_links_port(l, s2)) || (pr && is_ephemeral(pr) && pr == uct_links_port(l, r2)))
        return UCT_EVIDENCE_PORT;
    if (l->known && (leads(l, sent, l->box[got->source]) || leads(l, got, l->box[sent->source])))
        return UCT_EVIDENCE_LINK;
    /* Both ends translated: the port of a traversal zone is left. */
    bool traversal = (pr > 7000 && pr <= 7100 && pr == uct_links_port(l, r2)) ||
                     (ps > 7000 && ps <= 7100 && ps == uct_links_port(l, s2));
    return traversal ? UCT_EVIDENCE_SERVICE : UCT_EVIDENCE_NONE;
}
