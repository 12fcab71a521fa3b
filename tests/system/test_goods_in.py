"""Goods come in, go out and come back by document: real labels, firmware, broker, agent, commands.

What the lamps must show is written beside each label; what the agent tells of it at the end is held
against what was done. On the way the agent is killed three times, which must change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from protocol import codes, reasons
from simulator import checker, papers
from simulator.world import Form
from tests.system.by_document import (
    AGAIN,
    BOXED,
    DONE,
    IMPORTED,
    LATE,
    LOOSE,
    NOW,
    PASS,
    REFUSED,
    STRAY,
    Site,
    asn_1,
    asn_3,
    card,
    epcis,
    hold,
    name,
    opened,
    order,
    relation_file,
)

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
    site.show(gate, (card("open:SO-1"), DONE), (case, PASS), (ampoule, PASS))
    agent.kill()
    agent.start()
    site.scan(gate, (called_back, hold(reasons.RECALLED)))
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

    booked, held, unread = (
        ("accepted", "ASN-1"),
        ("read, and not booked", None),
        ("never read", None),
    )
    assert code_states(story, LATE) == {
        papers.code(pack.label): fate
        for pack, fate in zip(late[:5], (booked, booked, booked, held, unread), strict=True)
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
