package timezone

import (
	"context"
	"strings"

	"github.com/churten/churten/modules/kit/tool"
)

// systemd is the way of hosts with timedatectl.
type systemd struct {
	*task
	program string
}

func (s *systemd) get(ctx context.Context, key, _ string) (string, error) {
	out, err := tool.RunWith(ctx, s.Call, tool.Options{Check: true, Env: tool.LocaleEnv()}, s.program)
	if err != nil {
		return "", err
	}
	return status(out.Stdout, key), nil
}

// status reads what timedatectl prints: "Time zone: Etc/UTC (UTC, +0000)" and
// "RTC in local TZ: no".
func status(text, key string) string {
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
		words := strings.Fields(rest)
		if !ok || len(words) == 0 {
			continue
		}
		switch {
		case key == "name" && strings.EqualFold(name, "time zone"), key == "name" && strings.EqualFold(name, "timezone"):
			return words[0]
		case key == "hwclock" && name == "RTC in local TZ" && words[0] == "yes":
			return "local"
		case key == "hwclock" && name == "RTC in local TZ":
			return "UTC"
		}
	}
	return unknown
}

func (s *systemd) set(ctx context.Context, key, want string) error {
	if key == "name" {
		return s.call(ctx, true, s.program, "set-timezone", want)
	}
	local := "no"
	if want == "local" {
		local = "yes"
	}
	return s.call(ctx, true, s.program, "set-local-rtc", local)
}
