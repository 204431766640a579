/* uctriage rules list | show ID | check FILE... */
#include "cli.h"
#include "../render/jsonw.h"
#include "../render/layout.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *title_of(const struct uct_cli *cli, const struct uct_rule *r)
{
    const struct uct_text *t = uct_rule_text(r, cli->lang);
    return t && t->title ? t->title : "";
}

/* A rule's text before it is filled: "[[ {peer}]]", the part that goes when
 * the value is missing, is left out, or (whole) stands there without its marks. */
static void unfilled(struct uct_buf *b, const char *text, bool whole)
{
    bool inside = false;
    for (const char *p = text; *p; p++) {
        if ((p[0] == '[' && p[1] == '[') || (inside && p[0] == ']' && p[1] == ']')) {
            inside = *p++ == '[';
            continue;
        }
        if (!inside || whole)
            uct_buf_addc(b, *p);
    }
    uct_buf_addc(b, '\0');
}

static void text_member(struct uct_jsonw *j, const char *key, const char *text, bool whole)
{
    struct uct_buf clear = {0};
    if (text)
        unfilled(&clear, text, whole);
    uct_jsonw_str(j, key, clear.p);
    j->b->failed |= clear.failed;
    uct_buf_free(&clear);
}

static int put(const struct uct_cli *cli, struct uct_buf *b)
{
    bool ok = !b->failed && uct_out_write(cli->out, b->p, b->n);
    uct_buf_free(b);
    return ok ? 0 : uct_cli_unmade(cli);
}

/* ---- list ----------------------------------------------------------------- */

static struct uct_slice family(const struct uct_rule *r)
{
    struct uct_slice s = uct_slice_str(r->id);
    size_t dot = uct_slice_find(s, UCT_S("."));
    return uct_slice(s.p, dot == SIZE_MAX ? s.n : dot);
}

/* The rules are sorted by id: a family stands together.  Rules from `from` on. */
static size_t family_end(const struct uct_rules *rules, size_t from)
{
    size_t n = uct_rules_count(rules), i = from;
    while (i < n && uct_slice_eq(family(uct_rules_get(rules, i)), family(uct_rules_get(rules, from))))
        i++;
    return i;
}

static void list_text(const struct uct_cli *cli, const struct uct_rules *rules, struct uct_buf *b)
{
    size_t n = uct_rules_count(rules), longest = 0;
    for (size_t i = 0; i < n; i++)
        if (strlen(uct_rules_get(rules, i)->id) > longest)
            longest = strlen(uct_rules_get(rules, i)->id);
    for (size_t i = 0; i < n; i++) {
        const struct uct_rule *r = uct_rules_get(rules, i);
        uct_buf_addf(b, "%-*s %-19s ", (int)longest, r->id, uct_class_name(r->class_));
        struct uct_buf title = {0};
        unfilled(&title, title_of(cli, r), false);
        uct_fit(b, uct_slice_str(title.p), SIZE_MAX, "");
        uct_buf_addc(b, '\n');
        b->failed |= title.failed;
        uct_buf_free(&title);
    }
    for (size_t i = 0; i < n && !cli->quiet;) {
        size_t end = family_end(rules, i);
        struct uct_slice f = family(uct_rules_get(rules, i));
        uct_say("%.*s: %zu", (int)f.n, f.p, end - i);
        i = end;
    }
    if (!cli->quiet)
        uct_say("%zu rules", n);
}

static void list_json(const struct uct_cli *cli, const struct uct_rules *rules, struct uct_buf *b)
{
    struct uct_jsonw j = {.b = b, .first = true};
    uct_jsonw_open(&j, NULL, '{', false);
    uct_jsonw_open(&j, "rules", '[', false);
    for (size_t i = 0; i < uct_rules_count(rules); i++) {
        const struct uct_rule *r = uct_rules_get(rules, i);
        uct_jsonw_open(&j, NULL, '{', true);
        uct_jsonw_str(&j, "id", r->id);
        uct_jsonw_str(&j, "class", uct_class_name(r->class_));
        uct_jsonw_str(&j, "severity", uct_severity_name(r->severity));
        text_member(&j, "title", title_of(cli, r), false);
        uct_jsonw_close(&j, '}');
    }
    uct_jsonw_close(&j, ']');
    uct_jsonw_open(&j, "families", '{', true);
    for (size_t i = 0; i < uct_rules_count(rules);) {
        size_t end = family_end(rules, i);
        struct uct_slice f = family(uct_rules_get(rules, i));
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(f.n < 63 ? f.n : 63), f.p);
        uct_jsonw_u64(&j, name, end - i);
        i = end;
    }
    uct_jsonw_close(&j, '}');
    uct_jsonw_close(&j, '}');
    uct_buf_addc(b, '\n');
}

