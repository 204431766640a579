/* excerpt_find: where a piece ends, and which of its lines continue the line
 * before.
 *
 * A piece goes on while lines show a sign of the log: a known key, key="value",
 * a line of the format itself, the rest of a token or of an open quote.  The
 * first line without one ends it.  When in doubt a line is left out: a prose
 * sentence in a piece does more harm than a missing last line. */
#include "excerpt.h"

enum verdict { END, NEW, JOIN };

/* How far ahead the width and the spacing of a piece are measured, and how far
 * the end of an open quote is looked for. */
#define LOOK_LINES 40u
#define QUOTE_LINES 6u
#define END_MARK_REACH ((size_t)256 << 10)
/* A record is cut here: what follows is prose until the next head. */
#define RECORD_SIZE ((size_t)1 << 20)

struct state {
    struct uct_x_reader *r;
    struct uct_x_run *run;
    enum uct_x_phase phase;
    bool quote;        /* a quote is open at the end of the line before */
    bool bracket;      /* < or ( is open there */
    bool length_seen;  /* Content-Length stood in the message */
    bool empty_body;   /* ... and was 0 */
    bool head_whole;   /* Lync: "(component,function:file(line))" is there to its end */
    bool message_body; /* Lync: behind Message-Body: */
    bool message;      /* Lync: a SIP message, its start line was there */
    uint32_t margin;   /* indentation of the last line that was not joined */
    uint32_t packet;   /* UccApi: lines that "Sending Packet - ... bytes" may still take */
    uint32_t indent;   /* of the head */
    char mark;         /* bullet of the head */
    uint32_t keys;     /* Expressway without stamp: lead keys seen in this record */
    uint32_t braces;   /* Expressway: open ones of an ASN.1 value */
    bool value;        /* ... which is not at its end */
};

static struct uct_slice from_of(struct uct_slice s, size_t n)
{
    return n < s.n ? uct_slice(s.p + n, s.n - n) : uct_slice(s.p + s.n, 0);
}

static char last_char(struct uct_slice s)
{
    return s.n ? s.p[s.n - 1] : 0;
}

static bool has(struct uct_slice s, struct uct_slice word)
{
    return uct_slice_find(s, word) != SIZE_MAX;
}

/* ---- words ---------------------------------------------------------------- */

/* A word no prose has: parameters, addresses, codes, pieces of an identifier. */
static bool is_token(struct uct_slice word)
{
    size_t digits = 0, letters = 0, dots = 0;
    if (word.n && memchr("([<\"", word.p[0], 4)) {
        word = from_of(word, 1);
    }
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.p[i];
        if (memchr(";=@\\|_", c, 6) || c >= 0x80) {
            return c < 0x80;
        }
        digits += uct_isdigit(c);
        letters += uct_isalpha(c);
        dots += c == '.' || c == ':' || c == '-' || c == '/';
    }
    if (word.n > 30) {
        return true;
    }
    if (digits && letters + digits + dots == word.n && word.n > 3) {
        return letters || dots || digits > 3;
    }
    return uct_slice_istarts(word, UCT_S("sip:")) || has(word, UCT_S("::"));
}

static bool is_prose_word(struct uct_slice word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (!uct_isalpha((unsigned char)word.p[i])) {
            return i + 1 == word.n && memchr(".,;:!?", word.p[i], 6);
        }
    }
    return word.n > 0;
}

/* Three words of letters at the front: most probably a sentence. */
bool uct_x_is_sentence(struct uct_slice s)
{
    for (int i = 0; i < 3; i++) {
        struct uct_slice word = uct_x_first_word(s);
        if (!is_prose_word(word)) {
            return false;
        }
        s = from_of(s, word.n);
        while (s.n && uct_isblank((unsigned char)s.p[0])) {
            s = from_of(s, 1);
        }
    }
    return true;
}

/* ---- spacing and width -------------------------------------------------- */

/* Empty lines that count: in a doubled piece one behind each line is none. */
static uint32_t gap(const struct uct_x_run *run, const struct uct_x_line *p)
{
    return run->doubled ? p->blanks / 2 : p->blanks;
}

static bool has_key(struct uct_slice s)
{
    size_t n = uct_x_key(s);
    struct uct_slice name = uct_slice(s.p, n);
    return n && (uct_x_sip_name(name) || uct_x_lync_name(name));
}

/* Heads that end whatever is open.  A SIP start line or a diagnostic does not:
 * both stand inside the records of the other families. */
static bool is_other_head(struct uct_slice s)
{
    if (s.n < 24 || (!uct_isdigit((unsigned char)s.p[0]) && s.p[0] != 'T')) {
        return false;
    }
    enum uct_x_family f = uct_x_head(s, uct_slice("", 0));
    return f == UCT_X_EXPRESSWAY ? uct_x_is_stamped(s) : f == UCT_X_LYNC || f == UCT_X_UCCAPI;
}

