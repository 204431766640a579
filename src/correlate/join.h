/* join: calls that are one conversation become sessions. */
#ifndef UCT_JOIN_H
#define UCT_JOIN_H

#include "calls.h"

struct uct_join {
    uint32_t a, b;                    /* calls, a < b */
    const char *key;                  /* "session-id" ... (static) */
    uint32_t value;                   /* interned */
    enum uct_confidence confidence;
};

struct uct_joins {
    struct uct_join *items;           /* only those that connect what was apart: a forest */
    size_t n, cap;
    uint32_t *root;                   /* per call: the first call of its session */
    uint64_t cut;                     /* calls that share a key with so many that only neighbours were compared */
};

enum uct_status uct_calls_join(const struct uct_sources *s, const struct uct_calls *c, struct uct_joins *out);
void uct_joins_free(struct uct_joins *j);

#endif
