/* explain: from what somebody typed or pasted to the rows that explain it.
 *
 *   0x80090322  80090322  C3E93D67  -2146893022  2148074274      result codes
 *   0x80090322(SEC_E_WRONG_PRINCIPAL)  10054(WSAECONNRESET)      as logs print them
 *   1010  1010.5  ms:1010  504  sip:504  alarm:20004  tls:46  q850:47  ice:4000320
 *   error:14094418:SSL routines:...   14094418   "SSL alert number 40"
 *   SIP/2.0 504 Server time-out       Q.850;cause=47
 *   SEC_E_UNTRUSTED_ROOT   "Inbound TLS Negotiation Error"   words of a message */
#include "dictionary.h"

#include <stdlib.h>

#define QUERY_MAX_BYTES 4096u
#define WORDS_MAX 32u
#define BEST_MAX 10u

struct query {
    struct uct_slice s;
    struct uct_slice joined; /* s with underscores for blanks, as in SEC_E_UNTRUSTED_ROOT */
    enum uct_family family;  /* UCT_FAMILIES: any */
    enum uct_row_kind kind;  /* for tls: what a bare number is */
};

/* ---- what the argument starts with ---------------------------------------- */

static const struct prefix {
    const char *text;
    enum uct_family family;
    enum uct_row_kind kind;
} prefixes[] = {
    {"ms:", UCT_FAMILY_MS, UCT_ROW_NUMBER},
    {"ms-diagnostics:", UCT_FAMILY_MS, UCT_ROW_NUMBER},
    {"ms-diagnostics-public:", UCT_FAMILY_MS, UCT_ROW_NUMBER},
    {"ms-client-diagnostics:", UCT_FAMILY_MS, UCT_ROW_NUMBER},
    {"x-ms-diagnostics:", UCT_FAMILY_MS, UCT_ROW_NUMBER},
    {"result:", UCT_FAMILY_RESULT, UCT_ROW_NUMBER},
    {"result-code:", UCT_FAMILY_RESULT, UCT_ROW_NUMBER},
    {"hr:", UCT_FAMILY_RESULT, UCT_ROW_NUMBER},
    {"hresult:", UCT_FAMILY_RESULT, UCT_ROW_NUMBER},
    {"hresult=", UCT_FAMILY_RESULT, UCT_ROW_NUMBER},
    {"win32:", UCT_FAMILY_RESULT, UCT_ROW_NUMBER},
    {"wsa:", UCT_FAMILY_RESULT, UCT_ROW_NUMBER},
    {"sip:", UCT_FAMILY_SIP, UCT_ROW_NUMBER},
    {"sip-status:", UCT_FAMILY_SIP, UCT_ROW_NUMBER},
    {"sip/2.0 ", UCT_FAMILY_SIP, UCT_ROW_NUMBER},
    {"alarm:", UCT_FAMILY_ALARM, UCT_ROW_NUMBER},
    {"event:", UCT_FAMILY_EVENT, UCT_ROW_NUMBER},
    {"event=", UCT_FAMILY_EVENT, UCT_ROW_NUMBER},
    {"tls:", UCT_FAMILY_TLS, UCT_ROW_NUMBER},
    {"ssl:", UCT_FAMILY_TLS, UCT_ROW_NUMBER},
    {"openssl:", UCT_FAMILY_TLS, UCT_ROW_OPENSSL},
    {"x509:", UCT_FAMILY_TLS, UCT_ROW_X509},
    {"q850:", UCT_FAMILY_Q850, UCT_ROW_NUMBER},
    {"q.850:", UCT_FAMILY_Q850, UCT_ROW_NUMBER},
    {"ice:", UCT_FAMILY_ICE, UCT_ROW_NUMBER},
    {"icewarn=", UCT_FAMILY_ICE, UCT_ROW_NUMBER},
    {"icewarn:", UCT_FAMILY_ICE, UCT_ROW_NUMBER},
};

