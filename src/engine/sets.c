/* Rotated logs: messages, messages.1, messages.2.gz; Lync-UccApi-0, -1, -2.
 *
 * A set is a label on sources of one directory or archive, one stem and one
 * format, ordered by their first stamps.  Where a file starts in the middle of
 * a record and the one before it ends in that record, the two pieces are
 * parsed again as one; what comes out cites the later file. */
#include "engine.h"

#include <stdlib.h>

static bool ends(struct uct_slice s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.n > n && uct_slice_ieq(uct_slice(s.p + s.n - n, n), uct_slice(suffix, n));
}

/* Name without what rotation adds to it, appended to out; true if it added something. */
static bool stem_of(const char *name, struct uct_buf *out)
{
    static const char *const packed[] = {".gz", ".xz", ".bz2", ".zst", ".bak", ".old"};
    struct uct_slice s = uct_slice_str(name);
    bool rotated = false;
    for (size_t i = 0; i < sizeof packed / sizeof *packed; i++)
        if (ends(s, packed[i]))
            s.n -= strlen(packed[i]);
    size_t d = s.n;
    while (d && uct_isdigit((unsigned char)s.p[d - 1]))
        d--;
    if (d && d < s.n && s.n - d <= 3 && s.p[d - 1] == '.') {        /* messages.1 */
        s.n = d - 1;
        rotated = true;
    }
    size_t base = s.n, dot = SIZE_MAX;
    while (base && s.p[base - 1] != '/' && s.p[base - 1] != '!') {
        base--;
        if (s.p[base] == '.' && dot == SIZE_MAX)
            dot = base;
    }
    size_t stop = dot == SIZE_MAX ? s.n : dot, k = stop;
    while (k > base && uct_isdigit((unsigned char)s.p[k - 1]))
        k--;
    if (!rotated && k < stop && stop - k <= 2 && k > base && s.p[k - 1] == '-') {     /* Lync-UccApi-1.UccApilog */
        uct_buf_add(out, s.p, k - 1);
        uct_buf_add(out, s.p + stop, s.n - stop);
        return true;
    }
    uct_buf_add(out, s.p, s.n);
    return rotated;
}

static int64_t first_stamp(const struct uct_source *s)
{
    for (size_t i = 0; i < s->nblocks; i++)
        if (s->blocks[i].front != UCT_NO_TIME)
            return s->blocks[i].front;
    return UCT_NO_TIME;
}

static int64_t last_stamp(const struct uct_source *s)
{
    for (size_t i = s->nblocks; i-- > 0;)
        if (s->blocks[i].back != UCT_NO_TIME)
            return s->blocks[i].back;
    return UCT_NO_TIME;
}

struct member {
    struct uct_source *source;
    char *stem;
    bool rotated;
    int64_t first, last;
    size_t index;
};

static int by_stem(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int c = strcmp(x->stem, y->stem);
    if (!c)
        c = strcmp(x->source->format, y->source->format);
    if (!c)
        c = (x->first > y->first) - (x->first < y->first);
    if (!c)                                 /* a short file between two may begin with the same moment */
        c = (x->last > y->last) - (x->last < y->last);
    return c ? c : (x->index > y->index) - (x->index < y->index);
}

static bool same_set(const struct member *a, const struct member *b)
{
    return strcmp(a->stem, b->stem) == 0 && strcmp(a->source->format, b->source->format) == 0;
}

static struct uct_writer_config config_of(const struct uct_options *o, const struct uct_interest *interest,
                                          struct uct_intern *strings)
{
    struct uct_limits limits = o->limits ? *o->limits : uct_limits_default;
    return (struct uct_writer_config){.strings = strings, .interest = interest,
                                      .record_limit = (size_t)limits.record,
                                      .only = o->parser ? uct_parser_find(uct_slice_str(o->parser)) : NULL};
}

