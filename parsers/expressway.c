/* Cisco Expressway / VCS diagnostic log, X7 to X15 (loggingsnapshot_*.txt, event log, remote syslog).
 *
 *   2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime="2017-03-02 07:10:46,240" Module="network.sip"
 *     Level="DEBUG":  Action="Received" Local-ip="10.48.36.47" ... Msg-Hash="13707918855517357847"
 *    SIPMSG:
 *    |SIP/2.0 504 Server time-out
 *    Via: ...
 *    |
 *
 * A record begins at a stamp in column 0 and ends at the next one; what stands between is its
 * continuation.  Only network.sip records with SIPMSG, or its one-line summary at INFO, are SIP messages:
 * developer records that quote whole messages are not.  Where no line of the chunk has a stamp (records
 * pasted without their prefix), a line that begins with a known first key, or `host process[pid]: ` before
 * one, is a record.  Grammar and evidence: Cisco's published logs, documents 212475, 217230, 212347, 213863. */
#include "expressway.h"

#include "sip/keep.h"
#include "sip/sip.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- lexical pieces ---------------------------------------------------- */

static bool is_digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!uct_isdigit((unsigned char)p[i]))
            return false;
    return true;
}

static int two(const char *p)
{
    return (p[0] - '0') * 10 + (p[1] - '0');
}

/* YYYY-MM-DDTHH:MM:SS */
static bool is_stamp(const char *p, size_t n)
{
    return n >= 20 && p[4] == '-' && p[7] == '-' && p[10] == 'T' && p[13] == ':' && p[16] == ':' &&
           is_digits(p, 4) && is_digits(p + 5, 2) && is_digits(p + 8, 2) && is_digits(p + 11, 2) &&
           is_digits(p + 14, 2) && is_digits(p + 17, 2);
}

/* Minutes repeat: the last one is remembered (a chunk's own, so chunks stay independent). */
struct clock {
    char minute[16];
    int64_t base;
};

/* p: "YYYY-MM-DD?HH:MM:SS" checked to be digits by the caller or here. */
static int64_t civil(struct clock *c, const char *p)
{
    if (memcmp(p, c->minute, 10) != 0 || memcmp(p + 11, c->minute + 11, 5) != 0) {
        if (!is_digits(p, 4) || !is_digits(p + 5, 2) || !is_digits(p + 8, 2) || !is_digits(p + 11, 2) ||
            !is_digits(p + 14, 2))
            return UCT_NO_TIME;
        int64_t t = uct_time_civil(two(p) * 100 + two(p + 2), two(p + 5), two(p + 8), two(p + 11), two(p + 14), 0, 0);
        if (t == UCT_NO_TIME)
            return t;
        memcpy(c->minute, p, 16);
        c->base = t;
    }
    if (!is_digits(p + 17, 2) || two(p + 17) > 60)
        return UCT_NO_TIME;
    return c->base + two(p + 17) * 1000;
}

/* ",123" or ".12": milliseconds, however many digits; returns bytes eaten. */
static size_t fraction(struct uct_slice s, int64_t *ms)
{
    if (s.n < 2 || (s.p[0] != ',' && s.p[0] != '.') || !uct_isdigit((unsigned char)s.p[1]))
        return 0;
    if (s.n >= 4 && is_digits(s.p + 2, 2) && (s.n == 4 || !uct_isdigit((unsigned char)s.p[4]))) {     /* nearly always */
        *ms = (s.p[1] - '0') * 100 + two(s.p + 2);
        return 4;
    }
    int scale = 100, v = 0;
    size_t i = 1;
    for (; i < s.n && uct_isdigit((unsigned char)s.p[i]); i++, scale /= 10)
        v += (s.p[i] - '0') * scale;
    *ms = v;
    return i;
}

/* Value of UTCTime="..." (without quotes). */
static int64_t utc_time(struct clock *c, struct uct_slice v)
{
    if (v.n < 19 || v.p[4] != '-' || v.p[13] != ':' || v.p[16] != ':')
        return UCT_NO_TIME;
    int64_t t = civil(c, v.p), ms = 0;
    if (t != UCT_NO_TIME)
        fraction(uct_slice(v.p + 19, v.n - 19), &ms);
    return t == UCT_NO_TIME ? t : t + ms;
}

/* Letters, digits, '-' and '_'. */
static inline bool is_key_char(unsigned char c)
{
    static const uint32_t set[8] = {0, 0x03ff2000, 0x87fffffe, 0x07fffffe};
    return set[c >> 5] >> (c & 31) & 1;
}

/* Does s begin with Key= ? */
static bool key_ahead(struct uct_slice s)
{
    size_t i = 0;
    if (s.n == 0 || !uct_isalpha((unsigned char)s.p[0]))
        return false;
    while (i < s.n && is_key_char((unsigned char)s.p[i]))
        i++;
    return i < s.n && s.p[i] == '=';
}

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == ':' || c == '\r';
}

/* Is the quote at s.p[at] the end of its value?  Values hold unescaped quotes (EXPRESSWAY.md section 5):
 * an end is followed by nothing, by blanks and then Key= or free text, or directly by a word. */
static bool quote_ends(struct uct_slice s, size_t at)
{
    size_t i = at + 1;
    if (i >= s.n || s.p[i] == '\n')
        return true;
    if (at && s.p[at - 1] == '=')
        return at >= 2 && !is_key_char((unsigned char)s.p[at - 2]);     /* opens a nested value */
    if (!is_separator(s.p[i]))
        return key_ahead(uct_slice(s.p + i, s.n - i)) || uct_isalpha((unsigned char)s.p[i]);
    while (i < s.n && is_separator(s.p[i]))
        i++;
    return i >= s.n || s.p[i] == '\n' || s.p[i - 1] != ' ' || key_ahead(uct_slice(s.p + i, s.n - i)) ||
           s.p[at + 1] == ':';
}

/* Keys whose values hold documents with quotes of their own: the last quote of the line ends them. */
static bool is_greedy(struct uct_slice key, struct uct_slice rest)
{
    return uct_slice_eq(key, UCT_S("resultingPolicyScript")) ||
           (uct_slice_eq(key, UCT_S("Detail")) && uct_slice_starts(rest, UCT_S("CPL: <")));
}

static size_t value_end(struct uct_slice line, size_t from, bool greedy)
{
    if (greedy) {
        const char *q = memrchr(line.p + from, '"', line.n - from);
        return q ? (size_t)(q - line.p) : line.n;
    }
    /* Only a few quotes inside a value are looked at: past that the first one ends it. */
    size_t first = SIZE_MAX;
    int tries = 0;
    for (size_t at = from; at < line.n && tries < 64; at++, tries++) {
        const char *q = memchr(line.p + at, '"', line.n - at);
        if (!q)
            break;
        at = (size_t)(q - line.p);
        if (first == SIZE_MAX)
            first = at;
        if (at == from || quote_ends(line, at))
            return at;
    }
    return first == SIZE_MAX ? line.n : first;
}

