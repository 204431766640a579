/* Writes input that is made to cost time or memory: each pattern is one way in
 * which a reader of logs turns quadratic.
 *
 *   tests/hostile PATTERN [BYTES]            about so many bytes (8 MiB) on standard output
 *   tests/hostile +PATTERN BYTES FOLDER      several files into a folder
 *   tests/hostile                            the names of all patterns
 *   tests/hostile --cost COMMAND...          what a command takes: processor time in ms, memory in KiB
 *
 * hostile_calls.c has those that are about calls and several logs. */
#include "hostile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static size_t size = 8u << 20, done;
static const char *folder;

size_t hostile_size(void) { return size; }
size_t hostile_done(void) { return done; }

void putn(const char *s, size_t n)
{
    done += n;
    fwrite(s, 1, n, stdout);
}

void put(const char *s)
{
    putn(s, strlen(s));
}

void part(const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", name);
    if (folder && !freopen(path, "wb", stdout))
        exit(1);
}

void fill(const char *s, size_t to)
{
    while (done < to)
        put(s);
}

/* ---- Expressway -------------------------------------------------------- */

void stamp(unsigned n)
{
    char s[160];
    unsigned t = n / 10, ms = n % 10 * 100, h = t / 3600 % 24, m = t / 60 % 60;
    snprintf(s, sizeof s, "2017-03-02T%02u:%02u:%02u.%03u+00:00 vcse tvcs: UTCTime=\"2017-03-02 "
        "%02u:%02u:%02u,%03u\" ",
             h, m, t % 60, ms, h, m, t % 60, ms);
    put(s);
}

static void event_head(void)
{
    put("2017-03-02T07:10:46.230+00:00 vcse tvcs: Event=\"Call Rejected\" Detail=\"");
}

static void one_line(const char *unit)
{
    event_head();
    fill(unit, size);
    put("\" UTCTime=\"2017-03-02 07:10:46,230\"\n");
}

static void lines_of(const char *unit)
{
    while (done < size) {
        event_head();
        fill(unit, done + (1u << 20) - 300);
        put("\" UTCTime=\"2017-03-02 07:10:46,230\"\n");
    }
}

static void quotes(void) { lines_of("\""); }
static void quotes_apart(void) { lines_of("\" "); }
static void equals(void) { lines_of("=\""); }
static void pairs(void) { lines_of("a=\"b\" "); }
static void pairs_open(void) { lines_of("a=\""); }
static void pairs_words(void) { lines_of("\" aaaaaaaa"); }
static void nested(void) { lines_of("x \"y "); }
static void blanks(void) { lines_of("\"          "); }
static void long_line(void) { one_line("abcdefgh "); }
static void long_word(void) { one_line("a"); }
static void long_quotes(void) { one_line("\""); }
static void newlines(void) { fill("\n", size); }
static void stamps_only(void) { fill("2017-03-02T07:10:46.230+00:00 vcse tvcs: \n", size); }
static void bars(void)
{
    stamp(1);
    put("Module=\"network.sip\" Level=\"DEBUG\": Action=\"Sent\"\n SIPMSG:\n");
    fill(" |\n", size);
}
static void sipmsgs(void)
{
    stamp(1);
    put("Module=\"network.sip\" Level=\"DEBUG\": Action=\"Sent\"\n");
    fill(" SIPMSG:\n", size);
}
static void headless(void) { fill("Module=\"network.sip\" Detail=\"x\"\n", size); }

/* One message whose headers are all like this one. */
static void dump(const char *start, const char *header, const char *last)
{
    stamp(1);
    put("Module=\"network.sip\" Level=\"DEBUG\": Action=\"Sent\" Dst-ip=\"192.0.2.1\" "
        "Dst-port=\"5061\" Msg-Hash=\"1\"\n");
    put(" SIPMSG:\n |");
    put(start);
    put("\r\n Call-ID: a\r\n CSeq: 1 INVITE\r\n");
    while (done < size) {
        size_t record = done + (1u << 20) - 2000;
        while (done < size && done < record) {
            put(" ");
            put(header);
            put("\r\n");
        }
        put(" \r\n |\n");
        if (done >= size)
            break;
        stamp(1);
        put("Module=\"network.sip\" Level=\"DEBUG\": Action=\"Sent\" Dst-ip=\"192.0.2.1\" "
            "Dst-port=\"5061\" Msg-Hash=\"1\"\n");
        put(" SIPMSG:\n |");
        put(start);
        put("\r\n Call-ID: a\r\n CSeq: 1 INVITE\r\n");
    }
    put(last);
}

