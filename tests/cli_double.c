/* cli_double: weak stand-ins for the parts of the library that the command
 * calls, for its tests. */
#include "report_double.h"
#include "uctriage.h"

#include <stdlib.h>

#define WEAK __attribute__((weak))

int uct_double_analyse(const struct uct_options *o, const char *const *paths, size_t npaths,
                       struct uct_report **r);

WEAK const struct uct_limits uct_limits_default = {8, 100000, 64ull << 30, 200, 1 << 20, 1 << 20, 4ull << 30};

WEAK const char *uct_limits_parse(struct uct_limits *l, const char *list)
{
    (void)l;
    return strchr(list, '=') ? NULL : "not KEY=VALUE";
}

WEAK void uct_options_init(struct uct_options *o) { *o = (struct uct_options){.jobs = 1}; }
WEAK const char *uct_options_check(const struct uct_options *o) { (void)o; return NULL; }
WEAK bool uct_guard_install(void) { return false; }

WEAK int uct_analyse(const struct uct_options *o, const struct uct_rules *rules, const char *const *paths,
                     size_t npaths, struct uct_report **report)
{
    (void)rules;
    return uct_double_analyse(o, paths, npaths, report);
}

static const struct uct_text texts[] = {{"en", "A title", "A cause.", (const char *const[]){"Do this."}, 1}};
static const struct uct_index keys[] = {{UCT_KEY_RESULT, NULL, 0xc3e93d67},
                                        {UCT_KEY_LITERAL, "wrong principal", 0}};
static const struct uct_rule double_rules[] = {
    {.id = "federation.cert-name-mismatch", .index = keys, .nindex = 2, .text = texts, .ntext = 1},
    {.id = "sip.relayed", .class_ = UCT_SYMPTOM, .text = texts, .ntext = 1},
};

WEAK enum uct_status uct_rules_load(struct uct_rules **r, const char *const *dirs, size_t ndirs,
                                    struct uct_buf *errors)
{
    static char any;
    if (ndirs)
        uct_buf_addf(errors, "%s: no such directory\n", dirs[0]);
    *r = ndirs ? NULL : (struct uct_rules *)(void *)&any;
    return ndirs ? UCT_FAILED : UCT_OK;
}

WEAK void uct_rules_free(struct uct_rules *r) { (void)r; }
WEAK size_t uct_rules_count(const struct uct_rules *r) { (void)r; return 2; }
WEAK const struct uct_rule *uct_rules_get(const struct uct_rules *r, size_t i)
{
    (void)r;
    return &double_rules[i];
}

WEAK const struct uct_rule *uct_rules_find(const struct uct_rules *r, const char *id)
{
    for (size_t i = 0; i < 2; i++)
        if (strcmp(uct_rules_get(r, i)->id, id) == 0)
            return uct_rules_get(r, i);
    return NULL;
}

WEAK const struct uct_text *uct_rule_text(const struct uct_rule *r, const char *lang)
{
    (void)lang;
    return r->text;
}

WEAK bool uct_rules_check_file(const char *path, uct_analyse_fn *analyse, void *arg, struct uct_buf *report)
{
    (void)path;
    return analyse(arg, NULL, "sample", 6, report);
}
