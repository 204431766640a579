/* Files of several machines: the output of one search over a pool, one file of a syslog server.
 *
 * Everything below the waist takes a source for the log of one box, with one clock.  So the rows of such a file are
 * given to hidden sources, one for each machine; what is counted and shown stays with the file itself.  Who wrote a
 * row is told by the host of its record.  Names that share an address of their own are one machine. */
#include "engine.h"

#include <stdlib.h>

#define MACHINES_MOST 64        /* of one file; further ones stay with the first */
#define HOSTS_MOST 256          /* names of them */

void uct_machine_name(struct uct_slice host, char *out, size_t n)
{
    size_t k = 0;
    bool address = uct_slice_find(host, UCT_S(":")) != SIZE_MAX, letter = false;
    for (size_t i = 0; i < host.n; i++)
        letter |= uct_isalpha((unsigned char)host.p[i]);
    while (k < host.n && k + 1 < n && (host.p[k] != '.' || address || !letter)) {
        out[k] = (char)uct_lower((unsigned char)host.p[k]);
        k++;
    }
    out[k] = '\0';
    if (strcmp(out, "localhost") == 0 || !uct_isalnum((unsigned char)*out))      /* "(none)" while it starts */
        *out = '\0';
}

/* ---- is it one ---------------------------------------------------------- */

static void note_host(struct uct_source *s, struct uct_slice host)
{
    char name[sizeof s->machine];
    uct_machine_name(host, name, sizeof name);
    if (!*s->machine)
        memcpy(s->machine, name, sizeof name);
    else if (*name)
        s->several |= strcmp(name, s->machine) != 0;
}

/* One that writes no messages counts as well: the file's times are not those of the one that does. */
void uct_machines_note(struct uct_source *s, size_t from, const struct uct_intern *strings)
{
    for (size_t b = from; b < s->nblocks; b++) {
        const struct uct_block *k = &s->blocks[b];
        note_host(s, uct_interned(strings, k->host));
        for (size_t i = 0; i < k->nmarks && !s->several; i++)
            note_host(s, uct_interned(strings, k->marks[i].host));
    }
}

/* ---- who is who --------------------------------------------------------- */

struct machines {
    const struct uct_intern *strings;
    struct uct_source *s;
    struct { uint32_t host; uint8_t machine; } host[HOSTS_MOST];
    size_t nhosts;
    char name[MACHINES_MOST][64];
    uint8_t same[MACHINES_MOST];             /* the least machine that it is the same as */
    uint8_t first;                           /* the first with messages: it also gets the other rows of those without */
    struct uct_slice local[MACHINES_MOST][UCT_LOCALS];
    uint64_t messages[MACHINES_MOST];
    size_t n;
};

/* The machine of a host's name; what has no name, or one too many, is the first. */
static uint8_t machine_of(struct machines *m, uint32_t host)
{
    char name[64];
    size_t i = 0;
    for (size_t k = 0; k < m->nhosts; k++)
        if (m->host[k].host == host)
            return m->host[k].machine;
    uct_machine_name(uct_interned(m->strings, host), name, sizeof name);
    while (i < m->n && strcmp(m->name[i], name) != 0)
        i++;
    if (!*name || i == MACHINES_MOST)
        i = 0;
    else if (i == m->n)
        memcpy(m->name[m->n++], name, sizeof name);
    if (m->nhosts < HOSTS_MOST) {
        m->host[m->nhosts].host = host;
        m->host[m->nhosts++].machine = (uint8_t)i;
    }
    return (uint8_t)i;
}

static uint32_t host_at(const struct uct_block *b, uint64_t offset)
{
    size_t lo = 0, hi = b->nmarks;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (b->marks[mid].offset <= offset)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? b->marks[lo - 1].host : b->host;
}

static void add_local(struct machines *m, uint8_t i, uint32_t address)
{
    struct uct_slice host = uct_address_host(uct_interned(m->strings, address));
    if (!host.n || uct_address_loopback(host))
        return;
    for (unsigned k = 0; k < UCT_LOCALS; k++) {
        if (uct_slice_eq(m->local[i][k], host))
            return;
        if (!m->local[i][k].n) {
            m->local[i][k] = host;
            return;
        }
    }
}

static bool share(const struct machines *m, size_t a, size_t b)
{
    for (unsigned i = 0; i < UCT_LOCALS && m->local[a][i].n; i++)
        for (unsigned k = 0; k < UCT_LOCALS && m->local[b][k].n; k++)
            if (uct_slice_eq(m->local[a][i], m->local[b][k]))
                return true;
    return false;
}

