package ssh

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// What values keywords take, and what OpenSSH 9.2 says of others. They are
// faults wherever they stand, in blocks for other hosts as well.

// many are the keywords that take more than one word.
var many = words(`sendenv setenv userknownhostsfile globalknownhostsfile localforward remoteforward dynamicforward ipqos
	rekeylimit canonicaldomains canonicalizepermittedcnames permitremoteopen logverbose channeltimeout ignoreunknown
	controlpersist addkeystoagent proxyjump proxycommand localcommand remotecommand knownhostscommand`)

// flags take yes and no, and what stands here.
var flagValues = map[string][]string{
	"batchmode": nil, "canonicalizefallbacklocal": nil, "checkhostip": nil, "clearallforwardings": nil,
	"enableescapecommandline": nil, "enablesshkeysign": nil, "exitonforwardfailure": nil, "forkafterauthentication": nil,
	"forwardx11": nil, "forwardx11trusted": nil, "gatewayports": nil, "gssapiauthentication": nil, "gssapidelegatecredentials": nil,
	"hashknownhosts": nil, "hostbasedauthentication": nil, "identitiesonly": nil, "kbdinteractiveauthentication": nil,
	"nohostauthenticationforlocalhost": nil, "passwordauthentication": nil, "permitlocalcommand": nil, "proxyusefdpass": nil,
	"stdinnull": nil, "streamlocalbindunlink": nil, "tcpkeepalive": nil, "visualhostkey": nil, "compression": nil,
	"canonicalizehostname": {"always"}, "controlmaster": {"ask", "auto", "autoask"}, "requesttty": {"force", "auto"},
	"pubkeyauthentication":  {"unbound", "host-bound"},
	"stricthostkeychecking": {"off", "accept-new", "ask"}, "tunnel": {"point-to-point", "ethernet"},
	"updatehostkeys": {"ask"}, "verifyhostkeydns": {"ask"},
}

// choices take one of a few words.
var choiceValues = map[string][]string{
	"addressfamily": {"any", "inet", "inet6"}, "sessiontype": {"none", "subsystem", "default"},
}

var numbers = words(`connectionattempts numberofpasswordprompts serveralivecountmax requiredrsasize canonicalizemaxdots`)

var times = words(`connecttimeout serveraliveinterval forwardx11timeout`)

var logLevels = words("quiet fatal error info verbose debug debug1 debug2 debug3")

// ipqos are the names of classes of service.
var ipqos = words(`af11 af12 af13 af14 af21 af22 af23 af31 af32 af33 af41 af42 af43 cs0 cs1 cs2 cs3 cs4 cs5 cs6 cs7 ef le lowdelay
	throughput reliability none`)

// valid refuses an option whose value its keyword does not take.
func valid(o option) error {
	v := strings.ToLower(o.value())
	others, isFlag := flagValues[o.key]
	list, isChoice := choiceValues[o.key]
	fits := func() bool {
		return slices.Contains(others, v) || slices.Contains([]string{"yes", "no", "true", "false"}, v)
	}
	switch {
	case len(o.args) > 1 && !many[o.key] && (used[o.key] || cumulative[o.key] || openSSH[o.key] != nil || isFlag || isChoice):
		return o.bad(fmt.Sprintf("keyword %s extra arguments at end of line", o.key))
	case isFlag && !fits(), isChoice && !slices.Contains(list, v):
		return o.bad(fmt.Sprintf("unsupported option \"%s\".", o.value()))
	case numbers[o.key]:
		if n, err := strconv.ParseInt(v, 10, 32); err != nil || n < 0 {
			return o.bad("integer value invalid.")
		}
	case times[o.key]:
		if _, ok := parseTime(v); !ok && v != "none" {
			return o.bad("invalid time value.")
		}
	}
	switch o.key {
	case "port":
		if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 65535 {
			if o.flag == 'p' {
				return fmt.Errorf("Bad port '%s'", o.value()) //nolint:staticcheck // OpenSSH's words
			}
			return o.bad(fmt.Sprintf("Bad port '%s'.", o.value()))
		}
	case "loglevel":
		if !logLevels[v] {
			return o.bad(fmt.Sprintf("unsupported log level '%s'", o.value()))
		}
	case "fingerprinthash":
		if v != "md5" && v != "sha256" {
			return o.bad(fmt.Sprintf("Invalid hash algorithm \"%s\".", o.value()))
		}
	case "ipqos":
		for _, word := range o.args {
			if n, err := strconv.Atoi(word); !ipqos[strings.ToLower(word)] && (err != nil || n < 0 || n > 255) {
				return o.bad("Bad IPQoS value: " + word)
			}
		}
	case "setenv":
		for _, word := range o.args {
			if !strings.Contains(word, "=") {
				return o.bad("Invalid SetEnv.")
			}
		}
	case "proxyjump":
		return validJumps(o)
	case "rekeylimit":
		return validRekey(o)
	}
	return validAlgorithms(o)
}

func validJumps(o option) error {
	if v := o.value(); !strings.EqualFold(v, "none") {
		for hop := range strings.SplitSeq(v, ",") {
			_, _, err := jumpOptions(hop)
			if err != nil && o.flag == 'J' {
				return errors.New("Invalid -J argument") //nolint:staticcheck // OpenSSH's words
			}
			if err != nil {
				return o.bad(fmt.Sprintf("Invalid ProxyJump \"%s\"", v))
			}
		}
	}
	return nil
}

