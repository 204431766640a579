/* From a parsed message to rows: the message row for each, and for those that
 * a rule asks about a record with its fields.
 *
 * A healthy message costs its row and nothing else: no hit is asked for, no
 * text is scanned, no field is interned. */
#include "keep.h"

#include <stdio.h>

/* A hostile header may hold a million attributes. */
#define ATTRS_MAX 32

/* ---- interning --------------------------------------------------------- */

#define URI_ROOM 512

/* URIs pasted from web pages have blanks in them: sip:2000 @example.com */
static struct uct_slice without_blanks(struct uct_slice s, char room[URI_ROOM])
{
    if (s.n == 0 || s.n > URI_ROOM || !memchr(s.p, ' ', s.n))
        return s;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!uct_isspace((unsigned char)s.p[i]))
            room[n++] = s.p[i];
    return uct_slice(room, n);
}

#define NAME_ROOM 256

/* Lower case, cut at the room: hosts and attribute names are no longer. */
static struct uct_slice lowered(struct uct_slice s, char room[NAME_ROOM])
{
    size_t n = s.n < NAME_ROOM ? s.n : NAME_ROOM;
    for (size_t i = 0; i < n; i++)
        room[i] = (char)uct_lower((unsigned char)s.p[i]);
    return uct_slice(room, n);
}

/* ---- the row ----------------------------------------------------------- */

static uint32_t tag_hash(struct uct_slice tag)
{
    return tag.n ? (uint32_t)uct_hash_slice(tag) | 1 : 0;
}

/* The strings of a row, interned in one go. */
enum {
    CALL_ID, METHOD, PHRASE, FROM, TO, RURI, PAI, SERVER, LOCAL, REMOTE, SESSION, TAG, CONVERSATION, PROXY, PROCESS, STRINGS
};

/* URIs without blanks, addresses in lower case. */
struct rooms {
    char uri[4][URI_ROOM], address[2][NAME_ROOM];
};

/* The request URI and the asserted identity are mostly those of To and From: then their place stays empty. */
struct same {
    bool ruri, pai;
};

static struct same list_strings(const struct uct_sip_context *c, const struct uct_sip *m, struct rooms *room,
                                struct uct_slice s[STRINGS])
{
    struct uct_slice ruri = m->ruri.n ? uct_sip_uri_bare(m->ruri) : m->ruri, none = {0};
    struct same same = {uct_slice_eq(ruri, m->to), m->request && uct_slice_eq(m->pai, m->from)};
    s[CALL_ID] = m->call_id.n > URI_ROOM ? none : m->call_id;      /* a longer one has a way of its own */
    s[METHOD] = m->method;
    s[PHRASE] = m->phrase;
    s[FROM] = without_blanks(m->from, room->uri[0]);
    s[TO] = without_blanks(m->to, room->uri[1]);
    s[RURI] = same.ruri ? none : without_blanks(ruri, room->uri[2]);
    s[PAI] = !m->request || same.pai ? none : without_blanks(m->pai, room->uri[3]);
    s[SERVER] = m->server;
    s[LOCAL] = lowered(c->local, room->address[0]);
    s[REMOTE] = lowered(c->remote, room->address[1]);
    s[SESSION] = m->session_id;
    s[TAG] = m->x_taatag;
    s[CONVERSATION] = m->conversation;
    s[PROXY] = m->proxy_call_id;
    s[PROCESS] = c->process;
    return same;
}

/* What else the start of a dialog is known by. */
static void add_ties(struct uct_writer *w, const struct uct_origin *o, const struct uct_sip_context *c,
                     const struct uct_sip *m, uint32_t call_id)
{
    for (unsigned i = 0; i < m->nserial; i++)
        uct_w_tie(w, o, UCT_TIE_SERIAL, c->time, call_id, 0, m->serial[i], uct_slice("", 0));
    if (c->trace.n)
        uct_w_tie(w, o, UCT_TIE_TRACE, c->time, call_id, m->status, c->trace, c->machine);
}

