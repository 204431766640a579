/* report_double: see the header. */
#include "report_double.h"

#include <stdlib.h>

#define WEAK __attribute__((weak))

/* ---- stand-ins ------------------------------------------------------------ */

WEAK const char *uct_class_name(enum uct_class c)
{
    static const char *const n[] = {"root-cause", "contributing", "symptom", "missing-information", "advice"};
    return n[c];
}

WEAK const char *uct_severity_name(enum uct_severity s)
{
    static const char *const n[] = {"critical", "error", "warning", "info"};
    return n[s];
}

WEAK const char *uct_confidence_name(enum uct_confidence c)
{
    static const char *const n[] = {"certain", "likely", "possible"};
    return n[c];
}

WEAK const char *uct_actor_name(enum uct_actor a)
{
    static const char *const n[] = {"us", "peer", "network", "unknown"};
    return n[a];
}

WEAK const char *uct_state_name(enum uct_state s)
{
    static const char *const n[] = {"ok", "truncated", "corrupt", "unsupported", "unrecognised",
        "unreadable", "empty",
                                    "limited", "duplicate"};
    return n[s];
}

/* ---- the report ------------------------------------------------------------ */

static const char *const double_refs[] = {"https://example.com/rule"};
static const struct uct_rule srv = {.id = "federation.srv-domain-mismatch", .reference = double_refs,
    .nreference = 1};
static const struct uct_rule bare = {.id = "federation.bare-504"};
static const struct uct_rule wanted = {.id = "federation.edge-trace-wanted"};
static const struct uct_rule relayed = {.id = "sip.relayed"};
static const struct uct_rule hint = {.id = "advice.log-level"};

static const char long_line[] =
    "2017-03-02T07:10:46.230+00:00 vcse tvcs: UTCTime=\"2017-03-02 07:10:46,230\" Module=\"network.sip\" "
    "Level=\"INFO\": "
    "Src-ip=\"192.0.2.7\" Detail=\"Receive Response Code=504, reason=0xc3e93d6f\"";

static struct uct_rsource double_sources[] = {
    {.name = "case.zip!edge.log", .format = "lync-server", .host = "edge01", .bytes = 603, .lines = 12,
     .records = 1,
     .messages = 0, .first = 1488438646230, .last = 1488438646230, .basis = UCT_BASIS_ASSUMED_UTC,
     .error_ms = -1,
     .samples = -1, .note = "", .state = UCT_STATE_OK},
    {.name = "vcse/\xe6\x97\xa5\xe8\xaa\x8c.txt", .format = "expressway", .bytes = 90000, .lines = 400,
     .records = 300,
     .messages = 20, .unparsed = 7, .unparsed_line = 33, .first = 1488438640000, .last = 1488438900001,
     .basis = UCT_BASIS_MEASURED, .offset_ms = -1500, .error_ms = 12, .samples = 4,
     .reference = "case.zip!edge.log",
     .state = UCT_STATE_TRUNCATED, .note = "ends in the middle of a gzip member after 90000 bytes",
     .set = "vcse/log"},
};

static const uint32_t n0[] = {0}, n01[] = {0, 1}, n2[] = {2}, n1[] = {1}, n4[] = {4}, n024[] = {0, 2, 4};

static const struct uct_rhop hops[] = {{"192.0.2.9", false}, {"E", true}, {"edge", true}};
static const struct uct_rway way = {hops, 3}, short_way = {hops, 2};

static struct uct_rcall double_calls[] = {
    {.id = "c1", .call_id = "f1b3ad5d-183b-4632-b210-c2f9bec71960", .session = "s1", .method = "INVITE",
     .from = "sip:2000@a.example.com", .to = "sip:bob@example.net", .reason = "Server time-out",
     .start = 1488438646230,
     .end = 1488438646240, .outcome = UCT_FAILED_CALL, .status = 504, .sources = n01, .nsources = 2,
     .way = &way, .messages = 3,
     .retransmissions = 1, .findings = n01, .nfindings = 2, .shown = true},
    {.id = "c2", .call_id = "=cmd@192.0.2.9", .session = "s1", .method = "INVITE",
     .from = "sip:2000@a.example.com",
     .to = "sip:bob@example.net", .start = 1488525046000, .end = UCT_NO_TIME, .outcome = UCT_INCOMPLETE,
     .sources = n1, .nsources = 1, .way = &short_way, .messages = 1, .shown = true},
    {.id = "c3", .call_id = "hidden@192.0.2.9", .session = "s2", .method = NULL, .start = UCT_NO_TIME,
     .end = UCT_NO_TIME, .outcome = UCT_FAILED_CALL, .status = 404, .findings = n4, .nfindings = 1,
     .shown = false},
};

static struct uct_rsession double_sessions[] = {{"s1", n01, 2}, {"s2", n2, 1}};
static struct uct_rjoin double_joins[] = {{0, 1, "session-id", "ab\"cd", UCT_LIKELY}};

