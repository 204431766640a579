/* objects: the report's objects as JSON, shared by the json and ndjson
 * formats.  Keys and their order are those of doc/INTERFACE.md. */
#ifndef UCT_OBJECTS_H
#define UCT_OBJECTS_H

#include "jsonw.h"
#include "render.h"

#define UCT_REPORT_SCHEMA "uctriage-report/1"

/* Which joins belong to which session, made once per report. */
struct uct_join_map {
    uint32_t *start;       /* joins of session s: order[start[s] .. start[s + 1]) */
    uint32_t *order;
};
bool uct_join_map_make(struct uct_join_map *m, const struct uct_report *r);
void uct_join_map_free(struct uct_join_map *m);

/* True when a call of it is shown. */
bool uct_session_shown(const struct uct_report *r, size_t i);

/* Members only: the caller opens and closes the object. */
void uct_json_head(struct uct_jsonw *j);
void uct_json_source(struct uct_jsonw *j, const struct uct_report *r, size_t i);
void uct_json_call(struct uct_jsonw *j, const struct uct_report *r, size_t i);
void uct_json_session(struct uct_jsonw *j, const struct uct_report *r, const struct uct_join_map *m,
                      size_t i);
void uct_json_finding(struct uct_jsonw *j, const struct uct_report *r, size_t i);
void uct_json_summary(struct uct_jsonw *j, const struct uct_report *r);

#endif
