/* correlate: transcripts become calls.  A call is everything under one
 * Call-ID, in whichever source it was seen. */
#ifndef UCT_CALLS_H
#define UCT_CALLS_H

#include "../engine/engine.h"
#include "../report/report.h"

/* One sighting of a message of a call, or a diagnostic record that names it. */
struct uct_ref {
    const struct uct_msg *msg;               /* NULL for a record */
    const struct uct_sighting *record;       /* NULL for a message */
    int64_t time;                            /* corrected by the source's zone; UCT_NO_TIME if unknown */
    uint32_t source;
    uint32_t group;                          /* distinct message it is a sighting of, 1..; 0: a twin or a record */
};

struct uct_call {
    uint32_t call_id;
    struct uct_ref *refs;
    size_t nrefs;
    struct uct_packed *packed;               /* what stands for rows that were given up: those are no refs */
    size_t npacked;
    uint32_t method, from, to, reason;       /* interned; 0 unknown */
    uint16_t status;
    enum uct_outcome outcome;
    int64_t start, end;
    uint32_t messages, retransmissions;
    bool blind;                              /* some sighting has no branch: its other end may stay unknown */
};

struct uct_links;
struct uct_ties;

/* Where a summary of a call stands. */
struct uct_packed {
    struct uct_source *from;
    uint32_t source, index;
};

struct uct_calls {
    struct uct_call *items;                  /* sorted by start (unknown last), then Call-ID */
    size_t n;
    struct uct_ref *refs;
    struct uct_packed *packed;
    const struct uct_sources *s;
    uint32_t *by_id;                         /* interned Call-ID -> index + 1 */
    uint32_t nids;
    uint32_t *by_serial;                     /* interned Call-serial-number or Tag -> index + 1 of the first such call */
    uint64_t *source_messages;               /* per source: messages sent or received, twins counted once */
    struct uct_links *links;                 /* boxes, and where their addresses lead */
    struct uct_ties *ties;                   /* ids that stand beside the messages' own fields */
};

/* s: sorted and final; duplicates have state DUPLICATE and are left out. */
enum uct_status uct_calls_build(const struct uct_sources *s, struct uct_calls *out);
void uct_calls_free(struct uct_calls *c);
/* Index of the call of an interned Call-ID, or SIZE_MAX. */
size_t uct_calls_find(const struct uct_calls *c, uint32_t call_id);

/* Index of the call that an Expressway serial number (Call-serial-number = proxy-call-id of what that box
 * sent) or Tag (X-TAATag) belongs to, or SIZE_MAX. */
size_t uct_calls_find_serial(const struct uct_calls *c, uint32_t serial);

/* A call with all its refs, those of its summaries included.  One view holds one call at a time; zero it
 * before first use.  What it shows lives until the view shows another call or is freed. */
struct uct_view {
    struct uct_call call;
    struct uct_ref *refs;
    struct uct_summary *summaries;
    size_t crefs, csummaries;
    bool failed;                             /* memory ran out: some call was shown without its summaries */
};
const struct uct_call *uct_calls_show(const struct uct_calls *c, size_t i, struct uct_view *v);
void uct_view_free(struct uct_view *v);

/* Private to correlate/: marks twins and groups sightings of one message. */
enum uct_status uct_call_identify(struct uct_call *c, struct uct_links *l, uint64_t *source_messages);
/* What stays the same of a message on all its hops: method or status, CSeq, tags. */
uint64_t uct_msg_base(const struct uct_msg *m);
/* Numbers of the methods that outcomes ask for; 0 where no message has them. */
struct uct_methods {
    uint32_t invite, cancel, ack;
};
/* Private to correlate/: parties, status and outcome. */
void uct_call_judge(struct uct_call *c, const struct uct_links *l, const struct uct_methods *methods);

#endif
