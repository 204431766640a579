/* A lane: one top-level file and whatever is found in it, one stream after the
 * other.  The archives that are open form a stack; everything that can be
 * bounded (depth, members, bytes, ratio) is counted here for all of them. */
#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RATIO_FROM (1024ull * 1024 * 1024)
#define MEMORY (64u * 1024 * 1024)

struct uct_stream {
    struct uct_lane *lane;
    struct uct_buf name;
    struct uct_layer *top;           /* NULL: only a state */
    size_t skip;                     /* bytes of the file before the text (a mark) */
    bool mappable;
    bool read;
    enum uct_state state;            /* of a stream without layers */
    char note[2 * UCT_NOTE];
};

struct uct_lane {
    const struct uct_input *in;
    const struct uct_entry *entry;
    struct uct_level *level;         /* innermost */
    struct uct_stream s;
    locale_t locale;                 /* libarchive converts names to the thread's: UTF-8 */
    bool begun, failed;
    bool limited, limit_told;
    char limit_note[UCT_NOTE];
    atomic_ullong taken;
    uint64_t made, members;
    size_t borrowed;
};

enum step { STEP_STREAM, STEP_AGAIN, STEP_END, STEP_FATAL };

/* ---- what layers ask of the lane -------------------------------------------- */

void uct_lane_failed(struct uct_lane *lane)
{
    lane->failed = true;
}

void uct_lane_took(struct uct_lane *lane, uint64_t n)
{
    atomic_fetch_add_explicit(&lane->taken, n, memory_order_relaxed);
}

const struct uct_limits *uct_lane_limits(const struct uct_lane *lane)
{
    return &lane->in->o.limits;
}

bool uct_lane_borrow(struct uct_lane *lane, size_t n)
{
    if (n > MEMORY - lane->borrowed)
        return false;
    lane->borrowed += n;
    return true;
}

void uct_lane_return(struct uct_lane *lane, size_t n)
{
    lane->borrowed -= n;
}

size_t uct_lane_spend(struct uct_layer *l, size_t n)
{
    struct uct_lane *lane = l->lane;
    const struct uct_limits *most = uct_lane_limits(lane);
    uint64_t taken = atomic_load_explicit(&lane->taken, memory_order_relaxed), by_ratio = RATIO_FROM;
    if (taken > RATIO_FROM / most->ratio)
        by_ratio = taken > UINT64_MAX / most->ratio ? UINT64_MAX : taken * most->ratio;
    uint64_t end = most->bytes < by_ratio ? most->bytes : by_ratio;
    if (n <= end && lane->made <= end - n) {
        lane->made += n;
        return n;
    }
    if (most->bytes <= by_ratio)
        snprintf(lane->limit_note, sizeof lane->limit_note,
                 "unpacking stopped at %llu byte%s, the rest was not read: raise the limit with "
                 "'--limits bytes='", (unsigned long long)most->bytes, most->bytes == 1 ? "" : "s");
    else
        snprintf(lane->limit_note, sizeof lane->limit_note,
                 "unpacking stopped: more than %llu bytes came out of %llu, over %u to 1, the rest was not "
                 "read; if the file is genuine, raise the limit with '--limits ratio='",
                 (unsigned long long)by_ratio, (unsigned long long)taken, most->ratio);
    size_t within = lane->made < end ? (size_t)(end - lane->made) : 0;
    lane->made = end;
    lane->limited = true;
    uct_layer_fail(l, UCT_STATE_LIMITED, "%s", lane->limit_note);
    return within;
}

bool uct_lane_member(struct uct_lane *lane)
{
    uint64_t most = uct_lane_limits(lane)->members;
    if (lane->limited)
        return false;
    if (lane->members++ < most)
        return true;
    lane->limited = true;
    snprintf(lane->limit_note, sizeof lane->limit_note,
             "more than %llu file%s in archives: the rest was not read; raise the limit with "
             "'--limits members='", (unsigned long long)most, most == 1 ? "" : "s");
    return false;
}

/* ---- names -------------------------------------------------------------------- */

static bool excluded(const struct uct_lane *lane, const char *name)
{
    const struct uct_input_options *o = &lane->in->o;
    for (size_t i = 0; i < o->nexclude; i++)
        if (uct_glob_name(o->exclude[i], name))
            return true;
    return false;
}

