/* excerpt: log text inside another document: a ticket, a mail, a chat export,
 * an article, the text of a PDF.
 *
 *   如以下日誌記錄片段所示：
 *
 *   2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime="2017-03-02 07:10:46,240" Module="network.sip"
 *
 *   Level="DEBUG":  Action="Received" Local-ip="10.48.36.47" Local-port="25002" ...
 *
 * The document comes whole, in one chunk.  Each piece is written anew as it
 * stood in its log and read by the parser of its family; everything else is
 * prose.  Time and memory grow with the document and no faster. */
#include "excerpt.h"

#include <stdlib.h>

/* ---- document or log? --------------------------------------------------- */

#define BID_DOCUMENT 200
/* More than one impure line in fifty makes a document. */
#define PURE_LINES 50u

/* Nobody wraps lines this wide. */
#define WRAPPED_MOST 132u

enum pure_state { BEFORE, EXPRESSWAY, LYNC, LYNC_OPEN, UCCAPI, MESSAGE, BARE };

struct purity {
    enum pure_state state;
    bool message;             /* UccApi: raw lines belong to a message */
    bool body;                /* behind the empty line of a message */
    uint64_t length;          /* Content-Length, bytes of the body not yet seen */
    bool pdu;                 /* Expressway: a decoded H.323 message goes on to the next stamp */
    size_t widest;            /* bytes of the widest line of words: where lines were wrapped, if they were */
    struct uct_slice before;  /* the line before, if a line of text may follow it directly */
    bool family;              /* a head of one of the families that stamp their lines was seen */
    size_t heads, lines, impure;
    size_t plain, quoted;     /* heads of records in column 0, and behind indentation or "| " */
    size_t stamps;            /* lines of some other log */
    size_t front;             /* lines of prose before the first head */
    bool event;               /* a copied Windows event, which may hold a message */
};

static bool contains(struct uct_slice s, struct uct_slice word)
{
    return uct_slice_find(s, word) != SIZE_MAX;
}

/* "SIP/2.0 504 Server time-out Via: ...": headers on the line of the start line. */
static bool has_glued_header(struct uct_slice s)
{
    for (size_t i = uct_x_is_diag(s) ? s.n : 0; i + 1 < s.n && i < 400; i++) {
        struct uct_slice word = uct_slice(s.p + i + 1, s.n - i - 1);
        size_t n = s.p[i] == ' ' ? uct_x_key(word) : 0;
        if (n && uct_x_sip_name(uct_slice(word.p, n))) {
            return true;
        }
    }
    return false;
}

static bool is_dump_mark(struct uct_slice s)
{
    return contains(s, UCT_S("SIPMSG:")) || contains(s, UCT_S("HTTPMSG:"));
}

static void enter(struct purity *p, enum uct_x_family family, struct uct_slice s)
{
    p->heads++;
    p->message = p->body = p->pdu = false;
    p->length = 0;
    p->family |= family != UCT_X_SIP;
    p->plain += family != UCT_X_SIP;
    p->before = s;
    switch (family) {
    case UCT_X_EXPRESSWAY:
        p->state = EXPRESSWAY;
        p->message = contains(s, UCT_S("SIP/2.0")) || is_dump_mark(s);
        break;
    case UCT_X_LYNC:
        p->state = contains(s, UCT_S("$$end_record"))                                         ? LYNC
                   : contains(s, UCT_S("$$begin_record")) || contains(s, UCT_S("SipMessage")) ? LYNC_OPEN
                                                                                              : LYNC;
        break;
    case UCT_X_UCCAPI: {
        size_t at = uct_slice_find(s, UCT_S(" :: "));
        p->state = UCCAPI;
        p->message =
            at != SIZE_MAX && uct_x_is_start_line(uct_slice(s.p + at + 4, s.n - at - 4), uct_slice("", 0));
        break;
    }
    default:
        p->state = uct_x_is_diag(s) ? BARE : MESSAGE;
        p->message = true;
        break;
    }
}

/* A line of a SIP message as it stands in a log. */
static bool is_message_line(struct purity *p, struct uct_slice raw, struct uct_slice s)
{
    struct uct_slice value;
    uint64_t v;
    if (!s.n || uct_isblank((unsigned char)raw.p[0])) {
        p->body |= !s.n;
        return true;
    }
    if (uct_x_is_length(s, &value) && uct_slice_u64(value, &v)) {
        p->length = v;
    }
    if (p->body && p->length) {
        p->length = raw.n < p->length ? p->length - raw.n : 0;
        return true;
    }
    bool sdp = s.n > 2 && s.p[1] == '=' && uct_isalpha((unsigned char)s.p[0]);
    return uct_x_key(s) || sdp || memchr("<{-", s.p[0], 3) || uct_x_header(s, NULL) || uct_x_is_diag(s);
}

