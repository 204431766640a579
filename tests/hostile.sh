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

for p in $("$make"); do
    "$make" "$p" 2000000 >"$tmp/in"
    for how in file pipe; do
        if [ $how = file ]; then set -- "$tmp/in"; else set -- -; fi
        ends "$p as $how" "$u" -q -j2 -f json "$@" <"$tmp/in"
        jq empty "$tmp/out" 2>/dev/null || fault "$p: not JSON"
    done
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
finish