static int list(const struct uct_cli *cli, const struct uct_rules *rules)
{
    struct uct_buf b = {0};
    if (cli->args.n > 1) {
        uct_say("rules list: takes no operand");
        return 2;
    }
    if (cli->format == UCT_FORMAT_JSON)
        list_json(cli, rules, &b);
    else
        list_text(cli, rules, &b);
    return put(cli, &b);
}

/* ---- show ----------------------------------------------------------------- */

static const char *key_name(enum uct_key k)
{
    static const char *const names[] = {"event", "alarm", "literal", "status", "ms-diagnostics", "result",
                                        "windows-event"};
    return (size_t)k < sizeof names / sizeof *names ? names[k] : "?";
}

static void wrapped(const struct uct_cli *cli, struct uct_buf *b, const char *head, const char *text)
{
    struct uct_buf clear = {0};
    size_t at = uct_columns(uct_slice_str(head));
    unfilled(&clear, text, true);
    uct_buf_adds(b, head);
    uct_wrap(b, uct_slice_str(clear.p), at, at, cli->render.width < 40 ? 40 : cli->render.width);
    b->failed |= clear.failed;
    uct_buf_free(&clear);
}

static void index_keys(const struct uct_rule *r, struct uct_buf *b)
{
    uct_buf_adds(b, "index\n");
    for (size_t i = 0; i < r->nindex; i++) {
        const struct uct_index *x = &r->index[i];
        if (x->text)
            uct_buf_addf(b, "  %s '%s'\n", key_name(x->key), x->text);
        else if (x->key == UCT_KEY_RESULT)
            uct_buf_addf(b, "  %s 0x%08" PRIx32 "\n", key_name(x->key), x->number);
        else if (x->key == UCT_KEY_STATUS && x->number == 0)
            uct_buf_addf(b, "  %s any final one from 300 on\n", key_name(x->key));
        else
            uct_buf_addf(b, "  %s %" PRIu32 "\n", key_name(x->key), x->number);
    }
}

static void page(const struct uct_cli *cli, const struct uct_rule *r, struct uct_buf *b)
{
    const struct uct_text *t = uct_rule_text(r, cli->lang);
    size_t hits = 0;
    uct_buf_addf(b, "%s\n", r->id);
    wrapped(cli, b, "  ", t && t->title ? t->title : "");
    uct_buf_addf(b, "  %s, %s, %s, actor %s\n", uct_class_name(r->class_), uct_severity_name(r->severity),
                 uct_confidence_name(r->confidence), uct_actor_name(r->actor));
    if (t && t->cause) {
        uct_buf_adds(b, "meaning\n");
        wrapped(cli, b, "  ", t->cause);
    }
    if (t && t->nfix)
        uct_buf_adds(b, "fix\n");
    for (size_t i = 0; t && i < t->nfix; i++) {
        char head[16];
        snprintf(head, sizeof head, "  %zu. ", i + 1);
        wrapped(cli, b, head, t->fix[i]);
    }
    index_keys(r, b);
    if (r->nreference)
        uct_buf_adds(b, "references\n");
    for (size_t i = 0; i < r->nreference; i++)
        uct_buf_addf(b, "  %s\n", r->reference[i]);
    for (size_t i = 0; i < r->nsample; i++)
        hits += r->sample[i].hit;
    uct_buf_addf(b, "samples\n  %zu that it must hit, %zu that it must miss\n", hits, r->nsample - hits);
}

static void rule_json(const struct uct_cli *cli, const struct uct_rule *r, struct uct_buf *b)
{
    const struct uct_text *t = uct_rule_text(r, cli->lang);
    struct uct_jsonw j = {.b = b, .first = true};
    uct_jsonw_open(&j, NULL, '{', false);
    uct_jsonw_str(&j, "id", r->id);
    uct_jsonw_str(&j, "class", uct_class_name(r->class_));
    uct_jsonw_str(&j, "severity", uct_severity_name(r->severity));
    uct_jsonw_str(&j, "confidence", uct_confidence_name(r->confidence));
    uct_jsonw_str(&j, "actor", uct_actor_name(r->actor));
    text_member(&j, "title", t ? t->title : NULL, true);
    text_member(&j, "cause", t ? t->cause : NULL, true);
    uct_jsonw_open(&j, "fix", '[', false);
    for (size_t i = 0; t && i < t->nfix; i++)
        text_member(&j, NULL, t->fix[i], true);
    uct_jsonw_close(&j, ']');
    uct_jsonw_open(&j, "references", '[', false);
    for (size_t i = 0; i < r->nreference; i++)
        uct_jsonw_str(&j, NULL, r->reference[i]);
    uct_jsonw_close(&j, ']');
    uct_jsonw_u64(&j, "samples", r->nsample);
    uct_jsonw_close(&j, '}');
    uct_buf_addc(b, '\n');
}

