"""Goods come in, go out and come back by document: real labels, firmware, broker, agent, commands.

What the lamps must show is written beside each label; what the agent tells of it at the end is held
against what was done.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from protocol import codes, decisions, reasons
from simulator import checker, papers, world
from simulator.checker import PATTERNS
from simulator.papers import Listed
from simulator.shift import Answer, Read
from simulator.station import Place, Station, wait_for
from simulator.world import Damage, Form, Label, Pack

STATIONS = """
[[stations]]
device = "cradle-1"
step = "receive"
documents = "bound"
types = ["purchase_in", "sales_return_in"]

[[stations]]
device = "cradle-2"
step = "pick"
documents = "bound"
types = ["sale_out"]

[[stations]]
device = "cradle-3"
step = "receive"
documents = "auto"
types = ["purchase_in"]
"""
NOW = datetime.now(UTC).astimezone(timezone(timedelta(hours=8)))
TIME = f"{NOW:%Y-%m-%d %H:%M:%S}"

PASS = Answer(decisions.PASS, reasons.OK)
DONE = Answer(decisions.PASS, reasons.COMMAND_DONE)
REFUSED = Answer(decisions.HOLD, reasons.COMMAND_REFUSED)
AGAIN = Answer(decisions.AGAIN, reasons.SAME_DOCUMENT)

SHIPPED = 2  # as `scandock explain --json` numbers states
# Document: smallest packs counted, and missing.
MOVED = {
    "ASN-1": (15, 2),
    "ASN-2": (2, 0),
    "ASN-3": (2, 0),
    "SO-1": (11, 1),
    "SO-2": (0, 0),
    "RT-1": (1, 0),
    "SO-3": (1, 0),
}
PASSED = 14  # units that passed

# Four lots of tablets, and one of imported ampoules with lot and expiry on each label. Each pallet
# has a case of ten and a case of two.
LOOSE, BOXED, LATE, STRAY, IMPORTED = (2, 0, 1, 3, 4)


def hold(reason: int) -> Answer:
    return Answer(decisions.HOLD, reason)


class Site:
    """A running station. Its reads are numbered, and what each showed is remembered."""

    def __init__(self, station: Station, folder: Path) -> None:
        self.station = station
        self.agent = station.agent
        self.dock, self.gate, self.belt = station.places
        self.shown: list[tuple[str, Label, Answer]] = []  # cradle, label, what the lamp must say
        self._pallets = world.goods(random.Random(5), 60)
        self._folder = folder

    def case(self, pallet: int, number: int = 0) -> Label:
        return self._pallets[pallet].cases[number].label

    def packs(self, pallet: int, number: int = 0) -> Sequence[Pack]:
        return self._pallets[pallet].cases[number].packs

    def show(self, place: Place, *wanted: tuple[Label, Answer]) -> None:
        """Hold labels before a cradle, all in one breath."""
        first = len(self.shown)
        self.shown += [(place.device, label, answer) for label, answer in wanted]
        place.present(
            [
                Read(number, label, Damage.NONE, 0, answer)
                for number, (label, answer) in enumerate(wanted, first)
            ]
        )

    def scan(self, place: Place, *wanted: tuple[Label, Answer]) -> None:
        """Likewise, and see the lamp answer each as wanted."""
        self.show(place, *wanted)
        self.see(place)

    def see(self, place: Place) -> None:
        """Wait until the lamp has answered all that was shown, and see that it is as wanted."""
        wait_for(lambda: not place.outstanding(), f"the lamp of {place.device}")
        wanted = [answer for device, _, answer in self.shown if device == place.device]
        lit = [PATTERNS[pattern] for pattern in place.answers]
        if lit != [answer.decision for answer in wanted]:
            # Only then: asking for the reasons takes a while.
            booked = [one for one in self.agent.booked() if one["device"] == place.device]
            assert [one["reason"] for one in booked] == [name(answer) for answer in wanted]

    def give(self, file: str, text: str, *words: str) -> None:
        """Write a paper, and import it while the agent runs."""
        path = self._folder / file
        path.write_text(text, encoding="utf-8")
        self.agent.ask(*words, "import", str(path))

    def told(self, *words: str) -> list[Any]:
        """What a command tells, as JSON objects."""
        return [json.loads(line) for line in self.agent.ask(*words, "--json").splitlines()]

    def findings(self, document: str) -> list[tuple[str, str]]:
        """Kind and code of those that are open."""
        found = self.told("finding", "list", "--document", document)
        return sorted((one["kind"], one["code"]) for one in found if one["open"])

    def settle(self, document: str, kind: str, disposition: str) -> None:
        words = ("--cause", "looked", "--disposition", disposition, "--feedback", "told them")
        self.agent.ask("finding", "settle", "--document", document, "--kind", kind, *words)


def name(answer: Answer) -> str:
    return next(name for name, number in vars(reasons).items() if number == answer.reason)


def opened(folder: Path) -> Station:
    """A station with the settings above, not yet started."""
    station = Station(folder, cradles=3)
    settings = station.agent.config
    # Every read of a counted pack is to be told from a re-read, without waiting for it.
    written = settings.read_text("utf-8").replace("reread_ms = 5000", "reread_ms = 0")
    settings.write_text(written + STATIONS, encoding="utf-8")
    return station


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """All that is done; what comes after only asks."""
    folder = tmp_path_factory.mktemp("goods-in")
    with opened(folder) as station:
        station.wait_until_ready()
        site = Site(station, folder)
        receive(site)
        receive_automatically(site)
        receive_by_lines(site)
        sell_and_take_back(site)
        assert station.settle(timeout_s=20)
        yield site


def card(words: str, form: Form = Form.QR) -> Label:
    return Label(form, f"scandock:{words}", codes.COMMAND)


def relation_file(site: Site) -> str:
    """The maker's word on what is in a case."""
    packs, case = site.packs(BOXED), papers.code(site.case(BOXED))
    lot = packs[0].lot
    inside = "".join(
        f'<Code curCode="{papers.code(pack.label)}" packLayer="1" parentCode="{case}"/>'
        for pack in packs
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><Document><Events Version="3.0">'
        '<Event Name="RelationCreate"><Relation productCode="8999999" cascade="1:10">'
        f'<Batch batchNo="{lot.number}" madeDate="{lot.made}" validateDate="{lot.expires}">'
        f'<Code curCode="{case}" packLayer="2" flag="0"/>{inside}'
        "</Batch></Relation></Event></Events></Document>"
    )


