/* text: no log, but codes in it were found.
 *
 *   The call failed with 0xc3e93d67 (SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH).
 *
 * A mail, a ticket, a list of codes: each code is a record, every other line
 * is prose.  So are lines of programs whose logs have no parser of their own,
 * where they are known to tell of the path to the Expressway:
 *
 *   15716.23 HttpClient   HTTPClientCurl error (https://...): 'Couldn't resolve host name'
 *   XmppSDK.dll #0, 201, Recv:<iq type='error'>...<error code='409' type='cancel'>
 *
 * The first is a TC or CE endpoint (Cisco's document 211304), whose lines are often pasted as one. */
#include "text.h"

#include <stdio.h>

/* More codes than this in one line are a table, not a report of a fault. */
#define CODES_MAX 16

bool uct_text_diag(struct uct_slice line, struct uct_diag *d)
{
    static const struct uct_slice heads[] = {{"ms-d", 4}, {"ms-client-d", 11}};
    size_t from = 0;
    line = uct_slice_trim(line);
    for (size_t hit; from < line.n; from += hit + 1) {
        hit = uct_slice_ifind(uct_slice(line.p + from, line.n - from), UCT_S("iagnostics"));
        if (hit == SIZE_MAX)
            return false;
        for (size_t i = 0; i < 2; i++) {
            size_t n = heads[i].n, at = from + hit;
            if (at < n)
                continue;
            struct uct_slice rest = uct_slice(line.p + at - n, line.n - (at - n));
            if (uct_slice_istarts(rest, heads[i]) && uct_diag_line(rest) && uct_diag_parse(rest, d))
                return true;
        }
    }
    return false;
}

/* ---- symbols ----------------------------------------------------------- */

static bool is_symbol_char(unsigned char c)
{
    return c == '_' || uct_isdigit(c) || (c >= 'A' && c <= 'Z');
}

/* The next SIPPROXY_E_..., SEC_E_..., CERT_E_... or UCC_E_... at or behind *pos. */
static bool next_symbol(struct uct_slice line, size_t *pos, struct uct_slice *symbol)
{
    static const struct uct_slice families[] = {{"SIPPROXY", 8}, {"SEC", 3}, {"CERT", 4}, {"UCC", 3}};
    while (*pos < line.n) {
        size_t hit = uct_slice_find(uct_slice(line.p + *pos, line.n - *pos), UCT_S("_E_"));
        if (hit == SIZE_MAX)
            return false;
        size_t at = *pos + hit, from = at, to = at + 3;
        while (from > *pos && is_symbol_char((unsigned char)line.p[from - 1]))
            from--;
        while (to < line.n && is_symbol_char((unsigned char)line.p[to]))
            to++;
        *pos = to;
        *symbol = uct_slice(line.p + from, to - from);
        for (size_t i = 0; i < sizeof families / sizeof *families; i++)
            if (to > at + 3 && uct_slice_eq(uct_slice(line.p + from, at - from), families[i]))
                return true;
    }
    return false;
}

/* ---- lines of clients and endpoints ------------------------------------ */

/* What begins at s: "15716.23 HttpClient", with one of the modules that provision an endpoint? */
static bool is_endpoint_stamp(struct uct_slice s)
{
    static const struct uct_slice modules[] = {
        {"HttpClient ", 11}, {"PROV ", 5}, {"CertificateVerification ", 24}};
    uint64_t v;
    size_t n = uct_slice_u64(s, &v);
    if (!n || n > 9 || s.n < n + 5 || s.p[n] != '.' || !uct_isdigit((unsigned char)s.p[n + 1]) ||
        !uct_isdigit((unsigned char)s.p[n + 2]) || s.p[n + 3] != ' ')
        return false;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (uct_slice_starts(uct_slice(s.p + n + 4, s.n - n - 4), modules[i]))
            return true;
    return false;
}

/* Where the first endpoint stamp at or behind `from` begins, or SIZE_MAX. */
static size_t endpoint_stamp(struct uct_slice line, size_t from)
{
    for (const char *dot; from < line.n && (dot = memchr(line.p + from, '.', line.n - from)) != NULL;) {
        size_t at = (size_t)(dot - line.p), digits = at;
        while (digits > from && at - digits < 10 && uct_isdigit((unsigned char)line.p[digits - 1]))
            digits--;
        if (digits < at && is_endpoint_stamp(uct_slice(line.p + digits, line.n - digits)))
            return digits;
        from = at + 1;
    }
    return SIZE_MAX;
}

