"""The sources of a password: a protected file, the system keyring, a command."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked

from mcp_finesse.credentials import KeyringPassword, PasswordCommand, PasswordFile, sources
from mcp_finesse.errors import ConfigurationError, CredentialSourceError
from tests.credentials.support import PASSWORD, python

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


def secret_file(folder: Path, content: bytes = b"secret\n", mode: int = 0o600) -> Path:
    path = folder / "password"
    path.write_bytes(content)
    path.chmod(mode)
    return path


async def read_file(path: Path, seconds: float = 10) -> str:
    return (await PasswordFile("1001", path, seconds).read()).password


# -- content of a file and of an output


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"secret", "secret"),
        (b"secret\n", "secret"),
        (b"secret\r\n", "secret"),
        (b" se cret \n", " se cret "),
        (PASSWORD.encode(), PASSWORD),
    ],
)
async def test_one_line_break_at_the_end_is_ignored(tmp_path: Path, content: bytes, password: str) -> None:
    assert await read_file(secret_file(tmp_path, content)) == password


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"canary\n\n", "control character"),
        (b"canary\ncanary", "control character"),
        (b"canary\r", "control character"),
        (b"canary\0", "control character"),
        (b"canary\xff", "not UTF-8"),
        (b"canary" * 12_000, "larger than"),
    ],
)
async def test_content_that_is_no_password_is_rejected_without_showing_it(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(CredentialSourceError, match=problem) as caught:
        await read_file(secret_file(tmp_path, content))

    assert "canary" not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"
    assert caught.value.__context__ is None or "canary" not in repr(caught.value.__context__)


# -- files


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o610])
async def test_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(CredentialSourceError, match=f"mode {mode:o}") as caught:
        await read_file(secret_file(tmp_path, mode=mode))

    assert "chmod 600" in caught.value.advice


@posix
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
async def test_file_of_this_user_alone_is_read(tmp_path: Path, mode: int) -> None:
    assert await read_file(secret_file(tmp_path, mode=mode)) == "secret"


@posix
async def test_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = secret_file(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(CredentialSourceError, match="belongs to another user"):
        await read_file(path)


@posix
async def test_symbolic_link_is_followed_to_a_file_that_is_checked(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(secret_file(tmp_path))
    assert await read_file(link) == "secret"
    (tmp_path / "password").chmod(0o644)
    with pytest.raises(CredentialSourceError, match="other users"):
        await read_file(link)


@posix
async def test_special_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(CredentialSourceError, match=r"not a regular file|Is a directory|another user"):
            await read_file(path)


async def test_missing_file_is_named() -> None:
    with pytest.raises(CredentialSourceError, match="/nowhere/password cannot be read: No such file"):
        await read_file(Path("/nowhere/password"))


async def test_file_system_that_hangs_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(sources, "read_protected", lambda _: release.wait(10))
    with pytest.raises(CredentialSourceError, match=r"within 0\.05 s"):
        await read_file(secret_file(tmp_path), 0.05)

    release.set()


# -- the keyring


class MemoryKeyring(KeyringBackend):
    """A back end of the real library."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.hold: threading.Event | None = None
        self.readings = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.readings += 1
        if self.hold is not None:
            self.hold.wait(10)
        if self.error is not None:
            raise self.error
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


@pytest.fixture
def backend() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    made = MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


async def read_keyring(seconds: float = 10) -> str:
    return (await KeyringPassword("1001", "finesse", seconds).read()).password


async def test_password_of_the_user_is_read_from_the_keyring(backend: MemoryKeyring) -> None:
    backend.entries["finesse", "1001"] = PASSWORD
    assert await read_keyring() == PASSWORD


async def test_missing_entry_is_reported_with_the_command_that_stores_it(backend: MemoryKeyring) -> None:
    with pytest.raises(
        CredentialSourceError, match="no password of '1001' for the service 'finesse'"
    ) as caught:
        await read_keyring()

    assert "keyring set finesse 1001" in caught.value.advice


async def test_missing_package_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigurationError, match="not installed") as caught:
        await read_keyring()

    assert "mcp-finesse[keyring]" in caught.value.advice


async def test_machine_without_a_keyring_is_a_configuration_error() -> None:
    from keyring.backends import fail

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    try:
        with pytest.raises(ConfigurationError, match="this machine has none"):
            await read_keyring()
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("error", [KeyringLocked("canary"), InitError("canary"), RuntimeError("canary")])
async def test_keyring_that_fails_is_reported_without_its_message(
    backend: MemoryKeyring, error: Exception
) -> None:
    backend.error = error
    with pytest.raises(CredentialSourceError, match=type(error).__name__) as caught:
        await read_keyring()

    assert "canary" not in str(caught.value)


async def test_locked_keyring_is_waited_for_within_the_limit_and_not_asked_twice(
    backend: MemoryKeyring,
) -> None:
    backend.hold, backend.entries["finesse", "1001"] = threading.Event(), "secret"
    source = KeyringPassword("1001", "finesse", 0.1)
    began = time.monotonic()
    for words in ("did not answer within", "has not answered an earlier request"):
        with pytest.raises(CredentialSourceError, match=words):
            await source.read()

    assert backend.readings == 1
    assert time.monotonic() - began < 2
    backend.hold.set()
    async with asyncio.timeout(5):
        while True:
            try:
                assert (await source.read()).password == "secret"
            except CredentialSourceError:
                await asyncio.sleep(0.02)
            else:
                break


def test_keyring_is_imported_only_when_it_is_used() -> None:
    import subprocess

    code = "import sys, mcp_finesse.cli; sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


# -- commands


async def test_password_is_what_the_command_prints() -> None:
    source = PasswordCommand("1001", python("print('se cret')"), 10)
    assert (await source.read()).password == "se cret"


@pytest.mark.parametrize(
    "code", ["", "print('canary'); print('canary')", "import os; os.write(1, b'canary\\xff')"]
)
async def test_output_that_is_no_password_is_rejected_without_showing_it(code: str) -> None:
    with pytest.raises(CredentialSourceError, match="no valid password in the output") as caught:
        await PasswordCommand("1001", python(code), 10).read()

    assert "canary" not in f"{caught.value} {caught.value!r} {caught.value.__context__!r}"


def test_representations_show_neither_arguments_nor_passwords() -> None:
    made: list[Any] = [
        PasswordCommand("1001", ["get", "--token", "canary"]),
        KeyringPassword("1001", "finesse"),
    ]
    assert "canary" not in repr(made)
