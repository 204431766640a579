/* One finding out of the occurrences of one rule with one set of key params. */
#include "occurrence.h"

#include "../sip/sip.h"

#include <stdlib.h>

#define EXCERPT_MAX 512
#define FIRST_EVIDENCE 3
#define LAST_EVIDENCE 2
#define CODES_MAX 16

/* ---- distinct values --------------------------------------------------- */

struct ids {
    uint32_t *v;
    size_t n, cap;
};

static bool ids_add(struct ids *s, uint32_t id)
{
    if (!id)
        return true;
    if (s->n && s->v[s->n - 1] == id)
        return true;
    if (!UCT_ROOM(s->v, s->n, s->cap))
        return false;
    s->v[s->n++] = id;
    return true;
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sorts, drops repeats and returns how many are left. */
static size_t ids_distinct(struct ids *s)
{
    if (s->n > 1)
        qsort(s->v, s->n, sizeof *s->v, by_id);
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (!n || s->v[n - 1] != s->v[i])
            s->v[n++] = s->v[i];
    return s->n = n;
}

static uint32_t field_id(const struct judging *j, const struct occurrence *o, const char *name)
{
    struct uct_slice v = uct_kept_field(o->block, j->s->strings, o->kept, uct_slice_str(name));
    return v.n ? uct_intern(j->s->strings, v) : 0;
}

static uint32_t host_id(struct judging *j, struct uct_slice uri)
{
    struct uct_slice h = uct_host_normal(uct_sip_uri_host(uri), &j->scratch);
    return h.n ? uct_intern(j->s->strings, h) : 0;
}

static uint32_t param_id(const struct occurrence *o, const char *name)
{
    for (unsigned i = 0; i < o->rule->nparam && i < UCT_PARAMS_MAX; i++)
        if (strcmp(o->rule->param[i].name, name) == 0)
            return o->params[i];
    return 0;
}

/* Peers, users and domains of the occurrences: the record's own, else the call's. */
static bool count_distinct(const struct judging *jc, const struct occurrence *o, size_t n, struct uct_rfinding *f)
{
    struct judging *j = (struct judging *)jc;      /* scratch only */
    struct ids peers = {0}, users = {0}, domains = {0};
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++) {
        const struct uct_call *c = o[i].call == SIZE_MAX ? NULL : &j->calls->items[o[i].call];
        uint32_t peer = field_id(j, &o[i], "peer"), user = field_id(j, &o[i], "from");
        if (!user && c)
            user = c->from;
        uint32_t domain = param_id(&o[i], "domain");
        if (!domain && user)
            domain = host_id(j, uct_interned(j->s->strings, user));
        ok = ids_add(&peers, peer) && ids_add(&users, user) && ids_add(&domains, domain);
    }
    f->peers = ids_distinct(&peers);
    f->users = ids_distinct(&users);
    f->domains = ids_distinct(&domains);
    free(peers.v);
    free(users.v);
    free(domains.v);
    return ok;
}

/* ---- evidence ---------------------------------------------------------- */

/* The line of text that holds one of the marks, from `from` on. */
static struct uct_slice marked_line(struct uct_slice text, size_t from)
{
    static const char *const marks[] = {"diagnostics", "Warning:", "Reason:"};
    for (size_t m = 0; m < sizeof marks / sizeof *marks; m++) {
        struct uct_slice rest = uct_slice(text.p + from, text.n - from);
        size_t at = uct_slice_ifind(rest, uct_slice_str(marks[m]));
        if (at == SIZE_MAX)
            continue;
        size_t b = from + at, e = from + at;
        while (b > 0 && text.p[b - 1] != '\n')
            b--;
        while (e < text.n && text.p[e] != '\n')
            e++;
        if (b >= from)
            return uct_slice(text.p + b, e - b);
    }
    return uct_slice("", 0);
}

