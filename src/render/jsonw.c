/* jsonw: JSON text with the escapes in one place (RFC 8259). */
#include "jsonw.h"
#include "render.h"

#include <inttypes.h>

static bool plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void escape(struct uct_buf *b, struct uct_slice c)
{
    switch (c.p[0]) {
    case '"': uct_buf_add(b, "\\\"", 2); break;
    case '\\': uct_buf_add(b, "\\\\", 2); break;
    case '\n': uct_buf_add(b, "\\n", 2); break;
    case '\t': uct_buf_add(b, "\\t", 2); break;
    default: uct_utf8_clean(b, c);
    }
}

void uct_json_string(struct uct_buf *b, const char *s)
{
    if (!s) {
        uct_buf_add(b, "null", 4);
        return;
    }
    uct_buf_addc(b, '"');
    for (struct uct_slice rest = uct_slice_str(s); rest.n;) {
        size_t n = 0;
        while (n < rest.n && plain((unsigned char)rest.p[n]))
            n++;
        uct_buf_add(b, rest.p, n);
        rest = uct_slice(rest.p + n, rest.n - n);
        if (rest.n == 0)
            break;
        n = uct_utf8_len(rest);
        n = n ? n : 1;
        escape(b, uct_slice(rest.p, n));
        rest = uct_slice(rest.p + n, rest.n - n);
    }
    uct_buf_addc(b, '"');
}

static void newline(struct uct_jsonw *j)
{
    uct_buf_addc(j->b, '\n');
    for (unsigned i = 0; i < j->depth; i++)
        uct_buf_add(j->b, "  ", 2);
}

/* What stands before a value: the comma, the line, the key. */
static void lead(struct uct_jsonw *j, const char *key)
{
    if (!j->first)
        uct_buf_addc(j->b, ',');
    if (j->flat == 0 && j->depth)
        newline(j);
    else if (!j->first)
        uct_buf_addc(j->b, ' ');
    j->first = false;
    if (key) {
        uct_json_string(j->b, key);
        uct_buf_add(j->b, ": ", 2);
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
    lead(j, key);
    uct_buf_addf(j->b, "%" PRId64, v);
}

void uct_jsonw_u64(struct uct_jsonw *j, const char *key, uint64_t v)
{
    lead(j, key);
    uct_buf_addf(j->b, "%" PRIu64, v);
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

void uct_jsonw_time(struct uct_jsonw *j, const char *key, int64_t t)
{
    char text[32];
    uct_jsonw_str(j, key, t == UCT_NO_TIME ? NULL : uct_time_format(t, text));
}
