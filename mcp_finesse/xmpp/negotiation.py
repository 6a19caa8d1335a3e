"""What the server says while a stream is set up or thrown out, as values: features, SASL, stream errors."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from mcp_finesse.errors import CredentialsError, FinesseError, LinkLostError, NetworkError, ReplacedError
from mcp_finesse.xmpp.protocol.events import LinkState

STREAMS = "{http://etherx.jabber.org/streams}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
SESSION = "{urn:ietf:params:xml:ns:xmpp-session}"
_CONDITIONS = "{urn:ietf:params:xml:ns:xmpp-streams}"
_LONGEST_TEXT = 200


class PasswordNotChecked(ConnectionError):  # noqa: N818 - named like the errors of the connection
    """The server did not check the password, for a reason that may pass."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a stream is over.

    Attributes:
        state: LOST, REPLACED or REFUSED.
        reason: what happened, for people, without a full stop.
        error: what the caller of ``open`` gets if it was still at it. A ConnectionError does not yet know
            the step that failed.
    """

    state: LinkState
    reason: str
    error: FinesseError | ConnectionError

    def as_link_error(self) -> FinesseError:
        """What a request on the established link gets."""
        if isinstance(self.error, FinesseError):
            return self.error
        return LinkLostError(f"The link to the Notification Service was lost: {self.reason}.")


def lost(reason: str) -> Ending:
    """The stream ended in a way that makes another try worth while."""
    return Ending(LinkState.LOST, reason, ConnectionError(reason))


def stream_error_ending(error: ET.Element) -> Ending:
    """What a ``<stream:error/>`` (RFC 6120 4.9) means for the link.

    ``conflict`` ends it for good; after any other it is worth a new try, also after ``policy-violation``, which
    servers send for what passes, such as too many stanzas at a time.
    """
    condition, text = _condition(error, _CONDITIONS)
    said = f"{condition}{f' ({text})' if text else ''}"
    if condition == "conflict":
        reason = "another program logged in with the same user and resource"
        return Ending(LinkState.REPLACED, reason, replaced_error(reason))
    return lost(f"the server ended the stream: {said}")


def replaced_error(reason: str) -> ReplacedError:
    """The place is somebody else's; to take it back would start an endless fight."""
    return ReplacedError(
        _sentence(reason),
        advice="Two programs cannot use one XMPP resource. Stop the other program, then restart this server.",
    )


def sasl_failure(failure: ET.Element, user_id: str) -> Ending:
    """What a SASL ``<failure/>`` (RFC 6120 6.5) means: nearly always, that id or password are wrong."""
    condition, text = _condition(failure, SASL)
    said = f"{condition}{f': {text}' if text else ''}"
    if condition in ("temporary-auth-failure", "aborted"):
        reason = f"the server could not check the password ({said})"
        return Ending(LinkState.LOST, reason, PasswordNotChecked(reason))
    reason = f"the Notification Service rejected the login of {user_id} ({said})"
    advice = (
        "The password was sent once. Check it and the user id before the next attempt; five wrong passwords "
        "lock the account."
    )
    return Ending(LinkState.REFUSED, reason, CredentialsError(_sentence(reason), advice=advice))


def login_obstacle(features: ET.Element) -> Ending | None:
    """Why one cannot log in with what the server offers, or None; PLAIN is Finesse's only mechanism."""
    offered = [element.text or "" for element in features.iterfind(f"{SASL}mechanisms/{SASL}mechanism")]
    if "PLAIN" in offered:
        return None
    what = f"only {', '.join(offered)}" if offered else "no login at all"
    error = NetworkError(
        f"The server offers {what}. Finesse uses the SASL mechanism PLAIN.",
        step="sasl",
        advice="Check that the address is Finesse's Notification Service, on a TLS port.",
    )
    return Ending(LinkState.LOST, f"the server offers {what}", error)


def wants_session(features: ET.Element) -> bool:
    """Whether the server still asks for the session request of RFC 3921 3."""
    session = features.find(f"{SESSION}session")
    return session is not None and session.find(f"{SESSION}optional") is None


def _condition(element: ET.Element, namespace: str) -> tuple[str, str]:
    """The defined condition of an error and its text, bounded."""
    condition, text, told = "undefined-condition", "", ""
    for child in element:
        name = child.tag.removeprefix(namespace)
        if name == "text":
            text = " ".join((child.text or "").split())[:_LONGEST_TEXT]
        elif name != child.tag:
            condition = name
            told = " ".join((child.text or "").split())  # see-other-host names the host here
    return condition, text or told[:_LONGEST_TEXT]


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."
