/* The whole way: paths to sources, sources to calls, calls to findings, all of it into a report. */
#include "uctriage.h"

#include "correlate/boxes.h"
#include "correlate/calls.h"
#include "correlate/clock.h"
#include "correlate/fold.h"
#include "correlate/join.h"
#include "correlate/skew.h"
#include "diagnose/findings.h"
#include "engine/engine.h"
#include "quote/trace.h"
#include "report/report.h"
#include "sip/sip.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

void uct_options_init(struct uct_options *o)
{
    *o = (struct uct_options){.jobs = 1};
}

/* "GLOB=+HH:MM": the offset in ms; false if it is not of that form. */
static bool tz_parse(const char *text, struct uct_slice *glob, int64_t *ms)
{
    const char *eq = strrchr(text, '=');
    if (!eq || eq == text)
        return false;
    const char *p = eq + 1;
    int sign = *p == '-' ? -1 : 1;
    if (*p == '+' || *p == '-')
        p++;
    for (int i = 0; i < 5; i++)
        if (i == 2 ? p[i] != ':' : !uct_isdigit((unsigned char)p[i]))
            return false;
    int h = (p[0] - '0') * 10 + p[1] - '0', m = (p[3] - '0') * 10 + p[4] - '0';
    if (p[5] || h > 15 || m > 59)
        return false;
    *glob = uct_slice(text, (size_t)(eq - text));
    *ms = sign * (int64_t)(h * 60 + m) * 60000;
    return true;
}

static bool time_option(const char *text, int64_t *ms)
{
    bool zoned;
    struct uct_slice s = uct_slice_str(text);
    return s.n && uct_time_parse(s, ms, &zoned) == s.n;
}

const char *uct_options_check(const struct uct_options *o)
{
    struct uct_slice glob;
    int64_t ms;
    if (o->jobs < 1 || o->jobs > 1024)
        return "--jobs takes a number from 1 to 1024";
    if (o->parser && !uct_parser_find(uct_slice_str(o->parser)))
        return "--parser names no parser";
    if (o->memory_limit && o->memory_limit < UCT_MEMORY_LEAST)
        return "--memory-limit takes at least 64M";
    for (size_t i = 0; i < o->ntz; i++)
        if (!tz_parse(o->tz[i], &glob, &ms))
            return "--tz takes SOURCE=+HH:MM or SOURCE=-HH:MM";
    if (o->since && !time_option(o->since, &ms))
        return "--since takes a time such as 2017-03-02T07:10:46Z";
    if (o->until && !time_option(o->until, &ms))
        return "--until takes a time such as 2017-03-02T07:10:46Z";
    return NULL;
}

/* ---- sources ----------------------------------------------------------- */

static bool states_time(const struct uct_source *s)
{
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].basis == UCT_BASIS_UTC_FIELD || s->blocks[i].basis == UCT_BASIS_ZONE)
            return true;
    return false;
}

/* Clocks the user set.  Pieces and parts match by their own name or the stream's.  A log that tells its time itself is
 * moved only where it is named in full. */
static void set_clocks(const struct uct_options *o, struct uct_sources *s)
{
    for (size_t i = 0; i < o->ntz; i++) {
        struct uct_slice glob;
        char pattern[1024];
        int64_t ms;
        if (!tz_parse(o->tz[i], &glob, &ms) || glob.n >= sizeof pattern)
            continue;
        memcpy(pattern, glob.p, glob.n);
        pattern[glob.n] = '\0';
        for (size_t k = 0; k < s->n; k++) {
            struct uct_source *src = s->items[k];
            if (states_time(src) ? strpbrk(pattern, "*?") || !uct_glob_name(pattern, src->name)
                                 : !uct_glob_name(pattern, src->name) && !uct_glob_whole(pattern, src->name, "@") &&
                                       !(src->document && uct_glob_name(pattern, src->document->name)))
                continue;
            src->tz_ms = ms;
            src->tz_user = true;
        }
    }
}

struct digest {
    uint64_t digest, bytes;
    size_t index;
};

