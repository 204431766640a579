/* Are two calls legs of each other?  In time, by a clock that both are by, and by where they came from. */
#include "joining.h"

#include "links.h"

#include <stdlib.h>

/* The log itself says that its clock was set, and by how much nobody knows.  (A trace that several searches were
 * appended to runs back as well, but is right each time.) */
static bool is_unsure(const struct uct_source *s)
{
    for (size_t b = 0; b < s->nblocks && !s->nshifts && s->parser != &uct_parser_lync_server; b++)
        if (s->blocks[b].notes[UCT_NOTE_TIME_BACK])
            return true;
    return false;
}

/* Only calls that are by one and the same clock can be compared in time. */
bool uct_legs_clocks(struct uct_joining *j)
{
    const struct uct_source **source = calloc(j->s->n + 1, sizeof(void *));
    j->clock = calloc(j->c->n + 1, sizeof(void *));
    j->unsure = calloc(j->s->n + 1, sizeof *j->unsure);
    if (!source || !j->clock || !j->unsure) {
        free(source);
        return false;
    }
    for (size_t i = 0; i < j->s->n; i++) {
        const struct uct_source *s = j->s->items[j->c->links->box[i]];
        source[i] = is_unsure(j->s->items[i]) ? NULL : s->reference ? s->reference : s;
        j->unsure[j->c->links->box[i]] |= !source[i];
    }
    for (size_t i = 0; i < j->c->n; i++) {
        const struct uct_call *c = &j->c->items[i];
        j->clock[i] = c->nrefs ? source[c->refs[0].source] : c->npacked ? source[c->packed[0].source] : NULL;
        for (size_t r = 1; r < c->nrefs && j->clock[i]; r++)
            if (source[c->refs[r].source] != j->clock[i])
                j->clock[i] = NULL;
        for (size_t k = 0; k < c->npacked && j->clock[i]; k++)
            if (source[c->packed[k].source] != j->clock[i])
                j->clock[i] = NULL;
    }
    free(source);
    return true;
}

static bool one_clock(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    return j->clock[a] && j->clock[a] == j->clock[b];
}

/* First final response to the call's own method, else its last sighting. */
static int64_t final_response(const struct uct_call *c)
{
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->status >= 200 && m->status != 401 && m->status != 407 && m->method == c->method)
            return c->refs[i].time;
    }
    return c->end;
}

/* Until when other legs may begin: a failed call is over with its answer, whatever is repeated after it; one
 * without an answer goes on though nothing is seen of it. */
static int64_t over(const struct uct_call *c)
{
    return c->status >= 300 ? final_response(c) : c->status ? c->end : c->end + UCT_LEG_MS;
}

#define SIGHTINGS 64       /* of a call, that are asked where they were */

/* The answer counts that is no challenge. */
static void take_way(struct uct_way *w, const struct uct_ref *r, uint32_t host)
{
    const struct uct_msg *m = r->msg;
    bool in = m->dir == UCT_DIR_IN;
    if (m->status >= 200 && m->status != 401 && m->status != 407 && w->final == UCT_NO_TIME)
        w->final = r->time;
    if (m->status > 100 && m->status < 200 && w->ringing == UCT_NO_TIME)
        w->ringing = r->time;
    uint32_t *end = in ? &w->from : &w->to;
    if (m->status || *end)
        return;
    *end = host;
    *(in ? &w->came : &w->went) = r->time;
}

size_t uct_legs_ways(const struct uct_joining *j, const struct uct_call *c, struct uct_way v[UCT_WAYS])
{
    const struct uct_links *l = j->c->links;
    uint32_t bye = uct_intern_find(j->s->strings, UCT_S("BYE"));
    size_t n = 0;
    for (size_t i = 0; i < c->nrefs && i < 256; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (!m || (m->method != c->method && (m->status || m->method != bye)) || uct_links_loopback(l, m->remote))
            continue;
        uint32_t box = l->box[c->refs[i].source];
        size_t k = 0;
        while (k < n && v[k].box != box)
            k++;
        if (k == n && n == UCT_WAYS)
            continue;
        if (k == n)
            v[n++] = (struct uct_way){box, 0, 0, UCT_NO_TIME, UCT_NO_TIME, UCT_NO_TIME, UCT_NO_TIME, UCT_NO_TIME};
        if (m->method == c->method)
            take_way(&v[k], &c->refs[i], uct_links_host(l, m->remote));
        else if (v[k].bye == UCT_NO_TIME)
            v[k].bye = c->refs[i].time;
    }
    return n;
}

