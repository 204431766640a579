/* gzip (RFC 1952), inflated by ISA-L where configure found it, else by zlib.
 *
 *   member = 1F 8B 08 FLG MTIME(4) XFL OS [XLEN extra] [name 0] [comment 0] [crc16] deflate CRC32(4) ISIZE(4)
 *   file   = 1*member *(0x00) [garbage]
 *
 * Header and chaining of members are done here for both; the engine inflates
 * one member and checks its trailer.  Output goes straight into the buffer of
 * whoever reads. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "layer.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#else
#include <zlib.h>
#endif

enum step { STEP_GO, STEP_END, STEP_BROKEN, STEP_CHECKSUM, STEP_STUCK };

struct span {
    const unsigned char *in;
    size_t nin;
    unsigned char *out;
    size_t nout;
};

#define MOST (1u << 30)              /* both engines count in 32 bits */

#ifdef HAVE_ISAL

struct engine {
    struct inflate_state s;
};

static bool engine_init(struct engine *e)
{
    isal_inflate_init(&e->s);
    return true;
}

static void engine_reset(struct engine *e)
{
    isal_inflate_reset(&e->s);
    e->s.crc_flag = ISAL_GZIP_NO_HDR_VER;
}

static void engine_end(struct engine *e)
{
    (void)e;
}

static enum step engine_run(struct engine *e, struct span *s)
{
    uint32_t nin = s->nin < MOST ? (uint32_t)s->nin : MOST, nout = s->nout < MOST ? (uint32_t)s->nout : MOST;
    e->s.next_in = (uint8_t *)(uintptr_t)s->in;
    e->s.avail_in = nin;
    e->s.next_out = s->out;
    e->s.avail_out = nout;
    int r = isal_inflate(&e->s);
    s->in += nin - e->s.avail_in;
    s->nin -= nin - e->s.avail_in;
    s->out += nout - e->s.avail_out;
    s->nout -= nout - e->s.avail_out;
    if (r == ISAL_INCORRECT_CHECKSUM)
        return STEP_CHECKSUM;
    if (r < 0)
        return STEP_BROKEN;
    return e->s.block_state == ISAL_BLOCK_FINISH ? STEP_END : STEP_GO;
}

/* After damage: what was inflated before it and not given out yet.  ISA-L
 * decodes ahead of a small buffer and returns the error at once. */
static void engine_rest(struct engine *e, struct span *s)
{
    int32_t k = e->s.tmp_out_valid - e->s.tmp_out_processed;
    if (k <= 0)
        return;
    size_t n = (size_t)k < s->nout ? (size_t)k : s->nout;
    memcpy(s->out, e->s.tmp_out_buffer + e->s.tmp_out_processed, n);
    e->s.tmp_out_processed += (int32_t)n;
    s->out += n;
    s->nout -= n;
}

#else

struct engine {
    z_stream z;
    uint32_t crc, size;
    unsigned char trailer[8];
    unsigned ntrailer;
    bool inflated;
};

static bool engine_init(struct engine *e)
{
    return inflateInit2(&e->z, -15) == Z_OK;
}

static void engine_reset(struct engine *e)
{
    inflateReset(&e->z);
    e->crc = e->size = 0;
    e->ntrailer = 0;
    e->inflated = false;
}

static void engine_end(struct engine *e)
{
    inflateEnd(&e->z);
}

static uint32_t le32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static enum step engine_trailer(struct engine *e, struct span *s)
{
    while (e->ntrailer < 8 && s->nin) {
        e->trailer[e->ntrailer++] = *s->in++;
        s->nin--;
    }
    if (e->ntrailer < 8)
        return STEP_GO;
    return le32(e->trailer) == e->crc && le32(e->trailer + 4) == e->size ? STEP_END : STEP_CHECKSUM;
}

static enum step engine_run(struct engine *e, struct span *s)
{
    if (e->inflated)
        return engine_trailer(e, s);
    uInt nin = s->nin < MOST ? (uInt)s->nin : MOST, nout = s->nout < MOST ? (uInt)s->nout : MOST;
    e->z.next_in = (Bytef *)(uintptr_t)s->in;
    e->z.avail_in = nin;
    e->z.next_out = s->out;
    e->z.avail_out = nout;
    int r = inflate(&e->z, Z_NO_FLUSH);
    uInt made = nout - e->z.avail_out;
    e->crc = (uint32_t)crc32(e->crc, s->out, made);
    e->size += made;
    s->in += nin - e->z.avail_in;
    s->nin -= nin - e->z.avail_in;
    s->out += made;
    s->nout -= made;
    if (r == Z_STREAM_END) {
        e->inflated = true;
        return engine_trailer(e, s);
    }
    return r == Z_OK || r == Z_BUF_ERROR ? STEP_GO : STEP_BROKEN;
}

static void engine_rest(struct engine *e, struct span *s)
{
    (void)e;
    (void)s;
}

#endif

struct gzip {
    struct uct_layer l;
    unsigned char *buf;
    size_t at, n;                    /* what is in buf */
    uint64_t given;                  /* bytes taken from below, all of buf included */
    uint64_t members;
    bool inside;                     /* in a member's data */
    bool broken;                     /* damaged: only the engine's rest is left to give */
    bool begun;                      /* the engine must be ended */
    struct engine e;
};

static unsigned long long position(const struct gzip *g)
{
    return g->given - (g->n - g->at);
}

static bool refill(struct gzip *g)
{
    if (g->at < g->n)
        return true;
    g->at = 0;
    g->n = uct_layer_read(g->l.below, (char *)g->buf, UCT_PIECE);
    g->given += g->n;
    return g->n > 0;
}

