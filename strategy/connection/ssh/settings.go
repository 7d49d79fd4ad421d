package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/strategy/connection"
)

// settings are all that ssh would know about one host once it has read its
// command line and its files.
type settings struct {
	alias    string // as typed
	hostName string // after HostName
	user     string
	port     int

	identityFiles   []identity
	certificates    []string
	identitiesOnly  bool
	identityAgent   string // socket; "" is none
	preferred       []string
	publicKey       bool
	password        bool
	interactive     bool
	gssapi          bool
	passwordPrompts int
	signatures      string // PubkeyAcceptedAlgorithms

	strict           string // yes, no, accept-new, ask
	userKnownHosts   []string
	noKnownHosts     bool // none: nothing can be remembered
	globalKnownHosts []string
	hostKeyAlias     string
	hashKnownHosts   bool

	hostKeyAlgorithms, ciphers, kex, macs string // as written; "" is the default

	connectTimeout time.Duration
	attempts       int
	aliveInterval  time.Duration
	aliveCount     int
	tcpKeepAlive   bool
	family         string // "tcp", "tcp4", "tcp6"
	bindAddress    string
	proxyJump      string // "", "none" or hosts
	proxyCommand   string
	forwardAgent   string   // "", or the socket of the agent
	env            []string // NAME=value to send
	batch          bool
	level          logLevel
	rekey          uint64 // bytes after which keys are renewed; 0 is the protocol's advice
	md5            bool   // fingerprints
	command        bool   // RemoteCommand names one
	tty            bool   // raw commands get a terminal
	shared         bool   // ssh would say that it shares its connection

	notes []string // for -vvv
}

// identity is a private key's file.
type identity struct {
	file  string
	named bool // by the user, not one of the defaults
}

// keyAlias is the name under which the host's key is looked up.
func (s *settings) keyAlias() string {
	if s.hostKeyAlias != "" {
		return s.hostKeyAlias
	}
	return s.hostName
}

// collected are the options that hold for a host: of each key the first, of
// the cumulative ones all.
type collected struct {
	first map[string]option
	all   map[string][]option
	seen  []string // keys in the order in which they were first met
	needs error    // the first option that needs OpenSSH
	notes []string
}

func (c *collected) order(key string) int { return slices.Index(c.seen, key) }

func (c *collected) value(key string) string { return c.first[key].value() }

func (c *collected) add(o option) error {
	o.key = canonical(o.key)
	if ignore, err := c.check(o); ignore || err != nil {
		return err
	}
	if cumulative[o.key] {
		// The second pass, for Match final, meets them again.
		if slices.ContainsFunc(c.all[o.key], func(p option) bool { return p.rest == o.rest }) {
			return nil
		}
		c.all[o.key] = append(c.all[o.key], o)
	} else if _, ok := c.first[o.key]; ok {
		return nil
	}
	if _, ok := c.first[o.key]; !ok {
		c.first[o.key] = o
		c.seen = append(c.seen, o.key)
		if reason, ok := ignored[o.key]; ok {
			if reason == "" {
				reason = "it has no effect here"
			}
			c.notes = append(c.notes, fmt.Sprintf("%s: %s is ignored: %s", o.origin, o.key, reason))
		}
	}
	if _, ok := openSSH[o.key]; ok && !leavesAlone(o) && c.needs == nil {
		c.needs = &NeedsOpenSSH{Option: o.key}
	}
	return nil
}

// check refuses an option whose keyword does not exist, unless IgnoreUnknown
// names it.
func (c *collected) check(o option) (ignore bool, err error) {
	if err = known(o); err == nil {
		return false, valid(o)
	}
	if i, ok := c.first["ignoreunknown"]; ok && matchAny(strings.Split(strings.ToLower(i.value()), ","), o.key) {
		return true, nil
	}
	return false, err
}

// canonical maps the older names of some keywords to their present ones.
func canonical(key string) string {
	switch key {
	case "challengeresponseauthentication", "skeyauthentication":
		return "kbdinteractiveauthentication"
	case "pubkeyacceptedkeytypes":
		return "pubkeyacceptedalgorithms"
	}
	return key
}

