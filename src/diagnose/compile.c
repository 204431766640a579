/* From loaded rules to a set that can be trusted: everything the schema cannot
 * say.  A rule that passes here never fails later: its patterns compile, its
 * {params} exist, the rules it names are known, and it brings one sample that
 * it must hit and one that it must miss. */
#include "load.h"

#include <stdlib.h>

#define MAX_PATTERN 4096          /* code units */
#define MIN_LITERAL 4             /* the scanner's window */

/* ---- patterns ---------------------------------------------------------- */

pcre2_compile_context *uct_pattern_context(void)
{
    pcre2_compile_context *c = pcre2_compile_context_create(NULL);
    if (c)
        pcre2_set_max_pattern_length(c, MAX_PATTERN);
    return c;
}

/* Bytes, not characters: log text need not be valid UTF-8. */
pcre2_code *uct_pattern_compile(const char *pattern, pcre2_compile_context *context, struct uct_buf *why)
{
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &at, context);
    if (!code && why) {
        PCRE2_UCHAR text[256];
        pcre2_get_error_message(error, text, sizeof text);
        uct_buf_addf(why, "%s at offset %zu", (const char *)text, (size_t)at);
    }
    return code;
}

/* ---- what a rule names ------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    const struct uct_loaded *x = a, *y = b;
    int c = strcmp(x->rule.id, y->rule.id);
    if (c == 0)
        c = strcmp(x->file, y->file);
    return c ? c : x->line - y->line;
}

static struct uct_loaded *find_loaded(const struct uct_ruleset *s, const char *id)
{
    size_t lo = 0, hi = s->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(s->rules[mid].rule.id, id);
        if (c == 0)
            return &s->rules[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static const struct uct_rule *find_base(const struct uct_ruleset *s, const char *id)
{
    size_t lo = 0, hi = s->nbase;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(s->base[mid].id, id);
        if (c == 0)
            return &s->base[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static bool known(const struct uct_ruleset *s, const char *id)
{
    return find_loaded(s, id) || find_base(s, id);
}

static const struct uct_param *find_param(const struct uct_rule *rule, struct uct_slice name)
{
    for (size_t i = 0; i < rule->nparam; i++)
        if (uct_slice_eq(uct_slice_str(rule->param[i].name), name))
            return &rule->param[i];
    return NULL;
}

/* ---- the parts of a rule ----------------------------------------------- */

struct check {
    struct uct_ruleset *set;
    struct uct_loaded *at;
    pcre2_compile_context *context;
    bool *group;                  /* per param: some pattern has a group of its name */
};

#define SAY(C, ...) uct_ruleset_error((C)->set, (C)->at->file, (C)->at->line, __VA_ARGS__)

static void check_groups(struct check *c, const pcre2_code *code, const char *pattern)
{
    const struct uct_rule *rule = &c->at->rule;
    uint32_t names = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &names);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < names; i++) {
        const char *name = (const char *)table + (size_t)i * size + 2;
        const struct uct_param *p = find_param(rule, uct_slice_str(name));
        if (p)
            c->group[p - rule->param] = true;
        else
            SAY(c, "rule '%s': the group '%s' of '%s' is no param", rule->id, name, pattern);
    }
}

static void check_conditions(struct check *c)
{
    const struct uct_rule *rule = &c->at->rule;
    for (size_t i = 0; i < rule->ncond; i++) {
        struct uct_buf why = {0};
        if (rule->cond[i].op != UCT_OP_REGEX)
            continue;
        pcre2_code *code = uct_pattern_compile(rule->cond[i].value, c->context, &why);
        if (code)
            check_groups(c, code, rule->cond[i].value);
        else
            SAY(c, "rule '%s': pattern '%s': %s", rule->id, rule->cond[i].value, why.p ? why.p : "no memory");
        pcre2_code_free(code);
        uct_buf_free(&why);
    }
}

static void check_params(struct check *c)
{
    const struct uct_rule *rule = &c->at->rule;
    for (size_t i = 0; i < rule->nparam; i++) {
        const struct uct_param *p = &rule->param[i];
        if (find_param(rule, uct_slice_str(p->name)) != p)
            SAY(c, "rule '%s': the param '%s' stands twice", rule->id, p->name);
        if (!p->field && !p->from && !c->group[i])
            SAY(c, "rule '%s': the param '%s' has no field, no from and no group (?<%s>...)", rule->id,
                p->name, p->name);
    }
}

static void check_indexes(struct check *c)
{
    const struct uct_rule *rule = &c->at->rule;
    for (size_t i = 0; i < rule->nindex; i++) {
        const struct uct_index *x = &rule->index[i];
        if (x->key == UCT_KEY_LITERAL && strlen(x->text) < MIN_LITERAL)
            SAY(c, "rule '%s': the literal '%s' is shorter than %d bytes", rule->id, x->text, MIN_LITERAL);
        if (x->key == UCT_KEY_EVENT && !*x->text)
            SAY(c, "rule '%s': an empty event", rule->id);
    }
}

