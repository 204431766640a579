/* Which calls shrink, and what of them stays.
 *
 * A call shrinks when its own request was answered 2xx and every request of it on every hop of this log has
 * its final answer, all of them 2xx but for challenges that were met; an INVITE's call was hung up; nothing was
 * repeated; nothing a rule may ask for names it; and nothing was seen of it for a minute before the end of what
 * was read.
 *
 * With a limit on how many are listed those with the smallest digests of their Call-IDs are: the same in
 * every log that saw the call, whatever order the logs were read in. */
#include "fold.h"

#include "links.h"
#include "ties.h"

#include <pthread.h>
#include <stdlib.h>

#define SILENT_MS 60000
#define LOOKBACK 256           /* blocks: a call that goes on for longer keeps the rows of its beginning */
#define ROWS_MOST 512          /* of a call that is looked at */
#define ASKED_MOST 24          /* transactions of one that shrinks */

/* What the writer and this file keep in uct_msg.state. */
enum { LIVE, SETTLED, GIVEN_UP };

struct uct_fold {
    const char *asked;
    size_t most;
    struct uct_spill *spill;
    pthread_mutex_t lock;
    uint64_t *digests;         /* of the calls that may be listed */
    size_t n, cap;
    uint64_t highest;          /* none above is listed */
};

struct uct_fold *uct_fold_new(const char *asked, size_t most, struct uct_spill *spill)
{
    struct uct_fold *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->asked = asked;
    f->most = most;
    f->spill = spill;
    f->highest = UINT64_MAX;
    pthread_mutex_init(&f->lock, NULL);
    return f;
}

void uct_fold_free(struct uct_fold *f)
{
    if (!f)
        return;
    pthread_mutex_destroy(&f->lock);
    free(f->digests);
    free(f);
}

/* ---- which are listed -------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Keeps the smallest, each once. */
static void keep_smallest(struct uct_fold *f)
{
    size_t n = 0;
    if (f->n > 1)
        qsort(f->digests, f->n, sizeof *f->digests, by_value);
    for (size_t i = 0; i < f->n; i++)
        if (!n || f->digests[n - 1] != f->digests[i])
            f->digests[n++] = f->digests[i];
    if (n > f->most) {
        n = f->most;
        f->highest = f->digests[n - 1];
    }
    f->n = n;
}

/* *listed: as far as is known now. */
static bool admit(struct uct_fold *f, uint64_t digest, bool *listed)
{
    *listed = true;
    if (!f->most)
        return true;
    pthread_mutex_lock(&f->lock);
    bool ok = true;
    *listed = digest <= f->highest;
    if (*listed && f->n >= f->most * 2)
        keep_smallest(f);
    if (*listed && (ok = UCT_ROOM(f->digests, f->n, f->cap)))
        f->digests[f->n++] = digest;
    pthread_mutex_unlock(&f->lock);
    return ok;
}

/* ---- the rows at hand -------------------------------------------------- */

struct row {
    uint64_t call;             /* number of its Call-ID, the same whichever table it stands in */
    uint32_t block, index;
};

/* One source's blocks from `from` on; those from `own` on name strings of another table. */
struct folding {
    struct uct_fold *f;
    struct uct_source *s;
    struct uct_intern *strings, *staying;        /* of the blocks from own on, of the others */
    size_t from, own;
    int64_t now;                         /* latest stamp of the source */
    struct row *rows;         size_t n, cap;
    uint64_t *named;          size_t nnamed, cnamed;      /* calls that a kept record or a diagnostic one names */
    uint32_t *moved;                     /* per number of the other table: its number in the one that stays, 0: not asked */
    uint32_t nmoved;
    struct uct_ref *refs;                /* of the call at hand */
    size_t crefs;
};

static bool is_own(const struct folding *w, size_t block)
{
    return w->strings != w->staying && block >= w->own;
}

#define OTHER_TABLE (1ull << 32)