/* At most 512 bytes of clean text; what was left out is marked [...]. */
static const char *excerpt(struct uct_report *r, const struct occurrence *o)
{
    static const char cut_mark[] = " [...]";
    struct uct_slice text = uct_slice_trim(uct_kept_text(o->block, o->kept));
    struct uct_buf b = {0};
    size_t room = EXCERPT_MAX - sizeof cut_mark;
    bool whole = text.n <= room && o->kept->length <= o->kept->ntext + 2u;
    if (text.n <= room) {
        uct_utf8_clean(&b, text);
    } else {
        struct uct_slice line = o->kept->kind == UCT_KIND_SIP || o->kept->kind == UCT_KIND_DIAG
                                    ? marked_line(text, room) : uct_slice("", 0);
        line.n = uct_utf8_cut(line, room / 2);
        size_t head = uct_utf8_cut(text, room - (line.n ? line.n + sizeof cut_mark + 2 : 0));
        uct_utf8_clean(&b, uct_slice(text.p, head));
        if (line.n) {
            uct_buf_addf(&b, "%s\n", cut_mark);
            uct_utf8_clean(&b, line);
        }
    }
    if (b.n > room)                           /* replacement characters are longer than what they replace */
        b.n = uct_utf8_cut(uct_slice(b.p, b.n), room);
    if (!whole)
        uct_buf_adds(&b, cut_mark);
    char *copy = b.failed ? NULL : uct_arena_dup(&r->arena, uct_slice(b.p, b.n));
    uct_buf_free(&b);
    return copy;
}

static bool take_evidence(struct uct_report *r, const struct uct_sources *s, const struct occurrence *o, size_t n,
                          struct uct_rfinding *f)
{
    size_t most = FIRST_EVIDENCE + LAST_EVIDENCE, count = n < most ? n : most;
    struct uct_revidence *e = uct_arena_zalloc(&r->arena, (count ? count : 1) * sizeof *e);
    if (!e)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct occurrence *x = &o[i < FIRST_EVIDENCE || n <= most ? i : n - (count - i)];
        e[i] = (struct uct_revidence){.source = s->items[x->source]->shown, .line = x->kept->line,
                                      .offset = x->kept->offset, .length = x->kept->length, .excerpt = excerpt(r, x)};
        if (!e[i].excerpt)
            return false;
    }
    f->evidence = e;
    f->nevidence = count;
    return true;
}

/* A trace marks each message that shows a finding, not only those that are cited. */
static bool take_spots(struct uct_report *r, const struct uct_sources *s, const struct occurrence *o, size_t n,
                       struct uct_rfinding *f)
{
    if (!r->spots)
        return true;
    struct uct_rspot *v = uct_arena_alloc(&r->arena, n * sizeof *v);
    for (size_t i = 0; v && i < n; i++)
        v[i] = (struct uct_rspot){o[i].kept->offset, s->items[o[i].source]->shown};
    f->spots = v;
    f->nspots = v ? n : 0;
    return v != NULL;
}

/* ---- codes ------------------------------------------------------------- */

struct codes {
    const char *v[CODES_MAX];
    size_t n;
    bool failed;
};

static void code_add(struct codes *c, struct uct_arena *a, struct uct_slice code)
{
    if (!code.n || c->n == CODES_MAX)
        return;
    for (size_t i = 0; i < c->n; i++)
        if (uct_slice_ieq(uct_slice_str(c->v[i]), code))
            return;
    const char *copy = uct_arena_dup(a, code);
    if (!copy)
        c->failed = true;
    else
        c->v[c->n++] = copy;
}

/* Codes the records show, then those the rule is known by. */
static bool take_codes(const struct judging *j, struct uct_report *r, const struct occurrence *o, size_t n,
                       struct uct_rfinding *f)
{
    struct codes c = {.n = 0};
    for (size_t i = 0; i < n && i < 8; i++) {
        static const char *const fields[] = {"result", "result-name", "diag-id"};
        for (size_t k = 0; k < 3; k++)
            code_add(&c, &r->arena, uct_kept_field(o[i].block, j->s->strings, o[i].kept, uct_slice_str(fields[k])));
        struct uct_slice h = uct_kept_field(o[i].block, j->s->strings, o[i].kept, UCT_S("hresult"));
        const char *paren = h.n ? memchr(h.p, '(', h.n) : NULL;
        size_t at = paren ? (size_t)(paren - h.p) : h.n;
        code_add(&c, &r->arena, uct_slice_trim(uct_slice(h.p, at)));
        if (paren && h.n > at + 2)
            code_add(&c, &r->arena, uct_slice_trim(uct_slice(h.p + at + 1, h.n - at - 2)));
    }
    for (size_t i = 0; i < f->rule->ncode; i++)
        code_add(&c, &r->arena, uct_slice_str(f->rule->code[i]));
    const char **copy = uct_arena_alloc(&r->arena, (c.n ? c.n : 1) * sizeof *copy);
    if (!copy || c.failed)
        return false;
    memcpy(copy, c.v, c.n * sizeof *copy);
    f->codes = copy;
    f->ncodes = c.n;
    return true;
}