// commandLineOptions are the options of the ssh command that the reference
// would run, in its order: the first that names a value wins.
func commandLineOptions(o *connection.Options) (argv, error) {
	var a argv
	if err := a.parse("ssh_args", o.SSHArgs); err != nil {
		return a, err
	}
	set := func(key string, args ...string) {
		a.options = append(a.options, option{key: key, args: args, rest: strings.Join(args, " "), origin: commandLine})
	}
	if !o.HostKeyChecking {
		set("stricthostkeychecking", "no")
	}
	if o.Port != 0 {
		set("port", strconv.Itoa(o.Port))
	}
	for _, f := range o.PrivateKeyFiles {
		set("identityfile", f)
	}
	if o.PrivateKey != "" {
		set("identitiesonly", "yes")
	}
	switch {
	case o.PKCS11Provider != "":
		set("kbdinteractiveauthentication", "no")
		set("preferredauthentications", "publickey")
		set("passwordauthentication", "no")
		set("pkcs11provider", o.PKCS11Provider)
	case o.Password == nil:
		set("kbdinteractiveauthentication", "no")
		set("preferredauthentications", "gssapi-with-mic,gssapi-keyex,hostbased,publickey")
		set("passwordauthentication", "no")
	}
	if o.User != "" {
		set("user", o.User)
	}
	if o.ConnectTimeout > 0 {
		set("connecttimeout", strconv.Itoa(int((o.ConnectTimeout+time.Second-1)/time.Second)))
	}
	if err := a.parse("ssh_common_args", o.CommonArgs); err != nil {
		return a, err
	}
	err := a.parse("ssh_extra_args", o.ExtraArgs)
	return a, err
}

// resolve reads the files for a host and gives the settings that hold. Options
// that need OpenSSH are a *NeedsOpenSSH; the settings are then there if the
// files could be read to their end.
func (d *Dialer) resolve(alias string, a argv) (*settings, error) {
	c := &collected{first: map[string]option{}, all: map[string][]option{}}
	for _, o := range a.options {
		if err := c.add(o); err != nil {
			return nil, err
		}
	}
	// Match final asks for a second pass, which knows what the first found.
	for _, final := range []bool{false, true} {
		e := &evaluation{files: &d.configs, env: &d.env, alias: alias, c: c, final: final}
		if err := d.readFiles(e, a.config); err != nil {
			return nil, err
		}
		if !e.wantFinal {
			break
		}
	}
	s, err := d.settingsOf(alias, c)
	if err != nil && c.needs == nil {
		return nil, err
	}
	if o, ok := c.first["forwardagent"]; ok && s != nil {
		if s.forwardAgent, err = d.agentSocket(o.value(), "no", s); err != nil {
			return nil, err
		}
	}
	return s, c.needs
}

