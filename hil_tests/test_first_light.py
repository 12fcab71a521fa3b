"""A label held before the cradle is answered by the right light, booked, and told to the host."""

import pytest

from protocol import codes, decisions, reasons
from simulator.shift import Answer, Read
from simulator.station import Station
from simulator.world import Damage, Form, Label

CODE128 = Label(Form.CODE128, "89999999000000000018", codes.MSFX20)
DATA_MATRIX = Label(
    Form.GS1_DATA_MATRIX,
    "(01)08999999000011(21)9000000000018(17)271231(10)LOT9",
    codes.GS1_TRACE,
)
QR = Label(Form.QR, "89999999000000000025", codes.MSFX20)
ARTICLE = Label(Form.EAN13, "6999999000013", codes.EAN13_ARTICLE)

GOOD = Answer(decisions.PASS, reasons.OK)
NOTHING = Answer(decisions.REJECT, reasons.NO_READ)
NO_UNIT = Answer(decisions.REJECT, reasons.ARTICLE_NUMBER)
TORN = Answer(decisions.REJECT, reasons.LENGTH)


@pytest.mark.parametrize(
    ("label", "damage", "answer", "light"),
    [
        (CODE128, Damage.NONE, GOOD, "GOOD"),
        (DATA_MATRIX, Damage.NONE, GOOD, "GOOD"),
        (QR, Damage.NONE, GOOD, "GOOD"),
        (CODE128, Damage.SMUDGED, NOTHING, "REJECT"),
        (CODE128, Damage.SHORT, TORN, "REJECT"),
        (ARTICLE, Damage.NONE, NO_UNIT, "REJECT"),
    ],
    ids=["Code 128", "GS1 DataMatrix", "QR", "smudged", "short", "article number"],
)
def test_a_label_is_answered_by_its_light(
    bench: Station, label: Label, damage: Damage, answer: Answer, light: str
) -> None:
    place = bench.places[0]

    place.present([Read(len(place.awaited), label, damage, 0, answer)])

    assert bench.settle(timeout_s=10)
    assert place.answers[-1] == light


def test_the_same_label_twice_in_a_breath_is_one_read(bench: Station) -> None:
    place = bench.places[0]
    label = Label(Form.CODE128, "89999999000000000032", codes.MSFX20)
    first = len(place.awaited)

    place.present(
        [Read(first, label, Damage.NONE, 0, GOOD), Read(first + 1, label, Damage.NONE, 0, None)]
    )

    assert bench.settle(timeout_s=10)
    assert place.answers[first:] == ["GOOD"]
