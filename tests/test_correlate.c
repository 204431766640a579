/* correlate: over hundreds of random incidents whose truth is known, calls are counted, joined and placed in
 * time as they were, and what never arrived is said only where that can be known.
 *
 * INCIDENTS=N and SEED=N in the environment try others; VERBOSE=1 names each incident that is off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/incident.h"
#include "render/render.h"
#include "report/report.h"
#include "uctriage.h"

#define KEYS 8

struct by_key {
    char name[24];
    unsigned joins, wrong;
};

struct score {
    struct by_key key[KEYS];
    unsigned incidents, calls, missing, extra;
    unsigned outcome_off, outcome_unknown, messages_off, retransmissions_off;
    unsigned joins, wrong, possible_wrong, pairs, found, hinted, hinted_found;
    unsigned clocks, clocks_off, unmeasured, drifting, drifting_off;
    int64_t worst_error, widest_bound;
    double worst_share;           /* of the bound */
    unsigned refused, never, losses, claimable, said, claimed, false_absence, early;
    unsigned order_off, threads_off;
    unsigned shrunk, shrunk_off, shrunk_wrong, shrunk_clocks, shrunk_clocks_off;
};

struct bench {
    struct uct_rules *rules;
    char dir[64];
    bool verbose;
    struct score s;
};

/* ---- running ----------------------------------------------------------- */

static bool append(void *arg, const char *p, size_t n)
{
    uct_buf_add(arg, p, n);
    return true;
}

/* epoch: bytes after which calls shrink, 0: these logs are too short for it. */
static struct uct_report *analyse(const struct bench *b, const struct incident *t, bool backwards, unsigned jobs, uint64_t epoch)
{
    char path[INC_FILES][160];
    const char *paths[INC_FILES];
    struct uct_options o;
    struct uct_report *r = NULL;
    uct_options_init(&o);
    o.jobs = jobs;
    o.epoch = epoch;
    for (int i = 0; i < t->nfiles; i++) {
        snprintf(path[i], sizeof path[i], "%s/%s", b->dir, t->file[backwards ? t->nfiles - 1 - i : i].name);
        paths[i] = path[i];
    }
    assert_int_equal(uct_analyse(&o, b->rules, paths, (size_t)t->nfiles, &r), 0);
    return r;
}

static struct uct_buf json_of(struct uct_report *r)
{
    struct uct_buf out = {0};
    struct uct_render_options o = {0};
    assert_true(uct_render_json(r, &o, append, &out));
    assert_false(out.failed);
    return out;
}

static void empty(const struct bench *b)
{
    DIR *d = opendir(b->dir);
    char path[512];
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", b->dir, e->d_name);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    if (d)
        closedir(d);
}

/* ---- comparing --------------------------------------------------------- */

static int truth_of(const struct incident *t, const char *call_id)
{
    for (int i = 0; i < t->ncalls; i++)
        if (strcmp(t->call[i].call_id, call_id) == 0)
            return i;
    return -1;
}

static void off(const struct bench *b, const struct incident *t, uint64_t seed, const char *what, const char *who, int64_t got,
                int64_t want)
{
    if (b->verbose)
        print_message("seed %" PRIu64 " (%s): %s of %s is %" PRId64 ", not %" PRId64 "\n", seed, t->what, what, who, got, want);
}

/* A clock set where no message was shared is not to be seen: how long the log went on is then unknown. */
static bool unknowable(const struct incident *t, const struct inc_call *w, int got)
{
    bool jump = false;
    for (int i = 0; i < t->nlogs; i++)
        jump |= t->log[i].jump_at != 0;
    return (jump || w->close) && (w->outcome == INC_UNANSWERED || w->outcome == INC_INCOMPLETE) &&
           (got == UCT_UNANSWERED || got == UCT_INCOMPLETE);
}

