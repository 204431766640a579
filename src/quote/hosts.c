/* Hosts: whose log a source is, who the far ends are, and what they are called.
 *
 * A box is what one or several sources are the log of: same host name in the
 * records, or one rotated set.  A box gives a lifeline for its proxy and one
 * for its B2BUA (process name, or the loop through its own address to 5071 or
 * 5073).  Addresses lead to boxes because a box logged them as its own, because
 * both ends of a hop logged one message, or because an edge's diagnostic names
 * as its peer the port that an Expressway sent from.
 *
 * Names come from what the logs show, never from host names:
 *
 *   C        sends to a traversal port (7001 ...), writes egress-zone=CEtcp..,
 *            a traversal client zone
 *   E        listens on it, CollaborationEdgeZone, a traversal server zone, a DNS zone
 *   edge     a Microsoft server whose records speak of an internal and external
 *            edge, or the only Microsoft server there is
 *   client   a client's log
 *   address  whoever left no log here */
#include "trace.h"

#include <stdlib.h>

#define RECORDS 64               /* diagnostic records that are asked for their peer */

enum kind { KIND_EXPRESSWAY, KIND_MICROSOFT, KIND_CLIENT, KIND_OTHER };

struct box {
    enum kind kind;
    uint32_t source;             /* the first of its sources */
    uint32_t host;               /* interned; 0 unknown */
    const char *set;
    const struct uct_source *document;
    int c, e, edge;              /* how much speaks for it */
    bool b2bua;                  /* its B2BUA was seen */
    bool addressed;              /* some address leads to it */
    uint32_t address;            /* the first that does */
    unsigned number;             /* among the drawn ones of its role, from 1 */
    uint32_t lines[2];           /* its lifelines: proxy, B2BUA */
};

struct line {                    /* a lifeline */
    uint32_t box;                /* UINT32_MAX: only an address */
    uint32_t address;            /* 0: none known */
    bool b2bua;
};

struct finding_hosts {
    struct uct_tracing *t;
    struct box *boxes;
    size_t nboxes, cboxes;
    uint32_t *box_of;            /* per source */
    struct uct_intern *keys;     /* what tells a box: its kind, and its host, set or document */
    uint32_t *box_of_key;        /* per key: box + 1 */
    uint32_t nkeys;
    size_t servers, edges;       /* drawn Microsoft servers; those that speak of edges */
    struct uct_intern *names;    /* addresses without port */
    uint32_t *owner;             /* per address: box + 1 */
    uint32_t *line_of;           /* per address: lifeline + 1 */
    uint32_t naddresses;
    uint32_t *memo_host;         /* per interned "host:port": its address + 1, and its port */
    uint16_t *memo_port;
    struct line *lines;
    size_t nlines, clines;
    uint32_t *order;             /* lifelines as they are drawn */
    bool *drawn;                 /* per lifeline */
    bool failed;
};

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

/* A number for the host of an address; 0 for none and for loopback. */
static uint32_t address(struct finding_hosts *f, struct uct_slice s, uint64_t *port)
{
    char low[256];
    struct uct_slice h = host_of(s, port);
    if (!h.n || h.n > sizeof low || loopback(h))
        return 0;
    for (size_t i = 0; i < h.n; i++)
        low[i] = (char)uct_lower((unsigned char)h.p[i]);
    uint32_t id = uct_intern(f->names, uct_slice(low, h.n));
    if (id > f->naddresses) {
        uint32_t most = id * 2 + 64;
        uint32_t *a = realloc(f->owner, (most + 1u) * sizeof *a), *b = NULL;
        if (a) {
            f->owner = a;
            b = realloc(f->line_of, (most + 1u) * sizeof *b);
        }
        if (!b) {
            f->failed = true;
            return 0;
        }
        f->line_of = b;
        memset(a + f->naddresses + 1, 0, (most - f->naddresses) * sizeof *a);
        memset(b + f->naddresses + 1, 0, (most - f->naddresses) * sizeof *b);
        f->naddresses = most;
    }
    f->failed |= !id;
    return id;
}

/* The same for a string of the rows, worked out once. */
static uint32_t address_of(struct finding_hosts *f, uint32_t id, uint64_t *port)
{
    if (!f->memo_host[id]) {
        uint32_t a = address(f, uct_interned(f->t->s->strings, id), port);
        f->memo_host[id] = a + 1;
        f->memo_port[id] = *port <= UINT16_MAX ? (uint16_t)*port : 0;
    }
    *port = f->memo_port[id];
    return f->memo_host[id] - 1;
}

