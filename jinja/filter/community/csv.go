package community

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pycsv"
	"github.com/churten/churten/jinja/value"
)

func init() { add("from_csv", "from_csv", fromCSV) }

// fromCSV gives a dict for each row, named by the first one or by fieldnames.
func fromCSV(c *expr.Call) (value.Value, error) {
	var v, names, delimiter, skip, strict value.Value
	dialect := "excel"
	if err := c.Unpack("data", &v, "dialect?", &dialect, "fieldnames?", &names, "delimiter?", &delimiter,
		"skipinitialspace?", &skip, "strict?", &strict); err != nil {
		return nil, err
	}
	d := pycsv.Dialect{Delimiter: ','}
	switch dialect {
	case "excel", "unix":
	case "excel-tab":
		d.Delimiter = '\t'
	default:
		return nil, fmt.Errorf("Dialect '%s' is not supported by your version of python.", dialect)
	}
	if given(delimiter) {
		s, ok := value.AsText(delimiter)
		switch {
		case !ok:
			return nil, fmt.Errorf("Unable to create custom dialect: \"delimiter\" must be string, not %s", delimiter.Type())
		case utf8.RuneCountInString(s) != 1:
			return nil, errors.New(`Unable to create custom dialect: "delimiter" must be a 1-character string`)
		}
		d.Delimiter, _ = utf8.DecodeRuneInString(s)
	}
	d.SkipInitial, d.Strict = given(skip) && value.Truth(skip), given(strict) && value.Truth(strict)
	rows, err := pycsv.Read(strings.TrimPrefix(value.Text(v), "\ufeff"), d)
	if err != nil {
		return nil, fmt.Errorf("Unable to process file: %w", err)
	}
	var fields []value.Value
	if given(names) {
		if fields, err = value.Items(names); err != nil {
			return nil, err
		}
	} else if len(rows) > 0 {
		fields = value.Strings(rows[0]...).Items
		rows = rows[1:]
	}
	out := []value.Value{}
	for _, row := range rows {
		if len(row) > 0 {
			out = append(out, record(fields, row))
		}
	}
	return list(out), nil
}

// record names the fields of a row: those too many stand under None, those
// that are missing are None.
func record(fields []value.Value, row []string) *value.Dict {
	d := value.NewDict(len(fields))
	for i, name := range fields {
		if i < len(row) {
			d.Set(name, value.Str(row[i]))
		}
	}
	if len(row) > len(fields) {
		d.Set(value.None, value.Strings(row[len(fields):]...))
	}
	for i := len(row); i < len(fields); i++ {
		d.Set(fields[i], value.None)
	}
	return d
}
