"""Labels pass real engines, firmware, broker, agent and receiver; parts are killed on the way."""

from pathlib import Path

import pytest

from simulator import demo
from simulator.view import columns


@pytest.mark.requirement("O15", "X06")
@pytest.mark.parametrize(
    ("seed", "struck", "host_faults"),
    [
        (1, ("agent", "broker"), ""),
        (2, ("link", "receiver", "link"), "lost@2,half@4,500@6-7,slow@9,429@11"),
        (3, ("broker", "link", "agent", "agent"), "lost@3"),
    ],
    ids=["kills", "cut link and a bad receiver", "everything"],
)
def test_nothing_is_lost_doubled_or_made_up(
    tmp_path: Path, seed: int, struck: tuple[str, ...], host_faults: str
) -> None:
    outcome = demo.run(tmp_path, seed, 200, 10, lambda *_: None, struck, host_faults)

    told = "\n".join(str(finding) for finding in outcome.result.findings)
    counts = columns(outcome.result)
    assert outcome.ok, f"{counts} complete={outcome.complete} verified={outcome.verified}\n{told}"
    assert counts["scanned"] > 200
    assert counts["scanned"] == counts["signalled"] == counts["booked"] == counts["forwarded"]