bool uct_text_next(struct uct_slice text, size_t *pos, size_t *at, struct uct_slice *name)
{
    for (size_t i = *pos; i < text.n; i++) {
        size_t k = i + 1;
        if (text.p[i] != '{' || k >= text.n || (unsigned)(text.p[k] - 'a') >= 26u)
            continue;
        while (k < text.n && ((unsigned)(text.p[k] - 'a') < 26u || uct_isdigit((unsigned char)text.p[k]) ||
                              text.p[k] == '_'))
            k++;
        if (k == text.n || text.p[k] != '}')
            continue;
        *at = i;
        *name = uct_slice(text.p + i + 1, k - i - 1);
        *pos = k + 1;
        return true;
    }
    *pos = text.n;
    return false;
}

static size_t find_from(struct uct_slice s, size_t from, const char *what)
{
    size_t at = uct_slice_find(uct_slice(s.p + from, s.n - from), uct_slice_str(what));
    return at == SIZE_MAX ? SIZE_MAX : from + at;
}

/* One template.  Returns whether something of it is always left. */
static bool check_template(struct check *c, const char *file, int line, const char *what,
                           const char *template)
{
    const char *id = c->at->rule.id;
    struct uct_slice s = uct_slice_str(template), name;
    size_t pos = 0, at;
    bool solid = false;
    if (uct_slice_trim(s).n == 0)
        uct_ruleset_error(c->set, file, line, "rule '%s': an empty %s", id, what);
    while (uct_text_next(s, &pos, &at, &name))
        if (!find_param(&c->at->rule, name))
            uct_ruleset_error(c->set, file, line, "rule '%s': {%.*s} in its %s is no param", id, (int)name.n,
                              name.p, what);
    for (pos = 0; pos < s.n;) {
        size_t open = find_from(s, pos, "[["), close = find_from(s, pos, "]]");
        size_t end = open == SIZE_MAX ? s.n : open;
        solid |= uct_slice_trim(uct_slice(s.p + pos, end - pos)).n > 0;
        if (open == SIZE_MAX && close == SIZE_MAX)
            break;
        size_t again = open == SIZE_MAX || open + 2 > s.n ? SIZE_MAX : find_from(s, open + 2, "[[");
        if (open == SIZE_MAX || close == SIZE_MAX || close < open || again < close) {
            uct_ruleset_error(c->set, file, line, "rule '%s': [[ and ]] do not pair in its %s", id, what);
            break;
        }
        size_t inner = 0;
        struct uct_slice part = uct_slice(s.p + open + 2, close - open - 2);
        if (!uct_text_next(part, &inner, &at, &name))
            uct_ruleset_error(c->set, file, line, "rule '%s': a [[piece]] without {param} in its %s", id,
                              what);
        pos = close + 2;
    }
    return solid;
}

static void check_text(struct check *c, const char *file, int line, const struct uct_text *t)
{
    const struct uct_rule *rule = &c->at->rule;
    unsigned solid = 0;
    check_template(c, file, line, "title", t->title);
    check_template(c, file, line, "cause", t->cause);
    for (size_t i = 0; i < t->nfix; i++)
        solid += check_template(c, file, line, "fix", t->fix[i]);
    if (solid == 0 && (rule->class_ == UCT_ROOT_CAUSE || rule->class_ == UCT_MISSING))
        uct_ruleset_error(c->set, file, line, "rule '%s': a %s needs a fix that is always there", rule->id,
                          uct_class_name(rule->class_));
}

static void check_texts(struct check *c)
{
    const struct uct_rule *rule = &c->at->rule;
    bool english = false;
    for (size_t i = 0; i < rule->ntext; i++) {
        english |= strcmp(rule->text[i].lang, "en") == 0;
        check_text(c, c->at->file, c->at->line, &rule->text[i]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(rule->text[i].lang, rule->text[k].lang) == 0)
                SAY(c, "rule '%s': two texts in '%s'", rule->id, rule->text[i].lang);
    }
    if (!english)
        SAY(c, "rule '%s': no text in English (xml:lang=\"en\")", rule->id);
}

static void check_samples(struct check *c)
{
    const struct uct_rule *rule = &c->at->rule;
    bool hit = false, miss = false;
    for (size_t i = 0; i < rule->nsample; i++) {
        const struct uct_sample *s = &rule->sample[i];
        hit |= s->hit;
        miss |= !s->hit;
        if (!s->file && (!s->text || uct_slice_trim(uct_slice_str(s->text)).n == 0))
            SAY(c, "rule '%s': an empty sample", rule->id);
        if (s->file && strstr(s->file, ".."))
            SAY(c, "rule '%s': the sample '%s' leaves its folder", rule->id, s->file);
    }
    if (!hit)
        SAY(c, "rule '%s': no sample that it must hit (<sample hit=\"yes\">)", rule->id);
    if (!miss)
        SAY(c, "rule '%s': no sample that it must miss (<sample hit=\"no\">)", rule->id);
}

