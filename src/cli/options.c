/* options: the one table that parsing, --help, and the tests of the man page
 * and of the completions read.
 *
 *   uctriage [OPTION|OPERAND]...      -jN  -j N  -qv  --jobs=N  --jobs N  --
 *
 * The first operand is the command's name if it is exactly one; options stand
 * before or after it. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const format_names[] = {"text", "json", "ndjson", "csv", "html", "markdown", "sqlite"};

const char *uct_format_name(enum uct_format f)
{
    return format_names[f];
}

/* ---- values -------------------------------------------------------------- */

static const char *set_format(struct uct_cli *cli, const char *arg)
{
    for (size_t i = 0; i < sizeof format_names / sizeof *format_names; i++)
        if (strcmp(arg, format_names[i]) == 0) {
            cli->format = (enum uct_format)i;
            return NULL;
        }
    return "not one of text, json, ndjson, html, markdown, csv, sqlite";
}

static const char *set_output(struct uct_cli *cli, const char *arg)
{
    cli->output = arg;
    return *arg ? NULL : "not a file name";
}

static const char *set_jobs(struct uct_cli *cli, const char *arg)
{
    uint64_t n;
    struct uct_slice s = uct_slice_str(arg);
    if (s.n == 0 || uct_slice_u64(s, &n) != s.n || n < 1 || n > 1024)
        return "not a number from 1 to 1024";
    cli->o.jobs = (unsigned)n;
    return NULL;
}

static const char *set_parser(struct uct_cli *cli, const char *arg)
{
    cli->o.parser = arg;
    return *arg ? NULL : "not a parser's name";
}

static bool is_time(const char *arg)
{
    int64_t ms;
    bool zoned;
    struct uct_slice s = uct_slice_str(arg);
    return s.n >= 10 && uct_time_parse(s, &ms, &zoned) == s.n;
}

#define NOT_A_TIME "not a time such as 2017-03-02T07:10:46Z, '2017-03-02 07:10' or 2017-03-02"

static const char *set_since(struct uct_cli *cli, const char *arg)
{
    cli->o.since = arg;
    return is_time(arg) ? NULL : NOT_A_TIME;
}

static const char *set_until(struct uct_cli *cli, const char *arg)
{
    cli->o.until = arg;
    return is_time(arg) ? NULL : NOT_A_TIME;
}

/* "edge.log=+08:00"; the source may hold a '=' itself. */
static bool is_tz(const char *arg)
{
    const char *eq = strrchr(arg, '=');
    if (!eq || eq == arg || strlen(eq) != 7 || (eq[1] != '+' && eq[1] != '-') || eq[4] != ':')
        return false;
    for (const char *p = eq + 2; *p; p++)
        if (p != eq + 4 && !uct_isdigit((unsigned char)*p))
            return false;
    int hours = (eq[2] - '0') * 10 + (eq[3] - '0');
    return hours <= 15 && eq[5] <= '5';
}

static const char *set_tz(struct uct_cli *cli, const char *arg)
{
    cli->tz.v[cli->tz.n++] = arg;
    return is_tz(arg) ? NULL : "not of the form SOURCE=+HH:MM or SOURCE=-HH:MM";
}

static const char *set_call_id(struct uct_cli *cli, const char *arg)
{
    cli->o.call_id = arg;
    return *arg ? NULL : "empty";
}

static const char *set_user(struct uct_cli *cli, const char *arg)
{
    cli->o.user = arg;
    return *arg ? NULL : "empty";
}

static const char *set_peer(struct uct_cli *cli, const char *arg)
{
    cli->o.peer = arg;
    return *arg ? NULL : "empty";
}

static const char *set_failed(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->o.failed = true;
    return NULL;
}

static const char *set_rules(struct uct_cli *cli, const char *arg)
{
    cli->rule_dirs.v[cli->rule_dirs.n++] = arg;
    return *arg ? NULL : "not a directory";
}

static const char *set_include(struct uct_cli *cli, const char *arg)
{
    cli->include.v[cli->include.n++] = arg;
    return NULL;
}

static const char *set_exclude(struct uct_cli *cli, const char *arg)
{
    cli->exclude.v[cli->exclude.n++] = arg;
    return NULL;
}

static const char *set_skipped(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->show_skipped = true;
    return NULL;
}

static const char *set_lang(struct uct_cli *cli, const char *arg)
{
    cli->lang = uct_lang_tag(arg);
    return *arg ? NULL : "not a language tag";
}

static const char *set_redact(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->redact = true;
    return NULL;
}

static const char *set_when(enum uct_when_to *when, const char *arg)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (int i = 0; i < 3; i++)
        if (strcmp(arg, names[i]) == 0) {
            *when = (enum uct_when_to)i;
            return NULL;
        }
    return "not one of auto, always, never";
}

static const char *set_color(struct uct_cli *cli, const char *arg)
{
    return set_when(&cli->color, arg);
}

static const char *set_progress(struct uct_cli *cli, const char *arg)
{
    return set_when(&cli->progress, arg);
}

