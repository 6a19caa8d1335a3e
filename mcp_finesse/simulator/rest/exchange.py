"""A REST request and its response, as seen by endpoints."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.requests.requests import Job
from mcp_finesse.simulator.world.agents import Agent
from mcp_finesse.simulator.xml_text import Element, api_errors, to_text

XML_TYPE = "application/xml;charset=UTF-8"

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request after routing and authentication.

    Attributes:
        acting: the authenticated agent.
        path: path parameters by name.
        query: the query parameters. If a name is repeated, the last value is used.
        headers: headers with lower-case names.
        body: raw body.
        node: ``incarnation`` of the node that received the request (``FinesseNode.incarnation``).
    """

    acting: Agent
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    node: object = None


@dataclass(frozen=True, slots=True)
class Response:
    """A response, and the job to start after the response has been sent."""

    status: int
    body: str = ""
    content_type: str = XML_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    job: Job | None = None


Endpoint = Callable[[Exchange], Response]

RouteTable = list[tuple[str, str, Endpoint]]
"""Method, path below ``/finesse/api/`` with ``{names}``, endpoint."""


def ok(node: Element, status: int = 200) -> Response:
    """Return a response with an object or a list."""
    return Response(status, to_text(node))


def accepted(job: Job) -> Response:
    """Return a 202 response with an empty body. The outcome is published later as a notification."""
    return Response(202, job=job)


def error_response(refusal: ApiProblem) -> Response:
    """Return an error response, with a ``WWW-Authenticate`` header if credentials are missing or wrong."""
    headers = (
        {"WWW-Authenticate": 'Basic realm="Finesse"'} if refusal.details.message == "UNAUTHORIZED" else {}
    )
    return Response(refusal.status, api_errors(refusal), headers=headers)


def basic_credentials(header: str) -> tuple[str, str]:
    """Return the user id and password of an ``Authorization`` header (RFC 7617).

    Empty strings without a header, or without the colon that ends the user id.
    """
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    user_id, colon, password = text.partition(":")
    return (user_id, password) if colon else ("", "")


def bearer_token(header: str) -> str:
    """Return the token of an ``Authorization`` header; empty if absent (RFC 6750)."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def receive_body(receive: Receive, keep: int = 0) -> bytes:
    """Read a request body to its end. Return at most ``keep`` bytes plus one chunk, which shows an excess.

    A response before the end of the body would end an HTTP/2 stream on which the client still sends. The HTTP
    server would treat further data as a protocol error and close the whole connection.
    """
    body = bytearray()
    while (message := await receive())["type"] == "http.request":
        if len(body) <= keep:
            body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body)


async def send_response(answer: Response, send: Send) -> None:
    """Send a response."""
    body = answer.body.encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append((b"content-length", str(len(body)).encode()))
    if body:
        headers.append((b"content-type", answer.content_type.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
