package web

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"

	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/tool"
)

// dial connects to the server of u. The second result is the proxy that the
// request itself must name its target to.
func (c *Client) dial(ctx context.Context, u *url.URL) (net.Conn, *url.URL, error) {
	// Certificates that cannot be read are an error even where none is needed.
	config, err := c.tls(cmp.Or(c.ServerName, u.Hostname()))
	if err != nil {
		return nil, nil, err
	}
	if u.Scheme != "https" {
		config = nil
	}
	d := net.Dialer{Timeout: c.Timeout}
	if c.UnixSocket != "" {
		conn, err := d.DialContext(ctx, "unix", c.UnixSocket)
		if err != nil {
			e := refused(fmt.Sprintf("Invalid Socket File (%s): %s", c.UnixSocket, kit.PyError(err, "")))
			e.Err = err
			return nil, nil, e
		}
		return c.secure(ctx, conn, config, nil)
	}
	proxy, err := c.proxy(u)
	if err != nil {
		return nil, nil, err
	}
	server := u
	if proxy != nil {
		server = proxy
	}
	conn, err := d.DialContext(ctx, "tcp", address(server))
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, connecting(err)
	}
	if proxy != nil && proxy.Scheme == "https" {
		to, err := c.tls(proxy.Hostname())
		if err != nil {
			conn.Close()
			return nil, nil, err
		}
		if conn, _, err = c.secure(ctx, conn, to, nil); err != nil {
			return nil, nil, err
		}
	}
	if proxy != nil && config != nil {
		if err := c.tunnel(conn, u, proxy); err != nil {
			conn.Close()
			return nil, nil, err
		}
		proxy = nil
	}
	return c.secure(ctx, conn, config, proxy)
}

func (c *Client) secure(ctx context.Context, conn net.Conn, config *tls.Config, proxy *url.URL) (net.Conn, *url.URL, error) {
	if _, ok := conn.(patient); !ok {
		conn = patient{conn, c.Timeout}
	}
	if config == nil {
		return conn, proxy, nil
	}
	t := tls.Client(conn, config)
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		var late net.Error
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case errors.As(err, &late) && late.Timeout():
			return nil, nil, refused("_ssl.c:989: The handshake operation timed out")
		}
		return nil, nil, connecting(err)
	}
	return t, proxy, nil
}

func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// tunnel asks a proxy for a connection to the server of u.
func (c *Client) tunnel(conn net.Conn, u, proxy *url.URL) error {
	p := patient{conn, c.Timeout}
	head := "CONNECT " + address(u) + " HTTP/1.0\r\n"
	if proxy.User != nil {
		password, _ := proxy.User.Password()
		head += "Proxy-Authorization: " + basic(proxy.User.Username(), password) + "\r\n"
	}
	if _, err := io.WriteString(p, head+"\r\n"); err != nil {
		return connecting(err)
	}
	// Nothing comes after the head until we speak, so a buffer loses nothing.
	resp, err := readHead(bufio.NewReader(p))
	if err != nil {
		return connecting(err)
	}
	if resp.Status != 200 {
		return refused(fmt.Sprintf("Tunnel connection failed: %d %s", resp.Status, resp.Reason))
	}
	return nil
}

// proxy gives the proxy for u from the environment: http_proxy, https_proxy,
// all_proxy, no_proxy, in lower or upper case.
func (c *Client) proxy(u *url.URL) (*url.URL, error) {
	if !c.UseProxy || c.exempt(u) {
		return nil, nil
	}
	text := c.env(u.Scheme + "_proxy")
	if text == "" {
		return nil, nil
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Host == "" || proxy.Scheme != "http" && proxy.Scheme != "https" {
		return nil, refused("unknown proxy: " + text)
	}
	return proxy, nil
}

func (c *Client) env(name string) string {
	if v, ok := tool.Getenv(c.Env, name); ok {
		return v
	}
	v, _ := tool.Getenv(c.Env, strings.ToUpper(name))
	return v
}

// exempt tells whether no_proxy names the server of u.
func (c *Client) exempt(u *url.URL) bool {
	list := c.env("no_proxy")
	if list == "*" {
		return true
	}
	host, withPort := strings.ToLower(u.Hostname()), strings.ToLower(u.Host)
	for _, name := range strings.Split(list, ",") {
		name = strings.ToLower(strings.TrimLeft(strings.TrimSpace(name), "."))
		if name == "" {
			continue
		}
		if host == name || withPort == name || strings.HasSuffix(host, "."+name) || strings.HasSuffix(withPort, "."+name) {
			return true
		}
	}
	return false
}
