package packagefacts

import (
	"testing"

	"github.com/churten/churten/jinja/value"
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