/* Parses text as one piece: a fragment of a log that may begin and end anywhere. */
static enum uct_status parse_piece(const struct uct_options *o, const struct uct_interest *interest,
                                   struct uct_intern *strings, const struct uct_parser *parser, struct uct_slice text,
                                   const struct uct_segment *map, size_t nmap, struct uct_block *out)
{
    struct uct_writer_config config = config_of(o, interest, strings);
    struct uct_writer *outer = uct_writer_new(&config);
    struct uct_writer *w = outer ? uct_w_piece(outer, parser, map, nmap) : NULL;
    *out = (struct uct_block){0};
    if (!w) {
        uct_writer_free(outer);
        return UCT_FATAL;
    }
    struct uct_chunk c = {.text = text, .first = true, .last = true};
    parser->parse(w, &c);
    uct_w_piece_end(w, 0, text.n, 0, 0);
    struct uct_block empty;
    struct uct_piece *pieces = NULL;
    size_t n = 0;
    enum uct_status st = uct_writer_finish(outer, &empty, &pieces, &n);
    uct_writer_free(outer);
    uct_block_free(&empty);
    if (st == UCT_OK && n)
        *out = pieces[0].block;
    for (size_t i = 1; i < n; i++)
        uct_block_free(&pieces[i].block);
    free(pieces);
    return st;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* What the fragment gave when it was read in its file is taken back from b, but for so many records. */
static enum uct_status take_back(const struct uct_options *o, const struct uct_interest *interest,
                                 struct uct_intern *strings, const struct uct_parser *parser, struct uct_chunk c,
                                 uint64_t records, struct uct_block *b)
{
    struct uct_writer_config config = config_of(o, interest, strings);
    struct uct_writer *w = uct_writer_new(&config);
    struct uct_block alone;
    struct uct_piece *pieces = NULL;
    size_t n = 0;
    if (!w)
        return UCT_FATAL;
    parser->parse(w, &c);
    enum uct_status st = uct_writer_finish(w, &alone, &pieces, &n);
    uct_writer_free(w);
    for (size_t i = 0; i < n; i++)
        uct_block_free(&pieces[i].block);
    free(pieces);
    b->nrecords = less(b->nrecords, less(alone.nrecords, records));
    b->nunparsed = less(b->nunparsed, alone.nunparsed);
    uct_block_free(&alone);
    return st;
}

/* Keeps of one list of a block the rows outside the offsets [from, to). */
#define KEEP_OUTSIDE(items, count, from, to)                              \
    do {                                                                  \
        size_t kept_ = 0;                                                 \
        for (size_t i_ = 0; i_ < (count); i_++)                           \
            if ((items)[i_].offset < (from) || (items)[i_].offset >= (to)) \
                (items)[kept_++] = (items)[i_];                           \
        (count) = kept_;                                                  \
    } while (0)

/* Drops the rows at offsets [from, to). */
static void drop_rows(struct uct_block *b, uint64_t from, uint64_t to)
{
    KEEP_OUTSIDE(b->msgs, b->nmsgs, from, to);
    KEEP_OUTSIDE(b->kept, b->nkept, from, to);
    KEEP_OUTSIDE(b->sightings, b->nsightings, from, to);
    KEEP_OUTSIDE(b->ties, b->nties, from, to);
    KEEP_OUTSIDE(b->attempts, b->nattempts, from, to);
}

/* Where the joined text stands in the later file: what the earlier one holds
 * of it at its very beginning, the rest line by line. */
static struct uct_segment *map_front(const struct uct_source *before, const struct uct_source *after, size_t *n)
{
    size_t cap = 0;
    struct uct_segment *map = NULL;
    struct uct_slice rest = uct_slice(after->front.p, after->front_n), line;
    *n = 0;
    for (size_t at = 0, taken; (taken = uct_next_line(&rest, &line)); at += taken) {
        if (!*n && UCT_ROOM(map, *n, cap))
            map[(*n)++] = (struct uct_segment){.at = 0, .from = 0, .to = 0, .line = 0};
        if (!*n || !UCT_ROOM(map, *n, cap)) {
            free(map);
            return NULL;
        }
        map[*n] = (struct uct_segment){.at = before->tail.n + at, .from = at, .to = at + taken,
                                       .line = (uint32_t)*n - 1};
        ++*n;
    }
    return map;
}

/* Parses the two halves together; the rows go to the later file's front. */
static enum uct_status join(const struct uct_options *o, const struct uct_interest *interest, struct uct_intern *strings,
                            struct uct_source *before, struct uct_source *after)
{
    if (!after->front_n || !before->tail.n || !before->nblocks || !after->nblocks || before->document ||
        after->document)
        return UCT_OK;
    struct uct_buf text = {0};
    struct uct_block joined = {0};
    size_t nmap = 0;
    uct_buf_add(&text, before->tail.p, before->tail.n);
    uct_buf_add(&text, after->front.p, after->front_n);
    struct uct_segment *map = map_front(before, after, &nmap);
    enum uct_status st = UCT_FATAL;
    if (map && !text.failed && UCT_ROOM(after->blocks, after->nblocks, after->cblocks))
        st = parse_piece(o, interest, strings, after->parser, uct_slice(text.p, text.n), map, nmap, &joined);
    uct_buf_free(&text);
    free(map);
    struct uct_block *last = &before->blocks[before->nblocks - 1];
    if (st == UCT_OK)
        st = take_back(o, interest, strings, before->parser,
                       (struct uct_chunk){.text = uct_slice(before->tail.p, before->tail.n), .last = true}, 0, last);
    if (st == UCT_OK)
        st = take_back(o, interest, strings, after->parser,
                       (struct uct_chunk){.text = uct_slice(after->front.p, after->front.n), .first = true},
                       after->front.n > after->front_n, after->blocks);
    if (st != UCT_OK) {
        uct_block_free(&joined);
        return st;
    }
    drop_rows(last, before->tail_offset, UINT64_MAX);
    drop_rows(after->blocks, 0, after->front_n);
    memmove(after->blocks + 1, after->blocks, after->nblocks * sizeof *after->blocks);
    after->blocks[0] = joined;
    after->blocks[0].nlines = 0;
    after->nblocks++;
    return UCT_OK;
}

static enum uct_status label(const struct uct_options *o, const struct uct_interest *interest, struct uct_sources *s,
                             struct member *m, size_t n)
{
    bool rotated = false;
    for (size_t i = 0; i < n; i++)
        rotated |= m[i].rotated;
    if (n < 2 || !rotated)
        return UCT_OK;
    enum uct_status st = UCT_OK;
    for (size_t i = 0; i < n; i++) {
        uint32_t id = uct_intern(s->strings, uct_slice_str(m[i].stem));
        m[i].source->set = id ? uct_interned(s->strings, id).p : NULL;
        if (i && st == UCT_OK)
            st = join(o, interest, s->strings, m[i - 1].source, m[i].source);
    }
    return st;
}

enum uct_status uct_sets_join(const struct uct_options *o, const struct uct_interest *interest, struct uct_sources *s)
{
    struct member *m = calloc(s->n ? s->n : 1, sizeof *m);
    size_t n = 0;
    enum uct_status st = m ? UCT_OK : UCT_FATAL;
    for (size_t i = 0; m && i < s->n && st == UCT_OK; i++) {
        struct uct_source *src = s->items[i];
        if (!src->parser || src->document || src->state == UCT_STATE_DUPLICATE)
            continue;
        struct uct_buf b = {0};
        bool rotated = stem_of(src->name, &b);
        if (b.failed) {
            uct_buf_free(&b);
            st = UCT_FATAL;
            break;
        }
        m[n++] = (struct member){src, b.p, rotated, first_stamp(src), last_stamp(src), i};
    }
    if (n)
        qsort(m, n, sizeof *m, by_stem);
    for (size_t i = 0, k; i < n && st == UCT_OK; i = k) {
        for (k = i + 1; k < n && same_set(&m[i], &m[k]); k++)
            ;
        st = label(o, interest, s, m + i, k - i);
    }
    for (size_t i = 0; i < n; i++)
        free(m[i].stem);
    free(m);
    return st;
}
