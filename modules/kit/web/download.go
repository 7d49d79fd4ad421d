package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/churten/churten/modules/kit/module"
)

// Download fetches what a module was given a URL for (packages, keys) into a
// file, which it makes. The failures are those of the reference's fetch_file.
func Download(ctx context.Context, c *module.Call, url, path string, verify bool) error {
	failed := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return module.Failf("Failure downloading %s, %s", url, err.Error())
	}
	resp, err := get(ctx, c, url, verify, "")
	if err != nil {
		return failed(err)
	}
	defer resp.Body.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		return failed(err)
	}
	return nil
}

// get asks for a URL as fetch_url does that was given nothing else. An answer
// that is an error is one.
func get(ctx context.Context, c *module.Call, url string, verify bool, accept string) (*Response, error) {
	client := Client{Timeout: 10 * time.Second, Env: c.Env, UseProxy: true, Verify: verify, Netrc: true, Redirects: "urllib2", Decompress: true}
	var header Header
	header.Add("User-Agent", "ansible-httpget")
	if accept != "" {
		header.Add("Accept", accept)
	}
	resp, err := client.Do(ctx, Request{Method: "GET", URL: url, Header: header})
	if err != nil {
		return nil, err
	}
	if resp.Failed() {
		resp.Body.Close()
		return nil, fmt.Errorf("HTTP Error %d: %s", resp.Status, resp.Reason)
	}
	return resp, nil
}

// maxSmall is how much Small takes: a key, an answer of some service.
const maxSmall = 16 << 20

// Small gets what lies behind a URL, where that is no more than 16 MiB. The
// errors say why not, for the caller to say what for.
func Small(ctx context.Context, c *module.Call, url string, verify bool) ([]byte, error) {
	return SmallOf(ctx, c, url, verify, "")
}

// SmallOf is Small for what comes in several types, of which accept is wanted.
func SmallOf(ctx context.Context, c *module.Call, url string, verify bool, accept string) ([]byte, error) {
	resp, err := get(ctx, c, url, verify, accept)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxSmall+1))
	if err == nil && len(data) > maxSmall {
		err = fmt.Errorf("more than %d MiB", maxSmall>>20)
	}
	return data, err
}
