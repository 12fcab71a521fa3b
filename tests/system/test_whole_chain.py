"""Labels pass real engines, firmware, broker, agent and receiver; parts are killed on the way."""

from pathlib import Path

import pytest

from simulator import demo
from simulator.view import columns


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_doubled_or_made_up(tmp_path: Path, seed: int) -> None:
    outcome = demo.run(tmp_path, seed, packs=200, seconds=10, look=lambda *_: None)

    told = "\n".join(str(finding) for finding in outcome.result.findings)
    counts = columns(outcome.result)
    assert outcome.ok, f"{counts} complete={outcome.complete} verified={outcome.verified}\n{told}"
    assert counts["scanned"] > 200
    assert counts["scanned"] == counts["signalled"] == counts["booked"] == counts["forwarded"]
