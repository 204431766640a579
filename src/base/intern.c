/* Strings as numbers, shared by all threads.
 *
 * The table is cut into shards by the hash, each with its own lock, so that
 * threads seldom meet.  A number is the shard and the place in it; texts live
 * in the shard's pages, which never move.  Looking up takes no lock: a slot is
 * filled after its text stands, and a table that was outgrown stays until the
 * end for whoever still reads it (all of them together are no larger than the
 * one in use).  Only adding locks, and looks again.
 *
 * Texts come from strangers, and whoever knows the hash can write a log whose
 * strings all belong into one slot: each table hashes by a seed of its own.
 * What is compared or printed must therefore never hang on a number's value. */
#include "base.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SHARD_BITS 5
#define SHARDS (1u << SHARD_BITS)
#define PAGE_BITS 12
#define PAGE_ENTRIES (1u << PAGE_BITS)
#define MAX_PAGES (1u << (31 - SHARD_BITS - PAGE_BITS))

/* A slot is the hash's upper half << 32 | index + 1, or 0 when free.  The upper half alone says where it
 * belongs, so that a table grows without a look at the texts. */
struct table {
    struct table *older;
    uint32_t mask;
    _Atomic uint64_t slots[];
};

struct shard {
    pthread_mutex_t lock;
    struct table *_Atomic table;
    uint32_t used;
    struct uct_slice **pages;    /* MAX_PAGES pointers, never moved */
    struct uct_arena text;
    struct uct_spill *spill;     /* where pages and texts go, or NULL */
    char *room;                  /* the rest of its last piece: texts stand side by side */
    size_t left;
    bool failed;
} __attribute__((aligned(64)));

struct uct_intern {
    struct shard shards[SHARDS];
    uint64_t seed;
};

#define FIRST_SLOTS 1024u

static struct table *table_new(uint32_t n, struct table *older)
{
    struct table *t = n ? calloc(1, sizeof *t + n * sizeof *t->slots) : NULL;
    if (!t)
        return NULL;
    t->older = older;
    t->mask = n - 1;
    return t;
}

/* Without a source of chance the place of the table and the time have to do. */
static uint64_t choose_seed(const void *table)
{
    uint64_t seed;
    struct timespec t = {0};
    if (getentropy(&seed, sizeof seed) == 0)
        return seed | 1;
    clock_gettime(CLOCK_REALTIME, &t);
    return uct_hash_mix(uct_hash_mix((uintptr_t)table, (uint64_t)t.tv_sec), (uint64_t)t.tv_nsec) | 1;
}

uint64_t uct_intern_hash(const struct uct_intern *t, struct uct_slice s)
{
    return uct_hash(s.p, s.n, t->seed);
}

struct uct_intern *uct_intern_new(void)
{
    struct uct_intern *t = aligned_alloc(64, sizeof *t);
    if (!t)
        return NULL;
    memset(t, 0, sizeof *t);
    t->seed = choose_seed(t);
    for (unsigned i = 0; i < SHARDS; i++)
        pthread_mutex_init(&t->shards[i].lock, NULL);
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *s = &t->shards[i];
        struct table *first = table_new(FIRST_SLOTS, NULL);
        atomic_init(&s->table, first);
        s->pages = calloc(MAX_PAGES, sizeof *s->pages);
        if (!first || !s->pages) {
            uct_intern_free(t);
            return NULL;
        }
    }
    return t;
}

void uct_intern_free(struct uct_intern *t)
{
    if (!t)
        return;
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *s = &t->shards[i];
        free(s->pages);
        for (struct table *k = atomic_load(&s->table), *older; k; k = older) {
            older = k->older;
            free(k);
        }
        uct_arena_free(&s->text);
        pthread_mutex_destroy(&s->lock);
    }
    free(t);
}

void uct_intern_spill(struct uct_intern *t, struct uct_spill *s)
{
    for (unsigned i = 0; i < SHARDS; i++)
        t->shards[i].spill = s;
}

static const struct uct_slice *entry(const struct shard *s, uint32_t i)
{
    return &s->pages[i >> PAGE_BITS][i & (PAGE_ENTRIES - 1)];
}

/* The index of s, or UINT32_MAX and in *free_slot where it belongs. */
static uint32_t find(const struct shard *sh, struct uct_slice s, uint64_t hash, _Atomic uint64_t **free_slot)
{
    struct table *t = atomic_load_explicit(&sh->table, memory_order_acquire);
    for (uint32_t i = (uint32_t)(hash >> 32) & t->mask;; i = (i + 1) & t->mask) {
        uint64_t slot = atomic_load_explicit(&t->slots[i], memory_order_acquire);
        if (!slot) {
            *free_slot = &t->slots[i];
            return UINT32_MAX;
        }
        if (slot >> 32 == hash >> 32 && uct_slice_eq(*entry(sh, (uint32_t)slot - 1), s))
            return (uint32_t)slot - 1;
    }
}

