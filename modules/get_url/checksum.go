package geturl

import (
	"context"
	"crypto/sha3"
	"hash"
	"os"
	"path"
	"strings"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	"golang.org/x/sys/unix"

	kit "github.com/churten/churten/modules/kit/file"
	"github.com/churten/churten/modules/kit/module"
	"github.com/churten/churten/modules/kit/web"
)

// checksum is what a file shall have; without algorithm anything will do.
type checksum struct {
	algorithm, sum string
}

const algorithms = "blake2b, blake2s, md5, sha1, sha224, sha256, sha384, sha3_224, sha3_256, sha3_384, sha3_512, sha512"

func (c *checksum) hash() hash.Hash {
	switch c.algorithm {
	case "blake2b":
		h, _ := blake2b.New512(nil) // errors only come of keys
		return h
	case "blake2s":
		h, _ := blake2s.New256(nil)
		return h
	case "sha3_224":
		return sha3.New224()
	case "sha3_256":
		return sha3.New256()
	case "sha3_384":
		return sha3.New384()
	case "sha3_512":
		return sha3.New512()
	}
	return kit.Hash(c.algorithm)
}

// of gives the checksum of a file.
func (c *checksum) of(path string) (string, error) {
	h := c.hash()
	if h == nil {
		return "", c.unknown(path)
	}
	return kit.Sum(path, h)
}

func (c *checksum) unknown(path string) error {
	return module.Failf("Could not hash file '%s' with algorithm '%s'. Available algorithms: %s", path, c.algorithm, algorithms)
}

// readChecksum reads the argument, and the list of checksums if it names one.
func (t *task) readChecksum(ctx context.Context) error {
	text := t.Args.Str("checksum")
	if text == "" {
		return nil
	}
	algorithm, sum, ok := strings.Cut(text, ":")
	if !ok {
		return t.fail("The checksum parameter has to be in format <algorithm>:<checksum>")
	}
	t.want.algorithm = algorithm
	if isURL(sum) {
		var err error
		if sum, err = t.fetchChecksum(ctx, sum); err != nil {
			return err
		}
	}
	// Whatever is no letter, digit or underscore goes.
	sum = strings.ToLower(strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, sum))
	if sum == "" || strings.Trim(sum, "0123456789abcdef") != "" {
		return t.fail("The checksum format is invalid")
	}
	t.want.sum = sum
	return nil
}

func isURL(text string) bool {
	scheme, _, ok := strings.Cut(text, "://")
	return ok && (scheme == "http" || scheme == "https" || scheme == "ftp" || scheme == "file")
}

// fetchChecksum loads a list of checksums and gives the one of our file.
func (t *task) fetchChecksum(ctx context.Context, url string) (string, error) {
	_, list, err := t.get(ctx, url, false)
	if err != nil {
		return "", err
	}
	defer os.Remove(list.name)
	data, err := os.ReadFile(list.name)
	if err != nil {
		return "", err
	}
	name := web.BaseName(t.url, "")
	if sum, ok := pick(string(data), name); ok {
		return sum, nil
	}
	return "", module.Failf("Unable to find a checksum for file '%s' in '%s'", name, url)
}

// pick finds the checksum of a file in a list: lines "SUM  NAME", "SUM *NAME",
// "ALGORITHM (NAME) = SUM", or one sum alone.
func pick(list, name string) (string, bool) {
	lines := strings.FieldsFunc(list, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) == 1 && len(strings.Fields(lines[0])) == 1 {
		return strings.TrimSpace(lines[0]), true
	}
	for _, line := range lines {
		if head, sum, ok := strings.Cut(line, ") = "); ok {
			if _, file, ok := strings.Cut(head, " ("); ok && path.Base(file) == name {
				return strings.TrimSpace(sum), true
			}
		}
		fields := strings.Fields(line)
		if len(fields) != 2 {
			continue
		}
		if strings.TrimPrefix(strings.TrimPrefix(fields[1], "*"), "./") == name {
			return fields[0], true
		}
	}
	return "", false
}

func writable(path string) bool { return unix.Access(path, unix.W_OK) == nil }
