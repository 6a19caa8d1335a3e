"""The exception hierarchy. Each branch states who must act, and why.

FinesseError
├── ConfigurationError      the user: a setting is wrong or missing
├── AuditError              the user: the audit log cannot be written, so nothing was sent
├── CredentialsError        the user: Finesse rejected the id or the password; not retried automatically
├── CredentialSourceError   the user: the configured source returned no password or token; retried later
├── InvalidRequestError     the caller: rejected locally, nothing was sent
│   └── ReadOnlyError       the user: the server was started read-only
├── NotReadyError           wait: the session is not connected (yet)
│   └── SignInPausedError   wait: sign-in is paused until a stated time, because Finesse could lock the account
├── RefusedError            the caller: Finesse responded with an error
│   └── NotFoundError       the caller: no such user, dialog, team ...
├── OutOfServiceError       the administrator: Finesse is reachable and reports that it is out of service
├── NetworkError            the network: names the step that failed
│   ├── LinkLostError       an established link to the Notification Service was lost
│   └── ProxyCredentialsError  the user: the proxy requires other credentials
├── ReplacedError           the user: another client took over this session's XMPP resource
└── PayloadError            the administrator: Finesse or an intermediary sent data that cannot be parsed
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from enum import StrEnum

# With these HTTP statuses, the server rejected the request before executing it (RFC 9110, 15.5).
REJECTED_BEFORE_EXECUTION = frozenset(
    {*range(300, 400), 400, 401, 403, 404, 405, 407, 411, 413, 414, 415, 429, 431}
)


class Actor(StrEnum):
    """The person who must act before the same request can succeed."""

    CALLER = "caller"
    USER = "user"
    ADMINISTRATOR = "administrator"
    NETWORK = "network"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ApiErrorDetail:
    """One ``ApiError`` of Finesse, from an HTTP response or a notification.

    All fields are Finesse's own strings. ``data`` may contain a parameter name, a user id or a CTI code.
    ``media`` is the media routing domain of a task error. The peripheral's code, constant and text exist on
    newer UCCE. These three fields state why the phone system rejected the request, and are more precise than
    the other fields.
    """

    type: str
    message: str = ""
    data: str = ""
    media: str = ""
    peripheral_code: str = ""
    peripheral_message: str = ""
    peripheral_text: str = ""

    @property
    def peripheral(self) -> str:
        """The peripheral's error in one phrase. Empty if the peripheral reported no error."""
        said = (self.peripheral_code, self.peripheral_message, self.peripheral_text)
        return " ".join(dict.fromkeys(part for part in said if part))

    def __str__(self) -> str:
        parts = [self.type or "Error", self.message and f"({self.message})", self.data and f"[{self.data}]"]
        return " ".join(filter(None, parts)) + (f": {self.peripheral}" if self.peripheral else "")


class FinesseError(Exception):
    """Base class of all errors of this package. An error says what happened and what to do next.

    Attributes:
        message: What happened, in one sentence.
        advice: What to do next, in one sentence. Empty without advice.
        actor: Who must act.
    """

    actor: Actor = Actor.CALLER

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    @property
    def may_have_been_executed(self) -> bool:
        """Whether a request that changes something may have been executed despite this error."""
        return False

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".rstrip()


class ConfigurationError(FinesseError):
    """A setting is wrong or missing, or Finesse redirects to another address. Nothing was executed."""

    actor = Actor.USER


class AuditError(FinesseError):
    """The audit log cannot be written, so changes are refused."""

    actor = Actor.USER


class CredentialsError(FinesseError):
    """Finesse rejected the user id or the password. Not retried automatically: five attempts lock the account."""

    actor = Actor.USER


class CredentialSourceError(FinesseError):
    """The file, keyring or command returned no password or token. Nothing was sent."""

    actor = Actor.USER


class InvalidRequestError(FinesseError):
    """The request cannot succeed. Nothing was sent."""


class ReadOnlyError(InvalidRequestError):
    """The MCP server was started read-only. Nothing was sent."""

    actor = Actor.USER


class PolicyError(InvalidRequestError):
    """A rule of the policy forbids the tool call. Nothing was sent."""


class ConfirmationError(InvalidRequestError):
    """The tool call requires a confirmation that was not given. Nothing was sent."""


