"""A table of heads tells product and level; without a row, or with two that differ, none does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.domain import product_files, products
from edge_agent.domain.product_files import COLUMNS, LevelOne, ProductFileError
from edge_agent.domain.products import Entry, Product, ProductConflict, Products, Scheme
from protocol import codes

TABLETS = Product("1", "simulated tablets", "0.5g")
AMPOULES = Product("2", "simulated ampoules", "2ml")
GTIN = "08999999000011"


def found(table: Products, data: bytes, symbology: bytes = b"") -> Entry | None:
    return table.of(codes.classify(symbology, data), data)


@pytest.mark.requirement("C27")
def test_the_first_seven_of_twenty_digits_tell_product_and_level() -> None:
    pack = Entry(Scheme.MSFX20, "8999999", TABLETS, 1, "1:10")
    case = Entry(Scheme.MSFX20, "8999998", TABLETS, 2, "1:10")
    table = Products([pack, case])

    assert found(table, b"89999999000000000018") == pack
    assert found(table, b"89999989000000000018") == case
    assert found(table, b"89999979000000000018") is None


@pytest.mark.requirement("C27")
def test_a_gtin_tells_them_in_whatever_it_stands() -> None:
    entry = Entry(Scheme.GTIN, GTIN, AMPOULES, 1)
    table = Products([entry])

    assert found(table, f"01{GTIN}219A1\x1d10LOT9".encode(), b"d2") == entry
    assert found(table, f"01{GTIN}10LOT9".encode(), b"d2") == entry
    assert found(table, GTIN[1:].encode(), b"E0") == entry
    assert found(table, b"00989999999000000017", b"C1") is None


def test_a_damaged_code_names_no_product() -> None:
    table = Products([Entry(Scheme.MSFX20, "8999999", TABLETS, 1)])

    assert found(table, b"8999999900000000001", b"C0") is None


def test_the_same_row_again_changes_nothing() -> None:
    entry = Entry(Scheme.MSFX20, "8999999", TABLETS, 1)

    assert list(Products([entry, entry])) == [entry]


@pytest.mark.parametrize(
    "other",
    [
        Entry(Scheme.MSFX20, "8999999", AMPOULES, 1),
        Entry(Scheme.MSFX20, "8999999", TABLETS, 2),
        Entry(Scheme.MSFX20, "8999999", TABLETS, None),
    ],
    ids=["another product", "another level", "no level"],
)
def test_rows_that_contradict_each_other_are_refused_by_name_and_neither_is_believed(
    other: Entry,
) -> None:
    table = Products([Entry(Scheme.MSFX20, "8999999", TABLETS, 1)])

    with pytest.raises(ProductConflict) as caught:
        table.add(other)
    level = "no level" if other.level is None else f"level {other.level}"
    assert caught.value.what == (
        "8999999 stands for 1 simulated tablets (level 1) and for"
        f" {other.product.id} {other.product.name} ({level}); neither is taken"
    )
    assert found(table, b"89999999000000000018") is None

    with pytest.raises(ProductConflict):
        table.add(other)
    assert len(table) == 0


def test_the_longest_head_of_a_makers_number_counts() -> None:
    short = Entry(Scheme.MAKER, "77", TABLETS)
    long = Entry(Scheme.MAKER, "7712", AMPOULES)
    table = Products([short, long])
    code = codes.Code(codes.NUMERIC_OTHER, b"", (), 0, 0)

    assert table.of(code, b"7712999") == long
    assert table.of(code, b"7713999") == short
    assert table.of(code, b"9912999") is None


def test_a_ppn_and_an_ma_identifier_are_found_whole() -> None:
    medicine = Entry(Scheme.PPN, "111234567842", AMPOULES)
    by_gtin = Entry(Scheme.GTIN, GTIN, AMPOULES)
    device = Entry(Scheme.MA, "MA.156.M0.100761.21234561", TABLETS)
    table = Products([medicine, by_gtin, device])

    assert found(table, b"[)>\x1e06\x1d9N111234567842\x1dS9A1\x1e\x04") == medicine
    assert found(table, b"[)>\x1e06\x1d8P%b\x1dS9A1\x1e\x04" % GTIN.encode()) == by_gtin
    assert found(table, b"MA.156.M0.100761.21234561.S9A1.C3") == device
    assert found(table, b"MA.156.M0.100761.21234562.S9A1.C3") is None


def test_a_link_around_a_trace_code_names_the_same_product() -> None:
    entry = Entry(Scheme.MSFX20, "8999999", TABLETS, 1)
    link = b"https://trace.example/c/89999999000000000018"

    assert found(Products([entry]), link, b"Q1") == entry


def test_an_article_number_with_an_add_on_is_still_the_product() -> None:
    entry = Entry(Scheme.GTIN, GTIN, AMPOULES)

    assert found(Products([entry]), GTIN[1:].encode() + b"12", b"E3") == entry
    assert found(Products([entry]), GTIN.encode(), b"I1") == entry


@pytest.mark.parametrize(
    ("scheme", "text", "read"),
    [
        ("", "8999999", (Scheme.MSFX20, "8999999")),
        ("", "8999999000011", (Scheme.GTIN, GTIN)),
        ("gtin", GTIN, (Scheme.GTIN, GTIN)),
        ("ppn", "111234567842", (Scheme.PPN, "111234567842")),
        ("maker", "77", (Scheme.MAKER, "77")),
        ("msfx20", "7999999", (Scheme.MSFX20, "7999999")),
        ("ma", "MA.156.M0.1.2", (Scheme.MA, "MA.156.M0.1.2")),
    ],
)
def test_heads_are_told_by_form_or_scheme(scheme: str, text: str, read: tuple[Scheme, str]) -> None:
    assert products.head(scheme, text) == read


@pytest.mark.parametrize(
    ("scheme", "text", "why"),
    [
        ("", "7999999", "name the scheme"),
        ("", "", "name the scheme"),
        ("", "8999999000012", "wrong check digit"),
        ("", "8.999E+12", "name the scheme"),
        ("msfx20", "89999999", "7 digits"),
        ("gtin", "123456789", "8, 12, 13 or 14"),
        ("ppn", "11-", "capital letters"),
        ("maker", "", "digits"),
        ("maker", "７７", "digits"),
        ("ma", "156.M0", "MA."),
        ("udi", "1", 'no scheme "udi"; known are msfx20, gtin, ppn, ma, maker'),
    ],
)
def test_what_cannot_be_a_head_is_refused(scheme: str, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        products.head(scheme, text)


CSV = """head,level,id,name,spec,pack,maker,approval,ratio
8999999,1,P1,模拟片,0.5g,24片/盒,模拟药厂,国药准字H99999999,1:10
8999998,2,P1,模拟片,0.5g,24片/盒,模拟药厂,国药准字H99999999,1:10

