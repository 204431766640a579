/* Expressway's key=value pairs, for whoever else meets them. */
#ifndef UCT_EXPRESSWAY_H
#define UCT_EXPRESSWAY_H

#include "parser.h"

/* Next Key="value" (or Key=value) of a line after *pos.  Values with unescaped quotes are taken whole
 * where that can be told. Returns false at the end. */
bool expressway_pair(struct uct_slice line, size_t *pos, struct uct_slice *key, struct uct_slice *value);

/* The head of a record that a syslog collector wrote down: "<134>May 14 09:00:00 vcse tvcs: UTCTime=..." */
bool expressway_relayed(struct uct_slice line);

#endif
