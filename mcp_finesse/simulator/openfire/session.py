"""An XMPP stream on any transport, with opening, SASL PLAIN, binding, stanzas and closing."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol
from xml.etree.ElementTree import Element

from mcp_finesse.simulator.openfire.jid import Jid, escape_user
from mcp_finesse.simulator.openfire.ports import Cancellable, StreamEndpoint
from mcp_finesse.simulator.openfire.sasl_plain import PlainExchange
from mcp_finesse.simulator.openfire.stanzas import (
    BIND,
    CLIENT,
    PING,
    SASL,
    SESSION,
    STREAM,
    StanzaError,
    build,
    escape,
    iq_error,
    iq_result,
    random_id,
    split_tag,
    stream_error,
)
from mcp_finesse.simulator.openfire_settings import OpenfireSettings
from mcp_finesse.simulator.publishing.publication import AuthResult

_STANZAS = frozenset({"iq", "presence", "message"})
_SASL_ELEMENTS = frozenset({"auth", "response", "abort"})


class Stage(Enum):
    """The progress of a stream."""

    OPENING = auto()
    LOGIN = auto()
    REOPENING = auto()  # SASL succeeded, so the client must restart the stream
    BINDING = auto()
    BOUND = auto()
    ENDED = auto()


_EXPECTED = {
    Stage.LOGIN: _SASL_ELEMENTS | _STANZAS,
    Stage.BINDING: _STANZAS,
    Stage.BOUND: _STANZAS,
}


class StreamHost(Protocol):
    """The interface through which an XMPP session uses the XMPP server."""

    @property
    def domain(self) -> str:
        """The XMPP domain, in lower case."""

    @property
    def openfire(self) -> OpenfireSettings:
        """The settings of the XMPP server."""

    @property
    def silent(self) -> bool:
        """Whether to send nothing to clients that are logged in."""

    def later(self, seconds: float, callback: Callable[[], None]) -> Cancellable:
        """Schedule a callback."""

    def tick(self) -> int:
        """Return the next value of a counter that orders all activity."""

    def authenticate(self, user_id: str, password: str) -> AuthResult:
        """Check a user id and password."""

    def bind(self, session: XmppSession, jid: Jid) -> None:
        """Register an XMPP session under a JID. Raise ``StanzaError`` if the session cannot have the JID."""

    def presence(self, session: XmppSession, stanza: Element) -> None:
        """Handle a presence stanza."""

    def answer(self, session: XmppSession, request: Element) -> None:
        """Return the result for an IQ of type get or set with one child. Raise ``StanzaError`` for an error."""

    def gone(self, session: XmppSession) -> None:
        """Remove an XMPP session that has ended."""


class XmppSession:
    """One stream of one client.

    Attributes:
        stage: the progress of the stream.
        user_id: the Finesse user id of the login. Empty before the login.
        jid: the full JID. Until a resource is bound, Openfire's placeholder ``DOMAIN/stream id``.
        priority: the priority of the last available presence. ``None`` while the session is unavailable.
        status: the children of the last available presence, as forwarded to the user's other XMPP sessions.
        activity: the counter value of the last received element. All XMPP sessions share the counter.
        frozen: whether the server sends nothing on this stream, although the connection is open. A fault.
        conflicts: how many attempts of other XMPP sessions to bind this session's JID were rejected so far (see
            ``conflict_limit``).
    """

    def __init__(self, host: StreamHost, endpoint: StreamEndpoint) -> None:
        self.stage = Stage.OPENING
        self.user_id = ""
        self.priority: int | None = None
        self.status = ""
        self.activity = 0
        self.conflicts = 0
        self.frozen = False
        self._host = host
        self._endpoint = endpoint
        self._stream_id = random_id(10)
        self._login = PlainExchange(host.domain, host.authenticate)
        self._pinged = False
        self._timer = host.later(host.openfire.login_timeout, self._overdue)
        self.jid = Jid("", host.domain, self._stream_id)

    def open(self, to: str | None) -> None:
        """Handle the client's stream header, which arrives initially and again after SASL."""
        if self.stage not in (Stage.OPENING, Stage.REOPENING):
            self.end("unsupported-stanza-type")
            return
        self.stage = Stage.LOGIN if self.stage is Stage.OPENING else Stage.BINDING
        self._endpoint.open_stream(self._stream_id)
        if (to or "").lower() == self._host.domain:
            self._endpoint.send(self._features())
        else:
            self.end("host-unknown")

    def receive(self, element: Element) -> None:
        """Handle one element on the open stream."""
        self.activity = self._host.tick()
        namespace, name = split_tag(element.tag)
        if name not in _EXPECTED.get(self.stage, ()):
            self.end("unsupported-stanza-type")
        elif namespace != (SASL if name in _SASL_ELEMENTS else CLIENT):
            self.end("invalid-namespace")
        elif name in _SASL_ELEMENTS:
            self._log_in(element)
        elif self.stage is Stage.LOGIN or (self.stage is Stage.BINDING and name != "iq"):
            self.end("not-authorized")
        else:
            self._stanza(name, element)

    def send(self, stanza: str) -> None:
        """Send one stanza. Do nothing if the XMPP session has ended or is frozen, or the server is silent."""
        muted = self.frozen or (self.stage is Stage.BOUND and self._host.silent)
        if self.stage is not Stage.ENDED and not muted:
            self._endpoint.send(stanza)

    def end(self, condition: str = "") -> None:
        """Close the stream gracefully, with a stream error if a condition is given."""
        if self.stage is Stage.ENDED:
            return
        if condition and self.stage is Stage.OPENING:
            self._endpoint.open_stream(self._stream_id)  # the header comes first (RFC 6120 section 4.9.1.2)
        if condition:
            self._endpoint.send(stream_error(condition))
        self._endpoint.close_stream()
        self.connection_lost()

    def abort(self) -> None:
        """Drop the connection abruptly."""
        self._endpoint.abort()
        self.connection_lost()

    def connection_lost(self) -> None:
        """End the XMPP session because its connection is lost or closing. Idempotent."""
        if self.stage is not Stage.ENDED:
            self.stage = Stage.ENDED
            self._timer.cancel()
            self._host.gone(self)

    def _features(self) -> str:
        if self.stage is Stage.LOGIN:
            # Only PLAIN is offered, because Finesse's authentication provider supports no other mechanism
            # (notifications.md 5).
            features = [build("mechanisms", None, build("mechanism", None, "PLAIN"), xmlns=SASL)]
        else:
            features = [build("bind", xmlns=BIND), build("session", None, build("optional"), xmlns=SESSION)]
        return build("stream:features", {"xmlns:stream": STREAM}, *features)

    def _log_in(self, element: Element) -> None:
        self.send(self._login.take(element))
        if self._login.user_id:
            self.user_id = self._login.user_id
            self.stage = Stage.REOPENING
        elif self._login.exhausted:
            self.end("policy-violation")

    def _stanza(self, name: str, element: Element) -> None:
        self._restart_idle_timer()
        if name == "presence":
            self._host.presence(self, element)
        elif name == "iq" and element.get("type") not in ("result", "error"):
            try:
                self._request(element)
            except StanzaError as error:
                self.send(iq_error(element, str(self.jid), error))
        # Messages from clients and unsolicited IQ results are ignored.

    def _request(self, request: Element) -> None:
        if request.get("type") not in ("get", "set") or len(request) != 1:
            raise StanzaError("bad-request")
        if request[0].tag == f"{{{BIND}}}bind" and request.get("type") == "set":
            self._bind(request)
        elif self.stage is Stage.BINDING:
            raise StanzaError("not-authorized")
        else:
            self._host.answer(self, request)

    def _bind(self, request: Element) -> None:
        if self.stage is Stage.BOUND:
            raise StanzaError("not-allowed")
        resource = (request[0].findtext(f"{{{BIND}}}resource") or "").strip() or random_id(10)
        try:
            jid = Jid.parse(f"{escape_user(self.user_id)}@{self._host.domain}/{resource}")
        except ValueError:
            raise StanzaError("bad-request") from None
        self._host.bind(self, jid)
        content = build("bind", None, build("jid", None, escape(str(jid))), xmlns=BIND)
        self.send(iq_result(request, str(self.jid), content))
        self.jid = jid
        self.stage = Stage.BOUND
        self._restart_idle_timer()

    def _overdue(self) -> None:
        self.end("connection-timeout")

    def _restart_idle_timer(self) -> None:
        """Restart the idle timer. Before a resource is bound, the timer limits the duration of the login instead."""
        if self.stage is Stage.BOUND:
            self._pinged = False
            self._timer.cancel()
            if self._host.openfire.ping_idle_after is not None:
                self._timer = self._host.later(self._host.openfire.ping_idle_after, self._idle)

    def _idle(self) -> None:
        if self._pinged:
            self.end("connection-timeout")
            return
        addresses = {"type": "get", "id": random_id(8), "from": self._host.domain, "to": str(self.jid)}
        self.send(build("iq", addresses, build("ping", xmlns=PING), xmlns=CLIENT))
        self._restart_idle_timer()
        self._pinged = True
