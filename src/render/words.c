/* words: one line a word, one column a language.  Plain words only: no formats
 * and no plurals, so that a translation needs no grammar of ours. */
#include "words.h"
#include "../base/base.h"

enum { EN, ZH, NLANGS };

static const char *const words[UCT_W_COUNT][NLANGS] = {
    [UCT_W_ROOTS] = {"Root causes", "根本原因"},
    [UCT_W_ALSO] = {"Also seen", "其他發現"},
    [UCT_W_MISSING] = {"Missing information", "缺少的資訊"},
    [UCT_W_ADVICE] = {"Advice", "建議"},
    [UCT_W_UNDIAGNOSED] = {"Failed calls without a known cause", "原因不明的失敗通話"},
    [UCT_W_SOURCES] = {"Sources", "來源"},
    [UCT_W_SKIPPED] = {"Rules skipped", "略過的規則"},
    [UCT_W_CALLS] = {"Calls", "通話"},
    [UCT_W_SEEN] = {"Seen", "時間"},
    [UCT_W_CAUSE] = {"Cause", "原因"},
    [UCT_W_FIX] = {"Fix", "處理方式"},
    [UCT_W_COLLECT] = {"What to collect", "需要收集"},
    [UCT_W_EVIDENCE] = {"Evidence", "證據"},
    [UCT_W_EXPLAINS] = {"Explains", "由此造成"},
    [UCT_W_ACTOR] = {"to be changed by", "處理者"},
    [UCT_W_TIMES] = {"times", "次"},
    [UCT_W_MORE] = {"more", "筆"},
    [UCT_W_CERTAIN] = {"certain", "確定"},
    [UCT_W_LIKELY] = {"likely", "很可能"},
    [UCT_W_POSSIBLE] = {"possible", "有可能"},
    [UCT_W_US] = {"us", "本方"},
    [UCT_W_PEER] = {"the other side", "對方"},
    [UCT_W_NETWORK] = {"the network", "網路"},
    [UCT_W_UNKNOWN] = {"not known yet", "尚不確定"},
    [UCT_W_ANSWERED] = {"answered", "已接通"},
    [UCT_W_FAILED] = {"failed", "失敗"},
    [UCT_W_CANCELLED] = {"cancelled", "已取消"},
    [UCT_W_UNANSWERED] = {"unanswered", "無回應"},
    [UCT_W_INCOMPLETE] = {"incomplete", "不完整"},
    [UCT_W_HOST] = {"host", "主機"},
    [UCT_W_RECORDS] = {"records", "記錄"},
    [UCT_W_MESSAGES] = {"messages", "訊息"},
    [UCT_W_LINES] = {"lines", "行數"},
    [UCT_W_UNPARSED] = {"not understood", "無法解讀"},
    [UCT_W_FIRST_LINE] = {"first at line", "首見行號"},
    [UCT_W_SET] = {"part of", "屬於"},
    [UCT_W_NOTHING] = {"Nothing found.", "沒有發現問題。"},
    [UCT_W_NOTHING_READ] = {"Nothing was read.", "沒有讀到任何資料。"},
    [UCT_W_CHECKED] = {"Checked", "已檢查"},
    [UCT_W_UNDERSTOOD] = {"lines understood", "已解讀行數"},
    [UCT_W_HELPS] = {"What would help", "有助於判斷的資料"},
    [UCT_W_HELP_UNPARSED] = {
        "Many lines were not understood and may hold the fault: --explain-detection says how each source was "
        "read, --parser NAME reads it as another format.",
        "有許多行無法解讀，問題可能就在其中：--explain-detection 會說明每個來源的判讀方式，--parser NAME "
        "可改用其他格式讀取。"},
    [UCT_W_HELP_NO_MESSAGES] = {
        "No SIP message is in these logs: collect them again while the call is made, with SIP logging at "
        "debug level.",
        "這些記錄中沒有 SIP 訊息：請將 SIP 記錄等級設為 debug，在撥打通話時重新收集。"},
    [UCT_W_HELP_OTHER_END] = {
        "The log of the other end for the same minutes: the Expressway's diagnostic log, the edge server's "
        "SIPStack and S4 trace, the client's UccApiLog.",
        "同一時段另一端的記錄：Expressway 的診斷記錄、Edge Server 的 SIPStack 與 S4 追蹤、用戶端的 UccApiLog。"},
    [UCT_W_HELP_FILTERS] = {
        "The filters given (--since, --until, --call-id, --user, --peer, --failed) hide findings: try "
        "without them.",
        "所給的篩選條件（--since、--until、--call-id、--user、--peer、--failed）隱藏了部分發現：請去掉條件再試。"},
};

const char *uct_word(enum uct_word w, const char *lang)
{
    bool zh = lang && uct_slice_istarts(uct_slice_str(lang), UCT_S("zh"));
    return words[w][zh ? ZH : EN];
}
