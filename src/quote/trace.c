/* Sightings of the wanted calls become messages.
 *
 * Which sightings are one message was found when the calls were built
 * (uct_ref.group); numbers follow the corrected time of the first sighting.
 * The one-line summary that has a dump is put to the dump again. */
#include "trace.h"

#include <stdlib.h>

#define MESSAGES 10000           /* of one trace; the rest is counted */

const char *uct_trace_text(struct uct_tracing *t, struct uct_slice s, bool *failed)
{
    struct uct_buf b = {0};
    if (!s.n)
        return NULL;
    uct_utf8_clean(&b, s);
    const char *p = b.failed ? NULL : uct_arena_dup(&t->r->arena, uct_slice(b.p, b.n));
    uct_buf_free(&b);
    *failed |= !p;
    return p;
}

const char *uct_trace_id(struct uct_tracing *t, uint32_t id, bool *failed)
{
    return id ? uct_trace_text(t, uct_interned(t->s->strings, id), failed) : NULL;
}

/* ---- a message and its sightings ------------------------------------------ */

static uint32_t message_new(struct uct_tracing *t, uint32_t call, uint32_t number)
{
    if (!UCT_ROOM(t->m, t->nm, t->cm) || !UCT_ROOM(t->making, t->nm, t->cmaking))
        return UINT32_MAX;
    t->m[t->nm] =
        (struct uct_rmessage){.call = call, .number = number, .from = UCT_NO_HOST, .to = UCT_NO_HOST};
    t->making[t->nm] = (struct uct_making){0};
    return (uint32_t)t->nm++;
}

static bool seen_add(struct uct_tracing *t, uint32_t message, const struct uct_ref *ref)
{
    if (!UCT_ROOM(t->refs, t->nrefs, t->crefs))
        return false;
    t->refs[t->nrefs] = (struct uct_seen_at){message, (uint32_t)t->nrefs, ref};
    t->nrefs++;
    return true;
}

static int by_message(const void *a, const void *b)
{
    const struct uct_seen_at *x = a, *y = b;
    if (x->message != y->message)
        return x->message < y->message ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* What tells a dump's summary apart from others. */
struct twin {
    uint64_t hash;
    uint32_t source, local, remote, message;
};

static int by_hash(const void *a, const void *b)
{
    const struct twin *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->local != y->local)
        return x->local < y->local ? -1 : 1;
    if (x->remote != y->remote)
        return x->remote < y->remote ? -1 : 1;
    return (x->message > y->message) - (x->message < y->message);
}

/* The message whose dump this summary belongs to. */
static uint32_t twin_of(const struct twin *v, size_t n, const struct uct_ref *r)
{
    struct twin key = {r->msg->msg_hash, r->source, r->msg->local, r->msg->remote, 0};
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (by_hash(&v[mid], &key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    bool same = lo < n && v[lo].hash == key.hash && v[lo].source == key.source && v[lo].local == key.local &&
                v[lo].remote == key.remote;
    return same ? v[lo].message : UINT32_MAX;
}

struct grouping {
    uint32_t *of_group;          /* message of each group; UINT32_MAX: none yet */
    struct twin *twins;
    size_t ntwins;
    uint32_t number;
};

/* Every sighting but the twins, in order of time: this numbers the messages. */
static bool place(struct uct_tracing *t, struct grouping *g, const struct uct_call *c, uint32_t call)
{
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (r->msg && !r->group)
            continue;
        uint32_t m = r->msg ? g->of_group[r->group] : UINT32_MAX;
        if (m == UINT32_MAX) {
            g->number++;
            if (t->nm >= MESSAGES) {
                t->t->messages_cut++;
                continue;
            }
            m = message_new(t, call, g->number);
            if (m == UINT32_MAX)
                return false;
            if (r->msg)
                g->of_group[r->group] = m;
        }
        if (!seen_add(t, m, r))
            return false;
        if (r->msg && r->msg->msg_hash)
            g->twins[g->ntwins++] =
                (struct twin){r->msg->msg_hash, r->source, r->msg->local, r->msg->remote, m};
    }
    return true;
}

static bool place_twins(struct uct_tracing *t, struct grouping *g, const struct uct_call *c)
{
    if (g->ntwins > 1)
        qsort(g->twins, g->ntwins, sizeof *g->twins, by_hash);
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (!r->msg || r->group || !r->msg->msg_hash)
            continue;
        uint32_t m = twin_of(g->twins, g->ntwins, r);
        if (m != UINT32_MAX && !seen_add(t, m, r))
            return false;
    }
    return true;
}

