"""A BOSH session as a transport: long polls below (XEP-0124), an ``asyncio.Transport`` to the stream above.

Every request is a task of its own, of which there are never more than the server allows.
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
# Openfire up to 4.6 answers a repeated request with what it has to send now, not with the answer that was lost, so
# the stanzas of that answer are missing, and nothing says so (XEP-0124 14.3 demands the identical answer).
_REPEATED = "an answer of the Notification Service was lost, and Openfire may not send it again"
_CONFLICT = b"<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"


class BoshTransport(asyncio.Transport):
    """One BOSH session that has been created.

    ``get_extra_info`` stays as inherited and knows nothing: slixmpp waits for a dial of its own if it
    sees an ``ssl_object``.
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
        self._created: Reply | None = created  # until the stream writes its first header
        # To the server.
        self._rid = rid  # of the last request
        self._out: list[bytes] = []  # stanzas for the next request
        self._restart = ""  # attributes of the request that begins a new stream, while it is to be sent
        self._in_flight: dict[int, asyncio.Task[None]] = {}
        self._order = ResendOrder(on_whole=lambda: self._pump_in(timing.spacing))
        self._last_launch = self._last_empty = float("-inf")
        self._wake: asyncio.Handle | None = None  # of the next look at what is to be sent
        self._wake_at = 0.0
        self._early = (
            0  # empty answers in a row that came at once, although the server should hold the request
        )
        self._reading = True
        # From the server.
        self._due = rid + 1  # the request whose answer is the next to go up
        self._arrived: dict[int, Reply] = {}  # answers that overtook it
        self._repeated: set[int] = set()  # of those, the ones to requests that were sent again
        self._rooted = False  # the stream has been given a root since its last header
        # The end.
        self._goodbye: asyncio.Task[None] | None = None  # our last request
        self._closing = False  # nothing new goes down to the server
        self._end: asyncio.Task[None] | None = None  # nothing goes up any more, and what is left is cleared

    # To the stream above.

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send a stanza with the next request; header and footer become what BOSH has for them.

        Whitespace is swallowed: slixmpp's keep-alive cannot be switched off, and a body has no use for it.
        """
        stanza = bytes(data)
        if self._closing or stanza.isspace():
            return
        if stanza == _FOOTER:
            self._say_goodbye()
        elif self._created is not None:  # the first header: its answer is here already
            self._loop.call_soon(self._up, self._created)
            self._created = None
            self._pump_in(self._timing.settle)
        elif stanza.startswith(b"<body"):
            self._restart, self._rooted = bosh_body.restart(stanza.decode()), False
            self._pump_in(0)
        else:
            self._out.append(framing.standalone(stanza))
            self._pump_in(0)

    def pause_reading(self) -> None:
        """Send no empty request: the server has to keep what it has to say."""
        self._reading = False

    def resume_reading(self) -> None:
        """Ask again."""
        self._reading = True
        self._pump_in(0)

    def is_closing(self) -> bool:
        """Whether the end has begun."""
        return self._closing

    def close(self) -> None:
        """Begin the end: the server is told, or the session would stay there until it is forgotten."""
        if not self._closing:
            self._say_goodbye()

    def abort(self) -> None:
        """End now; ``connection_lost`` follows as soon as nothing is left."""
        self._over(None)

    # To the server below.

    def _pump_in(self, seconds: float) -> None:
        """See what is to be sent, after so long or earlier."""
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
            return  # the next answer brings us back
        if not self._order.whole:
            return  # as soon as it is, we are called
        if to_say and busy and (early := self._last_launch + timing.spacing - now) > 0:
            self._pump_in(early)
        elif self._restart:
            extra, self._restart = self._restart, ""
            self._launch(extra=extra)
            self._pump_in(timing.spacing)  # it goes alone: stanzas have to follow
        elif self._out:
            self._launch(payload=self._take_out())
        elif not (terms.hold and terms.wait) and (early := self._last_empty + terms.polling - now) > 0:
            self._pump_in(early)
        elif not self._reading:
            return  # ``resume_reading`` brings us back
        elif (early := self._last_empty + timing.pause_when_not_held(self._early) - now) > 0:
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
        """Terminate (XEP-0124 13): the one request that may exceed the number allowed."""
        self._closing = True
        self._goodbye = self._launch(" type='terminate'", self._take_out(), once=True)

    async def _exchange(self, rid: int, body: bytes, once: bool) -> None:
        """One request, from here to what its answer brings."""
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
        except asyncio.CancelledError:  # by us at the end; by anybody else, it must not be silence
            self._over(ConnectionAbortedError("a request was cancelled"))
            raise
        except Exception as exc:  # whatever it was: without this answer no later one can go up
            self._over(exc)
            return
        finally:
            del self._in_flight[rid]
        at_once = self._loop.time() - asked_at < timing.early
        self._early = self._early + 1 if at_once and not reply.payload else 0
        self._arrived[rid] = reply
        while self._due in self._arrived and self._end is None:
            self._due += 1
            if self._due - 1 in self._repeated:
                self._repeated.remove(self._due - 1)
                self._stream.loss_possible(_REPEATED)
            self._up(self._arrived.pop(self._due - 1))
        if rid in self._arrived and reply.terminates:  # nobody waits for long for what should come before
            self._loop.call_later(timing.farewell, self._up, reply)
        if once:
            self._over(None)
        self._pump_in(timing.settle)  # what handlers answer may go before an empty request

    # From the server.

    def _up(self, reply: Reply) -> None:
        """Hand what a body holds to the stream, and end it if the body does."""
        if self._end is not None:
            return
        if reply.terminates:
            self._closing = True  # there is nobody left to say goodbye to
        if reply.payload:
            self._feed(reply)
        if not reply.terminates or self._end is not None:
            return
        ending = reply.ending()
        if self._goodbye is not None:
            self._over(None)
        elif ending.condition == "conflict":  # said without the stream error that goes with it
            self._feed(Reply(reply.attributes, _CONFLICT))
        elif "condition" not in reply.attributes:  # the stream ends as any stream does
            self._feed(Reply(reply.attributes, _STREAM_END))
        self._over(ending)

    def _feed(self, reply: Reply) -> None:
        try:
            if not self._rooted:
                self._rooted = True
                said = {"id": self._terms.sid, **reply.attributes}
                self._stream.data_received(framing.stream_root(said))
            self._stream.data_received(reply.payload)
        except Exception as exc:  # as asyncio does with a protocol that fails
            self._loop.call_exception_handler({"message": "The XMPP stream failed", "exception": exc})
            self._over(exc)

    def _over(self, why: Exception | None) -> None:
        """The session has ended; of two reasons the first counts, and after our goodbye there is none."""
        if self._end is None:
            self._closing = True
            if self._wake is not None:
                self._wake.cancel()
            self._end = self._loop.create_task(self._clear_up(None if self._goodbye else why))

    async def _clear_up(self, why: Exception | None) -> None:
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
