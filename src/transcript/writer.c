/* The transcript's writer: rows of one chunk, appended in the order of its text. */
#include "interest.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX 2048              /* of a kept record */
#define TEXT_BUDGET (512 * 1024)   /* kept text of a chunk; past it records keep an excerpt's worth */
#define TEXT_SHORT 512
#define VALUE_MAX 4096             /* of a field */
#define HITS_MAX 64
#define LOOKED_AT 256              /* messages of a block, for the addresses of its box */

#define RECENT 4096

/* tag: the hash's upper 20 bits and the length less one, which is below VALUE_MAX. */
struct recent {
    const char *text;
    uint32_t tag, id;
};

struct uct_recent {
    uint64_t generation;
    struct recent slots[RECENT];
};

struct uct_recent *uct_recent_new(void)
{
    return calloc(1, sizeof(struct uct_recent));
}

void uct_recent_free(struct uct_recent *r)
{
    free(r);
}

struct uct_writer {
    struct uct_writer_config config;
    struct uct_block b;
    uint16_t hits[HITS_MAX];
    unsigned nhits;
    bool keeping;
    int64_t time, before;           /* of the record at hand, and of the one before it */
    char host[64];                  /* of the record before */
    size_t nhost;
    /* inside a document */
    bool is_piece;
    struct uct_segment *map;
    size_t nmap;
    struct uct_writer *parent;
    size_t piece;                   /* index in the parent's pieces */
    struct uct_piece *pieces;
    size_t npieces, cpieces;
};

struct uct_writer *uct_writer_new(const struct uct_writer_config *c)
{
    struct uct_writer *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->config = *c;
    if (c->recent && c->recent->generation != c->generation) {       /* its numbers are another table's */
        memset(c->recent, 0, sizeof *c->recent);
        c->recent->generation = c->generation;
    }
    w->b.first = w->b.last = w->b.front = w->b.back = w->time = w->before = UCT_NO_TIME;
    return w;
}

/* Every growing array of a block: its address, how many of it count, and of what size. */
struct array {
    void **p;
    size_t n, size, *cap;
};

#define ARRAYS 10
#define GAPS 6

static void arrays_of(struct uct_block *b, struct array a[ARRAYS])
{
    a[0] = (struct array){(void **)&b->msgs, b->nmsgs, sizeof *b->msgs, &b->cmsgs};
    a[1] = (struct array){(void **)&b->kept, b->nkept, sizeof *b->kept, &b->ckept};
    a[2] = (struct array){(void **)&b->sightings, b->nsightings, sizeof *b->sightings, &b->csightings};
    a[3] = (struct array){(void **)&b->fields, b->nfields, sizeof *b->fields, &b->cfields};
    a[4] = (struct array){(void **)&b->rules, b->nrules, sizeof *b->rules, &b->crules};
    a[5] = (struct array){(void **)&b->text, b->ntext, sizeof *b->text, &b->ctext};
    a[GAPS] = (struct array){(void **)&b->gaps, b->ngaps, sizeof *b->gaps, &b->cgaps};
    a[7] = (struct array){(void **)&b->ties, b->nties, sizeof *b->ties, &b->cties};
    a[8] = (struct array){(void **)&b->attempts, b->nattempts, sizeof *b->attempts, &b->cattempts};
    a[9] = (struct array){(void **)&b->marks, b->nmarks, sizeof *b->marks, &b->cmarks};
}

void uct_block_free(struct uct_block *b)
{
    struct array a[ARRAYS];
    arrays_of(b, a);
    for (unsigned i = 0; i < ARRAYS && !b->spilled; i++)
        if (!b->lent || i == GAPS)
            free(*a[i].p);
    *b = (struct uct_block){0};
}

void uct_block_spill(struct uct_block *b, struct uct_spill *s)
{
    struct array a[ARRAYS];
    size_t total = 0;
    arrays_of(b, a);
    for (unsigned i = 0; i < ARRAYS; i++)
        total += (a[i].n * a[i].size + 15) & ~(size_t)15;
    char *to = s && !b->spilled ? uct_spill_alloc(s, total) : NULL;
    if (!to)
        return;
    for (unsigned i = 0; i < ARRAYS; i++) {
        if (a[i].n)
            memcpy(to, *a[i].p, a[i].n * a[i].size);
        free(*a[i].p);
        *a[i].p = to;
        *a[i].cap = a[i].n;
        to += (a[i].n * a[i].size + 15) & ~(size_t)15;
    }
    b->spilled = true;
}

