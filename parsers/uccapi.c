/* uccapi: the client's trace (Communicator 2007 to Skype for Business 2016), `*.UccApilog`.
 *
 *   line   = date "|" time SP id ":" id SP level 1*SP "::" [SP text]
 *   date   = MM/DD/YYYY    time = HH:MM:SS.mmm    id = hexadecimal, not padded
 *   level  = TRACE INFO WARN ERROR ?????
 *
 *   04/16/2013|03:17:30.168 1F68:C14 INFO  :: Sending Packet - 192.0.2.1:5061 (From Local Address: \
 *                                             192.0.2.9:20323) 503 bytes:     <- one line
 *   04/16/2013|03:17:30.168 1F68:C14 INFO  :: INVITE sip:alice@example.com SIP/2.0
 *   Via: SIP/2.0/TLS 192.0.2.9:20323              <- headers and body stand raw
 *   ...
 *   04/16/2013|03:17:30.168 1F68:C14 INFO  :: End of Sending Packet - 192.0.2.1:5061 (...) 503 bytes
 *
 * What the layout rests on: https://www.msxfaq.de/skype_for_business/tools/public/parseuccapilog.htm
 *
 * Each line with a prefix is a record, the raw lines behind it are its continuation.  A message is
 * what begins at a start line, with a prefix or (the second message of a packet) without; it ends
 * at the next line with a prefix, or at the next start line behind its Content-Length.  Several
 * threads write one file, so packets are told apart by the ids of their lines.
 *
 * Weakness: a line of another thread in the middle of a message ends it there. */
#include "parser.h"
#include "sip/keep.h"

#include <stdio.h>

#define PREFIX_MIN 34          /* "01/02/2003|04:05:06.789 1:2 INFO ::" less one */
#define BLOCKS 8               /* packets open at a time: one per thread that writes */
#define CODES 8                /* result codes looked at in one record */

/* ---- one line ---------------------------------------------------------- */

struct prefix {
    int64_t time;
    struct uct_slice ids;      /* "1F68:C14" */
    struct uct_slice level;    /* without its padding */
    struct uct_slice text;     /* behind ":: " */
};

/* Two digits, or a negative number. */
static int two(const char *p)
{
    return uct_isdigit((unsigned char)p[0]) && uct_isdigit((unsigned char)p[1])
               ? (p[0] - '0') * 10 + p[1] - '0'
               : -99;
}

static bool stamp(const char *p, int64_t *time)
{
    if (p[2] != '/' || p[5] != '/' || p[10] != '|' || p[13] != ':' || p[16] != ':' || p[19] != '.' ||
        p[23] != ' ')
        return false;
    int year = two(p + 6) * 100 + two(p + 8), tail = two(p + 21);
    if (two(p + 8) < 0 || tail < 0 || !uct_isdigit((unsigned char)p[20]))
        return false;
    *time = uct_time_civil(year, two(p), two(p + 3), two(p + 11), two(p + 14), two(p + 17),
                           (p[20] - '0') * 100 + tail);
    return *time != UCT_NO_TIME;
}

static bool all_hex(const char *p, size_t n)
{
    if (n == 0 || n > 8)
        return false;
    for (size_t i = 0; i < n; i++)
        if (uct_hexval((unsigned char)p[i]) < 0)
            return false;
    return true;
}

static bool is_ids(struct uct_slice t)
{
    const char *colon = memchr(t.p, ':', t.n);
    return colon && all_hex(t.p, (size_t)(colon - t.p)) &&
           all_hex(colon + 1, (size_t)(t.p + t.n - colon - 1));
}

static bool is_level(struct uct_slice t)
{
    return uct_slice_eq(t, UCT_S("INFO")) || uct_slice_eq(t, UCT_S("TRACE")) ||
           uct_slice_eq(t, UCT_S("WARN")) || uct_slice_eq(t, UCT_S("ERROR")) ||
           uct_slice_eq(t, UCT_S("?????"));
}

