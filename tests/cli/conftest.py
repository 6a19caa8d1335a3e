"""Fixtures for the command-line tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.cli.support import environment

LOGGERS = ("", "mcp_finesse", "mcp_finesse.audit", "mcp", "slixmpp")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run commands in the test process without settings or profile, and with a separate state folder."""
    import os

    clean = environment(tmp_path)
    for name in set(os.environ) - set(clean):
        monkeypatch.delenv(name)
    for name, value in clean.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """Restore the log levels that a command sets for its process."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Run a simulated Finesse in a thread, for commands that start their own event loop."""
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(Simulator(SimulatorSettings())) as simulator,
    ):
        yield simulator
