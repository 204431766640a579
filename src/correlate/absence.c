/* What never arrived.
 *
 *   the INVITE left edge at 08:10:46.230; vcse's log covers that second and has no such message
 *   the INVITE left edge at 08:10:46.230; vcse's log ends at 08:09:00.000
 *
 * The first is a finding about the network between the two, the second only
 * says what log would be wanted. */
#include "absence.h"

#include "../sip/sip.h"
#include "links.h"
#include "skew.h"

#include <stdio.h>
#include <stdlib.h>

#define HOLE_LEAST_MS 5000        /* shorter silences are not kept */
#define HOLE_MOST_MS 60000        /* longer ones are holes in any log */
#define HOLE_TIMES 4              /* ... and so are those this much longer than the log's usual silences */
#define SILENT_SIZE 10            /* a silence: gaps of about a second and longer */
#define MARGIN_MS 2000            /* on both sides of the moment, for the way and the pen */
#define STEP_MS 1000              /* a clock that was set */
#define ERROR_MOST_MS 2000        /* clocks less sure than this say nothing */
#define KNOWN_BY 2                /* messages that show which box is the receiver */
#define SIP_LEAST 4               /* messages that show that a log is one of SIP */
#define SIP_AGO_MS 600000         /* ... at this distance from them, too, while it goes on */
#define UNSEEN_MOST 65536
#define SKEW_LEAST_MS 60000       /* clocks that are set over the network are not that far apart */
#define LOST_MOST 8               /* per call */
#define RECORDS_MOST 65536        /* all together: what is missing from a huge log is missing for one reason */
#define BOXES_MOST 16             /* Expressways asked for one call */
#define DOMAINS_MOST 64

struct hole {
    int64_t from, to;
};

/* What a box's log covers, by the reference's clock. */
struct cover {
    int64_t first, last;
    int64_t first_sip, last_sip;
    uint64_t nsip, nack;          /* of SIP messages, of ACKs that came in */
    struct hole *holes;
    size_t nholes, choles;
    bool ready;
};

enum covering { COVERED, BEFORE, AFTER, IN_HOLE, NOT_KNOWN };

/* Something that a box sent, since another got it, and that its own log lacks though it covers the time. */
struct unseen {
    int64_t time;
    uint32_t box;
};

/* Is a box's log about a domain? */
struct served {
    struct uct_slice domain;
    uint32_t box;
    bool yes;
};

struct finder {
    const struct uct_sources *s;
    const struct uct_calls *c;
    const struct uct_links *l;
    struct cover *cover;          /* per box */
    struct uct_absences *out;
    uint32_t expressway[BOXES_MOST];
    size_t nexpressway;
    struct served served[DOMAINS_MOST];
    size_t nserved;
    uint32_t ack;                 /* the method's number, UINT32_MAX if there is none */
    struct unseen *unseen;        /* sorted; listed when first asked for */
    size_t nunseen, cunseen;
    bool unseen_listed;
    bool failed;
};

/* ---- what a log covers ------------------------------------------------- */

/* Silences longer than this are holes in this box's log: longer by far than three in four of those it has. */
static int64_t hole_length(const struct finder *f, uint32_t box)
{
    uint64_t sizes[UCT_GAP_SIZES] = {0}, all = 0, sum = 0;
    for (uint32_t i = box; i != UINT32_MAX; i = f->l->next[i])
        for (size_t b = 0; !f->s->items[i]->several && b < f->s->items[i]->nblocks; b++)
            for (unsigned g = SILENT_SIZE; g < UCT_GAP_SIZES; g++) {
                sizes[g] += f->s->items[i]->blocks[b].gap_sizes[g];
                all += f->s->items[i]->blocks[b].gap_sizes[g];
            }
    unsigned g = 0;
    while (g + 1 < UCT_GAP_SIZES && (sum += sizes[g]) * 4 < all * 3)
        g++;
    int64_t most = (INT64_C(1) << g) * HOLE_TIMES;
    return most < HOLE_LEAST_MS ? HOLE_LEAST_MS : most > HOLE_MOST_MS ? HOLE_MOST_MS : most;
}

#define SHIFTS_MOST 16            /* settings of one clock that a silence is placed by one after the other */

/* How far a clock that was set often was ahead, at least and at most. */
struct reach {
    int64_t least, most;
};

static struct reach reach_of(const struct uct_source *s)
{
    struct reach r = {s->tz_ms, s->tz_ms};
    for (size_t i = 0; i < s->nshifts; i++) {
        int64_t ahead = s->shifts[i].ahead_ms;
        r.least = !i || ahead < r.least ? ahead : r.least;
        r.most = !i || ahead > r.most ? ahead : r.most;
    }
    return r;
}

static void push_hole(struct finder *f, struct cover *c, int64_t from, int64_t to)
{
    if (!UCT_ROOM(c->holes, c->nholes, c->choles)) {
        f->failed = true;
        return;
    }
    c->holes[c->nholes++] = (struct hole){from, to};
}

/* Where a clock was set, a silence is taken to lie at each of its times: rather too many holes than too few. */
static void add_hole(struct finder *f, struct cover *c, const struct uct_source *s, struct reach r, struct uct_gap g)
{
    if (s->nshifts >= SHIFTS_MOST || !s->nshifts)
        push_hole(f, c, g.from - r.most, g.to - r.least);
    for (size_t i = 0; i < s->nshifts && s->nshifts < SHIFTS_MOST; i++)
        push_hole(f, c, g.from - s->shifts[i].ahead_ms, g.to - s->shifts[i].ahead_ms);
}

