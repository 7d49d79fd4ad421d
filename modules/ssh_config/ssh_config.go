// Package sshconfig sets options of hosts in ssh's configuration.
//
// document.go has the file as blocks of lines and changes them; this file
// reads, writes and answers.
//
// Source: documentation of community.general.ssh_config, ssh_config(5); results,
// messages and files seen on community.general 11.4 (testdata/cases.yml,
// testdata/twins.yml).
package sshconfig

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the ssh_config module.
var Module = module.Module{
	Name: "community.general.ssh_config", Aliases: []string{"ansible.builtin.ssh_config"}, Doc: "Set options of hosts in ssh's configuration.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "group", Doc: "Group of the file."},
			{Name: "host", Required: true, Doc: "Host or patterns of the block."},
			{Name: "hostname", Doc: "Option HostName."},
			{Name: "host_key_algorithms", Doc: "Option HostKeyAlgorithms."},
			{Name: "identity_file", Type: module.Path, Doc: "Option IdentityFile; the file must be there."},
			{Name: "identities_only", Type: module.Bool, Doc: "Option IdentitiesOnly."},
			{Name: "other_options", Type: module.Dict, Doc: "More options, by names in lower case; their values are texts."},
			{Name: "port", Doc: "Option Port."},
			{Name: "proxycommand", Doc: "Option ProxyCommand."},
			{Name: "proxyjump", Doc: "Option ProxyJump."},
			{Name: "forward_agent", Type: module.Bool, Doc: "Option ForwardAgent."},
			{Name: "add_keys_to_agent", Type: module.Bool, Doc: "Option AddKeysToAgent."},
			{Name: "remote_user", Doc: "Option User."},
			{Name: "ssh_config_file", Type: module.Path, Doc: "The file; /etc/ssh/ssh_config when no user is given either."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent"}, Doc: "Whether the host shall be there."},
			{Name: "strict_host_key_checking", Choices: []string{"yes", "no", "ask", "accept-new"}, Doc: "Option StrictHostKeyChecking."},
			{Name: "controlmaster", Choices: []string{"yes", "no", "ask", "auto", "autoask"}, Doc: "Option ControlMaster."},
			{Name: "controlpath", Doc: "Option ControlPath."},
			{Name: "controlpersist", Doc: "Option ControlPersist."},
			{Name: "dynamicforward", Doc: "Option DynamicForward."},
			{Name: "user", Doc: "Whose ~/.ssh/config it is."},
			{Name: "user_known_hosts_file", Doc: "Option UserKnownHostsFile."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"user", "ssh_config_file"}, {"proxycommand", "proxyjump"}}},
	},
	Differs: []string{
		"Changed is said, and the file written, only when something differs; the reference does both whenever the host has options besides those that are asked for.",
		"hosts_change_diff has a host's options before and after; in the reference both are what is asked for, or nearly.",
		"A Match begins a block of its own; options before the first block stay as they are; values with an equals sign, repeated options and hosts without options are kept: the reference mixes up or loses these when it writes the file.",
		"Host * is found like any other host; the reference adds it with every run.",
		"A host that stands there several times can be removed.",
		"Check mode does not create the file.",
		"A user's ~/.ssh that is made belongs to that user, with mode 0700; files below /etc/ssh have mode 0644; the reference makes these root's with 0755, and 0600 save for ssh_config itself.",
		"Line breaks in values, an empty host and users that the host does not know are refused.",
	},
	Run: run,
}

// options are those with an argument of their own, in the order they are written in.
var options = []struct{ arg, key string }{
	{"hostname", "hostname"}, {"port", "port"}, {"identity_file", "identityfile"}, {"identities_only", "identitiesonly"}, {"remote_user", "user"},
	{"strict_host_key_checking", "stricthostkeychecking"}, {"user_known_hosts_file", "userknownhostsfile"}, {"proxycommand", "proxycommand"},
	{"proxyjump", "proxyjump"}, {"host_key_algorithms", "hostkeyalgorithms"}, {"forward_agent", "forwardagent"}, {"add_keys_to_agent", "addkeystoagent"},
	{"controlmaster", "controlmaster"}, {"controlpath", "controlpath"}, {"controlpersist", "controlpersist"}, {"dynamicforward", "dynamicforward"},
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	host := c.Args.Str("host")
	if len(words(host)) == 0 || strings.ContainsAny(host, "\r\n") {
		return nil, module.Failf("host must be a name or patterns in one line, not '%s'", host)
	}
	to, err := target(c)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(to.path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return nil, errors.New(file.PyErrorText(err, to.path))
	}
	// The reference does not look for the key before there is a file.
	if key := c.Args.Str("identity_file"); key != "" && !missing {
		if _, err := os.Stat(key); err != nil {
			return nil, module.Failf("IdentityFile %s does not exist", key)
		}
	}
	wanted, err := asked(c.Args)
	if err != nil {
		return nil, err
	}
	d, err := parse(string(data))
	if err != nil {
		return nil, err
	}
	did := change(d, host, c.Args.Str("state"), wanted)
	res := &module.Result{Changed: did.changed(), Values: value.DictOf("changed", value.None, "hosts_changed", value.Strings(did.altered...),
		"hosts_removed", value.Strings(did.removed...), "hosts_change_diff", value.NewList(did.diff...), "hosts_added", value.Strings(did.added...))}
	if !res.Changed || c.Check {
		return res, nil
	}
	return res, to.write(ctx, c, d.text())
}

