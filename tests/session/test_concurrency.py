"""Concurrent reads: all succeed, or the first failure cancels the rest."""

from __future__ import annotations

import asyncio

import pytest

from mcp_finesse.errors import NetworkError
from mcp_finesse.session.concurrency import gather_or_cancel


async def answer(text: str) -> str:
    return text


async def test_tasks_have_ended_when_the_context_exits() -> None:
    async with gather_or_cancel() as group:
        one, two = group.create_task(answer("one")), group.create_task(answer("two"))
    assert (one.result(), two.result()) == ("one", "two")


async def test_first_failure_is_raised_with_its_cause_and_cancels_the_rest() -> None:
    never = asyncio.Event()
    cause = OSError("cut")

    async def fail() -> None:
        raise NetworkError("no", step="http") from cause

    async def read() -> None:
        async with gather_or_cancel() as group:
            tasks.append(group.create_task(never.wait()))
            group.create_task(fail())

    tasks: list[asyncio.Task[bool]] = []
    with pytest.raises(NetworkError) as caught:
        await read()
    assert caught.value.__cause__ is cause
    assert tasks[0].cancelled()


async def test_cancelling_the_caller_cancels_all_tasks() -> None:
    never, begun = asyncio.Event(), asyncio.Event()
    tasks = []

    async def read() -> None:
        async with gather_or_cancel() as group:
            tasks.append(group.create_task(never.wait()))
            begun.set()

    reading = asyncio.create_task(read())
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert tasks[0].cancelled()
