// Package knownhosts adds and removes keys of hosts in a known_hosts file.
//
// The reference runs ssh-keygen; this reads the file itself (file.go), hashed
// names included, so that no program is started and nothing but the lines
// that are meant changes.
//
// Source: documentation of ansible.builtin.known_hosts; sshd(8), SSH_KNOWN_HOSTS
// FILE FORMAT; results and messages seen on ansible-core 2.19 (testdata/twins.yml).
package knownhosts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the known_hosts module.
var Module = module.Module{
	Name: "ansible.builtin.known_hosts", Doc: "Add or remove a host from the known_hosts file.",
	Check: true, Diff: true,
	Differs: []string{
		"ssh-keygen is neither needed nor run.",
		"A last line without an end gets one before a key is added; the reference writes the key into that line, where it counts for nothing.",
		"Nothing is changed where a host to be removed has lines of authorities or revocations only; the reference says changed each time. An authority's line is found though it is hashed.",
	},
	Spec: module.Spec{Args: []module.Arg{
		{Name: "name", Required: true, Aliases: []string{"host"}, Doc: "The host, as it stands in the key."},
		{Name: "key", NoLog: false, Doc: "The line of the host's public key."},
		{Name: "path", Type: module.Path, Default: value.Str("~/.ssh/known_hosts"), Doc: "The file."},
		{Name: "hash_host", Type: module.Bool, Default: value.False, Doc: "Store the host's name hashed."},
		{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the key shall be there."},
	}},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	host, path, state := strings.ToLower(a.Str("name")), a.Str("path"), a.Str("state")
	key := a.Str("key")
	if strings.Contains(host, ",") {
		return nil, module.Failf("Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.")
	}
	if a.Given("key") && key != "" && !strings.HasSuffix(key, "\n") {
		key += "\n"
	}
	if state == "present" && key == "" {
		return nil, module.Failf("No key specified when adding a host")
	}
	if key != "" {
		if err := checkKey(host, key); err != nil {
			return nil, err
		}
	}
	data, err := os.ReadFile(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing && !c.Check { // a check takes it for an empty one
		return nil, fmt.Errorf("Failed to read '%s': %s", path, kit.PyErrorText(err, path)) //nolint:staticcheck // the reference's words
	}
	before := string(data)
	after := wanted(before, host, key, state, a.Bool("hash_host"))
	changed := after != before
	res := &module.Result{Changed: changed, Values: value.DictOf("changed", value.None)}
	if !c.Check { // a check tells nothing but what would change
		res.Values = c.Params()
		res.Values.SetStr("changed", value.None)
	}
	head := path
	if missing {
		head = "/dev/null"
	}
	res.Values.SetStr("diff", value.None)
	shown := after
	if key == "" { // the reference shows no removal that is by name alone
		shown = before
	}
	res.Diff = []module.Diff{{Before: value.Str(before), After: value.Str(shown), BeforeHeader: head, AfterHeader: path}}
	if !changed || c.Check {
		return res, nil
	}
	if err := write(ctx, c, path, after); err != nil {
		return nil, err
	}
	return res, nil
}

// write replaces the file, and a link by a file, as the reference does.
func write(ctx context.Context, c *module.Call, path, text string) error {
	err := kit.ReplaceItself(ctx, path, []byte(text), nil, kit.Options{Made: kit.Beside})
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("Failed to write to file '%s': %s", path, kit.PyError(err, "")) //nolint:staticcheck // the reference's words
	case err == nil || errors.As(err, new(*kit.Refused)):
		return err
	}
	at := path
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		at = p.Path
	}
	return fmt.Errorf("Failed to write to file '%s': %s", path, kit.PyErrorText(err, at)) //nolint:staticcheck // the reference's words
}

// checkKey makes sure that key looks like one, and is for host.
func checkKey(host, key string) error {
	if l, ok := parseLine(strings.TrimRight(key, "\n")); !ok || !l.names(host) {
		return module.Failf("Host parameter does not match hashed host field in supplied key")
	}
	return nil
}
