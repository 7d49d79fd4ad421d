// Package getent reads the host's databases of users, groups, hosts and so on
// into facts, by way of getent(1).
//
// Source: documentation of ansible.builtin.getent; getent(1); results and
// messages seen on ansible-core 2.19 (testdata/twins.yml).
package getent

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// Module is the getent module.
var Module = module.Module{
	Name: "ansible.builtin.getent", Doc: "Look up entries of passwd, group, hosts and other databases.",
	Check:       true,
	ChangedLast: true,
	Spec: module.Spec{Args: []module.Arg{
		{Name: "database", Required: true, Doc: "The database, as getent names it."},
		{Name: "key", Doc: "The entry to look up; all entries when not given."},
		{Name: "service", Doc: "Ask this service only, whatever nsswitch.conf says."},
		{Name: "split", Doc: "What parts the fields of an entry; known for the usual databases."},
		{Name: "fail_key", Type: module.Bool, Default: value.True, Doc: "Fail when the key is not there."},
	}},
	Run: run,
}

// colons are the databases whose fields are parted by colons.
var colons = map[string]bool{"passwd": true, "shadow": true, "group": true, "gshadow": true}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	program, err := tool.Find(c, "getent")
	if err != nil {
		return nil, err
	}
	database := c.Args.Str("database")
	argv := []string{program, database}
	if c.Args.Given("key") {
		argv = append(argv, c.Args.Str("key"))
	}
	if c.Args.Given("service") {
		argv = append(argv, "-s", c.Args.Str("service"))
	}
	split := c.Args.Str("split")
	if !c.Args.Given("split") && colons[database] {
		split = ":"
	} else if c.Args.Given("split") && split == "" {
		return nil, module.Failf("split: an empty text parts nothing")
	}
	out, err := tool.Run(ctx, c, argv...)
	if err != nil {
		return nil, err
	}
	entries := value.NewDict(8)
	msg := "Unexpected failure!"
	switch out.RC {
	case 0:
		parse(entries, out.Stdout, split)
		return facts(database, entries, ""), nil
	case 1:
		msg = "Missing arguments, or database unknown."
	case 2:
		msg = "One or more supplied key could not be found in the database."
		if !c.Args.Bool("fail_key") {
			entries.Set(c.Args.Value("key"), value.None)
			return facts(database, entries, msg), nil
		}
	case 3:
		msg = "Enumeration not supported on this database."
	}
	return nil, module.Failf("%s", msg)
}

func facts(database string, entries *value.Dict, msg string) *module.Result {
	return &module.Result{Msg: msg, Facts: value.DictOf("getent_"+database, entries), Values: value.DictOf("ansible_facts", value.None)}
}

// parse reads getent's lines; split "" parts at blanks. A key that comes more
// than once has a list of all its entries.
func parse(entries *value.Dict, text, split string) {
	seen := map[string]int{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		var f []string
		if split == "" {
			f = strings.Fields(line)
		} else {
			f = strings.Split(line, split)
		}
		if len(f) == 0 {
			continue
		}
		rest := value.Strings(f[1:]...)
		switch old, _ := entries.GetStr(f[0]); seen[f[0]] {
		case 0:
			entries.SetStr(f[0], rest)
		case 1:
			entries.SetStr(f[0], value.NewList(old, rest))
		default:
			l := old.(*value.List)
			l.Items = append(l.Items, rest)
		}
		seen[f[0]]++
	}
}
