/* The second reading: ranges of plain, mapped, compressed and archived streams,
 * in any order; what changed meanwhile is lost, not wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "quote/quote.h"

#define FILE_NAME "test_quote.txt"
#define GZIP_NAME "test_quote.gz"
#define SIZE 300000u

/* Text in which every place can be told: lines of eight digits. */
static char *numbers(void)
{
    char *p = malloc(SIZE + 1);
    assert_non_null(p);
    for (size_t i = 0; i < SIZE; i += 10)
        snprintf(p + i, 11, "%09zu\n", i);
    return p;
}

static void write_files(const char *text)
{
    FILE *f = fopen(FILE_NAME, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, SIZE, f), SIZE);
    assert_int_equal(fclose(f), 0);
    gzFile g = gzopen(GZIP_NAME, "wb");
    assert_non_null(g);
    assert_int_equal(gzwrite(g, text, SIZE), SIZE);
    assert_int_equal(gzclose(g), Z_OK);
}

struct got {
    const char *text;
    const struct uct_quote_item *wanted;
    size_t n, lost;
};

static void take(void *arg, size_t tag, struct uct_slice text, bool lost)
{
    struct got *g = arg;
    g->n++;
    g->lost += lost;
    if (lost) {
        assert_int_equal(text.n, 0);
        return;
    }
    assert_int_equal(text.n, g->wanted[tag].length);
    assert_memory_equal(text.p, g->text + g->wanted[tag].offset, text.n);
}

static struct got read_items(const struct uct_options *o, const char *text,
                             const struct uct_quote_item *wanted, size_t n, void (*meanwhile)(void))
{
    static const char *const paths[] = {FILE_NAME, GZIP_NAME};
    struct uct_quote_item items[16];
    struct uct_quote *q = NULL;
    struct got g = {.text = text, .wanted = wanted};
    memcpy(items, wanted, n * sizeof *items);
    assert_int_equal(uct_quote_new(&q, o, paths, 2), UCT_OK);
    if (meanwhile)
        meanwhile();
    assert_int_equal(uct_quote_read(q, items, n, take, &g), UCT_OK);
    uct_quote_free(q);
    assert_int_equal(g.n, n);
    return g;
}

static const struct uct_quote_item wanted[] = {
    {FILE_NAME, 299990, 10, 0}, {FILE_NAME, 0, 10, 1},        {FILE_NAME "#2", 5, 150000, 2},
    {FILE_NAME "@57", 100, 20, 3}, {FILE_NAME, 100, 20, 4},   {GZIP_NAME, 299000, 1000, 5},
    {GZIP_NAME "@1#3", 0, 1, 6},   {GZIP_NAME, 70000, 65536, 7}, {FILE_NAME, 250000, 0, 8},
};

static void ranges(void **state)
{
    (void)state;
    char *text = numbers();
    struct uct_options o = {.jobs = 1};
    write_files(text);
    assert_int_equal(read_items(&o, text, wanted, 9, NULL).lost, 0);
    o.map = uct_guard_install();
    assert_int_equal(read_items(&o, text, wanted, 9, NULL).lost, 0);
    free(text);
}

static void not_there(void **state)
{
    (void)state;
    static const struct uct_quote_item items[] = {
        {FILE_NAME, SIZE - 5, 10, 0}, {FILE_NAME, 10ull * SIZE, 1, 1}, {GZIP_NAME, SIZE, 1, 2},
        {"other", 0, 1, 3},           {FILE_NAME "x", 0, 1, 4},
    };
    char *text = numbers();
    struct uct_options o = {.jobs = 1};
    write_files(text);
    assert_int_equal(read_items(&o, text, items, 5, NULL).lost, 5);
    o.map = uct_guard_install();
    assert_int_equal(read_items(&o, text, items, 5, NULL).lost, 5);
    free(text);
}

static void grow(void)
{
    FILE *f = fopen(FILE_NAME, "ab");
    assert_non_null(f);
    assert_int_equal(fputc('x', f), 'x');
    assert_int_equal(fclose(f), 0);
}

static void vanish(void)
{
    assert_int_equal(unlink(GZIP_NAME), 0);
}

static void changed(void **state)
{
    (void)state;
    char *text = numbers();
    struct uct_options o = {.jobs = 1};
    write_files(text);
    assert_int_equal(read_items(&o, text, wanted, 9, grow).lost, 6);
    write_files(text);
    assert_int_equal(read_items(&o, text, wanted, 9, vanish).lost, 3);
    free(text);
}

static bool head(struct uct_slice line)
{
    return line.n && line.p[line.n - 1] == '0' && line.p[line.n - 2] == '0';      /* every tenth line */
}

static void lines(void **state)
{
    (void)state;
    static const char *const paths[] = {FILE_NAME};
    char *text = numbers();
    struct uct_options o = {.jobs = 1};
    struct uct_quote *q = NULL;
    write_files(text);
    assert_int_equal(uct_quote_new(&q, &o, paths, 1), UCT_OK);
    struct uct_quote_place at = {.source = FILE_NAME, .head = head, .line = 20005};
    assert_int_equal(uct_quote_line(q, &at), UCT_OK);
    assert_int_equal(at.first, 20001);
    assert_int_equal(at.text.n, 100);
    assert_memory_equal(at.text.p, text + 200000, 100);
    uct_buf_free(&at.text);
    at = (struct uct_quote_place){.source = FILE_NAME, .line = 30000};
    assert_int_equal(uct_quote_line(q, &at), UCT_OK);
    assert_int_equal(at.first, 30000);
    assert_int_equal(at.text.n, 10);
    uct_buf_free(&at.text);
    at = (struct uct_quote_place){.source = FILE_NAME, .head = head, .line = 30001};
    assert_int_equal(uct_quote_line(q, &at), UCT_OK);
    assert_int_equal(at.text.n, 0);
    uct_buf_free(&at.text);
    uct_quote_free(q);
    free(text);
}

static int clean(void **state)
{
    (void)state;
    unlink(FILE_NAME);
    unlink(GZIP_NAME);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges),
        cmocka_unit_test(not_there),
        cmocka_unit_test(changed),
        cmocka_unit_test(lines),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
