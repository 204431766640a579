/* lync-server: trace text of OCS 2007 R2, Lync Server and Skype for Business
 * Server, as OCSLogger or Search-CsClsLogging write it.
 *
 *   TL_WARN(TF_DIAG) [pool\edge1]0584.0A44::03/02/2017-07:10:46.230.0000773E (SIPStack,
 *       SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(830)) [156659184] $$begin_record
 *   Severity: warning
 *   Text: ...
 *   $$end_record
 *
 * (the header is one line).  In place of `[pool\machine]` older versions print
 * a processor's number; `( pointer ) text` may stand in place of the begin mark.
 * A header always starts a record; without a begin mark the record lasts up to
 * the next header or an end mark that nothing began.  Times carry no zone and
 * are read as UTC.
 *
 * Reference: https://learn.microsoft.com/en-us/previous-versions/office/developer/
 * communication-server-2007/bb801688(v=office.12) */
#include "lync-record.h"
#include "parser.h"

#define HEAD_MIN 40             /* bytes of the shortest header */
#define MARK_LINES 4            /* lines of a header in which the begin mark is sought */
#define BEGIN UCT_S("$$begin_record")
#define END UCT_S("$$end_record")

/* ---- the header -------------------------------------------------------- */

struct head {
    struct uct_slice level, flag, context;
    int64_t time;
    size_t length;              /* up to and with the sequence number */
};

static struct uct_slice after(struct uct_slice s, size_t n)
{
    return uct_slice(s.p + n, s.n - n);
}

static bool eat(struct uct_slice *s, char c)
{
    if (s->n == 0 || *s->p != c)
        return false;
    *s = after(*s, 1);
    return true;
}

static bool flag_char(unsigned char c)
{
    return uct_isalnum(c) || c == '_' || c == '|' || c == ',' || c == ' ';
}

static bool upper_char(unsigned char c)
{
    return (unsigned)(c - 'A') < 26u;
}

static bool hex_char(unsigned char c)
{
    return uct_hexval(c) >= 0;
}

static bool context_char(unsigned char c)
{
    return c != ']' && c != '[' && c >= ' ';
}

/* Takes 1 to max characters of a class. */
static bool eat_class(struct uct_slice *s, bool (*is)(unsigned char), size_t max, struct uct_slice *out)
{
    size_t n = 0;
    while (n < s->n && n < max && is((unsigned char)s->p[n]))
        n++;
    *out = uct_slice(s->p, n);
    *s = after(*s, n);
    return n > 0;
}

static bool eat_digits(struct uct_slice *s, size_t n, int *v)
{
    *v = 0;
    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!uct_isdigit((unsigned char)s->p[i]))
            return false;
        *v = *v * 10 + (s->p[i] - '0');
    }
    *s = after(*s, n);
    return true;
}

/* MM/DD/YYYY-HH:MM:SS.mmm; more digits of a second are passed over. */
static bool eat_time(struct uct_slice *s, int64_t *time)
{
    int month, day, year, hour, minute, second, ms;
    if (!eat_digits(s, 2, &month) || !eat(s, '/') || !eat_digits(s, 2, &day) || !eat(s, '/') ||
        !eat_digits(s, 4, &year) || !eat(s, '-') || !eat_digits(s, 2, &hour) || !eat(s, ':') ||
        !eat_digits(s, 2, &minute) || !eat(s, ':') || !eat_digits(s, 2, &second) || !eat(s, '.') ||
        !eat_digits(s, 3, &ms))
        return false;
    while (s->n && uct_isdigit((unsigned char)s->p[0]))
        *s = after(*s, 1);
    *time = uct_time_civil(year, month, day, hour, minute, second, ms);
    return *time != UCT_NO_TIME;
}

/* The part of a header that every version prints alike.  What follows it, the
 * component and the mark, may stand on the next line of a wrapped text. */
static bool head_parse(struct uct_slice line, struct head *h)
{
    struct uct_slice s = line, ignored;
    if (s.n < HEAD_MIN || memcmp(s.p, "TL_", 3) != 0)
        return false;
    if (!eat_class(&s, upper_char, 3, &ignored) || !eat(&s, '_') || !eat_class(&s, upper_char, 16, &h->level))
        return false;
    h->level = uct_slice(line.p, h->level.n + 3);
    if (!eat(&s, '(') || !eat_class(&s, flag_char, 64, &h->flag) || !eat(&s, ')'))
        return false;
    while (eat(&s, ' '))
        ;
    if (!eat(&s, '[') || !eat_class(&s, context_char, 256, &h->context) || !eat(&s, ']'))
        return false;
    while (eat(&s, ' '))
        ;
    if (!eat_class(&s, hex_char, 8, &ignored) || !eat(&s, '.') || !eat_class(&s, hex_char, 8, &ignored) ||
        !eat(&s, ':') || !eat(&s, ':') || !eat_time(&s, &h->time) || !eat(&s, '.') ||
        !eat_class(&s, hex_char, 16, &ignored))
        return false;
    h->length = (size_t)(s.p - line.p);
    return s.n == 0 || uct_isspace((unsigned char)*s.p) || *s.p == '(';
}

