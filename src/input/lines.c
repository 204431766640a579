/* Lines that end with CR alone, as old Macs and some converters write them: each CR becomes a LF, so that
 * offsets and lengths stay what they are. */
#include "layer.h"

#define JUDGED 2                     /* line ends that are enough to know */

/* Does text begin with lines that end so?  One LF near the begin, or a NUL, and it is something else. */
bool uct_lines_bare(struct uct_layer *l)
{
    struct uct_slice s = uct_layer_peek(l, UCT_PEEK);
    size_t ends = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n' || s.p[i] == '\0')
            return false;
        ends += s.p[i] == '\r';
    }
    return ends >= JUDGED;
}

/* CR LF, where a later part of the text has it, stays. */
static size_t lines_read(struct uct_layer *l, char *buf, size_t n)
{
    size_t got = uct_layer_read(l->below, buf, n);
    for (char *p = buf, *end = buf + got; (p = memchr(p, '\r', (size_t)(end - p))) != NULL; p++) {
        char next = '\0';
        if (p + 1 < end)
            next = p[1];
        else if (uct_layer_peek(l->below, 1).n)
            next = uct_layer_peek(l->below, 1).p[0];
        if (next != '\n')
            *p = '\n';
    }
    return got;
}

static void lines_close(struct uct_layer *l)
{
    (void)l;
}

static const struct uct_layer_class lines_class = {.read = lines_read, .close = lines_close};

struct uct_layer *uct_lines_open(struct uct_layer *below)
{
    struct uct_layer *l = uct_layer_new(below->lane, &lines_class, below, sizeof *l);
    static const char note[] = "lines end with CR alone";
    if (l)
        memcpy(l->note, note, sizeof note);
    return l;
}
