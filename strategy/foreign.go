package strategy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/event"
	"github.com/churten/churten/modules/kit/executor"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/python"
	"github.com/churten/churten/strategy/remote"
)

// Foreign has the modules that are not native: the user's own and those of
// collections and of ansible-core that churten has no port of.
type Foreign interface {
	// Module gives what a target needs to run the module of that full name; nil
	// when it is none of these.
	Module(ctx context.Context, fqcn string) (*ForeignModule, error)
	// Deprecated gives what results say of a name that tasks use: that it is to go away.
	Deprecated(name string) []module.Deprecation
}

// ForeignModule is a module ready to be sent.
type ForeignModule struct {
	Path, Short, FQN   string // its file; its short name; the one that Python imports it by
	Why                string // it is not a native one that runs
	Kind               python.Kind
	Interpreter, Flags string // as its first line names them
	Profile, Version   string // of the ansible-core it comes from or leans on
	// Internal are the names of the arguments that the module_utils know beside
	// the module's own, without _ansible_; nil for all.
	Internal []string
	Parts    []module.Blob
}

// ForeignSettings are settings that only matter to modules that are not native.
type ForeignSettings struct {
	Python          string   // INTERPRETER_PYTHON
	Fallback        []string // INTERPRETER_PYTHON_FALLBACK
	SyslogFacility  string
	SpecialFS       []string // DEFAULT_SELINUX_SPECIAL_FS
	NoTargetSyslog  bool
	Debug           bool
	KeepRemoteFiles bool
	LogInfo         string // TARGET_LOG_INFO
	Files           int    // PYTHON_MODULE_RLIMIT_NOFILE
	Version         string
}

// foreign makes the call of a module that is not native.
func (t *place) foreign(ctx context.Context, m *ForeignModule, c *executor.Call, call *remote.Call) (*foreignCall, error) {
	run := t.world.run
	s := &setting{vars: t.settings}
	spec := &python.Spec{Kind: m.Kind, Module: m.Short, FQN: m.FQN, Flags: m.Flags, Profile: m.Profile, Files: int64(run.Foreigners.Files)}
	f := &foreignCall{place: t, deprecated: run.Foreign.Deprecated(c.As), keeps: t.delegate == ""}
	if t.delegate != "" {
		keeps, err := run.delegateFacts(ctx, t.task, t.world.host)
		if err != nil {
			return nil, err
		}
		f.keeps = keeps
	}
	if err := f.interpreter(s, m, spec); err != nil {
		return nil, err
	}
	args := t.foreignArgs(s, m, c)
	if s.err != nil {
		return nil, s.err
	}
	if err := fill(spec, args, m, &run.Foreigners); err != nil {
		return nil, fmt.Errorf("Failed to serialize arguments for the %s module: %w", value.Repr(value.Str(m.Short)), err)
	}
	for i := range m.Parts {
		spec.Parts = append(spec.Parts, m.Parts[i].Name)
	}
	if run.Hosts.Verbose != nil {
		run.Hosts.Verbose(t.host, 3, fmt.Sprintf("Using module file %s (%s)", m.Path, m.Why))
	}
	call.Module, call.Args, call.Blobs = python.Name, spec.Dict(), m.Parts
	return f, nil
}