static bool take_call(struct uct_tracing *t, uint32_t call)
{
    const struct uct_call *c = &t->c->items[call];
    struct grouping g = {.of_group = malloc((c->messages + 1u) * sizeof *g.of_group),
                         .twins = malloc((c->nrefs + 1) * sizeof *g.twins)};
    bool ok = g.of_group && g.twins;
    for (size_t i = 0; ok && i <= c->messages; i++)
        g.of_group[i] = UINT32_MAX;
    ok = ok && place(t, &g, c, call) && place_twins(t, &g, c);
    free(g.of_group);
    free(g.twins);
    return ok;
}

/* ---- what the rows say ------------------------------------------------------ */

static int64_t printed(const struct uct_ref *r)
{
    return r->msg ? r->msg->time : r->record->time;
}

static bool sighting(struct uct_tracing *t, const struct uct_ref *r, struct uct_rsighting *out)
{
    bool failed = false;
    *out = (struct uct_rsighting){.source = t->s->items[r->source]->shown, .time = r->time, .printed = printed(r)};
    if (!r->msg) {
        out->line = r->record->line;
        out->offset = r->record->offset;
        out->length = r->record->length;
        return true;
    }
    out->line = r->msg->line;
    out->offset = r->msg->offset;
    out->length = r->msg->length;
    out->dir = (enum uct_dir)r->msg->dir;
    out->summary = r->msg->sight == UCT_SIGHT_LINE;
    out->local = uct_trace_id(t, r->msg->local, &failed);
    out->remote = uct_trace_id(t, r->msg->remote, &failed);
    out->process = uct_trace_id(t, r->msg->process, &failed);
    return !failed;
}

/* How often one place sent or received it, less once. */
static uint64_t repeats(const struct uct_seen_at *v, size_t n)
{
    uint64_t most = 1;
    for (size_t i = 0; i < n && i < 64; i++) {
        const struct uct_ref *a = v[i].ref;
        uint64_t here = 1;
        int64_t last = a->time;
        for (size_t k = i + 1; a->group && k < n; k++) {
            const struct uct_ref *b = v[k].ref;
            if (b->group && b->source == a->source && b->msg->dir == a->msg->dir &&
                b->msg->process == a->msg->process && (b->time != last || b->time == UCT_NO_TIME)) {
                here++;
                last = b->time;
            }
        }
        most = here > most ? here : most;
    }
    return most - 1;
}

static bool row_facts(struct uct_tracing *t, struct uct_rmessage *m, const struct uct_ref *r)
{
    bool failed = false;
    m->time = r->time;
    m->printed = printed(r);
    m->record = r->msg == NULL;
    m->method = uct_trace_id(t, r->msg ? r->msg->method : r->record->method, &failed);
    m->ruri = uct_trace_id(t, r->msg ? r->msg->ruri : r->record->ruri, &failed);
    m->cseq = r->msg ? r->msg->cseq : r->record->cseq;
    if (r->msg) {
        m->status = r->msg->status;
        m->phrase = uct_trace_id(t, r->msg->phrase, &failed);
        m->server = uct_trace_id(t, r->msg->server, &failed);
        m->dir = (enum uct_dir)r->msg->dir;
    }
    return !failed;
}