/* Key="value" right at hand, followed by the end or another Key=: nearly every pair is like that. */
static bool plain_pair(struct uct_slice line, size_t *pos, struct uct_slice *key, struct uct_slice *value)
{
    const char *p = line.p + *pos, *end = line.p + line.n;
    while (p < end && *p == ' ')
        p++;
    const char *k = p;
    while (p < end && is_key_char((unsigned char)*p))
        p++;
    if (p == k || end - p < 3 || p[0] != '=' || p[1] != '"' || !uct_isalpha((unsigned char)*k))
        return false;
    const char *v = p + 2, *q = memchr(v, '"', (size_t)(end - v));
    if (!q || (q > v && q[-1] == '='))
        return false;
    const char *n = q + 1;
    while (n < end && *n == ' ')
        n++;
    if (n < end && (n == q + 1 || !key_ahead(uct_slice(n, (size_t)(end - n)))))
        return false;
    *key = uct_slice(k, (size_t)(p - k));
    *value = uct_slice(v, (size_t)(q - v));
    if (is_greedy(*key, *value))
        return false;
    *pos = (size_t)(n - line.p);
    return true;
}

bool expressway_pair(struct uct_slice line, size_t *pos, struct uct_slice *key, struct uct_slice *value)
{
    if (plain_pair(line, pos, key, value))
        return true;
    for (size_t i = *pos; i < line.n;) {
        const char *eq = memchr(line.p + i, '=', line.n - i);
        if (!eq)
            break;
        size_t e = (size_t)(eq - line.p), k = e;
        while (k > i && is_key_char((unsigned char)line.p[k - 1]))
            k--;
        if (k == e || !uct_isalpha((unsigned char)line.p[k])) {
            i = e + 1;
            continue;
        }
        *key = uct_slice(line.p + k, e - k);
        size_t v = e + 1;
        while (v < line.n && line.p[v] == ' ' && v < e + 3)     /* `Detail= "..."` in published copies */
            v++;
        if (v < line.n && line.p[v] == '"') {
            struct uct_slice rest = uct_slice(line.p + v + 1, line.n - v - 1);
            size_t end = value_end(line, v + 1, is_greedy(*key, rest));
            *value = uct_slice(line.p + v + 1, end - v - 1);
            *pos = end < line.n ? end + 1 : end;
            return true;
        }
        v = e + 1;
        size_t end = v;
        while (end < line.n && !is_separator(line.p[end]))
            end++;
        *value = uct_slice(line.p + v, end - v);
        *pos = end;
        return true;
    }
    *pos = line.n;
    return false;
}

/* ---- the head of a record ---------------------------------------------- */

struct head {
    int64_t time;
    enum uct_basis basis;
    struct uct_slice host, process;
    const char *stamp;        /* the prefix's own time, NULL if there is none; read where UTCTime is missing */
    int64_t stamp_ms;         /* its milliseconds less its offset */
    size_t payload;           /* where it begins in the line */
    bool known;               /* a tag or a first key of this family stands there */
};

static bool first_key(struct uct_slice s)
{
    switch (s.n ? s.p[0] : 0) {
    case 'U': return uct_slice_starts(s, UCT_S("UTCTime=\""));
    case 'E': return uct_slice_starts(s, UCT_S("Event=\""));
    case 'M': return uct_slice_starts(s, UCT_S("Module=\""));
    case 'L': return uct_slice_starts(s, UCT_S("Level=\""));
    case 'D': return uct_slice_starts(s, UCT_S("Detail=\""));
    default: return false;
    }
}

static bool known_process(struct uct_slice p)
{
    static const char *const names[] = {
        "tvcs", "licensemanager", "management", "replication", "alarm", "supervisor", "httpd", "traffic_server",
        "edgeconfigprovisioning", "b2bua", "portforwarding", "_c_mgmt", "_c_cal", "clusterdb", "xmlapi", "web"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (uct_slice_eq(p, uct_slice_str(names[i])))
            return true;
    return uct_slice_starts(p, UCT_S("XCP_")) || uct_slice_find(p, UCT_S("b2bua")) != SIZE_MAX;
}

/* "tvcs: ", "httpd[15060]: web: ", "tvcs: tvcs: ", "edgeconfigprovisioning " or nothing, from *at on. */
static void take_tag(struct uct_slice line, size_t *at, struct head *h)
{
    for (int tags = 0; tags < 3; tags++) {
        struct uct_slice rest = uct_slice(line.p + *at, line.n - *at);
        if (first_key(rest)) {
            h->known = true;
            return;
        }
        size_t i = 0;
        while (i < rest.n && i < 64 && (is_key_char((unsigned char)rest.p[i]) || rest.p[i] == '.'))
            i++;
        size_t name = i;
        if (i < rest.n && rest.p[i] == '[') {
            for (i++; i < rest.n && uct_isdigit((unsigned char)rest.p[i]);)
                i++;
            if (i >= rest.n || rest.p[i] != ']')
                return;
            i++;
        }
        if (name == 0)
            return;
        bool colon = i < rest.n && rest.p[i] == ':';
        while (i < rest.n && (rest.p[i] == ':' || rest.p[i] == '.'))     /* "XCP_CM2[1]:.. " */
            i++;
        size_t blanks = i;
        while (i < rest.n && rest.p[i] == ' ')
            i++;
        struct uct_slice next = uct_slice(rest.p + i, rest.n - i);
        if (!colon && !(i > blanks && first_key(next)))
            return;
        if (!h->process.n)
            h->process = uct_slice(rest.p, name);
        h->known |= known_process(uct_slice(rest.p, name)) || first_key(next);
        *at += i;
    }
}

/* Offset "+01:00" or "Z" in minutes; bytes eaten or 0. */
static size_t zone(struct uct_slice s, int *minutes)
{
    if (s.n && s.p[0] == 'Z') {
        *minutes = 0;
        return 1;
    }
    if (s.n < 6 || (s.p[0] != '+' && s.p[0] != '-') || !is_digits(s.p + 1, 2) || s.p[3] != ':' ||
        !is_digits(s.p + 4, 2))
        return 0;
    *minutes = (two(s.p + 1) * 60 + two(s.p + 4)) * (s.p[0] == '-' ? -1 : 1);
    return 6;
}

/* A syslog priority "<166>": its length, 0 if there is none. */
static size_t priority(struct uct_slice line)
{
    uint64_t pri;
    size_t n = line.n && line.p[0] == '<' ? uct_slice_u64(uct_slice(line.p + 1, line.n - 1), &pri) : 0;
    return n && n <= 3 && n + 1 < line.n && line.p[n + 1] == '>' ? n + 2 : 0;
}

/* What RFC 5424 has between host and text: app SP procid SP msgid SP ("-" / 1*("[" ... "]")) SP [byte order mark] */
static void take_app(struct uct_slice line, size_t *at, struct head *h)
{
    struct uct_slice word[3], rest = uct_slice(line.p + *at, line.n - *at);
    for (int i = 0; i < 3; i++) {
        const char *sp = memchr(rest.p, ' ', rest.n < 128 ? rest.n : 128);
        if (!sp || sp == rest.p)
            return;
        word[i] = uct_slice(rest.p, (size_t)(sp - rest.p));
        rest = uct_slice(sp + 1, rest.n - word[i].n - 1);
    }
    size_t i = 0;
    if (rest.n && rest.p[0] == '-') {
        i = 1;
    } else {
        while (i < rest.n && rest.p[i] == '[') {
            const char *end = memchr(rest.p + i, ']', rest.n - i);
            if (!end)
                return;
            i = (size_t)(end - rest.p) + 1;
        }
    }
    if (i == 0 || i >= rest.n || rest.p[i] != ' ')
        return;
    i++;
    if (uct_slice_starts(uct_slice(rest.p + i, rest.n - i), UCT_S("\xef\xbb\xbf")))
        i += 3;
    h->process = word[0];
    h->known |= known_process(word[0]);
    *at = (size_t)(rest.p - line.p) + i;
}

/* A stamped line: stamp SP host SP [tag] payload.  Also behind a syslog priority "<166>" or "<166>1 ". */
static bool take_head(struct uct_slice line, struct head *h)
{
    size_t at = 0;
    bool versioned = false;
    if (line.n && line.p[0] == '<') {
        at = priority(line);
        if (!at)
            return false;
        versioned = at + 1 < line.n && line.p[at] == '1' && line.p[at + 1] == ' ';
        if (versioned)
            at += 2;
        while (at < line.n && line.p[at] == ' ')
            at++;
    }
    struct uct_slice rest = uct_slice(line.p + at, line.n - at);
    if (!is_stamp(rest.p, rest.n))
        return false;
    int64_t ms = 0;
    int minutes = 0;
    size_t i = 19;
    i += fraction(uct_slice(rest.p + i, rest.n - i), &ms);
    size_t z = zone(uct_slice(rest.p + i, rest.n - i), &minutes);
    i += z;
    if (!z || i >= rest.n || rest.p[i] != ' ')
        return false;
    *h = (struct head){.time = UCT_NO_TIME, .basis = UCT_BASIS_NONE, .stamp = rest.p,
                       .stamp_ms = ms - (int64_t)minutes * 60000};
    i++;
    size_t host = i;
    while (i < rest.n && rest.p[i] != ' ')
        i++;
    h->host = uct_slice(rest.p + host, i - host);
    while (i < rest.n && rest.p[i] == ' ')
        i++;
    h->payload = at + i;
    if (versioned)
        take_app(line, &h->payload, h);
    take_tag(line, &h->payload, h);
    return true;
}

/* What RFC 3164 has before the host, which a collector writes down in place of our own stamp and without a year:
 * [<166>]"May 14 09:00:00 ".  Its length, 0 if it is not there. */
static size_t relayed(struct uct_slice line)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    size_t at = priority(line);
    const char *p = line.p + at;
    if (line.n - at < 20 || p[3] != ' ' || p[6] != ' ' || p[9] != ':' || p[12] != ':' || p[15] != ' ' ||
        !(p[4] == ' ' || uct_isdigit((unsigned char)p[4])) || !uct_isdigit((unsigned char)p[5]) ||
        !is_digits(p + 7, 2) || !is_digits(p + 10, 2) || !is_digits(p + 13, 2))
        return 0;
    for (size_t i = 0; i < 36; i += 3)
        if (memcmp(p, months + i, 3) == 0)
            return at + 16;
    return 0;
}

