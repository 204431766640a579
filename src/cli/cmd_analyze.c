/* uctriage [analyze] PATH...: what failed, why, what to change. */
#include "cli.h"

static bool render(const struct uct_cli *cli, const struct uct_report *r)
{
    switch (cli->format) {
    case UCT_FORMAT_JSON: return uct_render_json(r, &cli->render, uct_out_write, cli->out);
    case UCT_FORMAT_NDJSON: return uct_render_ndjson(r, &cli->render, uct_out_write, cli->out);
    default: return uct_render_text(r, &cli->render, uct_out_write, cli->out);
    }
}

int uct_cmd_analyze(const struct uct_cli *cli)
{
    struct uct_report *r = NULL;
    struct uct_rules *rules = NULL;
    int code = uct_cli_analyse(cli, &r, &rules);
    if (code == 0) {
        if (cli->format != UCT_FORMAT_TEXT || cli->output)   /* else the report on the screen says it */
            uct_cli_say_unread(cli, r);
        code = render(cli, r) ? uct_report_exit(r) : uct_cli_unmade(cli);
    }
    uct_report_free(r);
    uct_rules_free(rules);
    return code;
}
