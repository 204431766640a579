/* From occurrences to the report's findings: grouping, order, what explains what. */
#include "occurrence.h"

#include <stdio.h>
#include <stdlib.h>

/* Equal hashes may be made on purpose: the values decide, too. */
static int by_key(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    for (unsigned i = 0; i < x->rule->nparam && i < UCT_PARAMS_MAX; i++)
        if (x->rule->param[i].key && x->params[i] != y->params[i])
            return x->params[i] < y->params[i] ? -1 : 1;
    return 0;
}

static int compare_keys(const struct uct_rfinding *a, const struct uct_rfinding *b)
{
    for (size_t i = 0; i < a->nparams && i < b->nparams; i++) {
        int c = strcmp(a->params[i].name, b->params[i].name);
        if (!c)
            c = strcmp(a->params[i].value, b->params[i].value);
        if (c)
            return c;
    }
    return (a->nparams > b->nparams) - (a->nparams < b->nparams);
}

/* INTERFACE.md, section 5: class, severity, count (high first), first time, rule, key. */
static int by_weight(const void *a, const void *b)
{
    const struct uct_rfinding *x = a, *y = b;
    if (x->class_ != y->class_)
        return x->class_ < y->class_ ? -1 : 1;
    if (x->severity != y->severity)
        return x->severity < y->severity ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    if (x->first != y->first) {
        if (x->first == UCT_NO_TIME || y->first == UCT_NO_TIME)
            return x->first == UCT_NO_TIME ? 1 : -1;
        return x->first < y->first ? -1 : 1;
    }
    int c = strcmp(x->rule->id, y->rule->id);
    return c ? c : compare_keys(x, y);
}

static const char *param(const struct uct_rfinding *f, const char *name)
{
    for (size_t i = 0; i < f->nparams; i++)
        if (strcmp(f->params[i].name, name) == 0)
            return f->params[i].value;
    return NULL;
}

static bool near_in_time(const struct uct_rfinding *a, const struct uct_rfinding *b, uint32_t seconds)
{
    if (!seconds || a->first == UCT_NO_TIME || b->first == UCT_NO_TIME)
        return true;
    int64_t ms = (int64_t)seconds * 1000;
    return b->first <= a->last + ms && b->last >= a->first - ms;
}

/* Findings by rule and peer, so that nobody has to look at all of them. */
struct place {
    const struct uct_rule *rule;
    const char *peer;                    /* "" if it has none */
    uint32_t index;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int c = strcmp(x->rule->id, y->rule->id);
    if (!c)
        c = strcmp(x->peer, y->peer);
    return c ? c : (x->index > y->index) - (x->index < y->index);
}

/* Findings that one finding lists as explained; thousands of causes may each account for thousands of others. */
#define EXPLAINS_MOST 100

struct linking {
    struct uct_report *r;
    struct place *places;
    uint32_t *group;                     /* per finding: where its rule begins in `places` */
    uint32_t *mark;                      /* per finding: the last finding that took it, plus one */
    uint32_t found[EXPLAINS_MOST];
    size_t n;
    bool demote, demoted;                /* a root cause that a root cause explains becomes a symptom */
};

static void take(struct linking *l, size_t f, uint32_t g, uint32_t seconds)
{
    struct uct_rfinding *x = &l->r->findings[f], *y = &l->r->findings[g];
    if (x == y || l->mark[g] == f + 1 || !near_in_time(x, y, seconds))
        return;
    l->mark[g] = (uint32_t)f + 1;
    y->explained = true;
    if (l->n < EXPLAINS_MOST) {
        l->found[l->n++] = g;
    } else {
        x->explains_more++;
        y->left_out_by = y->left_out_by ? y->left_out_by : (uint32_t)f + 1;
    }
    if (l->demote && x->class_ == UCT_ROOT_CAUSE && y->class_ == UCT_ROOT_CAUSE) {
        y->class_ = UCT_SYMPTOM;
        l->demoted = true;
    }
}

/* Those that share a call. */
static void take_by_call(struct linking *l, size_t f, const struct uct_explain *e, uint32_t group)
{
    const struct uct_rfinding *x = &l->r->findings[f];
    for (size_t i = 0; i < x->ncalls; i++) {
        const struct uct_rcall *c = &l->r->calls[x->calls[i]];
        for (size_t k = 0; k < c->nfindings; k++)
            if (l->group[c->findings[k]] == group)
                take(l, f, c->findings[k], e->seconds);
    }
}

