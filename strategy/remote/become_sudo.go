package remote

import (
	"fmt"
	"strings"

	"github.com/churten/churten/modules/kit/wire"
)

func init() { methods["sudo"] = sudo }

// sudo forms the line as the reference's plugin does: exe, flags, prompt,
// user. With a password -n goes, in all the forms that flags may have it in,
// and -p asks in words of our own.
//
// Seen on ansible-core 2.19: become_flags "-H -S -n" and the user bob give
// "sudo -H -S -n -u bob", with a password
// `sudo -H -S -p "[sudo via ansible, key=…] password:" -u bob`.
func sudo(b *Become, key string) (escalation, error) {
	exe, flags := b.Exe, b.Flags
	if exe == "" {
		exe = "sudo"
	}
	if flags == "" && !b.NoFlags {
		flags = "-H -S -n"
	}
	e := escalation{
		wrong:   []string{"Sorry, try again."},
		missing: []string{"Sorry, a password is required to run sudo", "sudo: a password is required"},
	}
	words := []string{exe}
	if b.HasPassword {
		flags = withoutN(flags)
		prompt := fmt.Sprintf("[sudo via ansible, key=%s] password:", key)
		e.prompts = []string{prompt}
		words = append(words, flags, `-p "`+prompt+`"`)
	} else {
		// Flags of one's own may lack -n; then sudo asks, and waits.
		e.prompts = []string{"[sudo] password for "}
		words = append(words, flags)
	}
	if b.User != "" {
		words = append(words, "-u "+shellWord(b.User))
	}
	e.line = joinWords(words)
	if dir := b.option("sudo_chdir"); dir != "" {
		e.line = "cd " + shellWord(dir) + " && " + e.line
	}
	return e, nil
}

// sudosu is sudo to su, for hosts where only that is allowed.
func sudosu(b *Become, key string) (escalation, error) {
	own := *b
	own.Exe, own.User, own.More = "", "", "" // it has no exe
	e, err := sudo(&own, key)
	e.line += " su -l " + shellWord(b.User)
	if b.option("alt_method") == "true" {
		e.line += " -c"
		e.form = wire.FormBareWord
	}
	return e, err
}

// withoutN takes -n, --non-interactive and the n of flags written together
// out of flags.
func withoutN(flags string) string {
	var out []string
	for _, f := range strings.Fields(flags) {
		switch {
		case f == "--non-interactive":
			continue
		case strings.HasPrefix(f, "-") && !strings.HasPrefix(f, "--"):
			if f = strings.ReplaceAll(f, "n", ""); f == "-" {
				continue
			}
		}
		out = append(out, f)
	}
	return strings.Join(out, " ")
}

func joinWords(words []string) string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// shellWord quotes s for a POSIX shell, where it needs it.
func shellWord(s string) string {
	plain := s != ""
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_-.,:/@%+=", c) >= 0) {
			plain = false
		}
	}
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}
