"""The agent, as a process of its own, met from outside: its command line and its health page."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any


def scandock(*words: str) -> list[str]:
    """The command line of this environment's `scandock`."""
    return [str(Path(sys.executable).with_name("scandock")), *words]


class Agent:
    """An agent in ``folder``, which `scandock agent init` fills with its settings.

    Args:
        broker_port, web_port: on loopback.
        host_url: where it posts what it booked.
    """

    def __init__(
        self, folder: Path, site: str, broker_port: int, web_port: int, host_url: str
    ) -> None:
        self.config = folder / "agent.toml"
        self.broker_config = folder / "mosquitto.conf"
        self._web_port = web_port
        self._log: IO[bytes] = (folder.parent / "agent.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        options = {
            "--site": site,
            "--broker-port": str(broker_port),
            "--web-port": str(web_port),
            "--host-url": host_url,
        }
        words = [word for option in options.items() for word in option]
        self._call("agent", "init", str(folder), *words)

    def add_settings(self, sections: str) -> None:
        """Add ``sections`` to its settings; it reads them when it starts."""
        with self.config.open("a", encoding="utf-8") as settings:
            settings.write(sections)

    def start(self) -> None:
        """Start it, and return at once."""
        command = scandock("agent", "run", "-c", str(self.config))
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )

    @property
    def pid(self) -> int:
        """Process number of the running agent."""
        assert self._process is not None, "the agent was never started"
        return self._process.pid

    def running(self) -> bool:
        """Say whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self, timeout_s: float = 10.0) -> int:
        """SIGTERM; return the exit code."""
        assert self._process is not None, "the agent was never started"
        self._process.terminate()
        return self._process.wait(timeout_s)

    def health(self) -> dict[str, Any]:
        """Return the health page; empty when nobody answers."""
        try:
            url = f"http://127.0.0.1:{self._web_port}/healthz"
            with urllib.request.urlopen(url, timeout=2) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
        except OSError:
            return {}
        page: dict[str, Any] = json.loads(body)
        return page

    def ask(self, *words: str, ends: int = 0) -> str:
        """Have its command line do something, whether it runs or not; return what that prints.

        Raises:
            RuntimeError: the command ended with another code than ``ends``.
        """
        return self._call(*words, "-c", str(self.config), ends=ends)

    def booked(self) -> Iterator[dict[str, Any]]:
        """Yield every record of its ledger, in order."""
        for line in self.ask("export", "scans").splitlines():
            yield json.loads(line)

    def quarantine(self) -> list[dict[str, Any]]:
        """Return what it could not understand."""
        return [json.loads(line) for line in self.ask("export", "quarantine").splitlines()]

    def verify(self) -> bool:
        """Say whether its ledger's chain is whole."""
        command = scandock("ledger", "verify", "-c", str(self.config))
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def _call(self, *words: str, ends: int = 0) -> str:
        done = subprocess.run(scandock(*words), check=False, capture_output=True, text=True)
        if done.returncode != ends:
            said = (done.stderr or done.stdout).strip()
            raise RuntimeError(
                f"`scandock {' '.join(words[:2])}` ended with {done.returncode}: {said}"
            )
        return done.stdout
