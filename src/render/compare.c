/* Two calls step by step.
 *
 * Steps are paired by the longest common sequence of "E -> edge INVITE"; the
 * first one without a pair is where the calls part.  Paired messages are
 * compared header by header and SDP line by SDP line after what differs in any
 * two calls is taken out: tags, branches, dates, Call-IDs, sequence numbers,
 * ports, keys and long identifiers. */
#include "compare.h"

#include "../sip/sip.h"

#include <stdlib.h>

enum { ALIGN = 300, LINES = 512, CHANGES = 400 };

/* ---- noise --------------------------------------------------------------------- */

static bool noise_header(struct uct_slice name)
{
    static const char *const names[] = {
        "Via", "Call-ID", "CSeq", "Date", "Content-Length", "Session-ID", "X-TAATag", "Cisco-Guid",
        "Timestamp", "Ms-Conversation-ID", "Authorization", "Proxy-Authorization", "WWW-Authenticate",
        "Proxy-Authenticate", "Authentication-Info", "Proxy-Authentication-Info", "RSeq", "RAck",
        "ms-user-logon-data",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (uct_sip_header_is(name, uct_slice_str(names[i])))
            return true;
    return false;
}

static bool noise_sdp(struct uct_slice line)
{
    static const char *const starts[] = {
        "a=candidate", "a=remote-candidates", "a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=ssrc",
        "a=x-ssrc", "a=msid", "a=rtcp:", "a=cryptoscale", "t=", "s=",
    };
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (uct_slice_starts(line, uct_slice_str(starts[i])))
            return true;
    return false;
}

static bool word(unsigned char c)
{
    return uct_isalnum(c) || c == '-' || c == '_';
}

/* ";tag=", ";branch=" and their like, with their value. */
static size_t noise_param(struct uct_slice s)
{
    static const char *const params[] = {"tag=", "branch=", "epid=", "proxy-call-id=", "rport=", "received=",
                                         "ms-received-port=", "ms-received-cid=", "gr=", "opaque="};
    if (s.p[0] != ';')
        return 0;
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        struct uct_slice p = uct_slice_str(params[i]);
        if (!uct_slice_istarts(uct_slice(s.p + 1, s.n - 1), p))
            continue;
        size_t n = 1 + p.n;
        while (n < s.n && !strchr(";>, \"", s.p[n]))
            n++;
        return n;
    }
    return 0;
}

/* ":5061" behind a host; "sip:5010" is no port. */
static size_t noise_port(struct uct_slice all, size_t at)
{
    struct uct_slice s = uct_slice(all.p + at, all.n - at), before = uct_slice(all.p, at);
    size_t n = 1;
    if (s.p[0] != ':' || !at || !(word((unsigned char)all.p[at - 1]) || all.p[at - 1] == ']'))
        return 0;
    if (before.n >= 3 &&
        (memcmp(before.p + before.n - 3, "sip", 3) == 0 || memcmp(before.p + before.n - 3, "tel", 3) == 0))
        return 0;
    while (n < s.n && uct_isdigit((unsigned char)s.p[n]))
        n++;
    return n >= 3 && n <= 6 && (n == s.n || strchr(";>,/ \"", s.p[n])) ? n : 0;
}

/* 16 or more hexadecimal digits and hyphens in one word. */
static size_t noise_id(struct uct_slice all, size_t at)
{
    size_t n = 0, digits = 0;
    if (at && word((unsigned char)all.p[at - 1]))
        return 0;
    while (at + n < all.n && (uct_hexval((unsigned char)all.p[at + n]) >= 0 || all.p[at + n] == '-')) {
        digits += all.p[at + n] != '-';
        n++;
    }
    bool ends = at + n == all.n || !word((unsigned char)all.p[at + n]);
    return digits >= 16 && ends ? n : 0;
}

static void quieten(struct uct_buf *b, struct uct_slice s)
{
    for (size_t i = 0; i < s.n;) {
        size_t n = noise_param(uct_slice(s.p + i, s.n - i));
        if (!n)
            n = noise_port(s, i);
        size_t id = n ? 0 : noise_id(s, i);
        if (id)
            uct_buf_addc(b, '*');
        if (!n && !id)
            uct_buf_addc(b, uct_isspace((unsigned char)s.p[i]) ? ' ' : s.p[i]);
        i += n ? n : id ? id : 1;
    }
}

