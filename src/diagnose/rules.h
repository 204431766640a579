/* diagnose: the rules.  Data, not code: see rules/rules.rng and CONTRIBUTING. */
#ifndef UCT_RULES_H
#define UCT_RULES_H

#include "../base/base.h"
#include "../transcript/transcript.h"

enum uct_class { UCT_ROOT_CAUSE, UCT_CONTRIBUTING, UCT_SYMPTOM, UCT_MISSING, UCT_ADVICE };
enum uct_severity { UCT_CRITICAL, UCT_ERROR, UCT_WARNING, UCT_INFO };
enum uct_confidence { UCT_CERTAIN, UCT_LIKELY, UCT_POSSIBLE };
enum uct_actor { UCT_ACTOR_US, UCT_ACTOR_PEER, UCT_ACTOR_NETWORK, UCT_ACTOR_UNKNOWN };
const char *uct_class_name(enum uct_class c);              /* "root-cause" ... */
const char *uct_severity_name(enum uct_severity s);        /* "critical" "error" "warning" "info" */
const char *uct_confidence_name(enum uct_confidence c);
const char *uct_actor_name(enum uct_actor a);

enum uct_op { UCT_OP_PRESENT, UCT_OP_ABSENT, UCT_OP_EQUALS, UCT_OP_CONTAINS, UCT_OP_REGEX,
              UCT_OP_ALL, UCT_OP_ANY, UCT_OP_NOT };

/* A condition; trees are flattened in prefix order, `span` says how many nodes
 * (this one included) belong to it. */
struct uct_cond {
    enum uct_op op;
    const char *field;       /* lower case; NULL: the record's text */
    const char *value;       /* text or pattern (PCRE2; named groups become params) */
    uint16_t span;
};

struct uct_param {
    const char *name;
    const char *field;       /* from this field of the record; NULL: from a named group or a call */
    const char *from;        /* "call-from-domain" "call-to-domain" "call-header" ... or NULL */
    bool key;                /* part of what tells findings of one rule apart */
    bool host;               /* lower case, no port, no final dot */
};

/* What a finding of this rule accounts for. */
enum uct_scope { UCT_SCOPE_CALL, UCT_SCOPE_PEER, UCT_SCOPE_ANY };
struct uct_explain { const char *rule; enum uct_scope scope; uint32_t seconds; };

struct uct_index { enum uct_key key; const char *text; uint32_t number; };

struct uct_sample { const char *file; const char *text; bool hit; };

struct uct_text {              /* one language */
    const char *lang;          /* "en", "zh-Hant" */
    const char *title, *cause;
    const char *const *fix; uint16_t nfix;
};

/* Conditions on the call and on other findings, judged after the records. */
enum uct_when {
    UCT_WHEN_ALWAYS,
    UCT_WHEN_UNDIAGNOSED,      /* no root cause was found on any call of this record */
    UCT_WHEN_DIAGNOSED,        /* one was */
    UCT_WHEN_SILENT,           /* no SIP message went over the connection that the record names */
    UCT_WHEN_ABSENT            /* fired by name on what is not in the logs (correlate/absence.c), by no record */
};

struct uct_rule {
    const char *id;            /* "family.name" */
    enum uct_class class_;
    enum uct_severity severity;
    enum uct_confidence confidence;
    enum uct_actor actor;
    uint8_t kinds;             /* bit per enum uct_kind that it may fire on; 0 = any */
    enum uct_when when;
    bool call_failed;          /* only if the record's call failed (outcome failed) */
    const struct uct_index *index; uint16_t nindex;
    const struct uct_cond *cond; uint16_t ncond;
    const struct uct_param *param; uint16_t nparam;
    const struct uct_explain *explains; uint16_t nexplains;
    const char *implies;       /* id of the rule whose finding always comes with this one, or NULL */
    const struct uct_text *text; uint16_t ntext;
    const char *const *reference; uint16_t nreference;
    const char *const *code; uint16_t ncode;      /* findings[].codes, fixed part */
    const struct uct_sample *sample; uint16_t nsample;
};

/* An immutable set: the built-in rules and those of --rules DIR.  A rule of
 * DIR with the id of a built-in one replaces it. */
struct uct_rules;
enum uct_status uct_rules_load(struct uct_rules **r, const char *const *dirs, size_t ndirs,
                               struct uct_buf *errors);
void uct_rules_free(struct uct_rules *r);
size_t uct_rules_count(const struct uct_rules *r);
const struct uct_rule *uct_rules_get(const struct uct_rules *r, size_t i);       /* sorted by id */
const struct uct_rule *uct_rules_find(const struct uct_rules *r, const char *id);
/* The interest set for the transcript's writers; rule numbers are indexes of uct_rules_get(). */
struct uct_interest *uct_rules_interest(const struct uct_rules *r);
/* The text for a language tag, by prefix, else English. */
const struct uct_text *uct_rule_text(const struct uct_rule *r, const char *lang);

/* Checks a file of rules beside the built-in ones: schema, meaning, and (with
 * an analyser) every sample.  analyse() runs the whole pipeline with those
 * rules over the text and adds the ids of the findings, one a line; false when
 * it could not.  `report` gets "file:line: ..." lines; true when all is well
 * (warnings do not count). */
typedef bool uct_analyse_fn(void *arg, const struct uct_rules *rules, const char *text, size_t n,
                            struct uct_buf *rules_fired);
bool uct_rules_check_file(const char *path, uct_analyse_fn *analyse, void *arg, struct uct_buf *report);

extern const struct uct_rule uct_builtin_rules[];      /* made from rules/ when the program is built */
extern const size_t uct_builtin_nrules;

#endif
