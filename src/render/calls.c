/* calls: `uctriage calls`, one line a call.
 *
 *   c1 07:10:46 2000@example.com -> bob@example.net E>edge 120ms failed 504 srv-domain-mismatch
 *
 * and with --by session one line a session, its hosts by their own names behind its path.
 * Columns are as wide as the lines at hand need; what is worth least goes first where they
 * do not fit: fractions of seconds, a rule's family, the day, the method of an INVITE, the
 * status that an outcome implies, the names of a session's hosts, a path that is the same
 * for all calls, and then the domains of the parties.  A session keeps its path, cut. */
#include "calls.h"
#include "layout.h"
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>

enum { NARROWEST = 60, PARTIES_MOST = 60, PARTIES_LEAST = 25, CAUSE_MOST = 40,
       CAUSE_FAIR = 24, CAUSE_LEAST = 14, PATH_LEAST = 8 };

/* How a line is laid out: what is said, and columns. */
struct columns {
    enum { STAMP, SECONDS, DAY, CLOCK } start;      /* 2017-03-02 07:10:46.230 ... 07:10:46 */
    bool session, families, methods, statuses, paths, hosts, durations;
    size_t id, method, party, path, host, duration, state, tail, width;
};

/* What the lines at hand need at most, either way of saying it. */
struct needs {
    size_t id, method, party, party_with, path, host, duration, state, state_short, cause, cause_short;
    bool session, one_day, one_year, one_path;
};

static size_t max(size_t a, size_t b) { return a > b ? a : b; }
static size_t min(size_t a, size_t b) { return a < b ? a : b; }

static struct uct_slice all(const struct uct_buf *b)
{
    return uct_slice(b->p ? b->p : "", b->n);
}

/* ---- cells ------------------------------------------------------------------ */

static struct uct_slice method(const struct uct_rcall *c)
{
    return uct_slice_str(c->method && *c->method ? c->method : "-");
}

/* The method is told beside the parties unless it is what is expected. */
static bool told(const struct uct_rcall *c)
{
    struct uct_slice m = method(c);
    return !uct_slice_eq(m, UCT_S("INVITE")) && !uct_slice_eq(m, UCT_S("-")) &&
           !uct_slice_eq(m, UCT_S("1 call"));
}

/* "failed 504"; a status that the outcome implies is not worth its room. */
static void state(struct uct_buf *b, const struct uct_rcall *c, bool status)
{
    b->n = 0;
    uct_buf_adds(b, uct_outcome_name(c->outcome));
    if (c->status && (status || c->outcome == UCT_FAILED_CALL))
        uct_buf_addf(b, " %d", c->status);
}

/* "120ms", "1.4s", "12s", "3m05s", "2h03m"; "-" where the log has no times. */
static void duration(struct uct_buf *b, const struct uct_rcall *c)
{
    int64_t ms = uct_call_duration(c), s = ms / 1000;
    b->n = 0;
    if (ms < 0)
        uct_buf_adds(b, "-");
    else if (s < 1)
        uct_buf_addf(b, "%" PRId64 "ms", ms);
    else if (s < 10)
        uct_buf_addf(b, "%" PRId64 ".%ds", s, (int)(ms % 1000 / 100));
    else if (s < 60)
        uct_buf_addf(b, "%" PRId64 "s", s);
    else if (s < 3600)
        uct_buf_addf(b, "%" PRId64 "m%02ds", s / 60, (int)(s % 60));
    else
        uct_buf_addf(b, "%" PRId64 "h%02dm", s / 3600, (int)(s / 60 % 60));
}

/* "C>E>edge": the hosts whose logs are here; the others are known by address only. */
static void path(struct uct_buf *b, const struct uct_rcall *c)
{
    b->n = 0;
    for (size_t i = 0; c->way && i < c->way->n; i++)
        if (c->way->hops[i].logged)
            uct_buf_addf(b, "%s%s", b->n ? ">" : "", c->way->hops[i].name);
    if (!b->n)
        uct_buf_addc(b, '-');
}

/* "srv-domain-mismatch" */
static const char *short_id(const struct uct_rule *r)
{
    const char *dot = strchr(r->id, '.');
    return dot ? dot + 1 : r->id;
}

static void causes(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c, bool families)
{
    b->n = 0;
    for (size_t i = 0; i < c->nfindings; i++) {
        const struct uct_rfinding *f = &r->findings[c->findings[i]];
        if (f->shown && f->class_ == UCT_ROOT_CAUSE)
            uct_buf_addf(b, "%s%s", b->n ? "," : "", families ? f->rule->id : short_id(f->rule));
    }
}

/* ---- columns ------------------------------------------------------------------- */

static size_t parties_width(const struct uct_rcall *c)
{
    return min(uct_columns(uct_party(c->from)) + 4 + uct_columns(uct_party(c->to)), PARTIES_MOST);
}

