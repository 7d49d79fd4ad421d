// Package localegen has the locales of /etc/locale.gen made, or not made any
// more.
//
// Source: documentation of community.general.locale_gen, locale.gen(5),
// locale-gen(8), the handbook of Void Linux ("Locales and Translations"); results and messages seen on community.general 11.4
// (testdata/twins.yml).
package localegen

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the locale_gen module.
var Module = module.Module{
	Name: "community.general.locale_gen", Aliases: []string{"ansible.builtin.locale_gen"}, Doc: "Have locales made.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "name", Type: module.List, Required: true, Doc: "Names of locales, as in /etc/locale.gen."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether they shall be there."},
		},
	},
	Differs: []string{"Check mode tells what would change; the reference always says that nothing would.",
		"Void's /etc/default/libc-locales is known too, and xbps-reconfigure has the locales made."},
	Run: run,
}

const debian = "/etc/locale.gen"

// way is how a host has its locales made: the table of them, and the command.
type way struct {
	table    string
	generate []string
}

// ways are tried in turn: glibc's of Debian, Arch and others, and Void's, whose
// package of locales makes them anew (comments in Void's table).
var ways = []way{
	{debian, []string{"locale-gen"}},
	{"/etc/default/libc-locales", []string{"xbps-reconfigure", "-f", "glibc-locales"}},
}

// find gives the first way whose table is there, and what the table says;
// Debian's where none is.
func find(ways []way) (way, []byte, error) {
	for _, w := range ways {
		if data, err := os.ReadFile(w.table); !errors.Is(err, os.ErrNotExist) {
			return w, data, err
		}
	}
	return ways[0], nil, os.ErrNotExist
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	names := c.Args.Strs("name")
	w, data, err := find(ways)
	table := w.table
	if errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat("/var/lib/locales/supported.d/local"); err == nil {
			return nil, module.Failf("%s is missing: the older way of Ubuntu, /var/lib/locales/supported.d, is not supported by churten", table)
		}
		return nil, failure(value.DictOf("name", value.Strings(names...)), c.Diff, "/var/lib/locales/supported.d and %s are missing. Is the package \"locales\" installed?", table)
	}
	if err != nil {
		return nil, errors.New(kit.PyErrorText(err, table))
	}
	vars := value.DictOf("name", value.Strings(names...), "ubuntu_mode", value.False, "mechanism", value.Str("glibc"))
	out, err := tool.Check(ctx, c, "locale", "-a")
	if err != nil {
		return nil, err
	}
	// What the C library brings along, or another spelling of what is there, need not be in the table.
	unknown := slices.DeleteFunc(unavailable(string(data), names), func(name string) bool { return has(out.Stdout, []string{name}) })
	if len(unknown) > 0 {
		return nil, failure(vars, c.Diff, "The following locales you have entered are not available on your system: %s", strings.Join(unknown, ", "))
	}
	present := c.Args.Str("state") == "present"
	changed := has(out.Stdout, names) != present
	if changed && !c.Check {
		if err := kit.Replace(ctx, table, []byte(set(string(data), names, present)), nil, kit.Options{}); err != nil {
			return nil, failure(vars, c.Diff, "Module failed with exception: %s", written(err, table))
		}
		generate, err := tool.Find(c, w.generate[0])
		if err != nil {
			return nil, err
		}
		if _, err := tool.Check(ctx, c, append([]string{generate}, w.generate[1:]...)...); err != nil {
			return nil, err
		}
	}
	return &module.Result{Changed: changed, Values: output(vars, c.Diff)}, nil
}

// output is vars as results show them.
func output(vars *value.Dict, diff bool) *value.Dict {
	v := vars.Clone()
	if diff {
		v.SetStr("diff", value.NewDict(0))
	}
	return v
}

// failure repeats them, as all failures of this module do in the reference.
func failure(vars *value.Dict, diff bool, format string, args ...any) *module.Failure {
	f := module.Failf(format, args...).With("output", output(vars, diff), "vars", vars)
	for k, x := range output(vars, diff).All() {
		f.Values.Set(k, x)
	}
	return f
}

// written is the system's error in the words of who opens the table and writes to it.
func written(err error, table string) string {
	if errors.As(err, new(syscall.Errno)) {
		return kit.PyWriteErrorText(err, table)
	}
	return err.Error()
}

// locale gives the name that a line of locale.gen has, commented or not.
func locale(line string) (name string, commented, ok bool) {
	line = strings.TrimSpace(line)
	if rest, is := strings.CutPrefix(line, "#"); is {
		line, commented = rest, true
	}
	fields := strings.Fields(line)
	if len(fields) != 2 || strings.HasPrefix(fields[0], "#") {
		return "", false, false
	}
	return fields[0], commented, true
}

// unavailable gives the names that the table does not have.
func unavailable(text string, names []string) (unknown []string) {
	known := map[string]bool{}
	for line := range strings.Lines(text) {
		if name, _, ok := locale(line); ok {
			known[name] = true
		}
	}
	for _, name := range names {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// has reports whether all names are among those that "locale -a" prints.
func has(text string, names []string) bool {
	there := strings.Fields(text)
	for i := range there {
		there[i] = normal(there[i])
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(there, normal(name)) })
}

// normal brings a name's character set to the form in which the C library
// compares it: lower case letters and figures only.
func normal(name string) string {
	place, set, ok := strings.Cut(name, ".")
	if !ok {
		return name
	}
	set, variant, _ := strings.Cut(set, "@")
	var b strings.Builder
	for _, r := range strings.ToLower(set) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	if variant != "" {
		variant = "@" + variant
	}
	return place + "." + b.String() + variant
}

// set gives the table with the names' lines in force, or commented.
func set(text string, names []string, present bool) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		name, commented, ok := locale(line)
		if ok && slices.Contains(names, name) && commented == present {
			if present {
				line = strings.TrimLeft(strings.TrimLeft(line, " \t")[1:], " \t")
			} else {
				line = "# " + strings.TrimLeft(line, " \t")
			}
		}
		b.WriteString(line)
	}
	return b.String()
}
