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
    for (struct uct_slice line; uct_sip_take_line(&body, &line);) {
        if (line.n && line.p[0] == ' ') {
            line.p++;
            line.n--;
        }
        if (line.n < 2 || line.p[0] != 'm' || line.p[1] != '=')
            continue;
        ++*media;
        *rejected += port_is_zero(line);
    }
}
