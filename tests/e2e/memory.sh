#!/bin/sh
# Memory: calls that ended well shrink, and the report is the same; a limit says what it does not list.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq gzip
cd "$tmp" || exit 99
${CC:-cc} -std=c11 -D_GNU_SOURCE -O2 "$top/bench/gen.c" -o gen || exit 99

# of REPORT FILTER
of() { jq -c "$2" "$tmp/$1"; }
kept() { cp "$tmp/out" "$tmp/$1"; }

# Epochs of 4 MiB: every call of this log but the last minute's has shrunk.
./gen 40M 3 >log.txt
report 1 log.txt
kept whole
for options in "--stream -j1" "--stream -j2" "--memory-limit 64M" "--memory-limit 1G"; do
    report 1 $options log.txt
    same whole out "$options, and a run that keeps every row"
done
gzip -c log.txt >log.txt.gz
report 1 --stream log.txt.gz
[ "$(of out .calls)" = "$(of whole .calls)" ] || fault "a gzip has other calls"

# Two logs of the same calls: they are one call each, whichever is read first.
sed 's/ vcse01 / vcse02 /' log.txt >other.txt
report 1 --stream log.txt other.txt
kept two
report 1 --stream -j1 other.txt log.txt
same two out "the order of the files"
[ "$(of two '.calls | length')" = "$(of whole '.calls | length')" ] || fault "a call in two logs is counted twice"

# More calls than the least limit lists: what failed is listed, the rest is counted.
if [ -z "${UCT_LIGHT-}" ]; then
    ./gen 320M 4 >long.txt
    report 1 long.txt
    kept whole
    report 1 -j1 --memory-limit 64M long.txt
    kept cut
    report 1 -j2 --memory-limit 64M long.txt
    same cut out "threads under a limit"
    holds '.sources[0].note | test("counted but not listed")' "a limit does not say what it left out"
    [ "$(of cut '.calls | length')" -lt "$(of whole '.calls | length')" ] || fault "a limit lists every call"
    for what in '.summary.failed' '.sources[0].messages' '[.findings[] | [.rule, .params, .count]]' \
        '[.calls[] | select(.outcome == "failed") | .call_id]'; do
        [ "$(of cut "$what")" = "$(of whole "$what")" ] || fault "a limit changes $what"
    done
fi
exits 2 "$u" --memory-limit 63M log.txt
says 'at least 64M'
finish
