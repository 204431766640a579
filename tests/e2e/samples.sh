#!/bin/sh
# Every sample that ships: an exit code of the list, a JSON document, the same for one thread and for four,
# every line accounted for.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq

find "$data" -type f ! -path '*/fuzz/*' ! -name expected | sort >"$tmp/list"
while read -r f; do
    "$u" -f json -j1 "$f" >"$tmp/out" 2>/dev/null
    code=$?
    case $code in 0 | 1 | 3) ;; *) fault "exit code $code: $f"; continue ;; esac
    "$u" -f json -j4 "$f" >"$tmp/j4" 2>/dev/null
    same "$tmp/out" "$tmp/j4" "$f: -j1 and -j4"
    holds ".schema == \"uctriage-report/1\" and all(.findings[]; .evidence != []) and
        all(.findings[] | select(.class == \"root-cause\"); .fix != []) and
        all(.sources[]; .unparsed + .prose <= .lines) and
        (.summary.calls == (.calls | length)) and
        (.summary.failed == ([.calls[] | select(.outcome == \"failed\")] | length))" "$f"
    want=0
    jq -e 'any(.findings[]; .class == "root-cause" or .class == "contributing" or .class == "symptom")' \
        "$tmp/out" >/dev/null && want=1
    jq -e 'any(.sources[]; .status != "ok" and .status != "duplicate")' "$tmp/out" >/dev/null && want=3
    [ $code -eq $want ] || fault "exit code $code instead of $want by the report itself: $f"
    for c in "-f ndjson" "" "calls" "--parser text"; do
        "$u" $c "$f" >/dev/null 2>&1
        case $? in 0 | 1 | 3) ;; *) fault "exit code of '$c' $f" ;; esac
    done
done <"$tmp/list"
[ -s "$tmp/list" ] || fault "no samples"
finish