/* Of a session; see calls.h. */
static struct uct_slice hosts(const struct uct_rcall *c)
{
    return uct_slice_str(*c->reason ? c->reason : "-");
}

static void measure_line(struct needs *n, const struct uct_report *r, const struct uct_rcall *c,
                         struct uct_buf *b)
{
    size_t parties = parties_width(c);
    n->id = max(n->id, strlen(c->id));
    n->method = max(n->method, min(method(c).n, 9));
    n->party = max(n->party, parties);
    n->party_with = max(n->party_with, parties + (told(c) ? min(method(c).n, 9) + 1 : 0));
    path(b, c);
    n->path = max(n->path, uct_columns(all(b)));
    n->host = n->session ? max(n->host, uct_columns(hosts(c))) : 0;
    duration(b, c);
    n->duration = max(n->duration, b->n);
    state(b, c, true);
    n->state = max(n->state, b->n);
    state(b, c, false);
    n->state_short = max(n->state_short, b->n);
    causes(b, r, c, true);
    n->cause = max(n->cause, min(uct_columns(all(b)), CAUSE_MOST));
    causes(b, r, c, false);
    n->cause_short = max(n->cause_short, min(uct_columns(all(b)), CAUSE_MOST));
}

/* Do the paths of two calls read the same?  Only hosts with a log are told. */
static bool same_path(const struct uct_rcall *a, const struct uct_rcall *b)
{
    size_t i = 0, k = 0, na = a->way ? a->way->n : 0, nb = b->way ? b->way->n : 0;
    if (a->way == b->way)
        return true;
    for (;;) {
        while (i < na && !a->way->hops[i].logged)
            i++;
        while (k < nb && !b->way->hops[k].logged)
            k++;
        if (i == na || k == nb)
            return i == na && k == nb;
        if (strcmp(a->way->hops[i++].name, b->way->hops[k++].name) != 0)
            return false;
    }
}

static struct needs measure(const struct uct_report *r, const struct uct_call_list *l, bool session,
                            struct uct_buf *b)
{
    struct needs n = {.session = session, .one_day = true, .one_year = true, .one_path = true};
    char first[32] = "", s[32];
    for (size_t i = 0; i < l->n; i++) {
        measure_line(&n, r, l->v[i], b);
        n.one_path &= same_path(l->v[0], l->v[i]);
        if (l->v[i]->start == UCT_NO_TIME)
            continue;
        uct_time_format(l->v[i]->start, s);
        if (!*first)
            memcpy(first, s, sizeof first);
        n.one_day &= memcmp(first, s, 10) == 0;
        n.one_year &= memcmp(first, s, 4) == 0;
    }
    return n;
}

static size_t start_width(const struct columns *w)
{
    static const size_t widths[] = {[STAMP] = 23, [SECONDS] = 19, [DAY] = 14, [CLOCK] = 8};
    return widths[w->start];
}

/* Columns of all but the parties and what stands behind the outcome. */
static size_t fixed(const struct columns *w)
{
    return w->id + 1 + start_width(w) + 1 + (w->methods ? w->method + 1 : 0) + (w->paths ? w->path + 1 : 0) +
           (w->hosts ? w->host + 1 : 0) + 1 + (w->durations ? w->duration + 1 : 0) + w->state + 1;
}

static bool fits(const struct columns *w, const struct needs *n)
{
    return fixed(w) + (w->methods ? n->party : n->party_with) + (w->families ? n->cause : n->cause_short) <=
           w->width;
}

/* Even where the parties are shortened to their users? */
static bool too_wide(const struct columns *w, const struct needs *n)
{
    return fixed(w) + min(n->party_with, PARTIES_LEAST) + min(n->cause_short, CAUSE_LEAST) > w->width;
}

/* Leaves out one thing more; false when there is nothing left to leave out. */
static bool leave_out(struct columns *w, const struct needs *n)
{
    if (w->start == STAMP)
        w->start = SECONDS;
    else if (w->families)
        w->families = false;
    else if (w->start == SECONDS && n->one_year)
        w->start = n->one_day ? CLOCK : DAY;
    else if (w->methods)
        w->methods = false;
    else if (w->statuses) {
        w->statuses = false;
        w->state = n->state_short;
    } else if (w->hosts)
        w->hosts = false;
    else if (w->paths && !n->session && (n->one_path || too_wide(w, n)))
        w->paths = false;
    else if (w->durations && too_wide(w, n))
        w->durations = false;
    else
        return false;
    return true;
}

