/* schema_check SCHEMA FILE...: validates reports against doc/report.schema.json.
 *
 * A file named *.ndjson is checked line by line against the definition that its
 * "type" names.  Only the keywords that our schema uses are known; another one
 * is an error, so that no rule of the schema goes unchecked.  Exit 0 if all are
 * valid. */
#include "jsonlite.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

struct check {
    const struct json *root;
    const char *file;
    bool quiet, ok;              /* quiet: only asking (the "if" of a schema) */
    char path[512];
};

static void validate(struct check *c, const struct json *schema, const struct json *v);

static void wrong(struct check *c, const char *what, const char *detail)
{
    c->ok = false;
    if (!c->quiet)
        fprintf(stderr, "%s: %s: %s %s\n", c->file, c->path[0] ? c->path : "/", what, detail);
}

static bool is_type(const struct json *v, const char *name)
{
    static const char *const names[] = {"null", "boolean", "number", "string", "array", "object"};
    if (strcmp(name, "integer") == 0)
        return v->type == JSON_NUMBER && v->integer;
    return strcmp(names[v->type], name) == 0;
}

static bool any_type(const struct json *types, const struct json *v)
{
    if (types->type == JSON_STRING)
        return is_type(v, types->string);
    for (const struct json *t = types->child; t; t = t->next)
        if (is_type(v, t->string))
            return true;
    return false;
}

static bool matches(const char *pattern, const char *text)
{
    regex_t re;
    if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    bool hit = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return hit;
}

static size_t characters(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static void below(struct check *c, const struct json *schema, const struct json *v, const char *name)
{
    size_t n = strlen(c->path);
    snprintf(c->path + n, sizeof c->path - n, "/%s", name);
    validate(c, schema, v);
    c->path[n] = '\0';
}

static void properties(struct check *c, const struct json *list, const struct json *v)
{
    for (const struct json *p = list->child; p; p = p->next) {
        const struct json *m = json_member(v, p->key);
        if (m)
            below(c, p, m, p->key);
    }
}

static void required(struct check *c, const struct json *list, const struct json *v)
{
    for (const struct json *k = list->child; k && v->type == JSON_OBJECT; k = k->next)
        if (!json_member(v, k->string))
            wrong(c, "lacks", k->string);
}

static void additional(struct check *c, const struct json *schema, const struct json *rule,
                       const struct json *v)
{
    const struct json *named = json_member(schema, "properties");
    if (rule->type == JSON_BOOL || v->type != JSON_OBJECT)
        return;                  /* "additionalProperties": true */
    for (const struct json *m = v->child; m; m = m->next)
        if (!json_member(named, m->key))
            below(c, rule, m, m->key);
}

static void items(struct check *c, const struct json *rule, const struct json *v)
{
    size_t i = 0;
    char name[32];
    if (v->type != JSON_ARRAY)
        return;
    for (const struct json *e = v->child; e; e = e->next) {
        snprintf(name, sizeof name, "%zu", i++);
        below(c, rule, e, name);
    }
}

static void reference(struct check *c, const char *ref, const struct json *v)
{
    const struct json *definitions = json_member(c->root, "$defs");
    const struct json *d = strncmp(ref, "#/$defs/", 8) == 0 ? json_member(definitions, ref + 8) : NULL;
    if (d)
        validate(c, d, v);
    else
        wrong(c, "unknown reference", ref);
}

static void conditional(struct check *c, const struct json *schema, const struct json *condition,
                        const struct json *v)
{
    struct check ask = *c;
    const struct json *then = json_member(schema, "then");
    ask.quiet = ask.ok = true;
    validate(&ask, condition, v);
    if (ask.ok && then)
        validate(c, then, v);
}

static void one_of(struct check *c, const struct json *list, const struct json *v)
{
    for (const struct json *e = list->child; e; e = e->next)
        if (json_equal(e, v))
            return;
    wrong(c, "is none of the values of", "enum");
}

static void bounds(struct check *c, const struct json *k, const struct json *v)
{
    double n = v->type == JSON_NUMBER   ? v->number
               : v->type == JSON_STRING ? (double)characters(v->string)
                                        : (double)v->n;
    bool least = strncmp(k->key, "min", 3) == 0;
    if (v->type != JSON_NULL && (least ? n < k->number : n > k->number))
        wrong(c, "breaks", k->key);
}

/* One branch for each keyword. */
static void keyword(struct check *c, const struct json *schema, const struct json *k, const struct json *v)
{
    static const char *const bounding[] = {"minimum",  "maximum",   "minItems",
                                           "maxItems", "minLength", "maxLength"};
    static const char *const silent[] = {"$schema", "$id", "$defs", "title", "description", "then"};
    const char *name = k->key;
    for (size_t i = 0; i < sizeof bounding / sizeof *bounding; i++)
        if (strcmp(name, bounding[i]) == 0) {
            bounds(c, k, v);
            return;
        }
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(name, silent[i]) == 0)
            return;
    if (strcmp(name, "type") == 0) {
        if (!any_type(k, v))
            wrong(c, "has the wrong", "type");
    } else if (strcmp(name, "const") == 0) {
        if (!json_equal(k, v))
            wrong(c, "is not the", "const");
    } else if (strcmp(name, "enum") == 0) {
        one_of(c, k, v);
    } else if (strcmp(name, "pattern") == 0) {
        if (v->type == JSON_STRING && !matches(k->string, v->string))
            wrong(c, "does not match", k->string);
    } else if (strcmp(name, "properties") == 0) {
        properties(c, k, v);
    } else if (strcmp(name, "required") == 0) {
        required(c, k, v);
    } else if (strcmp(name, "additionalProperties") == 0) {
        additional(c, schema, k, v);
    } else if (strcmp(name, "items") == 0) {
        items(c, k, v);
    } else if (strcmp(name, "$ref") == 0) {
        reference(c, k->string, v);
    } else if (strcmp(name, "if") == 0) {
        conditional(c, schema, k, v);
    } else if (strcmp(name, "allOf") == 0) {
        for (const struct json *s = k->child; s; s = s->next)
            validate(c, s, v);
    } else {
        wrong(c, "the schema has an unknown keyword", name);
    }
}

