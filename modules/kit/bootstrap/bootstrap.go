// Package bootstrap starts an agent through nothing but a command line and a
// pair of byte streams: over SSH for strategy/remote, and through sudo and its
// like for modules/kit/agent.
//
// Line is what is run at the other end: a script for a POSIX shell that execs
// the agent if it finds it in one of a few directories, under a name with the
// hash of the build. That costs no round trip of its own. Otherwise it prints
// what it needs and where it could put it, and Handshake sends it the agent.
//
// A cached file is used only when it and its directory belong to the user, are
// no symbolic links and cannot be written by others. In directories that are
// everybody's the agent gets one of its own, 0700.
//
// What goes over the line first is scanned for marks, since login shells may
// print things of their own before.
package bootstrap

import (
	"fmt"
	"strings"
)

// Options say what to start.
type Options struct {
	Build string // names the files in the cache
	// Dirs are where an agent may be: "~/…" in the home, "…/@" a directory of
	// the user's own inside one that is everybody's.
	Dirs []string
	// Nonce is text that cannot be among what is sent before the agent runs:
	// letters and digits, new for each start.
	Nonce string
	// Args are the agent's, words of letters and digits.
	Args []string
}

// DefaultDirs are where an agent may be put, in order of preference; remoteTmp
// is the reference's setting of that name, or empty.
func DefaultDirs(remoteTmp string) []string {
	dirs := []string{"~/.cache/churten"}
	if remoteTmp != "" {
		dirs = append(dirs, strings.TrimRight(remoteTmp, "/")+"/@")
	}
	return append(dirs, "/var/tmp/@", "/tmp/@", "/dev/shm/@")
}

// Line gives the command line. It means the same to a login shell of the
// Bourne kind, to csh and to fish: it has no single quotes, exclamation marks,
// line breaks or double backslashes inside its one quoted word.
func Line(o Options) string {
	return "exec /bin/sh -c '" + Script(o) + "'"
}

// Names of variables begin with c_: the environment may have exported shorter
// ones, and assigning to those would change them for the agent.
//
// Temporary files are named by the nonce: a home can be on many hosts at once,
// on which process numbers are the same.
//
// The way to a cached agent starts as few processes as can be: uname and one
// ls, a millisecond each.
const script = `c_f=agent-%BUILD%-$(uname -m); ` +
	`c_try() { if [ -x "$1/$c_f" ] && [ -O "$1" ] && [ -O "$1/$c_f" ]; then case $(LC_ALL=C ls -ldn "$1" "$1/$c_f" 2>/dev/null) in ` +
	`d????-??-?*"$1"?-????-??-?*"$1/$c_f") exec "$1/$c_f" __agent %ARGS%;; esac; fi; }; ` +
	`%TRY% ` +
	`c_ok() { [ -O "$1" ] && case $(LC_ALL=C ls -ldn "$1" 2>/dev/null) in d????-??-?*) ;; *) false;; esac; }; ` +
	`c_new() { (umask 077; mkdir -p "$1") 2>/dev/null; c_ok "$1" && ( umask 077; c_t="$1/.probe-%NONCE%"; ` +
	`printf "#\041/bin/sh\n" >"$c_t" && chmod 700 "$c_t" && "$c_t" </dev/null; c_s=$?; rm -f "$c_t"; exit $c_s; ) >/dev/null 2>&1; }; ` +
	`c_get() { if printf x | head -c 1 >/dev/null 2>&1; then head -c "$1"; else dd bs=1 count="$1" 2>/dev/null; fi; }; ` +
	`c_put() { umask 077; c_t="$c_d/.$c_f.%NONCE%"; trap "rm -f \"\$c_t\"" EXIT; trap "exit 1" HUP INT TERM; ` +
	`case $2 in raw) c_get "$3" >"$c_t";; *) c_get "$3" | "$2" -dc >"$c_t";; esac && ` +
	`[ "$(wc -c <"$c_t")" -eq "$4" ] && chmod 700 "$c_t" && mv -f "$c_t" "$c_d/$c_f" || { echo "cannot write $c_d/$c_f"; exit 1; }; }; ` +
	`set -- %DIRS%; ` +
	`for c_d do if c_new "$c_d"; then break; fi; c_d=; done; ` +
	`c_z=raw; if printf x | gzip -c 2>/dev/null | gzip -dc >/dev/null 2>&1; then c_z=gzip,$c_z; fi; ` +
	`if [ "$(printf x | xz --x86 --lzma2 -c 2>/dev/null | xz -dc 2>/dev/null)" = x ]; then c_z=xz,$c_z; fi; ` +
	`printf "\001churten-need\002%s|%s|%s|%s\n" "$(uname -s)" "$(uname -m)" "$c_z" "$c_d"; ` +
	`[ "$c_d" ] || exit 1; ` +
	`c_l=; while IFS= read -r c_l; do case $c_l in *%NONCE%*) break;; esac; done; ` +
	`case $c_l in *%NONCE%*) ;; *) exit 1;; esac; ` +
	`set -- ${c_l##*%NONCE%}; ` +
	`if c_e=$(c_put - "$@" 2>&1); then exec "$c_d/$c_f" __agent %ARGS%; fi; ` +
	`printf "\001churten-fail\002%s|%s\n" "$c_d" "$(printf %s "$c_e" | tr "\n" " ")"; exit 1`

// Script gives the text of Line for /bin/sh -c.
func Script(o Options) string {
	dirs := make([]string, len(o.Dirs))
	var try strings.Builder
	uid := false
	for i, d := range o.Dirs {
		dirs[i] = dirWord(d)
		if !uid && strings.HasSuffix(d, "/@") {
			uid = true
			try.WriteString("c_u=$(id -u); ")
		}
		fmt.Fprintf(&try, "c_try %s; ", dirs[i])
	}
	return strings.NewReplacer("%BUILD%", o.Build, "%TRY%", strings.TrimSpace(try.String()), "%DIRS%", strings.Join(dirs, " "), "%NONCE%", o.Nonce,
		"%ARGS%", strings.Join(o.Args, " ")).Replace(script)
}

// dirWord gives a word of the script for one of Dirs.
func dirWord(dir string) string {
	var b strings.Builder
	b.WriteByte('"')
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		b.WriteString("${HOME:-/nonexistent}/")
		dir = rest
	}
	shared := false
	if rest, ok := strings.CutSuffix(dir, "/@"); ok {
		dir, shared = rest, true
	}
	for i := 0; i < len(dir); i++ {
		c := dir[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("/._-+,:=@ ${}", c) >= 0:
			// $NAME means the other end's environment, as in the reference.
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `$(printf "\%03o")`, c)
		}
	}
	if shared {
		b.WriteString("/churten-$c_u")
	}
	b.WriteByte('"')
	return b.String()
}