def epcis(site: Site) -> str:
    """A notice of the imported case of two, as another system writes it."""
    case, *packs = map(
        digital_link, (site.case(IMPORTED, 1), *[one.label for one in site.packs(IMPORTED, 1)])
    )
    lot = site.packs(IMPORTED)[0].lot
    common = {
        "eventTime": NOW.isoformat(),
        "scandock:document": {"number": "ASN-2", "type": "purchase_in", "partner": "maker"},
        "scandock:line": {
            "product": world.IMPORTED.article,
            "lot": lot.number,
            "expiry": f"{lot.expires}",
        },
        "scandock:units": {case: {"level": "2"}, **{pack: {"level": "1"} for pack in packs}},
    }
    events = [
        {"type": "ObjectEvent", "action": "OBSERVE", "epcList": [case], **common},
        {"type": "AggregationEvent", "action": "ADD", "parentID": case, "childEPCs": packs}
        | common,
    ]
    return json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": events}})


def digital_link(label: Label) -> str:
    gtin, serial = papers.code(label).removeprefix("(01)").split("(21)")
    return f"https://id.gs1.org/01/{gtin}/21/{serial}"


def order(site: Site, number: str, kind: str, *labels: Label) -> str:
    """A document of the host's, in JSON."""
    head = {"number": number, "type": kind, "partner": "clinic", "time": TIME}
    listed = [{"code": papers.code(label)} for label in labels]
    return json.dumps({"documents": [{**head, "lines": [{"codes": listed}]}]})


def asn_1(site: Site) -> str:
    """Ten tablets by their case, five one by one, and two ampoules, one said to be of another
    lot."""
    boxed, late, imported = site.packs(BOXED)[0], site.packs(LATE), site.packs(IMPORTED)
    head = {"number": "ASN-1", "type": "purchase_in", "partner": "maker", "time": TIME}
    return papers.packing_list(
        head,
        [
            Listed(site.case(BOXED), boxed.product, boxed.lot, 2, 10),
            *(Listed(one.label, one.product, one.lot) for one in late[:5]),
            Listed(imported[0].label, imported[0].product, imported[0].lot),
            Listed(
                imported[1].label, imported[1].product, replace(imported[1].lot, number="WRONG")
            ),
        ],
    )


def asn_3(site: Site) -> str:
    """Two tablets, of which no code is named."""
    lot = site.packs(LOOSE)[0].lot
    return (
        "number,type,partner,time,product,lot,expiry,quantity\n"
        f"ASN-3,purchase_in,maker,{TIME},{world.DOMESTIC.article},{lot.number},{lot.expires},2\n"
    )


