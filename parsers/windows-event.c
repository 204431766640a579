/* windows-event: entries of the Windows event log as people copy them.
 *
 *   Log Name:      Lync Server              Event Type:  Error
 *   Source:        LS Protocol Stack        Event Source:  OCS Protocol Stack
 *   Date:          3/13/2014 2:25:38 PM     Event ID:  14428
 *   Event ID:      14428                    Date:  3/13/2009
 *   Level:         Error                    Time:  2:25:38 PM
 *   Computer:      edge1.example.com        Computer:  EDGE1
 *   Description:                            Description:
 *   TLS outgoing connection failures. ...   ...
 *
 * Also: several such entries flattened into one line; `Time:/ID:/Level:/
 * Source:/Message:`; an `Event Xml:` tail; a bare `Event ID: 32263` with text
 * under it.  Keys come in any order up to the description, which lasts until
 * the next entry.  Dates follow the reader's locale: one that reads both ways
 * is left out. */
#include "lync-record.h"
#include "parser.h"

/* ---- keys -------------------------------------------------------------- */

enum key {
    K_LOG, K_SOURCE, K_DATE, K_ID, K_CATEGORY, K_LEVEL, K_KEYWORDS, K_USER, K_COMPUTER, K_OPCODE, K_TIME,
    K_TEXT, K_XML, K_NKEYS, K_NONE = K_NKEYS
};

struct key_name {
    const char *name;
    enum key key;
};

/* Longer names before those they end with. */
static const struct key_name key_names[] = {
    {"Log Name:", K_LOG}, {"Event Source:", K_SOURCE}, {"Source:", K_SOURCE}, {"Logged:", K_DATE},
    {"Date:", K_DATE}, {"Event ID:", K_ID}, {"ID:", K_ID}, {"Task Category:", K_CATEGORY},
    {"Event Category:", K_CATEGORY}, {"Event Type:", K_LEVEL}, {"Level:", K_LEVEL}, {"Keywords:", K_KEYWORDS},
    {"User:", K_USER}, {"Computer:", K_COMPUTER}, {"Machine:", K_COMPUTER}, {"OpCode:", K_OPCODE},
    {"Time:", K_TIME}, {"Description:", K_TEXT}, {"Message:", K_TEXT}, {"Event Xml:", K_XML},
};

static struct uct_slice after(struct uct_slice s, size_t n)
{
    return uct_slice(s.p + n, s.n - n);
}

static struct uct_slice skip_blank(struct uct_slice s)
{
    while (s.n && uct_isblank((unsigned char)*s.p))
        s = after(s, 1);
    return s;
}

static struct uct_slice skip_space(struct uct_slice s)
{
    while (s.n && uct_isspace((unsigned char)*s.p))
        s = after(s, 1);
    return s;
}

/* The key that s begins with; *n is its length with the colon. */
static enum key key_at(struct uct_slice s, size_t *n)
{
    if (s.n == 0 || !memchr("LESDITKUCMO", s.p[0], 11))
        return K_NONE;
    for (size_t i = 0; i < sizeof key_names / sizeof *key_names; i++) {
        if (key_names[i].name[0] != s.p[0])
            continue;
        struct uct_slice name = uct_slice_str(key_names[i].name);
        if (!uct_slice_istarts(s, name))
            continue;
        if (s.n > name.n && !uct_isspace((unsigned char)s.p[name.n]))
            continue;
        *n = name.n;
        return key_names[i].key;
    }
    return K_NONE;
}

/* ---- time -------------------------------------------------------------- */

static bool eat_number(struct uct_slice *s, int *v)
{
    uint64_t x;
    size_t n = uct_slice_u64(*s, &x);
    if (n == 0 || n > 4)
        return false;
    *v = (int)x;
    *s = after(*s, n);
    return true;
}

static bool eat(struct uct_slice *s, const char *any)
{
    if (s->n == 0 || !strchr(any, *s->p) || *s->p == '\0')
        return false;
    *s = after(*s, 1);
    return true;
}

struct clock {
    int hour, minute, second;
    bool half;                 /* AM or PM stands behind it */
};

