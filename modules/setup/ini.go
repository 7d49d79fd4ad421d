package setup

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// parseINI reads sections of options as Python's configparser does: names in
// lower case, = or :, continued lines, ; and # before comments. Keys of DEFAULT
// are in every section.
func parseINI(text string) (*value.Dict, error) {
	p := iniParser{sections: value.NewDict(2), defaults: value.NewDict(0)}
	for i, line := range lines(text) {
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	if len(lines(strings.TrimSpace(text))) == 0 {
		return p.sections, nil
	}
	for name, v := range p.sections.All() {
		section := p.defaults.Clone()
		for k, option := range v.(*value.Dict).All() {
			section.Set(k, option)
		}
		out := value.NewDict(section.Len())
		for k, option := range section.All() {
			text, err := interpolate(strings.TrimRight(value.Text(option), "\n"), section, 0)
			if err != nil {
				return nil, err
			}
			out.Set(k, value.Str(text))
		}
		p.sections.Set(name, out)
	}
	return p.sections, nil
}

// interpolationError is an error of %(name)s in a value.
type interpolationError string

func (e interpolationError) Error() string { return string(e) }

// interpolate replaces %(name)s by the section's option name, and %% by %.
func interpolate(text string, section *value.Dict, depth int) (string, error) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "%")
		b.WriteString(before)
		if !ok {
			return b.String(), nil
		}
		if strings.HasPrefix(rest, "%") {
			b.WriteByte('%')
			text = rest[1:]
			continue
		}
		name, after, closed := strings.Cut(rest, ")s")
		if !strings.HasPrefix(rest, "(") || !closed {
			return "", interpolationError("'%' must be followed by '%' or '(', found: " + value.Repr(value.Str("%"+rest)))
		}
		v, known := section.GetStr(strings.ToLower(name[1:]))
		if !known || depth > 9 {
			return "", interpolationError("bad value substitution: " + name[1:])
		}
		inner, err := interpolate(value.Text(v), section, depth+1)
		if err != nil {
			return "", err
		}
		b.WriteString(inner)
		text = after
	}
}

type iniParser struct {
	sections, defaults *value.Dict
	section            *value.Dict
	option             string
	indent             int
}

func (p *iniParser) line(line string) error {
	text := strings.TrimSpace(line)
	if strings.HasPrefix(text, "#") || strings.HasPrefix(text, ";") {
		return nil
	}
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	if p.option != "" && (text == "" || indent > p.indent) {
		old, _ := p.section.GetStr(p.option)
		p.section.SetStr(p.option, value.Str(value.Text(old)+"\n"+text))
		return nil
	}
	if text == "" {
		return nil
	}
	p.indent = indent
	if text[0] == '[' {
		if end := strings.LastIndexByte(text, ']'); end > 1 {
			return p.begin(text[1:end])
		}
	}
	if p.section == nil {
		return fmt.Errorf("no section before %q", text)
	}
	at := strings.IndexAny(text, "=:")
	if at < 1 {
		return fmt.Errorf("no option in %q", text)
	}
	p.option = strings.ToLower(strings.TrimSpace(text[:at]))
	if _, again := p.section.GetStr(p.option); again {
		return fmt.Errorf("option %s is there twice", p.option)
	}
	p.section.SetStr(p.option, value.Str(strings.TrimSpace(text[at+1:])))
	return nil
}

func (p *iniParser) begin(name string) error {
	p.option = ""
	if name == "DEFAULT" {
		p.section = p.defaults
		return nil
	}
	if _, again := p.sections.GetStr(name); again {
		return fmt.Errorf("section %s is there twice", name)
	}
	p.section = value.NewDict(4)
	p.sections.SetStr(name, p.section)
	return nil
}
