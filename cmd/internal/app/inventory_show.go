package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/strategy"
	"github.com/churten/churten/strategy/vars"
)

// InventoryOptions are the flags of ansible-inventory as they were given.
type InventoryOptions struct {
	PlaybookOptions
	List, Graph  bool
	Host         string
	Group        string // where --graph begins
	YAML, TOML   bool
	Vars, Export bool
	Output       string
}

// exitUnexpected is the reference's status of an exception nobody thought of.
const exitUnexpected = 250

// Inventory shows the inventory and gives the exit code.
func Inventory(ctx context.Context, o InventoryOptions) (int, error) {
	if err := o.oneAction(); err != nil {
		return 0, err
	}
	s, err := newSession(ctx, &o.PlaybookOptions)
	if err != nil {
		return 0, err
	}
	if o.Dir != "" {
		if st, err := os.Stat(o.Dir); err != nil || !st.IsDir() {
			s.display.Warning(fmt.Sprintf("Ignoring invalid path provided to plugin path: '%s' is not a directory", absolute(o.Dir)))
		}
	}
	if err := s.readSources(ctx, true); err != nil {
		return 0, err
	}
	v := &inventoryView{session: s, o: &o, export: o.Export || s.set.Bool("INVENTORY_EXPORT")}
	if err := v.openFacts(); err != nil {
		return 0, err
	}
	text, err := v.text()
	var bug *unexpected
	if errors.As(err, &bug) {
		s.display.Error(bug.Error(), true)
		return exitUnexpected, nil
	}
	if err != nil {
		return 0, err
	}
	if text == "" {
		return 1, nil
	}
	if o.Output == "" {
		_, err = fmt.Fprintln(o.Out, strings.TrimSuffix(text, "\n"))
		return 0, err
	}
	if err := os.WriteFile(o.Output, []byte(text), 0o666); err != nil { // #nosec G306: as the user's umask has it, like the reference
		return 0, fmt.Errorf("Unable to write to destination file %s: %s", value.QuoteRepr(o.Output), file.PyError(err, o.Output))
	}
	return 0, nil
}

func (o *InventoryOptions) oneAction() error {
	n := 0
	for _, given := range []bool{o.List, o.Graph, o.Host != ""} {
		if given {
			n++
		}
	}
	switch {
	case n == 0:
		return &OptionsError{errors.New("No action selected, at least one of --host, --graph or --list needs to be specified.")}
	case n > 1:
		return &OptionsError{errors.New("Conflicting options used, only one of --host, --graph or --list can be used at the same time.")}
	}
	return nil
}

// inventoryView shows an inventory in the forms of ansible-inventory.
type inventoryView struct {
	*session
	o      *InventoryOptions
	export bool
	// available are the hosts within the limit.
	available map[string]bool
	cache     strategy.FactCache
	known     *vars.Store                 // of what the cache has
	shared    map[value.Value]value.Value // see once
}

func (v *inventoryView) text() (string, error) {
	if v.o.Host != "" {
		return v.host()
	}
	hosts, err := v.limited()
	if err != nil {
		return "", err
	}
	switch {
	case v.o.Graph:
		return v.graph()
	case v.o.YAML:
		d, err := v.yamlTree()
		if err != nil {
			return "", err
		}
		return v.dump(d)
	case v.o.TOML:
		d, err := v.tomlTree()
		if err != nil {
			return "", err
		}
		return v.dump(d)
	}
	d, err := v.jsonTree(hosts)
	if err != nil {
		return "", err
	}
	return v.dump(d)
}

// limited gives the hosts within the limit.
func (v *inventoryView) limited() ([]*inventory.Host, error) {
	hosts := v.inv.Hosts()
	if v.o.Limit != "" {
		var warnings []string
		var err error
		if hosts, warnings, err = v.inv.Limit(hosts, v.o.Limit); err != nil {
			return nil, err
		}
		for _, w := range warnings {
			v.display.Warning(w)
		}
	}
	v.available = make(map[string]bool, len(hosts))
	for _, h := range hosts {
		v.available[h.Name] = true
	}
	return hosts, nil
}

func (v *inventoryView) host() (string, error) {
	hosts, warnings, err := v.inv.Match(v.o.Host)
	if err != nil {
		return "", err
	}
	for _, w := range warnings {
		v.display.Warning(w)
	}
	if len(hosts) != 1 {
		return "", &OptionsError{errors.New("You must pass a single valid host to --host parameter")}
	}
	vars, err := v.hostVars(hosts[0])
	if err != nil {
		return "", err
	}
	return v.dump(vars)
}

// dump writes d in the form asked for.
func (v *inventoryView) dump(d *value.Dict) (string, error) {
	switch {
	case v.o.YAML:
		plain, err := v.plain(d, forYAML)
		if err != nil {
			return "", err
		}
		return yaml.Dump(plain, yaml.DumpOptions{Flow: yaml.Block, SortKeys: true, Aliases: true})
	case v.o.TOML:
		plain, err := v.plain(d, forTOML)
		if err != nil {
			return "", err
		}
		return tomlText(plain.(*value.Dict))
	}
	plain, err := v.plain(d, forJSON)
	if err != nil {
		return "", err
	}
	return value.JSON{Indent: 4, SortKeys: true, KeepUTF8: true}.Text(plain)
}
