/* Streams that are known and not read: by magic number, or by the shape of their lines.
 *
 *   Jul 26 14:08:23 user.info cb1 host:server:  INFO : call 7: ...         meeting-server, syslog
 *   2021-02-15 13:55:48.784 Info call 24: ...                              meeting-server, event log
 *   04241111.002 |11:27:41.232 |AppInfo  |SIPTcp - ...                     cucm, SDL
 *   16:02:51.859 CCM|Digit analysis: ...                                   cucm, SDI
 *   2019/07/04  14:37:15.142|CC|SETUP|...                                  cucm, call log
 *   *c xConfiguration Zones Zone 7 Name: "..."                             xconfiguration
 *   *s SystemUnit: /                                                       xstatus
 *
 * Kinds "left for a later release" are no error; unsupported ones will never be read here, so their
 * note says how to get what can be read. */
#include "kinds.h"

#define LATER "left for a later release"
#define WINDOW (64 * 1024)     /* of text looked at */

struct kind {
    const char *format;
    const char *note;
    bool unsupported;
};

static bool is(const struct kind *k, int bid, struct uct_detection *out)
{
    *out = (struct uct_detection){
        .bid = bid, .format = k->format, .note = k->note, .unsupported = k->unsupported};
    return true;
}

/* ---- by magic ---------------------------------------------------------- */

static const struct kind pcap = {"pcap", "packet capture: " LATER, false};
static const struct kind image = {"image", "a picture: give the log itself, or its text", true};
static const struct kind core = {"core-dump", "memory image of a crashed program: it holds no log", true};
static const struct kind program = {"executable", "a program: it holds no log", true};
static const struct kind evtx = {
    "evtx", "Windows event log in binary form: export it as text in Event Viewer and give that", true};
static const struct kind etl = {"etl",
                                "binary trace: convert it to text on the server that made it (OCSLogger, "
                                "Search-CsClsLogging or tracefmt)",
                                true};

static const struct {
    const char *magic;
    size_t n;
    struct kind kind;
} magics[] = {
    {"%PDF-", 5, {"pdf", "PDF: save it as text; the excerpts in it can then be read", true}},
    {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
     8,
     {"office", "Office document or Outlook message: save it as text; the excerpts in it can then be read",
      true}},
    {"SQLite format 3", 16, {"sqlite", "a database: export the log as text", true}},
};

static const struct {
    const char *magic;
    size_t n;
    const struct kind *kind;
} shared_magics[] = {
    {"\xA1\xB2\xC3\xD4", 4, &pcap},
    {"\xD4\xC3\xB2\xA1", 4, &pcap}, /* microseconds */
    {"\xA1\xB2\x3C\x4D", 4, &pcap},
    {"\x4D\x3C\xB2\xA1", 4, &pcap}, /* nanoseconds */
    {"\xA1\xB2\xCD\x34", 4, &pcap},
    {"\x34\xCD\xB2\xA1", 4, &pcap}, /* with a longer record head */
    {"\x89PNG\r\n\x1A\n", 8, &image},
    {"\xFF\xD8\xFF", 3, &image},
    {"GIF87a", 6, &image},
    {"GIF89a", 6, &image},
    {"II*\0", 4, &image},
    {"MM\0*", 4, &image},
    {"MDMP", 4, &core},
    {"PAGEDUMP", 8, &core},
    {"PAGEDU64", 8, &core},
    {"ElfFile\0", 8, &evtx},
    {"\x30\0\0\0LfLe", 8, &evtx},
    {"\xFE\xED\xFA\xCE", 4, &program},
    {"\xCE\xFA\xED\xFE", 4, &program},
    {"\xFE\xED\xFA\xCF", 4, &program},
    {"\xCF\xFA\xED\xFE", 4, &program},
};

static unsigned byte_at(struct uct_slice w, size_t i)
{
    return i < w.n ? (unsigned char)w.p[i] : 0;
}

static uint32_t le32(struct uct_slice w, size_t i)
{
    return byte_at(w, i) | byte_at(w, i + 1) << 8 | byte_at(w, i + 2) << 16 |
           (uint32_t)byte_at(w, i + 3) << 24;
}

static bool bytes_at(struct uct_slice w, size_t i, const char *magic, size_t n)
{
    return i + n <= w.n && memcmp(w.p + i, magic, n) == 0;
}

