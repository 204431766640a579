/* What the two halves of tests/hostile share: where the text goes, and how much of it there is to be. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stddef.h>

struct pattern {
    const char *name;
    void (*write)(void);
};

size_t hostile_size(void);            /* about so many bytes are wanted */
size_t hostile_done(void);
void put(const char *s);
void putn(const char *s, size_t n);
void fill(const char *s, size_t to);
void stamp(unsigned n);
/* Patterns of several files: what follows goes to another file of the folder. */
void part(const char *name);

/* Input about calls, their keys and the clocks of several logs; ends with a NULL name.  Those whose name
 * begins with '+' write several files into a folder. */
extern const struct pattern hostile_calls[];

#endif
