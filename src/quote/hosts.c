/* Hosts: the lifelines of a trace and what they are called.
 *
 * A box (correlate/boxes.h) gives a lifeline for its proxy and one for its B2BUA
 * (process name, or the loop through its own address to 5071 or 5073); an address
 * that leads to none gives one of its own. */
#include "trace.h"

#include <stdlib.h>

struct line {                    /* a lifeline */
    uint32_t box;                /* UINT32_MAX: only an address */
    uint32_t address;            /* 0: none known */
    bool b2bua;
};

struct finding_hosts {
    struct uct_tracing *t;
    struct uct_boxes *b;
    uint32_t (*of_box)[2];       /* per box: lifelines of proxy and B2BUA, + 1 */
    uint32_t *of_address;        /* per address: lifeline + 1 */
    size_t caddresses;
    struct line *lines;
    size_t nlines, clines;
    uint32_t *order;             /* lifelines as they are drawn */
    bool *drawn;                 /* per lifeline */
    bool failed;
};

/* ---- lifelines ------------------------------------------------------------------- */

static uint32_t line_new(struct finding_hosts *f, struct line l)
{
    if (!UCT_ROOM(f->lines, f->nlines, f->clines)) {
        f->failed = true;
        return UCT_NO_HOST;
    }
    f->lines[f->nlines] = l;
    return (uint32_t)f->nlines++;
}

static uint32_t line_of_box(struct finding_hosts *f, uint32_t box, bool b2bua)
{
    if (f->failed)
        return UCT_NO_HOST;
    uint32_t *at = &f->of_box[box][b2bua];
    if (!*at)
        *at = line_new(f, (struct line){box, 0, b2bua}) + 1;
    return *at - 1;
}

static uint32_t line_of_address(struct finding_hosts *f, uint32_t addr)
{
    if (!addr)
        return UCT_NO_HOST;
    uint32_t box = uct_box_owner(f->b, addr);
    if (box != UINT32_MAX)
        return line_of_box(f, box, false);
    while (addr >= f->caddresses) {
        size_t cap = f->caddresses;
        if (!UCT_ROOM(f->of_address, f->caddresses, f->caddresses)) {
            f->failed = true;
            return UCT_NO_HOST;
        }
        memset(f->of_address + cap, 0, (f->caddresses - cap) * sizeof *f->of_address);
    }
    if (!f->of_address[addr])
        f->of_address[addr] = line_new(f, (struct line){UINT32_MAX, addr, false}) + 1;
    return f->of_address[addr] - 1;
}

/* The far end as this sighting has it. */
static uint32_t far_end(struct finding_hosts *f, const struct uct_ref *r, uint32_t near)
{
    uint64_t port;
    struct uct_slice remote = uct_interned(f->t->s->strings, r->msg->remote);
    uint32_t addr = uct_box_address(f->b, remote, &port), box = uct_box_of(f->b, r);
    if (!remote.n || f->failed)
        return UCT_NO_HOST;
    if (!addr || uct_box_owner(f->b, addr) == box) {      /* it talks to itself: proxy and B2BUA do */
        bool b2bua = uct_box_b2bua(f->b, r->msg);
        return b2bua || f->b->items[box].b2bua ? line_of_box(f, box, !b2bua) : near;
    }
    return line_of_address(f, addr);
}

/* Where a message went from and to: who logged it at either end, else the far
 * end's address; without a direction what its top Via says. */
static void place(struct finding_hosts *f, size_t i)
{
    struct uct_rmessage *m = &f->t->m[i];
    const struct uct_making *k = &f->t->making[i];
    uint64_t port;
    for (uint32_t n = 0; n < k->n && !f->failed; n++) {
        const struct uct_ref *r = f->t->refs[k->first + n].ref;
        bool b2bua = r->msg && uct_box_b2bua(f->b, r->msg);
        uint32_t near = line_of_box(f, uct_box_of(f->b, r), b2bua);
        m->flags |= b2bua ? UCT_LEG_B2BUA : 0;
        if (r->msg && r->msg->dir == UCT_DIR_OUT && m->from == UCT_NO_HOST)
            m->from = near;
        if (r->msg && r->msg->dir == UCT_DIR_IN && m->to == UCT_NO_HOST)
            m->to = near;
    }
    const struct uct_ref *r = f->t->refs[k->first].ref;
    uint32_t near = line_of_box(f, uct_box_of(f->b, r), r->msg && uct_box_b2bua(f->b, r->msg));
    if (m->record || f->failed) {
        m->from = m->to = near;
    } else if (m->from == UCT_NO_HOST && m->to == UCT_NO_HOST) {
        uint32_t via =
            m->nvias ? line_of_address(f, uct_box_address(f->b, uct_slice_str(m->vias[0].sent_by), &port))
                     : UCT_NO_HOST;
        via = via == UCT_NO_HOST ? near : via;
        m->from = m->status ? near : via;
        m->to = m->status ? via : near;
    } else if (m->from == UCT_NO_HOST) {
        uint32_t far = far_end(f, r, near);
        m->from = far == UCT_NO_HOST ? m->to : far;
    } else if (m->to == UCT_NO_HOST) {
        uint32_t far = far_end(f, r, near);
        m->to = far == UCT_NO_HOST ? m->from : far;
    }
}

/* ---- the order in which they are drawn ---------------------------------------------- */