/* The logger can be told to add numbers of its own to the prefix; where they stand is not known. */
static bool is_number(struct uct_slice t)
{
    for (size_t i = 0; i < t.n; i++)
        if (!uct_isdigit((unsigned char)t.p[i]) && t.p[i] != '.')
            return false;
    return t.n > 0 && t.n <= 20;
}

static bool parse_prefix(struct uct_slice line, struct prefix *out)
{
    if (line.n < PREFIX_MIN || line.p[2] != '/' || line.p[10] != '|' || !stamp(line.p, &out->time))
        return false;
    out->ids = out->level = uct_slice(NULL, 0);
    size_t i = 24;
    for (int tokens = 0; tokens < 6; tokens++) {
        while (i < line.n && line.p[i] == ' ')
            i++;
        size_t begin = i;
        while (i < line.n && line.p[i] != ' ' && i - begin < 24)
            i++;
        struct uct_slice t = uct_slice(line.p + begin, i - begin);
        if (!out->ids.n && is_ids(t))
            out->ids = t;
        else if (out->ids.n && !out->level.n && is_level(t))
            out->level = t;
        else if (out->level.n && uct_slice_eq(t, UCT_S("::"))) {
            i += i < line.n;
            out->text = uct_slice(line.p + i, line.n - i);
            return true;
        } else if (!is_number(t))
            return false;
    }
    return false;
}

static bool head(struct uct_slice line)
{
    struct prefix pre;
    return parse_prefix(line, &pre);
}

enum mark { MARK_NONE, MARK_SENT, MARK_RECEIVED };

/* "Sending Packet -" or "Data Received -": begins or, behind "End of", ends a packet. */
static enum mark packet_mark(struct uct_slice text, struct uct_slice *rest)
{
    enum mark m = MARK_NONE;
    if (uct_slice_starts(text, UCT_S("Sending Packet")))
        m = MARK_SENT;
    else if (uct_slice_starts(text, UCT_S("Data Received")))
        m = MARK_RECEIVED;
    else
        return MARK_NONE;
    size_t i = m == MARK_SENT ? 14 : 13;
    while (i < text.n && text.p[i] == ' ')
        i++;
    if (i == text.n || text.p[i] != '-')
        return MARK_NONE;
    *rest = uct_slice(text.p + i + 1, text.n - i - 1);
    return m;
}

static bool end_mark(struct uct_slice text)
{
    struct uct_slice rest;
    return uct_slice_starts(text, UCT_S("End of ")) &&
           packet_mark(uct_slice(text.p + 7, text.n - 7), &rest) != MARK_NONE;
}

/* Cheap look before the strict one: most lines of a message fail here. */
static bool start_line(struct uct_slice line)
{
    line = uct_slice_trim(line);
    if (line.n < 11 || (memcmp(line.p, "SIP/2.0", 7) != 0 && memcmp(line.p + line.n - 7, "SIP/2.0", 7) != 0))
        return false;
    return uct_sip_start_line(line);
}

/* "module=... flavor=fre version=...": what a run of the program begins with. */
static bool is_banner(struct uct_slice line)
{
    return uct_slice_starts(line, UCT_S("module="));
}

/* Line at text[at..] without its end, however many CRs that has; *next is where the one behind begins. */
static struct uct_slice line_at(struct uct_slice text, size_t at, size_t *next)
{
    const char *p = text.p + at, *nl = memchr(p, '\n', text.n - at);
    size_t n = nl ? (size_t)(nl - p) : text.n - at;
    *next = at + n + (nl != NULL);
    while (n && p[n - 1] == '\r')
        n--;
    return uct_slice(p, n);
}

static size_t bom(struct uct_slice text)
{
    return uct_slice_starts(text, UCT_S("\xEF\xBB\xBF")) ? 3 : 0;
}

/* ---- bid, split -------------------------------------------------------- */

/* Raw lines are pure inside a message only, give or take a text record of several lines; a
 * document with pieces of a trace in it has many others.  Such a window bids for its one verified
 * record, without what is given for more. */
