/* Fuzz target of the input room: any bytes as a file, read in pieces whose
 * size comes from the data, must end, and give the same as when they are read
 * at once.  Corrupt data is left out of that: ISA-L takes codes that zlib
 * refuses, and how far it gets in them hangs on the room it is given. */
#include "input/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
    uint64_t bytes, streams, hash;
    bool corrupt;
};

static struct sum read_all(const char *path, size_t piece)
{
    static char buf[65536];
    struct uct_input_options o = {.limits = uct_limits_default};
    struct uct_input *in;
    struct uct_stream *s;
    struct sum sum = {0};
    size_t n;
    if (uct_limits_parse(&o.limits, "bytes=4M,members=200,depth=4") ||
        uct_input_open(&in, &o, &path, 1) != UCT_OK)
        return sum;
    struct uct_lane *lane = uct_lane_open(in, 0);
    while (uct_lane_next(lane, &s) == UCT_OK) {
        sum.streams++;
        while ((n = uct_stream_read(s, buf, piece)) > 0) {
            sum.bytes += n;
            for (size_t i = 0; i < n; i++)
                sum.hash = sum.hash * 31 + (unsigned char)buf[i];
        }
        enum uct_state state = uct_stream_state(s, NULL);
        sum.corrupt = sum.corrupt || state == UCT_STATE_CORRUPT;
        sum.hash += (uint64_t)state;
    }
    uct_lane_close(lane);
    uct_input_free(in);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("input", 0);
    if (fd < 0 || size == 0 || write(fd, data, size) != (ssize_t)size) {
        close(fd);
        return 0;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct sum a = read_all(path, 65536), b = read_all(path, data[size - 1] % 97 + 1u);
    bool corrupt = a.corrupt || b.corrupt;
    if (!corrupt && (a.bytes != b.bytes || a.streams != b.streams || a.hash != b.hash))
        abort();
    close(fd);
    return 0;
}
