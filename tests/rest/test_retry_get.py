"""Retries of GET: what is retried, and how often."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from mcp_finesse.errors import FinesseError, NetworkError, NotFoundError, OutOfServiceError, PayloadError
from mcp_finesse.rest.retry_get import RETRY_DELAYS, retry_get
from tests.rest.support import Sleeps

DOWN = OutOfServiceError("down")
TIRED = NetworkError("too long", step="http")
TIRED.__cause__ = httpx.ReadTimeout("")


async def outcome(*answers: FinesseError | str) -> tuple[object, Sleeps]:
    script: Iterator[FinesseError | str] = iter(answers)
    sleeps = Sleeps()

    async def ask() -> str:
        answer = next(script)
        if isinstance(answer, FinesseError):
            raise answer
        return answer

    try:
        return await retry_get(ask, sleeps), sleeps
    except FinesseError as error:
        return error, sleeps


async def test_successful_request_is_not_retried() -> None:
    assert await outcome("tea") == ("tea", [])


@pytest.mark.parametrize("trouble", [DOWN, NetworkError("no", step="tcp"), NetworkError("cut", step="http")])
async def test_transient_failure_is_retried(trouble: FinesseError) -> None:
    assert await outcome(trouble, "tea") == ("tea", [RETRY_DELAYS[0]])
    assert await outcome(trouble, trouble, "tea") == ("tea", [*RETRY_DELAYS])
    assert await outcome(trouble, trouble, trouble) == (trouble, [*RETRY_DELAYS])


@pytest.mark.parametrize(
    "trouble", [NotFoundError("none"), PayloadError("html"), NetworkError("name", step="dns"), TIRED]
)
async def test_permanent_failure_is_raised_immediately(trouble: FinesseError) -> None:
    assert await outcome(trouble) == (trouble, [])
    assert await outcome(DOWN, trouble) == (trouble, [RETRY_DELAYS[0]])
