/* failalloc: preloaded, it makes one allocation of the program under test fail.
 *
 *   UCT_FAIL_AT=N      the N-th call (from 1) of malloc, calloc, realloc, aligned_alloc, strdup ... that
 *                      comes from the program's own code fails; 0 or unset: none, only counted
 *   UCT_FAIL_ON=1      all calls from the N-th on fail
 *   UCT_FAIL_SEED=B    a byte's value: getentropy() gives nothing but it
 *   UCT_FAIL_COUNT=F   at exit the number of calls, and of the blocks they gave that nobody freed, is
 *                      written to the file F
 *
 * Calls from libraries are not counted: how libxml2 or libarchive live without memory is theirs.
 * The functions that allocate for their caller (strdup, asprintf) are replaced by ones that use the
 * replaced malloc, as if called from where they were. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *p);

static uintptr_t text_from, text_to;      /* the program's own code */
static atomic_ulong calls;
static unsigned long fail_at;
static int fail_on;
static unsigned long seed;

/* The blocks that the program holds: open addressing, no deletion but by a mark. */
enum { SLOTS = 1 << 18 };
static void *held[SLOTS];
static const char gone;
static unsigned long nheld, slots_used;
static atomic_flag lock = ATOMIC_FLAG_INIT;

static size_t slot_of(const void *p)
{
    return (size_t)((uintptr_t)p / 16 * 0x9e3779b97f4a7c15u >> 46) % SLOTS;
}

static void *hold(void *p)
{
    while (p && atomic_flag_test_and_set(&lock))
        continue;
    if (p && slots_used < SLOTS / 2) {
        size_t i = slot_of(p);
        while (held[i] && held[i] != &gone)
            i = (i + 1) % SLOTS;
        slots_used += held[i] == NULL;
        held[i] = p;
        nheld++;
    }
    if (p)
        atomic_flag_clear(&lock);
    return p;
}

static void let_go(const void *p)
{
    while (atomic_flag_test_and_set(&lock))
        continue;
    for (size_t i = slot_of(p); held[i]; i = (i + 1) % SLOTS)
        if (held[i] == p) {
            held[i] = (void *)(uintptr_t)&gone;
            nheld--;
            break;
        }
    atomic_flag_clear(&lock);
}

static int program(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size;
    (void)arg;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || !(h->p_flags & PF_X))
            continue;
        text_from = info->dlpi_addr + h->p_vaddr;
        text_to = text_from + h->p_memsz;
    }
    return 1;                             /* the first one listed is the program */
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("UCT_FAIL_AT"), *on = getenv("UCT_FAIL_ON"), *byte = getenv("UCT_FAIL_SEED");
    fail_at = at ? strtoul(at, NULL, 10) : 0;
    fail_on = on && *on == '1';
    seed = byte ? strtoul(byte, NULL, 10) : 0;
    dl_iterate_phdr(program, NULL);
}

__attribute__((destructor)) static void stop(void)
{
    const char *name = getenv("UCT_FAIL_COUNT");
    FILE *f = name ? fopen(name, "w") : NULL;
    if (f) {
        fprintf(f, "%lu %lu\n", (unsigned long)calls, nheld);
        fclose(f);
    }
}

static int ours(const void *caller)
{
    return (uintptr_t)caller >= text_from && (uintptr_t)caller < text_to;
}

static void *given(const void *caller, void *p)
{
    return ours(caller) ? hold(p) : p;
}

static int fails(const void *caller)
{
    if (!ours(caller))
        return 0;
    unsigned long n = atomic_fetch_add(&calls, 1) + 1;
    if (!fail_at || (fail_on ? n < fail_at : n != fail_at))
        return 0;
    errno = ENOMEM;
    return 1;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t n)
{
    return fails(CALLER) ? NULL : given(CALLER, __libc_malloc(n));
}

void *calloc(size_t n, size_t size)
{
    return fails(CALLER) ? NULL : given(CALLER, __libc_calloc(n, size));
}

static void *moved(const void *caller, void *p, size_t n)
{
    void *q = __libc_realloc(p, n);
    if (q && p)
        let_go(p);
    return given(caller, q);
}

void *realloc(void *p, size_t n)
{
    return fails(CALLER) ? NULL : moved(CALLER, p, n);
}

void *reallocarray(void *p, size_t n, size_t size)
{
    size_t all;
    return fails(CALLER) || __builtin_mul_overflow(n, size, &all) ? NULL : moved(CALLER, p, all);
}

void *aligned_alloc(size_t align, size_t n)
{
    return fails(CALLER) ? NULL : given(CALLER, __libc_memalign(align, n));
}

int posix_memalign(void **out, size_t align, size_t n)
{
    void *p = fails(CALLER) ? NULL : given(CALLER, __libc_memalign(align, n));
    if (p)
        *out = p;
    return p ? 0 : ENOMEM;
}

void free(void *p)
{
    if (p)
        let_go(p);
    __libc_free(p);
}

/* What the program's hash tables are seeded with: without chance the N-th call is the same one in every run. */
int getentropy(void *p, size_t n)
{
    memset(p, (int)seed, n);
    return 0;
}

static char *copy(const char *s, size_t n)
{
    char *p = __libc_malloc(n + 1);
    if (p) {
        memcpy(p, s, n);
        p[n] = '\0';
    }
    return p;
}

#undef strdup
char *strdup(const char *s)
{
    return fails(CALLER) ? NULL : given(CALLER, copy(s, strlen(s)));
}

#undef strndup
char *strndup(const char *s, size_t n)
{
    return fails(CALLER) ? NULL : given(CALLER, copy(s, strnlen(s, n)));
}

int vasprintf(char **out, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int n = fails(CALLER) ? -1 : vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    char *p = n >= 0 ? __libc_malloc((size_t)n + 1) : NULL;
    if (!p)
        return -1;
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    *out = given(CALLER, p);
    return n;
}
