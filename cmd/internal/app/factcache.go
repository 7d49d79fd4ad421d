package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/churten/churten/strategy"
	"github.com/churten/churten/strategy/factcache"
)

// factCache opens the cache that the settings name. As in the reference a cache
// that is not there, or has no place, is warned of and done without.
func (s *session) factCache(run *strategy.Run) error {
	name := s.set.Str("CACHE_PLUGIN")
	o := factcache.Options{Dir: s.set.Str("CACHE_PLUGIN_CONNECTION"), Timeout: time.Duration(s.set.Int("CACHE_PLUGIN_TIMEOUT")) * time.Second}
	if s.set.Set("CACHE_PLUGIN_PREFIX") {
		o.Prefix = s.set.Str("CACHE_PLUGIN_PREFIX")
	}
	var missing *factcache.NoPlace
	cache, err := factcache.Open(name, o)
	switch {
	case errors.Is(err, factcache.ErrUnknown):
		s.display.Warning(fmt.Sprintf("Unable to load the cache plugin '%s'.", name))
		return nil
	case errors.As(err, &missing):
		s.display.Warning(missing.Error())
		return nil
	case err != nil:
		return err
	case cache == nil:
		return nil
	}
	run.FactCache = cache
	if !s.o.FlushCache {
		return nil
	}
	for _, h := range s.inv.Hosts() {
		if err := cache.Delete(h.Name); err != nil {
			return err
		}
	}
	return cache.Delete("localhost") // the implicit one is in no inventory
}
