/* src/sip, parsers/sip.c and parsers/text.c. */
#include "keep.h"
#include "parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define assert_slice(s, want) check_slice((s), (want), __FILE__, __LINE__)

static void check_slice(struct uct_slice s, const char *want, const char *file, int line)
{
    if (uct_slice_eq(s, uct_slice_str(want)))
        return;
    print_error("%s:%d: got '%.*s', want '%s'\n", file, line, (int)s.n, s.n ? s.p : "", want);
    _fail(file, line);
}

/* A copy of exactly the bytes, so that a sanitizer sees reads past them. */
static struct uct_slice exact(const char *text, size_t n, char **own)
{
    *own = malloc(n ? n : 1);
    assert_non_null(*own);
    memcpy(*own, text, n);
    return uct_slice(*own, n);
}

/* ---- message ----------------------------------------------------------- */

static void start_lines(void **state)
{
    static const char *const good[] = {
        "INVITE sip:bob@example.com SIP/2.0", "SIP/2.0 504 Server time-out", "SIP/2.0 200", "SIP/2.0 200  ",
        "OPTIONS sips:192.0.2.1:5061;transport=tls SIP/2.0 \r", "OPTIONS * SIP/2.0",
        "BENOTIFY im:a@b SIP/2.0",
        "INVITE sip:bob @example.com SIP/2.0", "INVITE tel:+15550100 SIP/2.0"};
    static const char *const bad[] = {
        "", "SIP/2.0", "SIP/2.0 ", "SIP/2.0 20", "SIP/2.0 2000 x", "SIP/2.0 704 x", "SIP/2.0 abc",
        "Call sip and see SIP/2.0", "See the call to sip:bob@example.com SIP/2.0", "GET / HTTP/1.1",
        "INVITE bob SIP/2.0", "INVITE  SIP/2.0", "IN(VITE sip:a SIP/2.0", "INVITE sip:a SIP/2.0 and more",
        "Via: SIP/2.0/TLS 192.0.2.1", "Start-Line: INVITE sip:a@b SIP/2.0", " SIP/2.0", "* * SIP/2.0"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!uct_sip_start_line(uct_slice_str(good[i])))
            fail_msg("not taken: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (uct_sip_start_line(uct_slice_str(bad[i])))
            fail_msg("taken: %s", bad[i]);
}

static const char invite[] =
    "INVITE sip:bob@example.com:5061;transport=tls SIP/2.0\r\n"
    "Via: SIP/2.0/TLS 192.0.2.1:7001;egress-zone=Edge;branch=z9hG4bKa.b;proxy-call-id=p-1;"
    "received=192.0.2.1, "
    "SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bKc;ingress-zone=\"Core;1, x\"\r\n"
    "VIA :\tSIP/2.0/TCP 192.0.2.3;branch=z9hG4bKd;egress-zone=Other\r\n"
    "f: \"Alice \\\"A\\\" <sip:no@example.org>\" <sip:alice@example.com;user=phone?x=y>;epid=1;tag=a1\r\n"
    "To: Bob; the \"builder <sip:bob@example.com>\r\n"
    "i: call-1@example.com\r\n"
    "CSeq: 101\r\n  INVITE\r\n"
    "P-Asserted-Identity: <sip:alice@corp.example.com>, <tel:+15550100>\r\n"
    "P-Asserted-Identity: <sip:second@example.com>\r\n"
    "User-Agent: Example/1\r\n"
    "session-id: aa;remote=00\r\n"
    "X-TAATag: t-1\r\n"
    "m: <sip:alice@192.0.2.1>\r\n"
    "c: application/sdp\r\n"
    "l: 99\r\n"
    "\r\n"
    "v=0\r\nm=audio 4000 RTP/AVP 0\r\na=x\r\nm=video 0 RTP/AVP 96\r\nm=application 5000 TCP/BFCP *\r\n";

static void whole_request(void **state)
{
    struct uct_sip m;
    char *own;
    struct uct_slice text = exact(invite, sizeof invite - 1, &own);
    (void)state;
    assert_true(uct_sip_parse(text, (struct uct_sip_layout){0}, &m));
    assert_true(m.request);
    assert_int_equal(m.status, 0);
    assert_slice(m.method, "INVITE");
    assert_slice(m.ruri, "sip:bob@example.com:5061;transport=tls");
    assert_slice(m.call_id, "call-1@example.com");
    assert_int_equal(m.cseq, 101);
    assert_slice(m.cseq_method, "INVITE");
    assert_slice(m.from, "sip:alice@example.com");
    assert_slice(m.from_tag, "a1");
    assert_slice(m.to, "sip:bob@example.com");
    assert_slice(m.to_tag, "");
    assert_slice(m.pai, "sip:alice@corp.example.com");
    assert_slice(m.via_branch, "z9hG4bKa.b");
    assert_slice(m.via_sent_by, "192.0.2.1:7001");
    assert_slice(m.proxy_call_id, "p-1");
    assert_slice(m.egress_zone, "Edge");
    assert_slice(m.ingress_zone, "Core;1, x");
    assert_int_equal(m.nvia, 3);
    assert_slice(m.server, "Example/1");
    assert_slice(m.session_id, "aa;remote=00");
    assert_slice(m.x_taatag, "t-1");
    assert_slice(m.contact, "<sip:alice@192.0.2.1>");
    assert_true(m.has_length);
    assert_int_equal(m.content_length, 99);
    assert_int_equal(m.sdp_media, 3);
    assert_int_equal(m.sdp_rejected, 1);
    assert_int_equal(m.bad_headers, 0);
    assert_true(uct_slice_starts(m.body, UCT_S("v=0")));
    free(own);
}

/* Every prefix parses without reading past its end. */
static void cut_anywhere(void **state)
{
    struct uct_sip m;
    (void)state;
    for (size_t n = 0; n < sizeof invite; n++) {
        char *own;
        struct uct_slice text = exact(invite, n, &own);
        uct_sip_parse(text, (struct uct_sip_layout){n & 1, n & 2}, &m);
        free(own);
    }
}

static bool parse(const char *text, bool indented, struct uct_sip *m)
{
    return uct_sip_parse(uct_slice_str(text), (struct uct_sip_layout){indented, indented}, m);
}

static void layouts(void **state)
{
    struct uct_sip m;
    (void)state;
    /* X8: a line with one blank, the mark on a line of its own */
    assert_true(parse("SIP/2.0 200 OK\n Call-ID: a\n CSeq: 7 OPTIONS\n Content-Length: 0\n \n |\n\n",
                      true, &m));
    assert_slice(m.call_id, "a");
    assert_slice(m.method, "OPTIONS");
    assert_int_equal(m.content_length, 0);
    assert_int_equal(m.bad_headers, 0);
    /* X7: a 0-byte line, the mark at column 0; or no separator at all */
    assert_true(parse("SIP/2.0 200 OK\n Call-ID: a\n Content-Type: application/sdp\n\n v=0\n "
                      "m=audio 1 x\n|", true, &m));
    assert_int_equal(m.sdp_media, 1);
    assert_true(parse("SIP/2.0 200 OK\n Call-ID: b\n Server: S\n v=0\n m=audio 1 x\n|", true, &m));
    assert_slice(m.server, "S");
    assert_int_equal(m.sdp_media, 1);
    /* glued to the last body line; a fold has two blanks */
    assert_true(parse("OPTIONS sip:a SIP/2.0\n Call-ID: c\n Subject: x\n  Via: no\n \n <x>1</x>|\n",
                      true, &m));
    assert_slice(m.body, " <x>1</x>");
    assert_int_equal(m.nvia, 0);
    /* pasted with one blank before each header, told by the first of them */
    assert_true(parse("SIP/2.0 500 No\r\n ms-user-logon-data: RemoteUser\r\n Call-ID: d\r\n CSeq: 1 "
                      "INVITE", false, &m));
    assert_slice(m.call_id, "d");
    assert_slice(m.phrase, "No");
    assert_true(parse("SIP/2.0 200 OK\nCall-ID: e\nMessage-Body: v=0\nm=audio 1 x\n", false, &m));
    assert_slice(m.body, "v=0\nm=audio 1 x\n");
}

static void lax_headers(void **state)
{
    struct uct_sip m;
    (void)state;
    assert_true(parse("SIP/2.0 504 Server time-out\nFrom: <sip:2000 @acano.example.com >;tag=x\n"
                      "To: \"Unclosed <sip:b@example.com;tag=in\nthis is no header\nCall-ID:\n  folded\n"
                      "P-Asserted-Identity: sip:x@example.com;a=b\nServer: RTC/6.0\nUser-Agent: U\n"
                      "ms-diagnostics: 1009;reason=\"a\nb c\";source=\"s\"\n(null): 24; reason=\"z\"\n"
                      "(null): (null)\nX-MS-Diagnostics: 2000004;reason=\"w\"\nReason: "
                      "SIP;cause=504\nWarning: 399 x \"y\"\n",
                      false, &m));
    assert_slice(m.from, "sip:2000 @acano.example.com");
    assert_slice(uct_sip_uri_host(m.from), "acano.example.com");
    assert_slice(m.from_tag, "x");
    assert_slice(m.to, "sip:b@example.com");
    assert_slice(m.to_tag, "in");
    assert_slice(m.call_id, "folded");
    assert_slice(m.pai, "sip:x@example.com");
    assert_slice(m.server, "RTC/6.0");
    assert_slice(m.user_agent, "U");
    assert_int_equal(m.ndiag, 3);
    assert_int_equal(m.diag[0].id, 1009);
    assert_int_equal(m.diag[1].id, 24);
    assert_int_equal(m.diag[2].id, 2000004);
    assert_slice(m.diag[2].name, "X-MS-Diagnostics");
    assert_slice(m.reason, "SIP;cause=504");
    assert_slice(m.warning, "399 x \"y\"");
    assert_int_equal(m.bad_headers, 2);
    struct uct_slice v;
    assert_true(uct_diag_attr(&m.diag[0], UCT_S("SOURCE"), &v));
    assert_slice(v, "s");
}

static void iterate_headers(void **state)
{
    struct uct_slice h = UCT_S("A: 1\r\nB : 2\r\n\t3\r\nno header\r\nC:\r\n\r\nD: 4\r\n"), name, value;
    (void)state;
    assert_true(uct_sip_next_header(&h, (struct uct_sip_layout){0}, &name, &value));
    assert_slice(name, "A");
    assert_slice(value, "1");
    assert_true(uct_sip_next_header(&h, (struct uct_sip_layout){0}, &name, &value));
    assert_slice(name, "B");
    assert_slice(value, "2\r\n\t3");
    assert_true(uct_sip_next_header(&h, (struct uct_sip_layout){0}, &name, &value));
    assert_slice(name, "C");
    assert_slice(value, "");
    assert_false(uct_sip_next_header(&h, (struct uct_sip_layout){0}, &name, &value));
    assert_true(uct_sip_header_is(UCT_S("K"), UCT_S("supported")));
    assert_true(uct_sip_header_is(UCT_S("CALL-ID"), UCT_S("Call-ID")));
    assert_false(uct_sip_header_is(UCT_S("k"), UCT_S("Via")));
    assert_false(uct_sip_header_is(UCT_S("z"), UCT_S("Via")));
}

static void addresses(void **state)
{
    static const struct {
        const char *value, *uri, *tag, *host;
    } cases[] = {
        {"<sip:a@b>", "sip:a@b", "", "b"},
        {"sip:a@b:5060;tag=1;x=\"<q>\"", "sip:a@b:5060", "1", "b"},
        {"\"a\"<sip:a@[2001:db8::1]:5061;lr>;tag=\"2\"", "sip:a@[2001:db8::1]:5061", "2", "2001:db8::1"},
        {"Anna <Sales> Bell <sips:a@b.example>;TAG = 3", "sips:a@b.example", "3", "b.example"},
        {"<sip:b.example:5061>", "sip:b.example:5061", "", "b.example"},
        {"<sip:b.example>;tag=4", "sip:b.example", "4", "b.example"},
        {"<sip:+1;ext=2@b.example;user=phone>", "sip:+1;ext=2@b.example", "", "b.example"},
        {"<tel:+15550100;phone-context=x>", "tel:+15550100", "", ""},
        {"<sip:a@b", "sip:a@b", "", "b"},
        {"Call: Bob <sip:a@b>;tag=5", "sip:a@b", "5", "b"},
        {"b.example:5061", "b.example:5061", "", "b.example"},
        {"", "", "", ""},
        {"<", "", "", ""},
        {"\"", "\"", "", "\""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uct_slice v = uct_slice_str(cases[i].value);
        assert_slice(uct_sip_addr_uri(v), cases[i].uri);
        assert_slice(uct_sip_addr_tag(v), cases[i].tag);
        assert_slice(uct_sip_uri_host(uct_sip_addr_uri(v)), cases[i].host);
    }
    struct uct_slice out;
    assert_true(uct_sip_param(UCT_S("Q.850 ;cause=16;text=\"a;b\""), UCT_S("text"), &out));
    assert_slice(out, "a;b");
    assert_false(uct_sip_param(UCT_S("x;text=\"a;b=c\""), UCT_S("b"), &out));
}

/* ---- diagnostics ------------------------------------------------------- */

/* Prints id and attributes as id|k=v|k=v */
static const char *spelled(const char *line, char *out, size_t room)
{
    struct uct_diag d;
    struct uct_slice k, v;
    size_t n;
    if (!uct_diag_parse(uct_slice_str(line), &d))
        return "no";
    n = (size_t)snprintf(out, room, "%u", (unsigned)d.id);
    for (size_t pos = 0; uct_diag_next(&d, &pos, &k, &v);)
        n += (size_t)snprintf(out + n, room - n, "|%.*s=%.*s", (int)k.n, k.p, (int)v.n, v.p);
    return out;
}

static void diagnostics(void **state)
{
    static const char *const cases[][2] = {
        {"ms-diagnostics: 1009;reason=\"No match\";source=\"e.example\"",
         "1009|reason=No match|source=e.example"},
        {"Ms-Diagnostics-Public :  1034 ; source = \" e \" ; reason =\"x y \";", "1034|source=e|reason=x y"},
        {"ms-client-diagnostics: 24083;Component=\"R\";request=BENOTIFY;Source= a.example",
         "24083|Component=R|request=BENOTIFY|Source=a.example"},
        {"X-Ms-diagnostics: 2000004;reason=\"t 'c' n\";e=\"i\"Server: x y=\"z\"",
         "2000004|reason=t 'c' n|e=i"},
        {"(null): 24; reason=\"a;b=c; d\"", "24|reason=a;b=c; d"},
        {"4268.1;reason=\"r\"", "4268|reason=r"},
        {"1034,1009 10003 reason=\"r\"", "1034|reason=r"},
        {"1009; reason=\xe2\x80\x9cNo match\xe2\x80\x9d; d=\xe2\x80\x98x\xe2\x80\x99;"
         "e=\xe2\x80\xb3y\xe2\x80\xb3",
         "1009|reason=No match|d=x|e=y"},
        {"1; reason=\xe2\x80\x9dThe peer\xe2\x80\x99s name\xe2\x80\x9d;s=1",
         "1|reason=The peer\xe2\x80\x99s name|s=1"},
        {"1; a=\xe2\x80\x99\xe2\x80\x99x\xe2\x80\x99\xe2\x80\x99; b=2", "1|a=x|b=2"},
        {"1;reason=\"open;source=\"s\"", "1|reason=open|source=s"},
        {"1;reason=\"open;source=s", "1|reason=open|source=s"},
        {"1;reason=\"open to the end", "1|reason=open to the end"},
        {"1;reason=\"a \"quoted\" word\";b=c", "1|reason=a \"quoted\" word|b=c"},
        {"23;CallerMediaDebug=\"audio:ICEWarn=0x1,LocalSite=192.0.2.1:1, R=2\";x=y",
         "23|CallerMediaDebug=audio:ICEWarn=0x1,LocalSite=192.0.2.1:1, R=2|x=y"},
        {"1010;HRESULT=\"0x80090322(SEC_E_WRONG_PRINCIPAL)\";a=\"\"",
         "1010|HRESULT=0x80090322(SEC_E_WRONG_PRINCIPAL)|a="},
        {"1;;; ;junk;a=b", "1|a=b"},
        {"ms-diagnostics: none", "no"},
        {"ms-diagnostics: 99999999999", "no"},
        {"(null): (null)", "no"},
        {"3com;x=y", "no"},
        {"1047", "1047"},
    };
    char out[512];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(spelled(cases[i][0], out, sizeof out), cases[i][1]);
    assert_true(uct_diag_line(UCT_S(" MS-DIAGNOSTICS : 1")));
    assert_true(uct_diag_line(UCT_S("(null): 24")));
    assert_false(uct_diag_line(UCT_S("(null): (null)")));
    assert_false(uct_diag_line(UCT_S("ms-diagnostics 1")));
    assert_false(uct_diag_line(UCT_S("my-diagnostics: 1")));
}

/* ---- result codes ------------------------------------------------------ */

static const char *codes(const char *line, char *out, size_t room)
{
    struct uct_slice text = uct_slice_str(line), name;
    uint32_t code;
    size_t n = 0;
    out[0] = '\0';
    for (size_t pos = 0; (pos = uct_result_next(text, pos, &code, &name));)
        n += (size_t)snprintf(out + n, room - n, "%s%08x%s%.*s", n ? " " : "", (unsigned)code,
                              name.n ? ":" : "", (int)name.n, name.p);
    return out;
}

static void results(void **state)
{
    static const char *const cases[][2] = {
        {"Result-Code: 0xc3e93d6f SIPPROXY_E_X_Y", "c3e93d6f:SIPPROXY_E_X_Y"},
        {"Result 0xC3E93C5E(SIPPROXY_E_ROUTING)", "c3e93c5e:SIPPROXY_E_ROUTING"},
        {"Error code: 0xC3E93C62 (SIPPROXY_E_A), Error", "c3e93c62:SIPPROXY_E_A"},
        {"0x80070005 (Access is denied)", "80070005"},
        {"80070005!_HRX! (Access is denied. !_HRM)", "80070005"},
        {"HRESULT: -2147024809", "80070057"},
        {"HRESULT = -2147024809;", "80070057"},
        {"3286842466 (0xC3E93C62)", "c3e93c62"},
        {"Result-Code: 3286842466", "c3e93c62"},
        {"WinsockFailureCode=\"10054(WSAECONNRESET)\"", "80072746:WSAECONNRESET"},
        {"hr = 80070057", "80070057"},
        {"hr=0x1, hr = 57", "00000001 00000057"},
        {"HRESULT failed: 80004005 = x. y", "80004005"},
        {"HRESULT API failed: 80090322 = x", "80090322"},
        {"Condition failed with 80004005: 'x'", "80004005"},
        {"failed 0x80072746 and failed 80072747", "80072746 80072747"},
        {"failed 0x57", "00000057"},
        {"C3E93D67(SIPPROXY_E_N)", "c3e93d67:SIPPROXY_E_N"},
        {"error 0x80090322 - SEC_E_NO", "80090322"},
        {"S_OK hr = 0x00000000", ""},
        {"session [0x000021ac] x=0x00007f12", ""},
        {"0x00007f1234567890 and 0x8007f1234567890", ""},
        {"Class::Function[0x8f001234]- text", ""},
        {"Call-ID e144704c-1dd0-4ea7-929f-77e7e071c24c f1b3ad5d-183b", ""},
        {"192.0.2.1:5061 port 10054 failed 3 times, 10054 (reset)", ""},
        {"cid 8ab30cde 85D801 0000C23F 12345678 2880154539", ""},
        {"a=ssrc:3286842466 cname -2147024809", ""},
        {"tag=c3e93d67 0xc3e93d6 0xc3e93d67f x0xc3e93d67", ""},
        {"hr = ", ""},
        {"", ""},
    };
    char out[256];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(codes(cases[i][0], out, sizeof out), cases[i][1]);
}

/* ---- rows -------------------------------------------------------------- */

struct bench {
    struct uct_interest *interest;
    struct uct_intern *strings;
    struct uct_writer *w;
    struct uct_block block;
    struct uct_piece *pieces;
    size_t npieces;
};

enum { RULE_504 = 1, RULE_FINAL, RULE_1009, RULE_RESULT, RULE_WARNING, RULE_SYMBOL };

static void open_bench(struct bench *b)
{
    *b = (struct bench){.interest = uct_interest_new(), .strings = uct_intern_new()};
    struct uct_slice no = UCT_S("");
    assert_true(uct_interest_add(b->interest, UCT_KEY_STATUS, no, 504, RULE_504));
    assert_true(uct_interest_add(b->interest, UCT_KEY_STATUS, no, 0, RULE_FINAL));
    assert_true(uct_interest_add(b->interest, UCT_KEY_DIAG, no, 1009, RULE_1009));
    assert_true(uct_interest_add(b->interest, UCT_KEY_RESULT, no, 0x80090322, RULE_RESULT));
    assert_true(uct_interest_add(b->interest, UCT_KEY_LITERAL, UCT_S("policy"), 0, RULE_WARNING));
    assert_true(uct_interest_add(b->interest, UCT_KEY_LITERAL, UCT_S("SIPPROXY_E_Q"), 0, RULE_SYMBOL));
    assert_true(uct_interest_compile(b->interest));
    struct uct_writer_config c = {.strings = b->strings, .interest = b->interest, .record_limit = 1 << 20};
    b->w = uct_writer_new(&c);
    assert_non_null(b->w);
}

static void finish_bench(struct bench *b)
{
    assert_int_equal(uct_writer_finish(b->w, &b->block, &b->pieces, &b->npieces), UCT_OK);
}

static void close_bench(struct bench *b)
{
    uct_block_free(&b->block);
    free(b->pieces);
    uct_writer_free(b->w);
    uct_interest_free(b->interest);
    uct_intern_free(b->strings);
}

static struct uct_slice kept_field(const struct bench *b, size_t i, const char *name)
{
    return uct_kept_field(&b->block, b->strings, &b->block.kept[i], uct_slice_str(name));
}

static void keep(struct bench *b, const char *text, struct uct_sip_context c)
{
    struct uct_sip m;
    struct uct_origin o = {0, (uint32_t)strlen(text), 0};
    assert_true(uct_sip_parse(uct_slice_str(text), (struct uct_sip_layout){0}, &m));
    c.text = uct_slice_str(text);
    uct_sip_keep(b->w, &o, &c, &m);
}

static void row_and_records(void **state)
{
    struct bench b;
    struct uct_sip_context c = {.time = 5, .dir = UCT_DIR_IN, .sight = UCT_SIGHT_TEXT,
                                .local = UCT_S("[2001:DB8::2]:5061"),
                                .remote = UCT_S("Edge.Example.NET:5061")};
    (void)state;
    open_bench(&b);
    keep(&b, invite, c);
    keep(&b, "SIP/2.0 504 Server time-out\r\nFrom: <sip:a @Corp.Example.com>;tag=1\r\nTo: "
             "<sip:b@example.net>\r\n"
             "Call-ID: x\r\nCSeq: 2 INVITE\r\nReason: SIP;cause=504\r\nServer: RTC/6.0\r\n"
             "ms-diagnostics: 1009;reason=\"No\n match\";HRESULT=\"0x80090322(SEC_E_W)\"\r\n"
             "ms-diagnostics: 1;reason=\"unknown\"\r\n\r\n", c);
    keep(&b, "SIP/2.0 401 Unauthorized\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n", c);
    keep(&b, "SIP/2.0 200 OK\r\nCall-ID: x\r\nWarning: 399 h \"by policy\"\r\nCSeq: 1 INVITE\r\n\r\n", c);
    finish_bench(&b);
    assert_int_equal(b.block.nmsgs, 4);
    const struct uct_msg *m = &b.block.msgs[0];
    assert_slice(uct_interned(b.strings, m->ruri), "sip:bob@example.com:5061");
    assert_slice(uct_interned(b.strings, m->remote), "edge.example.net:5061");
    assert_int_equal(m->zones, 3);
    assert_int_equal(m->sdp, 3);
    assert_int_equal(m->diag, 0);
    assert_true(m->branch == uct_hash_slice(UCT_S("z9hG4bKa.b")) >> 16);
    assert_slice(uct_interned(b.strings, b.block.msgs[1].from), "sip:a@Corp.Example.com");
    assert_int_equal(b.block.msgs[1].diag, 1);
    assert_int_equal(b.block.msgs[1].branch, 0);

    assert_int_equal(b.block.nkept, 3);
    const struct uct_kept *k = b.block.kept;
    assert_int_equal(k[0].kind, UCT_KIND_DIAG);
    assert_int_equal(k[0].nrules, 2);
    assert_int_equal(k[0].status, 504);
    assert_slice(kept_field(&b, 0, "reason"), "No match");
    assert_slice(kept_field(&b, 0, "diag-id"), "1009");
    assert_slice(kept_field(&b, 0, "diag-header"), "ms-diagnostics");
    assert_slice(kept_field(&b, 0, "hresult"), "0x80090322(SEC_E_W)");
    assert_slice(kept_field(&b, 0, "peer"), "edge.example.net");
    assert_int_equal(k[1].kind, UCT_KIND_SIP);
    assert_int_equal(k[1].nrules, 2);
    assert_slice(kept_field(&b, 1, "reason"), "SIP;cause=504");
    assert_slice(kept_field(&b, 1, "from"), "sip:a@Corp.Example.com");
    assert_slice(kept_field(&b, 1, "from-domain"), "corp.example.com");
    assert_slice(kept_field(&b, 1, "dir"), "in");
    assert_slice(kept_field(&b, 1, "cseq"), "2");
    assert_true(uct_slice_find(kept_field(&b, 1, "ms-diagnostics"), UCT_S(" | 1;reason=")) != SIZE_MAX);
    assert_int_equal(k[2].status, 200);
    assert_slice(kept_field(&b, 2, "warning"), "399 h \"by policy\"");
    close_bench(&b);
}

/* ---- parsers ----------------------------------------------------------- */

static size_t run(struct bench *b, const struct uct_parser *p, const char *text)
{
    struct uct_chunk c = {.text = uct_slice_str(text), .first = true, .last = true};
    open_bench(b);
    size_t taken = p->parse(b->w, &c);
    finish_bench(b);
    return taken;
}

static const char bare[] =
    "SIP/2.0 504 Server time-out\nCall-ID: a\nCSeq: 1 INVITE\nContent-Length: 0\n\n"
    "\r\n\r\n"
    "NOTIFY sip:a@example.com SIP/2.0\nCall-ID: b\nCSeq: 1 NOTIFY\nContent-Type: message/sipfrag\n"
    "Content-Length: 22\n\nSIP/2.0 100 Trying\n\n"
    "INVITE sip:a@example.com SIP/2.0\nCall-ID: c\nCSeq: 1 INVITE\nContent-Length: 12\n\n"
    "v=0\nm=audio 1 x\na=sendrecv\n"
    "ms-diagnostics: 1009;reason=\"x\"\n"
    "this is nothing\n"
    "Result-Code: 0x80090322 SEC_E_W\n"
    "HTTP/1.1 400 Bad Request\nContent-Type: application/json\nX-Ms-diagnostics: "
    "1009;reason=\"y\"\n\n{\"a\":1}\n";

static void bare_messages(void **state)
{
    struct bench b;
    (void)state;
    assert_int_equal(run(&b, &uct_parser_sip, bare), sizeof bare - 1);
    assert_int_equal(b.block.nmsgs, 3);
    assert_int_equal(b.block.nrecords, 6);
    assert_int_equal(b.block.nunparsed, 1);
    assert_int_equal(b.block.unparsed_line, 25);
    assert_true(b.block.first == UCT_NO_TIME);
    assert_int_equal(b.block.msgs[1].line, 8);
    assert_int_equal(b.block.msgs[2].sdp, 1);
    assert_int_equal(b.block.nkept, 4);
    assert_int_equal(b.block.kept[0].kind, UCT_KIND_SIP);
    assert_int_equal(b.block.kept[1].kind, UCT_KIND_DIAG);
    assert_int_equal(b.block.kept[1].line, 24);
    assert_int_equal(b.block.kept[2].kind, UCT_KIND_CODE);
    assert_slice(kept_field(&b, 2, "result"), "0x80090322");
    assert_slice(kept_field(&b, 2, "result-name"), "SEC_E_W");
    assert_int_equal(b.block.kept[3].kind, UCT_KIND_DIAG);
    close_bench(&b);
}

static void cut_source(void **state)
{
    struct bench b;
    (void)state;
    run(&b, &uct_parser_sip, "Via: SIP/2.0/TLS 192.0.2.1\nCSeq: 1 BYE\n\nSIP/2.0 200 OK\nCall-ID: a\n");
    assert_int_equal(b.block.nunparsed, 0);
    assert_int_equal(b.block.notes[UCT_NOTE_CUT_BEGIN], 2);
    assert_int_equal(b.block.nmsgs, 1);
    close_bench(&b);
}

static void sip_bids(void **state)
{
    const struct uct_parser *p = &uct_parser_sip;
    (void)state;
    assert_int_equal(p->bid(UCT_S("SIP/2.0 200 OK\r\nCall-ID: a\r\n\r\n"), true), 40);
    assert_int_equal(p->bid(UCT_S("ms-diagnostics: 1009;a=b\nms-diagnostics: 1010\n"), true), 40);
    assert_int_equal(p->bid(UCT_S("HTTP/1.1 400 Bad\nX-Ms-diagnostics: 28020;a=b\n\n{}"), true), 32);
    assert_int_equal(p->bid(UCT_S("HTTP/1.1 400 Bad\nServer: x\n\n{}"), true), 0);
    assert_int_equal(p->bid(UCT_S("Hello,\nplease look:\nSIP/2.0 200 OK\nCall-ID: a\n\nthanks\n"), true), 0);
    assert_int_equal(p->bid(UCT_S(""), true), 0);
    assert_true(p->head(UCT_S("ms-diagnostics: 1")));
    assert_false(p->head(UCT_S("Via: SIP/2.0/TLS x")));
    struct uct_slice text = uct_slice(bare, sizeof bare - 1);
    size_t at = p->split(text);
    assert_true(uct_slice_starts(uct_slice(bare + at, text.n - at), UCT_S("INVITE")));
    assert_int_equal(p->split(UCT_S("SIP/2.0 200 OK\nA: b\n\nSIP/2.0 200 OK\n\n")), 0);
}

static void text_codes(void **state)
{
    struct bench b;
    const struct uct_parser *p = &uct_parser_text;
    (void)state;
    run(&b, p, "Dear all,\nit says hr = 80090322 here, 80090322!_HRX! too.\n> ms-diagnostics: "
               "1009;reason=\"x\"\n"
               "only SIPPROXY_E_Q by name\n\nregards");
    assert_int_equal(b.block.nrecords, 3);
    assert_int_equal(b.block.nprose, 3);
    assert_int_equal(b.block.nunparsed, 0);
    assert_int_equal(b.block.nkept, 3);
    assert_slice(kept_field(&b, 0, "result"), "0x80090322");
    assert_int_equal(b.block.kept[1].kind, UCT_KIND_DIAG);
    assert_slice(kept_field(&b, 2, "result-name"), "SIPPROXY_E_Q");
    close_bench(&b);
    assert_int_equal(p->bid(UCT_S("see 0xc3e93d67"), true), UCT_BID_CODES);
    assert_int_equal(p->bid(UCT_S("CERT_E_UNTRUSTEDROOT"), true), UCT_BID_CODES);
    assert_int_equal(p->bid(UCT_S("XSEC_E_NO SEC_E_ nothing at all"), true), 0);
}

/* ---- hostile input ----------------------------------------------------- */

/* Each pattern, repeated to half a mebibyte, must not take quadratic time: a
 * run that does takes hours. */
static void no_quadratic_time(void **state)
{
    static const char *const patterns[] = {
        "<", "\"", ";\\\"", ";a=\"", "a=\"x ", ";a=\"x", "\xe2\x80\x9d", ",\"", "\" ", "x=\"\";", ";",
        "'", "1 ",
        "ms-diagnostics:1", "_E_", "0x", "f ", "\\", " \"a", "\n", "\n ", "\nA:", "\nSIP/2.0 200 OK",
        "a-", ";  "};
    const size_t n = 512 * 1024;
    struct uct_buf text = {0};
    struct uct_sip m;
    struct uct_slice k, v;
    struct uct_diag d;
    uint32_t code;
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        static const char *const heads[] = {"Via: x", "From: ", "From: \"", "ms-diagnostics: 1;a=\"",
            "Reason: ;"};
        for (size_t h = 0; h < sizeof heads / sizeof *heads; h++) {
            text.n = 0;
            uct_buf_adds(&text, "SIP/2.0 200 OK\n");
            uct_buf_adds(&text, heads[h]);
            while (text.n < n)
                uct_buf_adds(&text, patterns[i]);
            struct uct_slice s = uct_slice(text.p, text.n);
            assert_true(uct_sip_parse(s, (struct uct_sip_layout){0}, &m));
            for (size_t pos = 0; m.ndiag && uct_diag_next(&m.diag[0], &pos, &k, &v);)
                assert_true(k.n > 0);
            uct_sip_param(m.reason, UCT_S("none"), &v);
            for (size_t pos = 0; (pos = uct_result_next(s, pos, &code, &k));)
                assert_true(pos <= s.n);
            uct_diag_parse(s, &d);
            uct_parser_sip.bid(s, true);
            uct_parser_text.bid(s, true);
        }
    }
    uct_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_lines), cmocka_unit_test(whole_request), cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(layouts), cmocka_unit_test(lax_headers), cmocka_unit_test(iterate_headers),
        cmocka_unit_test(addresses), cmocka_unit_test(diagnostics), cmocka_unit_test(results),
        cmocka_unit_test(row_and_records), cmocka_unit_test(bare_messages), cmocka_unit_test(cut_source),
        cmocka_unit_test(sip_bids), cmocka_unit_test(text_codes), cmocka_unit_test(no_quadratic_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
