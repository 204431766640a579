#!/bin/sh
# Exit codes, and the one line that a source which could not be used gets.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq gzip tar

cd "$tmp" || exit 99
one=$data/incident/Lync-UccApi-0.UccApilog

# 0: all read, nothing wrong; 1: a problem
sed '/504 Server/,$d' "$one" >answered.log
printf '03/02/2017|07:12:30.386 1F68:C14 TRACE :: the end\r\n' >>answered.log
report 0 answered.log
holds '.findings == []'
report 1 "$one"
"$u" -f json <"$one" >out; [ $? -eq 1 ] || fault "standard input"
jq -e '.sources[0].name == "-"' out >/dev/null || fault "name of standard input"
# 0: a known kind that has no log in it
report 0 "$data/detect/xconfiguration.txt"
# Its lines, as those of every kind that is left for later, are in no record: not understood.
for f in xconfiguration.txt xstatus.txt certificate.pem cucm-sdl.log meeting-server-syslog.log; do
    report 0 "$data/detect/$f"
    holds '.sources | length == 1 and (.[0] | .status == "ok" and .records == 0 and .lines > 0 and
        .unparsed == .lines and (.note | test("left for a later release")))' "lines of $f"
done
# What is read twice is counted once.
cp "$data/detect/cucm-sdl.log" cucm.log
cp cucm.log again.log
report 0 cucm.log again.log
holds '[.sources[].unparsed] | add == 12' 'lines of a duplicate that is not read'

# 2: usage, nothing done
exits 2 "$u" --no-such-option "$one"
[ -s out ] && fault "usage error printed a report"
exits 2 "$u" -j 0 "$one"
exits 2 "$u" -f sqlite "$one"
exits 2 "$u" batch "$one"
exits 2 "$u" --since yesterday "$one"
exits 2 "$u" --limits nothing=1 "$one"
exits 2 "$u" --parser nothing "$one"

# 3 each, a line that says what and where, and a valid report
line() { # status file [words]
    report 3 "$2"
    holds ".sources | length == 1 and .[0].status == \"$1\" and (.[0].note | length) > 0" "$2 is not $1"
    says "$2.*${3-$1}"
    [ "$(grep -c . err)" -eq 1 ] || { fault "not one line for $2"; cat err; }
    # What could be read beside it is reported all the same.
    report 3 "$2" "$one"
    holds '[.findings[] | select(.class == "root-cause")] | length == 2' "nothing else analysed beside $2"
}
ln -s nowhere dangling.log
line unreadable dangling.log
line unreadable no-such-file
: >empty.log
line empty empty.log
mkdir emptydir
line empty emptydir
mkdir -p notlogs/deeper
line empty notlogs
printf 'The quick brown fox\njumps over the lazy dog\n' >prose.txt
line unrecognised prose.txt
gzip -c "$one" | head -c 900 >cut.log.gz
report 3 cut.log.gz
status truncated
holds '.sources[0].lines > 10' 'what came of a cut gzip is not used'
tar -czf a.tar.gz -C "$data/incident" Lync-UccApi-0.UccApilog
head -c 700 a.tar.gz >cut.tar.gz
report 3 cut.tar.gz
holds 'any(.sources[]; .status == "truncated" or .status == "corrupt")' 'cut tar.gz'
{ gzip -c "$one" | head -c 400; head -c 300 /dev/zero; gzip -c "$one" | tail -c +701; } >damaged.gz
report 3 damaged.gz
status corrupt
printf '\000' >nul
line unrecognised nul
# Kinds that are named for what they are, with what to do instead
printf '%%PDF-1.5\n%%\342\343\317\323\n1 0 obj\n<<>>\nendobj\n' >a.pdf
line unsupported a.pdf PDF
printf '\211PNG\r\n\032\n\000\000\000\rIHDR' >a.png
line unsupported a.png picture
{ printf '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\004\000\076\000\001\000\000\000'; head -c 200 /dev/zero; } >core
line unsupported core "memory image"
finish
