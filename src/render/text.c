/* text: the report for a terminal, incidents first.
 *
 *   Root causes
 *
 *   f1  The SRV record of 'example.com' leads to a host outside the domain
 *       certain; to be changed by: us
 *
 *       Calls: 2, 2017-03-02 07:10:46.230 .. 07:12:00.000 UTC
 *         c1  f1b3ad5d-183b-4632-b210-c2f9bec71960
 *             sip:2000@example.com -> sip:bob@example.net, failed, 504 Server time-out
 *       Cause
 *         ...
 *
 * then what nothing explains, what is missing, advice, sources, counts. */
#include "clocks.h"
#include "layout.h"
#include "render.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* How much of each thing the terminal gets; JSON has the rest. */
enum { MAX_CALLS = 3, MAX_EVIDENCE = 3, MAX_LINES = 4, MAX_FAILED = 10, MAX_SOURCES = 20, MAX_DEPTH = 4,
       MAX_TREE = 20 };

struct text {
    struct uct_buf b;
    const struct uct_report *r;
    const struct uct_render_options *o;
    bool *explained;              /* by a finding that is shown */
    bool *done;                   /* printed */
    bool begun;                   /* something was written */
    uct_write_fn *write;
    void *arg;
};

enum style { BOLD, RED, YELLOW, DIM };

static void style(struct text *t, enum style s)
{
    static const char *const codes[] = {"\033[1m", "\033[1;31m", "\033[33m", "\033[2m"};
    if (t->o->colour)
        uct_buf_adds(&t->b, codes[s]);
}

static void plain(struct text *t)
{
    if (t->o->colour)
        uct_buf_adds(&t->b, "\033[0m");
}

static const char *word(const struct text *t, enum uct_word w)
{
    return uct_word(w, t->r->lang);
}

static void add_count(const struct text *t, struct uct_buf *b, const char *before, enum uct_word w,
                      uint64_t n)
{
    uct_buf_adds(b, before);
    uct_add_word(b, w, t->r->lang);
    uct_buf_addf(b, ": %" PRIu64, n);
}

static const char *mark(const struct text *t)
{
    return t->o->utf8 ? "\xe2\x80\xa6" : "...";
}

static void blanks(struct text *t, size_t n)
{
    while (n--)
        uct_buf_addc(&t->b, ' ');
}

static void wrap(struct text *t, size_t at, size_t indent, const char *s)
{
    uct_wrap(&t->b, uct_slice_str(s), at, indent, t->o->width);
}

/* The line that was just ended ends after its colour does. */
static void plain_line(struct text *t)
{
    if (!t->o->colour || t->b.n == 0)
        return;
    t->b.n--;
    plain(t);
    uct_buf_addc(&t->b, '\n');
}

/* Builds a line in a buffer of its own, then wraps it. */
static void wrap_buf(struct text *t, size_t indent, size_t hang, struct uct_buf *line)
{
    blanks(t, indent);
    uct_wrap(&t->b, uct_slice(line->p, line->n), indent, hang, t->o->width);
    t->b.failed |= line->failed;
    uct_buf_free(line);
}

static void heading(struct text *t, enum uct_word w)
{
    if (t->begun || t->b.n)
        uct_buf_addc(&t->b, '\n');
    style(t, BOLD);
    uct_buf_adds(&t->b, word(t, w));
    plain(t);
    uct_buf_addc(&t->b, '\n');
}

static void label(struct text *t, enum uct_word w)
{
    blanks(t, 4);
    style(t, BOLD);
    uct_buf_adds(&t->b, word(t, w));
    plain(t);
    uct_buf_addc(&t->b, '\n');
}

/* ---- times -------------------------------------------------------------- */

/* "2017-03-02 07:10:46.230" */
static void stamp(struct uct_buf *b, int64_t at)
{
    char s[32];
    uct_time_format(at, s);
    s[10] = ' ';
    uct_buf_add(b, s, 23);
}

