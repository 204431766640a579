/* uctriage diff CALL CALL PATH...: two calls side by side.
 * Exit 0 when it was printed, 1 when there is no such call. */
#include "cli.h"

#include "../render/trace.h"

static bool render(const struct uct_cli *cli, const struct uct_report *r)
{
    return uct_render_diff(r, &cli->render, uct_out_write, cli->out);
}

int uct_cmd_diff(const struct uct_cli *cli)
{
    static const struct uct_tracer as = {.text = true, .render = render, .render_json = uct_render_diff_json};
    return uct_cli_trace(cli, &as);
}
