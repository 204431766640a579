/* Groups messages and diagnostic records by Call-ID across all sources. */
#include "calls.h"
#include "links.h"
#include "ties.h"

#include <stdlib.h>

typedef void each_fn(void *arg, uint32_t source, const struct uct_msg *m, const struct uct_sighting *r);

static void each(const struct uct_sources *s, each_fn *fn, void *arg)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct uct_source *src = s->items[i];
        if (src->state == UCT_STATE_DUPLICATE)
            continue;
        for (size_t b = 0; b < src->nblocks; b++) {
            const struct uct_block *k = &src->blocks[b];
            for (size_t m = 0; m < k->nmsgs; m++)
                fn(arg, (uint32_t)i, &k->msgs[m], NULL);
            for (size_t r = 0; r < k->nsightings; r++)
                fn(arg, (uint32_t)i, NULL, &k->sightings[r]);
        }
    }
}

struct building {
    const struct uct_sources *s;
    struct uct_calls *c;
    uint32_t *summaries;        /* per Call-ID: how many there are */
};

static uint32_t call_id_of(const struct uct_msg *m, const struct uct_sighting *r)
{
    return m ? m->call_id : r->call_id;
}

/* ---- summaries --------------------------------------------------------- */

static bool room_for(struct uct_view *v, size_t refs, size_t summaries)
{
    if (refs > v->crefs) {
        struct uct_ref *p = realloc(v->refs, refs * 2 * sizeof *p);
        if (!p)
            return false;
        v->refs = p;
        v->crefs = refs * 2;
    }
    if (summaries > v->csummaries) {
        struct uct_summary *p = realloc(v->summaries, summaries * 2 * sizeof *p);
        if (!p)
            return false;
        v->summaries = p;
        v->csummaries = summaries * 2;
    }
    return true;
}

static void sort_refs(struct uct_call *c);

static const struct uct_call *show(const struct uct_call *call, struct uct_view *v)
{
    if (!call->npacked)
        return call;
    if (!room_for(v, call->nrefs + call->npacked * UCT_SUMMARY_ROWS, call->npacked)) {
        v->failed = true;
        return call;
    }
    v->call = *call;
    v->call.refs = v->refs;
    if (call->nrefs)
        memcpy(v->refs, call->refs, call->nrefs * sizeof *v->refs);
    for (size_t i = 0; i < call->npacked; i++) {
        const struct uct_packed *p = &call->packed[i];
        struct uct_summary *x = &v->summaries[i];
        uct_summary_open(&p->from->summaries, p->index, x);
        for (unsigned r = 0; r < x->nrows; r++)
            v->refs[v->call.nrefs++] = (struct uct_ref){
                .msg = &x->rows[r], .source = p->source, .group = x->group[r],
                .time = uct_source_time(p->from, x->rows[r].time, x->rows[r].offset)};
    }
    sort_refs(&v->call);
    return &v->call;
}

const struct uct_call *uct_calls_show(const struct uct_calls *c, size_t i, struct uct_view *v)
{
    return show(&c->items[i], v);
}

void uct_view_free(struct uct_view *v)
{
    free(v->refs);
    free(v->summaries);
    *v = (struct uct_view){0};
}

/* The groups that were found, back into the summaries and the call's own refs. */
static void keep_groups(struct uct_call *call, const struct uct_view *v)
{
    for (size_t i = 0, own = 0; i < v->call.nrefs; i++) {
        const struct uct_ref *r = &v->call.refs[i];
        bool packed = false;
        for (size_t k = 0; k < call->npacked && !packed; k++) {
            struct uct_summary *x = &v->summaries[k];
            packed = r->msg >= x->rows && r->msg < x->rows + UCT_SUMMARY_ROWS;
            if (packed)
                x->group[r->msg - x->rows] = r->group <= UINT8_MAX ? (uint8_t)r->group : 0;
        }
        if (!packed)
            call->refs[own++].group = r->group;
    }
    for (size_t k = 0; k < call->npacked; k++)
        uct_summary_regroup(&call->packed[k].from->summaries, call->packed[k].index, v->summaries[k].group);
}

/* One end of a hop in one box's log: the host at the other side of it.  Those of one hop have one root. */
struct hop_end {
    uint32_t box, root;
    struct uct_slice host;
};

/* A message on a hop; rows come before what only has a print. */
struct once {
    uint64_t key;
    bool printed;
};

