/* Inside the room: what is known by a magic number, and what by the shape of its lines. */
#ifndef UCT_KINDS_H
#define UCT_KINDS_H

#include "detect.h"

bool kind_by_magic(struct uct_slice window, struct uct_detection *out);

/* contested: a parser would read it too, so most lines must be of the kind or be what its records
 * allow behind a first line that is. */
bool kind_by_lines(struct uct_slice window, bool contested, struct uct_detection *out);

#endif
