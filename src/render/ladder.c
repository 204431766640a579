/* ladder: the messages of a session between lifelines.
 *
 *                             C              E             edge
 *   c1.1  07:10:46.180        |-- INVITE --->|               |
 *                             | sdp: audio video             |
 *   c1.2  07:10:46.195        |              |-- INVITE ---->|
 *
 * Everything is placed by columns and in ASCII unless the terminal has more.
 * Where the lifelines do not fit any more, each message becomes a line
 * "C -> E  INVITE". */
#include "clocks.h"
#include "trace.h"

#include "calls.h"
#include "layout.h"
#include "objects.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEP_LEAST = 10, STEP_MOST = 30, FEW_CALLS = 4 };

struct glyphs { const char *bar, *dash, *right, *left; };

struct ladder {
    const struct uct_report *r;
    const struct uct_rtrace *t;
    const struct uct_render_options *o;
    const struct uct_ladder_options *l;
    struct uct_buf b;
    struct uct_buf text;         /* a label being made */
    struct glyphs g;
    size_t width, head;          /* columns of all and of "c1.3 07:10:46.230 " */
    size_t id;                   /* columns of the number */
    size_t first, step;          /* where the first lifeline stands, and how far they are apart */
    size_t col;                  /* of the line being written */
    const struct uct_rsource *named;       /* the last that was looked for by its name */
    char day[16];                /* of the message drawn last that has a time */
    size_t name;                 /* columns of a name where there are no lifelines */
    bool list;
    const struct uct_rmessage *offer;      /* the last whose SDP was told */
    const struct uct_rmessage *before;     /* the one that was drawn last */
    unsigned flags;              /* seen: to be explained below */
    bool repeated;
};

/* ---- a line, by columns ------------------------------------------------------- */

static size_t x_of(const struct ladder *d, uint32_t host)
{
    return d->first + d->step * host;
}

static void put(struct ladder *d, struct uct_slice s, size_t most)
{
    size_t n = uct_columns(s);
    n = n < most ? n : most;
    uct_pad(&d->b, s, n, "..");
    d->col += n;
}

/* Blanks and lifelines up to a column. */
static void bars_to(struct ladder *d, size_t to)
{
    while (d->col < to) {
        size_t off = d->col - d->first;
        bool bar = d->col >= d->first && off % d->step == 0 && off / d->step < d->t->nhosts;
        uct_buf_adds(&d->b, bar ? d->g.bar : " ");
        d->col++;
    }
}

static void end_line(struct ladder *d)
{
    while (d->b.n && d->b.p[d->b.n - 1] == ' ')
        d->b.p[--d->b.n] = '\0';
    uct_buf_addc(&d->b, '\n');
    d->col = 0;
}

static void end_bars(struct ladder *d)
{
    if (!d->list && d->t->nhosts)
        bars_to(d, x_of(d, (uint32_t)d->t->nhosts - 1) + 1);
    end_line(d);
}

static struct uct_slice text(const struct ladder *d)
{
    return uct_slice(d->text.p ? d->text.p : "", d->text.n);
}

static const char *word(const struct ladder *d, enum uct_word w)
{
    return uct_word(w, d->r->lang);
}

/* ---- what a message is called --------------------------------------------------- */

static int64_t time_of(const struct ladder *d, const struct uct_rmessage *m)
{
    return d->l->original_time ? m->printed : m->time;
}

static void name_of(struct uct_buf *b, const struct uct_report *r, const struct uct_rmessage *m)
{
    uct_buf_addf(b, "%s.%u", r->calls[m->call].id, m->number);
}

static void put_head(struct ladder *d, const struct uct_rmessage *m)
{
    char s[32];
    int64_t t = time_of(d, m);
    d->text.n = 0;
    name_of(&d->text, d->r, m);
    uct_pad(&d->b, text(d), d->id, "..");
    uct_buf_addc(&d->b, ' ');
    if (t == UCT_NO_TIME)
        uct_buf_adds(&d->b, "-           ");
    else
        uct_buf_add(&d->b, uct_time_format(t, s) + 11, 12);
    uct_buf_addc(&d->b, ' ');
    d->col = d->head;
}

