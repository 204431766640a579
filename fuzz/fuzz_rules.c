/* Fuzz target: anything as a file of --rules.  What loads is told to the
 * writer and tried on a text; what does not must say why. */
#include "diagnose/load.h"
#include "report/report.h"
#include "uctriage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int memory_file(const void *p, size_t n, char path[40])
{
    int fd = memfd_create("fuzz", 0);
    if (fd >= 0 && write(fd, p, n) != (ssize_t)n) {
        close(fd);
        return -1;
    }
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

/* As `rules check` does with a rule's samples; nothing in a sample's name is opened. */
static bool analyse(void *arg, const struct uct_rules *rules, const char *text, size_t n,
                    struct uct_buf *fired)
{
    struct uct_options o;
    struct uct_report *r = NULL;
    char path[40];
    const char *paths[] = {path};
    int fd = memory_file(text, n, path);
    (void)arg;
    if (fd < 0)
        return false;
    uct_options_init(&o);
    int code = uct_analyse(&o, rules, paths, 1, &r);
    for (size_t i = 0; r && i < r->nfindings; i++)
        uct_buf_addf(fired, "%s\n", r->findings[i].rule->id);
    uct_report_free(r);
    close(fd);
    return code == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct uct_buf report = {0};
    char path[40];
    int fd = memory_file(data, size, path);
    if (fd < 0)
        return 0;
    if (!uct_rules_check_file(path, analyse, NULL, &report) && report.n == 0)
        abort();
    uct_buf_free(&report);
    close(fd);
    return 0;
}
