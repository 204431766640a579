/* Rules that no record can hit: fired by name on what correlate/ found missing. */
#include "occurrence.h"

#include <stdlib.h>

/* Root causes by which a Microsoft server gives a call up before it leaves for us. */
static bool refuses(const char *rule)
{
    static const char *const ids[] = {"federation.srv-domain-mismatch", "federation.cert-name-mismatch",
                                      "federation.cert-untrusted", "federation.cert-refused", "federation.srv-missing"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (strcmp(rule, ids[i]) == 0)
            return true;
    return false;
}

static int by_number(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The calls of such occurrences, each once. */
static size_t list_refused(const struct judging *j, size_t *v)
{
    size_t n = 0, out = 0;
    for (size_t i = 0; i < j->occ.n; i++)
        if (j->occ.items[i].call != SIZE_MAX && refuses(j->occ.items[i].rule->id))
            v[n++] = j->occ.items[i].call;
    if (n > 1)
        qsort(v, n, sizeof *v, by_number);
    for (size_t i = 0; i < n; i++)
        if (!out || v[out - 1] != v[i])
            v[out++] = v[i];
    return out;
}

enum uct_status uct_occurrences_absent(struct judging *j)
{
    size_t *refused = malloc((j->occ.n + 1) * sizeof *refused);
    enum uct_status st = UCT_FATAL;
    if (refused)
        st = uct_absences_find(j->s, j->calls, refused, list_refused(j, refused), &j->absent);
    free(refused);
    for (size_t i = 0; st == UCT_OK && i < j->absent.n; i++) {
        const struct uct_absence *a = &j->absent.items[i];
        if (!uct_occurrence_fire(j, a->rule, a->source, &j->absent.block, &j->absent.block.kept[a->kept]))
            st = UCT_FATAL;
    }
    if (st == UCT_OK && !uct_occurrences_of_clocks(j))
        st = UCT_FATAL;
    return st;
}
