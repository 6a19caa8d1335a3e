"""``mcp-finesse audit verify``: exit status and output for an unchanged, a changed and a shortened log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mcp_finesse.cli import run
from mcp_finesse.server import AuditFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    file = AuditFile(path)
    for number in range(4):
        file.append({"event": "call", "tool": f"tool_{number}"})
    file.close()
    return path


def test_unchanged_log_is_confirmed_with_the_hash_of_its_end(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "verify", str(path)]) == 0
    out = capsys.readouterr().out
    assert "4 records, from number 1." in out
    end = re.search(r"Last record: 4, hash ([0-9a-f]{64})", out)
    assert end is not None
    assert run(["audit", "verify", str(path), "--end", end[1]]) == 0
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    assert run(["audit", "verify", str(path), "--end", end[1]]) == 2
    assert "records were removed or added at the end" in capsys.readouterr().out


def test_changed_log_is_reported_with_the_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path.write_bytes(path.read_bytes().replace(b"tool_1", b"tool_9"))
    assert run(["audit", "verify", str(path)]) == 2
    captured = capsys.readouterr()
    assert "line 3: does not contain the hash of the line before it" in captured.out
    assert "The audit log was changed or is damaged." in captured.err


def test_rotated_files_must_continue_each_other(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    older = path.with_name("older.jsonl")
    path.rename(older)
    file = AuditFile(path)
    file.append({"event": "call", "tool": "first of another log"})
    file.close()
    assert run(["audit", "verify", str(older), str(path)]) == 2
    assert "record 1 follows record 4" in capsys.readouterr().out


def test_partial_lines_and_many_problems_are_listed_briefly(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with path.open("ab") as file:
        file.write(b"half")
    assert run(["audit", "verify", str(path)]) == 0
    assert "The last line is incomplete" in capsys.readouterr().out
    again = AuditFile(path)
    again.append({"event": "call"})
    again.close()
    assert run(["audit", "verify", str(path)]) == 0
    assert "line 5: incomplete, because the process that wrote it was killed." in capsys.readouterr().out
    with path.open("ab") as file:
        file.write(b"x\n" * 50)
    assert run(["audit", "verify", str(path)]) == 2
    assert "30 more problems." in capsys.readouterr().out


def test_missing_file_and_binary_file_end_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "verify", str(tmp_path / "none")]) == 2
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)) * 100)
    assert run(["audit", "verify", str(binary)]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_command_without_a_subcommand_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit"]) == 2
    assert "verify  Check that no record" in capsys.readouterr().err