/* Any stamp at all: another program's log line, but no prose. */
static bool is_stamp(struct uct_slice s)
{
    size_t digits = 0, n = s.n < 12 ? s.n : 12;
    for (size_t i = 0; i < n; i++) {
        digits += uct_isdigit((unsigned char)s.p[i]);
        if (!uct_isdigit((unsigned char)s.p[i]) && !memchr(" -/:.,TZ|[]", s.p[i], 11)) {
            return false;
        }
    }
    return digits >= 6;
}

/* Published copies lose the blank before the lines of a dump: what follows the
 * mark is the message all the same. */
static bool is_dump_line(struct purity *p, struct uct_slice raw, struct uct_slice s)
{
    if (uct_slice_starts(s, UCT_S("SIPMSG:")) || uct_slice_starts(s, UCT_S("HTTPMSG:"))) {
        p->message = true;
        p->body = false;
        return true;
    }
    bool request = uct_slice_starts(s, UCT_S("GET ")) || uct_slice_starts(s, UCT_S("POST ")) ||
                   uct_slice_starts(s, UCT_S("PUT "));
    return p->message && (is_message_line(p, raw, s) || uct_slice_starts(s, UCT_S("HTTP/1.")) ||
                          (request && contains(s, UCT_S(" HTTP/1."))));
}

/* A trace line with line ends in its text: the rest stands raw below it.  A
 * sentence is none, nor is what was wrapped off a line as wide as the widest. */
static bool is_rest_of_text(struct purity *p, struct uct_slice s)
{
    size_t width = p->before.n;
    p->before = s;
    bool fits = p->widest > WRAPPED_MOST || width + 1 + uct_x_first_word(s).n <= p->widest;
    return width && fits && !uct_x_is_sentence(s);
}

/* What the trace decoder prints where it has no text for a record (LYNC_SERVER.md section 2). */
static bool is_decoder_line(struct uct_slice s)
{
    return uct_slice_starts(s, UCT_S("No Format Information found")) ||
           uct_slice_starts(s, UCT_S("*****FormatMessage"));
}

static bool is_pure(struct purity *p, struct uct_slice raw, struct uct_slice s)
{
    if (p->state == LYNC_OPEN) {
        if (contains(s, UCT_S("$$end_record")) || contains(s, UCT_S("EndOf"))) {
            p->state = LYNC;
            p->before.n = 0;
        }
        return true;
    }
    if (!s.n || uct_isblank((unsigned char)raw.p[0])) {
        p->body |= p->message && !s.n;
        p->pdu |= p->state == EXPRESSWAY && contains(s, UCT_S(" PDU:"));
        if (p->state == EXPRESSWAY && s.n == 1 && s.p[0] == '|') {
            p->message = false;
        }
        p->message |= p->state == EXPRESSWAY && is_dump_mark(s);
        p->before.n = s.n ? p->before.n : 0;
        return true;
    }
    switch (p->state) {
    case EXPRESSWAY:
        p->pdu |= contains(s, UCT_S(" PDU:"));
        p->message &= s.n != 1 || s.p[0] != '|';
        /* `Module="..."` may stand on a line of its own, `e="..."` was cut off the line before. */
        return s.p[0] == '|' || p->pdu || ((unsigned)(s.p[0] - 'A') < 26u && uct_x_pair(s)) ||
               is_dump_line(p, raw, s);
    case LYNC:
        return uct_x_key(s) || uct_slice_starts(s, UCT_S("$$end_record")) || uct_slice_starts(s, UCT_S("----")) ||
               is_decoder_line(s) || is_rest_of_text(p, s);
    case UCCAPI:
        return (p->message && is_message_line(p, raw, s)) || is_rest_of_text(p, s);
    case MESSAGE:
    case BARE:
        return p->message && is_message_line(p, raw, s);
    default:
        return true;
    }
}

/* Bodies are not searched for heads that a message may hold. */
static enum uct_x_family head_of(const struct purity *p, struct uct_slice s)
{
    if (p->state == LYNC_OPEN && !uct_slice_starts(s, UCT_S("TL_")) && !uct_isdigit((unsigned char)s.p[0])) {
        return UCT_X_NONE;
    }
    return s.n ? uct_x_head(s, uct_slice("", 0)) : UCT_X_NONE;
}

