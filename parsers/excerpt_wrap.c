/* excerpt_wrap: writes a record as it stood in the log: lines joined that were
 * wrapped, headers parted that were glued, blanks taken out that a word
 * processor put next to quotes.
 *
 *   Via: SIP/2.0/TLS 10.48.36.47:5061;egress-       Via: SIP/2.0/TLS 10.48.36.47:5061;egress-zone=DNSZone1
 *   zone=DNSZone1                               ->
 *
 * Every byte written knows where it came from: a segment per run of bytes that
 * were copied as they stand.  Bytes that were not there (the blank before a
 * line of an Expressway dump) take the place of the byte before them. */
#include "excerpt.h"

#include <stdlib.h>

/* ---- text with its map -------------------------------------------------- */

static void put(struct uct_x_text *t, const char *p, size_t n, uint64_t from, uint64_t to, uint32_t line)
{
    if (!n || t->failed) {
        return;
    }
    struct uct_segment *last = t->nmap ? &t->map[t->nmap - 1] : NULL;
    bool copied = to - from == n;
    bool goes_on = last && copied && last->line == line && last->to == from &&
                   last->to - last->from == t->text.n - last->at;
    if (goes_on) {
        last->to = to;
    } else if (!UCT_ROOM(t->map, t->nmap, t->cmap)) {
        t->failed = true;
        return;
    } else {
        t->map[t->nmap++] = (struct uct_segment){t->text.n, from, to, line};
    }
    uct_buf_add(&t->text, p, n);
    t->failed |= t->text.failed;
}

/* Bytes of our own need no segment: a position behind the bytes of the last
 * one is clipped to its end. */
static void put_own(struct uct_x_text *t, const char *s)
{
    uct_buf_adds(&t->text, s);
    t->failed |= t->text.failed;
}

/* ---- joining ------------------------------------------------------------ */

/* Copies one line's text: bold signs, zero-width characters and no-break
 * spaces have no meaning in a log, and curly quotes were straight there. */
static void put_clean(struct uct_x_text *t, const struct uct_x_line *l, struct uct_slice doc)
{
    struct uct_slice s = l->s;
    size_t from = (size_t)(s.p - doc.p), kept = 0;
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        const char *instead = NULL;
        size_t n = 0;
        if (c == '*' && i + 1 < s.n && s.p[i + 1] == '*') {
            while (i + n < s.n && s.p[i + n] == '*') {
                n++;
            }
            instead = n == 2 ? "" : NULL;
        } else if (c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] == 0xA0) {
            n = 2;
            instead = " ";
        } else if (c == 0xE2 && i + 2 < s.n && (unsigned char)s.p[i + 1] == 0x80) {
            unsigned char d = (unsigned char)s.p[i + 2];
            n = 3;
            instead = d == 0x8B ? "" : d == 0x9C || d == 0x9D || d == 0x9E ? "\"" : NULL;
        }
        if (!instead) {
            i += n ? n : 1;
            continue;
        }
        put(t, s.p + kept, i - kept, from + kept, from + i, l->line);
        put(t, instead, strlen(instead), from + i, from + i + n, l->line);
        i += n;
        kept = i;
    }
    put(t, s.p + kept, s.n - kept, from + kept, from + s.n, l->line);
}

static bool is_hex_run(struct uct_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (uct_hexval((unsigned char)s.p[i]) < 0 && s.p[i] != '-') {
            return false;
        }
    }
    return s.n > 0;
}

/* The identifier characters at one end of a word. */
static struct uct_slice id_tail(struct uct_slice s)
{
    size_t n = s.n;
    while (n && (uct_isalnum((unsigned char)s.p[n - 1]) || s.p[n - 1] == '-')) {
        n--;
    }
    return uct_slice(s.p + n, s.n - n);
}

static struct uct_slice id_head(struct uct_slice s)
{
    size_t n = 0;
    while (n < s.n && (uct_isalnum((unsigned char)s.p[n]) || s.p[n] == '-')) {
        n++;
    }
    return uct_slice(s.p, n);
}

