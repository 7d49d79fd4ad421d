package lvol

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/churten/churten/jinja/value"
	"github.com/churten/churten/modules/kit/module"
)

// size is what the argument says.
type size struct {
	sign    string  // "+", "-" or "" for the size itself
	text    string  // without sign and unit; with whole behind it for a percentage
	unit    string  // as given, "m" where there is none; "" of a percentage
	number  float64 // in units, or percent
	percent string  // VG, PVS, FREE or ORIGIN; "" where it is none
}

// parse reads a size: [+-]NUMBER[bskmgtpe], or [+-]N%VG and so on.
func parse(given string, snapshot bool) (*size, error) {
	s := &size{text: given}
	if given[0] == '+' || given[0] == '-' {
		s.sign, s.text = given[:1], given[1:]
	}
	if number, whole, ok := strings.Cut(s.text, "%"); ok {
		return s.portion(number, whole, snapshot)
	}
	s.unit = "m"
	if end := len(s.text) - 1; end >= 0 && strings.IndexByte("bskmgtpeBSKMGTPE", s.text[end]) >= 0 {
		s.text, s.unit = s.text[:end], s.text[end:]
	}
	// LVM knows neither exponents nor what else Python has.
	number := strings.TrimRight(s.text, " ")
	var err error
	if s.number, err = strconv.ParseFloat(number, 64); err != nil || strings.Trim(number, "0123456789.") != "" || number[0] == '.' {
		return nil, module.Failf("Bad size specification of '%s'", s.text)
	}
	s.text = number
	return s, nil
}

func (s *size) portion(number, whole string, snapshot bool) (*size, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31)
	switch {
	case err != nil:
		return nil, fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(value.Str(number)))
	case n > 100:
		return nil, module.Failf("Size percentage cannot be larger than 100%%")
	case whole == "ORIGIN" && !snapshot:
		return nil, module.Failf("Percentage of ORIGIN supported only for snapshot volumes")
	case !slices.Contains([]string{"VG", "PVS", "FREE", "ORIGIN"}, whole):
		return nil, module.Failf("Specify extents as a percentage of VG|PVS|FREE|ORIGIN")
	}
	s.number, s.percent, s.text = float64(n), whole, strconv.FormatUint(n, 10)+"%"+whole
	return s, nil
}

// words are the option and its value for lvcreate and so on; new volumes have no sign.
func (s *size) words(sign string) []string {
	option := "-L"
	if s.percent != "" {
		option = "-l"
	}
	return []string{option, sign + s.text + s.unit}
}
