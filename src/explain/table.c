/* table: rows of rules/codes/<family>.tsv into the dictionary.  The embedded
 * tables and those of --rules DIR are read by the same code:
 *
 *   code TAB name TAB aliases TAB meaning TAB sender TAB cause TAB check TAB confused_with TAB reference
 *   1008 TAB Unable to resolve DNS SRV record TAB TAB The edge asked DNS ... */
#include "dictionary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define LINE_MAX_BYTES 4000u
#define FILE_MAX_BYTES (4u << 20)
#define ROWS_MAX 100000u

static const char head_line[] =
    "code\tname\taliases\tmeaning\tsender\tcause\tcheck\tconfused_with\treference";

static const struct table_kind {
    const char *file;
    enum uct_family family;
    enum uct_row_kind nameless; /* what a row without a number is */
} kinds[] = {
    {"ms-diagnostics.tsv", UCT_FAMILY_MS, UCT_ROW_NAME},
    {"ms-diagnostics-ranges.tsv", UCT_FAMILY_MS, UCT_ROW_NAME},
    {"result-codes.tsv", UCT_FAMILY_RESULT, UCT_ROW_NAME},
    {"sip-status.tsv", UCT_FAMILY_SIP, UCT_ROW_NAME},
    {"alarms.tsv", UCT_FAMILY_ALARM, UCT_ROW_NAME},
    {"events.tsv", UCT_FAMILY_EVENT, UCT_ROW_NAME},
    {"log-texts.tsv", UCT_FAMILY_EVENT, UCT_ROW_TEXT},
    {"tls.tsv", UCT_FAMILY_TLS, UCT_ROW_TEXT},
    {"ice.tsv", UCT_FAMILY_ICE, UCT_ROW_NAME},
    {"q850.tsv", UCT_FAMILY_Q850, UCT_ROW_NAME},
};
#define NKINDS (sizeof kinds / sizeof kinds[0])

const char *uct_family_name(enum uct_family f)
{
    static const char *const names[UCT_FAMILIES] = {
        [UCT_FAMILY_MS] = "ms-diagnostics", [UCT_FAMILY_RESULT] = "result-code",
        [UCT_FAMILY_SIP] = "sip-status",    [UCT_FAMILY_ALARM] = "alarm",
        [UCT_FAMILY_EVENT] = "event",       [UCT_FAMILY_TLS] = "tls",
        [UCT_FAMILY_ICE] = "ice",           [UCT_FAMILY_Q850] = "q850",
    };
    return names[f];
}

static const struct table_kind *kind_of(const char *file)
{
    for (size_t i = 0; i < NKINDS; i++)
        if (strcmp(kinds[i].file, file) == 0)
            return &kinds[i];
    return NULL;
}

static bool whole_number(struct uct_slice s, uint32_t *v)
{
    uint64_t n = 0;
    bool hex = uct_slice_starts(s, UCT_S("0x"));
    if (hex)
        s = uct_slice(s.p + 2, s.n - 2);
    size_t eaten = hex ? uct_slice_hex(s, &n) : uct_slice_u64(s, &n);
    if (s.n == 0 || eaten != s.n || n > UINT32_MAX)
        return false;
    *v = (uint32_t)n;
    return true;
}

/* "1010", "0x80090322", "1000-1999", "openssl:134", "x509:20", "-". */
static bool read_code(struct uct_row *r, enum uct_row_kind nameless)
{
    struct uct_slice s = uct_slice_str(r->col[UCT_COL_CODE]);
    r->kind = UCT_ROW_NUMBER;
    if (uct_slice_eq(s, UCT_S("-"))) {
        r->kind = nameless;
        return r->col[UCT_COL_NAME][0] != '\0';
    }
    if (r->family == UCT_FAMILY_TLS && uct_slice_starts(s, UCT_S("openssl:"))) {
        r->kind = UCT_ROW_OPENSSL;
        s = uct_slice(s.p + 8, s.n - 8);
    } else if (r->family == UCT_FAMILY_TLS && uct_slice_starts(s, UCT_S("x509:"))) {
        r->kind = UCT_ROW_X509;
        s = uct_slice(s.p + 5, s.n - 5);
    }
    size_t dash = uct_slice_find(s, UCT_S("-"));
    if (r->family == UCT_FAMILY_MS && dash != SIZE_MAX) {
        r->kind = UCT_ROW_RANGE;
        return whole_number(uct_slice(s.p, dash), &r->value) &&
               whole_number(uct_slice(s.p + dash + 1, s.n - dash - 1), &r->last) && r->value <= r->last;
    }
    return whole_number(s, &r->value);
}

