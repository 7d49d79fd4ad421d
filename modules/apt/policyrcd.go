package apt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/churten/churten/modules/kit/module"
)

// policyFile tells invoke-rc.d whether services of packages may be started.
const policyFile = "/usr/sbin/policy-rc.d"

// policyRCD puts a policy-rc.d with the wished exit status in place; restore
// brings back what was there. Check mode changes nothing.
func (j *job) policyRCD() (restore func() error, err error) {
	restore = func() error { return nil }
	if !j.Args.Given("policy_rc_d") || j.Check {
		return restore, nil
	}
	kept := ""
	if _, err := os.Lstat(policyFile); err == nil {
		// Beside it, so that a rename brings it back whole.
		kept = filepath.Join(filepath.Dir(policyFile), fmt.Sprintf(".churten_policy-rc.d.%d", os.Getpid()))
		if err := os.Rename(policyFile, kept); err != nil {
			return restore, &module.Failure{Msg: fmt.Sprintf("Fail to move `%s` to %s", policyFile, kept), Err: err}
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return restore, err
	}
	restore = func() error {
		if kept != "" {
			if err := os.Rename(kept, policyFile); err != nil {
				return &module.Failure{Msg: fmt.Sprintf("Fail to move back `%s` to %s", kept, policyFile), Err: err}
			}
			return nil
		}
		if err := os.Remove(policyFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &module.Failure{Msg: fmt.Sprintf("Fail to remove `%s` (after package manipulation)", policyFile), Err: err}
		}
		return nil
	}
	script := fmt.Sprintf("#!/bin/sh\nexit %d\n", j.Args.Int("policy_rc_d"))
	if err := os.WriteFile(policyFile, []byte(script), 0o755); err != nil {
		return restore, errors.Join(&module.Failure{Msg: fmt.Sprintf("Failed to create or chmod `%s`", policyFile), Err: err}, restore())
	}
	return restore, os.Chmod(policyFile, 0o755)
}
