//go:build !linux

package setup

type kernelNet struct {
	addresses      []netAddress
	route4, route6 netRoute
	local4, local6 []string
}

func (h *host) kernelNet() kernelNet { return kernelNet{} }