static void compare_calls(struct bench *b, const struct incident *t, const struct uct_report *r, uint64_t seed)
{
    unsigned seen = 0;
    for (int i = 0; i < t->ncalls; i++)
        seen += t->call[i].seen;
    for (size_t i = 0; i < r->ncalls; i++) {
        const struct uct_rcall *c = &r->calls[i];
        int k = truth_of(t, c->call_id);
        if (k < 0) {
            b->s.extra++;
            continue;
        }
        const struct inc_call *w = &t->call[k];
        b->s.calls++;
        seen--;
        if ((int)c->outcome != (int)w->outcome && unknowable(t, w, (int)c->outcome)) {
            b->s.outcome_unknown++;
        } else if ((int)c->outcome != (int)w->outcome) {
            b->s.outcome_off++;
            off(b, t, seed, "outcome", c->call_id, c->outcome, w->outcome);
        }
        if (c->messages != w->messages) {
            b->s.messages_off++;
            off(b, t, seed, "messages", c->call_id, (int64_t)c->messages, w->messages);
        }
        if (c->retransmissions != w->retransmissions) {
            b->s.retransmissions_off++;
            off(b, t, seed, "retransmissions", c->call_id, (int64_t)c->retransmissions, w->retransmissions);
        }
    }
    b->s.missing += seen;
}

static struct by_key *key_named(struct score *s, const char *name)
{
    size_t i = 0;
    while (i < KEYS - 1 && s->key[i].name[0] && strcmp(s->key[i].name, name) != 0)
        i++;
    snprintf(s->key[i].name, sizeof s->key[i].name, "%s", name);
    return &s->key[i];
}

static void compare_sessions(struct bench *b, const struct incident *t, const struct uct_report *r, uint64_t seed)
{
    for (size_t i = 0; i < r->njoins; i++) {
        const struct uct_rjoin *j = &r->joins[i];
        int x = truth_of(t, r->calls[j->a].call_id), y = truth_of(t, r->calls[j->b].call_id);
        bool wrong = x < 0 || y < 0 || t->call[x].session != t->call[y].session;
        b->s.joins++;
        key_named(&b->s, j->key)->joins++;
        key_named(&b->s, j->key)->wrong += wrong;
        b->s.wrong += wrong && j->confidence != UCT_POSSIBLE;
        b->s.possible_wrong += wrong && j->confidence == UCT_POSSIBLE;
        if (wrong)
            off(b, t, seed, j->key, r->calls[j->b].call_id, j->confidence, -1);
    }
    for (size_t i = 0; i < r->ncalls; i++)
        for (size_t k = i + 1; k < r->ncalls; k++) {
            int x = truth_of(t, r->calls[i].call_id), y = truth_of(t, r->calls[k].call_id);
            if (x < 0 || y < 0 || t->call[x].session != t->call[y].session)
                continue;
            bool found = strcmp(r->calls[i].session, r->calls[k].session) == 0;
            bool keyed = t->call[x].joinable && t->call[y].joinable;
            b->s.pairs += keyed;
            b->s.found += keyed && found;
            b->s.hinted += !keyed;
            b->s.hinted_found += !keyed && found;
            if (keyed && !found)
                off(b, t, seed, "join", r->calls[k].call_id, 0, 1);
        }
}

/* A source's log; of two in one file that of the host it goes by (NULL: not told). */
static const struct inc_log *log_of(const struct bench *b, const struct incident *t, const char *source, const char *host)
{
    for (int i = 0; i < t->nfiles; i++) {
        const struct inc_file *f = &t->file[i];
        if (strcmp(source + strlen(b->dir) + 1, f->name) != 0)
            continue;
        if (f->other < 0 || (host && strcmp(host, t->log[f->log].name) == 0))
            return &t->log[f->log];
        return host && strcmp(host, t->log[f->other].name) == 0 ? &t->log[f->other] : NULL;
    }
    return NULL;
}