/* m=audio 50020 RTP/AVP 9 -> m=audio RTP/AVP 9; a refused one keeps its 0. */
static void quieten_sdp(struct uct_buf *b, struct uct_slice s)
{
    size_t cut = SIZE_MAX;
    if (uct_slice_starts(s, UCT_S("o="))) {
        const char *in = memmem(s.p, s.n, " IN ", 4);
        uct_buf_adds(b, "o=");
        s = in ? uct_slice(in + 1, s.n - (size_t)(in + 1 - s.p)) : uct_slice("", 0);
    } else if (uct_slice_starts(s, UCT_S("m="))) {
        const char *blank = memchr(s.p, ' ', s.n);
        uint64_t port;
        size_t at = blank ? (size_t)(blank - s.p) : s.n;
        size_t n = at < s.n ? uct_slice_u64(uct_slice(s.p + at + 1, s.n - at - 1), &port) : 0;
        if (n && port) {
            uct_buf_add(b, s.p, at);
            s = uct_slice(s.p + at + 1 + n, s.n - at - 1 - n);
        }
    } else if (uct_slice_starts(s, UCT_S("a=crypto:"))) {
        cut = uct_slice_find(s, UCT_S("inline"));
    }
    uct_buf_add(b, s.p, cut < s.n ? cut : s.n);
}

/* ---- a message's lines, cleaned ---------------------------------------------------- */

struct entry {
    const char *name, *value;      /* name NULL: a line of SDP */
    size_t order;
};

struct lines {
    struct entry v[LINES];
    size_t n;
};

static const char *keep(struct uct_arena *arena, struct uct_buf *b)
{
    struct uct_buf clean = {0};
    uct_utf8_clean(&clean, uct_slice_trim(uct_slice(b->p ? b->p : "", b->n)));
    const char *p =
        b->failed || clean.failed ? NULL : uct_arena_dup(arena, uct_slice(clean.p ? clean.p : "", clean.n));
    uct_buf_free(&clean);
    b->n = 0;
    return p;
}

