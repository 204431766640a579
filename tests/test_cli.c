/* The command line, with the library's analysis replaced by a report made by
 * hand: options, operands, exit codes, output files; and that the manual and
 * the completions name every option. */
#include "cli/cli.h"
#include "report_double.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int uct_double_analyse(const struct uct_options *o, const char *const *paths, size_t npaths,
                       struct uct_report **r);

int uct_double_analyse(const struct uct_options *o, const char *const *paths, size_t npaths,
                       struct uct_report **r)
{
    (void)o;
    *r = npaths && strstr(paths[0], "quiet") ? uct_double_quiet_report() : uct_double_report();
    if (npaths && strstr(paths[0], "whole"))
        (*r)->sources[1].state = UCT_STATE_OK;
    return 0;
}

/* ---- running the command ---------------------------------------------------- */

struct ran { int code; struct uct_buf out, err; };

static void slurp(const char *path, struct uct_buf *b)
{
    char piece[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    uct_buf_adds(b, "");
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        uct_buf_add(b, piece, n);
    fclose(f);
}

static int redirect(int fd, const char *path)
{
    int kept = dup(fd), file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(kept >= 0 && file >= 0);
    dup2(file, fd);
    close(file);
    return kept;
}

static void restore(int fd, int kept)
{
    dup2(kept, fd);
    close(kept);
}

/* Words are parted by '|'. */
static struct ran run(const char *line)
{
    struct ran r = {0};
    char words[1024], *argv[40], *save = NULL;
    int argc = 0;
    snprintf(words, sizeof words, "uctriage|%s", line);
    for (char *w = strtok_r(words, "|", &save); w; w = strtok_r(NULL, "|", &save))
        argv[argc++] = w;
    fflush(stdout);
    fflush(stderr);
    int out = redirect(1, "test_cli.out"), err = redirect(2, "test_cli.err");
    r.code = uct_cli_main(argc, argv);
    fflush(stderr);
    restore(1, out);
    restore(2, err);
    slurp("test_cli.out", &r.out);
    slurp("test_cli.err", &r.err);
    unlink("test_cli.out");
    unlink("test_cli.err");
    return r;
}

static void done(struct ran *r)
{
    uct_buf_free(&r->out);
    uct_buf_free(&r->err);
}

/* The code, and what stands in the output and on standard error (NULL: nothing does). */
static void expect(const char *line, int code, const char *out, const char *err)
{
    struct ran r = run(line);
    if (r.code != code || (out ? !strstr(r.out.p, out) : r.out.n != 0) ||
        (err ? !strstr(r.err.p, err) : r.err.n != 0))
        fail_msg("'%s': exit %d\n--- out\n%s--- err\n%s", line, r.code, r.out.p, r.err.p);
    done(&r);
}

/* ---- the tests ---------------------------------------------------------------- */

static void usage(void **state)
{
    (void)state;
    expect("--fromat|json|x", 2, NULL, "uctriage: unknown option '--fromat' (did you mean '--format'?)\n");
    expect("--zzzzzzz|x", 2, NULL, "unknown option '--zzzzzzz'");
    expect("-x", 2, NULL, "unknown option '-x'");
    expect("-1008124569", 2, NULL, "unknown option '-1'");
    expect("-j0|x", 2, NULL, "'0' is wrong");
    expect("-j|1025|x", 2, NULL, "'1025' is wrong");
    expect("--jobs=2x|x", 2, NULL, "'2x' is wrong");
    expect("-j", 2, NULL, "needs a value");
    expect("--failed=1|x", 2, NULL, "takes no value");
    expect("--format|xml|x", 2, NULL, "not one of");
    expect("--color|blue|x", 2, NULL, "not one of");
    expect("--since|2017|x", 2, NULL, "not a time");
    expect("--until|2017-03-02T07:10:46Zz|x", 2, NULL, "not a time");
    expect("--tz|edge=8|x", 2, NULL, "SOURCE=+HH:MM");
    expect("--tz|=+08:00|x", 2, NULL, "SOURCE=+HH:MM");
    expect("--limits|depth|x", 2, NULL, "is wrong");
    expect("--memory-limit|much|x", 2, NULL, "not a size");
    expect("--memory-limit|63M|x", 2, NULL, "at least 64M");
    expect("--domain|example.com|x", 2, NULL, "belongs to 'check'");
    expect("--parser|expresway|x", 2, NULL,
           "'expresway' names no parser: use one of expressway, lync-server, uccapi, windows-event,");
    expect("--parser=pcap|x", 2, NULL, "'pcap' names no parser");
    expect("--parser=search-history|x-quiet", 0, "Nothing found", NULL);
    expect("cals|x", 2, NULL, "did you mean 'calls'?");
    expect("analyze|cals", 3, "Root causes", NULL);      /* a PATH, whatever it looks like */
    expect("explain", 2, NULL, "no CODE");
    expect("explain|-fndjson|1", 2, NULL, "does not write");
    expect("rules", 2, NULL, "list, show ID or check");
    expect("rules|show", 2, NULL, "ID is needed");
    expect("rules|check", 2, NULL, "no FILE");
}

static void not_built(void **state)
{
    (void)state;
    static const char *const words[] = {"check",
                                        "export",
                                        "redact",
                                        "batch",
                                        "report",
                                        "merge",
                                        "unmask",
                                        "--redact|x",
                                        "-fhtml|x",
                                        "-f|markdown|x",
                                        "--format=csv|x",
                                        "-fsqlite|x",
                                        "calls|-fhtml|x"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        expect(words[i], 2, NULL, "is not built yet in this release");
}

static void analyses(void **state)
{
    (void)state;
    expect("x", 3, "Root causes", NULL);
    expect("analyze|x", 3, "Root causes", NULL);
    expect("x-whole", 1, "Root causes", NULL);
    expect("x-quiet", 0, "Nothing found", NULL);
    expect("-j2|-qfjson|x", 3, "\"schema\": \"uctriage-report/1\"", NULL);
    expect("x|-q|-f|ndjson|--since|2017-03-02 07:10|--until|2017-03-02", 3, "{\"type\": \"summary\"", NULL);
    expect("--tz|a=b=-05:30|--tz=*=+08:00|--limits=depth=3|x", 3, "Root causes", "no source is named 'a=b'");
    expect("--lang|zh_TW.UTF-8|x-quiet", 0, "Nothing", NULL);      /* the report itself says its language */
    expect("--color=always|x", 3, "\033[1m", NULL);
    expect("-v|x-quiet", 0, "Nothing found", "threads");
    expect("--rules|/nonexistent|x", 2, NULL, "could not be loaded");
    expect("--|calls", 3, "Root causes", NULL);
    expect("-", 3, "Root causes", NULL);
}

static void calls(void **state)
{
    (void)state;
    expect("calls|x-whole", 0, "c1 ", NULL);
    expect("-q|calls|x", 3, "c1 ", NULL);
    expect("calls|x", 3, "c1 ", "truncated");
    expect("calls|x-quiet", 1, NULL, "no call here");
    expect("calls|-q|x-quiet", 1, NULL, NULL);
    expect("calls|--format=csv|x-whole", 0, "id,call_id,", NULL);
    expect("calls|-fndjson|x-whole", 0, "{\"type\": \"call\"", NULL);
    expect("calls|-fjson|x-quiet", 1, "\"calls\": []", "no call here");
}

static void others(void **state)
{
    (void)state;
    expect("--version", 0, "uctriage ", NULL);
    expect("-h|x", 0, "usage: uctriage", NULL);
    expect("rules|list", 0, "federation.cert-name-mismatch root-cause ", "federation: ");
    expect("-q|rules|list", 0, "federation.cert-name-mismatch root-cause ", NULL);
    expect("rules|list|-fjson", 0, "\"families\": {", NULL);
    expect("rules|show|federation.cert-name-mismatch", 0, "index\n", NULL);
    expect("rules|show|cert-name", 1, NULL, "did you mean 'federation.cert-name-mismatch'?");
}

static void options_parsed(void **state)
{
    (void)state;
    char words[][16] = {"uctriage", "explain", "-1008124569", "-j3", "--call-id", "-x", "-f=json"};
    char *argv[] = {words[0], words[1], words[2], words[3], words[4], words[5], words[6], NULL};
    struct uct_cli cli;
    struct uct_buf err = {0};
    assert_false(uct_cli_parse(&cli, 7, argv, &err));       /* "-f=json" asks for "=json" */
    uct_cli_free(&cli);
    assert_true(uct_cli_parse(&cli, 6, argv, &err));
    assert_string_equal(cli.command->name, "explain");
    assert_int_equal(cli.args.n, 1);
    assert_string_equal(cli.args.v[0], "-1008124569");
    assert_int_equal(cli.o.jobs, 3);
    assert_string_equal(cli.o.call_id, "-x");
    uct_cli_free(&cli);
    uct_buf_free(&err);
}

static void languages(void **state)
{
    (void)state;
    static const char *const zh[] = {"zh",    "zh-TW",      "zh_TW.UTF-8", "zh-Hant",
                                     "zh_HK", "zh-Hant-MO", "ZH_tw",       "zh.UTF-8"};
    static const char *const en[] = {"",      "en",          "C",          "de_DE.UTF-8", "zhx",
                                     "zh-CN", "zh_CN.UTF-8", "zh-Hans-TW", NULL};
    for (size_t i = 0; i < sizeof zh / sizeof *zh; i++)
        assert_string_equal(uct_lang_tag(zh[i]), "zh-Hant");
    for (size_t i = 0; i < sizeof en / sizeof *en; i++)
        assert_string_equal(uct_lang_tag(en[i]), "en");
}

/* ---- output files --------------------------------------------------------------- */

static void output_file(void **state)
{
    (void)state;
    struct uct_buf b = {0};
    struct stat st;
    expect("x|-o|test_cli.json|-fjson", 3, NULL, "truncated");
    slurp("test_cli.json", &b);
    assert_non_null(strstr(b.p, "\"summary\""));
    uct_buf_free(&b);
    assert_int_equal(chmod("test_cli.json", 0640), 0);
    expect("x|--output=test_cli.json", 3, NULL, "truncated");      /* replaced, with the mode it had */
    assert_int_equal(stat("test_cli.json", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    slurp("test_cli.json", &b);
    assert_non_null(strstr(b.p, "Root causes"));
    uct_buf_free(&b);
    expect("test_cli.json|-o|./test_cli.json", 2, NULL, "is also an input");
    unlink("test_cli.json");
    expect("check|-o|test_cli.json", 2, NULL, "not built");
    assert_int_equal(access("test_cli.json", F_OK), -1);
    expect("x|-o|/nonexistent/file", 2, NULL, "cannot write '/nonexistent/file'");
    expect("x|-o|.", 2, NULL, "cannot write '.'");
    expect("x|-o|/dev/null", 3, NULL, "truncated");
    expect("calls|-q|x|-o|-", 3, "c1 ", NULL);
    if (access("/dev/full", W_OK) == 0)
        expect("x|-o|/dev/full", 2, NULL, "cannot write '/dev/full': ");
}

/* ---- what people read --------------------------------------------------------------- */

static void help_fits(void **state)
{
    (void)state;
    struct uct_buf b = {0};
    size_t lines = 0;
    uct_help(&b);
    struct uct_slice rest = uct_slice(b.p, b.n), line;
    while (uct_next_line(&rest, &line)) {
        assert_true(line.n <= 80);
        lines++;
    }
    assert_true(lines <= 24);
    for (const struct uct_option *o = uct_option_table; o->name; o++)
        assert_non_null(strstr(b.p, o->name));
    for (const struct uct_command *c = uct_commands; c->name; c++)
        assert_non_null(strstr(b.p, c->name));
    uct_buf_free(&b);
}

/* The word stands there with nothing of a name behind it. */
static bool names(const char *text, const char *word)
{
    for (const char *p = text; (p = strstr(p, word)); p++) {
        unsigned char after = (unsigned char)p[strlen(word)];
        if (!uct_isalnum(after) && after != '-')
            return true;
    }
    return false;
}

static void named_everywhere(void **state)
{
    (void)state;
    struct uct_buf man = {0}, bash = {0};
    char word[80];
    slurp(UCT_SRCDIR "/doc/uctriage.1", &man);
    slurp(UCT_SRCDIR "/completions/uctriage.bash", &bash);
    for (const struct uct_option *o = uct_option_table; o->name; o++) {
        if (o->letter)
            snprintf(word, sizeof word, ".It Fl %c , Fl -%s", o->letter, o->name);
        else
            snprintf(word, sizeof word, ".It Fl -%s", o->name);
        if (!names(man.p, word))
            fail_msg("the manual lacks '%s'", word);
        snprintf(word, sizeof word, "--%s", o->name);
        if (!names(bash.p, word))
            fail_msg("the completion lacks '%s'", word);
    }
    for (const struct uct_command *c = uct_commands; c->name; c++)
        if (!names(bash.p, c->name) || !names(man.p, c->name))
            fail_msg("the manual or the completion lacks '%s'", c->name);
    uct_buf_free(&man);
    uct_buf_free(&bash);
}

static int plain_environment(void **state)
{
    (void)state;
    setenv("LC_ALL", "C", 1);
    unsetenv("COLUMNS");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage),     cmocka_unit_test(not_built),
        cmocka_unit_test(analyses),  cmocka_unit_test(calls),
        cmocka_unit_test(others),    cmocka_unit_test(options_parsed),
        cmocka_unit_test(languages), cmocka_unit_test(output_file),
        cmocka_unit_test(help_fits), cmocka_unit_test(named_everywhere),
    };
    return cmocka_run_group_tests(tests, plain_environment, NULL);
}
