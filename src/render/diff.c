/* diff: two calls side by side.
 *
 *   c1 answered 200                        | c2 failed 504
 *   +0.000 peer -> C INVITE                | +0.000 peer -> C INVITE
 *   +0.200 edge -> E 180 Ringing           > +0.030 edge: SIPPROXY_E_ROUTING_MSG_...
 *
 * '|' between what is the same, '>' where they do
 * not go together. */
#include "trace.h"

#include "calls.h"
#include "compare.h"
#include "layout.h"
#include "words.h"

#include <inttypes.h>

struct table {
    const struct uct_report *r;
    struct uct_comparison *c;
    struct uct_buf b, left, right;
    size_t half;                   /* columns of one side */
    bool differs;                  /* their path or zones do */
};

static struct uct_slice all(const struct uct_buf *b)
{
    return uct_slice(b->p ? b->p : "", b->n);
}

/* The next line of a cell: as much as fits, cut behind a blank where there is one. */
static struct uct_slice take(struct uct_slice *s, size_t room)
{
    size_t n = uct_utf8_cut(*s, room), cut = n;
    while (n < s->n && cut > n / 2 && !strchr(" ;,_", s->p[cut - 1]))
        cut--;
    if (n < s->n && cut > n / 2)
        n = cut;
    struct uct_slice line = uct_slice(s->p, n);
    *s = uct_slice(s->p + n, s->n - n);
    return line;
}

/* What stands in left and right, in as many lines as it takes. */
static void row(struct table *t, char between)
{
    struct uct_slice a = all(&t->left), b = all(&t->right);
    do {
        uct_pad(&t->b, take(&a, t->half), t->half, "");
        uct_buf_addf(&t->b, " %c ", between);
        uct_fit(&t->b, take(&b, t->half), t->half, "");
        while (t->b.n && t->b.p[t->b.n - 1] == ' ')
            t->b.n--;
        uct_buf_addc(&t->b, '\n');
    } while (a.n || b.n);
    t->left.n = t->right.n = 0;
}

static void heading(struct table *t, const char *s)
{
    uct_buf_addf(&t->b, "\n%s\n", s);
}

static void call_state(struct uct_buf *b, const struct uct_rcall *c, const char *lang)
{
    char s[32];
    uct_buf_addf(b, "%s %s", c->id, uct_word(UCT_W_ANSWERED + (enum uct_word)c->outcome, lang));
    if (c->status)
        uct_buf_addf(b, " %d", c->status);
    if (c->start != UCT_NO_TIME)
        uct_buf_addf(b, ", %.10s", uct_time_format(c->start, s));
    if (c->start != UCT_NO_TIME)
        uct_buf_addf(b, " %.8s", s + 11);
}

static void call_party(struct uct_buf *b, const char *before, const char *uri)
{
    struct uct_slice s = uct_party(uri);
    uct_buf_adds(b, before);
    uct_buf_add(b, s.p, s.n);
}

/* Whose calls these are, and how they ended. */
static void calls(struct table *t, const struct uct_rcall *a, const struct uct_rcall *b)
{
    call_state(&t->left, a, t->r->lang);
    call_state(&t->right, b, t->r->lang);
    row(t, '|');
    call_party(&t->left, "from ", a->from);
    call_party(&t->right, "from ", b->from);
    row(t, '|');
    call_party(&t->left, "to   ", a->to);
    call_party(&t->right, "to   ", b->to);
    row(t, '|');
}

static void step_cell(const struct table *t, struct uct_buf *b, const struct uct_rmessage *m, int64_t start)
{
    if (!m)
        return;
    if (m->time == UCT_NO_TIME || start == UCT_NO_TIME) {
        uct_buf_adds(b, "       ");
    } else {
        int64_t d = m->time - start, n = d < 0 ? -d : d;
        uct_buf_addf(b, "%c%" PRId64 ".%03d ", d < 0 ? '-' : '+', n / 1000, (int)(n % 1000));
    }
    uct_step_name(b, t->r->trace, m);
    for (size_t i = 0; i < m->nfindings; i++)
        uct_buf_addf(b, " *%s", t->r->findings[m->findings[i]].id);
}

