/* Files of rules into structures: XML, the schema, the tree.
 *
 *     <rules xmlns="urn:uctriage:rules:1" family="federation">
 *       <rule id="federation.srv-missing" class="root-cause" ...>
 *
 * The files of --rules DIR come from somebody else.  So: UTF-8 only, at most
 * MAX_FILE bytes, no document type (and with it no entities), no network; the
 * schema is embedded.  What libxml2 has to say goes into the caller's buffer. */
#include "load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>

#define MAX_FILE ((size_t)4 << 20)
#define MAX_LIST 4096            /* of anything in one rule: counts are 16 bits */
#define MAX_ERRORS 100

void uct_ruleset_error(struct uct_ruleset *s, const char *file, int line, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    if (s->nerrors++ >= MAX_ERRORS)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    size_t n = strlen(text);
    while (n && text[n - 1] == '\n')
        text[--n] = 0;
    if (line > 0)
        uct_buf_addf(s->errors, "%s:%d: %s\n", file, line, text);
    else
        uct_buf_addf(s->errors, "%s: %s\n", file, text);
}

void uct_ruleset_free(struct uct_ruleset *s)
{
    free(s->rules);
    free(s->texts);
    uct_arena_free(&s->arena);
    s->rules = NULL;
    s->texts = NULL;
    s->n = s->cap = s->ntexts = s->ctexts = 0;
}

/* ---- reading the tree -------------------------------------------------- */

struct reader {
    struct uct_ruleset *set;
    const char *file;
    const char *family;
};

static bool is(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0;
}

static xmlNode *next_element(xmlNode *n)
{
    while (n && n->type != XML_ELEMENT_NODE)
        n = n->next;
    return n;
}

/* Is s[at] within a character of the scripts that are written without blanks
 * (U+3000..U+9FFF, U+F000..U+FFFF: three bytes in UTF-8)? */
static bool no_blanks(struct uct_slice s, size_t at)
{
    for (unsigned i = 0; i < 3 && at > 0 && ((unsigned char)s.p[at] & 0xc0) == 0x80; i++)
        at--;
    unsigned char lead = (unsigned char)s.p[at];
    return (lead >= 0xe3 && lead <= 0xe9) || lead == 0xef;
}

/* Copies into the arena; `folded` makes one blank of every run of white space,
 * and nothing of a line's end between two Chinese characters. */
static const char *keep(struct reader *r, const xmlChar *text, bool folded)
{
    struct uct_slice in = uct_slice_str((const char *)text);
    char *out = uct_arena_alloc(&r->set->arena, in.n + 1);
    size_t n = 0;
    if (!out) {
        r->set->failed = true;
        return NULL;
    }
    if (!folded) {
        memcpy(out, in.p, in.n + 1);
        return out;
    }
    in = uct_slice_trim(in);
    for (size_t i = 0, k; i < in.n; i = k) {
        for (k = i; uct_isspace((unsigned char)in.p[k]);)
            k++;                      /* ends: the last byte is none */
        if (k == i)
            out[n++] = in.p[k++];
        else if (!memchr(in.p + i, '\n', k - i) || !no_blanks(in, i - 1) || !no_blanks(in, k))
            out[n++] = ' ';
    }
    out[n] = 0;
    return out;
}

/* An attribute's value, or NULL.  Blanks count in literals and patterns. */
static const char *attribute(struct reader *r, xmlNode *n, const char *name, bool folded)
{
    xmlChar *v = xmlGetNoNsProp(n, (const xmlChar *)name);
    const char *out = v ? keep(r, v, folded) : NULL;
    if (!v && xmlHasNsProp(n, (const xmlChar *)name, NULL))
        r->set->failed = true;
    xmlFree(v);
    return out;
}

static const char *content(struct reader *r, xmlNode *n, bool folded)
{
    struct uct_buf b = {0};
    for (xmlNode *c = n->children; c; c = c->next)
        if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) && c->content)
            uct_buf_adds(&b, (const char *)c->content);
    if (b.failed)
        r->set->failed = true;
    const char *out = keep(r, (const xmlChar *)(b.n ? b.p : ""), folded);
    uct_buf_free(&b);
    return out;
}