static int by_digest(const void *a, const void *b)
{
    const struct digest *x = a, *y = b;
    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static void drop_duplicate(struct uct_sources *s, struct uct_source *dup, struct uct_source *first)
{
    if (dup->state == UCT_STATE_LIMITED && first->state == UCT_STATE_OK) {     /* what stopped it is not lost */
        first->state = UCT_STATE_LIMITED;
        if (first->note.n)
            uct_buf_adds(&first->note, "; ");
        uct_buf_add(&first->note, dup->note.p, dup->note.n);
    }
    dup->state = UCT_STATE_DUPLICATE;
    uct_buf_free(&dup->note);
    uct_buf_addf(&dup->note, "same content as '%s', counted once", first->name);
    for (size_t i = 0; i < dup->npieces; i++)
        dup->pieces[i]->state = UCT_STATE_DUPLICATE;
    (void)s;
}

/* Of what no parser reads the digest covers this much from its start. */
#define WHOLE_DIGEST (256u << 10)

/* Of equal sources the later by name is dropped. */
static enum uct_status find_duplicates(struct uct_sources *s)
{
    struct digest *d = malloc((s->n ? s->n : 1) * sizeof *d);
    size_t n = 0;
    if (!d)
        return UCT_FATAL;
    for (size_t i = 0; i < s->n; i++) {
        const struct uct_source *src = s->items[i];
        if (src->bytes && !src->document && (src->parser || (src->state == UCT_STATE_OK && src->bytes <= WHOLE_DIGEST)))
            d[n++] = (struct digest){src->digest, src->bytes, i};
    }
    if (n)
        qsort(d, n, sizeof *d, by_digest);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (d[i].digest != d[first].digest || d[i].bytes != d[first].bytes)
            first = i;
        else if (s->items[d[i].index]->stream != s->items[d[first].index]->stream)      /* not parts of one file */
            drop_duplicate(s, s->items[d[i].index], s->items[d[first].index]);
    }
    free(d);
    return UCT_OK;
}

/* The pieces of a dropped document go with it. */
static void drop_pieces(struct uct_sources *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct uct_source *src = s->items[i];
        if (src->document && src->state == UCT_STATE_DUPLICATE)
            s->dropped[s->ndropped++] = src;
        else
            s->items[n++] = src;
    }
    s->n = n;
}

static const char *keep_text(struct uct_report *r, const char *s)
{
    return uct_arena_dup(&r->arena, uct_slice_str(s));
}

/* The text of an interned number, fit to be printed; NULL for 0. False when memory ran out. */
static bool clean_id(struct uct_report *r, const struct uct_intern *t, uint32_t id, const char **out)
{
    struct uct_buf b = {0};
    *out = NULL;
    if (!id)
        return true;
    uct_utf8_clean(&b, uct_interned(t, id));
    if (!b.failed)
        *out = uct_arena_dup(&r->arena, uct_slice(b.p, b.n));
    uct_buf_free(&b);
    return *out != NULL;
}

/* A Call-ID as it is, control characters too, so that two that differ are two: what prints it cleans or escapes it.
 * What no text can hold is replaced. */
static bool whole_id(struct uct_report *r, const struct uct_intern *t, uint32_t id, const char **out)
{
    struct uct_slice s = uct_interned(t, id);
    uint32_t c = 1;
    size_t n = 0, at = 0;
    while (at < s.n && (n = uct_utf8_decode(uct_slice(s.p + at, s.n - at), &c)) && c)
        at += n;
    if (at < s.n || !id)
        return clean_id(r, t, id, out);
    *out = uct_arena_dup(&r->arena, s);
    return *out != NULL;
}

/* Parties, methods and phrases come again and again: each is cleaned once.  Indexed by their number. */
struct cleaned {
    const char **text;
    uint32_t n;
};

static bool clean_once(struct uct_report *r, const struct uct_intern *t, struct cleaned *c, uint32_t id, const char **out)
{
    if (id >= c->n)
        return clean_id(r, t, id, out);
    if (id && !c->text[id] && !clean_id(r, t, id, &c->text[id]))
        return false;
    *out = c->text[id];
    return true;
}

/* "c12" */
static void number_id(char *out, char letter, size_t n)
{
    char digits[24];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    *out++ = letter;
    memcpy(out, digits + at, sizeof digits - at);
    out[sizeof digits - at] = '\0';
}