static bool finish_message(struct uct_tracing *t, size_t i)
{
    struct uct_making *k = &t->making[i];
    struct uct_rmessage *m = &t->m[i];
    const struct uct_seen_at *v = t->refs + k->first;
    struct uct_rsighting *s = uct_arena_alloc(&t->r->arena, (k->n + 1) * sizeof *s);
    if (!s || !row_facts(t, m, v[0].ref))
        return false;
    for (uint32_t n = 0; n < k->n; n++) {
        if (!sighting(t, v[n].ref, &s[n]))
            return false;
        if (s[m->shown].summary && !s[n].summary)
            m->shown = n;
    }
    m->sightings = s;
    m->nsightings = k->n;
    m->retransmissions = repeats(v, k->n);
    k->best = (uint32_t)m->shown;
    const struct uct_ref *best = v[k->best].ref;
    bool failed = false;
    if (best->msg && !m->server)
        m->server = uct_trace_id(t, best->msg->server, &failed);
    if (best->msg && !m->phrase)
        m->phrase = uct_trace_id(t, best->msg->phrase, &failed);
    return !failed;
}

static bool finish_messages(struct uct_tracing *t)
{
    if (t->nrefs > 1)
        qsort(t->refs, t->nrefs, sizeof *t->refs, by_message);
    for (size_t i = 0; i < t->nrefs; i++) {
        struct uct_making *k = &t->making[t->refs[i].message];
        if (!k->n++)
            k->first = (uint32_t)i;
    }
    for (size_t i = 0; i < t->nm; i++)
        if (!finish_message(t, i))
            return false;
    return true;
}

/* ---- which findings it shows ------------------------------------------------ */

struct spot {
    uint32_t source;
    uint64_t offset;
    uint32_t finding;
};

static int by_spot(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->finding > y->finding) - (x->finding < y->finding);
}

static struct spot *list_spots(const struct uct_report *r, size_t *n)
{
    size_t total = 0;
    for (size_t i = 0; i < r->nfindings; i++)
        total += r->findings[i].nevidence + r->findings[i].nspots;
    struct spot *v = malloc((total + 1) * sizeof *v);
    *n = 0;
    for (size_t i = 0; v && i < r->nfindings; i++) {
        const struct uct_rfinding *f = &r->findings[i];
        for (size_t k = 0; k < f->nevidence; k++)
            v[(*n)++] = (struct spot){f->evidence[k].source, f->evidence[k].offset, (uint32_t)i};
        for (size_t k = 0; k < f->nspots; k++)
            v[(*n)++] = (struct spot){f->spots[k].source, f->spots[k].offset, (uint32_t)i};
    }
    if (v && *n > 1)
        qsort(v, *n, sizeof *v, by_spot);
    return v;
}

/* Adds the findings whose evidence begins inside this sighting, each once, ascending. */
static size_t cited(const struct spot *v, size_t n, const struct uct_rsighting *s, uint32_t *list,
                    size_t have)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (v[mid].source < s->source || (v[mid].source == s->source && v[mid].offset < s->offset))
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < n && v[lo].source == s->source && v[lo].offset - s->offset < (s->length ? s->length : 1) &&
           have < 16;
         lo++) {
        size_t k = 0;
        while (k < have && list[k] < v[lo].finding)
            k++;
        if (k < have && list[k] == v[lo].finding)
            continue;
        memmove(list + k + 1, list + k, (have - k) * sizeof *list);
        list[k] = v[lo].finding;
        have++;
    }
    return have;
}

static bool mark_findings(struct uct_tracing *t)
{
    size_t n;
    struct spot *spots = list_spots(t->r, &n);
    bool ok = spots != NULL;
    for (size_t i = 0; ok && n && i < t->nm; i++) {
        uint32_t list[17];
        size_t have = 0;
        for (size_t k = 0; k < t->m[i].nsightings; k++)
            have = cited(spots, n, &t->m[i].sightings[k], list, have);
        if (!have)
            continue;
        uint32_t *kept = uct_arena_alloc(&t->r->arena, have * sizeof *kept);
        if (kept)
            memcpy(kept, list, have * sizeof *kept);
        t->m[i].findings = kept;
        t->m[i].nfindings = kept ? have : 0;
        ok = kept != NULL;
    }
    free(spots);
    return ok;
}

