/* The input room: what comes out of paths, whatever they are wrapped in.
 * Fixtures are made on the spot in a folder that is removed afterwards. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "input/layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

/* ---- allocations that fail in turn (linked with --wrap) ------------------- */

static long fail_in = -1;            /* allocations until one fails; < 0: none does */

static bool fails(void)
{
    return fail_in >= 0 && fail_in-- == 0;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t k, size_t n);
void *__real_realloc(void *p, size_t n);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t k, size_t n);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *s);

void *__wrap_malloc(size_t n) { return fails() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t k, size_t n) { return fails() ? NULL : __real_calloc(k, n); }
void *__wrap_realloc(void *p, size_t n) { return fails() ? NULL : __real_realloc(p, n); }
char *__wrap_strdup(const char *s) { return fails() ? NULL : __real_strdup(s); }

/* ---- fixtures --------------------------------------------------------------- */

static char folder[] = "test_input_XXXXXX";

static const char *at(const char *name)
{
    static char path[8][256];
    static unsigned turn;
    char *p = path[turn++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static const char *put(const char *name, const void *p, size_t n)
{
    FILE *f = fopen(at(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return at(name);
}

static const char *puts_file(const char *name, const char *text)
{
    return put(name, text, strlen(text));
}

static struct uct_buf gzipped(const void *p, size_t n)
{
    struct uct_buf b = {0};
    unsigned char *out = malloc(n + 1024);
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)p;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = (uInt)(n + 1024);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    uct_buf_add(&b, out, z.total_out);
    deflateEnd(&z);
    free(out);
    return b;
}

struct file {
    const char *name;
    const char *text;
    size_t n;                        /* 0: strlen(text) */
};

static struct uct_buf packed(int format, int filter, const struct file *files, size_t nfiles,
                             const char *options)
{
    struct uct_buf b = {0};
    size_t used, cap = 1 << 20;
    char *out = malloc(cap);
    struct archive *a = archive_write_new();
    assert_int_equal(archive_write_set_format(a, format), ARCHIVE_OK);
    archive_write_add_filter(a, filter);
    if (options) {
        assert_int_equal(archive_write_set_options(a, options), ARCHIVE_OK);
        archive_write_set_passphrase(a, "secret");
    }
    assert_int_equal(archive_write_open_memory(a, out, cap, &used), ARCHIVE_OK);
    for (size_t i = 0; i < nfiles; i++) {
        struct archive_entry *e = archive_entry_new();
        size_t n = files[i].n ? files[i].n : strlen(files[i].text);
        archive_entry_set_pathname(e, files[i].name);
        archive_entry_set_filetype(e, AE_IFREG);
        archive_entry_set_perm(e, 0644);
        archive_entry_set_size(e, (la_int64_t)n);
        assert_true(archive_write_header(a, e) >= ARCHIVE_WARN);
        assert_int_equal(archive_write_data(a, files[i].text, n), n);
        archive_entry_free(e);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
    uct_buf_add(&b, out, used);
    free(out);
    return b;
}

static const struct file two[] = {{"one.log", "first\n", 0}, {"sub/two.log", "second\n", 0}};

static struct uct_buf tar_of_two(void)
{
    return packed(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, two, 2, NULL);
}

static const char *put_buf(const char *name, struct uct_buf *b)
{
    const char *path = put(name, b->p, b->n);
    uct_buf_free(b);
    return path;
}

/* ---- reading it all ------------------------------------------------------------ */

struct ask {
    size_t piece;
    const char *limits, *include, *exclude;
    bool map;
};

static enum uct_status drain_lane(struct uct_lane *lane, size_t piece, char *buf, struct uct_buf *out)
{
    struct uct_stream *s;
    enum uct_status st;
    while ((st = uct_lane_next(lane, &s)) == UCT_OK) {
        const char *note, *p;
        size_t n;
        const char *name = uct_stream_name(s);
        uct_buf_addf(out, "%s ",
                     strncmp(name, folder, strlen(folder)) == 0 ? name + strlen(folder) + 1 : name);
        if (uct_stream_map(s, &p, &n)) {
            uct_buf_adds(out, "mapped ");
            uct_buf_add(out, p, n);
        } else {
            while ((n = uct_stream_read(s, buf, piece)) > 0)
                uct_buf_add(out, buf, n);
        }
        enum uct_state state = uct_stream_state(s, &note);
        uct_buf_addf(out, "|%s|%s\n", uct_state_name(state), note ? note : "");
    }
    return st;
}

static enum uct_status read_paths(const char *const *paths, size_t n, struct ask a, struct uct_buf *out)
{
    struct uct_input_options o = {.limits = uct_limits_default, .map = a.map};
    if (a.limits)
        assert_null(uct_limits_parse(&o.limits, a.limits));
    o.include = &a.include;
    o.ninclude = a.include != NULL;
    o.exclude = &a.exclude;
    o.nexclude = a.exclude != NULL;
    size_t piece = a.piece ? a.piece : 65536;
    char *buf = __real_malloc(piece);
    struct uct_input *in = NULL;
    enum uct_status st = uct_input_open(&in, &o, paths, n);
    for (size_t i = 0; st == UCT_OK && i < uct_input_lanes(in); i++) {
        struct uct_lane *lane = uct_lane_open(in, i);
        enum uct_status r = lane ? drain_lane(lane, piece, buf, out) : UCT_FATAL;
        if (r != UCT_EOF)
            st = r;
        uct_lane_close(lane);
    }
    uct_input_free(in);
    free(buf);
    return st;
}

static struct uct_buf got_with(const char *path, struct ask a)
{
    struct uct_buf b = {0};
    uct_buf_adds(&b, "");
    assert_int_equal(read_paths(&path, 1, a, &b), UCT_OK);
    return b;
}

static void expect_with(const char *path, struct ask a, const char *want)
{
    struct uct_buf b = got_with(path, a);
    assert_string_equal(b.p, want);
    uct_buf_free(&b);
}

/* The same in pieces of any size. */
static void expect(const char *path, const char *want)
{
    static const size_t pieces[] = {1, 7, 4096, 1 << 20};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        expect_with(path, (struct ask){.piece = pieces[i]}, want);
}

static void expect_part(const char *path, struct ask a, const char *part)
{
    struct uct_buf b = got_with(path, a);
    if (!strstr(b.p, part))
        fail_msg("'%s' is not in:\n%s", part, b.p);
    uct_buf_free(&b);
}

/* ---- names, limits -------------------------------------------------------------- */

static void test_limits(void **state)
{
    (void)state;
    struct uct_limits l = uct_limits_default;
    assert_null(uct_limits_parse(&l, "depth=4,bytes=1G,ratio=10,members=2k,line=64K,record=1M,spool=0"));
    assert_int_equal(l.depth, 4);
    assert_int_equal(l.bytes, 1u << 30);
    assert_int_equal(l.members, 2048);
    assert_int_equal(l.spool, 0);
    assert_null(uct_limits_parse(&l, ""));
    struct uct_limits before = l;
    static const char *const wrong[] = {"depth",
                                        "depth=",
                                        "depth=x",
                                        "depth=1X",
                                        "depth=1KB",
                                        "ratio=0",
                                        "foo=1",
                                        "bytes=99999999T",
                                        "bytes=99999999999999999999999",
                                        "bytes=1G,",
                                        ",",
                                        "depth=2,depth=5G",
                                        "line=2G",
                                        "=1",
                                        "depth=-1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_non_null(uct_limits_parse(&l, wrong[i]));
        assert_memory_equal(&l, &before, sizeof l);
    }
}

static void test_globs(void **state)
{
    (void)state;
    assert_true(uct_glob_name("*.log", "case/a.zip!x/y.log"));
    assert_true(uct_glob_name("y.log", "case/a.zip!x/y.log"));
    assert_true(uct_glob_name("a*y.???", "case/a.zip!axy.log"));
    assert_false(uct_glob_name("a.zip", "case/a.zip!x/y.log"));
    assert_true(uct_glob_name("case/*!x/*", "case/a.zip!x/y.log"));
    assert_false(uct_glob_name("x/y.log", "case/a.zip!x/y.log"));
    assert_true(uct_glob("?", "\xc3\xa9"));
    assert_true(uct_glob("", ""));
    assert_false(uct_glob("", "a"));
    assert_true(uct_glob("**", "a"));
    char name[20001], pattern[4001];
    memset(name, 'a', 20000);
    name[20000] = '\0';
    for (size_t i = 0; i < 4000; i += 2)
        memcpy(pattern + i, "*a", 2);
    memcpy(pattern + 3999, "b", 2);
    assert_false(uct_glob(pattern, name));
}

/* ---- the walk --------------------------------------------------------------------- */

static void test_walk(void **state)
{
    (void)state;
    mkdir(at("w"), 0755);
    mkdir(at("w/b"), 0755);
    mkdir(at("w/empty"), 0755);
    puts_file("w/b/2.log", "two\n");
    puts_file("w/a.log", "a\n");
    puts_file("w/b.log", "b\n");
    puts_file("w/.DS_Store", "x");
    puts_file("w/._a.log", "x");
    assert_int_equal(symlink(".", at("w/b/loop")), 0);
    assert_int_equal(symlink("../a.log", at("w/b/link")), 0);
    assert_int_equal(symlink("nowhere", at("w/z")), 0);
    assert_int_equal(mkfifo(at("w/pipe"), 0644), 0);
    expect(at("w/"), "w/a.log a\n|ok|\nw/b/2.log two\n|ok|\nw/b/link a\n|ok|\nw/b.log b\n|ok|\n"
           "w/pipe |unreadable|a pipe inside a directory is not read: give it by its own name\n"
           "w/z |unreadable|cannot be opened: No such file or directory\n");
    expect(at("w/empty"), "w/empty |empty|no files in this directory\n");
    expect(at("none"), "none |unreadable|cannot be opened: No such file or directory\n");
    expect("/dev/null", "/dev/null |unreadable|not a regular file: devices and sockets are not read\n");
    expect_with(at("w"), (struct ask){.include = "*.log", .exclude = "b.log"},
                "w/a.log a\n|ok|\nw/b/2.log two\n|ok|\n"
                "w/pipe |unreadable|a pipe inside a directory is not read: give it by its own name\n"
                "w/z |unreadable|cannot be opened: No such file or directory\n");
    expect(puts_file("zero", ""), "zero |empty|the file is empty\n");
    expect(puts_file("bad\n\x80name", "x"), "bad?\xef\xbf\xbdname x|ok|\n");
}

static void test_stdin(void **state)
{
    (void)state;
    struct uct_buf t = tar_of_two(), z = gzipped(t.p, t.n);
    int fds[2], saved = dup(0);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], z.p, z.n), z.n);
    close(fds[1]);
    dup2(fds[0], 0);
    close(fds[0]);
    expect_with("-", (struct ask){0}, "-!one.log first\n|ok|\n-!sub/two.log second\n|ok|\n");
    dup2(saved, 0);
    close(saved);
    uct_buf_free(&t);
    uct_buf_free(&z);
}

/* ---- gzip --------------------------------------------------------------------------- */

static void test_gzip(void **state)
{
    (void)state;
    struct uct_buf a = gzipped("hello\n", 6), b = {0};
    expect(put("a.gz", a.p, a.n), "a.gz hello\n|ok|\n");
    uct_buf_add(&b, a.p, a.n);
    uct_buf_add(&b, a.p, a.n);
    expect(put("aa.gz", b.p, b.n), "aa.gz hello\nhello\n|ok|\n");
    uct_buf_add(&b, "\0\0\0", 3);
    expect(put("aa0.gz", b.p, b.n), "aa0.gz hello\nhello\n|ok|\n");
    uct_buf_adds(&b, "garbage");
    expect(put("aag.gz", b.p, b.n),
           "aag.gz hello\nhello\n|ok|bytes after the end of the gzip data, from byte 55 on, were left out\n");
    struct uct_buf twice = gzipped(a.p, a.n);
    expect(put_buf("a.gz.gz", &twice), "a.gz.gz hello\n|ok|\n");
    a.p[a.n - 6] ^= 1;
    expect_part(put("crc.gz", a.p, a.n), (struct ask){0}, "crc.gz hello\n|corrupt|the checksum");
    a.p[10] = 7;                     /* no such type of block */
    expect_part(put("block.gz", a.p, a.n), (struct ask){0}, "block.gz |corrupt|damaged gzip data");
    uct_buf_free(&a);
    uct_buf_free(&b);
    struct uct_buf none = gzipped("", 0);
    expect(put_buf("none.gz", &none), "none.gz |empty|the file is empty\n");
}

static void test_gzip_header(void **state)
{
    (void)state;
    struct uct_buf a = gzipped("hello\n", 6), b = {0};
    uct_buf_add(&b, "\x1f\x8b\x08\x1e\0\0\0\0\0\3" "\5\0extra" "name\0" "comment\0" "\x12\x34", 32);
    uct_buf_add(&b, a.p + 10, a.n - 10);
    expect(put("h.gz", b.p, b.n), "h.gz hello\n|ok|\n");
    for (size_t n = 3; n < 32; n++)
        expect_part(put("cut.gz", b.p, n), (struct ask){.piece = 5},
                    "cut.gz |truncated|the gzip data ends early");
    uct_buf_free(&a);
    uct_buf_free(&b);
}

/* Cut anywhere, or with any byte changed: something is said, nothing hangs. */
static void test_gzip_hurt(void **state)
{
    (void)state;
    struct uct_buf text = {0};
    for (unsigned i = 0; i < 1200; i++)
        uct_buf_addf(&text, "line %u of %x\n", i, i * 2654435761u);
    struct uct_buf z = gzipped(text.p, text.n);
    for (size_t n = 4; n < z.n; n += 31)
        expect_part(put("hurt.gz", z.p, n), (struct ask){.piece = 100}, "|truncated|");
    for (size_t i = 10; i < z.n; i += 1 + i / 100) {
        z.p[i] ^= 0x55;
        struct uct_buf whole = got_with(put("hurt.gz", z.p, z.n), (struct ask){.piece = 1 << 20});
        struct uct_buf pieces = got_with(at("hurt.gz"), (struct ask){.piece = 3});
        assert_string_equal(whole.p, pieces.p);
        assert_null(strstr(whole.p, "|ok|\n"));
        uct_buf_free(&whole);
        uct_buf_free(&pieces);
        z.p[i] ^= 0x55;
    }
    uct_buf_free(&z);
    uct_buf_free(&text);
}

/* ---- archives ------------------------------------------------------------------------- */

static void test_archives(void **state)
{
    (void)state;
    static const struct {
        int format, filter;
        const char *name;
    } kinds[] = {{ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, "tar"},
                 {ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_GZIP, "pax"},
                 {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_XZ, "gnu"},
                 {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2, "bz2"},
                 {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_ZSTD, "zst"},
                 {ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "zip"},
                 {ARCHIVE_FORMAT_7ZIP, ARCHIVE_FILTER_NONE, "7z"},
                 {ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, "cpio"},
                 {ARCHIVE_FORMAT_CPIO_POSIX, ARCHIVE_FILTER_NONE, "odc"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char want[256];
        snprintf(want, sizeof want, "k.%s!one.log first\n|ok|\nk.%s!sub/two.log second\n|ok|\n",
                 kinds[i].name, kinds[i].name);
        struct uct_buf b = packed(kinds[i].format, kinds[i].filter, two, 2, NULL);
        struct file outer = {"in.bin", b.p, b.n};
        struct uct_buf t = packed(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, &outer, 1, NULL);
        char path[32];
        snprintf(path, sizeof path, "k.%s", kinds[i].name);
        expect(put(path, b.p, b.n), want);
        expect(put("nest", t.p, t.n),
               "nest!in.bin!one.log first\n|ok|\nnest!in.bin!sub/two.log second\n|ok|\n");
        uct_buf_free(&b);
        uct_buf_free(&t);
    }
}

static void test_members(void **state)
{
    (void)state;
    static const struct file odd[] = {{"../../up\x1b[1m\n.log", "up\n", 0}, {"/abs.log", "abs\n", 0},
                                      {"d\xc3\xa9j\xc3\xa0.log", "utf\n", 0}, {"zero.log", "", 0},
                                      {"__MACOSX/._x.log", "junk", 0}, {"d/.DS_Store", "junk", 0}};
    static const int formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_ZIP,
                                  ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE};
    for (size_t i = 0; i < 3; i++) {
        struct uct_buf b = packed(formats[i], ARCHIVE_FILTER_NONE, odd, 6, NULL);
        expect(put_buf("odd", &b), "odd!../../up\xef\xbf\xbd[1m?.log up\n|ok|\nodd!/abs.log abs\n|ok|\n"
               "odd!d\xc3\xa9j\xc3\xa0.log utf\n|ok|\nodd!zero.log |empty|the file is empty\n");
    }
    struct uct_buf b = tar_of_two();
    put_buf("two.tar", &b);
    expect_with(at("two.tar"), (struct ask){.include = "one*"}, "two.tar!one.log first\n|ok|\n");
    expect_with(at("two.tar"), (struct ask){.exclude = "one*"}, "two.tar!sub/two.log second\n|ok|\n");
    expect_with(at("two.tar"), (struct ask){.exclude = "*.tar"}, "");
    b = packed(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 0, NULL);
    expect(put_buf("no.zip", &b), "no.zip |empty|no files in this archive\n");
    b = packed(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, two, 0, NULL);
    expect(put_buf("no.tgz", &b), "no.tgz |empty|no files in this archive\n");
}

static void test_password(void **state)
{
    (void)state;
    struct uct_buf b = packed(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 2, "zip:encryption=traditional");
    expect(
        put_buf("locked.zip", &b),
        "locked.zip!one.log |unsupported|locked by a password: unpack it with the password and give the "
        "folder\n"
        "locked.zip!sub/two.log |unsupported|locked by a password: unpack it with the password and give the "
        "folder\n");
}

static void test_hurt_archives(void **state)
{
    (void)state;
    static const int formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_ZIP, ARCHIVE_FORMAT_7ZIP};
    for (size_t k = 0; k < 3; k++) {
        struct uct_buf b = packed(formats[k], ARCHIVE_FILTER_NONE, two, 2, NULL);
        for (size_t i = 0; i < b.n && i < 2500; i += k ? 1 : 7) {
            b.p[i] ^= 0x2a;
            struct uct_buf got = got_with(put("hurt", b.p, b.n), (struct ask){.piece = 64});
            uct_buf_free(&got);
            b.p[i] ^= 0x2a;
            if (i > 300) {
                got = got_with(put("hurt", b.p, i), (struct ask){.piece = 64});
                uct_buf_free(&got);
            }
        }
        uct_buf_free(&b);
    }
    struct uct_buf t = tar_of_two();
    expect_part(put("cut.tar", t.p, 1024 + 515), (struct ask){0}, "|truncated|");
    expect_part(put("cut.tar", t.p, 700), (struct ask){0},
                "cut.tar |truncated|the tar archive ends early after or in 'one.log'");
    struct uct_buf z = gzipped(t.p, t.n);
    z.p[z.n - 6] ^= 1;
    expect_part(put_buf("crc.tgz", &z), (struct ask){0}, "crc.tgz |corrupt|the checksum of the gzip data");
    z = packed(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 2, NULL);
    expect_part(put("cut.zip", z.p, z.n - 5), (struct ask){0}, "two.log second\n|ok|\ncut.zip |truncated|");
    uct_buf_free(&z);
    uct_buf_free(&t);
}

