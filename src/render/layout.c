/* layout: columns, shortening, wrapping.
 *
 * Widths follow Unicode's East Asian Width in whole blocks (Annex 11), not
 * character by character: the C library's wcwidth() depends on the locale, and
 * the report must not. */
#include "layout.h"

struct range { uint32_t from, to; };

static bool within(const struct range *r, size_t n, uint32_t c)
{
    for (size_t i = 0; i < n && r[i].from <= c; i++)
        if (c <= r[i].to)
            return true;
    return false;
}

static bool wide(uint32_t c)
{
    static const struct range wides[] = {
        {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
    };
    return c >= 0x1100 && within(wides, sizeof wides / sizeof *wides, c);
}

/* Marks that stand on the letter before them, and the vowels and finals that Hangul joins. */
static bool combining(uint32_t c)
{
    static const struct range marks[] = {
        {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x5bf, 0x5bf},   {0x5c1, 0x5c2},
        {0x5c4, 0x5c5},   {0x5c7, 0x5c7},   {0x610, 0x61a},   {0x64b, 0x65f},   {0x670, 0x670},
        {0x6d6, 0x6dc},   {0x6df, 0x6e4},   {0x6e7, 0x6e8},   {0x6ea, 0x6ed},   {0x711, 0x711},
        {0x730, 0x74a},   {0x7a6, 0x7b0},   {0x900, 0x902},   {0x93a, 0x93a},   {0x93c, 0x93c},
        {0x941, 0x948},   {0x94d, 0x94d},   {0x951, 0x957},   {0x962, 0x963},   {0x981, 0x981},
        {0x9bc, 0x9bc},   {0x9c1, 0x9c4},   {0x9cd, 0x9cd},   {0xa01, 0xa02},   {0xa3c, 0xa3c},
        {0xa41, 0xa51},   {0xa70, 0xa71},   {0xa81, 0xa82},   {0xabc, 0xabc},   {0xac1, 0xac8},
        {0xacd, 0xacd},   {0xb01, 0xb01},   {0xb3c, 0xb3c},   {0xb3f, 0xb3f},   {0xb41, 0xb44},
        {0xb4d, 0xb4d},   {0xb82, 0xb82},   {0xbc0, 0xbc0},   {0xbcd, 0xbcd},   {0xc3e, 0xc40},
        {0xc46, 0xc56},   {0xcbc, 0xcbc},   {0xccc, 0xccd},   {0xd41, 0xd44},   {0xd4d, 0xd4d},
        {0xdca, 0xdca},   {0xdd2, 0xdd6},   {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},
        {0xeb1, 0xeb1},   {0xeb4, 0xebc},   {0xec8, 0xecd},   {0xf71, 0xf7e},   {0xf80, 0xf84},
        {0x102d, 0x1030}, {0x1032, 0x1037}, {0x1039, 0x103a}, {0x1160, 0x11ff}, {0x17b4, 0x17b5},
        {0x17b7, 0x17bd}, {0x17c6, 0x17c6}, {0x17c9, 0x17d3}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
        {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a}, {0xa66f, 0xa672}, {0xfe00, 0xfe0f},
        {0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
    };
    return c >= 0x300 && within(marks, sizeof marks / sizeof *marks, c);
}

/* The character at the front of s; a malformed byte is one character. */
static size_t next(struct uct_slice s, uint32_t *c)
{
    size_t n = uct_utf8_decode(s, c);
    if (n == 0)
        *c = 0xfffd;
    return n ? n : 1;
}

static size_t width_of(uint32_t c)
{
    return c < 0x300 ? 1 : combining(c) ? 0 : wide(c) ? 2 : 1;
}

static struct uct_slice skip(struct uct_slice s, size_t n)
{
    return uct_slice(s.p + n, s.n - n);
}

/* Most text by far: a column a byte, nothing to clean. */
static bool ascii(struct uct_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned)((unsigned char)s.p[i] - 0x20) >= 0x5fu)
            return false;
    return true;
}

size_t uct_columns(struct uct_slice s)
{
    size_t w = 0;
    if (ascii(s))
        return s.n;
    while (s.n) {
        uint32_t c;
        s = skip(s, next(s, &c));
        w += width_of(c);
    }
    return w;
}

