/* meter: runs a command and prints its wall time in milliseconds and its peak anonymous memory in KiB.
 *
 *   bench/meter OUT CMD [ARG...]        the command's standard output goes to OUT
 *
 * Anonymous memory (RssAnon) is read from /proc every twenty milliseconds: a mapped log is page cache, not memory
 * that the program asked for.  The exit code is the command's. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long anonymous(pid_t pid)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *f = fopen(path, "r");
    if (!f)
        return 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "RssAnon: %ld", &kib) == 1)
            break;
    fclose(f);
    return kib;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: meter OUT CMD [ARG...]\n", stderr);
        return 2;
    }
    double start = now();
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0 || dup2(fd, 1) < 0)
            _exit(126);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (pid < 0) {
        perror("fork");
        return 2;
    }
    long peak = 0;
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        long kib = anonymous(pid);
        if (kib > peak)
            peak = kib;
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
    printf("%.1f %ld\n", now() - start, peak);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
