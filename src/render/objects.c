/* objects: one function for each object of the JSON report.
 *
 * Filters choose what is printed: an object that is not shown is not referred
 * to either, so that every id in a report leads somewhere. */
#include "objects.h"

#include "calls.h"
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- joins by session --------------------------------------------------- */

static void count_joins(struct uct_join_map *m, const struct uct_report *r, const uint32_t *session)
{
    for (size_t i = 0; i < r->njoins; i++)
        m->start[session[r->joins[i].a] + 1]++;
    for (size_t s = 0; s < r->nsessions; s++)
        m->start[s + 1] += m->start[s];
    for (size_t i = r->njoins; i-- > 0;) {      /* backwards: keeps their order, see below */
        uint32_t s = session[r->joins[i].a];
        m->order[--m->start[s + 1]] = (uint32_t)i;
    }
    /* start[s + 1] has come down to the first join of session s. */
    for (size_t s = 0; s < r->nsessions; s++)
        m->start[s] = m->start[s + 1];
    m->start[r->nsessions] = (uint32_t)r->njoins;
}

bool uct_join_map_make(struct uct_join_map *m, const struct uct_report *r)
{
    *m = (struct uct_join_map){0};
    uint32_t *session = calloc(r->ncalls + 1, sizeof *session);
    m->start = calloc(r->nsessions + 2, sizeof *m->start);
    m->order = calloc(r->njoins + 1, sizeof *m->order);
    bool ok = session && m->start && m->order;
    if (ok && r->nsessions) {
        for (size_t s = 0; s < r->nsessions; s++)
            for (size_t c = 0; c < r->sessions[s].ncalls; c++)
                session[r->sessions[s].calls[c]] = (uint32_t)s;
        count_joins(m, r, session);
    }
    free(session);
    if (!ok)
        uct_join_map_free(m);
    return ok;
}

void uct_join_map_free(struct uct_join_map *m)
{
    free(m->start);
    free(m->order);
    *m = (struct uct_join_map){0};
}

bool uct_session_shown(const struct uct_report *r, size_t i)
{
    const struct uct_rsession *s = &r->sessions[i];
    for (size_t c = 0; c < s->ncalls; c++)
        if (r->calls[s->calls[c]].shown)
            return true;
    return false;
}

/* ---- small things ------------------------------------------------------- */

static void call_ids(struct uct_jsonw *j, const struct uct_report *r, const uint32_t *v, size_t n)
{
    uct_jsonw_open(j, "calls", '[', true);
    for (size_t i = 0; i < n; i++)
        if (r->calls[v[i]].shown)
            uct_jsonw_str(j, NULL, r->calls[v[i]].id);
    uct_jsonw_close(j, ']');
}

static void finding_ids(struct uct_jsonw *j, const char *key, const struct uct_report *r, const uint32_t *v,
                        size_t n)
{
    uct_jsonw_open(j, key, '[', true);
    for (size_t i = 0; i < n; i++)
        if (r->findings[v[i]].shown)
            uct_jsonw_str(j, NULL, r->findings[v[i]].id);
    uct_jsonw_close(j, ']');
}

static void strings(struct uct_jsonw *j, const char *key, const char *const *v, size_t n, bool one_line)
{
    uct_jsonw_open(j, key, '[', one_line);
    for (size_t i = 0; i < n; i++)
        uct_jsonw_str(j, NULL, v[i]);
    uct_jsonw_close(j, ']');
}

static const char *basis_name(enum uct_basis b)
{
    static const char *const names[] = {NULL, "utc-field", "zone", "assumed-utc", "measured", "user"};
    return (size_t)b < sizeof names / sizeof *names ? names[b] : NULL;
}

static void clock_object(struct uct_jsonw *j, const struct uct_rsource *s)
{
    uct_jsonw_open(j, "clock", '{', true);
    uct_jsonw_str(j, "basis", basis_name(s->basis));
    uct_jsonw_int(j, "offset_ms", s->offset_ms);
    if (s->zone) {
        char zone[16];
        uct_zone_format(s->offset_ms, zone);
        uct_jsonw_str(j, "zone", zone);
    }
    if (s->error_ms >= 0)
        uct_jsonw_int(j, "error_ms", s->error_ms);
    if (s->samples >= 0)
        uct_jsonw_int(j, "samples", s->samples);
    if (s->reference)
        uct_jsonw_str(j, "reference", s->reference);
    uct_jsonw_close(j, '}');
}

