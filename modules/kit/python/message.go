package python

import (
	"slices"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// Modules of ansible-core 2.19 and later give warnings, deprecations and
// exceptions as objects marked with __ansible_type. Here they become what is
// registered: texts, and dicts without the mark. Seen on ansible-core 2.19.14.

const typeKey = "__ansible_type"

// messages gives v with such objects in plain form.
func messages(v value.Value) value.Value {
	switch v := v.(type) {
	case *value.List:
		for i, item := range v.Items {
			v.Items[i] = messages(item)
		}
	case *value.Dict:
		kind, marked := v.GetStr(typeKey)
		if !marked {
			for _, k := range v.Keys() {
				item, _ := v.Get(k)
				v.Set(k, messages(item))
			}
			return v
		}
		return message(value.Text(kind), v)
	}
	return v
}

func message(kind string, d *value.Dict) value.Value {
	switch kind {
	case "WarningSummary":
		return value.Str(eventText(d))
	case "ErrorSummary":
		return exception{d}.dict()
	case "DeprecationSummary":
		return deprecation(d)
	case "PluginType":
		v, _ := d.GetStr("value")
		return v
	}
	out := value.NewDict(d.Len())
	for k, v := range d.All() {
		if k != value.Value(value.Str(typeKey)) {
			out.Set(k, messages(v))
		}
	}
	return out
}

// deprecation keeps the order in which the reference registers it.
func deprecation(d *value.Dict) value.Value {
	out := value.DictOf("msg", value.Str(eventText(d)))
	var collection value.Value = value.None
	deprecator, _ := d.GetStr("deprecator")
	if p, ok := deprecator.(*value.Dict); ok {
		name, _ := p.GetStr("resolved_name")
		if parts := strings.SplitN(value.Text(name), ".", 3); len(parts) >= 2 {
			collection = value.Str(parts[0] + "." + parts[1])
		}
	}
	if date, ok := d.GetStr("date"); ok && date != value.Value(value.None) {
		out.SetStr("date", date)
	} else {
		version, _ := d.GetStr("version")
		if version == nil {
			version = value.None
		}
		out.SetStr("version", version)
	}
	out.SetStr("collection_name", collection)
	if deprecator != nil {
		out.SetStr("deprecator", messages(deprecator))
	}
	return out
}

func event(d *value.Dict) *value.Dict {
	v, _ := d.GetStr("event")
	e, _ := v.(*value.Dict)
	return e
}

// helps keeps the help of events by their messages: it is shown, not registered.
type helps struct{ all *value.Dict }

func (h *helps) add(d *value.Dict) {
	e := event(d)
	if e == nil {
		return
	}
	help, ok := e.GetStr("help_text")
	if !ok || help == value.Value(value.None) {
		return
	}
	if h.all == nil {
		h.all = value.NewDict(1)
	}
	msg, _ := e.GetStr("msg")
	h.all.Set(msg, help)
}

// SetHelp adds to a result what is said to the user behind a message of it.
func SetHelp(d *value.Dict, msg, help string) {
	v, _ := d.GetStr(helpsKey)
	all, _ := v.(*value.Dict)
	if all == nil {
		all = value.NewDict(1)
	}
	all.SetStr(msg, value.Str(help))
	d.SetStr(helpsKey, all)
}

// helpsKey holds help by the messages it belongs to, for callbacks.
const helpsKey = "_ansible_churten_help_of"

// helpsOf gives those of a result's warnings and deprecations.
func helpsOf(d *value.Dict) *value.Dict {
	var h helps
	for _, key := range []string{"warnings", "deprecations"} {
		v, _ := d.GetStr(key)
		if l, ok := v.(*value.List); ok {
			for _, item := range l.Items {
				if entry, ok := item.(*value.Dict); ok {
					h.add(entry)
				}
			}
		}
	}
	return h.all
}

func eventText(d *value.Dict) string {
	e := event(d)
	if e == nil {
		return ""
	}
	msg, _ := e.GetStr("msg")
	return value.Text(msg)
}

// exception is what a module said of an exception.
type exception struct{ d *value.Dict }

// chain gives the message and, behind it, those of what led to it.
func (e exception) chain() []string {
	var out []string
	for ev := event(e.d); ev != nil && len(out) < 32; {
		msg, _ := ev.GetStr("msg")
		out = append(out, value.Text(msg))
		v, _ := ev.GetStr("chain")
		next, _ := v.(*value.Dict)
		if next == nil {
			break
		}
		ev = event(next)
	}
	return out
}

// chained makes one text of messages, each before what led to it; one that ends
// with the rest says it already.
func chained(msgs []string) string {
	text := msgs[len(msgs)-1]
	for _, msg := range slices.Backward(msgs[:len(msgs)-1]) {
		if strings.HasSuffix(msg, text) {
			text = msg
		} else {
			text = strings.TrimRight(msg, ".") + ": " + text
		}
	}
	return text
}

// dict marks the exception for Exception.
func (e exception) dict() value.Value {
	return value.DictOf(exceptionKey, value.Strings(e.chain()...))
}

const exceptionKey = "_ansible_churten_chain"

// settle gives a failed result its message, and what it says of the exception
// behind it. The reference registers a text instead of the exception.
func settle(d *value.Dict) {
	v, ok := d.GetStr("exception")
	if !ok {
		return
	}
	d.Delete(value.Str("exception"))
	var chain []string
	if marked, ok := v.(*value.Dict); ok {
		if l, ok := marked.GetStr(exceptionKey); ok {
			for _, item := range l.(*value.List).Items {
				chain = append(chain, value.Text(item))
			}
		}
	}
	if len(chain) == 0 {
		return
	}
	if _, ok := d.GetStr("msg"); !ok {
		d.SetStr("msg", value.Str("Task failed: Module failed: "+chained(chain)))
		return
	}
	if len(chain) > 1 {
		d.SetStr("_ansible_cause", value.Str(chained(chain[1:])))
	}
}