func (d *Dialer) readFiles(e *evaluation, explicit string) error {
	home := filepath.Join(d.env.Home, ".ssh")
	if explicit != "" {
		if explicit == "none" {
			return nil
		}
		err := e.file(d.env.expandHome(explicit), home, true, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("Can't open user config file %s: No such file or directory", explicit) //nolint:staticcheck // OpenSSH's words
		}
		return err
	}
	for _, f := range []struct{ name, base string }{
		{d.env.UserConfig, home},
		{d.env.SystemConfig, filepath.Dir(d.env.SystemConfig)},
	} {
		if f.name == "" {
			continue
		}
		err := e.file(f.name, f.base, true, 0)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

// settingsOf turns options into settings, with OpenSSH's defaults.
func (d *Dialer) settingsOf(alias string, c *collected) (*settings, error) {
	r := reader{c: c}
	s := &settings{
		alias: alias, notes: c.notes,
		user: r.text("user", d.env.User), port: r.number("port", 22, 1, 65535),
		publicKey: r.flag("pubkeyauthentication", true, "unbound", "host-bound"), password: r.flag("passwordauthentication", true),
		interactive: r.flag("kbdinteractiveauthentication", true), gssapi: r.flag("gssapiauthentication", false),
		passwordPrompts: r.number("numberofpasswordprompts", 3, 1, 1000),
		identitiesOnly:  r.flag("identitiesonly", false),
		hashKnownHosts:  r.flag("hashknownhosts", false), hostKeyAlias: strings.ToLower(r.text("hostkeyalias", "")),
		tcpKeepAlive: r.flag("tcpkeepalive", true), batch: r.flag("batchmode", false),
		connectTimeout: r.seconds("connecttimeout", 0), attempts: r.number("connectionattempts", 1, 1, 1000),
		aliveInterval: r.seconds("serveraliveinterval", 0), aliveCount: r.number("serveralivecountmax", 3, 0, 1000),
		strict: strictness(r.word("stricthostkeychecking", "ask")),
		family: map[string]string{"any": "tcp", "inet": "tcp4", "inet6": "tcp6"}[r.word("addressfamily", "any")],

		hostKeyAlgorithms: r.text("hostkeyalgorithms", ""), ciphers: r.text("ciphers", ""), kex: r.text("kexalgorithms", ""),
		macs: r.text("macs", ""), signatures: r.text("pubkeyacceptedalgorithms", ""),
		bindAddress: r.text("bindaddress", ""),
		preferred:   strings.Split(r.text("preferredauthentications", "gssapi-with-mic,hostbased,publickey,keyboard-interactive,password"), ","),
	}
	s.hostName = strings.ToLower(alias)
	if h := r.text("hostname", ""); h != "" {
		s.hostName = strings.ToLower(expandTokens(h, map[byte]string{'h': alias}))
	}
	s.level = levelOf(r.text("loglevel", ""))
	s.rekey, _ = rekeyBytes(r.text("rekeylimit", ""))
	s.md5 = r.word("fingerprinthash", "") == "md5"
	s.shared = c.value("controlpersist") != "" && !slices.Contains([]string{"", "no", "false"}, r.word("controlmaster", ""))
	s.tty = r.word("requesttty", "") == "force"
	r.proxy(s)
	s.command = !strings.EqualFold(r.word("remotecommand", "none"), "none")
	if c.value("connectionattempts") == "0" {
		return nil, errors.New("Invalid number of ConnectionAttempts") //nolint:staticcheck // OpenSSH's words
	}
	tokens := s.tokens(&d.env)
	path := func(f string) string {
		return d.env.expandHome(d.env.expandEnv(expandTokens(f, tokens)))
	}
	s.hostKeyAlias = expandTokens(s.hostKeyAlias, tokens)
	s.user = expandTokens(s.user, tokens)
	for _, o := range c.all["identityfile"] {
		if o.value() != "none" {
			s.identityFiles = append(s.identityFiles, identity{path(o.value()), true})
		}
	}
	if len(c.all["identityfile"]) == 0 {
		for _, name := range []string{"id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"} {
			s.identityFiles = append(s.identityFiles, identity{filepath.Join(d.env.Home, ".ssh", name), false})
		}
	}
	for _, o := range c.all["certificatefile"] {
		s.certificates = append(s.certificates, path(o.value()))
	}
	s.userKnownHosts = files(c, "userknownhostsfile", []string{"~/.ssh/known_hosts", "~/.ssh/known_hosts2"}, path)
	s.noKnownHosts = c.value("userknownhostsfile") == "none"
	s.globalKnownHosts = files(c, "globalknownhostsfile", d.env.GlobalKnownHosts, path)
	var err error
	if s.identityAgent, err = d.agentSocket(r.text("identityagent", "SSH_AUTH_SOCK"), "none", s); err != nil {
		return nil, err
	}
	s.env = sendEnv(c, d.env.Environ)
	return s, nil
}

func files(c *collected, key string, def []string, path func(string) string) []string {
	list := def
	if o, ok := c.first[key]; ok {
		list = o.args
	}
	var out []string
	for _, f := range list {
		if f != "none" && f != "/dev/null" {
			out = append(out, path(f))
		}
	}
	return out
}

// agentSocket reads IdentityAgent and ForwardAgent: a word, $NAME or a file.
func (d *Dialer) agentSocket(value, none string, s *settings) (string, error) {
	switch lower := strings.ToLower(value); {
	case lower == none || lower == "false":
		return "", nil
	case value == "SSH_AUTH_SOCK", lower == "yes", lower == "true":
		return d.env.Getenv("SSH_AUTH_SOCK"), nil
	case strings.HasPrefix(value, "$") && !strings.HasPrefix(value, "${"):
		return d.env.Getenv(value[1:]), nil
	}
	return d.env.expandHome(d.env.expandEnv(expandTokens(value, s.tokens(&d.env)))), nil
}

// sendEnv are the variables that SendEnv and SetEnv send.
func sendEnv(c *collected, environ []string) []string {
	var out []string
	have := func(name string) bool {
		return slices.ContainsFunc(out, func(v string) bool { return strings.HasPrefix(v, name+"=") })
	}
	if o, ok := c.first["setenv"]; ok { // unlike SendEnv only the first line counts
		out = append(out, o.args...)
	}
	for _, o := range c.all["sendenv"] {
		for _, v := range environ {
			name, _, _ := strings.Cut(v, "=")
			if matchAny(o.args, name) && !have(name) {
				out = append(out, v)
			}
		}
	}
	return out
}

func strictness(s string) string {
	switch s {
	case "true":
		return "yes"
	case "off", "false":
		return "no"
	}
	return s
}