static uint16_t count(struct reader *r, xmlNode *parent, const char *name)
{
    size_t n = 0;
    for (xmlNode *c = parent->children; c; c = c->next)
        n += is(c, name);
    if (n > MAX_LIST) {
        uct_ruleset_error(r->set, r->file, (int)xmlGetLineNo(parent), "more than %d elements '%s'", MAX_LIST,
                          name);
        return 0;
    }
    return (uint16_t)n;
}

static void *room(struct reader *r, size_t n, size_t size)
{
    void *p = uct_arena_zalloc(&r->set->arena, n ? n * size : 1);
    if (!p)
        r->set->failed = true;
    return p;
}

/* The texts of all children of that name. */
static const char *const *strings(struct reader *r, xmlNode *parent, const char *name, uint16_t *n)
{
    *n = count(r, parent, name);
    const char **v = room(r, *n, sizeof *v);
    size_t i = 0;
    if (!v) {
        *n = 0;
        return NULL;
    }
    for (xmlNode *c = parent->children; c && i < *n; c = c->next)
        if (is(c, name))
            v[i++] = content(r, c, true);
    return v;
}

static const struct {
    const char *name;
    enum uct_key key;
} keys[] = {
    {"event", UCT_KEY_EVENT},   {"alarm", UCT_KEY_ALARM}, {"literal", UCT_KEY_LITERAL},
    {"status", UCT_KEY_STATUS}, {"diag", UCT_KEY_DIAG},   {"result", UCT_KEY_RESULT},
    {"winevent", UCT_KEY_WINEVENT}};

static void read_index(struct reader *r, xmlNode *n, struct uct_index *out)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        bool literal = keys[i].key == UCT_KEY_LITERAL;
        const char *v = attribute(r, n, keys[i].name, !literal);
        uint64_t number = 0;
        if (!v)
            continue;
        out->key = keys[i].key;
        if (literal || out->key == UCT_KEY_EVENT) {
            out->text = v;
            continue;
        }
        if (out->key == UCT_KEY_RESULT)
            uct_slice_hex(uct_slice_str(v + 2), &number);
        else
            uct_slice_u64(uct_slice_str(v), &number);
        out->number = (uint32_t)number;
    }
}

static const struct {
    const char *name;
    enum uct_op op;
} ops[] = {{"present", UCT_OP_PRESENT},   {"absent", UCT_OP_ABSENT}, {"equals", UCT_OP_EQUALS},
           {"contains", UCT_OP_CONTAINS}, {"regex", UCT_OP_REGEX}};

static size_t count_conditions(xmlNode *parent)
{
    size_t n = 0;
    for (xmlNode *c = next_element(parent->children); c; c = next_element(c->next))
        n += 1 + count_conditions(c);
    return n;
}

/* Flattens in prefix order; returns the nodes written.  The tree is at most
 * 256 deep, which is libxml2's own limit. */
static uint16_t read_conditions(struct reader *r, xmlNode *parent, struct uct_cond *out)
{
    uint16_t n = 0;
    for (xmlNode *c = next_element(parent->children); c; c = next_element(c->next)) {
        struct uct_cond *cond = &out[n++];
        if (is(c, "all") || is(c, "any") || is(c, "not")) {
            cond->op = is(c, "all") ? UCT_OP_ALL : is(c, "any") ? UCT_OP_ANY : UCT_OP_NOT;
            n = (uint16_t)(n + read_conditions(r, c, out + n));
        } else {
            cond->field = is(c, "field") ? attribute(r, c, "name", true) : NULL;
            for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
                const char *v = attribute(r, c, ops[i].name, false);
                if (v) {
                    cond->op = ops[i].op;
                    cond->value = v;
                }
            }
        }
        cond->span = (uint16_t)(&out[n] - cond);
    }
    return n;
}

