"""Our place at the XMPP server: the resource ``mcp-finesse-<host>-<slot>``, held by a locked file.

A restart takes its old place again and finds its subscriptions there; a second process on the same
machine gets its own. Nothing is random: each random resource would leave rows behind at the server.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Self

from mcp_finesse.errors import ConfigurationError
from mcp_finesse.private_files import try_lock

PREFIX = "mcp-finesse-"
_SLOTS = 99
_OURS = re.compile(rf"{PREFIX}(?P<host>.+)-(?P<slot>[1-9][0-9]{{0,8}})")


def is_ours(resource: str) -> bool:
    """Whether a resource was made by this product, on whichever machine."""
    return _OURS.fullmatch(resource) is not None


def check_resource(resource: str) -> None:
    """Refuse the resources that must never be bound.

    Raises:
        ConfigurationError: it is empty (the guide warns of problems), or ``desktop``, the place of the
            Finesse desktop, which it would throw out.
    """
    if not resource.strip() or resource.strip().lower() == "desktop":
        raise ConfigurationError(
            f"The XMPP resource {resource!r} cannot be used.",
            advice="Choose another name; 'desktop' belongs to the Finesse desktop.",
        )


def host_name() -> str:
    """The short name of this machine, as far as it can stand in a resource."""
    short = socket.gethostname().partition(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", short).strip("-") or "host"


class ResourceSlot:
    """A place of ours, from ``acquire`` to ``release`` or the end of the process.

    Attributes:
        resource: what to bind.
    """

    def __init__(self, stem: Path, host: str, number: int, descriptor: int) -> None:
        self.resource = f"{PREFIX}{host}-{number}"
        self._stem = stem
        self._host = host
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, directory: Path, user_id: str, domain: str, *, host: str | None = None) -> Self:
        """Take the first free place of this user at this XMPP domain (or host).

        Args:
            directory: where the lock files are, made if it is missing.
            user_id: the agent.
            domain: the XMPP domain, or whatever names the node.
            host: the name of this machine; found out if not given.

        Raises:
            ConfigurationError: the directory cannot be used, or all places are taken.
        """
        stem = directory / f"{_file_name(domain)}-{_file_name(user_id)}"
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            for number in range(1, _SLOTS + 1):
                descriptor = try_lock(_lock_file(stem, number))
                if descriptor is not None:
                    return cls(stem, host or host_name(), number, descriptor)
        except OSError as exc:
            raise ConfigurationError(
                f"The state folder {directory} cannot be used: {_reason(exc)}.",
                advice="Choose a folder that this user may write to.",
            ) from exc
        raise ConfigurationError(
            f"All {_SLOTS} XMPP resources of user {user_id} on this machine are in use.",
            advice="Stop one of the running servers.",
        )

    def release(self) -> None:
        """Give the place back. The file stays: removing it could race with the next process."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def holder_is_alive(self, resource: str) -> bool | None:
        """Whether the process that bound a resource of ours still runs, as far as can be seen from here.

        Returns:
            None for another machine's, for one that is not ours, and for one whose lock file is not in
            this folder: that process may live.
        """
        match = _OURS.fullmatch(resource)
        if match is None or match["host"] != self._host:
            return None
        if resource == self.resource and self._descriptor is not None:
            return True
        try:
            descriptor = try_lock(_lock_file(self._stem, int(match["slot"])), create=False)
        except OSError:
            return None
        if descriptor is None:
            return True
        os.close(descriptor)
        return False


def _reason(error: OSError) -> str:
    what = error.strerror or str(error)
    return f"{what} ({error.filename})" if error.filename else what


def _file_name(text: str) -> str:
    """A user id or domain as part of a file name; two that look the same then share their places, no more."""
    return re.sub(r"[^a-z0-9.]", "-", text.lower())[:80]


def _lock_file(stem: Path, number: int) -> Path:
    return stem.with_name(f"{stem.name}-{number}.lock")
