/* What `uctriage calls` lists, in which order. */
#ifndef UCT_RENDER_CALLS_H
#define UCT_RENDER_CALLS_H

#include "render.h"

/* The shown calls or, with by_session, one line's facts for each shown session
 * (id, method "2 calls", reason: the hosts that logged it). */
struct uct_call_list {
    const struct uct_rcall **v;
    size_t n;
    struct uct_rcall *sessions;
    struct uct_arena arena;
};
bool uct_call_list_make(struct uct_call_list *l, const struct uct_report *r,
                        const struct uct_render_options *o);
void uct_call_list_free(struct uct_call_list *l);

/* A URI without "sip:"; "?" for none. */
struct uct_slice uct_party(const char *uri);
/* In ms; -1 where a time is not known. */
int64_t uct_call_duration(const struct uct_rcall *c);

#endif
