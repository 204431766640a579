/* The second reading.
 *
 * Items are sorted by source and offset.  A stream of the input serves the
 * items of its own name and those of its pieces and parts, which are named
 * NAME#n and NAME@line and whose offsets are positions in the stream. */
#include "quote.h"

#include <stdlib.h>
#include <sys/stat.h>

#define PIECE (64u << 10)
#define RECORD_MAX (64u << 10)       /* how far a record is followed by its lines */

struct stamp {
    char *name;
    bool file;
    uint64_t size;
    int64_t sec, nsec;
};

struct uct_quote {
    const struct uct_options *options;
    const char *const *paths;
    size_t npaths;
    struct stamp *stamps;
    size_t n;
};

/* ---- did the file change? ------------------------------------------------ */

static bool take_stamp(struct stamp *s, const char *name)
{
    struct stat st;
    s->name = strdup(name);
    if (!s->name)
        return false;
    if (strcmp(name, "-") == 0 ? fstat(0, &st) != 0 : stat(name, &st) != 0)
        return true;
    s->file = S_ISREG(st.st_mode);
    s->size = (uint64_t)st.st_size;
    s->sec = st.st_mtim.tv_sec;
    s->nsec = st.st_mtim.tv_nsec;
    return true;
}

/* UCT_OK, UCT_FAILED when it is another one now, UCT_FATAL.  A pipe gave its
 * text once and has it no more. */
static enum uct_status unchanged(const struct uct_quote *q, size_t i, const char *name)
{
    struct stamp now = {0};
    for (size_t k = 0; k < q->n && (i >= q->n || strcmp(q->stamps[i].name, name) != 0); k++)
        if (strcmp(q->stamps[k].name, name) == 0)
            i = k;
    if (i >= q->n)
        return UCT_FAILED;
    if (!take_stamp(&now, name))
        return UCT_FATAL;
    const struct stamp *was = &q->stamps[i];
    bool same =
        was->file && now.file && was->size == now.size && was->sec == now.sec && was->nsec == now.nsec;
    free(now.name);
    return same ? UCT_OK : UCT_FAILED;
}

static enum uct_status open_input(const struct uct_quote *q, struct uct_input **in)
{
    const struct uct_options *o = q->options;
    struct uct_input_options in_options = {.limits = o->limits ? *o->limits : uct_limits_default,
                                           .include = o->include, .ninclude = o->ninclude,
                                           .exclude = o->exclude, .nexclude = o->nexclude, .map = o->map};
    return uct_input_open(in, &in_options, q->paths, q->npaths);
}

enum uct_status uct_quote_new(struct uct_quote **out, const struct uct_options *o, const char *const *paths,
                              size_t npaths)
{
    struct uct_input *in = NULL;
    struct uct_quote *q = calloc(1, sizeof *q);
    if (!q)
        return UCT_FATAL;
    *q = (struct uct_quote){.options = o, .paths = paths, .npaths = npaths};
    enum uct_status st = open_input(q, &in);
    if (st >= UCT_WARN) {
        size_t n = uct_input_lanes(in);
        q->stamps = calloc(n ? n : 1, sizeof *q->stamps);
        st = q->stamps ? UCT_OK : UCT_FATAL;
        for (; st == UCT_OK && q->n < n; q->n++)
            if (!take_stamp(&q->stamps[q->n], uct_input_name(in, q->n)))
                st = UCT_FATAL;
    }
    uct_input_free(in);
    if (st != UCT_OK) {
        uct_quote_free(q);
        return UCT_FATAL;
    }
    *out = q;
    return UCT_OK;
}

void uct_quote_free(struct uct_quote *q)
{
    if (!q)
        return;
    for (size_t i = 0; i < q->n; i++)
        free(q->stamps[i].name);
    free(q->stamps);
    free(q);
}

/* ---- whose items? --------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const struct uct_quote_item *x = a, *y = b;
    int c = strcmp(x->source, y->source);
    if (c)
        return c;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

static int by_offset(const void *a, const void *b)
{
    const struct uct_quote_item *x = *(struct uct_quote_item *const *)a;
    const struct uct_quote_item *y = *(struct uct_quote_item *const *)b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

/* First item whose source does not come before `key`. */
static size_t lower(const struct uct_quote_item *v, size_t n, const char *key)
{
    size_t lo = 0;
    while (lo < n) {
        size_t mid = lo + (n - lo) / 2;
        if (strcmp(v[mid].source, key) < 0)
            lo = mid + 1;
        else
            n = mid;
    }
    return lo;
}

/* The items whose source is `name`, or goes on with one of `marks` behind it;
 * adds them to list if there is one.  Returns how many, SIZE_MAX without memory. */
