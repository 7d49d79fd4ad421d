package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	kit "github.com/churten/churten/modules/kit/file"
)

// Kind tells at which of the reference's borders an error shows.
type Kind int

// The kinds. Malformed is what nobody catches; Refused a URLError; Broken a
// connection that failed under way; Unknown the rest.
const (
	Malformed Kind = iota
	Refused
	Broken
	Unknown
)

// Error is why there is no answer.
type Error struct {
	Kind Kind
	Msg  string
	Err  error
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

func refused(reason string) *Error {
	return &Error{Kind: Refused, Msg: "Request failed: <urlopen error " + reason + ">"}
}

func broken(msg string) *Error { return &Error{Kind: Broken, Msg: "Connection failure: " + msg} }

func unknown(msg string) *Error {
	return &Error{Kind: Unknown, Msg: "An unknown error occurred: " + msg}
}

// connecting words an error from before the request was sent.
func connecting(err error) error {
	e := refused(reason(err))
	e.Err = err
	return e
}

// reading words an error from when the answer was waited for.
func reading(err error) error {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e = broken("Remote end closed connection without response")
	default:
		e = broken(reason(err))
	}
	e.Err = err
	return e
}

// reason gives Python's text of an error.
func reason(err error) string {
	var dns *net.DNSError
	var errno syscall.Errno
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var netErr net.Error
	switch {
	case errors.As(err, &dns):
		if dns.IsTemporary && !dns.IsNotFound {
			return "[Errno -3] Temporary failure in name resolution"
		}
		return "[Errno -2] Name or service not known"
	case errors.As(err, &verify):
		return "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " + certReason(verify) + " (_ssl.c:1006)"
	case errors.As(err, &record):
		return "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"
	case errors.As(err, &alert):
		text := strings.TrimPrefix(alert.Error(), "tls: ")
		return "[SSL: " + strings.ToUpper(strings.ReplaceAll(text, " ", "_")) + "] " + text + " (_ssl.c:1006)"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return "timed out"
	case errors.As(err, &errno):
		return kit.PyError(errno, "")
	}
	return err.Error()
}

// certReason is OpenSSL's text for what is wrong with a certificate.
func certReason(err *tls.CertificateVerificationError) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &authority):
		if cert := authority.Cert; cert != nil && string(cert.RawIssuer) == string(cert.RawSubject) {
			if len(err.UnverifiedCertificates) > 1 {
				return "self-signed certificate in certificate chain"
			}
			return "self-signed certificate"
		}
		return "unable to get local issuer certificate"
	case errors.As(err, &host):
		if net.ParseIP(host.Host) != nil {
			return "IP address mismatch, certificate is not valid for '" + host.Host + "'."
		}
		return "Hostname mismatch, certificate is not valid for '" + host.Host + "'."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "certificate has expired"
	}
	return err.Err.Error()
}
