/* uct-rulec: makes builtin.c of rules/ while the program is built.
 *
 *     uct-rulec OUT.c rules.rng FILE.xml...
 *
 * Checks every file against the schema and everything behind it and writes one
 * const table, sorted by id.  What it writes depends on the files' contents
 * only.  A rule that is wrong stops the build with FILE:LINE: message. */
#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/xmlschemastypes.h>

/* A C string literal, a line of text a line; NULL for NULL. */
static void put_string(FILE *f, const char *s)
{
    if (!s) {
        fputs("NULL", f);
        return;
    }
    fputc('"', f);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '\n')
            fputs(s[1] ? "\\n\"\n        \"" : "\\n", f);
        else if (c == '"' || c == '\\')
            fprintf(f, "\\%c", c);
        else if (c < 32 || c > 126 || c == '?')         /* no trigraphs */
            fprintf(f, "\\%03o", c);
        else
            fputc(c, f);
    }
    fputc('"', f);
}

static void put_strings(FILE *f, const char *what, size_t i, size_t k, const char *const *v, size_t n)
{
    if (n == 0)
        return;
    fprintf(f, "static const char *const %s_%zu_%zu[] = {\n", what, i, k);
    for (size_t j = 0; j < n; j++) {
        fputs("    ", f);
        put_string(f, v[j]);
        fputs(",\n", f);
    }
    fputs("};\n", f);
}

static void put_indexes(FILE *f, size_t i, const struct uct_rule *r)
{
    if (r->nindex)
        fprintf(f, "static const struct uct_index index_%zu[] = {\n", i);
    for (size_t k = 0; k < r->nindex; k++) {
        fprintf(f, "    {%d, ", (int)r->index[k].key);
        put_string(f, r->index[k].text);
        fprintf(f, ", %luu},\n", (unsigned long)r->index[k].number);
    }
    fputs(r->nindex ? "};\n" : "", f);
}

static void put_conditions(FILE *f, size_t i, const struct uct_rule *r)
{
    if (r->ncond)
        fprintf(f, "static const struct uct_cond cond_%zu[] = {\n", i);
    for (size_t k = 0; k < r->ncond; k++) {
        fprintf(f, "    {%d, ", (int)r->cond[k].op);
        put_string(f, r->cond[k].field);
        fputs(", ", f);
        put_string(f, r->cond[k].value);
        fprintf(f, ", %u},\n", r->cond[k].span);
    }
    fputs(r->ncond ? "};\n" : "", f);
}

static void put_params(FILE *f, size_t i, const struct uct_rule *r)
{
    if (r->nparam)
        fprintf(f, "static const struct uct_param param_%zu[] = {\n", i);
    for (size_t k = 0; k < r->nparam; k++) {
        const struct uct_param *p = &r->param[k];
        fputs("    {", f);
        put_string(f, p->name);
        fputs(", ", f);
        put_string(f, p->field);
        fputs(", ", f);
        put_string(f, p->from);
        fprintf(f, ", %d, %d},\n", p->key, p->host);
    }
    fputs(r->nparam ? "};\n" : "", f);
}

static void put_explains(FILE *f, size_t i, const struct uct_rule *r)
{
    if (r->nexplains)
        fprintf(f, "static const struct uct_explain explains_%zu[] = {\n", i);
    for (size_t k = 0; k < r->nexplains; k++) {
        fputs("    {", f);
        put_string(f, r->explains[k].rule);
        fprintf(f, ", %d, %luu},\n", (int)r->explains[k].scope, (unsigned long)r->explains[k].seconds);
    }
    fputs(r->nexplains ? "};\n" : "", f);
}

static void put_texts(FILE *f, size_t i, const struct uct_rule *r)
{
    for (size_t k = 0; k < r->ntext; k++)
        put_strings(f, "fix", i, k, r->text[k].fix, r->text[k].nfix);
    fprintf(f, "static const struct uct_text text_%zu[] = {\n", i);
    for (size_t k = 0; k < r->ntext; k++) {
        const struct uct_text *t = &r->text[k];
        fputs("    {", f);
        put_string(f, t->lang);
        fputs(",\n     ", f);
        put_string(f, t->title);
        fputs(",\n     ", f);
        put_string(f, t->cause);
        if (t->nfix)
            fprintf(f, ",\n     fix_%zu_%zu, %u},\n", i, k, t->nfix);
        else
            fputs(",\n     NULL, 0},\n", f);
    }
    fputs("};\n", f);
}

static void put_samples(FILE *f, size_t i, const struct uct_rule *r)
{
    fprintf(f, "static const struct uct_sample sample_%zu[] = {\n", i);
    for (size_t k = 0; k < r->nsample; k++) {
        fputs("    {", f);
        put_string(f, r->sample[k].file);
        fputs(",\n        ", f);
        put_string(f, r->sample[k].text);
        fprintf(f, ", %d},\n", r->sample[k].hit);
    }
    fputs("};\n", f);
}