#define RESPONSE "SIP/2.0 504 Server time-out"
#define REQUEST "INVITE sip:bob@example.com SIP/2.0"
static void vias(void) { dump(RESPONSE, "Via: SIP/2.0/TLS a;branch=z", ""); }
static void vias_comma(void) { dump(RESPONSE, "v:a,b,c,d,e,f,g,h", ""); }
static void headers(void) { dump(REQUEST, "a:b", ""); }
static void folded(void) { dump(REQUEST, "\tb", ""); }
static void call_ids(void) { dump(REQUEST, "i:b", ""); }
static void diagnostics(void)
{
    dump(RESPONSE, "ms-diagnostics: 1009;reason=\"x\";HRESULT=\"0xC3E93D6F\"", "");
}
static void parts(void) { dump(REQUEST, "Content-Type: multipart/mixed;boundary=a\r\n \r\n --a", ""); }
static void commas(void) { dump(REQUEST, "From: ,,,,,,,,,,,,,,,,<,,,,,,,,,,,,,,<<<<<<", ""); }

/* One header as long as a record may be. */
static void long_header(const char *name, const char *unit)
{
    while (done < size) {
        stamp(1);
        put("Module=\"network.sip\" Level=\"DEBUG\": Action=\"Sent\" Dst-ip=\"192.0.2.1\" "
            "Dst-port=\"5061\" Msg-Hash=\"1\"\n");
        put(" SIPMSG:\n |" RESPONSE "\r\n Call-ID: a\r\n CSeq: 1 INVITE\r\n ");
        put(name);
        fill(unit, done + (1u << 20) - 600);
        put("\r\n \r\n |\n");
    }
}

static void attributes(void) { long_header("ms-diagnostics: 1009", ";a=\"b\""); }
static void attributes_open(void) { long_header("ms-diagnostics: 1009", ";a=\""); }
static void attributes_many(void) { long_header("ms-diagnostics: 1009;reason=\"", "1009;reason=\""); }
static void codes(void) { long_header("ms-diagnostics: 1009;reason=\"x\";HRESULT=\"", "0xC3E93D6F "); }
static void parens(void) { long_header("ms-diagnostics: 1009;HRESULT=\"", "0xC3E93D6F("); }
static void escapes(void) { long_header("From: \"", "\\\""); }
static void angles(void) { long_header("From: ", "<"); }
static void semicolons(void) { long_header("Via: SIP/2.0/TLS a", ";"); }

/* ---- many calls -------------------------------------------------------- */

static void message(unsigned n, const char *action, const char *start, const char *call, const char *rest)
{
    char s[80];
    stamp(n);
    put("Module=\"network.sip\" Level=\"DEBUG\": Action=\"");
    put(action);
    snprintf(s, sizeof s, "\" Dst-ip=\"192.0.2.1\" Dst-port=\"5061\" Msg-Hash=\"%u\"\n SIPMSG:\n |", n + 1);
    put(s);
    put(start);
    put("\r\n Call-ID: ");
    put(call);
    put("\r\n CSeq: 1 INVITE\r\n ");
    put(rest);
    put("\r\n |\n");
}

static void many(const char *call, const char *from, const char *rest, unsigned clock)
{
    char id[200], more[400];
    for (unsigned n = 0; done < size; n++) {
        snprintf(id, sizeof id, call, n);
        snprintf(more, sizeof more, rest, n);
        message(clock ? (clock - n) & 0xfffff : 1, "Sent", n & 1 ? RESPONSE : from, id, more);
    }
}

static void one_call(void) { many("a", REQUEST, "Via: SIP/2.0/TLS a;branch=z%u", 0); }
static void one_branch(void) { many("a", REQUEST, "Via: SIP/2.0/TLS a;branch=z", 0); }
static void no_branch(void) { many("a", REQUEST, "From: <sip:%u@example.com>", 0); }
static void one_session(void)
{
    many("c%u", REQUEST, "Session-ID: "
        "0123456789abcdef0123456789abcdef;remote=0123456789abcdef0123456789abcdee", 0);
}
static void parties(void)
{
    many("c%u", REQUEST, "From: <sip:a@example.com>\r\n To: <sip:b@example.com>", 0);
}
static void peers(void)
{
    many("c%u", REQUEST, "From: <sip:a@d%u.example.com>\r\n ms-diagnostics: "
        "1009;reason=\"x\";domain=\"d.example.com\"", 0);
}
static void backwards(void) { many("c%u", REQUEST, "Via: SIP/2.0/TLS a;branch=z%u", 0xfffff); }

static void long_ids(void)
{
    for (char last = 'a'; done < size; last++) {
        stamp(1);
        put("Module=\"network.sip\" Level=\"DEBUG\": Action=\"Sent\" Dst-ip=\"192.0.2.1\" "
            "Dst-port=\"5061\"\n SIPMSG:\n |");
        put(REQUEST "\r\n CSeq: 1 INVITE\r\n Call-ID: ");
        fill("a", done + (1u << 20) - 400);
        putchar(last);
        put("\r\n |\n");
    }
}

