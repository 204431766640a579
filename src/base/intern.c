/* Strings as numbers, shared by all threads.
 *
 * The table is cut into shards by the hash, each with its own lock, so that
 * threads seldom meet.  A number is the shard and the place in it; texts live
 * in the shard's pages, which never move, so that reading needs no lock. */
#include "base.h"

#include <pthread.h>
#include <stdlib.h>

#define SHARD_BITS 5
#define SHARDS (1u << SHARD_BITS)
#define PAGE_BITS 12
#define PAGE_ENTRIES (1u << PAGE_BITS)
#define MAX_PAGES (1u << (31 - SHARD_BITS - PAGE_BITS))

struct shard {
    pthread_mutex_t lock;
    uint64_t *slots;             /* hash's upper half << 32 | index + 1; 0: free */
    uint32_t nslots, used;
    struct uct_slice **pages;    /* MAX_PAGES pointers, never moved */
    struct uct_arena text;
    bool failed;
} __attribute__((aligned(64)));

struct uct_intern {
    struct shard shards[SHARDS];
};

#define FIRST_SLOTS 1024u

struct uct_intern *uct_intern_new(void)
{
    struct uct_intern *t = aligned_alloc(64, sizeof *t);
    if (!t)
        return NULL;
    memset(t, 0, sizeof *t);
    for (unsigned i = 0; i < SHARDS; i++)
        pthread_mutex_init(&t->shards[i].lock, NULL);
    for (unsigned i = 0; i < SHARDS; i++) {
        struct shard *s = &t->shards[i];
        s->slots = calloc(FIRST_SLOTS, sizeof *s->slots);
        s->nslots = FIRST_SLOTS;
        s->pages = calloc(MAX_PAGES, sizeof *s->pages);
        if (!s->slots || !s->pages) {
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
        if (s->pages)
            for (unsigned p = 0; p < MAX_PAGES && s->pages[p]; p++)
                free(s->pages[p]);
        free(s->pages);
        free(s->slots);
        uct_arena_free(&s->text);
        pthread_mutex_destroy(&s->lock);
    }
    free(t);
}

static const struct uct_slice *entry(const struct shard *s, uint32_t i)
{
    return &s->pages[i >> PAGE_BITS][i & (PAGE_ENTRIES - 1)];
}

/* The slot that holds s, or the free one where it belongs. */
static uint64_t *find_slot(const struct shard *sh, struct uct_slice s, uint64_t hash)
{
    uint32_t mask = sh->nslots - 1;
    for (uint32_t i = (uint32_t)(hash >> SHARD_BITS) & mask;; i = (i + 1) & mask) {
        uint64_t *slot = &sh->slots[i];
        if (!*slot)
            return slot;
        if (*slot >> 32 == hash >> 32 && uct_slice_eq(*entry(sh, (uint32_t)*slot - 1), s))
            return slot;
    }
}

static bool grow(struct shard *sh)
{
    uint32_t n = sh->nslots * 2;
    uint64_t *slots = n ? calloc(n, sizeof *slots) : NULL;
    if (!slots)
        return false;
    for (uint32_t i = 0; i < sh->nslots; i++) {
        if (!sh->slots[i])
            continue;
        uint64_t hash = uct_hash_slice(*entry(sh, (uint32_t)sh->slots[i] - 1));
        uint32_t at = (uint32_t)(hash >> SHARD_BITS) & (n - 1);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = sh->slots[i];
    }
    free(sh->slots);
    sh->slots = slots;
    sh->nslots = n;
    return true;
}

/* Puts s into the free slot; returns its index or UINT32_MAX. */
static uint32_t insert(struct shard *sh, uint64_t *slot, struct uct_slice s, uint64_t hash)
{
    uint32_t i = sh->used, page = i >> PAGE_BITS;
    if (page >= MAX_PAGES)
        return UINT32_MAX;
    if (!sh->pages[page]) {
        struct uct_slice *fresh = malloc(PAGE_ENTRIES * sizeof *fresh);
        if (!fresh)
            return UINT32_MAX;
        sh->pages[page] = fresh;
    }
    /* Short texts are packed: the arena aligns to 16 only per allocation. */
    char *copy = uct_arena_dup(&sh->text, s);
    if (!copy)
        return UINT32_MAX;
    sh->pages[page][i & (PAGE_ENTRIES - 1)] = uct_slice(copy, s.n);
    *slot = (hash & 0xffffffff00000000u) | (i + 1);
    sh->used++;
    return i;
}

uint32_t uct_intern(struct uct_intern *t, struct uct_slice s)
{
    return uct_intern_hashed(t, s, uct_hash_slice(s));
}

uint32_t uct_intern_hashed(struct uct_intern *t, struct uct_slice s, uint64_t hash)
{
    if (s.n == 0)
        return 0;
    unsigned shard = (unsigned)hash & (SHARDS - 1);
    struct shard *sh = &t->shards[shard];
    uint32_t i = UINT32_MAX;
    pthread_mutex_lock(&sh->lock);
    uint64_t *slot = find_slot(sh, s, hash);
    if (*slot) {
        i = (uint32_t)*slot - 1;
    } else if (sh->used + sh->used / 2 < sh->nslots || grow(sh)) {
        if (sh->used + 1 < sh->nslots)
            i = insert(sh, find_slot(sh, s, hash), s, hash);
    }
    if (i == UINT32_MAX)
        sh->failed = true;
    pthread_mutex_unlock(&sh->lock);
    return i == UINT32_MAX ? 0 : (i << SHARD_BITS | shard) + 1;
}

uint32_t uct_intern_find(struct uct_intern *t, struct uct_slice s)
{
    if (s.n == 0)
        return 0;
    uint64_t hash = uct_hash_slice(s);
    unsigned shard = (unsigned)hash & (SHARDS - 1);
    struct shard *sh = &t->shards[shard];
    pthread_mutex_lock(&sh->lock);
    uint64_t slot = *find_slot(sh, s, hash);
    pthread_mutex_unlock(&sh->lock);
    return slot ? ((((uint32_t)slot - 1) << SHARD_BITS) | shard) + 1 : 0;
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
    for (unsigned i = 0; i < SHARDS; i++)
        if (t->shards[i].used > most)
            most = t->shards[i].used;
    return most << SHARD_BITS;
}
