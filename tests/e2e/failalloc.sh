#!/bin/sh
# Every allocation of the program failed in turn: it says so or does without, never crashes, never leaks.
. "${srcdir:-.}/tests/e2e/lib.sh"
shim=$(pwd)/tests/.libs/failalloc.so
[ -f "$shim" ] || { echo "no shim: skipped"; exit 77; }
nm "$u" 2>/dev/null | grep -q __asan_init && { echo "the sanitizers have their own malloc: skipped"; exit 77; }
cd "$tmp" || exit 99

# The seed is one by which a string of a finding is the first of its shard of the intern table: it takes memory then.
run() { # N ON arguments
    n=$1 on=$2
    shift 2
    timeout 60 env UCT_FAIL_SEED=89 UCT_FAIL_AT=$n UCT_FAIL_ON=$on UCT_FAIL_COUNT="$tmp/count" LD_PRELOAD="$shim" \
        "$u" "$@" >out 2>err </dev/null
    code=$?
}

try() { # arguments
    run 0 0 "$@"
    read -r total held <count
    normal=$code
    cp out want
    [ "$total" -gt 0 ] || fault "no allocation seen in: $*"
    [ "$held" -eq 0 ] || fault "$held blocks held at the end of: $*"
    step=1
    [ -n "${UCT_LIGHT-}" ] && step=7
    for on in 0 1; do
        n=1
        while [ "$n" -le "$total" ]; do
            run "$n" $on "$@"
            [ "$code" -lt 124 ] || fault "allocation $n ($on) of '$*': code $code"
            read -r _ held <count
            [ "$held" -eq 0 ] || fault "allocation $n ($on) of '$*': $held blocks lost"
            # Either it did without, or it says that something is missing.
            if [ "$code" -eq "$normal" ]; then
                cmp -s out want || fault "allocation $n ($on) of '$*': another report, nothing said"
            else
                [ -s err ] || fault "allocation $n ($on) of '$*': code $code and not a word"
            fi
            n=$((n + step))
        done
    done
}

cp -r "$data/incident" "$data/article" .
try -j1 -f json incident
try -j1 article/article.txt
try -j1 calls incident
try explain 504 0xc3e93d67
try -j1 ladder c3 incident
try -j1 diff c4 c5 incident
try rules list
finish