/* Words of a log line with a number behind them. */
static const struct prefix leads[] = {
    {"SSL alert number", UCT_FAMILY_TLS, UCT_ROW_NUMBER},
    {"handshake error", UCT_FAMILY_TLS, UCT_ROW_NUMBER},   /* Meeting Server: OpenSSL's, in decimal */
    {"Verification error:", UCT_FAMILY_TLS, UCT_ROW_X509}, /* Cisco UCM */
    {"cert verification errno=", UCT_FAMILY_TLS, UCT_ROW_X509},
    {"SIP;cause=", UCT_FAMILY_SIP, UCT_ROW_NUMBER},
    {"SIP ;cause=", UCT_FAMILY_SIP, UCT_ROW_NUMBER},
};

static struct uct_slice bare(struct uct_slice s)
{
    s = uct_slice_trim(s);
    if (s.n >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
        s = uct_slice_trim(uct_slice(s.p + 1, s.n - 2));
    return s;
}

static struct uct_slice after(struct uct_slice s, size_t n)
{
    return uct_slice(s.p + n, s.n - n);
}

/* From `text` on, what stands behind it; empty if it is not there. */
static struct uct_slice behind(struct uct_slice s, struct uct_slice text)
{
    size_t at = uct_slice_ifind(s, text);
    return at == SIZE_MAX ? uct_slice(s.p + s.n, 0) : after(s, at + text.n);
}

static struct query narrowed(const struct prefix *p, struct uct_slice s)
{
    return (struct query){.s = s, .family = p->family, .kind = p->kind};
}

static struct query read_query(const char *code)
{
    struct uct_slice all = uct_slice_str(code);
    all.n = uct_utf8_cut(all, QUERY_MAX_BYTES);
    struct query q = {.s = bare(all), .family = UCT_FAMILIES};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (uct_slice_istarts(q.s, uct_slice_str(prefixes[i].text)))
            return narrowed(&prefixes[i], bare(after(q.s, strlen(prefixes[i].text))));

    struct uct_slice cause = behind(behind(q.s, UCT_S("Q.850")), UCT_S("cause="));
    if (cause.n)
        return (struct query){.s = bare(cause), .family = UCT_FAMILY_Q850};
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        struct uct_slice number = uct_slice_trim(behind(q.s, uct_slice_str(leads[i].text)));
        if (number.n && uct_isdigit((unsigned char)number.p[0]))
            return narrowed(&leads[i], number);
    }
    return q;
}

/* ---- numbers -------------------------------------------------------------- */

/* 4,294: the digits behind a comma belong to those before it. */
static bool thousands(struct uct_slice s, size_t n)
{
    size_t digits = 0;
    while (n + 1 + digits < s.n && uct_isdigit((unsigned char)s.p[n + 1 + digits]))
        digits++;
    return n <= 3 && n < s.n && s.p[n] == ',' && digits == 3;
}

/* A number ends where nothing or one of a few marks follows: 1008;reason=,
 * 404 Not Found, 10054(WSA..., 80070005!_HRX!, but no date and no address. */
static bool ends(struct uct_slice s, size_t n)
{
    return n > 0 && !thousands(s, n) &&
           (n == s.n || (s.p[n] != '\0' && strchr(" \t(;,!)\"'", s.p[n]) != NULL));
}

static size_t read_hex(struct uct_slice s, uint32_t *v)
{
    uint64_t n = 0;
    size_t eaten = uct_slice_hex(s, &n);
    bool fits = n <= UINT32_MAX || n >> 32 == UINT32_MAX; /* the second: a negative one, 64 bits wide */
    bool colon = eaten == 8 && s.n > 8 && s.p[8] == ':';  /* 14094418:SSL routines:... */
    *v = (uint32_t)n;
    return (ends(s, eaten) || colon) && fits ? eaten : 0;
}

/* Up to two readings of the number at the front of s: 80090322 may be decimal
 * or hexadecimal.  Returns their count, and in *eaten the bytes of it. */