/* "INVITE", "504 Server time-out", "SIPPROXY_E_... (INVITE not routed)" */
static void what(struct uct_buf *b, const struct uct_rmessage *m)
{
    if (m->record) {
        uct_buf_adds(b, m->code ? m->code : "diagnostic record");
        return;
    }
    if (m->status) {
        uct_buf_addf(b, "%d", m->status);
        if (m->phrase)
            uct_buf_addf(b, " %s", m->phrase);
        return;
    }
    uct_buf_adds(b, m->method ? m->method : "request");
}

/* Marks behind it: findings, how often it was sent, what the other end did not see. */
static void marks(struct uct_buf *b, const struct ladder *d, const struct uct_rmessage *m)
{
    for (size_t i = 0; i < m->nfindings; i++)
        uct_buf_addf(b, " *%s", d->r->findings[m->findings[i]].id);
    if (m->retransmissions)
        uct_buf_addf(b, " x%" PRIu64, m->retransmissions + 1);
    if (m->flags & UCT_LEG_LOST)
        uct_buf_adds(b, " lost");
}

/* The label in d->text, in at most so many columns: the reason gives way, not the marks.
 * brief: a response by its number alone. */
static void label(struct ladder *d, const struct uct_rmessage *m, size_t most, bool brief)
{
    struct uct_buf b = {0}, tail = {0};
    if (brief && m->status)
        uct_buf_addf(&b, "%d", m->status);
    else
        what(&b, m);
    marks(&tail, d, m);
    d->text.n = 0;
    uct_fit(&d->text, uct_slice(b.p ? b.p : "", b.n), most > tail.n + 4 ? most - tail.n : 4, "..");
    if (tail.n)
        uct_buf_add(&d->text, tail.p, tail.n);
    d->text.failed |= b.failed || tail.failed;
    uct_buf_free(&b);
    uct_buf_free(&tail);
    d->flags |= m->flags;
    d->repeated |= m->retransmissions > 0;
}

static const char *colour_of(const struct ladder *d, const struct uct_rmessage *m)
{
    if (!d->o->colour)
        return "";
    if (m->nfindings || m->status >= 400)
        return "\033[31m";
    return m->status >= 200 && m->status < 300 ? "\033[32m" : "";
}

static void put_coloured(struct ladder *d, const struct uct_rmessage *m, struct uct_slice s, size_t most)
{
    const char *c = colour_of(d, m);
    uct_buf_adds(&d->b, c);
    put(d, s, most);
    uct_buf_adds(&d->b, *c ? "\033[0m" : "");
}

/* ---- drawing -------------------------------------------------------------------- */

static void dashes(struct ladder *d, size_t to)
{
    for (; d->col < to; d->col++)
        uct_buf_adds(&d->b, d->g.dash);
}

/* The label on a line of its own above an arrow that begins at column a. */
static void above(struct ladder *d, const struct uct_rmessage *m, size_t a)
{
    size_t n = uct_columns(text(d)), at = a + 2;
    if (at + n > d->width)
        at = d->width > d->head + 1 + n ? d->width - n : d->head + 1;
    bars_to(d, at - 1);
    uct_buf_addc(&d->b, ' ');
    d->col++;
    put_coloured(d, m, text(d), n);
    if (d->col < d->width) {
        uct_buf_addc(&d->b, ' ');
        d->col++;
    }
    end_bars(d);
}

/* A number says enough where the answer is no fault, or stands one line above with its words. */
static bool may_be_brief(const struct ladder *d, const struct uct_rmessage *m)
{
    const struct uct_rmessage *o = d->before;
    return m->status && (m->status < 300 || (o && o->call == m->call && o->status == m->status));
}

/* The label in d->text and whether there is room for it inside an arrow of so many columns. */
static bool fits_inside(struct ladder *d, const struct uct_rmessage *m, size_t gap)
{
    size_t lost = m->flags & UCT_LEG_LOST ? 2 : 0;
    label(d, m, d->width - d->head - 1, false);
    if (uct_columns(text(d)) + 3 + lost > gap && may_be_brief(d, m))
        label(d, m, d->width - d->head - 1, true);
    if (uct_columns(text(d)) + 3 + lost <= gap)
        return true;
    label(d, m, d->width - d->head - 1, false);
    return false;
}

