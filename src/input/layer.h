/* The stack inside a lane; private to input/.
 *
 *   file (or member of an archive) <- gzip | filter ... <- decode <- lines
 *
 * A layer owns the one below it and frees it with itself.  Each pulls from
 * the one below; what stops it early stays in its own state and note, and the
 * lowest layer that is not OK is the reason a stream gives: a disk error makes
 * the gzip above it look truncated, not the other way round. */
#ifndef UCT_INPUT_LAYER_H
#define UCT_INPUT_LAYER_H

#include "input.h"

#include <sys/stat.h>

struct archive;

#define UCT_PIECE (256u * 1024)      /* what is read from below at once */
#define UCT_PEEK 4096u               /* what the kind of a stream is judged by */
#define UCT_NOTE 320u

struct uct_layer;

struct uct_layer_class {
    /* Fills buf with n bytes; fewer only at the end, and then never called again. */
    size_t (*read)(struct uct_layer *l, char *buf, size_t n);
    /* Releases what the layer holds, neither the layer nor the one below. */
    void (*close)(struct uct_layer *l);
};

struct uct_layer {
    const struct uct_layer_class *class;
    struct uct_layer *below;         /* owned; NULL for files and members */
    struct uct_lane *lane;
    char *head;                      /* bytes read ahead to judge the kind */
    size_t head_at, head_n;
    uint64_t taken;                  /* bytes given by class->read so far */
    bool ended;
    enum uct_state state;
    char note[UCT_NOTE];
};

/* Takes over `below` in any case; NULL and a failed lane when memory is out. */
void *uct_layer_new(struct uct_lane *lane, const struct uct_layer_class *c, struct uct_layer *below,
                    size_t size);
