package collection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// Routing is what meta/runtime.yml of a collection says.
type Routing struct {
	RequiresAnsible string
	// Groups are the action groups: members, and other groups whose members
	// they take in.
	Groups  map[string]*Group
	plugins map[string]map[string]*Entry
}

// Entry is the routing of one plugin.
type Entry struct {
	Redirect     string
	ActionPlugin string
	Deprecation  *Notice
	Tombstone    *Notice
}

// Notice is a deprecation or a removal.
type Notice struct {
	Text, Version, Date string
}

// Entry gives the routing of a plugin, nil if there is none.
func (r *Routing) Entry(kind Kind, name string) *Entry {
	return r.plugins[kind.routingKey()][name]
}

func readRouting(n *yaml.Node) *Routing {
	r := &Routing{plugins: map[string]map[string]*Entry{}, Groups: map[string]*Group{}}
	if n.Kind != yaml.Mapping {
		return r
	}
	r.RequiresAnsible = textAt(n, "requires_ansible")
	if kinds := n.Get("plugin_routing"); kinds != nil {
		for _, kind := range kinds.Pairs {
			entries := map[string]*Entry{}
			for _, p := range kind.Value.Pairs {
				entries[text(p.Key)] = readEntry(p.Value)
			}
			r.plugins[text(kind.Key)] = entries
		}
	}
	groups := n.Get("action_groups")
	if groups == nil {
		return r
	}
	for _, p := range groups.Pairs {
		r.Groups[text(p.Key)] = readGroup(text(p.Key), p.Value)
	}
	return r
}

func readEntry(n *yaml.Node) *Entry {
	if n.Kind != yaml.Mapping {
		return &Entry{}
	}
	return &Entry{
		Redirect: textAt(n, "redirect"), ActionPlugin: textAt(n, "action_plugin"),
		Deprecation: readNotice(n.Get("deprecation")), Tombstone: readNotice(n.Get("tombstone")),
	}
}

func readNotice(n *yaml.Node) *Notice {
	if n == nil || n.Kind != yaml.Mapping {
		return nil
	}
	return &Notice{Text: textAt(n, "warning_text"), Version: textAt(n, "removal_version"), Date: textAt(n, "removal_date")}
}

func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.Scalar || n.Value == nil || n.Value == value.Value(value.None) {
		return ""
	}
	return value.Text(n.Value)
}

func textAt(n *yaml.Node, key string) string { return text(n.Get(key)) }

// Found is where a name led.
type Found struct {
	FQCN string // after all redirects
	Path string // of its file; "" for what the caller has itself
	// Action is the file of the action plugin that goes before the module; of
	// what has no module it is Path too.
	Action string
	// ActionName is the plugin's full name, where its collection names another for
	// the module than the module's own.
	ActionName string
	// Redirects are the names on the way, the first asked for included.
	Redirects []string
	// Deprecations met on the way, with the name each is about.
	Deprecations []Deprecated
}

// Deprecated is a name that is to go away.
type Deprecated struct {
	Name string
	Notice
}

// Removed is the error for a plugin that its collection has dropped.
type Removed struct {
	Name string
	What Kind
	Notice
}

func (e *Removed) Error() string {
	return sentence("The '"+e.Name+"' "+strings.TrimSuffix(string(e.What), "s")+" has been removed.", e.Name, "was removed", e.Notice)
}

// Message is the reference's warning about a deprecated name.
func (d Deprecated) Message() string {
	return sentence(d.Name+" has been deprecated.", d.Name, "will be removed", d.Notice)
}

// Registered is the warning as results have it: without when the name goes, and
// with version or date and the collection apart.
func (d Deprecated) Registered() (msg, version, date, collection string) {
	msg = d.Name + " has been deprecated."
	if d.Text != "" {
		msg += " " + strings.TrimSuffix(d.Text, ".") + "."
	}
	collection, _, _ = Split(d.Name)
	return msg, d.Version, d.Date, collection
}

// UtilMessage is what the reference says of a module_util of a collection that
// is to go away, or is gone.
func UtilMessage(name, collection string, n Notice, gone bool) string {
	first := "module_util " + name + " has been removed"
	if n.Text != "" {
		first += " (" + n.Text + ")"
	}
	n.Text = ""
	verb := "will be removed"
	if gone {
		verb = "was removed"
	}
	return sentence(first+".", collection+".x", verb, n)
}

// sentence says what is or will be gone, why, and since or from when on.
func sentence(first, name, gone string, n Notice) string {
	parts := []string{first}
	if n.Text != "" {
		parts = append(parts, strings.TrimSuffix(n.Text, ".")+".")
	}
	collection, _, _ := Split(name)
	when := "in a release after " + n.Date
	if n.Date == "" {
		when = "version " + n.Version
	}
	if collection == "ansible.builtin" {
		collection = "ansible-core"
	} else {
		collection = "collection '" + collection + "'"
	}
	return strings.Join(append(parts, "This feature "+gone+" from "+collection+" "+when+"."), " ")
}

// maxRedirects bounds a chain of redirects.
const maxRedirects = 10

// Find looks for a plugin by name: a full name as it is, a short one in each
// of collections in turn. native tells names that need no file: the caller's
// own. ok is false when nothing has the name; the error is a *Removed, a chain
// of redirects without end, or routing that cannot be read.
func (f *Finder) Find(kind Kind, name string, collections []string, native func(fqcn string) bool) (found *Found, ok bool, err error) {
	names := []string{name}
	if _, _, full := Split(name); !full {
		names = nil
		for _, c := range collections {
			names = append(names, c+"."+name)
		}
	}
	for _, n := range names {
		found, ok, err := f.follow(kind, n, native)
		if ok || err != nil {
			return found, ok, err
		}
	}
	return nil, false, nil
}

func (f *Finder) follow(kind Kind, name string, native func(string) bool) (*Found, bool, error) {
	found := &Found{}
	for {
		if slices.Contains(found.Redirects, name) || len(found.Redirects) > maxRedirects {
			return nil, false, fmt.Errorf("plugin redirect loop resolving %s (path: %s)", found.Redirects[0], value.Repr(value.Strings(found.Redirects...)))
		}
		found.Redirects = append(found.Redirects, name)
		collection, rest, full := Split(name)
		if !full {
			return nil, false, nil
		}
		if collection == builtin && native != nil && native(name) {
			found.FQCN = name // what ansible-core has itself is not routed
			return found, true, nil
		}
		r, err := f.Routing(collection)
		if err != nil {
			return nil, false, err
		}
		e := r.Entry(kind, rest)
		if e == nil && kind == Modules {
			e = r.Entry(Actions, rest)
		}
		switch {
		case e != nil && e.Tombstone != nil:
			return nil, false, &Removed{Name: name, What: kind, Notice: *e.Tombstone}
		case e != nil && e.Deprecation != nil:
			found.Deprecations = append(found.Deprecations, Deprecated{name, *e.Deprecation})
		}
		if e != nil && e.Redirect != "" {
			name = e.Redirect
			if strings.Count(name, ".") < 2 {
				name = collection + "." + name
			}
			continue
		}
		found.FQCN = name
		if native != nil && native(name) {
			return found, true, nil
		}
		path, ok := f.File(kind, name)
		found.Path = path
		return found, ok, nil
	}
}
