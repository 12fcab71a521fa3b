"""The cradle between its ports: whatever is read, lost or repeated, each record is signalled once.

The agent here is three lines of the contract: it keeps a high-water mark, and answers `taken` and
verdicts. The link loses and doubles messages as it likes.
"""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from firmware.core import signal
from firmware.core.downlink import Downlink
from firmware.core.holds import Holds
from firmware.core.reader import Reader
from firmware.core.repeat import Repeat
from firmware.core.signal import Signals
from firmware.core.uplink import Uplink
from firmware.core.vitals import DOWN_FOREIGN, DOWN_REFUSED, WINDOW_FULL, Vitals
from protocol import cbor, decisions, reasons, wire
from protocol.framing import FRAME_MAX, LineFramer
from protocol.shapes import FaultRecord, ScanRecord, Taken, Verdicts
from protocol.shapes import Holds as HoldsMessage
from protocol.window import Window

BOOT = b"bootboot"
OTHER = b"another!"


class Clock:
    now = 0

    def now_ms(self) -> int:
        return self.now


class Lamp:
    def __init__(self) -> None:
        self.shown: list[tuple[int, int]] = []

    def show(self, pattern: int, seq: int) -> None:
        self.shown.append((pattern, seq))


class Link:
    """What the uplink needs of the MQTT client; keeps what was published."""

    payload_at = 20
    payload_max = 1300

    def __init__(self) -> None:
        self.up = True
        self.on_the_way = 0
        self.published: list[bytes] = []
        self._buf = bytearray(1400)

    def in_flight(self) -> int:
        return self.on_the_way

    def reserve(self) -> int:
        return 0 if self.up else -1

    def buffer(self, slot: int) -> bytearray:
        return self._buf

    def publish(self, slot: int, end: int, now_ms: int) -> None:
        self.published.append(bytes(self._buf[self.payload_at : end]))

    def forget_all(self) -> None:
        pass


class Cradle:
    def __init__(self, slots: int = 64) -> None:
        self.clock = Clock()
        self.lamp = Lamp()
        self.link = Link()
        self.window = Window(slots, 4096, 300, 5000)
        self.signals = Signals(self.lamp)  # type: ignore[arg-type]
        self.vitals = Vitals()
        self.uplink = Uplink(BOOT, self.clock, self.window, self.link)  # type: ignore[arg-type]
        self.holds = Holds()
        self.downlink = Downlink(
            BOOT,
            self.clock,  # type: ignore[arg-type]
            self.window,
            self.signals,
            self.vitals,
            self.holds,
        )
        self.reader = Reader(
            None,  # type: ignore[arg-type]
            self.clock,  # type: ignore[arg-type]
            LineFramer(200),
            Repeat(300, FRAME_MAX),
            b"NOREAD",
            self.window,
            self.signals,
            self.vitals,
            self.uplink.wake,
            self.holds,
        )

    def engine_says(self, octets: bytes, after_ms: int = 1000) -> None:
        self.clock.now += after_ms
        for at in range(0, len(octets), 256):
            chunk = bytearray(octets[at : at + 256])
            self.reader.take(chunk, len(chunk), self.clock.now)

    def agent_says(self, message: Taken | Verdicts | HoldsMessage) -> None:
        octets = bytearray(cbor.dumps(wire.down_item(message)))
        self.downlink.message(octets, 0, len(octets))

    def sent(self) -> list[ScanRecord]:
        self.uplink.send(self.clock.now)
        records = []
        for octets in self.link.published:
            records += wire.read_batch(cbor.loads(octets)).records
        return records  # type: ignore[return-value]


def verdicts(first: int, *decided: int) -> Verdicts:
    return Verdicts(BOOT, first, bytes(octet for one in decided for octet in (one, reasons.OK)))


def code(serial: int) -> bytes:
    return b"8999999%013d" % (9_000_000_000_000 + serial)


def test_a_label_becomes_a_record_with_its_symbology() -> None:
    cradle = Cradle()
    cradle.engine_says(b"]C0" + code(1) + b"\r\n")

    (record,) = cradle.sent()

    assert record.labels == ((b"C0", code(1), reasons.OK),)
    assert (record.seq, record.at_ms) == (0, 1000)


def test_what_cannot_be_a_code_is_a_record_with_its_reason() -> None:
    cradle = Cradle()
    cradle.engine_says(b"NOREAD\r\n")
    cradle.engine_says(b"]C089999999000000000O18\r")
    cradle.engine_says(b"x" * 400 + b"\n")
    cradle.engine_says(b"89999")
    cradle.clock.now += 200
    cradle.reader.silent(cradle.clock.now)

    assert [record.labels[0].reason for record in cradle.sent()] == [
        reasons.NO_READ,
        reasons.NOT_DIGITS,
        reasons.TOO_LONG,
        reasons.UNTERMINATED,
    ]