static int bid(struct uct_slice window, bool whole)
{
    size_t records = 0, lines = 0, impure = 0;
    bool packet = false, end = false, start = false, in_message = false;
    (void)whole;
    for (size_t at = bom(window), next; at < window.n; at = next) {
        struct uct_slice line = line_at(window, at, &next), rest;
        struct prefix pre;
        lines += records > 0;
        if (parse_prefix(line, &pre)) {
            records++;
            in_message = start_line(pre.text);
            start |= in_message;
            packet |= packet_mark(pre.text, &rest) != MARK_NONE;
            end |= end_mark(pre.text);
        } else if (records && line.n && !in_message && !is_banner(line)) {
            in_message = start_line(line);
            impure += !in_message;
        }
    }
    if (records == 0)
        return 0;
    if (impure > 2 && impure * 50 > lines)
        return UCT_BID_RECORD;
    size_t more = records > 13 ? 12 : records - 1;
    return UCT_BID_RECORD + UCT_BID_MORE * (int)(more + packet + end + start);
}

/* A packet's head, alone on its line: behind it nothing of what came before matters. */
static bool splits_here(struct uct_slice line)
{
    struct prefix pre;
    struct uct_slice rest;
    return parse_prefix(line, &pre) && packet_mark(pre.text, &rest) != MARK_NONE;
}

static size_t split(struct uct_slice text)
{
    size_t end = text.n;
    while (end > 1) {
        const char *nl = memrchr(text.p, '\n', end - 1);
        if (!nl)
            return 0;
        size_t at = (size_t)(nl - text.p) + 1;
        if (at < end && splits_here(uct_slice(text.p + at, end - at)))
            return at;
        end = at;
    }
    return 0;
}

/* ---- state ------------------------------------------------------------- */

struct block {
    struct uct_slice ids, local, remote;
    enum uct_dir dir;
    uint32_t line;
    bool open;
    bool used;                 /* a message was found in it */
};

enum item { ITEM_NONE, ITEM_TEXT, ITEM_MARK, ITEM_MESSAGE };
enum part { PART_HEADERS, PART_BODY, PART_OVER };

struct state {
    struct uct_writer *w;
    const struct uct_chunk *c;
    struct uct_slice text;
    uint32_t line;
    struct prefix pre;         /* of the last line that had one */
    bool seen;                 /* there was one */
    bool lead;                 /* lines stand before the first that are no banner and not empty */
    /* the item at hand: from begin on, its words from words on */
    enum item item;
    size_t begin, words;
    uint32_t begin_line;
    /* the message at hand */
    enum part part;
    size_t end;                /* where its body ended, once it is over */
    uint64_t left;             /* bytes of the body still to come */
    bool crs;                  /* its lines kept their CR */
    bool indented, first;
    bool doubled, between;     /* a copy with an empty line behind each line; one is due */
    bool has_length;
    enum uct_dir dir;
    struct uct_slice local, remote;
    struct block blocks[BLOCKS];
};

static struct block *block_of(struct state *s, struct uct_slice ids)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        if (s->blocks[i].open && uct_slice_eq(s->blocks[i].ids, ids))
            return &s->blocks[i];
    return NULL;
}

/* The packet a message belongs to.  When none has its ids, the only packet that is open and still
 * waits for its message will be it: ids get lost when traces are copied about. */
static struct block *block_for_message(struct state *s)
{
    struct block *b = block_of(s, s->pre.ids), *only = NULL;
    if (b)
        return b;
    for (unsigned i = 0; i < BLOCKS; i++) {
        if (!s->blocks[i].open)
            continue;
        if (only)
            return NULL;
        only = &s->blocks[i];
    }
    return only && !only->used ? only : NULL;
}

/* " 192.0.2.1:5061 (From Local Address: 192.0.2.9:20323) 503 bytes:"; what is missing stays empty. */
static void addresses(struct uct_slice rest, struct block *b)
{
    rest = uct_slice_trim(rest);
    size_t n = 0;
    while (n < rest.n && !uct_isblank((unsigned char)rest.p[n]) && rest.p[n] != '(')
        n++;
    b->remote = uct_slice(rest.p, n);
    size_t at = uct_slice_find(rest, UCT_S("Local Address:"));
    if (at == SIZE_MAX)
        return;
    rest = uct_slice_trim(uct_slice(rest.p + at + 14, rest.n - at - 14));
    for (n = 0; n < rest.n && !uct_isblank((unsigned char)rest.p[n]) && rest.p[n] != ')';)
        n++;
    b->local = uct_slice(rest.p, n);
}

