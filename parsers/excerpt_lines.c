/* excerpt_lines: one line of a document at a time: what quoting it carries and
 * what kind of log line it looks like.
 *
 *   > > Line 190: 2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime="..." ...
 *   * **ms-diagnostics: 1009;reason="..."**
 *
 * The recognisers are strict at the front of a line and ask for nothing that a
 * line end could have cut off: a head may go on in the next line. */
#include "excerpt.h"

#include "expressway.h"

#include <stdlib.h>

/* ---- quoting ------------------------------------------------------------ */

static void drop(struct uct_slice *s, size_t n)
{
    s->p += n;
    s->n -= n;
}

/* Blanks at the front; a no-break space counts as one.  Returns how many. */
static uint32_t drop_blanks(struct uct_slice *s)
{
    uint32_t n = 0;
    for (;;) {
        if (s->n && uct_isblank((unsigned char)*s->p)) {
            drop(s, 1);
        } else if (s->n > 1 && (unsigned char)s->p[0] == 0xC2 && (unsigned char)s->p[1] == 0xA0) {
            drop(s, 2);
        } else {
            return n;
        }
        n++;
    }
}

static bool drop_tail(struct uct_slice *s)
{
    bool blank = false;
    while (s->n) {
        unsigned char c = (unsigned char)s->p[s->n - 1];
        if (s->n > 1 && c == 0xA0 && (unsigned char)s->p[s->n - 2] == 0xC2) {
            s->n -= 2;
            blank = true;
        } else if (uct_isspace(c) || c == 0) {
            blank |= uct_isblank(c);
            s->n--;
        } else {
            break;
        }
    }
    return blank;
}

/* "> > >> text": mail quoting.  Four and more without a blank are an arrow of
 * the S4 trace (">>>>>>>>>>>>Outgoing SipMessage"), no quoting. */
static bool drop_quote(struct uct_slice *s)
{
    size_t i = 0, run = 0;
    while (i < s->n && i < 4 && s->p[i] == ' ') {
        i++;
    }
    while (i + run < s->n && s->p[i + run] == '>') {
        run++;
    }
    if (!run || run > 3) {
        return false;
    }
    drop(s, i + run);
    if (s->n && s->p[0] == ' ') {
        drop(s, 1);
    }
    return true;
}

/* "Line 190: " as editors and some viewers print it. */
static void drop_line_number(struct uct_slice *s)
{
    struct uct_slice t = *s;
    drop_blanks(&t);
    if (!uct_slice_starts(t, UCT_S("Line "))) {
        return;
    }
    drop(&t, 5);
    size_t n = 0;
    while (n < t.n && uct_isdigit((unsigned char)t.p[n])) {
        n++;
    }
    if (!n || n > 10 || n >= t.n || t.p[n] != ':') {
        return;
    }
    drop(&t, n + 1);
    if (t.n && uct_isblank((unsigned char)t.p[0])) {
        drop(&t, 1);
    }
    *s = t;
}

/* Bullets and comment signs need a blank behind them; "1. " and "1) " too. */
static char drop_mark(struct uct_slice *s)
{
    static const char *const dots[] = {"\xE2\x80\xA2", "\xE2\x97\x8F", "\xC2\xB7"};
    if (s->n > 1 && memchr("*-+#", s->p[0], 4) && uct_isblank((unsigned char)s->p[1])) {
        char c = s->p[0];
        drop(s, 1);
        return c;
    }
    for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
        struct uct_slice dot = uct_slice_str(dots[i]);
        if (uct_slice_starts(*s, dot)) {
            drop(s, dot.n);
            return 'o';
        }
    }
    size_t n = 0;
    while (n < s->n && n < 3 && uct_isdigit((unsigned char)s->p[n])) {
        n++;
    }
    if (n && n + 1 < s->n && (s->p[n] == '.' || s->p[n] == ')') && s->p[n + 1] == ' ') {
        drop(s, n + 1);
        return '1';
    }
    return 0;
}

