/* layout: text in columns of a terminal.  All input is taken as untrusted:
 * what these functions append is clean UTF-8 without control characters. */
#ifndef UCT_LAYOUT_H
#define UCT_LAYOUT_H

#include "../base/base.h"

/* Columns that a text takes; malformed bytes count one each. */
size_t uct_columns(struct uct_slice s);

/* Appends s on one line (line ends and tabs become blanks), shortened to at
 * most `width` columns with `mark` at its end where something was left off. */
void uct_fit(struct uct_buf *b, struct uct_slice s, size_t width, const char *mark);

/* The same, then blanks up to `width`. */
void uct_pad(struct uct_buf *b, struct uct_slice s, size_t width, const char *mark);

/* Appends s wrapped to lines of at most `width` columns.  The cursor stands at
 * column `at`; further lines begin with `indent` blanks.  Breaks at blanks and
 * between wide characters; a longer word stays whole.  Ends with a line end. */
void uct_wrap(struct uct_buf *b, struct uct_slice s, size_t at, size_t indent, size_t width);

#endif
