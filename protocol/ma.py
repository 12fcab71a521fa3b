"""MA identifiers (IDcode), ISO/IEC 15459: MA.156.M0.100761.21234561.Sx00008.M220117.C3

Five parts between full stops name the product, the parts behind them the unit. Only the form is
checked: no text that gives lengths, dates or the check character was at hand.
"""

from protocol.compat import const
from protocol.octets import past_digits

_STOP = const(0x2E)
_PRODUCT = const(5)  # parts
_ISSUER = const(3)  # digits of the second part
_SERIAL = const(0x53)  # "S"
# Letters that parts behind the product begin with: serial, made, sterilised, lot, expiry, valid to,
# check.
_LETTERS = b"SMLDEVC"


def looks_like(data: bytes, start: int, end: int) -> bool:
    """Say whether an identifier is meant: MA, an issuer of three digits, and more."""
    issuer = start + 3
    stop = issuer + _ISSUER
    return (
        end > stop
        and data.find(b"MA.", start, issuer) == start
        and past_digits(data, issuer, stop) == stop
        and data[stop] == _STOP
    )


class Ma:
    """The parts of one identifier. ``at`` tells where it is none.

    One object serves for ever; reading allocates nothing.
    """

    def __init__(self) -> None:
        self.at = 0
        self.has_serial = False
        self._product_end = 0

    def read(self, data: bytes, start: int, end: int) -> bool:
        """Read ``data[start:end]``, and say whether it is one."""
        self.has_serial = False
        count = 0
        at = start
        while True:
            stop = data.find(b".", at, end)
            if stop < 0:
                stop = end
            if stop == at or not _is_plain(data, at, stop):
                self.at = at
                return False
            count += 1
            if count == _PRODUCT:
                self._product_end = stop
            elif count > _PRODUCT:
                if stop - at < 2 or data[at] not in _LETTERS:
                    self.at = at
                    return False
                if data[at] == _SERIAL:
                    if self.has_serial:
                        self.at = at
                        return False
                    self.has_serial = True
            if stop == end:
                break
            at = stop + 1
        self.at = end
        return count >= _PRODUCT

    def pairs(self, data: bytes) -> "tuple[tuple[bytes, bytes], ...]":
        """Return the product as b"MA", and letter and value of each part behind it."""
        found = [(b"MA", data[: self._product_end])]
        for part in data[self._product_end + 1 :].split(b"."):
            found.append((part[:1], part[1:]))
        return tuple(found)


def _is_plain(data: bytes, at: int, end: int) -> bool:
    """Printable ASCII without blanks."""
    while at < end:
        if not 0x21 <= data[at] <= 0x7E:
            return False
        at += 1
    return True
