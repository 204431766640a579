/* summary: what is left of a call that ended well, once its rows are given up.
 *
 * At most UCT_SUMMARY_MAX bytes: the rows that say who called whom, over which hops and how it ended (up to
 * four, without line, length and what only a failed call is asked for), a print of every other message and
 * which row went over the same hop, so that another box's sightings of it are known again. */
#ifndef UCT_SUMMARY_H
#define UCT_SUMMARY_H

#include "transcript.h"

#define UCT_SUMMARY_MAX 200
#define UCT_SUMMARY_ROWS 4
#define UCT_SUMMARY_PRINTS 64

/* One that was opened, or is to be written. */
struct uct_summary {
    uint32_t call_id;
    int64_t first, last;              /* stamps of all its rows */
    unsigned nrows, nprints;
    struct uct_msg rows[UCT_SUMMARY_ROWS];
    uint8_t group[UCT_SUMMARY_ROWS];  /* distinct message, as the call's rows are grouped; 0: past 255 */
    uint32_t prints[UCT_SUMMARY_PRINTS];      /* uct_print() */
    uint32_t more;                    /* further distinct messages, without a print */
};

/* A stamp, and where it stands, if there is any. */
struct uct_moment {
    int64_t time;
    uint64_t offset;
    bool any;
};

/* Where one stands in a source's summaries. */
struct uct_summary_at {
    uint64_t digest;                  /* of its Call-ID's text */
    size_t at;
    uint32_t call_id;
};

/* Those of one source.  All zero is empty; free with uct_summaries_free(). */
struct uct_summaries {
    unsigned char *bytes;             size_t nbytes, cbytes;
    struct uct_summary_at *items;     size_t n, cap;
    uint32_t *common;                 size_t ncommon, ccommon;      /* numbers that many of them name */
    uint32_t *slots;                  size_t nslots;                /* where in common a number stands, plus one */
    struct uct_moment first, last;    /* of the rows that were given up: the log wrote SIP then */
    uint64_t messages;                /* sent or received, of those without a row */
    uint64_t unlisted;                /* calls that were only counted, and their messages among the above */
};

/* Adds one.  *fits is false, and nothing was added, where it would be too long.  False when memory ran out. */
bool uct_summaries_add(struct uct_summaries *s, const struct uct_summary *x, uint64_t digest, bool *fits);
void uct_summary_open(const struct uct_summaries *s, size_t i, struct uct_summary *out);
/* Writes its rows' groups anew. */
void uct_summary_regroup(struct uct_summaries *s, size_t i, const uint8_t group[UCT_SUMMARY_ROWS]);
/* Drops those whose digest is above. */
void uct_summaries_limit(struct uct_summaries *s, uint64_t most);
void uct_summaries_free(struct uct_summaries *s);

/* A print is what is the same of a message on all its hops, and the row that went over its hop; or without
 * such a row (UCT_PRINT_ALONE) what is the same at both ends of its hop. */
#define UCT_PRINT_ALONE 7u
static inline uint32_t uct_print(uint32_t same, unsigned row) { return same << 3 | row; }
static inline uint32_t uct_print_same(uint32_t print) { return print >> 3; }
static inline unsigned uct_print_row(uint32_t print) { return print & 7; }
/* In 21 bits, equal in every box's log and in every run. */
uint32_t uct_msg_same(const struct uct_intern *strings, const struct uct_msg *m);
uint32_t uct_msg_same_hop(const struct uct_intern *strings, const struct uct_msg *m);

#endif
