package strategy

import "github.com/churten/churten/strategy/vars"

func isRestricted(name string) bool { return vars.Restricted(name) }
