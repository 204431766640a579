/* The words of the rules' files and of the report, and their numbers. */
#include "load.h"

static const char *const classes[] = {"root-cause", "contributing", "symptom", "missing-information",
                                      "advice"};
static const char *const severities[] = {"critical", "error", "warning", "info"};
static const char *const confidences[] = {"certain", "likely", "possible"};
static const char *const actors[] = {"us", "peer", "network", "unknown"};
static const char *const kinds[] = {"record", "sip", "diag", "trace", "winevent", "code"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *name(const char *const *words, size_t n, unsigned i)
{
    return i < n ? words[i] : "unknown";
}

static int number(const char *const *words, size_t n, struct uct_slice s)
{
    for (size_t i = 0; i < n; i++)
        if (uct_slice_eq(uct_slice_str(words[i]), s))
            return (int)i;
    return -1;
}

#define NAME(LIST, I) name(LIST, COUNT(LIST), (unsigned)(I))
#define NUMBER(LIST, S) number(LIST, COUNT(LIST), S)

const char *uct_class_name(enum uct_class c) { return NAME(classes, c); }
const char *uct_severity_name(enum uct_severity s) { return NAME(severities, s); }
const char *uct_confidence_name(enum uct_confidence c) { return NAME(confidences, c); }
const char *uct_actor_name(enum uct_actor a) { return NAME(actors, a); }
const char *uct_record_kind_name(enum uct_kind k) { return NAME(kinds, k); }

int uct_class_of(const char *s) { return NUMBER(classes, uct_slice_str(s)); }
int uct_severity_of(const char *s) { return NUMBER(severities, uct_slice_str(s)); }
int uct_confidence_of(const char *s) { return NUMBER(confidences, uct_slice_str(s)); }
int uct_actor_of(const char *s) { return NUMBER(actors, uct_slice_str(s)); }
int uct_record_kind_of(struct uct_slice s) { return NUMBER(kinds, s); }
