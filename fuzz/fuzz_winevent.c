/* Fuzz target: as fuzz_lync.c, for windows-event. */
#define UCT_FUZZ_PARSER uct_parser_windows_event
#include "fuzz_lync.c"
