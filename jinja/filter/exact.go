package filter

import (
	"math"
	"math/big"
)

// The C library that Python uses rounds pow and log correctly in nearly all
// cases; Go's math is off by one in the last digit in some. Results shown to
// users differ then, so the two are computed with more digits here.

// precision in bits of what is computed before the last rounding.
const precision = 140

func bigFloat(f float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(f) }

// naturalLog is the natural logarithm of f > 0.
func naturalLog(f float64) float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) || f == 1 {
		return math.Log(f)
	}
	r, _ := bigLog(f).Float64()
	return r
}

// bigLog improves math.Log by Newton's steps: y + 2(x-e^y)/(x+e^y).
func bigLog(f float64) *big.Float {
	x, y := bigFloat(f), bigFloat(math.Log(f))
	for range 2 {
		e := bigExp(y)
		diff := new(big.Float).Sub(x, e)
		sum := new(big.Float).Add(x, e)
		y.Add(y, diff.Mul(bigFloat(2), diff).Quo(diff, sum))
	}
	return y
}

// bigExp is e^y by its series, after y is halved until it is small.
func bigExp(y *big.Float) *big.Float {
	const halvings = 16
	z := new(big.Float).SetPrec(precision+64).SetMantExp(y, -halvings)
	sum, term := bigFloat(1).SetPrec(precision+64), bigFloat(1).SetPrec(precision+64)
	for n := 1; n < 60; n++ {
		term.Mul(term, z)
		term.Quo(term, bigFloat(float64(n)))
		sum.Add(sum, term)
		if term.Sign() == 0 || term.MantExp(nil) < -(precision+60) {
			break
		}
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// exactPow is a to the b.
func exactPow(a, b float64) float64 {
	plain := math.Pow(a, b)
	if plain == 0 || math.IsInf(plain, 0) || math.IsNaN(plain) || a <= 0 || a == 1 || b == 0 || b == 1 || math.Abs(b*math.Log(a)) > 700 {
		return plain
	}
	r, _ := bigExp(new(big.Float).Mul(bigFloat(b), bigLog(a))).Float64()
	return r
}
