/* compare: where two calls part and in what they differ, noise left out. */
#ifndef UCT_COMPARE_H
#define UCT_COMPARE_H

#include "../report/trace.h"

/* A step of the two calls: the same message in both, or one that only one has. */
struct uct_step {
    const struct uct_rmessage *a, *b;          /* NULL: only the other one has it */
};

enum uct_change_kind { UCT_CHANGE_HEADER, UCT_CHANGE_SDP };

struct uct_change {
    enum uct_change_kind kind;
    size_t step;                               /* the first that shows it */
    const char *name;                          /* of a header; NULL for a line of SDP */
    const char *a, *b;                         /* NULL: not there */
};

/* How long after the step before this one came, where that is not much the same. */
struct uct_timing { size_t step; int64_t a, b; };

struct uct_comparison {
    struct uct_arena arena;
    uint32_t call_a, call_b;
    struct uct_step *steps; size_t nsteps, csteps;
    size_t part;                               /* the first step that is not the same; nsteps: none */
    struct uct_change *changes; size_t nchanges, cchanges;
    struct uct_timing *timings; size_t ntimings, ctimings;
    const struct uct_rpath *path_a, *path_b;   /* NULL: no zones known */
    int64_t start_a, start_b;
};

/* The calls of the first two wants.  False when memory ran out. */
bool uct_compare(const struct uct_report *r, struct uct_comparison *c);
void uct_comparison_free(struct uct_comparison *c);

/* "E -> edge INVITE"; hosts without a log here are called "peer". */
void uct_step_name(struct uct_buf *b, const struct uct_rtrace *t, const struct uct_rmessage *m);

#endif
