/* Lanes, chunks and the threads that read them. */
#include "engine.h"

#include "../detect/detect.h"
#include "lines.h"

#include <pthread.h>
#include <stdlib.h>

#define DRIFT_MOST_MS 60000       /* of a clock that nobody set */
#define CHUNK (4u << 20)             /* bytes of text parsed at once */
#define CHUNK_WHOLE (64u << 20)      /* for formats that cannot be split */
#define WINDOW (256u << 10)          /* what detection sees */
#define WINDOW_MAX (16u << 20)       /* how far it moves on */
#define INFLIGHT 4                   /* chunks of one lane under way */
#define TAIL_MAX (64u << 10)
#define DRAIN_MAX (64u << 20)        /* of standard input that no parser knows: it may never end */
#define CHUNK_PART (16u << 10)       /* first chunk of a part behind another: it may be short as well */
#define PARTS_MAX 4096               /* sources made of one stream: further parts join the last of their format */

struct chunk {
    struct chunk *next;              /* in the part, in order of the text */
    struct chunk *queued;
    struct part *part;
    struct lane *lane;
    struct uct_chunk c;
    uint64_t offset;                 /* in the stream */
    uint64_t half;                   /* bytes of its first line that the chunk before has */
    size_t torn;                     /* bytes of its last line, which the stream broke off in */
    struct epoch *epoch;
    char *owned;                     /* buffer that holds the text, or NULL when mapped */
    size_t cap;
    bool done;
    size_t taken;
    uint64_t digest;
    struct uct_block block;
    struct uct_piece *pieces;
    size_t npieces;
};

/* A stretch of a stream, and the strings of its rows; a list in the order of the text. */
struct epoch {
    struct epoch *next;
    uint64_t number, generation;
    struct uct_intern *strings;      /* the engine's, or its own */
};

/* One format's stretch of a stream. */
struct part {
    struct uct_source *source;
    const struct uct_parser *parser;
    struct chunk *first, *last;      /* not yet retired */
    size_t size;                     /* of its next chunk */
    bool handed_over;
};

struct lane {
    struct uct_lane *in;
    struct uct_stream *stream;
    size_t index;
    bool open, busy, finished;
    unsigned inflight;
    struct part *part;
    size_t first_source;             /* of this stream, in sources */
    /* text read but not yet given to a chunk */
    char *buf;
    size_t at, n, cap;               /* it stands in [at, n) */
    bool eof;
    const char *map;
    size_t map_n, map_at;
    uint64_t offset;                 /* in the stream of the text next to be cut */
    uint64_t half;                   /* bytes of the line that goes on there */
    bool continued;
    bool any_chunk;
    struct epoch *epochs, *newest;   /* that of the rows that are in, that of the chunk cut last */
    uint64_t progress;               /* bytes taken of the file */
    struct uct_sources sources;
};

struct engine {
    const struct uct_options *options;
    const struct uct_epochs *epochs; /* NULL: all rows stay */
    uint64_t generations;            /* tables of strings so far */
    const struct uct_interest *interest;
    struct uct_limits limits;
    struct uct_input *input;
    struct uct_intern *strings;
    const struct uct_parser *forced;
    struct lane *lanes;
    size_t nlanes, next_lane;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct chunk *queue, *queue_end;
    unsigned running;
    bool failed;
    char *spare[8];                  /* chunk buffers to use again */
    unsigned nspare;
};

/* ---- sources ----------------------------------------------------------- */

static void source_free(struct uct_source *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->nblocks; i++)
        uct_block_free(&s->blocks[i]);
    free(s->blocks);
    uct_summaries_free(&s->summaries);
    free(s->pieces);
    free(s->shifts);
    free(s->name);
    uct_buf_free(&s->note);
    uct_buf_free(&s->front);
    uct_buf_free(&s->tail);
    free(s);
}

void uct_sources_free(struct uct_sources *s)
{
    for (size_t i = 0; i < s->n; i++)
        source_free(s->items[i]);
    for (size_t i = 0; i < s->ndropped; i++)
        source_free(s->dropped[i]);
    free(s->items);
    free(s->dropped);
    uct_intern_free(s->strings);
    uct_spill_free(s->spill);
    *s = (struct uct_sources){0};
}

int64_t uct_source_time(const struct uct_source *s, int64_t stamp, uint64_t offset)
{
    size_t lo = 0, hi = s->nshifts;
    if (stamp == UCT_NO_TIME)
        return stamp;
    if (!hi)
        return stamp - s->tz_ms;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (s->shifts[mid].from <= offset)
            lo = mid;
        else
            hi = mid;
    }
    return stamp - s->shifts[lo].ahead_ms;
}

/* Was the clock set while the log was written?  Then its smallest stamp is no use.  A trace to which a search was
 * appended runs back as well, and with a clock that merely drifts each of its stamps is nearly right. */
static bool was_set(const struct uct_source *s)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (size_t i = 0; i < s->nshifts; i++) {
        least = s->shifts[i].ahead_ms < least ? s->shifts[i].ahead_ms : least;
        most = s->shifts[i].ahead_ms > most ? s->shifts[i].ahead_ms : most;
    }
    return s->nshifts && (s->parser != &uct_parser_lync_server || most - least > DRIFT_MOST_MS);
}

void uct_sources_times(struct uct_sources *list)
{
    for (size_t i = 0; i < list->n; i++) {
        struct uct_source *s = list->items[i];
        bool set = was_set(s);
        s->first = s->last = UCT_NO_TIME;
        for (size_t b = 0; b < s->nblocks; b++) {
            const struct uct_block *k = &s->blocks[b];
            if (k->first == UCT_NO_TIME)
                continue;
            int64_t first = uct_source_time(s, set ? k->front : k->first, 0);
            int64_t last = uct_source_time(s, set ? k->back : k->last, UINT64_MAX);
            if (s->first == UCT_NO_TIME || (!set && first < s->first))
                s->first = first;
            if (s->last == UCT_NO_TIME || set || last > s->last)
                s->last = last;
        }
    }
}

