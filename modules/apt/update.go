package apt

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/tool"
)

// update fetches the lists of packages, unless they are new enough.
func (j *job) update(ctx context.Context) error {
	if now() < j.stamp+j.Args.Int("cache_valid_time") {
		return nil
	}
	before := j.stamp
	if j.Check {
		j.updated = true
		return nil
	}
	retries := j.Args.Int("update_cache_retries")
	jitter := rand.Float64()
	problem := ""
	locked := time.Now().Add(time.Duration(j.Args.Int("lock_timeout")) * time.Second)
	for try := int64(0); try < retries; try++ {
		out, err := tool.RunWith(ctx, j.Call, tool.Options{Env: env()}, j.aptGet, "update", "-o", fmt.Sprintf("DPkg::Lock::Timeout=%d", j.Args.Int("lock_timeout")))
		if err != nil {
			return err
		}
		problem = problems(out.Stderr)
		switch {
		case out.RC == 0 && !strings.Contains(out.Stderr, "Some index files failed to download"):
			j.stamp = listsFetched()
			j.updated = j.stamp != before
			return nil
		case strings.Contains(out.Stderr, "The list of sources could not be read"):
			return &module.Failure{Msg: problem}
		case strings.Contains(out.Stderr, "Unable to lock directory"):
			// DPkg::Lock::Timeout is not for the lock of the lists.
			if time.Now().After(locked) {
				return lockHeld(problem)
			}
			if err := sleep(ctx, time.Second); err != nil {
				return err
			}
			try--
			continue
		}
		j.Warn(fmt.Sprintf("Failed to update cache after %d retries due to %s, retrying", try+1, problem))
		if try+1 == retries {
			break
		}
		pause := min(float64(int64(1)<<min(try, 30)), float64(j.Args.Int("update_cache_retry_max_delay"))) + jitter
		j.Warn(fmt.Sprintf("Sleeping for %.0f seconds, before attempting to refresh the cache again", pause))
		if err := sleep(ctx, time.Duration(pause*float64(time.Second))); err != nil {
			return err
		}
	}
	return module.Failf("Failed to update apt cache after %d retries: %s", retries, problem)
}

// lockHeld says who holds the lock of the lists: apt's two errors, the second of
// which names the directory, in the order of its library.
func lockHeld(problem string) error {
	why, dir, _ := strings.Cut(problem, ", E:Unable to lock directory ")
	return module.Failf("Failed to lock apt for exclusive operation: Failed to lock directory %s: %s", dir, why)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
