#!/bin/sh
# A support article with the excerpts of one incident in it, wrapped as a PDF wraps them.
. "${srcdir:-.}/tests/e2e/lib.sh"
need jq

cd "$data/article" || exit 99
report 1 article.txt
golden article.json "$tmp/out"
cause() { # rule domain fqdn certificate_name line
    holds "[.findings[] | select(.rule == \"$1\" and .class == \"root-cause\" and .params.fqdn == \"$3\"
        and (.params.domain // \"$2\") == \"$2\" and (.params.certificate_name // \"\") == \"$4\")] | length == 1" "$1 $3"
    line=$(jq "[.findings[] | select(.rule == \"$1\" and .params.fqdn == \"$3\") | .evidence[0].line][0]" "$tmp/out")
    sed -n "${line},\$p" article.txt | sed 30q | grep -q -e "$5" || fault "line $line is not the evidence of $1 $3"
}
cause federation.srv-domain-mismatch acano.steven.lab vcse.steven.lab '' 0xc3e93d6f
cause federation.srv-domain-mismatch cms.steven.lab vcse.sub.cms.steven.lab '' 1009
cause federation.cert-name-mismatch acano.steven.lab vcse.acano.steven.lab vcse.steven.lab 0xc3e93d67
cause federation.cert-name-mismatch cms.steven.lab vcse.cms.steven.lab vcse.steven.lab 1010
holds '[.findings[] | select(.class == "root-cause")] | length == 4' 'four root causes'
holds '[.calls[] | select(.call_id == "f1b3ad5d-183b-4632-b210-c2f9bec71960")] | length == 1 and
    (.[0].sources | length) == 2' 'the call is not joined'
holds '[.findings[] | select(.class == "symptom" or .class == "missing-information")] as $s |
    [.findings[] | select(.class == "root-cause") | .explains[]] as $e |
    all($s[]; .id as $i | $e | index($i))' 'the bare 504 is not explained'
holds '[.sources[].format] | sort == ["excerpt", "expressway", "lync-server", "lync-server", "sip", "sip"]'
holds 'all(.sources[]; .status == "ok")'

# The same document with CR LF, from standard input, and gzipped gives the same findings.
jq -S '[.findings[] | {rule, params, class}] | sort' "$tmp/out" >"$tmp/want"
sed 's/$/\r/' article.txt >"$tmp/crlf.txt"
gzip -c article.txt >"$tmp/article.gz"
for f in "$tmp/crlf.txt" "$tmp/article.gz"; do
    report 1 "$f"
    jq -S '[.findings[] | {rule, params, class}] | sort' "$tmp/out" >"$tmp/got"
    same "$tmp/want" "$tmp/got" "$f"
done
finish
