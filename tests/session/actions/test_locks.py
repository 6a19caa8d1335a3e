"""Locks that serialize actions per object and per device."""

from __future__ import annotations

import asyncio

import pytest

from mcp_finesse.session.actions.locks import KeyedLocks


async def test_two_actions_on_one_object_run_one_after_the_other() -> None:
    gate, order = KeyedLocks(), []

    async def act(name: str, *locks: str) -> None:
        async with gate.hold(locks):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    await asyncio.gather(act("a", "object 1", "device"), act("b", "device", "object 2"))
    assert order == ["a begins", "a ends", "b begins", "b ends"]


async def test_actions_on_different_objects_do_not_wait() -> None:
    gate, reached = KeyedLocks(), False
    async with gate.hold(["object 1"]), asyncio.timeout(1), gate.hold(["object 2"]):
        reached = True
    assert reached
    assert gate._locks == {}


async def test_opposite_order_of_names_cannot_deadlock() -> None:
    gate, inside, most = KeyedLocks(), 0, 0

    async def act(*locks: str) -> int:
        nonlocal inside, most
        for _ in range(20):
            async with gate.hold(locks):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1
        return 20

    async with asyncio.timeout(2):
        assert await asyncio.gather(act("a", "b"), act("b", "a")) == [20, 20]
    assert most == 1


async def test_duplicate_name_is_locked_once() -> None:
    gate = KeyedLocks()
    async with asyncio.timeout(1), gate.hold(["a", "a"]):
        assert set(gate._locks) == {"a"}
    assert gate._locks == {}


async def test_cancelled_waiter_leaves_no_lock_behind() -> None:
    gate = KeyedLocks()
    async with gate.hold(["a"]):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), gate.hold(["a", "b"]):
                pass
    async with asyncio.timeout(1), gate.hold(["a", "b"]):
        pass
    assert gate._locks == {}
