/* The dictionary: every row answers to its own code, every spelling finds its
 * row, nothing is made up, and tables of --rules DIR replace and are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "explain/dictionary.h"

struct ask {
    const struct uct_dictionary *d;
    struct uct_arena arena;
    struct uct_explanations x;
};

static void ask(struct ask *q, const char *code)
{
    free(q->x.item);
    uct_arena_free(&q->arena);
    q->arena = (struct uct_arena){0};
    assert_int_equal(uct_dictionary_find(q->d, &q->arena, code, &q->x), UCT_OK);
    assert_true(q->x.n > 0);
}

static void done(struct ask *q)
{
    free(q->x.item);
    uct_arena_free(&q->arena);
}

static int open_builtin(void **state)
{
    struct uct_dictionary *d = NULL;
    struct uct_buf error = {0};
    enum uct_status s = uct_dictionary_open(&d, NULL, 0, &error);
    if (s != UCT_OK)
        print_error("%s\n", error.p ? error.p : "no memory");
    uct_buf_free(&error);
    *state = d;
    return s == UCT_OK ? 0 : -1;
}

static int close_builtin(void **state)
{
    uct_dictionary_free(*state);
    return 0;
}

static bool has(const struct ask *q, enum uct_family f, const char *name)
{
    for (size_t i = 0; i < q->x.n; i++)
        if (q->x.item[i].known && q->x.item[i].family == f && q->x.item[i].name &&
            strcmp(q->x.item[i].name, name) == 0)
            return true;
    return false;
}

/* ---- every row ------------------------------------------------------------ */

static void every_row_answers(void **state)
{
    static const char *const prefix[UCT_FAMILIES] = {
        "ms:", "result:", "sip:", "alarm:", "event:", "tls:", "ice:", "q850:"};
    struct ask q = {.d = *state};
    for (size_t i = 0; i < q.d->n; i++) {
        const struct uct_row *r = &q.d->row[i];
        if (r->kind == UCT_ROW_RANGE)
            continue;
        bool plain = r->kind == UCT_ROW_NUMBER;
        struct uct_buf code = {0};
        bool numbered = r->kind != UCT_ROW_NAME && r->kind != UCT_ROW_TEXT;
        uct_buf_addf(&code, "%s%s", plain || r->kind == UCT_ROW_NAME ? prefix[r->family] : "",
                     numbered ? r->col[UCT_COL_CODE] : r->col[UCT_COL_NAME]);
        ask(&q, code.p);
        if (q.x.item[0].known != true || strcmp(q.x.item[0].meaning, r->col[UCT_COL_MEANING]) != 0)
            fail_msg("'%s' does not find its row", code.p);
        if (plain)
            assert_int_equal(q.x.n, 1);
        uct_buf_free(&code);
    }
    done(&q);
}

static void rows_are_whole(void **state)
{
    const struct uct_dictionary *d = *state;
    for (size_t i = 0; i < d->n; i++) {
        const struct uct_row *r = &d->row[i];
        const char *meaning = r->col[UCT_COL_MEANING];
        size_t n = strlen(meaning);
        if (n < 12 || meaning[n - 1] != '.' || strncmp(r->col[UCT_COL_REFERENCE], "http", 4) != 0)
            fail_msg("%s '%s %s': the meaning is no sentence or the reference is missing",
                     uct_family_name(r->family), r->col[UCT_COL_CODE], r->col[UCT_COL_NAME]);
    }
}

/* ---- spellings ------------------------------------------------------------- */