void uct_writer_free(struct uct_writer *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->npieces; i++)
        uct_block_free(&w->pieces[i].block);
    free(w->pieces);
    uct_block_free(&w->b);
    free(w->map);
    free(w);
}

/* Gives back what growing arrays took too much. */
static void shrink(struct uct_block *b)
{
    struct array a[ARRAYS];
    arrays_of(b, a);
    for (unsigned i = 0; i < ARRAYS; i++) {
        void *p = a[i].n && a[i].n < *a[i].cap ? realloc(*a[i].p, a[i].n * a[i].size) : NULL;
        if (!p)
            continue;
        *a[i].p = p;
        *a[i].cap = a[i].n;
    }
}

enum uct_status uct_writer_finish(struct uct_writer *w, struct uct_block *out, struct uct_piece **pieces,
                                  size_t *npieces)
{
    shrink(&w->b);
    bool failed = w->b.failed;
    *out = w->b;
    *pieces = w->pieces;
    *npieces = w->npieces;
    for (size_t i = 0; i < w->npieces; i++)
        failed |= w->pieces[i].block.failed;
    w->b = (struct uct_block){0};
    w->pieces = NULL;
    w->npieces = w->cpieces = 0;
    return failed ? UCT_FATAL : UCT_OK;
}

void uct_block_rebase(struct uct_block *b, uint64_t lines)
{
    uint32_t add = (uint32_t)lines;
    if (!add)
        return;
    for (size_t i = 0; i < b->nmsgs; i++)
        b->msgs[i].line += add;
    for (size_t i = 0; i < b->nkept; i++)
        b->kept[i].line += add;
    for (size_t i = 0; i < b->nsightings; i++)
        b->sightings[i].line += add;
    for (unsigned i = 0; i < UCT_NOTE_NNOTES; i++)
        if (b->note_line[i])
            b->note_line[i] += add;
    if (b->unparsed_line)
        b->unparsed_line += add;
}

void uct_block_locals(struct uct_block *b, const struct uct_intern *strings)
{
    uint32_t before = 0;
    unsigned n = 0;
    for (size_t i = 0; i < b->nmsgs && i < LOOKED_AT && n < UCT_LOCALS && !b->listed; i++) {
        uint32_t id = b->msgs[i].local;
        if (!id || id == before)
            continue;
        struct uct_slice host = uct_address_host(uct_interned(strings, id));
        bool known = uct_address_loopback(host);
        for (unsigned k = 0; k < n && !known; k++)
            known = uct_slice_eq(uct_address_host(uct_interned(strings, b->local[k])), host);
        if (!known)
            b->local[n++] = id;
        before = id;
    }
    b->listed = true;
}

/* ---- where a row stands ------------------------------------------------ */

static const struct uct_segment *segment_of(const struct uct_writer *w, size_t at)
{
    size_t lo = 0, hi = w->nmap;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (w->map[mid].at <= at)
            lo = mid;
        else
            hi = mid;
    }
    return &w->map[lo];
}

static uint64_t mapped(const struct uct_segment *s, size_t at)
{
    uint64_t p = s->from + (at > s->at ? at - s->at : 0);
    return p < s->to ? p : s->to;
}

uint64_t uct_cuts_place(const struct uct_cut *cuts, size_t n, uint64_t at)
{
    size_t lo = 0;
    while (lo < n) {
        size_t mid = lo + (n - lo) / 2;
        if (cuts[mid].at <= at)
            lo = mid + 1;
        else
            n = mid;
    }
    return at + (lo ? cuts[lo - 1].gone : 0);
}