struct printing {
    const struct uct_calls *c;
    const struct uct_call *all;
    const struct uct_view *v;
    struct hop_end *ends;
    uint32_t *end_of;                /* per ref */
    size_t nends;
    struct once *once;
    size_t n;
};

#define ENDS_MOST 64

static uint32_t end_root(struct printing *p, uint32_t i)
{
    while (p->ends[i].root != i)
        i = p->ends[i].root = p->ends[p->ends[i].root].root;
    return i;
}

static uint32_t find_end(struct printing *p, const struct uct_ref *r)
{
    const struct uct_intern *strings = p->c->links->strings;
    struct uct_slice host = uct_address_host(uct_interned(strings, r->msg->remote));
    uint32_t box = p->c->links->box[r->source], i = 0;
    while (i < p->nends && (p->ends[i].box != box || !uct_slice_eq(p->ends[i].host, host)))
        i++;
    if (i == p->nends && p->nends < ENDS_MOST)
        p->ends[p->nends++] = (struct hop_end){box, i, host};
    return i < ENDS_MOST ? i : ENDS_MOST - 1;
}

/* Refs of one group are sightings at the ends of one hop. */
static void list_ends(struct printing *p)
{
    for (size_t i = 0; i < p->all->nrefs; i++) {
        const struct uct_ref *r = &p->all->refs[i];
        if (!r->msg)
            continue;
        p->end_of[i] = find_end(p, r);
        for (size_t k = i; r->group && k > 0 && i - k < ENDS_MOST; k--)
            if (p->all->refs[k - 1].group == r->group) {
                uint32_t a = end_root(p, p->end_of[k - 1]), b = end_root(p, p->end_of[i]);
                p->ends[a > b ? a : b].root = a > b ? b : a;
            }
    }
}

static void note_once(struct printing *p, uint32_t same, uint32_t end, bool printed)
{
    p->once[p->n++] = (struct once){(uint64_t)end << 32 | same, printed};
}

/* The end that a summary's row stands at. */
static uint32_t end_of_row(const struct printing *p, const struct uct_msg *row)
{
    for (size_t i = 0; i < p->all->nrefs; i++)
        if (p->all->refs[i].msg == row)
            return p->end_of[i];
    return 0;
}

static void list_once(struct printing *p)
{
    const struct uct_intern *strings = p->c->links->strings;
    for (size_t i = 0; i < p->all->nrefs; i++) {
        const struct uct_ref *r = &p->all->refs[i];
        if (!r->msg || !r->group)
            continue;
        note_once(p, uct_msg_same(strings, r->msg), end_root(p, p->end_of[i]), false);
        note_once(p, uct_msg_same_hop(strings, r->msg), UINT32_MAX, false);
    }
    for (size_t s = 0; s < p->all->npacked; s++) {
        const struct uct_summary *x = &p->v->summaries[s];
        for (unsigned k = 0; k < x->nprints; k++) {
            unsigned row = uct_print_row(x->prints[k]);
            bool alone = row >= x->nrows;
            note_once(p, uct_print_same(x->prints[k]), alone ? UINT32_MAX : end_root(p, end_of_row(p, &x->rows[row])), true);
        }
    }
}

static int by_once(const void *a, const void *b)
{
    const struct once *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->printed - y->printed;
}

/* Messages that only have a print, each once. */
static bool count_distinct(const struct uct_calls *c, const struct uct_call *all, const struct uct_view *v, uint32_t *count)
{
    size_t prints = 0;
    for (size_t i = 0; i < all->npacked; i++)
        prints += v->summaries[i].nprints;
    struct printing p = {.c = c, .all = all, .v = v, .ends = malloc(ENDS_MOST * sizeof *p.ends),
                         .end_of = calloc(all->nrefs + 1, sizeof *p.end_of),
                         .once = malloc((2 * all->nrefs + prints + 1) * sizeof *p.once)};
    bool ok = p.ends && p.end_of && p.once;
    if (ok) {
        list_ends(&p);
        list_once(&p);
        if (p.n > 1)
            qsort(p.once, p.n, sizeof *p.once, by_once);
        for (size_t i = 0; i < p.n; i++)
            *count += p.once[i].printed && (!i || p.once[i].key != p.once[i - 1].key);
    }
    free(p.ends);
    free(p.end_of);
    free(p.once);
    return ok;
}

