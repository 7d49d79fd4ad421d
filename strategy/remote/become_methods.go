package remote

import (
	"errors"
	"fmt"
	"strings"

	"github.com/churten/churten/modules/kit/wire"
)

// The lines are those that the reference's plugins form, seen on ansible-core
// 2.19 and community.general 11 with -vvv. What a method says comes from its
// manual, or was seen where Debian has it (su, doas).
func init() {
	methods["su"] = su
	methods["doas"] = doas
	methods["dzdo"] = dzdo
	methods["pbrun"] = pbrun
	methods["pfexec"] = pfexec
	methods["pmrun"] = pmrun
	methods["ksu"] = ksu
	methods["sesu"] = sesu
	methods["sudosu"] = sudosu
	methods["machinectl"] = machinectl
	methods["run0"] = run0
}

// words begins a line: the program and its flags.
func (b *Become) words(exe, flags string) []string {
	if b.Exe != "" {
		exe = b.Exe
	}
	if b.Flags != "" || b.NoFlags {
		flags = b.Flags
	}
	return []string{exe, flags}
}

// suPrompts are how su, through PAM, asks for a password in the languages that
// hosts are set up in.
var suPrompts = []string{"Password", "Adgangskode", "Contraseña", "Contrasenya", "Hasło", "Heslo", "Jelszó", "Lösenord", "Lozinka", "Mật khẩu",
	"Mot de passe", "Parola", "Parole", "Parool", "Pasahitza", "Passord", "Passwort", "Salasana", "Sandi", "Senha", "Wachtwoord", "Şifre", "ססמה",
	"Κωδικός", "Лозинка", "Парола", "Пароль", "गुप्तशब्द", "शब्दकूट", "సంకేతపదము", "හස්පදය", "密码", "密碼", "パスワード", "암호"}

func su(b *Become, _ string) (escalation, error) {
	e := escalation{form: wire.FormOneWord, wrong: []string{"Authentication failure"}}
	words := suPrompts
	if own := b.list("prompt_l10n"); len(own) > 0 {
		words = own
	}
	for _, word := range words {
		for _, w := range []string{word, strings.ToLower(word)} { // "Current password:" of one that has expired
			e.prompts = append(e.prompts, w+":", w+" :", w+"：")
		}
	}
	words = b.words("su", "")
	if b.User != "" {
		words = append(words, shellWord(b.User))
	}
	e.line = joinWords(append(words, "-c"))
	return e, nil
}

// doas asks on the terminal, and needs one for that.
func doas(b *Become, _ string) (escalation, error) {
	e := escalation{wrong: []string{"Permission denied", "Authentication failed"}, missing: []string{"Authorization required", "Authentication required"},
		prompts: []string{"doas ("}}
	if own := b.list("prompt_l10n"); len(own) > 0 {
		e.prompts = own
	}
	words := b.words("doas", "")
	if b.HasPassword {
		e.tty = true
	} else {
		words = append(words, "-n")
	}
	if b.User != "" {
		words = append(words, "-u "+shellWord(b.User))
	}
	e.line = joinWords(words)
	return e, nil
}

func dzdo(b *Become, key string) (escalation, error) {
	e := escalation{wrong: []string{"Sorry, try again."}, prompts: []string{"password:"}}
	words := b.words("dzdo", "-H -S -n")
	if b.HasPassword {
		prompt := fmt.Sprintf("[dzdo via ansible, key=%s] password:", key)
		e.prompts = []string{prompt}
		words = []string{words[0], withoutN(words[1]), `-p "` + prompt + `"`}
	}
	if b.User != "" {
		words = append(words, "-u "+shellWord(b.User))
	}
	e.line = joinWords(words)
	return e, nil
}

func pbrun(b *Become, _ string) (escalation, error) {
	words := b.words("pbrun", "")
	if b.User != "" {
		words = append(words, "-u "+shellWord(b.User))
	}
	return escalation{line: joinWords(words), form: b.wrapped(), prompts: []string{"Password:"}}, nil
}

// wrapped is the form of those that get their command without a shell around
// it, unless wrap_exe asks for one.
func (b *Become) wrapped() wire.Form {
	if b.option("wrap_exe") == "true" {
		return wire.FormWords
	}
	return wire.FormBareWord
}

func pfexec(b *Become, _ string) (escalation, error) {
	return escalation{line: joinWords(b.words("pfexec", "-H -S -n")), form: b.wrapped()}, nil
}

func pmrun(b *Become, _ string) (escalation, error) {
	return escalation{line: joinWords(b.words("pmrun", "")), form: wire.FormOneWord, prompts: []string{"Enter UPM user password:"}}, nil
}

func ksu(b *Become, _ string) (escalation, error) {
	if b.User == "" {
		return escalation{}, errors.New("Required config 'become_user' for 'ansible_collections.community.general.plugins.become.ksu' become plugin not provided.") //nolint:staticcheck // the reference's words
	}
	words := b.words("ksu", "")
	line := joinWords([]string{words[0], shellWord(b.User), words[1], "-e"})
	prompts := []string{"Kerberos password for "}
	if own := b.list("prompt_l10n"); len(own) > 0 {
		prompts = own
	}
	return escalation{line: line, prompts: prompts, wrong: []string{"Password incorrect"}, missing: []string{"No password given"}}, nil
}

func sesu(b *Become, _ string) (escalation, error) {
	words := append(b.words("sesu", "-H -S -n"), shellWord(b.User), "-c")
	return escalation{line: joinWords(words), prompts: []string{"Please enter your password:"}}, nil
}

func machinectl(b *Become, _ string) (escalation, error) {
	words := b.words("machinectl", "")
	return b.polkit(joinWords([]string{words[0] + " -q shell", words[1], shellWord(b.User + "@")})), nil
}

func run0(b *Become, _ string) (escalation, error) {
	words := b.words("run0", "")
	user := "--user="
	if b.User != "" {
		user += shellWord(b.User)
	}
	return b.polkit(joinWords([]string{words[0], user, words[1]})), nil
}

// polkit is what the methods have in common that are allowed by polkit: its
// agent asks for a password on the terminal, where there is one. Seen with
// polkit 122 and 126.
func (b *Become) polkit(line string) escalation {
	return escalation{line: line, apart: true, tty: b.HasPassword, prompts: []string{"Password: "},
		wrong: []string{"AUTHENTICATION FAILED"}, missing: []string{"Interactive authentication required"}}
}

// BecomeRefused says why a method that the reference has cannot be used; ""
// for others.
func BecomeRefused(method string) string {
	if method == "runas" {
		return "become method 'runas' is not supported by churten: it is for Windows"
	}
	return ""
}
