/* Input about calls: keys that all calls share, texts whose hashes collide, clocks that contradict each
 * other, logs by the hundred thousand. */
#include "hostile.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- one message --------------------------------------------------------- */

struct message {
    const char *host;             /* whose log it is */
    unsigned ms;                  /* of the day */
    int sent;
    const char *local, *remote;   /* address */
    unsigned local_port, remote_port;
    const char *start, *call, *cseq, *rest;      /* rest: headers, each with its line end */
};

#define INVITE "INVITE sip:bob@example.com SIP/2.0"
#define ANSWER "SIP/2.0 504 Server time-out"

static void when(unsigned ms, const char *host)
{
    char s[160];
    unsigned day = 2 + ms / 86400000 % 28, h = ms / 3600000 % 24, m = ms / 60000 % 60, t = ms / 1000 % 60;
    snprintf(s, sizeof s, "2017-03-%02uT%02u:%02u:%02u.%03u+00:00 %s tvcs: UTCTime=\"2017-03-%02u %02u:%02u:%02u,%03u\" ", day, h,
             m, t, ms % 1000, host, day, h, m, t, ms % 1000);
    put(s);
}

static void write_message(const struct message *m)
{
    char s[256];
    when(m->ms, m->host ? m->host : "vcse");
    snprintf(s, sizeof s, "Module=\"network.sip\" Level=\"DEBUG\": Action=\"%s\" Local-ip=\"%s\" Local-port=\"%u\" "
             "%s-ip=\"%s\" %s-port=\"%u\"\n SIPMSG:\n |", m->sent ? "Sent" : "Received", m->local ? m->local : "192.0.2.1",
             m->local_port ? m->local_port : 5061, m->sent ? "Dst" : "Src", m->remote ? m->remote : "192.0.2.2",
             m->sent ? "Dst" : "Src", m->remote_port ? m->remote_port : 5061);
    put(s);
    put(m->start ? m->start : INVITE);
    put("\r\n Call-ID: ");
    put(m->call);
    put("\r\n CSeq: ");
    put(m->cseq ? m->cseq : "1 INVITE");
    put("\r\n ");
    put(m->rest ? m->rest : "");
    put("\r\n |\n");
}

static int more(void) { return hostile_done() < hostile_size(); }

/* Messages until there is enough; %u in call and rest is n. */
static void many(const char *call, const char *rest)
{
    char id[200], all[600];
    for (unsigned n = 0; more(); n++) {
        snprintf(id, sizeof id, call, n);
        snprintf(all, sizeof all, rest, n, n);
        struct message m = {.ms = n / 4, .sent = n & 1, .call = id, .rest = all, .start = n % 4 == 3 ? ANSWER : NULL};
        write_message(&m);
    }
}

static void one_tag(void) { many("c%u", "X-TAATag: 00000000-1111-2222-3333-444444444444\r\n "); }
static void one_serial(void)
{
    many("c%u", "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z%u;proxy-call-id=00000000-1111-2222-3333-444444444444\r\n ");
}
static void one_half(void) { many("c%u", "Session-ID: 0123456789abcdef0123456789abcdef\r\n "); }
static void one_focus(void) { many("c%u", "Session-ID: 0123456789abcdef0123456789abcdef;remote=%032u\r\n "); }
static void one_conversation(void) { many("c%u", "Ms-Conversation-ID: AbCdEf\r\n "); }
static void halves_of_one(void) { many("a", "Session-ID: %032u;remote=%032u\r\n "); }
static void tags_of_one(void) { many("a", "X-TAATag: %08u-1111-2222-3333-444444444444\r\n "); }
static void one_second(void)
{
    many("c%u", "From: <sip:a@example.com>;tag=%u\r\n To: <sip:b@example.com>\r\n ");
}
/* Each record by another machine of the file: some write messages, more than are told apart. */
static void machines(void)
{
    char id[32], host[32], local[32];
    for (unsigned n = 0; more(); n++) {
        snprintf(id, sizeof id, "c%u", n / 8);
        snprintf(host, sizeof host, "h%u", n * 7919 % 50000 < 25000 ? n % 300 : n);
        snprintf(local, sizeof local, "10.%u.%u.1", n % 300 / 256, n % 256);
        write_message(&(struct message){.host = host, .ms = n / 4, .sent = n & 1, .call = id, .local = local});
    }
}
static void repeats(void) { many("a", "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z\r\n "); }
static void prefixes(void)
{
    char call[160];
    memset(call, 'x', sizeof call);
    strcpy(call + 120, "%u");
    many(call, "");
}