/* Does the zone's name hold this word?  It is looked for by one letter of it, since nearly none does. */
static bool zone_has(struct uct_slice zone, struct uct_slice word, size_t letter)
{
    for (size_t from = letter; zone.n && from + word.n - letter <= zone.n; from++) {
        const char *p = memchr(zone.p + from, word.p[letter], zone.n - from);
        if (!p)
            return false;
        from = (size_t)(p - zone.p);
        if (uct_slice_istarts(uct_slice(p - letter, zone.n - from + letter), word))
            return true;
    }
    return false;
}

/* What a zone's name says of the box that has the zone.  Names are as the administrator chose them but for
 * the system's own: CollaborationEdgeZone, CEtcp..., CEtls..., DefaultZone. */
static enum uct_hint zone_hint(struct uct_slice zone, bool egress)
{
    char c = zone.n > 5 ? zone.p[0] : 0;
    if ((c == 'C' || c == 'c') &&
        (uct_slice_istarts(zone, UCT_S("CEtcp")) || uct_slice_istarts(zone, UCT_S("CEtls"))))
        return UCT_HINT_C;
    if ((c == 'C' || c == 'c') && uct_slice_istarts(zone, UCT_S("CollaborationEdge")))
        return UCT_HINT_E;
    if (zone_has(zone, UCT_S("Traversal"), 4)) {
        if (uct_slice_ifind(zone, UCT_S("Server")) != SIZE_MAX)
            return UCT_HINT_E;
        return uct_slice_ifind(zone, UCT_S("Client")) != SIZE_MAX ? UCT_HINT_C : UCT_HINT_NONE;
    }
    if (zone_has(zone, UCT_S("DNSZone"), 3))
        return egress ? UCT_HINT_PERHAPS_E : UCT_HINT_NONE;
    return zone_has(zone, UCT_S("Neighbo"), 4) ? UCT_HINT_PERHAPS_C : UCT_HINT_NONE;
}

static void add_row(struct uct_writer *w, const struct uct_origin *o, const struct uct_sip_context *c,
                    const struct uct_sip *m)
{
    struct rooms room;
    struct uct_slice s[STRINGS];
    uint32_t id[STRINGS];
    enum uct_hint out = c->edge         ? UCT_HINT_EDGE
                        : m->egress_top ? zone_hint(m->egress_zone, true)
                                        : UCT_HINT_NONE;
    struct same same = list_strings(c, m, &room, s);
    uct_w_intern_all(w, s, id, STRINGS);
    struct uct_msg row = {
        .time = c->time,
        .msg_hash = c->msg_hash,
        .branch = m->via_branch.n ? uct_hash_slice(m->via_branch) >> 16 : 0,
        .cseq = m->cseq,
        .call_id = m->call_id.n > URI_ROOM ? uct_w_intern_id(w, m->call_id) : id[CALL_ID],
        .method = id[METHOD],
        .phrase = id[PHRASE],
        .from = id[FROM],
        .to = id[TO],
        .ruri = same.ruri ? id[TO] : id[RURI],
        .from_tag = tag_hash(m->from_tag),
        .to_tag = tag_hash(m->to_tag),
        .pai = same.pai ? id[FROM] : id[PAI],
        .server = id[SERVER],
        .local = id[LOCAL],
        .remote = id[REMOTE],
        .session_id = id[SESSION],
        .tag = id[TAG],
        .conversation = id[CONVERSATION],
        .proxy_call_id = id[PROXY],
        .process = id[PROCESS],
        .status = m->status,
        .dir = (uint8_t)c->dir,
        .sight = (uint8_t)c->sight,
        .zones = (uint8_t)((m->ingress_zone.n ? 1 : 0) | (m->egress_zone.n ? 2 : 0) | (unsigned)out << 2 |
                           (unsigned)zone_hint(m->ingress_zone, false) << 5),
        .sdp = (uint8_t)(m->sdp_media > UINT8_MAX ? UINT8_MAX : m->sdp_media),
        .diag = m->ndiag > 0,
    };
    uct_w_message(w, o, &row);
    if (uct_slice_eq(m->method, UCT_S("INVITE")))
        add_ties(w, o, c, m, row.call_id);
    else
        uct_w_tie_repeated(w, row.call_id, c->trace);
}