/* Where in `places` a rule's findings (of one peer) begin; nfindings or another's place if it has none. */
static size_t place_of(const struct linking *l, const char *rule, const char *peer)
{
    size_t lo = 0, hi = l->r->nfindings;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int c = strcmp(l->places[mid].rule->id, rule);
        if (!c && peer)
            c = strcmp(l->places[mid].peer, peer);
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Those of the rule, or only those with the same peer. */
static void take_by_place(struct linking *l, size_t f, const struct uct_explain *e, uint32_t group, const char *peer)
{
    size_t i = peer ? place_of(l, e->rule, peer) : group;
    for (; i < l->r->nfindings && l->group[l->places[i].index] == group; i++) {
        if (peer && strcmp(l->places[i].peer, peer) != 0)
            break;
        take(l, f, l->places[i].index, e->seconds);
    }
}

/* On its own calls a root cause accounts for every symptom, whoever wrote the rule. */
static void take_symptoms(struct linking *l, size_t f)
{
    const struct uct_rfinding *x = &l->r->findings[f];
    for (size_t i = 0; x->class_ == UCT_ROOT_CAUSE && i < x->ncalls; i++) {
        const struct uct_rcall *c = &l->r->calls[x->calls[i]];
        for (size_t k = 0; k < c->nfindings; k++)
            if (l->r->findings[c->findings[k]].class_ == UCT_SYMPTOM)
                take(l, f, c->findings[k], 0);
    }
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool explain_one(struct linking *l, size_t f)
{
    struct uct_rfinding *x = &l->r->findings[f];
    l->n = 0;
    for (size_t e = 0; e < x->rule->nexplains; e++) {
        const struct uct_explain *why = &x->rule->explains[e];
        const char *peer = param(x, "peer");
        size_t group = place_of(l, why->rule, NULL);
        if (group == l->r->nfindings || strcmp(l->places[group].rule->id, why->rule) != 0)
            continue;
        take_by_call(l, f, why, (uint32_t)group);
        if ((why->scope == UCT_SCOPE_PEER && peer) || why->scope == UCT_SCOPE_ANY)
            take_by_place(l, f, why, (uint32_t)group, why->scope == UCT_SCOPE_PEER ? peer : NULL);
    }
    take_symptoms(l, f);
    if (!l->n)
        return true;
    uint32_t *copy = uct_arena_alloc(&l->r->arena, l->n * sizeof *copy);
    if (!copy)
        return false;
    memcpy(copy, l->found, l->n * sizeof *copy);
    qsort(copy, l->n, sizeof *copy, by_index);
    x->explains = copy;
    x->nexplains = l->n;
    return true;
}

static bool link_explains(struct uct_report *r, bool demote, bool *demoted)
{
    struct linking l = {.r = r, .places = malloc((r->nfindings + 1) * sizeof *l.places), .demote = demote,
                        .group = malloc((r->nfindings + 1) * sizeof *l.group),
                        .mark = calloc(r->nfindings + 1, sizeof *l.mark)};
    bool ok = l.places && l.mark && l.group;
    for (size_t i = 0; ok && i < r->nfindings; i++) {
        const char *peer = param(&r->findings[i], "peer");
        l.places[i] = (struct place){r->findings[i].rule, peer ? peer : "", (uint32_t)i};
    }
    if (ok && r->nfindings > 1)
        qsort(l.places, r->nfindings, sizeof *l.places, by_place);
    for (size_t i = 0, first = 0; ok && i < r->nfindings; i++) {
        first = strcmp(l.places[i].rule->id, l.places[first].rule->id) == 0 ? first : i;
        l.group[l.places[i].index] = (uint32_t)first;
    }
    for (size_t f = 0; ok && f < r->nfindings; f++)
        if (r->findings[f].rule->nexplains || r->findings[f].class_ == UCT_ROOT_CAUSE)
            ok = explain_one(&l, f);
    *demoted = l.demoted;
    free(l.places);
    free(l.group);
    free(l.mark);
    return ok;
}

/* calls[].findings, by counting first. */
static bool link_calls(struct uct_report *r)
{
    size_t *count = calloc(r->ncalls ? r->ncalls : 1, sizeof *count);
    if (!count)
        return false;
    for (size_t f = 0; f < r->nfindings; f++)
        for (size_t i = 0; i < r->findings[f].ncalls; i++)
            count[r->findings[f].calls[i]]++;
    bool ok = true;
    for (size_t c = 0; c < r->ncalls && ok; c++) {
        if (!count[c])
            continue;
        r->calls[c].findings = uct_arena_alloc(&r->arena, count[c] * sizeof(uint32_t));
        ok = r->calls[c].findings != NULL;
    }
    free(count);
    for (size_t f = 0; f < r->nfindings && ok; f++)
        for (size_t i = 0; i < r->findings[f].ncalls; i++) {
            struct uct_rcall *c = &r->calls[r->findings[f].calls[i]];
            ((uint32_t *)c->findings)[c->nfindings++] = (uint32_t)f;
        }
    return ok;
}

/* Findings of one rule are at most this many; the sets of values seen least
 * often are counted together in one more. */
#define FINDINGS_PER_RULE 1000

struct bunch {
    const char *id;
    size_t from, n;
};

static int by_size(const void *a, const void *b)
{
    const struct bunch *x = a, *y = b;
    int c = strcmp(x->id, y->id);
    if (c || x->n != y->n)
        return c ? c : x->n > y->n ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* Gives the occurrences of the smallest bunches of a rule one key and no key params. */
static bool limit_bunches(struct judging *j)
{
    struct bunch *b = NULL;
    size_t n = 0, cap = 0;
    for (size_t i = 0, k; i < j->occ.n; i = k) {
        for (k = i + 1; k < j->occ.n && by_key(&j->occ.items[i], &j->occ.items[k]) == 0; k++)
            ;
        if (!UCT_ROOM(b, n, cap)) {
            free(b);
            return false;
        }
        b[n++] = (struct bunch){j->occ.items[i].rule->id, i, k - i};
    }
    if (n > FINDINGS_PER_RULE) {
        qsort(b, n, sizeof *b, by_size);
        size_t rank = 0;
        bool cut = false;
        for (size_t i = 0; i < n; i++) {
            rank = i && strcmp(b[i].id, b[i - 1].id) == 0 ? rank + 1 : 0;
            if (rank < FINDINGS_PER_RULE)
                continue;
            cut = true;
            for (size_t k = b[i].from; k < b[i].from + b[i].n; k++) {
                struct occurrence *o = &j->occ.items[k];
                o->key = uct_hash(o->rule->id, strlen(o->rule->id), 7);
                o->rest = true;
                for (unsigned p = 0; p < o->rule->nparam && p < UCT_PARAMS_MAX; p++)
                    o->params[p] = 0;
            }
        }
        if (cut)
            qsort(j->occ.items, j->occ.n, sizeof *j->occ.items, by_key);
    }
    free(b);
    return true;
}

static enum uct_status group(struct judging *j, struct uct_report *r)
{
    size_t cap = 0;
    struct uct_rfinding *list = NULL;
    if (j->occ.n > 1)
        qsort(j->occ.items, j->occ.n, sizeof *j->occ.items, by_key);
    if (!limit_bunches(j))
        return UCT_FATAL;
    for (size_t i = 0, k; i < j->occ.n; i = k) {
        for (k = i + 1; k < j->occ.n && by_key(&j->occ.items[i], &j->occ.items[k]) == 0; k++)
            ;
        if (!UCT_ROOM(list, r->nfindings, cap) ||
            uct_finding_make(j, r, j->occ.items + i, k - i, &list[r->nfindings]) != UCT_OK) {
            free(list);
            r->nfindings = 0;
            return UCT_FATAL;
        }
        r->nfindings++;
    }
    r->findings = uct_arena_alloc(&r->arena, (r->nfindings + 1) * sizeof *list);
    if (r->findings && r->nfindings)
        memcpy(r->findings, list, r->nfindings * sizeof *list);
    free(list);
    if (!r->findings)
        r->nfindings = 0;
    return r->findings ? UCT_OK : UCT_FATAL;
}

/* Order and names, then who belongs to whom.  A root cause that another one explains is what follows from it:
 * alone it is the best that is known, beside the other it is a symptom. */
static bool arrange(struct uct_report *r, bool demote, bool *demoted)
{
    if (r->nfindings > 1)
        qsort((void *)r->findings, r->nfindings, sizeof *r->findings, by_weight);
    for (size_t i = 0; i < r->nfindings; i++) {
        snprintf(r->findings[i].id, sizeof r->findings[i].id, "f%zu", i + 1);
        r->findings[i].explained = false;
        r->findings[i].nexplains = 0;
        r->findings[i].explains_more = r->findings[i].left_out_by = 0;
    }
    for (size_t c = 0; c < r->ncalls; c++)
        r->calls[c].nfindings = 0;
    return link_calls(r) && link_explains(r, demote, demoted);
}

/* Does a finding that stands for itself ask for this one? */
static bool asked_for(const struct uct_report *r, const struct uct_rfinding *f)
{
    for (size_t i = 0; i < r->nfindings; i++) {
        const struct uct_rfinding *x = &r->findings[i];
        if (x->class_ == x->rule->class_ && x->rule->implies && strcmp(x->rule->implies, f->rule->id) == 0)
            return true;
    }
    return false;
}

/* What only a demoted finding asked for is not missing any more. */
static void drop_unasked(struct uct_report *r, const char *implied)
{
    size_t n = 0;
    const struct uct_rfinding *first = NULL;
    for (size_t i = 0; i < r->nfindings && !first; i++)
        if (r->findings[i].class_ == UCT_MISSING && strcmp(r->findings[i].rule->id, implied) == 0)
            first = &r->findings[i];
    if (!first || first->rule->nindex || asked_for(r, first))
        return;
    const struct uct_rule *rule = first->rule;
    for (size_t i = 0; i < r->nfindings; i++)
        if (r->findings[i].rule != rule)
            r->findings[n++] = r->findings[i];
    r->nfindings = n;
}

static bool arrange_all(struct uct_report *r)
{
    bool any = false;
    if (!arrange(r, true, &any))
        return false;
    for (size_t f = 0; any && f < r->nfindings; f++)
        if (r->findings[f].class_ != r->findings[f].rule->class_ && r->findings[f].rule->implies)
            drop_unasked(r, r->findings[f].rule->implies);
    return !any || arrange(r, false, &any);
}

/* What is missing in a huge log is missing for one reason: past a bound it is only counted. */
static bool say_cut(struct uct_report *r, const struct uct_absences *a)
{
    if (!a->cut || a->cut_source >= r->nsources)
        return true;
    struct uct_rsource *s = &r->sources[a->cut_source];
    s->note = uct_arena_printf(&r->arena, "%s%s%u more messages or answers that are missing are not told", s->note,
                               *s->note ? "; " : "", a->cut);
    return s->note != NULL;
}

enum uct_status uct_findings_build(const struct uct_rules *rules, const struct uct_sources *s, const struct uct_calls *c,
                                   const struct uct_ask_joins *ask, struct uct_report *r)
{
    struct judging j = {.rules = rules, .s = s, .calls = c, .ask = ask, .matcher = uct_matcher_new(rules),
                        .diagnosed = calloc(c->n ? c->n : 1, sizeof *j.diagnosed)};
    enum uct_status st = UCT_FATAL;
    if (j.matcher && j.diagnosed)
        st = uct_occurrences_collect(&j);
    if (st == UCT_OK)
        st = uct_occurrences_absent(&j);
    if (st == UCT_OK && !say_cut(r, &j.absent))
        st = UCT_FATAL;
    if (st == UCT_OK)
        st = group(&j, r);
    if (st == UCT_OK && (!arrange_all(r) || !uct_skipped_list(rules, s, r)))
        st = UCT_FATAL;
    uct_matcher_free(j.matcher);
    uct_buf_free(&j.scratch);
    free(j.occ.items);
    free(j.diagnosed);
    free(j.places);
    free(j.answers);
    uct_ports_free(&j.ports);
    free(j.wires.v);
    uct_absences_free(&j.absent);
    free(j.skews);
    return st;
}
