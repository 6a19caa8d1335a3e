"""Blocking functions run beside the event loop, within a time limit."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from mcp_finesse.credentials.blocking import call_in_thread


async def test_result_and_error_of_the_function_are_passed_on() -> None:
    assert await call_in_thread(lambda: 3, 5) == 3
    assert await call_in_thread(lambda: None, 5) is None
    with pytest.raises(KeyError, match="lost"):
        await call_in_thread(lambda: {}["lost"], 5)


async def test_function_that_hangs_raises_timeout_error_and_its_late_result_is_ignored() -> None:
    release, done = threading.Event(), threading.Event()

    def hang() -> int:
        release.wait(10)
        done.set()
        return 1

    with pytest.raises(TimeoutError):
        await call_in_thread(hang, 0.05)

    release.set()
    await asyncio.to_thread(done.wait, 5)
    await asyncio.sleep(0.05)


def test_process_ends_while_a_function_hangs() -> None:
    code = (
        "import asyncio, time\n"
        "from mcp_finesse.credentials.blocking import call_in_thread\n"
        "async def main():\n"
        "    try:\n"
        "        await call_in_thread(lambda: time.sleep(60), 0.2)\n"
        "    except TimeoutError:\n"
        "        print('timed out')\n"
        "asyncio.run(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "timed out\n", "")
