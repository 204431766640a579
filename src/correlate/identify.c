/* Which sightings are one message.
 *
 * The one-line summary and the dump of a message (same Msg-Hash, direction and
 * addresses in one source) are twins.  Both ends of a hop, and the two
 * processes of one box, see the same method or status, CSeq, top Via branch
 * and tags; where no branch is known, the hop's two addresses stand in.  What
 * one vantage point sees again is a retransmission. */
#include "calls.h"

#include <stdlib.h>

struct seen {
    uint64_t key;            /* of the message on its hop */
    uint64_t vantage;        /* source, direction, process */
    int64_t time;
    uint32_t ref;
};

static uint64_t base_key(const struct uct_msg *m)
{
    uint64_t k = uct_hash_mix(m->status ? m->status : 1, m->method);
    k = uct_hash_mix(k, m->cseq);
    k = uct_hash_mix(k, m->from_tag);
    return uct_hash_mix(k, m->to_tag);
}

static uint64_t branch_key(const struct uct_msg *m)
{
    return m->branch ? uct_hash_mix(base_key(m), m->branch) | 1 : 0;
}

/* Sender and receiver in that order, whichever end logged it. */
static uint64_t hop_key(const struct uct_msg *m)
{
    if (!m->local || !m->remote || m->dir == UCT_DIR_UNKNOWN)
        return 0;
    bool out = m->dir == UCT_DIR_OUT;
    uint64_t k = uct_hash_mix(base_key(m), out ? m->local : m->remote);
    return uct_hash_mix(k, out ? m->remote : m->local) | 1;
}

/* Without branch and addresses a message is only itself. */
static uint64_t own_key(const struct uct_ref *r)
{
    return uct_hash_mix(uct_hash_mix(base_key(r->msg), r->source), r->msg->offset) | 1;
}

static uint64_t twin_key(const struct uct_ref *r)
{
    const struct uct_msg *m = r->msg;
    uint64_t k = uct_hash_mix(m->msg_hash, (uint64_t)r->source << 8 | m->dir);
    return uct_hash_mix(uct_hash_mix(k, m->local), m->remote);
}

static int by_key(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->vantage != y->vantage)
        return x->vantage < y->vantage ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->ref > y->ref) - (x->ref < y->ref);
}

/* Marks the summaries (vantage 1) that have a dump (vantage 0), one for one. */
static size_t mark_twins(struct uct_call *c, struct seen *seen, bool *twin)
{
    size_t n = 0;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->msg_hash)
            seen[n++] = (struct seen){twin_key(&c->refs[i]), m->sight == UCT_SIGHT_LINE, c->refs[i].time, (uint32_t)i};
    }
    if (n > 1)
        qsort(seen, n, sizeof *seen, by_key);
    size_t twins = 0;
    for (size_t i = 0, k; i < n; i = k) {
        size_t dumps = 0;
        for (k = i; k < n && seen[k].key == seen[i].key; k++) {
            dumps += seen[k].vantage == 0;
            if (seen[k].vantage == 1 && dumps) {
                twin[seen[k].ref] = true;
                twins++;
                dumps--;
            }
        }
    }
    return twins;
}

/* Gives sightings without a branch the key of those with one on the same hop. */
static uint64_t resolve(const struct seen *hops, size_t n, uint64_t hop)
{
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (hops[mid].key < hop)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && hops[lo].key == hop ? hops[lo].vantage : hop;
}

/* hops: key = hop key, vantage = branch key, of every sighting that has both. */
static size_t list_hops(const struct uct_call *c, struct seen *hops)
{
    size_t n = 0;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        uint64_t b = m ? branch_key(m) : 0, h = m ? hop_key(m) : 0;
        if (b && h)
            hops[n++] = (struct seen){h, b, 0, (uint32_t)i};
    }
    if (n > 1)
        qsort(hops, n, sizeof *hops, by_key);
    return n;
}

/* Counts what each source sent or received: its sightings, less twins and less
 * what another process of the box saw of the same message. */
static void count_in_sources(const struct uct_call *c, const struct seen *seen, size_t from, size_t to,
                             uint64_t *source_messages)
{
    for (size_t i = from; i < to; i++) {
        uint32_t source = c->refs[seen[i].ref].source;
        bool other_process = false;
        for (size_t k = from; k < i && !other_process && i - from < 64; k++) {
            const struct uct_ref *a = &c->refs[seen[k].ref], *b = &c->refs[seen[i].ref];
            other_process = a->source == source && a->msg->dir != b->msg->dir && a->msg->local == b->msg->remote &&
                            a->msg->remote == b->msg->local && a->msg->local;
        }
        source_messages[source] += !other_process;
    }
}

static void group(struct uct_call *c, const struct seen *seen, size_t n, uint64_t *source_messages)
{
    for (size_t i = 0, k; i < n; i = k) {
        uint32_t most = 0;
        c->messages++;
        for (k = i; k < n && seen[k].key == seen[i].key;) {
            uint32_t here = 0;
            size_t v = k;
            for (; k < n && seen[k].key == seen[i].key && seen[k].vantage == seen[v].vantage; k++) {
                here += k == v || seen[k].time != seen[k - 1].time || seen[k].time == UCT_NO_TIME;
                c->refs[seen[k].ref].group = c->messages;
            }
            if (here > most)
                most = here;
        }
        c->retransmissions += most - 1;
        count_in_sources(c, seen, i, k, source_messages);
    }
}

enum uct_status uct_call_identify(struct uct_call *c, const struct uct_sources *s, uint64_t *source_messages)
{
    struct seen small[2][32], *seen = small[0], *hops = small[1];
    bool small_twin[32] = {0}, *twin = small_twin;
    (void)s;
    if (c->nrefs > 32) {
        seen = malloc(c->nrefs * 2 * sizeof *seen);
        twin = calloc(c->nrefs, sizeof *twin);
        if (!seen || !twin) {
            free(seen);
            free(twin);
            return UCT_FATAL;
        }
        hops = seen + c->nrefs;
    }
    bool summaries = false, branchless = false;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        summaries |= m && m->sight == UCT_SIGHT_LINE;
        branchless |= m && !m->branch;
    }
    if (summaries)
        mark_twins(c, seen, twin);
    size_t nhops = branchless ? list_hops(c, hops) : 0, n = 0;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (!r->msg || twin[i])
            continue;
        uint64_t b = branch_key(r->msg), h = b ? 0 : hop_key(r->msg);
        uint64_t key = b ? b : h ? resolve(hops, nhops, h) : own_key(r);
        uint64_t vantage = uct_hash_mix((uint64_t)r->source << 8 | r->msg->dir, r->msg->process);
        seen[n++] = (struct seen){key, vantage, r->time, (uint32_t)i};
    }
    if (n > 1)
        qsort(seen, n, sizeof *seen, by_key);
    group(c, seen, n, source_messages);
    if (c->nrefs > 32) {
        free(seen);
        free(twin);
    }
    return UCT_OK;
}
