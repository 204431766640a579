#!/bin/sh
# The sample incident: what it is made from, and its whole report.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq tar gzip

mkdir "$tmp/packed" "$tmp/ours" "$tmp/theirs"
sh "$data/incident-src/pack" "$tmp/packed" || fault "pack"
for f in "$tmp"/packed/*; do
    [ -f "$data/incident/${f##*/}" ] || fault "${f##*/} does not ship"
done
tar -xzf "$tmp"/packed/*.tar.gz -C "$tmp/ours"
tar -xzf "$data"/incident/*.tar.gz -C "$tmp/theirs"
diff -r "$tmp/ours" "$tmp/theirs" || fault "the bundle is not what its sources make"
gzip -dc "$data/incident/edge-sipstack.txt.gz" | cmp - "$data/incident-src/edge/edge-sipstack.txt" ||
    fault "the edge trace is not what its source makes"

cd "$data" || exit 99
report 1 incident
golden incident.json "$tmp/out"
holds '[.findings[] | select(.class == "root-cause") | .rule] | sort == [
    "federation.cert-name-mismatch", "federation.cert-name-mismatch",
    "federation.srv-domain-mismatch", "federation.srv-domain-mismatch"]'
holds '.findings | map(select(.params.domain == "acano.steven.lab" and .params.header == "From")) | length == 1'
holds '.summary == {calls: 5, failed: 4, root_causes: 4, missing_information: 0}'
holds '.calls[] | select(.call_id | startswith("f1b3ad5d")) | .sources | length == 2' 'call not joined'
holds '[.sources[] | select(.format | IN("certificate", "xconfiguration") | not) | .unparsed] | add == 0'
exits 1 "$u" incident
golden incident.txt "$tmp/out"
exits 0 "$u" calls incident
golden incident-calls.txt "$tmp/out"
exits 1 "$u" -f ndjson incident
jq -es 'all(.type)' "$tmp/out" >/dev/null || fault "ndjson"

# Without the edge's trace the 504 stays a symptom, and what would decide is named.
report 1 incident/diagnostic_log_*.tar.gz
holds '[.findings[] | select(.class == "root-cause")] == []' 'a root cause out of nothing'
holds '[.findings[].rule] | index("federation.bare-504") and index("federation.edge-trace-wanted")'
holds '.findings[] | select(.class == "missing-information") | .fix | length > 0'
finish