static size_t read_number(struct uct_slice s, struct uct_code_number out[2], size_t *eaten)
{
    bool minus = s.n > 1 && s.p[0] == '-';
    struct uct_slice digits = minus ? after(s, 1) : s;
    uint64_t v = 0;
    size_t n = 0;
    if (!minus && uct_slice_istarts(s, UCT_S("0x"))) {
        *eaten = read_hex(after(s, 2), &out[0].value);
        out[0].spelling = UCT_HEX;
        return *eaten ? (*eaten += 2, 1) : 0;
    }
    size_t dec = uct_slice_u64(digits, &v);
    if (ends(digits, dec) && v <= (minus ? UINT64_C(0x80000000) : UINT64_C(0xffffffff))) {
        out[n++] = (struct uct_code_number){minus ? (uint32_t)(0 - v) : (uint32_t)v,
                                            minus ? UCT_NEGATIVE : UCT_DECIMAL};
        *eaten = dec + minus;
    }
    uint32_t hex;
    if (!minus && read_hex(s, &hex) == 8) {
        out[n++] = (struct uct_code_number){hex, UCT_BARE_HEX};
        *eaten = 8;
    }
    return n;
}

/* Has every bit of it a text? */
static bool known_mask(const struct uct_dictionary *d, uint32_t mask)
{
    for (unsigned bit = 0; bit < 32; bit++)
        if ((mask >> bit & 1) && !uct_row_number(d, UCT_FAMILY_ICE, UCT_ROW_NUMBER, UINT32_C(1) << bit))
            return false;
    return true;
}

/* ICE warnings are written in hexadecimal, with 0x or without; what is no mask that way may be decimal. */
static size_t read_mask(const struct uct_dictionary *d, struct uct_slice s, struct uct_code_number out[2],
                        size_t *eaten)
{
    uint32_t hex;
    size_t n = read_number(s, out, eaten), digits = read_hex(s, &hex);
    if (digits == 0)
        return n;
    if (n && out[0].spelling == UCT_DECIMAL && !known_mask(d, hex) && known_mask(d, out[0].value))
        return 1;
    out[0] = (struct uct_code_number){hex, UCT_HEX};
    *eaten = digits;
    return 1;
}

static bool add_number(const struct uct_dictionary *d, struct uct_arena *a, enum uct_family f,
                       enum uct_row_kind k, uint32_t value, struct uct_explanations *x)
{
    const struct uct_row *r = uct_row_number(d, f, k, value);
    return !r || uct_add_row(x, a, r);
}

/* An OpenSSL error number: by its alert where it reports one, else by its reason. */
static bool add_openssl(const struct uct_dictionary *d, struct uct_arena *a, uint32_t v,
                        struct uct_explanations *x)
{
    uint32_t reason = v >> 24 == 0x14 ? (v & 0xfff) : v >> 23 == 20 ? (v & 0x7fffff) : 0;
    if (reason >= 1000 && reason < 1256)
        return add_number(d, a, UCT_FAMILY_TLS, UCT_ROW_NUMBER, reason - 1000, x);
    return reason == 0 || add_number(d, a, UCT_FAMILY_TLS, UCT_ROW_OPENSSL, reason, x);
}

static bool add_tls(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                    struct uct_code_number n, struct uct_explanations *x)
{
    bool chosen = q->family == UCT_FAMILY_TLS;
    if (n.value > 0xffffff) /* also decimal: "handshake error 336151576" of a Meeting Server */
        return add_openssl(d, a, n.value, x);
    if (!chosen && n.spelling != UCT_DECIMAL)
        return true;
    return add_number(d, a, UCT_FAMILY_TLS, chosen ? q->kind : UCT_ROW_NUMBER, n.value, x);
}

/* Result codes: whole HRESULTs, and Windows errors by their own number (10054,
 * 11001).  A small decimal number is a Windows error only where sockets and DNS
 * have theirs, or where the argument says so; 5 or 87 alone mean other things. */