/* "2017-03-02 07:10:46.230 .. 07:12:00.000 UTC"; the date again when it differs. */
static void span(struct uct_buf *b, int64_t first, int64_t last)
{
    if (first == UCT_NO_TIME)
        return;
    uct_buf_adds(b, ", ");
    stamp(b, first);
    if (last != UCT_NO_TIME && last != first) {
        char from[32], to[32];
        uct_time_format(first, from);
        uct_time_format(last, to);
        to[10] = ' ';
        bool same = memcmp(from, to, 10) == 0;
        uct_buf_adds(b, " .. ");
        uct_buf_add(b, same ? to + 11 : to, same ? 12 : 23);
    }
    uct_buf_adds(b, " UTC");
}

/* ---- calls of a finding ------------------------------------------------- */

static void call_line(struct text *t, const struct uct_rcall *c)
{
    struct uct_buf l = {0};
    blanks(t, 6);
    uct_buf_adds(&t->b, c->id);
    uct_buf_adds(&t->b, "  ");
    wrap(t, 8 + strlen(c->id), 10, c->call_id ? c->call_id : "-");
    uct_buf_addf(&l, "%s -> %s, %s", c->from ? c->from : "?", c->to ? c->to : "?",
                 word(t, UCT_W_ANSWERED + (enum uct_word)c->outcome));
    if (c->status)
        uct_buf_addf(&l, ", %d %s", c->status, c->reason ? c->reason : "");
    wrap_buf(t, 10, 10, &l);
}

static void more(struct text *t, size_t indent, uint64_t n)
{
    struct uct_buf l = {0};
    if (n == 0)
        return;
    uct_buf_addf(&l, "(+%" PRIu64 " %s)", n, word(t, UCT_W_MORE));
    wrap_buf(t, indent, indent, &l);
}

static void where(struct text *t, const struct uct_rfinding *f)
{
    struct uct_buf l = {0};
    size_t shown = 0;
    for (size_t i = 0; i < f->ncalls; i++)
        shown += t->r->calls[f->calls[i]].shown;
    if (shown)
        uct_buf_addf(&l, "%s: %zu", word(t, UCT_W_CALLS), shown);
    else
        uct_buf_addf(&l, "%s: %" PRIu64, word(t, UCT_W_SEEN), f->count);
    span(&l, f->first, f->last);
    wrap_buf(t, 4, 6, &l);
    size_t n = 0;
    for (size_t i = 0; i < f->ncalls && n < MAX_CALLS; i++)
        if (t->r->calls[f->calls[i]].shown) {
            call_line(t, &t->r->calls[f->calls[i]]);
            n++;
        }
    more(t, 6, shown - n);
}

/* ---- evidence ----------------------------------------------------------- */

/* Where a code or a value of the finding stands in the line, or SIZE_MAX. */
static size_t telling(const struct uct_rfinding *f, struct uct_slice line)
{
    for (size_t i = 0; i < f->ncodes; i++) {
        size_t at = uct_slice_ifind(line, uct_slice_str(f->codes[i]));
        if (at != SIZE_MAX)
            return at;
    }
    for (size_t i = 0; i < f->nparams; i++) {
        struct uct_slice v = uct_slice_str(f->params[i].value);
        size_t at = v.n ? uct_slice_ifind(line, v) : SIZE_MAX;
        if (at != SIZE_MAX)
            return at;
    }
    return SIZE_MAX;
}

/* Shortened to the width; a long line is shown from shortly before what tells. */
static void excerpt_line(struct text *t, const struct uct_rfinding *f, struct uct_slice line)
{
    size_t room = t->o->width > 28 ? t->o->width - 8 : 20;
    size_t at = telling(f, line);
    blanks(t, 8);
    style(t, DIM);
    if (at != SIZE_MAX && at > room / 2 && uct_columns(line) > room) {
        size_t from = at - room / 3;
        if (line.n - from < room - 3)
            from = line.n - room + 3;
        while (from < line.n && ((unsigned char)line.p[from] & 0xc0) == 0x80)
            from++;
        uct_buf_adds(&t->b, mark(t));
        room -= uct_columns(uct_slice_str(mark(t)));
        line = uct_slice(line.p + from, line.n - from);
    }
    uct_fit(&t->b, line, room, mark(t));
    plain(t);
    uct_buf_addc(&t->b, '\n');
}

