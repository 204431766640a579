/* uctriage show CALL|MESSAGE PATH...: texts of messages, whole.
 * Exit 0 when it was printed, 1 when there is no such call. */
#include "cli.h"

#include "../render/trace.h"

static bool render(const struct uct_cli *cli, const struct uct_report *r)
{
    return uct_render_show(r, &cli->render, uct_out_write, cli->out);
}

int uct_cmd_show(const struct uct_cli *cli)
{
    static const struct uct_tracer as = {.text = true, .lines = true, .render = render,
                                         .render_json = uct_render_show_json};
    return uct_cli_trace(cli, &as);
}