/* Where the clock was set a silence does not show in the stamps: there it is looked for between messages. */
static void cover_steps(struct finder *f, struct cover *c, const struct uct_source *s, int64_t longest)
{
    int64_t before = UCT_NO_TIME, ahead = 0;
    for (size_t b = 0; b < s->nblocks && s->nshifts > 1; b++)
        for (size_t i = 0; i < s->blocks[b].nmsgs; i++) {
            const struct uct_msg *m = &s->blocks[b].msgs[i];
            int64_t t = uct_source_time(s, m->time, m->offset);
            if (t == UCT_NO_TIME)
                continue;
            if (before != UCT_NO_TIME && llabs(m->time - t - ahead) >= STEP_MS && t - before > longest)
                push_hole(f, c, before, t);
            before = t;
            ahead = m->time - t;
        }
}

static void cover_sip(struct cover *c, int64_t t)
{
    if (t == UCT_NO_TIME)
        return;
    c->first_sip = c->first_sip == UCT_NO_TIME || t < c->first_sip ? t : c->first_sip;
    c->last_sip = c->last_sip == UCT_NO_TIME || t > c->last_sip ? t : c->last_sip;
}

/* Is a silence as printed no more than a clock that was set forward? */
static bool is_step(const struct uct_source *s, struct uct_gap g, int64_t longest)
{
    for (size_t i = 1; i < s->nshifts; i++) {
        int64_t step = s->shifts[i].ahead_ms - s->shifts[i - 1].ahead_ms, rest = g.to - g.from - step;
        if (step > longest && rest > -STEP_MS && rest <= longest)
            return true;
    }
    return false;
}

/* One such silence is the step itself; if several are as long, nobody knows which. */
static bool one_step(const struct uct_source *s, int64_t longest)
{
    size_t n = 0;
    for (size_t b = 0; s->nshifts > 1 && s->nshifts < 16 && b < s->nblocks; b++)
        for (size_t i = 0; i < s->blocks[b].ngaps; i++)
            n += is_step(s, s->blocks[b].gaps[i], longest);
    return n == 1;
}

static void cover_source(struct finder *f, struct cover *c, const struct uct_source *s, int64_t longest)
{
    int64_t back = UCT_NO_TIME;
    if (s->first == UCT_NO_TIME || s->several)       /* what several machines wrote says nothing of one */
        return;
    struct reach r = reach_of(s);
    cover_steps(f, c, s, longest);
    bool stepped = one_step(s, longest);
    c->first = c->first == UCT_NO_TIME || s->first < c->first ? s->first : c->first;
    c->last = c->last == UCT_NO_TIME || s->last > c->last ? s->last : c->last;
    for (size_t b = 0; b < s->nblocks; b++) {
        const struct uct_block *k = &s->blocks[b];
        if (back != UCT_NO_TIME && k->front != UCT_NO_TIME && k->front - back > longest)
            add_hole(f, c, s, r, (struct uct_gap){back, k->front});
        back = k->back != UCT_NO_TIME ? k->back : back;
        for (size_t i = 0; i < k->ngaps; i++)
            if (k->gaps[i].to - k->gaps[i].from > longest && !(stepped && is_step(s, k->gaps[i], longest)))
                add_hole(f, c, s, r, k->gaps[i]);
        for (size_t i = 0; i < k->nmsgs; i++) {
            cover_sip(c, uct_source_time(s, k->msgs[i].time, k->msgs[i].offset));
            c->nsip += k->msgs[i].time != UCT_NO_TIME;
            c->nack += k->msgs[i].method == f->ack && k->msgs[i].dir == UCT_DIR_IN;
        }
    }
    c->nsip += s->summaries.messages;
    if (s->summaries.first.any) {
        cover_sip(c, uct_source_time(s, s->summaries.first.time, s->summaries.first.offset));
        cover_sip(c, uct_source_time(s, s->summaries.last.time, s->summaries.last.offset));
    }
}

static int by_start(const void *a, const void *b)
{
    const struct uct_source *x = *(struct uct_source *const *)a, *y = *(struct uct_source *const *)b;
    return (x->first > y->first) - (x->first < y->first);
}

/* What lies between the files of a rotated set is a hole as well. */
static void cover_set(struct finder *f, struct cover *c, uint32_t box, int64_t longest)
{
    const struct uct_source **files = NULL;
    size_t n = 0, cap = 0;
    for (uint32_t i = box; i != UINT32_MAX && !f->failed; i = f->l->next[i]) {
        if (f->s->items[i]->first == UCT_NO_TIME || f->s->items[i]->several)
            continue;
        if (UCT_ROOM(files, n, cap))
            files[n++] = f->s->items[i];
        else
            f->failed = true;
    }
    if (n > 1)
        qsort(files, n, sizeof(void *), by_start);
    int64_t last = n ? files[0]->last : 0;
    for (size_t i = 1; i < n; i++) {
        if (files[i]->first - last > longest)
            push_hole(f, c, last, files[i]->first);
        last = files[i]->last > last ? files[i]->last : last;
    }
    free(files);
}