/* Up to MAX_LINES of the excerpt: all, or those that tell something. */
static void excerpt(struct text *t, const struct uct_rfinding *f, const char *text)
{
    size_t lines = 0, hits = 0, n = 0;
    struct uct_slice rest = uct_slice_str(text), line;
    while (uct_next_line(&rest, &line))
        if (uct_slice_trim(line).n) {
            lines++;
            hits += telling(f, line) != SIZE_MAX;
        }
    bool choose = lines > MAX_LINES && hits;
    rest = uct_slice_str(text);
    while (n < MAX_LINES && uct_next_line(&rest, &line)) {
        line = uct_slice_trim(line);
        if (line.n == 0 || (choose && telling(f, line) == SIZE_MAX))
            continue;
        excerpt_line(t, f, line);
        n++;
    }
}

static void place(struct text *t, struct uct_buf *b, const struct uct_revidence *e)
{
    const char *name = e->source < t->r->nsources ? t->r->sources[e->source].name : "?";
    uct_fit(b, uct_slice_str(name), SIZE_MAX, "");
    uct_buf_addf(b, ":%" PRIu32, e->line);
}

static void evidence(struct text *t, const struct uct_rfinding *f)
{
    size_t most = f->class_ == UCT_ROOT_CAUSE ? MAX_EVIDENCE : 1;
    size_t n = f->nevidence < most ? f->nevidence : most;
    if (n == 0)
        return;
    label(t, UCT_W_EVIDENCE);
    for (size_t i = 0; i < n; i++) {
        blanks(t, 6);
        place(t, &t->b, &f->evidence[i]);       /* never broken: it is there to be copied */
        uct_buf_addc(&t->b, '\n');
        excerpt(t, f, f->evidence[i].excerpt ? f->evidence[i].excerpt : "");
    }
    more(t, 6, f->count > n ? f->count - n : 0);
}

/* ---- findings ----------------------------------------------------------- */

static void numbered(struct text *t, const struct uct_rfinding *f)
{
    if (f->nfix == 0)
        return;
    label(t, f->class_ == UCT_MISSING ? UCT_W_COLLECT : UCT_W_FIX);
    for (size_t i = 0; i < f->nfix; i++) {
        char number[24];
        int n = snprintf(number, sizeof number, "%zu. ", i + 1);
        blanks(t, 6);
        uct_buf_adds(&t->b, number);
        wrap(t, 6 + (size_t)n, 6 + (size_t)n, f->fix[i]);
    }
}

/* *room: lines that the tree may still have; what finds none is counted. */
static void explained_tree(struct text *t, const struct uct_rfinding *f, unsigned depth, unsigned *room)
{
    uint64_t left_out = f->explains_more;
    for (size_t i = 0; i < f->nexplains; i++) {
        const struct uct_rfinding *e = &t->r->findings[f->explains[i]];
        if (!e->shown)
            continue;
        if (!*room) {
            t->done[f->explains[i]] = true;
            left_out++;
            continue;
        }
        --*room;
        struct uct_buf l = {0};
        uct_buf_addf(&l, "%s: %s", e->id, e->title ? e->title : e->rule->id);
        if (e->nevidence) {
            uct_buf_adds(&l, " (");
            place(t, &l, &e->evidence[0]);
            uct_buf_addc(&l, ')');
        }
        if (e->count > 1)
            uct_buf_addf(&l, ", %" PRIu64 " %s", e->count, word(t, UCT_W_TIMES));
        wrap_buf(t, 6 + 2 * depth, 10 + 2 * depth, &l);
        t->done[f->explains[i]] = true;
        if (depth < MAX_DEPTH)
            explained_tree(t, e, depth + 1, room);
    }
    if (!depth)
        more(t, 6, left_out);
}

