/* incident: writes one federated incident as each product would log it, and the truth about it.
 *
 * A program (bench/incident DIR SEED) and, for tests, a function.  The same seed gives the same bytes. */
#ifndef INCIDENT_H
#define INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INC_LOGS 5
#define INC_FILES 8
#define INC_CALLS 96
#define INC_LOSSES 16

enum inc_outcome { INC_ANSWERED, INC_FAILED, INC_CANCELLED, INC_UNANSWERED, INC_INCOMPLETE };
enum inc_kind { INC_EXPRESSWAY, INC_CLS, INC_UCCAPI };

struct inc_file {
    char name[64];
    int log;
    int other;                    /* a second log that was written into the same file, or -1 */
};

struct inc_log {
    enum inc_kind kind;
    char name[24];
    int64_t skew_ms;              /* stamps less true UTC, at the start of the file */
    double drift;                 /* ms per ms */
    int64_t jump_at, jump_ms;     /* true time of a jump (0: none) and by how much */
    bool info_only;               /* Expressway without dumps */
    int64_t stop_at;              /* true time after which nothing was written; INT64_MAX */
    int64_t hole_from, hole_to;   /* nothing was written in between */
    int64_t first, last;          /* true times of what was written */
    bool twice;                   /* part of it stands in it a second time */
    bool busy;                    /* a record every other second or more */
};

struct inc_call {
    char call_id[80];
    int session;
    bool dialog;                  /* an INVITE began it */
    bool seen;                    /* some log holds it */
    enum inc_outcome outcome;
    unsigned messages, retransmissions;
    bool joinable;                /* the logs hold a key that ties it to the rest of its session */
    bool close;                   /* so close to the limit of patience that a clock's drift decides */
    bool refused;                 /* the edge gave it up: no Expressway ever saw it */
};

struct inc_loss {
    int call;                     /* index of the call */
    int from, to;                 /* logs */
    int64_t at;                   /* true time of sending */
    bool claimable;               /* the sender's log has it, and the receiver's covers the time */
};

struct incident {
    struct inc_log log[INC_LOGS];
    int nlogs;
    struct inc_file file[INC_FILES];
    int nfiles;
    struct inc_call call[INC_CALLS];
    int ncalls;
    struct inc_loss loss[INC_LOSSES];
    int nlosses;
    int nsessions;
    char what[256];               /* its features, for the reader */
};

/* Stamp less true UTC at a true time. */
int64_t inc_offset(const struct inc_log *l, int64_t at);

/* Writes the logs into dir.  Returns false when a file cannot be written. */
bool incident_write(const char *dir, uint64_t seed, struct incident *truth);

#endif