/* Lines near the head that may be the piece's: up to the first that cannot be. */
static size_t look_ahead(struct uct_x_reader *r, enum uct_x_family family, size_t i)
{
    size_t k = i + 1;
    for (; k < i + LOOK_LINES; k++) {
        const struct uct_x_line *p = uct_x_at(r, k - 1);
        uint32_t blanks = p ? p->blanks : 0;
        if (p && ((family == UCT_X_LYNC && has(p->s, UCT_S("$$end_record"))) ||
                  (family == UCT_X_EXPRESSWAY && p->s.n == 1 && p->s.p[0] == '|'))) {
            break;
        }
        const struct uct_x_line *l = uct_x_at(r, k);
        if (!l || l->fence || l->foreign || blanks > 3 ||
            (is_other_head(l->s) && uct_x_head(l->s, uct_slice("", 0)) != family)) {
            break;
        }
    }
    return k;
}

/* Four in five of the lines are followed by an empty one. */
static bool is_doubled(struct uct_x_reader *r, size_t i, size_t end)
{
    size_t spaced = 0, n = end - i < 9 ? end - i : 9;
    const struct uct_x_line *l = uct_x_at(r, i);
    if (!l || !l->blanks || n < 2) {
        return l && l->blanks;
    }
    for (size_t k = i; k < i + n; k++) {
        l = uct_x_at(r, k);
        spaced += l && l->blanks > 0;
    }
    return spaced * 5 >= n * 4;
}

static bool is_prose(struct uct_slice s)
{
    return uct_x_is_sentence(s) && !has(s, UCT_S("=\""));
}

struct widths {
    uint32_t widest, words; /* of all lines, of those with a blank in them */
    size_t at, narrower;    /* lines as wide as the widest, and 3 to 10 less */
};

static struct widths widths_of(struct uct_x_reader *r, size_t i, size_t end)
{
    struct widths w = {0};
    for (size_t k = i; k < end; k++) {
        const struct uct_x_line *l = uct_x_at(r, k);
        if (l && !is_prose(l->s)) {
            w.widest = l->width > w.widest ? l->width : w.widest;
            bool words = memchr(l->s.p, ' ', l->s.n) != NULL;
            w.words = words && l->width > w.words ? l->width : w.words;
        }
    }
    for (size_t k = i; k < end; k++) {
        const struct uct_x_line *l = uct_x_at(r, k);
        if (l) {
            w.at += l->width == w.widest || (l->tail && l->width + 1 == w.widest);
            w.narrower += l->width + 10 >= w.widest && l->width + 2 < w.widest && !is_prose(l->s);
        }
    }
    return w;
}

/* The widest line near by that is no prose: there lines were wrapped.  One
 * word alone may be wider, unless several lines are as wide as that.  Word
 * wrap leaves many lines a few characters short of the width. */
static void measure(struct uct_x_reader *r, struct uct_x_run *run, size_t i)
{
    size_t end = look_ahead(r, run->family, i);
    struct widths w = widths_of(r, i, end);
    run->doubled = is_doubled(r, i, end);
    run->hard = w.at > 1 && w.widest >= 20;
    run->strict = run->hard && w.at > 2 && w.at >= 3 * w.narrower;
    run->wrap = run->hard || !w.words ? w.widest : w.words;
}

/* ---- does this line continue that one? ---------------------------------- */

/* Would the first word of l have fitted behind p?  Then p was not wrapped. */
static bool would_fit(const struct uct_x_run *run, const struct uct_x_line *p, const struct uct_x_line *l)
{
    return p->width + 1 + uct_x_first_word(l->s).n <= run->wrap;
}

/* A blank at the cut may have been trimmed. */
static bool cut_hard(const struct uct_x_run *run, const struct uct_x_line *p)
{
    return run->hard && p->width <= run->wrap && p->width + (p->tail ? 2 : 1) >= run->wrap;
}

/* Ends where a line of a log does not end of itself. */
static bool is_incomplete(struct uct_slice s)
{
    char c = last_char(s);
    if (!c || !memchr("-/=;,:(<@&", c, 10)) {
        return false;
    }
    return s.n < 2 || c != '-' || !uct_isblank((unsigned char)s.p[s.n - 2]);
}

/* A line that is full by chance is not continued by the sentence behind it. */
static bool opens_sentence(struct uct_slice s)
{
    return s.n && (unsigned)(s.p[0] - 'A') < 26u && uct_x_is_sentence(s);
}

