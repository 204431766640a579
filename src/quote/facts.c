/* What only the texts say.  Each record is read once more and looked into:
 *
 *   |INVITE sip:bob@example.net SIP/2.0                       an Expressway dump
 *    Via: SIP/2.0/TLS 192.0.2.1:5061;egress-zone=DNSZone1;...
 *   Start-Line: INVITE sip:bob@example.net SIP/2.0            a Lync protocol record
 *   Result-Code: 0xc3e93d67 SIPPROXY_E_...                    a Lync diagnostic record
 *
 * A record that stands in a document was wrapped there and is put together
 * again as it was when it was parsed. */
#include "trace.h"

#include "../../parsers/excerpt.h"
#include "../sip/sip.h"

#include <stdlib.h>

#define VIAS 64
#define MEDIA 16
#define TEXTS (256u << 20)       /* of one trace; what is over is said to be lost */

/* ---- where the message stands in its record --------------------------------- */

static struct uct_slice after(struct uct_slice s, size_t n)
{
    return uct_slice(s.p + n, s.n - n);
}

static size_t before_start_line(struct uct_slice line)
{
    size_t n = 0;
    while (n < line.n && (uct_isblank((unsigned char)line.p[n]) || line.p[n] == '|'))
        n++;
    if (uct_slice_istarts(after(line, n), UCT_S("Start-Line:")))
        n += 11;
    while (n < line.n && uct_isblank((unsigned char)line.p[n]))
        n++;
    return n;
}

/* The message in a record's text; a trace line's prefix ends with "::". */
static bool find_message(struct uct_slice text, struct uct_sip *m, struct uct_slice *sip, bool *indented)
{
    struct uct_slice rest = text, line;
    bool begun = false;
    *indented = false;
    for (size_t at = 0, n; (n = uct_next_line(&rest, &line)) > 0; at += n) {
        size_t lead = before_start_line(line), colons = uct_slice_find(line, UCT_S(":: "));
        if (!uct_sip_start_line(after(line, lead)) && colons != SIZE_MAX)
            lead = colons + 3;
        if (uct_slice_eq(uct_slice_trim(line), UCT_S("SIPMSG:")))
            begun = *indented = true;
        if (!uct_sip_start_line(after(line, lead)) || (at && !begun && uct_isblank((unsigned char)line.p[0])))
            continue;
        struct uct_sip_layout layout = {.indented = *indented, .glued_end = *indented};
        *sip = after(text, at + lead);
        return uct_sip_parse(*sip, layout, m);
    }
    return false;
}

/* ---- Via stack and SDP -------------------------------------------------------- */

/* Cuts the first value off a comma-separated list; quotes are honoured. */
static struct uct_slice next_value(struct uct_slice *rest)
{
    size_t n = 0;
    for (bool quoted = false; n < rest->n && (quoted || rest->p[n] != ','); n++)
        quoted ^= rest->p[n] == '"';
    struct uct_slice v = uct_slice_trim(uct_slice(rest->p, n));
    *rest = after(*rest, n < rest->n ? n + 1 : n);
    return v;
}

/* SIP/2.0/TLS 192.0.2.1:5061;branch=... */
static bool add_via(struct uct_tracing *t, struct uct_slice v, struct uct_rvia *out)
{
    struct uct_slice zone = {0};
    bool failed = false;
    size_t n = 0, end;
    while (n < v.n && !uct_isspace((unsigned char)v.p[n]))
        n++;
    while (n < v.n && uct_isspace((unsigned char)v.p[n]))
        n++;
    for (end = n; end < v.n && v.p[end] != ';' && !uct_isspace((unsigned char)v.p[end]); end++)
        ;
    *out = (struct uct_rvia){.sent_by = uct_trace_text(t, uct_slice(v.p + n, end - n), &failed)};
    if (uct_sip_param(v, UCT_S("ingress-zone"), &zone))
        out->ingress = uct_trace_text(t, zone, &failed);
    if (uct_sip_param(v, UCT_S("egress-zone"), &zone))
        out->egress = uct_trace_text(t, zone, &failed);
    return !failed;
}