/* A trace file is a row of buffers; the first holds, behind its head of 72 bytes, a system trace
 * header (its flags' two upper bits set, type 1 or 2, event group 0 type 0) and in the log file
 * header behind that the size of the buffers again.
 * https://learn.microsoft.com/en-us/windows/win32/api/evntrace/ns-evntrace-trace_logfile_header */
static bool is_etl(struct uct_slice w)
{
    uint32_t size = le32(w, 0);
    return w.n >= 108 && size >= 1024 && size % 512 == 0 && (byte_at(w, 75) & 0xC0) == 0xC0 &&
           (byte_at(w, 74) == 1 || byte_at(w, 74) == 2) && byte_at(w, 78) == 0 && byte_at(w, 79) == 0 &&
           le32(w, 104) == size;
}

static bool is_pcapng(struct uct_slice w)
{
    return bytes_at(w, 0, "\x0A\x0D\x0D\x0A", 4) &&
           (bytes_at(w, 8, "\x1A\x2B\x3C\x4D", 4) || bytes_at(w, 8, "\x4D\x3C\x2B\x1A", 4));
}

/* "BM" alone would catch text: the size of the second header is one of a few. */
static bool is_bmp(struct uct_slice w)
{
    uint32_t head = le32(w, 14);
    return bytes_at(w, 0, "BM", 2) && w.n >= 18 && le32(w, 6) == 0 &&
           (head == 12 || head == 40 || head == 52 || head == 56 || head == 64 || head == 108 || head == 124);
}

static bool is_windows_program(struct uct_slice w)
{
    uint32_t at = le32(w, 0x3C);
    return bytes_at(w, 0, "MZ", 2) && at < w.n && bytes_at(w, at, "PE\0\0", 4);
}

/* ELF: the type of the file stands at 16, in the byte order that byte 5 names; 4 is a core dump. */
static const struct kind *elf(struct uct_slice w)
{
    if (!bytes_at(w, 0, "\x7F" "ELF", 4) || w.n < 18)
        return NULL;
    unsigned type =
        byte_at(w, 5) == 2 ? byte_at(w, 17) | byte_at(w, 16) << 8 : byte_at(w, 16) | byte_at(w, 17) << 8;
    return type == 4 ? &core : &program;
}

bool kind_by_magic(struct uct_slice w, struct uct_detection *out)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (bytes_at(w, 0, magics[i].magic, magics[i].n))
            return is(&magics[i].kind, 8 * (int)magics[i].n, out);
    for (size_t i = 0; i < sizeof shared_magics / sizeof *shared_magics; i++)
        if (bytes_at(w, 0, shared_magics[i].magic, shared_magics[i].n))
            return is(shared_magics[i].kind, 8 * (int)shared_magics[i].n, out);
    const struct kind *k = elf(w);
    if (k)
        return is(k, 8 * 6, out);
    if (is_pcapng(w))
        return is(&pcap, 8 * 8, out);
    if (is_etl(w))
        return is(&etl, 8 * 8, out);
    if (is_bmp(w) || (bytes_at(w, 0, "RIFF", 4) && bytes_at(w, 8, "WEBP", 4)))
        return is(&image, 8 * 8, out);
    if (is_windows_program(w))
        return is(&program, 8 * 6, out);
    return false;
}

/* ---- by lines ---------------------------------------------------------- */

enum { CMS, CUCM, XCONF, XSTATUS, CERT, MAC, MOBILE, SIGNIN, NKINDS };

static const struct {
    struct kind kind;
    bool continued;        /* any lines may stand behind a record's first */
} kinds[NKINDS] = {
    [CMS] = {{"meeting-server", "Cisco Meeting Server log: " LATER, false}, false},
    [CUCM] = {{"cucm", "Cisco Unified CM trace: " LATER, false}, true},
    [XCONF] = {{"xconfiguration", "configuration of an Expressway: " LATER, false}, false},
    [XSTATUS] = {{"xstatus", "status of an Expressway: " LATER, false}, true},
    [CERT] = {{"certificate", "certificates: " LATER, false}, false},
    [MAC] = {{"mac-log",
              "log of a client for Mac: it holds no SIP; give the edge's trace or a Windows client's "
              "UccApilog of the same call",
              true},
             false},
    [MOBILE] = {{"mobile-log",
                 "log of a mobile client: it holds no SIP; give the edge's trace of the same call", true},
                false},
    [SIGNIN] = {{"sign-in-report", "sign-in details of a client: give its UccApilog (logging set to Full)",
                 true},
                false},
};