/* The tip of an arrow: what was lost does not get there. */
static void tip(struct ladder *d, const struct uct_rmessage *m, const char *head)
{
    bool lost = m->flags & UCT_LEG_LOST;
    uct_buf_adds(&d->b, lost ? "x" : head);
    d->col++;
}

/* |-- label --->| with the label where it fits, else above the arrow. */
static void arrow(struct ladder *d, const struct uct_rmessage *m)
{
    bool right = m->from < m->to, lost = m->flags & UCT_LEG_LOST;
    size_t a = x_of(d, right ? m->from : m->to), z = x_of(d, right ? m->to : m->from), gap = z - a - 1;
    put_head(d, m);
    bool inside = fits_inside(d, m, gap);
    size_t n = uct_columns(text(d)), end = right ? z - 1 - (lost ? 2 : 0) : z;
    if (!inside)
        above(d, m, a);
    bars_to(d, a + 1 + (lost && !right ? 2 : 0));
    if (!right)
        tip(d, m, d->g.left);
    if (inside) {
        bool tight = d->col + n + 3 > end;
        dashes(d, d->col + (right && tight ? 0 : 1));
        uct_buf_adds(&d->b, right && tight ? "" : " ");
        d->col += right && tight ? 0 : 1;
        put_coloured(d, m, text(d), n);
        uct_buf_adds(&d->b, !right && tight ? "" : " ");
        d->col += !right && tight ? 0 : 1;
    }
    dashes(d, end);
    if (right)
        tip(d, m, d->g.right);
    end_bars(d);
}

/* How much of s goes on a line of so many columns: cut behind a blank, "_" or "-". */
static size_t piece(struct uct_slice s, size_t room)
{
    size_t n = uct_utf8_cut(s, room), cut = n;
    if (n == s.n)
        return n;
    if (n == 0)
        return uct_utf8_len(s) ? uct_utf8_len(s) : 1;
    while (cut > n / 2 && !strchr(" _-", s.p[cut - 1]))
        cut--;
    return cut > n / 2 ? cut : n;
}

/* A text beside a lifeline: to its right, or to its left where there is more
 * room; in several lines where it is longer than that. */
static void beside(struct ladder *d, uint32_t host, struct uct_slice s, const char *colour)
{
    size_t x = x_of(d, host), right = d->width > x + 3 ? d->width - x - 2 : 1;
    size_t left = x > d->head + 1 ? x - d->head - 1 : 0;
    bool leftward = uct_columns(s) > right && left > right;
    size_t room = leftward ? left : right;
    do {
        size_t k = piece(s, room), n = uct_columns(uct_slice(s.p, k));
        bars_to(d, leftward ? x - 1 - n : x + 1);
        if (!leftward)
            uct_buf_addc(&d->b, ' ');
        d->col += !leftward;
        uct_buf_adds(&d->b, colour);
        put(d, uct_slice(s.p, k), n);
        uct_buf_adds(&d->b, *colour ? "\033[0m" : "");
        if (d->col < d->width)
            uct_buf_addc(&d->b, ' ');
        d->col++;
        end_bars(d);
        s = uct_slice(s.p + k, s.n - k);
    } while (s.n);
}

static void note(struct ladder *d, uint32_t host)
{
    struct uct_slice s = text(d);
    d->col = 0;
    if (!d->list) {
        beside(d, host, s, "");
        return;
    }
    for (; d->col < d->head; d->col++)
        uct_buf_addc(&d->b, ' ');
    put(d, s, d->width > d->head ? d->width - d->head : 20);
    end_line(d);
}

static void note_sighting(struct ladder *d, const struct uct_rsighting *s)
{
    static const char *const dirs[] = {"seen", "got", "sent"};
    char when[32] = "-";
    int64_t t = d->l->original_time ? s->printed : s->time;
    if (t != UCT_NO_TIME)
        uct_time_format(t, when);
    d->text.n = 0;
    uct_buf_addf(&d->text, "%s %.12s %s:%u%s", dirs[s->dir], t != UCT_NO_TIME ? when + 11 : "-",
                 d->r->sources[s->source].name, s->line, s->summary ? " (summary)" : "");
    for (d->col = 0; d->col < d->head; d->col++)
        uct_buf_addc(&d->b, ' ');
    uct_fit(&d->b, text(d), SIZE_MAX, "");
    end_line(d);
}

