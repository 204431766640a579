/* cli: the command.  Only this room prints, exits, reads the environment or
 * touches the terminal.
 *
 * A command is one file with one function `int uct_cmd_NAME(const struct
 * uct_cli *cli)` that returns the exit code.  What it reports goes out through
 * uct_out_write(cli->out, ...); what it has to say besides goes to standard
 * error through uct_say().  Opening, renaming and closing the output is not its
 * business. */
#ifndef UCT_CLI_H
#define UCT_CLI_H

#include "../render/render.h"
#include "../uctriage.h"

enum uct_format { UCT_FORMAT_TEXT, UCT_FORMAT_JSON, UCT_FORMAT_NDJSON, UCT_FORMAT_CSV, UCT_FORMAT_HTML,
                  UCT_FORMAT_MARKDOWN, UCT_FORMAT_SQLITE };
const char *uct_format_name(enum uct_format f);

enum uct_when_to { UCT_AUTO, UCT_ALWAYS, UCT_NEVER };       /* --color, --progress */

struct uct_list { const char **v; size_t n; };

struct uct_cli;
struct uct_out;

/* A command, or one that is not built yet (run NULL). */
struct uct_command {
    const char *name, *operands, *summary;
    int (*run)(const struct uct_cli *cli);
    unsigned formats;                  /* bit per enum uct_format that it writes */
    bool paths;                        /* its operands are PATHs: none means standard input */
    unsigned lead;                     /* operands before the PATHs (CALL) */
};
const struct uct_command *uct_command_find(const char *name);
extern const struct uct_command uct_commands[];             /* ends with a NULL name */

/* What the command line says.  All strings live as long as argv. */
struct uct_cli {
    const struct uct_command *command;
    bool named;                        /* the command's name was given */
    struct uct_list args;              /* operands behind the command's name */
    enum uct_format format;
    const char *output;                /* -o, or NULL */
    const char *lang;                  /* BCP 47 tag, never NULL */
    struct uct_options o;              /* for uct_analyse() */
    struct uct_limits limits;
    struct uct_list rule_dirs, include, exclude, tz;
    enum uct_when_to color, progress;
    bool quiet, verbose, explain_detection, show_skipped, redact, help, version;
    const char *domain;
    bool all, original_time, no_rules, show_joins, by_session;
    enum uct_sort sort;
    struct uct_render_options render;  /* colour, width ... as the terminal has it */
    struct uct_out *out;
};

/* ---- options.c ---------------------------------------------------------- */

struct uct_option {
    const char *name;                  /* long, without dashes */
    char letter;                       /* 0: none */
    const char *value;                 /* what it takes, for --help; NULL: nothing */
    const char *help;                  /* NULL: not on the screen of --help (one command's, or not built) */
    /* NULL if good, else what is wrong.  arg is NULL where value is. */
    const char *(*set)(struct uct_cli *cli, const char *arg);
};
extern const struct uct_option uct_option_table[];          /* ends with a NULL name */

/* Fills *cli.  False: the message is in err. */
bool uct_cli_parse(struct uct_cli *cli, int argc, char **argv, struct uct_buf *err);
void uct_cli_free(struct uct_cli *cli);
/* The text of --help: at most 24 lines of 80 columns. */
void uct_help(struct uct_buf *b);
/* The nearest of the candidates by edits, or NULL if none is near. */
const char *uct_nearest(const char *word, const char *const *candidates, size_t n);

/* ---- cli.c --------------------------------------------------- */

int uct_cli_main(int argc, char **argv);
/* "uctriage: ...\n" on standard error. */
void uct_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- out.c: standard output, or a file that appears whole or not at all --- */

struct uct_out *uct_out_new(const char *path);              /* NULL or "-": standard output */
/* NULL, or why this path cannot be written; nothing is created yet. */
const char *uct_out_check(const struct uct_out *out);
bool uct_out_write(void *out, const char *p, size_t n);     /* a uct_write_fn */
/* Puts the file in its place (keep) or removes it.  False: a write failed; it
 * was said, unless the reader has just gone away. */
bool uct_out_finish(struct uct_out *out, bool keep);
bool uct_out_failed(const struct uct_out *out);             /* and said so */
void uct_out_free(struct uct_out *out);

/* ---- terminal.c ---------------------------------------------------------- */

void uct_terminal_setup(struct uct_cli *cli);
/* The language there is for a BCP 47 tag or a locale's name; "en" if none. */
const char *uct_lang_tag(const char *asked);
const char *uct_environment_lang(void);
unsigned uct_processors(void);

/* ---- analysis.c: what analyze, calls and rules check share ---------------- */

/* Loads the rules; NULL after saying why. */
struct uct_rules *uct_cli_rules(const struct uct_cli *cli);
/* Analyses the operands.  0 with the report, or an exit code after saying why. */
int uct_cli_analyse(const struct uct_cli *cli, struct uct_report **report, struct uct_rules **rules);
/* A report was not made: says why unless the output did; the exit code. */
int uct_cli_unmade(const struct uct_cli *cli);
/* One line on standard error for each source that could not be used, unless -q. */
void uct_cli_say_unread(const struct uct_cli *cli, const struct uct_report *r);

/* ---- trace.c: what ladder, show and diff share ------------------------------ */

/* What one of them wants of the calls that its leading operands name, and how it prints it. */
struct uct_tracer {
    bool session, text, lines;           /* as uct_options' want_... */
    bool (*render)(const struct uct_cli *cli, const struct uct_report *r);
    bool (*render_json)(const struct uct_report *r, uct_write_fn *write, void *arg);
};
/* Analyses the PATHs and prints; standard input is kept to be read twice.  The exit code, after saying why: 1, nothing,
 * or not one thing, is called that; 3, not all could be read.  JSON is a document in both cases. */
int uct_cli_trace(const struct uct_cli *cli, const struct uct_tracer *as);

/* ---- the commands --------------------------------------------------------- */

int uct_cmd_analyze(const struct uct_cli *cli);
int uct_cmd_calls(const struct uct_cli *cli);
int uct_cmd_explain(const struct uct_cli *cli);
int uct_cmd_rules(const struct uct_cli *cli);
int uct_cmd_ladder(const struct uct_cli *cli);
int uct_cmd_show(const struct uct_cli *cli);
int uct_cmd_diff(const struct uct_cli *cli);

#endif
