"""Fixtures of the tests of the command."""

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
    """For commands that run in the process of the tests: no settings, no profile, a state folder of their own."""
    import os

    clean = environment(tmp_path)
    for name in set(os.environ) - set(clean):
        monkeypatch.delenv(name)
    for name, value in clean.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def log_levels() -> Iterator[None]:
    """A command sets log levels for its process, which is that of the other tests too."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """A simulated Finesse in a thread of its own, for commands that bring their own event loop."""
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(Simulator(SimulatorSettings())) as simulator,
    ):
        yield simulator
