/* The upper half of the rules: what is worth keeping, as plain data. */
#include "interest.h"

#include <stdlib.h>

struct uct_interest *uct_interest_new(void)
{
    struct uct_interest *i = calloc(1, sizeof *i);
    if (i && !(i->literals = uct_litset_new())) {
        free(i);
        return NULL;
    }
    return i;
}

void uct_interest_free(struct uct_interest *i)
{
    if (!i)
        return;
    for (unsigned k = 0; k < UCT_KEY_NKEYS; k++)
        free(i->keys[k].items);
    uct_litset_free(i->literals);
    uct_arena_free(&i->arena);
    free(i);
}

/* Event names compare without case: their hash stands for them and the name
 * itself decides. */
static uint64_t event_hash(struct uct_slice name)
{
    uint64_t h = 14695981039346656037u;
    for (size_t k = 0; k < name.n; k++)
        h = (h ^ uct_lower((unsigned char)name.p[k])) * 1099511628211u;
    return h;
}

bool uct_interest_add(struct uct_interest *i, enum uct_key key, struct uct_slice text, uint32_t number, uint16_t rule)
{
    if (key == UCT_KEY_LITERAL)
        return uct_litset_add(i->literals, text, rule);
    struct interest_key *k = &i->keys[key];
    if (!UCT_ROOM(k->items, k->n, k->cap))
        return false;
    struct interest_item item = {.number = number, .rule = rule};
    if (key == UCT_KEY_EVENT) {
        const char *copy = uct_arena_dup(&i->arena, text);
        if (!copy)
            return false;
        item.text = uct_slice(copy, text.n);
        item.number = event_hash(text);
    }
    k->items[k->n++] = item;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct interest_item *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

bool uct_interest_compile(struct uct_interest *i)
{
    for (unsigned k = 0; k < UCT_KEY_NKEYS; k++)
        if (i->keys[k].n)
            qsort(i->keys[k].items, i->keys[k].n, sizeof *i->keys[k].items, by_number);
    return uct_litset_compile(i->literals);
}

const struct interest_item *interest_find(const struct uct_interest *i, enum uct_key key, uint64_t number,
                                          const struct interest_item **end)
{
    const struct interest_key *k = &i->keys[key];
    size_t lo = 0, hi = k->n;
    if (!k->n)
        return *end = NULL;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (k->items[mid].number < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    size_t to = lo;
    while (to < k->n && k->items[to].number == number)
        to++;
    *end = k->items + to;
    return k->items + lo;
}

const struct interest_item *interest_event(const struct uct_interest *i, struct uct_slice name,
                                           const struct interest_item **end)
{
    return interest_find(i, UCT_KEY_EVENT, event_hash(name), end);
}