static bool eat_clock(struct uct_slice *s, struct clock *c)
{
    *c = (struct clock){0};
    if (!eat_number(s, &c->hour) || !eat(s, ":") || !eat_number(s, &c->minute))
        return false;
    if (eat(s, ":") && !eat_number(s, &c->second))
        return false;
    *s = skip_blank(*s);
    bool pm = uct_slice_istarts(*s, UCT_S("PM"));
    if (!pm && !uct_slice_istarts(*s, UCT_S("AM")))
        return true;
    c->half = true;
    c->hour = c->hour > 12 ? 99 : c->hour % 12 + (pm ? 12 : 0);
    *s = after(*s, 2);
    return true;
}

/* 3/13/2014 2:25:38 PM, 13/03/2014 14:25:38, 13.03.2014 14:25:38 or ISO 8601.
 * AM and PM mean month first.  date and clock may be one slice or two. */
static int64_t time_parse(struct uct_slice date, struct uct_slice clock, bool *zoned)
{
    int64_t ms;
    *zoned = false;
    int a, b, year;
    struct clock c;
    struct uct_slice s = date;
    if (uct_time_parse(date, &ms, zoned))
        return ms;
    if (!eat_number(&s, &a))
        return UCT_NO_TIME;
    bool dots = s.n && *s.p == '.';
    if (!eat(&s, "/.-") || !eat_number(&s, &b) || !eat(&s, "/.-") || !eat_number(&s, &year) || year < 1990)
        return UCT_NO_TIME;
    eat(&s, ",");
    s = skip_blank(s);
    if (!eat_clock(&s, &c) && !eat_clock(&clock, &c))
        return UCT_NO_TIME;
    bool day_first = dots || a > 12;
    if (!day_first && b <= 12 && a != b && !c.half)
        return UCT_NO_TIME;
    return uct_time_civil(year, day_first ? b : a, day_first ? a : b, c.hour, c.minute, c.second, 0);
}

/* ---- where an entry begins --------------------------------------------- */