static bool bare_head(struct uct_slice line, struct head *h);

/* The time of such a record is its UTCTime. */
static bool relayed_head(struct uct_slice line, struct head *h)
{
    size_t at = relayed(line);
    if (!at || !bare_head(uct_slice(line.p + at, line.n - at), h) || !h->host.n)
        return false;
    h->payload += at;
    return true;
}

/* A record without its stamp: [host ]process[pid]: Key="..., or Key="... */
static bool bare_head(struct uct_slice line, struct head *h)
{
    size_t at = 0;
    if (line.n == 0 || line.p[0] == ' ' || line.p[0] == '|' || line.p[0] == '\t')
        return false;
    *h = (struct head){.time = UCT_NO_TIME, .basis = UCT_BASIS_NONE};
    take_tag(line, &at, h);
    if (h->known && (at || first_key(line))) {
        h->payload = at;
        return first_key(uct_slice(line.p + at, line.n - at));
    }
    const char *sp = memchr(line.p, ' ', line.n < 128 ? line.n : 128);
    if (!sp || sp == line.p)
        return false;
    at = (size_t)(sp - line.p) + 1;
    for (size_t i = 0; i + 1 < at; i++)
        if (!is_key_char((unsigned char)line.p[i]) && line.p[i] != '.')
            return false;
    size_t tag = at;
    h->process = uct_slice("", 0);
    take_tag(line, &at, h);
    h->host = uct_slice(line.p, tag - 1);
    h->payload = at;
    return at > tag && first_key(uct_slice(line.p + at, line.n - at));
}

bool expressway_relayed(struct uct_slice line)
{
    struct head h;
    return relayed_head(line, &h) || (line.n > 20 && line.p[0] == '<' && take_head(line, &h) && h.known);
}

/* ---- one record -------------------------------------------------------- */

struct state {
    struct uct_writer *w;
    struct clock clock;
    struct head last;            /* of the last record whose stamp has milliseconds */
    struct uct_slice last_tail;  /* its zone, host and tag: "+01:00 vcse tvcs: " */
    struct uct_slice next;       /* first line of the record behind the one at hand, empty at the end */
    const char *end;             /* of the chunk */
    struct uct_slice query;      /* the chunk's last line that asked DNS */
};

/* take_head() for a line that looks like the last one but for its time, as nearly all do. */
static bool take_like_last(const struct state *st, struct uct_slice line, struct head *h)
{
    const char *p = line.p;
    size_t n = st->last_tail.n;
    if (!n || line.n < 23 + n + 6 || p[19] != '.' || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' ||
        p[16] != ':' || !is_digits(p, 4) || !is_digits(p + 20, 3) || memcmp(p + 23, st->last_tail.p, n) != 0 ||
        !first_key(uct_slice(p + 23 + n, line.n - 23 - n)))
        return false;
    *h = st->last;
    h->stamp = p;
    h->stamp_ms += (p[20] - '0') * 100 + two(p + 21);
    return true;
}

static bool take_any_head(struct state *st, struct uct_slice line, struct head *h)
{
    if (take_like_last(st, line, h))
        return true;
    if (!take_head(line, h))
        return false;
    if (h->stamp == line.p && line.n > 23 && line.p[19] == '.' && is_digits(line.p + 20, 3) && h->payload > 23 &&
        !uct_isdigit((unsigned char)line.p[23])) {
        st->last = *h;
        st->last.stamp_ms -= (line.p[20] - '0') * 100 + two(line.p + 21);
        st->last_tail = uct_slice(line.p + 23, h->payload - 23);
    }
    return true;
}

struct record {
    struct uct_origin origin;
    struct uct_slice text;       /* all of it, up to the record limit */
    struct uct_slice line;       /* its first line */
    struct head head;
    struct uct_slice module, level, event;
    size_t rest;                 /* where its pairs go on behind these */
};

/* The pairs of a network.sip head. */
struct sip_pairs {
    struct uct_slice action, local_ip, local_port, src_ip, src_port, dst_ip, dst_port, hash, detail;
};