static bool explains_any(const struct text *t, const struct uct_rfinding *f)
{
    for (size_t i = 0; i < f->nexplains; i++)
        if (t->r->findings[f->explains[i]].shown)
            return true;
    return false;
}

static void title(struct text *t, const struct uct_rfinding *f)
{
    struct uct_buf l = {0};
    uct_buf_addc(&t->b, '\n');
    style(t, f->class_ == UCT_ROOT_CAUSE ? RED : BOLD);
    uct_buf_adds(&t->b, f->id);
    size_t n = strlen(f->id);
    do
        uct_buf_addc(&t->b, ' ');
    while (++n < 4);
    wrap(t, n, 4, f->title ? f->title : f->rule->id);
    plain_line(t);
    uct_buf_addf(&l, "%s, %s", f->rule->id, word(t, UCT_W_CERTAIN + (enum uct_word)f->confidence));
    if (f->class_ <= UCT_CONTRIBUTING || f->class_ == UCT_ADVICE)
        uct_buf_addf(&l, "; %s: %s", word(t, UCT_W_ACTOR), word(t, UCT_W_US + (enum uct_word)f->actor));
    wrap_buf(t, 4, 4, &l);
}

static void finding(struct text *t, size_t i)
{
    const struct uct_rfinding *f = &t->r->findings[i];
    t->done[i] = true;
    title(t, f);
    where(t, f);
    if (f->cause && *f->cause) {
        label(t, UCT_W_CAUSE);
        blanks(t, 6);
        wrap(t, 6, 6, f->cause);
    }
    numbered(t, f);
    evidence(t, f);
    if (explains_any(t, f)) {
        unsigned room = MAX_TREE;
        label(t, UCT_W_EXPLAINS);
        explained_tree(t, f, 0, &room);
    }
}

static bool flush(struct text *t)
{
    if (t->b.failed || (t->b.n && !t->write(t->arg, t->b.p, t->b.n)))
        return false;
    t->begun = t->begun || t->b.n;
    t->b.n = 0;
    return true;
}

/* The findings of the classes from..to that nothing shown explains. */
static bool section(struct text *t, enum uct_word w, enum uct_class from, enum uct_class to)
{
    bool any = false;
    for (size_t i = 0; i < t->r->nfindings; i++) {
        const struct uct_rfinding *f = &t->r->findings[i];
        if (!f->shown || t->done[i] || t->explained[i] || f->class_ < from || f->class_ > to)
            continue;
        if (!any)
            heading(t, w);
        any = true;
        finding(t, i);
    }
    return any;
}

/* Findings that only explain each other in a ring hang under nothing. */
static void leftovers(struct text *t)
{
    for (size_t i = 0; i < t->r->nfindings; i++)
        t->explained[i] = false;
    section(t, UCT_W_ALSO, UCT_ROOT_CAUSE, UCT_ADVICE);
}

/* ---- failed calls without a cause --------------------------------------- */

/* Something above already says what happened to it. */
static bool reported(const struct uct_report *r, const struct uct_rcall *c)
{
    for (size_t i = 0; i < c->nfindings; i++)
        if (r->findings[c->findings[i]].shown)
            return true;
    return false;
}

static void undiagnosed(struct text *t)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t->r->ncalls; i++) {
        const struct uct_rcall *c = &t->r->calls[i];
        if (!c->shown || c->outcome != UCT_FAILED_CALL || reported(t->r, c))
            continue;
        if (n++ == 0)
            heading(t, UCT_W_UNDIAGNOSED);
        if (n <= MAX_FAILED)
            call_line(t, c);
    }
    more(t, 6, n > MAX_FAILED ? n - MAX_FAILED : 0);
}

/* ---- sources ------------------------------------------------------------ */

