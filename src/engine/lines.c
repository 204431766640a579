/* Lines past --limits line=.
 *
 * A line is cut where it stands: the record that holds it goes on with the next line.  Only a chunk that has
 * such a line is copied; in others a line end is sought backwards from as far as a line may reach: once per MiB. */
#include "lines.h"

#include <stdlib.h>

bool uct_long_lines_next(struct uct_long_lines *s, struct uct_long_line *out)
{
    for (;;) {
        bool told = s->open > s->limit;
        size_t left = s->text.n - s->at;
        uint64_t room = told ? 0 : s->limit - s->open;
        if (left <= room)
            return false;
        const char *from = s->text.p + s->at, *nl = told ? NULL : memrchr(from, '\n', (size_t)room + 1);
        s->open = 0;
        if (nl) {
            s->at = (size_t)(nl - s->text.p) + 1;
            continue;
        }
        nl = memchr(from + room, '\n', left - (size_t)room);
        *out = (struct uct_long_line){.keep = s->at + (size_t)room, .told = told,
                                      .end = nl ? (size_t)(nl - s->text.p) : s->text.n};
        s->at = nl ? out->end + 1 : s->text.n;
        return true;
    }
}

uint64_t uct_open_line(struct uct_slice text, uint64_t open)
{
    const char *nl = text.n ? memrchr(text.p, '\n', text.n) : NULL;
    return nl ? (uint64_t)(text.p + text.n - nl) - 1 : open + text.n;
}

/* Shows what stands in [from, to) of the text, then leaves out `gap` bytes. */
static bool show(struct uct_shown *s, struct uct_slice text, size_t from, size_t to, size_t gap)
{
    if (!s->owned && !(s->owned = malloc(text.n)))
        return false;
    memcpy(s->owned + s->text.n, text.p + from, to - from);
    s->text = uct_slice(s->owned, s->text.n + (to - from));
    if (!gap)
        return true;
    if (!UCT_ROOM(s->cuts, s->ncuts, s->ccuts))
        return false;
    uint32_t before = s->ncuts ? s->cuts[s->ncuts - 1].gone : 0;
    s->cuts[s->ncuts++] = (struct uct_cut){(uint32_t)s->text.n, before + (uint32_t)gap};
    return true;
}

bool uct_shown_make(struct uct_shown *s, struct uct_slice text, uint64_t open, uint64_t limit)
{
    struct uct_long_lines walk = {.text = text, .limit = limit, .open = open};
    struct uct_long_line l;
    size_t shown = 0;
    *s = (struct uct_shown){.text = uct_slice(text.p, 0)};
    while (uct_long_lines_next(&walk, &l)) {
        /* The front of the line was in the chunk before: what is left of it is no empty line. */
        bool lead = open && l.keep == 0 && l.end < text.n;
        if (!show(s, text, shown, l.keep, l.end + lead - l.keep))
            return false;
        s->told |= l.told;
        s->lead += lead;
        shown = l.end + lead;
    }
    if (shown == 0 && !s->ncuts) {
        s->text = text;
        return true;
    }
    return show(s, text, shown, text.n, 0);
}

void uct_shown_free(struct uct_shown *s)
{
    free(s->owned);
    free(s->cuts);
    *s = (struct uct_shown){.owned = NULL};
}

uint32_t uct_shown_count(const struct uct_shown *s, size_t taken)
{
    size_t n = 0;
    while (n < s->ncuts && (s->cuts[n].at < taken || taken == s->text.n))
        n++;
    return (uint32_t)(n - (n && s->told));
}
