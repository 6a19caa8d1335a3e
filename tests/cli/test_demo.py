"""``mcp-finesse demo``: a readable story, and an exit status that shows whether it went as expected."""

from __future__ import annotations

import asyncio
import functools
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from mcp_finesse.cli import demo as demo_module
from mcp_finesse.cli import run
from mcp_finesse.cli.demo import READABLE_PAUSE
from mcp_finesse.cli.demo_runner import DemoRunner
from mcp_finesse.simulator import Simulator
from mcp_finesse.simulator.customer_actions import CustomerActions
from tests.cli.support import ROOT, Command, environment

CHAPTERS = (
    "Ada starts her day",
    "A customer calls",
    "Disallowed actions fail, and the result says why",
    "Ada consults Ben and transfers the call",
    "Another call, ended and wrapped up",
    "The connection is lost and restored",
    "Ada ends her shift",
)
TOOLS = (
    "sign_in", "change_state", "answer_call", "hold_call", "retrieve_call", "consult_call", "transfer_call",
    "wrap_up_call", "sign_out",
)  # fmt: skip


def test_demo_plays_the_whole_story_and_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    assert run(["demo"]) == 0
    assert time.monotonic() - started < 30
    out, err = capsys.readouterr()
    assert err == ""
    assert tuple(re.findall(r"^== (.+)$", out, re.MULTILINE)) == CHAPTERS
    for tool in TOOLS:
        assert re.search(rf"^ +\d+\.\d\ds > {tool}\(", out, re.MULTILINE), f"{tool} is missing or has no time"
    assert "confirmed: " in out
    assert "failed: " in out
    assert "GAP: " in out
    last = out.splitlines()[-1]
    assert re.fullmatch(r"\d+ tool calls, \d+ notifications, .*: all as expected\.", last)


@pytest.mark.parametrize("transport", ["websocket", "bosh", "tcp"])
def test_demo_works_over_each_transport(transport: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["demo", "--xmpp-transport", transport]) == 0
    out, _ = capsys.readouterr()
    assert f"over {transport}" in out
    assert out.splitlines()[-1].endswith("all as expected.")


def test_unexpected_outcome_exits_with_1_and_is_named_in_the_summary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def another_story(runner: DemoRunner, simulator: Simulator) -> None:
        await runner.wait_until("ready", "get_session_status", lambda status: status.get("state") == "ready")
        await runner.call("sign_in", "confirmed", extension="9999")

    monkeypatch.setattr(demo_module, "play_demo", another_story)
    assert run(["demo"]) == 1
    out, _ = capsys.readouterr()
    assert "UNEXPECTED: sign_in returned" in out
    assert out.splitlines()[-2].endswith("1 not as expected.")
    assert out.splitlines()[-1].startswith("  ! sign_in returned")


def test_missing_event_is_reported_as_not_expected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def another_story(runner: DemoRunner, simulator: Simulator) -> None:
        await runner.wait_until(
            "nobody should win", "get_session_status", lambda status: status.get("winner")
        )
        await runner.call("wait_for_notification", "matched", kind="gap", timeout=0)

    monkeypatch.setattr(demo_module, "DemoRunner", functools.partial(DemoRunner, max_wait=0.1))
    monkeypatch.setattr(demo_module, "play_demo", another_story)
    assert run(["demo"]) == 1
    summary = capsys.readouterr().out.splitlines()[-3:]
    assert re.fullmatch(r"1 tool calls, \d+ notifications, \d+\.\d seconds: 2 not as expected\.", summary[0])
    assert summary[1:] == [
        "  ! nobody should win",
        "  ! wait_for_notification returned 'nothing_yet', not 'matched'",
    ]


def test_demo_that_cannot_continue_exits_with_1_and_a_summary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody_calls(*_: object) -> str:
        raise LookupError("the phones are dead")

    monkeypatch.setattr(CustomerActions, "call", nobody_calls)
    assert run(["demo"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[-2].endswith(": 1 not as expected.")
    assert out.splitlines()[-1] == "  ! The demo stopped: LookupError: the phones are dead"


def test_demo_ignores_the_users_finesse_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FINESSE_READ_ONLY", "true")
    monkeypatch.setenv("FINESSE_PORT", "a lot")
    assert run(["demo"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("all as expected.")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
async def test_interrupted_demo_exits_with_130_and_leaves_no_files(
    sent: signal.Signals, tmp_path: Path
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    variables = {"TMPDIR": str(temporary)}
    async with Command.started(tmp_path, "demo", "--pause", "5", variables=variables) as command:
        assert command.process.stdout is not None
        await command.process.stdout.readline()
        command.signal(sent)
        ended = await command.ended()
    assert ended.status == 130
    assert "Traceback" not in ended.err
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of POSIX")
async def test_demo_in_a_terminal_pauses_for_the_reader(tmp_path: Path) -> None:
    terminal, other_end = os.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mcp_finesse", "demo",
        stdout=other_end, stderr=other_end, cwd=ROOT, env=environment(tmp_path),
    )  # fmt: skip
    os.close(other_end)
    try:
        text = ""
        while text.count(" > ") < 2:
            text += (await asyncio.to_thread(os.read, terminal, 65536)).decode()
        first, second = (float(seconds) for seconds in re.findall(r"(\d+\.\d\d)s > ", text)[:2])
        assert second - first >= READABLE_PAUSE
    finally:
        process.kill()
        await process.wait()
        os.close(terminal)
