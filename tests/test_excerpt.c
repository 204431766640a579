/* Pieces of logs in documents: the fixtures against their expected pieces, the
 * promises of the map, wraps at every width, bids, and bounded time. */
#include "parsers/excerpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

struct watch {
    struct uct_slice doc;
    struct uct_buf out; /* the pieces as the expected files have them */
    uint32_t line;      /* lines accounted for */
    uint64_t behind;
    unsigned pieces;
    char formats[256];
};

/* Line (from 0) on which a byte of the document stands. */
static uint32_t line_of(struct uct_slice doc, uint64_t at)
{
    uint32_t n = 0;
    for (uint64_t i = 0; i < at; i++)
        n += doc.p[i] == '\n';
    return n;
}

static void check_segment(const struct watch *w, const struct uct_excerpt_piece *p, size_t i)
{
    const struct uct_segment *s = &p->map[i];
    size_t stop = i + 1 < p->nmap ? s[1].at : p->text.n, n = (size_t)(s->to - s->from);
    assert_true(s->from >= p->from && s->from <= s->to && s->to <= p->to);
    if (i)
        assert_true(s->at > s[-1].at && s->from >= s[-1].to);
    assert_int_equal(s->line, line_of(w->doc, s->from));
    /* What was copied as it stands is the document's text. */
    bool ascii = true;
    for (size_t k = 0; k < n; k++)
        ascii &= (unsigned char)w->doc.p[s->from + k] < 0x80;
    if (n <= stop - s->at && ascii)
        assert_memory_equal(p->text.p + s->at, w->doc.p + s->from, n);
}

static void on_piece(void *arg, const struct uct_excerpt_piece *p)
{
    struct watch *w = arg;
    assert_int_equal(p->line, w->line);
    assert_true(p->from >= w->behind && p->to > p->from && p->to <= w->doc.n);
    assert_int_equal(p->line, line_of(w->doc, p->from));
    assert_true(p->nmap > 0 && p->map[0].at == 0 && p->map[0].line == p->line);
    for (size_t i = 0; w->doc.n < 20000 && i < p->nmap; i++)
        check_segment(w, p, i);
    w->line += p->nlines;
    w->behind = p->to;
    w->pieces++;
    if (strlen(w->formats) + strlen(p->format) + 2 < sizeof w->formats) {
        strcat(w->formats, p->format);
        strcat(w->formats, " ");
    }
    uct_buf_addf(&w->out, "=== %s, lines %u to %u, bytes %llu to %llu\n", p->format, p->line + 1,
                 p->line + p->nlines, (unsigned long long)p->from, (unsigned long long)p->to);
    uct_buf_add(&w->out, p->text.p, p->text.n);
}

static void on_prose(void *arg, uint32_t line, uint32_t nlines)
{
    struct watch *w = arg;
    assert_int_equal(line, w->line);
    assert_true(nlines > 0);
    w->line += nlines;
}

static struct watch rewrite(struct uct_slice doc)
{
    struct watch w = {.doc = doc};
    struct uct_excerpt_sink sink = {.arg = &w, .piece = on_piece, .prose = on_prose};
    struct uct_slice rest = doc, line;
    uint32_t lines = 0;
    while (uct_next_line(&rest, &line))
        lines++;
    assert_true(uct_excerpt_rewrite(doc, &sink));
    assert_int_equal(w.line, lines);
    uct_buf_adds(&w.out, "");
    return w;
}

