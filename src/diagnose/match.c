/* Conditions on kept records.
 *
 * A pattern is compiled and handed to PCRE2's JIT when its rule's index first
 * lets a record through, once per matcher.  Rules may come from somebody else:
 * a match may take so many steps and so much stack and then counts as none. */
#include "match.h"

#include "load.h"

#include <stdlib.h>

#define MATCH_LIMIT 20000u
#define DEPTH_LIMIT 1000u
#define HEAP_LIMIT 4096u                    /* KiB */
#define STACK_FIRST ((size_t)32 << 10)
#define STACK_MOST ((size_t)512 << 10)

struct uct_matcher {
    const struct uct_rules *rules;
    pcre2_code ***code;                     /* [rule][condition], NULL until first used */
    pcre2_compile_context *compile;
    pcre2_match_context *match;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
    uint64_t given_up;
    bool failed;
};

struct uct_matcher *uct_matcher_new(const struct uct_rules *rules)
{
    struct uct_matcher *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->rules = rules;
    m->code = calloc(uct_rules_count(rules) + 1, sizeof *m->code);
    m->compile = uct_pattern_context();
    m->match = pcre2_match_context_create(NULL);
    m->data = pcre2_match_data_create(UCT_CAPTURES + 1, NULL);
    m->stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST, NULL);     /* NULL without JIT: fine */
    if (!m->code || !m->compile || !m->match || !m->data) {
        uct_matcher_free(m);
        return NULL;
    }
    pcre2_set_match_limit(m->match, MATCH_LIMIT);
    pcre2_set_depth_limit(m->match, DEPTH_LIMIT);
    pcre2_set_heap_limit(m->match, HEAP_LIMIT);
    if (m->stack)
        pcre2_jit_stack_assign(m->match, NULL, m->stack);
    return m;
}

static void free_rule(pcre2_code **code, size_t n)
{
    for (size_t i = 0; code && i < n; i++)
        pcre2_code_free(code[i]);
    free(code);
}

void uct_matcher_free(struct uct_matcher *m)
{
    if (!m)
        return;
    for (size_t i = 0; m->code && i < uct_rules_count(m->rules); i++)
        free_rule(m->code[i], uct_rules_get(m->rules, i)->ncond);
    free(m->code);
    pcre2_compile_context_free(m->compile);
    pcre2_match_data_free(m->data);
    pcre2_jit_stack_free(m->stack);
    pcre2_match_context_free(m->match);
    free(m);
}

bool uct_matcher_failed(const struct uct_matcher *m) { return m->failed; }
uint64_t uct_matcher_given_up(const struct uct_matcher *m) { return m->given_up; }

/* ---- one condition ----------------------------------------------------- */

/* What the conditions of one rule look at. */
struct scene {
    struct uct_matcher *m;
    const struct uct_rule *rule;
    size_t rule_no;
    const struct uct_block *b;
    const struct uct_kept *k;
    const struct uct_intern *strings;
    struct uct_captures *out;
};

/* The first present one of fields "a b c". */
static struct uct_slice first_field(const struct uct_block *b, const struct uct_kept *k,
                                    const struct uct_intern *strings, const char *names)
{
    struct uct_slice rest = uct_slice_str(names), value = {"", 0};
    while (rest.n && value.n == 0) {
        size_t n = uct_slice_find(rest, UCT_S(" "));
        if (n > rest.n)
            n = rest.n;
        value = uct_kept_field(b, strings, k, uct_slice(rest.p, n));
        n += n < rest.n;
        rest = uct_slice(rest.p + n, rest.n - n);
    }
    return value;
}

static pcre2_code *pattern(struct scene *s, const struct uct_cond *c)
{
    struct uct_matcher *m = s->m;
    pcre2_code ***slot = &m->code[s->rule_no];
    if (!*slot)
        *slot = calloc(s->rule->ncond, sizeof **slot);
    if (!*slot) {
        m->failed = true;
        return NULL;
    }
    pcre2_code **code = *slot + (c - s->rule->cond);
    if (!*code) {
        *code = uct_pattern_compile(c->value, m->compile, NULL);
        if (*code)
            pcre2_jit_compile(*code, PCRE2_JIT_COMPLETE);     /* without it the interpreter serves */
        else
            m->failed = true;         /* it compiled when the rule was loaded */
    }
    return *code;
}

