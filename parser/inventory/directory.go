package inventory

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
)

// directory reads what is in a directory, in the order of the names.
func (inv *Inventory) directory(ctx context.Context, dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("inventory directory: %w", err)
	}
	skip, err := inv.passes()
	if err != nil {
		return false, err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	sort.Strings(names)
	parsed := false
	for _, name := range names {
		passed, err := skip(name)
		if err != nil {
			return false, fmt.Errorf("the setting inventory_ignore_patterns: %w", err)
		}
		if passed {
			inv.say(3, "Skipping %s as an inventory source", filepath.Join(dir, name))
			continue
		}
		ok, err := inv.source(ctx, filepath.Join(dir, name))
		if err != nil {
			return false, err
		}
		parsed = parsed || ok
	}
	if !parsed {
		return false, inv.unparsed(dir)
	}
	return true, nil
}

// passes gives the test for names that a directory's reading passes over.
func (inv *Inventory) passes() (func(name string) (bool, error), error) {
	patterns := make([]*pyre.Regexp, len(inv.options.IgnorePatterns))
	for i, p := range inv.options.IgnorePatterns {
		re, err := pyre.Compile(p, 0)
		if err != nil {
			return nil, fmt.Errorf("the setting inventory_ignore_patterns holds '%s', which is no regular expression: %w", p, err)
		}
		patterns[i] = re
	}
	return func(name string) (bool, error) {
		if strings.HasPrefix(name, ".") || name == "host_vars" || name == "group_vars" || name == "vars_plugins" {
			return true, nil
		}
		for _, e := range inv.options.Ignore {
			if strings.HasSuffix(name, e) {
				return true, nil
			}
		}
		for _, re := range patterns {
			if found, err := re.Search(name); found != nil || err != nil {
				return found != nil, err
			}
		}
		return false, nil
	}, nil
}
