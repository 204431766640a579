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
