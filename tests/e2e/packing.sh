#!/bin/sh
# One log in many packings gives one report, but for the names.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq gzip tar zip 7z

cd "$tmp" || exit 99
one=$data/incident-src/edge/edge-sipstack.txt
cp "$one" edge.txt
report 1 edge.txt
plain() { jq -S 'del(.sources[].name) | del(.sources[].note)' "$tmp/out"; }
plain >want
holds '.findings | length > 1'

alike() { # what, arguments
    what=$1
    shift
    report 1 "$@"
    plain >got
    same want got "$what"
}
alike "a file" edge.txt
gzip -c edge.txt >edge.txt.gz
alike gzip edge.txt.gz
mv edge.txt.gz misnamed.pdf
alike "a gzip by another name" misnamed.pdf
half=$(($(wc -l <edge.txt) / 2))
{ sed "${half}q" edge.txt | gzip -c; sed "1,${half}d" edge.txt | gzip -c; } >members.gz
alike "a gzip of two members" members.gz
gzip -c <misnamed.pdf >twice.gz
alike "gzip in gzip" twice.gz
mkdir dir && cp edge.txt dir
alike "a directory" dir
tar -cf a.tar edge.txt
alike tar a.tar
tar -czf a.tgz edge.txt
alike tar.gz a.tgz
zip -q a.zip edge.txt
alike zip a.zip
7z a -bd a.7z edge.txt >/dev/null
alike 7z a.7z
zip -q b.zip a.tgz && 7z a -bd c.7z b.zip >/dev/null
alike "tar.gz in zip in 7z" c.7z
holds '.sources[0].name == "c.7z!b.zip!a.tgz!edge.txt" or .sources[0].name == "c.7z!b.zip!a.tgz!a.tar!edge.txt"' "nested name"
for f in edge.txt misnamed.pdf a.tgz a.zip; do
    "$u" -f json - <$f >out
    plain >got
    same want got "standard input: $f"
    cat $f | "$u" -f json >out
    plain >got
    same want got "a pipe: $f"
done

# Garbage after a gzip's end: used, said, not an error.
{ cat misnamed.pdf; printf 'trailing garbage'; } >garbage.gz
"$u" -f json garbage.gz >out 2>err
plain >got
same want got "trailing garbage"
holds '.sources[0].status == "ok" and (.sources[0].note | length) > 0' "garbage is not said"

# A stream that breaks off inside a line, cut or by a limit: that line is counted and gives no value.
whole='([.calls[] | .call_id, .from, .to, .reason, .method] | map(select(. != null)))'
torn() { # what, status
    [ "$(jq -c "$whole - \$known" --argjson known "$(cat known)" out)" = '[]' ] ||
        fault "$1: half a value: $(jq -c "$whole - \$known" --argjson known "$(cat known)" out)"
    holds "any(.sources[]; .status == \"$2\") and all(.sources[]; .unparsed <= .lines)" "$1 is not $2"
}
for f in edge.txt "$data"/shapes/good-twins-apart.log "$data"/uccapi/good-invite-504.log; do
    cp "$f" torn.log
    "$u" -q -f json torn.log >out
    jq -c "$whole" out >known
    gzip -c1 torn.log >torn.gz
    size=$(wc -c <torn.gz)
    n=$((size / 3))
    while [ $n -lt $((size - 30)) ]; do
        head -c $n torn.gz >torn.log.gz
        report 3 torn.log.gz
        torn "$f cut at $n" truncated
        "$u" -q -f json -j3 - <torn.log.gz | sed 's/"-"/"torn.log.gz"/; s/"-@/"torn.log.gz@/' >pipe
        same out pipe "$f cut at $n, through a pipe"
        n=$((n + 97))
    done
    bytes=$(wc -c <torn.log)
    for n in 2000 2003 2011 2029 2048; do
        report 3 --limits bytes=$n torn.gz
        torn "$f, $n bytes of it" limited
        holds ".sources | length > 1 or .[0].bytes == $n" "$f, $n bytes of it: not $n"
        head -c $n torn.log >part.log
        lines=$(grep -c '' part.log)
        holds "[.sources[].lines] | add == $lines" "$f, $n bytes of it: not $lines lines"
    done
done
printf 'SIP/2.0 504 Server time-out\nVia: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK1\n' >sip.txt
printf 'CSeq: 1 INVITE\n' >>sip.txt
printf 'From: <sip:a@example.com>;tag=1\nTo: <sip:b@example.net>;tag=2\nCall-ID: whole@example.com' >>sip.txt
gzip -c sip.txt >sip.gz
"$u" -q -f json sip.gz >out
holds '.calls | length == 1 and .[0].call_id == "whole@example.com"' "a last line without its end"
report 3 --limits bytes=$(($(wc -c <sip.txt) - 4)) sip.gz
holds '.calls == [] and (.sources[0] | .lines == 6 and .unparsed == 1)' "half a Call-ID"

# The same file twice counts once.
cp edge.txt again.txt
report 1 edge.txt again.txt
holds '[.sources[].status] == ["duplicate", "ok"] or [.sources[].status] == ["ok", "duplicate"]' "given twice"
holds '[.findings[].count] | max <= 2' "counted twice"
report 1 edge.txt edge.txt
holds '[.findings[].count] | max <= 2' "counted twice by one name"

# An empty archive, and members nobody knows
tar -cf none.tar -T /dev/null
report 3 none.tar
mkdir mixed && cp edge.txt mixed && printf 'nothing of use\n' >mixed/notes.txt
tar -czf mixed.tgz mixed
report 3 mixed.tgz
holds 'any(.sources[]; .status == "unrecognised") and any(.sources[]; .status == "ok")'
finish