/* Offsets between two clocks over the time of the log; which of them a third log measured is left open. */
static void truth_range(const struct inc_log *l, const struct inc_log *ref, int64_t *lo, int64_t *hi, int64_t *nearest, int64_t got)
{
    int64_t from = l->first, to = l->last;
    *lo = INT64_MAX;
    *hi = INT64_MIN;
    *nearest = INT64_MAX;
    for (int i = 0; i <= 200; i++) {
        int64_t at = from + (to - from) * i / 200, o = inc_offset(l, at) - inc_offset(ref, at);
        *lo = o < *lo ? o : *lo;
        *hi = o > *hi ? o : *hi;
        if (llabs(got - o) < *nearest)
            *nearest = llabs(got - o);
    }
}

static void compare_clocks(struct bench *b, const struct incident *t, const struct uct_report *r, uint64_t seed)
{
    for (size_t i = 0; i < r->nsources; i++) {
        const struct uct_rsource *s = &r->sources[i];
        const struct inc_log *l = log_of(b, t, s->name, s->host), *ref = s->reference ? log_of(b, t, s->reference, NULL) : NULL;
        if (!l || !ref || s->samples < 0) {
            b->s.unmeasured += l != NULL;
            continue;
        }
        int64_t lo, hi, error;
        truth_range(l, ref, &lo, &hi, &error, s->offset_ms);
        b->s.clocks++;
        b->s.drifting += l->drift != 0 || ref->drift != 0;
        if (error > s->error_ms) {
            b->s.clocks_off++;
            b->s.drifting_off += l->drift != 0 || ref->drift != 0;
            off(b, t, seed, "offset", s->name, s->offset_ms, lo);
        }
        if (error > b->s.worst_error)
            b->s.worst_error = error;
        if (s->error_ms > b->s.widest_bound)
            b->s.widest_bound = s->error_ms;
        if (s->error_ms && (double)error / (double)s->error_ms > b->s.worst_share)
            b->s.worst_share = (double)error / (double)s->error_ms;
    }
}

static bool is_rule(const struct uct_rfinding *f, const char *id)
{
    return strcmp(f->rule->id, id) == 0;
}

static bool said_lost(const struct uct_report *r, const char *call_id)
{
    for (size_t i = 0; i < r->nfindings; i++)
        for (size_t k = 0; k < r->findings[i].ncalls && is_rule(&r->findings[i], "sip.message-lost"); k++)
            if (strcmp(r->calls[r->findings[i].calls[k]].call_id, call_id) == 0)
                return true;
    return false;
}

static void compare_losses(struct bench *b, const struct incident *t, const struct uct_report *r, uint64_t seed)
{
    for (size_t i = 0; i < r->nfindings; i++) {
        const struct uct_rfinding *f = &r->findings[i];
        bool never = is_rule(f, "federation.never-reached-us");
        for (size_t k = 0; k < f->ncalls && never; k++) {
            int call = truth_of(t, r->calls[f->calls[k]].call_id);
            bool real = call >= 0 && t->call[call].refused;
            b->s.never += real;
            b->s.false_absence += !real;
            if (!real)
                off(b, t, seed, "never reached", r->calls[f->calls[k]].call_id, 1, 0);
        }
        bool lost = is_rule(f, "sip.message-lost"), early = is_rule(f, "sip.log-ends-early");
        for (size_t k = 0; k < f->ncalls && (lost || early); k++) {
            int call = truth_of(t, r->calls[f->calls[k]].call_id);
            bool real = false;
            for (int x = 0; x < t->nlosses; x++)
                real |= t->loss[x].call == call;
            b->s.early += early;
            b->s.claimed += lost && real;
            b->s.false_absence += lost && !real;
            if (lost && !real)
                off(b, t, seed, "loss", r->calls[f->calls[k]].call_id, 1, 0);
        }
    }
    for (int i = 0; i < t->ncalls; i++)
        b->s.refused += t->call[i].refused && t->call[i].seen;
    for (int x = 0; x < t->nlosses; x++) {
        b->s.losses++;
        b->s.claimable += t->loss[x].claimable;
        bool said = said_lost(r, t->call[t->loss[x].call].call_id);
        b->s.said += t->loss[x].claimable && said;
        if (t->loss[x].claimable && !said)
            off(b, t, seed, "loss", t->call[t->loss[x].call].call_id, 0, 1);
    }
}

