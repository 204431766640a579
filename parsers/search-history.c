/* search-history: the page Status > Search history > (one search) of an Expressway, pasted as text.
 *
 *   Search (1)
 *   State: Completed
 *   Found: False Reason: Not Found Type: SIP (INVITE)
 *   CallRouted: True CallSerial Number: ae73fb64-c305-457a-b7b3-59ea9688c630
 *   Tag: 473a5b19-9a37-40bf-bbee-6f7bc94e7c77 Source (1) Authenticated: True
 *   ...
 *   SubSearch (1)
 *   Type: Search Rules
 *   SearchRule (1)
 *   Name: to cucm
 *   Zone (1)
 *   Name: CUCM
 *   Found: False
 *   Reason: Not Found
 *
 * Where lines break depends on the browser and on what the page passed through since, so a value
 * ends where the next known key or section begins, or with its line.  A record is one search.  What
 * stands before the first SubSearch tells how it ended, the rest which zones were asked and what each
 * said.  Grammar and evidence: Cisco's document 212475. */
#include "parser.h"

#define TRIED_MAX 1024     /* bytes of the list of zones */

enum word_kind { W_NONE, W_KEY, W_SECTION };

struct word {
    enum word_kind kind;
    struct uct_slice name;
    size_t n;               /* bytes up to the value */
};

static const struct uct_slice keys[] = {
    {"Action", 6}, {"Address", 7}, {"Authenticated", 13}, {"CallRouted", 10}, {"CallSerial Number", 17},
    {"CallSerialNumber", 16}, {"Call Serial Number", 18}, {"Call-Serial-Number", 18}, {"Duration", 8},
    {"Found", 5}, {"Info", 4}, {"Name", 4}, {"Origin", 6}, {"Protocol", 8}, {"Reason", 6},
    {"SIPVariant", 10}, {"StartTime", 9}, {"State", 5}, {"Tag", 3}, {"Type", 4}, {"Value", 5}};
static const struct uct_slice sections[] = {
    {"Alias", 5}, {"Aliases", 7}, {"Destination", 11}, {"Gatekeeper", 10}, {"Hop", 3}, {"Path", 4},
    {"ResultAlias", 11}, {"Search", 6}, {"SearchRule", 10}, {"Source", 6}, {"SubSearch", 9}, {"Zone", 4}};

/* " (12)" at the front: its length, or 0. */
static size_t number(struct uct_slice s)
{
    size_t i = 2;
    if (s.n < 4 || s.p[0] != ' ' || s.p[1] != '(')
        return 0;
    while (i < s.n && i < 10 && uct_isdigit((unsigned char)s.p[i]))
        i++;
    return i > 2 && i < s.n && s.p[i] == ')' ? i + 1 : 0;
}

/* The key or section at the front of s. */
static struct word word_at(struct uct_slice s)
{
    if (s.n < 4 || s.p[0] < 'A' || s.p[0] > 'Z')
        return (struct word){.kind = W_NONE};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].p[0] == s.p[0] && s.n > keys[i].n && uct_slice_starts(s, keys[i]) &&
            s.p[keys[i].n] == ':')
            return (struct word){W_KEY, keys[i], keys[i].n + 1};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (sections[i].p[0] != s.p[0] || !uct_slice_starts(s, sections[i]))
            continue;
        size_t n = number(uct_slice(s.p + sections[i].n, s.n - sections[i].n));
        if (n)
            return (struct word){W_SECTION, sections[i], sections[i].n + n};
    }
    return (struct word){.kind = W_NONE};
}

