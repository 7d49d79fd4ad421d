// Package assemble puts a file together from the files of a directory, on the
// host (remote_src, the default) or from the controller (action.go).
//
// Source: documentation of ansible.builtin.assemble; results and messages seen
// on ansible-core 2.19 (testdata/cases.yml).
package assemble

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the assemble module.
var Module = module.Module{
	Name: "ansible.builtin.assemble", Doc: "Assemble configuration files from fragments.",
	Check:   true,
	Differs: []string{"In check mode no backup is made, where the reference makes one.", "What a validator that is content says is no part of the result."},
	Spec: module.Spec{
		FileArgs: true,
		Args: []module.Arg{
			{Name: "src", Type: module.Path, Required: true, Doc: "Directory of the fragments."},
			{Name: "delimiter", Doc: "What stands between fragments."},
			{Name: "dest", Type: module.Path, Required: true, Doc: "The file to write."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep the old file under a name with the time."},
			{Name: "remote_src", Type: module.Bool, Default: value.True, Doc: "src is on the host."},
			{Name: "regexp", Doc: "Only files whose names match."},
			{Name: "ignore_hidden", Type: module.Bool, Default: value.False, Doc: "Leave out names that begin with a dot."},
			{Name: "validate", Doc: "Command that must accept the new file, with %s for its path."},
			{Name: "decrypt", Type: module.Bool, Default: value.True, Doc: "Open fragments that are encrypted with vault, from the controller."},
		},
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	src, dest := c.Args.Str("src"), c.Args.Str("dest")
	if err := isDirectory(src); err != nil {
		return nil, err
	}
	re, err := pattern(c.Args.Str("regexp"), c.Args.Given("regexp"))
	if err != nil {
		return nil, err
	}
	var delimiter *string
	if c.Args.Given("delimiter") {
		d := c.Args.Str("delimiter")
		delimiter = &d
	}
	text, err := join(src, delimiter, re, c.Args.Bool("ignore_hidden"), os.ReadFile)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dest); err == nil && info.IsDir() {
		return nil, module.Failf("attempted to take checksum of directory: %s", dest)
	}
	s1, s5 := sha1.Sum(text), md5.Sum(text)
	sum := hex.EncodeToString(s1[:])
	v := value.DictOf("src", value.Str(src), "dest", value.Str(dest), "checksum", value.Str(sum), "md5sum", value.Str(hex.EncodeToString(s5[:])))
	changed, err := put(ctx, c, dest, text, sum, v)
	if err != nil {
		return nil, err
	}
	a := kit.AttrsOf(c)
	did, err := a.Apply(ctx, dest, c.Check, nil)
	if err != nil {
		return nil, err
	}
	v.SetStr("changed", value.None)
	v.SetStr("msg", value.None)
	return &module.Result{Changed: changed || did, Msg: "OK", Values: v}, nil
}

func isDirectory(src string) error {
	info, err := os.Stat(src)
	switch {
	case err != nil:
		return module.Failf("Source (%s) does not exist", src)
	case !info.IsDir():
		return module.Failf("Source (%s) is not a directory", src)
	}
	return nil
}

func pattern(text string, given bool) (*pyre.Regexp, error) {
	if !given {
		return nil, nil
	}
	re, err := pyre.Compile(text, 0)
	if err != nil {
		return nil, module.Failf("Invalid Regexp (%s) in \"%s\"", err.Error(), text)
	}
	return re, nil
}

// put validates the text and writes it where it differs. The command judges it
// in check mode too.
func put(ctx context.Context, c *module.Call, dest string, text []byte, sum string, v *value.Dict) (bool, error) {
	have, err := kit.SHA1(dest)
	differs := err != nil || have != sum
	if !differs || c.Check && !c.Args.Given("validate") {
		return differs, nil
	}
	t, err := create(c, dest)
	if err != nil {
		return false, err
	}
	defer t.Discard()
	if _, err := t.Write(text); err != nil {
		return false, err
	}
	var bad *kit.ValidateError
	if err := t.Validate(ctx, c, c.Args.Str("validate")); errors.As(err, &bad) {
		return false, module.Failf("failed to validate: rc:%d error:%s", bad.RC, bad.Stderr)
	} else if err != nil {
		return false, err
	}
	if c.Check {
		return true, nil
	}
	if c.Args.Bool("backup") {
		backup, err := kit.Backup(ctx, dest)
		if err != nil {
			return false, err
		}
		if backup != "" {
			v.SetStr("backup_file", value.Str(backup))
		}
	}
	a := kit.AttrsOf(c)
	o := kit.Options{Unsafe: c.Args.Bool("unsafe_writes"), New: &a}
	if isLink(dest) {
		o.Like, _ = os.Stat(dest) // none where it leads to nothing
	}
	return true, t.Commit(ctx, o)
}

// create makes the temporary file, elsewhere in check mode. As in the reference, a file takes the place of a link.
func create(c *module.Call, dest string) (*kit.Temp, error) {
	if !c.Check && isLink(dest) {
		return kit.CreateOver(dest, c.Tmp)
	}
	if !c.Check {
		return kit.Create(dest, c.Tmp)
	}
	dir, err := c.Tmp()
	if err != nil {
		return nil, err
	}
	return kit.Create(filepath.Join(dir, filepath.Base(dest)), nil)
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&os.ModeSymlink != 0
}

// join reads the fragments in the order of their names. A fragment that does
// not end its line is ended before a delimiter.
func join(src string, delimiter *string, re *pyre.Regexp, ignoreHidden bool, read func(string) ([]byte, error)) ([]byte, error) {
	entries, err := os.ReadDir(src)
	if err != nil {
		return nil, errors.New(kit.PyErrorText(err, src))
	}
	var out bytes.Buffer
	needsDelimiter, endLine := false, false
	for _, e := range entries {
		path := filepath.Join(src, e.Name())
		if ok, err := wanted(path, e.Name(), re, ignoreHidden); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue
		}
		text, err := read(path)
		if err != nil {
			return nil, err
		}
		if endLine {
			out.WriteByte('\n')
		}
		if needsDelimiter && delimiter != nil {
			d := unescape(*delimiter)
			out.WriteString(d)
			// Always a line of its own.
			if !strings.HasSuffix(d, "\n") {
				out.WriteByte('\n')
			}
		}
		out.Write(text)
		needsDelimiter = true
		endLine = !bytes.HasSuffix(text, []byte("\n"))
	}
	return out.Bytes(), nil
}

func wanted(path, name string, re *pyre.Regexp, ignoreHidden bool) (bool, error) {
	if re != nil {
		if m, err := re.Search(name); err != nil || m == nil {
			return false, err
		}
	}
	if ignoreHidden && strings.HasPrefix(name, ".") {
		return false, nil
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular(), nil
}

// unescape reads \n and the like in a delimiter.
func unescape(d string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\"`, `"`, `\'`, "'").Replace(d)
}