static void compare_runs(struct bench *b, const struct incident *t, struct uct_report *r, uint64_t seed)
{
    struct uct_buf one = json_of(r);
    for (int k = 0; k < 2; k++) {
        struct uct_report *other = analyse(b, t, k == 0, k == 0 ? 1 : 2, 0);
        struct uct_buf two = json_of(other);
        bool same = one.n == two.n && memcmp(one.p, two.p, one.n) == 0;
        b->s.order_off += k == 0 && !same;
        b->s.threads_off += k == 1 && !same;
        if (!same)
            off(b, t, seed, k ? "-j2" : "order", "files", 0, 1);
        uct_buf_free(&two);
        uct_report_free(other);
    }
    uct_buf_free(&one);
}

static const char *text(const char *s)
{
    return s ? s : "";
}

/* Of two reports of one incident: is all that is said of a call the same, but for when? */
static bool same_call(const struct uct_report *a, const struct uct_report *b, size_t i)
{
    const struct uct_rcall *x = &a->calls[i], *y = NULL;
    for (size_t k = 0; k < b->ncalls && !y; k++)
        if (strcmp(x->call_id, b->calls[k].call_id) == 0)
            y = &b->calls[k];
    if (!y || x->outcome != y->outcome || x->status != y->status || x->messages != y->messages || x->nsources != y->nsources ||
        x->nfindings != y->nfindings)
        return false;
    for (size_t k = 0; k < x->nfindings; k++)
        if (strcmp(a->findings[x->findings[k]].rule->id, b->findings[y->findings[k]].rule->id) != 0)
            return false;
    return strcmp(text(x->method), text(y->method)) == 0 && strcmp(text(x->from), text(y->from)) == 0 &&
           strcmp(text(x->to), text(y->to)) == 0 && strcmp(text(x->reason), text(y->reason)) == 0;
}

/* Calls that gave up their rows are told as if they had kept them. */
static void compare_shrunk(struct bench *b, const struct incident *t, const struct uct_report *r, uint64_t seed)
{
    struct uct_report *shrunk = analyse(b, t, false, 1, 1), *again = analyse(b, t, true, 2, 1);
    struct uct_buf one = json_of(shrunk), two = json_of(again);
    struct bench aside = {.rules = b->rules, .verbose = b->verbose};
    memcpy(aside.dir, b->dir, sizeof aside.dir);
    for (size_t i = 0; i < r->ncalls; i++)
        if (!same_call(r, shrunk, i)) {
            b->s.shrunk_off++;
            off(b, t, seed, "shrunk call", r->calls[i].call_id, 0, 1);
        }
    if (r->ncalls != shrunk->ncalls || r->nsessions != shrunk->nsessions || one.n != two.n || memcmp(one.p, two.p, one.n) != 0) {
        b->s.shrunk_off++;
        off(b, t, seed, "shrunk", "report", (int64_t)shrunk->nsessions, (int64_t)r->nsessions);
    }
    compare_clocks(&aside, t, shrunk, seed);
    compare_sessions(&aside, t, shrunk, seed);
    b->s.shrunk_wrong += aside.s.wrong + aside.s.possible_wrong;
    b->s.shrunk += (unsigned)r->ncalls;
    b->s.shrunk_clocks += aside.s.clocks;
    b->s.shrunk_clocks_off += aside.s.clocks_off;
    uct_buf_free(&one);
    uct_buf_free(&two);
    uct_report_free(shrunk);
    uct_report_free(again);
}

static void incident(struct bench *b, uint64_t seed)
{
    static struct incident t;
    assert_true(incident_write(b->dir, seed, &t));
    struct uct_report *r = analyse(b, &t, false, 1, 0);
    b->s.incidents++;
    compare_calls(b, &t, r, seed);
    compare_sessions(b, &t, r, seed);
    compare_clocks(b, &t, r, seed);
    compare_losses(b, &t, r, seed);
    compare_runs(b, &t, r, seed);
    compare_shrunk(b, &t, r, seed);
    uct_report_free(r);
    empty(b);
}

