package module

import (
	"context"
	"time"
)

// Sleep waits, or ends with ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Until tries again and again, pause apart, until try gives no error or the time
// is deadline; it gives the last error.
func Until(ctx context.Context, deadline time.Time, pause time.Duration, try func() error) error {
	for {
		err := try()
		if err == nil || ctx.Err() != nil || !time.Now().Before(deadline) {
			return err
		}
		if Sleep(ctx, min(max(pause, 10*time.Millisecond), time.Until(deadline))) != nil {
			return err
		}
	}
}
