/* trace: the part of a report that one call asks for: its messages one by one,
 * on the hosts they passed.  Only made when a command names calls; the rest of
 * the report does not know it.  All text is owned by the report's arena. */
#ifndef UCT_TRACE_H
#define UCT_TRACE_H

#include "report.h"

#define UCT_NO_HOST UINT32_MAX

/* What was asked for and what it turned out to be. */
struct uct_rwant {
    const char *asked;
    bool found;
    bool met;                                  /* and it is here: the message, the line, or a call where one was meant */
    uint32_t call;                             /* index, when it is a call or a message of one */
    uint32_t number;                           /* of a message; 0: the whole call */
    uint32_t source;                           /* of SOURCE:LINE; UINT32_MAX otherwise */
    uint32_t line, first_line;                 /* asked for; where its record begins */
    struct uct_slice text;                     /* of that record, as it stands */
    const uint32_t *candidates; size_t ncandidates;   /* calls (or sources) it could mean */
    bool sources;                              /* the candidates are sources */
};

struct uct_rhost {
    const char *name;                          /* "C", "E", "edge", "client" ... or its address */
    const char *host;                          /* what its log calls it; NULL if it has none */
    const char *address;                       /* NULL if unknown */
    bool logged;                               /* some source here is its log */
};

struct uct_rsighting {
    uint32_t source, line;
    uint64_t offset;
    uint32_t length;
    int64_t time, printed;                     /* corrected; as it stands there */
    enum uct_dir dir;
    bool summary;                              /* one line that says so, not the message itself */
    const char *local, *remote, *process;      /* NULL if unknown */
};

struct uct_rvia { const char *sent_by, *ingress, *egress; };     /* zones NULL if not said */

enum { UCT_LEG_LOST = 1,           /* sent; the other end's log covers the time and does not have it */
       UCT_LEG_B2BUA = 2 };        /* sent or received by a B2BUA */

struct uct_rmessage {
    uint32_t call, number;                     /* c1.3: call 0, number 3 */
    bool record;                               /* a diagnostic record about a message, not one itself */
    int64_t time, printed;
    const char *method, *phrase, *ruri;        /* NULL if unknown */
    int status;                                /* 0: a request */
    uint32_t cseq;
    uint32_t from, to;                         /* hosts; UCT_NO_HOST; of a record from == to */
    enum uct_dir dir;                          /* as the first sighting has it */
    unsigned flags;
    const char *code;                          /* of a record: the result code's name, or the code */
    const char *server;                        /* Server or User-Agent */
    const char *sdp;                           /* "audio video; rejected: video", or NULL */
    const struct uct_rvia *vias; size_t nvias;        /* newest first, at most 64 */
    const struct uct_rsighting *sightings; size_t nsightings;
    uint64_t retransmissions;
    const uint32_t *findings; size_t nfindings;       /* whose evidence it is */
    size_t shown;                              /* the sighting whose text this is */
    struct uct_slice text;                     /* as it stands in the source; only if texts were asked for */
    struct uct_slice sip;                      /* the message in it, from its start line, put together */
    bool indented;                             /* ... each line after a blank (an Expressway dump) */
    bool lost;                                 /* its text is no longer there */
};

/* The zones of one host on the way: a zone is NULL where no Via tells it. */
struct uct_rzones { const char *host, *in, *out; };

struct uct_rpath {
    uint32_t call;
    const char *const *zones; size_t n;
    const struct uct_rzones *by_host; size_t nby_host;
};

struct uct_rtrace {
    struct uct_rwant *wants; size_t nwants;
    struct uct_rhost *hosts; size_t nhosts;    /* in the order in which they are drawn */
    struct uct_rmessage *messages; size_t nmessages;     /* by corrected time, then call and number */
    const uint32_t *calls; size_t ncalls;      /* those traced, ascending */
    struct uct_rpath *paths; size_t npaths;    /* of calls whose messages name zones */
    uint64_t calls_cut, messages_cut;          /* left out because there are too many */
};

#endif
