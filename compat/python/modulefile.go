package python

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/churten/churten/modules/kit/process"
	"github.com/churten/churten/modules/kit/python"
)

// What in a module's text says how it takes its arguments, as the reference
// looks for it. Seen on ansible-core 2.19.14.
const (
	markCommon  = "#<<INCLUDE_ANSIBLE_MODULE_COMMON>>"
	markArgs    = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
	markComplex = `"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"`
	markVersion = `"<<ANSIBLE_VERSION>>"`
	markSELinux = "<<SELINUX_SPECIAL_FILESYSTEMS>>"
	markPower   = "# POWERSHELL_COMMON"
	wantJSON    = "WANT_JSON"
)

var newStyle = sync.OnceValue(func() *regexp.Regexp {
	const collection = `ansible_collections\.[^.]+\.[^.]+\.plugins\.module_utils`
	return regexp.MustCompile(`from +(?:\.{2,} *module_utils|` + collection + `|ansible\.module_utils).* +import |import +(?:` + collection + `|ansible\.module_utils\.)`)
})

var powerShell = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)#Requires -(?:Module|Version)|#AnsibleRequires -(?:OSVersion|PowerShell|CSharpUtil|Wrapper)`)
})

// kindOf tells what kind of module a text is.
func kindOf(text []byte) python.Kind {
	switch {
	case isBinary(text):
		return python.Binary
	case bytes.Contains(text, []byte(markCommon)), newStyle().Match(text):
		return python.New
	case bytes.Contains(text, []byte(markPower)), powerShell().Match(text):
		return PowerShell
	case bytes.Contains(text, []byte(markArgs)):
		return python.JSONText
	case bytes.Contains(text, []byte(wantJSON)):
		return python.JSONFile
	}
	return python.Old
}

// isBinary looks at the first kilobyte for what no text has.
func isBinary(text []byte) bool {
	for _, c := range text[:min(len(text), 1024)] {
		if c < 0x20 && (c < 7 || c > 13 || c == 11) && c != 27 || c == 0x7f {
			return true
		}
	}
	return false
}

// firstLine takes the interpreter and what follows it from "#!/usr/bin/python -E".
func firstLine(text []byte) (interpreter, flags string, err error) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	rest, ok := strings.CutPrefix(string(line), "#!")
	if !ok {
		return "", "", nil
	}
	words, err := process.Split(rest)
	if err != nil {
		return "", "", fmt.Errorf("the first line %q: %w", line, err)
	}
	if len(words) == 0 {
		return "", "", nil
	}
	return words[0], strings.Join(words[1:], " "), nil
}

// fqnOf gives the name under which Python imports the module of a file: that of
// its place in ansible-core or in a collection, else one below ansible.legacy.
func fqnOf(path, short, site string) string {
	base := strings.TrimSuffix(path, filepath.Ext(path))
	if rest, ok := strings.CutPrefix(base, filepath.Join(site, "ansible", "modules")+"/"); ok && !strings.Contains(rest, ".") {
		return "ansible.modules." + strings.ReplaceAll(rest, "/", ".")
	}
	parts := strings.Split(base, "/")
	for i := range parts {
		if parts[i] == "ansible_collections" && i+5 < len(parts) && parts[i+3] == "plugins" && parts[i+4] == "modules" && !strings.Contains(strings.Join(parts[i:], "/"), ".") {
			return strings.Join(parts[i:], ".")
		}
	}
	return "ansible.legacy." + short
}
