/* Slices and the growable byte string. */
#include "base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#define XXH_INLINE_ALL              /* short keys: the call would cost as much as the hash */
#include <xxhash.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

int uct_hexval(unsigned char c)
{
    if (uct_isdigit(c))
        return c - '0';
    c = uct_lower(c);
    return (unsigned)(c - 'a') < 6u ? c - 'a' + 10 : -1;
}

bool uct_slice_istarts(struct uct_slice s, struct uct_slice head)
{
    if (s.n < head.n)
        return false;
    for (size_t i = 0; i < head.n; i++)
        if (uct_lower((unsigned char)s.p[i]) != uct_lower((unsigned char)head.p[i]))
            return false;
    return true;
}

bool uct_slice_ieq(struct uct_slice a, struct uct_slice b)
{
    return a.n == b.n && uct_slice_istarts(a, b);
}

/* The first and the last byte of the needle, sixteen places at a time: memmem() looks at one.  False with all
 * searched and *at behind it, or with *at where it gave up: fewer places than that, or too many misses. */
#ifdef __SSE2__
#define MISSES 4096

/* Of the sixteen places at s.p + i the first where the needle stands, or SIZE_MAX. */
static inline size_t find_block(struct uct_slice s, struct uct_slice needle, size_t i, __m128i first, __m128i last,
                                size_t *misses)
{
    const char *p = s.p + i;
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + needle.n - 1));
    unsigned both = (unsigned)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last)));
    for (; both; both &= both - 1, ++*misses) {
        size_t k = i + (unsigned)__builtin_ctz(both);
        if (memcmp(s.p + k, needle.p, needle.n) == 0)
            return k;
    }
    return SIZE_MAX;
}

static bool find_fast(struct uct_slice s, struct uct_slice needle, size_t *at)
{
    const __m128i first = _mm_set1_epi8(needle.p[0]), last = _mm_set1_epi8(needle.p[needle.n - 1]);
    size_t i = 0, misses = 0, end = s.n - needle.n + 1, hit = SIZE_MAX;
    for (; i + 16 <= end && misses < MISSES; i += 16)
        if ((hit = find_block(s, needle, i, first, last, &misses)) != SIZE_MAX)
            break;
    if (hit == SIZE_MAX && i < end && end >= 16 && misses < MISSES) {
        hit = find_block(s, needle, end - 16, first, last, &misses);      /* some places once more */
        i = end;
    }
    *at = hit == SIZE_MAX ? i : hit;
    return hit != SIZE_MAX;
}
#else
static bool find_fast(struct uct_slice s, struct uct_slice needle, size_t *at)
{
    (void)s;
    (void)needle;
    *at = 0;
    return false;
}
#endif

