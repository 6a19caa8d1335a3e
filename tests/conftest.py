"""What every test may use."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The one backend: slixmpp lives on asyncio, so does everything here."""
    return "asyncio"
