"""A login reads its source when needed, once for all who wait, and not in a loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.credentials import Credentials, Login, Token
from mcp_finesse.errors import (
    CredentialSourceError,
    FinesseError,
    NetworkError,
    PayloadError,
    RefusedError,
)
from tests.credentials.support import ScriptedSource

FAILED = CredentialSourceError("The command failed.")


class Bench:
    """A login on a fake clock."""

    def __init__(self, *answers: str | FinesseError) -> None:
        self.time = 0.0
        self.source = ScriptedSource(list(answers))
        self.login = Login(self.source, monotonic=lambda: self.time)

    async def password(self) -> str:
        return (await self.login.credentials()).password


async def test_source_is_read_once_and_only_when_needed() -> None:
    here = Bench("one", "two")
    assert here.source.readings == 0
    assert [await here.password() for _ in range(3)] == ["one"] * 3
    assert here.source.readings == 1


async def test_fixed_credentials_are_never_replaced() -> None:
    fixed = Credentials("1001", SecretStr("secret"))
    login = Login(fixed)
    assert login.secrets == ("secret",)
    assert not login.renewable
    assert not await login.replace(fixed)


async def test_changed_secret_replaces_the_rejected_one_at_once() -> None:
    here = Bench("old", "new")
    rejected = await here.login.credentials()
    assert await here.login.replace(rejected)
    assert await here.password() == "new"
    assert set(here.login.secrets) == {"old", "new"}, "both must be redacted"


async def test_unchanged_secret_is_read_again_with_growing_pauses() -> None:
    here = Bench("old")
    rejected = await here.login.credentials()
    pauses = []
    for _ in range(7):
        assert not await here.login.replace(rejected)
        pauses.append(here.login.retry_in)
        assert not await here.login.replace(rejected), "within the pause the source is not read"
        here.time += here.login.retry_in

    assert pauses == [30, 60, 120, 240, 300, 300, 300]
    assert here.source.readings == 1 + 7


async def test_source_whose_every_secret_is_rejected_is_read_with_growing_pauses() -> None:
    here = Bench(*(f"token-{number}" for number in range(20)))
    readings = []
    for _ in range(600):
        current = await here.login.credentials()
        if await here.login.replace(current):
            readings.append(here.time)
        here.time += 1

    assert readings == [0, 30, 90, 210, 450]


async def test_pauses_begin_small_again_after_a_long_time_without_trouble() -> None:
    here = Bench("one", "two", "three", "four")
    for pause in (30, 60):
        assert await here.login.replace(await here.login.credentials())
        assert here.login.retry_in == pause
        here.time += here.login.retry_in
    here.time += 1000
    assert await here.login.replace(await here.login.credentials())
    assert here.login.retry_in == 30


async def test_failure_of_the_source_is_repeated_until_it_may_be_read_again() -> None:
    here = Bench(FAILED, FAILED, "secret")
    for _ in range(3):
        with pytest.raises(CredentialSourceError, match="failed"):
            await here.login.credentials()
    assert here.source.readings == 1
    here.time += 30
    with pytest.raises(CredentialSourceError):
        await here.login.credentials()
    assert here.source.readings == 2
    here.time += 60
    assert await here.password() == "secret"


async def test_failure_after_a_rejection_is_raised_and_then_recovers() -> None:
    here = Bench("old", FAILED, "new")
    rejected = await here.login.credentials()
    for _ in range(2):
        with pytest.raises(CredentialSourceError):
            await here.login.replace(rejected)
    here.time += 30
    assert await here.login.replace(rejected)


class SlowSource:
    """Gives a new secret at each reading, after ``go`` was set."""

    user_id = "1001"
    single_sign_on = False

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.readings = 0

    async def read(self) -> Credentials:
        self.readings += 1
        number = self.readings
        await self.go.wait()
        return Credentials("1001", SecretStr(f"secret-{number}"))


async def test_callers_that_wait_together_share_one_reading() -> None:
    source = SlowSource()
    login = Login(source)
    waiting = [asyncio.create_task(login.credentials()) for _ in range(10)]
    await asyncio.sleep(0)
    source.go.set()
    assert {made.password for made in await asyncio.gather(*waiting)} == {"secret-1"}
    rejected = await login.credentials()
    assert await asyncio.gather(*(login.replace(rejected) for _ in range(10))) == [True] * 10
    assert source.readings == 2
    assert login.retry_in <= 30, "ten callers count as one rejection"


async def test_cancelled_caller_does_not_end_the_reading_of_the_others() -> None:
    source = SlowSource()
    login = Login(source)
    first, second = asyncio.create_task(login.credentials()), asyncio.create_task(login.credentials())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    source.go.set()
    assert (await second).password == "secret-1"
    assert source.readings == 1


async def test_failure_after_all_callers_were_cancelled_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    login = Login(ScriptedSource([FAILED]))
    task = asyncio.create_task(login.credentials())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert caplog.text == ""


async def test_closing_ends_a_reading() -> None:
    source: Any = SlowSource()
    login = Login(source)
    task = asyncio.create_task(login.credentials())
    await asyncio.sleep(0)
    await login.aclose()
    with pytest.raises(asyncio.CancelledError):
        await task


# -- tokens


class TokenBench:
    """A login with tokens of 100 seconds, on fake clocks."""

    def __init__(self, *, refresh_token: bool = False) -> None:
        self.monotonic = self.wall = 1000.0
        self.readings = 0
        self.error: FinesseError | None = None
        self.expirations = 0
        self.user_id, self.single_sign_on, self.refresh_token = "1001", True, refresh_token
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.login = Login(self, monotonic=lambda: self.monotonic, wall=lambda: self.wall, sleep=self._sleep)
        self.login.on_expired = self._count

    async def read(self) -> Credentials:
        self.readings += 1
        if self.error is not None:
            raise self.error
        refresh = SecretStr(f"refresh-{self.readings}") if self.refresh_token else None
        return Token("1001", SecretStr(f"token-{self.readings}"), 100, refresh)

    def _count(self) -> None:
        self.expirations += 1

    async def _sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.monotonic + seconds, future))
        await future

    async def advance(self, seconds: float, *, wall: float | None = None) -> None:
        """Let time pass in steps of a second, and wake what is due. The wall clock may advance differently."""
        for step in range(int(seconds)):
            self.monotonic += 1
            self.wall += 1 if wall is None else wall if step == 0 else 0
            due = [each for each in self._sleepers if each[0] <= self.monotonic]
            self._sleepers = [each for each in self._sleepers if each not in due]
            for _, future in due:
                if not future.done():
                    future.set_result(None)
            for _ in range(8):
                await asyncio.sleep(0)

    async def token(self) -> str:
        return (await self.login.credentials()).password


@pytest.fixture
async def bench() -> AsyncIterator[TokenBench]:
    made = TokenBench()
    yield made
    await made.login.aclose()


async def test_token_is_replaced_after_three_quarters_of_its_life(bench: TokenBench) -> None:
    assert await bench.token() == "token-1"
    await bench.advance(74)
    assert (await bench.token(), bench.readings) == ("token-1", 1)
    await bench.advance(2)
    assert (await bench.token(), bench.readings) == ("token-2", 2)
    await bench.advance(1000)
    assert bench.readings <= 2 + 1000 / 75 + 1
    assert bench.expirations == 0


async def test_old_token_is_used_while_a_new_one_is_requested(bench: TokenBench) -> None:
    await bench.token()
    hold = asyncio.Event()
    read = bench.read

    async def slow() -> Credentials:
        await hold.wait()
        return await read()

    bench.read = slow  # type: ignore[method-assign]
    await bench.advance(80)
    assert await bench.token() == "token-1", "running requests are not delayed"
    hold.set()
    await bench.advance(1)
    assert await bench.token() == "token-2"


async def test_failed_renewal_is_repeated_with_pauses_and_noted_until_the_token_expires(
    bench: TokenBench,
) -> None:
    await bench.token()
    bench.error = CredentialSourceError("The command failed.")
    await bench.advance(80)
    assert await bench.token() == "token-1"
    assert bench.login.note.startswith(
        "The login expires in 20 s and could not be renewed yet. The command failed."
    )
    await bench.advance(30)
    assert bench.login.note == ""
    with pytest.raises(CredentialSourceError):
        await bench.token()
    await bench.advance(1000)
    assert bench.readings <= 10
    assert bench.expirations >= 1
    bench.error = None
    await bench.advance(300)
    assert (await bench.token()).startswith("token-")


async def test_expired_token_is_not_used_after_the_machine_has_slept(bench: TokenBench) -> None:
    await bench.token()
    bench.wall += 3600  # the monotonic clock stood still
    assert await bench.token() == "token-2"


async def test_wall_clock_set_back_does_not_extend_the_life_of_a_token(bench: TokenBench) -> None:
    await bench.token()
    bench.wall -= 86_400
    await bench.advance(76)
    assert await bench.token() == "token-2"


async def test_wall_clock_set_forward_costs_one_renewal(bench: TokenBench) -> None:
    await bench.token()
    await bench.advance(40, wall=7200)
    assert await bench.token() == "token-2"
    await bench.advance(60)
    assert bench.readings == 2


async def test_token_with_an_immediate_end_is_not_renewed_in_a_loop(bench: TokenBench) -> None:
    async def read() -> Credentials:
        bench.readings += 1
        return Token("1001", SecretStr("cached"), 0.1)

    bench.read = read  # type: ignore[method-assign]
    await bench.token()
    await bench.advance(100)
    assert bench.readings <= 1 + 100 / 10


@pytest.mark.parametrize(
    "error",
    [
        RefusedError("canary", status=401),
        NetworkError("The response was lost.", step="http", sent=True),
        PayloadError("The response is not JSON."),
    ],
)
async def test_refresh_token_is_used_and_the_command_runs_only_if_the_refresh_fails(
    error: FinesseError, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    bench, asked = TokenBench(refresh_token=True), []

    async def refresh(token: Token) -> Token:
        asked.append(token.password)
        if len(asked) == 2:
            raise error
        return Token("1001", SecretStr(f"refreshed-{len(asked)}"), 100, token.refresh_token)

    bench.login.refresh = refresh
    try:
        await bench.token()
        await bench.advance(76)
        assert (await bench.token(), bench.readings) == ("refreshed-1", 1)
        await bench.advance(100)
        assert (await bench.token(), bench.readings, asked) == ("token-2", 2, ["token-1", "refreshed-1"])
        assert {"token-1", "refresh-1", "refreshed-1", "token-2"} <= set(bench.login.secrets)
        assert "canary" not in caplog.text
    finally:
        await bench.login.aclose()


async def test_token_revoked_early_is_replaced_once(bench: TokenBench) -> None:
    first = await bench.login.credentials()
    assert await bench.login.replace(first)
    assert await bench.login.replace(first), "a later rejection of the old token needs no new one"
    assert bench.readings == 2


async def test_reading_does_not_inherit_the_record_of_sent_requests(bench: TokenBench) -> None:
    variable: ContextVar[str] = ContextVar("variable", default="empty")
    seen = []
    read = bench.read

    async def look() -> Credentials:
        seen.append(variable.get())
        return await read()

    bench.read = look  # type: ignore[method-assign]
    variable.set("of the caller")
    await bench.token()
    assert seen == ["empty"]


class Signed(ScriptedSource):
    """A source of tokens that state their owner."""

    def __init__(self, *owners: str) -> None:
        super().__init__(list(owners), single_sign_on=True)

    async def read(self) -> Credentials:
        owner = (await super().read()).password
        return Token(self.user_id, SecretStr(f"token-{self.readings}"), 100, stated_owners=(owner,))


async def test_token_of_another_user_is_not_used_after_the_names_are_known() -> None:
    time = [0.0]
    source = Signed("ben", "ben", "ada")
    login = Login(source, monotonic=lambda: time[0], wall=lambda: time[0])
    await login.credentials()  # the login name of 1001 is not known yet
    with pytest.raises(CredentialSourceError, match="belongs to 'ben', and not to 1001"):
        login.check_owner(["1001", "ada"])
    with pytest.raises(CredentialSourceError, match="belongs to 'ben'"):
        await login.credentials()
    assert source.readings == 1
    time[0] += login.retry_in
    with pytest.raises(CredentialSourceError, match="belongs to 'ben'"):
        await login.credentials()
    time[0] += login.retry_in
    assert (await login.credentials()).password == "token-3"
    await login.aclose()


async def test_renewed_token_of_another_user_does_not_replace_the_old_one() -> None:
    login = Login(Signed("ada@a.example", "ben"))
    first = await login.credentials()
    login.check_owner(["1001", "ada"])
    with pytest.raises(CredentialSourceError, match="belongs to 'ben'"):
        await login.replace(first)
    assert await login.credentials() is first
    await login.aclose()


async def test_secrets_that_state_no_owner_are_used() -> None:
    for source in (ScriptedSource(["secret"]), TokenBench()):
        login = Login(source)
        await login.credentials()
        login.check_owner(["1001", "ada"])
        assert (await login.credentials()).user_id == "1001"
        await login.aclose()
