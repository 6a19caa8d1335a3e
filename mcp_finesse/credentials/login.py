"""The login of one identity: its current credentials, and when their source is read again."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from pydantic import SecretStr

from mcp_finesse.credentials.identity import Credentials, CredentialSource
from mcp_finesse.credentials.token import REFRESH_AFTER, Token, is_same_user
from mcp_finesse.errors import CredentialSourceError, FinesseError
from mcp_finesse.redaction import truncated

T = TypeVar("T")
log = logging.getLogger(__name__)
_KEPT_SECRETS = 32
"""Secrets that are still redacted after they were replaced."""
FIRST_RETRY_SECONDS = 30.0
_LONGEST_RETRY = 10
"""Longest pause between two readings of the source, as a multiple of the first."""
_SHORTEST_INTERVAL = 1 / 3
"""Shortest pause between two refreshes of a token, as a multiple of the first retry."""
_LONGEST_SLEEP = 30.0
"""Longest sleep before the age of a token is checked again. The clocks change when a machine sleeps."""

_MAX_OWNER = 80

RefreshToken = Callable[[Token], Awaitable[Token]]


class Login:
    """The current credentials of one identity. All clients of a session share one login.

    The source is read when the credentials are first needed, and again after Finesse has rejected them. After a
    failure or a rejection the next reading waits for 30 seconds, then twice as long each time, up to five minutes. So a
    source whose every secret is rejected causes few attempts.

    A token is also replaced when 75 % of its lifetime have passed. Until there is a new one, the old one is used. A
    token that has expired is not sent.

    Args:
        source: Where the credentials come from.
        retry: Seconds before the source is read again after a failure.
        monotonic: The monotonic clock, in seconds.
        wall: The wall clock, in seconds.
        sleep: Waits a number of seconds.

    Attributes:
        refresh: Refreshes a token that has a refresh token. If it fails, or if there is none, the source is read.
        on_expired: Called when a token has expired and could not be replaced.
    """

    def __init__(
        self,
        source: CredentialSource,
        *,
        retry: float = FIRST_RETRY_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.user_id = source.user_id
        self.refresh: RefreshToken | None = None
        self.on_expired: Callable[[], None] = lambda: None
        self._source = source
        self._retry = retry
        self._monotonic = monotonic
        self._wall = wall
        self._sleep = sleep
        self._current: Credentials | None = None
        self._requested_at = (0.0, 0.0)  # of the current credentials, on both clocks
        self._secrets: deque[SecretStr] = deque(maxlen=_KEPT_SECRETS)
        self._sharing: list[Login] = []
        self._reading: asyncio.Task[Credentials] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._failure: FinesseError | None = None
        self._names: tuple[str, ...] = ()
        self._pause = 0.0
        self._next_reading = float("-inf")
        if isinstance(source, Credentials):
            self._use(source)

    @property
    def renewable(self) -> bool:
        """Whether the source can give another secret later."""
        return not isinstance(self._source, Credentials)

    @property
    def single_sign_on(self) -> bool:
        """Whether the credentials are tokens."""
        return self._source.single_sign_on

    @property
    def secrets(self) -> tuple[str, ...]:
        """All secrets in use now or recently, for redaction. Includes those of the logins that share theirs."""
        logins = (self, *self._sharing)
        return tuple(secret.get_secret_value() for login in logins for secret in login._secrets)

    @property
    def retry_in(self) -> float:
        """Seconds until the source is read again after a failure; 0 if it can be read now."""
        return max(0.0, self._next_reading - self._monotonic())

    @property
    def note(self) -> str:
        """A note for the status about a token that could not be replaced yet, or an empty string."""
        if self._failure is None or not isinstance(self._current, Token) or self._expired:
            return ""
        left = self._current.expires_in - self._age
        return f"The login expires in {left:.0f} s and could not be renewed yet. {self._failure}"

    def share_secrets(self, other: Login) -> None:
        """Include the secrets of each login in those of the other. A server could repeat either."""
        self._sharing.append(other)
        other._sharing.append(self)

    async def credentials(self) -> Credentials:
        """Return the current credentials, after reading them if there are none or the token has expired.

        Raises:
            CredentialSourceError, ConfigurationError: The source gives none, or gave none less than ``retry_in`` ago.
        """
        if self._current is None or self._expired:
            return await self._read()
        return self._current

    def is_current(self, credentials: Credentials) -> bool:
        """Return whether these credentials may still be sent: they were not replaced, and have not expired."""
        return self._current is not None and not self._is_other(credentials) and not self._expired

    def check_owner(self, names: Iterable[str]) -> None:
        """Check that the token belongs to the user with these names. Tokens that are read later are checked too.

        A token that does not state its owner cannot be checked.

        Raises:
            CredentialSourceError: The token states another user. The token is not used again.
        """
        self._names = tuple(names)
        if self._current is None:
            return
        try:
            self._check_owner(self._current)
        except CredentialSourceError as error:
            self._current, self._failure = None, error
            self._postpone()
            raise

    async def replace(self, rejected: Credentials) -> bool:
        """Replace these credentials, because Finesse rejected them.

        Returns:
            Whether there is another secret now. False without reading the source if it cannot be read yet.

        Raises:
            CredentialSourceError, ConfigurationError: The source gives none.
        """
        if self._is_other(rejected):
            return True
        if not self.renewable or (self._failure is None and self.retry_in > 0):
            return False
        await self._read(after_rejection=True)
        return self._is_other(rejected)

    async def aclose(self) -> None:
        """Stop reading the source and refreshing tokens."""
        tasks = {task for task in (self._keeper, self._reading) if task is not None}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    # -- reading

    def _is_other(self, rejected: Credentials) -> bool:
        return self._current is not None and self._current.secret != rejected.secret

    async def _read(self, *, after_rejection: bool = False) -> Credentials:
        """Read new credentials once for all that wait, even if some of them are cancelled."""
        if self._reading is None:
            if self._failure is not None and self.retry_in > 0:
                raise self._failure
            self._reading = self._start(self._obtain(after_rejection))
            self._reading.add_done_callback(self._end_reading)
        return await asyncio.shield(self._reading)

    async def _obtain(self, after_rejection: bool) -> Credentials:
        requested_at = (self._monotonic(), self._wall())
        try:
            credentials = await self._refreshed() or await self._source.read()
            self._check_owner(credentials)
        except FinesseError as error:
            self._failure = error
            self._postpone()
            raise
        self._use(credentials, requested_at)
        if after_rejection:
            self._postpone()
        return credentials

    async def _refreshed(self) -> Token | None:
        """Return a token refreshed by Finesse. None if that is not possible."""
        token, refresh = self._current, self.refresh
        if not isinstance(token, Token) or token.refresh_token is None or refresh is None:
            return None
        try:
            return await refresh(token)
        except (FinesseError, ValueError) as error:  # its text may contain what Finesse said about the token
            log.info("Finesse did not refresh the token (%s); the command is run", type(error).__name__)
            return None

    def _check_owner(self, credentials: Credentials) -> None:
        owners = credentials.owners if isinstance(credentials, Token) else ()
        if not owners or not self._names:
            return
        if not any(is_same_user(owner, name) for owner in owners for name in self._names):
            raise CredentialSourceError(
                f"The access token belongs to {truncated(owners[0], _MAX_OWNER)!r}, and not to {self.user_id}. The "
                "token is not used.",
                advice=f"Sign in as {self.user_id} with the browser, or correct FINESSE_USER or token_command.",
            )

    def _end_reading(self, reading: asyncio.Task[Credentials]) -> None:
        self._reading = None
        if not reading.cancelled():
            reading.exception()  # otherwise asyncio logs it if all callers were cancelled

    def _use(self, credentials: Credentials, requested_at: tuple[float, float] | None = None) -> None:
        self._failure = None
        self._current = credentials
        self._requested_at = requested_at or (self._monotonic(), self._wall())
        for secret in map(SecretStr, credentials.secrets):
            if secret in self._secrets:
                self._secrets.remove(secret)
            self._secrets.append(secret)
        if isinstance(credentials, Token) and self.renewable and self._keeper is None:
            self._keeper = self._start(self._keep_fresh())

    def _postpone(self) -> None:
        now, longest = self._monotonic(), self._retry * _LONGEST_RETRY
        if now - self._next_reading > longest:  # no trouble for a long time
            self._pause = 0.0
        self._pause = min(max(2 * self._pause, self._retry), longest)
        self._next_reading = now + self._pause

    # -- the life of a token

    @property
    def _age(self) -> float:
        """Seconds since the credentials were requested, by the clock that advanced more.

        The monotonic clock stops while the machine sleeps, and the wall clock can be set back.
        """
        monotonic, wall = self._requested_at
        return max(self._monotonic() - monotonic, self._wall() - wall)

    @property
    def _expired(self) -> bool:
        return isinstance(self._current, Token) and self._age >= self._current.expires_in

    async def _keep_fresh(self) -> None:
        """Refresh the token again and again, each time when 75 % of its lifetime have passed."""
        while True:
            await self._sleep(min(self._until_refresh(), _LONGEST_SLEEP))
            if self._until_refresh() > 0:
                continue
            try:
                await self._read()
            except FinesseError as error:
                log.warning("The login could not be renewed: %s", error)
            except Exception:
                log.exception("The login could not be renewed")
            if self._expired:
                self.on_expired()
            await self._sleep(self._retry * _SHORTEST_INTERVAL)

    def _until_refresh(self) -> float:
        lifetime = self._current.expires_in if isinstance(self._current, Token) else 0.0
        return max(lifetime * REFRESH_AFTER - self._age, self.retry_in, 0.0)

    @staticmethod
    def _start(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task in an empty context. The caller's context records which requests the caller has sent."""
        return asyncio.get_running_loop().create_task(
            work, name="finesse login", context=contextvars.Context()
        )
