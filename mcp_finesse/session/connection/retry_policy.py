"""Pure functions that decide which errors are permanent, how long to wait before a retry, and what to report."""

from __future__ import annotations

from mcp_finesse.errors import (
    ConfigurationError,
    CredentialsError,
    CredentialSourceError,
    FinesseError,
    NotFoundError,
    OutOfServiceError,
    ProxyCredentialsError,
    RefusedError,
    ReplacedError,
)
from mcp_finesse.session.nodes.failover import NextStep
from mcp_finesse.session.status import SessionState
from mcp_finesse.session.timing import SessionTiming


def is_permanent(error: Exception, *, was_ready: bool, renewable: bool = False) -> bool:
    """Return whether the error is permanent (no automatic reconnect).

    A rejection of credentials is permanent: Finesse locks the account after five attempts, and a proxy may do
    the same. A rejection of renewable credentials is not permanent, because this MCP server reads such
    credentials again from their source. A replaced session does not reconnect, because two clients would keep
    evicting each other. Before the first successful connection, a wrong setting, an agent unknown to Finesse
    and an unexpected exception are permanent too. After the first successful connection the settings are known
    to be right. A redirect, an error status or an HTML page must then come from an intermediary.
    """
    if waits_for_credentials(error):
        return not renewable
    if isinstance(error, ProxyCredentialsError | ReplacedError):
        return True
    if was_ready:
        return False
    if not isinstance(error, FinesseError) or isinstance(error, ConfigurationError | NotFoundError):
        return True
    # An HTTP error without details comes from an intermediary, not from Finesse.
    return isinstance(error, RefusedError) and (
        error.status == 401 or (error.status in (400, 403) and bool(error.details))
    )


def waits_for_credentials(error: Exception) -> bool:
    """Return whether the session can connect only after it gets other credentials."""
    return isinstance(error, CredentialsError | CredentialSourceError)


def failed_attempts(
    before: int, error: FinesseError, connected_seconds: float | None, timing: SessionTiming
) -> int:
    """Return the number of failed attempts. The next delay and the failover decision depend on this number.

    Args:
        before: The number of failed attempts before this failure.
        error: The error that ended the last attempt or link.
        connected_seconds: For how many seconds the session was ready on the link that ended. None if the
            session was never ready.
        timing: The time limits. The limits define after how many seconds a connection counts as stable, and how
            many quick attempts are made.
    """
    stable = connected_seconds is not None and connected_seconds > timing.poll
    attempts = 0 if stable else before
    # Finesse has reported the reason of the failure, so a quick reconnect cannot help.
    return max(attempts, len(timing.retries)) if isinstance(error, OutOfServiceError) else attempts


def delay_before_check(step: NextStep, timing: SessionTiming, chance: float) -> float:
    """Return the seconds before the next health check. Before a switch the delay is random, to spread the load."""
    return timing.switch_jitter * chance if step is NextStep.CHECK_AGAIN else timing.poll_pause(chance)


def describe_delay(seconds: float) -> str:
    """Return a sentence that says when the next connection attempt is made."""
    return f"Next attempt in {seconds:.0f} s." if round(seconds) else "Retrying now."


def state_between_attempts(error: Exception | None, *, was_ready: bool) -> SessionState:
    """Return the state of the session while it has no link."""
    if isinstance(error, OutOfServiceError):
        return SessionState.OUT_OF_SERVICE
    return SessionState.RECONNECTING if was_ready else SessionState.CONNECTING


class ResyncInterval:
    """The minimum interval between resyncs. The interval doubles while events keep getting lost.

    Args:
        minimum: The initial interval in seconds. The first resync after an idle period has no delay.
        maximum: The longest interval in seconds.
    """

    def __init__(self, minimum: float, maximum: float) -> None:
        self._minimum = minimum
        self._maximum = max(minimum, maximum)
        self._interval = minimum
        self._last = float("-inf")

    def remaining(self, now: float) -> float:
        """Return the seconds until the next resync is allowed."""
        return max(0.0, self._last + self._interval - now)

    def record(self, now: float) -> None:
        """Record a resync."""
        busy = now - self._last < 2 * self._interval
        self._interval = min(self._maximum, 2 * self._interval) if busy else self._minimum
        self._last = now
