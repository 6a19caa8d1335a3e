"""One tree of errors; each branch says who must act.

FinesseError
├── ConfigurationError      the user: a setting is wrong or missing
├── CredentialsError        the user: Finesse rejected the id or the password; never retried
├── InvalidRequestError     the caller: refused here, nothing was sent
│   └── ReadOnlyError       the user: the server was started read-only
├── NotReadyError           wait: the session is not connected (yet)
│   └── SignInPausedError   wait: no password is sent before a stated time, or Finesse would lock the account
├── RefusedError            the caller: Finesse said no, in its own words
│   └── NotFoundError       the caller: no such user, dialog, team ...
├── OutOfServiceError       the administrator: Finesse is up and says it is out of service
├── NetworkError            the network: names the step that failed
│   ├── LinkLostError       an established link to the Notification Service went away
│   └── ProxyCredentialsError  the user: the proxy on the way wants other credentials
├── ReplacedError           the user: another client took this session's place
└── PayloadError            Finesse, or something in between, sent what cannot be read
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from enum import StrEnum

# HTTP statuses with which a server rejects a request before it acts on it, whoever sends them (RFC 9110, 15.5).
REJECTED_BEFORE_EXECUTION = frozenset(
    {*range(300, 400), 400, 401, 403, 404, 405, 407, 411, 413, 414, 415, 429, 431}
)


class Actor(StrEnum):
    """Who has to do something before the same request can succeed."""

    CALLER = "caller"
    USER = "user"
    ADMINISTRATOR = "administrator"
    NETWORK = "network"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ApiErrorDetail:
    """One ``ApiError`` of Finesse, from an HTTP answer or from a notification.

    All are Finesse's own strings; ``data`` may hold a parameter name, a user id or a CTI code,
    ``media`` is the media routing domain of a task error. The peripheral's code, constant and text (newer UCCE)
    say what the phone system refused, and are more exact than the rest.
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
        """What the peripheral said, in one phrase; empty when it said nothing."""
        said = (self.peripheral_code, self.peripheral_message, self.peripheral_text)
        return " ".join(dict.fromkeys(part for part in said if part))

    def __str__(self) -> str:
        parts = [self.type or "Error", self.message and f"({self.message})", self.data and f"[{self.data}]"]
        peripheral = f": {self.peripheral}" if self.peripheral else ""
        return " ".join(part for part in parts if part) + peripheral


class FinesseError(Exception):
    """Base of all errors of this package: what happened, and what to do next.

    Attributes:
        message: what happened, one sentence.
        advice: what to do next, one sentence, or empty.
        actor: who has to act.
    """

    actor: Actor = Actor.CALLER

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    @property
    def may_have_been_executed(self) -> bool:
        """Whether a request that changes something may have been executed although it ended with this error."""
        return False

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".rstrip()


class ConfigurationError(FinesseError):
    """A setting is wrong or missing; nothing was tried."""

    actor = Actor.USER


class CredentialsError(FinesseError):
    """Finesse rejected the user id or the password. Never retried: five tries lock the account."""

    actor = Actor.USER


class InvalidRequestError(FinesseError):
    """The request cannot succeed and was not sent."""


class ReadOnlyError(InvalidRequestError):
    """The server was started read-only. Nothing was sent."""

    actor = Actor.USER


class NotReadyError(FinesseError):
    """The session is not connected; ``message`` says how far it is.

    Args:
        actor: who has to act, where what keeps the session from connecting says so.
    """

    def __init__(self, message: str, *, advice: str = "", actor: Actor = Actor.NOBODY) -> None:
        super().__init__(message, advice=advice)
        self.actor = actor


class SignInPausedError(NotReadyError):
    """No password is sent before a stated time, because one more attempt could lock the account.

    Attributes:
        until: that time, in seconds since the epoch.
    """

    def __init__(self, message: str, *, until: float, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.until = until


class RefusedError(FinesseError):
    """Finesse answered with an error.

    Attributes:
        status: the HTTP status, or 0 when the error came as a notification.
        details: what Finesse said, in its own words.
    """

    def __init__(
        self, message: str, *, status: int = 0, details: tuple[ApiErrorDetail, ...] = (), advice: str = ""
    ) -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.details = details

    @property
    def may_have_been_executed(self) -> bool:
        """True for a status that does not precede execution, unless Finesse's own error came with it."""
        return not self.details and self.status != 0 and self.status not in REJECTED_BEFORE_EXECUTION


class NotFoundError(RefusedError):
    """Finesse knows no such object (HTTP 404)."""


class OutOfServiceError(FinesseError):
    """Finesse is reachable and says that it is out of service (HTTP 503, or SystemInfo).

    Attributes:
        turned_away: True when Finesse itself rejected the request with ``SERVER_OUT_OF_SERVICE``, so that the request
            was certainly not carried out; False when a proxy may have answered.
    """

    actor = Actor.ADMINISTRATOR

    def __init__(self, message: str, *, rejected_before_execution: bool = True, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.rejected_before_execution = rejected_before_execution

    @property
    def may_have_been_executed(self) -> bool:
        """True when a proxy may have answered after it had passed the request on."""
        return not self.rejected_before_execution


class NetworkError(FinesseError):
    """A connection could not be made, or broke.

    Attributes:
        step: which step failed: ``proxy``, ``dns``, ``tcp``, ``tls``, ``http``, ``upgrade``, ``stream``,
            ``sasl``, ``bind``, ``presence``, ``subscribe`` or ``link``.
        sent: True when a request may have reached Finesse before the failure.
    """

    actor = Actor.NETWORK

    def __init__(self, message: str, *, step: str, sent: bool = False, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.step = step
        self.sent = sent

    @property
    def may_have_been_executed(self) -> bool:
        """True when the request may have reached Finesse."""
        return self.sent

    def __str__(self) -> str:
        return f"{self.message} (step: {self.step}) {self.advice}".rstrip()


class LinkLostError(NetworkError):
    """An established link to the Notification Service went away."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message, step="link", sent=True, advice=advice)


class ProxyCredentialsError(NetworkError):
    """The proxy on the way wants other credentials (HTTP 407); tried again, they may lock an account there."""

    actor = Actor.USER

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message, step="proxy", advice=advice)


class ReplacedError(FinesseError):
    """Another client logged in with this session's resource."""

    actor = Actor.USER


class PayloadError(FinesseError):
    """What was received cannot be read as what it should be."""

    actor = Actor.ADMINISTRATOR

    @property
    def may_have_been_executed(self) -> bool:
        """True: something answered, and what it did with the request is not known."""
        return True


def in_words(exc: BaseException) -> str:
    """What went wrong, as the end of a sentence: without numbers of errors, names of types and full stop."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({exc.verify_message.rstrip('.')})"
    if isinstance(exc, ssl.SSLError):
        return str(getattr(exc, "reason", None) or exc.strerror or exc).replace("_", " ").lower()
    if isinstance(exc, ConnectionError) and exc.errno:
        return os.strerror(exc.errno)  # asyncio puts words of its own in their place
    if isinstance(exc, OSError) and exc.strerror:
        return exc.strerror.rstrip(".")
    return str(exc).rstrip(".") or type(exc).__name__