/* ---- the objects -------------------------------------------------------- */

void uct_json_head(struct uct_jsonw *j)
{
    uct_jsonw_str(j, "schema", UCT_REPORT_SCHEMA);
    uct_jsonw_open(j, "generator", '{', true);
    uct_jsonw_str(j, "name", PACKAGE_NAME);
    uct_jsonw_str(j, "version", PACKAGE_VERSION);
    uct_jsonw_close(j, '}');
}

void uct_json_source(struct uct_jsonw *j, const struct uct_report *r, size_t i)
{
    const struct uct_rsource *s = &r->sources[i];
    uct_jsonw_u64(j, "id", i);
    uct_jsonw_str(j, "name", s->name);
    uct_jsonw_str(j, "format", s->format);
    uct_jsonw_str(j, "host", s->host);
    uct_jsonw_u64(j, "bytes", s->bytes);
    uct_jsonw_u64(j, "lines", s->lines);
    uct_jsonw_u64(j, "records", s->records);
    uct_jsonw_u64(j, "messages", s->messages);
    uct_jsonw_u64(j, "unparsed", s->unparsed);
    uct_jsonw_u64(j, "prose", s->prose);
    uct_jsonw_time(j, "first", s->first);
    uct_jsonw_time(j, "last", s->last);
    clock_object(j, s);
    uct_jsonw_str(j, "status", uct_state_name(s->state));
    uct_jsonw_str(j, "note", s->note ? s->note : "");
    uct_jsonw_str(j, "set", s->set);
}

void uct_json_call(struct uct_jsonw *j, const struct uct_report *r, size_t i)
{
    const struct uct_rcall *c = &r->calls[i];
    uct_jsonw_str(j, "id", c->id);
    uct_jsonw_str(j, "call_id", c->call_id);
    uct_jsonw_str(j, "session", c->session);
    uct_jsonw_str(j, "method", c->method);
    uct_jsonw_str(j, "from", c->from);
    uct_jsonw_str(j, "to", c->to);
    uct_jsonw_time(j, "start", c->start);
    uct_jsonw_time(j, "end", c->end);
    uct_jsonw_str(j, "outcome", uct_outcome_name(c->outcome));
    if (c->status)
        uct_jsonw_int(j, "status", c->status);
    else
        uct_jsonw_null(j, "status");
    uct_jsonw_str(j, "reason", c->reason);
    uct_jsonw_open(j, "sources", '[', true);
    for (size_t k = 0; k < c->nsources; k++)
        uct_jsonw_u64(j, NULL, c->sources[k]);
    uct_jsonw_close(j, ']');
    uct_jsonw_u64(j, "messages", c->messages);
    uct_jsonw_u64(j, "retransmissions", c->retransmissions);
    finding_ids(j, "findings", r, c->findings, c->nfindings);
    uct_jsonw_open(j, "root_causes", '[', true);
    for (size_t k = 0; k < c->nfindings; k++)
        if (r->findings[c->findings[k]].shown && r->findings[c->findings[k]].class_ == UCT_ROOT_CAUSE)
            uct_jsonw_str(j, NULL, r->findings[c->findings[k]].rule->id);
    uct_jsonw_close(j, ']');
    uct_jsonw_open(j, "path", '[', true);
    for (size_t k = 0; c->way && k < c->way->n; k++)
        uct_jsonw_str(j, NULL, c->way->hops[k].name);
    uct_jsonw_close(j, ']');
    if (uct_call_duration(c) < 0)
        uct_jsonw_null(j, "duration_ms");
    else
        uct_jsonw_int(j, "duration_ms", uct_call_duration(c));
}

static void join_object(struct uct_jsonw *j, const struct uct_report *r, const struct uct_rjoin *n)
{
    uct_jsonw_open(j, NULL, '{', true);
    uct_jsonw_str(j, "a", r->calls[n->a].id);
    uct_jsonw_str(j, "b", r->calls[n->b].id);
    uct_jsonw_str(j, "key", n->key);
    uct_jsonw_str(j, "value", n->value);
    uct_jsonw_str(j, "confidence", uct_confidence_name(n->confidence));
    uct_jsonw_close(j, '}');
}

