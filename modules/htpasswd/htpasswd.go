// Package htpasswd keeps users and hashed passwords in a file for web servers.
//
// file.go has the file, schemes.go how passwords are hashed and compared,
// descrypt.go the oldest of these; this file decides.
//
// Source: documentation of community.general.htpasswd and of passlib; results,
// messages and hashes seen on community.general 11.4 with passlib 1.7.4
// (testdata/cases.yml).
package htpasswd

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"golang.org/x/sys/unix"
)

// Module is the htpasswd module.
var Module = module.Module{
	Name: "community.general.htpasswd", Aliases: []string{"ansible.builtin.htpasswd"}, Doc: "Keep users and passwords in a file for web servers.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "path", Aliases: []string{"dest", "destfile"}, Type: module.Path, Required: true, Doc: "The file."},
			{Name: "name", Aliases: []string{"username"}, Required: true, Doc: "The user."},
			{Name: "password", NoLog: true, Doc: "The password; needed where the user shall be there."},
			{Name: "hash_scheme", Aliases: []string{"crypt_scheme"}, Default: value.Str("apr_md5_crypt"),
				Doc: "How a new password is hashed: apr_md5_crypt, bcrypt, des_crypt, ldap_sha1, md5_crypt, plaintext, sha256_crypt, sha512_crypt."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"present", "absent"}, Doc: "Whether the user shall be there."},
			{Name: "create", Type: module.Bool, Default: value.True, Doc: "Make the file where there is none."},
		},
		FileArgs: true,
	},
	Differs: []string{
		"It needs no passlib; of passlib's schemes it has those that web servers read, and md5_crypt.",
		"A bcrypt password of more than 72 bytes is refused, as the rest would not count.",
		"A user without password that shall be there is refused in check mode too.",
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	path, name, state := a.Str("path"), a.Str("name"), a.Str("state")
	res := &module.Result{Values: value.DictOf("msg", value.None, "changed", value.None)}
	var err error
	switch _, missing := os.Stat(path); {
	case missing != nil && state == "absent":
		c.Warn(path + " does not exist")
		res.Msg = name + " not present"
		return res, nil
	case state == "absent":
		err = remove(ctx, c, path, name, res)
	default:
		err = present(ctx, c, path, name, missing != nil, res)
	}
	if err != nil {
		return nil, err
	}
	attrs := kit.AttrsOf(c)
	changed, err := attrs.Apply(ctx, path, c.Check, nil)
	if err != nil {
		return nil, err
	}
	if changed && asked(attrs) {
		if res.Changed {
			res.Msg += " and "
		}
		res.Msg += "ownership, perms or SE linux context changed"
		res.Changed = true
	}
	return res, nil
}

// asked reports whether anything is wanted of a file but to be there.
func asked(a kit.Attrs) bool {
	return a.Owner != nil || a.Group != nil || a.Mode != nil || a.Attributes != "" || a.SE != [4]string{}
}

func remove(ctx context.Context, c *module.Call, path, name string, res *module.Result) error {
	f, err := read(path)
	if err != nil {
		return err
	}
	if f.find(name) == nil {
		res.Msg = name + " not present"
		return nil
	}
	f.remove(name)
	res.Changed, res.Msg = true, "Remove "+name
	return save(ctx, c, path, f)
}

func present(ctx context.Context, c *module.Call, path, name string, missing bool, res *module.Result) error {
	a := c.Args
	if missing && !a.Bool("create") {
		return module.Failf("Destination %s does not exist", path)
	}
	scheme, err := schemeNamed(a.Str("hash_scheme"))
	if err != nil {
		return err
	}
	if !a.Given("password") {
		return module.Failf("secret must be unicode or bytes, not None")
	}
	password := a.Str("password")
	f := &file{}
	if !missing {
		if f, err = read(path); err != nil {
			return err
		}
	}
	if err := checkName(name); err != nil {
		return err
	}
	have := f.find(name)
	if have != nil {
		same, err := scheme.verify(password, have.hash)
		if err != nil {
			return err
		}
		if same {
			res.Msg = name + " already present"
			return nil
		}
	}
	hash, err := scheme.hash(password)
	if err != nil {
		return err
	}
	f.set(name, hash)
	res.Changed = true
	switch {
	case !missing:
		res.Msg = "Add/update " + name
	case c.Check:
		res.Msg = "Create " + path
	default:
		res.Msg = "Created " + path + " and added " + name
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return errors.New(kit.PyErrorText(err, filepath.Dir(path)))
		}
	}
	return save(ctx, c, path, f)
}

func save(ctx context.Context, c *module.Call, path string, f *file) error {
	if c.Check {
		return nil
	}
	if err := writable(path); err != nil {
		return &module.Failure{Msg: kit.PyErrorText(err, path), Err: err}
	}
	if err := kit.Over(ctx, path, f.text(), kit.Options{Unsafe: c.Args.Bool("unsafe_writes")}); err != nil {
		return &module.Failure{Msg: kit.PyWriteErrorText(err, path), Err: err}
	}
	return nil
}

// writable reports why the file could not be opened for writing, as the
// reference does.
func writable(path string) error {
	err := unix.Faccessat(unix.AT_FDCWD, path, unix.W_OK, unix.AT_EACCESS)
	if errors.Is(err, unix.ENOENT) {
		err = unix.Faccessat(unix.AT_FDCWD, filepath.Dir(path), unix.W_OK, unix.AT_EACCESS)
	}
	return err
}