/* Matches s at *i against a shape: '9' a digit, ' ' one blank or more, 'A' a letter, else itself. */
static bool shape(struct uct_slice s, size_t *i, const char *pattern)
{
    size_t at = *i;
    for (; *pattern; pattern++) {
        unsigned char c = at < s.n ? (unsigned char)s.p[at] : 0;
        if (*pattern == ' ') {
            size_t begin = at;
            while (at < s.n && uct_isblank((unsigned char)s.p[at]))
                at++;
            if (at == begin)
                return false;
            continue;
        }
        if (*pattern == '9'   ? !uct_isdigit(c)
            : *pattern == 'A' ? !uct_isalpha(c)
                              : c != (unsigned char)*pattern)
            return false;
        at++;
    }
    *i = at;
    return true;
}

static bool shaped(struct uct_slice s, const char *pattern)
{
    size_t i = 0;
    return shape(s, &i, pattern);
}

static struct uct_slice word_at(struct uct_slice s, size_t i)
{
    size_t n = 0;
    while (i + n < s.n && uct_isalnum((unsigned char)s.p[i + n]))
        n++;
    return uct_slice(s.p + i, n);
}

static bool one_of(struct uct_slice w, const char *const *list)
{
    for (; *list; list++)
        if (uct_slice_ieq(w, uct_slice_str(*list)))
            return true;
    return false;
}

/* "user.info", "local0.warning": facility and level of syslog, a blank or a mail's link behind. */
static bool facility(struct uct_slice s, size_t i)
{
    static const char *const names[] = {"user",   "daemon", "auth",   "authpriv", "kern",   "syslog",
                                        "cron",   "local0", "local1", "local2",   "local3", "local4",
                                        "local5", "local6", "local7", NULL};
    static const char *const levels[] = {"debug", "info", "notice", "warn", "warning", "err", "error", "crit",
                                         "alert", "emerg", NULL};
    struct uct_slice name = word_at(s, i);
    if (!one_of(name, names) || i + name.n >= s.n || s.p[i + name.n] != '.')
        return false;
    struct uct_slice level = word_at(s, i + name.n + 1);
    size_t end = i + name.n + 1 + level.n;
    return one_of(level, levels) && end < s.n && (uct_isblank((unsigned char)s.p[end]) || s.p[end] == '<');
}

static bool is_event_log(struct uct_slice s)
{
    static const char *const levels[] = {"Info", "Warning", "Error", NULL};
    size_t i = 0;
    if (!shape(s, &i, "9999-99-99 99:99:99.999") || i >= s.n || !uct_isblank((unsigned char)s.p[i]))
        return false;
    if (s.p[10] == '\t' && s.p[i] == '\t')
        return true;
    while (i < s.n && uct_isblank((unsigned char)s.p[i]))
        i++;
    struct uct_slice level = word_at(s, i);
    for (const char *const *l = levels; *l; l++)
        if (uct_slice_eq(level, uct_slice_str(*l)))
            return i + level.n < s.n && uct_isblank((unsigned char)s.p[i + level.n]);
    return false;
}

static bool is_cms(struct uct_slice s)
{
    size_t i = 0;
    struct uct_slice start = uct_slice(s.p, s.n < 200 ? s.n : 200);
    if (is_event_log(s) || uct_slice_find(start, UCT_S(" host:server: ")) != SIZE_MAX)
        return true;
    if (shape(s, &i, "AAA 99 99:99:99") || shape(s, &i, "AAA 9 99:99:99") ||
        shape(s, &i, "9999-99-99T99:99:99") || shape(s, &i, "9999-99-99 99:99:99")) {
        while (i < s.n && (uct_isdigit((unsigned char)s.p[i]) || s.p[i] == '.'))
            i++;
        while (i < s.n && uct_isblank((unsigned char)s.p[i]))
            i++;
    }
    return facility(s, i);
}

/* Records get glued to what stands before them when traces are copied, so the head is sought. */
static bool is_sdl(struct uct_slice s)
{
    if (s.n > 300)
        s.n = 300;
    for (const char *bar; (bar = memchr(s.p, '|', s.n)) != NULL;) {
        size_t i = (size_t)(bar - s.p);
        struct uct_slice rest = uct_slice(bar + 1, s.n - i - 1);
        if (i >= 12 && shaped(uct_slice(bar - 5, 5), ".999 ") && uct_isdigit((unsigned char)bar[-12]) &&
            shaped(rest, "99:99:99.999 |"))
            return true;
        s = rest;
    }
    return false;
}