static const char *const fixes[] = {
    "Point the SRV record _sipfederationtls._tcp.a.example.com to a host of that domain and put its name "
    "into the "
    "certificate of the Expressway-E.",
    "Or call with the domain example.com, whose SRV record is right."};
static const char *const collect[] = {"On the edge server, trace S4 and SIPStack at level All while the "
                                      "call is made."};
static const char *const codes[] = {"0xc3e93d6f", "SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH"};
static const struct uct_rparam params[] = {{"domain", "a.example.com"}, {"fqdn", "vcse.example.com"}};
static const struct uct_revidence proof[] = {
    {1, 120, 4711, 200, long_line},
    {0, 1, 0, 603, "TL_INFO(TF_DIAG) head\n$$begin_record\nLogType: diagnostic\nSeverity: error\n"
                   "Text: no match for a.example.com\nResult-Code: 0xc3e93d6f "
                   "SIPPROXY\x1b[31m\xff\n$$end_record"}};

static struct uct_rfinding double_findings[] = {
    {.id = "f1", .rule = &srv, .class_ = UCT_ROOT_CAUSE, .severity = UCT_ERROR, .confidence = UCT_CERTAIN,
     .actor = UCT_ACTOR_US, .title = "The SRV record of 'a.example.com' leads to a host outside the domain",
     .cause = "The edge server looked up _sipfederationtls._tcp.a.example.com and got vcse.example.com, "
              "which is no "
              "host of a.example.com; it therefore refuses the peer.",
     .fix = fixes, .nfix = 2, .codes = codes, .ncodes = 2, .params = params, .nparams = 2, .peers = 1,
     .users = 1,
     .domains = 1, .calls = n0, .ncalls = 1, .count = 7, .first = 1488438646230, .last = 1488525046000,
     .evidence = proof, .nevidence = 2, .explains = n1, .nexplains = 1, .shown = true},
    {.id = "f2", .rule = &bare, .class_ = UCT_SYMPTOM, .severity = UCT_WARNING, .confidence = UCT_CERTAIN,
     .actor = UCT_ACTOR_UNKNOWN, .title = "The edge answered 504 without a reason", .cause = "", .calls = n0,
     .ncalls = 1, .count = 2, .first = 1488438646240, .last = 1488438646240, .evidence = proof,
     .nevidence = 1,
     .explained = true, .shown = true},
    {.id = "f3", .rule = &relayed, .class_ = UCT_SYMPTOM, .severity = UCT_INFO, .confidence = UCT_POSSIBLE,
     .actor = UCT_ACTOR_NETWORK, .title = "A 480 was passed on", .cause = "The reason lies further on.",
     .count = 1, .first = UCT_NO_TIME, .last = UCT_NO_TIME, .evidence = proof, .nevidence = 1, .shown = true},
    {.id = "f4", .rule = &wanted, .class_ = UCT_MISSING, .severity = UCT_INFO, .confidence = UCT_CERTAIN,
     .actor = UCT_ACTOR_PEER, .title = "The trace of the edge server is missing", .cause = "", .fix = collect,
     .nfix = 1, .calls = n0, .ncalls = 1, .count = 1, .first = UCT_NO_TIME, .last = UCT_NO_TIME,
     .evidence = proof,
     .nevidence = 1, .shown = true},
    {.id = "f5", .rule = &hint, .class_ = UCT_ADVICE, .severity = UCT_INFO, .confidence = UCT_LIKELY,
     .actor = UCT_ACTOR_US, .title = "hidden advice", .cause = "", .calls = n024, .ncalls = 0, .count = 1,
     .first = UCT_NO_TIME, .last = UCT_NO_TIME, .shown = false},
};
static const char *const skipped[] = {"conf.zone-tls-verify: no xConfiguration is at hand"};

#define COPY(r, field) do { \
    void *copy_ = uct_arena_alloc(&(r)->arena, sizeof double_##field); \
    if (!copy_) abort(); \
    (r)->field = memcpy(copy_, double_##field, sizeof double_##field); \
    (r)->n##field = sizeof double_##field / sizeof *double_##field; \
} while (0)

struct uct_report *uct_double_report(void)
{
    struct uct_report *r = calloc(1, sizeof *r);
    if (!r)
        abort();
    r->lang = "en";
    COPY(r, sources);
    COPY(r, calls);
    COPY(r, sessions);
    COPY(r, joins);
    COPY(r, findings);
    r->calls_failed = 2;
    r->skipped = skipped;
    r->nskipped = 1;
    return r;
}

struct uct_report *uct_double_quiet_report(void)
{
    struct uct_report *r = uct_double_report();
    r->nsources = 1;
    r->ncalls = r->nsessions = r->njoins = r->nfindings = 0;
    r->calls_failed = 0;
    return r;
}
