/* report: what is said.  A tree of plain facts, all text owned by its arena;
 * renderers walk it and never look back at rows or rules. */
#ifndef UCT_REPORT_H
#define UCT_REPORT_H

#include "../base/base.h"
#include "../diagnose/rules.h"
#include "../input/input.h"
#include "../transcript/transcript.h"

struct uct_rsource {
    const char *name, *format, *host;      /* host NULL if unknown */
    uint64_t bytes, lines, records, messages, unparsed, prose;
    uint32_t unparsed_line;                /* first one, 0: none */
    bool unread;                           /* named for what it is, and no parser reads such */
    int64_t first, last;                   /* UCT_NO_TIME */
    enum uct_basis basis;                  /* NONE: null in JSON */
    int64_t offset_ms;
    bool stated;                           /* the log itself states its zone */
    bool zone;                             /* the whole quarter hours of offset_ms are a zone the log does not state */
    int64_t error_ms, samples;             /* -1: not measured */
    const char *reference;                 /* name of the source it was measured against */
    const char *box;                       /* what its host is called: "C", "edge2"; NULL without messages */
    enum uct_state state;
    const char *note;                      /* "" if none */
    const char *set;                       /* NULL if none */
};

enum uct_outcome { UCT_ANSWERED, UCT_FAILED_CALL, UCT_CANCELLED, UCT_UNANSWERED, UCT_INCOMPLETE };
const char *uct_outcome_name(enum uct_outcome o);

/* The hosts that a call passed, in its direction. */
struct uct_rhop {
    const char *name;              /* "C", "E", "edge", "client" ..., or an address */
    bool logged;                   /* some source here is its log */
};
struct uct_rway { const struct uct_rhop *hops; size_t n; };

struct uct_rcall {
    char id[24];
    const char *call_id;
    char session[24];
    const char *method, *from, *to, *reason;      /* NULL if unknown */
    int64_t start, end;
    enum uct_outcome outcome;
    int status;                                   /* 0: null */
    const uint32_t *sources; size_t nsources;
    const struct uct_rway *way;                   /* NULL: not known; calls share them */
    uint64_t messages, retransmissions;
    const uint32_t *findings; size_t nfindings;   /* indexes */
    bool shown;                                   /* passes the filters */
};

struct uct_rsession { char id[24]; const uint32_t *calls; size_t ncalls; };
struct uct_rjoin { uint32_t a, b; const char *key, *value; enum uct_confidence confidence; };

struct uct_revidence {
    uint32_t source, line;
    uint64_t offset;
    uint32_t length;
    const char *excerpt;           /* at most 512 bytes of clean UTF-8 */
};

/* Where a finding shows. */
struct uct_rspot { uint64_t offset; uint32_t source; };

struct uct_rparam { const char *name, *value; };

struct uct_rfinding {
    char id[24];
    const struct uct_rule *rule;
    enum uct_class class_;
    enum uct_severity severity;
    enum uct_confidence confidence;
    enum uct_actor actor;
    const char *title, *cause;
    const char *const *fix; size_t nfix;
    const char *const *codes; size_t ncodes;
    const struct uct_rparam *params; size_t nparams;
    uint64_t peers, users, domains;
    const uint32_t *calls; size_t ncalls;         /* indexes */
    uint64_t count;
    int64_t first, last;
    const struct uct_revidence *evidence; size_t nevidence;
    const struct uct_rspot *spots; size_t nspots; /* all of them, where uct_report.spots asked for them */
    const uint32_t *explains; size_t nexplains;   /* indexes */
    uint64_t explains_more;                       /* too many to be listed */
    bool explained;                               /* some other finding explains it */
    uint32_t left_out_by;                         /* index + 1 of the first that explains but does not list it */
    bool shown;
};

struct uct_rtrace;                                 /* trace.h */

struct uct_report {
    struct uct_arena arena;
    const char *lang;
    struct uct_rsource *sources; size_t nsources;
    struct uct_rcall *calls; size_t ncalls;
    struct uct_rsession *sessions; size_t nsessions;
    uint64_t joins_cut;                            /* calls of one key of which only neighbours were compared */
    struct uct_rjoin *joins; size_t njoins;        /* of session s: those whose calls it holds */
    struct uct_rfinding *findings; size_t nfindings;
    bool spots;                                    /* findings are to say every place where they show */
    uint64_t calls_failed;
    const char *const *skipped; size_t nskipped;   /* rules skipped, with what they lack */
    struct uct_rtrace *trace;                      /* NULL unless calls were asked for */
};
void uct_report_free(struct uct_report *r);

/* Some input could not be read, recognised or finished, or there was none. */
bool uct_report_incomplete(const struct uct_report *r);
/* 0, 1 or 3 as INTERFACE.md says. */
int uct_report_exit(const struct uct_report *r);

#endif