static uint64_t call_key(struct folding *w, size_t block, uint32_t id)
{
    if (!is_own(w, block) || !id)
        return id;
    uint32_t known = uct_intern_find(w->staying, uct_interned(w->strings, id));
    return known ? known : OTHER_TABLE | id;
}

static bool name(struct folding *w, size_t block, uint32_t id)
{
    if (!id)
        return true;
    if (!UCT_ROOM(w->named, w->nnamed, w->cnamed))
        return false;
    w->named[w->nnamed++] = call_key(w, block, id);
    return true;
}

static bool list_rows(struct folding *w)
{
    for (size_t b = w->from; b < w->s->nblocks; b++) {
        const struct uct_block *k = &w->s->blocks[b];
        if (k->last != UCT_NO_TIME && (w->now == UCT_NO_TIME || k->last > w->now))
            w->now = k->last;
        if (k->settled)
            continue;
        for (size_t i = 0; i < k->nkept; i++)
            if (!name(w, b, k->kept[i].call_id))
                return false;
        for (size_t i = 0; i < k->nsightings; i++)
            if (!name(w, b, k->sightings[i].call_id))
                return false;
        for (size_t i = 0; i < k->nmsgs; i++) {
            if (k->msgs[i].state != LIVE || !k->msgs[i].call_id)
                continue;
            if (!UCT_ROOM(w->rows, w->n, w->cap))
                return false;
            w->rows[w->n++] = (struct row){call_key(w, b, k->msgs[i].call_id), (uint32_t)b, (uint32_t)i};
        }
    }
    return true;
}

/* Where a call stands in a table of 2^n slots, each a group's number + 1. */
static uint32_t *slot_of(uint32_t *slots, size_t nslots, const uint64_t *call_of, uint64_t call)
{
    size_t i = (size_t)uct_hash_mix(call, 3) & (nslots - 1);
    while (slots[i] && call_of[slots[i] - 1] != call)
        i = (i + 1) & (nslots - 1);
    return &slots[i];
}

/* Puts rows of one call side by side, in the order of the text; *groups: how many each call has, calls by their first
 * row.  NULL when memory ran out. */
static uint32_t *group_rows(struct folding *w, size_t *ngroups)
{
    size_t nslots = 64, n = 0;
    while (nslots < w->n * 2)
        nslots *= 2;
    uint32_t *slots = calloc(nslots, sizeof *slots), *of = malloc((w->n + 1) * sizeof *of);
    uint32_t *count = calloc(w->n + 1, sizeof *count), *at = malloc((w->n + 1) * sizeof *at);
    uint64_t *call_of = malloc((w->n + 1) * sizeof *call_of);
    struct row *sorted = malloc((w->n + 1) * sizeof *sorted);
    bool ok = slots && of && count && at && call_of && sorted;
    for (size_t i = 0; ok && i < w->n; i++) {
        uint32_t *slot = slot_of(slots, nslots, call_of, w->rows[i].call);
        if (!*slot) {
            call_of[n] = w->rows[i].call;
            *slot = (uint32_t)++n;
        }
        of[i] = *slot - 1;
        count[of[i]]++;
    }
    for (size_t g = 0, sum = 0; ok && g < n; sum += count[g++])
        at[g] = (uint32_t)sum;
    for (size_t i = 0; ok && i < w->n; i++)
        sorted[at[of[i]]++] = w->rows[i];
    if (ok) {
        free(w->rows);
        w->rows = sorted;
        w->cap = w->n + 1;
        sorted = NULL;
    }
    free(slots);
    free(of);
    free(at);
    free(call_of);
    free(sorted);
    *ngroups = n;
    if (ok)
        return count;
    free(count);
    return NULL;
}

static struct uct_msg *msg_of(const struct folding *w, const struct row *r)
{
    return &w->s->blocks[r->block].msgs[r->index];
}

/* ---- from one table to the other --------------------------------------- */