/* Messages that have no ref. */
static bool count_printed(const struct uct_calls *c, struct uct_call *call, const struct uct_view *v)
{
    for (size_t i = 0; i < call->npacked; i++)
        call->messages += v->summaries[i].more;
    if (call->npacked == 1 && !call->nrefs) {        /* nobody else saw it: nothing is known twice */
        call->messages += v->summaries[0].nprints;
        return true;
    }
    return count_distinct(c, &v->call, v, &call->messages);
}

/* ---- calls ------------------------------------------------------------- */

/* First pass: which Call-IDs there are, and how often. */
static void count(void *arg, uint32_t source, const struct uct_msg *m, const struct uct_sighting *r)
{
    struct building *b = arg;
    (void)source;
    uint32_t id = call_id_of(m, r);
    if (!id || id > b->c->nids) {
        if (m)
            b->c->source_messages[source]++;
        return;
    }
    b->c->by_id[id]++;
}

/* Second pass: each sighting into its call's place. */
static void place(void *arg, uint32_t source, const struct uct_msg *m, const struct uct_sighting *r)
{
    struct building *b = arg;
    uint32_t id = call_id_of(m, r);
    if (!id || id > b->c->nids)
        return;
    struct uct_call *call = &b->c->items[b->c->by_id[id] - 1];
    call->refs[call->nrefs++] = (struct uct_ref){
        .msg = m, .record = r, .source = source,
        .time = uct_source_time(b->s->items[source], m ? m->time : r->time, m ? m->offset : r->offset)};
}

static int by_time(const void *a, const void *b)
{
    const struct uct_ref *x = a, *y = b;
    if (x->time != y->time) {
        if (x->time == UCT_NO_TIME || y->time == UCT_NO_TIME)
            return x->time == UCT_NO_TIME ? 1 : -1;
        return x->time < y->time ? -1 : 1;
    }
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    uint64_t p = x->msg ? x->msg->offset : x->record->offset, q = y->msg ? y->msg->offset : y->record->offset;
    return p != q ? (p < q ? -1 : 1) : (x->msg == NULL) - (y->msg == NULL);
}

/* One log's rows are in order, nearly always. */
static void sort_refs(struct uct_call *c)
{
    size_t i = 1;
    while (i < c->nrefs && by_time(&c->refs[i - 1], &c->refs[i]) <= 0)
        i++;
    if (i < c->nrefs)
        qsort(c->refs, c->nrefs, sizeof *c->refs, by_time);
}

/* What qsort needs to compare calls without a global. */
struct order {
    int64_t start;
    struct uct_slice id;
    struct uct_call call;
};

static int compare_start(int64_t a, struct uct_slice x, int64_t b, struct uct_slice y)
{
    if (a != b) {
        if (a == UCT_NO_TIME || b == UCT_NO_TIME)
            return a == UCT_NO_TIME ? 1 : -1;
        return a < b ? -1 : 1;
    }
    int c = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
    return c ? c : (x.n > y.n) - (x.n < y.n);
}

static int by_start(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    return compare_start(x->start, x->id, y->start, y->id);
}

/* Ids, and the caller where there are summary lines only, that an event or a deeper Via tells. */
static enum uct_status note_ties(struct uct_calls *c, const struct uct_sources *s)
{
    if (uct_ties_find(s, c, c->ties) != UCT_OK)
        return UCT_FATAL;
    for (size_t i = c->ties->from[UCT_KNOWN_SERIAL]; i < c->ties->from[UCT_KNOWN_TAG + 1]; i++) {
        const struct uct_known *k = &c->ties->v[i];
        if (k->value <= c->nids && !c->by_serial[k->value])
            c->by_serial[k->value] = k->call + 1;
    }
    for (size_t i = c->ties->from[UCT_KNOWN_FROM]; i < c->ties->from[UCT_KNOWN_FROM + 1]; i++)
        if (!c->items[c->ties->v[i].call].from)
            c->items[c->ties->v[i].call].from = c->ties->v[i].value;
    return UCT_OK;
}

static enum uct_status sort_calls(struct uct_calls *c, const struct uct_intern *strings)
{
    struct order *o = malloc((c->n ? c->n : 1) * sizeof *o);
    if (!o)
        return UCT_FATAL;
    for (size_t i = 0; i < c->n; i++)
        o[i] = (struct order){c->items[i].start, uct_interned(strings, c->items[i].call_id), c->items[i]};
    if (c->n)
        qsort(o, c->n, sizeof *o, by_start);
    for (size_t i = 0; i < c->n; i++) {
        c->items[i] = o[i].call;
        c->by_id[c->items[i].call_id] = (uint32_t)i + 1;
    }
    for (uint32_t id = 1; id <= c->nids; id++)               /* until now the number of its Call-ID */
        c->by_serial[id] = c->by_serial[id] ? c->by_id[c->by_serial[id]] : 0;
    free(o);
    return UCT_OK;
}

