/* match: does a rule fire on a kept record, and with which params.
 *
 * A matcher belongs to one thread; the rules and the rows it looks at may be
 * shared.  Captures point into the rows and into the matcher: they live as
 * long as the shorter of both. */
#ifndef UCT_MATCH_H
#define UCT_MATCH_H

#include "rules.h"

#define UCT_CAPTURES 16

struct uct_capture {
    const char *name;              /* of the group */
    struct uct_slice value;        /* never empty */
};

struct uct_captures {
    struct uct_capture v[UCT_CAPTURES];
    unsigned n;
};

struct uct_matcher;
struct uct_matcher *uct_matcher_new(const struct uct_rules *rules);
void uct_matcher_free(struct uct_matcher *m);
/* Memory ran out at some time: what did not match may be wrong. */
bool uct_matcher_failed(const struct uct_matcher *m);
/* How often a pattern was given up because it took too many steps. */
uint64_t uct_matcher_given_up(const struct uct_matcher *m);

/* Kind and conditions of the rule against one record that its index let
 * through.  rule_no is the rule's number in uct_rules_get().  `when` and
 * `call_failed` are the engine's to judge.  out is cleared first. */
bool uct_rule_matches(struct uct_matcher *m, const struct uct_rule *rule, size_t rule_no,
                      const struct uct_block *b, const struct uct_kept *k, const struct uct_intern *strings,
                      struct uct_captures *out);

/* A param's value: the first of its fields that is present, else the group of
 * its name; empty when neither is there (then `from` is the engine's to ask).
 * Hosts come normalised.  The result lives in the rows or in *scratch. */
struct uct_slice uct_rule_param(const struct uct_param *p, const struct uct_block *b,
                                const struct uct_kept *k, const struct uct_intern *strings,
                                const struct uct_captures *captures, struct uct_buf *scratch);

/* "  VCSE.Example.COM.:5061 " -> "vcse.example.com"; "[2001:DB8::1]:5061" -> "[2001:db8::1]". */
struct uct_slice uct_host_normal(struct uct_slice host, struct uct_buf *scratch);

/* Fills {x} in a rule's text; a [[piece]] with an unknown {x} is dropped, an
 * unknown {x} elsewhere becomes `missing` (NULL: "(not in the log)").  lookup
 * returns false for an unknown name.  A fix step may come out empty: leave it
 * out then.  False when memory is out. */
typedef bool uct_lookup_fn(void *arg, struct uct_slice name, struct uct_slice *value);
bool uct_text_fill(struct uct_buf *out, const char *template, const char *missing, uct_lookup_fn *lookup,
                   void *arg);

#endif
