"""A BOSH session that behaves like that of Openfire, from creation to termination.

A BOSH session is the endpoint of its stream. The session responds to each HTTP request exactly once,
immediately or later. The clock and timers are injected.
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
MAX_WAITING = 10_000  # elements a client may leave unfetched before it is disconnected


class BoshSession:
    """One BOSH session. Implements ``StreamEndpoint``.

    Args:
        request: the session creation request.
        clock: monotonic seconds.
        later: schedules timers.
        time_scale: a factor by which all timers are multiplied.
        on_end: a function that is called once, when the BOSH session ends.
        repeated_rid: see ``OpenfireSettings``.

    Attributes:
        sid: the BOSH session id, which is set when the stream opens.
        ended: whether the BOSH session has ended, so that it accepts no requests.
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
        self.ended = False
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
        """Open the stream and return the session creation response (XEP-0124 section 7.2)."""
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
        self._window.cache(self._terms.rid, reply)
        return reply

    def take(self, request: BodyRequest, respond: Respond) -> None:
        """Handle a request of this BOSH session. The response is sent immediately or later."""
        rid = request.rid
        if cached := self._window.cached(rid):
            respond(cached if self._repeated_rid == "saved" else self._body(rid, *self._pending))
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
            while not self.ended and (held := self._window.advance()):
                self._process(held)

    def check(self) -> None:
        """End the BOSH session if its client has been inactive for too long."""
        if not self._window and self._clock() - self._active > self._inactivity * self._scale:
            self._session.end()

    # Endpoint

    def open_stream(self, stream_id: str) -> None:
        """Use the stream id as the BOSH session id, because BOSH has no stream header."""
        self.sid = stream_id

    def send(self, element: str) -> None:
        """Send an element in the response to the oldest held request. Without a held request, queue the element."""
        if self.ended:
            return
        self._pending.append(element)
        if not self._gathering:
            self._deliver()
        if len(self._pending) > MAX_WAITING:
            self.abort()
            self._later(0, self._session.connection_lost)

    def close_stream(self) -> None:
        """Terminate the session (XEP-0124 section 13).

        Pending elements, such as a stream error, are sent in the response to the oldest held request. The
        termination is sent in the response to the next held request. As in Openfire, elements or a termination
        without a held request are lost, because the client's next request finds no session.
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
            if not self.ended:
                self._answer(held, body(*features, stream_prefix=True))
        elif request.terminate:
            self._end_by(held)
        elif request.pause is not None:
            self._pause(held, request.pause)
        else:
            # Openfire processes a request's elements in another thread, after releasing held requests. Replies
            # to these elements therefore go out in a response to this request or to a later request, never to
            # an earlier request.
            self._deliver()
            ready = self._window.ready()
            for spare in ready[: max(0, len(ready) - self._terms.hold)]:
                self._release(spare)
            self._receive(request)

    def _receive(self, request: BodyRequest) -> None:
        for element in request.elements:
            self._session.receive(element)

    def _restart(self) -> list[str]:
        """Open or restart the stream, and return the elements that the stream sends."""
        self._gathering = True
        self._session.open(self._terms.to)
        self._gathering = False
        said, self._pending = self._pending, []
        return said

    def _end_by(self, held: HeldRequest) -> None:
        """Terminate the session at the client's request, after processing its last elements."""
        self._gathering = True  # replies must not use up the response that is needed for the termination
        self._receive(held.request)
        if not self.ended:
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
        """Check the request limit (XEP-0124 section 11). One extra request is allowed for a pause or a termination."""
        extra = request.terminate or request.pause is not None
        if len(self._window) >= REQUESTS + extra:
            return True
        if not request.is_empty:
            return False
        now = self._clock()
        too_soon = now - self._polled < POLLING * self._scale
        self._polled = now
        polling = self._terms.wait == 0 or self._terms.hold == 0
        return polling and too_soon and self._last_was_empty

    def _fail(self, condition: str, respond: Respond) -> None:
        respond(error(condition, self._terms.version))
        self._session.end()

    # Responses

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
        """Mark the BOSH session as ended. Return the requests without a response, oldest first."""
        if self.ended:
            return []
        self.ended = True
        self._on_end(self)
        return self._window.drain()