static enum uct_status allocate(struct building *b)
{
    struct uct_calls *c = b->c;
    size_t total = 0, calls = 0, packed = 0;
    for (uint32_t id = 1; id <= c->nids; id++) {
        total += c->by_id[id];
        packed += b->summaries[id];
        calls += c->by_id[id] || b->summaries[id];
    }
    c->items = calloc(calls ? calls : 1, sizeof *c->items);
    c->refs = malloc((total ? total : 1) * sizeof *c->refs);
    c->packed = malloc((packed ? packed : 1) * sizeof *c->packed);
    if (!c->items || !c->refs || !c->packed)
        return UCT_FATAL;
    size_t at = 0, packed_at = 0;
    for (uint32_t id = 1; id <= c->nids; id++) {
        if (!c->by_id[id] && !b->summaries[id])
            continue;
        c->items[c->n].call_id = id;
        c->items[c->n].refs = c->refs + at;
        c->items[c->n].packed = c->packed + packed_at;
        at += c->by_id[id];
        packed_at += b->summaries[id];
        c->by_id[id] = (uint32_t)++c->n;
    }
    return UCT_OK;
}

static bool identify(struct uct_calls *c, struct uct_call *call, struct uct_view *v)
{
    struct uct_call *all = (struct uct_call *)show(call, v);          /* the call itself, or the view's copy of it */
    all->messages = all->retransmissions = 0;
    for (size_t k = 0; k < all->nrefs; k++)
        all->refs[k].group = 0;
    if (v->failed || uct_call_identify(all, c->links, c->source_messages) != UCT_OK)
        return false;
    if (all == call)
        return true;
    call->messages = all->messages;
    call->retransmissions = all->retransmissions;
    call->blind = all->blind;
    keep_groups(call, v);
    if (!count_printed(c, call, v))
        return false;
    all->messages = call->messages;
    all->retransmissions = call->retransmissions;
    return true;
}

/* ---- what a call is ---------------------------------------------------- */

/* The first call that carries a serial number or tag has it; calls come in no order. */
static void note_serial(struct uct_calls *c, const struct uct_call *call, uint32_t serial)
{
    if (!serial || serial > c->nids || c->by_serial[serial] == call->call_id)
        return;
    const struct uct_call *had = c->by_serial[serial] ? &c->items[c->by_id[c->by_serial[serial]] - 1] : NULL;
    const struct uct_intern *t = c->links->strings;
    if (!had || compare_start(call->start, uct_interned(t, call->call_id), had->start, uct_interned(t, had->call_id)) < 0)
        c->by_serial[serial] = call->call_id;
}

/* A summary's first and last moment have no ref of their own. */
static void take_moments(struct uct_call *all, const struct uct_view *v)
{
    for (size_t i = 0; i < all->npacked; i++) {
        const struct uct_packed *p = &all->packed[i];
        const struct uct_summary *x = &v->summaries[i];
        int64_t first = uct_source_time(p->from, x->first, x->rows[0].offset);
        int64_t last = uct_source_time(p->from, x->last, x->rows[x->nrows - 1].offset);
        all->start = all->start == UCT_NO_TIME || first < all->start ? first : all->start;
        all->end = all->end == UCT_NO_TIME || last > all->end ? last : all->end;
    }
}

/* all: the call with the refs of its summaries, or itself. */
static void judge(struct uct_calls *c, struct uct_call *call, struct uct_call *all, const struct uct_methods *methods,
                  const struct uct_view *v)
{
    struct uct_ref *refs = call->refs;
    size_t nrefs = call->nrefs;
    uct_call_judge(all, c->links, methods);
    if (all != call) {
        take_moments(all, v);
        *call = *all;
        call->refs = refs;
        call->nrefs = nrefs;
    }
    for (size_t r = 0; r < all->nrefs; r++)
        if (all->refs[r].msg) {
            note_serial(c, call, all->refs[r].msg->proxy_call_id);
            note_serial(c, call, all->refs[r].msg->tag);
        }
}

