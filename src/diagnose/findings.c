/* From occurrences to the report's findings: grouping, order, what explains what. */
#include "occurrence.h"

#include <stdio.h>
#include <stdlib.h>

static int by_key(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
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

static bool share_call(const struct uct_rfinding *a, const struct uct_rfinding *b)
{
    for (size_t i = 0, k = 0; i < a->ncalls && k < b->ncalls;) {
        if (a->calls[i] == b->calls[k])
            return true;
        if (a->calls[i] < b->calls[k])
            i++;
        else
            k++;
    }
    return false;
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

static bool accounts_for(const struct uct_rfinding *f, const struct uct_explain *e, const struct uct_rfinding *g)
{
    if (f == g || strcmp(g->rule->id, e->rule) != 0 || !near_in_time(f, g, e->seconds))
        return false;
    const char *p = param(f, "peer"), *q = param(g, "peer");
    switch (e->scope) {
    case UCT_SCOPE_CALL: return share_call(f, g);
    case UCT_SCOPE_PEER: return share_call(f, g) || (p && q && strcmp(p, q) == 0);
    default: return true;
    }
}

static bool link_explains(struct uct_report *r, struct uct_rfinding *f)
{
    uint32_t *v = NULL;
    size_t n = 0, cap = 0;
    for (size_t g = 0; g < r->nfindings; g++)
        for (size_t e = 0; e < f->rule->nexplains; e++)
            if (accounts_for(f, &f->rule->explains[e], &r->findings[g])) {
                if (!UCT_ROOM(v, n, cap)) {
                    free(v);
                    return false;
                }
                v[n++] = (uint32_t)g;
                r->findings[g].explained = true;
                break;
            }
    uint32_t *copy = n ? uct_arena_alloc(&r->arena, n * sizeof *copy) : NULL;
    if (copy)
        memcpy(copy, v, n * sizeof *copy);
    free(v);
    f->explains = copy;
    f->nexplains = copy ? n : 0;
    return copy || !n;
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

static enum uct_status group(struct judging *j, struct uct_report *r)
{
    size_t cap = 0;
    struct uct_rfinding *list = NULL;
    if (j->occ.n > 1)
        qsort(j->occ.items, j->occ.n, sizeof *j->occ.items, by_key);
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
    if (r->nfindings > 1)
        qsort(list, r->nfindings, sizeof *list, by_weight);
    r->findings = uct_arena_alloc(&r->arena, (r->nfindings + 1) * sizeof *list);
    if (r->findings && r->nfindings)
        memcpy(r->findings, list, r->nfindings * sizeof *list);
    free(list);
    if (!r->findings)
        r->nfindings = 0;
    for (size_t i = 0; i < r->nfindings; i++)
        snprintf(r->findings[i].id, sizeof r->findings[i].id, "f%zu", i + 1);
    return r->findings ? UCT_OK : UCT_FATAL;
}

enum uct_status uct_findings_build(const struct uct_rules *rules, const struct uct_sources *s, const struct uct_calls *c,
                                   struct uct_report *r)
{
    struct judging j = {.rules = rules, .s = s, .calls = c, .matcher = uct_matcher_new(rules),
                        .diagnosed = calloc(c->n ? c->n : 1, sizeof *j.diagnosed)};
    enum uct_status st = UCT_FATAL;
    if (j.matcher && j.diagnosed)
        st = uct_occurrences_collect(&j);
    if (st == UCT_OK)
        st = group(&j, r);
    for (size_t i = 0; i < r->nfindings && st == UCT_OK; i++)
        if (!link_explains(r, &r->findings[i]))
            st = UCT_FATAL;
    if (st == UCT_OK && (!link_calls(r) || !uct_skipped_list(rules, s, r)))
        st = UCT_FATAL;
    uct_matcher_free(j.matcher);
    uct_buf_free(&j.scratch);
    free(j.occ.items);
    free(j.diagnosed);
    free(j.places);
    return st;
}
