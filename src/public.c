/* public: names of uctriage.h that are thin over the rooms. */
#include "uctriage.h"

#include "diagnose/rules.h"
#include "render/render.h"

struct uct_rules *uct_rules_builtin(void)
{
    struct uct_rules *rules = NULL;
    struct uct_buf errors = {0};
    enum uct_status st = uct_rules_load(&rules, NULL, 0, &errors);
    uct_buf_free(&errors);
    if (st >= UCT_WARN)
        return rules;
    uct_rules_free(rules);
    return NULL;
}

bool uct_report_json(const struct uct_report *report, bool (*write)(void *arg, const char *p, size_t n), void *arg)
{
    struct uct_render_options o = {.width = 80};
    return uct_render_json(report, &o, write, arg);
}
