/* input: paths become named byte streams, unwrapped and decoded to UTF-8.
 *
 * A lane is one top-level file (or standard input); lanes are independent and
 * may be driven by different threads, each lane by one thread at a time.  A
 * lane gives its streams one after the other (members of an archive), each
 * valid until the next call.  What cannot be read still comes as a stream,
 * with its state and a note, so that nothing is dropped in silence. */
#ifndef UCT_INPUT_H
#define UCT_INPUT_H

#include "../base/base.h"
#include <sys/types.h>

enum uct_state {
    UCT_STATE_OK,
    UCT_STATE_TRUNCATED,      /* it ends before it should: what came was used */
    UCT_STATE_CORRUPT,
    UCT_STATE_UNSUPPORTED,    /* known for what it is, but not readable here (password, ETL, PDF ...) */
    UCT_STATE_UNRECOGNISED,   /* set by detection, never here */
    UCT_STATE_UNREADABLE,     /* the system refused: errno text in the note */
    UCT_STATE_EMPTY,
    UCT_STATE_LIMITED,        /* stopped by a limit */
    UCT_STATE_DUPLICATE       /* set later, never here */
};
const char *uct_state_name(enum uct_state s);     /* "ok", "truncated" ... as in the report */

/* --limits: bounds on unwrapping. */
struct uct_limits {
    unsigned depth;             /* 8: archives in archives */
    uint64_t members;           /* 100000 in one lane */
    uint64_t bytes;             /* 64 GiB decoded in one lane */
    unsigned ratio;             /* 200: output / input, past 1 GiB of output of one lane */
    uint64_t line, record;      /* 1 MiB each: parsers' bounds */
    uint64_t spool;             /* 4 GiB */
};
extern const struct uct_limits uct_limits_default;
/* "512M", "2G", "1048576": a number of bytes above 0. */
bool uct_size_parse(struct uct_slice s, uint64_t *v);
/* Parses "depth=4,bytes=1G"; returns NULL, or a static text saying what is wrong. */
const char *uct_limits_parse(struct uct_limits *l, const char *list);

struct uct_input_options {
    struct uct_limits limits;
    const char *const *include; size_t ninclude;   /* globs on the name of a stream, "*" crosses '/' and '!' */
    const char *const *exclude; size_t nexclude;
    bool map;                    /* map regular files (needs uct_guard_install()) */
};

struct uct_input;
struct uct_lane;
struct uct_stream;

/* Walks the paths (directories recursively, names sorted bytewise; "-" is
 * standard input; symbolic links to files are followed, to directories not
 * twice).  Fails only for want of memory. */
enum uct_status uct_input_open(struct uct_input **in, const struct uct_input_options *o, const char *const *paths,
                               size_t npaths);
void uct_input_free(struct uct_input *in);
size_t uct_input_lanes(const struct uct_input *in);
/* The path of a lane as it was found ("-": standard input). */
const char *uct_input_name(const struct uct_input *in, size_t i);
/* Bytes on disk of all regular files (for progress); 0 if unknown. */
uint64_t uct_input_bytes(const struct uct_input *in);

struct uct_lane *uct_lane_open(struct uct_input *in, size_t i);
/* UCT_OK with the next stream, UCT_EOF when there is none, UCT_FATAL out of memory. */
enum uct_status uct_lane_next(struct uct_lane *l, struct uct_stream **s);
/* Compressed bytes taken so far (for progress). */
uint64_t uct_lane_position(const struct uct_lane *l);
void uct_lane_close(struct uct_lane *l);

/* The name by its way in: "case.zip!diag.tar.gz!loggingsnapshot.txt", "-". */
const char *uct_stream_name(const struct uct_stream *s);
/* Bytes of a UTF-8 byte order mark before the text: offsets in the file count them. */
size_t uct_stream_skipped(const struct uct_stream *s);
/* Fills buf with exactly n bytes unless the stream ends first; 0 at the end.
 * Errors end the stream and are in its state. */
size_t uct_stream_read(struct uct_stream *s, char *buf, size_t n);
/* A mapped regular file that needed no unwrapping: its whole text, good until
 * the lane is closed.  Reading past a truncation gives zero bytes. */
bool uct_stream_map(struct uct_stream *s, const char **p, size_t *n);
/* These bytes of a mapped text come next: their pages are brought in at one stroke. */
void uct_map_want(const char *p, size_t n);
/* These bytes of a mapped text were read: the pages may go.  They come back when they are touched again. */
void uct_map_release(const char *p, size_t n);
/* After the last byte: the state and, if not OK, words for the reader (like the
 * name good until the next uct_lane_next()).  Also says for a mapped file that it shrank meanwhile. A note
 * may also stand beside OK (trailing garbage after a gzip member, UTF-16 decoded ...). */
enum uct_state uct_stream_state(struct uct_stream *s, const char **note);

/* Does the pattern fit the name of a stream?  '*' crosses everything; a pattern
 * without '/' and '!' also fits the last component. */
bool uct_glob_name(const char *pattern, const char *name);
/* "both.log@1200", a part of a file from that line on, or "mail.txt#2", a piece of a document, by the name of the whole;
 * *n is the number, or 0 where the name has no such end. */
struct uct_slice uct_name_whole(struct uct_slice name, char mark, uint64_t *n);
/* Does the pattern fit the name of the whole that this is a part or piece of, by these marks?  False where it is none. */
bool uct_glob_whole(const char *pattern, const char *name, const char *marks);

/* Survive mapped files being truncated under us: SIGBUS in a registered range
 * maps a zero page over it and marks the file.  Process-wide by nature; the
 * command calls it once.  Without it nothing is mapped. */
bool uct_guard_install(void);

#endif
