"""The REST client of one identity: few retries are safe, and read-only is."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self, TypeVar

from mcp_finesse.account_guard import AccountGuard
from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import ReadOnlyError
from mcp_finesse.model import Element
from mcp_finesse.proxies import Proxy
from mcp_finesse.rest.authentication import AuthenticatedExchanger
from mcp_finesse.rest.http import XML, Exchanger, Request, RestTimeouts
from mcp_finesse.rest.paths import api_path, path_of
from mcp_finesse.rest.responses import Answer, check_accepted, read_document, read_text
from mcp_finesse.rest.retry_get import ask_again

T = TypeVar("T")


class RestClient:
    """Asks one Finesse node, as one user. Use with ``async with``; safe for concurrent requests.

    Five wrong passwords lock the account (guide p.30). Authenticated requests are therefore admitted by an
    ``AccountGuard``: one by one until the password is accepted, then two at a time, and none after a rejection.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        verify: ssl.SSLContext | bool = True,
        timeouts: RestTimeouts | None = None,
        read_only: bool = False,
        http2: bool = True,
        allow_insecure: bool = False,
        own_object: str = "",
        guard: AccountGuard | None = None,
        proxy: Proxy | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            base_url: where the node is, as ``https://finesse.example.com:8445``.
            credentials: user id and password.
            verify: the trust for the certificate; True means that of the system. ALPN is set on a context
                that is given, so it cannot be shared with a WebSocket.
            timeouts: limits of each exchange.
            read_only: refuse everything but GET.
            http2: offer HTTP/2 beside HTTP/1.1.
            allow_insecure: accept an ``http://`` URL, over which the password travels readably.
            own_object: what this user may read whatever its role, to tell a refused password from a missing right;
                by default its ``User``, which administrators do not have.
            guard: limits the attempts to sign in of everything that uses this account; by default this client
                limits its own.
            proxy: through which to go, if any.
            sleep: waits the given seconds between two tries.

        Raises:
            ConfigurationError: the URL cannot be used.
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
        own = own_object or path_of("User", credentials.user_id)
        guard = guard or AccountGuard(credentials.user_id, credentials.secret, hosts=[base_url])
        self._signed = AuthenticatedExchanger(
            self._exchanger, credentials, Request("GET", api_path(own)), guard
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
        """The root of the node that is asked."""
        return str(self._exchanger.url)

    @property
    def read_only(self) -> bool:
        """Whether everything but GET is refused."""
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
        """Ask once, and return the answer whatever its status and type: for what is not XML.

        Args:
            method: of HTTP.
            path: as for ``get``.
            params: the query.
            headers: further headers.
            body: the content; its type is in the headers.
            authenticated: whether to send the credentials.

        Raises:
            ReadOnlyError: the client is read-only and the method is not GET. Nothing was sent.
            CredentialsError, NetworkError, PayloadError: as for ``get``.
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
        """Read an object; repeated up to twice when Finesse is out of service or a connection broke.

        Args:
            path: below ``/finesse/api`` (``User/1001``, see ``path_of``), or from the root with a ``/``.
            params: the query.
            headers: further headers, as ``Range``.
            authenticated: whether to send the credentials.

        Raises:
            CredentialsError: now or earlier, Finesse rejected the user id or the password.
            RefusedError, NotFoundError, OutOfServiceError, NetworkError, PayloadError, ConfigurationError:
                as their names say.
        """
        return await self._read(Request("GET", api_path(path), params, headers), authenticated, read_document)

    async def get_text(self, path: str, kinds: str, *, params: Mapping[str, str] | None = None) -> str:
        """Read what is not XML, such as a list of contacts as CSV; repeated and raising as ``get``.

        Args:
            path: as for ``get``.
            kinds: the content types to ask for.
            params: the query.
        """
        request = Request("GET", api_path(path), params, {"Accept": kinds})
        return await self._read(request, True, read_text)

    async def _read(self, request: Request, authenticated: bool, read: Callable[[Answer], T]) -> T:
        async def ask() -> T:
            return read(await self._exchange(request, authenticated))

        return await ask_again(ask, self._sleep)

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
        """Send a change; never repeated, because one that seems lost may have been carried out.

        Returns when Finesse has taken the request in. That is not success, which shows as a change of the
        object.

        Args:
            method: ``PUT``, ``POST`` or ``DELETE``.
            path: as for ``get``.
            body: the document, or None.
            request_id: comes back in notifications of errors, as far as Finesse knows it.
            params: the query.
            content_type: of the body.

        Returns:
            The answer: of interest where it names what was made, or holds what was asked for.

        Raises:
            ReadOnlyError: the client is read-only. Nothing was sent.
            CredentialsError, RefusedError, NotFoundError, OutOfServiceError, NetworkError, PayloadError,
                ConfigurationError: as for ``get``. After an error with ``may_have_been_executed`` the change
                may have happened all the same.
        """
        self._refuse_when_read_only(method, path)
        headers = {"requestId": request_id}
        if body is not None:
            headers["Content-Type"] = content_type
        answer = await self._exchange(Request(method, api_path(path), params, headers, body), True)
        check_accepted(answer)
        return answer

    async def _exchange(self, request: Request, authenticated: bool) -> Answer:
        if authenticated:
            return await self._signed.exchange(request)
        return await self._exchanger.exchange(request, {})

    def _refuse_when_read_only(self, method: str, path: str) -> None:
        if self._read_only and method.upper() != "GET":
            raise ReadOnlyError(
                f"{method} {path} was not sent: this server is read-only.",
                advice="Start the server without read-only to make changes.",
            )
