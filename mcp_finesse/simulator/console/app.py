"""The HTTP routes of the console: static files, the event stream, and the actions of a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from mcp_finesse.simulator.console.actions import ActionError, Actions
from mcp_finesse.simulator.console.events import EventStream
from mcp_finesse.simulator.console.guard import MAX_BODY

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


def static_files() -> dict[str, tuple[bytes, str]]:
    """Return content and type of each static file, by path."""
    files = {
        f"/{file.name}": (file.read_bytes(), TYPES[file.suffix])
        for file in STATIC.iterdir()
        if file.suffix in TYPES
    }
    files["/"] = files["/index.html"]
    return files


class ConsoleApp:
    """The routes, as a Starlette application in ``asgi``.

    Args:
        events: the event stream.
        actions: the actions by name.
    """

    def __init__(self, events: EventStream, actions: Actions) -> None:
        self._events = events
        self._actions = actions
        self._files = static_files()
        self.asgi = Starlette(
            routes=[
                Route("/events", self._get_events),
                Route("/actions/{name:path}", self._post_action, methods=["POST"]),
                Route("/{path:path}", self._get_file),
            ],
            exception_handlers={HTTPException: _describe_rejection},
        )

    def is_file(self, path: str) -> bool:
        """Return whether a path is that of a static file."""
        return path in self._files

    async def _get_file(self, request: Request) -> Response:
        found = self._files.get(request.url.path)
        if found is None:
            return JSONResponse({"error": "There is no such page."}, 404)
        content, kind = found
        return Response(content, headers={"content-type": kind})

    async def _get_events(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        if self._events.is_full:
            return JSONResponse({"error": "Too many pages are open. Close one and try again."}, 503)
        return StreamingResponse(self._events.read(), media_type="text/event-stream")

    async def _post_action(self, request: Request) -> Response:
        try:
            fields = await _read_object(request)
            result = await self._actions.perform(request.path_params["name"], fields)
        except ActionError as error:
            return JSONResponse({"error": str(error)}, error.status)
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse(result)


async def _describe_rejection(_request: Request, error: Exception) -> Response:
    """Return the error of a request that fits no route."""
    assert isinstance(error, HTTPException)  # noqa: S101 - for mypy: Starlette calls this function for no other error
    text = (
        "There is no such page." if error.status_code == 404 else "This address does not accept this method."
    )
    return JSONResponse({"error": text}, error.status_code, headers=error.headers)


async def _read_object(request: Request) -> Mapping[str, Any]:
    """Read a JSON object of limited size.

    Raises:
        ActionError: the body is too large, or is not a JSON object.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise ActionError("The request is too large.", 413)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ActionError("The request is not JSON.") from error
    if not isinstance(found, dict):
        raise ActionError("The request is not a JSON object.")
    return found
