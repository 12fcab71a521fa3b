"""MQTT 3.1.1 from the client's side, without I/O: octets and time in, packets and events out.

For one subscription and one topic to publish on, in a session that outlives the connection, with a
retained state and will. Whoever owns the stream calls ``opened``, then ``next_out`` and ``written``
for what is to be written, ``feed`` for what was read, ``tick`` every few dozen milliseconds,
``lost`` when the stream ends; and closes the stream once ``open`` is False. Nothing here waits,
reads a clock, or raises because of what a broker sends. Everything is bounded, and made at
construction.

Source: OASIS MQTT Version 3.1.1; its conformance statements in brackets.
"""

from firmware.mqtt import counts, packets
from firmware.mqtt.alive import KeepAlive, TakeOver
from firmware.mqtt.inbound import Inbound
from firmware.mqtt.outbound import Outbound
from firmware.mqtt.slots import Packet, Publish, Slots
from protocol.compat import const

# Events of ``feed``.
NOTHING = const(0)
UP = const(1)  # the broker took us in; ``session_present`` says whether it remembers us
MESSAGE = const(2)  # ``inbound[start:end]``; call ``done`` when it was dealt with

_QOS = const(0x06)  # of the first octet of PUBLISH
_GRANTED_MAX = const(2)
_REFUSED = const(0x80)


