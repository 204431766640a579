/* quote: text on demand.  Rows hold source, offset and length; what a command
 * wants whole is collected as items and read in one more pass, each source
 * forward once, through the same input room and under the same limits. */
#ifndef UCT_QUOTE_H
#define UCT_QUOTE_H

#include "../input/input.h"
#include "../uctriage.h"

struct uct_quote;

struct uct_quote_item {
    const char *source;        /* as reported: a stream, a piece NAME#1 or a part NAME@57 of one */
    uint64_t offset;           /* in the stream */
    uint32_t length;
    size_t tag;                /* the caller's */
};

/* Before the first reading: notes size and time of every file.  `o` and the
 * paths must live as long as the quote. */
enum uct_status uct_quote_new(struct uct_quote **q, const struct uct_options *o, const char *const *paths,
                              size_t npaths);
void uct_quote_free(struct uct_quote *q);

/* text lives until the call returns; lost: it is no longer there (the file
 * changed, or standard input could not be kept) and text is empty. */
typedef void uct_quote_fn(void *arg, size_t tag, struct uct_slice text, bool lost);

/* Sorts the items and calls fn once for each.  UCT_FATAL when memory ran out. */
enum uct_status uct_quote_read(struct uct_quote *q, struct uct_quote_item *items, size_t n, uct_quote_fn *fn,
                               void *arg);

/* The record that line `line` (from 1) of a source stands in: from the last
 * line that `head` takes for a head to the next one; without a head (NULL, or
 * none within 64 KiB) the line alone.  Fills text and *first, the line it begins on. */
struct uct_quote_place {
    const char *source;
    bool (*head)(struct uct_slice line);
    uint32_t line;
    uint32_t behind;       /* the first line that is another's, 0: none */
    uint32_t first;
    struct uct_buf text;
};
enum uct_status uct_quote_line(struct uct_quote *q, struct uct_quote_place *at);

#endif