static bool is_head(struct uct_slice line)
{
    struct head h;
    return head_parse(line, &h);
}

/* ---- a record ---------------------------------------------------------- */

struct record {
    struct uct_origin origin;
    struct uct_slice text;         /* clipped to the record limit */
    struct head head;
    bool headless;                 /* a body without its header */
    bool cut;                      /* ... which stood before the log begins */
    struct uct_slice component, function;
    struct uct_slice trace;        /* the number in brackets behind them */
    int64_t time;
    /* found while its end was sought, from its first byte on; SIZE_MAX: nowhere */
    size_t begin, end;             /* the marks */
    size_t keys;                   /* first line of `Key: value` of a record without begin mark */
    size_t sip;                    /* first line that is a SIP start line */
    size_t way, stop;              /* the lines of `>>>Outgoing SipMessage` and `---EndOf...` */
};

struct state {
    struct uct_writer *w;
    const struct uct_chunk *chunk;
    struct uct_slice text;
    size_t pos;
    uint32_t line;
    size_t eol_from, eol;          /* [eol_from, eol) holds one line end, its last byte */
    size_t mark;                   /* the next end mark at or after pos, SIZE_MAX: none */
    size_t orphan_from;            /* up to here no end mark stands before a header */
    size_t orphan_to;              /* up to here no header stands before an end mark */
    int64_t last_time;
    bool seen_head, said_cut;
    struct uct_lync_flat flat;
};

/* The line at pos; returns its length with its end.  The end is remembered:
 * records that follow one another on one line do not search it again. */
static size_t peek(struct state *s, size_t pos, struct uct_slice *line)
{
    if (pos < s->eol_from || pos >= s->eol) {
        const char *nl = memchr(s->text.p + pos, '\n', s->text.n - pos);
        s->eol_from = pos;
        s->eol = nl ? (size_t)(nl - s->text.p) + 1 : s->text.n;
    }
    size_t end = s->eol;
    while (end > pos && (s->text.p[end - 1] == '\n' || s->text.p[end - 1] == '\r'))
        end--;
    *line = uct_slice(s->text.p + pos, end - pos);
    return s->eol - pos;
}

/* The first end mark at or after pos.  Asked with growing positions it reads
 * the text once. */
static size_t next_mark(struct state *s, size_t pos)
{
    if (s->mark != SIZE_MAX && s->mark < pos) {
        size_t at = uct_slice_find(after(s->text, pos), END);
        s->mark = at == SIZE_MAX ? SIZE_MAX : pos + at;
    }
    return s->mark;
}

/* Lines that the text converter leaves where it could not decode an event. */
static bool is_noise(struct uct_slice line)
{
    if (line.n < 20 || !memchr("NU*", line.p[0], 3))
        return false;
    line.n = line.n > 512 ? 512 : line.n;
    return uct_slice_starts(line, UCT_S("*****FormatMessage")) ||
           uct_slice_find(line, UCT_S("No Format Information found")) != SIZE_MAX;
}

/* A header that the end of the log cut. */
static bool is_cut_head(const struct state *s, size_t pos, struct uct_slice line)
{
    return s->chunk->last && pos + line.n == s->text.n && uct_slice_starts(line, UCT_S("TL_"));
}

static bool is_foreign(const struct state *s, struct uct_slice line);

/* `>>>>>>>>>>>>Outgoing SipMessage`, or `<<<` and Incoming, in the first bytes
 * of a line; SIZE_MAX if it is not there. */
static size_t find_way(struct uct_slice line)
{
    line.n = line.n < 1024 ? line.n : 1024;
    size_t at = uct_slice_find(line, UCT_S("ing SipMessage"));
    if (at == SIZE_MAX || at < 6)
        return SIZE_MAX;
    struct uct_slice way = after(line, at - 6);
    bool known = uct_slice_starts(way, UCT_S(">Outgoing")) || uct_slice_starts(way, UCT_S("<Incoming"));
    return known ? at - 6 : SIZE_MAX;
}

