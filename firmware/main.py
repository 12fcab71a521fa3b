"""Starts the cradle: `micropython -m firmware.main SETTINGS.json TTY` on the unix port."""

import gc

# Collect early and often: short pauses, and a heap that keeps its large free blocks. From before
# the first module is loaded, or what loading leaves behind cuts the heap into small pieces.
gc.threshold(8192)

import asyncio  # noqa: E402
import sys  # noqa: E402

from firmware.board import unix  # noqa: E402
from firmware.core.app import App  # noqa: E402


def main(arguments: "list[str]") -> int:
    """Run until the power goes. Returns only when the settings are wrong."""
    if len(arguments) != 2:
        print("usage: firmware.main SETTINGS.json TTY")
        return 2
    app = _app(arguments[0], arguments[1])
    if app is None:
        return 2
    gc.collect()
    print("boot", app.boot_id.hex())
    asyncio.run(_with_heap(app))
    return 0


def _app(path: str, tty: str) -> "App | None":
    """Make the cradle; None if its settings are wrong, which is said. What read them is forgotten:
    a cradle's memory is for labels."""
    known = set(sys.modules)
    from firmware import core  # noqa: PLC0415
    from firmware.core.settings import Settings, SettingsError  # noqa: PLC0415

    with open(path, "rb") as file:
        text = file.read()
    try:
        settings = Settings(text)
        return App(settings, unix.board(settings, tty))
    except SettingsError as error:
        print(error)
        return None
    finally:
        for name in set(sys.modules) - known:
            del sys.modules[name]
        del core.settings


async def _with_heap(app: App) -> None:
    await asyncio.gather(app.run(), unix.watch_heap())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