class Core:
    """One cradle's view of its broker.

    Attributes:
        open: the stream is in use. False: close it; ``why``, a number of ``counts``, says why.
        connected: CONNACK has come; publishes go out.
        session_present: at the last CONNACK the broker remembered us.
        subscribe_refused: on this connection we can publish, but hear nothing.
        event: what ``feed`` stopped for.
        inbound, start, end: the message of the event MESSAGE.
        out: its ``buf[start:end]`` is what ``next_out`` handed out.
        payload_at, payload_max: where a payload begins in ``buffer(slot)``, and its most octets.
        counts: by the numbers of firmware.mqtt.counts.
    """

    def __init__(
        self,
        client_id: str,
        down: str,
        up: str,
        state: str,
        birth: bytes,
        will: bytes,
        keep_alive_s: int = 30,
        slots: int = 8,
        packet_max: int = 1400,
        inbound_max: int = 2048,
        ack_timeout_ms: int = 10000,
        connect_timeout_ms: int = 10000,
    ) -> None:
        """
        Args:
            down: the topic to subscribe to; no wildcards.
            birth, will: retained payloads of the topic ``state``, while connected and after.
            keep_alive_s: 1..65535.
            slots: how many publishes may be on their way at once.
            packet_max: octets of the largest publish, topic and header included.
            inbound_max: octets of the largest inbound packet, its fixed header not counted.
        """
        self.down = down
        self._down = down.encode()
        topic = state.encode()
        subscribe = packets.subscribe(self._down)
        retained = packets.retained(topic, birth)
        self._slots = Slots(slots, packet_max, up.encode())
        self.out = Outbound(
            packets.connect(client_id.encode(), keep_alive_s, topic, will),
            Packet(subscribe, packets.id_at(subscribe, self._down)),
            Publish(retained, packets.id_at(retained, topic)),
            self._slots,
        )
        self.payload_at = self._slots.payload_at
        self.payload_max = self._slots.payload_max
        self._in = Inbound(inbound_max)
        self.inbound = self._in.buf
        self.start = 0
        self.end = 0
        self.event = NOTHING
        self._message_id = 0
        self._alive = KeepAlive(keep_alive_s)
        self._take_over = TakeOver()
        self._ack_timeout_ms = ack_timeout_ms
        self.connect_timeout_ms = connect_timeout_ms
        self.counts = counts.zeros()
        self.why = 0
        self.open = False
        self.connected = False
        self.session_present = False
        self.subscribe_refused = False
        self._since_ms = 0  # opened, then connected

    # Publishing.

    def in_flight(self) -> int:
        """How many publishes wait, or are sent and not acknowledged."""
        return self._slots.in_flight

    def slowest_ms(self) -> int:
        """The longest that a publish has waited for its PUBACK, outages included."""
        return self._slots.slowest_ms

    def reserve(self) -> int:
        """Return a slot whose buffer may be written to; -1 if none is free or not connected."""
        return self._slots.reserve() if self.connected else -1

    def buffer(self, slot: int) -> bytearray:
        """The buffer of a reserved slot; a payload begins at ``payload_at``."""
        return self._slots.buffer(slot)

    def publish(self, slot: int, end: int, now_ms: int) -> None:
        """Queue the payload ``buffer(slot)[payload_at:end]``. The buffer is ours from now on.

        Raises:
            ValueError: the slot is not reserved, or ``end`` is outside of it. Nothing was queued.
        """
        self._slots.queue(slot, end, self.out.new_id(), now_ms)

    def forget_all(self) -> None:
        """Drop every publish that was not written on this connection.

        For an uplink that keeps its records elsewhere and cuts its batches anew: it calls this at
        the event UP without a session, when the broker has forgotten what was on the way and
        nothing is written yet. Who does not call it has everything sent as new. With a session the
        core repeats what was on the way [MQTT-4.4.0-1], and nobody may call it.
        """
        self._slots.forget()

    # The connection.

    def opened(self, now_ms: int) -> None:
        """There is a new stream."""
        self._since_ms = now_ms
        self.subscribe_refused = False
        self.out.open(now_ms)
        self._in.reset()
        self._alive.reset()
        self.open = True

    def lost(self, now_ms: int) -> None:
        """The peer ended or reset the stream."""
        if self.connected and self._take_over.ended(now_ms - self._since_ms):
            self.counts[counts.SAME_ID_TWICE] += 1
        self._close(counts.PEER_CLOSED)

    def same_id_twice(self) -> bool:
        """Say whether it looks as if a second client used our id."""
        return self._take_over.suspected

    def _close(self, reason: int) -> None:
        if not self.open:
            return
        self.counts[reason] += 1
        self.why = reason
        self.open = False
        self.connected = False
        self.out.close()

    def tick(self, now_ms: int) -> bool:
        """See to what time alone brings about. Say whether there is something new to write."""
        if not self.open:
            return False
        age_ms = now_ms - self._since_ms
        if not self.connected:
            if age_ms >= self.connect_timeout_ms:
                self._close(counts.CONNECT_TIMEOUT)
            return False
        self._take_over.lasts(age_ms)
        if self.out.stalled(now_ms, self._ack_timeout_ms):
            self._close(counts.STALLED)
        elif self.out.overdue(now_ms, self._ack_timeout_ms):
            # On a live connection nothing is repeated: only a new one cures a lost PUBACK.
            self._close(counts.ACK_OVERDUE)
        elif self._alive.overdue(now_ms):
            self._close(counts.PING_OVERDUE)
        elif self._alive.due(now_ms) and not self.out.clogged():
            self.out.ping()
            self._alive.pinged(now_ms)
            self.counts[counts.PINGS] += 1
            return True
        return False

    # Writing.

    def next_out(self, now_ms: int) -> bool:
        """Hand out ``out.buf[out.start:out.end]``, whole packets to be written with one call.

        They stay untouched until ``written``. False: there is nothing to write for now.
        """
        return self.open and self.out.next(now_ms)

    def written(self, now_ms: int) -> None:
        """What was handed out has been written."""
        if not self.open:
            return
        first = self.out.buf[self.out.start]
        if first & 0xF0 == packets.PUBLISH:
            self.counts[counts.PUBLISHED] += 1
            if first & packets.DUP:
                self.counts[counts.RESENT] += 1
        self.out.written(now_ms)
        self._alive.wrote(now_ms)

    # Reading.

    def clogged(self) -> bool:
        """Say whether ``feed`` takes nothing until ``written``: too many answers wait."""
        return self.out.clogged()

    def feed(self, chunk: "bytearray | bytes", at: int, end: int, now_ms: int) -> int:
        """Take octets ``chunk[at:end]`` up to and including the next event.

        Returns:
            the offset after the last octet taken; ``event`` says what was found. Without an event
            everything was taken, unless ``clogged``.
        """
        self.event = NOTHING
        while at < end and self.open and self.event == NOTHING and not self.out.clogged():
            at = self._in.feed(chunk, at, end)
            if self._in.fault:
                self._close(self._in.fault)
            elif self._in.ready:
                self._take(now_ms)
        return at if self.open else end

    def _take(self, now_ms: int) -> None:
        first = self._in.first
        body = self._in.buf
        if not self.connected:
            if first == packets.CONNACK:
                self._connack(body[0], body[1], now_ms)
            else:
                self._close(counts.BEFORE_CONNACK)
        elif first & 0xF0 == packets.PUBLISH:
            self._message(first)
        elif first == packets.PINGRESP:
            self._alive.answered()
        elif first == packets.CONNACK:
            self._close(counts.BAD_TYPE)
        else:
            self._acknowledgement(first, body[0] << 8 | body[1], now_ms)

    def _connack(self, flags: int, code: int, now_ms: int) -> None:
        if flags > 1 or code > counts.REFUSED_AUTHORIZATION - counts.REFUSED_VERSION + 1:
            self._close(counts.MALFORMED)
            return
        if code:
            self._close(counts.REFUSED_VERSION + code - 1)
            return
        self.session_present = flags == 1
        if self.counts[counts.CONNECTED] and not self.session_present:
            self.counts[counts.SESSION_LOST] += 1
        self.counts[counts.CONNECTED] += 1
        self.connected = True
        self._since_ms = now_ms
        self.out.accepted(self.session_present)
        self.event = UP

    def _acknowledgement(self, first: int, packet_id: int, now_ms: int) -> None:
        if packet_id == 0:
            self._close(counts.MALFORMED)
        elif first == packets.PUBREL:
            self.out.answer(packets.PUBCOMP, packet_id)
        elif first == packets.SUBACK:
            self._suback(packet_id, self._in.buf[2])
        elif self.out.acknowledge(packet_id, now_ms):
            self.counts[counts.ACKNOWLEDGED] += 1
        else:
            self.counts[counts.ACK_UNKNOWN] += 1

    def _suback(self, packet_id: int, code: int) -> None:
        if code > _GRANTED_MAX and code != _REFUSED:
            self._close(counts.MALFORMED)
        elif not self.out.granted(packet_id):
            self.counts[counts.ACK_UNKNOWN] += 1
        elif code == _REFUSED:
            self.subscribe_refused = True
            self.counts[counts.SUBSCRIBE_REFUSED] += 1

    def _message(self, first: int) -> None:
        body = self._in.buf
        topic_end = 2 + (body[0] << 8 | body[1])
        self.start = topic_end + 2 if first & _QOS else topic_end
        self.end = self._in.length
        if topic_end == 2 or self.start > min(self.end, len(body)):
            # No topic, or none that ends; or longer than our buffer, so that its id is gone.
            self._close(counts.MALFORMED)
            return
        self._message_id = body[topic_end] << 8 | body[topic_end + 1] if first & _QOS else 0
        if first & _QOS and self._message_id == 0:
            self._close(counts.MALFORMED)
        elif self.end > len(body):
            # Acknowledged all the same: otherwise it would come again on each connection, and stop
            # what is behind it.
            self.counts[counts.TOO_LARGE] += 1
            self.done()
        elif body[2:topic_end] != self._down:
            # An older firmware's subscription lives on in the session.
            self.counts[counts.FOREIGN_TOPIC] += 1
            self.done()
        else:
            self.counts[counts.RECEIVED] += 1
            if first & packets.DUP:
                self.counts[counts.RECEIVED_AGAIN] += 1
            self.event = MESSAGE

    def done(self) -> None:
        """The message was dealt with: acknowledge it. Until then the broker keeps it for us."""
        qos = self._in.first & _QOS
        # Of QoS 2, for which we never ask, only the handshake is kept: each PUBLISH is delivered,
        # and each PUBREL answered. The layer above takes a message twice without harm.
        if qos:
            answer = packets.PUBACK if qos == packets.QOS_1 else packets.PUBREC
            self.out.answer(answer, self._message_id)
