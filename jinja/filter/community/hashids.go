package community

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/value"
)

func init() {
	add("hashids_encode", "hashids_encode", hashidsEncode)
	add("hashids_decode", "hashids_decode", hashidsDecode)
}

// hashids is the algorithm of hashids.org, version 1: short texts for lists of
// numbers, and back.
type hashids struct {
	salt, alphabet, separators, guards []rune
	minLength                          int
}

const (
	hashAlphabet   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890"
	hashSeparators = "cfhistuCFHISTU"
	// leastAlphabet is how many characters an alphabet has at least.
	leastAlphabet = 16
	// separatorRatio and guardRatio say how many of the alphabet's characters serve as such.
	separatorRatio = 3.5
	guardRatio     = 12
	// maxHashLength bounds what min_length can ask for.
	maxHashLength = 1 << 20
)

func newHashids(salt, alphabet string, minLength int) (*hashids, error) {
	h := &hashids{salt: []rune(salt), minLength: minLength}
	for _, c := range hashSeparators {
		if strings.ContainsRune(alphabet, c) {
			h.separators = append(h.separators, c)
		}
	}
	for _, c := range alphabet {
		if !slices.Contains(h.alphabet, c) && !slices.Contains(h.separators, c) {
			h.alphabet = append(h.alphabet, c)
		}
	}
	if len(h.alphabet)+len(h.separators) < leastAlphabet {
		return nil, errors.New("Alphabet must contain at least 16 unique characters.")
	}
	h.separators = reorder(h.separators, h.salt)
	if n := len(h.separators); n == 0 || float64(len(h.alphabet))/float64(n) > separatorRatio {
		want := max(int(math.Ceil(float64(len(h.alphabet))/separatorRatio)), 2)
		if more := want - n; more > 0 {
			h.separators = append(h.separators, h.alphabet[:more]...)
			h.alphabet = h.alphabet[more:]
		}
	}
	h.alphabet = reorder(h.alphabet, h.salt)
	n := (len(h.alphabet) + guardRatio - 1) / guardRatio
	if len(h.alphabet) < 3 {
		h.guards, h.separators = h.separators[:n], h.separators[n:]
	} else {
		h.guards, h.alphabet = h.alphabet[:n], h.alphabet[n:]
	}
	return h, nil
}

// reorder shuffles text in the order that salt gives.
func reorder(text, salt []rune) []rune {
	text = slices.Clone(text)
	if len(salt) == 0 {
		return text
	}
	for i, at, sum := len(text)-1, 0, 0; i > 0; i-- {
		n := int(salt[at])
		sum += n
		j := (n + at + sum) % i
		text[i], text[j] = text[j], text[i]
		at = (at + 1) % len(salt)
	}
	return text
}

// salted is the alphabet's order for the next number.
func (h *hashids) salted(lottery rune, alphabet []rune) []rune {
	salt := append(append([]rune{lottery}, h.salt...), alphabet...)
	return reorder(alphabet, salt[:len(alphabet)])
}

func (h *hashids) encode(numbers []*big.Int) string {
	if len(numbers) == 0 {
		return ""
	}
	hash := new(big.Int)
	mod := func(n *big.Int, m int) int { return int(new(big.Int).Mod(n, big.NewInt(int64(m))).Int64()) }
	for i, n := range numbers {
		hash.Add(hash, big.NewInt(int64(mod(n, i+100))))
	}
	alphabet := h.alphabet
	lottery := alphabet[mod(hash, len(alphabet))]
	out := []rune{lottery}
	for i, n := range numbers {
		alphabet = h.salted(lottery, alphabet)
		digits := inBase(n, alphabet)
		out = append(out, digits...)
		if i < len(numbers)-1 {
			out = append(out, h.separators[mod(n, int(digits[0])+i)%len(h.separators)])
		}
	}
	guard := func(c rune) rune { return h.guards[mod(new(big.Int).Add(hash, big.NewInt(int64(c))), len(h.guards))] }
	if len(out) < h.minLength {
		out = append([]rune{guard(out[0])}, out...)
	}
	if len(out) < h.minLength {
		out = append(out, guard(out[2]))
	}
	for half := len(alphabet) / 2; len(out) < h.minLength; {
		alphabet = reorder(alphabet, alphabet)
		out = slices.Concat(alphabet[half:], out, alphabet[:half])
		if excess := len(out) - h.minLength; excess > 0 {
			out = out[excess/2 : excess/2+h.minLength]
		}
	}
	return string(out)
}

func inBase(n *big.Int, alphabet []rune) []rune {
	base, n := big.NewInt(int64(len(alphabet))), new(big.Int).Set(n)
	var out []rune
	for digit := new(big.Int); len(out) == 0 || n.Sign() > 0; {
		n.DivMod(n, base, digit)
		out = append(out, alphabet[digit.Int64()])
	}
	slices.Reverse(out)
	return out
}