static int by_hole(const void *a, const void *b)
{
    const struct hole *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

/* Ascending and apart from each other, so that one can be found without a look at all. */
static void order_holes(struct cover *c)
{
    size_t n = 0;
    if (c->nholes > 1)
        qsort(c->holes, c->nholes, sizeof *c->holes, by_hole);
    for (size_t i = 0; i < c->nholes; i++) {
        struct hole *last = n ? &c->holes[n - 1] : NULL;
        if (!last || c->holes[i].from > last->to)
            c->holes[n++] = c->holes[i];
        else
            last->to = c->holes[i].to > last->to ? c->holes[i].to : last->to;
    }
    c->nholes = n;
}

/* The first hole that reaches behind `from`, or nholes. */
static size_t hole_behind(const struct cover *c, int64_t from)
{
    size_t lo = 0, hi = c->nholes;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (c->holes[mid].to > from)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static const struct cover *cover_of(struct finder *f, uint32_t box)
{
    struct cover *c = &f->cover[box];
    if (c->ready)
        return c;
    *c = (struct cover){.first = UCT_NO_TIME, .last = UCT_NO_TIME, .first_sip = UCT_NO_TIME, .last_sip = UCT_NO_TIME,
                        .ready = true};
    int64_t longest = hole_length(f, box);
    for (uint32_t i = box; i != UINT32_MAX; i = f->l->next[i])
        cover_source(f, c, f->s->items[i], longest);
    cover_set(f, c, box, longest);
    order_holes(c);
    return c;
}

/* Does the log write SIP at that time?  Between its messages, surely; shortly before the first and after the last of
 * several it does if it goes on. */
static bool writes_sip(const struct cover *c, int64_t t)
{
    if (t > c->first_sip && t < c->last_sip)
        return true;
    return c->nsip >= SIP_LEAST && t > c->first_sip - SIP_AGO_MS && t < c->last_sip + SIP_AGO_MS;
}

static enum covering covers(struct finder *f, uint32_t box, int64_t t, int64_t error, struct hole *hole)
{
    const struct cover *c = cover_of(f, box);
    int64_t from = t - error - MARGIN_MS, to = t + error + MARGIN_MS;
    if (c->first == UCT_NO_TIME || c->first_sip == UCT_NO_TIME)
        return NOT_KNOWN;
    if (t + error < c->first || t - error > c->last)
        return t < c->first ? BEFORE : AFTER;
    size_t i = hole_behind(c, from);
    if (i < c->nholes && c->holes[i].from < to) {
        *hole = c->holes[i];
        return t - error > hole->from && t + error < hole->to ? IN_HOLE : NOT_KNOWN;
    }
    return from >= c->first && to <= c->last && writes_sip(c, t) ? COVERED : NOT_KNOWN;
}

static const struct uct_source *reference_of(const struct uct_source *s)
{
    return s->reference ? s->reference : s;
}

/* How far the clocks of two boxes may be apart, -1: they cannot be compared. */
static int64_t clock_error(const struct finder *f, uint32_t a, uint32_t b)
{
    const struct uct_source *x = f->s->items[a], *y = f->s->items[b];
    const struct uct_source *rx = reference_of(x), *ry = reference_of(y);
    if (rx != ry)
        return -1;
    return (x == rx ? 0 : x->error_ms) + (y == ry ? 0 : y->error_ms);
}

/* Does the log itself say what time it is?  A server's trace is written in UTC. */
static bool tells_time(const struct uct_source *s)
{
    if (s->tz_user || s->parser == &uct_parser_lync_server)
        return true;
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].basis == UCT_BASIS_UTC_FIELD || s->blocks[i].basis == UCT_BASIS_ZONE)
            return true;
    return false;
}

/* A sighting's time by another box's clock, and how sure.  Two that share no message are compared by what each says
 * of its time, or as a last resort (assume) by its stamps read as UTC: good enough to tell where a call did not come
 * by. */
static int64_t time_at(const struct finder *f, const struct uct_ref *r, uint32_t box, bool assume, int64_t *error)
{
    const struct uct_source *s = f->s->items[r->source], *other = f->s->items[box];
    *error = clock_error(f, f->l->box[r->source], box);
    if (*error >= 0)
        return r->time;
    bool itself = tells_time(s), by_other = tells_time(reference_of(s));
    if (!tells_time(reference_of(other)) || (!itself && !by_other && !assume))
        return UCT_NO_TIME;
    *error = ERROR_MOST_MS;
    return !itself && by_other ? r->time : (r->msg ? r->msg->time : r->record->time) - (s->tz_user ? s->tz_ms : 0);
}

/* ---- what is told ------------------------------------------------------ */

static void name_box(const struct finder *f, uint32_t box, char *out, size_t n)
{
    uct_source_called(f->s, box, out, n);
}

/* "08:10:46.230" */
static const char *clock_text(int64_t t, char out[32])
{
    char all[32];
    uct_time_format(t, all);
    snprintf(out, 32, "%.12s", strlen(all) > 23 ? all + 11 : all);
    return out;
}

static bool add_text(struct uct_block *b, const char *p, size_t n)
{
    if (b->ctext - b->ntext < n) {
        size_t cap = b->ctext * 2 + n + 256;
        char *text = realloc(b->text, cap);
        if (!text)
            return false;
        b->text = text;
        b->ctext = cap;
    }
    memcpy(b->text + b->ntext, p, n);
    b->ntext += n;
    return true;
}

static void field(struct finder *f, const char *name, struct uct_slice value)
{
    struct uct_block *b = &f->out->block;
    if (f->failed || !value.n)
        return;
    if (!UCT_ROOM(b->fields, b->nfields, b->cfields)) {
        f->failed = true;
        return;
    }
    b->fields[b->nfields++] = (struct uct_field){uct_intern(f->s->strings, uct_slice_str(name)),
                                                 uct_intern(f->s->strings, value)};
    b->kept[b->nkept - 1].nfields++;
}