/* The next step from *i on that only this side has, before `end`; NULL when there is none. */
static const struct uct_rmessage *only(const struct uct_comparison *c, size_t *i, size_t end, bool left)
{
    for (; *i < end; ++*i) {
        const struct uct_rmessage *m = left ? c->steps[*i].a : c->steps[*i].b;
        if (m) {
            ++*i;
            return m;
        }
    }
    return NULL;
}

/* What one did from i to end stands beside what the other did instead. */
static void parted(struct table *t, size_t i, size_t end)
{
    size_t k = i;
    for (;;) {
        const struct uct_rmessage *a = only(t->c, &i, end, true), *b = only(t->c, &k, end, false);
        if (!a && !b)
            return;
        step_cell(t, &t->left, a, t->c->start_a);
        step_cell(t, &t->right, b, t->c->start_b);
        row(t, '>');
    }
}

static void steps(struct table *t)
{
    const struct uct_comparison *c = t->c;
    for (size_t i = 0; i < c->nsteps;) {
        size_t end = i;
        while (end < c->nsteps && !(c->steps[end].a && c->steps[end].b))
            end++;
        parted(t, i, end);
        i = end;
        if (i == c->nsteps)
            break;
        step_cell(t, &t->left, c->steps[i].a, c->start_a);
        step_cell(t, &t->right, c->steps[i].b, c->start_b);
        row(t, '|');
        i++;
    }
}

static void say_part(struct table *t)
{
    const struct uct_comparison *c = t->c;
    const struct uct_rmessage *a = NULL, *b = NULL;
    for (size_t i = c->part; i < c->nsteps && !(a && b); i++) {
        a = a ? a : c->steps[i].a;
        b = b ? b : c->steps[i].b;
    }
    if (c->part == c->nsteps) {
        uct_buf_adds(&t->b, "\nthe same steps in both\n");
        return;
    }
    uct_buf_adds(&t->left, "they part at ");
    if (a)
        uct_step_name(&t->left, t->r->trace, a);
    else
        uct_buf_adds(&t->left, "the end of the first");
    uct_buf_adds(&t->left, " against ");
    if (b)
        uct_step_name(&t->left, t->r->trace, b);
    else
        uct_buf_adds(&t->left, "the end of the second");
    uct_buf_addc(&t->b, '\n');
    uct_wrap(&t->b, all(&t->left), 0, 4, t->half * 2 + 3);
    t->left.n = 0;
}

/* "To: <sip:bob@example.net>", "To: -" without it; a line of SDP has no name. */
static void change_cell(struct uct_buf *b, const char *name, const char *value)
{
    if (name)
        uct_buf_addf(b, "%s: %s", name, value ? value : "-");
    else if (value)
        uct_buf_adds(b, value);
}

static void changes(struct table *t, enum uct_change_kind kind, const char *title)
{
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < t->c->nchanges; i++) {
        const struct uct_change *x = &t->c->changes[i];
        if (x->kind != kind)
            continue;
        if (last == SIZE_MAX)
            heading(t, title);
        if (last != x->step) {
            uct_buf_adds(&t->left, "  in ");
            uct_step_name(&t->left, t->r->trace, t->c->steps[x->step].a);
            uct_wrap(&t->b, all(&t->left), 0, 4, t->half * 2 + 3);
            t->left.n = 0;
        }
        last = x->step;
        change_cell(&t->left, x->name, x->a);
        change_cell(&t->right, x->name, x->b);
        row(t, '|');
    }
}

/* What stands in left and right under a heading, unless it is the same. */
static void differ(struct table *t, const char *title)
{
    if (uct_slice_eq(all(&t->left), all(&t->right))) {
        t->left.n = t->right.n = 0;
        return;
    }
    t->differs = true;
    heading(t, title);
    row(t, '|');
}

static void path_cell(struct uct_buf *b, const struct uct_rpath *p)
{
    for (size_t i = 0; p && i < p->n; i++)
        uct_buf_addf(b, "%s%s", i ? " -> " : "", p->zones[i]);
    if (!p)
        uct_buf_adds(b, "-");
}

static void zones(struct table *t)
{
    path_cell(&t->left, t->c->path_a);
    path_cell(&t->right, t->c->path_b);
    differ(t, "zones");
}