static const char *set_memory(struct uct_cli *cli, const char *arg)
{
    if (!uct_size_parse(uct_slice_str(arg), &cli->o.memory_limit))
        return "not a size such as 512M or 2G";
    return cli->o.memory_limit < UCT_MEMORY_LEAST ? "too little: it takes at least 64M" : NULL;
}

static const char *set_stream(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->o.stream = true;
    return NULL;
}

static const char *set_limits(struct uct_cli *cli, const char *arg)
{
    return uct_limits_parse(&cli->limits, arg);
}

static const char *set_detection(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->explain_detection = true;
    return NULL;
}

static const char *set_domain(struct uct_cli *cli, const char *arg)
{
    cli->domain = arg;
    return *arg ? NULL : "not a domain";
}

static const char *set_all(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->all = true;
    return NULL;
}

static const char *set_original(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->original_time = true;
    return NULL;
}

static const char *set_joins(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->show_joins = true;
    return NULL;
}

static const char *set_no_rules(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->no_rules = true;
    return NULL;
}

static const char *set_by(struct uct_cli *cli, const char *arg)
{
    cli->by_session = strcmp(arg, "session") == 0;
    return cli->by_session || strcmp(arg, "call") == 0 ? NULL : "not one of session, call";
}

static const char *set_sort(struct uct_cli *cli, const char *arg)
{
    static const char *const names[] = {"start", "duration", "outcome", "from", "to"};
    for (int i = 0; i < 5; i++)
        if (strcmp(arg, names[i]) == 0) {
            cli->sort = (enum uct_sort)i;
            return NULL;
        }
    return "not one of start, duration, outcome, from, to";
}

static const char *set_quiet(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->quiet = true;
    return NULL;
}

static const char *set_verbose(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->verbose = true;
    return NULL;
}

static const char *set_version(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->version = true;
    return NULL;
}

static const char *set_help(struct uct_cli *cli, const char *arg)
{
    (void)arg;
    cli->help = true;
    return NULL;
}

/* Help of at most 15 to 17 columns: two options share a line of --help. */
const struct uct_option uct_option_table[] = {
    {"format", 'f', "FORMAT", "text json ndjson", set_format},
    {"output", 'o', "FILE", "write to a file", set_output},
    {"jobs", 'j', "N", "threads", set_jobs},
    {"parser", 0, "NAME", "read all as NAME", set_parser},
    {"explain-detection", 0, NULL, NULL, set_detection},
    {"since", 0, "TIME", "only from TIME", set_since},
    {"until", 0, "TIME", "only up to TIME", set_until},
    {"tz", 0, "SOURCE=+HH:MM", "its clock", set_tz},
    {"call-id", 0, "ID", "only this call", set_call_id},
    {"user", 0, "URI", "only this user", set_user},
    {"peer", 0, "HOST", "only this peer", set_peer},
    {"failed", 0, NULL, "only failed calls", set_failed},
    {"rules", 0, "DIR", "more rules", set_rules},
    {"include", 0, "GLOB", "only such sources", set_include},
    {"exclude", 0, "GLOB", "no such sources", set_exclude},
    {"show-skipped", 0, NULL, NULL, set_skipped},
    {"lang", 0, "TAG", "en, zh-Hant", set_lang},
    {"redact", 0, NULL, NULL, set_redact},
    {"color", 0, "WHEN", "auto always never", set_color},
    {"progress", 0, "WHEN", "auto always never", set_progress},
    {"memory-limit", 0, "SIZE", NULL, set_memory},
    {"stream", 0, NULL, NULL, set_stream},
    {"limits", 0, "LIST", "depth=8,bytes=64G", set_limits},
    {"domain", 0, "D", NULL, set_domain},
    {"by", 0, "session|call", NULL, set_by},
    {"sort", 0, "KEY", NULL, set_sort},
    {"show-joins", 0, NULL, NULL, set_joins},
    {"no-rules", 0, NULL, NULL, set_no_rules},
    {"all", 0, NULL, NULL, set_all},
    {"original-time", 0, NULL, NULL, set_original},
    {"quiet", 'q', NULL, "no notes", set_quiet},
    {"verbose", 'v', NULL, "timing on stderr", set_verbose},
    {"version", 'V', NULL, "print it", set_version},
    {"help", 'h', NULL, "print this", set_help},
    {NULL, 0, NULL, NULL, NULL},
};

/* ---- parsing ------------------------------------------------------------- */

struct parse {
    struct uct_cli *cli;
    int argc, at;               /* argv[at] is looked at next */
    char **argv;
    struct uct_buf *err;
};

static bool set(struct parse *p, const struct uct_option *o, const char *arg)
{
    const char *wrong = o->set(p->cli, arg);
    if (wrong && arg)
        uct_buf_addf(p->err, "option '--%s': '%s' is wrong: %s", o->name, arg, wrong);
    return !wrong;
}

/* The value stands in the same word (here) or is the next word. */
static bool take(struct parse *p, const struct uct_option *o, const char *here)
{
    if (!here && p->at < p->argc)
        here = p->argv[p->at++];
    if (here)
        return set(p, o, here);
    uct_buf_addf(p->err, "option '--%s' needs a value: %s", o->name, o->value);
    return false;
}

