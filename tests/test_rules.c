/* The rules' room: loading, checking, matching, filling of texts. */
#include "diagnose/load.h"
#include "diagnose/match.h"
#include "diagnose/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "<rules xmlns=\"urn:uctriage:rules:1\" family=\"x\">"
#define RULE(ID, REST) "<rule id=\"" ID \
    "\" class=\"symptom\" severity=\"error\" confidence=\"certain\" actor=\"us\"" REST
#define TEXT "<text xml:lang=\"en\"><title>t</title><cause>c</cause></text>"
#define SAMPLES "<sample hit=\"yes\">a</sample><sample hit=\"no\">b</sample></rule>"
#define INDEX "<index status=\"504\"/>"

/* ---- loading ----------------------------------------------------------- */

static struct uct_slice load(struct uct_ruleset *s, struct uct_buf *errors, const char *xml)
{
    *s = (struct uct_ruleset){.errors = errors, .base = uct_builtin_rules, .nbase = uct_builtin_nrules,
                              .schema = uct_slice(uct_rules_rng, uct_rules_rng_size)};
    uct_ruleset_add_memory(s, "x.xml", uct_slice_str(xml));
    if (errors->n == 0)
        uct_ruleset_finish(s);
    return uct_slice(errors->p, errors->n);
}

static void test_wrong_files(void **state)
{
    static const struct {
        const char *xml, *says;
    } wrong[] = {
        {"", "x.xml:"},
        {"<rules", "x.xml:1: "},
        {"<rules/>", "x.xml:1: "},
        {"<!DOCTYPE r [<!ENTITY a 'b'>]>" HEAD "</rules>", "document type"},
        {"\xff\xfe<\0r", "no UTF-8 at byte 0"},
        {HEAD "\n" RULE("x.a", " colour='red'>") INDEX TEXT SAMPLES "</rules>", "x.xml:2: "},
        {HEAD RULE("y.a", ">") INDEX TEXT SAMPLES "</rules>", "does not begin with its family 'x.'"},
        {HEAD RULE("x.a", ">") INDEX TEXT "<sample hit='yes'>a</sample></rule></rules>", "must miss"},
        {HEAD RULE("x.a", ">") INDEX TEXT "<sample hit='no'>a</sample></rule></rules>", "must hit"},
        {HEAD RULE("x.a", ">") INDEX TEXT "<sample hit='no' file='a/../../b'/></rule></rules>",
         "leaves its folder"},
        {HEAD RULE("x.a", ">") TEXT SAMPLES "</rules>", "never fire"},
        {HEAD RULE("x.a", ">") INDEX TEXT SAMPLES "\n" RULE("x.a", ">") INDEX TEXT SAMPLES "</rules>",
         "x.xml:2: rule 'x.a' stands twice: first in x.xml:1"},
        {HEAD RULE("x.a", ">") INDEX "<explains rule='no.such'/>" TEXT SAMPLES "</rules>",
         "unknown rule 'no.such'"},
        {HEAD RULE("x.a", " implies='no.such'>") INDEX TEXT SAMPLES "</rules>", "implies the unknown rule"},
        {HEAD RULE("x.a", " implies='x.a'>") INDEX TEXT SAMPLES "</rules>", "implies itself"},
        {HEAD RULE("x.a", ">") "<index literal='abc'/>" TEXT SAMPLES "</rules>", "x.xml:1: "},
        {HEAD RULE("x.a", ">") "<index result='0xc3e93d6'/>" TEXT SAMPLES "</rules>", "x.xml:1: "},
        {HEAD RULE("x.a", ">") INDEX "<if><text regex='a(b'/></if>" TEXT SAMPLES "</rules>", "at offset 3"},
        {HEAD RULE("x.a", ">") INDEX "<if><text regex='(*UTF)a'/></if>" TEXT SAMPLES "</rules>", "at offset"},
        {HEAD RULE("x.a", ">") INDEX "<if><text regex='(?&lt;who>b)'/></if>" TEXT SAMPLES "</rules>",
         "is no param"},
        {HEAD RULE("x.a", ">") INDEX "<param name='p'/>" TEXT SAMPLES "</rules>", "no group (?<p>...)"},
        {HEAD RULE("x.a", ">") INDEX "<param name='p' field='a'/><param name='p' field='b'/>" TEXT SAMPLES
         "</rules>",
         "stands twice"},
        {HEAD RULE("x.a", ">") INDEX "<text xml:lang='de'><title>t</title><cause>c</cause></text>" SAMPLES
         "</rules>",
         "no text in English"},
        {HEAD RULE("x.a", ">") INDEX "<text xml:lang='en'><title>{q}</title><cause>c</cause></text>" SAMPLES
         "</rules>",
         "{q} in its title is no param"},
        {HEAD RULE("x.a", ">") INDEX "<param name='q' field='a'/><text xml:lang='en'><title>t [[{q}</title>"
                                     "<cause>c</cause></text>" SAMPLES "</rules>", "do not pair"},
        {HEAD RULE("x.a", ">") INDEX "<text xml:lang='en'><title>t [[q]]</title><cause>c</cause></text>"
         SAMPLES
                                     "</rules>", "without {param}"},
        {"<texts xmlns='urn:uctriage:rules:1' xml:lang='de'><text rule='no.such'><title>t</title>"
         "<cause>c</cause></text></texts>", "unknown rule 'no.such'"},
        {"<texts xmlns='urn:uctriage:rules:1' xml:lang='de'><text rule='federation.srv-missing'>"
         "<title>t</title><cause>c</cause></text></texts>", "needs a fix"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct uct_buf errors = {0};
        struct uct_ruleset s;
        struct uct_slice says = load(&s, &errors, wrong[i].xml);
        if (uct_slice_find(says, uct_slice_str(wrong[i].says)) == SIZE_MAX)
            fail_msg("case %zu: '%s' not in '%s'", i, wrong[i].says, errors.p ? errors.p : "");
        assert_false(s.failed);
        uct_ruleset_free(&s);
        uct_buf_free(&errors);
    }
}

static void test_right_file(void **state)
{
    (void)state;
    struct uct_buf errors = {0};
    struct uct_ruleset s;
    load(&s, &errors, "\xef\xbb\xbf" HEAD RULE("x.a", " kind=' sip  diag ' when='undiagnosed' call='failed'>")
         "<index result='0xC3E93D6F'/><index literal=' two  blanks'/>"
         "<if><any><field name='a b' equals='x'/><all><text contains='y'/><not>"
         "<field name='c' present='yes'/></not></all></any><field name='d' absent='yes'/></if>"
         "<param name='p' field='a b' from='call-domain' key='yes' type='host'/><code>1</code>"
         "<explains rule='federation.edge-504' scope='peer' seconds='60'/>"
         "<text xml:lang='en'><title>a\n   b \xe4\xb8\xad\n \xe6\x96\x87 \xe5\xad\x97</title>"
         "<cause>c</cause><fix>1</fix><fix>2</fix></text>"
         "<reference>https://example.com/</reference><sample hit='yes'>\n line 1\nline 2\n  </sample>"
         "<sample hit='no' file='testdata/x.log'/></rule></rules>");
    assert_null(errors.p);
    assert_int_equal(s.n, 1);
    const struct uct_rule *r = &s.rules[0].rule;
    assert_int_equal(r->kinds, 1 << UCT_KIND_SIP | 1 << UCT_KIND_DIAG);
    assert_int_equal(r->when, UCT_WHEN_UNDIAGNOSED);
    assert_true(r->call_failed);
    assert_int_equal(r->index[0].number, 0xc3e93d6f);
    assert_string_equal(r->index[1].text, " two  blanks");
    assert_int_equal(r->ncond, 7);
    assert_int_equal(r->cond[0].span, 6);
    assert_int_equal(r->cond[2].span, 4);
    assert_int_equal(r->cond[4].op, UCT_OP_NOT);
    assert_null(r->cond[3].field);
    assert_true(r->param[0].key && r->param[0].host);
    assert_int_equal(r->explains[0].seconds, 60);
    assert_int_equal(r->explains[0].scope, UCT_SCOPE_PEER);
    assert_string_equal(r->text[0].title, "a b \xe4\xb8\xad\xe6\x96\x87 \xe5\xad\x97");
    assert_int_equal(r->text[0].nfix, 2);
    assert_string_equal(r->sample[0].text, " line 1\nline 2\n");
    uct_ruleset_free(&s);
    uct_buf_free(&errors);
}

static void write_to(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void test_folder(void **state)
{
    (void)state;
    char dir[] = "/tmp/uct-rules-XXXXXX", path[64];
    struct uct_rules *r = NULL;
    struct uct_buf errors = {0};
    assert_non_null(mkdtemp(dir));
    const char *dirs[] = {dir};
    assert_int_equal(uct_rules_load(&r, dirs, 1, &errors), UCT_FAILED);
    assert_non_null(strstr(errors.p, "no file of rules"));
    assert_null(r);
    snprintf(path, sizeof path, "%s/lang", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/lang/de", dir);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/a.xml", dir);
    write_to(path, "<rules xmlns='urn:uctriage:rules:1' family='sip'>" RULE("sip.final-error", ">") INDEX
             "<text xml:lang='en'><title>mine</title><cause>c</cause></text>" SAMPLES RULE("sip.new", ">")
             INDEX TEXT
             SAMPLES "</rules>");
    snprintf(path, sizeof path, "%s/lang/de/a.xml", dir);
    write_to(path,
        "<texts xmlns='urn:uctriage:rules:1' xml:lang='de'><text rule='sip.new'><title>neu</title><cause>c"
             "</cause></text><text rule='federation.edge-504'><title>vier</title>"
        "<cause>c</cause></text></texts>");
    errors.n = 0;
    assert_int_equal(uct_rules_load(&r, dirs, 1, &errors), UCT_OK);
    assert_int_equal(uct_rules_count(r), uct_builtin_nrules + 1);
    assert_string_equal(uct_rule_text(uct_rules_find(r, "sip.final-error"), "en")->title, "mine");
    assert_string_equal(uct_rule_text(uct_rules_find(r, "sip.new"), "de_AT.UTF-8")->title, "neu");
    assert_string_equal(uct_rule_text(uct_rules_find(r, "sip.new"), "fr")->title, "t");
    assert_string_equal(uct_rule_text(uct_rules_find(r, "federation.edge-504"), "de")->title, "vier");
    assert_string_equal(uct_rule_text(uct_rules_find(r, "federation.srv-missing"), "de")->lang, "en");
    assert_null(uct_rules_find(r, "sip.ne"));
    assert_null(uct_rules_get(r, uct_rules_count(r)));
    uct_rules_free(r);
    unlink(path);
    snprintf(path, sizeof path, "%s/lang/de", dir);
    rmdir(path);
    snprintf(path, sizeof path, "%s/lang", dir);
    rmdir(path);
    snprintf(path, sizeof path, "%s/a.xml", dir);
    unlink(path);
    rmdir(dir);
    errors.n = 0;
    assert_int_equal(uct_rules_load(&r, dirs, 1, &errors), UCT_FAILED);
    assert_non_null(strstr(errors.p, dir));
    uct_buf_free(&errors);
}

/* ---- the built-in ones ------------------------------------------------- */

static void test_builtin(void **state)
{
    static const char *const stable[] = {
        "federation.srv-domain-mismatch", "federation.cert-name-mismatch", "federation.cert-untrusted",
        "federation.cert-refused", "federation.srv-missing", "federation.bare-504",
        "federation.edge-trace-wanted",
        "federation.peer-reset-tls", "federation.not-allowed", "federation.edge-504", "sip.final-error"};
    (void)state;
    struct uct_rules *r = NULL;
    assert_int_equal(uct_rules_load(&r, NULL, 0, NULL), UCT_OK);
    for (size_t i = 1; i < uct_rules_count(r); i++)
        assert_true(strcmp(uct_rules_get(r, i - 1)->id, uct_rules_get(r, i)->id) < 0);
    for (size_t i = 0; i < sizeof stable / sizeof *stable; i++) {
        const struct uct_rule *rule = uct_rules_find(r, stable[i]);
        assert_non_null(rule);
        assert_string_equal(uct_rule_text(rule, "en")->lang, "en");
        assert_string_equal(uct_rule_text(rule, NULL)->lang, "en");
    }
    const struct uct_rule *srv = uct_rules_find(r, "federation.srv-domain-mismatch");
    assert_string_equal(uct_rule_text(srv, "zh_TW.UTF-8")->lang, "zh-Hant");
    assert_string_equal(uct_rule_text(srv, "zh-hant-hk")->lang, "zh-Hant");
    assert_string_equal(uct_rule_text(srv, "zh-CN")->lang, "en");
    assert_string_equal(uct_class_name(UCT_MISSING), "missing-information");
    assert_string_equal(uct_severity_name(UCT_INFO), "info");
    assert_string_equal(uct_confidence_name(UCT_POSSIBLE), "possible");
    assert_string_equal(uct_actor_name(UCT_ACTOR_UNKNOWN), "unknown");
    struct uct_interest *in = uct_rules_interest(r);
    assert_non_null(in);
    uct_interest_free(in);
    uct_rules_free(r);
}

/* ---- matching ---------------------------------------------------------- */

struct bench {
    struct uct_rules *rules;
    struct uct_interest *interest;
    struct uct_intern *strings;
    struct uct_matcher *matcher;
    struct uct_block block;
    struct uct_buf scratch;
};

static void bench_open(struct bench *b, const char *const *dirs, size_t ndirs)
{
    *b = (struct bench){0};
    assert_int_equal(uct_rules_load(&b->rules, dirs, ndirs, NULL), UCT_OK);
    b->interest = uct_rules_interest(b->rules);
    b->strings = uct_intern_new();
    b->matcher = uct_matcher_new(b->rules);
    assert_true(b->interest && b->strings && b->matcher);
}

static void bench_close(struct bench *b)
{
    assert_false(uct_matcher_failed(b->matcher));
    uct_block_free(&b->block);
    uct_matcher_free(b->matcher);
    uct_intern_free(b->strings);
    uct_interest_free(b->interest);
    uct_rules_free(b->rules);
    uct_buf_free(&b->scratch);
}

struct record {
    enum uct_kind kind;
    enum uct_key key;
    uint32_t number;
    const char *text;
    const char *fields[16];      /* name, value, ..., NULL */
    const char *fires;           /* ids with blanks between, in the order of ids */
};

static void keep(struct bench *b, const struct record *r)
{
    struct uct_writer_config c = {.strings = b->strings, .interest = b->interest, .record_limit = 1 << 20};
    struct uct_writer *w = uct_writer_new(&c);
    struct uct_origin o = {.length = 1};
    struct uct_piece *pieces = NULL;
    size_t npieces = 0;
    assert_non_null(w);
    if (r->number)
        uct_hit_number(w, r->key, r->number);
    if (r->number && r->key == UCT_KEY_STATUS)
        uct_hit_number(w, UCT_KEY_STATUS, 0);
    uct_hit_text(w, uct_slice_str(r->text));
    assert_true(uct_keep_begin(w, r->kind, &o, UCT_NO_TIME, uct_slice_str(r->text)));
    for (size_t i = 0; r->fields[i]; i += 2)
        uct_keep_field(w, uct_slice_str(r->fields[i]), uct_slice_str(r->fields[i + 1]));
    uct_keep_end(w);
    uct_block_free(&b->block);
    assert_int_equal(uct_writer_finish(w, &b->block, &pieces, &npieces), UCT_OK);
    uct_writer_free(w);
    assert_int_equal(npieces, 0);
    free(pieces);
    assert_int_equal(b->block.nkept, 1);
}

static void fired(struct bench *b, struct uct_buf *ids)
{
    const struct uct_kept *k = &b->block.kept[0];
    for (uint32_t i = 0; i < k->nrules; i++) {
        struct uct_captures captures;
        size_t no = b->block.rules[k->rules + i];
        const struct uct_rule *rule = uct_rules_get(b->rules, no);
        if (uct_rule_matches(b->matcher, rule, no, &b->block, k, b->strings, &captures))
            uct_buf_addf(ids, "%s%s", ids->n ? " " : "", rule->id);
    }
}

#define FED(x) "federation." x
#define RTC_504 "call-id", "c", "status", "504", "server", "RTC/6.0", "method", "INVITE"

static void test_matches(void **state)
{
    static const struct record records[] = {
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1009, "504", {"diag-id", "1009", "domain", "a.example", NULL},
         FED("srv-domain-mismatch")},
        {UCT_KIND_TRACE, UCT_KEY_RESULT, 0xc3e93d6f, "DNS SRV",
         {"result", "0xc3e93d6f", "text", "The domain of the message resolved by DNS SRV but none", NULL},
         FED("srv-domain-mismatch")},
        {UCT_KIND_TRACE, UCT_KEY_RESULT, 0xc3e93d67, "cert", {"result", "0xc3e93d67", NULL},
         FED("cert-name-mismatch")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1010, "504",
         {"diag-id", "1010", "hresult", "0x80090322(SEC_E_WRONG_PRINCIPAL)", NULL},
         FED("cert-name-mismatch")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1010, "504",
         {"diag-id", "1010", "errortype", "The peer certificate does not contain a matching FQDN", NULL},
         FED("cert-name-mismatch")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1010, "504",
         {"diag-id", "1010", "hresult", "0x80090325(SEC_E_UNTRUSTED_ROOT)", NULL},
         FED("cert-untrusted")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1010, "504",
         {"diag-id", "1010", "errortype", "The chain was issued by an authority that is not trusted", NULL},
         FED("cert-untrusted")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1010, "504", {"diag-id", "1010", NULL}, FED("cert-refused")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1008, "504", {"diag-id", "1008", NULL}, FED("srv-missing")},
        {UCT_KIND_TRACE, UCT_KEY_RESULT, 0, "Unable to resolve DNS SRV record",
         {"text", "Unable to resolve DNS SRV record", NULL}, FED("srv-missing")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1047, "504", {"diag-id", "1047", NULL}, FED("peer-reset-tls")},
        {UCT_KIND_DIAG, UCT_KEY_DIAG, 1002, "403", {"diag-id", "1002", NULL}, FED("not-allowed")},
        {UCT_KIND_TRACE, UCT_KEY_RESULT, 0x80090325, "TLS negotiation failed", {"result", "0x80090325", NULL},
         FED("cert-untrusted")},
        {UCT_KIND_TRACE, UCT_KEY_RESULT, 0x80090325, "something else", {"result", "0x80090325", NULL}, ""},
        {UCT_KIND_RECORD, UCT_KEY_STATUS, 0, "Detail=\"self signed certificate in certificate chain\"",
         {"event", "Inbound TLS Negotiation Error", "src-ip", "192.0.2.1", NULL}, FED("cert-untrusted")},
        {UCT_KIND_RECORD, UCT_KEY_STATUS, 0, "tlsv1 alert unknown ca", {"module", "network.tcp", NULL}, ""},
        /* `when` is the engine's: both of these are candidates here */
        {UCT_KIND_SIP, UCT_KEY_STATUS, 504, "SIP/2.0 504", {RTC_504, NULL},
         FED("bare-504") " " FED("edge-504")},
        {UCT_KIND_SIP, UCT_KEY_STATUS, 504, "SIP/2.0 504", {RTC_504, "warning", "399 x", NULL},
         FED("edge-504") " sip.final-error"},
        {UCT_KIND_SIP, UCT_KEY_STATUS, 504, "SIP/2.0 504", {RTC_504, "ms-diagnostics", "1009;", NULL},
         "client.diagnosed-error sip.final-error"},
        {UCT_KIND_SIP, UCT_KEY_STATUS, 504, "SIP/2.0 504",
         {"call-id", "c", "status", "504", "server", "TANDBERG/4137", NULL},
         "sip.final-error sip.next-hop-failed"},
        {UCT_KIND_SIP, UCT_KEY_STATUS, 487, "SIP/2.0 487", {"call-id", "c", "status", "487", NULL}, ""},
        {UCT_KIND_SIP, UCT_KEY_STATUS, 500, "SIP/2.0 500", {"status", "500", NULL}, ""},
        {UCT_KIND_SIP, UCT_KEY_STATUS, 481, "SIP/2.0 481",
         {"call-id", "c", "status", "481", "method", "NOTIFY", NULL}, ""},
        {UCT_KIND_SIP, UCT_KEY_STATUS, 481, "SIP/2.0 481",
         {"call-id", "c", "status", "481", "method", "BYE", NULL},
         "sip.final-error"},
    };
    (void)state;
    struct bench b;
    bench_open(&b, NULL, 0);
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct uct_buf ids = {0};
        keep(&b, &records[i]);
        fired(&b, &ids);
        if (strcmp(ids.p ? ids.p : "", records[i].fires) != 0)
            fail_msg("record %zu: '%s', not '%s'", i, ids.p ? ids.p : "", records[i].fires);
        uct_buf_free(&ids);
    }
    bench_close(&b);
}

