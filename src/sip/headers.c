/* Header lines, addresses, URIs and parameters.
 *
 *   message-header = token *WSP ":" value *( EOL 1*WSP value )       RFC 3261 section 7.3.1
 *   name-addr      = [ display-name ] "<" URI ">" *( ";" param )     section 20.10
 *
 * Logs are laxer than the RFC: display names hold anything unquoted, brackets
 * and quotes stay open, web pages leave blanks inside URIs. */
#include "internal.h"

/* RFC 3261 section 25.1, token. */
const bool uct_sip_token_chars[256] = {
    ['-'] = true, ['.'] = true, ['!'] = true, ['%'] = true, ['*'] = true, ['_'] = true, ['+'] = true, ['`'] = true,
    ['\''] = true, ['~'] = true,
    ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true,
    ['8'] = true, ['9'] = true,
    ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true, ['F'] = true, ['G'] = true, ['H'] = true,
    ['I'] = true, ['J'] = true, ['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true,
    ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true,
    ['Y'] = true, ['Z'] = true,
    ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true,
    ['i'] = true, ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true,
    ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true,
    ['y'] = true, ['z'] = true,
};

bool uct_sip_is_token(unsigned char c)
{
    return uct_sip_token_chars[c];
}

static struct uct_slice trim_blanks(struct uct_slice s)
{
    while (s.n && uct_isblank((unsigned char)s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && uct_isspace((unsigned char)s.p[s.n - 1]))
        s.n--;
    return s;
}

/* ---- lines ------------------------------------------------------------- */

/* No header name comes near this. */
#define NAME_MAX_LEN 128

static bool split_header(struct uct_slice line, struct uct_slice *name, struct uct_slice *value)
{
    size_t n = 0, most = line.n < NAME_MAX_LEN ? line.n : NAME_MAX_LEN;
    while (n < most && uct_sip_token_chars[(unsigned char)line.p[n]])
        n++;
    if (n && n < most && line.p[n] == ':') {          /* nearly every header */
        *name = uct_slice(line.p, n);
        *value = trim_blanks(uct_slice(line.p + n + 1, line.n - n - 1));
        return true;
    }
    const char *colon = memchr(line.p, ':', most);
    if (!colon)
        return false;
    size_t full = n = (size_t)(colon - line.p);
    while (n && uct_isblank((unsigned char)line.p[n - 1]))
        n--;
    if (n == 0)
        return false;
    *name = uct_slice(line.p, n);
    if (line.p[0] == '(' && !uct_slice_eq(*name, UCT_S("(null)")))
        return false;
    for (size_t i = line.p[0] == '(' ? n : 0; i < n; i++)
        if (!uct_sip_is_token((unsigned char)line.p[i]))
            return false;
    *value = trim_blanks(uct_slice(colon + 1, line.n - full - 1));
    return true;
}

/* X7 dumps and careless copies lack the empty line: SDP, XML, JSON and
 * multipart bodies are told by their first bytes. */
static bool begins_body(struct uct_slice line)
{
    return line.p[0] == '<' || line.p[0] == '{' || uct_slice_eq(line, UCT_S("v=0")) ||
           uct_slice_starts(line, UCT_S("- <")) || uct_slice_starts(line, UCT_S("--"));
}

enum uct_sip_line uct_sip_line_kind(struct uct_slice line, bool indented, struct uct_slice *name,
                                    struct uct_slice *value)
{
    bool stripped = indented && line.n && line.p[0] == ' ';
    if (stripped) {
        line.p++;
        line.n--;
    }
    if (line.n == 0)
        return UCT_LINE_END;
    if (uct_isblank((unsigned char)line.p[0]))
        return trim_blanks(line).n ? UCT_LINE_FOLD : UCT_LINE_END;
    if (split_header(line, name, value))
        return UCT_LINE_HEADER;
    if (begins_body(line))
        return UCT_LINE_BODY;
    return stripped ? UCT_LINE_FOLD : UCT_LINE_BAD;
}

bool uct_sip_looks_indented(struct uct_slice line)
{
    struct uct_slice name, value;
    return line.n > 1 && line.p[0] == ' ' && !uct_isblank((unsigned char)line.p[1]) &&
           split_header(uct_slice(line.p + 1, line.n - 1), &name, &value);
}

bool uct_sip_next_header(struct uct_slice *headers, struct uct_sip_layout layout, struct uct_slice *name,
                         struct uct_slice *value)
{
    struct uct_slice line, n2, v2;
    enum uct_sip_line kind;
    do {
        if (!uct_sip_take_line(headers, &line))
            return false;
        kind = uct_sip_line_kind(line, layout.indented, name, value);
        if ((kind == UCT_LINE_END && !layout.spaced) || kind == UCT_LINE_BODY)
            return false;
    } while (kind != UCT_LINE_HEADER);
    for (struct uct_slice ahead = *headers; uct_sip_take_line(&ahead, &line); *headers = ahead) {
        if (uct_sip_line_kind(line, layout.indented, &n2, &v2) != UCT_LINE_FOLD)
            break;
        value->n = (size_t)(line.p + line.n - value->p);
    }
    *value = uct_slice_trim(*value);
    return true;
}

/* RFC 3261 section 7.3.3 and the IANA registry of header fields. */
bool uct_sip_header_is(struct uct_slice name, struct uct_slice full)
{
    static const struct {
        char compact;
        const char *full;
    } forms[] = {
        {'a', "Accept-Contact"}, {'b', "Referred-By"}, {'c', "Content-Type"}, {'d', "Request-Disposition"},
        {'e', "Content-Encoding"}, {'f', "From"}, {'i', "Call-ID"}, {'j', "Reject-Contact"},
        {'k', "Supported"}, {'l', "Content-Length"}, {'m', "Contact"}, {'n', "Identity-Info"},
        {'o', "Event"}, {'r', "Refer-To"}, {'s', "Subject"}, {'t', "To"}, {'u', "Allow-Events"},
        {'v', "Via"}, {'x', "Session-Expires"}, {'y', "Identity"},
    };
    if (uct_slice_ieq(name, full))
        return true;
    if (name.n != 1)
        return false;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].compact == (char)uct_lower((unsigned char)name.p[0]))
            return uct_slice_ieq(uct_slice_str(forms[i].full), full);
    return false;
}

