/* Renders a report made by hand and compares every byte with tests/golden/.
 * UCT_ACCEPT=1 rewrites the golden files; the difference is then reviewed. */
#include "report_double.h"
#include "render/layout.h"
#include "render/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

typedef bool render_fn(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                       void *arg);

static bool collect(void *arg, const char *p, size_t n)
{
    struct uct_buf *b = arg;
    uct_buf_add(b, p, n);
    return !b->failed;
}

static void read_file(const char *path, struct uct_buf *b)
{
    char piece[4096];
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s is missing: run with UCT_ACCEPT=1 and review it", path);
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        uct_buf_add(b, piece, n);
    fclose(f);
}

static void golden(const char *name, const struct uct_buf *got)
{
    char path[4096];
    struct uct_buf want = {0};
    snprintf(path, sizeof path, "%s/tests/golden/%s", UCT_SRCDIR, name);
    if (getenv("UCT_ACCEPT")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(got->p, 1, got->n, f), got->n);
        fclose(f);
    }
    read_file(path, &want);
    if (want.n != got->n || memcmp(want.p, got->p, want.n) != 0)
        fail_msg("%s differs; got:\n%s", name, got->p);
    uct_buf_free(&want);
}

static void check(const char *name, struct uct_report *r, render_fn *render, struct uct_render_options o)
{
    struct uct_buf got = {0};
    assert_true(render(r, &o, collect, &got));
    golden(name, &got);
    uct_buf_free(&got);
    uct_report_free(r);
}

static const struct uct_render_options plain = {.width = 80, .utf8 = true};

static struct uct_report *in(struct uct_report *r, const char *lang)
{
    r->lang = lang;
    return r;
}

static void formats(void **state)
{
    (void)state;
    struct uct_render_options o = plain;
    check("report.json", uct_double_report(), uct_render_json, plain);
    check("quiet.json", uct_double_quiet_report(), uct_render_json, plain);
    check("report.ndjson", uct_double_report(), uct_render_ndjson, plain);
    check("report.txt", uct_double_report(), uct_render_text, plain);
    check("report-zh.txt", in(uct_double_report(), "zh-Hant"), uct_render_text, plain);
    check("quiet.txt", uct_double_quiet_report(), uct_render_text, plain);
    check("calls.csv", uct_double_report(), uct_render_calls_csv, plain);
    check("calls.ndjson", uct_double_report(), uct_render_calls_ndjson, plain);
    check("calls-80.txt", uct_double_report(), uct_render_calls, plain);
    o.width = 160;
    check("calls-160.txt", uct_double_report(), uct_render_calls, o);
    o = (struct uct_render_options){.width = 60, .colour = true, .show_skipped = true, .quiet = true};
    check("report-60.txt", uct_double_report(), uct_render_text, o);
}

/* No line of the text is longer than the width, but words that cannot be broken. */
static void widths(void **state)
{
    (void)state;
    for (unsigned width = 20; width < 120; width += 7) {
        for (int zh = 0; zh < 2; zh++) {
            struct uct_report *r = in(uct_double_report(), zh ? "zh-Hant" : "en");
            struct uct_render_options o = {.width = width, .utf8 = zh};
            struct uct_buf got = {0};
            assert_true(uct_render_text(r, &o, collect, &got));
            struct uct_slice rest = uct_slice(got.p, got.n), line;
            while (uct_next_line(&rest, &line)) {
                struct uct_slice word = uct_slice_trim(line);
                if (width >= 80 || uct_slice_find(word, UCT_S(" ")) != SIZE_MAX)
                    assert_true(uct_columns(line) <= (width < 60 ? 60 : width));
                for (size_t i = 0; i < line.n; i++)
                    assert_true((unsigned char)line.p[i] >= 0x20 && line.p[i] != 0x7f);
            }
            uct_buf_free(&got);
            uct_report_free(r);
        }
    }
}

static void json_string(void **state)
{
    (void)state;
    struct uct_buf b = {0};
    uct_json_string(&b, NULL);
    uct_json_string(&b, "");
    uct_json_string(&b, "a\"b\\c\n\t\x01\r\xff\xe4\xb8\xad\xe2\x80\xae\xf3\xa0\x80\x81.");
    assert_string_equal(b.p,
                        "null\"\"\"a\\\"b\\\\c\\n\\t\\u0001\\u000d\xef\xbf\xbd\xe4\xb8\xad\\u202e\\udb40\\udc01.\"");
    uct_buf_free(&b);
}

static void wraps(const char *text, size_t width, const char *want)
{
    struct uct_buf b = {0};
    uct_wrap(&b, uct_slice_str(text), 0, 2, width);
    assert_string_equal(b.p, want);
    uct_buf_free(&b);
}

