/* Fuzz target: several logs become one conversation, and all that is drawn of it.
 *
 * A line "%%" cuts the data into at most four files; clocks, joins, absences,
 * ladder, diff and the quoted texts are made of them.  What must hold for any
 * bytes: the commands succeed, JSON is JSON, nothing that a terminal would obey
 * stands in any of it, and the number of threads does not show. */
#include "fuzz/whole.h"
#include "render/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void draw(const struct uct_report *r, struct uct_buf *out)
{
    static const struct uct_render_options wide = {.width = 80}, narrow = {.width = 44, .utf8 = true, .by_session = true,
                                                                          .joins = true};
    static const struct uct_ladder_options all = {.all = true, .joins = true, .original_time = true}, some = {.all = false};
    struct uct_buf json = {0};
    must(uct_render_ladder(r, &wide, &some, to_buf, out) && uct_render_ladder(r, &narrow, &all, to_buf, out) &&
         uct_render_show(r, &wide, to_buf, out) && uct_render_diff(r, &wide, to_buf, out) &&
         uct_render_calls(r, &narrow, to_buf, out) && uct_render_text(r, &wide, to_buf, out));
    must_be_clean(uct_slice(out->p, out->n));
    must(uct_render_ladder_json(r, to_buf, &json));
    must_be_clean_json(&json);
    uct_buf_add(out, json.p, json.n);
    json.n = 0;
    must(uct_render_diff_json(r, to_buf, &json));
    must_be_clean_json(&json);
    uct_buf_add(out, json.p, json.n);
    json.n = 0;
    must(uct_render_show_json(r, to_buf, &json));
    must_be_clean_json(&json);
    uct_buf_free(&json);
}

static bool is_call(const struct uct_rwant *w)
{
    return w->found && w->source == UINT32_MAX;
}

static struct uct_buf trace(const struct uct_rules *rules, const struct files *f, unsigned jobs)
{
    static const char *const want[] = {"c1", "c2"};
    struct uct_limits limits = uct_limits_default;
    struct uct_options o;
    struct uct_report *r = NULL;
    struct uct_buf out = {0};
    must(uct_limits_parse(&limits, "bytes=16M,members=64,depth=4") == NULL);
    uct_options_init(&o);
    o.jobs = jobs;
    o.limits = &limits;
    o.want = want;
    o.nwant = 2;
    o.want_text = o.want_session = true;
    must(uct_analyse(&o, rules, f->path, f->n, &r) == 0);
    if (is_call(&r->trace->wants[0]) && is_call(&r->trace->wants[1]))
        draw(r, &out);
    uct_report_free(r);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct files f = {.n = 0};
    files_make(&f, uct_slice((const char *)data, size), 4);
    struct uct_buf one = trace(builtin_rules(), &f, 1);
    if (uct_hash(data, size, 0) % 4 == 0) {
        struct uct_buf two = trace(builtin_rules(), &f, 2);
        must(one.n == two.n && (!one.n || memcmp(one.p, two.p, one.n) == 0));
        uct_buf_free(&two);
    }
    uct_buf_free(&one);
    files_close(&f);
    return 0;
}