/* The next key or section of a line from *pos on; *value is what stands behind a key. */
static struct word next_word(struct uct_slice line, size_t *pos, struct uct_slice *value)
{
    struct word w = {.kind = W_NONE};
    size_t i = *pos;
    for (; i < line.n && !w.kind; i++)
        if (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t')
            w = word_at(uct_slice(line.p + i, line.n - i));
    if (!w.kind) {
        *pos = line.n;
        return w;
    }
    size_t from = i - 1 + w.n, to = from;
    while (to < line.n && !((line.p[to - 1] == ' ' || line.p[to - 1] == '\t') &&
                            word_at(uct_slice(line.p + to, line.n - to)).kind))
        to++;
    *value = uct_slice_trim(uct_slice(line.p + from, to - from));
    *pos = to;
    return w;
}

/* ---- one search -------------------------------------------------------- */

struct search {
    struct uct_slice state, found, reason, info, type, routed, serial, tag;
    struct uct_slice source_zone, source, destination, started;
    struct uct_slice section, subsearch, rule, zone, zone_said;
    struct uct_slice last_zone, last_reason;      /* of the last zone that did not find it */
    bool in_source, in_destination;
    struct uct_buf tried;
};

static bool is(struct uct_slice a, const char *b)
{
    return uct_slice_eq(a, uct_slice_str(b));
}

static void set(struct uct_slice *where, struct uct_slice value)
{
    if (!where->n)
        *where = value;
}

static void top_key(struct search *s, struct uct_slice key, struct uct_slice value)
{
    if (is(key, "State"))
        set(&s->state, value);
    else if (is(key, "Found"))
        set(&s->found, value);
    else if (is(key, "Reason"))
        set(&s->reason, value);
    else if (is(key, "Info"))
        set(&s->info, value);
    else if (is(key, "Type") && is(s->section, "Search"))
        set(&s->type, value);
    else if (is(key, "CallRouted"))
        set(&s->routed, value);
    else if (key.n > 12 && key.p[0] == 'C')
        set(&s->serial, value);
    else if (is(key, "Tag"))
        set(&s->tag, value);
    else if (is(key, "StartTime"))
        set(&s->started, value);
    else if (is(key, "Name") && s->in_source && is(s->section, "Zone"))
        set(&s->source_zone, value);
    else if (is(key, "Value"))
        set(s->in_destination ? &s->destination : &s->source, value);
}

/* The zone at hand has said all it will. */
static void end_zone(struct search *s)
{
    if (s->zone.n && s->zone_said.n && s->tried.n < TRIED_MAX) {
        if (s->tried.n)
            uct_buf_adds(&s->tried, "; ");
        uct_buf_add(&s->tried, s->zone.p, s->zone.n);
        uct_buf_adds(&s->tried, ": ");
        uct_buf_add(&s->tried, s->zone_said.p, s->zone_said.n);
    }
    s->zone = s->zone_said = uct_slice("", 0);
}

static void sub_key(struct search *s, struct uct_slice key, struct uct_slice value)
{
    if (is(key, "Type") && is(s->section, "SubSearch"))
        s->subsearch = value;
    else if (is(key, "Name") && is(s->section, "Zone"))
        s->zone = value;
    else if (is(key, "Name") && is(s->section, "SearchRule"))
        s->rule = value;
    else if (is(key, "Found"))
        s->zone_said = is(value, "True") ? UCT_S("found") : UCT_S("not found");
    else if (is(key, "Reason") && s->zone.n) {
        s->zone_said = s->last_reason = value;
        s->last_zone = s->zone;
    } else if (is(key, "Action") && is(s->subsearch, "Admin Policy") &&
               uct_slice_istarts(value, UCT_S("reject"))) {
        set(&s->info, UCT_S("rejected by policy"));
    }
}

static void take_line(struct search *s, struct uct_slice line, bool *below)
{
    struct uct_slice value = {0};
    struct word w;
    for (size_t pos = 0; (w = next_word(line, &pos, &value)).kind;) {
        if (w.kind == W_KEY) {
            (*below ? sub_key : top_key)(s, w.name, value);
            continue;
        }
        s->section = w.name;
        if (is(w.name, "Source") || is(w.name, "Destination")) {
            s->in_source = w.name.p[0] == 'S';
            s->in_destination = !s->in_source;
        }
        *below |= is(w.name, "SubSearch");
        if (is(w.name, "SubSearch") || is(w.name, "SearchRule") || is(w.name, "Zone"))
            end_zone(s);
    }
}

static void keep_search(struct uct_writer *w, const struct search *s)
{
    const struct {
        const char *name;
        struct uct_slice value;
    } fields[] = {{"state", s->state}, {"found", s->found}, {"reason", s->reason}, {"info", s->info},
                  {"type", s->type}, {"call-routed", s->routed}, {"call-serial-number", s->serial},
                  {"tag", s->tag},
                  {"source-zone", s->source_zone}, {"source", s->source}, {"destination", s->destination},
                  {"rule", s->rule}, {"zone", s->last_zone}, {"zone-reason", s->last_reason},
                  {"tried", s->tried.failed ? uct_slice("", 0) : uct_slice(s->tried.p, s->tried.n)}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        uct_keep_field(w, uct_slice_str(fields[i].name), fields[i].value);
}

static void take_search(struct uct_writer *w, const struct uct_origin *o, struct uct_slice text)
{
    struct search s = {.section = UCT_S("Search")};
    struct uct_slice rest = text, line;
    bool below = false, zoned;
    int64_t time = UCT_NO_TIME;
    while (uct_next_line(&rest, &line))
        take_line(&s, line, &below);
    end_zone(&s);
    if (s.started.n && !uct_time_parse(s.started, &time, &zoned))
        time = UCT_NO_TIME;
    uct_w_record(w, time, time == UCT_NO_TIME ? UCT_BASIS_NONE : UCT_BASIS_ASSUMED_UTC);
    uct_hit_text(w, text);
    if (uct_keep_begin(w, UCT_KIND_RECORD, o, time, text)) {
        keep_search(w, &s);
        uct_keep_end(w);
    }
    uct_buf_free(&s.tried);
}

/* ---- the page ---------------------------------------------------------- */

static bool is_head(struct uct_slice line)
{
    if (!uct_slice_starts(line, UCT_S("Search (")))
        return false;
    size_t n = number(uct_slice(line.p + 6, line.n - 6));
    return n && (n + 6 == line.n || line.p[n + 6] == ' ' || line.p[n + 6] == '\r');
}

/* The search that begins at o ends before `end`. */
static void end_search(struct uct_writer *w, const struct uct_chunk *c, struct uct_origin *o, size_t end)
{
    size_t n = end - (size_t)o->offset, most = uct_w_record_limit(w);
    if (n > most) {
        uct_w_note(w, UCT_NOTE_LONG_RECORD, o->line);
        n = most;
    }
    o->length = (uint32_t)n;
    take_search(w, o, uct_slice(c->text.p + o->offset, n));
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct uct_slice rest = c->text, line;
    struct uct_origin o = {0};
    uint32_t nline = 0;
    bool open = false;
    for (; rest.n; nline++) {
        size_t at = (size_t)(rest.p - c->text.p);
        uct_next_line(&rest, &line);
        if (is_head(line)) {
            if (open)
                end_search(w, c, &o, at);
            o = (struct uct_origin){.offset = at, .line = nline};
            open = true;
        } else if (!open && line.n && !c->continued) {
            uct_w_unparsed(w, nline, 1);
        }
    }
    if (open)
        end_search(w, c, &o, c->text.n);
    return c->text.n;
}

static size_t split(struct uct_slice text)
{
    for (size_t n = text.n; n > 1;) {
        const char *nl = memrchr(text.p, '\n', n - 1);
        if (!nl)
            return 0;
        size_t at = (size_t)(nl - text.p) + 1;
        const char *end = memchr(text.p + at, '\n', text.n - at);
        if (is_head(uct_slice(text.p + at, (size_t)((end ? end : text.p + text.n) - text.p) - at)))
            return at;
        n = at;
    }
    return 0;
}

/* A head, and "State:" and "Found:" in the lines behind it. */
static int bid(struct uct_slice window, bool whole)
{
    static const char *const more[] = {"SubSearch (", "SearchRule (", "Zone (", "Destination ("};
    struct uct_slice line;
    (void)whole;
    while (window.n) {
        uct_next_line(&window, &line);
        if (!is_head(line))
            continue;
        struct uct_slice near = uct_slice(window.p, window.n < 400 ? window.n : 400);
        if (uct_slice_find(near, UCT_S("State:")) == SIZE_MAX ||
            uct_slice_find(near, UCT_S("Found:")) == SIZE_MAX)
            continue;
        int n = UCT_BID_RECORD;
        near = uct_slice(window.p, window.n < 8192 ? window.n : 8192);
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            n += uct_slice_find(near, uct_slice_str(more[i])) == SIZE_MAX ? 0 : UCT_BID_MORE;
        return n;
    }
    return 0;
}

const struct uct_parser uct_parser_search_history = {
    .name = "search-history",
    .summary = "a search of Cisco Expressway's search history page, pasted as text",
    .bid = bid,
    .split = split,
    .parse = parse,
};