static void leads_to(struct finding_hosts *f, uint32_t addr, uint32_t box)
{
    if (!addr || f->owner[addr])
        return;
    f->owner[addr] = box + 1;
    if (!f->boxes[box].addressed)
        f->boxes[box].address = addr;
    f->boxes[box].addressed = true;
}

static uint32_t owner(const struct finding_hosts *f, uint32_t addr)
{
    return addr && f->owner[addr] ? f->owner[addr] - 1 : UINT32_MAX;
}

/* ---- boxes -------------------------------------------------------------------- */

static enum kind kind_of(const struct uct_source *s)
{
    if (s->parser == &uct_parser_expressway)
        return KIND_EXPRESSWAY;
    if (s->parser == &uct_parser_lync_server || s->parser == &uct_parser_windows_event)
        return KIND_MICROSOFT;
    return s->parser == &uct_parser_uccapi ? KIND_CLIENT : KIND_OTHER;
}

static uint32_t host_name(const struct uct_tracing *t, const struct uct_source *s)
{
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].host &&
            !uct_slice_ieq(uct_interned(t->s->strings, s->blocks[i].host), UCT_S("localhost")))
            return s->blocks[i].host;
    return 0;
}

/* Box + 1 of what has this key; NULL when memory is out. */
static uint32_t *by_key(struct finding_hosts *f, enum kind kind, unsigned what, uint64_t value)
{
    const uint64_t key[2] = {(uint64_t)kind << 8 | what, value};
    uint32_t id = uct_intern(f->keys, uct_slice((const char *)key, sizeof key));
    if (id > f->nkeys) {
        uint32_t most = id * 2 + 64, *p = realloc(f->box_of_key, (most + 1u) * sizeof *p);
        if (p) {
            memset(p + f->nkeys + (f->nkeys > 0), 0, (most - f->nkeys + (f->nkeys == 0)) * sizeof *p);
            f->box_of_key = p;
            f->nkeys = most;
        }
    }
    f->failed |= !id || id > f->nkeys;
    return f->failed ? NULL : &f->box_of_key[id];
}

static uint32_t box_of(struct finding_hosts *f, uint32_t source)
{
    if (f->box_of[source])
        return f->box_of[source] - 1;
    const struct uct_source *s = f->t->s->items[source];
    struct box b = {.kind = kind_of(s), .source = source, .host = host_name(f->t, s), .set = s->set,
                    .document = s->document, .lines = {UINT32_MAX, UINT32_MAX}};
    const uint64_t keys[] = {b.host, (uintptr_t)b.set, b.kind == KIND_OTHER ? (uintptr_t)b.document : 0};
    uint32_t best = UINT32_MAX, *at;
    for (unsigned i = 0; i < 3; i++)
        if (keys[i] && (at = by_key(f, b.kind, i, keys[i])) && *at && *at - 1 < best)
            best = *at - 1;
    if (best == UINT32_MAX) {
        if (f->failed || !UCT_ROOM(f->boxes, f->nboxes, f->cboxes)) {
            f->failed = true;
            return 0;
        }
        best = (uint32_t)f->nboxes;
        f->boxes[f->nboxes++] = b;
        for (unsigned i = 0; i < 3; i++)
            if (keys[i] && (at = by_key(f, b.kind, i, keys[i])))
                *at = best + 1;
    }
    f->box_of[source] = best + 1;
    return best;
}

static bool is_b2bua(const struct uct_tracing *t, const struct uct_msg *m)
{
    return uct_slice_ifind(uct_interned(t->s->strings, m->process), UCT_S("b2bua")) != SIZE_MAX;
}

static bool traversal_port(uint64_t port)
{
    return port >= 7001 && port <= 7010;
}

/* Own addresses, and what the ports say. */
static void learn_sighting(struct finding_hosts *f, const struct uct_ref *r)
{
    uint32_t b = box_of(f, r->source);
    uint64_t local, remote;
    if (f->failed || !r->msg || r->msg->dir == UCT_DIR_UNKNOWN)
        return;
    leads_to(f, address_of(f, r->msg->local, &local), b);
    address_of(f, r->msg->remote, &remote);
    struct box *x = &f->boxes[b];
    x->b2bua |= is_b2bua(f->t, r->msg) || remote == 5071 || remote == 5073;
    x->e += traversal_port(local) ? 4 : 0;
    x->c += traversal_port(remote) ? 4 : 0;
}