static struct columns lay_out(const struct needs *n, size_t width)
{
    struct columns w = {.session = n->session, .start = STAMP, .families = true, .methods = true,
                        .statuses = true, .paths = true, .durations = true,
                        .id = n->id, .method = n->method, .path = n->path,
                        .hosts = n->session, .host = n->host, .duration = n->duration, .state = n->state,
                        .width = max(width, NARROWEST)};
    while (!fits(&w, n) && leave_out(&w, n))
        ;
    for (; n->session && w.path > PATH_LEAST && too_wide(&w, n); w.path--)
        ;
    size_t room = w.width > fixed(&w) ? w.width - fixed(&w) : 0,
           cause = w.families ? n->cause : n->cause_short;
    w.party = w.methods ? n->party : n->party_with;
    if (w.party + cause > room) {              /* domains give way first, then the causes */
        cause = min(cause, CAUSE_FAIR);
        w.party = min(w.party, max(room > cause ? room - cause : 0, PARTIES_LEAST));
        w.party = min(w.party, room);
    }
    w.tail = room - w.party;
    return w;
}

/* ---- lines --------------------------------------------------------------------------- */

static void start(struct uct_buf *b, const struct uct_rcall *c, const struct columns *w)
{
    static const size_t from[] = {[STAMP] = 0, [SECONDS] = 0, [DAY] = 5, [CLOCK] = 11};
    char s[32] = "-";
    if (c->start != UCT_NO_TIME) {
        uct_time_format(c->start, s);
        s[10] = ' ';
    }
    struct uct_slice stamp = uct_slice_str(c->start != UCT_NO_TIME ? s + from[w->start] : s);
    uct_pad(b, uct_slice(stamp.p, min(stamp.n, start_width(w))), start_width(w) + 1, "");
}

/* Columns of "user@", or of all of it where there is no user. */
static size_t user_width(struct uct_slice s)
{
    const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;
    return uct_columns(at ? uct_slice(s.p, (size_t)(at + 1 - s.p)) : s);
}

/* Each keeps its user, then they share what is left for their domains. */
static size_t share(struct uct_slice from, struct uct_slice to, size_t room)
{
    size_t left = uct_columns(from), right = uct_columns(to);
    size_t l = min(left, user_width(from) + 2), r = min(right, user_width(to) + 2);
    if (left + right <= room)
        return left;
    if (l + r > room)                          /* not even the users: halves, the shorter one whole */
        return min(l, max(room / 2, room - min(room, r)));
    size_t rest = room - l - r, half = rest / 2, more = left - l, other = right - r;
    return l + min(more, max(half, rest - min(rest, other)));
}

/* "2000@meet.. -> bob@example.net" in exactly `width` columns. */
static void parties(struct uct_buf *b, const struct uct_rcall *c, const struct columns *w)
{
    struct uct_slice from = uct_party(c->from), to = uct_party(c->to), m = method(c);
    size_t width = w->party;
    if (!w->methods && told(c) && width > PARTIES_LEAST / 2) {
        size_t n = min(m.n, 9);
        uct_pad(b, m, n + 1, "");
        width -= n + 1;
    }
    size_t room = width > 4 ? width - 4 : 0, left = share(from, to, room);
    uct_fit(b, from, left, "..");
    uct_buf_adds(b, " -> ");
    uct_pad(b, to, room - min(room, left), "..");
}

/* The causes, and the reason of what went wrong where there is room for it beside them. */
static void tail(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c,
                 const struct columns *w, struct uct_buf *s)
{
    struct uct_slice reason = uct_slice_str(c->outcome == UCT_ANSWERED || w->session ? "" : c->reason);
    causes(s, r, c, w->families);
    size_t need = uct_columns(all(s)), said = uct_columns(reason);
    uct_fit(b, all(s), w->tail, "..");
    if (said && need + (need ? 2 : 0) + said <= w->tail) {
        uct_buf_adds(b, need ? "  " : "");
        uct_fit(b, reason, said, "");
    }
}

static void cell(struct uct_buf *b, struct uct_slice s, size_t width)
{
    uct_pad(b, s, width, "..");
    uct_buf_addc(b, ' ');
}

static void line(struct uct_buf *b, const struct uct_report *r, const struct uct_rcall *c,
                 const struct columns *w, const struct uct_render_options *o, struct uct_buf *s)
{
    bool red = o->colour && c->outcome == UCT_FAILED_CALL;
    b->n = 0;
    uct_pad(b, uct_slice_str(c->id), w->id + 1, "");
    start(b, c, w);
    if (w->methods)
        uct_pad(b, uct_slice(method(c).p, min(method(c).n, 9)), w->method + 1, "");
    parties(b, c, w);
    uct_buf_addc(b, ' ');
    path(s, c);
    if (w->paths)
        cell(b, all(s), w->path);
    if (w->hosts)
        cell(b, hosts(c), w->host);
    duration(s, c);
    if (w->durations)
        cell(b, all(s), w->duration);
    state(s, c, w->statuses);
    uct_buf_adds(b, red ? "\033[31m" : "");
    cell(b, all(s), w->state);
    uct_buf_adds(b, red ? "\033[0m" : "");
    tail(b, r, c, w, s);
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
    struct needs needs = measure(r, &list, o->by_session, &s);
    struct columns w = lay_out(&needs, o->width);
    for (size_t i = 0; ok && i < list.n; i++) {
        line(&b, r, list.v[i], &w, o, &s);
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
