#!/bin/sh
# The sample incident and a few samples of each format under Valgrind: no error, no leak.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
u=${UCTRIAGE:-./uctriage}
bad=0
# One sample of each format is enough: the sanitized build reads all of them.
set -- "$top/testdata/incident"
for dir in "$top"/testdata/*/; do
    for f in "$dir"good-* "$dir"bad-* "$dir"truncated-*; do
        [ -f "$f" ] && set -- "$@" "$f"
    done
done
for f; do
    for jobs in 1 2; do
        ${LIBTOOL:-./libtool} --mode=execute valgrind -q --error-exitcode=99 --leak-check=full \
            --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect \
            "$u" -q -j$jobs -f json "$f" >/dev/null
        case $? in
        0 | 1 | 3) ;;
        *) echo "valgrind: $f with -j$jobs"; bad=1 ;;
        esac
        [ -d "$f" ] || break
    done
done
exit $bad
