package filter

import (
	"fmt"
	"html"
	"sort"
	"strings"

	"github.com/churten/churten/jinja/expr"
	"github.com/churten/churten/jinja/filter/pyre"
	"github.com/churten/churten/jinja/value"
)

func init() { add("urlize", "do_urlize", urlize) }

func urlize(c *expr.Call) (value.Value, error) {
	var v, limit, target, rel, schemes value.Value
	nofollow := false
	if err := unpackEnv(c, "value", &v, "trim_url_limit?", &limit, "nofollow?", &nofollow, "target?", &target, "rel?", &rel,
		"extra_schemes?", &schemes); err != nil {
		return nil, err
	}
	l := linker{limit: -1}
	if given(limit) {
		n, err := value.Index(limit)
		if err != nil {
			return nil, fmt.Errorf("'>' not supported between instances of 'int' and '%s'", limit.Type())
		}
		l.limit = int(n)
	}
	if err := l.setSchemes(schemes); err != nil {
		return nil, err
	}
	l.rel = relOf(rel, nofollow)
	if given(target) {
		l.target = ` target="` + value.EscapeHTML(value.Text(target)) + `"`
	}
	s, err := l.text(value.Text(v))
	return value.Str(s), err
}

// relOf puts together the rel attribute: what was given, nofollow, and noopener always.
func relOf(rel value.Value, nofollow bool) string {
	parts := map[string]bool{"noopener": true}
	if given(rel) {
		for _, p := range strings.Fields(value.Text(rel)) {
			parts[p] = true
		}
	}
	if nofollow {
		parts["nofollow"] = true
	}
	var names []string
	for p := range parts {
		names = append(names, p)
	}
	sort.Strings(names)
	return ` rel="` + value.EscapeHTML(strings.Join(names, " ")) + `"`
}

// linker makes links of what looks like an address.
type linker struct {
	limit       int
	rel, target string
	schemes     []string
}

func (l *linker) setSchemes(v value.Value) error {
	if !given(v) {
		return nil
	}
	items, err := value.Items(v)
	if err != nil {
		return err
	}
	re, err := pyre.Compile(`[\w.+-]{2,}:(/){0,2}`, 0)
	if err != nil {
		return err
	}
	for _, item := range items {
		s := value.Text(item)
		m, err := re.FullMatch(s)
		if err != nil {
			return err
		}
		if m == nil {
			return fmt.Errorf("%s is not a valid URI scheme prefix.", value.QuoteRepr(s))
		}
		l.schemes = append(l.schemes, s)
	}
	return nil
}

// The shapes of addresses: with scheme or of a known kind of domain; e-mail.
const (
	httpShape = `((https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)` +
		`|(https?://)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))(?::[\d]{1,5})?(?:[/?#]\S*)?$`
	mailShape = `^\S+@\w[\w.-]*\.\w+$`
)

func (l *linker) text(s string) (string, error) {
	// Words are split on blanks of the escaped text, which stay as they are.
	re, err := pyre.Compile(`(\s+)`, 0)
	if err != nil {
		return "", err
	}
	words, err := re.Split(value.EscapeHTML(s))
	if err != nil {
		return "", err
	}
	for i, word := range words {
		if words[i], err = l.word(word); err != nil {
			return "", err
		}
	}
	return strings.Join(words, ""), nil
}

// word splits off brackets and punctuation around a word and links the rest.
func (l *linker) word(word string) (string, error) {
	head, middle, tail := "", word, ""
	lead := len(middle) - len(strings.TrimLeft(middle, "(<"))
	for strings.HasPrefix(middle[lead:], "&lt;") {
		lead += len("&lt;")
	}
	head, middle = middle[:lead], middle[lead:]
	if trimmed := trimTail(middle); trimmed != middle {
		middle, tail = trimmed, middle[len(trimmed):]
	}
	// A bracket that is opened in the address belongs to it.
	for _, pair := range [][2]string{{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}} {
		open := strings.Count(middle, pair[0])
		if open <= strings.Count(middle, pair[1]) {
			continue
		}
		for range min(open, strings.Count(tail, pair[1])) {
			end := strings.Index(tail, pair[1]) + len(pair[1])
			middle, tail = middle+tail[:end], tail[end:]
		}
	}
	linked, err := l.link(middle)
	return head + linked + tail, err
}

func trimTail(s string) string {
	for {
		t := strings.TrimRight(s, ")>.,\n")
		t = strings.TrimSuffix(t, "&gt;")
		if t == s {
			return s
		}
		s = t
	}
}

func (l *linker) link(s string) (string, error) {
	matches := func(shape string, flags pyre.Flags) (bool, error) {
		re, err := pyre.Compile(shape, flags)
		if err != nil {
			return false, err
		}
		m, err := re.Match(s)
		return m != nil, err
	}
	isHTTP, err := matches(httpShape, pyre.IgnoreCase)
	if err != nil {
		return "", err
	}
	if isHTTP {
		url := s
		if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
			url = "https://" + s
		}
		return `<a href="` + url + `"` + l.rel + l.target + `>` + l.shown(s) + `</a>`, nil
	}
	if rest, ok := strings.CutPrefix(s, "mailto:"); ok {
		s = rest
		isMail, err := matches(mailShape, 0)
		s = "mailto:" + rest
		if err != nil {
			return "", err
		}
		if isMail {
			return `<a href="` + s + `">` + rest + `</a>`, nil
		}
	}
	if strings.Contains(s, "@") && !strings.HasPrefix(s, "www.") && !strings.HasPrefix(s, "@") && !strings.Contains(s, ":") {
		isMail, err := matches(mailShape, 0)
		if err != nil {
			return "", err
		}
		if isMail {
			return `<a href="mailto:` + s + `">` + s + `</a>`, nil
		}
	}
	for _, scheme := range l.schemes {
		if s != scheme && strings.HasPrefix(s, scheme) {
			return `<a href="` + s + `"` + l.rel + l.target + `>` + s + `</a>`, nil
		}
	}
	return s, nil
}

// shown cuts an address to the limit.
func (l *linker) shown(s string) string {
	if l.limit < 0 {
		return s
	}
	if plain := []rune(html.UnescapeString(s)); len(plain) > l.limit {
		runes := []rune(s)
		return string(runes[:min(l.limit, len(runes))]) + "..."
	}
	return s
}
