"""The inner loops in the form that this interpreter has, beside the plain form: they agree."""

from dice import Dice
from protocol import octets, octets_plain

CHECKS = ("past_digits", "past_set82", "past_key", "past_date")
LENGTHS = (0, 1, 6, 13, 14, 17, 18, 20)


def drawn(dice: Dice) -> bytearray:
    """Some octets, mostly digits, mostly of a length that a key or date has."""
    length = LENGTHS[dice.below(len(LENGTHS))]
    data = dice.digits(length)
    if length == 6 and dice.below(2):
        data = b"%02d%02d%02d" % (dice.below(100), dice.below(14), dice.below(34))
    return bytearray(dice.damaged(data) if dice.below(3) == 0 else data)


dice = Dice(20_261_127)
for _ in range(5_000):
    data = drawn(dice)
    at = dice.below(len(data) + 1) if dice.below(4) == 0 else 0
    stop = len(data)
    for name in CHECKS:
        if name == "past_date" and stop - at != 6:
            continue  # the tables give a date six octets, always
        told = getattr(octets, name)(data, at, stop)
        assert told == getattr(octets_plain, name)(data, at, stop), (name, bytes(data), at, told)
        print(name, told, end=" ")
    octet = 0x30 + dice.below(12)
    told = octets.find(data, octet, at, stop)
    assert told == octets_plain.find(data, octet, at, stop), ("find", bytes(data), at, told)
    half = (stop - at) // 2
    alike = octets.same(data, at, at + half, at + half)
    assert alike == octets_plain.same(data, at, at + half, at + half), ("same", bytes(data), at)
    print(told, alike)
