package sshconfig

import (
	"fmt"
	"slices"
	"strings"
)

// document is a configuration as blocks: what stands before the first Host or
// Match, and each of these with the lines behind it.
type document struct{ blocks []*block }

type block struct {
	head  string   // as it is written; "": before the first block
	names []string // the patterns of a Host line
	lines []line
}

// line is an option, or a comment or empty line, which has no key.
type line struct{ key, text string }

// repeated are the options that ssh(1) reads more than once; of all others it
// takes the first.
var repeated = map[string]bool{"identityfile": true, "localforward": true, "remoteforward": true, "dynamicforward": true,
	"certificatefile": true, "sendenv": true, "setenv": true, "include": true}

func parse(text string) (*document, error) {
	at := &block{}
	d := &document{blocks: []*block{at}}
	for raw := range strings.Lines(text) {
		raw = strings.TrimSpace(raw)
		if raw == "" || raw[0] == '#' {
			at.lines = append(at.lines, line{text: raw})
			continue
		}
		key, rest := option(raw)
		if rest == "" {
			return nil, fmt.Errorf("Unparsable line: '%s'", raw) //nolint:staticcheck // the reference's words
		}
		switch key {
		case "host":
			at = &block{head: "Host " + spaced(rest), names: words(rest)}
			d.blocks = append(d.blocks, at)
		case "match":
			at = &block{head: "Match " + rest}
			d.blocks = append(d.blocks, at)
		default:
			at.lines = append(at.lines, line{key, rest})
		}
	}
	return d, nil
}

// option splits "Keyword value", "Keyword=value", "Keyword = value".
func option(text string) (key, rest string) {
	end := strings.IndexAny(text, " \t=")
	if end < 0 {
		return strings.ToLower(text), ""
	}
	rest = strings.TrimLeft(text[end:], " \t")
	if r, ok := strings.CutPrefix(rest, "="); ok {
		rest = strings.TrimLeft(r, " \t")
	}
	return strings.ToLower(text[:end]), rest
}

// spaced has one blank between words, as far as no quotes are in the way.
func spaced(text string) string {
	if strings.ContainsAny(text, `"'`) {
		return text
	}
	return strings.Join(strings.Fields(text), " ")
}

// words are the patterns of a Host line, without quotes and a comment behind them.
func words(text string) (out []string) {
	for text = strings.TrimLeft(text, " \t"); text != "" && text[0] != '#'; text = strings.TrimLeft(text, " \t") {
		if word, rest, ok := strings.Cut(text[1:], text[:1]); ok && (text[0] == '"' || text[0] == '\'') {
			out, text = append(out, word), rest
			continue
		}
		end := strings.IndexAny(text, " \t")
		if end < 0 {
			end = len(text)
		}
		out, text = append(out, text[:end]), text[end:]
	}
	return out
}

// text is the document as the reference writes it: options four blanks in and
// in lower case, comments of a block behind its options.
func (d *document) text() string {
	var b strings.Builder
	for _, k := range d.blocks {
		if k.head != "" {
			b.WriteString(k.head + "\n")
		}
		for _, l := range k.lines {
			switch {
			case l.key != "" && k.head != "":
				b.WriteString("    " + l.key + " " + l.text + "\n")
			case l.key != "":
				b.WriteString(l.key + " " + l.text + "\n")
			case k.head == "":
				b.WriteString(l.text + "\n")
			}
		}
		for _, l := range k.lines {
			if l.key == "" && k.head != "" {
				b.WriteString(l.text + "\n")
			}
		}
	}
	return b.String()
}

// find gives all blocks of a host, by its patterns.
func (d *document) find(host string) (out []*block) {
	want := words(host)
	for _, k := range d.blocks {
		if k.names != nil && slices.Equal(k.names, want) {
			out = append(out, k)
		}
	}
	return out
}

// remove takes out the host's blocks but leaves their comments, which may be
// about what follows.
func (d *document) remove(host string) bool {
	gone := d.find(host)
	var kept []*block
	for _, k := range d.blocks {
		if !slices.Contains(gone, k) {
			kept = append(kept, k)
			continue
		}
		last := kept[len(kept)-1]
		for _, l := range k.lines {
			if l.key == "" {
				last.lines = append(last.lines, l)
			}
		}
	}
	d.blocks = kept
	return len(gone) > 0
}

func (d *document) add(host string, options []line) {
	d.blocks = append(d.blocks, &block{head: "Host " + host, names: words(host), lines: options})
}

// set brings options into a block and tells whether that changed it.
func (k *block) set(options []line) (changed bool) {
	for _, o := range options {
		if have := k.values(o.key); len(have) > 0 && have[0] == o.text && (len(have) == 1 || !repeated[o.key]) {
			continue
		}
		changed = true
		placed := false
		kept := k.lines[:0:0]
		for _, l := range k.lines {
			if l.key == o.key {
				if placed {
					continue
				}
				l, placed = o, true
			}
			kept = append(kept, l)
		}
		if !placed {
			kept = append(kept, o)
		}
		k.lines = kept
	}
	return changed
}

func (k *block) values(key string) (out []string) {
	for _, l := range k.lines {
		if l.key == key {
			out = append(out, l.text)
		}
	}
	return out
}
