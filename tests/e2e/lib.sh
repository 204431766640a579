# What the end-to-end tests share.  Sourced; the tests run in the build directory, ./uctriage there.
set -u
LC_ALL=C
export LC_ALL
unset COLUMNS NO_COLOR LANG LC_MESSAGES LANGUAGE 2>/dev/null || :

top=$(cd "${srcdir:-.}" && pwd)
u=$(pwd)/uctriage
data=$top/testdata
tmp=$(mktemp -d "${TMPDIR:-/tmp}/uctriage-e2e.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM
bad=0

need() { for tool; do command -v "$tool" >/dev/null 2>&1 || { echo "no $tool: skipped"; exit 77; }; done; }

fault() { echo "not ok: $*"; bad=1; }

# exits CODE COMMAND...: output to $tmp/out and $tmp/err
exits() {
    want=$1
    shift
    "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    got=$?
    [ $got -eq "$want" ] && return
    fault "exit code $got instead of $want: $*"
    tail -n 5 "$tmp/err"
}

# report CODE ARG...: the JSON report in $tmp/out, which must be a JSON document
report() {
    code=$1
    shift
    exits "$code" "$u" -f json "$@"
    jq empty "$tmp/out" 2>"$tmp/jq" || { fault "not JSON: $*"; cat "$tmp/jq"; }
}

# holds FILTER [TEXT]: the jq filter is true of the last report
holds() {
    jq -e "$1" "$tmp/out" >/dev/null 2>"$tmp/jq" && return
    fault "${2-$*}"
    cat "$tmp/jq"
    jq -c '.sources[] | [.name, .format, .status, .note]' "$tmp/out" | tail -n 8
    jq -c '.findings[] | [.rule, .class, .params]' "$tmp/out" | tail -n 8
}

# status WHAT: of the only source
status() { holds ".sources | length == 1 and .[0].status == \"$1\"" "status is not $1"; }

says() { grep -q -e "$1" "$tmp/err" || { fault "standard error does not say '$1'"; cat "$tmp/err"; }; }

same() { cmp -s "$1" "$2" || { fault "differ: ${3-$*}"; diff "$1" "$2" | head -n 20; }; }

# golden NAME FILE: equal to tests/e2e/golden/NAME; UCT_ACCEPT=1 writes that anew
golden() {
    if [ -n "${UCT_ACCEPT-}" ]; then cp "$2" "$top/tests/e2e/golden/$1"; return; fi
    same "$top/tests/e2e/golden/$1" "$2" "$1; UCT_ACCEPT=1 accepts the new one"
}

finish() { exit $bad; }