static bool good(const struct uct_rsource *s)
{
    return s->state == UCT_STATE_OK || s->state == UCT_STATE_DUPLICATE;
}

static void source_detail(struct text *t, const struct uct_rsource *s)
{
    struct uct_buf l = {0};
    uct_buf_adds(&l, s->format ? s->format : "unknown");
    if (s->host)
        uct_buf_addf(&l, ", %s %s", word(t, UCT_W_HOST), s->host);
    uct_buf_addf(&l, "; %s: %" PRIu64 ", %s: %" PRIu64 ", %s: %" PRIu64, word(t, UCT_W_LINES), s->lines,
                 word(t, UCT_W_RECORDS), s->records, word(t, UCT_W_MESSAGES), s->messages);
    if (s->unparsed)
        uct_buf_addf(&l, ", %s: %" PRIu64, word(t, s->unread ? UCT_W_UNREAD : UCT_W_UNPARSED), s->unparsed);
    if (s->unparsed && s->unparsed_line)
        uct_buf_addf(&l, " (%s %" PRIu32 ")", word(t, UCT_W_FIRST_LINE), s->unparsed_line);
    if (s->set)
        uct_buf_addf(&l, "; %s %s", word(t, UCT_W_SET), s->set);
    wrap_buf(t, 4, 4, &l);
}

/* "Clock: edge is 41.2 s ahead of vcse (...)", where it was measured to be off. */
static void source_clock(struct text *t, size_t i)
{
    struct uct_buf l = {0};
    if (!uct_clock_off(t->r, i))
        return;
    uct_buf_addf(&l, "%s: ", word(t, UCT_W_CLOCK));
    uct_say_clock(&l, t->r, i, t->o->utf8);
    wrap_buf(t, 4, 6, &l);
}

/* "! edge.log", then "    truncated: ends in the middle of ..." */
static void source(struct text *t, const struct uct_rsource *s)
{
    bool bad = !good(s);
    if (bad)
        style(t, YELLOW);
    uct_buf_adds(&t->b, bad ? "! " : "  ");
    uct_fit(&t->b, uct_slice_str(s->name), SIZE_MAX, "");
    uct_buf_addc(&t->b, '\n');
    if (bad)
        plain_line(t);
    struct uct_buf l = {0};
    bool noted = s->note && *s->note && (bad || !t->o->quiet);
    if (s->state != UCT_STATE_OK)
        uct_buf_addf(&l, "%s%s", uct_state_name(s->state), noted ? ": " : "");
    if (noted)
        uct_buf_adds(&l, s->note);
    if (l.n)
        wrap_buf(t, 4, 4, &l);
    uct_buf_free(&l);
    if (!bad || s->records)
        source_detail(t, s);
}

static void sources(struct text *t)
{
    size_t n[2] = {0, 0};
    if (t->r->nsources == 0)
        return;
    heading(t, UCT_W_SOURCES);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < t->r->nsources; i++)
            if (good(&t->r->sources[i]) == pass && ++n[pass] <= MAX_SOURCES) {
                source(t, &t->r->sources[i]);
                source_clock(t, i);
            }
        more(t, 4, n[pass] > MAX_SOURCES ? n[pass] - MAX_SOURCES : 0);
    }
}

/* ---- the end ------------------------------------------------------------ */

/* lines and unparsed: of logs that are read. */
struct totals { uint64_t lines, records, messages, unparsed, calls, failed, classes[5], hidden; };

#define MAX_KINDS 32

/* Kinds that no parser reads, and their lines, in the order of the sources. */
struct unread { size_t n; struct { const char *format; uint64_t lines; } kinds[MAX_KINDS]; };