/* What [begin, end) of the text is in the source. */
static void in_source(const struct uct_writer *w, uint64_t begin, uint64_t end, uint64_t *offset,
                      uint32_t *length)
{
    if (w->config.ncuts) {
        uint64_t last = end > begin ? uct_cuts_place(w->config.cuts, w->config.ncuts, end - 1) + 1 : 0;
        begin = uct_cuts_place(w->config.cuts, w->config.ncuts, begin);
        end = last;
    }
    *offset = w->config.offset + begin;
    *length = end > begin ? (uint32_t)(end - begin) : 0;
}

/* Position in the source and line (from 1 within the chunk) of an origin. */
static void place(const struct uct_writer *w, const struct uct_origin *o, uint64_t *offset, uint32_t *length,
                  uint32_t *line)
{
    if (!w->is_piece || !w->nmap) {
        in_source(w, o->offset, o->offset + o->length, offset, length);
        *line = w->config.lead + o->line + 1;
        return;
    }
    const struct uct_segment *from = segment_of(w, (size_t)o->offset);
    uint64_t begin = mapped(from, (size_t)o->offset), end = begin;
    if (o->length) {
        size_t last = (size_t)o->offset + o->length - 1;
        end = mapped(segment_of(w, last), last);
        end += end >= begin;
    }
    in_source(w, begin, end, offset, length);
    *line = w->config.lead + from->line + 1;
}

static uint32_t line_of(const struct uct_writer *w, uint32_t line)
{
    if (w->is_piece)
        line = w->nmap ? w->map[0].line : 0;
    return w->config.lead + line + 1;
}

/* ---- plain counts ------------------------------------------------------ */

/* How long nothing was written: whether a log covers a moment is asked much later. */
static void take_gap(struct uct_block *b, int64_t time)
{
    int64_t gap = time - b->back;
    unsigned size = gap ? 64 - (unsigned)__builtin_clzll((unsigned long long)gap) : 0;
    b->gap_sizes[size < UCT_GAP_SIZES ? size : UCT_GAP_SIZES - 1]++;
    if (gap < UCT_GAP_MS)
        return;
    if (!UCT_ROOM(b->gaps, b->ngaps, b->cgaps))
        b->failed = true;
    else
        b->gaps[b->ngaps++] = (struct uct_gap){b->back, time};
}

static inline void block_time(struct uct_block *b, int64_t time)
{
    if (b->front == UCT_NO_TIME)
        b->front = b->first = b->last = time;
    else if (time >= b->back)
        take_gap(b, time);
    b->back = time;
    if (time < b->first)
        b->first = time;
    if (time > b->last)
        b->last = time;
}

void uct_block_time(struct uct_block *b, int64_t time)
{
    block_time(b, time);
}

void uct_w_record(struct uct_writer *w, int64_t time, enum uct_basis basis)
{
    struct uct_block *b = &w->b;
    b->nrecords++;
    w->before = w->time;
    w->time = time;
    if (time == UCT_NO_TIME)
        return;
    block_time(b, time);
    if (b->basis == UCT_BASIS_NONE || (basis != UCT_BASIS_NONE && basis < b->basis))
        b->basis = (uint8_t)basis;
}

void uct_w_lines(struct uct_writer *w, uint64_t n)
{
    w->b.nlines = n;
}

void uct_w_unparsed(struct uct_writer *w, uint32_t line, uint32_t nlines)
{
    if (nlines && !w->b.unparsed_line)
        w->b.unparsed_line = line_of(w, line);
    w->b.nunparsed += nlines;
}

void uct_w_prose(struct uct_writer *w, uint32_t line, uint32_t nlines)
{
    (void)line;
    w->b.nprose += nlines;
}

void uct_w_note(struct uct_writer *w, enum uct_note note, uint32_t line)
{
    if (w->b.notes[note]++ == 0)
        w->b.note_line[note] = line_of(w, line);
}

