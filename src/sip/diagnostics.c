/* The ms-diagnostics family of headers.
 *
 *   ms-diagnostics: 1009;reason="No match for domain in DNS SRV results";domain="example.com";
 *       fqdn1="sip.other.example:5061";source="edge.example.net"
 *
 *   name *WS ":" *WS id *( ( "." / "," / WS ) id ) *( *WS ";" *WS key *WS "=" *WS ( quoted / token ) ) [";"]
 *
 * Grammar: [MS-OCER] 2.2.1.2,
 * https://learn.microsoft.com/en-us/openspecs/office_protocols/ms-ocer/e88edc82-55b3-4850-a507-c42c6387aa7e
 * Published text adds curly quotes and primes, quotes that never close, blanks
 * round '=' and inside quotes, attributes in any order, "(null):" for the name,
 * a ';' at the end and headers glued behind the last quote. */
#include "internal.h"

/* ---- names and ids ----------------------------------------------------- */

bool uct_diag_name(struct uct_slice name)
{
    if (name.n > 2 && uct_lower((unsigned char)name.p[0]) == 'x' && name.p[1] == '-')
        name = uct_slice(name.p + 2, name.n - 2);
    switch (name.n) {
    case 14: return uct_slice_ieq(name, UCT_S("ms-diagnostics"));
    case 21:
        return uct_slice_ieq(name, UCT_S("ms-diagnostics-public")) ||
               uct_slice_ieq(name, UCT_S("ms-client-diagnostics"));
    default: return false;
    }
}

bool uct_diag_set(struct uct_slice name, struct uct_slice value, struct uct_diag *out)
{
    uint64_t id;
    value = uct_slice_trim(value);
    size_t eaten = uct_slice_u64(value, &id);
    if (!eaten || id > UINT32_MAX || (eaten < value.n && uct_isalpha((unsigned char)value.p[eaten])))
        return false;
    *out = (struct uct_diag){(uint32_t)id, name, value};
    return true;
}

/* The longest is "X-Ms-client-diagnostics" and some blanks. */
#define NAME_WINDOW 40

/* Cuts `name:` off the front of a trimmed line. */
static bool take_name(struct uct_slice *line, struct uct_slice *name)
{
    unsigned char c = line->n ? uct_lower((unsigned char)line->p[0]) : 0;
    if (c != 'm' && c != 'x' && c != '(')
        return false;
    static const struct uct_slice spoken = {"ms-diagnostics error ", 21};     /* people write it without the colon */
    if (uct_slice_istarts(*line, spoken) && line->n > spoken.n && uct_isdigit((unsigned char)line->p[spoken.n])) {
        *name = uct_slice(line->p, 14);
        *line = uct_slice(line->p + spoken.n, line->n - spoken.n);
        return true;
    }
    const char *colon = memchr(line->p, ':', line->n < NAME_WINDOW ? line->n : NAME_WINDOW);
    if (!colon)
        return false;
    size_t n = (size_t)(colon - line->p);
    *name = uct_slice_trim(uct_slice(line->p, n));
    struct uct_slice rest = uct_slice_trim(uct_slice(colon + 1, line->n - n - 1));
    bool null = uct_slice_eq(*name, UCT_S("(null)")) && rest.n && uct_isdigit((unsigned char)rest.p[0]);
    if (!null && !uct_diag_name(*name))
        return false;
    *line = rest;
    return true;
}

bool uct_diag_line(struct uct_slice line)
{
    struct uct_slice name;
    while (line.n && uct_isblank((unsigned char)line.p[0])) {
        line.p++;
        line.n--;
    }
    return take_name(&line, &name);
}

bool uct_diag_parse(struct uct_slice line, struct uct_diag *out)
{
    struct uct_slice name = {NULL, 0};
    line = uct_slice_trim(line);
    take_name(&line, &name);
    return uct_diag_set(name, line, out);
}

/* ---- attributes -------------------------------------------------------- */

enum quote { NO_QUOTE, DOUBLE, SINGLE };

/* Kind and length of the quotation mark at p.  Word processors turn '"' into
 * U+201C..201F or U+2033, and into two single ones (U+2018..201B, U+2032). */
static enum quote quote_at(struct uct_slice s, size_t at, size_t *len)
{
    const unsigned char *p = (const unsigned char *)s.p + at;
    size_t n = s.n - at;
    *len = 1;
    if (n && *p == '"')
        return DOUBLE;
    if (n && *p == '\'')
        return SINGLE;
    if (n < 3 || p[0] != 0xe2 || p[1] != 0x80)
        return NO_QUOTE;
    *len = 3;
    if ((p[2] >= 0x9c && p[2] <= 0x9f) || p[2] == 0xb3)
        return DOUBLE;
    if ((p[2] < 0x98 || p[2] > 0x9b) && p[2] != 0xb2)
        return NO_QUOTE;
    if (n >= 6 && memcmp(p + 3, "\xe2\x80", 2) == 0 && ((p[5] >= 0x98 && p[5] <= 0x9b) || p[5] == 0xb2)) {
        *len = 6;
        return DOUBLE;
    }
    return SINGLE;
}