static bool included(const struct uct_lane *lane, const char *name)
{
    const struct uct_input_options *o = &lane->in->o;
    for (size_t i = 0; i < o->ninclude; i++)
        if (uct_glob_name(o->include[i], name))
            return true;
    return o->ninclude == 0;
}

static bool name_is(struct uct_lane *lane, const char *name)
{
    struct uct_buf *b = &lane->s.name;
    b->n = 0;
    uct_buf_adds(b, name);
    if (b->failed)
        lane->failed = true;
    return !b->failed;
}

/* A path as text: what a terminal or JSON cannot show is replaced. */
static bool name_is_path(struct uct_lane *lane, const char *path)
{
    struct uct_buf *b = &lane->s.name;
    b->n = 0;
    uct_utf8_clean(b, uct_slice_str(path));
    for (size_t i = 0; i < b->n; i++)
        if (b->p[i] == '\n' || b->p[i] == '\t')
            b->p[i] = '?';
    if (b->failed)
        lane->failed = true;
    return !b->failed;
}

/* ---- making a stream ------------------------------------------------------------ */

static enum step fixed(struct uct_lane *lane, enum uct_state state, const char *note)
{
    lane->s.state = state;
    snprintf(lane->s.note, sizeof lane->s.note, "%s", note);
    return STEP_STREAM;
}

static enum step too_deep(struct uct_lane *lane, struct uct_layer *l)
{
    uct_layer_free(l);
    char note[UCT_NOTE];
    snprintf(note, sizeof note,
             "archives inside one another, more than %u deep: unpack it by hand, or raise the limit with "
             "'--limits depth='",
             uct_lane_limits(lane)->depth);
    return fixed(lane, UCT_STATE_LIMITED, note);
}

static enum step enter(struct uct_lane *lane, struct uct_layer *l, enum uct_kind kind, unsigned depth,
                       bool in)
{
    char *name = strdup(lane->s.name.p);
    if (!name) {
        uct_layer_free(l);
        return STEP_FATAL;
    }
    struct uct_level *v = uct_level_open(l, kind, name);
    if (!v)
        return STEP_FATAL;
    v->up = lane->level;
    v->depth = depth + 1;
    v->included = in;
    lane->level = v;
    return STEP_AGAIN;
}

/* Nothing claims the bytes any more: text, to be decoded perhaps. */
static enum step settle(struct uct_lane *lane, struct uct_layer *l, enum uct_kind kind)
{
    struct uct_stream *s = &lane->s;
    if (kind == UCT_KIND_UTF8_BOM)
        s->skip = 3;
    else if (kind == UCT_KIND_UTF16LE_BOM || kind == UCT_KIND_UTF16BE_BOM)
        s->skip = 2;
    uct_layer_drop(l, s->skip);
    s->mappable = kind == UCT_KIND_PLAIN || kind == UCT_KIND_UTF8_BOM;
    if (kind >= UCT_KIND_UTF16LE_BOM) {
        l = uct_decode_open(l, kind == UCT_KIND_UTF16BE_BOM || kind == UCT_KIND_UTF16BE);
        if (!l)
            return STEP_FATAL;
    }
    if (uct_lines_bare(l)) {
        s->mappable = false;
        l = uct_lines_open(l);
        if (!l)
            return STEP_FATAL;
    }
    s->top = l;
    bool none = kind == UCT_KIND_NONE || kind == UCT_KIND_EMPTY_TAR || uct_layer_peek(l, 1).n == 0;
    if (!none || uct_layer_fault(l) || lane->failed)
        return STEP_STREAM;
    uct_layer_free(l);
    s->top = NULL;
    return fixed(lane, UCT_STATE_EMPTY,
                 kind == UCT_KIND_EMPTY_TAR ? "no files in this archive" : "the file is empty");
}

