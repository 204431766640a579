/* Fuzz target: a window of anything through the bid, the split and the parser of search-history, and
 * through those of text.  The first byte chooses which, and how the chunk is said to be cut.
 *
 *   clang -fsanitize=fuzzer,address,undefined ... fuzz/fuzz_search.c */
#include "parser.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const struct uct_parser *p, struct uct_interest *interest, struct uct_intern *strings,
                const struct uct_chunk *c)
{
    struct uct_writer_config config = {.strings = strings, .interest = interest, .record_limit = 4096};
    struct uct_writer *w = uct_writer_new(&config);
    struct uct_block b;
    struct uct_piece *pieces;
    size_t npieces;
    if (!w)
        return;
    if (p->parse(w, c) > c->text.n)
        abort();
    uct_writer_finish(w, &b, &pieces, &npieces);
    uct_block_free(&b);
    free(pieces);
    uct_writer_free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct uct_parser *p = data[0] & 16 ? &uct_parser_text : &uct_parser_search_history;
    struct uct_slice text = uct_slice((const char *)data + 1, size - 1);
    struct uct_chunk c = {.text = text, .first = data[0] & 1, .last = data[0] & 2, .continued = data[0] & 4,
                          .cut = data[0] & 8};
    p->bid(text, true);
    size_t at = p->split(text);
    if (at && (at >= text.n || text.p[at - 1] != '\n'))
        abort();
    struct uct_interest *interest = uct_interest_new();
    struct uct_intern *strings = uct_intern_new();
    if (interest && strings) {
        uct_interest_add(interest, UCT_KEY_LITERAL, UCT_S("Search ("), 0, 1);
        uct_interest_add(interest, UCT_KEY_LITERAL, UCT_S("HttpClient"), 0, 2);
        if (uct_interest_compile(interest))
            run(p, interest, strings, &c);
    }
    uct_interest_free(interest);
    uct_intern_free(strings);
    return 0;
}
