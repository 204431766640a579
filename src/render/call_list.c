/* The lines of `uctriage calls`: calls or sessions, sorted. */
#include "calls.h"

#include <stdlib.h>

int64_t uct_call_duration(const struct uct_rcall *c)
{
    return c->start == UCT_NO_TIME || c->end == UCT_NO_TIME || c->end < c->start ? -1 : c->end - c->start;
}

struct uct_slice uct_party(const char *uri)
{
    struct uct_slice s = uct_slice_str(uri && *uri ? uri : "?");
    if (uct_slice_istarts(s, UCT_S("sip:")))
        return uct_slice(s.p + 4, s.n - 4);
    return uct_slice_istarts(s, UCT_S("sips:")) ? uct_slice(s.p + 5, s.n - 5) : s;
}

/* ---- order ----------------------------------------------------------------------- */

static int by_text(const char *a, const char *b)
{
    if (!a || !b)
        return (a == NULL) - (b == NULL);
    return strcmp(a, b);
}

/* How much a line wants to be looked at. */
static int rank(const struct uct_rcall *c)
{
    static const int ranks[] = {[UCT_FAILED_CALL] = 0, [UCT_UNANSWERED] = 1, [UCT_INCOMPLETE] = 2,
                                [UCT_CANCELLED] = 3, [UCT_ANSWERED] = 4};
    return ranks[c->outcome];
}

