/* help: --help on one screen, and what a misspelt word was meant to be. */
#include "cli.h"
#include "../render/layout.h"

static void commands(struct uct_buf *b)
{
    for (const struct uct_command *c = uct_commands; c->name; c++)
        if (c->run)
            uct_buf_addf(b, "  %-7s %-32s %s\n", c->name, c->operands, c->summary);
    uct_buf_adds(b, "  not built yet:");
    for (const struct uct_command *c = uct_commands; c->name; c++)
        if (!c->run)
            uct_buf_addf(b, " %s", c->name);
    uct_buf_addc(b, '\n');
}

/* One option in 39 columns: "-j, --jobs N          threads" */
static void option(struct uct_buf *b, const struct uct_option *o, bool last)
{
    size_t from = b->n;
    if (o->letter)
        uct_buf_addf(b, "-%c, --%s", o->letter, o->name);
    else
        uct_buf_addf(b, "    --%s", o->name);
    if (o->value)
        uct_buf_addf(b, " %s", o->value);
    do
        uct_buf_addc(b, ' ');
    while (!b->failed && b->n - from < 22);
    uct_buf_adds(b, o->help);
    while (!last && !b->failed && b->n - from < 40)
        uct_buf_addc(b, ' ');
    if (last)
        uct_buf_addc(b, '\n');
}

void uct_help(struct uct_buf *b)
{
    uct_buf_adds(b, "usage: uctriage [OPTIONS] [analyze] PATH...    or one of\n");
    commands(b);
    const struct uct_option *common[64];
    size_t n = 0;
    for (const struct uct_option *o = uct_option_table; o->name && n < 64; o++)
        if (o->help)
            common[n++] = o;
    size_t rows = (n + 1) / 2;
    for (size_t i = 0; i < rows; i++) {
        option(b, common[i], i + rows >= n);
        if (i + rows < n)
            option(b, common[i + rows], true);
    }
    struct uct_buf also = {0};
    uct_buf_adds(&also, "also:");
    for (const struct uct_option *o = uct_option_table; o->name; o++)
        if (!o->help)
            uct_buf_addf(&also, " --%s", o->name);
    uct_wrap(b, uct_slice(also.p, also.n), 0, 2, 80);
    b->failed |= also.failed;
    uct_buf_free(&also);
    uct_buf_adds(b, "exit: 0 nothing wrong, 1 problems found, 2 usage error, 3 some input not read\n"
                    "PATH: file, directory, archive or - for standard input.   More: man uctriage\n");
}

/* ---- the nearest word ---------------------------------------------------- */

enum { LONGEST = 24 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Edits from a to b (insert, delete, replace, swap of neighbours). */
static size_t edits(const char *a, size_t na, const char *b, size_t nb)
{
    size_t d[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= na; i++)
        d[i][0] = i;
    for (size_t k = 0; k <= nb; k++)
        d[0][k] = k;
    for (size_t i = 1; i <= na; i++)
        for (size_t k = 1; k <= nb; k++) {
            d[i][k] = least(d[i - 1][k] + 1, d[i][k - 1] + 1, d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
                d[i - 2][k - 2] + 1 < d[i][k])
                d[i][k] = d[i - 2][k - 2] + 1;
        }
    return d[na][nb];
}

const char *uct_nearest(const char *word, const char *const *candidates, size_t n)
{
    size_t len = strlen(word), best = 3;
    const char *found = NULL;
    if (len < 3 || len > LONGEST)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(candidates[i]);
        if (m > LONGEST)
            continue;
        size_t e = edits(word, len, candidates[i], m);
        if (e < best && e * 2 < len) {
            best = e;
            found = candidates[i];
        }
    }
    return found;
}