/* ---- what never arrived -------------------------------------------------------- */

/* The messages that the rule on lost ones fires on, found again for all calls:
 * a finding cites only some. */
static bool list_lost(const struct uct_tracing *t, struct spot **v, size_t *n)
{
    struct uct_absences a = {0};
    *n = 0;
    *v = NULL;
    if (uct_absences_find(t->s, t->c, NULL, 0, &a) != UCT_OK || !(*v = malloc((a.n + 1) * sizeof **v))) {
        uct_absences_free(&a);
        return false;
    }
    for (size_t i = 0; i < a.n; i++)
        if (strcmp(a.items[i].rule, "sip.message-lost") == 0)
            (*v)[(*n)++] = (struct spot){t->s->items[a.items[i].source]->shown, a.block.kept[a.items[i].kept].offset, 0};
    uct_absences_free(&a);
    if (*n > 1)
        qsort(*v, *n, sizeof **v, by_spot);
    return true;
}

static bool flag_lost(struct uct_tracing *t)
{
    struct spot *v;
    size_t n;
    bool ok = list_lost(t, &v, &n);
    for (size_t i = 0; ok && n && i < t->nm; i++)
        for (size_t k = 0; k < t->m[i].nsightings; k++) {
            struct spot key = {t->m[i].sightings[k].source, t->m[i].sightings[k].offset, 0};
            if (!t->m[i].record && bsearch(&key, v, n, sizeof *v, by_spot))
                t->m[i].flags |= UCT_LEG_LOST;
        }
    free(v);
    return ok;
}

/* ---- the path through the zones ---------------------------------------------- */

/* Oldest hop first: the zone it left by, then the zone it came in by at the next. */
static size_t walk_zones(const struct uct_rmessage *m, const char **out)
{
    size_t n = 0;
    for (size_t i = m->nvias; i-- > 0;) {
        const char *z[] = {m->vias[i].egress, m->vias[i].ingress};
        for (size_t k = 0; k < 2; k++)
            if (z[k] && (!n || !out || strcmp(out[n - 1], z[k]) != 0)) {
                if (out)
                    out[n] = z[k];
                n++;
            }
    }
    return n;
}

/* What the host of an address is called: by its box, else by the address.  Loopback is the box at hand. */
static const char *called(struct uct_tracing *t, const char *address, uint32_t at_hand, bool *failed)
{
    uint64_t port;
    struct uct_buf name = {0};
    uint32_t id = address ? uct_box_address(t->boxes, uct_slice_str(address), &port) : 0;
    uint32_t box = id ? uct_box_owner(t->boxes, id) : at_hand;
    if (box != UINT32_MAX)
        uct_box_name(&name, &t->boxes->items[box]);
    struct uct_slice text =
        box != UINT32_MAX ? uct_slice(name.p ? name.p : "", name.n) : uct_interned(t->boxes->names, id);
    *failed |= name.failed || t->boxes->failed;
    const char *p = *failed ? NULL : uct_trace_text(t, text, failed);
    uct_buf_free(&name);
    return p;
}

/* Who wrote a Via: behind loopback stands the box that sent it on, in the Via above. */
static const char *written_by(struct uct_tracing *t, const struct uct_rmessage *m, size_t i)
{
    uint64_t port;
    const char *s = m->vias[i].sent_by;
    while (i > 0 && (!s || !uct_box_address(t->boxes, uct_slice_str(s), &port)))
        s = m->vias[--i].sent_by;
    return s;
}

/* A Via's writer sent it by its egress zone; the zone it had come in by stands in the Via below, and of who
 * answers in the top one. */
