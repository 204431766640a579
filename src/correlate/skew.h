/* skew: how far the clock of a box is off, as far as that is no zone. */
#ifndef UCT_SKEW_H
#define UCT_SKEW_H

#include "../engine/engine.h"

struct uct_skew {
    uint32_t against;             /* another source; UINT32_MAX: not measured */
    int64_t ms;                   /* ahead of it: without the zone where the log states none */
    int64_t zone_ms;              /* that zone, 0 if stated */
    int64_t error_ms, samples;
};

/* One per source.  Of a reference it is that against the source that is off the most. */
enum uct_status uct_skews_list(const struct uct_sources *s, struct uct_skew *out);
/* Is it more than its own error, and by at least this much? */
bool uct_skew_is(const struct uct_skew *k, int64_t least_ms);
/* "edge is 41.2 s ahead of vcse (within 8 ms, by 214 messages)" */
void uct_skew_say(struct uct_buf *b, const struct uct_sources *s, uint32_t source, const struct uct_skew *k);
/* The host a source names, else what it is or its file. */
void uct_source_called(const struct uct_sources *s, uint32_t source, char *out, size_t n);

#endif
