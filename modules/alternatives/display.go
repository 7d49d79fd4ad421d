package alternatives

import (
	"strconv"
	"strings"
)

// group is what "update-alternatives --display" tells of a name.
type group struct {
	known   bool
	auto    bool
	current string
	link    string            // Debian only
	links   map[string]string // of subcommands; Debian only
	paths   []alternative
}

// alternative is one of the programs.
type alternative struct {
	path     string
	priority int
	family   string
	subs     []sub
}

// sub is a link that follows the main one.
type sub struct{ name, path, link string }

func (g *group) find(path string) int {
	for i, p := range g.paths {
		if path != "" && p.path == path {
			return i
		}
	}
	return -1
}

// subcommands gives those of p, with their links.
func (g *group) subcommands(p alternative) []sub {
	list := make([]sub, 0, len(p.subs))
	for _, s := range p.subs {
		s.link = g.links[s.name]
		list = append(list, s)
	}
	return list
}

// read reads the display, in English. Debian's and RHEL's forms are, of an
// alternative and of what follows it:
//
//	/usr/bin/vim - priority 30
//	  slave vi.1.gz: /usr/share/man/man1/vim.1.gz
//	/usr/lib/jvm/java - family java-17 priority 1700
//	 follower jre: (null)
func read(text string) group {
	g := group{known: true, links: map[string]string{}}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		trimmed := strings.TrimSpace(line)
		indented := trimmed != line
		switch {
		case strings.HasSuffix(line, " - auto mode"), strings.HasSuffix(line, " - status is auto."):
			g.auto = true
		case indented && strings.HasPrefix(trimmed, "link currently points to "):
			g.current = strings.TrimPrefix(trimmed, "link currently points to ")
		case indented && strings.HasPrefix(trimmed, "link ") && strings.Contains(trimmed, " is "):
			_, g.link, _ = strings.Cut(trimmed, " is ")
		case indented:
			kind, rest, _ := strings.Cut(trimmed, " ")
			if kind != "slave" && kind != "follower" {
				continue
			}
			if name, path, ok := strings.Cut(rest, ": "); ok {
				if n := len(g.paths); n > 0 && path != "(null)" {
					g.paths[n-1].subs = append(g.paths[n-1].subs, sub{name: name, path: path})
				}
			} else if name, link, ok := strings.Cut(rest, " is "); ok {
				g.links[name] = link
			}
		case strings.HasPrefix(line, "/"):
			if p, ok := readPath(line); ok {
				g.paths = append(g.paths, p)
			}
		}
	}
	return g
}

func readPath(line string) (p alternative, ok bool) {
	head, tail, ok := cutLast(line, "priority ")
	if !ok {
		return p, false
	}
	var err error
	if p.priority, err = strconv.Atoi(strings.TrimSpace(tail)); err != nil {
		return p, false
	}
	path, family, ok := cutLast(strings.TrimSpace(head)+" ", " - ")
	if !ok {
		return p, false
	}
	p.path = path
	if f, is := strings.CutPrefix(strings.TrimSpace(family), "family "); is {
		p.family = f
	}
	return p, true
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