/* Names come from outside: what a terminal would obey is taken out. */
static char *clean_name(const char *name)
{
    struct uct_buf b = {0};
    uct_utf8_clean(&b, uct_slice_str(name));
    uct_buf_add(&b, "", 0);
    if (b.failed) {
        uct_buf_free(&b);
        return NULL;
    }
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] == '\n' || b.p[i] == '\t')
            b.p[i] = '?';
    return b.p;
}

static struct uct_source *source_add(struct uct_sources *list, const char *name)
{
    if (!UCT_ROOM(list->items, list->n, list->cap))
        return NULL;
    struct uct_source *s = calloc(1, sizeof *s);
    if (!s || !(s->name = clean_name(name))) {
        free(s);
        return NULL;
    }
    s->format = "unknown";
    list->items[list->n++] = s;
    return s;
}

static void note(struct uct_source *s, const char *text)
{
    if (!text || !*text)
        return;
    if (s->note.n)
        uct_buf_adds(&s->note, "; ");
    uct_buf_adds(&s->note, text);
}

/* Writes a note with its line, counted from 1, and how many more there are. */
static void note_line(struct uct_source *s, const char *words, uint64_t count, uint64_t line)
{
    struct uct_buf text = {0};
    uct_buf_addf(&text, "%s (line %llu", words, (unsigned long long)line);
    if (count > 1)
        uct_buf_addf(&text, " and %llu more", (unsigned long long)count - 1);
    uct_buf_adds(&text, ")");
    if (!text.failed)
        note(s, text.p);
    uct_buf_free(&text);
}

static const char *const note_words[UCT_NOTE_NNOTES] = {
    [UCT_NOTE_CUT_BEGIN] = "starts in the middle of a record",
    [UCT_NOTE_CUT_END] = "ends in the middle of a record",
    [UCT_NOTE_NO_END] = "a record has no end mark",
    [UCT_NOTE_ORPHAN_END] = "an end mark without its begin",
    [UCT_NOTE_LONG_RECORD] = "a record passed the record limit and was cut (--limits record=)",
    [UCT_NOTE_LONG_LINE] = "a line passed the line limit and was cut (--limits line=)",
    [UCT_NOTE_TIME_BACK] = "time runs backwards",
    [UCT_NOTE_LOST_TEXT] = "the logger dropped text itself",
};

static bool add_block(struct uct_source *s, struct uct_block *b)
{
    if (!UCT_ROOM(s->blocks, s->nblocks, s->cblocks))
        return false;
    s->blocks[s->nblocks++] = *b;
    *b = (struct uct_block){0};
    return true;
}

/* ---- chunks ------------------------------------------------------------ */

static char *buffer_take(struct engine *e, size_t size)
{
    char *p = NULL;
    if (size == CHUNK) {
        pthread_mutex_lock(&e->lock);
        if (e->nspare)
            p = e->spare[--e->nspare];
        pthread_mutex_unlock(&e->lock);
    }
    return p ? p : malloc(size);
}

static void buffer_give(struct engine *e, char *p, size_t size)
{
    if (p && size == CHUNK && e->nspare < sizeof e->spare / sizeof *e->spare)
        e->spare[e->nspare++] = p;
    else
        free(p);
}

static uint64_t count_lines(struct uct_slice text)
{
    uint64_t n = 0;
    const char *p = text.p, *end = p + text.n;
    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        n++;
        if (!nl)
            break;
        p = nl + 1;
    }
    return n;
}

/* Lines of the chunk that were cut, of what its parser took. */
static void note_long_lines(struct chunk *k, const struct uct_shown *s, size_t taken)
{
    uint32_t n = uct_shown_count(s, taken);
    k->block.notes[UCT_NOTE_LONG_LINE] = n;
    if (!n)
        return;
    const struct uct_cut *first = &s->cuts[s->told];
    uint64_t before = count_lines(uct_slice(s->text.p, first->at));
    k->block.note_line[UCT_NOTE_LONG_LINE] = first->at ? (uint32_t)before + s->lead : 1;
}

/* Hands the parser what it may see of the chunk.  False when memory ran out. */
static bool parse_shown(struct engine *e, struct chunk *k, struct uct_recent *recent,
                        const struct uct_shown *s)
{
    struct uct_writer_config config = {.strings = k->epoch->strings, .interest = e->interest,
                                       .record_limit = (size_t)e->limits.record, .offset = k->offset,
                                       .recent = recent, .generation = k->epoch->generation,
                                       .only = e->forced, .cuts = s->cuts, .ncuts = s->ncuts,
                                       .lead = s->lead};
    struct uct_writer *w = uct_writer_new(&config);
    struct uct_chunk c = k->c;
    if (!w)
        return false;
    c.text = s->text;
    size_t taken = c.text.n ? k->part->parser->parse(w, &c) : 0;
    bool all = taken >= c.text.n;
    k->taken = all ? k->c.text.n : (size_t)uct_cuts_place(s->cuts, s->ncuts, taken);
    bool ok = uct_writer_finish(w, &k->block, &k->pieces, &k->npieces) >= UCT_WARN;
    uct_writer_free(w);
    if (!k->block.nlines || !all)
        k->block.nlines = count_lines(uct_slice(k->c.text.p, k->taken));
    else
        k->block.nlines += s->lead + (k->torn > 0);
    note_long_lines(k, s, all ? c.text.n : taken);
    if (all && k->torn) {
        k->block.nunparsed++;
        if (!k->block.unparsed_line)
            k->block.unparsed_line = (uint32_t)k->block.nlines;
    }
    return ok;
}

