package yumrepository

import (
	"errors"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/filter/pyini"
	"github.com/churten/churten/modules/kit/module"
)

// repofile is a .repo file. Comments are lost when it is written, as there.
type repofile struct{ sections []section }

type section struct {
	name     string
	settings []setting
}

type setting struct{ key, value string }

func parse(text, path string) (*repofile, error) {
	var ini pyini.File
	if err := ini.Parse(text); err != nil {
		return nil, errors.New(strings.Replace(err.Error(), "<???>", path, 1))
	}
	f := &repofile{}
	for _, name := range ini.Sections() {
		s := section{name: name}
		for _, key := range ini.Keys(name) {
			v, _, err := ini.Get(name, key)
			if err != nil {
				return nil, module.Failf("cannot read %s: %v", path, err)
			}
			if v != nil {
				s.settings = append(s.settings, setting{key, *v})
			}
		}
		f.sections = append(f.sections, s)
	}
	return f, nil
}

func (f *repofile) remove(name string) {
	kept := f.sections[:0]
	for _, s := range f.sections {
		if s.name != name {
			kept = append(kept, s)
		}
	}
	f.sections = kept
}

// text is the file: further lines of a value stand behind a tab.
func (f *repofile) text() string {
	var b strings.Builder
	for _, s := range f.sections {
		b.WriteString("[" + s.name + "]\n")
		for _, x := range s.settings {
			b.WriteString(x.key + " = " + strings.ReplaceAll(x.value, "\n", "\n\t") + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shown is what --diff compares: everything in order of its name.
func (f *repofile) shown() string {
	sections := append([]section(nil), f.sections...)
	sort.Slice(sections, func(i, k int) bool { return sections[i].name < sections[k].name })
	var b strings.Builder
	for _, s := range sections {
		b.WriteString("[" + s.name + "]\n")
		settings := append([]setting(nil), s.settings...)
		sort.Slice(settings, func(i, k int) bool { return settings[i].key < settings[k].key })
		for _, x := range settings {
			b.WriteString(x.key + " = " + x.value + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}
