"""Fixtures for the session tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.session.support import Floor, floor


@pytest.fixture
async def finesse(tmp_path: Path) -> AsyncIterator[Floor]:
    """Yield a connected session of agent 1001, signed out."""
    async with floor(tmp_path) as made:
        yield made
