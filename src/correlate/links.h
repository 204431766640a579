/* links: where addresses lead.
 *
 * A box is one logging host: a source, the files of a rotated set, or what else one machine wrote.
 * A link says that what a box exchanges with a remote host is what another box
 * sends and receives; it is learnt from messages seen at both ends. */
#ifndef UCT_LINKS_H
#define UCT_LINKS_H

#include "calls.h"

/* How two sightings, one sent and one received, may be the ends of one hop. */
enum uct_evidence { UCT_EVIDENCE_NONE, UCT_EVIDENCE_ADDRESS, UCT_EVIDENCE_PORT, UCT_EVIDENCE_LINK,
                    UCT_EVIDENCE_SERVICE };

struct uct_link {
    uint32_t box, host;           /* host: interned address without port; 0: an empty slot */
    uint32_t peer;                /* box, or UINT32_MAX where it leads to several */
    uint32_t sent;                /* messages this box sent there that the peer's log shows arriving */
};

struct uct_links {
    uint32_t *box;                /* per source: the first source of its box */
    uint32_t *next;               /* per source: the next one of its box, UINT32_MAX: none */
    size_t nboxes;
    int64_t *last;                /* per box: its last stamp, corrected */
    uint32_t *host_of;            /* per interned address: its host, 0: not asked yet */
    uint32_t nids;
    struct uct_intern *strings;
    struct uct_link *slots;
    size_t nslots, used;
    bool known;                   /* all links are learnt: until then none may be used, since calls come in no order */
};

enum uct_status uct_links_new(struct uct_links *l, const struct uct_sources *s);
void uct_links_free(struct uct_links *l);
bool uct_links_add(struct uct_links *l, const struct uct_ref *sent, const struct uct_ref *got);
/* The link of a box to the host of an address, or NULL. */
const struct uct_link *uct_links_find(const struct uct_links *l, uint32_t box, uint32_t address);
enum uct_evidence uct_links_evidence(const struct uct_links *l, const struct uct_ref *sent, const struct uct_ref *got);
bool uct_links_loopback(const struct uct_links *l, uint32_t address);
/* Interned host of an interned address "host:port"; 0 if there is none. */
uint32_t uct_links_host(const struct uct_links *l, uint32_t address);
/* Port of an interned address, 0 if it has none. */
uint32_t uct_links_port(const struct uct_links *l, uint32_t address);

#endif
