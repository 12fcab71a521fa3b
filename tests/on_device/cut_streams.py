"""The frames of 3,000 streams of labels, cut anywhere, with pauses, noise and missing ends."""

from dice import Dice
from labels import any_label
from protocol.framing import LineFramer

GAP_MS = 50


def stream(dice: Dice) -> bytes:
    octets = b""
    for _ in range(1 + dice.below(6)):
        symbology, data = any_label(dice)
        octets += b"]" + symbology + data
        octets += (b"\r\n", b"\r", b"\n", b"\r\n\r\n", b"", dice.octets(3))[dice.below(6)]
    if dice.below(20) == 0:
        octets += b"8" * dice.below(600) + b"\r"
    return octets


def say(framer: LineFramer, now_ms: int) -> None:
    print(now_ms, framer.reason, framer.length, bytes(framer.buf[: framer.length]).hex())


dice = Dice(20_261_124)
framer = LineFramer(GAP_MS)
now_ms = 0
for _ in range(3_000):
    octets = bytearray(stream(dice))
    at = 0
    while at < len(octets):
        now_ms += (0, 1, GAP_MS - 1, GAP_MS)[dice.below(4)]
        if dice.below(4) == 0 and framer.silent(now_ms):
            say(framer, now_ms)
        end = min(len(octets), at + 1 + dice.below(80))
        while at < end:
            at = framer.feed(octets, at, end, now_ms)
            if framer.length:
                say(framer, now_ms)
