/* sip: bare SIP messages and diagnostics lines, without a trace around them.
 *
 *   SIP/2.0 504 Server time-out
 *   Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1
 *   ms-diagnostics: 1009;reason="No match for domain in DNS SRV results"
 *   Content-Length: 0
 *
 *   ms-diagnostics: 1010;reason="..."                     (a line of its own)
 *   Result-Code: 0xc3e93d6f SIPPROXY_E_...                (likewise)
 *   HTTP/1.1 400 Bad Request                              (kept for its X-Ms-diagnostics)
 *
 * A message goes from its start line to the next one.  Of what follows the
 * headers, Content-Length bytes belong to it (CRLF may have become LF, so it
 * is only a hint) and anything that looks like SDP or XML.  No record has a
 * time: a Date header says when the sender thought it was, not when this was
 * seen. */
#include "text.h"
#include "sip/internal.h"

enum where { OUTSIDE, HEADERS, BODY };

/* The walk over the lines of a chunk.  Without a writer it only counts: that
 * is what the bid does. */
struct walk {
    struct uct_writer *w;
    struct uct_slice text;
    bool skip;                 /* text begins inside a message that was cut by force */
    bool mid;                  /* ... or may do so */
    enum where where;
    bool http, http_diag;
    bool fragment;             /* message/sipfrag: a start line may open the body */
    bool has_length;
    uint64_t left;             /* of Content-Length */
    size_t start, end;         /* the message at hand */
    uint32_t start_line;
    uint32_t records, nlines, nunparsed;
    uint32_t patience;         /* of the bid: more unparsed lines than this end the walk; 0: never */
};

/* ---- lines ------------------------------------------------------------- */

static bool is_http_status(struct uct_slice line)
{
    return line.n >= 12 && memcmp(line.p, "HTTP/1.", 7) == 0 && line.p[8] == ' ' &&
           uct_isdigit((unsigned char)line.p[9]) && uct_isdigit((unsigned char)line.p[10]) &&
           uct_isdigit((unsigned char)line.p[11]);
}

static bool is_start(struct uct_slice line)
{
    return line.n >= 11 && (uct_sip_start_line(line) || is_http_status(line));
}

static bool is_empty(struct uct_slice line)
{
    return uct_slice_trim(line).n == 0;
}

/* Lines that go on with a body past its Content-Length. */
static bool is_body_like(struct uct_slice line)
{
    line = uct_slice_trim(line);
    return line.n == 0 || line.p[0] == '<' || uct_slice_starts(line, UCT_S("--")) ||
           (line.n > 1 && line.p[1] == '=' && uct_isalpha((unsigned char)line.p[0]));
}

/* ---- messages ---------------------------------------------------------- */

/* An HTTP response counts for its diagnostics only. */
static void keep_http(struct walk *k, const struct uct_origin *o, struct uct_slice text)
{
    struct uct_diag d;
    struct uct_slice line;
    for (struct uct_slice rest = text; uct_next_line(&rest, &line) && line.n;)
        if (uct_text_diag(line, &d)) {
            uct_diag_keep(k->w, o, UCT_NO_TIME, &d, text);
            return;
        }
}

static void keep_message(struct walk *k, const struct uct_origin *o, struct uct_slice text)
{
    struct uct_sip m;
    struct uct_sip_context c = {.time = UCT_NO_TIME, .sight = UCT_SIGHT_TEXT, .text = text};
    if (uct_sip_parse(text, (struct uct_sip_layout){0}, &m))
        uct_sip_keep(k->w, o, &c, &m);
}

/* Closes the message at hand. */
static void flush(struct walk *k)
{
    if (k->where == OUTSIDE)
        return;
    k->where = OUTSIDE;
    k->records += !k->http || k->http_diag;
    if (!k->w)
        return;
    struct uct_slice text = uct_slice(k->text.p + k->start, k->end - k->start);
    struct uct_origin o = {.offset = k->start, .length = (uint32_t)text.n, .line = k->start_line};
    size_t limit = uct_w_record_limit(k->w);
    if (text.n > limit) {
        uct_w_note(k->w, UCT_NOTE_LONG_RECORD, k->start_line);
        text.n = limit;
    }
    uct_w_record(k->w, UCT_NO_TIME, UCT_BASIS_NONE);
    if (k->http)
        keep_http(k, &o, text);
    else
        keep_message(k, &o, text);
}

static void begin(struct walk *k, size_t at, struct uct_slice line)
{
    flush(k);
    k->where = HEADERS;
    k->http = is_http_status(line);
    k->fragment = k->has_length = k->http_diag = k->mid = k->skip = false;
    k->left = 0;
    k->start = at;
    k->start_line = k->nlines;
}

/* ---- lines that belong to a message ------------------------------------ */

static void look_at_header(struct walk *k, struct uct_slice line, struct uct_slice name,
                           struct uct_slice value)
{
    struct uct_diag d;
    if (uct_sip_header_is(name, UCT_S("Content-Length")))
        k->has_length = uct_slice_u64(value, &k->left) > 0;
    else if (uct_sip_header_is(name, UCT_S("Content-Type")))
        k->fragment = uct_slice_ifind(value, UCT_S("sipfrag")) != SIZE_MAX;
    else if (k->http)
        k->http_diag |= uct_text_diag(line, &d);
}

static bool take_header_line(struct walk *k, struct uct_slice line)
{
    struct uct_slice name, value;
    bool indented = line.n && line.p[0] == ' ';
    switch (uct_sip_line_kind(line, indented, &name, &value)) {
    case UCT_LINE_HEADER: look_at_header(k, line, name, value); return true;
    case UCT_LINE_FOLD: return true;
    case UCT_LINE_END: case UCT_LINE_BODY: k->where = BODY; return true;
    case UCT_LINE_BAD: break;
    }
    return k->http;              /* published HTTP heads are glued and broken */
}

