"""One event a line on standard error: JSON for machines, colours on a terminal.

A traceback tells no values of variables: among them may be a person's data.
"""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Set up logging for a process. Without this, events go to structlog's own default."""
    terminal = sys.stderr.isatty()
    render: structlog.typing.Processor
    if terminal:
        render = structlog.dev.ConsoleRenderer(
            exception_formatter=structlog.dev.RichTracebackFormatter(show_locals=False)
        )
        traceback: list[structlog.typing.Processor] = []
    else:
        render = structlog.processors.JSONRenderer(ensure_ascii=False)
        told = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        traceback = [structlog.processors.ExceptionRenderer(told)]
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
