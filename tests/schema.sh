#!/bin/sh
# The golden reports fit the schema, and the schema refuses what is broken.
set -eu
src=${srcdir:-.}
check=./tests/schema_check
schema=$src/doc/report.schema.json
work=schema-test.$$
trap 'rm -rf "$work"' EXIT
mkdir "$work"

"$check" "$schema" "$src"/tests/golden/*.json "$src"/tests/golden/*.ndjson

# refuse WHAT SED-SCRIPT: the report so changed is not valid.
refuse()
{
    sed "$2" "$src/tests/golden/report.json" >"$work/bad.json"
    if cmp -s "$work/bad.json" "$src/tests/golden/report.json"; then
        echo "schema.sh: nothing was changed for: $1" >&2
        exit 1
    fi
    if "$check" "$schema" "$work/bad.json" 2>/dev/null; then
        echo "schema.sh: accepted $1" >&2
        exit 1
    fi
}
refuse 'another schema' 's,uctriage-report/1,uctriage-report/2,'
refuse 'a missing key' '/"retransmissions"/d'
refuse 'an unknown outcome' 's/"outcome": "failed"/"outcome": "lost"/'
refuse 'a time without milliseconds' 's/"start": "\(.*\)\.[0-9]*Z"/"start": "\1Z"/'
refuse 'a number as text' 's/"lines": 12/"lines": "12"/'
refuse 'a negative count' 's/"lines": 12/"lines": -1/'
refuse 'a call id of another form' 's/"id": "c1"/"id": "1"/'
refuse 'an unknown basis' 's/"basis": "measured"/"basis": "guessed"/'
refuse 'a trailing comma' 's/"set": null/"set": null,/'
refuse 'a control character' "s/wait/$(printf '\001')/;s/Server time-out/$(printf '\001')/"
