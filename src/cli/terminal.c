/* terminal: what the environment says about columns, colour and language. */
#include "cli.h"
#include "../render/words.h"

#include <langinfo.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static unsigned width(void)
{
    const char *columns = getenv("COLUMNS");
    struct uct_slice s = uct_slice_str(columns);
    struct winsize w;
    uint64_t n;
    if (s.n && uct_slice_u64(s, &n) == s.n && n >= 1 && n <= 10000)
        return (unsigned)n;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col)
        return w.ws_col;
    return 80;
}

/* https://no-color.org: set and not empty. */
static bool colour(const struct uct_cli *cli)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (cli->color != UCT_AUTO)
        return cli->color == UCT_ALWAYS;
    bool to_terminal = (!cli->output || strcmp(cli->output, "-") == 0) && isatty(STDOUT_FILENO);
    return to_terminal && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

void uct_terminal_setup(struct uct_cli *cli)
{
    cli->render.width = width();
    cli->render.colour = colour(cli);
    cli->render.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    cli->render.show_skipped = cli->show_skipped;
    cli->render.quiet = cli->quiet;
    cli->render.by_session = cli->by_session;
    cli->render.joins = cli->show_joins;
    cli->render.sort = cli->sort;
}

/* Is `tag` (up to its next separator) this subtag? */
static bool subtag(struct uct_slice *rest, const char *name)
{
    size_t n = 0;
    while (n < rest->n && !strchr("-_.@", rest->p[n]))
        n++;
    return uct_slice_ieq(uct_slice(rest->p, n), uct_slice_str(name));
}

/* zh, zh-TW, zh_HK.UTF-8, zh-Hant-MO; not zh-CN, zh-Hans and zh-SG. */
static bool traditional(struct uct_slice s)
{
    static const char *const others[] = {"hans", "cn", "sg", "my"};
    if (!subtag(&s, "zh"))
        return false;
    for (size_t i = 2; i < s.n && s.p[i] != '.' && s.p[i] != '@'; i++) {
        struct uct_slice rest = uct_slice(s.p + i + 1, s.n - i - 1);
        if (s.p[i] == '-' || s.p[i] == '_') {
            if (subtag(&rest, "hant"))
                return true;
            for (size_t k = 0; k < sizeof others / sizeof *others; k++)
                if (subtag(&rest, others[k]))
                    return false;
        }
    }
    return true;
}

const char *uct_lang_tag(const char *asked)
{
    const char *found = asked ? uct_words_lang(traditional(uct_slice_str(asked)) ? "zh-Hant" : asked) : NULL;
    return found ? found : "en";
}

const char *uct_environment_lang(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *v = getenv(names[i]);
        if (v && *v)
            return uct_lang_tag(v);
    }
    return "en";
}

unsigned uct_processors(void)
{
    cpu_set_t set;
    long n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 1024 ? 1024 : (unsigned)n;
}
