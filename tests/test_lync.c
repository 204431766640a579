/* The parsers lync-server and windows-event on their fixtures: what they
 * read, what they say is wrong, and that no cut changes the rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

extern const struct uct_parser uct_parser_template;

static struct uct_intern *strings;
static struct uct_interest *interest;

static int set_up(void **state)
{
    static const char *const literals[] = {"DNS SRV", "certificate", "Exit -", "TLS ", "failed", "Failed",
                                           "body", "route", "stopped", "not imported"};
    static const uint32_t codes[] = {0xc3e93d6f, 0xc3e93c2f, 0xc3e8302d, 0x80090325};
    (void)state;
    strings = uct_intern_new();
    interest = uct_interest_new();
    for (uint16_t i = 0; i < sizeof literals / sizeof *literals; i++)
        uct_interest_add(interest, UCT_KEY_LITERAL, uct_slice_str(literals[i]), 0, (uint16_t)(i + 1));
    for (uint16_t i = 0; i < sizeof codes / sizeof *codes; i++)
        uct_interest_add(interest, UCT_KEY_RESULT, uct_slice("", 0), codes[i], (uint16_t)(i + 100));
    uct_interest_add(interest, UCT_KEY_WINEVENT, uct_slice("", 0), 12299, 200);
    uct_interest_add(interest, UCT_KEY_WINEVENT, uct_slice("", 0), 12, 201);
    return uct_interest_compile(interest) && strings ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    uct_interest_free(interest);
    uct_intern_free(strings);
    return 0;
}

static struct uct_slice load(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, UCT_SRCDIR "/testdata/%s", name);
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open '%s'", path);
    char *p = malloc(65536);
    assert_non_null(p);
    size_t n = fread(p, 1, 65536, f);
    fclose(f);
    char *exact = malloc(n);         /* no byte more, so that a read too far shows */
    assert_non_null(exact);
    memcpy(exact, p, n);
    free(p);
    return uct_slice(exact, n);
}

static size_t parse(const struct uct_parser *p, struct uct_chunk c, uint64_t offset, size_t limit,
                    struct uct_block *out)
{
    struct uct_writer_config config = {.strings = strings, .interest = interest, .record_limit = limit,
                                       .offset = offset};
    struct uct_writer *w = uct_writer_new(&config);
    struct uct_piece *pieces;
    size_t npieces;
    assert_non_null(w);
    size_t taken = p->parse(w, &c);
    assert_int_equal(uct_writer_finish(w, out, &pieces, &npieces), UCT_OK);
    assert_int_equal(npieces, 0);
    free(pieces);
    uct_writer_free(w);
    return taken;
}

static struct uct_block parse_whole(const struct uct_parser *p, struct uct_slice text)
{
    struct uct_block b;
    struct uct_chunk c = {.text = text, .first = true, .last = true};
    assert_int_equal(parse(p, c, 0, 1 << 20, &b), text.n);
    return b;
}

static struct uct_block parse_file(const struct uct_parser *p, const char *name)
{
    struct uct_slice text = load(name);
    assert_true(p->bid(text, true) >= UCT_BID_RECORD);
    struct uct_block b = parse_whole(p, text);
    free((char *)text.p);
    return b;
}

static void is_string(uint32_t id, const char *want)
{
    struct uct_slice s = uct_interned(strings, id);
    if (!uct_slice_eq(s, uct_slice_str(want)))
        fail_msg("'%.*s' is not '%s'", (int)s.n, s.p, want);
}

static void is_field(const struct uct_block *b, size_t kept, const char *name, const char *want)
{
    assert_true(kept < b->nkept);
    struct uct_slice s = uct_kept_field(b, strings, &b->kept[kept], uct_slice_str(name));
    if (!uct_slice_eq(s, uct_slice_str(want)))
        fail_msg("field %s of record %zu: '%.*s' is not '%s'", name, kept, (int)s.n, s.p, want);
}

static void is_sighting(const struct uct_block *b, size_t i, const char *call_id, bool not_routed)
{
    assert_true(i < b->nsightings);
    is_string(b->sightings[i].call_id, call_id);
    assert_int_equal(b->sightings[i].not_routed, not_routed);
}

