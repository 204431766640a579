/* detect: kinds by magic and by lines, and the matrix of every sample and every parser's bid.
 * UCT_ACCEPT=1 in the environment writes tests/golden/bids.txt anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "detect/detect.h"

#define WINDOW (256 * 1024)
#define MAX_PARSERS 32

static void expect(struct uct_slice text, const char *format, bool unsupported)
{
    struct uct_detection d;
    char *copy = malloc(text.n ? text.n : 1);
    memcpy(copy, text.p, text.n);
    uct_detect(uct_slice(copy, text.n), true, &d);
    free(copy);
    assert_string_equal(d.format, format);
    assert_int_equal(d.unsupported, unsupported);
    if (strcmp(format, "unknown") != 0)
        assert_true((d.parser == NULL) == (d.note != NULL));
}

static void magics(void **state)
{
    (void)state;
    expect(UCT_S("\xD4\xC3\xB2\xA1\x02\0\x04\0"), "pcap", false);
    expect(UCT_S("\xA1\xB2\x3C\x4D\0\x02\0\x04"), "pcap", false);
    expect(UCT_S("\x0A\x0D\x0D\x0A\x1C\0\0\0\x4D\x3C\x2B\x1A"), "pcap", false);
    expect(UCT_S("\x0A\x0D\x0D\x0A\0\0\0\x1C\x1A\x2B\x3C\x4D"), "pcap", false);
    expect(UCT_S("%PDF-1.7\n"), "pdf", true);
    expect(UCT_S("\x89PNG\r\n\x1A\n"), "image", true);
    expect(UCT_S("\xFF\xD8\xFF\xE0"), "image", true);
    expect(UCT_S("GIF89a"), "image", true);
    expect(UCT_S("BM\0\0\x01\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), "image", true);
    expect(UCT_S("RIFF\x10\0\0\0WEBPVP8 "), "image", true);
    expect(UCT_S("MM\0*"), "image", true);
    expect(UCT_S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "office", true);
    expect(UCT_S("\x7F" "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0"), "core-dump", true);
    expect(UCT_S("\x7F" "ELF\x01\x02\x01\0\0\0\0\0\0\0\0\0\0\x04"), "core-dump", true);
    expect(UCT_S("\x7F" "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0"), "executable", true);
    expect(UCT_S("MDMP\x93\xA7\0\0"), "core-dump", true);
    expect(UCT_S("ElfFile\0"), "evtx", true);
    expect(UCT_S("SQLite format 3\0"), "sqlite", true);
}

static void programs(void **state)
{
    char p[0x90] = "MZ";
    (void)state;
    p[0x3C] = (char)0x80;
    memcpy(p + 0x80, "PE\0\0", 4);
    expect(uct_slice(p, sizeof p), "executable", true);
    p[0x80] = 'Q';
    expect(uct_slice(p, sizeof p), "unknown", false);
}

static void event_traces(void **state)
{
    char p[128] = {0};
    (void)state;
    p[2] = p[106] = 1;             /* buffers of 64 KiB */
    p[72] = 2;                     /* version, 64-bit system header, its flags */
    p[74] = 2;
    p[75] = (char)0xC0;
    p[76] = 32;
    expect(uct_slice(p, sizeof p), "etl", true);
    expect(uct_slice(p, 100), "unknown", false);
    p[106] = 2;
    expect(uct_slice(p, sizeof p), "unknown", false);
}

static void no_kind(void **state)
{
    (void)state;
    expect(UCT_S(""), "unknown", false);
    expect(UCT_S("BM is the name of a street"), "unknown", false);
    expect(UCT_S("MZ"), "unknown", false);
    expect(UCT_S("a,b,c\n1,2,3\n"), "unknown", false);
    expect(UCT_S("<html><body>Configuration</body></html>"), "unknown", false);
    expect(UCT_S("\x30\x82\x03\x1A\0\0"), "unknown", false);
}

/* A line that another parser reads as a whole record is not outvoted by lines that have a look-alike stamp.
 */
static void a_log_wins(void **state)
{
    (void)state;
    expect(UCT_S("2021-02-15 13:55:48.784 Info a note of the writer\n"
                 "01/15/2012|12:52:01.001 A:B INFO  :: Data Received -192.0.2.1:5061 (To Local Address: x) 4 "
                 "bytes\n"
                 "01/15/2012|12:52:01.001 A:B INFO  :: End of Data Received -192.0.2.1:5061\n"),
           "uccapi", false);
}