/* Of a file of several machines the one whose clock it goes by: the reference, if one of them is, else the first. */
static uint32_t speaker(const struct uct_sources *s, uint32_t i)
{
    const struct uct_source *file = s->items[i];
    for (uint32_t k = file->hidden; k < file->hidden_end; k++)
        if (s->items[k]->is_reference)
            return k;
    return file->several ? file->hidden : i;
}

static bool report_source(struct uct_report *r, const struct uct_sources *s, const struct uct_calls *c, size_t i)
{
    const struct uct_source *src = s->items[i];
    struct uct_rsource *out = &r->sources[i];
    *out = (struct uct_rsource){.format = src->format, .bytes = src->bytes, .lines = src->lines, .state = src->state,
                                .first = UCT_NO_TIME, .last = UCT_NO_TIME, .error_ms = -1, .samples = -1};
    out->name = keep_text(r, src->name);
    out->note = keep_text(r, src->note.p ? src->note.p : "");
    out->set = src->set ? keep_text(r, src->set) : NULL;
    if (!out->name || !out->note || src->note.failed || (src->set && !out->set))
        return false;
    out->unread = !src->parser && src->lines && strcmp(src->format, "unknown") != 0;
    if (src->state == UCT_STATE_DUPLICATE)
        return true;
    const struct uct_source *file = src;
    src = s->items[speaker(s, (uint32_t)i)];
    uint32_t host = 0;
    for (size_t b = 0; b < src->nblocks && !host; b++)
        host = src->blocks[b].host;
    for (size_t b = 0; b < file->nblocks; b++) {
        const struct uct_block *k = &file->blocks[b];
        out->records += k->nrecords;
        out->unparsed += k->nunparsed;
        out->prose += k->nprose;
        if (!out->unparsed_line)
            out->unparsed_line = k->unparsed_line;
        if (k->basis && (!out->basis || k->basis < out->basis))
            out->basis = (enum uct_basis)k->basis;
    }
    if (!src->parser || (src->strange && !out->prose)) {
        out->unparsed = src->lines;
        out->unparsed_line = 0;
    }
    out->stated = out->basis == UCT_BASIS_UTC_FIELD || out->basis == UCT_BASIS_ZONE;
    out->messages = c->source_messages[i];
    if (!clean_id(r, s->strings, host, &out->host))
        return false;
    out->first = src->first;
    out->last = src->last;
    for (uint32_t k = file->hidden; k < file->hidden_end; k++) {
        const struct uct_source *x = s->items[k];
        if (x->first == UCT_NO_TIME)
            continue;
        out->first = out->first == UCT_NO_TIME || x->first < out->first ? x->first : out->first;
        out->last = out->last == UCT_NO_TIME || x->last > out->last ? x->last : out->last;
    }
    out->offset_ms = src->tz_ms;
    if (src->tz_user)
        out->basis = UCT_BASIS_USER;
    if (!src->samples || !src->reference || src->reference == src)
        return true;
    if (!src->tz_user)
        out->basis = UCT_BASIS_MEASURED;
    out->zone = out->stated ? false : !src->tz_user;
    out->error_ms = src->error_ms;
    out->samples = src->samples;
    out->reference = keep_text(r, src->reference->name);
    return out->reference != NULL;
}

/* ---- calls ------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The sources of a call, ascending, each once.  There may be as many as messages. */
static bool call_sources(struct uct_report *r, const struct uct_sources *s, const struct uct_call *c, struct uct_rcall *out)
{
    size_t n = 0, distinct = 0;
    uint32_t *v = malloc((c->nrefs + c->npacked + 1) * sizeof *v), *kept = NULL;
    for (size_t i = 0; v && i < c->nrefs; i++)
        if (!n || v[n - 1] != s->items[c->refs[i].source]->shown)
            v[n++] = s->items[c->refs[i].source]->shown;
    for (size_t i = 0; v && i < c->npacked; i++)
        v[n++] = s->items[c->packed[i].source]->shown;
    if (n > 1)
        qsort(v, n, sizeof *v, by_number);
    for (size_t i = 0; i < n; i++)
        if (!distinct || v[distinct - 1] != v[i])
            v[distinct++] = v[i];
    if (v)
        kept = uct_arena_alloc(&r->arena, distinct * sizeof *v + 4);
    if (kept && distinct)
        memcpy(kept, v, distinct * sizeof *v);
    free(v);
    out->sources = kept;
    out->nsources = kept ? distinct : 0;
    return kept != NULL;
}

