#!/bin/sh
# What is said of the clocks of testdata/clock, in JSON and in words, with --tz and without: tests/golden/clock/.
# UCT_ACCEPT=1 rewrites the golden files; the difference is then reviewed, against the truth in the README there.
set -eu
src=${srcdir:-.}
top=$(pwd)
uct=$top/uctriage
gold=$(cd "$src" && pwd)/tests/golden/clock
work=$top/clocks-test.$$
trap 'rm -rf "$work"' EXIT
mkdir "$work"
cd "$src/testdata/clock"
COLUMNS=100 LC_ALL=C
export COLUMNS LC_ALL

fail()
{
    echo "clocks.sh: $*" >&2
    exit 1
}

# clocks ARGS...: name and clock of each source, then start of each call.
clocks()
{
    got=0
    "$uct" -f ndjson "$@" >"$work/all" || got=$?
    [ "$got" -le 1 ] || fail "exit $got: $*"
    sed -n -e 's/.*"type": *"source".*"name": *"\([^"]*\)".*"clock": *\({[^}]*}\).*"note": *"\([^"]*\)".*/\1 \2 \3/p' \
        -e 's/.*"type": *"call".*"call_id": *"\([^"]*\)".*"start": *"\([^"]*\)".*/\1 \2/p' "$work/all"
}

golden()
{
    name=$1
    shift
    got=0
    "$@" >"$work/$name" || got=$?
    [ "$got" -le 1 ] || fail "$name: exit $got"
    if [ -n "${UCT_ACCEPT:-}" ]; then
        cp "$work/$name" "$gold/$name"
    fi
    diff -u "$gold/$name" "$work/$name" || fail "$name is not what it was"
}

words()
{
    "$uct" "$@" | grep -e '[Cc]lock: ' -e '時鐘: '
}

for dir in zone oneway dst outlier chain silence reference info; do
    golden $dir clocks $dir
done
golden tz clocks --tz edge.log=+05:30 zone
golden tz-wrong clocks --tz 'edge*=-01:00' --tz client.UccApilog=+01:00 chain
golden words words chain
golden words-ladder words ladder c1 chain
LC_ALL=C.UTF-8 golden words-utf8 words zone
LC_ALL=C.UTF-8 golden words-zh words --lang zh-TW zone

# A fault of time names the clock; a large difference alone is no fault.
golden fault "$uct" time-skew -q
"$uct" far.log >"$work/far" || fail "a difference that broke nothing gives exit $?"
grep -q 'edge01 is 3 min 5.0 s ahead of vcse' "$work/far" || fail "a large difference is not said"

# A pattern does not move a log that tells its time; its name does.
clocks --tz '*=+05:00' zone | grep '^zone/vcse' >"$work/all-tz"
clocks zone | grep '^zone/vcse' | diff -u - "$work/all-tz" || fail "a pattern of --tz moved a log that says its time"
clocks --tz vcse.txt=+05:00 zone | grep -q '^zone/vcse.txt {"basis": "user", "offset_ms": 18000000' ||
    fail "--tz does not move a log by its name"

# A part of a file that holds two logs goes by the file's name; the part that tells its time itself does not.
cat zone/vcse.txt zone/edge.log >"$work/both.log"
(
    cd "$work"
    clocks --tz both.log=+05:30 both.log >parts
    grep -q '^both.log@1 {"basis": "utc-field", "offset_ms": 0}' parts || fail "--tz moved a log that says its time"
    grep -q '^both.log@[0-9]* {"basis": "user", "offset_ms": 19800000,' parts || fail "--tz does not find a part of a file"
)
"$uct" --tz edg.log=+05:30 calls zone 2>"$work/err" >/dev/null
grep -q "no source is named 'edg.log'" "$work/err" || fail "a --tz without a source is not said"
"$uct" --tz 'zone/*.log=+05:30' calls zone 2>"$work/err" >/dev/null
[ ! -s "$work/err" ] || fail "a --tz with a source is said to have none"
"$uct" -v calls chain 2>&1 >/dev/null | grep -q 'edge01 is 41.2 s ahead of vcse (+-8 ms, 8 messages)' ||
    fail "-v does not say the clocks"

# One file of two machines is two boxes, two files of one machine are one.
machines=../machines
told()
{
    "$uct" -q -f json "$machines/$1" | jq -c '([.sources[].messages] | add), .calls[0].messages, [.sources[].clock.offset_ms], .sources[0].note'
}
told cls.txt >"$work/got"
cat >"$work/want" <<'END'
6
4
[0]
"written by several machines: edge01, fe01"
END
diff -u "$work/want" "$work/got" || fail "edge and front end in one file"
told syslog.txt >"$work/got"
cat >"$work/want" <<'END'
16
12
[0]
"written by several machines: expc01, expe01; expe01 is 1.998 s ahead of expc01 (within 2 ms, by 4 messages)"
END
diff -u "$work/want" "$work/got" || fail "C and E in one file"
"$uct" ladder c1 "$machines/syslog.txt" | grep -q '^c1.3 .*07:10:46.011 ' || fail "E is not drawn by the clock of C"
"$uct" -q -f json "$machines/second" | jq -c '.sources[] | [.host, .clock.offset_ms, .clock.reference, .note, .first]' >"$work/got"
cat >"$work/want" <<'END'
["edge01",0,"../machines/second/syslog.txt","","2017-03-02T07:10:46.033Z"]
["expe01",0,null,"written by several machines: expc01, expe01; expc01 is 30.0 s ahead of expe01 (within 2 ms, by 4 messages)","2017-03-02T07:10:46.000Z"]
END
diff -u "$work/want" "$work/got" || fail "a file goes by the clock of its second machine"
for dir in expressway edge v1; do
    "$uct" -q -f json "$machines/$dir" | jq -e 'all(.sources[]; .clock.offset_ms == 0 and .clock.error_ms == null)' >/dev/null ||
        fail "two files of one $dir are told to differ"
done
"$uct" -q calls -f csv "$machines/fqdn" | grep -q 'E[12]' && fail "a full name and its first label are two boxes"
:
