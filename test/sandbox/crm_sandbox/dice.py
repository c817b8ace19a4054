"""
Repeatable chance: a small generator that is cheap to seed.

Rows are pure functions of (seed, table, id), so a generator is seeded for
every row; the standard library's needs longer for that than the row itself.
"""
import zlib

_MASK = (1 << 64) - 1
_STEP = 0x5851F42D4C957F2D
_SHIFT = 0x14057B7EF767814F


class Dice:
    """A generator whose state is mixed from the given parts.

    Small draws step a linear congruential state and use its upper half, which
    is cheap; bits() mixes the whole state.
    """
    __slots__ = ("state",)

    def __init__(self, seed, name="", number=0):
        self.state = (seed * 0x9E3779B97F4A7C15 ^ zlib.crc32(name.encode()) << 32
                      ^ number * 0xD1342543DE82EF95) & _MASK
        self.state = self.bits()

    def bits(self):
        """64 random bits (splitmix64)."""
        self.state = z = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def below(self, n):
        """0 .. n - 1, for n up to some thousand millions"""
        self.state = state = (self.state * _STEP + _SHIFT) & _MASK
        return (state >> 24) % n

    def between(self, low, high):
        """low .. high, both included"""
        return low + self.below(high - low + 1)

    def chance(self, percent):
        """True in percent of all calls."""
        self.state = state = (self.state * _STEP + _SHIFT) & _MASK
        return (state >> 24) % 10_000 < percent * 100

    def pick(self, sequence):
        self.state = state = (self.state * _STEP + _SHIFT) & _MASK
        return sequence[(state >> 24) % len(sequence)]

    def some(self, sequence, most):
        """0 .. most different elements, in their order in the sequence."""
        wanted = {self.below(len(sequence)) for _ in range(self.below(most + 1))}
        return [sequence[i] for i in sorted(wanted)]
