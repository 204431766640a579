/* Paths become lanes.  Directories are gone through in the order of their
 * names' bytes, each once however many links lead to it. */
#include "layer.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

struct seen {
    dev_t dev;
    ino_t ino;
};

struct walk {
    struct uct_input *in;
    struct seen *table;              /* open addressing; ino 0 is free */
    size_t n, size;
    bool again;                      /* a directory was met a second time */
};

struct names {
    char **items;
    size_t n, cap;
};

static bool add(struct walk *w, const char *name, struct uct_entry e)
{
    struct uct_input *in = w->in;
    e.name = strdup(name);
    if (!e.name || !UCT_ROOM(in->entries, in->n, in->cap)) {
        free(e.name);
        return false;
    }
    in->bytes += e.size;
    in->entries[in->n++] = e;
    return true;
}

static bool add_error(struct walk *w, const char *name, const char *what, int error)
{
    return add(w, name, (struct uct_entry){.kind = UCT_ENTRY_ERROR, .what = what, .error = error});
}

static struct seen *find(struct seen *table, size_t size, struct seen s)
{
    size_t i = (size_t)uct_hash_mix((uint64_t)s.dev, (uint64_t)s.ino) & (size - 1);
    while (table[i].ino && (table[i].ino != s.ino || table[i].dev != s.dev))
        i = (i + 1) & (size - 1);
    return &table[i];
}

static bool grow(struct walk *w)
{
    size_t size = w->size ? w->size * 2 : 64;
    struct seen *t = calloc(size, sizeof *t);
    if (!t)
        return false;
    for (size_t i = 0; i < w->size; i++)
        if (w->table[i].ino)
            *find(t, size, w->table[i]) = w->table[i];
    free(w->table);
    w->table = t;
    w->size = size;
    return true;
}

static bool first_visit(struct walk *w, const struct stat *st, bool *first)
{
    if (w->n * 2 >= w->size && !grow(w))
        return false;
    struct seen s = {st->st_dev, st->st_ino}, *at = find(w->table, w->size, s);
    *first = at->ino == 0;
    if (*first) {
        *at = s;
        w->n++;
    } else {
        w->again = true;
    }
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_free(struct names *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->items[i]);
    free(v->items);
}

/* All names of a directory but "." and "..", sorted.  *error: what the system said. */
static bool list(const char *path, struct names *v, int *error)
{
    DIR *d = opendir(path);
    if (!d) {
        *error = errno;
        return *error != ENOMEM;
    }
    struct dirent *e;
    bool ok = true;
    while (ok && (errno = 0, e = readdir(d))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        ok = UCT_ROOM(v->items, v->n, v->cap) && (v->items[v->n] = strdup(e->d_name));
        v->n += ok;
    }
    *error = ok ? errno : 0;
    closedir(d);
    if (v->n)
        qsort(v->items, v->n, sizeof *v->items, by_bytes);
    return ok;
}

static bool visit(struct walk *w, const char *path, bool given);

/* Descends by whole paths, so PATH_MAX bounds the recursion. */
static bool visit_directory(struct walk *w, const char *path)
{
    struct names v = {0};
    struct uct_buf child = {0};
    int error = 0;
    bool ok = list(path, &v, &error);
    if (ok && error)
        ok = add_error(w, path, "the directory cannot be read", error);
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    for (size_t i = 0; ok && i < v.n; i++) {
        child.n = 0;
        uct_buf_add(&child, path, n);
        if (path[n - 1] != '/')
            uct_buf_addc(&child, '/');
        uct_buf_adds(&child, v.items[i]);
        ok = !child.failed && (uct_name_junk(v.items[i]) || visit(w, child.p, false));
    }
    uct_buf_free(&child);
    names_free(&v);
    return ok;
}

static bool visit(struct walk *w, const char *path, bool given)
{
    struct stat st;
    bool first;
    if (stat(path, &st) != 0)
        return add_error(w, path, "cannot be opened", errno);
    if (S_ISDIR(st.st_mode))
        return first_visit(w, &st, &first) && (!first || visit_directory(w, path));
    if (S_ISREG(st.st_mode))
        return add(w, path, (struct uct_entry){.kind = UCT_ENTRY_FILE, .size = (uint64_t)st.st_size});
    /* A pipe that is given may be waited for; one that is found may never end. */
    if (S_ISFIFO(st.st_mode) && given)
        return add(w, path, (struct uct_entry){.kind = UCT_ENTRY_FILE});
    return add_error(w, path,
                     S_ISFIFO(st.st_mode) ? "a pipe inside a directory is not read: give it by its own name"
                                          : "not a regular file: devices and sockets are not read",
                     0);
}

static bool visit_given(struct walk *w, const char *path)
{
    size_t before = w->in->n;
    if (strcmp(path, "-") == 0)
        return add(w, "-", (struct uct_entry){.kind = UCT_ENTRY_STDIN});
    w->again = false;
    if (!visit(w, path, true))
        return false;
    if (w->in->n > before || w->again)
        return true;
    return add(w, path, (struct uct_entry){.kind = UCT_ENTRY_EMPTY_DIR});
}

/* The options may die before the input does: globs are copied. */
static bool copy_options(struct uct_input *in, const struct uct_input_options *o)
{
    in->o = *o;
    size_t n = o->ninclude + o->nexclude;
    in->o.ninclude = in->o.nexclude = 0;
    if (n == 0)
        return true;
    in->globs = calloc(n + 1, sizeof *in->globs);
    if (!in->globs)
        return false;
    for (size_t i = 0; i < n; i++) {
        in->globs[i] = strdup(i < o->ninclude ? o->include[i] : o->exclude[i - o->ninclude]);
        if (!in->globs[i])
            return false;
    }
    in->o.include = (const char *const *)in->globs;
    in->o.exclude = (const char *const *)in->globs + o->ninclude;
    in->o.ninclude = o->ninclude;
    in->o.nexclude = o->nexclude;
    return true;
}

enum uct_status uct_input_open(struct uct_input **out, const struct uct_input_options *o,
                               const char *const *paths, size_t npaths)
{
    struct uct_input *in = calloc(1, sizeof *in);
    if (!in)
        return UCT_FATAL;
    struct walk w = {.in = in};
    bool ok = copy_options(in, o);
    for (size_t i = 0; ok && i < npaths; i++)
        ok = visit_given(&w, paths[i]);
    free(w.table);
    if (!ok) {
        uct_input_free(in);
        return UCT_FATAL;
    }
    *out = in;
    return UCT_OK;
}

void uct_input_free(struct uct_input *in)
{
    if (!in)
        return;
    for (size_t i = 0; i < in->n; i++)
        free(in->entries[i].name);
    free(in->entries);
    for (char **g = in->globs; g && *g; g++)
        free(*g);
    free(in->globs);
    free(in);
}

size_t uct_input_lanes(const struct uct_input *in)
{
    return in->n;
}

const char *uct_input_name(const struct uct_input *in, size_t i)
{
    return in->entries[i].name;
}

uint64_t uct_input_bytes(const struct uct_input *in)
{
    return in->bytes;
}
