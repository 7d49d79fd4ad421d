package app

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/churten/churten/compat/collection"
	"github.com/churten/churten/jinja/lookup"
	"github.com/churten/churten/jinja/source"
	"github.com/churten/churten/jinja/syntax"
	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/plan"
	"github.com/churten/churten/strategy"
	"github.com/churten/churten/strategy/connection"
	"github.com/churten/churten/strategy/remote"
)

// natives are the kinds of plugins without a registry of their own that churten has.
var natives = map[string][]string{
	"connection":    {"ssh", "smart", "paramiko", "paramiko_ssh", "local"},
	"become method": remote.BecomeMethods(),
}

const (
	ownNote    = "ansible-core's own"
	notHere    = ownNote + ", which is not found here"
	kindNotRun = "plugins of this kind are not run"
)

// run tells of a file of Python what a run does with it.
func run(file, note, why string) (string, string, string) {
	if why != "" {
		return needRefused, file, why
	}
	return needPython, file, note
}

// notRun says why a run does not take plugins of a kind from Python; "" where it does.
func notRun(kind string) string {
	switch kind {
	case "strategy":
		return kindNotRun
	}
	return ""
}

// module notes a task's action.
func (c *checker) module(t *plan.Task) {
	c.use("module", t.Action, t.ActionPos, func() (string, string, string) {
		found, err := c.names.Resolve(t.Action, t.Collections)
		switch {
		case err != nil:
			return needMissing, "", firstLine(err)
		case found == nil && inReference("module", t.Action):
			return needRefused, "", notHere
		case found == nil:
			return needMissing, "", ""
		case found.Path != "":
			return run(found.Path, "", c.names.foreign.note(found))
		case found.FQCN != t.Action && found.FQCN != "ansible.builtin."+t.Action:
			return needNative, "", found.FQCN
		}
		return needNative, "", ""
	})
}

// named notes a plugin that a keyword or a variable names.
func (c *checker) named(kind string, v value.Value, pos source.Pos) {
	if v == nil || v == value.Value(value.None) {
		return
	}
	if p, ok := v.(value.Positioned); ok && !p.Position().IsZero() {
		pos = p.Position()
	}
	name, literal := v.(value.Str)
	if !literal {
		c.values(pos, v)
		c.use(kind, textOf(v), pos, func() (string, string, string) { return needUnknown, "", "a template" })
		return
	}
	c.use(kind, string(name), pos, func() (string, string, string) { return c.plugin(kind, string(name)) })
}

var (
	pluginKinds = map[string]collection.Kind{"filter": collection.Filters, "test": collection.Tests, "lookup": collection.Lookups,
		"connection": collection.Connections, "become method": collection.Become, "callback": collection.Callbacks, "strategy": "strategy"}
	pluginDirs = map[string]string{"connection": "connection_plugins", "become method": "become_plugins", "lookup": "lookup_plugins",
		"filter": "filter_plugins", "test": "test_plugins", "callback": "callback_plugins", "strategy": "strategy_plugins"}
)

// plugin tells what there is under the name of a plugin.
func (c *checker) plugin(kind, name string) (status, file, note string) {
	if c.native(kind, name) {
		return needNative, "", ""
	}
	for dir := range c.beside() {
		path := filepath.Join(dir, pluginDirs[kind])
		if found, ok := collection.PluginFile(filepath.Join(path, name), pluginKinds[kind]); ok {
			return run(found, "", notRun(kind))
		}
		// Filters and tests have names that their files do not tell.
		if own := ownPlugin(path, kind); own != "" && (kind == "filter" || kind == "test") {
			return needPython, own, "or another file beside it"
		}
	}
	found, ok, err := c.names.Finder.Find(pluginKinds[kind], name, nil, func(fqcn string) bool { return c.native(kind, fqcn) })
	switch {
	case err != nil:
		return needMissing, "", firstLine(err)
	case ok && found.Path == "":
		return needNative, "", found.FQCN
	case ok:
		return run(found.Path, "", notRun(kind))
	}
	if inReference(kind, name) {
		return run("", ownNote, notRun(kind))
	}
	if space, _, ok := collection.Split(name); ok && (kind == "filter" || kind == "test") {
		if dir, ok := c.names.Finder.Dir(space); ok {
			if own := ownPlugin(filepath.Join(dir, "plugins", kind), kind); own != "" {
				return needPython, own, "or another file beside it"
			}
		}
	}
	return needMissing, "", ""
}

func (c *checker) native(kind, name string) bool {
	short := strings.TrimPrefix(strings.TrimPrefix(name, "ansible.builtin."), "ansible.legacy.")
	switch kind {
	case "filter":
		return c.s.env.Filter(name) != nil
	case "test":
		return c.s.env.Test(name) != nil
	case "lookup":
		return lookup.Has(name)
	}
	if kind == "strategy" {
		return strategy.Has(name) || strategy.Has(short)
	}
	if kind == "connection" {
		if k := connection.FindClient(name); k != nil {
			return k.Refused == ""
		}
	}
	return slices.Contains(natives[kind], short)
}

// beside yields the directories that may have plugins of their own.
func (c *checker) beside() map[string]bool {
	dirs := map[string]bool{}
	for _, pb := range c.s.o.Playbooks {
		dirs[filepath.Dir(absolute(pb))] = true
	}
	for _, dir := range c.names.Dirs() {
		dirs[dir] = true
	}
	return dirs
}

// document looks through a text with tags.
func (c *checker) document(text string, pos source.Pos) {
	key := pos.String() + "\x00" + text
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	opt := syntax.Default()
	opt.RawStrings = true
	c.tokens(syntax.Tokens(text, opt, pos))
}

func (c *checker) expression(text string, pos source.Pos) {
	if key := pos.String() + "\x00" + text; !c.seen[key] {
		c.seen[key] = true
		c.tokens(syntax.ScanExpr(text, true, pos))
	}
}

// tokens finds filters behind "|", tests behind "is" and the names that
// lookups are called with.
func (c *checker) tokens(toks []syntax.Token) {
	kind := ""
	for i, t := range toks {
		switch {
		case t.Kind == syntax.Pipe:
			kind = "filter"
		case t.Is("is"):
			kind = "test"
		case kind == "test" && t.Is("not"):
		case kind != "" && t.Kind == syntax.Ident && (i == 0 || toks[i-1].Kind != syntax.Dot):
			name := dotted(toks[i:])
			k := kind
			kind = ""
			c.use(k, name, t.Pos, func() (string, string, string) { return c.plugin(k, name) })
		case t.Is("lookup") || t.Is("query") || t.Is("q"):
			c.lookupCall(toks[i:])
			kind = ""
		default:
			kind = ""
		}
	}
}

// dotted joins a name and those behind its dots.
func dotted(toks []syntax.Token) string {
	name := toks[0].Text
	for i := 1; i+1 < len(toks) && toks[i].Kind == syntax.Dot && toks[i+1].Kind == syntax.Ident; i += 2 {
		name += "." + toks[i+1].Text
	}
	return name
}

func (c *checker) lookupCall(toks []syntax.Token) {
	if len(toks) < 3 || toks[1].Kind != syntax.LParen {
		return
	}
	if toks[2].Kind != syntax.String {
		c.use("lookup", "("+toks[2].Text+")", toks[2].Pos, func() (string, string, string) { return needUnknown, "", "the name is an expression" })
		return
	}
	name := toks[2].Text
	c.use("lookup", name, toks[2].Pos, func() (string, string, string) { return c.plugin("lookup", name) })
}