static bool move_id(struct folding *w, uint32_t *id)
{
    if (!*id)
        return true;
    if (*id >= w->nmoved)
        return false;
    uint32_t *to = &w->moved[*id];
    if (!*to && !(*to = uct_intern(w->staying, uct_interned(w->strings, *id))))
        return false;
    *id = *to;
    return true;
}

static bool move_msg(struct folding *w, struct uct_msg *m)
{
    uint32_t *const ids[] = {&m->call_id, &m->method, &m->phrase, &m->from, &m->to, &m->ruri, &m->pai, &m->server, &m->local,
                             &m->remote, &m->session_id, &m->tag, &m->conversation, &m->proxy_call_id, &m->process};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (!move_id(w, ids[i]))
            return false;
    return true;
}

/* All that is left in a block. */
static bool move_block(struct folding *w, struct uct_block *b)
{
    bool ok = move_id(w, &b->host);
    for (size_t i = 0; ok && i < b->nmarks; i++)
        ok = move_id(w, &b->marks[i].host);
    for (unsigned i = 0; ok && i < UCT_LOCALS; i++)
        ok = move_id(w, &b->local[i]);
    for (size_t i = 0; ok && i < b->nmsgs; i++) {
        ok = b->msgs[i].moved || move_msg(w, &b->msgs[i]);
        b->msgs[i].moved = 0;
    }
    for (size_t i = 0; ok && i < b->nkept; i++)
        ok = move_id(w, &b->kept[i].call_id);
    for (size_t i = 0; ok && i < b->nfields; i++)
        ok = move_id(w, &b->fields[i].name) && move_id(w, &b->fields[i].value);
    for (size_t i = 0; ok && i < b->nsightings; i++) {
        struct uct_sighting *r = &b->sightings[i];
        ok = move_id(w, &r->call_id) && move_id(w, &r->method) && move_id(w, &r->ruri) && move_id(w, &r->peer);
    }
    for (size_t i = 0; ok && i < b->nties; i++)
        ok = move_id(w, &b->ties[i].call_id) && move_id(w, &b->ties[i].value) && move_id(w, &b->ties[i].place);
    for (size_t i = 0; ok && i < b->nattempts; i++) {
        struct uct_attempt *a = &b->attempts[i];
        uint32_t *const ids[] = {&a->call_id, &a->serial, &a->tag, &a->remote, &a->from, &a->to};
        for (size_t k = 0; ok && k < sizeof ids / sizeof *ids; k++)
            ok = move_id(w, ids[k]);
    }
    return ok;
}

/* ---- whose events ------------------------------------------------------ */

/* An INVITE that came in, and the event that may be about it. */
struct arrival {
    uint64_t from;             /* digest of the address it came from */
    int64_t time;
    uint64_t call;
    const struct uct_intern *strings;
    const struct uct_msg *msg;
};

struct bound {
    uint32_t block, index;
    struct uct_slice call_id;  /* empty: of no call that can be told */
};

struct binding {
    struct arrival *in;        size_t n, cap;
    struct bound *bound;       size_t nbound, cbound;
};

static const struct uct_intern *strings_of(const struct folding *w, size_t block)
{
    return is_own(w, block) ? w->strings : w->staying;
}

