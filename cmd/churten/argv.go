package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
)

// typed is a command line that was understood: the command and its parents,
// and the words in the form that the cli library reads.
type typed struct {
	path  []*cli.Command // from the root to the command meant
	words []string
	// help and version say that only that was asked for.
	help, version bool
}

func (t *typed) command() *cli.Command { return t.path[len(t.path)-1] }

// parse reads a command line as Python's argparse does and puts it into the
// form that the cli library reads: options first, long ones in full, values by
// =, then -- and the arguments. Options may stand anywhere, short ones may be
// joined (-vvv, -fN), long ones shortened while they stay unambiguous. What is
// understood of a wrong line comes back with the error.
func parse(root *cli.Command, argv []string) (*typed, error) {
	out := &typed{path: []*cli.Command{root}}
	var unknown []string
	for {
		c := out.command()
		r := newReader(c)
		err := r.read(argv)
		out.words = append(out.words, r.opts...)
		out.help, out.version = r.help, r.version
		unknown = append(unknown, r.unknown...)
		switch {
		case err != nil || r.help || r.version:
			return out, err
		case len(c.Subcommands) == 0:
			if missing := required(c, len(r.rest)); missing != "" {
				return out, fmt.Errorf("the following arguments are required: %s", missing)
			}
			if len(unknown) > 0 {
				out.path = out.path[:min(2, len(out.path))] // argparse's outermost parser says it
				return out, fmt.Errorf("unrecognized arguments: %s", strings.Join(unknown, " "))
			}
			out.words = append(append(out.words, "--"), r.rest...)
			return out, nil
		case len(r.rest) == 0:
			return out, fmt.Errorf("the following arguments are required: action")
		}
		sub, err := subcommand(c, r.rest[0])
		if err != nil {
			return out, err
		}
		out.path, out.words = append(out.path, sub), append(out.words, r.rest[0])
		argv = r.rest[1:]
	}
}

// required names the arguments that stand in ArgsUsage without brackets, when
// fewer than them were given: "SRC DEST [MORE ...]".
func required(c *cli.Command, given int) string {
	var names []string
	for _, w := range strings.Fields(c.ArgsUsage) {
		if strings.HasPrefix(w, "[") {
			break
		}
		names = append(names, w)
	}
	if given >= len(names) {
		return ""
	}
	return strings.Join(names[given:], ", ")
}

func subcommand(c *cli.Command, name string) (*cli.Command, error) {
	var names []string
	for _, s := range c.Subcommands {
		if s.HasName(name) {
			return s, nil
		}
		if !s.Hidden {
			names = append(names, "'"+s.Name+"'")
		}
	}
	return nil, fmt.Errorf("argument action: invalid choice: '%s' (choose from %s)", name, strings.Join(names, ", "))
}

// reader takes the words of one command apart.
type reader struct {
	sub     bool // the first argument is a command, what follows is its
	options map[string]*option
	long    []string // names of long options, as they were declared

	opts, rest, unknown []string
	seen                []*option
	help, version       bool
}

// option is one flag, under all its names.
type option struct {
	names []string
	flag  cli.Flag
	value bool // takes one
}

func newReader(c *cli.Command) *reader {
	r := &reader{sub: len(c.Subcommands) > 0, options: map[string]*option{}}
	for _, f := range append([]cli.Flag{cli.HelpFlag}, c.Flags...) {
		_, isBool := f.(*cli.BoolFlag)
		o := &option{names: f.Names(), flag: f, value: !isBool}
		for _, n := range o.names {
			r.options[n] = o
			if len(n) > 1 {
				r.long = append(r.long, n)
			}
		}
	}
	return r
}

func (r *reader) read(argv []string) error {
	for i := 0; i < len(argv) && !r.help && !r.version; i++ {
		arg := argv[i]
		used := 1
		var err error
		switch {
		case arg == "--":
			r.rest = append(r.rest, argv[i+1:]...)
			return nil
		case !r.isOption(arg):
			if r.sub {
				r.rest = argv[i:]
				return nil
			}
			r.rest = append(r.rest, arg)
		case strings.HasPrefix(arg, "--"):
			used, err = r.longOption(argv[i:])
		default:
			used, err = r.shortOptions(argv[i:])
		}
		if err != nil {
			return err
		}
		i += used - 1
	}
	return nil
}

var negative = regexp.MustCompile(`^-\d+$|^-\d*\.\d+$`)