/* The same media from hop to hop are told once. */
static bool tells_sdp(struct ladder *d, const struct uct_rmessage *m)
{
    const struct uct_rmessage *o = d->offer;
    if (!m->sdp)
        return false;
    d->offer = m;
    return !o || d->l->all || o->call != m->call || o->status != m->status || o->cseq != m->cseq ||
           strcmp(o->sdp, m->sdp) != 0;
}

static void notes(struct ladder *d, const struct uct_rmessage *m)
{
    uint32_t host = m->from < m->to ? m->from : m->to;
    if (m->record && m->method) {
        d->text.n = 0;
        uct_buf_addf(&d->text, "about %s %u", m->method, m->cseq);
        note(d, host);
    }
    if (tells_sdp(d, m)) {
        d->text.n = 0;
        uct_buf_addf(&d->text, "sdp: %s", m->sdp);
        note(d, host);
    }
    if (m->lost) {
        d->text.n = 0;
        uct_buf_adds(&d->text, "its text is no longer there");
        note(d, host);
    }
    for (size_t i = 0; d->l->all && i < m->nsightings; i++)
        note_sighting(d, &m->sightings[i]);
}

/* An address is told apart by its end, a name by its beginning. */
static void put_name(struct ladder *d, const struct uct_rhost *h, size_t most)
{
    struct uct_slice s = uct_slice_str(h->name);
    if (!h->logged && s.n > most && most > 4 && s.n == uct_columns(s)) {
        put(d, UCT_S(".."), 2);
        s = uct_slice(s.p + s.n - most + 2, most - 2);
        while (s.n && (s.p[0] == '.' || s.p[0] == ':'))
            s = uct_slice(s.p + 1, s.n - 1);
    }
    put(d, s, most);
}

/* A host's name in so many columns. */
static void list_name(struct ladder *d, uint32_t host, size_t width)
{
    static const struct uct_rhost nobody = {.name = "?", .logged = true};
    size_t end = d->col + width;
    put_name(d, host < d->t->nhosts ? &d->t->hosts[host] : &nobody, width);
    for (; d->col < end; d->col++)
        uct_buf_addc(&d->b, ' ');
}

/* "C -> E         INVITE", in columns. */
static void list_line(struct ladder *d, const struct uct_rmessage *m)
{
    put_head(d, m);
    if (m->from == m->to) {
        list_name(d, m->from, 2 * d->name + 4);
    } else {
        list_name(d, m->from, d->name);
        put(d, UCT_S(" -> "), 4);
        list_name(d, m->to, d->name);
    }
    put(d, UCT_S("  "), 2);
    size_t room = d->width > d->col + 12 ? d->width - d->col : 12;
    label(d, m, room, false);
    put_coloured(d, m, text(d), room);
    end_line(d);
}

/* A line of its own where another day begins: the stamps have only the time of day. */
static void day_line(struct ladder *d, const struct uct_rmessage *m)
{
    char s[32];
    int64_t t = time_of(d, m);
    if (t == UCT_NO_TIME)
        return;
    uct_time_format(t, s);
    bool other = *d->day && memcmp(d->day, s, 10) != 0;
    memcpy(d->day, s, 10);
    if (!other)
        return;
    d->text.n = 0;
    uct_buf_addf(&d->text, "%.10s", d->day);
    for (d->col = 0; d->col < d->id + 1; d->col++)
        uct_buf_addc(&d->b, ' ');
    put(d, text(d), 10);
    end_bars(d);
}

static void draw(struct ladder *d, const struct uct_rmessage *m)
{
    day_line(d, m);
    d->col = 0;
    if (d->list) {
        list_line(d, m);
    } else if (m->from == m->to || m->from >= d->t->nhosts || m->to >= d->t->nhosts) {
        put_head(d, m);
        label(d, m, SIZE_MAX, false);
        beside(d, m->from < d->t->nhosts ? m->from : 0, text(d), colour_of(d, m));
    } else {
        arrow(d, m);
    }
    notes(d, m);
    d->before = m;
}

/* ---- above and below --------------------------------------------------------------- */

static void wrapped(struct ladder *d, size_t indent)
{
    uct_wrap(&d->b, text(d), 0, indent, d->width);
    d->text.n = 0;
}

