/* Made by uct-rulec of rules/ while the program is built: change those. */
#include "diagnose/load.h"

const char uct_rules_rng[] =
        "<\077xml version=\"1.0\" encoding=\"UTF-8\"\077>\n"
        "<!-- The shape of a file of rules, and of a file of translated texts.\n"
        "     What a schema cannot say (known ids, compiling patterns, a hit and a miss\n"
        "     for each rule) is checked behind it; doc/RULES.md tells it all. -->\n"
        "<grammar xmlns=\"http://relaxng.org/ns/structure/1.0\"\n"
        "         ns=\"urn:uctriage:rules:1\"\n"
        "         datatypeLibrary=\"http://www.w3.org/2001/XMLSchema-datatypes\">\n"
        "\n"
        "  <start>\n"
        "    <choice>\n"
        "      <ref name=\"rules\"/>\n"
        "      <ref name=\"texts\"/>\n"
        "    </choice>\n"
        "  </start>\n"
        "\n"
        "  <define name=\"rules\">\n"
        "    <element name=\"rules\">\n"
        "      <attribute name=\"family\">\n"
        "        <data type=\"token\"><param name=\"pattern\">[a-z][a-z0-9-]*</param></data>\n"
        "      </attribute>\n"
        "      <zeroOrMore><ref name=\"rule\"/></zeroOrMore>\n"
        "    </element>\n"
        "  </define>\n"
        "\n"
        "  <!-- rules/lang/TAG/*.xml: the same rules in another language -->\n"
        "  <define name=\"texts\">\n"
        "    <element name=\"texts\">\n"
        "      <attribute name=\"xml:lang\"><ref name=\"tag\"/></attribute>\n"
        "      <zeroOrMore>\n"
        "        <element name=\"text\">\n"
        "          <attribute name=\"rule\"><ref name=\"id\"/></attribute>\n"
        "          <ref name=\"words\"/>\n"
        "        </element>\n"
        "      </zeroOrMore>\n"
        "    </element>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"rule\">\n"
        "    <element name=\"rule\">\n"
        "      <attribute name=\"id\"><ref name=\"id\"/></attribute>\n"
        "      <attribute name=\"class\">\n"
        "        <choice>\n"
        "          <value>root-cause</value>\n"
        "          <value>contributing</value>\n"
        "          <value>symptom</value>\n"
        "          <value>missing-information</value>\n"
        "          <value>advice</value>\n"
        "        </choice>\n"
        "      </attribute>\n"
        "      <attribute name=\"severity\">\n"
        "        <choice>\n"
        "          <value>critical</value>\n"
        "          <value>error</value>\n"
        "          <value>warning</value>\n"
        "          <value>info</value>\n"
        "        </choice>\n"
        "      </attribute>\n"
        "      <attribute name=\"confidence\">\n"
        "        <choice>\n"
        "          <value>certain</value>\n"
        "          <value>likely</value>\n"
        "          <value>possible</value>\n"
        "        </choice>\n"
        "      </attribute>\n"
        "      <attribute name=\"actor\">\n"
        "        <choice>\n"
        "          <value>us</value>\n"
        "          <value>peer</value>\n"
        "          <value>network</value>\n"
        "          <value>unknown</value>\n"
        "        </choice>\n"
        "      </attribute>\n"
        "      <optional>\n"
        "        <attribute name=\"kind\">\n"
        "          <list>\n"
        "            <oneOrMore>\n"
        "              <choice>\n"
        "                <value>record</value>\n"
        "                <value>sip</value>\n"
        "                <value>diag</value>\n"
        "                <value>trace</value>\n"
        "                <value>winevent</value>\n"
        "                <value>code</value>\n"
        "              </choice>\n"
        "            </oneOrMore>\n"
        "          </list>\n"
        "        </attribute>\n"
        "      </optional>\n"
        "      <optional>\n"
        "        <attribute name=\"when\">\n"
        "          <choice>\n"
        "            <value>undiagnosed</value>\n"
        "            <value>diagnosed</value>\n"
        "          </choice>\n"
        "        </attribute>\n"
        "      </optional>\n"
        "      <optional>\n"
        "        <attribute name=\"call\"><value>failed</value></attribute>\n"
        "      </optional>\n"
        "      <optional>\n"
        "        <attribute name=\"implies\"><ref name=\"id\"/></attribute>\n"
        "      </optional>\n"
        "      <zeroOrMore><ref name=\"index\"/></zeroOrMore>\n"
        "      <optional>\n"
        "        <element name=\"if\"><oneOrMore><ref name=\"condition\"/></oneOrMore></element>\n"
        "      </optional>\n"
        "      <zeroOrMore><ref name=\"param\"/></zeroOrMore>\n"
        "      <zeroOrMore><element name=\"code\"><ref name=\"line\"/></element></zeroOrMore>\n"
        "      <zeroOrMore><ref name=\"explains\"/></zeroOrMore>\n"
        "      <oneOrMore>\n"
        "        <element name=\"text\">\n"
        "          <attribute name=\"xml:lang\"><ref name=\"tag\"/></attribute>\n"
        "          <ref name=\"words\"/>\n"
        "        </element>\n"
        "      </oneOrMore>\n"
        "      <zeroOrMore>\n"
        "        <element name=\"reference\">\n"
        "          <data type=\"token\"><param name=\"pattern\">https\077://\\S+</param></data>\n"
        "        </element>\n"
        "      </zeroOrMore>\n"
        "      <zeroOrMore><ref name=\"sample\"/></zeroOrMore>\n"
        "    </element>\n"
        "  </define>\n"
        "\n"
        "  <!-- exactly one key each -->\n"
        "  <define name=\"index\">\n"
        "    <element name=\"index\">\n"
        "      <choice>\n"
        "        <attribute name=\"event\"><ref name=\"line\"/></attribute>\n"
        "        <attribute name=\"literal\"><data type=\"string\"><param name=\"minLength\">4</param></data></attribute>\n"
        "        <attribute name=\"alarm\"><ref name=\"number\"/></attribute>\n"
        "        <attribute name=\"status\">\n"
        "          <data type=\"token\"><param name=\"pattern\">0|[1-6][0-9][0-9]</param></data>\n"
        "        </attribute>\n"
        "        <attribute name=\"diag\"><ref name=\"number\"/></attribute>\n"
        "        <attribute name=\"winevent\"><ref name=\"number\"/></attribute>\n"
        "        <attribute name=\"result\">\n"
        "          <data type=\"token\"><param name=\"pattern\">0x[0-9A-Fa-f]{8}</param></data>\n"
        "        </attribute>\n"
        "      </choice>\n"
        "    </element>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"condition\">\n"
        "    <choice>\n"
        "      <element name=\"field\">\n"
        "        <attribute name=\"name\">\n"
        "          <data type=\"token\"><param name=\"pattern\">[a-z0-9_.-]+( [a-z0-9_.-]+)*</param></data>\n"
        "        </attribute>\n"
        "        <choice>\n"
        "          <attribute name=\"present\"><value>yes</value></attribute>\n"
        "          <attribute name=\"absent\"><value>yes</value></attribute>\n"
        "          <ref name=\"test\"/>\n"
        "        </choice>\n"
        "      </element>\n"
        "      <element name=\"text\"><ref name=\"test\"/></element>\n"
        "      <element name=\"all\"><oneOrMore><ref name=\"condition\"/></oneOrMore></element>\n"
        "      <element name=\"any\"><oneOrMore><ref name=\"condition\"/></oneOrMore></element>\n"
        "      <element name=\"not\"><ref name=\"condition\"/></element>\n"
        "    </choice>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"test\">\n"
        "    <choice>\n"
        "      <attribute name=\"equals\"><ref name=\"some\"/></attribute>\n"
        "      <attribute name=\"contains\"><ref name=\"some\"/></attribute>\n"
        "      <attribute name=\"regex\"><ref name=\"some\"/></attribute>\n"
        "    </choice>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"param\">\n"
        "    <element name=\"param\">\n"
        "      <attribute name=\"name\">\n"
        "        <data type=\"token\"><param name=\"pattern\">[a-z][a-z0-9_]*</param></data>\n"
        "      </attribute>\n"
        "      <optional>\n"
        "        <attribute name=\"field\">\n"
        "          <data type=\"token\"><param name=\"pattern\">[a-z0-9_.-]+( [a-z0-9_.-]+)*</param></data>\n"
        "        </attribute>\n"
        "      </optional>\n"
        "      <optional>\n"
        "        <attribute name=\"from\">\n"
        "          <choice>\n"
        "            <value>call-domain</value>\n"
        "            <value>call-header</value>\n"
        "            <value>call-from-domain</value>\n"
        "            <value>call-to-domain</value>\n"
        "            <value>call-peer</value>\n"
        "            <value>call-method</value>\n"
        "            <value>call-status</value>\n"
        "            <value>source-host</value>\n"
        "          </choice>\n"
        "        </attribute>\n"
        "      </optional>\n"
        "      <optional>\n"
        "        <attribute name=\"key\"><value>yes</value></attribute>\n"
        "      </optional>\n"
        "      <optional>\n"
        "        <attribute name=\"type\"><value>host</value></attribute>\n"
        "      </optional>\n"
        "    </element>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"explains\">\n"
        "    <element name=\"explains\">\n"
        "      <attribute name=\"rule\"><ref name=\"id\"/></attribute>\n"
        "      <optional>\n"
        "        <attribute name=\"scope\">\n"
        "          <choice>\n"
        "            <value>call</value>\n"
        "            <value>peer</value>\n"
        "            <value>any</value>\n"
        "          </choice>\n"
        "        </attribute>\n"
        "      </optional>\n"
        "      <optional>\n"
        "        <attribute name=\"seconds\"><ref name=\"number\"/></attribute>\n"
        "      </optional>\n"
        "    </element>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"words\">\n"
        "    <element name=\"title\"><ref name=\"line\"/></element>\n"
        "    <element name=\"cause\"><ref name=\"line\"/></element>\n"
        "    <zeroOrMore><element name=\"fix\"><ref name=\"line\"/></element></zeroOrMore>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"sample\">\n"
        "    <element name=\"sample\">\n"
        "      <attribute name=\"hit\">\n"
        "        <choice>\n"
        "          <value>yes</value>\n"
        "          <value>no</value>\n"
        "        </choice>\n"
        "      </attribute>\n"
        "      <choice>\n"
        "        <group>\n"
        "          <attribute name=\"file\">\n"
        "            <data type=\"token\"><param name=\"pattern\">[A-Za-z0-9_-][A-Za-z0-9_./-]*</param></data>\n"
        "          </attribute>\n"
        "          <empty/>\n"
        "        </group>\n"
        "        <text/>\n"
        "      </choice>\n"
        "    </element>\n"
        "  </define>\n"
        "\n"
        "  <define name=\"id\">\n"
        "    <data type=\"token\"><param name=\"pattern\">[a-z][a-z0-9-]*\\.[a-z0-9][a-z0-9-]*</param></data>\n"
        "  </define>\n"
        "  <define name=\"tag\">\n"
        "    <data type=\"token\"><param name=\"pattern\">[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*</param></data>\n"
        "  </define>\n"
        "  <define name=\"number\">\n"
        "    <data type=\"token\"><param name=\"pattern\">[0-9]{1,9}</param></data>\n"
        "  </define>\n"
        "  <define name=\"line\">\n"
        "    <data type=\"token\"><param name=\"minLength\">1</param></data>\n"
        "  </define>\n"
        "  <define name=\"some\">\n"
        "    <data type=\"string\"><param name=\"minLength\">1</param></data>\n"
        "  </define>\n"
        "</grammar>\n";
