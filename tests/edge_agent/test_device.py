"""A cradle is told first what is on disk, then what shall happen with the goods."""

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.connectors.device import Device
from edge_agent.domain.holds import Holds
from edge_agent.domain.model import Answer
from protocol import cbor, reasons, topics, wire
from protocol.shapes import Holds as HoldsMessage
from protocol.shapes import Taken, Verdicts

RULINGS = st.binary(min_size=2, max_size=512).filter(lambda octets: len(octets) % 2 == 0)
RUNS = st.lists(st.tuples(st.integers(0, 2**48 - 1), RULINGS), max_size=3)
ANSWERS = st.builds(
    Answer,
    st.sampled_from(["cradle-1", "cradle-2"]),
    st.binary(min_size=8, max_size=8),
    st.integers(0, 2**48 - 1),
    RUNS,
)


@given(st.lists(ANSWERS, max_size=3))
def test_answers_are_what_the_cradle_reads(answers: list[Answer]) -> None:
    said: list[tuple[str, object]] = []

    def publish(topic: str, octets: bytes) -> None:
        said.append((topic, wire.read_down(cbor.loads(octets))))

    Device("demo", publish).answer(answers)

    due: list[tuple[str, object]] = []
    for device, boot_id, next_seq, runs in answers:
        topic = topics.topic("demo", device, topics.DOWN)
        due.append((topic, Taken(boot_id, next_seq)))
        due += [(topic, Verdicts(boot_id, seq, rulings)) for seq, rulings in runs]
    assert said == due


KEY = int(b"89999999000000000018").to_bytes(9, "big")
NAME = bytes.fromhex("89999999000000000018")


def held(version: int, *keys: bytes) -> Holds:
    return Holds(version, dict.fromkeys(keys, reasons.RECALLED), {}, {})


def test_what_is_held_is_told_when_it_changes_and_to_whoever_announces_himself() -> None:
    said: list[tuple[str, object]] = []
    device = Device(
        "demo", lambda topic, octets: said.append((topic, wire.read_down(cbor.loads(octets))))
    )
    one, other = (topics.topic("demo", name, topics.DOWN) for name in ("one", "other"))

    device.hold(held(0))
    device.heard("one", True)
    assert said == []  # nothing was ever held

    device.hold(held(5, KEY))
    device.hold(held(5, KEY))
    assert said == [(one, HoldsMessage(5, True, [NAME]))]

    device.heard("other", True)
    device.heard("one", True)
    assert said[1:] == [
        (other, HoldsMessage(5, True, [NAME])),
        (one, HoldsMessage(5, True, [NAME])),
    ]

    device.heard("one", False)
    device.hold(held(6))
    assert said[3:] == [(other, HoldsMessage(6, True, []))]