static void test_bounds(void **state)
{
    (void)state;
    struct uct_buf t = tar_of_two(), z = gzipped(t.p, t.n);
    struct file inner = {"in.tgz", z.p, z.n};
    struct uct_buf outer = packed(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, &inner, 1, NULL);
    put("deep.zip", outer.p, outer.n);
    put("two.tgz", z.p, z.n);
    expect_part(at("deep.zip"), (struct ask){.limits = "depth=2"}, "two.log second\n|ok|\n");
    expect_part(at("deep.zip"), (struct ask){.limits = "depth=1"},
                "deep.zip!in.tgz |limited|archives inside one another, more than 1 deep");
    expect_part(at("two.tgz"), (struct ask){.limits = "members=1"},
                "two.tgz!one.log first\n|ok|\ntwo.tgz |limited|more than 1 file in archives");
    struct uct_buf text = gzipped("0123456789", 10);
    for (size_t piece = 1; piece < 12; piece++) {
        expect_with(
            put("t.gz", text.p, text.n), (struct ask){.limits = "bytes=4", .piece = piece},
            "t.gz 0123|limited|unpacking stopped at 4 bytes, the rest was not read: raise the limit with "
            "'--limits bytes='\n");
        expect_with(at("t.gz"), (struct ask){.limits = "bytes=10", .piece = piece}, "t.gz 0123456789|ok|\n");
    }
    uct_buf_free(&text);
    uct_buf_free(&outer);
    uct_buf_free(&z);
    uct_buf_free(&t);
}

