package python

import (
	"regexp"
	"strings"
	"sync"
)

var internalArg = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`'(\w+)':`) })

// internalArgs reads which arguments of the reference's own (_ansible_…) the
// module_utils take: they refuse others, and each version has its own. nil
// when the text does not say.
func internalArgs(text string) []string {
	_, rest, ok := strings.Cut(text, "\nPASS_VARS")
	if !ok {
		return nil
	}
	block, _, _ := strings.Cut(rest, "\n}")
	var names []string
	for _, m := range internalArg().FindAllStringSubmatch(block, -1) {
		names = append(names, m[1])
	}
	return names
}
