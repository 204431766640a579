/* base: what every room of uctriage stands on and what knows none of them.
 *
 * Ownership: a slice owns nothing and lives as long as the bytes it points to;
 * arenas and intern tables own what they hand out until they are freed as a
 * whole.  Nothing here prints, exits or keeps state at file scope. */
#ifndef UCT_BASE_H
#define UCT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- status ------------------------------------------------------------ */

/* Five outcomes; the worst (the smallest) wins.  OK: done.  EOF: no more.
 * WARN: usable, a note was left.  FAILED: this item is lost, go on with the
 * next.  FATAL: stop this source (no memory, broken invariant). */
enum uct_status {
    UCT_EOF = 1,
    UCT_OK = 0,
    UCT_WARN = -20,
    UCT_FAILED = -25,
    UCT_FATAL = -30
};

/* ---- slices ------------------------------------------------------------ */

struct uct_slice {
    const char *p;
    size_t n;
};

#define UCT_S(lit) ((struct uct_slice){(lit), sizeof(lit) - 1})

static inline struct uct_slice uct_slice(const char *p, size_t n)
{
    return (struct uct_slice){p, n};
}

static inline struct uct_slice uct_slice_str(const char *s)
{
    return (struct uct_slice){s, s ? strlen(s) : 0};
}

