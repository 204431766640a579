/* Groups messages and diagnostic records by Call-ID across all sources. */
#include "calls.h"
#include "links.h"

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

/* A print, and which summary has it; refs come last. */
struct print {
    uint32_t print;
    uint32_t from;
};

static int by_print(const void *a, const void *b)
{
    const struct print *x = a, *y = b;
    if (x->print != y->print)
        return x->print < y->print ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* How many messages the prints stand for that no ref is a sighting of: of one message several boxes have a print. */
static size_t only_printed(const struct print *v, size_t n, uint32_t refs)
{
    size_t count = 0;
    for (size_t i = 0, k; i < n; i = k) {
        size_t most = 0, run = 0;
        for (k = i; k < n && v[k].print == v[i].print; k++) {
            run = k > i && v[k].from == v[k - 1].from ? run + 1 : 1;
            most = v[k].from != refs && run > most ? run : most;
        }
        count += v[k - 1].from == refs ? 0 : most;
    }
    return count;
}

/* Messages and retransmissions that have no ref. */
static bool count_printed(const struct uct_intern *strings, struct uct_call *call, const struct uct_view *v)
{
    size_t n = 0;
    struct print *p = malloc((call->npacked * UCT_SUMMARY_PRINTS + v->call.nrefs + 1) * sizeof *p);
    for (size_t i = 0; p && i < call->npacked; i++) {
        const struct uct_summary *x = &v->summaries[i];
        for (unsigned k = 0; k < x->nprints; k++)
            p[n++] = (struct print){x->prints[k], (uint32_t)i};
        call->messages += x->more;
        call->retransmissions += x->retransmissions;
    }
    if (p && call->npacked == 1 && !call->nrefs) {        /* nobody else saw it: nothing is known twice */
        call->messages += v->summaries[0].nprints;
        free(p);
        return true;
    }
    for (size_t i = 0; p && i < v->call.nrefs; i++)
        if (v->call.refs[i].group)
            p[n++] = (struct print){uct_msg_print(strings, v->call.refs[i].msg), (uint32_t)call->npacked};
    if (p && n > 1)
        qsort(p, n, sizeof *p, by_print);
    if (p)
        call->messages += (uint32_t)only_printed(p, n, (uint32_t)call->npacked);
    free(p);
    return p != NULL;
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

static int by_start(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->start != y->start) {
        if (x->start == UCT_NO_TIME || y->start == UCT_NO_TIME)
            return x->start == UCT_NO_TIME ? 1 : -1;
        return x->start < y->start ? -1 : 1;
    }
    size_t n = x->id.n < y->id.n ? x->id.n : y->id.n;
    int c = memcmp(x->id.p, y->id.p, n);
    return c ? c : (x->id.n > y->id.n) - (x->id.n < y->id.n);
}

/* Calls are in order: the first that carries a serial number or tag has it. */
static bool note_serials(struct uct_calls *c)
{
    struct uct_view v = {0};
    for (size_t i = 0; i < c->n; i++) {
        const struct uct_call *call = uct_calls_show(c, i, &v);
        for (size_t r = 0; r < call->nrefs; r++) {
            const struct uct_msg *m = call->refs[r].msg;
            if (!m)
                continue;
            if (m->proxy_call_id && m->proxy_call_id <= c->nids && !c->by_serial[m->proxy_call_id])
                c->by_serial[m->proxy_call_id] = (uint32_t)i + 1;
            if (m->tag && m->tag <= c->nids && !c->by_serial[m->tag])
                c->by_serial[m->tag] = (uint32_t)i + 1;
        }
    }
    bool ok = !v.failed;
    uct_view_free(&v);
    return ok;
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
    free(o);
    return note_serials(c) ? UCT_OK : UCT_FATAL;
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
    return count_printed(c->links->strings, call, v);
}

/* What one sighting without a branch may be the other end of is known best when all links are: calls with such
 * sightings are identified once more at the end. */
static enum uct_status identify_all(struct uct_calls *c, struct uct_view *v)
{
    bool again = c->links->nboxes > 1;
    for (int round = 0; round < 1 + again; round++) {
        c->links->known = round == 1;
        for (size_t i = 0; i < c->n; i++) {
            struct uct_call *call = &c->items[i];
            if (round && !call->blind)
                continue;
            if (!identify(c, call, v))
                return UCT_FATAL;
        }
    }
    return UCT_OK;
}

/* A summary's first and last moment have no ref of their own. */
static void judge(struct uct_calls *c, struct uct_call *call, const struct uct_methods *methods, struct uct_view *v)
{
    struct uct_call *all = (struct uct_call *)show(call, v);
    uct_call_judge(all, c->links, methods);
    if (all == call)
        return;
    for (size_t i = 0; i < call->npacked && !v->failed; i++) {
        const struct uct_packed *p = &call->packed[i];
        const struct uct_summary *x = &v->summaries[i];
        int64_t first = uct_source_time(p->from, x->first, x->rows[0].offset);
        int64_t last = uct_source_time(p->from, x->last, x->rows[x->nrows - 1].offset);
        all->start = all->start == UCT_NO_TIME || first < all->start ? first : all->start;
        all->end = all->end == UCT_NO_TIME || last > all->end ? last : all->end;
    }
    all->refs = call->refs;
    all->nrefs = call->nrefs;
    *call = *all;
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
    out->s = s;
    if (!out->by_id || !out->by_serial || !out->source_messages || !out->links || uct_links_new(out->links, s) != UCT_OK ||
        !place_all(s, out))
        return UCT_FATAL;
    for (size_t i = 0; i < out->n; i++)
        sort_refs(&out->items[i]);
    struct uct_view v = {0};
    enum uct_status st = identify_all(out, &v);
    struct uct_methods methods = {uct_intern_find(s->strings, UCT_S("INVITE")), uct_intern_find(s->strings, UCT_S("CANCEL")),
                                  uct_intern_find(s->strings, UCT_S("ACK"))};
    for (size_t i = 0; i < out->n && st == UCT_OK; i++)
        judge(out, &out->items[i], &methods, &v);
    if (v.failed)
        st = UCT_FATAL;
    uct_view_free(&v);
    return st == UCT_OK ? sort_calls(out, s->strings) : st;
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
