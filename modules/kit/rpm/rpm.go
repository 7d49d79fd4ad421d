// Package rpm knows packages of RPM as its database tells of them: their names
// in all the forms users write, the order of versions, and what is installed.
//
// Source: rpm(8) (query options and tags), the section "Specifying Packages" of
// dnf(8), and rpm-version(7).
package rpm

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Package is one package: epoch "" where it has none.
type Package struct {
	Name, Epoch, Version, Release, Arch string
}

// EVR is [epoch:]version-release.
func (p *Package) EVR() string {
	evr := p.Version + "-" + p.Release
	if p.Epoch != "" && p.Epoch != "0" {
		evr = p.Epoch + ":" + evr
	}
	return evr
}

// String is name-[epoch:]version-release.arch.
func (p *Package) String() string { return p.Name + "-" + p.EVR() + "." + p.Arch }

// epoch is the epoch as a number's text, "0" where there is none.
func (p *Package) epoch() string {
	if p.Epoch == "" {
		return "0"
	}
	return p.Epoch
}

// Matches reports whether a user's spec means this package. The forms are, as
// dnf takes them: name, name.arch, name-[epoch:]version,
// name-[epoch:]version-release and that with .arch; each may be a pattern.
func (p *Package) Matches(spec string) bool {
	v, e := p.Version, p.epoch()+":"
	vr := v + "-" + p.Release
	full := p.Name + "-"
	for _, form := range []string{p.Name, p.Name + "." + p.Arch, full + vr + "." + p.Arch, full + vr, full + v,
		full + e + vr + "." + p.Arch, full + e + vr, full + e + v, p.epoch() + ":" + full + vr + "." + p.Arch} {
		if form == spec {
			return true
		}
		if IsPattern(spec) {
			if ok, err := path.Match(strings.ReplaceAll(spec, "/", "\x00"), form); ok && err == nil {
				return true
			}
		}
	}
	return false
}

// IsPattern reports whether a spec stands for many.
func IsPattern(spec string) bool { return strings.ContainsAny(spec, "*?[") }

// Named takes a spec apart that has a version: name, version and release ("" if
// the spec has none) for a package of that name. ok is false for other specs.
func (p *Package) Named(spec string) (wanted Package, ok bool) {
	rest, ok := strings.CutPrefix(spec, p.Name+"-")
	if !ok || rest == "" {
		return wanted, false
	}
	rest = strings.TrimSuffix(rest, "."+p.Arch)
	wanted = Package{Name: p.Name, Arch: p.Arch}
	if e, r, ok := strings.Cut(rest, ":"); ok {
		wanted.Epoch, rest = e, r
	}
	wanted.Version, wanted.Release, _ = strings.Cut(rest, "-")
	if strings.Contains(wanted.Release, "-") || wanted.Version == "" || wanted.Version[0] < '0' || wanted.Version[0] > '9' {
		return wanted, false // another package, whose name begins so
	}
	return wanted, true
}

// Format is the format of a query whose lines ParseLines reads.
const Format = `%{NAME}\t%{EPOCH}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\n`

// key is the name that the keys have among what is installed.
const key = "gpg-pubkey"

// ParseLines reads what a query in Format printed; other lines ("package x is
// not installed", keys) are passed over.
func ParseLines(text string) []Package {
	return slices.DeleteFunc(parse(text), func(p Package) bool { return p.Name == key })
}

func parse(text string) (out []Package) {
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) != 5 {
			continue
		}
		if f[1] == "(none)" {
			f[1] = ""
		}
		out = append(out, Package{f[0], f[1], f[2], f[3], f[4]})
	}
	return out
}

// DB is the database of installed packages below a root.
type DB struct {
	c       *module.Call
	program string
	root    string
}

// Open finds the rpm program; root is "" or "/" for the system's own database.
func Open(c *module.Call, root string) (*DB, error) {
	program, err := tool.Find(c, "rpm")
	if err != nil {
		return nil, err
	}
	return &DB{c, program, root}, nil
}

func (db *DB) query(ctx context.Context, words ...string) ([]Package, error) {
	text, err := db.ask(ctx, words...)
	return ParseLines(text), err
}

func (db *DB) ask(ctx context.Context, words ...string) (string, error) {
	argv := []string{db.program}
	if db.root != "" && db.root != "/" {
		argv = append(argv, "--root", db.root)
	}
	argv = append(argv, "-q", "--qf", Format)
	// An exit status above zero counts what was not found.
	out, err := tool.RunWith(ctx, db.c, tool.Options{Env: []string{"LC_ALL=C"}}, append(argv, words...)...)
	return out.Stdout, err
}

// All lists what is installed.
func (db *DB) All(ctx context.Context) ([]Package, error) { return db.query(ctx, "-a") }

// Everything is All and the keys, whose architecture is "(none)".
func (db *DB) Everything(ctx context.Context) ([]Package, error) {
	text, err := db.ask(ctx, "-a")
	return parse(text), err
}

// Query gives the installed packages that rpm finds by names, in its forms.
func (db *DB) Query(ctx context.Context, names ...string) ([]Package, error) {
	if len(names) == 0 {
		return nil, nil
	}
	return db.query(ctx, append([]string{"--"}, names...)...)
}

// Provides gives the installed packages that provide a capability or own a file.
func (db *DB) Provides(ctx context.Context, what string) ([]Package, error) {
	return db.query(ctx, "--whatprovides", "--", what)
}