/* Both ends of a hop: each remote address is the other box. */
static void learn_hop(struct finding_hosts *f, const struct uct_ref *out, const struct uct_ref *in)
{
    uint64_t port;
    uint32_t a = box_of(f, out->source), b = box_of(f, in->source);
    if (a == b || f->failed)
        return;
    leads_to(f, address_of(f, out->msg->remote, &port), b);
    leads_to(f, address_of(f, in->msg->remote, &port), a);
}

/* A traversal port at one end says what the other end is, too. */
static void learn_far_role(struct finding_hosts *f, const struct uct_ref *r)
{
    uint64_t local, remote;
    if (!r->msg || r->msg->dir == UCT_DIR_UNKNOWN)
        return;
    address_of(f, r->msg->local, &local);
    uint32_t far = owner(f, address_of(f, r->msg->remote, &remote));
    if (far == UINT32_MAX)
        return;
    f->boxes[far].c += traversal_port(local) ? 4 : 0;
    f->boxes[far].e += traversal_port(remote) ? 4 : 0;
}

/* Every call of the input teaches who is who, not only those that are drawn:
 * own addresses first, they are sure. */
static void learn_all(struct finding_hosts *f)
{
    const struct uct_calls *c = f->t->c;
    size_t most = 0;
    for (size_t i = 0; i < c->n; i++) {
        most = c->items[i].messages > most ? c->items[i].messages : most;
        for (size_t k = 0; k < c->items[i].nrefs && !f->failed; k++)
            learn_sighting(f, &c->items[i].refs[k]);
    }
    const struct uct_ref **ends = calloc(2 * (most + 1), sizeof *ends);
    f->failed |= !ends;
    for (size_t i = 0; i < c->n && !f->failed; i++) {
        const struct uct_call *call = &c->items[i];
        memset(ends, 0, 2 * (call->messages + 1u) * sizeof *ends);
        for (size_t k = 0; k < call->nrefs; k++) {
            const struct uct_ref *r = &call->refs[k];
            learn_far_role(f, r);
            if (r->group && r->msg->dir != UCT_DIR_UNKNOWN &&
                !ends[2 * r->group + (r->msg->dir == UCT_DIR_IN)])
                ends[2 * r->group + (r->msg->dir == UCT_DIR_IN)] = r;
        }
        for (size_t k = 0; k < call->nrefs && !f->failed; k++) {       /* in time: groups are numbered at random */
            const struct uct_ref **end = &ends[2 * call->refs[k].group];
            if (call->refs[k].group && end[0] && end[1])
                learn_hop(f, end[0], end[1]);
            end[0] = end[1] = NULL;
        }
    }
    free(ends);
}

/* A diagnostic record in a call: the far end of who sent from its Peer's port,
 * or, where its log shows no message at all, of who got an answer of its kind. */
static void learn_record(struct finding_hosts *f, size_t at)
{
    const struct uct_tracing *t = f->t;
    const struct uct_rmessage *rec = &t->m[at];
    uint32_t box = box_of(f, t->refs[t->making[at].first].ref->source);
    uint64_t peer_port, local, port;
    uint32_t peer = address(f, t->making[at].peer, &peer_port);
    if (f->failed)
        return;
    for (size_t i = 0; i < t->nm && !f->failed; i++) {
        const struct uct_ref *r = t->refs[t->making[i].first].ref;
        if (t->m[i].call != rec->call || !r->msg || r->msg->dir == UCT_DIR_UNKNOWN)
            continue;
        address_of(f, r->msg->local, &local);
        uint32_t remote = address_of(f, r->msg->remote, &port);
        bool by_port = peer_port && local == peer_port;
        bool answered = r->msg->dir == UCT_DIR_IN && t->m[i].server &&
                        uct_slice_find(uct_slice_str(t->m[i].server), UCT_S("RTC/")) != SIZE_MAX;
        uint32_t near = box_of(f, r->source);
        if (f->failed || near == box || !(by_port || (answered && !f->boxes[box].addressed)))
            continue;
        leads_to(f, remote, box);
        if (by_port)
            leads_to(f, peer, near);
    }
}

/* ---- roles ----------------------------------------------------------------------- */

static bool has(const char *zone, const char *what)
{
    return zone && uct_slice_ifind(uct_slice_str(zone), uct_slice_str(what)) != SIZE_MAX;
}