static bool report_calls(struct uct_report *r, const struct uct_sources *s, const struct uct_calls *c)
{
    struct cleaned seen = {.n = uct_intern_count(s->strings) + 1};
    r->calls = uct_arena_zalloc(&r->arena, (c->n + 1) * sizeof *r->calls);
    seen.text = calloc(seen.n, sizeof *seen.text);
    if (!r->calls || !seen.text) {
        free(seen.text);
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < c->n && ok; i++) {
        const struct uct_call *call = &c->items[i];
        struct uct_rcall *out = &r->calls[i];
        number_id(out->id, 'c', i + 1);
        ok = whole_id(r, s->strings, call->call_id, &out->call_id) &&
             clean_once(r, s->strings, &seen, call->method, &out->method) &&
             clean_once(r, s->strings, &seen, call->from, &out->from) &&
             clean_once(r, s->strings, &seen, call->to, &out->to) &&
             clean_once(r, s->strings, &seen, call->reason, &out->reason);
        out->start = call->start;
        out->end = call->end;
        out->outcome = call->outcome;
        out->status = call->status;
        out->messages = call->messages;
        out->retransmissions = call->retransmissions;
        out->shown = true;
        ok = ok && call_sources(r, s, call, out);
        r->calls_failed += call->outcome == UCT_FAILED_CALL;
    }
    free(seen.text);
    r->ncalls = ok ? c->n : 0;
    return ok;
}

/* ---- the way of a call --------------------------------------------------- */

/* One way, whose hops are given as numbers: a box, or an address. */
static bool make_way(struct uct_report *r, const struct uct_boxes *b, const uint32_t *hops, size_t n,
                     struct uct_rway *out)
{
    struct uct_rhop *v = uct_arena_zalloc(&r->arena, (n + 1) * sizeof *v);
    struct uct_buf name = {0};
    bool ok = v != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        name.n = 0;
        v[i].logged = !(hops[i] & UCT_HOP_ADDRESS);
        if (v[i].logged)
            uct_box_name(&name, &b->items[hops[i]]);
        else
            uct_utf8_clean(&name, uct_interned(b->names, hops[i] & ~UCT_HOP_ADDRESS));
        v[i].name = name.failed ? NULL : uct_arena_dup(&r->arena, uct_slice(name.p ? name.p : "", name.n));
        ok = v[i].name != NULL;
    }
    uct_buf_free(&name);
    *out = (struct uct_rway){v, n};
    return ok;
}

/* Which ways are made: by the number of their hops' bytes. */
struct ways {
    struct uct_intern *known;
    const struct uct_rway **v;
    size_t n;
};

/* Room for one more number, its place empty when it is new. */
static bool ways_room(struct ways *w, uint32_t id)
{
    if (id < w->n)
        return true;
    size_t most = id * (size_t)2;
    const struct uct_rway **v = realloc(w->v, most * sizeof *v);
    if (!v)
        return false;
    for (size_t i = w->n; i < most; i++)
        v[i] = NULL;
    w->v = v;
    w->n = most;
    return true;
}

/* Calls take few ways: each is made once. */
static bool report_ways(struct uct_report *r, const struct uct_calls *c, struct uct_boxes *b)
{
    struct ways w = {.known = uct_intern_new()};
    struct uct_view view = {0};
    bool ok = w.known != NULL;
    for (size_t i = 0; ok && i < c->n; i++) {
        uint32_t hops[UCT_PATH_MAX];
        size_t n = uct_call_path(b, uct_calls_show(c, i, &view), hops);
        uint32_t id = uct_intern(w.known, n ? uct_slice((const char *)hops, n * sizeof *hops) : UCT_S("-"));
        ok = id && !b->failed && !view.failed && ways_room(&w, id);
        if (ok && !w.v[id]) {
            struct uct_rway *way = uct_arena_alloc(&r->arena, sizeof *way);
            ok = way && make_way(r, b, hops, n, way);
            w.v[id] = way;
        }
        r->calls[i].way = ok ? w.v[id] : NULL;
    }
    free(w.v);
    uct_view_free(&view);
    uct_intern_free(w.known);
    return ok;
}

