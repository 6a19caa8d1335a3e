"""A temporary folder for certificates. Folders that killed simulators left behind are removed."""

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
        """Do nothing, because on Windows the open file itself prevents its deletion."""

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
        """Return whether no process holds the lock. The system releases the lock even if its process is killed."""
        try:
            with os.fdopen(os.open(lock, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                _lock(file)
        except OSError:
            return False
        return True


class CertificateFolder:
    """A temporary folder that only this user can read, locked while in use.

    Creating a folder deletes the folders of processes that were killed.

    Attributes:
        path: the path of the folder.
    """

    def __init__(self) -> None:
        remove_abandoned()
        self._folder = tempfile.TemporaryDirectory(prefix=_PREFIX)
        self.path = Path(self._folder.name)
        new = self.path / f"{_LOCK}.new"
        self._lock = new.open("wb")
        if sys.platform == "win32":
            self._lock.close()  # on Windows, open files cannot be renamed
            self._lock = new.rename(self.path / _LOCK).open("wb")
        else:
            _lock(self._lock)
            new.rename(self.path / _LOCK)  # the folder is already locked, so no process sees it unlocked

    def close(self) -> None:
        """Delete the folder."""
        self._lock.close()
        self._folder.cleanup()


def remove_abandoned() -> None:
    """Delete the certificate folders of this user that no process has locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if _is_own_folder(folder) and _is_abandoned(folder / _LOCK):
            shutil.rmtree(folder, ignore_errors=True)


def _is_own_folder(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (sys.platform == "win32" or status.st_uid == os.geteuid())
