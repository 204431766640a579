/* calls as CSV (RFC 4180): a line a call, or a session, under the names of the columns. */
#include "calls.h"

#include <inttypes.h>

/* Spreadsheets run a cell that begins with one of these as a formula: an
 * apostrophe makes it text. */
static bool formula(char c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

static void cell(struct uct_buf *b, struct uct_slice s, char end)
{
    struct uct_buf c = {0};
    if (s.n && formula(s.p[0]))
        uct_buf_addc(&c, '\'');
    uct_utf8_clean(&c, s);
    bool quote = false;
    for (size_t i = 0; i < c.n && !quote; i++)
        quote = c.p[i] == '"' || c.p[i] == ',' || c.p[i] == '\n' || c.p[i] == '\r';
    if (quote)
        uct_buf_addc(b, '"');
    for (size_t i = 0; i < c.n; i++) {
        if (c.p[i] == '"')
            uct_buf_addc(b, '"');
        uct_buf_addc(b, c.p[i]);
    }
    if (quote)
        uct_buf_addc(b, '"');
    uct_buf_adds(b, end == '\n' ? "\r\n" : ",");
    b->failed |= c.failed;
    uct_buf_free(&c);
}

/* Rule ids of the root causes, blanks between them. */
static void causes(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c)
{
    for (size_t i = 0; i < c->nfindings; i++) {
        const struct uct_rfinding *f = &r->findings[c->findings[i]];
        if (f->shown && f->class_ == UCT_ROOT_CAUSE)
            uct_buf_addf(b, "%s%s", b->n ? " " : "", f->rule->id);
    }
}

/* "192.0.2.10>C>E>edge": hosts without a log here by their address. */
static void path(struct uct_buf *b, const struct uct_rcall *c)
{
    for (size_t i = 0; c->way && i < c->way->n; i++)
        uct_buf_addf(b, "%s%s", i ? ">" : "", c->way->hops[i].name);
}

static void text_cell(struct uct_buf *b, const char *s)
{
    cell(b, uct_slice_str(s), ',');
}

static void time_cell(struct uct_buf *b, int64_t t)
{
    char s[32];
    text_cell(b, t == UCT_NO_TIME ? "" : uct_time_format(t, s));
}

/* The method of a call; of a session ("2 calls") the number. */
static void method_cell(struct uct_buf *b, const struct uct_rcall *c, bool session)
{
    uint64_t calls;
    struct uct_slice s = uct_slice_str(c->method);
    if (session)
        s.n = uct_slice_u64(s, &calls);
    cell(b, s, ',');
}

static void csv_line(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c, bool session)
{
    struct uct_buf s = {0};
    b->n = 0;
    text_cell(b, c->id);
    text_cell(b, c->call_id);
    text_cell(b, c->session);
    method_cell(b, c, session);
    text_cell(b, c->from);
    text_cell(b, c->to);
    time_cell(b, c->start);
    time_cell(b, c->end);
    text_cell(b, uct_outcome_name(c->outcome));
    if (c->status)
        uct_buf_addf(b, "%d", c->status);
    uct_buf_addc(b, ',');
    text_cell(b, c->reason);
    uct_buf_addf(b, "%" PRIu64 ",%" PRIu64 ",", c->messages, c->retransmissions);
    causes(&s, r, c);
    cell(b, uct_slice(s.p ? s.p : "", s.n), ',');
    s.n = 0;
    path(&s, c);
    cell(b, uct_slice(s.p ? s.p : "", s.n), ',');
    if (uct_call_duration(c) >= 0)
        uct_buf_addf(b, "%" PRId64, uct_call_duration(c));
    uct_buf_adds(b, "\r\n");
    b->failed |= s.failed;
    uct_buf_free(&s);
}

bool uct_render_calls_csv(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                          void *arg)
{
    /* Of a session two of a call's columns say other things: how many calls it has, and the hosts that logged it. */
    struct uct_slice head =
        o->by_session ? UCT_S("id,call_id,session,calls,from,to,start,end,outcome,status,hosts,messages,"
                              "retransmissions,root_causes,path,duration_ms\r\n")
                      : UCT_S("id,call_id,session,method,from,to,start,end,outcome,status,reason,messages,"
                              "retransmissions,root_causes,path,duration_ms\r\n");
    struct uct_buf b = {0};
    struct uct_call_list list;
    bool ok = uct_call_list_make(&list, r, o) && write(arg, head.p, head.n);
    for (size_t i = 0; ok && i < list.n; i++) {
        csv_line(&b, r, list.v[i], o->by_session);
        ok = !b.failed && write(arg, b.p, b.n);
    }
    uct_call_list_free(&list);
    uct_buf_free(&b);
    return ok;
}
