/* What a message row wants of an SDP body: how many media it offers, and how
 * many of them are refused (port 0).
 *
 *   m=audio 50020 RTP/AVP 9 0 8        RFC 8866 section 5.14 */
#include "internal.h"

static bool port_is_zero(struct uct_slice line)
{
    const char *blank = memchr(line.p, ' ', line.n);
    if (!blank)
        return false;
    struct uct_slice port = uct_slice_trim(uct_slice(blank, line.n - (size_t)(blank - line.p)));
    uint64_t v;
    return uct_slice_u64(port, &v) && v == 0;
}

void uct_sdp_count(struct uct_slice body, unsigned *media, unsigned *rejected)
{
    for (size_t from = 0; from < body.n;) {
        size_t at = uct_slice_find(uct_slice(body.p + from, body.n - from), UCT_S("m="));
        if (at == SIZE_MAX)
            return;
        at += from;
        size_t before = at && body.p[at - 1] == ' ' ? at - 1 : at;      /* dumps put one blank before each line */
        from = at + 2;
        if (before && body.p[before - 1] != '\n')
            continue;
        struct uct_slice rest = uct_slice(body.p + at, body.n - at), line = rest;
        uct_sip_take_line(&rest, &line);
        ++*media;
        *rejected += port_is_zero(line);
    }
}
