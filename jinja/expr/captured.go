package expr

import "github.com/churten/churten/jinja/value"

// captured is the value of a variable whose template fails: as in the
// reference, the fault is raised where the value is used, not where it is
// named, so that [broken, 1] | length is 2.
type captured struct {
	err error
	raw value.Value // what the variable holds
}

// Cipher gives the encrypted text of a vaulted variable that cannot be read,
// empty for anything else.
func (c *captured) Cipher() string {
	if v, ok := c.raw.(interface{ Cipher() string }); ok {
		return v.Cipher()
	}
	return ""
}

// Type is the reference's.
func (*captured) Type() string { return "CapturedExceptionMarker" }

// Fault makes it a value.Faulty.
func (c *captured) Fault() error { return c.err }

// capture makes a value of a fault that a variable's template raised; not of
// those that end the evaluation.
func (c *Ctx) capture(err error, raw value.Value) (value.Value, error) {
	caught := &captured{err, raw}
	if c.canceled() != nil || (!final(err) && caught.Cipher() == "") || err == ErrOmitted {
		return nil, err
	}
	return caught, nil
}

// called gives what a call came to; as with variables, a fault is raised where
// the result is used.
func (c *Ctx) called(v value.Value, err error) (value.Value, error) {
	if err == nil {
		return v, nil
	}
	if err == ErrOmitted || c.canceled() != nil {
		return nil, err
	}
	return &captured{err: err}, nil
}

// faultOf gives the error of using v, nil for a value that can be used.
func faultOf(v value.Value) error {
	if f, ok := v.(value.Faulty); ok {
		return f.Fault()
	}
	return nil
}
