package python

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// bundle makes a part of files: a tiny ansible of our own, so that these tests
// need no other.
func bundle(base bool, preload string, files map[string]string) []byte {
	head := map[string]any{"base": base, "files": [][2]any{}}
	if preload != "" {
		head["preload"] = []string{preload}
	}
	var list [][2]any
	var body strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		list = append(list, [2]any{path, len(files[path])})
		body.WriteString(files[path])
	}
	head["files"] = list
	line, err := json.Marshal(head)
	if err != nil {
		panic(err)
	}
	return append(append(line, '\n'), body.String()...)
}

var common = bundle(true, "ansible.module_utils.basic", map[string]string{
	"ansible/__init__.py":              "",
	"ansible/module_utils/__init__.py": "",
	"ansible/module_utils/basic.py":    "import json, os, sys\n_ANSIBLE_ARGS = None\nloaded_by = os.getpid()\ndef args():\n    return json.loads(_ANSIBLE_ARGS.decode())['ANSIBLE_MODULE_ARGS']\n",
})

// rig runs modules in a pool.
type rig struct {
	*testing.T
	pool *Pool
	home string
	// python runs the modules.
	python string
	asked  int // times content was asked for
}

func newRig(t *testing.T) *rig {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 here")
	}
	r := &rig{T: t, python: "python3", home: t.TempDir(), pool: &Pool{Store: Store{Dir: t.TempDir()}}}
	t.Cleanup(r.pool.Close)
	return r
}

// call runs the text of a module.
func (r *rig) call(ctx context.Context, text, args string, env ...string) (*value.Dict, error) {
	own := bundle(false, "", map[string]string{"ansible/legacy/__init__.py": "", "ansible/legacy/m.py": text,
		"ansible/module_utils/util.py": "NAME = 'there'\n"})
	contents := map[string][]byte{}
	spec := &Spec{Kind: New, Module: "m", FQN: "ansible.legacy.m", Interpreter: r.python, Args: `{"ANSIBLE_MODULE_ARGS": ` + args + `}`, Profile: "legacy"}
	for _, part := range [][]byte{common, own} {
		name := PartName(hashOf(part))
		contents[name] = part
		spec.Parts = append(spec.Parts, name)
	}
	c := &module.Call{Env: append([]string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + r.home}, env...), Dir: r.home,
		Blob: func(_ context.Context, name string) (io.ReadCloser, module.Blob, error) {
			r.asked++
			return io.NopCloser(strings.NewReader(string(contents[name]))), module.Blob{}, nil
		}}
	return r.pool.Run(ctx, spec.Dict(), c)
}

func (r *rig) result(text, args string, env ...string) *value.Dict {
	r.Helper()
	d, err := r.call(r.Context(), text, args, env...)
	if err != nil {
		r.Fatal(err)
	}
	return d
}

func str(d *value.Dict, key string) string {
	v, ok := d.GetStr(key)
	if !ok {
		return "(none)"
	}
	return value.Text(v)
}

const say = "from ansible.module_utils.basic import args, loaded_by\nimport json, os, sys\n"

func TestFirstAndLater(t *testing.T) {
	r := newRig(t)
	text := say + "print(json.dumps(dict(pid=os.getpid(), parent=os.getppid(), by=loaded_by, name=args()['name'], main=__name__)))\nsys.exit(0)\n"
	first := r.result(text, `{"name": "a"}`)
	second := r.result(text, `{"name": "b"}`)
	if str(first, "name") != "a" || str(second, "name") != "b" || str(first, "main") != "__main__" {
		t.Errorf("%v %v", value.Repr(first), value.Repr(second))
	}
	if str(first, "by") != str(first, "parent") || str(first, "parent") != str(second, "parent") || str(first, "pid") == str(second, "pid") {
		t.Errorf("not two forks of one interpreter that had imported basic: %v %v", value.Repr(first), value.Repr(second))
	}
	if r.asked != 2 {
		t.Errorf("content was asked for %d times, want 2", r.asked)
	}
	// Another agent finds the content on the disk.
	r.pool.Close()
	r.pool = &Pool{Store: Store{Dir: r.pool.Store.Dir}}
	t.Cleanup(r.pool.Close)
	if r.result(text, `{"name": "c"}`); r.asked != 2 {
		t.Errorf("content on the disk was asked for again")
	}
}

