#include "fuzz/whole.h"

#include "input/input.h"
#include "diagnose/rules.h"
#include "tests/jsonlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void must(bool ok)
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

void files_make(struct files *f, struct uct_slice data, size_t most)
{
    while (f->n + 1 < most) {
        size_t at = uct_slice_find(data, UCT_S("\n%%\n"));
        if (at == SIZE_MAX)
            break;
        add_file(f, uct_slice(data.p, at + 1));
        data = uct_slice(data.p + at + 4, data.n - at - 4);
    }
    add_file(f, data);
}

void files_close(struct files *f)
{
    for (size_t i = 0; i < f->n; i++)
        close(f->fd[i]);
}

bool to_buf(void *arg, const char *p, size_t n)
{
    struct uct_buf *b = arg;
    uct_buf_add(b, p, n);
    return !b->failed;
}

void must_be_json(struct uct_slice text)
{
    struct uct_arena a = {0};
    size_t error = 0;
    must(json_parse(&a, text, &error) != NULL);
    uct_arena_free(&a);
}

void must_be_clean(struct uct_slice text)
{
    struct uct_buf b = {0};
    uct_utf8_clean(&b, text);
    must(b.n == text.n && (!b.n || memcmp(b.p, text.p, b.n) == 0));
    uct_buf_free(&b);
}

void must_be_clean_json(const struct uct_buf *b)
{
    must_be_json(uct_slice(b->p, b->n));
    must_be_clean(uct_slice(b->p, b->n));
}

const struct uct_rules *builtin_rules(void)
{
    static struct uct_rules *rules;
    if (!rules) {
        must(uct_rules_load(&rules, NULL, 0, NULL) == UCT_OK);
        uct_guard_install();
    }
    return rules;
}
