"""Starts the cradle: `micropython -m firmware.main SETTINGS.json TTY` on the unix port."""

import gc

# Collect early and often: short pauses, and a heap that keeps its large free blocks. From before
# the first module is loaded, or what loading leaves behind cuts the heap into small pieces.
gc.threshold(8192)

import asyncio  # noqa: E402
import sys  # noqa: E402

from firmware.board import unix  # noqa: E402
from firmware.core.app import App  # noqa: E402
from firmware.core.settings import Settings, SettingsError  # noqa: E402


def main(arguments: "list[str]") -> int:
    """Run until the power goes. Returns only when the settings are wrong."""
    gc.collect()
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