/* What starts like an archive but is text or something else stays as it is. */
static void test_plain(void **state)
{
    (void)state;
    expect(puts_file("p", "#mtree\n/set type=file\nlog type=file\n"),
           "p #mtree\n/set type=file\nlog type=file\n|ok|\n");
    expect(puts_file("p", "070701 is a number\n"), "p 070701 is a number\n|ok|\n");
    expect(puts_file("p", "BZh9 is not bzip2\n"), "p BZh9 is not bzip2\n|ok|\n");
    expect(puts_file("p", "no final newline"), "p no final newline|ok|\n");
    char zeros[2048] = {0};
    memcpy(zeros + 2040, "the log\n", 8);
    struct uct_buf b = got_with(put("p", zeros, sizeof zeros), (struct ask){0});
    assert_int_equal(b.n, 2 + sizeof zeros + 5);
    uct_buf_free(&b);
}

/* ---- text ------------------------------------------------------------------------------- */

/* Offsets stay: a CR becomes a LF, but not the one of CR LF further on, and not where lines end otherwise. */
static void test_bare_cr(void **state)
{
    (void)state;
    expect(put("u", "a\rb\rc", 5), "u a\nb\nc|ok|lines end with CR alone\n");
    expect(put("u", "a\rb\r\nc\r", 7), "u a\rb\r\nc\r|ok|\n");
    expect(put("u", "a\rb", 3), "u a\rb|ok|\n");
    struct uct_buf b = {0}, want = {0};
    uct_buf_addf(&want, "u ");
    for (unsigned i = 0; i < 70000; i++) {
        uct_buf_addf(&b, "line %u\r", i);
        uct_buf_addf(&want, "line %u\n", i);
    }
    uct_buf_addf(&b, "end\r\n\r");
    uct_buf_addf(&want, "end\r\n\n|ok|lines end with CR alone\n");
    const char nul = '\0';
    uct_buf_add(&want, &nul, 1);
    expect(put_buf("u", &b), want.p);
    uct_buf_free(&want);
}

