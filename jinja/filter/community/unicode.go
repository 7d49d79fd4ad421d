package community

import (
	"fmt"

	"golang.org/x/text/unicode/norm"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() { add("unicode_normalize", "unicode_normalize", normalize) }

var forms = map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}

func normalize(c *expr.Call) (value.Value, error) {
	var v value.Value
	form := "NFC"
	if err := c.Unpack("data", &v, "form?", &form); err != nil {
		return nil, err
	}
	s, ok := value.AsText(v)
	if !ok {
		return nil, fmt.Errorf("%s is not a valid input type", class(v))
	}
	f, ok := forms[form]
	if !ok {
		return nil, fmt.Errorf("%s is not a valid form", form)
	}
	return value.Str(f.String(s)), nil
}
