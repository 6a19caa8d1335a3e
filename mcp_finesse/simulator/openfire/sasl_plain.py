"""The server's side of SASL PLAIN (RFC 4616), with or without an initial response."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.jid import Jid, unescape_user
from mcp_finesse.simulator.openfire.stanzas import SASL, build, split_tag
from mcp_finesse.simulator.publishing.publication import AuthResult

_MAX_FAILURES = 3  # then the stream is closed, as Openfire does (xmpp.auth.retries)

# A lock is temporary and says so by this condition: RFC 6120 section 6.5.1.
_CONDITIONS = {AuthResult.WRONG: "not-authorized", AuthResult.LOCKED: "account-disabled"}


class SaslFailure(Exception):  # noqa: N818 -- the protocol's own word
    """Authentication failed; ``condition`` is one of RFC 6120 section 6.5."""

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


@dataclass(frozen=True, slots=True)
class PlainCredentials:
    """Who a client says it is, and its password."""

    user_id: str
    password: str = field(repr=False)


class PlainExchange:
    """The login of one stream.

    Attributes:
        user_id: who has logged in, empty before.
    """

    def __init__(self, domain: str, authenticate: Callable[[str, str], AuthResult]) -> None:
        self.user_id = ""
        self._domain = domain
        self._authenticate = authenticate
        self._challenged = False
        self._failures = 0

    @property
    def exhausted(self) -> bool:
        """The client has failed as often as it may."""
        return self._failures >= _MAX_FAILURES

    def take(self, element: Element) -> str:
        """The reply to ``<auth/>``, ``<response/>`` or ``<abort/>``: challenge, success or failure."""
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
        """The client's message; ``None`` where it waits to be asked for it (RFC 6120 section 6.4.2)."""
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
    """Read the message ``[authzid] NUL authcid NUL password``, in base64.

    Raises:
        SaslFailure: ``incorrect-encoding``, ``malformed-request``, or ``invalid-authzid`` when the
            client wants to act for somebody else.
    """
    try:
        message = base64.b64decode(text, validate=True).decode()
    except ValueError:  # not base64, or not UTF-8 in it
        raise SaslFailure("incorrect-encoding") from None
    parts = message.split("\0")
    if len(parts) != 3 or not parts[1]:
        raise SaslFailure("malformed-request")
    authzid, authcid, password = parts
    if authzid and authzid.lower() not in (authcid.lower(), str(Jid(authcid.lower(), domain))):
        raise SaslFailure("invalid-authzid")
    return PlainCredentials(unescape_user(authcid), password)
