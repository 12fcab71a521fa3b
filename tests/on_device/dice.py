"""Dice that fall the same on both interpreters."""


class Dice:
    """A linear congruential generator. Source of the numbers: ISO C, rand()."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, n: int) -> int:
        """Return one of 0..n-1; n is at most 32768."""
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 16) % n

    def octets(self, count: int) -> bytes:
        return bytes([self.below(256) for _ in range(count)])

    def digits(self, count: int) -> bytes:
        return bytes([0x30 + self.below(10) for _ in range(count)])

    def damaged(self, data: bytes) -> bytes:
        """Exchange, drop or insert up to three octets of ``data``, or cut it off."""
        changed = bytearray(data)
        for _ in range(self.below(3) + 1):
            at = self.below(len(changed) + 1)
            how = self.below(4)
            if how == 3:
                changed = changed[:at]
            elif how == 2:
                changed = changed[:at] + self.octets(1) + changed[at:]
            elif how == 1:
                changed = changed[:at] + changed[at + 1 :]
            elif at < len(changed):
                changed[at] = self.below(256)
        return bytes(changed)
