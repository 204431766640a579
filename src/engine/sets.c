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

struct member {
    struct uct_source *source;
    char *stem;
    bool rotated;
    int64_t first;
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
    return c ? c : (x->index > y->index) - (x->index < y->index);
}

static bool same_set(const struct member *a, const struct member *b)
{
    return strcmp(a->stem, b->stem) == 0 && strcmp(a->source->format, b->source->format) == 0;
}

/* Takes back the rows of the last record, which went on in the next file. */
static void drop_tail(struct uct_source *s)
{
    if (!s->nblocks)
        return;
    struct uct_block *b = &s->blocks[s->nblocks - 1];
    while (b->nmsgs && b->msgs[b->nmsgs - 1].offset >= s->tail_offset)
        b->nmsgs--;
    while (b->nkept && b->kept[b->nkept - 1].offset >= s->tail_offset)
        b->nkept--;
    while (b->nsightings && b->sightings[b->nsightings - 1].offset >= s->tail_offset)
        b->nsightings--;
    if (b->nrecords)
        b->nrecords--;
}

/* Parses the two halves together; the rows go to the later file's front. */
static enum uct_status join(const struct uct_options *o, const struct uct_interest *interest, struct uct_intern *strings,
                            struct uct_source *before, struct uct_source *after)
{
    if (!after->front.n || !before->tail.n || before->document || after->document)
        return UCT_OK;
    struct uct_buf text = {0};
    uct_buf_add(&text, before->tail.p, before->tail.n);
    uct_buf_add(&text, after->front.p, after->front.n);
    struct uct_limits limits = o->limits ? *o->limits : uct_limits_default;
    struct uct_writer_config config = {.strings = strings, .interest = interest,
                                       .record_limit = (size_t)limits.record};
    struct uct_writer *outer = text.failed ? NULL : uct_writer_new(&config);
    /* All of it stands, for the reader, at the beginning of the later file. */
    struct uct_segment map = {.at = 0, .from = 0, .to = after->front.n, .line = 0};
    struct uct_writer *w = outer ? uct_w_piece(outer, after->parser, &map, 1) : NULL;
    if (!w) {
        uct_writer_free(outer);
        uct_buf_free(&text);
        return UCT_FATAL;
    }
    struct uct_chunk c = {.text = uct_slice(text.p, text.n), .first = true, .last = true};
    after->parser->parse(w, &c);
    uct_w_piece_end(w, 0, after->front.n, 0, 0);
    struct uct_block empty;
    struct uct_piece *pieces = NULL;
    size_t n = 0;
    enum uct_status st = uct_writer_finish(outer, &empty, &pieces, &n);
    uct_writer_free(outer);
    uct_block_free(&empty);
    uct_buf_free(&text);
    if (st == UCT_OK && n == 1 && UCT_ROOM(after->blocks, after->nblocks, after->cblocks)) {
        drop_tail(before);
        memmove(after->blocks + 1, after->blocks, after->nblocks * sizeof *after->blocks);
        after->blocks[0] = pieces[0].block;
        after->blocks[0].nlines = 0;
        after->nblocks++;
        n = 0;
    }
    for (size_t i = 0; i < n; i++)
        uct_block_free(&pieces[i].block);
    free(pieces);
    return st;
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
        m[i].source->log = (uint32_t)m[0].index + 1;
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
        m[n++] = (struct member){src, b.p, rotated, first_stamp(src), i};
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
