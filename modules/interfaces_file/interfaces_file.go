// Package interfacesfile changes options of interfaces in files of
// interfaces(5)'s kind, and tells what is in them.
//
// document.go has the file as lines and changes them; this file reads, writes
// and answers.
//
// Source: documentation of community.general.interfaces_file, interfaces(5);
// results, messages and files seen on community.general 11.4
// (testdata/cases.yml, testdata/twins.yml).
package interfacesfile

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
)

// Module is the interfaces_file module.
var Module = module.Module{
	Name: "community.general.interfaces_file", Aliases: []string{"ansible.builtin.interfaces_file"}, Doc: "Change options of interfaces in files of interfaces(5)'s kind.",
	Check: true,
	Spec: module.Spec{
		Args: []module.Arg{
			{Name: "dest", Type: module.Path, Default: value.Str("/etc/network/interfaces"), Doc: "The file."},
			{Name: "iface", Doc: "Name of the interface."},
			{Name: "address_family", Doc: "Only its stanzas of that family."},
			{Name: "option", Doc: "Name of the option; method is that of the interface."},
			{Name: "value", Doc: "Its value. Of pre-up, up, down and post-up there may be several."},
			{Name: "backup", Type: module.Bool, Default: value.False, Doc: "Keep a copy of the file as it was."},
			{Name: "state", Default: value.Str("present"), Choices: []string{"absent", "present"}, Doc: "Whether the option shall be there."},
		},
		Rules:    module.Rules{RequiredBy: []module.RequiredBy{{Arg: "option", Then: []string{"iface"}}}},
		FileArgs: true,
	},
	Differs: []string{
		"Owner, group, mode and so on are applied to the file; the reference takes them and does nothing.",
		"Lines that end with a backslash are read together with what continues them, and the last line may lack its newline.",
		"An option that stands there without a value gets one behind a blank; one that is added to an empty stanza is always indented.",
		"Line breaks in values, empty names and address_family as an option are refused. rename begins a stanza.",
	},
	Run: run,
}

func run(ctx context.Context, c *module.Call) (*module.Result, error) {
	a := c.Args
	w := want{iface: a.Str("iface"), family: a.Str("address_family"), option: a.Str("option"), text: strings.TrimSpace(a.Str("value")), hasText: a.Given("value")}
	absent := a.Str("state") == "absent"
	switch {
	case !a.Given("option"):
	case !absent && !w.hasText:
		return nil, module.Failf("Value must be set if option is defined and state is 'present'")
	case w.option == "" || strings.ContainsAny(w.option, " \t\r\n#\\") || w.option == "address_family" || w.option == "iface" || stanza(w.option):
		return nil, module.Failf("'%s' is no option of an interface", w.option)
	case strings.ContainsAny(w.text, "\r\n") || strings.HasSuffix(w.text, "\\") || w.option == "method" && !absent && len(strings.Fields(w.text)) != 1:
		return nil, module.Failf("the value of %s cannot be '%s'", w.option, w.text)
	}
	path := a.Str("dest")
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New(file.PyErrorText(err, path))
	}
	d, err := parse(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)))
	if err != nil {
		return nil, err
	}
	changed := false
	if a.Given("option") && absent {
		changed, err = d.absent(w)
	} else if a.Given("option") {
		changed, err = d.present(w)
	}
	if err != nil {
		return nil, err
	}
	if changed && !c.Check {
		if err := write(ctx, c, path, d.text()); err != nil {
			return nil, err
		}
	}
	attrs := file.AttrsOf(c)
	did, err := attrs.Apply(ctx, path, c.Check, nil)
	if err != nil {
		return nil, err
	}
	return &module.Result{Changed: changed || did, Values: value.DictOf("dest", a.Value("dest"), "changed", value.None, "ifaces", d.dict())}, nil
}

func write(ctx context.Context, c *module.Call, path, text string) error {
	if c.Args.Bool("backup") {
		if _, err := file.Backup(ctx, path); err != nil {
			return err
		}
	}
	attrs := file.AttrsOf(c)
	return file.Replace(ctx, path, []byte(text), c.Tmp, file.Options{Unsafe: c.Args.Bool("unsafe_writes"), New: &attrs})
}
