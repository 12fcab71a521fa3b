"""A million hostile labels: each gets a kind, a reason and a place, and nothing is ever raised."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from types import ModuleType

from protocol import codes, reasons
from protocol.codes import Classifier

LABELS = 1_000_000

# One honest label of every form that the trade knows, to be spoilt.
HONEST = [
    b"89999999000000000018",
    b"0108999999000011172812311" + b"0LOT9\x1d219A0001",
    b"\x1d0108999999000011219A0001\x1d310300100090\x1d8008261122093015",
    b"00089999990000000014",
    b"8999999000011",
    b"https://id.gs1.org/01/08999999000011/10/LOT9/21/9A0001?17=281231&7003=2812312359",
    b"https://example.org/gtin/8999999000011/ser/9%41",
    b"https://example.org/t?c=89999999000000000018&x=1",
    b"https://id.gs1.org/AQEijw7-_example",
    b"[)>\x1e06\x1d9N111746814489\x1d1TA\x1dD280400\x1dSQ8UBEG1GU0E\x1e\x04",
    b"-17468144",
    b"MA.156.M0.100761.21234561.Sx00008.M220117.L20220117.C3",
    b"99999999999999999999",
    b"scandock:open:PO-9001",
    "追溯码：89999999000000000018".encode("gbk"),
    "追溯码：89999999000000000018".encode(),
]
SYMBOLOGIES = [b"", b"C0", b"C1", b"d1", b"d2", b"dA", b"Q1", b"Q3", b"e0", b"J1", b"E0", b"E4"]
# Octets that mean something to one grammar or another.
TELLING = [b"\x1d", b"\x1e", b"\x04", b"%", b"%4", b"%zz", b"/", b"?", b"&", b"=", b"]", b"8", b"0"]
TELLING += [b"01", b"21", b"17", b"10", b"8999999", b"\xff", b"\x00", b" ", b".", b":", b"\x1d\x1d"]


def hostile(rng: random.Random) -> Iterator[tuple[bytes, bytes]]:
    """Yield a symbology and octets, for ever."""
    while True:
        octets = bytearray(rng.choice(HONEST))
        for _ in range(rng.randrange(5)):
            at = rng.randrange(len(octets) + 1)
            upto = at + (0, 0, 1, 1, 2, 9, 300)[rng.randrange(7)]
            octets[at:upto] = (rng.choice(TELLING), b"", octets[:at][-30:])[rng.randrange(3)]
        if not rng.randrange(8):
            octets = bytearray(rng.randbytes(rng.randrange(256)))
        yield rng.choice(SYMBOLOGIES), bytes(octets[:256])


def numbers(module: ModuleType) -> set[int]:
    return {value for name, value in vars(module).items() if name.isupper()}


def test_a_million_hostile_labels_each_get_a_kind_a_reason_and_a_place() -> None:
    kinds, known_reasons = numbers(codes), numbers(reasons)
    classifier = Classifier()
    met: Counter[tuple[int, int]] = Counter()
    labels = hostile(random.Random(20_261_122))
    for _ in range(LABELS):
        symbology, data = next(labels)
        code = classifier.code(symbology, data)
        met[code.kind, code.reason] += 1
        assert 0 <= code.at <= len(data), (symbology, data)
        if codes.names_a_unit(code.kind):
            assert code.reason in (reasons.OK, reasons.AI_UNKNOWN), (symbology, data)
            assert code.key, (symbology, data)

    assert {kind for kind, _ in met} <= kinds
    assert {reason for _, reason in met} <= known_reasons
    # The inputs reach every kind, and nearly every way to be refused.
    assert len({kind for kind, _ in met}) >= 16
    assert len({reason for _, reason in met}) >= 18