// isOption tells an option, known or not, from an argument or a value.
func (r *reader) isOption(arg string) bool {
	if len(arg) < 2 || arg[0] != '-' {
		return false
	}
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		name, _, _ = strings.Cut(name, "=")
		return len(r.complete(name)) > 0 || !strings.Contains(arg, " ")
	}
	if r.options[string([]rune(arg)[1])] != nil {
		return true
	}
	return !negative.MatchString(arg) && !strings.Contains(arg, " ")
}

// longOption reads the option that argv begins with, and says how many words it took.
func (r *reader) longOption(argv []string) (used int, err error) {
	name, val, joined := strings.Cut(argv[0][2:], "=")
	found := r.complete(name)
	switch len(found) {
	case 0:
		r.unknown = append(r.unknown, argv[0])
		return 1, nil
	case 1:
		name = found[0]
	default:
		return 0, fmt.Errorf("ambiguous option: %s could match --%s", argv[0], strings.Join(found, ", --"))
	}
	o := r.options[name]
	if !o.value {
		if joined {
			return 0, fmt.Errorf("argument %s: ignored explicit argument '%s'", o.label(), val)
		}
		return 1, r.take(o, "--"+name, nil)
	}
	used = 1
	if !joined {
		if val, used, err = r.next(o, argv); err != nil {
			return 0, err
		}
	}
	return used, r.take(o, "--"+name, &val)
}

// complete gives the long options that name stands for.
func (r *reader) complete(name string) []string {
	if o := r.options[name]; o != nil && len(name) > 1 {
		return []string{name}
	}
	var found []string
	for _, l := range r.long {
		if strings.HasPrefix(l, name) {
			found = append(found, l)
		}
	}
	return found
}

// shortOptions reads a group of one-letter options, with the value of the last.
func (r *reader) shortOptions(argv []string) (used int, err error) {
	letters := argv[0][1:]
	var last *option
	for i, c := range letters {
		o := r.options[string(c)]
		if o == nil {
			if last == nil {
				r.unknown = append(r.unknown, argv[0])
				return 1, nil
			}
			return 0, fmt.Errorf("argument %s: ignored explicit argument '%s'", last.label(), letters[i:])
		}
		if !o.value {
			if err := r.take(o, "-"+string(c), nil); err != nil || r.help || r.version {
				return 1, err
			}
			last = o
			continue
		}
		val, used := strings.TrimPrefix(letters[i+len(string(c)):], "="), 1
		if letters[i+len(string(c)):] == "" {
			if val, used, err = r.next(o, argv); err != nil {
				return 0, err
			}
		}
		return used, r.take(o, "-"+string(c), &val)
	}
	return 1, nil
}

// next is the word behind an option, its value.
func (r *reader) next(o *option, argv []string) (val string, used int, err error) {
	if len(argv) < 2 || argv[1] == "--" || r.isOption(argv[1]) {
		return "", 0, fmt.Errorf("argument %s: expected one argument", o.label())
	}
	return argv[1], 2, nil
}

// take judges an option's value and notes it.
func (r *reader) take(o *option, as string, val *string) error {
	for _, before := range r.seen {
		if exclude(o, before) {
			return fmt.Errorf("argument %s: not allowed with argument %s", o.label(), before.label())
		}
	}
	r.seen = append(r.seen, o)
	switch {
	case slices.Contains(o.names, "help"):
		r.help = true
		return nil
	case slices.Contains(o.names, "version"):
		r.version = true
		return nil
	case val == nil:
		r.opts = append(r.opts, as)
		return nil
	}
	if err := o.judge(*val); err != nil {
		return err
	}
	r.opts = append(r.opts, as+"="+*val)
	return nil
}

func (o *option) judge(val string) error {
	switch f := o.flag.(type) {
	case *cli.IntFlag:
		if _, err := strconv.Atoi(val); err != nil {
			return fmt.Errorf("argument %s: invalid tag_value value: '%s'", o.label(), val)
		}
	case *choiceFlag:
		if !slices.Contains(f.of, val) {
			return fmt.Errorf("argument %s: invalid choice: '%s' (choose from '%s')", o.label(), val, strings.Join(f.of, "', '"))
		}
	}
	return nil
}

// label is what messages call an option: -i/--inventory/--inventory-file.
func (o *option) label() string { return strings.Join(dashed(o.names), "/") }
