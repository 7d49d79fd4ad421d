package apt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// download fetches a package file into the call's own directory.
func (j *job) download(ctx context.Context, url string) (string, error) {
	failed := func(err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return module.Failf("Failure downloading %s, %s", url, err.Error())
	}
	client := web.Client{Timeout: 10 * time.Second, Env: j.Env, UseProxy: true, Verify: true, Netrc: true, Redirects: "urllib2", Decompress: true}
	var header web.Header
	header.Add("User-Agent", "ansible-httpget")
	resp, err := client.Do(ctx, web.Request{Method: "GET", URL: url, Header: header})
	if err != nil {
		return "", failed(err)
	}
	defer resp.Body.Close()
	if resp.Failed() {
		return "", failed(fmt.Errorf("HTTP Error %d: %s", resp.Status, resp.Reason))
	}
	dir, err := j.Tmp()
	if err != nil {
		return "", err
	}
	f, err := os.Create(filepath.Join(dir, web.BaseName(url, "package")+".deb"))
	if err != nil {
		return "", err
	}
	_, err = io.Copy(f, resp.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", failed(err)
	}
	return f.Name(), nil
}