/* What one sighting without a branch may be the other end of is known best when all links are: calls with such
 * sightings are identified once more at the end.  With one box there is no other end, and a call is looked at once. */
static bool settle(struct uct_calls *c, const struct uct_methods *methods, struct uct_view *v)
{
    bool alone = c->links->nboxes < 2;
    for (size_t i = 0; i < c->n; i++) {
        struct uct_call *call = &c->items[i];
        if (!identify(c, call, v))
            return false;
        if (alone)
            judge(c, call, call->npacked ? &v->call : call, methods, v);
    }
    c->links->known = !alone;
    for (size_t i = 0; i < c->n && !alone; i++)
        if (c->items[i].blind && !identify(c, &c->items[i], v))
            return false;
    for (size_t i = 0; i < c->n && !alone && !v->failed; i++)
        judge(c, &c->items[i], (struct uct_call *)show(&c->items[i], v), methods, v);
    return !v->failed;
}

static void each_summary(const struct uct_sources *s, struct building *b, bool place)
{
    for (size_t i = 0; i < s->n; i++) {
        struct uct_source *src = s->items[i];
        if (src->state == UCT_STATE_DUPLICATE)
            continue;
        b->c->source_messages[i] += place ? 0 : src->summaries.messages;
        for (size_t k = 0; k < src->summaries.n; k++) {
            uint32_t id = src->summaries.items[k].call_id;
            if (!place) {
                b->summaries[id]++;
                continue;
            }
            struct uct_call *call = &b->c->items[b->c->by_id[id] - 1];
            call->packed[call->npacked++] = (struct uct_packed){src, (uint32_t)i, (uint32_t)k};
        }
    }
}

/* Every row and summary into its call's place. */
static bool place_all(const struct uct_sources *s, struct uct_calls *out)
{
    struct building b = {.s = s, .c = out, .summaries = calloc(out->nids + 1u, sizeof *b.summaries)};
    bool ok = b.summaries != NULL;
    if (ok) {
        each(s, count, &b);
        each_summary(s, &b, false);
        ok = allocate(&b) == UCT_OK;
    }
    if (ok) {
        each(s, place, &b);
        each_summary(s, &b, true);
    }
    free(b.summaries);
    return ok;
}

enum uct_status uct_calls_build(const struct uct_sources *s, struct uct_calls *out)
{
    *out = (struct uct_calls){.nids = uct_intern_count(s->strings) + 32};
    out->by_id = calloc(out->nids + 1u, sizeof *out->by_id);
    out->by_serial = calloc(out->nids + 1u, sizeof *out->by_serial);
    out->source_messages = calloc(s->n ? s->n : 1, sizeof *out->source_messages);
    out->links = calloc(1, sizeof *out->links);
    out->ties = calloc(1, sizeof *out->ties);
    out->s = s;
    if (!out->by_id || !out->by_serial || !out->source_messages || !out->links || !out->ties ||
        uct_links_new(out->links, s) != UCT_OK || !place_all(s, out))
        return UCT_FATAL;
    for (size_t i = 0; i < out->n; i++)
        sort_refs(&out->items[i]);
    struct uct_view v = {0};
    struct uct_methods methods = {uct_intern_find(s->strings, UCT_S("INVITE")), uct_intern_find(s->strings, UCT_S("CANCEL")),
                                  uct_intern_find(s->strings, UCT_S("ACK"))};
    enum uct_status st = settle(out, &methods, &v) ? sort_calls(out, s->strings) : UCT_FATAL;
    uct_view_free(&v);
    return st == UCT_OK ? note_ties(out, s) : st;
}

size_t uct_calls_find_serial(const struct uct_calls *c, uint32_t serial)
{
    if (!serial || serial > c->nids || !c->by_serial[serial])
        return SIZE_MAX;
    return c->by_serial[serial] - 1;
}

void uct_calls_free(struct uct_calls *c)
{
    free(c->by_serial);
    if (c->links)
        uct_links_free(c->links);
    free(c->links);
    if (c->ties)
        uct_ties_free(c->ties);
    free(c->ties);
    free(c->items);
    free(c->packed);
    free(c->refs);
    free(c->by_id);
    free(c->source_messages);
    *c = (struct uct_calls){0};
}

size_t uct_calls_find(const struct uct_calls *c, uint32_t call_id)
{
    if (!call_id || call_id > c->nids || !c->by_id[call_id])
        return SIZE_MAX;
    return c->by_id[call_id] - 1;
}
