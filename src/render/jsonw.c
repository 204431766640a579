/* jsonw: JSON text with the escapes in one place (RFC 8259).
 *
 * A log of a day has a hundred thousand calls of two dozen members each: the
 * usual member is put together without a format string and copied in one go. */
#include "jsonw.h"
#include "render.h"

#include <inttypes.h>

static inline void put(struct uct_buf *b, const char *p, size_t n)
{
    if (b->failed || b->cap - b->n <= n) {
        uct_buf_add(b, p, n);
        return;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

/* Printable ASCII that needs no escape. */
static inline bool plain(unsigned char c)
{
    return (unsigned)(c - 0x20) < 0x5fu && c != '"' && c != '\\';
}

/* How many bytes from the front need no escape; eight at a time. */
static size_t plain_run(struct uct_slice s)
{
    const uint64_t ones = 0x0101010101010101u, high = ones * 0x80;
    size_t n = 0;
    for (uint64_t x; s.n - n >= sizeof x; n += sizeof x) {
        memcpy(&x, s.p + n, sizeof x);
        uint64_t quote = x ^ ones * '"', back = x ^ ones * '\\', del = x ^ ones * 0x7f;
        uint64_t odd = x | ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((back - ones) & ~back) |
                       ((del - ones) & ~del);
        if (odd & high)
            break;
    }
    while (n < s.n && plain((unsigned char)s.p[n]))
        n++;
    return n;
}

/* What a terminal must not get is told by its number, so that it is not lost; a byte that is no UTF-8 is. */
static void escape_hidden(struct uct_buf *b, struct uct_slice c)
{
    uint32_t cp;
    size_t before = b->n;
    bool whole = uct_utf8_decode(c, &cp);
    uct_utf8_clean(b, c);
    if (!whole || b->failed || (b->n - before == c.n && memcmp(b->p + before, c.p, c.n) == 0))
        return;
    b->n = before;
    if (cp > 0xffff)
        uct_buf_addf(b, "\\u%04x", (unsigned)(0xd800 + ((cp - 0x10000) >> 10)));
    uct_buf_addf(b, "\\u%04x", (unsigned)(cp > 0xffff ? 0xdc00 + (cp & 0x3ff) : cp));
}

static void escape(struct uct_buf *b, struct uct_slice c)
{
    switch (c.p[0]) {
    case '"': uct_buf_add(b, "\\\"", 2); break;
    case '\\': uct_buf_add(b, "\\\\", 2); break;
    case '\n': uct_buf_add(b, "\\n", 2); break;
    case '\t': uct_buf_add(b, "\\t", 2); break;
    default: escape_hidden(b, c);
    }
}

void uct_json_string(struct uct_buf *b, const char *s)
{
    if (!s) {
        put(b, "null", 4);
        return;
    }
    struct uct_slice rest = uct_slice_str(s);
    size_t all = plain_run(rest);
    if (all == rest.n && !b->failed && b->cap - b->n > all + 2) {
        char *p = b->p + b->n;
        *p++ = '"';
        memcpy(p, rest.p, all);
        memcpy(p + all, "\"", 2);
        b->n += all + 2;
        return;
    }
    put(b, "\"", 1);
    while (rest.n) {
        size_t n = plain_run(rest);
        put(b, rest.p, n);
        rest = uct_slice(rest.p + n, rest.n - n);
        if (rest.n == 0)
            break;
        n = uct_utf8_len(rest);
        n = n ? n : 1;
        escape(b, uct_slice(rest.p, n));
        rest = uct_slice(rest.p + n, rest.n - n);
    }
    put(b, "\"", 1);
}

static void newline(struct uct_jsonw *j)
{
    static const char blanks[] = "\n                        ";
    size_t n = 1 + 2 * (size_t)j->depth, most = sizeof blanks - 1;
    put(j->b, blanks, n < most ? n : most);
    for (; n > most; n--)
        uct_buf_addc(j->b, ' ');
}

#define DEEP 12                    /* levels whose line starts are written in one go */
#define KEY_MAX 48

/* lead() where there is room in the buffer and nothing unusual: one check, no calls. */
static bool quick_lead(struct uct_jsonw *j, const char *key)
{
    struct uct_buf *b = j->b;
    if (j->depth > DEEP || b->failed || b->cap - b->n < KEY_MAX + 2 * DEEP + 16)
        return false;
    char *p = b->p + b->n;
    if (!j->first)
        *p++ = ',';
    if (j->flat == 0 && j->depth) {
        *p++ = '\n';
        for (unsigned i = 0; i < j->depth; i++, p += 2)
            memcpy(p, "  ", 2);
    } else if (!j->first) {
        *p++ = ' ';
    }
    if (key) {
        *p++ = '"';
        const char *end = p + KEY_MAX;
        for (; *key; *p++ = *key++)
            if (p == end || !plain((unsigned char)*key))
                return false;
        memcpy(p, "\": ", 3);
        p += 3;
    }
    *p = '\0';
    b->n = (size_t)(p - b->p);
    j->first = false;
    return true;
}

/* What stands before a value: the comma, the line, the key. */
static void lead(struct uct_jsonw *j, const char *key)
{
    if (quick_lead(j, key))
        return;
    if (!j->first)
        put(j->b, ",", 1);
    if (j->flat == 0 && j->depth)
        newline(j);
    else if (!j->first)
        put(j->b, " ", 1);
    j->first = false;
    if (key) {
        uct_json_string(j->b, key);
        put(j->b, ": ", 2);
    }
}

void uct_jsonw_open(struct uct_jsonw *j, const char *key, char bracket, bool one_line)
{
    lead(j, key);
    uct_buf_addc(j->b, bracket);
    j->depth++;
    j->flat += one_line || j->flat;
    j->first = true;
}

void uct_jsonw_close(struct uct_jsonw *j, char bracket)
{
    j->depth--;
    if (j->flat)
        j->flat--;
    else if (!j->first)
        newline(j);
    uct_buf_addc(j->b, bracket);
    j->first = false;
}

void uct_jsonw_str(struct uct_jsonw *j, const char *key, const char *s)
{
    lead(j, key);
    uct_json_string(j->b, s);
}

void uct_jsonw_int(struct uct_jsonw *j, const char *key, int64_t v)
{
    if (v >= 0) {
        uct_jsonw_u64(j, key, (uint64_t)v);
        return;
    }
    lead(j, key);
    uct_buf_addf(j->b, "%" PRId64, v);
}

void uct_jsonw_u64(struct uct_jsonw *j, const char *key, uint64_t v)
{
    char text[20];
    size_t at = sizeof text;
    do
        text[--at] = (char)('0' + v % 10);
    while (v /= 10);
    lead(j, key);
    put(j->b, text + at, sizeof text - at);
}

void uct_jsonw_bool(struct uct_jsonw *j, const char *key, bool v)
{
    lead(j, key);
    uct_buf_adds(j->b, v ? "true" : "false");
}

void uct_jsonw_null(struct uct_jsonw *j, const char *key)
{
    uct_jsonw_str(j, key, NULL);
}

static void two(char *p, int64_t v)
{
    p[0] = (char)('0' + v / 10);
    p[1] = (char)('0' + v % 10);
}

/* The date is worked out once a day: times of neighbours are close. */
void uct_jsonw_time(struct uct_jsonw *j, const char *key, int64_t t)
{
    char text[32];
    if (t == UCT_NO_TIME) {
        uct_jsonw_null(j, key);
        return;
    }
    int64_t day = t / 86400000 - (t % 86400000 < 0), rest = t - day * 86400000;
    if (!j->date[0] || day != j->day) {
        memcpy(j->date, uct_time_format(t, text), 11);
        j->day = day;
    }
    char s[] = "\"____-__-__THH:MM:SS.mmmZ\"";
    memcpy(s + 1, j->date, 11);
    two(s + 12, rest / 3600000);
    two(s + 15, rest / 60000 % 60);
    two(s + 18, rest / 1000 % 60);
    s[21] = (char)('0' + rest / 100 % 10);
    two(s + 22, rest % 100);
    lead(j, key);
    put(j->b, s, sizeof s - 1);
}