static bool add(struct uct_arena *arena, struct lines *l, struct uct_slice name, struct uct_buf *value)
{
    struct uct_buf b = {0};
    struct entry e = {.value = keep(arena, value), .order = l->n};
    if (name.n) {
        uct_buf_add(&b, name.p, name.n);
        e.name = keep(arena, &b);
    }
    uct_buf_free(&b);
    if (!e.value || (name.n && !e.name))
        return false;
    l->v[l->n++] = e;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (!x->name || !y->name)
        return x->name ? -1 : y->name ? 1 : strcmp(x->value, y->value);
    int c = strcasecmp(x->name, y->name);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

static bool read_lines(struct uct_arena *arena, const struct uct_rmessage *m, struct lines *l)
{
    struct uct_sip sip;
    struct uct_slice name, value, line;
    struct uct_sip_layout layout = {.indented = m->indented, .glued_end = m->indented};
    struct uct_buf b = {0};
    bool ok = true;
    l->n = 0;
    if (!m->sip.n || !uct_sip_parse(m->sip, layout, &sip))
        return true;
    layout.spaced = true;                  /* the headers alone are gone through */
    while (ok && l->n < LINES && uct_sip_next_header(&sip.headers, layout, &name, &value)) {
        if (noise_header(name))
            continue;
        quieten(&b, value);
        ok = add(arena, l, name, &b);
    }
    for (struct uct_slice body = sip.body; ok && l->n < LINES && uct_next_line(&body, &line);) {
        line = uct_slice_trim(line);
        if (line.n < 2 || line.p[1] != '=' || noise_sdp(line))
            continue;
        quieten_sdp(&b, line);
        ok = add(arena, l, uct_slice("", 0), &b);
    }
    uct_buf_free(&b);
    if (l->n > 1)
        qsort(l->v, l->n, sizeof *l->v, by_name);
    return ok;
}

/* ---- differences -------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* Told once: what a header says goes with the call from hop to hop. */
static bool change(struct uct_comparison *c, struct uct_change x)
{
    for (size_t i = 0; i < c->nchanges; i++)
        if (c->changes[i].kind == x.kind && same(c->changes[i].name, x.name) && same(c->changes[i].a, x.a) &&
            same(c->changes[i].b, x.b))
            return true;
    if (c->nchanges >= CHANGES)
        return true;
    if (!UCT_ROOM(c->changes, c->nchanges, c->cchanges))
        return false;
    c->changes[c->nchanges++] = x;
    return true;
}

/* The values of one header from v[at] on, put together; *at goes past them. */
static bool gather(struct uct_arena *arena, const struct lines *l, size_t *at, const char *name,
                   const char **out)
{
    struct uct_buf b = {0};
    bool any = false;
    for (; *at < l->n && l->v[*at].name && strcasecmp(l->v[*at].name, name) == 0; ++*at) {
        uct_buf_adds(&b, any ? ", " : "");
        uct_buf_adds(&b, l->v[*at].value);
        any = true;
    }
    *out = any && !b.failed ? uct_arena_dup(arena, uct_slice(b.p ? b.p : "", b.n)) : NULL;
    uct_buf_free(&b);
    return *out || !any;
}

static bool headers(struct uct_comparison *c, size_t step, const struct lines *a, const struct lines *b)
{
    size_t i = 0, k = 0;
    while ((i < a->n && a->v[i].name) || (k < b->n && b->v[k].name)) {
        const char *x = i < a->n ? a->v[i].name : NULL, *y = k < b->n ? b->v[k].name : NULL;
        const char *name = !y || (x && strcasecmp(x, y) <= 0) ? x : y;
        const char *va = NULL, *vb = NULL;
        if (!gather(&c->arena, a, &i, name, &va) || !gather(&c->arena, b, &k, name, &vb))
            return false;
        if (!same(va, vb) && !change(c, (struct uct_change){UCT_CHANGE_HEADER, step, name, va, vb}))
            return false;
    }
    return true;
}

static bool sdp(struct uct_comparison *c, size_t step, const struct lines *a, const struct lines *b)
{
    size_t i = 0, k = 0;
    while (i < a->n && a->v[i].name)
        i++;
    while (k < b->n && b->v[k].name)
        k++;
    if (i == a->n || k == b->n)                /* one has no SDP: Content-Type says so */
        return true;
    while (i < a->n || k < b->n) {
        int d = i == a->n ? 1 : k == b->n ? -1 : strcmp(a->v[i].value, b->v[k].value);
        struct uct_change x = {UCT_CHANGE_SDP, step, NULL, d < 0 ? a->v[i].value : NULL,
                               d > 0 ? b->v[k].value : NULL};
        if (d && !change(c, x))
            return false;
        i += d <= 0;
        k += d >= 0;
    }
    return true;
}

static bool compare_texts(struct uct_comparison *c)
{
    struct lines *l = malloc(2 * sizeof *l);
    bool ok = l != NULL;
    for (size_t i = 0; ok && i < c->nsteps; i++) {
        const struct uct_step *s = &c->steps[i];
        if (s->a && s->b)
            ok = read_lines(&c->arena, s->a, &l[0]) && read_lines(&c->arena, s->b, &l[1]) &&
                 headers(c, i, &l[0], &l[1]) && sdp(c, i, &l[0], &l[1]);
    }
    free(l);
    return ok;
}

/* ---- steps ---------------------------------------------------------------------------- */

static const char *host(const struct uct_rtrace *t, uint32_t h)
{
    return h < t->nhosts && t->hosts[h].logged ? t->hosts[h].name : "peer";
}

void uct_step_name(struct uct_buf *b, const struct uct_rtrace *t, const struct uct_rmessage *m)
{
    if (m->from == m->to)
        uct_buf_addf(b, "%s: ", host(t, m->from));
    else
        uct_buf_addf(b, "%s -> %s ", host(t, m->from), host(t, m->to));
    if (m->record)
        uct_buf_adds(b, m->code ? m->code : "diagnostic record");
    else if (m->status)
        uct_buf_addf(b, "%d %s", m->status, m->phrase ? m->phrase : "");
    else
        uct_buf_adds(b, m->method ? m->method : "request");
}

struct side {
    const struct uct_rmessage **v;
    uint64_t *key;
    size_t n;
};

static bool take_side(const struct uct_rtrace *t, uint32_t call, struct side *s)
{
    struct uct_buf b = {0};
    *s = (struct side){calloc(t->nmessages + 1, sizeof *s->v), calloc(t->nmessages + 1, sizeof *s->key), 0};
    for (size_t i = 0; s->v && s->key && i < t->nmessages; i++) {
        const struct uct_rmessage *m = &t->messages[i];
        if (m->call != call)
            continue;
        b.n = 0;
        uct_step_name(&b, t, m);
        uct_buf_adds(&b, m->method ? m->method : "");
        s->v[s->n] = m;
        s->key[s->n++] = uct_hash(b.p, b.n, 0);
    }
    bool ok = s->v && s->key && !b.failed;
    uct_buf_free(&b);
    return ok;
}

static bool step(struct uct_comparison *c, const struct uct_rmessage *a, const struct uct_rmessage *b)
{
    if (!UCT_ROOM(c->steps, c->nsteps, c->csteps))
        return false;
    c->steps[c->nsteps++] = (struct uct_step){a, b};
    return true;
}

/* Pairs up to ALIGN messages of each side; what is behind is listed unpaired
 * but where both go on equally. */
static bool align(struct uct_comparison *c, const struct side *a, const struct side *b)
{
    size_t na = a->n < ALIGN ? a->n : ALIGN, nb = b->n < ALIGN ? b->n : ALIGN, w = nb + 1, i = 0, k = 0;
    uint16_t *len = calloc((na + 1) * w, sizeof *len);
    bool ok = len != NULL;
    for (size_t x = na; ok && x-- > 0;)
        for (size_t y = nb; y-- > 0;) {
            uint16_t down = len[(x + 1) * w + y], right = len[x * w + y + 1];
            uint16_t both = (uint16_t)(len[(x + 1) * w + y + 1] + 1), one = down > right ? down : right;
            len[x * w + y] = a->key[x] == b->key[y] ? both : one;
        }
    while (ok && (i < a->n || k < b->n)) {
        bool both = i < a->n && k < b->n;
        if (both && a->key[i] == b->key[k]) {
            ok = step(c, a->v[i++], b->v[k++]);
        } else if (k >= b->n || (both && i < na && k < nb && len[(i + 1) * w + k] >= len[i * w + k + 1]) ||
                   (both && k >= nb)) {
            ok = step(c, a->v[i++], NULL);
        } else {
            ok = step(c, NULL, b->v[k++]);
        }
    }
    free(len);
    return ok;
}

static int64_t start_of(const struct side *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i]->time != UCT_NO_TIME)
            return s->v[i]->time;
    return UCT_NO_TIME;
}

static const struct uct_rpath *path_of(const struct uct_rtrace *t, uint32_t call)
{
    for (size_t i = 0; i < t->npaths; i++)
        if (t->paths[i].call == call)
            return &t->paths[i];
    return NULL;
}

bool uct_compare(const struct uct_report *r, struct uct_comparison *c)
{
    const struct uct_rtrace *t = r->trace;
    struct side a, b;
    *c = (struct uct_comparison){.call_a = t->wants[0].call, .call_b = t->wants[1].call};
    bool ok = take_side(t, c->call_a, &a);
    ok = take_side(t, c->call_b, &b) && ok;
    ok = ok && align(c, &a, &b) && compare_texts(c);
    if (ok) {
        c->start_a = start_of(&a);
        c->start_b = start_of(&b);
        c->path_a = path_of(t, c->call_a);
        c->path_b = path_of(t, c->call_b);
        while (c->part < c->nsteps && c->steps[c->part].a && c->steps[c->part].b)
            c->part++;
    }
    free(a.v);
    free(a.key);
    free(b.v);
    free(b.key);
    return ok;
}

void uct_comparison_free(struct uct_comparison *c)
{
    uct_arena_free(&c->arena);
    free(c->steps);
    free(c->changes);
}