// foreignArgs gives the module's arguments with the reference's own behind them.
func (t *place) foreignArgs(s *setting, m *ForeignModule, c *executor.Call) *value.Dict {
	set := &t.world.run.Foreigners
	args := c.Args.Clone()
	facility := s.text(nil, set.SyslogFacility, "ansible_syslog_facility")
	logInfo := value.Value(value.None)
	if text := s.text(nil, set.LogInfo, "ansible_target_log_info"); text != "" {
		logInfo = value.Str(text)
	}
	for _, own := range []struct {
		name string
		v    value.Value
	}{
		{"check_mode", value.Bool(c.Check)},
		{"no_log", value.Bool(c.NoLog || s.flag(nil, set.NoTargetSyslog, "ansible_no_target_syslog"))},
		{"debug", value.Bool(set.Debug)},
		{"diff", value.Bool(c.Diff)},
		{"verbosity", value.Int(c.Verbosity)},
		{"version", value.Str(cmp.Or(m.Version, set.Version))},
		{"module_name", value.Str(c.As)},
		{"syslog_facility", value.Str(facility)},
		{"selinux_special_fs", value.Strings(set.SpecialFS...)},
		{"string_conversion_action", value.Str("warn")},
		{"socket", value.None},
		{"shell_executable", value.Str(t.shell)},
		{"keep_remote_files", value.Bool(set.KeepRemoteFiles)},
		{"tmpdir", value.None},
		{"remote_tmp", value.Str(s.text(nil, t.world.run.Options.Connection.RemoteTmp, "ansible_remote_tmp"))},
		{"ignore_unknown_opts", value.False},
		{"target_log_info", logInfo},
		{"tracebacks_for", value.NewList()},
	} {
		if m.Internal == nil && own.name != "string_conversion_action" || slices.Contains(m.Internal, own.name) {
			args.SetStr("_ansible_"+own.name, own.v)
		}
	}
	return args
}

// fill writes the arguments in the form that the module reads.
func fill(spec *python.Spec, args *value.Dict, m *ForeignModule, set *ForeignSettings) error {
	if m.Kind == python.Old {
		var b strings.Builder
		for k, v := range args.All() {
			b.WriteString(value.Text(k) + "=" + shellQuote(value.Text(v)) + " ")
		}
		spec.Args = b.String()
		return nil
	}
	var all value.Value = args
	if m.Kind == python.New {
		all = value.DictOf("ANSIBLE_MODULE_ARGS", args)
	}
	text, err := value.Compact.Text(all)
	if err != nil {
		return err
	}
	spec.Args = text
	if m.Kind == python.JSONText {
		literal := "b" + value.Repr(value.Str(text))
		spec.Replace = []string{`"<<ANSIBLE_VERSION>>"`, value.Repr(value.Str(set.Version)), `"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"`, literal,
			"<<SELINUX_SPECIAL_FILESYSTEMS>>", strings.Join(set.SpecialFS, ","), "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>", text,
			"syslog.LOG_USER", "syslog." + set.SyslogFacility}
	}
	return nil
}

// shellQuote is Python's shlex.quote.
func shellQuote(s string) string {
	if s == "" {
		return "''"
	}
	plain := strings.IndexFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("@%+=:,./-_", c))
	}) < 0
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// foreignCall is what is to be done with the result of a call.
type foreignCall struct {
	place      *place
	deprecated []module.Deprecation
	// mode is the way of discovery that was asked for, "" without one.
	mode  string
	tried []string
	keeps bool // what was discovered is a fact of the host's that it is kept for
}

// interpreter finds out what runs the module: what its first line names, unless
// a variable named after that says otherwise; "python" may be discovered.
func (f *foreignCall) interpreter(s *setting, m *ForeignModule, spec *python.Spec) error {
	set := &f.place.world.run.Foreigners
	name := strings.TrimSpace(m.Interpreter[strings.LastIndexByte(m.Interpreter, '/')+1:])
	if name != "python" {
		spec.Interpreter = m.Interpreter
		if m.Interpreter != "" {
			spec.Interpreter = cmp.Or(strings.TrimSpace(s.text(nil, "", "ansible_"+name+"_interpreter")), m.Interpreter)
		}
		return s.err
	}
	text := strings.TrimSpace(s.text(nil, set.Python, "ansible_python_interpreter"))
	switch text {
	case "", "auto", "auto_legacy", "auto_silent", "auto_legacy_silent":
	default:
		spec.Interpreter = text
		return s.err
	}
	if found := discovered(s.vars.Scope); found != "" {
		spec.Interpreter = found
		return s.err
	}
	f.mode = cmp.Or(text, "auto")
	spec.Candidates = set.Fallback
	if v := s.find(nil, []string{"ansible_interpreter_python_fallback"}); v != nil {
		l, ok := v.(*value.List)
		if !ok {
			return fmt.Errorf("ansible_interpreter_python_fallback is no list but %s", value.Repr(v))
		}
		spec.Candidates = nil
		for _, item := range l.Items {
			spec.Candidates = append(spec.Candidates, value.Text(item))
		}
	}
	f.tried = spec.Candidates
	return s.err
}