static void read_if(struct reader *r, xmlNode *n, struct uct_rule *rule)
{
    size_t nodes = count_conditions(n);
    if (nodes > MAX_LIST) {
        uct_ruleset_error(r->set, r->file, (int)xmlGetLineNo(n), "more than %d conditions", MAX_LIST);
        return;
    }
    struct uct_cond *cond = room(r, nodes, sizeof *cond);
    if (!cond)
        return;
    rule->cond = cond;
    rule->ncond = read_conditions(r, n, cond);
}

static void read_param(struct reader *r, xmlNode *n, struct uct_param *out)
{
    out->name = attribute(r, n, "name", true);
    out->field = attribute(r, n, "field", true);
    out->from = attribute(r, n, "from", true);
    out->key = attribute(r, n, "key", true) != NULL;
    out->host = attribute(r, n, "type", true) != NULL;
}

static void read_explains(struct reader *r, xmlNode *n, struct uct_explain *out)
{
    const char *scope = attribute(r, n, "scope", true);
    const char *seconds = attribute(r, n, "seconds", true);
    uint64_t v = 0;
    out->rule = attribute(r, n, "rule", true);
    out->scope = !scope || strcmp(scope, "call") == 0 ? UCT_SCOPE_CALL
                 : strcmp(scope, "peer") == 0         ? UCT_SCOPE_PEER
                                                      : UCT_SCOPE_ANY;
    if (seconds)
        uct_slice_u64(uct_slice_str(seconds), &v);
    out->seconds = (uint32_t)v;
}

/* title, cause and fix of a <text>; the language is the caller's. */
static void read_words(struct reader *r, xmlNode *n, struct uct_text *out)
{
    for (xmlNode *c = n->children; c; c = c->next) {
        if (is(c, "title"))
            out->title = content(r, c, true);
        else if (is(c, "cause"))
            out->cause = content(r, c, true);
    }
    out->fix = strings(r, n, "fix", &out->nfix);
}

static const char *language(struct reader *r, xmlNode *n)
{
    xmlChar *v = xmlGetNsProp(n, (const xmlChar *)"lang", XML_XML_NAMESPACE);
    const char *out = v ? keep(r, v, true) : NULL;
    xmlFree(v);
    return out;
}

/* Log text begins behind the first line end and ends with its last line: what
 * indents the closing tag is not part of it. */
static void read_sample(struct reader *r, xmlNode *n, struct uct_sample *out)
{
    const char *hit = attribute(r, n, "hit", true);
    out->hit = hit && strcmp(hit, "yes") == 0;
    out->file = attribute(r, n, "file", true);
    if (out->file)
        return;
    const char *text = content(r, n, false);
    if (!text)
        return;
    struct uct_slice s = uct_slice_str(text);
    size_t skip = strspn(text, " \t");
    if (text[skip] == '\n')
        s = uct_slice(text + skip + 1, s.n - skip - 1);
    while (s.n && uct_isblank((unsigned char)s.p[s.n - 1]))
        s.n--;
    out->text = uct_arena_dup(&r->set->arena, s);
    if (!out->text)
        r->set->failed = true;
}

static uint8_t read_kinds(const char *list)
{
    struct uct_slice rest = uct_slice_str(list);
    uint8_t kinds = 0;
    while (rest.n) {
        size_t n = uct_slice_find(rest, UCT_S(" "));
        struct uct_slice word = uct_slice(rest.p, n < rest.n ? n : rest.n);
        int k = uct_record_kind_of(word);
        if (k >= 0)
            kinds |= (uint8_t)(1u << k);
        rest = uct_slice(rest.p + word.n + (word.n < rest.n), rest.n - word.n - (word.n < rest.n));
    }
    return kinds;
}

#define READ_LIST(R, NODE, NAME, FN, ARRAY, COUNTER, TYPE)                             \
    do {                                                                               \
        uint16_t n_ = count((R), (NODE), (NAME)), i_ = 0;                              \
        TYPE *v_ = room((R), n_, sizeof *v_);                                          \
        if (!v_)                                                                       \
            return;                                                                    \
        for (xmlNode *c_ = (NODE)->children; c_ && i_ < n_; c_ = c_->next)             \
            if (is(c_, (NAME)))                                                        \
                FN((R), c_, &v_[i_++]);                                                \
        (ARRAY) = v_;                                                                  \
        (COUNTER) = n_;                                                                \
    } while (0)

