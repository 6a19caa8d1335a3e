"""The audit file: whole lines, a chain that survives restarts and rotation, and errors that leave it unchanged."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_finesse.errors import AuditError
from mcp_finesse.server.audit import audit_file
from mcp_finesse.server.audit.audit_file import AuditFile
from mcp_finesse.server.audit.chain import MAX_LINE, Position, verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit" / "log.jsonl"


def lines_of(path: Path) -> list[bytes]:
    return io.BytesIO(path.read_bytes()).readlines()


def append(path: Path, *tools: str, **options: int) -> None:
    file = AuditFile(path, **options)
    for tool in tools:
        file.append({"event": "call", "tool": tool})
    file.close()


def test_chain_continues_after_a_restart(path: Path) -> None:
    append(path, "a", "b")
    append(path, "c")
    found = verify(lines_of(path), after=Position())
    assert (found.records, found.problems) == (3, ())
    assert [json.loads(line)["tool"] for line in lines_of(path)] == ["a", "b", "c"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_file_is_readable_only_by_its_user(path: Path) -> None:
    append(path, "a")
    assert path.stat().st_mode & 0o077 == 0


def test_full_file_is_renamed_and_the_new_one_continues_its_chain(path: Path) -> None:
    append(path, *"abcdef", max_bytes=200)
    older = sorted(path.parent.glob("log-*.jsonl"))
    assert len(older) >= 2
    end = Position()
    for each in [*older, path]:
        found = verify(lines_of(each), after=end)
        assert found.problems == ()
        end = found.end
    assert end.number == 6


def test_chain_continues_when_the_process_was_killed_during_rotation(path: Path) -> None:
    append(path, "a", "b")
    end = verify(lines_of(path)).end
    path.rename(path.with_name("log-20261130T100000000000Z.jsonl"))
    append(path, "c")
    assert verify(lines_of(path), after=end).problems == ()


def test_log_of_another_server_beside_it_is_not_continued(path: Path) -> None:
    append(path.with_name("log-bob.jsonl"), "a", "b")
    append(path, "c")
    assert verify(lines_of(path), after=Position()).problems == ()


def test_failed_rotation_is_made_up_for_with_the_next_record(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AuditFile(path, max_bytes=1)
    file.append({"tool": "a"})
    real = audit_file.open_private

    def fail(*_: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(audit_file, "open_private", fail)
    for _ in range(2):
        with pytest.raises(AuditError, match="Too many open files"):
            file.append({"tool": "b"})
    monkeypatch.setattr(audit_file, "open_private", real)
    file.append({"tool": "c"})
    file.close()
    (older,) = path.parent.glob("log-*.jsonl")
    end = verify(lines_of(older), after=Position()).end
    assert verify(lines_of(path), after=end).records == 1


def test_two_processes_cannot_write_the_same_file(path: Path) -> None:
    first, second = AuditFile(path), AuditFile(path)
    first.append({"tool": "a"})
    with pytest.raises(AuditError, match="used by another process"):
        second.append({"tool": "b"})
    first.close()
    second.append({"tool": "c"})
    second.close()


@pytest.mark.parametrize("tail", [b"{", b'{"number":3,"previous":"', b"\xff\x00", b"a\rb", b"x" * 5000])
def test_line_left_incomplete_by_a_killed_process_is_marked(path: Path, tail: bytes) -> None:
    append(path, "a", "b")
    with path.open("ab") as file:
        file.write(tail)
    append(path, "c")
    found = verify(lines_of(path), after=Position())
    assert (found.records, found.problems, found.partial_lines) == (4, (), (3,))


def test_record_of_which_only_the_line_end_is_missing_is_continued(path: Path) -> None:
    append(path, "a", "b")
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    append(path, "c")
    found = verify(lines_of(path), after=Position())
    assert (found.records, found.problems, found.partial_lines) == (3, (), ())


def test_only_incomplete_line_of_a_new_file_is_marked(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    path.write_bytes(b'{"number":1')
    append(path, "a")
    found = verify(lines_of(path), after=Position())
    assert (found.records, found.problems, found.partial_lines) == (2, (), (1,))


def test_file_that_is_no_audit_log_is_refused_and_not_changed(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    for content in (b"hello\n", b"x" * (2 * MAX_LINE)):
        path.write_bytes(content)
        with pytest.raises(AuditError, match="contains no record"):
            AuditFile(path).open()
        assert path.read_bytes() == content


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_link_and_folder_are_refused(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    target = tmp_path / "elsewhere"
    path.symlink_to(target)
    with pytest.raises(AuditError, match="cannot be written"):
        AuditFile(path).open()
    assert not target.exists()
    with pytest.raises(AuditError, match="cannot be written"):
        AuditFile(tmp_path / "audit").open()


def test_record_that_cannot_be_written_completely_is_not_written_at_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AuditFile(path)
    file.append({"tool": "a"})
    before = path.read_bytes()
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        return real(descriptor, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(AuditError, match="no space is left"):
        file.append({"tool": "b"})
    assert path.read_bytes() == before

    def fail(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(AuditError, match="No space left"):
        file.append({"tool": "b"})
    monkeypatch.undo()
    file.append({"tool": "c"})
    file.close()
    found = verify(lines_of(path), after=Position())
    assert (found.records, found.problems) == (2, ())


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted")
def test_deleted_file_is_replaced_and_the_new_one_shows_that_records_are_missing(path: Path) -> None:
    file = AuditFile(path)
    file.append({"tool": "a"})
    path.unlink()
    file.append({"tool": "b"})
    file.append({"tool": "c"})
    file.close()
    assert [json.loads(line)["tool"] for line in lines_of(path)] == ["b", "c"]
    assert verify(lines_of(path)).problems == ()
    assert verify(lines_of(path), after=Position()).problems != ()


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be deleted")
def test_deleted_folder_is_an_error_and_the_chain_continues_when_it_is_back(path: Path) -> None:
    file = AuditFile(path)
    file.append({"tool": "a"})
    shutil.rmtree(path.parent)
    for _ in range(2):
        with pytest.raises(AuditError, match="cannot be written"):
            file.append({"tool": "b"})
    path.parent.mkdir()
    file.append({"tool": "c"})
    file.close()
    assert verify(lines_of(path)).start.number == 1


def test_incomplete_line_that_cannot_be_removed_is_marked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = AuditFile(path)
    file.append({"tool": "a"})
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        return real(descriptor, data[: len(data) // 2])

    def not_permitted(descriptor: int, length: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "write", half)
    monkeypatch.setattr(os, "ftruncate", not_permitted)  # as for a file that can only be appended to
    with pytest.raises(AuditError, match="no space is left"):
        file.append({"tool": "b"})
    monkeypatch.undo()
    file.append({"tool": "c"})
    file.close()
    found = verify(lines_of(path), after=Position())
    assert (found.records, found.problems, found.partial_lines) == (3, (), (2,))


_WRITER = """
import sys
from pathlib import Path
from mcp_finesse.server.audit import audit_file
from mcp_finesse.server.audit.audit_file import AuditFile
file = AuditFile(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    file.append({"event": "call", "tool": "x" * 2000, "n": number})
    print(number, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_killed_process_loses_no_appended_record(path: Path) -> None:
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(20)][-1]
        process.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.endswith("\n"))])
        process.wait()
        process.stdout.close()
        last = json.loads(lines_of(path)[-1]) if lines_of(path)[-1].endswith(b"\n") else None
        assert last is None or last["n"] >= acknowledged
    append(path, "end")
    found = verify(lines_of(path), after=Position())
    assert found.problems == ()