/* NULL, or why the line cannot be a row. */
static const char *wrong_text(struct uct_slice line)
{
    if (line.n > LINE_MAX_BYTES)
        return "line longer than 4000 bytes";
    for (size_t i = 0; i < line.n;) {
        size_t n = uct_utf8_len(uct_slice(line.p + i, line.n - i));
        unsigned char c = (unsigned char)line.p[i];
        if (n == 0)
            return "not UTF-8";
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return "control character";
        i += n;
    }
    return NULL;
}

/* Splits a copy of the line in place.  NULL, or why it is no row. */
static const char *read_row(char *line, struct uct_row *r, enum uct_row_kind nameless)
{
    size_t n = 0;
    for (char *p = line; p; n++) {
        char *tab = strchr(p, '\t');
        if (tab)
            *tab++ = '\0';
        if (n < UCT_COLS)
            r->col[n] = p;
        p = tab;
    }
    if (n != UCT_COLS)
        return "9 columns wanted";
    if (!read_code(r, nameless))
        return "the code is not one of this family";
    if (r->col[UCT_COL_MEANING][0] == '\0')
        return "no meaning";
    const char *url = r->col[UCT_COL_REFERENCE];
    if (url[0] && strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return "the reference is no URL";
    return NULL;
}

static int by_key(const struct uct_row *a, const struct uct_row *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->kind == UCT_ROW_NAME || a->kind == UCT_ROW_TEXT
               ? strcmp(a->col[UCT_COL_NAME], b->col[UCT_COL_NAME])
               : 0;
}

static int by_key_qsort(const void *a, const void *b)
{
    return by_key(a, b);
}

/* Where the built-in rows (sorted, `sorted` of them) have this key, or NULL. */
static struct uct_row *same_key(struct uct_dictionary *d, size_t sorted, const struct uct_row *r)
{
    return sorted ? bsearch(r, d->row, sorted, sizeof *d->row, by_key_qsort) : NULL;
}

static enum uct_status add_line(struct uct_dictionary *d, const struct table_kind *k, struct uct_slice line,
                                size_t sorted, const char **why)
{
    *why = wrong_text(line);
    if (*why)
        return UCT_FAILED;
    char *copy = uct_arena_dup(&d->arena, line);
    if (!copy)
        return UCT_FATAL;
    struct uct_row r = {.family = k->family};
    *why = read_row(copy, &r, k->nameless);
    if (*why)
        return UCT_FAILED;
    struct uct_row *old = same_key(d, sorted, &r);
    if (old) {
        *old = r;
        return UCT_OK;
    }
    if (d->n >= ROWS_MAX) {
        *why = "too many rows";
        return UCT_FAILED;
    }
    if (!UCT_ROOM(d->row, d->n, d->cap))
        return UCT_FATAL;
    d->row[d->n++] = r;
    return UCT_OK;
}

/* Sorts what was added; a key of one table that stands twice is an error. */
static bool settle(struct uct_dictionary *d, const char *where, struct uct_buf *error)
{
    if (d->n)
        qsort(d->row, d->n, sizeof *d->row, by_key_qsort);
    for (size_t i = 1; i < d->n; i++)
        if (by_key(&d->row[i - 1], &d->row[i]) == 0) {
            const char *const *col = d->row[i].col;
            uct_buf_addf(error, "%s: '%s %s' stands twice\n", where, col[UCT_COL_CODE], col[UCT_COL_NAME]);
            return false;
        }
    return true;
}

static enum uct_status add_builtin(struct uct_dictionary *d, struct uct_buf *error)
{
    for (const struct uct_code_table *t = uct_code_tables; t->file; t++) {
        const struct table_kind *k = kind_of(t->file);
        for (size_t i = 0; k && t->line[i]; i++) {
            const char *why;
            enum uct_status s = add_line(d, k, uct_slice_str(t->line[i]), 0, &why);
            if (s == UCT_FATAL)
                return s;
            if (s != UCT_OK) {
                uct_buf_addf(error, "%s:%zu: %s\n", t->file, i + 2, why);
                return s;
            }
        }
    }
    return settle(d, "built-in table", error) ? UCT_OK : UCT_FAILED;
}

static enum uct_status add_text(struct uct_dictionary *d, const struct table_kind *k, const char *path,
                                struct uct_slice text, struct uct_buf *error)
{
    struct uct_slice line;
    size_t sorted = d->n, number = 0;
    if (uct_slice_starts(text, UCT_S("\xef\xbb\xbf")))
        text = uct_slice(text.p + 3, text.n - 3);
    while (uct_next_line(&text, &line)) {
        const char *why = NULL;
        enum uct_status s = UCT_OK;
        if (++number == 1) {
            if (!uct_slice_eq(line, uct_slice_str(head_line)))
                why = "the head line must name the 9 columns (see rules/codes/README.md)";
        } else if (line.n) {
            s = add_line(d, k, line, sorted, &why);
        }
        if (s == UCT_FATAL)
            return s;
        if (why) {
            uct_buf_addf(error, "%s:%zu: %s\n", path, number, why);
            return UCT_FAILED;
        }
    }
    return settle(d, path, error) ? UCT_OK : UCT_FAILED;
}

static enum uct_status add_file(struct uct_dictionary *d, const struct table_kind *k, const char *path,
                                struct uct_buf *error)
{
    FILE *f = fopen(path, "rb");
    if (!f && errno == ENOENT)
        return UCT_EOF;
    if (!f) {
        uct_buf_addf(error, "%s: cannot open: %s\n", path, strerror(errno));
        return UCT_FAILED;
    }
    struct uct_buf text = {0};
    char block[16384];
    size_t n;
    while (text.n <= FILE_MAX_BYTES && (n = fread(block, 1, sizeof block, f)) > 0)
        uct_buf_add(&text, block, n);
    bool failed = ferror(f) != 0;
    fclose(f);
    enum uct_status s = UCT_FAILED;
    if (text.failed)
        s = UCT_FATAL;
    else if (failed)
        uct_buf_addf(error, "%s: cannot read\n", path);
    else if (text.n > FILE_MAX_BYTES)
        uct_buf_addf(error, "%s: larger than 4 MiB\n", path);
    else
        s = add_text(d, k, path, uct_slice(text.p, text.n), error);
    uct_buf_free(&text);
    return s;
}

static enum uct_status add_dir(struct uct_dictionary *d, const char *dir, struct uct_buf *error)
{
    struct stat st;
    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
        uct_buf_addf(error, "cannot open the directory '%s'\n", dir);
        return UCT_FAILED;
    }
    for (size_t i = 0; i < NKINDS; i++) {
        struct uct_buf path = {0};
        uct_buf_addf(&path, "%s/codes/%s", dir, kinds[i].file);
        enum uct_status s = path.failed ? UCT_FATAL : add_file(d, &kinds[i], path.p, error);
        uct_buf_free(&path);
        if (s != UCT_OK && s != UCT_EOF)
            return s;
    }
    return UCT_OK;
}