// An idle interpreter goes when it is told to; it need not be killed. A busy
// machine may be slow, but not every time.
func TestCloseIsQuick(t *testing.T) {
	var took time.Duration
	for range 5 {
		r := newRig(t)
		r.result(say+"print('{}')\nsys.exit(0)\n", `{}`)
		began := time.Now()
		r.pool.Close()
		if took = time.Since(began); took < killTime {
			return
		}
	}
	t.Errorf("the end took %v", took)
}

// What one module does to its process is nothing to the next.
func TestIsolation(t *testing.T) {
	r := newRig(t)
	r.result(say+`
import threading, time
os.chdir('/'); os.umask(0o777); os.environ['LEFT'] = 'yes'; json.dumps = None
import ansible.module_utils.basic as basic
basic.args = None
t = threading.Thread(target=lambda: time.sleep(60)); t.daemon = True; t.start()
print('{"changed": true}')
sys.exit(0)
`, `{}`)
	d := r.result(say+`
import threading
print(json.dumps(dict(cwd=os.getcwd(), umask=os.umask(0), left=os.environ.get('LEFT'), threads=threading.active_count(), args=args())))
sys.exit(0)
`, `{"a": 1}`)
	if str(d, "cwd") == "/" || str(d, "umask") == "511" || str(d, "left") != "None" || str(d, "threads") != "1" || str(d, "args") != "{'a': 1}" {
		t.Errorf("%s", value.Repr(d))
	}
}

func TestEnvironment(t *testing.T) {
	r := newRig(t)
	text := say + "print(json.dumps(dict(own=os.environ.get('OWN'), flag=sys.flags.dont_write_bytecode)))\nsys.exit(0)\n"
	if d := r.result(text, `{}`, "OWN=1"); str(d, "own") != "1" || str(d, "flag") != "0" {
		t.Errorf("%s", value.Repr(d))
	}
	if d := r.result(text, `{}`, "PYTHONDONTWRITEBYTECODE=1"); str(d, "own") != "None" || str(d, "flag") != "1" {
		t.Errorf("settings for the start of Python: %s", value.Repr(d))
	}
}