size_t uct_slice_find(struct uct_slice s, struct uct_slice needle)
{
    size_t at = 0;
    if (needle.n == 0)
        return 0;
    if (s.n < needle.n)
        return SIZE_MAX;
    if (find_fast(s, needle, &at))
        return at;
    if (s.n - at < needle.n)
        return SIZE_MAX;
    const char *hit = memmem(s.p + at, s.n - at, needle.p, needle.n);     /* linear whatever it is given */
    return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t uct_slice_ifind(struct uct_slice s, struct uct_slice needle)
{
    if (needle.n == 0)
        return 0;
    for (size_t i = 0; i + needle.n <= s.n; i++)
        if (uct_lower((unsigned char)s.p[i]) == uct_lower((unsigned char)needle.p[0]) &&
            uct_slice_istarts(uct_slice(s.p + i, s.n - i), needle))
            return i;
    return SIZE_MAX;
}

struct uct_slice uct_slice_trimmed(struct uct_slice s)
{
    while (s.n && uct_isspace((unsigned char)s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && uct_isspace((unsigned char)s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t uct_slice_u64(struct uct_slice s, uint64_t *v)
{
    uint64_t x = 0;
    size_t i = 0, safe = s.n < 19 ? s.n : 19;      /* digits that always fit */
    for (; i < safe && uct_isdigit((unsigned char)s.p[i]); i++)
        x = x * 10 + (unsigned)(s.p[i] - '0');
    for (; i >= 19 && i < s.n && uct_isdigit((unsigned char)s.p[i]); i++) {
        unsigned d = (unsigned)(s.p[i] - '0');
        if (x > (UINT64_MAX - d) / 10)
            return 0;
        x = x * 10 + d;
    }
    if (i)
        *v = x;
    return i;
}

size_t uct_slice_hex(struct uct_slice s, uint64_t *v)
{
    uint64_t x = 0;
    size_t i = 0;
    for (int d; i < s.n && (d = uct_hexval((unsigned char)s.p[i])) >= 0; i++) {
        if (i == 16)
            return 0;
        x = x << 4 | (unsigned)d;
    }
    if (i)
        *v = x;
    return i;
}

size_t uct_next_line(struct uct_slice *rest, struct uct_slice *line)
{
    if (rest->n == 0)
        return 0;
    const char *nl = memchr(rest->p, '\n', rest->n);
    size_t taken = nl ? (size_t)(nl - rest->p) + 1 : rest->n;
    size_t n = nl ? taken - 1 : taken;
    while (n && rest->p[n - 1] == '\r')      /* CR CR LF occurs (UCCAPI.md section 1) */
        n--;
    *line = uct_slice(rest->p, n);
    rest->p += taken;
    rest->n -= taken;
    return taken;
}

uint64_t uct_hash(const void *p, size_t n, uint64_t seed)
{
    return seed ? XXH3_64bits_withSeed(p, n, seed) : XXH3_64bits(p, n);
}

#define DIGEST_BLOCK 4096

typedef uint64_t lanes __attribute__((vector_size(16)));

/* Of each eight-byte lane of 64 bytes the sum, and the sum of the sums, which tells where a value stood. */
static void sum_block(const char *p, size_t n, lanes sum[8])
{
    lanes a = {0}, b = {0}, c = {0}, d = {0}, aa = {0}, bb = {0}, cc = {0}, dd = {0};
    for (const char *end = p + n; p < end; p += 64) {
        lanes x[4];
        memcpy(x, p, sizeof x);
        a += x[0], b += x[1], c += x[2], d += x[3];
        aa += a, bb += b, cc += c, dd += d;
    }
    sum[0] = a, sum[1] = b, sum[2] = c, sum[3] = d;
    sum[4] = aa, sum[5] = bb, sum[6] = cc, sum[7] = dd;
}

uint64_t uct_digest(struct uct_slice s)
{
    uint64_t h = s.n;
    size_t at = 0;
    for (; s.n - at >= 64;) {
        size_t n = s.n - at < DIGEST_BLOCK ? (s.n - at) & ~(size_t)63 : DIGEST_BLOCK;
        lanes sum[8];
        sum_block(s.p + at, n, sum);
        h = uct_hash_mix(h, XXH3_64bits(sum, sizeof sum));
        at += n;
    }
    return uct_hash_mix(h, s.n > at ? XXH3_64bits(s.p + at, s.n - at) : 0);
}

static bool buf_reserve(struct uct_buf *b, size_t more)
{
    if (b->failed || more > SIZE_MAX / 2 - b->n) {
        b->failed = true;
        return false;
    }
    size_t need = b->n + more + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 256;
    while (cap < need)
        cap *= 2;
    char *p = realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void uct_buf_add(struct uct_buf *b, const void *p, size_t n)
{
    if (!buf_reserve(b, n))
        return;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void uct_buf_adds(struct uct_buf *b, const char *s)
{
    uct_buf_add(b, s, strlen(s));
}

void uct_buf_addc(struct uct_buf *b, char c)
{
    uct_buf_add(b, &c, 1);
}

void uct_buf_addf(struct uct_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !buf_reserve(b, (size_t)n))
        return;
    va_start(ap, fmt);
    vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void uct_buf_free(struct uct_buf *b)
{
    free(b->p);
    *b = (struct uct_buf){0};
}

/* A bare IPv6 address has no port. */
struct uct_slice uct_address_host(struct uct_slice a)
{
    const char *colon = a.n ? memrchr(a.p, ':', a.n) : NULL;
    if (!colon || (a.p[0] != '[' && memchr(a.p, ':', (size_t)(colon - a.p))))
        return a;
    if (a.p[0] == '[' && colon > a.p && colon[-1] != ']')
        return a;
    return uct_slice(a.p, (size_t)(colon - a.p));
}

bool uct_address_loopback(struct uct_slice a)
{
    return uct_slice_starts(a, UCT_S("127.")) || uct_slice_starts(a, UCT_S("[::1]")) || uct_slice_starts(a, UCT_S("::1"));
}
