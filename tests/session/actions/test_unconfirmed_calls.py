"""Numbers whose call may have been placed."""

from __future__ import annotations

import asyncio

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.session.actions.unconfirmed_calls import UnconfirmedCalls
from mcp_finesse.session.state.mirror import Mirror


async def nothing() -> None:
    await asyncio.sleep(0)


async def test_expired_numbers_are_forgotten() -> None:
    now = 0.0
    calls = UnconfirmedCalls(60, lambda: now)
    for number in range(10_000):
        now = float(number)
        calls.remember(str(number))
    assert len(calls._until) <= 61


async def test_concurrent_checks_of_an_expired_number_all_pass() -> None:
    now = 0.0
    calls = UnconfirmedCalls(60, lambda: now)
    calls.remember("4502")
    now = 61.0
    await asyncio.gather(*(calls.check("4502", Mirror("1001"), nothing) for _ in range(3)))
    assert not calls._until


async def test_number_remembered_during_the_check_is_rejected() -> None:
    now = 0.0
    calls = UnconfirmedCalls(60, lambda: now)
    calls.remember("4502")
    now = 61.0

    async def meanwhile() -> None:
        calls.remember("4502")

    with pytest.raises(InvalidRequestError, match="may still be placed"):
        await calls.check("4502", Mirror("1001"), meanwhile)
