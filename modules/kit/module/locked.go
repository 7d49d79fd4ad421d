package module

// Locked says of a file of the controller that it is a vault, and that there is
// no secret to try. What reading said is not unwrapped: the reference does not tell it.
type Locked struct {
	Path string
	Err  error // what reading it said
}

func (l *Locked) Error() string {
	return "A vault password or secret must be specified to decrypt " + l.Path
}