void uct_layer_free(struct uct_layer *l);
size_t uct_layer_read(struct uct_layer *l, char *buf, size_t n);
/* The next bytes without taking them: up to `want` (fewer at the end). */
struct uct_slice uct_layer_peek(struct uct_layer *l, size_t want);
/* Drops n bytes that were peeked at. */
void uct_layer_drop(struct uct_layer *l, size_t n);
void uct_layer_fail(struct uct_layer *l, enum uct_state s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void uct_note_clean(char *note);
/* The lowest layer that is not OK, or NULL. */
const struct uct_layer *uct_layer_fault(const struct uct_layer *l);
const char *uct_errno_text(int e, char *buf, size_t n);

/* ---- what the lane lends to its layers ---------------------------------- */

enum uct_entry_kind { UCT_ENTRY_FILE, UCT_ENTRY_STDIN, UCT_ENTRY_EMPTY_DIR, UCT_ENTRY_ERROR };

struct uct_entry {                   /* what the walk found: becomes a lane */
    char *name;
    enum uct_entry_kind kind;
    int error;                       /* errno of UCT_ENTRY_ERROR, 0: see `what` */
    const char *what;                /* static: what could not be done */
    uint64_t size;
};

struct uct_input {
    struct uct_input_options o;
    char **globs;                    /* copies; o.include and o.exclude point here */
    struct uct_entry *entries;
    size_t n, cap;
    uint64_t bytes;
};

/* Counts n bytes that unwrapping made.  Returns how many of them are within
 * the limits; if that is fewer, the layer is LIMITED and says why.  The cut
 * depends on the data alone, not on how it was asked for. */
size_t uct_lane_spend(struct uct_layer *l, size_t n);
void uct_lane_failed(struct uct_lane *lane);
void uct_lane_took(struct uct_lane *lane, uint64_t n);       /* bytes read from the disk */
const struct uct_limits *uct_lane_limits(const struct uct_lane *lane);
/* Memory for spools, shared by all levels of a lane. */
bool uct_lane_borrow(struct uct_lane *lane, size_t n);
/* Counts one more header of an archive; false: there are too many. */
bool uct_lane_member(struct uct_lane *lane);
void uct_lane_return(struct uct_lane *lane, size_t n);

/* ---- layers --------------------------------------------------------------- */

/* Takes over fd.  A regular file is read by position, so several may share fd. */
struct uct_layer *uct_file_open(struct uct_lane *lane, int fd, bool close_it);
bool uct_file_map(struct uct_layer *l, const char **p, size_t *n);
void uct_file_check(struct uct_layer *l);    /* did it shrink? */
/* Descriptor and size when bytes may be read at any position. */
bool uct_file_seekable(const struct uct_layer *l, int *fd, uint64_t *size);

struct uct_layer *uct_gzip_open(struct uct_layer *below);
struct uct_layer *uct_decode_open(struct uct_layer *below, bool big_endian);
bool uct_lines_bare(struct uct_layer *l);    /* does the text begin with lines that end with CR alone? */
struct uct_layer *uct_lines_open(struct uct_layer *below);

/* What the first bytes say.  Decided here, never by libarchive: its weaker
 * bidders (mtree, raw, lha) take text for an archive. */
enum uct_kind {
    UCT_KIND_PLAIN, UCT_KIND_NONE, UCT_KIND_GZIP,
    UCT_KIND_XZ, UCT_KIND_BZIP2, UCT_KIND_ZSTD, UCT_KIND_LZ4, UCT_KIND_LZIP, UCT_KIND_COMPRESS,
    UCT_KIND_ZIP, UCT_KIND_7Z, UCT_KIND_RAR, UCT_KIND_RAR5, UCT_KIND_CAB, UCT_KIND_TAR, UCT_KIND_CPIO,
    UCT_KIND_AR, UCT_KIND_EMPTY_TAR,
    UCT_KIND_UTF8_BOM, UCT_KIND_UTF16LE_BOM, UCT_KIND_UTF16BE_BOM, UCT_KIND_UTF16LE, UCT_KIND_UTF16BE
};
enum uct_kind uct_kind_of(struct uct_layer *l);
const char *uct_kind_name(enum uct_kind k);
static inline bool uct_kind_filter(enum uct_kind k) { return k >= UCT_KIND_XZ && k <= UCT_KIND_COMPRESS; }
static inline bool uct_kind_archive(enum uct_kind k) { return k >= UCT_KIND_ZIP && k <= UCT_KIND_AR; }

/* xz, bzip2 ...: one compressed stream, undone by libarchive. */
struct uct_layer *uct_filter_open(struct uct_layer *below, enum uct_kind kind);

/* ---- archives ------------------------------------------------------------- */

struct uct_level {                   /* an archive that is being gone through */
    struct uct_level *up;
    struct uct_layer *below;         /* owned */
    struct archive *a;
    struct uct_spool *spool;
    enum uct_kind kind;
    char *name;                      /* owned: the archive's own */
    char *block;                     /* what libarchive is looking at */
    int fd;                          /* >= 0: read by position from here */
    uint64_t at, size;
    unsigned depth;
    bool included;                   /* an --include took the whole archive */
    bool eof;                        /* libarchive was told there is no more */
    bool pending;                    /* a member was begun and may have data left */
    bool over;
    bool list_missing;               /* a zip without its end */
    uint64_t members;                /* regular ones, junk left out */
    char last[128];                  /* the member last begun, for notes */
    enum uct_state state;
    char note[UCT_NOTE];
};

/* Takes over below and name.  NULL when memory is out; otherwise what went
 * wrong is in ->state already and uct_level_next() will say the archive ended. */
struct uct_level *uct_level_open(struct uct_layer *below, enum uct_kind kind, char *name);
void uct_level_free(struct uct_level *v);
/* The next regular member: its name (cleaned) is added to `name`.  Returns
 * UCT_OK, UCT_EOF (also after damage: see ->state), UCT_FATAL.  *encrypted
 * says that its data is locked by a password.  The limit of members ends the
 * lane and is reported by it. */
enum uct_status uct_level_next(struct uct_level *v, struct uct_buf *name, bool *encrypted);
struct uct_layer *uct_level_member(struct uct_level *v);

/* ---- spool: bytes that must be read in any order -------------------------- */

struct uct_spool {
    char *mem;
    size_t n, cap, borrowed;
    int fd;
    uint64_t size;
};
/* Reads all of `below`.  NULL: its state (or a failed lane) says why. */
struct uct_spool *uct_spool_fill(struct uct_layer *below);
size_t uct_spool_read(const struct uct_spool *s, uint64_t at, char *buf, size_t n);
void uct_spool_free(struct uct_lane *lane, struct uct_spool *s);

/* ---- names ------------------------------------------------------------------ */

bool uct_glob(const char *pattern, const char *name);
bool uct_name_junk(const char *name);        /* what a Mac leaves in folders and archives */

/* ---- guard ------------------------------------------------------------------ */

/* A slot for a mapped range, or -1: do not map. */
int uct_guard_add(const void *p, size_t n);
bool uct_guard_hit(int slot);                /* a page of it was gone */
void uct_guard_drop(int slot);

#endif
