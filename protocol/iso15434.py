"""ISO/IEC 15434 envelopes: [)> RS 06 GS … RS EOT, as macro 05 and 06 of DataMatrix unfold.

Format 05 holds a GS1 element string, format 06 data identifiers of ANS MH10.8.2. The identifiers of
German medicines are checked; all others are passed over as they are.
"""

from array import array

from protocol import reasons
from protocol.compat import const
from protocol.octets import past_date, past_digits, past_key
from protocol.pzn import is_ppn

GS1 = const(5)  # formats
IDENTIFIERS = const(6)

_HEADER = b"[)>\x1e"
_HEAD = const(7)  # octets up to and including the first GS
_TAIL = const(2)
_GS = const(0x1D)
_RS = const(0x1E)
_EOT = const(0x04)
_ZERO = const(0x30)
_FIELDS = const(32)  # no label of the trade has a quarter of these
_LETTERS = const(32)  # an identifier's number counts so much more than its letter


def identifier(name: bytes) -> int:
    """The number by which ``Envelope.find`` knows an identifier such as b"9N"."""
    return (int(name[:-1]) if len(name) > 1 else 0) * _LETTERS + (name[-1] & 31)


PPN = identifier(b"9N")
SERIAL = identifier(b"S")
GTIN = identifier(b"8P")
_LOT = identifier(b"1T")
_EXPIRY = identifier(b"D")
_MADE = identifier(b"16D")
_TEXTS = (SERIAL, _LOT)
_OURS = (PPN, SERIAL, GTIN, _LOT, _EXPIRY, _MADE)


def looks_like(data: bytes, at: int, end: int) -> bool:
    """Say whether an envelope is meant."""
    return end - at > 4 and data.find(_HEADER, at, at + 4) == at


class Envelope:
    """The fields of one envelope, as places in the octets they were found in.

    ``format`` is the number of the format. Of 06, ``count`` fields were found; of 05, the element
    string stands from ``content`` to ``stop``. ``reason`` is OK or why the envelope was refused,
    and ``at`` is where.

    One object serves for ever; reading allocates nothing.
    """

    def __init__(self) -> None:
        self.format = 0
        self.content = 0
        self.stop = 0
        self.count = 0
        self.reason = reasons.OK
        self.at = 0
        self._fields = array("H", bytes(8 * _FIELDS))

    def pairs(self, data: bytes) -> "tuple[tuple[bytes, bytes], ...]":
        """Return identifier and value of each field, as they stand in ``data``."""
        places = self._fields
        return tuple(
            [
                (data[places[at + 1] : places[at + 2]], data[places[at + 2] : places[at + 3]])
                for at in range(0, self.count * 4, 4)
            ]
        )

    def find(self, identifier: int) -> int:
        """Return the index of a field, or -1."""
        index = 0
        while index < self.count:
            if self._fields[index * 4] == identifier:
                return index
            index += 1
        return -1

    def read(self, data: bytes, at: int, end: int) -> bool:
        """Read the envelope ``data[at:end]``, and say whether it is whole and right.

        The fields of format 06 are checked as well; the element string of 05 is left to whoever
        knows GS1, and any other format is not looked into.
        """
        self.count = 0
        self.format = 0
        self.reason = reasons.OK
        if end - at < _HEAD + _TAIL or past_digits(data, at + 4, at + 6) != at + 6:
            return self._refuse(reasons.ENVELOPE, min(at + 4, end))
        self.format = (data[at + 4] - _ZERO) * 10 + data[at + 5] - _ZERO
        if self.format not in (GS1, IDENTIFIERS):
            return True
        if data[at + 6] != _GS:
            return self._refuse(reasons.SEPARATOR, at + 6)
        if data[end - 2] != _RS or data[end - 1] != _EOT:
            return self._refuse(reasons.ENVELOPE, end)
        self.content = at + _HEAD
        self.stop = end - _TAIL
        if self.format == GS1:
            return True
        return self._read_fields(data, self.content, self.stop)

    def _read_fields(self, data: bytes, at: int, end: int) -> bool:
        while True:
            name_at = at
            number = 0
            while at < end and 0x30 <= data[at] <= 0x39 and at < name_at + 3:
                number = number * 10 + data[at] - _ZERO
                at += 1
            if at >= end or not 0x41 <= data[at] <= 0x5A or data[name_at] == _ZERO:
                # Nothing between two GS, or something that no identifier begins with.
                empty = at >= end or data[at] == _GS
                return self._refuse(reasons.SEPARATOR if empty else reasons.VALUE, min(at, end))
            number = number * _LETTERS + (data[at] & 31)
            at += 1
            start = at
            while at < end and data[at] > _RS:
                at += 1
            if at < end and data[at] != _GS:
                return self._refuse(reasons.ENVELOPE, at)
            if not self._value(data, number, start, at) or not self._add(
                number, name_at, start, at
            ):
                return False
            if at == end:
                return True
            at += 1

    def _value(self, data: bytes, number: int, start: int, stop: int) -> bool:
        """
        Source: IFA PPN code specification: lot and serial number up to 20 octets, PPN up to 22.
        """
        length = stop - start
        if length == 0:
            return self._refuse(reasons.LENGTH, start)
        if number in _TEXTS:
            if length > 20:
                return self._refuse(reasons.LENGTH, start + 20)
            at = start
            while at < stop:
                if not 0x21 <= data[at] <= 0x7E:
                    return self._refuse(reasons.CHARACTER, at)
                at += 1
        elif number == PPN:
            if not 4 <= length <= 22:
                return self._refuse(reasons.LENGTH, min(stop, start + 22))
            if not is_ppn(data, start, stop):
                return self._refuse(reasons.CHECK_DIGIT, stop - 2)
        elif number == _EXPIRY:
            return self._dated(data, start, stop, 6)
        elif number == _MADE:
            return self._dated(data, start, stop, 8)
        elif number == GTIN:
            if length != 14:
                return self._refuse(reasons.LENGTH, min(stop, start + 14))
            wrong = past_key(data, start, stop)
            if wrong == stop - 1:
                return self._refuse(reasons.CHECK_DIGIT, wrong)
            if wrong != stop:
                return self._refuse(reasons.NOT_DIGITS, wrong)
        return True

    def _dated(self, data: bytes, start: int, stop: int, length: int) -> bool:
        """YYMMDD or YYYYMMDD; the day may be 00 for the month as a whole."""
        if stop - start != length:
            return self._refuse(reasons.LENGTH, min(stop, start + length))
        wrong = past_digits(data, start, stop)
        if wrong != stop:
            return self._refuse(reasons.NOT_DIGITS, wrong)
        wrong = past_date(data, stop - 6, stop)
        return wrong == stop or self._refuse(reasons.DATE, wrong)

    def _add(self, number: int, name_at: int, start: int, stop: int) -> bool:
        if number in _OURS and self.find(number) >= 0:
            return self._refuse(reasons.AI_REPEATED, name_at)
        if self.count == _FIELDS:
            return self._refuse(reasons.LENGTH, name_at)
        at = self.count * 4
        self._fields[at] = number
        self._fields[at + 1] = name_at
        self._fields[at + 2] = start
        self._fields[at + 3] = stop
        self.count += 1
        return True

    def _refuse(self, reason: int, at: int) -> bool:
        self.count = 0
        self.reason = reason
        self.at = at
        return False
