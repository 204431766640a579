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
    size_t *fill;               /* next free ref of each call */
};

static uint32_t call_id_of(const struct uct_msg *m, const struct uct_sighting *r)
{
    return m ? m->call_id : r->call_id;
}

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
static void note_serials(struct uct_calls *c)
{
    for (size_t i = 0; i < c->n; i++)
        for (size_t r = 0; r < c->items[i].nrefs; r++) {
            const struct uct_msg *m = c->items[i].refs[r].msg;
            if (!m)
                continue;
            if (m->proxy_call_id && m->proxy_call_id <= c->nids && !c->by_serial[m->proxy_call_id])
                c->by_serial[m->proxy_call_id] = (uint32_t)i + 1;
            if (m->tag && m->tag <= c->nids && !c->by_serial[m->tag])
                c->by_serial[m->tag] = (uint32_t)i + 1;
        }
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
    free(o);
    note_serials(c);
    return UCT_OK;
}

static enum uct_status allocate(struct building *b)
{
    struct uct_calls *c = b->c;
    size_t total = 0, calls = 0;
    for (uint32_t id = 1; id <= c->nids; id++) {
        total += c->by_id[id];
        calls += c->by_id[id] > 0;
    }
    c->items = calloc(calls ? calls : 1, sizeof *c->items);
    c->refs = malloc((total ? total : 1) * sizeof *c->refs);
    if (!c->items || !c->refs)
        return UCT_FATAL;
    size_t at = 0;
    for (uint32_t id = 1; id <= c->nids; id++) {
        if (!c->by_id[id])
            continue;
        c->items[c->n].call_id = id;
        c->items[c->n].refs = c->refs + at;
        at += c->by_id[id];
        c->by_id[id] = (uint32_t)++c->n;
    }
    return UCT_OK;
}

/* What one sighting without a branch may be the other end of is known best when all links are: calls with such
 * sightings are identified once more at the end. */
static enum uct_status identify(struct uct_calls *c)
{
    bool again = c->links->nboxes > 1;
    for (int round = 0; round < 1 + again; round++) {
        c->links->known = round == 1;
        for (size_t i = 0; i < c->n; i++) {
            struct uct_call *call = &c->items[i];
            if (round && !call->blind)
                continue;
            call->messages = call->retransmissions = 0;
            for (size_t k = 0; k < call->nrefs; k++)
                call->refs[k].group = 0;
            if (uct_call_identify(call, c->links, c->source_messages) != UCT_OK)
                return UCT_FATAL;
        }
    }
    return UCT_OK;
}

enum uct_status uct_calls_build(const struct uct_sources *s, struct uct_calls *out)
{
    *out = (struct uct_calls){.nids = uct_intern_count(s->strings) + 32};
    out->by_id = calloc(out->nids + 1u, sizeof *out->by_id);
    out->by_serial = calloc(out->nids + 1u, sizeof *out->by_serial);
    out->source_messages = calloc(s->n ? s->n : 1, sizeof *out->source_messages);
    out->links = calloc(1, sizeof *out->links);
    out->ties = calloc(1, sizeof *out->ties);
    struct building b = {.s = s, .c = out};
    if (!out->by_id || !out->by_serial || !out->source_messages || !out->links || !out->ties ||
        uct_links_new(out->links, s) != UCT_OK)
        return UCT_FATAL;
    each(s, count, &b);
    if (allocate(&b) != UCT_OK)
        return UCT_FATAL;
    each(s, place, &b);
    for (size_t i = 0; i < out->n; i++)
        sort_refs(&out->items[i]);
    if (identify(out) != UCT_OK)
        return UCT_FATAL;
    struct uct_methods methods = {uct_intern_find(s->strings, UCT_S("INVITE")), uct_intern_find(s->strings, UCT_S("CANCEL")),
                                  uct_intern_find(s->strings, UCT_S("ACK"))};
    for (size_t i = 0; i < out->n; i++)
        uct_call_judge(&out->items[i], out->links, &methods);
    return sort_calls(out, s->strings) == UCT_OK ? note_ties(out, s) : UCT_FATAL;
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
