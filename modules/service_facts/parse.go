package servicefacts

import "strings"

// unit is one line of a manager's list.
type unit struct {
	name, state, status string
	levels              []string
}

// parseUnits reads systemctl list-units --plain.
func parseUnits(text string) (out []unit) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 || !strings.Contains(line, ".service") {
			continue
		}
		if f[0] == "●" || f[0] == "*" || f[0] == "○" || f[0] == "×" { // older versions mark bad ones even with --plain
			f = f[1:]
		}
		if len(f) < 4 || !strings.HasSuffix(f[0], ".service") {
			continue
		}
		u := unit{name: f[0], state: "stopped", status: f[2]}
		load, active, sub := f[1], f[2], f[3]
		switch {
		case sub == "running":
			u.state = "running"
		}
		switch {
		case load == "not-found" || load == "masked" || load == "failed":
			u.status = load
		case active == "failed" || sub == "failed":
			u.status = "failed"
		}
		out = append(out, u)
	}
	return out
}

// parseUnitFiles reads systemctl list-unit-files.
func parseUnitFiles(text string) (out []unit) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 2 || !strings.HasSuffix(f[0], ".service") {
			continue
		}
		out = append(out, unit{name: f[0], status: f[1]})
	}
	return out
}

// parseStatusAll reads service --status-all: " [ + ]  cron".
func parseStatusAll(text string) (out []unit) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 4 || f[0] != "[" || f[2] != "]" {
			continue
		}
		state := "stopped"
		if f[1] == "+" {
			state = "running"
		}
		out = append(out, unit{name: f[3], state: state})
	}
	return out
}

// parseChkconfig reads chkconfig --list: "crond  0:off 1:off 2:on 3:on 4:on 5:on 6:off".
func parseChkconfig(text string) (out []unit) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 8 || !strings.HasPrefix(f[1], "0:") {
			continue
		}
		status := "disabled"
		for _, level := range f[1:] {
			if level == "3:on" {
				status = "enabled"
			}
		}
		out = append(out, unit{name: f[0], status: status})
	}
	return out
}

// parseOpenRC reads rc-status -a -s -m (" sshd  [  started 01:02 (0) ]") and
// rc-update show -v (" sshd | default").
func parseOpenRC(status, levels string) (out []unit) {
	in := map[string][]string{}
	for line := range strings.Lines(levels) {
		if name, rest, ok := strings.Cut(line, "|"); ok {
			in[strings.TrimSpace(name)] = strings.Fields(rest)
		}
	}
	for line := range strings.Lines(status) {
		f := strings.Fields(line)
		if len(f) < 4 || f[1] != "[" {
			continue
		}
		out = append(out, unit{name: f[0], state: f[2], levels: in[f[0]]})
	}
	return out
}

// runitState reads sv status: "run: sshd: (pid 5) 9s" or "down: sshd: 1s, normally up".
func runitState(text string) string {
	switch word, _, _ := strings.Cut(text, ":"); word {
	case "run":
		return "running"
	case "down", "finish":
		return "stopped"
	}
	return "unknown"
}
