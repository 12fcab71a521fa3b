"""Tells the cradles: first what is on disk, then what shall happen with the goods.

Nothing is kept here, and yet no answer is lost for good. A record stays in its cradle until the
cradle has both words on it, and is sent again until then; to whatever a cradle sends again, the
agent answers with both, from the ledger. So it makes no difference whether an answer died with the
agent between commit and publish, in the broker, or on the way. A cradle that announces itself, as
every cradle seems to when agent or broker come back (its retained state), is told its last records
at once, without waiting to be asked (ingest.accept).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cbor2

from edge_agent.domain.model import Answer
from protocol import topics, wire
from protocol.shapes import Taken, Verdicts


class Device:
    """The connector that is first in line after every commit."""

    def __init__(self, site: str, publish: Callable[[str, bytes], None]) -> None:
        self._site = site
        self._publish = publish

    def answer(self, answers: Sequence[Answer]) -> None:
        """Give ``answers``. A verdict never comes before the word that its record is on disk."""
        for answer in answers:
            topic = topics.topic(self._site, answer.device, topics.DOWN)
            self._say(topic, Taken(answer.boot_id, answer.next_seq))
            for seq, rulings in answer.runs:
                self._say(topic, Verdicts(answer.boot_id, seq, rulings))

    def _say(self, topic: str, message: Taken | Verdicts) -> None:
        self._publish(topic, cbor2.dumps(wire.down_item(message)))
