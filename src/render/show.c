/* show: whole texts, each under where it stands.
 *
 *   === c1.1 2017-03-02 07:10:46.230  C -> E  INVITE  vcse.log:190
 *
 * The text is as the log has it, but for what a terminal would obey. */
#include "trace.h"

#include "objects.h"

static void name_of(struct uct_buf *b, const struct uct_report *r, const struct uct_rmessage *m)
{
    uct_buf_addf(b, "%s.%u", r->calls[m->call].id, m->number);
}

static bool wanted(const struct uct_rtrace *t, const struct uct_rmessage *m)
{
    for (size_t i = 0; i < t->nwants; i++) {
        const struct uct_rwant *w = &t->wants[i];
        if (w->found && w->source == UINT32_MAX && w->call == m->call &&
            (!w->number || w->number == m->number))
            return true;
    }
    return false;
}

static void text(struct uct_buf *b, struct uct_slice s)
{
    uct_utf8_clean(b, s);
    if (!b->failed && b->n && b->p[b->n - 1] != '\n')
        uct_buf_addc(b, '\n');
}

static void head(struct uct_buf *b, const struct uct_report *r, const struct uct_rmessage *m)
{
    char s[32];
    const struct uct_rtrace *t = r->trace;
    const struct uct_rsighting *at = &m->sightings[m->shown];
    uct_buf_adds(b, "=== ");
    name_of(b, r, m);
    if (m->time != UCT_NO_TIME)
        uct_buf_addf(b, " %s", uct_time_format(m->time, s));
    if (m->from < t->nhosts && m->to < t->nhosts && m->from != m->to)
        uct_buf_addf(b, " %s -> %s", t->hosts[m->from].name, t->hosts[m->to].name);
    if (m->status)
        uct_buf_addf(b, " %d %s", m->status, m->phrase ? m->phrase : "");
    else
        uct_buf_addf(b, " %s%s", m->record ? "record about " : "", m->method ? m->method : "-");
    uct_buf_addf(b, " %s:%u\n", r->sources[at->source].name, at->line);
    for (size_t i = 0; i < m->nsightings; i++)
        if (i != m->shown)
            uct_buf_addf(b, "=== also %s:%u\n", r->sources[m->sightings[i].source].name,
                         m->sightings[i].line);
}

static void message(struct uct_buf *b, const struct uct_report *r, const struct uct_rmessage *m)
{
    head(b, r, m);
    if (m->lost)
        uct_buf_adds(b, "the text is no longer there\n");
    else
        text(b, m->text);
    uct_buf_addc(b, '\n');
}

bool uct_render_show(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                     void *arg)
{
    const struct uct_rtrace *t = r->trace;
    struct uct_buf b = {0};
    bool ok = true;
    (void)o;
    for (size_t i = 0; ok && i < t->nmessages; i++) {
        if (!wanted(t, &t->messages[i]))
            continue;
        b.n = 0;
        message(&b, r, &t->messages[i]);
        ok = !b.failed && write(arg, b.p, b.n);
    }
    for (size_t i = 0; ok && i < t->nwants; i++) {
        const struct uct_rwant *w = &t->wants[i];
        if (!w->found || w->source == UINT32_MAX)
            continue;
        b.n = 0;
        uct_buf_addf(&b, "=== %s:%u\n", r->sources[w->source].name, w->first_line);
        text(&b, w->text);
        ok = !b.failed && write(arg, b.p, b.n);
    }
    uct_buf_free(&b);
    return ok;
}

/* ---- JSON ------------------------------------------------------------------ */

/* A text's slice may hold NUL: cleaned first, it is a string. */
static void text_member(struct uct_jsonw *j, struct uct_slice s, bool lost)
{
    struct uct_buf b = {0};
    uct_utf8_clean(&b, s);
    uct_buf_add(&b, "", 0);
    j->b->failed |= b.failed;
    uct_jsonw_str(j, "text", lost ? NULL : b.p ? b.p : "");
    uct_buf_free(&b);
}

static void json_message(struct uct_jsonw *j, const struct uct_report *r, const struct uct_rmessage *m)
{
    struct uct_buf id = {0};
    name_of(&id, r, m);
    uct_jsonw_open(j, NULL, '{', false);
    uct_jsonw_str(j, "id", id.p);
    uct_jsonw_time(j, "time", m->time);
    uct_jsonw_int(j, "source", m->sightings[m->shown].source);
    uct_jsonw_int(j, "line", m->sightings[m->shown].line);
    uct_jsonw_u64(j, "offset", m->sightings[m->shown].offset);
    uct_jsonw_int(j, "length", m->sightings[m->shown].length);
    text_member(j, m->text, m->lost);
    uct_jsonw_close(j, '}');
    j->b->failed |= id.failed;
    uct_buf_free(&id);
}

bool uct_render_show_json(const struct uct_report *r, uct_write_fn *write, void *arg)
{
    const struct uct_rtrace *t = r->trace;
    struct uct_buf b = {0};
    struct uct_jsonw j = {.b = &b, .first = true};
    uct_jsonw_open(&j, NULL, '{', false);
    uct_jsonw_str(&j, "schema", "uctriage-show/1");
    uct_json_trace_sources(&j, r);
    uct_jsonw_open(&j, "messages", '[', false);
    for (size_t i = 0; i < t->nmessages; i++)
        if (wanted(t, &t->messages[i]))
            json_message(&j, r, &t->messages[i]);
    uct_jsonw_close(&j, ']');
    uct_jsonw_open(&j, "records", '[', false);
    for (size_t i = 0; i < t->nwants; i++) {
        const struct uct_rwant *w = &t->wants[i];
        if (!w->met || w->source == UINT32_MAX)
            continue;
        uct_jsonw_open(&j, NULL, '{', false);
        uct_jsonw_int(&j, "source", w->source);
        uct_jsonw_int(&j, "line", w->first_line);
        text_member(&j, w->text, false);
        uct_jsonw_close(&j, '}');
    }
    uct_jsonw_close(&j, ']');
    uct_json_not_found(&j, r);
    uct_jsonw_close(&j, '}');
    uct_buf_addc(&b, '\n');
    bool ok = !b.failed && write(arg, b.p, b.n);
    uct_buf_free(&b);
    return ok;
}
