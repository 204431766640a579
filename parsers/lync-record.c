/* Bodies of Lync / Skype for Business Server records:
 *
 *   Severity: warning
 *   Text: The domain of the message resolved by DNS SRV but none ...
 *   Result-Code: 0xc3e93d6f SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH
 *   SIP-Call-ID: f1b3ad5d-183b-4632-b210-c2f9bec71960
 *   Data: domain="example.com";fqdn1="sip.example.net:5061"
 *
 * one key a line or, where a document was copied from, several on a line.
 * Reference: https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/
 * 212383-configure-and-troubleshoot-dns-and-certi.html */
#include "lync-record.h"

#include <stdio.h>

#define FIELD_MAX 2048      /* bytes of one field's value */
#define KEY_MAX 40          /* bytes of a key's name */

/* ---- keys -------------------------------------------------------------- */

/* Recognised wherever they stand outside quotes; any other word before a
 * colon is a key at the start of a line only. */
static bool known_key(struct uct_slice k)
{
    static const char *const keys[] = {
        "Severity", "Text", "Result-Code", "SIP-Start-Line", "SIP-Call-ID", "SIP-CSeq", "Peer", "Data",
        "LogType", "Local-IP", "Peer-IP", "Connection-ID", "Transport", "Trace-Correlation-Id", "Instance-Id",
        "Direction", "Message-Type", "Start-Line", "Message-Body",
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (uct_slice_eq(k, uct_slice_str(keys[i])))
            return true;
    return false;
}

static bool key_char(unsigned char c)
{
    return uct_isalnum(c) || c == '-';
}

bool uct_lync_key_line(struct uct_slice line)
{
    line = uct_slice_trim(line);
    size_t n = 0;
    while (n < line.n && n <= KEY_MAX && key_char((unsigned char)line.p[n]))
        n++;
    return n && n < line.n && line.p[n] == ':' && known_key(uct_slice(line.p, n));
}

/* Does a line start at p, blanks aside?  Looks back a few bytes only, so that
 * a text of blanks costs no more than its length. */
static bool at_line_start(struct uct_slice s, size_t p)
{
    for (int i = 0; i < 16; i++, p--) {
        if (p == 0 || s.p[p - 1] == '\n')
            return true;
        if (!uct_isblank((unsigned char)s.p[p - 1]))
            return false;
    }
    return false;
}

static bool quote_open_after(struct uct_slice s, size_t from, size_t to, bool open)
{
    for (const char *q; from < to && (q = memchr(s.p + from, '"', to - from)); from = (size_t)(q - s.p) + 1)
        open = !open;
    return open;
}

/* The key that ends with the colon at `colon`, or an empty slice.  A known key
 * at the start of a line closes a quote that was left open. */
static struct uct_slice key_before(struct uct_slice s, size_t floor, size_t colon, bool *quoted)
{
    size_t from = colon;
    while (from > floor && colon - from <= KEY_MAX && key_char((unsigned char)s.p[from - 1]))
        from--;
    struct uct_slice key = uct_slice(s.p + from, colon - from), none = {0};
    if (key.n == 0 || key.n > KEY_MAX || (from > floor && !uct_isspace((unsigned char)s.p[from - 1])))
        return none;
    bool line = at_line_start(s, from);
    if (known_key(key)) {
        if (!line && *quoted)
            return none;
        *quoted = false;
        return key;
    }
    bool blank_after = colon + 1 == s.n || uct_isspace((unsigned char)s.p[colon + 1]);
    bool upper = (unsigned)(key.p[0] - 'A') < 26u;
    return line && upper && blank_after && !*quoted ? key : none;
}

void uct_lync_body_split(struct uct_slice s, struct uct_lync_body *out)
{
    out->npairs = 0;
    out->lead = out->message = uct_slice(s.p, 0);
    struct uct_lync_pair *open = NULL;
    size_t floor = 0;
    bool quoted = false, first = true;
    for (const char *c; floor < s.n && (c = memchr(s.p + floor, ':', s.n - floor));) {
        size_t colon = (size_t)(c - s.p);
        quoted = quote_open_after(s, floor, colon, quoted);
        struct uct_slice key = key_before(s, floor, colon, &quoted);
        floor = colon + 1;
        if (key.n == 0)
            continue;
        if (open)
            open->value = uct_slice_trim(uct_slice(open->value.p, (size_t)(key.p - open->value.p)));
        else if (first)
            out->lead = uct_slice_trim(uct_slice(s.p, (size_t)(key.p - s.p)));
        first = false;
        open = NULL;
        if (uct_slice_eq(key, UCT_S("Start-Line"))) {
            out->message = uct_slice_trim(uct_slice(s.p + floor, s.n - floor));
            return;
        }
        if (out->npairs < UCT_LYNC_PAIRS) {
            open = &out->pair[out->npairs++];
            open->name = key;
            open->value = uct_slice(s.p + floor, 0);
        }
    }
    if (open)
        open->value = uct_slice_trim(uct_slice(open->value.p, (size_t)(s.p + s.n - open->value.p)));
    else if (first)
        out->lead = uct_slice_trim(s);
}

struct uct_slice uct_lync_get(const struct uct_lync_body *b, struct uct_slice name)
{
    for (size_t i = 0; i < b->npairs; i++)
        if (uct_slice_eq(b->pair[i].name, name))
            return b->pair[i].value;
    return uct_slice("", 0);
}

/* ---- protocol records -------------------------------------------------- */

/* m= lines of the body and those with port 0. */
static void count_media(struct uct_slice body, struct uct_sip *m)
{
    struct uct_slice line;
    m->sdp_media = m->sdp_rejected = 0;
    while (uct_next_line(&body, &line)) {
        if (line.n < 2 || line.p[0] != 'm' || line.p[1] != '=')
            continue;
        m->sdp_media++;
        const char *blank = memchr(line.p, ' ', line.n);
        size_t port = blank ? (size_t)(blank - line.p) + 1 : line.n;
        if (port < line.n && line.p[port] == '0' && (port + 1 == line.n || line.p[port + 1] == ' '))
            m->sdp_rejected++;
    }
}

/* "-" stands for no body and ----****MESSAGE BODY DELETED****---- for one
 * that the logger left out. */
static bool real_body(struct uct_slice body)
{
    struct uct_slice b = uct_slice_trim(body);
    return b.n && !uct_slice_eq(b, UCT_S("-")) && !uct_slice_starts(b, UCT_S("----****"));
}

bool uct_lync_message(struct uct_slice message, struct uct_sip *out)
{
    struct uct_slice rest = message, line, body = {0}, head = message;
    while (uct_next_line(&rest, &line)) {
        if (!uct_slice_starts(line, UCT_S("Message-Body:")))
            continue;
        head.n = (size_t)(line.p - head.p);
        const char *from = line.p + sizeof "Message-Body:" - 1;
        if (from < line.p + line.n && uct_isblank((unsigned char)*from))
            from++;
        body = uct_slice(from, (size_t)(message.p + message.n - from));
        break;
    }
    if (!uct_sip_parse(head, (struct uct_sip_layout){.spaced = body.p != NULL}, out))
        return false;
    if (real_body(body)) {
        out->body = body;
        count_media(body, out);
    }
    return true;
}

bool uct_lync_keep_message(struct uct_writer *w, const struct uct_origin *o, const struct uct_lync_body *b,
                           struct uct_sip_context *c)
{
    struct uct_sip m;
    if (b->message.n == 0 || !uct_lync_message(b->message, &m))
        return false;
    struct uct_slice way = uct_lync_get(b, UCT_S("Direction")), peer = uct_lync_get(b, UCT_S("Peer"));
    c->dir = uct_slice_istarts(way, UCT_S("incoming"))   ? UCT_DIR_IN
             : uct_slice_istarts(way, UCT_S("outgoing")) ? UCT_DIR_OUT
                                                         : UCT_DIR_UNKNOWN;
    c->remote = peer.n ? peer : uct_lync_get(b, UCT_S("Source"));    /* event 14507 */
    if (c->dir != UCT_DIR_UNKNOWN && (c->dir == UCT_DIR_OUT) == m.request)
        c->local = m.via_sent_by;                  /* the top Via is who sent the request: us */
    c->sight = UCT_SIGHT_TEXT;
    c->edge = uct_slice_find(way, UCT_S("internal edge")) != SIZE_MAX ||
              uct_slice_find(way, UCT_S("external edge")) != SIZE_MAX;
    uct_sip_keep(w, o, c, &m);
    return true;
}

/* ---- values ------------------------------------------------------------ */

void uct_lync_hit_results(struct uct_writer *w, struct uct_slice text, struct uct_lync_result *first)
{
    uint32_t code;
    struct uct_slice name;
    for (size_t pos = 0; (pos = uct_result_next(text, pos, &code, &name));) {
        uct_hit_number(w, UCT_KEY_RESULT, code);
        if (!first->known)
            *first = (struct uct_lync_result){true, code, name};
    }
}

struct uct_slice uct_lync_flatten(struct uct_lync_flat *f, struct uct_slice value)
{
    struct uct_slice v = uct_slice_trim(value);
    if (v.n > sizeof f->p || v.n == 0 || !memchr(v.p, '\n', v.n))
        return v;
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] != '\n' && v.p[i] != '\r') {
            f->p[n++] = v.p[i];
            continue;
        }
        while (n && uct_isspace((unsigned char)f->p[n - 1]))
            n--;
        while (i + 1 < v.n && uct_isspace((unsigned char)v.p[i + 1]))
            i++;
        f->p[n++] = ' ';
    }
    return uct_slice(f->p, n);
}