static void capture(struct uct_captures *out, const char *name, struct uct_slice value)
{
    for (unsigned i = 0; i < out->n; i++)
        if (strcmp(out->v[i].name, name) == 0)
            return;                   /* the first one stands */
    if (value.n && out->n < UCT_CAPTURES)
        out->v[out->n++] = (struct uct_capture){name, value};
}

static void capture_groups(struct scene *s, const pcre2_code *code, struct uct_slice in, int groups)
{
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(s->m->data);
    uint32_t names = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &names);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < names; i++) {
        PCRE2_SPTR entry = table + (size_t)i * size;
        int g = entry[0] << 8 | entry[1];
        if (g < groups && v[2 * g] != PCRE2_UNSET && v[2 * g] <= v[2 * g + 1])
            capture(s->out, (const char *)entry + 2, uct_slice(in.p + v[2 * g], v[2 * g + 1] - v[2 * g]));
    }
}

static bool matches_pattern(struct scene *s, const struct uct_cond *c, struct uct_slice in)
{
    pcre2_code *code = pattern(s, c);
    if (!code)
        return false;
    if (!in.p)
        in.p = "";
    int rc = pcre2_match(code, (PCRE2_SPTR)in.p, in.n, 0, 0, s->m->data, s->m->match);
    if (rc == PCRE2_ERROR_NOMATCH)
        return false;
    if (rc < 0) {
        s->m->given_up++;
        return false;
    }
    /* 0: more groups than the match data holds; those it holds are good. */
    capture_groups(s, code, in, rc == 0 ? UCT_CAPTURES + 1 : rc);
    return true;
}

static bool holds(struct scene *s, const struct uct_cond *c);

/* ALL and ANY over the nodes below c. */
static bool holds_group(struct scene *s, const struct uct_cond *c, bool all)
{
    for (const struct uct_cond *x = c + 1; x < c + c->span; x += x->span)
        if (holds(s, x) != all)
            return !all;
    return all;
}

/* A branch that does not hold leaves no captures. */
static bool holds(struct scene *s, const struct uct_cond *c)
{
    unsigned before = s->out->n;
    struct uct_slice in = {NULL, 0};
    bool yes = false;
    if (c->op <= UCT_OP_REGEX)
        in = c->field ? first_field(s->b, s->k, s->strings, c->field) : uct_kept_text(s->b, s->k);
    switch (c->op) {
    case UCT_OP_PRESENT: yes = in.n > 0; break;
    case UCT_OP_ABSENT: yes = in.n == 0; break;
    case UCT_OP_EQUALS: yes = uct_slice_ieq(in, uct_slice_str(c->value)); break;
    case UCT_OP_CONTAINS: yes = uct_slice_ifind(in, uct_slice_str(c->value)) != SIZE_MAX; break;
    case UCT_OP_REGEX: yes = matches_pattern(s, c, in); break;
    case UCT_OP_ALL: yes = holds_group(s, c, true); break;
    case UCT_OP_ANY: yes = holds_group(s, c, false); break;
    case UCT_OP_NOT:
        yes = !holds_group(s, c, true);
        s->out->n = before;
        break;
    }
    if (!yes)
        s->out->n = before;
    return yes;
}

bool uct_rule_matches(struct uct_matcher *m, const struct uct_rule *rule, size_t rule_no,
                      const struct uct_block *b, const struct uct_kept *k, const struct uct_intern *strings,
                      struct uct_captures *out)
{
    struct scene s = {m, rule, rule_no, b, k, strings, out};
    out->n = 0;
    if (rule->kinds && !(rule->kinds >> k->kind & 1))
        return false;
    for (size_t i = 0; i < rule->ncond; i += rule->cond[i].span)
        if (!holds(&s, &rule->cond[i])) {
            out->n = 0;
            return false;
        }
    return true;
}

/* ---- params ------------------------------------------------------------ */

/* "c ms.example.com": a name that was wrapped and put together with a blank. */
static bool is_broken_name(struct uct_slice s)
{
    bool dot = false, blank = false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        dot |= c == '.';
        blank |= c == ' ';
        if (!uct_isalnum(c) && !memchr(".-_ ", c, 4))
            return false;
    }
    return dot && blank;
}

