package apt

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// paths of dpkg's and apt's own files; tests replace them.
type paths struct {
	status, extended, stamp, lists string
}

var system = paths{
	status:   "/var/lib/dpkg/status",
	extended: "/var/lib/apt/extended_states",
	stamp:    "/var/lib/apt/periodic/update-success-stamp",
	lists:    "/var/lib/apt/lists",
}

// pkg is a stanza of dpkg's status file.
type pkg struct {
	name, arch, version string
	state               string // the third word of Status: installed, config-files …
	foreign             bool   // Multi-Arch: foreign
	provides            []string
}

func (p *pkg) installed() bool { return p.state == "installed" }

// database is what dpkg has, by name.
type database struct {
	byName map[string][]*pkg
	native string // the architecture of dpkg itself
}

// readStatus reads a status file, of which deb-control(5) tells the form.
func readStatus(r io.Reader) (*database, error) {
	db := &database{byName: make(map[string][]*pkg, 512)}
	lines := bufio.NewReaderSize(r, 64<<10)
	var p *pkg
	flush := func() {
		if p != nil && p.name != "" {
			db.byName[p.name] = append(db.byName[p.name], p)
			if p.name == "dpkg" && p.installed() {
				db.native = p.arch
			}
		}
		p = nil
	}
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			// Only descriptions and conffiles can be so long; their rest is skipped.
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = lines.ReadSlice('\n')
			}
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
		switch {
		case len(line) <= 1 && strings.TrimSpace(string(line)) == "":
			flush()
		case line[0] == ' ' || line[0] == '\t':
		default:
			p = p.field(line)
		}
		if err == io.EOF {
			flush()
			return db, nil
		}
	}
}

// field takes in one line of a stanza; nil begins one.
func (p *pkg) field(line []byte) *pkg {
	if p == nil {
		p = &pkg{}
	}
	var into *string
	var name string
	switch line[0] {
	case 'P', 'p', 'S', 's', 'V', 'v', 'A', 'a', 'M', 'm':
		var ok bool
		var text string
		name, text, ok = strings.Cut(string(line), ":")
		if !ok {
			return p
		}
		text = strings.TrimSpace(text)
		switch strings.ToLower(name) {
		case "package":
			into = &p.name
		case "version":
			into = &p.version
		case "architecture":
			into = &p.arch
		case "status":
			if words := strings.Fields(text); len(words) == 3 {
				p.state = words[2]
			}
		case "multi-arch":
			p.foreign = text == "foreign"
		case "provides":
			for _, item := range strings.Split(text, ",") {
				item, _, _ = strings.Cut(item, "(")
				p.provides = append(p.provides, strings.TrimSpace(item))
			}
		}
		if into != nil {
			*into = text
		}
	}
	return p
}

// find gives the package that apt would mean by name, which may end with an
// architecture; nil if dpkg knows none.
func (db *database) find(name string) *pkg {
	base, arch, qualified := strings.Cut(name, ":")
	var found *pkg
	for _, p := range db.byName[base] {
		switch {
		case qualified && arch != "any" && arch != p.arch && !(arch == "all" && p.arch == db.native) && !(arch == db.native && p.arch == "all"):
			continue
		case !qualified && p.arch != db.native && p.arch != "all" && db.native != "":
			continue
		}
		if found == nil || !found.installed() && p.installed() {
			found = p
		}
	}
	return found
}

// loadStatus reads the system's status file.
func loadStatus() (*database, error) {
	f, err := os.Open(system.status)
	if errors.Is(err, fs.ErrNotExist) {
		return &database{byName: map[string][]*pkg{}}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readStatus(f)
}

// automatic gives the names that apt has marked as installed for others only.
func automatic() map[string]bool {
	f, err := os.Open(system.extended)
	if err != nil {
		return nil
	}
	defer f.Close()
	out := map[string]bool{}
	name := ""
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, text, _ := strings.Cut(lines.Text(), ":")
		text = strings.TrimSpace(text)
		switch {
		case key == "Package":
			name = text
		case key == "Auto-Installed" && text == "1":
			out[name] = true
		}
	}
	return out
}

// listsFetched tells when the lists of packages were fetched; 0 if unknown.
func listsFetched() int64 {
	for _, path := range []string{system.stamp, system.lists} {
		if info, err := os.Stat(path); err == nil {
			return info.ModTime().Unix()
		}
	}
	return 0
}

func now() int64 { return time.Now().Unix() }
