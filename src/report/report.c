/* report: what holds for a report whatever renders it. */
#include "report.h"

#include <stdlib.h>

const char *uct_outcome_name(enum uct_outcome o)
{
    static const char *const names[] = {"answered", "failed", "cancelled", "unanswered", "incomplete"};
    return (size_t)o < sizeof names / sizeof *names ? names[o] : "incomplete";
}

/* The arena lives inside the report, the report itself comes from malloc(). */
void uct_report_free(struct uct_report *r)
{
    if (!r)
        return;
    uct_arena_free(&r->arena);
    free(r);
}

/* Reading nothing at all is no all-clear either: filters on names may have
 * left nothing. */
bool uct_report_incomplete(const struct uct_report *r)
{
    for (size_t i = 0; i < r->nsources; i++)
        if (r->sources[i].state != UCT_STATE_OK && r->sources[i].state != UCT_STATE_DUPLICATE)
            return true;
    return r->nsources == 0;
}

/* Findings that the filters hide do not count: the code says what the report says. */
int uct_report_exit(const struct uct_report *r)
{
    if (uct_report_incomplete(r))
        return 3;
    for (size_t i = 0; i < r->nfindings; i++)
        if (r->findings[i].shown && r->findings[i].class_ <= UCT_SYMPTOM)
            return 1;
    return 0;
}
