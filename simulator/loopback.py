"""Ports on this machine that stay ours while nobody listens on them."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"

# Outside of what systems give to outgoing connections. Such a port would be taken while its broker
# is down, and a client that tries and tries would in the end reach itself.
_FIRST, _LAST = 20_000, 32_000


def free_port() -> int:
    """Return a port that nobody uses now.

    Raises:
        OSError: none was found.
    """
    for port in random.sample(range(_FIRST, _LAST), 100):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port on {HOST} between {_FIRST} and {_LAST}")
