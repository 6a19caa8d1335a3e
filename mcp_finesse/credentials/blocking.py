"""Blocking calls in a thread, with a time limit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def call_in_thread(function: Callable[[], T], seconds: float) -> T:
    """Call a blocking function in a thread of its own and return its result.

    A function that exceeds the limit cannot be stopped. Its thread is a daemon, so that it does not keep the process
    from ending, as a thread of the event loop's pool would.

    Raises:
        TimeoutError: The time limit passed.
        Exception: Whatever the function raises.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: BaseException | None) -> None:
        if result.done():  # timed out or cancelled
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]  # T may include None

    def work() -> None:
        try:
            value = function()
        except BaseException as error:
            outcome: tuple[T | None, BaseException | None] = (None, error)
        else:
            outcome = (value, None)
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return

    threading.Thread(target=work, name="mcp-finesse credentials", daemon=True).start()
    async with asyncio.timeout(seconds):
        return await result