static void run_chunk(struct engine *e, struct chunk *k, struct uct_recent *recent)
{
    struct uct_shown shown;
    struct uct_slice whole = uct_slice(k->c.text.p, k->c.text.n - k->torn);
    if (!k->owned)
        uct_map_want(k->c.text.p, k->c.text.n);
    if (!uct_shown_make(&shown, whole, k->half, e->limits.line) || !parse_shown(e, k, recent, &shown))
        k->block.failed = true;
    uct_shown_free(&shown);
    bool open_line = k->taken && k->c.text.p[k->taken - 1] != '\n' && !k->c.last && k->taken == k->c.text.n;
    k->block.nlines -= open_line;          /* the next chunk goes on with it and counts it */
    k->digest = uct_digest(uct_slice(k->c.text.p, k->taken));
    if (!k->owned)
        uct_map_release(k->c.text.p, k->c.text.n);
}

static void chunk_free(struct engine *e, struct chunk *k)
{
    buffer_give(e, k->owned, k->cap);
    uct_block_free(&k->block);
    for (size_t i = 0; i < k->npieces; i++)
        uct_block_free(&k->pieces[i].block);
    free(k->pieces);
    free(k);
}

/* Pieces of a document become sources of their own, NAME#1, NAME#2 ...; past the bound they are added to
 * the last one of their format. */
static struct uct_source *source_of_piece(struct lane *l, struct uct_source *document,
                                          const struct uct_piece *p)
{
    for (size_t i = document->npieces; document->npieces >= PARTS_MAX && i-- > 0;) {
        struct uct_source *s = document->pieces[i];
        if (s->parser != p->parser)
            continue;
        if (!s->joined)
            note(s, "further excerpts of this format are counted here");
        s->joined = true;
        return s;
    }
    struct uct_buf name = {0};
    uct_buf_addf(&name, "%s#%zu", document->name, document->npieces + 1);
    struct uct_source *s = name.failed ? NULL : source_add(&l->sources, name.p);
    uct_buf_free(&name);
    if (!s || !UCT_ROOM(document->pieces, document->npieces, document->cpieces))
        return NULL;
    document->pieces[document->npieces++] = s;
    s->document = document;
    s->parser = p->parser;
    s->format = p->parser->name;
    s->from = p->from;
    s->digest = uct_hash_mix(uct_hash(s->name, strlen(s->name), 1), p->from);
    return s;
}

static bool add_pieces(struct engine *e, struct lane *l, struct uct_source *document, struct chunk *k)
{
    for (size_t i = 0; i < k->npieces; i++) {
        struct uct_piece *p = &k->pieces[i];
        struct uct_source *s = source_of_piece(l, document, p);
        if (!s)
            return false;
        s->bytes += p->to - p->from;
        s->lines += p->block.nlines;
        uct_block_rebase(&p->block, document->first_line + document->lines);
        if (!add_block(s, &p->block))
            return false;
    }
    (void)e;
    return true;
}

/* ---- what rotated sets need -------------------------------------------- */

/* A record that has a line past the limit is not put together with the next file: the text kept is whole. */
static bool lines_fit(const struct engine *e, struct uct_slice text)
{
    struct uct_long_lines walk = {.text = text, .limit = e->limits.line};
    struct uct_long_line l;
    return !uct_long_lines_next(&walk, &l);
}

/* Text before the first head of a source's first chunk. */
static void keep_front(const struct engine *e, struct uct_source *s, const struct chunk *k)
{
    if (!s->parser->head || !k->block.notes[UCT_NOTE_CUT_BEGIN])
        return;
    struct uct_slice rest = k->c.text, line;
    size_t at = 0, n;
    for (; (n = uct_next_line(&rest, &line)) > 0; at += n) {
        if (at + n > TAIL_MAX)
            return;
        if (s->parser->head(line))
            break;
    }
    if (!lines_fit(e, uct_slice(k->c.text.p, at + n)))
        return;
    uct_buf_add(&s->front, k->c.text.p, at + n);
    s->front_n = at;
}

static void keep_tail(const struct engine *e, struct uct_source *s, const struct chunk *k)
{
    if (!s->parser->split || k->torn)
        return;
    size_t at = s->parser->split(k->c.text);
    if (!at && !k->c.continued && s->parser->head)
        at = 0;
    if (k->c.text.n - at > TAIL_MAX || !lines_fit(e, uct_slice(k->c.text.p + at, k->c.text.n - at)))
        return;
    uct_buf_add(&s->tail, k->c.text.p + at, k->c.text.n - at);
    s->tail_offset = k->offset + at;
    s->tail_line = (uint32_t)(s->first_line + s->lines + count_lines(uct_slice(k->c.text.p, at)));
}

/* No split point in a whole chunk: the record at its end is longer than any limit, and the parser, which
 * saw only its beginning, may not know. */
static void note_forced_cut(struct chunk *k)
{
    if (!k->c.cut || k->c.continued || !k->part->parser->split || k->block.notes[UCT_NOTE_LONG_RECORD])
        return;
    k->block.notes[UCT_NOTE_LONG_RECORD] = 1;
    k->block.note_line[UCT_NOTE_LONG_RECORD] = k->block.nlines ? (uint32_t)k->block.nlines : 1;
}

/* Puts a parsed chunk's rows behind those before it. Under the lock. */
static bool retire(struct engine *e, struct lane *l, struct chunk *k)
{
    struct uct_source *s = k->part->source;
    bool ok = !k->block.failed;
    if (k->c.first && !s->nblocks)
        keep_front(e, s, k);
    if (k->c.last && k->taken == k->c.text.n)
        keep_tail(e, s, k);
    ok = ok && add_pieces(e, l, s, k);
    s->digest = uct_hash_mix(s->digest, k->digest);
    s->bytes += k->taken;
    note_forced_cut(k);
    uint64_t lines = k->block.nlines;
    uct_block_rebase(&k->block, s->first_line + s->lines);
    s->lines += lines;
    return add_block(s, &k->block) && ok;
}

/* ---- epochs ------------------------------------------------------------ */

static void epoch_free(struct engine *e, struct epoch *x)
{
    if (x->strings != e->strings)
        uct_intern_free(x->strings);
    free(x);
}

