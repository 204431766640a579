/* Which rules fire on which records. */
#include "occurrence.h"

#include "../correlate/ties.h"

#include <stdlib.h>

static struct uct_slice param_named(const struct judging *j, const struct occurrence *o, const char *name)
{
    for (unsigned i = 0; i < o->rule->nparam && i < UCT_PARAMS_MAX; i++)
        if (strcmp(o->rule->param[i].name, name) == 0)
            return uct_interned(j->s->strings, o->params[i]);
    return uct_slice("", 0);
}

/* Two rounds, since what the call is asked for may need a param of the record. */
static void take_params(struct judging *j, struct occurrence *o, const struct uct_captures *captures)
{
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < o->rule->nparam && i < UCT_PARAMS_MAX; i++) {
            const struct uct_param *p = &o->rule->param[i];
            struct uct_slice v = {0};
            if (round == 0)
                v = uct_rule_param(p, o->block, o->kept, j->s->strings, captures, &j->scratch);
            else if (!o->params[i] && p->from && strcmp(p->from, "clock") == 0)
                v = uct_clock_param(j, o->source);
            else if (!o->params[i] && p->from)
                v = uct_call_param(j, o->call, p->from, param_named(j, o, "domain"), param_named(j, o, "fqdn"),
                                   &j->scratch);
            if (v.n)
                o->params[i] = uct_intern(j->s->strings, v);
        }
    o->key = uct_hash(o->rule->id, strlen(o->rule->id), 0);
    for (unsigned i = 0; i < o->rule->nparam && i < UCT_PARAMS_MAX; i++)
        if (o->rule->param[i].key)
            o->key = uct_hash_mix(o->key, uct_hash_slice(uct_interned(j->s->strings, o->params[i])) + i);
}

static bool add(struct judging *j, const struct occurrence *o)
{
    if (!UCT_ROOM(j->occ.items, j->occ.n, j->occ.cap))
        return false;
    j->occ.items[j->occ.n++] = *o;
    return true;
}

/* Only what ended its call counts for a rule about failed calls. */
static bool call_failed(const struct judging *j, const struct occurrence *o)
{
    if (o->call == SIZE_MAX)
        return true;
    const struct uct_call *c = &j->calls->items[o->call];
    return c->outcome == UCT_FAILED_CALL && (!o->kept->status || o->kept->status == c->status);
}