/* Notes what a line of a record without begin mark is; at is its place. */
static void look_at_line(struct record *r, size_t at, struct uct_slice line)
{
    if (line.n == 0)
        return;
    if (r->way == SIZE_MAX) {
        size_t way = find_way(line);
        r->way = way == SIZE_MAX ? way : at + way;
    }
    if (at == 0 && !r->headless)
        return;
    if (r->way != SIZE_MAX && uct_slice_starts(line, UCT_S("----")) &&
        uct_slice_find(uct_slice(line.p, line.n < 128 ? line.n : 128), UCT_S("-EndOf")) != SIZE_MAX)
        r->stop = at;
    if (r->sip == SIZE_MAX && r->keys == SIZE_MAX && uct_sip_start_line(line))
        r->sip = at;
    if (r->sip == SIZE_MAX && r->keys == SIZE_MAX && r->way == SIZE_MAX && uct_lync_key_line(line))
        r->keys = at;
}

/* Does the record end before the line at pos, which is not its first? */
static bool ends_before(struct state *s, const struct record *r, size_t pos, struct uct_slice line)
{
    if (line.n == 0)
        return false;
    if (is_head(line) || is_cut_head(s, pos, line))
        return true;
    bool lost = pos - r->origin.offset > uct_w_record_limit(s->w);
    if (r->begin != SIZE_MAX && !lost)
        return false;
    if (r->way != SIZE_MAX && r->stop == SIZE_MAX && !lost)
        return false;
    if (is_noise(line))
        return true;
    return !uct_sip_start_line(line) && is_foreign(s, line);
}

/* Moves past the end mark at `mark`; a header glued behind it stays. */
static void pass_mark(struct state *s, size_t mark, size_t line_end)
{
    size_t p = mark + END.n;
    while (p < line_end && uct_isblank((unsigned char)s->text.p[p]))
        p++;
    struct uct_slice rest = {0};
    if (p < line_end)
        peek(s, p, &rest);
    if (is_head(rest)) {
        s->pos = p;
        return;
    }
    s->pos = line_end;
    s->line++;
}

/* Looks for the begin mark in a line at `at`, before the end mark. */
static void find_begin(struct record *r, size_t at, struct uct_slice line, size_t end)
{
    size_t begin = uct_slice_find(uct_slice(line.p, line.n < end ? line.n : end), BEGIN);
    if (begin != SIZE_MAX)
        r->begin = at + begin;
}

/* Finds where the record that starts at pos ends and moves there. */
static void find_end(struct state *s, struct record *r)
{
    r->begin = r->end = r->keys = r->sip = r->way = r->stop = SIZE_MAX;
    r->origin = (struct uct_origin){.offset = s->pos, .line = s->line};
    size_t from = s->pos, lines = 0;
    struct uct_slice line;
    for (size_t taken; s->pos < s->text.n && (taken = peek(s, s->pos, &line)); lines++) {
        if (lines && ends_before(s, r, s->pos, line))
            break;
        size_t mark = next_mark(s, s->pos);
        if (lines < MARK_LINES && r->begin == SIZE_MAX)
            find_begin(r, s->pos - from, line, mark - s->pos);
        if (r->begin == SIZE_MAX)
            look_at_line(r, s->pos - from, line);
        if (mark < s->pos + taken) {
            r->end = mark - from;
            pass_mark(s, mark, s->pos + taken);
            break;
        }
        s->pos += taken;
        s->line++;
        if (r->stop != SIZE_MAX)
            break;
    }
    size_t n = s->pos - from, limit = uct_w_record_limit(s->w);
    r->origin.length = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    if (n > limit)
        uct_w_note(s->w, UCT_NOTE_LONG_RECORD, r->origin.line);
    r->text = uct_slice(s->text.p + from, n > limit ? limit : n);
}

/* ---- what a record says ------------------------------------------------ */

/* `(component,func:file(line))`: the close is the first `))` behind a digit. */
static struct uct_slice component_parse(struct record *r, struct uct_slice s)
{
    size_t max = s.n < 1024 ? s.n : 1024, close = 0;
    for (size_t i = 2; i < max && !close; i++)
        if (s.p[i] == ')' && s.p[i - 1] == ')' && uct_isdigit((unsigned char)s.p[i - 2]))
            close = i;
    if (!close) {
        const char *p = memchr(s.p, ')', max);
        if (!p)
            return s;
        close = (size_t)(p - s.p);
    }
    struct uct_slice in = uct_slice(s.p + 1, close - 1);
    const char *comma = memchr(in.p, ',', in.n);
    r->component = uct_slice_trim(uct_slice(in.p, comma ? (size_t)(comma - in.p) : in.n));
    if (comma) {
        in = after(in, (size_t)(comma - in.p) + 1);
        const char *colon = memrchr(in.p, ':', in.n);
        r->function = uct_slice_trim(uct_slice(in.p, colon ? (size_t)(colon - in.p) : in.n));
    }
    return after(s, close + 1);
}

