/* The words of the rules' files and of the report, and their numbers. */
#include "load.h"

static const char *const classes[] = {"root-cause", "contributing", "symptom", "missing-information", "advice"};
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

const char *uct_class_name(enum uct_class c) { return name(classes, COUNT(classes), (unsigned)c); }
const char *uct_severity_name(enum uct_severity s) { return name(severities, COUNT(severities), (unsigned)s); }
const char *uct_confidence_name(enum uct_confidence c) { return name(confidences, COUNT(confidences), (unsigned)c); }
const char *uct_actor_name(enum uct_actor a) { return name(actors, COUNT(actors), (unsigned)a); }
const char *uct_record_kind_name(enum uct_kind k) { return name(kinds, COUNT(kinds), (unsigned)k); }

int uct_class_of(const char *s) { return number(classes, COUNT(classes), uct_slice_str(s)); }
int uct_severity_of(const char *s) { return number(severities, COUNT(severities), uct_slice_str(s)); }
int uct_confidence_of(const char *s) { return number(confidences, COUNT(confidences), uct_slice_str(s)); }
int uct_actor_of(const char *s) { return number(actors, COUNT(actors), uct_slice_str(s)); }
int uct_record_kind_of(struct uct_slice s) { return number(kinds, COUNT(kinds), s); }
