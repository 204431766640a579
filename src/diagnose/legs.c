/* What was found on one leg of a conversation is the reason of what another shows: a B2BUA or a call manager gives
 * the refusal on under a Call-ID of its own. */
#include "occurrence.h"

#include <stdlib.h>

/* Only legs of one way count.  What resembles each other is none, and one conversation of Microsoft's holds a chat
 * beside a call, each with a fault of its own. */
static bool is_leg(const struct uct_join *j)
{
    return j->confidence == UCT_CERTAIN || (j->confidence == UCT_LIKELY && strcmp(j->key, "conversation-id") != 0);
}

static uint32_t find(uint32_t *root, uint32_t i)
{
    while (root[i] != i)
        i = root[i] = root[root[i]];
    return i;
}

/* Marks the calls whose legs have a root cause. */
static void spread(struct judging *j, const struct uct_joins *joins, uint32_t *root, bool *any)
{
    uint32_t n = (uint32_t)j->calls->n;
    for (uint32_t i = 0; i < n; i++)
        root[i] = i;
    for (size_t k = 0; k < joins->n; k++) {
        uint32_t a = find(root, joins->items[k].a), b = find(root, joins->items[k].b);
        if (is_leg(&joins->items[k]))
            root[a > b ? a : b] = a > b ? b : a;
    }
    for (uint32_t i = 0; i < n; i++)
        any[find(root, i)] |= j->diagnosed[i];
    for (uint32_t i = 0; i < n; i++)
        j->diagnosed[i] = any[find(root, i)];
}

/* Joins are made while findings are: they are waited for only where something was found. */
enum uct_status uct_occurrences_legs(struct judging *j)
{
    size_t n = j->calls->n, found = 0;
    for (size_t i = 0; i < n; i++)
        found += j->diagnosed[i];
    if (!found || found == n || !j->ask)
        return UCT_OK;
    const struct uct_joins *joins = j->ask->joins(j->ask->arg);
    if (!joins)
        return UCT_FATAL;
    if (!joins->n)
        return UCT_OK;
    uint32_t *root = malloc(n * sizeof *root);
    bool *any = calloc(n, sizeof *any);
    if (root && any)
        spread(j, joins, root, any);
    enum uct_status st = root && any ? UCT_OK : UCT_FATAL;
    free(root);
    free(any);
    return st;
}