/* "SIP-" + "CSeq: 1 INVITE": the name of one key on two lines. */
static bool key_is_cut(struct uct_slice p, struct uct_slice l)
{
    char name[64];
    struct uct_slice word = uct_x_last_word(p);
    size_t n = uct_x_key(l);
    if (!n || !word.n || word.n + n > sizeof name) {
        return false;
    }
    for (size_t i = 0; i < word.n; i++) {
        if (!uct_isalnum((unsigned char)word.p[i]) && word.p[i] != '-') {
            return false;
        }
    }
    memcpy(name, word.p, word.n);
    memcpy(name + word.n, l.p, n);
    struct uct_slice whole = uct_slice(name, word.n + n);
    if (!uct_x_sip_name(whole) && !uct_x_lync_name(whole)) {
        return false;
    }
    return last_char(word) == '-' ||
           (!uct_x_sip_name(uct_slice(l.p, n)) && !uct_x_lync_name(uct_slice(l.p, n)));
}

static bool is_address(struct uct_slice s)
{
    return uct_slice_istarts(s, UCT_S("<sip")) || uct_slice_istarts(s, UCT_S("<tel:")) ||
           uct_slice_istarts(s, UCT_S("<urn:"));
}

/* Continues p for its looks alone: p is cut and l looks like the rest of it. */
static bool continues(const struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    uint32_t g = gap(st->run, p);
    struct uct_slice word = uct_x_first_word(l->s);
    if (key_is_cut(p->s, l->s)) {
        return g < 2;
    }
    if (uct_x_pair(l->s)) {
        return g < 2 || (is_incomplete(p->s) && g < 3);
    }
    if (g) {
        return g < 2 && is_incomplete(p->s) && is_token(word);
    }
    if (cut_hard(st->run, p)) {
        return !opens_sentence(l->s);
    }
    if (is_incomplete(p->s) || st->bracket) {
        return !uct_x_is_sentence(l->s) || !would_fit(st->run, p, l);
    }
    if (l->s.p[0] == '=') {
        return true;
    }
    if (uct_slice_starts(word, UCT_S("http"))) {
        return false;     /* a link of the prose */
    }
    bool parameters = memchr(word.p, '=', word.n) && memchr(word.p, ';', word.n);
    if (word.n && (memchr("(;", word.p[0], 2) || is_address(word) || parameters)) {
        return true;
    }
    return is_token(word) && !would_fit(st->run, p, l);
}

/* Is the quote that is open closed within a few lines? */
static bool quote_closes(struct state *st, size_t k)
{
    for (size_t i = k; i < k + QUOTE_LINES; i++) {
        const struct uct_x_line *l = uct_x_at(st->r, i);
        if (!l || l->fence) {
            return false;
        }
        size_t n = l->s.n < 1024 ? l->s.n : 1024;
        const char *q = memchr(l->s.p, '"', n);
        if (q) {
            /* A quote that opens a value is no closing one. */
            return q == l->s.p || q[-1] != '=' || q == l->s.p + l->s.n - 1;
        }
        if (gap(st->run, l) > 1 || l->s.n > 1024) {
            return false;
        }
    }
    return false;
}

static void follow(struct state *st, const struct uct_x_line *l, bool joins)
{
    if (!joins) {
        st->quote = st->bracket = false;
    }
    for (size_t i = 0; i < l->s.n; i++) {
        char c = l->s.p[i];
        if (c == '"') {
            st->quote = !st->quote;
        } else if (!st->quote && c == '<') {
            st->bracket = true;
        } else if (!st->quote && c == '>') {
            st->bracket = false;
        }
    }
}

/* ---- SIP ---------------------------------------------------------------- */

/* Remembers Content-Length, wherever it stands in a line of glued headers. */
static void note_length(struct state *st, struct uct_slice s)
{
    uint64_t v;
    struct uct_slice value;
    if (!uct_x_is_length(s, &value)) {
        size_t at = uct_slice_ifind(s, UCT_S("Content-Length:"));
        if (at == SIZE_MAX) {
            return;
        }
        value = uct_slice_trim(from_of(s, at + 15));
    }
    st->length_seen = true;
    st->empty_body = uct_slice_u64(value, &v) && v == 0;
}

static bool is_sdp(struct uct_slice s)
{
    return s.n > 2 && s.p[1] == '=' && memchr("vosiuepcbtrzkam", s.p[0], 15) && s.p[2] != ' ';
}

static bool is_markup(struct uct_slice s)
{
    return s.n > 2 && ((s.p[0] == '<' && (uct_isalpha((unsigned char)s.p[1]) || memchr("/?!", s.p[1], 3))) ||
                       uct_slice_starts(s, UCT_S("--")) || s.p[0] == '{');
}

static enum verdict in_body(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    if (l->s.p[0] == '|') {
        return NEW;
    }
    if (gap(st->run, p) > 1) {
        return END;
    }
    /* "max-fp" + "s=3000" is no subject: what describes a session stands first. */
    bool cut_key = cut_hard(st->run, p) && !p->blanks && uct_slice_starts(p->s, UCT_S("a=")) &&
                   memchr("vostuepzr", l->s.p[0], 9);
    if ((is_sdp(l->s) && !cut_key) || is_markup(l->s)) {
        return NEW;
    }
    if (gap(st->run, p)) {
        return END;
    }
    if (uct_slice_starts(l->s, UCT_S("Content-")) && uct_x_key(l->s)) {
        return NEW; /* of a part of a multipart body */
    }
    bool cut = cut_hard(st->run, p) || (is_incomplete(p->s) && is_token(uct_x_first_word(l->s))) ||
               (is_token(uct_x_first_word(l->s)) && !would_fit(st->run, p, l));
    return cut ? JOIN : END;
}

