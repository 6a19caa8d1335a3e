"""Raw requests to the REST API, for operations without a tool. Requests are checked only for safety.

The caller chooses method, path, query and body. This module ensures three things. The request goes only to the
node of the session. The request uses the credentials of the session. The results show no secret.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from mcp_finesse.errors import FinesseError, InvalidRequestError, ReadOnlyError
from mcp_finesse.privacy import redact
from mcp_finesse.redaction import truncated
from mcp_finesse.rest import RestClient
from mcp_finesse.rest.http import XML, Request, refuse_changes
from mcp_finesse.rest.paths import api_path
from mcp_finesse.rest.raw_operations import raw_operation
from mcp_finesse.rest.responses import may_have_been_executed
from mcp_finesse.xmpp import list_feeds, slug_of

MAX_BODY = 100_000
"""Maximum characters of a body that are shown."""

MAY_HAVE_BEEN_EXECUTED = "The request may have been executed: read the object before you repeat the request."

# Callers must not set these headers, because they identify the client or the host, or frame the HTTP message
# (RFC 9110, 7.6.1; RFC 9112, 6).
_RESERVED_HEADERS = frozenset(
    {
        "authorization", "proxy-authorization", "cookie", "host", "requestid", "content-length", "connection",
        "transfer-encoding", "accept-encoding", "upgrade", "te", "trailer", "expect", "keep-alive",
    }
)  # fmt: skip
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_DIALOG_PATH = re.compile(r".*/Dialog/(?P<id>[^/]+)", re.IGNORECASE)
_SLUGS = frozenset(feed.slug.partition(":")[0] for feed in list_feeds())


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A raw request.

    Attributes:
        method: ``GET``, ``POST``, ``PUT`` or ``DELETE``.
        path: A path relative to ``/finesse/api`` (such as ``User/1001``), or an absolute path that begins with
            ``/``. A query may follow the path.
        query: Additional query parameters.
        headers: Additional headers. Headers that identify the client or frame the HTTP message are rejected.
        body: The body as text. Empty for a request without a body. The default Content-Type is XML.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def parts(self) -> tuple[str, dict[str, str]]:
        """Return the absolute path and the complete query.

        Raises:
            InvalidRequestError: The path contains a server address, or characters that must be quoted.
        """
        host_and_port, _, query = self.path.strip().partition("?")
        if "://" in host_and_port or host_and_port.startswith("//") or "#" in host_and_port:
            raise InvalidRequestError(
                "`path` contains a server address or a fragment. Nothing was sent.",
                advice=(
                    "Give only the path, such as User/1001. The request always goes to the Finesse of "
                    "this session."
                ),
            )
        return api_path(host_and_port), {**dict(parse_qsl(query, keep_blank_values=True)), **self.query}

    def checked_headers(self) -> dict[str, str]:
        """Return the additional headers to send.

        Raises:
            InvalidRequestError: A header is reserved, or is not valid.
        """
        for name, value in self.headers.items():
            if name.lower() in _RESERVED_HEADERS:
                raise InvalidRequestError(
                    f"The header {name} is set by this MCP server and cannot be replaced. Nothing was sent."
                )
            if not _HEADER_NAME.fullmatch(name) or not value.isascii() or not value.isprintable():
                raise InvalidRequestError(
                    f"The header {truncated(name, 40)!r} is not valid. Nothing was sent."
                )
        return dict(self.headers)

    def may_change_data(self) -> bool:
        """Return whether the request could change something, so that read-only mode would refuse it.

        Raises:
            InvalidRequestError: The path or a header is not valid.
        """
        path, query = self.parts()
        body = self.body.encode(errors="replace")
        try:
            refuse_changes(Request(self.method, path, query, self.checked_headers(), body))
        except ReadOnlyError:
            return True
        return False


@dataclass(frozen=True, slots=True)
class RawResponse:
    """The response to a raw request, without secrets.

    Attributes:
        request_id: The request id. Finesse may report the result in a notification that carries this id.
        sent: The method, path, query, headers and body that were sent.
        status: The HTTP status.
        headers: The response headers that describe the content or say what to do next.
        body: The body as text, or None if it is not text.
        size: Size of the body in bytes.
        left_out: Number of characters that were cut off at the end of ``body``.
        feed: The feed that reports the result of an accepted change, such as ``dialogs``. Empty if unknown.
        object_id: Id of the dialog in the path. Empty if the path names no dialog.
        unconfirmed: The part of the operation that the documentation does not confirm, such as its path. Empty
            if everything is documented.
        may_have_been_executed: Whether Finesse may have executed a change although the status is not 2xx.
    """

    request_id: str
    sent: Mapping[str, object]
    status: int
    headers: Mapping[str, str]
    body: str | None
    size: int
    left_out: int
    feed: str
    object_id: str
    unconfirmed: str = ""
    may_have_been_executed: bool = False


async def send_raw_request(rest: RestClient, request: RawRequest) -> RawResponse:
    """Send a raw request once. Redirects are returned, not followed.

    Raises:
        InvalidRequestError: The request would go to another server or use other credentials. Nothing was sent.
        ReadOnlyError: The request is a change, and the session is read-only. Nothing was sent.
        CredentialsError: Finesse rejects the password now, or rejected it earlier.
        NetworkError: No response arrived.
        PayloadError: The response is too large.
    """
    path, query = request.parts()
    request_id = str(uuid.uuid4())
    headers = {"requestId": request_id, **request.checked_headers()}
    if request.body and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = XML
    body = request.body.encode(errors="replace") or None
    try:
        answer = await rest.exchange(request.method, path, params=query or None, headers=headers, body=body)
    except FinesseError as error:
        if error.may_have_been_executed and request.method != "GET":
            error.advice = f"{MAY_HAVE_BEEN_EXECUTED} {error.advice}".strip()
        raise
    # Truncate before redacting secrets to bound the cost. The cut is beyond the part that is shown. A secret that is
    # cut in two is therefore never shown.
    shown_body = truncated(request.body, MAX_BODY, with_numbers=False)
    sent = {"method": request.method, "path": path, "query": query, "headers": headers, "body": shown_body}
    hidden: tuple[tuple[str, ...], tuple[str]] = (rest.login.secrets, (rest.login.user_id,))
    feed, object_id = reporting_feed(path)
    operation = raw_operation(request.method, path)
    text = _text(answer.body)
    return RawResponse(
        request_id=request_id,
        sent=redact(sent, *hidden),
        status=answer.status,
        headers=redact(dict(answer.headers), *hidden),
        body=None if text is None else redact(truncated(text, MAX_BODY, with_numbers=False), *hidden),
        size=len(answer.body),
        left_out=max(0, len(text or "") - MAX_BODY),
        feed=feed,
        object_id=object_id,
        unconfirmed=operation.unconfirmed if operation is not None else "",
        may_have_been_executed=request.method != "GET" and may_have_been_executed(answer),
    )


def reporting_feed(path: str) -> tuple[str, str]:
    """Return the feed that reports changes of this path, and the dialog id in the path. Each can be empty."""
    path = path.rstrip("/")
    if dialog := _DIALOG_PATH.fullmatch(path):
        return "dialogs", unquote(dialog["id"])
    slug = slug_of(path)
    return (slug, "") if slug.partition(":")[0] in _SLUGS else ("", "")


def _text(body: bytes) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text
