"""The rules of classification: each changes what a label is; a wrong one is named."""

from __future__ import annotations

import pytest

from protocol import codes, reasons
from protocol.code_rules import DEFAULT
from protocol.code_settings import RulesError, read
from protocol.codes import Classifier
from tests.protocol import draws

HEAD = b"01" + draws.checked(b"0899999900001")
SERIAL, LOT, EXPIRY = b"219A0001\x1d", b"10LOT\x1d", b"17281231"


def told(rules: object, symbology: bytes, data: bytes) -> tuple[int, int]:
    code = Classifier(read(rules)).code(symbology, data)
    return code.kind, code.reason


def test_what_is_not_given_has_its_usual_value() -> None:
    assert vars(read({})) == vars(DEFAULT)
    assert (DEFAULT.msfx_length, DEFAULT.msfx_heads, DEFAULT.bare_msfx) == (20, (b"8",), True)
    assert DEFAULT.sentinels == (b"9" * 20, b"0" * 20)
    assert (DEFAULT.makers, DEFAULT.required, DEFAULT.serials) == ((), (), ())
    assert DEFAULT.command_prefix == b"scandock:"


MAKER = {"scheme": "acme", "lengths": [14, 20], "head": "77"}

TOLD: dict[str, tuple[object, bytes, bytes, int, int]] = {
    "heads": ({"msfx_heads": ["81", "84"]}, b"C0", b"84" + b"9" * 18, codes.MSFX20, reasons.OK),
    "none of the heads": (
        {"msfx_heads": ["81", "84"]},
        b"C0",
        b"89" + b"9" * 18,
        codes.UNKNOWN,
        reasons.HEAD,
    ),
    "length": ({"msfx_length": 24}, b"C0", b"8" + b"9" * 23, codes.MSFX20, reasons.OK),
    "not that length": (
        {"msfx_length": 24},
        b"C0",
        b"8" + b"9" * 21,
        codes.GARBLED,
        reasons.LENGTH,
    ),
    "in a link": (
        {"msfx_length": 24},
        b"Q1",
        b"https://a/" + b"8" + b"9" * 23,
        codes.URL_TRACE,
        reasons.OK,
    ),
    "a sentinel": ({"sentinels": ["拆零"]}, b"Q1", "拆零".encode(), codes.SENTINEL, reasons.OK),
    "the usual one is gone": (
        {"sentinels": ["拆零"]},
        b"C0",
        b"9" * 20,
        codes.UNKNOWN,
        reasons.HEAD,
    ),
    "one in the form of a trace code": (
        {"sentinels": ["8" * 20]},
        b"C0",
        b"8" * 20,
        codes.SENTINEL,
        reasons.OK,
    ),
    "and its neighbour": (
        {"sentinels": ["8" * 20]},
        b"C0",
        b"8" * 19 + b"9",
        codes.MSFX20,
        reasons.OK,
    ),
    "a maker's": ({"makers": [MAKER]}, b"C0", b"77" + b"9" * 12, codes.NUMERIC_OTHER, reasons.OK),
    "of twenty digits": (
        {"makers": [MAKER]},
        b"",
        b"77" + b"9" * 18,
        codes.NUMERIC_OTHER,
        reasons.OK,
    ),
    "a maker's, too short": (
        {"makers": [MAKER]},
        b"C0",
        b"77" + b"9" * 11,
        codes.UNKNOWN,
        reasons.FOREIGN,
    ),
    "a maker's, in GS1": ({"makers": [MAKER]}, b"E0", b"77" + b"9" * 12, codes.GARBLED, 11),
    "our own commands": (
        {"command_prefix": "ACME-"},
        b"C0",
        b"ACME-close",
        codes.COMMAND,
        reasons.OK,
    ),
    "no commands": ({"command_prefix": ""}, b"C0", b"scandock:close", codes.UNKNOWN, 20),
}


@pytest.mark.parametrize(("rules", "symbology", "data", "kind", "reason"), TOLD.values(), ids=TOLD)
def test_a_rule_changes_what_a_label_is(
    rules: object, symbology: bytes, data: bytes, kind: int, reason: int
) -> None:
    assert told(rules, symbology, data) == (kind, reason)


@pytest.mark.parametrize("name", ["eu_fmd", "dscsa"])
@pytest.mark.parametrize("lacking", [SERIAL, LOT, EXPIRY])
def test_an_element_set_is_demanded_as_a_whole(name: str, lacking: bytes) -> None:
    """Source: (EU) 2016/161, article 4; FD&C Act, section 582(a)(9)."""
    whole = SERIAL + EXPIRY + LOT

    assert told({"element_set": name}, b"d2", HEAD + whole) == (codes.GS1_TRACE, reasons.OK)
    assert told({"element_set": name}, b"d2", HEAD + whole.replace(lacking, b"")) == (
        codes.GS1_PARTIAL,
        reasons.AI_REQUIRED,
    )