struct uct_slice uct_host_normal(struct uct_slice host, struct uct_buf *scratch)
{
    struct uct_slice s = uct_slice_trim(host);
    const char *comma = s.n ? memchr(s.p, ',', s.n) : NULL;
    if (comma)
        s.n = (size_t)(comma - s.p);          /* "fqdn1,fqdn2": the first was tried first */
    const char *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
    if (s.n && s.p[0] == '[') {
        const char *end = memchr(s.p, ']', s.n);
        if (end)
            s.n = (size_t)(end + 1 - s.p);
    } else if (colon && !memchr(colon + 1, ':', (size_t)(s.p + s.n - colon - 1))) {
        s.n = (size_t)(colon - s.p);          /* one colon is a port; more are an IPv6 address */
    }
    while (s.n && (s.p[s.n - 1] == '.' || uct_isspace((unsigned char)s.p[s.n - 1])))
        s.n--;
    scratch->n = 0;
    bool broken = is_broken_name(s);
    for (size_t i = 0; i < s.n; i++)
        if (!broken || s.p[i] != ' ')
            uct_buf_addc(scratch, (char)uct_lower((unsigned char)s.p[i]));
    return scratch->failed ? uct_slice("", 0) : uct_slice(scratch->p, scratch->n);
}

struct uct_slice uct_rule_param(const struct uct_param *p, const struct uct_block *b,
                                const struct uct_kept *k, const struct uct_intern *strings,
                                const struct uct_captures *captures, struct uct_buf *scratch)
{
    struct uct_slice v = {"", 0};
    if (p->field)
        v = uct_slice_trim(first_field(b, k, strings, p->field));
    for (unsigned i = 0; v.n == 0 && captures && i < captures->n; i++)
        if (strcmp(captures->v[i].name, p->name) == 0)
            v = uct_slice_trim(captures->v[i].value);
    return p->host && v.n ? uct_host_normal(v, scratch) : v;
}

/* ---- texts ------------------------------------------------------------- */

#define MISSING "(not in the log)"

struct filler {
    struct uct_buf *out;
    const char *missing;
    uct_lookup_fn *lookup;
    void *arg;
};

/* Returns whether every {x} in s was known. */
static bool fill_piece(const struct filler *f, struct uct_slice s)
{
    size_t pos = 0, done = 0, at;
    struct uct_slice name, value;
    bool all = true;
    while (uct_text_next(s, &pos, &at, &name)) {
        value = uct_slice("", 0);
        uct_buf_add(f->out, s.p + done, at - done);
        if (f->lookup(f->arg, name, &value) && value.n)
            uct_buf_add(f->out, value.p, value.n);
        else {
            uct_buf_adds(f->out, f->missing);
            all = false;
        }
        done = pos;
    }
    uct_buf_add(f->out, s.p + done, s.n - done);
    return all;
}

/* Pieces that were dropped leave no double blanks and none at the ends. */
static void tidy(struct uct_buf *out, size_t from)
{
    size_t n = from;
    for (size_t i = from; i < out->n; i++) {
        bool blank = out->p[i] == ' ';
        if (blank && (n == from || out->p[n - 1] == ' '))
            continue;
        out->p[n++] = out->p[i];
    }
    while (n > from && out->p[n - 1] == ' ')
        n--;
    out->n = n;
    if (out->p)
        out->p[n] = 0;
}

bool uct_text_fill(struct uct_buf *out, const char *template, const char *missing, uct_lookup_fn *lookup,
                   void *arg)
{
    struct filler f = {out, missing ? missing : MISSING, lookup, arg};
    struct uct_slice rest = uct_slice_str(template);
    size_t start = out->n;
    while (rest.n && !out->failed) {
        size_t open = uct_slice_find(rest, UCT_S("[["));
        size_t solid = open < rest.n ? open : rest.n;
        fill_piece(&f, uct_slice(rest.p, solid));
        rest = uct_slice(rest.p + solid, rest.n - solid);
        if (rest.n == 0)
            break;
        rest = uct_slice(rest.p + 2, rest.n - 2);
        size_t close = uct_slice_find(rest, UCT_S("]]")), before = out->n;
        size_t inner = close < rest.n ? close : rest.n;
        if (!fill_piece(&f, uct_slice(rest.p, inner)))
            out->n = before;
        if (inner < rest.n)
            inner += 2;
        rest = uct_slice(rest.p + inner, rest.n - inner);
    }
    if (!out->failed)
        tidy(out, start);
    return !out->failed;
}
