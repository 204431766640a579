/* The ladder as JSON, schema "uctriage-ladder/1" (doc/INTERFACE.md). */
#include "trace.h"

#include "objects.h"

static const char *host_name(const struct uct_rtrace *t, uint32_t host)
{
    return host < t->nhosts ? t->hosts[host].name : NULL;
}

void uct_json_trace_sources(struct uct_jsonw *j, const struct uct_report *r)
{
    uct_jsonw_open(j, "sources", '[', false);
    for (size_t i = 0; i < r->nsources; i++) {
        uct_jsonw_open(j, NULL, '{', true);
        uct_jsonw_int(j, "id", (int64_t)i);
        uct_jsonw_str(j, "name", r->sources[i].name);
        uct_jsonw_int(j, "offset_ms", r->sources[i].offset_ms);
        uct_jsonw_str(j, "host", r->sources[i].box);
        uct_jsonw_close(j, '}');
    }
    uct_jsonw_close(j, ']');
}

void uct_json_not_found(struct uct_jsonw *j, const struct uct_report *r)
{
    uct_jsonw_open(j, "not_found", '[', true);
    for (size_t i = 0; i < r->trace->nwants; i++)
        if (!r->trace->wants[i].met)
            uct_jsonw_str(j, NULL, r->trace->wants[i].asked);
    uct_jsonw_close(j, ']');
}

static void hosts(struct uct_jsonw *j, const struct uct_rtrace *t)
{
    uct_jsonw_open(j, "hosts", '[', false);
    for (size_t i = 0; i < t->nhosts; i++) {
        uct_jsonw_open(j, NULL, '{', true);
        uct_jsonw_str(j, "name", t->hosts[i].name);
        uct_jsonw_str(j, "host", t->hosts[i].host);
        uct_jsonw_str(j, "address", t->hosts[i].address);
        uct_jsonw_bool(j, "logged", t->hosts[i].logged);
        uct_jsonw_close(j, '}');
    }
    uct_jsonw_close(j, ']');
}

static void zones(struct uct_jsonw *j, const struct uct_rmessage *m)
{
    uct_jsonw_open(j, "via", '[', false);
    for (size_t i = 0; i < m->nvias; i++) {
        uct_jsonw_open(j, NULL, '{', true);
        uct_jsonw_str(j, "sent_by", m->vias[i].sent_by);
        uct_jsonw_str(j, "egress_zone", m->vias[i].egress);
        uct_jsonw_str(j, "ingress_zone", m->vias[i].ingress);
        uct_jsonw_close(j, '}');
    }
    uct_jsonw_close(j, ']');
}

static void sightings(struct uct_jsonw *j, const struct uct_rmessage *m)
{
    static const char *const dirs[] = {NULL, "received", "sent"};
    uct_jsonw_open(j, "sightings", '[', false);
    for (size_t i = 0; i < m->nsightings; i++) {
        const struct uct_rsighting *s = &m->sightings[i];
        uct_jsonw_open(j, NULL, '{', true);
        uct_jsonw_int(j, "source", s->source);
        uct_jsonw_int(j, "line", s->line);
        uct_jsonw_u64(j, "offset", s->offset);
        uct_jsonw_int(j, "length", s->length);
        uct_jsonw_time(j, "time", s->time);
        uct_jsonw_time(j, "printed", s->printed);
        uct_jsonw_str(j, "direction", dirs[s->dir]);
        uct_jsonw_str(j, "local", s->local);
        uct_jsonw_str(j, "remote", s->remote);
        uct_jsonw_str(j, "process", s->process);
        uct_jsonw_bool(j, "summary", s->summary);
        uct_jsonw_close(j, '}');
    }
    uct_jsonw_close(j, ']');
}

static void flags(struct uct_jsonw *j, unsigned f)
{
    uct_jsonw_open(j, "flags", '[', true);
    if (f & UCT_LEG_LOST)
        uct_jsonw_str(j, NULL, "lost");
    if (f & UCT_LEG_B2BUA)
        uct_jsonw_str(j, NULL, "b2bua");
    uct_jsonw_close(j, ']');
}

