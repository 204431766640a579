/* Every sample of every built-in rule through the whole program, and the log of
 * things that are no fault: what fires on what.
 *
 *   federation.not-allowed +1 root-cause:federation.not-allowed
 *   federation.not-allowed -1 root-cause:federation.user-unknown
 *   normal/hung-up.log
 *
 * A rule fires on its hits (+) and not on its misses (-); a hit of a root cause
 * proves no second one that has nothing to do with it; nothing normal is a fault.
 * UCT_ACCEPT=1 writes tests/golden/rule-matrix.txt anew: look at the difference. */
#include "diagnose/load.h"
#include "report/report.h"
#include "uctriage.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define GOLDEN UCT_SRCDIR "/tests/golden/rule-matrix.txt"
#define SAMPLE_MAX ((size_t)4 << 20)

struct matrix {
    const struct uct_rules *rules;
    struct uct_buf out;
    unsigned faults;
    char path[64];                  /* of the file that a sample is written to */
};

static void fault(struct matrix *m, const char *rule, unsigned number, const char *what, const char *other)
{
    print_error("%s, sample %u: %s%s\n", rule, number, what, other);
    m->faults++;
}

static struct uct_report *analyse(const struct matrix *m, const char *path)
{
    struct uct_options o;
    struct uct_report *r = NULL;
    uct_options_init(&o);
    o.jobs = 1;
    assert_int_equal(uct_analyse(&o, m->rules, &path, 1, &r), 0);
    return r;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* " class:rule" for each rule that fired, once, in order of the alphabet. */
static void put_fired(struct uct_buf *out, const struct uct_report *r)
{
    char **v = calloc(r->nfindings + 1, sizeof *v);
    assert_non_null(v);
    for (size_t i = 0; i < r->nfindings; i++) {
        const struct uct_rule *rule = r->findings[i].rule;
        v[i] = malloc(strlen(rule->id) + 32);
        assert_non_null(v[i]);
        sprintf(v[i], "%s:%s", uct_class_name(r->findings[i].class_), rule->id);
    }
    qsort(v, r->nfindings, sizeof *v, by_text);
    for (size_t i = 0; i < r->nfindings; i++)
        if (i == 0 || strcmp(v[i], v[i - 1]) != 0)
            uct_buf_addf(out, " %s", v[i]);
    uct_buf_addc(out, '\n');
    for (size_t i = 0; i < r->nfindings; i++)
        free(v[i]);
    free(v);
}

/* ---- samples of rules -------------------------------------------------- */

static bool explains(const struct uct_rule *a, const struct uct_rule *b)
{
    for (size_t i = 0; i < a->nexplains; i++)
        if (strcmp(a->explains[i].rule, b->id) == 0)
            return true;
    return false;
}

static void judge(struct matrix *m, const struct uct_rule *rule, unsigned number, bool hit,
                  const struct uct_report *r)
{
    bool fired = false;
    for (size_t i = 0; i < r->nfindings; i++) {
        const struct uct_rule *other = r->findings[i].rule;
        if (strcmp(other->id, rule->id) == 0)
            fired = true;
        else if (hit && rule->class_ == UCT_ROOT_CAUSE && other->class_ == UCT_ROOT_CAUSE &&
                 !explains(rule, other) && !explains(other, rule))
            fault(m, rule->id, number, "is a root cause of another rule too: ", other->id);
    }
    if (fired != hit)
        fault(m, rule->id, number, hit ? "does not fire" : "fires", "");
}

static void write_sample(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void run_sample(struct matrix *m, const struct uct_rule *rule, unsigned number)
{
    const struct uct_sample *s = &rule->sample[number - 1];
    char shipped[4096];
    const char *path = m->path;
    if (s->file) {
        snprintf(shipped, sizeof shipped, "%s/%s", UCT_SRCDIR, s->file);
        path = shipped;
    } else {
        write_sample(path, s->text, strlen(s->text));
    }
    struct uct_report *r = analyse(m, path);
    judge(m, rule, number, s->hit, r);
    uct_buf_addf(&m->out, "%s %c%u", rule->id, s->hit ? '+' : '-', number);
    put_fired(&m->out, r);
    uct_report_free(r);
}

/* ---- what is normal ---------------------------------------------------- */

static void run_normal(struct matrix *m, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/testdata/normal/%s", UCT_SRCDIR, name);
    struct uct_report *r = analyse(m, path);
    for (size_t i = 0; i < r->nfindings; i++) {
        const struct uct_rule *rule = r->findings[i].rule;
        if (rule->class_ != UCT_ADVICE && rule->class_ != UCT_MISSING)
            fault(m, name, 1, "is no fault, but fires ", rule->id);
    }
    uct_buf_addf(&m->out, "normal/%s", name);
    put_fired(&m->out, r);
    uct_report_free(r);
}

static int logs(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 4 && strcmp(d->d_name + n - 4, ".log") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void run_all_normal(struct matrix *m)
{
    struct dirent **v;
    int n = scandir(UCT_SRCDIR "/testdata/normal", &v, logs, by_bytes);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        run_normal(m, v[i]->d_name);
        free(v[i]);
    }
    free(v);
}

/* ---- the golden file --------------------------------------------------- */

static void compare(struct matrix *m)
{
    if (getenv("UCT_ACCEPT")) {
        write_sample(GOLDEN, m->out.p, m->out.n);
        return;
    }
    size_t n = 0;
    char *want = uct_read_file(GOLDEN, SAMPLE_MAX, &n);
    assert_non_null(want);
    struct uct_slice a = uct_slice(want, n), b = uct_slice(m->out.p, m->out.n), la = {0}, lb = {0};
    while (uct_next_line(&a, &la) | uct_next_line(&b, &lb)) {
        if (!uct_slice_eq(la, lb)) {
            print_error("want: %.*s\n got: %.*s\n", (int)la.n, la.p, (int)lb.n, lb.p);
            m->faults++;
            break;
        }
        la = lb = uct_slice("", 0);
    }
    free(want);
}

static void matrix(void **state)
{
    struct uct_rules *rules = NULL;
    struct uct_buf errors = {0};
    (void)state;
    assert_int_equal(uct_rules_load(&rules, NULL, 0, &errors), UCT_OK);
    struct matrix m = {.rules = rules, .path = "rule-matrix.XXXXXX"};
    int fd = mkstemp(m.path);
    assert_true(fd >= 0);
    close(fd);
    uct_buf_adds(&m.out, "# rule, sample (+ must hit, - must miss), what fires; "
                         "UCT_ACCEPT=1 tests/test_rule_matrix writes it\n");
    for (size_t i = 0; i < uct_rules_count(rules); i++)
        for (unsigned k = 1; k <= uct_rules_get(rules, i)->nsample; k++)
            run_sample(&m, uct_rules_get(rules, i), k);
    run_all_normal(&m);
    unlink(m.path);
    assert_false(m.out.failed);
    compare(&m);
    uct_buf_free(&m.out);
    uct_buf_free(&errors);
    uct_rules_free(rules);
    assert_int_equal(m.faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(matrix)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