/* Names with an address in common are one machine. */
static void list_machines(struct machines *m)
{
    memcpy(m->name[0], m->s->machine, sizeof m->name[0]);
    m->n = 1;
    for (size_t b = 0; b < m->s->nblocks; b++) {
        const struct uct_block *k = &m->s->blocks[b];
        for (size_t i = 0; i < k->nmsgs; i++) {
            uint8_t at = machine_of(m, host_at(k, k->msgs[i].offset));
            m->messages[at]++;
            add_local(m, at, k->msgs[i].local);
        }
        for (size_t i = 0; i <= k->nmarks; i++)
            machine_of(m, i ? k->marks[i - 1].host : k->host);
    }
    for (size_t a = 0; a < m->n; a++) {
        m->same[a] = (uint8_t)a;
        for (size_t b = 0; b < a && m->same[a] == a; b++)
            if (share(m, a, b))
                m->same[a] = m->same[b];
    }
    while (m->first + 1u < m->n && !m->messages[m->first])
        m->first++;
    m->first = m->same[m->first];
}

/* Its rows are a source of their own. */
static bool is_apart(const struct machines *m, size_t i)
{
    return m->same[i] == i && m->messages[i];
}

/* ---- rows to their machines ---------------------------------------------- */

/* One kind of row of a block. */
struct rows {
    void **p;
    size_t *n, size, offset;
};

static void rows_of(struct uct_block *b, struct rows r[5])
{
    r[0] = (struct rows){(void **)&b->msgs, &b->nmsgs, sizeof *b->msgs, offsetof(struct uct_msg, offset)};
    r[1] = (struct rows){(void **)&b->kept, &b->nkept, sizeof *b->kept, offsetof(struct uct_kept, offset)};
    r[2] = (struct rows){(void **)&b->sightings, &b->nsightings, sizeof *b->sightings, offsetof(struct uct_sighting, offset)};
    r[3] = (struct rows){(void **)&b->ties, &b->nties, sizeof *b->ties, offsetof(struct uct_tie, offset)};
    r[4] = (struct rows){(void **)&b->attempts, &b->nattempts, sizeof *b->attempts, offsetof(struct uct_attempt, offset)};
}

/* Brings the rows of each machine together, in the order they had, and lends them out. */
static bool part_rows(struct machines *m, struct uct_block *b, struct rows r, struct uct_block *const to[], unsigned kind)
{
    size_t n = *r.n, begin[MACHINES_MOST + 1] = {0};
    if (!n)
        return true;
    uint8_t *who = malloc(n);
    char *old = malloc(n * r.size), *rows = *r.p;
    for (size_t i = 0; who && old && i < n; i++) {
        uint64_t offset;
        memcpy(&offset, rows + i * r.size + r.offset, sizeof offset);
        who[i] = m->same[machine_of(m, host_at(b, offset))];
        who[i] = is_apart(m, who[i]) ? who[i] : m->first;
        begin[who[i] + 1u]++;
    }
    for (size_t i = 0; i < MACHINES_MOST; i++)
        begin[i + 1] += begin[i];
    if (who && old) {
        memcpy(old, rows, n * r.size);
        for (size_t i = 0; i < n; i++)
            memcpy(rows + begin[who[i]]++ * r.size, old + i * r.size, r.size);
    }
    for (size_t i = 0, from = 0; who && old && i < m->n; from = begin[i++]) {
        struct rows mine[5];
        if (!to[i])
            continue;
        rows_of(to[i], mine);
        *mine[kind].p = rows + from * r.size;
        *mine[kind].n = begin[i] - from;
    }
    *r.n = 0;
    bool ok = who && old;
    free(who);
    free(old);
    return ok;
}

/* A stretch of the file in which one machine wrote without another, and the silences in it. */
struct turn {
    uint8_t machine;
    int64_t from, to;
    const struct uct_gap *gaps;
    size_t ngaps;
};

/* The i-th turn; *gap: the first silence that is not told yet.  False if they do not fit together. */
static bool turn_of(struct machines *m, const struct uct_block *file, size_t i, size_t *gap, struct turn *out)
{
    const struct uct_mark *here = i ? &file->marks[i - 1] : NULL, *next = i < file->nmarks ? &file->marks[i] : NULL;
    if ((here && here->time == UCT_NO_TIME) || (next && next->time == UCT_NO_TIME))
        return false;
    if (here && *gap < file->ngaps && file->gaps[*gap].to == here->time && file->gaps[*gap].from == here->time - here->ago)
        ++*gap;                                  /* from the other's last to this one's first */
    *out = (struct turn){.machine = m->same[machine_of(m, here ? here->host : file->host)],
                         .from = here ? here->time : file->front, .to = next ? next->time - next->ago : file->back,
                         .gaps = file->gaps ? file->gaps + *gap : NULL};
    while (*gap + out->ngaps < file->ngaps && out->gaps[out->ngaps].from >= out->from && out->gaps[out->ngaps].to <= out->to)
        out->ngaps++;
    *gap += out->ngaps;
    return true;
}

static bool turns_fit(struct machines *m, const struct uct_block *file)
{
    struct turn t;
    size_t gap = 0;
    bool ok = true;
    for (size_t i = 0; ok && i <= file->nmarks; i++)
        ok = turn_of(m, file, i, &gap, &t);
    return ok && gap == file->ngaps;
}

/* When a machine wrote: in its turns.  Where these are not clear, its messages are all that is known: rather too many
 * silences than too few. */