static bool level_word(struct uct_slice s)
{
    static const char *const words[] = {"Error", "Warning", "Information", "Critical", "Verbose",
                                        "Success Audit", "Failure Audit", "Audit Success", "Audit Failure"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (uct_slice_istarts(s, uct_slice_str(words[i])))
            return true;
    return false;
}

static bool event_number(struct uct_slice s, uint32_t *id)
{
    uint64_t v;
    size_t n = uct_slice_u64(s, &v);
    if (n == 0 || v > 0xffffffffu || (n < s.n && !uct_isspace((unsigned char)s.p[n])))
        return false;
    *id = (uint32_t)v;
    return true;
}

/* What of a line can begin an entry: a first key with a value that fits. */
enum start { START_NO, START_BARE_ID, START_TIME, START_FULL };

static enum start start_of(struct uct_slice line)
{
    size_t n = 0;
    uint32_t id;
    struct uct_slice s = skip_blank(line);
    if (s.n < 6 || !memchr("LET", s.p[0] & ~0x20, 3))
        return START_NO;
    enum key k = key_at(s, &n);
    struct uct_slice v = k == K_NONE ? s : skip_blank(after(s, n));
    v.n = v.n > 128 ? 128 : v.n;
    switch (k) {
    case K_LOG:
        return v.n && uct_isalnum((unsigned char)*v.p) ? START_FULL : START_NO;
    case K_LEVEL:
        return uct_slice_istarts(s, UCT_S("Event Type:")) && level_word(v) ? START_FULL : START_NO;
    case K_TIME: {
        const char *sep = v.n ? memchr(v.p, '/', v.n < 6 ? v.n : 6) : NULL;
        bool digit = v.n && uct_isdigit((unsigned char)*v.p);
        if (!sep && v.n > 4)
            sep = v.p[4] == '-' ? v.p : NULL;
        return digit && sep ? START_TIME : START_NO;
    }
    case K_ID:
        if (!uct_slice_istarts(s, UCT_S("Event ID:")) || !event_number(v, &id) || id > 65535)
            return START_NO;
        return START_BARE_ID;
    default:
        return START_NO;
    }
}

/* A line with a time alone is too weak: the parser looks at the next one. */
static bool is_head(struct uct_slice line)
{
    enum start start = start_of(line);
    return start == START_FULL || start == START_BARE_ID;
}

/* ---- one entry --------------------------------------------------------- */

struct event {
    struct uct_origin origin;
    struct uct_slice text;              /* all of it, clipped */
    struct uct_slice value[K_NKEYS];
    bool seen[K_NKEYS];
    bool has_id;
    uint32_t id;
};

struct state {
    struct uct_writer *w;
    const struct uct_chunk *chunk;
    struct uct_slice text;
    size_t pos;
    uint32_t line;
    size_t eol_from, eol;           /* [eol_from, eol) holds one line end, its last byte */
    size_t next_log, next_type;     /* further entries of a flattened line, see next_entry() */
    bool seen_head;
    struct uct_lync_flat flat;
};

static void set(struct event *e, enum key k, struct uct_slice v)
{
    if (e->seen[k])
        return;
    e->seen[k] = true;
    e->value[k] = uct_slice_trim(v);
    if (k == K_ID)
        e->has_id = event_number(e->value[k], &e->id);
}

/* The next key of a flattened line from i on.  Each counts once only, so that
 * values may hold its word.  Returns line.n if there is none. */
static size_t next_key(const struct event *e, struct uct_slice line, size_t i, enum key open, enum key *k,
                       size_t *n)
{
    for (; i < line.n; i++) {
        if (i == 0 || !uct_isspace((unsigned char)line.p[i - 1]))
            continue;
        *k = key_at(after(line, i), n);
        if (*k != K_NONE && *k != open && !e->seen[*k])
            return i;
    }
    return line.n;
}

/* Cuts one line of keys, several of which may follow one another.  Returns the
 * position behind `Description:` if that is in it, else SIZE_MAX. */
static size_t cut_keys(struct event *e, struct uct_slice line)
{
    size_t n = 0;
    enum key open = key_at(line, &n);
    size_t from = n;
    while (open != K_TEXT && open != K_XML) {
        enum key k = K_NONE;
        size_t to = next_key(e, line, from, open, &k, &n);
        set(e, open, uct_slice(line.p + from, to - from));
        if (to == line.n)
            return SIZE_MAX;
        open = k;
        from = to + n;
    }
    return open == K_XML ? line.n : from;
}

/* Reads the keys of the entry, up to its text. */
static void cut_event(struct event *e)
{
    struct uct_slice rest = e->text, line;
    const char *end = e->text.p + e->text.n;
    size_t n;
    while (uct_next_line(&rest, &line)) {
        line = skip_blank(line);
        if (uct_slice_trim(line).n == 0)
            continue;
        if (key_at(line, &n) == K_NONE) {       /* no `Description:`: the text begins all the same */
            e->value[K_TEXT] = uct_slice(line.p, (size_t)(end - line.p));
            break;
        }
        size_t text = cut_keys(e, line);
        if (text != SIZE_MAX) {
            e->value[K_TEXT] = uct_slice(line.p + text, (size_t)(end - line.p) - text);
            break;
        }
    }
    size_t xml = uct_slice_find(e->value[K_TEXT], UCT_S("Event Xml:"));
    if (xml != SIZE_MAX)
        e->value[K_TEXT].n = xml;
    e->value[K_TEXT] = uct_slice_trim(e->value[K_TEXT]);
}

/* The first line of the text that is a SIP start line. */
static struct uct_slice find_message(struct uct_slice text)
{
    struct uct_slice rest = text, line;
    while (uct_next_line(&rest, &line))
        if (uct_sip_start_line(line))
            return uct_slice(line.p, (size_t)(text.p + text.n - line.p));
    return uct_slice(text.p, 0);
}

/* A message that the text quotes: as a protocol record, or as it is. */
static void take_message(struct state *s, const struct event *e, int64_t time)
{
    struct uct_lync_body b;
    struct uct_sip m;
    struct uct_sip_context c = {.time = time, .sight = UCT_SIGHT_TEXT, .text = e->text};
    c.process = e->value[K_SOURCE];
    uct_lync_body_split(e->value[K_TEXT], &b);
    if (uct_lync_keep_message(s->w, &e->origin, &b, &c))
        return;
    struct uct_slice raw = find_message(e->value[K_TEXT]);
    if (raw.n && uct_sip_parse(raw, (struct uct_sip_layout){0}, &m))
        uct_sip_keep(s->w, &e->origin, &c, &m);
}

static void keep_event(struct state *s, const struct event *e, int64_t time, const struct uct_lync_result *r)
{
    struct uct_writer *w = s->w;
    if (!uct_keep_begin(w, UCT_KIND_WINEVENT, &e->origin, time, e->text))
        return;
    struct uct_slice id = e->value[K_ID];
    size_t digits = 0;
    while (digits < id.n && uct_isdigit((unsigned char)id.p[digits]))
        digits++;
    uct_lync_field_result(w, r);        /* first: its name lies in s->flat */
    uct_lync_field(w, UCT_S("id"), uct_slice(id.p, digits));
    uct_lync_field_text(w, &s->flat, UCT_S("source"), e->value[K_SOURCE]);
    uct_lync_field_text(w, &s->flat, UCT_S("level"), e->value[K_LEVEL]);
    uct_lync_field_text(w, &s->flat, UCT_S("computer"), e->value[K_COMPUTER]);
    uct_lync_field_text(w, &s->flat, UCT_S("log"), e->value[K_LOG]);
    uct_lync_field_text(w, &s->flat, UCT_S("category"), e->value[K_CATEGORY]);
    uct_lync_field_text(w, &s->flat, UCT_S("text"), e->value[K_TEXT]);
    uct_keep_end(w);
}

static void take_event(struct state *s, struct event *e)
{
    struct uct_lync_result result = {0};
    cut_event(e);
    bool zoned;
    struct uct_slice date = e->value[K_DATE].n ? e->value[K_DATE] : e->value[K_TIME];
    int64_t time = time_parse(date, e->value[K_TIME], &zoned);
    enum uct_basis basis = zoned ? UCT_BASIS_ZONE : UCT_BASIS_ASSUMED_UTC;
    uct_w_record(s->w, time, time == UCT_NO_TIME ? UCT_BASIS_NONE : basis);
    uct_w_host(s->w, &e->origin, e->value[K_COMPUTER]);
    take_message(s, e, time);
    if (e->has_id)
        uct_hit_number(s->w, UCT_KEY_WINEVENT, e->id);
    struct uct_slice flat = uct_lync_flatten(&s->flat, e->value[K_TEXT]);
    uct_lync_hit_results(s->w, flat, &result);
    if (flat.n)
        uct_hit_text(s->w, flat);
    keep_event(s, e, time, &result);
}

/* ---- framing ----------------------------------------------------------- */

/* The line at pos; returns its length with its end.  The end is remembered:
 * entries that follow one another on one line do not search it again. */
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

/* The first place after pos where `first` stands with `second` soon behind it
 * on the same line.
 * Asked with growing positions it reads the text once. */
static size_t next_entry(const struct state *s, size_t pos, size_t *known, struct uct_slice first,
                         struct uct_slice second)
{
    while (*known != SIZE_MAX && *known <= pos) {
        size_t at = uct_slice_find(after(s->text, pos), first);
        *known = at == SIZE_MAX ? SIZE_MAX : pos + at + 1;
        if (*known == SIZE_MAX)
            break;
        struct uct_slice near = after(s->text, *known);
        near.n = near.n > 128 ? 128 : near.n;
        const char *nl = memchr(near.p, '\n', near.n);
        near.n = nl ? (size_t)(nl - near.p) : near.n;
        if (uct_slice_find(near, second) != SIZE_MAX)
            break;
        pos = *known;
    }
    return *known;
}

/* The place after pos where the next entry of a flattened line begins. */
static size_t next_in_line(struct state *s, size_t pos)
{
    size_t log = next_entry(s, pos, &s->next_log, UCT_S(" Log Name: "), UCT_S(" Source: "));
    size_t type = next_entry(s, pos, &s->next_type, UCT_S(" Event Type: "), UCT_S(" Event Source: "));
    return log < type ? log : type;
}

/* A `Time:` line begins an entry if `ID:` stands on the next. */
static bool id_follows(struct state *s, size_t next)
{
    struct uct_slice line;
    size_t n;
    if (next >= s->text.n)
        return false;
    peek(s, next, &line);
    return key_at(skip_blank(line), &n) == K_ID;
}

/* Does the line at pos begin another entry?  A bare `Event ID:` does so only
 * where the entry at hand has one and is past its keys. */
static bool begins_next(struct state *s, struct uct_slice line, size_t next, bool has_id, bool in_text)
{
    switch (start_of(line)) {
    case START_FULL:
        return true;
    case START_TIME:
        return id_follows(s, next);
    case START_BARE_ID:
        return has_id && in_text;
    default:
        return false;
    }
}

/* Finds where the entry that starts at pos ends, and moves there.  *foreign:
 * what follows is another format's. */
static void find_end(struct state *s, struct event *e, bool *foreign)
{
    size_t from = s->pos, n = 0, limit = uct_w_record_limit(s->w);
    bool has_id = false, in_text = false;
    struct uct_slice line;
    e->origin = (struct uct_origin){.offset = from, .line = s->line};
    for (size_t taken; s->pos < s->text.n && (taken = peek(s, s->pos, &line)); s->pos += taken, s->line++) {
        bool first = s->pos == from;
        if (!first && begins_next(s, line, s->pos + taken, has_id, in_text))
            break;
        *foreign = !first && !uct_sip_start_line(line) &&
                   uct_foreign_head(s->w, &uct_parser_windows_event, line);
        if (*foreign)
            break;
        struct uct_slice t = skip_blank(line);
        enum key k = key_at(t, &n);
        has_id |= k == K_ID;
        in_text |= t.n && (k == K_NONE || k == K_TEXT || k == K_XML);
        size_t next = next_in_line(s, (size_t)(t.p - s->text.p));
        if (next < s->pos + taken) {
            s->pos = next;
            break;
        }
    }
    n = s->pos - from;
    e->origin.length = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    if (n > limit)
        uct_w_note(s->w, UCT_NOTE_LONG_RECORD, e->origin.line);
    e->text = uct_slice(s->text.p + from, n > limit ? limit : n);
}

/* Returns false when the line is another format's. */
static bool take_line(struct state *s)
{
    struct uct_slice line;
    size_t taken = peek(s, s->pos, &line);
    bool foreign = false;
    if (begins_next(s, line, s->pos + taken, true, true)) {
        struct event e = {0};
        s->seen_head = true;
        find_end(s, &e, &foreign);
        take_event(s, &e);
        return !foreign;
    }
    if (uct_slice_trim(line).n) {
        if (uct_foreign_head(s->w, &uct_parser_windows_event, line))
            return false;
        if (s->seen_head || !s->chunk->continued)
            uct_w_unparsed(s->w, s->line, 1);
    }
    s->pos += taken;
    s->line++;
    return true;
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct state s = {.w = w, .chunk = c, .text = c->text};
    while (s.pos < s.text.n && !uct_w_failed(w))
        if (!take_line(&s))
            return s.pos;
    return s.text.n;
}

/* Only a first key that cannot stand inside an entry is a place to split. */
static size_t split(struct uct_slice text)
{
    const char *end = text.n ? memrchr(text.p, '\n', text.n) : NULL;
    while (end && end > text.p) {
        const char *before = memrchr(text.p, '\n', (size_t)(end - text.p));
        const char *start = before ? before + 1 : text.p;
        if (start > text.p && start_of(uct_slice(start, (size_t)(end - start))) == START_FULL)
            return (size_t)(start - text.p);
        end = before;
    }
    return 0;
}

/* An entry is one when an id follows its first key within a few lines. */
static bool has_id_near(struct uct_slice s)
{
    struct uct_slice near = uct_slice(s.p, s.n > 1024 ? 1024 : s.n);
    size_t at = uct_slice_find(near, UCT_S("Event ID:"));
    at = at == SIZE_MAX ? uct_slice_find(near, UCT_S("\nID:")) : at;
    if (at == SIZE_MAX)
        return false;
    const char *colon = memchr(near.p + at, ':', near.n - at);
    uint32_t id;
    return colon && event_number(skip_blank(after(s, (size_t)(colon - s.p) + 1)), &id);
}

static int bid(struct uct_slice window, bool whole)
{
    struct uct_slice rest = window, line;
    int score = 0;
    bool first = true;
    (void)whole;
    while (score < 96 && uct_next_line(&rest, &line)) {
        enum start start = start_of(line);
        struct uct_slice from = uct_slice(line.p, (size_t)(window.p + window.n - line.p));
        bool bare = start == START_BARE_ID && first && skip_space(rest).n;
        if (bare || (start >= START_TIME && has_id_near(from)))
            score += score ? UCT_BID_MORE : UCT_BID_RECORD;
        first &= uct_slice_trim(line).n == 0;
    }
    if (score == 0)
        return 0;
    score += uct_slice_find(window, UCT_S("Log Name:")) != SIZE_MAX ? UCT_BID_MORE : 0;
    score += uct_slice_find(window, UCT_S("Event ID:")) != SIZE_MAX ? UCT_BID_MORE : 0;
    return score;
}

const struct uct_parser uct_parser_windows_event = {
    .name = "windows-event",
    .summary = "Windows event log entries copied as text",
    .bid = bid,
    .head = is_head,
    .split = split,
    .parse = parse,
};
