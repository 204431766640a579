/* The set of rules a run works with: the built-in ones and those of --rules. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_SAMPLE ((size_t)64 << 20)

struct uct_rules {
    struct uct_ruleset set;              /* owns the text of what was loaded */
    const struct uct_rule **rules;       /* sorted by id */
    size_t n;
};

/* Both lists are sorted; a loaded rule goes before the built-in one of its id. */
static bool merge(struct uct_rules *r)
{
    const struct uct_ruleset *s = &r->set;
    size_t i = 0, k = 0;
    r->rules = calloc(s->n + uct_builtin_nrules + 1, sizeof *r->rules);
    if (!r->rules)
        return false;
    while (i < uct_builtin_nrules || k < s->n) {
        int c = i == uct_builtin_nrules ? 1
                : k == s->n             ? -1
                                        : strcmp(uct_builtin_rules[i].id, s->rules[k].rule.id);
        r->rules[r->n++] = c < 0 ? &uct_builtin_rules[i] : &s->rules[k].rule;
        i += c <= 0;
        k += c >= 0;
    }
    return true;
}

static struct uct_rules *new_rules(struct uct_buf *errors)
{
    struct uct_rules *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->set.base = uct_builtin_rules;
    r->set.nbase = uct_builtin_nrules;
    r->set.schema = uct_slice(uct_rules_rng, uct_rules_rng_size);
    r->set.errors = errors;
    return r;
}

/* Hands the set over, or frees it and says why not. */
static enum uct_status complete(struct uct_rules *r, bool ok, struct uct_rules **out)
{
    if (ok && (r->set.n || r->set.ntexts))
        ok = uct_ruleset_finish(&r->set);
    if (ok && !merge(r))
        r->set.failed = true;
    if (ok && !r->set.failed) {
        r->set.errors = NULL;
        *out = r;
        return UCT_OK;
    }
    enum uct_status st = r->set.failed ? UCT_FATAL : UCT_FAILED;
    uct_rules_free(r);
    return st;
}

enum uct_status uct_rules_load(struct uct_rules **out, const char *const *dirs, size_t ndirs,
                               struct uct_buf *errors)
{
    struct uct_buf own = {0};
    struct uct_rules *r = new_rules(errors ? errors : &own);
    bool ok = true;
    *out = NULL;
    if (!r)
        return UCT_FATAL;
    for (size_t i = 0; i < ndirs; i++)
        if (!uct_ruleset_add_dir(&r->set, dirs[i]))
            ok = false;
    enum uct_status st = complete(r, ok, out);
    uct_buf_free(&own);
    return st;
}

void uct_rules_free(struct uct_rules *r)
{
    if (!r)
        return;
    uct_ruleset_free(&r->set);
    free(r->rules);
    free(r);
}

size_t uct_rules_count(const struct uct_rules *r)
{
    return r->n;
}

const struct uct_rule *uct_rules_get(const struct uct_rules *r, size_t i)
{
    return i < r->n ? r->rules[i] : NULL;
}

