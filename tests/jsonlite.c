/* jsonlite: RFC 8259, nothing more: no duplicate keys, no invalid UTF-8, no
 * bare control characters, no lone surrogates, no trailing commas. */
#include "jsonlite.h"

#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST = 64 };

struct reader { struct uct_arena *a; const char *p, *end; unsigned depth; };

static struct json *value(struct reader *r);

static void blanks(struct reader *r)
{
    while (r->p < r->end && strchr(" \t\r\n", *r->p))
        r->p++;
}

static bool take(struct reader *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
        return false;
    r->p += n;
    return true;
}

static struct json *node(struct reader *r, enum json_type type)
{
    struct json *j = uct_arena_zalloc(r->a, sizeof *j);
    if (j)
        j->type = type;
    return j;
}

static int hex4(struct reader *r)
{
    int v = 0;
    if (r->end - r->p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int d = uct_hexval((unsigned char)*r->p++);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

static void utf8(struct uct_buf *b, unsigned c)
{
    if (c < 0x80) {
        uct_buf_addc(b, (char)c);
    } else if (c < 0x800) {
        uct_buf_addc(b, (char)(0xc0 | c >> 6));
        uct_buf_addc(b, (char)(0x80 | (c & 0x3f)));
    } else {
        uct_buf_addc(b, (char)(0xe0 | c >> 12));
        uct_buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
        uct_buf_addc(b, (char)(0x80 | (c & 0x3f)));
    }
}

/* Surrogate pairs are not written by us and not read here. */
static bool escaped(struct reader *r, struct uct_buf *b)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->p == r->end)
        return false;
    char c = *r->p++;
    const char *at = c ? strchr(from, c) : NULL;
    if (at) {
        uct_buf_addc(b, to[at - from]);
        return true;
    }
    int v = c == 'u' ? hex4(r) : -1;
    if (v <= 0 || (v >= 0xd800 && v < 0xe000))
        return false;
    utf8(b, (unsigned)v);
    return true;
}

static bool characters(struct reader *r, struct uct_buf *b)
{
    while (r->p < r->end && *r->p != '"') {
        size_t n = uct_utf8_len(uct_slice(r->p, (size_t)(r->end - r->p)));
        if (n == 0 || (unsigned char)*r->p < 0x20)
            return false;
        if (*r->p == '\\') {
            r->p++;
            if (!escaped(r, b))
                return false;
            continue;
        }
        uct_buf_add(b, r->p, n);
        r->p += n;
    }
    return take(r, "\"");
}

static const char *string(struct reader *r)
{
    struct uct_buf b = {0};
    const char *s = NULL;
    if (take(r, "\"") && characters(r, &b))
        s = uct_arena_dup(r->a, uct_slice(b.p, b.n));
    uct_buf_free(&b);
    return s;
}

static size_t digits(struct reader *r)
{
    const char *from = r->p;
    while (r->p < r->end && uct_isdigit((unsigned char)*r->p))
        r->p++;
    return (size_t)(r->p - from);
}

static struct json *number(struct reader *r)
{
    const char *from = r->p;
    char text[64];
    bool whole = true;
    take(r, "-");
    bool zero = r->p < r->end && *r->p == '0';
    size_t n = digits(r);
    if (n == 0 || (zero && n > 1))
        return NULL;
    if (take(r, ".")) {
        whole = false;
        if (!digits(r))
            return NULL;
    }
    if (take(r, "e") || take(r, "E")) {
        whole = false;
        if (!take(r, "+"))
            take(r, "-");
        if (!digits(r))
            return NULL;
    }
    snprintf(text, sizeof text, "%.*s", (int)(r->p - from), from);
    struct json *j = node(r, JSON_NUMBER);
    if (j) {
        j->number = strtod(text, NULL);
        j->integer = whole;
    }
    return j;
}

static struct json *element(struct reader *r, const struct json *into)
{
    const char *key = NULL;
    blanks(r);
    if (into->type == JSON_OBJECT) {
        key = string(r);
        blanks(r);
        if (!key || json_member(into, key) || !take(r, ":"))
            return NULL;
    }
    struct json *j = value(r);
    if (j)
        j->key = key;
    blanks(r);
    return j;
}

static struct json *collection(struct reader *r, enum json_type type, const char *close)
{
    struct json *j = node(r, type);
    struct json **last = j ? &j->child : NULL;
    r->p++;
    blanks(r);
    if (!j || take(r, close))
        return j;
    do {
        struct json *e = element(r, j);
        if (!e)
            return NULL;
        *last = e;
        last = &e->next;
        j->n++;
    } while (take(r, ","));
    return take(r, close) ? j : NULL;
}

static struct json *boolean(struct reader *r, bool truth)
{
    struct json *j = node(r, JSON_BOOL);
    if (j)
        j->truth = truth;
    return j;
}

static struct json *string_node(struct reader *r)
{
    const char *s = string(r);
    struct json *j = s ? node(r, JSON_STRING) : NULL;
    if (j)
        j->string = s;
    return j;
}

static struct json *value(struct reader *r)
{
    struct json *j;
    blanks(r);
    if (r->p == r->end || ++r->depth > DEEPEST)
        return NULL;
    if (*r->p == '{')
        j = collection(r, JSON_OBJECT, "}");
    else if (*r->p == '[')
        j = collection(r, JSON_ARRAY, "]");
    else if (*r->p == '"')
        j = string_node(r);
    else if (take(r, "null"))
        j = node(r, JSON_NULL);
    else if (take(r, "true"))
        j = boolean(r, true);
    else
        j = take(r, "false") ? boolean(r, false) : number(r);
    r->depth--;
    return j;
}

struct json *json_parse(struct uct_arena *a, struct uct_slice text, size_t *error)
{
    struct reader r = {.a = a, .p = text.p, .end = text.p + text.n};
    struct json *j = value(&r);
    blanks(&r);
    if (j && r.p == r.end)
        return j;
    *error = (size_t)(r.p - text.p);
    return NULL;
}

const struct json *json_member(const struct json *object, const char *key)
{
    for (const struct json *j = object && object->type == JSON_OBJECT ? object->child : NULL; j; j = j->next)
        if (strcmp(j->key, key) == 0)
            return j;
    return NULL;
}

bool json_equal(const struct json *a, const struct json *b)
{
    if (a->type != b->type || a->n != b->n || a->truth != b->truth || a->number != b->number)
        return false;
    if (a->type == JSON_STRING)
        return strcmp(a->string, b->string) == 0;
    const struct json *x = a->child, *y = b->child;
    for (; x && y; x = x->next, y = a->type == JSON_ARRAY ? y->next : y) {
        const struct json *other = a->type == JSON_OBJECT ? json_member(b, x->key) : y;
        if (!other || !json_equal(x, other))
            return false;
    }
    return true;
}
