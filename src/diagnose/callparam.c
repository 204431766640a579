/* What a call knows that a record does not: domains, and the header that carried one. */
#include "occurrence.h"

#include "../sip/sip.h"

#include <stdio.h>

/* Sightings of a call that are asked for the domains it names: they are those of its first messages, and a call
 * may hold a hundred thousand of which each asks. */
#define ASKED 256

static size_t asked(const struct uct_call *c)
{
    return c->nrefs < ASKED ? c->nrefs : ASKED;
}

static struct uct_slice domain_of(const struct judging *j, uint32_t uri, struct uct_buf *scratch)
{
    return uct_host_normal(uct_sip_uri_host(uct_interned(j->s->strings, uri)), scratch);
}

static bool equal_host(const struct judging *j, uint32_t uri, struct uct_slice host)
{
    return uri && host.n && uct_slice_ieq(uct_sip_uri_host(uct_interned(j->s->strings, uri)), host);
}

/* Is fqdn one label and then this URI's domain? */
static bool parent_of(const struct judging *j, uint32_t uri, struct uct_slice fqdn)
{
    const char *dot = fqdn.n ? memchr(fqdn.p, '.', fqdn.n) : NULL;
    if (!dot)
        return false;
    size_t at = (size_t)(dot - fqdn.p) + 1;
    return equal_host(j, uri, uct_slice(fqdn.p + at, fqdn.n - at));
}

/* The INVITE's header that carries this domain; only an INVITE in the logs can say. */
static struct uct_slice header_of(const struct judging *j, const struct uct_call *c, struct uct_slice domain)
{
    bool pai = false;
    for (size_t i = 0; i < asked(c); i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (!m || m->status || !uct_slice_eq(uct_interned(j->s->strings, m->method), UCT_S("INVITE")))
            continue;
        if (equal_host(j, m->from, domain))
            return UCT_S("From");
        pai |= equal_host(j, m->pai, domain);
    }
    return pai ? UCT_S("P-Asserted-Identity") : uct_slice("", 0);
}

/* The domain whose direct child fqdn is, of those the call names. */
static struct uct_slice related_domain(const struct judging *j, const struct uct_call *c, struct uct_slice fqdn,
                                       struct uct_buf *scratch)
{
    for (size_t i = 0; i < asked(c); i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (!m)
            continue;
        const uint32_t uris[] = {m->from, m->pai, m->to};
        for (size_t k = 0; k < 3; k++)
            if (parent_of(j, uris[k], fqdn))
                return domain_of(j, uris[k], scratch);
    }
    return uct_slice("", 0);
}

struct uct_slice uct_call_param(const struct judging *j, size_t call, const char *from, struct uct_slice domain,
                                struct uct_slice fqdn, struct uct_buf *scratch)
{
    struct uct_slice name = uct_slice_str(from);
    if (call == SIZE_MAX)
        return uct_slice("", 0);
    const struct uct_call *c = &j->calls->items[call];
    if (uct_slice_eq(name, UCT_S("call-from-domain")))
        return domain_of(j, c->from, scratch);
    if (uct_slice_eq(name, UCT_S("call-to-domain")))
        return domain_of(j, c->to, scratch);
    if (uct_slice_eq(name, UCT_S("call-from")))
        return uct_interned(j->s->strings, c->from);
    if (uct_slice_eq(name, UCT_S("call-to")))
        return uct_interned(j->s->strings, c->to);
    if (uct_slice_eq(name, UCT_S("call-method")))
        return uct_interned(j->s->strings, c->method);
    if (uct_slice_eq(name, UCT_S("call-status")) && c->status) {
        char digits[8];
        int n = snprintf(digits, sizeof digits, "%u", c->status);
        uint32_t id = uct_intern(j->s->strings, uct_slice(digits, (size_t)n));
        return uct_interned(j->s->strings, id);
    }
    if (uct_slice_eq(name, UCT_S("call-header")))
        return header_of(j, c, domain);
    if (uct_slice_eq(name, UCT_S("call-domain")))
        return related_domain(j, c, fqdn, scratch);
    return uct_slice("", 0);
}
