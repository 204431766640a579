/* Fuzz target: a chunk of anything through the bid, the split and the parser
 * of lync-server.  The first byte chooses how the chunk is said to be cut.
 * Cutting at the split point must not lose rows or make up any.
 *
 *   clang -fsanitize=fuzzer,address,undefined ... fuzz/fuzz_lync.c */
#include "parser.h"

#include <stdio.h>
#include <stdlib.h>

#ifndef UCT_FUZZ_PARSER
#define UCT_FUZZ_PARSER uct_parser_lync_server
#endif
#ifndef UCT_FUZZ_TWINS
#define UCT_FUZZ_TWINS false
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rows {
    size_t taken;
    uint64_t records, unparsed, msgs, kept, sightings;
};

static struct rows run(const struct uct_interest *interest, struct uct_intern *strings,
                       const struct uct_chunk *c)
{
    struct uct_writer_config config = {.strings = strings, .interest = interest, .record_limit = 4096};
    struct uct_writer *w = uct_writer_new(&config);
    struct rows r = {0};
    struct uct_block b;
    struct uct_piece *pieces;
    size_t npieces;
    if (!w)
        return r;
    r.taken = UCT_FUZZ_PARSER.parse(w, c);
    if (r.taken > c->text.n)
        abort();
    uct_writer_finish(w, &b, &pieces, &npieces);
    r.records = b.nrecords;
    r.unparsed = b.nunparsed;
    r.msgs = b.nmsgs;
    r.kept = b.nkept;
    r.sightings = b.nsightings;
    uct_block_free(&b);
    free(pieces);
    uct_writer_free(w);
    return r;
}

static void must_add_up(const char *what, uint64_t whole, uint64_t a, uint64_t b)
{
    if (whole == a + b)
        return;
    fprintf(stderr, "%s: %llu at once, %llu and %llu when cut\n", what, (unsigned long long)whole,
            (unsigned long long)a, (unsigned long long)b);
    abort();
}

static void check(const struct uct_interest *interest, struct uct_intern *strings, struct uct_chunk c,
                  size_t at)
{
    struct rows whole = run(interest, strings, &c);
    struct uct_slice rest = c.text, first = {0};
    uct_next_line(&rest, &first);
    if (at == 0 || c.continued || whole.taken < c.text.n || !UCT_FUZZ_PARSER.head(first))
        return;                 /* what stands before the first head is read as the rest of the chunk is */
    struct uct_chunk one = c, two = c;
    one.text.n = at;
    one.last = one.cut = false;
    two.text = uct_slice(c.text.p + at, c.text.n - at);
    two.first = false;
    struct rows a = run(interest, strings, &one), b = run(interest, strings, &two);
    if (a.taken < at || b.taken < two.text.n)
        abort();
    must_add_up("records", whole.records, a.records, b.records);
    must_add_up("unparsed lines", whole.unparsed, a.unparsed, b.unparsed);
    /* Two sightings of a message are one row only where they stand together. */
    if (!UCT_FUZZ_TWINS || whole.msgs > a.msgs + b.msgs)
        must_add_up("messages", whole.msgs, a.msgs, b.msgs);
    if (!UCT_FUZZ_TWINS || whole.kept > a.kept + b.kept)
        must_add_up("kept records", whole.kept, a.kept, b.kept);
    must_add_up("sightings", whole.sightings, a.sightings, b.sightings);
}

/* Compiled once: that takes longer than most runs. */
static const struct uct_interest *wanted(void)
{
    static struct uct_interest *interest;
    if (interest)
        return interest;
    interest = uct_interest_new();
    if (!interest)
        return NULL;
    uct_interest_add(interest, UCT_KEY_LITERAL, UCT_S("failed"), 0, 1);
    uct_interest_add(interest, UCT_KEY_LITERAL, UCT_S("Text"), 0, 2);
    uct_interest_add(interest, UCT_KEY_STATUS, uct_slice("", 0), 0, 3);
    uct_interest_add(interest, UCT_KEY_RESULT, uct_slice("", 0), 0xc3e93d6fu, 4);
    uct_interest_add(interest, UCT_KEY_WINEVENT, uct_slice("", 0), 14428, 5);
    return uct_interest_compile(interest) ? interest : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct uct_slice text = uct_slice((const char *)data + 1, size - 1);
    struct uct_chunk c = {.text = text, .first = data[0] & 1, .last = data[0] & 2, .continued = data[0] & 4,
                          .cut = data[0] & 8};
    UCT_FUZZ_PARSER.bid(text, true);
    size_t at = UCT_FUZZ_PARSER.split(text);
    if (at && (at >= text.n || text.p[at - 1] != '\n'))
        abort();
    struct uct_intern *strings = uct_intern_new();
    const struct uct_interest *interest = wanted();
    if (interest && strings)
        check(interest, strings, c, at);
    uct_intern_free(strings);
    return 0;
}