static struct uct_slice skip_space(struct uct_slice s)
{
    while (s.n && uct_isspace((unsigned char)*s.p))
        s = after(s, 1);
    return s;
}

/* `( 00000000028FDD70 )` or `[156659184]`: passed over; *word is what stands inside. */
static struct uct_slice skip_bracket(struct uct_slice s, char open, char close, struct uct_slice *word)
{
    struct uct_slice t = s;
    *word = uct_slice(s.p, 0);
    if (!eat(&t, open))
        return s;
    t = skip_space(t);
    if (!eat_class(&t, hex_char, 20, word))
        return s;
    t = skip_space(t);
    if (eat(&t, close))
        return skip_space(t);
    word->n = 0;
    return s;
}

/* A server's number for a message: decimal digits that are not all zeros; else an empty slice. */
static struct uct_slice trace_number(struct uct_slice s)
{
    bool zeros = true;
    for (size_t i = 0; i < s.n; i++) {
        if (!uct_isdigit((unsigned char)s.p[i]))
            return uct_slice(s.p, 0);
        zeros &= s.p[i] == '0';
    }
    return zeros ? uct_slice(s.p, 0) : s;
}

/* Splits the header's second half off; returns where the text begins. */
static size_t tail_of(struct record *r)
{
    if (r->headless)
        return 0;
    struct uct_slice s = skip_space(after(r->text, r->head.length < r->text.n ? r->head.length : r->text.n));
    if (s.n && *s.p == '(')
        s = component_parse(r, s);
    struct uct_slice pointer;
    s = skip_bracket(skip_space(s), '(', ')', &pointer);
    s = skip_bracket(s, '[', ']', &r->trace);
    r->trace = trace_number(r->trace);
    return (size_t)(s.p - r->text.p);
}

static struct uct_slice part(const struct record *r, size_t from, size_t to)
{
    to = to < r->text.n ? to : r->text.n;
    return uct_slice_trim(uct_slice(r->text.p + (from < to ? from : to), from < to ? to - from : 0));
}

/* ---- SIP messages of the S4 component ---------------------------------- */

/* `c=[<...>], 192.0.2.1:5061->192.0.2.2:5061`.  The arrow points from sender
 * to receiver in either direction; `<-` occurs for incoming ones. */
static bool arrow_ends(struct uct_slice way, struct uct_slice *from, struct uct_slice *to)
{
    struct uct_slice s = way;
    for (const char *dash; s.n && (dash = memchr(s.p, '-', s.n)); s = after(s, (size_t)(dash - s.p) + 1)) {
        bool right = dash + 1 < way.p + way.n && dash[1] == '>', left = dash > way.p && dash[-1] == '<';
        if (right == left)
            continue;
        const char *a = dash - left, *b = dash + 1 + right, *begin = a, *end = b;
        while (begin > way.p && !uct_isspace((unsigned char)begin[-1]) && begin[-1] != ',')
            begin--;
        while (end < way.p + way.n && !uct_isspace((unsigned char)*end) && *end != ',')
            end++;
        struct uct_slice one = uct_slice(begin, (size_t)(a - begin)), two = uct_slice(b, (size_t)(end - b));
        *from = right ? one : two;
        *to = right ? two : one;
        return one.n && two.n;
    }
    return false;
}

static void keep_raw_message(struct state *s, const struct record *r)
{
    struct uct_sip m;
    struct uct_slice from = {0}, to = {0}, way = {0}, rest = part(r, r->way, SIZE_MAX);
    uct_next_line(&rest, &way);
    way.n = way.n > 512 ? 512 : way.n;
    size_t stop = r->stop != SIZE_MAX ? r->stop : r->end;
    if (!uct_sip_parse(part(r, r->sip, stop), (struct uct_sip_layout){0}, &m))
        return;
    struct uct_sip_context c = {.time = r->time, .sight = UCT_SIGHT_TEXT, .text = r->text};
    c.process = r->component;
    bool ends = arrow_ends(way, &from, &to);
    if (uct_slice_find(way, UCT_S("Outgoing")) != SIZE_MAX) {
        c.dir = UCT_DIR_OUT;
        c.local = ends ? from : c.local;
        c.remote = ends ? to : c.remote;
    } else if (uct_slice_find(way, UCT_S("Incoming")) != SIZE_MAX) {
        c.dir = UCT_DIR_IN;
        c.local = ends ? to : c.local;
        c.remote = ends ? from : c.remote;
    }
    uct_sip_keep(s->w, &r->origin, &c, &m);
}