static bool ends(struct uct_slice s, struct uct_slice tail)
{
    return s.n >= tail.n && memcmp(s.p + s.n - tail.n, tail.p, tail.n) == 0;
}

/* Bold and code round the whole line; signs inside it are dropped later. */
static void drop_emphasis(struct uct_slice *s)
{
    for (int turn = 0; turn < 2; turn++) {
        if (s->n > 1 && s->p[0] == '`' && s->p[1] != '`') {
            drop(s, 1);
            if (ends(*s, UCT_S("`"))) {
                s->n--;
            }
        }
        if (s->n > 4 && uct_slice_starts(*s, UCT_S("**")) && s->p[2] != '*' && ends(*s, UCT_S("**"))) {
            drop(s, 2);
            s->n -= 2;
        }
    }
}

static uint32_t count_chars(struct uct_slice s)
{
    uint32_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    }
    return n;
}

/* More than a third of the characters are not ASCII: prose of another script. */
static bool is_foreign(struct uct_slice s)
{
    size_t high = 0, chars = 0, n = s.n < 400 ? s.n : 400;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        chars += (c & 0xC0) != 0x80;
        high += c >= 0xC0;
    }
    return high * 3 > chars;
}

void uct_x_unquote(struct uct_slice raw, bool pipes, struct uct_x_line *out)
{
    struct uct_slice s = raw;
    *out = (struct uct_x_line){0};
    out->tail = drop_tail(&s);
    size_t whole = s.n;
    while (drop_quote(&s)) {
    }
    /* Mail is quoted first and cut after: what was cut off has no sign, and the line was as wide as with it. */
    uint32_t quote = (uint32_t)(whole - s.n);
    drop_line_number(&s);
    if (pipes) {
        drop_blanks(&s);
        if (s.n && s.p[0] == '|') {
            drop(&s, 1);
        }
        if (s.n && s.p[0] == ' ') {
            drop(&s, 1);
        }
    }
    uint32_t chars = count_chars(s);
    out->width = chars + quote;
    out->indent = drop_blanks(&s);
    const char *sign = s.p;
    out->mark = drop_mark(&s);
    if (out->mark) {
        drop_blanks(&s);
        out->width = count_chars(s) + quote;
        drop_line_number(&s);
    }
    out->fence = uct_slice_starts(s, UCT_S("```")) || uct_slice_starts(s, UCT_S("~~~"));
    drop_emphasis(&s);
    out->back = out->mark ? (uint32_t)(s.p - sign) : 0;
    out->s = s;
    out->foreign = is_foreign(s);
}

/* ---- reading lines ------------------------------------------------------ */

/* "| text" quotes a run of lines only: one such line alone is a table row or
 * the end of a dump. */
static bool begins_pipe(struct uct_slice s)
{
    size_t i = 0;
    while (i < s.n && i < 4 && s.p[i] == ' ') {
        i++;
    }
    return i < s.n && s.p[i] == '|' && (i + 1 == s.n || uct_isspace((unsigned char)s.p[i + 1]));
}

static size_t line_length(struct uct_slice rest)
{
    const char *lf = memchr(rest.p, '\n', rest.n);
    return lf ? (size_t)(lf - rest.p) + 1 : rest.n;
}

static bool is_piped(const struct uct_x_reader *r, struct uct_slice raw, size_t next)
{
    if (!begins_pipe(raw)) {
        return false;
    }
    struct uct_slice t = uct_slice_trim(raw);
    if (r->piped) {
        return true;
    }
    return t.n > 1 && begins_pipe(uct_slice(r->doc.p + next, r->doc.n - next < 8 ? r->doc.n - next : 8));
}

