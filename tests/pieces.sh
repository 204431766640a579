#!/bin/sh
# However a text comes, the report is the same: as a file (mapped), through a pipe (read), whole and in
# pieces of 1, 7 and 4096 bytes, with one thread and with more.  Every sample and the incident's files.
. "${srcdir:-.}/tests/e2e/lib.sh"
feed=$(pwd)/tests/feed
[ -x "$feed" ] || { echo "no tests/feed: skipped"; exit 77; }

# The name of the source is all that may differ.
reported() { sed "s|\"$1\([\"@#!]\)|\"-\1|g"; }

# All reports of one file are the one of the file itself.
one_file() {
    f=$1
    "$u" -q -j1 -f json -o "$tmp/map" "$f" 2>/dev/null
    reported "$f" <"$tmp/map" >"$tmp/want"
    [ -s "$tmp/want" ] || fault "$f: no report"
    for j in 2 4; do
        "$u" -q -j$j -f json -o "$tmp/map$j" "$f" 2>/dev/null
        same "$tmp/map" "$tmp/map$j" "$f: -j1 and -j$j"
    done
    for piece in 65536 4096 7 1; do
        [ "$piece" -lt 4096 ] && [ "$(wc -c <"$f")" -gt 100000 ] && continue
        for j in 1 2; do
            "$feed" $piece <"$f" | "$u" -q -j$j -f json -o "$tmp/pipe" - 2>/dev/null
            reported - <"$tmp/pipe" >"$tmp/got"
            same "$tmp/want" "$tmp/got" "$f: in pieces of $piece bytes with -j$j"
        done
    done
}

n=0
cd "$data" || exit 99
for f in $(find . -type f ! -path './fuzz/*' ! -name 'README*' ! -name '*.pieces' | sort); do
    one_file "$f"
    n=$((n + 1))
done
echo "$n files"
[ $n -gt 20 ] || fault "only $n files were found"
finish