static bool read_vias(struct uct_tracing *t, struct uct_slice headers, bool indented, struct uct_rmessage *m)
{
    struct uct_rvia v[VIAS];
    struct uct_slice name, value;
    struct uct_sip_layout layout = {.indented = indented, .spaced = true};
    size_t n = 0;
    while (n < VIAS && uct_sip_next_header(&headers, layout, &name, &value))
        while (n < VIAS && value.n && uct_sip_header_is(name, UCT_S("Via")))
            if (!add_via(t, next_value(&value), &v[n++]))
                return false;
    struct uct_rvia *kept = uct_arena_alloc(&t->r->arena, (n + 1) * sizeof *kept);
    if (!kept)
        return false;
    if (n)
        memcpy(kept, v, n * sizeof *kept);
    m->vias = kept;
    m->nvias = n;
    return true;
}

/* m=audio 50020 RTP/AVP 9 0 8 */
static bool is_media(struct uct_slice line, struct uct_slice *kind, bool *rejected)
{
    line = uct_slice_trim(line);
    if (!uct_slice_starts(line, UCT_S("m=")))
        return false;
    line = after(line, 2);
    size_t n = 0;
    while (n < line.n && (uct_isalnum((unsigned char)line.p[n]) || line.p[n] == '-'))
        n++;
    *kind = uct_slice(line.p, n < 16 ? n : 16);
    struct uct_slice port = uct_slice_trim(after(line, n));
    uint64_t number;
    *rejected = uct_slice_u64(port, &number) && number == 0;
    return n > 0;
}

static void list_media(struct uct_slice body, bool rejected, struct uct_buf *out)
{
    struct uct_slice line, kind;
    size_t n = 0;
    bool zero;
    while (n < MEDIA && uct_next_line(&body, &line)) {
        if (!is_media(line, &kind, &zero) || zero != rejected)
            continue;
        uct_buf_adds(out, n++ ? " " : rejected ? out->n ? "; rejected: " : "rejected: " : "");
        uct_buf_add(out, kind.p, kind.n);
    }
}

static bool read_sdp(struct uct_tracing *t, struct uct_slice body, struct uct_rmessage *m)
{
    struct uct_buf b = {0};
    bool failed = false;
    list_media(body, false, &b);
    list_media(body, true, &b);
    if (b.n)
        m->sdp = uct_trace_text(t, uct_slice(b.p, b.n), &failed);
    failed |= b.failed;
    uct_buf_free(&b);
    return !failed;
}

/* ---- diagnostic records ------------------------------------------------------- */

static bool read_record(struct uct_tracing *t, struct uct_slice text, size_t i)
{
    uint32_t code;
    struct uct_slice name = {0};
    bool failed = false;
    struct uct_buf b = {0};
    size_t at = uct_slice_find(text, UCT_S("Result-Code:"));
    if (at != SIZE_MAX && uct_result_next(after(text, at), 0, &code, &name)) {
        if (name.n)
            uct_buf_add(&b, name.p, name.n);
        else
            uct_buf_addf(&b, "0x%08x", code);
        t->m[i].code = uct_trace_text(t, uct_slice(b.p, b.n), &failed);
    }
    failed |= b.failed;
    uct_buf_free(&b);
    return !failed;
}

/* ---- reading ------------------------------------------------------------------- */

static bool look_into(struct uct_tracing *t, size_t i, struct uct_slice text, uint64_t *room)
{
    struct uct_sip m;
    struct uct_slice sip;
    struct uct_rmessage *out = &t->m[i];
    if (out->record)
        return read_record(t, text, i);
    if (!find_message(text, &m, &sip, &out->indented))
        return true;
    if (t->o->want_text && sip.n <= *room) {
        *room -= sip.n;
        out->sip = uct_slice(uct_arena_dup(&t->r->arena, sip), sip.n);
        if (!out->sip.p)
            return false;
    }
    return read_vias(t, m.headers, out->indented, out) && read_sdp(t, m.body, out);
}

