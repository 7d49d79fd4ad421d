package python

import (
	"fmt"
	"strings"
	"syscall"

	"github.com/churten/churten/jinja/value"
)

// What a result tells besides what the module said: under these keys, which
// Told takes out again on the controller.
const (
	warningsKey    = "_ansible_churten_warnings"
	interpreterKey = "_ansible_churten_interpreter"
	noneFoundKey   = "_ansible_churten_no_interpreter"
)

// Output is what a module left behind.
type Output struct {
	Stdout, Stderr []byte
	RC             int // minus the signal that ended it
}

// Told is what the agent says about a call.
type Told struct {
	Warnings []string
	// Interpreter was discovered; NoneFound is set when that is only what is
	// tried where nothing was found.
	Interpreter string
	NoneFound   bool
}

// into puts what is told of the interpreter into a result.
func (t *Told) into(d *value.Dict) {
	if t.Interpreter != "" {
		d.SetStr(interpreterKey, value.Str(t.Interpreter))
	}
	if t.NoneFound {
		d.SetStr(noneFoundKey, value.True)
	}
}

// Take takes out of a result what the agent said about the call.
func Take(d *value.Dict) Told {
	var t Told
	if v, ok := d.GetStr(warningsKey); ok {
		if l, ok := v.(*value.List); ok {
			for _, w := range l.Items {
				t.Warnings = append(t.Warnings, value.Text(w))
			}
		}
	}
	if v, ok := d.GetStr(interpreterKey); ok {
		t.Interpreter = value.Text(v)
	}
	_, t.NoneFound = d.GetStr(noneFoundKey)
	for _, key := range []string{warningsKey, interpreterKey, noneFoundKey} {
		d.Delete(value.Str(key))
	}
	return t
}

// keep puts what the agent said about a call into the result itself: that of a
// job, which nobody takes it out of.
func keep(d *value.Dict) {
	told := Take(d)
	d.Delete(value.Str(HelpKey))
	if len(told.Warnings) > 0 {
		all := value.NewList()
		if v, ok := d.GetStr("warnings"); ok {
			if l, ok := v.(*value.List); ok {
				all.Items = append(all.Items, l.Items...)
			}
		}
		for _, w := range told.Warnings {
			all.Items = append(all.Items, value.Str(w))
		}
		d.SetStr("warnings", all)
	}
}

// Result gives what the output of a module means, as the reference reads it:
// what stands around the JSON object is passed over, and output without one is
// a failure that shows it. Messages seen on ansible-core 2.19.14.
func Result(o *Output, interpreter string) *value.Dict {
	stdout, stderr := text(o.Stdout), text(o.Stderr)
	d, told, err := parse(stdout)
	if err == nil {
		return d
	}
	rc := o.RC
	if rc < 0 {
		sig := syscall.Signal(-rc)
		rc = 128 - rc
		if sig != syscall.SIGPIPE && sig != syscall.SIGINT { // the shell that the reference runs modules by says so
			stderr += capital(sig.String()) + "\n"
		}
	}
	msg := "Module result deserialization failed: " + err.Error()
	help := "See stdout/stderr for the returned output."
	if notFound(interpreter, stdout) || notFound(interpreter, stderr) {
		msg = fmt.Sprintf("The module interpreter %s was not found.", value.Repr(value.Str(interpreter)))
		help = "Consider overriding the configured interpreter path for this host. " + help
	}
	d = value.DictOf("failed", value.True, "msg", value.Str(msg), "module_stdout", value.Str(stdout), "module_stderr", value.Str(stderr), "rc", value.Int(rc))
	d.SetStr(HelpKey, value.Str(help))
	setTold(d, told)
	return d
}

// parse reads the object that a module printed; told are warnings about what
// stands around it.
func parse(stdout string) (d *value.Dict, told []string, err error) {
	object, junk, err := object(stdout)
	if err != nil {
		return nil, nil, err
	}
	if junk != "" {
		told = append(told, "Module invocation had junk after the JSON data: "+junk)
	}
	v, err := value.ParseJSON(object)
	if err != nil {
		return nil, told, err
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return nil, told, noJSON("the result is no dictionary")
	}
	clean(d, &told)
	setTold(d, told)
	return d, told, nil
}

// jobResult gives what the output of a module means when nobody waited for it:
// stderr is part of the result, and output without an object is its data.
// Seen on ansible-core 2.19.14, whose msg there is a traceback.
func jobResult(o *Output, fqn string) *value.Dict {
	stdout, stderr := text(o.Stdout), text(o.Stderr)
	d, told, err := parse(stdout)
	if err != nil {
		d = value.DictOf("failed", value.True, "cmd", value.Str(fqn), "data", value.Str(stdout), "stderr", value.Str(stderr),
			"msg", value.Str("Module result deserialization failed: "+err.Error()))
		setTold(d, told)
	} else if stderr != "" {
		d.SetStr("stderr", value.Str(stderr))
	}
	return d
}

// HelpKey holds, in the result of a module that gave none, what is said to the
// user beside the message.
const HelpKey = "_ansible_churten_help"

func setTold(d *value.Dict, told []string) {
	if len(told) > 0 {
		d.SetStr(warningsKey, value.Strings(told...))
	}
}

func notFound(interpreter, said string) bool {
	for _, words := range []string{"No such file or directory", "not found", "command not found"} {
		if interpreter != "" && strings.Contains(said, interpreter+": "+words) {
			return true
		}
	}
	return false
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func text(b []byte) string { return strings.ToValidUTF8(string(b), "�") }

type noJSON string

func (e noJSON) Error() string { return string(e) }

// object gives the lines of out from the first that begins with a brace to the
// last that ends with one, and the lines behind unless they are blank.
func object(out string) (object, junk string, err error) {
	lines := value.SplitLines(out, false)
	start := 0
	for start < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[start]), "{") {
		start++
	}
	if start == len(lines) {
		return "", "", noJSON("No start of json char found")
	}
	lines = lines[start:]
	end := len(lines)
	for end > 0 && !strings.HasSuffix(strings.TrimSpace(lines[end-1]), "}") {
		end--
	}
	if end == 0 {
		return "", "", noJSON("No end of json char found")
	}
	junk = strings.Join(lines[end:], "\n")
	if strings.TrimSpace(junk) == "" {
		junk = ""
	}
	return strings.Join(lines[:end], "\n"), junk, nil
}

// clean does to a module's result what the reference does to it before anything
// sees it.
func clean(d *value.Dict, told *[]string) {
	help := helpsOf(d)
	for _, k := range d.Keys() {
		v, _ := d.Get(k)
		if plain := messages(v); plain != v {
			d.Set(k, plain)
		}
	}
	if v, ok := d.GetStr("results"); ok {
		switch v.(type) {
		case *value.List, *value.Tuple:
		default:
			d.Delete(value.Str("results"))
			d.SetStr("ansible_module_results", v)
			*told = append(*told, "Found internal 'results' key in module return, renamed to 'ansible_module_results'.")
		}
	}
	for _, k := range d.Keys() {
		name, _ := k.(value.Str)
		switch v, _ := d.Get(k); {
		case strings.HasPrefix(string(name), "_ansible_"):
			d.Delete(k)
			if name != "_ansible_suppress_tmpdir_delete" {
				*told = append(*told, fmt.Sprintf("Removed unexpected internal key in module return: %s = %s", name, value.Text(v)))
			}
		case (name == "warnings" || name == "deprecations") && !value.Truth(v):
			d.Delete(k)
		}
	}
	settle(d)
	if help != nil {
		d.SetStr(helpsKey, help)
	}
}
