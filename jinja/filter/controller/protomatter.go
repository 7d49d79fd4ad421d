package controller

import (
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

// What ansible-core's own tests use of its inner collection ansible._protomatter.
func init() {
	addFilter("ansible._protomatter.apply_trust", "apply_trust", applyTrust)
	addFilter("ansible._protomatter.finalize", "finalize", finalize)
	addFilter("ansible._protomatter.origin", "origin", origin)
	addTest("ansible._protomatter.tagged_with", "tagged_with", true, taggedWith)
}

// applyTrust makes a text one that may be taken for an expression.
func applyTrust(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	if s, ok := v.(value.Str); ok {
		return c.Ctx.Keep(s), nil
	}
	return v, nil
}

// finalize gives its argument as a result would keep it: tuples as lists …
func finalize(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	return expr.Finalize(v)
}

// origin says where a text came from. Of a lookup's texts that is known; where
// a text stood in a file is not.
func origin(c *expr.Call) (value.Value, error) {
	var v value.Value
	if err := c.Unpack("value", &v); err != nil {
		return nil, err
	}
	s, ok := v.(value.Str)
	if !ok {
		return value.None, nil
	}
	if from, ok := c.Ctx.OriginOf(s); ok {
		return value.Str(from), nil
	}
	if c.Ctx.Trusted(s) {
		return nil, fmt.Errorf("churten does not keep where the text %s stood", value.Repr(v))
	}
	return value.None, nil
}

// taggedWith knows two of the reference's tags.
func taggedWith(c *expr.Call) (bool, error) {
	var v value.Value
	var tag string
	if err := c.Unpack("value", &v, "tag_name", &tag); err != nil {
		return false, err
	}
	if tag == "VaultedValue" && cipherOf(c.Ctx, v) != "" {
		return true, nil
	}
	if f, bad := v.(value.Faulty); bad {
		return false, f.Fault()
	}
	switch tag {
	case "VaultedValue":
		return false, nil
	case "TrustedAsTemplate":
		v, err := value.Force(v)
		if err != nil {
			return false, err
		}
		s, ok := v.(value.Str)
		return ok && c.Ctx.Trusted(s), nil
	}
	return false, fmt.Errorf("churten keeps no tag %s on values", value.Repr(value.Str(tag)))
}