static void field_text(struct finder *f, const char *name, const char *value)
{
    field(f, name, uct_slice_str(value));
}

/* What its row still knows of the message, in the words of the log: they are not kept for every message. */
static void quote(struct finder *f, const struct uct_msg *m, struct uct_buf *b)
{
    struct uct_slice method = uct_interned(f->s->strings, m->method), ruri = uct_interned(f->s->strings, m->ruri);
    struct uct_slice phrase = uct_interned(f->s->strings, m->phrase), id = uct_interned(f->s->strings, m->call_id);
    const char *verb = m->dir == UCT_DIR_OUT ? "Sending" : "Receive";
    if (m->sight == UCT_SIGHT_LINE && m->status)
        uct_buf_addf(b, "%s Response Code=%u, Method=%.*s, CSeq=%u\nCall-ID=%.*s\n", verb, m->status, (int)method.n,
                     method.n ? method.p : "", m->cseq, (int)id.n, id.p);
    else if (m->sight == UCT_SIGHT_LINE)
        uct_buf_addf(b, "%s Request Method=%.*s, CSeq=%u\nCall-ID=%.*s\n", verb, (int)method.n, method.n ? method.p : "",
                     m->cseq, (int)id.n, id.p);
    else if (m->status)
        uct_buf_addf(b, "SIP/2.0 %u %.*s\n", m->status, (int)phrase.n, phrase.n ? phrase.p : "");
    else
        uct_buf_addf(b, "%.*s %.*s\n", (int)method.n, method.n ? method.p : "", (int)ruri.n, ruri.n ? ruri.p : "");
    if (m->sight != UCT_SIGHT_LINE)
        uct_buf_addf(b, "Call-ID: %.*s\nCSeq: %u %.*s\n", (int)id.n, id.p, m->cseq, (int)method.n, method.n ? method.p : "");
}

/* Begins a made-up record at the place of a sighting; its fields follow. */
static bool begin(struct finder *f, const char *rule, size_t call, const struct uct_ref *r)
{
    struct uct_absences *out = f->out;
    struct uct_block *b = &out->block;
    struct uct_buf text = {0};
    if (out->n == RECORDS_MOST) {
        out->cut += out->cut < UINT32_MAX;
        out->cut_source = out->cut == 1 ? f->s->items[r->source]->shown : out->cut_source;
        return false;
    }
    if (r->msg)
        quote(f, r->msg, &text);
    struct uct_kept k = {.time = r->msg ? r->msg->time : r->record->time, .kind = UCT_KIND_RECORD,
                         .offset = r->msg ? r->msg->offset : r->record->offset,
                         .length = r->msg ? r->msg->length : r->record->length,
                         .line = r->msg ? r->msg->line : r->record->line, .call_id = f->c->items[call].call_id,
                         .text = (uint32_t)b->ntext, .ntext = (uint32_t)text.n, .fields = (uint32_t)b->nfields};
    bool ok = !text.failed && UCT_ROOM(b->kept, b->nkept, b->ckept) && UCT_ROOM(out->items, out->n, out->cap) &&
              (!text.n || add_text(b, text.p, text.n));
    uct_buf_free(&text);
    if (!ok) {
        f->failed = true;
        return false;
    }
    out->items[out->n++] = (struct uct_absence){rule, r->source, call, (uint32_t)b->nkept};
    b->kept[b->nkept++] = k;
    return true;
}

/* "INVITE", "200 answer to INVITE" */
static void field_message(struct finder *f, const struct uct_msg *m)
{
    struct uct_slice method = uct_interned(f->s->strings, m->method);
    char what[96];
    if (m->status)
        snprintf(what, sizeof what, "%u answer to %.*s", m->status, method.n < 32 ? (int)method.n : 32, method.p);
    else
        snprintf(what, sizeof what, "%.*s", method.n < 32 ? (int)method.n : 32, method.p);
    field_text(f, "message", what);
}

static void field_hop(struct finder *f, const struct uct_ref *sent, uint32_t receiver)
{
    char name[128], at[32];
    name_box(f, f->l->box[sent->source], name, sizeof name);
    field_text(f, "sender", name);
    if (receiver != UINT32_MAX) {
        name_box(f, receiver, name, sizeof name);
        field_text(f, "receiver", name);
    }
    field_message(f, sent->msg);
    field_text(f, "sent-at", clock_text(sent->time, at));
    field(f, "peer", uct_interned(f->s->strings, uct_links_host(f->l, sent->msg->remote)));
}

/* "vcse's log ends at 08:09:00.000" */
static void field_log(struct finder *f, uint32_t box, enum covering how, const struct hole *hole)
{
    const struct cover *c = cover_of(f, box);
    char name[128], text[256], a[32], b[32];
    name_box(f, box, name, sizeof name);
    if (how == AFTER)
        snprintf(text, sizeof text, "%s's log ends at %s", name, clock_text(c->last, a));
    else if (how == BEFORE)
        snprintf(text, sizeof text, "%s's log begins at %s", name, clock_text(c->first, a));
    else
        snprintf(text, sizeof text, "%s's log has nothing from %s to %s", name, clock_text(hole->from, a),
                 clock_text(hole->to, b));
    field_text(f, "log", text);
}

/* ---- messages without an arrival --------------------------------------- */

/* One message of a call: its first and last sending, and whether anybody got it. */
struct trail {
    uint32_t first, last;         /* refs + 1; 0: never seen sent */
    bool got;
};

