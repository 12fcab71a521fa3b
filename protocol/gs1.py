"""GS1 element strings: which application identifier stands where, without copying an octet."""

from protocol import gs1_ai, gs1_rules, octets, reasons
from protocol.compat import const

GS = const(0x1D)  # FNC1 as scan engines send it inside the data

MOST = const(64)  # elements of one string; no symbol holds more

_FNC1 = b"\x1d"

_CHECKS = gs1_ai.CHECKS
_SIGNATURE = const(8030)
_SIGNED_KEYS = ((253, 13), (255, 13), (8003, 14))  # and their length without a serial number


# Of identifiers of two digits, by these two octets as one number: check, octets if predefined, most
# octets of the value, bit, bits that bar it, number. One look-up and one unpacking do for nearly
# every element. Values of theirs without a predefined length have one octet at least.
_SHORT = {}
for _ai in range(100):
    _row = gs1_ai.row(_ai)
    if _row:
        _fixed, _least, _most, _rule, _bit = gs1_ai.ROWS[_row + 4 : _row + 9]
        _octets = (_ai // 10 + 0x30) << 8 | (_ai % 10 + 0x30)
        _SHORT[_octets] = (_CHECKS[_rule], _fixed, _most, 1 << _bit, gs1_ai.bars(_row), _ai)


class Elements:
    """The elements of one string, as places in the octets they were found in.

    ``count`` elements were found; ``ai(i)``, ``start(i)`` and ``stop(i)`` tell each, in the order
    in which they stand, repeats included. ``reason`` is OK or why the string was refused, and
    ``at`` is where. ``passed_over`` is the offset of the first application identifier outside our
    table, or -1: its value was skipped, up to its predefined length or the next FNC1. The whole
    table passes over none: what it does not know is refused.

    One object serves for ever; reading allocates nothing.
    """

    def __init__(self) -> None:
        self.count = 0
        self.reason = reasons.OK
        self.at = 0
        self.passed_over = -1
        # By index of the element: its identifier as a number, where its value begins and ends.
        self._ais = [0] * MOST
        self._starts = [0] * MOST
        self._stops = [0] * MOST
        # Of a value of several parts: where they begin in PARTS, and the rule looked at last.
        self._parts = 0
        self._rule = 0
        self._check_parts = self._past_parts  # bound once: binding makes an object

    def ai(self, index: int) -> int:
        return self._ais[index]

    def ai_length(self, index: int) -> int:
        return gs1_ai.digits(self._ais[index])

    def start(self, index: int) -> int:
        return self._starts[index]

    def stop(self, index: int) -> int:
        return self._stops[index]

    def ai_text(self, index: int, data: bytes) -> bytes:
        """Return the digits of the identifier, out of the octets that were read."""
        start = self._starts[index]
        return data[start - self.ai_length(index) : start]

    def pairs(self, data: bytes) -> "tuple[tuple[bytes, bytes], ...]":
        """Return the elements as pairs of AI and value, out of the octets that were read."""
        count = self.count
        places = zip(self._ais[:count], self._starts[:count], self._stops[:count])
        return tuple(
            [
                (data[start - (2 if ai < 100 else gs1_ai.digits(ai)) : start], data[start:stop])
                for ai, start, stop in places
            ]
        )

    def find(self, ai: int) -> int:
        """Return the index of the first element ``ai``, or -1."""
        index = 0
        while index < self.count:
            if self._ais[index] == ai:
                return index
            index += 1
        return -1

    def lacking(self) -> int:
        """Return the index of the first element without those that must stand beside it, or -1.

        A label may carry its elements on two symbols, so reading does not ask.
        """
        relations = gs1_ai.RELATIONS
        index = 0
        while index < self.count:
            ai = self._ais[index]
            at = gs1_ai.demands(ai)
            demands = relations[at]
            at += 1
            while demands:
                groups = relations[at]
                at += 1
                met = False
                while groups:
                    missing = self._missing(at, ai)
                    met = met or not missing
                    at += 1 + gs1_ai.SPAN * relations[at]
                    groups -= 1
                if not met:
                    return index
                demands -= 1
            index += 1
        return -1

    def read(self, data: bytes, at: int, end: int, strict: bool = False) -> bool:
        """Read ``data[at:end]``; FNC1 may trail. Say whether it is an element string.

        Args:
            data: bytes or bytearray.
            strict: FNC1 may not lead. Behind a symbology identifier that says GS1 none is due;
                some engines send the one that opens the symbol all the same.
        """
        self.count = 0
        self.reason = reasons.OK
        self.passed_over = -1
        if at < end and data[at] == GS and not strict:
            at += 1
        if at >= end:
            return self._refuse(reasons.EMPTY, at)
        if end - at >= 4 * MOST:
            self._make_room(end - at)
        rows = gs1_ai.ROWS
        ais = self._ais
        starts = self._starts
        stops = self._stops
        count = 0
        gs = at  # the next FNC1, once it is behind the place where it matters
        fixed = 0
        seen = 0
        doubt = 0
        last = end - 1
        while at < last:
            short = _SHORT.get(data[at] << 8 | data[at + 1])
            if short is not None:
                check, fixed, most, bit, bars, ai = short
                start = at + 2
                least = 1
            elif data[at] == GS and fixed:
                fixed = 0  # FNC1 is not due behind a value of predefined length, and does no harm
                at += 1
                continue
            else:
                row = gs1_ai.row_at(data, at, end)
                if row == 0:
                    at = self._pass_over(data, at, end)
                    if at < 0:
                        return False
                    fixed = 0
                    continue
                start = at + rows[row + 3]
                ai = gs1_rules.number(data, at, start)
                fixed = rows[row + 4]
                least = rows[row + 5]
                most = rows[row + 6]
                rule = rows[row + 7]
                bit = 1 << rows[row + 8]
                bars = gs1_ai.bars(row)
                if rule < gs1_ai.SEVERAL:
                    check = _CHECKS[rule]
                else:
                    check = self._check_parts
                    self._parts = gs1_ai.parts(rule)
            if fixed:
                stop = at + fixed
                if stop > end:
                    return self._refuse(reasons.LENGTH, end)
            else:
                if gs < start:
                    gs = data.find(_FNC1, start, end)
                    if gs < 0:
                        gs = end
                stop = gs
                if not least <= stop - start <= most:
                    return self._refuse(reasons.LENGTH, min(stop, start + most))
            if check(data, start, stop) != stop:
                return self._flaw(data, ai, check(data, start, stop), stop)
            doubt |= seen & bars
            seen |= bit
            ais[count] = ai
            starts[count] = start
            stops[count] = stop
            count += 1
            at = stop if fixed else stop + 1
        if at == last and not (fixed and data[at] == GS):
            return self._refuse(reasons.SEPARATOR if data[at] == GS else reasons.AI_UNKNOWN, at)
        if count > MOST:
            return self._refuse(reasons.LENGTH, starts[MOST])
        self.count = count
        return doubt == 0 or self._agree(data)

    def _make_room(self, length: int) -> None:
        """More octets than a label has may hold more elements than a symbol has: four each."""
        missing = (length + 1) // 4 - len(self._ais)
        if missing > 0:
            self._ais += [0] * missing
            self._starts += [0] * missing
            self._stops += [0] * missing

    def _pass_over(self, data: bytes, at: int, end: int) -> int:
        """Return the place after an element that we do not know, and after the FNC1 that ends it;
        or -1 where none may be.
        """
        if data[at] == GS:
            self._refuse(reasons.SEPARATOR, at)
            return -1
        if gs1_ai.WHOLE or octets.past_digits(data, at, at + 2) < at + 2:
            self._refuse(reasons.AI_UNKNOWN, at)
            return -1
        fixed = gs1_ai.predefined(gs1_rules.number(data, at, at + 2))
        stop = at + fixed if fixed else octets.find(data, GS, at, end)
        if stop > end:
            self._refuse(reasons.LENGTH, end)
            return -1
        if self.passed_over < 0:
            self.passed_over = at
        return stop + 1 if stop < end and data[stop] == GS else stop

    def _past_parts(self, data: bytes, at: int, stop: int) -> int:
        """The check of a value of several parts, which begin at ``_parts`` in PARTS."""
        parts = gs1_ai.PARTS
        part = self._parts + 1
        count = parts[self._parts]
        while count:
            length = min(stop - at, parts[part + 2])
            if length or not parts[part]:
                if length < parts[part + 1]:
                    return stop + 1
                self._rule = parts[part + 3]
                place = _CHECKS[self._rule](data, at, at + length)
                if place != at + length:
                    return place if place < at + length else stop + 1
            at += length
            part += gs1_ai.PART
            count -= 1
        return stop

    def _flaw(self, data: bytes, ai: int, place: int, stop: int) -> bool:
        """Say what is wrong at the place where the check of a value stopped."""
        rule = gs1_ai.ROWS[gs1_ai.row(ai) + 7]
        if rule >= gs1_ai.SEVERAL:
            rule = self._rule
        if place >= stop:
            return self._refuse(reasons.LENGTH, stop)
        if data[place] == GS:
            return self._refuse(reasons.LENGTH, place)
        if not gs1_ai.TEXT[rule]:
            if octets.past_digits(data, place, place + 1) == place:
                return self._refuse(reasons.NOT_DIGITS, place)
        elif octets.past_set82(data, place, place + 1) == place:
            return self._refuse(reasons.CHARACTER, place)
        return self._refuse(gs1_ai.REASONS[rule], place)

    def _agree(self, data: bytes) -> bool:
        """Look at each pair: no identifier with two values, and none that exclude each other."""
        index = 1
        while index < self.count:
            ai = self.ai(index)
            start = self.start(index)
            stop = self.stop(index)
            other = 0
            while other < index:
                if self.ai(other) == ai:
                    length = self.stop(other) - self.start(other)
                    if length != stop - start or not octets.same(
                        data, start, stop, self.start(other)
                    ):
                        return self._refuse(reasons.AI_REPEATED, start - gs1_ai.digits(ai))
                elif gs1_ai.exclude(ai, self.ai(other)):
                    return self._refuse(reasons.AI_EXCLUDED, start - gs1_ai.digits(ai))
                other += 1
            index += 1
        if self.find(_SIGNATURE) >= 0:
            # Source: GS1 General Specifications, section 4.15: what is signed is one item.
            for ai, length in _SIGNED_KEYS:
                index = self.find(ai)
                if index >= 0 and self.stop(index) - self.start(index) == length:
                    return self._refuse(reasons.LENGTH, self.stop(index))
        return True

    def _missing(self, group: int, but: int) -> bool:
        """Say whether one of a group of spans is not there, in another element than ``but``."""
        spans = gs1_ai.RELATIONS[group]
        at = group + 1
        while spans:
            first = gs1_ai.two(gs1_ai.RELATIONS, at)
            last = first + gs1_ai.RELATIONS[at + 2]
            index = 0
            while index < self.count:
                ai = self._ais[index]
                if first <= ai <= last and ai != but:
                    break
                index += 1
            if index == self.count:
                return True
            at += gs1_ai.SPAN
            spans -= 1
        return False

    def _refuse(self, reason: int, at: int) -> bool:
        self.count = 0
        self.reason = reason
        self.at = at
        return False


def composite(data: bytes, at: int, end: int) -> int:
    """Return where the element string of a composite symbol begins, or ``end`` if it is none.

    The linear part, an EAN or UPC, comes first; "|]e0" opens the other one.
    Source: ISO/IEC 24723; GS1 Barcode Syntax Engine, scan data.
    """
    bar = octets.find(data, 0x7C, at, end)
    if end - bar >= 4 and data[bar + 1] == 0x5D and data[bar + 2] == 0x65 and data[bar + 3] == 0x30:
        return bar + 4
    return end


def is_digits(data: bytes, at: int, end: int) -> bool:
    """Say whether ``data[at:end]`` is ASCII digits only; true for no octets at all."""
    return octets.past_digits(data, at, end) == end


def has_check_digit(data: bytes, start: int, stop: int) -> bool:
    """Say whether ``data[start:stop]`` is digits, the last the mod-10 check digit of the others."""
    return octets.past_key(data, start, stop) == stop