static void test_utf16(void **state)
{
    (void)state;
    static const char text[] = "\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80 ok, and some more of it\r\n";
    static const unsigned units[] = {0xe9, ' ', 0x4e2d, ' ', 0xd83d, 0xde00, ' '};
    for (int big = 0; big < 2; big++) {
        for (int mark = 0; mark < 2; mark++) {
            struct uct_buf b = {0};
            unsigned u[80], n = 0;
            if (mark)
                u[n++] = 0xfeff;
            for (size_t i = 0; i < 7 && mark; i++)
                u[n++] = units[i];
            for (const char *p = text + 11 + 1; *p; p++)
                u[n++] = (unsigned char)*p;
            for (unsigned i = 0; i < n; i++) {
                char pair[2] = {(char)(big ? u[i] >> 8 : u[i]), (char)(big ? u[i] : u[i] >> 8)};
                uct_buf_add(&b, pair, 2);
            }
            char want[128];
            snprintf(want, sizeof want, "u %s|ok|UTF-16 decoded\n", mark ? text : text + 12);
            expect(put_buf("u", &b), want);
        }
    }
    expect(put("u", "\xff\xfe" "a\0\x3d\xd8" "b\0\x00\xdc" "c\0d", 13),
           "u a\xef\xbf\xbd" "b\xef\xbf\xbd" "c\xef\xbf\xbd|ok|UTF-16 decoded\n");
    expect(put("u", "\xff\xfe", 2), "u |empty|the file is empty\n");
    expect(put("u", "\xef\xbb\xbftext\n", 8), "u text\n|ok|\n");
    expect(put("u", "\xef\xbb\xbf", 3), "u |empty|the file is empty\n");
    /* Control characters: not text, left alone. */
    struct uct_buf raw =
        got_with(put("u", "\1\0\2\0a\0b\0c\0d\0e\0f\0g\0h\0i\0j\0k\0l\0m\0n\0", 32), (struct ask){0});
    assert_int_equal(raw.n, 2 + 32 + 5);
    uct_buf_free(&raw);
}

