/* Layers: what all of them share. */
#include "layer.h"

#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *uct_layer_new(struct uct_lane *lane, const struct uct_layer_class *c, struct uct_layer *below,
                    size_t size)
{
    struct uct_layer *l = calloc(1, size);
    if (!l) {
        uct_layer_free(below);
        uct_lane_failed(lane);
        return NULL;
    }
    l->class = c;
    l->below = below;
    l->lane = lane;
    return l;
}

void uct_layer_free(struct uct_layer *l)
{
    while (l) {
        struct uct_layer *below = l->below;
        l->class->close(l);
        free(l->head);
        free(l);
        l = below;
    }
}

static size_t read_class(struct uct_layer *l, char *buf, size_t n)
{
    if (l->ended || n == 0)
        return 0;
    size_t got = l->class->read(l, buf, n);
    l->taken += got;
    l->ended = got < n;
    return got;
}

size_t uct_layer_read(struct uct_layer *l, char *buf, size_t n)
{
    size_t got = 0;
    if (l->head) {
        got = l->head_n - l->head_at < n ? l->head_n - l->head_at : n;
        memcpy(buf, l->head + l->head_at, got);
        uct_layer_drop(l, got);
    }
    return got + read_class(l, buf + got, n - got);
}

struct uct_slice uct_layer_peek(struct uct_layer *l, size_t want)
{
    size_t have = l->head_n - l->head_at;
    if (have < want && !l->ended) {
        char *p = malloc(want);
        if (!p) {
            uct_lane_failed(l->lane);
            return uct_slice("", 0);
        }
        if (have)
            memcpy(p, l->head + l->head_at, have);
        free(l->head);
        l->head = p;
        l->head_at = 0;
        l->head_n = have + read_class(l, p + have, want - have);
        have = l->head_n;
    }
    return uct_slice(l->head ? l->head + l->head_at : "", have < want ? have : want);
}

void uct_layer_drop(struct uct_layer *l, size_t n)
{
    l->head_at += n;
    if (l->head_at < l->head_n)
        return;
    free(l->head);
    l->head = NULL;
    l->head_at = l->head_n = 0;
}

/* Notes may quote names and libarchive, and may be cut: only whole characters
 * and none that control a terminal go on. */
void uct_note_clean(char *note)
{
    while (*note) {
        size_t n = uct_utf8_len(uct_slice_str(note));
        if (n == 0 || (unsigned char)*note < ' ' || *note == 0x7f) {
            *note = '?';
            n = 1;
        }
        note += n;
    }
}

/* The first fault is the reason; later ones follow from it. */
void uct_layer_fail(struct uct_layer *l, enum uct_state s, const char *fmt, ...)
{
    if (l->state != UCT_STATE_OK)
        return;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(l->note, sizeof l->note, fmt, ap);
    va_end(ap);
    uct_note_clean(l->note);
    l->state = s;
}

const struct uct_layer *uct_layer_fault(const struct uct_layer *l)
{
    const struct uct_layer *fault = NULL;
    for (; l; l = l->below)
        if (l->state != UCT_STATE_OK)
            fault = l;
    return fault;
}

/* In English whatever the locale: notes are part of the report. */
const char *uct_errno_text(int e, char *buf, size_t n)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0) {
        snprintf(buf, n, "error %d", e);
        return buf;
    }
    snprintf(buf, n, "%s", strerror_l(e, c));
    freelocale(c);
    return buf;
}