/* Nearly always it is the one of the record before. */
void uct_w_host(struct uct_writer *w, const struct uct_origin *o, struct uct_slice host)
{
    struct uct_block *b = &w->b;
    uint32_t length, line;
    if (!host.n || (host.n == w->nhost && memcmp(host.p, w->host, host.n) == 0))
        return;
    bool first = !b->host;
    uint32_t id = uct_w_intern(w, host);
    w->nhost = host.n <= sizeof w->host ? host.n : 0;
    memcpy(w->host, host.p, w->nhost);
    if (first)
        b->host = id;
    if (first || b->failed || id == (b->nmarks ? b->marks[b->nmarks - 1].host : b->host))
        return;
    if (!UCT_ROOM(b->marks, b->nmarks, b->cmarks)) {
        b->failed = true;
        return;
    }
    struct uct_mark *m = &b->marks[b->nmarks++];
    bool known = w->time != UCT_NO_TIME && w->before != UCT_NO_TIME && llabs(w->time - w->before) < INT32_MAX;
    *m = (struct uct_mark){.time = known ? w->time : UCT_NO_TIME, .ago = known ? (int32_t)(w->time - w->before) : 0, .host = id};
    place(w, o, &m->offset, &length, &line);
}

/* Methods, hosts, servers and the ids of a call come again and again: what was interned lately is
 * remembered, which saves the table's cache misses. */
static struct recent *recent_slot(const struct uct_writer *w, uint64_t hash)
{
    return w->config.recent ? &w->config.recent->slots[(hash >> 20) % RECENT] : NULL;
}

static uint32_t recent_tag(struct uct_slice s, uint64_t hash)
{
    return (uint32_t)(hash >> 44) << 12 | (uint32_t)(s.n - 1);
}

static uint32_t recall(const struct recent *r, struct uct_slice s, uint64_t hash)
{
    return r && r->id && r->tag == recent_tag(s, hash) && memcmp(r->text, s.p, s.n) == 0 ? r->id : 0;
}

static uint32_t intern_new(struct uct_writer *w, struct uct_slice s, uint64_t hash)
{
    struct recent *r = recent_slot(w, hash);
    uint32_t id = uct_intern_hashed(w->config.strings, s, hash);
    if (!id)
        w->b.failed = true;
    else if (r)
        *r = (struct recent){uct_interned(w->config.strings, id).p, recent_tag(s, hash), id};
    return id;
}

static struct uct_slice clipped(struct uct_slice s)
{
    if (s.n > VALUE_MAX)
        s.n = uct_utf8_cut(s, VALUE_MAX);
    return s;
}

uint32_t uct_w_intern(struct uct_writer *w, struct uct_slice s)
{
    if (s.n == 0)
        return 0;
    s = clipped(s);
    uint64_t hash = uct_intern_hash(w->config.strings, s);
    uint32_t id = recall(recent_slot(w, hash), s, hash);
    return id ? id : intern_new(w, s, hash);
}

void uct_w_intern_all(struct uct_writer *w, const struct uct_slice *s, uint32_t *ids, unsigned n)
{
    uint64_t hash[UCT_INTERN_MOST];
    if (n > UCT_INTERN_MOST)
        n = UCT_INTERN_MOST;
    for (unsigned i = 0; i < n; i++)
        if (s[i].n) {
            hash[i] = uct_intern_hash(w->config.strings, clipped(s[i]));
            __builtin_prefetch(recent_slot(w, hash[i]));
        }
    for (unsigned i = 0; i < n; i++) {
        ids[i] = s[i].n ? recall(recent_slot(w, hash[i]), clipped(s[i]), hash[i]) : 0;
        if (s[i].n && !ids[i])
            uct_intern_prefetch(w->config.strings, hash[i]);
    }
    for (unsigned i = 0; i < n; i++)
        if (s[i].n && !ids[i])
            ids[i] = intern_new(w, clipped(s[i]), hash[i]);
}

uint32_t uct_w_intern_id(struct uct_writer *w, struct uct_slice s)
{
    char id[VALUE_MAX], tail[64];
    if (s.n <= VALUE_MAX)
        return uct_w_intern(w, s);
    size_t n = (size_t)snprintf(tail, sizeof tail, "...(%zu bytes, %016llx)", s.n, (unsigned long long)uct_hash_slice(s));
    size_t head = uct_utf8_cut(s, VALUE_MAX - n);
    memcpy(id, s.p, head);
    memcpy(id + head, tail, n);
    return uct_w_intern(w, uct_slice(id, head + n));
}

