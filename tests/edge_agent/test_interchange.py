"""Documents as files: read(write(bill)) is the bill, as far as the format can say it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.domain.documents import TYPES
from edge_agent.domain.interchange import csv_form, epcis_form, texts
from edge_agent.domain.interchange.bill import (
    COLUMNS,
    Bill,
    BillCode,
    BillFileError,
    BillLine,
    Row,
    rows,
)
from edge_agent.domain.interchange.formats import FORMATS, recognised
from edge_agent.domain.interchange.gathering import Gathered, gather
from edge_agent.domain.products import Entry, Product, Products, Scheme
from edge_agent.domain.written import written
from protocol.codes import Classifier
from tests.edge_agent.words import code

MSFX = [code(n).decode() for n in range(40)]
GS1 = [f"(01)08999999000011(21){serial}" for serial in ("9A", r"9-\(b)", "9/%+", "90", "9.&=")]
SSCC = ["(00)089999990000000011"]
CLASSIFIER = Classifier()


def key(text: str) -> bytes:
    return texts.code_in(text, CLASSIFIER).key


def gathered(
    form: str, octets: bytes, products: Products | None = None, **defaults: str
) -> Gathered:
    return gather(FORMATS[form].read(io.BytesIO(octets)), CLASSIFIER, products, defaults)


def octets_of(form: str, bills: Iterable[Bill], encoding: str = "") -> bytes:
    return "".join(FORMATS[form].write(bills)).encode(encoding or FORMATS[form].encoding)


def csv_octets(*lines: dict[str, str]) -> bytes:
    names = list(dict.fromkeys(name for line in lines for name in line))
    cells = [",".join(line.get(name, "") for name in names) for line in lines]
    return "\n".join([",".join(names), *cells]).encode()


HEAD = {"number": "ASN-1", "type": "purchase_in", "partner": "上药"}


# Words of a trade file: what must be quoted in CSV and XML and URIs is among them.
_word = st.text(st.sampled_from("甲乙A9-/\",;&<>'#% é"), min_size=1, max_size=8).map(str.strip)
_text = st.one_of(st.just(""), _word)
_date = st.dates().map(lambda day: day.isoformat())
_second = st.integers(1, 4_000_000_000).map(lambda second: second * 1000)


@dataclass
class _Tree:
    """Codes for one line, from a pile that shrinks: no code is drawn twice."""

    line: int
    pile: list[bytes]

    def draw(self, draw: st.DrawFn, level: int, parent: bytes) -> list[BillCode]:
        own = self.pile.pop()
        found = []
        if level > 1 and self.pile:
            for _ in range(draw(st.integers(0, min(2, len(self.pile) - 1)))):
                found += self.draw(draw, level - 1, own)
        inside = sum(one.quantity for one in found if one.parent == own)
        quantity = 1 if level == 1 else inside or draw(st.integers(1, 9))
        return [BillCode(own, self.line, level, quantity, parent), *found]


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    type_name = draw(st.sampled_from(sorted(TYPES)))
    of = TYPES[type_name]
    pile = draw(st.permutations([key(text) for text in MSFX[:12] + GS1 + SSCC]))
    lines: list[BillLine] = []
    codes: list[BillCode] = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        roots = draw(st.integers(0, 2))
        tree = _Tree(number, pile)
        mine = [one for _ in range(roots) for one in tree.draw(draw, draw(st.integers(1, 3)), b"")]
        total = sum(one.quantity for one in mine if not one.parent)
        dates = sorted([draw(_date), draw(_date)])
        made, expiry = (dates[0], dates[1]) if dates[0] < dates[1] else ("", dates[1])
        # Each line has goods of its own, so that lines without numbers are told apart.
        goods = (f"P{number}", draw(_text), made, expiry)
        lines.append(BillLine(number, *goods, total or draw(st.integers(1, 99))))
        codes += mine
    # A box may hold goods of another line than its own.
    strays = draw(st.integers(0, len(lines)))
    codes = [one._replace(line=strays) if one.parent and strays else one for one in codes]
    return Bill(
        draw(_word.filter(bool)),
        type_name,
        draw(_second),
        draw(_word.filter(bool)) if of.partner else draw(_text),
        draw(_text),
        draw(_text),
        draw(_text),
        "RX-1" if of.person else draw(_text),
        "SF-1" if of.waybill else draw(_text),
        tuple(lines),
        tuple(sorted(codes)),
    )


def as_said(bill: Bill, form: str) -> Bill:
    """The bill with everything taken out that the format cannot say."""
    silent = FORMATS[form].silent
    roots = {written(root.key) for root in bill.roots()}
    kept = []
    for row in rows(bill):
        if "parent" in silent and row.cells.get("code") not in roots:
            continue
        kept.append(Row("", {name: v for name, v in row.cells.items() if name not in silent}))
    outside: dict[str, str] = {
        name: getattr(bill, name) for name in ("person", "waybill") if name in silent
    }
    (said,) = gather(kept, CLASSIFIER, None, outside).bills
    return said


@pytest.mark.requirement("O03", "Q02")
@pytest.mark.parametrize("form", ["csv", "json", "epcis"])
@given(bill=bills())
def test_a_bill_comes_back_as_it_was_said(form: str, bill: Bill) -> None:
    silent = {name: getattr(bill, name) for name in FORMATS[form].silent}
    back = gathered(form, octets_of(form, [bill]), None, **silent)

    assert back.refusals == []
    assert back.bills == [as_said(bill, form)]


@given(bill=bills())
def test_a_scanners_bill_says_what_it_can(bill: Bill) -> None:
    bare = {line.line for line in bill.lines} - {root.line for root in bill.roots()}
    if bare or not TYPES[bill.type].event:
        with pytest.raises(BillFileError, match=r"no event|no codes"):
            octets_of("msfx", [bill])
        return
    outside = {"person": bill.person, "waybill": bill.waybill}
    back = gathered("msfx", octets_of("msfx", [bill]), None, **outside)

    assert back.refusals == []
    assert back.bills == [as_said(bill, "msfx")]


@given(bill=bills())
def test_gbk_is_read_as_well_as_utf8(bill: Bill) -> None:
    assert gathered("csv", octets_of("csv", [bill], "gb18030")).bills == [bill]


@pytest.mark.requirement("C21")
def test_every_epcis_file_fits_the_schema(shared_data: Path) -> None:
    schema = json.loads((shared_data / "epcis" / "EPCIS-JSON-Schema.json").read_text())
    checker = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())

    @settings(max_examples=25)
    @given(bills())
    def check(bill: Bill) -> None:
        checker.validate(json.loads(octets_of("epcis", [bill])))

    check()
    line, unit = BillLine(1, "P1", "", "", "", 1), BillCode(key(MSFX[0]), 1, 1, 1, b"")
    for name in TYPES:
        told = Bill("N", name, 1000, "A", "", "", "", "", "", (line,), (unit,))
        checker.validate(json.loads(octets_of("epcis", [told])))


def test_all_columns_have_chinese_names_that_are_read() -> None:
    titles = ",".join(chinese for chinese, _ in COLUMNS.values())
    octets = f"{titles}\nN1,purchase_in,,P,,,,,,,A,L1,,,2,{MSFX[0]},2,2,\n".encode("gbk")

    (bill,) = gathered("csv", octets).bills

    assert (bill.number, bill.codes[0].quantity, bill.lines[0].lot) == ("N1", 2, "L1")


def test_times_are_read_in_24_hours_of_china_and_written_so() -> None:
    assert texts.instant("2026-11-22 15:30:05") == 1_795_332_605_000
    assert texts.instant("2026-11-22T07:30:05.9Z") == 1_795_332_605_000
    assert texts.wall(1_795_332_605_000) == "2026-11-22 15:30:05"
    with pytest.raises(ValueError, match="neither wall time"):
        texts.instant("2026-11-22T07:30:05")


SCANNER = """<?xml version="1.0" encoding="GBK"?>
<Document SN="1" License="2" Version="3.0"><Events>
<Event Name="PurchaseWareHouseIn" MainAction="WareHouseIn"><DataField>
<Data Code="{}" CorpOrderID="D1" Actor="张三" ActDate="2026-11-22 15:30:05" FromCorpID="甲"
 CorpProductID="P1" CorpBatchNo="L1" ProduceDate="2026-01-02" WrongCode="False"/>
