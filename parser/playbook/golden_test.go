package playbook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/parser/load"
)

// TestGolden replays what testdata/record.py recorded from the reference.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { replay(t, path) })
	}
}

func replay(t *testing.T, path string) {
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var want string
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		target := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, r := range splitRuns(t, want) {
		got := runLine(t, r.line, dir)
		if diff := cmp.Diff(normal(r), normal(got)); diff != "" {
			t.Errorf("$ %s (-reference +here)\n%s", r.line, diff)
		}
	}
}

// outcome is what one command line gave.
type outcome struct {
	line           string
	exit           int
	stdout, stderr string
}

func splitRuns(t *testing.T, want string) []outcome {
	var runs []outcome
	for _, chunk := range strings.Split("\n"+want, "\n$ ")[1:] {
		var r outcome
		line, rest, _ := strings.Cut(chunk, "\n")
		r.line = line
		code, rest, _ := strings.Cut(rest, "\n")
		if _, err := fmt.Sscanf(code, "exit %d", &r.exit); err != nil {
			t.Fatalf("want file: %v", err)
		}
		rest = "\n" + rest
		if i := strings.Index(rest, "\n[stderr]\n"); i >= 0 {
			r.stderr = rest[i+len("\n[stderr]\n"):]
			rest = rest[:i]
		}
		r.stdout = strings.TrimPrefix(rest, "\n[stdout]\n")
		runs = append(runs, r)
	}
	if len(runs) == 0 {
		t.Fatal("nothing recorded")
	}
	return runs
}

func runLine(t *testing.T, line, dir string) outcome {
	words := strings.Fields(line)
	for strings.Contains(words[0], "=") {
		words = words[1:]
	}
	command, args := words[0], words[1:]
	var opts ListOptions
	extra := value.NewDict(0)
	var hosts []string
	path := ""
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "--list-hosts":
			opts.Hosts = true
		case "--list-tasks":
			opts.Tasks = true
		case "--list-tags":
			opts.Tags = true
		case "--syntax-check":
		case "--tags", "-t":
			i++
			opts.Only = strings.Split(args[i], ",")
		case "--skip-tags":
			i++
			opts.Skip = strings.Split(args[i], ",")
		case "-i":
			i++
			hosts = strings.Split(strings.Trim(args[i], ","), ",")
		case "-e":
			i++
			k, v, _ := strings.Cut(args[i], "=")
			extra.SetStr(k, value.Str(v))
		default:
			path = args[i]
		}
	}
	if strings.Contains(line, "--syntax-check") {
		opts.Hosts, opts.Tasks, opts.Tags = false, false, false
	}
	opts.HostsOf = func(patterns []string) ([]string, error) { return matchHosts(hosts, patterns), nil }
	var out, errs bytes.Buffer
	l := New(testOptions(dir, &errs))
	l.opts.ExtraVars = extra
	pb, err := l.Load(path)
	if err == nil {
		if command == "dump" {
			dump(t, &out, l, pb)
		} else {
			err = l.List(&out, pb, opts)
		}
	}
	r := outcome{line: line}
	if err != nil {
		r.exit = ExitCode(err)
		fmt.Fprintf(&errs, "[ERROR]: %s\n\n", source.Report(err))
	}
	home := filepath.Dir(dir)
	r.stdout = strings.ReplaceAll(strings.ReplaceAll(out.String(), dir, "$DIR"), home, "$HOME")
	r.stderr = strings.ReplaceAll(errs.String(), dir, "$DIR")
	return r
}

func matchHosts(hosts, patterns []string) []string {
	var out []string
	for _, h := range hosts {
		for _, p := range patterns {
			for _, part := range strings.FieldsFunc(p, func(r rune) bool { return r == ':' || r == ',' }) {
				if (part == h || part == "all") && !slices.Contains(out, h) {
					out = append(out, h)
				}
			}
		}
	}
	return out
}

// builtin are the names of the reference's own modules and actions.
func builtin() map[string]bool {
	text, err := os.ReadFile(filepath.Join(packageDir, "testdata", "modules.txt"))
	if err != nil {
		panic(err)
	}
	m := map[string]bool{}
	for _, name := range strings.Fields(string(text)) {
		m[name] = true
	}
	return m
}

var packageDir, _ = os.Getwd()

