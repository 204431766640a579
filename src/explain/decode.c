/* decode: what a number says by its bits or its range when no table has it,
 * and ICE warnings, which are masks.
 *
 * An HRESULT, and the result codes of Lync, are
 *
 *   31-30 severity | 29 customer | 28 reserved | 27-16 facility | 15-0 code
 *   0xC3E93D67  =  3 (error)     facility 0x3E9    code 0x3D67
 *
 * An OpenSSL error is library, function and reason; library 20 is SSL:
 *
 *   14094418 (before 3.0): 0x14 library | 0x094 function | 0x418 reason (1048 = 1000 + alert 48)
 *   0A000418 (3.0 on):     20 << 23 | reason */
#include "dictionary.h"

const char *uct_row_label(struct uct_arena *a, const struct uct_row *r)
{
    static const char *const title[UCT_FAMILIES] = {
        [UCT_FAMILY_MS] = "ms-diagnostics",      [UCT_FAMILY_RESULT] = "result code",
        [UCT_FAMILY_SIP] = "SIP status",         [UCT_FAMILY_ALARM] = "Expressway alarm",
        [UCT_FAMILY_EVENT] = "Expressway event", [UCT_FAMILY_TLS] = "TLS alert",
        [UCT_FAMILY_ICE] = "ICE warning",        [UCT_FAMILY_Q850] = "Q.850 cause",
    };
    const char *code = r->col[UCT_COL_CODE];
    if (r->kind == UCT_ROW_OPENSSL)
        return uct_arena_printf(a, "OpenSSL SSL reason %u", (unsigned)r->value);
    if (r->kind == UCT_ROW_X509)
        return uct_arena_printf(a, "OpenSSL certificate check %u", (unsigned)r->value);
    if (r->kind == UCT_ROW_TEXT)
        return r->family == UCT_FAMILY_TLS ? "TLS text in a log" : "text in a log";
    if (r->kind == UCT_ROW_NAME)
        return title[r->family];
    return uct_arena_printf(a, "%s %s", title[r->family], code);
}

static const char *text_or_null(const char *s)
{
    return s[0] ? s : NULL;
}

static struct uct_explanation *room(struct uct_explanations *x)
{
    if (!UCT_ROOM(x->item, x->n, x->cap))
        return NULL;
    struct uct_explanation *e = &x->item[x->n++];
    *e = (struct uct_explanation){0};
    return e;
}

bool uct_add_row(struct uct_explanations *x, struct uct_arena *a, const struct uct_row *r)
{
    const char *label = uct_row_label(a, r);
    struct uct_explanation *e = label ? room(x) : NULL;
    if (!e)
        return false;
    *e = (struct uct_explanation){
        .known = true,
        .has_family = true,
        .family = r->family,
        .label = label,
        .name = text_or_null(r->col[UCT_COL_NAME]),
        .meaning = text_or_null(r->col[UCT_COL_MEANING]),
        .sender = text_or_null(r->col[UCT_COL_SENDER]),
        .cause = text_or_null(r->col[UCT_COL_CAUSE]),
        .check = text_or_null(r->col[UCT_COL_CHECK]),
        .confused_with = text_or_null(r->col[UCT_COL_CONFUSED]),
        .reference = text_or_null(r->col[UCT_COL_REFERENCE]),
    };
    return true;
}

static bool add_unknown(struct uct_explanations *x, enum uct_family f, const char *label, const char *decoded)
{
    struct uct_explanation *e = label && decoded ? room(x) : NULL;
    if (!e)
        return false;
    e->has_family = true;
    e->family = f;
    e->label = label;
    e->decoded = decoded;
    return true;
}

/* ---- result codes ------------------------------------------------------- */

static const char *facility_name(unsigned facility)
{
    static const struct {
        unsigned facility;
        const char *name;
    } known[] = {
        {0x000, "general"},
        {0x001, "remote procedure calls"},
        {0x002, "COM automation"},
        {0x003, "storage"},
        {0x004, "COM interfaces"},
        {0x007, "Windows system errors"},
        {0x008, "Windows"},
        {0x009, "security support providers and cryptography"},
        {0x00b, "certificates and trust"},
        {0x00c, "internet"},
        {0x013, ".NET runtime"},
        {0x019, "HTTP"},
        {0x03d, "Windows Web Services"},
        {0x0c8, "Lync client object model"},
        {0x0ee, "client SIP and media interface (UCC API)"},
        {0x0ef, "SIP statuses in the client (UCC API)"},
        {0x0f1, "Lync client object model"},
        {0x3e8, "Lync server and its worker processes"},
        {0x3e9, "SIP stack of the Lync server"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].facility == facility)
            return known[i].name;
    return NULL;
}