static struct uct_buf slurp(const char *name)
{
    struct uct_buf b = {0};
    char path[512], chunk[4096];
    snprintf(path, sizeof path, UCT_SRCDIR "/testdata/excerpt/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return b;
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        uct_buf_add(&b, chunk, n);
    fclose(f);
    return b;
}

/* ---- fixtures ----------------------------------------------------------- */

static const char *const fixtures[] = {
    "bad-prose-only.txt", "good-bare-records.txt", "good-crlf.txt", "good-double-spaced.txt",
    "good-dump-without-blanks.txt", "good-glued-headers.txt", "good-languages.txt", "good-line-numbers.txt",
    "good-event.txt", "good-mail-quoted.txt", "good-pdf-text.txt", "good-sdp-body.txt",
    "good-ticket-markdown.md",
    "good-touches-prose.txt", "good-two-formats.txt", "good-wrap-100.txt", "good-wrap-72.txt",
    "good-wrap-words.txt", "good-wrap-start-line.txt", "good-quoted-then-cut.txt", "truncated-records.txt",
    "good-short-names.txt", "good-blank-before-colon.txt", "good-folded-headers.txt"
};

static void accept_new(const char *name, const struct watch *w)
{
    char path[512];
    snprintf(path, sizeof path, UCT_SRCDIR "/testdata/excerpt/%s.pieces", name);
    FILE *f = fopen(path, "wb");
    if (f) {
        fwrite(w->out.p, 1, w->out.n, f);
        fclose(f);
    }
}

static void test_fixtures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        char expected[256];
        snprintf(expected, sizeof expected, "%s.pieces", fixtures[i]);
        struct uct_buf doc = slurp(fixtures[i]);
        assert_non_null(doc.p);
        struct watch w = rewrite(uct_slice(doc.p, doc.n));
        if (getenv("UCT_ACCEPT"))
            accept_new(fixtures[i], &w);
        struct uct_buf want = slurp(expected);
        if (want.n != w.out.n || (want.n && memcmp(want.p, w.out.p, want.n) != 0))
            fail_msg("%s: the pieces differ; got\n%s", fixtures[i], w.out.p);
        int bid = uct_parser_excerpt.bid(uct_slice(doc.p, doc.n), true);
        bool document = strncmp(fixtures[i], "bad-", 4) != 0;
        if (document != (bid >= UCT_BID_RECORD))
            fail_msg("%s: bid %d", fixtures[i], bid);
        uct_buf_free(&want);
        uct_buf_free(&w.out);
        uct_buf_free(&doc);
    }
}

/* ---- wraps -------------------------------------------------------------- */

static const char lync[] =
    "TL_WARN(TF_DIAG) [edge\\edge1]0584.0A44::05/06/2024-07:30:12.335.0000773E "
    "(SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(830)) [156659184] $$begin_record\n"
    "Severity: warning\n"
    "Text: The domain of the message resolved by DNS SRV but none of the FQDNs is in the same domain\n"
    "Result-Code: 0xc3e93d6f SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH\n"
    "SIP-Start-Line: INVITE sip:alice@example.net SIP/2.0\n"
    "SIP-Call-ID: 0a1b2c3d-183b-4632-b210-c2f9bec71960\n"
    "SIP-CSeq: 2066245576 INVITE\n"
    "Peer: vcse.example.com:25002\n"
    "Data: domain=\"meet.example.com\";fqdn1=\"vcse.example.com:5061\"\n"
    "$$end_record\n";

static const char dump[] =
    "2024-05-06T09:30:12.345+02:00 vcse tvcs: UTCTime=\"2024-05-06 07:30:12,345\" Module=\"network.sip\" "
    "Level=\"DEBUG\": Action=\"Received\" Local-ip=\"192.0.2.10\" Local-port=\"25002\" "
    "Src-ip=\"198.51.100.7\" Src-port=\"5061\" Msg-Hash=\"13707918855517357847\"\n"
    " SIPMSG:\n"
    " |SIP/2.0 504 Server time-out\n"
    " Via: SIP/2.0/TLS 192.0.2.10:5061;egress-zone=DNSZone1;branch=z9hG4bK42ee6fd77d32cc8925196770b950b33554"
    ".731d73c3f4246d6a255e38a9f695bfc0;proxy-call-id=6b2a018a-2da5-4013-a7e5-4e1455feadf7;rport;"
    "received=192.0.2.10;ms-received-port=25002;ms-received-cid=100\n"
    " Call-ID: 0a1b2c3d-183b-4632-b210-c2f9bec71960\n"
    " CSeq: 2066245576 INVITE\n"
    " From: \"Meeting Room\" <sip:2000@example.com>;tag=9fea3e7d70afd884\n"
    " To: <sip:alice@example.net>;tag=C65A7B0A8766A5F1D386474833D07882\n"
    " Server: RTC/6.0\n"
    " Content-Length: 0\n"
    " \n"
    " |\n"
    "\n";

