package inventory

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/churten/churten/jinja/value"
)

// readScript runs an executable source with --list, and with --host for each
// host unless the answer has _meta.
func readScript(ctx context.Context, inv *Inventory, path string) error {
	out, err := run(ctx, path, "--list")
	if err != nil {
		return err
	}
	data, err := answer(inv, path, out)
	if err != nil {
		return err
	}
	meta, hasMeta := data.GetStr("_meta")
	for k, v := range data.All() {
		if name := value.Text(k); name != "_meta" {
			if err := scriptGroup(inv, name, v); err != nil {
				return err
			}
		}
	}
	if hasMeta {
		m, _ := meta.(*value.Dict)
		hostvars, _ := m.GetStr("hostvars")
		vars, ok := hostvars.(*value.Dict)
		if !ok {
			return fmt.Errorf("Improperly formatted host information for %s: _meta has no hostvars", path)
		}
		for _, h := range inv.order {
			if v, ok := vars.GetStr(h.Name); ok {
				setHostVars(inv, h, v)
			}
		}
		return nil
	}
	for _, h := range inv.order {
		out, err := run(ctx, path, "--host", h.Name)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(out)) == 0 {
			continue
		}
		vars, err := answer(inv, path, out)
		if err != nil {
			return fmt.Errorf("could not parse post variable response: %s, %s", path, bytes.TrimSpace(out))
		}
		setHostVars(inv, h, vars)
	}
	return nil
}

func setHostVars(inv *Inventory, h *Host, v value.Value) {
	vars, _ := v.(*value.Dict)
	for k, v := range vars.All() {
		inv.checkVarName(value.Text(k))
		setVar(h.vars, value.Text(k), v)
	}
}

func run(ctx context.Context, path string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = filepath.Dir(path)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if _, exited := err.(*exec.ExitError); exited {
			return nil, fmt.Errorf("Inventory script (%s) had an execution error: %s", path, strings.TrimRight(stderr.String(), "\n"))
		}
		return nil, fmt.Errorf("Failed to execute inventory script command '%s': %w", strings.Join(append([]string{path}, args...), " "), err)
	}
	os.Stderr.Write(stderr.Bytes())
	return stdout.Bytes(), nil
}

func answer(inv *Inventory, path string, out []byte) (*value.Dict, error) {
	doc, err := inv.loader.Parse(out, path)
	if err != nil {
		return nil, fmt.Errorf("failed to parse executable inventory script results from %s: %w", path, err)
	}
	data, ok := doc.Value.(*value.Dict)
	if !ok {
		return nil, fmt.Errorf("failed to parse executable inventory script results from %s: needs to be a json dict", path)
	}
	return data, nil
}

// scriptGroup reads one group of a script's answer: a list of hosts, or hosts,
// children and vars; or, the oldest form, the variables of a host.
func scriptGroup(inv *Inventory, name string, v value.Value) error {
	g := inv.group(name)
	data, ok := v.(*value.Dict)
	if !ok {
		data = value.DictOf("hosts", v)
	} else if !hasAny(data, "hosts", "vars", "children") {
		h := inv.addLoaded(name, g, 0)
		setHostVars(inv, h, data)
		return nil
	}
	if hosts, ok := data.GetStr("hosts"); ok {
		list, isList := hosts.(*value.List)
		if !isList {
			return fmt.Errorf("You defined a group '%s' with bad data for the host list:\n %s", name, value.Text(v))
		}
		for _, h := range list.Items {
			inv.addLoaded(value.Text(h), g, 0)
		}
	}
	if vars, ok := data.GetStr("vars"); ok {
		dict, isDict := vars.(*value.Dict)
		if !isDict {
			return fmt.Errorf("You defined a group '%s' with bad data for variables:\n %s", name, value.Text(v))
		}
		for k, v := range dict.All() {
			inv.checkVarName(value.Text(k))
			if err := g.setVar(value.Text(k), v); err != nil {
				return err
			}
		}
	}
	if children, ok := data.GetStr("children"); ok {
		list, _ := children.(*value.List)
		if list == nil {
			return fmt.Errorf("You defined a group '%s' with bad data for its children:\n %s", name, value.Text(v))
		}
		for _, c := range list.Items {
			if err := inv.adopt(g, inv.group(value.Text(c))); err != nil {
				return err
			}
		}
	}
	return nil
}

func hasAny(d *value.Dict, keys ...string) bool {
	for _, k := range keys {
		if _, ok := d.GetStr(k); ok {
			return true
		}
	}
	return false
}
