/* Fuzz target: as fuzz_lync.c, for expressway. */
#define UCT_FUZZ_PARSER uct_parser_expressway
#include "fuzz_lync.c"
