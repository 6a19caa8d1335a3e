"""Fixtures for the fuzz tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log nothing: many cases cause a warning."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