class NotReadyError(FinesseError):
    """The session is not connected. The message states the status of the connection.

    Args:
        actor: Who must act. ``Actor.NOBODY`` if waiting is enough.
    """

    actor = Actor.NOBODY

    def __init__(self, message: str, *, advice: str = "", actor: Actor = Actor.NOBODY) -> None:
        super().__init__(message, advice=advice)
        self.actor = actor


class SignInPausedError(NotReadyError):
    """Sign-in is paused until a stated time, because one more failed attempt could lock the account.

    Attributes:
        until: When the pause ends, in seconds since the epoch.
    """

    def __init__(self, message: str, *, until: float, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.until = until


class RefusedError(FinesseError):
    """Finesse responded with an error.

    Attributes:
        status: The HTTP status, or 0 if the error arrived in a notification.
        details: The errors that Finesse reported.
    """

    def __init__(
        self, message: str, *, status: int = 0, details: tuple[ApiErrorDetail, ...] = (), advice: str = ""
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.details = details

    @property
    def may_have_been_executed(self) -> bool:
        """Whether the error may come from an intermediary after Finesse executed the request."""
        return not self.details and self.status != 0 and self.status not in REJECTED_BEFORE_EXECUTION


class NotFoundError(RefusedError):
    """The object does not exist (HTTP 404)."""


class OutOfServiceError(FinesseError):
    """Finesse is reachable, and reports in SystemInfo or with HTTP 503 that it is out of service.

    Attributes:
        rejected_before_execution: True if Finesse itself rejected the request with ``SERVER_OUT_OF_SERVICE``
            and therefore did not execute it. False if the response may come from a proxy.
    """

    actor = Actor.ADMINISTRATOR

    def __init__(self, message: str, *, rejected_before_execution: bool = True, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.rejected_before_execution = rejected_before_execution

    @property
    def may_have_been_executed(self) -> bool:
        """True if the response may come from a proxy that had forwarded the request."""
        return not self.rejected_before_execution


class NetworkError(FinesseError):
    """A connection could not be established, or was lost.

    Attributes:
        step: The step that failed: ``proxy``, ``dns``, ``tcp``, ``tls``, ``http``, ``upgrade``, ``stream``,
            ``sasl``, ``bind``, ``presence``, ``subscribe`` or ``link``.
        sent: Whether a request may have reached Finesse before the failure.
    """

    actor = Actor.NETWORK

    def __init__(self, message: str, *, step: str, sent: bool = False, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.step = step
        self.sent = sent

    @property
    def may_have_been_executed(self) -> bool:
        """True if the request may have reached Finesse."""
        return self.sent

    def __str__(self) -> str:
        return f"{self.message} (step: {self.step}) {self.advice}".rstrip()


class LinkLostError(NetworkError):
    """An established link to the Notification Service was lost."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message, step="link", sent=True, advice=advice)


class ProxyCredentialsError(NetworkError):
    """The proxy rejected the credentials (HTTP 407). Not retried automatically: retries may lock the proxy account."""

    actor = Actor.USER

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message, step="proxy", advice=advice)


class ReplacedError(FinesseError):
    """Another client connected with this session's XMPP resource and replaced this session."""

    actor = Actor.USER


class PayloadError(FinesseError):
    """Received data cannot be parsed."""

    actor = Actor.ADMINISTRATOR

    @property
    def may_have_been_executed(self) -> bool:
        """Always True. A response arrived, but it does not show whether the request was executed."""
        return True


# The OpenSSL verify codes X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH.
_NAME_MISMATCHES = (62, 64)


def is_name_mismatch(error: ssl.SSLCertVerificationError) -> bool:
    """Return whether a certificate was rejected because it was issued for another host name."""
    return getattr(error, "verify_code", 0) in _NAME_MISMATCHES


def describe_error(exc: BaseException) -> str:
    """Describe an exception in words that can end a sentence, without error number, type name or full stop."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({exc.verify_message.rstrip('.')})"
    if isinstance(exc, ssl.SSLError):
        return str(getattr(exc, "reason", None) or exc.strerror or exc).replace("_", " ").lower()
    if isinstance(exc, ConnectionError) and exc.errno:
        return os.strerror(exc.errno)  # asyncio replaces the message with its own message
    if isinstance(exc, OSError) and exc.strerror:
        return exc.strerror.rstrip(".")
    return str(exc).rstrip(".") or type(exc).__name__
