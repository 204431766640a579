#!/bin/sh
# Encodings, line ends, NUL bytes, cut logs, two formats in one file.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq iconv

cd "$tmp" || exit 99
log=$data/incident-src/edge/edge-sipstack.txt
client=$data/incident/Lync-UccApi-0.UccApilog
exp=$(echo "$data"/incident-src/bundle/loggingsnapshot*)
facts() { jq -S '[.findings[] | {rule, params, count, class}], [.calls[] | {call_id, outcome, status, messages}],
    [.sources[] | {format, records, messages, unparsed, status}]' out; }

for f in "$log" "$client" "$exp"; do
    tr -d '\r' <"$f" >x.log
    report 1 x.log
    facts >want
    alike() { # what
        report 1 x.log
        facts >got
        same want got "$1: ${f##*/}"
    }
    sed 's/$/\r/' "$f" | tr -s '\r' >x.log
    alike "CR LF"
    tr -d '\r' <"$f" | awk 'NR % 3 { printf "%s\r\n", $0; next } { print }' >x.log
    alike "mixed line ends"
    tr -d '\r' <"$f" | tr '\n' '\r' >x.log
    alike "CR alone"
    tr -d '\r' <"$f" | tr '\n' '\r' | iconv -f UTF-8 -t UTF-16LE >x.log
    alike "CR alone in UTF-16"
    { printf '\357\273\277'; tr -d '\r' <"$f"; } >x.log
    alike "UTF-8 with BOM"
    { printf '\377\376'; tr -d '\r' <"$f" | iconv -f UTF-8 -t UTF-16LE; } >x.log
    alike "UTF-16LE with BOM"
    { printf '\376\377'; tr -d '\r' <"$f" | iconv -f UTF-8 -t UTF-16BE; } >x.log
    alike "UTF-16BE with BOM"
    tr -d '\r' <"$f" | iconv -f UTF-8 -t UTF-16LE >x.log
    alike "UTF-16LE without BOM"
    tr -d '\r' <"$f" | iconv -f UTF-8 -t UTF-16BE >x.log
    alike "UTF-16BE without BOM"
    tr -d '\r' <"$f" >y.log
    head -c -1 y.log >x.log
    alike "no final line end"
    sed G y.log >x.log
    alike "an empty line behind each"
    sed 's/$/\r\n\r/' y.log >x.log
    alike "an empty line behind each, CR LF"
done

# NUL bytes: a block of them, as a crash leaves behind, costs nothing else.
{ head -c 1000 /dev/zero; cat "$log"; head -c 1000 /dev/zero; } >nul.log
report 1 nul.log
holds '[.findings[] | select(.class == "root-cause")] | length == 2' "NUL bytes"

# A log that begins or ends inside a record is a note.
sed '1,5d' "$exp" | sed '3,8d' >begin.log
tail -n +60 "$exp" >begin.log
report 1 begin.log
holds '.sources[0].status == "ok"'
head -n 190 "$exp" >end.log
report 1 end.log
holds '.sources[0].status == "ok" and .sources[0].unparsed == 0'
head -c 2500 "$log" >end2.log
report 1 end2.log
holds '.sources[0].status == "ok"'

# Two formats in one file: each part by its parser.
{ cat "$exp" "$log"; tr -d '\r' <"$client"; } >three.log
report 1 three.log
holds '[.sources[].format] | sort == ["expressway", "lync-server", "uccapi"]' "three formats in one file"
holds '[.findings[] | select(.class == "root-cause")] | length == 4' "root causes of three formats in one file"
holds 'all(.sources[]; .status == "ok")'
finish
