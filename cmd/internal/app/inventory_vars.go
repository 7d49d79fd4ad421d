package app

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
	"github.com/churten/churten/parser/inventory"
	"github.com/churten/churten/parser/load"
	"github.com/churten/churten/parser/vault"
	"github.com/churten/churten/strategy/vars"
)

// internalNames are variables of the run itself, which are nobody's to show.
var internalNames = []string{"ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_dependent_role_names", "ansible_diff_mode",
	"ansible_facts", "ansible_forks", "ansible_inventory_sources", "ansible_limit", "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all",
	"ansible_play_role_names", "ansible_playbook_python", "ansible_role_name", "ansible_role_names", "ansible_run_tags", "ansible_skip_tags",
	"ansible_verbosity", "ansible_version", "group_names", "groups", "hostvars", "inventory_dir", "inventory_file", "inventory_hostname",
	"inventory_hostname_short", "play_hosts", "playbook_dir", "role_name", "role_names", "role_path", "role_uuid"}

// reservedNames are variables that a play takes for something else; seen on
// ansible-core 2.19.
var reservedNames = strings.Fields(`action always any_errors_fatal args async async_val become become_exe become_flags become_method become_user
	block changed_when check_mode collections connection cycler debugger delay delegate_facts delegate_to dict diff environment fact_path failed_when
	force_handlers gather_facts gather_timeout handlers hosts ignore_errors ignore_unreachable joiner lipsum local_action lookup loop loop_control
	loop_with max_fail_percentage module_defaults name namespace no_log notify now omit order poll port post_tasks pre_tasks q query range register
	remote_user rescue retries roles run_once serial strategy tags tasks throttle timeout undef until vars_files vars_prompt when with_`)

// computed marks a value that constructed made: its texts are nobody's templates.
type computed struct{ v value.Value }

func (computed) Type() string { return "computed" }

// hostVars gives a host's variables as they were written: all levels merged,
// or only its own for --export.
func (v *inventoryView) hostVars(h *inventory.Host) (*value.Dict, error) {
	if v.export {
		layers, err := v.inv.OwnLayers(h, v.o.Dir != "")
		if err != nil {
			return nil, varsError(err)
		}
		return without(v.merged(layers)), nil
	}
	layers, err := v.inv.Layers(h)
	if err != nil {
		return nil, varsError(err)
	}
	seen := map[string]bool{}
	for _, l := range layers {
		for _, w := range v.inv.Reserved(l) {
			if !seen[w.Msg] { // a level above keeps the place of the first
				seen[w.Msg] = true
				v.display.Warning(w.Text())
			}
		}
	}
	d := v.merged(layers)
	facts, err := v.facts(h.Name)
	if err != nil {
		return nil, err
	}
	v.lay(d, facts, nil)
	v.lay(d, v.extra, nil)
	return without(d), nil
}

// openFacts opens the cache of facts, and empties it where that is asked for.
func (v *inventoryView) openFacts() error {
	cache, err := v.usedCache()
	if cache == nil || err != nil {
		return err
	}
	v.cache, v.known = cache, v.newStore(1, false)
	if v.o.FlushCache {
		return v.flushCache(cache)
	}
	return nil
}

// facts gives what the cache has of a host and is a variable; nobody's templates.
func (v *inventoryView) facts(host string) (*value.Dict, error) {
	if v.cache == nil {
		return nil, nil
	}
	facts, err := v.cachedFacts(v.cache, host)
	if facts == nil || err != nil {
		return nil, err
	}
	for k := range facts.All() {
		if name := value.Text(k); vars.Restricted(name) {
			v.display.Warning("Removed restricted key from module data: " + name)
		}
	}
	injected := v.known.Variables(facts)
	v.warnReserved(injected)
	return injected.MapValues(func(x value.Value) value.Value { return computed{x} }), nil
}

// groupVars gives what sources and files say of a group itself.
func (v *inventoryView) groupVars(name string) (*value.Dict, error) {
	layers, err := v.inv.GroupLayers(name, v.o.Dir != "")
	if err != nil {
		return nil, varsError(err)
	}
	d := v.merged(layers)
	if p := v.inv.Priority(name); p != 1 {
		d.SetStr("ansible_group_priority", value.Int(p))
	}
	return without(d), nil
}

func without(d *value.Dict) *value.Dict {
	for _, n := range internalNames {
		d.Delete(value.Str(n))
	}
	return d
}

func (v *inventoryView) merged(layers []inventory.Layer) *value.Dict {
	d := value.NewDict(8)
	for _, l := range layers {
		v.lay(d, l.Vars, l.Computed)
	}
	return d
}

