/* words: the fixed words of the text report in each language. */
#ifndef UCT_WORDS_H
#define UCT_WORDS_H

#include "../base/base.h"

enum uct_word {
    /* headings */
    UCT_W_ROOTS, UCT_W_ALSO, UCT_W_MISSING, UCT_W_ADVICE, UCT_W_UNDIAGNOSED, UCT_W_SOURCES, UCT_W_SKIPPED,
    /* labels in a finding */
    UCT_W_CALLS, UCT_W_SEEN, UCT_W_CAUSE, UCT_W_FIX, UCT_W_COLLECT, UCT_W_EVIDENCE, UCT_W_EXPLAINS,
    UCT_W_ACTOR, UCT_W_TIMES, UCT_W_MORE,
    /* values */
    UCT_W_CERTAIN, UCT_W_LIKELY, UCT_W_POSSIBLE, UCT_W_US, UCT_W_PEER, UCT_W_NETWORK, UCT_W_UNKNOWN,
    UCT_W_ANSWERED, UCT_W_FAILED, UCT_W_CANCELLED, UCT_W_UNANSWERED, UCT_W_INCOMPLETE,
    /* sources */
    UCT_W_HOST, UCT_W_RECORDS, UCT_W_MESSAGES, UCT_W_LINES, UCT_W_UNPARSED, UCT_W_FIRST_LINE, UCT_W_SET,
    UCT_W_CLOCK, UCT_W_CLOCK_IS, UCT_W_CLOCK_AHEAD, UCT_W_CLOCK_BEHIND, UCT_W_MESSAGE,
    /* clocks and marks of a ladder */
    UCT_W_CLOCK_IN, UCT_W_CLOCK_AND, UCT_W_CLOCK_AGREE, UCT_W_CLOCK_PRINTS, UCT_W_CLOCK_AND_IS,
    UCT_W_CLOCK_ELSE, UCT_W_CLOCK_WITHIN, UCT_W_TIMES_BY, UCT_W_TIMES_CLOCK, UCT_W_TIMES_CLOCKS, UCT_W_TIMES_APART,
    UCT_W_TIMES_PRINTED, UCT_W_REPEATED, UCT_W_LOST,
    /* nothing found */
    UCT_W_NOTHING, UCT_W_NO_CAUSE, UCT_W_NOTHING_READ, UCT_W_CHECKED, UCT_W_UNDERSTOOD, UCT_W_UNREAD, UCT_W_HELPS,
    UCT_W_HELP_UNPARSED, UCT_W_HELP_NO_MESSAGES, UCT_W_HELP_OTHER_END, UCT_W_HELP_LADDER, UCT_W_HELP_KINDS,
    UCT_W_HELP_FILTERS,
    UCT_W_COUNT
};

/* One language; made from rules/lang/<tag>/words.xml when the program is built. */
struct uct_words {
    const char *lang;
    const char *word[UCT_W_COUNT];        /* NULL: not translated */
};
extern const struct uct_words uct_words_table[];
extern const unsigned long uct_nwords;

/* In the language of the tag by prefix, else English. */
const char *uct_word(enum uct_word w, const char *lang);
/* A heading's word inside a sentence: "Calls" becomes "calls". */
void uct_add_word(struct uct_buf *b, enum uct_word w, const char *lang);
/* Is the text report of this language ASCII but for what the logs say? */
bool uct_words_ascii(const char *lang);
/* The tag of the embedded language that serves this one, by prefix; NULL if there is none. */
const char *uct_words_lang(const char *tag);

#endif
