/* What the first bytes of a stream say it is.  Magic numbers and, for tar, the
 * checksum of its header: names are never looked at. */
#include "layer.h"

struct magic {
    enum uct_kind kind;
    const char *name;
    struct uct_slice bytes;
};

static const struct magic magics[] = {
    {UCT_KIND_ZIP, "zip", {"PK\3\4", 4}},
    {UCT_KIND_ZIP, "zip", {"PK\5\6", 4}},
    {UCT_KIND_ZIP, "zip", {"PK\7\10PK\3\4", 8}},
    {UCT_KIND_7Z, "7z", {"7z\xbc\xaf\x27\x1c", 6}},
    {UCT_KIND_RAR, "rar", {"Rar!\x1a\7\0", 7}},
    {UCT_KIND_RAR5, "rar", {"Rar!\x1a\7\1\0", 8}},
    {UCT_KIND_CAB, "cab", {"MSCF\0\0\0\0", 8}},
    {UCT_KIND_AR, "ar", {"!<arch>\n", 8}},
    {UCT_KIND_XZ, "xz", {"\xfd" "7zXZ\0", 6}},
    {UCT_KIND_ZSTD, "zstd", {"\x28\xb5\x2f\xfd", 4}},
    {UCT_KIND_LZ4, "lz4", {"\x04\x22\x4d\x18", 4}},
    {UCT_KIND_LZIP, "lzip", {"LZIP\1", 5}},
    {UCT_KIND_COMPRESS, "compress", {"\x1f\x9d\x90", 3}},
    {UCT_KIND_UTF8_BOM, "utf-8", {"\xef\xbb\xbf", 3}},
};

const char *uct_kind_name(enum uct_kind k)
{
    switch (k) {
    case UCT_KIND_GZIP: return "gzip";
    case UCT_KIND_BZIP2: return "bzip2";
    case UCT_KIND_TAR: case UCT_KIND_EMPTY_TAR: return "tar";
    case UCT_KIND_CPIO: return "cpio";
    default: break;
    }
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (magics[i].kind == k)
            return magics[i].name;
    return "text";
}

static bool is_gzip(struct uct_slice s)
{
    /* The first reserved flag tells a damaged header from something else. */
    return uct_slice_starts(s, UCT_S("\x1f\x8b\x08")) && (s.n < 4 || !((unsigned char)s.p[3] & 0xe0));
}

/* "BZh" level, then the mark of a block or of the end. */
static bool is_bzip2(struct uct_slice s)
{
    return s.n >= 10 && memcmp(s.p, "BZh", 3) == 0 && s.p[3] >= '1' && s.p[3] <= '9' &&
           (memcmp(s.p + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
            memcmp(s.p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* "070701" (new), "070702" (with checksums), "070707" (old), then only digits. */
static bool is_cpio(struct uct_slice s)
{
    if (!uct_slice_starts(s, UCT_S("07070")) || s.n < 110 || !strchr("127", s.p[5]))
        return false;
    size_t n = s.p[5] == '7' ? 76 : 110;
    for (size_t i = 6; i < n; i++)
        if (s.p[5] == '7' ? s.p[i] < '0' || s.p[i] > '7' : uct_hexval((unsigned char)s.p[i]) < 0)
            return false;
    return true;
}

/* The sum of the header's 512 bytes, its own field taken as blanks, stands in
 * octal at 148; old programs added signed bytes. */
static bool is_tar(struct uct_slice s)
{
    if (s.n < 512 || s.p[0] == '\0')
        return false;
    long sum = 8 * ' ', signed_sum = 8 * ' ', said = 0;
    for (size_t i = 0; i < 512; i++) {
        if (i >= 148 && i < 156)
            continue;
        sum += (unsigned char)s.p[i];
        signed_sum += (signed char)s.p[i];
    }
    size_t i = 148, digits = 0;
    while (i < 156 && s.p[i] == ' ')
        i++;
    for (; i < 156 && s.p[i] >= '0' && s.p[i] <= '7'; i++, digits++)
        said = said * 8 + (s.p[i] - '0');
    return digits > 0 && (said == sum || said == signed_sum);
}

/* `tar -c` of nothing: blocks of NULs and no more.  A log that begins with
 * NULs, as after a power cut, goes on past them. */
static bool is_empty_tar(struct uct_layer *l)
{
    struct uct_slice s = uct_layer_peek(l, 10241);
    if (s.n != 1024 && s.n != 10240)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i])
            return false;
    return true;
}

static bool textual(unsigned char c)
{
    return (c >= ' ' && c < 0x7f) || c == '\t' || c == '\r' || c == '\n';
}

/* Without a mark only what is plainly so: nine in ten of at least 16 units are
 * ASCII text, and no unit is NUL or a control character. */
static bool is_utf16(struct uct_slice s, bool big)
{
    size_t units = s.n / 2, plain = 0;
    for (size_t i = 0; i < units; i++) {
        unsigned char high = (unsigned char)s.p[2 * i + !big], low = (unsigned char)s.p[2 * i + big];
        if (high == 0 && !textual(low) && low < 0xa0)
            return false;
        plain += high == 0 && textual(low);
    }
    return units >= 16 && plain * 10 >= units * 9;
}

static bool has_utf16_mark(struct uct_slice s, enum uct_kind *k)
{
    if (s.n < 2 || (s.n >= 4 && memcmp(s.p, "\xff\xfe\0\0", 4) == 0))     /* UTF-32 */
        return false;
    if (memcmp(s.p, "\xff\xfe", 2) == 0)
        *k = UCT_KIND_UTF16LE_BOM;
    else if (memcmp(s.p, "\xfe\xff", 2) == 0)
        *k = UCT_KIND_UTF16BE_BOM;
    else
        return false;
    /* An MP3 begins alike: text has no NUL and hardly a control character. */
    for (size_t i = 2; i + 1 < s.n; i += 2)
        if (s.p[i] == 0 && s.p[i + 1] == 0 && i < 16)
            return false;
    return true;
}

enum uct_kind uct_kind_of(struct uct_layer *l)
{
    struct uct_slice s = uct_layer_peek(l, UCT_PEEK);
    enum uct_kind k;
    if (s.n == 0)
        return UCT_KIND_NONE;
    if (is_gzip(s))
        return UCT_KIND_GZIP;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (uct_slice_starts(s, magics[i].bytes))
            return magics[i].kind;
    if (is_bzip2(s))
        return UCT_KIND_BZIP2;
    if (is_tar(s))
        return UCT_KIND_TAR;
    if (is_cpio(s))
        return UCT_KIND_CPIO;
    if (has_utf16_mark(s, &k))
        return k;
    if (is_utf16(s, false))
        return UCT_KIND_UTF16LE;
    if (is_utf16(s, true))
        return UCT_KIND_UTF16BE;
    if (s.p[0] == '\0' && is_empty_tar(l))
        return UCT_KIND_EMPTY_TAR;
    return UCT_KIND_PLAIN;
}
