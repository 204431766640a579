#!/bin/sh
# The text report: 80 columns, no control characters from what was read, colour only where it is wanted.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq

cd "$tmp" || exit 99
# Lines over 80 columns hold one word that cannot be broken.
narrow() { # width
    awk -v w="$1" 'length($0) > w { s = $0; sub(/^ +/, "", s); if (s ~ / /) { print; bad = 1 } } END { exit bad }' out ||
        fault "wider than $1 columns"
}
cp -r "$data/incident" "$data/article" .
exits 1 "$u" incident article/article.txt
narrow 80
COLUMNS=60 exits 1 env COLUMNS=60 "$u" incident article/article.txt
narrow 60
exits 1 env COLUMNS=200 "$u" incident article/article.txt
exits 1 env COLUMNS=1 "$u" incident
exits 1 env COLUMNS=nonsense "$u" incident
narrow 80

esc=$(printf '\033')
has_controls() { LC_ALL=C tr -d '\n' <out | LC_ALL=C grep -q '[[:cntrl:]]'; }
exits 1 "$u" incident
has_controls && fault "control characters in a plain report"
exits 1 "$u" --color always incident
grep -q "$esc\[" out || fault "no colour with --color always"
exits 1 env NO_COLOR=1 "$u" incident
has_controls && fault "NO_COLOR"

# Escapes, tabs, bells, C1 controls and bidi marks in names and texts
name=$(printf 'ev\033[31mil\007\001.log')
sed "s/DX70 Steven/$(printf 'DX\033]0;owned\007\033[2J\0233')/; s/acano.steven.lab/ac$(printf '\033[1m')ano.steven.lab/g
    s/vcse.steven.lab:25002/$(printf 'vc\tse\010\010')/" "$data/incident-src/edge/edge-sipstack.txt" >"$name"
for arg in '' 'calls' '--color=never' '--show-skipped' '-v'; do
    "$u" $arg "$name" >out 2>err </dev/null
    has_controls && fault "control characters of the input reach the report: '$arg'"
    cp err out
    has_controls && fault "control characters of the input reach standard error: '$arg'"
done
"$u" -f json "$name" >out
jq empty out || fault "JSON of hostile text"
tr -d '\n' <out | grep -q '[[:cntrl:]]' && fault "raw control characters in JSON"
printf 'Result-Code: 0xc3e93d6f \377\376\200 SIP-Call-ID: \300\257\355\240\200\n' >utf.log
"$u" -f json utf.log >out
jq empty out || fault "JSON of broken UTF-8"
iconv -f UTF-8 -t UTF-8 out >/dev/null 2>&1 || fault "JSON is not UTF-8"
"$u" utf.log >out
iconv -f UTF-8 -t UTF-8 out >/dev/null 2>&1 || fault "text is not UTF-8"

# What is left for later is counted apart, and no advice is given for the want of SIP in it.
exits 0 "$u" -q "$data/detect/cucm-sdl.log" "$data/detect/certificate.pem"
tr -s '\n ' ' ' <out >flat
grep -q 'not read: certificate (lines: 20), cucm (lines: 12)' flat || fault "kinds that are not read"
grep -q 'lines understood' flat && fault "lines of what is not read are understood"
grep -q 'No SIP message is in these logs' flat && fault "SIP wanted in a trace that is not read"
grep -q 'This release does not read such files. It reads' flat || fault "what is read instead"
exits 0 "$u" -q "$data/shapes/good-no-fault.log" "$data/detect/cucm-sdl.log"
tr -s '\n ' ' ' <out >flat
grep -q 'lines understood: 100% (61/61); not read: cucm (lines: 12)' flat || fault "what is read beside it"
grep -q 'The log of the other end' flat || fault "what helps beside a log"
exits 0 "$u" --lang zh-TW "$data/detect/cucm-sdl.log"
grep -q '未讀取: cucm' out || fault "kinds that are not read, in Chinese"

# Characters without a shape of their own, in a Call-ID and a user's name: in no output of any command
hidden='\330\234|\357\273\277|\342\200\213|\342\201\240|\363\240\201\201'
for c in $(printf '%s' "$hidden" | tr '|' ' '); do
    mkdir -p hidden
    sed "s/Call-ID[:=] *[^ ,]*/&$(printf "$c")/; s/<sip:/<sip:$(printf "$c")/" "$data/ladder/screens/names.log" >hidden/x.log
    for call in 'calls' 'calls -f json' 'calls -f csv' '-f text' 'ladder c1' 'ladder c1 -f json' 'show c1' \
        'show c1 -f json' 'diff c1 c2'; do
        LC_ALL=C.UTF-8 "$u" $call hidden/x.log >out 2>err </dev/null
        [ -s out ] || fault "'$call' says nothing"
        LC_ALL=C grep -q "$(printf "$c")" out && fault "a hidden character ($c) reaches '$call'"
    done
done

# --lang, without a locale installed
exits 1 "$u" --lang zh-TW incident
grep -q '憑證' out || fault "--lang zh-TW"
exits 1 "$u" --lang xx incident
grep -q 'certificate' out || fault "an unknown language falls back to English"

# A rule is no code, and its page is named; an unknown code has null for what is not known
exits 1 "$u" explain -f json federation.bare-504
says 'uctriage rules show federation.bare-504'
holds '.explain == [{code: "federation.bare-504", known: false, family: null, name: null, meaning: null,
    sender: null, cause: null, check: null, confused_with: null, reference: null}]'
exits 1 "$u" explain -f json 0xdeadbeef
holds '.explain[0] | .name == null and (.meaning | test("facility 0xEAD"))'

# A rule's page: text and JSON have the same texts, placeholders whole and no marks of what may be missing
exits 0 "$u" rules show -f json federation.cert-name-mismatch
grep -q '\[\[\|\]\]' out && fault "marks of optional parts in the JSON of a rule"
jq -e '.title == "The certificate of {certificate_name} lacks the name that was asked for: {fqdn}"' out >jq ||
    fault "the title of a rule in JSON"
exits 0 "$u" rules list -f json
grep -q '\[\[' out && fault "marks of optional parts in the JSON of all rules"

# -o writes the same; a full disk and a closed pipe are noticed
exits 1 "$u" incident
cp out want
exits 1 "$u" -o file incident
same want file "-o"
[ -s out ] && fault "-o prints"
if [ -w /dev/full ]; then
    "$u" incident >/dev/full 2>err && fault "a full disk is not noticed"
    [ -s err ] || fault "nothing is said about a full disk"
fi
exits 2 "$u" -o /no/such/dir/file incident
"$u" -f json incident article/article.txt 2>err | head -c 10 >/dev/null
grep -qi 'segm\|abort' err && fault "a closed pipe"
# What the headline and the advice say fits what is there.
exits 1 "$u" "$data/absence/stops.log"
grep -q "its trail ends at vcse" out || fault "an INVITE that stops in a box is said to have left it"
grep -q "Read vcse's log from 07:10:46.230 on" out || fault "not that box's log is named"
sed 's/SIP.2.0 100 Trying/SIP\/2.0 603 Decline/; s/Response Code=100/Response Code=603/' "$data/absence/stops.log" >declined.log
exits 0 "$u" declined.log
grep -q "^No cause was found" out || fault "the headline over a failed call"
grep -q "The log of the other end" out || fault "the other end's log is not asked for"
exits 3 "$u" nofile
grep -q "^Nothing was read" out || fault "a missing file counts as read"
grep -q "lines understood" out && fault "lines of a missing file are counted"
exits 3 "$u" --include nosuch incident
says 'no source is left by --include'
finish
