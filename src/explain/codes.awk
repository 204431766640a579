# Turns the tables under rules/codes into C: one string per line of each table.
# A table that breaks the rules of rules/codes/README.md stops the build here;
# what needs numbers (ranges, duplicates) is checked again when they are loaded.
#   awk -f codes.awk TABLE... > codes_gen.c
BEGIN {
    FS = "\t"
    head = "code\tname\taliases\tmeaning\tsender\tcause\tcheck\tconfused_with\treference"
    bad = 0
    print "/* Made from rules/codes when the program is built; change the tables there. */"
    print "#include \"explain/dictionary.h\""
}
function complain(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
    bad = 1
}
# Not gsub: what a backslash in its replacement means differs between awks.
function replace(s, from, to,    out, at) {
    out = ""
    while ((at = index(s, from)) > 0) {
        out = out substr(s, 1, at - 1) to
        s = substr(s, at + length(from))
    }
    return out s
}
FNR == 1 {
    if (files)
        print "    NULL\n};"
    name[++files] = FILENAME
    sub(/^.*\//, "", name[files])
    printf "static const char *const table%d[] = {\n", files
    if ($0 != head)
        complain("the head line must be: " head)
    next
}
{
    if (NF != 9)
        complain("9 columns wanted, " NF " found")
    if (length($0) > 4000)
        complain("line longer than 4000 bytes")
    if ($0 ~ /[\001-\010\013-\037\177]/)
        complain("control character")
    if ($4 == "")
        complain("no meaning")
    if ($9 != "" && $9 !~ /^https?:\/\/[^ ]+$/)
        complain("the reference is no URL")
    line = replace($0, "\\", "\\\\")
    line = replace(line, "\"", "\\\"")
    line = replace(line, "?", "\\?")
    line = replace(line, "\t", "\\t")
    printf "    \"%s\",\n", line
}
END {
    if (!files)
        bad = 1
    print "    NULL\n};"
    print "const struct uct_code_table uct_code_tables[] = {"
    for (i = 1; i <= files; i++)
        printf "    {\"%s\", table%d},\n", name[i], i
    print "    {NULL, NULL}\n};"
    exit bad
}