/* Unwraps l in rounds until none claims it.  s.name is set. */
static enum step offer(struct uct_lane *lane, struct uct_layer *l, unsigned depth, bool in)
{
    unsigned most = uct_lane_limits(lane)->depth;
    in = in || included(lane, lane->s.name.p);
    for (bool packed = false;; packed = true) {
        enum uct_kind kind = uct_kind_of(l);
        if (uct_kind_archive(kind))
            return depth >= most ? too_deep(lane, l)
                                 : enter(lane, l, kind, depth, in && lane->in->o.ninclude);
        if (kind != UCT_KIND_GZIP && !uct_kind_filter(kind)) {
            if (in)
                return settle(lane, l, kind);
            uct_layer_free(l);
            return STEP_AGAIN;
        }
        /* The gzip of a tar.gz is not a depth of its own, a gzip in a gzip is. */
        if (packed && ++depth > most)
            return too_deep(lane, l);
        l = kind == UCT_KIND_GZIP ? uct_gzip_open(l) : uct_filter_open(l, kind);
        if (!l)
            return STEP_FATAL;
    }
}

/* ---- steps ------------------------------------------------------------------------ */

static enum step unreadable(struct uct_lane *lane, const char *what, int error)
{
    char text[96], note[UCT_NOTE];
    if (error)
        snprintf(note, sizeof note, "%s: %s", what, uct_errno_text(error, text, sizeof text));
    else
        snprintf(note, sizeof note, "%s", what);
    return fixed(lane, UCT_STATE_UNREADABLE, note);
}

