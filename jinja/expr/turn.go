package expr

import "context"

// Hangs says what a result hangs on beside its arguments.
type Hangs uint8

// What functions and lookups may hang on.
const (
	OnTime  Hangs = iota // on when it happens: now(), volatile lookups, plugins that nobody knows anything of
	OnFiles              // on files of the controller
)

type turnKey struct{}

// Ahead gives a context for evaluations that are made before their turn: await
// is called by whatever is no function of its arguments, and returns when it
// may go on.
func Ahead(ctx context.Context, await func(context.Context, Hangs) error) context.Context {
	return context.WithValue(ctx, turnKey{}, await)
}

// Turn waits until what ctx is for has its turn, as far as that matters to what
// hangs on h; at once where ctx is not ahead.
func Turn(ctx context.Context, h Hangs) error {
	if ctx == nil {
		return nil
	}
	if await, ok := ctx.Value(turnKey{}).(func(context.Context, Hangs) error); ok {
		return await(ctx, h)
	}
	return nil
}