struct unwrapping { struct uct_buf text; };

static void take_piece(void *arg, const struct uct_excerpt_piece *p)
{
    struct unwrapping *u = arg;
    uct_buf_add(&u->text, p->text.p, p->text.n);
}

static void no_prose(void *arg, uint32_t line, uint32_t nlines)
{
    (void)arg;
    (void)line;
    (void)nlines;
}

struct taking {
    struct uct_tracing *t;
    uint64_t room;
    bool failed;
};

static bool keep_text(struct taking *k, struct uct_rmessage *m, struct uct_slice text)
{
    if (text.n > k->room) {
        m->lost = true;
        return true;
    }
    k->room -= text.n;
    m->text.p = uct_arena_dup(&k->t->r->arena, text);
    m->text.n = text.n;
    return m->text.p != NULL;
}

static void take_text(void *arg, size_t i, struct uct_slice text, bool lost)
{
    struct taking *k = arg;
    struct uct_tracing *t = k->t;
    struct uct_rmessage *m = &t->m[i];
    m->lost = lost;
    if (lost)
        return;
    const struct uct_ref *best = t->refs[t->making[i].first + t->making[i].best].ref;
    if (t->s->items[best->source]->document) {
        struct unwrapping u = {0};
        struct uct_excerpt_sink sink = {.arg = &u, .piece = take_piece, .prose = no_prose};
        bool done = uct_excerpt_rewrite(text, &sink) && !u.text.failed, whole = u.text.n > 0;
        k->failed |= !done || !look_into(t, i, whole ? uct_slice(u.text.p, u.text.n) : text, &k->room);
        uct_buf_free(&u.text);
    } else {
        k->failed |= !look_into(t, i, text, &k->room);
    }
    if (t->o->want_text)
        k->failed |= !keep_text(k, m, text);
}

/* The first line of the next part of the same file, 0 if there is none. */
static uint32_t next_part(const struct uct_sources *s, const struct uct_source *part)
{
    uint64_t next = UINT32_MAX;
    for (size_t i = 0; i < s->nshown; i++)
        if (s->items[i]->stream == part->stream && s->items[i]->first_line > part->first_line &&
            s->items[i]->first_line < next)
            next = s->items[i]->first_line;
    return next < UINT32_MAX ? (uint32_t)next + 1 : 0;
}

static enum uct_status read_lines(struct uct_tracing *t)
{
    for (size_t i = 0; i < t->t->nwants; i++) {
        struct uct_rwant *w = &t->t->wants[i];
        if (!w->found || w->source == UINT32_MAX)
            continue;
        const struct uct_source *s = t->s->items[w->source];
        struct uct_quote_place at = {.source = s->name, .line = w->line, .behind = next_part(t->s, s),
                                     .head = s->parser ? s->parser->head : NULL};
        if (uct_quote_line(t->q, &at) != UCT_OK)
            return UCT_FATAL;
        w->first_line = at.first;
        w->text.p = at.text.n ? uct_arena_dup(&t->r->arena, uct_slice(at.text.p, at.text.n)) : "";
        w->text.n = at.text.n;
        uct_buf_free(&at.text);
        if (!w->text.p)
            return UCT_FATAL;
    }
    return UCT_OK;
}

enum uct_status uct_facts_read(struct uct_tracing *t)
{
    struct uct_quote_item *items = malloc((t->nm + 1) * sizeof *items);
    struct taking k = {.t = t, .room = TEXTS};
    if (!items)
        return UCT_FATAL;
    for (size_t i = 0; i < t->nm; i++) {
        const struct uct_rsighting *s = &t->m[i].sightings[t->m[i].shown];
        items[i] = (struct uct_quote_item){t->s->items[s->source]->name, s->offset, s->length, i};
    }
    enum uct_status st = uct_quote_read(t->q, items, t->nm, take_text, &k);
    free(items);
    if (st == UCT_OK && !k.failed)
        st = read_lines(t);
    return k.failed ? UCT_FATAL : st;
}
