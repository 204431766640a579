/* dictionary: the rows behind explain.h, for the files of this room. */
#ifndef UCT_DICTIONARY_H
#define UCT_DICTIONARY_H

#include "explain.h"

/* What the number in a row is. */
enum uct_row_kind {
    UCT_ROW_NUMBER,                /* the family's own number */
    UCT_ROW_NAME,                  /* none: the name is the code */
    UCT_ROW_TEXT,                  /* none: a text in a log */
    UCT_ROW_RANGE,                 /* ms-diagnostics: value..last */
    UCT_ROW_OPENSSL,               /* tls: reason of OpenSSL's library 20 (SSL) */
    UCT_ROW_X509                   /* tls: result of the certificate check */
};

/* The columns of a table, in order; rules/codes/README.md describes them. */
enum uct_column {
    UCT_COL_CODE, UCT_COL_NAME, UCT_COL_ALIASES, UCT_COL_MEANING, UCT_COL_SENDER, UCT_COL_CAUSE,
    UCT_COL_CHECK, UCT_COL_CONFUSED, UCT_COL_REFERENCE, UCT_COLS
};

struct uct_row {
    enum uct_family family;
    enum uct_row_kind kind;
    uint32_t value, last;
    const char *col[UCT_COLS];     /* "" where nothing is known */
};

struct uct_dictionary {
    struct uct_arena arena;
    struct uct_row *row;           /* sorted by family, kind, value, name */
    size_t n, cap;
};

/* Made by codes.awk. */
struct uct_code_table {
    const char *file;
    const char *const *line;       /* without the head line; ends with NULL */
};
extern const struct uct_code_table uct_code_tables[];

/* What an argument says about its number. */
enum uct_spelling { UCT_DECIMAL = 1, UCT_NEGATIVE = 2, UCT_HEX = 4, UCT_BARE_HEX = 8 };
struct uct_code_number {
    uint32_t value;
    unsigned spelling;
};

/* decode.c: says of a number that no table has what its bits or its range say. */
const struct uct_row *uct_row_number(const struct uct_dictionary *d, enum uct_family f, enum uct_row_kind k,
                                     uint32_t value);
const char *uct_row_label(struct uct_arena *a, const struct uct_row *r);
/* Adds a known row; false: no memory. */
bool uct_add_row(struct uct_explanations *x, struct uct_arena *a, const struct uct_row *r);
/* family: one, or UCT_FAMILIES for all that the number may belong to. */
bool uct_decode_number(const struct uct_dictionary *d, struct uct_arena *a, struct uct_code_number n,
                       enum uct_family family, struct uct_explanations *x);
/* A mask of ICE warnings, bit by bit. */
bool uct_decode_ice(const struct uct_dictionary *d, struct uct_arena *a, uint32_t mask,
                    struct uct_explanations *x);

#endif
