package config

// Own gives the value of a setting that is not in the table but its owner's,
// such as an option of one callback.
func (s *Settings) Own(t Setting) (string, error) {
	one := &Settings{File: s.File, values: map[string]string{}, origin: map[string]Origin{}}
	err := one.read(&t, s.env, s.entries)
	return one.values[t.Name], err
}

// IsTrue reports whether a boolean setting's text says yes.
func IsTrue(text string) bool {
	b, _ := parseBool(text)
	return b
}

// OwnGiven is Own that tells whether environment or file say anything of it.
func (s *Settings) OwnGiven(t Setting) (text string, given bool, err error) {
	one := &Settings{File: s.File, values: map[string]string{}, origin: map[string]Origin{}}
	err = one.read(&t, s.env, s.entries)
	return one.values[t.Name], err == nil && one.origin[t.Name].Text != "default", err
}