/* Reads the line at pos; false when it is empty (but it is taken). */
static bool read_line(struct uct_x_reader *r, struct uct_x_line *out)
{
    struct uct_slice raw = uct_slice(r->doc.p + r->pos, r->doc.n - r->pos);
    raw.n = line_length(raw);
    bool piped = is_piped(r, raw, r->pos + raw.n);
    uct_x_unquote(raw, piped, out);
    out->start = r->pos;
    out->end = r->pos + raw.n;
    out->line = r->line;
    r->piped = piped;
    r->pos += raw.n;
    r->line++;
    return out->s.n > 0;
}

struct uct_x_line *uct_x_at(struct uct_x_reader *r, size_t i)
{
    struct uct_x_line l;
    while (i >= r->base + r->n) {
        /* Empty lines before the first line belong to none. */
        if (r->pos >= r->doc.n || r->failed) {
            return NULL;
        }
        if (!read_line(r, &l)) {
            if (r->n) {
                r->v[r->n - 1].blanks++;
            }
            continue;
        }
        if (!UCT_ROOM(r->v, r->n, r->cap)) {
            r->failed = true;
            return NULL;
        }
        r->v[r->n++] = l;
    }
    return &r->v[i - r->base];
}

void uct_x_forget(struct uct_x_reader *r, size_t before)
{
    size_t n = before - r->base;
    if (n < 256 || n < r->n / 2) {
        return;
    }
    if (n > r->n) {
        n = r->n;
    }
    memmove(r->v, r->v + n, (r->n - n) * sizeof *r->v);
    r->n -= n;
    r->base += n;
}

/* ---- words -------------------------------------------------------------- */

struct uct_slice uct_x_first_word(struct uct_slice s)
{
    size_t n = 0;
    while (n < s.n && !uct_isblank((unsigned char)s.p[n])) {
        n++;
    }
    return uct_slice(s.p, n);
}

struct uct_slice uct_x_last_word(struct uct_slice s)
{
    size_t n = s.n;
    while (n && !uct_isblank((unsigned char)s.p[n - 1])) {
        n--;
    }
    return uct_slice(s.p + n, s.n - n);
}

bool uct_x_is_uuid(struct uct_slice s)
{
    if (s.n != 36) {
        return false;
    }
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.p[i] != '-' : uct_hexval((unsigned char)s.p[i]) < 0) {
            return false;
        }
    }
    return true;
}

static bool is_name_char(unsigned char c)
{
    return uct_isalnum(c) || c == '-' || c == '_';
}

size_t uct_x_key(struct uct_slice s)
{
    size_t n = 0;
    if (!s.n || !uct_isalpha((unsigned char)s.p[0])) {
        return 0;
    }
    while (n < s.n && n < 48 && is_name_char((unsigned char)s.p[n])) {
        n++;
    }
    if (n >= s.n || s.p[n] != ':' || s.p[n - 1] == '-') {
        return 0;
    }
    /* "http://", "C:\", "sip:a@b" and "Class::function" are no keys. */
    if (n + 1 < s.n && (s.p[n + 1] == '/' || s.p[n + 1] == '\\' || s.p[n + 1] == ':')) {
        return 0;
    }
    struct uct_slice name = uct_slice(s.p, n);
    if (uct_slice_ieq(name, UCT_S("sip")) || uct_slice_ieq(name, UCT_S("sips")) ||
        uct_slice_ieq(name, UCT_S("tel"))) {
        return 0;
    }
    return n;
}

size_t uct_x_pair(struct uct_slice s)
{
    size_t n = 0;
    if (!s.n || !uct_isalpha((unsigned char)s.p[0])) {
        return 0;
    }
    while (n < s.n && n < 48 && is_name_char((unsigned char)s.p[n])) {
        n++;
    }
    size_t i = n;
    while (i < s.n && i < n + 2 && s.p[i] == ' ') {
        i++;
    }
    if (i >= s.n || s.p[i] != '=') {
        return 0;
    }
    i++;
    if (i < s.n && s.p[i] == ' ') {
        i++;
    }
    return i < s.n && s.p[i] == '"' ? n : 0;
}

/* ---- names -------------------------------------------------------------- */

