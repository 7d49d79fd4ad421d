// Package file has what modules that touch files share: atomic replacement
// that keeps what belongs to the old file (replace.go), backups, owner, group,
// mode, SELinux context and chattr attributes (attrs.go), modes as numbers and
// symbols (mode.go), checksums.
package file

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/process"
)

// Attrs is what a file's owner, mode and so on shall be; nil and empty leave
// things as they are.
type Attrs struct {
	Owner, Group *string
	Mode         value.Value // Int or Str
	Attributes   string      // as chattr takes them
	SE           [4]string   // user, role, type, level
}

// AttrsOf reads the arguments that Spec.FileArgs declares.
func AttrsOf(c *module.Call) Attrs {
	var out Attrs
	a := c.Args
	if a.Given("owner") {
		s := a.Str("owner")
		out.Owner = &s
	}
	if a.Given("group") {
		s := a.Str("group")
		out.Group = &s
	}
	if a.Given("mode") {
		out.Mode = a.Value("mode")
	}
	out.Attributes = a.Str("attributes")
	out.SE = [4]string{a.Str("seuser"), a.Str("serole"), a.Str("setype"), a.Str("selevel")}
	return out
}

// Changes collects what Apply changes, for --diff: keys of before and after as
// the reference names them. Nil maps are made when needed.
type Changes struct{ Before, After *value.Dict }

func (c *Changes) add(key string, before, after value.Value) {
	if c == nil {
		return
	}
	if c.Before == nil {
		c.Before = value.NewDict(4)
	}
	if c.After == nil {
		c.After = value.NewDict(4)
	}
	c.Before.SetStr(key, before)
	c.After.SetStr(key, after)
}

// Apply brings path to a and reports whether something differed. With check
// nothing is done; a path that does not exist then counts as different when
// something is asked for. Links are followed for the mode only. The error is a
// *module.Failure in the reference's words.
func (a *Attrs) Apply(ctx context.Context, path string, check bool, diff *Changes) (bool, error) {
	changed := false
	for _, step := range []func(context.Context, string, bool, *Changes) (bool, error){
		a.applySE, a.applyOwner, a.applyGroup, a.applyMode, a.applyAttributes,
	} {
		did, err := step(ctx, path, check, diff)
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	return changed, nil
}

func stat(path string) (*syscall.Stat_t, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	return info.Sys().(*syscall.Stat_t), nil
}

// absent reports whether path is not there in check mode, where an earlier
// step only pretended to make it.
func absent(path string, check bool) bool {
	if !check {
		return false
	}
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

func fail(path, msg string, details error) *module.Failure {
	f := &module.Failure{Msg: msg, Values: value.DictOf("path", value.Str(path))} // details are not its cause, as in the reference
	if details != nil {
		f.Values.SetStr("details", value.Str(PyError(details, path)))
	}
	return f
}

func (a *Attrs) applyOwner(_ context.Context, path string, check bool, diff *Changes) (bool, error) {
	if a.Owner == nil {
		return false, nil
	}
	if absent(path, check) {
		return true, nil
	}
	uid, ok := Number(*a.Owner)
	if !ok {
		u, err := account.System.UserByName(*a.Owner)
		if err != nil {
			return false, fail(path, "chown failed: failed to look up user "+*a.Owner, nil)
		}
		uid = u.UID
	}
	st, err := stat(path)
	if err != nil {
		return false, errors.New(PyError(err, path))
	}
	if int(st.Uid) == uid {
		return false, nil
	}
	diff.add("owner", value.Int(st.Uid), value.Int(uid))
	if check {
		return true, nil
	}
	if uid < -1 || uid > math.MaxUint32-1 {
		return false, errors.New("uid is less than minimum")
	}
	if err := os.Lchown(path, uid, -1); err != nil {
		return false, fail(path, "chown failed", nil)
	}
	return true, nil
}

func (a *Attrs) applyGroup(_ context.Context, path string, check bool, diff *Changes) (bool, error) {
	if a.Group == nil {
		return false, nil
	}
	if absent(path, check) {
		return true, nil
	}
	gid, ok := Number(*a.Group)
	if !ok {
		g, err := account.System.GroupByName(*a.Group)
		if err != nil {
			return false, fail(path, "chgrp failed: failed to look up group "+*a.Group, nil)
		}
		gid = g.GID
	}
	st, err := stat(path)
	if err != nil {
		return false, errors.New(PyError(err, path))
	}
	if int(st.Gid) == gid {
		return false, nil
	}
	diff.add("group", value.Int(st.Gid), value.Int(gid))
	if check {
		return true, nil
	}
	if gid < -1 || gid > math.MaxUint32-1 {
		return false, errors.New("gid is less than minimum")
	}
	if err := os.Lchown(path, -1, gid); err != nil {
		return false, fail(path, "chgrp failed", nil)
	}
	return true, nil
}

func modeText(mode int64) value.Str { return value.Str(fmt.Sprintf("0%03o", mode)) }

func (a *Attrs) applyMode(_ context.Context, path string, check bool, diff *Changes) (bool, error) {
	if a.Mode == nil {
		return false, nil
	}
	if absent(path, check) {
		return true, nil
	}
	st, err := stat(path)
	if err != nil {
		return false, errors.New(PyError(err, path))
	}
	mode, err := ParseMode(a.Mode, st.Mode, st.Mode&syscall.S_IFMT == syscall.S_IFDIR, Umask())
	if err != nil {
		return false, fail(path, "mode must be in octal or symbolic form", err)
	}
	old := st.Mode & allBits
	if int64(old) == mode {
		return false, nil
	}
	// Of a number, bits above the twelve and the sign are compared and shown, as the reference does, but chmod drops
	// them: such a mode is never reached.
	diff.add("mode", modeText(int64(old)), modeText(mode))
	if check {
		return true, nil
	}
	if st.Mode&syscall.S_IFMT == syscall.S_IFLNK {
		return false, nil // a link has no mode of its own here
	}
	if mode < math.MinInt32 || mode > math.MaxInt32 {
		return false, fail(path, "chmod failed", errors.New("Python int too large to convert to C int"))
	}
	if err := syscall.Chmod(path, uint32(mode&allBits)); err != nil {
		return false, errors.New(PyError(err, path))
	}
	st, err = stat(path)
	if err != nil {
		return false, fail(path, err.Error(), nil)
	}
	return st.Mode&allBits != old, nil
}

func (a *Attrs) applyAttributes(ctx context.Context, path string, check bool, diff *Changes) (bool, error) {
	if a.Attributes == "" {
		return false, nil
	}
	if absent(path, check) {
		return true, nil
	}
	have, _ := Flags(path)
	sign, want := "=", a.Attributes
	if strings.HasPrefix(want, "-") || strings.HasPrefix(want, "+") {
		if len(want) == 1 {
			return false, nil
		}
		sign, want = want[:1], want[1:]
	}
	if have == want && sign != "-" {
		return false, nil
	}
	diff.add("attributes", value.Str(have), value.Str(sign+want))
	if check {
		return true, nil
	}
	chattr, err := process.Find("chattr", nil)
	if err != nil {
		return false, nil // the reference does nothing where there is no chattr
	}
	res, err := process.Run(ctx, process.Command{Argv: []string{chattr, sign + want, path}})
	if err == nil && (res.RC != 0 || len(res.Stderr) > 0) {
		err = fmt.Errorf("Error while setting attributes: %s", string(res.Stdout)+string(res.Stderr))
	}
	if err != nil {
		return false, fail(path, "chattr failed", err)
	}
	return true, nil
}