/* What stands before a start line that opens no line: the "|" of a dump whose
 * record was left out, or a label ("Error message: SIP/2.0 404 Not Found").
 * Returns its length, 0 if there is none. */
static size_t before_start_line(struct uct_slice s)
{
    if (s.n > 12 && s.p[0] == '|') {
        return uct_x_is_start_line(uct_slice(s.p + 1, s.n - 1), uct_slice("", 0)) ? 1 : 0;
    }
    size_t at = uct_slice_find(uct_slice(s.p, s.n < 80 ? s.n : 80), UCT_S(": SIP/2.0 "));
    struct uct_slice rest = at == SIZE_MAX ? uct_slice("", 0) : uct_slice(s.p + at + 2, s.n - at - 2);
    struct uct_slice label = rest.n ? uct_x_last_word(uct_slice(s.p, at)) : rest;
    bool word = label.n && label.n < 24 && uct_isalnum((unsigned char)label.p[label.n - 1]);
    return word && !uct_x_sip_name(label) && !uct_x_lync_name(label) &&
           uct_x_is_start_line(rest, uct_slice("", 0)) ? at + 2 : 0;
}

/* A stamped head behind indentation (more than the one blank of a dump) or "| ". */
static enum uct_x_family quoted_head(const struct purity *p, struct uct_slice raw, struct uct_slice s)
{
    bool deep = raw.n > 1 && (raw.p[0] == '\t' || (raw.p[0] == ' ' && uct_isblank((unsigned char)raw.p[1])));
    if (raw.n > 1 && raw.p[0] == '|' && raw.p[1] == ' ') {
        s = uct_slice_trim(uct_slice(raw.p + 2, raw.n - 2));
    } else if (!deep) {
        return UCT_X_NONE;
    }
    enum uct_x_family f = s.n ? uct_x_head(s, uct_slice("", 0)) : UCT_X_NONE;
    /* Records without a stamp, and messages, stand indented in those that have one. */
    return f && (p->plain || f == UCT_X_EXPRESSWAY) && !uct_x_is_stamped(s) && f != UCT_X_LYNC && f != UCT_X_UCCAPI
               ? UCT_X_NONE : f;
}

/* "<166>1 2017-03-02T...": as it went over the wire to a syslog server. */
static struct uct_slice without_priority(struct uct_slice s)
{
    size_t n = 1;
    if (s.n < 24 || s.p[0] != '<') {
        return s;
    }
    while (n < 4 && uct_isdigit((unsigned char)s.p[n])) {
        n++;
    }
    if (n == 1 || s.p[n] != '>') {
        return s;
    }
    n += uct_slice_starts(uct_slice(s.p + n, s.n - n), UCT_S(">1 ")) ? 3 : 1;
    return uct_slice(s.p + n, s.n - n);
}

static void weigh(struct purity *p, struct uct_slice raw)
{
    struct uct_slice s = without_priority(uct_slice_trim(raw));
    bool plain = raw.n && !uct_isspace((unsigned char)raw.p[0]);
    enum uct_x_family head = plain ? head_of(p, s) : UCT_X_NONE;
    /* Inside a record of another family a bare line is that record's. */
    bool inner = head && p->state != BEFORE && (uct_x_is_diag(s) || uct_x_is_code(s)) && p->state != BARE;
    if (head && !inner) {
        enter(p, head, s);
        p->lines++;
        p->impure += head == UCT_X_SIP && has_glued_header(s);
        return;
    }
    /* A head that shows only when its quoting is off. */
    struct uct_x_line l;
    enum uct_x_family quoted = quoted_head(p, raw, s);
    if (quoted) {
        p->quoted++;
        p->family |= quoted != UCT_X_SIP;
        p->heads++;
        p->lines++;
        p->impure++;
        p->state = p->state == BEFORE ? BARE : p->state;
        return;
    }
    uct_x_unquote(raw, false, &l);
    if (l.s.n && l.s.p != raw.p && (l.mark || (plain && l.s.p[0] != '|')) &&
        uct_x_head(l.s, uct_slice("", 0))) {
        p->heads++;
        p->lines++;
        p->impure++;
        p->state = p->state == BEFORE ? BARE : p->state;
        return;
    }
    if (s.n && (p->state == BEFORE || p->state == BARE) && before_start_line(s)) {
        p->quoted++;
        p->heads++;
        p->state = BARE;
    }
    bool stamp = is_stamp(s);
    p->stamps += stamp;
    if (p->state == BEFORE) {
        p->event |= uct_slice_starts(s, UCT_S("Log Name:")) || uct_slice_starts(s, UCT_S("Event "));
        p->front += s.n && !uct_x_key(s) && !uct_slice_starts(s, UCT_S("HTTP/1."));
        return;
    }
    p->lines++;
    p->impure += !is_pure(p, raw, s) && !stamp;
}

