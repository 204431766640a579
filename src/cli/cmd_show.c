/* uctriage show CALL|MESSAGE PATH...: texts of messages, whole.
 * Exit 0 when it was printed, 1 when there is no such call. */
#include "cli.h"

#include "../render/trace.h"

static bool render(const struct uct_cli *cli, const struct uct_report *r)
{
    if (cli->format == UCT_FORMAT_JSON)
        return uct_render_show_json(r, uct_out_write, cli->out);
    return uct_render_show(r, &cli->render, uct_out_write, cli->out);
}

int uct_cmd_show(const struct uct_cli *cli)
{
    struct uct_report *r = NULL;
    struct uct_rules *rules = NULL;
    bool cut;
    int code = uct_cli_trace(cli, UCT_WANT_TEXT | UCT_WANT_LINE, &r, &rules, &cut);
    if (code == 0)
        code = !render(cli, r) ? uct_cli_unmade(cli) : cut || uct_report_incomplete(r) ? 3 : 0;
    uct_report_free(r);
    uct_rules_free(rules);
    return code;
}
