/* template: the smallest whole parser, to copy from.  It reads a made-up
 * format, one record a line, lines that begin with a blank continue it:
 *
 *   2024-01-31T10:00:00.000Z example[42]: connection to sip.example.com failed: 0x80090325
 *     a second line of the same record
 *
 * To add a format: copy this file to parsers/NAME.c, quote the format's grammar
 * or a sample line up here with the public page that documents it, write the
 * five functions, add the file to parsers/parsers.am and the descriptor to
 * parser.h and the registry, and put samples under testdata/NAME/.  This file is
 * compiled by `make check`, so that it stays true, but is not registered. */
#include "parser.h"
#include "sip/sip.h"

/* Parsers are data: one const descriptor, found by its name. */
extern const struct uct_parser uct_parser_template;

static const char program[] = " example[";

/* Taking a head apart.  By hand and cheap: a first test throws out nearly all
 * other lines in a few instructions. */
static bool head_parse(struct uct_slice line, int64_t *time, struct uct_slice *text)
{
    bool zoned;
    if (line.n < 24 || !uct_isdigit((unsigned char)line.p[0]))
        return false;
    size_t n = uct_time_parse(line, time, &zoned);
    if (n == 0 || !zoned || !uct_slice_starts(uct_slice(line.p + n, line.n - n), UCT_S(program)))
        return false;
    const char *colon = memchr(line.p + n + 1, ':', line.n - n - 1);
    if (!colon)
        return false;
    *text = uct_slice_trim(uct_slice(colon + 1, (size_t)(line.p + line.n - colon - 1)));
    return true;
}

static bool head(struct uct_slice line)
{
    int64_t time;
    struct uct_slice text;
    return head_parse(line, &time, &text);
}

/* What a rule could be indexed by is asked for; the record's text and fields
 * are kept only if a rule wants it.  Parsers know no rule. */
static void take_record(struct uct_writer *w, const struct uct_origin *o, int64_t time,
                        struct uct_slice whole, struct uct_slice text)
{
    uint32_t code;
    struct uct_slice name;
    uct_w_record(w, time, UCT_BASIS_ZONE);
    for (size_t pos = 0; (pos = uct_result_next(text, pos, &code, &name));)
        uct_hit_number(w, UCT_KEY_RESULT, code);
    uct_hit_text(w, text);
    if (!uct_keep_begin(w, UCT_KIND_RECORD, o, time, whole))
        return;
    uct_keep_field(w, UCT_S("text"), text);
    uct_keep_end(w);
}

/* One pass over the chunk.  Each line is in a record, or said to be unparsed. */
static size_t parse(struct uct_writer *w, const struct uct_chunk *c)
{
    struct uct_slice rest = c->text, line, more, text;
    bool seen_head = false;
    int64_t time;
    for (uint32_t nline = 0; rest.n; ) {
        const char *start = rest.p;
        struct uct_origin o = {.offset = (uint64_t)(start - c->text.p), .line = nline++};
        uct_next_line(&rest, &line);
        if (!head_parse(line, &time, &text)) {
            if (uct_foreign_head(w, &uct_parser_template, line))
                return (size_t)(start - c->text.p);
            if (line.n && (seen_head || !c->continued))
                uct_w_unparsed(w, o.line, 1);
            continue;
        }
        seen_head = true;
        while (rest.n && uct_isblank((unsigned char)rest.p[0])) {
            uct_next_line(&rest, &more);
            nline++;
        }
        size_t n = (size_t)(rest.p - start);
        if (n > uct_w_record_limit(w)) {
            uct_w_note(w, UCT_NOTE_LONG_RECORD, o.line);
            text.n = text.n < uct_w_record_limit(w) ? text.n : uct_w_record_limit(w);
        }
        o.length = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
        take_record(w, &o, time, uct_slice(start, n), text);
    }
    return c->text.n;
}

/* Where a long source may be cut: the start of its last head. */
static size_t split(struct uct_slice text)
{
    const char *end = text.n ? memrchr(text.p, '\n', text.n) : NULL;
    while (end && end > text.p) {
        const char *before = memrchr(text.p, '\n', (size_t)(end - text.p));
        const char *start = before ? before + 1 : text.p;
        if (start > text.p && head(uct_slice(start, (size_t)(end - start))))
            return (size_t)(start - text.p);
        end = before;
    }
    return 0;
}

/* How sure, on the scale of parser.h. */
static int bid(struct uct_slice window, bool whole)
{
    struct uct_slice line;
    int score = 0;
    (void)whole;
    while (score < 96 && uct_next_line(&window, &line))
        if (head(line))
            score += score ? UCT_BID_MORE : UCT_BID_RECORD;
    return score;
}

const struct uct_parser uct_parser_template = {
    .name = "template",
    .summary = "an example to copy from",
    .bid = bid,
    .head = head,
    .split = split,
    .parse = parse,
};
