/* print: explanations as text for a terminal and as the JSON of INTERFACE.md:
 *
 *   SEC_E_WRONG_PRINCIPAL (result code 0x80090322)
 *     means:  The certificate ...
 *
 *   {"explain": [{"code": "0x80090322", "known": true, "family": "result-code", ...}]} */
#include "explain.h"
#include "../render/layout.h"

#include <stdlib.h>

#define LABEL_WIDTH 17u

struct out {
    struct uct_buf buf;
    uct_write_fn *write;
    void *arg;
};

static bool flush(struct out *o)
{
    bool ok = !o->buf.failed && (o->buf.n == 0 || o->write(o->arg, o->buf.p, o->buf.n));
    o->buf.n = 0;
    return ok;
}

/* The argument as one line that a terminal may show. */
static void add_clean(struct uct_buf *b, const char *s)
{
    size_t from = b->n;
    struct uct_slice t = uct_slice_str(s);
    t.n = uct_utf8_cut(t, 200);
    uct_utf8_clean(b, t);
    for (size_t i = from; i < b->n; i++)
        if (b->p[i] == '\t' || b->p[i] == '\n')
            b->p[i] = ' ';
    if (s[t.n])
        uct_buf_adds(b, "...");
}

/* "  label:   text", wrapped, further lines under the text. */
static void add_wrapped(struct uct_buf *b, const char *label, const char *text, unsigned width)
{
    if (!text)
        return;
    uct_buf_addf(b, "  %-*s", (int)(LABEL_WIDTH - 2), label);
    uct_wrap(b, uct_slice_str(text), LABEL_WIDTH, LABEL_WIDTH, width);
}

static void add_head(struct uct_buf *b, const char *code, const struct uct_explanation *e, bool colour,
                     unsigned width)
{
    struct uct_buf line = {0};
    if (e->known) {
        uct_buf_adds(&line, e->name ? e->name : e->label);
        if (e->name)
            uct_buf_addf(&line, " (%s)", e->label);
    } else {
        uct_buf_addc(&line, '\'');
        add_clean(&line, code);
        uct_buf_adds(&line, "' is not known");
        if (e->label)
            uct_buf_addf(&line, " (%s)", e->label);
    }
    if (colour)
        uct_buf_adds(b, "\033[1m");
    uct_wrap(b, uct_slice(line.p, line.n), 0, 4, width);
    if (colour && !b->failed) {
        b->n--;                                /* the line ends after its colour does */
        uct_buf_adds(b, "\033[0m\n");
    }
    b->failed |= line.failed;
    uct_buf_free(&line);
}

static void add_text(struct uct_buf *b, const char *code, const struct uct_explanation *e,
                     const struct uct_render_options *o)
{
    unsigned width = o->width < 40 ? 40 : o->width;
    add_head(b, code, e, o->colour, width);
    add_wrapped(b, "means:", e->meaning, width);
    add_wrapped(b, "decoded:", e->decoded, width);
    add_wrapped(b, "sent by:", e->sender, width);
    add_wrapped(b, "usual cause:", e->cause, width);
    add_wrapped(b, "check first:", e->check, width);
    add_wrapped(b, "not the same:", e->confused_with, width);
    add_wrapped(b, "reference:", e->reference, width);
}

static void add_field(struct uct_buf *b, const char *key, const char *value)
{
    uct_buf_addf(b, ", \"%s\": ", key);
    uct_json_string(b, value);
}

static void add_json(struct uct_buf *b, const char *code, const struct uct_explanation *e)
{
    uct_buf_adds(b, "  {\"code\": ");
    uct_json_string(b, code);
    uct_buf_addf(b, ", \"known\": %s", e->known ? "true" : "false");
    add_field(b, "family", e->has_family ? uct_family_name(e->family) : NULL);
    add_field(b, "name", e->name);
    add_field(b, "meaning", e->meaning ? e->meaning : e->decoded);
    add_field(b, "sender", e->sender);
    add_field(b, "cause", e->cause);
    add_field(b, "check", e->check);
    add_field(b, "confused_with", e->confused_with);
    add_field(b, "reference", e->reference);
    uct_buf_addc(b, '}');
}

/* All meanings of one argument; `first` says whether anything stands before. */
static bool add_code(struct out *o, const struct uct_dictionary *d, const char *code, bool json,
                     const struct uct_render_options *ro, bool *first, bool *all_known)
{
    struct uct_arena arena = {0};
    struct uct_explanations x = {0};
    bool ok = uct_dictionary_find(d, &arena, code, &x) == UCT_OK;
    for (size_t i = 0; ok && i < x.n; i++) {
        if (!*first)
            uct_buf_adds(&o->buf, json ? ",\n" : "\n");
        *first = false;
        *all_known &= x.item[i].known;
        if (json)
            add_json(&o->buf, code, &x.item[i]);
        else
            add_text(&o->buf, code, &x.item[i], ro);
    }
    free(x.item);
    uct_arena_free(&arena);
    return flush(o) && ok;
}

bool uct_explain_render(const struct uct_dictionary *d, const char *const *codes, size_t n,
                        enum uct_explain_format format, const struct uct_render_options *ro,
                        uct_write_fn *write, void *arg, bool *all_known)
{
    struct out o = {.write = write, .arg = arg};
    bool json = format == UCT_EXPLAIN_JSON, first = true, ok = true;
    *all_known = true;
    if (json)
        uct_buf_adds(&o.buf, "{\"explain\": [\n");
    for (size_t i = 0; ok && i < n; i++)
        ok = add_code(&o, d, codes[i], json, ro, &first, all_known);
    if (json)
        uct_buf_adds(&o.buf, first ? "]}\n" : "\n]}\n");
    ok = ok && flush(&o);
    uct_buf_free(&o.buf);
    return ok;
}
