/* findings: rules over kept records and calls.  The lower half of the rules. */
#ifndef UCT_FINDINGS_H
#define UCT_FINDINGS_H

#include "../correlate/calls.h"
#include "../correlate/join.h"
#include "rules.h"

/* Who knows the joins, and waits for them if he must; NULL when they failed. */
struct uct_ask_joins {
    const struct uct_joins *(*joins)(void *arg);
    void *arg;
};

/* Fills r->findings (texts in r->lang, all memory in r->arena) and links them
 * to r->calls, which must be filled already in the order of c->items. */
enum uct_status uct_findings_build(const struct uct_rules *rules, const struct uct_sources *s, const struct uct_calls *c,
                                   const struct uct_ask_joins *ask, struct uct_report *r);

#endif
