/* cli: from the command line to a command and its exit code. */
#include "cli.h"
#include "../../parsers/parser.h"
#include "../render/layout.h"
#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT(f) (1u << UCT_FORMAT_##f)

/* The first is what runs when no command is named. */
const struct uct_command uct_commands[] = {
    {"analyze", "PATH...", "what failed, why, what to change", uct_cmd_analyze,
     FORMAT(TEXT) | FORMAT(JSON) | FORMAT(NDJSON), true, 0},
    {"calls", "PATH...", "one line per call", uct_cmd_calls,
     FORMAT(TEXT) | FORMAT(JSON) | FORMAT(NDJSON) | FORMAT(CSV), true, 0},
    {"explain", "CODE...", "what a code means, offline", uct_cmd_explain, FORMAT(TEXT) | FORMAT(JSON), false, 0},
    {"rules", "list | show ID | check FILE...", "the rules, or test a file of them", uct_cmd_rules,
     FORMAT(TEXT) | FORMAT(JSON), false, 0},
    {"ladder", "CALL PATH...", "the message ladder of a call", uct_cmd_ladder,
     FORMAT(TEXT) | FORMAT(JSON), true, 1},
    {"show", "CALL|MESSAGE PATH...", "the full text of messages", uct_cmd_show,
     FORMAT(TEXT) | FORMAT(JSON), true, 1},
    {"diff", "CALL CALL PATH...", "a failing call beside a working one", uct_cmd_diff,
     FORMAT(TEXT) | FORMAT(JSON), true, 2},
    {"check", "PATH... [--domain D]", "the federation requirements", NULL, 0, false, 0},
    {"export", "FORMAT PATH...", "pcap, snooper, messages, records, sqlite", NULL, 0, false, 0},
    {"redact", "PATH... -o OUT", "the same logs, masked", NULL, 0, false, 0},
    {"batch", "DIR... -o OUT", "many cases, one report", NULL, 0, false, 0},
    {"report", "CASE.db", "reports made again from a case file", NULL, 0, false, 0},
    {"merge", "PART... -o OUT", "parts of a batch joined", NULL, 0, false, 0},
    {"unmask", "MAP", "masked names translated back", NULL, 0, false, 0},
    {NULL, NULL, NULL, NULL, 0, false, 0},
};