static size_t belonging(struct uct_quote_item *v, size_t n, const char *name, const char *marks,
                        struct uct_quote_item **list)
{
    struct uct_buf key = {0};
    size_t found = 0, len = strlen(name);
    for (size_t m = 0; m <= strlen(marks); m++) {
        key.n = 0;
        uct_buf_adds(&key, name);
        uct_buf_addc(&key, m ? marks[m - 1] : '\0');
        if (key.failed)
            break;
        for (size_t i = lower(v, n, key.p); i < n; i++) {
            bool fits = m ? strncmp(v[i].source, key.p, len + 1) == 0 : strcmp(v[i].source, name) == 0;
            if (!fits)
                break;
            if (list)
                list[found] = &v[i];
            found++;
        }
    }
    bool failed = key.failed;
    uct_buf_free(&key);
    return failed ? SIZE_MAX : found;
}

/* As the engine names its sources. */
static bool clean_name(const char *name, struct uct_buf *out)
{
    out->n = 0;
    uct_utf8_clean(out, uct_slice_str(name));
    uct_buf_add(out, "", 0);
    for (size_t i = 0; i < out->n && !out->failed; i++)
        if (out->p[i] == '\n' || out->p[i] == '\t')
            out->p[i] = '?';
    return !out->failed && out->p;
}

/* ---- reading -------------------------------------------------------------- */

struct window {
    struct uct_stream *stream;
    char *buf;
    size_t n, cap;
    uint64_t at;                  /* of buf[0] in the stream */
    bool ended;
};

/* Drops what stands before `to`. */
static bool skip_to(struct window *w, uint64_t to)
{
    if (to > w->at && to - w->at < w->n) {
        w->n -= (size_t)(to - w->at);
        memmove(w->buf, w->buf + (to - w->at), w->n);
        w->at = to;
        return true;
    }
    if (to <= w->at)
        return true;
    w->at += w->n;
    w->n = 0;
    while (w->at < to && !w->ended) {
        size_t want = to - w->at < w->cap ? (size_t)(to - w->at) : w->cap;
        size_t got = uct_stream_read(w->stream, w->buf, want);
        w->at += got;
        w->ended = got < want;
    }
    return w->at == to;
}

static enum uct_status fill(struct window *w, size_t want)
{
    if (w->cap < want) {
        char *p = realloc(w->buf, want);
        if (!p)
            return UCT_FATAL;
        w->buf = p;
        w->cap = want;
    }
    if (w->n < want && !w->ended) {
        w->n += uct_stream_read(w->stream, w->buf + w->n, want - w->n);
        w->ended = w->n < want;
    }
    return UCT_OK;
}

struct reading {
    struct uct_quote *q;
    struct uct_quote_item *items;
    size_t n, left;
    bool *done;
    uct_quote_fn *fn;
    void *arg;
    struct uct_quote_place *place;      /* instead of fn */
};

static void give(struct reading *r, struct uct_quote_item *i, struct uct_slice text, bool lost)
{
    if (r->done[i - r->items])
        return;
    r->done[i - r->items] = true;
    r->left--;
    r->fn(r->arg, i->tag, lost ? uct_slice("", 0) : text, lost);
}

/* One record at most: what a row says of its length is not trusted beyond it. */
static size_t bounded(const struct reading *r, uint32_t length)
{
    const struct uct_limits *l = r->q->options->limits;
    uint64_t most = l ? l->record : uct_limits_default.record;
    return length < most ? length : (size_t)most;
}

static enum uct_status serve(struct reading *r, struct uct_stream *s, struct uct_quote_item **list, size_t n)
{
    const char *map;
    size_t size;
    struct window w = {.stream = s};
    enum uct_status st = UCT_OK;
    qsort(list, n, sizeof(struct uct_quote_item *), by_offset);
    if (uct_stream_map(s, &map, &size)) {
        for (size_t i = 0; i < n; i++) {
            size_t len = bounded(r, list[i]->length);
            bool there = list[i]->offset <= size && len <= size - list[i]->offset;
            give(r, list[i], there ? uct_slice(map + list[i]->offset, len) : uct_slice("", 0), !there);
        }
        return UCT_OK;
    }
    for (size_t i = 0; i < n && st == UCT_OK; i++) {
        size_t len = bounded(r, list[i]->length);
        if (w.cap < PIECE) {
            w.n = 0;
            st = fill(&w, PIECE);
        }
        if (st == UCT_OK && skip_to(&w, list[i]->offset))
            st = fill(&w, len);
        if (st != UCT_OK)
            break;
        bool there = w.at == list[i]->offset && w.n >= len;
        give(r, list[i], there ? uct_slice(w.buf, len) : uct_slice("", 0), !there);
    }
    free(w.buf);
    return st;
}

/* ---- a record by its line -------------------------------------------------- */

struct finder {
    struct uct_quote_place *at;
    struct uct_buf record;        /* from the last head on */
    uint32_t line, first;         /* of what comes next; of the record */
    bool headed, found, over;
};