/* The epoch of the text at an offset: it depends on nothing else. */
static struct epoch *epoch_at(struct engine *e, struct lane *l, uint64_t offset)
{
    uint64_t number = e->epochs ? offset / e->epochs->bytes : 0;
    if (l->newest && l->newest->number == number)
        return l->newest;
    struct epoch *x = calloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->number = number;
    x->strings = e->epochs && e->epochs->apart ? uct_intern_new() : e->strings;
    if (!x->strings) {
        free(x);
        return NULL;
    }
    if (x->strings != e->strings) {
        pthread_mutex_lock(&e->lock);
        x->generation = ++e->generations;
        pthread_mutex_unlock(&e->lock);
    }
    if (l->newest)
        l->newest->next = x;
    else
        l->epochs = x;
    l->newest = x;
    return x;
}

/* All rows of the stream so far are in: calls that ended well shrink. */
static bool fold(struct engine *e, struct lane *l)
{
    bool ok = true;
    bool shrink = e->epochs && (l->newest->number > 0 || l->offset >= e->epochs->bytes ||
                                uct_input_bytes(e->input) >= e->epochs->small);
    for (size_t i = l->first_source; i < l->sources.n && ok && e->epochs; i++)
        if (l->sources.items[i]->folded < l->sources.items[i]->nblocks)
            ok = e->epochs->fold(e->epochs->arg, l->sources.items[i], shrink, l->epochs->strings, e->strings);
    return ok;
}

/* Before the rows of chunk k come in: those before it may be of an epoch that is over.  Not under the lock. */
static bool turn_epoch(struct engine *e, struct lane *l, const struct chunk *k)
{
    if (k->epoch == l->epochs)
        return true;
    bool ok = fold(e, l);
    while (l->epochs != k->epoch) {
        struct epoch *x = l->epochs;
        l->epochs = x->next;
        epoch_free(e, x);
    }
    return ok;
}

/* The chunks behind the one whose rows are in are dropped, and cut anew. */
static void forget_epochs(struct engine *e, struct lane *l)
{
    while (l->epochs && l->epochs->next) {
        struct epoch *x = l->epochs->next;
        l->epochs->next = x->next;
        epoch_free(e, x);
    }
    l->newest = l->epochs;
}

/* At the end of the stream. */
static bool end_epochs(struct engine *e, struct lane *l)
{
    bool ok = !l->epochs || !e->epochs || !e->epochs->apart || fold(e, l);
    while (l->epochs) {
        struct epoch *x = l->epochs;
        l->epochs = x->next;
        epoch_free(e, x);
    }
    l->newest = NULL;
    return ok;
}

/* ---- reading a lane ---------------------------------------------------- */

/* The text at hand that no chunk has yet. */
static struct uct_slice at_hand(const struct lane *l)
{
    if (l->map)
        return uct_slice(l->map + l->map_at, l->map_n - l->map_at);
    return l->n > l->at ? uct_slice(l->buf + l->at, l->n - l->at) : uct_slice(l->buf, 0);
}

/* Reads until `want` bytes are at hand or the stream ends. */
static bool fill(struct engine *e, struct lane *l, size_t want)
{
    if (l->map || l->eof || l->n - l->at >= want)
        return true;
    if (l->cap < want) {
        char *p = buffer_take(e, want);
        if (!p)
            return false;
        if (l->n > l->at)
            memcpy(p, l->buf + l->at, l->n - l->at);
        pthread_mutex_lock(&e->lock);
        buffer_give(e, l->buf, l->cap);
        pthread_mutex_unlock(&e->lock);
        l->buf = p;
        l->cap = want;
    } else if (l->at) {
        memmove(l->buf, l->buf + l->at, l->n - l->at);
    }
    l->n -= l->at;
    l->at = 0;
    /* The whole buffer, so that short chunks do not move what is left of it each time. */
    while (l->n < l->cap) {
        size_t got = uct_stream_read(l->stream, l->buf + l->n, l->cap - l->n);
        l->n += got;
        if (got == 0) {
            l->eof = true;
            break;
        }
    }
    return true;
}

static void explain_detection(struct engine *e, const struct lane *l, struct uct_slice window, bool whole,
                              const struct uct_detection *d)
{
    int bids[32];
    size_t n = uct_parsers_count();
    if (!e->options->detection || n > 32)
        return;
    uct_detect_bids(window, whole, bids, n);
    struct uct_buf b = {0};
    uct_buf_addf(&b, "%s:", d->format);
    for (size_t i = 0; i < n; i++)
        uct_buf_addf(&b, " %s %d", uct_parsers[i]->name, bids[i]);
    if (!b.failed) {
        pthread_mutex_lock(&e->lock);
        e->options->detection(e->options->detection_arg, uct_stream_name(l->stream), b.p);
        pthread_mutex_unlock(&e->lock);
    }
    uct_buf_free(&b);
}

/* Looks at ever later windows until a parser is sure. */
static bool detect(struct engine *e, struct lane *l, struct uct_detection *d)
{
    struct uct_detection best = {.format = "unknown"};
    for (size_t want = WINDOW, from = 0; want <= WINDOW_MAX; from = want, want *= 2) {
        if (!fill(e, l, want))
            return false;
        struct uct_slice all = at_hand(l);
        bool whole = l->map ? all.n <= want : l->eof && all.n <= want;
        size_t to = all.n < want ? all.n : want;
        struct uct_slice window = uct_slice(all.p + from, to - from);
        uct_detect(window, whole && from == 0, d);
        if (from == 0)
            explain_detection(e, l, window, whole, d);
        if (!best.parser || d->bid > best.bid)
            if (from == 0 || d->parser)
                best = *d;
        if (d->bid >= UCT_BID_RECORD || (from == 0 && !d->parser && d->format && strcmp(d->format, "unknown") != 0) ||
            whole || to < want)
            break;
    }
    *d = best;
    return true;
}

