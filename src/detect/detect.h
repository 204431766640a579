/* detect: which parser reads a stream, and what a stream is that none reads. */
#ifndef UCT_DETECT_H
#define UCT_DETECT_H

#include "../base/base.h"
#include "../../parsers/parser.h"

/* What was decided on one window. */
struct uct_detection {
    const struct uct_parser *parser;      /* NULL: none reached a bid */
    int bid;
    const char *format;                   /* sources[].format, also for what is only named */
    const char *note;                     /* for what is only named or unsupported: what to do instead */
    bool unsupported;                     /* known, but no parser will ever read it here (PDF, ETL ...) */
};

/* whole: the window is all there is.  Never fails. */
void uct_detect(struct uct_slice window, bool whole, struct uct_detection *out);
/* The bids of all parsers on a window, in the order of uct_parsers[]; n = count. */
void uct_detect_bids(struct uct_slice window, bool whole, int *bids, size_t n);
size_t uct_parsers_count(void);

/* Formats that are named for what they are and left alone: Meeting Server and
 * CUCM logs, xConfiguration, xStatus, PEM, pcap (format set, no error); ETL,
 * PDF, images, core dumps, Office files, Mac and mobile logs (unsupported). */
bool uct_known_kind(struct uct_slice window, struct uct_detection *out);

#endif