static void take_sip_pair(struct sip_pairs *s, struct uct_slice key, struct uct_slice value)
{
    switch (key.n) {
    case 6:
        if (memcmp(key.p, "Action", 6) == 0)
            s->action = value;
        else if (memcmp(key.p, "Src-ip", 6) == 0)
            s->src_ip = value;
        else if (memcmp(key.p, "Dst-ip", 6) == 0)
            s->dst_ip = value;
        else if (memcmp(key.p, "Detail", 6) == 0)
            s->detail = value;
        break;
    case 8:
        if (memcmp(key.p, "Src-port", 8) == 0)
            s->src_port = value;
        else if (memcmp(key.p, "Dst-port", 8) == 0)
            s->dst_port = value;
        else if (memcmp(key.p, "Local-ip", 8) == 0)
            s->local_ip = value;
        else if (memcmp(key.p, "Msg-Hash", 8) == 0)
            s->hash = value;
        break;
    case 10:
        if (memcmp(key.p, "Local-port", 10) == 0)
            s->local_port = value;
        break;
    default:
        break;
    }
}

/* Key="value" at p, blanks before it; the key in *key, the position behind the quote returned, or NULL. */
static const char *pair_at(const char *p, const char *end, struct uct_slice *key, struct uct_slice *value)
{
    while (p < end && *p == ' ')
        p++;
    const char *k = p;
    while (p < end && is_key_char((unsigned char)*p))
        p++;
    if (p == k || end - p < 3 || p[0] != '=' || p[1] != '"' || !uct_isalpha((unsigned char)*k))
        return NULL;
    const char *v = p + 2, *q = v;
    while (q < end && *q != '"' && *q != '=')          /* short ones; others are looked at closely */
        q++;
    if (q == end || *q == '=')
        return NULL;
    *key = uct_slice(k, (size_t)(p - k));
    *value = uct_slice(v, (size_t)(q - v));
    return is_greedy(*key, *value) ? NULL : q + 1;
}

/* Pairs one after the other up to the end of the line, as in the head of a dump; false when it is not so
 * (then nothing is taken). */
static bool take_plain_pairs(struct uct_slice line, size_t at, struct sip_pairs *s)
{
    const char *p = line.p + at, *end = line.p + line.n;
    struct sip_pairs found = {0};
    struct uct_slice key, value;
    while (p < end && is_separator(*p))
        p++;
    while (p < end) {
        if (!(p = pair_at(p, end, &key, &value)) || (p < end && *p != ' '))
            return false;
        take_sip_pair(&found, key, value);
        while (p < end && *p == ' ')
            p++;
    }
    *s = found;
    return true;
}

static void take_sip_pairs(struct uct_slice line, size_t at, struct sip_pairs *s)
{
    struct uct_slice key, value;
    while (expressway_pair(line, &at, &key, &value))
        take_sip_pair(s, key, value);
}

static size_t put(char *buf, size_t at, struct uct_slice v)
{
    memcpy(buf + at, v.p, v.n);
    return at + v.n;
}

/* "192.0.2.1:5061", "[2001:db8::1]:5061": an IPv6 address stands bare in the log; its last group is no
 * port. */
static struct uct_slice join_address(struct uct_slice ip, struct uct_slice port, char *buf, size_t size)
{
    if (!ip.n || ip.n + port.n + 3 > size)
        return uct_slice("", 0);
    bool bare = port.n && ip.p[0] != '[' && memchr(ip.p, ':', ip.n);
    size_t n = bare ? put(buf, 0, UCT_S("[")) : 0;
    n = put(buf, n, ip);
    n = bare ? put(buf, n, UCT_S("]")) : n;
    if (port.n)
        n = put(buf, put(buf, n, UCT_S(":")), port);
    return uct_slice(buf, n);
}

/* Next `Key=value` of "Receive Request Method=INVITE, CSeq=100, Request-URI=sip:..., ...": a value ends
 * at ", " and another key. */
static bool summary_pair(struct uct_slice *rest, struct uct_slice *key, struct uct_slice *value)
{
    const char *eq = rest->n ? memchr(rest->p, '=', rest->n) : NULL, *end = rest->p + rest->n;
    if (!eq)
        return false;
    const char *k = eq, *v = eq + 1, *e = v;
    while (k > rest->p && is_key_char((unsigned char)k[-1]))
        k--;
    for (;;) {
        e = memchr(e, ',', (size_t)(end - e));
        if (!e || (end - e > 2 && e[1] == ' ' && key_ahead(uct_slice(e + 2, (size_t)(end - e) - 2))))
            break;
        e++;
    }
    if (!e)
        e = end;
    *key = uct_slice(k, (size_t)(eq - k));
    *value = uct_slice(v, (size_t)(e - v));
    *rest = uct_slice(e, (size_t)(end - e));
    return true;
}

static void take_summary_pair(struct uct_slice key, struct uct_slice value, struct uct_sip *m, struct uct_sip_context *c)
{
    uint64_t v = 0;
    if (uct_slice_eq(key, UCT_S("Method")))
        m->method = m->cseq_method = value;
    else if (uct_slice_eq(key, UCT_S("Code")))
        m->status = uct_slice_u64(value, &v) && v >= 100 && v <= 699 ? (uint16_t)v : 0;
    else if (uct_slice_eq(key, UCT_S("CSeq")))
        m->cseq = uct_slice_u64(value, &v) ? (uint32_t)v : 0;
    else if (uct_slice_eq(key, UCT_S("Request-URI")))
        m->ruri = value;
    else if (uct_slice_eq(key, UCT_S("To")))
        m->to = uct_sip_uri_bare(value);
    else if (uct_slice_eq(key, UCT_S("Call-ID")))
        m->call_id = value;
    else if (uct_slice_eq(key, UCT_S("From-Tag")))
        m->from_tag = value;
    else if (uct_slice_eq(key, UCT_S("To-Tag")))
        m->to_tag = value;
    else if (uct_slice_eq(key, UCT_S("Local-SessionID")))
        m->session_id = value;
    else if (uct_slice_eq(key, UCT_S("Remote-SessionID")) && value.n && m->session_id.p && m->session_id.p < value.p)
        m->session_id.n = (size_t)(value.p + value.n - m->session_id.p);        /* "...,Remote-SessionID=...": both */
    else if (uct_slice_eq(key, UCT_S("Msg-Hash")) && uct_slice_u64(value, &v))
        c->msg_hash = v;
}

static bool take_summary(struct uct_slice detail, struct uct_sip *m, struct uct_sip_context *c)
{
    struct uct_slice key, value;
    memset(m, 0, sizeof *m);
    while (summary_pair(&detail, &key, &value))
        take_summary_pair(key, value, m, c);
    m->request = m->status == 0;
    return m->method.n > 0;
}

/* Where the message of a SIPMSG dump begins in the record's text, or SIZE_MAX. */
static size_t dump_start(const struct record *r)
{
    size_t at = r->line.n;
    while (at < r->text.n && uct_isspace((unsigned char)r->text.p[at]))
        at++;
    if (!uct_slice_starts(uct_slice(r->text.p + at, r->text.n - at), UCT_S("SIPMSG:"))) {
        size_t near = r->text.n < r->line.n + 4096 ? r->text.n : r->line.n + 4096;
        at = uct_slice_find(uct_slice(r->text.p, near), UCT_S("SIPMSG:"));     /* copies that join lines */
        if (at == SIZE_MAX)
            return at;
    }
    at += 7;
    while (at < r->text.n && (uct_isspace((unsigned char)r->text.p[at]) || r->text.p[at] == '|'))
        at++;
    return at < r->text.n ? at : SIZE_MAX;
}

