package module

// LostResult says that what an action gave was no result: nothing of the task is
// told beside that.
type LostResult struct{ Msg string }

func (e *LostResult) Error() string { return e.Msg }