/* ---- files that change --------------------------------------------------------------------- */

static void test_map(void **state)
{
    (void)state;
    struct uct_stream *s;
    const char *p, *note, *path = puts_file("m", "\xef\xbb\xbfsmall\n");
    assert_true(uct_guard_install());
    expect_with(path, (struct ask){.map = true}, "m mapped small\n|ok|\n");
    struct uct_input_options o = {.limits = uct_limits_default, .map = true};
    struct uct_input *in;
    char *page = calloc(1, 1 << 16);
    memset(page, 'x', 1 << 16);
    path = put("m", page, 1 << 16);
    free(page);
    size_t n, sum = 0;
    assert_int_equal(uct_input_open(&in, &o, &path, 1), UCT_OK);
    assert_int_equal(uct_input_bytes(in), 1 << 16);
    struct uct_lane *lane = uct_lane_open(in, 0);
    assert_int_equal(uct_lane_next(lane, &s), UCT_OK);
    assert_true(uct_stream_map(s, &p, &n));
    assert_int_equal(n, 1 << 16);
    assert_int_equal(truncate(path, 100), 0);
    for (size_t i = 0; i < n; i++)
        sum += p[i] == 'x';
    assert_int_equal(sum, 100);
    assert_int_equal(uct_stream_state(s, &note), UCT_STATE_TRUNCATED);
    assert_non_null(strstr(note, "shrank"));
    assert_int_equal(uct_lane_next(lane, &s), UCT_EOF);
    uct_lane_close(lane);
    uct_input_free(in);
}