static void open_block(struct state *s, enum mark m, struct uct_slice rest)
{
    struct block *b = block_of(s, s->pre.ids);
    if (b)
        uct_w_note(s->w, UCT_NOTE_NO_END, b->line);
    for (unsigned i = 0; !b && i < BLOCKS; i++)
        if (!s->blocks[i].open)
            b = &s->blocks[i];
    if (!b)
        b = &s->blocks[s->line % BLOCKS];
    *b = (struct block){.ids = s->pre.ids, .line = s->line, .open = true};
    b->dir = m == MARK_SENT ? UCT_DIR_OUT : UCT_DIR_IN;
    addresses(rest, b);
}

/* Behind a split the packet may have begun in the chunk before: only a first chunk can tell. */
static void close_block(struct state *s)
{
    struct block *b = block_of(s, s->pre.ids);
    if (b)
        b->open = false;
    else if (s->c->first && !uct_w_is_piece(s->w))
        uct_w_note(s->w, s->seen ? UCT_NOTE_ORPHAN_END : UCT_NOTE_CUT_BEGIN, s->line);
}

/* ---- records of text --------------------------------------------------- */

struct codes {
    struct {
        uint32_t value;
        struct uct_slice name;
    } at[CODES];
    size_t n;
};

static void add_code(struct codes *c, uint32_t value, struct uct_slice name)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->at[i].value == value) {
            if (!c->at[i].name.n)
                c->at[i].name = name;
            return;
        }
    if (c->n == CODES)
        return;
    c->at[c->n].value = value;
    c->at[c->n++].name = name;
}

/* Only such lines hold result codes: any other number is an address or a count. */
static bool may_hold_codes(const struct state *s, struct uct_slice t)
{
    return uct_slice_eq(s->pre.level, UCT_S("ERROR")) || uct_slice_eq(s->pre.level, UCT_S("WARN")) ||
           uct_slice_find(t, UCT_S("failed")) != SIZE_MAX ||
           uct_slice_find(t, UCT_S("HRESULT")) != SIZE_MAX || uct_slice_find(t, UCT_S("hr")) != SIZE_MAX;
}

static void find_codes(struct uct_slice t, struct codes *c)
{
    struct uct_slice name = {NULL, 0};
    uint32_t value = 0;
    for (size_t pos = 0, next; c->n < CODES; pos = next) {
        next = uct_result_next(t, pos, &value, &name);
        if (next <= pos)
            return;
        add_code(c, value, name);
    }
}

/* "Class::Function[0x0040]- text" and "Function - text": what stands before the dash, if it is one word. */
static struct uct_slice function_of(struct uct_slice t)
{
    size_t n = 0;
    while (n < t.n && !uct_isblank((unsigned char)t.p[n]) && t.p[n] != '[' && n < 128)
        n++;
    size_t i = n;
    if (i < t.n && t.p[i] == '[') {
        const char *close = memchr(t.p + i, ']', t.n - i < 32 ? t.n - i : 32);
        if (!close)
            return uct_slice(NULL, 0);
        i = (size_t)(close - t.p) + 1;
    }
    while (i < t.n && t.p[i] == ' ')
        i++;
    if (i + 1 < t.n && t.p[i] == '-' && t.p[i + 1] == ' ')
        return uct_slice(t.p, n);
    return uct_slice(NULL, 0);
}

