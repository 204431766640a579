/* Private to correlate/: what the makers of joins share. */
#ifndef UCT_JOINING_H
#define UCT_JOINING_H

#include "join.h"

#define UCT_NEAR 16        /* calls of one key that are compared with each other */
#define UCT_LEG_MS 10000   /* the next leg begins within this (a challenge, a search) */

/* A call under a key. */
struct uct_keyed {
    uint64_t key;          /* hash of the text: interned numbers differ from run to run and order nothing */
    int64_t start;
    uint32_t call, value;
    uint32_t partner;      /* the other half; 0: none */
};

struct uct_keys {
    struct uct_keyed *v;
    size_t n, cap;
};

/* The calls that were looked at last, where they are summaries. */
#define UCT_JOIN_VIEWS 16

struct uct_join_views {
    struct uct_view v[UCT_JOIN_VIEWS];
    unsigned turn;
};

/* From when to when one box saw a call. */
struct uct_span {
    uint32_t box;
    bool done;
    int64_t from, to;                     /* corrected */
    int64_t as_from, as_to;               /* as printed */
};

#define UCT_SPANS 16       /* boxes that saw one call and are asked when */

struct uct_spans {
    struct uct_span v[UCT_SPANS];         /* of the boxes that saw it first */
    size_t n;
    int64_t over;                         /* until when other legs may begin */
};

/* All that a join looks at. */
struct uct_joining {
    const struct uct_sources *s;
    const struct uct_calls *c;
    struct uct_joins *out;
    const struct uct_source **clock;      /* per call: whose clock its times are by; NULL: of no one or several */
    bool *unsure;                         /* per box: its clock was set, and by how much nobody knows */
    struct uct_keys l;
    struct uct_keys ids[3];               /* proxy-call-id, tag, conversation id of the calls' own messages */
    struct uct_join_views *views;
    uint32_t *kept_of;                    /* per long call that was asked when: its number in `kept` + 1 */
    struct uct_spans *kept;
    size_t nkept, ckept;
};

/* join.c */
/* A call with all its refs: good until UCT_JOIN_VIEWS others were asked for. */
const struct uct_call *uct_join_at(const struct uct_joining *j, uint32_t i);
bool uct_join_connect(struct uct_joining *j, uint32_t a, uint32_t b, const char *key, uint32_t value,
                      enum uct_confidence confidence);
bool uct_join_add(struct uct_joining *j, uint64_t key, uint32_t call, uint32_t value, uint32_t partner);
/* Drops what has no other entry of its key, and orders the rest by key, then call: calls come in order of their
 * start, so that the call's number orders by time too. */
void uct_join_sort(struct uct_keys *l);
/* Both have Session-IDs, and no half of them is equal. */
bool uct_join_other_session(const struct uct_joining *j, uint32_t a, uint32_t b);
bool uct_join_is_dialog(const struct uct_sources *s, const struct uct_call *c);

/* legs.c: are two calls legs of each other? */
enum uct_overlap { UCT_APART, UCT_TOGETHER, UCT_WHO_KNOWS };
bool uct_legs_clocks(struct uct_joining *j);
enum uct_overlap uct_legs_overlap(struct uct_joining *j, uint32_t a, uint32_t b);
/* Of the first INVITE in one box: the host it came from, the host it was sent to, and when; when it was answered and
 * when somebody hung up. */
#define UCT_WAYS 8
struct uct_way {
    uint32_t box, from, to;
    int64_t came, went, ringing, final, bye;
};
size_t uct_legs_ways(const struct uct_joining *j, const struct uct_call *c, struct uct_way v[UCT_WAYS]);
/* In some box a went out to the host that b came from. */
bool uct_legs_turned(const struct uct_joining *j, uint32_t a, uint32_t b);
bool uct_legs_same_user(const struct uct_joining *j, const struct uct_call *x, const struct uct_call *y);
bool uct_legs_share_box(const struct uct_joining *j, const struct uct_call *x, const struct uct_call *y);
bool uct_legs_are(struct uct_joining *j, uint32_t a, uint32_t b);
/* Of two requests that open no call: may one be the other on its way?  Not if a box got both from one host,
 * which asked twice, or from two of which neither is where the other was sent, or if one was over when the other
 * began. */
enum uct_overlap uct_legs_relayed(struct uct_joining *j, uint32_t a, uint32_t b);

/* hints.c: no id in common */
bool uct_join_are_others(const struct uct_joining *j, uint32_t a, uint32_t b);
bool uct_join_ports(struct uct_joining *j);
bool uct_join_parties(struct uct_joining *j);
/* shapes.c: a client's calls, by another clock */
bool uct_join_shapes(struct uct_joining *j);
/* Another result, or other lengths: not two legs of one call, whatever the clocks. */
bool uct_join_shapes_differ(const struct uct_joining *j, uint32_t a, uint32_t b);

#endif