/* Clients, and pages of the web interface, that are told apart by their own words only. */
static bool is_client_line(struct uct_slice line)
{
    static const struct uct_slice marks[] = {
        {"XmppSDK.dll", 11}, {"ServiceDiscoveryUntrusted", 25}, {"ServiceDiscoveryEdge", 20},
        {"XAuth Cookie", 12}, {"CN_NO_MATCH", 11}, {"Waiting for traversal server", 28},
        {"AXL query HTTP", 14},
        {"not an IM and Presence", 22}, {"ascii codec", 11}, {"'ascii' codec", 13},
        {"Integrity Check Failure", 23}, {"Gateway responded with", 22}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (uct_slice_find(line, marks[i]) != SIZE_MAX)
            return true;
    return false;
}

static void keep_line(struct uct_writer *w, const struct uct_origin *o, struct uct_slice text)
{
    uct_w_record(w, UCT_NO_TIME, UCT_BASIS_NONE);
    uct_hit_text(w, text);
    if (uct_keep_begin(w, UCT_KIND_CODE, o, UCT_NO_TIME, text))
        uct_keep_end(w);
}

static unsigned client_records(struct uct_writer *w, const struct uct_origin *o, struct uct_slice line)
{
    unsigned n = 0;
    size_t at = endpoint_stamp(line, 0);
    if (at == SIZE_MAX && is_client_line(line)) {
        keep_line(w, o, line);
        return 1;
    }
    while (at < line.n) {
        size_t next = endpoint_stamp(line, at + 4);
        struct uct_slice part = uct_slice(line.p + at, (next < line.n ? next : line.n) - at);
        struct uct_origin here = {o->offset + at, (uint32_t)part.n, o->line};
        keep_line(w, &here, part);
        n++;
        at = next;
    }
    return n;
}

bool uct_text_has_code(struct uct_slice line)
{
    struct uct_diag d;
    struct uct_slice name;
    uint32_t code;
    size_t pos = 0;
    return uct_result_next(line, 0, &code, &name) || next_symbol(line, &pos, &name) ||
           uct_text_diag(line, &d) || is_client_line(line) || endpoint_stamp(line, 0) != SIZE_MAX;
}

/* ---- records ----------------------------------------------------------- */

static void keep_code(struct uct_writer *w, const struct uct_origin *o, struct uct_slice line, uint32_t code,
                      struct uct_slice name)
{
    char hex[16];
    uct_w_record(w, UCT_NO_TIME, UCT_BASIS_NONE);
    if (code)
        uct_hit_number(w, UCT_KEY_RESULT, code);
    if (name.n)
        uct_hit_text(w, name);
    if (!uct_keep_begin(w, UCT_KIND_CODE, o, UCT_NO_TIME, line))
        return;
    if (code) {
        snprintf(hex, sizeof hex, "0x%08x", (unsigned)code);
        uct_keep_field(w, UCT_S("result"), uct_slice_str(hex));
    }
    uct_keep_field(w, UCT_S("result-name"), name);
    uct_keep_end(w);
}

static bool seen(const uint32_t *codes, unsigned n, uint32_t code)
{
    while (n)
        if (codes[--n] == code)
            return true;
    return false;
}

unsigned uct_text_codes(struct uct_writer *w, const struct uct_origin *o, struct uct_slice line)
{
    struct uct_diag d;
    struct uct_slice name;
    uint32_t codes[CODES_MAX];
    unsigned n = 0;
    if ((n = client_records(w, o, line)) > 0)
        return n;
    if (uct_text_diag(line, &d)) {          /* its HRESULT is an attribute of it, not a code apart */
        uct_w_record(w, UCT_NO_TIME, UCT_BASIS_NONE);
        uct_diag_keep(w, o, UCT_NO_TIME, &d, line);
        return 1;
    }
    uint32_t code;
    for (size_t pos = 0; n < CODES_MAX && (pos = uct_result_next(line, pos, &code, &name));) {
        if (seen(codes, n, code))
            continue;
        codes[n++] = code;
        keep_code(w, o, line, code, name);
    }
    size_t pos = 0;
    if (n == 0 && next_symbol(line, &pos, &name)) {
        keep_code(w, o, line, 0, name);
        n = 1;
    }
    return n;
}

/* ---- the parser -------------------------------------------------------- */

static int bid(struct uct_slice window, bool whole)
{
    (void)whole;
    return uct_text_has_code(window) ? UCT_BID_CODES : 0;
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct uct_slice rest = c->text, line;
    uint32_t lineno = 0;
    for (size_t taken; (taken = uct_next_line(&rest, &line)); lineno++) {
        struct uct_origin o = {(uint64_t)(line.p - c->text.p), (uint32_t)taken, lineno};
        if (uct_text_codes(w, &o, line) == 0)
            uct_w_prose(w, lineno, 1);
    }
    return c->text.n;
}

/* Any line start will do. */
static size_t split(struct uct_slice text)
{
    const char *nl = text.n > 1 ? memrchr(text.p, '\n', text.n - 1) : NULL;
    return nl ? (size_t)(nl - text.p) + 1 : 0;
}

const struct uct_parser uct_parser_text = {
    .name = "text",
    .summary = "any text with result codes or diagnostics headers in it",
    .bid = bid,
    .split = split,
    .parse = parse,
};
