/* parsers/uccapi: what of a client's trace becomes messages, records and notes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "parser.h"

#define P "01/15/2012|12:52:01."

struct run {
    struct uct_intern *strings;
    struct uct_interest *interest;
    struct uct_writer *w;
    struct uct_block b;
    size_t taken;
};

static void parse_chunk(struct run *r, struct uct_chunk c, size_t limit)
{
    struct uct_piece *pieces;
    size_t npieces;
    *r = (struct run){.strings = uct_intern_new(), .interest = uct_interest_new()};
    uct_interest_add(r->interest, UCT_KEY_RESULT, uct_slice("", 0), 0x80ee0061u, 7);
    uct_interest_add(r->interest, UCT_KEY_RESULT, uct_slice("", 0), 0x80090322u, 8);
    uct_interest_add(r->interest, UCT_KEY_LITERAL, UCT_S("gethostbyname failed for host"), 0, 9);
    assert_true(uct_interest_compile(r->interest));
    struct uct_writer_config config = {.strings = r->strings, .interest = r->interest, .record_limit = limit};
    r->w = uct_writer_new(&config);
    /* An exact copy on the heap, so that a byte too far is seen. */
    char *copy = malloc(c.text.n ? c.text.n : 1);
    memcpy(copy, c.text.p, c.text.n);
    c.text.p = copy;
    r->taken = uct_parser_uccapi.parse(r->w, &c);
    free(copy);
    assert_int_equal(uct_writer_finish(r->w, &r->b, &pieces, &npieces), UCT_OK);
    assert_int_equal(npieces, 0);
    free(pieces);
}

static void parse_text(struct run *r, const char *text)
{
    parse_chunk(r, (struct uct_chunk){.text = uct_slice_str(text), .first = true, .last = true}, 1 << 20);
}

static void done(struct run *r)
{
    uct_writer_free(r->w);
    uct_block_free(&r->b);
    uct_interest_free(r->interest);
    uct_intern_free(r->strings);
}

static void same(const struct run *r, uint32_t id, const char *want)
{
    struct uct_slice s = uct_interned(r->strings, id);
    char got[256];
    snprintf(got, sizeof got, "%.*s", (int)s.n, s.n ? s.p : "");
    assert_string_equal(got, want);
}

static void field(const struct run *r, size_t i, const char *name, const char *want)
{
    struct uct_slice s = uct_kept_field(&r->b, r->strings, &r->b.kept[i], uct_slice_str(name));
    char got[512];
    snprintf(got, sizeof got, "%.*s", (int)s.n, s.n ? s.p : "");
    assert_string_equal(got, want);
}

static char *fixture(const char *name, size_t *n)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/testdata/uccapi/%s", UCT_SRCDIR, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *p = malloc(1 << 20);
    *n = fread(p, 1, 1 << 20, f);
    fclose(f);
    return p;
}

static void parse_fixture(struct run *r, const char *name)
{
    size_t n;
    char *p = fixture(name, &n);
    parse_chunk(r, (struct uct_chunk){.text = uct_slice(p, n), .first = true, .last = true}, 1 << 20);
    free(p);
}

/* ---- fixtures ---------------------------------------------------------- */

static void a_failed_call(void **state)
{
    struct run r;
    (void)state;
    parse_fixture(&r, "good-invite-504.log");
    assert_int_equal(r.b.nmsgs, 3);
    assert_int_equal(r.b.nunparsed, 0);
    const struct uct_msg *invite = &r.b.msgs[0], *trying = &r.b.msgs[1], *fail = &r.b.msgs[2];
    same(&r, invite->method, "INVITE");
    same(&r, invite->call_id, "f00dfeedcafe4711");
    same(&r, invite->local, "192.0.2.9:20323");
    same(&r, invite->remote, "192.0.2.1:5061");
    assert_int_equal(invite->dir, UCT_DIR_OUT);
    assert_int_equal(invite->sight, UCT_SIGHT_TEXT);
    assert_int_equal(invite->sdp, 1);
    assert_int_equal(invite->line, 3);
    assert_int_equal(trying->status, 100);
    assert_int_equal(trying->dir, UCT_DIR_IN);
    assert_int_equal(fail->status, 504);
    assert_int_equal(fail->diag, 1);
    char stamp[32];
    assert_string_equal(uct_time_format(fail->time, stamp), "2012-01-15T12:52:01.920Z");
    assert_int_equal(r.b.basis, UCT_BASIS_ASSUMED_UTC);
    for (int i = 0; i < UCT_NOTE_NNOTES; i++)
        assert_int_equal(r.b.notes[i], 0);
    done(&r);
}