// lay lays dict over d.
func (v *inventoryView) lay(d, over *value.Dict, made map[string]bool) {
	if over == nil {
		return
	}
	for k, x := range over.All() {
		if s, ok := k.(value.Str); ok && made[string(s)] {
			x = computed{x}
		}
		low, there := d.Get(k)
		if v.invOpts.MergeHash && there {
			if a, ok := low.(*value.Dict); ok {
				if b, ok := x.(*value.Dict); ok {
					x = vars.Merge(a, b)
				}
			}
		}
		d.Set(k, x)
	}
}

// form is what variables are shown as.
type form int

const (
	forJSON form = iota
	forYAML
	forTOML
	forGraph
)

// plain gives x as plain data that a form can write.
func (v *inventoryView) plain(x value.Value, f form) (value.Value, error) {
	return v.plainFor(x, f, false)
}

func (v *inventoryView) plainFor(x value.Value, f form, made bool) (value.Value, error) {
	switch x := x.(type) {
	case computed:
		return v.plainFor(x.v, f, true)
	case *load.Unsafe:
		if f == forJSON && v.o.Host == "" { // --host does not tell them apart
			return value.DictOf("__ansible_unsafe", x.Text), nil
		}
		return x.Text, nil
	case *vault.Text:
		switch f {
		case forJSON:
			return value.DictOf("__ansible_vault", value.Str(x.Cipher())), nil
		case forYAML:
			return &yaml.Tagged{Tag: "!vault", Text: x.Cipher()}, nil
		}
		plain, err := x.Force()
		var at *source.Error
		if errors.As(err, &at) && at.Err != nil {
			err = &source.Error{Pos: at.Pos, Msg: at.Err.Error()}
		}
		return plain, err
	case value.Str:
		if !utf8.ValidString(string(x)) {
			x = value.Str(strings.ToValidUTF8(string(x), "?"))
			v.display.Warning("Non UTF-8 encoded data replaced with \"?\" while displaying text to stdout/stderr.")
		}
		if f == forJSON && made && v.o.Host == "" {
			return value.DictOf("__ansible_unsafe", x), nil
		}
		return x, nil
	case *value.Dict:
		return v.once(x, f, func() (value.Value, error) { return v.plainDict(x, f, made) })
	case *value.List:
		return v.once(x, f, func() (value.Value, error) { return v.plainItems(x.Items, f, made) })
	case *value.Tuple:
		return v.plainItems(x.Items, f, made)
	case *value.Set:
		var items []value.Value
		for e := range x.All() {
			items = append(items, e)
		}
		return v.plainItems(items, f, made)
	case value.Bytes:
		if f == forJSON {
			return nil, &unexpected{"Object of type '_AnsibleTaggedBytes' is not JSON serializable by the 'inventory_legacy' profile."}
		}
		return x, nil
	}
	if raw := inventory.Raw(x); raw != x {
		return raw, nil
	}
	return x, nil
}

// once makes plain what stands in several places once, for YAML, which says that
// it is the same.
func (v *inventoryView) once(x value.Value, f form, plain func() (value.Value, error)) (value.Value, error) {
	if f != forYAML {
		return plain()
	}
	if p, ok := v.shared[x]; ok {
		return p, nil
	}
	p, err := plain()
	if err == nil {
		if v.shared == nil {
			v.shared = map[value.Value]value.Value{}
		}
		v.shared[x] = p
	}
	return p, err
}

func (v *inventoryView) plainDict(d *value.Dict, f form, made bool) (value.Value, error) {
	out := value.NewDict(d.Len())
	for k, x := range d.All() {
		p, err := v.plainFor(x, f, made)
		if err != nil {
			return nil, err
		}
		if f == forJSON {
			k = value.Str(jsonKey(k))
		}
		out.Set(k, p)
	}
	return out, nil
}

// jsonKey is a dict's key as Python's json has it.
func jsonKey(k value.Value) string {
	switch k := k.(type) {
	case value.NoneType:
		return "null"
	case value.Bool:
		return strings.ToLower(value.Text(k))
	}
	return value.Text(k)
}

// varsError is an error in files of variables: ansible-inventory does not say
// where in them.
func varsError(err error) error {
	var at *source.Error
	if errors.As(err, &at) {
		return &ContentError{errors.New(at.Msg)}
	}
	return &ContentError{err}
}

func (v *inventoryView) plainItems(items []value.Value, f form, made bool) (value.Value, error) {
	out := make([]value.Value, len(items))
	for i, x := range items {
		p, err := v.plainFor(x, f, made)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return &value.List{Items: out}, nil
}