/* Free text may stand in these: their rest need not look like a token. */
static bool takes_text(const struct uct_x_line *p)
{
    size_t n = uct_x_key(p->s);
    struct uct_slice name = uct_slice(p->s.p, n ? n : uct_x_header(p->s, NULL));
    return uct_slice_ieq(name, UCT_S("User-Agent")) || uct_slice_ieq(name, UCT_S("Server")) ||
           uct_slice_ieq(name, UCT_S("Subject")) || uct_slice_ieq(name, UCT_S("Reason")) ||
           uct_slice_ieq(name, UCT_S("s")) || uct_slice_ieq(name, UCT_S("Text")) ||
           uct_slice_ieq(name, UCT_S("Warning"));
}

/* "Server: is that the Expressway?": a sentence behind a word that is a header. */
static bool is_remark(struct uct_slice s, size_t key, struct uct_slice value)
{
    if (!key || !uct_x_is_sentence(value) || uct_slice_starts(s, UCT_S("Subject:"))) {
        return false;
    }
    return memchr(".?!", last_char(value), 3) || (unsigned)(value.p[0] - 'a') < 26u;
}

/* "s: Weekly meeting": a letter that is the short name of a header, whatever its value is. */
static bool is_letter_key(struct uct_slice s)
{
    size_t n = 1;
    if (s.n < 2 || !memchr("vftimlcsekouVFTIMLCSEKOU", s.p[0], 24)) {
        return false;
    }
    while (n < s.n && n < 16 && uct_isblank((unsigned char)s.p[n])) {
        n++;
    }
    return n < s.n && s.p[n] == ':' && (n + 1 == s.n || uct_isblank((unsigned char)s.p[n + 1]));
}

/* A header of a message that stands among the keys of a Lync record, in one of
 * the spellings that need a message round them. */
static bool is_spelt_header(const struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    if (!st->message || gap(st->run, p)) {
        return false;
    }
    return uct_x_header(l->s, NULL) || (is_letter_key(l->s) && !cut_hard(st->run, p));
}

/* RFC 3261 section 7.3.1: a line that begins with blanks continues the header before. */
static bool is_folded(const struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    return !gap(st->run, p) && l->indent > st->margin && !uct_x_is_sentence(l->s);
}

/* A name that no list has: with a '-' in it, or between two known ones. */
static bool is_unknown_header(struct state *st, size_t k, const struct uct_x_line *l)
{
    size_t n = uct_x_key(l->s);
    if (is_letter_key(l->s)) {
        return true;
    }
    if (n != 1 && (!n || l->s.n < n + 2 || !uct_isblank((unsigned char)l->s.p[n + 1]))) {
        return n && l->s.n == n + 1 && memchr(l->s.p, '-', n);
    }
    if (memchr(l->s.p, '-', n)) {
        return true;
    }
    const struct uct_x_line *next = uct_x_at(st->r, k + 1);
    return next && uct_x_header(next->s, NULL);
}

static bool is_body_start(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    if (st->empty_body) {
        return false;
    }
    if (uct_slice_starts(l->s, UCT_S("v=0"))) {
        return true;
    }
    return (gap(st->run, p) || st->length_seen) && is_markup(l->s) && !is_address(l->s);
}

static enum verdict in_headers(struct state *st, size_t k, const struct uct_x_line *p,
                               const struct uct_x_line *l)
{
    uint32_t g = gap(st->run, p);
    struct uct_slice value = {0};
    size_t key = uct_x_header(l->s, &value);
    const struct uct_x_line *next = uct_x_at(st->r, k + 1);
    if (!key && last_char(l->s) == ':' && is_letter_key(l->s) && next && next->indent > l->indent) {
        key = 1; /* the value is in the next line */
    }
    if (l->s.p[0] == '|') {
        return NEW;
    }
    if (key_is_cut(p->s, l->s) && g < 2) {
        return JOIN;
    }
    if (key || uct_x_lone_method(l->s)) {
        /* "Date : ..." behind an empty line is rather the head of the next mail. */
        uint32_t most = key && (key == 1 || l->s.p[key] != ':') ? 0 : 1;
        return g <= most && !is_remark(l->s, key, value) ? NEW : END;
    }
    if (is_body_start(st, p, l)) {
        st->phase = UCT_X_BODY;
        return NEW;
    }
    /* After Content-Length the message may be over: only sure signs count. */
    bool last = uct_x_is_length(p->s, NULL);
    if (!last && continues(st, p, l)) {
        return JOIN;
    }
    if (!g && is_unknown_header(st, k, uct_x_at(st->r, k))) {
        return NEW;
    }
    p = uct_x_at(st->r, k - 1);
    l = uct_x_at(st->r, k);
    bool text = !last && !g && takes_text(p) && !would_fit(st->run, p, l) && !uct_x_is_sentence(l->s);
    return text || (!last && is_folded(st, p, l)) ? JOIN : END;
}

