/* Fuzz target: the whole way, from the bytes of files to every report.
 *
 * A line "%%" cuts the data into several files, so that calls, clocks and
 * duplicates across sources are reached too.  What must hold for any bytes:
 * JSON and NDJSON are JSON; nothing that a terminal would obey stands in any
 * report; two threads and mapped files give the same bytes as one thread that
 * reads. */
#include "input/input.h"
#include "render/render.h"
#include "tests/jsonlite.h"
#include "uctriage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 6 };

struct files {
    int fd[FILES];
    char name[FILES][40];
    const char *path[FILES];
    size_t n;
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* No room for a file is no fault of what is tested. */
static void add_file(struct files *f, struct uct_slice text)
{
    int fd = memfd_create("fuzz", 0);
    if (fd < 0)
        return;
    if (write(fd, text.p, text.n) != (ssize_t)text.n) {
        close(fd);
        return;
    }
    snprintf(f->name[f->n], sizeof f->name[f->n], "/proc/self/fd/%d", fd);
    f->path[f->n] = f->name[f->n];
    f->fd[f->n++] = fd;
}

static void make_files(struct files *f, struct uct_slice data)
{
    while (f->n + 1 < FILES) {
        size_t at = uct_slice_find(data, UCT_S("\n%%\n"));
        if (at == SIZE_MAX)
            break;
        add_file(f, uct_slice(data.p, at + 1));
        data = uct_slice(data.p + at + 4, data.n - at - 4);
    }
    add_file(f, data);
}

static bool to_buf(void *arg, const char *p, size_t n)
{
    struct uct_buf *b = arg;
    uct_buf_add(b, p, n);
    return !b->failed;
}

static void must_be_json(struct uct_slice text)
{
    struct uct_arena a = {0};
    size_t error = 0;
    must(json_parse(&a, text, &error) != NULL);
    uct_arena_free(&a);
}

/* Clean text comes out of the cleaner as it went in. */
static void must_be_clean(struct uct_slice text)
{
    struct uct_buf b = {0};
    uct_utf8_clean(&b, text);
    must(b.n == text.n && (!b.n || memcmp(b.p, text.p, b.n) == 0));
    uct_buf_free(&b);
}

static void check_json(const struct uct_buf *b)
{
    must_be_json(uct_slice(b->p, b->n));
    must_be_clean(uct_slice(b->p, b->n));
}

static void check_others(const struct uct_report *r)
{
    static const struct uct_render_options narrow = {.width = 44, .utf8 = true, .show_skipped = true};
    struct uct_buf b = {0};
    struct uct_slice rest, line;
    must(uct_render_ndjson(r, &narrow, to_buf, &b));
    rest = uct_slice(b.p, b.n);
    while (uct_next_line(&rest, &line))
        must_be_json(line);
    b.n = 0;
    must(uct_render_text(r, &narrow, to_buf, &b) && uct_render_calls(r, &narrow, to_buf, &b) &&
         uct_render_calls_csv(r, &narrow, to_buf, &b));
    /* CSV lines end in CRLF, which the cleaner turns into LF. */
    for (size_t i = 0, n = b.n, to = b.n = 0; i < n; i++, b.n = to)
        if (b.p[i] != '\r')
            b.p[to++] = b.p[i];
    must_be_clean(uct_slice(b.p, b.n));
    uct_buf_free(&b);
}

/* The report as JSON; all other formats are checked on the way. */
static struct uct_buf analyse(const struct uct_rules *rules, const struct files *f, unsigned jobs, bool all)
{
    struct uct_limits limits = uct_limits_default;
    struct uct_options o;
    struct uct_report *r = NULL;
    struct uct_buf json = {0};
    must(uct_limits_parse(&limits, "bytes=16M,members=64,depth=4") == NULL);
    uct_options_init(&o);
    o.jobs = jobs;
    o.map = jobs > 1;
    o.limits = &limits;
    must(uct_analyse(&o, rules, f->path, f->n, &r) == 0);
    must(uct_render_json(r, &(struct uct_render_options){.width = 80}, to_buf, &json));
    if (all) {
        check_json(&json);
        check_others(r);
    }
    uct_report_free(r);
    return json;
}

/* Loaded once: that takes longer than most runs. */
static const struct uct_rules *builtin(void)
{
    static struct uct_rules *rules;
    if (!rules) {
        must(uct_rules_load(&rules, NULL, 0, NULL) == UCT_OK);
        uct_guard_install();
    }
    return rules;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct files f = {.n = 0};
    make_files(&f, uct_slice((const char *)data, size));
    struct uct_buf one = analyse(builtin(), &f, 1, true);
    if (uct_hash(data, size, 0) % 4 == 0) {
        struct uct_buf two = analyse(builtin(), &f, 2, false);
        must(one.n == two.n && memcmp(one.p, two.p, one.n) == 0);
        uct_buf_free(&two);
    }
    uct_buf_free(&one);
    for (size_t i = 0; i < f.n; i++)
        close(f.fd[i]);
    return 0;
}
