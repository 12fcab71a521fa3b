"""Posts booked records to a host system (ERP, WMS, HIS) as JSON, under a key it knows again."""

from __future__ import annotations

import email.utils
from datetime import UTC

import aiohttp
import msgspec

from edge_agent.clock import Clock
from edge_agent.connectors.base import (
    Answer,
    Delivered,
    Later,
    Partly,
    Refusal,
    Refused,
    Unknown,
)
from edge_agent.domain.rendering import Rendering
from edge_agent.domain.statement import Teller
from edge_agent.store import ledger
from edge_agent.store.outbox import Parcel
from edge_agent.store.sqlite import View
from protocol import code_rules
from protocol.code_rules import Rules

_ANSWER_MAX = 4 << 20  # octets of an answer that are read: a complaint about each of 10,000 records
_WORDS_MAX = 200  # characters of it that are kept

# What a host can have against a parcel itself, and what a person does about it. Every other 4xx is
# against whoever sends it, or against the url: no parcel would fare better.
# Source: RFC 9110, section 15.5.
_AGAINST_THE_PARCEL = {
    400: "",
    409: "",
    413: " (a lower records_max in agent.toml makes later parcels smaller)",
    422: "",
}
_SOON = (408, 423, 425, 429)
_BARS = {
    401: "the host must be set to let this agent in",
    403: "the host must be set to let this agent in",
}


class _Against(msgspec.Struct):
    """A scan that the host does not take: its place in the parcel's list, from 0."""

    scan: int
    code: str | int = ""
    message: str = ""


class _Told(msgspec.Struct):
    """What a host may say in its answer, besides whatever else it says."""

    refused: list[_Against] = []
    unknown: list[int] = []


class Host:
    """One URL.

    The contract with the host: a parcel posted again under the same Idempotency-Key has the same
    octets, and each of its scans is applied once. So a parcel in doubt is simply posted again. A
    host that takes some scans and not others says so in its answer (docs/operate.md); those that it
    has are not applied again by a later post, and those that it refused it looks at once more.
    """

    def __init__(
        self,
        url: str,
        site: str,
        timeout_s: float,
        view: View,
        clock: Clock,
        rules: Rules = code_rules.DEFAULT,
        rendering: Rendering | None = None,
    ) -> None:
        """
        Args:
            timeout_s: for the whole exchange; half of it for connecting.
            rules: by which labels are told.
            rendering: how the host wants codes; None for the octets as read, and nothing else.
        """
        self._url = url
        self._site = site
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=timeout_s / 2)
        self._view = view
        self._clock = clock
        self._teller = Teller(rules, rendering)
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, parcel: Parcel) -> Answer:
        """POST ``parcel``."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        headers = {"Content-Type": "application/json", "Idempotency-Key": parcel.key}
        try:
            async with self._session.post(
                self._url, data=self._body(parcel), headers=headers, allow_redirects=False
            ) as response:
                return self._answer(parcel, response, await _octets(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Later(None, f"{self._url}: nothing was sent ({error})")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unknown(f"{self._url}: no answer ({type(error).__name__} {error})")

    async def ask(self, parcel: Parcel) -> Answer:
        """POST it again: the key makes that harmless."""
        return await self.deliver(parcel)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _body(self, parcel: Parcel) -> bytes:
        with self._view.read() as tx:
            entries = list(ledger.entries(tx, parcel.first, parcel.last))
        scans = [told for entry in entries for told in self._teller.records(entry)]
        body = f'{{"parcel":"{parcel.key}","site":"{self._site}","scans":[{",".join(scans)}]}}'
        return body.encode()

    def _answer(self, parcel: Parcel, response: aiohttp.ClientResponse, octets: bytes) -> Answer:
        status = response.status
        words = octets.decode("utf-8", "replace")[:_WORDS_MAX]
        why = f"HTTP {status}: {words}" if words else f"HTTP {status}"
        if 200 <= status < 300:
            if response.content_type == "text/html":
                # A page for people, as from a gateway that wants to be logged in to.
                return Unknown(why)
            return _taken(parcel, response.headers.get("Location", ""), octets)
        if status in _SOON or status >= 500:
            after = response.headers.get("Retry-After", "")
            after_s = retry_after_s(after, self._clock.now_ms())
            # 500 is what a host answers that stumbles over a parcel; the others are about itself.
            return Later(after_s, why, suspect=status == 500)
        if status in _AGAINST_THE_PARCEL:
            return Refused(why + _AGAINST_THE_PARCEL[status])
        # A host that has moved, or lets nobody in, has not refused anything.
        step = _BARS.get(status, "is the url in agent.toml right?")
        return Later(None, f"{why} ({step})", barred=True)


async def _octets(response: aiohttp.ClientResponse) -> bytes:
    """The whole answer, or its beginning. An answer cut short is none: it raises."""
    octets = bytearray()
    while len(octets) < _ANSWER_MAX and (more := await response.content.read(_ANSWER_MAX)):
        octets += more
    return bytes(octets)


def _taken(parcel: Parcel, reference: str, octets: bytes) -> Answer:
    """What an answer of success says of the single scans. Most say nothing: then all are taken."""
    try:
        told = msgspec.json.decode(octets, type=_Told)
    except msgspec.DecodeError as error:
        speaks = isinstance(error, msgspec.ValidationError) or len(octets) >= _ANSWER_MAX
        if speaks and octets.lstrip().startswith(b"{"):
            return Unknown(f"it took the parcel, but what it says of it: {error}", suspect=True)
        return Delivered(reference)
    refused = tuple(
        Refusal(parcel.first + one.scan, str(one.code)[:_WORDS_MAX], one.message[:_WORDS_MAX])
        for one in told.refused
    )
    unknown = tuple(parcel.first + scan for scan in told.unknown)
    return Partly(reference, refused, unknown) if refused or unknown else Delivered(reference)


def retry_after_s(value: str, now_ms: int) -> float | None:
    """Read the header Retry-After: seconds, or a date. None for anything else.

    Source: RFC 9110, section 10.2.3.
    """
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, at.replace(tzinfo=at.tzinfo or UTC).timestamp() - now_ms / 1000)
