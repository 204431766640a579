/* Private to transcript/: the inside of the interest set. */
#ifndef UCT_INTEREST_H
#define UCT_INTEREST_H

#include "transcript.h"

struct interest_item {
    uint64_t number;
    struct uct_slice text;      /* EVENT only */
    uint16_t rule;
};

struct interest_key {
    struct interest_item *items;
    size_t n, cap;
};

struct uct_interest {
    struct interest_key keys[UCT_KEY_NKEYS];
    struct uct_litset *literals;      /* a literal's id is its rule */
    struct uct_arena arena;
};

/* The items of that number, up to *end. */
const struct interest_item *interest_find(const struct uct_interest *i, enum uct_key key, uint64_t number,
                                          const struct interest_item **end);
const struct interest_item *interest_event(const struct uct_interest *i, struct uct_slice name,
                                           const struct interest_item **end);

#endif
