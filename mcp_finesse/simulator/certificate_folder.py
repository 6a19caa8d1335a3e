"""Temporary folder for certificates, and removal of the folders of simulators that were killed."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import IO

_PREFIX = "mcp-finesse-simulator-"
_LOCK = "lock"

if sys.platform == "win32":

    def _lock(file: IO[bytes]) -> None:
        """Do nothing: on Windows the open file itself prevents the deletion."""

    def _is_abandoned(lock: Path) -> bool:
        try:
            lock.unlink()
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_abandoned(lock: Path) -> bool:
        """Return whether no process holds the lock. The system releases it when its process ends, even if killed."""
        try:
            with os.fdopen(os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                _lock(file)
        except OSError:
            return False
        return True


class CertificateFolder:
    """A temporary folder that only this user can read, locked while in use.

    Creating one deletes the folders of processes that were killed.

    Attributes:
        path: the folder.
    """

    def __init__(self) -> None:
        remove_abandoned()
        self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX)
        self.path = Path(self._folder.name)
        new = self.path / f"{_LOCK}.new"
        self._lock = new.open("wb")
        if sys.platform == "win32":
            self._lock.close()  # Windows does not rename open files
            self._lock = new.rename(self.path / _LOCK).open("wb")
        else:
            _lock(self._lock)
            new.rename(self.path / _LOCK)  # already locked, so no process sees it unlocked

    def close(self) -> None:
        """Delete the folder."""
        self._lock.close()
        self._folder.cleanup()


def remove_abandoned() -> None:
    """Delete those certificate folders of this user that no process has locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_own_folder(folder) and _is_abandoned(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_own_folder(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (sys.platform == "win32" or status.st_uid == os.geteuid())
