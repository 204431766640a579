/* calls: `uctriage calls`, one line a call, and the same as CSV (RFC 4180).
 *
 *   c1 2017-03-02 07:10:46.230 INVITE 2000@example.com -> bob@example.net 0.1s failed 504 federation.x
 *
 * and with --by session one line a session, with the hosts that logged it.
 *
 * Column widths come from all shown calls, so that the lines stand in columns. */
#include "calls.h"
#include "layout.h"
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>

struct columns { size_t id, start, method, duration, state, party, tail, width; };

static struct uct_slice method(const struct uct_rcall *c)
{
    return uct_slice_str(c->method && *c->method ? c->method : "-");
}

/* "failed 504" */
static void state(struct uct_buf *b, const struct uct_rcall *c)
{
    uct_buf_adds(b, uct_outcome_name(c->outcome));
    if (c->status)
        uct_buf_addf(b, " %d", c->status);
}

static struct uct_slice party(const char *uri)
{
    struct uct_slice s = uct_slice_str(uri && *uri ? uri : "?");
    if (uct_slice_istarts(s, UCT_S("sip:")))
        return uct_slice(s.p + 4, s.n - 4);
    return uct_slice_istarts(s, UCT_S("sips:")) ? uct_slice(s.p + 5, s.n - 5) : s;
}

/* "0.1s", "12s", "3m05s", "2h03m"; "-" where the log has no times. */
static void duration(struct uct_buf *b, const struct uct_rcall *c)
{
    int64_t ms = uct_call_duration(c), s = ms / 1000;
    if (ms < 0)
        uct_buf_adds(b, "-");
    else if (s < 10)
        uct_buf_addf(b, "%" PRId64 ".%ds", s, (int)(ms % 1000 / 100));
    else if (s < 60)
        uct_buf_addf(b, "%" PRId64 "s", s);
    else if (s < 3600)
        uct_buf_addf(b, "%" PRId64 "m%02ds", s / 60, (int)(s % 60));
    else
        uct_buf_addf(b, "%" PRId64 "h%02dm", s / 3600, (int)(s / 60 % 60));
}

static size_t max(size_t a, size_t b) { return a > b ? a : b; }
static size_t min(size_t a, size_t b) { return a < b ? a : b; }

static size_t parties_width(const struct uct_rcall *c)
{
    return uct_columns(party(c->from)) + 4 + uct_columns(party(c->to));
}

/* "2000@a.. -> bob@e.." in exactly `width` columns: the longer one gives way first. */
static void parties(struct uct_buf *b, const struct uct_rcall *c, size_t width)
{
    struct uct_slice from = party(c->from), to = party(c->to);
    size_t room = width > 4 ? width - 4 : 0;
    size_t left = uct_columns(from), right = uct_columns(to);
    if (left + right > room)
        left = min(left, max(room / 2, room - min(room, right)));
    uct_fit(b, from, left, "..");
    uct_buf_adds(b, " -> ");
    uct_pad(b, to, width - min(width, left + 4), "..");
}

/* "srv-domain-mismatch" */
static const char *short_id(const struct uct_rule *r)
{
    const char *dot = strchr(r->id, '.');
    return dot ? dot + 1 : r->id;
}

static void causes(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c,
                   const char *between, bool families)
{
    size_t from = b->n;
    for (size_t i = 0; i < c->nfindings; i++) {
        const struct uct_rfinding *f = &r->findings[c->findings[i]];
        if (!f->shown || f->class_ != UCT_ROOT_CAUSE)
            continue;
        if (b->n > from)
            uct_buf_adds(b, between);
        uct_buf_adds(b, families ? f->rule->id : short_id(f->rule));
    }
}

/* The parties get what they need as long as the causes keep 18 columns. */
static struct columns measure(const struct uct_call_list *list, size_t width, struct uct_buf *b)
{
    struct columns w = {.width = max(width, 60), .start = width < 100 ? 19 : 23};     /* with ms or without */
    for (size_t i = 0; i < list->n; i++) {
        const struct uct_rcall *c = list->v[i];
        w.id = max(w.id, strlen(c->id));
        w.method = max(w.method, min(method(c).n, 9));
        b->n = 0;
        state(b, c);
        w.state = max(w.state, b->n);
        b->n = 0;
        duration(b, c);
        w.duration = max(w.duration, b->n);
        w.party = max(w.party, parties_width(c));
    }
    size_t fixed = w.id + 1 + w.start + 1 + w.method + 1 + 1 + w.duration + 1 + w.state + 1;
    size_t room = w.width > fixed + 16 ? w.width - fixed : 16;
    w.party = min(w.party, max(room > 18 ? room - 18 : 0, 13));
    w.tail = w.width > fixed + w.party ? w.width - fixed - w.party : 0;
    return w;
}

