/* analysis: one run of the library for a command, with its progress and its
 * notes on standard error. */
#include "cli.h"

#include "../render/clocks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct uct_rules *uct_cli_rules(const struct uct_cli *cli)
{
    struct uct_rules *rules = NULL;
    struct uct_buf errors = {0};
    enum uct_status st = uct_rules_load(&rules, cli->rule_dirs.v, cli->rule_dirs.n, &errors);
    struct uct_slice rest = uct_slice(errors.p, errors.n), line;
    while (uct_next_line(&rest, &line))
        if (st < UCT_WARN || !cli->quiet)
            uct_say("%.*s", (int)line.n, line.p);
    uct_buf_free(&errors);
    if (st >= UCT_WARN)
        return rules;
    uct_say("the rules could not be loaded");
    uct_rules_free(rules);
    return NULL;
}

/* ---- progress and detection ---------------------------------------------- */

struct note { char *source, *line; size_t order; };

/* Callbacks come from any thread. */
struct watch {
    pthread_mutex_t lock;
    int percent;               /* on the terminal now; -1: nothing */
    struct note *notes;
    size_t nnotes, cnotes;
};

static void progress(void *arg, uint64_t done, uint64_t total)
{
    struct watch *w = arg;
    char line[64];
    if (total == 0)
        return;
    int percent = done >= total ? 100 : (int)((double)done * 100.0 / (double)total);
    pthread_mutex_lock(&w->lock);
    if (percent > w->percent) {
        w->percent = percent;
        int n = snprintf(line, sizeof line, "\ructriage: %3d %%", percent);
        if (write(STDERR_FILENO, line, (size_t)n) < 0)
            w->percent = 100;  /* nobody reads it: say no more */
    }
    pthread_mutex_unlock(&w->lock);
}

static void erase(struct watch *w)
{
    static const char line[] = "\r                \r";
    if (w->percent >= 0 && write(STDERR_FILENO, line, sizeof line - 1) < 0)
        w->percent = -1;
}

static void detection(void *arg, const char *source, const char *line)
{
    struct watch *w = arg;
    pthread_mutex_lock(&w->lock);
    if (UCT_ROOM(w->notes, w->nnotes, w->cnotes)) {
        struct uct_slice text = uct_slice_trim(uct_slice_str(line));
        struct note n = {strdup(source), strndup(text.p ? text.p : "", text.n), w->nnotes};
        w->notes[w->nnotes++] = n;
    }
    pthread_mutex_unlock(&w->lock);
}

static int by_source(const void *a, const void *b)
{
    const struct note *x = a, *y = b;
    int c = strcmp(x->source ? x->source : "", y->source ? y->source : "");
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

/* Sorted, so that the threads do not show. */
static void print_notes(struct watch *w)
{
    if (w->nnotes)
        qsort(w->notes, w->nnotes, sizeof *w->notes, by_source);
    for (size_t i = 0; i < w->nnotes; i++) {
        if (w->notes[i].source && w->notes[i].line)
            uct_say("%s: %s", w->notes[i].source, w->notes[i].line);
        free(w->notes[i].source);
        free(w->notes[i].line);
    }
    free(w->notes);
}

/* ---- the run -------------------------------------------------------------- */

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool wants_progress(const struct uct_cli *cli)
{
    if (cli->quiet || cli->progress == UCT_NEVER)
        return false;
    return cli->progress == UCT_ALWAYS || isatty(STDERR_FILENO);
}

static void say_clocks(const struct uct_cli *cli, const struct uct_report *r)
{
    for (size_t i = 0; i < r->nsources; i++) {
        struct uct_buf line = {0};
        if (!r->sources[i].reference)
            continue;
        uct_buf_addf(&line, "%s: ", r->sources[i].name);
        uct_say_clock(&line, r, i, cli->render.utf8);
        uct_say("%.*s", (int)line.n, line.n ? line.p : "");
        uct_buf_free(&line);
    }
}

/* A slip in a name would leave a log at the wrong hour, unnoticed. */
static void say_unused_tz(const struct uct_cli *cli, const struct uct_report *r)
{
    for (size_t i = 0; !cli->quiet && i < cli->o.ntz; i++) {
        char pattern[1024];
        const char *eq = strrchr(cli->o.tz[i], '=');
        size_t n = eq ? (size_t)(eq - cli->o.tz[i]) : 0;
        bool used = !n || n >= sizeof pattern;
        if (used)
            continue;
        memcpy(pattern, cli->o.tz[i], n);
        pattern[n] = '\0';
        for (size_t k = 0; k < r->nsources && !used; k++)
            used = uct_glob_name(pattern, r->sources[k].name) || uct_glob_whole(pattern, r->sources[k].name, "#@");
        if (!used)
            uct_say("--tz: no source is named '%s'", pattern);
    }
}

int uct_cli_analyse(const struct uct_cli *cli, struct uct_report **report, struct uct_rules **rules)
{
    struct uct_options o = cli->o;
    struct watch w = {.lock = PTHREAD_MUTEX_INITIALIZER, .percent = -1};
    *report = NULL;
    *rules = uct_cli_rules(cli);
    if (!*rules)
        return 2;
    o.map = uct_guard_install();
    if (wants_progress(cli)) {
        o.progress = progress;
        o.progress_arg = &w;
    }
    if (cli->explain_detection || cli->verbose) {
        o.detection = detection;
        o.detection_arg = &w;
    }
    double from = seconds();
    int st = uct_analyse(&o, cli->no_rules ? NULL : *rules, cli->args.v, cli->args.n, report);
    erase(&w);
    print_notes(&w);
    if (st == 0)
        say_unused_tz(cli, *report);
    if (st == 0 && !cli->quiet && !(*report)->nsources && (o.ninclude || o.nexclude))
        uct_say("no source is left by --include and --exclude");
    if (st == 0 && cli->verbose)
        say_clocks(cli, *report);
    if (st == 0 && cli->verbose)
        uct_say("%.2f s, %u thread%s, %zu source%s", seconds() - from, o.jobs, o.jobs == 1 ? "" : "s",
                (*report)->nsources, (*report)->nsources == 1 ? "" : "s");
    if (st != 0)
        uct_say("out of memory");
    return st == 0 ? 0 : 2;
}

#define SAID_MAX 100      /* an archive may hold a hundred thousand of them */

void uct_cli_say_unread(const struct uct_cli *cli, const struct uct_report *r)
{
    size_t said = 0;
    for (size_t i = 0; !cli->quiet && i < r->nsources; i++) {
        const struct uct_rsource *s = &r->sources[i];
        if (s->state == UCT_STATE_OK || s->state == UCT_STATE_DUPLICATE)
            continue;
        if (said++ < SAID_MAX)
            uct_say("%s: %s%s%s", s->name, uct_state_name(s->state), s->note && *s->note ? ": " : "",
                    s->note ? s->note : "");
    }
    if (!cli->quiet && r->joins_cut)
        uct_say("%llu calls share a key with too many others: each was compared with its neighbours only, so that a session "
                "may be in pieces", (unsigned long long)r->joins_cut);
    if (said > SAID_MAX)
        uct_say("and %zu more: all of them stand in --format json", said - SAID_MAX);
}
