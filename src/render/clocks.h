/* clocks: how one log's clock runs against another's, in a line. */
#ifndef UCT_RENDER_CLOCKS_H
#define UCT_RENDER_CLOCKS_H

#include "../report/report.h"

/* Was source i measured to be off by more than the measurement's own error? */
bool uct_clock_off(const struct uct_report *r, size_t i);

/* "edge is 41.2 s ahead of vcse (±8 ms, 214 messages)"; of a log that states no zone "edge is +02:00, 5.0 s ahead of
 * vcse (...)".  Source i must have been measured. */
void uct_say_clock(struct uct_buf *b, const struct uct_report *r, size_t i, bool utf8);

#endif