/* One call that tells two conversations by turns. */
static void turns(void)
{
    for (unsigned n = 0; more(); n++) {
        struct message m = {.ms = n, .sent = 1, .call = "a",
                            .rest = n & 1 ? "Ms-Conversation-ID: one\r\n " : "Ms-Conversation-ID: two\r\n "};
        write_message(&m);
    }
}

/* One long call is in as many conversations as there are other calls. */
static void star(const char *header)
{
    char id[40], rest[160];
    size_t half = hostile_size() / 2;
    for (int side = 0; side < 2; side++)
        for (unsigned n = 0; hostile_done() < (side ? hostile_size() : half); n++) {
            snprintf(id, sizeof id, side ? "b%u" : "a", n);
            snprintf(rest, sizeof rest, header, n, n);
            struct message m = {.ms = n, .sent = 1, .call = id, .rest = rest};
            write_message(&m);
        }
}
static void star_conversation(void) { star("Ms-Conversation-ID: %u\r\n "); }
static void star_session(void) { star("Session-ID: %032u;remote=1%031u\r\n "); }

/* ---- ends, ports, parameters ---------------------------------------------- */

/* Each message of one call goes to another host. */
static void lifelines(void)
{
    char remote[40];
    for (unsigned n = 0; more(); n++) {
        snprintf(remote, sizeof remote, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
        struct message m = {.ms = n, .sent = 1, .call = "a", .remote = remote, .remote_port = 1024 + n % 60000};
        write_message(&m);
    }
}

/* Answers of one call, each a finding that asks the call for its domain. */
static void asking(void)
{
    char rest[300];
    for (unsigned n = 0; more(); n++) {
        snprintf(rest, sizeof rest, "From: <sip:a@d%u.example.org>;tag=1\r\n ms-diagnostics: 1009;reason=\"No match\";"
                 "fqdn1=\"f%u.example.net:5061\"\r\n ", n, n);
        struct message m = {.ms = n, .call = "a", .start = ANSWER, .rest = rest};
        write_message(&m);
    }
}

/* What holds many calls makes a finding of each. */
static void failing(void)
{
    many("c%u", "From: <sip:a@example.org>;tag=1\r\n ms-diagnostics: 1009;reason=\"No match\";source=\"p.example.net\"\r\n ");
}

/* Trace records without a Call-ID beside messages of one port, two by turns. */
static void ports(void)
{
    char s[400];
    part("vcse.log");
    for (unsigned n = 0; hostile_done() < hostile_size() / 2; n++) {
        struct message m = {.ms = 26230000 + n / 32, .sent = 1, .call = "a", .local_port = 25000 + n % 2, .remote_port = 5061};
        write_message(&m);
    }
    part("edge.log");
    for (unsigned n = 0; more(); n++) {
        unsigned t = 26230000 + n % 1000;
        snprintf(s, sizeof s, "TL_ERROR(TF_CONNECTION) [0]0A1C.0B2C::03/02/2017-07:%02u:%02u.%03u.%04u (SIPStack,"
                 "SIPAdminLog::WriteConnectionEvent:SIPAdminLog.cpp(454))$$begin_record\r\nSeverity: error\r\nText: "
                 "The peer %u is not known\r\nPeer: vcse.example.com:25000\r\nResult-Code: 0xc3e93d67\r\n$$end_record\r\n",
                 t / 60000 % 60, t / 1000 % 60, t % 1000, n % 10000, n);
        put(s);
    }
}

/* Every record of one call fires a rule, each with another key. */
static void alarms(void)
{
    char s[400];
    static const unsigned numbers[] = {40068, 40069, 40078, 40079, 40075, 40076, 40052, 40061, 40002, 25002, 45001, 45002};
    for (unsigned n = 0; more(); n++) {
        when(n, "vcse");
        snprintf(s, sizeof s, "Event=\"Alarm Raised\" Id=\"%u\" UUID=\"%u\" Severity=\"critical\" Detail=\"d%u.example.com\" "
                 "Call-serial-number=\"00000000-1111-2222-3333-444444444444\" Level=\"1\"\n",
                 numbers[n % (sizeof numbers / sizeof *numbers)], n, n);
        put(s);
    }
}

static const char *const rejections[] = {
    "Call Rejected\" Detail=\"Not found", "Registration Rejected\" Reason=\"unknown domain", "Authentication Failed",
    "Inbound TLS Negotiation Error", "Outbound TLS Negotiation Error", "Message Rejected", "Security Alert",
    "External Server Communications Failure", "Search Completed\" Reason=\"Forbidden", "Request Failed"};

static void verdicts(void)
{
    char s[600], rest[600];
    struct message first = {.ms = 1, .call = "a", .rest = "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z;proxy-call-id=s1\r\n "};
    write_message(&first);
    for (unsigned n = 0; more(); n++) {
        unsigned id = 1000 + n % 100;
        snprintf(rest, sizeof rest, "From: <sip:a@d%u.example.org>;tag=1\r\n ms-diagnostics: %u;reason=\"No match\";"
                 "source=\"p%u.example.net\";fqdn1=\"f%u.example.net:5061\";domain=\"d%u.example.org\"\r\n ", n, id, n, n, n);
        struct message m = {.ms = n, .call = "a", .start = "SIP/2.0 504 Server time-out", .rest = rest};
        write_message(&m);
        when(n, "vcse");
        snprintf(s, sizeof s, "Event=\"%s\" Service=\"SIP\" Src-ip=\"192.0.2.%u\" Src-port=\"%u\" Dst-ip=\"198.51.100.%u\" "
                 "Dst-port=\"%u\" Src-alias=\"sip:u%u@example.com\" Dst-alias=\"sip:v%u@example.net\" Common-name=\"p%u.example.com\" "
                 "Call-serial-number=\"s1\" Level=\"1\"\n", rejections[n % 10], n % 250, n % 60000, n % 250, n % 50000, n, n, n);
        put(s);
    }
}

static const char *const results[] = {
    "0x800704c9", "0x8007052e", "0x80070532", "0x80070533", "0x80070775", "0x8007271d", "0x80072743",
    "0x80072745", "0x80072746", "0x8007274c", "0x8007274d", "0x80072751", "0x80072af9", "0x80072afa",
    "0x80072afc", "0x80090303", "0x80090308", "0x8009030c", "0x80090311", "0x80090322", "0x80090324",
    "0x80090325", "0x80090326", "0x80090328", "0x80090331", "0x80090349", "0x80092010", "0x80092012",
    "0x80092013", "0x800b0101", "0x800b0109", "0x800b010a", "0x800b010c", "0x800b010e", "0x800b010f",
    "0x800b0110", "0x803d0005", "0x803d000d", "0x803d000e", "0x803d000f", "0x803d0010", "0x80ee0000",
    "0x80ee000c", "0x80ee000f", "0x80ee0011", "0x80ee001c", "0x80ee001d", "0x80ee0047", "0x80ee0064",
    "0x80ee0065", "0x80ee0066", "0x80ee0067", "0x80ee0069", "0x80ee006c", "0x80ee0084", "0x80ee0088",
    "0x80ee00ad", "0x80ee00bd", "0x80ef0191", "0xc3e93c23", "0xc3e93c5e", "0xc3e93c62", "0xc3e93d67",
    "0xc3e93d6f", "0xc3e93ee0",
};

/* Trace records of one call, each a fault of its own. */
static void faults(void)
{
    char s[700];
    for (unsigned n = 0; more(); n++) {
        unsigned t = 26230000 + n;
        snprintf(s, sizeof s, "TL_ERROR(TF_DIAG) [0]0A1C.0B2C::03/02/2017-%02u:%02u:%02u.%03u.%04u (SIPStack,"
                 "SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(802))[%u]$$begin_record\r\nSeverity: error\r\n"
                 "Text: The peer is not a federated domain\r\nResult-Code: %s\r\nSIP-Start-Line: INVITE "
                 "sip:a@d%u.example.com SIP/2.0\r\nSIP-Call-ID: a\r\nSIP-CSeq: 1 INVITE\r\nPeer: p%u.example.com:5061\r\n"
                 "Data: domain=\"d%u.example.com\";fqdn1=\"f%u.example.net:5061\"\r\n$$end_record\r\n", t / 3600000 % 24,
                 t / 60000 % 60, t / 1000 % 60, t % 1000, n % 10000, n, results[n % (sizeof results / sizeof *results)], n, n, n, n);
        put(s);
    }
}

static const char *const tls_faults[] = {
    "alert certificate unknown", "certificate has expired", "alert certificate expired", "certificate is not yet valid",
    "alert unsupported certificate", "no certificate returned", "alert certificate required", "alert handshake failure",
    "alert protocol version", "wrong version number", "certificate revoked", "unable to get certificate CRL",
    "dh key too small", "unrecognized name", "onnection reset by peer", "something else"};

/* Causes by the thousand, each of which accounts for each of thousands of other faults. */
static void causes(void)
{
    char s[500];
    for (unsigned n = 0; more(); n++) {
        when(n, "vcse");
        if (n % 4)
            snprintf(s, sizeof s, "Event=\"Inbound TLS Negotiation Error\" Service=\"SIP\" Src-ip=\"10.0.%u.%u\" "
                     "Src-port=\"1\" Dst-ip=\"192.0.2.1\" Dst-port=\"5061\" Detail=\"%s\" Protocol=\"TLS\" Level=\"1\"\n",
                     n / 16 >> 8 & 255, n / 16 & 255, tls_faults[n % 16]);
        else
            snprintf(s, sizeof s, "Event=\"Search Completed\" Reason=\"%s\" Service=\"SIP\" Src-alias=\"sip:a@example.com\" "
                     "Dst-alias=\"sip:b@d%u.example.net\" Detail=\"found:false, searchtype:INVITE\" Level=\"1\"\n",
                     n % 8 ? "Request Timeout" : "Not Found", n);
        put(s);
    }
}

static void media(void)
{
    struct message m = {.ms = 1, .call = "a", .rest = "Content-Type: application/sdp\r\n Content-Length: 900000\r\n \r\n v=0\r\n "};
    while (more()) {
        write_message(&m);
        fill(" m=audio 0 RTP/AVP 0\r\n", hostile_done() + 900000);
        put(" |\n");
    }
}

/* Every message with sixty Vias, each in zones of its own. */
static void zones(void)
{
    char rest[60 * 120];
    for (unsigned n = 0; more(); n++) {
        size_t k = 0;
        for (unsigned v = 0; v < 60; v++)
            k += (size_t)snprintf(rest + k, sizeof rest - k, "Via: SIP/2.0/TLS h%u.example.com;branch=z%u;egress-zone=Z%u\r\n ",
                                  n * 60 + v, v, n * 60 + v);
        struct message m = {.ms = n, .call = "a", .rest = rest};
        write_message(&m);
    }
}

/* Stamps at both ends of what a stamp can say. */
static void years(void)
{
    static const char *const y[] = {"0000-01-01", "0001-01-01", "9999-12-31", "1970-01-01", "2038-01-19", "9999-99-99"};
    char s[400];
    for (unsigned n = 0; more(); n++) {
        const char *d = y[n % 6], *e = y[n / 6 % 6];
        snprintf(s, sizeof s, "%sT23:59:59.999+00:00 vcse tvcs: UTCTime=\"%s 23:59:59,999\" Module=\"network.sip\" "
                 "Level=\"DEBUG\": Action=\"%s\" Dst-ip=\"192.0.2.1\" Dst-port=\"5061\"\n SIPMSG:\n |%s\r\n Call-ID: c%u\r\n "
                 "CSeq: 1 INVITE\r\n Ms-Conversation-ID: a\r\n \r\n |\n", d, e, n & 1 ? "Sent" : "Received",
                 n & 2 ? INVITE : ANSWER, n % 1000);
        put(s);
    }
}

/* ---- hashes that collide ---------------------------------------------------- */

/* XXH3 of eight bytes without a seed is a bijection that anybody can run backwards: texts of one hash but
 * for 27 bits of it, which a table of strings does not look at before it compares. */
static uint64_t inverse(uint64_t odd)
{
    uint64_t x = odd;
    for (int i = 0; i < 6; i++)
        x *= 2 - odd * x;
    return x;
}

static uint64_t rotl(uint64_t x, int n) { return x << n | x >> (64 - n); }

/* x ^ rotl(x, 49) ^ rotl(x, 24), backwards: it is linear and its 64th power is the identity. */
static uint64_t unmix(uint64_t x)
{
    for (int i = 0; i < 63; i++)
        x = x ^ rotl(x, 49) ^ rotl(x, 24);
    return x;
}

static void preimage(uint64_t h, char out[8])
{
    const uint64_t prime = 0x9FB21C651E98DF25u, flip = 0x1cad21f72c81017cu ^ 0xdb979083e96dd4deu;
    h ^= h >> 28 ^ h >> 56;
    h *= inverse(prime);
    h ^= (h >> 35) + 8;
    h *= inverse(prime);
    h = unmix(h) ^ flip;
    uint32_t first = (uint32_t)(h >> 32), last = (uint32_t)h;
    memcpy(out, &first, 4);
    memcpy(out + 4, &last, 4);
}

static int plain(const char *s)
{
    for (int i = 0; i < 8; i++)
        if ((unsigned char)s[i] <= ' ' || s[i] == 127 || strchr("\"<>,;:@", s[i]))
            return 0;
    return 1;
}

static void collisions(void)
{
    char id[9] = "";
    for (uint64_t n = 0; more(); n++) {
        preimage(UINT64_C(0x12345678) << 32 | n << 5 | 9, id);
        if (!plain(id))
            continue;
        struct message m = {.ms = (unsigned)n / 16, .sent = 1, .call = id};
        write_message(&m);
    }
}

/* What a terminal obeys, in everything that a report could show. */
#define DIRT "\033]0;x\007\033[2J\b\x7f\xc2\x9b" "31m\xe2\x80\xae\xff\r\t."

static void dirty(void)
{
    for (unsigned n = 0; more(); n++) {
        struct message m = {.ms = n * 10, .sent = n & 1, .host = "v" DIRT, .call = n & 2 ? "a" DIRT : "b" DIRT,
                            .local = "192.0.2.1" DIRT, .remote = "192.0.2.2" DIRT, .cseq = "1 INV" DIRT,
                            .start = n & 1 ? "SIP/2.0 504 Time" DIRT : "INVITE sip:b" DIRT "@example.com SIP/2.0",
                            .rest = "From: \"" DIRT "\" <sip:a" DIRT "@example.com>;tag=" DIRT "\r\n "
                                    "Via: SIP/2.0/TLS h" DIRT ":5061;branch=z" DIRT ";egress-zone=Z" DIRT "\r\n "
                                    "Session-ID: " DIRT "\r\n X-TAATag: " DIRT "\r\n Ms-Conversation-ID: " DIRT "\r\n "
                                    "Server: RTC/" DIRT "\r\n ms-diagnostics: 1009;reason=\"" DIRT "\";fqdn1=\"f" DIRT
                                    "\";domain=\"" DIRT "\"\r\n Content-Type: application/sdp\r\n \r\n v=0\r\n s=" DIRT
                                    "\r\n m=audio" DIRT " 0 RTP/AVP 0\r\n "};
        write_message(&m);
    }
}

/* ---- several logs ------------------------------------------------------------ */


/* Both logs of n messages: what one sent the other got; skew tells how far the second clock is ahead. */
static void two_logs(unsigned (*skew)(unsigned n), const char *call, const char *rest, int translated)
{
    char id[80], all[200];
    unsigned count = 0;
    for (int side = 0; side < 2; side++) {
        part(side ? "edge.log" : "vcse.log");
        for (unsigned n = 0; side ? n < count : hostile_done() < hostile_size() / 2; n++, count += !side) {
            snprintf(id, sizeof id, call, n);
            snprintf(all, sizeof all, rest, n);
            struct message m = {.host = side ? "edge" : "vcse", .ms = 40000000 + n * 5 + (side ? skew(n) : 0),
                                .sent = (n & 1) ^ (unsigned)side, .call = id, .rest = all,
                                .local = side ? "192.0.2.2" : "192.0.2.1", .remote = side ? "192.0.2.1" : "192.0.2.2"};
            if (translated)
                m.remote = side ? "198.51.100.1" : "198.51.100.2";
            write_message(&m);
        }
    }
}

static unsigned no_skew(unsigned n) { return n % 3; }
static unsigned leaps(unsigned n) { return n / 3 % 2 ? 7200000 + n * 7 % 1000 : 100; }
static void clocks(void) { two_logs(leaps, "c%u", "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z%u\r\n ", 0); }
static void clocks_of_one(void) { two_logs(leaps, "a", "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z%u\r\n ", 0); }
static void lonely(void) { two_logs(no_skew, "a", "", 1); }
static void lonely_calls(void) { two_logs(no_skew, "c%u", "Subject: %u\r\n ", 1); }
static void branches(void) { two_logs(no_skew, "a", "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z%u\r\n ", 1); }

/* Lost messages, and a log that falls silent between any two records. */
static void silences(void)
{
    char id[40], rest[120];
    unsigned count = 0;
    for (int side = 0; side < 2; side++) {
        part(side ? "edge.log" : "vcse.log");
        for (unsigned n = 0; side ? n < count : hostile_done() < hostile_size() * 2 / 3; n++, count += !side) {
            if (side && n > 20 && n % 2)
                continue;
            snprintf(id, sizeof id, "c%u", n);
            snprintf(rest, sizeof rest, "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z%u\r\n ", n);
            struct message m = {.host = side ? "edge" : "vcse", .ms = n * 12000, .sent = !side,
                                .call = id, .rest = rest, .local = side ? "192.0.2.2" : "192.0.2.1",
                                .remote = side ? "192.0.2.1" : "192.0.2.2"};
            write_message(&m);
        }
    }
}

/* A small log after another; `shared` decides which calls two of them show. */
static void logs(unsigned at_once, const char *(*call)(unsigned log, unsigned k, char *id), const char *name)
{
    char file[120], host[40], id[40], local[40];
    for (unsigned n = 0; more(); n++) {
        snprintf(file, sizeof file, name, n);
        snprintf(host, sizeof host, "h%u", n);
        snprintf(local, sizeof local, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
        part(file);
        for (unsigned k = 0; k < at_once; k++) {
            struct message m = {.host = host, .ms = 30000000 + n % 1000 + k * 10, .sent = (n + k) & 1, .call = call(n, k, id),
                                .local = local, .rest = "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z\r\n "};
            write_message(&m);
        }
    }
}

static const char *all_one(unsigned log, unsigned k, char *id)
{
    (void)log;
    (void)k;
    (void)id;
    return "a";
}

static const char *neighbours(unsigned log, unsigned k, char *id)
{
    sprintf(id, "c%u", log + k);
    return id;
}

static const char *pairs_of_logs(unsigned log, unsigned k, char *id)
{
    (void)k;
    sprintf(id, "c%u", log / 2);
    return id;
}

static void sources(void) { logs(1, all_one, "%06u.log"); }
static void chain(void) { logs(2, neighbours, "%06u.log"); }
static void islands(void) { logs(1, pairs_of_logs, "%06u.log"); }

/* The files of one rotated set, each of one message. */
static void rotated(void)
{
    static const char *const packed[] = {".old", ".bak", ".zst", ".bz2", ".xz", ".gz"};
    char file[120], rest[120];
    for (unsigned n = 0; more(); n++) {
        size_t k = (size_t)snprintf(file, sizeof file, "messages.%u", n % 999 + 1);
        for (unsigned b = 0; b < 6; b++)
            if ((n / 999) >> b & 1)
                k += (size_t)snprintf(file + k, sizeof file - k, "%s", packed[b]);
        part(file);
        snprintf(rest, sizeof rest, "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z%u\r\n ", n);
        struct message m = {.ms = 30000000 + n, .sent = 1, .call = "a", .rest = rest};
        write_message(&m);
        if (n >= 60000)
            break;
    }
    part("other.log");
    struct message m = {.ms = 30000001, .sent = 0, .host = "other", .call = "a", .local = "192.0.2.2", .remote = "192.0.2.1",
                        .rest = "Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z0\r\n "};
    write_message(&m);
}

const struct pattern hostile_calls[] = {
    {"one-tag", one_tag}, {"one-serial", one_serial}, {"one-half", one_half}, {"one-focus", one_focus},
    {"one-conversation", one_conversation}, {"halves-of-one", halves_of_one}, {"tags-of-one", tags_of_one},
    {"one-second", one_second}, {"repeats", repeats}, {"machines", machines}, {"prefixes", prefixes}, {"turns", turns},
    {"star-conversation", star_conversation}, {"star-session", star_session}, {"lifelines", lifelines},
    {"asking", asking}, {"failing", failing}, {"alarms", alarms}, {"verdicts", verdicts}, {"faults", faults}, {"causes", causes}, {"media", media},
    {"zones", zones}, {"years", years}, {"collisions", collisions}, {"dirty", dirty}, {"+ports", ports}, {"+clocks", clocks},
    {"+clocks-of-one", clocks_of_one}, {"+lonely", lonely}, {"+lonely-calls", lonely_calls}, {"+branches", branches},
    {"+silences", silences}, {"+sources", sources}, {"+chain", chain}, {"+islands", islands}, {"+rotated", rotated},
    {NULL, NULL},
};
