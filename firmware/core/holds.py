"""Units that may not move, as the agent told: looked up before a scan is sent, without a network.

The list lives in RAM only. It is a first word and not the last: the agent judges every record by
all that it knows, and its verdict comes whatever this list says.
"""

from array import array

from protocol import kinds, wire_cradle
from protocol.compat import const
from protocol.numeric import NumericChecker

_ZERO = const(0x30)
_AI_SSCC = const(0)
_AI_GTIN = const(1)
_AI_SERIAL = const(21)
_TAG_GS1 = const(0x10)
_TAG_SSCC = const(0x11)


class Holds:
    """A table of fixed size, in the order of the names. ``has`` allocates nothing."""

    def __init__(self) -> None:
        self.version = 0
        self.count = 0
        self._octets = bytearray(wire_cradle.HELD_OCTETS)
        self._stops = array(
            "H", [0] * (wire_cradle.HELD_MAX + 1)
        )  # of name i - 1; name i begins there
        self._name = bytearray(wire_cradle.NAME_MAX)

    def take(self, version: int, full: bool, names: "list[bytes]") -> bool:
        """Take one message of a list; say whether it was news that fits behind what is here.

        A list that begins anew takes the place of one of the same version too: the agent repeats
        itself when it cannot know what arrived.
        """
        if full:
            if version < self.version:
                return False
            self.version = version
            self.count = 0
        elif version != self.version:
            return False
        for name in names:
            if not self._add(name):
                return False
        return True

    def has(self, found: NumericChecker, data: bytearray, start: int, end: int) -> bool:
        """Say whether the unit that ``found`` has just seen in ``data[start:end]`` is held."""
        if not self.count:
            return False
        length = self._write_name(found, data, start, end)
        if not length:
            return False
        low = 0
        high = self.count
        while low < high:
            middle = (low + high) >> 1
            order = self._compare(middle, length)
            if order == 0:
                return True
            if order < 0:
                low = middle + 1
            else:
                high = middle
        return False

    def _add(self, name: bytes) -> bool:
        at = self._stops[self.count]
        stop = at + len(name)
        if self.count == wire_cradle.HELD_MAX or stop > len(self._octets):
            return False
        if self.count and name <= bytes(self._octets[self._stops[self.count - 1] : at]):
            return False
        self._octets[at:stop] = name
        self.count += 1
        self._stops[self.count] = stop
        return True

    def _write_name(self, found: NumericChecker, data: bytearray, start: int, end: int) -> int:
        """Write the unit's name as protocol.cddl says; return its length, 0 if it has none here."""
        if found.kind == kinds.MSFX20:
            return self._pack(0, data, start, end)
        # A Digital Link was rewritten, and its elements do not stand in the label.
        source = found.source
        elements = found.elements
        if found.kind == kinds.SSCC:
            self._name[0] = _TAG_SSCC
            place = elements.find(_AI_SSCC)
            return self._pack(1, source, elements.start(place), elements.stop(place))
        if found.kind != kinds.GS1_TRACE:
            return 0
        self._name[0] = _TAG_GS1
        place = elements.find(_AI_GTIN)
        length = self._pack(1, source, elements.start(place), elements.stop(place))
        place = elements.find(_AI_SERIAL)
        at = elements.start(place)
        while at < elements.stop(place):
            self._name[length] = source[at]
            length += 1
            at += 1
        return length

    def _pack(self, to: int, data: bytes, at: int, stop: int) -> int:
        while at < stop:
            self._name[to] = (data[at] - _ZERO) << 4 | (data[at + 1] - _ZERO)
            to += 1
            at += 2
        return to

    def _compare(self, index: int, length: int) -> int:
        """Order of the name ``index`` before (-1), at (0) or after (1) the one written last."""
        at = self._stops[index]
        stop = self._stops[index + 1]
        place = 0
        while at < stop and place < length:
            if self._octets[at] != self._name[place]:
                return -1 if self._octets[at] < self._name[place] else 1
            at += 1
            place += 1
        if at == stop:
            return 0 if place == length else -1
        return 1
