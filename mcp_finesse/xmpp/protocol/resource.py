"""Our XMPP resource, ``mcp-finesse-<host>-<slot>``, which a lock file reserves.

After a restart the process gets the same resource, and therefore keeps its earlier subscriptions. A second
process on the same machine gets another slot. A random resource would leave its subscriptions behind at every
restart.
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
    """Return whether a resource belongs to this product, on any machine."""
    return _OURS.fullmatch(resource) is not None


def check_resource(resource: str) -> None:
    """Raise if the resource must not be bound.

    Raises:
        ConfigurationError: the resource is empty, or is ``desktop``. The guide warns against an empty resource,
            and binding ``desktop`` would disconnect the Finesse desktop.
    """
    if not resource.strip() or resource.strip().lower() == "desktop":
        raise ConfigurationError(
            f"The XMPP resource {resource!r} cannot be used.",
            advice="Choose another name; 'desktop' belongs to the Finesse desktop.",
        )


def host_name() -> str:
    """Return the short name of this machine, with characters other than a-z and 0-9 replaced."""
    short = socket.gethostname().partition(".")[0].lower()
    return re.sub(r"[^a-z0-9]+", "-", short).strip("-") or "host"


class ResourceSlot:
    """A reserved XMPP resource. ``acquire`` reserves it. ``release`` or the end of the process releases it.

    Attributes:
        resource: the resource to bind.
    """

    def __init__(self, stem: Path, host: str, number: int, descriptor: int) -> None:
        self.resource = f"{PREFIX}{host}-{number}"
        self._stem = stem
        self._host = host
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, directory: Path, user_id: str, domain: str, *, host: str | None = None) -> Self:
        """Reserve the first free slot of this user at this XMPP domain or host.

        Args:
            directory: the folder for the lock files, which is created if it does not exist.
            user_id: the agent's user id.
            domain: the XMPP domain, or another name of the node.
            host: the name of this machine. The default is the name that the operating system reports.

        Raises:
            ConfigurationError: the directory cannot be used, or all slots are taken.
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
            advice="Stop one of the running MCP servers.",
        )

    def release(self) -> None:
        """Release the slot. The lock file stays, because another process may be opening it."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def holder_is_alive(self, resource: str) -> bool | None:
        """Return whether the process that holds a resource of this product is still running.

        Returns:
            None if unknown. That is the case for a resource of another machine or product, and for a resource
            without a lock file in this folder.
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
    """Return a user id or domain as part of a file name. Two users with the same file name share slots."""
    return re.sub(r"[^a-z0-9.]", "-", text.lower())[:80]


def _lock_file(stem: Path, number: int) -> Path:
    return stem.with_name(f"{stem.name}-{number}.lock")
