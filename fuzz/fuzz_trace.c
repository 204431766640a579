/* Fuzz target: several logs become one conversation, and all that is drawn of it.
 *
 * A line "%%" cuts the data into at most four files; clocks, joins, absences,
 * ladder, diff and the quoted texts are made of them.  What must hold for any
 * bytes: the commands succeed, JSON is JSON, nothing that a terminal would obey
 * stands in any of it, and neither threads nor the order of the files show. */
#include "input/input.h"
#include "render/trace.h"
#include "tests/jsonlite.h"
#include "uctriage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 4 };

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

static void must_be_clean(const struct uct_buf *text)
{
    struct uct_buf b = {0};
    uct_utf8_clean(&b, uct_slice(text->p, text->n));
    must(b.n == text->n && (!b.n || memcmp(b.p, text->p, b.n) == 0));
    uct_buf_free(&b);
}

static void must_be_json(const struct uct_buf *text)
{
    struct uct_arena a = {0};
    size_t error = 0;
    must(json_parse(&a, uct_slice(text->p, text->n), &error) != NULL);
    uct_arena_free(&a);
}

static void draw(const struct uct_report *r, struct uct_buf *out)
{
    static const struct uct_render_options wide = {.width = 80}, narrow = {.width = 44, .utf8 = true, .by_session = true,
                                                                          .joins = true};
    static const struct uct_ladder_options all = {.all = true, .joins = true, .original_time = true}, some = {.all = false};
    struct uct_buf json = {0};
    must(uct_render_ladder(r, &wide, &some, to_buf, out) && uct_render_ladder(r, &narrow, &all, to_buf, out) &&
         uct_render_show(r, &wide, to_buf, out) && uct_render_diff(r, &wide, to_buf, out) &&
         uct_render_calls(r, &narrow, to_buf, out) && uct_render_text(r, &wide, to_buf, out));
    must_be_clean(out);
    must(uct_render_ladder_json(r, to_buf, &json));
    must_be_json(&json);
    must_be_clean(&json);
    uct_buf_add(out, json.p, json.n);
    json.n = 0;
    must(uct_render_diff_json(r, to_buf, &json));
    must_be_json(&json);
    must_be_clean(&json);
    uct_buf_add(out, json.p, json.n);
    json.n = 0;
    must(uct_render_show_json(r, to_buf, &json));
    must_be_json(&json);
    must_be_clean(&json);
    uct_buf_free(&json);
}

static bool is_call(const struct uct_rwant *w)
{
    return w->found && w->source == UINT32_MAX;
}

static struct uct_buf trace(const struct uct_rules *rules, const struct files *f, unsigned jobs)
{
    static const char *const want[] = {"c1", "c2"};
    struct uct_limits limits = uct_limits_default;
    struct uct_options o;
    struct uct_report *r = NULL;
    struct uct_buf out = {0};
    must(uct_limits_parse(&limits, "bytes=16M,members=64,depth=4") == NULL);
    uct_options_init(&o);
    o.jobs = jobs;
    o.limits = &limits;
    o.want = want;
    o.nwant = 2;
    o.want_text = o.want_session = true;
    must(uct_analyse(&o, rules, f->path, f->n, &r) == 0);
    if (is_call(&r->trace->wants[0]) && is_call(&r->trace->wants[1]))
        draw(r, &out);
    uct_report_free(r);
    return out;
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
    struct uct_buf one = trace(builtin(), &f, 1);
    if (uct_hash(data, size, 0) % 4 == 0) {
        struct uct_buf two = trace(builtin(), &f, 2);
        must(one.n == two.n && (!one.n || memcmp(one.p, two.p, one.n) == 0));
        uct_buf_free(&two);
    }
    uct_buf_free(&one);
    for (size_t i = 0; i < f.n; i++)
        close(f.fd[i]);
    return 0;
}
