/* words: looked up in the table that uct-wordc makes of rules/lang/<tag>/words.xml when the program is built. */
#include "words.h"

/* The entry of a tag, or of what is left of it when its last parts are cut off: "de-AT" finds "de". */
static const struct uct_words *find(struct uct_slice tag)
{
    while (tag.n) {
        for (size_t i = 0; i < uct_nwords; i++)
            if (uct_slice_ieq(uct_slice_str(uct_words_table[i].lang), tag))
                return &uct_words_table[i];
        while (tag.n && tag.p[tag.n - 1] != '-' && tag.p[tag.n - 1] != '_')
            tag.n--;
        tag.n -= tag.n > 0;
    }
    return NULL;
}

const char *uct_words_lang(const char *tag)
{
    struct uct_slice s = uct_slice_str(tag ? tag : "");
    s.n = strcspn(s.n ? s.p : "", ".@");
    const struct uct_words *w = find(s);
    return w ? w->lang : NULL;
}

const char *uct_word(enum uct_word w, const char *lang)
{
    const struct uct_words *found = find(uct_slice_str(lang ? lang : "en"));
    if (!found || !found->word[w])
        found = find(UCT_S("en"));
    return found && found->word[w] ? found->word[w] : "";
}

void uct_add_word(struct uct_buf *b, enum uct_word w, const char *lang)
{
    const char *s = uct_word(w, lang);
    if (*s)
        uct_buf_addc(b, (char)uct_lower((unsigned char)*s++));
    uct_buf_adds(b, s);
}

bool uct_words_ascii(const char *lang)
{
    for (unsigned w = 0; w < UCT_W_COUNT; w++)
        for (const char *s = uct_word((enum uct_word)w, lang); *s; s++)
            if ((unsigned char)*s >= 0x80)
                return false;
    return true;
}
