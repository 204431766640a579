/* Shell-like patterns on source names. */
#include "engine.h"

/* '*' is retried from its last place only: linear in practice, at worst
 * pattern times name, and no recursion. */
static bool match(const char *p, const char *s)
{
    const char *star = NULL, *again = NULL;
    while (*s) {
        if (*p == '*') {
            star = p++;
            again = s;
        } else if (*p == '?' || *p == *s) {
            p++;
            s++;
        } else if (star) {
            p = star + 1;
            s = ++again;
        } else {
            return false;
        }
    }
    while (*p == '*')
        p++;
    return !*p;
}

bool uct_glob(const char *pattern, const char *name)
{
    if (match(pattern, name))
        return true;
    if (strpbrk(pattern, "/!"))
        return false;
    const char *last = name;
    for (const char *c = name; *c; c++)
        if (*c == '/' || *c == '!')
            last = c + 1;
    return match(pattern, last);
}
