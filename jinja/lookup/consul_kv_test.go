package lookup_test

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"sort"
	"strings"
	"testing"

	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// TestConsulKV replays testdata/consul_kv.json, which testdata/consul/record.py
// has recorded from the reference and a real Consul; the server here answers as
// that one does (the same answers are asked of a real one by the module consul_kv).
func TestConsulKV(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.86:8500")
	if err != nil {
		t.Skipf("the address of the recorded cases is not free: %v", err)
	}
	keys := map[string]string{"look/a": "one", "look/b": "two", "look/dir/c": "three", "look/empty": "", "look/utf": "ü"}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(r.URL.Path, "/v1/kv/")
		q := r.URL.Query()
		switch {
		case q.Get("dc") != "" && q.Get("dc") != "dc1":
			http.Error(w, "No path to datacenter", http.StatusInternalServerError)
			return
		case key == "" && !q.Has("recurse"):
			http.Error(w, "Bad request: Missing key name", http.StatusBadRequest)
			return
		}
		var names, pairs []string
		for k := range keys {
			if k == key || q.Has("recurse") && strings.HasPrefix(k, key) {
				names = append(names, k)
			}
		}
		if len(names) == 0 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		sort.Strings(names)
		for _, k := range names {
			v := "null"
			if keys[k] != "" {
				v = `"` + base64.StdEncoding.EncodeToString([]byte(keys[k])) + `"`
			}
			pairs = append(pairs, fmt.Sprintf(`{"LockIndex":0,"Key":%q,"Flags":0,"Value":%s,"CreateIndex":9,"ModifyIndex":9}`, k, v))
		}
		fmt.Fprintf(w, "[%s]", strings.Join(pairs, ","))
	})}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()
	env := jinja.NewEnv(jinja.Options{Controller: controller{t.TempDir()}})
	cases, _ := readJSON(t, "testdata/consul_kv.json").GetStr("cases")
	for _, c := range cases.(*value.List).Items {
		d := c.(*value.Dict)
		src, _ := d.GetStr("expression")
		msg, _ := d.GetStr("msg")
		failed, _ := d.GetStr("failed")
		got, err := template(expr.NewCtx(t.Context(), env, expr.Vars{}), "{{ "+value.Text(src)+" }}")
		if value.Truth(failed) {
			_, want, _ := strings.Cut(value.Text(msg), "'msg': ")
			if strings.Contains(want, "Max retries exceeded") { // Python's libraries word that
				want = "The lookup plugin 'community.general.consul_kv' failed: Error locating 'look/a' in kv store. Error was Get"
			}
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s\n   got %v, %v\n  want error %s", value.Text(src), got, err, want)
			}
			continue
		}
		want, _ := msg.(*value.Dict).GetStr("value")
		if err != nil || value.Repr(got) != value.Repr(want) {
			t.Errorf("%s\n   got %v, %v\n  want %s", value.Text(src), got, err, value.Repr(want))
		}
	}
}
