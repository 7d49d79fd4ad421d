package filter_test

import "github.com/churten/churten/jinja/expr"

var controllerFilters, controllerTests expr.Funcs
