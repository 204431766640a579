/* port: the call that a Microsoft edge's record without a Call-ID is about.
 *
 *   Peer: vcse.example.com:25002        the edge's diagnostic or connection record
 *   Local-port="25002"                  what the Expressway sent the call's messages from
 *
 * The same ephemeral port within two seconds, and only one call that used it; where no message compares the two
 * clocks, only one within ten minutes either. */
#ifndef UCT_PORT_H
#define UCT_PORT_H

#include "calls.h"

struct uct_port_use {
    uint32_t port, call;
    int64_t time;
    const struct uct_source *clock;
};

struct uct_ports {
    struct uct_port_use *v;       /* by port, clock and time, each once */
    size_t n, cap;
    bool listed;
};

enum uct_status uct_ports_list(const struct uct_sources *s, const struct uct_calls *c, struct uct_ports *out);
/* Index of the only call that used the port at the time by the clock of that source, or SIZE_MAX. */
size_t uct_ports_find(const struct uct_ports *p, const struct uct_source *from, uint32_t port, int64_t time);
void uct_ports_free(struct uct_ports *p);

#endif
