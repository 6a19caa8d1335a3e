"""``python -m tests.tasks``: what it plays, what it prints, how it ends."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tasks.__main__ import main
from tests.tasks.every import TASKS
from tests.tasks.scripted_endpoint import calls, endpoint, says


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("TASKS_BASE_URL", "TASKS_API_KEY", "TASKS_MODEL"):
        monkeypatch.delenv(name, raising=False)
    yield
    logging.disable(logging.NOTSET)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=environment)


def test_it_lists_every_task() -> None:
    result = run("--list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == [task.id for task in TASKS]


@pytest.mark.parametrize("era", ["2025-11-25", "2026-07-28"])
def test_without_an_endpoint_it_plays_the_scripts(era: str) -> None:
    result = run("--task", "lunch", "--task", "explain-error", "--era", era)
    assert result.exit_code == 0, result.output
    assert "played by their scripts" in result.output
    assert result.output.count("passed  ") == 2
    assert "2 of 2 runs passed; 3 steps, 0 errors, 0 tokens" in result.output


def test_with_an_endpoint_a_model_plays_and_what_went_wrong_is_told(tmp_path: Path) -> None:
    meets = calls(("change_state", {"state": "NOT_READY", "reason": "Meeting"}))
    with endpoint(meets, says("You are at lunch."), says("Enjoy your lunch!")) as scripted:
        result = run(
            "--task",
            "lunch",
            "--runs",
            "2",
            "--transcripts",
            str(tmp_path / "told"),
            TASKS_BASE_URL=scripted.url,
            TASKS_MODEL="tiny",
            TASKS_API_KEY="secret-key",
        )
    assert result.exit_code == 1
    assert "played by tiny" in result.output
    assert result.output.count("FAILED  lunch") == 2
    assert "('NOT_READY', 42), not ('NOT_READY', 41)" in result.output
    assert "0 of 2 runs passed" in result.output
    assert "lunch: 0 of 2" in result.output
    assert set(scripted.keys) == {"Bearer secret-key"}
    files = sorted((tmp_path / "told").iterdir())
    assert [file.name for file in files] == ["lunch-1.json", "lunch-2.json"]
    told = json.loads(files[0].read_text())
    assert told["transcript"][0] == {"user": "I'm off to lunch now."}
    assert told["wrong"]
    assert "secret-key" not in files[0].read_text() + result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--task", "no-such-task"), "no task has this name"),
        (("--task", "lunch", "--base-url", "http://127.0.0.1:9/v1"), "needs --model"),
    ],
)
def test_what_cannot_be_played_is_refused(arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
