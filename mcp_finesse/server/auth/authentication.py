"""ASGI middleware that requires an access token for every request, and challenges clients (RFC 6750, RFC 9728)."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import anyio
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE, RequestBodyLimitMiddleware
from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_finesse.privacy import caller_text
from mcp_finesse.server.audit.auditor import AuditedCall, Auditor, Decision
from mcp_finesse.server.auth.authenticator import Authenticator
from mcp_finesse.server.auth.caller import caller_of_token
from mcp_finesse.server.auth.request_scopes import requested, scopes_of_message
from mcp_finesse.server.auth.scopes import READ, SCOPES
from mcp_finesse.server.auth.verifier import RejectedTokenError, TokenFileError, UnavailableError

log = logging.getLogger(__name__)

RECHECK_SECONDS = 30.0
"""Seconds between two verifications of the token while a response is still being sent."""
RETRY_SECONDS = 5.0
"""Seconds until the next verification, if the authorization server could not verify the token."""
UNVERIFIED_SECONDS = 240.0
"""Maximum seconds for which a response continues while its token cannot be verified. With the time for which the result
of an introspection is used, and with the last attempt to verify the token, this is less than five minutes."""
_MAX_REASON = 300
_METADATA = "/.well-known/oauth-protected-resource"


class Authentication:
    """Requires a valid access token for all paths except the public ones.

    Args:
        app: The MCP application.
        authenticator: Verifies tokens.
        resource: The URL of this server.
        issuer: The authorization server; None if only static tokens are accepted.
        scopes_of_tools: The scope of each tool that the server offers.
        public: Paths that require no token.
        auditor: Records refusals for a missing scope.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        *,
        resource: str,
        issuer: str | None,
        scopes_of_tools: Mapping[str, str],
        public: Collection[str],
        auditor: Auditor,
    ) -> None:
        self._app = AuthContextMiddleware(app)
        self._checked = RequestBodyLimitMiddleware(self._check_scopes, DEFAULT_MAX_REQUEST_BODY_SIZE)
        self._authenticator = authenticator
        self._resource = resource
        self._issuer = issuer
        self._scopes_of_tools = scopes_of_tools
        self._public = frozenset(public)
        self._auditor = auditor
        self._metadata_path = _METADATA + urlsplit(resource).path.rstrip("/")
        self._offered = [scope for scope in SCOPES if scope in scopes_of_tools.values()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request of an authenticated caller, or respond with status 400, 401, 403 or 503."""
        if scope["type"] != "http" or scope["path"] in self._public:
            await self._app(scope, receive, send)
        elif self._issuer is not None and scope["path"] == self._metadata_path:
            await self._serve_metadata(scope, receive, send)
        else:
            await self._authenticate(scope, receive, send)

    async def _authenticate(self, scope: Scope, receive: Receive, send: Send) -> None:
        credentials = Headers(scope=scope).getlist("authorization")
        if len(credentials) > 1:
            response: Response = self._refusal(400, "invalid_request", "More than one Authorization header.")
            await response(scope, receive, send)
            return
        scheme, _, token = (credentials[0] if credentials else "").partition(" ")
        if scheme.lower() != "bearer":
            await self._refusal(401, "", "An access token is required.")(scope, receive, send)
            return
        token = token.strip(" ")
        try:
            found = await self._authenticator.verify(token)
        except RejectedTokenError as error:
            log.info("Rejected an access token: %s", _shown(error))
            response = self._refusal(401, "invalid_token", "The access token is invalid or has expired.")
            await response(scope, receive, send)
            return
        except UnavailableError as error:
            log.warning("An access token could not be verified: %s", _shown(error))
            response = Response(status_code=503, headers={"Retry-After": "10"})
            await response(scope, receive, send)
            return
        scope["user"] = AuthenticatedUser(found)
        app = self._app if self._may_do_everything(found) else self._checked
        await self._serve_while_valid(app, token, found, scope, receive, send)

    def _may_do_everything(self, token: AccessToken) -> bool:
        return set(SCOPES).issubset(token.scopes)

    async def _check_scopes(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with status 403 if the message requires a scope that the token lacks.

        Clients can then request the scope. The response must precede the event stream of the SDK, so this method
        parses the message before the SDK does. The scopes are enforced where the message is executed.

        The stream of a GET request announces changes of Finesse. Without the scope for them there is no such stream
        (status 405), also after the token has lost this scope.
        """
        granted = set(scope["user"].scopes)
        if scope["method"] == "GET" and READ not in granted:
            await Response(status_code=405, headers={"Allow": "POST, DELETE"})(scope, receive, send)
            return
        first = await receive()
        body = first.get("body", b"") if first["type"] == "http.request" else b""
        message = _parsed(body)
        required = scopes_of_message(message, self._scopes_of_tools)
        if required <= granted:
            await self._app(scope, _replay(first, receive), send)
            return
        call = AuditedCall(
            requested(message),
            effect="",
            changes=False,
            caller=str(caller_of_token(scope["user"].access_token)),
        )
        rule = f"scope {' '.join(sorted(required - granted))}"
        self._auditor.decide(call, Decision.REFUSED, rule=rule)
        response = self._refusal(
            403,
            "insufficient_scope",
            f"Requires {' '.join(sorted(required - granted))}.",
            [each for each in SCOPES if each in required | granted],
        )
        await response(scope, receive, send)

    async def _serve_while_valid(
        self, app: ASGIApp, token: str, found: AccessToken, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve a request, and end its response when the token expires, is revoked or loses a scope."""
        response = _Response(send)
        serving = anyio.CancelScope()
        watch = asyncio.create_task(self._cancel_when_invalid(serving, token, found))
        try:
            with serving:
                await app(scope, receive, response.send)
            if serving.cancelled_caught:
                await response.end()
        finally:
            watch.cancel()

    async def _cancel_when_invalid(self, serving: anyio.CancelScope, token: str, found: AccessToken) -> None:
        """Cancel a response when its token is no longer accepted, or could not be verified for a limited time.

        What the response still contains may depend on each scope with which it began. Losing any of them ends it.
        """
        granted, verified = set(found.scopes), time.monotonic()
        pause = RECHECK_SECONDS
        while True:
            left = pause if found.expires_at is None else found.expires_at - time.time()
            await asyncio.sleep(min(max(left, 1.0), pause))
            try:
                found = await self._authenticator.verify(token)
                if lost := granted.difference(found.scopes):
                    raise RejectedTokenError(f"it no longer has the scope {' '.join(sorted(lost))}")
                verified, pause = time.monotonic(), RECHECK_SECONDS
            except (RejectedTokenError, TokenFileError) as error:
                log.info("Ended a response, because the token is no longer accepted: %s", _shown(error))
            except (
                UnavailableError
            ) as error:  # an outage says nothing about the token, which was valid before
                expired = found.expires_at is not None and found.expires_at <= time.time()
                if not expired and time.monotonic() - verified < UNVERIFIED_SECONDS:
                    pause = min(RETRY_SECONDS, RECHECK_SECONDS)
                    continue
                log.warning("Ended a response, because its token could not be verified: %s", _shown(error))
            except Exception:  # a token that can no longer be checked must not keep its response open
                log.exception("Ended a response, because its token could not be checked")
            else:
                continue
            serving.cancel()
            return

    async def _serve_metadata(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the metadata of the protected resource (RFC 9728), which name the authorization server."""
        if scope["method"] not in ("GET", "HEAD"):
            await Response(status_code=405, headers={"Allow": "GET, HEAD"})(scope, receive, send)
            return
        document = {
            "resource": self._resource,
            "authorization_servers": [self._issuer],
            "scopes_supported": self._offered,
            "bearer_methods_supported": ["header"],
            "resource_name": "Cisco Finesse",
        }
        await JSONResponse(document, headers={"Cache-Control": "public, max-age=300"})(scope, receive, send)

    def _refusal(
        self, status: int, error: str, description: str, scopes: Sequence[str] | None = None
    ) -> Response:
        fields = {"error": error, "error_description": description} if error else {"realm": "mcp-finesse"}
        fields["scope"] = " ".join(self._offered if scopes is None else scopes)
        if self._issuer is not None:
            fields["resource_metadata"] = self._metadata_url()
        challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in fields.items())
        body = json.dumps({"error": error or "unauthorized", "error_description": description})
        headers = {"WWW-Authenticate": challenge} if status != 400 else {}
        return Response(body, status, headers, "application/json")

    def _metadata_url(self) -> str:
        parts = urlsplit(self._resource)
        return f"{parts.scheme}://{parts.netloc}{self._metadata_path}"


class _Response:
    """The response to one request. The response can be ended before it is complete."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._started = False
        self._complete = False

    async def send(self, message: Message) -> None:
        """Send a part of the response."""
        self._started = self._started or message["type"] == "http.response.start"
        self._complete = message["type"] == "http.response.body" and not message.get("more_body", False)
        await self._send(message)

    async def end(self) -> None:
        """Complete the response: an event stream ends, and a request without a response gets status 401."""
        if not self._started:
            await self.send({"type": "http.response.start", "status": 401, "headers": []})
        if not self._complete:
            await self.send({"type": "http.response.body", "body": b""})


def _shown(error: Exception) -> str:
    """Return an error for the log. It may contain text from the token or from the authorization server."""
    return caller_text(error, _MAX_REASON)


def _parsed(body: bytes) -> Any:
    """Parse a message with the limits of pydantic's parser. Return None if the body is not JSON."""
    try:
        return from_json(body)
    except ValueError:
        return None


def _replay(first: Message, receive: Receive) -> Receive:
    """Return a function that receives ``first`` once more, and then the remaining messages."""
    pending: Iterable[Message] = iter((first,))

    async def replayed() -> Message:
        for message in pending:
            return message
        return await receive()

    return replayed