static bool grow(struct shard *sh)
{
    struct table *old = atomic_load_explicit(&sh->table, memory_order_relaxed);
    struct table *t = table_new((old->mask + 1) * 2, old);
    if (!t)
        return false;
    for (uint32_t i = 0; i <= old->mask; i++) {
        uint64_t slot = atomic_load_explicit(&old->slots[i], memory_order_relaxed);
        uint32_t at = (uint32_t)(slot >> 32) & t->mask;
        if (!slot)
            continue;
        while (atomic_load_explicit(&t->slots[at], memory_order_relaxed))
            at = (at + 1) & t->mask;
        atomic_store_explicit(&t->slots[at], slot, memory_order_relaxed);
    }
    atomic_store_explicit(&sh->table, t, memory_order_release);
    return true;
}

#define PIECE 8192u

static void *place(struct shard *sh, size_t n)
{
    void *p = uct_spill_alloc(sh->spill, n);
    return p ? p : uct_arena_alloc(&sh->text, n);
}

static char *copy_text(struct shard *sh, struct uct_slice s)
{
    if (s.n >= PIECE / 4)
        return uct_arena_dup(&sh->text, s);
    if (sh->left < s.n + 1) {
        if (!(sh->room = place(sh, PIECE)))
            return NULL;
        sh->left = PIECE;
    }
    char *p = sh->room;
    memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    sh->room += s.n + 1;
    sh->left -= s.n + 1;
    return p;
}

/* Puts s into the free slot; returns its index or UINT32_MAX. */
static uint32_t insert(struct shard *sh, _Atomic uint64_t *slot, struct uct_slice s, uint64_t hash)
{
    uint32_t i = sh->used, page = i >> PAGE_BITS;
    if (page >= MAX_PAGES)
        return UINT32_MAX;
    if (!sh->pages[page]) {
        struct uct_slice *fresh = place(sh, PAGE_ENTRIES * sizeof *fresh);
        if (!fresh)
            return UINT32_MAX;
        sh->pages[page] = fresh;
    }
    char *copy = copy_text(sh, s);
    if (!copy)
        return UINT32_MAX;
    sh->pages[page][i & (PAGE_ENTRIES - 1)] = uct_slice(copy, s.n);
    atomic_store_explicit(slot, (hash & 0xffffffff00000000u) | (i + 1), memory_order_release);
    sh->used++;
    return i;
}

static uint32_t add(struct shard *sh, struct uct_slice s, uint64_t hash)
{
    _Atomic uint64_t *slot;
    pthread_mutex_lock(&sh->lock);
    uint32_t i = find(sh, s, hash, &slot);
    if (i == UINT32_MAX) {
        uint32_t slots = atomic_load_explicit(&sh->table, memory_order_relaxed)->mask + 1;
        if (sh->used + sh->used / 2 < slots || grow(sh)) {
            find(sh, s, hash, &slot);
            i = insert(sh, slot, s, hash);
        }
    }
    if (i == UINT32_MAX)
        sh->failed = true;
    pthread_mutex_unlock(&sh->lock);
    return i;
}

uint32_t uct_intern(struct uct_intern *t, struct uct_slice s)
{
    return uct_intern_hashed(t, s, uct_intern_hash(t, s));
}

static uint32_t number(uint32_t i, unsigned shard)
{
    return i == UINT32_MAX ? 0 : (i << SHARD_BITS | shard) + 1;
}

uint32_t uct_intern_hashed(struct uct_intern *t, struct uct_slice s, uint64_t hash)
{
    _Atomic uint64_t *slot;
    if (s.n == 0)
        return 0;
    unsigned shard = (unsigned)hash & (SHARDS - 1);
    uint32_t i = find(&t->shards[shard], s, hash, &slot);
    return number(i == UINT32_MAX ? add(&t->shards[shard], s, hash) : i, shard);
}

void uct_intern_prefetch(const struct uct_intern *t, uint64_t hash)
{
    const struct table *k = atomic_load_explicit(&t->shards[(unsigned)hash & (SHARDS - 1)].table, memory_order_acquire);
    __builtin_prefetch((const void *)&k->slots[(uint32_t)(hash >> 32) & k->mask]);
}

uint32_t uct_intern_find(struct uct_intern *t, struct uct_slice s)
{
    _Atomic uint64_t *slot;
    if (s.n == 0)
        return 0;
    uint64_t hash = uct_intern_hash(t, s);
    unsigned shard = (unsigned)hash & (SHARDS - 1);
    return number(find(&t->shards[shard], s, hash, &slot), shard);
}

struct uct_slice uct_interned(const struct uct_intern *t, uint32_t id)
{
    if (id == 0)
        return uct_slice("", 0);
    id--;
    return *entry(&t->shards[id & (SHARDS - 1)], id >> SHARD_BITS);
}

bool uct_intern_failed(const struct uct_intern *t)
{
    for (unsigned i = 0; i < SHARDS; i++)
        if (t->shards[i].failed)
            return true;
    return false;
}

uint32_t uct_intern_count(const struct uct_intern *t)
{
    uint32_t most = 0;
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *sh = (struct shard *)&t->shards[i];       /* only its lock changes */
        pthread_mutex_lock(&sh->lock);
        if (sh->used > most)
            most = sh->used;
        pthread_mutex_unlock(&sh->lock);
    }
    return most << SHARD_BITS;
}
