#!/bin/sh
# The same input gives the same bytes out: for any number of threads, order of paths and way of reading.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq gzip

# A log of some chunks: the sample's stretch again and again, with other Call-IDs.
cd "$tmp" || exit 99
exp=$(echo "$data"/incident-src/bundle/loggingsnapshot*)
awk -v times="${UCT_TIMES-600}" '{ line[NR] = $0 } END {
    for (i = 0; i < times; i++) {
        id = sprintf("%08x", i * 2654435 % 4294967296)
        for (n = 1; n <= NR; n++) { s = line[n]; gsub(/f1b3ad5d|5d0a4d0e/, id, s); print s }
    } }' "$exp" >big.log
gzip -1 -c big.log >big.log.gz
mkdir set && cp "$data"/incident/* set && cp big.log set/y.log && cp big.log.gz set/z.log.gz

for what in big.log big.log.gz set "$data/article/article.txt"; do
    "$u" -f json -j1 "$what" >j1
    for j in 2 3 4 8; do
        "$u" -f json -j$j "$what" >jn
        same j1 jn "$what with -j$j"
    done
    "$u" -f ndjson -j1 "$what" >n1
    "$u" -f ndjson -j4 "$what" >n4
    same n1 n4 "$what, ndjson"
    "$u" -j1 "$what" >t1
    "$u" -j4 "$what" >t4
    same t1 t4 "$what, text"
done
jq -e '.summary.calls > 500' j1 >/dev/null 2>&1 || "$u" -f json big.log | jq -e '.summary.calls > 500' >/dev/null || fault "too few calls"

# The order of the paths does not matter.
a=$data/incident/Lync-UccApi-0.UccApilog b=$data/incident/edge-sipstack.txt.gz c=big.log d=$data/article/article.txt
"$u" -f json "$a" "$b" "$c" "$d" >1
"$u" -f json "$d" "$c" "$b" "$a" >2
"$u" -f json "$c" "$a" "$d" "$b" >3
same 1 2 "order of paths"
same 1 3 "order of paths"

# File, gzip, pipe (in small and odd pieces) and standard input: but for the name.
strip() { jq -S 'del(.sources[].name)' "$1"; }
"$u" -f json big.log >1
strip 1 >want
for how in gz pipe slow stdin; do
    case $how in
    gz) "$u" -f json big.log.gz >2 ;;
    pipe) cat big.log | "$u" -f json - >2 ;;
    slow) dd if=big.log bs=777 2>/dev/null | "$u" -f json - >2 ;;
    stdin) "$u" -f json - <big.log >2 ;;
    esac
    strip 2 >got
    same want got "$how"
done

# Locale and time zone do not show.
"$u" "$a" >1
TZ=Asia/Tokyo "$u" "$a" >2
same 1 2 "time zone"
finish
