package connection

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Client is a kind of connection that goes through another program's client
// (docker exec, chroot …): that program runs the command, and its streams are
// the command's. A kind is one file, which adds its Client.
type Client struct {
	// Names are those that content uses, in full; the first is told in messages.
	Names []string
	// Options are those of the reference's plugin, in its documentation's order.
	Options []Option
	// Program gives what to run; the words of a command come behind it.
	Program func(v Values) (Program, error)
	// Ready says why there can be no connection, before the program is run; may
	// be nil.
	Ready func(p Program) error
	// Here is set where the other end is this machine: nothing is compressed.
	Here bool
	// Refused says why there is no such connection in churten; "" for all others.
	Refused string
}

// Option is one option of a kind of connection: where its value may come from,
// each place going before those after it.
type Option struct {
	Name    string
	Vars    []string // variables, the last that is set holds
	Keyword Keyword  // of the task
	Env     []string
	Ini     []string // "section.key"
	Default string
	Type    Type
	Secret  bool
	Choices []string // of a Text, where not all will do
}

// Type is what values an option takes.
type Type int

// The types of options.
const (
	Text     Type = iota
	Flag          // a boolean: "true" or "false", "" where nobody set it
	Settings      // a dictionary of texts; see Values.Settings
	List          // of texts; see SplitList
	Number        // a whole one
)

// Keyword names what the playbook's keywords and the command line say.
type Keyword string

// The keywords of options.
const (
	RemoteUser Keyword = "remote_user"
	Timeout    Keyword = "timeout"
)

// Values are the options of a kind for one host.
type Values map[string]string

// True reports whether a boolean is.
func (v Values) True(name string) bool { return v[name] == "true" }

// Settings gives a dictionary's entries as NAME=value.
func (v Values) Settings(name string) []string { return parted(v[name]) }

// JoinSettings makes the value of a dictionary of its entries.
func JoinSettings(entries []string) string { return joined(entries) }

// SplitSettings is the reverse of JoinSettings.
func SplitSettings(text string) []string { return parted(text) }

// JoinList makes the value of a List.
func JoinList(items []string) string { return strings.Join(items, listMark) }

// SplitList is the reverse of JoinList.
func SplitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, listMark)
}

// listMark stands between items, inside a setting as well.
const listMark = "\x01"

// Program is a client program with the words before those of the command. It
// is comparable, to be part of what tells connections apart.
type Program struct {
	words, env string // each behind a NUL
}

// NewProgram gives the program of words.
func NewProgram(words ...string) Program { return Program{words: joined(words)} }

// With gives p with variables for its environment, NAME=value.
func (p Program) With(env ...string) Program {
	p.env += joined(env)
	return p
}

// Then gives p with more words.
func (p Program) Then(words ...string) Program {
	p.words += joined(words)
	return p
}

// Words are the program's name and words.
func (p Program) Words() []string { return parted(p.words) }

// Env are the variables of its environment.
func (p Program) Env() []string { return parted(p.env) }

func joined(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString("\x00" + strings.ReplaceAll(w, "\x00", ""))
	}
	return b.String()
}

func parted(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s[1:], "\x00")
}

var clients []*Client

func add(c Client) { clients = append(clients, &c) }

// FindClient gives the kind called name, in full or without its collection; nil
// if there is none.
func FindClient(name string) *Client {
	for _, c := range clients {
		for _, n := range c.Names {
			if n == name || n[strings.LastIndexByte(n, '.')+1:] == name {
				return c
			}
		}
	}
	return nil
}

// ClientNames lists the kinds there are, in full.
func ClientNames() []string {
	var names []string
	for _, c := range clients {
		if c.Refused == "" {
			names = append(names, c.Names...)
		}
	}
	slices.Sort(names)
	return names
}

// Dial gives a connection through p. No program runs before the first command:
// whether there is such a host is known by its first words. An error is that p
// cannot be run at all.
func (c *Client) Dial(host string, p Program) (Conn, error) {
	words := p.Words()
	path, err := exec.LookPath(words[0])
	if err == nil && c.Ready != nil {
		err = c.Ready(p)
	} else if err != nil {
		err = fmt.Errorf("%s command not found in PATH", words[0])
	}
	if err != nil {
		return nil, err
	}
	conn := &clientConn{name: c.Short() + " " + host, host: host, path: path, args: words[1:]}
	if env := p.Env(); len(env) > 0 {
		conn.Env = append(os.Environ(), env...)
	}
	return conn, nil
}

// Short is the kind's name without its collection.
func (c *Client) Short() string { return c.Names[0][strings.LastIndexByte(c.Names[0], '.')+1:] }

// clientConn runs commands by a client program.
type clientConn struct {
	Local
	name, host, path string
	args             []string
}

// Describe implements Conn.
func (c *clientConn) Describe() string { return c.name }

// Start implements Conn.
func (c *clientConn) Start(ctx context.Context, command string) (Stream, error) {
	s, err := c.StartArgv(ctx, c.path, append(slices.Clip(c.args), command)...)
	if err != nil && ctx.Err() == nil {
		return nil, &Unreachable{Host: c.host, Msg: err.Error(), Err: err}
	}
	return s, err
}
