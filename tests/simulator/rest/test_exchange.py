"""Test that a request body is read to its end and kept up to a limit."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_finesse.simulator.rest.exchange import receive_body


def part(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("messages", "keep", "kept"),
    [
        ([part(b"ab", False)], 10, b"ab"),
        ([part(b"ab"), part(b"cd", False)], 10, b"abcd"),
        ([{"type": "http.request"}], 10, b""),
        ([part(b"ab"), part(b"cd"), part(b"ef"), part(b"gh", False)], 2, b"abcd"),
        ([part(b"ab"), part(b"cd", False)], 0, b"ab"),
        ([part(b"ab"), GONE], 10, b"ab"),
        ([GONE], 10, b""),
    ],
)
async def test_body_is_read_to_its_end_or_to_the_disconnect(
    messages: list[dict[str, Any]], keep: int, kept: bytes
) -> None:
    coming = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(coming)

    assert await receive_body(receive, keep) == kept
    assert next(coming, None) is None
