// Package aptkey adds keys to those that apt trusts, and removes them.
//
// What is on the host is apt-key's business, which is run as the reference
// runs it; key.go reads ids and what gpg and apt-key print.
//
// Source: documentation of ansible.builtin.apt_key; apt-key(8); results,
// messages and calls of apt-key and gpg seen on ansible-core 2.19
// (testdata/twins.yml).
package aptkey

import (
	"context"
	"fmt"
	"slices"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the apt_key module.
var Module = module.Module{
	Name: "ansible.builtin.apt_key", Doc: "Add and remove keys that apt trusts, by apt-key.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "id", Doc: "The key's id: its fingerprint, or the last 8 or 16 digits of it."},
			{Name: "url", Doc: "Where to fetch the key."},
			{Name: "data", Doc: "The key itself."},
			{Name: "file", Type: module.Path, Doc: "A file on the host that has the key."},
			{Name: "keyring", Type: module.Path, Doc: "The keyring, a file in /etc/apt/trusted.gpg.d."},
			{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check the certificate of url's server."},
			{Name: "keyserver", Doc: "A keyserver to ask for the key."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the key shall be there."},
		},
		Rules: module.Rules{MutuallyExclusive: [][]string{{"data", "file", "keyserver", "url"}}},
	},
	Run: run,
}

// job is one call.
type job struct {
	*module.Call
	aptKey, gpg string
	key         key
	values      *value.Dict // of the result
	data        string      // the key, once it is read
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	j := &job{Call: c, values: value.DictOf("changed", value.None)}
	var err error
	if j.gpg, err = tool.Find(c, "gpg"); err != nil {
		return nil, err
	}
	if j.aptKey, err = tool.Find(c, "apt-key"); err != nil {
		return nil, err
	}
	if err := j.identify(ctx); err != nil {
		return nil, err
	}
	before, err := j.keys(ctx)
	if err != nil {
		return nil, err
	}
	j.values.SetStr("before", value.Strings(before...))
	there := slices.Contains(before, j.key.listed())
	present := c.Args.Str("state") == "present"
	res := &module.Result{Changed: there != present, Values: j.values}
	if !res.Changed || c.Check {
		return res, nil
	}
	if present {
		err = j.add(ctx)
	} else {
		err = j.drop(ctx)
	}
	if err != nil {
		return nil, err
	}
	after, err := j.keys(ctx)
	if err != nil {
		return nil, err
	}
	j.values.SetStr("after", value.Strings(after...))
	if slices.Contains(after, j.key.listed()) == present {
		return res, nil
	}
	did := "failed to add the key"
	if !present {
		did = "the key was not removed"
	}
	return nil, j.fail("apt-key did not return an error, but %s (check that the id is correct and *not* a subkey)", did)
}

// fail is a failure with what the result has until now.
func (j *job) fail(format string, args ...any) error {
	return &module.Failure{Msg: fmt.Sprintf(format, args...), Result: &module.Result{Changed: j.values.Len() > 2, Values: j.values}}
}

// identify finds out which key is meant: that with the id, or the first one of
// what is given.
func (j *job) identify(ctx context.Context) error {
	id := j.Args.Str("id")
	if id == "" {
		if j.Args.Str("keyserver") != "" {
			return module.Failf("Missing key_id, required with keyserver.")
		}
		var err error
		if id, err = j.idOfGiven(ctx); err != nil {
			return err
		}
	}
	j.values.SetStr("id", value.Str(id))
	if id == "" {
		j.values.SetStr("id", value.None)
	}
	var ok bool
	if j.key, ok = parseKey(id); !ok {
		return j.fail("Invalid key_id")
	}
	j.values.SetStr("short_id", value.Str(j.key.short))
	j.values.SetStr("fp", value.Str(j.key.long))
	j.values.SetStr("key_id", value.Str(j.key.id))
	return nil
}

// idOfGiven is the id of the key that a file, a URL or data has.
func (j *job) idOfGiven(ctx context.Context) (string, error) {
	a := j.Args
	switch {
	case a.Str("file") != "":
		return j.idOf(ctx, a.Str("file"), nil)
	case a.Str("url") != "":
		if err := j.fetch(ctx); err != nil {
			return "", err
		}
	case a.Str("data") != "":
		j.data = a.Str("data")
	default:
		return "", nil
	}
	return j.idOf(ctx, "-", []byte(j.data))
}

func (j *job) idOf(ctx context.Context, path string, data []byte) (string, error) {
	out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: tool.LocaleEnv(), Stdin: data}, j.gpg, "--with-colons", path)
	if err != nil {
		return "", err
	}
	id := firstID(out.Stdout)
	if out.RC != 0 || id == "" {
		if path == "-" {
			path = "inline data"
		}
		return "", module.Failf("Unable to extract key from '%s'", path).With("stdout", value.Str(out.Stdout), "stderr", value.Str(out.Stderr))
	}
	return id, nil
}

// fetch gets the key of the URL.
func (j *job) fetch(ctx context.Context) error {
	url := j.Args.Str("url")
	data, err := web.Small(ctx, j.Call, url, j.Args.Bool("validate_certs"))
	if err != nil {
		return module.Failf("Failed to download key at %s: %s", url, err)
	}
	j.data = string(data)
	return nil
}
