"""XMPP over BOSH (XEP-0124, XEP-0206) as an ASGI application that dispatches HTTP requests to sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mcp_finesse.simulator.openfire.bosh.body import BadBodyError, Reply, error, read_body
from mcp_finesse.simulator.openfire.bosh.session import BoshSession
from mcp_finesse.simulator.openfire.ports import Cancellable, StreamEndpoint
from mcp_finesse.simulator.openfire.session import XmppSession
from mcp_finesse.simulator.openfire_settings import RepeatedRid
from mcp_finesse.simulator.rest.exchange import Receive, Scope, Send, receive_body

MAX_BODY = 2**20  # bytes
REAPER_SECONDS = 30.0
_TYPE = b"text/xml; charset=UTF-8"


class BoshEndpoint:
    """All BOSH sessions of an XMPP server, by id.

    Args:
        domain: XMPP domain of the sessions, in lower case.
        open_session: a function that creates the stream of a new BOSH session.
        time_scale: a factor by which the session timers are multiplied: ``wait``, inactivity, polling and
            pause.
        repeated_rid: see ``OpenfireSettings``.
    """

    def __init__(
        self,
        domain: str,
        open_session: Callable[[StreamEndpoint], XmppSession],
        time_scale: float,
        repeated_rid: RepeatedRid = "saved",
    ) -> None:
        self._domain = domain
        self._open_session = open_session
        self._scale = time_scale
        self._repeated_rid = repeated_rid
        self._sessions: dict[str, BoshSession] = {}
        self._reaper: Cancellable | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        data = await receive_body(receive, MAX_BODY)
        if scope["method"] != "POST":
            await respond(send, Reply("", 405))
            return
        if len(data) > MAX_BODY:
            await respond(send, Reply("", 413))
            return
        answer: asyncio.Future[Reply | None] = asyncio.get_running_loop().create_future()
        self._take(data, lambda reply: None if answer.done() else answer.set_result(reply))
        reply = await answer
        if reply is not None:
            await respond(send, reply)
        elif not scope["http_version"].startswith("2"):
            # A response that announces a body but does not send the body makes the HTTP server cut the
            # connection. In HTTP/2 other streams share the connection, so the client gets status 500 instead of
            # a response.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})

    def _take(self, data: bytes, answer: Callable[[Reply | None], None]) -> None:
        try:
            request = read_body(data)
        except BadBodyError:
            answer(Reply("", 400))
            return
        if request.sid:
            session = self._sessions.get(request.sid)
            if session is None:
                answer(Reply("", 404))
            else:
                session.take(request, answer)
        elif request.to != self._domain:
            answer(error("host-unknown" if request.to else "improper-addressing", request.version))
        else:
            loop = asyncio.get_running_loop()
            session = BoshSession(
                request, loop.time, loop.call_later, self._scale, self._forget, self._repeated_rid
            )
            reply = session.begin(self._open_session(session))
            self._sessions[session.sid] = session
            self._watch()
            answer(reply)

    def _forget(self, session: BoshSession) -> None:
        del self._sessions[session.sid]
        if not self._sessions and self._reaper is not None:
            self._reaper.cancel()
            self._reaper = None

    def _watch(self) -> None:
        """Check for abandoned BOSH sessions every 30 s, as long as any sessions exist."""
        if self._reaper is None:
            self._reaper = asyncio.get_running_loop().call_later(REAPER_SECONDS * self._scale, self._reap)

    def _reap(self) -> None:
        self._reaper = None
        for session in list(self._sessions.values()):
            session.check()
        if self._sessions:
            self._watch()


async def respond(send: Send, reply: Reply) -> None:
    """Send a response with its content length, as Openfire does."""
    data = reply.body.encode()
    headers = [(b"content-length", str(len(data)).encode())]
    if data:
        headers.append((b"content-type", _TYPE))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
