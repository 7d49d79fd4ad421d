package lookup_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/churten/churten/jinja"
	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// The results are ansible-core 2.19's on a server that answers likewise.
func TestURL(t *testing.T) {
	t.Setenv("NETRC", "/dev/null")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/nf":
			http.Error(w, "no", http.StatusNotFound)
		case "/redir":
			http.Redirect(w, r, "/a", http.StatusFound)
		case "/auth":
			if user, pass, _ := r.BasicAuth(); user != "u" || pass != "p" {
				w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = w.Write([]byte("in"))
		case "/h":
			_, _ = w.Write([]byte(r.UserAgent() + "|" + r.Header.Get("Cache-Control") + "|" + r.Header.Get("X-A") + "|" + r.Header.Get("Authorization")))
		default:
			_, _ = w.Write([]byte("one\ntwo\r\n\nthree"))
		}
	}))
	defer srv.Close()
	env := jinja.NewEnv(jinja.Options{Controller: controller{t.TempDir()}})
	for _, c := range []struct{ src, want string }{
		{"{{ lookup('url', 'URL/a') }}", `'one,two,,three'`},
		{"{{ q('url', 'URL/a') }}", `['one', 'two', '', 'three']`},
		{"{{ lookup('url', 'URL/a', split_lines=false) }}", `'one\ntwo\r\n\nthree'`},
		{"{{ lookup('url', 'URL/redir') }}", `'one,two,,three'`},
		{"{{ lookup('url', 'URL/h') }}", `'ansible-httpget|||'`},
		{"{{ lookup('url', 'URL/h', username='u', password='p', force_basic_auth=true, headers={'X-A': 'b'}, force=true) }}", `'ansible-httpget|no-cache|b|Basic dTpw'`},
		{"{{ lookup('url', 'URL/auth', username='u', password='p') }}", `'in'`},
		{"{{ lookup('url', 'URL/redir', follow_redirects='none') }}", "error: The lookup plugin 'url' failed: Received HTTP error for URL/redir: HTTP Error 302: Found"},
		{"{{ lookup('url', 'URL/nf') }}", "error: The lookup plugin 'url' failed: Received HTTP error for URL/nf: HTTP Error 404: Not Found"},
		{"{{ lookup('url', 'http://127.0.0.1:1/') }}", "error: The lookup plugin 'url' failed: Failed lookup url for http://127.0.0.1:1/: <urlopen error [Errno 111] Connection refused>"},
		{"{{ lookup('url', 'nonsense') }}", "error: The lookup plugin 'url' failed: unknown url type: 'nonsense'"},
		{"{{ lookup('url', 5) }}", "error: The lookup plugin 'url' failed: 'int' object has no attribute 'decode'"},
		{"{{ lookup('url', 'URL/a', ciphers=['x']) }}", "error: The lookup plugin 'url' failed: the option ciphers of the url lookup is not supported by churten"},
	} {
		v, err := template(expr.NewCtx(t.Context(), env, expr.Vars{}), strings.ReplaceAll(c.src, "URL", srv.URL))
		got := ""
		if err != nil {
			got = "error: " + err.Error()
		} else {
			got = value.Repr(v)
		}
		if want := strings.ReplaceAll(c.want, "URL", srv.URL); got != want {
			t.Errorf("%s\n got %s\nwant %s", c.src, got, want)
		}
	}
}