func testOptions(dir string, errs *bytes.Buffer) Options {
	names := builtin()
	warned := false
	warn := func(w Warning) {
		kind, msg := "WARNING", w.Msg
		if w.Deprecated != "" {
			if !warned {
				warned = true
				errs.WriteString("[WARNING]: Deprecation warnings can be disabled by setting `deprecation_warnings=False` in ansible.cfg.\n")
			}
			kind = "DEPRECATION WARNING"
			if own, ok := strings.CutPrefix(w.Deprecated, "\x00"); ok {
				msg += own
			} else {
				msg += " This feature will be removed from ansible-core version " + w.Deprecated + "."
			}
		}
		fmt.Fprintf(errs, "[%s]: %s\n\n", kind, source.Report(&source.Error{Pos: w.Pos, Msg: msg, Hint: w.Help}))
	}
	resolver := &collection.Resolver{
		Finder: collection.New(nil, dir), Library: collection.NewLibrary(filepath.Join(dir, "library")),
		Native: func(name string) (string, bool) {
			full := "ansible.builtin." + short(name)
			return full, names[full]
		},
		Deprecated: func(d collection.Deprecated) {
			msg, when, _ := strings.Cut(d.Message(), " This feature")
			warn(Warning{Msg: msg, Deprecated: "\x00 This feature" + when})
		},
	}
	return Options{
		Load:   load.New(nil, func(w yaml.Warning) { warn(Warning{Pos: w.Pos, Msg: w.Msg, Help: w.Help}) }),
		Action: resolver.Action, Explain: resolver.Explain, PluginDir: resolver.AddDir, Group: resolver.Group, Collections: resolver.Finder,
		RolesPath: []string{"$HOME/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"},
		Env:       jinja.NewEnv(jinja.Options{}),
		Lookup:    func(name string) bool { return name != "nosuch" },
		Warn:      warn,
	}
}

var (
	notOurs   = regexp.MustCompile(`(?m)^\[WARNING\]: (Could not match supplied host pattern, ignoring|Error loading plugin).*\n`)
	blanks    = regexp.MustCompile(`\n{2,}`)
	hostOrder = regexp.MustCompile(`(?m)(^      [^\s]+\n)+`)
)

// normal makes two outcomes comparable: without the inventory's warnings, the
// order of hosts, which the reference leaves open, and repeated blank lines.
func normal(r outcome) []string {
	stderr := blanks.ReplaceAllString(notOurs.ReplaceAllString(r.stderr+"\n", ""), "\n")
	stdout := r.stdout
	if strings.Contains(r.line, "--list-hosts") {
		stdout = hostOrder.ReplaceAllStringFunc(stdout, func(s string) string {
			lines := strings.SplitAfter(s, "\n")
			slices.Sort(lines)
			return strings.Join(lines, "")
		})
	}
	stdout = strings.TrimSpace(stdout)
	lines := []string{fmt.Sprint("exit ", r.exit)}
	if strings.HasPrefix(r.line, "dump") {
		for _, line := range strings.Split(stdout, "\n") {
			lines = append(lines, normalTask(line))
		}
	} else {
		lines = append(lines, strings.Split(stdout, "\n")...)
	}
	return append(lines, strings.Split(strings.TrimSpace(stderr), "\n")...)
}

// normalTask takes out of a dumped task what means nothing: the order of tags,
// repetitions of inherited values, the condition that ends a role.
func normalTask(line string) string {
	body := strings.TrimLeft(line, " ")
	var d map[string]any
	if !strings.HasPrefix(body, "{") || json.Unmarshal([]byte(body), &d) != nil {
		return line
	}
	if d["action"] == "meta" {
		delete(d, "collections") // means nothing to it
	}
	if d["retries"] == 3.0 {
		delete(d, "retries") // the default
	}
	for _, key := range []string{"tags", "listen", "notify", "when", "environment", "module_defaults"} {
		list, ok := d[key].([]any)
		if !ok {
			if d[key] == nil {
				continue
			}
			list = []any{d[key]}
		}
		var texts []string
		for _, item := range list {
			text, _ := json.Marshal(item)
			if key == "when" && string(text) == "true" {
				continue
			}
			if i := slices.Index(texts, string(text)); i >= 0 && (key == "environment" || key == "module_defaults") {
				texts = slices.Delete(texts, i, i+1) // the later one counts
			} else if i >= 0 {
				continue
			}
			texts = append(texts, string(text))
		}
		if key == "tags" {
			slices.Sort(texts)
		}
		if delete(d, key); len(texts) > 0 {
			d[key] = texts
		}
	}
	text, _ := json.Marshal(d)
	return line[:len(line)-len(body)] + string(text)
}