static bool add_result(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                       struct uct_code_number n, struct uct_explanations *x)
{
    bool chosen = q->family == UCT_FAMILY_RESULT, decimal = n.spelling == UCT_DECIMAL;
    size_t before = x->n;
    if ((!decimal || chosen || n.value > 0xffff) &&
        !add_number(d, a, UCT_FAMILY_RESULT, UCT_ROW_NUMBER, n.value, x))
        return false;
    if (x->n > before || n.value > 0xffff || n.value == 0)
        return true;
    if (decimal && !chosen && (n.value < 9000 || n.value > 11999))
        return true;
    return add_number(d, a, UCT_FAMILY_RESULT, UCT_ROW_NUMBER, 0x80070000u | n.value, x);
}

static bool add_known(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                      struct uct_code_number n, struct uct_explanations *x)
{
    bool ok = true;
    for (unsigned f = 0; ok && f < UCT_FAMILIES; f++) {
        bool chosen = q->family == f;
        if (!chosen && q->family != UCT_FAMILIES)
            continue;
        if (f == UCT_FAMILY_RESULT)
            ok = add_result(d, a, q, n, x);
        else if (f == UCT_FAMILY_TLS)
            ok = add_tls(d, a, q, n, x);
        else if (f == UCT_FAMILY_ICE)
            ok = !chosen || uct_decode_ice(d, a, n.value, x);
        else if (chosen || n.spelling == UCT_DECIMAL || (f == UCT_FAMILY_Q850 && n.value > 0xffff))
            ok = add_number(d, a, (enum uct_family)f, UCT_ROW_NUMBER, n.value, x);
    }
    return ok;
}

/* "404 Not Found here" means the row named "Not Found". */
static bool fits_name(const struct uct_explanation *e, struct uct_slice text)
{
    struct uct_slice name = uct_slice_str(e->name);
    return (name.n >= 3 && uct_slice_ifind(text, name) != SIZE_MAX) ||
           uct_slice_ifind(name, text) != SIZE_MAX;
}

/* Text behind the number, "(SEC_E_WRONG_PRINCIPAL)", chooses among several. */
static void choose_by_name(struct uct_explanations *x, struct uct_slice rest)
{
    while (rest.n && !uct_isalnum((unsigned char)rest.p[0]))
        rest = after(rest, 1);
    while (rest.n && !uct_isalnum((unsigned char)rest.p[rest.n - 1]))
        rest.n--;
    if (rest.n < 3)
        return;
    size_t hits = 0;
    for (size_t i = 0; i < x->n; i++)
        hits += fits_name(&x->item[i], rest);
    if (hits == 0)
        return;
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        if (fits_name(&x->item[i], rest))
            x->item[n++] = x->item[i];
    x->n = n;
}

/* *was: the argument is a number, whether or not anything came of it. */
static bool find_number(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q, bool *was,
                        struct uct_explanations *x)
{
    struct uct_code_number n[2];
    size_t eaten = 0;
    size_t count = q->family == UCT_FAMILY_ICE ? read_mask(d, q->s, n, &eaten) : read_number(q->s, n, &eaten);
    *was = count > 0;
    for (size_t i = 0; i < count; i++)
        if (!add_known(d, a, q, n[i], x))
            return false;
    if (x->n)
        choose_by_name(x, after(q->s, eaten));
    else if (count)
        return uct_decode_number(d, a, n[count - 1], q->family, x);
    return true;
}

/* "1010.5": an id of ms-diagnostics with the sender's own code behind it.  *was: it is one. */
static bool find_sub_code(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                          bool *was, struct uct_explanations *x)
{
    uint64_t id = 0, sub = 0;
    size_t n = uct_slice_u64(q->s, &id);
    struct uct_slice rest = after(q->s, n);
    size_t digits = rest.n > 1 && rest.p[0] == '.' ? uct_slice_u64(after(rest, 1), &sub) : 0;
    *was = n && digits && ends(rest, digits + 1) && id <= UINT32_MAX &&
           (q->family == UCT_FAMILIES || q->family == UCT_FAMILY_MS);
    if (!*was)
        return true;
    struct uct_code_number number = {(uint32_t)id, UCT_DECIMAL};
    if (!add_number(d, a, UCT_FAMILY_MS, UCT_ROW_NUMBER, number.value, x) ||
        (x->n == 0 && !uct_decode_number(d, a, number, UCT_FAMILY_MS, x)))
        return false;
    struct uct_explanation *e = x->n ? &x->item[0] : NULL;
    const char **says = e && e->known ? &e->meaning : e ? &e->decoded : NULL;
    if (says)
        *says = uct_arena_printf(a, "%s%sSub code %llu.", *says ? *says : "", *says ? " " : "",
                                 (unsigned long long)sub);
    return !says || *says;
}