enum uct_status uct_dictionary_open(struct uct_dictionary **out, const char *const *dirs, size_t ndirs,
                                    struct uct_buf *error)
{
    *out = NULL;
    struct uct_dictionary *d = calloc(1, sizeof *d);
    if (!d)
        return UCT_FATAL;
    enum uct_status s = add_builtin(d, error);
    for (size_t i = 0; s == UCT_OK && i < ndirs; i++)
        s = add_dir(d, dirs[i], error);
    if (s != UCT_OK) {
        uct_dictionary_free(d);
        return s;
    }
    *out = d;
    return UCT_OK;
}

void uct_dictionary_free(struct uct_dictionary *d)
{
    if (!d)
        return;
    uct_arena_free(&d->arena);
    free(d->row);
    free(d);
}

size_t uct_dictionary_count(const struct uct_dictionary *d)
{
    return d->n;
}

const struct uct_row *uct_row_number(const struct uct_dictionary *d, enum uct_family f, enum uct_row_kind k,
                                     uint32_t value)
{
    struct uct_row key = {.family = f, .kind = k, .value = value};
    return d->n ? bsearch(&key, d->row, d->n, sizeof *d->row, by_key_qsort) : NULL;
}

/* ---- symbols ------------------------------------------------------------ */

/* A symbol is what a shell can complete: one word with an underscore. */
static bool is_symbol(const char *s)
{
    bool underscore = false;
    for (; *s; s++) {
        if (!uct_isalnum((unsigned char)*s) && *s != '_')
            return false;
        underscore |= *s == '_';
    }
    return underscore;
}

static bool wanted_symbol(const struct uct_row *r, struct uct_slice prefix)
{
    const char *name = r->col[UCT_COL_NAME];
    return (is_symbol(name) || (r->family == UCT_FAMILY_RESULT && name[0])) &&
           uct_slice_istarts(uct_slice_str(name), prefix);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool uct_dictionary_symbols(const struct uct_dictionary *d, const char *prefix, uct_symbol_fn *fn, void *arg)
{
    const char **list = malloc((d->n + 1) * sizeof *list);
    if (!list)
        return false;
    size_t n = 0;
    struct uct_slice head = uct_slice_str(prefix ? prefix : "");
    for (size_t i = 0; i < d->n; i++)
        if (wanted_symbol(&d->row[i], head))
            list[n++] = d->row[i].col[UCT_COL_NAME];
    if (n)
        qsort(list, n, sizeof *list, by_text);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        if (i == 0 || strcmp(list[i], list[i - 1]) != 0)
            ok = fn(arg, list[i]);
    free(list);
    return ok;
}