/* ---- params and texts -------------------------------------------------- */

static char *clean_dup(struct uct_arena *a, struct uct_slice s)
{
    struct uct_buf b = {0};
    uct_utf8_clean(&b, s);
    char *p = b.failed ? NULL : uct_arena_dup(a, uct_slice(b.p, b.n));
    uct_buf_free(&b);
    return p;
}

static bool take_params(const struct judging *j, struct uct_report *r, const struct occurrence *o, size_t n,
                        struct uct_rfinding *f)
{
    struct uct_rparam *p = uct_arena_alloc(&r->arena, (f->rule->nparam + 1u) * sizeof *p);
    if (!p)
        return false;
    for (unsigned i = 0; i < f->rule->nparam && i < UCT_PARAMS_MAX; i++) {
        uint32_t id = 0;
        for (size_t k = 0; k < n && !id; k++)
            id = o[k].params[i];
        if (!id)
            continue;
        p[f->nparams].name = f->rule->param[i].name;
        if (!(p[f->nparams].value = clean_dup(&r->arena, uct_interned(j->s->strings, id))))
            return false;
        f->nparams++;
    }
    f->params = p;
    return true;
}

static bool lookup(void *arg, struct uct_slice name, struct uct_slice *value)
{
    const struct uct_rfinding *f = arg;
    for (size_t i = 0; i < f->nparams; i++)
        if (uct_slice_eq(uct_slice_str(f->params[i].name), name)) {
            *value = uct_slice_str(f->params[i].value);
            return true;
        }
    return false;
}

static const char *fill(struct uct_report *r, const char *template, struct uct_rfinding *f)
{
    struct uct_buf b = {0};
    bool ok = uct_text_fill(&b, template, NULL, lookup, f);
    const char *p = ok && !b.failed ? uct_arena_dup(&r->arena, uct_slice(b.p, b.n)) : NULL;
    uct_buf_free(&b);
    return p;
}

static bool take_texts(struct uct_report *r, struct uct_rfinding *f)
{
    const struct uct_text *t = uct_rule_text(f->rule, r->lang);
    if (!t || !(f->title = fill(r, t->title, f)) || !(f->cause = fill(r, t->cause, f)))
        return false;
    const char **fix = uct_arena_alloc(&r->arena, (t->nfix + 1u) * sizeof *fix);
    if (!fix)
        return false;
    for (size_t i = 0; i < t->nfix; i++) {
        if (!(fix[f->nfix] = fill(r, t->fix[i], f)))
            return false;
        f->nfix += fix[f->nfix][0] != '\0';
    }
    f->fix = fix;
    return true;
}

/* This one stands for many sets of values. */
static bool say_rest(struct uct_report *r, struct uct_rfinding *f)
{
    f->cause = uct_arena_printf(&r->arena, "%s (There are too many sets of values to list each: those seen least often "
                                "are counted together here.)", f->cause);
    return f->cause != NULL;
}

/* ---- calls and count --------------------------------------------------- */

static bool take_calls(struct uct_report *r, const struct occurrence *o, size_t n, struct uct_rfinding *f)
{
    struct ids calls = {0};
    size_t without = 0;
    bool ok = true;
    for (size_t i = 0; i < n && ok; i++)
        if (o[i].call == SIZE_MAX)
            without++;
        else
            ok = ids_add(&calls, (uint32_t)o[i].call + 1);
    ids_distinct(&calls);
    uint32_t *v = ok ? uct_arena_alloc(&r->arena, (calls.n + 1) * sizeof *v) : NULL;
    for (size_t i = 0; v && i < calls.n; i++)
        v[i] = calls.v[i] - 1;
    f->calls = v;
    f->ncalls = calls.n;
    f->count = calls.n + without;
    free(calls.v);
    return v != NULL;
}

