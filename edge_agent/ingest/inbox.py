"""The bounded queue in front of the writer: whoever puts into a full one waits, and so slows down
whoever sends."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeAlias

from edge_agent.store.driver import Tx

# Octets of a batch before its records, and of a record of one label of twenty digits.
_HEAD = 26
_RECORD = 15


class Post(NamedTuple):
    """One message as it came.

    Attributes:
        arrived_ms: UTC, milliseconds since 1970.
        receipt: what ``acknowledge`` of the link needs.
    """

    topic: str
    payload: bytes
    arrived_ms: int
    receipt: tuple[int, int]


class Job(NamedTuple):
    """Something else that writes, such as the outbox. The result is there after the commit."""

    work: Callable[[Tx], Any]
    done: Future[Any]


Item: TypeAlias = Post | Job


class Inbox:
    """First in, first out. Any number of threads put, one takes."""

    def __init__(self, items_max: int) -> None:
        self._items: deque[Item] = deque()
        self._items_max = items_max
        self._worth = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> bool:
        """Add ``item``, waiting for room; False once the inbox is closed."""
        with self._changed:
            while len(self._items) >= self._items_max and not self._closed:
                self._changed.wait()
            if self._closed:
                return False
            self._items.append(item)
            self._worth += _worth(item)
            self._changed.notify_all()
        return True

    def take(self, worth: int, linger_s: float) -> list[Item]:
        """Wait for an item, then for more, until they are about ``worth`` records or ``linger_s``
        has passed. Empty only when the inbox is closed and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            self._changed.wait_for(lambda: self._worth >= worth or self._closed, linger_s)
            taken: list[Item] = []
            left = worth
            while self._items and left > 0:
                item = self._items.popleft()
                taken.append(item)
                left -= _worth(item)
            self._worth -= worth - left
            self._changed.notify_all()
        return taken

    def close(self) -> None:
        """Take nothing more; what is in can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _worth(item: Item) -> int:
    """About how many records; told by the length, since nobody has read it yet."""
    return max(1, (len(item.payload) - _HEAD) // _RECORD) if isinstance(item, Post) else 1
