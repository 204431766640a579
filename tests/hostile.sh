#!/bin/sh
# Input that is made to cost time, and sources that misbehave: each ends soon, with a report.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq timeout mkfifo
make=$(pwd)/tests/hostile
[ -x "$make" ] || { echo "no tests/hostile: skipped"; exit 77; }
LIMIT=${UCT_HOSTILE_SECONDS:-60}      # a build with sanitizers on a busy machine; alone each takes well under a second

# ends WHAT COMMAND...: within the limit, with an exit code that is one of ours
ends() {
    what=$1
    shift
    timeout -k 5 "$LIMIT" "$@" >"$tmp/out" 2>"$tmp/err"
    got=$?
    case $got in
    0 | 1 | 3) ;;
    124 | 137) fault "$what: not done after $LIMIT s" ;;
    *) fault "$what: exit code $got"; tail -n 5 "$tmp/err" ;;
    esac
}

# Nothing that a terminal would obey: no control characters but the line end, no bidirectional marks.
clean() {
    if LC_ALL=C tr -d '\n\040-\377' <"$1" | grep -q .; then fault "$2: control characters"; fi
    if LC_ALL=C grep -q "$(printf '\342\200\256')" "$1"; then fault "$2: a bidirectional override"; fi
    iconv -f UTF-8 -t UTF-8 <"$1" >/dev/null 2>&1 || fault "$2: not UTF-8"
}

# given PATTERN BYTES: writes it, and sets $in to the file or the folder
given() {
    in=$tmp/in
    rm -rf "$in"
    case $1 in
    +*)
        mkdir "$in"
        "$make" "$1" "$2" "$in" >/dev/null
        ;;
    *) "$make" "$1" "$2" >"$in" ;;
    esac
}

for p in $("$make" | grep -v '^+'); do
    for how in file pipe; do
        if [ $how = file ]; then n=1000000; else n=300000; fi
        given "$p" $n
        if [ $how = file ]; then set -- "$tmp/in"; else set -- -; fi
        ends "$p as $how" "$u" -q -j2 -f json "$@" <"$tmp/in"
        jq empty "$tmp/out" 2>/dev/null || fault "$p: not JSON"
    done
done

# ---- calls, and several logs ----------------------------------------------

# What is four times as long may take four times as much, not sixteen: for any command that reads calls.
cost() { "$make" --cost timeout -k 5 "$LIMIT" "$u" -q "$@" 2>/dev/null </dev/null; }

# grows PATTERN COMMAND: on $tmp/small and $tmp/large
grows() {
    one=$(cost $2 "$tmp/small")
    four=$(cost $2 "$tmp/large")
    [ -n "$one" ] && [ -n "$four" ] || { fault "$1: '$2' ends badly"; return; }
    t1=${one% *} m1=${one#* } t4=${four% *} m4=${four#* }
    [ "$t4" -le $((t1 * 9 + 300)) ] || fault "$1: '$2' takes $t4 ms where a quarter of it takes $t1"
    [ "$m4" -le $((m1 * 6 + 65536)) ] || fault "$1: '$2' takes $m4 KiB where a quarter of it takes $m1"
}

if [ -n "${UCT_LIGHT-}" ]; then bytes=200000; else bytes=1000000; fi
for p in $("$make" | sed -n '/^one-tag$/,$p'); do
    case $p in +sources | +chain | +islands | +rotated) n=$((bytes / 4)) ;; collisions) n=$((bytes * 2)) ;; *) n=$bytes ;; esac
    rm -rf "$tmp/small" "$tmp/large"
    given "$p" $n
    mv "$in" "$tmp/small"
    given "$p" $((n * 4))
    mv "$in" "$tmp/large"
    grows "$p" '-f json'
    grows "$p" 'ladder --all --show-joins c1'
    for c in analyze 'calls --by session --show-joins' 'diff c1 c2' 'show c1' 'ladder -f json c1'; do
        ends "$p, $c" "$u" -q $c "$tmp/small"
    done
done

# ---- what is cut is said ----------------------------------------------------

given causes 1000000
report 1 "$in"
holds '[.findings[].explains | length] | max == 100' 'a finding lists at most 100 that it explains'
holds '[.findings[] | select(.explains_more)] | length > 0' '... and counts the others'
exits 1 "$u" -q "$in"
grep -q '(+[0-9]* more)' "$tmp/out" || fault 'the text does not say how many more there are'
[ "$(wc -c <"$tmp/out")" -lt 40000000 ] || fault 'the text of many causes is without bound'
given +clocks-of-one 400000
report 1 "$in"
holds '[.sources[].note | select(test("its clock was set [0-9]* times more"))] | length == 1' 'a clock set a thousand times'
given lifelines 3500000
exits 0 "$u" -q ladder c1 "$in"
grep -q 'more messages are not drawn' "$tmp/out" || fault 'the ladder does not say what it leaves out'