/* ---- parameters -------------------------------------------------------- */

/* Position of the quote that closes the one at `open`, or SIZE_MAX. */
static size_t closing_quote(struct uct_slice s, size_t open)
{
    for (size_t i = open + 1; i < s.n;) {
        const char *q = memchr(s.p + i, '"', s.n - i);
        if (!q)
            return SIZE_MAX;
        size_t at = (size_t)(q - s.p), slashes = 0;
        while (at - slashes > i && s.p[at - slashes - 1] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return at;
        i = at + 1;
    }
    return SIZE_MAX;
}

/* The first quote of s[0..n) that no backslash stands before.  What is escaped
 * opens nothing: so a search for the end that fails is not made again. */
static const char *opening_quote(const char *p, size_t n)
{
    const char *end = p + n, *q = p;
    while (q < end && (q = memchr(q, '"', (size_t)(end - q)))) {
        if (q == p || q[-1] != '\\')
            return q;
        q++;
    }
    return NULL;
}

/* End of the piece of s before the next ';' outside quotes. */
static size_t param_end(struct uct_slice s)
{
    const char *semi = memchr(s.p, ';', s.n);
    size_t end = semi ? (size_t)(semi - s.p) : s.n;
    const char *quote = opening_quote(s.p, end);
    if (!quote)
        return end;
    size_t close = closing_quote(s, (size_t)(quote - s.p));
    if (close == SIZE_MAX || close < end)
        return end;
    semi = memchr(s.p + close, ';', s.n - close);
    return semi ? (size_t)(semi - s.p) : s.n;
}

static struct uct_slice unquote(struct uct_slice v)
{
    v = uct_slice_trim(v);
    if (v.n == 0 || v.p[0] != '"') {
        const char *comma = v.n ? memchr(v.p, ',', v.n) : NULL;   /* the next value of a list */
        return comma ? uct_slice_trim(uct_slice(v.p, (size_t)(comma - v.p))) : v;
    }
    size_t close = closing_quote(v, 0);
    return uct_slice_trim(uct_slice(v.p + 1, (close == SIZE_MAX ? v.n : close) - 1));
}

bool uct_sip_next_param(struct uct_slice *rest, struct uct_slice *name, struct uct_slice *value)
{
    while (rest->n) {
        size_t end = param_end(*rest);
        struct uct_slice piece = uct_slice(rest->p, end);
        size_t taken = end < rest->n ? end + 1 : end;
        rest->p += taken;
        rest->n -= taken;
        const char *eq = end ? memchr(piece.p, '=', end) : NULL;
        size_t n = eq ? (size_t)(eq - piece.p) : end;
        *name = uct_slice_trim(uct_slice(piece.p, n));
        *value = eq ? unquote(uct_slice(eq + 1, end - n - 1)) : uct_slice(piece.p, 0);
        if (name->n)
            return true;
    }
    return false;
}

bool uct_sip_param(struct uct_slice value, struct uct_slice name, struct uct_slice *out)
{
    struct uct_slice uri, rest, n;
    uct_sip_addr_split(value, &uri, &rest);
    while (uct_sip_next_param(&rest, &n, out))
        if (uct_slice_ieq(n, name))
            return true;
    *out = uct_slice(NULL, 0);
    return false;
}

/* ---- addresses --------------------------------------------------------- */

/* Does a URI scheme stand at the front (after blanks)? */
static bool has_scheme(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && uct_isblank((unsigned char)p[i]))
        i++;
    size_t from = i;
    while (i < n && i - from < 16 && uct_isalnum((unsigned char)p[i]))
        i++;
    return i > from && i < n && p[i] == ':';
}

