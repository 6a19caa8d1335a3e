"""Writes the audit log. Appends whole lines, continues the chain after a restart, and rotates the file by size."""

from __future__ import annotations

import glob
import io
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcp_finesse.errors import AuditError
from mcp_finesse.private_files import open_private, try_lock
from mcp_finesse.server.audit.chain import MAX_LINE, Position, digest_of, encode, verify


class AuditFile:
    """An audit log that one process writes.

    Every record is written to the operating system before ``append`` returns. A record therefore survives if
    the process is killed, but may be lost in a power failure. A line that a killed process left incomplete
    stays in the file, and the next record contains the hash of that line. If the file exceeds ``max_bytes``, it
    is renamed to a name that contains the time, and a new file continues the chain. Nothing is ever deleted. If
    someone else deletes the file, a new file continues the chain, so that the missing records are visible.

    Args:
        path: The path of the file.
        max_bytes: Size after which the file is rotated.
    """

    def __init__(self, path: Path, max_bytes: int = 50 * 2**20) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._end = Position()
        self._lock: int | None = None
        self._file: int | None = None

    def open(self) -> int:
        """Open the file if it is not open, and return its descriptor.

        Raises:
            AuditError: The file cannot be opened, is not private, is used by another process, or has an
                unreadable last record.
        """
        if self._file is None:
            if self._lock is None:
                self._lock = self._acquire_lock()
            try:
                self._file = self._open()
            except BaseException:
                self.close()
                raise
        return self._file

    def _acquire_lock(self) -> int:
        """Lock a separate file next to the log, because the log itself is renamed when it is rotated."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = try_lock(self._path.with_name(self._path.name + ".lock"))
        except OSError as error:
            raise _unusable(self._path, error) from error
        if lock is None:
            raise AuditError(
                f"The audit log {self._path} is used by another process.",
                advice="Give each MCP server its own file (--audit).",
            )
        return lock

    def _open(self) -> int:
        try:
            file = open_private(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        except OSError as error:
            raise _unusable(self._path, error) from error
        try:
            self._continue(file)
        except BaseException as error:
            os.close(file)
            if isinstance(error, OSError):
                raise _unusable(self._path, error) from error
            raise
        return file

    def _continue(self, file: int) -> None:
        """Find the end of the chain in the last lines of the file. Mark a last line that is incomplete."""
        size = os.fstat(file).st_size
        lines = _last_lines(file)
        incomplete = lines.pop() if lines and not lines[-1].endswith(b"\n") else None
        end = _end_of(lines)
        if end is None and not lines and size <= MAX_LINE:
            end = self._end if self._end.number else self._end_of_rotated()
        if end is None:
            raise AuditError(
                f"The end of the audit log {self._path} contains no record.",
                advice="Move the file away, or give another file (--audit).",
            )
        self._end = end
        if incomplete is None:
            return
        self._write(file, b"\n", size)
        last = verify([incomplete + b"\n"], end)
        if last.records and not last.problems:  # only the line end was missing
            self._end = last.end
        else:
            self._append(file, {"event": "continued", "incomplete_line": digest_of(incomplete)})

    def _end_of_rotated(self) -> Position:
        """Return the end of the chain in the newest rotated file, because a process may be killed during rotation."""
        stamp = "[0-9]" * 8 + "T" + "[0-9]" * 12 + "Z"
        pattern = f"{glob.escape(self._path.stem)}-{stamp}{glob.escape(self._path.suffix)}"
        rotated = sorted(self._path.parent.glob(pattern))
        for path in reversed(rotated):
            file = open_private(path, os.O_RDONLY)
            try:
                if (end := _end_of(_last_lines(file))) is not None:
                    return end
            finally:
                os.close(file)
        return Position()

    def append(self, fields: Mapping[str, Any]) -> None:
        """Append one record. Open the file first if it is not open.

        Raises:
            AuditError: The record could not be written. The file contains no part of the record.
        """
        file = self.open()
        try:
            status = os.fstat(file)
            if status.st_nlink == 0:  # what is written to a deleted file is lost
                file = self._replace(file)
            elif status.st_size >= self._max_bytes:
                file = self._rotate(file)
            self._append(file, fields)
        except OSError as error:
            raise _unusable(self._path, error) from error

    def _append(self, file: int, fields: Mapping[str, Any]) -> None:
        line, end = encode({"time": datetime.now(UTC).isoformat(), **fields}, self._end)
        self._write(file, line + b"\n", os.fstat(file).st_size)
        self._end = end

    def _write(self, file: int, data: bytes, size: int) -> None:
        """Write all of ``data`` or none of it.

        If an incomplete line cannot be removed, the file is closed: the next ``append`` opens it and marks the line.
        """
        try:
            written = os.write(file, data)
            if written == len(data):
                return
            raise OSError(None, "no space is left", str(self._path))
        except OSError:
            try:
                os.ftruncate(file, size)
            except OSError:  # for example a file with the attribute append-only (chattr +a)
                if self._file is not None:  # while the file is being opened, ``_open`` closes it
                    self._file = None
                    os.close(file)
            raise

    def _rotate(self, file: int) -> int:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._path.rename(self._path.with_name(f"{self._path.stem}-{stamp}{self._path.suffix}"))
        return self._replace(file)

    def _replace(self, file: int) -> int:
        """Continue the chain in a new file."""
        self._file = None  # if the new file cannot be opened now, the next ``append`` tries again
        os.close(file)
        self._file = open_private(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        return self._file

    def close(self) -> None:
        """Close the file. The next ``append`` opens the file again."""
        for descriptor in (self._file, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        self._file = self._lock = None


def _last_lines(file: int) -> list[bytes]:
    size = os.fstat(file).st_size
    end = os.pread(file, 3 * MAX_LINE, max(0, size - 3 * MAX_LINE))
    return io.BytesIO(
        end
    ).readlines()  # unlike ``splitlines``, it ends lines only at "\n", as ``verify`` expects


def _end_of(lines: list[bytes]) -> Position | None:
    for line in reversed(lines):
        found = verify([line])
        if found.records:
            return found.end
    return None


def _unusable(path: Path, error: OSError) -> AuditError:
    return AuditError(
        f"The audit log {path} cannot be written: {error.strerror or error}.",
        advice="Make room, or correct the file's permissions or --audit (FINESSE_AUDIT).",
    )
