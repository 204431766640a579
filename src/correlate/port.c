/* Ports by which calls left an Expressway, and when. */
#include "port.h"

#include "links.h"

#include <stdlib.h>

#define NEAR_MS 2000
#define EPHEMERAL 10000           /* Expressway's outbound ports are 25000-29999 unless changed; servers' lie lower */

static const struct uct_source *clock_of(const struct uct_source *s)
{
    return s->reference ? s->reference : s;
}

static int by_port(const void *a, const void *b)
{
    const struct uct_port_use *x = a, *y = b;
    if (x->port != y->port)
        return x->port < y->port ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->call > y->call) - (x->call < y->call);
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
    return UCT_OK;
}

size_t uct_ports_find(const struct uct_ports *p, const struct uct_source *from, uint32_t port, int64_t time)
{
    size_t lo = 0, hi = p->n, call = SIZE_MAX;
    if (time == UCT_NO_TIME || port < EPHEMERAL)
        return SIZE_MAX;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (p->v[mid].port < port || (p->v[mid].port == port && p->v[mid].time < time - NEAR_MS))
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < p->n && p->v[lo].port == port && p->v[lo].time <= time + NEAR_MS; lo++) {
        if (p->v[lo].clock != clock_of(from))
            continue;
        if (call != SIZE_MAX && call != p->v[lo].call)
            return SIZE_MAX;
        call = p->v[lo].call;
    }
    return call;
}

void uct_ports_free(struct uct_ports *p)
{
    free(p->v);
    *p = (struct uct_ports){0};
}
