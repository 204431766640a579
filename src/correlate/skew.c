/* How far clocks are off. */
#include "skew.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ERROR_MOST_MS 2000        /* what is measured no better says nothing */

void uct_source_called(const struct uct_sources *s, uint32_t source, char *out, size_t n)
{
    const struct uct_source *x = s->items[source];
    struct uct_slice name = {0};
    for (size_t b = 0; b < x->nblocks && !name.n; b++)
        name = uct_interned(s->strings, x->blocks[b].host);
    if (!name.n && x->parser == &uct_parser_uccapi) {
        name = UCT_S("the client");
    } else if (!name.n) {
        const char *slash = strrchr(x->name, '/');
        name = uct_slice_str(slash ? slash + 1 : x->name);
    }
    snprintf(out, n, "%.*s", (int)(name.n < n - 1 ? name.n : n - 1), name.p);
}

static bool states_zone(const struct uct_source *s)
{
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].basis == UCT_BASIS_UTC_FIELD || s->blocks[i].basis == UCT_BASIS_ZONE)
            return true;
    return false;
}

struct by_source {
    const struct uct_source *source;
    uint32_t index;
};

static int by_address(const void *a, const void *b)
{
    const struct by_source *x = a, *y = b;
    return (x->source > y->source) - (x->source < y->source);
}

static uint32_t index_of(const struct by_source *v, size_t n, const struct uct_source *s)
{
    const struct by_source key = {s, 0}, *found = bsearch(&key, v, n, sizeof *v, by_address);
    return found ? found->index : UINT32_MAX;
}

static struct uct_skew measured(const struct uct_source *s, uint32_t against)
{
    struct uct_skew k = {.against = against, .ms = s->tz_ms, .error_ms = s->error_ms, .samples = s->samples};
    if (!states_zone(s)) {
        k.zone_ms = uct_zone_likely(k.ms);
        k.ms -= k.zone_ms;
    }
    return k;
}

enum uct_status uct_skews_list(const struct uct_sources *s, struct uct_skew *out)
{
    struct by_source *v = malloc((s->n + 1) * sizeof *v);
    if (!v)
        return UCT_FATAL;
    for (uint32_t i = 0; i < s->n; i++) {
        v[i] = (struct by_source){s->items[i], i};
        out[i] = (struct uct_skew){.against = UINT32_MAX};
    }
    if (s->n > 1)
        qsort(v, s->n, sizeof *v, by_address);
    for (uint32_t i = 0; i < s->n; i++) {
        const struct uct_source *x = s->items[i];
        uint32_t ref = x->reference && x->reference != x && x->samples ? index_of(v, s->n, x->reference) : UINT32_MAX;
        if (ref == UINT32_MAX || x->tz_user || x->error_ms > ERROR_MOST_MS)
            continue;
        out[i] = measured(x, ref);
        struct uct_skew back = out[i];
        back.against = i;
        back.ms = -back.ms;
        back.zone_ms = 0;
        if (out[ref].against == UINT32_MAX || llabs(back.ms) > llabs(out[ref].ms))
            out[ref] = back;
    }
    free(v);
    return UCT_OK;
}

bool uct_skew_is(const struct uct_skew *k, int64_t least_ms)
{
    return k->against != UINT32_MAX && llabs(k->ms) > k->error_ms && llabs(k->ms) >= least_ms;
}

void uct_skew_say(struct uct_buf *b, const struct uct_sources *s, uint32_t source, const struct uct_skew *k)
{
    char name[128];
    uct_source_called(s, source, name, sizeof name);
    uct_buf_addf(b, "%s is ", name);
    if (k->zone_ms) {
        char zone[16];
        uct_buf_addf(b, "at %s and ", uct_zone_format(k->zone_ms, zone));
    }
    uct_length_add(b, llabs(k->ms));
    uct_source_called(s, k->against, name, sizeof name);
    uct_buf_addf(b, " %s %s (within %" PRId64 " ms, by %" PRId64 " messages)", k->ms < 0 ? "behind" : "ahead of", name,
                 k->error_ms, k->samples);
}
