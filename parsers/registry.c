/* The parsers there are.  Their order settles ties between bids: log formats first, then what
 * reads anything. */
#include "parser.h"

const struct uct_parser *const uct_parsers[] = {
    &uct_parser_expressway,
    &uct_parser_lync_server,
    &uct_parser_uccapi,
    &uct_parser_windows_event,
    &uct_parser_search_history,
    &uct_parser_excerpt,
    &uct_parser_sip,
    &uct_parser_text,
    NULL
};

const struct uct_parser *uct_parser_find(struct uct_slice name)
{
    for (const struct uct_parser *const *p = uct_parsers; *p; p++)
        if (uct_slice_eq(uct_slice_str((*p)->name), name))
            return *p;
    return NULL;
}

const struct uct_parser *uct_foreign_head(const struct uct_writer *w, const struct uct_parser *self,
                                          struct uct_slice line)
{
    if (uct_w_reads_all(w, self))
        return NULL;
    for (const struct uct_parser *const *p = uct_parsers; *p; p++)
        if (*p != self && (*p)->head && (*p)->head(line))
            return *p;
    return NULL;
}
