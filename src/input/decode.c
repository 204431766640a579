/* UTF-16 to UTF-8.  A surrogate without its partner, and half a unit at the
 * end, become U+FFFD. */
#include "layer.h"

#include <stdlib.h>

#define IN 65536u

struct decode {
    struct uct_layer l;
    bool big;
    unsigned char *in;
    size_t at, n;
    bool eof;
    unsigned char out[4];            /* a character that did not fit */
    unsigned nout, out_at;
};

/* Keeps the odd bytes that are left and reads more behind them. */
static void refill(struct decode *d)
{
    size_t left = d->n - d->at;
    memmove(d->in, d->in + d->at, left);
    size_t got = uct_layer_read(d->l.below, (char *)d->in + left, IN - left);
    d->at = 0;
    d->n = left + got;
    d->eof = got < IN - left;
}

static unsigned unit(const struct decode *d, size_t at)
{
    const unsigned char *p = d->in + at;
    return d->big ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t character(struct decode *d)
{
    if (d->n - d->at < 2) {
        d->at = d->n;
        return 0xfffd;
    }
    uint32_t u = unit(d, d->at);
    d->at += 2;
    if (u < 0xd800 || u > 0xdfff)
        return u;
    if (u > 0xdbff || d->n - d->at < 2)
        return 0xfffd;
    uint32_t low = unit(d, d->at);
    if (low < 0xdc00 || low > 0xdfff)
        return 0xfffd;
    d->at += 2;
    return 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
}

static unsigned encode(uint32_t c, unsigned char *out)
{
    if (c < 0x80) {
        out[0] = (unsigned char)c;
        return 1;
    }
    unsigned n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (unsigned i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (unsigned char)(0x80 | (c & 0x3f));
    out[0] = (unsigned char)(lead[n] | c);
    return n;
}

/* ASCII, most of a log, in one tight loop. */
static size_t ascii(struct decode *d, unsigned char *out, size_t n)
{
    size_t units = (d->n - d->at) / 2, k = 0;
    const unsigned char *p = d->in + d->at, *high = p + !d->big, *low = p + d->big;
    if (units > n)
        units = n;
    while (k < units && high[2 * k] == 0 && low[2 * k] < 0x80) {
        out[k] = low[2 * k];
        k++;
    }
    d->at += 2 * k;
    return k;
}

static size_t decode_read(struct uct_layer *l, char *buf, size_t n)
{
    struct decode *d = (struct decode *)l;
    unsigned char *out = (unsigned char *)buf;
    size_t got = 0;
    while (got < n) {
        if (d->out_at < d->nout) {
            out[got++] = d->out[d->out_at++];
            continue;
        }
        if (d->n - d->at < 4 && !d->eof)
            refill(d);
        if (d->at == d->n)
            break;
        got += ascii(d, out + got, n - got);
        if (got < n && (d->n - d->at >= 4 || (d->eof && d->at < d->n))) {
            d->nout = encode(character(d), d->out);
            d->out_at = 0;
        }
    }
    return got;
}

static void decode_close(struct uct_layer *l)
{
    free(((struct decode *)l)->in);
}

static const struct uct_layer_class decode_class = {.read = decode_read, .close = decode_close};

struct uct_layer *uct_decode_open(struct uct_layer *below, bool big_endian)
{
    struct uct_lane *lane = below->lane;
    struct decode *d = uct_layer_new(lane, &decode_class, below, sizeof *d);
    if (!d)
        return NULL;
    d->big = big_endian;
    d->in = malloc(IN);
    if (!d->in) {
        uct_lane_failed(lane);
        uct_layer_free(&d->l);
        return NULL;
    }
    memcpy(d->l.note, "UTF-16 decoded", sizeof "UTF-16 decoded");
    return &d->l;
}
