"""Writes the cradle's tables of application identifiers from the GS1 Barcode Syntax Dictionary.

    python -m simulator.gs1_dictionary [DICTIONARY.json] [--check]

Two modules of `protocol/`: the whole table, and the part of it that stands on medicines. They are
octets and nothing else, so that a frozen build reads them from flash. With ``--check``
nothing is written; exit code 1 says that a table is not the dictionary's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from protocol import gs1_ai, gs1_rules, gs1_rules_rare

ROOT = Path(__file__).parents[1]
WHOLE = ROOT / "protocol" / "gs1_table_whole.py"
PHARMA = ROOT / "protocol" / "gs1_table_pharma.py"
DICTIONARY = (
    Path(os.environ.get("SCANDOCK_SHARED_DATA", ROOT.parent / "shared" / "data"))
    / "gs1_syntax_dictionary.json"
)

# What is printed on medicines, devices and their logistic units, and every key that a Digital
# Link can begin with. "n" is any digit.
PHARMA_AIS = (
    *("00", "01", "02", "10", "11", "13", "15", "16", "17", "20", "21", "22", "235", "240", "241"),
    *("243", "250", "251", "253", "254", "255", "30", "310n", "330n", "37", "400", "401", "402"),
    *("403", "410", "411", "412", "413", "414", "415", "416", "417", "420", "421", "422", "7003"),
    *("7004", "7040", "71n", "7240", "8003", "8004", "8006", "8008", "8010", "8011", "8012"),
    *("8013", "8017", "8018", "8019", "8020", "9n"),
)
# The identifiers that most often stand together get a bit of their own, see ``_bits``.
_OWN_BIT = (
    "00",
    "01",
    "02",
    "10",
    "11",
    "13",
    "15",
    "17",
    "20",
    "21",
    "22",
    "235",
    "240",
    "30",
    "37",
)
_BITS = 29  # a small integer of a 32-bit interpreter has 30, and a sign

# By character set and linters. A numeric value begins with digits anyway, so that nothing is left
# to say about its company prefix.
_RULES = {
    ("N", ()): gs1_rules.DIGITS,
    ("X", ()): gs1_rules.SET82,
    ("Z", ()): gs1_rules.SET64,
    ("N", ("csum", "gcppos1")): gs1_rules.KEY,
    ("N", ("csum", "gcppos2")): gs1_rules.KEY,
    ("X", ("gcppos1",)): gs1_rules.PREFIXED,
    ("Y", ("gcppos1",)): gs1_rules.PREFIXED39,
    ("X", ("csumalpha", "gcppos1")): gs1_rules.MODEL,
    ("N", ("pieceoftotal",)): gs1_rules.PIECES,
    ("N", ("yymmd0",)): gs1_rules.DATE0,
    ("N", ("yymmdd",)): gs1_rules.DATE,
    ("N", ("hhmi",)): gs1_rules.TIME,
    ("N", ("hh",)): gs1_rules.HOUR,
    ("N", ("mi",)): gs1_rules.SIXTIETH,
    ("N", ("ss",)): gs1_rules.SIXTIETH,
    ("N", ("iso3166",)): gs1_rules.COUNTRY,
    ("N", ("mediatype",)): gs1_rules.MEDIA,
    ("N", ("nozeroprefix",)): gs1_rules.NO_LEADING_ZERO,
    ("N", ("zero",)): gs1_rules.ZERO,
    ("X", ("csumalpha", "gcppos1", "hasnondigit")): gs1_rules_rare.MODEL_LETTERED,
    ("N", ("iso3166999",)): gs1_rules_rare.COUNTRY_OR_999,
    ("N", ("iso4217",)): gs1_rules_rare.CURRENCY,
    ("X", ("iso3166alpha2",)): gs1_rules_rare.COUNTRY_LETTERS,
    ("X", ("pcenc",)): gs1_rules_rare.PERCENT,
    ("N", ("latitude",)): gs1_rules_rare.LATITUDE,
    ("N", ("longitude",)): gs1_rules_rare.LONGITUDE,
    ("N", ("yesno",)): gs1_rules_rare.YES_NO,
    ("X", ("hyphen",)): gs1_rules_rare.HYPHEN,
    ("X", ("importeridx",)): gs1_rules.IMPORTER,
    ("X", ("packagetype",)): gs1_rules_rare.PACKAGE,
    ("N", ("yyyymmdd",)): gs1_rules_rare.LONG_DATE,
    ("N", ("iso5218",)): gs1_rules_rare.SEX,
    ("X", ("posinseqslash",)): gs1_rules_rare.POSITION,
    ("N", ("nonzero",)): gs1_rules_rare.NONZERO,
    ("N", ("winding",)): gs1_rules_rare.WINDING,
    ("X", ("iban",)): gs1_rules_rare.IBAN,
    ("X", ("couponcode",)): gs1_rules_rare.COUPON,
    ("X", ("couponposoffer",)): gs1_rules_rare.OFFER,
}

Entry = dict[str, Any]


def load(path: Path) -> dict[str, Any]:
    """Read a dictionary in the form of gs1_syntax_dictionary.json.

    Raises:
        click.ClickException: there is none, or it is of another form.
    """
    try:
        dictionary = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(
            f"{path}: {error}\n  hint: name the dictionary, or set SCANDOCK_SHARED_DATA"
        ) from error
    if not isinstance(dictionary, dict) or not isinstance(dictionary.get("ais"), list):
        raise click.ClickException(f'{path}: no list "ais" in it')
    return dictionary


def table(dictionary: dict[str, Any], ais: Iterable[str] = ()) -> str:
    """Return the module for the entries whose AI is among the patterns ``ais``; all if none.

    Raises:
        ValueError: the dictionary has a linter that ``protocol`` has no rule for.
    """
    patterns = tuple(ais)
    entries = [
        entry
        for entry in sorted(dictionary["ais"], key=lambda entry: str(entry["ai"]))
        if not patterns or any(_matches(entry["ai"], pattern) for pattern in patterns)
    ]
    runs = [list(run) for _, run in groupby(entries, _RunKey())]
    bits = _bits(runs)
    heads = [0] * 100
    parts: list[bytes] = []
    relations: dict[bytes, int] = {}
    rows = [(bytes(gs1_ai.ROW), "none")]
    for run in runs:
        ai, last = run[0]["ai"], run[-1]["ai"]
        heads[int(ai[:2])] = heads[int(ai[:2])] or len(rows)
        least, most = _lengths(run[0])
        bit, bars = bits[ai]
        relation = _relation(run[0])
        at = relations.setdefault(relation, sum(len(known) for known in relations))
        row = [int(ai[:2]), int(ai[2:] or 0), int(last[2:] or 0), len(ai)]
        row += [len(ai) + most if run[0]["fixed_length_no_fnc1"] else 0, least, most]
        row += [_rule(run[0], parts), bit, *bars.to_bytes(4, "big")]
        row += [int(run[0]["dl_attr"]), *at.to_bytes(2, "big")]
        rows.append((bytes(row), ai if ai == last else f"{ai}..{last}"))
    if len(rows) > 256:
        raise ValueError(f"{len(rows)} rows do not fit one octet")
    source = f"{dictionary['description']}, {dictionary['origin']}; {dictionary['licence']}."
    what = "part that stands on medicines" if patterns else "whole"
    return "\n".join(
        [
            f'"""The application identifiers of GS1, {what}: {len(entries)}. Generated.',
            "",
            *wrap(f"Source: {source}", 96, subsequent_indent="    "),
            "`python -m simulator.gs1_dictionary` writes this anew; protocol.gs1_ai explains it.",
            '"""',
            "",
            "# fmt: off",
            f"WHOLE = {not patterns}",
            *_octets("HEADS", bytes(heads)),
            "ROWS = (",
            *(f"    {_literal(row)}  # {name}" for row, name in rows),
            ")",
            *_octets("PARTS", b"".join(parts)),
            *_octets("RELATIONS", b"".join(relations)),
            *_octets("KEYS", b"".join(_keys(entries))),
            "",
        ]
    )


