/* out: where the report goes.  A file appears whole or not at all: it is
 * written beside its place and renamed; devices and pipes are written as they
 * are.  Nothing is opened before the first byte, so that an output in a
 * directory that is being analysed is not read as one of its logs. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM = 1 << 16 };

struct uct_out {
    const char *path;          /* as given; NULL: standard output */
    char *target, *temp;       /* with links resolved; written meanwhile (NULL: directly) */
    int fd;
    bool open, failed, gone;   /* gone: the reader went away */
    size_t n;
    char why[512];
    char buf[ROOM];
};

struct uct_out *uct_out_new(const char *path)
{
    struct uct_out *o = calloc(1, sizeof *o);
    if (!o)
        return NULL;
    o->fd = -1;
    if (path && strcmp(path, "-") != 0) {
        struct stat st;
        o->path = path;
        /* A link stays and its file is replaced; /dev/stdout leads to no name at all. */
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
            o->target = realpath(path, NULL);
        if (!o->target)
            o->target = strdup(path);
        if (!o->target) {
            free(o);
            return NULL;
        }
    }
    return o;
}

void uct_out_free(struct uct_out *o)
{
    if (!o)
        return;
    if (o->fd > STDERR_FILENO)
        close(o->fd);
    if (o->temp)
        unlink(o->temp);
    free(o->temp);
    free(o->target);
    free(o);
}

/* The directory of the target, in a buffer of its own. */
static char *directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static const char *refuse(struct uct_out *o, const char *why)
{
    snprintf(o->why, sizeof o->why, "cannot write '%.300s': %s", o->path, why);
    return o->why;
}

const char *uct_out_check(const struct uct_out *out)
{
    struct uct_out *o = (struct uct_out *)(uintptr_t)out;      /* only `why` is written */
    struct stat st;
    if (!o->path)
        return NULL;
    if (stat(o->target, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return refuse(o, strerror(EISDIR));
        if (access(o->target, W_OK) != 0)
            return refuse(o, strerror(errno));
        if (!S_ISREG(st.st_mode))
            return NULL;
    }
    char *dir = directory(o->target);
    const char *why = !dir ? strerror(ENOMEM) : access(dir, W_OK | X_OK) != 0 ? strerror(errno) : NULL;
    free(dir);
    return why ? refuse(o, why) : NULL;
}

/* As a plain open() would have made it, or as the file was that it replaces. */
static void set_mode(int fd, const char *target)
{
    struct stat st;
    mode_t mask = umask(0);
    umask(mask);
    mode_t mode = 0666 & ~mask;
    if (stat(target, &st) == 0)
        mode = st.st_mode & 0777;
    if (fchmod(fd, mode) != 0)
        return;                /* the file stays private: nothing is lost */
}

static bool open_out(struct uct_out *o)
{
    struct stat st;
    if (o->open)
        return o->fd >= 0;
    o->open = true;
    if (!o->path) {
        o->fd = STDOUT_FILENO;
        return true;
    }
    if (stat(o->target, &st) == 0 && !S_ISREG(st.st_mode)) {
        o->fd = open(o->target, O_WRONLY | O_CLOEXEC);
        return o->fd >= 0;
    }
    if (asprintf(&o->temp, "%s.XXXXXX", o->target) < 0) {
        o->temp = NULL;
        return false;
    }
    o->fd = mkostemp(o->temp, O_CLOEXEC);
    if (o->fd < 0) {
        free(o->temp);
        o->temp = NULL;
        return false;
    }
    set_mode(o->fd, o->target);
    return true;
}

static bool fail(struct uct_out *o)
{
    int e = errno;
    o->gone = e == EPIPE;
    if (!o->failed && !o->gone)
        uct_say("cannot write %s%s%s: %s", o->path ? "'" : "", o->path ? o->path : "standard output",
                o->path ? "'" : "", strerror(e));
    o->failed = true;
    return false;
}

static bool put(struct uct_out *o, const char *p, size_t n)
{
    if (o->failed || !open_out(o))
        return o->failed ? false : fail(o);
    while (n) {
        ssize_t k = write(o->fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return fail(o);
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static bool flush(struct uct_out *o)
{
    size_t n = o->n;
    o->n = 0;
    return put(o, o->buf, n);
}

bool uct_out_write(void *out, const char *p, size_t n)
{
    struct uct_out *o = out;
    if (n > ROOM - o->n && !flush(o))
        return false;
    if (n > ROOM)
        return put(o, p, n);
    if (n)
        memcpy(o->buf + o->n, p, n);
    o->n += n;
    return !o->failed;
}

bool uct_out_failed(const struct uct_out *o)
{
    return o->failed;
}

bool uct_out_finish(struct uct_out *o, bool keep)
{
    if (!keep)
        return true;           /* uct_out_free() removes what was begun */
    if (!flush(o))
        return false;
    if (o->fd > STDERR_FILENO) {
        int fd = o->fd;
        o->fd = -1;
        if (close(fd) != 0)
            return fail(o);
    }
    if (!o->temp)
        return true;
    if (rename(o->temp, o->target) != 0)
        return fail(o);
    free(o->temp);
    o->temp = NULL;
    return true;
}
