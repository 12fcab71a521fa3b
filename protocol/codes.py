"""What kind of code a label carries, by its symbology first and its octets second.

Never mends, guesses or truncates. Codes are octets for ever: twenty digits do not fit 64 bits, and
leading zeros count.
"""

from protocol import gs1, reasons
from protocol.compat import const

# Kinds.
MSFX20 = const(1)  # the 20-digit trace code of MSFX 码上放心
GS1_TRACE = const(2)  # GTIN and serial: names one unit
GS1_PARTIAL = const(3)  # GS1, but names no unit
SSCC = const(4)  # a logistic unit
EAN13_ARTICLE = const(5)  # names the product, not the unit
GARBLED = const(6)  # meant to be a code of the trade, and damaged
UNKNOWN = const(7)  # none of the trade
MA = const(8)  # an object identifier of the MA scheme (IDcode), ISO/IEC 15459
PPN = const(9)  # a Pharmacy Product Number and serial: names one unit
PPN_PARTIAL = const(10)  # ISO/IEC 15434 data that names no unit
PZN_ARTICLE = const(11)  # a German article number: names the product, not the unit
URL_TRACE = const(12)  # a link around exactly one 20-digit trace code: names that unit
URL_UNRESOLVED = const(13)  # a link that we do not follow, and that names no unit by itself
NUMERIC_OTHER = const(14)  # a maker's own numbers, by a rule in the settings: names one unit
SENTINEL = const(15)  # stands for split packs: right in form, never unique
COMMAND = const(16)  # an operator's command, not goods
AMBIGUOUS = const(17)  # two readings, and nothing tells which

_MSFX20_LENGTH = const(20)
_EIGHT = const(0x38)
_AI_SSCC = const(0)
_AI_GTIN = const(1)
_AI_SERIAL = const(21)

# First octet of a key, so that one table holds every scheme and keeps each in order. The nine
# octets of a 20-digit number begin with 0..5.
_KEY_GS1_TRACE = b"\x10"
_KEY_SSCC = b"\x11"
_KEY_OTHER = b"\x7f"

# ISO/IEC 15424 identifiers, without "]", whose data is a GS1 element string by definition.
# Source: ISO/IEC 15424 as collected by zxing-cpp and GS1 General Specifications, section 5.1.
_GS1_CARRIERS = b"C1d2d5d8dBQ3Q4e0e1e2e3J1h2z1"
_EAN13_CARRIER = b"E0"


class Code:
    """One label, understood.

    Attributes:
        kind: MSFX20 … UNKNOWN.
        key: the unit's name in a store, one for all its renderings; order-preserving octets. For
            a kind that names no unit, a tag octet and the label as it was read.
        elements: pairs of AI and value, both octets, for GS1 kinds; otherwise empty.
        reason: protocol.reasons; OK or what is wrong.
        at: offset in the data where it is wrong.
    """

    def __init__(
        self,
        kind: int,
        key: bytes,
        elements: "tuple[tuple[bytes, bytes], ...]",
        reason: int,
        at: int,
    ) -> None:
        self.kind = kind
        self.key = key
        self.elements = elements
        self.reason = reason
        self.at = at


