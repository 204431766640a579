/* absence: what never arrived, and whether the logs at hand can say so.
 *
 * That a log lacks a message is evidence only where it covers the time: between
 * its first and last record, outside of holes, while it writes SIP, if its box
 * is known, from other messages, to be the one that the sender sends to, and if
 * the log has whatever others got from the box about that time: what it lacks of
 * that was searched or logged elsewhere, not lost. */
#ifndef UCT_ABSENCE_H
#define UCT_ABSENCE_H

#include "calls.h"

/* One thing that is not there: a rule to fire on a record made up for it, whose
 * fields are the rule's params and whose place is that of the message sent. */
struct uct_absence {
    const char *rule;             /* "sip.message-lost" ... */
    uint32_t source;
    size_t call;
    uint32_t kept;                /* in the block */
};

struct uct_absences {
    struct uct_block block;
    struct uct_absence *items;
    size_t n, cap;
    uint32_t cut, cut_source;     /* what was too much to be told, and where the first of it was sent */
};

/* refused: calls (ascending) that a Microsoft server gave up with 1009 or 1010. */
enum uct_status uct_absences_find(const struct uct_sources *s, const struct uct_calls *c, const size_t *refused,
                                  size_t nrefused, struct uct_absences *out);
void uct_absences_free(struct uct_absences *a);

#endif