static size_t widest_line(struct uct_slice rest)
{
    struct uct_slice line;
    size_t widest = 0;
    while (uct_next_line(&rest, &line)) {
        line = uct_slice_trim(line);
        if (line.n > widest && memchr(line.p, ' ', line.n)) {
            widest = line.n;
        }
    }
    return widest;
}

static int bid(struct uct_slice window, bool whole)
{
    struct purity p = {.widest = widest_line(window)};
    struct uct_slice rest = window, line;
    if (memchr(window.p, 0, window.n < 4096 ? window.n : 4096)) {
        return 0;
    }
    for (;;) {
        if (!uct_next_line(&rest, &line) || (!rest.n && !whole)) {
            break;
        }
        size_t impure = p.impure;
        weigh(&p, line);
        /* A log may stop anywhere in its last line. */
        if (!rest.n && window.p[window.n - 1] != '\n' && !uct_x_is_sentence(line))
            p.impure = impure;
    }
    /* SIP messages between the stamped lines of some other log are that log's. */
    if (!p.heads || (!p.family && p.stamps > p.impure)) {
        return 0;
    }
    /* Only bare messages: their parser wants nothing else beside them. */
    if (!p.family && !p.event) {
        p.impure += p.front;
        p.lines += p.front;
    }
    return p.impure * PURE_LINES > p.lines || p.quoted > p.plain ? BID_DOCUMENT : 0;
}

/* ---- finding the pieces ------------------------------------------------- */

/* A piece grows record by record until prose or another family comes; past
 * this it is closed at the next record. */
#define PIECE_SIZE ((size_t)1 << 20)

static const char *const family_format[UCT_X_NFAMILIES] = {[UCT_X_EXPRESSWAY] = "expressway",
                                                           [UCT_X_LYNC] = "lync-server",
                                                           [UCT_X_UCCAPI] = "uccapi",
                                                           [UCT_X_SIP] = "sip",
                                                           [UCT_X_EVENT] = "windows-event"};

struct scan {
    struct uct_x_reader r;
    struct uct_x_run run;
    struct uct_x_writer w;
    const struct uct_excerpt_sink *sink;
    size_t next; /* the piece goes on if a record starts at this line */
    uint64_t from, to;
    uint32_t line, end_line; /* the piece's lines: [line, end_line) */
    uint32_t prose;          /* lines before this one are accounted for */
};

static void close_piece(struct scan *sc)
{
    if (!sc->run.family) {
        return;
    }
    if (sc->line > sc->prose) {
        sc->sink->prose(sc->sink->arg, sc->prose, sc->line - sc->prose);
    }
    sc->prose = sc->end_line;
    if (!sc->w.out.failed) {
        struct uct_excerpt_piece p = {
            .format = family_format[sc->run.family],
            .text = uct_slice(sc->w.out.text.p, sc->w.out.text.n),
            .map = sc->w.out.map,
            .nmap = sc->w.out.nmap,
            .from = sc->from,
            .to = sc->to,
            .line = sc->line,
            .nlines = sc->end_line - sc->line,
        };
        sc->sink->piece(sc->sink->arg, &p);
    }
    sc->w.out.text.n = 0;
    sc->w.out.nmap = 0;
    sc->run = (struct uct_x_run){.end = sc->run.end};
}

/* A start line alone shows nothing. */
static bool is_worth(struct uct_x_reader *r, enum uct_x_family family, size_t i, size_t end)
{
    const struct uct_x_line *l = uct_x_at(r, i);
    return family != UCT_X_SIP || end > i + 1 || uct_x_is_diag(l->s) || has_glued_header(l->s);
}

/* "Log Name: ..." and an "Event ID:" soon after: a copied event. */
static bool is_event(struct uct_x_reader *r, size_t i, struct uct_slice s)
{
    if (!uct_slice_starts(s, UCT_S("Log Name:")) && !uct_slice_starts(s, UCT_S("Event Type:"))) {
        return false;
    }
    for (size_t k = i; k < i + 8; k++) {
        const struct uct_x_line *l = uct_x_at(r, k);
        if (l && contains(uct_slice(l->s.p, l->s.n < 400 ? l->s.n : 400), UCT_S("Event ID:"))) {
            return true;
        }
    }
    return false;
}

