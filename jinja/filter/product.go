package filter

import (
	"errors"
	"fmt"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	addKeys("zip", "zip", zip)
	addKeys("zip_longest", "zip_longest", zipLongest)
	addKeys("product", "product", product)
	addKeys("combinations", "combinations", combinations)
	addKeys("permutations", "permutations", permutations)
}

// allItems gives the items of each positional argument.
func allItems(c *expr.Call) ([][]value.Value, error) {
	all := make([][]value.Value, len(c.Args))
	for i, v := range c.Args {
		items, err := value.Items(v)
		if err != nil {
			return nil, err
		}
		all[i] = items
	}
	return all, nil
}

// keyword takes the one keyword argument that a function knows, or faults another.
func keyword(c *expr.Call, name, wrong string) (value.Value, error) {
	for k := range c.Kwargs.All() {
		if k != value.Str(name) {
			return nil, fmt.Errorf(wrong, value.Text(k), c.Name)
		}
	}
	v, _ := c.Kwargs.GetStr(name)
	return v, nil
}

const invalidKeyword = "'%s' is an invalid keyword argument for %s()"

func zip(c *expr.Call) (value.Value, error) {
	strict, err := keyword(c, "strict", invalidKeyword)
	if err != nil {
		return nil, err
	}
	all, err := allItems(c)
	if err != nil || len(all) == 0 {
		return list(nil), err
	}
	n := len(all[0])
	for i, items := range all {
		if given(strict) && value.Truth(strict) && len(items) != len(all[0]) {
			how, before := "shorter", "argument 1"
			if len(items) > len(all[0]) {
				how = "longer"
			}
			if i > 1 {
				before = fmt.Sprintf("arguments 1-%d", i)
			}
			return nil, fmt.Errorf("zip() argument %d is %s than %s", i+1, how, before)
		}
		n = min(n, len(items))
	}
	out := make([]value.Value, n)
	for i := range out {
		row := make([]value.Value, len(all))
		for j, items := range all {
			row[j] = items[i]
		}
		out[i] = value.NewTuple(row...)
	}
	return list(out), nil
}

func zipLongest(c *expr.Call) (value.Value, error) {
	fill, err := keyword(c, "fillvalue", "zip_longest() got an unexpected keyword argument%.0[1]s%.0[2]s")
	if err != nil {
		return nil, err
	}
	all, err := allItems(c)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, items := range all {
		n = max(n, len(items))
	}
	out := make([]value.Value, n)
	for i := range out {
		row := make([]value.Value, len(all))
		for j, items := range all {
			if row[j] = orNone(fill); i < len(items) {
				row[j] = items[i]
			}
		}
		out[i] = value.NewTuple(row...)
	}
	return list(out), nil
}

// maxCells bounds what product and its kin may make: rows times their length.
const maxCells = 8_000_000

var errTooManyCells = fmt.Errorf("result is too big (more than %d items in all)", maxCells)

func tooMany(rows float64, width int) bool { return rows*float64(max(width, 1)) > maxCells }

func product(c *expr.Call) (value.Value, error) {
	repeat, err := keyword(c, "repeat", invalidKeyword)
	if err != nil {
		return nil, err
	}
	times := int64(1)
	if repeat != nil {
		if times, err = value.Index(repeat); err != nil {
			return nil, err
		}
		if times < 0 {
			return nil, errors.New("repeat argument cannot be negative")
		}
	}
	once, err := allItems(c)
	if err != nil {
		return nil, err
	}
	rows := [][]value.Value{nil}
	for range times {
		for _, items := range once {
			if tooMany(float64(len(items)*len(rows)), len(once)*int(min(times, maxCells))) {
				return nil, errTooManyCells
			}
			next := make([][]value.Value, 0, len(items)*len(rows))
			for _, row := range rows {
				for _, item := range items {
					next = append(next, append(row[:len(row):len(row)], item))
				}
			}
			rows = next
		}
	}
	return tuples(rows), nil
}

func tuples(rows [][]value.Value) value.Value {
	out := make([]value.Value, len(rows))
	for i, row := range rows {
		out[i] = value.NewTuple(row...)
	}
	return list(out)
}

// choice unpacks the arguments of combinations and permutations; r is -1 if
// it was not given.
func choice(c *expr.Call, required bool) (items []value.Value, r int, err error) {
	var it, size value.Value
	if len(c.Args) > 2 {
		return nil, 0, fmt.Errorf("%s() takes at most 2 arguments (%d given)", c.Name, len(c.Args)+c.Kwargs.Len())
	}
	if err := value.Unpack(c.Name, c.Args, c.Kwargs, "iterable?", &it, "r?", &size); err != nil {
		return nil, 0, err
	}
	if required && size == nil {
		return nil, 0, fmt.Errorf("%s() missing required argument 'r' (pos 2)", c.Name)
	}
	if items, err = value.Items(orNone(it)); err != nil {
		return nil, 0, err
	}
	if !required && !given(size) {
		return items, len(items), nil
	}
	n, err := value.Index(size)
	if err != nil {
		if !required {
			err = errors.New("Expected int as r")
		}
		return nil, 0, err
	}
	if n < 0 {
		return nil, 0, errors.New("r must be non-negative")
	}
	return items, int(min(n, int64(len(items)+1))), nil
}

func combinations(c *expr.Call) (value.Value, error) {
	items, r, err := choice(c, true)
	if err != nil {
		return nil, err
	}
	rows := 1.0
	for i := range r {
		rows = rows * float64(len(items)-i) / float64(i+1)
	}
	return pick(items, r, rows, func(row []int, i int) bool { return len(row) == 0 || i > row[len(row)-1] })
}

func permutations(c *expr.Call) (value.Value, error) {
	items, r, err := choice(c, false)
	if err != nil {
		return nil, err
	}
	rows := 1.0
	for i := range r {
		rows *= float64(len(items) - i)
	}
	return pick(items, r, rows, func(row []int, i int) bool {
		for _, j := range row {
			if i == j {
				return false
			}
		}
		return true
	})
}

// pick gives the rows of r items in which each may follow those before it;
// count is how many there are.
func pick(items []value.Value, r int, count float64, may func(row []int, i int) bool) (value.Value, error) {
	if r > len(items) {
		return list(nil), nil
	}
	if tooMany(count, r) {
		return nil, errTooManyCells
	}
	rows := make([][]value.Value, 0, int(count))
	row := make([]int, 0, r)
	var grow func()
	grow = func() {
		if len(row) == r {
			out := make([]value.Value, r)
			for k, i := range row {
				out[k] = items[i]
			}
			rows = append(rows, out)
			return
		}
		for i := range items {
			if may(row, i) {
				row = append(row, i)
				grow()
				row = row[:len(row)-1]
			}
		}
	}
	grow()
	return tuples(rows), nil
}