static int by_from(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

static bool list_arrivals(struct folding *w, struct binding *b)
{
    for (size_t i = 0; i < w->n; i++) {
        const struct uct_intern *t = strings_of(w, w->rows[i].block);
        const struct uct_msg *m = msg_of(w, &w->rows[i]);
        if (m->status || m->dir != UCT_DIR_IN || !m->remote || m->time == UCT_NO_TIME ||
            !uct_slice_eq(uct_interned(t, m->method), UCT_S("INVITE")))
            continue;
        if (!UCT_ROOM(b->in, b->n, b->cap))
            return false;
        b->in[b->n++] = (struct arrival){uct_digest(uct_interned(t, m->remote)), m->time, w->rows[i].call, t, m};
    }
    if (b->n > 1)
        qsort(b->in, b->n, sizeof *b->in, by_from);
    return true;
}

/* The only call whose INVITE the event can be about; NULL: there is none.  *several: or more than one. */
static const struct arrival *arrival_of(const struct binding *b, const struct uct_intern *t, const struct uct_attempt *a,
                                        bool *several)
{
    const struct arrival *found = NULL;
    uint64_t from = uct_digest(uct_interned(t, a->remote));
    size_t lo = 0, hi = b->n;
    *several = false;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (b->in[mid].from < from || (b->in[mid].from == from && b->in[mid].time < a->time - UCT_ATTEMPT_AFTER_MS))
            lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t n = 0; lo < b->n && b->in[lo].from == from && b->in[lo].time <= a->time + UCT_ATTEMPT_BEFORE_MS; lo++, n++) {
        const struct arrival *x = &b->in[lo];
        struct uct_slice to = uct_interned(t, a->to);
        if (!uct_ties_same_uri(uct_interned(x->strings, x->msg->ruri), to) &&
            !uct_ties_same_uri(uct_interned(x->strings, x->msg->to), to))
            continue;
        *several |= n == UCT_ATTEMPTS_MOST || (found && found->call != x->call);
        if (*several)
            return NULL;
        found = x;
    }
    return found;
}

/* Later not every INVITE is left to be compared with: whose event it is must be told now. */
static bool bind_attempts(struct folding *w, struct binding *b)
{
    for (size_t k = w->own; k < w->s->nblocks; k++)
        for (size_t i = 0; i < w->s->blocks[k].nattempts; i++) {
            const struct uct_attempt *a = &w->s->blocks[k].attempts[i];
            bool several;
            if (a->call_id || !a->remote || a->time == UCT_NO_TIME)
                continue;
            const struct arrival *x = arrival_of(b, strings_of(w, k), a, &several);
            if (!x && !several)
                continue;
            if (!UCT_ROOM(b->bound, b->nbound, b->cbound))
                return false;
            struct uct_slice id = x ? uct_interned(x->strings, x->msg->call_id) : uct_slice("", 0);
            b->bound[b->nbound++] = (struct bound){(uint32_t)k, (uint32_t)i, id};
        }
    return true;
}

/* Once all strings are of one table.  A call that is not listed is not in it. */
static void tell_attempts(struct folding *w, const struct binding *b)
{
    for (size_t i = 0; i < b->nbound; i++) {
        struct uct_attempt *a = &w->s->blocks[b->bound[i].block].attempts[b->bound[i].index];
        a->call_id = b->bound[i].call_id.n ? uct_intern_find(w->staying, b->bound[i].call_id) : 0;
        if (!a->call_id)
            a->remote = 0;
    }
}

/* ---- has a call ended well? -------------------------------------------- */

struct asked {
    uint32_t method, cseq, requests, finals;
    bool challenged, ok;
};

static bool is(const struct uct_intern *strings, uint32_t id, struct uct_slice name)
{
    return uct_slice_eq(uct_interned(strings, id), name);
}

/* Every message once: the first sighting of its group. */
static bool is_first(const struct uct_call *c, size_t i)
{
    for (size_t k = i; k-- > 0;)
        if (c->refs[k].group == c->refs[i].group)
            return false;
    return c->refs[i].group != 0;
}

static struct asked *transaction(struct asked *t, size_t *n, const struct uct_msg *m)
{
    for (size_t i = 0; i < *n; i++)
        if (t[i].method == m->method && t[i].cseq == m->cseq)
            return &t[i];
    if (*n == ASKED_MOST)
        return NULL;
    t[*n] = (struct asked){.method = m->method, .cseq = m->cseq};
    return &t[(*n)++];
}

/* Which method the call is: that of the request that began it, in this log. */
static uint32_t method_of(const struct uct_call *c)
{
    for (size_t i = 0; i < c->nrefs; i++)
        if (!c->refs[i].msg->status)
            return c->refs[i].msg->to_tag ? 0 : c->refs[i].msg->method;
    return 0;
}