static void lines_with_codes(void **state)
{
    struct run r;
    (void)state;
    parse_fixture(&r, "good-trace-lines.log");
    assert_int_equal(r.b.nmsgs, 0);
    assert_int_equal(r.b.nkept, 4);
    for (size_t i = 0; i < r.b.nkept; i++)
        assert_int_equal(r.b.kept[i].kind, UCT_KIND_CODE);
    field(&r, 0, "result", "0x80ee0061");
    field(&r, 0, "function", "CUccPlatform::Connect");
    field(&r, 0, "level", "ERROR");
    field(&r, 1, "result", "0x80090322");
    field(&r, 1, "result-name", "SEC_E_WRONG_PRINCIPAL");
    field(&r, 1, "function", "SECURE_SOCKET::Negotiate");
    field(&r, 2, "function", "");
    field(&r, 2, "text", "gethostbyname failed for host edge.example.com");
    field(&r, 2, "level", "WARN");
    field(&r, 3, "result", "0x80ee0061");
    field(&r, 3, "level", "INFO");
    assert_int_equal(r.b.notes[UCT_NOTE_LOST_TEXT], 1);
    assert_int_equal(r.b.nunparsed, 0);
    done(&r);
}

static void several_messages_in_a_packet(void **state)
{
    struct run r;
    (void)state;
    parse_fixture(&r, "good-two-in-one.log");
    assert_int_equal(r.b.nmsgs, 3);
    assert_int_equal(r.b.msgs[0].status, 200);
    assert_int_equal(r.b.msgs[0].dir, UCT_DIR_IN);
    same(&r, r.b.msgs[1].method, "NOTIFY");          /* its body quotes a status line */
    same(&r, r.b.msgs[1].remote, "[2001:db8::1]:5061");
    same(&r, r.b.msgs[2].method, "BYE");             /* glued to the body before it */
    assert_int_equal(r.b.nunparsed, 0);
    done(&r);
}

static void starts_and_ends_in_a_message(void **state)
{
    struct run r;
    (void)state;
    parse_fixture(&r, "truncated-both-ends.log");
    assert_int_equal(r.b.notes[UCT_NOTE_CUT_BEGIN], 1);
    assert_int_equal(r.b.notes[UCT_NOTE_CUT_END], 1);
    assert_int_equal(r.b.nunparsed, 3);
    assert_int_equal(r.b.unparsed_line, 1);
    assert_int_equal(r.b.nmsgs, 1);
    done(&r);
}

/* ---- shapes ------------------------------------------------------------ */

static void prefixes(void **state)
{
    bool (*head)(struct uct_slice) = uct_parser_uccapi.head;
    (void)state;
    assert_true(head(UCT_S("04/16/2013|03:17:30.168 1F68:C14 INFO  :: x")));
    assert_true(head(UCT_S("04/16/2013|03:17:30.168 1F68:C14 INFO :: x")));
    assert_true(head(UCT_S("04/16/2013|03:17:30.168 1F68:C14 TRACE :: ")));
    assert_true(head(UCT_S("04/16/2013|03:17:30.168 1F68:C14 ????? ::")));
    assert_true(head(UCT_S("04/16/2013|03:17:30.168 1:2 INFO ::")));
    assert_true(head(UCT_S("04/16/2013|03:17:30.168 0.123456 1F68:C14 WARN  :: x")));
    assert_false(
        head(UCT_S("16/04/2013|03:17:30.168 1F68:C14 INFO  :: month first, also on German machines")));
    assert_false(head(UCT_S("04/16/2013|03:17:30.168 1F68:C14 HELLO :: x")));
    assert_false(head(UCT_S("04/16/2013|03:17:30.168 1F68-C14 INFO  :: x")));
    assert_false(head(UCT_S("04/16/2013|03:17:30.168 1F68:123456789 INFO  :: x")));
    assert_false(head(UCT_S("04/16/2013 03:17:30.168 1F68:C14 INFO  :: a blank where the bar belongs")));
    assert_false(head(UCT_S(" 04/16/2013|03:17:30.168 1F68:C14 INFO  :: x")));
    assert_false(head(UCT_S("")));
}

