/* jsonw: writes JSON into a buffer, indented or on one line.
 *
 * Calls mirror the document: open, members, close.  `key` is NULL for an
 * element of an array.  Nothing can fail but memory, which the buffer keeps. */
#ifndef UCT_JSONW_H
#define UCT_JSONW_H

#include "../base/base.h"

struct uct_jsonw {
    struct uct_buf *b;
    unsigned depth;
    unsigned flat;         /* > 0: inside something written on one line */
    bool first;            /* nothing written yet at this level */
    int64_t day;           /* of the last time written ... */
    char date[12];         /* ... and its "2017-03-02T"; empty: none yet */
};

/* one_line: this object or array and all in it stay on one line. */
void uct_jsonw_open(struct uct_jsonw *j, const char *key, char bracket, bool one_line);
void uct_jsonw_close(struct uct_jsonw *j, char bracket);
void uct_jsonw_str(struct uct_jsonw *j, const char *key, const char *s);       /* NULL: null */
void uct_jsonw_int(struct uct_jsonw *j, const char *key, int64_t v);
void uct_jsonw_u64(struct uct_jsonw *j, const char *key, uint64_t v);
void uct_jsonw_bool(struct uct_jsonw *j, const char *key, bool v);
void uct_jsonw_null(struct uct_jsonw *j, const char *key);
void uct_jsonw_time(struct uct_jsonw *j, const char *key, int64_t t);          /* UCT_NO_TIME: null */

#endif