/* "error:14094418:SSL routines:..." anywhere in a line. */
static bool find_openssl(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                         struct uct_explanations *x)
{
    struct uct_slice s = behind(q->s, UCT_S("error:"));
    uint32_t v;
    return read_hex(s, &v) != 8 || add_openssl(d, a, v, x);
}

/* ---- names and words ------------------------------------------------------ */

/* Takes the next of "a | b | c". */
static bool next_alias(struct uct_slice *rest, struct uct_slice *alias)
{
    while (rest->n) {
        size_t at = uct_slice_find(*rest, UCT_S("|"));
        *alias = uct_slice_trim(uct_slice(rest->p, at == SIZE_MAX ? rest->n : at));
        *rest = at == SIZE_MAX ? uct_slice(rest->p, 0) : after(*rest, at + 1);
        if (alias->n)
            return true;
    }
    return false;
}

static bool row_wanted(const struct query *q, const struct uct_row *r)
{
    return r->kind != UCT_ROW_RANGE && (q->family == UCT_FAMILIES || q->family == r->family);
}

static bool is_named(const struct uct_row *r, struct uct_slice s)
{
    struct uct_slice rest = uct_slice_str(r->col[UCT_COL_ALIASES]), alias;
    if (uct_slice_ieq(uct_slice_str(r->col[UCT_COL_NAME]), s))
        return true;
    while (next_alias(&rest, &alias))
        if (uct_slice_ieq(alias, s))
            return true;
    return false;
}

/* Rows that have no number come first: "Security Alert" is an event before it
 * is the title of a dozen alarms. */
static bool find_name(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                      struct uct_explanations *x)
{
    for (int numbered = 0; numbered < 2 && q->s.n; numbered++)
        for (size_t i = 0; i < d->n && x->n < BEST_MAX; i++) {
            const struct uct_row *r = &d->row[i];
            bool has_number = r->kind != UCT_ROW_NAME && r->kind != UCT_ROW_TEXT;
            if (has_number == numbered && row_wanted(q, r) && is_named(r, q->s) && !uct_add_row(x, a, r))
                return false;
        }
    return true;
}

/* How well a row fits; the lower the better.  Only the best group is shown:
 * whose name holds the words as they stand, else whose name the words hold (a
 * pasted line), else what has all of them somewhere. */
enum fit { FIT_NAME, FIT_ALIAS, FIT_QUOTED, FIT_MEANING, FIT_WORDS_HEAD, FIT_TEXT, FIT_WORDS, FIT_NONE };

static unsigned group_of(enum fit f)
{
    return f <= FIT_ALIAS ? 0 : f == FIT_QUOTED ? 1 : 2;
}