static bool all_answered(const struct asked *t, size_t n, uint32_t method)
{
    bool own = false;
    for (size_t i = 0; i < n; i++) {
        bool met = t[i].ok;
        for (size_t k = 0; k < n && t[i].challenged && !met; k++)
            met = t[k].ok && t[k].method == t[i].method && t[k].cseq > t[i].cseq;
        if (t[i].requests != t[i].finals || !t[i].finals || !met)
            return false;
        own |= t[i].ok && t[i].method == method;
    }
    return own;
}

/* Takes a message into its transaction; false if the call did not end well. */
static bool take(struct asked *t, size_t *n, const struct uct_msg *m)
{
    struct asked *x = transaction(t, n, m);
    bool challenge = m->status == 401 || m->status == 407;
    if (!x || (m->status >= 300 && !challenge))
        return false;
    x->requests += !m->status;
    x->finals += m->status > 0;
    x->challenged |= challenge;
    x->ok |= m->status && !challenge;
    return true;
}

static bool ended_well(const struct uct_intern *strings, const struct uct_call *c)
{
    struct asked t[ASKED_MOST];
    size_t n = 0;
    uint32_t method = method_of(c);
    bool invite = is(strings, method, UCT_S("INVITE")), ack = false, bye = false;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (!m->method || m->diag)
            return false;
        if ((m->status && m->status < 200) || !is_first(c, i))
            continue;
        if (is(strings, m->method, UCT_S("ACK")))
            ack = true;
        else if (!take(t, &n, m))
            return false;
        bye |= m->status && is(strings, m->method, UCT_S("BYE"));
    }
    return method && all_answered(t, n, method) && (!invite || (ack && bye));
}

/* ---- what stays -------------------------------------------------------- */

struct stays {
    size_t at[UCT_SUMMARY_ROWS];
    unsigned n;
};

static void stay(struct stays *s, size_t i)
{
    for (unsigned k = 0; k < s->n; k++)
        if (s->at[k] == i)
            return;
    if (i != SIZE_MAX && s->n < UCT_SUMMARY_ROWS)
        s->at[s->n++] = i;
}

/* The first request of the call's method, or its last good answer, that went this way. */
static size_t cornerstone(const struct uct_call *c, uint32_t method, bool answer, enum uct_dir dir)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < c->nrefs && (answer || found == SIZE_MAX); i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m->method == method && m->dir == dir && is_first(c, i) &&
            (answer ? m->status >= 200 && m->status < 300 : !m->status))
            found = i;
    }
    return found;
}

/* In the order of the text: who asked whom, both ways, and how it was answered; with little room only once. */
static void choose(const struct uct_call *c, uint32_t method, unsigned room, struct stays *s)
{
    static const enum uct_dir dirs[] = {UCT_DIR_IN, UCT_DIR_OUT, UCT_DIR_UNKNOWN};
    s->n = 0;
    for (size_t d = 0; d < 3 && s->n < (room > 2 ? 2 : 1); d++)
        stay(s, cornerstone(c, method, false, dirs[d]));
    for (size_t d = 0; d < 3 && s->n < room; d++)
        stay(s, cornerstone(c, method, true, dirs[d]));
    for (unsigned i = 1; i < s->n; i++)
        for (unsigned k = i; k > 0 && s->at[k - 1] > s->at[k]; k--) {
            size_t x = s->at[k];
            s->at[k] = s->at[k - 1];
            s->at[k - 1] = x;
        }
}

static bool stays_at(const struct stays *s, size_t i)
{
    for (unsigned k = 0; k < s->n; k++)
        if (s->at[k] == i)
            return true;
    return false;
}

static struct uct_slice host_of(const struct uct_intern *strings, const struct uct_msg *m)
{
    return uct_address_host(uct_interned(strings, m->remote));
}