/* In some box a went out to the host that b came from. */
bool uct_legs_turned(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    struct uct_way x[UCT_WAYS], y[UCT_WAYS];
    size_t nx = uct_legs_ways(j, uct_join_at(j, a), x), ny = uct_legs_ways(j, uct_join_at(j, b), y);
    for (size_t i = 0; i < nx; i++)
        for (size_t k = 0; k < ny; k++)
            if (x[i].box == y[k].box && x[i].to && x[i].to == y[k].from)
                return true;
    return false;
}

static struct uct_slice user_of(const struct uct_joining *j, uint32_t uri)
{
    struct uct_slice s = uct_interned(j->s->strings, uri);
    const char *at = s.n ? memchr(s.p, '@', s.n) : NULL, *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
    const char *from = colon && (!at || colon < at) ? colon + 1 : s.p;
    return uct_slice(from, at ? (size_t)(at - from) : s.n - (size_t)(from - s.p));
}

static struct uct_span *span_of(struct uct_spans *s, uint32_t box)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].box == box)
            return &s->v[i];
    return NULL;
}

static int64_t printed(const struct uct_ref *r)
{
    return r->msg ? r->msg->time : r->record->time;
}

static void take_spans(const struct uct_joining *j, const struct uct_call *c, struct uct_spans *s)
{
    uint32_t bye = uct_intern_find(j->s->strings, UCT_S("BYE"));
    bool hung_up = c->npacked > 0;          /* or it would have no summary */
    s->n = 0;
    s->over = over(c);
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        uint32_t box = j->c->links->box[r->source];
        struct uct_span *x = span_of(s, box);
        hung_up |= r->msg && r->msg->method == bye;
        if (r->time == UCT_NO_TIME || (!x && s->n == UCT_SPANS) || (x && x->done))
            continue;
        if (!x) {
            x = &s->v[s->n++];
            *x = (struct uct_span){.box = box, .from = r->time, .as_from = printed(r), .as_to = printed(r)};
        }
        x->as_from = printed(r) < x->as_from ? printed(r) : x->as_from;
        x->as_to = printed(r) > x->as_to ? printed(r) : x->as_to;
        x->to = r->time;            /* a failed call is over with its answer, whatever is repeated after it */
        x->done = r->msg && c->status >= 300 && r->msg->status == c->status;
    }
    for (size_t i = 0; i < s->n; i++) {
        int64_t to = s->v[i].to;
        if (!c->status || (c->status < 300 && !hung_up))
            s->v[i].to += UCT_LEG_MS;       /* without an answer, or an end, it goes on though nothing is seen of it */
        if (c->npacked && c->end > s->v[i].to)
            s->v[i].to = c->end;            /* a summary has no refs of its last messages */
        s->v[i].as_to += s->v[i].to - to;
    }
}

#define LONG_CALL 64       /* sightings; what was worked out of such a call is kept */

/* A long call may stand in as many conversations as there are other calls: it is looked through once. */
static struct uct_spans *spans_of(struct uct_joining *j, uint32_t call, struct uct_spans *room)
{
    const struct uct_call *c = uct_join_at(j, call);
    if (j->kept_of[call])
        return &j->kept[j->kept_of[call] - 1];
    take_spans(j, c, room);
    if (c->nrefs > LONG_CALL && UCT_ROOM(j->kept, j->nkept, j->ckept)) {
        j->kept[j->nkept] = *room;
        j->kept_of[call] = (uint32_t)++j->nkept;
    }
    return room;
}

#define BOXES 4