static bool take_body_line(struct walk *k, struct uct_slice line, size_t taken)
{
    if (!k->fragment && uct_diag_line(line))
        return false;
    bool inside = !k->has_length || k->left > 0;
    k->left -= k->left < taken ? k->left : taken;
    return inside || is_body_like(line);
}

/* Does a start line here belong to the body of the message at hand? */
static bool opens_fragment(struct walk *k, struct uct_slice line)
{
    if (k->where != BODY || !k->fragment)
        return false;
    if (!is_empty(line))
        k->fragment = false;     /* only the first line of the body can be one */
    return is_start(line);
}

/* ---- lines outside ----------------------------------------------------- */

/* A line of a message whose start line is not there. */
static bool is_of_message(struct uct_slice line)
{
    struct uct_slice name, value;
    return uct_sip_line_kind(line, false, &name, &value) != UCT_LINE_BAD || is_body_like(line);
}

static void take_outside(struct walk *k, size_t at, struct uct_slice line, size_t taken)
{
    struct uct_diag d;
    struct uct_origin o = {.offset = at, .length = (uint32_t)taken, .line = k->nlines};
    bool diag = uct_text_diag(line, &d);
    if (diag || uct_text_has_code(line)) {
        k->records += diag;
        k->mid = false;
        if (k->w)
            uct_text_codes(k->w, &o, line);
    } else if (k->mid && is_of_message(line)) {
        if (!is_empty(line))
            uct_w_note(k->w, UCT_NOTE_CUT_BEGIN, k->nlines);
    } else if (!k->skip && !is_empty(line)) {
        k->nunparsed++;
        if (k->w)
            uct_w_unparsed(k->w, k->nlines, 1);
    }
}

/* Only lines that are plainly no header are asked about: others' heads begin
 * with a stamp or with a word that no header is. */
static bool is_foreign(const struct walk *k, struct uct_slice line)
{
    struct uct_slice name, value;
    if (!k->w || line.n == 0 || (k->where == BODY && k->fragment))
        return false;
    if (k->where == HEADERS && !uct_isdigit((unsigned char)line.p[0]) &&
        uct_sip_line_kind(line, false, &name, &value) != UCT_LINE_BAD)
        return false;
    return uct_foreign_head(k->w, &uct_parser_sip, line);
}

/* Returns where the walk ended: the end, or at another format's head. */
static size_t walk(struct walk *k)
{
    struct uct_slice rest = k->text, line;
    for (size_t at = 0, taken; (taken = uct_next_line(&rest, &line)); at += taken, k->nlines++) {
        bool fragment = opens_fragment(k, line);
        if (!fragment && is_start(line)) {
            begin(k, at, line);
        } else if (!fragment && is_foreign(k, line)) {
            flush(k);
            return at;
        } else {
            bool mine = (k->where == HEADERS && take_header_line(k, line)) ||
                        (k->where == BODY && take_body_line(k, line, taken));
            if (!mine) {
                flush(k);
                take_outside(k, at, line, taken);
                if (k->patience && k->nunparsed > k->patience)
                    return at;
            }
        }
        k->end = at + taken;
    }
    flush(k);
    return k->text.n;
}

/* ---- the parser -------------------------------------------------------- */

static int bid(struct uct_slice window, bool whole)
{
    const char *nl = whole || !window.n ? NULL : memrchr(window.p, '\n', window.n);
    if (nl)
        window.n = (size_t)(nl - window.p) + 1;
    uint32_t lines = 1;
    for (const char *p = window.p, *end = p + window.n; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        lines++;
    struct walk k = {.text = window, .patience = lines / 50 + 1};
    walk(&k);
    if (k.records == 0 || k.nunparsed > k.nlines / 50)     /* a document: excerpt reads it */
        return 0;
    int more = (int)(k.records < 9 ? k.records - 1 : 8) * UCT_BID_MORE;
    bool version = uct_slice_find(window, UCT_S("SIP/2.0")) != SIZE_MAX;
    return UCT_BID_RECORD + more + (version ? UCT_BID_MORE : 0);
}

static bool head(struct uct_slice line)
{
    return line.n >= 9 && (uct_sip_start_line(line) || uct_diag_line(line));
}

static bool is_header(struct uct_slice rest)
{
    struct uct_slice line, name, value;
    return uct_next_line(&rest, &line) &&
           uct_sip_line_kind(line, line.n && line.p[0] == ' ', &name, &value) == UCT_LINE_HEADER;
}

/* The last start line behind an empty line that has a header behind it: the
 * one in a sipfrag body has none. */
static size_t split(struct uct_slice text)
{
    size_t end = text.n;
    while (end > 1) {
        const char *nl = memrchr(text.p, '\n', end - 1);
        if (!nl)
            return 0;
        size_t at = (size_t)(nl - text.p) + 1;
        struct uct_slice rest = uct_slice(text.p + at, text.n - at), line;
        bool blank_before = at >= 2 && (nl[-1] == '\n' || (at >= 3 && nl[-1] == '\r' && nl[-2] == '\n'));
        if (blank_before && uct_next_line(&rest, &line) && line.n < 8192 && uct_sip_start_line(line) &&
            is_header(rest))
            return at;
        end = at;
    }
    return 0;
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct walk k = {.w = w, .text = c->text, .skip = c->continued, .mid = c->first};
    return walk(&k);
}

const struct uct_parser uct_parser_sip = {
    .name = "sip",
    .summary = "bare SIP messages and ms-diagnostics lines, without a trace around them",
    .bid = bid,
    .head = head,
    .split = split,
    .parse = parse,
};
