/* engine: drives the way from paths to transcripts.
 *
 * Lanes (top-level files) are read one chunk of 4 MiB at a time, each lane by
 * one thread at a time; chunks are parsed by whichever thread is free and put
 * back in order.  Where a chunk is cut depends only on the text and the
 * parser, so the rows are the same for any number of threads and however the
 * input arrives. */
#ifndef UCT_ENGINE_H
#define UCT_ENGINE_H

#include "../../parsers/parser.h"
#include "../base/base.h"
#include "../input/input.h"
#include "../transcript/summary.h"
#include "../transcript/transcript.h"
#include "../uctriage.h"

/* From this offset of its text on a source's clock runs ahead by this. */
struct uct_shift {
    uint64_t from;
    int64_t ahead_ms;
};

/* One source after reading: a stream, a part of one that held two formats, or
 * a piece of a document. */
struct uct_source {
    char *name;
    const struct uct_parser *parser;      /* NULL: only named */
    const char *format;
    enum uct_state state;
    struct uct_buf note;
    struct uct_block *blocks;
    size_t nblocks, cblocks;
    struct uct_summaries summaries;       /* of calls whose rows were given up */
    size_t folded;                        /* blocks that were folded already */
    uint64_t bytes, lines;
    uint64_t from;                        /* offset of its first byte in the stream */
    uint64_t first_line;                  /* lines of the stream before it */
    uint64_t digest;
    uint64_t stream;                      /* which stream it came from: parts of one share it */
    const struct uct_source *document;    /* of a piece: where it stands; else NULL */
    struct uct_source **pieces;
    size_t npieces, cpieces;
    bool strange;                         /* read as --parser says, and no record of that format is in it */
    bool joined;                          /* holds further parts, past the bound on their number */
    const char *set;                      /* rotated set, or NULL */
    bool several;                         /* several machines wrote it (machines.c): its rows are those of hidden sources */
    uint32_t hidden, hidden_end;          /* ... these, as indexes */
    char machine[64];                     /* that wrote it, as machines are told apart; of several the first with messages */
    uint32_t shown;                       /* index of the source that stands for it in the report */
    struct uct_buf front, tail;           /* text before the first head and that line, and the last record */
    size_t front_n;                       /* of front, without the head */
    uint64_t tail_offset;
    uint32_t tail_line;
    int64_t first, last;                  /* stamps, corrected; set by uct_sources_times() */
    int64_t tz_ms;                        /* its clock runs ahead by this: set by --tz or measured */
    bool tz_user;
    struct uct_shift *shifts;             /* where the clock drifts or was set: ascending, the first from 0 */
    size_t nshifts;                       /* 0: tz_ms holds throughout */
    int64_t error_ms, samples;            /* of the measurement; samples 0: not measured */
    bool is_reference;                    /* others were measured against it */
    const struct uct_source *reference;   /* measured against (NULL: not measured, or itself the reference) */
};

/* A stamp at this offset by the reference's clock. */
int64_t uct_source_time(const struct uct_source *s, int64_t stamp, uint64_t offset);

struct uct_sources {
    struct uct_source **items;
    size_t n, cap;
    size_t nshown;                        /* those in the report; behind them one for each machine of a file of several */
    struct uct_source **dropped;          /* pieces of duplicates, kept only to be freed */
    size_t ndropped;
    struct uct_intern *strings;
    struct uct_spill *spill;              /* where rows and strings stand, or NULL; freed with the sources */
};

/* What is done with a source's rows while it is read: after each epoch of so many bytes of the stream, and
 * with `apart` at its end too.  Epochs apart have strings of their own, which fold() must move to those that
 * stay; else both tables are one.  fold() is called from any thread, for one source at a time, and returns
 * false when memory ran out.  `shrink` is false where there is too little to be worth it: the stream is shorter
 * than an epoch and all paths together are smaller on disk than `small`. */
struct uct_epochs {
    uint64_t bytes, small;
    bool apart;
    bool (*fold)(void *arg, struct uct_source *s, bool shrink, struct uct_intern *strings, struct uct_intern *staying);
    void *arg;
    struct uct_spill *spill;              /* for the strings that stay, or NULL; the sources take it */
};

/* Reads everything. UCT_FATAL when memory ran out; what was read is in *out
 * all the same and must be freed.  epochs: NULL when all rows stay. */
enum uct_status uct_engine_read(const struct uct_options *o, const struct uct_interest *interest,
                                const struct uct_epochs *epochs, const char *const *paths, size_t npaths,
                                struct uct_sources *out);
void uct_sources_free(struct uct_sources *s);
/* Settles first and last of every source, once clocks and rows are final. */
void uct_sources_times(struct uct_sources *s);

/* A host's name as machines are told apart by it: its first label in lower case, an address whole; cut to n - 1 bytes. Empty for
 * what names no machine. */
void uct_machine_name(struct uct_slice host, char *out, size_t n);
/* Looks at the blocks from `from` on, whether a second machine wrote there; `strings` has their numbers. */
void uct_machines_note(struct uct_source *s, size_t from, const struct uct_intern *strings);
/* Gives each machine that wrote a part of a file a source of its own, not shown, with its rows.  Once, when all rows are final;
 * also numbers the sources for the report. */
enum uct_status uct_machines_split(struct uct_sources *s);

/* Rotated sets: labels, and the record that was cut at a roll-over put together. */
enum uct_status uct_sets_join(const struct uct_options *o, const struct uct_interest *interest,
                              struct uct_sources *s);

#endif
