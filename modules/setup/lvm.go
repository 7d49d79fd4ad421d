package setup

import (
	"context"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// lvm gives volume groups, logical and physical volumes. Only root may ask.
func (h *host) lvm(ctx context.Context) *value.Dict {
	vgs := h.program("vgs")
	if euid() != 0 || vgs == "" {
		return value.DictOf("lvm", value.Str("N/A"))
	}
	ask := func(program string) [][]string {
		path := h.program(program)
		if path == "" {
			return nil
		}
		out, _ := h.output(ctx, path, "--noheadings", "--nosuffix", "--units", "g", "--separator", ",")
		var rows [][]string
		for _, line := range lines(out) {
			if row := strings.Split(strings.TrimSpace(line), ","); len(row) > 1 {
				rows = append(rows, row)
			}
		}
		return rows
	}
	at := func(row []string, i int) value.Value {
		if i >= len(row) {
			i = len(row) - 1
		}
		return value.Str(row[i])
	}
	groups, logical, physical := value.NewDict(2), value.NewDict(2), value.NewDict(2)
	for _, row := range ask("vgs") {
		groups.SetStr(row[0], value.DictOf("size_g", at(row, len(row)-2), "free_g", at(row, len(row)-1), "num_lvs", at(row, 2), "num_pvs", at(row, 1)))
	}
	for _, row := range ask("lvs") {
		logical.SetStr(row[0], value.DictOf("size_g", at(row, 3), "vg", at(row, 1)))
	}
	for _, row := range ask("pvs") {
		physical.SetStr(row[0], value.DictOf("size_g", at(row, 4), "free_g", at(row, 5), "vg", at(row, 1)))
	}
	return value.DictOf("lvm", value.DictOf("lvs", logical, "vgs", groups, "pvs", physical))
}