static void kinds_alone(void **state)
{
    struct uct_detection d;
    (void)state;
    assert_true(uct_known_kind(UCT_S("*c xConfiguration Zones Zone 1 Name: \"a\"\n"), &d));
    assert_string_equal(d.format, "xconfiguration");
    assert_false(uct_known_kind(UCT_S("nothing\n"), &d));
}

/* ---- the matrix -------------------------------------------------------- */

struct names {
    char **items;
    size_t n, cap;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(struct names *l, const char *dir)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/testdata/%s", UCT_SRCDIR, dir);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        struct stat st;
        char rel[2048], full[8192];
        if (e->d_name[0] == '.' || (!*dir && strcmp(e->d_name, "fuzz") == 0))
            continue;              /* seeds of fuzz targets are no samples */
        snprintf(rel, sizeof rel, "%s%s%s", dir, *dir ? "/" : "", e->d_name);
        snprintf(full, sizeof full, "%s/testdata/%s", UCT_SRCDIR, rel);
        if (stat(full, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            list(l, rel);
        else if (S_ISREG(st.st_mode)) {
            assert_true(UCT_ROOM(l->items, l->n, l->cap));
            l->items[l->n++] = strdup(rel);
        }
    }
    closedir(d);
}

static bool reads_one_format(const char *name)
{
    return strcmp(name, "excerpt") != 0 && strcmp(name, "sip") != 0 && strcmp(name, "text") != 0;
}

/* No two parsers of one format may want the same sample almost equally. */
static void check_clear(const char *sample, const int *bids)
{
    int first = 0, second = 0;
    for (size_t i = 0; uct_parsers[i]; i++) {
        if (!reads_one_format(uct_parsers[i]->name))
            continue;
        if (bids[i] > first) {
            second = first;
            first = bids[i];
        } else if (bids[i] > second) {
            second = bids[i];
        }
    }
    if (first >= UCT_BID_RECORD && first - second < UCT_BID_MORE)
        fail_msg("%s: bids %d and %d are too close", sample, first, second);
}

static void add_row(struct uct_buf *out, const char *rel)
{
    static char window[WINDOW];
    char path[8192];
    int bids[MAX_PARSERS] = {0};
    struct uct_detection d;
    snprintf(path, sizeof path, "%s/testdata/%s", UCT_SRCDIR, rel);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(window, 1, sizeof window, f);
    bool whole = feof(f) || n < sizeof window;
    fclose(f);
    uct_detect_bids(uct_slice(window, n), whole, bids, MAX_PARSERS);
    uct_detect(uct_slice(window, n), whole, &d);
    check_clear(rel, bids);
    uct_buf_addf(out, "%s %s", rel, d.format);
    for (size_t i = 0; uct_parsers[i]; i++)
        if (bids[i])
            uct_buf_addf(out, " %s=%d", uct_parsers[i]->name, bids[i]);
    uct_buf_addc(out, '\n');
}

static void compare(const struct uct_buf *got)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/tests/golden/bids.txt", UCT_SRCDIR);
    if (getenv("UCT_ACCEPT")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(got->p, 1, got->n, f), got->n);
        assert_int_equal(fclose(f), 0);
        return;
    }
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *want = calloc(1, 1 << 20);
    size_t n = fread(want, 1, (1 << 20) - 1, f);
    fclose(f);
    struct uct_slice a = uct_slice(want, n), b = uct_slice(got->p, got->n), la, lb;
    bool equal = uct_slice_eq(a, b);
    while (!equal && uct_next_line(&a, &la) | uct_next_line(&b, &lb)) {
        if (!uct_slice_eq(la, lb)) {
            print_message("want: %.*s\n got: %.*s\n", (int)la.n, la.p, (int)lb.n, lb.p);
            break;
        }
    }
    free(want);
    assert_true(equal);
}

static void matrix(void **state)
{
    struct names l = {0};
    struct uct_buf out = {0};
    (void)state;
    assert_true(uct_parsers_count() <= MAX_PARSERS);
    list(&l, "");
    qsort(l.items, l.n, sizeof *l.items, by_name);
    uct_buf_adds(&out,
                 "# sample, format decided, bids that are not 0; UCT_ACCEPT=1 tests/test_detect writes it\n");
    for (size_t i = 0; i < l.n; i++) {
        add_row(&out, l.items[i]);
        free(l.items[i]);
    }
    free(l.items);
    assert_false(out.failed);
    compare(&out);
    uct_buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(magics), cmocka_unit_test(programs), cmocka_unit_test(event_traces),
        cmocka_unit_test(no_kind), cmocka_unit_test(a_log_wins), cmocka_unit_test(kinds_alone),
        cmocka_unit_test(matrix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