static enum step begin(struct uct_lane *lane)
{
    const struct uct_entry *e = lane->entry;
    if (lane->begun)
        return STEP_END;
    lane->begun = true;
    if (!name_is_path(lane, e->name))
        return STEP_FATAL;
    if (excluded(lane, lane->s.name.p))
        return STEP_END;
    if (e->kind == UCT_ENTRY_EMPTY_DIR)
        return fixed(lane, UCT_STATE_EMPTY, "no files in this directory");
    if (e->kind == UCT_ENTRY_ERROR)
        return unreadable(lane, e->what, e->error);
    int fd = STDIN_FILENO;
    if (e->kind == UCT_ENTRY_FILE) {
        do
            fd = open(e->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        while (fd < 0 && errno == EINTR);
        if (fd < 0)
            return unreadable(lane, "cannot be opened", errno);
    }
    struct uct_layer *l = uct_file_open(lane, fd, e->kind == UCT_ENTRY_FILE);
    return l ? offer(lane, l, 0, false) : STEP_FATAL;
}

/* The innermost archive has ended: what is there to say about it as a whole? */
static enum step leave(struct uct_lane *lane)
{
    struct uct_level *v = lane->level;
    enum step r = STEP_AGAIN;
    if (!name_is(lane, v->name))
        return STEP_FATAL;
    if (v->state != UCT_STATE_OK && v->state != UCT_STATE_LIMITED)
        r = fixed(lane, v->state, v->note);
    else if (v->state == UCT_STATE_LIMITED && !lane->limited)
        r = fixed(lane, v->state, v->note);
    else if (v->members == 0 && v->over && !lane->limited)
        r = fixed(lane, UCT_STATE_EMPTY, "no files in this archive");
    lane->level = v->up;
    uct_level_free(v);
    return r;
}

static enum step inside(struct uct_lane *lane)
{
    struct uct_level *v = lane->level;
    bool encrypted = false;
    if (!name_is(lane, v->name))
        return STEP_FATAL;
    uct_buf_addc(&lane->s.name, '!');
    locale_t old = lane->locale ? uselocale(lane->locale) : (locale_t)0;
    enum uct_status st = uct_level_next(v, &lane->s.name, &encrypted);
    if (lane->locale)
        uselocale(old);
    if (lane->failed || lane->s.name.failed || st == UCT_FATAL)
        return STEP_FATAL;
    if (st == UCT_EOF)
        return leave(lane);
    if (uct_name_junk(lane->s.name.p))
        return STEP_AGAIN;
    v->members++;
    if (excluded(lane, lane->s.name.p))
        return STEP_AGAIN;
    if (encrypted)
        return v->included || included(lane, lane->s.name.p)
                   ? fixed(lane, UCT_STATE_UNSUPPORTED,
                           "locked by a password: unpack it with the password and give the folder")
                   : STEP_AGAIN;
    struct uct_layer *l = uct_level_member(v);
    return l ? offer(lane, l, v->depth, v->included) : STEP_FATAL;
}

static void stream_reset(struct uct_lane *lane)
{
    struct uct_stream *s = &lane->s;
    const struct uct_layer *fault = uct_layer_fault(s->top);
    if (fault && fault->state == UCT_STATE_LIMITED)
        lane->limit_told = true;
    uct_layer_free(s->top);
    s->top = NULL;
    s->state = UCT_STATE_OK;
    s->note[0] = '\0';
    s->skip = 0;
    s->mappable = s->read = false;
}

static enum step advance(struct uct_lane *lane)
{
    if (!lane->limited)
        return lane->level ? inside(lane) : begin(lane);
    if (lane->limit_told)
        return STEP_END;
    /* A limit was passed between two streams: the lane itself says so. */
    lane->limit_told = true;
    if (!name_is(lane, lane->level ? lane->level->name : lane->s.name.p ? lane->s.name.p : lane->entry->name))
        return STEP_FATAL;
    return fixed(lane, UCT_STATE_LIMITED, lane->limit_note);
}

/* ---- the door ----------------------------------------------------------------------- */

struct uct_lane *uct_lane_open(struct uct_input *in, size_t i)
{
    struct uct_lane *lane = i < in->n ? calloc(1, sizeof *lane) : NULL;
    if (!lane)
        return NULL;
    lane->in = in;
    lane->entry = &in->entries[i];
    lane->s.lane = lane;
    lane->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    return lane;
}

enum uct_status uct_lane_next(struct uct_lane *lane, struct uct_stream **s)
{
    enum step r = STEP_AGAIN;
    if (!lane)                       /* it could not be opened for want of memory */
        return UCT_FATAL;
    while (r == STEP_AGAIN && !lane->failed) {
        stream_reset(lane);
        r = advance(lane);
    }
    if (lane->failed || r == STEP_FATAL) {
        lane->failed = true;
        return UCT_FATAL;
    }
    if (r == STEP_END)
        return UCT_EOF;
    *s = &lane->s;
    return UCT_OK;
}

uint64_t uct_lane_position(const struct uct_lane *lane)
{
    return atomic_load_explicit(&((struct uct_lane *)(uintptr_t)lane)->taken, memory_order_relaxed);
}

void uct_lane_close(struct uct_lane *lane)
{
    if (!lane)
        return;
    stream_reset(lane);
    while (lane->level) {
        struct uct_level *up = lane->level->up;
        uct_level_free(lane->level);
        lane->level = up;
    }
    uct_buf_free(&lane->s.name);
    if (lane->locale)
        freelocale(lane->locale);
    free(lane);
}

const char *uct_stream_name(const struct uct_stream *s)
{
    return s->name.p;
}

size_t uct_stream_read(struct uct_stream *s, char *buf, size_t n)
{
    if (!s->top || s->lane->failed)
        return 0;
    s->read = true;
    return uct_layer_read(s->top, buf, n);
}

bool uct_stream_map(struct uct_stream *s, const char **p, size_t *n)
{
    if (!s->lane->in->o.map || !s->mappable || s->read || !s->top)
        return false;
    if (!uct_file_map(s->top, p, n) || *n < s->skip)
        return false;
    *p += s->skip;
    *n -= s->skip;
    return true;
}

size_t uct_stream_skipped(const struct uct_stream *s)
{
    return s->skip == 3 ? 3 : 0;
}

/* Notes of layers that are well ("UTF-16 decoded"), lowest first. */
static void gather(struct uct_stream *s, const struct uct_layer *l)
{
    if (!l)
        return;
    gather(s, l->below);
    size_t n = strlen(s->note);
    if (l->note[0])
        snprintf(s->note + n, sizeof s->note - n, "%s%s", n ? "; " : "", l->note);
}

enum uct_state uct_stream_state(struct uct_stream *s, const char **note)
{
    enum uct_state state = s->state;
    if (s->top) {
        struct uct_layer *bottom = s->top;
        while (bottom->below)
            bottom = bottom->below;
        uct_file_check(bottom);
        const struct uct_layer *fault = uct_layer_fault(s->top);
        state = fault ? fault->state : UCT_STATE_OK;
        s->note[0] = '\0';
        if (fault)
            snprintf(s->note, sizeof s->note, "%s", fault->note);
        else
            gather(s, s->top);
        if (s->lane->failed && !fault) {
            state = UCT_STATE_TRUNCATED;
            snprintf(s->note, sizeof s->note, "out of memory: what came was used");
        }
    }
    if (note)
        *note = s->note[0] ? s->note : NULL;
    return state;
}
