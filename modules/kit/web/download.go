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
	client := Client{Timeout: 10 * time.Second, Env: c.Env, UseProxy: true, Verify: verify, Netrc: true, Redirects: "urllib2", Decompress: true}
	var header Header
	header.Add("User-Agent", "ansible-httpget")
	resp, err := client.Do(ctx, Request{Method: "GET", URL: url, Header: header})
	if err != nil {
		return failed(err)
	}
	defer resp.Body.Close()
	if resp.Failed() {
		return failed(fmt.Errorf("HTTP Error %d: %s", resp.Status, resp.Reason))
	}
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
