#!/bin/sh
# The sample incident and the samples of each format under Valgrind: no error, no leak.
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
u=${UCTRIAGE:-./uctriage}
shim=$(pwd)/tests/.libs/nojit.so
[ -f "$shim" ] || { echo "valgrind: no $shim: make check builds it"; exit 1; }
bad=0

try() { # arguments
    LD_PRELOAD=$shim valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --errors-for-leak-kinds=definite,indirect "$u" -q "$@" >/dev/null
    case $? in
    0 | 1 | 3) ;;
    *) echo "valgrind: $*"; bad=1 ;;
    esac
}

for jobs in 1 2; do
    for format in text json ndjson; do
        try -j$jobs -f $format "$top/testdata/incident" "$top/testdata/article/article.txt"
    done
done
try calls "$top/testdata/incident"
try explain 0xc3e93d67 1010 504
try rules list
# All samples of a format in one run
for dir in "$top"/testdata/*/; do
    case $dir in */fuzz/) continue ;; esac
    try -f json "$dir"
done
exit $bad
