/* uctriage calls PATH...: one line per call.  Exit 0 when one was printed,
 * else 1. */
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

/* The lines hold no place for it: what could not be read is said beside them. */
static void say_unread(const struct uct_cli *cli, const struct uct_report *r)
{
    for (size_t i = 0; !cli->quiet && i < r->nsources; i++) {
        const struct uct_rsource *s = &r->sources[i];
        if (s->state != UCT_STATE_OK && s->state != UCT_STATE_DUPLICATE)
            uct_say("%s: %s%s%s", s->name, uct_state_name(s->state), s->note && *s->note ? ": " : "",
                    s->note ? s->note : "");
    }
}

int uct_cmd_calls(const struct uct_cli *cli)
{
    struct uct_report *r = NULL;
    struct uct_rules *rules = NULL;
    int code = uct_cli_analyse(cli, &r, &rules);
    if (code == 0) {
        say_unread(cli, r);
        code = !render(cli, r) ? 2 : any_shown(r) ? 0 : 1;
    }
    uct_report_free(r);
    uct_rules_free(rules);
    return code;
}
