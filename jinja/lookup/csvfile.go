package lookup

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/filter/pycsv"
	"github.com/churten/churten/jinja/value"
)

func init() { add("csvfile", csvfile).files = true }

// csvfile gives a field of the first line whose key field is the term.
func csvfile(c *Call) ([]value.Value, error) {
	out := []value.Value{}
	if len(c.Terms) == 0 {
		return nil, errors.New("Search key is required but was not found")
	}
	given := c.options
	for _, t := range c.Terms {
		s, err := term(t, "split")
		if err != nil {
			return nil, err
		}
		pairs, words := keyValues(s)
		if len(words) == 0 {
			return nil, errors.New("Search key is required but was not found")
		}
		c.options = given
		if pairs.Len() > 0 {
			c.options = map[string]value.Value{}
			for k, v := range given {
				c.options[k] = v
			}
		}
		for k, v := range pairs.All() {
			switch name := value.Text(k); name {
			case "file", "delimiter", "encoding", "default", "col", "keycol":
				c.options[name] = v
			default:
				return nil, fmt.Errorf("%s is not a valid option", value.Repr(k))
			}
		}
		v, err := c.field(unquote(strings.Join(words, " ")))
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		if l, ok := v.(*value.List); ok {
			out = append(out, l.Items...)
		} else {
			out = append(out, v)
		}
	}
	return out, nil
}

// field finds the line of key; it gives the default, or nil, if there is none.
func (c *Call) field(key string) (value.Value, error) {
	keyCol, _, err := c.number("keycol", 0)
	if err != nil {
		return nil, err
	}
	col, _, err := c.number("col", 1)
	if err != nil {
		return nil, err
	}
	comma := c.text("delimiter", "TAB")
	if comma == "TAB" || comma == `\t` {
		comma = "\t"
	}
	if len([]rune(comma)) != 1 {
		return nil, errors.New(`"delimiter" must be a 1-character string`)
	}
	path, err := c.find("files", c.text("file", "ansible.csv"))
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, errors.New("expected str, bytes or os.PathLike object, not NoneType")
	}
	raw, err := c.ctl.ReadFile(path)
	if err != nil {
		return nil, reason(path, err)
	}
	text, err := value.DecodeText(string(raw), c.text("encoding", "utf-8"), "strict")
	if err != nil {
		return nil, err
	}
	rows, err := pycsv.Read(text, pycsv.Dialect{Delimiter: []rune(comma)[0]})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if len(row) == 0 {
			continue
		}
		k, err := at(row, keyCol)
		if err != nil {
			return nil, err
		}
		if k == key {
			s, err := at(row, col)
			return value.Str(s), err
		}
	}
	return c.option("default"), nil
}

func at(row []string, i int64) (string, error) {
	if i < 0 {
		i += int64(len(row))
	}
	if i < 0 || i >= int64(len(row)) {
		return "", errors.New("list index out of range")
	}
	return row[i], nil
}