/* The key decides, then the order of the report: the array keeps it. */
struct keyed {
    const struct uct_rcall *c;
    size_t at;
    enum uct_sort sort;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int64_t p = uct_call_duration(x->c), q = uct_call_duration(y->c);
    int c = 0;
    switch (x->sort) {
    case UCT_SORT_DURATION: c = (p < q) - (p > q); break;        /* longest first */
    case UCT_SORT_OUTCOME: c = rank(x->c) - rank(y->c); break;
    case UCT_SORT_FROM: c = by_text(x->c->from, y->c->from); break;
    case UCT_SORT_TO: c = by_text(x->c->to, y->c->to); break;
    default: break;
    }
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static bool sort(struct uct_call_list *l, enum uct_sort by)
{
    if (by == UCT_SORT_START || l->n < 2)
        return true;
    struct keyed *k = malloc(l->n * sizeof *k);
    for (size_t i = 0; k && i < l->n; i++)
        k[i] = (struct keyed){l->v[i], i, by};
    if (k)
        qsort(k, l->n, sizeof *k, by_key);
    for (size_t i = 0; k && i < l->n; i++)
        l->v[i] = k[i].c;
    free(k);
    return k != NULL;
}

/* ---- sessions ---------------------------------------------------------------------- */

/* One that was answered speaks for the session, then the one that failed. */
static int weight(enum uct_outcome o)
{
    static const int weights[] = {[UCT_ANSWERED] = 4, [UCT_FAILED_CALL] = 3, [UCT_CANCELLED] = 2,
                                  [UCT_UNANSWERED] = 1, [UCT_INCOMPLETE] = 0};
    return weights[o];
}

static const char *file_name(const char *name)
{
    const char *p = name + strlen(name);
    while (p > name && p[-1] != '/' && p[-1] != '!')
        p--;
    return p;
}

/* "vcsc+vcse+edge1": the hosts whose logs hold some of it, at most eight. */
static const char *hosts(struct uct_call_list *l, const struct uct_report *r, const struct uct_rsession *s)
{
    const char *names[8];
    size_t n = 0;
    struct uct_buf b = {0};
    for (size_t i = 0; i < s->ncalls && n < 8; i++) {
        const struct uct_rcall *c = &r->calls[s->calls[i]];
        for (size_t k = 0; k < c->nsources && n < 8; k++) {
            const struct uct_rsource *src = &r->sources[c->sources[k]];
            const char *name = src->host ? src->host : file_name(src->name);
            size_t at = 0;
            while (at < n && strcmp(names[at], name) != 0)
                at++;
            if (at == n)
                names[n++] = name;
        }
    }
    for (size_t i = 0; i < n; i++)
        uct_buf_addf(&b, "%s%s", i ? "+" : "", names[i]);
    const char *p = b.failed ? NULL : uct_arena_dup(&l->arena, uct_slice(b.p, b.n));
    uct_buf_free(&b);
    return p;
}

/* All hosts that its calls passed, each once: a new one stands behind the one before it. */
static bool add_way(struct uct_call_list *l, const struct uct_report *r, const struct uct_rsession *s,
                    struct uct_rcall *out)
{
    enum { MOST = 32 };
    struct uct_rhop *v = uct_arena_alloc(&l->arena, MOST * sizeof *v);
    struct uct_rway *way = uct_arena_alloc(&l->arena, sizeof *way);
    size_t n = 0;
    if (!v || !way)
        return false;
    for (size_t i = 0; i < s->ncalls && n < MOST; i++) {
        const struct uct_rway *w = r->calls[s->calls[i]].way;
        for (size_t k = 0, behind = n; w && k < w->n && n < MOST; k++) {
            size_t at = 0;
            while (at < n && strcmp(v[at].name, w->hops[k].name) != 0)
                at++;
            if (at == n) {
                memmove(v + behind + 1, v + behind, (n - behind) * sizeof *v);
                v[at = behind] = w->hops[k];
                n++;
            }
            behind = at + 1;
        }
    }
    *way = (struct uct_rway){v, n};
    out->way = way;
    return true;
}

static bool add_findings(struct uct_call_list *l, const struct uct_report *r, const struct uct_rsession *s,
                         struct uct_rcall *out)
{
    enum { MOST = 64 };
    uint32_t *v = uct_arena_alloc(&l->arena, MOST * sizeof *v);
    for (size_t i = 0; v && i < s->ncalls; i++) {
        const struct uct_rcall *c = &r->calls[s->calls[i]];
        for (size_t k = 0; k < c->nfindings && out->nfindings < MOST; k++) {
            size_t at = 0;
            while (at < out->nfindings && v[at] != c->findings[k])
                at++;
            if (at == out->nfindings)
                v[out->nfindings++] = c->findings[k];
        }
    }
    out->findings = v;
    return v != NULL;
}

#define LEG_MS 10000       /* a leg that begins later is by a clock that nothing compares: it makes no session longer */

static bool whole(struct uct_call_list *l, const struct uct_report *r, const struct uct_rsession *s,
                  struct uct_rcall *out)
{
    const struct uct_rcall *best = &r->calls[s->calls[0]];
    *out = *best;
    memcpy(out->id, s->id, sizeof out->id);
    out->messages = out->retransmissions = 0;
    out->nfindings = 0;
    for (size_t i = 0; i < s->ncalls; i++) {
        const struct uct_rcall *c = &r->calls[s->calls[i]];
        if (weight(c->outcome) > weight(best->outcome))
            best = c;
        if (c->end != UCT_NO_TIME && (out->end == UCT_NO_TIME || (c->end > out->end && c->start <= out->end + LEG_MS)))
            out->end = c->end;
        out->messages += c->messages;
        out->retransmissions += c->retransmissions;
    }
    out->outcome = best->outcome;
    out->status = best->status;
    out->reason = hosts(l, r, s);
    out->method = uct_arena_printf(&l->arena, "%zu call%s", s->ncalls, s->ncalls == 1 ? "" : "s");
    return out->reason && out->method && add_findings(l, r, s, out) && add_way(l, r, s, out);
}

static bool list_sessions(struct uct_call_list *l, const struct uct_report *r)
{
    l->sessions = calloc(r->nsessions + 1, sizeof *l->sessions);
    l->v = calloc(r->nsessions + 1, sizeof *l->v);
    for (size_t i = 0; l->v && l->sessions && i < r->nsessions; i++) {
        const struct uct_rsession *s = &r->sessions[i];
        bool shown = false;
        for (size_t k = 0; k < s->ncalls && !shown; k++)
            shown = r->calls[s->calls[k]].shown;
        if (!shown)
            continue;
        if (!whole(l, r, s, &l->sessions[l->n]))
            return false;
        l->v[l->n] = &l->sessions[l->n];
        l->n++;
    }
    return l->v && l->sessions;
}

bool uct_call_list_make(struct uct_call_list *l, const struct uct_report *r,
                        const struct uct_render_options *o)
{
    *l = (struct uct_call_list){0};
    if (o->by_session)
        return list_sessions(l, r) && sort(l, o->sort);
    l->v = calloc(r->ncalls + 1, sizeof *l->v);
    for (size_t i = 0; l->v && i < r->ncalls; i++)
        if (r->calls[i].shown)
            l->v[l->n++] = &r->calls[i];
    return l->v && sort(l, o->sort);
}

void uct_call_list_free(struct uct_call_list *l)
{
    free(l->v);
    free(l->sessions);
    uct_arena_free(&l->arena);
}