func TestBadModules(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ name, text, key, want string }{
		{"exit by signal", "os.kill(os.getpid(), 9)", "rc", "137"},
		{"exit by signal, told", "os.kill(os.getpid(), 9)", "module_stderr", "Killed\n"},
		{"garbage", "print('x'); sys.stderr.write('e'); sys.exit(4)", "module_stdout", "x\n"},
		{"garbage's status", "print('x'); sys.exit(4)", "rc", "4"},
		{"nothing", "sys.exit(0)", "msg", "Module result deserialization failed: No start of json char found"},
		{"an end that is missing", "print('{'); sys.exit(0)", "msg", "Module result deserialization failed: No end of json char found"},
		{"no JSON", "print('{a}'); sys.exit(0)", "msg", "Module result deserialization failed: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
		{"noise", "print('before\\n{\"x\": 1}\\nafter'); sys.exit(0)", "x", "1"},
		{"noise, told", "print('{\"x\": 1}\\nafter'); sys.exit(0)", warningsKey, "['Module invocation had junk after the JSON data: after']"},
		{"closed pipes", "os.close(1); os.close(2); os._exit(5)", "rc", "5"},
		{"no exit", "pass", "msg", "New-style module did not handle its own exit"},
		{"text as status", "sys.exit('why')", "module_stderr", "why\n"},
		{"an error of syntax", "def", "rc", "1"},
		{"too much", "\nfor i in range(120): os.write(1, b'x' * (1 << 20))", "msg", "the module m printed more than 100 MiB and was ended"},
		{"left running", "\nif os.fork() == 0:\n    import time; time.sleep(30); os._exit(0)\nprint('{\"x\": 2}'); sys.exit(0)", "x", "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			if got := str(r.result(say+c.text+"\n", `{}`), c.key); got != c.want {
				t.Errorf("%s: %q, want %q", c.key, got, c.want)
			}
			if took := time.Since(began); took > 28*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestRaises(t *testing.T) {
	r := newRig(t)
	d := r.result(say+"raise ValueError('a bad value')\n", `{}`)
	if said := str(d, "module_stderr"); !strings.Contains(said, "ValueError: a bad value") || !strings.Contains(said, "Traceback") {
		t.Errorf("%s", value.Repr(d))
	}
}

// Code of the reference that a Python cannot read is told from the user's own.
func TestTooOld(t *testing.T) {
	const hint = "is too old for the module_utils"
	kept := common
	defer func() { common = kept }()
	if said := str(newRig(t).result(say+"def f(:\n", `{}`), "module_stderr"); !strings.Contains(said, "SyntaxError") || strings.Contains(said, hint) {
		t.Errorf("a module's error: %s", said)
	}
	common = bundle(true, "ansible.module_utils.basic", map[string]string{"ansible/__init__.py": "", "ansible/module_utils/__init__.py": "",
		"ansible/module_utils/basic.py": "match syntax from the future:\n"})
	if said := str(newRig(t).result(say, `{}`), "module_stderr"); !strings.Contains(said, "SyntaxError") || !strings.Contains(said, hint) {
		t.Errorf("the reference's: %s", said)
	}
}

// A module that hangs is ended when its time is over; its interpreter is not.
func TestTimeout(t *testing.T) {
	r := newRig(t)
	pid := str(r.result(say+"print(json.dumps(dict(p=os.getppid())))\nsys.exit(0)\n", `{}`), "p")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := r.call(ctx, say+"import time\ntime.sleep(60)\n", `{}`); err == nil {
		t.Error("no error")
	}
	if took := time.Since(began); took > 50*time.Second {
		t.Errorf("took %v", took)
	}
	if again := str(r.result(say+"print(json.dumps(dict(p=os.getppid())))\nsys.exit(0)\n", `{}`), "p"); again != pid {
		t.Errorf("another interpreter: %s, not %s", again, pid)
	}
}

// What comes while an interpreter that does not answer is ended does not end
// with it: the task behind one that timed out comes at once. So it is where
// several were cut short in one interpreter.
func TestAfterTimeout(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mark := filepath.Join(t.TempDir(), "stopped")
	cut := make(chan error, 2)
	go func() {
		_, err := r.call(ctx, say+"import time\nopen('"+mark+".0', 'w')\ntime.sleep(60)\n", `{}`)
		cut <- err
	}()
	await(mark + ".0")
	go func() {
		_, err := r.call(ctx, say+"import signal, time\nos.kill(os.getppid(), signal.SIGSTOP)\nopen('"+mark+"', 'w')\ntime.sleep(60)\n", `{}`)
		cut <- err
	}()
	await(mark)
	cancel()
	time.Sleep(100 * time.Millisecond) // the end is asked for by now; were it not, nothing would fail
	if d := r.result(say+"print('{\"x\": 1}')\nsys.exit(0)\n", `{}`); str(d, "x") != "1" {
		t.Errorf("after that: %s", value.Repr(d))
	}
	for range 2 {
		if err := <-cut; err == nil {
			t.Error("no error")
		}
	}
}

// An interpreter that is stopped reads nothing, and its pipe fills: a call that
// cannot be handed over ends with its time all the same, and so does one that
// waits for its turn; what has time left gets another interpreter.
func TestStoppedWithFullPipe(t *testing.T) {
	r := newRig(t)
	pid, err := strconv.Atoi(str(r.result(say+"print(json.dumps(dict(p=os.getppid())))\nsys.exit(0)\n", `{}`), "p"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	text := say + "print(json.dumps(dict(x=1, p=os.getppid())))\nsys.exit(0)\n#" // and more than a pipe holds
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	type outcome struct {
		d   *value.Dict
		err error
	}
	cut := make(chan error, 2)
	for i := range 2 {
		go func() {
			_, err := r.call(ctx, text+strings.Repeat(strconv.Itoa(i), 300<<10), `{}`)
			cut <- err
		}()
	}
	for !r.writing() {
		time.Sleep(10 * time.Millisecond)
	}
	kept := make(chan outcome, 1)
	go func() {
		d, err := r.call(t.Context(), text+strings.Repeat("x", 300<<10), `{}`)
		kept <- outcome{d, err}
	}()
	time.Sleep(100 * time.Millisecond) // it waits for its turn by now; did it not, it would get another at once
	cancel()
	for range 2 {
		select {
		case err := <-cut:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
		case <-time.After(time.Minute):
			t.Fatal("a call goes on")
		}
	}
	select {
	case got := <-kept:
		if got.err != nil || str(got.d, "x") != "1" || str(got.d, "p") == strconv.Itoa(pid) {
			t.Errorf("what had time left: %v %v", got.d, got.err)
		}
	case <-time.After(time.Minute):
		t.Fatal("what had time left goes on")
	}
	if d := r.result(text, `{}`); str(d, "x") != "1" {
		t.Errorf("after that: %s", value.Repr(d))
	}
}

// writing reports whether something is being handed to an interpreter.
func (r *rig) writing() bool {
	r.pool.mu.Lock()
	defer r.pool.mu.Unlock()
	for _, s := range r.pool.servers {
		if len(s.in.turn) > 0 {
			return true
		}
	}
	return false
}

func await(path string) {
	for _, err := os.Stat(path); err != nil; _, err = os.Stat(path) {
		time.Sleep(10 * time.Millisecond)
	}
}

// An interpreter that dies fails the call under way, and the next has a new one.
func TestInterpreterDies(t *testing.T) {
	r := newRig(t)
	d, err := r.call(t.Context(), say+"import time\nos.kill(os.getppid(), 9)\ntime.sleep(30)\n", `{}`)
	if err != nil || str(d, "failed") != "True" || str(d, "rc") != "137" {
		t.Errorf("%v %v", d, err)
	}
	if d := r.result(say+"print('{\"x\": 1}')\nsys.exit(0)\n", `{}`); str(d, "x") != "1" {
		t.Errorf("after that: %s", value.Repr(d))
	}
}

func TestManyAtOnce(t *testing.T) {
	r := newRig(t)
	text := say + "print(json.dumps(dict(n=args()['n'], pad='x' * 100000)))\nsys.exit(0)\n"
	errs := make(chan error)
	const many = 20
	for i := range many {
		go func() {
			d, err := r.call(t.Context(), text, fmt.Sprintf(`{"n": %d}`, i))
			if err == nil && (str(d, "n") != fmt.Sprint(i) || len(str(d, "pad")) != 100000) {
				err = fmt.Errorf("call %d: %.100s", i, value.Repr(d))
			}
			errs <- err
		}()
	}
	for range many {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestInterpreters(t *testing.T) {
	r := newRig(t)
	run := func(interpreter string, candidates ...string) *value.Dict {
		own := bundle(false, "", map[string]string{"ansible/legacy/__init__.py": "", "ansible/legacy/m.py": say + "print('{\"x\": 1}')\nsys.exit(0)\n"})
		spec := &Spec{Kind: New, Module: "m", FQN: "ansible.legacy.m", Interpreter: interpreter, Candidates: candidates, Args: `{"ANSIBLE_MODULE_ARGS": {}}`,
			Parts: []string{PartName(hashOf(common)), PartName(hashOf(own))}}
		d, err := r.pool.Run(t.Context(), spec.Dict(), &module.Call{Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin"}, Dir: "/",
			Blob: func(_ context.Context, name string) (io.ReadCloser, module.Blob, error) {
				if name == spec.Parts[0] {
					return io.NopCloser(strings.NewReader(string(common))), module.Blob{}, nil
				}
				return io.NopCloser(strings.NewReader(string(own))), module.Blob{}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if d := run("/no/such/python"); str(d, "msg") != "The module interpreter '/no/such/python' was not found." || str(d, "rc") != "127" {
		t.Errorf("none: %s", value.Repr(d))
	}
	if d := run("/bin/false"); str(d, "rc") != "1" || str(d, "failed") != "True" {
		t.Errorf("broken: %s", value.Repr(d))
	}
	if d := run("/bin/echo"); !strings.Contains(str(d, "module_stdout"), "-c import os") || str(d, "rc") != "0" {
		t.Errorf("another program: %s", value.Repr(d))
	}
	if d := run("/"); str(d, "module_stderr") != "/bin/sh: 1: /: Permission denied\n" && !strings.Contains(str(d, "module_stderr"), "directory") || str(d, "rc") != "126" {
		t.Errorf("a folder: %s", value.Repr(d))
	}
	blank := filepath.Join(t.TempDir(), "it's a python")
	if err := os.WriteFile(blank, []byte("#!/bin/sh\nexec python3 \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if d := run(blank); str(d, "x") != "1" {
		t.Errorf("a path with blanks: %s", value.Repr(d))
	}
	if d := run("/usr/bin/env python3"); str(d, "x") != "1" {
		t.Errorf("env: %s", value.Repr(d))
	}
	if d := run("", "no-such-python", "python3"); str(d, "x") != "1" || !strings.HasSuffix(Take(d).Interpreter, "/python3") {
		t.Errorf("found: %s", value.Repr(d))
	}
	if d := run("", "no-such-python"); !Take(d).NoneFound {
		t.Errorf("none found: %s", value.Repr(d))
	}
}

// What a module imports of the standard library is there for the next.
func TestLearns(t *testing.T) {
	r := newRig(t)
	text := say + "there = 'wave' in sys.modules\nimport wave\nprint(json.dumps(dict(there=there)))\nsys.exit(0)\n"
	if d := r.result(text, `{}`); str(d, "there") != "False" {
		t.Fatalf("%s", value.Repr(d))
	}
	for range 100 {
		if d := r.result(text, `{}`); str(d, "there") == "True" {
			return
		}
	}
	t.Error("imported again and again")
}

func TestTemporaryFolder(t *testing.T) {
	r := newRig(t)
	text := "from ansible.module_utils import basic\nimport json, sys\nprint(json.dumps(dict(tmp=json.loads(basic._ANSIBLE_ARGS.decode())['_ansible_remote_tmp'])))\nsys.exit(0)\n"
	run := func(set string) string {
		spec := &Spec{Kind: New, Module: "m", FQN: "ansible.legacy.m", Interpreter: r.python, Args: `{"other": "\"_ansible_remote_tmp\": \"~/.ansible/tmp\"", "_ansible_remote_tmp": "` + set + `"}`}
		own := bundle(false, "", map[string]string{"ansible/legacy/__init__.py": "", "ansible/legacy/m.py": text})
		contents := map[string]string{}
		for _, part := range [][]byte{common, own} {
			spec.Parts = append(spec.Parts, PartName(hashOf(part)))
			contents[PartName(hashOf(part))] = string(part)
		}
		d, err := r.pool.Run(t.Context(), spec.Dict(), &module.Call{Env: []string{"PATH=/usr/local/bin:/usr/bin:/bin"}, Dir: "/",
			Blob: func(_ context.Context, name string) (io.ReadCloser, module.Blob, error) {
				return io.NopCloser(strings.NewReader(contents[name])), module.Blob{}, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		return str(d, "tmp")
	}
	if got := run("~/.ansible/tmp"); got != r.pool.Store.Dir {
		t.Errorf("where nothing is set: %s", got)
	}
	if got := run("/var/tmp/x"); got != "/var/tmp/x" {
		t.Errorf("where it is set: %s", got)
	}
}