/* Until the line is met, each head begins anew; then the next head ends. */
static void take_line(struct finder *f, struct uct_slice whole)
{
    struct uct_slice rest = whole, line = whole;
    uct_next_line(&rest, &line);
    bool head = f->at->head && f->at->head(line);
    bool lone = !f->headed || f->record.n + whole.n > RECORD_MAX;
    if (f->found && (head || lone || f->line == f->at->behind)) {
        f->over = true;
        return;
    }
    if (head || (lone && !f->found)) {
        f->record.n = 0;
        f->first = f->line;
        f->headed = head;
    }
    uct_buf_add(&f->record, whole.p, whole.n);
    f->found |= f->line == f->at->line;
    f->line++;
}

static enum uct_status find_line(struct uct_quote_place *at, struct uct_stream *s)
{
    struct finder f = {.at = at, .line = 1, .first = 1};
    struct window w = {.stream = s};
    enum uct_status st = UCT_OK;
    size_t want = PIECE;
    while (!f.over && st == UCT_OK) {
        st = fill(&w, want);
        struct uct_slice rest = uct_slice(w.buf, w.n);
        while (st == UCT_OK && rest.n && !f.over) {
            const char *nl = memchr(rest.p, '\n', rest.n);
            if (!nl && !w.ended && w.n < RECORD_MAX * 16)
                break;
            size_t n = nl ? (size_t)(nl - rest.p) + 1 : rest.n;
            take_line(&f, uct_slice(rest.p, n));
            rest = uct_slice(rest.p + n, rest.n - n);
        }
        if (w.ended && !rest.n)
            break;
        want = rest.n + PIECE;
        if (st == UCT_OK && rest.n)
            memmove(w.buf, rest.p, rest.n);
        w.n = rest.n;
    }
    free(w.buf);
    if (f.found && st == UCT_OK) {
        at->text = f.record;
        at->first = f.first;
        return f.record.failed ? UCT_FATAL : UCT_OK;
    }
    uct_buf_free(&f.record);
    return st;
}

/* ---- all lanes -------------------------------------------------------------- */

static enum uct_status read_stream(struct reading *r, struct uct_stream *s, struct uct_buf *name)
{
    if (!clean_name(uct_stream_name(s), name))
        return UCT_FATAL;
    size_t n = belonging(r->items, r->n, name->p, "#@", NULL);
    if (!n || n == SIZE_MAX)
        return n ? UCT_FATAL : UCT_OK;
    if (r->place) {
        r->left = 0;
        return find_line(r->place, s);
    }
    struct uct_quote_item **list = calloc(n, sizeof *list);
    if (!list)
        return UCT_FATAL;
    bool listed = belonging(r->items, r->n, name->p, "#@", list) == n;
    enum uct_status st = listed ? serve(r, s, list, n) : UCT_FATAL;
    free(list);
    return st;
}

static enum uct_status read_lane(struct reading *r, struct uct_input *in, size_t i, struct uct_buf *name)
{
    struct uct_stream *s;
    if (!clean_name(uct_input_name(in, i), name))
        return UCT_FATAL;
    size_t n = belonging(r->items, r->n, name->p, "!#@", NULL);
    if (!n || n == SIZE_MAX)
        return n ? UCT_FATAL : UCT_OK;
    enum uct_status st = unchanged(r->q, i, uct_input_name(in, i));
    if (st != UCT_OK)
        return st == UCT_FATAL ? st : UCT_OK;
    struct uct_lane *lane = uct_lane_open(in, i);
    st = lane ? UCT_OK : UCT_FATAL;
    while (st == UCT_OK && r->left) {
        enum uct_status next = uct_lane_next(lane, &s);
        if (next == UCT_EOF)
            break;
        st = next == UCT_OK ? read_stream(r, s, name) : UCT_FATAL;
    }
    uct_lane_close(lane);
    return st;
}

static enum uct_status read_all(struct reading *r)
{
    struct uct_input *in = NULL;
    struct uct_buf name = {0};
    r->done = calloc(r->n ? r->n : 1, sizeof *r->done);
    r->left = r->n;
    enum uct_status st = r->done ? open_input(r->q, &in) : UCT_FATAL;
    for (size_t i = 0; st >= UCT_WARN && r->left && i < uct_input_lanes(in); i++)
        st = read_lane(r, in, i, &name);
    for (size_t i = 0; st >= UCT_WARN && i < r->n && !r->place; i++)
        give(r, &r->items[i], uct_slice("", 0), true);
    uct_input_free(in);
    uct_buf_free(&name);
    free(r->done);
    return st >= UCT_WARN ? UCT_OK : UCT_FATAL;
}

enum uct_status uct_quote_read(struct uct_quote *q, struct uct_quote_item *items, size_t n, uct_quote_fn *fn,
                               void *arg)
{
    struct reading r = {.q = q, .items = items, .n = n, .fn = fn, .arg = arg};
    if (n > 1)
        qsort(items, n, sizeof *items, by_place);
    return n ? read_all(&r) : UCT_OK;
}

enum uct_status uct_quote_line(struct uct_quote *q, struct uct_quote_place *at)
{
    struct uct_quote_item item = {.source = at->source};
    struct reading r = {.q = q, .items = &item, .n = 1, .place = at};
    return read_all(&r);
}