/* ---- Expressway --------------------------------------------------------- */

static uint32_t lead_key(struct uct_slice s)
{
    static const char *const keys[] = {"UTCTime=\"", "Module=\"", "Event=\"", "Level=\"", "Detail=\""};
    for (uint32_t i = 0; i < 5; i++) {
        if (uct_slice_starts(s, uct_slice_str(keys[i]))) {
            return 1u << i;
        }
    }
    return 0;
}

static uint32_t lead_keys_in(struct uct_slice s)
{
    uint32_t found = 0;
    for (size_t i = 0; i < s.n && i < 2000; i++) {
        if ((i == 0 || s.p[i - 1] == ' ') && memchr("UMELD", s.p[i], 5)) {
            found |= lead_key(from_of(s, i));
        }
    }
    return found;
}

/* In a record without a stamp a lead key that was there before starts the next. */
static bool starts_bare(const struct state *st, struct uct_slice s)
{
    if (st->run->stamped) {
        return false;
    }
    uint32_t keys = lead_key(s);
    if (keys) {
        return (st->keys & keys) != 0;
    }
    return uct_x_head(s, uct_slice("", 0)) == UCT_X_EXPRESSWAY;
}

static bool is_dump_mark(struct uct_slice s)
{
    return uct_slice_starts(s, UCT_S("SIPMSG:")) || uct_slice_starts(s, UCT_S("HTTPMSG:"));
}

/* A PDU of H.323 is dumped in ASN.1 value notation, often pasted without its blanks:
 *   value MultimediaSystemControlMessage ::= response : openLogicalChannelReject :
 *   {
 *   cause dataTypeNotSupported : NULL
 *   }                                                                              */
static bool in_value(struct state *st, struct uct_slice before, struct uct_slice s)
{
    if (has(before, UCT_S(" PDU:")) && has(s, UCT_S(" ::= "))) {
        st->value = true;
        st->braces = 0;
    }
    if (!st->value) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '{') {
            st->braces++;
        } else if (s.p[i] == '}' && st->braces) {
            st->braces--;
        }
    }
    st->value = st->braces || last_char(s) == ':';
    return true;
}

static enum verdict in_expressway(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    if (starts_bare(st, l->s)) {
        return END;
    }
    if (!p->blanks && in_value(st, p->s, l->s)) {
        return NEW;
    }
    if (is_dump_mark(l->s)) {
        st->phase = has(l->s, UCT_S("SIP/2.0")) || has(l->s, UCT_S("HTTP/1.")) ? UCT_X_HEADERS : UCT_X_DUMP;
        return NEW;
    }
    if (l->s.p[0] == '|' && gap(st->run, p) < 2) {
        st->phase = UCT_X_HEADERS;
        return NEW;
    }
    if (continues(st, p, l)) {
        return JOIN;
    }
    if (!gap(st->run, p) && uct_x_header(l->s, NULL) && has(p->s, UCT_S("SIP/2.0"))) {
        st->phase = UCT_X_HEADERS;
        return NEW;
    }
    if (!p->blanks && l->indent > st->indent && (l->indent == st->indent + 1 || !uct_x_is_sentence(l->s))) {
        return NEW;      /* on disk every further line of a record begins with a blank */
    }
    bool wrapped = !gap(st->run, p) && !would_fit(st->run, p, l) && has(l->s, UCT_S("=\""));
    return wrapped ? JOIN : END;
}

/* ---- Lync --------------------------------------------------------------- */

/* Does "$$end_record" stand before the next record's begin mark?  What was
 * searched is remembered, so that the document is searched once. */
static bool end_mark_ahead(struct state *st, size_t from)
{
    struct uct_x_run *run = st->run;
    struct uct_slice doc = st->r->doc;
    bool known = run->end >= from && uct_slice_starts(from_of(doc, run->end), UCT_S("$$end_record"));
    if (!known) {
        size_t at = run->end > from + 12 ? run->end - 12 : from;
        size_t stop = doc.n - from < END_MARK_REACH ? doc.n : from + END_MARK_REACH;
        const char *mark = at < stop ? memmem(doc.p + at, stop - at, "$$end_record", 12) : NULL;
        run->end = mark ? (size_t)(mark - doc.p) : stop;
        if (!mark) {
            return false;
        }
    }
    return !memmem(doc.p + from, run->end - from, "$$begin_record", 14);
}

