// Package authorizedkey adds and removes SSH keys that may log in as a user.
//
// keys.go reads lines and holds what a file has; this file finds it, writes and
// answers.
//
// Source: documentation of ansible.posix.authorized_key and sshd(8); results
// and messages seen on ansible.posix 2.1 (testdata/cases.yml).
package authorizedkey

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// Module is the authorized_key module.
var Module = module.Module{
	Name: "ansible.posix.authorized_key", Aliases: []string{"ansible.builtin.authorized_key"}, Doc: "Add and remove SSH keys that may log in as a user.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "user", Required: true, Doc: "Whose file it is."},
			{Name: "key", Required: true, Doc: "Keys, a line each; or where they are: http://, https://, file:// on the host."},
			{Name: "path", Type: module.Path, Doc: "The file; ~/.ssh/authorized_keys of the user when not given."},
			{Name: "manage_dir", Type: module.Bool, Default: value.True, Doc: "Make the file's directory and set its owner and mode."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the keys shall be there."},
			{Name: "key_options", Doc: "Options before the keys, instead of their own."},
			{Name: "exclusive", Type: module.Bool, Default: value.False, Doc: "Remove everything else from the file."},
			{Name: "comment", Doc: "Comment behind the keys, instead of their own."},
			{Name: "validate_certs", Type: module.Bool, Default: value.True, Doc: "Check the certificate of the server that has the keys."},
			{Name: "follow", Type: module.Bool, Default: value.False, Doc: "Where the file is a link, change what it points to."},
		},
	},
	Run: run,
}

// maxKeys bounds what is read of a server or file.
const maxKeys = 16 << 20

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	text, err := source(ctx, c)
	if err != nil {
		return nil, err
	}
	user, path, err := locate(c)
	if err != nil {
		return nil, err
	}
	c.Shown("keyfile", value.Str(path))
	keys, err := parseKeys(c, text)
	if err != nil {
		return nil, err
	}
	file := path
	if c.Args.Bool("follow") {
		path = kit.Real(path)
	}
	data, err := os.ReadFile(path)
	if _, hidden := os.Stat(path); errors.Is(hidden, fs.ErrPermission) {
		err = fs.ErrNotExist // behind a directory that is shut there is nothing to be seen
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && (!c.Check || !errors.Is(err, syscall.ENOTDIR)) {
		return nil, errors.New(kit.PyErrorText(err, path))
	}
	before := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	have := parseTable(before)
	changed := false
	if c.Args.Str("state") == "present" {
		changed = have.set(keys, c.Args.Bool("exclusive"))
	} else {
		changed = have.remove(keys)
	}
	after := have.text()
	if changed && !c.Check {
		if err := write(ctx, c, user, path, after); err != nil {
			return nil, err
		}
	}
	return result(c, file, path, before, after, changed), nil
}

// result repeats all arguments; the invocation too has what was added to them.
func result(c *module.Call, file, path, before, after string, changed bool) *module.Result {
	v := c.Params()
	add := func(key string, x value.Value) {
		v.SetStr(key, x)
		c.Shown(key, x)
	}
	if changed {
		if c.Diff {
			add("diff", value.DictOf("before_header", value.Str(file), "after_header", value.Str(path),
				"before", value.Str(before), "after", value.Str(after)))
		}
		add("changed", value.True)
	} else {
		v.SetStr("changed", value.None)
	}
	return &module.Result{Changed: changed, Values: v}
}

// source gives the text of the keys.
func source(ctx context.Context, c *module.Call) (string, error) {
	key := c.Args.Str("key")
	if path, ok := strings.CutPrefix(key, "file://"); ok {
		f, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return "", module.Failf("Path to a key file not found: %s", path)
		}
		if err != nil {
			return "", errors.New(kit.PyErrorText(err, path))
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, maxKeys))
		return string(data), err
	}
	if !strings.HasPrefix(key, "http") {
		return key, nil
	}
	client := web.Client{Timeout: 10 * time.Second, Env: c.Env, UseProxy: true, Verify: c.Args.Bool("validate_certs"), Netrc: true, Redirects: "urllib2", Decompress: true}
	req := web.Request{Method: "GET", URL: key}
	req.Header.Add("User-Agent", "ansible-httpget")
	resp, err := client.Do(ctx, req)
	if err == nil {
		defer resp.Body.Close()
		if resp.Status == 200 {
			data, err := io.ReadAll(io.LimitReader(resp.Body, maxKeys))
			return string(data), err
		}
	}
	return "", &module.Failure{Msg: "Error getting key from: " + key, Err: err}
}

func parseKeys(c *module.Call, text string) (keys []*entry, err error) {
	for _, line := range value.SplitLines(text, false) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		k, ok := parseKey(line)
		if !ok {
			return nil, module.Failf("invalid key specified: %s", line)
		}
		if c.Args.Given("key_options") {
			k.options = c.Args.Str("key_options")
		}
		if c.Args.Given("comment") {
			k.comment = c.Args.Str("comment")
		}
		keys = append(keys, &k)
	}
	return keys, nil
}

// locate finds the user and the file; in check mode the user may be missing
// where the file is named.
func locate(c *module.Call) (account.User, string, error) {
	name, path := c.Args.Str("user"), c.Args.Str("path")
	user, err := account.System.UserByName(name)
	switch {
	case err == nil:
	case c.Check && path != "":
		return user, path, nil
	case c.Check:
		return user, "", module.Failf("Either user must exist or you must provide full path to key file in check mode")
	default:
		return user, "", module.Failf("Failed to lookup user %s: \"getpwnam(): name not found: '%s'\"", name, name)
	}
	if path == "" {
		path = filepath.Join(user.Dir, ".ssh", "authorized_keys")
	}
	return user, path, nil
}

// write puts the file in its place, the user's and of mode 0600 from its first
// moment. A link that is not to be followed is replaced and what it pointed to
// left alone: the directory is the user's, who may point anywhere.
func write(ctx context.Context, c *module.Call, user account.User, path, text string) error {
	dir := filepath.Dir(path)
	if c.Args.Bool("manage_dir") {
		if err := makeDir(dir, user); err != nil {
			return err
		}
	} else if err := os.MkdirAll(dir, 0o777); err != nil {
		return errors.New(kit.PyErrorText(err, dir))
	}
	t, err := kit.CreateOver(path, c.Tmp)
	if err != nil {
		return errors.New(kit.PyErrorText(err, path))
	}
	defer t.Discard()
	if _, err := t.WriteString(text); err != nil {
		return err
	}
	uid, gid := strconv.Itoa(user.UID), strconv.Itoa(user.GID)
	return t.Commit(ctx, kit.Options{Made: kit.Beside, New: &kit.Attrs{Owner: &uid, Group: &gid, Mode: value.Str("0600")}})
}

func makeDir(dir string, user account.User) error {
	if _, err := os.Stat(dir); err != nil {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return module.Failf("Failed to create directory %s : %s", dir, kit.PyErrorText(err, dir))
		}
	}
	if err := os.Chown(dir, user.UID, user.GID); err != nil {
		return errors.New(kit.PyErrorText(err, dir))
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return errors.New(kit.PyErrorText(err, dir))
	}
	return nil
}