def test_the_element_set_of_china_wants_a_serial_number() -> None:
    assert told({"element_set": "cn"}, b"d2", HEAD + SERIAL) == (codes.GS1_TRACE, reasons.OK)
    assert told({"element_set": "cn"}, b"d2", HEAD + LOT) == (
        codes.GS1_PARTIAL,
        reasons.AI_REQUIRED,
    )
    sscc = b"00" + draws.checked(b"08999999900000001")
    assert told({"element_set": "cn"}, b"C1", sscc) == (codes.SSCC, reasons.OK)


WRONG: dict[str, tuple[object, str]] = {
    "no object": ([], "the rules are []; allowed: names and values"),
    "unknown": ({"msfx": 1}, "msfx is not a rule; leave it out"),
    "length": ({"msfx_length": 300}, "msfx_length is 300; allowed: 12 to 32"),
    "length, a text": ({"msfx_length": "20"}, "msfx_length is '20'; allowed: 12 to 32"),
    "length, a flag": ({"msfx_length": True}, "msfx_length is True; allowed: 12 to 32"),
    "flag": ({"bare_msfx": 1}, "bare_msfx is 1; allowed: true, false"),
    "no heads": ({"msfx_heads": []}, "msfx_heads is []; allowed: at least one head of digits"),
    "a head": (
        {"msfx_heads": ["8", "x"]},
        "msfx_heads[1] is 'x'; allowed: 1 to 7 digits in quotes",
    ),
    "heads, no list": ({"msfx_heads": "8"}, "msfx_heads is '8'; allowed: a list of up to 16"),
    "a sentinel": (
        {"sentinels": [""]},
        "sentinels[0] is ''; allowed: 1 to 64 characters in quotes",
    ),
    "no maker": ({"makers": [5]}, "makers[0] is 5; allowed: scheme, lengths and head"),
    "a scheme": (
        {"makers": [{**MAKER, "scheme": "Acme"}]},
        "makers[0].scheme is 'Acme'; allowed: 1 to 8 of a-z 0-9",
    ),
    "no scheme": (
        {"makers": [{"lengths": [14]}]},
        "makers[0].scheme is None; allowed: 1 to 8 of a-z 0-9",
    ),
    "no lengths": (
        {"makers": [{**MAKER, "lengths": []}]},
        "makers[0].lengths is []; allowed: at least one number of digits",
    ),
    "lengths": (
        {"makers": [{**MAKER, "lengths": [14, 3]}]},
        "makers[0].lengths is 3; allowed: 6 to 64",
    ),
    "shorter than the head": (
        {"makers": [{**MAKER, "lengths": [9], "head": "7777777777"}]},
        "makers[0].lengths is 9; allowed: 10 to 64",
    ),
    "a maker's head": (
        {"makers": [{**MAKER, "head": "7A"}]},
        "makers[0].head is '7A'; allowed: up to 12 digits in quotes",
    ),
    "a maker's unknown": (
        {"makers": [{**MAKER, "tail": "7"}]},
        "makers[0].tail is not a rule; leave it out",
    ),
    "element set": (
        {"element_set": "eu"},
        "element_set is 'eu'; allowed: none, cn, eu_fmd, dscsa",
    ),
    "a GTIN": (
        {"serial_lengths": {"x": 8}},
        "serial_lengths.x is no head of a GTIN; allowed: 1 to 14 digits in quotes",
    ),
    "a serial": (
        {"serial_lengths": {"0899": 21}},
        "serial_lengths.0899 is 21; allowed: 1 to 20",
    ),
    "prefix": (
        {"command_prefix": "8"},
        "command_prefix is '8'; allowed: up to 16 of a-z A-Z - :",
    ),
}


@pytest.mark.parametrize(("rules", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_rule_is_named(rules: object, sentence: str) -> None:
    with pytest.raises(RulesError) as caught:
        read(rules)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("maker", "whose"),
    [
        ({"scheme": "b", "lengths": [20], "head": "81"}, "a trace code of MSFX"),
        ({"scheme": "b", "lengths": [20], "head": ""}, "a trace code of MSFX"),
        ({"scheme": "b", "lengths": [15, 14], "head": "771"}, "of another maker"),
    ],
)
def test_two_rules_never_claim_the_same_digits(maker: dict[str, object], whose: str) -> None:
    with pytest.raises(RulesError, match=f"nothing that is {whose} as well"):
        read({"makers": [MAKER, maker]})
