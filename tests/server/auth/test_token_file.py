"""The file of static tokens: what it contains, who may write it, and concurrent changes."""

from __future__ import annotations

import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.errors import ConfigurationError, InvalidRequestError
from mcp_finesse.server.auth import token_file as module
from mcp_finesse.server.auth.token_file import TokenFile, digest_of, find

READ = ["finesse:read"]


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json")


def test_file_contains_the_hash_of_a_token_and_not_the_token(file: TokenFile) -> None:
    token = file.create("ada", READ)
    text = file.path.read_text()
    assert token.startswith("mcpf_")
    assert len(token) == 48
    assert token not in text
    assert token.removeprefix("mcpf_") not in text
    assert digest_of(token) in text


def test_tokens_differ_and_are_found_by_their_secret_only(file: TokenFile) -> None:
    tokens = {name: file.create(name, READ) for name in ("ada", "ben")}
    entries = file.read()
    assert {name: find(entries, token).name for name, token in tokens.items()} == {"ada": "ada", "ben": "ben"}  # type: ignore[union-attr]
    assert find(entries, tokens["ada"][:-1]) is None
    assert find(entries, entries[0].sha256) is None


def test_revoked_name_can_be_used_again_with_another_id(file: TokenFile) -> None:
    first = file.create("ada", READ)
    old = file.revoke("ada")
    assert find(file.read(), first) is None
    file.create("ada", READ)
    assert file.read()[0].id != old.id


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_only_this_user_can_read_the_file(file: TokenFile) -> None:
    old = os.umask(0)
    try:
        file.create("ada", READ)
    finally:
        os.umask(old)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_file_that_others_can_write_is_refused(file: TokenFile, mode: int) -> None:
    file.create("ada", READ)
    file.path.chmod(mode)
    with pytest.raises(ConfigurationError, match="other users can write to it"):
        file.read()
    with pytest.raises(ConfigurationError, match="other users can write to it"):
        file.create("ben", READ)


def test_symbolic_link_is_refused(file: TokenFile, tmp_path: Path) -> None:
    file.create("ada", READ)
    link = tmp_path / "link.json"
    link.symlink_to(file.path)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        TokenFile(link).read()


def test_missing_file_says_how_to_create_it(file: TokenFile) -> None:
    with pytest.raises(ConfigurationError, match="mcp-finesse token create"):
        file.read()


ENTRY: dict[str, Any] = {
    "name": "ada", "id": "1", "sha256": "0" * 64, "scopes": READ, "created": 1, "expires": None,
}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", '{"version": 2, "tokens": []}', '{"version": 1}', '{"version": 1, "tokens": {}}',
        "[" * 100_000,
        *(json.dumps({"version": 1, "tokens": [ENTRY | change]}) for change in (
            {"name": 5}, {"sha256": "zz"}, {"sha256": "00"}, {"sha256": "é" * 64}, {"scopes": "finesse:read"},
            {"scopes": [1]}, {"created": "now"}, {"expires": 10**15}, {"expires": True}, {"more": 1},
        )),
        json.dumps({"version": 1, "tokens": [ENTRY, ENTRY]}),
        " " * 1_000_001,
    ],
)  # fmt: skip
def test_damaged_file_is_refused_and_never_overwritten(file: TokenFile, content: str) -> None:
    file.path.touch(0o600)
    file.path.write_text(content)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        file.read()
    with pytest.raises(ConfigurationError, match="cannot be used"):
        file.create("ben", READ)
    assert file.path.read_text() == content


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "é", "a" * 65, "../x", "\x1b[31m"])
def test_name_that_could_mislead_is_refused(file: TokenFile, name: str) -> None:
    with pytest.raises(InvalidRequestError, match="The name of a token"):
        file.create(name, READ)
    assert not file.path.exists()


@pytest.mark.parametrize("scopes", [[], ["finesse:all"], ["finesse:read", "x"]])
def test_unknown_scope_is_refused(file: TokenFile, scopes: list[str]) -> None:
    with pytest.raises(InvalidRequestError, match="The scopes are: finesse:read"):
        file.create("ada", scopes)


def test_name_in_use_past_expiry_and_unknown_name_are_refused(file: TokenFile) -> None:
    file.create("ada", READ)
    with pytest.raises(InvalidRequestError, match="already contains a token ada"):
        file.create("ada", READ)
    with pytest.raises(InvalidRequestError, match="expired already, at 1970-01-01"):
        file.create("ben", READ, 5)
    with pytest.raises(InvalidRequestError, match="contains no token ben"):
        file.revoke("ben")


def test_number_of_tokens_is_limited(file: TokenFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOKENS", 2)
    file.create("a", READ)
    file.create("b", READ)
    with pytest.raises(InvalidRequestError, match="contains 2 tokens already"):
        file.create("c", READ)


def test_concurrent_changes_lose_nothing_and_readers_see_whole_files(file: TokenFile) -> None:
    file.create("first", READ)
    problems: list[Exception] = []
    stop = threading.Event()

    def change(number: int) -> None:
        for step in range(5):
            file.create(f"{number}-{step}", READ)
        file.revoke(f"{number}-0")

    def read() -> None:
        while not stop.is_set():
            try:
                assert file.read()
            except Exception as error:
                problems.append(error)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    assert problems == []
    assert len(file.read()) == 1 + 4 * 4


def test_lock_that_another_process_holds_for_long_is_reported(
    file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOCK_SECONDS", 0.05)
    with file._locked(), pytest.raises(ConfigurationError, match="Another process has been changing"):
        file.create("ada", READ)


def test_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        TokenFile(tmp_path / "missing" / "tokens.json").create("ada", READ)
