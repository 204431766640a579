/* The contract of a parser: one log format, one file, one const descriptor.
 *
 * A parser is pure: it gets a chunk of decoded text that begins at a place
 * where its state is the initial one and writes what it understood to the
 * writer.  It keeps nothing from chunk to chunk, does no I/O and knows no
 * rule.  See template.c and CONTRIBUTING.md. */
#ifndef UCT_PARSER_H
#define UCT_PARSER_H

#include "transcript/transcript.h"

struct uct_chunk {
    struct uct_slice text;
    bool first;          /* the first chunk of its source */
    bool last;           /* ends where the source ends */
    bool continued;      /* begins inside a record that was cut by force: skip to the first head */
    bool cut;            /* ends inside a record, by force (no split point in 4 MiB) */
};

/* One documented scale (bids of different parsers compare):
 *    0   not this format
 *    1   any text
 *    2   text in which a code or a name of the field stands
 *   32   one whole record, verified by the grammar
 *   +8   per further whole record, up to 96
 *   +8   per literal that the format demands and that was found
 * A binary format bids 8 per byte of magic verified at its fixed place. */
#define UCT_BID_TEXT 1
#define UCT_BID_CODES 2
#define UCT_BID_RECORD 32
#define UCT_BID_MORE 8
#define UCT_BID_MAX 255

struct uct_parser {
    const char *name;          /* sources[].format */
    const char *summary;       /* one line for --help and the manual */
    /* Pure function of a window of the decoded stream (up to 256 KiB, not
     * necessarily ended by a line end; whole says that it is all there is). */
    int (*bid)(struct uct_slice window, bool whole);
    /* Is this line, standing alone, the head of a record of this format?
     * Strict: used to hand over between formats in one file and to find
     * excerpts.  Must reject in a few instructions.  NULL: never. */
    bool (*head)(struct uct_slice line);
    /* The last position in text (> 0) where the parser's state is initial,
     * always a line start; 0 if there is none.  NULL: never split. */
    size_t (*split)(struct uct_slice text);
    /* Parses the whole chunk.  Returns how many bytes it took: less than
     * text.n only when the line there is another format's head
     * (uct_foreign_head) and the rest is that one's. */
    size_t (*parse)(struct uct_writer *w, const struct uct_chunk *c);
    const char *note;          /* for formats only named: what to do instead */
};

extern const struct uct_parser *const uct_parsers[];     /* NULL-terminated, in the order of parsers.am */
const struct uct_parser *uct_parser_find(struct uct_slice name);
/* The parser other than `self` whose head this line is, or NULL.  w: self's writer; where it is
 * told to read all (uct_w_reads_all) no line is foreign. */
const struct uct_parser *uct_foreign_head(const struct uct_writer *w, const struct uct_parser *self,
                                          struct uct_slice line);

extern const struct uct_parser uct_parser_expressway;
extern const struct uct_parser uct_parser_lync_server;
extern const struct uct_parser uct_parser_uccapi;
extern const struct uct_parser uct_parser_windows_event;
extern const struct uct_parser uct_parser_search_history;
extern const struct uct_parser uct_parser_sip;
extern const struct uct_parser uct_parser_excerpt;
extern const struct uct_parser uct_parser_text;

#endif
