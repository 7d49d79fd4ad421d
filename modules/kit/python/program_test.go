package python

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// program runs text as a module of that kind.
func program(t *testing.T, s *Store, spec Spec, text string, env ...string) (*value.Dict, error) {
	t.Helper()
	return programWithin(t.Context(), t, s, spec, text, env...)
}

func programWithin(ctx context.Context, t *testing.T, s *Store, spec Spec, text string, env ...string) (*value.Dict, error) {
	t.Helper()
	spec.Module, spec.Parts = "m", []string{PartName(hashOf([]byte(text)))}
	pool := Pool{Store: Store{Dir: s.Dir}}
	defer pool.Close()
	return pool.Run(ctx, spec.Dict(), &module.Call{Env: append([]string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/"}, env...), Dir: "/",
		Blob: func(context.Context, string) (io.ReadCloser, module.Blob, error) {
			return io.NopCloser(strings.NewReader(text)), module.Blob{}, nil
		}})
}

func TestPrograms(t *testing.T) {
	places := map[string]*Store{"a folder": {Dir: t.TempDir()}, "memory": {}}
	for place, store := range places {
		for _, c := range []struct {
			name string
			spec Spec
			text string
			key  string
			want string
		}{
			{"JSON in a file", Spec{Kind: JSONFile, Interpreter: "/bin/sh", Args: `{"a": 1}`}, "#!/bin/sh\n# WANT_JSON\nprintf '{\"got\": %s}' \"$(cat \"$1\")\"\n", "got", "{'a': 1}"},
			{"key=value in a file", Spec{Kind: Old, Interpreter: "/bin/sh", Args: "a=1 b='two words' "}, "#!/bin/sh\n. \"$1\"\nprintf '{\"a\": \"%s\", \"b\": \"%s\"}' \"$a\" \"$b\"\n", "b", "two words"},
			{"JSON in the text", Spec{Kind: JSONText, Interpreter: "/bin/sh", Replace: []string{"<<ARGS>>", `{"a": 2}`}}, "#!/bin/sh\nprintf '{\"got\": %s, \"words\": \"%s\"}' '<<ARGS>>' \"$#\"\n", "got", "{'a': 2}"},
			{"flags", Spec{Kind: JSONFile, Interpreter: "/bin/sh", Flags: "-u", Args: `{}`}, "#!/bin/sh -u\necho \"$-\" | grep -q u && echo '{\"u\": true}'\n", "u", "True"},
			{"a status", Spec{Kind: JSONFile, Interpreter: "/bin/sh", Args: `{}`}, "#!/bin/sh\nexit 7\n", "rc", "7"},
			{"a signal", Spec{Kind: JSONFile, Interpreter: "/bin/sh", Args: `{}`}, "#!/bin/sh\nkill -9 $$\n", "rc", "137"},
			{"no interpreter", Spec{Kind: JSONFile, Interpreter: "/no/such", Args: `{}`}, "#!/no/such\n", "msg", "The module interpreter '/no/such' was not found."},
			{"too much", Spec{Kind: JSONFile, Interpreter: "/bin/sh", Args: `{}`}, "#!/bin/sh\nexec yes\n", "msg", "the module m printed more than 100 MiB and was ended"},
		} {
			d, err := program(t, store, c.spec, c.text)
			if err != nil || str(d, c.key) != c.want {
				t.Errorf("%s, %s: %v %v, want %s: %s", place, c.name, err, value.Repr(d), c.key, c.want)
			}
		}
	}
	// Arguments are in no file but in memory.
	left, _ := filepath.Glob(filepath.Join(places["a folder"].Dir, "*"))
	for _, path := range left {
		if text, err := os.ReadFile(path); err != nil || strings.Contains(string(text), "two words") || strings.Contains(string(text), `{"a": 2}`) {
			t.Errorf("%s holds arguments (%v)", path, err)
		}
	}
}

// A binary module: a program of its own, without an interpreter.
func TestBinary(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go here")
	}
	dir := t.TempDir()
	const text = `package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	var args map[string]any
	if err == nil {
		err = json.Unmarshal(text, &args)
	}
	out, _ := json.Marshal(map[string]any{"args": args, "err": fmt.Sprint(err), "words": len(os.Args), "own": os.Getenv("OWN")})
	fmt.Println(string(out))
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(goTool, "build", "-o", "m", "main.go")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	binary, err := os.ReadFile(filepath.Join(dir, "m"))
	if err != nil {
		t.Fatal(err)
	}
	for place, store := range map[string]*Store{"a folder": {Dir: t.TempDir()}, "memory": {}} {
		d, err := program(t, store, Spec{Kind: Binary, Args: `{"a": [1, "ü"]}`}, string(binary), "OWN=yes")
		if err != nil || value.Repr(d) != `{'args': {'a': [1, 'ü']}, 'err': '<nil>', 'own': 'yes', 'words': 2}` {
			t.Errorf("%s: %v %v", place, err, value.Repr(d))
		}
	}
	d, err := program(t, &Store{Dir: t.TempDir()}, Spec{Kind: Binary, Args: `{}`}, "\x7fELF\x00 of no machine")
	if err != nil || str(d, "failed") != "True" || str(d, "module_stderr") == "" {
		t.Errorf("no program: %v %v", err, value.Repr(d))
	}
}

// A program that hangs is ended with all it started when its time is over.
func TestProgramHangs(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "mark")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := programWithin(ctx, t, &Store{}, Spec{Kind: JSONFile, Interpreter: "/bin/sh", Args: `{}`}, "#!/bin/sh\n(sleep 2; echo x > "+mark+") & sleep 60\n")
	if err == nil || time.Since(began) > 50*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
	time.Sleep(max(0, 3*time.Second-time.Since(began)))
	if _, err := os.Stat(mark); err == nil {
		t.Error("what it started went on")
	}
}
