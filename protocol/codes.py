"""What kind of code a label carries, what stands in it, and which unit it names.

Codes are octets for ever: twenty digits do not fit 64 bits, and leading zeros count. The kinds are
those of ``protocol.kinds``; a cradle, which needs no more than those, has ``protocol.checker``.
"""

from protocol import carriers, code_rules, keys, reasons
from protocol.checker import Checker
from protocol.code_rules import Rules
from protocol.kinds import (
    AMBIGUOUS,
    COMMAND,
    EAN13_ARTICLE,
    GARBLED,
    GS1_PARTIAL,
    GS1_TRACE,
    MA,
    MSFX20,
    NUMERIC_OTHER,
    PPN,
    PPN_PARTIAL,
    PZN_ARTICLE,
    SENTINEL,
    SSCC,
    UNKNOWN,
    URL_TRACE,
    URL_UNRESOLVED,
    names_a_unit,
)

try:
    import micropython  # noqa: F401  # only to know the interpreter
except ImportError:
    from protocol.gs1_ordinary import elements as _ordinary
else:
    _ordinary = None  # type: ignore[assignment]

__all__ = [
    "AMBIGUOUS",
    "COMMAND",
    "EAN13_ARTICLE",
    "GARBLED",
    "GS1_PARTIAL",
    "GS1_TRACE",
    "MA",
    "MSFX20",
    "NUMERIC_OTHER",
    "PPN",
    "PPN_PARTIAL",
    "PZN_ARTICLE",
    "SENTINEL",
    "SSCC",
    "UNKNOWN",
    "URL_TRACE",
    "URL_UNRESOLVED",
    "Classifier",
    "Code",
    "classify",
    "names_a_unit",
]

_OF_GS1 = frozenset((GS1_TRACE, GS1_PARTIAL, SSCC))
_FNC1 = b"\x1d"
_AI_SSCC = 0
_GS1 = carriers.GS1


class Code:
    """One label, understood.

    Attributes:
        kind: MSFX20 … AMBIGUOUS.
        key: the unit's name in a store (protocol.keys).
        elements: pairs of identifier and value, both octets, for GS1, PPN and MA; otherwise empty.
        reason: protocol.reasons; OK or what is wrong.
        at: offset in the data where it is wrong, or where the readings part.
        readings: of AMBIGUOUS, both, the octets as they stand first; otherwise empty.
    """

    __slots__ = ("at", "elements", "key", "kind", "readings", "reason")

    def __init__(
        self,
        kind: int,
        key: bytes,
        elements: "tuple[tuple[bytes, bytes], ...]",
        reason: int,
        at: int,
        readings: "tuple[Code, ...]" = (),
    ) -> None:
        self.kind = kind
        self.key = key
        self.elements = elements
        self.reason = reason
        self.at = at
        self.readings = readings


class Classifier(Checker):
    """Tells kinds apart, and takes labels apart. One object serves for ever."""

    def __init__(self, rules: Rules = code_rules.DEFAULT) -> None:
        super().__init__(rules)
        # The short way asks none of these rules.
        self._ordinary = None if rules.required or rules.serials else _ordinary

    def code(self, symbology: bytes, data: bytes) -> Code:
        """Classify a whole label and take it apart.

        Args:
            symbology: two octets without "]", or none.
        """
        number = symbology[0] << 8 | symbology[1] if len(symbology) == 2 else 0
        # Where there is FNC1, none can be lacking (protocol.doubt).
        if number in _GS1 and self._ordinary is not None and _FNC1 in data:
            values = self._ordinary(data)
            if values is not None:
                return _of_values(values, data)
        kind = self.check(number, data, 0, len(data))
        if kind == MSFX20:
            return Code(kind, keys.msfx(data), (), reasons.OK, 0)
        if kind != AMBIGUOUS:
            return self._taken_apart(kind, data)
        reason, at = self.reason, self.at
        readings = self._readings(data)
        self._say(kind, reason, at)
        return Code(kind, keys.no_unit(data), readings[0].elements, reason, at, readings)

    # Taking apart what ``check`` found.

    def _taken_apart(self, kind: int, data: bytes) -> Code:
        elements: "tuple[tuple[bytes, bytes], ...]" = ()
        key = b""
        if kind in _OF_GS1:
            linked = self.source is self._link.buf
            elements = self.elements.pairs(bytes(self._link.buf) if linked else data)
            if kind == GS1_TRACE:
                key = keys.gs1(elements[self._gtin][1], elements[self._serial][1])
            elif kind == SSCC:
                key = keys.sscc(elements[self.elements.find(_AI_SSCC)][1])
        elif kind in (PPN, PPN_PARTIAL):
            elements = self._envelope.pairs(data)
            if kind == PPN:
                key = keys.ppn(elements)
        elif kind == MA:
            elements = self._ma.pairs(data)
            key = keys.ma(elements)
        elif kind == NUMERIC_OTHER:
            key = keys.numeric_other(self._rules.makers[self._place][0], data)
        elif kind == URL_TRACE:
            key = keys.msfx(data[self._place : self._place + self._length])
        elif kind == MSFX20:
            key = keys.msfx(data)
        elif kind == EAN13_ARTICLE and self._article.composite:
            elements = self.elements.pairs(data)
        return Code(kind, key or keys.no_unit(data), elements, self.reason, self.at)

    def _readings(self, data: bytes) -> "tuple[Code, ...]":
        first, other = self._first, self._other
        if first != UNKNOWN:
            self._say(first, reasons.OK, 0)
            return self._taken_apart(first, data), self._taken_apart(other, data)
        mended = data
        for cut in reversed(self._lost.cuts[: self._lost.count]):
            mended = mended[:cut] + _FNC1 + mended[cut:]
        return self._for_sure(data), self._for_sure(mended)

    def _for_sure(self, data: bytes) -> Code:
        return self._taken_apart(self._gs1(data, 0, len(data), GARBLED, False), data)


def _of_values(values: "dict[bytes, bytes]", data: bytes) -> Code:
    """Say of an ordinary label what ``Checker`` and ``_taken_apart`` say of it."""
    elements = tuple(values.items())
    if b"01" in values and b"21" in values:
        key = keys.gs1(values[b"01"], values[b"21"])
        return Code(GS1_TRACE, key, elements, reasons.OK, 0)
    if b"00" in values:
        return Code(SSCC, keys.sscc(values[b"00"]), elements, reasons.OK, 0)
    return Code(GS1_PARTIAL, keys.no_unit(data), elements, reasons.OK, 0)


def classify(symbology: bytes, data: bytes) -> Code:
    """Classify one label by the usual rules. In any thread."""
    try:
        classifier = _idle.pop()
    except IndexError:
        classifier = Classifier()
    code = classifier.code(symbology, data)
    _idle.append(classifier)
    return code


_idle: "list[Classifier]" = []