static bool word_char(char c)
{
    return uct_isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool symbol_char(char c)
{
    return word_char(c) || c == '_';
}

/* t stands in s and is not a part of something longer there, of which `part` says what belongs to it. */
static bool stands_in(struct uct_slice s, struct uct_slice t, bool part(char c))
{
    size_t from = 0, at;
    while (t.n && (at = uct_slice_ifind(after(s, from), t)) != SIZE_MAX) {
        at += from;
        bool begins = at == 0 || !part(s.p[at - 1]) || !part(t.p[0]);
        bool stops = at + t.n == s.n || !part(s.p[at + t.n]) || !part(t.p[t.n - 1]);
        if (begins && stops)
            return true;
        from = at + 1;
    }
    return false;
}

/* Whole words: "wrong_principal" is in SEC_E_WRONG_PRINCIPAL, "ice" is not in "device". */
static bool holds(const struct uct_row *r, enum uct_column c, struct uct_slice s)
{
    return stands_in(uct_slice_str(r->col[c]), s, word_char);
}

/* The longest name or alias of the row that stands in s and is telling enough. */
static size_t quoted(const struct uct_row *r, struct uct_slice s)
{
    size_t best = 0;
    struct uct_slice rest = uct_slice_str(r->col[UCT_COL_ALIASES]), t = uct_slice_str(r->col[UCT_COL_NAME]);
    do {
        bool marked = uct_slice_find(t, UCT_S(" ")) != SIZE_MAX || uct_slice_find(t, UCT_S("_")) != SIZE_MAX;
        bool telling = t.n >= (marked ? 10 : 16);
        if (telling && t.n > best && stands_in(s, t, symbol_char))
            best = t.n;
    } while (next_alias(&rest, &t));
    return best;
}

struct words {
    struct uct_slice w[WORDS_MAX];
    size_t n;
    bool telling; /* one of them is longer than two letters, and not one that any text has */
};

static bool tells(struct uct_slice w)
{
    static const char *const any[] = {"and", "are", "for", "from", "has", "not", "that", "the", "this", "was",
                                      "with"};
    for (size_t i = 0; i < sizeof any / sizeof any[0]; i++)
        if (uct_slice_ieq(w, uct_slice_str(any[i])))
            return false;
    return w.n > 2;
}

static struct words split_words(struct uct_slice s)
{
    struct words w = {.n = 0};
    while (s.n && w.n < WORDS_MAX) {
        size_t n = 0;
        while (n < s.n && symbol_char(s.p[n]))
            n++;
        if (n > 1)
            w.w[w.n++] = uct_slice(s.p, n);
        w.telling |= tells(uct_slice(s.p, n));
        s = after(s, n ? n : 1);
    }
    return w;
}

static bool has_all(const struct uct_row *r, const struct words *w, enum uct_column last)
{
    for (size_t i = 0; i < w->n; i++) {
        bool found = false;
        for (unsigned c = UCT_COL_NAME; !found && c <= last; c++)
            found = holds(r, (enum uct_column)c, w->w[i]);
        if (!found)
            return false;
    }
    return w->telling;
}

struct hit {
    const struct uct_row *row;
    enum fit fit;
    size_t rank; /* among equals: lower first */
};

static bool mentions(const struct uct_row *r, struct uct_slice s)
{
    return holds(r, UCT_COL_CAUSE, s) || holds(r, UCT_COL_CHECK, s) || holds(r, UCT_COL_CONFUSED, s);
}

/* Digits, perhaps hexadecimal, with whatever between them: no word of a text. */
static bool looks_like_code(struct uct_slice s)
{
    bool digit = false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x80 || (uct_isalpha(c) && uct_hexval(c) < 0 && uct_lower(c) != 'x'))
            return false;
        digit |= uct_isdigit(c);
    }
    return digit;
}

/* "federation.bare-504", "edge.example.com": one name, not words to be found here and there. */
static bool dotted(struct uct_slice s)
{
    return uct_slice_find(s, UCT_S(" ")) == SIZE_MAX && uct_slice_find(s, UCT_S(".")) != SIZE_MAX;
}

