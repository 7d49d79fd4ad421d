package lookup

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("env", env).undefined = true }

// env gives variables of churten's own environment.
func env(c *Call) ([]value.Value, error) {
	out := make([]value.Value, 0, len(c.Terms))
	for _, t := range c.Terms {
		if f, ok := t.(value.Faulty); ok {
			return nil, f.Fault()
		}
		s, err := term(t, "split")
		if err != nil {
			return nil, err
		}
		words := strings.Fields(s)
		if len(words) == 0 {
			return nil, errors.New("list index out of range")
		}
		got, ok := os.LookupEnv(words[0])
		if ok {
			c.Ctx.NoteOrigin(value.Str(got), "<environment variable "+value.QuoteRepr(words[0])+">")
			out = append(out, value.Str(got))
			continue
		}
		def := c.option("default")
		switch {
		case def == nil:
			def = value.Str("")
		case isUndef(def):
			def = expr.UndefHint(fmt.Sprintf("The environment variable '%s' is not set.", words[0]))
		}
		out = append(out, def)
	}
	return out, nil
}

// isUndef reports whether v is what undef() gives when it is told nothing.
func isUndef(v value.Value) bool {
	u, ok := v.(*expr.Undefined)
	return ok && u.Msg == expr.UndefMsg
}
