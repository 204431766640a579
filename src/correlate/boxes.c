/* Boxes.  A box is what one or several sources are the log of: same host name in the
 * records, one rotated set, or the excerpts of one document that share an address.
 *
 * Addresses lead to boxes because a box logged them as its own, because both
 * ends of a hop logged one message, or because an edge's diagnostic names
 * as its peer the port that an Expressway sent from. */
#include "boxes.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORDS 16               /* diagnostic records of a call that are asked for their peer */

/* ---- addresses ------------------------------------------------------------- */

/* "192.0.2.1:5061", "[2001:db8::1]:5061", "edge.example.com:5061" without port. */
static struct uct_slice host_of(struct uct_slice s, uint64_t *port)
{
    const char *colon = s.n ? memrchr(s.p, ':', s.n) : NULL;
    *port = 0;
    if (colon && (s.p[0] == '[' ? colon[-1] == ']' : memchr(s.p, ':', s.n) == colon)) {
        size_t n = (size_t)(colon - s.p);
        uct_slice_u64(uct_slice(colon + 1, s.n - n - 1), port);
        s.n = n;
    }
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
        s = uct_slice(s.p + 1, s.n - 2);
    while (s.n && s.p[s.n - 1] == '.')
        s.n--;
    return s;
}

static bool loopback(struct uct_slice host)
{
    return uct_slice_starts(host, UCT_S("127.")) || uct_slice_eq(host, UCT_S("::1"));
}

/* Room for element `at` of an array of numbers, new ones 0. */
static bool reach(uint32_t **v, size_t *cap, size_t at)
{
    if (at < *cap)
        return true;
    size_t most = at * 2 + 64;
    uint32_t *p = realloc(*v, most * sizeof *p);
    if (!p)
        return false;
    memset(p + *cap, 0, (most - *cap) * sizeof *p);
    *v = p;
    *cap = most;
    return true;
}

uint32_t uct_box_address(struct uct_boxes *b, struct uct_slice s, uint64_t *port)
{
    char low[256];
    struct uct_slice h = host_of(s, port);
    if (!h.n || h.n > sizeof low || loopback(h))
        return 0;
    for (size_t i = 0; i < h.n; i++)
        low[i] = (char)uct_lower((unsigned char)h.p[i]);
    uint32_t id = uct_intern(b->names, uct_slice(low, h.n));
    if (id && id < UCT_HOP_ADDRESS && reach(&b->owner, &b->cowner, id))
        return id;
    b->failed = true;
    return 0;
}

/* The same as uct_box_address() for a string of the rows. */
static uint32_t address_of(struct uct_boxes *b, uint32_t id, uint64_t *port)
{
    if (id >= b->nmemo)
        return uct_box_address(b, uct_interned(b->s->strings, id), port);
    if (!b->memo_host[id]) {
        uint32_t a = uct_box_address(b, uct_interned(b->s->strings, id), port);
        b->memo_host[id] = a + 1;
        b->memo_port[id] = *port <= UINT16_MAX ? (uint16_t)*port : 0;
    }
    *port = b->memo_port[id];
    return b->memo_host[id] - 1;
}

static void leads_to(struct uct_boxes *b, uint32_t address, uint32_t box)
{
    if (!address || b->owner[address])
        return;
    b->owner[address] = box + 1;
    if (!b->items[box].address)
        b->items[box].address = address;
}

uint32_t uct_box_owner(const struct uct_boxes *b, uint32_t address)
{
    return address && b->owner[address] ? b->owner[address] - 1 : UINT32_MAX;
}

/* ---- which source belongs to which box ------------------------------------------ */

static enum uct_box_kind kind_of(const struct uct_source *s)
{
    if (s->parser == &uct_parser_expressway)
        return UCT_BOX_EXPRESSWAY;
    if (s->parser == &uct_parser_lync_server || s->parser == &uct_parser_windows_event)
        return UCT_BOX_MICROSOFT;
    return s->parser == &uct_parser_uccapi ? UCT_BOX_CLIENT : UCT_BOX_OTHER;
}

static uint32_t host_name(const struct uct_boxes *b, const struct uct_source *s)
{
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].host &&
            !uct_slice_ieq(uct_interned(b->s->strings, s->blocks[i].host), UCT_S("localhost")))
            return s->blocks[i].host;
    return 0;
}

struct names { struct uct_buf v[3]; };

/* By what this source's box may be known already: its host, its rotated set; of an excerpt
 * without a host its address, else its document. */