static void keep_text(struct state *s, const struct uct_origin *o, struct uct_slice t, const struct codes *c,
                      size_t i)
{
    struct uct_slice all = uct_slice_trim(uct_slice(s->text.p + s->begin, o->length));
    if (!uct_keep_begin(s->w, UCT_KIND_CODE, o, s->pre.time, all))
        return;
    if (i < c->n) {
        char hex[16];
        int n = snprintf(hex, sizeof hex, "0x%08x", (unsigned)c->at[i].value);
        uct_keep_field(s->w, UCT_S("result"), uct_slice(hex, (size_t)n));
        uct_keep_field(s->w, UCT_S("result-name"), c->at[i].name);
    }
    uct_keep_field(s->w, UCT_S("text"), t);
    uct_keep_field(s->w, UCT_S("function"), function_of(t));
    uct_keep_field(s->w, UCT_S("level"), s->pre.level);
    uct_keep_end(s->w);
}

/* The first code and the literals make one kept record, each further code one of its own. */
static void text_record(struct state *s, const struct uct_origin *o, struct uct_slice t)
{
    struct codes c = {.n = 0};
    t = uct_slice_trim(t);
    uct_hits_clear(s->w);
    uct_hit_text(s->w, t);
    if (may_hold_codes(s, t))
        find_codes(t, &c);
    size_t i = 0;
    do {
        if (i < c.n)
            uct_hit_number(s->w, UCT_KEY_RESULT, c.at[i].value);
        if (uct_hits(s->w))
            keep_text(s, o, t, &c, i);
    } while (++i < c.n);
}

/* ---- messages ---------------------------------------------------------- */

static void message(struct state *s, const struct uct_origin *o, struct uct_slice t)
{
    struct uct_sip m;
    if (!uct_sip_parse(t, (struct uct_sip_layout){.indented = s->indented}, &m))
        return;
    struct uct_sip_context c = {.time = s->pre.time, .dir = s->dir, .sight = UCT_SIGHT_TEXT,
                                .local = s->local, .remote = s->remote};
    c.text = uct_slice_trim(uct_slice(s->text.p + s->begin, o->length));
    uct_hits_clear(s->w);
    uct_sip_keep(s->w, o, &c, &m);
}

static bool lost_text(struct uct_slice t)
{
    struct uct_slice said = UCT_S("Log message too long!");
    t = uct_slice_trim(t);
    return t.n >= said.n && memcmp(t.p + t.n - said.n, said.p, said.n) == 0;
}

/* What ends at `at` is whole now. */
static void flush(struct state *s, size_t at)
{
    enum item item = s->item;
    s->item = ITEM_NONE;
    if (item == ITEM_NONE)
        return;
    size_t limit = uct_w_record_limit(s->w),
           stop = item == ITEM_MESSAGE && s->part == PART_OVER ? s->end : at;
    if (lost_text(uct_slice(s->text.p + s->words, at - s->words)))
        uct_w_note(s->w, UCT_NOTE_LOST_TEXT, s->begin_line);
    if (limit && at - s->begin > limit) {
        uct_w_note(s->w, UCT_NOTE_LONG_RECORD, s->begin_line);
        stop = stop - s->begin > limit ? s->begin + limit : stop;
    }
    struct uct_origin o = {.offset = s->begin, .length = (uint32_t)(at - s->begin), .line = s->begin_line};
    if (at - s->begin > UINT32_MAX)
        o.length = UINT32_MAX;
    struct uct_slice t =
        stop > s->words ? uct_slice(s->text.p + s->words, stop - s->words) : uct_slice("", 0);
    if (item == ITEM_MESSAGE)
        message(s, &o, t);
    else if (item == ITEM_TEXT)
        text_record(s, &o, t);
}

static void begin_item(struct state *s, enum item item, size_t at, size_t words)
{
    s->item = item;
    s->begin = at;
    s->words = words;
    s->begin_line = s->line;
}

static void begin_message(struct state *s, size_t at, size_t words)
{
    struct block *b = block_for_message(s);
    begin_item(s, ITEM_MESSAGE, at, words);
    s->part = PART_HEADERS;
    s->left = 0;
    s->crs = s->indented = s->has_length = false;
    s->first = true;
    s->dir = b ? b->dir : UCT_DIR_UNKNOWN;
    s->local = b ? b->local : uct_slice(NULL, 0);
    s->remote = b ? b->remote : uct_slice(NULL, 0);
    if (b)
        b->used = true;
}

