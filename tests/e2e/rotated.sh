#!/bin/sh
# Rotated logs: sources of their own, one set, ordered by their stamps; what a roll-over cut is put together.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq gzip

cd "$tmp" || exit 99
exp=$(echo "$data"/incident-src/bundle/loggingsnapshot*)
client=$data/incident/Lync-UccApi-0.UccApilog

facts() { jq -S '[.findings[] | {rule, class, params, count}], [.calls[] | {call_id, outcome, status, messages}],
    .summary' out; }
report 1 "$exp"
facts >want
# Cut at any line, inside a message's headers too
for cut in 30 66 75 150 171 172 173 178 183 185; do
    rm -rf set && mkdir set
    sed "${cut}q" "$exp" >set/messages.1
    sed "1,${cut}d" "$exp" >set/messages
    report 1 set
    facts >got
    same want got "cut after line $cut"
    holds '[.sources[].set] | unique | length == 1 and .[0] != null' "no set, cut after line $cut"
    gzip set/messages.1
    mv set/messages.1.gz set/messages.2.gz
    report 1 set
    facts >got
    same want got "older part gzipped, cut after line $cut"
done
# Inside a line
rm -rf set && mkdir set
size=$(wc -c <"$exp")
for at in 3000 9000 15000 15100 17000; do
    head -c $at "$exp" >set/log.1
    tail -c +$((at + 1)) "$exp" >set/log
    report 1 set
    facts >got
    same want got "cut at byte $at of $size"
done
# Three parts
rm -rf set && mkdir set
sed 90q "$exp" >set/log.2
sed -n 91,175p "$exp" >set/log.1
sed 1,175d "$exp" >set/log
report 1 set
facts >got
same want got "three parts"

# The client's numbering, where 0 may be the newest or the oldest
report 1 "$client"
facts >want
for order in "0 1" "1 0"; do
    set -- $order
    rm -rf set && mkdir set
    sed 46q "$client" >"set/Lync-UccApi-$1.UccApilog"
    sed 1,46d "$client" >"set/Lync-UccApi-$2.UccApilog"
    report 1 set
    facts >got
    same want got "client's parts $order"
    holds '[.sources[].set] | unique | length == 1 and .[0] != null' "client's set"
done
finish