static int by_time(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    if (x->time != y->time) {
        if (x->time == UCT_NO_TIME || y->time == UCT_NO_TIME)
            return x->time == UCT_NO_TIME ? 1 : -1;
        return x->time < y->time ? -1 : 1;
    }
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->kept->offset > y->kept->offset) - (x->kept->offset < y->kept->offset);
}

static struct uct_slice speaker(const struct judging *j, const struct occurrence *o)
{
    struct uct_slice event = uct_kept_field(o->block, j->s->strings, o->kept, UCT_S("event"));
    return event.n ? event : uct_kept_field(o->block, j->s->strings, o->kept, UCT_S("module"));
}

/* An Expressway tells one fault in several voices at once: the event, then the module that saw it. */
static bool other_voice(const struct judging *j, const struct occurrence *a, const struct occurrence *b)
{
    return a->kept->kind == UCT_KIND_RECORD && b->kept->kind == UCT_KIND_RECORD &&
           !uct_slice_eq(speaker(j, a), speaker(j, b));
}

/* The summary line and the dump of one message, two voices of one box, or one record in two logs. */
static bool same_event(const struct judging *j, const struct occurrence *a, const struct occurrence *b)
{
    if (a->time == UCT_NO_TIME || b->time == UCT_NO_TIME || b->time - a->time > 10)
        return false;
    if (a->source == b->source && other_voice(j, a, b))
        return true;
    if (a->source == b->source && a->time != b->time)
        return a->call != SIZE_MAX && a->call == b->call && a->kept->kind == UCT_KIND_SIP &&
               b->kept->kind == UCT_KIND_SIP && a->kept->status == b->kept->status;
    return a->time == b->time && uct_slice_eq(uct_kept_text(a->block, a->kept), uct_kept_text(b->block, b->kept));
}

#define TIES 64u              /* occurrences of one moment that are compared */


/* Sorted occurrences without repeats; of two the fuller one stays. */
static size_t merge(const struct judging *j, struct occurrence *o, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = out;
        while (k && !same_event(j, &o[k - 1], &o[i]))
            k = out - k < TIES && o[k - 1].time == o[i].time ? k - 1 : 0;
        if (!k)
            o[out++] = o[i];
        else if (o[i].source == o[k - 1].source && o[i].kept->kind == UCT_KIND_SIP &&
                 o[i].kept->length > o[k - 1].kept->length)
            o[k - 1] = o[i];
    }
    return out;
}

/* Was the code only named in a text, by no log's record? */
static bool only_mentioned(const struct judging *j, const struct occurrence *o, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (o[i].kept->kind != UCT_KIND_CODE || j->s->items[o[i].source]->parser != &uct_parser_text)
            return false;
    return true;
}

enum uct_status uct_finding_make(const struct judging *j, struct uct_report *r, struct occurrence *o, size_t n,
                                 struct uct_rfinding *f)
{
    if (n > 1)
        qsort(o, n, sizeof *o, by_time);
    n = merge(j, o, n);
    const struct uct_rule *rule = o[0].rule;
    *f = (struct uct_rfinding){.rule = rule, .class_ = rule->class_, .severity = rule->severity,
                               .confidence = rule->confidence, .actor = rule->actor,
                               .first = UCT_NO_TIME, .last = UCT_NO_TIME, .shown = true};
    if (only_mentioned(j, o, n))
        f->confidence = UCT_POSSIBLE;
    for (size_t i = 0; i < n; i++) {
        if (o[i].time == UCT_NO_TIME)
            continue;
        if (f->first == UCT_NO_TIME)
            f->first = o[i].time;
        f->last = o[i].time;
    }
    bool ok = take_params(j, r, o, n, f) && take_texts(r, f) && (!o[0].rest || say_rest(r, f)) && take_calls(r, o, n, f) &&
              take_evidence(r, j->s, o, n, f) && take_spots(r, j->s, o, n, f) && take_codes(j, r, o, n, f) && count_distinct(j, o, n, f);
    return ok ? UCT_OK : UCT_FATAL;
}
