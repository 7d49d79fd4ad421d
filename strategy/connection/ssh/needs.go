package ssh

import (
	"errors"
	"fmt"
)

var errBadOption = errors.New("Bad configuration option") //nolint:staticcheck // OpenSSH's words

// NeedsOpenSSH says that an option cannot be honoured by the client in this
// process; Dial then uses the ssh program.
type NeedsOpenSSH struct {
	Option string // "PKCS11Provider", "Match exec"
}

func (e *NeedsOpenSSH) Error() string {
	return fmt.Sprintf("%s can only be honoured by the ssh program", e.Option)
}