/* ---- diagnostic and connection records, trace lines -------------------- */

struct facts {
    struct uct_slice text, data, method, ruri, call_id;
    uint32_t cseq;
    struct uct_lync_result result;
    bool not_routed;
};

static bool routing_text(struct uct_slice text)
{
    static const char *const says[] = {
        "not be routed", "not routed", "cannot route", "could not route", "unable to route", "failed to route",
        "resolved by dns srv but none",
        "does not appear to belong to a federated partner",
    };
    text.n = text.n > 4096 ? 4096 : text.n;
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (uct_slice_ifind(text, uct_slice_str(says[i])) != SIZE_MAX)
            return true;
    return false;
}

/* 0xC3E93Cxx and 0xC3E93Dxx are the server's routing errors. */
static bool not_routed(struct state *s, const struct record *r, const struct uct_lync_body *b,
                       const struct facts *f)
{
    struct uct_slice severity = uct_lync_get(b, UCT_S("Severity"));
    bool bad = uct_slice_istarts(severity, UCT_S("warning")) || uct_slice_istarts(severity, UCT_S("error"));
    if (severity.n == 0)
        bad = uct_slice_eq(r->head.level, UCT_S("TL_ERROR")) || uct_slice_eq(r->head.level, UCT_S("TL_WARN"));
    if (!bad || b->npairs == 0)
        return false;
    if (f->result.known && (f->result.code & 0xfffffe00u) == 0xc3e93c00u)
        return true;
    return routing_text(uct_lync_flatten(&s->flat, f->text)) ||
           routing_text(uct_lync_flatten(&s->flat, f->data));
}

static struct uct_slice word(struct uct_slice *s)
{
    struct uct_slice t = skip_space(*s);
    size_t n = 0;
    while (n < t.n && !uct_isspace((unsigned char)t.p[n]))
        n++;
    *s = after(t, n);
    return uct_slice(t.p, n);
}

/* The request that a diagnostic record speaks of. */
static void read_request(const struct uct_lync_body *b, struct facts *f)
{
    struct uct_slice start = uct_lync_get(b, UCT_S("SIP-Start-Line"));
    struct uct_slice cseq = uct_lync_get(b, UCT_S("SIP-CSeq")), id = uct_lync_get(b, UCT_S("SIP-Call-ID"));
    uint64_t n = 0;
    f->call_id = word(&id);
    struct uct_slice number = word(&cseq), method = word(&cseq);
    if (uct_slice_u64(number, &n))
        f->cseq = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    f->method = method;
    if (!uct_slice_istarts(start, UCT_S("SIP/2.0"))) {
        struct uct_slice first = word(&start);
        f->method = first.n ? first : method;
        f->ruri = uct_sip_uri_bare(word(&start));
    }
}

/* Every key of the body under its own name, but for those that have a name of
 * their own with us. */
static void keep_pairs(struct state *s, const struct uct_lync_body *b)
{
    static const char *const own[] = {"Text", "Result-Code", "SIP-Start-Line", "SIP-Call-ID",
                                      "SIP-CSeq", "Peer", "Trace-Correlation-Id"};
    for (size_t i = 0; i < b->npairs; i++) {
        const struct uct_lync_pair *p = &b->pair[i];
        bool done = false;
        for (size_t k = 0; k < sizeof own / sizeof *own && !done; k++)
            done = uct_slice_eq(p->name, uct_slice_str(own[k]));
        if (!done)
            uct_lync_field_text(s->w, &s->flat, p->name, p->value);
    }
}

static struct uct_slice machine(const struct head *h)
{
    const char *slash = h->context.n ? memrchr(h->context.p, '\\', h->context.n) : NULL;
    return slash ? after(h->context, (size_t)(slash - h->context.p) + 1) : uct_slice("", 0);
}

/* The body says it where there is a body for it, the header of newer versions always. */
static struct uct_slice trace_of(const struct record *r, const struct uct_lync_body *b)
{
    struct uct_slice v = uct_lync_get(b, UCT_S("Trace-Correlation-Id"));
    v = trace_number(word(&v));
    return v.n ? v : r->trace;
}

