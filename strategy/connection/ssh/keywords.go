package ssh

import (
	"fmt"
	"slices"
	"strings"
)

// The table of all keywords of ssh_config(5), OpenSSH 9.2, and what becomes of
// each. A keyword that is in no list is OpenSSH's "Bad configuration option".

// used are those that settings.go reads.
var used = words(`
	addressfamily batchmode bindaddress certificatefile challengeresponseauthentication ciphers
	connecttimeout connectionattempts forwardagent globalknownhostsfile gssapiauthentication
	hashknownhosts hostkeyalgorithms hostkeyalias hostname identitiesonly identityagent
	identityfile ignoreunknown kbdinteractiveauthentication kexalgorithms macs
	numberofpasswordprompts passwordauthentication port preferredauthentications proxycommand
	proxyjump pubkeyacceptedalgorithms pubkeyacceptedkeytypes pubkeyauthentication sendenv
	serveralivecountmax serveraliveinterval setenv skeyauthentication stricthostkeychecking
	tcpkeepalive user userknownhostsfile loglevel rekeylimit fingerprinthash requesttty remotecommand`)

// cumulative are those of which every occurrence counts.
var cumulative = words(`identityfile certificatefile sendenv setenv localforward remoteforward dynamicforward`)

// ignored change nothing that matters to a run; the reason is told at -vvv.
var ignored = map[string]string{
	"controlmaster":  "one session per host is kept for the whole run",
	"controlpath":    "one session per host is kept for the whole run",
	"controlpersist": "one session per host is kept for the whole run",
	"compression":    "the agent's traffic is compressed where that pays",
	"syslogfacility": "nothing is logged to syslog",
	"forwardx11":     "no program with windows is run", "forwardx11trusted": "no program with windows is run",
	"forwardx11timeout": "no program with windows is run", "xauthlocation": "no program with windows is run",
	"ipqos":      "the system's default holds",
	"escapechar": "there is no terminal", "enableescapecommandline": "there is no terminal",
	"visualhostkey": "no picture is drawn",
	"stdinnull":     "input is the agent's", "forkafterauthentication": "the connection stays with the run",
	"sessiontype": "commands are always run", "exitonforwardfailure": "nothing is forwarded",
	"clearallforwardings": "nothing is forwarded", "gatewayports": "nothing is forwarded",
	"streamlocalbindmask": "nothing is forwarded", "streamlocalbindunlink": "nothing is forwarded",
	"permitremoteopen":          "nothing is forwarded",
	"updatehostkeys":            "known_hosts is only added to",
	"tag":                       "only Match tagged reads it",
	"gssapidelegatecredentials": "only ssh's own GSSAPI reads it",
	"gssapiclientidentity":      "", "gssapiserveridentity": "", "gssapitrustdns": "", "gssapirenewalforcesrekey": "",
	"gssapikexalgorithms": "", "hostbasedacceptedalgorithms": "", "hostbasedkeytypes": "", "hostbasedacceptedkeytypes": "",
	"enablesshkeysign": "", "canonicaldomains": "", "canonicalizefallbacklocal": "", "canonicalizemaxdots": "",
	"canonicalizepermittedcnames": "", "localcommand": "only PermitLocalCommand runs it",
	"logverbose": "messages are churten's own", "tunneldevice": "", "userroaming": "",
	"useroaming": "", "protocol": "", "cipher": "", "rsaauthentication": "", "rhostsrsaauthentication": "",
	"compressionlevel": "", "useprivilegedport": "", "dsaauthentication": "", "afstokenpassing": "",
	"kerberosauthentication": "", "kerberostgtpassing": "", "fallbacktorsh": "", "usersh": "", "identityfile2": "",
	"smartcarddevice": "its keys come from the agent", "securitykeyprovider": "its keys come from the agent",
	"obscurekeystroketiming": "there is no terminal", "channeltimeout": "", "syslog": "",
}

// openSSH are those that cannot be honoured in this process, unless they have
// the value that leaves things alone.
var openSSH = map[string][]string{
	"pkcs11provider": {"none"}, "knownhostscommand": {"none"}, "revokedhostkeys": {"none"},
	"canonicalizehostname": {"no", "false"}, "permitlocalcommand": {"no", "false"}, "tunnel": {"no", "false"},
	"checkhostip": {"no", "false"}, "nohostauthenticationforlocalhost": {"no", "false"}, "casignaturealgorithms": nil, "requiredrsasize": nil,
	"gssapikeyexchange": {"no", "false"}, "hostbasedauthentication": {"no", "false"}, "addkeystoagent": {"no", "false"},
	"proxyusefdpass": {"no", "false"}, "verifyhostkeydns": {"no", "false"}, "bindinterface": nil,
	"localforward": nil, "remoteforward": nil, "dynamicforward": nil,
}

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// known is an error in OpenSSH's words for a keyword that does not exist.
func known(o option) error {
	if _, ok := openSSH[o.key]; ok || used[o.key] || cumulative[o.key] {
		return nil
	}
	if _, ok := ignored[o.key]; ok {
		return nil
	}
	err := fmt.Errorf("%s: %w: %s", o.origin, errBadOption, o.key)
	if file, _, ok := strings.Cut(o.origin, ": "); ok && o.origin != commandLine {
		err = fmt.Errorf("%w\r\n%s: terminating, 1 bad configuration options", err, file)
	}
	return err
}

// leavesAlone says whether an option of the list above has no effect.
func leavesAlone(o option) bool {
	return slices.Contains(openSSH[o.key], strings.ToLower(o.value()))
}
