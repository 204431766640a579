/* Private to quote/: how a trace is made.
 *
 *   want.c   what the words of the command mean
 *   trace.c  sightings of the wanted calls become messages, in order
 *   facts.c  what only their texts say: Via stack, zones, SDP, result codes
 *   hosts.c  which hosts they passed, and what these are called */
#ifndef UCT_QUOTE_TRACE_H
#define UCT_QUOTE_TRACE_H

#include "../correlate/absence.h"
#include "../correlate/boxes.h"
#include "../correlate/calls.h"
#include "../correlate/join.h"
#include "../report/trace.h"
#include "quote.h"

/* A message being made: what the report does not keep. */
struct uct_making {
    uint32_t first, n;            /* its refs in struct uct_tracing.refs */
    uint32_t best;                /* the one whose text is read */
};

struct uct_seen_at {
    uint32_t message;             /* index */
    uint32_t order;
    const struct uct_ref *ref;
};

struct uct_tracing {
    const struct uct_options *o;
    const struct uct_sources *s;
    const struct uct_calls *c;
    struct uct_boxes *boxes;
    struct uct_report *r;
    struct uct_rtrace *t;
    struct uct_quote *q;
    struct uct_seen_at *refs;     /* by message, then as sorted in the call */
    size_t nrefs, crefs;
    struct uct_rmessage *m;       /* grows; handed to the trace at the end */
    struct uct_making *making;
    size_t nm, cm, cmaking;
};

/* The trace of o->want; q was made before the sources were read. */
enum uct_status uct_trace_build(const struct uct_options *o, const struct uct_sources *s,
                                const struct uct_calls *c, struct uct_boxes *b, struct uct_quote *q,
                                struct uct_report *r);

enum uct_status uct_wants_resolve(struct uct_tracing *t);
/* Which wants are met, now that the messages and lines are there. */
void uct_wants_settle(struct uct_rtrace *t, bool lines);
enum uct_status uct_facts_read(struct uct_tracing *t);
enum uct_status uct_hosts_find(struct uct_tracing *t);

/* Clean text in the report's arena; NULL for an empty slice or when memory is
 * out (the arena remembers nothing: *failed does). */
const char *uct_trace_text(struct uct_tracing *t, struct uct_slice s, bool *failed);
const char *uct_trace_id(struct uct_tracing *t, uint32_t id, bool *failed);

#endif
