/* Result codes in text, as the logs print them:
 *
 *   0xc3e93d6f SIPPROXY_E_NAME      0xC3E93C5E(SIPPROXY_E_ROUTING)      10054(WSAECONNRESET)
 *   80070005!_HRX! (Access is denied. !_HRM)      HRESULT: -2147024809
 *   hr = 80070057      HRESULT API failed: 80090322 = ...      Condition failed with 80004005: '...'
 *
 * Only what a keyword, a name or its own first bit marks as a code is taken:
 * logs are full of other hexadecimal numbers (addresses, session ids, parts of
 * UUIDs, ports). */
#include "internal.h"

static bool is_word(unsigned char c)
{
    return uct_isalnum(c) || c == '_';
}

/* ---- what stands before ------------------------------------------------ */

enum keyword {
    KW_NONE,
    KW_WEAK,        /* "failed", "Error:": the number may be a count */
    KW_CODE,        /* "Result-Code:", "Error code:": hexadecimal if it has eight digits */
    KW_HRESULT      /* "hr =", "HRESULT failed:": hexadecimal whatever its length */
};

static bool ends_with(struct uct_slice s, struct uct_slice tail)
{
    return s.n >= tail.n && uct_slice_ieq(uct_slice(s.p + s.n - tail.n, tail.n), tail) &&
           (s.n == tail.n || !is_word((unsigned char)s.p[s.n - tail.n - 1]));
}

static bool ends_with_any(struct uct_slice s, const char *const *words)
{
    for (; *words; words++)
        if (ends_with(s, uct_slice_str(*words)))
            return true;
    return false;
}

/* Longer than any keyword with the blanks and marks behind it. */
#define LOOK_BACK 48

static enum keyword keyword_before(const char *p, size_t at)
{
    static const char *const hresult[] = {"hr", "hresult", "hresult failed", "hresult api failed",
                                          "hresult is not s_ok", NULL};
    static const char *const code[] = {"result-code", "result code", "error code", "errorcode", "exit code",
                                       NULL};
    static const char *const weak[] = {"failed", "error", "returning", NULL};
    size_t from = at > LOOK_BACK ? at - LOOK_BACK : 0;
    struct uct_slice s = uct_slice(p + from, at - from);
    bool mark = false, blank = false;
    for (; s.n && strchr(" \t\"'(=:", s.p[s.n - 1]) && s.p[s.n - 1]; s.n--) {
        mark |= s.p[s.n - 1] == '=' || s.p[s.n - 1] == ':';
        blank = true;
    }
    if (!blank || !s.n || !memchr("rtdkheg", uct_lower((unsigned char)s.p[s.n - 1]), 7))
        return KW_NONE;                 /* no keyword ends so */
    if (ends_with(s, UCT_S("condition failed with")) || (mark && ends_with_any(s, hresult)))
        return KW_HRESULT;
    if (ends_with_any(s, code) || ends_with(s, UCT_S("hresult")))
        return KW_CODE;
    return ends_with_any(s, weak) ? KW_WEAK : KW_NONE;
}

/* ---- what stands behind ------------------------------------------------ */

/* SEC_E_WRONG_PRINCIPAL, WSAECONNRESET: capitals with '_', or of the WSA family. */
static size_t symbol_len(struct uct_slice s)
{
    size_t i = 0;
    bool underscore = uct_slice_starts(s, UCT_S("WSA"));
    for (; i < s.n && i < 128; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '_')
            underscore = true;
        else if (!uct_isdigit(c) && (c < 'A' || c > 'Z'))
            break;
    }
    if (i < 4 || !underscore || s.p[0] < 'A' || s.p[0] > 'Z' || (i < s.n && is_word((unsigned char)s.p[i])))
        return 0;
    return i;
}

/* A name behind the code, bare or in parentheses; returns the position behind it. */
static size_t name_after(struct uct_slice s, size_t at, struct uct_slice *name)
{
    size_t i = at;
    *name = uct_slice(s.p + at, 0);
    while (i < s.n && i - at < 4 && uct_isblank((unsigned char)s.p[i]))
        i++;
    bool paren = i < s.n && s.p[i] == '(';
    if (!paren && i == at)
        return at;
    i += paren;
    size_t n = symbol_len(uct_slice(s.p + i, s.n - i));
    if (n == 0)
        return at;
    *name = uct_slice(s.p + i, n);
    i += n;
    return paren && i < s.n && s.p[i] == ')' ? i + 1 : i;
}

/* ---- the number -------------------------------------------------------- */

/* One run of word characters that begins like a number. */
struct token {
    struct uct_slice text, s;    /* the whole text; the token */
    size_t at;
};

static char char_before(const struct token *t, size_t back)
{
    return t->at >= back ? t->text.p[t->at - back] : '\0';
}

static char char_after(const struct token *t)
{
    size_t end = t->at + t->s.n;
    return end < t->text.n ? t->text.p[end] : '\0';
}

