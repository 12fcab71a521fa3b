"""Goods from a seed: products, and pallets of cases of packs, each with its label.

No code here can belong to real goods: identification codes are 8999999 (packs), 8999998 (cases)
and 8999997 (pallets), GS1 numbers carry the company prefix 8999999, and every serial begins with 9.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from protocol import codes

TODAY = date(2026, 11, 2)  # where nothing hangs on the day

PACKS_A_CASE = 10
CASES_A_PALLET = 20

_PALLETS_LEAST = 5  # so that even a small delivery holds every product
_COMPANY = "8999999"


class Form(Enum):
    """How a label is printed."""

    CODE128 = "Code 128"
    DATA_MATRIX = "Data Matrix"
    QR = "QR Code"
    GS1_128 = "GS1-128"
    GS1_DATA_MATRIX = "GS1 DataMatrix"
    GS1_QR = "GS1 QR Code"
    EAN13 = "EAN-13"
    CODE39 = "Code 39"


class Damage(Enum):
    """What befalls a label on its way to the octets. All but SMUDGED are misreads of the engine."""

    NONE = "none"
    SMUDGED = "smudged"  # a stripe of the symbol is gone: nothing is read
    LETTER = "letter"  # a digit of a 20-digit code comes as a letter
    SHORT = "short"  # the last octet is missing
    LONG = "long"  # an octet too many
    GTIN = "gtin"  # a digit of the GTIN comes as another one


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed on one thing.

    Attributes:
        text: what the symbol says; application identifiers stand in brackets.
        kind: protocol.codes, what a reader must take it for.
    """

    form: Form
    text: str
    kind: int


@dataclass(frozen=True, slots=True)
class Product:
    """One medicine in one packaging.

    Attributes:
        article: its EAN-13, which names the product and no unit.
        heads: what the codes of its packs, cases and pallets begin with: three identification
            codes of 7 digits, or, when imported, two GTINs and the head of an SSCC.
    """

    name: str
    article: str
    heads: tuple[str, str, str]
    imported: bool


@dataclass(frozen=True, slots=True)
class Lot:
    number: str
    made: date
    expires: date


@dataclass(frozen=True, slots=True)
class Pack:
    product: Product
    lot: Lot
    label: Label


@dataclass(frozen=True, slots=True)
class Case:
    label: Label
    packs: tuple[Pack, ...]


@dataclass(frozen=True, slots=True)
class Pallet:
    label: Label
    cases: tuple[Case, ...]


def check_digit(digits: str) -> str:
    """Return the GS1 mod-10 check digit that follows ``digits``.

    Source: GS1 General Specifications, section 7.9.1: weights 3, 1, 3, … from the right.
    """
    total = sum(int(digit) * (1 if i % 2 else 3) for i, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _checked(digits: str) -> str:
    return digits + check_digit(digits)


DOMESTIC = Product(
    "simulated tablets 0.5 g x 24",
    _checked("699999900001"),
    ("8999999", "8999998", "8999997"),
    imported=False,
)
IMPORTED = Product(
    "simulated ampoules 2 ml x 10",
    _checked("699999900002"),
    (_checked(f"0{_COMPANY}00001"), _checked(f"0{_COMPANY}00002"), f"9{_COMPANY}"),
    imported=True,
)


def goods(rng: random.Random, packs: int, today: date = TODAY) -> tuple[Pallet, ...]:
    """Return at least five pallets with ``packs`` packs in all, every fifth one imported.

    A pallet holds up to 20 cases of 10; the last case of each may be short. The same ``rng`` and
    number give the same goods, and no two units of a delivery share a code.

    Args:
        today: lots were made 30 days before or earlier, and keep for two years.
    """
    count = max(_PALLETS_LEAST, -(-packs // (PACKS_A_CASE * CASES_A_PALLET)))
    share, rest = divmod(packs, count)
    numbering = _Numbering(rng)
    pallets = []
    for i in range(count):
        product = IMPORTED if i % 5 == 4 else DOMESTIC
        made = today - timedelta(days=rng.randrange(30, 400))
        lot = Lot(f"{made:%y%m%d}{rng.randrange(100):02}", made, made + timedelta(days=730))
        pallets.append(_pallet(numbering, product, lot, share + 1 if i < rest else share))
    return tuple(pallets)


def _pallet(numbering: _Numbering, product: Product, lot: Lot, packs: int) -> Pallet:
    cases = tuple(
        Case(
            numbering.case(product),
            tuple(
                Pack(product, lot, numbering.pack(product, lot))
                for _ in range(min(PACKS_A_CASE, packs - first))
            ),
        )
        for first in range(0, packs, PACKS_A_CASE)
    )
    return Pallet(numbering.pallet(product), cases)


class _Numbering:
    """Gives each unit its code: a running number, and after it what nobody can foresee."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._running = rng.randrange(50_000_000)

    def pack(self, product: Product, lot: Lot) -> Label:
        if not product.imported:
            form = self._rng.choices([Form.CODE128, Form.DATA_MATRIX, Form.QR], [8, 1, 1])[0]
            return Label(form, product.heads[0] + self._serial(), codes.MSFX20)
        text = f"(01){product.heads[0]}(21){self._serial()}(17){lot.expires:%y%m%d}(10){lot.number}"
        return Label(Form.GS1_DATA_MATRIX, text, codes.GS1_TRACE)

    def case(self, product: Product) -> Label:
        if not product.imported:
            return Label(Form.CODE128, product.heads[1] + self._serial(), codes.MSFX20)
        text = f"(01){product.heads[1]}(21){self._serial()}"
        return Label(Form.GS1_128, text, codes.GS1_TRACE)

    def pallet(self, product: Product) -> Label:
        if not product.imported:
            return Label(Form.CODE128, product.heads[2] + self._serial(), codes.MSFX20)
        text = "(00)" + _checked(product.heads[2] + self._serial()[:9])
        return Label(Form.GS1_128, text, codes.SSCC)

    def _serial(self) -> str:
        """13 digits: 9, a running number of 8, and 4 in place of the makers' secret cipher."""
        self._running += 1
        return f"9{self._running:08}{self._rng.randrange(10_000):04}"