static void validate(struct check *c, const struct json *schema, const struct json *v)
{
    for (const struct json *k = schema->child; k; k = k->next)
        keyword(c, schema, k, v);
}

/* ---- files ------------------------------------------------------------------- */

static bool read_file(const char *path, struct uct_buf *b)
{
    char piece[65536];
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        uct_buf_add(b, piece, n);
    return fclose(f) == 0 && !b->failed;
}

static bool check_text(const struct json *root, const struct json *schema, const char *file,
                       struct uct_slice text)
{
    struct uct_arena a = {0};
    struct check c = {.root = root, .file = file, .ok = true};
    size_t at = 0;
    const struct json *v = json_parse(&a, text, &at);
    const struct json *type = json_member(v, "type");
    if (!schema && type && type->type == JSON_STRING)
        schema = json_member(json_member(root, "$defs"),
                             strcmp(type->string, "summary") == 0 ? "ndjsonSummary" : type->string);
    if (!v)
        fprintf(stderr, "%s: no JSON at byte %zu\n", file, at);
    else if (!schema)
        fprintf(stderr, "%s: a line without a known type\n", file);
    else
        validate(&c, schema, v);
    uct_arena_free(&a);
    return v && schema && c.ok;
}

static bool check_file(const struct json *root, const char *file)
{
    struct uct_buf b = {0};
    bool ok = read_file(file, &b);
    size_t n = strlen(file);
    if (!ok)
        fprintf(stderr, "%s: cannot be read\n", file);
    if (ok && n > 7 && strcmp(file + n - 7, ".ndjson") == 0) {
        struct uct_slice rest = uct_slice(b.p, b.n), line;
        while (uct_next_line(&rest, &line))
            ok = check_text(root, NULL, file, line) && ok;
    } else if (ok) {
        ok = check_text(root, root, file, uct_slice(b.p, b.n));
    }
    uct_buf_free(&b);
    return ok;
}

int main(int argc, char **argv)
{
    struct uct_buf b = {0};
    struct uct_arena a = {0};
    size_t at = 0;
    if (argc < 3 || !read_file(argv[1], &b)) {
        fprintf(stderr, "usage: schema_check SCHEMA FILE...\n");
        return 2;
    }
    const struct json *root = json_parse(&a, uct_slice(b.p, b.n), &at);
    bool ok = root != NULL;
    if (!root)
        fprintf(stderr, "%s: no JSON at byte %zu\n", argv[1], at);
    for (int i = 2; root && i < argc; i++)
        ok = check_file(root, argv[i]) && ok;
    uct_arena_free(&a);
    uct_buf_free(&b);
    return ok ? 0 : 1;
}
