"""Fixtures, markers and the random order of all tests."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

ROOT = Path(__file__).parent
GROUPS = {
    "peers": (
        "peers",
        "server/test_token_budget.py",
        "session/state/test_journal_memory.py",
        "xmpp/protocol/test_resource.py",
        "xmpp/test_real_servers.py",
        "xmpp/transport/bosh/test_real_servers.py",
    ),
    "serve": (
        "cli/test_canaries.py",
        "cli/test_serve.py",
        "cli/test_watch.py",
        "server/transports/test_http.py",
    ),
    "command": (
        "account_guard/test_sequences.py",
        "cli",
        "docs/test_examples.py",
        "docs/test_recipes.py",
        "server/transports/test_stdio.py",
    ),
    "timed": ("server/test_loop_stall.py", "test_growth.py", "test_signals.py"),
}
"""Folders and files whose tests do not run under pytest-xdist, by marker; the first that fits applies.

``timed`` measures time and needs the machine for itself. The others start processes and mostly wait for them: each
group takes about as long as another, and ``python -m tests`` runs them at the same time.
"""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The one backend: slixmpp lives on asyncio, so does everything here."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def one_system_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Replace the system's certificate authorities by a single one that issues nothing.

    OpenSSL takes 40 ms to load the real ones, for every client that a test makes, and a test must not depend on them.
    """
    file = tmp_path_factory.mktemp("authorities") / "system.pem"
    trustme.CA().cert_pem.write_to_path(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        patch.setenv("SSL_CERT_DIR", str(file.parent))
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--shuffle``."""
    parser.addoption("--shuffle", metavar="SEED", help="run the tests in a random order, given by the seed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that do not run under pytest-xdist, and shuffle all tests if asked to."""
    groups = {path: _group_of(path) for path in {item.path for item in items}}
    for item in items:
        if group := groups[item.path]:
            item.add_marker(pytest.mark.alone)
            item.add_marker(group)
    if (seed := config.getoption("--shuffle")) is not None:
        items.sort(key=lambda item: item.nodeid)
        random.Random(seed).shuffle(items)


def _group_of(path: Path) -> str | None:
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    return next((group for group, paths in GROUPS.items() if name.startswith(paths)), None)