static bool is(const struct finder *f, uint32_t method, const char *name)
{
    return uct_slice_eq(uct_interned(f->s->strings, method), uct_slice_str(name));
}

/* What the receiving side writes down for sure: not the acknowledgement of a hop, not a 100. */
static bool counts(const struct finder *f, const struct uct_msg *m)
{
    return m->status != 100 && m->method != f->ack && m->method;
}

/* That of a 2xx goes from end to end; a log that has others would have it. */
static bool is_lost_ack(struct finder *f, const struct uct_call *c, const struct uct_ref *sent)
{
    const struct uct_msg *m = sent->msg;
    if (m->method != f->ack || m->status || !m->to_tag || c->status < 200 || c->status >= 300)
        return false;
    const struct uct_link *link = uct_links_find(f->l, f->l->box[sent->source], m->remote);
    return link && link->peer != UINT32_MAX && cover_of(f, link->peer)->nack >= KNOWN_BY;
}

static bool got_in(const struct finder *f, const struct uct_call *c, uint32_t box, const struct uct_msg *m)
{
    uint64_t base = uct_msg_base(m);
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (r->msg && r->msg->dir != UCT_DIR_OUT && f->l->box[r->source] == box && uct_msg_base(r->msg) == base)
            return true;
        /* What a box says about a request it has got, though it did not write the request down. */
        if (r->record && !m->status && f->l->box[r->source] == box && (!r->record->cseq || r->record->cseq == m->cseq))
            return true;
    }
    return false;
}

/* Room for the messages of a call. */
static bool fit_trails(const struct uct_call *c, struct trail **t, size_t *room)
{
    if (c->messages + 1u <= *room)
        return true;
    free(*t);
    *room = (c->messages + 1u) * 2;
    *t = malloc(*room * sizeof **t);
    return *t != NULL;
}

static void list_trails(const struct uct_call *c, struct trail *t)
{
    memset(t, 0, (c->messages + 1u) * sizeof *t);
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        struct trail *x = &t[r->group];
        if (!r->group || r->group > c->messages)
            continue;
        x->got |= r->msg->dir != UCT_DIR_OUT;
        if (r->msg->dir != UCT_DIR_OUT)
            continue;
        x->first = x->first ? x->first : (uint32_t)i + 1;
        x->last = (uint32_t)i + 1;
    }
}

/* ---- logs that are not whole -------------------------------------------- */

/* A search for one call, a log of one of several boxes behind one address: what such a log lacks did not get lost.
 * It shows by what others got from the box and the log does not have. */
static bool sent_by(const struct finder *f, const struct uct_call *c, uint32_t box, const struct uct_msg *m)
{
    uint64_t base = uct_msg_base(m);
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (r->msg && r->msg->dir != UCT_DIR_IN && f->l->box[r->source] == box && uct_msg_base(r->msg) == base)
            return true;
    }
    return false;
}

static void note_unseen(struct finder *f, const struct uct_call *c, const struct trail *t)
{
    struct hole hole;
    for (size_t i = 0, tried = 0; i < c->nrefs && tried < LOST_MOST && f->nunseen < UNSEEN_MOST; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (!r->group || r->group > c->messages || r->msg->dir != UCT_DIR_IN || t[r->group].first ||
            r->time == UCT_NO_TIME || !counts(f, r->msg))
            continue;
        uint32_t box = f->l->box[r->source];
        const struct uct_link *link = uct_links_find(f->l, box, r->msg->remote);
        if (!link || link->peer == UINT32_MAX || link->peer == box)
            continue;
        tried++;
        int64_t error = clock_error(f, box, link->peer);
        if (error < 0 || error > ERROR_MOST_MS || covers(f, link->peer, r->time, error, &hole) != COVERED ||
            sent_by(f, c, link->peer, r->msg))
            continue;
        if (!UCT_ROOM(f->unseen, f->nunseen, f->cunseen)) {
            f->failed = true;
            return;
        }
        f->unseen[f->nunseen++] = (struct unseen){r->time, link->peer};
    }
}