/* Where `what` stands first in the first 256 bytes, which is likely at a few bytes from `at` and never before
 * the record's pairs. */
static size_t find_near(struct uct_slice line, size_t at, struct uct_slice what)
{
    for (size_t i = at; i < at + 4 && i < 192 && i + what.n <= line.n; i++)
        if (memcmp(line.p + i, what.p, what.n) == 0)
            return i;
    return uct_slice_find(uct_slice(line.p, line.n < 256 ? line.n : 256), what);
}

/* Is the record behind this summary line its own dump?  Then the dump says all
 * that the line says, and more (EXPRESSWAY.md 4.3: the summary came first in
 * every pair). */
static bool dump_follows(const struct state *st, const struct record *r)
{
    static const char mark[] = "SIPMSG:";
    const struct uct_slice key = UCT_S("Msg-Hash="), action = UCT_S(" Action=\"");
    struct uct_slice line = r->line, next = st->next;
    const char *behind = next.p + next.n;
    while (behind < st->end && (*behind == '\r' || *behind == '\n' || *behind == ' '))
        behind++;
    if (!next.n || (size_t)(st->end - behind) < sizeof mark || memcmp(behind, mark, sizeof mark - 1) != 0)
        return false;
    /* The dump's head ends in Msg-Hash="digits"; the same digits stand in the summary. */
    while (next.n && next.p[next.n - 1] == ' ')
        next.n--;
    size_t d = next.n;
    if (!d || next.p[--d] != '"')
        return false;
    size_t digits_end = d;
    while (d && uct_isdigit((unsigned char)next.p[d - 1]))
        d--;
    size_t ndigits = digits_end - d, tail = line.n < 256 ? line.n : 256;
    if (!ndigits || d < key.n + 1 || memcmp(next.p + d - key.n - 1, key.p, key.n) != 0)
        return false;
    struct uct_slice end = uct_slice(line.p + line.n - tail, tail);
    size_t at = uct_slice_find(end, key);
    if (at == SIZE_MAX || end.n - at - key.n <= ndigits || memcmp(end.p + at + key.n, next.p + d, ndigits) != 0 ||
        uct_isdigit((unsigned char)end.p[at + key.n + ndigits]))
        return false;
    size_t x = find_near(line, r->rest, action), y = find_near(next, x + 1, action);     /* INFO, DEBUG */
    return x != SIZE_MAX && y != SIZE_MAX && line.p[x + action.n] == next.p[y + action.n];
}

static void sip_record(struct state *st, const struct record *r)
{
    if (r->level.n == 4 && r->level.p[0] == 'I' && dump_follows(st, r))
        return;
    struct sip_pairs s = {0};
    if (!take_plain_pairs(r->line, r->rest, &s))
        take_sip_pairs(r->line, r->head.payload, &s);
    char local[128], remote[128];
    struct uct_sip_context c = {.time = r->head.time, .process = r->head.process, .text = r->text};
    bool sent = s.action.n ? uct_slice_eq(s.action, UCT_S("Sent")) : s.dst_ip.n && !s.src_ip.n;
    bool got = s.action.n ? uct_slice_eq(s.action, UCT_S("Received")) : s.src_ip.n && !s.dst_ip.n;
    c.dir = sent ? UCT_DIR_OUT : got ? UCT_DIR_IN : UCT_DIR_UNKNOWN;
    c.local = join_address(s.local_ip, s.local_port, local, sizeof local);
    c.remote = sent ? join_address(s.dst_ip, s.dst_port, remote, sizeof remote)
                    : join_address(s.src_ip, s.src_port, remote, sizeof remote);
    uint64_t hash = 0;
    uct_slice_u64(s.hash, &hash);
    c.msg_hash = hash;
    struct uct_sip m;
    size_t at = s.detail.n && r->text.n < r->line.n + 4 ? SIZE_MAX : dump_start(r);
    if (at != SIZE_MAX) {
        bool indented = at + 0 >= 2 && r->text.p[at - 1] == '|';
        const char *nl = memchr(r->text.p + at, '\n', r->text.n - at);
        const char *end = r->text.p + r->text.n, *second = nl ? nl + 1 : end;
        while (second < end && (*second == '\n' || *second == '\r'))      /* copies with empty lines between */
            second++;
        indented = second < end ? *second == ' ' : indented;
        struct uct_sip_layout layout = {.indented = indented, .glued_end = true};
        c.sight = UCT_SIGHT_TEXT;
        if (uct_sip_parse(uct_slice(r->text.p + at, r->text.n - at), layout, &m))
            uct_sip_keep(st->w, &r->origin, &c, &m);
    } else if (s.detail.n && take_summary(s.detail, &m, &c)) {
        c.sight = UCT_SIGHT_LINE;
        uct_sip_keep(st->w, &r->origin, &c, &m);
    }
}

static void keep_fields(struct state *st, const struct record *r)
{
    struct uct_writer *w = st->w;
    struct uct_slice key, value, peer = {0}, call_id = {0}, src = {0}, dst = {0}, common = {0};
    size_t pos = r->head.payload, end = pos;
    for (int n = 0; n < 64 && expressway_pair(r->line, &pos, &key, &value); n++) {
        uct_keep_field(w, key, value);
        end = pos;
        if (uct_slice_ieq(key, UCT_S("Src-ip")))
            src = value;
        else if (uct_slice_ieq(key, UCT_S("Dst-ip")))
            dst = value;
        else if (uct_slice_ieq(key, UCT_S("Common-name")))
            common = value;
        else if (uct_slice_ieq(key, UCT_S("Call-id")) || uct_slice_ieq(key, UCT_S("Call-ID")))
            call_id = value;
    }
    (void)end;
    bool inbound = uct_slice_starts(r->event, UCT_S("Inbound"));
    peer = common.n ? common : inbound || !dst.n ? src : dst;
    uct_keep_field(w, UCT_S("peer"), peer);
    uct_keep_field(w, UCT_S("process"), r->head.process);
    uct_keep_field(w, UCT_S("host"), r->head.host);
    uct_keep_call(w, call_id, 0, false);
}

/* Value of key="..." somewhere in s, without looking at nested quotes. */
static struct uct_slice quick_value(struct uct_slice s, struct uct_slice key)
{
    size_t at = uct_slice_find(s, key);
    if (at == SIZE_MAX)
        return uct_slice("", 0);
    const char *v = s.p + at + key.n, *q = memchr(v, '"', s.n - at - key.n);
    return q ? uct_slice(v, (size_t)(q - v)) : uct_slice("", 0);
}

/* ---- DNS ---------------------------------------------------------------
 *
 * A miss does not say what was asked: `Sending DNS query" Name="_sips._tcp.example.com" Type="SRV (IPv4 ...`
 * stands before it.  Expressway asks for one name in several ways (NAPTR, SRV for TLS, TCP and UDP, A, AAAA)
 * and is content with one answer, so a miss also needs to know whether one of the next was answered. */

#define DNS_AHEAD 16384     /* bytes behind a miss that are searched */
#define DNS_RECORDS 16      /* records of the DNS module among them */

