/* sip: SIP, SDP and ms-diagnostics on slices.  Nothing is copied: what comes
 * back points into what was given.  No regular expressions, no allocation. */
#ifndef UCT_SIP_H
#define UCT_SIP_H

#include "../base/base.h"

struct uct_diag {
    uint32_t id;                  /* 1009; of "4268.1" it is 4268 */
    struct uct_slice name;        /* header name as printed ("ms-diagnostics-public"), may be empty */
    struct uct_slice value;       /* the whole value, from the id on */
};

#define UCT_SIP_DIAGS 8
#define UCT_SIP_SERIALS 6

/* One message.  Slices are empty where a header is missing.  Of a repeated
 * header the first counts, but for the Via stack and the diagnostics. */
struct uct_sip {
    bool request;
    uint16_t status;                 /* of a response */
    struct uct_slice method;         /* of a request; of a response the CSeq's */
    struct uct_slice phrase;         /* reason phrase */
    struct uct_slice ruri;           /* request URI as printed */
    struct uct_slice call_id;
    uint32_t cseq;
    struct uct_slice cseq_method;
    struct uct_slice from, to, pai;  /* URI without display name, brackets and parameters */
    struct uct_slice from_tag, to_tag;
    struct uct_slice via_branch;     /* top Via */
    struct uct_slice via_sent_by;    /* host[:port] of the top Via */
    struct uct_slice proxy_call_id;  /* first Via that has one */
    struct uct_slice serial[UCT_SIP_SERIALS];     /* the others: of Vias below it, of Record-Route */
    unsigned nserial;
    struct uct_slice ingress_zone, egress_zone;   /* top-most Via that has one */
    unsigned nvia;                   /* Via values, comma-separated ones counted apiece */
    struct uct_slice server;         /* Server, else User-Agent */
    struct uct_slice user_agent;
    struct uct_slice reason, warning, session_id, x_taatag, conversation, contact, date, content_type;
    bool has_length;
    uint64_t content_length;
    struct uct_diag diag[UCT_SIP_DIAGS];
    unsigned ndiag;
    struct uct_slice headers;        /* first header line to the empty line */
    struct uct_slice body;           /* after the empty line */
    unsigned sdp_media, sdp_rejected;   /* m= lines; those with port 0 */
    unsigned bad_headers;            /* lines that are no header */
};

/* How the lines of the message stand in the log. */
struct uct_sip_layout {
    bool indented;      /* one blank before each line (Expressway dumps; some pasted texts): a line
                           that begins with exactly one blank and holds `token:` is a header, no fold */
    bool glued_end;     /* strip one final '|' of the body (Expressway) */
    bool spaced;        /* empty lines end no headers: something else does (Lync traces copied double-spaced) */
};

/* Is this line the start line of a request or a response?  Strict: method of
 * token characters, URI with a scheme or '*', "SIP/2.0" at the end; or
 * "SIP/2.0 NNN". Trailing blanks are tolerated. */
bool uct_sip_start_line(struct uct_slice line);

/* Parses text from its start line on.  Ends at the end of text; Content-Length
 * is kept but never trusted.  Returns false when the first line is no start
 * line. Missing or broken headers leave fields empty. */
bool uct_sip_parse(struct uct_slice text, struct uct_sip_layout layout, struct uct_sip *out);

/* Next header of `headers` (folds included in the value, as they stand).
 * Name without blanks; value trimmed. Returns false at the end. */
bool uct_sip_next_header(struct uct_slice *headers, struct uct_sip_layout layout, struct uct_slice *name,
                         struct uct_slice *value);
/* Compares a header's name with its full form, either case, compact or not. */
bool uct_sip_header_is(struct uct_slice name, struct uct_slice full);

/* "Alice" <sip:a@b;x=y>;tag=z  ->  sip:a@b and z. */
struct uct_slice uct_sip_addr_uri(struct uct_slice value);
struct uct_slice uct_sip_addr_tag(struct uct_slice value);
/* Cuts parameters and headers off a URI: sip:a@b:5061;transport=tls?x -> sip:a@b:5061 */
struct uct_slice uct_sip_uri_bare(struct uct_slice uri);
/* The host part of a URI, without port and brackets; lower-casing is the caller's. */
struct uct_slice uct_sip_uri_host(struct uct_slice uri);
/* A parameter of a header value outside quotes and brackets; unquoted, trimmed. */
bool uct_sip_param(struct uct_slice value, struct uct_slice name, struct uct_slice *out);

/* A diagnostics line in any of its spellings (`name: id;k="v"...`, "(null): 24",
 * curly quotes, blanks round '=', unclosed quotes, several ids).  line may be a
 * whole header line or only the value after the colon. */
bool uct_diag_parse(struct uct_slice line, struct uct_diag *out);
/* Next attribute of d->value after *pos (start with 0): name trimmed, value
 * without quotes and the blanks at their inner side. */
bool uct_diag_next(const struct uct_diag *d, size_t *pos, struct uct_slice *name, struct uct_slice *value);
bool uct_diag_attr(const struct uct_diag *d, struct uct_slice name, struct uct_slice *value);
/* Does this line begin with the name of a diagnostics header and a colon? */
bool uct_diag_line(struct uct_slice line);

/* A result code in text, from pos on: 0x and 8 hex digits; 8 hex digits before
 * "(NAME)" or after "hr"/"HRESULT"/"Result-Code:"; a negative decimal after
 * HRESULT; with an optional name behind in parentheses or after a blank.
 * Returns the position behind it, or 0 when there is none. */
size_t uct_result_next(struct uct_slice text, size_t pos, uint32_t *code, struct uct_slice *name);

#endif
