package consultest

import (
	"net"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// Replay runs the cases of testdata/recorded.json, which testdata/consul/record.py
// has recorded, against a fresh Consul. Others are the modules that cases name
// beside m; skip names cases (r0, r1 …) that differ, with the reason.
func Replay(t *testing.T, m *module.Module, others map[string]*module.Module, skip map[string]string) {
	t.Helper()
	data, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	all, err := value.ParseJSON(string(data))
	if err != nil {
		t.Fatal(err)
	}
	server := Dev(t)
	cases, _ := all.(*value.Dict).GetStr("cases")
	results := map[string]*value.Dict{}
	ours, theirs := []string{}, []string{} // session IDs that mean the same
	for i, item := range cases.(*value.List).Items {
		name := "r" + value.Text(value.Int(int64(i)))
		args, _ := item.(*value.Dict).GetStr("args")
		wanted, _ := item.(*value.Dict).GetStr("result")
		given := value.NewDict(4)
		use, check := m, false
		for k, v := range args.(*value.Dict).All() {
			switch k := value.Text(k); k {
			case "_module":
				use = others[value.Text(v)]
			case "_check":
				check = value.Truth(v)
			default:
				given.SetStr(k, fill(v, results, server.IP))
			}
		}
		call := &module.Call{As: use.Name, Check: check, Env: []string{}}
		got := module.Run(t.Context(), use, given, call).Dict()
		want := wanted.(*value.Dict)
		if id, ok := want.GetStr("session_id"); ok {
			theirs = append(theirs, value.Text(id))
			mine, _ := got.GetStr("session_id")
			ours = append(ours, value.Text(mine))
		}
		results[name] = got
		if _, ok := skip[name]; ok {
			continue
		}
		g, w := settle(got, theirs, ours, server.IP), settle(want, theirs, ours, server.IP)
		if g != w {
			t.Errorf("%s %s\n   got %s\n  want %s", name, value.Repr(given), g, w)
		}
	}
}

// Dev starts one server that is fresh, as the recorder's.
func Dev(t *testing.T) *Node {
	t.Helper()
	c := Start(t, Options{Servers: 1, Server: "consul-test"})
	Until(t, 60e9, "the server in the catalogue", func() bool {
		var nodes []any
		return c.Do(c.Servers[0], "GET", "/v1/health/service/consul?passing", nil, &nodes) == nil && len(nodes) == 1
	})
	return c.Servers[0]
}

var reference = regexp.MustCompile(`^\{\{ (r\d+)\.(\w+) \}\}$`)

// fill puts in results of earlier cases and our server's address.
func fill(v value.Value, results map[string]*value.Dict, ip string) value.Value {
	s, ok := v.(value.Str)
	if !ok {
		return v
	}
	if m := reference.FindStringSubmatch(string(s)); m != nil {
		v, _ := results[m[1]].GetStr(m[2])
		return v
	}
	return value.Str(strings.ReplaceAll(string(s), "127.0.0.86", ip))
}

var changing = regexp.MustCompile(`('(?:ModifyIndex|CreateIndex|LockIndex|index|ID)'|"index"): ('?)[0-9a-f-]+('?)`)

// settle writes a result so that two runs are alike: indices and sessions differ.
func settle(d *value.Dict, theirs, ours []string, ip string) string {
	d = d.Clone()
	for _, key := range []string{"invocation", "exception", "_ansible_cause"} {
		d.Delete(value.Str(key))
	}
	if failed, ok := d.GetStr("failed"); ok && !value.Truth(failed) {
		d.Delete(value.Str("failed"))
	}
	keys := value.NewDict(d.Len())
	for _, k := range []string{"failed", "msg", "changed"} { // their place is the executor's
		if v, ok := d.GetStr(k); ok {
			keys.SetStr(k, v)
			d.Delete(value.Str(k))
		}
	}
	for k, v := range d.All() {
		keys.Set(k, v)
	}
	text := changing.ReplaceAllString(value.Repr(keys), "$1: ${2}N$3")
	// The recorder's server had not got its serfHealth check yet.
	text = strings.ReplaceAll(text, "'NodeChecks': ['serfHealth']", "'NodeChecks': []")
	for i, id := range theirs {
		text = strings.ReplaceAll(text, id, "SESSION")
		text = strings.ReplaceAll(text, ours[i], "SESSION")
	}
	return strings.NewReplacer("127.0.0.86", "IP", ip, "IP", net.JoinHostPort(ip, "8300"), "IP").Replace(text)
}
