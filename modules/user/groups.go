package user

import (
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/modules/kit/account"
	"github.com/churten/churten/modules/kit/module"
)

// group finds a group by number, where name is that of one, or by name.
func (j *job) group(name string) (account.Group, bool) {
	if gid, err := strconv.Atoi(strings.TrimSpace(name)); err == nil {
		if g, err := account.System.GroupByID(gid); err == nil {
			return g, true
		}
	}
	g, err := account.System.GroupByName(name)
	return g, err == nil
}

func unknownGroup(name string) error { return module.Failf("Group %s does not exist", name) }

// wanted gives the groups the task names, each once, as it names them.
func (j *job) wanted() ([]string, error) {
	var groups []string
	for _, name := range strings.Split(j.groups, ",") {
		name = strings.TrimSpace(name)
		if name == "" || slices.Contains(groups, name) {
			continue
		}
		if _, ok := j.group(name); !ok {
			return nil, unknownGroup(name)
		}
		groups = append(groups, name)
	}
	return groups, nil
}

// wantedNames is wanted with numbers made names.
func (j *job) wantedNames() ([]string, error) {
	groups, err := j.wanted()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range groups {
		g, _ := j.group(name)
		if !slices.Contains(names, g.Name) {
			names = append(names, g.Name)
		}
	}
	return names, nil
}

// memberships are the groups that name the user as a member.
func (j *job) memberships() ([]string, error) {
	groups, err := account.System.Groups()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, g := range groups {
		if slices.Contains(g.Members, j.name) && !slices.Contains(names, g.Name) {
			names = append(names, g.Name)
		}
	}
	return names, nil
}

// regroup gives the groups to add the user to and to take the user from, and
// the whole of those the user shall be in.
func (j *job) regroup() (add, drop, all []string, err error) {
	have, err := j.memberships()
	if err != nil {
		return nil, nil, nil, err
	}
	if all, err = j.wantedNames(); err != nil {
		return nil, nil, nil, err
	}
	for _, g := range all {
		if !slices.Contains(have, g) {
			add = append(add, g)
		}
	}
	if j.Args.Bool("append") {
		return add, nil, all, nil
	}
	for _, g := range have {
		if !slices.Contains(all, g) {
			drop = append(drop, g)
		}
	}
	return add, drop, all, nil
}