static void say(const struct score *s)
{
    print_message("%u incidents, %u calls (%u missing, %u extra); off: outcome %u (and %u where a clock was set unseen), messages %u, retransmissions %u\n", s->incidents,
                  s->calls, s->missing, s->extra, s->outcome_off, s->outcome_unknown, s->messages_off, s->retransmissions_off);
    print_message("joins: %u, wrong %u, wrong among the possible ones %u; of %u pairs with a key %u found, of %u without %u\n", s->joins,
                  s->wrong, s->possible_wrong, s->pairs, s->found, s->hinted, s->hinted_found);
    for (size_t i = 0; i < KEYS && s->key[i].name[0]; i++)
        print_message("  by %s: %u, wrong %u\n", s->key[i].name, s->key[i].joins, s->key[i].wrong);
    print_message("clocks: %u measured, %u not; out of bound %u (of %u that drift %u); worst error %" PRId64 " ms, widest bound %" PRId64
                  " ms, worst share of a bound %.2f\n", s->clocks, s->unmeasured, s->clocks_off, s->drifting, s->drifting_off,
                  s->worst_error, s->widest_bound, s->worst_share);
    print_message("losses: %u, to be said %u, of these said %u, of all %u, falsely %u; log ends: %u; refused %u, said %u; "
                  "order differs %u, threads %u\n", s->losses, s->claimable, s->said, s->claimed, s->false_absence, s->early, s->refused, s->never, s->order_off, s->threads_off);
    print_message("shrunk: %u calls, %u told otherwise; clocks %u, out of bound %u\n", s->shrunk, s->shrunk_off, s->shrunk_clocks,
                  s->shrunk_clocks_off);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *v = getenv(name);
    return v && *v ? strtoull(v, NULL, 10) : otherwise;
}

static void random_incidents(void **state)
{
    struct bench *b = *state;
    uint64_t n = number("INCIDENTS", 320), seed = number("SEED", 1);
    for (uint64_t i = 0; i < n; i++)
        incident(b, seed + i);
    say(&b->s);
    assert_int_equal(b->s.missing + b->s.extra, 0);
    assert_int_equal(b->s.wrong, 0);
    assert_int_equal(b->s.possible_wrong, 0);
    /* What is not found is a redial of one Microsoft conversation in two logs whose clocks no message compares. */
    assert_true(b->s.found * 100 >= b->s.pairs * 97);
    assert_true(b->s.hinted_found * 100 >= b->s.hinted * 65);
    assert_true(b->s.said * 100 >= b->s.claimable * 80);
    assert_int_equal(b->s.clocks_off, 0);
    assert_int_equal(b->s.outcome_off, 0);
    assert_int_equal(b->s.messages_off, 0);
    assert_int_equal(b->s.retransmissions_off, 0);
    assert_int_equal(b->s.false_absence, 0);
    assert_int_equal(b->s.order_off + b->s.threads_off, 0);
    /* In logs this short few samples are left: a clock that was set may not show any more. */
    assert_true(b->s.shrunk_clocks_off * 500 <= b->s.shrunk_clocks);
    assert_int_equal(b->s.shrunk_wrong, 0);
    assert_true(b->s.shrunk_off * 100 <= b->s.shrunk);
}

static int set_up(void **state)
{
    static struct bench b;
    struct uct_buf errors = {0};
    enum uct_status st = uct_rules_load(&b.rules, NULL, 0, &errors);
    uct_buf_free(&errors);
    snprintf(b.dir, sizeof b.dir, "/tmp/uctriage-incident.XXXXXX");
    b.verbose = getenv("VERBOSE") != NULL;
    *state = &b;
    return st >= UCT_WARN && mkdtemp(b.dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    empty(b);
    rmdir(b->dir);
    uct_rules_free(b->rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_incidents),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
