"""Fixtures for the server tests."""

from __future__ import annotations

import pytest

from tests.server.support import ERAS


@pytest.fixture(params=ERAS, ids=["2025-11-25", "2026-07-28"])
def era(request: pytest.FixtureRequest) -> str:
    """Run a test with both protocol eras: clients that initialize and clients that do not."""
    return str(request.param)
