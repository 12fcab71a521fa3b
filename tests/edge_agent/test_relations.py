"""Relation files: read of either writer, written to the octet; and the commands of packs."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edge_agent import cli, config
from edge_agent.domain import relation_csv, relation_xml, relations
from edge_agent.domain.packs import PARTIAL, PROBLEMS, SHAPES, SOURCES
from edge_agent.domain.relations import Batch, RelationFileError, Row
from edge_agent.store import acts, lots
from edge_agent.store.driver import Tx
from edge_agent.store.sqlite import Store, View
from protocol import keys
from protocol.codes import Classifier
from simulator.loopback import free_port
from tests.edge_agent.conftest import STORE_ID
from tests.edge_agent.words import accept, arrival, octets, scan

CASE, CAN, SEED, LOOSE = (f"899999{head}900000000{head:04}" for head in (3, 2, 1, 4))
BATCH = Batch(
    "8999999", "1", "1:5:2500", "500粒/罐 & 5罐/箱", "0", "L1", "2026-01-02", "2028-01-01"
)
ROWS = [
    Row(0, CASE, 3, "", PARTIAL, BATCH),
    Row(0, CAN, 2, CASE, PARTIAL, BATCH),
    Row(0, SEED, 1, CAN, PARTIAL, BATCH),
]
# By the rules that programs which write such files had to keep.
GOLDEN = f"""\
<?xml version="1.0" encoding="utf-8"?>\
<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\
 xsi:noNamespaceSchemaLocation="关联关系XML Schema-3.0.xsd" License="none">
<Events Version="3.0"><Event Name="RelationCreate">
<Relation productCode="8999999" subTypeNo="1" cascade="1:5:2500"\
 packageSpec="500粒/罐 &amp; 5罐/箱" comment="0">
<Batch batchNo="L1" madeDate="2026-01-02" validateDate="2028-01-01" workshop="" lineName=""\
 lineManager="">
