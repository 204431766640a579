/* report_double: a report made by hand, and stand-ins for what is not linked.
 *
 * The stand-ins are weak: where the library has the real thing, that is used. */
#ifndef UCT_REPORT_DOUBLE_H
#define UCT_REPORT_DOUBLE_H

#include "report/report.h"

/* Two sources, three calls in two sessions, five findings.  Free with
 * uct_report_free(). */
struct uct_report *uct_double_report(void);
/* The same with nothing in it but one source. */
struct uct_report *uct_double_quiet_report(void);

#endif
