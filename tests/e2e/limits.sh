#!/bin/sh
# Hostile input: bombs, endless lines, locked and broken archives.  It costs an error line, little else.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq gzip tar zip 7z

cd "$tmp" || exit 99
cp "$data/incident-src/edge/edge-sipstack.txt" edge.txt
ulimit -t 120

limited() { # what, options and paths
    what=$1
    shift
    report 3 "$@"
    holds 'any(.sources[]; .status == "limited")' "$what is not limited"
    grep -q 'uctriage: ' err || fault "$what: no line on standard error"
}
head -c 300M /dev/zero | gzip -c >bomb.gz
limited "a gzip bomb" --limits bytes=64M bomb.gz
zip -q bomb.zip bomb.gz
limited "a bomb in a zip" --limits bytes=64M bomb.zip edge.txt
holds '[.findings[] | select(.class == "root-cause")] | length == 2' "nothing analysed beside a bomb"
# The ratio counts past 1 GiB of output.
if [ -z "${UCT_LIGHT-}" ]; then
    head -c 1500M /dev/zero | gzip -c >big.gz
    limited "the ratio" big.gz
fi
cp edge.txt deep
for i in 1 2 3 4 5; do
    tar -czf deep.tgz deep && mv deep.tgz deep
done
limited "depth" --limits depth=4 deep
mkdir many
i=0
while [ $i -lt 40 ]; do sed "s/f1b3ad5d/$i/" edge.txt >many/$i.txt; i=$((i + 1)); done
tar -cf many.tar many
limited "members" --limits members=10 many.tar

# A line of 100 MB is cut at the record limit; what stands round it is used.
{ sed -n '1,40p' edge.txt; printf 'Data: '; head -c 100M /dev/zero | tr '\0' x; printf '\n'; sed -n '1,$p' edge.txt; } >line.txt
limited "a line of 100 MB" line.txt
holds '[.findings[] | select(.class == "root-cause")] | length == 2' "the rest of a file with an endless line"
head -c 20M /dev/zero | tr '\0' a >a.txt
report 3 a.txt

# A format that changes with every line
awk 'BEGIN { for (i = 0; i < 30000; i++) {
    print "2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime=\"2017-03-02 07:10:46,240\" Module=\"network.tcp\" Level=\"DEBUG\":  Detail=\"x\""
    print "TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::03/02/2017-07:10:47.101.00005386 (SIPStack,A::B:c.cpp(125))text" } }' >change.log
"$u" -f json change.log >out 2>err
holds '.sources | length < 10000' "a format that changes with every line: too many sources"
gzip -f change.log
"$u" -f json change.log.gz edge.txt >out 2>err
holds '.sources | length < 10000' "the same, gzipped"
holds '[.findings[] | select(.class == "root-cause")] | length == 2' "nothing beside it"

# Archives that cannot be opened
zip -q -P secret locked.zip edge.txt
report 3 locked.zip
grep -qi password err || fault "a locked zip is not called so: $(cat err)"
7z a -bd -psecret -mhe=on locked.7z edge.txt >/dev/null
report 3 locked.7z
zip -q good.zip edge.txt
{ head -c 200 good.zip; head -c 400 /dev/zero; } >broken.zip
report 3 broken.zip
head -c 100 good.zip >stub.zip
report 3 stub.zip
7z a -bd good.7z edge.txt >/dev/null
{ head -c 100 good.7z; head -c 300 /dev/zero; } >broken.7z
report 3 broken.7z
tar -cf good.tar edge.txt
head -c 2000 good.tar >cut.tar
report 3 cut.tar
# Names that lead out of an archive, devices and links in it, are only names.
mkdir -p evil && ln -s /etc/passwd evil/link && cp edge.txt evil/ok.txt && mkfifo evil/fifo
tar -czPf evil.tgz "$tmp/evil"
"$u" -f json evil.tgz >out 2>err
jq -e '[.sources[] | select(.format == "lync-server")] | length == 1' out >/dev/null || fault "a tar with links in it"
timeout 20 "$u" -f json evil >out 2>err || [ $? -ne 124 ] || fault "a FIFO in a directory is waited for"
# A loop of links, a directory given twice
mkdir loop && ln -s . loop/self && cp edge.txt loop
timeout 20 "$u" -f json loop >out 2>err
[ $? -eq 1 ] || fault "a loop of links"
holds '[.findings[] | select(.class == "root-cause") | .count] | max == 1' "a loop of links counts more than once"
finish
