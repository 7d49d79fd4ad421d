package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/churten/churten/compat/python/host"
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
	var cache strategy.FactCache
	own, err := s.pythonCache(name)
	if own == nil && err == nil {
		var native *factcache.Cache
		if native, err = factcache.Open(name, o); native != nil {
			cache = native
		}
	} else if err == nil {
		cache = own
	}
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

// pythonCache opens a cache plugin that is not native, nil if there is none.
func (s *session) pythonCache(name string) (*host.Cache, error) {
	own := s.python.ownFile("cache", name)
	if own == "" && factcache.Known(name) {
		return nil, nil
	}
	ctx := context.Background()
	found, err := s.python.host.Plugin(ctx, "cache", name)
	if err != nil {
		if behind := cmp.Or(own, s.python.behind("cache", name)); behind != "" {
			return nil, fmt.Errorf("the cache plugin '%s' is in Python (%s), which cannot be used: %w", name, behind, err)
		}
		return nil, nil
	}
	if found == nil {
		return nil, nil
	}
	s.python.say("cache plugin", found.Name, found.Path)
	return s.python.host.Cache(ctx, found.Name)
}
