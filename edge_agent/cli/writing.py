"""Has a command of ``edge_agent.commands`` carried out: by the running agent, else right here.

Every command of the shell that writes goes this way, and no other::

    told = writing.carry_out(path, "document.import", who=who, format="csv", text=text)

``path`` is that of agent.toml, ``who`` comes from the option ``options.in_name_of``. While an agent
runs, it holds the store's lock; the command then goes to its socket beside the store
(``commands.desk``) and is done in the writer's next transaction, between two groups of scans. With
no agent running the store is opened here, and the same function runs in a transaction of its own.
Either way the result is on disk when it is returned. Arguments and result are what JSON can say.

To add a command: see ``edge_agent/commands/__init__.py``. Reading needs none of this: use a
``View``, also while the agent runs.
"""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from edge_agent import commands, config
from edge_agent.clock import SystemClock
from edge_agent.commands import desk
from edge_agent.config import Config
from edge_agent.errors import StoreInUse
from edge_agent.store.sqlite import Store

# An agent that is starting or stopping holds the lock for a moment without serving its socket.
_BETWEEN_S = 5.0


def carry_out(path: Path, command: str, *, who: str, **arguments: Any) -> Any:
    """Have ``command`` done and return its result.

    Args:
        path: of agent.toml.

    Raises:
        AgentError: refused, or nobody answered; says which.
    """
    settings = config.load(path)
    until = time.monotonic() + _BETWEEN_S
    while True:
        answer = desk.ask(settings.store.path, command, who, arguments)
        if answer is not None:
            return desk.result(answer)
        try:
            return _here(settings, command, who, arguments)
        except StoreInUse:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _here(settings: Config, command: str, who: str, arguments: dict[str, Any]) -> Any:
    # By way of JSON, so that whatever works here works over the socket.
    plain = msgspec.json.decode(msgspec.json.encode(arguments))
    store = Store(settings.store.path, partial(os.urandom, 16))
    try:
        order = commands.Order(settings, who, SystemClock().now_ms(), os.urandom)
        with store.write() as tx:
            return commands.carry_out(tx, order, command, plain)
    finally:
        store.close()
