/* explain: what a code means, offline.
 *
 * The dictionary is the tables of rules/codes, embedded, with those of a
 * `--rules DIR` over them.  It owns every text it hands out; an explanation
 * lives as long as the dictionary and the arena it was asked with. */
#ifndef UCT_EXPLAIN_H
#define UCT_EXPLAIN_H

#include "../base/base.h"
#include "../render/render.h"

enum uct_family {
    UCT_FAMILY_MS, UCT_FAMILY_RESULT, UCT_FAMILY_SIP, UCT_FAMILY_ALARM, UCT_FAMILY_EVENT,
    UCT_FAMILY_TLS, UCT_FAMILY_ICE, UCT_FAMILY_Q850, UCT_FAMILIES
};
const char *uct_family_name(enum uct_family f);        /* "ms-diagnostics" "result-code" ... */

struct uct_dictionary;
/* dirs: what --rules names, in order; DIR/codes/<table>.tsv adds and replaces.
 * FAILED: a table of a DIR is wrong, *error says "file:line: why". */
enum uct_status uct_dictionary_open(struct uct_dictionary **d, const char *const *dirs, size_t ndirs,
                                    struct uct_buf *error);
void uct_dictionary_free(struct uct_dictionary *d);
size_t uct_dictionary_count(const struct uct_dictionary *d);

/* One meaning of a code.  Texts are NULL where nothing is known. */
struct uct_explanation {
    bool known;
    bool has_family;
    enum uct_family family;
    const char *label;             /* "ms-diagnostics 1010", "TLS alert 46" */
    const char *name, *meaning, *sender, *cause, *check, *confused_with, *reference;
    const char *decoded;           /* of an unknown one: what its bits or its range say */
};

struct uct_explanations {
    struct uct_explanation *item;
    size_t n, cap;
};
/* Every meaning of one argument, at least one (known or decoded).  Frees
 * nothing: x->item is to be freed by the caller.  FATAL: no memory. */
enum uct_status uct_dictionary_find(const struct uct_dictionary *d, struct uct_arena *a, const char *code,
                                    struct uct_explanations *x);

/* Every symbol that starts with prefix (any case), in order, each once; for
 * the completion of a shell.  fn returns false to stop. */
typedef bool uct_symbol_fn(void *arg, const char *symbol);
bool uct_dictionary_symbols(const struct uct_dictionary *d, const char *prefix, uct_symbol_fn *fn, void *arg);

enum uct_explain_format { UCT_EXPLAIN_TEXT, UCT_EXPLAIN_JSON };
/* False when writing failed or memory ran out. */
bool uct_explain_render(const struct uct_dictionary *d, const char *const *codes, size_t n,
                        enum uct_explain_format format, const struct uct_render_options *o,
                        uct_write_fn *write, void *arg, bool *all_known);

#endif
