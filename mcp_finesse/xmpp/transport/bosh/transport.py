"""A BOSH session (XEP-0124) as an ``asyncio.Transport``. Long polling on the network becomes a byte stream.

Every request runs in its own asyncio task. There are never more concurrent requests than the server allows.
"""

from __future__ import annotations

import asyncio

from mcp_finesse.xmpp.transport import framing
from mcp_finesse.xmpp.transport.base import StreamSide
from mcp_finesse.xmpp.transport.bosh import body as bosh_body
from mcp_finesse.xmpp.transport.bosh.body import Reply
from mcp_finesse.xmpp.transport.bosh.http import BoshHttp
from mcp_finesse.xmpp.transport.bosh.order import ResendOrder
from mcp_finesse.xmpp.transport.bosh.terms import BoshTiming, Terms

_FOOTER = bosh_body.FOOTER.encode()
_STREAM_END = b"</stream:stream>"
# XEP-0124 14.3 requires that a repeated request gets the same response again. Openfire up to 4.6 responds with the
# stanzas that are queued at that time. The stanzas of the lost response are then missing without any indication.
_REPEATED = "a response of the Notification Service was lost, and Openfire may not send it again"
_CONFLICT = b"<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"


class BoshTransport(asyncio.Transport):
    """One established BOSH session.

    ``get_extra_info`` deliberately keeps the inherited version, which returns no values: if slixmpp sees an
    ``ssl_object``, it waits for a connection attempt of its own.
    """

    def __init__(
        self, stream: StreamSide, http: BoshHttp, created: Reply, terms: Terms, rid: int, timing: BoshTiming
    ) -> None:
        super().__init__()
        self._stream = stream
        self._http = http
        self._terms = terms
        self._timing = timing
        self._loop = asyncio.get_running_loop()
        self._created: Reply | None = created  # passed to the stream after its first header has been sent
        # To the server.
        self._rid = rid  # the rid of the last request
        self._out: list[bytes] = []  # stanzas for the next request
        self._restart = ""  # attributes of a pending stream restart request
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._order = ResendOrder(on_whole=lambda: self._pump_in(timing.spacing))
        self._last_launch = self._last_empty = float("-inf")
        self._wake: asyncio.Handle | None = None  # the scheduled call of _pump
        self._wake_at = 0.0
        self._early_replies = 0  # consecutive early empty responses, although the server should hold requests
        self._reading = True
        # From the server.
        self._due = rid + 1  # rid of the next response to deliver
        self._arrived: dict[int, Reply] = {}  # responses that arrived out of order
        self._repeated: set[int] = set()  # rids in ``_arrived`` whose request was resent
        self._rooted = False  # whether the parser has received a root element since the last header
        # The end.
        self._goodbye: asyncio.Task[None] | None = None  # the terminating request
        self._closing = False  # no new requests are sent
        self._end: asyncio.Task[None] | None = None  # cleanup; nothing is delivered to the stream any more

    # To the stream above.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Queue a stanza for the next request. Translate a stream header or footer to its BOSH equivalent.

        Whitespace is dropped, because slixmpp's whitespace keepalive cannot be disabled and has no meaning in
        BOSH.
        """
        stanza = bytes(data)
        if self._closing or stanza.isspace():
            return
        if stanza == _FOOTER:
            self._say_goodbye()
        elif self._created is not None:  # the response to the first header has already arrived
            self._loop.call_soon(self._deliver, self._created)
            self._created = None
            self._pump_in(self._timing.settle)
        elif stanza.startswith(b"<body"):
            self._restart, self._rooted = bosh_body.restart(stanza.decode()), False
            self._pump_in(0)
        else:
            self._out.append(framing.standalone(stanza))
            self._pump_in(0)

    def pause_reading(self) -> None:
        """Stop sending empty requests, so that the server queues its stanzas."""
        self._reading = False

    def resume_reading(self) -> None:
        """Resume polling."""
        self._reading = True
        self._pump_in(0)

    def is_closing(self) -> bool:
        """Return whether the session is closing or closed."""
        return self._closing

    def close(self) -> None:
        """Send a terminating request. Otherwise the server would keep the BOSH session until its timeout."""
        if not self._closing:
            self._say_goodbye()

    def abort(self) -> None:
        """End the BOSH session immediately. ``connection_lost`` is called after the cleanup."""
        self._over(None)

    # To the server below.

    def _pump_in(self, seconds: float) -> None:
        """Schedule ``_pump`` to run in ``seconds`` or earlier."""
        if self._closing:
            return
        at = self._loop.time() + seconds
        if self._wake is not None:
            if self._wake_at <= at:
                return
            self._wake.cancel()
        self._wake_at = at
        self._wake = self._loop.call_at(at, self._pump) if seconds > 0 else self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._wake = None
        terms, timing, now = self._terms, self._timing, self._loop.time()
        busy = len(self._in_flight)
        to_say = bool(self._restart or self._out)
        if self._closing or busy >= (terms.requests if to_say else max(1, terms.hold)):
            return  # _pump is called again on the next response
        if not self._order.whole:
            return  # _pump is called again when all resent requests are settled
        if to_say and busy and (early := self._last_launch + timing.spacing - now) > 0:
            self._pump_in(early)
        elif self._restart:
            extra, self._restart = self._restart, ""
            self._launch(extra=extra)
            self._pump_in(timing.spacing)  # a restart request carries no stanzas, but the next request does
        elif self._out:
            self._launch(payload=self._take_out())
        elif not (terms.hold and terms.wait) and (early := self._last_empty + terms.polling - now) > 0:
            self._pump_in(early)
        elif not self._reading:
            return  # ``resume_reading`` calls _pump again
        elif (early := self._last_empty + timing.pause_when_not_held(self._early_replies) - now) > 0:
            self._pump_in(early)
        else:
            self._last_empty = now
            self._launch()

    def _take_out(self) -> bytes:
        out, self._out = self._out, []
        return b"".join(out)

    def _launch(self, extra: str = "", payload: bytes = b"", *, once: bool = False) -> asyncio.Task[None]:
        self._rid += 1
        self._last_launch = self._loop.time()
        ack = self._due - 1 if self._terms.acks else None
        body = bosh_body.request(self._rid, self._terms.sid, ack=ack, extra=extra, payload=payload)
        task = self._loop.create_task(self._exchange(self._rid, body, once))
        self._in_flight[self._rid] = task
        return task

    def _say_goodbye(self) -> None:
        """Send the terminating request (XEP-0124 13), which may exceed the request limit."""
        self._closing = True
        self._goodbye = self._launch(" type='terminate'", self._take_out(), once=True)

    async def _exchange(self, rid: int, body: bytes, once: bool) -> None:
        """Send one request and process its response."""
        timing, terms = self._timing, self._terms
        asked_at = self._loop.time()
        try:
            if once:
                reply = await self._http.send(body, timing.connect)
            else:
                limit = terms.wait + timing.margin
                reply, repeated = await self._http.deliver(rid, body, limit, terms.inactivity, self._order)
                if repeated:
                    self._repeated.add(rid)
        except asyncio.CancelledError:  # if our cleanup did not cancel this task, the session must end
            self._over(ConnectionAbortedError("a request was cancelled"))
            raise
        except Exception as exc:  # after any error: without this response no later response can be delivered
            self._over(exc)
            return
        finally:
            del self._in_flight[rid]
        at_once = self._loop.time() - asked_at < timing.early
        self._early_replies = self._early_replies + 1 if at_once and not reply.payload else 0
        self._arrived[rid] = reply
        while self._due in self._arrived and self._end is None:
            self._due += 1
            if self._due - 1 in self._repeated:
                self._repeated.remove(self._due - 1)
                self._stream.loss_possible(_REPEATED)
            self._deliver(self._arrived.pop(self._due - 1))
        if rid in self._arrived and reply.terminates:  # wait a limited time for earlier responses
            self._loop.call_later(timing.farewell, self._deliver, reply)
        if once:
            self._over(None)
        self._pump_in(timing.settle)  # stanzas that handlers send must go out before an empty request

    # From the server.

    def _deliver(self, reply: Reply) -> None:
        """Deliver the payload of a body to the stream. If it is a terminating body, end the BOSH session."""
        if self._end is not None:
            return
        if reply.terminates:
            self._closing = True  # send no terminating request, because the server has ended the session
        if reply.payload:
            self._feed(reply)
        if not reply.terminates or self._end is not None:
            return
        ending = reply.ending()
        if self._goodbye is not None:
            self._over(None)
        elif ending.condition == "conflict":  # for a conflict, some servers send no stream error
            self._feed(Reply(reply.attributes, _CONFLICT))
        elif "condition" not in reply.attributes:  # a normal end of the stream
            self._feed(Reply(reply.attributes, _STREAM_END))
        self._over(ending)

    def _feed(self, reply: Reply) -> None:
        try:
            if not self._rooted:
                self._rooted = True
                said = {"id": self._terms.sid, **reply.attributes}
                self._stream.data_received(framing.stream_root(said))
            self._stream.data_received(reply.payload)
        except Exception as exc:  # asyncio does the same if a protocol raises
            self._loop.call_exception_handler({"message": "The XMPP stream failed", "exception": exc})
            self._over(exc)

    def _over(self, why: Exception | None) -> None:
        """End the BOSH session. Report only the first reason. If we terminated the session, report no error."""
        if self._end is None:
            self._closing = True
            if self._wake is not None:
                self._wake.cancel()
            self._end = self._loop.create_task(self._shut_down(None if self._goodbye else why))

    async def _shut_down(self, why: Exception | None) -> None:
        try:
            if self._goodbye is not None:
                await asyncio.wait({self._goodbye}, timeout=self._timing.farewell)
            left = set(self._in_flight.values())
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left)
            await self._http.aclose()
        finally:
            self._stream.connection_lost(why)