def receive(site: Site) -> None:
    """What one packing list brings; the agent is killed on the way, twice."""
    dock, agent = site.dock, site.agent
    late, imported = site.packs(LATE), site.packs(IMPORTED)
    stray = site.packs(STRAY)[0].label
    site.give("products.csv", papers.product_table(), "product")
    site.give("relation.xml", relation_file(site), "pack")
    site.give("asn-1.csv", asn_1(site), "document")

    site.scan(dock, (late[0].label, hold(reasons.NO_DOCUMENT)))
    site.scan(dock, (card("open:ASN-1"), DONE))
    site.show(
        dock,
        (site.case(BOXED), PASS),
        (site.packs(BOXED)[0].label, hold(reasons.PARENT_AND_CHILD)),
        (late[0].label, PASS),
    )
    agent.kill()
    site.show(dock, (late[1].label, PASS), (late[2].label, PASS))
    agent.start()
    site.see(dock)
    site.scan(
        dock,
        (imported[0].label, PASS),
        (imported[1].label, hold(reasons.LOT_DIFFERS)),
        (stray, hold(reasons.NOT_IN_DOCUMENT)),
    )
    lot = late[0].lot.number
    agent.ask("recall", "start", "R-1", "--level", "2", "--lot", lot, "--why", "a test")
    agent.kill()
    agent.start()
    site.scan(
        dock, (late[3].label, hold(reasons.RECALLED)), (late[0].label, hold(reasons.RECALLED))
    )
    site.scan(dock, (imported[0].label, AGAIN))

    site.scan(dock, (card("close"), REFUSED))
    assert "is not closed" in agent.ask("document", "close", "ASN-1", ends=1)
    assert site.findings("ASN-1") == sorted(
        (kind, papers.code(label))
        for kind, label in (
            ("parent_and_child", site.packs(BOXED)[0].label),
            ("lot_differs", imported[1].label),
            ("not_in_document", stray),
            ("recalled", late[0].label),
            ("recalled", late[3].label),
            ("missing", imported[1].label),
            ("missing", late[3].label),
            ("missing", late[4].label),
        )
    )
    site.settle("ASN-1", "parent_and_child", "removed")
    site.settle("ASN-1", "not_in_document", "returned")
    site.settle("ASN-1", "recalled", "sealed")
    site.settle("ASN-1", "lot_differs", "verified")
    site.scan(dock, (imported[1].label, PASS))
    site.scan(dock, (card("close"), REFUSED))
    site.settle("ASN-1", "missing", "short")
    site.scan(dock, (card("close", Form.CODE128), DONE))


def receive_automatically(site: Site) -> None:
    belt = site.belt
    case, packs = site.case(IMPORTED, 1), site.packs(IMPORTED, 1)
    site.scan(belt, (packs[0].label, hold(reasons.UPSTREAM_MISSING)))
    site.give("asn-2.json", epcis(site), "document")
    site.agent.ask("document", "open", "ASN-2")
    site.scan(
        belt,
        (packs[0].label, PASS),
        (case, hold(reasons.PARENT_AND_CHILD)),
        (packs[1].label, PASS),
        (site.packs(STRAY)[1].label, hold(reasons.UPSTREAM_MISSING)),
    )
    assert site.findings("ASN-2") == [("parent_and_child", papers.code(case))]
    site.settle("ASN-2", "parent_and_child", "removed")
    assert site.agent.ask("document", "close", "ASN-2") == "ASN-2 is closed\n"


def receive_by_lines(site: Site) -> None:
    dock, loose = site.dock, site.packs(LOOSE)
    site.give("asn-3.csv", asn_3(site), "document")
    site.scan(
        dock,
        (card("open:ASN-3"), DONE),
        (loose[0].label, PASS),
        (loose[1].label, PASS),
        (loose[2].label, hold(reasons.SURPLUS)),
        (card("close"), REFUSED),
    )
    assert site.findings("ASN-3") == [("surplus", papers.code(loose[2].label))]
    site.settle("ASN-3", "surplus", "returned")
    site.scan(dock, (card("close"), DONE))