uint32_t uct_w_intern_lower(struct uct_writer *w, struct uct_slice s)
{
    char low[256];
    if (s.n > sizeof low)
        s.n = sizeof low;
    for (size_t i = 0; i < s.n; i++)
        low[i] = (char)uct_lower((unsigned char)s.p[i]);
    return uct_w_intern(w, uct_slice(low, s.n));
}

/* ---- rows -------------------------------------------------------------- */

#define TWINS_MS 400               /* sooner than anything is sent again */

static bool at_once(int64_t a, int64_t b)
{
    return a == UCT_NO_TIME || b == UCT_NO_TIME || (a - b <= TWINS_MS && b - a <= TWINS_MS);
}

/* The one-line summary and the dump of a message stand close together: of the two only the dump's row is
 * kept.  Returns the row to be replaced, `none` when the new row is the lesser one, NULL for a new row. */
static struct uct_msg *twin_of(struct uct_block *b, const struct uct_msg *m, struct uct_msg *none)
{
    if (!m->msg_hash)
        return NULL;
    for (size_t i = b->nmsgs, tries = 0; i-- > 0 && tries < 8; tries++) {
        struct uct_msg *t = &b->msgs[i];
        if (t->msg_hash != m->msg_hash || t->sight == m->sight || t->dir != m->dir || t->local != m->local ||
            t->remote != m->remote || t->paired || !at_once(t->time, m->time))
            continue;
        t->paired = 1;
        return m->sight == UCT_SIGHT_TEXT ? t : none;
    }
    return NULL;
}

void uct_w_message(struct uct_writer *w, const struct uct_origin *o, const struct uct_msg *m)
{
    struct uct_block *b = &w->b;
    struct uct_msg none, *twin = b->failed ? NULL : twin_of(b, m, &none);
    if (twin == &none)
        return;
    if (twin) {
        int64_t time = twin->time < m->time ? twin->time : m->time;      /* of the first of both */
        *twin = *m;
        twin->time = time;
        twin->paired = 1;
        place(w, o, &twin->offset, &twin->length, &twin->line);
        return;
    }
    if (b->failed || !UCT_ROOM(b->msgs, b->nmsgs, b->cmsgs)) {
        b->failed = true;
        return;
    }
    struct uct_msg *row = &b->msgs[b->nmsgs++];
    *row = *m;
    place(w, o, &row->offset, &row->length, &row->line);
}

void uct_w_sighting(struct uct_writer *w, const struct uct_origin *o, int64_t time, const struct uct_told *t)
{
    struct uct_block *b = &w->b;
    if (t->call_id.n == 0)
        return;
    if (b->failed || !UCT_ROOM(b->sightings, b->nsightings, b->csightings)) {
        b->failed = true;
        return;
    }
    struct uct_sighting *s = &b->sightings[b->nsightings++];
    *s = (struct uct_sighting){.time = time, .cseq = t->cseq, .not_routed = t->not_routed};
    s->call_id = uct_w_intern_id(w, t->call_id);
    s->method = uct_w_intern(w, t->method);
    s->ruri = uct_w_intern(w, t->ruri);
    s->peer = uct_w_intern_lower(w, uct_slice(t->peer.p, t->peer.n < 256 ? t->peer.n : 0));
    place(w, o, &s->offset, &s->length, &s->line);
}

#define TIES_BACK 8        /* messages of a call stand together, and say the same */

void uct_w_tie(struct uct_writer *w, const struct uct_origin *o, enum uct_tie_kind kind, int64_t time, uint32_t call_id,
               uint16_t status, struct uct_slice value, struct uct_slice place_)
{
    struct uct_block *b = &w->b;
    struct uct_tie t = {.time = time, .call_id = call_id, .status = status, .kind = (uint8_t)kind};
    uint32_t length, line;
    if (!call_id || !value.n || b->failed)
        return;
    t.value = kind == UCT_TIE_PEER ? uct_w_intern_lower(w, value) : uct_w_intern(w, value);
    t.place = uct_w_intern_lower(w, place_);
    for (size_t i = b->nties, n = 0; i-- > 0 && n < TIES_BACK && kind != UCT_TIE_PEER; n++)
        if (b->ties[i].call_id == call_id && b->ties[i].value == t.value && b->ties[i].kind == kind &&
            b->ties[i].place == t.place) {
            b->ties[i].repeated |= b->ties[i].status != status;
            return;
        }
    if (!UCT_ROOM(b->ties, b->nties, b->cties)) {
        b->failed = true;
        return;
    }
    place(w, o, &t.offset, &length, &line);
    b->ties[b->nties++] = t;
}