<Data Code="{}" CorpOrderID="D1" Actor="张三" ActDate="2026-11-22 15:31:00" FromCorpID="甲"
 CorpProductID="P1" CorpBatchNo="L1" ProduceDate="2026-01-02" WrongCode="True"/>
</DataField></Event></Events></Document>""".format(*MSFX)

RELATION = """<?xml version="1.0" encoding="utf-8"?><Document License="x">
<Events Version="3.0"><Event Name="RelationCreate">
<Relation productCode="8999999" cascade="1:2"><Batch batchNo="L1" madeDate="2026-01-02"
 validateDate="2028-01-01">
<Code curCode="{0}" packLayer="2" flag="0"/><Code curCode="{1}" packLayer="1" parentCode="{0}"/>
<Code curCode="{2}" packLayer="1" parentCode="{0}"/>
</Batch></Relation></Event></Events></Document>""".format(*MSFX)


def test_a_handhelds_file_in_gbk_is_read() -> None:
    (bill,) = gathered("msfx", SCANNER.encode("gbk")).bills

    assert bill[:6] == ("D1", "purchase_in", 1_795_332_605_000, "甲", "", "张三")
    assert bill.lines == (BillLine(1, "P1", "L1", "2026-01-02", "", 0),)
    assert [one.key for one in bill.codes] == [key(MSFX[0])]  # the scanner took the other one back


def test_a_relation_file_is_a_document_with_a_number_from_outside() -> None:
    (bill,) = gathered("msfx", RELATION.encode(), None, **HEAD).bills

    assert bill.number == "ASN-1"
    assert bill.lines == (BillLine(1, "8999999", "L1", "2026-01-02", "2028-01-01", 0),)
    assert [one.key for one in bill.roots()] == [key(MSFX[0])]


def test_epcis_of_others_needs_no_fields_of_ours() -> None:
    uri = "https://id.gs1.org/01/08999999000011/21/9A"
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-11-22T07:30:05Z",
        "action": "OBSERVE",
        "epcList": ["https://supplier.example/c/" + MSFX[0]],
        "bizTransactionList": [{"type": "desadv", "bizTransaction": "urn:x:desadv:ASN%2F7"}],
    }
    other = {"type": "ObjectEvent", "eventTime": "", "action": "OBSERVE", "epcList": [uri]}
    packed = {
        "type": "AggregationEvent",
        "action": "ADD",
        "parentID": event["epcList"][0],
        "childEPCs": [uri],
    }
    named = {"number": "ASN/7", "type": "purchase_in", "partner": "A"}
    for events in ([event, packed], [event, other, packed]):
        file = {"type": "EPCISDocument", "epcisBody": {"eventList": events}}

        (bill,) = gathered("epcis", json.dumps(file).encode(), None, **named).bills

        assert (bill.number, bill.at_ms) == ("ASN/7", 1_795_332_605_000)
        assert [(one.key, one.parent) for one in bill.codes] == [
            (key(MSFX[0]), b""),
            (key(GS1[0]), key(MSFX[0])),
        ]


# What is wrong, the rows, and words of the refusal.
WRONG = {
    "no number": ([{"product": "A", "quantity": "1"}], 'number "" of the document'),
    "no type": ([{"number": "N", "type": "gift", "product": "A"}], 'no type of document "gift"'),
    "no partner": ([{"number": "N", "type": "purchase_in", "product": "A"}], "names no partner"),
    "identity": (
        [{"number": "N", "type": "dispensing", "person": "11010119900101123X", "product": "A"}],
        "looks like an identity number",
    ),
    "other head": (
        [HEAD | {"product": "A"}, HEAD | {"partner": "X", "product": "A"}],
        'partner "X" of document ASN-1, which had "上药" before',
    ),
    "time of 12 hours": ([HEAD | {"time": "3:05 PM", "product": "A"}], 'time "3:05 PM"'),
    "no such day": ([HEAD | {"product": "A", "expiry": "2026-02-30"}], 'expiry "2026-02-30"'),
    "dates swapped": (
        [HEAD | {"product": "A", "made": "2027-01-01", "expiry": "2026-01-01"}],
        "expiry 2026-01-01 is not after made 2027-01-01",
    ),
    "no code": ([HEAD | {"code": "8999999O000000000018"}], "is no code"),
    "article": ([HEAD | {"code": "08999999000011"}], "is no trace code"),
    "typed by hand": ([HEAD | {"code": "8999999 9000000000018"}], "something between"),
    "twice": (
        [HEAD | {"code": MSFX[0]}, HEAD | {"code": MSFX[0]}],
        f"code {MSFX[0]} stands at line 2 already",
    ),
    "level": ([HEAD | {"code": MSFX[0], "level": "7"}], 'level "7"'),
    "quantity": ([HEAD | {"code": MSFX[0], "code_quantity": "0"}], 'code_quantity "0"'),
    "smallest of many": (
        [HEAD | {"code": MSFX[0], "level": "1", "code_quantity": "5"}],
        "is a smallest pack and holds 5",
    ),
    "in itself": ([HEAD | {"code": MSFX[0], "parent": MSFX[0]}], "is its own parent"),
    "in a circle": (
        [HEAD | {"code": MSFX[0], "parent": MSFX[1]}, HEAD | {"code": MSFX[1], "parent": MSFX[0]}],
        "is inside itself",
    ),
    "parent not above": (
        [
            HEAD | {"code": MSFX[0], "level": "1"},
            HEAD | {"code": MSFX[1], "level": "1", "parent": MSFX[0]},
        ],
        f"stands in {MSFX[0]} of level 1",
    ),
    "sum of a pack": (
        [
            HEAD | {"code": MSFX[0], "level": "2", "code_quantity": "3"},
            HEAD | {"code": MSFX[1], "level": "1", "parent": MSFX[0]},
        ],
        "says 3 smallest packs, those listed in it make 1",
    ),
    "sum of a line": (
        [HEAD | {"product": "A", "quantity": "3", "code": MSFX[0], "level": "1"}],
        "line 1 says 3 smallest packs, its codes make 1",
    ),
    "line of two goods": (
        [HEAD | {"line": "1", "product": "A"}, HEAD | {"line": "1", "product": "B"}],
        "line 1 says B, and said A before",
    ),
}


@pytest.mark.requirement("I18")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_by_place_value_and_next_step(name: str) -> None:
    lines, words = WRONG[name]

    refusals = gathered("csv", csv_octets(*lines)).refusals

    assert any(words in refusal.what for refusal in refusals), refusals
    assert all(refusal.place.startswith("line ") and refusal.hint for refusal in refusals)


TABLE = Products(
    [
        Entry(Scheme.MSFX20, "8999999", Product("P1", "甲"), 1),
        Entry(Scheme.GTIN, "08999999000011", Product("P2", "乙")),
    ]
)


@pytest.mark.requirement("I18")
def test_codes_are_held_against_the_product_table() -> None:
    wrong = [
        HEAD | {"code": MSFX[0], "product": "P2"},
        HEAD | {"code": MSFX[1], "product": "P1", "level": "2"},
        HEAD | {"code": "81111119000000000018", "product": "P1"},
    ]
    right = [HEAD | {"code": MSFX[2], "product": "P1"}, HEAD | {"code": GS1[0], "product": "P2"}]

    told = gathered("csv", csv_octets(*wrong, *right, HEAD | {"code": SSCC[0]}), TABLE)

    assert [refusal.what for refusal in told.refusals] == [
        f'code {MSFX[0]} is product "P1", its row says "P2"',
        f"code {MSFX[1]} is of level 1, its row says 2",
        "code 81111119000000000018 begins with no head of the product table",
    ]
    assert len(told.bills[0].codes) == 3  # the rest is sound, and may be taken with --partial


BAD_FILES = {
    "entities": ("msfx", b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>', "DOCTYPE"),
    "cut xml": ("msfx", SCANNER.encode("gbk")[:-30], "no XML"),
    "other xml": ("msfx", b"<html/>", "without Document"),
    "unknown event": (
        "msfx",
        b'<Document><Events><Event Name="Gift"/></Events></Document>',
        'event "Gift"',
    ),
    "encoding": ("msfx", b'<?xml version="1.0" encoding="utf-8"?><D\xff/>', "not in the encoding"),
    "no columns": ("csv", b"a,b\n1,2\n", "names the columns a, b"),
    "quote": ("csv", b'code\n"a', "no CSV"),
    "surplus cell": ("csv", b"code\na,b\n", "2 cells under 1"),
    "bytes": ("csv", b"code\n\xff\xff", "neither UTF-8 nor GBK"),
    "json field": ("json", b'{"documents":[{"numero":"1"}]}', "unknown field"),
    "not epcis": ("epcis", b'{"type":"EPCISDocument"}', "no EPCIS 2.0 document"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_none_is_refused_whole(name: str) -> None:
    form, octets, words = BAD_FILES[name]

    with pytest.raises(BillFileError, match=words) as refused:
        gathered(form, octets)

    assert refused.value.hint


def test_the_format_is_told_by_how_a_file_begins() -> None:
    line = BillLine(1, "A", "", "", "", 1)
    bill = Bill("N", "scrapping", 1000, "", "", "", "", "", "", (line,), ())
    for form in ("csv", "json", "epcis"):
        assert recognised(io.BytesIO(octets_of(form, [bill]))) == form
    assert recognised(io.BytesIO(SCANNER.encode("gbk"))) == "msfx"
    with pytest.raises(BillFileError, match="empty"):
        recognised(io.BytesIO(b" \n"))


def test_rows_are_read_one_at_a_time() -> None:
    lines = csv_octets(*[HEAD | {"code": text} for text in MSFX])

    first = next(csv_form.read(io.BytesIO(lines + b'\n"')))  # the fault at the end is not met yet

    assert first.cells["code"] == MSFX[0]


@pytest.mark.requirement("O19")
def test_persons_stay_out_of_epcis() -> None:
    line = BillLine(1, "A", "", "", "", 1)
    bill = Bill("N", "dispensing", 1000, "", "", "", "", "RX-CANARY", "", (line,), ())

    assert "CANARY" not in "".join(epcis_form.write([bill]))
