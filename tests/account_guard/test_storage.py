"""Storage of sign-in attempts: private folders and files that show no secret."""

from __future__ import annotations

import errno
import os
import tempfile
import tracemalloc
from pathlib import Path

import pytest

from mcp_finesse.account_guard import FileStore, rules
from mcp_finesse.account_guard.hosts import host_of
from mcp_finesse.account_guard.rules import Proof, Record
from mcp_finesse.account_guard.store import BusyError
from mcp_finesse.errors import ConfigurationError
from mcp_finesse.private_files import StateFolder

RECORD = Record((), (Proof("s", "agent", frozenset({"h"}), 1.0),))


def test_files_are_private_and_show_neither_user_nor_password(tmp_path: Path) -> None:
    store = FileStore(StateFolder(tmp_path / "state"), "sandra")
    store.fingerprint("hunter2")
    store.update(lambda _: (RECORD, None))
    for path in (tmp_path / "state").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
        assert "sandra" not in str(path)
        assert path.is_dir() or not {b"sandra", b"hunter2"} & set(path.read_bytes().split(b'"'))


def test_another_process_reads_the_record_and_computes_the_same_fingerprints(tmp_path: Path) -> None:
    one, two = (FileStore(StateFolder(tmp_path), user) for user in ("Sandra", "sandra "))
    one.update(lambda _: (RECORD, None))
    assert two.update(lambda record: (record, record)) == RECORD
    assert one.fingerprint("x") == two.fingerprint("x") != one.fingerprint("y")


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_lack_of_file_descriptors_does_not_lead_to_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folder = StateFolder(tmp_path / "state")
    store = FileStore(folder, "sandra")
    store.update(lambda _: (RECORD, None))

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail)
        for use in (lambda: store.update(lambda record: (record, None)), lambda: store.take_slot(0)):
            with pytest.raises(BusyError):
                use()
    assert store.update(lambda record: (record, record)) == RECORD
    assert folder.path() == tmp_path / "state"


@pytest.mark.parametrize(
    "content",
    [
        '{"attempts": [1',
        "",
        "[]",
        "null",
        '{"attempts": {}, "proofs": 7}',
        '{"attempts": [{"id": 1}], "proofs": []}',
        '{"attempts": [], "proofs": [{"secret": "", "role": "", "hosts": [], "at": 1' + "0" * 400 + "}]}",
        "[" * 100_000,
        "\0" * 300_000,
        " " * 50_000_000,
    ],
    ids=["cut", "empty", "list", "null", "kinds", "fields", "number", "depth", "zeros", "huge"],
)
def test_unreadable_record_yields_only_its_time(content: str, tmp_path: Path) -> None:
    store = FileStore(StateFolder(tmp_path), "sandra")
    store.update(lambda _: (RECORD, None))
    path = next(tmp_path.glob("accounts/*/record.json"))
    path.write_text(content)
    tracemalloc.start()
    found = store.update(lambda record: (record, record))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == Record(unreadable_at=path.stat().st_mtime)
    assert peak < 10_000_000
    store.update(lambda record: (record, None))
    store.update(lambda record: (rules.begin(record, RECORD.attempts, 0.0), None))
    assert store.update(lambda record: (record, record)).unreadable_at == found.unreadable_at


def test_slot_can_be_held_only_once(tmp_path: Path) -> None:
    one, two = (FileStore(StateFolder(tmp_path), "sandra") for _ in range(2))
    slot = one.take_slot(2)
    assert slot is not None
    assert two.take_slot(2) is None
    assert two.held_slots() == {2}
    one.release_slot(slot)
    assert two.held_slots() == frozenset()


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_state_folder_writable_by_others_is_replaced_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    folder = StateFolder(state)
    assert folder.path().parent == tmp_path
    assert folder.path() != state
    assert folder.path().stat().st_mode & 0o077 == 0
    assert "other users can write to it" in folder.note
    assert StateFolder(state).path() == folder.path()


def test_substitute_folder_that_is_a_symlink_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").write_text("")
    substitute = StateFolder(tmp_path / "file").path()
    substitute.rmdir()
    (tmp_path / "elsewhere").mkdir()
    substitute.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="No password is sent"):
        StateFolder(tmp_path / "file").path()


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://Finesse.Example.com:8445/desktop", "finesse.example.com"),
        ("finesse.example.com.", "finesse.example.com"),
        ("https://10.0.0.5", "10.0.0.5"),
        ("https://[::ffff:10.0.0.5]:8445", "10.0.0.5"),
        ("http://127.0.0.1", "loopback"),
        ("http://[::1]:80", "loopback"),
        ("http://LOCALHOST", "loopback"),
        ("https://b\u00fccher.example", "xn--bcher-kva.example"),
        ("", ""),
    ],
)
def test_spellings_of_a_host_are_equal(text: str, host: str) -> None:
    assert host_of(text) == host
