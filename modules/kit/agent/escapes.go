package agent

import "strings"

// withoutEscapes takes the colours, cursor movements and questions of ECMA-48
// out of what a program wrote on a terminal, and the ends of lines to \n.
func withoutEscapes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n':
		case s[i] != 0x1b:
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '[': // CSI, up to its final byte
			for i += 2; i < len(s) && (s[i] < 0x40 || s[i] > 0x7e); {
				i++
			}
		case i+1 < len(s) && s[i+1] == ']': // OSC, up to BEL or ST
			for i += 2; i < len(s) && s[i] != 0x07 && s[i] != 0x1b; {
				i++
			}
			if i < len(s) && s[i] == 0x1b {
				i++
			}
		default:
			i++
		}
	}
	return b.String()
}
