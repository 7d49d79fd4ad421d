package dnf

import (
	"strings"

	"github.com/churten/churten/modules/kit/rpm"
)

// table is what dnf's table of a transaction says.
type table struct {
	installed, replaced, removed []rpm.Package
}

func (t *table) add(u table) {
	t.installed = append(t.installed, u.installed...)
	t.replaced = append(t.replaced, u.replaced...)
	t.removed = append(t.removed, u.removed...)
}

// outcome gives what would be installed and removed where before is there.
func (t *table) outcome(before []rpm.Package) (installed, removed []rpm.Package) {
	gone := append([]rpm.Package(nil), t.removed...)
	gone = append(gone, t.replaced...)
	for i := range before {
		p := &before[i]
		for k := range gone {
			if g := &gone[k]; p.Name == g.Name && (g.Arch == "" || p.Arch == g.Arch) && (g.Version == "" || rpm.Compare(p, g) == 0) {
				removed = append(removed, *p)
				break
			}
		}
	}
	return t.installed, removed
}

// parseTable reads the table that dnf prints before it acts:
//
//	Installing:
//	 alpha            noarch      2.0-1       churten-a        5.9 k
//	     replacing  kappa.noarch 1.0-1
//	Upgrading:
//	…
//	Transaction Summary
//
// The fields of a long name stand in the next line, further in. In dnf5's the
// replaced version of an upgrade follows as "   replacing alpha noarch 0:1.0-1 …".
func parseTable(text string) (t table) {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n ")
		if strings.HasPrefix(line, "Transaction Summary") {
			break
		}
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if n := len(lines); indent > 8 && n > 0 && len(strings.Fields(lines[n-1])) == 1 && strings.HasPrefix(lines[n-1], " ") {
			lines[n-1] += " " + strings.TrimLeft(line, " ")
			continue
		}
		lines = append(lines, line)
	}
	section := ""
	for _, line := range lines {
		if line == "" {
			continue
		}
		if line[0] != ' ' {
			section = strings.ToLower(strings.TrimSuffix(line, ":"))
			continue
		}
		t.line(section, strings.Fields(line))
	}
	return t
}

func (t *table) line(section string, f []string) {
	if strings.HasSuffix(section, "groups") {
		return
	}
	if f[0] == "replacing" {
		if p, ok := replaced(f[1:]); ok {
			t.replaced = append(t.replaced, p)
		}
		return
	}
	if len(f) < 4 {
		return
	}
	p := rpm.Package{Name: f[0], Arch: f[1]}
	if !evr(&p, f[2]) {
		return
	}
	switch {
	case strings.HasPrefix(section, "installing"):
		t.installed = append(t.installed, p)
	case strings.HasPrefix(section, "upgrading"), strings.HasPrefix(section, "downgrading"), strings.HasPrefix(section, "reinstalling"):
		t.installed = append(t.installed, p)
		t.replaced = append(t.replaced, rpm.Package{Name: p.Name, Arch: p.Arch})
	case strings.HasPrefix(section, "removing"):
		t.removed = append(t.removed, p)
	}
}

// replaced reads "kappa.noarch 1.0-1" or "kappa noarch 0:1.0-1 …".
func replaced(f []string) (p rpm.Package, ok bool) {
	switch {
	case len(f) == 2:
		i := strings.LastIndexByte(f[0], '.')
		if i < 0 {
			return p, false
		}
		p.Name, p.Arch = f[0][:i], f[0][i+1:]
		return p, evr(&p, f[1])
	case len(f) >= 3:
		p.Name, p.Arch = f[0], f[1]
		return p, evr(&p, f[2])
	}
	return p, false
}

// evr reads [epoch:]version-release into p.
func evr(p *rpm.Package, text string) bool {
	if e, rest, ok := strings.Cut(text, ":"); ok {
		text = rest
		if e != "0" {
			p.Epoch = e
		}
	}
	var ok bool
	p.Version, p.Release, ok = strings.Cut(text, "-")
	return ok
}