static void unknown_long(struct parse *p, struct uct_slice name)
{
    const char *names[64];
    char word[64];
    size_t n = 0;
    for (const struct uct_option *o = uct_option_table; o->name && n < 64; o++)
        names[n++] = o->name;
    snprintf(word, sizeof word, "%.*s", (int)(name.n < 63 ? name.n : 63), name.p);
    const char *near = uct_nearest(word, names, n);
    uct_buf_addf(p->err, "unknown option '--%s'", word);
    if (near)
        uct_buf_addf(p->err, " (did you mean '--%s'?)", near);
    else
        uct_buf_adds(p->err, " (try 'uctriage --help')");
}

static bool long_option(struct parse *p, const char *text)
{
    const char *eq = strchr(text, '=');
    struct uct_slice name = uct_slice(text, eq ? (size_t)(eq - text) : strlen(text));
    for (const struct uct_option *o = uct_option_table; o->name; o++) {
        if (!uct_slice_eq(name, uct_slice_str(o->name)))
            continue;
        if (o->value)
            return take(p, o, eq ? eq + 1 : NULL);
        if (!eq)
            return set(p, o, NULL);
        uct_buf_addf(p->err, "option '--%s' takes no value", o->name);
        return false;
    }
    unknown_long(p, name);
    return false;
}

static const struct uct_option *by_letter(char c)
{
    for (const struct uct_option *o = uct_option_table; o->name; o++)
        if (o->letter && o->letter == c)
            return o;
    return NULL;
}

static bool short_options(struct parse *p, const char *text)
{
    for (; *text; text++) {
        const struct uct_option *o = by_letter(*text);
        if (!o) {
            struct uct_slice s = uct_slice_str(text);
            size_t n = uct_utf8_len(s);
            uct_buf_addf(p->err, "unknown option '-%.*s' (try 'uctriage --help')", (int)(n ? n : 1), text);
            return false;
        }
        if (o->value)
            return take(p, o, text[1] ? text + 1 : NULL);
        if (!set(p, o, NULL))
            return false;
    }
    return true;
}

/* explain -1008124569: a result code as Windows prints it. */
static bool negative_code(const struct parse *p, const char *arg)
{
    if (!p->cli->command || p->cli->command->run != uct_cmd_explain || arg[0] != '-' || !arg[1])
        return false;
    return arg[1 + strspn(arg + 1, "0123456789")] == '\0';
}

static void operand(struct parse *p, const char *arg, bool ended)
{
    struct uct_cli *cli = p->cli;
    if (!cli->command && cli->args.n == 0 && !ended && (cli->command = uct_command_find(arg)))
        return;
    cli->args.v[cli->args.n++] = arg;
}

static bool words(struct parse *p)
{
    bool ended = false;
    while (p->at < p->argc) {
        const char *arg = p->argv[p->at++];
        bool ok = true;
        if (ended || arg[0] != '-' || !arg[1] || arg[1] == ':' || negative_code(p, arg)) /* -:12 is a line */
            operand(p, arg, ended);
        else if (strcmp(arg, "--") == 0)
            ended = true;
        else if (arg[1] == '-')
            ok = long_option(p, arg + 2);
        else
            ok = short_options(p, arg + 1);
        if (!ok)
            return false;
    }
    return true;
}

static bool make_lists(struct uct_cli *cli, size_t room)
{
    struct uct_list *lists[] = {&cli->args, &cli->rule_dirs, &cli->include, &cli->exclude, &cli->tz};
    bool ok = true;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        lists[i]->v = calloc(room, sizeof *lists[i]->v);
        ok = ok && lists[i]->v;
    }
    return ok;
}

bool uct_cli_parse(struct uct_cli *cli, int argc, char **argv, struct uct_buf *err)
{
    struct parse p = {.cli = cli, .argc = argc, .at = 1, .argv = argv, .err = err};
    *cli = (struct uct_cli){.limits = uct_limits_default};
    uct_options_init(&cli->o);
    cli->o.jobs = uct_processors();
    cli->lang = uct_environment_lang();
    if (!make_lists(cli, (size_t)argc + 2)) {
        uct_buf_adds(err, "out of memory");
        return false;
    }
    if (!words(&p))
        return false;
    cli->named = cli->command != NULL;
    if (!cli->named)
        cli->command = &uct_commands[0];
    cli->o.lang = cli->lang;
    cli->o.limits = &cli->limits;
    cli->o.include = cli->include.v;
    cli->o.ninclude = cli->include.n;
    cli->o.exclude = cli->exclude.v;
    cli->o.nexclude = cli->exclude.n;
    cli->o.tz = cli->tz.v;
    cli->o.ntz = cli->tz.n;
    return true;
}

void uct_cli_free(struct uct_cli *cli)
{
    free(cli->args.v);
    free(cli->rule_dirs.v);
    free(cli->include.v);
    free(cli->exclude.v);
    free(cli->tz.v);
}
