/* ties: what is known of calls beside their messages' own fields.
 *
 *   proxy-call-id of a Via below the top, of Record-Route        the component that the INVITE has passed
 *   Event="Call Attempted" ... Call-serial-number= Tag=          the component that an INVITE began, and who calls
 *   Trace-Correlation-Id:, [156659184]                           one message on its way through a Microsoft server
 *   Peer: vcse.example.com:25002                                 the port that an edge's record speaks of */
#ifndef UCT_TIES_H
#define UCT_TIES_H

#include "calls.h"

enum uct_known_kind { UCT_KNOWN_SERIAL, UCT_KNOWN_TAG, UCT_KNOWN_FROM, UCT_KNOWN_TRACE, UCT_KNOWN_PEER };

struct uct_known {
    int64_t time;                /* corrected */
    uint64_t offset;             /* of the record, by which what one moment says is ordered */
    uint32_t call, value;
    uint32_t source, place;      /* of a trace number: the machine */
    uint8_t kind;                /* enum uct_known_kind */
    bool repeated;               /* a trace number that other messages of the call have, too */
};

struct uct_ties {
    struct uct_known *v;         /* by kind, then call; trace numbers by value, then time */
    size_t n, cap;
    size_t from[UCT_KNOWN_PEER + 2];      /* of each kind: [from[k], from[k + 1]) */
};

/* c: built, but for its ties. */
enum uct_status uct_ties_find(const struct uct_sources *s, const struct uct_calls *c, struct uct_ties *out);
/* The only call that has this trace number in that source within a minute, or SIZE_MAX. */
size_t uct_ties_trace(const struct uct_calls *c, const struct uct_sources *s, uint32_t source, int64_t time,
                      struct uct_slice number, struct uct_slice machine);
void uct_ties_free(struct uct_ties *t);

/* The event Call Attempted stands behind its INVITE, a few ms later, or just before it: the two come from different
 * threads.  It has the INVITE's source address and, with or without a scheme, its target. */
#define UCT_ATTEMPT_AFTER_MS 1000
#define UCT_ATTEMPT_BEFORE_MS 100
#define UCT_ATTEMPTS_MOST 64       /* INVITEs from one port that are looked at */
bool uct_ties_same_uri(struct uct_slice a, struct uct_slice b);

#endif
