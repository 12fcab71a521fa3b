"""A store that was filled for a measurement knows its units, and its stations their document."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from edge_agent.bench.fill import fill
from edge_agent.store import documents
from edge_agent.store.sqlite import View


@pytest.mark.parametrize("order", [(), ("--random-codes",)], ids=["as makers number", "random"])
def test_units_are_known_and_a_document_is_open(tmp_path: Path, order: tuple[str, ...]) -> None:
    settings = tmp_path / "agent.toml"
    settings.write_text('site = "demo"', "utf-8")
    words = ["-c", str(settings), "--units", "3000", "--stations", "dock-1,dock-2", *order]

    assert CliRunner().invoke(fill, words).exit_code == 0

    view = View(tmp_path / "scandock.db")
    with view.read() as tx:
        (known,) = tx.execute("SELECT count(*) FROM code").fetchone()
        bound = [documents.bound(tx, name) for name in ("dock-1", "dock-2", "dock-3")]
    view.close()
    assert known == 3000
    assert [one.number if one else "" for one in bound] == ["BENCH", "BENCH", ""]
