package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// normalise puts a command line as Python's argparse takes it into the form
// that the cli library reads: options first, long ones in full, values by =,
// then -- and the arguments. Options may stand anywhere, short ones may be
// joined (-vvv, -fN), long ones shortened while they stay unambiguous.
func normalise(flags []cli.Flag, argv []string) ([]string, error) {
	takesValue, labels := map[string]bool{}, map[string]string{}
	var long []string
	for _, f := range append(slices.Clip(flags), cli.HelpFlag) {
		_, isBool := f.(*cli.BoolFlag)
		for _, n := range f.Names() {
			takesValue[n], labels[n] = !isBool, label(f.Names())
			if len(n) > 1 {
				long = append(long, n)
			}
		}
	}
	var opts, rest []string
	for i := 0; i < len(argv); i++ {
		arg := argv[i]
		switch {
		case arg == "--":
			rest = append(rest, argv[i+1:]...)
			i = len(argv)
		case strings.HasPrefix(arg, "--"):
			name, val, joined := strings.Cut(arg[2:], "=")
			full, err := complete(long, name)
			if err != nil {
				return nil, err
			}
			switch {
			case !takesValue[full] && joined:
				return nil, fmt.Errorf("argument %s: ignored explicit argument '%s'", labels[full], val)
			case !takesValue[full]:
				opts = append(opts, "--"+full)
			default:
				if !joined {
					if i++; i >= len(argv) {
						return nil, fmt.Errorf("argument %s: expected one argument", labels[full])
					}
					val = argv[i]
				}
				opts = append(opts, "--"+full+"="+val)
			}
		case len(arg) > 1 && arg[0] == '-':
			used, more, err := short(takesValue, labels, argv[i:])
			if err != nil {
				return nil, err
			}
			opts = append(opts, more...)
			i += used - 1
		default:
			rest = append(rest, arg)
		}
	}
	return append(append(opts, "--"), rest...), nil
}

// label is what messages call an option: -i/--inventory/--inventory-file.
func label(names []string) string {
	var short, long []string
	for _, n := range names {
		if len(n) > 1 {
			long = append(long, "--"+n)
		} else {
			short = append(short, "-"+n)
		}
	}
	return strings.Join(append(short, long...), "/")
}

// complete gives the long option that name stands for.
func complete(long []string, name string) (string, error) {
	if slices.Contains(long, name) {
		return name, nil
	}
	var found []string
	for _, l := range long {
		if strings.HasPrefix(l, name) {
			found = append(found, l)
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("unrecognized arguments: --%s", name)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("ambiguous option: --%s could match --%s", name, strings.Join(found, ", --"))
}

// short takes a group of one-letter options apart, with the value of the last.
func short(takesValue map[string]bool, labels map[string]string, argv []string) (used int, opts []string, err error) {
	letters := argv[0][1:]
	for i, r := range letters {
		name := string(r)
		value, known := takesValue[name]
		if !known {
			return 0, nil, fmt.Errorf("unrecognized arguments: -%s", letters[i:])
		}
		if !value {
			opts = append(opts, "-"+name)
			continue
		}
		val := strings.TrimPrefix(letters[i+len(name):], "=")
		used = 1
		if letters[i+len(name):] == "" {
			if len(argv) < 2 {
				return 0, nil, fmt.Errorf("argument %s: expected one argument", labels[name])
			}
			val, used = argv[1], 2
		}
		return used, append(opts, "-"+name+"="+val), nil
	}
	return 1, opts, nil
}