8999999000011,,P2,"simulated, imported",2ml
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_csv_is_read_in_both_encodings(encoding: str, newline: str) -> None:
    result = product_files.read(CSV.replace("\n", newline).encode(encoding))

    tablets = Product("P1", "模拟片", "0.5g", "24片/盒", "模拟药厂", "国药准字H99999999")
    assert list(result.products) == [
        Entry(Scheme.MSFX20, "8999999", tablets, 1, "1:10"),
        Entry(Scheme.MSFX20, "8999998", tablets, 2, "1:10"),
        Entry(Scheme.GTIN, GTIN, Product("P2", "simulated, imported", "2ml"), None, ""),
    ]
    assert (result.rows, result.complaints) == (3, [])


def test_chinese_titles_name_the_same_columns() -> None:
    english, *rows = CSV.splitlines(keepends=True)
    chinese = ",".join(COLUMNS[name] for name in english.strip().split(","))
    told = product_files.read((chinese + "\n" + "".join(rows)).encode())

    assert list(told.products) == list(product_files.read(CSV.encode()).products)


def test_bad_rows_are_told_by_line_value_and_next_step_and_the_good_ones_are_taken() -> None:
    text = (
        "head,name,level\n"
        "8999999,good,1\n"
        "899999,short,1\n"
        "8999998,,1\n"
        "8999997,level,largest\n"
        '8999996,"two\nlines",1\n'
        "8999995,a, b,1\n"
        "8999999,other,1\n"
        "8999994,good,\n"
    )
    result = product_files.read(text.encode())

    assert [entry.head for entry in result.products] == ["8999996", "8999994"]
    assert result.rows == 8
    assert [str(complaint) for complaint in result.complaints] == [
        'line 3: head "899999" is neither 7 digits beginning with 8 nor an article number: name'
        " the scheme (correct the head; leave it as text, not as a number)",
        "line 4: head 8999998 has no product name (write the name)",
        'line 5: level "largest" of 8999997 is no number from 1 to 9'
        " (write 1 for the smallest pack, or nothing if it is not known)",
        'line 8: the row of 8999995 has "1" after its last column (put cells with a comma in'
        " quotes)",
        "line 9: 8999999 stands for good (level 1) and for other (level 1); neither is taken"
        " (correct the table so that one head has one product and one level)",
    ]


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"", "the first line names the columns \\(none\\)"),
        (b"code,name\n1,2\n", "the first line names the columns code, name"),
        (b'head,name\n8999999,"a"b\n', "line 2: no CSV"),
        (b"\xff\xfehead", "neither UTF-8 nor GBK"),
        (b"<productList><product></productList>", "line 1: no XML"),
        (b"<bill/>", "XML without a productList"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><productList/>", "DOCTYPE"),
    ],
)
def test_what_is_no_product_table_is_refused(octets: bytes, what: str) -> None:
    with pytest.raises(ProductFileError, match=what):
        product_files.read(octets)