/* What the low half says in the facilities that carry another table's number. */
static const char *low_half(const struct uct_dictionary *d, struct uct_arena *a, unsigned facility,
                            unsigned low)
{
    if (facility == 0x007)
        return uct_arena_printf(a, " It wraps the Windows error %u.", low);
    const struct uct_row *sip =
        facility == 0x0ef ? uct_row_number(d, UCT_FAMILY_SIP, UCT_ROW_NUMBER, low) : NULL;
    if (sip)
        return uct_arena_printf(a, " The low half is SIP status %u (%s).", low, sip->col[UCT_COL_NAME]);
    return "";
}

static bool decode_result(const struct uct_dictionary *d, struct uct_arena *a, uint32_t v,
                          struct uct_explanations *x)
{
    static const char *const severity[] = {"success", "information", "error", "error"};
    unsigned facility = v >> 16 & 0xfff, low = v & 0xffff;
    const char *name = facility_name(facility), *more = low_half(d, a, facility, low);
    if (!more)
        return false;
    const char *decoded = uct_arena_printf(
        a, "No table has this code. By its bits: severity %s%s, facility 0x%03X%s%s%s, code 0x%04X (%u).%s",
        severity[v >> 30], v & 0x20000000u ? " (customer defined)" : "", facility, name ? " (" : "",
        name ? name : "", name ? ")" : "", low, low, more);
    return add_unknown(x, UCT_FAMILY_RESULT, uct_arena_printf(a, "result code 0x%08X", (unsigned)v), decoded);
}

/* ---- ids in ranges ------------------------------------------------------- */

static const struct uct_row *range_of(const struct uct_dictionary *d, uint32_t id)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct uct_row *r = &d->row[i];
        if (r->family == UCT_FAMILY_MS && r->kind == UCT_ROW_RANGE && id >= r->value && id <= r->last)
            return r;
    }
    return NULL;
}

static bool decode_ms(const struct uct_dictionary *d, struct uct_arena *a, uint32_t id,
                      struct uct_explanations *x)
{
    const struct uct_row *r = range_of(d, id);
    const char *decoded =
        r ? uct_arena_printf(a, "No public text is known for this id. It lies in the range %u-%u: %s.",
                             (unsigned)r->value, (unsigned)r->last, r->col[UCT_COL_NAME])
          : "No public text is known for this id, and it lies in no known range.";
    if (!add_unknown(x, UCT_FAMILY_MS, uct_arena_printf(a, "ms-diagnostics %u", (unsigned)id), decoded))
        return false;
    if (r) {
        x->item[x->n - 1].sender = text_or_null(r->col[UCT_COL_SENDER]);
        x->item[x->n - 1].reference = text_or_null(r->col[UCT_COL_REFERENCE]);
    }
    return true;
}

static bool decode_sip(struct uct_arena *a, uint32_t status, struct uct_explanations *x)
{
    static const char *const class_[] = {"provisional: the request is still being worked on",
                                         "success",
                                         "redirection: try elsewhere",
                                         "failure of the request as it was sent",
                                         "failure of a server",
                                         "failure everywhere"};
    if (status < 100 || status > 699)
        return add_unknown(x, UCT_FAMILY_SIP, uct_arena_printf(a, "SIP status %u", (unsigned)status),
                           "This is no SIP status: they lie between 100 and 699.");
    return add_unknown(x, UCT_FAMILY_SIP, uct_arena_printf(a, "SIP status %u", (unsigned)status),
                       uct_arena_printf(a, "This status is not registered. Its class is %uxx: %s.",
                                        (unsigned)(status / 100), class_[status / 100 - 1]));
}

static bool decode_tls(struct uct_arena *a, struct uct_code_number n, struct uct_explanations *x)
{
    uint32_t v = n.value;
    if (v <= 255)
        return add_unknown(x, UCT_FAMILY_TLS, uct_arena_printf(a, "TLS alert %u", (unsigned)v),
                           "No alert of this number is assigned.");
    if (v >> 24 == 0x14)
        return add_unknown(x, UCT_FAMILY_TLS, uct_arena_printf(a, "OpenSSL error %08X", (unsigned)v),
                           uct_arena_printf(a,
                                            "An error of OpenSSL before 3.0: library 20 (SSL), function %u, "
                                            "reason %u; no text is known for this reason.",
                                            (unsigned)(v >> 12 & 0xfff), (unsigned)(v & 0xfff)));
    if (v >> 23 == 20)
        return add_unknown(x, UCT_FAMILY_TLS, uct_arena_printf(a, "OpenSSL error %08X", (unsigned)v),
                           uct_arena_printf(a,
                                            "An error of OpenSSL 3: library 20 (SSL), reason %u; no text is "
                                            "known for this reason.",
                                            (unsigned)(v & 0x7fffff)));
    return add_unknown(x, UCT_FAMILY_TLS, uct_arena_printf(a, "OpenSSL error %08X", (unsigned)v),
                       "Neither a TLS alert nor an error of OpenSSL's SSL library.");
}