/* The '<' that opens the URI: the first with a scheme behind it, since display
 * names may hold brackets of their own; without any the first of all. */
static const char *opening_angle(struct uct_slice v, size_t at)
{
    const char *first = NULL, *end = v.p + v.n;
    for (const char *p = v.p + at; p < end && (p = memchr(p, '<', (size_t)(end - p))); p++) {
        if (!first)
            first = p;
        if (has_scheme(p + 1, (size_t)(end - p - 1)))
            return p;
    }
    return first;
}

/* Where the first a or b stands in s, or s.n. */
static size_t find_any2(struct uct_slice s, char a, char b)
{
    const char *pa = s.n ? memchr(s.p, a, s.n) : NULL;
    size_t n = pa ? (size_t)(pa - s.p) : s.n;
    const char *pb = n && b != a ? memchr(s.p, b, n) : NULL;
    return pb ? (size_t)(pb - s.p) : n;
}

static struct uct_slice behind(struct uct_slice v, size_t at)
{
    return at < v.n ? uct_slice(v.p + at + 1, v.n - at - 1) : uct_slice(v.p + v.n, 0);
}

/* Is v an address without brackets?  A '<' in one of its parameters opens nothing. */
static bool is_bare_addr(struct uct_slice v, const char *open)
{
    if (!open)
        return true;
    const char *semi = memchr(v.p, ';', (size_t)(open - v.p));
    return semi && v.p[0] != '"' &&
           (uct_slice_istarts(v, UCT_S("sip")) || uct_slice_istarts(v, UCT_S("tel:")) ||
            !has_scheme(open + 1, (size_t)(v.p + v.n - open) - 1));
}

void uct_sip_addr_split(struct uct_slice v, struct uct_slice *uri, struct uct_slice *params)
{
    v = trim_blanks(v);
    *uri = *params = uct_slice(v.p, 0);
    if (v.n == 0)
        return;
    size_t close = v.p[0] == '"' ? closing_quote(v, 0) : SIZE_MAX;
    const char *open = opening_angle(v, close == SIZE_MAX ? 0 : close + 1);
    if (is_bare_addr(v, open)) {
        *uri = uct_slice_trim(uct_slice(v.p, find_any2(v, ';', ',')));
        *params = behind(v, param_end(v));
        return;
    }
    struct uct_slice inner = behind(v, (size_t)(open - v.p));
    size_t n = find_any2(inner, '>', '>');
    *uri = uct_slice_trim(uct_slice(inner.p, n));
    struct uct_slice rest = n < inner.n ? behind(inner, n) : inner;    /* a bracket left open hides them */
    *params = behind(rest, find_any2(rest, ';', ';'));
}

struct uct_slice uct_sip_uri_bare(struct uct_slice uri)
{
    uri = uct_slice_trim(uri);
    if (uri.n == 0)
        return uri;
    const char *at = memchr(uri.p, '@', uri.n), *p = at ? at : uri.p, *end = uri.p + uri.n;
    while (p < end && *p != ';' && *p != '?')
        p++;
    return uct_slice_trim(uct_slice(uri.p, (size_t)(p - uri.p)));
}

struct uct_slice uct_sip_addr_uri(struct uct_slice value)
{
    struct uct_slice uri, params;
    uct_sip_addr_split(value, &uri, &params);
    return uct_sip_uri_bare(uri);
}

struct uct_slice uct_sip_addr_tag(struct uct_slice value)
{
    struct uct_slice tag;
    uct_sip_param(value, UCT_S("tag"), &tag);
    return tag;
}

struct uct_slice uct_sip_uri_host(struct uct_slice uri)
{
    uri = uct_sip_uri_bare(uri);
    if (uri.n == 0)
        return uri;
    const char *at = memchr(uri.p, '@', uri.n);
    const char *colon = memchr(uri.p, ':', uri.n);
    if (uct_slice_istarts(uri, UCT_S("tel:")) || uct_slice_istarts(uri, UCT_S("urn:")))
        return uct_slice(uri.p, 0);
    struct uct_slice host = uri;
    if (at)
        host = behind(uri, (size_t)(at - uri.p));
    else if (colon && has_scheme(uri.p, uri.n) &&
             (uct_slice_istarts(uri, UCT_S("sip")) || !uct_isdigit((unsigned char)uri.p[uri.n - 1])))
        host = behind(uri, (size_t)(colon - uri.p));
    host = uct_slice_trim(host);
    if (host.n && host.p[0] == '[') {
        const char *close = memchr(host.p, ']', host.n);
        return uct_slice(host.p + 1, (close ? (size_t)(close - host.p) : host.n) - 1);
    }
    colon = host.n ? memchr(host.p, ':', host.n) : NULL;
    return colon ? uct_slice_trim(uct_slice(host.p, (size_t)(colon - host.p))) : host;
}
