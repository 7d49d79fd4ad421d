package user

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// sshKey makes a key pair where there is none and tells of it.
func (j *job) sshKey(ctx context.Context, u account.User) error {
	path := j.keyPath(u)
	if err := j.makeKey(ctx, u, path); err != nil {
		return err
	}
	fingerprint, err := j.fingerprint(ctx, path)
	if err != nil {
		return err
	}
	j.values.SetStr("ssh_fingerprint", value.Str(fingerprint))
	j.values.SetStr("ssh_key_file", value.Str(path))
	j.values.SetStr("ssh_public_key", value.None)
	if data, err := os.ReadFile(path + ".pub"); err == nil {
		j.values.SetStr("ssh_public_key", value.Str(strings.TrimSpace(string(data))))
	}
	return nil
}

func (j *job) keyPath(u account.User) string {
	path := ".ssh/id_" + j.Args.Str("ssh_key_type")
	if j.Args.Given("ssh_key_file") {
		path = j.Args.Str("ssh_key_file")
	}
	if filepath.IsAbs(path) {
		return path
	}
	return strings.TrimRight(u.Dir, "/") + "/" + path
}

// keyFailure is a failure on the way to a key, as if a program had failed.
func (j *job) keyFailure(msg string) error {
	return (&module.Failure{Msg: msg}).With("name", value.Str(j.name), "rc", value.Int(1))
}

func (j *job) makeKey(ctx context.Context, u account.User, path string) error {
	if _, err := os.Stat(u.Dir); err != nil && !j.Check {
		return j.keyFailure(fmt.Sprintf("User %s home directory does not exist", j.name))
	}
	if err := j.keyDir(u, filepath.Dir(path)); err != nil {
		return err
	}
	force := j.Args.Bool("force")
	var old []string
	for _, key := range []struct{ kind, path string }{{"private", path}, {"public", path + ".pub"}} {
		if _, err := os.Stat(key.path); err != nil {
			continue
		}
		if !force {
			j.Warn(fmt.Sprintf("Found existing ssh key %s file \"%s\", no force, so skipping ssh-keygen generation", key.kind, key.path))
			return nil
		}
		j.Warn(fmt.Sprintf("Overwriting existing ssh key %s file \"%s\"", key.kind, key.path))
		old = append(old, key.path)
	}
	keygen, err := tool.Find(j.Call, "ssh-keygen")
	if err != nil {
		return err
	}
	j.ran = true
	if j.Check {
		return nil
	}
	for _, p := range old { // else ssh-keygen asks
		if err := os.Remove(p); err != nil {
			return j.keyFailure(file.PyErrorText(err, p))
		}
	}
	argv := []string{keygen, "-t", j.Args.Str("ssh_key_type")}
	if bits := j.Args.Int("ssh_key_bits"); bits > 0 {
		argv = append(argv, "-b", strconv.FormatInt(bits, 10))
	}
	argv = append(argv, "-C", j.Args.Str("ssh_key_comment"), "-f", path)
	if err := j.keygen(ctx, argv); err != nil {
		return err
	}
	for _, p := range []string{path, path + ".pub"} {
		if err := os.Lchown(p, u.UID, u.GID); err != nil {
			return j.keyFailure(file.PyErrorText(err, p))
		}
	}
	return nil
}

func (j *job) keyDir(u account.User, dir string) error {
	if _, err := os.Stat(dir); err == nil || j.Check {
		return nil
	}
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		err = os.Lchown(dir, u.UID, u.GID)
	}
	if err != nil {
		return j.keyFailure(fmt.Sprintf("Failed to create %s: %s", dir, file.PyErrorText(err, dir)))
	}
	return nil
}

// keygen runs ssh-keygen. A passphrase goes over a terminal: every user of the
// host can see command lines.
func (j *job) keygen(ctx context.Context, argv []string) error {
	if !j.Args.Given("ssh_key_passphrase") {
		out, err := tool.Run(ctx, j.Call, append(argv, "-N", "")...)
		if err != nil {
			return err
		}
		return j.keygenFailed(out.RC, out.Stderr)
	}
	rc, printed, err := answer(ctx, argv, tool.Environ(j.Env, tool.LocaleEnv()...), "passphrase", j.Args.Str("ssh_key_passphrase"))
	if err != nil {
		return j.keyFailure("ssh-keygen: " + err.Error())
	}
	return j.keygenFailed(rc, printed)
}

func (j *job) keygenFailed(rc int, msg string) error {
	if rc == 0 {
		return nil
	}
	return (&module.Failure{Msg: msg}).With("name", value.Str(j.name), "rc", value.Int(rc))
}

func (j *job) fingerprint(ctx context.Context, path string) (string, error) {
	if _, err := os.Stat(path); err != nil {
		return "", nil
	}
	keygen, err := tool.Find(j.Call, "ssh-keygen")
	if err != nil {
		return "", err
	}
	out, err := tool.Run(ctx, j.Call, keygen, "-l", "-f", path)
	if err != nil {
		return "", err
	}
	if out.RC != 0 {
		return strings.TrimSpace(out.Stderr), nil
	}
	return strings.TrimSpace(out.Stdout), nil
}