static void judge_zone(struct box *b, const char *zone, bool egress)
{
    if (!zone)
        return;
    if (has(zone, "CollaborationEdge") || (has(zone, "Traversal") && has(zone, "Server")))
        b->e += 3;
    if (uct_slice_istarts(uct_slice_str(zone), UCT_S("CEtcp")) ||
        uct_slice_istarts(uct_slice_str(zone), UCT_S("CEtls")) ||
        (has(zone, "Traversal") && has(zone, "Client")))
        b->c += 3;
    if (egress && has(zone, "DNSZone"))
        b->e += 2;
    if (has(zone, "Neighbor") || has(zone, "Neighbour"))
        b->c += 1;
}

/* Each Via tells the zone its writer sent it to and the zone it came in by at
 * the next box: the writer of the Via above, or who has the message. */
static void judge_vias(struct finding_hosts *f, size_t i)
{
    const struct uct_rmessage *m = &f->t->m[i];
    const struct uct_ref *r = f->t->refs[f->t->making[i].first + f->t->making[i].best].ref;
    uint32_t above = m->status ? UINT32_MAX : box_of(f, r->source);
    uint64_t port;
    if (f->failed)
        return;
    for (size_t k = 0; k < m->nvias; k++) {
        uint32_t box = owner(f, address(f, uct_slice_str(m->vias[k].sent_by), &port));
        if (box != UINT32_MAX)
            judge_zone(&f->boxes[box], m->vias[k].egress, true);
        if (above != UINT32_MAX)
            judge_zone(&f->boxes[above], m->vias[k].ingress, false);
        above = box;
    }
}

static void learn(struct finding_hosts *f)
{
    const struct uct_tracing *t = f->t;
    learn_all(f);
    for (size_t i = 0, n = 0; i < t->nm && n < RECORDS && !f->failed; i++)
        if (t->m[i].record) {
            learn_record(f, i);
            n++;
        }
    for (size_t i = 0; i < t->nm && !f->failed; i++) {
        uint32_t box = box_of(f, t->refs[t->making[i].first].ref->source);
        if (!f->failed && t->making[i].ms_edge)
            f->boxes[box].edge++;
        judge_vias(f, i);
    }
}

/* ---- lifelines ------------------------------------------------------------------- */

static uint32_t line_new(struct finding_hosts *f, struct line l)
{
    if (!UCT_ROOM(f->lines, f->nlines, f->clines)) {
        f->failed = true;
        return UCT_NO_HOST;
    }
    f->lines[f->nlines] = l;
    return (uint32_t)f->nlines++;
}

static uint32_t line_of_box(struct finding_hosts *f, uint32_t box, bool b2bua)
{
    if (f->failed)
        return UCT_NO_HOST;
    uint32_t *at = &f->boxes[box].lines[b2bua];
    if (*at == UINT32_MAX)
        *at = line_new(f, (struct line){box, 0, b2bua});
    return *at;
}

static uint32_t line_of_address(struct finding_hosts *f, uint32_t addr)
{
    if (!addr)
        return UCT_NO_HOST;
    uint32_t box = owner(f, addr);
    if (box != UINT32_MAX)
        return line_of_box(f, box, false);
    if (!f->line_of[addr])
        f->line_of[addr] = line_new(f, (struct line){UINT32_MAX, addr, false}) + 1;
    return f->line_of[addr] - 1;
}

/* The far end as this sighting has it. */
static uint32_t far_end(struct finding_hosts *f, const struct uct_ref *r, uint32_t near)
{
    uint64_t port;
    struct uct_slice remote = uct_interned(f->t->s->strings, r->msg->remote);
    uint32_t addr = address(f, remote, &port), box = box_of(f, r->source);
    if (!remote.n || f->failed)
        return UCT_NO_HOST;
    if (!addr || owner(f, addr) == box) {      /* it talks to itself: proxy and B2BUA do */
        bool b2bua = is_b2bua(f->t, r->msg);
        return b2bua || f->boxes[box].b2bua ? line_of_box(f, box, !b2bua) : near;
    }
    return line_of_address(f, addr);
}

/* Where a message went from and to: who logged it at either end, else the far
 * end's address; without a direction what its top Via says. */