XML = """<?xml version="1.0" encoding="{encoding}"?>
<productList version="3.0">
 <product productCode="1005203" productName="模拟颗粒" comment="">
  <subType typeNo="1005203001" authorizedNo="国药准字Z99999999" type="1" spec="10g" packUnit="4"
           packageSpec="20袋/盒" physicDetailType="3">
   <resProdCodes>
    <resCode codeVersion="89" codeLevel="1" pkgRatio="1:5:50">99999</resCode>
    <resCode codeVersion="89" codeLevel="2" pkgRatio="1:5:50">99998</resCode>
    <resCode codeVersion="89" codeLevel="3" pkgRatio="1:5:50"> 99997 </resCode>
   </resProdCodes>
  </subType>
  <subType typeNo="1005203002" spec="5g">
   <resProdCodes>
    <resCode codeVersion="89" codeLevel="2" pkgRatio="1:5">99996</resCode>
    <resCode codeVersion="9" codeLevel="1" pkgRatio="1:5">99995</resCode>
   </resProdCodes>
  </subType>
 </product>
</productList>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_the_platforms_xml_is_read(encoding: str) -> None:
    octets = XML.format(encoding=encoding).encode(encoding)
    result = product_files.read(octets, LevelOne.SMALLEST)

    granules = Product("1005203001", "模拟颗粒", "10g", "20袋/盒", "", "国药准字Z99999999")
    assert list(result.products) == [
        Entry(Scheme.MSFX20, "8999999", granules, 1, "1:5:50"),
        Entry(Scheme.MSFX20, "8999998", granules, 2, "1:5:50"),
        Entry(Scheme.MSFX20, "8999997", granules, 3, "1:5:50"),
        Entry(Scheme.MSFX20, "8999996", Product("1005203002", "模拟颗粒", "5g"), 2, "1:5"),
    ]
    assert [str(complaint) for complaint in result.complaints] == [
        'line 15: head "999995" must be 7 digits'
        " (correct the head; leave it as text, not as a number)"
    ]


@pytest.mark.parametrize(
    ("one", "levels"),
    [
        (None, [None, None, None, None]),
        (LevelOne.SMALLEST, [1, 2, 3, 2]),
        (LevelOne.LARGEST, [3, 2, 1, 1]),
    ],
)
def test_a_level_of_xml_counts_as_the_caller_says_or_not_at_all(
    one: LevelOne | None, levels: list[int | None]
) -> None:
    result = product_files.read(XML.format(encoding="utf-8").encode(), one)

    assert [entry.level for entry in result.products] == levels


def test_levels_from_the_largest_pack_need_all_levels_of_the_product() -> None:
    holes = XML.format(encoding="utf-8").replace('codeLevel="1"', 'codeLevel="4"')
    result = product_files.read(holes.encode(), LevelOne.LARGEST)

    assert {entry.level for entry in result.products} == {None}
    assert str(result.complaints[0]) == (
        'line 7: codeLevel "4" of 8999999 counts from the largest pack, but its product has only'
        " the levels 2, 3, 4 (taken without level; complete the product's levels)"
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["8999991", "8999992", "8999993"]),
            st.sampled_from(["a", "b"]),
            st.sampled_from(["1", "2", "x"]),
        ),
        max_size=6,
    )
)
def test_every_row_is_taken_complained_of_or_a_repetition(
    rows: list[tuple[str, str, str]],
) -> None:
    text = "head,name,level\n" + "".join(",".join(row) + "\n" for row in rows)
    result = product_files.read(text.encode())

    good = [row for row in rows if row[2] != "x"]
    said = {head: {row for row in good if row[0] == head} for head, _, _ in good}
    assert result.rows == len(rows)
    assert {entry.head for entry in result.products} == {
        head for head, different in said.items() if len(different) == 1
    }
    disputed = [head for head, different in said.items() if len(different) > 1]
    bad = sum(row[2] == "x" for row in rows)
    assert len(result.complaints) >= bad + len(disputed)
