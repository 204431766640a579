/* Which parser reads a stream: all bid on one window, the best wins. */
#include "kinds.h"

/* Bids closer than this are settled by the order of the registry. */
#define CLEAR UCT_BID_MORE
#define PARSERS_MAX 32     /* further ones would never be asked */

size_t uct_parsers_count(void)
{
    size_t n = 0;
    while (uct_parsers[n])
        n++;
    return n;
}

void uct_detect_bids(struct uct_slice window, bool whole, int *bids, size_t n)
{
    for (size_t i = 0; i < n && uct_parsers[i]; i++)
        bids[i] = uct_parsers[i]->bid ? uct_parsers[i]->bid(window, whole) : 0;
}

/* These take text of any kind: a bid of theirs does not say whose text it is. */
static bool reads_anything(const struct uct_parser *p)
{
    struct uct_slice name = uct_slice_str(p->name);
    return uct_slice_eq(name, UCT_S("excerpt")) || uct_slice_eq(name, UCT_S("sip")) ||
           uct_slice_eq(name, UCT_S("text"));
}

struct round {
    const struct uct_parser *best;
    int bid;           /* of the best */
    int log_bid;       /* the highest of those that read one format */
};

/* Below a whole record the highest bid wins; above it, the first parser that comes close to it.  Looking for
 * codes takes long and never bids a record: text is asked when nobody else is sure. */
static void take_bids(struct uct_slice window, bool whole, struct round *r)
{
    int bids[PARSERS_MAX] = {0}, high = 0;
    *r = (struct round){.best = NULL};
    for (size_t i = 0; i < PARSERS_MAX && uct_parsers[i]; i++) {
        const struct uct_parser *p = uct_parsers[i];
        if (p->bid && !(p == &uct_parser_text && high >= UCT_BID_RECORD))
            bids[i] = p->bid(window, whole);
        if (bids[i] > high)
            high = bids[i];
        if (bids[i] > r->log_bid && !reads_anything(uct_parsers[i]))
            r->log_bid = bids[i];
    }
    int enough = high;
    if (high >= UCT_BID_RECORD)
        enough = high - CLEAR + 1 > UCT_BID_RECORD ? high - CLEAR + 1 : UCT_BID_RECORD;
    for (size_t i = 0; high > 0 && i < PARSERS_MAX && uct_parsers[i] && !r->best; i++)
        if (bids[i] >= enough) {
            r->best = uct_parsers[i];
            r->bid = bids[i];
        }
}

/* What to do about it is the caller's to say; only what no text editor shows is said here. */
static void unknown(struct uct_slice window, struct uct_detection *out)
{
    size_t n = window.n < 4096 ? window.n : 4096;
    out->format = "unknown";
    if (n && memchr(window.p, 0, n))
        out->note = "binary data, not text";
}

bool uct_known_kind(struct uct_slice window, struct uct_detection *out)
{
    *out = (struct uct_detection){.parser = NULL};
    return kind_by_magic(window, out) || kind_by_lines(window, false, out);
}

void uct_detect(struct uct_slice window, bool whole, struct uct_detection *out)
{
    struct round r;
    *out = (struct uct_detection){.parser = NULL};
    if (kind_by_magic(window, out))
        return;
    take_bids(window, whole, &r);
    if (r.log_bid < UCT_BID_RECORD && kind_by_lines(window, r.bid >= UCT_BID_RECORD, out))
        return;
    if (r.bid > UCT_BID_TEXT) {
        out->parser = r.best;
        out->bid = r.bid;
        out->format = r.best->name;
        out->note = r.best->note;
        return;
    }
    unknown(window, out);
}