static void list_keys(struct uct_boxes *b, const struct uct_source *s, uint32_t host, const struct uct_ref *r,
                      struct names *out)
{
    int kind = (int)kind_of(s);
    uint64_t port;
    uint32_t local = r->msg ? address_of(b, r->msg->local, &port) : 0;
    char name[64];
    uct_machine_name(uct_interned(b->s->strings, host), name, sizeof name);
    if (*name)
        uct_buf_addf(&out->v[0], "host %d %s", kind, name);
    if (s->set)
        uct_buf_addf(&out->v[1], "set %d %s", kind, s->set);
    if (s->document && !host && local)
        uct_buf_addf(&out->v[2], "at %d %u %s", kind, local, s->document->name);
    else if (s->document && !host)
        uct_buf_addf(&out->v[2], "in %d %s", kind, s->document->name);
}

static uint32_t *by_key(struct uct_boxes *b, const struct uct_buf *key)
{
    uint32_t id = key->n && !key->failed ? uct_intern(b->keys, uct_slice(key->p, key->n)) : 0;
    b->failed |= key->failed || (key->n && (!id || !reach(&b->of_key, &b->ckeys, id)));
    return id && !b->failed ? &b->of_key[id] : NULL;
}

static uint32_t find_box(struct uct_boxes *b, const struct uct_source *s, const struct uct_ref *r)
{
    struct names keys = {0};
    uint32_t host = host_name(b, s), box = 0;
    list_keys(b, s, host, r, &keys);
    for (size_t i = 0; i < 3 && !box; i++) {
        uint32_t *at = by_key(b, &keys.v[i]);
        box = at ? *at : 0;
    }
    if (!box && UCT_ROOM(b->items, b->n, b->cap)) {
        b->items[b->n++] = (struct uct_box){.kind = kind_of(s), .host = host};
        box = (uint32_t)b->n;
    }
    b->failed |= !box;
    for (size_t i = 0; i < 3; i++) {
        uint32_t *at = by_key(b, &keys.v[i]);
        if (at && !*at)
            *at = box;
        uct_buf_free(&keys.v[i]);
    }
    return box;
}

uint32_t uct_box_of(struct uct_boxes *b, const struct uct_ref *r)
{
    if (!b->of_source[r->source])
        b->of_source[r->source] = find_box(b, b->s->items[r->source], r);
    return b->of_source[r->source] ? b->of_source[r->source] - 1 : 0;
}

bool uct_box_b2bua(const struct uct_boxes *b, const struct uct_msg *m)
{
    return m->process && uct_slice_ifind(uct_interned(b->s->strings, m->process), UCT_S("b2bua")) != SIZE_MAX;
}

/* ---- learning ------------------------------------------------------------------- */

static bool traversal_port(uint64_t port)
{
    return port >= 7001 && port <= 7010;
}

static void see_b2bua(struct uct_boxes *b, const struct uct_ref *r)
{
    uint64_t remote;
    struct uct_box *x = &b->items[uct_box_of(b, r)];
    address_of(b, r->msg->remote, &remote);
    if (!b->failed && !x->b2bua && x->kind == UCT_BOX_EXPRESSWAY)
        x->b2bua = remote == 5071 || remote == 5073 || uct_box_b2bua(b, r->msg);
}

/* Own addresses, and what the ports say. */
static void learn_sighting(struct uct_boxes *b, const struct uct_ref *r)
{
    uint32_t box = uct_box_of(b, r);
    uint64_t local, remote;
    if (b->failed || !r->msg || r->msg->dir == UCT_DIR_UNKNOWN)
        return;
    leads_to(b, address_of(b, r->msg->local, &local), box);
    address_of(b, r->msg->remote, &remote);
    struct uct_box *x = &b->items[box];
    see_b2bua(b, r);
    x->e += traversal_port(local) ? 4 : 0;
    x->c += traversal_port(remote) ? 4 : 0;
}

/* Both ends of a hop: each remote address is the other box. */
static void learn_hop(struct uct_boxes *b, const struct uct_ref *out, const struct uct_ref *in)
{
    uint64_t port;
    uint32_t from = uct_box_of(b, out), to = uct_box_of(b, in);
    if (from == to || b->failed)
        return;
    leads_to(b, address_of(b, out->msg->remote, &port), to);
    leads_to(b, address_of(b, in->msg->remote, &port), from);
}

