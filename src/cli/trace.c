/* trace: one run of the library for ladder, show and diff, whose first operands
 * name calls and whose texts are read a second time. */
#include "cli.h"

#include "../render/ascii.h"
#include "../render/words.h"
#include "../report/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- standard input, kept ----------------------------------------------------- */

static bool seekable(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

/* Copies standard input as it comes; *cut says that the limit ended it. */
static bool copy(int to, uint64_t most, bool *cut)
{
    char *buf = malloc(1 << 16);
    uint64_t done = 0;
    bool ok = buf != NULL;
    while (ok) {
        ssize_t n = read(STDIN_FILENO, buf, 1 << 16);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            ok = n == 0;
            break;
        }
        *cut = (uint64_t)n > most - done;
        if (*cut)
            n = (ssize_t)(most - done);
        ok = write_all(to, buf, (size_t)n);
        done += (uint64_t)n;
        if (*cut)
            break;
    }
    free(buf);
    return ok;
}

/* Puts a file without a name, that holds what comes, in the place of standard
 * input: both readings find it there from its start. */
static bool keep_stdin(const struct uct_cli *cli, bool *cut)
{
    if (seekable(STDIN_FILENO))
        return true;
    FILE *f = tmpfile();
    if (!f) {
        uct_say("standard input cannot be kept to be read twice: %s", strerror(errno));
        return false;
    }
    bool ok = copy(fileno(f), cli->limits.spool, cut) && lseek(fileno(f), 0, SEEK_SET) == 0 &&
              dup2(fileno(f), STDIN_FILENO) == STDIN_FILENO;
    if (!ok)
        uct_say("standard input cannot be kept to be read twice: %s", strerror(errno));
    if (*cut)
        uct_say("standard input was cut after %llu bytes: raise the limit with '--limits spool='",
                (unsigned long long)cli->limits.spool);
    fclose(f);
    return ok;
}

static bool reads_stdin(const struct uct_cli *cli)
{
    for (size_t i = 0; i < cli->args.n; i++)
        if (strcmp(cli->args.v[i], "-") == 0)
            return true;
    return false;
}

/* ---- what was asked for --------------------------------------------------------- */

static void say_candidates(const struct uct_report *r, const struct uct_rwant *w)
{
    for (size_t i = 0; i < w->ncandidates; i++) {
        if (w->sources) {
            uct_say("  %s:%u", r->sources[w->candidates[i]].name, w->line);
            continue;
        }
        const struct uct_rcall *c = &r->calls[w->candidates[i]];
        uct_say("  %s %s %s -> %s %s", c->id, c->call_id, c->from ? c->from : "?", c->to ? c->to : "?",
                uct_outcome_name(c->outcome));
    }
}

/* Says what was not found, and what it could have been. */
static void say_missing(const struct uct_report *r, const struct uct_rwant *w)
{
    if (w->found && w->number)
        uct_say("call %s has no message %u", r->calls[w->call].id, w->number);
    else if (w->found && w->text.n)
        uct_say("'%s' is a line of a log, not a call ('uctriage show' prints it)", w->asked);
    else if (w->found)
        uct_say("source '%s' has no line %u", r->sources[w->source].name, w->line);
    else if (w->ncandidates)
        uct_say("'%s' could be any of these:", w->asked);
    else if (w->line)
        uct_say("no source has the name in '%s', and no call that Call-ID", w->asked);
    else
        uct_say("no call '%s' among the %zu here ('uctriage calls' lists them: a Call-ID, the start of one, "
                "or a number such as c1)",
                w->asked, r->ncalls);
    if (!w->found)
        say_candidates(r, w);
}

int uct_cli_trace(const struct uct_cli *cli, const struct uct_tracer *as)
{
    struct uct_cli inner = *cli;
    struct uct_report *r = NULL;
    struct uct_rules *rules = NULL;
    unsigned lead = cli->command->lead;
    bool cut = false, all = true, json = cli->format == UCT_FORMAT_JSON;
    inner.args.v += lead;
    inner.args.n -= lead;
    inner.o.want = cli->args.v;
    inner.o.nwant = lead;
    bool ascii = !json && !cli->render.utf8;
    if (ascii && !uct_words_ascii(inner.o.lang))
        inner.o.lang = "en";
    inner.o.want_session = as->session;
    inner.o.want_text = as->text;
    inner.o.want_lines = as->lines;
    if (reads_stdin(&inner) && !keep_stdin(&inner, &cut))
        return 2;
    int code = uct_cli_analyse(&inner, &r, &rules);
    if (code == 0) {
        uct_cli_say_unread(cli, r);
        for (size_t i = 0; i < r->trace->nwants; i++) {
            if (!r->trace->wants[i].met)
                say_missing(r, &r->trace->wants[i]);
            all &= r->trace->wants[i].met;
        }
        code = cut || uct_report_incomplete(r) ? 3 : all ? 0 : 1;
        bool fit = !ascii || uct_report_ascii(r);
        if (json ? !as->render_json(r, uct_out_write, cli->out) : all && !(fit && as->render(cli, r)))
            code = uct_cli_unmade(cli);
    }
    uct_report_free(r);
    uct_rules_free(rules);
    return code;
}
