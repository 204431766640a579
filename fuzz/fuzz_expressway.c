/* Fuzz target: as fuzz_lync.c, for expressway. */
#define UCT_FUZZ_PARSER uct_parser_expressway
#define UCT_FUZZ_TWINS true
#include "fuzz_lync.c"