def test_a_unit_that_stays_in_the_beam_is_one_read_for_as_long_as_it_stays() -> None:
    cradle = Cradle()
    for _ in range(10):
        cradle.engine_says(code(1) + b"\r", after_ms=200)
    cradle.engine_says(code(2) + b"\r", after_ms=10)
    cradle.engine_says(code(2) + b"\r", after_ms=301)

    assert [record.labels[0].data for record in cradle.sent()] == [code(1), code(2), code(2)]
    assert cradle.reader.repeats == 9


def test_two_boxes_that_were_not_read_are_two_records() -> None:
    cradle = Cradle()
    cradle.engine_says(b"NOREAD\rNOREAD\r", after_ms=1)
    cradle.engine_says(b"]E06999999000013\r]E06999999000013\r", after_ms=1)

    assert len(cradle.sent()) == 4


def test_nothing_is_shown_before_taken() -> None:
    cradle = Cradle()
    cradle.engine_says(code(1) + b"\r")
    cradle.sent()

    cradle.agent_says(verdicts(0, decisions.PASS))
    assert cradle.lamp.shown == []

    cradle.agent_says(Taken(BOOT, 1))
    assert cradle.lamp.shown == []
    cradle.agent_says(verdicts(0, decisions.PASS))
    assert cradle.lamp.shown == [(signal.GOOD, 0)]


def test_answers_for_another_boot_and_for_what_was_not_sent_are_counted_and_change_nothing() -> (
    None
):
    cradle = Cradle()
    cradle.engine_says(code(1) + b"\r")
    cradle.sent()
    cradle.agent_says(Taken(OTHER, 1))
    cradle.agent_says(Taken(BOOT, 2))
    cradle.agent_says(Verdicts(OTHER, 0, bytes((decisions.PASS, 0))))
    cradle.agent_says(verdicts(0, decisions.PASS))
    cradle.downlink.message(bytearray(b"\xff"), 0, 1)

    assert cradle.lamp.shown == []
    assert cradle.window.base == 0
    cradle.link.published.clear()
    while cradle.vitals.report(cradle.window, cradle.clock.now):
        pass
    faults = [(one.fault, one.times) for one in cradle.sent() if isinstance(one, FaultRecord)]
    assert faults == [(DOWN_REFUSED, 1), (DOWN_FOREIGN, 3)]


def test_when_nothing_more_fits_the_cradle_says_so_and_takes_nothing() -> None:
    cradle = Cradle(slots=8)
    for serial in range(10):
        cradle.engine_says(code(serial) + b"\r")

    assert cradle.lamp.shown == [(signal.FULL, -1)] * 2
    assert [record.seq for record in cradle.sent()] == list(range(8))
    cradle.agent_says(Taken(BOOT, 8))
    cradle.agent_says(verdicts(0, *[decisions.PASS] * 8))
    assert cradle.vitals.report(cradle.window, cradle.clock.now)
    cradle.link.published.clear()
    (fault,) = cradle.sent()
    assert (fault.seq, fault.fault, fault.times) == (8, WINDOW_FULL, 2)  # type: ignore[attr-defined]


def test_a_read_that_was_refused_counts_when_it_comes_again_at_once() -> None:
    cradle = Cradle(slots=8)
    for serial in range(9):
        cradle.engine_says(code(serial) + b"\r", after_ms=1)
    cradle.sent()
    cradle.agent_says(Taken(BOOT, 8))
    cradle.agent_says(verdicts(0, *[decisions.PASS] * 8))
    cradle.link.published.clear()

    cradle.engine_says(code(8) + b"\r", after_ms=1)

    assert [record.labels[0].data for record in cradle.sent()] == [code(8)]


def test_a_rush_travels_in_large_batches_and_a_single_label_at_once() -> None:
    cradle = Cradle()
    cradle.engine_says(code(0) + b"\r")
    assert len(cradle.sent()) == 1

    cradle.link.on_the_way = 2
    cradle.engine_says(code(1) + b"\r", after_ms=1)
    assert len(cradle.sent()) == 1
    cradle.engine_says(code(2) + b"\r", after_ms=10)
    assert len(cradle.sent()) == 3
    assert len(cradle.link.published) == 2


def test_nothing_is_sent_into_a_link_that_is_down_and_all_of_it_when_it_is_up() -> None:
    cradle = Cradle()
    cradle.link.up = False
    for serial in range(3):
        cradle.engine_says(code(serial) + b"\r")
    assert cradle.sent() == []

    cradle.link.up = True
    cradle.uplink.connected(session_present=False)
    assert [record.seq for record in cradle.sent()] == [0, 1, 2]


