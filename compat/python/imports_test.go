package python

import (
	"fmt"
	"strings"
	"testing"

	"github.com/churten/churten/modules/kit/python"
)

func TestImports(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain", "import os\nimport a.b as c, d\n", "os; a.b; d"},
		{"from", "from a.b import c as d, e\n", "a.b(c e)"},
		{"relative", "from ..x import y\nfrom . import z\nfrom .. import w\n", "..x(y); .(z); ..(w)"},
		{"brackets", "from a import (\n    b,  # why\n    c as d,\n)\n", "a(b c)"},
		{"continued", "from a \\\n  import b\n", "a(b)"},
		{"nested", "try:\n    import a\nexcept ImportError:\n    a = None\ndef f():\n    from b import c\n", "?a; ?b(c)"},
		{"behind a colon", "if x: import a\ntry: from b import c\nexcept E: pass\n", "?a; ?b(c)"},
		{"behind a semicolon", "x = 1; import a; from b import c\n", "a; b(c)"},
		{"in strings", "'''\nimport no\n'''\nx = \"import no\"\ny = r'\\\\'\nimport yes\n", "yes"},
		{"in comments", "# import no\nimport yes  # import no\n", "yes"},
		{"words that begin so", "important = 1\nimport_x = 2\nfrom_y = 3\nx.import_(1)\n", ""},
		{"yield from", "def f():\n    yield from x\n    raise A from b\n", ""},
		{"dict and slice", "x = {'a': 1, 'b': [1:2]}\nimport a\n", "a"},
		{"star", "from a.b import *\n", "a.b(*)"},
		{"Windows lines", "import a\r\nfrom b import (c,\r\n d)\r\n", "a; b(c d)"},
		{"not ended", "from a import", ""},
		{"string not ended", "x = 'abc\nimport a\n", "a"},
		{"f-string", "x = f'{y!r:>{w}}'\nimport a\n", "a"},
	} {
		var got []string
		for _, i := range imports(c.text) {
			s := strings.Repeat(".", i.level) + i.module
			if i.names != nil {
				s += fmt.Sprintf("(%s)", strings.Join(i.names, " "))
			}
			if i.nested {
				s = "?" + s
			}
			got = append(got, s)
		}
		if g := strings.Join(got, "; "); g != c.want {
			t.Errorf("%s: %q, want %q", c.name, g, c.want)
		}
	}
}

func FuzzImports(f *testing.F) {
	f.Add("from a import (b,\n c)\n'''x''' r\"y\" # z\n\\\n")
	f.Fuzz(func(t *testing.T, text string) { imports(text) })
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		text string
		want python.Kind
	}{
		{"#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n", python.New},
		{"from ansible.module_utils import basic\n", python.New},
		{"import ansible.module_utils.basic\n", python.New},
		{"from ..module_utils.x import y\n", python.New},
		{"from ...module_utils import y\n", python.New},
		{"from ansible_collections.a.b.plugins.module_utils.c import d\n", python.New},
		{"#<<INCLUDE_ANSIBLE_MODULE_COMMON>>\n", python.New},
		{"#!/bin/sh\n# WANT_JSON\n", python.JSONFile},
		{"x = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'\n", python.JSONText},
		{"#!/bin/sh\n. $1\n", python.Old},
		{"\x7fELF\x02\x01\x00", python.Binary},
		{"#!powershell\n#AnsibleRequires -CSharpUtil Ansible.Basic\n", PowerShell},
		{"#!powershell\n#requires -version 3\n", PowerShell},
		{"gr\xc3\xbc\xc3\x9f dich", python.Old},
	} {
		if got := kindOf([]byte(c.text)); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestFirstLine(t *testing.T) {
	for _, c := range []struct{ text, interpreter, flags string }{
		{"#!/usr/bin/python\nx", "/usr/bin/python", ""},
		{"#!/usr/bin/perl -w -T\n", "/usr/bin/perl", "-w -T"},
		{"#! /usr/bin/env python3\n", "/usr/bin/env", "python3"},
		{"x", "", ""},
		{"#!\n", "", ""},
	} {
		i, f, err := firstLine([]byte(c.text))
		if err != nil || i != c.interpreter || f != c.flags {
			t.Errorf("%q: %q %q %v", c.text, i, f, err)
		}
	}
}

func TestFQN(t *testing.T) {
	for path, want := range map[string]string{
		"/site/ansible/modules/git.py":                        "ansible.modules.git",
		"/x/ansible_collections/a/b/plugins/modules/m.py":     "ansible_collections.a.b.plugins.modules.m",
		"/x/ansible_collections/a/b/plugins/modules/sub/m.py": "ansible_collections.a.b.plugins.modules.sub.m",
		"/x/library/m.py": "ansible.legacy.m",
		"/x/ansible_collections/a/b/plugins/modules/with.dot/m.py":        "ansible.legacy.m",
		"/other/ansible/modules/m.py":                                     "ansible.legacy.m",
		"/x/ansible_collections/a/b/roles/r/library/m.py":                 "ansible.legacy.m",
		"/x.y/ansible_collections/a/b/plugins/modules/m.py":               "ansible_collections.a.b.plugins.modules.m",
		"/x/ansible_collections/ansible_collections/plugins/modules/m.py": "ansible.legacy.m",
	} {
		if got := fqnOf(path, "m", "/site"); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
