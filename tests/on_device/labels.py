"""Labels of every sort the trade has, good and damaged, from given dice."""

from dice import Dice

_GS = b"\x1d"
_CARRIERS = (b"", b"C0", b"C1", b"d1", b"d2", b"Q3", b"E0", b"X9")
# Labels that are no number and no element string; dice damage them like the others.
_OTHERS = (
    (b"Q1", b"https://example.cn/trace?c=89999999000000000018&x=1"),
    (b"Q1", b"https://example.org/leaflet/9"),
    (b"d1", b"https://id.gs1.org/01/08999999000011/10/L%2F9/21/9A0001?17=281231"),
    (b"d1", b"[)>\x1e06\x1d9N110375286414\x1d1TLOT\x1dD281200\x1dS9A0001\x1e\x04"),
    (b"d1", b"[)>\x1e05\x1d0108999999000011219A0001\x1e\x04"),
    (b"Q1", b"MA.156.M0.100761.21234561.S9x1.L220117.C3"),
    (b"A0", b"-03752864"),
    (b"C0", b"99999999999999999999"),
    (b"C0", b"scandock:open:PO-9"),
    (b"E0", b"8999999000013|]e010LOT"),
    (b"d2", b"0108999999000011219A000117281231"),
    (b"d2", b"01089999990000111728123110LOT219A0001"),
)
_SET82 = b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"


def any_label(dice: Dice) -> "tuple[bytes, bytes]":
    """Return symbology and data: half of them good, the others damaged, misnamed or noise."""
    symbology, data = good_label(dice)
    fate = dice.below(10)
    if fate == 0:
        return symbology, dice.octets(dice.below(40))
    if fate == 1:
        return _CARRIERS[dice.below(len(_CARRIERS))], data
    if fate < 5:
        return symbology, dice.damaged(data)
    return symbology, data


def good_label(dice: Dice) -> "tuple[bytes, bytes]":
    """Return symbology and data of one good code of the trade."""
    kind = dice.below(5)
    if kind == 4:
        return _OTHERS[dice.below(len(_OTHERS))]
    if kind == 0:
        return b"C0", b"89999999" + dice.digits(12)
    if kind == 1:
        return b"E0", _checked(b"8999999" + dice.digits(5))
    if kind == 2:
        return b"C1", b"00" + _checked(b"08999999" + dice.digits(9))
    return b"d2", _element_string(dice)


def _element_string(dice: Dice) -> bytes:
    ais = [b"01", b"21"]
    for ai in (b"10", b"11", b"17", b"30", b"00"):
        if dice.below(3) == 0:
            ais.insert(dice.below(len(ais) + 1), ai)
    data = _GS if dice.below(4) == 0 else b""
    for ai in ais[dice.below(2) :]:
        data += ai
        if ai == b"01":
            data += _checked(b"08999999" + dice.digits(5))
        elif ai == b"00":
            data += _checked(b"08999999" + dice.digits(9))
        elif ai in (b"11", b"17"):
            data += b"%02d%02d%02d" % (dice.below(100), 1 + dice.below(12), dice.below(29))
        elif ai == b"30":
            data += dice.digits(2) + _GS
        else:
            data += bytes([_SET82[dice.below(82)] for _ in range(1 + dice.below(20))]) + _GS
    return data


def _checked(body: bytes) -> bytes:
    total = 0
    for place, digit in enumerate(reversed(body)):
        total += (digit - 0x30) * (1 if place % 2 else 3)
    return body + bytes([0x30 + -total % 10])
