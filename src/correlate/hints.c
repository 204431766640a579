/* Joins of calls that have no id in common: the last resort. */
#include "joining.h"

#include <stdlib.h>

#define PARTIES_MS 2000

static uint64_t parties_key(const struct uct_joining *j, const struct uct_call *c)
{
    const uint32_t ids[] = {c->from, c->to};
    uint64_t h = 0;
    for (size_t k = 0; k < 2; k++) {
        struct uct_slice v = uct_interned(j->s->strings, ids[k]);
        for (size_t i = 0; i < v.n; i++)
            h = uct_hash_mix(h, uct_lower((unsigned char)v.p[i]));
        h = uct_hash_mix(h, k + 1000);
    }
    return h;
}

static bool same_text(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    return a == b || uct_slice_ieq(uct_interned(j->s->strings, a), uct_interned(j->s->strings, b));
}

/* b is the leg of a behind a B2BUA: it came from where a went, later, and was answered before. */
static bool is_next_leg(const struct uct_joining *j, uint32_t a, uint32_t b)
{
    const struct uct_call *x = &j->c->items[a], *y = &j->c->items[b];
    return uct_legs_same_clock(j, a, b) && y->start - x->start <= PARTIES_MS && same_text(j, x->from, y->from) &&
           same_text(j, x->to, y->to) && x->status == y->status && uct_legs_final(y) <= uct_legs_final(x) && uct_legs_turned(j, a, b) &&
           !uct_legs_turned(j, b, a);
}

/* Each with the only one it can be. */
bool uct_join_parties(struct uct_joining *j)
{
    const struct uct_calls *c = j->c;
    struct uct_keys *l = &j->l;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].from && c->items[i].to && c->items[i].start != UCT_NO_TIME && uct_join_is_dialog(j->s, &c->items[i]) &&
            !uct_join_add(j, parties_key(j, &c->items[i]), (uint32_t)i, c->items[i].from, 0))
            return false;
    uct_join_sort(l);
    uint32_t *next = calloc(l->n + 1, sizeof *next), *before = calloc(l->n + 1, sizeof *before);
    bool ok = next && before;
    for (size_t i = 0; ok && i < l->n; i++)
        for (size_t k = i + 1; k < l->n && k <= i + UCT_NEAR && l->v[k].key == l->v[i].key; k++) {
            if (l->v[k].start - l->v[i].start > PARTIES_MS)
                break;
            if (!is_next_leg(j, l->v[i].call, l->v[k].call))
                continue;
            next[i] = next[i] ? UINT32_MAX : (uint32_t)k;
            before[k] = before[k] ? UINT32_MAX : (uint32_t)i + 1;
        }
    for (size_t i = 0; ok && i < l->n; i++)
        if (next[i] && next[i] != UINT32_MAX && before[next[i]] == i + 1)
            ok = uct_join_connect(j, l->v[i].call, l->v[next[i]].call, "parties", l->v[i].value, UCT_POSSIBLE);
    free(next);
    free(before);
    l->n = 0;
    return ok;
}
