/* Archives: libarchive walks them, over bytes that come from our own layers.
 *
 * zip and 7z are read from their end, so they get a file or a spool to seek
 * in; the others are read as they come.  Nothing is ever written to disk under
 * a member's name: names are only text. */
#include "layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- what libarchive reads ------------------------------------------------ */

static la_ssize_t give_forward(struct archive *a, void *arg, const void **p)
{
    struct uct_level *v = arg;
    (void)a;
    size_t n = uct_layer_read(v->below, v->block, UCT_PIECE);
    v->eof = n < UCT_PIECE;
    *p = v->block;
    return (la_ssize_t)n;
}

static ssize_t read_at(struct uct_level *v)
{
    ssize_t n;
    if (v->spool)
        return (ssize_t)uct_spool_read(v->spool, v->at, v->block, UCT_PIECE);
    do
        n = pread(v->fd, v->block, UCT_PIECE, (off_t)v->at);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        char text[96];
        uct_layer_fail(v->below, UCT_STATE_UNREADABLE, "reading failed after %llu bytes: %s",
                       (unsigned long long)v->at, uct_errno_text(errno, text, sizeof text));
        return -1;
    }
    uct_lane_took(v->below->lane, (uint64_t)n);
    return n;
}

static la_ssize_t give_at(struct archive *a, void *arg, const void **p)
{
    struct uct_level *v = arg;
    ssize_t n = read_at(v);
    if (n < 0) {
        archive_set_error(a, EIO, "reading failed");
        return -1;
    }
    v->at += (uint64_t)n;
    *p = v->block;
    return n;
}

static la_int64_t seek_to(struct archive *a, void *arg, la_int64_t offset, int whence)
{
    struct uct_level *v = arg;
    (void)a;
    int64_t base = whence == SEEK_SET ? 0 : (int64_t)(whence == SEEK_CUR ? v->at : v->size), to;
    if (__builtin_add_overflow(base, offset, &to) || to < 0)
        return ARCHIVE_FATAL;
    v->at = (uint64_t)to;
    return to;
}

static la_int64_t skip_some(struct archive *a, void *arg, la_int64_t n)
{
    struct uct_level *v = arg;
    (void)a;
    if (n < 0 || v->at >= v->size)
        return 0;
    uint64_t most = v->size - v->at;
    if ((uint64_t)n > most)
        n = (la_int64_t)most;
    v->at += (uint64_t)n;
    return n;
}

/* ---- opening ---------------------------------------------------------------- */

static int enable(struct archive *a, enum uct_kind kind)
{
    switch (kind) {
    case UCT_KIND_ZIP: return archive_read_support_format_zip(a);
    case UCT_KIND_7Z: return archive_read_support_format_7zip(a);
    case UCT_KIND_RAR: return archive_read_support_format_rar(a);
    case UCT_KIND_RAR5: return archive_read_support_format_rar5(a);
    case UCT_KIND_CAB: return archive_read_support_format_cab(a);
    case UCT_KIND_CPIO: return archive_read_support_format_cpio(a);
    case UCT_KIND_AR: return archive_read_support_format_ar(a);
    default: return archive_read_support_format_tar(a);
    }
}

