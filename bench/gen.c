/* gen: writes an Expressway diagnostic log of a given size, the same bytes for the same arguments.
 *
 *   bench/gen [BYTES[K|M|G]] [SEED] > loggingsnapshot.txt
 *
 * Calls overlap; each is an INVITE through traversal zone and DNS zone with its provisional and final
 * responses, ACK, BYE, each message as an INFO line and a DEBUG dump; some are challenged, some cancelled,
 * some die with 404, 486, 488, 503 or a bare 504 from a Microsoft edge.  Between them stand what a box
 * writes while it works: search, DNS, TCP, TLS, media routing, state machines, events, REGISTER and OPTIONS
 * traffic.  About half of the bytes are SIP, and a GiB holds some 60 000 Call-IDs.  Names are examples. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gen {
    uint64_t rng, written, limit;
    int64_t ms;                  /* since 2024-03-05T00:00:00Z */
    char out[1 << 16];
    size_t n;
};

static uint64_t next(struct gen *g)
{
    uint64_t z = (g->rng += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static unsigned pick(struct gen *g, unsigned n)
{
    return (unsigned)(next(g) % n);
}

static void flush(struct gen *g)
{
    if (fwrite(g->out, 1, g->n, stdout) != g->n)
        exit(1);
    g->n = 0;
}

__attribute__((format(printf, 2, 3))) static void put(struct gen *g, const char *fmt, ...)
{
    va_list ap;
    if (sizeof g->out - g->n < 8192)
        flush(g);
    va_start(ap, fmt);
    int n = vsnprintf(g->out + g->n, sizeof g->out - g->n, fmt, ap);
    va_end(ap);
    g->n += (size_t)n;
    g->written += (uint64_t)n;
}

static void uuid(struct gen *g, char *out)
{
    uint64_t a = next(g), b = next(g);
    sprintf(out, "%08x-%04x-%04x-%04x-%012" PRIx64, (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
            (unsigned)a & 0xffff, (unsigned)(b >> 48), b & 0xffffffffffffu);
}

static void stamps(struct gen *g, char *local, char *utc)
{
    g->ms += pick(g, 3);
    int64_t s = g->ms / 1000;
    unsigned day = 5 + (unsigned)(s / 86400), h = (unsigned)(s / 3600 % 24), m = (unsigned)(s / 60 % 60);
    sprintf(utc, "2024-03-%02u %02u:%02u:%02u,%03u", day, h, m, (unsigned)(s % 60), (unsigned)(g->ms % 1000));
    sprintf(local, "2024-03-%02uT%02u:%02u:%02u.%03u+01:00", day + (h == 23), (h + 1) % 24, m, (unsigned)(s % 60),
            (unsigned)(g->ms % 1000));
}

static void head(struct gen *g, const char *module, const char *level)
{
    char local[64], utc[64];
    stamps(g, local, utc);
    put(g, "%s vcse01 tvcs: UTCTime=\"%s\" Module=\"%s\" Level=\"%s\":", local, utc, module, level);
}

/* ---- SIP --------------------------------------------------------------- */

struct call {
    char id[64], serial[40], tag[40], from[64], to[96], from_tag[20], to_tag[36], session[36], branch[72], up[72];
    unsigned seq, state, kind, port;
    const char *peer;
};

static const char *const peers[] = {"198.51.100.6", "198.51.100.7", "203.0.113.20", "203.0.113.44", "192.0.2.91"};
static const char *const domains[] = {"example.com", "partner.example.net", "fabrikam.example.org", "video.example"};

static void new_call(struct gen *g, struct call *c, const char *method)
{
    memset(c, 0, sizeof *c);
    uuid(g, c->id);
    uuid(g, c->serial);
    uuid(g, c->tag);
    snprintf(c->from, sizeof c->from, "sip:%u@%s", 2000 + pick(g, 900), domains[0]);
    snprintf(c->to, sizeof c->to, "sip:user%u@%s", pick(g, 4000), domains[1 + pick(g, 3)]);
    snprintf(c->from_tag, sizeof c->from_tag, "%016" PRIx64, next(g));
    snprintf(c->to_tag, sizeof c->to_tag, "%016" PRIX64 "%016" PRIX64, next(g), next(g));
    snprintf(c->session, sizeof c->session, "%016" PRIx64 "%016" PRIx64, next(g), next(g));
    snprintf(c->branch, sizeof c->branch, "z9hG4bK%016" PRIx64 "%016" PRIx64 ".%016" PRIx64 "%08x", next(g), next(g),
             next(g), pick(g, 1u << 31));
    snprintf(c->up, sizeof c->up, "z9hG4bK%016" PRIx64 "%016" PRIx64, next(g), next(g));
    c->seq = strcmp(method, "INVITE") == 0 ? 100 + pick(g, 3) : 1 + pick(g, 60000);
    c->kind = pick(g, 100);
    c->port = 25000 + pick(g, 4000);
    c->peer = peers[pick(g, 5)];
}

/* A body with its own session, ports and candidates, as every offer has. Returns its length. */
static size_t sdp(struct gen *g, char *out, size_t size)
{
    unsigned port = 36000 + 2 * pick(g, 6000);
    uint64_t session = next(g) >> 12;
    int n = snprintf(out, size,
        " v=0\n o=tandberg %" PRIu64 " 1 IN IP4 192.0.2.47\n s=-\n c=IN IP4 192.0.2.47\n b=AS:2048\n t=0 0\n"
        " m=audio %u RTP/SAVP 107 108 9 8 0 101\n b=TIAS:64000\n a=rtpmap:107 MP4A-LATM/90000\n"
        " a=fmtp:107 profile-level-id=25;object=23;bitrate=64000\n a=rtpmap:108 MP4A-LATM/90000\n"
        " a=fmtp:108 profile-level-id=24;object=23;bitrate=56000\n a=rtpmap:9 G722/8000\n a=rtpmap:8 PCMA/8000\n"
        " a=rtpmap:0 PCMU/8000\n a=rtpmap:101 telephone-event/8000\n a=fmtp:101 0-15\n"
        " a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:........................................|2^48\n"
        " a=ice-ufrag:%08x\n a=ice-pwd:%016" PRIx64 "%08x\n a=candidate:1 1 UDP %u 192.0.2.47 %u typ host\n a=sendrecv\n"
        " m=video %u RTP/SAVP 97 126 34\n b=TIAS:2000000\n a=rtpmap:97 H264/90000\n"
        " a=fmtp:97 profile-level-id=42801f;packetization-mode=0;max-mbps=108000;max-fs=3600\n a=rtpmap:34 H263/90000\n"
        " a=rtcp-fb:* nack pli\n a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:....................................|2^48\n"
        " a=sendrecv\n", session, port, pick(g, 1u << 31), next(g), pick(g, 1u << 31), 2130706431 - pick(g, 9000), port, port + 2);
    return (size_t)n;
}

/* The INFO line, then the dump, of one message of a call. */
static void message(struct gen *g, const struct call *c, const char *method, unsigned status, const char *phrase,
                    int sent, const char *server)
{
    uint64_t hash = next(g);
    const char *action = sent ? "Sent" : "Received", *far = sent ? "Dst" : "Src";
    const char *to_tag = status > 100 || strcmp(method, "ACK") == 0 || strcmp(method, "BYE") == 0 ? c->to_tag : "";
    head(g, "network.sip", "INFO");
    put(g, "  Action=\"%s\" Local-ip=\"192.0.2.47\" Local-port=\"%u\" %s-ip=\"%s\" %s-port=\"5061\" Detail=\"%s %s", action,
        c->port, far, c->peer, far, sent ? "Sending" : "Receive", status ? "Response" : "Request");
    if (status)
        put(g, " Code=%u, Method=%s, CSeq=%u, To=%s", status, method, c->seq, c->to);
    else
        put(g, " Method=%s, CSeq=%u, Request-URI=%s", method, c->seq, c->to);
    put(g, ", Call-ID=%s, From-Tag=%s, To-Tag=%s, Msg-Hash=%" PRIu64 ", Local-SessionID=%s, Remote-SessionID=\"\n", c->id,
        c->from_tag, to_tag, hash, c->session);
    head(g, "network.sip", "DEBUG");
    put(g, "  Action=\"%s\" Local-ip=\"192.0.2.47\" Local-port=\"%u\" %s-ip=\"%s\" %s-port=\"5061\" Msg-Hash=\"%" PRIu64 "\"\n"
           " SIPMSG:\n |", action, c->port, far, c->peer, far, hash);
    if (status)
        put(g, "SIP/2.0 %u %s\n", status, phrase);
    else
        put(g, "%s %s SIP/2.0\n", method, c->to);
    put(g, " Via: SIP/2.0/TLS 192.0.2.47:5061;egress-zone=DNSZone1;branch=%s;proxy-call-id=%s;rport%s\n", c->branch,
        c->serial, status ? ";received=192.0.2.47;ms-received-port=25002;ms-received-cid=100" : "");
    put(g, " Via: SIP/2.0/TLS 192.0.2.46:5061;egress-zone=TraversalZoneClient1;branch=%s;received=192.0.2.46;rport=28119;"
           "ingress-zone=TraversalZoneServer1\n", c->up);
    put(g, " Call-ID: %s\n CSeq: %u %s\n", c->id, c->seq, method);
    put(g, " From: \"Room %s\" <%s>;tag=%s\n To: <%s>%s%s\n", c->from + 4, c->from, c->from_tag, c->to,
        *to_tag ? ";tag=" : "", to_tag);
    int body = (strcmp(method, "INVITE") == 0 && (!status || status == 200)) || status == 183;
    if (!status)
        put(g, " Max-Forwards: 15\n Contact: <sip:%s:5061;transport=tls>\n"
               " Record-Route: <sip:proxy-call-id=%s@192.0.2.47:5061;transport=tls;lr>\n"
               " Allow: INVITE,ACK,CANCEL,OPTIONS,BYE,REFER,NOTIFY,INFO,UPDATE\n"
               " User-Agent: TANDBERG/4137 (X12.5.1)\n P-Asserted-Identity: <%s>\n X-TAATag: %s\n", c->from + 4, c->serial,
            c->from, c->tag);
    else
        put(g, " Server: %s\n", server);
    put(g, " Session-ID: %s;remote=00000000000000000000000000000000\n", c->session);
    char text[2048];
    size_t n = body ? sdp(g, text, sizeof text) : 0;
    if (body)
        put(g, " Content-Type: application/sdp\n Content-Length: %zu\n \n%s |\n\n", n, text);
    else
        put(g, " Content-Length: 0\n \n |\n\n");
}

static void event(struct gen *g, const struct call *c, const char *name)
{
    char local[64], utc[64];
    stamps(g, local, utc);
    put(g, "%s vcse01 tvcs: Event=\"%s\" Service=\"SIP\" Src-ip=\"%s\" Src-port=\"%u\" Src-alias-type=\"SIP\" "
           "Src-alias=\"%s\" Dst-alias-type=\"SIP\" Dst-alias=\"%s\" Call-serial-number=\"%s\" Tag=\"%s\" Protocol=\"TLS\" "
           "Auth=\"YES\" Level=\"1\" UTCTime=\"%s\"\n", local, name, c->peer, c->port, c->from, c->to, c->serial, c->tag, utc);
}

/* Advances a call by one message; returns 0 when it is over. */
static int step(struct gen *g, struct call *c)
{
    static const char edge[] = "RTC/6.0";
    switch (c->state++) {
    case 0: event(g, c, "Call Attempted"); message(g, c, "INVITE", 0, "", 1, ""); return 1;
    case 1: message(g, c, "INVITE", 100, "Trying", 0, edge); return 1;
    case 2:
        if (c->kind < 8) {
            message(g, c, "INVITE", 504, "Server time-out", 0, edge);
            message(g, c, "ACK", 0, "", 1, "");
            event(g, c, "Call Rejected");
            return 0;
        }
        if (c->kind < 14) {
            static const struct { unsigned code; const char *phrase; } bad[] = {
                {404, "Not Found"}, {486, "Busy Here"}, {488, "Not Acceptable Here"}, {503, "Service Unavailable"}};
            unsigned k = pick(g, 4);
            message(g, c, "INVITE", bad[k].code, bad[k].phrase, 0, "RTC/7.0");
            message(g, c, "ACK", 0, "", 1, "");
            return 0;
        }
        message(g, c, "INVITE", 180, "Ringing", 0, edge);
        return 1;
    case 3:
        if (c->kind < 20) {
            message(g, c, "CANCEL", 0, "", 1, "");
            message(g, c, "INVITE", 487, "Request Terminated", 0, edge);
            return 0;
        }
        message(g, c, "INVITE", 200, "OK", 0, edge);
        message(g, c, "ACK", 0, "", 1, "");
        event(g, c, "Call Connected");
        return 1;
    case 4: return 1;
    default:
        c->seq++;
        message(g, c, "BYE", 0, "", 1, "");
        message(g, c, "BYE", 200, "OK", 0, edge);
        event(g, c, "Call Disconnected");
        return 0;
    }
}

/* ---- what stands between ------------------------------------------------ */

static void options(struct gen *g)
{
    struct call c;
    new_call(g, &c, "OPTIONS");
    message(g, &c, "OPTIONS", 0, "", 1, "");
    message(g, &c, "OPTIONS", 200, "OK", 0, "TANDBERG/4137 (X12.5.1)");
}

static void chatter(struct gen *g)
{
    char id[40];
    uuid(g, id);
    unsigned n = pick(g, 255);
    switch (pick(g, 12)) {
    case 0:
        head(g, "network.tcp", "DEBUG");
        put(g, "  Src-ip=\"192.0.2.47\" Src-port=\"%u\" Dst-ip=\"%s\" Dst-port=\"5061\" Detail=\"TCP Connecting\"\n", 25000 + n,
            peers[n % 5]);
        break;
    case 1:
        head(g, "network.dns", "DEBUG");
        put(g, "  Detail=\"Sending DNS query\" Name=\"_sipfederationtls._tcp.%s\" Type=\"SRV (IPv4 and IPv6)\"\n", domains[n % 4]);
        break;
    case 2:
        head(g, "network.search", "DEBUG");
        put(g, "  Detail=\"Search rule 'Rule %u' did not match destination alias 'user%u@%s'\"\n", n, n * 7, domains[n % 4]);
        break;
    case 3:
        head(g, "developer.ssl", "DEBUG");
        put(g, " CodeLocation=\"ppcmains/ssl/ttssl/ttssl_openssl.cpp(1974)\" Method=\"::ttssl_continueHandshake\" "
               "Thread=\"0x7f29ddefa700\":  Detail=\"Handshake succeeded\"\n");
        break;
    case 4:
        head(g, "network.mediarouting", "DEBUG");
        put(g, "  Route: Creating: Packets Rxd on 192.0.2.47:%u (socket 0x7f%x) from 198.51.100.6:%u Txd on 192.0.2.46:%u  "
               "(socket 0x7f%x)  to 192.0.2.99:%u\n", 36000 + n, n, 50000 + n, 36100 + n, n + 1, 40000 + n);
        break;
    case 5: case 6: case 7:
        put(g, "%s", "");
        head(g, "developer.fsm.sip.transaction", "TRACE");
        put(g, " CodeLocation=\"ppcmains/sip/sipproxy/SipProxyTransaction.cpp(%u)\" Method=\"SipProxyTransaction::step\" "
               "Thread=\"0x7fc1d8e2d700\":  Self=\"%s\" Sender=\"SipProxyLeg\" Msg=\"Response\" State=\"Proceeding\"\n", 100 + n, id);
        break;
    case 8: case 9:
        head(g, "developer.sip.leg", "DEBUG");
        put(g, " CodeLocation=\"ppcmains/sip/sipproxy/SipProxyLeg.cpp(%u)\" Method=\"SipProxyLeg::handle\" "
               "Thread=\"0x7fc1d8e2d700\":  this=\"0x7f%08x\" leg %s state unchanged, waiting for the next event\n", n,
            pick(g, 1u << 31), id);
        break;
    case 10: {
        char local[64], utc[64];
        stamps(g, local, utc);
        put(g, "%s vcse01 licensemanager: UTCTime=\"%s\" Module=\"developer.licensemanager.service.manager\" Level=\"INFO\" "
               "CodeLocation=\"licensemanager(192)\" Detail=\"License granted\" call_id=\"%s\" lic_type=\"traversal\" tokens=1\n",
            local, utc, id);
        break;
    }
    default:
        head(g, "network.http.trafficserver", "INFO");
        put(g, " Detail=\"Receive Request\" Txn-id=\"%u\" TrackingID=\"%s\" Src-ip=\"192.0.2.%u\" Src-port=\"%u\" "
               "Msg=\"GET /cucm-uds/version HTTP/1.1\"\n", n * 13, id, n, 30000 + n);
    }
}

static uint64_t size_of(const char *s)
{
    char *end;
    uint64_t n = strtoull(s, &end, 10);
    return n << (*end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0);
}

int main(int argc, char **argv)
{
    static struct gen g;
    static struct call calls[64];
    g.limit = size_of(argc > 1 ? argv[1] : "64M");
    g.rng = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    g.ms = 8 * 3600 * 1000;
    for (unsigned i = 0; i < 64; i++)
        new_call(&g, &calls[i], "INVITE");
    while (g.written < g.limit) {
        unsigned i = pick(&g, 64);
        if (!step(&g, &calls[i]))
            new_call(&g, &calls[i], "INVITE");
        for (unsigned k = pick(&g, 8); k > 0; k--)
            chatter(&g);
        if (pick(&g, 40) == 0)
            options(&g);
    }
    flush(&g);
    return fflush(stdout) ? 1 : 0;
}
