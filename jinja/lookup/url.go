package lookup

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/churten/churten/jinja/value"
)

func init() { add("url", fetch).volatile = true }

// maxBody bounds what a server may send, bytes.
const maxBody = 256 << 20

// fetch gives the content of URLs, line by line.
func fetch(c *Call) ([]value.Value, error) {
	for _, name := range []string{"ciphers", "use_gssapi", "unredirected_headers"} {
		if v := c.option(name); v != nil && value.Truth(v) {
			return nil, fmt.Errorf("the option %s of the url lookup is not supported by churten", name)
		}
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	out := []value.Value{}
	for _, t := range c.Terms {
		address, err := term(t, "decode")
		if err != nil {
			return nil, err
		}
		body, err := c.get(client, address)
		if err != nil {
			return nil, err
		}
		if !c.flag("split_lines", true) {
			out = append(out, value.Str(body))
			continue
		}
		if body = strings.ReplaceAll(body, "\r\n", "\n"); body != "" {
			out = append(out, texts(strings.Split(strings.TrimSuffix(body, "\n"), "\n"))...)
		}
	}
	return out, nil
}

func (c *Call) client() (*http.Client, error) {
	seconds := 10.0
	if v := c.option("timeout"); v != nil {
		f, ok := value.AsFloat(v)
		if s, isText := value.AsText(v); isText {
			_, err := fmt.Sscanf(s, "%g", &f)
			ok = err == nil
		}
		if !ok {
			return nil, c.invalid("timeout", "float", v)
		}
		seconds = f
	}
	trust := &tls.Config{InsecureSkipVerify: !c.flag("validate_certs", true)}
	if path := c.text("ca_path", ""); path != "" {
		pem, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("no certificates in %s", path)
		}
	}
	tr := &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true, DisableCompression: true}
	if c.flag("use_proxy", true) {
		tr.Proxy = http.ProxyFromEnvironment
	}
	if path := c.text("unix_socket", ""); path != "" {
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
	}
	client := &http.Client{Transport: tr, Timeout: time.Duration(seconds * float64(time.Second))}
	switch follow := strings.ToLower(c.text("follow_redirects", "urllib2")); follow {
	case "urllib2", "safe", "all", "yes", "true":
	case "none", "no", "false":
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	default:
		return nil, fmt.Errorf("Invalid value '%s' for config 'follow_redirects' for 'url' lookup plugin.", follow)
	}
	return client, nil
}

// get fetches one URL.
func (c *Call) get(client *http.Client, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("unknown url type: %s", value.QuoteRepr(address))
	}
	name, password := c.text("username", ""), c.text("password", "")
	if u.User != nil && name == "" {
		name = u.User.Username()
		password, _ = u.User.Password()
	}
	shown := address
	if u.User != nil {
		shown = strings.Replace(address, u.User.String()+"@", "****:****@", 1)
		u.User = nil
	}
	r, err := c.send(client, u.String(), name, password, c.flag("force_basic_auth", false))
	if err == nil && r.StatusCode == http.StatusUnauthorized && name != "" {
		_ = r.Body.Close()
		r, err = c.send(client, u.String(), name, password, true)
	}
	if err != nil {
		return "", failedFetch(shown, err)
	}
	defer r.Body.Close()
	if r.StatusCode < 200 || r.StatusCode > 299 {
		return "", fmt.Errorf("Received HTTP error for %s: HTTP Error %d: %s", shown, r.StatusCode, strings.TrimSpace(strings.TrimPrefix(r.Status, fmt.Sprint(r.StatusCode))))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return "", failedFetch(shown, err)
	}
	if len(body) > maxBody {
		return "", fmt.Errorf("%s: the answer is longer than %d bytes", shown, maxBody)
	}
	return string(body), nil
}

func (c *Call) send(client *http.Client, address, name, password string, auth bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(c.std(), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.text("http_agent", "ansible-httpget"))
	if c.flag("force", false) {
		req.Header.Set("Cache-Control", "no-cache")
	}
	headers, err := c.dict("headers")
	if err != nil {
		return nil, err
	}
	for k, v := range headers.All() {
		req.Header.Set(value.Text(k), value.Text(v))
	}
	switch {
	case auth && name != "":
		req.SetBasicAuth(name, password)
	case name == "" && c.flag("use_netrc", true):
		if n, p, ok := netrc(req.URL.Hostname()); ok {
			req.SetBasicAuth(n, p)
		}
	}
	return client.Do(req)
}

// failedFetch gives a connection's error in Python's words.
func failedFetch(shown string, err error) error {
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var errno syscall.Errno
	switch {
	case errors.As(err, &dns):
		return fmt.Errorf("Failed lookup url for %s: <urlopen error [Errno -2] Name or service not known>", shown)
	case errors.As(err, &cert):
		return fmt.Errorf("Error validating the server's certificate for %s: %w", shown, cert.Err)
	case errors.As(err, &errno):
		text := errno.Error()
		return fmt.Errorf("Failed lookup url for %s: <urlopen error [Errno %d] %s>", shown, int(errno), strings.ToUpper(text[:1])+text[1:])
	}
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return fmt.Errorf("Failed lookup url for %s: <urlopen error timed out>", shown)
		}
		err = u.Err
	}
	return fmt.Errorf("Error connecting to %s: %w", shown, err)
}

// netrc finds the login for a host in the user's .netrc.
func netrc(host string) (name, password string, ok bool) {
	path := os.Getenv("NETRC")
	if path == "" {
		path = home("~/.netrc")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", "", false
	}
	words := strings.Fields(string(text))
	mine := false
	for i := 0; i+1 < len(words); i++ {
		switch words[i] {
		case "machine":
			if mine {
				return name, password, ok
			}
			mine = words[i+1] == host
			i++
		case "default":
			mine = mine || !ok
		case "login":
			if mine {
				name, ok = words[i+1], true
			}
			i++
		case "password":
			if mine {
				password = words[i+1]
			}
			i++
		}
	}
	return name, password, ok
}