static const char *nearest_rule(const struct uct_rules *rules, const char *id)
{
    for (size_t i = 0; i < uct_rules_count(rules); i++)
        if (uct_slice_ifind(uct_slice_str(uct_rules_get(rules, i)->id), uct_slice_str(id)) != SIZE_MAX)
            return uct_rules_get(rules, i)->id;
    return NULL;
}

/* 1 when there is no such rule: the question was well put. */
/* One page, or one after another. */
static int show(const struct uct_cli *cli, const struct uct_rules *rules)
{
    struct uct_buf b = {0};
    if (cli->args.n < 2 || (cli->args.n > 2 && cli->format == UCT_FORMAT_JSON)) {
        uct_say("rules show: %s ('uctriage rules list' has them)",
                cli->args.n < 2 ? "a rule's ID is needed" : "one rule's ID is needed for JSON");
        return 2;
    }
    for (size_t i = 1; i < cli->args.n; i++) {
        const struct uct_rule *r = uct_rules_find(rules, cli->args.v[i]);
        if (!r) {
            const char *near = nearest_rule(rules, cli->args.v[i]);
            uct_say("no rule '%s'%s%s%s", cli->args.v[i], near ? " (did you mean '" : "", near ? near : "",
                    near ? "'?)" : "");
            uct_buf_free(&b);
            return 1;
        }
        if (i > 1)
            uct_buf_addc(&b, '\n');
        if (cli->format == UCT_FORMAT_JSON)
            rule_json(cli, r, &b);
        else
            page(cli, r, &b);
    }
    return put(cli, &b);
}

/* ---- check ---------------------------------------------------------------- */

/* A sample's text as a file without a name that stays. */
static int sample_file(const char *text, size_t n, char *path, size_t size)
{
    const char *dir = getenv("TMPDIR");
    snprintf(path, size, "%s/uctriage-sample.XXXXXX", dir && *dir ? dir : "/tmp");
    int fd = mkostemp(path, O_CLOEXEC);
    while (fd >= 0 && n) {
        ssize_t k = write(fd, text, n);
        if (k < 0) {
            close(fd);
            unlink(path);
            return -1;
        }
        text += k;
        n -= (size_t)k;
    }
    return fd;
}

static bool analyse_sample(void *arg, const struct uct_rules *rules, const char *text, size_t n,
                           struct uct_buf *fired)
{
    char path[4096];
    int fd = sample_file(text, n, path, sizeof path);
    if (fd < 0) {
        uct_say("cannot write '%s'", path);
        return false;
    }
    close(fd);
    struct uct_options o;
    struct uct_report *r = NULL;
    const char *paths[] = {path};
    (void)arg;
    uct_options_init(&o);
    o.jobs = 1;
    bool ok = uct_analyse(&o, rules, paths, 1, &r) == 0;
    unlink(path);
    for (size_t i = 0; ok && i < r->nfindings; i++)
        uct_buf_addf(fired, "%s\n", r->findings[i].rule->id);
    uct_report_free(r);
    return ok && !fired->failed;
}

static bool check_one(const char *path, struct uct_buf *report)
{
    bool ok = uct_rules_check_file(path, analyse_sample, NULL, report);
    uct_buf_addf(report, "%s: %s\n", path, ok ? "passes" : "fails");
    return ok;
}

static int check(const struct uct_cli *cli)
{
    struct uct_buf b = {0};
    bool ok = true;
    if (cli->args.n < 2) {
        uct_say("rules check: no FILE given");
        return 2;
    }
    for (size_t i = 1; i < cli->args.n; i++)
        ok = check_one(cli->args.v[i], &b) && ok;
    int code = put(cli, &b);
    return code ? code : !ok;
}

int uct_cmd_rules(const struct uct_cli *cli)
{
    const char *what = cli->args.n ? cli->args.v[0] : "";
    if (strcmp(what, "check") == 0)
        return check(cli);
    bool listing = strcmp(what, "list") == 0;
    if (!listing && strcmp(what, "show") != 0) {
        uct_say("rules: say list, show ID or check FILE...");
        return 2;
    }
    struct uct_rules *rules = uct_cli_rules(cli);
    if (!rules)
        return 2;
    int code = listing ? list(cli, rules) : show(cli, rules);
    uct_rules_free(rules);
    return code;
}
