/* Private to diagnose/: one rule firing on one record. */
#ifndef UCT_OCCURRENCE_H
#define UCT_OCCURRENCE_H

#include "../correlate/absence.h"
#include "../correlate/port.h"
#include "findings.h"
#include "match.h"

#define UCT_PARAMS_MAX 16

struct occurrence {
    const struct uct_rule *rule;
    const struct uct_block *block;
    const struct uct_kept *kept;
    int64_t time;
    uint64_t key;                        /* hash of the rule's id and key params */
    uint32_t source;
    uint32_t rule_no;
    size_t call;                         /* SIZE_MAX: none */
    bool rest;                           /* past the bound of findings per rule: counted with others */
    uint32_t params[UCT_PARAMS_MAX];     /* interned values, as the rule lists its params */
};

struct occurrences {
    struct occurrence *items;
    size_t n, cap;
};

struct record_place {
    uint64_t offset;
    uint32_t source;
};

/* Connections over which SIP went, ascending. */
struct wires {
    uint64_t *v;
    size_t n, cap;
    bool listed;
};

struct judging {
    const struct uct_rules *rules;
    const struct uct_sources *s;
    const struct uct_calls *calls;
    struct uct_matcher *matcher;
    struct uct_buf scratch;
    struct occurrences occ;
    bool *diagnosed;                     /* per call: a root cause was found on it, or on a leg of it */
    const struct uct_ask_joins *ask;
    struct record_place *places;         /* records without a call that hold a root cause, sorted */
    size_t nplaces, cplaces;
    struct record_place *answers;        /* final responses of calls, but for summary lines that have a dump */
    size_t nanswers, canswers;
    struct uct_ports ports;              /* listed when first asked for */
    struct wires wires;                  /* likewise */
    struct uct_skew *skews;              /* per source; listed when first asked for */
    struct uct_absences absent;          /* records made up for what is not there */
};

/* All occurrences, in two passes: rules that look only at records, then those
 * that ask whether their call has a root cause already. */
enum uct_status uct_occurrences_collect(struct judging *j);

/* Between the passes: a call has the root causes of its legs. */
enum uct_status uct_occurrences_legs(struct judging *j);

/* Fires a rule by its id on a record, whatever its index and conditions say; without such a rule nothing
 * happens.  False when memory is out. */
bool uct_occurrence_fire(struct judging *j, const char *rule, uint32_t source, const struct uct_block *b,
                         const struct uct_kept *k);
/* Occurrences of rules whose condition is absence. */
enum uct_status uct_occurrences_absent(struct judging *j);

/* Occurrences of rules about clocks that are off, where a fault of time is to be explained by them. */
bool uct_occurrences_of_clocks(struct judging *j);

/* Did no SIP message of any log go over the connection that a record names, and was it not the record's own box that
 * opened it? */
bool uct_wires_silent(struct judging *j, const struct occurrence *o);

/* How the clock of the box that wrote a record is off, in words; "" if it was not measured or is right. */
struct uct_slice uct_clock_param(struct judging *j, uint32_t source);

/* Value of a param that the call knows ("call-from-domain" ...); "" if not. */
struct uct_slice uct_call_param(const struct judging *j, size_t call, const char *from, struct uct_slice domain,
                                struct uct_slice fqdn, struct uct_buf *scratch);

/* Builds the report's finding out of the occurrences of one rule and key. */
enum uct_status uct_finding_make(const struct judging *j, struct uct_report *r, struct occurrence *o, size_t n,
                                 struct uct_rfinding *f);

/* Fills r->skipped: rules for which no source of a fitting family is at hand. */
bool uct_skipped_list(const struct uct_rules *rules, const struct uct_sources *s, struct uct_report *r);

#endif