/* ---- fields ------------------------------------------------------------ */

static void field(struct uct_writer *w, const char *name, struct uct_slice value)
{
    if (value.n)
        uct_keep_field(w, uct_slice_str(name), value);
}

static void field_number(struct uct_writer *w, const char *name, uint64_t v)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
    field(w, name, uct_slice_str(digits));
}

static void field_lower(struct uct_writer *w, const char *name, struct uct_slice value)
{
    char room[NAME_ROOM];
    field(w, name, lowered(value, room));
}

static void field_uri(struct uct_writer *w, const char *name, struct uct_slice uri)
{
    char room[URI_ROOM];
    field(w, name, without_blanks(uri, room));
}

/* 192.0.2.1:5061, [2001:db8::1]:5061, sip.example.com:5061, 2001:db8::1 */
static struct uct_slice without_port(struct uct_slice host)
{
    host = uct_slice_trim(host);
    if (host.n && host.p[0] == '[') {
        const char *close = memchr(host.p, ']', host.n);
        return uct_slice(host.p + 1, (close ? (size_t)(close - host.p) : host.n) - 1);
    }
    const char *colon = host.n ? memchr(host.p, ':', host.n) : NULL;
    if (!colon || memrchr(host.p, ':', host.n) != colon)
        return host;
    return uct_slice(host.p, (size_t)(colon - host.p));
}

/* The values of all diagnostics headers in one field, " | " between them. */
static void field_diagnostics(struct uct_writer *w, const struct uct_sip *m)
{
    struct uct_buf all = {0};
    for (unsigned i = 0; i < m->ndiag; i++) {
        if (i)
            uct_buf_adds(&all, " | ");
        uct_buf_add(&all, m->diag[i].value.p, m->diag[i].value.n);
    }
    if (all.failed)
        uct_w_fail(w);
    else if (all.n)
        field(w, "ms-diagnostics", uct_slice(all.p, all.n));
    uct_buf_free(&all);
}

static void message_fields(struct uct_writer *w, const struct uct_sip_context *c, const struct uct_sip *m)
{
    field(w, "method", m->method);
    if (m->status)
        field_number(w, "status", m->status);
    field(w, "phrase", m->phrase);
    field_uri(w, "ruri", m->ruri);
    field(w, "call-id", m->call_id);
    if (m->cseq_method.n)
        field_number(w, "cseq", m->cseq);
    field_uri(w, "from", m->from);
    field_uri(w, "to", m->to);
    field_lower(w, "from-domain", uct_sip_uri_host(m->from));
    field_lower(w, "to-domain", uct_sip_uri_host(m->to));
    field_uri(w, "pai", m->pai);
    field(w, "server", m->server);
    field(w, "user-agent", m->user_agent);
    field(w, "warning", m->warning);
    field_lower(w, "peer", without_port(c->remote));
    if (c->dir != UCT_DIR_OUT)
        field_lower(w, "sender", without_port(c->remote));
    if (c->dir != UCT_DIR_UNKNOWN)
        field(w, "dir", c->dir == UCT_DIR_IN ? UCT_S("in") : UCT_S("out"));
    field(w, "contact", m->contact);
    field_diagnostics(w, m);
    field(w, "content-type", m->content_type);
    if (m->sdp_media) {
        field_number(w, "sdp-media", m->sdp_media);
        field_number(w, "sdp-rejected", m->sdp_rejected);
    }
}

/* A value that was folded or broken over lines becomes one line. */
static void field_attribute(struct uct_writer *w, struct uct_slice name, struct uct_slice value)
{
    struct uct_buf line = {0};
    if (value.n == 0 || !memchr(value.p, '\n', value.n)) {
        uct_keep_field(w, name, value);
        return;
    }
    while (value.n) {
        struct uct_slice part;
        uct_next_line(&value, &part);
        part = uct_slice_trim(part);
        if (part.n && line.n)
            uct_buf_addc(&line, ' ');
        uct_buf_add(&line, part.p, part.n);
    }
    if (!line.failed)
        uct_keep_field(w, name, uct_slice(line.p, line.n));
    uct_buf_free(&line);
}

