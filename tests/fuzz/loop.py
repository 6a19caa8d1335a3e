"""One event loop for all cases of a process, because creating a loop takes longer than most cases."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


@cache
def shared_loop() -> asyncio.AbstractEventLoop:
    """Return the loop."""
    return asyncio.new_event_loop()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return shared_loop().run_until_complete(coroutine)