/* --parser: nobody is asked, whatever the stream holds.  The bids are only for --explain-detection. */
static bool force(struct engine *e, struct lane *l, struct uct_detection *d)
{
    *d = (struct uct_detection){.parser = e->forced, .format = e->forced->name};
    if (!e->options->detection)
        return true;
    if (!fill(e, l, WINDOW))
        return false;
    struct uct_slice all = at_hand(l);
    bool whole = (l->map || l->eof) && all.n <= WINDOW;
    explain_detection(e, l, uct_slice(all.p, all.n < WINDOW ? all.n : WINDOW), whole, d);
    return true;
}

static struct part *part_new(struct lane *l, struct uct_source *s, const struct uct_parser *parser)
{
    struct part *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->source = s;
    p->parser = s->parser = parser;
    p->size = parser->split ? CHUNK : CHUNK_WHOLE;
    s->format = parser->name;
    if (!s->nblocks)
        s->from = l->offset;
    return p;
}

static void part_free(struct engine *e, struct part *p)
{
    if (!p)
        return;
    for (struct chunk *k = p->first, *next; k; k = next) {
        next = k->next;
        chunk_free(e, k);
    }
    free(p);
}

/* Takes the first n bytes at hand for a chunk, with their buffer: what is left moves to another. */
static bool give_buffer(struct engine *e, struct lane *l, struct chunk *k, size_t n)
{
    size_t left = l->n - l->at - n, cap = left > CHUNK ? left : CHUNK;
    char *rest = NULL;
    if ((left || !l->eof) && !(rest = buffer_take(e, cap)))
        return false;
    if (left)
        memcpy(rest, l->buf + l->at + n, left);
    k->owned = l->buf;
    k->cap = l->cap;
    k->c.text = uct_slice(l->buf + l->at, n);
    l->buf = rest;
    l->cap = rest ? cap : 0;
    l->at = 0;
    l->n = left;
    return true;
}

/* Gives a chunk the first n bytes at hand. Short ones are copied: should the chunk end early, the text is
 * still here. */
static bool give_text(struct engine *e, struct lane *l, struct chunk *k, size_t n)
{
    if (l->map) {
        k->c.text = uct_slice(l->map + l->map_at, n);
        l->map_at += n;
        return true;
    }
    if (l->part->size >= CHUNK)
        return give_buffer(e, l, k, n);
    if (!(k->owned = malloc(n)))
        return false;
    memcpy(k->owned, l->buf + l->at, n);
    k->cap = n;
    k->c.text = uct_slice(k->owned, n);
    l->at += n;
    return true;
}

/* How much of the text at hand the next chunk gets: up to the last place where the parser's state is
 * initial, else cut by force.  0: there is no such place, but a larger chunk may have one. */
static size_t chunk_end(const struct lane *l, size_t size, bool *last, bool *cut)
{
    struct uct_slice text = at_hand(l);
    size_t n = text.n < size ? text.n : size;
    *last = (l->map || l->eof) && text.n <= size;
    *cut = false;
    if (*last)
        return n;
    size_t at = l->part->parser->split ? l->part->parser->split(uct_slice(text.p, n)) : 0;
    if (at || size < CHUNK)
        return at;
    const char *nl = memrchr(text.p, '\n', n);
    *cut = true;
    return nl ? (size_t)(nl - text.p) + 1 : n;
}

/* What a damaged stream gave of its last line says nothing: half a Call-ID would be another call. */
static size_t torn_line(struct lane *l, struct uct_slice text)
{
    if (!text.n || text.p[text.n - 1] == '\n' || uct_stream_state(l->stream, NULL) == UCT_STATE_OK)
        return 0;
    return (size_t)uct_open_line(text, 0);
}

/* Cuts the next chunk off the text at hand.  The sizes of a part's chunks depend on nothing but the text. */
static struct chunk *cut_chunk(struct engine *e, struct lane *l)
{
    struct part *part = l->part;
    bool last, cut;
    size_t n;
    while ((n = chunk_end(l, part->size, &last, &cut)) == 0) {
        part->size *= 2;
        if (!fill(e, l, part->size))
            return NULL;
    }
    struct chunk *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->part = part;
    k->lane = l;
    k->offset = l->offset;
    k->half = l->half;
    k->epoch = epoch_at(e, l, l->offset);
    if (!k->epoch) {
        free(k);
        return NULL;
    }
    k->c = (struct uct_chunk){.first = !l->any_chunk, .last = last, .continued = l->continued, .cut = cut};
    if (!give_text(e, l, k, n)) {
        free(k);
        return NULL;
    }
    if (part->size < CHUNK)
        part->size *= 2;
    if (last)
        k->torn = torn_line(l, k->c.text);
    l->offset += n;
    l->half = uct_open_line(k->c.text, l->half);
    l->continued = cut;
    l->any_chunk = true;
    return k;
}

static void enqueue(struct engine *e, struct lane *l, struct chunk *k)
{
    pthread_mutex_lock(&e->lock);
    if (l->part->last)
        l->part->last->next = k;
    else
        l->part->first = k;
    l->part->last = k;
    if (e->queue_end)
        e->queue_end->queued = k;
    else
        e->queue = k;
    e->queue_end = k;
    l->inflight++;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
}

/* What comes of a stream that no parser reads. */
struct drained {
    uint64_t open;                   /* bytes of the unfinished line */
    uint64_t limit;                  /* of a line */
    uint64_t cut, first;             /* lines past it, and the first one's number */
};

static void add_drained(struct uct_source *s, struct drained *d, struct uct_slice text)
{
    struct uct_long_lines walk = {.text = text, .limit = d->limit, .open = d->open};
    struct uct_long_line l;
    uint64_t before = s->lines - (d->open > 0);
    while (uct_long_lines_next(&walk, &l))
        if (!l.told && d->cut++ == 0)
            d->first = before + count_lines(uct_slice(text.p, l.keep + (l.keep < l.end)));
    s->bytes += text.n;
    s->lines = before + count_lines(text) + (d->open > 0 && !text.n);
    d->open = uct_open_line(text, d->open);
}

