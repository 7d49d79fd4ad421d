package servicefacts

import (
	"reflect"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name string
		got  []unit
		want []unit
	}{
		{"list-units", parseUnits("UNIT LOAD ACTIVE SUB DESCRIPTION\nauditd.service not-found inactive dead auditd.service\ncfail.service loaded failed failed cfail.service\n" +
			"console-getty.service masked inactive dead x\ncron.service loaded active running Regular background\n● old.service loaded active exited x\nLOAD = Reflects whether a .service\n"),
			[]unit{{"auditd.service", "stopped", "not-found", nil}, {"cfail.service", "stopped", "failed", nil}, {"console-getty.service", "stopped", "masked", nil},
				{"cron.service", "running", "active", nil}, {"old.service", "stopped", "active", nil}}},
		{"list-unit-files", parseUnitFiles("UNIT FILE STATE PRESET\na.service enabled enabled\nb@.service static -\nx.socket enabled -\n"),
			[]unit{{"a.service", "", "enabled", nil}, {"b@.service", "", "static", nil}}},
		{"status-all", parseStatusAll(" [ + ]  cron\n [ - ]  rsync\n [ ? ]  hwclock\nnoise\n"), []unit{{"cron", "running", "", nil}, {"rsync", "stopped", "", nil}, {"hwclock", "stopped", "", nil}}},
		{"chkconfig", parseChkconfig("crond \t0:off\t1:off\t2:on\t3:on\t4:on\t5:on\t6:off\nnet 0:off 1:off 2:off 3:off 4:off 5:off 6:off\n\nxinetd based services:\n\trsync: off\n"),
			[]unit{{"crond", "", "enabled", nil}, {"net", "", "disabled", nil}}},
		{"rc-status", parseOpenRC("Runlevel: default\n sshd   [  started 01:02:03 (0)  ]\n crond  [  stopped  ]\n", " sshd | default nonetwork\n crond |\n"),
			[]unit{{"sshd", "started", "", []string{"default", "nonetwork"}}, {"crond", "stopped", "", []string{}}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s:\n%+v, want\n%+v", c.name, c.got, c.want)
		}
	}
	for text, want := range map[string]string{"run: /var/service/sshd: (pid 5) 9s\n": "running", "down: x: 1s, normally up\n": "stopped", "fail: x: unable to change\n": "unknown", "": "unknown"} {
		if got := runitState(text); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("● x.service a b c d\n[ + ] x\nx 0:off 1:on | y")
	f.Fuzz(func(_ *testing.T, text string) {
		parseUnits(text)
		parseUnitFiles(text)
		parseStatusAll(text)
		parseChkconfig(text)
		parseOpenRC(text, text)
	})
}