static bool in_table(struct uct_slice name, const char *const *table, size_t n)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2, i = 0;
        const char *t = table[mid];
        while (i < name.n && t[i] && uct_lower((unsigned char)name.p[i]) == (unsigned char)t[i]) {
            i++;
        }
        if (i == name.n && !t[i]) {
            return true;
        }
        int c = (i < name.n ? uct_lower((unsigned char)name.p[i]) : 0) - (unsigned char)t[i];
        if (c < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return false;
}

#define IN_TABLE(name, table) in_table((name), (table), sizeof(table) / sizeof *(table))

bool uct_x_sip_name(struct uct_slice name)
{
    /* Sorted, lower case. */
    static const char *const names[] = {
        "accept", "accept-contact", "accept-encoding", "accept-language", "alert-info", "allow",
        "allow-events", "authentication-info", "authorization", "call-id", "call-info", "cisco-guid",
        "contact", "content-disposition", "content-encoding", "content-id", "content-language",
        "content-length", "content-transfer-encoding", "content-type", "cookie", "cseq", "date", "diversion",
        "endpoint", "error-info", "event", "expires", "from", "geolocation", "history-info", "identity",
        "identity-info", "in-reply-to", "join", "max-forwards", "mime-version", "min-expires", "min-se",
        "ms-accepted-content-id", "ms-application-via", "ms-asserted-verification-level", "ms-call-source",
        "ms-client-diagnostics", "ms-conversation-id", "ms-diagnostics", "ms-diagnostics-public",
        "ms-edge-proxy-message-trust", "ms-edge-route", "ms-endpoint-location-data", "ms-keep-alive",
        "ms-routing-phase", "ms-skip-rnl", "ms-split-domain-info", "ms-subnet", "ms-telemetry-id",
        "ms-user-logon-data", "organization", "p-access-network-info", "p-asserted-identity",
        "p-associated-uri", "p-called-party-id", "p-charging-vector", "p-preferred-identity", "path",
        "presence-state", "priority", "privacy", "proxy-authenticate", "proxy-authentication-info",
        "proxy-authorization", "proxy-require", "rack", "reason", "record-route", "refer-to", "referred-by",
        "remote-party-id", "replaces", "reply-to", "require", "retry-after", "route", "rseq", "server",
        "service-route", "session-expires", "session-id", "sip-etag", "sip-if-match", "subject",
        "subscription-state", "supported", "timestamp", "to", "unsupported", "user-agent", "via", "warning",
        "www-authenticate", "x-asterisk-hangupcause", "x-cisco-srtp-fallback", "x-ms-diagnostics", "x-taatag"
    };
    return IN_TABLE(name, names);
}

/* No blank but behind a comma: "100rel, timer". */
static bool is_list(struct uct_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool behind = i && (s.p[i - 1] == ',' || uct_isblank((unsigned char)s.p[i - 1]));
        if (uct_isblank((unsigned char)s.p[i]) && !behind) {
            return false;
        }
    }
    return s.n > 0;
}

static bool has_address(struct uct_slice s)
{
    s.n = s.n < 400 ? s.n : 400;
    return s.n && (memchr("<\"", s.p[0], 2) || uct_slice_ifind(s, UCT_S("sip:")) != SIZE_MAX ||
                   uct_slice_ifind(s, UCT_S("sips:")) != SIZE_MAX ||
                   uct_slice_ifind(s, UCT_S("tel:")) != SIZE_MAX);
}

/* The short names of RFC 3261 section 7.3.3 and of later RFCs; one letter says
 * little, so the value must be of the kind.  A subject (s) can be anything. */