static size_t position(const struct finding_hosts *f, size_t n, uint32_t line)
{
    size_t i = 0;
    while (i < n && f->order[i] != line)
        i++;
    return i;
}

/* A new one goes beside the other end: before it when it sends to it, else last. */
static size_t draw(struct finding_hosts *f, size_t n, uint32_t line, uint32_t before)
{
    if (line == UCT_NO_HOST || f->drawn[line])
        return n;
    f->drawn[line] = true;
    size_t at = before == UCT_NO_HOST ? n : position(f, n, before);
    if (at < n && f->lines[line].box != UINT32_MAX && f->lines[before].box == f->lines[line].box)
        at += f->lines[line].b2bua;
    memmove(f->order + at + 1, f->order + at, (n - at) * sizeof *f->order);
    f->order[at] = line;
    return n + 1;
}

static int by_time(const void *a, const void *b)
{
    const struct uct_rmessage *x = *(struct uct_rmessage *const *)a, *y = *(struct uct_rmessage *const *)b;
    if (x->time != y->time) {
        if (x->time == UCT_NO_TIME || y->time == UCT_NO_TIME)
            return x->time == UCT_NO_TIME ? 1 : -1;
        return x->time < y->time ? -1 : 1;
    }
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static size_t arrange(struct finding_hosts *f)
{
    size_t n = 0, nm = f->t->nm;
    struct uct_rmessage **v = malloc((nm + 1) * sizeof *v);
    f->order = malloc((f->nlines + 1) * sizeof *f->order);
    f->drawn = calloc(f->nlines + 1, sizeof *f->drawn);
    if (!v || !f->order || !f->drawn) {
        f->failed = true;
        free(v);
        return 0;
    }
    for (size_t i = 0; i < nm; i++)
        v[i] = &f->t->m[i];
    if (nm > 1)
        qsort(v, nm, sizeof(struct uct_rmessage *), by_time);
    for (int pass = 0; pass < 2; pass++)              /* records last: they join what messages drew */
        for (size_t i = 0; i < nm; i++) {
            uint32_t asks = v[i]->status ? v[i]->to : v[i]->from;
            uint32_t answers = v[i]->status ? v[i]->from : v[i]->to;
            if (v[i]->record != (pass == 1))
                continue;
            bool known = answers != UCT_NO_HOST && f->drawn[answers];
            n = draw(f, n, asks, known ? answers : UCT_NO_HOST);
            n = draw(f, n, answers, UCT_NO_HOST);
        }
    free(v);
    return n;
}

/* ---- names --------------------------------------------------------------------------- */

static void describe(struct finding_hosts *f, size_t i, struct uct_rhost *out)
{
    const struct line *l = &f->lines[f->order[i]];
    struct uct_tracing *t = f->t;
    struct uct_buf name = {0};
    if (l->box == UINT32_MAX) {
        out->name = out->address = uct_trace_text(t, uct_interned(f->b->names, l->address), &f->failed);
        return;
    }
    const struct uct_box *box = &f->b->items[l->box];
    uct_box_name(&name, box);
    uct_buf_adds(&name, l->b2bua ? "-b2bua" : "");
    f->failed |= name.failed;
    out->name = uct_trace_text(t, uct_slice(name.p, name.n), &f->failed);
    uct_buf_free(&name);
    out->host = uct_trace_id(t, box->host, &f->failed);
    out->logged = true;
    if (box->address)
        out->address = uct_trace_text(t, uct_interned(f->b->names, box->address), &f->failed);
}

static void number_lines(struct finding_hosts *f, size_t n)
{
    struct uct_rhost *hosts = uct_arena_zalloc(&f->t->r->arena, (n + 1) * sizeof *hosts);
    uint32_t *at = malloc((f->nlines + 1) * sizeof *at);
    if (!hosts || !at) {
        f->failed = true;
        free(at);
        return;
    }
    for (size_t i = 0; i < n && !f->failed; i++) {
        at[f->order[i]] = (uint32_t)i;
        describe(f, i, &hosts[i]);
    }
    for (size_t i = 0; i < f->t->nm && !f->failed; i++) {
        struct uct_rmessage *m = &f->t->m[i];
        m->from = m->from == UCT_NO_HOST ? m->from : at[m->from];
        m->to = m->to == UCT_NO_HOST ? m->to : at[m->to];
    }
    f->t->t->hosts = hosts;
    f->t->t->nhosts = n;
    free(at);
}

enum uct_status uct_hosts_find(struct uct_tracing *t)
{
    struct finding_hosts f = {.t = t, .b = t->boxes, .of_box = calloc(t->boxes->n + 1, sizeof *f.of_box)};
    f.failed = !f.of_box;
    for (size_t i = 0; i < t->t->ncalls && !f.failed; i++)
        f.failed = !uct_boxes_add_call(t->boxes, &t->c->items[t->t->calls[i]]);
    for (size_t i = 0; i < t->nm && !f.failed; i++)
        place(&f, i);
    f.failed |= f.b->failed;
    size_t n = f.failed ? 0 : arrange(&f);
    if (!f.failed)
        number_lines(&f, n);
    free(f.of_box);
    free(f.of_address);
    free(f.lines);
    free(f.order);
    free(f.drawn);
    return f.failed ? UCT_FATAL : UCT_OK;
}
