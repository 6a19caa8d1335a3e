"""Routes requests from the HTTP port of a node. REST goes to Tomcat. BOSH and WebSocket go to Openfire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from mcp_finesse.simulator.openfire.notification_service import NotificationService
from mcp_finesse.simulator.rest.api import ROOTS, RestApi
from mcp_finesse.simulator.rest.exchange import Receive, Response, Scope, Send, receive_body, send_response
from mcp_finesse.simulator.rest.sign_on import ROOT as SIGN_ON_ROOT

WEBSOCKET_PATHS = ("/ws", "/ws/")
BOSH_PATHS = ("/http-bind", "/http-bind/")

StoppedPart = Literal["", "tomcat", "web app"]


class HttpRouter:
    """An ASGI application that dispatches requests to REST, BOSH and WebSocket.

    In Finesse, Openfire stays reachable while Tomcat is down, through a web proxy or a separate port. To simulate
    this, a connection is reset only when a REST request arrives on it while Tomcat is down.

    Args:
        rest: the ASGI application that handles REST requests.
        notifications: handles requests over BOSH and WebSocket.
        cut: resets the connections of a client.

    Attributes:
        missing: the failed component that stops REST. Empty while REST works.
        status: the HTTP status that is returned while the web app is down.
    """

    def __init__(
        self, rest: RestApi, notifications: NotificationService, cut: Callable[[tuple[str, int]], None]
    ) -> None:
        self._rest = rest
        self._notifications = notifications
        self._cut = cut
        self.missing: StoppedPart = ""
        self.status = 404

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request or one WebSocket."""
        path = scope["path"]
        if scope["type"] == "http" and path.startswith((*ROOTS, SIGN_ON_ROOT)):
            await self._serve_rest(scope, receive, send)
        elif scope["type"] == "http" and path in BOSH_PATHS:
            await self._notifications.bosh_app(scope, receive, send)
        elif scope["type"] == "websocket" and path in WEBSOCKET_PATHS:
            await self._notifications.websocket_app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
        else:
            await _answer(Response(404), receive, send)

    async def _serve_rest(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.missing == "tomcat":
            self._cut(scope["client"])
            while (await receive())["type"] != "http.disconnect":
                pass
        elif self.missing:
            page = f"<!doctype html><html><body><h1>HTTP Status {self.status}</h1></body></html>"
            await _answer(Response(self.status, page, "text/html;charset=utf-8"), receive, send)
        else:
            app = self._rest.sign_on if scope["path"].startswith(SIGN_ON_ROOT) else self._rest
            await app(scope, receive, send)


async def _answer(answer: Response, receive: Receive, send: Send) -> None:
    await receive_body(receive)
    await send_response(answer, send)
