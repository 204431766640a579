#!/bin/sh
# Shapes that were once read wrongly: what each must give.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq

cd "$tmp" || exit 99
s=$data/shapes
only() { holds "[.findings[] | select(.class == \"root-cause\" or .class == \"symptom\") | .rule] == [$1]" "rules are not $1"; }
log() { holds ".sources | length == 1 and .[0].format == \"$1\" and .[0].records == $2 and .[0].messages == $3 and .[0].unparsed == 0" \
    "not $1 with $2 records, $3 messages"; }

report 1 "$s/good-lost-blanks.log"
log expressway 8 4
only '"federation.bare-504"'
report 1 "$s/good-twins-apart.log"
log expressway 8 4
only '"federation.bare-504"'
report 1 "$s/good-edge-504.log"
log lync-server 4 4
only '"federation.bare-504"'
report 1 "$s/good-appended-search.log"
log lync-server 10 4
holds '.calls | length == 1 and .[0].messages == 4 and .[0].retransmissions == 0' "a repeated search counts twice"
holds '.findings[0] | .rule == "federation.srv-domain-mismatch" and .count == 1 and (.evidence | length) == 1' "repeated evidence"
report 0 "$s/good-no-fault.log"
log uccapi 15 5
report 1 "$s/good-sip-then-log.log"
holds '[.sources[].format] | sort == ["expressway", "sip"]' "a bare message before a log"
holds '.calls | length == 2' "the bare message makes no call"
report 0 "$s/good-trace-with-text.log"
log uccapi 8 2
report 1 "$s/good-quoted.txt"
holds '[.sources[].format] == ["excerpt", "expressway", "lync-server"]' "quoted pieces"
holds '.calls | length == 1 and .[0].status == 504 and .[0].sources == [1, 2]' "the call of the quoted pieces"
report 1 "$s/good-glued-records.txt"
holds '[.findings[] | select(.class == "root-cause") | .rule] | sort == ["federation.cert-name-mismatch", "federation.srv-domain-mismatch"]' \
    "the second record in the line is lost"
report 1 "$s/good-label.txt"
holds '[.sources[].format] == ["excerpt", "sip"]' "a start line behind a label"

# Headers in the other spellings of RFC 3261, pasted into a mail: no call is lost, no piece cut.
for f in short-names:3 blank-before-colon:2 folded-headers:2; do
    report 1 "$data/excerpt/good-${f%:*}.txt"
    holds "[.calls[] | [.call_id[0:4], .messages]] | sort == [[\"5f1b\", 1], [\"c0db\", ${f#*:}]]" "the calls of $f"
    holds '[.sources[] | select(.format == "uccapi")] | all(.[]; .records == 3)' "a piece of $f is cut"
done

# The branch that did not answer ends after the one that did.
report 0 "$data/normal/forked.log"
holds '.calls | length == 1 and .[0].outcome == "answered" and .[0].status == 200 and .[0].messages == 9' "a forked call"

# The stamp of a syslog collector in place of ours, and what RFC 5424 has between host and text.
report 1 "$s/good-collector.log"
log expressway 8 4
only '"federation.bare-504"'
holds '.sources[0] | .host == "vcse" and .clock.basis == "utc-field"' "a collector's records"
sed 's/^\(2017[^ ]* vcse\) tvcs: /<134>1 \1 tvcs 17 - [a@9 b="c"] /' "$s/good-twins-apart.log" >5424.log
report 1 5424.log
log expressway 8 4
sed 's/^<134>//' "$s/good-collector.log" >3164.log
report 1 3164.log
log expressway 8 4

# A refusal that no table has, in other words than the known ones: not routed all the same.
sed 's/^Text: Message cannot be routed.*/Text: The message could not be routed to its next hop/; s/0xc3e93d67.*/0xc3e93fff SIPPROXY_E_NEW/' \
    "$data/lync-server/good-diag.log" >new.log
report 1 new.log
holds '[.calls[].outcome] == ["failed", "failed"]' "an unknown refusal"

# A log that begins behind the INVITE: the answers and the ACK are about it all the same.
awk '/"network.sip" Level="INFO"/ && /Code=504/ { on = 1 } on' "$s/good-legs/vcse.log" >behind.log
report 1 behind.log
holds 'any(.calls[]; .call_id == "legB@192.0.2.110" and .method == "INVITE" and .status == 504 and .outcome == "failed")' \
    "a call whose INVITE is not in the log"

# The reason that one leg has is the other's: nobody says that none is known.
report 1 "$s/good-legs"
only '"federation.srv-domain-mismatch", "federation.edge-504"'
holds '(.sessions | length) == 1 and (.calls | map(.outcome) == ["failed", "failed"])' "the legs"
report 1 "$s/good-legs/vcse.log"
holds 'any(.findings[]; .rule == "sip.final-error")' "a leg alone"

# A byte order mark is part of the file: offsets count it, lines do not.
{ printf '\357\273\277'; cat "$s/good-lost-blanks.log"; } >bom.log
report 1 bom.log
holds '.sources[0].bytes == '"$(wc -c <bom.log)" "bytes of a file with a mark"
at=$(jq '.findings[0].evidence[0].offset' out)
[ "$(tail -c +$((at + 1)) bom.log | head -c 19)" = 2017-03-02T08:10:46 ] || fault "offset in a file with a mark"

# A message that was sent again after the roll-over is a retransmission.
mkdir set
awk '/SIPMSG/ { exit } { print }' "$s/good-twins-apart.log" | sed 2q >set/log.1
awk '/SIPMSG/ { exit } { print }' "$s/good-twins-apart.log" | sed -n '1p;3,4p' | sed 's/46\.240/46.400/; s/46,240/46,400/' >set/log
report 1 set
holds '.calls | length == 1 and .[0].messages == 4 and .[0].retransmissions == 1' "a retransmission over rotated files"
finish
