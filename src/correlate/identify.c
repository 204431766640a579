/* Which sightings are one message.
 *
 * The one-line summary and the dump of a message (same Msg-Hash, direction and
 * addresses in one source) are twins.  Both ends of a hop, and the two
 * processes of one box, see the same method or status, CSeq, top Via branch
 * and tags.  Where no branch is known (a summary line, a client that sends
 * none) the hop's two addresses stand in; where a firewall translates those,
 * one end's address or its ephemeral port must still agree; and at last an end
 * that is known, from other messages, to lead to the other box.  What one
 * vantage point sees again is a retransmission. */
#include "calls.h"
#include "links.h"

#include <stdlib.h>

struct seen {
    uint64_t key;            /* of the message on its hop */
    uint64_t vantage;        /* box, direction, process */
    int64_t time;            /* as printed: a search that stands in a log twice repeats it */
    uint32_t ref;
};

uint64_t uct_msg_base(const struct uct_msg *m)
{
    uint64_t k = uct_hash_mix(m->status ? m->status : 1, m->method);
    k = uct_hash_mix(k, m->cseq);
    k = uct_hash_mix(k, m->from_tag);
    return uct_hash_mix(k, m->to_tag);
}

static uint64_t branch_key(const struct uct_msg *m)
{
    return m->branch ? uct_hash_mix(uct_msg_base(m), m->branch) | 1 : 0;
}

/* Sender and receiver in that order, whichever end logged it.  A loopback address is another one in each box. */
static uint64_t hop_key(const struct uct_ref *r, const struct uct_links *l)
{
    const struct uct_msg *m = r->msg;
    if (!m->local || !m->remote || m->dir == UCT_DIR_UNKNOWN)
        return 0;
    bool out = m->dir == UCT_DIR_OUT;
    uint64_t k = uct_hash_mix(uct_msg_base(m), out ? m->local : m->remote);
    if (uct_links_loopback(l, m->remote))
        k = uct_hash_mix(k, l->box[r->source] + 1u);
    return uct_hash_mix(k, out ? m->remote : m->local) | 1;
}

/* With neither branch nor both addresses: what one vantage point knows of it; without any address a message
 * is only itself. */
static uint64_t own_key(const struct uct_ref *r, const struct uct_links *l)
{
    const struct uct_msg *m = r->msg;
    uint64_t k = uct_hash_mix(uct_hash_mix(uct_msg_base(m), l->box[r->source]), m->dir);
    k = uct_hash_mix(uct_hash_mix(k, m->local), m->remote);
    return (m->remote || m->local ? k : uct_hash_mix(uct_hash_mix(k, r->source), m->offset)) | 1;
}