static uint32_t print_of(const struct uct_intern *strings, const struct uct_summary *x, const struct uct_msg *m)
{
    struct uct_slice host = host_of(strings, m);
    for (unsigned r = 0; r < x->nrows && host.n; r++)
        if (uct_slice_eq(host, host_of(strings, &x->rows[r])))
            return uct_print(uct_msg_same(strings, m), r);
    return uct_print(uct_msg_same_hop(strings, m), UCT_PRINT_ALONE);
}

static void summarise(const struct uct_intern *strings, const struct uct_call *c, const struct stays *s, unsigned prints,
                      struct uct_summary *out)
{
    *out = (struct uct_summary){.call_id = c->call_id, .first = c->refs[0].msg->time, .last = c->refs[0].msg->time,
                                .nrows = s->n};
    for (unsigned k = 0; k < s->n; k++)
        out->rows[k] = *c->refs[s->at[k]].msg;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        out->first = m->time < out->first ? m->time : out->first;
        out->last = m->time > out->last ? m->time : out->last;
        if (stays_at(s, i) || !is_first(c, i))
            continue;
        if (out->nprints < prints)
            out->prints[out->nprints++] = print_of(strings, out, m);
        else
            out->more++;
    }
}

/* What only a failed call is asked for goes; the rest names strings that stay. */
static bool strip(struct folding *w, const struct uct_intern *strings, struct uct_summary *x)
{
    bool ok = true;
    for (unsigned r = 0; r < x->nrows; r++)
        x->rows[r].ruri = x->rows[r].pai = x->rows[r].server = 0;
    if (strings == w->staying)
        return true;
    for (unsigned r = 0; r < x->nrows && ok; r++)
        ok = move_msg(w, &x->rows[r]);
    return ok && move_id(w, &x->call_id);
}

/* As many rows as fit beside a print of every other message; else two, and as many prints as do. */
static bool add_summary(struct folding *w, const struct uct_intern *strings, const struct uct_call *c, uint64_t digest,
                        uint64_t messages, bool *fits)
{
    struct uct_summary x;
    struct stays s;
    uint32_t method = method_of(c);
    unsigned room = UCT_SUMMARY_ROWS, prints = UCT_SUMMARY_PRINTS;
    *fits = false;
    while (!*fits && prints <= UCT_SUMMARY_PRINTS) {
        choose(c, method, room, &s);
        summarise(strings, c, &s, prints, &x);
        if (!strip(w, strings, &x) || !uct_summaries_add(&w->s->summaries, &x, digest, fits))
            return false;
        if (room > 2)
            room--;
        else
            prints -= 4;
    }
    w->s->summaries.messages += *fits ? messages - s.n : 0;
    return true;
}

/* ---- a call, a source -------------------------------------------------- */

/* The rows [from, to) of one call as refs; false when memory ran out. */
static bool take_refs(struct folding *w, size_t from, size_t to, struct uct_call *c)
{
    if (to - from > w->crefs) {
        struct uct_ref *p = realloc(w->refs, (to - from) * 2 * sizeof *p);
        if (!p)
            return false;
        w->refs = p;
        w->crefs = (to - from) * 2;
    }
    *c = (struct uct_call){.refs = w->refs, .nrefs = to - from};
    for (size_t i = from; i < to; i++) {
        const struct uct_msg *m = msg_of(w, &w->rows[i]);
        w->refs[i - from] = (struct uct_ref){.msg = m, .time = m->time};
    }
    c->call_id = c->refs[0].msg->call_id;
    return true;
}

static void mark(struct folding *w, size_t from, size_t to, uint8_t state)
{
    struct uct_moment *first = &w->s->summaries.first, *last = &w->s->summaries.last;
    for (size_t i = from; i < to; i++) {
        struct uct_msg *m = msg_of(w, &w->rows[i]);
        m->state = state;
        if (state != GIVEN_UP)
            continue;
        if (!first->any || m->time < first->time)
            *first = (struct uct_moment){m->time, m->offset, true};
        if (!last->any || m->time > last->time)
            *last = (struct uct_moment){m->time, m->offset, true};
    }
}