static struct uct_slice param(struct bench *b, const char *id, const char *name)
{
    const struct uct_rule *rule = uct_rules_find(b->rules, id);
    const struct uct_kept *k = &b->block.kept[0];
    struct uct_captures captures;
    size_t no = 0;
    while (uct_rules_get(b->rules, no) != rule)
        no++;
    assert_true(uct_rule_matches(b->matcher, rule, no, &b->block, k, b->strings, &captures));
    for (size_t i = 0; i < rule->nparam; i++)
        if (strcmp(rule->param[i].name, name) == 0)
            return uct_rule_param(&rule->param[i], &b->block, k, b->strings, &captures, &b->scratch);
    fail_msg("no param '%s'", name);
    return UCT_S("");
}

#define ASSERT_SLICE(S, TEXT_)                                                \
    do {                                                                      \
        struct uct_slice s_ = (S);                                            \
        if (!uct_slice_eq(s_, uct_slice_str(TEXT_)))                          \
            fail_msg("'%.*s', not '%s'", (int)s_.n, s_.p ? s_.p : "", TEXT_); \
    } while (0)

static void test_params(void **state)
{
    static const struct record srv = {UCT_KIND_TRACE, UCT_KEY_RESULT, 0xc3e93d6f, "x",
        {"result", "0xc3e93d6f", "domain", " A.Example. ", "fqdn1", "VCSE.example:5061", NULL}, ""};
    static const struct record cert = {UCT_KIND_DIAG, UCT_KEY_DIAG, 1010, "x",
        {"diag-id", "1010", "errortype", "contains no matching FQDN",
         "tls-target", "vcse.Meet.example.com:5061", "peerserver", "vcse.example.com", NULL}, ""};
    static const struct record ssl = {UCT_KIND_RECORD, UCT_KEY_STATUS, 0,
        "bServer=\"true\" remoteAddress=\"['IPv4''TCP''192.0.2.73:58531']\" ssl_error_reason="
        "\"error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca\"",
        {"module", "developer.ssl", NULL}, ""};
    (void)state;
    struct bench b;
    bench_open(&b, NULL, 0);
    keep(&b, &srv);
    ASSERT_SLICE(param(&b, FED("srv-domain-mismatch"), "domain"), "a.example");
    ASSERT_SLICE(param(&b, FED("srv-domain-mismatch"), "fqdn"), "vcse.example");
    ASSERT_SLICE(param(&b, FED("srv-domain-mismatch"), "header"), "");
    keep(&b, &cert);
    ASSERT_SLICE(param(&b, FED("cert-name-mismatch"), "domain"), "meet.example.com");
    ASSERT_SLICE(param(&b, FED("cert-name-mismatch"), "certificate_name"), "vcse.example.com");
    keep(&b, &ssl);
    ASSERT_SLICE(param(&b, FED("cert-untrusted"), "peer"), "192.0.2.73");
    ASSERT_SLICE(param(&b, FED("cert-untrusted"), "tls_alert"), "tlsv1 alert unknown ca");
    ASSERT_SLICE(param(&b, FED("cert-untrusted"), "tls_error"), "");
    ASSERT_SLICE(param(&b, FED("cert-untrusted"), "refusal"), "");
    ASSERT_SLICE(uct_host_normal(UCT_S("[2001:DB8::1]:5061"), &b.scratch), "[2001:db8::1]");
    ASSERT_SLICE(uct_host_normal(UCT_S("2001:DB8::1"), &b.scratch), "2001:db8::1");
    ASSERT_SLICE(uct_host_normal(UCT_S(" host.example.. :5061"), &b.scratch), "host.example");
    ASSERT_SLICE(uct_host_normal(UCT_S(""), &b.scratch), "");
    bench_close(&b);
}

