"""Stores for the record of one user id. The record is in memory, or in files that this user's processes share."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mcp_finesse.account_guard.rules import Attempt, Proof, Record, Verdict
from mcp_finesse.private_files import StateFolder, read_private, replace_private, try_lock

T = TypeVar("T")
SLOTS = 4
"""Maximum attempts in flight on this machine. The value is less than the number of rejections that lock the account."""
CHECK_SLOT = 0
"""The slot of the single request that checks a password."""
_LOCK_TRIES = 20
_LOCK_PAUSE = 0.002
_MAX_BYTES = 256 * 1024
"""Maximum size of a record: the attempts of five minutes, and sixteen accepted passwords."""


class BusyError(Exception):
    """Another process has locked the record, or this process has too many open files. Try again."""


_TOO_MANY_OPEN_FILES = frozenset({errno.EMFILE, errno.ENFILE})
"""Temporary errors, which are not caused by the state folder. They must not cause a switch to the substitute folder."""


class Store(Protocol):
    """Stores the record of one user id.

    Attributes:
        shared: Whether other processes use the record.
    """

    shared: bool

    @property
    def note(self) -> str:
        """A note for the status about where the record is stored, or an empty string."""
        ...

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash of a secret."""
        ...

    def version(self) -> object:
        """Return a value that changes whenever the record changes."""
        ...

    def update(self, change: Callable[[Record], tuple[Record, T]]) -> T:
        """Change the record under a lock, and return the second value that ``change`` returns.

        Raises:
            BusyError: Another process has locked the record, or this process has too many open files.
            ConfigurationError: The record cannot be written anywhere.
        """
        ...

    def take_slot(self, number: int) -> int | None:
        """Acquire the slot with this number for an attempt in flight. Return None if the slot is in use."""
        ...

    def release_slot(self, slot: int) -> None:
        """Release a slot that ``take_slot`` returned."""
        ...

    def held_slots(self) -> frozenset[int]:
        """Return the numbers of the slots in use by any process."""
        ...