static void take_hint(struct uct_boxes *b, uint32_t box, unsigned hint)
{
    if (box == UINT32_MAX || hint == UCT_HINT_NONE)
        return;
    struct uct_box *x = &b->items[box];
    x->c += hint == UCT_HINT_C ? 3 : hint == UCT_HINT_PERHAPS_C ? 1 : 0;
    x->e += hint == UCT_HINT_E ? 3 : hint == UCT_HINT_PERHAPS_E ? 2 : 0;
    x->edge += hint == UCT_HINT_EDGE;
}

/* Whose zones a message names.  A request's top Via is its sender's, a response's that of who gets it; the
 * zone it came in by stands in a Via of who forwards or answers.  A traversal port at one end says what the
 * other end is, too. */
static void learn_roles(struct uct_boxes *b, const struct uct_ref *r)
{
    uint64_t local, remote;
    if (!r->msg || r->msg->dir == UCT_DIR_UNKNOWN) {
        if (r->msg && (r->msg->zones >> 2 & 7) == UCT_HINT_EDGE)
            take_hint(b, uct_box_of(b, r), UCT_HINT_EDGE);
        return;
    }
    uint32_t near = uct_box_of(b, r);
    address_of(b, r->msg->local, &local);
    uint32_t far = uct_box_owner(b, address_of(b, r->msg->remote, &remote));
    unsigned egress = r->msg->zones >> 2 & 7, ingress = r->msg->zones >> 5;
    bool sent = r->msg->dir == UCT_DIR_OUT, request = r->msg->status == 0;
    if (b->failed)
        return;
    take_hint(b, egress == UCT_HINT_EDGE || sent == request ? near : far, egress);
    take_hint(b, sent ? near : far, ingress);
    if (far != UINT32_MAX && far != near) {
        b->items[far].c += traversal_port(local) ? 4 : 0;
        b->items[far].e += traversal_port(remote) ? 4 : 0;
    }
}

static bool rtc_server(const struct uct_boxes *b, const struct uct_msg *m)
{
    return m->server && uct_slice_find(uct_interned(b->s->strings, m->server), UCT_S("RTC/")) != SIZE_MAX;
}

/* A diagnostic record in a call: the far end of who sent from its Peer's port,
 * or, where its log shows no message at all, of who got an answer of its kind. */
static void learn_record(struct uct_boxes *b, const struct uct_call *c, const struct uct_ref *record)
{
    uint32_t box = uct_box_of(b, record);
    uint64_t peer_port, local, port;
    uint32_t peer = address_of(b, record->record->peer, &peer_port);
    for (size_t i = 0; i < c->nrefs && !b->failed; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (!r->msg || r->msg->dir == UCT_DIR_UNKNOWN || uct_box_of(b, r) == box)
            continue;
        address_of(b, r->msg->local, &local);
        uint32_t near = uct_box_of(b, r), remote = address_of(b, r->msg->remote, &port);
        bool by_port = peer_port && local == peer_port;
        bool answered = r->msg->dir == UCT_DIR_IN && !b->items[box].address && rtc_server(b, r->msg);
        if (b->failed || !(by_port || answered))
            continue;
        leads_to(b, remote, box);
        if (by_port)
            leads_to(b, peer, near);
    }
}

/* The first request of the call that each box got and sent; of a box without one its first message either
 * way.  These stay of a call that shrinks, so that what is learnt and told is the same whether it did. */
enum { PICKS = 64 };

struct picks {
    const struct uct_ref *v[PICKS];
    size_t n;
};

static bool picked(const struct picks *p, size_t most, uint32_t source, const uint8_t *dir)
{
    for (size_t i = 0; i < most; i++)
        if (p->v[i]->source == source && (!dir || p->v[i]->msg->dir == *dir))
            return true;
    return false;
}

static void pick(const struct uct_call *c, struct picks *p)
{
    p->n = 0;
    for (size_t pass = 0, requests = 0; pass < 2; pass++, requests = p->n)
        for (size_t i = 0; i < c->nrefs && p->n < PICKS; i++) {
            const struct uct_ref *r = &c->refs[i];
            if (!r->msg || (pass == 0 && (r->msg->status || r->msg->method != c->method)))
                continue;
            if (pass == 1 && picked(p, requests, r->source, NULL))
                continue;
            if (!picked(p, p->n, r->source, &r->msg->dir))
                p->v[p->n++] = r;
        }
}

static void learn_hops(struct uct_boxes *b, const struct picks *p)
{
    for (size_t i = 0; i < p->n && !b->failed; i++)
        for (size_t k = 0; k < p->n && !b->failed; k++)
            if (p->v[i]->group && p->v[i]->group == p->v[k]->group && p->v[i]->msg->dir == UCT_DIR_OUT &&
                p->v[k]->msg->dir == UCT_DIR_IN)
                learn_hop(b, p->v[i], p->v[k]);
}