static bool report_boxes(struct uct_report *r, const struct uct_boxes *b)
{
    struct uct_buf name = {0};
    bool ok = true;
    for (uint32_t i = 0; ok && i < r->nsources; i++) {
        uint32_t box = b->of_source[speaker(b->s, i)];
        if (!box)
            continue;
        name.n = 0;
        uct_box_name(&name, &b->items[box - 1]);
        r->sources[i].box = name.failed ? NULL : uct_arena_dup(&r->arena, uct_slice(name.p, name.n));
        ok = r->sources[i].box != NULL;
    }
    uct_buf_free(&name);
    return ok;
}

/* Says who wrote a file of several machines, the hidden sources [from, to), and whose clock is off. */
static bool note_machines(struct uct_report *r, const struct uct_sources *s, const struct uct_skew *skews, uint32_t from,
                          uint32_t to)
{
    struct uct_rsource *file = &r->sources[s->items[from]->shown];
    struct uct_buf b = {0};
    char name[128];
    uct_buf_addf(&b, "%s%swritten by several machines: ", file->note, *file->note ? "; " : "");
    for (uint32_t i = from; i < to; i++) {
        uct_source_called(s, i, name, sizeof name);
        uct_buf_addf(&b, "%s%s", i > from ? ", " : "", name);
    }
    for (uint32_t i = from; i < to; i++) {
        if (s->items[i]->is_reference || !s->items[i]->samples || !uct_skew_is(&skews[i], 1))
            continue;
        uct_buf_adds(&b, "; ");
        uct_skew_say(&b, s, i, &skews[i]);
    }
    file->note = b.failed ? NULL : uct_arena_dup(&r->arena, uct_slice(b.p, b.n));
    uct_buf_free(&b);
    return file->note != NULL;
}

/* What the machines of one file wrote is counted there; it goes by the name and the clock of the first. */
static bool report_machines(struct uct_report *r, const struct uct_sources *s, const struct uct_calls *c)
{
    struct uct_skew *skews = s->n > s->nshown ? malloc(s->n * sizeof *skews) : NULL;
    bool ok = s->n == s->nshown || (skews && uct_skews_list(s, skews) == UCT_OK);
    for (size_t i = 0; ok && skews && i < s->nshown; i++) {
        const struct uct_source *file = s->items[i];
        for (uint32_t k = file->hidden; k < file->hidden_end; k++)
            r->sources[i].messages += c->source_messages[k];
        ok = file->hidden_end - file->hidden < 2 || note_machines(r, s, skews, file->hidden, file->hidden_end);
    }
    free(skews);
    return ok;
}

/* ---- sessions ---------------------------------------------------------- */

/* Numbers sessions by their first call and lists their calls, which come in order. */
static bool number_sessions(struct uct_report *r, const struct uct_joins *j, uint32_t *number)
{
    size_t n = 0;
    uint32_t *members = uct_arena_alloc(&r->arena, (r->ncalls + 1) * sizeof *members), at = 0;
    if (!members)
        return false;
    for (size_t i = 0; i < r->ncalls; i++) {
        if (j->root[i] == i) {
            number[i] = (uint32_t)n;
            number_id(r->sessions[n].id, 's', n + 1);
            n++;
        }
        r->sessions[number[j->root[i]]].ncalls++;
    }
    r->nsessions = n;
    for (size_t k = 0; k < n; k++) {
        r->sessions[k].calls = members + at;
        at += (uint32_t)r->sessions[k].ncalls;
        r->sessions[k].ncalls = 0;
    }
    for (size_t i = 0; i < r->ncalls; i++) {
        struct uct_rsession *s = &r->sessions[number[j->root[i]]];
        ((uint32_t *)s->calls)[s->ncalls++] = (uint32_t)i;
        memcpy(r->calls[i].session, s->id, sizeof s->id);
    }
    return true;
}

