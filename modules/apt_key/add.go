package aptkey

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// tries is how often a keyserver is asked.
const tries = 5

// aptKeyDoes runs apt-key on the keyring.
func (j *job) aptKeyDoes(ctx context.Context, o tool.Options, args ...string) (tool.Output, error) {
	argv := []string{j.aptKey}
	if ring := j.Args.Str("keyring"); ring != "" {
		argv = append(argv, "--keyring", ring)
	}
	return tool.RunWith(ctx, j.Call, o, append(argv, args...)...)
}

// keys lists the ids of the keys that are there.
func (j *job) keys(ctx context.Context) ([]string, error) {
	out, err := j.aptKeyDoes(ctx, tool.Options{}, "adv", "--list-public-keys", "--keyid-format=long")
	if err != nil {
		return nil, err
	}
	if out.RC != 0 {
		return nil, failed(out, nil, [2]string{}, "Unable to list public keys")
	}
	return listedKeys(out.Stdout, j.key.isShort()), nil
}

// add brings in the key from where it is said to be.
func (j *job) add(ctx context.Context) error {
	a := j.Args
	file, from, o := "-", "binary data", tool.Options{}
	switch {
	case a.Str("file") != "":
		file = a.Str("file")
		from = "file " + file
	case a.Str("keyserver") != "":
		return j.receive(ctx)
	case a.Str("data") != "":
		j.data = a.Str("data")
	case a.Str("url") != "":
		if j.data == "" {
			if err := j.fetch(ctx); err != nil {
				return err
			}
		}
	default:
		return j.fail("No key to add ... how did i get here?!?!")
	}
	if file == "-" {
		o.Stdin = []byte(j.data)
	}
	out, err := j.aptKeyDoes(ctx, o, "add", file)
	if err == nil && out.RC != 0 {
		return failed(out, nil, [2]string{"keyfile", a.Str("file")}, "Unable to add a key from %s", from)
	}
	return err
}

// failed is a program's failure, with what of it the result has; about is of
// what it was called for: a key of the result and its value.
func failed(out tool.Output, env *value.Dict, about [2]string, format string, args ...any) error {
	v := value.DictOf("cmd", value.Str(out.Cmd))
	if env != nil {
		v.SetStr("forced_environment", env)
	}
	v.SetStr("rc", value.Int(out.RC))
	if about[1] != "" {
		v.SetStr(about[0], value.Str(about[1]))
	}
	v.SetStr("stdout", value.Str(out.Stdout))
	v.SetStr("stderr", value.Str(out.Stderr))
	f := module.Failf(format, args...)
	f.Values = v
	return f
}

// drop removes the key.
func (j *job) drop(ctx context.Context) error {
	out, err := j.aptKeyDoes(ctx, tool.Options{}, "del", j.key.short)
	if err == nil && out.RC != 0 {
		return failed(out, nil, [2]string{"key_id", j.key.short}, "Unable to remove a key with id %s", j.key.short)
	}
	return err
}

// receive asks the keyserver, which may not answer at once.
func (j *job) receive(ctx context.Context) error {
	server := j.Args.Str("keyserver")
	settings := []string{"LANG=C.utf8", "LC_ALL=C.utf8", "LC_MESSAGES=C.utf8", "LANGUAGE=C.utf8"}
	var out tool.Output
	for range tries {
		var err error
		if out, err = j.aptKeyDoes(ctx, tool.Options{Env: settings}, "adv", "--no-tty", "--keyserver", server, "--recv", j.key.id); err != nil {
			return err
		}
		if out.RC == 0 {
			return nil
		}
	}
	shown := value.NewDict(len(settings))
	for _, setting := range settings {
		name, v, _ := strings.Cut(setting, "=")
		shown.SetStr(name, value.Str(v))
	}
	return failed(out, shown, [2]string{}, "Error fetching key %s from keyserver: %s", j.key.id, server)
}