static bool is_cucm(struct uct_slice s)
{
    size_t i = 0;
    if (is_sdl(s) || shaped(s, "| SdlSig |"))
        return true;
    if (shape(s, &i, "9999/99/99 99:99:99.999|"))
        return uct_slice_starts(uct_slice(s.p + i, s.n - i), UCT_S("CC|")) ||
               uct_slice_starts(uct_slice(s.p + i, s.n - i), UCT_S("SIP"));
    shape(s, &i, "99/99/9999 ");
    return shape(s, &i, "99:99:99.999 CCM|") || shape(s, &i, "99:99:99.999 CCM CallManager|");
}

static bool upper_word(struct uct_slice w)
{
    for (size_t i = 0; i < w.n; i++)
        if (w.p[i] < 'A' || w.p[i] > 'Z')
            return false;
    return w.n > 1;
}

/* "INFO TRANSPORT .../CRequest.cpp:266 text": level, component, place in a program's source. */
static bool is_source_log(struct uct_slice s)
{
    static const char *const levels[] = {"INFO", "ERROR", "WARN", "WARNING", "VERBOSE", "DEBUG", NULL};
    struct uct_slice before = {NULL, 0}, last = {NULL, 0};
    size_t i = 0;
    for (int tokens = 0; tokens < 8 && i < s.n; tokens++) {
        while (i < s.n && uct_isblank((unsigned char)s.p[i]))
            i++;
        size_t begin = i;
        while (i < s.n && !uct_isblank((unsigned char)s.p[i]))
            i++;
        struct uct_slice t = uct_slice(s.p + begin, i - begin);
        const char *colon = t.n ? memrchr(t.p, ':', t.n) : NULL;
        if (one_of(before, levels) && upper_word(last) && colon && memchr(t.p, '.', (size_t)(colon - t.p)) &&
            colon + 1 < t.p + t.n && uct_isdigit((unsigned char)colon[1]))
            return true;
        before = last;
        last = t;
    }
    return false;
}

static bool is_mobile(struct uct_slice s)
{
    static const char levels[] = "VDIWEF";
    size_t i = 0;
    if (shape(s, &i, "99-99 99:99:99.999 9")) {
        while (i < s.n && (uct_isdigit((unsigned char)s.p[i]) || s.p[i] == ' '))
            i++;
        return i + 1 < s.n && strchr(levels, s.p[i]) && s.p[i] && s.p[i + 1] == ' ';
    }
    if (s.n > 3 && s.p[1] == '/' && s.p[0] && strchr(levels, s.p[0])) {
        struct uct_slice start = uct_slice(s.p, s.n < 80 ? s.n : 80);
        size_t close = uct_slice_find(start, UCT_S("):"));
        return close != SIZE_MAX && uct_isdigit((unsigned char)s.p[close - 1]);
    }
    return (uct_slice_find(s, UCT_S("Error Domain=")) != SIZE_MAX &&
            uct_slice_find(s, UCT_S(" Code=")) != SIZE_MAX) ||
           is_source_log(s);
}

/* "1.3.1 GetAndPublishCert: FAIL (hr = 0x1)" */
static bool is_signin(struct uct_slice s)
{
    size_t i = 0, dots = 0;
    while (i < s.n && (uct_isdigit((unsigned char)s.p[i]) || (i && s.p[i] == '.')))
        dots += s.p[i++] == '.';
    return dots > 0 && i < s.n && s.p[i] == ' ' &&
           (uct_slice_find(s, UCT_S(": FAIL")) != SIZE_MAX ||
            uct_slice_find(s, UCT_S(": PASS")) != SIZE_MAX ||
            uct_slice_find(s, UCT_S(": SUCCESS")) != SIZE_MAX);
}

static bool is_base64(struct uct_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!uct_isalnum((unsigned char)s.p[i]) && s.p[i] != '+' && s.p[i] != '/' && s.p[i] != '=')
            return false;
    return s.n > 0 && s.n <= 76;
}

static bool is_mac(struct uct_slice s)
{
    return shaped(s, "9999/99/99 99:99:99.999 ");
}

struct tally {
    size_t lines, count[NKINDS];
    int first;             /* kind of the first line */
    bool in_certificate;
};