/* "token:", blanks before the colon allowed.  No header begins with a digit, but stamps do. */
static size_t header_name(struct uct_slice line)
{
    size_t n = 0;
    if (!line.n || !uct_isalpha((unsigned char)line.p[0]))
        return 0;
    while (n < line.n && (uct_isalnum((unsigned char)line.p[n]) || line.p[n] == '-' || line.p[n] == '_'))
        n++;
    size_t i = n;
    while (i < line.n && uct_isblank((unsigned char)line.p[i]))
        i++;
    return i < line.n && line.p[i] == ':' ? n : 0;
}

static void content_length(struct state *s, struct uct_slice line)
{
    size_t n = header_name(line);
    if (s->has_length || !n || !uct_sip_header_is(uct_slice(line.p, n), UCT_S("Content-Length")))
        return;
    const char *colon = memchr(line.p + n, ':', line.n - n);
    struct uct_slice value = uct_slice_trim(uct_slice(colon + 1, (size_t)(line.p + line.n - colon - 1)));
    s->has_length = uct_slice_u64(value, &s->left) > 0;
}

static void message_over(struct state *s, size_t at)
{
    s->part = PART_OVER;
    s->end = at;
}

/* False when the line cannot be part of a message's head. */
static bool header_line(struct state *s, struct uct_slice line, size_t next)
{
    if (s->first) {
        s->first = false;
        s->indented = line.n > 1 && line.p[0] == ' ' && header_name(uct_slice(line.p + 1, line.n - 1)) > 0;
        size_t behind;
        s->doubled = line.n == 0 && header_name(line_at(s->text, next, &behind)) > 0;
        s->between = s->doubled;
    }
    s->crs |= line.p + line.n < s->text.p + s->text.n && line.p[line.n] == '\r';
    if (uct_slice_trim(line).n == 0) {
        if (s->between) {
            s->between = false;
            return true;
        }
        s->part = PART_BODY;
        if (s->left == 0)
            message_over(s, next);
        else if (s->doubled)
            s->left = UINT64_MAX / 2;      /* of no use: the next prefix ends it */
        return true;
    }
    s->between = s->doubled;
    struct uct_slice bare = s->indented && line.p[0] == ' ' ? uct_slice(line.p + 1, line.n - 1) : line;
    if (bare.n && (bare.p[0] | 0x20) != 'v')
        content_length(s, bare);
    return uct_isblank((unsigned char)line.p[0]) || header_name(bare) > 0;
}

/* The body ends inside this line: the next message or record may be glued to it. */
static bool glued(const struct state *s, struct uct_slice line)
{
    struct uct_slice rest = uct_slice(line.p + s->left, line.n - (size_t)s->left);
    return head(rest) || start_line(rest);
}

/* Takes a line of the body; returns where the next one begins. */
static size_t body_line(struct state *s, struct uct_slice line, size_t at, size_t next)
{
    if (s->left < line.n && glued(s, line)) {
        message_over(s, at + (size_t)s->left);
        return s->end;
    }
    size_t size = next - at;
    if (!s->crs && size > line.n)
        size = line.n + 2;         /* the log dropped the CR that the length counts */
    if (size >= s->left || line.n >= s->left)
        message_over(s, next);
    else
        s->left -= size;
    return next;
}

/* ---- the walk ---------------------------------------------------------- */

static void count_record(struct state *s, int64_t before)
{
    uct_w_record(s->w, s->pre.time, UCT_BASIS_ASSUMED_UTC);
    if (s->seen && s->pre.time < before - 1000)
        uct_w_note(s->w, UCT_NOTE_TIME_BACK, s->line);
}

static void leave_lead(struct state *s, bool headed)
{
    if (s->seen || !s->lead || s->c->continued)
        return;
    if (headed && s->c->first && !uct_w_is_piece(s->w))
        uct_w_note(s->w, UCT_NOTE_CUT_BEGIN, 0);
    uct_w_unparsed(s->w, 0, s->line);
}

