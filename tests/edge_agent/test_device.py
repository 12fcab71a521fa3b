"""A cradle is told first what is on disk, then what shall happen with the goods."""

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.connectors.device import Device
from edge_agent.domain.model import Answer
from protocol import cbor, topics, wire
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