static void keep_trace(struct state *s, const struct record *r, const struct uct_lync_body *b,
                       const struct facts *f)
{
    struct uct_writer *w = s->w;
    if (!uct_keep_begin(w, UCT_KIND_TRACE, &r->origin, r->time, r->text))
        return;
    uct_lync_field_text(w, &s->flat, UCT_S("text"), f->text);
    uct_lync_field_result(w, &f->result);
    uct_lync_field_text(w, &s->flat, UCT_S("start-line"), uct_lync_get(b, UCT_S("SIP-Start-Line")));
    uct_lync_field(w, UCT_S("method"), f->method);
    uct_lync_field(w, UCT_S("ruri"), f->ruri);
    uct_lync_field(w, UCT_S("call-id"), f->call_id);
    uct_lync_field_text(w, &s->flat, UCT_S("cseq"), uct_lync_get(b, UCT_S("SIP-CSeq")));
    uct_lync_fields_peer(w, &s->flat, uct_lync_get(b, UCT_S("Peer")));
    uct_lync_field(w, UCT_S("component"), r->component);
    uct_lync_field(w, UCT_S("function"), r->function);
    uct_lync_field(w, UCT_S("level"), r->head.level);
    uct_lync_field(w, UCT_S("flag"), r->head.flag);
    uct_lync_field(w, UCT_S("machine"), machine(&r->head));
    uct_lync_field(w, UCT_S("trace-correlation-id"), trace_of(r, b));
    keep_pairs(s, b);
    uct_lync_fields_data(w, &s->flat, f->data);
    uct_keep_call(w, f->call_id, 0, f->not_routed);
    uct_keep_end(w);
}

static void hit_flat(struct state *s, struct uct_slice text)
{
    struct uct_slice flat = uct_lync_flatten(&s->flat, text);
    if (flat.n)
        uct_hit_text(s->w, flat);
}

/* The code of the record is that of its Result-Code, or else the first one. */
static void hit_results(struct state *s, struct facts *f, const struct uct_lync_body *b,
                        struct uct_slice whole)
{
    for (size_t i = 0; i < b->npairs; i++) {
        const struct uct_lync_pair *p = &b->pair[i];
        if (!uct_slice_eq(p->name, UCT_S("Result-Code")))
            continue;
        /* With its key in front, which makes bare digits a code. */
        size_t n = (size_t)(p->value.p + p->value.n - p->name.p);
        uct_lync_hit_results(s->w, uct_slice(p->name.p, n), &f->result);
        struct uct_slice v = p->value;
        word(&v);
        if (f->result.known && f->result.name.n == 0)        /* the name stands on the next line */
            f->result.name = word(&v);
        break;
    }
    uct_lync_hit_results(s->w, whole, &f->result);
}

/* The call's other ids: the number of its message, the port that it came from. */
static void tie(struct state *s, const struct record *r, const struct uct_lync_body *b, const struct facts *f)
{
    uint32_t call_id = uct_w_intern_id(s->w, f->call_id);
    struct uct_slice peer = uct_lync_get(b, UCT_S("Peer"));
    if (!uct_slice_ieq(f->method, UCT_S("INVITE")))
        return;
    uct_w_tie(s->w, &r->origin, UCT_TIE_TRACE, r->time, call_id, 0, trace_of(r, b), machine(&r->head));
    uct_w_tie(s->w, &r->origin, UCT_TIE_PEER, r->time, call_id, 0, word(&peer), uct_slice("", 0));
}

/* lead: text between the header and the body, or all there is. */
static void take_trace(struct state *s, const struct record *r, struct uct_slice lead, struct uct_slice body,
                       const struct uct_lync_body *b)
{
    struct facts f = {.text = uct_lync_get(b, UCT_S("Text")), .data = uct_lync_get(b, UCT_S("Data"))};
    bool shapeless = f.text.n == 0 && f.data.n == 0;
    hit_results(s, &f, b, body);
    uct_lync_hit_results(s->w, lead, &f.result);
    hit_flat(s, lead);
    hit_flat(s, f.result.name);
    hit_flat(s, shapeless ? body : f.text);
    if (!shapeless)
        hit_flat(s, f.data);
    if (f.text.n == 0)
        f.text = lead.n ? lead : body;
    read_request(b, &f);
    f.not_routed = not_routed(s, r, b, &f);
    struct uct_slice peer = uct_slice_trim(uct_lync_get(b, UCT_S("Peer")));
    struct uct_told told = {f.call_id, f.method, f.ruri, peer, f.cseq, f.not_routed};
    if (f.call_id.n) {
        uct_w_sighting(s->w, &r->origin, r->time, &told);
        tie(s, r, b, &f);
    }
    keep_trace(s, r, b, &f);
}

