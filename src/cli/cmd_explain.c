/* uctriage explain CODE...: what the rules know about a code. */
#include "cli.h"

#include <inttypes.h>

static bool number(struct uct_slice s, uint32_t *v)
{
    uint64_t n;
    bool minus = s.n && s.p[0] == '-';
    if (minus)
        s = uct_slice(s.p + 1, s.n - 1);
    if (uct_slice_istarts(s, UCT_S("0x")) && uct_slice_hex(uct_slice(s.p + 2, s.n - 2), &n) == s.n - 2 &&
        n <= UINT32_MAX) {
        *v = (uint32_t)n;
        return !minus;
    }
    if (s.n && uct_slice_u64(s, &n) == s.n && n <= UINT32_MAX) {
        *v = minus ? 0u - (uint32_t)n : (uint32_t)n;
        return true;
    }
    if (s.n != 8 || minus || uct_slice_hex(s, &n) != 8)
        return false;
    *v = (uint32_t)n;
    return true;
}

static bool names(const struct uct_rule *r, struct uct_slice code)
{
    uint32_t n;
    bool is_number = number(code, &n);
    for (size_t i = 0; i < r->nindex; i++) {
        const struct uct_index *x = &r->index[i];
        if (x->text ? uct_slice_ieq(uct_slice_str(x->text), code) : is_number && x->number == n)
            return true;
    }
    for (size_t i = 0; i < r->ncode; i++)
        if (uct_slice_ieq(uct_slice_str(r->code[i]), code))
            return true;
    return false;
}

int uct_cmd_explain(const struct uct_cli *cli)
{
    int code = 0;
    struct uct_buf b = {0};
    if (cli->args.n == 0) {
        uct_say("explain: no CODE given");
        return 2;
    }
    struct uct_rules *rules = uct_cli_rules(cli);
    if (!rules)
        return 2;
    for (size_t i = 0; i < cli->args.n; i++) {
        bool known = false;
        for (size_t k = 0; k < uct_rules_count(rules); k++) {
            const struct uct_rule *r = uct_rules_get(rules, k);
            const struct uct_text *t = uct_rule_text(r, cli->lang);
            if (!names(r, uct_slice_str(cli->args.v[i])) || !t)
                continue;
            known = true;
            uct_buf_addf(&b, "%s: %s\n  %s\n", cli->args.v[i], t->title, t->cause);
        }
        if (!known)
            uct_buf_addf(&b, "%s: not known\n", cli->args.v[i]);
        code |= !known;
    }
    if (b.failed || !uct_out_write(cli->out, b.p, b.n))
        code = 2;
    uct_buf_free(&b);
    uct_rules_free(rules);
    return code;
}
