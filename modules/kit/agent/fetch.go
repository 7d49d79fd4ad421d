package agent

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/wire"
)

// fetch streams a file. What it sends waits for room in the session's window,
// so that a large one takes no memory.
func (a *Agent) fetch(x *exchange, body []byte) ([]byte, error) {
	req, err := wire.DecodeFetch(body)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(req.Path, "~") {
		req.Path = module.ExpandPath(req.Path, os.Environ())
	}
	// Opening a named pipe would wait for a writer, for ever as a rule.
	if info, err := os.Stat(req.Path); err == nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return nil, &wire.Fail{Code: wire.CodeFailed, Msg: fmt.Sprintf("%s is a pipe or a socket, not a file", req.Path)}
	}
	f, err := os.Open(req.Path)
	if err != nil {
		return nil, fileFailure(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fileFailure(err)
	}
	if info.IsDir() {
		return nil, &wire.Fail{Code: wire.CodeIsDir, Msg: fmt.Sprintf("%s is a directory", req.Path)}
	}
	sum, size := sha1.New(), int64(0)
	for {
		// A buffer for each frame: the session keeps what it encoded, but
		// only until it is acknowledged.
		buf := make([]byte, wire.PieceSize)
		n, err := io.ReadFull(f, buf)
		if n > 0 {
			sum.Write(buf[:n])
			size += int64(n)
			if err := x.send(wire.KindData, buf[:n]); err != nil {
				return nil, err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return nil, fileFailure(err)
		}
	}
	done := wire.FetchResult{SHA1: hex.EncodeToString(sum.Sum(nil)), Size: size, Mode: uint32(info.Mode().Perm())}
	return done.Encode(), nil
}

func fileFailure(err error) error {
	code := wire.CodeFailed
	switch {
	case errors.Is(err, fs.ErrNotExist):
		code = wire.CodeNoFile
	case errors.Is(err, fs.ErrPermission):
		code = wire.CodeDenied
	}
	return &wire.Fail{Code: code, Msg: err.Error()}
}