static void read_text(struct reader *r, xmlNode *n, struct uct_text *out)
{
    out->lang = language(r, n);
    read_words(r, n, out);
}

static void read_lists(struct reader *r, xmlNode *n, struct uct_rule *rule)
{
    READ_LIST(r, n, "index", read_index, rule->index, rule->nindex, struct uct_index);
    READ_LIST(r, n, "param", read_param, rule->param, rule->nparam, struct uct_param);
    READ_LIST(r, n, "explains", read_explains, rule->explains, rule->nexplains, struct uct_explain);
    READ_LIST(r, n, "text", read_text, rule->text, rule->ntext, struct uct_text);
    READ_LIST(r, n, "sample", read_sample, rule->sample, rule->nsample, struct uct_sample);
    rule->code = strings(r, n, "code", &rule->ncode);
    rule->reference = strings(r, n, "reference", &rule->nreference);
}

static void read_rule(struct reader *r, xmlNode *n)
{
    struct uct_ruleset *s = r->set;
    struct uct_loaded l = {.file = r->file, .line = (int)xmlGetLineNo(n)};
    struct uct_rule *rule = &l.rule;
    const char *when = attribute(r, n, "when", true);
    const char *kinds = attribute(r, n, "kind", true);
    const char *words[] = {attribute(r, n, "class", true), attribute(r, n, "severity", true),
                           attribute(r, n, "confidence", true), attribute(r, n, "actor", true)};
    rule->id = attribute(r, n, "id", true);
    if (s->failed || !rule->id || !words[0] || !words[1] || !words[2] || !words[3]) {
        s->failed = true;         /* the schema demands them: only memory can be missing */
        return;
    }
    rule->class_ = (enum uct_class)uct_class_of(words[0]);
    rule->severity = (enum uct_severity)uct_severity_of(words[1]);
    rule->confidence = (enum uct_confidence)uct_confidence_of(words[2]);
    rule->actor = (enum uct_actor)uct_actor_of(words[3]);
    rule->kinds = kinds ? read_kinds(kinds) : 0;
    rule->when = !when                            ? UCT_WHEN_ALWAYS
                 : strcmp(when, "diagnosed") == 0 ? UCT_WHEN_DIAGNOSED
                 : strcmp(when, "absent") == 0    ? UCT_WHEN_ABSENT
                 : strcmp(when, "silent") == 0    ? UCT_WHEN_SILENT
                                                  : UCT_WHEN_UNDIAGNOSED;
    rule->call_failed = attribute(r, n, "call", true) != NULL;
    rule->implies = attribute(r, n, "implies", true);
    for (xmlNode *c = n->children; c; c = c->next)
        if (is(c, "if"))
            read_if(r, c, rule);
    read_lists(r, n, rule);
    size_t family = strlen(r->family);
    if (strncmp(rule->id, r->family, family) != 0 || rule->id[family] != '.')
        uct_ruleset_error(s, r->file, l.line, "rule '%s' does not begin with its family '%s.'", rule->id,
                          r->family);
    if (!UCT_ROOM(s->rules, s->n, s->cap))
        s->failed = true;
    else
        s->rules[s->n++] = l;
}

static void read_translation(struct reader *r, xmlNode *n, const char *lang)
{
    struct uct_ruleset *s = r->set;
    struct uct_loaded_text t = {.file = r->file, .line = (int)xmlGetLineNo(n)};
    t.rule = attribute(r, n, "rule", true);
    t.text.lang = lang;
    read_words(r, n, &t.text);
    if (s->failed || !t.rule || !UCT_ROOM(s->texts, s->ntexts, s->ctexts))
        s->failed = true;
    else
        s->texts[s->ntexts++] = t;
}

