package ssh

import (
	"errors"
	"fmt"
	"strings"
)

// option is one keyword with its arguments, from a file, from -o or from a
// setting of the reference.
type option struct {
	key    string   // lower case
	args   []string // unquoted words
	rest   string   // all that follows the keyword, as written
	flag   byte     // 'L' for -L, whose argument is written in another way; else 0
	origin string   // "/home/a/.ssh/config: line 3", "command-line: line 0"
}

// value is the first argument.
func (o option) value() string {
	if len(o.args) == 0 {
		return ""
	}
	return o.args[0]
}

// bad is a fault in an option's value, in the form OpenSSH gives it.
func (o option) bad(what string) error {
	if o.origin == commandLine {
		return errors.New("command-line line 0: " + what)
	}
	file, line, _ := strings.Cut(o.origin, ": ")
	return fmt.Errorf("%s %s: %s\r\n%s: terminating, 1 bad configuration options", file, line, what, file)
}

// parseLine reads one line of ssh_config(5), or the argument of -o. ok is false
// for a line that says nothing.
func parseLine(line, origin string) (o option, ok bool, err error) {
	line = strings.Trim(line, " \t\r\n\f")
	if line == "" || line[0] == '#' {
		return option{}, false, nil
	}
	i := strings.IndexAny(line, " \t=")
	if i < 0 {
		i = len(line)
	}
	o = option{key: strings.ToLower(line[:i]), origin: origin}
	// One '=' may stand between keyword and argument, with blanks around it.
	rest := strings.TrimLeft(line[i:], " \t")
	if strings.HasPrefix(rest, "=") {
		rest = strings.TrimLeft(rest[1:], " \t")
	}
	o.rest = rest
	if rawKeywords[o.key] && rest != "" {
		o.args = []string{rest}
		return o, true, nil
	}
	o.args, err = splitWords(rest, true)
	if err != nil {
		return option{}, false, o.bad("invalid quotes")
	}
	if len(o.args) == 0 {
		return option{}, false, o.bad(fmt.Sprintf("no argument after keyword \"%s\"", o.key))
	}
	return o, true, nil
}

// rawKeywords take the rest of their line as it stands: a command for a shell.
var rawKeywords = map[string]bool{
	"proxycommand": true, "localcommand": true, "remotecommand": true, "knownhostscommand": true,
}

// splitWords splits as OpenSSH's argv_split does, which is also how a POSIX
// shell splits words that hold no expansions. With comments a word that begins
// with # ends the line.
func splitWords(s string, comments bool) ([]string, error) {
	var words []string
	for i := 0; i < len(s); {
		if strings.IndexByte(" \t\r\n", s[i]) >= 0 {
			i++
			continue
		}
		if comments && s[i] == '#' {
			break
		}
		var w strings.Builder
		quote := byte(0)
		for ; i < len(s) && (quote != 0 || strings.IndexByte(" \t\r\n", s[i]) < 0); i++ {
			switch c := s[i]; {
			case c == '\\' && quote != '\'' && i+1 < len(s) && strings.IndexByte(`'"\ `, s[i+1]) >= 0:
				i++
				w.WriteByte(s[i])
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote:
				quote = 0
			default:
				w.WriteByte(c)
			}
		}
		if quote != 0 {
			return nil, fmt.Errorf("no closing quote in %q", s)
		}
		words = append(words, w.String())
	}
	return words, nil
}