struct uct_slice uct_lync_lower(struct uct_lync_flat *f, struct uct_slice v)
{
    if (v.n > sizeof f->p)
        return v;
    for (size_t i = 0; i < v.n; i++)
        f->p[i] = (char)uct_lower((unsigned char)v.p[i]);
    return uct_slice(f->p, v.n);
}

void uct_lync_field(struct uct_writer *w, struct uct_slice name, struct uct_slice value)
{
    if (value.n == 0 || name.n == 0)
        return;
    value.n = value.n > FIELD_MAX ? uct_utf8_cut(value, FIELD_MAX) : value.n;
    uct_keep_field(w, name, value);
}

void uct_lync_field_text(struct uct_writer *w, struct uct_lync_flat *f, struct uct_slice name,
                         struct uct_slice value)
{
    uct_lync_field(w, name, uct_lync_flatten(f, value));
}

void uct_lync_field_result(struct uct_writer *w, const struct uct_lync_result *r)
{
    char hex[16];
    if (!r->known)
        return;
    snprintf(hex, sizeof hex, "0x%08x", (unsigned)r->code);
    uct_lync_field(w, UCT_S("result"), uct_slice_str(hex));
    uct_lync_field(w, UCT_S("result-name"), r->name);
}

/* Straight or curly; documents turn the one into the other. */
static size_t quote_len(struct uct_slice s)
{
    if (s.n && s.p[0] == '"')
        return 1;
    bool curly = s.n >= 3 && memcmp(s.p, "\xe2\x80", 2) == 0 && (s.p[2] == '\x9c' || s.p[2] == '\x9d');
    return curly ? 3 : 0;
}

