/* A program that uses the installed library: analyses its arguments, writes JSON, exits as the command does. */
#include <uctriage.h>

#include <stdio.h>

static bool put(void *arg, const char *p, size_t n)
{
    return fwrite(p, 1, n, arg) == n;
}

int main(int argc, char **argv)
{
    struct uct_options o;
    struct uct_report *report = NULL;
    struct uct_rules *rules = uct_rules_builtin();
    uct_options_init(&o);
    if (!rules || uct_options_check(&o))
        return 2;
    int st = uct_analyse(&o, rules, (const char *const *)argv + 1, (size_t)argc - 1, &report);
    int code = st == 0 && uct_report_json(report, put, stdout) ? uct_report_exit(report) : 2;
    uct_report_free(report);
    uct_rules_free(rules);
    return code;
}