static void spellings(void **state)
{
    static const struct {
        const char *code;
        enum uct_family family;
        const char *name;
    } want[] = {
        {"0x80090322", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {"0X80090322", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {"80090322", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {"-2146893022", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {"2148074274", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {"0xffffffff80090322", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {" \"0x80090322(SEC_E_WRONG_PRINCIPAL)\" ", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {"sec_e_wrong_principal", UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"},
        {"c3e93d67", UCT_FAMILY_RESULT, "SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH"},
        {"C3E93D67", UCT_FAMILY_RESULT, "SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH"},
        {"-1008124569", UCT_FAMILY_RESULT, "SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH"},
        {"3286842466 (0xC3E93C62)", UCT_FAMILY_RESULT, "SIPPROXY_E_NO_DEFAULT_OUTGOING_CERT"},
        {"80070005!_HRX!", UCT_FAMILY_RESULT, "E_ACCESSDENIED"},
        {"SIPPROXY_E_EPROUTING_MSG_INVALID_EXT_SPLIT_DOMAIN", UCT_FAMILY_RESULT,
         "SIPPROXY_E_EPROUTING_MSG_INVALID_EXT_SPLIT_DOMAIN"},
        {"10054(WSAECONNRESET)", UCT_FAMILY_RESULT, "WSAECONNRESET"},
        {"10054", UCT_FAMILY_RESULT, "WSAECONNRESET"},
        {"11001", UCT_FAMILY_RESULT, "WSAHOST_NOT_FOUND"},
        {"0x2746", UCT_FAMILY_RESULT, "WSAECONNRESET"},
        {"0x80072746", UCT_FAMILY_RESULT, "WSAECONNRESET"},
        {"win32:1326", UCT_FAMILY_RESULT, "ERROR_LOGON_FAILURE"},
        {"1008", UCT_FAMILY_MS, "Unable to resolve DNS SRV record"},
        {"ms-diagnostics: 1008;reason=\"x\"", UCT_FAMILY_MS, "Unable to resolve DNS SRV record"},
        {"504", UCT_FAMILY_SIP, "Server Time-out"},
        {"SIP/2.0 504 Server time-out", UCT_FAMILY_SIP, "Server Time-out"},
        {"404 Not Found", UCT_FAMILY_SIP, "Not Found"},
        {"20004", UCT_FAMILY_ALARM, "Cluster communication failure"},
        {"inbound tls negotiation error", UCT_FAMILY_EVENT, "Inbound TLS Negotiation Error"},
        {"External Server Communications Failure", UCT_FAMILY_EVENT, "External Server Communication Failure"},
        {"External Server Communication Failure", UCT_FAMILY_EVENT, "External Server Communication Failure"},
        {"tls:46", UCT_FAMILY_TLS, "certificate_unknown"},
        {"sslv3 alert certificate unknown", UCT_FAMILY_TLS, "certificate_unknown"},
        {"unknown ca", UCT_FAMILY_TLS, "unknown_ca"},
        {"error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca", UCT_FAMILY_TLS, "unknown_ca"},
        {"14094416", UCT_FAMILY_TLS, "certificate_unknown"},
        {"336151576", UCT_FAMILY_TLS, "unknown_ca"},
        {"handshake error 336151576 on outgoing connection", UCT_FAMILY_TLS, "unknown_ca"},
        {"Certificate verification failed:(Verification error: 20 )", UCT_FAMILY_TLS,
         "unable to get local issuer certificate"},
        {"Security Alert", UCT_FAMILY_EVENT, "Security Alert"},
        {"Permission denied: '/mnt/harddisk/current/fusion/x'", UCT_FAMILY_EVENT,
         "/mnt/harddisk/current/fusion"},
        {"0A000418", UCT_FAMILY_TLS, "unknown_ca"},
        {"14089086", UCT_FAMILY_TLS, "certificate verify failed"},
        {"1416F086", UCT_FAMILY_TLS, "certificate verify failed"},
        {"ssl/tls alert handshake failure; SSL alert number 40", UCT_FAMILY_TLS, "handshake_failure"},
        {"q850:0x2f", UCT_FAMILY_Q850, "Resource unavailable, unspecified"},
        {"Reason: Q.850 ;cause=16 ;text=\"x\"", UCT_FAMILY_Q850, "Normal call clearing"},
        {"16777257", UCT_FAMILY_Q850, "CCM_SIP_400_BAD_REQUEST"},
        {"0x1000029", UCT_FAMILY_Q850, "CCM_SIP_400_BAD_REQUEST"},
        {"certificate identity was unacceptable", UCT_FAMILY_TLS,
         "Peer's TLS certificate identity was unacceptable"},
        {"No match for domain in DNS SRV results", UCT_FAMILY_MS, "Conflicting SRV and host domains in DNS"},
    };
    struct ask q = {.d = *state};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        ask(&q, want[i].code);
        if (!has(&q, want[i].family, want[i].name))
            fail_msg("'%s' does not find '%s'", want[i].code, want[i].name);
    }
    done(&q);
}

static void several_meanings(void **state)
{
    struct ask q = {.d = *state};
    ask(&q, "47");
    assert_int_equal(q.x.n, 2);
    assert_true(has(&q, UCT_FAMILY_TLS, "illegal_parameter"));
    assert_true(has(&q, UCT_FAMILY_Q850, "Resource unavailable, unspecified"));
    ask(&q, "q850:47");
    assert_int_equal(q.x.n, 1);
    ask(&q, "10013(WSAEACCES)");
    assert_int_equal(q.x.n, 1);
    ask(&q, "10013");
    assert_int_equal(q.x.n, 2);
    done(&q);
}

/* ---- what is not known ------------------------------------------------------ */

static void unknown_is_decoded(void **state)
{
    static const struct {
        const char *code;
        const char *says;
    } want[] = {
        {"0xC3E9FFFF", "facility 0x3E9 (SIP stack of the Lync server), code 0xFFFF"},
        {"0xC3E8FFFE", "facility 0x3E8"},
        {"0x80070002", "Windows error 2"},
        {"0x80EF01BF", "code 0x01BF"},
        {"-5", "facility"},
        {"1099", "1000-1999"},
        {"599", "5xx"},
        {"ms:23456", "no known range"},
        {"sip:42", "no SIP status"},
        {"alarm:20999", "clustering"},
        {"tls:200", "No alert"},
        {"14094FFE", "library 20"},
        {"q850:109", "protocol error"},
        {"ice:0x80000000", "No public text"},
    };
    struct ask q = {.d = *state};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        ask(&q, want[i].code);
        assert_false(q.x.item[0].known);
        if (!q.x.item[0].decoded || !strstr(q.x.item[0].decoded, want[i].says))
            fail_msg("'%s': %s", want[i].code, q.x.item[0].decoded ? q.x.item[0].decoded : "nothing");
        assert_null(q.x.item[0].meaning);
        assert_null(q.x.item[0].cause);
    }
    static const char *const nothing[] = {"",
                                          " ",
                                          "xyzzy",
                                          "UCC_E_NO_SUCH_THING",
                                          "SIPPROXY_E_ROUTING_X",
                                          "SEC_E_WRONG_PRINCIPALS",
                                          "99999",
                                          "event:Nothing Like This",
                                          "zq",
                                          "0x",
                                          "-",
                                          "sip:alice@example.com",
                                          "C3E9",
                                          "4,294,967,295",
                                          "10.1.1.1",
                                          "federation.bare-504",
                                          "ertificat",
                                          "the",
                                          "not for the",
                                          "\xff\xfe",
                                          "|"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        ask(&q, nothing[i]);
        assert_int_equal(q.x.n, 1);
        assert_false(q.x.item[0].known);
        assert_null(q.x.item[0].meaning);
        assert_null(q.x.item[0].decoded);
    }
    done(&q);
}

static void listed_without_text_is_known(void **state)
{
    struct ask q = {.d = *state};
    ask(&q, "ms:1015");
    assert_true(q.x.item[0].known);
    assert_non_null(strstr(q.x.item[0].meaning, "1000-1999"));
    assert_null(q.x.item[0].name);
    done(&q);
}

static void ice_masks(void **state)
{
    struct ask q = {.d = *state};
    ask(&q, "ice:0x4000320");
    assert_int_equal(q.x.n, 4);
    ask(&q, "ICEWarn=0x20");
    assert_int_equal(q.x.n, 1);
    ask(&q, "ice:4000320");
    assert_int_equal(q.x.n, 4);
    ask(&q, "ice:400000");
    assert_int_equal(q.x.n, 1);
    assert_true(has(&q, UCT_FAMILY_ICE, "Alternate server received"));
    ask(&q, "ice:67109664");                /* 0x4000320: no mask as it stands */
    assert_int_equal(q.x.n, 4);
    ask(&q, "ice:134217728");               /* 0x8000000: too long for one */
    assert_true(has(&q, UCT_FAMILY_ICE, "Use-candidate checks failed"));
    ask(&q, "ice:0");
    assert_true(q.x.item[0].known);
    ask(&q, "0x4000320");
    assert_false(q.x.item[0].known);
    done(&q);
}

/* Some servers write the id with a code of their own behind it. */
static void sub_codes(void **state)
{
    struct ask q = {.d = *state};
    static const char *const same[] = {"1010.5", "ms:1010.5", "ms-diagnostics: 1010.5;reason=\"x\""};
    for (size_t i = 0; i < 3; i++) {
        ask(&q, same[i]);
        assert_int_equal(q.x.n, 1);
        assert_true(q.x.item[0].family == UCT_FAMILY_MS && q.x.item[0].known);
        assert_non_null(strstr(q.x.item[0].meaning, "Sub code 5."));
    }
    ask(&q, "1099.7");
    assert_false(q.x.item[0].known);
    assert_non_null(strstr(q.x.item[0].decoded, "1000-1999"));
    assert_non_null(strstr(q.x.item[0].decoded, "Sub code 7."));
    ask(&q, "sip:504.1");
    assert_false(q.x.item[0].known);
    done(&q);
}

/* ---- words ------------------------------------------------------------------ */

static void words(void **state)
{
    struct ask q = {.d = *state};
    ask(&q, "restart required");
    assert_int_equal(q.x.n, 10);
    for (size_t i = 0; i < q.x.n; i++)
        assert_string_equal(q.x.item[i].name, "Restart required");
    ask(&q, "matching certificate message peer's FQDN routed");
    assert_true(has(&q, UCT_FAMILY_RESULT, "SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH"));
    ask(&q, "2024-01-01 tvcs: Event=\"Inbound TLS Negotiation Error\" Service=\"SIP\" Detail=\"No SSL error "
            "available, "
            "probably remote disconnect\"");
    assert_true(has(&q, UCT_FAMILY_EVENT, "Inbound TLS Negotiation Error"));
    assert_true(has(&q, UCT_FAMILY_TLS, "No SSL error available, probably remote disconnect"));
    ask(&q, "untrusted root");
    assert_true(has(&q, UCT_FAMILY_RESULT, "SEC_E_UNTRUSTED_ROOT"));
    ask(&q, "no srv record");
    assert_true(has(&q, UCT_FAMILY_MS, "Unable to resolve DNS SRV record"));
    ask(&q, "ms-diagnostics: 1010;reason=\"x\";HRESULT=\"0x80090322(SEC_E_WRONG_PRINCIPAL)\"");
    assert_int_equal(q.x.n, 2);
    assert_true(has(&q, UCT_FAMILY_RESULT, "SEC_E_WRONG_PRINCIPAL"));
    ask(&q, "Reason: SIP;cause=480;text=\"x\"");
    assert_true(has(&q, UCT_FAMILY_SIP, "Temporarily Unavailable"));
    ask(&q, "HRESULT of this was 0x80090325 and then 0x800b0109");
    assert_int_equal(q.x.n, 2);
    done(&q);
}

/* ---- printing --------------------------------------------------------------- */

static bool to_buf(void *arg, const char *p, size_t n)
{
    uct_buf_add(arg, p, n);
    return true;
}

static bool refuse(void *arg, const char *p, size_t n)
{
    (void)arg, (void)p, (void)n;
    return false;
}

static void printed(void **state)
{
    static const char *const codes[] = {"0x80090322", "x\033[31my\n", "504", "1010"};
    struct uct_render_options o = {.width = 60};
    struct uct_buf b = {0};
    bool all_known = true;
    assert_true(uct_explain_render(*state, codes, 4, UCT_EXPLAIN_TEXT, &o, to_buf, &b, &all_known));
    assert_false(all_known);
    assert_null(strchr(b.p, '\033'));
    struct uct_slice rest = uct_slice(b.p, b.n), line;
    while (uct_next_line(&rest, &line))
        assert_true(line.n <= 60 || uct_slice_find(line, UCT_S("http")) != SIZE_MAX);
    b.n = 0;
    assert_true(uct_explain_render(*state, codes, 1, UCT_EXPLAIN_JSON, &o, to_buf, &b, &all_known));
    assert_true(all_known);
    assert_non_null(strstr(b.p, "{\"explain\": ["));
    assert_non_null(strstr(b.p, "\"code\": \"0x80090322\", \"known\": true, \"family\": \"result-code\", "
                                "\"name\": \"SEC_E_WRONG_PRINCIPAL\", \"meaning\": \""));
    assert_false(uct_explain_render(*state, codes, 1, UCT_EXPLAIN_JSON, &o, refuse, NULL, &all_known));
    uct_buf_free(&b);
}

static bool count_symbol(void *arg, const char *symbol)
{
    assert_true(strncmp(symbol, "SEC_E_W", 7) == 0);
    ++*(size_t *)arg;
    return true;
}

static void symbols(void **state)
{
    size_t n = 0;
    assert_true(uct_dictionary_symbols(*state, "sec_e_w", count_symbol, &n));
    assert_int_equal(n, 2);
}

/* ---- --rules DIR ------------------------------------------------------------ */

#define HEAD "code\tname\taliases\tmeaning\tsender\tcause\tcheck\tconfused_with\treference\n"

static enum uct_status open_with(const char *table, const char *text, struct uct_dictionary **d,
                                 struct uct_buf *error)
{
    char dir[] = "/tmp/uct-explain.XXXXXX";
    assert_non_null(mkdtemp(dir));
    struct uct_buf codes = {0}, file = {0};
    uct_buf_addf(&codes, "%s/codes", dir);
    uct_buf_addf(&file, "%s/%s", codes.p, table);
    assert_int_equal(mkdir(codes.p, 0700), 0);
    FILE *f = fopen(file.p, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    const char *const dirs[] = {dir};
    error->n = 0;
    enum uct_status s = uct_dictionary_open(d, dirs, 1, error);
    unlink(file.p);
    rmdir(codes.p);
    rmdir(dir);
    uct_buf_free(&codes);
    uct_buf_free(&file);
    return s;
}

static void tables_of_a_directory(void **state)
{
    struct uct_dictionary *d = NULL;
    struct uct_buf error = {0};
    size_t builtin = uct_dictionary_count(*state);
    assert_int_equal(open_with("sip-status.tsv",
                               HEAD "504\tOurs\t\tReplaced here.\t\t\t\t\t\n\n"
                                    "699\tNew\t\tAdded here.\t\t\t\t\thttps://example.com/699\n",
                               &d, &error),
                     UCT_OK);
    assert_int_equal(uct_dictionary_count(d), builtin + 1);
    struct ask q = {.d = d};
    ask(&q, "sip:504");
    assert_string_equal(q.x.item[0].meaning, "Replaced here.");
    assert_null(q.x.item[0].cause);
    ask(&q, "699");
    assert_true(has(&q, UCT_FAMILY_SIP, "New"));
    done(&q);
    uct_dictionary_free(d);

    assert_int_equal(uct_dictionary_open(&d, (const char *const[]){"/nonexistent/dir"}, 1, &error),
                     UCT_FAILED);
    assert_non_null(strstr(error.p, "'/nonexistent/dir'"));

    static const struct {
        const char *text;
        const char *says;
    } bad[] = {
        {"504\tno head\n", ":1: the head line"},
        {"", NULL},
        {HEAD "504\ttoo few\n", ":2: 9 columns"},
        {HEAD "504\t\t\tA.\t\t\t\t\t\t\n", ":2: 9 columns"},
        {HEAD "five\t\t\tA.\t\t\t\t\t\n", ":2: the code"},
        {HEAD "4294967296\t\t\tA.\t\t\t\t\t\n", ":2: the code"},
        {HEAD "504\t\t\t\t\t\t\t\t\n", ":2: no meaning"},
        {HEAD "504\t\t\tA.\t\t\t\t\tftp://x\n", ":2: the reference"},
        {HEAD "504\t\t\tA\xff.\t\t\t\t\t\n", ":2: not UTF-8"},
        {HEAD "504\t\t\tA\033.\t\t\t\t\t\n", ":2: control"},
        {HEAD "697\t\t\tA.\t\t\t\t\t\n697\t\t\tB.\t\t\t\t\t\n", "stands twice"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum uct_status s = open_with("sip-status.tsv", bad[i].text, &d, &error);
        if (!bad[i].says) {
            assert_int_equal(s, UCT_OK);
            uct_dictionary_free(d);
            continue;
        }
        assert_int_equal(s, UCT_FAILED);
        if (!strstr(error.p, bad[i].says))
            fail_msg("wanted '%s': %s", bad[i].says, error.p);
    }
    uct_buf_free(&error);
}

/* ---- hostile arguments -------------------------------------------------------- */

static void long_arguments(void **state)
{
    struct ask q = {.d = *state};
    static const char *const pieces[] = {"a ",     "0x",           "error:",   "|",
                                         "cause=", "certificate ", "\xe2\x82", "9"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct uct_buf b = {0};
        for (size_t k = 0; k < 20000; k++)
            uct_buf_adds(&b, pieces[i]);
        ask(&q, b.p);
        uct_buf_free(&b);
    }
    done(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_answers),
        cmocka_unit_test(rows_are_whole),
        cmocka_unit_test(spellings),
        cmocka_unit_test(several_meanings),
        cmocka_unit_test(unknown_is_decoded),
        cmocka_unit_test(listed_without_text_is_known),
        cmocka_unit_test(ice_masks), cmocka_unit_test(sub_codes),
        cmocka_unit_test(words),
        cmocka_unit_test(printed),
        cmocka_unit_test(symbols),
        cmocka_unit_test(tables_of_a_directory),
        cmocka_unit_test(long_arguments),
    };
    return cmocka_run_group_tests(tests, open_builtin, close_builtin);
}