static void take_times(struct machines *m, const struct uct_block *file, uint8_t machine, bool fit, struct uct_block *b)
{
    struct turn t;
    size_t gap = 0;
    for (size_t i = 0; !fit && i < b->nmsgs; i++)
        if (b->msgs[i].time != UCT_NO_TIME)
            uct_block_time(b, b->msgs[i].time);
    for (size_t i = 0; fit && i <= file->nmarks && turn_of(m, file, i, &gap, &t); i++) {
        if (t.machine != machine || t.from == UCT_NO_TIME)
            continue;
        uct_block_time(b, t.from);
        for (size_t k = 0; k < t.ngaps; k++) {
            b->back = t.gaps[k].from;
            uct_block_time(b, t.gaps[k].to);
        }
        b->back = t.to;
        uct_block_time(b, t.to);
    }
}

static bool part_block(struct machines *m, struct uct_block *b, struct uct_block *const to[])
{
    struct rows r[5];
    for (size_t i = 0; i < m->n; i++) {
        if (!to[i])
            continue;
        *to[i] = (struct uct_block){.fields = b->fields, .nfields = b->nfields, .rules = b->rules, .nrules = b->nrules,
                                    .text = b->text, .ntext = b->ntext, .basis = b->basis, .lent = true,
                                    .settled = b->settled, .first = UCT_NO_TIME, .last = UCT_NO_TIME,
                                    .front = UCT_NO_TIME, .back = UCT_NO_TIME};
        for (size_t k = 0; k < m->nhosts && !to[i]->host; k++)
            if (m->same[m->host[k].machine] == i && m->messages[m->host[k].machine])
                to[i]->host = m->host[k].host;
    }
    rows_of(b, r);
    for (unsigned k = 0; k < 5; k++)
        if (!part_rows(m, b, r[k], to, k))
            return false;
    bool fit = turns_fit(m, b);
    for (size_t i = 0; i < m->n; i++)
        if (to[i]) {
            take_times(m, b, (uint8_t)i, fit, to[i]);
            if (to[i]->failed)
                return false;
        }
    return true;
}

static struct uct_source *source_for(const struct uct_source *file)
{
    struct uct_source *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    *s = (struct uct_source){.parser = file->parser, .format = file->format, .state = file->state, .stream = file->stream,
                             .first_line = file->first_line, .from = file->from, .document = file->document,
                             .nblocks = file->nblocks, .cblocks = file->nblocks, .first = UCT_NO_TIME, .last = UCT_NO_TIME};
    s->name = strdup(file->name);
    s->blocks = calloc(file->nblocks + 1, sizeof *s->blocks);
    return s;
}

/* The file itself stands for its first machine. */
static void first_is(struct uct_block *file, struct uct_block *first, const struct uct_intern *strings)
{
    uct_block_locals(first, strings);
    memcpy(file->local, first->local, sizeof file->local);
    file->listed = true;
    file->host = first->host;
}

static bool split(struct uct_sources *list, size_t index, struct machines *m)
{
    struct uct_source *file = list->items[index], *of[MACHINES_MOST] = {0};
    struct uct_block *to[MACHINES_MOST];
    *m = (struct machines){.strings = list->strings, .s = file};
    list_machines(m);
    size_t machines = 0;
    for (size_t i = 0; i < m->n; i++)
        machines += m->same[i] == i;
    file->several = machines > 1 && m->messages[m->first];
    if (!file->several)
        return true;
    memcpy(file->machine, m->name[m->first], sizeof file->machine);
    file->hidden = file->hidden_end = (uint32_t)list->n;
    for (size_t i = 0; i < m->n; i++) {
        if (!is_apart(m, i))
            continue;
        if (!UCT_ROOM(list->items, list->n, list->cap) || !(of[i] = source_for(file)))
            return false;
        of[i]->shown = (uint32_t)index;
        memcpy(of[i]->machine, m->name[i], sizeof of[i]->machine);
        list->items[list->n++] = of[i];
        file->hidden_end = (uint32_t)list->n;
        if (!of[i]->name || !of[i]->blocks)
            return false;
    }
    for (size_t b = 0; b < file->nblocks; b++) {
        for (size_t i = 0; i < m->n; i++)
            to[i] = of[i] ? &of[i]->blocks[b] : NULL;
        if (!part_block(m, &file->blocks[b], to))
            return false;
        if (!file->summaries.n)
            first_is(&file->blocks[b], &of[m->first]->blocks[b], list->strings);
    }
    return true;
}

enum uct_status uct_machines_split(struct uct_sources *s)
{
    struct machines *m = malloc(sizeof *m);
    bool ok = m != NULL;
    s->nshown = s->n;
    for (size_t i = 0; ok && i < s->nshown; i++) {
        struct uct_source *file = s->items[i];
        file->shown = (uint32_t)i;
        if (file->state == UCT_STATE_DUPLICATE)
            continue;
        uct_machines_note(file, file->folded, s->strings);
        ok = !file->several || split(s, i, m);
    }
    free(m);
    return ok ? UCT_OK : UCT_FATAL;
}
