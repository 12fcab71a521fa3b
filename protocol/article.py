"""Article numbers of EAN, UPC and ITF-14 symbols: they name a product, never a unit."""

from protocol import carriers, gs1, reasons
from protocol.compat import const
from protocol.octets import past_digits, past_key

EAN13 = const(13)  # digits; UPC-A has twelve, of which engines make thirteen

_EAN8_DIGITS = const(8)
_ITF14_DIGITS = const(14)


class Article:
    """Reads one after the other. ``reason`` and ``at`` tell why and where one was refused.

    One object serves for ever; reading allocates nothing.
    """

    def __init__(self) -> None:
        self.reason = reasons.OK
        self.at = 0
        self.composite = False
        self.stop = 0  # where the element string of a composite symbol begins

    def read(self, symbology: int, data: bytes, start: int, end: int) -> bool:
        """Read ``data[start:end]`` of an EAN, UPC or ITF-14 symbol."""
        if symbology == carriers.EAN8:
            return self.read_digits(data, start, end, _EAN8_DIGITS)
        if symbology == carriers.ITF14:
            return self.read_digits(data, start, end, _ITF14_DIGITS)
        stop = gs1.composite(data, start, end)
        if stop < end:
            # "|]e0" parts it from the element string.
            self.stop = stop
            self.composite = self.read_digits(data, start, stop - 4, EAN13)
            return self.composite
        if symbology == carriers.WITH_ADD_ON and end - start in (EAN13 + 2, EAN13 + 5):
            if past_digits(data, start + EAN13, end) == end:
                end = start + EAN13
        elif end - start == EAN13 - 1 and past_key(data, start, end) == end:
            # UPC-A, from an engine that leaves out the zero in front.
            return self.read_digits(data, start, end, EAN13 - 1)
        return self.read_digits(data, start, end, EAN13)

    def read_digits(self, data: bytes, start: int, end: int, count: int) -> bool:
        """Read so many digits, of which the last is the check digit."""
        self.composite = False
        if end - start != count:
            return self._refuse(reasons.LENGTH, min(end, start + count))
        wrong = past_key(data, start, end)
        if wrong == end:
            return True
        digits = past_digits(data, start, end)
        return self._refuse(reasons.CHECK_DIGIT if digits == end else reasons.NOT_DIGITS, wrong)

    def _refuse(self, reason: int, at: int) -> bool:
        self.reason = reason
        self.at = at
        return False
