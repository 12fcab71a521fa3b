"""A site whose stations work by document, and the papers of the goods that come there."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from protocol import codes, decisions, reasons
from simulator import papers, world
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

# Four lots of tablets, and one of imported ampoules with lot and expiry on each label. Each pallet
# has a case of ten and a case of two.
LOOSE, BOXED, LATE, STRAY, IMPORTED = (2, 0, 1, 3, 4)


def hold(reason: int) -> Answer:
    return Answer(decisions.HOLD, reason)


def name(answer: Answer) -> str:
    return next(name for name, number in vars(reasons).items() if number == answer.reason)


def card(words: str, form: Form = Form.QR) -> Label:
    return Label(form, f"scandock:{words}", codes.COMMAND)


class Site:
    """A running station. Its reads are numbered, and what each showed is remembered."""

    def __init__(self, station: Station, folder: Path) -> None:
        self.station = station
        self.agent = station.agent
        self.dock, self.gate, self.belt = station.places
        self.shown: list[tuple[str, Label, Answer]] = []  # cradle, label, what the lamp must say
        self._pallets = world.goods(random.Random(5), 60, NOW.date())
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
        assert lit == [answer.decision for answer in wanted], self._reasons(place, wanted)

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

    def _reasons(self, place: Place, wanted: list[Answer]) -> str:
        """What was booked beside what was wanted, a record a line."""
        booked = [one["reason"] for one in self.agent.booked() if one["device"] == place.device]
        return "\n".join(
            f"{got:20} {name(answer)}" for got, answer in zip(booked, wanted, strict=False)
        )


def opened(folder: Path) -> Station:
    """A station with the settings above, not yet started."""
    station = Station(folder, cradles=3)
    settings = station.agent.config
    # Every read of a counted pack is to be told from a re-read, without waiting for it.
    written = settings.read_text("utf-8").replace("reread_ms = 5000", "reread_ms = 0")
    settings.write_text(written + STATIONS, encoding="utf-8")
    return station


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