static int by_box(const void *a, const void *b)
{
    const struct unseen *x = a, *y = b;
    if (x->box != y->box)
        return x->box < y->box ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

static void list_unseen(struct finder *f)
{
    struct trail *t = NULL;
    size_t room = 0;
    f->unseen_listed = true;
    for (size_t i = 0; i < f->c->n && !f->failed; i++) {
        const struct uct_call *c = &f->c->items[i];
        if (c->npacked)               /* what a summary does not show, the log may have all the same */
            continue;
        if (!fit_trails(c, &t, &room)) {
            f->failed = true;
            break;
        }
        list_trails(c, t);
        note_unseen(f, c, t);
    }
    free(t);
    if (f->nunseen > 1)
        qsort(f->unseen, f->nunseen, sizeof *f->unseen, by_box);
}

/* Does the box's log have all that it surely sent about that time? */
static bool is_whole(struct finder *f, uint32_t box, int64_t t)
{
    if (!f->unseen_listed)
        list_unseen(f);
    size_t lo = 0, hi = f->nunseen;
    const struct unseen from = {t - SIP_AGO_MS, box};
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (by_box(&f->unseen[mid], &from) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return f->nunseen < UNSEEN_MOST && (lo == f->nunseen || f->unseen[lo].box != box || f->unseen[lo].time > t + SIP_AGO_MS);
}

/* ---- messages without an arrival, judged -------------------------------- */

/* Who answers a request, or acknowledges an answer, has it, whatever its log says. */
static bool answered(const struct finder *f, const struct uct_call *c, const struct uct_ref *sent)
{
    uint32_t box = f->l->box[sent->source], host = uct_links_host(f->l, sent->msg->remote);
    const struct uct_msg *m = sent->msg;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *x = c->refs[i].msg;
        if (!x || x->dir != UCT_DIR_IN || x->cseq != m->cseq || f->l->box[c->refs[i].source] != box ||
            uct_links_host(f->l, x->remote) != host)
            continue;
        if (m->status ? m->status >= 200 && x->method == f->ack : x->status && x->method == m->method)
            return true;
    }
    return false;
}

static bool has_final(const struct uct_call *c)
{
    return c->status >= 200;
}

/* A message that went out to a box whose log is at hand and is not in it. */
static void judge_trail(struct finder *f, size_t call, const struct trail *t)
{
    const struct uct_call *c = &f->c->items[call];
    const struct uct_ref *sent = &c->refs[t->first - 1], *last = &c->refs[t->last - 1];
    uint32_t box = f->l->box[sent->source];
    const struct uct_link *link = uct_links_find(f->l, box, sent->msg->remote);
    struct hole hole = {0, 0};
    if (!link || link->peer == UINT32_MAX || link->sent < KNOWN_BY || sent->time == UCT_NO_TIME ||
        got_in(f, c, link->peer, sent->msg))
        return;
    int64_t error = clock_error(f, box, link->peer);
    if (error < 0 || error > ERROR_MOST_MS)
        return;
    enum covering how = covers(f, link->peer, sent->time, error, &hole);
    if (how == COVERED)
        how = covers(f, link->peer, last->time, error, &hole);
    if (how == COVERED && !answered(f, c, sent) && is_whole(f, link->peer, sent->time)) {
        if (begin(f, "sip.message-lost", call, sent))
            field_hop(f, sent, link->peer);
    } else if (how != COVERED && how != NOT_KNOWN && !sent->msg->status && sent->msg->method == c->method && !has_final(c)) {
        if (begin(f, "sip.log-ends-early", call, sent)) {
            field_hop(f, sent, link->peer);
            field_log(f, link->peer, how, &hole);
        }
    }
}

static bool is_call(const struct finder *f, const struct uct_call *c)
{
    return c->method && (is(f, c->method, "INVITE") || is(f, c->method, "BYE"));
}

/* ---- calls without an answer ------------------------------------------- */

/* Where the trail of the INVITE ends: sent and not seen arriving, else the last place it was seen at. */
static const struct uct_ref *trail_end(const struct uct_call *c, const struct trail *t)
{
    const struct uct_ref *end = NULL, *seen = NULL;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (!r->group || r->msg->status || r->msg->method != c->method)
            continue;
        seen = r;
        if (r->msg->dir == UCT_DIR_OUT && !t[r->group].got)
            end = r;
    }
    return end ? end : seen;
}

/* What was sent is looked for at the next box, what only came in at the one that has it. */
static void field_end(struct finder *f, const struct uct_ref *end)
{
    char name[128], at[32];
    struct uct_slice peer = uct_interned(f->s->strings, uct_links_host(f->l, end->msg->remote));
    bool out = end->msg->dir == UCT_DIR_OUT;
    name_box(f, f->l->box[end->source], name, sizeof name);
    field_text(f, out ? "sender" : "last", name);
    field(f, "peer", peer);
    if (out)
        field(f, "next", peer);
    else
        field_text(f, f->s->items[end->source]->parser == &uct_parser_expressway ? "expressway" : "server", name);
    field_text(f, "sent-at", clock_text(end->time, at));
}

static void judge_unanswered(struct finder *f, size_t call, const struct trail *t)
{
    const struct uct_call *c = &f->c->items[call];
    const struct uct_ref *end = trail_end(c, t);
    uint16_t most = 0;
    if (!end || !is(f, c->method, "INVITE") || !begin(f, "sip.no-final-response", call, end))
        return;
    field_end(f, end);
    for (size_t i = 0; i < c->nrefs; i++)
        if (c->refs[i].msg && c->refs[i].msg->method == c->method && c->refs[i].msg->status > most)
            most = c->refs[i].msg->status;
    if (most) {
        char text[16];
        snprintf(text, sizeof text, "%u", most);
        field_text(f, "last-answer", text);
    }
}

/* ---- answers that nobody acknowledged ----------------------------------- */

#define REPEATS_LEAST 3           /* sendings of one answer that show that its sender waits for the ACK */
#define REPEATS_MS 1500           /* ... over this time */

/* How often, after this first sending, the box sent that answer, and until when. */
static size_t repeats(const struct finder *f, const struct uct_call *c, size_t first, int64_t *last)
{
    const struct uct_ref *a = &c->refs[first];
    size_t n = 1;
    *last = a->time;
    for (size_t i = first + 1; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (r->group != a->group || r->msg->dir != UCT_DIR_OUT || f->l->box[r->source] != f->l->box[a->source] ||
            r->time == *last || r->time == UCT_NO_TIME)
            continue;
        n++;
        *last = r->time;
    }
    return n;
}

static bool has_ack(const struct finder *f, const struct uct_call *c, uint32_t cseq)
{
    for (size_t i = 0; i < c->nrefs; i++)
        if (c->refs[i].msg && c->refs[i].msg->method == f->ack && c->refs[i].msg->cseq == cseq)
            return true;
    return false;
}

