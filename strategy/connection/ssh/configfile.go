package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// The reader of ssh_config(5) is our own: what users' files hold (Match with
// several criteria, ? in patterns, Include within a Host block, quoted words)
// decides which key goes to which host, and must not be guessed.

// configFiles keeps the lines of the files that were read, for all hosts of a
// run. Safe for concurrent use.
type configFiles struct {
	mu    sync.Mutex // guards files
	files map[string]configFile
}

type configFile struct {
	lines []option
	err   error
}

// read returns the options of a file. A missing file is an fs.ErrNotExist.
func (c *configFiles) read(name string) ([]option, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.files[name]; ok {
		return f.lines, f.err
	}
	var f configFile
	text, err := os.ReadFile(name)
	if err != nil {
		f.err = err
	} else {
		f.lines, f.err = parseConfig(name, string(text))
	}
	if c.files == nil {
		c.files = map[string]configFile{}
	}
	c.files[name] = f
	return f.lines, f.err
}

func parseConfig(name, text string) ([]option, error) {
	var lines []option
	for i, line := range strings.Split(text, "\n") {
		o, ok, err := parseLine(line, fmt.Sprintf("%s: line %d", name, i+1))
		if err != nil {
			return nil, err
		}
		if ok {
			lines = append(lines, o)
		}
	}
	return lines, nil
}

// maxInclude is how deep files may include each other, as in OpenSSH.
const maxInclude = 16

// evaluation walks the files for one host and hands each option that holds for
// it to add.
type evaluation struct {
	files     *configFiles
	env       *Environment
	alias     string     // what was typed as the host
	c         *collected // what held so far; gets what holds
	final     bool       // the second pass, which "Match final" asks for
	wantFinal bool       // set when there was a "Match final"
}

// file evaluates one file. base is where relative Includes start.
func (e *evaluation) file(name, base string, outer bool, depth int) error {
	if depth > maxInclude {
		return fmt.Errorf("%s: more than %d files include each other", name, maxInclude)
	}
	lines, err := e.files.read(name)
	if err != nil {
		return err
	}
	active := outer
	for _, o := range lines {
		switch o.key {
		case "host":
			active = outer && matchAny(o.args, e.alias)
		case "match":
			ok, err := e.match(o)
			if err != nil {
				if !outer {
					continue
				}
				return err
			}
			active = outer && ok
		case "include":
			if err := e.include(o, base, active, depth); err != nil {
				return err
			}
		default:
			if !active {
				if _, err := e.c.check(o); err != nil {
					return err
				}
				continue
			}
			if err := e.c.add(o); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *evaluation) include(o option, base string, active bool, depth int) error {
	for _, pattern := range o.args {
		pattern = e.env.expandHome(pattern)
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(base, pattern)
		}
		names, err := filepath.Glob(pattern)
		if err != nil {
			return fmt.Errorf("%s: Include %s: %w", o.origin, pattern, err)
		}
		for _, name := range names {
			err := e.file(name, base, active, depth+1)
			if err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// match evaluates the criteria of a Match line, all of which must hold.
func (e *evaluation) match(o option) (bool, error) {
	holds := true
	for i := 0; i < len(o.args); i++ {
		name, not := strings.CutPrefix(o.args[i], "!")
		criterion, _, hasArg := strings.Cut(strings.ToLower(name), "=")
		var arg string
		var yes bool
		switch criterion {
		case "all":
			yes = true
		case "canonical":
			yes = false // CanonicalizeHostname goes to OpenSSH itself
		case "final":
			e.wantFinal = true
			yes = e.final
		case "host", "originalhost", "user", "localuser", "exec", "tagged", "localnetwork", "command", "version", "sessiontype":
			if hasArg {
				_, arg, _ = strings.Cut(name, "=")
			} else {
				if i++; i == len(o.args) {
					return false, badMatch(o, "Missing Match criteria for "+criterion)
				}
				arg = o.args[i]
			}
			var ok bool
			if yes, ok = e.criterion(criterion, arg); !ok {
				if !holds { // OpenSSH does not evaluate it either
					continue
				}
				return false, &NeedsOpenSSH{Option: "Match " + criterion}
			}
		default:
			return false, badMatch(o, "Unsupported Match attribute "+criterion)
		}
		if yes == not {
			holds = false
		}
	}
	return holds, nil
}

// badMatch is a Match line that cannot be read, in OpenSSH's words.
func badMatch(o option, why string) error {
	return fmt.Errorf("%s\r\n%w", why, o.bad("Bad Match condition"))
}

// criterion evaluates one criterion; known is false for those that only
// OpenSSH can.
func (e *evaluation) criterion(name, arg string) (holds, known bool) {
	list := strings.Split(arg, ",")
	switch name {
	case "host":
		host := e.c.value("hostname")
		if host == "" {
			host = e.alias
		}
		return matchAny(list, expandTokens(host, map[byte]string{'h': e.alias})), true
	case "originalhost":
		return matchAny(list, e.alias), true
	case "user":
		user := e.c.value("user")
		if user == "" {
			user = e.env.User
		}
		return matchAny(list, user), true
	case "localuser":
		return matchAny(list, e.env.User), true
	}
	return false, false
}
