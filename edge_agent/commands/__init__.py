"""What a person may have written into the store: each command by its name, and how it is done.

A command is a function ``name(tx, order, **arguments) -> result``. It does all it does inside the
open transaction ``tx``, as a rule in well under a second, because the cradles wait meanwhile.
Arguments and result are what JSON can say: they may travel over a socket (``commands.desk``). It
refuses by raising an ``AgentError``; then nothing of it is written. What it did, it files with
``store.acts``. The clock and the dice come with the order.

To add one: a function in the file of its noun in this folder, and a line in ``_COMMANDS``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import msgspec

from edge_agent.config import Config
from edge_agent.errors import AgentError
from edge_agent.store.driver import Tx

# Name, and where the function is. Loaded when it is called, as the commands of the shell are.
_COMMANDS = {
    "access.grant": "edge_agent.commands.access:grant",
    "access.revoke": "edge_agent.commands.access:revoke",
    "alert.balance": "edge_agent.commands.alert:balance",
    "alert.close": "edge_agent.commands.alert:close",
    "document.bind": "edge_agent.commands.document:bind",
    "document.cancel": "edge_agent.commands.document:cancel",
    "document.close": "edge_agent.commands.document:close",
    "document.import": "edge_agent.commands.document:take",
    "document.open": "edge_agent.commands.document:open_",
    "document.release": "edge_agent.commands.document:release",
    "finding.open": "edge_agent.commands.finding:open_",
    "finding.settle": "edge_agent.commands.finding:settle",
    "hold.place": "edge_agent.commands.hold:place",
    "hold.release": "edge_agent.commands.hold:release",
    "invoice.put": "edge_agent.commands.invoice:put",
    "nocode.add": "edge_agent.commands.nocode:add",
    "nocode.check": "edge_agent.commands.nocode:check",
    "nocode.take": "edge_agent.commands.nocode:take",
    "pack.bind": "edge_agent.commands.pack:bind",
    "pack.import": "edge_agent.commands.pack:take",
    "pack.rebox": "edge_agent.commands.pack:rebox",
    "pack.replace": "edge_agent.commands.pack:replace",
    "pack.split": "edge_agent.commands.pack:split",
    "pack.unbind": "edge_agent.commands.pack:unbind",
    "outbox.reconcile": "edge_agent.commands.outbox:reconcile",
    "outbox.retry": "edge_agent.commands.outbox:retry",
    "partner.enrol": "edge_agent.commands.partner:enrol",
    "partner.put": "edge_agent.commands.partner:put",
    "person.erase": "edge_agent.commands.person:erase",
    "person.find": "edge_agent.commands.person:find",
    "person.link": "edge_agent.commands.person:link",
    "person.who": "edge_agent.commands.person:who_got",
    "product.import": "edge_agent.commands.product:learn",
    "recall.end": "edge_agent.commands.recall:end",
    "recall.start": "edge_agent.commands.recall:start",
    "reflux.learn": "edge_agent.commands.reflux:learn",
    "reflux.report": "edge_agent.commands.reflux:report",
    "reflux.step": "edge_agent.commands.reflux:step",
    "rules.classify": "edge_agent.commands.rules:classify",
}


class Order(NamedTuple):
    """Who wants it done, when and where.

    Attributes:
        who: in whose name; stands in the act.
        now_ms: UTC, milliseconds since 1970.
        draw: returns so many random octets.
    """

    config: Config
    who: str
    now_ms: int
    draw: Callable[[int], bytes]


def carry_out(tx: Tx, order: Order, command: str, arguments: dict[str, Any]) -> Any:
    """Do ``command``, inside the open transaction ``tx``.

    Raises:
        AgentError: it is refused, or unknown here.
    """
    if command not in _COMMANDS:
        raise AgentError(
            f"this agent knows no command `{command}`",
            hint="restart it after an upgrade, so that it is as new as this program",
        )
    module, name = _COMMANDS[command].split(":")
    done = getattr(import_module(module), name)(tx, order, **arguments)
    return msgspec.to_builtins(done)
