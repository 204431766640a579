/* What the words of a command mean:
 *
 *   c1                    a call's number          c1.3           its third message
 *   f1b3ad5d              a unique start of a Call-ID, or the whole of one
 *   vcse.log:190          the record that stands there, or "a unique end of a source's name":190 */
#include "trace.h"

#include <stdlib.h>

#define CANDIDATES 8
#define SESSION_CALLS 64         /* of one session, the one asked for first */

/* "c12" or "c12.3". */
static bool numbered(struct uct_slice s, uint64_t *call, uint64_t *message)
{
    *message = 0;
    if (s.n < 2 || s.p[0] != 'c')
        return false;
    size_t n = uct_slice_u64(uct_slice(s.p + 1, s.n - 1), call);
    if (!n || 1 + n == s.n)
        return n > 0;
    struct uct_slice rest = uct_slice(s.p + 1 + n, s.n - 1 - n);
    if (rest.n < 2 || rest.p[0] != '.')
        return false;
    return uct_slice_u64(uct_slice(rest.p + 1, rest.n - 1), message) == rest.n - 1 && *message > 0;
}

static bool candidate(struct uct_tracing *t, struct uct_rwant *w, uint32_t i)
{
    if (!w->candidates)
        w->candidates = uct_arena_alloc(&t->r->arena, CANDIDATES * sizeof *w->candidates);
    if (!w->candidates)
        return false;
    if (w->ncandidates < CANDIDATES)
        ((uint32_t *)(uintptr_t)w->candidates)[w->ncandidates] = i;
    w->ncandidates++;
    return true;
}

static bool by_call_id(struct uct_tracing *t, struct uct_rwant *w, struct uct_slice s)
{
    for (uint32_t i = 0; i < t->r->ncalls; i++) {
        struct uct_slice id = uct_slice_str(t->r->calls[i].call_id);
        if (uct_slice_eq(id, s)) {
            w->found = true;
            w->call = i;
            return true;
        }
        if (s.n && uct_utf8_shows(id, s, false) && !candidate(t, w, i))
            return false;
    }
    return true;
}

/* Does `name` end `full`: 3 it is all of it, 2 behind a '/' or '!', 1 anywhere, 0 not. */
static int ends(struct uct_slice full, struct uct_slice name)
{
    if (full.n < name.n || memcmp(full.p + full.n - name.n, name.p, name.n) != 0)
        return 0;
    if (full.n == name.n)
        return 3;
    char before = full.p[full.n - name.n - 1];
    return before == '/' || before == '!' ? 2 : 1;
}

/* How well the name fits a source, 0: not at all.  A part of a file ("m2.log@276") goes by the file's name as well, for
 * the lines from its first on; a duplicate counts where nothing else has that name. */
static int fits(const struct uct_rsource *s, struct uct_slice name, uint64_t line, struct uct_slice *whole, uint64_t *from)
{
    *whole = uct_name_whole(uct_slice_str(s->name), '@', from);
    int fit = ends(uct_slice_str(s->name), name);
    if (fit || !*from)
        *from = 0;
    else if (*from <= line)
        fit = ends(*whole, name);
    return fit ? 2 * fit + (s->state != UCT_STATE_DUPLICATE) : 0;
}

/* "NAME:LINE" whose NAME ends some source's name; the best fit counts, and of the parts of a file the last that begins
 * before that line. */
static bool by_line(struct uct_tracing *t, struct uct_rwant *w, struct uct_slice s)
{
    const char *colon = s.n ? memrchr(s.p, ':', s.n) : NULL;
    uint64_t line, from, last = 0;
    struct uct_slice file = {0};
    if (!colon || colon == s.p)
        return true;
    struct uct_slice name = uct_slice(s.p, (size_t)(colon - s.p));
    struct uct_slice digits = uct_slice(colon + 1, s.n - name.n - 1);
    if (uct_slice_u64(digits, &line) != digits.n || !digits.n || !line || line > UINT32_MAX)
        return true;
    w->line = (uint32_t)line;
    for (uint32_t i = 0, best = 1; i < t->r->nsources; i++) {
        struct uct_slice whole;
        uint32_t fit = (uint32_t)fits(&t->r->sources[i], name, line, &whole, &from);
        bool same = fit == best && from && uct_slice_eq(whole, file);
        if (fit < best || (same && from < last))
            continue;
        if (fit > best || (same && w->ncandidates == 1))
            w->ncandidates = 0;
        best = fit;
        file = from ? whole : uct_slice("", 0);
        last = from;
        w->sources = true;
        if (!candidate(t, w, i))
            return false;
    }
    return true;
}