/* Do the two halves make a UUID or a result code that neither is alone? */
static bool makes_whole(struct uct_slice a, struct uct_slice b)
{
    char both[40];
    struct uct_slice tail = id_tail(a), head = id_head(b);
    if (!tail.n || !head.n || tail.n + head.n > 36) {
        return false;
    }
    memcpy(both, tail.p, tail.n);
    memcpy(both + tail.n, head.p, head.n);
    struct uct_slice whole = uct_slice(both, tail.n + head.n);
    if (uct_x_is_uuid(whole)) {
        return true;
    }
    return whole.n == 10 && uct_slice_istarts(whole, UCT_S("0x")) && tail.n >= 1 &&
           is_hex_run(uct_slice(both + 2, 8)) && tail.n < 10;
}

/* Is the value of this key a single word? */
static bool is_call_id(struct uct_slice text)
{
    struct uct_slice word = uct_x_last_word(text);
    struct uct_slice before = uct_slice_trim(uct_slice(text.p, (size_t)(word.p - text.p)));
    return uct_slice_ieq(uct_x_last_word(before), UCT_S("Call-ID:")) ||
           uct_slice_ieq(uct_x_last_word(before), UCT_S("SIP-Call-ID:"));
}

static bool in_parameters(struct uct_slice word)
{
    return memchr(word.p, ';', word.n) || memchr(word.p, '@', word.n) || memchr(word.p, '=', word.n);
}

/* "(SIPStack,SIPAdminLog::W" or "[1566", but not "(To". */
static bool is_unclosed(struct uct_slice word)
{
    int depth = 0;
    bool inner = false;
    for (size_t i = 0; i < word.n; i++) {
        depth += word.p[i] == '(' || word.p[i] == '[';
        depth -= word.p[i] == ')' || word.p[i] == ']';
        inner |= word.p[i] == ',' || word.p[i] == ':' ||
                 (i && word.p[0] == '[' && uct_isdigit((unsigned char)word.p[i]));
    }
    return depth > 0 && inner;
}

/* Two parts of a quoted value that stand for one word: "vcse.exam" + "ple.com",
 * a nonce, a number, "DEBU" + "G"; but not "Alice" + "Example". */
static bool is_one_word(struct uct_slice value, struct uct_slice word)
{
    bool token = value.n > 23 || memchr(word.p, '.', word.n) != NULL;
    bool upper = true;
    for (size_t i = 0; i < value.n; i++) {
        token |= value.p[i] == '.' || uct_isdigit((unsigned char)value.p[i]);
        upper &= (unsigned)(value.p[i] - 'A') < 26u;
    }
    for (size_t i = 0; i < word.n && word.p[i] != '"'; i++) {
        upper &= (unsigned)(word.p[i] - 'A') < 26u;
    }
    return token || (upper && memchr(word.p, '"', word.n));
}

/* Words of the fixed texts of these logs: "Addr" + "ess:" is one. */
static bool makes_known_word(struct uct_slice text, struct uct_slice word)
{
    static const char *const known[] = {
        "address", "authenticated", "authentication", "between", "bytes", "cannot", "certificate", "closed",
        "combination", "connecting", "connection", "connectivity", "contain", "could", "destination",
        "diagnostic", "domain", "endpoint", "establish", "established", "failed", "failure", "found",
        "handshake", "header", "hostname", "indicates", "internal", "local", "matching", "message",
        "negotiation", "number", "packet", "received", "receive", "records", "refused", "relevant", "remote",
        "request", "resolved", "response", "results", "retrieved", "route", "routed", "sending", "server",
        "service", "succeeded", "terminated", "timeout", "trust", "warning", "another"
    };
    char both[32];
    size_t a = 0, b = 0;
    while (a < text.n && a < 16 && uct_isalpha((unsigned char)text.p[text.n - 1 - a])) {
        a++;
    }
    while (b < word.n && b < 16 && uct_isalpha((unsigned char)word.p[b])) {
        b++;
    }
    for (size_t i = 0; i < a + b && a && b && a + b <= sizeof both; i++) {
        both[i] = (char)uct_lower((unsigned char)(i < a ? text.p[text.n - a + i] : word.p[i - a]));
    }
    for (size_t i = 0; a && b && i < sizeof known / sizeof *known; i++) {
        if (uct_slice_eq(uct_slice(both, a + b), uct_slice_str(known[i]))) {
            return true;
        }
    }
    return false;
}

