package setup

import "testing"

// FuzzFiles gives the readers of a host's files whatever a file may hold: they
// end, and without a panic.
func FuzzFiles(f *testing.F) {
	for _, seed := range []string{
		"processor\t: 0\nphysical id\t: 0\ncpu cores\t: 0\nsiblings\t: x\nflags\t: fpu\n", "# processors : 2\nmax thread id : -5\n",
		"MemTotal: 1 kB\nMemFree:\n", "NAME=\"a\nVERSION='1 (x'\nID=\n", "VERSION=\"20.03 (LTS-SP2)\"\n", "a=\"b c\" \"d e\"f 'g", "[a]\nb = %(c)s\n c: d\n",
		"/dev/sda1 /a\\040b ext4 rw 0 1\n", "25 1 8:1 /sub /data rw - ext4 /dev/sda1 rw\n", "Type: 1\nSequence Code: 000\n",
		"(HWTSTAMP_FILTER_NONE)\nPTP Hardware Clock: 3\n", "options ndots:2\nsortlist\n", "Current: =ep\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, machine := range []string{"x86_64", "aarch64", "s390x", "sparc64"} {
			parseCPU(text, machine, true, 0)
		}
		parseMemory(text)
		parseSysinfo(text)
		parseUptime(text)
		parseDMI(text)
		parseMounts(text)
		bindMounts(text)
		parseResolv(text)
		parseLSB(text)
		parseLSBFile(text)
		parseCapsh(text)
		parseFeatures(text)
		timestampWords(text, "HWTSTAMP_FILTER_")
		parseClock(text)
		codenameOf(parseOSRelease(text))
		parseHosts(text)
		nameSources(text)
		bootWords(text)
		parseINI(text) //nolint:errcheck // its errors are no faults
	})
}
