/* Summaries as bytes.
 *
 *   size, 4 groups, rows, own values, common values, branches, prints, answer's status (2)    else a byte each
 *   Call-ID (4), first stamp, last stamp, more, offset and stamp of the first row
 *   the values that rows name: its own (4 each), and where they stand among those that are common to the source's
 *   calls (2 each); their branches (6 each); the prints (3 each)
 *   a row: which fields differ from the row before (2), the value of each, flags, zones, branch, stamp and offset
 *          less those of the first
 *
 * Numbers without a width are written 7 bits at a time, the lowest first.  Interned ones, which differ from
 * run to run, have one: what fits must not. */
#include "summary.h"

#include <stdlib.h>

/* The fields of a row that are interned numbers or hashes of 32 bits. */
static const size_t fields[] = {
    offsetof(struct uct_msg, method), offsetof(struct uct_msg, cseq), offsetof(struct uct_msg, phrase),
    offsetof(struct uct_msg, from), offsetof(struct uct_msg, to), offsetof(struct uct_msg, from_tag),
    offsetof(struct uct_msg, to_tag), offsetof(struct uct_msg, local), offsetof(struct uct_msg, remote),
    offsetof(struct uct_msg, session_id), offsetof(struct uct_msg, tag), offsetof(struct uct_msg, conversation),
    offsetof(struct uct_msg, proxy_call_id), offsetof(struct uct_msg, process),
};
#define FIELDS (sizeof fields / sizeof *fields)

/* Those that are each call's own: the others come again and again. */
static const bool own[FIELDS] = {[1] = true, [5] = true, [6] = true, [9] = true, [10] = true, [11] = true, [12] = true};
#define VALUES (FIELDS * UCT_SUMMARY_ROWS)

static uint32_t *field(struct uct_msg *m, size_t i)
{
    return (uint32_t *)(void *)((char *)m + fields[i]);
}

static uint32_t field_value(const struct uct_msg *m, size_t i)
{
    return *(const uint32_t *)(const void *)((const char *)m + fields[i]);
}

/* ---- writing ----------------------------------------------------------- */

struct writing {
    unsigned char p[UCT_SUMMARY_MAX];
    size_t n;
    bool full;
};

static void put(struct writing *w, uint64_t v, unsigned bytes)
{
    if (w->n + bytes > sizeof w->p) {
        w->full = true;
        return;
    }
    for (unsigned i = 0; i < bytes; i++)
        w->p[w->n++] = (unsigned char)(v >> 8 * i);
}

static void put_number(struct writing *w, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        put(w, (v & 0x7f) | 0x80, 1);
    put(w, v, 1);
}