static inline bool uct_slice_eq(struct uct_slice a, struct uct_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool uct_slice_starts(struct uct_slice s, struct uct_slice head)
{
    return s.n >= head.n && memcmp(s.p, head.p, head.n) == 0;
}

/* ASCII only: bytes over 127 compare as they are. */
static inline unsigned char uct_lower(unsigned char c)
{
    return (unsigned)(c - 'A') < 26u ? (unsigned char)(c | 0x20) : c;
}

static inline bool uct_isdigit(unsigned char c) { return (unsigned)(c - '0') < 10u; }
static inline bool uct_isalpha(unsigned char c) { return (unsigned)((c | 0x20) - 'a') < 26u; }
static inline bool uct_isalnum(unsigned char c) { return uct_isdigit(c) || uct_isalpha(c); }
static inline bool uct_isblank(unsigned char c) { return c == ' ' || c == '\t'; }
static inline bool uct_isspace(unsigned char c) { return c == ' ' || (unsigned)(c - 9) < 5u; }
int uct_hexval(unsigned char c);    /* 0..15, or -1 */

bool uct_slice_ieq(struct uct_slice a, struct uct_slice b);
bool uct_slice_istarts(struct uct_slice s, struct uct_slice head);
/* Position of needle in s, or SIZE_MAX.  The i form folds ASCII case. */
size_t uct_slice_find(struct uct_slice s, struct uct_slice needle);
size_t uct_slice_ifind(struct uct_slice s, struct uct_slice needle);
struct uct_slice uct_slice_trimmed(struct uct_slice s);
/* Without blanks, tabs, CR, LF on both ends; mostly there are none. */
static inline struct uct_slice uct_slice_trim(struct uct_slice s)
{
    bool clean = s.n && !uct_isspace((unsigned char)s.p[0]) && !uct_isspace((unsigned char)s.p[s.n - 1]);
    return clean ? s : uct_slice_trimmed(s);
}
/* Unsigned decimal from the front of s; returns the digits eaten, 0 if none
 * or if it does not fit. */
size_t uct_slice_u64(struct uct_slice s, uint64_t *v);
/* Hexadecimal (no 0x) likewise; at most 16 digits. */
size_t uct_slice_hex(struct uct_slice s, uint64_t *v);

/* Takes the next line off *rest: *line gets it without its end (LF or CRLF).
 * Returns the bytes taken including the end; 0 when *rest is empty. */
size_t uct_next_line(struct uct_slice *rest, struct uct_slice *line);

/* ---- memory ------------------------------------------------------------ */

/* Bump allocator.  Zero-initialise, use, free as a whole.  Returns NULL when
 * memory is out; what was handed out before stays good. */
struct uct_arena {
    struct uct_arena_block *head;
    size_t bytes;              /* handed out so far */
};
void *uct_arena_alloc(struct uct_arena *a, size_t n);        /* aligned to 16, not cleared */
void *uct_arena_zalloc(struct uct_arena *a, size_t n);
/* Copy with a NUL behind it (not counted). */
char *uct_arena_dup(struct uct_arena *a, struct uct_slice s);
char *uct_arena_printf(struct uct_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void uct_arena_free(struct uct_arena *a);

/* Memory that a file without a name stands behind, so that the system can take its pages back: for what is
 * kept till the end and seldom looked at.  Freed as a whole.  Any thread. */
struct uct_spill;
struct uct_spill *uct_spill_new(uint64_t most);              /* bytes of disk; NULL where no such file can be made */
void *uct_spill_alloc(struct uct_spill *s, size_t n);        /* aligned to 16; NULL when s is, or there is no more room */
/* Gives the pages back now; what stands in them is read again when it is looked at. */
void uct_spill_rest(struct uct_spill *s);
void uct_spill_free(struct uct_spill *s);
/* Opens a file without a name for reading and writing; -1 and errno. */
int uct_unnamed_file(void);

/* Growable array: makes room for one more of `size` bytes.  Returns the new
 * base, or NULL (the old one stays good).  Usage:
 *   if (!UCT_ROOM(v->items, v->n, v->cap)) return UCT_FATAL;
 *   v->items[v->n++] = x; */
void *uct_room(void *base, size_t n, size_t *cap, size_t size);
#define UCT_ROOM(base, n, cap) uct_room_into((void **)&(base), (n), &(cap), sizeof *(base))
bool uct_room_into(void **base, size_t n, size_t *cap, size_t size);

/* Growable byte string; always NUL-terminated once anything was added.  A
 * failed allocation is remembered in `failed` and later additions do nothing. */
struct uct_buf {
    char *p;
    size_t n, cap;
    bool failed;
};
void uct_buf_add(struct uct_buf *b, const void *p, size_t n);
void uct_buf_adds(struct uct_buf *b, const char *s);
void uct_buf_addc(struct uct_buf *b, char c);
void uct_buf_addf(struct uct_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void uct_buf_free(struct uct_buf *b);

/* ---- hash, intern ------------------------------------------------------ */

/* "host:port", "[v6]:port" or "host" without its port; is it this host's loopback? */
struct uct_slice uct_address_host(struct uct_slice address);
bool uct_address_loopback(struct uct_slice address);
uint64_t uct_hash(const void *p, size_t n, uint64_t seed);   /* not stable across releases */
static inline uint64_t uct_hash_slice(struct uct_slice s) { return uct_hash(s.p, s.n, 0); }
/* Of a whole text, to tell whether two are the same: quick and good enough for that only. */
uint64_t uct_digest(struct uct_slice s);
static inline uint64_t uct_hash_mix(uint64_t a, uint64_t b)
{
    uint64_t h = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdu;
    return h ^ (h >> 32);
}

/* Strings as numbers, shared by all threads.  0 is "none" (also for the empty
 * string).  Numbers depend on the order of arrival: they never order or reach
 * any output. */
struct uct_intern;
struct uct_intern *uct_intern_new(void);
void uct_intern_free(struct uct_intern *t);
/* Texts from now on go there (NULL: they do not). */
void uct_intern_spill(struct uct_intern *t, struct uct_spill *s);
uint32_t uct_intern(struct uct_intern *t, struct uct_slice s);     /* 0 also when out of memory */
/* The table's own hash of s, another one in every table. */
uint64_t uct_intern_hash(const struct uct_intern *t, struct uct_slice s);
/* The same as uct_intern() with that hash known already. */
uint32_t uct_intern_hashed(struct uct_intern *t, struct uct_slice s, uint64_t hash);
/* Asks for the memory that a look-up of this hash touches first. */
void uct_intern_prefetch(const struct uct_intern *t, uint64_t hash);
uint32_t uct_intern_find(struct uct_intern *t, struct uct_slice s);  /* 0 if it was never interned */
struct uct_slice uct_interned(const struct uct_intern *t, uint32_t id);
bool uct_intern_failed(const struct uct_intern *t);          /* memory ran out at some time */
uint32_t uct_intern_count(const struct uct_intern *t);       /* numbers handed out: ids are < count + 1 */

/* ---- time -------------------------------------------------------------- */

/* Milliseconds since 1970-01-01T00:00:00Z. */
#define UCT_NO_TIME INT64_MIN
/* Proleptic Gregorian; UCT_NO_TIME when a field is out of range. */
int64_t uct_time_civil(int year, int month, int day, int hour, int minute, int second, int ms);
/* "2017-03-02T07:10:46.230Z" and a NUL; out has room for 32 bytes. */
const char *uct_time_format(int64_t ms, char out[32]);
/* A length of time for the reader: "0.008 s", "41.2 s", "3 min 5.0 s", "1 h 0 min 5.0 s", "31 d 2 h". */
void uct_length_add(struct uct_buf *b, int64_t ms);
/* What of an offset of stamps is likely to be their zone: the nearest quarter hour if some place on Earth has it, or
 * if the offset is too large to be that of a clock alone; else 0. */
int64_t uct_zone_likely(int64_t offset_ms);
/* The whole quarter hours nearest to an offset, as "+01:00". */
const char *uct_zone_format(int64_t offset_ms, char out[16]);
/* Parses "2017-03-02[T ]07:10[:46[.,frac]][Z|±hh[:]mm]"; no zone means UTC
 * and clears *zoned.  Returns the bytes eaten or 0. */
size_t uct_time_parse(struct uct_slice s, int64_t *ms, bool *zoned);

/* ---- text -------------------------------------------------------------- */

/* Appends s to b as UTF-8 fit for a terminal or JSON: invalid bytes become
 * U+FFFD, NUL and other control characters but TAB and LF are replaced by
 * U+FFFD too, and so are characters that reorder or hide text (bidirectional
 * controls, blanks without width, tags).  The CR of a line end is dropped. */
void uct_utf8_clean(struct uct_buf *b, struct uct_slice s);
/* Does s, as it is or cleaned, begin with this text, or (whole) is it? */
bool uct_utf8_shows(struct uct_slice s, struct uct_slice text, bool whole);
/* The longest prefix of s of at most max bytes that does not cut a character. */
size_t uct_utf8_cut(struct uct_slice s, size_t max);
/* Length of a well-formed UTF-8 sequence at the front of s, 0 if there is none; the second gives the character. */
size_t uct_utf8_len(struct uct_slice s);
size_t uct_utf8_decode(struct uct_slice s, uint32_t *cp);

/* ---- literals ---------------------------------------------------------- */

/* Many literals sought in one pass.  Compile once, scan from any thread. */
struct uct_litset;
struct uct_litset *uct_litset_new(void);
/* id: what a hit reports; several literals may share one.  Needs n >= 4. */
bool uct_litset_add(struct uct_litset *l, struct uct_slice lit, uint32_t id);
bool uct_litset_compile(struct uct_litset *l);
typedef void uct_lit_fn(void *arg, uint32_t id, size_t pos);
/* Calls fn once or more for each literal that is in s. */
void uct_litset_scan(const struct uct_litset *l, struct uct_slice s, uct_lit_fn *fn, void *arg);
void uct_litset_free(struct uct_litset *l);

#endif
