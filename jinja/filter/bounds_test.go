package filter_test

import (
	"strings"
	"testing"

	"github.com/churten/churten/jinja/expr"
)

// TestBounds: a little input cannot be made to take all memory. Python tries;
// the words are ours.
func TestBounds(t *testing.T) {
	for src, want := range map[string]string{
		`'x' * 10**10`:              "text is too long",
		`[0] * 10**10`:              "list is too long",
		`range(10**9) | list`:       "range of 1000000000 items is too big",
		`range(0, 10**18) | sum`:    "range of 1000000000000000000 items is too big",
		`'a\nb' | indent(10**9)`:    "result is too big",
		`2 ** (10**9)`:              "integer power too large",
		`'x' | center(10**10)`:      "result is too big",
		`'%1000000000d' % 5`:        "text is too long",
		`'{:1000000000}'.format(5)`: "text is too long",
		`'x'.ljust(10**10)`:         "text is too long",
		`'\t'.expandtabs(10**10)`:   "text is too long",
		`'x' | replace('', 'y' * 10**7) | replace('', 'y' * 10**7)`:                 "result is too big",
		`range(10**5) | join('y' * 10**6)`:                                          "result is too big",
		`range(100) | permutations | list`:                                          "result is too big",
		`range(100) | combinations(50) | list`:                                      "result is too big",
		`range(10**4) | product(range(10**4)) | list`:                               "result is too big",
		`range(10) | batch(10**9, 'x') | list`:                                      "result is too big",
		`range(10) | slice(10**9) | list`:                                           "result is too big",
		`'x' | zip(range(10**9)) | list`:                                            "range of 1000000000 items is too big",
		`lipsum(10**9)`:                                                             "output is too long",
		`'x' | comment(prefix='#' * 10**6, prefix_count=10**6)`:                     "result is too big",
		`'xxx' | regex_replace('x', 'y' * 10**7) | regex_replace('y', 'z' * 10**7)`: "too big",
		`('[' * 10**6) | from_json`:                                                 "maximum recursion depth exceeded",
		`1 | json_query('(' * 10**4)`:                                               "expression is nested too deeply",
		`1 | json_query('!' * 10**4)`:                                               "expression is nested too deeply",
		`{} | ansible.utils.get_path('(' * 10**4)`:                                  "expression is nested too deeply",
		`'::/0' | ansible.utils.usable_range`:                                       "too many addresses to list",
		`[1] | community.general.hashids_encode(min_length=10**9)`:                  "min_length is too big",
		`('x' * 10**5) | community.general.accumulate`:                              "result is too big",
	} {
		_, err := eval(src, expr.Vars{}, environment(func(string) {}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", src, err, want)
		}
	}
}