static int by_place(const void *a, const void *b)
{
    const struct record_place *x = a, *y = b;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Was a root cause found on the record's call or, without one, on another row of the same record? */
static bool is_diagnosed(const struct judging *j, const struct occurrence *o)
{
    if (o->call != SIZE_MAX)
        return j->diagnosed[o->call];
    struct record_place at = {o->kept->offset, o->source};
    return j->nplaces && bsearch(&at, j->places, j->nplaces, sizeof at, by_place);
}

/* The dump says all that its summary line says, and more: such a line is no message of its own and no second
 * witness. */
static bool list_answers(struct judging *j)
{
    for (size_t i = 0; i < j->calls->n; i++) {
        const struct uct_call *c = &j->calls->items[i];
        for (size_t r = 0; r < c->nrefs; r++) {
            const struct uct_ref *x = &c->refs[r];
            if (!x->msg || !x->group || x->msg->status < 300)
                continue;
            if (!UCT_ROOM(j->answers, j->nanswers, j->canswers))
                return false;
            j->answers[j->nanswers++] = (struct record_place){x->msg->offset, x->source};
        }
    }
    if (j->nanswers > 1)
        qsort(j->answers, j->nanswers, sizeof *j->answers, by_place);
    return true;
}

static bool is_twin(const struct judging *j, uint32_t source, const struct uct_kept *k)
{
    struct record_place at = {k->offset, source};
    if (k->kind != UCT_KIND_SIP || k->status < 300 || uct_calls_find(j->calls, k->call_id) == SIZE_MAX)
        return false;
    return !j->nanswers || !bsearch(&at, j->answers, j->nanswers, sizeof at, by_place);
}

static bool mark_diagnosed(struct judging *j, const struct occurrence *o)
{
    if (o->call != SIZE_MAX) {
        j->diagnosed[o->call] = true;
        return true;
    }
    if (!UCT_ROOM(j->places, j->nplaces, j->cplaces))
        return false;
    j->places[j->nplaces++] = (struct record_place){o->kept->offset, o->source};
    return true;
}

static bool wanted_now(const struct judging *j, const struct occurrence *o, bool second)
{
    const struct uct_rule *r = o->rule;
    bool asks = r->when == UCT_WHEN_UNDIAGNOSED || r->when == UCT_WHEN_DIAGNOSED;
    if (r->when == UCT_WHEN_ABSENT || asks != second || (r->call_failed && !call_failed(j, o)))
        return false;
    return r->when == UCT_WHEN_ALWAYS || r->when == UCT_WHEN_SILENT || (r->when == UCT_WHEN_DIAGNOSED) == is_diagnosed(j, o);
}

static bool imply(struct judging *j, const struct occurrence *cause, const struct uct_captures *captures)
{
    if (!cause->rule->implies)
        return true;
    const struct uct_rule *rule = uct_rules_find(j->rules, cause->rule->implies);
    if (!rule)
        return true;
    struct occurrence o = *cause;
    o.rule = rule;
    memset(o.params, 0, sizeof o.params);
    take_params(j, &o, captures);
    return add(j, &o);
}

/* The call of a record: by its Call-ID, else by the serial number or the tag that Expressway's events carry. */
static size_t call_of(const struct judging *j, const struct uct_block *b, const struct uct_kept *k)
{
    size_t call = uct_calls_find(j->calls, k->call_id);
    static const char *const names[] = {"call-serial-number", "tag"};
    for (size_t i = 0; i < 2 && call == SIZE_MAX && k->kind == UCT_KIND_RECORD; i++) {
        struct uct_slice v = uct_kept_field(b, j->s->strings, k, uct_slice_str(names[i]));
        call = v.n ? uct_calls_find_serial(j->calls, uct_intern_find(j->s->strings, v)) : SIZE_MAX;
    }
    return call;
}

bool uct_occurrence_fire(struct judging *j, const char *rule, uint32_t source, const struct uct_block *b,
                         const struct uct_kept *k)
{
    struct occurrence o = {.block = b, .kept = k, .source = source, .call = call_of(j, b, k)};
    struct uct_captures none = {.n = 0};
    o.rule = uct_rules_find(j->rules, rule);
    if (!o.rule)
        return true;
    o.time = uct_source_time(j->s->items[source], k->time, k->offset);
    take_params(j, &o, &none);
    return add(j, &o);
}

/* A trace record without Call-ID: the call whose message has its number. */
static void call_by_trace(const struct judging *j, struct occurrence *o)
{
    const struct uct_intern *strings = j->s->strings;
    struct uct_slice number = uct_kept_field(o->block, strings, o->kept, UCT_S("trace-correlation-id"));
    struct uct_slice machine = uct_kept_field(o->block, strings, o->kept, UCT_S("machine"));
    o->call = uct_ties_trace(j->calls, j->s, o->source, o->time, number, machine);
}

/* ... or that used its peer's port just then. */
static bool call_by_port(struct judging *j, struct occurrence *o)
{
    struct uct_slice port = uct_kept_field(o->block, j->s->strings, o->kept, UCT_S("peer-port"));
    uint64_t number = 0;
    if (!port.n || !uct_slice_u64(port, &number) || number > 65535)
        return true;
    if (!j->ports.listed && uct_ports_list(j->s, j->calls, &j->ports) != UCT_OK)
        return false;
    o->call = uct_ports_find(&j->ports, j->s->items[o->source], (uint32_t)number, o->time);
    return true;
}

/* Codes in plain text: a mail names one or two, a list of codes accuses nobody. */
#define CODES_IN_A_MAIL 5

static bool is_list_of_codes(const struct uct_source *s)
{
    uint64_t records = 0;
    for (size_t b = 0; b < s->nblocks && s->parser == &uct_parser_text; b++)
        records += s->blocks[b].nrecords;
    return records > CODES_IN_A_MAIL;
}

/* A code or its name, and no line of a log around it. */
static bool is_mere_code(const struct judging *j, const struct uct_block *b, const struct uct_kept *k)
{
    return k->kind == UCT_KIND_CODE && (uct_kept_field(b, j->s->strings, k, UCT_S("result")).n ||
                                        uct_kept_field(b, j->s->strings, k, UCT_S("result-name")).n);
}

static bool judge_record(struct judging *j, uint32_t source, const struct uct_block *b, const struct uct_kept *k,
                         bool second)
{
    struct occurrence o = {.block = b, .kept = k, .source = source, .call = call_of(j, b, k)};
    o.time = uct_source_time(j->s->items[source], k->time, k->offset);
    if (k->kind == UCT_KIND_TRACE && !k->call_id)
        call_by_trace(j, &o);
    if (k->kind == UCT_KIND_TRACE && !k->call_id && o.call == SIZE_MAX && !call_by_port(j, &o))
        return false;
    if (is_mere_code(j, b, k) && is_list_of_codes(j->s->items[source]))
        return true;
    for (uint32_t i = 0; i < k->nrules; i++) {
        struct uct_captures captures;
        o.rule_no = b->rules[k->rules + i];
        o.rule = uct_rules_get(j->rules, o.rule_no);
        if (!o.rule || !wanted_now(j, &o, second) ||
            !uct_rule_matches(j->matcher, o.rule, o.rule_no, b, k, j->s->strings, &captures) ||
            (o.rule->when == UCT_WHEN_SILENT && !uct_wires_silent(j, &o)))
            continue;
        memset(o.params, 0, sizeof o.params);
        take_params(j, &o, &captures);
        if (!add(j, &o) || !imply(j, &o, &captures))
            return false;
        if (!second && o.rule->class_ == UCT_ROOT_CAUSE && !mark_diagnosed(j, &o))
            return false;
    }
    return true;
}

/* Sorts what a response did on its way: per rule, call and status, in time. */
static int by_response(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    if (x->rule != y->rule)
        return strcmp(x->rule->id, y->rule->id);
    if (x->call != y->call)
        return x->call < y->call ? -1 : 1;
    if (x->kept->status != y->kept->status)
        return x->kept->status < y->kept->status ? -1 : 1;
    if (x->time != y->time)
        return x->time == UCT_NO_TIME || (y->time != UCT_NO_TIME && x->time > y->time) ? 1 : -1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    return (x->kept->offset > y->kept->offset) - (x->kept->offset < y->kept->offset);
}

static bool is_response(const struct occurrence *o)
{
    return o->kept->kind == UCT_KIND_SIP && o->kept->status && o->call != SIZE_MAX;
}

/* A response is relayed hop by hop and logged at each: only where it was first
 * seen is it a fault of its own.  Of the summary and the dump of that sighting
 * the fuller one stays. */
static void drop_relayed(struct occurrences *list)
{
    size_t n = 0;
    if (list->n > 1)
        qsort(list->items, list->n, sizeof *list->items, by_response);
    for (size_t i = 0; i < list->n; i++) {
        struct occurrence *o = &list->items[i], *last = n ? &list->items[n - 1] : NULL;
        bool again = last && is_response(o) && is_response(last) && last->rule == o->rule && last->call == o->call &&
                     last->kept->status == o->kept->status;
        if (!again)
            list->items[n++] = *o;
        else if (last->rule->nparam && !last->params[0] && o->params[0])
            *last = *o;                       /* the sender is known only where the response came in */
        else if (o->source == last->source && o->time != UCT_NO_TIME && o->time - last->time <= 10 &&
                 o->kept->length > last->kept->length &&
                 o->kept->offset - last->kept->offset <= last->kept->length)
            *last = *o;
    }
    list->n = n;
}

enum uct_status uct_occurrences_collect(struct judging *j)
{
    if (!list_answers(j))
        return UCT_FATAL;
    for (int second = 0; second < 2; second++) {
        if (second && j->nplaces > 1)
            qsort(j->places, j->nplaces, sizeof *j->places, by_place);
        if (second && uct_occurrences_legs(j) != UCT_OK)
            return UCT_FATAL;
        for (size_t i = 0; i < j->s->n; i++) {
            const struct uct_source *s = j->s->items[i];
            if (s->state == UCT_STATE_DUPLICATE)
                continue;
            for (size_t b = 0; b < s->nblocks; b++)
                for (size_t k = 0; k < s->blocks[b].nkept; k++)
                    if (!is_twin(j, (uint32_t)i, &s->blocks[b].kept[k]) &&
                        !judge_record(j, (uint32_t)i, &s->blocks[b], &s->blocks[b].kept[k], second))
                        return UCT_FATAL;
        }
    }
    drop_relayed(&j->occ);
    return uct_matcher_failed(j->matcher) || j->scratch.failed ? UCT_FATAL : UCT_OK;
}