// outcome is what change did, as results have it.
type outcome struct {
	added, altered, removed []string
	diff                    []value.Value
}

func (o *outcome) changed() bool { return len(o.added)+len(o.altered)+len(o.removed) > 0 }

func change(d *document, host, state string, wanted []line) (did outcome) {
	blocks := d.find(host)
	switch {
	case state == "absent":
		if d.remove(host) {
			did.removed = []string{host}
		}
	case len(blocks) == 0:
		if len(wanted) > 0 {
			d.add(host, wanted)
			did.added = []string{host}
		}
	default:
		for _, k := range blocks {
			before := k.dict()
			if k.set(wanted) {
				did.altered = []string{host}
				did.diff = append(did.diff, value.DictOf(host, value.DictOf("old", before, "new", k.dict())))
			}
		}
	}
	return did
}

// dict has a block's options as results show them.
func (k *block) dict() *value.Dict {
	d := value.NewDict(len(k.lines))
	for _, l := range k.lines {
		if _, there := d.GetStr(l.key); l.key == "" || there {
			continue
		}
		if all := k.values(l.key); repeated[l.key] {
			d.SetStr(l.key, value.Strings(all...))
		} else {
			d.SetStr(l.key, value.Str(l.text))
		}
	}
	return d
}

// asked gives the options that the arguments ask for; empty ones ask for nothing.
func asked(a module.Args) (out []line, err error) {
	// What has an argument may not come by other_options too, under that name.
	given := map[string]bool{"user": true}
	for _, o := range options {
		given[o.arg] = o.arg != "remote_user"
		text := a.Str(o.arg)
		if v, ok := a.Value(o.arg).(value.Bool); ok {
			text = map[bool]string{true: "yes", false: "no"}[bool(v)]
		}
		if strings.ContainsAny(text, "\r\n") {
			return nil, module.Failf("%s has several lines", o.arg)
		}
		if text != "" {
			out = append(out, line{o.key, text})
			given[o.key] = true
		}
	}
	more := a.Sub("other_options")
	if more == nil {
		return out, nil
	}
	for k, v := range more.All() {
		key := value.Text(k)
		text, isText := v.(value.Str)
		switch {
		case strings.ToLower(key) != key:
			return nil, module.Failf("The other_options key '%s' must be lower case", key)
		case !isText:
			return nil, module.Failf("The other_options value provided for key '%s' must be a string, got <class '%s'>", key, v.Type())
		case given[key]:
			return nil, module.Failf("Multiple values provided for key '%s'", key)
		case key == "" || key == "host" || key == "match" || strings.ContainsAny(key, " \t\r\n=#\"") || strings.ContainsAny(string(text), "\r\n"):
			return nil, module.Failf("other_options cannot have '%s' with the value '%s'", key, text)
		}
		if text != "" {
			out = append(out, line{key, string(text)})
		}
	}
	return out, nil
}

// place is where the configuration is, and whose.
type place struct {
	path string
	user *account.User // of argument user
}

func target(c *module.Call) (place, error) {
	name := c.Args.Str("user")
	if name == "" {
		if path := c.Args.Str("ssh_config_file"); path != "" {
			return place{path: path}, nil
		}
		return place{path: "/etc/ssh/ssh_config"}, nil
	}
	u, err := account.System.UserByName(name)
	if err != nil {
		return place{}, module.Failf("chown failed: failed to look up user %s", name)
	}
	return place{path: filepath.Join(u.Dir, ".ssh", "config"), user: &u}, nil
}

func (p place) write(ctx context.Context, c *module.Call, text string) error {
	mode := value.Int(0o600)
	if strings.HasPrefix(p.path, "/etc/ssh/") {
		mode = 0o644
	}
	attrs := file.Attrs{Mode: mode}
	defaults := attrs
	if err := p.directory(); err != nil {
		return fmt.Errorf("directory for %s: %w", p.path, err)
	}
	if p.user != nil {
		name := p.user.Name
		attrs.Owner = &name
	}
	if group := c.Args.Str("group"); group != "" {
		attrs.Group = &group
	} else if p.user != nil {
		gid := fmt.Sprint(p.user.GID)
		attrs.Group = &gid
	}
	if info, err := os.Lstat(p.path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if _, err := os.Stat(p.path); err == nil {
			attrs.Mode, defaults.Mode = nil, nil // what the link points to keeps its own
		}
	}
	if err := syscall.Access(p.path, 2); errors.Is(err, fs.ErrPermission) {
		return module.Failf("Failed to write to %s due to permission issue: %s", p.path, file.PyErrorText(err, p.path))
	}
	if err := file.Replace(ctx, p.path, []byte(text), c.Tmp, file.Options{New: &attrs}); err != nil {
		return err
	}
	// The mode first: it is safe whatever becomes of the owner.
	if _, err := defaults.Apply(ctx, p.path, false, nil); err != nil {
		return err
	}
	_, err := attrs.Apply(ctx, p.path, false, nil)
	return err
}

// directory makes the file's directory, for a user as ssh wants it.
func (p place) directory() error {
	dir := filepath.Dir(p.path)
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if p.user == nil {
		return os.MkdirAll(dir, 0o777)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return os.Lchown(dir, p.user.UID, p.user.GID)
}