/* ---- lync-server ------------------------------------------------------- */

static const struct uct_parser *const lync = &uct_parser_lync_server;

static void test_heads(void **state)
{
    static const char *const good[] = {
        ("TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::01/18/2012-05:00:43.101.00005386 "
         "(SIPStack,A::B:c.cpp(1))$$begin_record"),
        "TL_WARN(TF_DIAG) [p\\m]0584.0A44::03/02/2017-07:10:46.230.0000773E",
        "TL_NOISE(TF_A|TF_B) [3] 10584.0A44::03/02/2017-07:10:46.2301234.ffffffff (S4,x:y(1))",
    };
    static const char *const bad[] = {
        "", "TL_", "TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::",
        ("# 01/08/2022-11:36:14.354 [0x000021ac] - --> Message to Send "
         "(Dest Address IP:  192.0.2.2:4165):$$begin_record"),
        "TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::13/18/2012-05:00:43.101.00005386 (SIPStack,A::B:c.cpp(1))",
        " TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::01/18/2012-05:00:43.101.00005386 (SIPStack,A::B:c.cpp(1))",
        "TL_info(TF_PROTOCOL) [0]06E4.0EB4::01/18/2012-05:00:43.101.00005386 (SIPStack,A::B:c.cpp(1))",
        "TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::01/18/2012-05:00:43.101.00005386x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(lync->head(uct_slice_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(lync->head(uct_slice_str(bad[i])));
    assert_int_equal(lync->bid(uct_slice_str(bad[3]), true), 0);
    assert_int_equal(lync->bid(uct_slice("", 0), true), 0);
}

static void test_diag(void **state)
{
    (void)state;
    struct uct_block b = parse_file(lync, "lync-server/good-diag.log");
    assert_int_equal(b.nrecords, 3);
    assert_int_equal(b.nunparsed, 0);
    assert_int_equal(b.nmsgs, 0);
    assert_int_equal(b.basis, UCT_BASIS_ASSUMED_UTC);
    assert_int_equal(b.first, uct_time_civil(2017, 3, 2, 7, 10, 46, 230));
    is_string(b.host, "EDGE1");
    assert_int_equal(b.nsightings, 2);
    is_sighting(&b, 0, "11111111-2222-3333-4444-555555555555", true);
    is_string(b.sightings[0].ruri, "sip:bob@example.net");
    is_string(b.sightings[0].method, "INVITE");
    assert_int_equal(b.sightings[0].cseq, 4000000001u);
    is_sighting(&b, 1, "aaaa@192.0.2.1", true);
    is_string(b.sightings[1].method, "SUBSCRIBE");
    assert_int_equal(b.nkept, 3);
    assert_int_equal(b.kept[0].kind, UCT_KIND_TRACE);
    assert_int_equal(b.kept[0].line, 1);
    assert_int_equal(b.kept[1].line, 12);
    is_string(b.kept[0].call_id, "11111111-2222-3333-4444-555555555555");
    is_field(&b, 0, "text",
             "The domain of the message resolved by DNS SRV but none of the FQDNs is in the same domain");
    is_field(&b, 0, "result", "0xc3e93d6f");
    is_field(&b, 0, "result-name", "SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH");
    is_field(&b, 0, "start-line", "INVITE sip:bob@example.net;user=phone SIP/2.0");
    is_field(&b, 0, "cseq", "4000000001 INVITE");
    is_field(&b, 0, "peer", "vcse.example.com");
    is_field(&b, 0, "peer-port", "25002");
    is_field(&b, 0, "component", "SIPStack");
    is_field(&b, 0, "function", "SIPAdminLog::WriteDiagnosticEvent");
    is_field(&b, 0, "level", "TL_WARN");
    is_field(&b, 0, "flag", "TF_DIAG");
    is_field(&b, 0, "severity", "warning");
    is_field(&b, 0, "domain", "meet.example.com");
    is_field(&b, 0, "fqdn1", "vcse.example.com:5061");
    is_field(&b, 1, "peer", "2001:db8::1");
    is_field(&b, 1, "expected-fqdn", "meet.example.com");
    is_field(&b, 1, "certname", "vcse.example.com:5061");
    is_field(&b, 1, "info", "Say \"no\" here; really");
    is_field(&b, 1, "hop-count", "3");
    is_field(&b, 2, "result", "0x80072746");
    is_field(&b, 2, "result-name", "WSAECONNRESET");
    is_field(&b, 2, "connection-id", "0x6B00");
    is_field(&b, 2, "peer-type", "FederatedPartner");
    assert_false(b.kept[2].not_routed);
    uct_block_free(&b);
}

static void test_protocol(void **state)
{
    (void)state;
    struct uct_block b = parse_file(lync, "lync-server/good-protocol.log");
    assert_int_equal(b.nrecords, 3);
    assert_int_equal(b.nmsgs, 3);
    const struct uct_msg *m = b.msgs;
    is_string(m[0].method, "INVITE");
    is_string(m[0].call_id, "call-1");
    is_string(m[0].from, "sip:alice@example.net");
    is_string(m[0].remote, "vcse.example.com:5061");
    is_string(m[0].process, "SIPStack");
    assert_int_equal(m[0].dir, UCT_DIR_OUT);
    assert_int_equal(m[0].sdp, 2);
    assert_int_equal(m[0].cseq, 1);
    assert_int_equal(m[1].status, 488);
    assert_int_equal(m[1].dir, UCT_DIR_IN);
    assert_int_equal(m[1].sdp, 0);
    assert_int_equal(m[1].line, 19);
    assert_true(m[1].branch != 0 && m[1].branch == m[0].branch);
    is_string(m[2].call_id, "call-2");
    assert_int_equal(m[2].dir, UCT_DIR_UNKNOWN);
    uct_block_free(&b);
}

static void test_s4(void **state)
{
    (void)state;
    struct uct_block b = parse_file(lync, "lync-server/good-s4.log");
    assert_int_equal(b.nrecords, 3);
    assert_int_equal(b.nmsgs, 3);
    assert_int_equal(b.nunparsed, 0);
    assert_int_equal(b.msgs[0].dir, UCT_DIR_OUT);
    assert_int_equal(b.msgs[1].dir, UCT_DIR_IN);
    assert_int_equal(b.msgs[1].status, 504);
    for (size_t i = 0; i < 3; i++) {
        is_string(b.msgs[i].local, "192.0.2.1:5061");
        is_string(b.msgs[i].remote, i < 2 ? "192.0.2.2:52030" : "192.0.2.3:40000");
        is_string(b.msgs[i].process, "S4");
        assert_int_equal(b.msgs[i].sight, UCT_SIGHT_TEXT);
    }
    uct_block_free(&b);
}

static void test_component(void **state)
{
    (void)state;
    struct uct_block b = parse_file(lync, "lync-server/good-component.log");
    assert_int_equal(b.nrecords, 5);
    assert_int_equal(b.nunparsed, 0);
    assert_int_equal(b.nkept, 2);
    is_field(&b, 0, "text",
             "Exit - route headers from untrusted source. Result 0xC3E93C5E(SIPPROXY_E_ROUTING)");
    is_field(&b, 0, "result", "0xc3e93c5e");
    is_field(&b, 0, "result-name", "SIPPROXY_E_ROUTING");
    is_field(&b, 1, "text",
             "Exit - domain [example.org] is unknown and DNS SRV results did not match anything");
    assert_int_equal(b.nsightings, 0);
    uct_block_free(&b);
}

static void test_wrapped(void **state)
{
    (void)state;
    struct uct_block b = parse_file(lync, "lync-server/good-wrapped.log");
    assert_int_equal(b.nrecords, 3);
    assert_int_equal(b.nsightings, 3);
    is_sighting(&b, 0, "11111111-2222-3333-4444-555555555555", true);
    is_sighting(&b, 1, "glued-1", true);
    is_sighting(&b, 2, "glued-2", true);
    assert_int_equal(b.sightings[2].line, 8);
    is_field(&b, 0, "text",
             "The domain of the message resolved by DNS SRV but none of the FQDNs is in the same domain");
    is_field(&b, 0, "function", "SIPAdminLog::WriteDiagnosticEvent");
    is_field(&b, 0, "peer", "vcse.example.com");
    is_field(&b, 0, "fqdn1", "vcse.example.com:5061");
    uct_block_free(&b);
}

static void test_frames(void **state)
{
    (void)state;
    struct uct_block b = parse_file(lync, "lync-server/bad-frame.log");
    assert_int_equal(b.nrecords, 4);
    assert_int_equal(b.nunparsed, 3);
    assert_int_equal(b.unparsed_line, 11);
    assert_int_equal(b.notes[UCT_NOTE_NO_END], 1);
    assert_int_equal(b.note_line[UCT_NOTE_NO_END], 1);
    assert_int_equal(b.notes[UCT_NOTE_ORPHAN_END], 2);
    assert_int_equal(b.notes[UCT_NOTE_TIME_BACK], 1);
    assert_int_equal(b.note_line[UCT_NOTE_TIME_BACK], 17);
    assert_int_equal(b.notes[UCT_NOTE_CUT_BEGIN] + b.notes[UCT_NOTE_CUT_END], 0);
    is_sighting(&b, 0, "no-end", false);
    is_sighting(&b, 1, "no-begin", true);
    is_sighting(&b, 2, "no-header", true);
    uct_block_free(&b);

    b = parse_file(lync, "lync-server/truncated-begin.log");
    assert_int_equal(b.nrecords, 1);
    assert_int_equal(b.nunparsed, 0);
    assert_int_equal(b.notes[UCT_NOTE_CUT_BEGIN], 1);
    assert_int_equal(b.notes[UCT_NOTE_ORPHAN_END], 0);
    uct_block_free(&b);

    b = parse_file(lync, "lync-server/truncated-end.log");
    assert_int_equal(b.nrecords, 2);
    assert_int_equal(b.notes[UCT_NOTE_CUT_END], 1);
    assert_int_equal(b.note_line[UCT_NOTE_CUT_END], 5);
    uct_block_free(&b);
}

/* A header cut by the end of the log, and a chunk cut by force. */
static void test_chunk_flags(void **state)
{
    static const char whole[] =
        "TL_INFO(TF_A) [p\\E]0584.0A44::03/02/2017-07:10:46.000.00000001 (S,W:S.cpp(1)) [1] $$begin_record\n"
        "Text: x\n$$end_record\n";
    char text[512];
    struct uct_block b;
    (void)state;
    int n = snprintf(text, sizeof text, "%sTL_INFO(TF_A) [p", whole);
    b = parse_whole(lync, uct_slice(text, (size_t)n));
    assert_int_equal(b.nunparsed, 0);
    assert_int_equal(b.notes[UCT_NOTE_CUT_END], 1);
    uct_block_free(&b);

    n = snprintf(text, sizeof text, "rest of a record\n$$end_record\n%s", whole);
    parse(lync, (struct uct_chunk){.text = uct_slice(text, (size_t)n), .continued = true}, 0, 1 << 20, &b);
    assert_int_equal(b.nrecords, 1);
    assert_int_equal(b.nunparsed, 0);
    for (int i = 0; i < UCT_NOTE_NNOTES; i++)
        assert_int_equal(b.notes[i], 0);
    uct_block_free(&b);

    struct uct_slice open = uct_slice(whole, sizeof whole - 1 - sizeof "$$end_record");
    parse(lync, (struct uct_chunk){.text = open, .first = true, .cut = true}, 0, 64, &b);
    assert_int_equal(b.notes[UCT_NOTE_NO_END] + b.notes[UCT_NOTE_CUT_END], 0);
    assert_int_equal(b.notes[UCT_NOTE_LONG_RECORD], 1);
    uct_block_free(&b);
}

/* ---- windows-event ----------------------------------------------------- */

static const struct uct_parser *const winevent = &uct_parser_windows_event;

static void test_event_heads(void **state)
{
    static const char *const good[] = {"Log Name:      Lync Server", "   Log Name: Application ",
                                       "Event Type:\tError", "Event ID: 32263", "Event ID:      14428 "};
    static const char *const bad[] = {"Log Name:", "Event Type: of a party", "Event ID: unknown",
                                      "Event ID: 123456", "Event ID: 12a", "the Event ID: 12", "Source: x",
                                      "Time: 1/31/2011 9:56:24 AM", "Level: Error"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(winevent->head(uct_slice_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(winevent->head(uct_slice_str(bad[i])));
}

static void test_event_layouts(void **state)
{
    (void)state;
    struct uct_block b = parse_file(winevent, "windows-event/good-viewer.log");
    assert_int_equal(b.nrecords, 2);
    assert_int_equal(b.nunparsed, 0);
    assert_int_equal(b.basis, UCT_BASIS_ASSUMED_UTC);
    assert_int_equal(b.first, uct_time_civil(2014, 3, 13, 14, 25, 38, 0));
    is_string(b.host, "EDGE1.example.com");
    assert_int_equal(b.kept[0].kind, UCT_KIND_WINEVENT);
    is_field(&b, 0, "id", "14428");
    is_field(&b, 0, "source", "LS Protocol Stack");
    is_field(&b, 0, "level", "Error");
    is_field(&b, 0, "computer", "EDGE1.example.com");
    is_field(&b, 0, "log", "Lync Server");
    is_field(&b, 0, "category", "(1001)");
    is_field(&b, 0, "result", "0x80090322");
    is_field(&b, 0, "result-name", "SEC_E_WRONG_PRINCIPAL");
    is_field(&b, 1, "id", "12330");
    is_field(&b, 1, "result", "0xc3e8302d");
    is_field(&b, 1, "computer", "");
    assert_int_equal(b.kept[1].time, UCT_NO_TIME);
    uct_block_free(&b);

    b = parse_file(winevent, "windows-event/good-2003.log");
    assert_int_equal(b.nrecords, 2);
    assert_int_equal(b.first, uct_time_civil(2009, 3, 13, 14, 25, 38, 0));
    assert_int_equal(b.last, uct_time_civil(2009, 12, 25, 14, 25, 38, 0));
    is_field(&b, 0, "source", "OCS Protocol Stack");
    is_field(&b, 1, "text", "The key was not imported.");
    uct_block_free(&b);

    b = parse_file(winevent, "windows-event/good-one-line.log");
    assert_int_equal(b.nrecords, 2);
    is_field(&b, 0, "id", "30006");
    is_field(&b, 0, "text", "Failed to update the list. Level: of detail stays. Cause: none.");
    is_field(&b, 1, "id", "32136");
    is_field(&b, 1, "text", "First run failed with the Log Name: in it.");
    uct_block_free(&b);

    b = parse_file(winevent, "windows-event/good-console.log");
    assert_int_equal(b.nrecords, 2);
    assert_int_equal(b.first, uct_time_civil(2011, 1, 31, 9, 56, 24, 0));
    assert_int_equal(b.last, uct_time_civil(2011, 1, 31, 10, 0, 0, 0));
    is_field(&b, 0, "id", "12299");
    is_field(&b, 0, "computer", "FE1.example.com");
    is_field(&b, 0, "result", "0x80070005");
    uct_block_free(&b);

    b = parse_file(winevent, "windows-event/good-xml.log");
    assert_int_equal(b.nrecords, 1);
    assert_int_equal(b.nunparsed, 0);
    is_field(&b, 0, "text", "A TLS failure occurred. The error code = 0x80131500.");
    uct_block_free(&b);

    b = parse_file(winevent, "windows-event/good-bare.log");
    assert_int_equal(b.nrecords, 2);
    assert_int_equal(b.basis, UCT_BASIS_NONE);
    is_field(&b, 0, "id", "32263");
    is_field(&b, 0, "result-name", "SIPPROXY_E_UNKNOWN_USER_OR_EPID");
    uct_block_free(&b);
}

static void test_event_sip(void **state)
{
    (void)state;
    struct uct_block b = parse_file(winevent, "windows-event/good-sip.log");
    assert_int_equal(b.nrecords, 2);
    assert_int_equal(b.nmsgs, 2);
    is_string(b.msgs[0].call_id, "stale-1");
    is_string(b.msgs[0].remote, "192.0.2.5:50000");
    is_string(b.msgs[1].call_id, "raw-1");
    assert_int_equal(b.msgs[1].line, 21);
    uct_block_free(&b);
}

static void test_event_dates(void **state)
{
    (void)state;
    struct uct_block b = parse_file(winevent, "windows-event/bad-dates.log");
    assert_int_equal(b.nrecords, 4);
    assert_int_equal(b.nunparsed, 1);
    assert_int_equal(b.first, uct_time_civil(2014, 4, 4, 14, 25, 0, 0));
    assert_int_equal(b.last, b.first);
    uct_block_free(&b);

    b = parse_file(winevent, "windows-event/truncated-header.log");
    assert_int_equal(b.nrecords, 1);
    is_field(&b, 0, "id", "12");
    uct_block_free(&b);
}

/* ---- both -------------------------------------------------------------- */

static void say(struct uct_buf *out, uint32_t id)
{
    struct uct_slice s = uct_interned(strings, id);
    uct_buf_addc(out, ' ');
    uct_buf_add(out, s.p, s.n);
}

/* All that a block says, but for the notes on time: those look back past the
 * start of a chunk. */
static void print_messages(struct uct_buf *out, const struct uct_block *b, bool places)
{
    for (size_t i = 0; i < b->nmsgs; i++) {
        const struct uct_msg *m = &b->msgs[i];
        uct_buf_addf(out, "msg %lld %u %u %u %u", (long long)m->time, m->line, m->cseq, m->status, m->dir);
        if (places)
            uct_buf_addf(out, " %llu+%u", (unsigned long long)m->offset, m->length);
        say(out, m->call_id);
        say(out, m->remote);
        uct_buf_adds(out, "\n");
    }
}

static void print_sightings(struct uct_buf *out, const struct uct_block *b)
{
    for (size_t i = 0; i < b->nsightings; i++) {
        const struct uct_sighting *s = &b->sightings[i];
        uct_buf_addf(out, "sighting %lld %u %u", (long long)s->time, s->line, s->not_routed);
        say(out, s->call_id);
        uct_buf_adds(out, "\n");
    }
}

static void print_kept(struct uct_buf *out, const struct uct_block *b, bool places)
{
    for (size_t i = 0; i < b->nkept; i++) {
        const struct uct_kept *k = &b->kept[i];
        uct_buf_addf(out, "kept %u %lld %u %u", k->kind, (long long)k->time, k->line, k->not_routed);
        if (places)
            uct_buf_addf(out, " %llu+%u", (unsigned long long)k->offset, k->length);
        for (uint32_t f = 0; f < k->nfields; f++) {
            say(out, b->fields[k->fields + f].name);
            say(out, b->fields[k->fields + f].value);
        }
        uct_buf_adds(out, "\n");
    }
}

struct counts {
    uint64_t records, unparsed;
    uint32_t notes[UCT_NOTE_NNOTES];
};

static void add_counts(struct counts *c, const struct uct_block *b)
{
    c->records += b->nrecords;
    c->unparsed += b->nunparsed;
    for (int i = 0; i < UCT_NOTE_NNOTES; i++)
        c->notes[i] += i == UCT_NOTE_TIME_BACK ? 0 : b->notes[i];
}

/* Cuts text at `at` (0: not at all) and prints what both parts say. */
static void print_cut(const struct uct_parser *p, struct uct_slice text, size_t at, bool places,
                      struct uct_buf *out)
{
    struct uct_block b[2] = {0};
    struct counts c = {0};
    uint64_t lines = 0;
    for (size_t i = 0; i < at; i++)
        lines += text.p[i] == '\n';
    struct uct_chunk head = {.text = uct_slice(text.p, at), .first = true};
    struct uct_chunk tail = {.text = uct_slice(text.p + at, text.n - at), .first = at == 0, .last = true};
    if (at)
        assert_int_equal(parse(p, head, 0, 1 << 20, &b[0]), at);
    assert_int_equal(parse(p, tail, at, 1 << 20, &b[1]), text.n - at);
    uct_block_rebase(&b[1], lines);
    for (int i = 0; i < 2; i++)
        print_messages(out, &b[i], places);
    for (int i = 0; i < 2; i++)
        print_sightings(out, &b[i]);
    for (int i = 0; i < 2; i++)
        print_kept(out, &b[i], places);
    for (int i = 0; i < 2; i++)
        add_counts(&c, &b[i]);
    uct_buf_addf(out, "records %llu unparsed %llu notes", (unsigned long long)c.records,
                 (unsigned long long)c.unparsed);
    for (int i = 0; i < UCT_NOTE_NNOTES; i++)
        uct_buf_addf(out, " %u", c.notes[i]);
    uct_block_free(&b[0]);
    uct_block_free(&b[1]);
}

static void check_cuts(const struct uct_parser *p, const char *name)
{
    struct uct_slice text = load(name);
    struct uct_buf whole = {0};
    print_cut(p, text, 0, true, &whole);
    for (size_t window = 1; window <= text.n; window++) {
        size_t at = p->split(uct_slice(text.p, window));
        if (at == 0 || (window > 1 && at == p->split(uct_slice(text.p, window - 1))))
            continue;
        struct uct_buf cut = {0};
        print_cut(p, text, at, true, &cut);
        if (cut.n != whole.n || memcmp(cut.p, whole.p, cut.n) != 0)
            fail_msg("%s cut at %zu: %s\nis not\n%s", name, at, cut.p, whole.p);
        uct_buf_free(&cut);
    }
    uct_buf_free(&whole);
    free((char *)text.p);
}

/* LF and CRLF say the same. */
static void check_crlf(const struct uct_parser *p, const char *name)
{
    struct uct_slice text = load(name);
    struct uct_buf crlf = {0}, one = {0}, two = {0};
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n')
            uct_buf_addc(&crlf, '\r');
        uct_buf_addc(&crlf, text.p[i]);
    }
    print_cut(p, text, 0, false, &one);
    print_cut(p, uct_slice(crlf.p, crlf.n), 0, false, &two);
    if (one.n != two.n || memcmp(one.p, two.p, one.n) != 0)
        fail_msg("%s with CRLF: %s\nis not\n%s", name, two.p, one.p);
    uct_buf_free(&crlf);
    uct_buf_free(&one);
    uct_buf_free(&two);
    free((char *)text.p);
}

/* Any prefix, with any record limit, is read without harm. */
static void check_prefixes(const struct uct_parser *p, const char *name)
{
    struct uct_slice text = load(name);
    for (size_t n = 0; n <= text.n; n += 7) {
        char *exact = malloc(n + 1);
        struct uct_block b;
        assert_non_null(exact);
        memcpy(exact + 1, text.p, n);
        struct uct_chunk c = {.text = uct_slice(exact + 1, n), .first = true, .last = n % 2};
        c.cut = n % 3 == 0;
        parse(p, c, 0, n % 5 ? 1 << 20 : n % 300, &b);
        uct_block_free(&b);
        p->split(c.text);
        p->bid(c.text, false);
        free(exact);
    }
    free((char *)text.p);
}

static void test_cuts(void **state)
{
    static const char *const traces[] = {"good-diag", "good-protocol", "good-s4", "good-component",
                                         "good-wrapped",
                                         "bad-frame", "truncated-begin", "truncated-end"};
    static const char *const events[] = {"good-viewer", "good-2003", "good-one-line", "good-console",
                                         "good-xml",
                                         "good-bare", "good-sip", "bad-dates", "truncated-header"};
    char name[128];
    (void)state;
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        snprintf(name, sizeof name, "lync-server/%s.log", traces[i]);
        check_cuts(lync, name);
        check_crlf(lync, name);
        check_prefixes(lync, name);
        check_prefixes(winevent, name);
    }
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        snprintf(name, sizeof name, "windows-event/%s.log", events[i]);
        check_cuts(winevent, name);
        check_crlf(winevent, name);
        check_prefixes(winevent, name);
        check_prefixes(lync, name);
    }
}

/* Another format's head ends what a parser takes. */
static void test_hand_over(void **state)
{
    static const char trace[] =
        "TL_INFO(TF_A) [p\\E]0584.0A44::03/02/2017-07:10:46.000.00000001 (S,W:S.cpp(1)) [1] $$begin_record\n"
        "Log Name: inside a body this is text\n$$end_record\n";
    static const char event[] =
        "Log Name:      Lync Server\nSource:  LS Server\nEvent ID: 1\nDescription:\nText.\n";
    char text[1024];
    struct uct_block b;
    (void)state;
    int n = snprintf(text, sizeof text, "%s%s%s", trace, event, trace);
    struct uct_chunk c = {.text = uct_slice(text, (size_t)n), .first = true, .last = true};
    assert_int_equal(parse(lync, c, 0, 1 << 20, &b), sizeof trace - 1);
    assert_int_equal(b.nrecords, 1);
    uct_block_free(&b);
    c.text = uct_slice(text + sizeof trace - 1, (size_t)n - (sizeof trace - 1));
    assert_int_equal(parse(winevent, c, 0, 1 << 20, &b), sizeof event - 1);
    assert_int_equal(b.nrecords, 1);
    uct_block_free(&b);
}

/* Inputs that would take quadratic time from a careless reader. */
static void test_pathological(void **state)
{
    static const char *const pieces[] = {
        "TL_A(B) [0]1.1::01/18/2012-05:00:43.101.1 (S,x:y(1)) $$end_record ", "$$end_record ",
        "$$begin_record ",
        "Text: \"", "a\n", "No Format Information found.\nx\n", "Data: a=\"b\"   ",
        " Log Name: x Event ID: 1 Source: y",
        " Log Name: x", " Event Type: Error", "Time: 1/31/2011 1:1\n", "Event ID: 1\nx\n",
        "TL_A(B) [0]1.1::01/18/2012-05:00:43.101.1 (S,x:y(1))\n>>>>Outgoing SipMessage\n",
        "                ", "\"=;",
    };
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct uct_buf t = {0};
        uct_buf_adds(&t, "TL_A(B) [0]1.1::01/18/2012-05:00:43.101.1 (S,x:y(1)) ");
        while (t.n < 2 << 20)
            uct_buf_adds(&t, pieces[i]);
        struct uct_block b;
        struct uct_chunk c = {.text = uct_slice(t.p, t.n), .first = true, .last = true};
        parse(lync, c, 0, 1 << 20, &b);
        uct_block_free(&b);
        memcpy(t.p, "Log Name: Lync Server\nEvent ID: 1\n", 34);
        parse(winevent, c, 0, 1 << 20, &b);
        uct_block_free(&b);
        uct_buf_free(&t);
    }
}

