/* Boxes, and where their addresses lead. */
#include "links.h"

#include <stdio.h>
#include <stdlib.h>

#define FILES_APART 64            /* the files of a set stand near each other, by their names */
#define SERVER_PORTS 5100         /* ports up to here, and 7001-7100 of traversal zones, are servers': many share them */

/* ---- boxes -------------------------------------------------------------- */

/* Files of one machine have its name.  Of Expressways, many of which have a name of the factory, and of traces that name
 * no machine one address of their own must be the same, too. */
struct named {
    uint32_t name, source;
    bool by_address;
};

#define ADDRESSES_MOST 16         /* of one name that are looked at */

static bool same_set(const struct uct_source *a, const struct uct_source *b)
{
    return a->set && b->set && strcmp(a->set, b->set) == 0 && a->parser == b->parser;
}

/* The first source of the box; ways are shortened. */
static uint32_t root_of(uint32_t *box, uint32_t i)
{
    while (box[i] != i)
        i = box[i] = box[box[i]];
    return i;
}

static void unite(uint32_t *box, uint32_t a, uint32_t b)
{
    a = root_of(box, a);
    b = root_of(box, b);
    box[a > b ? a : b] = a > b ? b : a;
}

static int by_name(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->name != y->name)
        return x->name < y->name ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

static bool has_messages(const struct uct_source *x)
{
    bool any = x->summaries.n > 0;
    for (size_t b = 0; b < x->nblocks && !any; b++)
        any = x->blocks[b].nmsgs || x->blocks[b].local[0];
    return any;
}

/* Files without a message belong to the one box that has their name, if it is one. */
static void unite_silent(const struct uct_sources *s, uint32_t *box, const struct named *v, size_t n)
{
    uint32_t one = UINT32_MAX;
    if (*uct_interned(s->strings, v[0].name).p == '/')       /* nothing says that they have the same name */
        return;
    for (size_t i = 0; i < n; i++) {
        if (!has_messages(s->items[v[i].source]))
            continue;
        if (one != UINT32_MAX && root_of(box, one) != root_of(box, v[i].source))
            return;
        one = v[i].source;
    }
    for (size_t i = 0; i < n; i++)
        if (!has_messages(s->items[v[i].source]))
            unite(box, one != UINT32_MAX ? one : v[0].source, v[i].source);
}

/* Unites files of one name, at once or where they share an address. */
static void unite_named(const struct uct_sources *s, uint32_t *box, const struct named *v, size_t n)
{
    struct { struct uct_slice host; uint32_t source; } known[ADDRESSES_MOST];
    size_t nknown = 0;
    for (size_t i = 0; i < n; i++) {
        const struct uct_source *x = s->items[v[i].source];
        if (!v[i].by_address)
            unite(box, v[0].source, v[i].source);
        for (size_t b = 0; v[i].by_address && b < x->nblocks; b++)
            for (unsigned k = 0; k < UCT_LOCALS && x->blocks[b].local[k]; k++) {
                struct uct_slice host = uct_address_host(uct_interned(s->strings, x->blocks[b].local[k]));
                size_t at = 0;
                while (at < nknown && !uct_slice_eq(known[at].host, host))
                    at++;
                if (at < nknown)
                    unite(box, known[at].source, v[i].source);
                else if (nknown < ADDRESSES_MOST) {
                    known[nknown].host = host;
                    known[nknown++].source = v[i].source;
                }
            }
    }
}

static bool unite_machines(struct uct_links *l, const struct uct_sources *s)
{
    struct named *v = malloc((s->n + 1) * sizeof *v);
    size_t n = 0;
    for (uint32_t i = 0; v && i < s->n; i++) {
        char name[72];
        const struct uct_source *x = s->items[i];
        bool nameless = !*x->machine;
        if (!x->parser || x->state == UCT_STATE_DUPLICATE || (nameless && x->parser != &uct_parser_lync_server))
            continue;
        snprintf(name, sizeof name, "%s/%.6s", x->machine, x->parser->name);
        v[n++] = (struct named){uct_intern(s->strings, uct_slice_str(name)), i,
                                nameless || x->parser == &uct_parser_expressway};
    }
    if (n > 1)
        qsort(v, n, sizeof *v, by_name);
    for (size_t i = 0, k; i < n; i = k) {
        for (k = i; k < n && v[k].name == v[i].name; k++)
            continue;
        if (k - i < 2)
            continue;
        for (size_t x = i; x < k; x++)
            for (size_t b = 0; b < s->items[v[x].source]->nblocks; b++)
                uct_block_locals(&s->items[v[x].source]->blocks[b], s->strings);
        unite_named(s, l->box, v + i, k - i);
        unite_silent(s, l->box, v + i, k - i);
    }
    bool ok = v != NULL;
    free(v);
    return ok;
}

