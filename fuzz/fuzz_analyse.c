/* Fuzz target: the whole way, from the bytes of files to every report.
 *
 * A line "%%" cuts the data into several files, so that calls, clocks and
 * duplicates across sources are reached too.  What must hold for any bytes:
 * JSON and NDJSON are JSON; nothing that a terminal would obey stands in any
 * report; two threads and mapped files give the same bytes as one thread that
 * reads. */
#include "fuzz/whole.h"
#include "render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_others(const struct uct_report *r)
{
    static const struct uct_render_options narrow = {.width = 44, .utf8 = true, .show_skipped = true};
    struct uct_buf b = {0};
    struct uct_slice rest, line;
    must(uct_render_ndjson(r, &narrow, to_buf, &b));
    rest = uct_slice(b.p, b.n);
    while (uct_next_line(&rest, &line))
        must_be_json(line);
    b.n = 0;
    must(uct_render_text(r, &narrow, to_buf, &b) && uct_render_calls(r, &narrow, to_buf, &b) &&
         uct_render_calls_csv(r, &narrow, to_buf, &b));
    /* CSV lines end in CRLF, which the cleaner turns into LF. */
    for (size_t i = 0, n = b.n, to = b.n = 0; i < n; i++, b.n = to)
        if (b.p[i] != '\r')
            b.p[to++] = b.p[i];
    must_be_clean(uct_slice(b.p, b.n));
    uct_buf_free(&b);
}

/* The report as JSON; all other formats are checked on the way. */
static struct uct_buf analyse(const struct uct_rules *rules, const struct files *f, unsigned jobs, bool all)
{
    struct uct_limits limits = uct_limits_default;
    struct uct_options o;
    struct uct_report *r = NULL;
    struct uct_buf json = {0};
    must(uct_limits_parse(&limits, "bytes=16M,members=64,depth=4") == NULL);
    uct_options_init(&o);
    o.jobs = jobs;
    o.map = jobs > 1;
    o.limits = &limits;
    must(uct_analyse(&o, rules, f->path, f->n, &r) == 0);
    must(uct_render_json(r, &(struct uct_render_options){.width = 80}, to_buf, &json));
    if (all) {
        must_be_clean_json(&json);
        check_others(r);
    }
    uct_report_free(r);
    return json;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct files f = {.n = 0};
    files_make(&f, uct_slice((const char *)data, size), FILES_MOST);
    struct uct_buf one = analyse(builtin_rules(), &f, 1, true);
    if (uct_hash(data, size, 0) % 4 == 0) {
        struct uct_buf two = analyse(builtin_rules(), &f, 2, false);
        must(one.n == two.n && memcmp(one.p, two.p, one.n) == 0);
        uct_buf_free(&two);
    }
    uct_buf_free(&one);
    files_close(&f);
    return 0;
}
