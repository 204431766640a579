/* What clocks that are off have to do with a fault: named by rules that ask for it, and a cause of its own where the
 * fault is one of time and the measured difference explains it. */
#include "occurrence.h"

#include "../correlate/skew.h"

#include <stdlib.h>

#define SAID_MS 5000              /* less has nothing to do with any fault */
#define DAY_MS INT64_C(86400000)

static const struct uct_skew *skew_of(struct judging *j, uint32_t source)
{
    if (!j->skews) {
        j->skews = malloc((j->s->n + 1) * sizeof *j->skews);
        if (!j->skews || uct_skews_list(j->s, j->skews) != UCT_OK) {
            j->scratch.failed = true;
            return NULL;
        }
    }
    return &j->skews[source];
}

struct uct_slice uct_clock_param(struct judging *j, uint32_t source)
{
    const struct uct_skew *k = skew_of(j, source);
    struct uct_buf b = {0};
    if (!k || !uct_skew_is(k, SAID_MS))
        return uct_slice("", 0);
    uct_skew_say(&b, j->s, source, k);
    uint32_t id = b.failed ? 0 : uct_intern(j->s->strings, uct_slice(b.p, b.n));
    j->scratch.failed |= b.failed;
    uct_buf_free(&b);
    return uct_interned(j->s->strings, id);
}

/* A fault of time, the difference from which on it is the likelier cause, and what is then said.  A certificate begins
 * to be valid when it is made, mostly just before it is installed: there minutes count; its end is far from most
 * moments, so that only a difference of days makes it the likelier one. */
struct breakage {
    const char *rule, *fires;
    int sign;                     /* 1: the box that says so is ahead; -1: behind; 0: either */
    int64_t least_ms;
    bool expressways;             /* both are */
};

static const struct breakage breakages[] = {
    {"tls.certificate-not-yet-valid", "clock.certificate-validity", -1, 30000, false},
    {"tls.peer-certificate-expired", "clock.certificate-validity", 1, DAY_MS, false},
    {"federation.cert-expired", "clock.certificate-validity", 0, DAY_MS, false},
    {"client.server-certificate-expired", "clock.certificate-validity", 0, DAY_MS, false},
    {"mra.http-forbidden", "mra.clocks-differ", 0, 30000, true},
};

static bool breaks(const struct judging *j, const struct breakage *x, uint32_t source, const struct uct_skew *k)
{
    if (!uct_skew_is(k, x->least_ms) || (x->sign > 0 && k->ms < 0) || (x->sign < 0 && k->ms > 0))
        return false;
    return !x->expressways || (j->s->items[source]->parser == &uct_parser_expressway &&
                               j->s->items[k->against]->parser == &uct_parser_expressway);
}

bool uct_occurrences_of_clocks(struct judging *j)
{
    size_t n = j->occ.n;
    for (size_t i = 0; i < n; i++) {
        const struct occurrence o = j->occ.items[i];
        for (size_t b = 0; b < sizeof breakages / sizeof *breakages; b++) {
            if (strcmp(o.rule->id, breakages[b].rule) != 0)
                continue;
            const struct uct_skew *k = skew_of(j, o.source);
            if (!k || (breaks(j, &breakages[b], o.source, k) &&
                       !uct_occurrence_fire(j, breakages[b].fires, o.source, o.block, o.kept)))
                return false;
        }
    }
    return true;
}
