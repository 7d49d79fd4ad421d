package app

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules"
	"github.com/churten/churten/modules/kit/module"
)

// ModuleDoc writes what churten's own modules and actions say of themselves:
// arguments, support of check mode and --diff, results, differences from the reference.
// It is made from the declarations that the code checks arguments by, and those of results. Without
// names it lists all there are.
func ModuleDoc(w io.Writer, names []string) error {
	if len(names) == 0 {
		all := modules.Names()
		sort.Strings(all)
		for _, name := range all {
			m, a := modules.Lookup(name)
			if strings.HasPrefix(name, "ansible._") {
				continue
			}
			fmt.Fprintf(w, "%-40s %s\n", name, docLine(m, a))
		}
		return nil
	}
	for i, name := range names {
		m, a := modules.Lookup(name)
		if m == nil && a == nil {
			return fmt.Errorf("there is no native module or action %q; churten doc lists those there are%s", name, nearestModule(name))
		}
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := writeDoc(w, m, a); err != nil {
			return err
		}
	}
	return nil
}

func docLine(m *module.Module, a *module.Action) string {
	if m != nil {
		return m.Doc
	}
	return a.Doc
}

// nearestModule suggests a name that differs little.
func nearestModule(name string) string {
	for _, known := range modules.Names() {
		short := known[strings.LastIndexByte(known, '.')+1:]
		if strings.EqualFold(short, name) || strings.Contains(short, name) || len(short) > 3 && strings.Contains(name, short) {
			return fmt.Sprintf(" (did you mean %s?)", known)
		}
	}
	return ""
}

// half is what module and action have in common here.
type half struct {
	name        string
	aliases     []string
	spec        *module.Spec
	check, diff bool
	differs     []string
}

func writeDoc(w io.Writer, m *module.Module, a *module.Action) error {
	var h half
	if m != nil {
		h = half{m.Name, m.Aliases, &m.Spec, m.Check, m.Diff, m.Differs}
	} else {
		h = half{name: a.Name, aliases: a.Aliases, spec: &a.Spec, check: a.Check, diff: a.Diff}
	}
	if a != nil && a.Spec.Args != nil { // what the task's arguments are checked by
		h.spec = &a.Spec
	}
	fmt.Fprintf(w, "%s\n    %s\n\n", h.name, docLine(m, a))
	if len(h.aliases) > 0 {
		fmt.Fprintf(w, "Also called: %s\n", strings.Join(h.aliases, ", "))
	}
	where := "the host"
	switch {
	case m == nil && a.Local:
		where = "the controller alone"
	case m == nil:
		where = "the controller, by way of the host"
	case a != nil:
		where = "the host, with a half on the controller"
	}
	fmt.Fprintf(w, "Works on:    %s\nCheck mode:  %s\nDiff:        %s\n", where, word(h.check), word(h.diff))
	writeArgs(w, "", h.spec.All(), &h.spec.Rules)
	if h.spec.FreeForm {
		fmt.Fprintf(w, "\nThe task may give text instead of arguments.\n")
	}
	if h.spec.AnyArgs {
		fmt.Fprintf(w, "\nOther names are taken as well.\n")
	}
	if err := writeResults(w, h.name); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nDifferences from ansible-core 2.19:\n")
	if len(h.differs) == 0 {
		fmt.Fprintf(w, "    none known\n")
	}
	for _, d := range h.differs {
		fmt.Fprintf(w, "    - %s\n", d)
	}
	return nil
}

func word(on bool) string {
	if on {
		return "yes"
	}
	return "no"
}

func writeArgs(w io.Writer, indent string, args []module.Arg, rules *module.Rules) {
	fmt.Fprintf(w, "\n%sArguments (= is required):\n", indent)
	sorted := append([]module.Arg(nil), args...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].Name < sorted[j].Name })
	for i := range sorted {
		arg := &sorted[i]
		if arg.Hidden {
			continue
		}
		mark := "-"
		if arg.Required {
			mark = "="
		}
		fmt.Fprintf(w, "%s%s %s (%s)\n", indent, mark, arg.Name, strings.Join(argFacts(arg), "; "))
		if arg.Doc != "" {
			fmt.Fprintf(w, "%s    %s\n", indent, arg.Doc)
		}
		if len(arg.Options) > 0 {
			writeArgs(w, indent+"    ", arg.Options, &arg.Rules)
		}
	}
	writeRules(w, indent, rules)
}

func argFacts(arg *module.Arg) []string {
	kind := arg.Type.String()
	if arg.Type == module.List {
		kind = "list of " + arg.Elements.String()
	}
	facts := []string{kind}
	if arg.Default != nil && arg.Default != value.Value(value.None) {
		facts = append(facts, "default "+value.Repr(arg.Default))
	}
	if len(arg.Choices) > 0 {
		facts = append(facts, "one of "+strings.Join(arg.Choices, ", "))
	}
	if len(arg.Aliases) > 0 {
		facts = append(facts, "also "+strings.Join(arg.Aliases, ", "))
	}
	if arg.NoLog {
		facts = append(facts, "never shown")
	}
	if arg.RemovedIn != "" {
		facts = append(facts, "goes in "+arg.RemovedIn)
	}
	return facts
}

func writeRules(w io.Writer, indent string, r *module.Rules) {
	var lines []string
	for _, names := range r.MutuallyExclusive {
		lines = append(lines, "only one of "+strings.Join(names, ", "))
	}
	for _, names := range r.RequiredTogether {
		lines = append(lines, "all or none of "+strings.Join(names, ", "))
	}
	for _, names := range r.RequiredOneOf {
		lines = append(lines, "one of "+strings.Join(names, ", ")+" is needed")
	}
	for _, c := range r.RequiredIf {
		joint := " and "
		if c.Any {
			joint = " or "
		}
		lines = append(lines, fmt.Sprintf("%s=%s needs %s", c.Arg, value.Text(c.Value), strings.Join(c.Then, joint)))
	}
	for _, c := range r.RequiredBy {
		lines = append(lines, c.Arg+" needs "+strings.Join(c.Then, " and "))
	}
	for _, line := range lines {
		fmt.Fprintf(w, "%s  %s\n", indent, line)
	}
}