/* What shows nothing but reorders, joins or hides text is replaced, a column each; what has a letter stays. */
static void hidden(void)
{
    static const char *const all[] = {
        "\xc2\xad", "\xd8\x9c", "\xe1\xa0\x8e", "\xe2\x80\x8b", "\xe2\x80\x8d", "\xe2\x80\x8f",
        "\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa0", "\xe2\x81\xa4", "\xe2\x81\xa6", "\xe2\x81\xaf",
        "\xef\xbb\xbf", "\xef\xbf\xb9", "\xef\xbf\xbb", "\xf0\x9d\x85\xb3", "\xf3\xa0\x80\x81", "\xf3\xa0\x81\xbf",
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        wraps(all[i], 20, "\xef\xbf\xbd\n");
        assert_int_equal(uct_columns(uct_slice_str(all[i])), 1);
    }
    wraps("\xc2\xac\xd8\x9b\xe2\x80\x90\xe2\x98\x83\xef\xb8\x8f", 20,
          "\xc2\xac\xd8\x9b\xe2\x80\x90\xe2\x98\x83\xef\xb8\x8f\n");
}

static void wrapping(void **state)
{
    (void)state;
    wraps("", 10, "\n");
    wraps("  one two  three ", 8, "one two\n  three\n");
    wraps("unbreakable-token x", 5, "unbreakable-token\n  x\n");
    wraps("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97\xe3\x80\x82\xe5\xa5\xbd", 6,
          "\xe4\xb8\xad\xe6\x96\x87\n  \xe5\xad\x97\xe3\x80\x82\n  \xe5\xa5\xbd\n");
    wraps("a\x1b[2Jb", 20, "a\xef\xbf\xbd[2Jb\n");
    hidden();
    assert_int_equal(uct_columns(UCT_S("e\xcc\x81\xe4\xb8\xad\xff")), 4);
    /* Thai: a letter and two marks; Devanagari: a vowel with a place of its own. */
    assert_int_equal(uct_columns(UCT_S("\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88")), 1);
    assert_int_equal(uct_columns(UCT_S("\xe0\xa4\xb9\xe0\xa4\xbf")), 2);
}

static void fitting(void **state)
{
    (void)state;
    struct uct_buf b = {0};
    uct_pad(&b, UCT_S("abc"), 5, "...");
    uct_fit(&b, UCT_S("abcdefgh"), 5, "...");
    uct_fit(&b, UCT_S("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97"), 5, ".");
    uct_fit(&b, UCT_S("a\nb\tc"), 5, ".");
    uct_fit(&b, UCT_S("abcdef"), 2, "...");
    assert_string_equal(b.p, "abc  ab...\xe4\xb8\xad\xe6\x96\x87.a b cab");
    uct_buf_free(&b);
}

static void exit_codes(void **state)
{
    (void)state;
    struct uct_report *r = uct_double_report();
    assert_int_equal(uct_report_exit(r), 3);
    r->sources[1].state = UCT_STATE_DUPLICATE;
    assert_int_equal(uct_report_exit(r), 1);
    r->findings[0].shown = r->findings[1].shown = r->findings[2].shown = false;
    assert_int_equal(uct_report_exit(r), 0);       /* missing information alone */
    r->nsources = 0;
    assert_int_equal(uct_report_exit(r), 3);
    uct_report_free(r);
    uct_report_free(NULL);
    assert_string_equal(uct_outcome_name(UCT_UNANSWERED), "unanswered");
}

/* Findings that explain each other in a ring, and one that explains itself. */
static void rings(void **state)
{
    (void)state;
    static const uint32_t first[] = {0}, third[] = {2};
    struct uct_report *r = uct_double_report();
    struct uct_buf got = {0};
    r->findings[1].explains = first;
    r->findings[1].nexplains = 1;
    r->findings[2].explains = third;
    r->findings[2].nexplains = 1;
    assert_true(uct_render_text(r, &plain, collect, &got));
    assert_non_null(strstr(got.p, "f1  The SRV record"));
    assert_non_null(strstr(got.p, "f3  A 480"));
    uct_buf_free(&got);
    uct_report_free(r);
}

/* Takes n writes, then refuses. */
static bool refuse(void *arg, const char *p, size_t n)
{
    int *left = arg;
    (void)p;
    (void)n;
    return (*left)-- > 0;
}

static void failing_writes(void **state)
{
    (void)state;
    render_fn *const all[] = {uct_render_text, uct_render_json, uct_render_ndjson, uct_render_calls,
                              uct_render_calls_csv, uct_render_calls_ndjson};
    struct uct_report *r = uct_double_report();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int left = 0, writes = 1000;
        assert_false(all[i](r, &plain, refuse, &left));
        assert_true(all[i](r, &plain, refuse, &writes));
        left = 1000 - writes - 1;
        assert_false(all[i](r, &plain, refuse, &left));
    }
    uct_report_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats), cmocka_unit_test(widths), cmocka_unit_test(json_string),
        cmocka_unit_test(wrapping), cmocka_unit_test(fitting), cmocka_unit_test(exit_codes),
        cmocka_unit_test(rings), cmocka_unit_test(failing_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
