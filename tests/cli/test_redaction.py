"""The output of ``watch`` and the log contain nothing of what is redacted."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import click
import pytest

from mcp_finesse import cli
from mcp_finesse.cli import options
from mcp_finesse.cli.demo_runner import DemoRunner
from mcp_finesse.cli.watch import _Output
from mcp_finesse.errors import ConfigurationError, FinesseError
from mcp_finesse.redaction import CARDS_ONLY, Redaction, active_redaction, use_redaction
from mcp_finesse.session import Entry
from tests.server.planted import (
    ACCOUNT,
    CARD,
    DISGUISES,
    HIDDEN,
    HIDDEN_VARIABLES,
    PATTERN,
    Planter,
    problems,
)
from tests.session.support import floor

REDACTION = Redaction.of(HIDDEN_VARIABLES, [PATTERN])
NAMES = (*(f"callVariable{number}" for number in range(1, 11)), "user.note")


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("as_json", [True, False])
async def test_watch_prints_nothing_that_is_redacted(tmp_path: Path, raw: bool, as_json: bool) -> None:
    output, planter = _Output(REDACTION, raw, as_json), Planter()
    async with floor(tmp_path) as it:
        await it.ready()
        number = planter.text("caller number")
        dialog = it.simulator.center.customers.call("8800", number, planter.variables(NAMES))
        await it.until(lambda: dialog in it.session.mirror.dialogs)
        lines = [output.entry(entry) for entry in it.session.journal]
    assert [line for line in lines if problems(line)] == []
    assert any("[redacted]" in line for line in lines)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_unreadable_notification_is_printed_redacted(disguise: str) -> None:
    entry = Entry("dialogs", "unreadable", raw=f"<Update>{disguise} {ACCOUNT}", text=f"no XML: {CARD}")
    for output in (_Output(REDACTION, True, False), _Output(REDACTION, True, True)):
        assert problems(output.entry(entry)) == []
    assert problems(_Output(REDACTION, False, False).sentence(f"degraded: {disguise} {ACCOUNT}")) == []


def test_log_is_redacted_at_every_level_with_tracebacks(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    monkeypatch.setattr(logging.getLogger("mcp_finesse"), "level", logging.NOTSET)
    options.log_to_stderr("DEBUG", REDACTION)
    log = logging.getLogger("mcp_finesse.example")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        log.log(level, "said %s", f"{ACCOUNT} {DISGUISES[1]}")
    try:
        raise ValueError(f"input {CARD} of {ACCOUNT}")
    except ValueError:
        log.exception("failed")
    log.warning("call 331 from %s, request %s", "+4915112345678", "12345678-1234-4123-8123-12345678901a")
    assert problems(written.getvalue()) == []
    assert written.getvalue().count("[redacted] [redacted]") == 4
    assert HIDDEN not in written.getvalue()
    assert "ValueError: input [redacted] of [redacted]" in written.getvalue()
    assert "from +4915112345678, request 12345678-1234-4123-8123-12345678901a" in written.getvalue()


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("error", [ConfigurationError, FinesseError, click.UsageError, click.ClickException])
def test_last_line_of_every_command_is_redacted(
    error: type[Exception],
    disguise: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        use_redaction(REDACTION)
        raise error(f"Finesse said {disguise} about {ACCOUNT}")

    monkeypatch.setattr(cli.group, "main", fail)
    assert cli.run(["serve"]) in (1, 2, 3)
    said = capsys.readouterr().err
    assert problems(said) == []
    assert "[redacted]" in said
    assert active_redaction() is CARDS_ONLY, "the redaction of a command ends with the command"


def test_traceback_of_an_unexpected_exception_is_redacted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        use_redaction(REDACTION)
        raise ZeroDivisionError(f"input {CARD} of {ACCOUNT}")

    monkeypatch.setattr(cli.group, "main", fail)
    assert cli.run(["serve"]) == 1
    said = capsys.readouterr().err
    assert problems(said) == []
    assert "ZeroDivisionError: input [redacted] of [redacted]" in said


def test_settings_of_a_command_redact_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"URL": "https://localhost:1", "USER": "1001", "PASSWORD": "x"}.items():
        monkeypatch.setenv(f"FINESSE_{name}", value)
    monkeypatch.setenv("FINESSE_REDACT_PATTERNS", PATTERN)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert cli.run(["serve", "--ca-file", str(tmp_path / "none"), "--policy", f"{ACCOUNT}-{CARD}"]) == 2
    assert problems(capsys.readouterr().err) == []


def test_lines_of_the_demo_are_redacted() -> None:
    lines: list[str] = []
    runner = DemoRunner(None, lines.append)  # type: ignore[arg-type]  # only prints
    runner.say(f"said {CARD}")
    runner.expect(False, f"The demo stopped: ValueError: {DISGUISES[1]}\x1b[31m")
    assert not runner.summary()
    assert [line for line in lines if problems(line) or "\x1b" in line] == []
    assert sum("[redacted]" in line for line in lines) == 3


def test_progress_lines_of_watch_are_redacted() -> None:
    output = _Output(REDACTION, False, False)
    assert problems(output.sentence(f"Watching dialogs, {ACCOUNT} of agent 1001.")) == []
