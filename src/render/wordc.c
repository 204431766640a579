/* uct-wordc: makes the table of fixed words, at build time.
 *
 *   uct-wordc OUT.c words.xml...
 *
 * <words xml:lang="TAG"><word id="some-word">text</word>...</words>: an id is the name of enum uct_word in lower
 * case with hyphens, so that an unknown one stops the compiler. */
#include <libxml/parser.h>
#include <libxml/tree.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            fprintf(out, "\\%03o", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

/* Runs of white space become one blank, as a file is wrapped for its readers only. */
static void squeeze(char *s)
{
    char *out = s;
    for (const char *p = s; *p; p++)
        if (!isspace((unsigned char)*p))
            *out++ = *p;
        else if (out > s && out[-1] != ' ')
            *out++ = ' ';
    while (out > s && out[-1] == ' ')
        out--;
    *out = '\0';
}

static int word(FILE *out, xmlNode *n, const char *path)
{
    xmlChar *id = xmlGetProp(n, BAD_CAST "id"), *text = xmlNodeGetContent(n);
    int ok = id && text && *id;
    if (ok) {
        fputs("        [UCT_W_", out);
        for (const char *p = (const char *)id; *p; p++)
            fputc(*p == '-' ? '_' : toupper((unsigned char)*p), out);
        fputs("] = ", out);
        squeeze((char *)text);
        put_string(out, (const char *)text);
        fputs(",\n", out);
    } else {
        fprintf(stderr, "uct-wordc: %s:%ld: a word needs an id\n", path, xmlGetLineNo(n));
    }
    xmlFree(id);
    xmlFree(text);
    return ok;
}

static int file(FILE *out, const char *path)
{
    xmlDoc *doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    xmlChar *lang = root ? xmlNodeGetLang(root) : NULL;
    int ok = root && lang && strcmp((const char *)root->name, "words") == 0;
    if (!ok) {
        fprintf(stderr, "uct-wordc: %s: no <words xml:lang=...> in it\n", path);
    } else {
        fputs("    {.lang = ", out);
        put_string(out, (const char *)lang);
        fputs(", .word = {\n", out);
        for (xmlNode *n = root->children; n; n = n->next)
            if (n->type == XML_ELEMENT_NODE)
                ok = word(out, n, path) && ok;
        fputs("    }},\n", out);
    }
    xmlFree(lang);
    xmlFreeDoc(doc);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: uct-wordc OUT.c words.xml...\n", stderr);
        return 2;
    }
    FILE *out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 1;
    }
    fputs("/* Made by uct-wordc from rules/lang: change that instead. */\n#include \"render/words.h\"\n\n"
          "const struct uct_words uct_words_table[] = {\n", out);
    int ok = 1;
    for (int i = 2; i < argc; i++)
        ok = file(out, argv[i]) && ok;
    fprintf(out, "};\nconst unsigned long uct_nwords = %d;\n", argc - 2);
    ok = fclose(out) == 0 && ok;
    if (!ok)
        remove(argv[1]);
    xmlCleanupParser();
    return ok ? 0 : 1;
}