def sell_and_take_back(site: Site) -> None:
    dock, gate, agent = site.dock, site.gate, site.agent
    case, boxed = site.case(BOXED), site.packs(BOXED)
    ampoule, called_back = site.packs(IMPORTED)[0].label, site.packs(LATE)[0].label
    site.give("so-1.json", order(site, "SO-1", "sale_out", case, ampoule, called_back), "document")
    site.scan(
        gate,
        (card("open:SO-1"), DONE),
        (case, PASS),
        (ampoule, PASS),
        (called_back, hold(reasons.RECALLED)),
    )
    agent.ask("document", "close", "SO-1", ends=1)
    site.settle("SO-1", "recalled", "sealed")
    site.settle("SO-1", "missing", "short")
    site.scan(gate, (card("close"), DONE))

    agent.ask("document", "open", "SO-2", "--type", "sale_out", "--partner", "somebody else")
    other = hold(reasons.OTHER_DOCUMENT)
    site.scan(gate, (card("open:SO-2"), DONE), (ampoule, other), (boxed[1].label, other))
    site.settle("SO-2", "other_document", "removed")
    site.scan(gate, (card("close"), DONE))

    site.give("rt-1.json", order(site, "RT-1", "sales_return_in", ampoule), "document")
    site.scan(dock, (card("open:RT-1"), DONE), (ampoule, PASS), (card("close"), DONE))
    site.give("so-3.json", order(site, "SO-3", "sale_out", ampoule), "document")
    site.scan(gate, (card("open:SO-3"), DONE), (ampoule, PASS), (card("close"), DONE))


def code_states(site: Site, pallet: int) -> dict[str, tuple[str, str | None]]:
    """What `scandock recall` says of a lot: state and document of each smallest pack."""
    told = site.told("recall", "--lot", site.packs(pallet)[0].lot.number)
    return {one["code"]: (one["state"], one["document"]) for one in told}


def test_every_read_was_booked_answered_and_forwarded_as_it_must(story: Site) -> None:
    result = checker.check(story.station.events())

    assert result.ok, "\n".join(map(str, result.findings))
    assert result.scanned == len(story.shown)


def test_nothing_in_the_ledger_was_altered(story: Site) -> None:
    assert f"whole: {len(story.shown)} records" in story.agent.ask("ledger", "verify")


def test_the_documents_say_what_came_and_what_did_not(story: Site) -> None:
    told = [story.told("document", "show", number)[0] for number in MOVED]

    assert {one["number"]: (one["counted"], one["missing"]) for one in told} == MOVED
    assert {one["state"] for one in told} == {"closed"}


def test_a_code_tells_its_life(story: Site) -> None:
    """Bought, sold, not sold twice, taken back, sold again."""
    ampoule = story.packs(IMPORTED)[0].label
    (life,) = story.told("explain", papers.code(ampoule))

    assert [(one["device"], one["reason"]) for one in life["reads"]] == [
        (device, name(answer)) for device, label, answer in story.shown if label == ampoule
    ]
    assert [one["number"] for one in life["papers"] if one["counted"]] == [
        "ASN-1",
        "SO-1",
        "RT-1",
        "SO-3",
    ]
    assert life["state"] == SHIPPED
    assert {one["state"] for one in life["told"]} == {"delivered"}


def test_a_pack_that_nobody_took_out_of_its_case_went_with_it(story: Site) -> None:
    (life,) = story.told("explain", papers.code(story.packs(BOXED)[5].label))

    assert (life["state"], life["moved_by"]) == (SHIPPED, papers.code(story.case(BOXED)))
    assert life["reads"] == []


def test_a_recall_finds_each_pack_where_it_is(story: Site) -> None:
    late, ampoules = story.packs(LATE), [*story.packs(IMPORTED)[:2], *story.packs(IMPORTED, 1)]

    assert code_states(story, LATE) == {
        papers.code(pack.label): ("accepted", "ASN-1") if place < 3 else ("never read", None)
        for place, pack in enumerate(late[:5])
    }
    fates = (("shipped", "SO-3"), *[("accepted", one) for one in ("ASN-1", "ASN-2", "ASN-2")])
    assert code_states(story, IMPORTED) == {
        papers.code(pack.label): fate for pack, fate in zip(ampoules, fates, strict=True)
    }


def test_the_figures_of_the_day_are_those_of_the_documents(story: Site) -> None:
    days = ("--from", f"{NOW:%Y-%m-%d}", "--to", f"{NOW + timedelta(days=1):%Y-%m-%d}")
    told = story.told("kpi", *days)
    rates = {(one["name"], one["of"]): (one["part"], one["whole"]) for one in told}

    looks = Counter(device for device, label, _ in story.shown if label.kind != codes.COMMAND)
    assert rates == {
        **{("read", device): (times, times) for device, times in looks.items()},
        ("scan-in", ""): (20, 22),
        ("scan-out", ""): (12, 13),
        ("upload", "host"): (PASSED, PASSED),
    }
