/* uctriage ladder CALL PATH...: the message ladder of a call and of the session it belongs to.
 * Exit 0 when it was printed, 1 when there is no such call. */
#include "cli.h"

#include "../render/trace.h"

static bool render(const struct uct_cli *cli, const struct uct_report *r)
{
    struct uct_ladder_options l = {cli->all, cli->original_time, cli->show_joins};
    if (cli->format == UCT_FORMAT_JSON)
        return uct_render_ladder_json(r, uct_out_write, cli->out);
    return uct_render_ladder(r, &cli->render, &l, uct_out_write, cli->out);
}

int uct_cmd_ladder(const struct uct_cli *cli)
{
    struct uct_report *r = NULL;
    struct uct_rules *rules = NULL;
    bool cut;
    int code = uct_cli_trace(cli, UCT_WANT_SESSION, &r, &rules, &cut);
    if (code == 0)
        code = !render(cli, r) ? uct_cli_unmade(cli) : cut || uct_report_incomplete(r) ? 3 : 0;
    uct_report_free(r);
    uct_rules_free(rules);
    return code;
}