static const char reply[] =
    "SIP/2.0 504 Server time-out\n"
    "From: \"Alice Example\" <sip:alice@example.net>;tag=02cf1a118c;epid=11c6105a5a\n"
    "To: <sip:room@meet.example.com>;tag=5A2FCD175386029A12ECE5FB6E248424\n"
    "Call-ID: fd8c35c4bf9c41999f72bac2ddbacec4\n"
    "CSeq: 1 INVITE\n"
    "Via: SIP/2.0/TLS 192.0.2.55:62937;received=203.0.113.9;ms-received-port=62937;ms-received-cid=6DA00\n"
    "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";"
    "ErrorType=\"The peer certificate does not contain a matching FQDN\";"
    "tls-target=\"vcse.meet.example.com\";PeerServer=\"vcse.example.com\";"
    "HRESULT=\"0x80090322(SEC_E_WRONG_PRINCIPAL)\";"
    "source=\"sip.example.net\"\n"
    "Server: RTC/6.0\n"
    "Content-Length: 0\n";

enum wrap { HARD, WORDS };

/* Where a line of at most `width` bytes ends; *skip: blanks dropped behind it. */
static size_t wrap_at(struct uct_slice s, size_t width, enum wrap how, size_t *skip)
{
    *skip = 0;
    if (s.n <= width)
        return s.n;
    if (how == HARD)
        return width;
    size_t n = width + 1;
    while (n > 1 && s.p[n - 1] != ' ')
        n--;
    if (n == 1) /* no blank: the word stands on a line of its own */
        for (n = width; n < s.n && s.p[n] != ' ';)
            n++;
    else
        n--;
    *skip = n < s.n;
    return n;
}

static void wrap_into(struct uct_buf *b, const char *text, size_t width, enum wrap how, const char *lead,
                      bool doubled)
{
    struct uct_slice rest = uct_slice_str(text), line;
    while (uct_next_line(&rest, &line)) {
        do {
            size_t skip, n = wrap_at(line, width, how, &skip);
            uct_buf_adds(b, lead);
            uct_buf_add(b, line.p, n);
            uct_buf_adds(b, doubled ? "\n\n" : "\n");
            line = uct_slice(line.p + n + skip, line.n - n - skip);
        } while (line.n);
    }
}

static void check_wrap(const char *text, const char *format, size_t width, enum wrap how, const char *lead,
                       bool doubled)
{
    struct uct_buf doc = {0};
    uct_buf_adds(&doc, "When the call is placed it fails at once, and this is what the log shows:\n\n");
    wrap_into(&doc, text, width, how, lead, doubled);
    uct_buf_adds(&doc, "\nI cannot see what is wrong with it. Please have a look.\n");
    struct watch w = rewrite(uct_slice(doc.p, doc.n));
    const char *got = strchr(w.out.p, '\n');
    size_t n = strlen(text);
    while (n && text[n - 1] == '\n')
        n--;
    if (w.pieces != 1 || strcmp(w.formats, format) != 0 || strncmp(got + 1, text, n) != 0)
        fail_msg("width %zu, kind %d, lead '%s', doubled %d: got\n%s", width, (int)how, lead, doubled,
                 w.out.p);
    uct_buf_free(&w.out);
    uct_buf_free(&doc);
}

static void test_every_width(void **state)
{
    (void)state;
    static const struct {
        const char *text, *format;
    } records[] = {{lync, "lync-server "}, {dump, "expressway "}, {reply, "sip "}};
    for (size_t i = 0; i < 3; i++)
        for (size_t width = 64; width < 130; width++)
            for (int how = HARD; how <= WORDS; how++) {
                check_wrap(records[i].text, records[i].format, width, (enum wrap)how, "", false);
                check_wrap(records[i].text, records[i].format, width, (enum wrap)how, "", true);
                check_wrap(records[i].text, records[i].format, width, (enum wrap)how, "> ", false);
            }
}

