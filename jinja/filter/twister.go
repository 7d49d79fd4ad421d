package filter

import (
	"crypto/sha512"
	"math"
	"math/big"
)

// twister is the Mersenne Twister as Python's random seeds and reads it, so
// that random(seed=inventory_hostname) gives each host the minute it always had.
//
// Source: Matsumoto and Nishimura, "Mersenne Twister", 1998; the ways of
// seeding by text and of drawing below a bound as seen on Python 3.11.
type twister struct {
	state [624]uint32
	next  int
}

func (t *twister) seedWord(seed uint32) {
	t.state[0] = seed
	for i := uint32(1); i < 624; i++ {
		prev := t.state[i-1]
		t.state[i] = 1812433253*(prev^prev>>30) + i
	}
	t.next = 624
}

// newTwister seeds with the size of n, 32 bits at a time from the lowest.
func newTwister(n *big.Int) *twister {
	var key []uint32
	rest := new(big.Int).Abs(n)
	mask := big.NewInt(math.MaxUint32)
	for rest.Sign() > 0 {
		key = append(key, uint32(new(big.Int).And(rest, mask).Uint64()))
		rest.Rsh(rest, 32)
	}
	if len(key) == 0 {
		key = []uint32{0}
	}
	t := &twister{}
	t.seedWord(19650218)
	i, j := 1, 0
	for range max(624, len(key)) {
		prev := t.state[i-1]
		t.state[i] = (t.state[i] ^ (prev^prev>>30)*1664525) + key[j] + uint32(j)
		if i++; i == 624 {
			t.state[0], i = t.state[623], 1
		}
		if j++; j == len(key) {
			j = 0
		}
	}
	for range 623 {
		prev := t.state[i-1]
		t.state[i] = (t.state[i] ^ (prev^prev>>30)*1566083941) - uint32(i)
		if i++; i == 624 {
			t.state[0], i = t.state[623], 1
		}
	}
	t.state[0] = 1 << 31
	return t
}

// newTextTwister seeds with a text and its hash.
func newTextTwister(s string) *twister {
	sum := sha512.Sum512([]byte(s))
	return newTwister(new(big.Int).SetBytes(append([]byte(s), sum[:]...)))
}

func (t *twister) word() uint32 {
	if t.next == 624 {
		for i := range 624 {
			y := t.state[i]&(1<<31) | t.state[(i+1)%624]&(1<<31-1)
			next := t.state[(i+397)%624] ^ y>>1
			if y&1 != 0 {
				next ^= 0x9908b0df
			}
			t.state[i] = next
		}
		t.next = 0
	}
	y := t.state[t.next]
	t.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// bits gives an integer of k random bits.
func (t *twister) bits(k int) *big.Int {
	out := new(big.Int)
	for shift := 0; k > 0; k, shift = k-32, shift+32 {
		w := t.word()
		if k < 32 {
			w >>= 32 - k
		}
		out.Or(out, new(big.Int).Lsh(big.NewInt(int64(w)), uint(shift)))
	}
	return out
}

// below gives a random integer from 0 to n-1.
func (t *twister) below(n *big.Int) *big.Int {
	k := n.BitLen()
	for {
		if r := t.bits(k); r.Cmp(n) < 0 {
			return r
		}
	}
}

// floatHash is Python's hash of a float that is no integer: its value modulo
// the prime 2^61-1.
func floatHash(f float64) int64 {
	const bits = 61
	const prime = 1<<bits - 1
	switch {
	case math.IsInf(f, 1):
		return 314159
	case math.IsInf(f, -1):
		return -314159
	case math.IsNaN(f):
		return 0
	}
	m, e := math.Frexp(math.Abs(f))
	x := uint64(0)
	for m != 0 {
		x = x<<28&prime | x>>(bits-28)
		m *= 1 << 28
		e -= 28
		y := uint64(m)
		m -= float64(y)
		if x += y; x >= prime {
			x -= prime
		}
	}
	if e = e % bits; e < 0 {
		e += bits
	}
	x = x<<e&prime | x>>(bits-e)
	h := int64(x)
	if f < 0 {
		h = -h
	}
	if h == -1 {
		h = -2
	}
	return h
}