const struct uct_command *uct_command_find(const char *name)
{
    for (const struct uct_command *c = uct_commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

void uct_say(const char *fmt, ...)
{
    struct uct_buf clean = {0};
    char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n >= 0) {
        uct_buf_adds(&clean, "uctriage: ");
        uct_fit(&clean, uct_slice(text, (size_t)n), SIZE_MAX, "");
        uct_buf_addc(&clean, '\n');
    }
    if (n >= 0 && !clean.failed)
        fwrite(clean.p, 1, clean.n, stderr);
    else
        fputs("uctriage: out of memory\n", stderr);
    if (n >= 0)
        free(text);
    uct_buf_free(&clean);
}

int uct_cli_unmade(const struct uct_cli *cli)
{
    if (!uct_out_failed(cli->out))
        uct_say("out of memory");
    return 2;
}

/* ---- what can be refused before anything is done ------------------------- */

static bool built(const struct uct_cli *cli)
{
    const char *missing = NULL;
    if (!cli->command->run) {
        uct_say("'%s' is not built yet in this release", cli->command->name);
        return false;
    }
    if (cli->redact)
        missing = "--redact";
    if (missing)
        uct_say("option '%s' is not built yet in this release", missing);
    return !missing;
}

static bool writes_format(const struct uct_cli *cli)
{
    if (cli->command->formats & 1u << cli->format)
        return true;
    if (cli->command->paths && cli->format >= UCT_FORMAT_CSV)
        uct_say("format '%s' is not built yet in this release", uct_format_name(cli->format));
    else
        uct_say("'%s' does not write format '%s'", cli->command->name, uct_format_name(cli->format));
    return false;
}

static bool looks_like_command(const struct uct_cli *cli)
{
    const char *names[32];
    size_t n = 0;
    const char *word = cli->args.n ? cli->args.v[0] : "-";
    for (const struct uct_command *c = uct_commands; c->name && n < 32; c++)
        names[n++] = c->name;
    if (strpbrk(word, "/.") || access(word, F_OK) == 0)
        return false;
    const char *near = uct_nearest(word, names, n);
    if (near && strcmp(near, word) == 0)      /* "uctriage -- calls": a file's name */
        return false;
    if (near)
        uct_say("no file '%s', and no such command (did you mean '%s'?)", word, near);
    return near != NULL;
}

/* -o with the name of a log would replace the log. */
static bool overwrites_input(const struct uct_cli *cli)
{
    struct stat out, in;
    if (!cli->output || !cli->command->paths || stat(cli->output, &out) != 0 || !S_ISREG(out.st_mode))
        return false;
    for (size_t i = cli->command->lead; i < cli->args.n; i++)
        if (stat(cli->args.v[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino) {
            uct_say("output '%s' is also an input", cli->output);
            return true;
        }
    return false;
}

/* --parser: the names are those of sources[].format. */
static bool parser_known(const char *name)
{
    struct uct_buf names = {0};
    if (!name || uct_parser_find(uct_slice_str(name)))
        return true;
    for (const struct uct_parser *const *p = uct_parsers; *p; p++)
        uct_buf_addf(&names, "%s%s", names.n ? ", " : "", (*p)->name);
    uct_say("option '--parser': '%s' names no parser: use one of %s", name, names.failed ? "" : names.p);
    uct_buf_free(&names);
    return false;
}

static bool fit_to_run(const struct uct_cli *cli)
{
    if (!built(cli) || !writes_format(cli))
        return false;
    if (cli->domain) {
        uct_say("option '--domain' belongs to 'check'");
        return false;
    }
    if (!parser_known(cli->o.parser))
        return false;
    const char *wrong = uct_options_check(&cli->o);
    if (!wrong)
        wrong = uct_out_check(cli->out);
    if (wrong)
        uct_say("%s", wrong);
    return !wrong && !overwrites_input(cli);
}

/* ---- running ------------------------------------------------------------- */

static int print(struct uct_cli *cli, void (*make)(struct uct_buf *))
{
    struct uct_buf b = {0};
    make(&b);
    bool ok = !b.failed && uct_out_write(cli->out, b.p, b.n);
    uct_buf_free(&b);
    return ok ? 0 : uct_cli_unmade(cli);
}

static void version(struct uct_buf *b)
{
    uct_buf_adds(b, PACKAGE_NAME " " PACKAGE_VERSION "\n");
}

static int run(struct uct_cli *cli)
{
    if (cli->help || cli->version)
        return print(cli, cli->help ? uct_help : version);
    if (!fit_to_run(cli))
        return 2;
    if (cli->args.n < cli->command->lead) {
        uct_say("'%s' wants %s", cli->command->name, cli->command->operands);
        return 2;
    }
    if (cli->command->paths && cli->args.n == cli->command->lead) {
        if (isatty(STDIN_FILENO)) {
            uct_say("no PATH given (try 'uctriage --help')");
            return 2;
        }
        cli->args.v[cli->args.n++] = "-";
    } else if (!cli->named && looks_like_command(cli)) {
        return 2;
    }
    return cli->command->run(cli);
}

int uct_cli_main(int argc, char **argv)
{
    struct uct_cli cli;
    struct uct_buf err = {0};
    int code = 2;
    signal(SIGPIPE, SIG_IGN);
    setlocale(LC_CTYPE, "");
    if (!uct_cli_parse(&cli, argc, argv, &err)) {
        uct_say("%s", err.p ? err.p : "out of memory");
    } else if (!(cli.out = uct_out_new(cli.output))) {
        uct_say("out of memory");
    } else {
        uct_terminal_setup(&cli);
        code = run(&cli);
        if (!uct_out_finish(cli.out, code != 2))
            code = 2;
    }
    uct_out_free(cli.out);
    uct_cli_free(&cli);
    uct_buf_free(&err);
    return code;
}
