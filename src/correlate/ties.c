/* Further ids of calls, and whose call an Expressway event speaks of. */
#include "ties.h"

#include "links.h"

#include <stdlib.h>

#define TRACE_MS 60000         /* a number is given again some day */
#define SAME_MOST UCT_ATTEMPTS_MOST      /* calls of one trace number that are looked at */

static bool add(struct uct_ties *t, struct uct_known k)
{
    if (!UCT_ROOM(t->v, t->n, t->cap))
        return false;
    t->v[t->n++] = k;
    return true;
}

/* ---- ids that a record gives with the Call-ID --------------------------- */

static bool take_tie(struct uct_ties *out, const struct uct_sources *s, const struct uct_calls *c, uint32_t source,
                     const struct uct_tie *t)
{
    size_t call = uct_calls_find(c, t->call_id);
    if (call == SIZE_MAX || !t->value)
        return true;
    struct uct_known k = {uct_source_time(s->items[source], t->time, t->offset), t->offset, (uint32_t)call, t->value, source,
                          t->place, (uint8_t)(t->kind == UCT_TIE_SERIAL  ? UCT_KNOWN_SERIAL
                                    : t->kind == UCT_TIE_TRACE ? UCT_KNOWN_TRACE
                                                               : UCT_KNOWN_PEER), t->repeated};
    return add(out, k);
}

/* ---- events ------------------------------------------------------------- */

/* An INVITE that an Expressway got. */
struct arrival {
    uint32_t remote, source, call;
    int64_t time;
    uint32_t ruri, to;
};

struct arrivals {
    struct arrival *v;
    size_t n, cap;
};

static int by_remote(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;
    if (x->remote != y->remote)
        return x->remote < y->remote ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call);
}

static bool list_arrivals(const struct uct_sources *s, const struct uct_calls *c, struct arrivals *out)
{
    uint32_t invite = uct_intern_find(s->strings, UCT_S("INVITE"));
    struct uct_view v = {0};
    bool ok = true;
    for (size_t i = 0; i < c->n && invite && ok; i++) {
        const struct uct_call *call = uct_calls_show(c, i, &v);
        for (size_t r = 0; r < call->nrefs && ok; r++) {
            const struct uct_ref *ref = &call->refs[r];
            const struct uct_msg *m = ref->msg;
            if (!m || m->status || m->method != invite || m->dir != UCT_DIR_IN || !m->remote || ref->time == UCT_NO_TIME ||
                s->items[ref->source]->parser != &uct_parser_expressway)
                continue;
            ok = UCT_ROOM(out->v, out->n, out->cap);
            if (ok)
                out->v[out->n++] = (struct arrival){m->remote, ref->source, (uint32_t)i, ref->time, m->ruri, m->to};
        }
    }
    ok = ok && !v.failed;
    uct_view_free(&v);
    if (out->n > 1)
        qsort(out->v, out->n, sizeof *out->v, by_remote);
    return ok;
}

/* "sip:alice@example.com" and "alice@example.com" are one. */
static struct uct_slice without_scheme(struct uct_slice uri)
{
    if (uct_slice_istarts(uri, UCT_S("sip:")))
        return uct_slice(uri.p + 4, uri.n - 4);
    return uct_slice_istarts(uri, UCT_S("sips:")) ? uct_slice(uri.p + 5, uri.n - 5) : uri;
}

bool uct_ties_same_uri(struct uct_slice a, struct uct_slice b)
{
    return a.n && b.n && uct_slice_ieq(without_scheme(a), without_scheme(b));
}

static bool same_uri(const struct uct_sources *s, uint32_t a, uint32_t b)
{
    return uct_ties_same_uri(uct_interned(s->strings, a), uct_interned(s->strings, b));
}

/* Two files of one box, or two pieces of one document. */
static bool same_log(const struct uct_sources *s, const struct uct_calls *c, uint32_t a, uint32_t b)
{
    const struct uct_source *x = s->items[a], *y = s->items[b];
    return c->links->box[a] == c->links->box[b] || (x->document && x->document == y->document);
}

/* The only call whose INVITE came from there just then for the same target, or SIZE_MAX. */
static size_t call_of(const struct uct_sources *s, const struct uct_calls *c, const struct arrivals *in, uint32_t source,
                      const struct uct_attempt *a)
{
    int64_t time = uct_source_time(s->items[source], a->time, a->offset);
    size_t call = uct_calls_find(c, a->call_id), lo = 0, hi = in->n;
    if (call != SIZE_MAX || time == UCT_NO_TIME || !a->remote)
        return call;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (in->v[mid].remote < a->remote || (in->v[mid].remote == a->remote && in->v[mid].time < time - UCT_ATTEMPT_AFTER_MS))
            lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t n = 0; lo < in->n && in->v[lo].remote == a->remote && in->v[lo].time <= time + UCT_ATTEMPT_BEFORE_MS; lo++, n++) {
        const struct arrival *x = &in->v[lo];
        if (n == SAME_MOST)
            return SIZE_MAX;
        if (!same_log(s, c, source, x->source) || (!same_uri(s, x->ruri, a->to) && !same_uri(s, x->to, a->to)))
            continue;
        if (call != SIZE_MAX && call != x->call)
            return SIZE_MAX;
        call = x->call;
    }
    return call;
}