/* Many ask for the same one, one after the other. */
static const struct uct_rsource *source_named(struct ladder *d, const char *name)
{
    if (d->named && strcmp(d->named->name, name) == 0)
        return d->named;
    for (size_t i = 0; i < d->r->nsources; i++)
        if (strcmp(d->r->sources[i].name, name) == 0)
            return d->named = &d->r->sources[i];
    return NULL;
}

/* The sources whose messages are drawn; NULL when memory is out. */
static bool *drawn_sources(struct ladder *d)
{
    bool *here = calloc(d->r->nsources + 1, sizeof *here);
    d->text.failed |= !here;
    for (size_t m = 0; here && m < d->t->nmessages; m++)
        for (size_t k = 0; k < d->t->messages[m].nsightings; k++)
            here[d->t->messages[m].sightings[k].source] = true;
    return here;
}

/* "times by C's clock, UTC", or that there are several clocks which no message compares. */
static void say_time(struct ladder *d)
{
    enum { MOST = 4 };
    const char *clocks[MOST];
    size_t n = 0;
    bool measured = false, *here = drawn_sources(d);
    for (size_t i = 0; here && i < d->r->nsources; i++) {
        const struct uct_rsource *s = &d->r->sources[i],
                                 *to = s->reference ? source_named(d, s->reference) : s;
        const char *name = !to ? s->reference : to->box ? to->box : to->name;
        size_t at = 0;
        while (here[i] && at < n && strcmp(clocks[at], name) != 0)
            at++;
        if (here[i] && at == n && n < MOST)
            clocks[n++] = name;
        measured |= here[i] && s->reference;
    }
    free(here);
    if (n == 1 && measured)
        uct_buf_addf(&d->text, "%s %s%s", word(d, UCT_W_TIMES_BY), clocks[0], word(d, UCT_W_TIMES_CLOCK));
    for (size_t i = 0; n > 1 && i < n; i++) {
        if (i + 1 < n)
            uct_buf_addf(&d->text, "%s %s", i ? "," : word(d, UCT_W_TIMES_CLOCKS), clocks[i]);
        else
            uct_buf_addf(&d->text, " %s %s", word(d, UCT_W_CLOCK_AND), clocks[i]);
    }
    if (n > 1)
        uct_buf_adds(&d->text, word(d, UCT_W_TIMES_APART));
}

static bool asked_for(const struct ladder *d, uint32_t call)
{
    for (size_t i = 0; i < d->t->nwants; i++)
        if (d->t->wants[i].found && d->t->wants[i].call == call)
            return true;
    return false;
}

static void title(struct ladder *d)
{
    char s[32];
    for (size_t i = 0; i < d->t->ncalls; i++) {
        const struct uct_rcall *c = &d->r->calls[d->t->calls[i]];
        struct uct_slice from = uct_party(c->from), to = uct_party(c->to);
        uct_buf_addf(&d->text, "%s %.10s %s ", c->id,
                     c->start != UCT_NO_TIME ? uct_time_format(c->start, s) : "-",
                     c->method ? c->method : "-");
        uct_buf_add(&d->text, from.p, from.n);
        uct_buf_adds(&d->text, " -> ");
        uct_buf_add(&d->text, to.p, to.n);
        uct_buf_addf(&d->text, " %s", word(d, UCT_W_ANSWERED + (enum uct_word)c->outcome));
        if (c->status)
            uct_buf_addf(&d->text, " %d", c->status);
        wrapped(d, 4);
        if (d->t->ncalls > FEW_CALLS && !asked_for(d, d->t->calls[i]))
            continue;
        uct_buf_addf(&d->text, "    Call-ID %s", c->call_id);
        uct_fit(&d->b, text(d), SIZE_MAX, "");
        end_line(d);
        d->text.n = 0;
    }
    d->text.n = 0;
    if (d->l->original_time)
        uct_buf_adds(&d->text, word(d, UCT_W_TIMES_PRINTED));
    else
        say_time(d);
    if (d->text.n) {
        uct_buf_adds(&d->b, "    ");
        uct_wrap(&d->b, text(d), 4, 4, d->width);
    }
    uct_buf_addc(&d->b, '\n');
    d->text.n = 0;
}