static void prefixed_line(struct state *s, size_t at, const struct prefix *pre)
{
    struct uct_slice rest;
    int64_t before = s->pre.time;
    size_t words = (size_t)(pre->text.p - s->text.p);
    flush(s, at);
    leave_lead(s, true);
    s->lead = false;
    s->pre = *pre;
    count_record(s, before);
    enum mark m = packet_mark(pre->text, &rest);
    if (m != MARK_NONE) {
        open_block(s, m, rest);
        begin_item(s, ITEM_MARK, at, words);
    } else if (end_mark(pre->text)) {
        close_block(s);
        begin_item(s, ITEM_MARK, at, words);
    } else if (start_line(pre->text)) {
        while (s->text.p[words] == ' ')
            words++;
        begin_message(s, at, words);
    } else {
        begin_item(s, ITEM_TEXT, at, words);
    }
    s->seen = true;
}

/* A bare message or header is no other format here, it is what is left of this one. */
static bool foreign(const struct state *s, struct uct_slice line)
{
    const struct uct_parser *p = line.n ? uct_foreign_head(s->w, &uct_parser_uccapi, line) : NULL;
    return p && p != &uct_parser_sip;
}

/* A line without prefix outside a message's headers and body.  False: another format begins. */
static bool raw_line(struct state *s, struct uct_slice line, size_t at)
{
    if (s->c->continued && !s->seen)
        return true;
    if (start_line(line)) {
        flush(s, at);
        leave_lead(s, true);
        s->lead = false;
        begin_message(s, at, at);
        return true;
    }
    if (foreign(s, line))
        return false;
    if (!s->seen && s->item == ITEM_NONE)
        s->lead |= uct_slice_trim(line).n > 0 && !is_banner(line);
    return true;
}

/* Takes one line; returns where the next one begins, or SIZE_MAX when another format begins here. */
static size_t take_line(struct state *s, size_t at)
{
    size_t next;
    struct uct_slice line = line_at(s->text, at, &next);
    struct prefix pre;
    if (parse_prefix(line, &pre)) {
        prefixed_line(s, at, &pre);
        return next;
    }
    if (s->item == ITEM_MESSAGE && s->part == PART_BODY)
        return body_line(s, line, at, next);
    if (s->item == ITEM_MESSAGE && s->part == PART_HEADERS && !start_line(line)) {
        if (header_line(s, line, next) || !foreign(s, line))
            return next;
        return SIZE_MAX;
    }
    return raw_line(s, line, at) ? next : SIZE_MAX;
}

/* A packet without its end whose message is not all there, or that has none: the file was cut. */
static void note_cut_end(struct state *s)
{
    if (!s->c->last || uct_w_is_piece(s->w))
        return;
    struct block *b = s->seen ? block_of(s, s->pre.ids) : NULL;
    bool cut = s->item == ITEM_MESSAGE ? s->part != PART_OVER && (b || s->dir == UCT_DIR_UNKNOWN)
                                       : s->item == ITEM_MARK && b && !b->used;
    if (cut)
        uct_w_note(s->w, UCT_NOTE_CUT_END, s->begin_line);
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct state s = {.w = w, .c = c, .text = c->text, .pre = {.time = UCT_NO_TIME}};
    size_t at = c->first ? bom(c->text) : 0;
    while (at < c->text.n) {
        size_t next = take_line(&s, at);
        if (next == SIZE_MAX)
            break;
        s.line += next > at && c->text.p[next - 1] == '\n';
        at = next;
    }
    if (at >= c->text.n) {
        note_cut_end(&s);
        s.line += c->text.n && c->text.p[c->text.n - 1] != '\n';
        uct_w_lines(w, s.line);
    }
    leave_lead(&s, false);
    flush(&s, at);
    return at;
}

const struct uct_parser uct_parser_uccapi = {
    .name = "uccapi",
    .summary = "trace of the Lync or Skype for Business client (UccApilog)",
    .bid = bid,
    .head = head,
    .split = split,
    .parse = parse,
};
