"""Posts booked records to a host system (ERP, WMS, HIS) as JSON, under a key it knows again."""

from __future__ import annotations

import email.utils
from datetime import UTC

import aiohttp

from edge_agent.clock import Clock
from edge_agent.connectors.base import Answer, Delivered, Later, Refused, Unknown
from edge_agent.domain.statement import Teller
from edge_agent.store import ledger
from edge_agent.store.outbox import Parcel
from edge_agent.store.sqlite import View

_ANSWER_MAX = 65536  # octets of an answer that are read
_WORDS_MAX = 200  # characters of it that are kept


class Host:
    """One URL.

    The contract with the host: a parcel posted again under the same Idempotency-Key is answered
    like the first time, and applied once. So a parcel in doubt is simply posted again.
    """

    def __init__(self, url: str, site: str, timeout_s: float, view: View, clock: Clock) -> None:
        """
        Args:
            timeout_s: for the whole exchange; half of it for connecting.
        """
        self._url = url
        self._site = site
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=timeout_s / 2)
        self._view = view
        self._clock = clock
        self._teller = Teller()
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
                return self._answer(response, await _words(response))
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

    def _answer(self, response: aiohttp.ClientResponse, words: str) -> Answer:
        status = response.status
        why = f"HTTP {status}: {words}" if words else f"HTTP {status}"
        if 200 <= status < 300:
            if response.content_type == "text/html":
                # A page for people, as from a gateway that wants to be logged in to.
                return Unknown(why)
            return Delivered(response.headers.get("Location", ""))
        if status in (408, 429) or status >= 500:
            after = response.headers.get("Retry-After", "")
            return Later(retry_after_s(after, self._clock.now_ms()), why)
        if status >= 400:
            return Refused(why)
        # A host that has moved has not refused anything.
        return Later(None, f"{why} (set the new url in agent.toml)")


async def _words(response: aiohttp.ClientResponse) -> str:
    """The whole answer, or its beginning. An answer cut short is none: it raises."""
    octets = b""
    while len(octets) < _ANSWER_MAX and (more := await response.content.read(_ANSWER_MAX)):
        octets += more
    return octets.decode("utf-8", "replace")[:_WORDS_MAX]


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