static struct totals add_up(const struct uct_report *r)
{
    struct totals s = {0};
    for (size_t i = 0; i < r->nsources; i++) {
        s.records += r->sources[i].records;
        s.messages += r->sources[i].messages;
        if (r->sources[i].unread)
            continue;
        s.lines += r->sources[i].lines;
        s.unparsed += r->sources[i].unparsed;
    }
    for (size_t i = 0; i < r->ncalls; i++) {
        s.calls += r->calls[i].shown;
        s.failed += r->calls[i].shown && r->calls[i].outcome == UCT_FAILED_CALL;
    }
    for (size_t i = 0; i < r->nfindings; i++)
        if (r->findings[i].shown)
            s.classes[r->findings[i].class_]++;
        else
            s.hidden++;
    return s;
}

static struct unread add_unread(const struct uct_report *r)
{
    struct unread u = {0};
    for (size_t i = 0; i < r->nsources; i++) {
        const struct uct_rsource *s = &r->sources[i];
        size_t k = 0;
        if (!s->unread || s->state == UCT_STATE_DUPLICATE)
            continue;
        while (k < u.n && strcmp(u.kinds[k].format, s->format) != 0)
            k++;
        if (k == MAX_KINDS)
            continue;
        u.n += k == u.n;
        u.kinds[k].format = s->format;
        u.kinds[k].lines += s->lines;
    }
    return u;
}

/* "; lines understood: 98% (49/50); not read: cucm (lines: 12)" */
static void understood(const struct text *t, struct uct_buf *l, const struct totals *s,
                       const struct unread *u)
{
    uint64_t read = s->lines - (s->unparsed < s->lines ? s->unparsed : s->lines);
    uint64_t part = s->lines ? (uint64_t)((double)read * 100 / (double)s->lines) : 0;
    if (s->lines || !u->n)
        uct_buf_addf(l, "; %s: %" PRIu64 "%% (%" PRIu64 "/%" PRIu64 ")", word(t, UCT_W_UNDERSTOOD), part,
                     read, s->lines);
    for (size_t k = 0; k < u->n; k++) {
        if (k == 0)
            uct_buf_addf(l, "; %s: ", word(t, UCT_W_UNREAD));
        uct_buf_addf(l, "%s%s (%s: %" PRIu64 ")", k ? ", " : "", u->kinds[k].format, word(t, UCT_W_LINES),
                     u->kinds[k].lines);
    }
}

static void help_line(struct text *t, enum uct_word w)
{
    uct_buf_adds(&t->b, "  - ");
    wrap(t, 4, 4, word(t, w));
}

static bool anything_read(const struct uct_report *r)
{
    for (size_t i = 0; i < r->nsources; i++)
        if (r->sources[i].lines && !r->sources[i].unread)
            return true;
    return false;
}

/* Are there logs of both sides of a federation? */
static bool both_ends(const struct uct_report *r)
{
    bool cisco = false, microsoft = false;
    for (size_t i = 0; i < r->nsources; i++) {
        const char *format = r->sources[i].messages && r->sources[i].format ? r->sources[i].format : "";
        cisco |= strcmp(format, "expressway") == 0;
        microsoft |= strcmp(format, "lync-server") == 0 || strcmp(format, "uccapi") == 0;
    }
    return cisco && microsoft;
}

/* An all-clear says how far it reaches. */
static void nothing(struct text *t, const struct totals *s)
{
    struct uct_buf l = {0};
    bool read = anything_read(t->r);
    struct unread u = add_unread(t->r);
    style(t, BOLD);
    wrap(t, 0, 0, word(t, !read ? UCT_W_NOTHING_READ : s->failed ? UCT_W_NO_CAUSE : UCT_W_NOTHING));
    plain(t);
    if (!read && !u.n)
        return;
    uct_buf_adds(&l, word(t, UCT_W_CHECKED));
    add_count(t, &l, " ", UCT_W_SOURCES, t->r->nsources);
    add_count(t, &l, ", ", UCT_W_RECORDS, s->records);
    add_count(t, &l, ", ", UCT_W_MESSAGES, s->messages);
    add_count(t, &l, ", ", UCT_W_CALLS, s->calls);
    understood(t, &l, s, &u);
    wrap_buf(t, 0, 2, &l);
    bool kinds_only = !s->messages && u.n && s->lines == 0;
    const bool helps[] = {s->hidden > 0, s->unparsed > s->lines / 10, kinds_only, !s->messages && !kinds_only,
                          s->messages && !both_ends(t->r), s->failed > 0};
    static const enum uct_word words[] = {UCT_W_HELP_FILTERS, UCT_W_HELP_UNPARSED, UCT_W_HELP_KINDS,
                                          UCT_W_HELP_NO_MESSAGES, UCT_W_HELP_OTHER_END, UCT_W_HELP_LADDER};
    for (size_t i = 0, n = 0; i < sizeof helps; i++) {
        if (helps[i] && n++ == 0) {
            uct_buf_addc(&t->b, '\n');
            wrap(t, 0, 0, word(t, UCT_W_HELPS));
        }
        if (helps[i])
            help_line(t, words[i]);
    }
}