static void put_array(FILE *f, const char *field, const char *counter, const char *what, size_t i, size_t n)
{
    if (n)
        fprintf(f, "     .%s = %s_%zu%s, .%s = %zu,\n", field, what, i,
                strcmp(what, "reference") == 0 || strcmp(what, "code") == 0 ? "_0" : "", counter, n);
}

static void put_rule(FILE *f, size_t i, const struct uct_rule *r)
{
    fputs("    {.id = ", f);
    put_string(f, r->id);
    fprintf(f, ", .class_ = %d, .severity = %d, .confidence = %d, .actor = %d,\n", (int)r->class_,
            (int)r->severity, (int)r->confidence, (int)r->actor);
    fprintf(f, "     .kinds = %u, .when = %d, .call_failed = %d, .implies = ", r->kinds, (int)r->when,
            r->call_failed);
    put_string(f, r->implies);
    fputs(",\n", f);
    put_array(f, "index", "nindex", "index", i, r->nindex);
    put_array(f, "cond", "ncond", "cond", i, r->ncond);
    put_array(f, "param", "nparam", "param", i, r->nparam);
    put_array(f, "explains", "nexplains", "explains", i, r->nexplains);
    put_array(f, "text", "ntext", "text", i, r->ntext);
    put_array(f, "reference", "nreference", "reference", i, r->nreference);
    put_array(f, "code", "ncode", "code", i, r->ncode);
    put_array(f, "sample", "nsample", "sample", i, r->nsample);
    fputs("    },\n", f);
}

static void put_parts(FILE *f, size_t i, const struct uct_rule *r)
{
    put_indexes(f, i, r);
    put_conditions(f, i, r);
    put_params(f, i, r);
    put_explains(f, i, r);
    put_texts(f, i, r);
    put_samples(f, i, r);
    put_strings(f, "reference", i, 0, r->reference, r->nreference);
    put_strings(f, "code", i, 0, r->code, r->ncode);
}

static bool put_all(FILE *f, const struct uct_ruleset *s)
{
    fputs("/* Made by uct-rulec of rules/ while the program is built: change those. */\n"
          "#include \"diagnose/load.h\"\n\n"
          "const char uct_rules_rng[] =\n        ", f);
    put_string(f, s->schema.p);
    fprintf(f, ";\nconst size_t uct_rules_rng_size = %zu;\n\n", s->schema.n);
    for (size_t i = 0; i < s->n; i++)
        put_parts(f, i, &s->rules[i].rule);
    fputs("const struct uct_rule uct_builtin_rules[] = {\n", f);
    for (size_t i = 0; i < s->n; i++)
        put_rule(f, i, &s->rules[i].rule);
    fprintf(f, "};\nconst size_t uct_builtin_nrules = %zu;\n", s->n);
    return !ferror(f);
}

static bool write_file(const char *path, const struct uct_ruleset *s)
{
    struct uct_buf part = {0};
    uct_buf_addf(&part, "%s.part", path);
    FILE *f = part.failed ? NULL : fopen(part.p, "w");
    bool ok = f && put_all(f, s);
    if (f && fclose(f) != 0)
        ok = false;
    if (ok && rename(part.p, path) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "uct-rulec: cannot write '%s': %s\n", path, strerror(errno));
    uct_buf_free(&part);
    return ok;
}

static bool run(char **argv, struct uct_ruleset *s)
{
    bool ok = true;
    size_t n = 0;
    char *schema = uct_read_file(argv[2], 1 << 20, &n);
    if (!schema) {
        fprintf(stderr, "uct-rulec: cannot read '%s': %s\n", argv[2], strerror(errno));
        return false;
    }
    s->schema = uct_slice(schema, n);
    for (char **file = argv + 3; *file; file++)
        if (!uct_ruleset_add_file(s, *file))
            ok = false;
    ok = ok && uct_ruleset_finish(s) && s->n > 0 && write_file(argv[1], s);
    free(schema);
    return ok;
}

int main(int argc, char **argv)
{
    struct uct_buf errors = {0};
    struct uct_ruleset set = {.errors = &errors};
    if (argc < 4) {
        fputs("usage: uct-rulec OUT.c rules.rng FILE.xml...\n", stderr);
        return 2;
    }
    bool ok = run(argv, &set);
    if (errors.n)
        fputs(errors.p, stderr);
    if (set.failed)
        fputs("uct-rulec: out of memory\n", stderr);
    uct_ruleset_free(&set);
    uct_buf_free(&errors);
    xmlRelaxNGCleanupTypes();
    xmlCleanupParser();
    return ok ? 0 : 1;
}
