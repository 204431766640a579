/* Inside of the rules' room: files of rules on their way to a checked set.
 *
 * Used by the library (--rules DIR, `rules check`) and by the generator that
 * makes builtin.c while the program is built; so nothing here may know the
 * built-in rules but as `base`, given by the caller.
 *
 * Ownership: all text of a ruleset lives in its arena; the caller owns the
 * ruleset and the buffer of errors. */
#ifndef UCT_LOAD_H
#define UCT_LOAD_H

#include "rules.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* A rule and where it stands, for messages. */
struct uct_loaded {
    struct uct_rule rule;
    const char *file;
    int line;
};

/* A text in another language, for a rule that may stand elsewhere. */
struct uct_loaded_text {
    const char *rule;
    struct uct_text text;
    const char *file;
    int line;
};

struct uct_ruleset {
    struct uct_arena arena;
    struct uct_loaded *rules; size_t n, cap;               /* sorted by id once finished */
    struct uct_loaded_text *texts; size_t ntexts, ctexts;
    const struct uct_rule *base; size_t nbase;             /* rules that are there already, sorted by id */
    struct uct_slice schema;                               /* text of rules.rng */
    struct uct_buf *errors;                                /* "file:line: message" a line */
    unsigned nerrors;
    bool failed;                                           /* out of memory */
};

/* Says what is wrong; line 0 leaves the line out. */
void uct_ruleset_error(struct uct_ruleset *s, const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Reads one file of rules or texts.  False when anything was wrong. */
bool uct_ruleset_add_file(struct uct_ruleset *s, const char *path);
bool uct_ruleset_add_memory(struct uct_ruleset *s, const char *name, struct uct_slice text);
/* DIR/ *.xml and DIR/lang/TAG/ *.xml, in the order of their names. */
bool uct_ruleset_add_dir(struct uct_ruleset *s, const char *dir);
/* Sorts, puts the texts to their rules (copies of base rules are made for
 * that) and checks everything a schema cannot.  False when anything is wrong. */
bool uct_ruleset_finish(struct uct_ruleset *s);
void uct_ruleset_free(struct uct_ruleset *s);

/* Reads a whole file of at most max bytes, NUL-terminated; free() it. */
char *uct_read_file(const char *path, size_t max, size_t *n);

/* names.c: from the words of the XML to numbers; -1 for an unknown word. */
int uct_class_of(const char *s);
int uct_severity_of(const char *s);
int uct_confidence_of(const char *s);
int uct_actor_of(const char *s);
int uct_record_kind_of(struct uct_slice s);
const char *uct_record_kind_name(enum uct_kind k);

/* compile.c: one place decides what a pattern may do, at load and at match. */
pcre2_code *uct_pattern_compile(const char *pattern, pcre2_compile_context *context, struct uct_buf *why);
pcre2_compile_context *uct_pattern_context(void);

/* The next {name} of a template from *pos on: its place and its name.  *pos
 * moves behind it.  False at the end. */
bool uct_text_next(struct uct_slice text, size_t *pos, size_t *at, struct uct_slice *name);

/* builtin.c */
extern const char uct_rules_rng[];
extern const size_t uct_rules_rng_size;

#endif
