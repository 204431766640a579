/* The renderers of what was asked for by its call: ladder, show, diff. */
#ifndef UCT_RENDER_TRACE_H
#define UCT_RENDER_TRACE_H

#include "../report/trace.h"
#include "jsonw.h"
#include "render.h"

struct uct_ladder_options {
    bool all;                /* every sighting below its message */
    bool original_time;      /* stamps as the logs print them */
    bool joins;              /* why the calls are one session */
};

bool uct_render_ladder(const struct uct_report *r, const struct uct_render_options *o,
                       const struct uct_ladder_options *l, uct_write_fn *write, void *arg);
/* Every text of the trace (of one message where one was asked for). */
bool uct_render_show(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                     void *arg);
/* The calls of the first two wants side by side. */
bool uct_render_diff(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                     void *arg);

/* The same as JSON, schemas "uctriage-ladder/1", "uctriage-show/1" and "uctriage-diff/1"; a document also where not all
 * that was asked for is there. */
bool uct_render_ladder_json(const struct uct_report *r, uct_write_fn *write, void *arg);
bool uct_render_show_json(const struct uct_report *r, uct_write_fn *write, void *arg);
bool uct_render_diff_json(const struct uct_report *r, uct_write_fn *write, void *arg);

/* The sources a trace's numbers mean: a member "sources". */
void uct_json_trace_sources(struct uct_jsonw *j, const struct uct_report *r);
/* What was asked for and is not there: a member "not_found". */
void uct_json_not_found(struct uct_jsonw *j, const struct uct_report *r);

/* One line a join between these calls (all where calls is NULL). */
void uct_say_joins(struct uct_buf *b, const struct uct_report *r, const uint32_t *calls, size_t ncalls,
                   size_t width);

#endif
