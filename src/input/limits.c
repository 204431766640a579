/* Limits and states: the words of --limits and of the report. */
#include "input.h"

#define KIB 1024ull
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

const struct uct_limits uct_limits_default = {
    .depth = 8, .members = 100000, .bytes = 64 * GIB, .ratio = 200,
    .line = MIB, .record = MIB, .spool = 4 * GIB,
};

const char *uct_state_name(enum uct_state s)
{
    switch (s) {
    case UCT_STATE_OK: return "ok";
    case UCT_STATE_TRUNCATED: return "truncated";
    case UCT_STATE_CORRUPT: return "corrupt";
    case UCT_STATE_UNSUPPORTED: return "unsupported";
    case UCT_STATE_UNRECOGNISED: return "unrecognised";
    case UCT_STATE_UNREADABLE: return "unreadable";
    case UCT_STATE_EMPTY: return "empty";
    case UCT_STATE_LIMITED: return "limited";
    case UCT_STATE_DUPLICATE: return "duplicate";
    }
    return "corrupt";
}

static const char *number(struct uct_slice s, uint64_t *v)
{
    size_t k = uct_slice_u64(s, v);
    if (k == 0)
        return "a limit needs a number that fits: use for example 'bytes=10G'";
    if (k == s.n)
        return NULL;
    unsigned shift = 0;
    switch (s.p[k]) {
    case 'k': case 'K': shift = 10; break;
    case 'm': case 'M': shift = 20; break;
    case 'g': case 'G': shift = 30; break;
    case 't': case 'T': shift = 40; break;
    }
    if (shift == 0 || k + 1 != s.n)
        return "unknown unit of a limit: use K, M, G or T";
    if (*v > UINT64_MAX >> shift)
        return "a limit is too large";
    *v <<= shift;
    return NULL;
}

bool uct_size_parse(struct uct_slice s, uint64_t *v)
{
    return !number(s, v) && *v;
}

static const char *set(struct uct_limits *l, struct uct_slice key, uint64_t v)
{
    /* Parsers count positions in a record with 32 bits. */
    if ((uct_slice_eq(key, UCT_S("line")) || uct_slice_eq(key, UCT_S("record"))) && v > GIB)
        return "'line' and 'record' are at most 1G";
    if ((uct_slice_eq(key, UCT_S("depth")) || uct_slice_eq(key, UCT_S("ratio"))) && v > UINT32_MAX)
        return "a limit is too large";
    if (v == 0 && !uct_slice_eq(key, UCT_S("depth")) && !uct_slice_eq(key, UCT_S("spool")))
        return "a limit must be at least 1";
    if (uct_slice_eq(key, UCT_S("depth")))
        l->depth = (unsigned)v;
    else if (uct_slice_eq(key, UCT_S("members")))
        l->members = v;
    else if (uct_slice_eq(key, UCT_S("bytes")))
        l->bytes = v;
    else if (uct_slice_eq(key, UCT_S("ratio")))
        l->ratio = (unsigned)v;
    else if (uct_slice_eq(key, UCT_S("line")))
        l->line = v;
    else if (uct_slice_eq(key, UCT_S("record")))
        l->record = v;
    else if (uct_slice_eq(key, UCT_S("spool")))
        l->spool = v;
    else
        return "unknown limit: use depth, members, bytes, ratio, line, record or spool";
    return NULL;
}

/* list = [item *("," item)];  item = key "=" 1*DIGIT ["K" / "M" / "G" / "T"] */
const char *uct_limits_parse(struct uct_limits *l, const char *list)
{
    struct uct_limits out = *l;
    while (*list) {
        size_t n = strcspn(list, ",");
        const char *eq = memchr(list, '=', n);
        if (!eq)
            return "a limit is written KEY=NUMBER";
        uint64_t v = 0;
        const char *wrong = number(uct_slice(eq + 1, n - (size_t)(eq + 1 - list)), &v);
        if (!wrong)
            wrong = set(&out, uct_slice(list, (size_t)(eq - list)), v);
        if (wrong)
            return wrong;
        list += n;
        if (*list == ',' && *++list == '\0')
            return "a limit is missing after the last comma";
    }
    *l = out;
    return NULL;
}
