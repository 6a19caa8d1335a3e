"""The XMPP stream, which is one XMPP session on one transport: login milestones, IQ requests and the end.

Resource binding and the assignment of IQ replies do not use slixmpp. slixmpp's bind treats an error as success,
and its IQs stay pending for up to two minutes after the link has ended.
"""

from __future__ import annotations

import asyncio
import logging
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import SecretStr
from slixmpp.jid import JID

from mcp_finesse.errors import describe_error
from mcp_finesse.xmpp import negotiation
from mcp_finesse.xmpp.client import PassiveClient
from mcp_finesse.xmpp.negotiation import SASL, STREAMS, Ending, lost
from mcp_finesse.xmpp.paced_input import Allowance, PacedInput
from mcp_finesse.xmpp.protocol.iq_tracker import Requests, refusal
from mcp_finesse.xmpp.protocol.jid import split_jid
from mcp_finesse.xmpp.protocol.stanza_parser import StanzaParser
from mcp_finesse.xmpp.transport.base import Route

T = TypeVar("T")
_log = logging.getLogger(__name__)

_IQ = "{jabber:client}iq"
_FEATURES = f"{STREAMS}features"
_STREAM_ERROR = f"{STREAMS}error"
_SASL_FAILURE = f"{SASL}failure"
_ANSWERS_AT_ONCE, _ANSWERS_PER_SECOND = 50, 20.0
"""Rate limit for replies to IQ requests from the server, such as pings. Requests over the limit are ignored."""