static void take_content(struct state *s, struct record *r)
{
    struct uct_lync_body b;
    size_t tail = tail_of(r);
    size_t from = r->begin != SIZE_MAX ? r->begin + BEGIN.n : r->keys, lead_to = r->end;
    lead_to = lead_to < r->begin ? lead_to : r->begin;
    lead_to = lead_to < r->keys ? lead_to : r->keys;
    lead_to = lead_to < r->sip ? lead_to : r->sip;
    lead_to = lead_to < r->way ? lead_to : r->way;
    struct uct_slice lead = part(r, tail, lead_to), body = part(r, from, r->end);
    bool raw = r->begin == SIZE_MAX && r->sip != SIZE_MAX;
    uct_lync_body_split(raw ? uct_slice(body.p, 0) : body, &b);
    if (r->cut && (raw || b.message.n))
        return;
    if (raw) {
        keep_raw_message(s, r);
        if (lead.n)
            take_trace(s, r, lead, uct_slice(lead.p, 0), &b);
        return;
    }
    struct uct_sip_context c = {.time = r->time, .process = r->component, .text = r->text,
                                .trace = trace_of(r, &b), .machine = machine(&r->head)};
    if (!uct_lync_keep_message(s->w, &r->origin, &b, &c))
        take_trace(s, r, lead, body, &b);
}

/* ---- framing ----------------------------------------------------------- */

static bool is_foreign(const struct state *s, struct uct_slice line)
{
    return uct_foreign_head(s->w, &uct_parser_lync_server, line) != NULL;
}

/* Says what is wrong with the record's frame. */
static void note_frame(struct state *s, const struct record *r)
{
    bool open = (r->begin != SIZE_MAX && r->end == SIZE_MAX) || (r->way != SIZE_MAX && r->stop == SIZE_MAX);
    if (r->begin == SIZE_MAX && r->end != SIZE_MAX && !(r->headless && uct_w_is_piece(s->w)))
        uct_w_note(s->w, UCT_NOTE_ORPHAN_END, r->origin.line);
    if (!open)
        return;
    bool at_end = s->pos == s->text.n;
    if (at_end && s->chunk->cut)
        return;          /* goes on in the next chunk */
    bool cut = at_end && s->chunk->last && !uct_w_is_piece(s->w);
    uct_w_note(s->w, cut ? UCT_NOTE_CUT_END : UCT_NOTE_NO_END, r->origin.line);
}

static void take_record(struct state *s, const struct head *h)
{
    struct record r = {.head = *h, .time = h->time};
    uct_w_record(s->w, h->time, UCT_BASIS_ASSUMED_UTC);
    if (s->last_time != UCT_NO_TIME && h->time < s->last_time - 1000)
        uct_w_note(s->w, UCT_NOTE_TIME_BACK, s->line);
    s->last_time = h->time;
    s->seen_head = true;
    find_end(s, &r);
    uct_w_host(s->w, &r.origin, machine(h));
    note_frame(s, &r);
    take_content(s, &r);
}

/* A body whose header is missing.  In a piece of a document it is a record;
 * at the front of a log it is the rest of one that is not there. */
static void take_orphan(struct state *s, bool cut)
{
    struct record r = {.headless = true, .cut = cut, .time = UCT_NO_TIME};
    find_end(s, &r);
    if (!cut) {
        uct_w_record(s->w, UCT_NO_TIME, UCT_BASIS_NONE);
        note_frame(s, &r);
    }
    take_content(s, &r);
}

/* Is there an end mark between pos and the next header?  The answer for a run
 * of lines is remembered, so that each line is looked at once. */
static bool ends_orphan(struct state *s)
{
    if (s->pos < s->orphan_from)
        return false;
    if (s->pos < s->orphan_to)
        return true;
    size_t mark = next_mark(s, s->pos), pos = s->pos;
    struct uct_slice line;
    if (mark == SIZE_MAX) {
        s->orphan_from = s->text.n;
        return false;
    }
    for (size_t taken; pos <= mark && (taken = peek(s, pos, &line)); pos += taken) {
        if (is_head(line) || (is_foreign(s, line) && !uct_sip_start_line(line))) {
            s->orphan_from = pos;
            return false;
        }
    }
    s->orphan_to = mark;
    return true;
}

/* `Key: value`, a continuation or a line of SDP: what stands in a body. */
static bool body_line(struct uct_slice line)
{
    size_t n = 0;
    if (uct_isblank((unsigned char)line.p[0]))
        return true;
    if (line.n > 2 && line.p[1] == '=' && uct_isalpha((unsigned char)line.p[0]))
        return true;
    while (n < line.n && n < 40 && (uct_isalnum((unsigned char)line.p[n]) || line.p[n] == '-'))
        n++;
    return n && n < line.n && line.p[n] == ':';
}

