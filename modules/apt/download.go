package apt

import (
	"context"
	"path/filepath"

	"github.com/churten/churten/modules/kit/web"
)

// download fetches a package file into the call's own directory.
func (j *job) download(ctx context.Context, url string) (string, error) {
	dir, err := j.Tmp()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, web.BaseName(url, "package")+".deb")
	return path, web.Download(ctx, j.Call, url, path, true)
}