/* An answer that is sent again and again waits for an ACK that no log has, though the box writes those of others. */
static void judge_ack(struct finder *f, size_t call)
{
    const struct uct_call *c = &f->c->items[call];
    size_t i = 0;
    int64_t last;
    while (i < c->nrefs && !(c->refs[i].group && c->refs[i].msg->dir == UCT_DIR_OUT && c->refs[i].msg->status >= 200 &&
                             c->refs[i].msg->status < 300 && c->refs[i].msg->method == c->method))
        i++;
    if (i == c->nrefs || c->refs[i].time == UCT_NO_TIME || !is(f, c->method, "INVITE"))
        return;
    const struct uct_ref *sent = &c->refs[i];
    size_t n = repeats(f, c, i, &last);
    if (n < REPEATS_LEAST || last - sent->time < REPEATS_MS || has_ack(f, c, sent->msg->cseq) ||
        cover_of(f, f->l->box[sent->source])->nack < KNOWN_BY || !begin(f, "sip.not-acknowledged", call, sent))
        return;
    char times[24];
    snprintf(times, sizeof times, "%zu", n);
    field_hop(f, sent, UINT32_MAX);
    field_text(f, "times", times);
}

/* ---- calls that a Microsoft server gave up ------------------------------ */

static bool seen_in(const struct finder *f, const struct uct_call *c, const struct uct_parser *parser)
{
    for (size_t i = 0; i < c->nrefs; i++)
        if (f->s->items[c->refs[i].source]->parser == parser)
            return true;
    for (size_t i = 0; i < c->npacked; i++)
        if (c->packed[i].from->parser == parser)
            return true;
    return false;
}

static struct uct_slice domain_of(const struct finder *f, uint32_t uri)
{
    return uct_sip_uri_host(uct_interned(f->s->strings, uri));
}

static bool names(const struct finder *f, uint32_t box, struct uct_slice domain)
{
    for (size_t i = 0; i < f->c->n; i++) {
        const struct uct_call *c = &f->c->items[i];
        if ((!uct_slice_ieq(domain_of(f, c->to), domain) && !uct_slice_ieq(domain_of(f, c->from), domain)))
            continue;
        for (size_t k = 0; k < c->nrefs && k < 64; k++)
            if (f->l->box[c->refs[k].source] == box)
                return true;
        for (size_t k = 0; k < c->npacked; k++)
            if (f->l->box[c->packed[k].source] == box)
                return true;
    }
    return false;
}

/* Does the box serve that domain: does some message in its log name it?  Asked once per domain. */
static bool serves(struct finder *f, uint32_t box, struct uct_slice domain)
{
    for (size_t i = 0; i < f->nserved; i++)
        if (uct_slice_ieq(f->served[i].domain, domain) && f->served[i].box == box)
            return f->served[i].yes;
    if (f->nserved == DOMAINS_MOST || !domain.n)
        return false;
    bool yes = names(f, box, domain);
    f->served[f->nserved++] = (struct served){domain, box, yes};
    return yes;
}

static void list_expressways(struct finder *f)
{
    for (uint32_t i = 0; i < f->s->n && f->nexpressway < BOXES_MOST; i++)
        if (f->l->box[i] == i && f->s->items[i]->parser == &uct_parser_expressway &&
            f->s->items[i]->state != UCT_STATE_DUPLICATE)
            f->expressway[f->nexpressway++] = i;
}

/* An Expressway of the called domain whose log covers the moment: its box, or UINT32_MAX. */
static uint32_t covering_expressway(struct finder *f, const struct uct_ref *r, struct uct_slice domain, bool assume,
                                    int64_t *at)
{
    struct hole hole;
    for (size_t i = 0; i < f->nexpressway; i++) {
        uint32_t box = f->expressway[i];
        int64_t error, t = time_at(f, r, box, assume, &error);
        if (t != UCT_NO_TIME && error <= ERROR_MOST_MS && covers(f, box, t, error, &hole) == COVERED &&
            serves(f, box, domain) && is_whole(f, box, t)) {
            *at = t;
            return box;
        }
    }
    return UINT32_MAX;
}

/* The first sighting of the call by a box whose clock can be held against an Expressway that covers it. */
static const struct uct_ref *first_covered(struct finder *f, const struct uct_call *c, bool assume, uint32_t *box,
                                           int64_t *at)
{
    uint32_t asked[4], nasked = 0;
    for (size_t i = 0; i < c->nrefs && nasked < 4; i++) {
        const struct uct_ref *r = &c->refs[i];
        uint32_t from = f->l->box[r->source];
        bool again = r->time == UCT_NO_TIME || (r->msg && r->msg->status);
        for (uint32_t k = 0; k < nasked; k++)
            again |= asked[k] == from;
        if (again)
            continue;
        asked[nasked++] = from;
        *box = covering_expressway(f, r, domain_of(f, c->to), assume, at);
        if (*box != UINT32_MAX)
            return r;
    }
    return NULL;
}

static void judge_refused(struct finder *f, size_t call)
{
    const struct uct_call *c = &f->c->items[call];
    uint32_t box;
    int64_t when;
    char name[128], at[32];
    if (!c->to || seen_in(f, c, &uct_parser_expressway))
        return;
    const struct uct_ref *first = first_covered(f, c, false, &box, &when);
    bool assumed = !first;
    if (!first)
        first = first_covered(f, c, true, &box, &when);
    if (!first || !begin(f, "federation.never-reached-us", call, first))
        return;
    name_box(f, f->l->box[first->source], name, sizeof name);
    field_text(f, "sender", name);
    name_box(f, box, name, sizeof name);
    field_text(f, "receiver", name);
    field_text(f, "sent-at", clock_text(when, at));
    if (assumed)
        field_text(f, "reading", "if its stamps are UTC");
    field(f, "domain", domain_of(f, c->to));
}

