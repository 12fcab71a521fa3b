"""The kinds of codes. The numbers travel inside the agent's store: never renumber one."""

from protocol.compat import const

MSFX20 = const(1)  # the 20-digit trace code of MSFX 码上放心
GS1_TRACE = const(2)  # GTIN and serial: names one unit
GS1_PARTIAL = const(3)  # GS1, but names no unit
SSCC = const(4)  # a logistic unit
EAN13_ARTICLE = const(5)  # names the product, not the unit
GARBLED = const(6)  # meant to be a code of the trade, and damaged
UNKNOWN = const(7)  # none of the trade
MA = const(8)  # an object identifier of the MA scheme (IDcode), ISO/IEC 15459, with a serial
PPN = const(9)  # a Pharmacy Product Number and serial, ISO/IEC 15434: names one unit
PPN_PARTIAL = const(10)  # ISO/IEC 15434 data that names no unit
PZN_ARTICLE = const(11)  # a German article number: names the product, not the unit
URL_TRACE = const(12)  # a link around exactly one 20-digit trace code: names that unit
URL_UNRESOLVED = const(13)  # a link that we do not follow, and that names no unit by itself
NUMERIC_OTHER = const(14)  # a maker's own numbers, by a rule in the settings: names one unit
SENTINEL = const(15)  # stands for split packs: right in form, never unique
COMMAND = const(16)  # an operator's command, not goods
AMBIGUOUS = const(17)  # two readings, and nothing tells which

_UNITS = frozenset((MSFX20, GS1_TRACE, SSCC, MA, PPN, URL_TRACE, NUMERIC_OTHER))


def names_a_unit(kind: int) -> bool:
    """Say whether a code of this kind names one physical unit, of whatever level."""
    return kind in _UNITS