/* The end of what stands before decides for its own sake: 0 nothing, 1 a
 * blank, -1 not known. */
static int glue_by_end(struct uct_slice text, struct uct_slice word)
{
    char c = text.p[text.n - 1];
    char before = text.n > 1 ? text.p[text.n - 2] : ' ';
    struct uct_slice last = uct_x_last_word(text);
    switch (c) {
    case '-':
    case '/':
        return uct_isblank((unsigned char)before) ? 1 : 0;
    case '=':
    case ';':
    case '@':
    case '<':
    case '(':
    case '[':
    case '&':
    case '_':
    case '\\':
    case '%':
        return 0;
    case ',':
        return before == '"' || uct_slice_find(text, UCT_S(", ")) != SIZE_MAX || !in_parameters(last);
    case ':':
        return before == '"' || (uct_x_key(last) == last.n - 1 && last.n > 1);
    case '.':
        return word.n && (is_unclosed(last) || memchr(last.p, '.', last.n - 1)) &&
                       !((unsigned)(word.p[0] - 'A') < 26u)
                   ? 0
                   : 1;
    default:
        return -1;
    }
}

/* What is known of the logical line so far. */
struct joining {
    struct uct_slice text; /* its last bytes: the whole would make this quadratic */
    bool open;             /* a quote is open at its end */
    size_t opened;         /* bytes behind that quote */
};

/* What stands between two lines of one logical line?  True: one blank. */
static bool needs_blank(const struct joining *j, const struct uct_x_line *p, const struct uct_x_line *l,
                        uint32_t wrap)
{
    struct uct_slice text = j->text;
    struct uct_slice word = uct_x_first_word(l->s), last = uct_x_last_word(text);
    if (!text.n || !word.n) {
        return false;
    }
    if (makes_whole(last, word)) {
        return false;
    }
    /* A whole UUID is not continued by what stands behind it. */
    bool whole = uct_x_is_uuid(id_tail(last));
    int glue = whole ? -1 : glue_by_end(text, word);
    if (j->open && !j->opened) {
        return false;
    }
    if (glue >= 0) {
        return glue;
    }
    if (memchr(";,)>]=&_@", word.p[0], 9) ||
        (word.n > 1 && memchr("-/.:", word.p[0], 4) && uct_isalnum((unsigned char)word.p[1]))) {
        return false;
    }
    if (p->width < wrap || whole) {
        return true;
    }
    /* As wide as the widest: it may have been cut anywhere. */
    if (is_unclosed(last) || uct_slice_starts(last, UCT_S("$$")) || makes_known_word(text, word)) {
        return false;
    }
    if (uct_isdigit((unsigned char)text.p[text.n - 1]) && uct_isdigit((unsigned char)word.p[0])) {
        return false;
    }
    if (j->open && last.n >= j->opened) {
        return !is_one_word(uct_slice(last.p + last.n - j->opened, j->opened), word);
    }
    return !(is_call_id(text) ||
             (!j->open && in_parameters(last) && in_parameters(word) && !uct_x_pair(l->s)));
}

struct wrapping {
    bool hard; /* every cut line has one width */
    uint32_t width;
};

/* Some cut lines may be short by one or two: there the cut met blanks. */
static struct wrapping how_wrapped(struct uct_x_reader *r, const struct uct_x_run *run, size_t i, size_t end)
{
    struct wrapping w = {false, 0};
    size_t cut = 0, at = 0, near = 0, at_wrap = 0;
    for (size_t k = i; k < end; k++) {
        const struct uct_x_line *l = uct_x_at(r, k);
        w.width = l && l->width > w.width ? l->width : w.width;
    }
    for (size_t k = i; k + 1 < end; k++) {
        const struct uct_x_line *l = uct_x_at(r, k + 1);
        if (l && l->joins && !l->folded) {
            const struct uct_x_line *p = uct_x_at(r, k);
            uint32_t width = p->width;
            cut++;
            at += width == w.width || (p->tail && width + 1 == w.width);
            near += width + (p->tail ? 2 : 1) == w.width || (!p->tail && width + 2 == w.width);
            at_wrap += width <= run->wrap && width + 2 >= run->wrap;
        }
    }
    w.hard = at > 1 && at + near == cut;
    if (!w.hard && run->strict && cut && at_wrap == cut) {
        w = (struct wrapping){true, run->wrap};
    }
    return w;
}