// discoveredFact is the fact that keeps what was discovered.
const discoveredFact = "discovered_interpreter_python"

func discovered(scope expr.Scope) string {
	v, ok, err := scope.Lookup("ansible_facts")
	if err != nil || !ok {
		return ""
	}
	if v, err = value.Force(v); err != nil {
		return ""
	}
	facts, ok := v.(*value.Dict)
	if !ok {
		return ""
	}
	found, _ := facts.GetStr(discoveredFact)
	path, _ := found.(value.Str)
	return string(path)
}

// settle does with a result what the reference does on the controller.
func (f *foreignCall) settle(r *module.Result) {
	d := r.Values
	if d == nil {
		return
	}
	if _, ok := d.GetStr("failed"); !ok && r.Skipped {
		d.SetStr("failed", value.False)
	}
	for i, told := range f.deprecated {
		r.Deprecated = slices.Insert(r.Deprecated, i, registered(told))
	}
	told := python.Take(d)
	module.StripInternal(d)
	for _, w := range told.Warnings {
		f.place.world.tell(event.Warning{Text: w})
	}
	if help, ok := d.GetStr(python.HelpKey); ok {
		d.Delete(value.Str(python.HelpKey))
		r.Help = value.Text(help)
	}
	for k := range r.Facts.All() {
		if name := value.Text(k); isRestricted(name) {
			f.place.world.tell(event.Warning{Text: "Removed restricted key from module data: " + name})
		}
	}
	if told.Interpreter == "" || !f.place.world.discovers(f.place.host+" "+told.Interpreter) {
		return
	}
	f.tellDiscovered(r, told)
	if !f.keeps {
		return
	}
	if r.Facts == nil {
		r.Facts = value.NewDict(1)
	}
	r.Facts.SetStr(discoveredFact, value.Str(told.Interpreter))
	d.SetStr("ansible_facts", r.Facts)
}

// registered gives a deprecation with the form that results have of those that
// are of a collection, not of a module.
func registered(d module.Deprecation) module.Deprecation {
	d.Raw = value.DictOf("msg", value.Str(d.Msg))
	if d.Date != "" {
		d.Raw.SetStr("date", value.Str(d.Date))
	} else {
		d.Raw.SetStr("version", value.Str(d.Version))
	}
	d.Raw.SetStr("collection_name", value.Str(d.Collection))
	d.Raw.SetStr("deprecator", value.DictOf("resolved_name", value.Str(d.Collection), "type", value.None))
	return d
}

// tellDiscovered puts into the result, before the module's own, warnings of
// what was found. Texts seen on ansible-core 2.19.14.
func (f *foreignCall) tellDiscovered(r *module.Result, told python.Told) {
	host := value.Repr(value.Str(f.place.world.host))
	if strings.HasPrefix(f.mode, "auto_legacy") {
		msg := fmt.Sprintf("The '%s' option for 'INTERPRETER_PYTHON' now has the same effect as 'auto'.", f.mode)
		r.Deprecated = slices.Insert(r.Deprecated, 0, registered(module.Deprecation{Msg: msg, Version: "2.21", Collection: "ansible.builtin"}))
	}
	switch {
	case strings.HasSuffix(f.mode, "_silent"):
	case told.NoneFound:
		r.Warnings = slices.Insert(r.Warnings, 0, fmt.Sprintf("No python interpreters found for host %s (tried %s).", host, value.Repr(value.Strings(f.tried...))))
	default:
		msg := fmt.Sprintf("Host %s is using the discovered Python interpreter at %s, but future installation of another Python interpreter could cause a different interpreter to be discovered.",
			host, value.Repr(value.Str(told.Interpreter)))
		r.Warnings = slices.Insert(r.Warnings, 0, msg)
		python.SetHelp(r.Values, msg, "See https://docs.ansible.com/ansible-core/2.19/reference_appendices/interpreter_discovery.html for more information.")
	}
}