/* Names first, then texts; a code is in no text by chance, and a name not in pieces. */
static struct hit judge(const struct uct_row *r, const struct query *q, const struct words *w)
{
    struct hit h = {r, FIT_NONE, strlen(r->col[UCT_COL_NAME])};
    bool enough = q->s.n >= 3 && w->telling, prose = !looks_like_code(q->s), apart = prose && !dotted(q->s);
    size_t n;
    if (enough && (holds(r, UCT_COL_NAME, q->s) || holds(r, UCT_COL_NAME, q->joined)))
        h.fit = FIT_NAME;
    else if (enough && holds(r, UCT_COL_ALIASES, q->s))
        h.fit = FIT_ALIAS;
    else if ((n = quoted(r, q->s)) > 0)
        h = (struct hit){r, FIT_QUOTED, QUERY_MAX_BYTES - n};
    else if (enough && prose && holds(r, UCT_COL_MEANING, q->s))
        h.fit = FIT_MEANING;
    else if (apart && has_all(r, w, UCT_COL_MEANING))
        h.fit = FIT_WORDS_HEAD;
    else if (enough && prose && mentions(r, q->s))
        h.fit = FIT_TEXT;
    else if (apart && has_all(r, w, UCT_COL_CONFUSED))
        h.fit = FIT_WORDS;
    return h;
}

static int by_hit(const void *va, const void *vb)
{
    const struct hit *a = va, *b = vb;
    if (a->fit != b->fit)
        return a->fit < b->fit ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static bool find_words(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                       struct uct_explanations *x)
{
    struct words w = split_words(q->s);
    struct hit *hit = w.n ? malloc((d->n + 1) * sizeof *hit) : NULL;
    if (!hit)
        return w.n == 0;
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        struct hit h = row_wanted(q, &d->row[i]) ? judge(&d->row[i], q, &w) : (struct hit){0};
        if (h.row && h.fit != FIT_NONE)
            hit[n++] = h;
    }
    if (n)
        qsort(hit, n, sizeof *hit, by_hit);
    bool ok = true;
    for (size_t i = 0; ok && i < n && i < BEST_MAX && group_of(hit[i].fit) == group_of(hit[0].fit); i++)
        ok = uct_add_row(x, a, hit[i].row);
    free(hit);
    return ok;
}

/* Result codes inside a pasted line: 0x and eight digits. */
static bool find_inside(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                        struct uct_explanations *x)
{
    struct uct_slice s = behind(q->s, UCT_S("0x"));
    for (; s.n && x->n < BEST_MAX; s = behind(s, UCT_S("0x"))) {
        uint32_t v;
        if (read_hex(s, &v) == 8 && !add_number(d, a, UCT_FAMILY_RESULT, UCT_ROW_NUMBER, v, x))
            return false;
    }
    return true;
}

static bool join_words(struct uct_arena *a, struct query *q)
{
    char *p = uct_arena_dup(a, q->s);
    for (size_t i = 0; p && i < q->s.n; i++)
        if (p[i] == ' ')
            p[i] = '_';
    q->joined = uct_slice(p, q->s.n);
    return p != NULL;
}

/* ---- all together --------------------------------------------------------- */

static bool find(const struct uct_dictionary *d, struct uct_arena *a, const struct query *q,
                 struct uct_explanations *x)
{
    bool number = false;
    if (!find_number(d, a, q, &number, x))
        return false;
    if (!number && !find_sub_code(d, a, q, &number, x))
        return false;
    if (x->n && q->family == UCT_FAMILY_MS)
        return find_inside(d, a, q, x); /* HRESULT= of a pasted header */
    if (x->n || number)
        return true;
    if (!find_name(d, a, q, x))
        return false;
    if (x->n == 0 && !find_openssl(d, a, q, x))
        return false;
    if (x->n == 0 && !find_inside(d, a, q, x))
        return false;
    return x->n || find_words(d, a, q, x);
}

enum uct_status uct_dictionary_find(const struct uct_dictionary *d, struct uct_arena *a, const char *code,
                                    struct uct_explanations *x)
{
    struct query q = read_query(code);
    *x = (struct uct_explanations){0};
    if (!join_words(a, &q) || !find(d, a, &q, x))
        return UCT_FATAL;
    if (x->n)
        return UCT_OK;
    if (!UCT_ROOM(x->item, x->n, x->cap))
        return UCT_FATAL;
    x->item[x->n++] = (struct uct_explanation){.has_family = q.family != UCT_FAMILIES,
                                               .family = q.family != UCT_FAMILIES ? q.family : UCT_FAMILY_MS};
    return UCT_OK;
}