def test_a_held_unit_is_signalled_at_once_and_the_agents_hold_is_not_shown_again() -> None:
    cradle = Cradle()
    cradle.agent_says(HoldsMessage(4, True, [bytes.fromhex(code(1).decode())]))

    cradle.engine_says(b"]C0" + code(1) + b"\r")
    assert cradle.lamp.shown == [(signal.HOLD, 0)]
    cradle.engine_says(b"]C0" + code(2) + b"\r")
    assert len(cradle.lamp.shown) == 1
    assert [one.labels[0].reason for one in cradle.sent()] == [reasons.RECALLED, reasons.OK]

    cradle.agent_says(Taken(BOOT, 2))
    cradle.agent_says(verdicts(0, decisions.HOLD, decisions.HOLD))
    assert cradle.lamp.shown == [(signal.HOLD, 0), (signal.HOLD, 1)]


def test_a_hold_that_is_over_for_the_agent_is_shown_as_what_the_agent_says() -> None:
    cradle = Cradle()
    cradle.agent_says(HoldsMessage(4, True, [bytes.fromhex(code(1).decode())]))
    cradle.engine_says(code(1) + b"\r")
    cradle.sent()

    cradle.agent_says(Taken(BOOT, 1))
    cradle.agent_says(verdicts(0, decisions.REJECT))

    assert cradle.lamp.shown == [(signal.HOLD, 0), (signal.REJECT, 0)]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_whatever_the_agent_is_made_to_say_the_cradle_goes_on(messages: list[bytes]) -> None:
    cradle = Cradle()
    cradle.engine_says(code(1) + b"\r")
    cradle.sent()
    for octets in messages:
        cradle.downlink.message(bytearray(octets), 0, len(octets))

    assert cradle.lamp.shown == []


class LossyLine(RuleBasedStateMachine):
    """A line that loses, doubles and delays what it likes, in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.cradle = Cradle(slots=16)
        self.booked: list[bytes] = []
        self.read: list[bytes] = []
        self.answers: list[Taken | Verdicts] = []

    @rule(count=st.integers(1, 5))
    def read_labels(self, count: int) -> None:
        for _ in range(count):
            octets = code(len(self.read))
            before = self.cradle.window.next_seq
            self.cradle.engine_says(octets + b"\r")
            if self.cradle.window.next_seq > before:
                self.read.append(octets)

    @rule(data=st.data())
    def deliver_some_batches(self, data: st.DataObject) -> None:
        cradle = self.cradle
        cradle.clock.now += 10_000
        cradle.uplink.tick(cradle.clock.now)
        cradle.uplink.send(cradle.clock.now)
        if not cradle.link.published:
            return
        for octets in data.draw(st.lists(st.sampled_from(cradle.link.published), max_size=4)):
            batch = wire.read_batch(cbor.loads(octets))
            for record in batch.records:
                if record.seq == len(self.booked):
                    self.booked.append(record.labels[0].data)  # type: ignore[union-attr]
            self.answers.append(Taken(BOOT, len(self.booked)))
            known = min(len(self.booked), batch.first_seq + len(batch.records)) - batch.first_seq
            if known > 0:
                self.answers.append(verdicts(batch.first_seq, *[decisions.PASS] * known))

    @rule(data=st.data())
    def deliver_some_answers(self, data: st.DataObject) -> None:
        if self.answers:
            for answer in data.draw(st.lists(st.sampled_from(self.answers), max_size=4)):
                self.cradle.agent_says(answer)

    @invariant()
    def what_is_booked_is_what_was_read(self) -> None:
        assert self.booked == self.read[: len(self.booked)]

    @invariant()
    def each_record_is_signalled_once_in_order_and_only_when_booked(self) -> None:
        shown = [seq for pattern, seq in self.cradle.lamp.shown if pattern == signal.GOOD]
        assert shown == list(range(len(shown)))
        assert len(shown) <= len(self.booked)

    def teardown(self) -> None:
        """A line that heals brings every record home."""
        cradle = self.cradle
        for _ in range(60):
            cradle.link.published.clear()
            cradle.clock.now += 10_000
            cradle.uplink.tick(cradle.clock.now)
            cradle.uplink.send(cradle.clock.now)
            for octets in cradle.link.published:
                batch = wire.read_batch(cbor.loads(octets))
                for record in batch.records:
                    if record.seq == len(self.booked):
                        self.booked.append(record.labels[0].data)  # type: ignore[union-attr]
                cradle.agent_says(Taken(BOOT, len(self.booked)))
                cradle.agent_says(verdicts(batch.first_seq, *[decisions.PASS] * len(batch.records)))
        assert self.booked == self.read
        assert cradle.window.base == cradle.window.next_seq


TestLossyLine = LossyLine.TestCase
