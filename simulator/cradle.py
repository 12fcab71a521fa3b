"""One cradle: the real firmware, as a process, on a scan engine's tty."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from simulator import image, parts

HEAP = "192k"


class Cradle:
    """A cradle that can be started, have its power cut, and be started again.

    Args:
        folder: where its settings are written.
        tty: path of the scan engine's tty.
        on_signal: called on a thread of ours with (boot_id in hex, milliseconds since boot,
            pattern, seq) for each pattern its lamp shows.
        settings: over the defaults of firmware.core.settings; site, device, broker_host and
            broker_port at least.
    """

    def __init__(
        self,
        folder: Path,
        tty: str,
        settings: dict[str, str | int],
        on_signal: Callable[[str, int, str, int], None],
    ) -> None:
        self.device = str(settings["device"])
        self._tty = tty
        self._on_signal = on_signal
        self._settings = folder / f"{self.device}.json"
        self._settings.write_text(json.dumps(settings))
        self._process: subprocess.Popen[str] | None = None
        self._watcher: threading.Thread | None = None
        self.boot_id = ""
        self.heap = 0  # octets, the most it ever held
        self.said: list[str] = []  # lines that are no signals: errors of the firmware

    def start(self) -> None:
        """Power up."""
        folder = image.build()
        interpreter = parts.find(parts.MICROPYTHON)
        command = [interpreter, "-X", f"heapsize={HEAP}", "-m", "firmware.main"]
        self._process = subprocess.Popen(
            [*command, str(self._settings), self._tty],
            cwd=folder,
            env={**os.environ, "MICROPYPATH": ":.frozen"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._watcher = threading.Thread(target=self._watch, args=(self._process,), daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        """Process number of the running firmware."""
        assert self._process is not None, f"{self.device} was never started"
        return self._process.pid

    def running(self) -> bool:
        """Say whether the firmware is alive."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """Cut the power."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if self._watcher:
            self._watcher.join()

    def _watch(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            words = line.split()
            if len(words) == 2 and words[0] == "boot":
                self.boot_id = words[1]
            elif len(words) == 2 and words[0] == "heap":
                self.heap = max(self.heap, int(words[1]))
            elif len(words) == 3 and words[0].isdigit():
                self._on_signal(self.boot_id, int(words[0]), words[1], int(words[2]))
            else:
                self.said.append(line.rstrip())
