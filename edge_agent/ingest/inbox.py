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
    """First in, first out, but jobs before messages: there are few of them, and each is somebody
    waiting. Any number of threads put, one takes."""

    def __init__(self, posts_max: int, group: int) -> None:
        """
        Args:
            posts_max: messages that may wait; jobs are few by nature.
            group: records that are worth a transaction.
        """
        self._posts: deque[Post] = deque()
        self._jobs: deque[Job] = deque()
        self._posts_max = posts_max
        self._group = group
        self._worth = 0
        self._closed = False
        lock = threading.Lock()
        # Apart, so that nobody is woken who could not go on.
        self._room = threading.Condition(lock)
        self._some = threading.Condition(lock)
        self._enough = threading.Condition(lock)

    def __len__(self) -> int:
        return len(self._posts)

    def put(self, item: Item) -> bool:
        """Add ``item``, a message after waiting for room; False once the inbox is closed."""
        with self._room:
            if isinstance(item, Post):
                while len(self._posts) >= self._posts_max and not self._closed:
                    self._room.wait()
            if self._closed:
                return False
            if isinstance(item, Post):
                self._posts.append(item)
                self._worth += _worth(item)
            else:
                self._jobs.append(item)
            self._some.notify()
            if self._worth >= self._group:
                self._enough.notify()
        return True

    def take(self, linger_s: float) -> list[Item]:
        """Wait for an item, then for more, until they are worth a group or ``linger_s`` has passed.

        Returns:
            about a group; nothing only when the inbox is closed and empty.
        """
        with self._room:
            self._some.wait_for(lambda: self._posts or self._jobs or self._closed)
            self._enough.wait_for(lambda: self._worth >= self._group or self._closed, linger_s)
            taken: list[Item] = list(self._jobs)
            self._jobs.clear()
            left = self._group
            while self._posts and left > 0:
                post = self._posts.popleft()
                taken.append(post)
                left -= _worth(post)
            self._worth -= self._group - left
            self._room.notify_all()
        return taken

    def close(self) -> None:
        """Take nothing more; what is in can still be taken."""
        with self._room:
            self._closed = True
            for condition in (self._room, self._some, self._enough):
                condition.notify_all()


def _worth(post: Post) -> int:
    """About how many records; told by the length, since nobody has read it yet."""
    return max(1, (len(post.payload) - _HEAD) // _RECORD)
