"""What the tests of the server may use."""

from __future__ import annotations

import pytest

from tests.server.support import ERAS


@pytest.fixture(params=ERAS, ids=["2025-11-25", "2026-07-28"])
def era(request: pytest.FixtureRequest) -> str:
    """Both eras of the protocol: clients that initialize, and clients that do not."""
    return str(request.param)
