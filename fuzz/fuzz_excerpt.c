/* fuzz_excerpt: any bytes at all as a document.  Beyond memory safety it holds
 * what a piece's map promises: it ascends, stays inside the piece, and every
 * line of the document is prose or a piece's, once. */
#include "parsers/excerpt.h"

#include <stdlib.h>

struct account {
    size_t size;
    uint64_t behind; /* end of the piece before */
    uint32_t line;   /* lines accounted for */
};

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void on_piece(void *arg, const struct uct_excerpt_piece *p)
{
    struct account *a = arg;
    must(p->format && p->text.n && p->nmap && p->map[0].at == 0);
    must(p->from >= a->behind && p->to > p->from && p->to <= a->size);
    must(p->line == a->line && p->nlines > 0);
    for (size_t i = 0; i < p->nmap; i++) {
        const struct uct_segment *s = &p->map[i];
        must(s->at < p->text.n && s->from <= s->to && s->from >= p->from && s->to <= p->to);
        must(s->line >= p->line && s->line < p->line + p->nlines);
        must(!i || (s->at > s[-1].at && s->from >= s[-1].to && s->line >= s[-1].line));
    }
    a->behind = p->to;
    a->line += p->nlines;
}

static void on_prose(void *arg, uint32_t line, uint32_t nlines)
{
    struct account *a = arg;
    must(line == a->line && nlines > 0);
    a->line += nlines;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct account a = {.size = size};
    struct uct_excerpt_sink sink = {.arg = &a, .piece = on_piece, .prose = on_prose};
    struct uct_slice doc = uct_slice((const char *)data, size), rest = doc, line;
    uint32_t lines = 0;
    while (uct_next_line(&rest, &line)) {
        lines++;
    }
    uct_parser_excerpt.bid(doc, true);
    uct_parser_excerpt.bid(doc, false);
    must(uct_excerpt_rewrite(doc, &sink));
    must(a.line == lines);
    return 0;
}