static void test_shrinks(void **state)
{
    (void)state;
    struct uct_input_options o = {.limits = uct_limits_default};
    struct uct_input *in;
    struct uct_stream *s;
    char *big = calloc(1, 1 << 16), buf[1 << 14];
    memset(big, 'x', 1 << 16);
    const char *note, *path = put("s", big, 1 << 16);
    assert_int_equal(uct_input_open(&in, &o, &path, 1), UCT_OK);
    struct uct_lane *lane = uct_lane_open(in, 0);
    assert_int_equal(uct_lane_next(lane, &s), UCT_OK);
    assert_int_equal(uct_stream_read(s, buf, sizeof buf), sizeof buf);
    assert_int_equal(truncate(path, sizeof buf + 10), 0);
    assert_int_equal(uct_stream_read(s, buf, sizeof buf), 10);
    assert_int_equal(uct_stream_read(s, buf, sizeof buf), 0);
    assert_int_equal(uct_stream_state(s, &note), UCT_STATE_TRUNCATED);
    uct_lane_close(lane);
    /* One that grows gives what it held when it was opened. */
    put("s", big, 1 << 16);
    lane = uct_lane_open(in, 0);
    assert_int_equal(uct_lane_next(lane, &s), UCT_OK);
    FILE *f = fopen(path, "ab");
    fputs("more", f);
    fclose(f);
    size_t n, total = 0;
    while ((n = uct_stream_read(s, buf, sizeof buf)))
        total += n;
    assert_int_equal(total, 1 << 16);
    assert_int_equal(uct_stream_state(s, &note), UCT_STATE_OK);
    uct_lane_close(lane);
    uct_input_free(in);
    free(big);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void test_no_memory(void **state)
{
    (void)state;
    struct uct_buf z = packed(ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, two, 2, NULL);
    struct file inner[] = {{"in.zip", z.p, z.n}, {"u16", "\xff\xfe" "a\0", 4}, {"x.log", "x\n", 0}};
    struct uct_buf t = packed(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, inner, 3, NULL);
    struct uct_buf x = packed(ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_XZ, two, 1, NULL);
    mkdir(at("oom"), 0755);
    put("oom/t.tgz", t.p, t.n);
    put("oom/x.xz", x.p, x.n);
    const char *path = at("oom");
    enum uct_status st = UCT_FATAL;
    for (long i = 0; st != UCT_OK && i < 10000; i++) {
        struct uct_buf out = {.p = __real_malloc(1 << 16), .cap = 1 << 16};
        fail_in = i;
        st = read_paths(&path, 1, (struct ask){.include = "*", .exclude = "none"}, &out);
        assert_true(st == UCT_OK || st == UCT_FATAL);
        if (fail_in >= 0)            /* none failed any more */
            assert_int_equal(st, UCT_OK);
        else
            assert_int_equal(st, UCT_FATAL);
        fail_in = -1;
        uct_buf_free(&out);
    }
    assert_int_equal(st, UCT_OK);
    uct_buf_free(&z);
    uct_buf_free(&t);
    uct_buf_free(&x);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
    (void)st;
    (void)flag;
    (void)f;
    return remove(path);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits), cmocka_unit_test(test_globs), cmocka_unit_test(test_walk),
        cmocka_unit_test(test_stdin), cmocka_unit_test(test_gzip), cmocka_unit_test(test_gzip_header),
        cmocka_unit_test(test_gzip_hurt), cmocka_unit_test(test_archives), cmocka_unit_test(test_members),
        cmocka_unit_test(test_password), cmocka_unit_test(test_hurt_archives), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_plain), cmocka_unit_test(test_utf16), cmocka_unit_test(test_bare_cr), cmocka_unit_test(test_map),
        cmocka_unit_test(test_shrinks), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
