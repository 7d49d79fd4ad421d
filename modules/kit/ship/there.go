package ship

import (
	"context"
	"fmt"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// There asks the host whether there is something at path; "" never is there.
func There(ctx context.Context, c *module.ActionCall, path string) (bool, error) {
	if path == "" {
		return false, nil
	}
	r, err := c.Module(ctx, "ansible.legacy.stat", value.DictOf("path", value.Str(path),
		"get_checksum", value.False, "get_mime", value.False, "get_attributes", value.False))
	if err != nil {
		return false, err
	}
	if r.Failed {
		return false, fmt.Errorf("asking whether %s is there: %s", path, r.Msg)
	}
	stat, _ := r.Values.GetStr("stat")
	d, _ := stat.(*value.Dict)
	there, _ := d.GetStr("exists")
	return there == value.Value(value.True), nil
}