/* Two calls that one box saw are compared by what it saw, which may be off where a clock was set: all boxes must agree, as
 * printed too.  Else they are compared by their times, if those are by one clock. */
enum uct_overlap uct_legs_overlap(struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = &j->c->items[a], *y = &j->c->items[b];
    struct uct_spans room[2], first = *spans_of(j, a, &room[0]), *second = spans_of(j, b, &room[1]);
    bool together = false;
    for (size_t i = 0, asked = 0; i < first.n && asked < BOXES; i++) {
        const struct uct_span *p = &first.v[i], *q = j->unsure[p->box] ? NULL : span_of(second, p->box);
        asked += !j->unsure[p->box];
        together |= q != NULL;
        if (q && !(p->from <= q->to && q->from <= p->to && p->as_from <= q->as_to && q->as_from <= p->as_to))
            return UCT_APART;
    }
    if (together)
        return UCT_TOGETHER;
    if (!one_clock(j, a, b) || x->start == UCT_NO_TIME || y->start == UCT_NO_TIME)
        return UCT_WHO_KNOWS;
    return x->start <= second->over && y->start <= first.over ? UCT_TOGETHER : UCT_APART;
}

bool uct_legs_same_user(const struct uct_joining *j, const struct uct_call *x, const struct uct_call *y)
{
    return x->to && uct_slice_ieq(user_of(j, x->to), user_of(j, y->to));
}

bool uct_legs_are(struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = uct_join_at(j, a), *y = uct_join_at(j, b);
    enum uct_overlap o = uct_legs_overlap(j, a, b);
    if (o == UCT_APART)
        return false;
    if (o == UCT_WHO_KNOWS)
        return uct_legs_same_user(j, x, y);
    return (one_clock(j, a, b) ? llabs(x->start - y->start) <= UCT_LEG_MS : true) &&
           (uct_legs_turned(j, a, b) || uct_legs_turned(j, b, a) || uct_legs_same_user(j, x, y));
}

/* Some box saw both. */
bool uct_legs_share_box(const struct uct_joining *j, const struct uct_call *x, const struct uct_call *y)
{
    for (size_t i = 0; i < x->nrefs && i < SIGHTINGS; i++)
        for (size_t k = 0; k < y->nrefs && k < SIGHTINGS; k++)
            if (j->c->links->box[x->refs[i].source] == j->c->links->box[y->refs[k].source])
                return true;
    return false;
}

#define RELAYED_MS 1000    /* an answer is passed on within this */

/* How long after its last message a request may still be on its way to the other: none if it was answered where the
 * other was seen, too. */
static int64_t on_for(const struct uct_joining *j, const struct uct_call *x, const struct uct_call *other)
{
    return x->status && uct_legs_share_box(j, x, other) ? 0 : RELAYED_MS;
}

/* In one box: b came from where a went, or the box itself is who sent it on. */
static bool leads_on(const struct uct_way *a, const struct uct_way *b)
{
    return b->from ? a->to == b->from : a->from && b->to;
}

enum uct_overlap uct_legs_relayed(struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = &j->c->items[a], *y = &j->c->items[b];
    struct uct_way v[UCT_WAYS], w[UCT_WAYS];
    size_t nv = uct_legs_ways(j, uct_join_at(j, a), v), nw = uct_legs_ways(j, uct_join_at(j, b), w);
    for (size_t i = 0; i < nv; i++)
        for (size_t k = 0; k < nw; k++)
            if (v[i].box == w[k].box && ((v[i].from && v[i].from == w[k].from) ||
                                         (!leads_on(&v[i], &w[k]) && !leads_on(&w[k], &v[i]))))
                return UCT_APART;
    if (!one_clock(j, a, b) || x->start == UCT_NO_TIME || y->start == UCT_NO_TIME)
        return UCT_WHO_KNOWS;
    bool on = x->start - y->end <= on_for(j, y, x) && y->start - x->end <= on_for(j, x, y);
    return on && llabs(x->start - y->start) <= UCT_LEG_MS ? UCT_TOGETHER : UCT_APART;
}
