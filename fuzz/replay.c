/* Runs a fuzz target over files and folders, without a fuzzer: what was found
 * once stays mended.  Without arguments it takes what is kept for its target,
 * testdata/fuzz/TARGET, where TARGET is what stands behind the last '_' of
 * its own name.
 *
 *   fuzz/replay_sip [FILE|FOLDER]... */
#include "base/base.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const char *path, unsigned *count);

/* The bytes stand in a block of their own size, so that a sanitizer sees a read behind them. */
static bool replay_file(const char *path, size_t size, unsigned *count)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = malloc(size ? size : 1);
    bool ok = f && data && fread(data, 1, size, f) == size;
    if (ok) {
        fprintf(stderr, "%s\n", path);
        LLVMFuzzerTestOneInput(data, size);
        ++*count;
    } else {
        fprintf(stderr, "cannot read '%s'\n", path);
    }
    free(data);
    if (f)
        fclose(f);
    return ok;
}

static bool replay_folder(const char *path, unsigned *count)
{
    struct dirent **names;
    int n = scandir(path, &names, NULL, alphasort);
    bool ok = n >= 0;
    for (int i = 0; i < n; i++) {
        char *name = malloc(strlen(path) + strlen(names[i]->d_name) + 2);
        if (name && names[i]->d_name[0] != '.') {
            sprintf(name, "%s/%s", path, names[i]->d_name);
            ok = replay(name, count) && ok;
        }
        free(name);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return ok;
}

static bool replay(const char *path, unsigned *count)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        fprintf(stderr, "cannot read '%s'\n", path);
        return false;
    }
    return S_ISDIR(st.st_mode) ? replay_folder(path, count) : replay_file(path, (size_t)st.st_size, count);
}

int main(int argc, char **argv)
{
    const char *target = strrchr(argv[0], '_');
    char path[4096];
    unsigned count = 0;
    bool ok = true;
    for (int i = 1; i < argc; i++)
        ok = replay(argv[i], &count) && ok;
    if (argc < 2 && target) {
        snprintf(path, sizeof path, "%s/testdata/fuzz/%s", UCT_SRCDIR, target + 1);
        ok = replay(path, &count);
    }
    fprintf(stderr, "%u inputs\n", count);
    return ok && count ? 0 : 1;
}
