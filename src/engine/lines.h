/* Lines past --limits line=: a parser gets their first bytes only, and says by cuts what it was not shown. */
#ifndef UCT_LINES_H
#define UCT_LINES_H

#include "../base/base.h"
#include "../transcript/transcript.h"

/* Walks over lines of more than `limit` bytes, without their line feeds, in text that comes bit by bit. */
struct uct_long_lines {
    struct uct_slice text;
    size_t at;               /* where a line starts */
    uint64_t limit;
    uint64_t open;           /* bytes of the line at the front that came before the text */
};

struct uct_long_line {
    size_t keep, end;        /* what is too much of it: [keep, end), without its line feed */
    bool told;               /* it was too long before this text began, and all of it is too much */
};

/* False when there is no more.  Costs next to nothing where lines are short. */
bool uct_long_lines_next(struct uct_long_lines *s, struct uct_long_line *out);
/* Bytes of the unfinished line at the end of text, of which `open` came before it. */
uint64_t uct_open_line(struct uct_slice text, uint64_t open);

/* A chunk's text as its parser gets it. */
struct uct_shown {
    struct uct_slice text;
    char *owned;             /* the text when it is a copy, else NULL */
    struct uct_cut *cuts;
    size_t ncuts, ccuts;
    uint32_t lead;           /* 1: the rest of a line, with its end, was left out at the front */
    bool told;               /* the first cut belongs to a line that was told of with the chunk before */
};

/* False when memory ran out.  To be freed in any case. */
bool uct_shown_make(struct uct_shown *s, struct uct_slice text, uint64_t open, uint64_t limit);
void uct_shown_free(struct uct_shown *s);
/* How many lines that begin or pass the limit in the first `taken` bytes shown were cut. */
uint32_t uct_shown_count(const struct uct_shown *s, size_t taken);

#endif
