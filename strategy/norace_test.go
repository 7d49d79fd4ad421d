//go:build !race

package strategy

// raceDetector tells that the race detector is built in.
const raceDetector = false