static void level_fail(struct uct_level *v, enum uct_state s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void level_fail(struct uct_level *v, enum uct_state s, const char *fmt, ...)
{
    if (v->state != UCT_STATE_OK)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(v->note, sizeof v->note, fmt, ap);
    va_end(ap);
    uct_note_clean(v->note);
    v->state = s;
}

/* Turns what libarchive says into a state. */
static void explain(struct uct_level *v, enum uct_state *s, const char **why)
{
    const struct uct_layer *fault = uct_layer_fault(v->below);
    *why = archive_error_string(v->a);
    if (!*why)
        *why = "no reason given";
    if (fault) {
        *s = fault->state;
        *why = fault->note;
    } else if (v->list_missing) {
        *s = UCT_STATE_TRUNCATED;
    } else if (strstr(*why, "nsupported") || strstr(*why, "not supported")) {
        *s = UCT_STATE_UNSUPPORTED;
    } else if (strstr(*why, "runcated") || strstr(*why, "nexpected end") ||
               (v->eof && v->kind == UCT_KIND_TAR)) {
        *s = UCT_STATE_TRUNCATED;
    } else {
        *s = UCT_STATE_CORRUPT;
    }
}

static bool no_memory(struct uct_level *v)
{
    if (archive_errno(v->a) != ENOMEM)
        return false;
    uct_lane_failed(v->below->lane);
    return true;
}

static void broke(struct uct_level *v)
{
    enum uct_state s;
    const char *why;
    v->over = true;
    if (no_memory(v))
        return;
    /* Before a format was chosen libarchive 3.6 answers this from beyond its table. */
    if (archive_format(v->a) != 0 && archive_read_has_encrypted_entries(v->a) == 1) {
        level_fail(v, UCT_STATE_UNSUPPORTED,
                   "the list of files is locked by a password: unpack it with the password and give the "
                   "folder");
        return;
    }
    explain(v, &s, &why);
    if (uct_layer_fault(v->below)) {
        level_fail(v, s, "%s; files of the archive after '%s' may be missing", why, v->last);
        return;
    }
    const char *kind = uct_kind_name(v->kind), *what = s == UCT_STATE_TRUNCATED ? "ends early" : "is damaged";
    if (s == UCT_STATE_UNSUPPORTED)
        what = "cannot be read here";
    if (v->last[0])
        level_fail(v, s, "the %s archive %s after or in '%s' (%s): what came before was used; fetch it again",
                   kind, what, v->last, why);
    else
        level_fail(v, s, "the %s archive %s before its first file (%s): fetch it again", kind, what, why);
}

/* "PK" 5 6 begins the last record of a zip, 22 bytes and a comment of at most
 * 64 KiB.  Without it the file is cut, however whole its members look. */
static bool zip_has_list(struct uct_level *v)
{
    v->at = v->size > UCT_PIECE ? v->size - UCT_PIECE : 0;
    ssize_t n = read_at(v);
    v->at = 0;
    for (ssize_t i = n - 22; i >= 0; i--)
        if (memcmp(v->block + i, "PK\5\6", 4) == 0)
            return true;
    return false;
}

/* zip and 7z are read by position; anything else as it comes. */
static bool connect_below(struct uct_level *v)
{
    bool seek = v->kind == UCT_KIND_ZIP || v->kind == UCT_KIND_7Z;
    if (!seek) {
        archive_read_set_read_callback(v->a, give_forward);
        return true;
    }
    if (!uct_file_seekable(v->below, &v->fd, &v->size)) {
        v->spool = uct_spool_fill(v->below);
        if (!v->spool) {
            const struct uct_layer *fault = uct_layer_fault(v->below);
            if (fault)
                level_fail(v, fault->state, "%s", fault->note);
            return false;
        }
        v->size = v->spool->size;
    }
    v->list_missing = v->kind == UCT_KIND_ZIP && !zip_has_list(v);
    archive_read_set_read_callback(v->a, give_at);
    archive_read_set_seek_callback(v->a, seek_to);
    archive_read_set_skip_callback(v->a, skip_some);
    return true;
}

static void start(struct uct_level *v)
{
    if (!connect_below(v)) {
        v->over = true;
        return;
    }
    /* libarchive does not check these itself when it opens. */
    if (archive_read_set_callback_data(v->a, v) != ARCHIVE_OK) {
        uct_lane_failed(v->below->lane);
        v->over = true;
        return;
    }
    if (enable(v->a, v->kind) != ARCHIVE_OK) {
        if (no_memory(v))
            return;
        level_fail(v, UCT_STATE_UNSUPPORTED,
                   "%s archives cannot be read by the libarchive in use: unpack it and give the folder",
                   uct_kind_name(v->kind));
        v->over = true;
        return;
    }
    if (v->kind == UCT_KIND_TAR)     /* `cat a.tar b.tar` is common enough */
        archive_read_set_format_option(v->a, "tar", "read_concatenated_archives", "1");
    if (archive_read_open1(v->a) != ARCHIVE_OK)
        broke(v);
}

struct uct_level *uct_level_open(struct uct_layer *below, enum uct_kind kind, char *name)
{
    struct uct_lane *lane = below->lane;
    struct uct_level *v = calloc(1, sizeof *v);
    if (!v) {
        uct_layer_free(below);
        free(name);
        uct_lane_failed(lane);
        return NULL;
    }
    v->below = below;
    v->name = name;
    v->kind = kind;
    v->fd = -1;
    v->a = archive_read_new();
    v->block = malloc(UCT_PIECE);
    if (!v->a || !v->block) {
        uct_level_free(v);
        uct_lane_failed(lane);
        return NULL;
    }
    start(v);
    return v;
}

void uct_level_free(struct uct_level *v)
{
    archive_read_free(v->a);
    uct_spool_free(v->below->lane, v->spool);
    uct_layer_free(v->below);
    free(v->block);
    free(v->name);
    free(v);
}

/* ---- members ------------------------------------------------------------------ */

/* Formats that only store: what is in them was counted when it was unpacked. */
static bool stores_only(const struct uct_level *v)
{
    return v->kind == UCT_KIND_TAR || v->kind == UCT_KIND_CPIO || v->kind == UCT_KIND_AR;
}

struct member {
    struct uct_layer l;
    struct uct_level *v;
    const char *p;                   /* rest of what libarchive last gave */
    size_t n;
    uint64_t gap;                    /* NULs before it: a hole in a sparse file */
    uint64_t at;
};

static void member_broke(struct member *m)
{
    enum uct_state s;
    const char *why;
    if (no_memory(m->v))
        return;
    explain(m->v, &s, &why);
    if (uct_layer_fault(m->v->below))
        uct_layer_fail(&m->l, s, "%s", why);
    else if (s == UCT_STATE_TRUNCATED)
        uct_layer_fail(&m->l, s, "the file ends early in its archive (%s): what came was used", why);
    else if (s == UCT_STATE_UNSUPPORTED)
        uct_layer_fail(&m->l, s, "the file cannot be unpacked here (%s): unpack it and give the folder", why);
    else
        uct_layer_fail(&m->l, s, "the file is damaged in its archive (%s): what came was used", why);
}

static bool next_block(struct member *m)
{
    const void *p;
    la_int64_t at;
    int r = archive_read_data_block(m->v->a, &p, &m->n, &at);
    if (r != ARCHIVE_OK) {
        m->n = 0;
        if (r != ARCHIVE_EOF)
            member_broke(m);
        return false;
    }
    m->p = p;
    if (at > 0 && (uint64_t)at > m->at)
        m->gap = (uint64_t)at - m->at;
    if (!stores_only(m->v))
        m->n = uct_lane_spend(&m->l, m->n);
    return true;
}

static size_t member_read(struct uct_layer *l, char *buf, size_t n)
{
    struct member *m = (struct member *)l;
    size_t got = 0;
    while (got < n) {
        if (m->gap == 0 && m->n == 0 && (l->state != UCT_STATE_OK || !next_block(m)))
            break;
        size_t want = n - got, k;
        if (m->gap) {
            k = uct_lane_spend(l, m->gap < want ? (size_t)m->gap : want);
            memset(buf + got, 0, k);
            m->gap = l->state == UCT_STATE_OK ? m->gap - k : 0;
        } else {
            k = m->n < want ? m->n : want;
            if (k) {                 /* libarchive may give an empty block at NULL */
                memcpy(buf + got, m->p, k);
                m->p += k;
                m->n -= k;
            }
        }
        m->at += k;
        got += k;
    }
    return got;
}

static void member_close(struct uct_layer *l)
{
    (void)l;
}

static const struct uct_layer_class member_class = {.read = member_read, .close = member_close};

struct uct_layer *uct_level_member(struct uct_level *v)
{
    struct member *m = uct_layer_new(v->below->lane, &member_class, NULL, sizeof *m);
    if (!m)
        return NULL;
    m->v = v;
    return &m->l;
}

/* Passes what is left of a member.  What libarchive would unpack to skip it is
 * unpacked here instead, so that it counts. */
static void pass_rest(struct uct_level *v)
{
    struct archive *a = v->a;
    const void *p;
    size_t n;
    la_int64_t at;
    if (!v->pending)
        return;
    v->pending = false;
    if (stores_only(v) || (v->kind == UCT_KIND_ZIP && !v->list_missing))
        return;
    struct uct_layer *l = v->below;
    while (archive_read_data_block(a, &p, &n, &at) == ARCHIVE_OK)
        if (uct_lane_spend(l, n) < n)
            return;
}

static void clean_name(struct uct_buf *name, const char *text)
{
    size_t before = name->n;
    struct uct_slice s = uct_slice_str(text);
    bool cut = s.n > 1024;
    uct_utf8_clean(name, uct_slice(s.p, cut ? uct_utf8_cut(s, 1024) : s.n));
    if (cut)
        uct_buf_adds(name, "...");
    for (size_t i = before; i < name->n; i++)
        if (name->p[i] == '\n' || name->p[i] == '\t')
            name->p[i] = '?';
}

static bool wanted(struct archive_entry *e)
{
    if (archive_entry_hardlink(e) && archive_entry_size(e) == 0)
        return false;
    mode_t type = archive_entry_filetype(e);
    return type == AE_IFREG || type == 0;
}

static void take(struct uct_level *v, struct archive_entry *e, struct uct_buf *name, bool *encrypted)
{
    const char *text = archive_entry_pathname(e);
    size_t before = name->n;
    clean_name(name, text && *text ? text : "(no name)");
    if (!name->failed) {
        struct uct_slice s = uct_slice(name->p + before, name->n - before);
        size_t n = uct_utf8_cut(s, sizeof v->last - 1);
        memcpy(v->last, s.p, n);
        v->last[n] = '\0';
    }
    *encrypted = archive_entry_is_encrypted(e) != 0;
    v->pending = !*encrypted;
}

enum uct_status uct_level_next(struct uct_level *v, struct uct_buf *name, bool *encrypted)
{
    struct uct_lane *lane = v->below->lane;
    struct archive_entry *e;
    while (!v->over) {
        pass_rest(v);
        if (!uct_lane_member(lane))
            return UCT_EOF;
        int r = archive_read_next_header(v->a, &e);
        if (r == ARCHIVE_EOF) {
            v->over = true;
        } else if (r == ARCHIVE_FATAL) {
            broke(v);
        } else if (r == ARCHIVE_FAILED || r == ARCHIVE_RETRY) {
            level_fail(v, UCT_STATE_CORRUPT, "a file of the archive after '%s' cannot be read: %s", v->last,
                       archive_error_string(v->a) ? archive_error_string(v->a) : "no reason given");
        } else if (wanted(e)) {
            take(v, e, name, encrypted);
            return UCT_OK;
        }
    }
    const struct uct_layer *fault = uct_layer_fault(v->below);
    if (fault)
        level_fail(v, fault->state, "%s", fault->note);
    else if (v->list_missing)
        level_fail(v, UCT_STATE_TRUNCATED,
                   "the zip archive ends early, its list of files is missing: what came was "
                   "used; fetch it again");
    return UCT_EOF;
}