static uint64_t twin_key(const struct uct_ref *r, uint32_t box)
{
    const struct uct_msg *m = r->msg;
    uint64_t k = uct_hash_mix(m->msg_hash, (uint64_t)box << 8 | m->dir);
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

/* Most calls have a handful, and qsort() costs more than their order. */
static void sort_seen(struct seen *v, size_t n)
{
    if (n > 24) {
        qsort(v, n, sizeof *v, by_key);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        struct seen x = v[i];
        size_t k = i;
        for (; k > 0 && by_key(&v[k - 1], &x) > 0; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
}

#define TWINS_MS 400           /* sooner than anything is sent again */

static bool at_once(int64_t a, int64_t b)
{
    return a == UCT_NO_TIME || b == UCT_NO_TIME || llabs(a - b) <= TWINS_MS;
}

/* Of one key, dumps (vantage 0) before summaries, each in time: marks the summaries that have a dump, one for one. */
static size_t mark_group(const struct seen *v, size_t n, bool *twin)
{
    size_t dumps = 0, twins = 0;
    while (dumps < n && v[dumps].vantage == 0)
        dumps++;
    for (size_t i = dumps, d = 0; i < n && d < dumps; i++) {
        while (d < dumps && v[d].time < v[i].time && !at_once(v[d].time, v[i].time))
            d++;
        if (d == dumps || !at_once(v[d].time, v[i].time))
            continue;
        twin[v[i].ref] = true;
        twins++;
        d++;
    }
    return twins;
}

/* Marks the summaries that have a dump. */
static size_t mark_twins(struct uct_call *c, const struct uct_links *l, struct seen *seen, bool *twin)
{
    size_t n = 0, twins = 0;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->msg_hash)
            seen[n++] = (struct seen){twin_key(&c->refs[i], l->box[c->refs[i].source]), m->sight == UCT_SIGHT_LINE,
                                      c->refs[i].time, (uint32_t)i};
    }
    if (n > 1)
        qsort(seen, n, sizeof *seen, by_key);
    for (size_t i = 0, k; i < n; i = k) {
        for (k = i + 1; k < n && seen[k].key == seen[i].key; k++)
            ;
        twins += mark_group(seen + i, k - i, twin);
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

/* Of one hop's branches the first in time: their hashes are made of interned numbers and order nothing. */
static int by_hop(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->ref > y->ref) - (x->ref < y->ref);
}

/* hops: key = hop key, vantage = branch key, of every sighting that has both. */
static size_t list_hops(const struct uct_call *c, const struct uct_links *l, struct seen *hops)
{
    size_t n = 0;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        uint64_t b = m ? branch_key(m) : 0, h = m ? hop_key(&c->refs[i], l) : 0;
        if (b && h)
            hops[n++] = (struct seen){h, b, 0, (uint32_t)i};
    }
    if (n > 1)
        qsort(hops, n, sizeof *hops, by_hop);
    return n;
}

/* A search that was appended to its own output shows the same record again. */
static bool is_repeat(const struct uct_call *c, const struct seen *seen, size_t from, size_t i)
{
    return i > from && seen[i].vantage == seen[i - 1].vantage && seen[i].time == seen[i - 1].time &&
           seen[i].time != UCT_NO_TIME && c->refs[seen[i].ref].source == c->refs[seen[i - 1].ref].source;
}

/* Counts what each source sent or received: its sightings, less twins, repeats and
 * what another process of the box saw of the same message. */
static void count_in_sources(const struct uct_call *c, const struct seen *seen, size_t from, size_t to,
                             uint64_t *source_messages)
{
    for (size_t i = from; i < to; i++) {
        uint32_t source = c->refs[seen[i].ref].source;
        bool other_process = is_repeat(c, seen, from, i);
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
        if (source_messages)
            count_in_sources(c, seen, i, k, source_messages);
    }
}

/* ---- ends of one hop that share no key --------------------------------- */

/* Sightings of one key that only one side of the hop logged. */
struct lonely {
    uint64_t base, key;
    uint32_t ref;            /* the first */
    uint32_t box;
    bool out, branch;
};

static int by_base(const void *a, const void *b)
{
    const struct lonely *x = a, *y = b;
    if (x->base != y->base)
        return x->base < y->base ? -1 : 1;
    return (x->ref > y->ref) - (x->ref < y->ref);
}

/* seen is sorted by key: lists the keys that one direction of one box alone shows. */
static size_t list_lonely(const struct uct_call *c, const struct uct_links *l, const struct seen *seen, size_t n,
                          struct lonely *out)
{
    size_t count = 0;
    for (size_t i = 0, k; i < n; i = k) {
        const struct uct_ref *first = &c->refs[seen[i].ref];
        bool alone = first->msg->dir != UCT_DIR_UNKNOWN;
        uint32_t ref = seen[i].ref;
        for (k = i; k < n && seen[k].key == seen[i].key; k++) {
            const struct uct_ref *r = &c->refs[seen[k].ref];
            alone &= r->msg->dir == first->msg->dir && l->box[r->source] == l->box[first->source];
            ref = seen[k].ref < ref ? seen[k].ref : ref;
        }
        if (alone)
            out[count++] = (struct lonely){uct_msg_base(first->msg), seen[i].key, ref, l->box[first->source],
                                           first->msg->dir == UCT_DIR_OUT, first->msg->branch != 0};
    }
    return count;
}

struct renaming {
    uint64_t from, to;
};

/* The one that fits v[i] by this evidence, SIZE_MAX if none or (but for addresses, where the first in time is
 * taken) several do. One that has a branch and one that has another are two hops. */
static size_t other_end(const struct uct_call *c, const struct uct_links *l, const struct lonely *v, size_t n, size_t i,
                        enum uct_evidence strength)
{
    size_t from = i, best = SIZE_MAX;
    while (from > 0 && i - from < 32 && v[from - 1].base == v[i].base)
        from--;
    for (size_t k = from; k < n && k < i + 32 && v[k].base == v[i].base; k++) {
        if (v[k].out == v[i].out || !v[k].key || v[k].box == v[i].box || (v[k].branch && v[i].branch))
            continue;
        const struct lonely *out = v[i].out ? &v[i] : &v[k], *in = v[i].out ? &v[k] : &v[i];
        if (uct_links_evidence(l, &c->refs[out->ref], &c->refs[in->ref]) != strength)
            continue;
        if (best != SIZE_MAX && strength != UCT_EVIDENCE_ADDRESS)
            return SIZE_MAX;
        best = best == SIZE_MAX ? k : best;
    }
    return best;
}

/* Pairs what went out with what came in elsewhere, best evidence first. */
static size_t pair_lonely(const struct uct_call *c, const struct uct_links *l, struct lonely *v, size_t n,
                          struct renaming *names)
{
    size_t count = 0;
    if (n > 1)
        qsort(v, n, sizeof *v, by_base);
    for (int strength = UCT_EVIDENCE_ADDRESS; strength <= UCT_EVIDENCE_SERVICE; strength++)
        for (size_t i = 0; i < n && (l->known || strength != UCT_EVIDENCE_LINK); i++) {
            size_t k = v[i].out && v[i].key ? other_end(c, l, v, n, i, (enum uct_evidence)strength) : SIZE_MAX;
            if (k == SIZE_MAX || (strength != UCT_EVIDENCE_ADDRESS && other_end(c, l, v, n, k, (enum uct_evidence)strength) != i))
                continue;
            names[count++] = (struct renaming){v[k].key, v[i].key};
            v[k].key = v[i].key = 0;
        }
    return count;
}

static int by_from(const void *a, const void *b)
{
    const struct renaming *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* seen sorted by key and so is names: one walk over both. */
static void rename_all(struct seen *seen, size_t n, struct renaming *names, size_t nnames)
{
    if (nnames > 1)
        qsort(names, nnames, sizeof *names, by_from);
    for (size_t i = 0, k = 0; i < n; i++) {
        while (k < nnames && names[k].from < seen[i].key)
            k++;
        if (k < nnames && names[k].from == seen[i].key)
            seen[i].key = names[k].to;
    }
}

/* ---- one key, two hops ------------------------------------------------- */

#define SPLIT_MOST 64      /* sightings of one key that are told apart */

/* One went into a box and the other came out of it: not the two processes of one box that see the same. */
static bool in_and_out(const struct uct_links *l, const struct uct_ref *r, const struct uct_ref *q)
{
    bool turned = r->msg->local == q->msg->remote && r->msg->remote == q->msg->local && r->msg->local;
    return l->box[r->source] == l->box[q->source] && r->msg->dir + q->msg->dir == UCT_DIR_IN + UCT_DIR_OUT &&
           r->msg->dir != q->msg->dir && !turned && r->msg->remote != q->msg->remote;
}

/* Several boxes in a row sent it on with the branch they were given: the two ends of a hop are those whose
 * addresses agree, or that alone fit each other. */
static void split_chain(const struct uct_call *c, const struct uct_links *l, struct seen *seen, size_t from, size_t to)
{
    uint64_t hop[SPLIT_MOST];
    for (size_t i = from; i < to; i++)
        hop[i - from] = hop_key(&c->refs[seen[i].ref], l);
    for (size_t i = from; i < to; i++) {
        const struct uct_ref *out = &c->refs[seen[i].ref];
        size_t fits = SIZE_MAX, n = 0;
        for (size_t k = from; k < to && out->msg->dir == UCT_DIR_OUT; k++) {
            const struct uct_ref *in = &c->refs[seen[k].ref];
            if (in->msg->dir != UCT_DIR_IN || l->box[in->source] == l->box[out->source])
                continue;
            n += hop[k - from] == hop[i - from] ? 2 : 0;
            if (uct_links_evidence(l, out, in) != UCT_EVIDENCE_NONE && (fits == SIZE_MAX || hop[k - from] != hop[fits])) {
                fits = k - from;
                n++;
            }
        }
        if (n == 1)                    /* an address was translated between them */
            hop[fits] = hop[i - from];
    }
    for (size_t i = from; i < to; i++)
        seen[i].key = uct_hash_mix(seen[i].key, hop[i - from]) | 1;
}

/* A stateless proxy may send on with the branch it was given: what it got and what it sent are then two
 * messages.  Of the others, who sent fed it and who got was fed by it. */
static void split_stateless(const struct uct_call *c, const struct uct_links *l, struct seen *seen, size_t from, size_t to)
{
    uint32_t in = UINT32_MAX, out = UINT32_MAX;
    bool chain = false;
    for (size_t i = from; i < to && to - from <= SPLIT_MOST; i++) {
        const struct uct_ref *r = &c->refs[seen[i].ref];
        for (size_t k = from; k < i; k++) {
            if (!in_and_out(l, r, &c->refs[seen[k].ref]))
                continue;
            chain |= out != UINT32_MAX && l->box[c->refs[out].source] != l->box[r->source];
            in = r->msg->dir == UCT_DIR_IN ? seen[i].ref : seen[k].ref;
            out = r->msg->dir == UCT_DIR_IN ? seen[k].ref : seen[i].ref;
        }
    }
    if (in == UINT32_MAX)
        return;
    if (chain) {
        split_chain(c, l, seen, from, to);
        return;
    }
    uint32_t box = l->box[c->refs[out].source];
    for (size_t i = from; i < to; i++) {
        const struct uct_ref *r = &c->refs[seen[i].ref];
        bool own = l->box[r->source] == box;
        if (own ? r->msg->dir == UCT_DIR_OUT : r->msg->dir == UCT_DIR_IN)
            seen[i].key = uct_hash_mix(seen[i].key, 1) | 1;
    }
}

static void split_all(const struct uct_call *c, const struct uct_links *l, struct seen *seen, size_t n)
{
    for (size_t i = 0, k; i < n; i = k) {
        uint64_t key = seen[i].key;
        bool in = false, out = false;
        for (k = i; k < n && seen[k].key == key; k++) {
            in |= c->refs[seen[k].ref].msg->dir == UCT_DIR_IN;
            out |= c->refs[seen[k].ref].msg->dir == UCT_DIR_OUT;
        }
        if (in && out)
            split_stateless(c, l, seen, i, k);
    }
}

/* ---- a call ------------------------------------------------------------ */

/* Both ends of a hop, once known, say where the addresses lead. */
static bool learn(const struct uct_call *c, struct uct_links *l, const struct seen *seen, size_t n)
{
    for (size_t i = 0, k; i < n; i = k) {
        const struct uct_ref *out = NULL, *in = NULL;
        for (k = i; k < n && seen[k].key == seen[i].key; k++) {
            const struct uct_ref *r = &c->refs[seen[k].ref];
            if (r->msg->dir == UCT_DIR_OUT && !out)
                out = r;
            else if (r->msg->dir == UCT_DIR_IN && !in)
                in = r;
        }
        if (out && in && l->box[out->source] != l->box[in->source] && !uct_links_add(l, out, in))
            return false;
    }
    return true;
}

static bool match_ends(const struct uct_call *c, struct uct_links *l, struct seen *seen, size_t n)
{
    struct lonely *v = malloc((n + 1) * (sizeof *v + sizeof(struct renaming)));
    if (!v)
        return false;
    struct renaming *names = (struct renaming *)(v + n + 1);
    size_t lonely = list_lonely(c, l, seen, n, v);
    size_t renamed = lonely > 1 ? pair_lonely(c, l, v, lonely, names) : 0;
    rename_all(seen, n, names, renamed);
    free(v);
    if (renamed)
        qsort(seen, n, sizeof *seen, by_key);
    return true;
}

/* True if some sighting has no branch, so that its other end may have to be sought. */
static bool keys_of(const struct uct_call *c, const struct uct_links *l, struct seen *seen, size_t *count,
                    const struct seen *hops, size_t nhops, const bool *twin)
{
    bool blind = false;
    size_t n = 0;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_ref *r = &c->refs[i];
        if (!r->msg || twin[i])
            continue;
        uint64_t b = branch_key(r->msg), h = b ? 0 : hop_key(r, l);
        uint64_t key = b ? b : h ? resolve(hops, nhops, h) : own_key(r, l);
        /* Hashes of texts, not interned numbers, so that sightings of one message stand in the same order in any run. */
        uint64_t process = uct_hash_slice(uct_interned(l->strings, r->msg->process));
        uint64_t vantage = uct_hash_mix((uint64_t)l->box[r->source] << 8 | r->msg->dir, process);
        seen[n++] = (struct seen){key, vantage, r->msg->time, (uint32_t)i};
        blind |= !b;
    }
    *count = n;
    return blind;
}

enum uct_status uct_call_identify(struct uct_call *c, struct uct_links *l, uint64_t *source_messages)
{
    struct seen small[2][32], *seen = small[0], *hops = small[1];
    bool small_twin[32] = {0}, *twin = small_twin, ok = true;
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
    bool summaries = false, branchless = false;       /* what most calls have none of */
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        summaries |= m && m->sight == UCT_SIGHT_LINE;
        branchless |= m && !m->branch;
    }
    if (summaries)
        mark_twins(c, l, seen, twin);
    size_t nhops = branchless ? list_hops(c, l, hops) : 0, n = 0;
    c->blind = keys_of(c, l, seen, &n, hops, nhops, twin);
    sort_seen(seen, n);
    if (c->blind && l->nboxes > 1)
        ok = match_ends(c, l, seen, n);
    split_all(c, l, seen, n);
    sort_seen(seen, n);
    ok = ok && (l->nboxes < 2 || l->known || learn(c, l, seen, n));
    bool settled = !c->blind || l->known || l->nboxes < 2;      /* a blind call is looked at once more */
    group(c, seen, n, settled ? source_messages : NULL);
    if (c->nrefs > 32) {
        free(seen);
        free(twin);
    }
    return ok ? UCT_OK : UCT_FATAL;
}