static bool zones_by_host(struct uct_tracing *t, size_t at, struct uct_rpath *p)
{
    const struct uct_rmessage *m = &t->m[at];
    const struct uct_ref *r = t->refs[t->making[at].first + t->making[at].best].ref;
    struct uct_rzones *v = uct_arena_alloc(&t->r->arena, (m->nvias + 1) * sizeof *v);
    const struct uct_rsighting *s = &m->sightings[m->shown];
    uint32_t here = uct_box_of(t->boxes, r);
    bool failed = v == NULL || t->boxes->failed;
    for (size_t i = m->nvias; !failed && i-- > 0;) {
        const char *in = i + 1 < m->nvias ? m->vias[i + 1].ingress : NULL, *out = m->vias[i].egress;
        if (in || out)
            v[p->nby_host++] = (struct uct_rzones){called(t, written_by(t, m, i), here, &failed), in, out};
    }
    if (!failed && m->nvias && m->vias[0].ingress && m->status)
        v[p->nby_host++] = (struct uct_rzones){
            called(t, s->dir == UCT_DIR_IN ? s->remote : NULL, here, &failed), m->vias[0].ingress, NULL};
    p->by_host = v;
    return !failed;
}

static bool find_paths(struct uct_tracing *t)
{
    struct uct_rtrace *trace = t->t;
    trace->paths = uct_arena_zalloc(&t->r->arena, (trace->ncalls + 1) * sizeof *trace->paths);
    if (!trace->paths)
        return false;
    for (size_t c = 0; c < trace->ncalls; c++) {
        size_t most = 0, best = 0;
        for (size_t i = 0; i < t->nm; i++) {
            size_t n = t->m[i].call == trace->calls[c] ? walk_zones(&t->m[i], NULL) : 0;
            if (n > most) {
                most = n;
                best = i;
            }
        }
        if (!most)
            continue;
        const char **zones = uct_arena_alloc(&t->r->arena, most * sizeof *zones);
        if (!zones)
            return false;
        struct uct_rpath *path = &trace->paths[trace->npaths++];
        *path =
            (struct uct_rpath){.call = trace->calls[c], .zones = zones, .n = walk_zones(&t->m[best], zones)};
        if (!zones_by_host(t, best, path))
            return false;
    }
    return true;
}

/* ---- all of it ---------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    const struct uct_rmessage *x = a, *y = b;
    if (x->time != y->time) {
        if (x->time == UCT_NO_TIME || y->time == UCT_NO_TIME)
            return x->time == UCT_NO_TIME ? 1 : -1;
        return x->time < y->time ? -1 : 1;
    }
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static enum uct_status make(struct uct_tracing *t)
{
    enum uct_status st = uct_wants_resolve(t);
    for (size_t i = 0; st == UCT_OK && i < t->t->ncalls; i++)
        st = take_call(t, t->t->calls[i]) ? UCT_OK : UCT_FATAL;
    if (st == UCT_OK)
        st = finish_messages(t) && mark_findings(t) && flag_lost(t) ? UCT_OK : UCT_FATAL;
    if (st == UCT_OK)
        st = uct_facts_read(t);
    if (st == UCT_OK)
        st = find_paths(t) ? uct_hosts_find(t) : UCT_FATAL;
    return st;
}

enum uct_status uct_trace_build(const struct uct_options *o, const struct uct_sources *s,
                                const struct uct_calls *c, struct uct_boxes *b, struct uct_quote *q,
                                struct uct_report *r)
{
    struct uct_tracing t = {.o = o, .s = s, .c = c, .boxes = b, .r = r, .q = q};
    t.t = uct_arena_zalloc(&r->arena, sizeof *t.t);
    enum uct_status st = t.t ? make(&t) : UCT_FATAL;
    if (st == UCT_OK) {
        t.t->messages = uct_arena_alloc(&r->arena, (t.nm + 1) * sizeof *t.m);
        st = t.t->messages ? UCT_OK : UCT_FATAL;
    }
    if (st == UCT_OK && t.nm) {
        memcpy(t.t->messages, t.m, t.nm * sizeof *t.m);
        qsort(t.t->messages, t.nm, sizeof *t.m, by_time);
    }
    if (st == UCT_OK) {
        t.t->nmessages = t.nm;
        uct_wants_settle(t.t, o->want_lines);
        r->trace = t.t;
    }
    free(t.refs);
    free(t.m);
    free(t.making);
    return st;
}