static void place(struct finding_hosts *f, size_t i)
{
    struct uct_rmessage *m = &f->t->m[i];
    const struct uct_making *k = &f->t->making[i];
    uint64_t port;
    for (uint32_t n = 0; n < k->n && !f->failed; n++) {
        const struct uct_ref *r = f->t->refs[k->first + n].ref;
        bool b2bua = r->msg && is_b2bua(f->t, r->msg);
        uint32_t near = line_of_box(f, box_of(f, r->source), b2bua);
        m->flags |= b2bua ? UCT_LEG_B2BUA : 0;
        if (r->msg && r->msg->dir == UCT_DIR_OUT && m->from == UCT_NO_HOST)
            m->from = near;
        if (r->msg && r->msg->dir == UCT_DIR_IN && m->to == UCT_NO_HOST)
            m->to = near;
    }
    const struct uct_ref *r = f->t->refs[k->first].ref;
    uint32_t near = line_of_box(f, box_of(f, r->source), r->msg && is_b2bua(f->t, r->msg));
    if (m->record || f->failed) {
        m->from = m->to = near;
    } else if (m->from == UCT_NO_HOST && m->to == UCT_NO_HOST) {
        uint32_t via =
            m->nvias ? line_of_address(f, address(f, uct_slice_str(m->vias[0].sent_by), &port)) : UCT_NO_HOST;
        via = via == UCT_NO_HOST ? near : via;
        m->from = m->status ? near : via;
        m->to = m->status ? via : near;
    } else if (m->from == UCT_NO_HOST) {
        uint32_t far = far_end(f, r, near);
        m->from = far == UCT_NO_HOST ? m->to : far;
    } else if (m->to == UCT_NO_HOST) {
        uint32_t far = far_end(f, r, near);
        m->to = far == UCT_NO_HOST ? m->from : far;
    }
}

/* ---- the order in which they are drawn ---------------------------------------------- */

static size_t position(const struct finding_hosts *f, size_t n, uint32_t line)
{
    size_t i = 0;
    while (i < n && f->order[i] != line)
        i++;
    return i;
}

/* A new one goes beside the other end: before it when it sends to it, else last. */
static size_t draw(struct finding_hosts *f, size_t n, uint32_t line, uint32_t before)
{
    if (line == UCT_NO_HOST || f->drawn[line])
        return n;
    f->drawn[line] = true;
    size_t at = before == UCT_NO_HOST ? n : position(f, n, before);
    if (at < n && f->lines[line].box != UINT32_MAX && f->lines[before].box == f->lines[line].box)
        at += f->lines[line].b2bua;
    memmove(f->order + at + 1, f->order + at, (n - at) * sizeof *f->order);
    f->order[at] = line;
    return n + 1;
}

