package remote

import (
	"bytes"
	"os/exec"
	"testing"
)

type pipe struct{ bytes.Buffer }

func (*pipe) Close() error { return nil }

// The line runs as it stands, by a stand-in for sudo that asks.
func TestEscalation(t *testing.T) {
	b := &Become{Method: "sudo", User: "bob", Password: "pw", HasPassword: true}
	w, err := b.Escalation("echo 'it is' here")
	if err != nil {
		t.Fatal(err)
	}
	script := `sudo() { printf '%s' "$4" >&2; read p; [ "$p" = pw ] || { echo "Sorry, try again." >&2; printf '%s' "$4" >&2; exit 1; }; shift 6; "$@"; }; ` + w.Line
	for _, x := range []struct{ password, out, err string }{
		{"pw", "it is here\n", "<nil>"}, {"no", "", "Incorrect sudo password"},
	} {
		w, _ = b.Escalation("echo 'it is' here")
		cmd := exec.Command("/bin/sh", "-c", script[:len(script)-len(w.Line)]+w.Line)
		cmd.Stdin = bytes.NewBufferString(x.password + "\n")
		var out, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &said
		_ = cmd.Run()
		var in pipe
		w.Hear(&in, said.Bytes()[:5])
		for _, c := range [][]byte{said.Bytes()[5:], out.Bytes()} {
			w.Hear(&in, c)
		}
		if in.String() != "pw\n" {
			t.Errorf("sent %q", in.String())
		}
		if x.password == "pw" && string(w.Without(out.Bytes())) != x.out {
			t.Errorf("got %q of %q", w.Without(out.Bytes()), out.String())
		}
		if len(w.Without(said.Bytes())) != 0 && x.password == "pw" {
			t.Errorf("stderr keeps %q", w.Without(said.Bytes()))
		}
		if x.password == "no" { // what came after the answer was the second question
			w.Hear(&in, said.Bytes())
		}
		if err := w.Err(1); (err == nil) != (x.err == "<nil>") || err != nil && err.Error() != x.err {
			t.Errorf("%s: %v", x.password, err)
		}
	}
	b = &Become{Method: "sudo", User: "bob"}
	w, _ = b.Escalation("id")
	var in pipe
	w.Hear(&in, []byte("sudo: a password is required\n"))
	if err := w.Err(1); err == nil || err.Error() != "Missing sudo password" {
		t.Error(err)
	}
}