/* example.com of _sips._tcp.example.com */
static struct uct_slice dns_domain(struct uct_slice name)
{
    while (name.n && name.p[0] == '_') {
        const char *dot = memchr(name.p, '.', name.n);
        if (!dot)
            break;
        name = uct_slice(dot + 1, (size_t)(name.p + name.n - dot) - 1);
    }
    return name;
}

static bool dns_answered_later(struct uct_slice rest, struct uct_slice domain)
{
    rest.n = rest.n < DNS_AHEAD ? rest.n : DNS_AHEAD;
    for (int i = 0; i < DNS_RECORDS; i++) {
        size_t at = uct_slice_find(rest, UCT_S("Module=\"network.dns\""));
        if (at == SIZE_MAX)
            return false;
        rest = uct_slice(rest.p + at + 20, rest.n - at - 20);
        const char *nl = memchr(rest.p, '\n', rest.n);
        struct uct_slice line = uct_slice(rest.p, nl ? (size_t)(nl - rest.p) : rest.n);
        if (uct_slice_find(line, UCT_S("Resolved hostname")) != SIZE_MAX)
            return true;
        struct uct_slice name = quick_value(line, UCT_S("Name=\""));
        if (name.n && !uct_slice_ieq(dns_domain(name), domain))
            return false;
    }
    return false;
}

static void dns_fields(struct state *st, const struct record *r)
{
    if (!uct_slice_eq(r->module, UCT_S("network.dns")) ||
        uct_slice_find(r->line, UCT_S("Could not resolve")) == SIZE_MAX)
        return;
    struct uct_slice name = quick_value(st->query, UCT_S("Name=\""));
    uct_keep_field(st->w, UCT_S("query-name"), name);
    uct_keep_field(st->w, UCT_S("query-type"), quick_value(st->query, UCT_S("Type=\"")));
    struct uct_slice rest = st->next.n ? uct_slice(st->next.p, (size_t)(st->end - st->next.p)) : uct_slice("", 0);
    if (dns_answered_later(rest, dns_domain(name)))
        uct_keep_field(st->w, UCT_S("query-answered"), UCT_S("yes"));
}

/* Which records are searched for the literals of rules: event records, network.* but SIP and the chatter
 * of media routing, warnings and errors of any module, TLS, interworking and the cluster database at any
 * level, and raw text. */
static bool worth_scanning(const struct record *r)
{
    if (r->event.n || !r->module.n)
        return true;
    if (uct_slice_starts(r->module, UCT_S("network.")))
        return !uct_slice_eq(r->module, UCT_S("network.mediarouting"));
    char l = r->level.n ? r->level.p[0] : 'E';
    if (l == 'E' || l == 'W' || l == 'F')
        return true;
    if (!uct_slice_starts(r->module, UCT_S("developer.")))
        return true;
    struct uct_slice m = uct_slice(r->module.p + 10, r->module.n - 10);
    return uct_slice_starts(m, UCT_S("ssl")) || uct_slice_starts(m, UCT_S("clusterdb")) ||
           uct_slice_eq(m, UCT_S("iwf"));
}

/* The same, first behind the value that was found last: events have their fields in one order, as a rule. */
static struct uct_slice next_value(struct uct_slice line, struct uct_slice *rest, struct uct_slice key)
{
    struct uct_slice v = quick_value(*rest, key);
    if (v.n)
        *rest = uct_slice(v.p + v.n, (size_t)(line.p + line.n - v.p) - v.n);
    return v.n ? v : quick_value(line, key);
}

/* Event="Call Attempted" ... Src-ip="192.0.2.9" Src-port="5061" ... Dst-alias="sip:alice@example.com"
 * Call-serial-number="6b2a018a-..." Tag="4fffefed-..." */
static void attempt(struct state *st, const struct record *r)
{
    struct uct_writer *w = st->w;
    char remote[128];
    struct uct_slice rest = r->line, s[4];
    uint32_t id[4];
    struct uct_slice ip = next_value(r->line, &rest, UCT_S(" Src-ip=\""));
    struct uct_slice port = next_value(r->line, &rest, UCT_S(" Src-port=\""));
    s[0] = uct_sip_uri_bare(next_value(r->line, &rest, UCT_S(" Src-alias=\"")));
    s[1] = uct_sip_uri_bare(next_value(r->line, &rest, UCT_S(" Dst-alias=\"")));
    s[2] = next_value(r->line, &rest, UCT_S(" Call-serial-number=\""));
    s[3] = next_value(r->line, &rest, UCT_S(" Tag=\""));
    if (!s[2].n && !s[3].n)
        return;
    uct_w_intern_all(w, s, id, 4);
    struct uct_attempt a = {.time = r->head.time, .from = id[0], .to = id[1], .serial = id[2], .tag = id[3]};
    a.remote = uct_w_intern_lower(w, join_address(ip, port, remote, sizeof remote));
    a.call_id = uct_w_intern_id(w, quick_value(r->line, UCT_S(" Call-id=\"")));
    uct_w_attempt(w, &r->origin, &a);
}

#define SCAN_MAX 4096      /* bytes of a record that are searched */

static void plain_record(struct state *st, const struct record *r)
{
    struct uct_writer *w = st->w;
    if (r->event.n) {
        uct_hit_event(w, r->event);
        if (uct_slice_ieq(r->event, UCT_S("Call Attempted")))
            attempt(st, r);
        size_t at = uct_slice_find(r->line, UCT_S(" Id=\""));
        uint64_t id;
        if (at != SIZE_MAX && uct_slice_u64(uct_slice(r->line.p + at + 5, r->line.n - at - 5), &id) && id < 1000000)
            uct_hit_number(w, UCT_KEY_ALARM, (uint32_t)id);
    }
    if (worth_scanning(r)) {
        struct uct_slice text = uct_slice(r->text.p + r->head.payload, r->text.n - r->head.payload);
        uct_hit_text(w, text.n > SCAN_MAX ? uct_slice(text.p, SCAN_MAX) : text);
    }
    if (uct_keep_begin(w, UCT_KIND_RECORD, &r->origin, r->head.time, r->text)) {
        keep_fields(st, r);
        dns_fields(st, r);
        uct_keep_end(w);
    }
    if (uct_slice_eq(r->module, UCT_S("network.dns")) && uct_slice_find(r->line, UCT_S("DNS query")) != SIZE_MAX)
        st->query = r->line;
}

/* Takes key="value" off the front of *s; blanks before it are skipped. */
static inline __attribute__((always_inline)) bool take_value(struct uct_slice *s, struct uct_slice key, struct uct_slice *value)
{
    size_t i = 0;
    while (i < s->n && s->p[i] == ' ')
        i++;
    struct uct_slice at = uct_slice(s->p + i, s->n - i);
    if (!uct_slice_starts(at, key))
        return false;
    const char *v = at.p + key.n, *q = memchr(v, '"', at.n - key.n);
    if (!q)
        return false;
    *value = uct_slice(v, (size_t)(q - v));
    *s = uct_slice(q + 1, (size_t)(at.p + at.n - q) - 1);
    return true;
}