static void read_root(struct reader *r, xmlNode *root)
{
    bool rules = is(root, "rules");
    const char *lang = NULL;
    if (rules)
        r->family = attribute(r, root, "family", true);
    else
        lang = language(r, root);
    if (rules ? !r->family : !lang) {
        r->set->failed = true;
        return;
    }
    for (xmlNode *c = root->children; c && !r->set->failed; c = c->next) {
        if (is(c, "rule"))
            read_rule(r, c);
        else if (is(c, "text"))
            read_translation(r, c, lang);
    }
}

/* ---- the schema -------------------------------------------------------- */

#if LIBXML_VERSION >= 21200
typedef const xmlError *xml_error;
#else
typedef xmlErrorPtr xml_error;
#endif

static void xml_says(void *arg, xml_error e)
{
    struct reader *r = arg;
    uct_ruleset_error(r->set, r->file, e->line, "%s", e->message ? e->message : "not valid");
}

static bool valid(struct reader *r, xmlDoc *doc)
{
    struct uct_slice rng = r->set->schema;
    xmlRelaxNGParserCtxt *pc = xmlRelaxNGNewMemParserCtxt(rng.p, (int)rng.n);
    struct reader schema = {.set = r->set, .file = "rules.rng"};
    if (!pc)
        return false;
    xmlRelaxNGSetParserStructuredErrors(pc, xml_says, &schema);
    xmlRelaxNG *grammar = xmlRelaxNGParse(pc);
    xmlRelaxNGFreeParserCtxt(pc);
    if (!grammar)
        return false;
    int rc = -1;
    xmlRelaxNGValidCtxt *vc = xmlRelaxNGNewValidCtxt(grammar);
    if (vc) {
        xmlRelaxNGSetValidStructuredErrors(vc, xml_says, r);
        rc = xmlRelaxNGValidateDoc(vc, doc);
        xmlRelaxNGFreeValidCtxt(vc);
    }
    xmlRelaxNGFree(grammar);
    return rc == 0;
}

/* UTF-8 without a document type: then there are no entities to expand, and
 * the search for the letters of one cannot be fooled by another encoding. */
static bool fit_to_parse(struct reader *r, struct uct_slice text)
{
    if (text.n > MAX_FILE) {
        uct_ruleset_error(r->set, r->file, 0, "larger than %zu bytes", MAX_FILE);
        return false;
    }
    for (size_t i = 0, n; i < text.n; i += n) {
        n = text.p[i] ? uct_utf8_len(uct_slice(text.p + i, text.n - i)) : 0;
        if (n == 0) {
            uct_ruleset_error(r->set, r->file, 0, "no UTF-8 at byte %zu", i);
            return false;
        }
    }
    if (uct_slice_find(text, UCT_S("<!DOCTYPE")) != SIZE_MAX) {
        uct_ruleset_error(r->set, r->file, 0, "a document type is not allowed in rules");
        return false;
    }
    return true;
}

static xmlDoc *parse(struct reader *r, struct uct_slice text)
{
    xmlParserCtxt *c = xmlNewParserCtxt();
    xmlDoc *doc = NULL;
    if (!c) {
        r->set->failed = true;
        return NULL;
    }
    doc = xmlCtxtReadMemory(c, text.p, (int)text.n, r->file, "UTF-8",
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES |
                                XML_PARSE_NOCDATA);
    if (!doc && c->errNo != XML_ERR_NO_MEMORY) {
        xml_error e = xmlCtxtGetLastError(c);
        uct_ruleset_error(r->set, r->file, e ? e->line : 0, "%s", e && e->message ? e->message : "no XML");
    }
    if (c->errNo == XML_ERR_NO_MEMORY)
        r->set->failed = true;
    xmlFreeParserCtxt(c);
    return doc;
}

