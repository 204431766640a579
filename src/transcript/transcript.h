/* transcript: the waist.  What a parser understood of one source, as compact
 * rows; no I/O, no pointers into input, nothing that a thread's timing could
 * change but interned numbers.
 *
 * A writer belongs to one chunk of one source and one thread.  Parsers write
 * through the uct_w_*, uct_hit_* and uct_keep_* calls and keep nothing
 * themselves.  All text given to a writer may die when the call returns.  A
 * writer that ran out of memory swallows further calls; the pipeline asks
 * uct_w_failed() once at the end. */
#ifndef UCT_TRANSCRIPT_H
#define UCT_TRANSCRIPT_H

#include "../base/base.h"

/* ---- where something stands ------------------------------------------- */

/* Within the chunk given to the parser: offset in bytes from its first byte,
 * line counted from 0 from its first line.  The writer rebases both. */
struct uct_origin {
    uint64_t offset;
    uint32_t length;       /* bytes, up to the start of the next record */
    uint32_t line;
};

/* ---- interest: the upper half of the rules ----------------------------- */

/* What a rule can be indexed by. */
enum uct_key {
    UCT_KEY_EVENT,      /* Expressway Event="..." value, whole, any case */
    UCT_KEY_ALARM,      /* Expressway alarm Id="..." (decimal) */
    UCT_KEY_LITERAL,    /* these bytes stand in the text of the record (>= 4 bytes, case kept) */
    UCT_KEY_STATUS,     /* SIP status of a response; 400 stands for itself only; 0 = any final >= 300 */
    UCT_KEY_DIAG,       /* an ms-diagnostics id */
    UCT_KEY_RESULT,     /* a result code / HRESULT, 32 bits */
    UCT_KEY_WINEVENT,   /* a Windows event id */
    UCT_KEY_NKEYS
};

struct uct_interest;        /* immutable once compiled; shared by all threads */
struct uct_interest *uct_interest_new(void);
/* `rule` is the caller's number.  For EVENT and LITERAL text is used, else number. */
bool uct_interest_add(struct uct_interest *i, enum uct_key key, struct uct_slice text, uint32_t number, uint16_t rule);
bool uct_interest_compile(struct uct_interest *i);
void uct_interest_free(struct uct_interest *i);

/* ---- rows -------------------------------------------------------------- */

enum uct_dir { UCT_DIR_UNKNOWN, UCT_DIR_IN, UCT_DIR_OUT };

/* How a message was seen. */
enum uct_sight {
    UCT_SIGHT_TEXT,        /* its own text: a dump, a protocol record, a packet block */
    UCT_SIGHT_LINE,        /* a one-line summary (Expressway INFO) */
};

/* One sighting of a SIP message.  Interned numbers unless said otherwise. */
struct uct_msg {
    int64_t time;              /* ms, as printed and read as UTC unless the line says otherwise; or UCT_NO_TIME */
    uint64_t offset;           /* in the source */
    uint64_t msg_hash;         /* Expressway Msg-Hash, 0 if none */
    uint64_t branch;           /* hash of the top Via's branch in 48 bits, 0 if none */
    uint32_t length, line;     /* line counts from 1 in the finished transcript */
    uint32_t cseq;
    uint32_t call_id;          /* 0: the message names none */
    uint32_t method;           /* of the request, or the CSeq's */
    uint32_t phrase;           /* reason phrase of a response */
    uint32_t from, to, ruri;   /* URIs without display name and parameters */
    uint32_t from_tag, to_tag; /* hashes, 0 if none: they only tell dialogs apart */
    uint32_t pai;              /* P-Asserted-Identity URI (first), requests only */
    uint32_t server;           /* Server or User-Agent value */
    uint32_t local, remote;    /* "ip:port" or "host:port" as printed, lower case */
    uint32_t session_id;       /* Session-ID value (whole) */
    uint32_t tag;              /* X-TAATag */
    uint32_t conversation;     /* Ms-Conversation-ID */
    uint32_t proxy_call_id;    /* proxy-call-id of the top Via */
    uint32_t process;          /* process or component that logged it */
    uint16_t status;           /* 0 for a request */
    uint8_t dir;               /* enum uct_dir */
    uint8_t sight;             /* enum uct_sight */
    uint8_t zones;             /* bit 0: ingress-zone seen in a Via, 1: egress-zone; 2-4: enum uct_hint
                                  of the top Via's egress zone, bits 5-7: of the top-most ingress zone */
    uint8_t sdp;               /* number of m= lines, saturating */
    uint8_t diag;              /* 1 if any ms-diagnostics header stands in it */
    uint8_t paired;            /* the writer's own: stands for a summary and a dump */
    uint8_t state, moved;      /* correlate/fold.c's own; 0 */
};

