"""The output of ``watch`` and the log contain nothing of what is redacted."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import pytest

from mcp_finesse.cli import options
from mcp_finesse.cli.watch import _Output
from mcp_finesse.redaction import Redaction
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