static void counts(struct text *t, const struct totals *s)
{
    struct uct_buf l = {0};
    uct_buf_addf(&l, "%s: %" PRIu64, word(t, UCT_W_CALLS), s->calls);
    add_count(t, &l, ", ", UCT_W_FAILED, s->failed);
    add_count(t, &l, "; ", UCT_W_ROOTS, s->classes[UCT_ROOT_CAUSE]);
    add_count(t, &l, ", ", UCT_W_MISSING, s->classes[UCT_MISSING]);
    add_count(t, &l, "; ", UCT_W_SOURCES, t->r->nsources);
    add_count(t, &l, ", ", UCT_W_MESSAGES, s->messages);
    uct_buf_addc(&t->b, '\n');
    wrap_buf(t, 0, 2, &l);
}

static void skipped(struct text *t)
{
    if (!t->o->show_skipped || t->r->nskipped == 0)
        return;
    heading(t, UCT_W_SKIPPED);
    for (size_t i = 0; i < t->r->nskipped; i++) {
        blanks(t, 2);
        wrap(t, 2, 4, t->r->skipped[i]);
    }
}

static bool all(struct text *t)
{
    struct totals s = add_up(t->r);
    if (s.classes[0] + s.classes[1] + s.classes[2] + s.classes[3] + s.classes[4] == 0)
        nothing(t, &s);
    section(t, UCT_W_ROOTS, UCT_ROOT_CAUSE, UCT_ROOT_CAUSE);
    section(t, UCT_W_ALSO, UCT_CONTRIBUTING, UCT_SYMPTOM);
    undiagnosed(t);
    section(t, UCT_W_MISSING, UCT_MISSING, UCT_MISSING);
    section(t, UCT_W_ADVICE, UCT_ADVICE, UCT_ADVICE);
    leftovers(t);
    if (!flush(t))
        return false;
    sources(t);
    skipped(t);
    counts(t, &s);
    return flush(t);
}

/* Hidden findings explain nothing here: what they explain stands on its own. */
static void mark_explained(struct text *t)
{
    for (size_t i = 0; i < t->r->nfindings; i++) {
        const struct uct_rfinding *f = &t->r->findings[i];
        for (size_t k = 0; f->shown && k < f->nexplains; k++)
            if (f->explains[k] != i)
                t->explained[f->explains[k]] = true;
        if (f->left_out_by && t->r->findings[f->left_out_by - 1].shown)      /* counted there */
            t->explained[i] = t->done[i] = true;
    }
}

bool uct_render_text(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                     void *arg)
{
    struct uct_render_options mine = *o;
    if (mine.width < 20)
        mine.width = 20;
    struct text t = {.r = r, .o = &mine, .write = write, .arg = arg};
    t.explained = calloc(r->nfindings + 1, sizeof *t.explained);
    t.done = calloc(r->nfindings + 1, sizeof *t.done);
    bool ok = t.explained && t.done;
    if (ok) {
        mark_explained(&t);
        ok = all(&t);
    }
    free(t.explained);
    free(t.done);
    uct_buf_free(&t.b);
    return ok;
}
