"""Our own Mosquitto on a free loopback port, to be killed and started again as a test likes."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from pathlib import Path

from simulator.loopback import HOST, free_port
from simulator.parts import MOSQUITTO, find
from simulator.running import Running

_START_S = 10.0
_STOP_S = 5.0
_LOG_LINES = 5

# No limit on queued messages and in flight: by default Mosquitto drops what exceeds them without a
# sign. No persistence: a broker that was killed comes back empty, which is the harder case. Without
# nodelay, what follows a PUBACK at once waits for the cradle's delayed acknowledgement, 40 ms.
# The user counts only for root, whom Mosquitto would turn into somebody who cannot write the log.
_CONFIG = """\
user root
listener {port} {host}
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 1000
message_size_limit 65536
set_tcp_nodelay true
log_dest file {log}
"""


class BrokerFailed(Exception):
    """The broker does not run. The text has its last words."""


class Broker(Running):
    """One Mosquitto process at a time, always on the same port.

    Attributes:
        port: on 127.0.0.1; the same after a restart.
        log: what the broker writes, unless ``config`` says otherwise.
    """

    def __init__(self, folder: Path, config: Path | None = None, port: int = 0) -> None:
        """
        Args:
            folder: for configuration and log; made if missing.
            config: one of your own. It has to listen on 127.0.0.1 at ``port``.
            port: 0 picks a free one.
        """
        self.port = port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "mosquitto.log"
        if config is None:
            config = folder / "mosquitto.conf"
            config.write_text(_CONFIG.format(host=HOST, port=self.port, log=self.log))
        self._config = config
        self._output = folder / "mosquitto.out"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it accepts connections.

        Raises:
            BrokerFailed: it ended, or accepts nothing after 10 s.
            PartMissing: there is no Mosquitto.
        """
        with self._output.open("wb") as output:
            process = subprocess.Popen(
                [find(MOSQUITTO), "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._process = process
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            if process.poll() is not None:
                self._process = None
                raise BrokerFailed(self._why(f"ended with exit code {process.returncode}"))
            if self._accepts():
                return
            time.sleep(0.01)
        self.kill()
        raise BrokerFailed(self._why(f"accepts nothing on port {self.port} after {_START_S:.0f} s"))

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it politely; by force if that takes too long."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
            self.kill()

    def _accepts(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def _why(self, what: str) -> str:
        written = [path.read_text() for path in (self.log, self._output) if path.exists()]
        last = "".join(written).splitlines()[-_LOG_LINES:]
        words = "\n    ".join(last) or "(nothing)"
        return f"mosquitto -c {self._config}: {what}; its last words:\n    {words}"