class MemoryStore:
    """A record in memory, for one client."""

    shared = False
    note = ""

    def __init__(self) -> None:
        self._record = Record()
        self._held: set[int] = set()
        self._key = secrets.token_bytes(32)

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash of a secret."""
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def version(self) -> object:
        """Return a value that changes whenever the record changes."""
        return self._record

    def update(self, change: Callable[[Record], tuple[Record, T]]) -> T:
        """Change the record. See ``Store.update``."""
        self._record, result = change(self._record)
        return result

    def take_slot(self, number: int) -> int | None:
        """Acquire a slot. See ``Store.take_slot``."""
        if number in self._held:
            return None
        self._held.add(number)
        return number

    def release_slot(self, slot: int) -> None:
        """Release a slot."""
        self._held.discard(slot)

    def held_slots(self) -> frozenset[int]:
        """Return the numbers of the slots in use."""
        return frozenset(self._held)


class FileStore:
    """Stores the record in the state folder, below ``accounts/``. The files contain no password and no user id.

    Args:
        folder: The state folder.
        user_id: The user id, case-insensitive.
    """

    shared = True

    def __init__(self, folder: StateFolder, user_id: str) -> None:
        self.folder = folder
        self._name = hashlib.sha256(user_id.strip().casefold().encode()).hexdigest()[:16]
        self._key: tuple[Path, bytes] | None = None
        self._made: tuple[Path, Path] | None = None  # the state folder, and the folder of this account in it
        self._inherited = Record()  # record of a failed folder, to merge into the substitute's record

    @property
    def note(self) -> str:
        """The reason why the configured folder is not used, or an empty string."""
        return self.folder.note

    def fingerprint(self, text: str) -> str:
        """Return a keyed hash of a secret. Each state folder has its own key.

        Raises:
            BusyError, ConfigurationError: The errors of ``update``.
        """
        return self._try(lambda home: hmac.new(self._key_of(home), text.encode(), hashlib.sha256).hexdigest())

    def version(self) -> object:
        """Return a value that changes whenever the record changes, or None if there is no record."""
        try:
            status = (self._home() / "record.json").stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_ino, status.st_size)

    def update(self, change: Callable[[Record], tuple[Record, T]]) -> T:
        """Change the record. See ``Store.update``."""

        def work(home: Path) -> T:
            with _locked(home / "record.lock"):
                stored = _load(home / "record.json")
                record = stored.merged_with(self._inherited)
                changed, result = change(record)
                if changed != stored:
                    replace_private(home / "record.json", _dump(changed))
                self._inherited = Record()
                return result

        return self._try(work)

    def take_slot(self, number: int) -> int | None:
        """Acquire a slot by locking its file. See ``Store.take_slot``."""
        return self._try(lambda home: try_lock(home / f"slot-{number}.lock"))

    def release_slot(self, slot: int) -> None:
        """Release a slot. The file of the slot stays, because another process may be opening it."""
        os.close(slot)

    def held_slots(self) -> frozenset[int]:
        """Try to lock each slot, and return the numbers of the slots in use."""
        held = set()
        for number in range(SLOTS):
            slot = self.take_slot(number)
            if slot is None:
                held.add(number)
            else:
                self.release_slot(slot)
        return frozenset(held)

    def _try(self, work: Callable[[Path], T]) -> T:
        """Call ``work`` with the state folder. If that fails, call it with the substitute folder."""
        try:
            return work(self._home())
        except OSError as error:
            if error.errno in _TOO_MANY_OPEN_FILES:
                raise BusyError from error
            self._made = None
            with contextlib.suppress(OSError):  # retry, because the folder may have been removed
                return work(self._home())
            place = self.folder.path()
            problem = f"The state folder {place} cannot be used: {error.strerror or error}."
            lost = _load(place / "accounts" / self._name / "record.json")
            self.folder.substitute(problem)
            self._inherited = self._inherited.merged_with(lost)
        try:
            return work(self._home())
        except OSError as error:
            self.folder.substitute(f"{problem} {error.strerror or error}.")  # raises
            raise

    def _home(self) -> Path:
        place = self.folder.path()
        if self._made is None or self._made[0] != place:
            home = place / "accounts" / self._name
            home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            home.mkdir(mode=0o700, exist_ok=True)
            self._made = place, home
        return self._made[1]

    def _key_of(self, home: Path) -> bytes:
        path = home.parent / "key"
        if self._key is None or self._key[0] != path:
            key = _read_key(path)
            if key is None:
                with _locked(home.parent / "key.lock"):
                    key = _read_key(path) or secrets.token_bytes(32)
                    replace_private(path, key)
            self._key = (path, key)
        return self._key[1]


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    for _ in range(_LOCK_TRIES):
        if (descriptor := try_lock(path)) is not None:
            break
        time.sleep(_LOCK_PAUSE)  # other processes hold the lock for less than a millisecond
    else:
        raise BusyError
    try:
        yield
    finally:
        os.close(descriptor)


def _read_key(path: Path) -> bytes | None:
    try:
        key = read_private(path, _MAX_BYTES)
    except FileNotFoundError:
        return None
    return key if len(key) == 32 else None


def _load(path: Path) -> Record:
    """Read a record. If it is unreadable, return an empty record with the time when the file was written."""
    try:
        text = read_private(path, _MAX_BYTES)
        if len(text) > _MAX_BYTES:
            raise ValueError("the record is too large")
        data = json.loads(text)
        lost = data.get("unreadable_at")
        return Record(
            tuple(_attempt(each) for each in data["attempts"]),
            tuple(_proof(each) for each in data["proofs"]),
            None if lost is None else float(lost),
        )
    except (FileNotFoundError, NotADirectoryError):
        return Record()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        try:
            return Record(unreadable_at=path.lstat().st_mtime)
        except OSError:
            return Record(unreadable_at=time.time())


def _attempt(data: dict[str, Any]) -> Attempt:
    return Attempt(
        id=str(data["id"]),
        secret=str(data["secret"]),
        role=str(data["role"]),
        hosts=frozenset(str(host) for host in data["hosts"]),
        at=float(data["at"]),
        verdict=Verdict(data["verdict"]),
        counts=bool(data["counts"]),
    )


def _proof(data: dict[str, Any]) -> Proof:
    hosts = frozenset(str(host) for host in data["hosts"])
    return Proof(str(data["secret"]), str(data["role"]), hosts, float(data["at"]))


def _dump(record: Record) -> bytes:
    attempts = [
        {
            "id": each.id,
            "secret": each.secret,
            "role": each.role,
            "hosts": sorted(each.hosts),
            "at": each.at,
            "verdict": each.verdict,
            "counts": each.counts,
        }
        for each in record.attempts
    ]
    proofs = [
        {"secret": each.secret, "role": each.role, "hosts": sorted(each.hosts), "at": each.at}
        for each in record.proofs
    ]
    return json.dumps(
        {"attempts": attempts, "proofs": proofs, "unreadable_at": record.unreadable_at}
    ).encode()
