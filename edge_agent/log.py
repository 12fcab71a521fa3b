"""One event a line on standard error: JSON for machines, colours on a terminal."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Set up logging for a process. Without this, events go to structlog's own default."""
    terminal = sys.stderr.isatty()
    render: structlog.typing.Processor
    if terminal:
        render = structlog.dev.ConsoleRenderer()
        traceback: list[structlog.typing.Processor] = []
    else:
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
        traceback = [structlog.processors.dict_tracebacks]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *traceback,
            render,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