static enum verdict in_keys(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    if (uct_slice_starts(l->s, UCT_S("$$end_record"))) {
        st->phase = UCT_X_DONE;
        return NEW;
    }
    if (key_is_cut(p->s, l->s)) {
        return JOIN;
    }
    if (uct_slice_istarts(l->s, UCT_S("Message-Body:"))) {
        st->message_body = true;
    }
    if (st->message_body) {
        return cut_hard(st->run, p) && !is_sdp(l->s) && !has_key(l->s) ? JOIN : NEW;
    }
    return has_key(l->s) || uct_x_lone_method(l->s) || is_sdp(l->s) || is_spelt_header(st, p, l) ? NEW : JOIN;
}

/* The header is whole with "(file(line))" and, where it has one, the mark. */
static enum verdict in_lync_head(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    bool mark = uct_slice_starts(l->s, UCT_S("$$begin_record"));
    bool rest = l->s.p[0] == '(' || l->s.p[0] == '[' || mark;
    if (gap(st->run, p) > 1) {
        return END;
    }
    if (has_key(l->s) && !key_is_cut(p->s, l->s) && st->head_whole) {
        st->phase = UCT_X_TRACE;
        return gap(st->run, p) ? END : NEW;
    }
    if ((rest && (last_char(p->s) != ':' || st->run->doubled)) || cut_hard(st->run, p)) {
        return JOIN;
    }
    if (has(l->s, UCT_S("$$begin_record")) || (has(l->s, UCT_S("))")) && !has_key(l->s))) {
        return JOIN;
    }
    if (has_key(l->s) && !gap(st->run, p)) {
        st->phase = UCT_X_TRACE;
        return NEW;
    }
    bool text = st->head_whole && !gap(st->run, p) && !would_fit(st->run, p, l) && !opens_sentence(l->s);
    return text || continues(st, p, l) ? JOIN : END;
}

static enum verdict in_trace(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    if (uct_slice_starts(l->s, UCT_S("$$end_record"))) {
        st->phase = UCT_X_DONE;
        return NEW;
    }
    if (gap(st->run, p) > 1 || (p->blanks && uct_x_is_diag(l->s)) ||
        uct_x_is_start_line(l->s, uct_slice("", 0))) {
        return END;
    }
    if (key_is_cut(p->s, l->s)) {
        return JOIN;
    }
    if (has_key(l->s) || is_spelt_header(st, p, l)) {
        return NEW;
    }
    if (has(l->s, UCT_S(" Result-Code:")) || has(l->s, UCT_S("$$end_record"))) {
        return JOIN;
    }
    bool text = !gap(st->run, p) && takes_text(p) && !would_fit(st->run, p, l);
    text |= st->message && !uct_x_is_length(p->s, NULL) && is_folded(st, p, l);
    return text || continues(st, p, l) ? JOIN : END;
}

/* ---- the rest ----------------------------------------------------------- */

/* "... :: INVITE sip:room@meet.exam" and "ple.com SIP/2.0": together they are a start line. */
static bool wraps_start_line(const struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    char text[1024];
    size_t at = uct_slice_find(p->s, UCT_S(" :: ")), n = 0;
    if (at == SIZE_MAX) {
        return false;
    }
    struct uct_slice from = from_of(p->s, at + 4);
    if (!from.n || from.n + l->s.n + 1 > sizeof text) {
        return false;
    }
    memcpy(text, from.p, from.n);
    n = from.n;
    if (p->tail || l->indent || (!cut_hard(st->run, p) && !is_incomplete(p->s))) {
        text[n++] = ' ';
    }
    memcpy(text + n, l->s.p, l->s.n);
    return uct_x_is_start_line(uct_slice(text, n + l->s.n), uct_slice("", 0));
}

static enum verdict in_uccapi(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    if (gap(st->run, p)) {
        return END;
    }
    bool behind_level = p->s.n > 2 && memcmp(p->s.p + p->s.n - 2, "::", 2) == 0;
    if ((behind_level && uct_x_is_start_line(l->s, uct_slice("", 0))) || wraps_start_line(st, p, l)) {
        st->phase = UCT_X_START;
        return JOIN;
    }
    bool wrapped = (!would_fit(st->run, p, l) || (st->packet && is_incomplete(p->s))) && !uct_x_is_sentence(l->s);
    wrapped |= st->packet && last_char(p->s) == '-';
    wrapped |= behind_level || (cut_hard(st->run, p) && (st->packet || !opens_sentence(l->s)));
    return wrapped ? JOIN : END;
}

static bool is_event_paragraph(struct uct_slice s)
{
    static const char *const names[] = {"Cause:", "Resolution:", "Process:", "Reason:", "Event Xml:"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (uct_slice_starts(s, uct_slice_str(names[i]))) {
            return true;
        }
    }
    return false;
}