# The seed of the table of strings must not show.
given +branches 200000
for i in 1 2 3 4 5; do
    "$u" -q -j$((i % 2 + 1)) ladder --all -f json c1 "$in" >"$tmp/run$i" 2>/dev/null
    same "$tmp/run1" "$tmp/run$i" 'the ladder, twice'
done

# ---- what does not end, is not there, or changes -------------------------

yes | timeout -k 5 "$LIMIT" "$u" -f json - >"$tmp/out" 2>"$tmp/err"
[ $? -eq 3 ] || fault "standard input without an end"
says 'first 64 MiB'
ends 'zeros without an end' "$u" -f json - </dev/zero

mkdir -p "$tmp/dir/sub"
mkfifo "$tmp/dir/fifo"
ln -s . "$tmp/dir/loop"
ln -s ../sub "$tmp/dir/sub/again"
ln -s gone "$tmp/dir/gone"
cp "$data"/uccapi/good-invite-504.log "$tmp/dir/"
ends 'a folder with a FIFO and loops' "$u" -f json "$tmp/dir"
holds '[.sources[] | select(.format == "uccapi")] | length == 1' 'a log beside a FIFO is read once'
(cat "$data"/uccapi/good-invite-504.log >"$tmp/dir/fifo" &)
ends 'a FIFO by name' "$u" -f json "$tmp/dir/fifo"
holds '.sources[0].format == "uccapi"' 'a FIFO given by name is read'

# A log that is cut to nothing while it is read: mapped, and as a stream.
for how in file stdin; do
    "$make" one-call 30000000 >"$tmp/shrinks"
    (sleep 0.02; : >"$tmp/shrinks") &
    if [ $how = file ]; then
        ends 'a file that shrinks' "$u" -q -f json "$tmp/shrinks"
    else
        ends 'standard input that shrinks' "$u" -q -f json - <"$tmp/shrinks"
    fi
    wait
    jq empty "$tmp/out" 2>/dev/null || fault "$how that shrinks: not JSON"
done
"$make" one-call 1000000 >"$tmp/grows"
(for i in 1 2 3 4 5 6 7 8; do "$make" one-call 1000000; done >>"$tmp/grows") &
ends 'a file that grows' "$u" -q -f json "$tmp/grows"
wait

# ---- where the report goes ------------------------------------------------

"$u" "$data/incident" 2>/dev/null | head -n 1 >/dev/null
if [ -c /dev/full ]; then
    timeout "$LIMIT" "$u" -f json "$data/incident" >/dev/full 2>"$tmp/err"
    case $? in 2 | 3) ;; *) fault "no room on standard output is not said" ;; esac
    says 'cannot write'
    timeout "$LIMIT" "$u" -f json -o /dev/full "$data/incident" 2>"$tmp/err"
    case $? in 2 | 3) ;; *) fault "no room for -o is not said" ;; esac
fi
timeout "$LIMIT" "$u" -f json "$data/incident" >&- 2>"$tmp/err"
case $? in 2 | 3) ;; *) fault "a closed standard output is not said" ;; esac

# ---- dirt -----------------------------------------------------------------

printf 'x' >"$tmp/$(printf 'n\033[2Jame\342\200\256\377')"
cp "$data/fuzz/analyse/dirt" "$tmp/dirt.log"
for f in json ndjson text; do
    ends "dirt as $f" "$u" -f $f "$tmp"/n* "$tmp/dirt.log"
    clean "$tmp/out" "dirt as $f"
    clean "$tmp/err" "dirt: standard error"
done
ends 'dirt, calls' "$u" calls "$tmp/dirt.log"
clean "$tmp/out" 'dirt, calls'

# Nor does anything land beside the file that -o names.
given dirty 20000
mkdir "$tmp/here"
for c in analyze 'analyze -f json' 'analyze -f ndjson' calls 'calls -f csv' 'calls -f json' 'calls --by session --show-joins' \
    'ladder --all --show-joins c1' 'ladder -f json c1' 'show c1' 'show -f json c1' 'show c1.1' 'diff c1 c2' \
    'diff -f json c1 c2'; do
    ends "dirty, $c" "$u" $c "$in"
    tr -d '\r\t' <"$tmp/out" >"$tmp/out.lf"       # CSV ends its lines so; texts keep their tabs
    clean "$tmp/out.lf" "dirty, $c"
    clean "$tmp/err" "dirty, $c: standard error"
    (cd "$tmp/here" && "$u" -q -o out $c "$in" >/dev/null 2>&1)
    [ "$(ls -A "$tmp/here")" = out ] || fault "dirty, $c: more than the file of -o: $(ls -A "$tmp/here")"
    rm -rf "$tmp/here/"*
done
finish