class _RunKey:
    """Puts neighbours into one run: the same but for their last digits, which have no gap."""

    def __init__(self) -> None:
        self._last: Entry | None = None
        self._number = 0

    def __call__(self, entry: Entry) -> int:
        last, self._last = self._last, entry
        if (
            last is None
            or len(entry["ai"]) == 2
            or entry["ai"][:2] != last["ai"][:2]
            or int(entry["ai"]) != int(last["ai"]) + 1
            or {**entry, "ai": "", "title": ""} != {**last, "ai": "", "title": ""}
        ):
            self._number += 1
        return self._number


def _matches(ai: str, pattern: str) -> bool:
    return len(ai) == len(pattern) and ai.startswith(pattern.rstrip("n"))


def _lengths(entry: Entry) -> tuple[int, int]:
    components = entry["components"]
    least = sum(part["min"] for part in components if not part["optional"])
    return least, sum(part["max"] for part in components)


def _rule(entry: Entry, parts: list[bytes]) -> int:
    """The rule of a value of one part; SEVERAL and the number of its ``parts`` otherwise."""
    flat: list[int] = []
    for part in entry["components"]:
        key = (part["type"], tuple(part["linters"]))
        if key not in _RULES:
            raise ValueError(f"({entry['ai']}): no rule for {key}")
        flat += (int(part["optional"]), part["min"], part["max"], _RULES[key])
    if len(flat) == gs1_ai.PART:
        return flat[-1]
    parted = bytes((len(flat) // gs1_ai.PART, *flat))
    if parted not in parts:
        parts.append(parted)
    return gs1_ai.SEVERAL + parts.index(parted)


def _span(pattern: str) -> bytes:
    """First AI of a pattern as a number, and how many follow; no two AIs are the same number."""
    first = int(pattern.replace("n", "0"))
    return first.to_bytes(2, "big") + bytes([int(pattern.replace("n", "9")) - first])


def _counted(items: list[bytes]) -> bytes:
    return bytes([len(items)]) + b"".join(items)


def _relation(entry: Entry) -> bytes:
    """Spans that must not stand beside it; for each demand, the groups of which one must."""
    attributes = entry["attrs"]
    excluded = [_span(p) for text in attributes.get("ex", ()) for p in text.split(",")]
    demands = [
        _counted([_counted([_span(p) for p in group.split("+")]) for group in text.split(",")])
        for text in attributes.get("req", ())
    ]
    return _counted(excluded) + _counted(demands)


def _bits(runs: list[list[Entry]]) -> dict[str, tuple[int, int]]:
    """For the first AI of each run: a bit, and the bits of all that must not stand beside it.

    Identifiers share bits, so a hit is a reason to look closely, and no hit is an answer. Its own
    bit is among those, because an identifier may not stand there twice with two values.
    """
    own = {ai: number for number, ai in enumerate(_OWN_BIT)}
    shared = _BITS - len(own)
    bit = {
        run[0]["ai"]: own.get(run[0]["ai"], len(own) + number % shared)
        for number, run in enumerate(runs)
    }
    bars = {ai: 1 << number for ai, number in bit.items()}
    for run in runs:
        ai = run[0]["ai"]
        patterns = [p for text in run[0]["attrs"].get("ex", ()) for p in text.split(",")]
        # A signature asks more of these keys than to stand beside it.
        patterns += ["253", "255", "8003"] if ai == "8030" else []
        for other in runs:
            if any(_matches(entry["ai"], p) for p in patterns for entry in other):
                bars[ai] |= 1 << bit[other[0]["ai"]]
                bars[other[0]["ai"]] |= 1 << bit[ai]
    return {ai: (bit[ai], bars[ai]) for ai in bit}


def _keys(entries: list[Entry]) -> Iterator[bytes]:
    """Primary keys of Digital Links, each with the orders in which its qualifiers may follow."""
    for entry in entries:
        for text in entry["attrs"].get("dlpkey", ()):
            orders = [order.split(",") for order in text.split("|")] if text else []
            spans = [_counted([int(ai).to_bytes(2, "big") for ai in order]) for order in orders]
            yield int(entry["ai"]).to_bytes(2, "big") + _counted(spans)


def _literal(octets: bytes) -> str:
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in octets) + '"'


def _octets(name: str, octets: bytes) -> list[str]:
    lines = [octets[at : at + 23] for at in range(0, len(octets), 23)]
    return [f"{name} = (", *(f"    {_literal(line)}" for line in lines), ")"]


@click.command()
@click.argument("dictionary", type=click.Path(path_type=Path), default=DICTIONARY)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a table is another.")
@click.pass_context
def main(ctx: click.Context, dictionary: Path, check: bool) -> None:
    """Write the cradle's tables of GS1 application identifiers."""
    loaded = load(dictionary)
    for path, ais in ((WHOLE, ()), (PHARMA, PHARMA_AIS)):
        text = table(loaded, ais)
        if not check:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            click.echo(f"{path}: not the table of {dictionary}\n  hint: run this without --check")
            ctx.exit(1)


if __name__ == "__main__":
    main()