/* "2017-03-02" + "07:10:46,240": never one word. */
static bool is_date_and_time(struct uct_slice text, struct uct_slice word)
{
    static const char shape[] = "dddd-dd-dd";
    if (text.n < 10 || word.n < 5 || word.p[2] != ':' || !uct_isdigit((unsigned char)word.p[0])) {
        return false;
    }
    for (size_t i = 0; i < 10; i++) {
        char c = text.p[text.n - 10 + i];
        if (shape[i] == 'd' ? !uct_isdigit((unsigned char)c) : c != shape[i]) {
            return false;
        }
    }
    return true;
}

/* A blank stands here however the line was wrapped: between date and time,
 * between a value and the next key, behind a dash on its own. */
static bool is_parted(const struct joining *j, const struct uct_x_line *l)
{
    struct uct_slice t = j->text;
    if (is_date_and_time(t, l->s)) {
        return true;
    }
    bool value = t.p[t.n - 1] == '"' || (t.n > 1 && t.p[t.n - 1] == ':' && t.p[t.n - 2] == '"');
    bool dash = t.n > 1 && t.p[t.n - 1] == '-' && t.p[t.n - 2] == ' ';
    return !j->open && (dash || (value && uct_x_pair(l->s)));
}

/* `Level="DEBUG":  Ac` + `tion="Sent"`: a key on two lines. */
static bool is_cut_key(const struct joining *j, const struct uct_x_line *l)
{
    struct uct_slice t = j->text, last = uct_x_last_word(t);
    for (size_t i = 0; i < last.n; i++) {
        if (!uct_isalnum((unsigned char)last.p[i]) && last.p[i] != '-') {
            return false;
        }
    }
    struct uct_slice before = uct_slice_trim(uct_slice(t.p, t.n - last.n));
    bool value = before.n && before.p[before.n - 1] == '"';
    value |= before.n > 1 && before.p[before.n - 1] == ':' && before.p[before.n - 2] == '"';
    return value && last.n && !j->open && uct_x_pair(l->s);
}

static void watch_quotes(struct joining *j, struct uct_slice added)
{
    for (size_t i = 0; i < added.n; i++) {
        j->opened++;
        if (added.p[i] == '"') {
            j->open = !j->open;
            j->opened = 0;
        }
    }
}

/* Longer than any identifier. */
#define JUDGED_TAIL 256u

/* Joins lines [i, end) into w->line. */
static void join(struct uct_x_writer *w, struct uct_x_reader *r, struct wrapping how, size_t i, size_t end)
{
    struct uct_x_text *t = &w->line;
    struct joining j = {0};
    uint32_t indent = uct_x_at(r, i)->indent;
    t->text.n = 0;
    t->nmap = 0;
    for (size_t k = i; k < end; k++) {
        const struct uct_x_line *l = uct_x_at(r, k);
        size_t seen = t->text.n;
        if (k > i && seen) {
            size_t tail = seen < JUDGED_TAIL ? seen : JUDGED_TAIL;
            const struct uct_x_line *p = uct_x_at(r, k - 1);
            j.text = uct_slice(t->text.p + seen - tail, tail);
            bool blank;
            if (is_parted(&j, l) || is_cut_key(&j, l)) {
                blank = is_parted(&j, l);
            } else if (how.hard) {
                blank = (p->tail || p->width < how.width || l->indent > indent) &&
                        !makes_whole(uct_x_last_word(j.text), uct_x_first_word(l->s));
            } else {
                blank = needs_blank(&j, p, l, how.width);
            }
            if (blank) {
                put_own(t, " ");
            }
        }
        put_clean(t, l, r->doc);
        if (t->failed) {
            return;
        }
        watch_quotes(&j, uct_slice(t->text.p + seen, t->text.n - seen));
    }
}

/* ---- parting and writing ------------------------------------------------ */