static void measure(struct ladder *d)
{
    size_t hosts = d->t->nhosts, name = 4, last = 4;
    for (size_t i = 0; i < d->t->nmessages; i++) {
        d->text.n = 0;
        name_of(&d->text, d->r, &d->t->messages[i]);
        d->id = d->text.n > d->id ? d->text.n : d->id;
    }
    d->text.n = 0;
    d->head = d->id + 1 + 13;
    if (hosts) {
        name = uct_columns(uct_slice_str(d->t->hosts[0].name)) / 2;
        last = uct_columns(uct_slice_str(d->t->hosts[hosts - 1].name));
        last = last - last / 2;
    }
    name = name > 12 ? 12 : name;
    last = last > 12 ? 12 : last;
    d->first = d->head + name;
    size_t room = d->width > d->first + last ? d->width - d->first - last : 0;
    d->step = hosts > 1 ? room / (hosts - 1) : STEP_MOST;
    d->step = d->step > STEP_MOST ? STEP_MOST : d->step;
    d->list = hosts == 0 || (hosts > 1 && d->step < STEP_LEAST);
    for (size_t i = 0; i < hosts; i++) {
        size_t n = uct_columns(uct_slice_str(d->t->hosts[i].name));
        d->name = n > d->name ? n : d->name;
    }
    size_t most = d->width > d->head + 32 ? (d->width - d->head - 20) / 2 : 6;
    d->name = d->name > most ? most : d->name;
}

/* The names over their lifelines, cut to the room between two. */
static void names(struct ladder *d)
{
    d->col = 0;
    for (size_t i = 0; i < d->t->nhosts && !d->list; i++) {
        struct uct_slice s = uct_slice_str(d->t->hosts[i].name);
        size_t n = uct_columns(s), x = x_of(d, (uint32_t)i);
        if (d->t->nhosts > 1 && n > d->step - 2)
            n = d->step - 2;
        size_t at = x > n / 2 ? x - n / 2 : 0;
        at = at > d->col || !d->col ? at : d->col + 1;
        for (; d->col < at; d->col++)
            uct_buf_addc(&d->b, ' ');
        if (d->o->colour)
            uct_buf_adds(&d->b, "\033[1m");
        put_name(d, &d->t->hosts[i], n);
        if (d->o->colour)
            uct_buf_adds(&d->b, "\033[0m");
    }
    if (!d->list)
        end_line(d);
}

static void say_hosts(struct ladder *d)
{
    for (size_t i = 0; i < d->t->nhosts; i++) {
        const struct uct_rhost *h = &d->t->hosts[i];
        if (!h->logged)
            continue;
        uct_buf_addf(&d->text, "%s: %s%s%s%s", h->name, h->host ? h->host : "host unknown",
                     h->address ? " (" : "", h->address ? h->address : "", h->address ? ")" : "");
        wrapped(d, 4);
    }
}

static void say_paths(struct ladder *d)
{
    for (size_t i = 0; i < d->t->npaths; i++) {
        const struct uct_rpath *p = &d->t->paths[i];
        uct_buf_addf(&d->text, "zones %s:", d->r->calls[p->call].id);
        for (size_t k = 0; k < p->nby_host; k++) {
            const struct uct_rzones *z = &p->by_host[k];
            uct_buf_addf(&d->text, "%s %s%s%s%s%s", k ? ";" : "", z->host ? z->host : "?",
                         z->in ? " from " : "", z->in ? z->in : "", z->out ? " to " : "",
                         z->out ? z->out : "");
        }
        wrapped(d, 4);
    }
}

/* "41.2 s", "250 ms" */
static void amount(struct uct_buf *b, int64_t ms)
{
    char s[8];
    if (ms < 1000) {
        uct_buf_addf(b, "%" PRId64 " ms", ms);
        return;
    }
    int n = snprintf(s, sizeof s, ".%03d", (int)(ms % 1000));
    while (n > 0 && (s[n - 1] == '0' || s[n - 1] == '.'))
        s[--n] = '\0';
    uct_buf_addf(b, "%" PRId64 "%s s", ms / 1000, s);
}

/* "and C agree within 9 ms (", "else agrees with ..." where a zone was told before */
static void say_agreed(struct ladder *d, const char *of, int64_t within, bool zone)
{
    uct_buf_addf(&d->text, "%s %s %s %s ", zone ? "," : "", word(d, zone ? UCT_W_CLOCK_ELSE : UCT_W_CLOCK_AND), of,
                 word(d, zone ? UCT_W_CLOCK_WITHIN : UCT_W_CLOCK_AGREE));
    amount(&d->text, within);
    uct_buf_adds(&d->text, " (");
}

