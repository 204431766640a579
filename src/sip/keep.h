/* The one place where a parsed SIP message becomes rows: every parser that
 * meets a message hands it over here. */
#ifndef UCT_SIP_KEEP_H
#define UCT_SIP_KEEP_H

#include "sip.h"
#include "../transcript/transcript.h"

struct uct_sip_context {
    int64_t time;
    enum uct_dir dir;
    enum uct_sight sight;
    struct uct_slice local, remote;    /* as printed, may be empty */
    struct uct_slice process;
    uint64_t msg_hash;
    struct uct_slice text;             /* the record's text, for evidence */
    struct uct_slice trace, machine;   /* a Microsoft server's number for the message, and which server it is */
};

/* Adds the message row, asks for hits (status, diagnostics, Warning and Reason
 * text) and keeps what rules want, with these fields: method status phrase
 * ruri call-id cseq from to from-domain to-domain pai server user-agent warning
 * reason peer sender (the peer, unless we sent it) dir contact ms-diagnostics content-type sdp-media sdp-rejected.
 * Each diagnostics header that a rule wants becomes a record of kind DIAG with
 * the same fields, `diag-id`, `diag-header` and one field per attribute under
 * its own name in lower case (`reason` is then the header's). */
void uct_sip_keep(struct uct_writer *w, const struct uct_origin *o, const struct uct_sip_context *c,
                  const struct uct_sip *m);
/* A bare diagnostics line with no message around it. */
void uct_diag_keep(struct uct_writer *w, const struct uct_origin *o, int64_t time, const struct uct_diag *d,
                   struct uct_slice text);

#endif