static bool is_short_header(char letter, struct uct_slice value)
{
    uint64_t v;
    switch (letter) {
    case 'v':
        return uct_slice_istarts(value, UCT_S("SIP/")) || uct_slice_istarts(value, UCT_S("SIP /"));
    case 'm':
        return has_address(value) || (value.n == 1 && value.p[0] == '*');
    case 'f':
    case 't':
    case 'r':
    case 'b':
        return has_address(value);
    case 'l':
        return uct_slice_u64(value, &v);
    case 'x':
        return value.n && uct_isdigit((unsigned char)value.p[0]);
    case 'c':
        return memchr(value.p, '/', uct_x_first_word(value).n) != NULL;
    case 'i':
        return value.n && uct_x_first_word(value).n == value.n;
    case 'k':
    case 'e':
    case 'o':
    case 'u':
        return is_list(value);
    default:
        return false;
    }
}

size_t uct_x_header(struct uct_slice s, struct uct_slice *value)
{
    size_t n = 0;
    while (n < s.n && n < 48 && is_name_char((unsigned char)s.p[n])) {
        n++;
    }
    size_t colon = n;
    while (n && colon < s.n && colon < n + 16 && uct_isblank((unsigned char)s.p[colon])) {
        colon++;
    }
    if (!n || colon >= s.n || s.p[colon] != ':') {
        return 0;
    }
    struct uct_slice rest = uct_slice_trim(uct_slice(s.p + colon + 1, s.n - colon - 1));
    if (value) {
        *value = rest;
    }
    bool known = n == 1 ? is_short_header((char)uct_lower((unsigned char)s.p[0]), rest)
                        : (colon > n || uct_x_key(s)) && uct_x_sip_name(uct_slice(s.p, n));
    return known ? n : 0;
}

bool uct_x_is_length(struct uct_slice s, struct uct_slice *value)
{
    struct uct_slice name = uct_slice(s.p, uct_x_header(s, value));
    return uct_slice_ieq(name, UCT_S("Content-Length")) || uct_slice_ieq(name, UCT_S("l"));
}

bool uct_x_lync_name(struct uct_slice name)
{
    static const char *const names[] = {
        "connection-id", "data", "direction", "instance-id", "local-ip", "logtype", "message-body",
        "message-type", "peer", "peer-ip", "result-code", "severity", "sip-call-id", "sip-cseq",
        "sip-start-line", "source", "start-line", "text", "trace-correlation-id", "transport"
    };
    return IN_TABLE(name, names);
}

size_t uct_x_method(struct uct_slice s)
{
    static const char *const methods[] = {
        "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "SUBSCRIBE", "NOTIFY", "BENOTIFY", "PUBLISH",
        "INFO", "REFER", "MESSAGE", "UPDATE", "PRACK", "SERVICE", "NEGOTIATE"
    };
    if (s.n < 3 || (unsigned)(s.p[0] - 'A') > 25u || (unsigned)(s.p[1] - 'A') > 25u) {
        return 0;
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        struct uct_slice m = uct_slice_str(methods[i]);
        if (uct_slice_starts(s, m) && (s.n == m.n || s.p[m.n] == ' ')) {
            return m.n;
        }
    }
    return 0;
}

bool uct_x_lone_method(struct uct_slice s)
{
    size_t n = uct_x_method(s);
    if (!n) {
        return false;
    }
    drop(&s, n);
    return drop_blanks(&s) && uct_slice_istarts(s, UCT_S("Via:"));
}

/* ---- heads -------------------------------------------------------------- */