/* "is 41.2 s ahead of C (+/-9 ms, " */
static void say_off(struct ladder *d, const char *of, int64_t off, int64_t within, bool zone)
{
    uct_buf_addf(&d->text, " %s ", word(d, zone ? UCT_W_CLOCK_AND_IS : UCT_W_CLOCK_IS));
    amount(&d->text, off < 0 ? -off : off);
    uct_buf_addf(&d->text, " %s %s (%s", word(d, off < 0 ? UCT_W_CLOCK_BEHIND : UCT_W_CLOCK_AHEAD), of,
                 d->o->utf8 ? "\xc2\xb1" : "+/-");
    amount(&d->text, within);
    uct_buf_adds(&d->text, ", ");
}

/* "clock: edge is 41.2 s ahead of C (+/-9 ms, 7 messages)": by their names, and by the log's where a
 * host has several, each with a clock of its own. */
static void say_clock(struct ladder *d, const struct uct_rsource *s, bool several)
{
    enum { QUARTER = 900000 };
    const struct uct_rsource *to = source_named(d, s->reference);
    const char *of = to && to->box ? to->box : s->reference, *file = strrchr(s->name, '/');
    int64_t off = s->offset_ms, zone = s->zone ? (off + (off < 0 ? -QUARTER / 2 : QUARTER / 2)) / QUARTER : 0;
    off -= zone * QUARTER;
    uct_add_word(&d->text, UCT_W_CLOCK, d->r->lang);
    uct_buf_addf(&d->text, ": %s", s->box ? s->box : s->name);
    if (several)
        uct_buf_addf(&d->text, " %s %s", word(d, UCT_W_CLOCK_IN), file ? file + 1 : s->name);
    if (zone)
        uct_buf_addf(&d->text, " %s %c%02d:%02d", word(d, UCT_W_CLOCK_PRINTS), zone < 0 ? '-' : '+',
                     (int)((zone < 0 ? -zone : zone) / 4), (int)((zone < 0 ? -zone : zone) % 4 * 15));
    if ((off < 0 ? -off : off) <= s->error_ms)
        say_agreed(d, of, s->error_ms, zone);
    else
        say_off(d, of, off, s->error_ms, zone);
    uct_buf_addf(&d->text, "%" PRId64 " ", s->samples);
    uct_add_word(&d->text, s->samples == 1 ? UCT_W_MESSAGE : UCT_W_MESSAGES, d->r->lang);
    uct_buf_addc(&d->text, ')');
    wrapped(d, 4);
}

static bool same_box(const struct uct_rsource *a, const struct uct_rsource *b)
{
    return a->box && b->box && strcmp(a->box, b->box) == 0;
}

/* Does another file of this host, drawn here, have the same clock before this one, or one of its own? */
static void compare_files(const struct ladder *d, const bool *here, size_t i, bool *told, bool *several)
{
    const struct uct_rsource *s = &d->r->sources[i];
    for (size_t k = 0; k < d->r->nsources; k++) {
        const struct uct_rsource *o = &d->r->sources[k];
        if (k == i || !here[k] || !o->reference || !same_box(s, o))
            continue;
        bool same = o->offset_ms == s->offset_ms && o->error_ms == s->error_ms;
        *several |= !same;
        *told |= same && k < i;
    }
}

/* The clocks of the logs drawn here; the files of one host that agree are told once. */
static void say_clocks(struct ladder *d)
{
    enum { MOST = 64 };
    size_t looked = 0, more = 0;
    bool *here = drawn_sources(d);
    for (size_t i = 0; here && i < d->r->nsources; i++) {
        bool told = false, several = false;
        if (!here[i] || !d->r->sources[i].reference)
            continue;
        if (++looked > MOST) {
            more++;
            continue;
        }
        compare_files(d, here, i, &told, &several);
        if (!told)
            say_clock(d, &d->r->sources[i], several);
    }
    if (more)
        uct_buf_addf(&d->b, more == 1 ? "%zu more clock stands in --format json\n"
                                      : "%zu more clocks stand in --format json\n", more);
    free(here);
}

