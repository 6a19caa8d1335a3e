"""A chat-completions endpoint on loopback that answers what a test has written down."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One answer of the endpoint."""

    body: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


def completion(message: dict[str, Any], usage: tuple[int, int] | None = (100, 10)) -> Reply:
    """An answer with one message, in the form of the API."""
    body: dict[str, Any] = {"choices": [{"index": 0, "message": {"role": "assistant", **message}}]}
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return Reply(json.dumps(body))


def says(text: str) -> Reply:
    """The model says something."""
    return completion({"content": text})


def calls(*wanted: tuple[str, str | dict[str, Any]]) -> Reply:
    """The model wants tools called: names and arguments; text is sent as it is."""
    tools = [
        {
            "id": f"call-{number}",
            "type": "function",
            "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
        }
        for number, (name, given) in enumerate(wanted)
    ]
    return completion({"content": None, "tool_calls": tools})


@dataclass
class ScriptedEndpoint:
    """Gives its replies in order, the last one for ever; a function makes one of the request.

    Attributes:
        asked: the requests' bodies, in order.
        keys: the Authorization headers, in order.
    """

    replies: list[Reply | Callable[[dict[str, Any]], Reply]]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def answer(self, path: str, key: str, body: bytes) -> Reply:
        """The next reply."""
        if path != "/v1/chat/completions":
            return Reply("no such page", 404)
        self.keys.append(key)
        self.asked.append(json.loads(body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply if isinstance(reply, Reply) else reply(self.asked[-1])


@contextmanager
def endpoint(*replies: Reply | Callable[[dict[str, Any]], Reply]) -> Iterator[ScriptedEndpoint]:
    """Serve in a thread, so that programs with a loop of their own can ask."""
    scripted = ScriptedEndpoint(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = scripted.answer(self.path, self.headers.get("Authorization", ""), body)
            time.sleep(reply.after)
            data = reply.body.encode()
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(data)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