const size_t uct_rules_rng_size = 8344;

static const struct uct_index index_0[] = {
    {3, NULL, 504u},
};
static const struct uct_cond cond_0[] = {
    {2, "status", "504", 1},
    {4, "server", "^RTC/", 1},
    {1, "ms-diagnostics", "yes", 1},
    {1, "reason", "yes", 1},
    {1, "warning", "yes", 1},
};
static const struct uct_param param_0[] = {
    {"peer", "peer", NULL, 1, 1},
    {"server", "server", NULL, 0, 0},
};
static const char *const fix_0_0[] = {
    "Get the trace of the Microsoft edge for this call; the finding federation.edge-trace-wanted says how.",
    "Meanwhile check what can be seen from outside: the SRV record _sipfederationtls._tcp of the caller's domain must lead to a host directly in it, and the Expressway-E's certificate must hold that host's name and come from a CA that the Microsoft side trusts.",
};
static const struct uct_text text_0[] = {
    {"en",
     "The Microsoft edge[[ {peer}]] answered 504 and gave no reason",
     "A server that calls itself {server} answered \"504 Server time-out\" without any diagnostics. The Microsoft edge tells its reason to its own side only: every fault of DNS or certificates between the two domains looks like this from the Expressway. The candidates: the federation SRV record of the calling domain is missing or leads to a host outside that domain, the Expressway-E's certificate lacks that host's name, or its issuer is not trusted.",
     fix_0_0, 2},
};
static const struct uct_sample sample_0[] = {
    {NULL,
        "2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime=\"2017-03-02 07:10:46,240\" Module=\"network.sip\" Level=\"DEBUG\":  Action=\"Received\" Local-ip=\"192.0.2.47\" Local-port=\"25002\" Src-ip=\"198.51.100.6\" Src-port=\"5061\" Msg-Hash=\"13707918855517357847\"\n"
        " SIPMSG:\n"
        " |SIP/2.0 504 Server time-out\n"
        " Via: SIP/2.0/TLS 192.0.2.47:5061;egress-zone=DNSZone1;branch=z9hG4bK42ee6fd77d32cc;proxy-call-id=6b2a018a-2da5-4013-a7e5-4e1455fead00;rport;received=192.0.2.47;ms-received-port=25002;ms-received-cid=100\n"
        " Call-ID: 5f1c2d3e-0001-4632-b210-c2f9bec70001\n"
        " CSeq: 20662 INVITE\n"
        " From: \"Room\" <sip:2000@meet.example.com>;tag=9fea3e7d70afd884\n"
        " To: <sip:bob@partner.example>;tag=C65A7B0A8766A5\n"
        " Server: RTC/6.0\n"
        " Content-Length: 0\n"
        " \n"
        " |\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a1;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7B\n"
        "Call-ID: 0d6f2a5c0b0f4c7e\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1009;reason=\"No match for domain in DNS SRV results\";domain=\"meet.example.com\";fqdn1=\"vcse.sub.meet.example.com:5061\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_0_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
};
static const struct uct_index index_1[] = {
    {5, NULL, 3286842727u},
    {4, NULL, 1010u},
};
static const struct uct_cond cond_1[] = {
    {6, NULL, NULL, 4},
    {1, "diag-id", "yes", 1},
    {4, "hresult", "(\077i)80090322|SEC_E_WRONG_PRINCIPAL|-2146893022", 1},
    {4, "errortype", "(\077i)matching FQDN|wrong principal|principal name", 1},
};
static const struct uct_param param_1[] = {
    {"domain", "domain", "call-domain", 1, 1},
    {"fqdn", "expected-fqdn tls-target", NULL, 1, 1},
    {"certificate_name", "certname peerserver", NULL, 1, 1},
};
static const struct uct_explain explains_1[] = {
    {"federation.edge-504", 0, 0u},
};
static const char *const fix_1_0[] = {
    "Make a new request for a certificate on the Expressway-E (Maintenance > Security > Server certificate > Generate CSR) with {fqdn} among the subject alternative names, beside the names that are in it now. The bare domain is not needed there.",
    "Have it signed by a CA that the Microsoft side trusts (a public one if that side is in the Microsoft cloud), upload it on every peer of the cluster and restart them.",
    "If {fqdn} is not meant to be this server, correct DNS instead: let _sipfederationtls._tcp [[of {domain}]] point to a host of the same domain whose name the certificate does hold.",
    "Check from outside: openssl s_client -connect {fqdn}:5061 -servername {fqdn}, then read the subject alternative names of what it shows (openssl x509 -noout -text).",
};
static const char *const fix_1_1[] = {
    "\345\234\250 Expressway-E \344\270\212\351\207\215\346\226\260\347\224\242\347\224\237\346\206\221\350\255\211\350\246\201\346\261\202\357\274\210Maintenance > Security > Server certificate > Generate CSR\357\274\211\357\274\214\351\231\244\344\272\206\345\216\237\346\234\211\345\220\215\347\250\261\344\271\213\345\244\226\357\274\214\346\212\212 {fqdn} \345\212\240\345\205\245\344\270\273\351\253\224\345\210\245\345\220\215\357\274\233\344\270\215\351\234\200\350\246\201\345\212\240\345\205\245\347\266\262\345\237\237\346\234\254\350\272\253\343\200\202",
    "\344\272\244\347\224\261 Microsoft \344\270\200\346\226\271\344\277\241\344\273\273\347\232\204\346\206\221\350\255\211\346\216\210\346\254\212\345\226\256\344\275\215\347\260\275\347\275\262\357\274\210\345\260\215\346\226\271\345\234\250 Microsoft \351\233\262\347\253\257\346\231\202\345\277\205\351\240\210\346\230\257\345\205\254\347\224\250 CA\357\274\211\357\274\214\344\270\212\345\202\263\345\210\260\345\217\242\351\233\206\344\270\255\347\232\204\346\257\217\344\270\200\345\217\260\344\270\246\351\207\215\346\226\260\345\225\237\345\213\225\343\200\202",
    "\345\246\202\346\236\234 {fqdn} \346\234\254\344\276\206\345\260\261\344\270\215\350\251\262\346\230\257\351\200\231\345\217\260\344\274\272\346\234\215\345\231\250\357\274\214\350\253\213\346\224\271\346\255\243 DNS\357\274\232\350\256\223[[ {domain} \347\232\204]] _sipfederationtls._tcp \346\214\207\345\220\221\345\220\214\344\270\200\347\266\262\345\237\237\345\205\247\343\200\201\344\270\224\345\220\215\347\250\261\345\267\262\345\234\250\346\206\221\350\255\211\344\270\255\347\232\204\344\270\273\346\251\237\343\200\202",
    "\345\276\236\345\244\226\351\203\250\351\251\227\350\255\211\357\274\232\344\273\245 openssl s_client -connect {fqdn}:5061 -servername {fqdn} \345\217\226\345\276\227\346\206\221\350\255\211\357\274\214\345\206\215\347\224\250 openssl x509 -noout -text \346\237\245\347\234\213\345\205\266\344\270\273\351\253\224\345\210\245\345\220\215\343\200\202",
};
static const struct uct_text text_1[] = {
    {"en",
     "The certificate of {certificate_name} does not contain the name {fqdn}",
     "The Microsoft edge found {fqdn} by the SRV record [[of {domain}]] and looked for that name in the certificate that the server there presented. The certificate is issued to {certificate_name} and lists no {fqdn}, neither as a subject alternative name nor (where it has none) as its common name. So the edge does not believe that it is talking to that server, and answers 504.",
     fix_1_0, 4},
    {"zh-Hant",
     "{certificate_name} \347\232\204\346\206\221\350\255\211\344\270\215\345\220\253\345\220\215\347\250\261 {fqdn}",
     "Microsoft \351\202\212\347\267\243\344\274\272\346\234\215\345\231\250\344\276\235[[ {domain} \347\232\204]] SRV \350\250\230\351\214\204\346\211\276\345\210\260 {fqdn}\357\274\214\344\270\246\345\234\250\350\251\262\344\274\272\346\234\215\345\231\250\345\207\272\347\244\272\347\232\204\346\206\221\350\255\211\344\270\255\345\260\213\346\211\276\351\200\231\345\200\213\345\220\215\347\250\261\343\200\202\346\206\221\350\255\211\346\230\257\347\231\274\347\265\246 {certificate_name} \347\232\204\357\274\214\344\270\273\351\253\224\345\210\245\345\220\215 (SAN) \350\243\241\346\262\222\346\234\211 {fqdn}\357\274\210\346\262\222\346\234\211 SAN \346\231\202\357\274\214\345\211\207\346\230\257\344\270\200\350\210\254\345\220\215\347\250\261\344\270\215\347\254\246\357\274\211\343\200\202\351\202\212\347\267\243\344\274\272\346\234\215\345\231\250\345\233\240\346\255\244\347\204\241\346\263\225\347\242\272\350\252\215\345\260\215\346\226\271\350\272\253\345\210\206\357\274\214\345\233\236\350\246\206 504\343\200\202",
     fix_1_1, 4},
};
static const struct uct_sample sample_1[] = {
    {NULL,
        "TL_ERROR(TF_DIAG) [edgepool\\edge01]0B60.0D6C::03/02/2017-06:30:40.025.00005602 (SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(833)) [3634190282] $$begin_record\n"
        "Severity: error\n"
        "Text: Message cannot be routed because the peer's certificate does not contain a matching FQDN\n"
        "Result-Code: 0xc3e93d67 SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH\n"
        "SIP-Start-Line: INVITE sip:bob@partner.example SIP/2.0\n"
        "SIP-Call-ID: 5f1c2d3e-0002-4632-b210-c2f9bec70002\n"
        "SIP-CSeq: 15676 INVITE\n"
        "Peer: vcse.example.com:25001\n"
        "Data: expected-fqdn=\"vcse.meet.example.com\";certName=\"vcse.example.com\";info=\"The peer certificate does not contain a matching FQDN\"\n"
        "$$end_record\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a2;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7C\n"
        "Call-ID: 0d6f2a5c0b0f4c7f\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";ErrorType=\"The peer certificate does not contain a matching FQDN\";tls-target=\"vcse.meet.example.com\";PeerServer=\"vcse.example.com\";HRESULT=\"0x80090322(SEC_E_WRONG_PRINCIPAL)\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a3;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7D\n"
        "Call-ID: 0d6f2a5c0b0f4c80\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";tls-target=\"vcse.meet.example.com\";PeerServer=\"vcse.meet.example.com\";HRESULT=\"0x80090325(SEC_E_UNTRUSTED_ROOT)\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_1_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
    "https://learn.microsoft.com/en-us/windows/win32/com/com-error-codes-4",
};
static const char *const code_1_0[] = {
    "0xc3e93d67",
    "SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH",
};
static const struct uct_index index_2[] = {
    {4, NULL, 1010u},
};
static const struct uct_cond cond_2[] = {
    {7, NULL, NULL, 6},
    {6, NULL, NULL, 5},
    {4, "hresult", "(\077i)80090322|SEC_E_WRONG_PRINCIPAL|-2146893022", 1},
    {4, "errortype", "(\077i)matching FQDN|wrong principal|principal name", 1},
    {4, "hresult", "(\077i)80090325|800b0109|800b010a|SEC_E_UNTRUSTED_ROOT|CERT_E_UNTRUSTEDROOT|CERT_E_CHAINING", 1},
    {4, "errortype", "(\077i)untrusted|not (\077:\\w+ ){0,3}trusted|trusted root", 1},
};
static const struct uct_param param_2[] = {
    {"domain", "domain", "call-domain", 0, 1},
    {"fqdn", "tls-target expected-fqdn", NULL, 1, 1},
    {"certificate_name", "peerserver certname", NULL, 1, 1},
    {"hresult", "hresult", NULL, 0, 0},
    {"error_type", "errortype", NULL, 0, 0},
};
static const struct uct_explain explains_2[] = {
    {"federation.edge-504", 0, 0u},
};
static const char *const fix_2_0[] = {
    "Look at the certificate that is presented: openssl s_client -connect {fqdn}:5061 -servername {fqdn} -showcerts. Are its dates good, is {fqdn} among its subject alternative names, and which CA signed it\077",
    "If the name is missing: make a new certificate for the Expressway-E with {fqdn} as a subject alternative name (Maintenance > Security > Server certificate > Generate CSR).",
    "If the issuer is not trusted: use a certificate of a public CA with all its intermediates (Maintenance > Security > Trusted CA certificate), or have the private CA's root and intermediates imported on every Microsoft edge server (certlm.msc).",
    "To be sure, take a trace of the edge while it happens: Start-CsClsLogging -Scenario AlwaysOn (or OCSLogger: SIPStack, all levels, TF_DIAG). Its record names the expected name and the one in the certificate.",
};
static const struct uct_text text_2[] = {
    {"en",
     "The Microsoft edge refused the certificate of {fqdn}, and the log does not say for which fault",
     "The header ms-diagnostics 1010 says that no trust could be established with the next server, and gives neither the wrong name nor the unknown root as the ground. [[The code in it is {hresult}.]] [[The type of error is \"{error_type}\".]] Nearly always it is one of two: the certificate lacks the name that was looked for [[({fqdn})]], or the edge does not trust its issuer. An expired certificate or a clock that is wrong shows the same.",
     fix_2_0, 4},
};
static const struct uct_sample sample_2[] = {
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a4;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7E\n"
        "Call-ID: 0d6f2a5c0b0f4c81\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";tls-target=\"vcse.meet.example.com\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a3;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7D\n"
        "Call-ID: 0d6f2a5c0b0f4c80\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";tls-target=\"vcse.meet.example.com\";PeerServer=\"vcse.meet.example.com\";HRESULT=\"0x80090325(SEC_E_UNTRUSTED_ROOT)\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_2_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
    "https://learn.microsoft.com/en-us/openspecs/office_protocols/ms-ocer/88f739c4-83cf-480e-bd53-fe2d311aad3f",
};
static const struct uct_index index_3[] = {
    {4, NULL, 1010u},
    {5, NULL, 2148074277u},
    {5, NULL, 2148204809u},
    {5, NULL, 2148204810u},
    {2, "unable to get local issuer certificate", 0u},
    {2, "unable to get issuer certificate", 0u},
    {2, "unable to verify the first certificate", 0u},
    {2, "self signed certificate", 0u},
    {2, "self-signed certificate", 0u},
    {2, "certificate not trusted", 0u},
    {2, "unknown ca", 0u},
};
static const struct uct_cond cond_3[] = {
    {6, NULL, NULL, 30},
    {5, NULL, NULL, 9},
    {2, "diag-id", "1010", 1},
    {6, NULL, NULL, 3},
    {4, "hresult", "(\077i)80090325|800b0109|800b010a|SEC_E_UNTRUSTED_ROOT|CERT_E_UNTRUSTEDROOT|CERT_E_CHAINING", 1},
    {4, "errortype", "(\077i)untrusted|not (\077:\\w+ ){0,3}trusted|trusted root", 1},
    {7, NULL, NULL, 2},
    {4, "hresult", "(\077i)80090322|SEC_E_WRONG_PRINCIPAL", 1},
    {7, NULL, NULL, 2},
    {4, "errortype", "(\077i)matching FQDN", 1},
    {5, NULL, NULL, 4},
    {1, "diag-id", "yes", 1},
    {4, "result", "(\077i)80090325|800b0109|800b010a", 1},
    {4, NULL, "(\077i)\\bTLS\\b|certificate|schannel|handshake", 1},
    {5, NULL, NULL, 16},
    {6, NULL, NULL, 12},
    {5, NULL, NULL, 3},
    {4, "event", "(\077i)inbound TLS Negotiation Error", 1},
    {4, "src-ip", "(\077<peer>.+)", 1},
    {5, NULL, NULL, 3},
    {4, "event", "(\077i)outbound TLS Negotiation Error", 1},
    {4, "dst-ip", "(\077<peer>.+)", 1},
    {4, "event", "(\077i)TLS Negotiation Error", 1},
    {5, NULL, NULL, 3},
    {3, "module", "developer.ssl", 1},
    {4, NULL, "remoteAddress=\"\\['IPv[46]'[ ,]*'TCP'[ ,]*'(\077<peer>[^']+)'", 1},
    {3, "module", "developer.ssl", 1},
    {6, NULL, NULL, 3},
    {4, NULL, "(\077<tls_error>unable to get (\077:local )\077issuer certificate|unable to verify the first certificate|self[- ]signed certificate(\077: in certificate chain)\077|certificate not trusted)", 1},
    {4, NULL, "(\077<tls_alert>(\077:(\077:sslv3|tlsv1|tlsv13) )\077alert unknown ca)", 1},
};
static const struct uct_param param_3[] = {
    {"domain", "domain", "call-domain", 0, 1},
    {"fqdn", "tls-target expected-fqdn fqdn common-name", NULL, 1, 1},
    {"certificate_name", "peerserver certname", NULL, 1, 1},
    {"peer", NULL, NULL, 1, 1},
    {"hresult", "hresult result", NULL, 0, 0},
    {"tls_error", NULL, NULL, 0, 0},
    {"tls_alert", NULL, NULL, 0, 0},
};
static const struct uct_explain explains_3[] = {
    {"federation.edge-504", 0, 0u},
};
static const char *const fix_3_0[] = {
    "Find which side refuses: a code or a message of a Microsoft server, or an \"unknown ca\" alert that Expressway received, means that the Expressway-E's certificate is not trusted over there; an OpenSSL error of Expressway's own means that the partner's is not trusted here.",
    "If the Expressway-E's certificate is refused: have it signed by a public CA (the Microsoft cloud accepts nothing else), put the CA's intermediate certificates into Maintenance > Security > Trusted CA certificate so that the whole chain is sent, and upload it at Maintenance > Security > Server certificate on every peer.",
    "With a private CA: the administrator of the Microsoft edge imports its root into Trusted Root Certification Authorities and its intermediates into Intermediate Certification Authorities of the local computer (certlm.msc, or Import-Certificate -CertStoreLocation Cert:\\LocalMachine\\Root) on every edge server, and only self-signed ones into the former.",
    "If the partner's certificate is refused [[({peer})]]: append the root and the intermediates that signed it at Maintenance > Security > Trusted CA certificate > Append CA certificate on every Expressway peer.",
};
static const struct uct_text text_3[] = {
    {"en",
     "A certificate was refused because its issuer is not trusted[[: {certificate_name}]][[ ({tls_error})]]",
     "[[The Microsoft server opened TLS to {fqdn} and could not follow the certificate it was shown up to a root that it trusts.]] [[Its code for that is {hresult}.]] [[Expressway ended the handshake with {peer}:]] [[OpenSSL says \"{tls_error}\", so the certificate that the other side presented does not lead to a CA in the Expressway's own list of trusted CAs. This does not mean that the certificate itself is self-signed: the end of its chain is not known here.]] [[The other side ended the handshake with the alert \"{tls_alert}\": it does not know the CA that signed the Expressway's certificate, or the intermediate certificates were not sent with it.]] Until the refusing side trusts the issuer no call passes between the two.",
     fix_3_0, 4},
};
static const struct uct_sample sample_3[] = {
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a3;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7D\n"
        "Call-ID: 0d6f2a5c0b0f4c80\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";tls-target=\"vcse.meet.example.com\";PeerServer=\"vcse.meet.example.com\";HRESULT=\"0x80090325(SEC_E_UNTRUSTED_ROOT)\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "2021-09-20T10:49:18.724-04:00 vcse01 tvcs: Event=\"Inbound TLS Negotiation Error\" Service=\"SIP\" Src-ip=\"192.0.2.73\" Src-port=\"58531\" Dst-ip=\"198.51.100.2\" Dst-port=\"5061\" Detail=\"self signed certificate in certificate chain\" Protocol=\"TLS\" Level=\"1\" UTCTime=\"2021-09-20 14:49:18,724\"\n", 1},
    {NULL,
        "2021-09-20T10:49:18.724-04:00 vcse01 tvcs: UTCTime=\"2021-09-20 14:49:18,724\" Module=\"developer.ssl\" Level=\"ERROR\" CodeLocation=\"ppcmains/ssl/ttssl/ttssl_openssl.cpp(68)\" Method=\"::TTSSLErrorOutput\" Thread=\"0x7f29ddefa700\": TTSSL_continueHandshake: Failed to establish SSL connection iResult=\"0\" error=\"1\" bServer=\"true\" localAddress=\"['IPv4''TCP''198.51.100.2:5061']\" remoteAddress=\"['IPv4''TCP''192.0.2.73:58531']\" ssl_error_reason=\"error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca\"\n", 1},
    {NULL,
        "2021-09-20T11:17:42.701-04:00 vcse01 tvcs: Event=\"Inbound TLS Negotiation Error\" Service=\"SIP\" Src-ip=\"192.0.2.45\" Src-port=\"46049\" Dst-ip=\"198.51.100.2\" Dst-port=\"5061\" Detail=\"Peer's TLS certificate identity was unacceptable\" Protocol=\"TLS\" Level=\"1\" UTCTime=\"2021-09-20 15:17:42,700\"\n", 0},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a2;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7C\n"
        "Call-ID: 0d6f2a5c0b0f4c7f\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";ErrorType=\"The peer certificate does not contain a matching FQDN\";tls-target=\"vcse.meet.example.com\";PeerServer=\"vcse.example.com\";HRESULT=\"0x80090322(SEC_E_WRONG_PRINCIPAL)\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_3_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/spark/212475-troubleshooting-guide-for-cisco-spark-hy.html",
    "https://learn.microsoft.com/en-us/windows/win32/com/com-error-codes-4",
};
static const char *const code_3_0[] = {
    "0x80090325",
    "SEC_E_UNTRUSTED_ROOT",
};
static const struct uct_index index_4[] = {
    {3, NULL, 504u},
};
static const struct uct_cond cond_4[] = {
    {2, "status", "504", 1},
    {4, "server", "^RTC/", 1},
    {1, "ms-diagnostics", "yes", 1},
};
static const struct uct_param param_4[] = {
    {"peer", "peer", NULL, 1, 1},
    {"server", "server", NULL, 0, 0},
};
static const char *const fix_4_0[] = {
    "Nothing to do here: mend the fault above it.",
};
static const struct uct_text text_4[] = {
    {"en",
     "The Microsoft edge[[ {peer}]] answered 504; another record says why",
     "A server that calls itself {server} answered \"504 Server time-out\" without a reason of its own. Another record of the same call in the logs at hand names the fault; this answer only passes it on.",
     fix_4_0, 1},
};
static const struct uct_sample sample_4[] = {
    {NULL,
        "TL_WARN(TF_DIAG) [edgepool\\edge01]0584.0A44::03/02/2017-07:10:46.230.0000773E (SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(830)) [156659184] $$begin_record\n"
        "Severity: warning\n"
        "Text: The domain of the message resolved by DNS SRV but none of the FQDNs is in the same domain\n"
        "Result-Code: 0xc3e93d6f SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH\n"
        "SIP-Start-Line: INVITE sip:bob@partner.example SIP/2.0\n"
        "SIP-Call-ID: 5f1c2d3e-0001-4632-b210-c2f9bec70001\n"
        "SIP-CSeq: 20662 INVITE\n"
        "Peer: vcse.example.com:25002\n"
        "Data: domain=\"meet.example.com\";fqdn1=\"vcse.example.com:5061\"\n"
        "$$end_record\n"
        "TL_INFO(TF_PROTOCOL) [edgepool\\edge01]0584.0A44::03/02/2017-07:10:46.231.0000773F (SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(265)) [156659184] $$begin_record\n"
        "Trace-Correlation-Id: 156659184\n"
        "Instance-Id: 0000C240\n"
        "Direction: outgoing;source=\"local\";destination=\"external edge\"\n"
        "Peer: vcse.example.com:25002\n"
        "Message-Type: response\n"
        "Start-Line: SIP/2.0 504 Server time-out\n"
        "From: \"Room\" <sip:2000@meet.example.com>;tag=9fea3e7d70afd884\n"
        "To: <sip:bob@partner.example>;tag=C65A7B0A8766A5\n"
        "CSeq: 20662 INVITE\n"
        "Call-ID: 5f1c2d3e-0001-4632-b210-c2f9bec70001\n"
        "Via: SIP/2.0/TLS 192.0.2.47:5061;branch=z9hG4bK42ee6fd77d32cc\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "Message-Body: -\n"
        "$$end_record\n", 1},
    {NULL,
        "2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime=\"2017-03-02 07:10:46,240\" Module=\"network.sip\" Level=\"DEBUG\":  Action=\"Received\" Local-ip=\"192.0.2.47\" Local-port=\"25002\" Src-ip=\"198.51.100.6\" Src-port=\"5061\" Msg-Hash=\"13707918855517357847\"\n"
        " SIPMSG:\n"
        " |SIP/2.0 504 Server time-out\n"
        " Via: SIP/2.0/TLS 192.0.2.47:5061;egress-zone=DNSZone1;branch=z9hG4bK42ee6fd77d32cc;proxy-call-id=6b2a018a-2da5-4013-a7e5-4e1455fead00;rport;received=192.0.2.47;ms-received-port=25002;ms-received-cid=100\n"
        " Call-ID: 5f1c2d3e-0001-4632-b210-c2f9bec70001\n"
        " CSeq: 20662 INVITE\n"
        " From: \"Room\" <sip:2000@meet.example.com>;tag=9fea3e7d70afd884\n"
        " To: <sip:bob@partner.example>;tag=C65A7B0A8766A5\n"
        " Server: RTC/6.0\n"
        " Content-Length: 0\n"
        " \n"
        " |\n"
        "\n", 0},
};
static const char *const reference_4_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
};
static const struct uct_param param_5[] = {
    {"peer", "peer", NULL, 1, 1},
    {"call_id", "call-id", NULL, 0, 0},
};
static const char *const fix_5_0[] = {
    "Wanted: the trace of the edge server (each one of the edge pool) [[behind {peer}]] in text form, component SIPStack, flags TF_DIAG and TF_PROTOCOL, level All (Verbose), of a time in which the call is made once.",
    "Lync 2013 and later, in the management shell: Start-CsClsLogging -Scenario AlwaysOn -Pools EDGEPOOL (put the edge pool's name), make the call, wait a minute, then Search-CsClsLogging -Pools EDGEPOOL -Components SIPStack -OutputFilePath C:\\edge.txt [[-CallId {call_id}]], and Stop-CsClsLogging -Scenario AlwaysOn if it was not on before.",
    "Lync 2010, OCS 2007, or on the edge itself: start OCSLogger.exe, tick SIPStack, level All, flags TF_DIAG and TF_PROTOCOL, Start Logging, make the call, Stop Logging, View Log Files, save the text (not the .etl).",
    "Without access to that server (a partner, the Microsoft cloud): let the Microsoft user call in the other direction and take the client's log %LOCALAPPDATA%\\Microsoft\\Office\\16.0\\Lync\\Tracing\\Lync-UccApi-0.UccApiLog (15.0 for 2013; logging \"Full\" in Options > General); the 504 in it carries the ms-diagnostics header.",
    "Give that file to uctriage together with the logs that are here.",
};
static const struct uct_text text_5[] = {
    {"en",
     "The trace of the Microsoft edge[[ {peer}]] would say why it answered 504",
     "No log at hand holds the reason of the 504. The Microsoft edge writes it as a warning or an error into its own SIPStack trace (records of flag TF_DIAG, with Result-Code and Data), and gives it to its own clients as an ms-diagnostics header; it does not send it across the federation.",
     fix_5_0, 5},
};
static const struct uct_sample sample_5[] = {
    {NULL,
        "2017-03-02T08:10:46.240+01:00 vcse tvcs: UTCTime=\"2017-03-02 07:10:46,240\" Module=\"network.sip\" Level=\"DEBUG\":  Action=\"Received\" Local-ip=\"192.0.2.47\" Local-port=\"25002\" Src-ip=\"198.51.100.6\" Src-port=\"5061\" Msg-Hash=\"13707918855517357847\"\n"
        " SIPMSG:\n"
        " |SIP/2.0 504 Server time-out\n"
        " Via: SIP/2.0/TLS 192.0.2.47:5061;egress-zone=DNSZone1;branch=z9hG4bK42ee6fd77d32cc;proxy-call-id=6b2a018a-2da5-4013-a7e5-4e1455fead00;rport;received=192.0.2.47;ms-received-port=25002;ms-received-cid=100\n"
        " Call-ID: 5f1c2d3e-0001-4632-b210-c2f9bec70001\n"
        " CSeq: 20662 INVITE\n"
        " From: \"Room\" <sip:2000@meet.example.com>;tag=9fea3e7d70afd884\n"
        " To: <sip:bob@partner.example>;tag=C65A7B0A8766A5\n"
        " Server: RTC/6.0\n"
        " Content-Length: 0\n"
        " \n"
        " |\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a5;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7F\n"
        "Call-ID: 0d6f2a5c0b0f4c82\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1008;reason=\"Unable to resolve DNS SRV record\";domain=\"meet.example.com\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_5_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
    "https://learn.microsoft.com/en-us/powershell/module/skype/search-csclslogging",
};
static const struct uct_param param_6[] = {
    {"domain", "domain", "call-domain", 1, 1},
    {"fqdn", "tls-target fqdn fqdn1 peerserver", NULL, 1, 1},
};
static const char *const fix_6_0[] = {
    "On the Expressway-E (every peer of the cluster): Maintenance > Diagnostics > Diagnostic logging > Start new log, with \"Take tcpdump while logging\" ticked; raise developer.ssl to DEBUG at Maintenance > Diagnostics > Advanced > Support Log configuration.",
    "Make the failing call once, stop logging, collect and download the log, and give it to uctriage together with what is here. If it shows no connection from the Microsoft edge at all, look at the firewalls between the two.",
};
static const struct uct_text text_6[] = {
    {"en",
     "The diagnostic log of the far Expressway-E would say why it broke off TLS",
     "The Microsoft side only sees that the connection was closed during the TLS handshake. The Expressway-E [[{fqdn}]] that closed it writes the ground down; without its log of that moment it stays open who has to act.",
     fix_6_0, 2},
};
static const struct uct_sample sample_6[] = {
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a6;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A80\n"
        "Call-ID: 0d6f2a5c0b0f4c83\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1047;reason=\"Failed to complete TLS negotiation with a federated peer server\";WinsockFailureCode=\"10054(WSAECONNRESET)\";WinsockFailureDescription=\"The peer forced closure of the connection\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a5;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7F\n"
        "Call-ID: 0d6f2a5c0b0f4c82\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1008;reason=\"Unable to resolve DNS SRV record\";domain=\"meet.example.com\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_6_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/spark/212475-troubleshooting-guide-for-cisco-spark-hy.html",
};
static const struct uct_index index_7[] = {
    {4, NULL, 1002u},
};
static const struct uct_param param_7[] = {
    {"from_domain", NULL, "call-from-domain", 1, 1},
    {"to_domain", NULL, "call-to-domain", 1, 1},
    {"source", "source", NULL, 0, 1},
};
static const struct uct_explain explains_7[] = {
    {"federation.edge-504", 0, 0u},
};
static const char *const fix_7_0[] = {
    "Find how far it reaches: one contact only points to the user's policy, one domain to the lists, everybody to federation being off.",
    "On the Microsoft side, for the organisation: Get-CsAccessEdgeConfiguration must show AllowFederatedUsers True (Set-CsAccessEdgeConfiguration -AllowFederatedUsers $true); in the Microsoft cloud Get-CsTenantFederationConfiguration.",
    "For the domain: look in Get-CsBlockedDomain and Get-CsAllowedDomain; New-CsAllowedDomain -Identity DOMAIN with the partner's domain adds it, Remove-CsBlockedDomain takes a block away.",
    "For the user: Get-CsUser shows the ExternalAccessPolicy; Grant-CsExternalAccessPolicy with one whose EnableFederationAccess is True permits it. Allow some time until it takes effect.",
};
static const struct uct_text text_7[] = {
    {"en",
     "The Microsoft side does not permit federation between {from_domain} and {to_domain}",
     "The server [[{source}]] answered with ms-diagnostics 1002: the caller may not communicate with federated partners. This is a decision of its configuration, not a fault of DNS or certificates: federation is off for the organisation, the partner's domain is not on the list of allowed domains or stands on the blocked one, or the user's external access policy forbids it.",
     fix_7_0, 4},
};
static const struct uct_sample sample_7[] = {
    {NULL,
        "SIP/2.0 403 Forbidden\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a7;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A81\n"
        "Call-ID: 0d6f2a5c0b0f4c84\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1002;reason=\"From URI not authorized to communicate with federated partners\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 404 Not Found\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a8;epid=0c1\n"
        "To: <sip:nobody@partner.example>;tag=C65A82\n"
        "Call-ID: 0d6f2a5c0b0f4c85\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1003;reason=\"User does not exist\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_7_0[] = {
    "https://learn.microsoft.com/en-us/openspecs/office_protocols/ms-ocer/88f739c4-83cf-480e-bd53-fe2d311aad3f",
    "https://learn.microsoft.com/en-us/powershell/module/skype/new-csalloweddomain",
};
static const struct uct_index index_8[] = {
    {4, NULL, 1047u},
};
static const struct uct_param param_8[] = {
    {"domain", "domain", "call-domain", 1, 1},
    {"fqdn", "tls-target fqdn fqdn1 peerserver", NULL, 1, 1},
    {"winsock", "winsockfailurecode", NULL, 0, 0},
    {"description", "winsockfailuredescription", NULL, 0, 0},
    {"source", "source", NULL, 0, 1},
};
static const struct uct_explain explains_8[] = {
    {"federation.edge-504", 0, 0u},
};
static const char *const fix_8_0[] = {
    "On the Expressway-E look in Status > Logs > Event Log for \"TLS Negotiation Error\" with the Microsoft edge's address at that time: its Detail gives the ground.",
    "If it does not trust the issuer: append the root and the intermediates of the Microsoft edge's certificate at Maintenance > Security > Trusted CA certificate.",
    "If it does not accept the name: correct the TLS verify subject name of the zone (Configuration > Zones > Zones), or have the Microsoft edge's certificate issued to its access edge name.",
    "If nothing is logged there: compare TLS versions and ciphers (Maintenance > Security > Ciphers), and turn off SIP and TLS inspection on the firewalls on the way.",
};
static const struct uct_text text_8[] = {
    {"en",
     "The far side broke off the TLS negotiation with the Microsoft edge[[ ({winsock})]]",
     "TCP to the federated server [[{fqdn}]] came about, but it closed the connection before TLS was agreed. [[Windows reports {winsock}.]] [[({description})]] The ground is known over there only. The usual ones: it does not trust the CA of the Microsoft edge's certificate, or that certificate lacks the name it looks for (TLS verify subject name of the zone); both share no TLS version or cipher; a firewall between them inspects TLS and resets it.",
     fix_8_0, 4},
};
static const struct uct_sample sample_8[] = {
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a6;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A80\n"
        "Call-ID: 0d6f2a5c0b0f4c83\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1047;reason=\"Failed to complete TLS negotiation with a federated peer server\";WinsockFailureCode=\"10054(WSAECONNRESET)\";WinsockFailureDescription=\"The peer forced closure of the connection\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a4;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7E\n"
        "Call-ID: 0d6f2a5c0b0f4c81\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1010;reason=\"Certificate trust with another server could not be established\";tls-target=\"vcse.meet.example.com\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_8_0[] = {
    "https://www.risual.com/2012/06/lync-federation-issue-presence-unknown-with-a-remote-lyncocs-partner/",
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/spark/212475-troubleshooting-guide-for-cisco-spark-hy.html",
};
static const struct uct_index index_9[] = {
    {5, NULL, 3286842735u},
    {4, NULL, 1009u},
};
static const struct uct_param param_9[] = {
    {"domain", "domain", "call-domain", 1, 1},
    {"fqdn", "fqdn1 fqdn", NULL, 1, 1},
    {"certificate_name", "certname", NULL, 1, 1},
    {"header", NULL, "call-header", 0, 0},
};
static const struct uct_explain explains_9[] = {
    {"federation.edge-504", 0, 0u},
};
static const char *const fix_9_0[] = {
    "Either give {domain} a target of its own: in public DNS create a host in it (for example expe.{domain}) with an A record to the public address of the Expressway-E, and let the SRV record _sipfederationtls._tcp.{domain} (port 5061) point to that host instead of {fqdn}.",
    "Then add that host's name to the subject alternative names of the Expressway-E's certificate (Maintenance > Security > Server certificate > Generate CSR), have it signed by a CA that the Microsoft side trusts, and upload it on every peer of the cluster.",
    "Or call with a domain whose SRV record is right already: change the domain in [[the {header} header of]] the calls (on the Meeting Server, Outbound calls > Local from domain; on Expressway, a transform or the search rules; on CUCM, the cluster's fully qualified domain name), and let the Microsoft users dial that domain.",
    "Check from outside: nslookup -type=SRV _sipfederationtls._tcp.{domain} must answer with a host that ends in .{domain} and has one label more than it.",
};
static const char *const fix_9_1[] = {
    "\344\275\234\346\263\225\344\270\200\357\274\232\350\256\223 {domain} \346\234\211\350\207\252\345\267\261\347\232\204\347\233\256\346\250\231\344\270\273\346\251\237\343\200\202\345\234\250\345\205\254\347\224\250 DNS \345\273\272\347\253\213\344\270\200\345\217\260\350\251\262\347\266\262\345\237\237\345\205\247\347\232\204\344\270\273\346\251\237\357\274\210\344\276\213\345\246\202 expe.{domain}\357\274\211\357\274\214\345\205\266 A \350\250\230\351\214\204\346\214\207\345\220\221 Expressway-E \347\232\204\345\205\254\347\224\250 IP\357\274\214\345\206\215\346\212\212 SRV \350\250\230\351\214\204 _sipfederationtls._tcp.{domain}\357\274\210\351\200\243\346\216\245\345\237\240 5061\357\274\211\347\224\261 {fqdn} \346\224\271\347\202\272\346\214\207\345\220\221\351\200\231\345\217\260\344\270\273\346\251\237\343\200\202",
    "\346\216\245\350\221\227\346\212\212\351\200\231\345\217\260\344\270\273\346\251\237\347\232\204\345\220\215\347\250\261\345\212\240\345\205\245 Expressway-E \346\206\221\350\255\211\347\232\204\344\270\273\351\253\224\345\210\245\345\220\215 (SAN)\357\274\210Maintenance > Security > Server certificate > Generate CSR\357\274\211\357\274\214\344\272\244\347\224\261 Microsoft \344\270\200\346\226\271\344\277\241\344\273\273\347\232\204\346\206\221\350\255\211\346\216\210\346\254\212\345\226\256\344\275\215\347\260\275\347\275\262\357\274\214\344\270\246\344\270\212\345\202\263\345\210\260\345\217\242\351\233\206\344\270\255\347\232\204\346\257\217\344\270\200\345\217\260\343\200\202",
    "\344\275\234\346\263\225\344\272\214\357\274\232\346\224\271\347\224\250 SRV \350\250\230\351\214\204\345\267\262\347\266\223\346\255\243\347\242\272\347\232\204\347\266\262\345\237\237\346\222\245\350\231\237\343\200\202\350\256\212\346\233\264\345\221\274\345\217\253\344\270\255[[ {header} \346\250\231\351\240\255]]\346\211\200\345\270\266\347\232\204\347\266\262\345\237\237\357\274\210Meeting Server\357\274\232Outbound calls > Local from domain\357\274\233Expressway\357\274\232transform \346\210\226 search rule\357\274\233CUCM\357\274\232\345\217\242\351\233\206\347\232\204\345\256\214\346\225\264\347\266\262\345\237\237\345\220\215\347\250\261\357\274\211\357\274\214\344\270\246\350\253\213 Microsoft \344\275\277\347\224\250\350\200\205\346\224\271\346\222\245\350\251\262\347\266\262\345\237\237\343\200\202",
    "\345\276\236\345\244\226\351\203\250\351\251\227\350\255\211\357\274\232nslookup -type=SRV _sipfederationtls._tcp.{domain} \347\232\204\347\265\220\346\236\234\345\277\205\351\240\210\346\230\257\344\273\245 .{domain} \347\265\220\345\260\276\343\200\201\350\200\214\344\270\224\345\217\252\345\244\232\344\270\200\347\257\200\345\220\215\347\250\261\347\232\204\344\270\273\346\251\237\343\200\202",
};
static const struct uct_text text_9[] = {
    {"en",
     "The federation SRV record of {domain} leads to {fqdn}, which is not a host of that domain",
     "Before it trusts a federated partner, the Microsoft edge looks up _sipfederationtls._tcp.{domain} and demands that the host it finds stands directly in {domain}: the same domain, no sub-domain and no other one. The record leads to {fqdn}, so the edge drops the request and answers 504 without a word to the far end. [[The domain came from the {header} header of the INVITE.]] For a call from the Microsoft side it is the domain that was dialled.",
     fix_9_0, 4},
    {"zh-Hant",
     "{domain} \347\232\204\350\201\257\347\233\237 SRV \350\250\230\351\214\204\346\214\207\345\220\221 {fqdn}\357\274\214\344\275\206\351\200\231\345\217\260\344\270\273\346\251\237\344\270\215\347\233\264\346\216\245\345\261\254\346\226\274\350\251\262\347\266\262\345\237\237",
     "Microsoft \351\202\212\347\267\243\344\274\272\346\234\215\345\231\250\345\234\250\344\277\241\344\273\273\350\201\257\347\233\237\345\260\215\350\261\241\344\271\213\345\211\215\357\274\214\346\234\203\346\237\245\350\251\242 _sipfederationtls._tcp.{domain}\357\274\214\344\270\246\350\246\201\346\261\202\346\237\245\345\210\260\347\232\204\344\270\273\346\251\237\347\233\264\346\216\245\344\275\215\346\226\274 {domain} \344\271\213\344\270\213\357\274\232\345\277\205\351\240\210\346\230\257\345\220\214\344\270\200\345\200\213\347\266\262\345\237\237\357\274\214\345\255\220\347\266\262\345\237\237\346\210\226\345\205\266\344\273\226\347\266\262\345\237\237\351\203\275\344\270\215\346\216\245\345\217\227\343\200\202\347\233\256\345\211\215\350\250\230\351\214\204\346\214\207\345\220\221 {fqdn}\357\274\214\346\211\200\344\273\245\351\202\212\347\267\243\344\274\272\346\234\215\345\231\250\344\270\215\350\275\211\351\200\201\351\200\231\345\200\213\350\246\201\346\261\202\357\274\214\345\217\252\345\220\221\345\260\215\347\253\257\345\233\236\350\246\206\344\270\215\351\231\204\345\216\237\345\233\240\347\232\204 504\343\200\202 [[\351\200\231\345\200\213\347\266\262\345\237\237\345\217\226\350\207\252 INVITE \347\232\204 {header} \346\250\231\351\240\255\343\200\202]]\350\213\245\346\230\257\345\276\236 Microsoft \344\270\200\346\226\271\346\222\245\345\207\272\357\274\214\345\211\207\346\230\257\346\211\200\346\222\245\350\231\237\347\242\274\344\270\255\347\232\204\347\266\262\345\237\237\343\200\202",
     fix_9_1, 4},
};
static const struct uct_sample sample_9[] = {
    {NULL,
        "TL_WARN(TF_DIAG) [edgepool\\edge01]0584.0A44::03/02/2017-07:10:46.230.0000773E (SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(830)) [156659184] $$begin_record\n"
        "Severity: warning\n"
        "Text: The domain of the message resolved by DNS SRV but none of the FQDNs is in the same domain\n"
        "Result-Code: 0xc3e93d6f SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH\n"
        "SIP-Start-Line: INVITE sip:bob@partner.example SIP/2.0\n"
        "SIP-Call-ID: 5f1c2d3e-0001-4632-b210-c2f9bec70001\n"
        "SIP-CSeq: 20662 INVITE\n"
        "Peer: vcse.example.com:25002\n"
        "Data: domain=\"meet.example.com\";fqdn1=\"vcse.example.com:5061\"\n"
        "$$end_record\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a1;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7B\n"
        "Call-ID: 0d6f2a5c0b0f4c7e\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1009;reason=\"No match for domain in DNS SRV results\";domain=\"meet.example.com\";fqdn1=\"vcse.sub.meet.example.com:5061\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "TL_ERROR(TF_DIAG) [edgepool\\edge01]0B60.0D6C::03/02/2017-06:30:40.025.00005602 (SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(833)) [3634190282] $$begin_record\n"
        "Severity: error\n"
        "Text: Message cannot be routed because the peer's certificate does not contain a matching FQDN\n"
        "Result-Code: 0xc3e93d67 SIPPROXY_E_ROUTING_MSG_CERT_MISMATCH\n"
        "SIP-Start-Line: INVITE sip:bob@partner.example SIP/2.0\n"
        "SIP-Call-ID: 5f1c2d3e-0002-4632-b210-c2f9bec70002\n"
        "SIP-CSeq: 15676 INVITE\n"
        "Peer: vcse.example.com:25001\n"
        "Data: expected-fqdn=\"vcse.meet.example.com\";certName=\"vcse.example.com\";info=\"The peer certificate does not contain a matching FQDN\"\n"
        "$$end_record\n", 0},
};
static const char *const reference_9_0[] = {
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
    "https://learn.microsoft.com/en-us/openspecs/office_protocols/ms-ocer/88f739c4-83cf-480e-bd53-fe2d311aad3f",
};
static const char *const code_9_0[] = {
    "0xc3e93d6f",
    "SIPPROXY_E_EPROUTING_MSG_ALLOWED_DOMAIN_NO_SRV_MATCH",
};
static const struct uct_index index_10[] = {
    {4, NULL, 1008u},
    {2, "DNS SRV", 0u},
};
static const struct uct_cond cond_10[] = {
    {6, NULL, NULL, 7},
    {2, "diag-id", "1008", 1},
    {5, NULL, NULL, 5},
    {1, "diag-id", "yes", 1},
    {4, "text", "(\077i)(\077:unable to|could not|cannot|failed to) resolve .{0,60}\\bSRV\\b|\\bSRV\\b.{0,80}(\077:could not be resolved|cannot be resolved|resolution failed|was not found|does not exist)", 1},
    {7, NULL, NULL, 2},
    {2, "result", "0xc3e93d6f", 1},
};
static const struct uct_param param_10[] = {
    {"domain", "domain", "call-domain", 1, 1},
    {"source", "source", NULL, 0, 1},
};
static const struct uct_explain explains_10[] = {
    {"federation.edge-504", 0, 0u},
};
static const char *const fix_10_0[] = {
    "Ask from outside: nslookup -type=SRV _sipfederationtls._tcp.{domain} 8.8.8.8",
    "If there is no answer, create in public DNS the SRV record _sipfederationtls._tcp.{domain}, priority 0, weight 0, port 5061, to a host directly in {domain} with an A record to the Expressway-E, and have that host's name in the Expressway-E's certificate.",
    "If {domain} is not meant to be seen outside, let the calls carry a public domain: on Expressway with a transform or search rule, on the Meeting Server with Outbound calls > Local from domain.",
    "If outside there is an answer, ask on the edge server itself: Resolve-DnsName -Type SRV _sipfederationtls._tcp.{domain}. If that fails, let the edge's outer interface use public DNS servers (or add the record where it asks), and open TCP and UDP 53 for it.",
};
static const struct uct_text text_10[] = {
    {"en",
     "The Microsoft edge found no federation SRV record for {domain}",
     "The edge [[{source}]] asks DNS for _sipfederationtls._tcp.{domain}: of the domain that was dialled, or, for a call that comes in, of the domain in its From or P-Asserted-Identity header. It got no usable answer. Either the record is not in public DNS (also: the call carries a domain that only exists inside), or the edge cannot ask: its outer interface uses a DNS server that answers for this domain itself, or port 53 is closed to it.",
     fix_10_0, 4},
};
static const struct uct_sample sample_10[] = {
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a5;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7F\n"
        "Call-ID: 0d6f2a5c0b0f4c82\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1008;reason=\"Unable to resolve DNS SRV record\";domain=\"meet.example.com\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 504 Server time-out\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;ms-received-port=62937;ms-received-cid=6DA00\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9a1;epid=0c1\n"
        "To: <sip:space@meet.example.com>;tag=C65A7B\n"
        "Call-ID: 0d6f2a5c0b0f4c7e\n"
        "CSeq: 1 INVITE\n"
        "ms-diagnostics: 1009;reason=\"No match for domain in DNS SRV results\";domain=\"meet.example.com\";fqdn1=\"vcse.sub.meet.example.com:5061\";source=\"sip.partner.example\"\n"
        "Server: RTC/6.0\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_10_0[] = {
    "https://learn.microsoft.com/en-us/openspecs/office_protocols/ms-ocer/88f739c4-83cf-480e-bd53-fe2d311aad3f",
    "https://github.com/MicrosoftDocs/OfficeDocs-Support/blob/HEAD/SkypeforBusiness/SkypeHybrid/hybrid-phone-system/incoming-call-fails-cloud-connector.md",
    "https://www.cisco.com/c/en/us/support/docs/unified-communications/expressway/212383-configure-and-troubleshoot-dns-and-certi.html",
};
static const struct uct_index index_11[] = {
    {3, NULL, 0u},
};
static const struct uct_cond cond_11[] = {
    {4, "status", "^[3-6][0-9][0-9]$", 1},
    {7, NULL, NULL, 2},
    {4, "status", "^(\077:401|407|486|487|600)$", 1},
    {7, NULL, NULL, 4},
    {5, NULL, NULL, 3},
    {2, "status", "481", 1},
    {4, "method", "^(\077:OPTIONS|NOTIFY|SUBSCRIBE)$", 1},
    {7, NULL, NULL, 7},
    {5, NULL, NULL, 6},
    {2, "status", "504", 1},
    {4, "server", "^RTC/", 1},
    {1, "ms-diagnostics", "yes", 1},
    {1, "reason", "yes", 1},
    {1, "warning", "yes", 1},
};
static const struct uct_param param_11[] = {
    {"status", "status", NULL, 1, 0},
    {"method", "method", NULL, 1, 0},
    {"phrase", "phrase", NULL, 0, 0},
    {"server", "server user-agent", NULL, 0, 0},
    {"reason", "reason warning ms-diagnostics", NULL, 0, 0},
};
static const char *const fix_11_0[] = {
    "Follow the answer to the first box that sent it (uctriage ladder shows the hops), and take that box's log of the same moment.",
};
static const struct uct_text text_11[] = {
    {"en",
     "{method} ended with {status}[[ {phrase}]]; the logs at hand do not say why",
     "The final answer was {status}[[ {phrase}]][[, and the answering side calls itself {server}]]. [[It adds: {reason}.]] No record at hand names the fault behind it. An answer like this is passed on from hop to hop; the box that gave it first knows the reason.",
     fix_11_0, 1},
};
static const struct uct_sample sample_11[] = {
    {NULL,
        "SIP/2.0 503 Service Unavailable\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;branch=z9hG4bK1\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9b1\n"
        "To: <sip:space@meet.example.com>;tag=C65B01\n"
        "Call-ID: 0d6f2a5c0b0f4d01\n"
        "CSeq: 1 INVITE\n"
        "Server: ExampleServer/1.0\n"
        "Content-Length: 0\n"
        "\n", 1},
    {NULL,
        "SIP/2.0 486 Busy Here\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;branch=z9hG4bK2\n"
        "From: \"Bob\" <sip:bob@partner.example>;tag=9b2\n"
        "To: <sip:space@meet.example.com>;tag=C65B02\n"
        "Call-ID: 0d6f2a5c0b0f4d02\n"
        "CSeq: 1 INVITE\n"
        "Server: ExampleServer/1.0\n"
        "Content-Length: 0\n"
        "\n", 0},
    {NULL,
        "SIP/2.0 481 Call/Transaction Does Not Exist\n"
        "Via: SIP/2.0/TLS 192.0.2.71:62937;branch=z9hG4bK3\n"
        "From: <sip:probe@partner.example>;tag=9b3\n"
        "To: <sip:meet.example.com>;tag=C65B03\n"
        "Call-ID: 0d6f2a5c0b0f4d03\n"
        "CSeq: 7 OPTIONS\n"
        "Content-Length: 0\n"
        "\n", 0},
};
static const char *const reference_11_0[] = {
    "https://www.rfc-editor.org/rfc/rfc3261#section-21",
};
const struct uct_rule uct_builtin_rules[] = {
    {.id = "federation.bare-504", .class_ = 2, .severity = 1, .confidence = 0, .actor = 3,
     .kinds = 2, .when = 1, .call_failed = 0, .implies = "federation.edge-trace-wanted",
     .index = index_0, .nindex = 1,
     .cond = cond_0, .ncond = 5,
     .param = param_0, .nparam = 2,
     .text = text_0, .ntext = 1,
     .reference = reference_0_0, .nreference = 1,
     .sample = sample_0, .nsample = 2,
    },
    {.id = "federation.cert-name-mismatch", .class_ = 0, .severity = 1, .confidence = 0, .actor = 0,
     .kinds = 60, .when = 0, .call_failed = 0, .implies = NULL,
     .index = index_1, .nindex = 2,
     .cond = cond_1, .ncond = 4,
     .param = param_1, .nparam = 3,
     .explains = explains_1, .nexplains = 1,
     .text = text_1, .ntext = 2,
     .reference = reference_1_0, .nreference = 2,
     .code = code_1_0, .ncode = 2,
     .sample = sample_1, .nsample = 3,
    },
    {.id = "federation.cert-refused", .class_ = 0, .severity = 1, .confidence = 1, .actor = 0,
     .kinds = 4, .when = 0, .call_failed = 0, .implies = NULL,
     .index = index_2, .nindex = 1,
     .cond = cond_2, .ncond = 6,
     .param = param_2, .nparam = 5,
     .explains = explains_2, .nexplains = 1,
     .text = text_2, .ntext = 1,
     .reference = reference_2_0, .nreference = 2,
     .sample = sample_2, .nsample = 2,
    },
    {.id = "federation.cert-untrusted", .class_ = 0, .severity = 1, .confidence = 0, .actor = 0,
     .kinds = 29, .when = 0, .call_failed = 0, .implies = NULL,
     .index = index_3, .nindex = 11,
     .cond = cond_3, .ncond = 30,
     .param = param_3, .nparam = 7,
     .explains = explains_3, .nexplains = 1,
     .text = text_3, .ntext = 1,
     .reference = reference_3_0, .nreference = 3,
     .code = code_3_0, .ncode = 2,
     .sample = sample_3, .nsample = 5,
    },
    {.id = "federation.edge-504", .class_ = 2, .severity = 1, .confidence = 0, .actor = 3,
     .kinds = 2, .when = 2, .call_failed = 0, .implies = NULL,
     .index = index_4, .nindex = 1,
     .cond = cond_4, .ncond = 3,
     .param = param_4, .nparam = 2,
     .text = text_4, .ntext = 1,
     .reference = reference_4_0, .nreference = 1,
     .sample = sample_4, .nsample = 2,
    },
    {.id = "federation.edge-trace-wanted", .class_ = 3, .severity = 3, .confidence = 0, .actor = 1,
     .kinds = 0, .when = 0, .call_failed = 0, .implies = NULL,
     .param = param_5, .nparam = 2,
     .text = text_5, .ntext = 1,
     .reference = reference_5_0, .nreference = 2,
     .sample = sample_5, .nsample = 2,
    },
    {.id = "federation.far-side-log-wanted", .class_ = 3, .severity = 3, .confidence = 0, .actor = 0,
     .kinds = 0, .when = 0, .call_failed = 0, .implies = NULL,
     .param = param_6, .nparam = 2,
     .text = text_6, .ntext = 1,
     .reference = reference_6_0, .nreference = 1,
     .sample = sample_6, .nsample = 2,
    },
    {.id = "federation.not-allowed", .class_ = 0, .severity = 1, .confidence = 0, .actor = 1,
     .kinds = 4, .when = 0, .call_failed = 0, .implies = NULL,
     .index = index_7, .nindex = 1,
     .param = param_7, .nparam = 3,
     .explains = explains_7, .nexplains = 1,
     .text = text_7, .ntext = 1,
     .reference = reference_7_0, .nreference = 2,
     .sample = sample_7, .nsample = 2,
    },
    {.id = "federation.peer-reset-tls", .class_ = 0, .severity = 1, .confidence = 1, .actor = 3,
     .kinds = 4, .when = 0, .call_failed = 0, .implies = "federation.far-side-log-wanted",
     .index = index_8, .nindex = 1,
     .param = param_8, .nparam = 5,
     .explains = explains_8, .nexplains = 1,
     .text = text_8, .ntext = 1,
     .reference = reference_8_0, .nreference = 2,
     .sample = sample_8, .nsample = 2,
    },
    {.id = "federation.srv-domain-mismatch", .class_ = 0, .severity = 1, .confidence = 0, .actor = 0,
     .kinds = 60, .when = 0, .call_failed = 0, .implies = NULL,
     .index = index_9, .nindex = 2,
     .param = param_9, .nparam = 4,
     .explains = explains_9, .nexplains = 1,
     .text = text_9, .ntext = 2,
     .reference = reference_9_0, .nreference = 2,
     .code = code_9_0, .ncode = 2,
     .sample = sample_9, .nsample = 3,
    },
    {.id = "federation.srv-missing", .class_ = 0, .severity = 1, .confidence = 1, .actor = 0,
     .kinds = 12, .when = 0, .call_failed = 0, .implies = NULL,
     .index = index_10, .nindex = 2,
     .cond = cond_10, .ncond = 7,
     .param = param_10, .nparam = 2,
     .explains = explains_10, .nexplains = 1,
     .text = text_10, .ntext = 1,
     .reference = reference_10_0, .nreference = 3,
     .sample = sample_10, .nsample = 2,
    },
    {.id = "sip.final-error", .class_ = 2, .severity = 2, .confidence = 0, .actor = 3,
     .kinds = 2, .when = 1, .call_failed = 1, .implies = NULL,
     .index = index_11, .nindex = 1,
     .cond = cond_11, .ncond = 14,
     .param = param_11, .nparam = 5,
     .text = text_11, .ntext = 1,
     .reference = reference_11_0, .nreference = 1,
     .sample = sample_11, .nsample = 3,
    },
};
const size_t uct_builtin_nrules = 12;
