/* fold: calls that ended well shrink to summaries while their log is still being read.
 *
 * The engine asks after every epoch of a source.  What a call was is decided by one source's rows alone, and
 * where epochs are cut depends on the text only, so that neither threads nor blocks show in the result. */
#ifndef UCT_FOLD_H
#define UCT_FOLD_H

#include "../engine/engine.h"

struct uct_fold;

/* asked: a Call-ID whose rows stay, or NULL.  most: how many calls that ended well are listed, 0: all.
 * spill: where the rows that stay go, or NULL. */
struct uct_fold *uct_fold_new(const char *asked, size_t most, struct uct_spill *spill);
/* An uct_epochs.fold: arg is the struct uct_fold. */
bool uct_fold_source(void *arg, struct uct_source *s, bool shrink, struct uct_intern *strings, struct uct_intern *staying);
/* After the last source: drops what is not listed, and says so in the sources' notes. */
bool uct_fold_end(struct uct_fold *f, struct uct_sources *s);
void uct_fold_free(struct uct_fold *f);

#endif
