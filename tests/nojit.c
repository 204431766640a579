/* nojit: preloaded under Valgrind, which cannot see into code that PCRE2's JIT compiler made. */
int pcre2_jit_compile_8(void *code, unsigned options);

int pcre2_jit_compile_8(void *code, unsigned options)
{
    (void)code;
    (void)options;
    return -45;               /* PCRE2_ERROR_JIT_BADOPTION: the interpreter serves */
}