void uct_json_session(struct uct_jsonw *j, const struct uct_report *r, const struct uct_join_map *m, size_t i)
{
    uct_jsonw_str(j, "id", r->sessions[i].id);
    call_ids(j, r, r->sessions[i].calls, r->sessions[i].ncalls);
    uct_jsonw_open(j, "joins", '[', false);
    for (uint32_t k = m->start[i]; k < m->start[i + 1]; k++) {
        const struct uct_rjoin *n = &r->joins[m->order[k]];
        if (r->calls[n->a].shown && r->calls[n->b].shown)
            join_object(j, r, n);
    }
    uct_jsonw_close(j, ']');
}

static void distinct_object(struct uct_jsonw *j, const struct uct_rfinding *f)
{
    uct_jsonw_open(j, "distinct", '{', true);
    uct_jsonw_u64(j, "peers", f->peers);
    uct_jsonw_u64(j, "users", f->users);
    uct_jsonw_u64(j, "domains", f->domains);
    uct_jsonw_close(j, '}');
}

static void evidence_array(struct uct_jsonw *j, const struct uct_rfinding *f)
{
    uct_jsonw_open(j, "evidence", '[', false);
    for (size_t i = 0; i < f->nevidence; i++) {
        const struct uct_revidence *e = &f->evidence[i];
        uct_jsonw_open(j, NULL, '{', true);
        uct_jsonw_u64(j, "source", e->source);
        uct_jsonw_u64(j, "line", e->line);
        uct_jsonw_u64(j, "offset", e->offset);
        uct_jsonw_u64(j, "length", e->length);
        uct_jsonw_str(j, "excerpt", e->excerpt ? e->excerpt : "");
        uct_jsonw_close(j, '}');
    }
    uct_jsonw_close(j, ']');
}

void uct_json_finding(struct uct_jsonw *j, const struct uct_report *r, size_t i)
{
    const struct uct_rfinding *f = &r->findings[i];
    uct_jsonw_str(j, "id", f->id);
    uct_jsonw_str(j, "rule", f->rule->id);
    uct_jsonw_str(j, "class", uct_class_name(f->class_));
    uct_jsonw_str(j, "severity", uct_severity_name(f->severity));
    uct_jsonw_str(j, "confidence", uct_confidence_name(f->confidence));
    uct_jsonw_str(j, "title", f->title);
    uct_jsonw_str(j, "cause", f->cause);
    strings(j, "fix", f->fix, f->nfix, false);
    uct_jsonw_str(j, "actor", uct_actor_name(f->actor));
    distinct_object(j, f);
    strings(j, "codes", f->codes, f->ncodes, true);
    uct_jsonw_open(j, "params", '{', false);
    for (size_t k = 0; k < f->nparams; k++)
        uct_jsonw_str(j, f->params[k].name, f->params[k].value);
    uct_jsonw_close(j, '}');
    strings(j, "references", f->rule->reference, f->rule->nreference, false);
    call_ids(j, r, f->calls, f->ncalls);
    uct_jsonw_u64(j, "count", f->count);
    uct_jsonw_time(j, "first", f->first);
    uct_jsonw_time(j, "last", f->last);
    evidence_array(j, f);
    finding_ids(j, "explains", r, f->explains, f->nexplains);
    if (f->explains_more)
        uct_jsonw_u64(j, "explains_more", f->explains_more);
}

void uct_json_summary(struct uct_jsonw *j, const struct uct_report *r)
{
    uint64_t calls = 0, failed = 0, causes = 0, missing = 0;
    for (size_t i = 0; i < r->ncalls; i++) {
        calls += r->calls[i].shown;
        failed += r->calls[i].shown && r->calls[i].outcome == UCT_FAILED_CALL;
    }
    for (size_t i = 0; i < r->nfindings; i++) {
        causes += r->findings[i].shown && r->findings[i].class_ == UCT_ROOT_CAUSE;
        missing += r->findings[i].shown && r->findings[i].class_ == UCT_MISSING;
    }
    uct_jsonw_u64(j, "calls", calls);
    uct_jsonw_u64(j, "failed", failed);
    uct_jsonw_u64(j, "root_causes", causes);
    uct_jsonw_u64(j, "missing_information", missing);
}