static bool report_sessions(struct uct_report *r, const struct uct_sources *s, const struct uct_joins *j)
{
    r->sessions = uct_arena_zalloc(&r->arena, (r->ncalls + 1) * sizeof *r->sessions);
    r->joins = uct_arena_zalloc(&r->arena, (j->n + 1) * sizeof *r->joins);
    uint32_t *number = calloc(r->ncalls + 1, sizeof *number);
    bool ok = r->sessions && r->joins && number && number_sessions(r, j, number);
    free(number);
    for (size_t i = 0; ok && i < j->n; i++) {
        r->joins[i] = (struct uct_rjoin){j->items[i].a, j->items[i].b, j->items[i].key, NULL, j->items[i].confidence};
        ok = clean_id(r, s->strings, j->items[i].value, &r->joins[i].value) && r->joins[i].value;
    }
    r->njoins = ok ? j->n : 0;
    r->joins_cut = j->cut;
    return ok;
}

/* ---- filters: what is printed ------------------------------------------ */

static bool contains(const char *s, const char *what)
{
    return s && uct_slice_ifind(uct_slice_str(s), uct_slice_str(what)) != SIZE_MAX;
}

static bool call_has_peer(const struct uct_sources *s, const struct uct_call *c, const char *peer)
{
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->remote &&
            uct_slice_ifind(uct_interned(s->strings, m->remote), uct_slice_str(peer)) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool in_time(const struct uct_options *o, int64_t first, int64_t last)
{
    int64_t t;
    if (o->since && time_option(o->since, &t) && (last == UCT_NO_TIME || last < t))
        return false;
    return !(o->until && time_option(o->until, &t) && (first == UCT_NO_TIME || first > t));
}

static bool finding_has(const struct uct_rfinding *f, const char *what)
{
    for (size_t i = 0; i < f->nparams; i++)
        if (contains(f->params[i].value, what))
            return true;
    return false;
}

static bool is_call_id(const struct uct_report *r, const char *asked)
{
    for (size_t i = 0; i < r->ncalls; i++)
        if (strcmp(r->calls[i].call_id, asked) == 0)
            return true;
    return false;
}

static bool filter(const struct uct_options *o, const struct uct_sources *s, const struct uct_calls *c,
                   struct uct_report *r)
{
    struct uct_view v = {0};
    struct uct_slice asked = uct_slice_str(o->call_id);
    bool exact = o->call_id && is_call_id(r, o->call_id);      /* else as it is printed */
    for (size_t i = 0; i < r->ncalls; i++) {
        struct uct_rcall *k = &r->calls[i];
        struct uct_slice id = uct_slice_str(k->call_id);
        bool this = !o->call_id || (exact ? uct_slice_eq(id, asked) : uct_utf8_shows(id, asked, true));
        k->shown = this && (!o->failed || k->outcome == UCT_FAILED_CALL) &&
                   (!o->user || contains(k->from, o->user) || contains(k->to, o->user)) &&
                   (!o->peer || call_has_peer(s, uct_calls_show(c, i, &v), o->peer)) && in_time(o, k->start, k->end);
    }
    bool by_call = o->failed || o->call_id || o->user;
    for (size_t i = 0; i < r->nfindings; i++) {
        struct uct_rfinding *f = &r->findings[i];
        bool shown = !f->ncalls && !by_call && in_time(o, f->first, f->last) && (!o->peer || finding_has(f, o->peer));
        for (size_t k = 0; k < f->ncalls && !shown; k++)
            shown = r->calls[f->calls[k]].shown;
        f->shown = shown;
    }
    bool ok = !v.failed;
    uct_view_free(&v);
    return ok;
}

/* ---- all of it --------------------------------------------------------- */

/* --parser was wrong about a source in which it reads nothing: nobody knows its lines. */
static void judge_forced(const struct uct_options *o, struct uct_sources *s)
{
    for (size_t i = 0; i < s->n && o->parser; i++) {
        struct uct_source *src = s->items[i];
        uint64_t records = src->npieces;
        for (size_t b = 0; b < src->nblocks; b++)
            records += src->blocks[b].nrecords;
        if (!src->parser || !src->lines || src->state == UCT_STATE_DUPLICATE || records)
            continue;
        src->strange = true;
        if (src->state == UCT_STATE_OK)
            src->state = UCT_STATE_UNRECOGNISED;
        uct_buf_addf(&src->note, "%snot one record of this format is in it (--parser %s)",
                     src->note.n ? "; " : "", o->parser);
    }
}

static enum uct_status prepare(const struct uct_options *o, const struct uct_interest *interest, struct uct_sources *s)
{
    s->dropped = calloc(s->n ? s->n : 1, sizeof *s->dropped);
    if (!s->dropped)
        return UCT_FATAL;
    enum uct_status st = find_duplicates(s);
    drop_pieces(s);
    if (st == UCT_OK)
        st = uct_sets_join(o, interest, s);
    judge_forced(o, s);
    if (st == UCT_OK)
        st = uct_machines_split(s);
    set_clocks(o, s);
    uct_sources_times(s);
    return st;
}

/* Calls, then clocks from what several sources saw, then calls again by corrected time. */
static enum uct_status correlate(struct uct_sources *s, struct uct_calls *c)
{
    bool changed = false;
    enum uct_status st = uct_calls_build(s, c);
    if (st == UCT_OK)
        st = uct_clocks_measure(s, c, &changed);
    if (st == UCT_OK && changed) {
        uct_sources_times(s);
        uct_calls_free(c);
        st = uct_calls_build(s, c);
    }
    return st;
}

/* Joins ask nothing of findings, and findings of joins only where a cause was found: with a second thread they are
 * made at the same time. */
struct joining {
    const struct uct_sources *s;
    const struct uct_calls *c;
    struct uct_joins joins;
    enum uct_status status;
    pthread_t thread;
    bool apart;
};

static void *run_join(void *arg)
{
    struct joining *j = arg;
    j->status = uct_calls_join(j->s, j->c, &j->joins);
    return NULL;
}

static void start_join(struct joining *j, unsigned jobs)
{
    j->apart = jobs > 1 && j->c->n > 1000 && pthread_create(&j->thread, NULL, run_join, j) == 0;
    if (!j->apart)
        run_join(j);
}

static enum uct_status end_join(struct joining *j)
{
    if (j->apart)
        pthread_join(j->thread, NULL);
    j->apart = false;
    return j->status;
}

static const struct uct_joins *joins_made(void *arg)
{
    struct joining *j = arg;
    return end_join(j) == UCT_OK ? &j->joins : NULL;
}

static enum uct_status build(const struct uct_options *o, const struct uct_rules *rules, struct uct_sources *s,
                             struct uct_quote *quote, struct uct_report *r)
{
    struct uct_calls c;
    struct uct_boxes boxes = {0};
    enum uct_status st = correlate(s, &c);
    uct_spill_rest(s->spill);
    struct joining join = {.s = s, .c = &c, .status = UCT_OK};
    if (st == UCT_OK) {
        start_join(&join, o->jobs);
        r->sources = uct_arena_zalloc(&r->arena, (s->nshown + 1) * sizeof *r->sources);
        r->nsources = r->sources ? s->nshown : 0;
        bool ok = r->sources != NULL;
        for (size_t i = 0; i < s->nshown && ok; i++)
            ok = report_source(r, s, &c, i);
        st = ok && report_machines(r, s, &c) && report_calls(r, s, &c) ? uct_boxes_learn(&boxes, s, &c) : UCT_FATAL;
        uct_spill_rest(s->spill);
    }
    const struct uct_ask_joins ask = {joins_made, &join};
    if (st == UCT_OK)
        st = report_boxes(r, &boxes) && report_ways(r, &c, &boxes) ? UCT_OK : UCT_FATAL;
    uct_spill_rest(s->spill);
    if (st == UCT_OK)
        st = rules ? uct_findings_build(rules, s, &c, &ask, r) : UCT_OK;
    enum uct_status joined = end_join(&join);
    uct_spill_rest(s->spill);
    if (st == UCT_OK)
        st = joined == UCT_OK && report_sessions(r, s, &join.joins) ? UCT_OK : UCT_FATAL;
    if (st == UCT_OK && !filter(o, s, &c, r))
        st = UCT_FATAL;
    if (st == UCT_OK && quote)
        st = uct_trace_build(o, s, &c, &boxes, quote, r);
    if (st == UCT_OK && uct_intern_failed(s->strings))         /* a string that is missing reads as an empty one */
        st = UCT_FATAL;
    uct_boxes_free(&boxes);
    uct_joins_free(&join.joins);
    uct_calls_free(&c);
    return st;
}

/* ---- what shrinks while it is read ------------------------------------- */

#define EPOCH_MOST (64u << 20)
#define EPOCH_LEAST (4u << 20)
#define THREAD_BYTES (24u << 20)         /* chunks under way of a lane, their rows, its inflater */
#define CALL_BYTES 1600                  /* of a call that is listed: its summary, its texts, its place in the report */

/* The limit decides by its value, never by what is in use: equal limits give equal reports. */
static void choose_epochs(struct uct_options *o, struct uct_epochs *e, size_t *most)
{
    uint64_t limit = o->memory_limit, bytes = limit / 16;
    *most = limit ? (size_t)(limit / 8 / CALL_BYTES) : 0;
    e->apart = limit || o->stream || o->epoch;
    e->bytes = !limit || bytes > EPOCH_MOST ? EPOCH_MOST : bytes < EPOCH_LEAST ? EPOCH_LEAST : bytes;
    e->small = o->epoch ? 0 : limit ? limit / 4 : UINT64_MAX;
    if (o->stream || o->epoch)
        e->bytes = o->epoch ? o->epoch : EPOCH_LEAST;
    uint64_t threads = limit / 2 / THREAD_BYTES;
    if (limit && o->jobs > threads)
        o->jobs = threads ? (unsigned)threads : 1;
}

static enum uct_status read_all(const struct uct_options *given, const struct uct_interest *interest,
                                const char *const *paths, size_t npaths, struct uct_sources *s)
{
    struct uct_options o = *given;
    struct uct_epochs epochs = {.fold = uct_fold_source};
    size_t most;
    if (o.nwant)              /* a ladder or a text wants every row */
        return uct_engine_read(&o, interest, NULL, paths, npaths, s);
    choose_epochs(&o, &epochs, &most);
    epochs.spill = o.memory_limit ? uct_spill_new(o.limits ? o.limits->spool : uct_limits_default.spool) : NULL;
    struct uct_fold *f = uct_fold_new(o.call_id, most, epochs.spill);
    epochs.arg = f;
    if (!f) {
        uct_spill_free(epochs.spill);
        return UCT_FATAL;
    }
    enum uct_status st = uct_engine_read(&o, interest, &epochs, paths, npaths, s);
    if (st == UCT_OK && !uct_fold_end(f, s))
        st = UCT_FATAL;
    uct_fold_free(f);
    return st;
}

/* Without rules nothing is kept: calls only. */
static struct uct_interest *no_interest(void)
{
    struct uct_interest *i = uct_interest_new();
    if (i && !uct_interest_compile(i)) {
        uct_interest_free(i);
        return NULL;
    }
    return i;
}

int uct_analyse(const struct uct_options *o, const struct uct_rules *rules, const char *const *paths, size_t npaths,
                struct uct_report **report)
{
    struct uct_interest *interest = rules ? uct_rules_interest(rules) : no_interest();
    struct uct_report *r = calloc(1, sizeof *r);
    struct uct_sources s = {0};
    struct uct_quote *quote = NULL;
    enum uct_status st = UCT_FATAL;
    if (interest && r) {
        r->lang = keep_text(r, o->lang ? o->lang : "en");
        r->spots = o->nwant > 0;
        st = r->lang ? UCT_OK : UCT_FATAL;
    }
    if (st == UCT_OK && o->nwant)
        st = uct_quote_new(&quote, o, paths, npaths);
    if (st == UCT_OK)
        st = read_all(o, interest, paths, npaths, &s);
    if (st == UCT_OK)
        st = prepare(o, interest, &s);
    if (st == UCT_OK)
        st = build(o, rules, &s, quote, r);
    uct_quote_free(quote);
    uct_sources_free(&s);
    uct_interest_free(interest);
    if (st != UCT_OK) {
        uct_report_free(r);
        return st;
    }
    *report = r;
    return 0;
}
