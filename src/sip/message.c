/* One SIP message on slices.
 *
 *   INVITE sip:bob@example.com SIP/2.0            Request-Line, RFC 3261 section 7.1
 *   SIP/2.0 504 Server time-out                   Status-Line, section 7.2
 *   Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1;egress-zone=DefaultZone, ...
 *
 * This runs for every message of a log, so only the headers that a row or a
 * rule wants are looked into: a name is chosen by its length, then compared
 * whole, and values are searched with memchr. */
#include "internal.h"

/* ---- start line -------------------------------------------------------- */

static struct uct_slice trim_end(struct uct_slice s)
{
    while (s.n && uct_isspace((unsigned char)s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool is_status_line(struct uct_slice s)
{
    return s.n >= 11 && memcmp(s.p, "SIP/2.0 ", 8) == 0 && s.p[8] >= '1' && s.p[8] <= '6' &&
           uct_isdigit((unsigned char)s.p[9]) && uct_isdigit((unsigned char)s.p[10]) &&
           (s.n == 11 || s.p[11] == ' ');
}

/* A blank in a URI is only ever what a web page put beside a delimiter. */
static bool uri_blanks_ok(struct uct_slice uri)
{
    static const char delimiters[] = "@:;=";
    for (const char *p = uri.p, *end = uri.p + uri.n; (p = memchr(p, ' ', (size_t)(end - p))); p++)
        if (!strchr(delimiters, p[-1]) && !strchr(delimiters, p[1]))
            return false;
    return true;
}

/* "*", or scheme ":" rest; s is trimmed. */
static bool is_uri(struct uct_slice s)
{
    size_t i = 0;
    if (s.n == 1 && s.p[0] == '*')
        return true;
    while (i < s.n && i < 16 && (uct_isalnum((unsigned char)s.p[i]) || (i && strchr("+-.", s.p[i]))))
        i++;
    return i && i + 1 < s.n && s.p[i] == ':' && uct_isalpha((unsigned char)s.p[0]) && uri_blanks_ok(s);
}

/* A method, a URI and the version: cuts the first two out. */
static bool split_request(struct uct_slice s, struct uct_slice *method, struct uct_slice *uri)
{
    if (s.n < 12 || memcmp(s.p + s.n - 8, " SIP/2.0", 8) != 0 || !uct_isalpha((unsigned char)s.p[0]))
        return false;
    const char *blank = memchr(s.p, ' ', s.n < 64 ? s.n : 64);
    if (!blank)
        return false;
    size_t n = (size_t)(blank - s.p);
    for (size_t i = 0; i < n; i++)
        if (!uct_sip_is_token((unsigned char)s.p[i]))
            return false;
    if (n + 8 >= s.n)
        return false;
    *method = uct_slice(s.p, n);
    *uri = uct_slice_trim(uct_slice(blank, s.n - 8 - n));
    return is_uri(*uri);
}

bool uct_sip_start_line(struct uct_slice line)
{
    struct uct_slice method, uri;
    line = trim_end(line);
    return is_status_line(line) || split_request(line, &method, &uri);
}

static bool parse_start(struct uct_slice line, struct uct_sip *out)
{
    line = uct_slice_trim(line);
    if (is_status_line(line)) {
        out->status = (uint16_t)((line.p[8] - '0') * 100 + (line.p[9] - '0') * 10 + (line.p[10] - '0'));
        out->phrase = uct_slice_trim(uct_slice(line.p + 11, line.n - 11));
        return true;
    }
    out->request = split_request(line, &out->method, &out->ruri);
    return out->request;
}

/* ---- headers ----------------------------------------------------------- */

enum header {
    H_OTHER, H_VIA, H_FROM, H_TO, H_CALL_ID, H_CSEQ, H_CONTACT, H_LENGTH, H_TYPE, H_SERVER, H_USER_AGENT,
    H_PAI, H_REASON, H_WARNING, H_SESSION_ID, H_TAATAG, H_CONVERSATION, H_DATE, H_DIAG, H_NULL, H_MESSAGE_BODY,
    H_RECORD_ROUTE
};

static enum header is(struct uct_slice name, const char *full, enum header h)
{
    return memcmp(name.p, full, name.n) == 0 || uct_slice_istarts(name, uct_slice(full, name.n)) ? h : H_OTHER;
}

static enum header compact(char c)
{
    switch (uct_lower((unsigned char)c)) {
    case 'v': return H_VIA;
    case 'f': return H_FROM;
    case 't': return H_TO;
    case 'i': return H_CALL_ID;
    case 'm': return H_CONTACT;
    case 'l': return H_LENGTH;
    case 'c': return H_TYPE;
    default: return H_OTHER;
    }
}

/* A switch over length and first letter; each case compares the whole name. */
static enum header header_kind(struct uct_slice name)
{
    unsigned char c = uct_lower((unsigned char)name.p[0]);
    switch (name.n) {
    case 1: return compact(name.p[0]);
    case 2: return is(name, "To", H_TO);
    case 3: return is(name, "Via", H_VIA);
    case 4:
        if (c == 'f')
            return is(name, "From", H_FROM);
        return c == 'c' ? is(name, "CSeq", H_CSEQ) : is(name, "Date", H_DATE);
    case 6: return c == 's' ? is(name, "Server", H_SERVER) : c == '(' ? H_NULL : is(name, "Reason", H_REASON);
    case 7:
        if (c == 'w')
            return is(name, "Warning", H_WARNING);
        return name.p[4] == '-' ? is(name, "Call-ID", H_CALL_ID) : is(name, "Contact", H_CONTACT);
    case 8: return is(name, "X-TAATag", H_TAATAG);
    case 10: return c == 'u' ? is(name, "User-Agent", H_USER_AGENT) : is(name, "Session-ID", H_SESSION_ID);
    case 12:
        if (c == 'r')
            return is(name, "Record-Route", H_RECORD_ROUTE);
        return c == 'c' ? is(name, "Content-Type", H_TYPE) : is(name, "Message-Body", H_MESSAGE_BODY);
    case 14: return c == 'c' ? is(name, "Content-Length", H_LENGTH) : uct_diag_name(name) ? H_DIAG : H_OTHER;
    case 18: return is(name, "Ms-Conversation-ID", H_CONVERSATION);
    case 19: return is(name, "P-Asserted-Identity", H_PAI);
    case 16: case 21: case 23:
        return (c == 'm' || c == 'x') && uct_diag_name(name) ? H_DIAG : H_OTHER;
    default: return H_OTHER;
    }
}

/* Of a repeated header the first counts. */
static void first(struct uct_slice *slot, struct uct_slice value)
{
    if (slot->n == 0)
        *slot = value;
}

static bool is_name(struct uct_slice name, struct uct_slice full)
{
    return name.n == full.n && (memcmp(name.p, full.p, full.n) == 0 || uct_slice_istarts(name, full));
}

/* Serial numbers of the components that a message has passed, each once. */
static void add_serial(struct uct_sip *m, struct uct_slice v)
{
    if (m->proxy_call_id.n == 0) {
        m->proxy_call_id = v;
        return;
    }
    bool known = uct_slice_eq(v, m->proxy_call_id);
    for (unsigned i = 0; i < m->nserial; i++)
        known |= uct_slice_eq(v, m->serial[i]);
    if (!known && v.n && m->nserial < UCT_SIP_SERIALS)
        m->serial[m->nserial++] = v;
}

/* <sip:proxy-call-id=6b2a018a-...@192.0.2.1:5061;transport=tls;lr>, several of them with commas */
static void record_route(struct uct_sip *m, struct uct_slice v)
{
    const struct uct_slice key = UCT_S("proxy-call-id=");
    for (size_t at; m->nserial < UCT_SIP_SERIALS && (at = uct_slice_find(v, key)) != SIZE_MAX;) {
        v = uct_slice(v.p + at + key.n, v.n - at - key.n);
        const char *end = v.n ? memchr(v.p, '@', v.n < 80 ? v.n : 80) : NULL;
        if (end)
            add_serial(m, uct_slice(v.p, (size_t)(end - v.p)));
    }
}

static void via_param(struct uct_sip *m, struct uct_slice name, struct uct_slice value, bool top)
{
    if (name.n == 6 && top && is_name(name, UCT_S("branch")))
        first(&m->via_branch, value);
    else if (name.n == 13 && is_name(name, UCT_S("proxy-call-id")))
        add_serial(m, value);
    else if (name.n == 12 && is_name(name, UCT_S("ingress-zone")))
        first(&m->ingress_zone, value);
    else if (name.n == 11 && is_name(name, UCT_S("egress-zone")))
        first(&m->egress_zone, value);
}

/* The parameters of a Via without quotes and commas, as nearly all are: what cannot be one of the wanted
 * four by its first letter is passed by. */
static void plain_params(struct uct_sip *m, const char *p, const char *end, bool top)
{
    while (p < end) {
        const char *semi = memchr(p, ';', (size_t)(end - p)), *e = semi ? semi : end;
        while (p < e && uct_isspace((unsigned char)*p))
            p++;
        unsigned char c = p < e ? uct_lower((unsigned char)*p) : 0;
        bool wanted = (c == 'b' && top) || c == 'p' || (c == 'i' && !m->ingress_zone.n) ||
                      (c == 'e' && !m->egress_zone.n);
        const char *eq = wanted ? memchr(p, '=', (size_t)(e - p)) : NULL;
        if (eq)
            via_param(m, trim_end(uct_slice(p, (size_t)(eq - p))),
                      uct_slice_trim(uct_slice(eq + 1, (size_t)(e - eq) - 1)), top);
        p = e + 1;
    }
}

/* SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1;proxy-call-id=...;ingress-zone=... */
static void one_via(struct uct_sip *m, struct uct_slice v, bool plain)
{
    bool top = m->nvia++ == 0;
    struct uct_slice name, value;
    const char *semi = memchr(v.p, ';', v.n);
    if (top) {
        struct uct_slice head = uct_slice_trim(uct_slice(v.p, semi ? (size_t)(semi - v.p) : v.n));
        const char *blank = head.n ? memrchr(head.p, ' ', head.n) : NULL;
        m->via_sent_by = blank ? uct_slice(blank + 1, (size_t)(head.p + head.n - blank - 1)) : head;
    }
    if (!semi)
        return;
    if (plain) {
        plain_params(m, semi + 1, v.p + v.n, top);
        return;
    }
    struct uct_slice rest = uct_slice(semi + 1, (size_t)(v.p + v.n - semi) - 1);
    while (uct_sip_next_param(&rest, &name, &value))
        via_param(m, name, value, top);
}

/* End of the first Via value in v: a comma outside quotes. */
static size_t via_end(struct uct_slice v)
{
    size_t from = 0;
    for (;;) {
        const char *comma = memchr(v.p + from, ',', v.n - from);
        size_t end = comma ? (size_t)(comma - v.p) : v.n;
        const char *open = memchr(v.p + from, '"', end - from);
        if (!comma || !open)
            return end;
        const char *close = memchr(open + 1, '"', v.n - (size_t)(open + 1 - v.p));
        if (!close)
            return end;
        from = (size_t)(close + 1 - v.p);
    }
}

static void vias(struct uct_sip *m, struct uct_slice v)
{
    bool plain = v.n && !memchr(v.p, '"', v.n);
    while (v.n) {
        size_t end = via_end(v);
        struct uct_slice one = uct_slice_trim(uct_slice(v.p, end));
        if (one.n)
            one_via(m, one, plain);
        size_t taken = end < v.n ? end + 1 : end;
        v.p += taken;
        v.n -= taken;
    }
}

static bool has(struct uct_slice s, char c)
{
    return s.n && memchr(s.p, c, s.n);
}

/* [ "name" ] <scheme:...> [ ;tag=... ] as nearly all are; false: look closer. */
static bool plain_address(struct uct_slice v, struct uct_slice *uri, struct uct_slice *tag)
{
    const char *p = v.p, *end = v.p + v.n;
    if (p < end && *p == '"') {
        const char *q = memchr(p + 1, '"', (size_t)(end - p) - 1);
        if (!q || q[-1] == '\\')
            return false;
        for (p = q + 1; p < end && *p == ' ';)
            p++;
    }
    if (end - p < 6 || *p != '<' || memcmp(p + 1, "sip", 3) != 0 ||
        (p[4] != ':' && (p[4] != 's' || p[5] != ':')))
        return false;
    const char *u = p + 1, *close = memchr(u, '>', (size_t)(end - u));
    if (!close)
        return false;
    struct uct_slice params = uct_slice(close + 1, (size_t)(end - close) - 1);
    if (tag && params.n) {
        if (params.n < 5 || memcmp(params.p, ";tag=", 5) != 0 || has(params, '"') || has(params, ','))
            return false;
        params = uct_slice(params.p + 5, params.n - 5);
        const char *semi = params.n ? memchr(params.p, ';', params.n) : NULL;
        *tag = uct_slice_trim(uct_slice(params.p, semi ? (size_t)(semi - params.p) : params.n));
    }
    *uri = uct_sip_uri_bare(uct_slice(u, (size_t)(close - u)));
    return true;
}

static void address(struct uct_slice value, struct uct_slice *uri, struct uct_slice *tag)
{
    struct uct_slice params, name, v;
    if (uri->n || plain_address(value, uri, tag))
        return;
    uct_sip_addr_split(value, uri, &params);
    *uri = uct_sip_uri_bare(*uri);
    while (tag && uct_sip_next_param(&params, &name, &v))
        if (name.n == 3 && uct_slice_ieq(name, UCT_S("tag"))) {
            *tag = v;
            return;
        }
}

/* CSeq: 101 INVITE */
static void cseq(struct uct_sip *m, struct uct_slice value)
{
    uint64_t n;
    size_t eaten = uct_slice_u64(value, &n);
    if (m->cseq_method.n || !eaten)
        return;
    m->cseq = n <= UINT32_MAX ? (uint32_t)n : 0;
    m->cseq_method = uct_slice_trim(uct_slice(value.p + eaten, value.n - eaten));
}

static void content_length(struct uct_sip *m, struct uct_slice value)
{
    if (!m->has_length)
        m->has_length = uct_slice_u64(value, &m->content_length) > 0;
}

static void diagnostics(struct uct_sip *m, struct uct_slice name, struct uct_slice value)
{
    if (m->ndiag < UCT_SIP_DIAGS && uct_diag_set(name, value, &m->diag[m->ndiag]))
        m->ndiag++;
}

static void take_header(struct uct_sip *m, enum header h, struct uct_slice name, struct uct_slice value)
{
    switch (h) {
    case H_VIA: vias(m, value); break;
    case H_FROM: address(value, &m->from, &m->from_tag); break;
    case H_TO: address(value, &m->to, &m->to_tag); break;
    case H_PAI: address(value, &m->pai, NULL); break;
    case H_CALL_ID: first(&m->call_id, value); break;
    case H_CSEQ: cseq(m, value); break;
    case H_CONTACT: first(&m->contact, value); break;
    case H_LENGTH: content_length(m, value); break;
    case H_TYPE: first(&m->content_type, value); break;
    case H_SERVER: first(&m->server, value); break;
    case H_USER_AGENT: first(&m->user_agent, value); break;
    case H_REASON: first(&m->reason, value); break;
    case H_WARNING: first(&m->warning, value); break;
    case H_SESSION_ID: first(&m->session_id, value); break;
    case H_TAATAG: first(&m->x_taatag, value); break;
    case H_CONVERSATION: first(&m->conversation, value); break;
    case H_DATE: first(&m->date, value); break;
    case H_RECORD_ROUTE: record_route(m, value); break;
    case H_DIAG: case H_NULL: diagnostics(m, name, value); break;
    case H_OTHER: case H_MESSAGE_BODY: break;
    }
}

/* ---- message ----------------------------------------------------------- */

/* A header is taken when the line behind it is no fold of it. */
struct pending {
    enum header kind;
    struct uct_slice name, value;
};

static void flush(struct uct_sip *m, struct pending *p)
{
    if (p->kind != H_OTHER)
        take_header(m, p->kind, p->name, uct_slice_trim(p->value));
    p->kind = H_OTHER;
}

static void extend(struct pending *p, struct uct_slice line)
{
    if (p->kind != H_OTHER)
        p->value.n = (size_t)(line.p + line.n - p->value.p);
}

/* name ":" without blanks between, after the blank of an indented line: *name is set and what follows the
 * colon returned; NULL for anything else. */
static const char *plain_header(struct uct_slice line, bool indented, struct uct_slice *name)
{
    const char *p = line.p, *end = line.p + (line.n < 64 ? line.n : 64);
    if (indented && line.n && *p == ' ')
        p++;
    name->p = p;
    while (p < end && uct_sip_token_chars[(unsigned char)*p])
        p++;
    name->n = (size_t)(p - name->p);
    return name->n && p < end && *p == ':' ? p + 1 : NULL;
}

static struct uct_slice trim_value(const char *p, const char *end)
{
    while (p < end && uct_isblank((unsigned char)*p))
        p++;
    while (p < end && uct_isspace((unsigned char)end[-1]))
        end--;
    return uct_slice(p, (size_t)(end - p));
}

/* A copy with an empty line behind each line: no message begins with an empty line and goes on with a header. */
static bool is_doubled(struct uct_slice text, bool indented)
{
    struct uct_slice line, name, value;
    return uct_sip_take_line(&text, &line) && line.n < 2 &&
           uct_sip_line_kind(line, indented, &name, &value) == UCT_LINE_END &&
           uct_sip_take_line(&text, &line) && uct_sip_line_kind(line, indented, &name, &value) == UCT_LINE_HEADER &&
           uct_sip_take_line(&text, &line) && uct_sip_line_kind(line, indented, &name, &value) == UCT_LINE_END;
}

/* Reads headers off *rest; what is left there is the body. */
static void parse_headers(struct uct_sip *m, struct uct_slice *rest, bool indented, bool spaced)
{
    bool doubled = !spaced && is_doubled(*rest, indented), between = doubled;
    struct pending p = {.kind = H_OTHER};
    struct uct_slice line, name, value;
    const char *from = rest->p;
    for (struct uct_slice ahead = *rest; uct_sip_take_line(&ahead, &line); *rest = ahead) {
        const char *v = plain_header(line, indented, &name);
        enum header h = v ? header_kind(name) : H_OTHER;
        if (v && h != H_MESSAGE_BODY) {
            flush(m, &p);
            p.kind = h;
            if (h != H_OTHER) {
                p.name = name;
                p.value = trim_value(v, line.p + line.n);
            }
            between = doubled;
            continue;
        }
        enum uct_sip_line kind = uct_sip_line_kind(line, indented, &name, &value);
        if (kind == UCT_LINE_BODY)
            break;
        if (kind == UCT_LINE_HEADER) {
            flush(m, &p);
            p = (struct pending){header_kind(name), name, value};
        } else if (kind == UCT_LINE_FOLD) {
            extend(&p, line);
        } else if (kind == UCT_LINE_BAD) {
            m->bad_headers++;
            if (p.kind == H_DIAG)           /* published text breaks lines inside a quoted reason */
                extend(&p, line);
        }
        bool body = p.kind == H_MESSAGE_BODY, end = kind == UCT_LINE_END && !spaced && !between;
        between = doubled && kind != UCT_LINE_END;
        if (end || body) {
            m->headers = uct_slice(from, (size_t)(line.p - from));
            *rest = ahead;
            if (body)                       /* Lync traces name the body: "Message-Body: v=0" */
                *rest = uct_slice(p.value.p, (size_t)(ahead.p + ahead.n - p.value.p));
            flush(m, &p);
            return;
        }
    }
    m->headers = uct_slice(from, (size_t)(rest->p - from));
    flush(m, &p);
}

static bool holds_sdp(const struct uct_sip *m)
{
    struct uct_slice body = m->body;
    if (body.n && body.p[0] == ' ')
        body = uct_slice(body.p + 1, body.n - 1);
    return uct_slice_starts(body, UCT_S("v=0")) ||
           uct_slice_ifind(m->content_type, UCT_S("sdp")) != SIZE_MAX ||
           uct_slice_istarts(m->content_type, UCT_S("multipart"));
}

/* Expressway closes a dump with one '|', alone or glued to the last line. */
static struct uct_slice cut_end_mark(struct uct_slice text)
{
    struct uct_slice t = trim_end(text);
    return t.n && t.p[t.n - 1] == '|' ? uct_slice(t.p, t.n - 1) : text;
}

bool uct_sip_parse(struct uct_slice text, struct uct_sip_layout layout, struct uct_sip *out)
{
    struct uct_slice line, ahead;
    memset(out, 0, sizeof *out);
    if (layout.glued_end)
        text = cut_end_mark(text);
    if (!uct_sip_take_line(&text, &line) || !parse_start(line, out))
        return false;
    ahead = text;
    bool indented = layout.indented || (uct_sip_take_line(&ahead, &line) && uct_sip_looks_indented(line));
    parse_headers(out, &text, indented, layout.spaced);
    out->body = text;
    if (!out->request)
        out->method = out->cseq_method;
    if (out->server.n == 0)
        out->server = out->user_agent;
    if (out->body.n && holds_sdp(out))
        uct_sdp_count(out->body, &out->sdp_media, &out->sdp_rejected);
    return true;
}
