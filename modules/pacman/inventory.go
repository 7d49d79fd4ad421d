package pacman

import (
	"context"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// inventory is what pacman was asked of already; nil: not yet.
type inventory struct {
	installed    map[string]string // versions by name
	available    map[string]bool
	dependencies map[string]bool // installed because others need them
}

// update is a package of which there is a newer version.
type update struct{ name, from, to string }

// list runs a query, one item a line. A query that finds nothing gives an exit
// status of 1 without a word.
func (j *job) list(ctx context.Context, words ...string) ([][]string, error) {
	out, err := j.ask(ctx, words...)
	if err != nil {
		return nil, err
	}
	if out.RC != 0 && out.Stderr != "" {
		return nil, out.Failure()
	}
	return rows(out.Stdout), nil
}

func rows(text string) (all [][]string) {
	for line := range strings.Lines(text) {
		all = append(all, strings.Fields(line))
	}
	return all
}

// installed gives the versions of what is installed.
func (j *job) installed(ctx context.Context) (map[string]string, error) {
	if j.known.installed != nil {
		return j.known.installed, nil
	}
	rows, err := j.list(ctx, "--query")
	if err != nil {
		return nil, err
	}
	j.known.installed = map[string]string{}
	for _, row := range rows {
		if len(row) == 2 {
			j.known.installed[row[0]] = row[1]
		}
	}
	return j.known.installed, nil
}

// available gives the names that the repositories have: "core acl 2.3.1-3 [installed]".
func (j *job) available(ctx context.Context) (map[string]bool, error) {
	if j.known.available != nil {
		return j.known.available, nil
	}
	rows, err := j.list(ctx, "--sync", "--list")
	if err != nil {
		return nil, err
	}
	j.known.available = map[string]bool{}
	for _, row := range rows {
		if len(row) >= 3 {
			j.known.available[row[1]] = true
		}
	}
	return j.known.available, nil
}

// reason tells why an installed package is there, in the words of the argument.
func (j *job) reason(ctx context.Context, name string) (string, error) {
	if j.known.dependencies == nil {
		rows, err := j.list(ctx, "--query", "--deps")
		if err != nil {
			return "", err
		}
		j.known.dependencies = map[string]bool{}
		for _, row := range rows {
			if len(row) == 2 {
				j.known.dependencies[row[0]] = true
			}
		}
	}
	if j.known.dependencies[name] {
		return "dependency", nil
	}
	return "explicit", nil
}

// groups gives the members of all groups, of those that are installed or of
// those that the repositories have: "base-devel gcc".
func (j *job) groups(ctx context.Context, installed bool) (map[string][]string, error) {
	words := []string{"--sync", "--groups", "--groups"}
	if installed {
		words = []string{"--query", "--groups"}
	}
	rows, err := j.list(ctx, words...)
	if err != nil {
		return nil, err
	}
	groups := map[string][]string{}
	for _, row := range rows {
		if len(row) == 2 && !slices.Contains(groups[row[0]], row[1]) {
			groups[row[0]] = append(groups[row[0]], row[1])
		}
	}
	for _, members := range groups {
		slices.Sort(members)
	}
	return groups, nil
}

// updates gives what could be upgraded and is not ignored: "acl 2.3.1-2 -> 2.3.1-3".
func (j *job) updates(ctx context.Context) ([]update, error) {
	rows, err := j.list(ctx, "--query", "--upgrades")
	return upgrades(rows), err
}

func upgrades(rows [][]string) (found []update) {
	for _, row := range rows {
		if len(row) == 4 && row[2] == "->" {
			found = append(found, update{row[0], row[1], row[3]})
		}
	}
	return found
}

// target is a package that the task means.
type target struct {
	name   string
	source string // what pacman is told: the name, or the text that led to it
	file   bool   // source is a file or URL
}

// targets finds out which packages the names mean. What is unknown is an
// error, unless it shall be absent.
func (j *job) targets(ctx context.Context, names []string, absent bool) (found []target, err error) {
	installed, err := j.installed(ctx)
	if err != nil {
		return nil, err
	}
	available, err := j.available(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := j.groups(ctx, absent)
	if err != nil {
		return nil, err
	}
	var known map[string][]string // groups of which nothing may be installed
	if absent {
		if known, err = j.groups(ctx, false); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "-") {
			return nil, module.Failf("name: %s is an option and no package", name)
		}
		if members, ok := groups[name]; ok {
			for _, member := range members {
				found = append(found, target{name: member, source: member})
			}
			continue
		}
		if _, ok := known[name]; ok || name == "" {
			continue
		}
		if _, ok := installed[name]; ok || available[name] {
			found = append(found, target{name: name, source: name})
			continue
		}
		t, err := j.resolve(ctx, name, absent)
		if err != nil {
			return nil, err
		}
		if t.name != "" {
			found = append(found, t)
		}
	}
	return found, nil
}

// resolve asks pacman which package a text means: what another provides, with
// a version or a repository, a file, a URL. What is unknown may be so, or is an error.
func (j *job) resolve(ctx context.Context, text string, maybe bool) (target, error) {
	out, err := j.ask(ctx, "--sync", "--print-format", "%n", text)
	if err != nil {
		return target{}, err
	}
	if out.RC == 0 {
		return target{name: last(out.Stdout), source: text}, nil
	}
	words := []string{"--upgrade", "--print-format", "%n", text}
	if out, err = j.ask(ctx, words...); err != nil {
		return target{}, err
	}
	if out.RC != 0 && maybe {
		return target{}, nil
	}
	if out.RC != 0 {
		j.hear(&out)
		f := j.failure("Failed to list package "+text, words)
		f.Values = value.DictOf("rc", value.Int(out.RC))
		return target{}, f
	}
	return target{name: last(out.Stdout), source: text, file: true}, nil
}

// last gives the last line: dependencies stand before what needs them.
func last(text string) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(all[len(all)-1])
}
