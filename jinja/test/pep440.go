package test

import (
	"fmt"
	"strings"

	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

// pepShape is the form of a version by PEP 440, as its appendix B allows it to be written.
const pepShape = `\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)` + // epoch, release
	`(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d+)?)?` +
	`(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d+)?)?` +
	`(?:[-_.]?(dev)[-_.]?(\d+)?)?` +
	`(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*`

type pepVersion struct {
	epoch           string
	release         []string
	pre, preNum     string
	post, dev       string
	hasPost, hasDev bool
	local           []string
}

func parsePEP440(s string) (*pepVersion, error) {
	g, err := groupsOf(pepShape, pyre.IgnoreCase, s)
	if err != nil {
		return nil, err
	}
	if g == nil {
		return nil, fmt.Errorf("Invalid version: %s", value.QuoteRepr(s))
	}
	v := &pepVersion{epoch: g[1], release: strings.Split(g[2], "."), preNum: g[4], post: g[5] + g[7], dev: g[9]}
	for len(v.release) > 1 && strings.Trim(v.release[len(v.release)-1], "0") == "" {
		v.release = v.release[:len(v.release)-1]
	}
	switch p := strings.ToLower(g[3]); p {
	case "alpha":
		v.pre = "a"
	case "beta":
		v.pre = "b"
	case "c", "pre", "preview":
		v.pre = "rc"
	default:
		v.pre = p
	}
	v.hasPost, v.hasDev = g[5] != "" || g[6] != "", g[8] != ""
	if g[10] != "" {
		v.local = strings.FieldsFunc(strings.ToLower(g[10]), func(r rune) bool { return strings.ContainsRune("-_.", r) })
	}
	return v, nil
}

// stage ranks what comes before a release: a development release of the release
// itself is older than any alpha, the release newer than any candidate.
func (v *pepVersion) stage() string {
	switch {
	case v.pre != "":
		return v.pre
	case !v.hasPost && v.hasDev:
		return ""
	}
	return "~"
}

func comparePEP440(a, b string) (int, error) {
	x, err := parsePEP440(a)
	if err != nil {
		return 0, err
	}
	y, err := parsePEP440(b)
	if err != nil {
		return 0, err
	}
	return firstNonZero(
		compareNumbers(x.epoch, y.epoch),
		compareRelease(x.release, y.release),
		strings.Compare(x.stage(), y.stage()), compareNumbers(x.preNum, y.preNum),
		present(x.hasPost, y.hasPost), compareNumbers(x.post, y.post),
		-present(x.hasDev, y.hasDev), compareNumbers(x.dev, y.dev),
		compareLocal(x.local, y.local),
	), nil
}

// present ranks what is there above what is not.
func present(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func compareRelease(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if c := compareNumbers(a[i], b[i]); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// compareLocal orders local versions: words before numbers, none before any.
func compareLocal(a, b []string) int {
	for i := range min(len(a), len(b)) {
		aNum, bNum := isNumeric(a[i]), isNumeric(b[i])
		c := present(aNum, bNum)
		if aNum && bNum {
			c = compareNumbers(a[i], b[i])
		} else if c == 0 {
			c = strings.Compare(a[i], b[i])
		}
		if c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}