static bool take_attempt(struct uct_ties *out, const struct uct_sources *s, const struct uct_calls *c,
                         const struct arrivals *in, uint32_t source, const struct uct_attempt *a)
{
    size_t call = call_of(s, c, in, source, a);
    if (call == SIZE_MAX)
        call = uct_calls_find_serial(c, a->serial);         /* a message that the box sent says it */
    if (call == SIZE_MAX)
        return true;
    struct uct_known k = {uct_source_time(s->items[source], a->time, a->offset), a->offset, (uint32_t)call, a->serial, source,
                          0, UCT_KNOWN_SERIAL, false};
    if (a->serial && !add(out, k))
        return false;
    k.value = a->tag;
    k.kind = UCT_KNOWN_TAG;
    if (a->tag && !add(out, k))
        return false;
    k.value = a->from;
    k.kind = UCT_KNOWN_FROM;
    struct uct_slice from = uct_interned(s->strings, a->from);
    bool uri = uct_slice_istarts(from, UCT_S("sip:")) || uct_slice_istarts(from, UCT_S("sips:"));
    return !uri || c->items[call].from || add(out, k);
}

/* ---- all of them --------------------------------------------------------- */

static int by_kind(const void *a, const void *b)
{
    const struct uct_known *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->kind == UCT_KNOWN_TRACE && x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static bool walk(const struct uct_sources *s, const struct uct_calls *c, const struct arrivals *in, struct uct_ties *out)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct uct_source *src = s->items[i];
        for (size_t b = 0; b < src->nblocks && src->state != UCT_STATE_DUPLICATE; b++) {
            for (size_t k = 0; k < src->blocks[b].nties; k++)
                if (!take_tie(out, s, c, (uint32_t)i, &src->blocks[b].ties[k]))
                    return false;
            for (size_t k = 0; k < src->blocks[b].nattempts; k++)
                if (!take_attempt(out, s, c, in, (uint32_t)i, &src->blocks[b].attempts[k]))
                    return false;
        }
    }
    return true;
}

static bool any_attempt(const struct uct_sources *s)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t b = 0; b < s->items[i]->nblocks; b++)
            if (s->items[i]->blocks[b].nattempts)
                return true;
    return false;
}

enum uct_status uct_ties_find(const struct uct_sources *s, const struct uct_calls *c, struct uct_ties *out)
{
    struct arrivals in = {0};
    *out = (struct uct_ties){0};
    bool ok = (!any_attempt(s) || list_arrivals(s, c, &in)) && walk(s, c, &in, out);
    free(in.v);
    if (!ok)
        return UCT_FATAL;
    if (out->n > 1)
        qsort(out->v, out->n, sizeof *out->v, by_kind);
    for (size_t i = 0; i < out->n; i++)
        out->from[out->v[i].kind + 1] = i + 1;
    for (size_t k = 1; k < sizeof out->from / sizeof *out->from; k++)
        if (out->from[k] < out->from[k - 1])
            out->from[k] = out->from[k - 1];
    return UCT_OK;
}

size_t uct_ties_trace(const struct uct_calls *c, const struct uct_sources *s, uint32_t source, int64_t time,
                      struct uct_slice number, struct uct_slice machine)
{
    const struct uct_ties *t = c->ties;
    uint32_t value = number.n ? uct_intern_find(s->strings, number) : 0;
    size_t call = SIZE_MAX, lo = t->from[UCT_KNOWN_TRACE], hi = t->from[UCT_KNOWN_TRACE + 1], end = hi;
    while (value && lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (t->v[mid].value < value)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t n = 0; value && lo < end && t->v[lo].value == value; lo++, n++) {
        const struct uct_known *k = &t->v[lo];
        if (n == SAME_MOST)
            return SIZE_MAX;                  /* no number that tells messages apart */
        if (c->links->box[k->source] != c->links->box[source] ||
            !uct_slice_ieq(uct_interned(s->strings, k->place), machine) || k->time == UCT_NO_TIME ||
            time == UCT_NO_TIME || llabs(k->time - time) > TRACE_MS)
            continue;
        if (call != SIZE_MAX && call != k->call)
            return SIZE_MAX;
        call = k->call;
    }
    return call;
}

void uct_ties_free(struct uct_ties *t)
{
    free(t->v);
    *t = (struct uct_ties){0};
}
