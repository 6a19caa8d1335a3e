"""Private files, which only this user can change: the state folder and the lock files in the folder."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
import tempfile
from pathlib import Path

from mcp_finesse.errors import ConfigurationError

log = logging.getLogger(__name__)

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


def open_private(path: Path, flags: int) -> int:
    """Open a file without following symbolic links, and return its descriptor.

    Raises:
        OSError: The file cannot be opened, is a symbolic link, is not a regular file, belongs to another user,
            or is writable by others.
    """
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0), 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "not a regular file", str(path))
        if problem := _ownership_problem(status):
            raise OSError(None, problem, str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def try_lock(path: Path, *, create: bool = True) -> int | None:
    """Lock a file and return its descriptor. The lock is held until the descriptor is closed.

    Returns:
        None if another descriptor holds the lock, in this process or in another process.

    Raises:
        OSError: An error of ``open_private``.
    """
    descriptor = open_private(path, os.O_RDWR | (os.O_CREAT if create else 0))
    try:
        _lock(descriptor)
    except OSError as error:
        os.close(descriptor)
        if isinstance(
            error, (BlockingIOError, PermissionError)
        ):  # POSIX raises BlockingIOError, Windows PermissionError
            return None
        raise
    return descriptor


def read_private(path: Path, most: int) -> bytes:
    """Read at most ``most + 1`` bytes of a file. The extra byte shows an excess. Raises as ``open_private``."""
    with os.fdopen(open_private(path, os.O_RDONLY), "rb") as file:
        return file.read(most + 1)


def replace_private(path: Path, content: bytes) -> None:
    """Replace a file atomically. Other processes read either the old content or the new content."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


class StateFolder:
    """The folder for lock files and sign-in records. If the configured folder is not private, a substitute is used.

    The substitute folder is ``mcp-finesse-<user>`` in the system's temporary folder. Every process of this user
    has the same substitute folder.

    Args:
        configured: The configured folder, which is created if missing.

    Attributes:
        note: The reason why the substitute folder is in use, as a note for the status. Empty if the configured
            folder is in use.
    """

    def __init__(self, configured: Path) -> None:
        self.note = ""
        self._configured = configured
        self._path: Path | None = None

    def path(self) -> Path:
        """Return the folder in use.

        Raises:
            ConfigurationError: Neither the configured folder nor the substitute can be used.
        """
        if self._path is None:
            problem = _make_private(self._configured)
            if problem:
                return self.substitute(problem)
            self._path = self._configured
        return self._path

    def substitute(self, problem: str) -> Path:
        """Switch to the substitute folder because the configured folder failed. Raises the errors of ``path``."""
        fallback = Path(tempfile.gettempdir()) / f"mcp-finesse-{_user()}"
        if self._path == fallback:
            raise _no_folder(problem, f"{fallback} failed as well")
        if second := _make_private(fallback, secret=True):
            raise _no_folder(problem, second)
        self.note = f"{problem} {fallback} is used instead. Set FINESSE_STATE_DIR to a folder that only you can write."
        log.warning("%s", self.note)
        self._path = fallback
        return fallback


def _no_folder(first: str, second: str) -> ConfigurationError:
    return ConfigurationError(
        f"No password is sent, because attempts to sign in cannot be recorded. {first} {second}.",
        advice="Set FINESSE_STATE_DIR to a folder that only this user can write.",
    )


def _make_private(path: Path, *, secret: bool = False) -> str:
    """Create a folder if it is missing. Return the reason if the folder cannot be used, or an empty string.

    Args:
        path: The folder.
        secret: Whether to reject also a folder that is a symbolic link or that others can read. ``secret`` is
            needed for a folder inside a world-writable folder.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = path.lstat() if secret else path.stat()
    except OSError as error:
        return f"The state folder {path} cannot be used: {error.strerror or error}."
    if not stat.S_ISDIR(status.st_mode):
        return f"The state folder {path} is not a folder."
    problem = _ownership_problem(status)
    if not problem and secret and sys.platform != "win32" and status.st_mode & 0o077:
        problem = "other users can read it"
    if not problem and not os.access(path, os.W_OK | os.X_OK):
        problem = "it is not writable"
    return f"The state folder {path} cannot be used: {problem}." if problem else ""


def _ownership_problem(status: os.stat_result) -> str:
    if sys.platform == "win32":
        return ""
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    return "other users can write to it" if status.st_mode & _OTHERS_MAY_WRITE else ""


def _user() -> str:
    if sys.platform == "win32":
        return "user"
    return str(os.geteuid())