static bool resolve(struct uct_tracing *t, struct uct_rwant *w)
{
    uint64_t call, message;
    struct uct_slice s = uct_slice_str(w->asked);
    if (!by_call_id(t, w, s) || w->found)
        return w->found;
    if (numbered(s, &call, &message) && call >= 1 && call <= t->r->ncalls && message <= UINT32_MAX) {
        w->found = true;
        w->call = (uint32_t)call - 1;
        w->number = (uint32_t)message;
        return true;
    }
    if (!w->ncandidates && !by_line(t, w, s))
        return false;
    w->found = w->ncandidates == 1;
    if (w->found && w->sources)
        w->source = w->candidates[0];
    else if (w->found)
        w->call = w->candidates[0];
    return true;
}

/* Candidates are counted in full but only the first are kept. */
static void settle(struct uct_rwant *w)
{
    if (w->found || w->ncandidates > CANDIDATES)
        w->ncandidates = w->found ? 0 : CANDIDATES;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static size_t add_call(uint32_t *calls, size_t n, uint32_t call)
{
    for (size_t i = 0; i < n; i++)
        if (calls[i] == call)
            return n;
    calls[n] = call;
    return n + 1;
}

static const struct uct_rsession *session_of(const struct uct_report *r, uint32_t call)
{
    for (size_t i = 0; i < r->nsessions; i++)
        if (strcmp(r->sessions[i].id, r->calls[call].session) == 0)
            return &r->sessions[i];
    return NULL;
}

/* The calls that are traced: those asked for, then others of their sessions. */
static bool list_calls(struct uct_tracing *t)
{
    size_t most = t->t->nwants + SESSION_CALLS, n = 0;
    uint32_t *calls = uct_arena_alloc(&t->r->arena, (most + 1) * sizeof *calls);
    if (!calls)
        return false;
    for (size_t i = 0; i < t->t->nwants; i++)
        if (t->t->wants[i].found && t->t->wants[i].source == UINT32_MAX)
            n = add_call(calls, n, t->t->wants[i].call);
    for (size_t i = 0, asked = n; i < asked && t->o->want_session; i++) {
        const struct uct_rsession *s = session_of(t->r, calls[i]);
        for (size_t k = 0; s && k < s->ncalls; k++)
            if (n < most)
                n = add_call(calls, n, s->calls[k]);
            else
                t->t->calls_cut++;
    }
    if (n)
        qsort(calls, n, sizeof *calls, ascending);
    t->t->calls = calls;
    t->t->ncalls = n;
    return true;
}

enum uct_status uct_wants_resolve(struct uct_tracing *t)
{
    struct uct_rtrace *trace = t->t;
    trace->nwants = t->o->nwant;
    trace->wants = uct_arena_zalloc(&t->r->arena, (trace->nwants + 1) * sizeof *trace->wants);
    if (!trace->wants)
        return UCT_FATAL;
    for (size_t i = 0; i < trace->nwants; i++) {
        struct uct_rwant *w = &trace->wants[i];
        w->source = UINT32_MAX;
        w->asked = uct_arena_dup(&t->r->arena, uct_slice_str(t->o->want[i]));
        if (!w->asked || !resolve(t, w))
            return UCT_FATAL;
        settle(w);
    }
    return list_calls(t) ? UCT_OK : UCT_FATAL;
}

static bool has_message(const struct uct_rtrace *t, const struct uct_rwant *w)
{
    for (size_t i = 0; i < t->nmessages; i++)
        if (t->messages[i].call == w->call && t->messages[i].number == w->number)
            return true;
    return false;
}

void uct_wants_settle(struct uct_rtrace *t, bool lines)
{
    for (size_t i = 0; i < t->nwants; i++) {
        struct uct_rwant *w = &t->wants[i];
        if (w->source != UINT32_MAX)
            w->met = w->found && lines && w->text.n;
        else
            w->met = w->found && (!w->number || has_message(t, w));
    }
}
