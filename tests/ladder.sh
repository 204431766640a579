#!/bin/sh
# ladder, show, diff and calls --by session print what tests/golden/trace/ says,
# for any number of threads, from files, standard input and archives.
# UCT_ACCEPT=1 rewrites the golden files; the difference is then reviewed.
set -eu
src=${srcdir:-.}
top=$(pwd)
uct=$top/uctriage
gold=$(cd "$src" && pwd)/tests/golden/trace
work=$top/ladder-test.$$
trap 'rm -rf "$work"' EXIT
mkdir "$work"
cd "$src/testdata/ladder"
COLUMNS=80 LC_ALL=C
export COLUMNS LC_ALL

fail()
{
    echo "ladder.sh: $*" >&2
    exit 1
}

# golden NAME ARGS...: the output is tests/golden/trace/NAME.
golden()
{
    name=$1
    shift
    "$uct" "$@" -q -j1 >"$work/$name" || fail "$name: exit $?"
    "$uct" "$@" -q -j4 >"$work/threads" || fail "$name: exit $? with four threads"
    cmp -s "$work/$name" "$work/threads" || fail "$name differs with four threads"
    if [ -n "${UCT_ACCEPT:-}" ]; then
        cp "$work/$name" "$gold/$name"
    fi
    diff -u "$gold/$name" "$work/$name" || fail "$name is not what it was"
}

# expect CODE ARGS...: the exit code; what was said is in $work/err.
expect()
{
    code=$1
    shift
    got=0
    "$uct" "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
    [ "$got" = "$code" ] || fail "exit $got instead of $code: $*"
}

golden pair.txt ladder c2 pair
golden pair-all.txt ladder c2 --all --original-time pair
golden pair-answered.txt ladder c1 pair
golden pair.json ladder c2 -f json pair
golden pair-diff.txt diff c1 c2 pair
golden pair-diff.json diff c1 c2 -f json pair
golden pair-show.txt show c2 pair
golden pair-show.json show c2.5 -f json pair
golden sessions.txt calls --by session b2bua --show-joins
golden sessions-csv.txt calls --by session -f csv b2bua
golden sorted.txt calls --sort to pair
golden lost.txt ladder 10ca1e00-0000-4000-8000-000000000004 lost
golden b2bua.txt ladder c2 b2bua --show-joins
golden document.txt ladder 12345678 document.txt
(
    COLUMNS=44
    golden narrow.txt ladder c2 pair
)
(
    COLUMNS=120 LC_ALL=C.UTF-8
    golden wide.txt ladder c2 pair
    golden zh.txt ladder c2 --lang zh-TW pair
    golden zh-cluster.txt ladder c3 --lang zh-TW cluster
    golden zh-diff.txt diff c1 c2 --lang zh-TW pair
)