/* ---- single decisions ---------------------------------------------------- */

static void expect(const char *doc, const char *formats, const char *has)
{
    struct watch w = rewrite(uct_slice_str(doc));
    if (strcmp(w.formats, formats) != 0 || (has && !strstr(w.out.p, has)))
        fail_msg("expected '%s' with '%s', got '%s'\n%s", formats, has ? has : "", w.formats, w.out.p);
    uct_buf_free(&w.out);
}

static void test_decisions(void **state)
{
    (void)state;
    expect("", "", NULL);
    expect("\n\n\n", "", NULL);
    /* A UUID whose halves stand on two lines. */
    expect("ms-diagnostics: 1;a=\"b\"\n\nSIP/2.0 504 x\nCall-ID: f1b3ad5d-183b-4632-b210-\nc2f9bec71960\n",
           "sip ", "\nCall-ID: f1b3ad5d-183b-4632-b210-c2f9bec71960\n");
    /* A result code cut in the middle, and one line as long as the longest. */
    expect(
        "TL_WARN(TF_DIAG) [a]0584.0A44::05/06/2024-07:30:12.335.0000773E (S,a::b:c(1)) [1] $$begin_record\n"
        "Result-Code: 0xc3e9\n3d6f NAME\n$$end_record\n",
        "lync-server ", "\nResult-Code: 0xc3e93d6f NAME\n");
    /* A key's name on two lines. */
    expect(
        "TL_WARN(TF_DIAG) [a]0584.0A44::05/06/2024-07:30:12.335.0000773E (S,a::b:c(1)) [1] $$begin_record\n"
        "SIP-Start-Line: INVITE sip:a@example.com SIP/2.0 SIP-\nCSeq: 7 INVITE\n$$end_record\n",
        "lync-server ", "\nSIP-CSeq: 7 INVITE\n");
    /* What is left of CSeq. */
    expect("SIP/2.0 504 Server time-out\nFrom: <sip:a@example.com>\n   INVITE Via: SIP/2.0/TLS 192.0.2.1\n",
           "sip ", "\nCSeq: 0 INVITE\nVia: SIP/2.0/TLS 192.0.2.1\n");
    /* A start line in a sentence, or alone, is none. */
    expect("SIP/2.0 504 Server time-out is what we get from the edge now.\n", "", NULL);
    expect("SIP/2.0 504 Server time-out\n\nthat is all.\n", "", NULL);
    expect("ms-diagnostics: 1009 means that no record matches.\n", "", NULL);
    /* Two families without prose between are two pieces. */
    expect(
        "ms-diagnostics: 1009;reason=\"x\"\n2024-05-06T09:30:12+02:00 vcse tvcs: Event=\"a\" Level=\"1\"\n",
        "sip expressway ", NULL);
    /* Curly quotes, no-break spaces and bold signs. */
    expect("**ms-diagnostics:** 1009;\xC2\xA0reason=\xE2\x80\x9Cx y\xE2\x80\x9D\n", "", NULL);
    expect("ms-diagnostics: 1009;\xC2\xA0reason=\xE2\x80\x9Cx y\xE2\x80\x9D\n", "sip ",
           "1009; reason=\"x y\"\n");
    /* A mark without its end takes keys only, no prose. */
    expect(
        "TL_WARN(TF_DIAG) [a]0584.0A44::05/06/2024-07:30:12.335.0000773E (S,a::b:c(1)) [1] $$begin_record\n"
        "Severity: warning\nthe rest is lost, sorry.\n",
        "lync-server ", "\nSeverity: warning\n");
    /* A letter and a colon are a header in a message only. */
    expect("i: the Call-ID is abc\nt: bob@example.com\nv: SIP/2.0 is what we speak\n", "", NULL);
    expect("SIP/2.0 504 x\nv: SIP/2.0/TLS 192.0.2.1;branch=z9hG4bK1\ni :a@b\nl: 0\n\nt: me\n", "sip ",
           "\ni :a@b\nl: 0\n");
    expect("SIP/2.0 504 x\nCall-ID\t:  a\nContent-Length : 0\n\nDate : today\n", "sip ",
           "\nCall-ID\t:  a\nContent-Length : 0\n");
    /* A folded header is one line; behind Content-Length nothing is folded. */
    expect("SIP/2.0 504 x\nCSeq: 7\n\tINVITE\nContent-Length: 0\n  Ann\n", "sip ",
           "\nCSeq: 7 INVITE\nContent-Length: 0\n");
    /* Several messages in one block of a client trace. */
    expect("05/06/2024|09:30:12.345 1F68:C14 INFO  :: SIP/2.0 100 Trying\nCall-ID: a\nContent-Length: 0\n\n"
           "SIP/2.0 504 Server time-out\nCall-ID: a\nContent-Length: 0\n\nThat was it.\n",
           "uccapi ", "\nSIP/2.0 504 Server time-out\nCall-ID: a\n");
}