/* How a family wants its lines. */
struct style {
    const char *lead; /* before each line but the head */
    bool sip;         /* part before names of SIP headers */
    bool lync;        /* part before keys of Lync records */
    bool dump;        /* part before " SIPMSG:" and "|" */
    bool trim;        /* key="value" pairs: no blanks next to quotes */
};

struct cursor {
    struct uct_x_writer *w;
    struct style *style;
    size_t seg;   /* of w->line.map */
    size_t kept;  /* written up to here */
    size_t begun; /* where the line that is being written begins */
};

/* Copies the bytes [c->kept, to) of the logical line to the piece. */
static void copy_to(struct cursor *c, size_t to)
{
    const struct uct_x_text *t = &c->w->line;
    while (c->kept < to && c->seg < t->nmap) {
        const struct uct_segment *s = &t->map[c->seg];
        size_t stop = c->seg + 1 < t->nmap ? t->map[c->seg + 1].at : t->text.n;
        if (c->kept >= stop) {
            c->seg++;
            continue;
        }
        size_t end = stop < to ? stop : to, n = end - c->kept;
        uint64_t from = s->from + (c->kept - s->at), upto = from + n;
        put(&c->w->out, t->text.p + c->kept, n, from < s->to ? from : s->to, upto < s->to ? upto : s->to,
            s->line);
        c->kept = end;
    }
}

static void skip_to(struct cursor *c, size_t to)
{
    c->kept = to > c->kept ? to : c->kept;
}

/* Ends the line before position at, without the blanks that stand there. */
static void part(struct cursor *c, size_t at)
{
    const char *p = c->w->line.text.p;
    size_t end = at;
    while (end > c->kept && uct_isblank((unsigned char)p[end - 1])) {
        end--;
    }
    copy_to(c, end);
    skip_to(c, at);
    put_own(&c->w->out, "\n");
    put_own(&c->w->out, c->style->lead);
    c->begun = at;
}

static bool starts_header(const struct cursor *c, struct uct_slice s)
{
    size_t n = uct_x_key(s);
    struct uct_slice name = uct_slice(s.p, n);
    if (!n) {
        return false;
    }
    return (c->style->sip && uct_x_sip_name(name)) || (c->style->lync && uct_x_lync_name(name));
}

/* "INVITE Via:" is what a lost line end left of "CSeq: 7 INVITE". */
static bool is_lost_cseq(const struct cursor *c, struct uct_slice s)
{
    struct uct_slice line = uct_slice(c->w->line.text.p + c->begun, c->w->line.text.n - c->begun);
    return c->style->sip && uct_x_lone_method(s) && !uct_slice_istarts(line, UCT_S("CSeq:"));
}

/* At the first byte of a word outside quotes and brackets. */
static void at_word(struct cursor *c, size_t i)
{
    struct uct_slice s = uct_slice(c->w->line.text.p + i, c->w->line.text.n - i);
    bool lost = is_lost_cseq(c, s);
    if (i && c->begun != i) {
        bool dump = c->style->dump &&
                    (uct_slice_starts(s, UCT_S("SIPMSG:")) || uct_slice_starts(s, UCT_S("HTTPMSG:")));
        bool mark = c->style->lync && uct_slice_starts(s, UCT_S("$$end_record"));
        if (lost || dump || mark || starts_header(c, s)) {
            part(c, i);
        } else if (c->style->dump && s.p[0] == '|' && s.n > 1 &&
                   (uct_x_is_start_line(uct_slice(s.p + 1, s.n - 1), uct_slice("", 0)) ||
                    uct_slice_starts(uct_slice(s.p + 1, s.n - 1), UCT_S("SIP/2.0 ")))) {
            part(c, i);
            c->style->sip = true;
        }
    }
    if (lost) {
        copy_to(c, i);
        put_own(&c->w->out, "CSeq: 0 ");
    }
}

/* Position of the '>' that closes the '<' at i, or i: at most 1 KiB is read. */
static size_t close_bracket(struct uct_slice s, size_t i)
{
    size_t n = s.n - i < 1024 ? s.n - i : 1024;
    const char *close = memchr(s.p + i, '>', n);
    return close ? (size_t)(close - s.p) : i;
}