static void way_cell(struct uct_buf *b, const struct uct_rway *w)
{
    for (size_t i = 0; w && i < w->n; i++)
        if (w->hops[i].logged)
            uct_buf_addf(b, "%s%s", b->n ? " -> " : "", w->hops[i].name);
    if (!b->n)
        uct_buf_adds(b, "-");
}

static void ways(struct table *t)
{
    way_cell(&t->left, t->r->calls[t->c->call_a].way);
    way_cell(&t->right, t->r->calls[t->c->call_b].way);
    differ(t, "path");
}

static void after(struct uct_buf *b, int64_t ms)
{
    uct_buf_addf(b, "%s%" PRId64 ".%03d s", ms < 0 ? "-" : "", (ms < 0 ? -ms : ms) / 1000,
                 (int)((ms < 0 ? -ms : ms) % 1000));
}

static void timings(struct table *t)
{
    for (size_t i = 0; i < t->c->ntimings; i++) {
        const struct uct_timing *x = &t->c->timings[i];
        if (!i)
            heading(t, "timings that differ");
        uct_buf_adds(&t->left, "  before ");
        uct_step_name(&t->left, t->r->trace, t->c->steps[x->step].a);
        uct_wrap(&t->b, all(&t->left), 0, 4, t->half * 2 + 3);
        t->left.n = 0;
        after(&t->left, x->a);
        after(&t->right, x->b);
        row(t, '|');
    }
}

static void say_findings(struct table *t)
{
    bool any = false;
    for (size_t i = 0; i < t->r->nfindings; i++) {
        const struct uct_rfinding *f = &t->r->findings[i];
        bool here = false;
        for (size_t k = 0; k < f->ncalls; k++)
            here |= f->calls[k] == t->c->call_a || f->calls[k] == t->c->call_b;
        if (!here)
            continue;
        if (!any)
            heading(t, "findings");
        any = true;
        uct_buf_addf(&t->left, "*%s %s: %s", f->id, f->rule->id, f->title ? f->title : "");
        uct_wrap(&t->b, all(&t->left), 0, 4, t->half * 2 + 3);
        t->left.n = 0;
    }
}

bool uct_render_diff(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                     void *arg)
{
    struct uct_comparison c;
    struct table t = {.r = r, .c = &c, .half = ((o->width < 40 ? 40 : o->width) - 3) / 2};
    bool ok = uct_compare(r, &c);
    if (ok) {
        calls(&t, &r->calls[c.call_a], &r->calls[c.call_b]);
        uct_buf_addc(&t.b, '\n');
        steps(&t);
        say_part(&t);
        ways(&t);
        zones(&t);
        changes(&t, UCT_CHANGE_HEADER, "headers that differ");
        changes(&t, UCT_CHANGE_SDP, "SDP lines that differ");
        timings(&t);
        if (!t.differs && !c.nchanges && !c.ntimings)
            uct_buf_adds(&t.b, c.part == c.nsteps
                                   ? "no difference in path, zones, headers, SDP or timing\n"
                                   : "no other difference in path, zones, headers, SDP or timing\n");
        say_findings(&t);
        ok = !t.b.failed && !t.left.failed && !t.right.failed && write(arg, t.b.p, t.b.n);
    }
    uct_comparison_free(&c);
    uct_buf_free(&t.b);
    uct_buf_free(&t.left);
    uct_buf_free(&t.right);
    return ok;
}

/* ---- JSON ----------------------------------------------------------------------- */

static void json_message(struct uct_jsonw *j, const struct uct_report *r, const char *key,
                         const struct uct_rmessage *m, int64_t start)
{
    struct uct_buf id = {0}, name = {0};
    if (!m) {
        uct_jsonw_null(j, key);
        return;
    }
    uct_buf_addf(&id, "%s.%u", r->calls[m->call].id, m->number);
    uct_step_name(&name, r->trace, m);
    uct_jsonw_open(j, key, '{', true);
    uct_jsonw_str(j, "id", id.p);
    uct_jsonw_str(j, "what", name.p);
    if (m->time == UCT_NO_TIME || start == UCT_NO_TIME)
        uct_jsonw_null(j, "after_ms");
    else
        uct_jsonw_int(j, "after_ms", m->time - start);
    uct_jsonw_close(j, '}');
    j->b->failed |= id.failed || name.failed;
    uct_buf_free(&id);
    uct_buf_free(&name);
}

