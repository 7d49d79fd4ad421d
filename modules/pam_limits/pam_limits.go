// Package pamlimits keeps limits of users' sessions in a file of
// limits.conf's kind.
//
// Source: documentation of community.general.pam_limits, limits.conf(5);
// results and messages seen on community.general 11.4 (testdata/cases.yml).
package pamlimits

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"golang.org/x/sys/unix"
)

// Module is the pam_limits module.
var Module = module.Module{
	Name: "community.general.pam_limits", Aliases: []string{"ansible.builtin.pam_limits"}, Doc: "Keep limits of users' sessions.",
	Check: true, Diff: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "domain", Required: true, Doc: "Whom it is for: user, @group, %group, *, numbers with colons."},
			{Name: "limit_type", Required: true, Choices: []string{"soft", "hard", "-"}, Doc: "Which of both limits."},
			{Name: "limit_item", Required: true, Choices: []string{"core", "data", "fsize", "memlock", "nofile", "rss", "stack", "cpu", "nproc", "as",
				"maxlogins", "maxsyslogins", "priority", "locks", "sigpending", "msgqueue", "nice", "rtprio", "chroot"}, Doc: "What is limited."},
			{Name: "value", Required: true, Doc: "A number, or unlimited, infinity, -1; -20 to 19 for nice and priority."},
			{Name: "use_max", Type: module.Bool, Default: value.False, Doc: "Let a bigger value stay."},
			{Name: "use_min", Type: module.Bool, Default: value.False, Doc: "Let a smaller value stay."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep a copy of the file as it was."},
			{Name: "dest", Default: value.Str("/etc/security/limits.conf"), Doc: "The file."},
			{Name: "comment", Default: value.Str(""), Doc: "Comment behind a new limit."},
		},
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	path := a.Str("dest")
	before, err := read(path)
	if err != nil {
		return nil, err
	}
	if a.Bool("use_max") && a.Bool("use_min") {
		return nil, module.Failf("Cannot use use_min and use_max at the same time.")
	}
	if msg := invalid(a.Str("limit_item"), a.Str("value")); msg != "" {
		return nil, module.Failf(" %s", msg)
	}
	backup := ""
	if a.Bool("backup") && before != nil {
		if c.Check {
			backup = fmt.Sprintf("%s.%d.%s", path, os.Getpid(), time.Now().Format("2006-01-02@15:04:05~"))
		} else if backup, err = kit.Backup(ctx, path); err != nil {
			return nil, err
		}
	}
	after, line, err := edit(a, string(before))
	if err != nil {
		return nil, err
	}
	if !c.Check && (before == nil || after != string(before)) {
		if err := kit.ReplaceItself(ctx, path, []byte(after), c.Tmp, kit.Options{}); err != nil {
			return nil, err
		}
	}
	v := value.DictOf("changed", value.None, "msg", value.None, "diff", value.None)
	if backup != "" {
		v.SetStr("backup_file", value.Str(backup))
	}
	return &module.Result{Changed: before == nil || after != string(before), Msg: line, Values: v,
		Diff: []module.Diff{{Before: value.Str(before), After: value.Str(after)}}}, nil
}

// read gives the file's text, nil where there is none and one can be made.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() {
		if unix.Access(path, unix.W_OK) != nil {
			return nil, module.Failf("%s is not writable. Use sudo", path)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, errors.New(kit.PyErrorText(err, path))
		}
		return append([]byte{}, data...), nil
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() || unix.Access(dir, unix.W_OK) != nil {
		return nil, module.Failf("directory %s is not writable (check presence, access rights, use sudo)", dir)
	}
	return nil, nil
}

// invalid says what is wrong with the value of an item, "" if nothing is.
func invalid(item, text string) string {
	_, err := number(item, text)
	if err == nil {
		return ""
	}
	rule := "Value must either be 'unlimited', 'infinity' or -1, all of which indicate no limit, or a limit of 0 or larger."
	if ranged(item) {
		rule = "Value must be a number in the range -20 to 19 inclusive."
	}
	return fmt.Sprintf("Value of '%s' for item '%s' is invalid. %s Refer to the limits.conf(5) manual pages for more details.", text, item, rule)
}

func ranged(item string) bool { return item == "nice" || item == "priority" }

var errValue = errors.New("no value of a limit")

// number gives what a value counts as when two are compared.
func number(item, text string) (float64, error) {
	if ranged(item) {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < -20 || n > 19 {
			return 0, errValue
		}
		return float64(n), nil
	}
	if text == "unlimited" || text == "infinity" || text == "-1" {
		return math.Inf(1), nil
	}
	if strings.Trim(text, "0123456789") != "" || text == "" {
		return 0, errValue
	}
	return strconv.ParseFloat(text, 64)
}

// edit gives the new text, and the line that holds.
func edit(a module.Args, text string) (after, line string, err error) {
	item, want := a.Str("limit_item"), a.Str("value")
	start := a.Str("domain") + "\t" + a.Str("limit_type") + "\t" + item + "\t" + want
	comment := ""
	if a.Str("comment") != "" {
		comment = "\t#" + a.Str("comment")
	}
	var b strings.Builder
	for l := range strings.Lines(text) {
		code, old, commented := strings.Cut(l, "#")
		words := strings.Fields(code)
		if len(words) != 4 {
			b.WriteString(l)
			continue
		}
		if msg := invalid(words[2], words[3]); msg != "" {
			return "", "", module.Failf("Invalid configuration found in '%s'. %s", a.Str("dest"), msg)
		}
		if words[0] != a.Str("domain") || words[1] != a.Str("limit_type") || words[2] != item {
			b.WriteString(l)
			continue
		}
		if stays(a, words[3]) {
			line = l
		} else if line = start + comment + "\n"; comment == "" && commented {
			line = start + "\t#" + old + "\n" // with the end of its line, as in the reference
		}
		b.WriteString(line)
	}
	if line == "" {
		if text != "" && !strings.HasSuffix(text, "\n") {
			b.WriteByte('\n')
		}
		line = start + comment + "\n"
		b.WriteString(line)
	}
	return b.String(), line, nil
}

// stays reports whether the value that is there is the one wanted, or better by
// use_max or use_min.
func stays(a module.Args, have string) bool {
	want := a.Str("value")
	if have == want {
		return true
	}
	h, _ := number(a.Str("limit_item"), have)
	w, _ := number(a.Str("limit_item"), want)
	return a.Bool("use_max") && h >= w || a.Bool("use_min") && h <= w
}
