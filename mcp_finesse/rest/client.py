"""The REST client of one user. GET requests are retried. Changes are sent once, or refused in read-only mode."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self, TypeVar

from mcp_finesse.account_guard import AccountGuard
from mcp_finesse.credentials import Credentials, Login
from mcp_finesse.errors import FinesseError, ReadOnlyError
from mcp_finesse.model import Element
from mcp_finesse.privacy import hide_in_error
from mcp_finesse.proxies import Proxy
from mcp_finesse.rest.authentication import AuthenticatedExchanger
from mcp_finesse.rest.http import XML, Exchanger, Request, RestTimeouts
from mcp_finesse.rest.paths import api_path, path_of
from mcp_finesse.rest.responses import Answer, check_accepted, read_document, read_text
from mcp_finesse.rest.retry_get import retry_get

T = TypeVar("T")


class RestClient:
    """Sends requests to one Finesse node as one user. Use it with ``async with``. Concurrent requests are safe.

    Five wrong passwords lock the account (guide p.30). An ``AccountGuard`` therefore limits authenticated
    requests. The guard allows one request at a time until the password is accepted, then two at a time. After a
    rejection the guard allows no requests.

    Attributes:
        login: the credentials of the user.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials | Login,
        *,
        verify: ssl.SSLContext | None = None,
        timeouts: RestTimeouts | None = None,
        read_only: bool = False,
        http2: bool = True,
        allow_insecure: bool = False,
        own_object: str = "",
        guard: AccountGuard | None = None,
        proxy: Proxy | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Create a client without sending anything.

        Args:
            base_url: URL of the node, such as ``https://finesse.example.com:8445``.
            credentials: user id and password, or a login that all clients of a session share.
            verify: the TLS context that verifies the certificate. None for the system's trusted CAs. The client
                sets ALPN on the context, so the context cannot also be used for a WebSocket.
            timeouts: time limits of each exchange.
            read_only: whether to refuse all methods except GET.
            http2: whether to offer HTTP/2 in addition to HTTP/1.1.
            allow_insecure: whether to accept an ``http://`` URL, for which the password is sent in clear text.
            own_object: path of an object that this user may always read. The object is read to distinguish a
                rejected password from a missing permission. The default is the ``User`` object of the user,
                which administrators do not have.
            guard: limits the sign-in attempts of all code that uses this account. The default guard limits only
                the attempts of this client.
            proxy: the proxy to use, if any.
            sleep: a function that waits for a number of seconds between two attempts.

        Raises:
            ConfigurationError: the URL is invalid.
        """
        self._exchanger = Exchanger(
            base_url,
            verify=verify,
            timeouts=timeouts or RestTimeouts(),
            http2=http2,
            allow_insecure=allow_insecure,
            read_only=read_only,
            proxy=proxy,
        )
        self.login = credentials if isinstance(credentials, Login) else Login(credentials)
        own = own_object or path_of("User", self.login.user_id)
        guard = guard or AccountGuard(self.login.user_id, hosts=[base_url])
        self._authenticated = AuthenticatedExchanger(
            self._exchanger, self.login, Request("GET", api_path(own)), guard
        )
        self._read_only = read_only
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._exchanger.close()

    @property
    def url(self) -> str:
        """The root URL of the node."""
        return str(self._exchanger.url)

    @property
    def read_only(self) -> bool:
        """Whether all methods except GET are refused."""
        return self._read_only

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        authenticated: bool = True,
    ) -> Answer:
        """Send a request once and return the response, whatever its status and content type.

        Args:
            method: HTTP method.
            path: see ``get``.
            params: query parameters.
            headers: additional headers.
            body: the content. The headers give its type.
            authenticated: whether to send the credentials.

        Raises:
            ReadOnlyError: the client is read-only and the method is not GET. Nothing was sent.
            CredentialsError, NetworkError, PayloadError: see ``get``.
        """
        self._refuse_when_read_only(method, path)
        request = Request(method, api_path(path), params, headers, body)
        return await self._exchange(request, authenticated)

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        authenticated: bool = True,
    ) -> Element:
        """Read an object. If Finesse is out of service or the connection broke, retry up to twice.

        Args:
            path: a path relative to ``/finesse/api`` (such as ``User/1001``, see ``path_of``), or an absolute
                path with a leading ``/``.
            params: query parameters.
            headers: additional headers, such as ``Range``.
            authenticated: whether to send the credentials.

        Raises:
            CredentialsError: Finesse rejected the user id or password of this or an earlier request.
            RefusedError, NotFoundError, OutOfServiceError, NetworkError, PayloadError, ConfigurationError:
                see ``read_document`` and ``Exchanger.exchange``.
        """
        return await self._read(Request("GET", api_path(path), params, headers), authenticated, read_document)

    async def get_text(self, path: str, kinds: str, *, params: Mapping[str, str] | None = None) -> str:
        """Read content that is not XML, such as contacts in CSV format. Retries and errors are those of ``get``.

        Args:
            path: see ``get``.
            kinds: the content types to accept.
            params: query parameters.
        """
        request = Request("GET", api_path(path), params, {"Accept": kinds})
        return await self._read(request, True, read_text)

    async def _read(self, request: Request, authenticated: bool, read: Callable[[Answer], T]) -> T:
        async def ask() -> T:
            with self._discreet():
                return read(await self._exchange(request, authenticated))

        return await retry_get(ask, self._sleep)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        request_id: str,
        *,
        params: Mapping[str, str] | None = None,
        content_type: str = XML,
    ) -> Answer:
        """Send a change once. A change is never retried, because a request that seems lost may have been executed.

        This method returns when Finesse has accepted the request. Only a later change of the object shows that
        the request succeeded.

        Args:
            method: ``PUT``, ``POST`` or ``DELETE``.
            path: see ``get``.
            body: the document, or None.
            request_id: an id that error notifications repeat where Finesse supports it.
            params: query parameters.
            content_type: content type of the body.

        Returns:
            The response, which may contain the location of a created object, or data.

        Raises:
            ReadOnlyError: the client is read-only. Nothing was sent.
            CredentialsError, RefusedError, NotFoundError, OutOfServiceError, NetworkError, PayloadError,
                ConfigurationError: see ``get``. If the error has ``may_have_been_executed``, the change may
                have been made.
        """
        self._refuse_when_read_only(method, path)
        headers = {"requestId": request_id}
        if body is not None:
            headers["Content-Type"] = content_type
        with self._discreet():
            answer = await self._exchange(Request(method, api_path(path), params, headers, body), True)
            check_accepted(answer)
        return answer

    @contextmanager
    def _discreet(self) -> Iterator[None]:
        """Redact the credentials in errors, because an error may quote the text of a response."""
        try:
            yield
        except FinesseError as error:
            hide_in_error(error, self.login.secrets, [self.login.user_id])
            raise

    async def _exchange(self, request: Request, authenticated: bool) -> Answer:
        if authenticated:
            return await self._authenticated.exchange(request)
        return await self._exchanger.exchange(request, {})

    def _refuse_when_read_only(self, method: str, path: str) -> None:
        if self._read_only and method.upper() != "GET":
            raise ReadOnlyError(
                f"{method} {path} was not sent: this MCP server is read-only.",
                advice="To make changes, start this MCP server without --read-only.",
            )