static void end_drained(struct uct_source *s, const struct drained *d)
{
    if (!d->cut)
        return;
    note_line(s, note_words[UCT_NOTE_LONG_LINE], d->cut, d->first);
    s->state = UCT_STATE_LIMITED;
}

/* A source that no parser reads: its size is wanted, and of text whether its lines are endless. */
static void drain(struct lane *l, struct uct_source *s, uint64_t limit)
{
    struct drained d = {.limit = limit};
    struct uct_slice text = at_hand(l);
    add_drained(s, &d, text);
    s->digest = uct_hash(text.p, text.n < WINDOW ? text.n : WINDOW, 0);
    if (l->map) {
        l->map_at = l->map_n;
        end_drained(s, &d);
        return;
    }
    bool endless = strcmp(uct_stream_name(l->stream), "-") == 0;
    l->at = l->n = 0;
    while (!l->eof && l->cap) {
        if (endless && s->bytes >= DRAIN_MAX) {
            note(s, "only its first 64 MiB were read");
            l->eof = true;
            break;
        }
        size_t got = uct_stream_read(l->stream, l->buf, l->cap);
        add_drained(s, &d, uct_slice(l->buf, got));
        l->eof = got == 0;
    }
    end_drained(s, &d);
}

static void name_unread(struct uct_source *s, const struct uct_detection *d)
{
    s->format = d->format;
    note(s, d->note);
    if (d->unsupported) {
        s->state = UCT_STATE_UNSUPPORTED;
    } else if (strcmp(d->format, "unknown") == 0) {
        s->state = UCT_STATE_UNRECOGNISED;
        if (!d->note)
            note(s, "no parser knows this text; give the log itself, or name its format with --parser");
    }
}

/* Begins the lane's current stream: detects it and makes its source. */
static bool begin_stream(struct engine *e, struct lane *l)
{
    l->eof = l->continued = l->any_chunk = false;
    l->at = l->n = 0;
    l->offset = l->half = 0;
    l->map = NULL;
    l->map_at = l->map_n = 0;
    l->first_source = l->sources.n;
    struct uct_source *s = source_add(&l->sources, uct_stream_name(l->stream));
    if (!s)
        return false;
    s->stream = (uint64_t)l->index << 32 | l->first_source;
    if (!uct_stream_map(l->stream, &l->map, &l->map_n))
        l->map = NULL;
    struct uct_detection d;
    if (!fill(e, l, CHUNK) || (at_hand(l).n && !(e->forced ? force(e, l, &d) : detect(e, l, &d))))
        return false;
    if (at_hand(l).n == 0)
        return true;                /* the stream's own state says why */
    l->offset = s->bytes = uct_stream_skipped(l->stream);
    if (!d.parser) {
        name_unread(s, &d);
        bool text = s->state == UCT_STATE_UNRECOGNISED && !d.note;
        drain(l, s, text ? e->limits.line : UINT64_MAX);
        return true;
    }
    l->part = part_new(l, s, d.parser);
    return l->part != NULL;
}

/* Makes what chunk k did not take the text at hand again.  Where it is still in the lane's buffer, nothing
 * is copied: many short parts must not cost a buffer each. */
static bool go_back(struct lane *l, const struct chunk *k)
{
    uint64_t at = k->offset + k->taken;
    if (l->map) {
        l->map_at = (size_t)at - uct_stream_skipped(l->stream);
    } else if (l->offset - at <= l->at) {
        l->at -= (size_t)(l->offset - at);
    } else {
        struct uct_slice left = at_hand(l);
        struct uct_buf all = {0};
        uct_buf_add(&all, k->c.text.p + k->taken, k->c.text.n - k->taken);
        for (const struct chunk *c = k->next; c; c = c->next)
            uct_buf_add(&all, c->c.text.p, c->c.text.n);
        uct_buf_add(&all, left.p, left.n);
        if (all.failed) {
            uct_buf_free(&all);
            return false;
        }
        free(l->buf);
        l->buf = all.p;
        l->at = 0;
        l->n = all.n;
        l->cap = all.cap;
    }
    l->offset = at;
    return true;
}

/* The last source of the stream that this parser read, to which further parts are added when there are too
 * many; NULL if there is none. */
static struct uct_source *last_of(const struct lane *l, const struct uct_parser *parser)
{
    for (size_t i = l->sources.n; i-- > l->first_source;)
        if (l->sources.items[i]->parser == parser && !l->sources.items[i]->document)
            return l->sources.items[i];
    return NULL;
}

/* The source for the part that begins on the line behind `lines`. */
static struct uct_source *source_of_part(struct lane *l, const struct uct_parser *parser, uint64_t lines)
{
    struct uct_source *s = l->sources.n - l->first_source < PARTS_MAX ? NULL : last_of(l, parser);
    if (s) {
        if (!s->joined)
            note(s, "further parts of this format are counted here");
        s->joined = true;
        s->first_line = lines - s->lines;        /* so that first_line + lines is where the next line stands */
        return s;
    }
    struct uct_buf name = {0};
    uct_buf_addf(&name, "%s@%llu", uct_stream_name(l->stream), (unsigned long long)lines + 1);
    s = name.failed ? NULL : source_add(&l->sources, name.p);
    uct_buf_free(&name);
    if (s) {
        s->first_line = lines;
        s->stream = (uint64_t)l->index << 32 | l->first_source;
    }
    return s;
}

