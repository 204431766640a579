/* incident: the generator.  See incident.h.
 *
 * A call goes along a path of boxes; every box with a log writes each message twice, on its way in and on
 * its way out, in its product's own form and by its own clock:
 *
 *   phone - C(proxy) [- C(b2bua) - C(proxy)] - [CUCM -] C - E - edge - client        and the other way round
 *
 * Call-IDs change where CUCM stands in the path, and in half of the B2BUAs of Expressway, which keep the Via stack
 * then; tags change where any B2BUA stands.  Clocks are off by milliseconds
 * to hours, drift, or jump; logs stop early, have holes, are rotated, hold a search twice; messages are
 * repeated or lost.  What is true is worked out from what was in fact written, not from what was meant. */
#include "incident.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES 10
#define T0 1709625600000          /* 2024-03-05T08:00:00Z */
#define MAX_SIGHTS 12000

enum role { PHONE, C_PROXY, C_B2BUA, CUCM, E_PROXY, EDGE, MS_B2BUA, CLIENT };

struct node {
    enum role role;
    int log;                      /* -1: nobody kept one */
    const char *process;
    bool no_branch;               /* Microsoft clients put none into their Via */
};

struct hop {
    char a[48], b[48];            /* addresses of both ends as they know themselves */
    char a_seen[48], b_seen[48];  /* ... and as the other end knows them */
    bool udp;
};

struct path {
    struct node n[NODES];
    struct hop h[NODES];
    int k;                        /* last node */
    int seg[NODES];               /* dialog each hop belongs to */
    int nseg;
};

struct seg {
    int call;                     /* index in truth */
    char call_id[80], from_tag[24], to_tag[24];
    unsigned cseq, back_cseq;
};

/* Facts of one message on one hop. */
struct msg {
    int call, inst;
    char method[12], phrase[40], ruri[64], from[64], to[64], from_tag[24], to_tag[24], call_id[80];
    unsigned status, cseq;
    char via[NODES][140];
    int nvia;
    char session[96], tag[40], conv[48], server[48];
    char diag[160];
    bool sdp;
};

struct sight {
    int64_t at;
    int log, order;
    bool out;
    const char *process;
    char local[48], remote[48];
    uint64_t hash;
    struct msg *m;                /* NULL: chatter */
    int variant;
};

struct gen {
    uint64_t seed, rng;
    struct incident *t;
    struct sight *s;
    int ns;
    struct msg *m;
    int nm;
    int inst;
    const char *dir;
    char *written;                /* per sight */
    bool session_ids, tags, conv, focus, names;
    int loss_hop, loss_kind;      /* of the call at hand */
};

