"""Resync triggers, which are reasons to read the state again or to check the node's health."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from mcp_finesse.errors import (
    CredentialsError,
    CredentialSourceError,
    FinesseError,
    OutOfServiceError,
    RefusedError,
)
from mcp_finesse.model import SystemInfo
from mcp_finesse.session.connection.connection_status import ConnectionStatus
from mcp_finesse.session.nodes.failover import in_maintenance
from mcp_finesse.session.status import SessionState
from mcp_finesse.session.timing import Clock

_SERVER_ERRORS_BEFORE_CHECK = 2
_MAX_REASONS = 20
"""Maximum reasons kept for one gap. A reason contains node addresses, so a long outage could cause many reasons."""
OUT_OF_SERVICE = "Finesse was out of service"


@dataclass(frozen=True, slots=True)
class PossibleLoss:
    """The reasons why notifications may have been lost, each with the time when the loss may have begun."""

    since_by_reason: Mapping[str, datetime]

    @property
    def reason(self) -> str:
        """All reasons joined to one clause. Empty if there is no reason."""
        return "; ".join(self.since_by_reason)

    @property
    def since(self) -> datetime | None:
        """The earliest start time, or None if there is no reason."""
        return min(self.since_by_reason.values(), default=None)


class ResyncTriggers:
    """Collects reasons to resync or to check the node, for the loop that supervises the link.

    Any part of the session may report a reason. A reason for a resync outlives the link, because the resync
    after the next connect covers it. All other data concerns one link.

    Attributes:
        health_check: The reason why the node's health must be checked. Empty if there is no reason.
        reread: Whether the state must be read again although no notification is known to be missing.
        in_service: Whether the last report of Finesse said that Finesse is in service.
        changed: An ``asyncio.Event`` that each request sets to wake the supervising loop.
        health_check_requested: An ``asyncio.Event`` that each request for a health check sets. Setting the
            event ends the wait for the next resync.
        recovery_hint: An ``asyncio.Event`` that is set when Finesse may be in service again. Finesse is then
            checked before the next poll is due.
    """

    def __init__(self, status: ConnectionStatus, clock: Clock) -> None:
        self._status = status
        self._clock = clock
        self._losses: dict[str, datetime] = {}
        self._has_link = False
        self._server_errors = 0
        self.health_check = ""
        self.reread = False
        self.in_service = True
        self.changed = asyncio.Event()
        self.health_check_requested = asyncio.Event()
        self.recovery_hint = asyncio.Event()

    def begin_link(self) -> None:
        """Clear everything that concerned the previous link."""
        self._has_link = True
        self._server_errors = 0
        self.health_check, self.reread, self.in_service = "", False, True
        for event in (self.changed, self.health_check_requested, self.recovery_hint):
            event.clear()

    def end_link(self) -> None:
        """Ignore reports about the node until the next link."""
        self._has_link = False

    # -- requests

    def request_resync(self, reason: str, since: datetime | None = None) -> None:
        """Request a resync and a gap entry, because notifications may have been missed.

        Args:
            reason: The reason, as a clause.
            since: The start of the possible loss. The default is now.
        """
        since = since or self._clock.now()
        if reason not in self._losses and len(self._losses) >= _MAX_REASONS:
            reason = next(iter(self._losses))
        self._losses[reason] = min(since, self._losses.get(reason, since))
        self.changed.set()

    def request_reread(self) -> None:
        """Request a read of the state although no notification is known to be missing."""
        self.reread = True
        self.changed.set()

    def request_health_check(self, reason: str) -> None:
        """Request a health check of the node."""
        self.health_check = reason
        self.changed.set()
        self.health_check_requested.set()

    # -- reports

    def report_error(self, error: FinesseError) -> None:
        """Process an HTTP error response from Finesse, or a lack of credentials.

        Consecutive server errors are an early sign of a lost CTI server (developer guide, High Availability).
        """
        if not self._has_link:
            return
        if isinstance(error, CredentialsError | CredentialSourceError):
            self.request_reread()  # the loop gets the same error, and ends the link
        elif isinstance(error, OutOfServiceError):
            self._report_out_of_service(error.message)
        elif isinstance(error, RefusedError) and error.status >= 500:
            self._server_errors += 1
            if self._server_errors == _SERVER_ERRORS_BEFORE_CHECK:
                self.request_health_check(f"Finesse repeatedly responded with HTTP {error.status}")
        else:
            self._server_errors = 0

    def report_success(self) -> None:
        """Record a successful HTTP response, which ends a series of server errors."""
        self._server_errors = 0

    def report_system_info(self, info: SystemInfo) -> None:
        """Process a SystemInfo. If it reports that Finesse is in service, request a health check to verify that."""
        if not self._has_link:
            return
        if info.status and not info.in_service:
            self._report_out_of_service(info.status_reason or str(info.status))
        elif not self.in_service:
            self.recovery_hint.set()
        elif in_maintenance(info) and not self.health_check:
            self.request_health_check("it is in maintenance mode")

    def mark_out_of_service(self) -> None:
        """Record that Finesse is out of service. From this moment notifications may be lost."""
        if self.in_service:
            self.in_service = False
            self.request_resync(OUT_OF_SERVICE)

    def _report_out_of_service(self, reason: str) -> None:
        if self.in_service:
            self._status.report(SessionState.OUT_OF_SERVICE, f"Finesse is out of service: {reason}")
            self.mark_out_of_service()
            self.request_health_check(reason)

    # -- used by the loop

    @property
    def resync_requested(self) -> bool:
        """Whether notifications may have been missed since the last resync."""
        return bool(self._losses)

    @property
    def pending(self) -> bool:
        """Whether there is a request that has not been carried out."""
        return bool(self._losses or self.health_check or self.reread)

    @contextmanager
    def resyncing(self) -> Iterator[PossibleLoss]:
        """Clear the requests that a read of the state fulfills. If the read raises an error, restore them."""
        losses, self._losses = self._losses, {}
        self.reread = False
        if not self.health_check:
            self.changed.clear()
        try:
            yield PossibleLoss(losses)
        except BaseException:
            # do not set ``changed``, because the loop would then read again immediately
            self._losses = losses | {
                reason: min(since, losses.get(reason, since)) for reason, since in self._losses.items()
            }
            self.reread = True
            raise