/* A pattern that would take for ever is given up, and costs next to nothing. */
static void test_hostile_pattern(void **state)
{
    static char text[2001];
    (void)state;
    char dir[] = "/tmp/uct-rules-XXXXXX", path[64];
    const char *dirs[] = {dir};
    struct uct_buf ids = {0};
    struct bench b;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a.xml", dir);
    write_to(path, HEAD RULE("x.a", ">") "<index literal='aaaa'/><if><text regex='(a+)+(a|aa)+\\d$'/></if>"
        TEXT SAMPLES
             "</rules>");
    bench_open(&b, dirs, 1);
    memset(text, 'a', 2000);
    struct record r = {UCT_KIND_TRACE, UCT_KEY_STATUS, 0, text, {NULL}, ""};
    keep(&b, &r);
    fired(&b, &ids);
    assert_null(ids.p);
    assert_true(uct_matcher_given_up(b.matcher) > 0);
    bench_close(&b);
    unlink(path);
    rmdir(dir);
}

/* ---- texts ------------------------------------------------------------- */

static bool lookup(void *arg, struct uct_slice name, struct uct_slice *value)
{
    (void)arg;
    *value = UCT_S("value");
    return uct_slice_eq(name, UCT_S("known"));
}

static void test_texts(void **state)
{
    static const char *const cases[][2] = {
        {"a {known} b", "a value b"},
        {"a {other} b", "a (not in the log) b"},
        {"a [[of {other} ]]b", "a b"},
        {"a [[of {known} ]]b", "a of value b"},
        {"a[[ {known} {other}]].", "a."},
        {"[[{other}]]", ""},
        {"[[{other}]] x [[{other}]] y", "x y"},
        {"{ $_.x } {X} {} {known", "{ $_.x } {X} {} {known"},
        {"open [[ {known}", "open value"},
        {"{known}{known}", "valuevalue"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct uct_buf b = {0};
        assert_true(uct_text_fill(&b, cases[i][0], NULL, lookup, NULL));
        assert_string_equal(b.p ? b.p : "", cases[i][1]);
        uct_buf_free(&b);
    }
}

/* ---- rules check ------------------------------------------------------- */

static bool analyse(void *arg, const struct uct_rules *rules, const char *text, size_t n,
                    struct uct_buf *fired_ids)
{
    const char *answer = arg;
    assert_non_null(uct_rules_find(rules, "x.a"));
    if (n && text[0] == 'a')
        uct_buf_adds(fired_ids, answer);
    return true;
}

static void test_check_file(void **state)
{
    (void)state;
    char path[] = "/tmp/uct-rule-XXXXXX";
    int fd = mkstemp(path);
    char good[] = "sip.other\nx.a\n", other[] = "x.ab\n", none[] = "";
    struct uct_buf report = {0};
    assert_true(fd >= 0);
    close(fd);
    write_to(path, HEAD "\n" RULE("x.a", ">") INDEX TEXT SAMPLES "</rules>");
    assert_true(uct_rules_check_file(path, NULL, NULL, &report));
    assert_true(uct_rules_check_file(path, analyse, good, &report));
    assert_null(report.p);
    assert_false(uct_rules_check_file(path, analyse, other, &report));
    assert_non_null(strstr(report.p, ":2: 'x.a' misses its sample 1"));
    write_to(path, HEAD "</rule>");
    report.n = 0;
    assert_false(uct_rules_check_file(path, analyse, none, &report));
    assert_non_null(strstr(report.p, path));
    unlink(path);
    report.n = 0;
    assert_false(uct_rules_check_file(path, analyse, none, &report));
    assert_non_null(strstr(report.p, "cannot read"));
    uct_buf_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_files), cmocka_unit_test(test_right_file), cmocka_unit_test(test_folder),
        cmocka_unit_test(test_builtin),     cmocka_unit_test(test_matches),    cmocka_unit_test(test_params),
        cmocka_unit_test(test_hostile_pattern), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_check_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
