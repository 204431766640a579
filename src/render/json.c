/* json: --format json, one document (schema "uctriage-report/1"). */
#include "objects.h"

/* What is written goes out whenever this much has come together: a report of
 * a million calls never stands in memory twice. */
enum { FLUSH = 1 << 16 };

struct out {
    struct uct_buf b;
    struct uct_jsonw j;
    uct_write_fn *write;
    void *arg;
};

static bool flush(struct out *o, size_t least)
{
    if (o->b.failed)
        return false;
    if (o->b.n < least)
        return true;
    bool ok = o->b.n == 0 || o->write(o->arg, o->b.p, o->b.n);
    o->b.n = 0;
    return ok;
}

static bool sources(struct out *o, const struct uct_report *r)
{
    uct_jsonw_open(&o->j, "sources", '[', false);
    for (size_t i = 0; i < r->nsources; i++) {
        uct_jsonw_open(&o->j, NULL, '{', false);
        uct_json_source(&o->j, r, i);
        uct_jsonw_close(&o->j, '}');
        if (!flush(o, FLUSH))
            return false;
    }
    uct_jsonw_close(&o->j, ']');
    return true;
}

static bool calls(struct out *o, const struct uct_report *r)
{
    uct_jsonw_open(&o->j, "calls", '[', false);
    for (size_t i = 0; i < r->ncalls; i++) {
        if (!r->calls[i].shown)
            continue;
        uct_jsonw_open(&o->j, NULL, '{', false);
        uct_json_call(&o->j, r, i);
        uct_jsonw_close(&o->j, '}');
        if (!flush(o, FLUSH))
            return false;
    }
    uct_jsonw_close(&o->j, ']');
    return true;
}

static bool sessions(struct out *o, const struct uct_report *r)
{
    struct uct_join_map m;
    if (!uct_join_map_make(&m, r))
        return false;
    bool ok = true;
    uct_jsonw_open(&o->j, "sessions", '[', false);
    for (size_t i = 0; ok && i < r->nsessions; i++) {
        if (!uct_session_shown(r, i))
            continue;
        uct_jsonw_open(&o->j, NULL, '{', false);
        uct_json_session(&o->j, r, &m, i);
        uct_jsonw_close(&o->j, '}');
        ok = flush(o, FLUSH);
    }
    uct_jsonw_close(&o->j, ']');
    uct_join_map_free(&m);
    return ok;
}

static bool findings(struct out *o, const struct uct_report *r)
{
    uct_jsonw_open(&o->j, "findings", '[', false);
    for (size_t i = 0; i < r->nfindings; i++) {
        if (!r->findings[i].shown)
            continue;
        uct_jsonw_open(&o->j, NULL, '{', false);
        uct_json_finding(&o->j, r, i);
        uct_jsonw_close(&o->j, '}');
        if (!flush(o, FLUSH))
            return false;
    }
    uct_jsonw_close(&o->j, ']');
    return true;
}

bool uct_render_json(const struct uct_report *r, const struct uct_render_options *opt, uct_write_fn *write,
                     void *arg)
{
    (void)opt;
    struct out o = {.write = write, .arg = arg, .j.first = true};
    o.j.b = &o.b;
    uct_jsonw_open(&o.j, NULL, '{', false);
    uct_json_head(&o.j);
    bool ok = sources(&o, r) && calls(&o, r) && sessions(&o, r) && findings(&o, r);
    if (ok) {
        uct_jsonw_open(&o.j, "summary", '{', true);
        uct_json_summary(&o.j, r);
        uct_jsonw_close(&o.j, '}');
        uct_jsonw_close(&o.j, '}');
        uct_buf_addc(&o.b, '\n');
        ok = flush(&o, 0);
    }
    uct_buf_free(&o.b);
    return ok;
}
