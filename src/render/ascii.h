/* ascii: what ladder, show and diff print where the locale's characters are not UTF-8. */
#ifndef UCT_RENDER_ASCII_H
#define UCT_RENDER_ASCII_H

#include "../report/trace.h"
#include "render.h"

/* Appends s, cleaned, in ASCII: another character is \u{fc}, and a backslash before "u{" is \u{5c}, so that
 * nothing is lost. */
void uct_ascii(struct uct_buf *b, struct uct_slice s);

/* Rewrites every text of a report with a trace that its renderers print, so that they measure what they print.
 * False when memory ran out. */
bool uct_report_ascii(struct uct_report *r);

#endif