static void add_char(struct uct_buf *b, struct uct_slice c)
{
    if (uct_isspace((unsigned char)c.p[0]))
        uct_buf_addc(b, ' ');
    else
        uct_utf8_clean(b, c);
}

/* Bytes of s that fit into `width` columns. */
static size_t fitting(struct uct_slice s, size_t width, size_t *used)
{
    size_t at = 0;
    *used = 0;
    while (at < s.n) {
        uint32_t c;
        size_t n = next(skip(s, at), &c);
        if (*used + width_of(c) > width)
            break;
        *used += width_of(c);
        at += n;
    }
    return at;
}

static size_t fit(struct uct_buf *b, struct uct_slice s, size_t width, const char *mark)
{
    size_t used, marked = 0;
    if (s.n <= width && ascii(s)) {
        uct_buf_add(b, s.p, s.n);
        return s.n;
    }
    size_t n = fitting(s, width, &used);
    if (n < s.n) {
        size_t m = uct_columns(uct_slice_str(mark));
        marked = m <= width ? m : 0;
        n = fitting(s, width - marked, &used);
    }
    for (struct uct_slice rest = uct_slice(s.p, n); rest.n;) {
        uint32_t c;
        size_t k = next(rest, &c);
        add_char(b, uct_slice(rest.p, k));
        rest = skip(rest, k);
    }
    if (marked)
        uct_buf_adds(b, mark);
    return used + marked;
}

void uct_fit(struct uct_buf *b, struct uct_slice s, size_t width, const char *mark)
{
    fit(b, s, width, mark);
}

void uct_pad(struct uct_buf *b, struct uct_slice s, size_t width, const char *mark)
{
    for (size_t used = fit(b, s, width, mark); used < width; used++)
        uct_buf_addc(b, ' ');
}

/* Punctuation that must not begin a line, nor be parted from what it ends. */
static bool closing(uint32_t c)
{
    switch (c) {
    case 0x3001: case 0x3002: case 0x300d: case 0x300f: case 0x3011: case 0x3009: case 0x300b:
    case 0xff01: case 0xff09: case 0xff0c: case 0xff1a: case 0xff1b: case 0xff1f:
        return true;
    default:
        return false;
    }
}

static bool opening(uint32_t c)
{
    return c == 0x300c || c == 0x300e || c == 0x3010 || c == 0x3008 || c == 0x300a || c == 0xff08;
}

/* The next piece that may not be broken, without blanks: a word, or one wide
 * character with the punctuation that belongs to it. */
static size_t piece(struct uct_slice s, size_t *width)
{
    size_t at = 0;
    uint32_t before = 0;
    *width = 0;
    while (at < s.n) {
        uint32_t c;
        size_t n = next(skip(s, at), &c);
        if (uct_isspace(c < 0x80 ? (unsigned char)c : 'x'))
            break;
        if (at && (wide(c) || wide(before)) && !closing(c) && !opening(before))
            break;
        *width += width_of(c);
        before = c;
        at += n;
    }
    return at;
}

static void start_line(struct uct_buf *b, size_t indent)
{
    uct_buf_addc(b, '\n');
    for (size_t i = 0; i < indent; i++)
        uct_buf_addc(b, ' ');
}

void uct_wrap(struct uct_buf *b, struct uct_slice s, size_t at, size_t indent, size_t width)
{
    size_t col = at;
    bool fresh = true, blank = false;       /* nothing on this line yet; a blank is due */
    s = uct_slice_trim(s);
    while (s.n) {
        if (uct_isspace((unsigned char)s.p[0])) {
            blank = true;
            s = skip(s, 1);
            continue;
        }
        size_t w;
        size_t n = piece(s, &w);
        if (!fresh && col + blank + w > width) {
            start_line(b, indent);
            col = indent;
        } else if (!fresh && blank) {
            uct_buf_addc(b, ' ');
            col++;
        }
        uct_utf8_clean(b, uct_slice(s.p, n));
        col += w;
        fresh = blank = false;
        s = skip(s, n);
    }
    uct_buf_addc(b, '\n');
}
