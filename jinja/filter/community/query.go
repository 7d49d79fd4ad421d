package community

import (
	"errors"
	"fmt"
	"sync"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/jmespath"
	"github.com/churten/churten/jinja/value"
)

func init() {
	f := add("json_query", "json_query", query)
	f.Lazy = true
	short("json_query", f)
}

// queries keeps compiled queries: the same one is put to each host and item. It
// is a pure function's memory, hence a variable that changes after init.
var queries = struct {
	sync.Mutex
	known map[string]*jmespath.Query
}{known: map[string]*jmespath.Query{}}

const maxQueries = 512

func compileQuery(text string) (*jmespath.Query, error) {
	queries.Lock()
	q := queries.known[text]
	queries.Unlock()
	if q != nil {
		return q, nil
	}
	q, err := jmespath.Compile(text)
	if err != nil {
		return nil, err
	}
	queries.Lock()
	defer queries.Unlock()
	if len(queries.known) >= maxQueries {
		clear(queries.known)
	}
	queries.known[text] = q
	return q, nil
}

func query(c *expr.Call) (value.Value, error) {
	var data, text value.Value
	if err := c.Unpack("data", &data, "expr", &text); err != nil {
		return nil, err
	}
	data, err := value.Force(data)
	if err == nil {
		text, err = value.Deep(text)
	}
	if err != nil {
		return nil, err
	}
	if f, ok := data.(value.Faulty); ok {
		return nil, f.Fault()
	}
	result, err := search(data, text)
	if err == nil {
		return result, nil
	}
	var fault *jmespath.Error
	if errors.As(err, &fault) {
		return nil, fmt.Errorf("JMESPathError in json_query filter plugin:\n%w", err)
	}
	// What is undefined stays no more than a part of this message, as in the reference.
	return nil, errors.New("Error in jmespath.search in json_query filter plugin:\n" + err.Error())
}

func search(data, text value.Value) (value.Value, error) {
	s, ok := value.AsText(text)
	switch {
	case !ok && !value.Hashable(text):
		return nil, fmt.Errorf("unhashable type: '%s'", text.Type())
	case !ok && value.Truth(text):
		return nil, fmt.Errorf("'%s' object is not iterable", text.Type())
	}
	q, err := compileQuery(s)
	if err != nil {
		return nil, err
	}
	result, err := q.Search(data)
	if err == nil && result.Type() == "_Expression" {
		return nil, errors.New("Type '_Expression' is unsupported for variable storage.")
	}
	return result, err
}