void uct_w_tie_repeated(struct uct_writer *w, uint32_t call_id, struct uct_slice trace)
{
    struct uct_block *b = &w->b;
    uint32_t value = trace.n && b->nties ? uct_w_intern(w, trace) : 0;
    for (size_t i = b->nties, n = 0; value && i-- > 0 && n < TIES_BACK; n++)
        b->ties[i].repeated |= b->ties[i].call_id == call_id && b->ties[i].value == value && b->ties[i].kind == UCT_TIE_TRACE;
}

void uct_w_attempt(struct uct_writer *w, const struct uct_origin *o, const struct uct_attempt *a)
{
    struct uct_block *b = &w->b;
    uint32_t length, line;
    if (b->failed || !UCT_ROOM(b->attempts, b->nattempts, b->cattempts)) {
        b->failed = true;
        return;
    }
    b->attempts[b->nattempts] = *a;
    place(w, o, &b->attempts[b->nattempts++].offset, &length, &line);
}

/* ---- hits -------------------------------------------------------------- */

static void hit(struct uct_writer *w, uint16_t rule)
{
    for (unsigned i = 0; i < w->nhits; i++)
        if (w->hits[i] == rule)
            return;
    if (w->nhits < HITS_MAX)
        w->hits[w->nhits++] = rule;
}

void uct_hit_event(struct uct_writer *w, struct uct_slice name)
{
    const struct interest_item *end;
    for (const struct interest_item *i = interest_event(w->config.interest, name, &end); i < end; i++)
        if (uct_slice_ieq(i->text, name))
            hit(w, i->rule);
}

void uct_hit_number(struct uct_writer *w, enum uct_key key, uint32_t number)
{
    const struct interest_item *end;
    for (const struct interest_item *i = interest_find(w->config.interest, key, number, &end); i < end; i++)
        hit(w, i->rule);
}

static void hit_literal(void *arg, uint32_t id, size_t pos)
{
    (void)pos;
    hit(arg, (uint16_t)id);
}

void uct_hit_text(struct uct_writer *w, struct uct_slice text)
{
    uct_litset_scan(w->config.interest->literals, text, hit_literal, w);
}

bool uct_hits(const struct uct_writer *w)
{
    return w->nhits > 0;
}

void uct_hits_clear(struct uct_writer *w)
{
    w->nhits = 0;
}

/* ---- kept records ------------------------------------------------------ */

static bool keep_text(struct uct_block *b, struct uct_slice text)
{
    size_t max = b->ntext < TEXT_BUDGET ? TEXT_MAX : TEXT_SHORT;
    text.n = uct_utf8_cut(text, max);
    if (text.n > b->ctext - b->ntext) {
        size_t cap = b->ctext + b->ctext / 2 + text.n + 1024;
        char *p = realloc(b->text, cap);
        if (!p)
            return false;
        b->text = p;
        b->ctext = cap;
    }
    if (text.n)
        memcpy(b->text + b->ntext, text.p, text.n);
    b->ntext += text.n;
    return true;
}

