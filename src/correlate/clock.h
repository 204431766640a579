/* clock: each source's clock against the others, measured from messages that both saw. */
#ifndef UCT_CLOCK_H
#define UCT_CLOCK_H

#include "calls.h"

/* Measures on calls whose times are as printed (less --tz) and sets tz_ms,
 * error_ms, samples and reference of the sources that share messages with
 * another one.  *changed says that some clock was found to be off, so that the
 * calls must be built again. */
enum uct_status uct_clocks_measure(struct uct_sources *s, const struct uct_calls *c, bool *changed);

#endif
