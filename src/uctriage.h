/* uctriage: why a federated call failed and what to change, from its logs.
 *
 * All state hangs off the handle; nothing is printed, no environment is read,
 * nothing exits.  A handle serves one thread at a time. */
#ifndef UCTRIAGE_H
#define UCTRIAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uct_report;
struct uct_rules;
struct uct_limits;

struct uct_detect_line;

struct uct_options {
    unsigned jobs;                    /* threads, >= 1; never changes the result */
    const char *parser;               /* --parser: read every source as this format; NULL: detect */
    const char *lang;                 /* BCP 47; NULL: English */
    const struct uct_limits *limits;  /* NULL: the defaults */
    uint64_t memory_limit;            /* bytes, at least UCT_MEMORY_LEAST; 0: none.  Chooses how soon calls shrink and how many are listed */
    bool stream;                      /* calls shrink as soon as they can: memory does not grow with a log's length */
    uint64_t epoch;                   /* bytes of a log after which calls shrink, however small it is; 0: chosen */
    const char *const *include; size_t ninclude;     /* globs on source names */
    const char *const *exclude; size_t nexclude;
    const char *const *tz; size_t ntz;               /* "SOURCE=+HH:MM" (SOURCE a glob) */
    const char *since, *until;        /* RFC 3339 or a prefix of it; choose what is shown */
    const char *call_id, *user, *peer;
    bool failed;                      /* only failed calls and their findings */
    /* Calls or messages wanted one by one (a Call-ID, a unique prefix of one, c1,
     * c1.3, SOURCE:LINE): they are in the report's trace. */
    const char *const *want; size_t nwant;
    bool want_session;                /* and every call of their sessions */
    bool want_text;                   /* and the messages' texts */
    bool want_lines;                  /* a SOURCE:LINE will do */
    bool map;                         /* map regular files: call uct_guard_install() first */
    /* Progress, from any thread, at most ten times a second; may be NULL. */
    void (*progress)(void *arg, uint64_t done, uint64_t total);
    void *progress_arg;
    /* One line about how a source was detected (--explain-detection); may be NULL. */
    void (*detection)(void *arg, const char *source, const char *line);
    void *detection_arg;
};

#define UCT_MEMORY_LEAST (64u << 20)

void uct_options_init(struct uct_options *o);
/* NULL, or a static text that says which option is wrong. */
const char *uct_options_check(const struct uct_options *o);

/* Analyses the paths ("-": standard input); without rules (NULL) the report has calls and no findings.  Returns 0 and a report to free
 * with uct_report_free(), or a negative status (see base.h) when memory ran out. */
int uct_analyse(const struct uct_options *o, const struct uct_rules *rules, const char *const *paths, size_t npaths,
                struct uct_report **report);

/* The rules that are built in, to free with uct_rules_free(); NULL when memory ran out. */
struct uct_rules *uct_rules_builtin(void);
void uct_rules_free(struct uct_rules *rules);

/* The exit code that the command gives for this report: 0, 1 or 3. */
int uct_report_exit(const struct uct_report *report);
/* Writes the report as JSON, piece by piece.  False as soon as write() returns
 * it, or when memory ran out. */
bool uct_report_json(const struct uct_report *report, bool (*write)(void *arg, const char *p, size_t n), void *arg);
void uct_report_free(struct uct_report *report);

/* Before the first analysis with uct_options.map: a mapped file that shrinks
 * meanwhile is then read as far as it goes.  False where it cannot be done. */
bool uct_guard_install(void);

#ifdef __cplusplus
}
#endif
#endif
