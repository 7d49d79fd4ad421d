// Command templar is churten's side of the benchmark of templates
// (testdata/bench/templar): it evaluates the cases of a directory, writes what
// each came to, and prints CPU seconds and allocations of one evaluation as JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"

	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/strategy/vars"
)

func main() {
	cases := flag.String("cases", "", "directory of the cases")
	out := flag.String("out", "", "directory for what they come to")
	only := flag.String("only", "", "the one case to measure (default: all)")
	profile := flag.String("profile", "", "file that gets a CPU profile")
	flag.Parse()
	if err := run(*cases, *out, *only, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "templar:", err)
		os.Exit(1)
	}
}

func run(dir, out, only, profile string) error {
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	results := map[string]result{}
	for _, c := range all {
		if only != "" && c.name != only {
			continue
		}
		s, err := open(dir)
		if err != nil {
			return err
		}
		evaluate, err := c.make(s)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		got, text, err := measure(evaluate)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if out != "" {
			if err := os.WriteFile(filepath.Join(out, c.name), []byte(text), 0o644); err != nil {
				return err
			}
		}
		results[c.name] = got
	}
	return json.NewEncoder(os.Stdout).Encode(results)
}

// site is what the cases are evaluated in.
type site struct {
	dir   string
	env   *expr.Env
	files *load.Loader
	inv   *inventory.Inventory
}

func open(dir string) (*site, error) {
	s := &site{dir: dir, env: jinja.NewEnv(jinja.Options{}), files: load.New(nil, nil)}
	var err error
	s.inv, err = inventory.Load(context.Background(), []string{filepath.Join(dir, "inventory", "hosts")}, inventory.Options{Loader: s.files})
	return s, err
}

// text reads a file of the case.
func (s *site) text(name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	return string(b), err
}

// scopes gives a host's variables as every task gets them anew, those of extra on top.
func (s *site) scopes(extra *value.Dict) func() (*expr.Ctx, error) {
	store := vars.NewStore(s.env, s.inv, vars.Options{Extra: extra, InjectFacts: true})
	return func() (*expr.Ctx, error) {
		scope, err := store.Task(nil, "web0000", nil)
		return expr.NewCtx(context.Background(), s.env, scope), err
	}
}

// compiled gives v with all templates in it compiled anew.
func compiled(v value.Value) value.Value {
	switch v := v.(type) {
	case *expr.Template:
		return load.Text(v.Source(), v.Pos())
	case *value.List:
		if v.Lazy {
			out := &value.List{Items: make([]value.Value, len(v.Items)), Lazy: true}
			for i, item := range v.Items {
				out.Items[i] = compiled(item)
			}
			return out
		}
	case *value.Dict:
		if v.Lazy {
			return v.MapValues(compiled)
		}
	}
	return v
}

func conditions(s *site) ([]string, error) {
	text, err := s.text("conditions.json")
	if err != nil {
		return nil, err
	}
	var out []string
	return out, json.NewDecoder(strings.NewReader(text)).Decode(&out)
}