static size_t skip_blanks(struct uct_slice s, size_t i)
{
    while (i < s.n && s.p[i] == ' ') {
        i++;
    }
    return i;
}

/* Blanks at i next to a quote or a port: `domain =" x "; fqdn1 =" y :5061"`.  Returns where to go on. */
static size_t at_blanks(struct cursor *c, struct uct_slice s, size_t i, bool value)
{
    size_t j = skip_blanks(s, i);
    bool before_equals = !value && j + 1 < s.n && s.p[j] == '=' && (s.p[j + 1] == '"' || s.p[j + 1] == ' ');
    bool before_close = value && j < s.n && s.p[j] == '"';
    before_close |= value && j + 1 < s.n && s.p[j] == ':' && uct_isdigit((unsigned char)s.p[j + 1]);
    if (before_equals || before_close) {
        copy_to(c, i);
        skip_to(c, j);
    }
    return j;
}

/* Takes the blanks out of <sip:2000 @acano.steven.lab >. */
static size_t at_bracket(struct cursor *c, struct uct_slice s, size_t i)
{
    size_t close = close_bracket(s, i);
    bool uri = uct_slice_starts(uct_slice(s.p + i, s.n - i), UCT_S("<sip"));
    for (size_t j = i; uri && j < close; j++) {
        if (s.p[j] == ' ') {
            copy_to(c, j);
            skip_to(c, j + 1);
        }
    }
    return close + 1;
}

static bool quotes_balance(struct uct_slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        n += s.p[i] == '"';
    }
    return n % 2 == 0;
}

/* Writes the logical line, parted and trimmed. */
static void write_parted(struct cursor *c)
{
    struct uct_slice s = uct_slice(c->w->line.text.p, c->w->line.text.n);
    bool balanced = quotes_balance(s), quote = false, value = false;
    for (size_t i = 0; i < s.n;) {
        char ch = s.p[i];
        if (ch == '"') {
            value = !quote && i && (s.p[i - 1] == '=' || (s.p[i - 1] == ' ' && i > 1 && s.p[i - 2] == '='));
            if (value && c->style->trim && s.p[i - 1] == ' ') {
                copy_to(c, i - 1);
                skip_to(c, i);
            }
            quote = balanced && !quote;
            i++;
            size_t j = value && quote && c->style->trim ? skip_blanks(s, i) : i;
            if (j > i) {
                copy_to(c, i);
                skip_to(c, j);
                i = j;
            }
            continue;
        }
        if (ch == ' ' && c->style->trim) {
            i = at_blanks(c, s, i, quote && value);
            continue;
        }
        if (!quote && ch == '<' && c->style->sip) {
            i = at_bracket(c, s, i);
            continue;
        }
        if (!quote && (i == 0 || s.p[i - 1] == ' ')) {
            at_word(c, i);
        }
        i++;
    }
    copy_to(c, s.n);
}

static struct style style_of(const struct uct_x_run *run, enum uct_x_phase phase, bool protocol)
{
    struct style st = {.lead = "", .trim = true};
    bool headers = phase == UCT_X_START || phase == UCT_X_HEADERS;
    if (phase == UCT_X_BODY || phase == UCT_X_FREE) {
        st.trim = false;
    }
    switch (run->family) {
    case UCT_X_EXPRESSWAY:
        st.lead = " ";
        st.sip = headers || phase == UCT_X_DUMP;
        st.dump = phase == UCT_X_HEAD || headers;
        break;
    case UCT_X_LYNC:
        st.lync = phase != UCT_X_BODY && phase != UCT_X_HEAD;
        st.sip = protocol;
        break;
    case UCT_X_SIP:
        st.sip = headers;
        break;
    default:
        st.trim = false;
        st.sip = headers;
        break;
    }
    return st;
}

static bool stands_in(struct uct_slice s, struct uct_slice word)
{
    return uct_slice_find(s, word) != SIZE_MAX;
}

struct progress {
    enum uct_x_phase phase; /* of the logical line before */
    bool pipe;              /* the start line of a dump was written */
    bool closed;            /* "|" at the end of it too */
    bool protocol;          /* a Lync protocol record: SIP headers among the keys */
};

