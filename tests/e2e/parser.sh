#!/bin/sh
# --parser: every source is read as this format and as no other, to its end.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq tar gzip

cd "$tmp" || exit 99
gzip -dc "$data/incident/edge-sipstack.txt.gz" >edge.log
head -n 60 "$data/shapes/good-lost-blanks.log" >vcse.log
one() { holds ".sources | length == 1 and .[0].format == \"$1\" and $2" "as $1: $2"; }
alien='.[0].records == 0 and .[0].messages == 0 and .[0].unparsed == .[0].lines and .[0].status == "unrecognised"'

# Another family's log, of which nothing is understood.
for p in expressway uccapi windows-event search-history; do
    report 3 --parser $p edge.log
    one $p "$alien and (.[0].note | test(\"--parser $p\"))"
    holds '.calls == [] and .findings == []' "$p finds something in an edge's trace"
done
report 3 --parser lync-server vcse.log
one lync-server "$alien"
# Its own log is read as without the option.
report 1 --parser lync-server edge.log
one lync-server '.[0].status == "ok"'
cp out forced
report 1 edge.log
same forced out 'a log with and without --parser of its format'

# Two formats in one file make no parts; the other one's lines are in a record or not understood.
cat vcse.log edge.log vcse.log >both.log
"$u" -f json both.log >out 2>err
holds '[.sources[].format] == ["expressway", "expressway", "lync-server"]' 'two formats in one file, detected'
lines=$(grep -c '' both.log)
for p in expressway lync-server uccapi windows-event sip; do
    for j in 1 4; do
        "$u" -j$j --parser $p -f json both.log >out$j 2>err
    done
    same out1 out4 "--parser $p with one thread and with four"
    cp out1 out
    one $p ".[0].name == \"both.log\" and .[0].lines == $lines and .[0].unparsed + .[0].prose <= $lines"
done
report 1 --parser lync-server both.log
one lync-server '.[0].records > 0 and .[0].unparsed > 0'
# A bare message in front of a log is no part, either.
"$u" -f json --parser expressway "$data/shapes/good-sip-then-log.log" >out 2>err
one expressway '.[0].records > 0'

# Kinds that are named and not read, and binary data: as the format, too.  What is packed is unpacked.
printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\004\000\076\000\001\000\000\000' >core
for f in core "$data/detect/certificate.pem" "$data/detect/xconfiguration.txt"; do
    report 3 --parser uccapi "$f"
    one uccapi "$alien"
done
tar -czf case.tar.gz edge.log vcse.log
report 3 --parser lync-server case.tar.gz
holds '[.sources[] | [.name, .format, .status]] == [["case.tar.gz!edge.log", "lync-server", "ok"],
    ["case.tar.gz!vcse.log", "lync-server", "unrecognised"]]' 'an archive with --parser'
# Each name that the report prints where a parser wrote it is one that the option takes.
for p in expressway lync-server uccapi windows-event search-history excerpt sip text; do
    "$u" --parser $p -f json edge.log >out 2>err
    [ $? -ne 2 ] || fault "--parser $p: $(cat err)"
    holds ".sources[0].format == \"$p\"" "--parser $p is another format"
done
exits 2 "$u" --parser nothing edge.log
says "'nothing' names no parser: use one of expressway, lync-server, .*, text"
[ "$(grep -c '' err)" -eq 1 ] || fault 'not one line about a wrong --parser'

# The bids are shown for a forced source as for another.
"$u" --explain-detection --parser sip edge.log >out 2>err
says 'edge.log: sip: .*lync-server [1-9]'
finish