static void diag_fields(struct uct_writer *w, const struct uct_diag *d)
{
    struct uct_slice name, value;
    size_t pos = 0;
    char room[NAME_ROOM];
    field_number(w, "diag-id", d->id);
    field(w, "diag-header", lowered(d->name, room));
    for (int i = 0; i < ATTRS_MAX && uct_diag_next(d, &pos, &name, &value); i++)
        field_attribute(w, name, value);
}

/* ---- hits -------------------------------------------------------------- */

/* The id, and the codes in its attributes: HRESULT="0x80090322(SEC_E_WRONG_PRINCIPAL)". */
static void diag_hits(struct uct_writer *w, const struct uct_diag *d)
{
    struct uct_slice name;
    uint32_t code;
    uct_hit_number(w, UCT_KEY_DIAG, d->id);
    for (size_t pos = 0; (pos = uct_result_next(d->value, pos, &code, &name));)
        uct_hit_number(w, UCT_KEY_RESULT, code);
}

static void keep_diag(struct uct_writer *w, const struct uct_origin *o, const struct uct_sip_context *c,
                      const struct uct_sip *m, const struct uct_diag *d)
{
    diag_hits(w, d);
    if (!uct_keep_begin(w, UCT_KIND_DIAG, o, c->time, c->text))
        return;
    message_fields(w, c, m);         /* but for `reason`, which is the header's here */
    diag_fields(w, d);
    uct_keep_call(w, m->call_id, m->status, false);
    uct_keep_end(w);
}

/* An answer that takes the call and refuses its sound, or all of it; a refused second stream (video, content)
 * is everyday.  It has no word that a rule could be indexed by, so the name of the field stands for it. */
static bool answer_refuses_media(const struct uct_sip *m)
{
    return m->sdp_rejected && m->status >= 200 && m->status < 300 && uct_slice_eq(m->cseq_method, UCT_S("INVITE")) &&
           (m->sdp_rejected == m->sdp_media || uct_slice_find(m->body, UCT_S("m=audio 0 ")) != SIZE_MAX);
}

static void message_hits(struct uct_writer *w, const struct uct_sip *m)
{
    if (m->status >= 300) {
        uct_hit_number(w, UCT_KEY_STATUS, m->status);
        if (m->status != 401 && m->status != 407)
            uct_hit_number(w, UCT_KEY_STATUS, 0);
        if (m->phrase.n)
            uct_hit_text(w, m->phrase);
    }
    if (m->warning.n)
        uct_hit_text(w, m->warning);
    if (m->reason.n)
        uct_hit_text(w, m->reason);
    if (answer_refuses_media(m))
        uct_hit_text(w, UCT_S("sdp-rejected"));
}

void uct_sip_keep(struct uct_writer *w, const struct uct_origin *o, const struct uct_sip_context *c,
                  const struct uct_sip *m)
{
    add_row(w, o, c, m);
    if (m->status < 300 && !m->ndiag && !m->warning.n && !m->reason.n && !answer_refuses_media(m))
        return;
    uct_hits_clear(w);               /* what the caller asked for is no reason to keep a header */
    for (unsigned i = 0; i < m->ndiag; i++)
        keep_diag(w, o, c, m, &m->diag[i]);
    message_hits(w, m);
    if (!uct_keep_begin(w, UCT_KIND_SIP, o, c->time, c->text))
        return;
    message_fields(w, c, m);
    field(w, "reason", m->reason);
    uct_keep_call(w, m->call_id, m->status, false);
    uct_keep_end(w);
}

void uct_diag_keep(struct uct_writer *w, const struct uct_origin *o, int64_t time, const struct uct_diag *d,
                   struct uct_slice text)
{
    diag_hits(w, d);
    if (!uct_keep_begin(w, UCT_KIND_DIAG, o, time, text))
        return;
    field(w, "ms-diagnostics", d->value);
    diag_fields(w, d);
    uct_keep_end(w);
}
