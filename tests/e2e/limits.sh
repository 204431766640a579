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

# --limits line=: as if each line had been cut before, but that lines keep their places and that it is said.
plain() { jq -S 'del(.sources[] | .bytes, .status, .note) |
    del(.findings[].evidence[] | .offset, .length, .excerpt)' "$1"; }
mkdir raw cut
cut_lines='[.sources[].note |
    capture("line limit and was cut [(]--limits line=[)] [(]line [0-9]+( and (?<n>[0-9]+) more)?") |
    (.n // "0" | tonumber) + 1] | add'
for f in incident-src/edge/edge-sipstack.txt shapes/good-twins-apart.log article/article.txt \
    shapes/good-sip-then-log.log uccapi/good-invite-504.log windows-event/good-viewer.log; do
    for n in 80 150; do
        tr -d '\r' <"$data/$f" >raw/x.log
        cut -b 1-$n raw/x.log >cut/x.log
        many=$(awk -v n=$n 'length > n' raw/x.log | grep -c '')
        (cd cut && "$u" -q -f json x.log) >want
        (cd raw && "$u" -q -j3 -f json --limits line=$n x.log) >out
        plain want >want.plain
        plain out >out.plain
        same want.plain out.plain "$f with lines of $n bytes"
        [ "$many" -eq 0 ] || holds "($cut_lines) == $many" "$f: not $many lines past $n bytes are said"
    done
done
first() { holds ".sources | length == 1 and (.[0] | .status == \"limited\" and .lines == $1 and
    (.note | test(\"line limit and was cut [(]--limits line=[)] [(]$2[)]\")))" "$3"; }
# A line of the limit is whole; it is the line feed that is not counted.
long() { printf 'Severity: error\nText: %s\nend\n' "$(head -c "$1" /dev/zero | tr '\0' x)"; }
{ cat edge.txt; long 1048570; cat edge.txt; } >whole.txt
n=$(grep -c '' edge.txt)
report 1 whole.txt
holds '.sources[0].status == "ok"' "a line of exactly 1M"
{ cat edge.txt; long 1048571; cat edge.txt; } >past.txt
report 3 past.txt
first $((2 * n + 3)) "line $((n + 2))" "a line of a byte more than 1M"
report 1 --limits line=1048577 past.txt
# However long, wherever: a line over several chunks is one line, said once, for a file and for a pipe.
for size in 4194304 9000000; do
    { cat edge.txt; long $size; cat edge.txt; long $size; } >past.txt
    report 3 past.txt
    first $((2 * n + 6)) "line $((n + 2)) and 1 more" "lines of $size bytes"
    holds '[.findings[] | select(.class == "root-cause")] | length == 2' "what stands round lines of $size"
    "$u" -q -f json -j4 - <past.txt | sed 's/"-"/"past.txt"/' >pipe
    same out pipe "lines of $size bytes, as file and as pipe"
    while read -r line offset length; do
        [ "$(head -c "$offset" past.txt | grep -c '')" -eq $((line - 1)) ] ||
            fault "line $line: not at $offset"
    done <<EOF
$(jq -r '.findings[].evidence[] | "\(.line) \(.offset) \(.length)"' out)
EOF
done
# Text that no parser knows, and a parser that was named.
endless() { head -c 3000000 /dev/zero | tr '\0' a; }
{ printf 'one\n'; endless; printf '\nthree\n'; endless; } >a.txt
report 3 a.txt
first 4 'line 2 and 1 more' "endless lines of unknown text"
holds '.sources[0] | .unparsed == 4 and .bytes == 6000011' "counts of unknown text"
"$u" -q -f json - <a.txt | sed 's/"-"/"a.txt"/' >pipe
same out pipe "endless lines of unknown text through a pipe"
for p in expressway lync-server uccapi windows-event search-history sip text; do
    report 3 --parser $p a.txt
    first 4 'line 2 and 1 more' "endless lines read as $p"
done
# A record that a roll-over cut is put together of whole lines only.
mkdir rotated && head -n 66 "$data"/incident-src/bundle/loggingsnapshot* >rotated/messages.1
tail -n +67 "$data"/incident-src/bundle/loggingsnapshot* >rotated/messages
report 3 --limits line=40 rotated
holds 'all(.calls[]; .call_id | length < 40)' "text past the limit of a line in a joined record"

# A line of 100 MB is cut; what stands round it is used.
{ sed -n '1,40p' edge.txt; printf 'Data: '; head -c 100M /dev/zero | tr '\0' x; printf '\n'; sed -n '1,$p' edge.txt; } >line.txt
limited "a line of 100 MB" line.txt
holds '[.findings[] | select(.class == "root-cause")] | length == 2' "the rest of a file with an endless line"
head -c 20M /dev/zero | tr '\0' a >a.txt
report 3 a.txt

# A format that changes with every line: nothing is lost, but past the bound parts are counted together
awk 'BEGIN { for (i = 0; i < 30000; i++) {
    print "2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime=\"2017-03-02 07:10:46,240\" Module=\"network.tcp\" Level=\"DEBUG\":  Detail=\"x\""
    print "TL_INFO(TF_PROTOCOL) [0]06E4.0EB4::03/02/2017-07:10:47.101.00005386 (SIPStack,A::B:c.cpp(125))text" } }' >change.log
whole='([.sources[] | select(.name | startswith("change")) | .lines] | add) == 60000 and (.sources | length) <= 4097'
report 0 change.log
holds "$whole" "a format that changes with every line"
gzip -f change.log
report 1 change.log.gz edge.txt
holds "$whole" "a format that changes with every line, gzipped"
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
