"""One BOSH session as Openfire keeps it: its start, what its requests do, its end.

A door for its stream on one side; on the other it takes requests and answers each exactly once, when it
sees fit. Times are the caller's: a clock and timers are given.
"""

from __future__ import annotations

from collections.abc import Callable

from mcp_finesse.simulator.openfire.bosh.body import BodyRequest, Reply, body, error
from mcp_finesse.simulator.openfire.bosh.requests import REQUESTS, HeldRequest, Later, RequestWindow, Respond
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire_settings import RepeatedRid

INACTIVITY = 30  # seconds
POLLING = 5  # seconds
MAX_PAUSE = 300  # seconds
MAX_WAITING = 10_000  # elements that a client may leave unfetched before it is dropped


class BoshSession:
    """One session. Implements ``StreamEndpoint``.

    Args:
        request: the one that asked for the session.
        clock: seconds.
        later: timers.
        time_scale: factor on every time that is waited here.
        on_end: called once, when the session is over.
        repeated_rid: see ``OpenfireSettings``.

    Attributes:
        sid: its id, from when the stream is open.
        over: no more requests are to be given to it.
    """

    def __init__(
        self,
        request: BodyRequest,
        clock: Callable[[], float],
        later: Later,
        time_scale: float,
        on_end: Callable[[BoshSession], None],
        repeated_rid: RepeatedRid = "saved",
    ) -> None:
        self.sid = ""
        self.over = False
        self._terms = request
        self._clock = clock
        self._later = later
        self._scale = time_scale
        self._on_end = on_end
        self._repeated_rid = repeated_rid
        self._window = RequestWindow(request.rid, request.wait * time_scale, later, self._release)
        self._pending: list[str] = []
        self._gathering = False
        self._inactivity = INACTIVITY
        self._active = clock()
        self._polled = float("-inf")
        self._last_was_empty = False

    def begin(self, session: XmppSession) -> Reply:
        """Open the stream; the answer to the request for the session (XEP-0124 section 7.2)."""
        self._session = session
        features = self._restart()
        new = self._terms.version >= (1, 6)
        reply = body(
            *features,
            stream_prefix=True,
            from_=self._terms.to,
            authid=self.sid,
            sid=self.sid,
            secure="true",
            requests=str(REQUESTS),
            inactivity=str(INACTIVITY),
            polling=str(POLLING),
            wait=str(self._terms.wait),
            hold=str(self._terms.hold) if new else None,
            ack=str(self._terms.rid) if new else None,
            maxpause=str(MAX_PAUSE) if new else None,
            ver="{}.{}".format(*self._terms.version) if new else None,
        )
        self._window.keep(self._terms.rid, reply)
        return reply

    def take(self, request: BodyRequest, respond: Respond) -> None:
        """Take a request of this session; it is answered now or later."""
        rid = request.rid
        if kept := self._window.kept(rid):
            respond(kept if self._repeated_rid == "saved" else self._body(rid, *self._pending))
        elif answer_old := self._window.replace(rid, respond):
            answer_old(self._body())
        elif not self._window.last < rid <= self._window.last + REQUESTS:
            self._fail("item-not-found", respond)
        elif self._overactive(request):
            self._fail("policy-violation", respond)
        else:
            self._active = self._clock()
            self._inactivity = INACTIVITY
            self._window.hold(request, respond)
            while not self.over and (held := self._window.advance()):
                self._process(held)

    def check(self) -> None:
        """End the session if its client has been away for too long."""
        if not self._window and self._clock() - self._active > self._inactivity * self._scale:
            self._session.end()

    # Door

    def open_stream(self, stream_id: str) -> None:
        """The id of the stream is that of the session; there is no header."""
        self.sid = stream_id

    def send(self, element: str) -> None:
        """Answer the oldest request with an element, or keep it for the next one."""
        if self.over:
            return
        self._pending.append(element)
        if not self._gathering:
            self._deliver()
        if len(self._pending) > MAX_WAITING:
            self.abort()
            self._later(0, self._session.connection_lost)

    def close_stream(self) -> None:
        """Tell the client by its oldest request that the session is over (XEP-0124 section 13).

        What the stream said last, a stream error for one, has gone out by the request before that. What
        no request was there for is lost, as in Openfire: the next one finds no session.
        """
        self._deliver()
        kind: str | None = "terminate"
        for held in self._finish():
            held.respond(self._body(held.rid, kind=kind))
            kind = None

    def abort(self) -> None:
        """Cut the connections of all held requests."""
        for held in self._finish():
            held.respond(None)

    # Requests

    def _process(self, held: HeldRequest) -> None:
        request = held.request
        if request.restart:
            features = self._restart()
            if not self.over:
                self._answer(held, body(*features, stream_prefix=True))
        elif request.terminate:
            self._end_by(held)
        elif request.pause is not None:
            self._pause(held, request.pause)
        else:
            # Openfire reads a request's elements in another thread, after it has settled what is held:
            # what answers them goes out by this request or a later one, not by those before it.
            self._deliver()
            ready = self._window.ready()
            for spare in ready[: max(0, len(ready) - self._terms.hold)]:
                self._release(spare)
            self._receive(request)

    def _receive(self, request: BodyRequest) -> None:
        for element in request.elements:
            self._session.receive(element)

    def _restart(self) -> list[str]:
        """Open the stream, for the first time or again; what it says."""
        self._gathering = True
        self._session.open(self._terms.to)
        self._gathering = False
        said, self._pending = self._pending, []
        return said

    def _end_by(self, held: HeldRequest) -> None:
        """End the session as the client asks; its last elements count."""
        self._gathering = True  # what answers them now would take the reply away from the end
        self._receive(held.request)
        if not self.over:
            self._pending.clear()
            self._answer(held, body(type="terminate"))
            self._session.end()

    def _pause(self, held: HeldRequest, seconds: int) -> None:
        if seconds > MAX_PAUSE:
            self._answer(held, error("policy-violation", self._terms.version))
            self._session.end()
            return
        self._inactivity = seconds
        for each in self._window.ready():
            self._release(each)

    def _overactive(self, request: BodyRequest) -> bool:
        """XEP-0124 section 11, with one request more to pause or to end a session."""
        extra = request.terminate or request.pause is not None
        if len(self._window) >= REQUESTS + extra:
            return True
        if not request.asks_nothing:
            return False
        now = self._clock()
        too_soon = now - self._polled < POLLING * self._scale
        self._polled = now
        polling = self._terms.wait == 0 or self._terms.hold == 0
        return polling and too_soon and self._last_was_empty

    def _fail(self, condition: str, respond: Respond) -> None:
        respond(error(condition, self._terms.version))
        self._session.end()

    # Answers

    def _deliver(self) -> None:
        ready = self._window.ready()
        if self._pending and ready:
            children, self._pending = self._pending, []
            self._answer(ready[0], self._body(ready[0].rid, *children))

    def _release(self, held: HeldRequest) -> None:
        self._answer(held, self._body(held.rid))

    def _answer(self, held: HeldRequest, reply: Reply) -> None:
        self._active = self._clock()
        self._window.answer(held, reply)

    def _body(self, rid: int | None = None, *children: str, kind: str | None = None) -> Reply:
        self._last_was_empty = not children
        ack = None if rid in (None, self._window.last) else str(self._window.last)
        return body(*children, type=kind, ack=ack)

    def _finish(self) -> list[HeldRequest]:
        """The session is over; the requests that are still to be answered, oldest first."""
        if self.over:
            return []
        self.over = True
        self._on_end(self)
        return self._window.drain()