/* A description may have paragraphs: as long as "Cause:" is still to come. */
static bool event_goes_on(struct state *st, size_t k)
{
    for (size_t i = k; i < k + 8; i++) {
        const struct uct_x_line *l = uct_x_at(st->r, i);
        if (!l || l->fence || uct_x_head(l->s, uct_slice("", 0)) ||
            uct_slice_starts(l->s, UCT_S("Log Name:"))) {
            return false;
        }
        if (is_event_paragraph(l->s)) {
            return true;
        }
    }
    return false;
}

static enum verdict in_event(struct state *st, size_t k)
{
    struct uct_slice s = uct_x_at(st->r, k)->s;
    uint32_t g = gap(st->run, uct_x_at(st->r, k - 1));
    if (uct_slice_starts(s, UCT_S("Log Name:")) || uct_slice_starts(s, UCT_S("Event Type:"))) {
        return END;
    }
    if (st->phase == UCT_X_HEAD) {
        if (uct_slice_starts(s, UCT_S("Description:"))) {
            st->phase = UCT_X_FREE;
        }
        return g > 1 || !memchr(s.p, ':', s.n < 24 ? s.n : 24) ? END : NEW;
    }
    return !g || (g < 2 && event_goes_on(st, k)) ? NEW : END;
}

/* ---- one record --------------------------------------------------------- */

static struct uct_slice next_slice(struct uct_x_reader *r, size_t k)
{
    const struct uct_x_line *l = uct_x_at(r, k);
    return l ? l->s : uct_slice("", 0);
}

/* One block of a client trace may hold several messages; elsewhere the start
 * line is the head of the next, or (in a dump) a message in the body. */
static enum verdict at_next_message(struct state *st)
{
    if (st->run->family == UCT_X_SIP) {
        return END;
    }
    if (st->run->family == UCT_X_UCCAPI) {
        st->phase = UCT_X_START;
        st->length_seen = st->empty_body = false;
    }
    return NEW;
}

static enum verdict by_phase(struct state *st, size_t k, const struct uct_x_line *p,
                             const struct uct_x_line *l)
{
    switch (st->phase) {
    case UCT_X_DUMP:
        if (l->s.p[0] == '|' || uct_x_is_start_line(l->s, uct_slice("", 0)) ||
            uct_slice_starts(l->s, UCT_S("HTTP/"))) {
            st->phase = UCT_X_HEADERS;
            return NEW;
        }
        return END;
    case UCT_X_START:
        st->phase = UCT_X_HEADERS;
        if (!gap(st->run, p) && !would_fit(st->run, p, l) && !uct_x_key(l->s) && !uct_x_header(l->s, NULL) &&
            !uct_x_lone_method(l->s)) {
            return JOIN; /* "SIP/2.0 504 Server" + "time-out" */
        }
        return in_headers(st, k, p, l);
    case UCT_X_HEADERS:
    case UCT_X_BODY:
        if (uct_x_is_start_line(l->s, uct_slice("", 0))) {
            return at_next_message(st);
        }
        return st->phase == UCT_X_BODY ? in_body(st, p, l) : in_headers(st, k, p, l);
    case UCT_X_KEYS:
        return in_keys(st, p, l);
    case UCT_X_TRACE:
        return in_trace(st, p, l);
    case UCT_X_DONE:
        return END;
    case UCT_X_HEAD:
    case UCT_X_FREE:
        break;
    }
    switch (st->run->family) {
    case UCT_X_EXPRESSWAY:
        return in_expressway(st, p, l);
    case UCT_X_LYNC:
        return in_lync_head(st, p, l);
    case UCT_X_UCCAPI:
        return in_uccapi(st, p, l);
    case UCT_X_EVENT:
        return in_event(st, k);
    default:
        return END;
    }
}

/* "$$b" + "egin_record": the mark cut by the line end. */
static bool mark_is_cut(struct uct_slice p, struct uct_slice l)
{
    static const char mark[] = "$$begin_record";
    for (size_t n = 1; n < sizeof mark - 1; n++) {
        size_t rest = sizeof mark - 1 - n;
        if (p.n >= n && l.n >= rest && memcmp(p.p + p.n - n, mark, n) == 0 && memcmp(l.p, mark + n, rest) == 0) {
            return true;
        }
    }
    return false;
}

