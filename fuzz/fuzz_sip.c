/* Fuzz target: everything of src/sip and the two parsers of bare text.  The
 * first byte chooses the layout. */
#include "keep.h"
#include "parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void diagnostics(const struct uct_diag *d)
{
    struct uct_slice name, value;
    size_t pos = 0, before = 0;
    while (uct_diag_next(d, &pos, &name, &value)) {
        if (pos <= before && pos)
            __builtin_trap();            /* it must go forward */
        before = pos;
    }
}

static void message(struct uct_slice text, struct uct_sip_layout layout)
{
    struct uct_sip m;
    struct uct_slice name, value, headers;
    if (!uct_sip_parse(text, layout, &m))
        return;
    headers = m.headers;
    while (uct_sip_next_header(&headers, layout, &name, &value)) {
        uct_sip_addr_uri(value);
        uct_sip_addr_tag(value);
        uct_sip_uri_host(value);
        uct_sip_param(value, UCT_S("branch"), &value);
        uct_sip_header_is(name, UCT_S("Via"));
    }
    for (unsigned i = 0; i < m.ndiag; i++)
        diagnostics(&m.diag[i]);
}

static void codes(struct uct_slice text)
{
    struct uct_slice name;
    uint32_t code;
    for (size_t pos = 0, next; (next = uct_result_next(text, pos, &code, &name)); pos = next)
        if (next <= pos || next > text.n)
            __builtin_trap();
}

static void parse(const struct uct_parser *parser, struct uct_slice text)
{
    struct uct_interest *interest = uct_interest_new();
    struct uct_intern *strings = uct_intern_new();
    struct uct_writer_config config = {.strings = strings, .interest = interest, .record_limit = 1 << 20};
    struct uct_chunk chunk = {.text = text, .first = true, .last = true};
    uct_interest_add(interest, UCT_KEY_STATUS, UCT_S(""), 0, 1);
    uct_interest_add(interest, UCT_KEY_DIAG, UCT_S(""), 1009, 2);
    uct_interest_add(interest, UCT_KEY_RESULT, UCT_S(""), 0xc3e93d67, 3);
    uct_interest_add(interest, UCT_KEY_LITERAL, UCT_S("Time"), 0, 4);
    uct_interest_compile(interest);
    struct uct_writer *w = uct_writer_new(&config);
    parser->bid(text, true);
    parser->split(text);
    if (parser->parse(w, &chunk) > text.n)
        __builtin_trap();
    uct_writer_free(w);
    uct_interest_free(interest);
    uct_intern_free(strings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct uct_slice text = uct_slice((const char *)data + 1, size - 1);
    struct uct_diag d;
    message(text, (struct uct_sip_layout){data[0] & 1, data[0] & 2, data[0] & 4});
    if (uct_diag_parse(text, &d))
        diagnostics(&d);
    codes(text);
    parse(&uct_parser_sip, text);
    parse(&uct_parser_text, text);
    return 0;
}
