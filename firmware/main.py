"""Starts the cradle: `micropython -m firmware.main SETTINGS.json TTY` on the unix port."""

import asyncio
import gc
import sys

from firmware.board import unix
from firmware.core.app import App
from firmware.core.settings import Settings, SettingsError
from protocol.compat import const

_GARBAGE_MAX = const(8192)


def main(arguments: "list[str]") -> int:
    """Run until the power goes. Returns only when the settings are wrong."""
    # Collect early and often: short pauses, and a heap that keeps its large free blocks.
    gc.collect()
    gc.threshold(_GARBAGE_MAX)
    if len(arguments) != 2:
        print("usage: firmware.main SETTINGS.json TTY")
        return 2
    with open(arguments[0], "rb") as file:
        text = file.read()
    try:
        settings = Settings(text)
    except SettingsError as error:
        print(error)
        return 2
    app = App(settings, unix.board(settings, arguments[1]))
    print("boot", app.boot_id.hex())
    asyncio.run(_with_heap(app))
    return 0


async def _with_heap(app: App) -> None:
    await asyncio.gather(app.run(), unix.watch_heap())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
