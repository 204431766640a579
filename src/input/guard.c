/* Guard: a mapped file may shrink under us, and touching a page that is gone
 * is a SIGBUS.  The handler puts zero pages over the rest of the range and
 * marks it; the reader goes on and the file is reported as truncated.
 *
 * This is the one place with state at file scope: a signal belongs to the
 * process.  The table is fixed and without locks, since the handler reads it. */
#include "layer.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOTS 512

static struct slot {
    atomic_uintptr_t start;          /* 0: free, 1: being filled */
    atomic_size_t n;
    atomic_bool hit;
} slots[SLOTS];
static atomic_bool installed;
static struct sigaction before;
static uintptr_t page_size;

static struct slot *slot_of(uintptr_t at)
{
    for (size_t i = 0; i < SLOTS; i++) {
        uintptr_t start = atomic_load(&slots[i].start);
        if (start > 1 && at >= start && at - start < atomic_load(&slots[i].n))
            return &slots[i];
    }
    return NULL;
}

static void on_bus(int sig, siginfo_t *info, void *context)
{
    int saved = errno;
    uintptr_t at = (uintptr_t)info->si_addr;
    struct slot *s = info->si_code > 0 ? slot_of(at) : NULL;
    if (s) {
        uintptr_t page = at & ~(page_size - 1), end = atomic_load(&s->start) + atomic_load(&s->n);
        atomic_store(&s->hit, true);
        if (mmap((void *)page, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
            MAP_FAILED) {
            errno = saved;
            return;
        }
    }
    /* Not ours: whoever was there before, or the default when we return. */
    if ((before.sa_flags & SA_SIGINFO) && before.sa_sigaction)
        before.sa_sigaction(sig, info, context);
    else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
        before.sa_handler(sig);
    else
        signal(sig, SIG_DFL);
    errno = saved;
}

bool uct_guard_install(void)
{
    if (atomic_load(&installed))
        return true;
    long page = sysconf(_SC_PAGESIZE);
    if (page <= 0)
        return false;
    page_size = (uintptr_t)page;
    struct sigaction sa = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
    sigemptyset(&sa.sa_mask);
    if (sigaction(SIGBUS, &sa, &before) != 0)
        return false;
    atomic_store(&installed, true);
    return true;
}

int uct_guard_add(const void *p, size_t n)
{
    if (!atomic_load(&installed))
        return -1;
    for (int i = 0; p && i < SLOTS; i++) {
        uintptr_t free_slot = 0;
        if (!atomic_compare_exchange_strong(&slots[i].start, &free_slot, 1))
            continue;
        atomic_store(&slots[i].n, (n + page_size - 1) & ~(size_t)(page_size - 1));
        atomic_store(&slots[i].hit, false);
        atomic_store(&slots[i].start, (uintptr_t)p);
        return i;
    }
    return -1;
}

bool uct_guard_hit(int slot)
{
    return slot >= 0 && atomic_load(&slots[slot].hit);
}

void uct_guard_drop(int slot)
{
    if (slot >= 0)
        atomic_store(&slots[slot].start, 0);
}
