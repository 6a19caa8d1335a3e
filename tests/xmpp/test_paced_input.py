"""PacedInput: received bytes are handled in order and in pieces."""

from __future__ import annotations

import asyncio
import time

from mcp_finesse.xmpp.paced_input import HIGH, PIECE, Allowance, PacedInput


async def test_small_input_is_handled_immediately() -> None:
    handled: list[bytes | str] = []
    paced = PacedInput(handled.append, lambda _: None)
    paced.feed(b"abc")
    paced.feed(b"def")
    assert handled == [b"abc", b"def"]


async def test_event_loop_runs_while_large_input_is_handled_in_order() -> None:
    handled: list[bytes | str] = []
    paused: list[bool] = []
    ended = asyncio.Event()

    def slow(piece: bytes | str) -> None:
        time.sleep(0.01)
        handled.append(piece)

    paced = PacedInput(slow, paused.append)
    data = b"".join(number.to_bytes(4, "big") for number in range((HIGH + 20 * PIECE) // 4))
    paced.feed(data)
    paced.feed(b"last")
    paced.then(ended.set)
    assert paused == [True]
    assert not ended.is_set()
    turns = 0
    while not ended.is_set():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
    assert b"".join(bytes(piece) for piece in handled if isinstance(piece, bytes)) == data + b"last"
    assert paused == [True, False]


async def test_input_fed_while_handling_waits_for_its_turn() -> None:
    handled: list[bytes | str] = []

    def handle(piece: bytes | str) -> None:
        handled.append(piece)
        if piece == b"1":
            paced.feed(b"2")
            assert handled == [b"1"]

    paced = PacedInput(handle, lambda _: None)
    paced.feed(b"1")
    assert handled == [b"1", b"2"]


def test_allowance_has_a_burst_and_a_rate() -> None:
    allowance = Allowance(3, 2.0)
    assert [allowance.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [allowance.take(1.0) for _ in range(3)] == [True, True, False]
    assert [allowance.take(1000.0) for _ in range(4)] == [True, True, True, False]
