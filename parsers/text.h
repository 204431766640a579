/* Codes in lines of any text; shared by the parsers that meet bare ones. */
#ifndef UCT_PARSERS_TEXT_H
#define UCT_PARSERS_TEXT_H

#include "parser.h"
#include "sip/keep.h"

/* A diagnostics header anywhere in the line: behind a quote mark, a bullet or
 * glued to the header before it. */
bool uct_text_diag(struct uct_slice line, struct uct_diag *d);

/* Is there a diagnostics header, a result code or a symbol of one in it? */
bool uct_text_has_code(struct uct_slice line);

/* Writes a record for each code of the line; returns how many. */
unsigned uct_text_codes(struct uct_writer *w, const struct uct_origin *o, struct uct_slice line);

#endif