/* Another format begins inside chunk k: what follows is a part of its own. */
static bool hand_over(struct engine *e, struct lane *l, struct chunk *k)
{
    struct uct_source *before = l->part->source;
    struct uct_slice rest = uct_slice(k->c.text.p + k->taken, k->c.text.n - k->taken), line;
    uct_next_line(&rest, &line);
    const struct uct_parser *next = uct_foreign_head(NULL, l->part->parser, line);
    if (!next)
        return false;
    if (!go_back(l, k))
        return false;
    l->continued = l->any_chunk = false;
    l->half = 0;
    pthread_mutex_lock(&e->lock);
    l->part->first = NULL;
    bool none = before->bytes <= uct_stream_skipped(l->stream) && k->taken == 0;
    for (struct chunk *c = k, *following; c; c = following) {
        following = c->next;
        if (c == k && !none && !retire(e, l, c))
            e->failed = true;
        chunk_free(e, c);
    }
    l->part->last = NULL;
    pthread_mutex_unlock(&e->lock);
    forget_epochs(e, l);
    if (none && !l->part->handed_over) {      /* detected by what comes later: the source is the other's */
        free(l->part);
        l->part = part_new(l, before, next);
        if (l->part)
            l->part->handed_over = true;
        return l->part != NULL;
    }
    struct uct_source *s = source_of_part(l, next, before->first_line + before->lines);
    struct uct_buf name = {0};
    if (!s)
        return false;
    if (l->sources.items[l->first_source] == before && before->first_line == 0) {
        uct_buf_addf(&name, "%s@1", before->name);
        if (name.failed)
            return false;
        free(before->name);
        before->name = name.p;
    }
    free(l->part);
    l->part = part_new(l, s, next);
    if (l->part && next->split)
        l->part->size = CHUNK_PART;
    return l->part != NULL;
}

/* Puts finished chunks in order; true unless memory ran out. */
static bool settle(struct engine *e, struct lane *l)
{
    for (;;) {
        pthread_mutex_lock(&e->lock);
        struct chunk *k = l->part ? l->part->first : NULL;
        bool ready = k && k->done, over = ready && k->taken < k->c.text.n;
        bool all = l->inflight == 0;
        if (ready && k->epoch != l->epochs) {
            pthread_mutex_unlock(&e->lock);
            if (!turn_epoch(e, l, k))
                return false;
            continue;
        }
        if (ready && !over) {
            bool ok = retire(e, l, k);
            l->part->first = k->next;
            if (!l->part->first)
                l->part->last = NULL;
            chunk_free(e, k);
            pthread_mutex_unlock(&e->lock);
            if (!ok)
                return false;
            continue;
        }
        pthread_mutex_unlock(&e->lock);
        if (!over)
            return true;
        if (!all)
            return true;             /* wait for the chunks behind it, then hand over */
        if (!hand_over(e, l, k))
            return false;
    }
}

static void add_notes(struct uct_source *s)
{
    for (unsigned i = 0; i < UCT_NOTE_NNOTES; i++) {
        uint64_t count = 0;
        uint32_t line = 0;
        for (size_t b = 0; b < s->nblocks; b++) {
            if (!count && s->blocks[b].notes[i])
                line = s->blocks[b].note_line[i];
            count += s->blocks[b].notes[i];
        }
        if (!count)
            continue;
        note_line(s, note_words[i], count, line);
        if ((i == UCT_NOTE_LONG_RECORD || i == UCT_NOTE_LONG_LINE) && s->state == UCT_STATE_OK)
            s->state = UCT_STATE_LIMITED;
    }
}

/* The stream is read and its chunks are in: take its state. */
static void end_stream(struct lane *l)
{
    const char *words = NULL;
    enum uct_state state = uct_stream_state(l->stream, &words);
    for (size_t i = l->first_source; i < l->sources.n; i++) {
        struct uct_source *s = l->sources.items[i];
        bool last = i + 1 == l->sources.n || s->npieces;
        if (s->document)
            continue;
        /* Where a limit stopped the reading, what came before it proves nothing. */
        bool open = s->state == UCT_STATE_OK || (s->state == UCT_STATE_UNRECOGNISED && state == UCT_STATE_LIMITED);
        if (state != UCT_STATE_OK && open && last)
            s->state = state;
        if (state == UCT_STATE_OK && s->state == UCT_STATE_OK && !s->bytes) {
            s->state = UCT_STATE_EMPTY;
            note(s, "nothing in it");
        }
        if (i == l->first_source || (last && state != UCT_STATE_OK))
            note(s, words);
    }
    for (size_t i = l->first_source; i < l->sources.n; i++)
        add_notes(l->sources.items[i]);
    free(l->part);
    l->part = NULL;
    l->stream = NULL;
}

/* Other threads finish chunks: whether the first one is done, and whether any is left, is asked under the lock. */
static bool first_is_done(struct engine *e, struct lane *l, bool *any)
{
    pthread_mutex_lock(&e->lock);
    *any = l->inflight || l->part->first;
    bool done = l->part->first && l->part->first->done;
    pthread_mutex_unlock(&e->lock);
    return done;
}

/* One step of a lane: reads and cuts one chunk, or turns to the next stream. */
static bool step(struct engine *e, struct lane *l)
{
    if (!l->open) {
        l->in = uct_lane_open(e->input, l->index);
        l->open = true;
        if (!l->in)
            return false;
    }
    if (!settle(e, l))
        return false;
    if (l->stream && l->part) {
        bool waiting = false;
        if (first_is_done(e, l, &waiting))
            return true;                    /* to be settled, or a hand-over that waits for the chunks behind it */
        if (!fill(e, l, l->part->size))
            return false;
        if (at_hand(l).n) {
            struct chunk *k = cut_chunk(e, l);
            if (!k)
                return false;
            enqueue(e, l, k);
            return true;
        }
        first_is_done(e, l, &waiting);
        if (!waiting)
            return end_epochs(e, l) && (end_stream(l), true);
        return true;
    }
    if (l->stream) {
        if (!end_epochs(e, l))
            return false;
        end_stream(l);
    }
    enum uct_status st = uct_lane_next(l->in, &l->stream);
    if (st == UCT_EOF) {
        l->stream = NULL;
        uct_lane_close(l->in);
        l->in = NULL;
        l->finished = true;
        return true;
    }
    return st >= UCT_WARN && begin_stream(e, l);
}

/* ---- threads ----------------------------------------------------------- */

