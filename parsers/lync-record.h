/* What the server trace and the Windows event log have in common: bodies of
 * "Key: value", protocol records with a SIP message in them, result codes.
 * Nothing here allocates; slices point into what was given. */
#ifndef UCT_LYNC_RECORD_H
#define UCT_LYNC_RECORD_H

#include "sip/keep.h"
#include "transcript/transcript.h"

#define UCT_LYNC_PAIRS 48

struct uct_lync_pair {
    struct uct_slice name, value;
};

/* A body cut at its keys.  `lead` is what stands before the first; `message`
 * begins at the start line behind `Start-Line:` and is empty without one. */
struct uct_lync_body {
    struct uct_slice lead, message;
    struct uct_lync_pair pair[UCT_LYNC_PAIRS];
    size_t npairs;
};
void uct_lync_body_split(struct uct_slice body, struct uct_lync_body *out);
/* Value of the first pair of that name as the trace spells it, trimmed. */
struct uct_slice uct_lync_get(const struct uct_lync_body *b, struct uct_slice name);
/* Does this line begin with one of the keys that a body is made of? */
bool uct_lync_key_line(struct uct_slice line);

/* A protocol record's message, from the start line on: headers, then
 * `Message-Body:` and the body.  False if that is no start line. */
bool uct_lync_message(struct uct_slice message, struct uct_sip *out);
/* Adds the message of a protocol record; c->dir and c->remote come from the body. */
bool uct_lync_keep_message(struct uct_writer *w, const struct uct_origin *o, const struct uct_lync_body *b,
                           struct uct_sip_context *c);

/* The first result code of a record; all of them are asked for as hits. */
struct uct_lync_result {
    bool known;
    uint32_t code;
    struct uct_slice name;
};
void uct_lync_hit_results(struct uct_writer *w, struct uct_slice text, struct uct_lync_result *first);

/* Room to rewrite one value: line ends to blanks, upper case to lower.  A
 * value that is longer stays as it stands. */
#define UCT_LYNC_FLAT 8192
struct uct_lync_flat {
    char p[UCT_LYNC_FLAT];
};
struct uct_slice uct_lync_flatten(struct uct_lync_flat *f, struct uct_slice value);
struct uct_slice uct_lync_lower(struct uct_lync_flat *f, struct uct_slice value);

/* Fields of a record that is being kept; empty values are left out and long
 * ones clipped. */
void uct_lync_field(struct uct_writer *w, struct uct_slice name, struct uct_slice value);
void uct_lync_field_text(struct uct_writer *w, struct uct_lync_flat *f, struct uct_slice name,
                         struct uct_slice value);
void uct_lync_field_result(struct uct_writer *w, const struct uct_lync_result *r);
/* `k="v"; k="v"`: one field each, blanks at the inner side of quotes dropped. */
void uct_lync_fields_data(struct uct_writer *w, struct uct_lync_flat *f, struct uct_slice data);
/* host:port as the fields `peer` and `peer-port`. */
void uct_lync_fields_peer(struct uct_writer *w, struct uct_lync_flat *f, struct uct_slice peer);

#endif