// decode gives the numbers of a text, none if it is none of these hashes.
func (h *hashids) decode(text string) []*big.Int {
	parts := splitRunes(text, h.guards)
	core := parts[0]
	if len(parts) == 2 || len(parts) == 3 {
		core = parts[1]
	}
	if core == "" {
		return nil
	}
	runes := []rune(core)
	lottery, alphabet := runes[0], h.alphabet
	var out []*big.Int
	for _, part := range splitRunes(string(runes[1:]), h.separators) {
		alphabet = h.salted(lottery, alphabet)
		n := new(big.Int)
		for _, c := range part {
			i := slices.Index(alphabet, c)
			if i < 0 {
				return nil
			}
			n.Add(n.Mul(n, big.NewInt(int64(len(alphabet)))), big.NewInt(int64(i)))
		}
		out = append(out, n)
	}
	if h.encode(out) != text {
		return nil
	}
	return out
}

func splitRunes(s string, at []rune) []string {
	var parts []string
	from := 0
	for i, c := range s {
		if slices.Contains(at, c) {
			parts = append(parts, s[from:i])
			from = i + len(string(c))
		}
	}
	return append(parts, s[from:])
}

// hashidsOf reads the settings that both filters have.
func hashidsOf(c *expr.Call, data string) (value.Value, *hashids, error) {
	var v, salt, alphabet, length value.Value
	if err := c.Unpack(data, &v, "salt?", &salt, "alphabet?", &alphabet, "min_length?", &length); err != nil {
		return nil, nil, err
	}
	var settings []string
	for _, s := range []struct {
		name string
		v    value.Value
	}{{"salt", salt}, {"alphabet", alphabet}, {"min_length", length}} {
		if given(s.v) {
			settings = append(settings, s.name+"="+value.Text(s.v))
		}
	}
	bad := func(format string, args ...any) error {
		return fmt.Errorf("The provided parameters %s are invalid: %s", strings.Join(settings, ", "), fmt.Sprintf(format, args...))
	}
	saltText, letters, least := "", hashAlphabet, 0
	if given(salt) {
		s, ok := value.AsText(salt)
		if !ok {
			return nil, nil, bad("object of type '%s' has no len()", salt.Type())
		}
		saltText = s
	}
	if given(alphabet) {
		s, ok := value.AsText(alphabet)
		if !ok {
			return nil, nil, bad("argument of type '%s' is not iterable", alphabet.Type())
		}
		letters = s
	}
	if given(length) {
		f, ok := value.AsFloat(length)
		if s, text := value.AsText(length); text {
			n, isInt := new(big.Int).SetString(strings.TrimSpace(s), 10)
			if !isInt {
				return nil, nil, fmt.Errorf("invalid literal for int() with base 10: %s", value.Repr(length))
			}
			f, _ = n.Float64()
			ok = true
		}
		if !ok {
			return nil, nil, bad("int() argument must be a string, a bytes-like object or a real number, not '%s'", length.Type())
		}
		if f > maxHashLength {
			return nil, nil, fmt.Errorf("min_length is too big (more than %d)", maxHashLength)
		}
		least = int(f)
	}
	h, err := newHashids(saltText, letters, least)
	return v, h, err
}

func hashidsEncode(c *expr.Call) (value.Value, error) {
	v, h, err := hashidsOf(c, "nums")
	if err != nil {
		return nil, err
	}
	items := []value.Value{v}
	switch x := v.(type) {
	case *value.List:
		items = x.Items
	case *value.Tuple:
		items = x.Items
	}
	numbers := make([]*big.Int, len(items))
	for i, item := range items {
		n, ok := value.AsBig(item)
		switch item.(type) {
		case value.Str, value.Markup:
			return value.Str(""), nil
		case value.Float:
			if f, _ := value.AsFloat(item); f != math.Trunc(f) || f < 0 {
				return value.Str(""), nil
			}
			return nil, errors.New("Data to encode must by a tuple or list of ints: string indices must be integers, not 'float'")
		}
		if !ok {
			return nil, fmt.Errorf("Data to encode must by a tuple or list of ints: int() argument must be a string, a bytes-like object or a real number, not '%s'", item.Type())
		}
		if n.Sign() < 0 {
			return value.Str(""), nil
		}
		numbers[i] = n
	}
	return value.Str(h.encode(numbers)), nil
}

func hashidsDecode(c *expr.Call) (value.Value, error) {
	v, h, err := hashidsOf(c, "hashid")
	if err != nil {
		return nil, err
	}
	out := []value.Value{}
	if s, ok := value.AsText(v); ok && s != "" {
		for _, n := range h.decode(s) {
			out = append(out, value.NewInt(n))
		}
	}
	return list(out), nil
}
