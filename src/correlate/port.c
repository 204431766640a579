/* Ports by which calls left an Expressway, and when. */
#include "port.h"

#include "links.h"

#include <stdlib.h>

#define NEAR_MS 2000
#define WIDE_MS 600000            /* where two clocks were never compared, the port has one call all round */
#define USES_MOST 1024             /* that are looked at: past it the port tells nothing */
#define EPHEMERAL 10000           /* Expressway's outbound ports are 25000-29999 unless changed; servers' lie lower */

static const struct uct_source *clock_of(const struct uct_source *s)
{
    return s->reference ? s->reference : s;
}

/* On which clock comes first nothing depends. */
static int by_port(const void *a, const void *b)
{
    const struct uct_port_use *x = a, *y = b;
    if (x->port != y->port)
        return x->port < y->port ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    return ((uintptr_t)x->clock > (uintptr_t)y->clock) - ((uintptr_t)x->clock < (uintptr_t)y->clock);
}

static bool add(struct uct_ports *p, const struct uct_links *l, const struct uct_source *s, const struct uct_ref *r,
                uint32_t call)
{
    uint32_t port = r->msg && r->msg->local ? uct_links_port(l, r->msg->local) : 0;
    if (port < EPHEMERAL || r->time == UCT_NO_TIME || s->parser != &uct_parser_expressway)
        return true;
    if (p->n && p->v[p->n - 1].call == call && p->v[p->n - 1].port == port && p->v[p->n - 1].time == r->time)
        return true;
    if (!UCT_ROOM(p->v, p->n, p->cap))
        return false;
    p->v[p->n++] = (struct uct_port_use){port, call, r->time, clock_of(s)};
    return true;
}

/* One port may be used a hundred thousand times in a second. */
static void drop_repeats(struct uct_ports *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (!n || by_port(&p->v[n - 1], &p->v[i]) != 0)
            p->v[n++] = p->v[i];
    p->n = n;
}

enum uct_status uct_ports_list(const struct uct_sources *s, const struct uct_calls *c, struct uct_ports *out)
{
    out->listed = true;
    struct uct_view v = {0};
    bool ok = true;
    for (size_t i = 0; i < c->n && ok; i++) {
        const struct uct_call *call = uct_calls_show(c, i, &v);
        for (size_t r = 0; r < call->nrefs && ok; r++)
            ok = add(out, c->links, s->items[call->refs[r].source], &call->refs[r], (uint32_t)i);
    }
    ok = ok && !v.failed;
    uct_view_free(&v);
    if (!ok)
        return UCT_FATAL;
    if (out->n > 1)
        qsort(out->v, out->n, sizeof *out->v, by_port);
    drop_repeats(out);
    return UCT_OK;
}

/* The first use of the port at or after a time. */
static size_t seek(const struct uct_ports *p, uint32_t port, int64_t time)
{
    size_t lo = 0, hi = p->n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (p->v[mid].port < port || (p->v[mid].port == port && p->v[mid].time < time))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The only call in a window, SIZE_MAX if none or several; all: by whatever clock. */
static size_t only(const struct uct_ports *p, const struct uct_source *clock, uint32_t port, int64_t from, int64_t to, bool all)
{
    size_t call = SIZE_MAX, first = seek(p, port, from);
    for (size_t i = first; i < p->n && p->v[i].port == port && p->v[i].time <= to; i++) {
        if (i - first == USES_MOST)
            return SIZE_MAX;
        if (!all && p->v[i].clock != clock)
            continue;
        if (call != SIZE_MAX && call != p->v[i].call)
            return SIZE_MAX;
        call = p->v[i].call;
    }
    return call;
}

size_t uct_ports_find(const struct uct_ports *p, const struct uct_source *from, uint32_t port, int64_t time)
{
    const struct uct_source *clock = clock_of(from);
    if (time == UCT_NO_TIME || port < EPHEMERAL)
        return SIZE_MAX;
    size_t first = seek(p, port, time - NEAR_MS);
    for (size_t i = first; i < p->n && i - first < USES_MOST && p->v[i].port == port && p->v[i].time <= time + NEAR_MS; i++)
        if (p->v[i].clock == clock)
            return only(p, clock, port, time - NEAR_MS, time + NEAR_MS, false);
    size_t call = only(p, clock, port, time - NEAR_MS, time + NEAR_MS, true);
    return call != SIZE_MAX && only(p, clock, port, time - WIDE_MS, time + WIDE_MS, true) == call ? call : SIZE_MAX;
}

void uct_ports_free(struct uct_ports *p)
{
    free(p->v);
    *p = (struct uct_ports){0};
}
