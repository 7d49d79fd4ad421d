package collection

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/jinja/value/yaml"
)

// Group is an action group.
type Group struct {
	Members []string
	Extend  []string
	// Faults say what is wrong with its metadata, each the end of a warning.
	Faults []string
	// Err is of a group that cannot be used.
	Err error
}

func readGroup(name string, n *yaml.Node) *Group {
	g := &Group{}
	entries := 0
	for _, item := range n.Items {
		if item.Kind == yaml.Scalar {
			g.Members = append(g.Members, text(item))
			continue
		}
		metadata := item.Get("metadata")
		if metadata == nil {
			g.Err = source.Errorf(item.Pos, "an entry of the action group %s is neither a name nor metadata", name)
			return g
		}
		entries++
		if faults := g.metadata(item, metadata, entries > 1); len(faults) > 0 {
			g.Faults = append(g.Faults, strings.Join(faults, " "))
		}
	}
	return g
}

// metadata reads a group's metadata and gives what is wrong with it, in the
// reference's words and order. What is right in it counts all the same.
func (g *Group) metadata(item, n *yaml.Node, again bool) (faults []string) {
	if len(item.Pairs) != 1 {
		faults = append(faults, "The only expected key is metadata, but got keys: "+keys(item, ""))
	}
	if again {
		faults = append(faults, "The group contains multiple metadata entries.")
	}
	if n.Kind != yaml.Mapping {
		return append(faults, strings.TrimRight("The metadata is not a dictionary. Got "+value.Text(asTexts(n)), " "))
	}
	if unknown := keys(n, "extend_group"); unknown != "" {
		faults = append(faults, "The metadata contains unexpected keys: "+unknown)
	}
	extend := n.Get("extend_group")
	switch {
	case extend == nil:
	case extend.Kind == yaml.Mapping:
		faults = append(faults, "The metadata contains unexpected key types: extend_group is "+value.Text(asTexts(extend))+" (expected type list)")
	case extend.Kind == yaml.Scalar:
		g.Extend = append(g.Extend, text(extend))
	}
	if extend != nil {
		for _, e := range extend.Items {
			g.Extend = append(g.Extend, text(e))
		}
	}
	return faults
}

// keys are those of a mapping but one, sorted.
func keys(n *yaml.Node, but string) string {
	var names []string
	for _, p := range n.Pairs {
		if name := text(p.Key); name != but {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// asTexts is a node as the reference reads this file: all scalars are texts.
func asTexts(n *yaml.Node) value.Value {
	switch n.Kind {
	case yaml.Mapping:
		d := value.NewDict(len(n.Pairs))
		for _, p := range n.Pairs {
			d.SetStr(text(p.Key), asTexts(p.Value))
		}
		return d
	case yaml.Sequence:
		list := &value.List{}
		for _, item := range n.Items {
			list.Items = append(list.Items, asTexts(item))
		}
		return list
	}
	return value.Str(n.Text)
}

// GroupMembers gives the full names of the actions in a group, itself named in
// full, with those of the groups it extends.
func (f *Finder) GroupMembers(fqcn string) ([]string, bool) {
	var members []string
	_, found := f.eachGroup(fqcn, nil, func(collection string, g *Group) {
		for _, m := range g.Members {
			members = append(members, full(collection, m))
		}
	})
	return members, found
}

// GroupFaults gives the warnings about a group and those it extends; an error
// for what keeps it from being used.
func (f *Finder) GroupFaults(fqcn string) (warnings []string, err error) {
	names, _ := f.eachGroup(fqcn, nil, func(_ string, g *Group) {
		if err == nil {
			err = g.Err
		}
	})
	for _, name := range names {
		collection, group, _ := Split(name)
		r, err := f.Routing(collection)
		if err != nil {
			return nil, err
		}
		for _, fault := range r.Groups[group].Faults {
			warnings = append(warnings, "Invalid metadata was found for action_group "+name+" while loading module_defaults. "+fault)
		}
	}
	return warnings, err
}

// eachGroup calls fn with a group and with all it extends, each once, and gives their names.
func (f *Finder) eachGroup(fqcn string, seen []string, fn func(collection string, g *Group)) (names []string, found bool) {
	if slices.Contains(seen, fqcn) {
		return seen, true
	}
	collection, name, ok := Split(fqcn)
	if !ok {
		return seen, false
	}
	r, err := f.Routing(collection)
	if err != nil || r.Groups[name] == nil {
		return seen, false
	}
	g := r.Groups[name]
	fn(collection, g)
	seen = append(seen, fqcn)
	for _, e := range g.Extend {
		seen, _ = f.eachGroup(full(collection, e), seen, fn)
	}
	return seen, true
}

// full is a name of a group's with its collection.
func full(collection, name string) string {
	if strings.Count(name, ".") >= 2 {
		return name
	}
	return collection + "." + name
}
