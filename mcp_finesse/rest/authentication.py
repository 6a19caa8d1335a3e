"""Sends requests with credentials. The account guard limits them to one or two at a time.

Finesse locks an account after five wrong passwords (guide p.30).
"""

from __future__ import annotations

import asyncio

from mcp_finesse.account_guard import AccountGuard, Attempt
from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import NetworkError, NotReadyError, PayloadError
from mcp_finesse.rest.http import Exchanger, Request
from mcp_finesse.rest.paths import api_path
from mcp_finesse.rest.responses import Answer, may_concern_credentials
from mcp_finesse.rest.transmission import open_transmission

# A proxy sends these statuses if it received no response from Finesse. Finesse may nevertheless have rejected a
# password.
_RESPONSE_LOST = frozenset({408, 502, 504})


class AuthenticatedExchanger:
    """Sends requests with the credentials of one user until Finesse rejects the credentials."""

    def __init__(
        self, exchanger: Exchanger, credentials: Credentials, own_object: Request, guard: AccountGuard
    ) -> None:
        """Store the arguments without sending anything.

        Args:
            exchanger: the connections to the node.
            credentials: user id and password.
            own_object: a function that reads an object which this user may always read. Status 401 for this
                object therefore means a wrong password.
            guard: the guard that protects the account against lockout.
        """
        self._exchanger = exchanger
        self._header = {"Authorization": credentials.basic_header()}
        self._own_object = own_object
        self._own_object_paths = frozenset(
            {own_object.path, f"{own_object.path}/Dialogs", f"{own_object.path}/Media"}
        )
        self._guard = guard
        self._response_lost = False

    async def exchange(self, request: Request) -> Answer:
        """Send a request and return the response, whatever its status.

        Raises:
            CredentialsError: Finesse rejected the user id or password of this or an earlier request.
            SignInPausedError: another failed attempt could lock the account. Nothing was sent.
            NotReadyError: other requests of this account took too long. Nothing was sent.
            NetworkError, PayloadError: an error of ``Exchanger.exchange``.
        """
        await self._probe_after_lost_response()
        decisive = self._concerns_own_object(request)
        async with self._guard.attempt(decisive=decisive) as attempt:
            if self._response_lost:  # set by an earlier request for which this request has waited
                await self._probe_within(attempt)
            if attempt.must_prove and not decisive:
                await self._verify_password(attempt)
            answer = await self._send(request, attempt)
            if answer.status != 401 or not may_concern_credentials(answer):
                return answer
            if request.method.upper() != "GET" and (transmission := open_transmission()) is not None:
                transmission.reject()  # recorded first: the caller's timeout may expire in the checks below
            if decisive or not attempt.proven:
                raise attempt.rejected()
            if not await attempt.settle_401(self._is_accepted):
                raise self._guard.rejection()
            return answer

    async def _send(self, request: Request, attempt: Attempt) -> Answer:
        try:
            answer = await self._exchanger.exchange(request, self._header)
        except NetworkError as error:
            if error.sent:
                self._record_lost_response(attempt)
            else:
                attempt.not_sent()
            raise
        except (PayloadError, asyncio.CancelledError):
            self._record_lost_response(attempt)
            raise
        if answer.accepted:
            attempt.accepted()
        elif answer.status in _RESPONSE_LOST:
            self._record_lost_response(attempt)
        elif answer.status != 401 or not may_concern_credentials(answer):
            attempt.answered()
        return answer

    def _record_lost_response(self, attempt: Attempt) -> None:
        self._response_lost = True
        attempt.lost()

    async def _is_accepted(self) -> bool | None:
        """Return whether Finesse still accepts the password. None if unknown."""
        try:
            return await self._read_own_object()
        except (NetworkError, PayloadError):
            return None

    async def _read_own_object(self) -> bool | None:
        try:
            answer = await self._exchanger.exchange(self._own_object, self._header)
        except (NetworkError, PayloadError) as error:
            self._response_lost = not isinstance(error, NetworkError) or error.sent
            raise
        if answer.status >= 500 or answer.status in _RESPONSE_LOST:
            self._response_lost = True
            return None
        return answer.status != 401

    async def _verify_password(self, attempt: Attempt) -> None:
        """Verify the password before sending the request. An earlier response did not show whether it is valid."""
        try:
            accepted = await self._read_own_object()
        except NetworkError as error:
            if not error.sent:
                attempt.not_sent()
            error.sent = False  # the caller's request was not sent
            raise
        except PayloadError:
            accepted = None
        if accepted is False:
            raise attempt.rejected()
        if accepted is None:
            raise NotReadyError(
                "Nothing was sent, because it is not known whether Finesse still accepts the password.",
                advice="Try again.",
            )
        attempt.accepted()

    async def _probe_within(self, attempt: Attempt) -> None:
        try:
            await self._probe_after_lost_response()
        except BaseException:
            attempt.not_sent()
            raise

    async def _probe_after_lost_response(self) -> None:
        """After a lost response, send a request without credentials to check whether the node responds at all."""
        if not self._response_lost:
            return
        try:
            await self._exchanger.exchange(Request("GET", api_path("SystemInfo")), {})
        except NetworkError as error:
            error.sent = False  # the caller's request was not sent
            raise
        except PayloadError:
            pass  # this error also proves that the node responds
        self._response_lost = False

    def _concerns_own_object(self, request: Request) -> bool:
        """Return whether status 401 must mean a wrong password. Users may read their own User, dialogs and media."""
        return request.method == "GET" and request.path in self._own_object_paths