static bool all_digits(struct uct_slice s)
{
    uint64_t v;
    return s.n && uct_slice_u64(s, &v) == s.n;
}

/* 0xC3E93C5E, and `hr = 0x1`. */
static bool prefixed(const struct token *t, uint32_t *code, struct uct_slice name)
{
    uint64_t v;
    struct uct_slice digits = uct_slice(t->s.p + 2, t->s.n - 2);
    if (digits.n > 8 || uct_slice_hex(digits, &v) != digits.n || digits.n == 0)
        return false;
    *code = (uint32_t)v;
    /* Class::Function[0x8f001234] is an object. */
    if (char_before(t, 1) == '[' && (is_word((unsigned char)char_before(t, 2)) || char_after(t) != ']'))
        return false;
    if (digits.n == 8 && (v >> 31 || name.n))
        return true;
    return keyword_before(t->text.p, t->at) != KW_NONE;
}

/* 80070005!_HRX!, C3E93D67 (NAME), hr = 80070057. */
static bool bare_hex(const struct token *t, uint32_t *code, struct uct_slice name)
{
    uint64_t v;
    if (t->s.n > 8 || uct_slice_hex(t->s, &v) != t->s.n)
        return false;
    *code = (uint32_t)v;
    size_t end = t->at + t->s.n;
    bool high = t->s.n == 8 && v >> 31;
    if (high && (name.n || uct_slice_starts(uct_slice(t->text.p + end, t->text.n - end), UCT_S("!_HRX!"))))
        return true;
    if (char_before(t, 1) == '-' || char_after(t) == '-')        /* part of a UUID */
        return false;
    switch (keyword_before(t->text.p, t->at)) {
    case KW_HRESULT: return t->s.n == 8 || uct_isdigit((unsigned char)t->s.p[0]);
    case KW_CODE: return t->s.n == 8;
    case KW_WEAK: return high;
    default: return false;
    }
}

/* HRESULT: -2147024809, Result-Code: 3286842466, 10054(WSAECONNRESET). */
static bool decimal(const struct token *t, uint32_t *code, struct uct_slice name)
{
    uint64_t v;
    bool minus = char_before(t, 1) == '-';
    if (!all_digits(t->s) || t->s.n > 10 || !uct_slice_u64(t->s, &v))
        return false;
    if (!minus && v >= 10000 && v < 12000 && uct_slice_starts(name, UCT_S("WSA"))) {
        *code = 0x80070000u | (uint32_t)v;
        return true;
    }
    if (v > UINT32_MAX || v >> 31 == 0)
        if (!minus || v < 0x10000 || v > INT32_MAX)
            return false;
    if (keyword_before(t->text.p, t->at - minus) < KW_CODE)
        return false;
    *code = minus ? (uint32_t)(0 - v) : (uint32_t)v;
    return true;
}

static bool is_code(const struct token *t, uint32_t *code, struct uct_slice name)
{
    bool hex = t->s.n > 2 && t->s.p[0] == '0' && (t->s.p[1] == 'x' || t->s.p[1] == 'X');
    if (hex)
        return prefixed(t, code, name) && *code != 0;
    bool negative = char_before(t, 1) == '-' && all_digits(t->s);
    return ((!negative && bare_hex(t, code, name)) || decimal(t, code, name)) && *code != 0;
}

/* Classes of bytes, for the one loop here that sees all text. */
enum { WORD = 1, HEX = 2 };

static const unsigned char classes[256] = {
    ['0' ... '9'] = WORD | HEX, ['a' ... 'f'] = WORD | HEX, ['A' ... 'F'] = WORD | HEX,
    ['g' ... 'z'] = WORD,       ['G' ... 'Z'] = WORD,       ['_'] = WORD,
};

/* Can a word be a number at all?  Nearly all words end here. */
static bool numeric(struct uct_slice s, bool hex)
{
    if (s.n > 10)
        return false;
    if (hex)
        return s.n >= 8 || uct_isdigit((unsigned char)s.p[0]);
    return s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
}

size_t uct_result_next(struct uct_slice text, size_t pos, uint32_t *code, struct uct_slice *name)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t i = pos;
    if (i > 0)                             /* not into the middle of a word */
        while (i < text.n && (classes[p[i - 1]] & WORD) && (classes[p[i]] & WORD))
            i++;
    while (i < text.n) {
        while (i < text.n && !(classes[p[i]] & WORD))
            i++;
        if (i == text.n)
            break;
        size_t start = i;
        unsigned all = HEX;
        for (; i < text.n && (classes[p[i]] & WORD); i++)
            all &= classes[p[i]];
        struct token t = {text, uct_slice(text.p + start, i - start), start};
        if (!numeric(t.s, all))
            continue;
        size_t behind = name_after(text, i, name);
        if (is_code(&t, code, *name))
            return behind;
    }
    return 0;
}