static void orphans_and_keepalives(void **state)
{
    struct run r;
    (void)state;
    parse_text(
        &r, "module=example flavor=fre version=1.2.3\n" P
            "001 A:B INFO  :: Sending Packet - 192.0.2.1:5061 (From Local Address: 192.0.2.9:1) 4 bytes\n" P
            "001 A:B INFO  :: ==== WHITESPACE SENT ====\n" P
            "001 A:B INFO  :: End of Sending Packet - 192.0.2.1:5061 (From Local Address: 192.0.2.9:1)\n" P
            "002 A:B TRACE :: BYE sip:a@example.com SIP/2.0\r\nCall-ID: x\r\nCSeq: 2 BYE\r\n\r\n" P
            "003 A:B INFO  :: End of Data Received -192.0.2.1:5061\n" P "001 A:B TRACE :: x\n");
    assert_int_equal(r.b.nmsgs, 1);
    assert_int_equal(r.b.msgs[0].dir, UCT_DIR_UNKNOWN);
    same(&r, r.b.msgs[0].call_id, "x");
    assert_int_equal(r.b.nrecords, 6);
    assert_int_equal(r.b.nunparsed, 0);
    assert_int_equal(r.b.notes[UCT_NOTE_CUT_BEGIN], 0);
    assert_int_equal(r.b.notes[UCT_NOTE_CUT_END], 0);
    assert_int_equal(r.b.notes[UCT_NOTE_ORPHAN_END], 1);
    done(&r);
}

static void threads_write_between(void **state)
{
    struct run r;
    (void)state;
    parse_text(&r,
               P "001 A:1 INFO  :: Sending Packet - 192.0.2.1:1 (From Local Address: 192.0.2.9:1) 4 bytes\n" P
                 "001 A:2 INFO  :: Data Received -192.0.2.2:2 (To Local Address: 192.0.2.9:2) 4 bytes\n" P
                 "001 A:2 INFO  :: SIP/2.0 200 OK\nCall-ID: two\nCSeq: 1 BYE\nContent-Length: 0\n\n" P
                 "001 A:1 INFO  :: BYE sip:a@example.com SIP/2.0\nCall-ID: one\nContent-Length: 0\n\n" P
                 "001 A:1 INFO  :: End of Sending Packet - 192.0.2.1:1\n" P
                 "001 A:2 INFO  :: End of Data Received -192.0.2.2:2\n");
    assert_int_equal(r.b.nmsgs, 2);
    assert_int_equal(r.b.msgs[0].dir, UCT_DIR_IN);
    same(&r, r.b.msgs[0].remote, "192.0.2.2:2");
    assert_int_equal(r.b.msgs[1].dir, UCT_DIR_OUT);
    same(&r, r.b.msgs[1].remote, "192.0.2.1:1");
    done(&r);
}

static void indented_headers(void **state)
{
    struct run r;
    (void)state;
    parse_text(
        &r,
        P "001 A:1 INFO  :: SIP/2.0 500 Server Internal Error\n"
          " Call-ID: spaced\n CSeq: 1 INVITE\n ms-diagnostics: 15000;reason=\"x\"\n Content-Length: 0\n \n");
    assert_int_equal(r.b.nmsgs, 1);
    same(&r, r.b.msgs[0].call_id, "spaced");
    assert_int_equal(r.b.msgs[0].diag, 1);
    assert_int_equal(r.b.notes[UCT_NOTE_CUT_END], 0);
    done(&r);
}

static void record_limit(void **state)
{
    struct run r;
    (void)state;
    char *text = malloc(9000);
    int n = snprintf(text, 200, P "001 A:1 INFO  :: BYE sip:a@example.com SIP/2.0\r\nCall-ID: long\r\n\r\n");
    memset(text + n, 'x', (size_t)(9000 - n));
    parse_chunk(&r, (struct uct_chunk){.text = uct_slice(text, 9000), .first = true, .last = true}, 4096);
    free(text);
    assert_int_equal(r.b.notes[UCT_NOTE_LONG_RECORD], 1);
    assert_int_equal(r.b.nmsgs, 1);
    same(&r, r.b.msgs[0].call_id, "long");
    done(&r);
}

