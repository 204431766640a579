/* jsonlite: a strict JSON reader for tests, written apart from the writer that
 * it checks.  The tree lives in an arena. */
#ifndef UCT_JSONLITE_H
#define UCT_JSONLITE_H

#include "base/base.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_type type;
    bool truth;
    double number;
    bool integer;
    const char *string;          /* unescaped UTF-8 */
    const char *key;             /* as a member of an object */
    struct json *child, *next;   /* elements or members, in order */
    size_t n;                    /* how many */
};

/* NULL with *error set to the byte where it stops being JSON. */
struct json *json_parse(struct uct_arena *a, struct uct_slice text, size_t *error);
const struct json *json_member(const struct json *object, const char *key);
bool json_equal(const struct json *a, const struct json *b);

#endif
