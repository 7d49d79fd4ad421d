package apt

import (
	"context"

	"github.com/churten/churten/modules/kit/module"
)

func (j *job) download(_ context.Context, url string) (string, error) {
	return "", module.Failf("Failure downloading %s, %s", url, "URLs are not read yet")
}
