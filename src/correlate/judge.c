/* Parties, final status and outcome of a call (INTERFACE.md, "Exact meanings", section 4). */
#include "calls.h"
#include "links.h"

#define UNANSWERED_INVITE_MS 180000
#define UNANSWERED_OTHER_MS 32000

static bool is_challenge(uint16_t status)
{
    return status == 401 || status == 407;
}

static void take_times(struct uct_call *c)
{
    c->start = c->end = UCT_NO_TIME;
    for (size_t i = 0; i < c->nrefs; i++) {
        int64_t t = c->refs[i].time;
        if (t == UCT_NO_TIME)
            continue;
        if (c->start == UCT_NO_TIME)
            c->start = t;
        if (c->end == UCT_NO_TIME || t > c->end)
            c->end = t;
    }
}

/* The earliest request names the parties, else the earliest response, else the
 * start line that a diagnostic record quotes; gaps are filled from later ones.
 * One that began the dialog (no tag in To) comes first, whatever the clocks say. */
static void take_parties(struct uct_call *c)
{
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < c->nrefs; i++) {
            const struct uct_msg *m = c->refs[i].msg;
            int rank = !m ? 3 : m->status ? 2 : m->to_tag ? 1 : 0;
            if (rank != pass)
                continue;
            if (!c->method)
                c->method = m->method;
            if (m->method != c->method)
                continue;
            if (!c->from)
                c->from = m->from;
            if (!c->to)
                c->to = m->to;
        }
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_sighting *r = c->refs[i].record;
        const struct uct_msg *m = c->refs[i].msg;
        if (r && !c->method)
            c->method = r->method;
        if (!c->to && (r || (m && m->method == c->method)))
            c->to = r ? r->ruri : m->ruri;
    }
}

/* Index of the last final response that counts, or SIZE_MAX. */
static size_t last_final(const struct uct_call *c, bool challenges)
{
    for (size_t i = c->nrefs; i-- > 0;) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->status >= 200 && m->method == c->method && is_challenge(m->status) == challenges)
            return i;
    }
    return SIZE_MAX;
}

/* Was the request sent again (with credentials) after this challenge?  A repeated challenge may come later still. */
static bool asked_again(const struct uct_call *c, size_t challenge)
{
    const struct uct_msg *q = c->refs[challenge].msg;
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && !m->status && m->method == c->method && m->from_tag == q->from_tag && m->cseq > q->cseq)
            return true;
    }
    return false;
}

/* Does this final response follow the challenge?  In one dialog CSeq says so; behind a B2BUA it counts anew, and
 * only one box's clock can tell: where none saw both, the answer to the call is the other one. */
static bool follows(const struct uct_call *c, const struct uct_links *l, size_t final, size_t challenge)
{
    const struct uct_ref *f = &c->refs[final], *q = &c->refs[challenge];
    if (f->msg->from_tag == q->msg->from_tag)
        return f->msg->cseq >= q->msg->cseq;
    return l->box[f->source] != l->box[q->source] || final > challenge;
}

/* How long the logs that saw the call go on after they first did, in ms: each by its own clock. */
static int64_t covered(const struct uct_call *c, const struct uct_links *l)
{
    int64_t most = 0;
    uint32_t asked[8], nasked = 0;
    for (size_t i = 0; i < c->nrefs && nasked < 8; i++) {
        uint32_t box = l->box[c->refs[i].source];
        bool again = false;
        for (uint32_t k = 0; k < nasked; k++)
            again |= asked[k] == box;
        if (again || c->refs[i].time == UCT_NO_TIME)
            continue;
        asked[nasked++] = box;
        if (l->last[box] != UCT_NO_TIME && l->last[box] - c->refs[i].time > most)
            most = l->last[box] - c->refs[i].time;
    }
    return most;
}

/* Of a forked request one answer wins, and those who lost answer 487 after it: the call was taken all the same. */
static size_t winner(const struct uct_call *c, size_t final)
{
    const struct uct_msg *f = c->refs[final].msg;
    for (size_t i = final; i-- > 0 && f->status >= 300;) {
        const struct uct_msg *m = c->refs[i].msg;
        if (m && m->status >= 200 && m->status < 300 && m->method == f->method && m->cseq == f->cseq &&
            m->from_tag == f->from_tag)
            return i;
    }
    return final;
}

static void take_final(struct uct_call *c, size_t at)
{
    const struct uct_msg *m = c->refs[at].msg;
    c->status = m->status;
    c->reason = m->phrase;
    for (size_t i = 0; !c->reason && i < c->nrefs; i++)      /* the summary line has no reason phrase */
        if (c->refs[i].msg && c->refs[i].msg->status == m->status)
            c->reason = c->refs[i].msg->phrase;
}

void uct_call_judge(struct uct_call *c, const struct uct_links *l, const struct uct_methods *methods)
{
    bool cancel = false, not_routed = false;
    take_times(c);
    take_parties(c);
    for (size_t i = 0; i < c->nrefs; i++) {
        const struct uct_msg *m = c->refs[i].msg;
        cancel |= m && !m->status && m->method && m->method == methods->cancel;
        not_routed |= c->refs[i].record && c->refs[i].record->not_routed;
    }
    /* A challenge is the last word only where nothing follows: neither a later request nor its answer. */
    size_t final = last_final(c, false), challenge = last_final(c, true);
    if (challenge != SIZE_MAX &&
        (asked_again(c, challenge) || (final != SIZE_MAX && follows(c, l, final, challenge))))
        challenge = SIZE_MAX;
    if (challenge != SIZE_MAX)
        final = challenge;
    if (final != SIZE_MAX)
        take_final(c, winner(c, final));
    bool invite = c->method && c->method == methods->invite, ack = c->method && c->method == methods->ack;
    bool only_cancel = cancel && c->method == methods->cancel;
    if (c->status >= 200 && c->status < 300 && !only_cancel)
        c->outcome = UCT_ANSWERED;
    else if (c->status == 487 || cancel)
        c->outcome = UCT_CANCELLED;
    else if (challenge == SIZE_MAX && c->status >= 300)
        c->outcome = UCT_FAILED_CALL;
    else if (challenge != SIZE_MAX)
        c->outcome = UCT_INCOMPLETE;
    else if (not_routed)
        c->outcome = UCT_FAILED_CALL;
    else if (!ack && covered(c, l) >= (invite ? UNANSWERED_INVITE_MS : UNANSWERED_OTHER_MS))
        c->outcome = UCT_UNANSWERED;
    else
        c->outcome = UCT_INCOMPLETE;
}