class TransportClient(PassiveClient):
    """One XMPP session, which begins with ``log_in``.

    Attributes:
        ended: a future that is resolved with the reason when either side ends the stream.
        heard: how many times data was received.
        last_received_at: when data was last received, in seconds since the epoch.
        offered: a future that is resolved when the XMPP server has offered its SASL mechanisms.
        password_sent: whether the password may have been sent.
        accepted: a future that is resolved when the XMPP server has accepted the password.
        features_after_login: a future that is resolved with the stream features that follow authentication.
    """

    def __init__(
        self,
        jid: str,
        password: SecretStr,
        route: Route,
        *,
        take: Callable[[ET.Element], bool],
        on_end: Callable[[Ending], None],
        on_loss: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Prepare an XMPP session without sending anything.

        Args:
            jid: the full JID to request.
            password: the password for SASL PLAIN.
            route: determines the framing and whether the transport is encrypted.
            take: a function that is called with every stanza before other handlers. The function returns True
                if it has handled the stanza.
            on_end: a function that is called once when the XMPP session ends, with the reason.
            on_loss: a function that is called with the reason if stanzas before the next received stanza may be
                missing.

        Raises:
            ConfigurationError: the user id or the domain is not valid in a JID.
        """
        super().__init__(jid, password, route)
        self.ended: asyncio.Future[Ending] = self.loop.create_future()
        self.password_sent = False
        self.heard = 0
        self.last_received_at = time.time()
        self._take = take
        self._on_end = on_end
        self._on_loss = on_loss
        self._requests = Requests()
        self._input = PacedInput(self._parse, self._pause_reading)
        self._answers = Allowance(_ANSWERS_AT_ONCE, _ANSWERS_PER_SECOND)
        self._unanswered = 0
        self._sender: asyncio.Task[None] | None = None
        self.offered: asyncio.Future[None] = self.loop.create_future()
        self.accepted: asyncio.Future[None] = self.loop.create_future()
        self.features_after_login: asyncio.Future[ET.Element] = self.loop.create_future()
        self.add_event_handler("auth_success", lambda _: _resolve(self.accepted, None))

    # Start and end.

    def attach(self, transport: asyncio.Transport) -> None:
        """Open the stream on a transport returned by an opener."""
        if self.ended.done():  # the stream was lost, or closed by the caller, while connecting
            transport.abort()
            return
        self.init_plugins()  # type: ignore[no-untyped-call]
        self._sender = self.loop.create_task(self.run_filters())
        self.connection_made(transport)

    def establish(self, jid: JID) -> None:
        """Record the JID that the XMPP server has bound. From now on slixmpp sends its automatic responses."""
        self.boundjid = jid
        self.bound = self.sessionstarted = True
        self.event("session_bind", jid)
        self.session_bind_event.set()
        self.event("session_start")

    async def aclose(self, seconds: float) -> None:
        """Send our footer, then wait until the XMPP server closes. Each of the two steps takes at most ``seconds``."""
        gone = self.disconnected if self.transport is not None else None
        try:
            if gone is not None and not self.ended.done():
                self.send_raw(self.stream_footer)
                await asyncio.wait({gone}, timeout=seconds)
        finally:
            self.end(lost("this client closed it"))
        left = {future for future in (gone, self._sender) if future is not None}
        if left:
            await asyncio.wait(left, timeout=seconds)

    def end(self, ending: Ending) -> None:
        """End the stream, and make all pending waits fail. Later invocations have no effect."""
        if self.ended.done():
            return
        self.ended.set_result(ending)
        if self._sender is not None:
            self._sender.cancel()
        self.abort()
        self._on_end(ending)

    def fail(self, reason: str) -> None:
        """Handle slixmpp's report that it cannot continue."""
        self.end(lost(reason))

    # Sending.

    async def request(self, kind: str, to: str, payload: ET.Element, seconds: float) -> ET.Element:
        """Send an IQ and return the reply.

        Args:
            kind: ``get`` or ``set``.
            to: the addressee. Empty for the XMPP server.
            payload: the child element of the IQ.
            seconds: timeout.

        Raises:
            StanzaError: the reply was an error.
            TimeoutError: no reply arrived.
            FinesseError: the link ended before the reply arrived.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self.exchange(kind, to, payload)
        except ConnectionError:
            raise self.ended.result().as_link_error() from None

    async def exchange(self, kind: str, to: str, payload: ET.Element) -> ET.Element:
        """Send an IQ and return the reply, without a timeout. Used during login, before the link is open.

        Raises:
            StanzaError: the reply was an error.
            FinesseError: the stream ended for a specific reason, such as rejected credentials.
            ConnectionError: the stream ended for any other reason.
        """
        iq = self.Iq()
        iq["type"], iq["id"] = kind, self.new_id()
        if to:
            iq["to"] = to
        iq.append(payload)
        answer = self._requests.expect(iq["id"], self._answerers(to))
        try:
            if not self.ended.done():
                self.send_raw(str(iq))
            said = await self.until(answer)
        finally:
            self._requests.forget(iq["id"])
        if said.get("type") == "error":
            raise refusal(said)
        return said

    def _answerers(self, to: str) -> frozenset[str]:
        """Return the JIDs from which a reply is accepted. The XMPP server may reply on behalf of the addressee."""
        return frozenset({split_jid(to)[0], self.boundjid.bare.lower(), self.boundjid.domain.lower()})

    async def until(self, future: asyncio.Future[T]) -> T:
        """Wait for a future. If the stream ends first, raise the stream's error."""
        waiting: set[asyncio.Future[Any]] = {future, self.ended}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            raise self.ended.result().error
        return future.result()

    # Receiving.

    def init_parser(self) -> None:
        """Install a new parser. slixmpp calls this at the start of the stream and again after authentication."""
        super().init_parser()
        self.parser = StanzaParser(self._offer)  # type: ignore[assignment]  # slixmpp calls only two methods of it

    def data_received(self, data: bytes | str) -> None:
        """Record that data was received, then parse the data."""
        self.heard += 1
        self.last_received_at = time.time()
        self._input.feed(data)

    def _parse(self, piece: bytes | str) -> None:
        if self.ended.done():
            self._input.clear()
            return
        try:
            super().data_received(piece)
        except Exception as exc:
            _log.exception("The stream can no longer be read")
            self.end(lost(f"the received data could not be processed ({type(exc).__name__})"))

    def _pause_reading(self, paused: bool) -> None:
        transport = self.transport
        if isinstance(transport, asyncio.ReadTransport):  # None once the connection is lost
            if paused:
                transport.pause_reading()
            else:
                transport.resume_reading()

    def loss_possible(self, reason: str) -> None:
        """Report that stanzas before the next received stanza may be missing."""
        self._on_loss(reason)

    def connection_lost(self, exception: BaseException | None) -> None:
        """End the stream after all data received before the loss has been handled."""
        self._input.then(lambda: self._on_connection_lost(exception))

    def _on_connection_lost(self, exception: BaseException | None) -> None:
        ordinary = "the server ended the stream" if self.disconnect_reason else "the connection was closed"
        super().connection_lost(exception)
        self.end(lost(describe_error(exception) if exception else ordinary))

    def _offer(self, stanza: ET.Element) -> bool:
        """Offer a stanza to the link and to the login. Return False to let slixmpp handle the stanza."""
        if self._take(stanza):
            return True
        tag = stanza.tag
        if tag == _IQ:
            return self._requests.take(stanza) or self._is_too_much(stanza)
        if tag == _FEATURES:
            return not self._may_log_in(stanza)
        if tag == _SASL_FAILURE:  # handled here, because slixmpp would retry the login
            self.end(negotiation.sasl_failure(stanza, self.requested_jid.user))
            return True
        if tag == _STREAM_ERROR:  # handled here, because slixmpp would follow a redirect
            self.end(negotiation.stream_error_ending(stanza))
            return True
        return False

    def _is_too_much(self, iq: ET.Element) -> bool:
        """Return whether to ignore an IQ because it is an unexpected reply or a request over the rate limit."""
        if iq.get("type") in ("result", "error"):
            return True
        if self._answers.take(self.loop.time()):
            return False
        self._unanswered += 1
        if self._unanswered == 1:
            _log.warning(
                "The Notification Service sends requests faster than this client's rate limit allows; "
                "excess requests are ignored"
            )
        return True

    def _may_log_in(self, features: ET.Element) -> bool:
        """Record the stream features. Return True if slixmpp should now send the password."""
        if self.authenticated:
            _resolve(self.features_after_login, features)
            return False
        if self.offered.done():
            return False
        self.offered.set_result(None)
        obstacle = negotiation.login_obstacle(features)
        if obstacle is not None:
            self.end(obstacle)
        self.password_sent = obstacle is None
        return self.password_sent


def _resolve(future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)
