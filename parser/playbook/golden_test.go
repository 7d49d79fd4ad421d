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
	"github.com/churten/churten/modules/kit/plan"
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

func dump(t *testing.T, w *bytes.Buffer, l *Loader, pb *plan.Playbook) {
	for _, p := range pb.Plays {
		is, err := l.Settle(p)
		if err != nil {
			t.Error(err)
			continue
		}
		hosts := is.Patterns
		name := strings.Join(hosts, ",")
		if p.Name != nil {
			name = sourceOf(p.Name)
		}
		vars := map[string]any{}
		if p.PlayVars != nil {
			vars = plain0(p.PlayVars).(map[string]any)
		}
		text, _ := json.Marshal(map[string]any{"name": name, "hosts": plain0(p.Hosts), "vars": vars})
		fmt.Fprintf(w, "play %s\n", spaced(text))
		d := dumper{t, w, l, p}
		for _, b := range p.Blocks {
			d.block(b, 1)
		}
		if len(p.Handlers) > 0 {
			w.WriteString("handlers\n")
		}
		for i := 0; i < len(p.Handlers); i++ {
			d.block(p.Handlers[i], 1)
		}
	}
}

// spaced writes JSON as Python does.
func spaced(text []byte) string {
	var v any
	_ = json.Unmarshal(text, &v)
	var b strings.Builder
	pythonJSON(&b, v)
	return b.String()
}

func pythonJSON(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		b.WriteString("{")
		for i, k := range keys {
			if i > 0 {
				b.WriteString(", ")
			}
			text, _ := json.Marshal(k)
			b.Write(text)
			b.WriteString(": ")
			pythonJSON(b, v[k])
		}
		b.WriteString("}")
	case []any:
		b.WriteString("[")
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			pythonJSON(b, item)
		}
		b.WriteString("]")
	default:
		text, _ := json.Marshal(v)
		b.Write(text)
	}
}

type dumper struct {
	t    *testing.T
	w    *bytes.Buffer
	l    *Loader
	play *plan.Play
}

func (d dumper) block(b *plan.Block, depth int) {
	pad := strings.Repeat("  ", depth)
	d.w.WriteString(pad + "block")
	if b.Name != nil {
		fmt.Fprintf(d.w, " %q", sourceOf(b.Name))
	}
	d.w.WriteString("\n")
	d.nodes(b.Body, depth+1)
	if len(b.Rescue) > 0 {
		d.w.WriteString(pad + "rescue\n")
		d.nodes(b.Rescue, depth+1)
	}
	if len(b.Always) > 0 {
		d.w.WriteString(pad + "always\n")
		d.nodes(b.Always, depth+1)
	}
}

func (d dumper) nodes(nodes []plan.Node, depth int) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *plan.Block:
			d.block(n, depth)
		case *plan.Task:
			text, err := json.Marshal(taskMap(n))
			if err != nil {
				d.t.Error(err)
			}
			fmt.Fprintf(d.w, "%s%s\n", strings.Repeat("  ", depth), text)
			d.include(n, depth+1)
		}
	}
}

func (d dumper) include(t *plan.Task, depth int) {
	inc := Include{Task: t, Play: d.play, Args: t.Args}
	switch t.FQCN {
	case "ansible.builtin.include_tasks":
		if raw, _ := t.Args.GetStr("_raw_params"); strings.Contains(sourceOf(raw), "{{") {
			return
		}
		blocks, err := d.l.IncludeTasks(inc)
		if err != nil {
			d.t.Error(err)
		}
		for _, b := range blocks {
			d.block(b, depth)
		}
	case "ansible.builtin.include_role":
		got, err := d.l.IncludeRole(inc)
		if err != nil {
			d.t.Error(err)
			return
		}
		for _, b := range got.Blocks {
			d.block(b, depth)
		}
		d.play.Handlers = append(d.play.Handlers, got.Handlers...)
	}
}

func plain0(v value.Value) any {
	switch v := v.(type) {
	case nil, value.NoneType:
		return nil
	case *value.Dict:
		m := map[string]any{}
		for k, x := range v.All() {
			m[value.Text(k)] = plain0(x)
		}
		return m
	case *value.List:
		out := []any{}
		for _, x := range v.Items {
			out = append(out, plain0(x))
		}
		return out
	case value.Bool:
		return bool(v)
	case value.Int:
		return int64(v)
	case value.Float:
		return float64(v)
	}
	return sourceOf(v)
}

func taskMap(t *plan.Task) map[string]any {
	m := map[string]any{"action": t.Action, "full_name": TaskName(t)}
	put := func(key string, v any) {
		switch x := v.(type) {
		case nil:
			return
		case string:
			if x == "" {
				return
			}
		case []any:
			if len(x) == 0 {
				return
			}
		case map[string]any:
			if len(x) == 0 {
				return
			}
		}
		m[key] = v
	}
	for i := range keywords {
		if k := &keywords[i]; k.attr != nil {
			v := plain0(*k.attr(&t.Attrs))
			defaults := map[string]any{"any_errors_fatal": false, "become": false, "diff": false, "check_mode": false, "no_log": false, "throttle": int64(0), "timeout": int64(0), "run_once": false}
			if d, ok := defaults[k.name]; ok && d == v {
				continue
			}
			put(k.name, v)
		}
	}
	list := func(vs []value.Value) []any {
		var out []any
		for _, v := range vs {
			out = append(out, plain0(v))
		}
		return out
	}
	texts := func(ss []string) []any {
		var out []any
		for _, s := range ss {
			out = append(out, s)
		}
		return out
	}
	conds := func(cs []plan.Cond) []any {
		var out []any
		for _, c := range cs {
			if c.Expr != nil {
				out = append(out, c.Expr.Source())
			} else {
				out = append(out, plain0(c.Value))
			}
		}
		return out
	}
	put("environment", list(t.Environment))
	put("module_defaults", list(t.ModuleDefaults))
	put("when", conds(t.When))
	put("tags", texts(t.Tags))
	put("collections", texts(t.Collections))
	vars := map[string]any{}
	for _, d := range slices.Backward(t.Vars) {
		for k, v := range d.All() {
			vars[value.Text(k)] = plain0(v)
		}
	}
	put("vars", vars)
	if t.Name != nil {
		put("name", plain0(t.Name))
	}
	args := plain0(t.Args).(map[string]any)
	if t.ArgsTemplate != nil {
		args["_variable_params"] = sourceOf(t.ArgsTemplate)
	}
	put("args", args)
	put("register", t.Register)
	if t.Loop != nil {
		m["loop_var"] = t.LoopControl.LoopVar
		put("loop", plain0(t.Loop))
	}
	put("loop_with", t.LoopWith)
	put("until", conds(t.Until))
	put("failed_when", conds(t.FailedWhen))
	put("changed_when", conds(t.ChangedWhen))
	for key, v := range map[string]value.Value{"retries": t.Retries, "delay": t.Delay, "async": t.Async, "poll": t.Poll} {
		if v != nil {
			put(key, plain0(v))
		}
	}
	put("notify", list(t.Notify))
	put("listen", texts(t.Listen))
	if t.Implicit {
		m["implicit"] = true
	}
	return m
}
