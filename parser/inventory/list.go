package inventory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// host_list: "h1,h2:2222,"; advanced_host_list: with ranges too.

var (
	_ = register(&plugin{name: "host_list", fits: isList, read: func(_ context.Context, inv *Inventory, path string) error { return readList(inv, path) }})
	_ = register(&plugin{name: "advanced_host_list", fits: isList, read: func(_ context.Context, inv *Inventory, path string) error { return readRanges(inv, path) }})
)

func isList(_ *Inventory, path string, st os.FileInfo) bool {
	return st == nil && strings.Contains(path, ",")
}

func readList(inv *Inventory, list string) error {
	for entry := range listed(list) {
		name, port := splitPort(entry)
		inv.addLoaded(name, inv.group(Ungrouped), port)
	}
	return nil
}

func readRanges(inv *Inventory, list string) error {
	for entry := range listed(list) {
		names, port, err := expandHosts(entry)
		var py pythonError
		if errors.As(err, &py) {
			return fmt.Errorf("Invalid data from string, could not parse: %w", err)
		}
		if err != nil {
			// an entry that is no range is a name as it stands
			inv.say(3, "Unable to parse address from hostname, leaving unchanged: %s", err)
			names, port = []string{entry}, 0
		}
		for _, name := range names {
			inv.addLoaded(name, inv.group(Ungrouped), port)
		}
	}
	return nil
}

// listed ranges over the entries of a list of hosts.
func listed(list string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for entry := range strings.SplitSeq(list, ",") {
			if entry = strings.TrimSpace(entry); entry != "" && !yield(entry) {
				return
			}
		}
	}
}