static struct uct_slice after(struct uct_slice s, size_t n)
{
    return uct_slice(s.p + n, s.n - n);
}

/* The value in front of s, which begins behind '='.  A quote closes it only
 * before ';' or the end, since texts in it hold quotes themselves. */
static struct uct_slice data_value(struct uct_slice *s)
{
    while (s->n && uct_isspace((unsigned char)s->p[0]))
        *s = after(*s, 1);
    size_t q = quote_len(*s);
    *s = after(*s, q);
    for (size_t i = 0; i < s->n; i++) {
        size_t close = q ? quote_len(after(*s, i)) : 0;
        if (q ? !close : s->p[i] != ';')
            continue;
        size_t next = i + close;
        while (next < s->n && uct_isspace((unsigned char)s->p[next]))
            next++;
        if (next < s->n && s->p[next] != ';') {
            i = next - 1;
            continue;
        }
        struct uct_slice v = uct_slice(s->p, i);
        *s = after(*s, next < s->n ? next + 1 : next);
        return uct_slice_trim(v);
    }
    struct uct_slice v = *s;
    *s = after(*s, s->n);
    return uct_slice_trim(v);
}

/* "sip.example.com :5061" -> "sip.example.com:5061"; n is the new length. */
static struct uct_slice close_port(struct uct_lync_flat *f, struct uct_slice v)
{
    size_t colon = v.n, host;
    while (colon && uct_isdigit((unsigned char)v.p[colon - 1]))
        colon--;
    if (colon < 2 || colon == v.n || v.p[colon - 1] != ':' || v.n > sizeof f->p)
        return v;
    colon--;
    for (host = colon; host && uct_isspace((unsigned char)v.p[host - 1]); host--)
        ;
    if (host == colon)
        return v;
    memmove(f->p, v.p, host);
    memmove(f->p + host, v.p + colon, v.n - colon);
    return uct_slice(f->p, host + v.n - colon);
}

void uct_lync_fields_data(struct uct_writer *w, struct uct_lync_flat *f, struct uct_slice data)
{
    while (data.n) {
        const char *eq = memchr(data.p, '=', data.n);
        if (!eq)
            return;
        struct uct_slice name = uct_slice(data.p, (size_t)(eq - data.p));
        const char *semi = memrchr(name.p, ';', name.n);
        if (semi)
            name = after(name, (size_t)(semi - name.p) + 1);
        name = uct_slice_trim(name);
        data = after(data, (size_t)(eq - data.p) + 1);
        struct uct_slice v = uct_lync_flatten(f, data_value(&data));
        if (name.n <= KEY_MAX)
            uct_lync_field(w, name, close_port(f, v));
    }
}

void uct_lync_fields_peer(struct uct_writer *w, struct uct_lync_flat *f, struct uct_slice peer)
{
    struct uct_slice host = peer, port = {0};
    if (!peer.p || peer.n == 0)
        return;
    const char *colon = memrchr(peer.p, ':', peer.n), *first = memchr(peer.p, ':', peer.n);
    bool bracket = peer.p[0] == '[';
    if (colon && (colon == first || (bracket && colon > peer.p && colon[-1] == ']'))) {
        host.n = (size_t)(colon - peer.p);
        port = uct_slice_trim(after(peer, host.n + 1));
    }
    host = uct_slice_trim(host);
    if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
        host = uct_slice(host.p + 1, host.n - 2);
    while (host.n && host.p[host.n - 1] == '.')
        host.n--;
    uct_lync_field(w, UCT_S("peer"), uct_lync_lower(f, host));
    uct_lync_field(w, UCT_S("peer-port"), port);
}