static void json_way(struct uct_jsonw *j, const char *key, const struct uct_rway *w)
{
    uct_jsonw_open(j, key, '[', true);
    for (size_t i = 0; w && i < w->n; i++)
        uct_jsonw_str(j, NULL, w->hops[i].name);
    uct_jsonw_close(j, ']');
}

static void json_zones(struct uct_jsonw *j, const char *key, const struct uct_rpath *p)
{
    uct_jsonw_open(j, key, '[', true);
    for (size_t i = 0; p && i < p->n; i++)
        uct_jsonw_str(j, NULL, p->zones[i]);
    uct_jsonw_close(j, ']');
}

static void json_changes(struct uct_jsonw *j, const struct uct_comparison *c, enum uct_change_kind kind,
                         const char *key)
{
    uct_jsonw_open(j, key, '[', false);
    for (size_t i = 0; i < c->nchanges; i++) {
        const struct uct_change *x = &c->changes[i];
        if (x->kind != kind)
            continue;
        uct_jsonw_open(j, NULL, '{', true);
        uct_jsonw_u64(j, "step", x->step);
        if (kind == UCT_CHANGE_HEADER)
            uct_jsonw_str(j, "name", x->name);
        uct_jsonw_str(j, "a", x->a);
        uct_jsonw_str(j, "b", x->b);
        uct_jsonw_close(j, '}');
    }
    uct_jsonw_close(j, ']');
}

bool uct_render_diff_json(const struct uct_report *r, uct_write_fn *write, void *arg)
{
    const struct uct_rwant *w = r->trace->wants;
    struct uct_comparison c = {0};
    struct uct_buf b = {0};
    struct uct_jsonw j = {.b = &b, .first = true};
    bool both = w[0].met && w[1].met, ok = !both || uct_compare(r, &c);
    uct_jsonw_open(&j, NULL, '{', false);
    uct_jsonw_str(&j, "schema", "uctriage-diff/1");
    uct_jsonw_str(&j, "a", w[0].met ? r->calls[w[0].call].id : NULL);
    uct_jsonw_str(&j, "b", w[1].met ? r->calls[w[1].call].id : NULL);
    if (c.part < c.nsteps)
        uct_jsonw_u64(&j, "part", c.part);
    else
        uct_jsonw_null(&j, "part");
    uct_jsonw_open(&j, "steps", '[', false);
    for (size_t i = 0; ok && i < c.nsteps; i++) {
        uct_jsonw_open(&j, NULL, '{', true);
        json_message(&j, r, "a", c.steps[i].a, c.start_a);
        json_message(&j, r, "b", c.steps[i].b, c.start_b);
        uct_jsonw_close(&j, '}');
    }
    uct_jsonw_close(&j, ']');
    uct_jsonw_open(&j, "path", '{', false);
    json_way(&j, "a", both ? r->calls[c.call_a].way : NULL);
    json_way(&j, "b", both ? r->calls[c.call_b].way : NULL);
    uct_jsonw_close(&j, '}');
    uct_jsonw_open(&j, "zones", '{', false);
    json_zones(&j, "a", c.path_a);
    json_zones(&j, "b", c.path_b);
    uct_jsonw_close(&j, '}');
    json_changes(&j, &c, UCT_CHANGE_HEADER, "headers");
    json_changes(&j, &c, UCT_CHANGE_SDP, "sdp");
    uct_jsonw_open(&j, "timings", '[', false);
    for (size_t i = 0; i < c.ntimings; i++) {
        uct_jsonw_open(&j, NULL, '{', true);
        uct_jsonw_u64(&j, "step", c.timings[i].step);
        uct_jsonw_int(&j, "a_ms", c.timings[i].a);
        uct_jsonw_int(&j, "b_ms", c.timings[i].b);
        uct_jsonw_close(&j, '}');
    }
    uct_jsonw_close(&j, ']');
    uct_json_not_found(&j, r);
    uct_jsonw_close(&j, '}');
    uct_buf_addc(&b, '\n');
    ok = ok && !b.failed && write(arg, b.p, b.n);
    uct_comparison_free(&c);
    uct_buf_free(&b);
    return ok;
}