# ASCII alone where the locale has no more: texts of the logs as escapes, measured as they are printed; English.
mkdir "$work/wide"
for f in pair/*; do
    sed 's/Server time-out/Zeit \xc3\xbcberschritten \\u{41} \x01\xff/; s/alice/\xe7\x8e\x8b/; s/vcs\([ce]\)/v\xc3\xa7s\1/g
        s/Zone/Z\xc3\xb6ne/g' "$f" >"$work/wide/$(basename "$f")"
done
golden ascii.txt ladder c2 --lang zh-TW --show-joins "$work/wide"
golden ascii-diff.txt diff c1 c2 --lang zh-TW "$work/wide"
for call in 'ladder c2' 'ladder c1 --all' 'show c1' 'show c2' 'show e.log:30' 'diff c1 c2'; do
    LC_ALL=POSIX "$uct" $call -q --lang zh-TW "$work/wide" >"$work/out"
    tr -d '\0-\177' <"$work/out" >"$work/high"
    [ ! -s "$work/high" ] || fail "$call: more than ASCII where the locale has no more"
done
"$uct" show c2 -q "$work/wide" >"$work/out"
grep -qF 'Zeit \u{fc}berschritten \u{5c}u{41} \u{fffd}\u{fffd}' "$work/out" || fail "show: the escapes of a text"
LC_ALL=C.UTF-8 "$uct" show c2 -q "$work/wide" >"$work/out"
grep -qF 'Zeit überschritten \u{41}' "$work/out" || fail "show: a text in a locale that has its characters"
"$uct" ladder c2 -q -f json "$work/wide" >"$work/out"
grep -qF 'Zeit überschritten \\u{41}' "$work/out" || fail "ladder: JSON is UTF-8 in any locale"

# Call-IDs that differ in a control character are two: JSON tells them apart, and each is found.
{
    sed 's/=cmd|x@y/dup\x01x/' screens/names.log
    sed 's/=cmd|x@y/dup\x02x/; s/08:00/09:00/g' screens/names.log
    sed 's/=cmd|x@y/dup\xef\xbf\xbdx/; s/08:00/10:00/g' screens/names.log
} >"$work/control.log"
"$uct" calls -q -f ndjson "$work/control.log" | grep -o '"id": "c[0-9]*", "call_id": "dup[^"]*"' >"$work/out" || :
for id in '\u0001' '\u0002' "$(printf '\357\277\275')"; do
    grep -qF "dup${id}x" "$work/out" || fail "the Call-ID dup${id}x is not in JSON"
    c=$(grep -F "dup${id}x" "$work/out" | cut -d'"' -f4)
    raw=$(printf "dup$(printf %s "$id" | sed 's/.u000/\\00/')x")
    "$uct" ladder -q -f json "$raw" "$work/control.log" | grep -qF "\"id\": \"$c.1\"" ||
        fail "ladder does not find $c by its Call-ID"
    "$uct" calls -q -f ndjson --call-id "$raw" "$work/control.log" >"$work/one"
    [ "$(wc -l <"$work/one")" = 1 ] && grep -qF "\"id\": \"$c\"" "$work/one" || fail "--call-id does not find $c"
done
expect 0 calls --call-id "$(printf 'dup\357\277\275x')" "$work/control.log"
sed '/dup\xef/d' "$work/control.log" >"$work/two.log"
expect 1 ladder "$(printf 'dup\357\277\275x')" "$work/two.log"
grep -q 'could be any of these' "$work/err" || fail "a Call-ID as it is printed, of two calls"

# One box has one name whatever is drawn; more hosts than fit beside each other become a list.
golden cluster.txt ladder c1 cluster
golden cluster-mixed.txt ladder c3 cluster
golden cluster-register.txt ladder c4 cluster
golden cluster-calls.txt calls cluster
golden cluster-sessions.txt calls --by session cluster
(
    COLUMNS=160
    golden cluster-sessions-160.txt calls --by session cluster
    golden sessions-160.txt calls --by session ../incident
)
golden record.txt ladder c1 screens/record.log
golden timeless.txt ladder c1 screens/timeless.txt
for columns in 60 80 100 200; do
    COLUMNS=$columns
    golden "names-$columns.txt" calls screens/names.log
    golden "pair-calls-$columns.txt" calls pair
    [ "$columns" = 80 ] || golden "pair-$columns.txt" ladder c2 pair
done
COLUMNS=80
(
    LC_ALL=C.UTF-8
    golden cluster-utf8.txt ladder c3 cluster
)
golden names.csv calls -f csv screens/names.log
golden cluster.ndjson calls -f ndjson cluster
# Filters choose lines; they number nothing anew.
"$uct" calls cluster >"$work/all"
for filter in '--user carol' '--peer 192.0.2.22' '--failed' '--since 2024-03-05T08:00:30Z' '--call-id c1a57e41-0000-4000-8000-000000000002'; do
    # shellcheck disable=SC2086
    "$uct" calls -f csv $filter cluster | sed '1d; s/,.*//' >"$work/some" || fail "calls $filter: exit $?"
    [ -s "$work/some" ] || fail "calls $filter shows nothing"
    while read -r id; do
        "$uct" ladder "$id" cluster -f json | grep -q "\"id\": \"$id\"" || fail "calls $filter: $id is another call"
    done <"$work/some"
done

# A finding cites five calls of nine; the ladder marks it in each.
for n in 1 2 3 4 5 6 7 8 9; do
    sed "s/timeless-1/timeless-$n/" screens/timeless.txt
done >"$work/nine.txt"
for n in 1 4 5 9; do
    "$uct" ladder "timeless-$n@" "$work/nine.txt" | grep -q '404 Not Found \*f1' || fail "call $n of nine is not marked"
done

# Two calls that differ in one thing: it is named, and nothing else.
differs()
{
    call=$1
    want=$2
    "$uct" diff c1 "$call" -f json alike >"$work/diff" || fail "diff c1 $call: exit $?"
    got=$(jq -c '[if .part then "part" else empty end, if .path.a != .path.b then "path" else empty end,
        (.zones | select(.a != .b) | [.a - .b, .b - .a]), (.headers[] | [.name, .a, .b]), (.sdp[] | [.a, .b]),
        (.timings[] | [.step, .a_ms, .b_ms])]' "$work/diff")
    [ "$got" = "$want" ] || fail "diff c1 $call says $got"
}
if command -v jq >/dev/null 2>&1; then
    differs c2 '[]'
    differs c3 '[["m=audio RTP/SAVP 9 8 0","m=audio RTP/SAVP 8 0"]]'
    differs c4 '[[["DNSZone1"],["BackupZone"]]]'
    differs c5 '[["P-Asserted-Identity","<sip:alice@example.com>","<sip:alice@meet.example.com>"]]'
    differs c6 '[["Require",null,"100rel"]]'
    differs c7 '[[3,313,4313]]'
fi
"$uct" diff c1 c2 alike | grep -q '^no difference' || fail "calls that are alike are not called so"
golden alike-timing.txt diff c1 c7 alike
golden cluster-diff.txt diff c1 c3 cluster

