"""Each pattern is told from every other by sound alone and by light alone."""

from pathlib import Path

from firmware.core import signal

ROWS = [row for row in signal.TABLE if row]
OPERATE = Path(__file__).parents[2] / "docs" / "operate.md"


def test_light_alone_and_sound_alone_tell_the_patterns_apart() -> None:
    assert len({light for _, light, _ in ROWS}) == len(ROWS)
    assert len({sound for _, _, sound in ROWS}) == len(ROWS)


def test_the_operator_reads_the_table_that_the_firmware_uses() -> None:
    page = OPERATE.read_text()
    for name, (colour, times, on_ms), (hertz, beeps, beep_ms) in ROWS:
        lines = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
        assert len(lines) == 1, name
        assert f"| {colour}, {times} × {on_ms} ms |" in lines[0]
        assert f"| {hertz} Hz, {beeps} × {beep_ms} ms |" in lines[0]


class Lamp:
    def __init__(self) -> None:
        self.shown: list[tuple[int, int]] = []

    def show(self, pattern: int, seq: int) -> None:
        self.shown.append((pattern, seq))


def test_a_decision_of_a_newer_agent_is_never_shown_as_good() -> None:
    lamp = Lamp()
    signals = signal.Signals(lamp)  # type: ignore[arg-type]

    signals.verdict(0, 77)

    assert lamp.shown == [(signal.HOLD, 0)]
