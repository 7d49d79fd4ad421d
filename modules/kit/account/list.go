package account

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shadow is a line of shadow. Days are -1 where the field is empty.
type Shadow struct {
	Name, Password          string
	Changed, Min, Max, Warn int
	Inactive, Expires       int
}

// ShadowByName finds what is kept secret of a user; ErrUnknown if there is
// nothing, or nothing that this process may read.
func (f Files) ShadowByName(name string) (Shadow, error) {
	fields, err := f.find(f.Shadow, "shadow", 0, name, 9)
	if err != nil {
		return Shadow{}, err
	}
	s := Shadow{Name: fields[0], Password: fields[1]}
	for i, to := range []*int{&s.Changed, &s.Min, &s.Max, &s.Warn, &s.Inactive, &s.Expires} {
		*to = -1
		if n, err := strconv.Atoi(fields[2+i]); err == nil {
			*to = n
		}
	}
	return s, nil
}

// Groups lists all groups that the files have and the other sources let list.
func (f Files) Groups() ([]Group, error) {
	data, err := os.ReadFile(f.Group)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	groups := parseGroups(string(data))
	if !f.others("group") {
		return groups, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "getent", "group").Output()
	if err != nil {
		return groups, nil
	}
	for _, g := range parseGroups(string(out)) {
		if !slices.ContainsFunc(groups, func(have Group) bool {
			return have.Name == g.Name && have.GID == g.GID && slices.Equal(have.Members, g.Members)
		}) {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func parseGroups(text string) []Group {
	var groups []Group
	for line := range strings.Lines(text) {
		fields := fieldsOf(line)
		if len(fields) != 4 {
			continue
		}
		gid, err := strconv.Atoi(fields[2])
		if err != nil {
			continue
		}
		g := Group{Name: fields[0], Password: fields[1], GID: gid}
		if fields[3] != "" {
			g.Members = strings.Split(fields[3], ",")
		}
		groups = append(groups, g)
	}
	return groups
}