static void put_signed(struct writing *w, int64_t v)
{
    put_number(w, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

/* The values of one summary: own ones and, behind them, places among the common ones. */
struct values {
    uint64_t v[VALUES], common[VALUES];
    unsigned nown, ncommon;
};

static unsigned index_in(uint64_t *list, unsigned *n, uint64_t v)
{
    unsigned i = 0;
    while (i < *n && list[i] != v)
        i++;
    if (i == *n)
        list[(*n)++] = v;
    return i;
}

static size_t slot_of(const struct uct_summaries *s, uint32_t v)
{
    size_t i = (size_t)uct_hash_mix(v, 1) & (s->nslots - 1);
    while (s->slots[i] && s->common[s->slots[i] - 1] != v)
        i = (i + 1) & (s->nslots - 1);
    return i;
}

#define COMMON_MOST 65535u

/* Where v stands among the common values: it is put there while there is room; UINT32_MAX if it is not. */
static uint32_t common_index(struct uct_summaries *s, uint32_t v)
{
    if (!s->nslots && (s->slots = calloc(2 * (COMMON_MOST + 1), sizeof *s->slots)))
        s->nslots = 2 * (COMMON_MOST + 1);
    if (!s->nslots)
        return UINT32_MAX;
    size_t at = slot_of(s, v);
    if (!s->slots[at]) {
        if (s->ncommon == COMMON_MOST || !UCT_ROOM(s->common, s->ncommon, s->ccommon))
            return UINT32_MAX;
        s->common[s->ncommon++] = v;
        s->slots[at] = (uint32_t)s->ncommon;
    }
    return s->slots[at] - 1;
}

/* A CSeq may happen to be some string's number: the two stay two, or what fits would differ from run to run. */
static uint64_t own_value(size_t i, uint32_t v)
{
    bool number = fields[i] == offsetof(struct uct_msg, cseq) || fields[i] == offsetof(struct uct_msg, from_tag) ||
                  fields[i] == offsetof(struct uct_msg, to_tag);
    return (uint64_t)number << 32 | v;
}

/* False when memory ran out: what fits must not depend on that. */
static bool list_values(struct uct_summaries *s, const struct uct_summary *x, struct values *out)
{
    out->nown = out->ncommon = 0;
    for (unsigned r = 0; r < x->nrows; r++)
        for (size_t i = 0; i < FIELDS; i++) {
            uint32_t v = field_value(&x->rows[r], i);
            uint32_t at = v && !own[i] ? common_index(s, v) : UINT32_MAX;
            if (v && !own[i] && at == UINT32_MAX && s->ncommon < COMMON_MOST)
                return false;
            if (at != UINT32_MAX)
                index_in(out->common, &out->ncommon, at);
            else if (v)
                index_in(out->v, &out->nown, own_value(i, v));
        }
    return true;
}

/* 0 is no value. */
static uint8_t index_of(struct uct_summaries *s, struct values *values, size_t i, uint32_t v)
{
    uint32_t at = v && !own[i] ? common_index(s, v) : UINT32_MAX;
    if (at != UINT32_MAX)
        return (uint8_t)(1 + values->nown + index_in(values->common, &values->ncommon, at));
    return v ? (uint8_t)(1 + index_in(values->v, &values->nown, own_value(i, v))) : 0;
}

static uint8_t branch_of(uint64_t *branches, unsigned *n, uint64_t v)
{
    unsigned i = 0;
    while (v && i < *n && branches[i] != v)
        i++;
    if (v && i == *n)
        branches[(*n)++] = v;
    return v ? (uint8_t)(i + 1) : 0;
}

static void put_row(struct writing *w, struct uct_summaries *s, const struct uct_msg *m, const struct uct_msg *before,
                    const struct uct_msg *first, struct values *values, uint64_t *branches, unsigned nbranches)
{
    unsigned mask = 0;
    for (size_t i = 0; i < FIELDS; i++)
        mask |= (unsigned)(field_value(m, i) != field_value(before, i)) << i;
    put(w, mask, 2);
    for (size_t i = 0; i < FIELDS; i++)
        if (mask >> i & 1)
            put(w, index_of(s, values, i, field_value(m, i)), 1);
    put(w, m->dir | (unsigned)m->sight << 2 | (m->status ? 1u << 3 : 0), 1);
    put(w, m->zones, 1);
    put(w, branch_of(branches, &nbranches, m->branch), 1);
    put_signed(w, m->time - first->time);
    put_signed(w, (int64_t)(m->offset) - (int64_t)(first->offset));
}

static bool put_all(struct writing *w, struct uct_summaries *s, const struct uct_summary *x)
{
    const struct uct_msg none = {0};
    struct values values;
    uint64_t branches[UCT_SUMMARY_ROWS];
    unsigned nbranches = 0;
    uint16_t status = 0;
    if (!list_values(s, x, &values))
        return false;
    for (unsigned r = 0; r < x->nrows; r++) {
        branch_of(branches, &nbranches, x->rows[r].branch);
        status = x->rows[r].status > status ? x->rows[r].status : status;
    }
    put(w, 0, 1);
    for (unsigned r = 0; r < UCT_SUMMARY_ROWS; r++)
        put(w, x->group[r], 1);
    put(w, x->nrows, 1);
    put(w, values.nown, 1);
    put(w, values.ncommon, 1);
    put(w, nbranches, 1);
    put(w, x->nprints, 1);
    put(w, status, 2);
    put(w, x->call_id, 4);
    put_signed(w, x->first);
    put_number(w, (uint64_t)(x->last - x->first));
    put_number(w, x->more);
    put_number(w, x->rows[0].offset);
    put_signed(w, x->rows[0].time - x->first);
    for (unsigned i = 0; i < values.nown; i++)
        put(w, values.v[i] & UINT32_MAX, 4);
    for (unsigned i = 0; i < values.ncommon; i++)
        put(w, values.common[i], 2);
    for (unsigned i = 0; i < nbranches; i++)
        put(w, branches[i], 6);
    for (unsigned i = 0; i < x->nprints; i++)
        put(w, x->prints[i], 3);
    for (unsigned r = 0; r < x->nrows; r++)
        put_row(w, s, &x->rows[r], r ? &x->rows[r - 1] : &none, &x->rows[0], &values, branches, nbranches);
    w->p[0] = (unsigned char)w->n;
    return true;
}

bool uct_summaries_add(struct uct_summaries *s, const struct uct_summary *x, uint64_t digest, bool *fits)
{
    struct writing w = {.n = 0};
    if (!put_all(&w, s, x))
        return false;
    *fits = !w.full;
    if (w.full)
        return true;
    if (s->cbytes - s->nbytes < w.n) {
        size_t cap = s->cbytes + s->cbytes / 4 + 4096;
        unsigned char *p = realloc(s->bytes, cap);
        if (!p)
            return false;
        s->bytes = p;
        s->cbytes = cap;
    }
    if (!UCT_ROOM(s->items, s->n, s->cap))
        return false;
    s->items[s->n++] = (struct uct_summary_at){digest, s->nbytes, x->call_id};
    memcpy(s->bytes + s->nbytes, w.p, w.n);
    s->nbytes += w.n;
    return true;
}

/* ---- reading ----------------------------------------------------------- */

static uint64_t get(const unsigned char **p, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v |= (uint64_t)*(*p)++ << 8 * i;
    return v;
}

static uint64_t get_number(const unsigned char **p)
{
    uint64_t v = 0;
    unsigned shift = 0;
    for (; **p & 0x80; shift += 7)
        v |= (uint64_t)(*(*p)++ & 0x7f) << shift;
    return v | (uint64_t)*(*p)++ << shift;
}

static int64_t get_signed(const unsigned char **p)
{
    uint64_t v = get_number(p);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static void get_row(const unsigned char **p, struct uct_msg *m, const uint32_t *values, const uint64_t *branches,
                    uint16_t status, int64_t time, int64_t offset)
{
    unsigned mask = (unsigned)get(p, 2);
    for (size_t i = 0; i < FIELDS; i++)
        if (mask >> i & 1) {
            uint8_t at = *(*p)++;
            *field(m, i) = at ? values[at - 1] : 0;
        }
    uint8_t flags = *(*p)++, zones = *(*p)++, branch = *(*p)++;
    m->status = flags >> 3 & 1 ? status : 0;
    m->dir = flags & 3;
    m->sight = flags >> 2 & 1;
    m->zones = zones;
    m->branch = branch ? branches[branch - 1] : 0;
    m->time = time + get_signed(p);
    m->offset = (uint64_t)(offset + get_signed(p));
}

void uct_summary_open(const struct uct_summaries *s, size_t i, struct uct_summary *out)
{
    const unsigned char *p = s->bytes + s->items[i].at + 1;
    uint32_t values[2 * VALUES];
    uint64_t branches[UCT_SUMMARY_ROWS];
    for (unsigned r = 0; r < UCT_SUMMARY_ROWS; r++)
        out->group[r] = *p++;
    out->nrows = *p++;
    unsigned nown = *p++, ncommon = *p++, nbranches = *p++;
    out->nprints = *p++;
    uint16_t status = (uint16_t)get(&p, 2);
    out->call_id = (uint32_t)get(&p, 4);
    out->first = get_signed(&p);
    out->last = out->first + (int64_t)get_number(&p);
    out->more = (uint32_t)get_number(&p);
    int64_t offset = (int64_t)get_number(&p), time = out->first + get_signed(&p);
    for (unsigned k = 0; k < nown; k++)
        values[k] = (uint32_t)get(&p, 4);
    for (unsigned k = 0; k < ncommon; k++)
        values[nown + k] = s->common[get(&p, 2)];
    for (unsigned k = 0; k < nbranches; k++)
        branches[k] = get(&p, 6);
    for (unsigned k = 0; k < out->nprints; k++)
        out->prints[k] = (uint32_t)get(&p, 3);
    for (unsigned r = 0; r < out->nrows; r++) {
        struct uct_msg *m = &out->rows[r];
        if (r) {
            *m = out->rows[r - 1];
        } else {
            memset(m, 0, sizeof *m);
            m->call_id = out->call_id;
        }
        get_row(&p, m, values, branches, status, time, offset);
    }
}

void uct_summary_regroup(struct uct_summaries *s, size_t i, const uint8_t group[UCT_SUMMARY_ROWS])
{
    memcpy(s->bytes + s->items[i].at + 1, group, UCT_SUMMARY_ROWS);
}

/* ---- all of them ------------------------------------------------------- */

void uct_summaries_limit(struct uct_summaries *s, uint64_t most)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct uct_summary_at x = s->items[i];
        size_t size = s->bytes[x.at];
        if (x.digest > most) {
            struct uct_summary gone;
            uct_summary_open(s, i, &gone);
            s->messages += gone.nrows;
            s->unlisted++;
            continue;
        }
        memmove(s->bytes + at, s->bytes + x.at, size);
        x.at = at;
        at += size;
        s->items[n++] = x;
    }
    s->n = n;
    s->nbytes = at;
    void *p = n ? realloc(s->bytes, at) : NULL, *q = n ? realloc(s->items, n * sizeof *s->items) : NULL;
    if (p) {
        s->bytes = p;
        s->cbytes = at;
    }
    if (q) {
        s->items = q;
        s->cap = n;
    }
}

void uct_summaries_free(struct uct_summaries *s)
{
    free(s->bytes);
    free(s->items);
    free(s->common);
    free(s->slots);
    *s = (struct uct_summaries){0};
}

static uint64_t same_on_all_hops(const struct uct_intern *strings, const struct uct_msg *m)
{
    uint64_t k = uct_hash_mix(m->status ? m->status : 1, uct_digest(uct_interned(strings, m->method)));
    return uct_hash_mix(uct_hash_mix(uct_hash_mix(k, m->cseq), m->from_tag), m->to_tag);
}

uint32_t uct_msg_same(const struct uct_intern *strings, const struct uct_msg *m)
{
    return (uint32_t)(same_on_all_hops(strings, m) >> 43);
}

uint32_t uct_msg_same_hop(const struct uct_intern *strings, const struct uct_msg *m)
{
    uint64_t k = same_on_all_hops(strings, m);
    bool out = m->dir == UCT_DIR_OUT;
    if (m->branch)
        return (uint32_t)(uct_hash_mix(k, m->branch) >> 43);
    k = uct_hash_mix(k, uct_digest(uct_interned(strings, out ? m->local : m->remote)));
    return (uint32_t)(uct_hash_mix(k, uct_digest(uct_interned(strings, out ? m->remote : m->local))) >> 43);
}