/* What a message's zones say of a box: that it is an Expressway-C or -E, or (of the box that wrote the record)
 * a Microsoft edge. */
enum uct_hint { UCT_HINT_NONE, UCT_HINT_PERHAPS_C, UCT_HINT_C, UCT_HINT_PERHAPS_E, UCT_HINT_E,
                UCT_HINT_EDGE };

/* What kind of record was kept: rules may demand one. */
enum uct_kind {
    UCT_KIND_RECORD,        /* a log record with fields */
    UCT_KIND_SIP,           /* a SIP message */
    UCT_KIND_DIAG,          /* one ms-diagnostics header of a message (or a bare one) */
    UCT_KIND_TRACE,         /* a Lync diagnostic or connection record */
    UCT_KIND_WINEVENT,
    UCT_KIND_CODE           /* a result code in a trace line or in plain text */
};

struct uct_field {
    uint32_t name, value;      /* interned; names are lower case */
};

/* A record that a rule asked for.  Text is clipped to 2 KiB. */
struct uct_kept {
    int64_t time;
    uint64_t offset;
    uint32_t length, line;
    uint32_t call_id;          /* 0 if it names none */
    uint32_t text, ntext;      /* in the block's text */
    uint32_t fields, nfields;  /* in the block's fields */
    uint32_t rules, nrules;    /* in the block's candidate rule numbers (ascending) */
    uint8_t kind;              /* enum uct_kind */
    uint8_t not_routed;        /* says that a request was not routed or failed */
    uint16_t status;           /* SIP status if it belongs to a response */
};

/* A fact about a call that is not a message (a diagnostic record). */
struct uct_sighting {
    int64_t time;
    uint64_t offset;
    uint32_t length, line;
    uint32_t call_id, method, ruri, cseq;
    uint32_t peer;             /* host:port of the far end, as an address of a message; 0 if it names none */
    uint8_t not_routed;
};

/* A further id of a call that its rows have no place for. */
enum uct_tie_kind {
    UCT_TIE_SERIAL,         /* proxy-call-id below the top Via, or in Record-Route */
    UCT_TIE_TRACE,          /* a Microsoft server's number for a message on its way through; place: the machine */
    UCT_TIE_PEER            /* address of the peer of a diagnostic record */
};

struct uct_tie {
    int64_t time;
    uint64_t offset;
    uint32_t call_id, value, place;      /* interned */
    uint16_t status;                     /* of the message that has it first, 0 for a request */
    uint8_t kind;                        /* enum uct_tie_kind */
    bool repeated;                       /* a message of the call with another status has it, too */
};

/* Expressway's event that a call came in: it names the component, but seldom the Call-ID. */
struct uct_attempt {
    int64_t time;
    uint64_t offset;
    uint32_t call_id, serial, tag;       /* interned, as is the rest */
    uint32_t remote, from, to;           /* "ip:port" it came from, URIs */
};

enum uct_note {
    UCT_NOTE_CUT_BEGIN,      /* the log starts in the middle of a record */
    UCT_NOTE_CUT_END,        /* ... or ends in one */
    UCT_NOTE_NO_END,         /* a record without its end mark */
    UCT_NOTE_ORPHAN_END,     /* an end mark without a begin */
    UCT_NOTE_LONG_RECORD,    /* a record passed the record limit and was clipped: status limited */
    UCT_NOTE_LONG_LINE,      /* a line passed the line limit: only its front was shown to the parser */
    UCT_NOTE_TIME_BACK,      /* time runs backwards by more than a second */
    UCT_NOTE_LOST_TEXT,      /* the logger itself says that text was dropped */
    UCT_NOTE_NNOTES
};

enum uct_basis { UCT_BASIS_NONE, UCT_BASIS_UTC_FIELD, UCT_BASIS_ZONE, UCT_BASIS_ASSUMED_UTC,
                 UCT_BASIS_MEASURED, UCT_BASIS_USER };

/* A silence between two records, as printed; shorter ones than UCT_GAP_MS are only counted. */
struct uct_gap {
    int64_t from, to;
};
#define UCT_GAP_MS 5000
#define UCT_GAP_SIZES 24

/* From this byte of the source on records are of that host. */
struct uct_mark {
    uint64_t offset;
    int64_t time;                          /* of the first of them, or UCT_NO_TIME */
    int32_t ago;                           /* ms from the record before it, which is the other host's last */
    uint32_t host;
};
#define UCT_LOCALS 4

