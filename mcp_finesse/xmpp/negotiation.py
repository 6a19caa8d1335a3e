"""Pure functions that interpret stream features, SASL failures and stream errors."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from mcp_finesse.errors import CredentialsError, FinesseError, LinkLostError, NetworkError, ReplacedError
from mcp_finesse.redaction import truncated
from mcp_finesse.xmpp.protocol.events import LinkState

STREAMS = "{http://etherx.jabber.org/streams}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
SESSION = "{urn:ietf:params:xml:ns:xmpp-session}"
_CONDITIONS = "{urn:ietf:params:xml:ns:xmpp-streams}"
_LONGEST_TEXT = 200
_LONGEST_NAME = 60
"""Maximum characters of a condition or a SASL mechanism. The longest defined name has 27 characters."""
_SHOWN_MECHANISMS = 5


class PasswordNotChecked(ConnectionError):  # noqa: N818 - named like the errors of the connection
    """The server could not check the password for a temporary reason."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The reason why a stream has ended.

    Attributes:
        state: LOST, REPLACED or REFUSED.
        reason: what happened, for users, without a full stop.
        error: the exception to raise from ``open`` if the stream ended while ``open`` was running. If the
            exception is a ``ConnectionError``, ``open`` adds the name of the failed step.
    """

    state: LinkState
    reason: str
    error: FinesseError | ConnectionError

    def as_link_error(self) -> FinesseError:
        """Return the error that requests raise after an established link has ended."""
        if isinstance(self.error, FinesseError):
            return self.error
        return LinkLostError(f"The link to the Notification Service was lost: {self.reason}.")


def lost(reason: str) -> Ending:
    """Return an ``Ending`` after which reconnecting is useful."""
    return Ending(LinkState.LOST, reason, ConnectionError(reason))


def stream_error_ending(error: ET.Element) -> Ending:
    """Return the ending for a ``<stream:error/>`` (RFC 6120 4.9).

    Only ``conflict`` is permanent. After every other condition the session reconnects. An example is
    ``policy-violation``, which XMPP servers also send for temporary problems, such as too many stanzas in a short
    time.
    """
    condition, text = _condition(error, _CONDITIONS)
    said = f"{condition}{f' ({text})' if text else ''}"
    if condition == "conflict":
        reason = "another program logged in with the same user and resource"
        return Ending(LinkState.REPLACED, reason, replaced_error(reason))
    return lost(f"the server ended the stream: {said}")


def replaced_error(reason: str) -> ReplacedError:
    """Return the error for a resource that another XMPP session uses. Binding that resource would end that session."""
    return ReplacedError(
        _sentence(reason),
        advice="Two programs cannot use one XMPP resource. Stop the other program, then restart this MCP server.",
    )


def sasl_failure(failure: ET.Element, user_id: str) -> Ending:
    """Return the ending for a SASL ``<failure/>`` (RFC 6120 6.5), which in most cases means wrong credentials."""
    condition, text = _condition(failure, SASL)
    said = f"{condition}{f': {text}' if text else ''}"
    if condition in ("temporary-auth-failure", "aborted"):
        reason = f"the server could not check the password ({said})"
        return Ending(LinkState.LOST, reason, PasswordNotChecked(reason))
    reason = f"the Notification Service rejected the login of {user_id} ({said})"
    advice = (
        "The password was sent once. Check the user id and the password before the next attempt; five "
        "wrong passwords "
        "lock the account."
    )
    return Ending(LinkState.REFUSED, reason, CredentialsError(_sentence(reason), advice=advice))


def login_obstacle(features: ET.Element) -> Ending | None:
    """Return an ending if the XMPP server does not offer PLAIN, Finesse's only SASL mechanism. Otherwise None."""
    offered = [element.text or "" for element in features.iterfind(f"{SASL}mechanisms/{SASL}mechanism")]
    if "PLAIN" in offered:
        return None
    shown = ", ".join(truncated(name, _LONGEST_NAME) for name in offered[:_SHOWN_MECHANISMS])
    what = f"only {shown}" if offered else "no SASL mechanism"
    error = NetworkError(
        f"The Notification Service offers {what}. Finesse uses the SASL mechanism PLAIN.",
        step="sasl",
        advice="Check that the address is Finesse's Notification Service, on a TLS port.",
    )
    return Ending(LinkState.LOST, f"the server offers {what}", error)


def wants_session(features: ET.Element) -> bool:
    """Return whether the server requires the session request of RFC 3921 3."""
    session = features.find(f"{SESSION}session")
    return session is not None and session.find(f"{SESSION}optional") is None


def _condition(element: ET.Element, namespace: str) -> tuple[str, str]:
    """Return the defined condition of an error, and the truncated text of the error."""
    condition, text, told = "undefined-condition", "", ""
    for child in element:
        name = child.tag.removeprefix(namespace)
        if name == "text":
            text = truncated(" ".join((child.text or "").split()), _LONGEST_TEXT)
        elif name != child.tag:
            condition = truncated(name, _LONGEST_NAME)
            told = " ".join((child.text or "").split())  # in see-other-host, the text names the other host
    return condition, text or truncated(told, _LONGEST_TEXT)


def _sentence(reason: str) -> str:
    return f"{reason[0].upper()}{reason[1:]}."