/* Those that some message shows, and those of the calls whose place is elsewhere. */
static void say_findings(struct ladder *d)
{
    bool *here = calloc(d->r->nfindings + 1, sizeof *here);
    d->text.failed |= !here;
    for (size_t m = 0; here && m < d->t->nmessages; m++)
        for (size_t k = 0; k < d->t->messages[m].nfindings; k++)
            here[d->t->messages[m].findings[k]] = true;
    for (size_t i = 0; here && i < d->t->ncalls; i++) {
        const struct uct_rcall *c = &d->r->calls[d->t->calls[i]];
        for (size_t k = 0; k < c->nfindings; k++)
            here[c->findings[k]] |= d->r->findings[c->findings[k]].shown;
    }
    for (size_t i = 0; here && i < d->r->nfindings; i++) {
        const struct uct_rfinding *f = &d->r->findings[i];
        if (!here[i])
            continue;
        uct_buf_addf(&d->text, "*%s %s: %s", f->id, f->rule->id, f->title ? f->title : "");
        wrapped(d, 4);
    }
    free(here);
}

void uct_say_joins(struct uct_buf *b, const struct uct_report *r, const uint32_t *calls, size_t ncalls,
                   size_t width)
{
    struct uct_buf line = {0};
    for (size_t i = 0; i < r->njoins; i++) {
        const struct uct_rjoin *j = &r->joins[i];
        bool a = !calls, z = !calls;
        for (size_t k = 0; k < ncalls; k++) {
            a |= calls[k] == j->a;
            z |= calls[k] == j->b;
        }
        if (!a || !z)
            continue;
        line.n = 0;
        uct_buf_addf(&line, "join %s %s by %s %s (%s)", r->calls[j->a].id, r->calls[j->b].id, j->key,
                     j->value, uct_confidence_name(j->confidence));
        uct_wrap(b, uct_slice(line.p, line.n), 0, 4, width);
    }
    b->failed |= line.failed;
    uct_buf_free(&line);
}

static void say_rest(struct ladder *d)
{
    if (d->repeated)
        uct_buf_addf(&d->b, "%s\n", word(d, UCT_W_REPEATED));
    if (d->flags & UCT_LEG_LOST) {
        uct_buf_adds(&d->text, word(d, UCT_W_LOST));
        wrapped(d, 4);
    }
    if (d->t->calls_cut)
        uct_buf_addf(&d->b, "%" PRIu64 " more call%s of the session %s not drawn\n", d->t->calls_cut,
                     d->t->calls_cut == 1 ? "" : "s", d->t->calls_cut == 1 ? "is" : "are");
    if (d->t->messages_cut)
        uct_buf_addf(&d->b, "%" PRIu64 " more message%s not drawn\n", d->t->messages_cut,
                     d->t->messages_cut == 1 ? " is" : "s are");
}

bool uct_render_ladder(const struct uct_report *r, const struct uct_render_options *o,
                       const struct uct_ladder_options *l, uct_write_fn *write, void *arg)
{
    struct ladder d = {.r = r, .t = r->trace, .o = o, .l = l, .width = o->width < 40 ? 40 : o->width};
    d.g = o->utf8 ? (struct glyphs){"\xe2\x94\x82", "\xe2\x94\x80", "\xe2\x96\xb6", "\xe2\x97\x80"}
                  : (struct glyphs){"|", "-", ">", "<"};
    measure(&d);
    title(&d);
    names(&d);
    bool ok = true;
    for (size_t i = 0; ok && i < d.t->nmessages; i++) {
        draw(&d, &d.t->messages[i]);
        if (d.b.n > 1 << 16) {
            ok = !d.b.failed && write(arg, d.b.p, d.b.n);
            d.b.n = 0;
        }
    }
    uct_buf_addc(&d.b, '\n');
    d.text.n = 0;
    say_hosts(&d);
    say_paths(&d);
    say_clocks(&d);
    say_findings(&d);
    if (l->joins)
        uct_say_joins(&d.b, r, d.t->calls, d.t->ncalls, d.width);
    say_rest(&d);
    ok = ok && !d.b.failed && !d.text.failed && write(arg, d.b.p, d.b.n);
    uct_buf_free(&d.b);
    uct_buf_free(&d.text);
    return ok;
}
