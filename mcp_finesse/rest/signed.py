"""Requests that carry the credentials: one refused password is enough.

Finesse locks an account after five of them (guide p.30).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mcp_finesse.credentials import Credentials, id_hint
from mcp_finesse.errors import CredentialsError, FinesseError
from mcp_finesse.rest.answers import Answer, blames_credentials
from mcp_finesse.rest.exchange import Exchanger, Request


class SignedExchanger:
    """Exchanges requests with the credentials of one user, until they are refused.

    Until they are accepted for the first time, requests go one by one.
    """

    def __init__(self, exchanger: Exchanger, credentials: Credentials, own: Request) -> None:
        """Prepare; nothing is sent yet.

        Args:
            exchanger: to the node.
            credentials: who asks.
            own: reads what this user may read whatever its role.
        """
        self._exchanger = exchanger
        self._credentials = credentials
        self._own = own
        self._accepted = False  # set by the first 2xx, never unset
        self._refusal: CredentialsError | None = None  # set once, ends all requests
        self._one_by_one = asyncio.Lock()

    async def exchange(self, request: Request) -> Answer:
        """Send a request and return its answer, whatever its status.

        Raises:
            CredentialsError: now or earlier, Finesse refused the user id or the password.
            NetworkError, PayloadError: as of ``Exchanger.exchange``.
        """
        if self._accepted:
            return await self._exchange(request)
        async with self._one_by_one:
            return await self._exchange(request)

    async def _exchange(self, request: Request) -> Answer:
        if self._refusal is not None:
            raise CredentialsError(self._refusal.message, advice=self._refusal.advice)
        header = {"Authorization": self._credentials.basic_header()}
        answer = await self._exchanger.exchange(request, header)
        if answer.accepted:
            self._accepted = True
        elif answer.status == 401 and blames_credentials(answer) and not await self._still_accepted(header):
            self._refusal = CredentialsError(
                f"Finesse refused the user id or the password of {self._credentials.user_id}.",
                advice=" ".join(
                    filter(
                        None,
                        (
                            "Check both and start again; five wrong passwords lock the account for 5 minutes.",
                            id_hint(self._credentials.user_id),
                        ),
                    )
                ),
            )
            raise self._refusal
        return answer

    async def _still_accepted(self, header: Mapping[str, str]) -> bool:
        """Whether a 401 is about the role. Finesse uses one type for both, so ask for what is the user's own.

        Asked only with credentials that worked before: a wrong password costs one attempt, and one that was
        changed while we run costs a second.
        """
        if not self._accepted:
            return False
        try:
            answer = await self._exchanger.exchange(self._own, header)
        except FinesseError:
            return True
        return answer.status != 401