static void test_template(void **state)
{
    static const char text[] =
        "2024-01-31T10:00:00.000Z example[42]: connection failed: 0x80090325\n  more\nnothing\n"
                               "2024-01-31T10:00:01.000Z example[42]: fine\n";
    (void)state;
    struct uct_slice s = uct_slice(text, sizeof text - 1);
    assert_int_equal(uct_parser_template.bid(s, true), UCT_BID_RECORD + UCT_BID_MORE);
    struct uct_block b = parse_whole(&uct_parser_template, s);
    assert_int_equal(b.nrecords, 2);
    assert_int_equal(b.nunparsed, 1);
    assert_int_equal(b.nkept, 1);
    is_field(&b, 0, "text", "connection failed: 0x80090325");
    uct_block_free(&b);
    struct uct_buf whole = {0}, cut = {0};
    print_cut(&uct_parser_template, s, 0, true, &whole);
    print_cut(&uct_parser_template, s, uct_parser_template.split(s), true, &cut);
    assert_string_equal(whole.p, cut.p);
    uct_buf_free(&whole);
    uct_buf_free(&cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_diag),
        cmocka_unit_test(test_protocol),
        cmocka_unit_test(test_s4),
        cmocka_unit_test(test_component),
        cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_chunk_flags),
        cmocka_unit_test(test_event_heads),
        cmocka_unit_test(test_event_layouts),
        cmocka_unit_test(test_event_sip),
        cmocka_unit_test(test_event_dates),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_hand_over),
        cmocka_unit_test(test_pathological),
        cmocka_unit_test(test_template),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
