package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// checkLocale refuses a locale whose encoding is not UTF-8, and one that is not
// there, as the reference does (its messages, seen on 2.19.14): scripts rely on
// it. dir is where the C library keeps locales; where there is no such
// directory, nobody can tell which ones there are, and all are fine.
func checkLocale(getenv func(string) string, dir string) error {
	name, forced := getenv("LC_ALL"), true
	if name == "" {
		name, forced = getenv("LC_CTYPE"), false
	}
	if name == "" {
		name = getenv("LANG")
	}
	base, codeset, _ := strings.Cut(name, ".")
	codeset, _, _ = strings.Cut(codeset, "@")
	switch {
	case name == "" || !forced && (name == "C" || name == "POSIX"):
		return nil // Python takes C.UTF-8 instead
	case name == "C" || name == "POSIX":
		return errors.New("Ansible requires the locale encoding to be UTF-8; Detected None.")
	case normalCodeset(codeset) == "utf8" && base == "C":
		return nil
	case !installed(name, dir):
		return errors.New("Ansible could not initialize the preferred locale: unsupported locale setting")
	case codeset != "" && normalCodeset(codeset) != "utf8":
		return fmt.Errorf("Ansible requires the locale encoding to be UTF-8; Detected %s.", codeset)
	}
	return nil
}

// normalCodeset is the name of an encoding as the C library compares it.
func normalCodeset(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s))
}

// installed reports whether the C library has a locale, as a directory or in
// the archive of all locales.
func installed(name, dir string) bool {
	base, rest, ok := strings.Cut(name, ".")
	normal := base
	if ok {
		codeset, modifier, has := strings.Cut(rest, "@")
		normal += "." + normalCodeset(codeset)
		if has {
			normal += "@" + modifier
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		return true
	}
	for _, e := range entries {
		if e.Name() == name || e.Name() == normal {
			return true
		}
	}
	names := archived(filepath.Join(dir, "locale-archive"))
	return bytes.Contains(names, []byte("\x00"+normal+"\x00")) || bytes.Contains(names, []byte("\x00"+name+"\x00"))
}

// archived gives the names in glibc's locale-archive, each between zeroes: its
// head tells where they stand (struct locarhead, seven words of the machine's order).
func archived(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var head struct{ Magic, Serial, HashAt, HashUsed, HashSize, NamesAt, NamesUsed uint32 }
	if err := binary.Read(f, binary.NativeEndian, &head); err != nil || head.NamesUsed > 1<<20 {
		return nil
	}
	names := make([]byte, head.NamesUsed)
	if _, err := io.ReadFull(io.NewSectionReader(f, int64(head.NamesAt), int64(head.NamesUsed)), names); err != nil {
		return nil
	}
	return append([]byte{0}, append(names, 0)...)
}

// localeDir is glibc's.
const localeDir = "/usr/lib/locale"