/* ---- bids --------------------------------------------------------------- */

static int bid(const char *text)
{
    return uct_parser_excerpt.bid(uct_slice_str(text), true);
}

static void test_bids(void **state)
{
    (void)state;
    struct uct_buf b = {0};
    assert_int_equal(bid(""), 0);
    assert_int_equal(bid("some text\nand more\n"), 0);
    assert_int_equal(bid(lync), 0);
    assert_int_equal(bid(dump), 0);
    assert_int_equal(bid(reply), 0);
    /* Two formats, each pure, are no document. */
    uct_buf_adds(&b, dump);
    uct_buf_adds(&b, lync);
    assert_int_equal(bid(b.p), 0);
    /* A log that starts in the middle of a record is none either. */
    b.n = 0;
    uct_buf_adds(&b, "and the rest of a line\nm=audio 1\nfoo bar\n");
    uct_buf_adds(&b, dump);
    assert_int_equal(bid(b.p), 0);
    /* Prose behind a record is. */
    b.n = 0;
    uct_buf_adds(&b, lync);
    uct_buf_adds(&b, "What does that mean?\n");
    assert_true(bid(b.p) >= 200);
    /* One line in a hundred is forgiven. */
    b.n = 0;
    for (int i = 0; i < 20; i++)
        uct_buf_adds(&b, dump);
    uct_buf_adds(&b, "a line that lost its blank\n");
    assert_int_equal(bid(b.p), 0);
    /* Quoted, so no family can read it. */
    b.n = 0;
    wrap_into(&b, lync, 1000, HARD, "> ", false);
    assert_true(bid(b.p) >= 200);
    uct_buf_free(&b);
}

/* ---- time --------------------------------------------------------------- */

static void test_time_is_linear(void **state)
{
    (void)state;
    static const char *const units[] = {
        "ms-diagnostics: 1;\n", "a=\"b\";\n", "b0123-\n", "a \" b\n", "Via: <<< INVITE Via: ",
        "$$begin_record\n",
        "TL_WARN(TF_DIAG) [a]0584.0A44::05/06/2024-07:30:12.335.0000773E (S,a::b:c(1)) [1] $$begin_record\n",
        "> * `**a**`\n", "\n", "x\n\n", "UTCTime=\"2024 x=\"\n"
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct uct_buf b = {0};
        uct_buf_adds(&b, "SIP/2.0 504 x\nVia: a;\n");
        while (b.n < 3000000)
            uct_buf_adds(&b, units[i]);
        clock_t start = clock();
        struct watch w = rewrite(uct_slice(b.p, b.n));
        /* Some hundred times what it takes without sanitizers. */
        assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
        uct_buf_free(&w.out);
        uct_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fixtures), cmocka_unit_test(test_every_width),
                                       cmocka_unit_test(test_decisions), cmocka_unit_test(test_bids),
                                       cmocka_unit_test(test_time_is_linear)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