/* Rows of one chunk, in the order of the text.  Read-only once finished. */
struct uct_block {
    struct uct_msg *msgs;           size_t nmsgs, cmsgs;
    struct uct_kept *kept;          size_t nkept, ckept;
    struct uct_sighting *sightings; size_t nsightings, csightings;
    struct uct_tie *ties;           size_t nties, cties;
    struct uct_attempt *attempts;   size_t nattempts, cattempts;
    struct uct_field *fields;       size_t nfields, cfields;
    uint16_t *rules;                size_t nrules, crules;
    char *text;                     size_t ntext, ctext;
    uint64_t nlines, nrecords, nunparsed, nprose;
    uint32_t unparsed_line;                /* first unparsed line, 1-based; 0: none */
    uint32_t notes[UCT_NOTE_NNOTES];       /* how often */
    uint32_t note_line[UCT_NOTE_NNOTES];   /* line of the first, 1-based */
    int64_t first, last;                   /* smallest and largest stamp */
    int64_t front, back;                   /* first and last stamp in file order */
    struct uct_gap *gaps;           size_t ngaps, cgaps;
    uint32_t gap_sizes[UCT_GAP_SIZES];     /* how many gaps of 2^(i-1) .. 2^i - 1 ms there are */
    uint32_t host;                         /* first host name the records give */
    struct uct_mark *marks;         size_t nmarks, cmarks;   /* where it changes; none: it does not */
    uint32_t local[UCT_LOCALS];            /* its own addresses, of hosts apart; 0: no more (uct_block_locals) */
    bool listed;                           /* they were looked for */
    uint8_t basis;                         /* enum uct_basis: the best seen */
    bool failed;                           /* out of memory */
    bool spilled;                          /* its arrays are a spill's */
    bool lent;                             /* all but its gaps are another block's */
    bool settled;                          /* correlate/fold.c's own: no row of it is looked at again */
};

struct uct_writer;

/* ---- what parsers call ------------------------------------------------- */

/* Counts one record; time may be UCT_NO_TIME.  Order of calls = order of text. */
void uct_w_record(struct uct_writer *w, int64_t time, enum uct_basis basis);
/* How many lines the chunk has; a parser that did not count them lets the pipeline do it. */
void uct_w_lines(struct uct_writer *w, uint64_t n);
/* nlines lines from `line` on that nothing understood. */
void uct_w_unparsed(struct uct_writer *w, uint32_t line, uint32_t nlines);
void uct_w_prose(struct uct_writer *w, uint32_t line, uint32_t nlines);
void uct_w_note(struct uct_writer *w, enum uct_note note, uint32_t line);
/* The host that wrote the record at this origin; called for each record that names one. */
void uct_w_host(struct uct_writer *w, const struct uct_origin *o, struct uct_slice host);
/* Interns for a row; 0 for an empty slice.  _lower folds ASCII case first. */
uint32_t uct_w_intern(struct uct_writer *w, struct uct_slice s);
uint32_t uct_w_intern_lower(struct uct_writer *w, struct uct_slice s);
/* A Call-ID: of one that is too long to be kept whole the rest goes in as a hash, so that two stay two. */
uint32_t uct_w_intern_id(struct uct_writer *w, struct uct_slice s);
/* Several at once, which waits for memory once and not for each. */
#define UCT_INTERN_MOST 16
void uct_w_intern_all(struct uct_writer *w, const struct uct_slice *s, uint32_t *ids, unsigned n);
/* Adds a message row.  m->offset, length, line come from o. */
void uct_w_message(struct uct_writer *w, const struct uct_origin *o, const struct uct_msg *m);
/* A diagnostic record that names a call.  ruri and peer may be empty. */
struct uct_told {
    struct uct_slice call_id, method, ruri, peer;
    uint32_t cseq;
    bool not_routed;
};
void uct_w_sighting(struct uct_writer *w, const struct uct_origin *o, int64_t time, const struct uct_told *t);
/* A further id of a call (interned), at the place of the record; said once where a text repeats it. */
void uct_w_tie(struct uct_writer *w, const struct uct_origin *o, enum uct_tie_kind kind, int64_t time, uint32_t call_id,
               uint16_t status, struct uct_slice value, struct uct_slice place);
/* A message of another method has the call's trace number, too: adds nothing. */
void uct_w_tie_repeated(struct uct_writer *w, uint32_t call_id, struct uct_slice trace);
void uct_w_attempt(struct uct_writer *w, const struct uct_origin *o, const struct uct_attempt *a);

/* Hits: ask for each indexable thing of the record at hand; the candidate
 * rules collect in the writer.  uct_hits() says if there are any. */
void uct_hit_event(struct uct_writer *w, struct uct_slice name);
void uct_hit_number(struct uct_writer *w, enum uct_key key, uint32_t number);
void uct_hit_text(struct uct_writer *w, struct uct_slice text);      /* literals */
bool uct_hits(const struct uct_writer *w);
void uct_hits_clear(struct uct_writer *w);

