#!/bin/sh
# testdata/joins: calls that are one conversation become one session and calls that only look like it do not.
# testdata/states: outcome, status and counts of calls.  What is expected stands in a file of that name beside the
# logs: `session CALL-ID...`, `join CALL-ID CALL-ID KEY CONFIDENCE`, `call CALL-ID OUTCOME STATUS MESSAGES
# RETRANSMISSIONS`.  The same for any order of the files, and a session is the same from each of its calls.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq

sessions='(.calls | map({(.id): .call_id}) | add) as $of |
    ([.sessions[] | "session " + ([$of[.calls[]]] | sort | join(" "))] | sort[]),
    ([.sessions[].joins[] | "join " + ([$of[.a], $of[.b]] | sort | join(" ")) + " \(.key) \(.confidence)"] | sort[])'
states='.calls[] | "call \(.call_id) \(.outcome) \(.status) \(.messages) \(.retransmissions)"'

# cases FOLDER FILTER
cases()
{
    for dir in "$data/$1"/*/; do
        name=$1/$(basename "$dir")
        (cd "$dir" && ls | grep -v '^expected$') >"$tmp/files"
        set -- "$1" "$2"
        while read -r f; do set -- "$@" "$f"; done <"$tmp/files"
        folder=$1 filter=$2
        shift 2
        (cd "$dir" && "$u" -q -j1 -f json "$@") >"$tmp/json" 2>"$tmp/err"
        (cd "$dir" && "$u" -q -j4 -f json $(sort -r "$tmp/files")) >"$tmp/other" 2>>"$tmp/err"
        same "$tmp/json" "$tmp/other" "$name: another order, four threads"
        jq -r "$filter" "$tmp/json" >"$tmp/got" || fault "$name is no report"
        same "$dir/expected" "$tmp/got" "$name"
        jq -r '.sessions[] | select(.calls | length > 1) | "\(.id) \(.calls[])"' "$tmp/json" >"$tmp/legs"
        while read -r session call; do
            echo "$session $(cd "$dir" && "$u" -q ladder "$call" -f json "$@" </dev/null | jq -c '[.calls[].id]')"
        done <"$tmp/legs" | sort -u >"$tmp/ladders"
        [ "$(wc -l <"$tmp/ladders")" = "$(cut -d' ' -f1 "$tmp/legs" | sort -u | wc -l)" ] ||
            fault "$name: the session is not the same from each call"
        set -- "$folder" "$filter"
    done
}

# A conversation's id in more calls than are compared with each other: it is said.
i=0
while [ $i -lt 40 ]; do
    i=$((i + 1))
    printf '2024-05-14T09:00:%02d.000+00:00 vcsc tvcs: UTCTime="2024-05-14 09:00:%02d,000" Module="network.sip" ' $i $i
    printf 'Level="DEBUG":  Action="Received" Local-ip="192.0.2.10" Local-port="5061" Src-ip="192.0.2.9" Src-port="5061"\n'
    printf ' SIPMSG:\n |INVITE sip:a@example.com SIP/2.0\n Call-ID: %s\n CSeq: 1 INVITE\n' $i
    printf ' From: <sip:b@example.com>;tag=1\n To: <sip:a@example.com>\n Ms-Conversation-ID: x\n \n |\n\n'
done >"$tmp/many.log"
exits 0 "$u" -f json "$tmp/many.log"
says 'share a key with too many others'

# A leg by a clock that nothing compares makes the session no longer.
(cd "$data/joins/shape-two-calls" && "$u" calls -q --by session e.log edge.txt Lync-UccApi-0.UccApilog) >"$tmp/out" 2>&1
grep -q ' 690ms ' "$tmp/out" || { fault "a session of two clocks is as long as they differ"; cat "$tmp/out"; }

cases joins "$sessions"
cases states "$states"
finish
