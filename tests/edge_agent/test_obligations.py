"""The notices as data: who must do what on which day, what a gate says, who is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.domain import obligations
from edge_agent.domain.obligations import Notice, Obligation, Passage, Profile
from edge_agent.errors import ConfigError

NOTICES = obligations.shipped()
NONE: frozenset[str] = frozenset()
NARCOTIC = frozenset({"narcotic"})
PIECES = frozenset({"tcm-pieces"})
DRAFT_S1 = frozenset({"liaoning-draft-2026"})
DRAFT_S2 = frozenset({"inner-mongolia-draft"})

HEAD = 'name = "own"\nseed = "S9"\ntitle = "t"\nprovince = "shandong"\ndraft = false\n'
ROW = '[[rules]]\nrequires = ["T01"]\nlines = [1]\nroles = ["hospital"]\n'


def bound(
    on: str, *traits: str, role: str, province: str, drafts: frozenset[str] = NONE
) -> list[Obligation]:
    told = {"province": province, "role": role, "traits": traits, "drafts": drafts}
    profile = msgspec.convert(told, Profile)
    return list(obligations.in_force(profile, date.fromisoformat(on), NOTICES))


def asked(rules: list[Obligation], duty: str) -> set[str]:
    """The weights with which ``duty`` is asked for."""
    return {one.rule.weight for one in rules if duty in one.rule.do}


@dataclass(frozen=True)
class Start:
    """A duty that begins on a day."""

    requirement: str
    day: str  # the first on which it binds
    province: str
    role: str
    duty: obligations.Duty
    traits: tuple[str, ...] = ()
    drafts: frozenset[str] = field(default_factory=frozenset)
    target: int | None = None
    classes: frozenset[str] = NONE


STARTS = [
    Start("T06", "2026-01-01", "shandong", "wholesaler", "upload"),
    Start("T06", "2026-01-01", "shandong", "pharmacy", "scan-out"),
    Start("T10", "2026-09-01", "liaoning", "pharmacy", "scan-in", drafts=DRAFT_S1),
    Start("T11", "2026-09-30", "liaoning", "hospital", "scan-in", ("grade-3", "public"), DRAFT_S1),
    Start("T13", "2025-12-31", "inner-mongolia", "wholesaler", "upload", (), DRAFT_S2, 100),
    Start("T13", "2025-12-31", "inner-mongolia", "pharmacy", "scan-in", (), DRAFT_S2, 100),
    Start("T14", "2027-06-30", "inner-mongolia", "hospital", "upload", (), DRAFT_S2, 100),
    Start("T15", "2026-06-30", "shanxi", "hospital", "collect", ("township",), NONE, 95),
    Start("T15", "2026-06-30", "shanxi", "hospital", "upload", ("private",), NONE, 95),
    Start("T16", "2026-12-31", "shanxi", "hospital", "scan-in", ("village",), NONE, 95),
    Start("T17", "2025-07-01", "tianjin", "pharmacy", "collect", ("designated",), NONE, 100),
    Start("T18", "2025-11-30", "tianjin", "wholesaler", "upload", (), NONE, 100, NARCOTIC),
    Start("T19", "2025-12-31", "tianjin", "wholesaler", "enrol"),
    Start("T22", "2026-01-01", "tianjin", "hospital", "collect", ("work-injury",), NONE, 100),
]


@pytest.mark.requirement("T06", "T10", "T11", "T13", "T14", "T15", "T16", "T17", "T18", "T22")
@pytest.mark.parametrize("start", STARTS, ids=lambda one: f"{one.requirement} {one.role}")
def test_a_duty_begins_on_its_day(start: Start) -> None:
    day = date.fromisoformat(start.day)

    def musts(on: date) -> list[Obligation]:
        found = bound(
            on.isoformat(),
            *start.traits,
            role=start.role,
            province=start.province,
            drafts=start.drafts,
        )
        return [one for one in found if start.requirement in one.rule.requires]

    before, then = musts(day - timedelta(days=1)), musts(day)

    assert not asked(before, start.duty)
    assert asked(then, start.duty) == {"must"}
    assert obligations.target(then, start.duty, start.classes) == start.target


@pytest.mark.requirement("T07")
def test_the_first_wave_is_encouraged_before_it_must() -> None:
    for day, weights in (
        ("2025-10-31", set()),
        ("2025-11-01", {"encouraged"}),
        ("2025-12-31", {"encouraged"}),
        ("2026-01-01", {"must"}),
    ):
        found = bound(day, role="chain-hq", province="shandong")
        early = [one for one in found if {"T06", "T07"} & set(one.rule.requires)]
        assert asked(early, "upload") == weights, day
    small = bound("2025-11-01", role="hospital", province="shandong")
    large = bound("2025-11-01", "grade-1", role="hospital", province="shandong")
    assert not any("T07" in one.rule.requires for one in small)
    assert any("T07" in one.rule.requires for one in large)


@pytest.mark.requirement("T09")
@pytest.mark.parametrize(("day", "binds"), [("2030-10-31", True), ("2030-11-01", False)])
def test_a_notice_ends_with_its_last_day(day: str, binds: bool) -> None:
    assert bool(bound(day, role="wholesaler", province="shandong")) == binds


def test_a_draft_binds_only_whom_it_is_told_to_bind() -> None:
    assert not bound("2027-01-01", role="wholesaler", province="liaoning")
    assert bound("2027-01-01", role="wholesaler", province="liaoning", drafts=DRAFT_S1)
    with pytest.raises(ConfigError) as caught:
        bound("2027-01-01", role="wholesaler", province="shandong", drafts=frozenset({"shandong"}))
    assert caught.value.what == 'profile.drafts: "shandong" is no draft'


def test_the_class_of_a_hospital_decides() -> None:
    def duties(*traits: str) -> set[str]:
        found = bound("2026-10-01", *traits, role="hospital", province="liaoning", drafts=DRAFT_S1)
        return {duty for one in found if "T11" in one.rule.requires for duty in one.rule.do}

    assert duties("grade-3", "public") == {"scan-in"}  # inbound only
    assert duties("grade-3", "private") == duties("grade-2", "public") == set()


@pytest.mark.requirement("O23", "O24")
def test_some_roles_are_treated_as_another_one() -> None:
    for province, on, drafts in (
        ("shandong", "2026-01-01", NONE),
        ("tianjin", "2026-01-01", NONE),
        ("liaoning", "2027-01-01", DRAFT_S1),
        ("inner-mongolia", "2027-01-01", DRAFT_S2),
    ):
        own = bound(on, role="wholesaler", province=province, drafts=drafts)
        third = bound(on, role="third-party-logistics", province=province, drafts=drafts)
        assert own
        assert third == own
    user = bound("2027-01-01", role="other-user", province="liaoning", drafts=DRAFT_S1)
    hospital = bound("2027-01-01", role="hospital", province="liaoning", drafts=DRAFT_S1)
    assert user == hospital != []


@pytest.mark.requirement("T21")
def test_those_outside_the_insurance_and_vaccines_have_targets_of_their_own() -> None:
    plain = bound("2026-01-01", role="hospital", province="tianjin")
    station = bound("2026-01-01", role="vaccination", province="tianjin")

    assert obligations.target(plain, "collect", NONE) == 100
    assert obligations.recipients([one for one in plain if "T21" in one.rule.requires], "collect")
    assert obligations.target(station, "upload", frozenset({"vaccine"})) == 100
    assert obligations.target(station, "upload", NONE) is None


@pytest.mark.requirement("T25")
def test_key_varieties_have_rows_of_their_own() -> None:
    found = bound("2025-11-01", role="wholesaler", province="shandong")
    rows = [one for one in found if "T25" in one.rule.requires]

    assert [one.covers(frozenset({kind})) for one in rows for kind in ("vaccine", "narcotic")] == [
        True,
        True,
    ]
    assert not any(one.covers(NONE) for one in rows)


@pytest.mark.requirement("T19")
def test_who_sells_nothing_that_is_marked_need_not_enrol() -> None:
    plain = bound("2026-01-01", role="wholesaler", province="tianjin")
    special = bound("2026-01-01", "only-unmarked-goods", role="wholesaler", province="tianjin")

    assert asked(plain, "enrol") == {"must"}
    assert asked(special, "enrol") == set()


# -- gates --------------------------------------------------------------------------------------

JULY = date(2025, 7, 1)


@pytest.mark.requirement("T03", "T04", "T05", "I13", "I14")
@pytest.mark.parametrize(
    ("deed", "on", "classes", "coded", "bought", "passage"),
    [
        ("pay", "2025-06-30", NONE, False, None, (True, "free")),
        ("pay", "2025-07-01", NONE, False, None, (False, "no-code")),
        ("pay", "2025-07-01", NONE, True, None, (True, "coded")),
        ("pay", "2026-01-01", PIECES, False, None, (True, "exempt")),
        ("pay", "2026-01-01", PIECES | NARCOTIC, False, None, (True, "exempt")),
        ("pay", "2026-01-01", NONE, False, date(2025, 6, 30), (True, "no-code-stock")),
        ("pay", "2026-01-01", NONE, False, JULY, (False, "no-code")),
        ("purchase", "2026-01-01", NONE, False, None, (False, "no-code")),
        ("purchase", "2026-01-01", NONE, True, None, (True, "coded")),
        ("receive", "2026-01-01", NONE, False, None, (False, "no-code")),
        ("receive", "2026-01-01", NARCOTIC, True, None, (True, "coded")),
    ],
)
def test_the_three_gates(
    deed: obligations.Deed,
    on: str,
    classes: frozenset[str],
    coded: bool,
    bought: date | None,
    passage: tuple[bool, str],
) -> None:
    rules = bound(on, "designated", role="hospital", province="tianjin")

    found = obligations.gate(rules, deed, classes, coded=coded, no_code_bought=bought)

    assert found[:2] == passage
    assert (found.against is None) == found.open
    assert found.why in obligations.PASSAGES


@pytest.mark.requirement("I13", "I14")
def test_a_draft_gate_spares_what_was_bought_before_its_day() -> None:
    rules = bound("2026-09-01", role="pharmacy", province="liaoning", drafts=DRAFT_S1)
    before = bound("2026-08-31", role="pharmacy", province="liaoning", drafts=DRAFT_S1)

    def passage(rules: list[Obligation], bought: date | None) -> str:
        return obligations.gate(rules, "purchase", NONE, coded=False, no_code_bought=bought).why

    assert passage(before, None) == "free"
    assert passage(rules, None) == "no-code"
    assert passage(rules, date(2026, 8, 31)) == "no-code-stock"
    assert passage(rules, date(2026, 9, 1)) == "no-code"


@pytest.mark.requirement("T04")
def test_only_who_is_paid_by_the_insurance_has_a_gate_for_pay() -> None:
    private = bound("2026-01-01", role="hospital", province="tianjin")

    assert obligations.gate(private, "pay", NONE, coded=False) == Passage(True, "free", None)


@given(
    profile=st.builds(
        Profile,
        province=st.sampled_from([None, *obligations.WORDS["province"]]),
        role=st.sampled_from(obligations.WORDS["role"]),
        traits=st.frozensets(st.sampled_from(obligations.WORDS["traits"])),
        drafts=st.just(DRAFT_S1 | DRAFT_S2),
    ),
    on=st.dates(date(2025, 1, 1), date(2031, 1, 1)),
    classes=st.frozensets(st.sampled_from(obligations.WORDS["products"])),
    deed=st.sampled_from(["purchase", "receive", "pay"]),
)
def test_codes_open_every_gate_and_only_rules_shut_one(
    profile: Profile, on: date, classes: frozenset[str], deed: obligations.Deed
) -> None:
    rules = obligations.in_force(profile, on, NOTICES)

    assert obligations.gate(rules, deed, classes, coded=True).open
    bare = obligations.gate(rules, deed, classes, coded=False)
    asks = any(deed in one.rule.gates and not classes & one.notice.exempt for one in rules)
    assert bare.open == (not asks)


# -- what is exempt, and who is told ------------------------------------------------------------


@pytest.mark.requirement("T17")
def test_exempt_goods_are_outside_a_duty_where_the_notice_says_so() -> None:
    tianjin = bound("2026-01-01", "designated", role="hospital", province="tianjin")
    shanxi = bound("2026-12-31", "village", "designated", role="hospital", province="shanxi")

    assert obligations.exempt(tianjin, "collect", PIECES)
    assert obligations.target(tianjin, "collect", PIECES) is None
    assert not obligations.exempt(tianjin, "collect", NONE)
    assert not obligations.exempt(shanxi, "collect", PIECES)  # this notice exempts nothing


@pytest.mark.requirement("T26")
def test_what_is_exempt_is_data() -> None:
    profile = Profile("shandong", "hospital")
    text = f'{HEAD}exempt = ["vaccine"]\n{ROW}do = ["scan-in"]\n'
    wider = obligations.in_force(profile, JULY, [obligations.read("own.toml", text)])
    text = f'{HEAD}{ROW}do = ["scan-in"]\n'
    plain = obligations.in_force(profile, JULY, [obligations.read("own.toml", text)])

    assert obligations.exempt(wider, "scan-in", frozenset({"vaccine"}))
    assert not obligations.exempt(plain, "scan-in", frozenset({"vaccine"}))


def test_what_is_only_encouraged_has_no_target_to_miss() -> None:
    text = f'{HEAD}{ROW}do = ["collect"]\ntarget = 95\n'
    found = []
    for weight in ("must", "encouraged"):
        notice = obligations.read("own.toml", f'{text}weight = "{weight}"\n')
        rules = obligations.in_force(Profile("shandong", "hospital"), JULY, [notice])
        found.append(obligations.target(rules, "collect", NONE))

    assert found == [95, None]


@pytest.mark.requirement("I10", "C19")
@pytest.mark.parametrize(
    ("role", "traits", "told"),
    [
        ("wholesaler", (), ("insurance", "drug-regulator")),
        ("pharmacy", (), ("insurance", "drug-regulator")),
        ("hospital", (), ("insurance", "drug-regulator", "health")),
        ("hospital", ("work-injury",), ("insurance", "drug-regulator", "health", "labour")),
    ],
)
def test_suspected_reflux_is_reported_to_those_who_must_know(
    role: str, traits: tuple[str, ...], told: tuple[str, ...]
) -> None:
    rules = bound("2026-01-01", *traits, role=role, province="tianjin")

    assert obligations.recipients(rules, "seal-and-report") == told


@pytest.mark.requirement("O13", "O14")
def test_uploads_go_where_the_kind_of_institution_says() -> None:
    def route(province: str, *traits: str) -> set[str]:
        rules = bound("2025-08-01", *traits, role="hospital", province=province)
        return set(obligations.recipients(rules, "upload"))

    assert route("tianjin", "designated") == {"nhsa"}
    assert route("tianjin") == {"holder-system"}
    assert route("shanxi", "designated") == {"holder-system", "nhsa"}


# -- the files ----------------------------------------------------------------------------------


def test_names_are_unique_and_drafts_are_marked() -> None:
    assert len({one.name for one in NOTICES}) == len(NOTICES) == 5
    assert {one.seed for one in NOTICES if one.draft} == {"S1", "S2"}
    assert {one.seed for one in NOTICES} == {"S0", "S1", "S2", "S3", "S4"}


@pytest.mark.parametrize("notice", NOTICES, ids=lambda one: one.name)
def test_every_row_can_bind_somebody(notice: Notice) -> None:
    for rule in notice.rules:
        day = max(filter(None, (rule.starts, notice.starts, date(2026, 1, 1))))
        traits = rule.all_of | frozenset(sorted(rule.any_of)[:1])
        drafts = frozenset({notice.name}) if notice.draft else NONE
        profile = Profile(notice.province, rule.roles[0], traits, drafts)
        day = min(day, rule.until or day)
        assert Obligation(notice, rule) in obligations.in_force(profile, day, NOTICES)


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("name = ", "own.toml: not TOML: ", "text stands in quotes, numbers and days do not"),
        (
            HEAD.replace("shandong", "shandogn") + "rules = []",
            "own.toml: province = \"shandogn\": invalid enum value 'shandogn'",
            "did you mean `shandong`?",
        ),
        (
            f'{HEAD}{ROW}do = ["scan_in"]',
            "own.toml: rules[0].do[0] = \"scan_in\": invalid enum value 'scan_in'",
            "did you mean `scan-in`?",
        ),
        (
            f'{HEAD}exempt = ["xyz"]\n{ROW}do = ["scan-in"]',
            "own.toml: exempt[0] = \"xyz\": invalid enum value 'xyz'",
            "known here: tcm-pieces, tcm-granules, ",
        ),
        (
            f'{HEAD}like.hospitl = "hospital"\n{ROW}do = ["scan-in"]',
            'own.toml: like = {"hospitl": "hospital"}: invalid enum value \'hospitl\'',
            "did you mean `hospital`?",
        ),
        (
            f'{HEAD}{ROW}do = ["scan-in"]\nfrm = 2026-01-01',
            'own.toml: rules[0].frm = "2026-01-01": no such key',
            "take it away, or correct its name",
        ),
        (
            f'{HEAD}{ROW}do = ["scan-in"]\nfrom = "soon"',
            'own.toml: rules[0].from = "soon": invalid RFC3339 encoded date',
            "write the day without quotes, such as 2026-01-01",
        ),
        (
            f'{HEAD}{ROW}do = ["upload"]\ntarget = 120',
            "own.toml: rules[0].target = 120: expected int <= 100",
            "choose a number in that range",
        ),
        (
            f'{HEAD}{ROW}do = ["upload"]\ntarget = "95"',
            'own.toml: rules[0].target = "95": expected int | null, got str',
            "write the number without quotes",
        ),
        (f"{HEAD}{ROW}", "own.toml: rules[0] = {", ""),
        (
            f'{HEAD}{ROW}do = ["upload"]\nfrom = 2026-02-01\nuntil = 2026-01-31',
            "own.toml: rules[0] = {",
            "",
        ),
        (HEAD, "own.toml: object missing required field rules", "write that key"),
    ],
)
def test_a_wrong_notice_is_told(text: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        obligations.read("own.toml", text)

    assert caught.value.what.startswith(what)
    assert caught.value.hint.startswith(hint)


def test_the_page_names_every_notice_and_every_word() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    words = [one.name for one in NOTICES] + list(obligations.PASSAGES)
    for key in ("role", "traits", "products"):
        words += obligations.WORDS[key]

    assert [word for word in words if f"`{word}`" not in page] == []
