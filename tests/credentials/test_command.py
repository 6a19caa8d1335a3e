"""A command runs without a shell, within its limits, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from mcp_finesse.credentials import command
from mcp_finesse.credentials.command import MAX_OUTPUT_BYTES, run_command
from mcp_finesse.errors import CredentialSourceError
from tests.credentials.support import python

posix = pytest.mark.skipif(sys.platform == "win32", reason="processes of POSIX")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text() if sys.platform == "linux" else True


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(3):
        while is_running(pid):  # noqa: ASYNC110 - the end of another process is no event
            await asyncio.sleep(0.01)


async def test_output_is_returned_as_printed() -> None:
    assert await run_command(python("print('a b'); print('c')"), 10) == b"a b\nc\n"


async def test_arguments_are_passed_without_a_shell() -> None:
    code = "import sys; print(sys.argv[1:])"
    assert (
        await run_command([*python(code), "$HOME", "a; echo b", "*"], 10) == b"['$HOME', 'a; echo b', '*']\n"
    )


async def test_command_gets_the_environment_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "FINESSE_PASSWORD",
        "FINESSE_ADMIN_PASSWORD",
        "FINESSE_OAUTH_CLIENT_SECRET",
        "FINESSE_PROXY",
    ):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("VAULT_ADDRESS", "vault")
    code = "import os; print('canary' in str(os.environ), os.environ['VAULT_ADDRESS'])"
    assert await run_command(python(code), 10) == b"False vault\n"


async def test_command_gets_no_input() -> None:
    assert await run_command(python("import sys; print(repr(sys.stdin.read()))"), 10) == b"''\n"


async def test_exit_status_is_reported_and_stderr_and_arguments_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    code = "import sys; print('canary-1'); print('canary-2', file=sys.stderr); sys.exit(7)"
    with pytest.raises(CredentialSourceError, match="exit status 7") as caught:
        await run_command([*python(code), "canary-3"], 10)

    assert caught.value.advice
    assert "canary" not in f"{caught.value!r} {caught.value} {caplog.text}"


@posix
async def test_signal_that_ended_the_command_is_reported() -> None:
    with pytest.raises(CredentialSourceError, match="ended by SIGTERM"):
        await run_command(python("import os; os.kill(os.getpid(), 15)"), 10)


@pytest.mark.parametrize(
    "argv", [["/nowhere/program"], ["mcp-finesse-no-such-program"], [str(Path(__file__).parent)]]
)
async def test_command_that_cannot_be_started_is_reported(argv: list[str]) -> None:
    with pytest.raises(CredentialSourceError, match="cannot be started") as caught:
        await run_command(argv, 10)

    assert argv[0] in str(caught.value)


async def test_command_that_hangs_is_killed_at_the_limit(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    began = time.monotonic()
    with pytest.raises(CredentialSourceError, match="did not end within 1 s"):
        await run_command(python(code), 1)

    assert time.monotonic() - began < 4
    await until_gone(int(pid_file.read_text()))


async def test_command_that_prints_without_end_is_killed() -> None:
    code = "import os\nwhile True: os.write(1, b'x' * 65536)"
    began = time.monotonic()
    with pytest.raises(CredentialSourceError, match=f"more than {MAX_OUTPUT_BYTES} bytes"):
        await run_command(python(code), 20)

    assert time.monotonic() - began < 10


async def test_output_at_the_limit_is_accepted_and_one_byte_more_is_not() -> None:
    assert len(await run_command(python(f"print('x' * {MAX_OUTPUT_BYTES}, end='')"), 10)) == MAX_OUTPUT_BYTES
    with pytest.raises(CredentialSourceError, match="more than"):
        await run_command(python(f"print('x' * {MAX_OUTPUT_BYTES + 1}, end='')"), 10)


@posix
async def test_background_process_that_keeps_stdout_open_does_not_delay_the_result(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "print('secret')"
    )
    began = time.monotonic()
    try:
        assert await run_command(python(code), 20) == b"secret\n"
        assert time.monotonic() - began < 5
        assert is_running(int((tmp_path / "pid").read_text())), "agents such as gpg-agent must survive"
    finally:
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


@posix
async def test_processes_started_by_a_hanging_command_are_killed_with_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)"
    )
    with pytest.raises(CredentialSourceError, match="did not end"):
        await run_command(python(code), 2)

    await until_gone(int((tmp_path / "pid").read_text()))


async def test_cancelled_caller_kills_the_command(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(run_command(python(code), 30))
    async with asyncio.timeout(10):
        while not (pid_file.exists() and pid_file.read_text()):  # noqa: ASYNC110 - a file is no event
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await until_gone(int(pid_file.read_text()))


async def test_event_loop_is_not_blocked_by_a_command() -> None:
    task = asyncio.create_task(run_command(python("import time; time.sleep(0.5); print('x')"), 10))
    ticks = 0
    while not task.done():
        await asyncio.sleep(0.01)
        ticks += 1

    assert ticks > 20


def test_statuses_are_described() -> None:
    assert command._describe_status(3) == "exit status 3"
    assert command._describe_status(-9) == "ended by SIGKILL"
    assert command._describe_status(-200) == "ended by signal 200"
