/* Rules that could not have fired, with what they lack. */
#include "occurrence.h"

#include "../engine/engine.h"

/* Families of logs, as bits. */
enum { EXPRESSWAY = 1, LYNC = 2, CLIENT = 4, EVENTS = 8, BARE = 16, SIP = EXPRESSWAY | LYNC | CLIENT | BARE };

static unsigned family(const struct uct_source *s)
{
    if (s->parser == &uct_parser_expressway)
        return EXPRESSWAY;
    if (s->parser == &uct_parser_lync_server)
        return LYNC;
    if (s->parser == &uct_parser_uccapi)
        return CLIENT;
    if (s->parser == &uct_parser_windows_event)
        return EVENTS;
    return s->parser == &uct_parser_sip || s->parser == &uct_parser_text ? BARE : 0;
}

/* Which families write records that this index can hit. */
static unsigned families_of(const struct uct_index *i)
{
    switch (i->key) {
    case UCT_KEY_EVENT: case UCT_KEY_ALARM: return EXPRESSWAY;
    case UCT_KEY_STATUS: return SIP;
    case UCT_KEY_DIAG: return LYNC | CLIENT | BARE;     /* does not cross to the Expressway, but for -public */
    case UCT_KEY_RESULT: return LYNC | CLIENT | EVENTS | BARE;
    case UCT_KEY_WINEVENT: return EVENTS;
    default: return EXPRESSWAY | LYNC | CLIENT | EVENTS | BARE;
    }
}

static unsigned families_of_kinds(uint8_t kinds)
{
    static const unsigned of[] = {
        [UCT_KIND_RECORD] = EXPRESSWAY, [UCT_KIND_SIP] = SIP, [UCT_KIND_DIAG] = SIP, [UCT_KIND_TRACE] = LYNC,
        [UCT_KIND_WINEVENT] = EVENTS, [UCT_KIND_CODE] = CLIENT | LYNC | EVENTS | BARE};
    unsigned f = 0;
    for (unsigned k = 0; k < sizeof of / sizeof *of; k++)
        if (!kinds || kinds & 1u << k)
            f |= of[k];
    return f;
}

static const char *words_for(unsigned families)
{
    if (families == EXPRESSWAY)
        return "an Expressway diagnostic log";
    if (families == EVENTS)
        return "a Windows event export of the Lync or Skype server";
    if (families == LYNC)
        return "a trace of the Lync or Skype server";
    if (families == CLIENT)
        return "the client's UccApiLog";
    if (!(families & EXPRESSWAY))
        return "a trace of the Microsoft side (server trace, client log or events)";
    return "a log with SIP messages";
}

bool uct_skipped_list(const struct uct_rules *rules, const struct uct_sources *s, struct uct_report *r)
{
    unsigned present = 0;
    for (size_t i = 0; i < s->n; i++)
        present |= family(s->items[i]);
    size_t n = uct_rules_count(rules);
    const char **list = uct_arena_alloc(&r->arena, (n + 1) * sizeof *list);
    if (!list)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct uct_rule *rule = uct_rules_get(rules, i);
        unsigned wanted = 0;
        for (size_t k = 0; k < rule->nindex; k++)
            wanted |= families_of(&rule->index[k]);
        wanted &= families_of_kinds(rule->kinds);
        if (!wanted || wanted & present)
            continue;
        if (!(list[r->nskipped] = uct_arena_printf(&r->arena, "%s: needs %s", rule->id, words_for(wanted))))
            return false;
        r->nskipped++;
    }
    r->skipped = list;
    return true;
}
