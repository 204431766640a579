/* excerpt: log text that stands inside another document.
 *
 * Three steps, each a file: excerpt_lines.c takes quoting off the lines and
 * says what they look like, excerpt_find.c says where a piece starts and ends
 * and which lines continue the line before, excerpt_wrap.c writes the text as
 * it stood in the log, with a map back to the document.  excerpt.c puts them
 * together and hands the pieces to their parsers.
 *
 * All slices point into the document; nothing outlives uct_excerpt_rewrite(). */
#ifndef UCT_EXCERPT_H
#define UCT_EXCERPT_H

#include "parsers/parser.h"

enum uct_x_family {
    UCT_X_NONE, UCT_X_EXPRESSWAY, UCT_X_LYNC, UCT_X_UCCAPI, UCT_X_SIP, UCT_X_EVENT, UCT_X_NFAMILIES
};

/* What part of a record a line belongs to. */
enum uct_x_phase {
    UCT_X_HEAD,        /* the head and what continues it */
    UCT_X_DUMP,        /* after SIPMSG: the start line is to come */
    UCT_X_START,       /* a SIP start line */
    UCT_X_HEADERS,     /* headers of a SIP message or of a diagnostic */
    UCT_X_BODY,        /* its body */
    UCT_X_KEYS,        /* keys of a Lync record that has its end mark */
    UCT_X_TRACE,       /* keys after a Lync line without a begin mark */
    UCT_X_FREE,        /* free text after "Description:" of an event */
    UCT_X_DONE         /* nothing may follow but a head */
};

/* One line of the document that is not empty, quoting taken off. */
struct uct_x_line {
    struct uct_slice s;       /* without quoting, indentation and blanks at its end */
    size_t start, end;        /* of the whole line in the document, line end included */
    uint32_t line;            /* from 0 */
    uint32_t blanks;          /* empty lines behind it */
    uint32_t indent;          /* blanks before s, after the quoting */
    uint32_t width;           /* characters, indentation included */
    char mark;                /* bullet or comment sign that was taken off, or 0 */
    uint32_t back;            /* bytes from that sign to s */
    bool fence;               /* a Markdown code fence */
    bool tail;                /* a blank stood at its end */
    bool foreign;             /* mostly another script than ASCII */
    bool joins;               /* set by excerpt_find: continues the line before */
    bool folded;              /* ... as RFC 3261 folds headers, not because a line was cut */
    uint8_t phase;            /* set by excerpt_find: enum uct_x_phase */
};

/* Lines are read when they are asked for and forgotten when a piece is done. */
struct uct_x_reader {
    struct uct_slice doc;
    size_t pos;               /* in doc, of what was not read yet */
    uint32_t line;            /* of pos */
    struct uct_x_line *v;
    size_t n, cap;
    size_t base;              /* number of v[0] */
    bool piped;               /* the line before was quoted with "| " */
    bool failed;              /* out of memory */
};

/* Line number i (counted over lines that are not empty), NULL behind the last.
 * The pointer is good until the next call. */
struct uct_x_line *uct_x_at(struct uct_x_reader *r, size_t i);
void uct_x_forget(struct uct_x_reader *r, size_t before);
/* Takes quoting off one line (without its end). */
void uct_x_unquote(struct uct_slice raw, bool pipes, struct uct_x_line *out);

/* ---- what a line looks like (excerpt_lines.c) --------------------------- */

/* The family whose record starts here.  next: the following line, or empty. */
enum uct_x_family uct_x_head(struct uct_slice s, struct uct_slice next);
bool uct_x_is_stamped(struct uct_slice s);          /* an Expressway stamp with its zone */
bool uct_x_is_start_line(struct uct_slice s, struct uct_slice next);
bool uct_x_is_diag(struct uct_slice s);             /* ms-diagnostics: 1009;... */
bool uct_x_is_code(struct uct_slice s);             /* Result-Code: 0xc3e93d6f */
/* Length of the name of a "Name:" at the front, 0 if there is none. */
size_t uct_x_key(struct uct_slice s);
bool uct_x_sip_name(struct uct_slice name);
/* Length of the name of a SIP header at the front however RFC 3261 lets it be
 * written: "Via: x", "Via :  x", and "v: x", whose value must look like one of
 * a Via.  For lines of a message: elsewhere a letter and a colon are prose. */
size_t uct_x_header(struct uct_slice s, struct uct_slice *value);
/* Is it Content-Length, in any spelling? */
bool uct_x_is_length(struct uct_slice s, struct uct_slice *value);
bool uct_x_lync_name(struct uct_slice name);
/* Length of the key of a `key="` at the front (blanks round "=" allowed). */
size_t uct_x_pair(struct uct_slice s);
size_t uct_x_method(struct uct_slice s);            /* length of a SIP method at the front, as a word */
bool uct_x_lone_method(struct uct_slice s);         /* "INVITE Via: ..." */
bool uct_x_is_uuid(struct uct_slice s);
bool uct_x_is_sentence(struct uct_slice s);         /* three words of letters at the front (excerpt_find.c) */
struct uct_slice uct_x_first_word(struct uct_slice s);
struct uct_slice uct_x_last_word(struct uct_slice s);

/* ---- where a piece ends (excerpt_find.c) -------------------------------- */

struct uct_x_run {
    enum uct_x_family family;
    bool stamped;             /* Expressway: the head has its stamp */
    bool doubled;             /* an empty line after every line */
    uint32_t wrap;            /* widest line near by: where lines were wrapped */
    bool hard;                /* several lines are exactly as wide */
    bool strict;              /* ... and hardly one is a little narrower: cut without regard to words */
    size_t end;               /* Lync: where the next $$end_record stands, or how far there is none */
};

/* Marks the lines of the record that starts at line i; returns the number of
 * the first line that is not its. */
size_t uct_x_find_end(struct uct_x_reader *r, struct uct_x_run *run, size_t i);

/* ---- the text as it was (excerpt_wrap.c) -------------------------------- */

struct uct_x_text {
    struct uct_buf text;
    struct uct_segment *map;
    size_t nmap, cmap;
    bool failed;
};

struct uct_x_writer {
    struct uct_x_text out;       /* the piece */
    struct uct_x_text line;      /* one logical line, joined */
};
/* Appends the record in lines [i, end) to w->out. */
void uct_x_write(struct uct_x_writer *w, struct uct_x_reader *r, const struct uct_x_run *run, size_t i,
                 size_t end);
/* An empty line between two messages of one piece. */
void uct_x_part(struct uct_x_writer *w);
void uct_x_writer_free(struct uct_x_writer *w);

/* ---- the whole (excerpt.c) ---------------------------------------------- */

struct uct_excerpt_piece {
    const char *format;          /* name of the parser it is for */
    struct uct_slice text;
    const struct uct_segment *map;
    size_t nmap;
    uint64_t from, to;           /* in the document */
    uint32_t line, nlines;
};

struct uct_excerpt_sink {
    void *arg;
    void (*piece)(void *arg, const struct uct_excerpt_piece *p);
    void (*prose)(void *arg, uint32_t line, uint32_t nlines);
};

/* Finds the pieces of a document, in its order.  False when memory ran out. */
bool uct_excerpt_rewrite(struct uct_slice doc, const struct uct_excerpt_sink *sink);

#endif