/* A line that belongs to no record begun by a header. */
static void take_stray(struct state *s, struct uct_slice line, size_t taken)
{
    bool front = s->chunk->first && !s->seen_head && !uct_w_is_piece(s->w);
    bool starts = uct_lync_key_line(line) || uct_slice_find(line, UCT_S("$$")) != SIZE_MAX;
    bool orphan = (front || starts) && ends_orphan(s);
    orphan |= uct_w_is_piece(s->w) && uct_lync_key_line(line);
    if (front && !s->said_cut && (orphan || body_line(line))) {
        uct_w_note(s->w, UCT_NOTE_CUT_BEGIN, s->line);
        s->said_cut = true;
    }
    if (orphan) {
        take_orphan(s, front);
        return;
    }
    if (is_cut_head(s, s->pos, line))
        uct_w_note(s->w, UCT_NOTE_CUT_END, s->line);
    else if (!front || !body_line(line))
        uct_w_unparsed(s->w, s->line, 1);
    s->pos += taken;
    s->line++;
}

/* Returns false when the line is another format's. */
static bool take_line(struct state *s)
{
    struct uct_slice line;
    struct head h;
    size_t taken = peek(s, s->pos, &line);
    if (head_parse(line, &h)) {
        take_record(s, &h);
        return true;
    }
    bool skip = uct_slice_trim(line).n == 0;
    if (!skip && is_noise(line)) {
        uct_w_record(s->w, UCT_NO_TIME, UCT_BASIS_NONE);
        skip = true;
    }
    if (!skip && is_foreign(s, line))
        return false;
    if (!skip && !(s->chunk->continued && !s->seen_head)) {
        take_stray(s, line, taken);
        return true;
    }
    s->pos += taken;
    s->line++;
    return true;
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct state s = {.w = w, .chunk = c, .text = c->text, .last_time = UCT_NO_TIME};
    size_t mark = uct_slice_find(c->text, END);
    s.mark = mark;
    while (s.pos < s.text.n && !uct_w_failed(w))
        if (!take_line(&s))
            return s.pos;
    return s.text.n;
}

static size_t split(struct uct_slice text)
{
    const char *end = text.n ? memrchr(text.p, '\n', text.n) : NULL;
    while (end && end > text.p) {
        const char *before = memrchr(text.p, '\n', (size_t)(end - text.p));
        const char *start = before ? before + 1 : text.p;
        if (start > text.p && is_head(uct_slice(start, (size_t)(end - start))))
            return (size_t)(start - text.p);
        end = before;
    }
    return 0;
}

/* Bodies pasted without their header: two keys that only these traces have, and lines that begin with keys.  A text
 * that only speaks of them has those words in the middle of its sentences. */
static bool bare_body(struct uct_slice window)
{
    bool diag = uct_slice_find(window, UCT_S("Result-Code: 0x")) != SIZE_MAX &&
                uct_slice_find(window, UCT_S("SIP-Call-ID:")) != SIZE_MAX;
    if (!diag && (uct_slice_find(window, UCT_S("Trace-Correlation-Id:")) == SIZE_MAX ||
                  uct_slice_find(window, UCT_S("Start-Line:")) == SIZE_MAX))
        return false;
    size_t keys = 0, lines = 0;
    for (struct uct_slice line; uct_next_line(&window, &line);) {
        lines += uct_slice_trim(line).n > 0;
        keys += uct_lync_key_line(line);
    }
    return keys && keys * 5 >= lines;
}

static int bid(struct uct_slice window, bool whole)
{
    struct uct_slice rest = window, line;
    int score = 0;
    (void)whole;
    while (score < 96 && uct_next_line(&rest, &line))
        if (is_head(line))
            score += score ? UCT_BID_MORE : UCT_BID_RECORD;
    if (score == 0 && bare_body(window))
        score = UCT_BID_RECORD;
    if (score == 0)
        return 0;
    score += uct_slice_find(window, BEGIN) != SIZE_MAX ? UCT_BID_MORE : 0;
    score += uct_slice_find(window, END) != SIZE_MAX ? UCT_BID_MORE : 0;
    return score;
}

const struct uct_parser uct_parser_lync_server = {
    .name = "lync-server",
    .summary = "OCS, Lync and Skype for Business Server traces as text (OCSLogger, CLS)",
    .bid = bid,
    .head = is_head,
    .split = split,
    .parse = parse,
};
