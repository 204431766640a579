/* Files: regular ones by position or mapped, pipes as they come.
 *
 * A regular file is read up to the size it had when it was opened, so that one
 * that grows gives the same text mapped or not; one that shrinks is truncated. */
#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

struct file {
    struct uct_layer l;
    int fd;
    bool close_it, regular;
    uint64_t size, at;               /* size: when it was opened; 0 if that says nothing (/proc) */
    void *map;
    int slot;
};

/* Standard input may have been set not to block by whoever had it before. */
static bool wait_for(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, -1) >= 0 || errno == EINTR;
}

static size_t file_read(struct uct_layer *l, char *buf, size_t n)
{
    struct file *f = (struct file *)l;
    size_t got = 0;
    if (f->regular && f->size && n > f->size - f->at) {
        n = (size_t)(f->size - f->at);
        l->ended = true;
    }
    while (got < n) {
        ssize_t k =
            f->regular ? pread(f->fd, buf + got, n - got, (off_t)f->at) : read(f->fd, buf + got, n - got);
        if (k < 0 && (errno == EINTR || (errno == EAGAIN && wait_for(f->fd))))
            continue;
        if (k < 0) {
            char text[96];
            uct_layer_fail(l, UCT_STATE_UNREADABLE, "reading failed after %llu bytes: %s",
                           (unsigned long long)f->at, uct_errno_text(errno, text, sizeof text));
            break;
        }
        if (k == 0)
            break;
        got += (size_t)k;
        f->at += (uint64_t)k;
        uct_lane_took(l->lane, (uint64_t)k);
    }
    if (got < n && l->state == UCT_STATE_OK)
        uct_file_check(l);
    return got;
}

static void file_close(struct uct_layer *l)
{
    struct file *f = (struct file *)l;
    if (f->map) {
        uct_guard_drop(f->slot);
        munmap(f->map, (size_t)f->size);
    }
    if (f->close_it)
        close(f->fd);
}

static const struct uct_layer_class file_class = {.read = file_read, .close = file_close};

struct uct_layer *uct_file_open(struct uct_lane *lane, int fd, bool close_it)
{
    struct file *f = uct_layer_new(lane, &file_class, NULL, sizeof *f);
    if (!f) {
        if (close_it)
            close(fd);
        return NULL;
    }
    struct stat st;
    f->fd = fd;
    f->close_it = close_it;
    f->slot = -1;
    /* Standard input that was read in part already goes on from there. */
    f->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (close_it || lseek(fd, 0, SEEK_CUR) == 0);
    if (f->regular) {
        f->size = (uint64_t)st.st_size;
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return &f->l;
}

bool uct_file_map(struct uct_layer *l, const char **p, size_t *n)
{
    struct file *f = (struct file *)l;
    if (l->class != &file_class || !f->regular || f->size == 0 || f->size > SIZE_MAX / 2)
        return false;
    if (!f->map) {
        void *m = mmap(NULL, (size_t)f->size, PROT_READ, MAP_PRIVATE, f->fd, 0);
        if (m == MAP_FAILED)
            return false;
        f->slot = uct_guard_add(m, (size_t)f->size);
        if (f->slot < 0) {
            munmap(m, (size_t)f->size);
            return false;
        }
        f->map = m;
        madvise(m, (size_t)f->size, MADV_SEQUENTIAL);
        uct_lane_took(l->lane, f->size - f->at);
    }
    *p = f->map;
    *n = (size_t)f->size;
    return true;
}

/* The whole pages within [p, p + n). */
static void advise(const char *p, size_t n, int advice)
{
    long page = sysconf(_SC_PAGESIZE);
    uintptr_t mask = (uintptr_t)(page > 0 ? page : 4096) - 1;
    uintptr_t from = ((uintptr_t)p + mask) & ~mask, to = ((uintptr_t)p + n) & ~mask;
    if (from < to)
        madvise((void *)from, to - from, advice);
}

/* What the kernel does not know or a file that shrank is no error here: the pages come when they are touched. */
void uct_map_want(const char *p, size_t n)
{
#ifdef MADV_POPULATE_READ
    advise(p, n, MADV_POPULATE_READ);
#else
    (void)p;
    (void)n;
#endif
}

/* By the thread that read them, so that all is not left to one at the end. */
void uct_map_release(const char *p, size_t n)
{
    advise(p, n, MADV_DONTNEED);
}

void uct_file_check(struct uct_layer *l)
{
    struct file *f = (struct file *)l;
    struct stat st;
    if (l->class != &file_class || !f->regular || f->size == 0)
        return;
    if (uct_guard_hit(f->slot) || (fstat(f->fd, &st) == 0 && (uint64_t)st.st_size < f->size))
        uct_layer_fail(l, UCT_STATE_TRUNCATED,
                       "the file shrank while it was read: analyse a copy that nothing writes to");
}

bool uct_file_seekable(const struct uct_layer *l, int *fd, uint64_t *size)
{
    const struct file *f = (const struct file *)l;
    if (l->class != &file_class || !f->regular || f->size == 0)
        return false;
    *fd = f->fd;
    *size = f->size;
    return true;
}