static void learn_records(struct uct_boxes *b, const struct uct_call *c)
{
    size_t records = 0;
    for (size_t k = 0; k < c->nrefs && records < RECORDS && !b->failed; k++)
        if (c->refs[k].record) {
            learn_record(b, c, &c->refs[k]);
            records++;
        }
}

/* A call that did not end well keeps all its rows: all of them teach. */
static bool keeps_all(const struct uct_call *c)
{
    return c->outcome != UCT_ANSWERED;
}

static void learn_own(struct uct_boxes *b, const struct uct_call *c)
{
    struct picks p;
    pick(c, &p);
    for (size_t k = 0; k < p.n && !keeps_all(c) && !b->failed; k++)
        learn_sighting(b, p.v[k]);
    for (size_t k = 0; k < c->nrefs && keeps_all(c) && !b->failed; k++)
        learn_sighting(b, &c->refs[k]);
    for (size_t k = 0; k < c->nrefs && !b->failed; k++)      /* a box of records alone has a name, too */
        uct_box_of(b, &c->refs[k]);
}

static void learn_far(struct uct_boxes *b, const struct uct_call *c)
{
    struct picks p;
    pick(c, &p);
    learn_hops(b, &p);
    learn_records(b, c);
}

static void learn_role(struct uct_boxes *b, const struct uct_call *c)
{
    struct picks p;
    pick(c, &p);
    for (size_t k = 0; k < p.n && !keeps_all(c) && !b->failed; k++)
        learn_roles(b, p.v[k]);
    for (size_t k = 0; k < c->nrefs && keeps_all(c) && !b->failed; k++)
        learn_roles(b, &c->refs[k]);
}

/* Every call of the input teaches who is who: own addresses first, they are sure. */
static void learn_all(struct uct_boxes *b, const struct uct_calls *c)
{
    static void (*const steps[])(struct uct_boxes *, const struct uct_call *) = {learn_own, learn_far,
                                                                                 learn_role};
    struct uct_view view = {0};
    for (size_t s = 0; s < 3; s++)
        for (size_t i = 0; i < c->n && !b->failed && (steps[s] != learn_far || b->n > 1); i++) {
            steps[s](b, uct_calls_show(c, i, &view));
            b->failed |= view.failed;
        }
    uct_view_free(&view);
}

bool uct_boxes_add_call(struct uct_boxes *b, const struct uct_call *c)
{
    const struct uct_ref **ends = calloc(2 * (c->messages + 1u), sizeof *ends);
    b->failed |= !ends;
    for (size_t k = 0; k < c->nrefs && !b->failed; k++) {
        const struct uct_ref *r = &c->refs[k];
        if (!r->msg || r->msg->dir == UCT_DIR_UNKNOWN)
            continue;
        see_b2bua(b, r);
        uint64_t port;
        leads_to(b, address_of(b, r->msg->local, &port), uct_box_of(b, r));
        if (r->group && r->group <= c->messages && !ends[2 * r->group + (r->msg->dir == UCT_DIR_IN)])
            ends[2 * r->group + (r->msg->dir == UCT_DIR_IN)] = r;
    }
    for (size_t k = 0; k < c->nrefs && !b->failed; k++) {       /* in time: a group's number says nothing */
        const struct uct_ref **end = c->refs[k].group <= c->messages ? &ends[2 * c->refs[k].group] : NULL;
        if (!end || !c->refs[k].group)
            continue;
        if (end[0] && end[1])
            learn_hop(b, end[0], end[1]);
        end[0] = end[1] = NULL;
    }
    free(ends);
    return !b->failed;
}

/* ---- names -------------------------------------------------------------------------- */

static const char *role(const struct uct_box *x, size_t servers, size_t edges)
{
    switch (x->kind) {
    case UCT_BOX_EXPRESSWAY: return x->c > x->e ? "C" : x->e > x->c ? "E" : "exp";
    case UCT_BOX_MICROSOFT: return x->edge || servers == 1 ? "edge" : edges ? "FE" : "server";
    case UCT_BOX_CLIENT: return "client";
    default: return "log";
    }
}

static unsigned *counter(unsigned counts[8], const char *role)
{
    static const char *const roles[] = {"C", "E", "exp", "edge", "FE", "server", "client", "log"};
    size_t i = 0;
    while (i < 7 && strcmp(roles[i], role) != 0)
        i++;
    return &counts[i];
}

