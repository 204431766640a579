/* uctriage ladder CALL PATH...: the message ladder of a call and of the session it belongs to.
 * Exit 0 when it was printed, 1 when there is no such call. */
#include "cli.h"

#include "../render/trace.h"

static bool render(const struct uct_cli *cli, const struct uct_report *r)
{
    struct uct_ladder_options l = {cli->all, cli->original_time, cli->show_joins};
    return uct_render_ladder(r, &cli->render, &l, uct_out_write, cli->out);
}

int uct_cmd_ladder(const struct uct_cli *cli)
{
    static const struct uct_tracer as = {.session = true, .render = render, .render_json = uct_render_ladder_json};
    return uct_cli_trace(cli, &as);
}