/* What stands before a logical line on disk. */
static void write_lead(struct uct_x_writer *w, const struct uct_x_run *run, enum uct_x_phase phase,
                       struct progress *at)
{
    struct uct_slice s = uct_slice(w->line.text.p, w->line.text.n);
    if (run->family == UCT_X_EXPRESSWAY) {
        bool message = phase == UCT_X_HEADERS && at->phase == UCT_X_DUMP;
        bool pipe = s.n && s.p[0] == '|';
        put_own(&w->out, message && !pipe ? " |" : " ");
        at->pipe |= message || (pipe && s.n > 1);
        at->closed |= pipe && s.n == 1;
    }
}

static void write_logical(struct uct_x_writer *w, const struct uct_x_run *run, enum uct_x_phase phase,
                          bool first, struct progress *at)
{
    struct uct_slice s = uct_slice(w->line.text.p, w->line.text.n);
    if (!first) {
        /* The empty line behind the headers; before the end mark of a dump too. */
        bool body = phase == UCT_X_BODY && at->phase != UCT_X_BODY && run->family != UCT_X_LYNC;
        body |= run->family == UCT_X_EXPRESSWAY && at->phase == UCT_X_HEADERS && s.n == 1 && s.p[0] == '|';
        put_own(&w->out, body ? (run->family == UCT_X_EXPRESSWAY ? "\n \n" : "\n\n") : "\n");
        write_lead(w, run, phase, at);
    }
    at->protocol |= run->family == UCT_X_LYNC &&
                    (stands_in(s, UCT_S("TF_PROTOCOL")) || stands_in(s, UCT_S("Message-Type:")));
    struct style style = style_of(run, phase, at->protocol);
    struct cursor c = {.w = w, .style = &style};
    if (run->family == UCT_X_LYNC && phase == UCT_X_HEAD) {
        /* The header itself stays one line; what is glued behind its mark does not. */
        size_t mark = uct_slice_find(s, UCT_S("$$begin_record"));
        if (mark != SIZE_MAX && mark + 14 < s.n) {
            copy_to(&c, mark + 14);
            style.lync = true;
            size_t rest = skip_blanks(s, mark + 14);
            if (rest < s.n) {
                part(&c, rest);
            }
        }
    }
    write_parted(&c);
    if (run->family == UCT_X_EXPRESSWAY && (phase == UCT_X_HEAD || phase == UCT_X_DUMP) &&
        stands_in(s, UCT_S("MSG:"))) {
        at->pipe |= stands_in(s, UCT_S("|SIP/2.0")) || stands_in(s, UCT_S(" SIP/2.0"));
    }
    at->phase = phase;
}

/* A dump's end mark that the copy lost, and the line end. */
static void write_tail(struct uct_x_writer *w, const struct uct_x_run *run, const struct progress *at)
{
    if (run->family == UCT_X_EXPRESSWAY && at->pipe && !at->closed) {
        put_own(&w->out, at->phase == UCT_X_BODY ? "\n |" : "\n \n |");
    }
    put_own(&w->out, "\n");
    if (run->family == UCT_X_EXPRESSWAY && at->pipe) {
        put_own(&w->out, "\n");
    }
}

void uct_x_write(struct uct_x_writer *w, struct uct_x_reader *r, const struct uct_x_run *run, size_t i,
                 size_t end)
{
    struct wrapping how = how_wrapped(r, run, i, end);
    struct progress at = {0};
    for (size_t k = i; k < end;) {
        size_t stop = k + 1;
        const struct uct_x_line *l = uct_x_at(r, k);
        enum uct_x_phase phase = l->phase;
        while (stop < end && uct_x_at(r, stop)->joins) {
            stop++;
        }
        join(w, r, how, k, stop);
        if (w->line.failed) {
            w->out.failed = true;
            return;
        }
        write_logical(w, run, phase, k == i, &at);
        k = stop;
    }
    write_tail(w, run, &at);
}

void uct_x_part(struct uct_x_writer *w)
{
    put_own(&w->out, "\n");
}

void uct_x_writer_free(struct uct_x_writer *w)
{
    uct_buf_free(&w->out.text);
    uct_buf_free(&w->line.text);
    free(w->out.map);
    free(w->line.map);
    *w = (struct uct_x_writer){0};
}