static bool decode_alarm(struct uct_arena *a, uint32_t id, struct uct_explanations *x)
{
    static const struct {
        unsigned thousand;
        const char *what;
    } block[] = {{10, "hardware"},
                 {15, "software of the box itself"},
                 {20, "clustering"},
                 {25, "network and time"},
                 {30, "licences and capacity"},
                 {35, "external services"},
                 {40, "security"},
                 {45, "call configuration"},
                 {55, "the B2BUA"},
                 {60, "hybrid services"},
                 {90, "emergency calls"}};
    const char *what = NULL;
    for (size_t i = 0; i < sizeof block / sizeof block[0]; i++)
        if (block[i].thousand == id / 5000 * 5)
            what = block[i].what;
    return add_unknown(
        x, UCT_FAMILY_ALARM, uct_arena_printf(a, "Expressway alarm %u", (unsigned)id),
        what ? uct_arena_printf(a, "No alarm of this id is known; its neighbours are about %s.", what)
             : "No alarm of this id is known.");
}

static bool decode_q850(struct uct_arena *a, uint32_t cause, struct uct_explanations *x)
{
    static const char *const class_[] = {"normal event",
                                         "normal event",
                                         "resource unavailable",
                                         "service or option not available",
                                         "service or option not implemented",
                                         "invalid message",
                                         "protocol error",
                                         "interworking"};
    return add_unknown(
        x, UCT_FAMILY_Q850, uct_arena_printf(a, "Q.850 cause %u", (unsigned)cause),
        cause < 128 ? uct_arena_printf(a, "This cause is not assigned. Its class is: %s.", class_[cause >> 4])
                    : "This is no Q.850 cause: they lie between 0 and 127.");
}

static bool decode_as(const struct uct_dictionary *d, struct uct_arena *a, struct uct_code_number n,
                      enum uct_family f, struct uct_explanations *x)
{
    switch (f) {
    case UCT_FAMILY_MS: return decode_ms(d, a, n.value, x);
    case UCT_FAMILY_RESULT: return decode_result(d, a, n.value, x);
    case UCT_FAMILY_SIP: return decode_sip(a, n.value, x);
    case UCT_FAMILY_ALARM: return decode_alarm(a, n.value, x);
    case UCT_FAMILY_TLS: return decode_tls(a, n, x);
    case UCT_FAMILY_Q850: return decode_q850(a, n.value, x);
    case UCT_FAMILY_ICE: return uct_decode_ice(d, a, n.value, x);
    case UCT_FAMILY_EVENT:
    case UCT_FAMILIES: break;
    }
    return true;
}

bool uct_decode_number(const struct uct_dictionary *d, struct uct_arena *a, struct uct_code_number n,
                       enum uct_family family, struct uct_explanations *x)
{
    if (family != UCT_FAMILIES)
        return decode_as(d, a, n, family, x);
    bool packed = n.value >> 24 == 0x14 || n.value >> 23 == 20;
    if ((n.spelling & UCT_BARE_HEX) && packed)
        return decode_tls(a, n, x);
    if (n.spelling != UCT_DECIMAL || n.value > INT32_MAX)
        return decode_result(d, a, n.value, x);
    if (n.value >= 100 && n.value <= 699 && !decode_sip(a, n.value, x))
        return false;
    return !range_of(d, n.value) || decode_ms(d, a, n.value, x);
}

bool uct_decode_ice(const struct uct_dictionary *d, struct uct_arena *a, uint32_t mask,
                    struct uct_explanations *x)
{
    if (mask == 0) {
        const char *none = "No warning: the ICE checks of this client had nothing to complain about.";
        struct uct_explanation *e = room(x);
        if (e)
            *e = (struct uct_explanation){.known = true, .has_family = true, .family = UCT_FAMILY_ICE,
                                          .label = "ICE warning 0x0", .meaning = none};
        return e != NULL;
    }
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t v = mask & UINT32_C(1) << bit;
        const struct uct_row *r = v ? uct_row_number(d, UCT_FAMILY_ICE, UCT_ROW_NUMBER, v) : NULL;
        if (r && !uct_add_row(x, a, r))
            return false;
        if (v && !r &&
            !add_unknown(x, UCT_FAMILY_ICE, uct_arena_printf(a, "ICE warning 0x%X", (unsigned)v),
                         "No public text is known for this bit."))
            return false;
    }
    return true;
}