static void message(struct uct_jsonw *j, const struct uct_report *r, const struct uct_rmessage *m)
{
    struct uct_buf id = {0};
    uct_buf_addf(&id, "%s.%u", r->calls[m->call].id, m->number);
    uct_jsonw_open(j, NULL, '{', false);
    uct_jsonw_str(j, "id", id.p);
    uct_jsonw_str(j, "kind", m->record ? "record" : m->status ? "response" : "request");
    uct_jsonw_time(j, "time", m->time);
    uct_jsonw_time(j, "printed", m->printed);
    uct_jsonw_str(j, "from", host_name(r->trace, m->from));
    uct_jsonw_str(j, "to", host_name(r->trace, m->to));
    uct_jsonw_str(j, "method", m->method);
    if (m->status)
        uct_jsonw_int(j, "status", m->status);
    else
        uct_jsonw_null(j, "status");
    uct_jsonw_str(j, "reason", m->phrase);
    uct_jsonw_str(j, "request_uri", m->ruri);
    uct_jsonw_int(j, "cseq", m->cseq);
    uct_jsonw_str(j, "code", m->code);
    uct_jsonw_str(j, "server", m->server);
    uct_jsonw_str(j, "sdp", m->sdp);
    flags(j, m->flags);
    uct_jsonw_u64(j, "retransmissions", m->retransmissions);
    uct_jsonw_open(j, "findings", '[', true);
    for (size_t i = 0; i < m->nfindings; i++)
        uct_jsonw_str(j, NULL, r->findings[m->findings[i]].id);
    uct_jsonw_close(j, ']');
    zones(j, m);
    sightings(j, m);
    uct_jsonw_close(j, '}');
    j->b->failed |= id.failed;
    uct_buf_free(&id);
}

static void calls(struct uct_jsonw *j, const struct uct_report *r)
{
    const struct uct_rtrace *t = r->trace;
    uct_jsonw_open(j, "calls", '[', false);
    for (size_t i = 0; i < t->ncalls; i++) {
        const struct uct_rpath *path = NULL;
        for (size_t k = 0; k < t->npaths; k++)
            if (t->paths[k].call == t->calls[i])
                path = &t->paths[k];
        uct_jsonw_open(j, NULL, '{', true);
        uct_jsonw_str(j, "id", r->calls[t->calls[i]].id);
        uct_jsonw_str(j, "call_id", r->calls[t->calls[i]].call_id);
        uct_jsonw_str(j, "session", r->calls[t->calls[i]].session);
        uct_jsonw_str(j, "outcome", uct_outcome_name(r->calls[t->calls[i]].outcome));
        uct_jsonw_open(j, "zones", '[', true);
        for (size_t k = 0; path && k < path->n; k++)
            uct_jsonw_str(j, NULL, path->zones[k]);
        uct_jsonw_close(j, ']');
        uct_jsonw_open(j, "zones_by_host", '[', true);
        for (size_t k = 0; path && k < path->nby_host; k++) {
            uct_jsonw_open(j, NULL, '{', true);
            uct_jsonw_str(j, "host", path->by_host[k].host);
            uct_jsonw_str(j, "in", path->by_host[k].in);
            uct_jsonw_str(j, "out", path->by_host[k].out);
            uct_jsonw_close(j, '}');
        }
        uct_jsonw_close(j, ']');
        uct_jsonw_close(j, '}');
    }
    uct_jsonw_close(j, ']');
}

bool uct_render_ladder_json(const struct uct_report *r, uct_write_fn *write, void *arg)
{
    struct uct_buf b = {0};
    struct uct_jsonw j = {.b = &b, .first = true};
    uct_jsonw_open(&j, NULL, '{', false);
    uct_jsonw_str(&j, "schema", "uctriage-ladder/1");
    uct_json_trace_sources(&j, r);
    calls(&j, r);
    hosts(&j, r->trace);
    uct_jsonw_open(&j, "messages", '[', false);
    bool ok = true;
    for (size_t i = 0; ok && i < r->trace->nmessages; i++) {
        message(&j, r, &r->trace->messages[i]);
        ok = !b.failed && (b.n < 1 << 16 || write(arg, b.p, b.n));
        b.n = b.n < 1 << 16 ? b.n : 0;
    }
    uct_jsonw_close(&j, ']');
    uct_json_not_found(&j, r);
    uct_jsonw_u64(&j, "calls_cut", r->trace->calls_cut);
    uct_jsonw_u64(&j, "messages_cut", r->trace->messages_cut);
    uct_jsonw_close(&j, '}');
    uct_buf_addc(&b, '\n');
    ok = ok && !b.failed && write(arg, b.p, b.n);
    uct_buf_free(&b);
    return ok;
}
