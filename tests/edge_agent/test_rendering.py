"""A code is written in the form its platform wants, whole or not at all."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.domain.rendering import TEMPLATES, Rendering, RenderingError
from edge_agent.domain.typed import octets
from edge_agent.errors import ConfigError
from protocol import codes

MSFX = b"89999999000000000018"
GTIN = b"08999999000011"
GS1 = b"01" + GTIN + b"219A-1(x\x1d1728123110LOT9"
SSCC = b"00989999999000000017"
ARTICLE = b"6999999000013"


def render(template: str, symbology: bytes, data: bytes, width: int | None = None) -> str:
    return Rendering(template, width).text(codes.classify(symbology, data), data)


@pytest.mark.parametrize(
    ("template", "symbology", "data", "text"),
    [
        ("raw", b"C0", MSFX, MSFX.decode()),
        ("raw", b"d2", GS1, GS1.decode()),
        ("raw", b"A0", b"SHELF-1", "SHELF-1"),
        ("digits", b"C0", MSFX, MSFX.decode()),
        ("digits", b"C1", SSCC, "989999999000000017"),
        ("digits", b"E0", ARTICLE, ARTICLE.decode()),
        ("digits", b"Q1", b"https://trace.example/c?code=" + MSFX, MSFX.decode()),
        ("raw", b"Q1", b"https://trace.example/c?code=9", "https://trace.example/c?code=9"),
        ("ai-brackets", b"d2", GS1, r"(01)08999999000011(21)9A-1\(x(17)281231(10)LOT9"),
        ("ai-brackets", b"C1", SSCC, "(00)989999999000000017"),
        ("ai-plain", b"d2", GS1, "0108999999000011219A-1(x1728123110LOT9"),
        ("ai-gs", b"", b"\x1d" + GS1 + b"\x1d", GS1.decode()),
        ("gtin+serial", b"d2", GS1, "089999990000119A-1(x"),
        (
            "digital-link",
            b"d2",
            GS1,
            "https://id.gs1.org/01/08999999000011/10/LOT9/21/9A-1%28x?17=281231",
        ),
        ("digital-link", b"C1", SSCC, "https://id.gs1.org/00/989999999000000017"),
    ],
)
def test_templates(template: str, symbology: bytes, data: bytes, text: str) -> None:
    assert render(template, symbology, data) == text


def test_an_unknown_template_is_refused_with_the_list() -> None:
    with pytest.raises(ConfigError, match='no template "brackets"') as caught:
        Rendering("brackets")
    assert caught.value.hint == f"choose one of {', '.join(TEMPLATES)}"


def test_a_field_without_width_is_refused() -> None:
    with pytest.raises(ConfigError, match="width = 0"):
        Rendering("raw", 0)


def test_a_link_has_the_stem_of_its_profile() -> None:
    code = codes.classify(b"C1", SSCC)
    own = Rendering("digital-link", stem="https://trace.example/p/").text(code, SSCC)

    assert own == "https://trace.example/p/00/989999999000000017"
    with pytest.raises(ConfigError, match=r'stem = "trace\.example"'):
        Rendering("digital-link", stem="trace.example")


def test_elements_that_make_no_link_are_refused() -> None:
    with pytest.raises(RenderingError, match="no primary key"):
        render("digital-link", b"d2", b"10LOT9")


@pytest.mark.parametrize(
    ("template", "symbology", "data"),
    [
        ("digital-link", b"C0", MSFX),
        ("gtin+serial", b"C0", MSFX),
        ("gtin+serial", b"d2", b"01" + GTIN + b"10LOT9"),
        ("ai-brackets", b"C0", MSFX),
        ("ai-plain", b"E0", ARTICLE),
        ("ai-gs", b"A0", b"SHELF-1"),
        ("digits", b"d2", GS1),
        ("digits", b"C0", MSFX[:19]),
    ],
)
def test_a_template_that_does_not_fit_the_kind_is_refused(
    template: str, symbology: bytes, data: bytes
) -> None:
    with pytest.raises(RenderingError, match=f"template {template}".replace("+", r"\+")):
        render(template, symbology, data)


def test_data_identifiers_are_not_written_as_application_identifiers() -> None:
    envelope = b"[)>\x1e06\x1d8P" + GTIN + b"\x1dS9A1\x1e\x04"

    assert render("raw", b"d1", envelope) == envelope.decode()
    for template in ("ai-brackets", "gtin+serial"):
        with pytest.raises(RenderingError, match=re.escape(f"is PPN: template {template}")):
            render(template, b"d1", envelope)


def test_what_is_too_long_is_refused_with_both_lengths() -> None:
    with pytest.raises(RenderingError) as caught:
        render("ai-brackets", b"d2", GS1, 30)
    assert caught.value.what == (
        r"(01)08999999000011(21)9A-1\\(x(17)281231(10)LOT9 has 47 characters, the field takes 30"
    )
    assert len(render("ai-brackets", b"d2", GS1, 100)) == 47
    assert len(render("gtin+serial", b"d2", GS1, 30)) == 20


def test_octets_without_a_character_set_are_refused() -> None:
    with pytest.raises(RenderingError, match=r"a\\xe4b has octets"):
        render("raw", b"Q1", b"a\xe4b")


VALUES = st.text(st.sampled_from("0123456789AZaz!()*+-/_"), min_size=1, max_size=20)
FRAMES = st.one_of(
    st.builds(lambda n: (b"C0", b"8%019d" % n), st.integers(0, 10**19 - 1)),
    st.builds(
        lambda serial, lot: (b"d2", b"01%b21%b\x1d10%b" % (GTIN, serial.encode(), lot.encode())),
        VALUES,
        VALUES,
    ),
    st.tuples(st.just(b"Q1"), st.binary(max_size=40)),
)


@given(st.sampled_from(sorted(TEMPLATES)), FRAMES, st.integers(1, 60))
@settings(max_examples=200, deadline=None)
def test_a_width_refuses_or_changes_nothing(
    template: str, frame: tuple[bytes, bytes], width: int
) -> None:
    try:
        whole = render(template, *frame)
    except RenderingError:
        with pytest.raises(RenderingError):
            render(template, *frame, width)
        return
    if len(whole) <= width:
        assert render(template, *frame, width) == whole
    else:
        with pytest.raises(RenderingError, match=f"{len(whole)} characters.* {width}\n"):
            render(template, *frame, width)


@given(FRAMES)
@settings(max_examples=100, deadline=None)
def test_what_is_written_with_all_elements_names_the_same_unit_when_it_is_typed(
    frame: tuple[bytes, bytes],
) -> None:
    code = codes.classify(*frame)
    if code.kind != codes.GS1_TRACE:
        return
    for template in ("ai-brackets", "ai-gs", "digital-link"):
        again = codes.classify(*octets(render(template, *frame)))

        assert (again.kind, again.key) == (code.kind, code.key)
