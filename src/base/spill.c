/* Memory that a file without a name stands behind. */
#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEGMENT ((size_t)16 << 20)

struct segment {
    struct segment *next;
    char *p;
    size_t n, used;
};

struct uct_spill {
    pthread_mutex_t lock;
    int fd;
    off_t size;
    uint64_t most;                 /* bytes it may grow to */
    struct segment *segments;      /* newest first */
};

/* tmpfile() never looks at the environment. */
int uct_unnamed_file(void)
{
    FILE *f = tmpfile();
    if (!f)
        return -1;
    int fd = fcntl(fileno(f), F_DUPFD_CLOEXEC, 0), e = errno;
    fclose(f);
    errno = e;
    return fd;
}

struct uct_spill *uct_spill_new(uint64_t most)
{
    struct uct_spill *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fd = uct_unnamed_file();
    if (s->fd < 0) {
        free(s);
        return NULL;
    }
    s->most = most;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void uct_spill_free(struct uct_spill *s)
{
    if (!s)
        return;
    for (struct segment *x = s->segments, *next; x; x = next) {
        next = x->next;
        munmap(x->p, x->n);
        free(x);
    }
    close(s->fd);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static void rest(struct uct_spill *s)
{
    for (struct segment *x = s->segments; x; x = x->next)
        madvise(x->p, x->n, MADV_DONTNEED);
}

/* The file's room is taken before it is mapped: a full disk is an answer, not a signal later. */
static bool add_segment(struct uct_spill *s, size_t least)
{
    size_t n = least > SEGMENT ? (least + SEGMENT - 1) / SEGMENT * SEGMENT : SEGMENT;
    struct segment *x = (uint64_t)s->size + n <= s->most ? malloc(sizeof *x) : NULL;
    if (!x || posix_fallocate(s->fd, s->size, (off_t)n) != 0) {
        free(x);
        return false;
    }
    *x = (struct segment){.next = s->segments, .n = n};
    x->p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, s->size);
    s->size += (off_t)n;
    if (x->p == MAP_FAILED) {
        free(x);
        return false;
    }
    rest(s);
    s->segments = x;
    return true;
}

void *uct_spill_alloc(struct uct_spill *s, size_t n)
{
    void *p = NULL;
    if (!s || n > SIZE_MAX / 4)
        return NULL;
    n = (n + 15) & ~(size_t)15;
    pthread_mutex_lock(&s->lock);
    if ((s->segments && s->segments->n - s->segments->used >= n) || add_segment(s, n)) {
        p = s->segments->p + s->segments->used;
        s->segments->used += n;
    }
    pthread_mutex_unlock(&s->lock);
    return p;
}

void uct_spill_rest(struct uct_spill *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    rest(s);
    pthread_mutex_unlock(&s->lock);
}
