/* Globs on the names of streams: "*" is any run of characters, '/' and '!'
 * among them, "?" one character.  No classes, no escapes. */
#include "layer.h"

/* One character may be several bytes. */
static const char *one(const char *s)
{
    size_t n = uct_utf8_len(uct_slice_str(s));
    return s + (n ? n : 1);
}

/* Only the last star is ever tried again, so the time is at most the product
 * of both lengths. */
bool uct_glob(const char *pattern, const char *name)
{
    const char *star = NULL, *retry = NULL;
    while (*name) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = name;
        } else if (*pattern == '?') {
            pattern++;
            name = one(name);
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static const char *last_component(const char *name)
{
    const char *last = name;
    for (; *name; name++)
        if ((*name == '/' || *name == '!') && name[1])
            last = name + 1;
    return last;
}

bool uct_glob_name(const char *pattern, const char *name)
{
    if (uct_glob(pattern, name))
        return true;
    return !strpbrk(pattern, "/!") && uct_glob(pattern, last_component(name));
}

struct uct_slice uct_name_whole(struct uct_slice name, char mark, uint64_t *n)
{
    const char *at = name.n ? memrchr(name.p, mark, name.n) : NULL;
    *n = 0;
    if (!at || at == name.p)
        return name;
    struct uct_slice digits = uct_slice(at + 1, name.n - (size_t)(at + 1 - name.p));
    if (!digits.n || uct_slice_u64(digits, n) != digits.n) {
        *n = 0;
        return name;
    }
    return uct_slice(name.p, (size_t)(at - name.p));
}

bool uct_glob_whole(const char *pattern, const char *name, const char *marks)
{
    char text[1024];
    struct uct_slice whole = uct_slice_str(name);
    uint64_t n;
    for (; *marks; marks++)
        whole = uct_name_whole(whole, *marks, &n);
    if (whole.n == strlen(name) || whole.n >= sizeof text)
        return false;
    memcpy(text, whole.p, whole.n);
    text[whole.n] = '\0';
    return uct_glob_name(pattern, text);
}

bool uct_name_junk(const char *name)
{
    const char *last = last_component(name);
    return strncmp(last, "._", 2) == 0 || strcmp(last, ".DS_Store") == 0 ||
           strncmp(name, "__MACOSX/", 9) == 0 || strstr(name, "/__MACOSX/") || strstr(name, "!__MACOSX/");
}
