"""Sends requests with credentials. The account guard allows one or two such requests at a time.

Finesse locks an account after five wrong passwords (guide p.30).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mcp_finesse.account_guard import AccountGuard, Attempt
from mcp_finesse.credentials import Credentials, Login
from mcp_finesse.errors import (
    CredentialsError,
    CredentialSourceError,
    NetworkError,
    NotReadyError,
    PayloadError,
)
from mcp_finesse.rest.http import Exchanger, Request
from mcp_finesse.rest.paths import api_path
from mcp_finesse.rest.responses import Answer, may_concern_credentials
from mcp_finesse.rest.transmission import open_transmission

_MAX_CHANGES = 4
"""Maximum number of different credentials for one request."""
# A proxy sends these statuses if it received no response from Finesse. Finesse may nevertheless have rejected a
# password.
_RESPONSE_LOST = frozenset({408, 502, 504})


class AuthenticatedExchanger:
    """Sends requests with the credentials of one user. Stops when Finesse has rejected all available credentials."""

    def __init__(self, exchanger: Exchanger, login: Login, own_object: Request, guard: AccountGuard) -> None:
        """Store the arguments without sending anything.

        Args:
            exchanger: the connections to the node.
            login: the credentials of the user.
            own_object: a function that reads an object which this user may always read. Status 401 for this
                object therefore means a wrong password.
            guard: the guard that protects the account against lockout.
        """
        self._exchanger = exchanger
        self._login = login
        self._own_object = own_object
        self._own_object_paths = frozenset(
            {own_object.path, f"{own_object.path}/Dialogs", f"{own_object.path}/Media"}
        )
        self._guard = guard
        self._response_lost = False

    async def exchange(self, request: Request) -> Answer:
        """Send a request and return the response, whatever its status.

        If Finesse rejects the credentials and their source then gives others, the request is sent once more.
        Sending the request again is safe for every method, because a request with status 401 was not executed.

        Raises:
            CredentialsError: Finesse rejected the user id or password of this or an earlier request.
            CredentialSourceError, ConfigurationError: the source of the credentials gives none. Nothing was sent, or
                Finesse rejected the request.
            SignInPausedError: another failed attempt could lock the account. Nothing was sent.
            NotReadyError: other requests of this account took too long, or the credentials kept changing. Nothing
                was sent.
            NetworkError, PayloadError: an error of ``Exchanger.exchange``.
        """
        replaced = False
        for _ in range(_MAX_CHANGES):
            credentials = await self._login.credentials()
            try:
                answer = await self._exchange(request, credentials)
            except CredentialsError as rejection:
                if replaced or not await self._replace(credentials, rejection):
                    raise
                replaced = True
                continue
            if answer is not None:
                return answer
        raise NotReadyError(
            "Nothing was sent, because the credentials changed again and again while the request waited.",
            advice="Try again.",
        )

    async def _replace(self, rejected: Credentials, rejection: CredentialsError) -> bool:
        """Read the source of the credentials again. Return whether it has credentials other than the rejected ones."""
        if not self._login.renewable:
            return False
        await self._guard.check_room()
        try:
            return await self._login.replace(rejected)
        except CredentialSourceError as error:
            raise CredentialSourceError(
                f"{rejection.message} {error.message}", advice=error.advice
            ) from error

    async def _exchange(self, request: Request, credentials: Credentials) -> Answer | None:
        """Send the request. Return None without sending it if the credentials changed or expired during the wait."""
        await self._probe_after_lost_response()
        decisive = self._concerns_own_object(request)
        async with self._guard.attempt(credentials.secret, decisive=decisive) as attempt:
            # An earlier request, for which this request has waited, may have lost its response.
            if self._response_lost:
                await self._probe_within(attempt)
            if not self._login.is_current(credentials):
                attempt.not_sent()
                return None
            header = {"Authorization": credentials.authorization()}
            if attempt.must_prove and not decisive:
                await self._verify_password(attempt, header)
                if not self._login.is_current(credentials):
                    return None
            answer = await self._send(request, attempt, header)
            if answer.status != 401 or not may_concern_credentials(answer):
                return answer
            if request.method.upper() != "GET" and (transmission := open_transmission()) is not None:
                transmission.reject()  # record this now, because the caller's timeout may expire below
            if decisive or not attempt.proven:
                raise attempt.rejected()
            if not await attempt.settle_401(lambda: self._is_accepted(header)):
                raise self._guard.rejection()
            return answer

    async def _send(self, request: Request, attempt: Attempt, header: Mapping[str, str]) -> Answer:
        try:
            answer = await self._exchanger.exchange(request, header)
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

    async def _is_accepted(self, header: Mapping[str, str]) -> bool | None:
        """Return whether Finesse still accepts the password. None if unknown."""
        try:
            return await self._read_own_object(header)
        except (NetworkError, PayloadError):
            return None

    async def _read_own_object(self, header: Mapping[str, str]) -> bool | None:
        try:
            answer = await self._exchanger.exchange(self._own_object, header)
        except (NetworkError, PayloadError) as error:
            self._response_lost = not isinstance(error, NetworkError) or error.sent
            raise
        if answer.status >= 500 or answer.status in _RESPONSE_LOST:
            self._response_lost = True
            return None
        return answer.status != 401

    async def _verify_password(self, attempt: Attempt, header: Mapping[str, str]) -> None:
        """Verify the password before the request, because no earlier response showed whether the password is valid."""
        try:
            accepted = await self._read_own_object(header)
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