// Algorithms of OpenSSH 9.2: other names are faults, whether this process could
// do these or not.
var (
	cipherNames = strings.Fields(`3des-cbc aes128-cbc aes192-cbc aes256-cbc aes128-ctr aes192-ctr aes256-ctr aes128-gcm@openssh.com
		aes256-gcm@openssh.com chacha20-poly1305@openssh.com rijndael-cbc@lysator.liu.se none`)
	macNames = strings.Fields(`hmac-sha1 hmac-sha1-96 hmac-sha2-256 hmac-sha2-512 hmac-md5 hmac-md5-96 umac-64@openssh.com umac-128@openssh.com
		hmac-sha1-etm@openssh.com hmac-sha1-96-etm@openssh.com hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com hmac-md5-etm@openssh.com
		hmac-md5-96-etm@openssh.com umac-64-etm@openssh.com umac-128-etm@openssh.com`)
	kexNames = strings.Fields(`diffie-hellman-group1-sha1 diffie-hellman-group14-sha1 diffie-hellman-group14-sha256 diffie-hellman-group16-sha512
		diffie-hellman-group18-sha512 diffie-hellman-group-exchange-sha1 diffie-hellman-group-exchange-sha256 ecdh-sha2-nistp256
		ecdh-sha2-nistp384 ecdh-sha2-nistp521 curve25519-sha256 curve25519-sha256@libssh.org sntrup761x25519-sha512
		sntrup761x25519-sha512@openssh.com mlkem768x25519-sha256`)
	keyNames = strings.Fields(`ssh-ed25519 sk-ssh-ed25519@openssh.com ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521
		sk-ecdsa-sha2-nistp256@openssh.com webauthn-sk-ecdsa-sha2-nistp256@openssh.com ssh-dss ssh-rsa rsa-sha2-256 rsa-sha2-512
		ssh-ed25519-cert-v01@openssh.com sk-ssh-ed25519-cert-v01@openssh.com ecdsa-sha2-nistp256-cert-v01@openssh.com
		ecdsa-sha2-nistp384-cert-v01@openssh.com ecdsa-sha2-nistp521-cert-v01@openssh.com sk-ecdsa-sha2-nistp256-cert-v01@openssh.com
		ssh-dss-cert-v01@openssh.com ssh-rsa-cert-v01@openssh.com rsa-sha2-256-cert-v01@openssh.com rsa-sha2-512-cert-v01@openssh.com`)
)

// validAlgorithms looks at a list of algorithms. One to take away (-) may name
// anything.
func validAlgorithms(o option) error {
	what, names := "Bad key types", keyNames
	switch o.key {
	case "ciphers":
		what, names = "Bad SSH2 cipher spec", cipherNames
	case "macs":
		what, names = "Bad SSH2 MAC spec", macNames
	case "kexalgorithms":
		what, names = "Bad SSH2 KexAlgorithms", kexNames
	case "hostkeyalgorithms", "pubkeyacceptedalgorithms", "casignaturealgorithms":
	default:
		return nil
	}
	v := o.value()
	if strings.HasPrefix(v, "-") {
		return nil
	}
	for name := range strings.SplitSeq(strings.TrimLeft(v, "+^"), ",") {
		// Only those of keys may be patterns.
		if slices.ContainsFunc(names, func(n string) bool { return n == name || what == "Bad key types" && matchPattern(name, n) }) {
			continue
		}
		err := o.bad(fmt.Sprintf("%s '%s'.", what, v))
		if o.key == "kexalgorithms" {
			err = fmt.Errorf("Unsupported KEX algorithm \"%s\"\r\n%w", name, err) //nolint:staticcheck // OpenSSH's words
		}
		return err
	}
	return nil
}

// leastRekey is the fewest bytes that RekeyLimit takes.
const leastRekey = 16

func validRekey(o option) error {
	n, err := rekeyBytes(o.value())
	switch {
	case err != nil:
		return o.bad(fmt.Sprintf("Bad number '%s': Invalid argument", o.value()))
	case n > 0 && n < leastRekey:
		return o.bad("RekeyLimit too small")
	}
	if len(o.args) > 1 && o.args[1] != "none" {
		if _, ok := parseTime(o.args[1]); !ok {
			return o.bad("invalid time value.")
		}
	}
	return nil
}

// rekeyBytes reads the bytes of RekeyLimit; 0 is the protocol's advice. That keys
// are renewed after a time the library cannot do.
func rekeyBytes(text string) (uint64, error) {
	text = strings.ToLower(text)
	if text == "" || text == "default" || text == "none" {
		return 0, nil
	}
	unit := uint64(1)
	switch text[len(text)-1] {
	case 'k':
		unit = 1 << 10
	case 'm':
		unit = 1 << 20
	case 'g':
		unit = 1 << 30
	}
	if unit > 1 {
		text = text[:len(text)-1]
	}
	n, err := strconv.ParseUint(text, 10, 32)
	return n * unit, err
}

// logLevel is what LogLevel lets ssh say.
type logLevel int

const (
	levelQuiet logLevel = iota
	levelFatal
	levelError
	levelInfo
)

func levelOf(text string) logLevel {
	switch strings.ToLower(text) {
	case "quiet":
		return levelQuiet
	case "fatal":
		return levelFatal
	case "error":
		return levelError
	}
	return levelInfo
}
