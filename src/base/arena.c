/* Bump allocator and growable arrays. */
#include "base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct uct_arena_block {
    struct uct_arena_block *next;
    size_t used, size;
    _Alignas(16) char data[];
};

#define BLOCK_MIN 4096
#define BLOCK_MAX (256 * 1024)

void *uct_arena_alloc(struct uct_arena *a, size_t n)
{
    if (n > SIZE_MAX / 4)
        return NULL;
    n = (n + 15) & ~(size_t)15;
    struct uct_arena_block *b = a->head;
    if (!b || b->size - b->used < n) {
        size_t size = b ? b->size * 2 : BLOCK_MIN;
        if (size > BLOCK_MAX)
            size = BLOCK_MAX;
        if (size < n)
            size = n;
        b = malloc(sizeof *b + size);
        if (!b)
            return NULL;
        b->used = 0;
        b->size = size;
        b->next = a->head;
        a->head = b;
    }
    void *p = b->data + b->used;
    b->used += n;
    a->bytes += n;
    return p;
}

void *uct_arena_zalloc(struct uct_arena *a, size_t n)
{
    void *p = uct_arena_alloc(a, n);
    if (p)
        memset(p, 0, n);
    return p;
}

char *uct_arena_dup(struct uct_arena *a, struct uct_slice s)
{
    char *p = uct_arena_alloc(a, s.n + 1);
    if (!p)
        return NULL;
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return p;
}

char *uct_arena_printf(struct uct_arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : uct_arena_alloc(a, (size_t)n + 1);
    if (!p)
        return NULL;
    va_start(ap, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}

void uct_arena_free(struct uct_arena *a)
{
    for (struct uct_arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    *a = (struct uct_arena){0};
}

void *uct_room(void *base, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return base;
    size_t first = size <= 32 ? 16 : 1 + 512 / size;       /* a hundred thousand logs have a large item or two each */
    size_t want = *cap ? *cap + *cap / 2 + 1 : first;
    if (want > SIZE_MAX / size)
        return NULL;
    void *p = realloc(base, want * size);
    if (p)
        *cap = want;
    return p;
}

bool uct_room_into(void **base, size_t n, size_t *cap, size_t size)
{
    void *p = uct_room(*base, n, cap, size);
    if (!p)
        return false;
    *base = p;
    return true;
}
