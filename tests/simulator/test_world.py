"""Simulated goods can belong to nobody, are all different, and come back from their seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from protocol import codes, gs1
from simulator.world import Form, Label, Pack, Pallet, check_digit, goods

SEEDS = st.integers(0, 2**32)
PACKS = st.integers(0, 500)


def packs_of(pallets: tuple[Pallet, ...]) -> list[Pack]:
    return [pack for pallet in pallets for case in pallet.cases for pack in case.packs]


def labels_by_level(pallets: tuple[Pallet, ...]) -> Iterator[tuple[int, Label]]:
    for pallet in pallets:
        yield 2, pallet.label
        for case in pallet.cases:
            yield 1, case.label
            for pack in case.packs:
                yield 0, pack.label


@given(seed=SEEDS, packs=PACKS)
def test_a_seed_gives_the_same_goods_again(seed: int, packs: int) -> None:
    assert goods(random.Random(seed), packs) == goods(random.Random(seed), packs)


def test_another_seed_gives_other_goods() -> None:
    assert goods(random.Random(1), 50) != goods(random.Random(2), 50)


@given(seed=SEEDS, packs=PACKS)
def test_the_tree_holds_as_many_as_were_ordered(seed: int, packs: int) -> None:
    pallets = goods(random.Random(seed), packs)

    assert len(packs_of(pallets)) == packs
    assert all(len(pallet.cases) <= 20 for pallet in pallets)
    assert all(1 <= len(case.packs) <= 10 for pallet in pallets for case in pallet.cases)
    assert len(pallets) >= 5


@given(seed=SEEDS, packs=PACKS)
def test_no_two_units_share_a_code(seed: int, packs: int) -> None:
    texts = [label.text for _, label in labels_by_level(goods(random.Random(seed), packs))]

    assert len(set(texts)) == len(texts)


@given(seed=SEEDS)
def test_every_code_is_one_that_real_goods_cannot_have(seed: int) -> None:
    for level, label in labels_by_level(goods(random.Random(seed), 60)):
        if label.kind == codes.MSFX20:
            assert len(label.text) == 20
            assert label.text[:8] == ("89999999", "89999989", "89999979")[level]
        elif label.kind == codes.GS1_TRACE:
            assert label.text.startswith("(01)08999999")
            assert "(21)9" in label.text
        else:
            assert label.kind == codes.SSCC
            assert label.text.startswith("(00)98999999")


@given(seed=SEEDS)
def test_every_gs1_number_has_its_check_digit(seed: int) -> None:
    pallets = goods(random.Random(seed), 60)
    numbers = {pack.product.article for pack in packs_of(pallets)}
    for _, label in labels_by_level(pallets):
        if label.text[0] == "(":
            numbers.add(label.text[4:].partition("(")[0])

    assert {len(number) for number in numbers} == {13, 14, 18}
    for number in numbers:
        assert gs1.has_check_digit(number.encode(), 0, len(number)), number


def test_the_check_digit_is_that_of_the_standards_example() -> None:
    # GS1 General Specifications, section 7.9.1, the example of an 18-digit key.
    assert check_digit("37610425002123456") == "9"


def test_a_large_delivery_carries_every_form_and_mostly_code_128() -> None:
    forms = [pack.label.form for pack in packs_of(goods(random.Random(7), 1_000))]

    assert set(forms) == {Form.CODE128, Form.DATA_MATRIX, Form.QR, Form.GS1_DATA_MATRIX}
    assert forms.count(Form.CODE128) > 500


@given(seed=SEEDS, packs=PACKS)
def test_a_lot_expires_after_it_was_made(seed: int, packs: int) -> None:
    for pack in packs_of(goods(random.Random(seed), packs)):
        assert pack.lot.made < pack.lot.expires