bool uct_ruleset_add_memory(struct uct_ruleset *s, const char *name, struct uct_slice text)
{
    struct reader r = {.set = s};
    unsigned before = s->nerrors;
    r.file = uct_arena_dup(&s->arena, uct_slice_str(name));
    if (!r.file) {
        s->failed = true;
        return false;
    }
    if (!fit_to_parse(&r, text))
        return false;
    xmlDoc *doc = parse(&r, text);
    if (!doc)
        return false;
    if (valid(&r, doc))
        read_root(&r, xmlDocGetRootElement(doc));
    else if (s->nerrors == before)
        uct_ruleset_error(s, r.file, 0, "does not follow rules.rng");
    xmlFreeDoc(doc);
    return !s->failed && s->nerrors == before;
}

/* ---- files and folders ------------------------------------------------- */

static char *read_all(int fd, size_t max, size_t *n)
{
    struct uct_buf b = {0};
    char block[16384];
    for (;;) {
        ssize_t got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0 && !b.failed)
            break;
        if (got > 0)
            uct_buf_add(&b, block, (size_t)got);
        if (got <= 0 || b.failed || b.n > max) {
            if (b.n > max)
                errno = EFBIG;
            uct_buf_free(&b);
            return NULL;
        }
    }
    uct_buf_add(&b, "", 1);          /* so that an empty file is no NULL */
    if (b.failed) {
        uct_buf_free(&b);
        return NULL;
    }
    *n = b.n - 1;
    return b.p;
}

char *uct_read_file(const char *path, size_t max, size_t *n)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);      /* a pipe must not hang us */
    if (fd < 0)
        return NULL;
    char *text = NULL;
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        errno = EINVAL;
    else
        text = read_all(fd, max, n);
    int saved = errno;
    close(fd);
    errno = saved;
    return text;
}

bool uct_ruleset_add_file(struct uct_ruleset *s, const char *path)
{
    size_t n = 0;
    char *text = uct_read_file(path, MAX_FILE, &n);
    if (!text) {
        uct_ruleset_error(s, path, 0, "cannot read: %s", strerror(errno));
        return false;
    }
    bool ok = uct_ruleset_add_memory(s, path, uct_slice(text, n));
    free(text);
    return ok;
}

static int visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool ends_in_xml(const char *name)
{
    size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".xml") == 0 && strcmp(name, "words.xml") != 0;   /* those are built in */
}

typedef bool entry_fn(struct uct_ruleset *s, const char *path, const char *name, size_t *nfiles);

static bool each_entry(struct uct_ruleset *s, const char *dir, entry_fn *fn, size_t *nfiles)
{
    struct dirent **names = NULL;
    int n = scandir(dir, &names, visible, by_bytes);
    bool ok = true;
    if (n < 0) {
        uct_ruleset_error(s, dir, 0, "cannot read the folder: %s", strerror(errno));
        return false;
    }
    for (int i = 0; i < n; i++) {
        char *path = uct_arena_printf(&s->arena, "%s/%s", dir, names[i]->d_name);
        if (!path)
            s->failed = true;
        else if (!fn(s, path, names[i]->d_name, nfiles))
            ok = false;
        free(names[i]);
    }
    free(names);
    return ok && !s->failed;
}

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool file_entry(struct uct_ruleset *s, const char *path, const char *name, size_t *nfiles)
{
    if (!ends_in_xml(name) || is_dir(path))
        return true;
    ++*nfiles;
    return uct_ruleset_add_file(s, path);
}

static bool tag_entry(struct uct_ruleset *s, const char *path, const char *name, size_t *nfiles)
{
    (void)name;
    return !is_dir(path) || each_entry(s, path, file_entry, nfiles);
}

bool uct_ruleset_add_dir(struct uct_ruleset *s, const char *dir)
{
    size_t nfiles = 0;
    bool ok = each_entry(s, dir, file_entry, &nfiles);
    char *lang = uct_arena_printf(&s->arena, "%s/lang", dir);
    if (!lang) {
        s->failed = true;
        return false;
    }
    if (is_dir(lang) && !each_entry(s, lang, tag_entry, &nfiles))
        ok = false;
    if (ok && nfiles == 0) {
        uct_ruleset_error(s, dir, 0, "no file of rules (*.xml) in the folder");
        ok = false;
    }
    return ok;
}
