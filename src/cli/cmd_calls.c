/* uctriage calls PATH...: one line per call.  Exit 0 when one was printed,
 * else 1; 3 when some input could not be read whole. */
#include "cli.h"

static bool render(const struct uct_cli *cli, const struct uct_report *r)
{
    switch (cli->format) {
    case UCT_FORMAT_JSON: return uct_render_json(r, &cli->render, uct_out_write, cli->out);
    case UCT_FORMAT_NDJSON: return uct_render_calls_ndjson(r, &cli->render, uct_out_write, cli->out);
    case UCT_FORMAT_CSV: return uct_render_calls_csv(r, &cli->render, uct_out_write, cli->out);
    default: return uct_render_calls(r, &cli->render, uct_out_write, cli->out);
    }
}

static bool any_shown(const struct uct_report *r)
{
    for (size_t i = 0; i < r->ncalls; i++)
        if (r->calls[i].shown)
            return true;
    return false;
}

/* An empty screen looks like a fault: what is not there is said. */
static void say_none(const struct uct_cli *cli, const struct uct_report *r)
{
    if (cli->quiet)
        return;
    if (r->ncalls == 1)
        uct_say("the only call here does not pass the filters");
    else if (r->ncalls)
        uct_say("none of the %zu calls here passes the filters", r->ncalls);
    else
        uct_say("no call here: no SIP message and no diagnostic record that names one");
}

int uct_cmd_calls(const struct uct_cli *cli)
{
    struct uct_report *r = NULL;
    struct uct_rules *rules = NULL;
    int code = uct_cli_analyse(cli, &r, &rules);
    if (code == 0) {
        uct_cli_say_unread(cli, r);   /* the lines hold no place for it */
        if (!any_shown(r))
            say_none(cli, r);
        code = !render(cli, r) ? uct_cli_unmade(cli) : uct_report_incomplete(r) ? 3 : any_shown(r) ? 0 : 1;
    }
    uct_report_free(r);
    uct_rules_free(rules);
    return code;
}