/* The phase that what was just taken leads to; p: the line before, where l continues it. */
static void advance(struct state *st, const struct uct_x_line *p, const struct uct_x_line *l)
{
    struct uct_slice s = l->s;
    st->head_whole |= st->phase == UCT_X_HEAD && has(s, UCT_S("))"));
    st->message |= st->run->family == UCT_X_LYNC && has(s, UCT_S("Start-Line:"));
    bool begins = has(s, UCT_S("$$begin_record")) || (p && mark_is_cut(p->s, s));
    if (st->run->family == UCT_X_LYNC && st->phase == UCT_X_HEAD && begins) {
        bool whole = has(s, UCT_S("$$end_record"));
        st->phase = whole ? UCT_X_DONE : end_mark_ahead(st, l->end) ? UCT_X_KEYS : UCT_X_TRACE;
    }
    if (st->run->family == UCT_X_LYNC && st->phase != UCT_X_HEAD && has(s, UCT_S("$$end_record"))) {
        st->phase = UCT_X_DONE;
    }
    if (st->phase == UCT_X_HEADERS || st->phase == UCT_X_START) {
        note_length(st, s);
    }
    if (st->packet) {
        st->packet = has(s, UCT_S("bytes")) ? 0 : st->packet - 1;
    }
    if (st->run->family == UCT_X_EXPRESSWAY && s.n == 1 && s.p[0] == '|') {
        st->phase = UCT_X_DONE;
    }
    if (st->run->family == UCT_X_EXPRESSWAY && st->phase == UCT_X_HEAD) {
        st->keys |= lead_keys_in(s);
        if (has(s, UCT_S(" SIPMSG:"))) {
            st->phase = has(s, UCT_S("SIP/2.0")) ? UCT_X_HEADERS : UCT_X_DUMP;
        }
    }
}

/* "Data Received" + "- 192.0.2.1:5061": what looked like a bullet was text. */
static bool take_back_mark(struct state *st, const struct uct_x_line *p, struct uct_x_line *l)
{
    if (l->mark != '-' || gap(st->run, p) || !(cut_hard(st->run, p) || st->packet)) {
        return false;
    }
    l->s.p -= l->back;
    l->s.n += l->back;
    l->width += l->back + l->indent;
    l->mark = 0;
    return true;
}

static enum verdict judge(struct state *st, size_t k)
{
    uct_x_at(st->r, k + 1); /* read ahead now: pointers below must stay good */
    const struct uct_x_line *l = uct_x_at(st->r, k);
    if (!l) {
        return END;
    }
    const struct uct_x_line *p = uct_x_at(st->r, k - 1);
    if (l->fence || p->blanks > 5 || is_other_head(l->s)) {
        return END;
    }
    if (l->mark && l->mark != st->mark && !take_back_mark(st, p, uct_x_at(st->r, k))) {
        return END;
    }
    if (st->quote && gap(st->run, p) < 3 && quote_closes(st, k)) {
        return JOIN;
    }
    l = uct_x_at(st->r, k);
    p = uct_x_at(st->r, k - 1);
    if (l->foreign) {
        return END;
    }
    return by_phase(st, k, p, l);
}

static enum uct_x_phase first_phase(struct uct_x_reader *r, const struct uct_x_run *run, size_t i)
{
    struct uct_slice s = next_slice(r, i);
    if (run->family == UCT_X_SIP) {
        return uct_x_is_diag(s) ? UCT_X_HEADERS : UCT_X_START;
    }
    bool body = run->family == UCT_X_LYNC && !uct_slice_starts(s, UCT_S("TL_"));
    return body ? UCT_X_TRACE : UCT_X_HEAD;
}

/* "03/02/2017|07:10:46.230 1F68:C14 INFO  :: SIP/2.0 504 ..." */
static bool starts_message(struct uct_slice s)
{
    size_t at = uct_slice_find(s, UCT_S(" :: "));
    return at != SIZE_MAX && uct_x_is_start_line(from_of(s, at + 4), uct_slice("", 0));
}

size_t uct_x_find_end(struct uct_x_reader *r, struct uct_x_run *run, size_t i)
{
    struct state st = {.r = r, .run = run};
    struct uct_x_line *l;
    if (!run->wrap) {
        measure(r, run, i);
    }
    st.phase = first_phase(r, run, i);
    l = uct_x_at(r, i);
    if (!l) {
        return i + 1;
    }
    st.indent = st.margin = l->indent;
    st.mark = l->mark;
    l->joins = false;
    l->phase = (uint8_t)st.phase;
    run->stamped = uct_x_is_stamped(l->s);
    bool packet = has(l->s, UCT_S(" Data Received")) || has(l->s, UCT_S(" Sending Packet"));
    st.packet = run->family == UCT_X_UCCAPI && packet ? 4 : 0;
    follow(&st, l, false);
    advance(&st, NULL, l);
    if (run->family == UCT_X_UCCAPI && starts_message(l->s)) {
        st.phase = UCT_X_START;
    }
    size_t k = i + 1, start = l->start;
    for (;; k++) {
        enum verdict v = judge(&st, k);
        l = uct_x_at(r, k);
        if (v == END || !l || l->end - start > RECORD_SIZE) {
            break;
        }
        l->joins = v == JOIN;
        const struct uct_x_line *p = uct_x_at(r, k - 1);
        l->folded = l->joins && is_folded(&st, p, l) && would_fit(run, p, l);
        st.margin = l->joins ? st.margin : l->indent;
        l->phase = (uint8_t)(st.phase == UCT_X_START ? UCT_X_HEADERS : st.phase);
        follow(&st, l, l->joins);
        advance(&st, l->joins ? uct_x_at(r, k - 1) : NULL, l);
    }
    return k;
}