<Code curCode="{CASE}" packLayer="3" flag="2"/>
<Code curCode="{CAN}" packLayer="2" parentCode="{CASE}" flag="2"/>
<Code curCode="{SEED}" packLayer="1" parentCode="{CAN}" flag="2"/>
</Batch>
</Relation>
</Event></Events></Document>
"""


def key(code: str) -> bytes:
    return keys.msfx(code.encode())


def read(text: str) -> list[Row]:
    return list(relation_xml.read(io.BytesIO(text.encode())))


def scandock(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """agent.toml of an agent with a store."""
    done = scandock("agent", "init", tmp_path / "agent", "--broker-port", str(free_port()))
    assert done.exit_code == 0, done.output
    path = tmp_path / "agent" / "agent.toml"
    Store(config.load(path).store.path, lambda: STORE_ID).close()
    return path


@pytest.fixture
def look(settings: Path) -> Callable[[Callable[[Tx], object]], object]:
    """Ask the store of these settings."""

    def looked(question: Callable[[Tx], object]) -> object:
        view = View(config.load(settings).store.path)
        with view.read() as tx:
            answer = question(tx)
        view.close()
        return answer

    return looked


# The files.


@pytest.mark.requirement("Q02")
def test_a_relation_file_is_written_to_the_octet() -> None:
    assert "".join(relation_xml.write(ROWS, "none")) == GOLDEN


def test_what_is_written_is_read() -> None:
    assert [row._replace(line=0) for row in read(GOLDEN)] == ROWS


def test_the_older_writers_small_letters_are_read() -> None:
    older = GOLDEN.replace("Name=", "name=").replace("Version=", "version=")
    assert read(older.replace("curCode", "CurCode").replace("packLayer", "packlayer")) == read(
        GOLDEN
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<Document>", "no XML"),
        ("<Document/>", "without a Relation"),
        (GOLDEN.replace("<Document", '<!DOCTYPE a [<!ENTITY e "x">]><Document'), "DOCTYPE"),
        (GOLDEN.replace('packLayer="3"', 'packLayer="7"'), 'level "7" is no number from 1 to 6'),
        (GOLDEN.replace('flag="2"', 'flag="4"'), 'flag "4" is no number from 0 to 3'),
    ],
)
def test_what_is_no_relation_file_is_refused(text: str, why: str) -> None:
    with pytest.raises(RelationFileError, match=why):
        read(text)


def test_a_table_of_parents_and_children() -> None:
    lines = ["\ufeff父码,子码,父码级别", f"{CASE},{CAN},3", "", f"{CAN},{SEED},"]
    assert list(relation_csv.read(lines)) == [
        Row(2, CASE, 3),
        Row(2, CAN, 0, CASE),
        Row(4, SEED, 0, CAN),
    ]
    for bad in (["parent,kid"], [], ['parent,child\n"x']):
        with pytest.raises(RelationFileError):
            list(relation_csv.read(bad))


@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_however_a_file_is_cut_it_says_the_same(most: int) -> None:
    rows = [*ROWS, Row(9, "x" * 20, 1, CAN)]
    cut = list(relations.parts(rows, Classifier(), most))
    links = {(child, said.parent) for part in cut for said in part.statements for child in said[1]}

    assert links == {(key(CAN), key(CASE)), (key(SEED), key(CAN))}
    assert sum(part.rows for part in cut) == 4
    assert [one for part in cut for one in part.complaints] == [
        f'line 9: "{"x" * 20}" is no trace code'
    ]


# The commands.


@pytest.mark.requirement("Q01")
def test_import_show_and_export_go_round(
    settings: Path, tmp_path: Path, look: Callable[[Callable[[Tx], object]], object]
) -> None:
    file = tmp_path / "relation.xml"
    file.write_text(GOLDEN, "utf-8")
    first = scandock("pack", "import", "-c", settings, file)
    again = scandock("pack", "import", "-c", settings, file)
    shown = scandock("pack", "show", "-c", settings, CAN)
    written = scandock("pack", "export", "-c", settings, "--licence", "none", CASE)

    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert "3 rows, 0 refused, 0 contradictions" in first.stdout
    assert shown.stdout.splitlines() == [
        f"{CASE}  level 3  1 smallest  file  partial",
        f"  {CAN}  level 2  1 smallest  file  partial ◀",
        f"    {SEED}",
    ]
    # Number of the sub-type, and what the product table tells, are not kept of a file.
    known = GOLDEN.replace('subTypeNo="1"', 'subTypeNo=""').replace("1:5:2500", "")
    assert written.stdout == known.replace("500粒/罐 &amp; 5罐/箱", "")
    assert look(lambda tx: lots.named(tx, "L1")) == [
        lots.Lot(1, "8999999", "L1", "2026-01-02", "2028-01-01")
    ]
    assert (
        look(lambda tx: [(a.body["file"], a.body["part"]) for a in acts.acts_of(tx, "pack.import")])
        == [("relation.xml", 1)] * 2
    )


@pytest.mark.requirement("Q03")
def test_what_hands_do_is_done_and_contradictions_are_told(settings: Path, tmp_path: Path) -> None:
    def pack(verb: str, *words: str | Path) -> Result:
        return scandock("pack", verb, "-c", settings, *words)

    assert pack("bind", CASE, SEED, LOOSE).exit_code == 0
    table = tmp_path / "relation.csv"
    table.write_text(f"parent,child\n{CAN},{SEED}\nnothing,{SEED}\n")
    taken = pack("import", table)
    assert taken.exit_code == 1
    assert "2 rows, 1 refused, 1 contradictions" in taken.stdout
    assert f"two_parents: {SEED} 已在其他包装中" in taken.stderr
    assert pack("problems").exit_code == 1
    assert pack("left", CASE).stdout.split() == [LOOSE]
    assert pack("rebox", CASE, SEED).exit_code == 0
    assert pack("problems").exit_code == 0
    assert pack("unbind", CASE, LOOSE).exit_code == 0
    assert pack("unbind", CASE, LOOSE).exit_code == 1
    new = "89999999000000000088"
    assert pack("replace", SEED, new).exit_code == 0
    assert pack("left", CASE).stdout.split() == [new]
    assert pack("split", new, LOOSE).exit_code == 0
    shown = pack("show", LOOSE).stdout.splitlines()
    assert shown[1] == f"  {new}  level 1  1 smallest  platform  split"


@pytest.mark.requirement("Q09")
def test_a_product_table_is_taken_and_listed_and_what_it_said_before_is_kept(
    settings: Path, tmp_path: Path
) -> None:
    table = tmp_path / "products.csv"
    table.write_text(
        "head,name,level,ratio\n8999991,维生素C片,1,1:10\n8999992,维生素C片,2,1:10\n7,x,,\n"
    )
    taken = scandock("product", "import", "-c", settings, table)
    assert taken.exit_code == 1
    assert "2 heads taken, 0 of them changed, 1 rows refused" in taken.stdout
    table.write_text("head,name,level\n8999991,维生素C片,2\n")
    changed = scandock("product", "import", "-c", settings, table)
    assert "was: 8999991  8999991  维生素C片  level 1  1:10" in changed.stdout
    listed = scandock("product", "list", "-c", settings).stdout.splitlines()
    assert listed == [
        "8999991  8999991  维生素C片  level 2",
        "8999992  8999991  维生素C片  level 2  1:10",
    ]
    with View(config.load(settings).store.path).read() as tx:
        first, second = [act.body["before"] for act in acts.acts_of(tx, "product.import")]
    assert first == []
    (before,) = second
    assert (before["head"], before["level"], before["ratio"]) == ("8999991", 1, "1:10")


@pytest.mark.requirement("T02")
def test_show_tells_what_became_of_each(settings: Path) -> None:
    store = Store(config.load(settings).store.path, lambda: STORE_ID)
    accept(store, arrival(octets(scan(0, SEED.encode()))))
    store.close()
    scandock("pack", "bind", "-c", settings, CAN, SEED)

    assert scandock("pack", "show", "-c", settings, "--json", SEED).stdout.splitlines()[1] == (
        f'{{"depth":1,"code":"{SEED}","level":"","n":"","source":"","shape":"","state":"seen"}}'
    )


def test_the_page_about_packs_has_every_source_shape_and_problem() -> None:
    page = (Path(__file__).parents[2] / "docs" / "packs.md").read_text("utf-8")
    for number, (name, chinese, english) in SOURCES.items():
        assert f"| {number} | `{name}` | {chinese} | {english} |" in page
    for number, (name, chinese, english) in SHAPES.items():
        assert f"| {number} | `{name}` | {chinese} | {english} |" in page
    for kind, (chinese, english) in PROBLEMS.items():
        assert f"| `{kind}` | {chinese} | {english} |" in page
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(PROBLEMS)