/* The UTCTime that ends an event record; searched for where it does not. */
static struct uct_slice last_utc(struct uct_slice p)
{
    static const char key[] = "UTCTime=\"";
    size_t n = sizeof key - 1 + 24;             /* with milliseconds and its closing quote */
    if (p.n > n && p.p[p.n - 1] == '"' && memcmp(p.p + p.n - n, key, sizeof key - 1) == 0)
        return uct_slice(p.p + p.n - 24, 23);
    return quick_value(p, uct_slice(key, sizeof key - 1));
}

/* The prefix's time, of records without UTCTime. */
static void stamp_time(struct state *st, struct record *r)
{
    int64_t t = r->head.stamp ? civil(&st->clock, r->head.stamp) : UCT_NO_TIME;
    if (t == UCT_NO_TIME)
        return;
    r->head.time = t + r->head.stamp_ms;
    r->head.basis = UCT_BASIS_ZONE;
}

/* Time, module, level and event of a record from its first line. */
static void take_facts(struct state *st, struct record *r)
{
    struct uct_slice p = uct_slice(r->line.p + r->head.payload, r->line.n - r->head.payload);
    struct uct_slice utc = {0}, rest = p;
    r->rest = r->head.payload;
    if (!first_key(p)) {
        stamp_time(st, r);
        return;
    }
    if (take_value(&rest, UCT_S("UTCTime=\""), &utc)) {
        struct uct_slice near = uct_slice(rest.p, rest.n < 256 ? rest.n : 256);
        if (take_value(&rest, UCT_S("Module=\""), &r->module)) {
            if (!take_value(&rest, UCT_S("Level=\""), &r->level))
                r->level = quick_value(near, UCT_S(" Level=\""));
        } else if (!take_value(&rest, UCT_S("Event=\""), &r->event)) {
            r->module = quick_value(near, UCT_S(" Module=\""));
            r->level = quick_value(near, UCT_S(" Level=\""));
        }
    } else if (take_value(&rest, UCT_S("Event=\""), &r->event)) {
        utc = last_utc(p);
    } else if (take_value(&rest, UCT_S("Module=\""), &r->module)) {
        take_value(&rest, UCT_S("Level=\""), &r->level);
        utc = last_utc(p);
    } else {
        if (take_value(&rest, UCT_S("Level=\""), &r->level))
            take_value(&rest, UCT_S("Event=\""), &r->event);
        utc = last_utc(p);
    }
    r->rest = (size_t)(rest.p - r->line.p);
    int64_t t = utc.n ? utc_time(&st->clock, utc) : UCT_NO_TIME;
    if (t == UCT_NO_TIME) {
        stamp_time(st, r);
        return;
    }
    r->head.time = t;
    r->head.basis = UCT_BASIS_UTC_FIELD;
}

static void finish_record(struct state *st, struct record *r)
{
    size_t limit = uct_w_record_limit(st->w);
    if (r->text.n > limit) {
        r->text.n = limit;
        if (r->line.n > limit)
            r->line.n = limit;
        if (r->head.payload > r->line.n)
            r->head.payload = r->line.n;
        uct_w_note(st->w, UCT_NOTE_LONG_RECORD, r->origin.line);
    }
    take_facts(st, r);
    uct_w_record(st->w, r->head.time, r->head.basis);
    uct_w_host(st->w, &r->origin, r->head.host);
    if (uct_slice_eq(r->module, UCT_S("network.sip")))
        sip_record(st, r);
    else
        plain_record(st, r);
}

/* ---- the chunk --------------------------------------------------------- */

/* Nearly all lines of a log are continuations, which begin with a blank.  The next line start from p on
 * (p not counted) that is none and is not empty, or end; *lines grows by the lines passed. */
#ifdef __SSE2__
/* Bits set in a 16-bit mask: the compiler's own needs a library call on plain x86-64. */
static uint32_t bits(unsigned x)
{
    x -= x >> 1 & 0x5555;
    x = (x & 0x3333) + (x >> 2 & 0x3333);
    x = (x + (x >> 4)) & 0x0f0f;
    return (x + (x >> 8)) & 0x1f;
}

/* How far ahead text is asked for: the hardware's own prefetch ends with the page. */
#define AHEAD 4096

static const char *next_start(const char *p, const char *end, uint32_t *lines)
{
    const __m128i nl = _mm_set1_epi8('\n'), blank = _mm_set1_epi8(' '), cr = _mm_set1_epi8('\r'), bar = _mm_set1_epi8('|');
    while (end - p > 16) {
        _mm_prefetch((const char *)((uintptr_t)p + AHEAD), _MM_HINT_T0);
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned ends = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(here, nl));
        if (ends) {
            __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(p + 1));
            __m128i dull = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(next, nl), _mm_cmpeq_epi8(next, blank)),
                                        _mm_or_si128(_mm_cmpeq_epi8(next, cr), _mm_cmpeq_epi8(next, bar)));
            unsigned starts = ends & ~(unsigned)_mm_movemask_epi8(dull);
            if (starts) {
                unsigned at = (unsigned)__builtin_ctz(starts);
                *lines += bits(ends & ((2u << at) - 1));
                return p + at + 1;
            }
            *lines += bits(ends);
        }
        p += 16;
    }
    while (p < end) {
        if (*p++ != '\n')
            continue;
        ++*lines;
        if (p < end && *p != ' ' && *p != '\n' && *p != '\r' && *p != '|')
            return p;
    }
    return end;
}
#else
static const char *next_start(const char *p, const char *end, uint32_t *lines)
{
    while ((p = memchr(p, '\n', (size_t)(end - p)))) {
        p++;
        ++*lines;
        if (p == end || (*p != ' ' && *p != '\n' && *p != '\r' && *p != '|'))
            return p;
    }
    return end;
}
#endif

static bool any_stamp(struct uct_slice text)
{
    struct head h;
    struct uct_slice line;
    while (uct_next_line(&text, &line))
        if (line.n && (((uct_isdigit((unsigned char)line.p[0]) || line.p[0] == '<') && take_head(line, &h)) ||
                       relayed_head(line, &h)))
            return true;
    return false;
}

/* Does the log stop inside this record, its last?  Without a line end, and in a dump that has no end mark
 * or in a value whose quote is still open. */
static bool is_cut(const struct record *r)
{
    struct uct_slice t = r->text;
    if (!t.n || t.p[t.n - 1] == '\n')
        return false;
    if (dump_start(r) != SIZE_MAX)
        return t.p[t.n - 1] != '|';
    size_t quotes = 0;
    for (size_t i = r->head.payload; i < r->line.n; i++)
        quotes += r->line.p[i] == '"';
    return quotes % 2 != 0 && first_key(uct_slice(r->line.p + r->head.payload, r->line.n - r->head.payload));
}

/* Lines before the first head belong to a record that is not there. */
static void front_lines(struct state *st, const struct uct_chunk *c, bool bare, uint32_t nlines)
{
    if (!nlines || c->continued)
        return;
    if (bare)
        uct_w_unparsed(st->w, 0, nlines);
    else
        uct_w_note(st->w, UCT_NOTE_CUT_BEGIN, 0);
}

/* A bare SIP message before the first record, or behind one that is over: an empty line and then a start
 * line with a header below it.  Inside a record of a copy that lost its blanks a start line stands elsewhere. */
