/* ndjson: --format ndjson, one object a line:
 *
 *   {"type": "source", "id": 0, "name": "edge.log", ...}
 *   {"type": "summary", "calls": 1, ..., "schema": "uctriage-report/1", ...}  */
#include "objects.h"

struct out {
    struct uct_buf b;
    struct uct_jsonw j;        /* kept from line to line for the date it remembers */
    uct_write_fn *write;
    void *arg;
};

static struct uct_jsonw *begin(struct out *o, const char *type)
{
    o->b.n = 0;
    o->j.b = &o->b;
    o->j.first = true;
    uct_jsonw_open(&o->j, NULL, '{', true);
    uct_jsonw_str(&o->j, "type", type);
    return &o->j;
}

static bool end(struct out *o)
{
    uct_jsonw_close(&o->j, '}');
    uct_buf_addc(&o->b, '\n');
    return !o->b.failed && o->write(o->arg, o->b.p, o->b.n);
}

static bool calls(struct out *o, const struct uct_report *r)
{
    for (size_t i = 0; i < r->ncalls; i++) {
        if (!r->calls[i].shown)
            continue;
        struct uct_jsonw *j = begin(o, "call");
        uct_json_call(j, r, i);
        if (!end(o))
            return false;
    }
    return true;
}

static bool sessions(struct out *o, const struct uct_report *r)
{
    struct uct_join_map m;
    if (!uct_join_map_make(&m, r))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < r->nsessions; i++) {
        if (!uct_session_shown(r, i))
            continue;
        struct uct_jsonw *j = begin(o, "session");
        uct_json_session(j, r, &m, i);
        ok = end(o);
    }
    uct_join_map_free(&m);
    return ok;
}

static bool findings(struct out *o, const struct uct_report *r)
{
    for (size_t i = 0; i < r->nfindings; i++) {
        if (!r->findings[i].shown)
            continue;
        struct uct_jsonw *j = begin(o, "finding");
        uct_json_finding(j, r, i);
        if (!end(o))
            return false;
    }
    return true;
}

static bool all(struct out *o, const struct uct_report *r)
{
    for (size_t i = 0; i < r->nsources; i++) {
        struct uct_jsonw *j = begin(o, "source");
        uct_json_source(j, r, i);
        if (!end(o))
            return false;
    }
    if (!calls(o, r) || !sessions(o, r) || !findings(o, r))
        return false;
    struct uct_jsonw *j = begin(o, "summary");
    uct_json_summary(j, r);
    uct_json_head(j);
    return end(o);
}

bool uct_render_ndjson(const struct uct_report *r, const struct uct_render_options *opt, uct_write_fn *write,
                       void *arg)
{
    (void)opt;
    struct out o = {.write = write, .arg = arg};
    bool ok = all(&o, r);
    uct_buf_free(&o.b);
    return ok;
}

bool uct_render_calls_ndjson(const struct uct_report *r, const struct uct_render_options *opt,
                             uct_write_fn *write, void *arg)
{
    struct out o = {.write = write, .arg = arg};
    bool ok = opt->by_session ? sessions(&o, r) : calls(&o, r);
    uct_buf_free(&o.b);
    return ok;
}
