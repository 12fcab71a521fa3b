"""German article numbers (PZN), and the product number (PPN) that carries one.

Source: IFA, technical hints on PZN coding and PPN code specification: PZN modulo 11, PPN modulo 97.
"""

from protocol.compat import const
from protocol.octets import past_digits

_MINUS = const(0x2D)
_ZERO = const(0x30)
_ONE = const(0x31)
_PZN = const(8)


def is_pzn(data: bytes, start: int, end: int) -> bool:
    """Say whether the digits ``data[start:end]``, 7 or 8, end with their check digit.

    Weights are 1, 2, … for eight digits; seven are the same number without its leading zero. A
    remainder of 10 is not issued.
    """
    weight = 1 + _PZN - (end - start)
    total = 0
    at = start
    while at < end - 1:
        total += (data[at] - _ZERO) * weight
        weight += 1
        at += 1
    return total % 11 == data[at] - _ZERO


def is_labelled(data: bytes, start: int, end: int) -> bool:
    """Say whether this is "-" and 7 or 8 digits, as PZN stand in Code 39."""
    length = end - start
    return (
        (length == 1 + _PZN or length == _PZN)
        and data[start] == _MINUS
        and past_digits(data, start + 1, end) == end
    )


def is_ppn(data: bytes, start: int, end: int) -> bool:
    """Say whether ``data[start:end]`` ends with the two check digits of its other octets.

    The caller knows that there are at least four. Of agency 11 (IFA), the number must also be a
    PZN of eight digits.
    """
    if past_digits(data, end - 2, end) != end:
        return False
    total = 0
    weight = 2
    at = start
    while at < end - 2:
        total += data[at] * weight
        weight += 1
        at += 1
    if total % 97 != (data[at] - _ZERO) * 10 + data[at + 1] - _ZERO:
        return False
    if data[start] != _ONE or data[start + 1] != _ONE:
        return True
    return (
        at - start == 2 + _PZN
        and past_digits(data, start + 2, at) == at
        and is_pzn(data, start + 2, at)
    )
