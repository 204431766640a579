/* boxes: the hosts that left logs, where their addresses lead, and what they are called.
 *
 * Names come from what the logs show, never from host names:
 *
 *   C        sends to a traversal port (7001 ...), writes egress-zone=CEtcp..,
 *            a traversal client zone
 *   E        listens on it, CollaborationEdgeZone, a traversal server zone, a DNS zone
 *   exp      an Expressway that shows neither
 *   edge     a Microsoft server whose records speak of an internal and external
 *            edge, or the only Microsoft server there is; beside one: FE, else server
 *   client   a client's log
 *
 * and C1, C2 ... where there are several, in the order of their sources.  They are the
 * same for every call and every command of one input. */
#ifndef UCT_BOXES_H
#define UCT_BOXES_H

#include "calls.h"

enum uct_box_kind { UCT_BOX_EXPRESSWAY, UCT_BOX_MICROSOFT, UCT_BOX_CLIENT, UCT_BOX_OTHER };

struct uct_box {
    enum uct_box_kind kind;
    uint32_t host;               /* interned; 0 unknown */
    uint64_t c, e, edge;         /* how much speaks for it */
    bool b2bua;                  /* its B2BUA was seen */
    uint32_t address;            /* the first that leads to it; 0: none */
    const char *role;            /* "C" ... (static) */
    unsigned number;             /* among those of its role, from 1; 0: the only one */
};

struct uct_boxes {
    const struct uct_sources *s;
    struct uct_box *items;
    size_t n, cap;
    uint32_t *of_source;         /* per source: box + 1; 0: it has no message */
    struct uct_intern *keys;     /* what boxes are told apart by */
    uint32_t *of_key;            /* per key: box + 1 */
    size_t ckeys;
    struct uct_intern *names;    /* addresses without port */
    uint32_t *owner;             /* per address: box + 1 */
    size_t cowner;
    uint32_t *memo_host;         /* per interned "host:port": its address + 1, and its port */
    uint16_t *memo_port;
    uint32_t nmemo;
    bool failed;                 /* memory ran out */
};

enum uct_status uct_boxes_learn(struct uct_boxes *b, const struct uct_sources *s, const struct uct_calls *c);
void uct_boxes_free(struct uct_boxes *b);

/* Learns further addresses from all messages of a call that is looked into. */
bool uct_boxes_add_call(struct uct_boxes *b, const struct uct_call *c);

/* The box that a sighting was logged by. */
uint32_t uct_box_of(struct uct_boxes *b, const struct uct_ref *r);
/* A number for the host of "192.0.2.1:5061"; 0 for none and for loopback. */
uint32_t uct_box_address(struct uct_boxes *b, struct uct_slice s, uint64_t *port);
/* The box that an address leads to, or UINT32_MAX. */
uint32_t uct_box_owner(const struct uct_boxes *b, uint32_t address);
/* "E", "C2". */
void uct_box_name(struct uct_buf *out, const struct uct_box *box);
/* Was the message logged by the part of a box that terminates calls? */
bool uct_box_b2bua(const struct uct_boxes *b, const struct uct_msg *m);

/* The way of the call's request: boxes, and addresses (UCT_HOP_ADDRESS set) where no box is known.
 * Returns how many. */
#define UCT_PATH_MAX 16
#define UCT_HOP_ADDRESS 0x80000000u
size_t uct_call_path(struct uct_boxes *b, const struct uct_call *c, uint32_t out[UCT_PATH_MAX]);

#endif
