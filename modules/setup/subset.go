package setup

import (
	"fmt"
	"slices"
	"strings"
)

// choose gives the collectors that gather_subset asks for, with those they
// need. The reckoning is one of names, as in the reference: all means every
// name, min the collectors of the minimum by their first names only, and what
// is named wins over what is excluded. Names that are only excluded need not
// exist. Hence all,!min still has the user's facts, by user_id. Seen on
// ansible-core 2.19, testdata/subsets.json.
func choose(subsets []string) ([]*collector, error) {
	if len(subsets) == 0 {
		subsets = []string{"all"}
	}
	wanted, named, excluded := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range collectors {
		if collectors[i].minimum {
			wanted[collectors[i].name] = true
		}
	}
	for _, s := range subsets {
		name, not := strings.CutPrefix(s, "!")
		switch {
		case not:
			exclude(name, excluded)
		case name == "all":
			for _, n := range subsetNames() {
				wanted[n] = true
			}
		case name == "min": // there from the start
		case slices.Contains(subsetNames(), name):
			wanted[name], named[name] = true, true
		default:
			return nil, fmt.Errorf("Bad subset '%s' given to Ansible. gather_subset options allowed: all, %s", name, strings.Join(subsetNames(), ", "))
		}
	}
	taken := map[string]bool{}
	for i := range collectors {
		c := &collectors[i]
		for _, n := range c.names() {
			if wanted[n] && (named[n] || !excluded[n]) {
				taken[c.name] = true
				for _, need := range c.needs {
					taken[need] = true
				}
			}
		}
	}
	var out []*collector
	for i := range collectors {
		if taken[collectors[i].name] {
			out = append(out, &collectors[i])
		}
	}
	return out, nil
}

// exclude notes the names that !name takes away.
func exclude(name string, excluded map[string]bool) {
	excluded[name] = true
	for i := range collectors {
		c := &collectors[i]
		switch {
		case name == "min" && c.minimum:
			excluded[c.name] = true
		case name == c.name, name == "all" && !c.minimum:
			for _, n := range c.names() {
				excluded[n] = true
			}
		case name == "all":
			for _, n := range c.ids {
				excluded[n] = true
			}
		}
	}
}

func (c *collector) names() []string { return append([]string{c.name}, c.ids...) }

// subsetNames are all names that gather_subset may have, sorted.
func subsetNames() []string {
	var names []string
	for i := range collectors {
		names = append(names, collectors[i].names()...)
	}
	slices.Sort(names)
	return names
}