static uint64_t next(struct gen *g)
{
    uint64_t z = (g->rng += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int pick(struct gen *g, int n) { return (int)(next(g) % (uint64_t)n); }
static bool chance(struct gen *g, int percent) { return pick(g, 100) < percent; }
static int64_t between(struct gen *g, int64_t a, int64_t b) { return a + (int64_t)(next(g) % (uint64_t)(b - a + 1)); }

__attribute__((format(printf, 3, 4))) static void set(char *out, size_t n, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(out, n, fmt, ap);
    va_end(ap);
}
#define SET(a, ...) set((a), sizeof(a), __VA_ARGS__)

int64_t inc_offset(const struct inc_log *l, int64_t at)
{
    int64_t o = l->skew_ms + (int64_t)(l->drift * (double)(at - T0));
    return l->jump_at && at >= l->jump_at ? o + l->jump_ms : o;
}

static void feature(struct gen *g, const char *name)
{
    size_t n = strlen(g->t->what);
    snprintf(g->t->what + n, sizeof g->t->what - n, "%s%s", n ? " " : "", name);
}

/* ---- calls and the boxes on their way ---------------------------------- */

static int new_call(struct gen *g, int session, bool dialog)
{
    struct incident *t = g->t;
    if (t->ncalls == INC_CALLS)
        return -1;
    struct inc_call *c = &t->call[t->ncalls];
    *c = (struct inc_call){.session = session, .dialog = dialog};
    SET(c->call_id, "%016" PRIx64 "%08x@192.0.2.%d", next(g), (unsigned)next(g), 10 + t->ncalls % 90);
    return t->ncalls++;
}

static void new_seg(struct gen *g, struct seg *s, int call)
{
    s->call = call;
    SET(s->call_id, "%s", g->t->call[call].call_id);
    SET(s->from_tag, "%016" PRIx64, next(g));
    SET(s->to_tag, "%012" PRIX64, next(g) & 0xffffffffffffu);
    s->cseq = 1 + (unsigned)pick(g, 200);
    s->back_cseq = 1 + (unsigned)pick(g, 200);
}

struct dialog {
    struct path p;
    struct seg seg[4];
    char from[64], to[64], tag[40], conv[48];
    char uuid_a[40], uuid_b[40];
    bool behind[4];               /* dialogs behind a Microsoft B2BUA */
    int network[4];               /* call whose tag a dialog's messages carry */
    bool kept_vias[4];            /* the B2BUA before it changed the Call-ID and kept the Via stack */
    int conv_from, conv_to;       /* dialogs that carry the conversation's id */
    int tx;
    bool peer_uuid;               /* the far half is known by now */
};

static const char *d_name(const char *remote)
{
    return strncmp(remote, "198.51.100.", 11) == 0 ? "vcse.example.com:5061" : "fe.partner.example:5061";
}

static void sighting(struct gen *g, int64_t at, const struct node *n, const struct hop *h, bool a_side, bool out,
                     struct msg *m, uint64_t hash)
{
    if (n->log < 0 || g->ns == MAX_SIGHTS)
        return;
    struct sight *s = &g->s[g->ns];
    *s = (struct sight){.at = at, .log = n->log, .order = g->ns, .out = out, .process = n->process, .m = m, .hash = hash};
    g->ns++;
    SET(s->local, "%s", a_side ? h->a : h->b);
    SET(s->remote, "%s", a_side ? h->b_seen : h->a_seen);
    if (g->names && n->role == EDGE && out && strcmp(s->remote + strlen(s->remote) - 5, ":5061") == 0)
        SET(s->remote, "%s", d_name(s->remote));            /* what it looked up, it prints by name */
}

static struct msg *new_msg(struct gen *g, const struct dialog *d, int hop, bool reverse)
{
    if (g->nm == MAX_SIGHTS)
        exit(3);
    struct msg *m = &g->m[g->nm++];
    const struct seg *s = &d->seg[d->p.seg[hop]];
    memset(m, 0, sizeof *m);
    m->call = s->call;
    m->inst = g->inst++;
    SET(m->call_id, "%s", s->call_id);
    SET(m->from, "%s", reverse ? d->to : d->from);
    SET(m->to, "%s", reverse ? d->from : d->to);
    SET(m->ruri, "%s", reverse ? d->from : d->to);
    SET(m->from_tag, "%s", reverse ? s->to_tag : s->from_tag);
    const bool behind = d->behind[d->p.seg[hop]];          /* a Microsoft B2BUA passes no Session-ID on */
    if (g->session_ids && !behind) {
        bool swap = reverse;
        const char *zero = "00000000000000000000000000000000";
        const char *far = d->peer_uuid ? (swap ? d->uuid_a : d->uuid_b) : zero;
        SET(m->session, "%s;remote=%s", swap ? d->uuid_b : d->uuid_a, far);
    }
    if (g->tags && !behind)                                 /* CUCM does not pass it on: a new one behind it */
        SET(m->tag, "%08x%s", (unsigned)d->network[d->p.seg[hop]], d->tag);
    if (g->conv && d->conv_from <= d->p.seg[hop] && d->conv_to >= d->p.seg[hop])
        SET(m->conv, "%s", d->conv);
    return m;
}

static void via(struct gen *g, const struct dialog *d, struct msg *m, int tx, int hop, bool reverse)
{
    const struct node *from = &d->p.n[reverse ? hop + 1 : hop];
    const char *addr = reverse ? d->p.h[hop].b : d->p.h[hop].a;
    (void)g;
    for (int i = m->nvia; i > 0; i--)
        memcpy(m->via[i], m->via[i - 1], sizeof m->via[0]);
    m->nvia++;
    uint64_t b = (uint64_t)m->call * 1000003u + (uint64_t)tx * 10007u + (uint64_t)hop * 31u + reverse;
    b = (b ^ (b >> 15)) * 0x9e3779b97f4a7c15u;
    if (from->no_branch)
        SET(m->via[0], "SIP/2.0/TLS %s", addr);
    else if (from->role == C_PROXY || from->role == E_PROXY)
        SET(m->via[0], "SIP/2.0/TLS %s;egress-zone=Zone%d;branch=z9hG4bK%016" PRIx64 ";proxy-call-id=%08x-0000-4000-8000-%012x;rport",
            addr, hop, b, (unsigned)m->call, (unsigned)(hop * 7 + from->role));
    else
        SET(m->via[0], "SIP/2.0/TLS %s;branch=z9hG4bK%016" PRIX64, addr, b);
}

/* One message over one hop; returns when it arrives, -1 if it is lost for good. */
static int64_t cross(struct gen *g, struct dialog *d, int hop, bool reverse, int64_t at, struct msg *m, bool lost)
{
    const struct hop *h = &d->p.h[hop];
    const struct node *from = &d->p.n[reverse ? hop + 1 : hop], *to = &d->p.n[reverse ? hop : hop + 1];
    bool inner = from->log >= 0 && from->log == to->log;
    int64_t delay = inner ? between(g, 0, 2) : chance(g, 4) ? between(g, 50, 400) : between(g, 1, 25);
    uint64_t hash = next(g);
    int copies = h->udp && (lost || chance(g, 12)) ? 2 : 1, arrive = copies == 2 && chance(g, 50) ? 1 : 0;
    sighting(g, at, from, h, !reverse, true, m, hash);
    if (copies == 2)
        sighting(g, at + 500, from, h, !reverse, true, m, hash);
    if (lost) {
        struct incident *t = g->t;
        if (t->nlosses < INC_LOSSES && from->log >= 0)
            t->loss[t->nlosses++] = (struct inc_loss){.call = m->call, .from = from->log, .to = to->log, .at = at};
        return -1;
    }
    hash = inner ? hash : next(g);
    int64_t got = at + delay + (copies == 2 && arrive == 1 ? 500 : 0);
    sighting(g, got, to, h, reverse, false, m, hash);
    if (copies == 2 && arrive == 0)
        sighting(g, at + 500 + delay, to, h, reverse, false, m, hash);
    return got;
}

/* A request from one end towards the other as far as node `stop`.  Returns when it arrives there or -1;
 * *reached is the last node it came to. */
static int64_t request(struct gen *g, struct dialog *d, const char *method, int tx, bool reverse, bool in_dialog, int stop,
                       int64_t at, int lose_hop, int *reached)
{
    int i = reverse ? d->p.k : 0;
    struct msg *prev = NULL;
    *reached = i;
    while (i != stop) {
        int hop = reverse ? i - 1 : i;
        struct seg *s = &d->seg[d->p.seg[hop]];
        struct msg *m = new_msg(g, d, hop, reverse);
        SET(m->method, "%s", method);
        m->cseq = reverse ? s->back_cseq : s->cseq;
        if (in_dialog)
            SET(m->to_tag, "%s", reverse ? s->from_tag : s->to_tag);
        if (prev && (prev->call == m->call || d->kept_vias[d->p.seg[hop]])) {
            m->nvia = prev->nvia;
            memcpy(m->via, prev->via, sizeof m->via);
        }
        via(g, d, m, tx, hop, reverse);
        m->sdp = strcmp(method, "INVITE") == 0;
        SET(m->server, "%s", reverse ? "UCCAPI/16.0.5000.1000 OC/16.0.5000.1000" : "TANDBERG/4137 (X12.5.1)");
        at = cross(g, d, hop, reverse, at, m, lose_hop == hop);
        if (at < 0)
            return -1;
        at += between(g, 1, 8);
        i += reverse ? -1 : 1;
        *reached = i;
        prev = m;
    }
    return at;
}

/* A response from node `from` back to the node that began (0, or k when reverse). */
static int64_t response(struct gen *g, struct dialog *d, const char *method, int tx, bool reverse, int from, int to,
                        unsigned status, const char *phrase, const char *diag, int64_t at, int lose_hop)
{
    int i = from;
    while (i != to) {
        int hop = reverse ? i : i - 1;                     /* towards the sender */
        struct seg *s = &d->seg[d->p.seg[hop]];
        struct msg *m = new_msg(g, d, hop, reverse);
        SET(m->method, "%s", method);
        m->cseq = reverse ? s->back_cseq : s->cseq;
        m->status = status;
        SET(m->phrase, "%s", phrase);
        if (status > 100)
            SET(m->to_tag, "%s", reverse ? s->from_tag : s->to_tag);
        if (g->session_ids && status > 100 && !d->behind[d->p.seg[hop]])
            SET(m->session, "%s;remote=%s", reverse ? d->uuid_a : d->uuid_b, reverse ? d->uuid_b : d->uuid_a);
        for (int k = reverse ? d->p.k - 1 : 0; k != hop + (reverse ? -1 : 1); k += reverse ? -1 : 1)
            if (d->p.seg[k] == d->p.seg[hop])
                via(g, d, m, tx, k, reverse);
        SET(m->server, "%s", d->p.n[from].role == EDGE ? "RTC/6.0" : d->p.n[from].role == CLIENT ? "UCCAPI/16.0" : "TANDBERG/4137 (X12.5.1)");
        if (diag)
            SET(m->diag, "%s", diag);
        m->sdp = status == 200 && strcmp(method, "INVITE") == 0;
        at = cross(g, d, hop, !reverse, at, m, lose_hop == hop);
        if (at < 0)
            return -1;
        at += between(g, 1, 6);
        i += reverse ? 1 : -1;
    }
    return at;
}

/* Every box answers 100 to the one before it. */
static void trying(struct gen *g, struct dialog *d, int tx, int reached, int64_t at)
{
    for (int i = 1; i <= reached && i <= d->p.k; i++)
        response(g, d, "INVITE", tx, false, i, i - 1, 100, "Trying", NULL, at + i * 20 + between(g, 0, 5), -1);
}

/* ACK or CANCEL of a failed INVITE: hop by hop, with the INVITE's branch. */
static void hop_by_hop(struct gen *g, struct dialog *d, const char *method, int tx, int from, int64_t at)
{
    bool ack = strcmp(method, "ACK") == 0;
    for (int hop = 0; hop < from; hop++) {
        struct seg *s = &d->seg[d->p.seg[hop]];
        struct msg *m = new_msg(g, d, hop, false);
        SET(m->method, "%s", method);
        m->cseq = s->cseq;
        if (ack)
            SET(m->to_tag, "%s", s->to_tag);
        via(g, d, m, tx, hop, false);
        cross(g, d, hop, false, at + hop * 15, m, false);
        if (!ack)
            response(g, d, "CANCEL", tx, false, hop + 1, hop, 200, "OK", NULL, at + hop * 15 + 40, -1);
    }
}

/* ---- one call ---------------------------------------------------------- */

enum plan { ANSWER, FAIL, CANCEL, RING_ON, LOSE_INVITE, LOSE_200, LOSE_BYE, REFUSED };

static void each_seg(struct dialog *d, int by)
{
    for (int i = 0; i < d->p.nseg; i++)
        d->seg[i].cseq += (unsigned)by;
}

static int64_t play(struct gen *g, struct dialog *d, enum plan plan, int64_t at)
{
    int reached, k = d->p.k, lose = -1;
    int64_t t;
    if (plan == REFUSED) {                                  /* the edge finds no fitting SRV record for us */
        int edge = 1;
        while (d->p.n[edge].role != EDGE)
            edge++;
        t = request(g, d, "INVITE", ++d->tx, false, false, edge, at, -1, &reached);
        t = response(g, d, "INVITE", d->tx, false, edge, 0, 504, "Server time-out",
                     "1009;reason=\"No match for domain in DNS SRV results\";domain=\"meet.example.com\";"
                     "fqdn1=\"vcse.sub.meet.example.com:5061\";source=\"sip.partner.example\"", t + 20, -1);
        hop_by_hop(g, d, "ACK", d->tx, edge, t + 3);
        return t + 100;
    }
    if (plan >= LOSE_INVITE) {                              /* somewhere both ends keep a log, if there is such a hop */
        for (int i = 0; i < k; i++)
            if (d->p.n[i].log >= 0 && d->p.n[i + 1].log >= 0 && d->p.n[i].log != d->p.n[i + 1].log &&
                (lose < 0 || chance(g, 50)))
                lose = i;
        if (lose < 0)
            plan = ANSWER;
    }
    if (chance(g, 25) && plan != LOSE_INVITE) {             /* challenged by some box on the way */
        int by = 1 + pick(g, k);
        t = request(g, d, "INVITE", ++d->tx, false, false, by, at, -1, &reached);
        t = response(g, d, "INVITE", d->tx, false, by, 0, 407, "Proxy Authentication Required", NULL, t, -1);
        hop_by_hop(g, d, "ACK", d->tx, by, t + 5);
        each_seg(d, 1);
        at = t + 60;
    }
    int tx = ++d->tx, from = plan == FAIL ? 1 + pick(g, k) : k;
    t = request(g, d, "INVITE", tx, false, false, from, at, plan == LOSE_INVITE ? lose : -1, &reached);
    trying(g, d, tx, reached, at);
    if (t < 0)
        return at + 1000;
    if (plan == FAIL) {
        static const struct { unsigned code; const char *phrase; } bad[] = {{404, "Not Found"}, {486, "Busy Here"},
            {488, "Not Acceptable Here"}, {503, "Service Unavailable"}, {480, "Temporarily Unavailable"}};
        int b = pick(g, 5);
        t = response(g, d, "INVITE", tx, false, from, 0, bad[b].code, bad[b].phrase, NULL, t + between(g, 5, 900), -1);
        hop_by_hop(g, d, "ACK", tx, from, t + 3);
        return t + 150;
    }
    t = response(g, d, "INVITE", tx, false, k, 0, 180, "Ringing", NULL, t + between(g, 100, 700), -1);
    if (plan == RING_ON)
        return t + 1000;
    t += between(g, 800, 6000);
    if (plan == CANCEL) {
        hop_by_hop(g, d, "CANCEL", tx, k, t);
        t = response(g, d, "INVITE", tx, false, k, 0, 487, "Request Terminated", NULL, t + 200 + k * 20, -1);
        hop_by_hop(g, d, "ACK", tx, k, t + 3);
        return t + 200;
    }
    d->peer_uuid = true;
    t = response(g, d, "INVITE", tx, false, k, 0, 200, "OK", NULL, t, plan == LOSE_200 ? lose : -1);
    if (t < 0)
        return at + 8000;
    t = request(g, d, "ACK", ++d->tx, false, true, k, t + 4, -1, &reached);
    if (chance(g, 25)) {
        each_seg(d, 1);
        tx = ++d->tx;
        t = request(g, d, "INVITE", tx, false, true, k, t + between(g, 500, 3000), -1, &reached);
        t = response(g, d, "INVITE", tx, false, k, 0, 200, "OK", NULL, t + 40, -1);
        t = request(g, d, "ACK", ++d->tx, false, true, k, t + 4, -1, &reached);
    }
    t += between(g, 1000, 40000);
    bool back = chance(g, 50);
    each_seg(d, 1);
    tx = ++d->tx;
    t = request(g, d, "BYE", tx, back, true, back ? 0 : k, t, plan == LOSE_BYE ? lose : -1, &reached);
    if (t < 0)
        return at + 50000;
    return response(g, d, "BYE", tx, back, back ? 0 : k, back ? k : 0, 200, "OK", NULL, t + 10, -1) + 100;
}

/* ---- the deployment ---------------------------------------------------- */

struct world {
    int c, e, edge, client;       /* logs, -1: none */
    bool nat, b2bua, interop, cucm, udp, ms;
    int base;                     /* of port numbers */
};

static void node(struct path *p, enum role role, int log, const char *process)
{
    p->n[p->k++] = (struct node){.role = role, .log = log, .process = process, .no_branch = role == CLIENT};
}

static const char *ip_of(enum role r, bool public)
{
    switch (r) {
    case PHONE: return "192.0.2.9";
    case C_PROXY: return "192.0.2.10";
    case C_B2BUA: return "192.0.2.10";
    case CUCM: return "192.0.2.5";
    case E_PROXY: return public ? "198.51.100.20" : "198.51.100.120";
    case EDGE: return "203.0.113.5";
    case MS_B2BUA: return "203.0.113.6";
    default: return "203.0.113.44";
    }
}

static void hop(struct gen *g, const struct world *w, struct path *p, int i)
{
    enum role a = p->n[i].role, b = p->n[i + 1].role;
    struct hop *h = &p->h[i];
    int high = w->base + i * 16 + pick(g, 12);
    bool inner = p->n[i].log >= 0 && p->n[i].log == p->n[i + 1].log;
    int pa = 5061, pb = 5061;
    if (inner) {
        pa = b == C_B2BUA ? high : 5073;
        pb = b == C_B2BUA ? 5073 : high;
    } else if ((a == C_PROXY && b == E_PROXY) || (a == E_PROXY && b == C_PROXY)) {
        pa = a == C_PROXY ? high : 7002;                    /* C connects out to E */
        pb = b == C_PROXY ? high : 7002;
    } else if (b == CLIENT || a == CLIENT) {
        pa = a == CLIENT ? high : 5061;
        pb = b == CLIENT ? high : 5061;
    } else {
        pa = high;
    }
    SET(h->a, "%s:%d", inner ? "127.0.0.1" : ip_of(a, b == EDGE), pa);
    SET(h->b, "%s:%d", inner ? "127.0.0.1" : ip_of(b, a == EDGE), pb);
    SET(h->a_seen, "%s", h->a);
    SET(h->b_seen, "%s", h->b);
    if (w->nat && !inner && a == C_PROXY && b == E_PROXY) {
        SET(h->a_seen, "203.0.113.77:%d", high + 20000);
        SET(h->b_seen, "198.51.100.20:%d", pb);
    } else if (w->nat && !inner && a == E_PROXY && b == C_PROXY) {
        SET(h->a_seen, "198.51.100.20:%d", pa);
        SET(h->b_seen, "203.0.113.77:%d", high + 20000);
    }
    h->udp = w->udp && (a == PHONE || b == PHONE || a == CUCM || b == CUCM || (a == E_PROXY && b == EDGE));
}

static void make_path(struct gen *g, const struct world *w, struct path *p, bool from_client)
{
    memset(p, 0, sizeof *p);
    if (!from_client) {
        node(p, PHONE, -1, NULL);
        if (w->cucm) {                                      /* MRA: in through E and C, then CUCM, then out again */
            node(p, C_PROXY, w->c, "tvcs");
            node(p, CUCM, -1, NULL);
        }
        node(p, C_PROXY, w->c, "tvcs");
        if (w->b2bua) {
            node(p, C_B2BUA, w->c, "b2bua");
            node(p, C_PROXY, w->c, "tvcs");
        }
        node(p, E_PROXY, w->e, "tvcs");
        node(p, EDGE, w->edge, NULL);
        if (w->ms)
            node(p, MS_B2BUA, -1, NULL);
        node(p, CLIENT, w->client, NULL);
    } else {
        node(p, CLIENT, w->client, NULL);
        if (w->ms)
            node(p, MS_B2BUA, -1, NULL);
        node(p, EDGE, w->edge, NULL);
        node(p, E_PROXY, w->e, "tvcs");
        node(p, C_PROXY, w->c, "tvcs");
        if (w->cucm) {
            node(p, CUCM, -1, NULL);
            node(p, C_PROXY, w->c, "tvcs");
        }
        node(p, PHONE, -1, NULL);
    }
    p->k--;
    for (int i = 0; i < p->k; i++) {
        hop(g, w, p, i);
        if (i && (p->n[i].role == CUCM || p->n[i].role == C_B2BUA || p->n[i].role == MS_B2BUA))
            p->nseg++;
        p->seg[i] = p->nseg;
    }
    p->nseg++;
}

/* Of a path through CUCM only what lies before it, or only what lies behind. */
enum part { WHOLE, BEFORE_CUCM, BEHIND_CUCM };

static void take_part(struct gen *g, const struct world *w, struct path *p, enum part part)
{
    int at = 0;
    while (p->n[at].role != CUCM)
        at++;
    if (part == BEFORE_CUCM) {
        p->k = at;
    } else {
        memmove(p->n, p->n + at, (size_t)(p->k - at + 1) * sizeof p->n[0]);
        p->k -= at;
    }
    p->nseg = 0;
    for (int i = 0; i < p->k; i++) {
        hop(g, w, p, i);
        if (i && p->n[i].role == MS_B2BUA)
            p->nseg++;
        p->seg[i] = p->nseg;
    }
    p->nseg++;
}

static void make_dialog(struct gen *g, const struct world *w, struct dialog *d, bool from_client, int session, enum part part)
{
    memset(d, 0, sizeof *d);
    make_path(g, w, &d->p, from_client);
    if (part != WHOLE)
        take_part(g, w, &d->p, part);
    int call = new_call(g, session, true), network = call;
    int ms = -1;
    for (int i = 0; i < d->p.nseg; i++) {
        for (int k = 1; k < d->p.k && i; k++) {             /* CUCM changes the Call-ID, the B2BUA only tags */
            if (d->p.seg[k] != i || d->p.seg[k - 1] != i - 1)
                continue;
            bool b2bua = d->p.n[k].role == C_B2BUA;
            if (!b2bua || w->interop)
                call = new_call(g, session, true);
            network = b2bua ? network : call;
            d->kept_vias[i] = b2bua && w->interop;
            if (d->p.n[k].role == MS_B2BUA)
                ms = i;
        }
        new_seg(g, &d->seg[i], call);
        d->network[i] = network;
    }
    for (int i = 0; i < d->p.nseg && ms >= 0; i++)
        d->behind[i] = from_client ? i < ms : i >= ms;
    d->conv_to = from_client ? (ms >= 0 ? ms : 0) : d->p.nseg - 1;
    d->conv_from = from_client ? 0 : ms >= 0 ? ms - 1 : d->p.nseg - 1;
    SET(d->from, "sip:%s@%s", from_client ? "alice" : "2000", from_client ? "partner.example" : "meet.example.com");
    SET(d->to, "sip:%s@%s", from_client ? "2000" : "alice", from_client ? "meet.example.com" : "partner.example");
    SET(d->tag, "%08x-1111-4222-8333-%012" PRIx64, (unsigned)next(g), next(g) & 0xffffffffffffu);
    SET(d->conv, "%016" PRIX64 "==", next(g));
    SET(d->uuid_a, "%016" PRIx64 "%016" PRIx64, next(g), next(g));
    SET(d->uuid_b, "%016" PRIx64 "%016" PRIx64, next(g), next(g));
}

/* ---- what the products print ------------------------------------------- */

static void stamp_parts(int64_t ms, int *y, int *mo, int *d, int *h, int *mi, int *s, int *milli)
{
    int64_t sec = ms / 1000, day = sec / 86400, z = day + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *d = (int)(doy - (153 * mp + 2) / 5 + 1);
    *mo = (int)(mp < 10 ? mp + 3 : mp - 9);
    *y = (int)(yoe + era * 400 + (*mo <= 2));
    *h = (int)(sec % 86400 / 3600);
    *mi = (int)(sec % 3600 / 60);
    *s = (int)(sec % 60);
    *milli = (int)(ms % 1000);
}

static void print_stamp(FILE *f, const char *fmt, int64_t ms)
{
    int y, mo, d, h, mi, s, milli;
    stamp_parts(ms, &y, &mo, &d, &h, &mi, &s, &milli);
    if (*fmt == 'u')
        fprintf(f, "%04d-%02d-%02d %02d:%02d:%02d,%03d", y, mo, d, h, mi, s, milli);
    else if (*fmt == 'p')
        fprintf(f, "%04d-%02d-%02dT%02d:%02d:%02d.%03d", y, mo, d, h, mi, s, milli);
    else if (*fmt == 'c')
        fprintf(f, "%02d/%02d/%04d-%02d:%02d:%02d.%03d", mo, d, y, h, mi, s, milli);
    else
        fprintf(f, "%02d/%02d/%04d|%02d:%02d:%02d.%03d", mo, d, y, h, mi, s, milli);
}

static const char sdp[] = "v=0\no=- 0 0 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\nm=audio 36002 RTP/SAVP 9 8 0\n";

/* The text of a message, each line with `lead` before it, up to the empty line. */
static void print_message(FILE *f, const struct msg *m, const char *lead, bool cls)
{
    if (!cls) {
        if (m->status)
            fprintf(f, "SIP/2.0 %u %s\n", m->status, m->phrase);
        else
            fprintf(f, "%s %s SIP/2.0\n", m->method, m->ruri);
    }
    for (int i = 0; i < m->nvia; i++)
        fprintf(f, "%sVia: %s%s\n", lead, m->via[i], m->status ? ";received=192.0.2.99" : "");
    fprintf(f, "%sCall-ID: %s\n%sCSeq: %u %s\n", lead, m->call_id, lead, m->cseq, m->method);
    fprintf(f, "%sFrom: \"X\" <%s>;tag=%s\n%sTo: <%s>%s%s\n", lead, m->from, m->from_tag, lead, m->to,
            m->to_tag[0] ? ";tag=" : "", m->to_tag);
    fprintf(f, "%s%s: %s\n", lead, m->status ? "Server" : "User-Agent", m->server);
    if (m->tag[0])
        fprintf(f, "%sX-TAATag: %s\n", lead, m->tag);
    if (m->session[0])
        fprintf(f, "%sSession-ID: %s\n", lead, m->session);
    if (m->conv[0])
        fprintf(f, "%sMs-Conversation-ID: %s\n", lead, m->conv);
    if (m->diag[0])
        fprintf(f, "%sms-diagnostics: %s\n", lead, m->diag);
    if (m->sdp)
        fprintf(f, "%sContent-Type: application/sdp\n", lead);
    fprintf(f, "%sContent-Length: %zu\n", lead, m->sdp ? sizeof sdp - 1 : 0);
}

static void split_addr(const char *a, char *ip, size_t n, const char **port)
{
    const char *colon = strrchr(a, ':');
    set(ip, n, "%.*s", (int)(colon - a), a);
    *port = colon + 1;
}

/* Prefix: local time by the box's own zone; UTCTime is what counts. */
static void exp_head(FILE *f, const struct inc_log *l, int64_t stamp, const char *process, const char *module, const char *level)
{
    print_stamp(f, "p", stamp + 3600000);
    fprintf(f, "+01:00 %s %s: UTCTime=\"", l->name, process);
    print_stamp(f, "u", stamp);
    fprintf(f, "\" Module=\"%s\" Level=\"%s\":", module, level);
}

/* The event log's line about an INVITE that came in: who calls whom, the component's number, the network's tag. */
static void print_attempt(FILE *f, const struct inc_log *l, const struct sight *s, int64_t stamp, const char *ip, const char *port)
{
    const struct msg *m = s->m;
    print_stamp(f, "p", stamp + 3600000);
    fprintf(f, "+01:00 %s %s: Event=\"Call Attempted\" Service=\"SIP\" Src-ip=\"%s\" Src-port=\"%s\" Src-alias-type=\"SIP\" "
            "Src-alias=\"%s\" Dst-alias-type=\"SIP\" Dst-alias=\"%s\" Call-serial-number=\"%08x-0000-4000-9000-%012" PRIx64
            "\" Tag=\"%s\" Protocol=\"TLS\" Auth=\"YES\" Level=\"1\" UTCTime=\"", l->name, s->process, ip, port, m->from, m->ruri,
            (unsigned)m->inst, s->hash & 0xffffffffffffu, m->tag);
    print_stamp(f, "u", stamp);
    fputs("\"\n", f);
}

static void print_expressway(FILE *f, const struct inc_log *l, const struct sight *s, int64_t stamp)
{
    static const char *const talk[] = {" CodeLocation=\"ppcmains/sip/sipproxy/SipProxyLeg.cpp(310)\" Method=\"SipProxyLeg::handle\" Thread=\"0x7f01\":  leg state unchanged",
        "  Detail=\"Sending DNS query\" Name=\"_sipfederationtls._tcp.partner.example\" Type=\"SRV (IPv4 and IPv6)\""};
    if (!s->m) {
        exp_head(f, l, stamp, "tvcs", s->variant ? "network.dns" : "developer.sip.leg", "DEBUG");
        fprintf(f, "%s\n", talk[s->variant]);
        return;
    }
    char lip[48], rip[48];
    const char *lport, *rport, *far = s->out ? "Dst" : "Src";
    const struct msg *m = s->m;
    split_addr(s->local, lip, sizeof lip, &lport);
    split_addr(s->remote, rip, sizeof rip, &rport);
    exp_head(f, l, stamp, s->process, "network.sip", "INFO");
    fprintf(f, "  Action=\"%s\" Local-ip=\"%s\" Local-port=\"%s\" %s-ip=\"%s\" %s-port=\"%s\" Detail=\"%s %s ", s->out ? "Sent" : "Received",
            lip, lport, far, rip, far, rport, s->out ? "Sending" : "Receive", m->status ? "Response" : "Request");
    if (m->status)
        fprintf(f, "Code=%u, Method=%s, CSeq=%u, To=%s", m->status, m->method, m->cseq, m->to);
    else
        fprintf(f, "Method=%s, CSeq=%u, Request-URI=%s", m->method, m->cseq, m->ruri);
    fprintf(f, ", Call-ID=%s, From-Tag=%s, To-Tag=%s, Msg-Hash=%" PRIu64 ", Local-SessionID=%.32s, Remote-SessionID=%s\"\n", m->call_id,
            m->from_tag, m->to_tag, s->hash, m->session, m->session[0] ? m->session + 40 : "");
    bool attempt = !m->status && !s->out && !m->to_tag[0] && strcmp(m->method, "INVITE") == 0 && strcmp(s->process, "tvcs") == 0;
    if (l->info_only) {
        if (attempt)
            print_attempt(f, l, s, stamp, rip, rport);
        return;
    }
    exp_head(f, l, stamp + (s->hash & 1), s->process, "network.sip", "DEBUG");
    fprintf(f, "  Action=\"%s\" Local-ip=\"%s\" Local-port=\"%s\" %s-ip=\"%s\" %s-port=\"%s\" Msg-Hash=\"%" PRIu64 "\"\n SIPMSG:\n |",
            s->out ? "Sent" : "Received", lip, lport, far, rip, far, rport, s->hash);
    print_message(f, m, " ", false);
    fputs(" \n", f);
    if (m->sdp)
        for (const char *p = sdp, *e; *p; p = e + 1) {
            e = strchr(p, '\n');
            fprintf(f, " %.*s\n", (int)(e - p), p);
        }
    fputs(" |\n\n", f);
    if (attempt)
        print_attempt(f, l, s, stamp + 2, rip, rport);
}

static void print_cls(FILE *f, const struct inc_log *l, const struct sight *s, int64_t stamp, unsigned seq)
{
    fprintf(f, "TL_INFO(%s) [pool\\%s]0584.0A44::", s->m ? "TF_PROTOCOL" : "TF_COMPONENT", l->name);
    print_stamp(f, "c", stamp);
    if (!s->m) {
        fprintf(f, ".%08X (SIPStack,CRecvContext::ProcessCompletion:RecvContext.cpp(162)) [%u] ( 00000000028FDD70 ) Processing %u bytes\n",
                seq, seq * 7 + 1, 400 + seq % 97);
        return;
    }
    const struct msg *m = s->m;
    fprintf(f, ".%08X (SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(265)) [%u] $$begin_record\n", seq, 1000 + seq);
    fprintf(f, "Trace-Correlation-Id: %u\nInstance-Id: %X\nDirection: %s\nPeer: %s\nMessage-Type: %s\nStart-Line: ", 1000 + seq, seq,
            s->out ? "outgoing;source=\"local\";destination=\"external edge\"" : "incoming", s->remote, m->status ? "response" : "request");
    if (m->status)
        fprintf(f, "SIP/2.0 %u %s\n", m->status, m->phrase);
    else
        fprintf(f, "%s %s SIP/2.0\n", m->method, m->ruri);
    print_message(f, m, "", true);
    fprintf(f, "Message-Body: %s$$end_record\n", m->sdp ? sdp : "-\n");
}

static void print_uccapi(FILE *f, const struct sight *s, int64_t stamp)
{
    print_stamp(f, "m", stamp);
    if (!s->m) {
        fputs(" 1F68:C14 TRACE :: CSession::SetState - 0 to 1\n", f);
        return;
    }
    const char *what = s->out ? "Sending Packet - " : "Data Received - ", *way = s->out ? "From" : "To";
    fprintf(f, " 1F68:C14 INFO  :: %s%s (%s Local Address: %s) 700 bytes:\n", what, s->remote, way, s->local);
    print_stamp(f, "m", stamp);
    fputs(" 1F68:C14 INFO  :: ", f);
    print_message(f, s->m, "", false);
    fprintf(f, "\n%s\n", s->m->sdp ? sdp : "");
    print_stamp(f, "m", stamp);
    fprintf(f, " 1F68:C14 INFO  :: End of %s%s (%s Local Address: %s) 700 bytes\n", what, s->remote, way, s->local);
}

/* ---- what stands round the calls --------------------------------------- */

/* A probe between two neighbours that both keep a log: keeps both logs alive and their clocks comparable. */
static void probes(struct gen *g, const struct world *w, int64_t from, int64_t to, int64_t every)
{
    for (int64_t at = from; at < to; at += every + pick(g, 400)) {
        struct dialog d;
        memset(&d, 0, sizeof d);
        bool edge = w->edge >= 0 && w->e >= 0 && (w->c < 0 || chance(g, 50));
        if (!edge && (w->c < 0 || w->e < 0))
            return;
        bool turn = chance(g, 40);
        enum role a = edge ? E_PROXY : C_PROXY, b = edge ? EDGE : E_PROXY;
        int la = edge ? w->e : w->c, lb = edge ? w->edge : w->e;
        node(&d.p, turn ? b : a, turn ? lb : la, "tvcs");
        node(&d.p, turn ? a : b, turn ? la : lb, "tvcs");
        d.p.k--;
        hop(g, w, &d.p, 0);
        d.p.h[0].udp = false;
        d.p.nseg = 1;
        int call = new_call(g, g->t->nsessions++, false), reached;
        if (call < 0)
            return;
        new_seg(g, &d.seg[0], call);
        d.conv_from = 1;
        SET(d.from, "sip:probe@%s", "meet.example.com");
        SET(d.to, "sip:%s", "partner.example");
        bool ids = g->session_ids, tags = g->tags;
        g->session_ids = g->tags = false;
        int64_t t = request(g, &d, "OPTIONS", 1, false, false, 1, at, -1, &reached);
        response(g, &d, "OPTIONS", 1, false, 1, 0, 200, "OK", NULL, t + 2, -1);
        g->session_ids = ids;
        g->tags = tags;
    }
}

static void chatter(struct gen *g, int log, int64_t from, int64_t to)
{
    for (int64_t at = from; at < to && g->ns < MAX_SIGHTS; at += between(g, 200, 1800)) {
        g->s[g->ns] = (struct sight){.at = at, .log = log, .order = g->ns, .variant = pick(g, 2)};
        g->ns++;
    }
}

/* ---- writing, and what is true of what was written --------------------- */

static int by_at(const void *a, const void *b)
{
    const struct sight *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->order - y->order;
}

static void print_sight(FILE *f, const struct inc_log *l, const struct sight *s, unsigned seq)
{
    int64_t stamp = s->at + inc_offset(l, s->at);
    if (l->kind == INC_EXPRESSWAY)
        print_expressway(f, l, s, stamp);
    else if (l->kind == INC_CLS)
        print_cls(f, l, s, stamp, seq);
    else
        print_uccapi(f, s, stamp);
}

static bool written(const struct inc_log *l, const struct sight *s)
{
    return s->at <= l->stop_at && !(s->at >= l->hole_from && s->at < l->hole_to);
}

/* What is chosen by the seed alone changes nothing else of an incident. */
static bool by_seed(const struct gen *g, unsigned salt, unsigned one_in)
{
    uint64_t x = (g->seed ^ (uint64_t)salt << 56) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 31) * 0x94d049bb133111ebu;
    return (x >> 33) % one_in == 0;
}

static FILE *open_file(struct gen *g, int log, const char *suffix)
{
    static const char *const ends[] = {"txt", "log", "UccApilog"};
    struct incident *t = g->t;
    struct inc_file *f = &t->file[t->nfiles++];
    char path[512];
    f->log = log;
    f->other = -1;
    SET(f->name, "%s%s.%s", t->log[log].name, suffix, ends[t->log[log].kind]);
    SET(path, "%s/%s", g->dir, f->name);
    return fopen(path, "w");
}

static void note_written(struct gen *g, int k)
{
    struct inc_log *l = &g->t->log[g->s[k].log];
    g->written[k] = 1;
    l->first = g->s[k].at < l->first ? g->s[k].at : l->first;
    l->last = g->s[k].at > l->last ? g->s[k].at : l->last;
}

/* A log as one file, or in two: rotated, or as two exports under other names, which may overlap. */
static bool write_log(struct gen *g, int log, int64_t rotate_at)
{
    struct inc_log *l = &g->t->log[log];
    bool exports = rotate_at && l->kind != INC_UCCAPI && by_seed(g, 1, 2);
    int64_t overlap = exports && by_seed(g, 2, 2) ? 15000 : 0;
    const char *const part[] = {!rotate_at ? "" : exports ? " before" : "-1", exports ? " after" : "-0"};
    bool ok = true;
    l->first = INT64_MAX;
    if (exports)
        feature(g, overlap ? "overlapping" : "exports");
    for (int i = 0; i < (rotate_at ? 2 : 1) && ok; i++) {
        FILE *f = open_file(g, log, part[i]);
        unsigned seq = 1;
        if (!f)
            return false;
        for (int round = 0; round < (l->twice ? 2 : 1); round++, seq = 1)
            for (int k = 0; k < g->ns; k++) {
                struct sight *s = &g->s[k];
                if (s->log != log || !written(l, s) ||
                    (rotate_at && (i ? s->at < rotate_at - overlap : s->at >= rotate_at + overlap)))
                    continue;
                if (round == 1 && seq > 60)
                    break;
                print_sight(f, l, s, seq++);
                note_written(g, k);
            }
        ok = fclose(f) == 0;
    }
    return ok;
}

/* Two logs in the file of a syslog server, as the records came in. */
static bool write_both(struct gen *g, int a, int b)
{
    FILE *f = open_file(g, a, " and other");
    unsigned seq = 1;
    if (!f)
        return false;
    g->t->file[g->t->nfiles - 1].other = b;
    g->t->log[a].first = g->t->log[b].first = INT64_MAX;
    feature(g, "syslog");
    for (int k = 0; k < g->ns; k++) {
        const struct sight *s = &g->s[k];
        if ((s->log != a && s->log != b) || !written(&g->t->log[s->log], s))
            continue;
        print_sight(f, &g->t->log[s->log], s, seq++);
        note_written(g, k);
    }
    return fclose(f) == 0;
}

struct count { int inst, log, copies; const char *process; bool out; };

static int by_inst(const void *a, const void *b)
{
    const struct count *x = a, *y = b;
    if (x->inst != y->inst)
        return x->inst < y->inst ? -1 : 1;
    if (x->log != y->log)
        return x->log - y->log;
    if (x->out != y->out)
        return x->out - y->out;
    const char *p = x->process ? x->process : "", *q = y->process ? y->process : "";
    return strcmp(p, q);
}

static void count_messages(struct gen *g, int call, struct count *v)
{
    struct inc_call *c = &g->t->call[call];
    int n = 0;
    for (int i = 0; i < g->ns; i++)
        if (g->written[i] && g->s[i].m && g->s[i].m->call == call)
            v[n++] = (struct count){g->s[i].m->inst, g->s[i].log, 1, g->s[i].process, g->s[i].out};
    c->seen = n > 0;
    qsort(v, (size_t)n, sizeof *v, by_inst);
    for (int i = 0, k; i < n; i = k) {
        unsigned most = 0, here = 0;
        for (k = i; k < n && v[k].inst == v[i].inst; k++) {
            here = k > i && by_inst(&v[k], &v[k - 1]) == 0 ? here + 1 : 1;
            most = here > most ? here : most;
        }
        c->messages++;
        c->retransmissions += most - 1;
    }
}

/* Method of the request that began it, else of the first request or response that was written. */
static const char *first_method(const struct gen *g, int call)
{
    const char *method = "";
    int best = 4;
    for (int i = 0; i < g->ns; i++) {
        const struct msg *m = g->s[i].m;
        int rank = !g->written[i] || !m || m->call != call ? 4 : m->status ? 2 : m->to_tag[0] ? 1 : 0;
        if (rank < best) {
            best = rank;
            method = m->method;
        }
    }
    return method;
}

/* By INTERFACE.md, section 4, from what was written. */
static void judge(struct gen *g, int call)
{
    struct inc_call *c = &g->t->call[call];
    int64_t start = INT64_MAX, last = 0;
    unsigned final = 0, challenge_cseq = 0, cseq = 0;
    bool cancel = false, challenged = false;
    const char *method = first_method(g, call);
    for (int i = 0; i < g->ns; i++) {
        const struct sight *s = &g->s[i];
        if (!g->written[i] || !s->m || s->m->call != call)
            continue;
        const struct msg *m = s->m;
        start = s->at < start ? s->at : start;
        last = g->t->log[s->log].last > last ? g->t->log[s->log].last : last;
        if (!m->status && strcmp(m->method, "CANCEL") == 0)
            cancel = true;
        if (!m->status && strcmp(m->method, method) == 0)
            cseq = m->cseq > cseq ? m->cseq : cseq;
        if (m->status < 200 || strcmp(m->method, method) != 0)
            continue;
        if (m->status == 407) {
            challenged = true;
            challenge_cseq = m->cseq;
        } else {
            final = m->status;
        }
    }
    if (challenged && cseq > challenge_cseq)
        challenged = false;
    if (!c->seen)
        return;
    cancel |= strcmp(method, "CANCEL") == 0;
    int64_t patience = strcmp(method, "INVITE") == 0 ? 180000 : 32000;
    c->close = last - start > patience - 1500 && last - start < patience + 1500;
    bool ack = strcmp(method, "ACK") == 0;
    c->outcome = final >= 200 && final < 300 && strcmp(method, "CANCEL") != 0 ? INC_ANSWERED : final == 487 || cancel ? INC_CANCELLED : final ? INC_FAILED
                 : challenged || ack ? INC_INCOMPLETE : last - start >= patience ? INC_UNANSWERED : INC_INCOMPLETE;
}

/* Do the logs hold a key that two calls of a session share? */
static void find_keys(struct gen *g)
{
    struct incident *t = g->t;
    for (int a = 0; a < t->ncalls; a++)
        for (int b = 0; b < t->ncalls; b++) {
            if (a == b || t->call[a].session != t->call[b].session || !t->call[a].seen || !t->call[b].seen)
                continue;
            bool ida = false, idb = false, va = false, vb = false;
            const char *ta = NULL, *tb = NULL;
            for (int i = 0; i < g->ns; i++) {
                const struct msg *m = g->s[i].m;
                if (!g->written[i] || !m)
                    continue;
                bool info = t->log[g->s[i].log].info_only;
                ida |= m->call == a && m->session[0];
                idb |= m->call == b && m->session[0];
                va |= m->call == a && m->conv[0] && !info;
                vb |= m->call == b && m->conv[0] && !info;
                ta = m->call == a && m->tag[0] && !info ? m->tag : ta;
                tb = m->call == b && m->tag[0] && !info ? m->tag : tb;
            }
            t->call[a].joinable |= (ida && idb) || (va && vb) || (ta && tb && strcmp(ta, tb) == 0);
        }
}

static void find_losses(struct gen *g)
{
    struct incident *t = g->t;
    for (int i = 0; i < t->nlosses; i++) {
        struct inc_loss *x = &t->loss[i];
        bool sent = false;
        for (int k = 0; k < g->ns && !sent; k++)
            sent = g->written[k] && g->s[k].at == x->at && g->s[k].log == x->from && g->s[k].m && g->s[k].m->call == x->call;
        const struct inc_log *to = x->to < 0 ? NULL : &t->log[x->to];
        x->claimable = sent && to && to->first < x->at - 2000 && to->last > x->at + 2000 &&
                       !(x->at >= to->hole_from - 2000 && x->at < to->hole_to + 2000) && to->busy;
    }
}

/* ---- one incident ------------------------------------------------------ */

static int add_log(struct gen *g, enum inc_kind kind, const char *name)
{
    struct incident *t = g->t;
    struct inc_log *l = &t->log[t->nlogs];
    *l = (struct inc_log){.kind = kind, .stop_at = INT64_MAX};
    SET(l->name, "%s", name);
    switch (pick(g, 5)) {
    case 0: l->skew_ms = 0; break;
    case 1: l->skew_ms = between(g, -40, 40); break;
    case 2: l->skew_ms = between(g, -5000, 5000); break;
    case 3: l->skew_ms = between(g, -90000, 90000); break;
    default: l->skew_ms = between(g, -7200000, 7200000);
    }
    if (kind != INC_EXPRESSWAY && chance(g, 60))
        l->skew_ms += between(g, -40, 48) * 900000;
    if (chance(g, 12)) {
        l->drift = (double)between(g, -300, 300) / 1e6;
        feature(g, "drift");
    }
    return t->nlogs++;
}

static void choose_world(struct gen *g, struct world *w)
{
    *w = (struct world){.c = -1, .e = -1, .edge = -1, .client = -1};
    do {
        if (w->c < 0 && chance(g, 60))
            w->c = add_log(g, INC_EXPRESSWAY, "vcsc");
        if (w->e < 0 && chance(g, 80))
            w->e = add_log(g, INC_EXPRESSWAY, "vcse");
        if (w->edge < 0 && chance(g, 65))
            w->edge = add_log(g, INC_CLS, "edge");
        if (w->client < 0 && chance(g, 40))
            w->client = add_log(g, INC_UCCAPI, "Lync-UccApi");
    } while (g->t->nlogs < 2);
    w->nat = chance(g, 40);
    w->cucm = chance(g, 35);
    w->b2bua = !w->cucm && chance(g, 25);
    w->interop = w->b2bua && chance(g, 50);
    w->ms = chance(g, 20);
    w->udp = chance(g, 30);
    w->base = 25000 + pick(g, 900);
    if (w->nat) feature(g, "nat");
    if (w->cucm) feature(g, "cucm");
    if (w->b2bua) feature(g, w->interop ? "interop" : "b2bua");
    if (w->ms) feature(g, "ms-b2bua");
    if (w->udp) feature(g, "udp");
}

/* What is odd about single logs. */
static void trouble(struct gen *g, const struct world *w, int64_t end)
{
    for (int i = 0; i < g->t->nlogs; i++) {
        struct inc_log *l = &g->t->log[i];
        if (l->kind == INC_EXPRESSWAY && chance(g, 20)) {
            l->info_only = true;
            feature(g, "info-only");
        }
        if (chance(g, 10)) {
            l->stop_at = T0 + (end - T0) * between(g, 30, 80) / 100;
            feature(g, "stops");
        } else if (chance(g, 10)) {
            l->hole_from = T0 + (end - T0) * between(g, 20, 60) / 100;
            l->hole_to = l->hole_from + between(g, 70000, 200000);
            feature(g, "hole");
        }
        if (l->kind == INC_CLS && chance(g, 15)) {
            l->twice = true;
            feature(g, "twice");
        }
        if (l->kind != INC_EXPRESSWAY && !l->drift && !l->twice && chance(g, 15)) {
            l->jump_at = T0 + (end - T0) * between(g, 35, 65) / 100;
            l->jump_ms = chance(g, 50) ? (chance(g, 50) ? 3600000 : -3600000) : between(g, 2000, 500000) * (chance(g, 50) ? 1 : -1);
            feature(g, "jump");
        }
    }
    (void)w;
}

/* Two who have nothing to do with each other call one number through CUCM at nearly the same time: the one's call
 * ends there, the other's begins there.  In the log of C they look like the legs of one. */
static int64_t lookalikes(struct gen *g, const struct world *w, int64_t at)
{
    struct dialog a, b;
    make_dialog(g, w, &a, false, g->t->nsessions++, BEFORE_CUCM);
    make_dialog(g, w, &b, false, g->t->nsessions++, BEHIND_CUCM);
    if (chance(g, 80))
        SET(b.from, "sip:%d@meet.example.com", 2001 + pick(g, 3));
    int64_t x = play(g, &a, chance(g, 70) ? FAIL : ANSWER, at);
    int64_t y = play(g, &b, (enum plan)pick(g, 4), at + between(g, -400, 2500));
    feature(g, "lookalikes");
    return x > y ? x : y;
}

static void play_all(struct gen *g, const struct world *w, int64_t *end)
{
    int n = 1 + pick(g, 5);
    int64_t at = T0 + between(g, 20000, 60000);
    for (int i = 0; i < n && g->t->ncalls < 40; i++) {
        struct dialog d;
        bool from_client = chance(g, 40);
        make_dialog(g, w, &d, from_client, g->t->nsessions++, WHOLE);
        enum plan plan = chance(g, 14) ? (enum plan)(LOSE_INVITE + pick(g, 3)) : (enum plan)pick(g, 4);
        if (plan >= LOSE_INVITE)
            feature(g, "loss");
        if (from_client && chance(g, 15)) {
            plan = REFUSED;
            feature(g, "refused");
        }
        if (g->focus) {                                     /* all dial into one meeting: one half is the same */
            SET(d.uuid_b, "%s", "f0c05000000000000000000000000001");
            SET(from_client ? d.from : d.to, "sip:guest%d@partner.example", i);
        }
        if (plan == REFUSED)
            for (int k = 0; k < d.p.nseg; k++)
                g->t->call[d.seg[k].call].refused = true;
        int64_t over = play(g, &d, plan, at);
        *end = over > *end ? over : *end;
        switch (pick(g, 4)) {
        case 0: at += between(g, 200, 3000); break;         /* beside it */
        case 1: at = over + between(g, 100, 1500); break;   /* a redial */
        default: at = over + between(g, 10000, 60000);
        }
        if (w->cucm && chance(g, 30)) {
            over = lookalikes(g, w, at);
            *end = over > *end ? over : *end;
            at = over + between(g, 500, 5000);
        }
        if (plan == FAIL && chance(g, 40)) {                /* the same conversation, called again at once */
            char conv[48];
            memcpy(conv, d.conv, sizeof conv);
            make_dialog(g, w, &d, from_client, g->t->nsessions++, WHOLE);
            memcpy(d.conv, conv, sizeof conv);
            at = over + between(g, 200, 1800);
            over = play(g, &d, chance(g, 50) ? FAIL : ANSWER, at);
            *end = over > *end ? over : *end;
            at = over + 5000;
            feature(g, "redial");
        }
    }
    *end += chance(g, 50) ? between(g, 230000, 400000) : between(g, 5000, 100000);
}

bool incident_write(const char *dir, uint64_t seed, struct incident *t)
{
    struct gen g = {.seed = seed, .rng = seed * 0x2545f4914f6cdd1du + 88172645463325252u, .t = t, .dir = dir, .inst = 1};
    g.s = malloc(MAX_SIGHTS * sizeof *g.s);
    g.m = malloc(MAX_SIGHTS * sizeof *g.m);
    g.written = calloc(MAX_SIGHTS, 1);
    struct count *counts = malloc(MAX_SIGHTS * sizeof *counts);
    if (!g.s || !g.m || !g.written || !counts)
        exit(3);
    memset(t, 0, sizeof *t);
    struct world w;
    choose_world(&g, &w);
    g.session_ids = chance(&g, 70);
    g.tags = chance(&g, 70);
    g.conv = chance(&g, 70);
    g.focus = chance(&g, 10);
    g.names = chance(&g, 30);
    if (g.focus)
        feature(&g, "focus");
    int64_t end = T0;
    play_all(&g, &w, &end);
    if (chance(&g, 70))
        probes(&g, &w, T0, end, between(&g, 12000, 30000));
    for (int i = 0; i < t->nlogs; i++)
        if (chance(&g, 65)) {
            chatter(&g, i, T0, end);
            t->log[i].busy = true;
        }
    trouble(&g, &w, end);
    qsort(g.s, (size_t)g.ns, sizeof *g.s, by_at);
    bool ok = true;
    bool both = w.c >= 0 && w.e >= 0 && by_seed(&g, 3, 6);
    for (int i = 0; i < t->nlogs && ok; i++) {
        int64_t rotate_at = !t->log[i].twice && chance(&g, 12) ? T0 + (end - T0) / 2 : 0;
        if (both && i == w.c)
            ok = write_both(&g, w.c, w.e);
        else if (!both || i != w.e)
            ok = write_log(&g, i, rotate_at);
    }
    for (int i = 0; i < t->ncalls; i++) {
        count_messages(&g, i, counts);
        judge(&g, i);
    }
    find_keys(&g);
    find_losses(&g);
    free(g.s);
    free(g.m);
    free(g.written);
    free(counts);
    return ok;
}

#ifndef INCIDENT_NO_MAIN
/* incident DIR SEED: the logs into DIR, the truth to standard output. */
int main(int argc, char **argv)
{
    static struct incident t;
    static const char *const outcomes[] = {"answered", "failed", "cancelled", "unanswered", "incomplete"};
    if (argc != 3 || !incident_write(argv[1], strtoull(argv[2], NULL, 10), &t)) {
        fputs("usage: incident DIR SEED\n", stderr);
        return 2;
    }
    printf("incident %s: %s\n", argv[2], t.what);
    for (int i = 0; i < t.nlogs; i++)
        printf("log %s: skew %" PRId64 " ms, drift %g, jump %" PRId64 " ms\n", t.log[i].name, t.log[i].skew_ms, t.log[i].drift,
               t.log[i].jump_ms);
    for (int i = 0; i < t.ncalls; i++)
        if (t.call[i].seen)
            printf("call %s: session %d, %s, %u messages, %u retransmissions%s\n", t.call[i].call_id, t.call[i].session,
                   outcomes[t.call[i].outcome], t.call[i].messages, t.call[i].retransmissions, t.call[i].joinable ? ", joinable" : "");
    for (int i = 0; i < t.nlosses; i++)
        printf("loss in %s between %s and %s%s\n", t.call[t.loss[i].call].call_id, t.log[t.loss[i].from].name,
               t.loss[i].to < 0 ? "-" : t.log[t.loss[i].to].name, t.loss[i].claimable ? ", claimable" : "");
    return 0;
}
#endif