static enum uct_x_family family_at(struct uct_x_reader *r, size_t i)
{
    uct_x_at(r, i + 1);
    struct uct_x_line *l = uct_x_at(r, i);
    const struct uct_x_line *next = uct_x_at(r, i + 1);
    struct uct_slice s = l->s;
    bool head = uct_x_head(s, next ? next->s : uct_slice("", 0));
    size_t label = head ? 0 : before_start_line(s);
    if (label && next && uct_x_header(next->s, NULL)) {
        l->s = s = uct_slice(s.p + label, s.n - label);
    }
    if (l->foreign && !uct_isdigit((unsigned char)s.p[0])) {
        return UCT_X_NONE;
    }
    enum uct_x_family f = uct_x_head(s, next ? next->s : uct_slice("", 0));
    return f ? f : is_event(r, i, s) ? UCT_X_EVENT : UCT_X_NONE;
}

/* Takes the record that starts at line i; returns the line after it, or i
 * when there is none. */
static size_t take_record(struct scan *sc, enum uct_x_family family, size_t i)
{
    bool goes_on = sc->run.family == family && sc->next == i && sc->w.out.text.n < PIECE_SIZE;
    struct uct_x_run run = goes_on ? sc->run : (struct uct_x_run){.end = sc->run.end};
    run.family = family;
    size_t end = uct_x_find_end(&sc->r, &run, i);
    if (sc->r.failed || !is_worth(&sc->r, family, i, end)) {
        return i;
    }
    if (!goes_on) {
        close_piece(sc);
        const struct uct_x_line *l = uct_x_at(&sc->r, i);
        sc->from = l->start;
        sc->line = l->line;
    }
    if (goes_on && family == UCT_X_SIP) {
        uct_x_part(&sc->w);
    }
    sc->run = run;
    uct_x_write(&sc->w, &sc->r, &run, i, end);
    const struct uct_x_line *last = uct_x_at(&sc->r, end - 1);
    sc->to = last->end;
    sc->end_line = last->line + 1;
    sc->next = end;
    return end;
}

bool uct_excerpt_rewrite(struct uct_slice doc, const struct uct_excerpt_sink *sink)
{
    struct scan sc = {.r = {.doc = doc}, .sink = sink};
    for (size_t i = 0; uct_x_at(&sc.r, i) && !sc.w.out.failed;) {
        enum uct_x_family family = family_at(&sc.r, i);
        size_t end = family ? take_record(&sc, family, i) : i;
        i = end > i ? end : i + 1;
        if (sc.run.family && i > sc.next) {
            close_piece(&sc);
        }
        uct_x_forget(&sc.r, i);
    }
    close_piece(&sc);
    if (sc.r.line > sc.prose) {
        sink->prose(sink->arg, sc.prose, sc.r.line - sc.prose);
    }
    bool ok = !sc.r.failed && !sc.w.out.failed;
    free(sc.r.v);
    uct_x_writer_free(&sc.w);
    return ok;
}

/* ---- the parser --------------------------------------------------------- */

/* A piece whose parser is not there stays prose. */
static void hand_over(void *arg, const struct uct_excerpt_piece *p)
{
    struct uct_writer *w = arg;
    const struct uct_parser *parser = uct_parser_find(uct_slice_str(p->format));
    struct uct_writer *piece = parser && parser->parse ? uct_w_piece(w, parser, p->map, p->nmap) : NULL;
    if (!piece && parser && parser->parse) {
        uct_w_fail(w);
    }
    if (!piece) {
        uct_w_prose(w, p->line, p->nlines);
        return;
    }
    parser->parse(piece, &(struct uct_chunk){.text = p->text, .first = true, .last = true});
    uct_w_piece_end(piece, p->from, p->to, p->line, p->nlines);
}

static void count_prose(void *arg, uint32_t line, uint32_t nlines)
{
    uct_w_prose(arg, line, nlines);
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct uct_excerpt_sink sink = {.arg = w, .piece = hand_over, .prose = count_prose};
    if (!uct_excerpt_rewrite(c->text, &sink)) {
        uct_w_fail(w);
    }
    return c->text.n;
}

const struct uct_parser uct_parser_excerpt = {
    .name = "excerpt",
    .summary = "log text inside a ticket, mail, chat or article",
    .bid = bid,
    .parse = parse,
};