class Classifier:
    """Tells kinds apart. One object serves for ever; ``check`` allocates nothing.

    After ``check`` the answer stands in ``kind``, ``reason`` and ``at`` (an offset from the start
    of the data), and, for GS1 kinds, in ``elements``.
    """

    def __init__(self) -> None:
        self.kind = UNKNOWN
        self.reason = reasons.OK
        self.at = 0
        self.elements = gs1.Elements()

    def check(self, symbology: int, data: bytes, start: int, end: int) -> int:
        """Classify ``data[start:end]`` and return its kind.

        Args:
            symbology: the two octets of the ISO/IEC 15424 identifier as one number, first octet
                high; 0 if the engine sent none.
        """
        length = end - start
        if length == 0:
            return self._say(UNKNOWN, reasons.EMPTY, 0)
        if _is_carrier(_GS1_CARRIERS, symbology) or data[start] == gs1.GS:
            return self._gs1(data, start, end, GARBLED)
        if _is_carrier(_EAN13_CARRIER, symbology):
            return self._ean13(data, start, end, GARBLED)
        # A read of 19 or 21 octets, or with a letter in it, is a damaged trace code rather than
        # some other code: nothing else of the trade begins with 8 and has about this length.
        if data[start] == _EIGHT and 18 <= length <= 22:
            return self._msfx20(data, start, end)
        if length == _MSFX20_LENGTH and gs1.is_digits(data, start, end):
            return self._say(UNKNOWN, reasons.HEAD, 0)
        if symbology == 0:
            # Nothing says what symbol it was: a doubtful reading is no code, not a damaged one.
            if length == 13 and gs1.is_digits(data, start, end):
                return self._ean13(data, start, end, UNKNOWN)
            if length > 16 and data[start] == 0x30 and data[start + 1] in (0x30, 0x31):
                return self._gs1(data, start, end, UNKNOWN)
        return self._say(UNKNOWN, reasons.FOREIGN, 0)

    def code(self, symbology: bytes, data: bytes) -> Code:
        """Classify a whole label and take it apart.

        Args:
            symbology: two octets without "]", or none.
        """
        number = symbology[0] << 8 | symbology[1] if len(symbology) == 2 else 0
        kind = self.check(number, data, 0, len(data))
        elements: "tuple[tuple[bytes, bytes], ...]" = ()
        if kind in (GS1_TRACE, GS1_PARTIAL, SSCC):
            elements = tuple(self._element(data, i) for i in range(self.elements.count))
        return Code(kind, self._key(data), elements, self.reason, self.at)

    def _msfx20(self, data: bytes, start: int, end: int) -> int:
        """
        Source: NMPAB/T 1002-2019 (20 characters, the first 7 the drug identification code); MSFX
            interface texts for the leading 8. The last digits are a cipher nobody publishes, so
            there is no check digit to check.
        """
        at = start
        while at < end:
            if not 0x30 <= data[at] <= 0x39:
                return self._say(GARBLED, reasons.NOT_DIGITS, at - start)
            at += 1
        if end - start != _MSFX20_LENGTH:
            return self._say(GARBLED, reasons.LENGTH, min(end - start, _MSFX20_LENGTH))
        return self._say(MSFX20, reasons.OK, 0)

    def _ean13(self, data: bytes, start: int, end: int, otherwise: int) -> int:
        if end - start != 13:
            return self._say(otherwise, reasons.LENGTH, min(end - start, 13))
        at = start
        while at < end:
            if not 0x30 <= data[at] <= 0x39:
                return self._say(otherwise, reasons.NOT_DIGITS, at - start)
            at += 1
        if not gs1.has_check_digit(data, start, end):
            return self._say(otherwise, reasons.CHECK_DIGIT, 12)
        return self._say(EAN13_ARTICLE, reasons.OK, 0)

    def _gs1(self, data: bytes, start: int, end: int, otherwise: int) -> int:
        elements = self.elements
        if not elements.read(data, start, end):
            return self._say(otherwise, elements.reason, elements.at - start)
        if elements.find(_AI_GTIN) >= 0 and elements.find(_AI_SERIAL) >= 0:
            kind = GS1_TRACE
        elif elements.find(_AI_SSCC) >= 0:
            kind = SSCC
        else:
            kind = GS1_PARTIAL
        if elements.passed_over >= 0:
            return self._say(kind, reasons.AI_UNKNOWN, elements.passed_over - start)
        return self._say(kind, reasons.OK, 0)

    def _say(self, kind: int, reason: int, at: int) -> int:
        self.kind = kind
        self.reason = reason
        self.at = at
        return kind

    def _element(self, data: bytes, index: int) -> "tuple[bytes, bytes]":
        start = self.elements.start(index)
        return data[start - 2 : start], data[start : self.elements.stop(index)]

    def _key(self, data: bytes) -> bytes:
        kind = self.kind
        if kind == MSFX20:
            return int(data).to_bytes(9, "big")
        if kind == GS1_TRACE:
            serial = self._value(data, _AI_SERIAL)
            return _KEY_GS1_TRACE + int(self._value(data, _AI_GTIN)).to_bytes(6, "big") + serial
        if kind == SSCC:
            return _KEY_SSCC + int(self._value(data, _AI_SSCC)).to_bytes(8, "big")
        return _KEY_OTHER + data

    def _value(self, data: bytes, ai: int) -> bytes:
        index = self.elements.find(ai)
        return data[self.elements.start(index) : self.elements.stop(index)]


def classify(symbology: bytes, data: bytes) -> Code:
    """Classify one label; whoever reads many keeps a ``Classifier``."""
    return Classifier().code(symbology, data)


def names_a_unit(kind: int) -> bool:
    """Say whether a code of this kind names one physical unit, of whatever level."""
    return kind in (MSFX20, GS1_TRACE, SSCC)


def _is_carrier(carriers: bytes, symbology: int) -> bool:
    at = 0
    while at < len(carriers):
        if carriers[at] << 8 | carriers[at + 1] == symbology:
            return True
        at += 2
    return False