static bool is_implied(const struct uct_ruleset *s, const char *id)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->rules[i].rule.implies && strcmp(s->rules[i].rule.implies, id) == 0)
            return true;
    for (size_t i = 0; i < s->nbase; i++)
        if (s->base[i].implies && strcmp(s->base[i].implies, id) == 0)
            return true;
    return false;
}

static void check_links(struct check *c)
{
    const struct uct_rule *rule = &c->at->rule;
    for (size_t i = 0; i < rule->nexplains; i++)
        if (!known(c->set, rule->explains[i].rule))
            SAY(c, "rule '%s' explains the unknown rule '%s'", rule->id, rule->explains[i].rule);
    if (rule->implies && !known(c->set, rule->implies))
        SAY(c, "rule '%s' implies the unknown rule '%s'", rule->id, rule->implies);
    if (rule->implies && strcmp(rule->implies, rule->id) == 0)
        SAY(c, "rule '%s' implies itself", rule->id);
    if (rule->when == UCT_WHEN_ABSENT && rule->nindex)
        SAY(c, "rule '%s' is about what is absent and has an index: no record can hit it", rule->id);
    if (rule->nindex == 0 && rule->when != UCT_WHEN_ABSENT && !is_implied(c->set, rule->id))
        SAY(c, "rule '%s' has no index and no rule implies it: it would never fire", rule->id);
}

static void check_rule(struct check *c)
{
    c->group = uct_arena_zalloc(&c->set->arena, c->at->rule.nparam + 1u);
    if (!c->group) {
        c->set->failed = true;
        return;
    }
    check_indexes(c);
    check_conditions(c);
    check_params(c);
    check_texts(c);
    check_samples(c);
    check_links(c);
}

/* ---- texts in other languages ------------------------------------------ */

/* A base rule that gets a further text is copied; the copy replaces it. */
static struct uct_loaded *adopt(struct uct_ruleset *s, const struct uct_loaded_text *t)
{
    const struct uct_rule *base = find_base(s, t->rule);
    if (!base)
        return NULL;
    if (!UCT_ROOM(s->rules, s->n, s->cap)) {
        s->failed = true;
        return NULL;
    }
    s->rules[s->n++] = (struct uct_loaded){.rule = *base, .file = t->file, .line = t->line};
    qsort(s->rules, s->n, sizeof *s->rules, by_id);
    return find_loaded(s, t->rule);
}

static void put_text(struct uct_ruleset *s, const struct uct_loaded_text *t)
{
    struct uct_loaded *l = find_loaded(s, t->rule);
    if (!l)
        l = adopt(s, t);
    if (!l) {
        if (!s->failed)
            uct_ruleset_error(s, t->file, t->line, "a text for the unknown rule '%s'", t->rule);
        return;
    }
    size_t n = l->rule.ntext;
    struct uct_text *texts = uct_arena_alloc(&s->arena, (n + 1) * sizeof *texts);
    if (!texts || n == UINT16_MAX) {
        s->failed = true;
        return;
    }
    /* A later text in the same language takes the place of the earlier. */
    size_t at = n;
    for (size_t i = 0; i < n; i++) {
        texts[i] = l->rule.text[i];
        if (strcmp(texts[i].lang, t->text.lang) == 0)
            at = i;
    }
    texts[at] = t->text;
    struct check c = {.set = s, .at = l};
    check_text(&c, t->file, t->line, &t->text);
    l->rule.text = texts;
    l->rule.ntext = (uint16_t)(at == n ? n + 1 : n);
}

/* ---- the whole --------------------------------------------------------- */

static void check_duplicates(struct uct_ruleset *s)
{
    for (size_t i = 1; i < s->n; i++)
        if (strcmp(s->rules[i].rule.id, s->rules[i - 1].rule.id) == 0)
            uct_ruleset_error(s, s->rules[i].file, s->rules[i].line, "rule '%s' stands twice: first in %s:%d",
                              s->rules[i].rule.id, s->rules[i - 1].file, s->rules[i - 1].line);
}

bool uct_ruleset_finish(struct uct_ruleset *s)
{
    if (s->failed)
        return false;
    struct check c = {.set = s, .context = uct_pattern_context()};
    if (!c.context) {
        s->failed = true;
        return false;
    }
    if (s->n)
        qsort(s->rules, s->n, sizeof *s->rules, by_id);
    check_duplicates(s);
    for (size_t i = 0; i < s->n && !s->failed; i++) {
        c.at = &s->rules[i];
        check_rule(&c);
    }
    for (size_t i = 0; i < s->ntexts && !s->failed; i++)
        put_text(s, &s->texts[i]);
    if (s->n > UINT16_MAX - s->nbase)
        uct_ruleset_error(s, "rules", 0, "more than %d rules", UINT16_MAX);
    pcre2_compile_context_free(c.context);
    return !s->failed && s->nerrors == 0;
}