static int by_time(const void *a, const void *b)
{
    const struct uct_rmessage *x = *(struct uct_rmessage *const *)a, *y = *(struct uct_rmessage *const *)b;
    if (x->time != y->time) {
        if (x->time == UCT_NO_TIME || y->time == UCT_NO_TIME)
            return x->time == UCT_NO_TIME ? 1 : -1;
        return x->time < y->time ? -1 : 1;
    }
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static size_t arrange(struct finding_hosts *f)
{
    size_t n = 0, nm = f->t->nm;
    struct uct_rmessage **v = malloc((nm + 1) * sizeof *v);
    f->order = malloc((f->nlines + 1) * sizeof *f->order);
    f->drawn = calloc(f->nlines + 1, sizeof *f->drawn);
    if (!v || !f->order || !f->drawn) {
        f->failed = true;
        free(v);
        return 0;
    }
    for (size_t i = 0; i < nm; i++)
        v[i] = &f->t->m[i];
    if (nm > 1)
        qsort(v, nm, sizeof(struct uct_rmessage *), by_time);
    for (int pass = 0; pass < 2; pass++)              /* records last: they join what messages drew */
        for (size_t i = 0; i < nm; i++) {
            uint32_t asks = v[i]->status ? v[i]->to : v[i]->from;
            uint32_t answers = v[i]->status ? v[i]->from : v[i]->to;
            if (v[i]->record != (pass == 1))
                continue;
            bool known = answers != UCT_NO_HOST && f->drawn[answers];
            n = draw(f, n, asks, known ? answers : UCT_NO_HOST);
            n = draw(f, n, answers, UCT_NO_HOST);
        }
    free(v);
    return n;
}

/* ---- names --------------------------------------------------------------------------- */

static const char *role(const struct finding_hosts *f, const struct box *b)
{
    if (b->kind == KIND_EXPRESSWAY)
        return b->c > b->e ? "C" : b->e > b->c ? "E" : "exp";
    if (b->kind != KIND_MICROSOFT)
        return b->kind == KIND_CLIENT ? "client" : "log";
    return b->edge || f->servers == 1 ? "edge" : f->edges ? "FE" : "server";
}

static void count_servers(struct finding_hosts *f)
{
    for (size_t i = 0; i < f->nboxes; i++) {
        bool drawn = f->boxes[i].lines[0] != UINT32_MAX || f->boxes[i].lines[1] != UINT32_MAX;
        f->servers += drawn && f->boxes[i].kind == KIND_MICROSOFT;
        f->edges += drawn && f->boxes[i].kind == KIND_MICROSOFT && f->boxes[i].edge;
    }
}

/* Boxes of one role are numbered in the order in which they are drawn. */
static void number_boxes(struct finding_hosts *f, size_t n)
{
    static const char *const roles[] = {"C", "E", "exp", "client", "log", "edge", "FE", "server"};
    unsigned count[8] = {0};
    for (size_t i = 0; i < n; i++) {
        uint32_t box = f->lines[f->order[i]].box;
        if (box == UINT32_MAX || f->boxes[box].number)
            continue;
        const char *r = role(f, &f->boxes[box]);
        for (size_t k = 0; k < 8; k++)
            if (strcmp(r, roles[k]) == 0)
                f->boxes[box].number = ++count[k];
    }
}

/* "E", and "E2" for the next one drawn. */
static const char *name_box(struct finding_hosts *f, const struct box *b, bool b2bua)
{
    const char *base = role(f, b), *tail = b2bua ? "-b2bua" : "";
    const char *p = b->number > 1 ? uct_arena_printf(&f->t->r->arena, "%s%u%s", base, b->number, tail)
                                  : uct_arena_printf(&f->t->r->arena, "%s%s", base, tail);
    f->failed |= !p;
    return p;
}

static void describe(struct finding_hosts *f, size_t i, struct uct_rhost *out)
{
    const struct line *l = &f->lines[f->order[i]];
    struct uct_tracing *t = f->t;
    if (l->box == UINT32_MAX) {
        out->name = out->address = uct_trace_text(t, uct_interned(f->names, l->address), &f->failed);
        return;
    }
    out->name = name_box(f, &f->boxes[l->box], l->b2bua);
    out->host = uct_trace_id(t, f->boxes[l->box].host, &f->failed);
    out->logged = true;
    if (f->boxes[l->box].address)
        out->address = uct_trace_text(t, uct_interned(f->names, f->boxes[l->box].address), &f->failed);
}

static void number_lines(struct finding_hosts *f, size_t n)
{
    struct uct_rhost *hosts = uct_arena_zalloc(&f->t->r->arena, (n + 1) * sizeof *hosts);
    uint32_t *at = malloc((f->nlines + 1) * sizeof *at);
    if (!hosts || !at) {
        f->failed = true;
        free(at);
        return;
    }
    count_servers(f);
    number_boxes(f, n);
    for (size_t i = 0; i < n && !f->failed; i++) {
        at[f->order[i]] = (uint32_t)i;
        describe(f, i, &hosts[i]);
    }
    for (size_t i = 0; i < f->t->nm && !f->failed; i++) {
        struct uct_rmessage *m = &f->t->m[i];
        m->from = m->from == UCT_NO_HOST ? m->from : at[m->from];
        m->to = m->to == UCT_NO_HOST ? m->to : at[m->to];
    }
    f->t->t->hosts = hosts;
    f->t->t->nhosts = n;
    free(at);
}

enum uct_status uct_hosts_find(struct uct_tracing *t)
{
    struct finding_hosts f = {.t = t, .names = uct_intern_new(), .keys = uct_intern_new(),
                              .box_of = calloc(t->s->n + 1, sizeof *f.box_of)};
    size_t ids = uct_intern_count(t->s->strings) + 64u;
    f.memo_host = calloc(ids, sizeof *f.memo_host);
    f.memo_port = calloc(ids, sizeof *f.memo_port);
    f.failed = !f.names || !f.keys || !f.box_of || !f.memo_host || !f.memo_port;
    if (!f.failed)
        learn(&f);
    for (size_t i = 0; i < t->nm && !f.failed; i++)
        place(&f, i);
    size_t n = f.failed ? 0 : arrange(&f);
    if (!f.failed)
        number_lines(&f, n);
    uct_intern_free(f.names);
    uct_intern_free(f.keys);
    free(f.box_of_key);
    free(f.boxes);
    free(f.box_of);
    free(f.memo_host);
    free(f.memo_port);
    free(f.owner);
    free(f.line_of);
    free(f.lines);
    free(f.order);
    free(f.drawn);
    return f.failed ? UCT_FATAL : UCT_OK;
}