/* Rows of both tables: those of the other are moved, so that the call is of one. */
static bool unite(struct folding *w, size_t from, size_t to, const struct uct_intern **strings)
{
    bool own = is_own(w, w->rows[from].block);
    *strings = own ? w->strings : w->staying;
    for (size_t i = from; i < to && !own; i++)
        if (is_own(w, w->rows[i].block)) {
            struct uct_msg *m = msg_of(w, &w->rows[i]);
            if (!move_msg(w, m))
                return false;
            m->moved = 1;
        }
    return true;
}

/* Latest stamp of a call's rows, UCT_NO_TIME if one has none. */
static int64_t latest(const struct folding *w, size_t from, size_t to)
{
    int64_t t = UCT_NO_TIME;
    for (size_t i = from; i < to; i++) {
        int64_t x = msg_of(w, &w->rows[i])->time;
        if (x == UCT_NO_TIME)
            return x;
        t = t == UCT_NO_TIME || x > t ? x : t;
    }
    return t;
}

static bool is_named(const struct folding *w, uint64_t call)
{
    return w->nnamed && bsearch(&call, w->named, w->nnamed, sizeof call, by_value);
}

/* Where some messages have a branch and others none, only their rows tell which are one with what another
 * box's log has. */
static bool has_both(const struct uct_call *c)
{
    bool with = false, without = false;
    for (size_t i = 0; i < c->nrefs; i++) {
        with |= c->refs[i].msg->branch != 0;
        without |= c->refs[i].group && !c->refs[i].msg->branch;
    }
    return with && without;
}

static bool fold_call(struct folding *w, size_t from, size_t to)
{
    const struct uct_intern *strings;
    struct uct_call c;
    uint32_t box = 0;
    uint64_t messages = 0, digest;
    bool listed = false, fits = true;
    int64_t last = latest(w, from, to);
    if (last != UCT_NO_TIME && last > w->now - SILENT_MS && to - from <= ROWS_MOST)
        return true;
    if (last == UCT_NO_TIME || to - from > ROWS_MOST || is_named(w, w->rows[from].call)) {
        mark(w, from, to, SETTLED);
        return true;
    }
    if (!unite(w, from, to, &strings) || !take_refs(w, from, to, &c))
        return false;
    struct uct_slice id = uct_interned(strings, c.call_id);
    struct uct_links alone = {.box = &box, .nboxes = 1, .strings = (struct uct_intern *)strings};
    if (uct_call_identify(&c, &alone, &messages) != UCT_OK)
        return false;
    if (!ended_well(strings, &c) || has_both(&c) || c.retransmissions || (w->f->asked && uct_slice_eq(id, uct_slice_str(w->f->asked)))) {
        mark(w, from, to, SETTLED);
        return true;
    }
    digest = uct_digest(id);
    if (!admit(w->f, digest, &listed) || (listed && !add_summary(w, strings, &c, digest, messages, &fits)))
        return false;
    if (!listed) {
        w->s->summaries.messages += messages;
        w->s->summaries.unlisted++;
    }
    mark(w, from, to, fits ? GIVEN_UP : SETTLED);
    return true;
}

/* Takes the rows that were given up out of a block. */
static void compact(struct uct_block *b)
{
    size_t n = 0;
    b->settled = !b->nsightings;
    for (size_t i = 0; i < b->nmsgs; i++) {
        b->settled &= b->msgs[i].state != LIVE || !b->msgs[i].call_id;
        if (b->msgs[i].state != GIVEN_UP)
            b->msgs[n++] = b->msgs[i];
    }
    struct uct_msg *p = n < b->nmsgs && !b->spilled ? realloc(b->msgs, (n + 1) * sizeof *p) : NULL;
    b->nmsgs = n;
    if (p) {
        b->msgs = p;
        b->cmsgs = n + 1;
    }
}

