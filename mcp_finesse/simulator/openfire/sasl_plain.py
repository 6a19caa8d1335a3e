"""The server side of SASL PLAIN (RFC 4616), with or without an initial response."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.jid import Jid, unescape_user
from mcp_finesse.simulator.openfire.stanzas import SASL, build, split_tag
from mcp_finesse.simulator.publishing.publication import AuthResult

_MAX_FAILURES = 3  # after this many failures the stream is closed, as in Openfire (xmpp.auth.retries)

# account-disabled means a temporary lock (RFC 6120 section 6.5.1).
_CONDITIONS = {AuthResult.WRONG: "not-authorized", AuthResult.LOCKED: "account-disabled"}


class SaslFailure(Exception):  # noqa: N818 -- term of the protocol
    """Authentication failed. ``condition`` is a condition of RFC 6120 section 6.5."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


@dataclass(frozen=True, slots=True)
class PlainCredentials:
    """The user id and password that a client sent."""

    user_id: str
    password: str = field(repr=False)


class PlainExchange:
    """The login of one stream.

    Attributes:
        user_id: the authenticated user. Empty before login.
    """

    def __init__(self, domain: str, authenticate: Callable[[str, str], AuthResult]) -> None:
        self.user_id = ""
        self._domain = domain
        self._authenticate = authenticate
        self._challenged = False
        self._failures = 0

    @property
    def exhausted(self) -> bool:
        """Whether the client has reached the maximum number of failures."""
        return self._failures >= _MAX_FAILURES

    def take(self, element: Element) -> str:
        """Return a challenge, success or failure as the reply to ``<auth/>``, ``<response/>`` or ``<abort/>``."""
        try:
            message = self._message(element)
            if message is None:
                self._challenged = True
                return build("challenge", xmlns=SASL)
            credentials = read_plain(message, self._domain)
            result = self._authenticate(credentials.user_id, credentials.password)
            if result is not AuthResult.OK:
                raise SaslFailure(_CONDITIONS[result])
        except SaslFailure as failure:
            self._challenged = False
            self._failures += 1
            return build("failure", None, build(failure.condition), xmlns=SASL)
        self.user_id = credentials.user_id
        return build("success", xmlns=SASL)

    def _message(self, element: Element) -> str | None:
        """Return the client's message, or ``None`` if the client waits for a challenge (RFC 6120 section 6.4.2)."""
        name = split_tag(element.tag)[1]
        if name == "abort":
            raise SaslFailure("aborted")
        if name == "response" and not self._challenged:
            raise SaslFailure("malformed-request")
        if name == "auth" and element.get("mechanism") != "PLAIN":
            raise SaslFailure("invalid-mechanism")
        text = (element.text or "").strip()
        return None if name == "auth" and not text else text


def read_plain(text: str, domain: str) -> PlainCredentials:
    """Parse the base64-encoded message ``[authzid] NUL authcid NUL password``.

    Raises:
        SaslFailure: the message is invalid. The condition is ``incorrect-encoding`` or ``malformed-request``.
            If the client requests to act as another user, the condition is ``invalid-authzid``.
    """
    try:
        message = base64.b64decode(text, validate=True).decode()
    except ValueError:  # the message is not base64, or not UTF-8
        raise SaslFailure("incorrect-encoding") from None
    parts = message.split("\0")
    if len(parts) != 3 or not parts[1]:
        raise SaslFailure("malformed-request")
    authzid, authcid, password = parts
    if authzid and authzid.lower() not in (authcid.lower(), str(Jid(authcid.lower(), domain))):
        raise SaslFailure("invalid-authzid")
    return PlainCredentials(unescape_user(authcid), password)