static size_t skip_space(struct uct_slice s, size_t i)
{
    while (i < s.n && uct_isspace((unsigned char)s.p[i]))
        i++;
    return i;
}

static size_t skip_key(struct uct_slice s, size_t i)
{
    while (i < s.n && (uct_isalnum((unsigned char)s.p[i]) || s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '.'))
        i++;
    return i;
}

/* `key =` at i: position behind the '=', else 0. */
static size_t key_at(struct uct_slice s, size_t i)
{
    size_t from = skip_space(s, i), end = skip_key(s, from);
    size_t eq = skip_space(s, end);
    return end > from && eq < s.n && s.p[eq] == '=' ? eq + 1 : 0;
}

/* A closing mark stands at the end, before ';' or ',', or before something
 * that was glued on: another attribute or another header. */
static bool closes(struct uct_slice s, size_t after)
{
    size_t i = skip_space(s, after);
    if (i == s.n || s.p[i] == ';' || s.p[i] == ',' || key_at(s, i))
        return true;
    size_t end = skip_key(s, i);
    return end > i && end < s.n && s.p[end] == ':';
}

/* `key = "` at i: the start of the next attribute. */
static bool quoted_key_at(struct uct_slice s, size_t i)
{
    size_t len, at = key_at(s, i);
    return at && quote_at(s, skip_space(s, at), &len) != NO_QUOTE;
}

/* The next byte at or behind i that can begin a quotation mark or is ';'. */
static size_t next_mark(struct uct_slice s, size_t i)
{
    while (i < s.n && s.p[i] != '"' && s.p[i] != ';' && s.p[i] != '\'' && s.p[i] != '\xe2')
        i++;
    return i;
}

/* End of a value that no mark closes: the next `;key=`, or all of the rest. */
static size_t unclosed_end(struct uct_slice s, size_t i)
{
    for (const char *p; i < s.n && (p = memchr(s.p + i, ';', s.n - i));) {
        i = (size_t)(p - s.p) + 1;
        if (key_at(s, i))
            return i - 1;
    }
    return s.n;
}

/* From behind the opening mark: *end of the value, returns where to go on. */
static size_t quoted_value(struct uct_slice s, size_t from, enum quote open, size_t *end)
{
    for (size_t i = next_mark(s, from), len; i < s.n; i = next_mark(s, i + len)) {
        enum quote q = quote_at(s, i, &len);
        if (s.p[i] == ';' && quoted_key_at(s, i + 1))
            return *end = i;
        if (q == open && !(i > from && s.p[i - 1] == '\\') && closes(s, i + len)) {
            *end = i;
            return i + len;
        }
    }
    return *end = unclosed_end(s, from);
}

static size_t plain_value(struct uct_slice s, size_t from, size_t *end)
{
    const char *semi = from < s.n ? memchr(s.p + from, ';', s.n - from) : NULL;
    *end = semi ? (size_t)(semi - s.p) : s.n;
    return *end;
}

static size_t attribute(struct uct_slice s, size_t from, struct uct_slice *value)
{
    size_t len, end, next;
    from = skip_space(s, from);
    enum quote open = from < s.n ? quote_at(s, from, &len) : NO_QUOTE;
    if (open == NO_QUOTE) {
        next = plain_value(s, from, &end);
    } else {
        from += len;
        next = quoted_value(s, from, open, &end);
    }
    *value = uct_slice_trim(uct_slice(s.p + from, end - from));
    if (open == NO_QUOTE && value->n && value->p[value->n - 1] == '"')    /* source= host" */
        *value = uct_slice_trim(uct_slice(value->p, value->n - 1));
    return next;
}

bool uct_diag_next(const struct uct_diag *d, size_t *pos, struct uct_slice *name, struct uct_slice *value)
{
    struct uct_slice s = d->value;
    size_t i = *pos;
    if (i == 0)                       /* past the ids: 4268.1  1034,1009 */
        while (i < s.n && (uct_isdigit((unsigned char)s.p[i]) || s.p[i] == '.' || s.p[i] == ',' ||
                           uct_isspace((unsigned char)s.p[i])))
            i++;
    for (size_t at; i < s.n;) {
        if (s.p[i] == ';' || s.p[i] == ',' || uct_isspace((unsigned char)s.p[i])) {
            i++;
            continue;
        }
        if ((at = key_at(s, i))) {
            *name = uct_slice(s.p + i, skip_key(s, i) - i);
            *pos = attribute(s, at, value);
            return true;
        }
        const char *semi = memchr(s.p + i, ';', s.n - i);    /* no attribute: on to the next */
        i = semi ? (size_t)(semi - s.p) + 1 : s.n;
    }
    *pos = s.n;
    return false;
}

bool uct_diag_attr(const struct uct_diag *d, struct uct_slice name, struct uct_slice *value)
{
    struct uct_slice n;
    for (size_t pos = 0; uct_diag_next(d, &pos, &n, value);)
        if (uct_slice_ieq(n, name))
            return true;
    *value = uct_slice(NULL, 0);
    return false;
}
