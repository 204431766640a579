/* What the fuzz targets share that go the whole way, from the bytes of files to what is printed. */
#ifndef UCT_FUZZ_WHOLE_H
#define UCT_FUZZ_WHOLE_H

#include "base/base.h"
#include "uctriage.h"

enum { FILES_MOST = 6 };

struct files {
    int fd[FILES_MOST];
    char name[FILES_MOST][40];
    const char *path[FILES_MOST];
    size_t n;
};

/* Aborts, so that the fuzzer keeps the input. */
void must(bool ok);
void must_be_json(struct uct_slice text);
/* Clean text comes out of the cleaner as it went in. */
void must_be_clean(struct uct_slice text);
void must_be_clean_json(const struct uct_buf *b);

/* Cuts data at lines "%%" into at most `most` files (<= FILES_MOST) in memory; files_close() ends them. */
void files_make(struct files *f, struct uct_slice data, size_t most);
void files_close(struct files *f);

/* A uct_sink into the uct_buf that arg is. */
bool to_buf(void *arg, const char *p, size_t n);

/* The rules that ship, loaded once: that takes longer than most runs. */
const struct uct_rules *builtin_rules(void);

#endif
