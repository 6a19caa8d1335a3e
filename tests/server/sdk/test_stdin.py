"""StdinLines: lines of descriptor 0, read by a thread that nothing waits for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from io import FileIO

import pytest

from mcp_finesse.server.sdk import stdin
from mcp_finesse.server.sdk.stdin import StdinLines


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileIO]:
    """Yield the writing end of a pipe that replaces stdin."""
    read, write = os.pipe()
    monkeypatch.setattr(stdin, "_STDIN", read)
    with FileIO(write, "w") as file:
        yield file
    os.close(read)


async def collect(wire: FileIO, *chunks: bytes) -> list[str]:
    for chunk in chunks:
        wire.write(chunk)
    wire.close()
    async with StdinLines() as lines:
        return [line async for line in lines]


@pytest.mark.parametrize(
    ("chunks", "lines"),
    [
        ([], []),
        ([b"one\n", b"two\n"], ["one", "two"]),
        ([b"one\ntw", b"o\nthree"], ["one", "two", "three"]),
        (["zwölf\n".encode()], ["zwölf"]),
        ([b"\xff\n\n"], ["\ufffd", ""]),
    ],
)
async def test_lines_are_returned_as_sent(wire: FileIO, chunks: list[bytes], lines: list[str]) -> None:
    assert await collect(wire, *chunks) == lines


async def test_long_line_is_returned_in_one_piece(wire: FileIO) -> None:
    line = "x" * 1_000_000

    async with StdinLines() as lines:
        send = asyncio.create_task(asyncio.to_thread(wire.write, line.encode() + b"\n"))
        assert await anext(lines) == line
        await send


async def test_waiting_lines_are_bounded(wire: FileIO) -> None:
    def send() -> None:
        for number in range(2000):
            wire.write(b"%d\n" % number)
        wire.close()

    async with StdinLines() as lines:
        sending = asyncio.create_task(asyncio.to_thread(send))
        await asyncio.sleep(0.05)
        assert lines._lines.qsize() <= stdin._WAITING_LINES
        assert [int(line) async for line in lines] == list(range(2000))
        await sending


async def test_descriptor_reads_as_empty_while_stdin_lines_is_open(wire: FileIO) -> None:
    async with StdinLines() as lines:
        wire.write(b"one\n")
        assert os.read(stdin._STDIN, 10) == b""
        assert await anext(lines) == "one"
    wire.write(b"two\n")
    # The thread may take one more read. What matters is that the descriptor is the wire again.
    assert os.fstat(stdin._STDIN).st_ino == os.fstat(lines._private).st_ino


async def test_exit_does_not_wait_for_the_thread(wire: FileIO) -> None:
    async with asyncio.timeout(1), StdinLines() as lines:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(lines)
