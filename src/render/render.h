/* render: one file per output format; each walks the report once. */
#ifndef UCT_RENDER_H
#define UCT_RENDER_H

#include "../report/report.h"

enum uct_sort { UCT_SORT_START, UCT_SORT_DURATION, UCT_SORT_OUTCOME, UCT_SORT_FROM, UCT_SORT_TO };

struct uct_render_options {
    bool colour;
    unsigned width;          /* columns for text */
    bool utf8;               /* may print more than ASCII decoration */
    bool show_skipped;
    bool quiet;
    bool by_session;         /* `calls`: a line per session */
    bool joins;              /* ... and why its calls are one */
    enum uct_sort sort;
};

/* Bytes go to `write`; a false return stops and is passed on. */
typedef bool uct_write_fn(void *arg, const char *p, size_t n);

bool uct_render_text(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                     void *arg);
bool uct_render_calls(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                      void *arg);
bool uct_render_json(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                     void *arg);
bool uct_render_ndjson(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                       void *arg);
/* What `uctriage calls` writes for -f ndjson (the lines of type "call") and -f csv (RFC 4180). */
bool uct_render_calls_ndjson(const struct uct_report *r, const struct uct_render_options *o,
                             uct_write_fn *write, void *arg);
bool uct_render_calls_csv(const struct uct_report *r, const struct uct_render_options *o, uct_write_fn *write,
                          void *arg);
/* Appends s as a JSON string with its quotes; NULL becomes null. */
void uct_json_string(struct uct_buf *b, const char *s);

#endif
