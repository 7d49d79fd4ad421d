package packagefacts

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

func show(list []*value.Dict) string {
	l := value.NewList()
	for _, d := range list {
		l.Items = append(l.Items, d)
	}
	return value.Repr(l)
}

func TestCommands(t *testing.T) {
	for _, c := range []struct {
		name  string
		parse func(string) []*value.Dict
		text  string
		want  string
	}{
		{"apk", parseAPK, "musl-1.2.5-r0\nca-certificates-bundle-20240226-r0\nWARNING: x\n", "[{'name': 'musl', 'version': '1.2.5', 'release': 'r0'}, {'name': 'ca-certificates-bundle', 'version': '20240226', 'release': 'r0'}]"},
		{"pacman", parsePacman, "Name            : acl\nVersion         : 2.3.2-1\nDescription     : A: b\nArchitecture    : x86_64\nProvides        : libacl.so=1-64  xfsacl\nOptional Deps   : a: b\n                  c: d\n\nName            : filesystem\nVersion         : 1-1\nArchitecture    : any\nProvides        : None\n\n",
			"[{'name': 'acl', 'version': '2.3.2-1', 'arch': 'x86_64', 'provides': ['libacl.so', 'xfsacl']}, {'name': 'filesystem', 'version': '1-1', 'arch': 'any', 'provides': None}]"},
		{"xbps", parseXBPS, "ii acl-2.3.2_1                 Access Control List utilities\nuu broken-1_1 x\nii xbps-triggers-0.128_1 XBPS\nii\n",
			"[{'name': 'acl', 'version': '2.3.2', 'release': '1'}, {'name': 'xbps-triggers', 'version': '0.128', 'release': '1'}]"},
	} {
		if got := show(c.parse(c.text)); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

func TestDeb(t *testing.T) {
	all := parseStatus("Package: b\nStatus: install ok installed\nArchitecture: all\nVersion: 1:2\nSection: utils\nDescription: x\n Package: no\n\n" +
		"Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\nPackage: a\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 3-1\n")
	if len(all) != 2 || all[0] != (deb{"a", "3-1", "amd64", ""}) || all[1] != (deb{"b", "1:2", "all", "utils"}) {
		t.Errorf("%+v", all)
	}
	names := parseSources("Package files:\n 100 /var/lib/dpkg/status\n     release a=now\n 500 http://deb.debian.org/debian bookworm/main amd64 Packages\n" +
		"     release v=12.5,o=Debian,a=stable,n=bookworm,l=Debian,c=main,b=amd64\n     origin deb.debian.org\nPinned packages:\n")
	origins := parseOrigins("a:\n  Installed: 3-1\n  Candidate: 3-1\n  Version table:\n     4-1 500\n        500 http://x y amd64 Packages\n *** 3-1 500\n"+
		"        500 http://deb.debian.org/debian bookworm/main amd64 Packages\n        100 /var/lib/dpkg/status\nb:\n  Installed: 1:2\n  Version table:\n *** 1:2 100\n        100 /var/lib/dpkg/status\n", names)
	if origins["a"] != "Debian" || origins["b"] != "" {
		t.Errorf("%v from %v", origins, names)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a: b\n\nii x-1_2\nName : x\n")
	f.Fuzz(func(_ *testing.T, text string) {
		parseAPK(text)
		parsePacman(text)
		parseXBPS(text)
		parseStatus(text)
		parseOrigins(text, parseSources(text))
	})
}

// TestRecorded has each manager's program print what it printed on a host of
// testdata/distributions, where the reference made these packages of it.
func TestRecorded(t *testing.T) {
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Samples []struct {
			Name, Manager, Output string
			Packages              json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	programs := map[string]string{"xbps": "xbps-query"}
	for _, s := range recorded.Samples {
		t.Run(s.Name, func(t *testing.T) {
			bin := t.TempDir()
			program := programs[s.Manager]
			if program == "" {
				program = s.Manager
			}
			if err := os.WriteFile(filepath.Join(bin, "printed"), []byte(s.Output), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/bin/sh\nexec /bin/cat "+bin+"/printed\n"), 0o755); err != nil { //nolint:gosec // a program
				t.Fatal(err)
			}
			t.Setenv("PATH", bin)
			list, err := find(s.Manager).list(t.Context(), &module.Call{})
			if err != nil {
				t.Fatal(err)
			}
			if string(s.Packages) == "null" { // the reference does not know this manager
				if lines := strings.Count(s.Output, "\n"); len(list) != lines {
					t.Errorf("%d packages of %d lines: %s", len(list), lines, show(list))
				}
				return
			}
			packages := value.NewDict(len(list))
			add(packages, list)
			got, err := value.JSON{}.Text(packages)
			if err != nil {
				t.Fatal(err)
			}
			var is, want any
			if err := errors.Join(json.Unmarshal([]byte(got), &is), json.Unmarshal(s.Packages, &want)); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(is, want) {
				t.Errorf("%v, want\n%v", is, want)
			}
		})
	}
}