static int line_kind(struct uct_slice s, struct tally *t)
{
    bool begin =
        uct_slice_starts(s, UCT_S("-----BEGIN ")) && uct_slice_find(s, UCT_S("CERTIFICATE")) != SIZE_MAX;
    if (begin || (t->in_certificate && (is_base64(s) || uct_slice_starts(s, UCT_S("-----END "))))) {
        t->in_certificate = begin || is_base64(s);
        return CERT;
    }
    t->in_certificate = false;
    if (uct_slice_istarts(s, UCT_S("*c x")))
        return XCONF;
    if (uct_slice_starts(s, UCT_S("*s ")) || uct_slice_starts(s, UCT_S("*s/end")))
        return XSTATUS;
    if (is_cms(s))
        return CMS;
    if (is_cucm(s))
        return CUCM;
    if (is_mac(s))
        return MAC;
    if (is_mobile(s))
        return MOBILE;
    return is_signin(s) ? SIGNIN : -1;
}

/* "Line 217707: text": what an editor's search puts before each line. */
static struct uct_slice bare_line(struct uct_slice s)
{
    size_t i = 0;
    if (s.n > 7 && shape(s, &i, "Line 9")) {
        while (i < s.n && uct_isdigit((unsigned char)s.p[i]))
            i++;
        if (i < s.n && s.p[i] == ':')
            return uct_slice_trim(uct_slice(s.p + i + 1, s.n - i - 1));
    }
    return s;
}

static struct uct_slice without_bom(struct uct_slice s)
{
    return uct_slice_starts(s, UCT_S("\xEF\xBB\xBF")) ? uct_slice(s.p + 3, s.n - 3) : s;
}

static void count_lines(struct uct_slice w, struct tally *t)
{
    struct uct_slice line;
    w = without_bom(w);
    *t = (struct tally){.first = -1};
    if (w.n > WINDOW)
        w.n = WINDOW;
    while (uct_next_line(&w, &line)) {
        line = uct_slice_trim(line);
        if (!line.n)
            continue;
        int k = line_kind(bare_line(line), t);
        if (k >= 0)
            t->count[k]++;
        if (t->lines++ == 0)
            t->first = k;
    }
}

/* The XML twin of a dump: root element Configuration or Status of the box's own namespace. */
static bool xml_kind(struct uct_slice w, struct uct_detection *out)
{
    w = without_bom(w);
    struct uct_slice start = uct_slice_trim(uct_slice(w.p, w.n < 4096 ? w.n : 4096));
    if (!start.n || start.p[0] != '<' || (uct_slice_ifind(start, UCT_S("tandberg")) == SIZE_MAX &&
                                          uct_slice_find(start, UCT_S(" item=\"1\"")) == SIZE_MAX))
        return false;
    while (start.n > 1 && (start.p[1] == '?' || start.p[1] == '!')) {
        const char *next = memchr(start.p + 1, '<', start.n - 1);
        if (!next)
            return false;
        start = uct_slice(next, (size_t)(start.p + start.n - next));
    }
    struct uct_slice root = word_at(start, 1);
    if (root.n + 1 < start.n && start.p[root.n + 1] == ':')
        root = word_at(start, root.n + 2);
    if (root.n && uct_lower((unsigned char)root.p[0]) == 'x')
        root = uct_slice(root.p + 1, root.n - 1);
    if (uct_slice_ieq(root, UCT_S("Configuration")))
        return is(&kinds[XCONF].kind, UCT_BID_RECORD, out);
    if (uct_slice_ieq(root, UCT_S("Status")) || uct_slice_ieq(root, UCT_S("History")))
        return is(&kinds[XSTATUS].kind, UCT_BID_RECORD, out);
    return false;
}

/* One line of the kind is enough where nobody else reads the stream and it leads or the most are so. */
bool kind_by_lines(struct uct_slice window, bool contested, struct uct_detection *out)
{
    struct tally t;
    if (xml_kind(window, out))
        return true;
    count_lines(window, &t);
    int best = 0;
    for (int k = 1; k < NKINDS; k++)
        if (t.count[k] > t.count[best])
            best = k;
    size_t n = t.count[best];
    bool most = n * 2 >= t.lines, leads = t.first == best && (!contested || kinds[best].continued);
    if (n == 0 || (!most && !leads && !(kinds[best].continued && !contested)))
        return false;
    return is(&kinds[best].kind, UCT_BID_RECORD + UCT_BID_MORE * (int)(n > 13 ? 12 : n - 1), out);
}
