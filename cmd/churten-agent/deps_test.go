package main

import (
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// folders stand in one order: a package imports only from its own folder or
// from folders to the left.
var folders = []string{"jinja", "modules", "parser", "strategy", "compat", "cmd"}

const root = "github.com/churten/churten/"

// agentJinja is all of jinja that the agent may hold.
var agentJinja = []string{"jinja/value", "jinja/source", "jinja/syntax", "jinja/expr", "jinja/filter", "jinja/test"}

// controllerJinja is what of it is the controller's.
var controllerJinja = []string{"jinja/value/yaml", "jinja/filter/controller", "jinja/filter/community", "jinja/filter/ansibleutils"}

// tooBig are libraries that the agent must not hold: they belong to the
// controller, or cost more than they are worth on every target.
var tooBig = []string{"gopkg.in/yaml.v3", "github.com/flosch/pongo2", "golang.org/x/crypto/ssh", "github.com/urfave/cli",
	"github.com/klauspost/compress", "github.com/kevinburke/ssh_config", "text/template", "html/template", "go/parser", "testing"}

func list(t *testing.T, args ...string) []string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	out, err := exec.Command("go", append([]string{"list", "-e"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Fields(string(out))
}

func TestAgentImports(t *testing.T) {
	for _, pkg := range list(t, "-deps", ".") {
		for _, big := range tooBig {
			if pkg == big || strings.HasPrefix(pkg, big+"/") {
				t.Errorf("the agent holds %s; go mod why -m tells less than: go list -deps -json", pkg)
			}
		}
		own, ok := strings.CutPrefix(pkg, root)
		if !ok {
			continue
		}
		switch {
		case own == "cmd/churten-agent", strings.HasPrefix(own, "modules/"), own == "modules":
		case slices.ContainsFunc(agentJinja, func(p string) bool {
			return own == p || strings.HasPrefix(own, p+"/") && !slices.Contains(controllerJinja, own)
		}):
		default:
			t.Errorf("the agent holds %s", own)
		}
	}
}

func TestFolderOrder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no use there")
	}
	for _, line := range strings.Split(strings.Join(list(t, "-f", `{{.ImportPath}}={{join .Imports ","}}`, root+"..."), "\n"), "\n") {
		pkg, imports, _ := strings.Cut(line, "=")
		own := folder(pkg)
		if own < 0 {
			t.Errorf("%s stands in none of the folders %v", pkg, folders)
			continue
		}
		for imp := range strings.SplitSeq(imports, ",") {
			if strings.HasPrefix(imp, root) && folder(imp) > own {
				t.Errorf("%s imports %s, which stands to the right", pkg, imp)
			}
		}
	}
}

// folder gives the place of a package's folder, -1 for none.
func folder(pkg string) int {
	rest := strings.TrimPrefix(pkg, root)
	top, _, _ := strings.Cut(rest, "/")
	return slices.Index(folders, top)
}
