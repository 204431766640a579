/* uctriage explain CODE...: what a code means, offline.  Behind `--`, the word
 * --list-symbols [PREFIX] prints every symbol, for the completion of a shell. */
#include "cli.h"
#include "../explain/explain.h"

static bool print_symbol(void *arg, const char *symbol)
{
    struct uct_buf *b = arg;
    uct_buf_adds(b, symbol);
    uct_buf_addc(b, '\n');
    return !b->failed;
}

static int list_symbols(const struct uct_cli *cli, const struct uct_dictionary *d)
{
    struct uct_buf b = {0};
    bool ok = uct_dictionary_symbols(d, cli->args.n > 1 ? cli->args.v[1] : "", print_symbol, &b);
    ok = ok && !b.failed && (b.n == 0 || uct_out_write(cli->out, b.p, b.n));
    uct_buf_free(&b);
    return ok ? 0 : uct_cli_unmade(cli);
}

static int explain(const struct uct_cli *cli, const struct uct_dictionary *d)
{
    bool all_known = false;
    enum uct_explain_format format = cli->format == UCT_FORMAT_JSON ? UCT_EXPLAIN_JSON : UCT_EXPLAIN_TEXT;
    if (!uct_explain_render(d, cli->args.v, cli->args.n, format, &cli->render, uct_out_write, cli->out,
                            &all_known))
        return uct_cli_unmade(cli);
    return all_known ? 0 : 1;
}

static bool looks_like_rule(const char *s)
{
    return strchr(s, '.') && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(s) &&
           uct_isalpha((unsigned char)*s);
}

/* A rule's id is no code, but who asks for one wants its page. */
static void say_rules(const struct uct_cli *cli)
{
    struct uct_rules *rules = NULL;
    for (size_t i = 0; i < cli->args.n && !cli->quiet; i++) {
        if (!looks_like_rule(cli->args.v[i]) || (!rules && !(rules = uct_cli_rules(cli))))
            continue;
        if (uct_rules_find(rules, cli->args.v[i]))
            uct_say("'%s' is a rule: 'uctriage rules show %s' explains it", cli->args.v[i], cli->args.v[i]);
    }
    uct_rules_free(rules);
}

int uct_cmd_explain(const struct uct_cli *cli)
{
    if (cli->args.n == 0) {
        uct_say("explain: no CODE given");
        return 2;
    }
    struct uct_dictionary *d;
    struct uct_buf error = {0};
    enum uct_status s = uct_dictionary_open(&d, cli->rule_dirs.v, cli->rule_dirs.n, &error);
    if (s != UCT_OK) {
        uct_say("explain: %.*s", error.n ? (int)(error.n - 1) : 13, error.n ? error.p : "out of memory");
        uct_buf_free(&error);
        return 2;
    }
    bool list = strcmp(cli->args.v[0], "--list-symbols") == 0;
    int code = list ? list_symbols(cli, d) : explain(cli, d);
    if (code == 1)
        say_rules(cli);
    uct_dictionary_free(d);
    uct_buf_free(&error);
    return code;
}