static bool is_bare_sip(struct uct_slice line, struct uct_slice rest, bool free)
{
    struct uct_slice next;
    if (!free || line.n < 11 || (unsigned)(line.p[0] - 'A') > 25u || !uct_sip_start_line(line) ||
        !uct_next_line(&rest, &next) || !uct_next_line(&rest, &next))
        return false;
    const char *colon = memchr(next.p, ':', next.n < 48 ? next.n : 48);
    return colon && colon > next.p && uct_isalpha((unsigned char)next.p[0]) &&
           !memchr(next.p, ' ', (size_t)(colon - next.p));
}

/* At the front of a log, or behind an empty line. */
static bool stands_apart(const struct uct_chunk *c, const struct uct_writer *w, const char *p)
{
    size_t n = (size_t)(p - c->text.p);
    if (n < 2)
        return n == 0 && c->first && !uct_w_is_piece(w);
    return p[-1] == '\n' && (p[-2] == '\n' || (p[-2] == '\r' && n > 2 && p[-3] == '\n'));
}

/* Is this line, which is no head of ours, the head of another family's record? */
static bool handed_over(const struct uct_writer *w, struct uct_slice line, struct uct_slice rest, bool free)
{
    unsigned char c = line.n ? (unsigned char)line.p[0] : ' ';
    if (uct_w_reads_all(w, &uct_parser_expressway))
        return false;
    if (is_bare_sip(line, rest, free))
        return true;
    if (c != 'T' && c != 'L' && c != 'E' && !uct_isdigit(c))
        return false;
    const struct uct_parser *p = uct_foreign_head(w, &uct_parser_expressway, line);
    return p && p != &uct_parser_sip;
}

static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct state st = {.w = w, .end = c->text.p + c->text.n};
    const char *base = c->text.p, *end = base + c->text.n, *p = base;
    bool bare = uct_w_is_piece(w) || (!c->continued && !any_stamp(c->text));
    struct record r = {0};
    bool open = false;
    uint32_t nline = 0;
    while (p < end) {
        struct head h;
        bool head = false;
        const char *from = p;
        if (*p != ' ' && *p != '|') {
            const char *nl = memchr(p, '\n', (size_t)(end - p));
            from = nl ? nl : end;
            struct uct_slice line = uct_slice(p, (size_t)(from - p));
            if (line.n && line.p[line.n - 1] == '\r')
                line.n--;
            head = take_any_head(&st, line, &h) || relayed_head(line, &h) || (bare && bare_head(line, &h));
            if (!head && handed_over(w, line, uct_slice(from, (size_t)(end - from)), stands_apart(c, w, p)))
                break;
            if (head) {
                if (open) {
                    r.text.n = (size_t)(p - r.text.p);
                    r.origin.length = (uint32_t)r.text.n;
                    st.next = line;
                    finish_record(&st, &r);
                } else {
                    front_lines(&st, c, bare, nline);
                }
                r = (struct record){.origin = {.offset = (uint64_t)(p - base), .line = nline}, .line = line,
                                    .head = h, .text = {p, 0}};
                open = true;
            }
        }
        p = next_start(from, end, &nline);
    }
    if (p == end && end > base && end[-1] != '\n')
        nline++;
    if (open) {
        r.text.n = (size_t)(p - r.text.p);
        r.origin.length = (uint32_t)r.text.n;
        st.next = uct_slice("", 0);
        if (c->last && p == end && is_cut(&r))
            uct_w_note(w, UCT_NOTE_CUT_END, r.origin.line);
        finish_record(&st, &r);
    } else if (!c->continued) {
        uct_w_unparsed(w, 0, nline);
    }
    if (p == end)
        uct_w_lines(w, nline);
    return (size_t)(p - base);
}

/* ---- detection, heads, splitting --------------------------------------- */

static bool head(struct uct_slice line)
{
    struct head h;
    if (line.n < 20)
        return false;
    if (!uct_isdigit((unsigned char)line.p[0]) && line.p[0] != '<')
        return relayed_head(line, &h);
    return (take_head(line, &h) && h.known) || relayed_head(line, &h);
}

/* The line at `at` and the summary before it may be one message: they stay together.  Returns where the
 * summary begins, or `at`. */
static size_t before_summary(struct uct_slice text, size_t at)
{
    struct uct_slice rest = uct_slice(text.p + at, text.n - at), line;
    const struct uct_slice dump = UCT_S("Module=\"network.sip\" Level=\"DEBUG\"");
    uct_next_line(&rest, &line);
    if (at < 2 || uct_slice_find(uct_slice(line.p, line.n < 256 ? line.n : 256), dump) == SIZE_MAX)
        return at;
    const char *nl = memrchr(text.p, '\n', at - 1);
    size_t from = nl ? (size_t)(nl - text.p) + 1 : 0, n = at - from < 256 ? at - from : 256;
    bool summary = from && is_stamp(text.p + from, text.n - from) &&
                   uct_slice_find(uct_slice(text.p + from, n), UCT_S("Module=\"network.sip\" Level=\"INFO\"")) != SIZE_MAX;
    return summary ? from : at;
}

static size_t split(struct uct_slice text)
{
    size_t n = text.n;
    while (n > 1) {
        const char *nl = memrchr(text.p, '\n', n - 1);
        if (!nl)
            return 0;
        size_t at = (size_t)(nl - text.p) + 1;
        struct uct_slice rest = uct_slice(text.p + at, text.n - at), line;
        struct head h;
        if (is_stamp(rest.p, rest.n) && uct_next_line(&rest, &line) && take_head(line, &h))
            return before_summary(text, at);
        if (relayed(rest) && uct_next_line(&rest, &line) && relayed_head(line, &h))
            return at;
        n = at;
    }
    return 0;
}

static int bid(struct uct_slice window, bool whole)
{
    struct head h;
    struct uct_slice rest = window, line;
    int records = 0, bare = 0, lines = 0, literals = 0;
    while (uct_next_line(&rest, &line)) {
        if (!rest.n && !whole && lines)
            break;                             /* the last line may be cut */
        if (line.n && line.p[0] != ' ' && line.p[0] != '|') {
            if (take_head(line, &h))
                records += h.known;
            else if (relayed_head(line, &h))
                records++;
            else
                bare += bare_head(line, &h);
        }
        if (++lines > 2000 && records)
            break;
    }
    if (!records && !bare)
        return 0;
    static const char *const demanded[] = {"UTCTime=\"", "Module=\"", "Level=\"", "SIPMSG:"};
    struct uct_slice near = uct_slice(window.p, window.n < 65536 ? window.n : 65536);
    for (size_t i = 0; i < sizeof demanded / sizeof *demanded; i++)
        literals += uct_slice_find(near, uct_slice_str(demanded[i])) != SIZE_MAX;
    int n = records ? records : bare;
    int more = (n - 1) * UCT_BID_MORE;
    return UCT_BID_RECORD + (more < 96 - UCT_BID_RECORD ? more : 96 - UCT_BID_RECORD) + literals * UCT_BID_MORE;
}

const struct uct_parser uct_parser_expressway = {
    .name = "expressway",
    .summary = "Cisco Expressway / VCS diagnostic, event and network logs, X7 to X15",
    .bid = bid,
    .head = head,
    .split = split,
    .parse = parse,
};
