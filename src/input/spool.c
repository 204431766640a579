/* A spool holds a stream that must be read in any order (a zip inside a tar,
 * a 7z on standard input): in memory while it is small, then in a file that
 * has no name. */
#include "layer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define STEP (1024u * 1024)

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

/* Room for another STEP in memory; false when it must go to a file. */
static bool grow(struct uct_lane *lane, struct uct_spool *s)
{
    size_t cap = s->cap ? s->cap * 2 : STEP;
    if (!uct_lane_borrow(lane, cap - s->cap))
        return false;
    s->borrowed += cap - s->cap;
    char *p = realloc(s->mem, cap);
    if (!p)
        return false;
    s->mem = p;
    s->cap = cap;
    return true;
}

static bool to_file(struct uct_layer *l, struct uct_spool *s)
{
    s->fd = uct_unnamed_file();
    if (s->fd >= 0 && write_all(s->fd, s->mem, s->n)) {
        char *p = realloc(s->mem, STEP);
        s->mem = p ? p : s->mem;
        s->cap = STEP;
        return true;
    }
    char text[96];
    uct_layer_fail(l, UCT_STATE_UNREADABLE,
                   "no room to unpack an archive inside an archive: %s; unpack it by hand",
                   uct_errno_text(errno, text, sizeof text));
    return false;
}

static bool file_rest(struct uct_layer *l, struct uct_spool *s)
{
    uint64_t most = uct_lane_limits(l->lane)->spool;
    size_t got = s->cap;
    s->size = s->n;
    while (got == s->cap) {
        got = uct_layer_read(l, s->mem, s->cap);
        s->size += got;
        if (s->size > most) {
            uct_layer_fail(l, UCT_STATE_LIMITED,
                           "an archive inside an archive is larger than %llu bytes: unpack it by "
                           "hand, or raise the limit with '--limits spool='",
                           (unsigned long long)most);
            return false;
        }
        if (!write_all(s->fd, s->mem, got)) {
            char text[96];
            uct_layer_fail(l, UCT_STATE_UNREADABLE, "no room to unpack an archive inside an archive: %s",
                           uct_errno_text(errno, text, sizeof text));
            return false;
        }
    }
    return true;
}

struct uct_spool *uct_spool_fill(struct uct_layer *below)
{
    struct uct_spool *s = calloc(1, sizeof *s);
    if (!s) {
        uct_lane_failed(below->lane);
        return NULL;
    }
    s->fd = -1;
    bool more = true, ok = true;
    while (more && (s->n < s->cap || grow(below->lane, s))) {
        size_t got = uct_layer_read(below, s->mem + s->n, s->cap - s->n);
        more = got == s->cap - s->n;
        s->n += got;
    }
    s->size = s->n;
    if (more && s->cap == 0) {
        uct_lane_failed(below->lane);
        ok = false;
    } else if (more) {
        ok = to_file(below, s) && file_rest(below, s);
    }
    if (ok)
        return s;
    uct_spool_free(below->lane, s);
    return NULL;
}

size_t uct_spool_read(const struct uct_spool *s, uint64_t at, char *buf, size_t n)
{
    if (at >= s->size)
        return 0;
    if (n > s->size - at)
        n = (size_t)(s->size - at);
    if (s->fd < 0) {
        memcpy(buf, s->mem + at, n);
        return n;
    }
    size_t got = 0;
    while (got < n) {
        ssize_t k = pread(s->fd, buf + got, n - got, (off_t)(at + got));
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            break;
        got += (size_t)k;
    }
    return got;
}

void uct_spool_free(struct uct_lane *lane, struct uct_spool *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    free(s->mem);
    uct_lane_return(lane, s->borrowed);
    free(s);
}
