"""No sequence of requests locks an account: rejected passwords are counted at the server's socket."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from mcp_finesse.account_guard import AccountGuard, store
from mcp_finesse.credentials import Credentials
from mcp_finesse.errors import ConfigurationError, FinesseError, SignInPausedError
from mcp_finesse.rest import RestTimeouts
from mcp_finesse.session import SessionConfig
from mcp_finesse.session.administration.raw_request import RawRequest, send_raw_request
from mcp_finesse.session.administration.session import Administration
from mcp_finesse.session.nodes.nodes import Nodes
from mcp_finesse.session.timing import Clock
from mcp_finesse.xmpp import LinkIdentity, LinkTiming, NotificationLink, tcp_route
from tests.account_guard.password_server import PasswordServer

ROOT = Path(__file__).parents[2]


@dataclass
class Machine:
    """One machine with its state folder and clock. Each ``nodes()`` is what a new process creates."""

    server: PasswordServer
    state: Path
    time: float = 1_000_000.0
    opened: list[Nodes | Administration] = field(default_factory=list)

    def config(self, password: str, **more: Any) -> SessionConfig:
        values: dict[str, Any] = {
            "url": self.server.url,
            "credentials": Credentials("1001", SecretStr(password)),
            "state_dir": self.state,
            "allow_insecure": True,
            "clock": Clock(wall=lambda: self.time),
            "rest_timeouts": RestTimeouts(2.0, 2.0, 4.0),
        }
        return SessionConfig(**(values | more))

    def nodes(self, password: str, **more: Any) -> Nodes:
        self.opened.append(nodes := Nodes(self.config(password, **more)))
        return nodes

    def administration(self, password: str) -> Administration:
        administrator = Credentials("admin", SecretStr(password))
        self.opened.append(made := Administration(self.config("unused", administrator=administrator)))
        return made

    async def log_in(self, guard: AccountGuard, password: str) -> None:
        identity = LinkIdentity(
            "1001", SecretStr(password), "localhost", "pubsub.localhost", "mcp-finesse-t-1"
        )
        route = tcp_route("127.0.0.1", self.server.port, None, encrypted=False, allow_insecure=True)
        timing = LinkTiming(connect=2.0, request=2.0, close=0.1)
        link = NotificationLink(
            identity, route, on_feed=lambda _: None, on_link=lambda _: None, timing=timing, guard=guard
        )
        try:
            await link.open()
        finally:
            await link.close()

    async def close(self) -> None:
        for each in self.opened:
            await each.close()


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    async with PasswordServer() as server:
        made = Machine(server, tmp_path / "state")
        yield made
        await made.close()


async def result(call: Awaitable[Any]) -> str:
    try:
        await call
    except FinesseError as error:
        return type(error).__name__
    return "accepted"


async def together(*calls: Awaitable[Any]) -> list[str]:
    return list(await asyncio.gather(*(result(call) for call in calls)))


# -- one process


async def eight_requests_at_once(here: Machine) -> None:
    nodes = here.nodes("wrong")
    assert set(await together(*(nodes.rest.get(f"Team/{n}") for n in range(8)))) == {"CredentialsError"}


def password_change(calls: int, idle: float = 0.0) -> Callable[[Machine], Awaitable[None]]:
    async def sequence(here: Machine) -> None:
        nodes = here.nodes("right")
        await nodes.rest.get("User/1001")
        here.server.password, here.server.seconds = "new", 0.05
        here.time += idle
        said = await together(*(nodes.rest.get(f"Team/{n}") for n in range(calls)))
        assert set(said) == {"CredentialsError"}
        assert await result(nodes.rest.get("User/1001")) == "CredentialsError"

    return sequence


def safety_read(idle: float) -> Callable[[Machine], Awaitable[None]]:
    async def sequence(here: Machine) -> None:
        nodes = here.nodes("right")
        await nodes.rest.get("User/1001")
        here.server.password, here.server.seconds = "new", 0.05
        here.time += idle
        paths = ("User/1001", "User/1001/Dialogs", "User/1001/Media", "Dialog/7", "User/1001")
        assert set(await together(*(nodes.rest.get(path) for path in paths))) == {"CredentialsError"}

    return sequence


async def send_request_after_a_password_change(here: Machine) -> None:
    nodes = here.nodes("right")
    await nodes.rest.get("User/1001")
    here.server.password, here.server.seconds = "new", 0.05
    requests = [RawRequest("GET", "Teams"), RawRequest("PUT", "User/1001", body="<User/>")] * 3
    assert set(await together(*(send_raw_request(nodes.rest, each) for each in requests))) == {
        "CredentialsError"
    }


async def lost_first_answers(here: Machine) -> None:
    here.server.lose = True
    nodes = here.nodes("wrong")
    said = [await result(nodes.rest.get("User/1001")) for _ in range(5)]
    assert said[-1] == "SignInPausedError"
    assert here.server.attempts == 2
    assert here.server.lines[1] == "GET /finesse/api/SystemInfo"


async def lost_answer_after_a_password_change(here: Machine) -> None:
    nodes = here.nodes("right")
    await nodes.rest.get("User/1001")
    here.server.password = "new"
    here.server.lose_rejections = True
    assert await result(nodes.rest.exchange("GET", "Team/1")) == "NetworkError"
    here.server.lose_rejections = False
    assert await result(nodes.rest.exchange("GET", "Team/1")) == "CredentialsError"
    assert await result(nodes.rest.get("User/1001")) == "CredentialsError"


async def xmpp_login_with_a_wrong_password(here: Machine) -> None:
    nodes = here.nodes("wrong")
    for _ in range(4):
        assert await result(here.log_in(nodes.guard, "wrong")) == "CredentialsError"
    assert await result(nodes.rest.get("User/1001")) == "CredentialsError"


async def xmpp_login_after_a_password_change(here: Machine) -> None:
    nodes = here.nodes("right")
    await nodes.rest.get("User/1001")
    here.server.password, here.server.seconds = "new", 0.05
    calls = [here.log_in(nodes.guard, "right"), nodes.rest.get("Team/1"), nodes.rest.get("Team/2")]
    assert set(await together(*calls)) == {"CredentialsError"}


async def temporary_auth_failures(here: Machine) -> None:
    nodes = here.nodes("right")
    await nodes.rest.get("User/1001")
    here.server.temporary = True
    said = [await result(here.log_in(nodes.guard, "right")) for _ in range(6)]
    assert said == ["NetworkError"] * 2 + ["SignInPausedError"] * 4
    assert here.server.lines.count("XMPP") == 2
    assert await result(nodes.rest.get("User/1001")) == "accepted"


async def administrator(here: Machine) -> None:
    admin = here.administration("wrong")
    assert set(await together(*(admin.teams() for _ in range(4)))) == {"CredentialsError"}
    assert await result(here.administration("wrong").teams()) == "CredentialsError"
    assert await result(here.nodes("right").rest.get("User/1001")) == "accepted"


async def administrator_after_a_password_change(here: Machine) -> None:
    admin = here.administration("right")
    await result(admin.teams())
    here.server.password, here.server.seconds = "new", 0.05
    assert set(await together(*(admin.teams() for _ in range(6)))) == {"CredentialsError"}


# -- two nodes, other spellings of the URL, restarts


async def two_nodes(here: Machine) -> None:
    async with PasswordServer() as second:
        nodes = here.nodes("wrong", other_url=second.url)
        assert nodes.other is not None
        assert await result(nodes.rest.get("User/1001")) == "CredentialsError"
        nodes.switch()
        assert await result(nodes.rest.get("User/1001")) == "CredentialsError"
        alone = here.nodes("wrong", url=second.url)
        assert await result(alone.rest.get("User/1001")) == "CredentialsError"
        assert not second.attempts


async def other_spellings_of_the_url(here: Machine) -> None:
    port = here.server.port
    for url in (
        f"http://127.0.0.1:{port}",
        f"http://127.0.0.1:{port}/desktop",
        f"http://localhost:{port}",
        f"http://LOCALHOST:{port}/",
        f"http://localhost.:{port}",
        f"http://127.1:{port}",
        f"http://[::ffff:127.0.0.1]:{port}",
    ):
        assert await result(here.nodes("wrong", url=url).rest.get("User/1001")) == "CredentialsError", url


async def restarts(here: Machine) -> None:
    for _ in range(6):
        assert await result(here.nodes("wrong").rest.get("User/1001")) == "CredentialsError"


async def restarts_without_a_state_folder(here: Machine) -> None:
    here.state.write_text("a file where the folder should be")
    for _ in range(6):
        nodes = here.nodes("wrong")
        assert await result(nodes.rest.get("User/1001")) == "CredentialsError"
        assert "is used instead" in nodes.folder.note


async def other_wrong_passwords(here: Machine) -> None:
    said = [await result(here.nodes(f"wrong {n}").rest.get("User/1001")) for n in range(6)]
    assert said == ["CredentialsError"] * 4 + ["SignInPausedError"] * 2


ONE_PROCESS = {
    "eight requests at once": eight_requests_at_once,
    **{f"password change, {n} calls at once": password_change(n) for n in (1, 2, 3, 4, 6)},
    **{f"password change, idle, {n} calls at once": password_change(n, 31.0) for n in (1, 3, 6)},
    "password change, safety read": safety_read(0.0),
    "password change, idle, safety read": safety_read(31.0),
    "password change, send_request": send_request_after_a_password_change,
    "lost first answers": lost_first_answers,
    "password change, lost answer": lost_answer_after_a_password_change,
    "XMPP login": xmpp_login_with_a_wrong_password,
    "password change, XMPP login": xmpp_login_after_a_password_change,
    "temporary-auth-failure": temporary_auth_failures,
    "administrator": administrator,
    "password change, administrator": administrator_after_a_password_change,
    "two nodes": two_nodes,
    "other spellings": other_spellings_of_the_url,
    "restarts": restarts,
    "restarts without a state folder": restarts_without_a_state_folder,
    "other wrong passwords": other_wrong_passwords,
}


@pytest.mark.parametrize("sequence", ONE_PROCESS.values(), ids=ONE_PROCESS)
async def test_wrong_password_is_rejected_at_most_twice(
    sequence: Callable[[Machine], Awaitable[None]],
    machine: Machine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    await sequence(machine)
    assert max(machine.server.rejected.values(), default=0) <= 2, machine.server.lines
    assert machine.server.rejected.total() <= 4, machine.server.lines


# -- several processes


@contextlib.asynccontextmanager
async def process(
    here: Machine, password: str, calls: int, *more: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.account_guard.program",
        str(here.state),
        here.server.url,
        password,
        str(calls),
        *more,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.kill()
        await started.wait()


async def words_of(started: asyncio.subprocess.Process) -> list[str]:
    out, _ = await started.communicate()
    return out.decode().split()


@pytest.mark.parametrize(("password", "word"), [("wrong", "CredentialsError"), ("right", "accepted")])
async def test_processes_starting_together_check_a_password_once(
    machine: Machine, password: str, word: str
) -> None:
    machine.server.seconds = 0.5
    async with contextlib.AsyncExitStack() as stack:
        running = [await stack.enter_async_context(process(machine, password, 2)) for _ in range(6)]
        words = [word for words in await asyncio.gather(*map(words_of, running)) for word in words]
    assert words == [word] * 12
    assert machine.server.rejected.total() <= 1


async def test_running_processes_notice_a_changed_password_within_four_rejections(machine: Machine) -> None:
    async with contextlib.AsyncExitStack() as stack:
        running = [await stack.enter_async_context(process(machine, "right", 4, "wait")) for _ in range(4)]
        for each in running:
            assert each.stdout is not None
            assert await each.stdout.readline() == b"ready\n"
        machine.server.password, machine.server.seconds = "new", 0.2
        for each in running:
            assert each.stdin is not None
            each.stdin.write(b"go\n")
        words = [word for words in await asyncio.gather(*map(words_of, running)) for word in words]
    assert "accepted" not in words
    assert 1 <= machine.server.rejected.total() <= 4, words


async def test_attempts_of_killed_processes_count(machine: Machine) -> None:
    machine.server.seconds = 60.0
    for _ in range(2):
        machine.server.arrived.clear()
        async with process(machine, "wrong", 1):
            await asyncio.wait_for(machine.server.arrived.wait(), 20)
    async with process(machine, "wrong", 1) as third:
        assert await words_of(third) == ["SignInPausedError"]
    assert machine.server.attempts == 2


# -- a right password is not delayed


async def test_corrected_password_is_accepted_immediately(machine: Machine) -> None:
    for wrong in ("one", "two", "three"):
        assert await result(machine.nodes(wrong).rest.get("User/1001")) == "CredentialsError"
    assert await result(machine.nodes("right").rest.get("User/1001")) == "accepted"


async def test_pause_after_four_rejections_states_its_end_and_then_the_password_works(
    machine: Machine,
) -> None:
    for wrong in ("one", "two", "three", "four"):
        await result(machine.nodes(wrong).rest.get("User/1001"))
    nodes = machine.nodes("right")
    with pytest.raises(SignInPausedError, match=r"until \d\d:\d\d:\d\d .*in 300 s") as caught:
        await nodes.rest.get("User/1001")
    assert caught.value.until == machine.time + 300
    machine.time += 301
    assert await result(nodes.rest.get("User/1001")) == "accepted"


async def test_rejected_password_is_tried_again_after_five_minutes(machine: Machine) -> None:
    await result(machine.nodes("wrong").rest.get("User/1001"))
    machine.time += 299
    assert await result(machine.nodes("wrong").rest.get("User/1001")) == "CredentialsError"
    assert machine.server.rejected.total() == 1
    machine.server.password = "wrong"
    machine.time += 2
    assert await result(machine.nodes("wrong").rest.get("User/1001")) == "accepted"


async def test_right_password_is_not_delayed_by_restarts_or_lost_responses(machine: Machine) -> None:
    await machine.nodes("right").rest.get("User/1001")
    for _ in range(6):
        machine.time += 40
        nodes = machine.nodes("right")
        machine.server.lose = True
        assert await result(nodes.rest.exchange("GET", "User/1001")) == "NetworkError"
        machine.server.lose = False
        assert await result(nodes.rest.get("User/1001")) == "accepted"


async def test_role_error_401_does_not_count_as_a_sign_in_attempt(machine: Machine) -> None:
    nodes = machine.nodes("right")
    await nodes.rest.get("User/1001")
    said = await together(*(nodes.rest.get(f"Forbidden/{n}") for n in range(4)), nodes.rest.get("User/1001"))
    assert said == ["RefusedError"] * 4 + ["accepted"]
    assert not machine.server.rejected


async def test_role_error_401_with_lost_check_does_not_end_the_session(machine: Machine) -> None:
    nodes = machine.nodes("right")
    await nodes.rest.get("User/1001")
    real, machine.server.lose = machine.server._check, False

    def lose_the_check(password: str) -> bool:
        machine.server.lose = machine.server.lines[-1].endswith("User/1001")
        return real(password)

    machine.server._check = lose_the_check  # type: ignore[method-assign]
    assert await result(nodes.rest.exchange("GET", "Forbidden/1")) == "accepted"
    machine.server._check, machine.server.lose = real, False  # type: ignore[method-assign]
    assert await result(nodes.rest.get("Team/1")) == "accepted"
    assert machine.server.lines[-3:] == [
        "GET /finesse/api/SystemInfo",
        "GET /finesse/api/User/1001",
        "GET /finesse/api/Team/1",
    ]


async def test_password_is_not_sent_when_attempts_cannot_be_recorded(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.state.write_text("a file where the folder should be")
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(ConfigurationError, match="No password is sent"):
        await machine.nodes("right").rest.get("User/1001")
    assert not machine.server.lines


async def test_nothing_is_written_while_the_password_is_accepted(machine: Machine) -> None:
    nodes = machine.nodes("right")
    await nodes.rest.get("User/1001")
    record = next(machine.state.glob("accounts/*/record.json"))
    before = record.stat()
    await together(*(nodes.rest.get(f"Team/{n}") for n in range(20)))
    assert (record.stat().st_mtime_ns, record.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


async def test_accounts_of_other_users_and_servers_are_separate(machine: Machine) -> None:
    assert await result(machine.nodes("wrong").rest.get("User/1001")) == "CredentialsError"
    other = Credentials("1002", SecretStr("wrong"))
    assert await result(machine.nodes("-", credentials=other).rest.get("User/1002")) == "CredentialsError"
    assert machine.server.rejected["wrong"] == 2
    elsewhere = replace(machine.config("wrong"), url="http://finesse.invalid")
    machine.opened.append(nodes := Nodes(elsewhere))
    assert await result(nodes.rest.get("User/1001")) == "NetworkError"


# -- a damaged record, and a changed clock


@pytest.mark.parametrize("damage", ["cut", "huge", "directory", "link", "pipe", "key"])
async def test_damaged_record_allows_at_most_four_rejections(
    machine: Machine, damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process tries another wrong password, and the damage is repeated before each."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    for number in range(7):
        await result(machine.nodes(f"wrong {number}").rest.get("User/1001"))
        for record in machine.state.glob("accounts/*/record.json"):
            spoil(damage, record)
    assert machine.server.rejected.total() <= 4


def spoil(damage: str, record: Path) -> None:
    now = time.time()
    if damage == "key":
        (record.parent.parent / "key").write_bytes(b"")
        return
    if record.is_dir():
        return
    record.unlink()
    if damage == "directory":
        record.mkdir()
    elif damage == "link":
        record.symlink_to("/etc/passwd")
    elif damage == "pipe":
        os.mkfifo(record)
    else:
        record.write_text("{" if damage == "cut" else " " * 2_000_000)
        os.utime(record, (now, now))


async def test_status_explains_a_damaged_record_and_sign_in_works_after_the_pause(machine: Machine) -> None:
    machine.time = time.time()
    await machine.nodes("right").rest.get("User/1001")
    running = machine.nodes("right")
    await running.rest.get("User/1001")
    spoil("cut", next(machine.state.glob("accounts/*/record.json")))
    assert (
        await result(running.rest.get("User/1001")) == "accepted"
    )  # the process knows that its password is right
    machine.time += 40
    assert await result(running.rest.get("User/1001")) == "accepted"
    spoil("cut", next(machine.state.glob("accounts/*/record.json")))
    new = machine.nodes("right")
    with pytest.raises(SignInPausedError, match="record of sign-in attempts cannot be read"):
        await new.rest.get("User/1001")
    machine.time += 301
    assert await result(new.rest.get("User/1001")) == "accepted"
    assert not machine.server.rejected


@pytest.mark.parametrize("back", [10.0, 400.0, 400_000.0])
async def test_clock_set_back_neither_forgets_rejections_nor_prolongs_the_pause(
    machine: Machine, back: float
) -> None:
    for wrong in ("one", "two", "three", "four"):
        await result(machine.nodes(wrong).rest.get("User/1001"))
    machine.time -= back
    assert await result(machine.nodes("five").rest.get("User/1001")) == "SignInPausedError"
    assert await result(machine.nodes("one").rest.get("User/1001")) == "CredentialsError"
    assert machine.server.rejected.total() == 4
    machine.time += 301
    assert await result(machine.nodes("right").rest.get("User/1001")) == "accepted"


async def test_full_disk_costs_at_most_two_rejections(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up after the attempt was recorded, so no verdict can be recorded."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    written = store.replace_private

    def full(path: Path, content: bytes) -> None:
        if b"rejected" in content:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(path, content)

    monkeypatch.setattr(store, "replace_private", full)
    for _ in range(6):
        assert await result(machine.nodes("wrong").rest.get("User/1001")) != "accepted"
    assert machine.server.rejected.total() <= 2