/* Compares with a pattern: 'd' digit, 'x' hexadecimal digit, else itself. */
static bool fits_pattern(struct uct_slice s, const char *pattern)
{
    for (size_t i = 0; pattern[i]; i++) {
        if (i >= s.n) {
            return false;
        }
        unsigned char c = (unsigned char)s.p[i];
        bool ok = pattern[i] == 'd' ? uct_isdigit(c) : c == (unsigned char)pattern[i];
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* "2017-03-02T08:10:46[.240]+01:00 "; returns its length with the blank. */
static size_t stamp_length(struct uct_slice s)
{
    if (!fits_pattern(s, "dddd-dd-ddTdd:dd:dd")) {
        return 0;
    }
    size_t i = 19;
    if (i < s.n && s.p[i] == '.') {
        i++;
        while (i < s.n && uct_isdigit((unsigned char)s.p[i])) {
            i++;
        }
    }
    if (i < s.n && s.p[i] == 'Z') {
        i++;
    } else if (i < s.n && (s.p[i] == '+' || s.p[i] == '-') &&
               fits_pattern(uct_slice(s.p + i + 1, s.n - i - 1), "dd:dd")) {
        i += 6;
    } else {
        return 0;
    }
    return i < s.n && s.p[i] == ' ' ? i + 1 : 0;
}

bool uct_x_is_stamped(struct uct_slice s)
{
    return stamp_length(s) > 0;
}

static bool is_lead_key(struct uct_slice s)
{
    return uct_slice_starts(s, UCT_S("UTCTime=\"")) || uct_slice_starts(s, UCT_S("Module=\"")) ||
           uct_slice_starts(s, UCT_S("Event=\"")) || uct_slice_starts(s, UCT_S("Level=\"")) ||
           uct_slice_starts(s, UCT_S("Detail=\""));
}

/* "tvcs: ", "httpd[15060]: "; returns its length with the blanks, 0 if none. */
static size_t tag_length(struct uct_slice s)
{
    size_t i = 0;
    while (i < s.n && i < 40 && (is_name_char((unsigned char)s.p[i]) || s.p[i] == '.')) {
        i++;
    }
    if (!i) {
        return 0;
    }
    if (i < s.n && s.p[i] == '[') {
        do {
            i++;
        } while (i < s.n && uct_isdigit((unsigned char)s.p[i]));
        if (i >= s.n || s.p[i++] != ']') {
            return 0;
        }
    }
    if (i >= s.n || s.p[i] != ':') {
        return 0;
    }
    i++;
    size_t blanks = i;
    while (i < s.n && s.p[i] == ' ') {
        i++;
    }
    return i > blanks || i == s.n ? i : 0;
}

static bool is_known_process(struct uct_slice s)
{
    static const char *const names[] = {
        "tvcs", "b2bua", "licensemanager", "management", "replication", "alarm", "supervisor",
        "edgeconfigprovisioning", "traffic_server", "XCP_", "_c_mgmt", "portforwarding", "httpd", "web"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (uct_slice_starts(s, uct_slice_str(names[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_expressway_stamped(struct uct_slice s, struct uct_slice next)
{
    size_t n = stamp_length(s);
    if (!n) {
        return false;
    }
    drop(&s, n);
    drop(&s, uct_x_first_word(s).n);
    drop_blanks(&s);
    if (is_known_process(s) || is_lead_key(s)) {
        return true;
    }
    if (s.n > 400) {
        s.n = 400;
    }
    return uct_slice_find(s, UCT_S("UTCTime=\"")) != SIZE_MAX ||
           uct_slice_find(s, UCT_S("Event=\"")) != SIZE_MAX ||
           uct_slice_find(s, UCT_S("Level=\"")) != SIZE_MAX ||
           (!s.n && (is_known_process(next) || is_lead_key(next)));
}

/* A record pasted without its stamp.  One pair alone is too little for the
 * keys that other programs print too. */
static bool is_expressway_bare(struct uct_slice s)
{
    for (int words = 0; words < 4 && s.n; words++) {
        if (is_lead_key(s)) {
            size_t n = s.n < 600 ? s.n : 600, pairs = 0;
            for (size_t i = 0; i + 1 < n; i++) {
                pairs += s.p[i] == '=' && s.p[i + 1] == '"';
            }
            return pairs > 1 || uct_slice_starts(s, UCT_S("UTCTime=\"2")) ||
                   uct_slice_starts(s, UCT_S("Event=\"")) ||
                   uct_slice_starts(s, UCT_S("Module=\"network.")) ||
                   uct_slice_starts(s, UCT_S("Module=\"developer."));
        }
        size_t n = tag_length(s);
        if (!n) {
            /* Only a host name may stand before the tag. */
            struct uct_slice host = uct_x_first_word(s);
            if (words || host.n >= s.n || host.n > 64) {
                return false;
            }
            for (size_t i = 0; i < host.n; i++) {
                if (!is_name_char((unsigned char)host.p[i]) && host.p[i] != '.') {
                    return false;
                }
            }
            n = host.n + 1;
            struct uct_slice t = uct_slice(s.p + n, s.n - n);
            if (!tag_length(t)) {
                return false;
            }
        }
        drop(&s, n);
    }
    return false;
}

/* [sfvedge\sfvedge]0584.0A44::03/02/2017- */
static bool is_lync_context(struct uct_slice s)
{
    const char *close = s.n && s.p[0] == '[' ? memchr(s.p, ']', s.n < 120 ? s.n : 120) : NULL;
    if (!close) {
        return false;
    }
    size_t i = (size_t)(close - s.p) + 1, at = i;
    while (i < s.n && i < at + 24 && (uct_hexval((unsigned char)s.p[i]) >= 0 || s.p[i] == '.')) {
        i++;
    }
    return i > at && fits_pattern(uct_slice(s.p + i, s.n - i), "::dd/dd/dddd-");
}

/* TL_WARN(TF_DIAG) [sfvedge\sfvedge]0584.0A44::03/02/2017-07:10:46.230.0000773E (... */
static bool is_lync(struct uct_slice s, struct uct_slice next)
{
    size_t i = 3;
    if (!uct_slice_starts(s, UCT_S("TL_"))) {
        return false;
    }
    while (i < s.n && (unsigned)(s.p[i] - 'A') < 26u) {
        i++;
    }
    drop(&s, i);
    const char *close = uct_slice_starts(s, UCT_S("(TF_")) ? memchr(s.p, ')', s.n < 60 ? s.n : 60) : NULL;
    if (!close) {
        return false;
    }
    drop(&s, (size_t)(close - s.p) + 1);
    return is_lync_context(drop_blanks(&s) || s.n ? s : next);
}

/* 03/02/2017|07:10:46.230 1F68:C14 INFO  :: ... */
static bool is_uccapi(struct uct_slice s)
{
    return fits_pattern(s, "dd/dd/dddd|dd:dd:dd.ddd ") && s.n > 24 && uct_hexval((unsigned char)s.p[24]) >= 0;
}

/* A reason phrase is a few words and then a header or nothing; a sentence that
 * begins with "SIP/2.0 504" is none. */
static bool is_phrase(struct uct_slice s)
{
    size_t words = 0;
    while (s.n) {
        drop_blanks(&s);
        size_t key = uct_x_key(s);
        if (key) {
            return uct_x_sip_name(uct_slice(s.p, key));
        }
        struct uct_slice word = uct_x_first_word(s);
        if (++words > 7 || word.n > 30) {
            return false;
        }
        drop(&s, word.n);
        if (!s.n && (word.n && memchr(".,:", word.p[word.n - 1], 3))) {
            return false;
        }
    }
    return true;
}

static bool is_request(struct uct_slice s, struct uct_slice next)
{
    size_t n = uct_x_method(s);
    if (!n || n + 1 >= s.n) {
        return false;
    }
    drop(&s, n + 1);
    struct uct_slice uri = uct_x_first_word(s);
    size_t i = 0;
    while (i < uri.n && uct_isalpha((unsigned char)uri.p[i])) {
        i++;
    }
    if (!i || i + 1 >= uri.n || uri.p[i] != ':') {
        return false;
    }
    drop(&s, uri.n);
    drop_blanks(&s);
    if (!s.n) {
        s = next; /* the version may have been wrapped off */
    }
    return uct_slice_starts(s, UCT_S("SIP/2.0")) &&
           (s.n == 7 || (s.p[7] == ' ' && s.n > 8 && !uct_isdigit((unsigned char)s.p[8])));
}

bool uct_x_is_start_line(struct uct_slice s, struct uct_slice next)
{
    if (uct_slice_starts(s, UCT_S("SIP/2.0 "))) {
        if (!fits_pattern(uct_slice(s.p + 8, s.n - 8), "ddd") || s.p[8] == '0' || s.p[8] > '6') {
            return false;
        }
        return s.n == 11 || (s.p[11] == ' ' && is_phrase(uct_slice(s.p + 12, s.n - 12)));
    }
    return is_request(s, next);
}

bool uct_x_is_diag(struct uct_slice s)
{
    static const char *const names[] = {
        "ms-diagnostics-public", "ms-diagnostics", "ms-client-diagnostics", "x-ms-diagnostics", "(null)"
    };
    if (!s.n || !memchr("mMxX(", s.p[0], 5)) {
        return false;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct uct_slice t = s, name = uct_slice_str(names[i]);
        if (!uct_slice_istarts(t, name)) {
            continue;
        }
        drop(&t, name.n);
        drop_blanks(&t);
        bool spoken = uct_slice_istarts(t, UCT_S("error "));     /* ms-diagnostics error 1008 "Unable ..." */
        if (!spoken && (!t.n || t.p[0] != ':')) {
            continue;
        }
        drop(&t, spoken ? 6 : 1);
        drop_blanks(&t);
        size_t n = 0;
        while (n < t.n && uct_isdigit((unsigned char)t.p[n])) {
            n++;
        }
        drop(&t, n);
        drop_blanks(&t);
        return n && n < 9 && (!t.n || (spoken ? t.p[0] == '"' : memchr(";.,", t.p[0], 3) != NULL));
    }
    return false;
}

bool uct_x_is_code(struct uct_slice s)
{
    uint64_t v;
    if (!uct_slice_istarts(s, UCT_S("Result-Code:"))) {
        return false;
    }
    drop(&s, 12);
    drop_blanks(&s);
    if (uct_slice_istarts(s, UCT_S("0x"))) {
        drop(&s, 2);
    }
    return uct_slice_hex(s, &v) == 8;
}

/* The body of a Lync record without its header: its first two keys. */
static bool is_lync_body(struct uct_slice s, struct uct_slice next)
{
    if (uct_slice_starts(s, UCT_S("Severity: "))) {
        return uct_slice_starts(next, UCT_S("Text:")) ||
               uct_slice_find(uct_slice(s.p, s.n < 40 ? s.n : 40), UCT_S(" Text:")) != SIZE_MAX;
    }
    if (uct_slice_starts(s, UCT_S("LogType: "))) {
        return uct_slice_starts(next, UCT_S("Severity:"));
    }
    return uct_slice_starts(s, UCT_S("Trace-Correlation-Id: ")) &&
           uct_slice_starts(next, UCT_S("Instance-Id:"));
}

enum uct_x_family uct_x_head(struct uct_slice s, struct uct_slice next)
{
    if (s.n < 8) {
        return UCT_X_NONE;
    }
    unsigned char c = (unsigned char)s.p[0];
    if ((c == '<' || uct_isalpha(c)) && expressway_relayed(s)) {
        return UCT_X_EXPRESSWAY;
    }
    if (uct_isdigit(c)) {
        return is_expressway_stamped(s, next) ? UCT_X_EXPRESSWAY : is_uccapi(s) ? UCT_X_UCCAPI : UCT_X_NONE;
    }
    if (!uct_isalpha(c) && c != '_') {
        return UCT_X_NONE;
    }
    if (is_lync(s, next) || uct_x_is_code(s) || is_lync_body(s, next)) {
        return UCT_X_LYNC;
    }
    if (uct_x_is_start_line(s, next) || uct_x_is_diag(s)) {
        return UCT_X_SIP;
    }
    return is_expressway_bare(s) ? UCT_X_EXPRESSWAY : UCT_X_NONE;
}