/* A lane that some thread may step now; NULL if none. Under the lock. */
static struct lane *next_lane(struct engine *e)
{
    unsigned active = 0;
    for (size_t i = e->next_lane; i < e->nlanes && active < e->options->jobs; i++) {
        struct lane *l = &e->lanes[i];
        if (l->busy) {                       /* what it has is its thread's own until it comes back */
            active++;
            continue;
        }
        if (l->finished) {
            if (i == e->next_lane)
                e->next_lane++;
            continue;
        }
        active++;
        bool drained = l->part && l->stream && !at_hand(l).n && (l->map || l->eof);
        bool ready_to_settle = l->part && l->part->first && l->part->first->done;
        bool over = ready_to_settle && l->part->first->taken < l->part->first->c.text.n;
        if (over && l->inflight)
            continue;
        if (ready_to_settle || (l->inflight < INFLIGHT && !(drained && l->inflight)))
            return l;
    }
    return NULL;
}

static void report_progress(struct engine *e)
{
    if (!e->options->progress)
        return;
    uint64_t done = 0;
    for (size_t i = 0; i < e->nlanes; i++)
        done += e->lanes[i].progress;
    e->options->progress(e->options->progress_arg, done, uct_input_bytes(e->input));
}

static void *work(void *arg)
{
    struct engine *e = arg;
    struct uct_recent *recent = uct_recent_new();
    pthread_mutex_lock(&e->lock);
    for (;;) {
        struct chunk *k = e->failed ? NULL : e->queue;
        struct lane *l = k || e->failed ? NULL : next_lane(e);
        if (k) {
            e->queue = k->queued;
            if (!e->queue)
                e->queue_end = NULL;
            e->running++;
            pthread_mutex_unlock(&e->lock);
            run_chunk(e, k, recent);
            pthread_mutex_lock(&e->lock);
            e->running--;
            k->done = true;
            k->lane->inflight--;
            pthread_cond_broadcast(&e->wake);
        } else if (l) {
            l->busy = true;
            e->running++;
            pthread_mutex_unlock(&e->lock);
            bool ok = step(e, l);
            pthread_mutex_lock(&e->lock);
            l->busy = false;
            e->running--;
            e->failed |= !ok;
            if (l->in)
                l->progress = l->map ? l->map_at : uct_lane_position(l->in);
            report_progress(e);
            pthread_cond_broadcast(&e->wake);
        } else if (e->running) {
            pthread_cond_wait(&e->wake, &e->lock);
        } else {
            break;
        }
    }
    pthread_cond_broadcast(&e->wake);
    pthread_mutex_unlock(&e->lock);
    uct_recent_free(recent);
    return NULL;
}

static void run_threads(struct engine *e)
{
    unsigned n = e->options->jobs > 1 ? e->options->jobs - 1 : 0, started = 0;
    pthread_t *threads = n ? calloc(n, sizeof *threads) : NULL;
    for (; threads && started < n; started++)
        if (pthread_create(&threads[started], NULL, work, e) != 0)
            break;                          /* fewer threads do the same work */
    work(e);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}

/* ---- all of it --------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const struct uct_source *x = *(struct uct_source *const *)a, *y = *(struct uct_source *const *)b;
    int c = strcmp(x->name, y->name);
    if (c)
        return c;
    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static bool collect(struct engine *e, struct uct_sources *out)
{
    for (size_t i = 0; i < e->nlanes; i++) {
        struct uct_sources *from = &e->lanes[i].sources;
        for (size_t k = 0; k < from->n; k++) {
            if (!UCT_ROOM(out->items, out->n, out->cap))
                return false;
            out->items[out->n++] = from->items[k];
            from->items[k] = NULL;
        }
    }
    if (out->n)
        qsort(out->items, out->n, sizeof *out->items, by_name);
    return true;
}

static void engine_free(struct engine *e)
{
    for (size_t i = 0; i < e->nlanes; i++) {
        struct lane *l = &e->lanes[i];
        part_free(e, l->part);
        for (struct epoch *x = l->epochs, *next; x; x = next) {
            next = x->next;
            epoch_free(e, x);
        }
        if (l->in)
            uct_lane_close(l->in);
        free(l->buf);
        for (size_t k = 0; k < l->sources.n; k++)
            source_free(l->sources.items[k]);
        free(l->sources.items);
    }
    free(e->lanes);
    while (e->nspare)
        free(e->spare[--e->nspare]);
    uct_input_free(e->input);
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->wake);
}

enum uct_status uct_engine_read(const struct uct_options *o, const struct uct_interest *interest,
                                const struct uct_epochs *epochs, const char *const *paths, size_t npaths,
                                struct uct_sources *out)
{
    *out = (struct uct_sources){.strings = uct_intern_new(), .spill = epochs ? epochs->spill : NULL};
    if (!out->strings)
        return UCT_FATAL;
    uct_intern_spill(out->strings, out->spill);
    struct engine e = {.options = o, .epochs = epochs, .interest = interest, .strings = out->strings,
                       .limits = o->limits ? *o->limits : uct_limits_default};
    pthread_mutex_init(&e.lock, NULL);
    pthread_cond_init(&e.wake, NULL);
    if (o->parser)
        e.forced = uct_parser_find(uct_slice_str(o->parser));
    struct uct_input_options in = {.limits = e.limits, .include = o->include, .ninclude = o->ninclude,
                                   .exclude = o->exclude, .nexclude = o->nexclude, .map = o->map};
    enum uct_status st = uct_input_open(&e.input, &in, paths, npaths);
    if (st >= UCT_WARN) {
        e.nlanes = uct_input_lanes(e.input);
        e.lanes = calloc(e.nlanes ? e.nlanes : 1, sizeof *e.lanes);
        if (!e.lanes) {
            e.nlanes = 0;
            e.failed = true;
        }
        for (size_t i = 0; i < e.nlanes; i++)
            e.lanes[i].index = i;
        if (!e.failed)
            run_threads(&e);
        if (!collect(&e, out))
            e.failed = true;
    }
    engine_free(&e);
    return st < UCT_WARN || e.failed || uct_intern_failed(out->strings) ? UCT_FATAL : UCT_OK;
}