/* ---- clocks that are off ------------------------------------------------ */

static void field_skew(struct finder *f, uint32_t box, const struct uct_skew *k)
{
    struct uct_buf b = {0};
    char name[128];
    uct_skew_say(&b, f->s, box, k);
    name_box(f, box, name, sizeof name);
    field_text(f, "box", name);
    name_box(f, k->against, name, sizeof name);
    field_text(f, "reference", name);
    field(f, "clock", uct_slice(b.p, b.n));
    f->failed |= b.failed;
    uct_buf_free(&b);
}

/* Both ends of one message show it: two records, of no call. */
static void tell_skew(struct finder *f, size_t call, const struct uct_ref *sent, const struct uct_ref *got, uint32_t box,
                      const struct uct_skew *k)
{
    const struct uct_ref *ends[] = {sent, got};
    for (size_t i = 0; i < 2; i++)
        if (begin(f, "clock.skew", call, ends[i])) {
            f->out->block.kept[f->out->block.nkept - 1].call_id = 0;
            field_skew(f, box, k);
        }
}

static void list_skewed(struct finder *f, const struct uct_skew *all, bool *wanted, size_t *n)
{
    for (uint32_t i = 0; i < f->s->n; i++) {
        wanted[i] = f->l->box[i] == i && f->s->items[i]->samples && f->s->items[i]->reference != f->s->items[i] &&
                    uct_skew_is(&all[i], SKEW_LEAST_MS);
        *n += wanted[i];
    }
}

static void judge_skews(struct finder *f)
{
    struct uct_skew *all = malloc((f->s->n + 1) * sizeof *all);
    bool *wanted = calloc(f->s->n + 1, sizeof *wanted);
    struct trail *t = NULL;
    size_t n = 0, room = 0;
    f->failed |= !all || !wanted || uct_skews_list(f->s, all) != UCT_OK;
    if (!f->failed)
        list_skewed(f, all, wanted, &n);
    for (size_t i = 0; i < f->c->n && n && !f->failed; i++) {
        const struct uct_call *c = &f->c->items[i];
        if (!fit_trails(c, &t, &room)) {
            f->failed = true;
            break;
        }
        list_trails(c, t);
        for (size_t k = 0; k < c->nrefs && n; k++) {
            const struct uct_ref *got = &c->refs[k];
            uint32_t first = got->group && got->group <= c->messages && got->msg->dir == UCT_DIR_IN ? t[got->group].first : 0;
            if (!first)
                continue;
            uint32_t a = f->l->box[c->refs[first - 1].source], b = f->l->box[got->source];
            uint32_t box = a != b && wanted[a] ? a : b;
            if (a == b || !wanted[box])
                continue;
            wanted[box] = false;
            n--;
            tell_skew(f, i, &c->refs[first - 1], got, box, &all[box]);
        }
    }
    free(all);
    free(wanted);
    free(t);
}

/* ---- all of it --------------------------------------------------------- */

static void judge_call(struct finder *f, size_t call, struct trail *t)
{
    const struct uct_call *c = &f->c->items[call];
    list_trails(c, t);
    for (size_t i = 0, tried = 0; i < c->nrefs && f->l->nboxes > 1 && tried < LOST_MOST; i++) {
        const struct trail *x = &t[c->refs[i].group];
        if (!c->refs[i].group || x->first != i + 1 || x->got ||
            (!counts(f, c->refs[i].msg) && !is_lost_ack(f, c, &c->refs[i])))
            continue;
        tried++;
        judge_trail(f, call, x);
    }
    if (c->outcome == UCT_UNANSWERED)
        judge_unanswered(f, call, t);
    if (c->retransmissions && c->status >= 200 && c->status < 300)
        judge_ack(f, call);
}

enum uct_status uct_absences_find(const struct uct_sources *s, const struct uct_calls *c, const size_t *refused,
                                  size_t nrefused, struct uct_absences *out)
{
    struct finder f = {.s = s, .c = c, .l = c->links, .out = out, .cover = calloc(s->n + 1, sizeof *f.cover)};
    struct trail *t = NULL;
    size_t room = 0;
    *out = (struct uct_absences){0};
    f.failed = !f.cover;
    f.ack = uct_intern_find(s->strings, UCT_S("ACK"));
    f.ack = f.ack ? f.ack : UINT32_MAX;
    for (size_t i = 0; i < c->n && !f.failed; i++) {
        const struct uct_call *call = &c->items[i];
        if (!is_call(&f, call) || call->npacked)       /* one that ended well in some log lost nothing that counts */
            continue;
        if (!fit_trails(call, &t, &room)) {
            f.failed = true;
            break;
        }
        judge_call(&f, i, t);
    }
    judge_skews(&f);
    list_expressways(&f);
    for (size_t i = 0; i < nrefused && !f.failed; i++)
        judge_refused(&f, refused[i]);
    for (size_t i = 0; f.cover && i < s->n; i++)
        free(f.cover[i].holes);
    free(f.cover);
    free(f.unseen);
    free(t);
    return f.failed ? UCT_FATAL : UCT_OK;
}

void uct_absences_free(struct uct_absences *a)
{
    uct_block_free(&a->block);
    free(a->items);
    *a = (struct uct_absences){0};
}
