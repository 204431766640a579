/* ascii: the texts of a report rewritten for a terminal that takes ASCII alone, before they are laid out. */
#include "ascii.h"

#include <inttypes.h>

void uct_ascii(struct uct_buf *b, struct uct_slice s)
{
    struct uct_buf clean = {0};
    uct_utf8_clean(&clean, s);
    struct uct_slice rest = uct_slice(clean.p, clean.n);
    while (rest.n) {
        uint32_t c = 0;
        size_t n = uct_utf8_decode(rest, &c);
        if (c >= 0x80 || uct_slice_starts(rest, UCT_S("\\u{")))
            uct_buf_addf(b, "\\u{%" PRIx32 "}", c);
        else
            uct_buf_addc(b, rest.p[0]);
        rest = uct_slice(rest.p + n, rest.n - n);
    }
    b->failed |= clean.failed;
    uct_buf_free(&clean);
}

/* Most texts by far: to be printed as they are. */
static bool plain(struct uct_slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x7f || (c < 0x20 && c != '\n') || c == '\\')
            return false;
    }
    return true;
}

static bool rewrite(struct uct_arena *a, struct uct_slice *s)
{
    struct uct_buf b = {0};
    if (plain(*s))
        return true;
    uct_ascii(&b, *s);
    char *p = b.failed ? NULL : uct_arena_dup(a, uct_slice(b.p ? b.p : "", b.n));
    if (p)
        *s = uct_slice(p, b.n);
    uct_buf_free(&b);
    return p != NULL;
}

/* Any of the texts may be NULL. */
static bool rewrite_all(struct uct_arena *a, const char **const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct uct_slice s = uct_slice_str(*texts[i]);
        if (!rewrite(a, &s))
            return false;
        *texts[i] = s.p;
    }
    return true;
}

#define REWRITE(a, ...) \
    rewrite_all((a), (const char **const[]){__VA_ARGS__}, \
                sizeof((const char **const[]){__VA_ARGS__}) / sizeof(const char **))

static bool message(struct uct_arena *a, struct uct_rmessage *m)
{
    return REWRITE(a, &m->method, &m->phrase, &m->ruri, &m->code, &m->server, &m->sdp) &&
           rewrite(a, &m->text) && rewrite(a, &m->sip);
}

/* Its arrays are not to be written to: new ones take their place. */
static bool path(struct uct_arena *a, struct uct_rpath *p)
{
    const char **zones = uct_arena_alloc(a, (p->n + 1) * sizeof *zones);
    struct uct_rzones *hosts = uct_arena_alloc(a, (p->nby_host + 1) * sizeof *hosts);
    bool ok = zones && hosts;
    for (size_t i = 0; ok && i < p->n; i++) {
        zones[i] = p->zones[i];
        ok = REWRITE(a, &zones[i]);
    }
    for (size_t i = 0; ok && i < p->nby_host; i++) {
        hosts[i] = p->by_host[i];
        ok = REWRITE(a, &hosts[i].host, &hosts[i].in, &hosts[i].out);
    }
    p->zones = zones;
    p->by_host = hosts;
    return ok;
}

static bool trace(struct uct_arena *a, struct uct_rtrace *t)
{
    bool ok = true;
    for (size_t i = 0; ok && i < t->nwants; i++)
        ok = rewrite(a, &t->wants[i].text);
    for (size_t i = 0; ok && i < t->nhosts; i++)
        ok = REWRITE(a, &t->hosts[i].name, &t->hosts[i].host, &t->hosts[i].address);
    for (size_t i = 0; ok && i < t->nmessages; i++)
        ok = message(a, &t->messages[i]);
    for (size_t i = 0; ok && i < t->npaths; i++)
        ok = path(a, &t->paths[i]);
    return ok;
}

bool uct_report_ascii(struct uct_report *r)
{
    struct uct_arena *a = &r->arena;
    bool ok = true;
    for (size_t i = 0; ok && i < r->nsources; i++) {
        struct uct_rsource *s = &r->sources[i];
        ok = REWRITE(a, &s->name, &s->host, &s->reference, &s->box);
    }
    for (size_t i = 0; ok && i < r->ncalls; i++) {
        struct uct_rcall *c = &r->calls[i];
        ok = REWRITE(a, &c->call_id, &c->method, &c->from, &c->to, &c->reason);
    }
    for (size_t i = 0; ok && i < r->njoins; i++)
        ok = REWRITE(a, &r->joins[i].key, &r->joins[i].value);
    for (size_t i = 0; ok && i < r->nfindings; i++)
        ok = REWRITE(a, &r->findings[i].title);
    return ok && trace(a, r->trace);
}