static int by_rule(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static bool keep_hits(struct uct_writer *w, struct uct_block *b)
{
    qsort(w->hits, w->nhits, sizeof *w->hits, by_rule);
    for (unsigned i = 0; i < w->nhits; i++) {
        if (!UCT_ROOM(b->rules, b->nrules, b->crules))
            return false;
        b->rules[b->nrules++] = w->hits[i];
    }
    return true;
}

bool uct_keep_begin(struct uct_writer *w, enum uct_kind kind, const struct uct_origin *o, int64_t time,
                    struct uct_slice text)
{
    struct uct_block *b = &w->b;
    if (!w->nhits || b->failed) {
        w->nhits = 0;
        return false;
    }
    struct uct_kept k = {.time = time, .kind = (uint8_t)kind, .text = (uint32_t)b->ntext,
                         .fields = (uint32_t)b->nfields, .rules = (uint32_t)b->nrules, .nrules = w->nhits};
    place(w, o, &k.offset, &k.length, &k.line);
    if (!UCT_ROOM(b->kept, b->nkept, b->ckept) || !keep_text(b, text) || !keep_hits(w, b)) {
        b->failed = true;
        w->nhits = 0;
        return false;
    }
    w->nhits = 0;
    k.ntext = (uint32_t)b->ntext - k.text;
    b->kept[b->nkept++] = k;
    w->keeping = true;
    return true;
}

void uct_keep_field(struct uct_writer *w, struct uct_slice name, struct uct_slice value)
{
    struct uct_block *b = &w->b;
    if (!w->keeping || b->failed || !name.n || !value.n)
        return;
    if (!UCT_ROOM(b->fields, b->nfields, b->cfields)) {
        b->failed = true;
        return;
    }
    struct uct_field f = {uct_w_intern_lower(w, name), uct_w_intern(w, value)};
    b->fields[b->nfields++] = f;
    b->kept[b->nkept - 1].nfields++;
}

void uct_keep_call(struct uct_writer *w, struct uct_slice call_id, uint16_t status, bool not_routed)
{
    if (!w->keeping)
        return;
    struct uct_kept *k = &w->b.kept[w->b.nkept - 1];
    k->call_id = uct_w_intern_id(w, call_id);
    k->status = status;
    k->not_routed = not_routed;
}

void uct_keep_end(struct uct_writer *w)
{
    w->keeping = false;
}

struct uct_slice uct_kept_field(const struct uct_block *b, const struct uct_intern *strings,
                                const struct uct_kept *k, struct uct_slice name)
{
    for (uint32_t i = 0; i < k->nfields; i++) {
        const struct uct_field *f = &b->fields[k->fields + i];
        if (uct_slice_eq(uct_interned(strings, f->name), name))
            return uct_interned(strings, f->value);
    }
    return uct_slice("", 0);
}

/* ---- pieces ------------------------------------------------------------ */

struct uct_writer *uct_w_piece(struct uct_writer *w, const struct uct_parser *parser, const struct uct_segment *map,
                               size_t nmap)
{
    struct uct_writer *child = uct_writer_new(&w->config);
    if (!child || !UCT_ROOM(w->pieces, w->npieces, w->cpieces) ||
        !(child->map = malloc((nmap ? nmap : 1) * sizeof *child->map))) {
        w->b.failed = true;
        uct_writer_free(child);
        return NULL;
    }
    memcpy(child->map, map, nmap * sizeof *map);
    child->nmap = nmap;
    child->is_piece = true;
    child->parent = w;
    child->piece = w->npieces;
    w->pieces[w->npieces++] = (struct uct_piece){.parser = parser};
    return child;
}

void uct_w_piece_end(struct uct_writer *piece, uint64_t from, uint64_t to, uint32_t line, uint32_t nlines)
{
    (void)line;
    if (!piece)
        return;
    struct uct_piece *p = &piece->parent->pieces[piece->piece];
    shrink(&piece->b);
    p->block = piece->b;
    p->block.nlines = nlines;
    uint32_t length;
    in_source(piece, from, to, &p->from, &length);
    p->to = p->from + length;
    piece->b = (struct uct_block){0};
    uct_writer_free(piece);
}

bool uct_w_is_piece(const struct uct_writer *w)
{
    return w->is_piece;
}

bool uct_w_reads_all(const struct uct_writer *w, const struct uct_parser *self)
{
    return w && w->config.only && w->config.only == self;
}

size_t uct_w_record_limit(const struct uct_writer *w)
{
    return w->config.record_limit;
}

void uct_w_fail(struct uct_writer *w)
{
    w->b.failed = true;
}

bool uct_w_failed(const struct uct_writer *w)
{
    return w->b.failed;
}