/* Keeps the record at hand with its candidate rules (and clears them); does
 * nothing and returns false when there are none.  Then fields, then end. */
bool uct_keep_begin(struct uct_writer *w, enum uct_kind kind, const struct uct_origin *o, int64_t time,
                    struct uct_slice text);
void uct_keep_field(struct uct_writer *w, struct uct_slice name, struct uct_slice value);
void uct_keep_call(struct uct_writer *w, struct uct_slice call_id, uint16_t status, bool not_routed);
void uct_keep_end(struct uct_writer *w);

/* A further source that stands inside this one (a piece of a document): the
 * child writes rows whose origins are positions in `text`, a rewritten copy,
 * and `map` says where they stand in the chunk.  Segments ascend by `at`; a
 * position p in [at, next at) lies at from + (p - at), clipped to `to`, on
 * line `line` (chunk-relative).  The child is handed to a parser's parse()
 * and closed with uct_w_piece_end(). */
struct uct_segment {
    size_t at;              /* first byte in the rewritten text */
    uint64_t from, to;      /* its bytes in the chunk */
    uint32_t line;
};
struct uct_parser;
struct uct_writer *uct_w_piece(struct uct_writer *w, const struct uct_parser *parser,
                               const struct uct_segment *map, size_t nmap);
void uct_w_piece_end(struct uct_writer *piece, uint64_t from, uint64_t to, uint32_t line, uint32_t nlines);

/* True inside a piece of a document: no stamp is needed to start a record. */
bool uct_w_is_piece(const struct uct_writer *w);
/* True where `self` is to read the whole source (--parser): it hands over to nobody. */
bool uct_w_reads_all(const struct uct_writer *w, const struct uct_parser *self);
/* Record limit in bytes (--limits record=). */
size_t uct_w_record_limit(const struct uct_writer *w);
bool uct_w_failed(const struct uct_writer *w);
/* A parser ran out of memory of its own: what it read is not whole. */
void uct_w_fail(struct uct_writer *w);

/* ---- what the pipeline and the rest call ------------------------------- */

struct uct_piece {
    const struct uct_parser *parser;
    struct uct_block block;
    uint64_t from, to;
};

/* What a thread interned lately: its writers share it one after the other. */
struct uct_recent;
struct uct_recent *uct_recent_new(void);
void uct_recent_free(struct uct_recent *r);

/* From position `at` of a parser's text on, `gone` bytes of the chunk before it were not shown. */
struct uct_cut {
    uint32_t at, gone;
};
/* Where position `at` of the text stands in the chunk. */
uint64_t uct_cuts_place(const struct uct_cut *cuts, size_t n, uint64_t at);

struct uct_writer_config {
    struct uct_intern *strings;
    const struct uct_interest *interest;
    size_t record_limit;
    uint64_t offset;             /* of the chunk in the source */
    struct uct_recent *recent;   /* NULL: slower */
    uint64_t generation;         /* tells one table of strings from another, also from one that is gone */
    const struct uct_parser *only;   /* reads all of the source (--parser); NULL: several may */
    const struct uct_cut *cuts;      /* ascending; live as long as the writer */
    size_t ncuts;
    uint32_t lead;                   /* lines of the chunk before its parser's text */
};
struct uct_writer *uct_writer_new(const struct uct_writer_config *c);
/* Takes the rows out.  The pieces (may be none) are the caller's to free:
 * each with uct_block_free(), the array with free(). */
enum uct_status uct_writer_finish(struct uct_writer *w, struct uct_block *out, struct uct_piece **pieces, size_t *npieces);
void uct_writer_free(struct uct_writer *w);
void uct_block_free(struct uct_block *b);
/* Moves a finished block's arrays to a spill; they stay where they are when that has no room (or is NULL). */
void uct_block_spill(struct uct_block *b, struct uct_spill *s);
/* Lists the addresses that its first messages show to be the box's own, those of this host's loopback left out. */
void uct_block_locals(struct uct_block *b, const struct uct_intern *strings);
/* Counts a record of that time: first and last, front and back, silences. */
void uct_block_time(struct uct_block *b, int64_t time);
/* Adds the lines that stand before the block in its source. */
void uct_block_rebase(struct uct_block *b, uint64_t lines);

static inline struct uct_slice uct_kept_text(const struct uct_block *b, const struct uct_kept *k)
{
    return uct_slice(b->text + k->text, k->ntext);
}
/* Value of the first field of that name (lower case); empty if there is none. */
struct uct_slice uct_kept_field(const struct uct_block *b, const struct uct_intern *strings,
                                const struct uct_kept *k, struct uct_slice name);

#endif
