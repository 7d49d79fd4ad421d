package ssh

import (
	"errors"
	"fmt"
	"strings"
)

// argv is what the words of ssh_args and its like say, as options in the order
// of the words.
type argv struct {
	options []option
	config  string // -F
}

// commandLine is the origin OpenSSH gives for options of the command line.
const commandLine = "command-line: line 0"

// flagOptions are flags without argument, and the option each stands for; ""
// means that the flag changes nothing here.
var flagOptions = map[byte]string{
	'4': "AddressFamily inet", '6': "AddressFamily inet6", 'A': "ForwardAgent yes", 'a': "ForwardAgent no",
	'C': "Compression yes", 'q': "LogLevel QUIET", 'v': "LogLevel DEBUG", 'T': "RequestTTY no",
	't': "RequestTTY yes", 'x': "ForwardX11 no", 'X': "ForwardX11 yes", 'Y': "ForwardX11Trusted yes",
	'k': "GSSAPIDelegateCredentials no", 'K': "GSSAPIAuthentication yes", 'g': "GatewayPorts yes",
	'M': "ControlMaster yes", 'n': "", 'y': "",
}

// argOptions are flags with an argument, and the option each stands for.
var argOptions = map[byte]string{
	'l': "User", 'p': "Port", 'i': "IdentityFile", 'J': "ProxyJump", 'S': "ControlPath", 'b': "BindAddress",
	'c': "Ciphers", 'm': "MACs", 'e': "EscapeChar", 'B': "BindInterface", 'I': "PKCS11Provider",
	'L': "LocalForward", 'R': "RemoteForward", 'D': "DynamicForward", 'w': "Tunnel",
}

// errQuote is the reference's reason to fail a task without connecting.
var errQuote = errors.New("No closing quotation") //nolint:staticcheck // Python's words

// parse reads the words that a user gives ssh through ssh_args,
// ssh_common_args or ssh_extra_args. What it does not know it refuses.
func (a *argv) parse(setting, text string) error {
	args, err := splitWords(text, false)
	if err != nil {
		return errQuote
	}
	for i := 0; i < len(args); i++ {
		word := args[i]
		if len(word) < 2 || word[0] != '-' {
			return fmt.Errorf("%s: %q is neither an option of ssh nor the argument of one", setting, word)
		}
	letters:
		for j := 1; j < len(word); j++ {
			c := word[j]
			if line, ok := flagOptions[c]; ok {
				if err := a.add(line); err != nil {
					return fmt.Errorf("%s: %w", setting, err)
				}
				continue
			}
			if argOptions[c] == "" && strings.IndexByte("oF", c) < 0 {
				return fmt.Errorf("%s: ssh option -%c is not supported; use -o with an option of ssh_config", setting, c)
			}
			arg := word[j+1:]
			if arg == "" {
				if i++; i == len(args) {
					return fmt.Errorf("%s: ssh option -%c requires an argument", setting, c)
				}
				arg = args[i]
			}
			switch {
			case c == 'F':
				a.config = arg
			case c == 'o':
				if err := a.add(arg); err != nil {
					return err // OpenSSH's words
				}
			default:
				a.options = append(a.options, option{
					key: strings.ToLower(argOptions[c]), args: []string{arg}, rest: arg, flag: c, origin: commandLine,
				})
			}
			break letters
		}
	}
	return nil
}

// add takes one "Key value" or "Key=value".
func (a *argv) add(line string) error {
	o, ok, err := parseLine(line, commandLine)
	if err == nil && ok {
		a.options = append(a.options, o)
	}
	return err
}