# The same session from any of its calls.
"$uct" ladder c1 b2bua >"$work/a"
"$uct" ladder c2 b2bua >"$work/b"
cmp -s "$work/a" "$work/b" || fail "the session is another one from its second call"
# Any order of the inputs.
"$uct" ladder c2 pair/edge.log pair/e.log pair/c.log >"$work/a"
"$uct" ladder c2 pair/c.log pair/e.log pair/edge.log >"$work/b"
cmp -s "$work/a" "$work/b" || fail "the order of the inputs shows"
# No line is wider than the terminal.
"$uct" ladder c2 pair | awk 'length > 80 { bad = 1 } END { exit bad }' || fail "a line is too wide"

# Standard input is read twice: as it comes, from a file, compressed.
"$uct" show c2.5 pair/e.log | sed 's,pair/e.log,-,' >"$work/a"
cat pair/e.log | "$uct" show c2.5 - >"$work/b"
cmp -s "$work/a" "$work/b" || fail "from a pipe"
"$uct" show c2.5 <pair/e.log >"$work/b"
cmp -s "$work/a" "$work/b" || fail "from a redirected file"
gzip -c pair/e.log | "$uct" show c2.5 - >"$work/b"
cmp -s "$work/a" "$work/b" || fail "from a compressed pipe"
got=0
cat pair/e.log | "$uct" show c1.1 --limits spool=9000 - >"$work/b" 2>"$work/err" || got=$?
[ "$got" = 3 ] || fail "a cut spool gives $got"
grep -q 'spool=' "$work/err" || fail "a cut spool is not said"

# A record by its line: any line of it.
"$uct" show pair/e.log:152 pair >"$work/a"
"$uct" show e.log:160 pair >"$work/b"
cmp -s "$work/a" "$work/b" || fail "e.log:160 is not the record that begins on 152"
cat pair/e.log | "$uct" show -:160 - | sed 1d >"$work/b"
sed 1d "$work/a" | cmp -s - "$work/b" || fail "-:160"

# What is not there, or not one thing.
expect 1 ladder nothing pair
grep -q "no call 'nothing' among the 2" "$work/err" || fail "a missing call is not said"
expect 1 ladder 10ca1e00 lost
[ "$(grep -c 10ca1e00-0000 "$work/err")" = 3 ] || fail "the candidates are not named"
expect 1 show log:1 pair
grep -q 'pair/edge.log:1' "$work/err" || fail "the sources are not named"
expect 1 show c2.99 pair
expect 1 ladder e.log:152 pair
expect 1 diff e.log:152 c1 pair
grep -q 'is a line of a log' "$work/err" || fail "a line where a call is wanted is not said"
cp pair/e.log "$work/e.log"
gzip -c pair/c.log | head -c 900 >"$work/cut.log.gz"
expect 3 calls "$work/e.log" "$work/cut.log.gz"
expect 3 ladder c2 "$work/e.log" "$work/cut.log.gz"
expect 3 show c2.1 "$work/e.log" "$work/cut.log.gz"
expect 3 diff c1 c2 "$work/e.log" "$work/cut.log.gz"
expect 3 ladder nothing "$work/e.log" "$work/cut.log.gz"
expect 0 ladder c2 "$work/e.log"
expect 1 calls --user nobody pair
grep -q 'none of the 2 calls' "$work/err" || fail "calls says nothing where no call passes the filters"
expect 1 calls --user nobody screens/timeless.txt
grep -q 'the only call here does not pass' "$work/err" || fail "one call that passes no filter is not said well"
expect 0 calls -v -j1 screens/timeless.txt
grep -q ' 1 thread, 1 source$' "$work/err" || fail "one thread and one source are not said well"
expect 1 show e.log:100000 pair
# JSON is a document then, too, and says what is not there.
for ask in "1 ladder nothing" "1 show c2.99" "1 show pair/e.log:100000" "1 diff c1 nothing"; do
    expect $ask -f json pair
    [ "$(jq -r '.not_found[0]' "$work/out")" = "${ask##* }" ] || fail "no JSON document for: $ask"
done
expect 0 ladder c1 -f json pair
[ "$(jq -c .not_found "$work/out")" = '[]' ] || fail "something is not found where all is"

# Two logs in one file: a line of it by the file's name.  A duplicate: by its own.
cat pair/e.log pair/edge.log >"$work/both.log"
n=$(wc -l <pair/e.log)
"$uct" show both.log:$((n + 1)) "$work/both.log" | sed 1d >"$work/a"
"$uct" show edge.log:1 pair | sed 1d >"$work/b"
cmp -s "$work/a" "$work/b" || fail "a line of a part of a file"
n=$(grep -n '^20' pair/e.log | tail -n 1 | cut -d: -f1)
"$uct" show e.log:$n pair | sed 1d >"$work/a"
"$uct" show both.log:$n "$work/both.log" | sed 1d >"$work/c"
cmp -s "$work/a" "$work/c" || fail "the last record of a part of a file"
cp pair/edge.log "$work/twice.log"
"$uct" show twice.log:1 pair "$work/twice.log" | sed 1d >"$work/a"
cmp -s "$work/a" "$work/b" || fail "a line of a duplicate"
expect 2 ladder
expect 2 diff c1
expect 2 calls --by host pair
expect 2 calls --sort size pair
expect 2 ladder c1 -f csv pair