static void unique_events(void)
{
    char s[300];
    for (unsigned n = 0; done < size; n++) {
        stamp(n);
        snprintf(s, sizeof s, "Event=\"Inbound TLS Negotiation Error\" Src-ip=\"192.0.2.1\" "
            "Src-port=\"1\" Dst-ip=\"192.0.2.2\" "
                 "Detail=\"unknown ca\" Common-name=\"p%u.example.com\" Level=\"1\"\n", n);
        put(s);
    }
}

/* ---- the Microsoft side ------------------------------------------------ */

#define TL \
    "TL_ERROR(TF_DIAG) [0]0A1C.0B2C::03/02/2017-07:10:46.230.0001 " \
    "(SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(802))"
static void begins(void) { fill(TL "[x]$$begin_record\r\n", size); }
static void ends(void) { fill("$$end_record\r\n", size); }
static void keys(void) { put(TL "$$begin_record\r\n"); fill("Text: x\r\n", size); put("$$end_record\r\n"); }
static void peer_records(void)
{
    char s[600];
    for (unsigned n = 0; done < size; n++) {
        snprintf(s, sizeof s, TL "$$begin_record\r\nSeverity: error\r\nText: The peer is not a "
            "federated domain\r\n"
                 "Result-Code: 0xc3e93d6f SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH\r\n"
                 "SIP-Start-Line: INVITE sip:a@d%u.example.com SIP/2.0\r\nSIP-Call-ID: "
                     "c%u\r\nSIP-CSeq: 1 INVITE\r\n"
                 "Data: "
                     "domain=\"d%u.example.com\";fqdn1=\"f%u.example.net:5061\"\r\n$$end_record\r\n", n, n, n, n);
        put(s);
    }
}
static void lync_long(void)
{
    put(TL "$$begin_record\r\nText: ");
    fill("0xc3e93d6f ", size);
    put("\r\n$$end_record\r\n");
}
static void packets(void)
{
    fill("03/02/2017|07:10:46.230 1A2B:3C4D INFO  :: Sending Packet - 192.0.2.1:443 (From Local "
        "Address: 192.0.2.2:5000) 9 bytes:\r\n", size);
}
static void packet_lines(void)
{
    put("03/02/2017|07:10:46.230 1A2B:3C4D INFO  :: Sending Packet - 192.0.2.1:443 (From Local "
        "Address: 192.0.2.2:5000) 9 bytes:\r\n");
    put("03/02/2017|07:10:46.230 1A2B:3C4D INFO  :: " REQUEST "\r\n");
    fill("v:a\r\n", size);
}
static void results(void)
{
    fill("03/02/2017|07:10:46.230 1A2B:3C4D ERROR :: x hr=0x80ee0061 hr=0x80ee0062 hr=0x80ee0063 "
        "failed failed failed\r\n", size);
}
static void events(void)
{
    fill("Log Name:      Lync Server\r\nEvent ID:      14428\r\nLevel:         "
        "Error\r\nDescription:\r\n", size);
}
static void event_names(void) { fill("Log Name: \r\n", size); }
static void event_xml(void)
{
    put("<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">");
    fill("<EventID>14428<Data>", size);
}
static void event_xmls(void)
{
    fill("<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\r\n", size);
}

/* ---- bare messages, documents, text ------------------------------------ */

static void bare(void) { fill("SIP/2.0 504 Server time-out\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n\r\n", size); }
static void start_lines(void) { fill("SIP/2.0 504 x\r\n", size); }
static void bare_vias(void) { put(RESPONSE "\r\nCall-ID: a\r\nCSeq: 1 INVITE\r\n"); fill("v:a\r\n", size); }
static void prose(void) { fill("Dear all, the call from a@example.com failed again. Via: nobody\n", size); }
static void excerpt(void)
{
    put("We saw this:\n\n");
    fill("> SIP/2.0 504 Server time-out\n> Via: SIP/2.0/TLS a\n\nand then\n\n", size);
}
static void excerpt_lync(void)
{
    put("We saw:\n\n");
    fill("> TL_ERROR(TF_DIAG) [0]0A1C.0B2C::03/02/2017-07:10:46.230.0001 "
        "(SIPStack,x:y.cpp(802))$$begin_record\n> Text: x\n\n", size);
}
static void excerpt_words(void)
{
    put("We saw:\n\n");
    fill("2017-03-02T07:10:46.230+00:00 vcse tvcs: Event=\"Call\nRejected\" Service=\"SIP\" "
        "Detail=\"a\nb\" \n\n", size);
}
static void excerpt_keys(void)
{
    put("So:\n\nTL_ERROR(TF_DIAG) [0]0A1C.0B2C::03/02/2017-07:10:46.230.0001 "
        "(SIPStack,x:y.cpp(802))$$begin_record\n\n");
    fill("Data: x\n\n", size);
}
static void quoting(void) { fill("> > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > >\n", size); }
static void fences(void) { fill("```\n", size); }
static void diag_lines(void) { fill("ms-diagnostics: 1009;reason=\"x\";source=\"a\"\n", size); }
static void hex(void) { fill("0xc3e93d67 0x80ee0061 1009 504 ", size); }
static void hex_glued(void) { fill("0xc3e93d67", size); }
static void symbols(void) { fill("SIPPROXY_E_ROUTING_MSG_CERT_MISMATC", size); }
static void garbage(void)
{
    unsigned x = 1;
    while (done++ < size)
        putchar((int)((x = x * 1103515245u + 12345u) >> 16 & 0xff));
}
static void zeros(void) { while (done++ < size) putchar(0); }
static void formats(void) { fill("2017-03-02T07:10:46.230+00:00 vcse tvcs: Event=\"Call\" "
    "UTCTime=\"2017-03-02 07:10:46,230\"\n"
                                 TL "$$begin_record\nText: x\n$$end_record\n", size); }

static const struct pattern patterns[] = {
    {"quotes", quotes}, {"quotes-apart", quotes_apart}, {"equals", equals}, {"pairs", pairs},
    {"pairs-open", pairs_open}, {"pairs-words", pairs_words}, {"nested", nested}, {"blanks", blanks},
    {"long-line", long_line}, {"long-word", long_word}, {"long-quotes", long_quotes},
    {"newlines", newlines}, {"stamps-only", stamps_only}, {"bars", bars}, {"sipmsgs", sipmsgs},
    {"headless", headless}, {"vias", vias}, {"vias-comma", vias_comma}, {"headers", headers},
    {"folded", folded}, {"call-ids", call_ids}, {"diagnostics", diagnostics}, {"parts", parts},
    {"commas", commas}, {"attributes", attributes}, {"attributes-open", attributes_open},
    {"attributes-many", attributes_many}, {"codes", codes}, {"parens", parens}, {"escapes", escapes},
    {"angles", angles}, {"semicolons", semicolons}, {"one-call", one_call}, {"one-branch", one_branch},
    {"no-branch", no_branch}, {"one-session", one_session}, {"parties", parties}, {"peers", peers},
    {"backwards", backwards}, {"long-ids", long_ids}, {"unique-events", unique_events}, {"begins", begins},
    {"ends", ends}, {"keys", keys}, {"peer-records", peer_records}, {"lync-long", lync_long},
    {"packets", packets}, {"packet-lines", packet_lines}, {"results", results}, {"events", events},
    {"event-names", event_names}, {"event-xml", event_xml}, {"event-xmls", event_xmls}, {"bare", bare},
    {"start-lines", start_lines}, {"bare-vias", bare_vias}, {"prose", prose}, {"excerpt", excerpt},
    {"excerpt-lync", excerpt_lync}, {"excerpt-words", excerpt_words}, {"excerpt-keys", excerpt_keys},
    {"quoting", quoting}, {"fences", fences}, {"diag-lines", diag_lines}, {"hex", hex},
    {"hex-glued", hex_glued}, {"symbols", symbols}, {"garbage", garbage}, {"zeros", zeros},
    {"formats", formats}, {NULL, NULL},
};

static void list(const struct pattern *p)
{
    for (; p->name; p++)
        puts(p->name);
}

static const struct pattern *find(const struct pattern *p, const char *name)
{
    while (p->name && strcmp(p->name, name) != 0)
        p++;
    return p->name ? p : NULL;
}

/* Time of the processor, not of the clock: what else the machine does shows little in it. */
static int cost(char **command)
{
    struct rusage r;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "wb", stdout))
            execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || getrusage(RUSAGE_CHILDREN, &r) != 0)
        return 1;
    printf("%ld %ld\n", (long)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000,
           r.ru_maxrss);
    return WIFEXITED(status) && WEXITSTATUS(status) <= 3 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--cost") == 0)
        return cost(argv + 2);
    if (argc < 2) {
        list(patterns);
        list(hostile_calls);
        return 0;
    }
    const struct pattern *p = find(patterns, argv[1]);
    p = p ? p : find(hostile_calls, argv[1]);
    if (!p || (p->name[0] == '+' && argc < 4))
        return 2;
    if (argc > 2)
        size = (size_t)strtoul(argv[2], NULL, 10);
    folder = argc > 3 ? argv[3] : NULL;
    p->write();
    return fflush(stdout) == 0 ? 0 : 1;
}