/* Which sources are one box: the files of a set, and those of one machine. */
static bool find_boxes(struct uct_links *l, const struct uct_sources *s)
{
    for (uint32_t i = 0; i < s->n; i++) {
        l->box[i] = i;
        for (uint32_t k = i; k-- > 0 && i - k < FILES_APART && s->items[i]->set;)
            if (same_set(s->items[i], s->items[k])) {
                l->box[i] = l->box[k];
                break;
            }
    }
    if (!unite_machines(l, s))
        return false;
    for (uint32_t i = (uint32_t)s->n; i-- > 0;)
        l->box[i] = root_of(l->box, i);
    return true;
}

/* The sources of each box, in their order. */
static void chain(struct uct_links *l, size_t n, uint32_t *after)
{
    for (size_t i = 0; i < n; i++)
        after[i] = UINT32_MAX;
    for (size_t i = n; i-- > 0;) {
        l->next[i] = after[l->box[i]];
        after[l->box[i]] = (uint32_t)i;
    }
}

enum uct_status uct_links_new(struct uct_links *l, const struct uct_sources *s)
{
    *l = (struct uct_links){.nids = uct_intern_count(s->strings) + 32, .strings = s->strings, .nslots = 64};
    l->box = malloc((s->n + 1) * sizeof *l->box);
    l->next = malloc((s->n + 1) * 2 * sizeof *l->next);
    l->last = malloc((s->n + 1) * sizeof *l->last);
    l->host_of = calloc(l->nids + 1u, sizeof *l->host_of);
    l->slots = calloc(l->nslots, sizeof *l->slots);
    if (!l->box || !l->next || !l->last || !l->host_of || !l->slots || !find_boxes(l, s))
        return UCT_FATAL;
    chain(l, s->n, l->next + s->n);
    for (size_t i = 0; i < s->n; i++) {
        l->nboxes += l->box[i] == i && s->items[i]->nblocks;
        int64_t last = s->items[i]->several ? UCT_NO_TIME : s->items[i]->last;     /* not the last of each machine in it */
        if (l->box[i] == i || (last != UCT_NO_TIME && last > l->last[l->box[i]]))
            l->last[l->box[i]] = last;
    }
    return UCT_OK;
}

void uct_links_free(struct uct_links *l)
{
    free(l->box);
    free(l->next);
    free(l->last);
    free(l->host_of);
    free(l->slots);
    *l = (struct uct_links){0};
}

uint32_t uct_links_host(const struct uct_links *l, uint32_t address)
{
    if (!address || address > l->nids)
        return 0;
    uint32_t *known = &l->host_of[address], host = __atomic_load_n(known, __ATOMIC_RELAXED);
    if (!host) {
        struct uct_slice a = uct_interned(l->strings, address);
        host = uct_intern(l->strings, uct_address_host(a));
        __atomic_store_n(known, host, __ATOMIC_RELAXED);       /* joins and findings ask at the same time */
    }
    return host;
}

uint32_t uct_links_port(const struct uct_links *l, uint32_t address)
{
    struct uct_slice a = uct_interned(l->strings, address);
    size_t n = uct_address_host(a).n;
    uint64_t port = 0;
    if (n < a.n)
        uct_slice_u64(uct_slice(a.p + n + 1, a.n - n - 1), &port);
    return port <= 65535 ? (uint32_t)port : 0;
}

bool uct_links_loopback(const struct uct_links *l, uint32_t address)
{
    return uct_address_loopback(uct_interned(l->strings, address));
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
