"""A GS1 string that may have lost its FNC1: whether its last value can be two things.

The rule: where not a single FNC1 stands in a string with a GTIN, its last value, a lot or a serial
number, is in doubt if it can be cut into a shorter one and further elements of 10, 11, 17 and 21
that the string lacks, and either these hold a date, or the serial number comes out as long as those
of its GTIN are, or the string has a date and lacks its lot or serial number, which then comes out
of a serial number that is not digits alone, or is one that is long enough.

What decides: an engine sends every FNC1 or none, so a single one clears the string. A date is six
digits with a calendar, and rarely comes about by chance; two digits that look like an identifier do
in every tenth serial number of digits. So a string of GTIN, serial number and lot without any date
is not found here: that takes ``serial_lengths`` or ``element_set`` in the settings.
"""

from protocol import gs1
from protocol.code_rules import Rules
from protocol.compat import const
from protocol.octets import past_date, past_digits

_GTIN = const(1)
_LOT = const(10)
_MADE = const(11)
_EXPIRY = const(17)
_SERIAL = const(21)

_ZERO = const(0x30)
_SEVEN = const(0x37)  # none of ours ends with a higher digit
_DATED = const(8)  # octets of an element with a date
_CUTS = const(3)  # four identifiers, and the first stands before the first cut


class LostFnc1:
    """Looks for the second reading. ``cuts[:count]`` are the places where FNC1 would be missing.

    One object serves for ever; looking allocates nothing.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self.cuts = [0] * _CUTS
        self.count = 0
        self._had = 0  # one bit for each identifier of the first reading
        self._serial_length = 0  # by the rules; 0 if they do not know
        self._digits = False  # the value is a serial number of digits alone

    def found(self, data: bytes, end: int, elements: "gs1.Elements") -> bool:
        """Say whether ``elements``, read up to ``end`` and without FNC1, have a second reading."""
        self.count = 0
        last = elements.count - 1
        last_ai = elements.ai(last)
        if last_ai not in (_LOT, _SERIAL):
            return False
        gtin = elements.find(_GTIN)
        if gtin < 0 or self._rules.fnc1_sent:
            return False
        self._serial_length = self._rules.serial_length(data, elements.start(gtin))
        had = 0
        for ai in (_LOT, _MADE, _EXPIRY, _SERIAL):
            if elements.find(ai) >= 0:
                had |= _bit(ai)
        self._had = had
        start = elements.start(last)
        self._digits = last_ai == _SERIAL and past_digits(data, start, end) == end
        return self._is_cut(data, last_ai, start, end, had, 0, False)

    def _is_cut(
        self, data: bytes, ai: int, at: int, end: int, had: int, cut: int, short: bool
    ) -> bool:
        """Say whether the value of ``ai`` at ``at`` can end before ``end``."""
        place = at + 1
        last = end - 3  # an identifier, and at least one octet
        if ai == _SERIAL and self._serial_length:
            place = at + self._serial_length
            last = min(last, place)
        while place <= last:
            self.cuts[cut] = place
            is_short = short or (ai == _SERIAL and place - at < self._rules.serial_least)
            if self._is_tail(data, place, end, had, cut + 1, is_short):
                return True
            place += 1
        return False

    def _is_tail(self, data: bytes, at: int, end: int, had: int, cuts: int, short: bool) -> bool:
        """Say whether ``data[at:end]`` is elements that the string lacks, behind so many cuts.

        Args:
            short: a serial number before it is shorter than they are as a rule.
        """
        if end - at < 3 or data[at + 1] > _SEVEN:
            return False
        ai = (data[at] - _ZERO) * 10 + data[at + 1] - _ZERO
        if ai not in (_LOT, _MADE, _EXPIRY, _SERIAL) or had & _bit(ai):
            return False
        had |= _bit(ai)
        if ai in (_MADE, _EXPIRY):
            stop = at + _DATED
            if stop > end or past_date(data, at + 2, stop) != stop:
                return False
            if stop < end:
                return self._is_tail(data, stop, end, had, cuts, short)
        elif cuts < _CUTS and self._is_cut(data, ai, at + 2, end, had, cuts, short):
            return True
        elif ai == _SERIAL:
            length = end - at - 2
            if self._serial_length and length != self._serial_length:
                return False
            short = short or length < self._rules.serial_least
        self.count = cuts
        dates = _bit(_MADE) | _bit(_EXPIRY)
        if self._serial_length or had & ~self._had & dates:
            return True
        return had & dates > 0 and not short and not self._digits


def _bit(ai: int) -> int:
    return 1 << (ai - _LOT)