const struct uct_rule *uct_rules_find(const struct uct_rules *r, const char *id)
{
    size_t lo = 0, hi = r->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = strcmp(r->rules[mid]->id, id);
        if (c == 0)
            return r->rules[mid];
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static bool add_rule(struct uct_interest *in, const struct uct_rule *rule, uint16_t number)
{
    for (size_t i = 0; i < rule->nindex; i++) {
        const struct uct_index *x = &rule->index[i];
        if (!uct_interest_add(in, x->key, uct_slice_str(x->text), x->number, number))
            return false;
    }
    return true;
}

struct uct_interest *uct_rules_interest(const struct uct_rules *r)
{
    struct uct_interest *in = uct_interest_new();
    bool ok = in != NULL;
    for (size_t i = 0; ok && i < r->n; i++)
        ok = add_rule(in, r->rules[i], (uint16_t)i);
    if (ok && uct_interest_compile(in))
        return in;
    uct_interest_free(in);
    return NULL;
}

/* ---- languages --------------------------------------------------------- */

/* "zh_TW.UTF-8" -> "zh-TW"; what is written in Traditional characters -> "zh-Hant". */
static void language_tag(const char *lang, char out[64])
{
    static const char *const traditional[] = {"zh-TW", "zh-HK", "zh-MO"};
    size_t n = strcspn(lang, ".@");
    if (n > 63)
        n = 63;
    for (size_t i = 0; i < n; i++)
        out[i] = lang[i] == '_' ? '-' : lang[i];
    out[n] = 0;
    for (size_t i = 0; i < sizeof traditional / sizeof *traditional; i++)
        if (uct_slice_ieq(uct_slice_str(out), uct_slice_str(traditional[i])))
            strcpy(out, "zh-Hant");
}

static const struct uct_text *exact_text(const struct uct_rule *r, struct uct_slice tag)
{
    for (size_t i = 0; i < r->ntext; i++)
        if (uct_slice_ieq(uct_slice_str(r->text[i].lang), tag))
            return &r->text[i];
    return NULL;
}

const struct uct_text *uct_rule_text(const struct uct_rule *r, const char *lang)
{
    char tag[64];
    language_tag(lang ? lang : "en", tag);
    struct uct_slice s = uct_slice_str(tag);
    while (s.n) {
        const struct uct_text *t = exact_text(r, s);
        if (t)
            return t;
        while (s.n && s.p[s.n - 1] != '-')
            s.n--;
        s.n -= s.n > 0;
    }
    const struct uct_text *english = exact_text(r, UCT_S("en"));
    return english ? english : r->text;
}

/* ---- rules check FILE -------------------------------------------------- */

struct checking {
    const char *path;
    struct uct_rules *rules;
    uct_analyse_fn *analyse;
    void *arg;
    struct uct_buf *report;
    bool ok;
};

/* rules/x.xml names its samples as seen from the folder above rules/. */
static char *sample_path(const char *path, const char *file)
{
    struct uct_buf b = {0};
    const char *slash = strrchr(path, '/');
    uct_buf_add(&b, path, slash ? (size_t)(slash - path) : 0);
    uct_buf_addf(&b, "%s../%s", slash ? "/" : "", file);
    if (b.failed)
        uct_buf_free(&b);
    return b.p;
}

/* A line of `fired` that is this id. */
static bool has_line(struct uct_slice fired, const char *id)
{
    struct uct_slice line;
    while (uct_next_line(&fired, &line))
        if (uct_slice_eq(uct_slice_trim(line), uct_slice_str(id)))
            return true;
    return false;
}

static bool may_explain(const struct uct_rule *a, const struct uct_rule *b)
{
    for (size_t i = 0; i < a->nexplains; i++)
        if (strcmp(a->explains[i].rule, b->id) == 0)
            return true;
    return false;
}

/* A sample that proves two root causes at once is a warning, unless one gives way to the other. */
static void warn_of_others(struct checking *c, const struct uct_loaded *l, size_t number,
                           struct uct_slice fired)
{
    struct uct_slice line;
    if (l->rule.class_ != UCT_ROOT_CAUSE)
        return;
    while (uct_next_line(&fired, &line)) {
        char id[128];
        snprintf(id, sizeof id, "%.*s", (int)(line.n < 120 ? line.n : 120), line.p);
        const struct uct_rule *other = uct_rules_find(c->rules, id);
        if (other && other->class_ == UCT_ROOT_CAUSE && strcmp(id, l->rule.id) != 0 &&
            !may_explain(&l->rule, other) && !may_explain(other, &l->rule))
            uct_buf_addf(c->report, "%s:%d: warning: sample %zu of '%s' fires '%s' too\n", c->path, l->line,
                         number, l->rule.id, id);
    }
}

static void judge_sample(struct checking *c, const struct uct_loaded *l, size_t i, struct uct_slice text)
{
    struct uct_buf fired = {0};
    const struct uct_sample *s = &l->rule.sample[i];
    if (!c->analyse(c->arg, c->rules, text.p, text.n, &fired) || fired.failed) {
        uct_buf_addf(c->report, "%s:%d: sample %zu of '%s' could not be analysed\n", c->path, l->line, i + 1,
                     l->rule.id);
        c->ok = false;
    } else {
        struct uct_slice all = uct_slice(fired.p, fired.n);
        if (has_line(all, l->rule.id) != s->hit) {
            uct_buf_addf(c->report, "%s:%d: '%s' %s its sample %zu\n", c->path, l->line, l->rule.id,
                         s->hit ? "misses" : "fires on", i + 1);
            c->ok = false;
        }
        if (s->hit)
            warn_of_others(c, l, i + 1, all);
    }
    uct_buf_free(&fired);
}

static void check_sample(struct checking *c, const struct uct_loaded *l, size_t i)
{
    const struct uct_sample *s = &l->rule.sample[i];
    if (!s->file) {
        judge_sample(c, l, i, uct_slice_str(s->text));
        return;
    }
    size_t n = 0;
    char *path = sample_path(c->path, s->file);
    char *text = path ? uct_read_file(path, MAX_SAMPLE, &n) : NULL;
    if (text) {
        judge_sample(c, l, i, uct_slice(text, n));
    } else {
        uct_buf_addf(c->report, "%s:%d: cannot read the sample '%s': %s\n", c->path, l->line, s->file,
                     strerror(errno));
        c->ok = false;
    }
    free(text);
    free(path);
}

bool uct_rules_check_file(const char *path, uct_analyse_fn *analyse, void *arg, struct uct_buf *report)
{
    struct uct_rules *r = new_rules(report);
    struct checking c = {.path = path, .analyse = analyse, .arg = arg, .report = report, .ok = true};
    if (!r)
        return false;
    bool ok = uct_ruleset_add_file(&r->set, path);
    if (complete(r, ok, &c.rules) != UCT_OK)
        return false;
    for (size_t k = 0; analyse && k < c.rules->set.n; k++)
        for (size_t i = 0; i < c.rules->set.rules[k].rule.nsample; i++)
            check_sample(&c, &c.rules->set.rules[k], i);
    uct_rules_free(c.rules);
    return c.ok && !report->failed;
}