static void start(struct uct_buf *b, const struct uct_rcall *c, size_t width)
{
    char s[32] = "-                      ";
    if (c->start != UCT_NO_TIME) {
        uct_time_format(c->start, s);
        s[10] = ' ';
    }
    uct_buf_add(b, s, width);
    uct_buf_addc(b, ' ');
}

/* The reason where there is room for it beside the causes; of these the rule's
 * own part where its family does not fit too. */
static void tail(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c, size_t width,
                 struct uct_buf *s)
{
    struct uct_slice reason = uct_slice_str(c->reason);
    size_t need = 0, said = reason.n ? uct_columns(reason) + 1 : 0;
    for (int families = 1; families >= 0; families--) {
        s->n = 0;
        causes(s, r, c, ",", families);
        need = uct_columns(uct_slice(s->p, s->n));
        if (need + (need ? said : 0) <= width)
            break;
    }
    if (need && need + said > width) {         /* no room for both */
        s->n = 0;
        causes(s, r, c, ",", true);
        if (uct_columns(uct_slice(s->p, s->n)) > width) {
            s->n = 0;
            causes(s, r, c, ",", false);
        }
        said = 0;
    }
    if (said) {
        uct_fit(b, reason, width, "...");
        width -= min(width, said);
        if (need)
            uct_buf_addc(b, ' ');
    }
    if (need)
        uct_fit(b, uct_slice(s->p, s->n), width, "...");
}

static void line(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c,
                 const struct columns *w, struct uct_buf *s)
{
    b->n = 0;
    uct_pad(b, uct_slice_str(c->id), w->id, "");
    uct_buf_addc(b, ' ');
    start(b, c, w->start);
    uct_pad(b, method(c), w->method, "");
    uct_buf_addc(b, ' ');
    parties(b, c, w->party);
    uct_buf_addc(b, ' ');
    s->n = 0;
    duration(s, c);
    uct_pad(b, uct_slice(s->p, s->n), w->duration, "");
    uct_buf_addc(b, ' ');
    s->n = 0;
    state(s, c);
    uct_pad(b, uct_slice(s->p, s->n), w->state, "");
    uct_buf_addc(b, ' ');
    tail(b, r, c, w->tail, s);
    while (b->n && b->p[b->n - 1] == ' ')
        b->n--;
    uct_buf_addc(b, '\n');
}

bool uct_render_calls(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                      void *arg)
{
    struct uct_buf b = {0}, s = {0};
    struct uct_call_list list;
    bool ok = uct_call_list_make(&list, r, o);
    struct columns w = measure(&list, o->width, &s);
    for (size_t i = 0; ok && i < list.n; i++) {
        line(&b, r, list.v[i], &w, &s);
        ok = !b.failed && !s.failed && write(arg, b.p, b.n);
    }
    b.n = 0;
    if (o->joins)
        uct_say_joins(&b, r, NULL, 0, w.width);
    ok = ok && !b.failed && (!b.n || write(arg, b.p, b.n));
    uct_call_list_free(&list);
    uct_buf_free(&b);
    uct_buf_free(&s);
    return ok;
}

/* ---- CSV ---------------------------------------------------------------- */

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

static void text_cell(struct uct_buf *b, const char *s)
{
    cell(b, uct_slice_str(s), ',');
}

static void time_cell(struct uct_buf *b, int64_t t)
{
    char s[32];
    text_cell(b, t == UCT_NO_TIME ? "" : uct_time_format(t, s));
}

static void csv_line(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c)
{
    struct uct_buf s = {0};
    b->n = 0;
    text_cell(b, c->id);
    text_cell(b, c->call_id);
    text_cell(b, c->session);
    text_cell(b, c->method);
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
    causes(&s, r, c, " ", true);
    cell(b, uct_slice(s.p, s.n), ',');
    if (uct_call_duration(c) >= 0)
        uct_buf_addf(b, "%" PRId64, uct_call_duration(c));
    uct_buf_adds(b, "\r\n");
    b->failed |= s.failed;
    uct_buf_free(&s);
}

bool uct_render_calls_csv(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                          void *arg)
{
    struct uct_slice head =
        UCT_S("id,call_id,session,method,from,to,start,end,outcome,status,reason,messages,"
              "retransmissions,root_causes,duration_ms\r\n");
    struct uct_buf b = {0};
    struct uct_call_list list;
    bool ok = uct_call_list_make(&list, r, o) && write(arg, head.p, head.n);
    for (size_t i = 0; ok && i < list.n; i++) {
        csv_line(&b, r, list.v[i]);
        ok = !b.failed && write(arg, b.p, b.n);
    }
    uct_call_list_free(&list);
    uct_buf_free(&b);
    return ok;
}
