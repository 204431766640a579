/* Connections over which SIP went: a record about one of them does not tell of a peer that says nothing. */
#include "occurrence.h"

#include <stdlib.h>

/* One connection, from whichever end it is seen. */
static uint64_t wire(struct uct_slice a, struct uct_slice b)
{
    return uct_digest(a) + uct_digest(b);
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool list(struct judging *j)
{
    struct wires *w = &j->wires;
    struct uct_view view = {0};
    bool ok = true;
    w->listed = true;
    for (size_t i = 0; i < j->calls->n && ok; i++) {
        const struct uct_call *c = uct_calls_show(j->calls, i, &view);
        for (size_t r = 0; r < c->nrefs && ok; r++) {
            const struct uct_msg *m = c->refs[r].msg;
            if (!m || !m->local || !m->remote)
                continue;
            ok = UCT_ROOM(w->v, w->n, w->cap);
            if (ok)
                w->v[w->n++] = wire(uct_interned(j->s->strings, m->local), uct_interned(j->s->strings, m->remote));
        }
    }
    ok = ok && !view.failed;
    uct_view_free(&view);
    if (w->n > 1)
        qsort(w->v, w->n, sizeof *w->v, ascending);
    return ok;
}

/* "192.0.2.1:5061" or "[2001:db8::1]:5061" of a record's two fields; false if it has them not. */
static bool end_of(struct judging *j, const struct occurrence *o, const char *ip, const char *port, struct uct_buf *out)
{
    struct uct_slice a = uct_kept_field(o->block, j->s->strings, o->kept, uct_slice_str(ip));
    struct uct_slice p = uct_kept_field(o->block, j->s->strings, o->kept, uct_slice_str(port));
    bool six = uct_slice_find(a, UCT_S(":")) != SIZE_MAX && a.n && a.p[0] != '[';
    for (size_t i = 0; i < a.n; i++) {
        if (!i && six)
            uct_buf_addc(out, '[');
        uct_buf_addc(out, (char)uct_lower((unsigned char)a.p[i]));
    }
    uct_buf_addf(out, "%s:%.*s", six ? "]" : "", (int)p.n, p.n ? p.p : "");
    j->scratch.failed |= out->failed;
    return a.n && p.n;
}

/* Does the box itself call from there? */
static bool is_own(const struct judging *j, uint32_t source, struct uct_slice address)
{
    struct uct_source *s = j->s->items[source];
    for (size_t b = 0; b < s->nblocks; b++) {
        uct_block_locals(&s->blocks[b], j->s->strings);
        for (unsigned k = 0; k < UCT_LOCALS && s->blocks[b].local[k]; k++)
            if (uct_slice_eq(uct_address_host(uct_interned(j->s->strings, s->blocks[b].local[k])), uct_address_host(address)))
                return true;
    }
    return false;
}

static bool carried_sip(struct judging *j, struct uct_slice from, struct uct_slice to)
{
    uint64_t key = wire(from, to);
    if (!j->wires.listed && !list(j))
        j->scratch.failed = true;
    return j->wires.n && bsearch(&key, j->wires.v, j->wires.n, sizeof key, ascending);
}

bool uct_wires_silent(struct judging *j, const struct occurrence *o)
{
    struct uct_buf from = {0}, to = {0};
    bool silent = true;
    if (end_of(j, o, "src-ip", "src-port", &from) && end_of(j, o, "dst-ip", "dst-port", &to)) {
        struct uct_slice a = uct_slice(from.p, from.n);
        silent = !is_own(j, o->source, a) && !carried_sip(j, a, uct_slice(to.p, to.n));
    }
    uct_buf_free(&from);
    uct_buf_free(&to);
    return silent;
}