static int byte(struct gzip *g)
{
    return refill(g) ? g->buf[g->at++] : -1;
}

static bool skip(struct gzip *g, size_t n)
{
    while (n--)
        if (byte(g) < 0)
            return false;
    return true;
}

static bool skip_text(struct gzip *g)
{
    int c;
    do
        c = byte(g);
    while (c > 0);
    return c == 0;
}

static void cut(struct gzip *g)
{
    uct_layer_fail(&g->l, UCT_STATE_TRUNCATED,
                   "the gzip data ends early, after %llu bytes: what came was used; fetch the file again",
                   position(g));
}

/* Behind the magic.  False when it ends or makes no sense. */
static bool header_rest(struct gzip *g)
{
    enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16, RESERVED = 0xe0 };
    int flags = byte(g);
    if (flags >= 0 && (flags & RESERVED)) {
        uct_layer_fail(&g->l, UCT_STATE_CORRUPT, "damaged gzip header before byte %llu: fetch the file again",
                       position(g));
        return false;
    }
    bool whole = flags >= 0 && skip(g, 6);
    if (whole && (flags & FEXTRA)) {
        int lo = byte(g), hi = byte(g);
        whole = hi >= 0 && skip(g, (size_t)lo | (size_t)hi << 8);
    }
    if (whole && (flags & FNAME))
        whole = skip_text(g);
    if (whole && (flags & FCOMMENT))
        whole = skip_text(g);
    if (whole && (flags & FHCRC))
        whole = skip(g, 2);
    if (!whole)
        cut(g);
    return whole;
}

static bool garbage(struct gzip *g)
{
    snprintf(g->l.note, sizeof g->l.note,
             "bytes after the end of the gzip data, from byte %llu on, were left out", position(g) - 1);
    return false;
}

/* Between members: the next header, or the end for whatever reason. */
static bool next_member(struct gzip *g)
{
    static const unsigned char magic[] = {0x1f, 0x8b, 0x08};
    int c = byte(g);
    while (c == 0 && g->members)     /* padding of tapes and of block devices */
        c = byte(g);
    if (c < 0 && g->members)
        return false;
    for (unsigned i = 0; i < sizeof magic; i++, c = i < sizeof magic ? byte(g) : 0) {
        if (c < 0) {
            cut(g);
            return false;
        }
        if (c != magic[i])
            return garbage(g);
    }
    if (!header_rest(g))
        return false;
    engine_reset(&g->e);
    g->inside = true;
    g->members++;
    return true;
}

static void no_progress(struct gzip *g)
{
    /* ISA-L says OK for ever when its input is cut. */
    if (!refill(g))
        cut(g);
    else
        uct_layer_fail(&g->l, UCT_STATE_CORRUPT, "damaged gzip data near byte %llu: fetch the file again",
                       position(g));
}

/* One run of the engine.  It first gives all it can from what it has, so that
 * what was read from below when a limit cuts is the same for any buffer. */
static enum step inflate_some(struct gzip *g, struct span *s)
{
    size_t out = s->nout, in = g->n - g->at;
    s->in = g->buf + g->at;
    s->nin = in;
    enum step r = engine_run(&g->e, s);
    g->at = g->n - s->nin;
    if (r == STEP_GO && s->nout == out && s->nin == in && (in || !refill(g)))
        return STEP_STUCK;
    return r;
}

static void judge(struct gzip *g, enum step r)
{
    if (r == STEP_END)
        g->inside = false;
    else if (r == STEP_BROKEN)
        g->broken = true;
    else if (r == STEP_STUCK)
        no_progress(g);
    else if (r == STEP_CHECKSUM)
        uct_layer_fail(&g->l, UCT_STATE_CORRUPT,
                       "the checksum of the gzip data is wrong, before byte %llu: what came was used; "
                       "fetch the file again", position(g));
}

static size_t gzip_read(struct uct_layer *l, char *buf, size_t n)
{
    struct gzip *g = (struct gzip *)l;
    struct span s = {.out = (unsigned char *)buf, .nout = n};
    while (s.nout && l->state == UCT_STATE_OK) {
        size_t before = s.nout;
        enum step r = STEP_GO;
        if (g->broken)
            engine_rest(&g->e, &s);
        else if (g->inside || next_member(g))
            r = inflate_some(g, &s);
        else
            break;
        size_t made = before - s.nout, within = uct_lane_spend(l, made);
        s.nout = before - within;
        /* What lies behind a limit was not seen, nor its damage. */
        if (within < made)
            break;
        if (g->broken && made == 0)
            uct_layer_fail(l, UCT_STATE_CORRUPT,
                           "damaged gzip data near byte %llu: what came before was used; fetch the file again",
                           position(g));
        judge(g, r);
    }
    return n - s.nout;
}

static void gzip_close(struct uct_layer *l)
{
    struct gzip *g = (struct gzip *)l;
    if (g->begun)
        engine_end(&g->e);
    free(g->buf);
}

static const struct uct_layer_class gzip_class = {.read = gzip_read, .close = gzip_close};

struct uct_layer *uct_gzip_open(struct uct_layer *below)
{
    struct uct_lane *lane = below->lane;
    struct gzip *g = uct_layer_new(lane, &gzip_class, below, sizeof *g);
    if (!g)
        return NULL;
    g->buf = malloc(UCT_PIECE);
    g->begun = g->buf && engine_init(&g->e);
    if (g->begun)
        return &g->l;
    uct_lane_failed(lane);
    uct_layer_free(&g->l);
    return NULL;
}