static bool fold_rows(struct folding *w)
{
    struct binding binding = {0};
    bool ok = list_arrivals(w, &binding) && bind_attempts(w, &binding);
    size_t ngroups = 0;
    uint32_t *groups = ok ? group_rows(w, &ngroups) : NULL;
    ok = groups != NULL;
    if (w->nnamed > 1)
        qsort(w->named, w->nnamed, sizeof *w->named, by_value);
    for (size_t g = 0, at = 0; g < ngroups && ok; at += groups[g++])
        ok = fold_call(w, at, at + groups[g]);
    free(groups);
    for (size_t b = w->from; b < w->s->nblocks && ok; b++) {
        if (!w->s->blocks[b].settled)
            compact(&w->s->blocks[b]);
        ok = !is_own(w, b) || move_block(w, &w->s->blocks[b]);
    }
    if (ok)
        tell_attempts(w, &binding);
    for (size_t b = w->own; b < w->s->nblocks && ok; b++)
        uct_block_spill(&w->s->blocks[b], w->f->spill);
    free(binding.in);
    free(binding.bound);
    return ok;
}

/* A clock that was set, or a search that was appended to its own output: there every row may be needed to tell, as in the file
 * of several machines. */
static bool runs_back(const struct uct_source *s)
{
    for (size_t b = 0; b < s->nblocks; b++)
        if (s->blocks[b].notes[UCT_NOTE_TIME_BACK] ||
            (b && s->blocks[b].front != UCT_NO_TIME && s->blocks[b - 1].back != UCT_NO_TIME &&
             s->blocks[b].front < s->blocks[b - 1].back - 1000))
            return true;
    return false;
}

/* What will not be listed need not wait for the end. */
static void trim(struct uct_fold *f, struct uct_source *s)
{
    if (!f->most || s->summaries.n < f->most * 2)
        return;
    pthread_mutex_lock(&f->lock);
    uint64_t highest = f->highest;
    pthread_mutex_unlock(&f->lock);
    uct_summaries_limit(&s->summaries, highest);
}

bool uct_fold_source(void *arg, struct uct_source *s, bool shrink, struct uct_intern *strings, struct uct_intern *staying)
{
    struct folding w = {.f = arg, .s = s, .strings = strings, .staying = staying, .own = s->folded, .now = UCT_NO_TIME,
                        .from = s->nblocks > LOOKBACK ? s->nblocks - LOOKBACK : 0};
    bool ok = true;
    if (w.from > w.own)
        w.from = w.own;
    uct_machines_note(s, w.own, strings);
    for (size_t b = w.own; b < s->nblocks; b++)
        uct_block_locals(&s->blocks[b], strings);
    if (strings != staying) {
        w.nmoved = uct_intern_count(strings) + 32;
        ok = (w.moved = calloc(w.nmoved + 1u, sizeof *w.moved)) != NULL;
    }
    ok = ok && (!shrink || s->several || runs_back(s) || list_rows(&w)) && fold_rows(&w);
    s->folded = s->nblocks;
    trim(w.f, s);
    free(w.rows);
    free(w.named);
    free(w.moved);
    free(w.refs);
    return ok;
}

bool uct_fold_end(struct uct_fold *f, struct uct_sources *s)
{
    if (!f->most)
        return true;
    keep_smallest(f);
    for (size_t i = 0; i < s->n; i++) {
        struct uct_source *src = s->items[i];
        uct_summaries_limit(&src->summaries, f->highest);
        if (!src->summaries.unlisted)
            continue;
        if (src->note.n)
            uct_buf_adds(&src->note, "; ");
        uct_buf_addf(&src->note, src->summaries.unlisted == 1
                                     ? "%llu call that ended well is counted but not listed (--memory-limit)"
                                     : "%llu calls that ended well are counted but not listed (--memory-limit)",
                     (unsigned long long)src->summaries.unlisted);
        if (src->note.failed)
            return false;
    }
    return true;
}
