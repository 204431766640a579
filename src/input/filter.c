/* xz, bzip2, zstd, lz4, lzip, compress: one stream of bytes, undone by
 * libarchive with its `raw` format.  Only the filter that the magic names is
 * enabled, and none that would start a program. */
#include "layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

struct filter {
    struct uct_layer l;
    struct archive *a;
    char *block;                     /* what libarchive looks at */
    const char *p;                   /* rest of what it last gave */
    size_t n;
    const char *kind;
    bool begun;
};

static la_ssize_t from_below(struct archive *a, void *arg, const void **p)
{
    struct filter *f = arg;
    (void)a;
    *p = f->block;
    return (la_ssize_t)uct_layer_read(f->l.below, f->block, UCT_PIECE);
}

static void damaged(struct filter *f)
{
    const char *why = archive_error_string(f->a);
    if (archive_errno(f->a) == ENOMEM) {
        uct_lane_failed(f->l.lane);
        uct_layer_fail(&f->l, UCT_STATE_LIMITED, "out of memory");
    } else if (why && (strstr(why, "runcated") || strstr(why, "No progress"))) {
        uct_layer_fail(&f->l, UCT_STATE_TRUNCATED,
                       "the %s data ends early: what came was used; fetch the file again", f->kind);
    } else {
        uct_layer_fail(&f->l, UCT_STATE_CORRUPT,
                       "damaged %s data (%s): what came before was used; fetch the file again", f->kind,
                       why ? why : "no reason given");
    }
}

static bool begin(struct filter *f)
{
    struct archive_entry *e;
    f->begun = true;
    archive_read_set_read_callback(f->a, from_below);
    if (archive_read_set_callback_data(f->a, f) == ARCHIVE_OK &&
        archive_read_support_format_raw(f->a) == ARCHIVE_OK &&
        archive_read_support_format_empty(f->a) == ARCHIVE_OK && archive_read_open1(f->a) == ARCHIVE_OK) {
        int r = archive_read_next_header(f->a, &e);
        if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
            return true;
        if (r == ARCHIVE_EOF)
            return false;
    }
    damaged(f);
    return false;
}

static size_t filter_read(struct uct_layer *l, char *buf, size_t n)
{
    struct filter *f = (struct filter *)l;
    size_t got = 0;
    if (l->state != UCT_STATE_OK || (!f->begun && !begin(f)))
        return 0;
    while (got < n) {
        if (f->n == 0 && l->state != UCT_STATE_OK)
            break;
        if (f->n == 0) {
            const void *p;
            la_int64_t at;
            int r = archive_read_data_block(f->a, &p, &f->n, &at);
            if (r != ARCHIVE_OK) {
                f->n = 0;
                if (r != ARCHIVE_EOF)
                    damaged(f);
                break;
            }
            f->p = p;
            f->n = uct_lane_spend(l, f->n);
        }
        size_t k = f->n < n - got ? f->n : n - got;
        if (k == 0)                  /* an empty block, perhaps at NULL */
            continue;
        memcpy(buf + got, f->p, k);
        f->p += k;
        f->n -= k;
        got += k;
    }
    return got;
}

static void filter_close(struct uct_layer *l)
{
    struct filter *f = (struct filter *)l;
    archive_read_free(f->a);
    free(f->block);
}

static const struct uct_layer_class filter_class = {.read = filter_read, .close = filter_close};

static int enable(struct archive *a, enum uct_kind kind)
{
    switch (kind) {
    case UCT_KIND_XZ: return archive_read_support_filter_xz(a);
    case UCT_KIND_BZIP2: return archive_read_support_filter_bzip2(a);
    case UCT_KIND_ZSTD: return archive_read_support_filter_zstd(a);
    case UCT_KIND_LZ4: return archive_read_support_filter_lz4(a);
    case UCT_KIND_LZIP: return archive_read_support_filter_lzip(a);
    case UCT_KIND_COMPRESS: return archive_read_support_filter_compress(a);
    default: return ARCHIVE_FATAL;
    }
}

struct uct_layer *uct_filter_open(struct uct_layer *below, enum uct_kind kind)
{
    struct uct_lane *lane = below->lane;
    struct filter *f = uct_layer_new(lane, &filter_class, below, sizeof *f);
    if (!f)
        return NULL;
    f->kind = uct_kind_name(kind);
    f->a = archive_read_new();
    f->block = malloc(UCT_PIECE);
    if (!f->a || !f->block) {
        uct_lane_failed(lane);
        uct_layer_free(&f->l);
        return NULL;
    }
    /* WARN would mean: by running an outside program. */
    if (enable(f->a, kind) != ARCHIVE_OK)
        uct_layer_fail(&f->l, UCT_STATE_UNSUPPORTED,
                       "%s data cannot be undone by the libarchive in use: unpack it and give the result",
                       f->kind);
    return &f->l;
}
