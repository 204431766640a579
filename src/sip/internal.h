/* What the files of this room share and no other room needs. */
#ifndef UCT_SIP_INTERNAL_H
#define UCT_SIP_INTERNAL_H

#include "sip.h"

/* What a line between the start line and the body is. */
enum uct_sip_line {
    UCT_LINE_HEADER,     /* name ":" ... */
    UCT_LINE_FOLD,       /* goes on with the header before it */
    UCT_LINE_END,        /* the empty line */
    UCT_LINE_BODY,       /* no header: the body begins here, the empty line is missing */
    UCT_LINE_BAD         /* none of these */
};

/* line comes without its end.  For a header *name is its name and *value what
 * follows the colon, both trimmed of blanks. */
enum uct_sip_line uct_sip_line_kind(struct uct_slice line, bool indented, struct uct_slice *name,
                                    struct uct_slice *value);

/* The line at the front of *rest without its end, like uct_next_line but for
 * one CR only; inline because it runs for every line of every message. */
static inline size_t uct_sip_take_line(struct uct_slice *rest, struct uct_slice *line)
{
    if (rest->n == 0)
        return 0;
    const char *nl = memchr(rest->p, '\n', rest->n);
    size_t taken = nl ? (size_t)(nl - rest->p) + 1 : rest->n;
    size_t n = nl ? taken - 1 : taken;
    while (n && rest->p[n - 1] == '\r')
        n--;
    *line = uct_slice(rest->p, n);
    rest->p += taken;
    rest->n -= taken;
    return taken;
}

/* Does a line that follows the start line tell that all lines are indented? */
bool uct_sip_looks_indented(struct uct_slice line);

bool uct_sip_is_token(unsigned char c);
extern const bool uct_sip_token_chars[256];

/* Walks `;name=value` lists; *rest begins behind the first ';'. */
bool uct_sip_next_param(struct uct_slice *rest, struct uct_slice *name, struct uct_slice *value);
/* Splits `"Alice" <uri>;params` at the brackets; an address without them at
 * its first ';'.  params begins behind that ';'. */
void uct_sip_addr_split(struct uct_slice value, struct uct_slice *uri, struct uct_slice *params);

/* Is this the name of a diagnostics header (no colon)?  "(null)" is not: it
 * needs a number behind it. */
bool uct_diag_name(struct uct_slice name);
/* Fills *out from a header already split; false if value starts with no id. */
bool uct_diag_set(struct uct_slice name, struct uct_slice value, struct uct_diag *out);

/* Counts m= lines of an SDP body, and those with port 0. */
void uct_sdp_count(struct uct_slice body, unsigned *media, unsigned *rejected);

#endif