static void name_boxes(struct uct_boxes *b)
{
    size_t servers = 0, edges = 0;
    unsigned counts[8] = {0};
    for (size_t i = 0; i < b->n; i++) {
        servers += b->items[i].kind == UCT_BOX_MICROSOFT;
        edges += b->items[i].kind == UCT_BOX_MICROSOFT && b->items[i].edge;
    }
    for (size_t i = 0; i < b->s->n; i++) {
        struct uct_box *x = b->of_source[i] ? &b->items[b->of_source[i] - 1] : NULL;
        if (!x || x->number)
            continue;
        x->role = role(x, servers, edges);
        x->number = ++*counter(counts, x->role);
    }
    for (size_t i = 0; i < b->n; i++)
        if (*counter(counts, b->items[i].role) == 1)
            b->items[i].number = 0;
}

void uct_box_name(struct uct_buf *out, const struct uct_box *box)
{
    uct_buf_adds(out, box->role);
    if (box->number)
        uct_buf_addf(out, "%u", box->number);
}

enum uct_status uct_boxes_learn(struct uct_boxes *b, const struct uct_sources *s, const struct uct_calls *c)
{
    *b = (struct uct_boxes){.s = s,
                            .of_source = calloc(s->n + 1, sizeof *b->of_source),
                            .keys = uct_intern_new(),
                            .names = uct_intern_new(),
                            .nmemo = uct_intern_count(s->strings) + 1};
    b->memo_host = calloc(b->nmemo, sizeof *b->memo_host);
    b->memo_port = calloc(b->nmemo, sizeof *b->memo_port);
    b->failed = !b->of_source || !b->keys || !b->names || !b->memo_host || !b->memo_port ||
                !reach(&b->owner, &b->cowner, 0);
    if (!b->failed)
        learn_all(b, c);
    if (!b->failed)
        name_boxes(b);
    return b->failed ? UCT_FATAL : UCT_OK;
}

void uct_boxes_free(struct uct_boxes *b)
{
    free(b->items);
    free(b->of_source);
    free(b->of_key);
    free(b->owner);
    free(b->memo_host);
    free(b->memo_port);
    uct_intern_free(b->keys);
    uct_intern_free(b->names);
    *b = (struct uct_boxes){0};
}

/* ---- the way of a call ------------------------------------------------------------------- */

static size_t position(const uint32_t *v, size_t n, uint32_t hop)
{
    size_t i = 0;
    while (i < n && v[i] != hop)
        i++;
    return i;
}

/* A new one stands before who it sends to, and behind who it gets something from. */
static size_t insert(uint32_t *v, size_t n, uint32_t hop, size_t at)
{
    if (n == UCT_PATH_MAX)
        return n;
    memmove(v + at + 1, v + at, (n - at) * sizeof *v);
    v[at] = hop;
    return n + 1;
}

static size_t add_hop(uint32_t *v, size_t n, uint32_t from, uint32_t to)
{
    if (from != to && position(v, n, from) == n)
        n = insert(v, n, from, position(v, n, to));
    if (position(v, n, to) == n)
        n = insert(v, n, to, n);
    return n;
}

static size_t add_sighting(struct uct_boxes *b, const struct uct_ref *r, uint32_t *v, size_t n)
{
    uint64_t port;
    uint32_t near = uct_box_of(b, r), address = address_of(b, r->msg->remote, &port);
    uint32_t far = uct_box_owner(b, address);
    if (far == UINT32_MAX)
        far = address ? address | UCT_HOP_ADDRESS : near;
    bool forth = (r->msg->dir == UCT_DIR_OUT) == (r->msg->status == 0);
    return forth ? add_hop(v, n, near, far) : add_hop(v, n, far, near);
}

size_t uct_call_path(struct uct_boxes *b, const struct uct_call *c, uint32_t out[UCT_PATH_MAX])
{
    struct picks p;
    size_t n = 0;
    pick(c, &p);
    for (size_t i = 0; i < p.n && n < UCT_PATH_MAX && !b->failed; i++)
        if (p.v[i]->msg->dir != UCT_DIR_UNKNOWN)
            n = add_sighting(b, p.v[i], out, n);
    for (size_t i = 0; i < c->nrefs && n < UCT_PATH_MAX && !b->failed; i++) {
        const struct uct_ref *r = &c->refs[i];
        if ((r->record || r->msg->dir == UCT_DIR_UNKNOWN) && position(out, n, uct_box_of(b, r)) == n)
            n = insert(out, n, uct_box_of(b, r), n);
    }
    return n;
}
