"""Fixtures and markers of all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

ROOT = Path(__file__).parent
ALONE = (
    "account_guard/test_sequences.py",
    "cli",
    "docs/test_examples.py",
    "docs/test_recipes.py",
    "peers",
    "server/test_loop_stall.py",
    "server/transports/test_http.py",
    "server/transports/test_stdio.py",
    "session/state/test_journal_memory.py",
    "test_growth.py",
    "test_signals.py",
    "xmpp/protocol/test_resource.py",
)
"""Folders and files whose tests start processes or measure time: they need the machine for themselves."""


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that must not run in parallel with others."""
    for item in items:
        path = item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else ""
        if path.startswith(ALONE):
            item.add_marker(pytest.mark.alone)
