/* Copies standard input to standard output in pieces: each is a write of its
 * own, so that a reader of a pipe gets them so or a few at once.
 *
 *   tests/feed BYTES < FILE | uctriage - */
#include <stdlib.h>
#include <unistd.h>

static int copy(const char *p, size_t n, size_t piece)
{
    while (n) {
        ssize_t put = write(STDOUT_FILENO, p, n < piece ? n : piece);
        if (put <= 0)
            return 1;
        p += put;
        n -= (size_t)put;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static char buf[65536];
    size_t piece = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 4096;
    ssize_t got;
    while ((got = read(STDIN_FILENO, buf, sizeof buf)) > 0)
        if (copy(buf, (size_t)got, piece ? piece : 1))
            return 1;
    return got < 0;
}