static void forced_cuts(void **state)
{
    struct run r;
    (void)state;
    struct uct_slice t = UCT_S("rest of a message\r\nSIP/2.0 200 OK\r\n" P "001 A:1 TRACE :: x\n");
    parse_chunk(&r, (struct uct_chunk){.text = t, .continued = true}, 1 << 20);
    assert_int_equal(r.b.nmsgs, 0);
    assert_int_equal(r.b.nrecords, 1);
    assert_int_equal(r.b.nunparsed, 0);
    assert_int_equal(r.b.notes[UCT_NOTE_CUT_BEGIN], 0);
    done(&r);
}

static void hands_over(void **state)
{
    struct run r;
    (void)state;
    const char *mine = P "001 A:1 TRACE :: x\nmore of it\n";
    char text[512];
    snprintf(text, sizeof text, "%s2017-03-02T07:10:46+00:00 exp tvcs: UTCTime=\"2017-03-02 07:10:46,230\" "
                                "Module=\"network.sip\" Level=\"INFO\":  Action=\"Sent\"\n", mine);
    parse_text(&r, text);
    assert_int_equal(r.taken, strlen(mine));
    done(&r);
}

static void nothing_of_the_kind(void **state)
{
    struct run r;
    (void)state;
    parse_text(&r, "a\nb\n\nc");
    assert_int_equal(r.b.nunparsed, 4);
    assert_int_equal(r.b.nrecords, 0);
    done(&r);
    parse_text(&r, "");
    assert_int_equal(r.taken, 0);
    done(&r);
}

/* ---- bid, split -------------------------------------------------------- */

static void bids(void **state)
{
    (void)state;
    size_t n;
    char *p = fixture("good-invite-504.log", &n);
    assert_true(uct_parser_uccapi.bid(uct_slice(p, n), true) > UCT_BID_RECORD + UCT_BID_MORE);
    free(p);
    assert_int_equal(uct_parser_uccapi.bid(UCT_S("SIP/2.0 200 OK\r\n"), true), 0);
    assert_int_equal(uct_parser_uccapi.bid(UCT_S(P "001 A:1 TRACE :: x\nprose\nand more\nand\nmore\n"), true),
                     UCT_BID_RECORD);
}

/* Chunks cut where split() says give the rows that the whole gives. */
static void splits(void **state)
{
    (void)state;
    size_t n;
    char *p = fixture("good-invite-504.log", &n);
    struct run whole, part;
    parse_chunk(&whole, (struct uct_chunk){.text = uct_slice(p, n), .first = true, .last = true}, 1 << 20);
    for (size_t end = 1; end <= n; end++) {
        size_t at = uct_parser_uccapi.split(uct_slice(p, end));
        assert_true(at < end);
        if (!at)
            continue;
        assert_int_equal(p[at - 1], '\n');
        assert_true(uct_parser_uccapi.head(uct_slice(p + at, end - at)));
        parse_chunk(&part, (struct uct_chunk){.text = uct_slice(p, at), .first = true}, 1 << 20);
        size_t msgs = part.b.nmsgs, records = part.b.nrecords;
        done(&part);
        parse_chunk(&part, (struct uct_chunk){.text = uct_slice(p + at, n - at), .last = true}, 1 << 20);
        assert_int_equal(msgs + part.b.nmsgs, whole.b.nmsgs);
        assert_int_equal(records + part.b.nrecords, whole.b.nrecords);
        done(&part);
    }
    done(&whole);
    free(p);
}

/* Every prefix of a log parses without a slip: the sanitizers watch. */
static void every_prefix(void **state)
{
    static const char *const names[] = {"good-invite-504.log", "good-two-in-one.log", "good-trace-lines.log"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        size_t n;
        char *p = fixture(names[i], &n);
        for (size_t end = 0; end < n; end++) {
            struct run r;
            parse_chunk(&r, (struct uct_chunk){.text = uct_slice(p, end), .first = true, .last = true},
                        1 << 20);
            assert_int_equal(r.taken, end);
            done(&r);
        }
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_call), cmocka_unit_test(lines_with_codes),
        cmocka_unit_test(several_messages_in_a_packet), cmocka_unit_test(starts_and_ends_in_a_message),
        cmocka_unit_test(prefixes), cmocka_unit_test(orphans_and_keepalives),
        cmocka_unit_test(threads_write_between), cmocka_unit_test(indented_headers),
        cmocka_unit_test(record_limit), cmocka_unit_test(forced_cuts), cmocka_unit_test(hands_over),
        cmocka_unit_test(nothing_of_the_kind), cmocka_unit_test(bids), cmocka_unit_test(splits),
        cmocka_unit_test(every_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
