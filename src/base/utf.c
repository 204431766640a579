/* UTF-8: what may be shown and where it may be cut. */
#include "base.h"

/* Unicode table 3-7. */
size_t uct_utf8_decode(struct uct_slice s, uint32_t *cp)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (s.n == 0)
        return 0;
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;
    if (n == 0 || s.n < n)
        return 0;
    uint32_t c = p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return n;
}

size_t uct_utf8_len(struct uct_slice s)
{
    uint32_t cp;
    return uct_utf8_decode(s, &cp);
}

/* Controls a terminal would obey, and characters that show nothing themselves but reorder, join, hide or
 * carry text: Unicode's format controls.  Variation selectors and marks stay: they have a letter. */
static bool unfit(uint32_t c)
{
    static const struct { uint32_t from, to; } hidden[] = {
        {0x00ad, 0x00ad},   {0x061c, 0x061c},   {0x180e, 0x180e},   {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
        {0xe0000, 0xe007f},
    };
    if (c < 0xa0)
        return (c < 0x20 && c != '\t' && c != '\n') || c >= 0x7f;
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden && hidden[i].from <= c; i++)
        if (c <= hidden[i].to)
            return true;
    return false;
}

/* Printable ASCII from s.p + i on, eight bytes at a time. */
static size_t plain_run(struct uct_slice s, size_t i)
{
    const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
    for (uint64_t x; s.n - i >= sizeof x; i += sizeof x) {
        memcpy(&x, s.p + i, sizeof x);
        if ((x | (x - ones * 0x20) | (x + ones)) & high)     /* over 0x7e, or a borrow from under 0x20 */
            break;
    }
    while (i < s.n && (unsigned)((unsigned char)s.p[i] - 0x20) < 0x5fu)
        i++;
    return i;
}

/* The character at the front of s as it is shown; it takes *n bytes of s. */
static struct uct_slice shown(struct uct_slice s, size_t *n)
{
    uint32_t cp = 0;
    *n = uct_utf8_decode(s, &cp);
    bool line_end = cp == '\r' && *n && (s.n == 1 || s.p[1] == '\n' || s.p[1] == '\r');
    if (*n && !line_end && !unfit(cp))
        return uct_slice(s.p, *n);
    *n = *n ? *n : 1;
    return line_end ? UCT_S("") : UCT_S("\xef\xbf\xbd");     /* CRLF is shown as LF */
}

void uct_utf8_clean(struct uct_buf *b, struct uct_slice s)
{
    size_t i = 0, from = 0, n;
    while ((i = plain_run(s, i)) < s.n) {
        struct uct_slice as = shown(uct_slice(s.p + i, s.n - i), &n);
        if (as.p != s.p + i) {
            uct_buf_add(b, s.p + from, i - from);
            uct_buf_add(b, as.p, as.n);
            from = i + n;
        }
        i += n;
    }
    if (i > from)
        uct_buf_add(b, s.p + from, i - from);
}

bool uct_utf8_shows(struct uct_slice s, struct uct_slice text, bool whole)
{
    if (whole ? uct_slice_eq(s, text) : uct_slice_starts(s, text))
        return true;
    while (s.n && text.n) {
        size_t n;
        struct uct_slice as = shown(s, &n);
        if (!uct_slice_starts(text, as))
            return false;
        text = uct_slice(text.p + as.n, text.n - as.n);
        s = uct_slice(s.p + n, s.n - n);
    }
    return text.n == 0 && (!whole || s.n == 0);
}

size_t uct_utf8_cut(struct uct_slice s, size_t max)
{
    if (s.n <= max)
        return s.n;
    size_t n = max;
    while (n && n + 4 > max && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return n;
}
