/* How one log's clock runs against another's, in a line. */
#include "clocks.h"

#include "words.h"

#include <inttypes.h>
#include <stdlib.h>

bool uct_clock_off(const struct uct_report *r, size_t i)
{
    const struct uct_rsource *s = &r->sources[i];
    return s->reference && s->basis == UCT_BASIS_MEASURED && llabs(s->offset_ms) > s->error_ms;
}

static const struct uct_rsource *reference_of(const struct uct_report *r, const char *name)
{
    for (size_t i = 0; i < r->nsources; i++)
        if (strcmp(r->sources[i].name, name) == 0)
            return &r->sources[i];
    return NULL;
}

static const char *short_name(const struct uct_rsource *s, const char *name)
{
    const char *slash = strrchr(name, '/'), *in = strrchr(name, '!');
    const char *last = slash && (!in || slash > in) ? slash : in;
    return s && s->host ? s->host : last && last[1] ? last + 1 : name;
}

/* Hosts, else files, where they tell the two apart, else the sources' whole names. */
static void add_name(struct uct_buf *b, const struct uct_rsource *s, const char *name, const struct uct_rsource *other,
                     const char *other_name)
{
    const char *mine = short_name(s, name);
    uct_buf_adds(b, strcmp(mine, short_name(other, other_name)) != 0 ? mine : name);
}

void uct_say_clock(struct uct_buf *b, const struct uct_report *r, size_t i, bool utf8)
{
    const struct uct_rsource *s = &r->sources[i], *ref = reference_of(r, s->reference);
    int64_t off = s->offset_ms, zone = s->zone ? uct_zone_likely(off) : 0;
    char text[16];
    add_name(b, s, s->name, ref, s->reference);
    uct_buf_addf(b, " %s ", uct_word(UCT_W_CLOCK_IS, r->lang));
    if (zone) {
        uct_buf_addf(b, "%s, ", uct_zone_format(zone, text));
        off -= zone;
    }
    uct_length_add(b, llabs(off));
    uct_buf_addf(b, " %s ", uct_word(off < 0 ? UCT_W_CLOCK_BEHIND : UCT_W_CLOCK_AHEAD, r->lang));
    add_name(b, ref, s->reference, s, s->name);
    uct_buf_addf(b, " (%s%" PRId64 " ms, %" PRId64 " ", utf8 ? "\xc2\xb1" : "+-", s->error_ms, s->samples);
    uct_add_word(b, s->samples == 1 ? UCT_W_MESSAGE : UCT_W_MESSAGES, r->lang);
    uct_buf_addc(b, ')');
}
