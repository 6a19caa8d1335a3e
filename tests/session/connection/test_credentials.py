"""Credentials that a session reads from their source: rejected, corrected, changed while the session works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcp_finesse.credentials import CredentialSource, PasswordCommand, PasswordFile
from mcp_finesse.errors import CredentialsError, CredentialSourceError, SignInPausedError
from mcp_finesse.session import FinesseSession, SessionState
from mcp_finesse.session.actions import agent
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.credentials.support import ScriptedSource, python
from tests.session.support import AGENT, EXTENSION, TIMING, Floor, config_for

FAST = replace(TIMING, sign_in=0.1)
REQUIRED = SessionState.SIGN_IN_REQUIRED


@asynccontextmanager
async def session_with(state_dir: Path, source: CredentialSource, **more: Any) -> AsyncIterator[Floor]:
    """Yield a session that reads its password from a source. It may not be ready."""
    async with Simulator(SimulatorSettings()) as simulator:
        config = config_for(simulator, state_dir, credentials=source, timing=FAST, **more)
        async with FinesseSession(config) as session:
            yield Floor(simulator, session, config)


def set_password(here: Floor, password: str) -> None:
    here.simulator.center._authentication._passwords[AGENT] = password


def results(here: Floor) -> list[str]:
    return [attempt.result.name for attempt in here.simulator.center.attempts]


async def until_state(here: Floor, state: SessionState) -> None:
    await here.until(lambda: here.session.status.state is state)


def password_file(folder: Path, password: str) -> Path:
    path = folder / "password"
    path.write_text(password)
    path.chmod(0o600)
    return path


async def test_password_from_a_file_and_from_a_command_signs_in(tmp_path: Path) -> None:
    sources = [
        PasswordFile(AGENT, password_file(tmp_path, "secret\n")),
        PasswordCommand(AGENT, python("print('secret')")),
    ]
    for source in sources:
        async with session_with(tmp_path / "state", source) as here:
            await here.session.ready(10)
            await here.sign_in()
            assert set(results(here)) == {"OK"}


async def test_rejected_password_is_sent_once_and_the_corrected_file_is_used_without_a_restart(
    tmp_path: Path,
) -> None:
    path = password_file(tmp_path, "wrong")
    async with session_with(tmp_path / "state", PasswordFile(AGENT, path)) as here:
        await until_state(here, REQUIRED)
        with pytest.raises(CredentialsError, match="rejected"):
            await here.session.ready(10)
        await asyncio.sleep(0.5)
        assert results(here) == ["WRONG"], "an unchanged password is not sent again"
        assert here.session.status.state is REQUIRED
        assert "read again" in here.session.status.detail

        path.write_text("secret")
        await until_state(here, SessionState.READY)
        assert results(here)[:2] == ["WRONG", "OK"]


async def test_source_that_fails_is_one_state_and_nothing_is_sent(tmp_path: Path) -> None:
    switch = tmp_path / "unlocked"
    code = f"import os, sys; print('secret') if os.path.exists({str(switch)!r}) else sys.exit(3)"
    async with session_with(tmp_path / "state", PasswordCommand(AGENT, python(code))) as here:
        await until_state(here, REQUIRED)
        assert "exit status 3" in here.session.status.detail
        with pytest.raises(CredentialSourceError, match="exit status 3"):
            await here.session.ready(10)
        assert results(here) == []

        switch.touch()
        await until_state(here, SessionState.READY)


async def test_sources_are_read_with_growing_pauses(tmp_path: Path) -> None:
    source = ScriptedSource([CredentialSourceError("The vault is sealed.")])
    async with session_with(tmp_path / "state", source) as here:
        await until_state(here, REQUIRED)
        await asyncio.sleep(2)
        assert 2 <= source.readings <= 6, "0.1, 0.2, 0.4, 0.8 and 1 second apart"


async def test_every_secret_rejected_pauses_before_the_account_is_locked(tmp_path: Path) -> None:
    source = ScriptedSource([f"wrong-{number}" for number in range(20)])
    async with session_with(tmp_path / "state", source) as here:
        await here.until(lambda: "paused until" in here.session.status.detail, 10)
        readings = source.readings
        await asyncio.sleep(1)

        assert results(here) == ["WRONG"] * 4
        assert source.readings == readings, "a paused account is not worth another secret"
        with pytest.raises(SignInPausedError):
            await here.session.nodes.rest.get(f"User/{AGENT}")


async def test_password_changed_while_ready_is_replaced_and_the_change_is_executed_once(
    tmp_path: Path,
) -> None:
    async with session_with(tmp_path / "state", ScriptedSource(["secret", "changed"])) as here:
        await here.session.ready(10)
        set_password(here, "changed")
        outcome = await here.session.act(agent.sign_in(AGENT, EXTENSION))

        assert outcome.status == "confirmed"
        assert len([body for body in here.sent() if "LOGIN" in body]) == 2, "rejected once, then executed"
        assert results(here).count("WRONG") <= 2
        assert here.session.status.state is SessionState.READY
        assert here.session.reconnects == 0, "the link stays"


async def test_password_that_cannot_be_replaced_ends_the_link_and_returns_when_it_can(tmp_path: Path) -> None:
    source = ScriptedSource(["secret"])
    async with session_with(tmp_path / "state", source) as here:
        await here.session.ready(10)
        set_password(here, "changed")
        with pytest.raises(CredentialsError):
            await here.session.act(agent.sign_in(AGENT, EXTENSION))
        await until_state(here, REQUIRED)
        assert results(here).count("WRONG") <= 2

        source.answers = ["changed"]
        await until_state(here, SessionState.READY)


async def test_password_rejected_in_another_process_is_not_sent_and_the_source_is_read_again(
    tmp_path: Path,
) -> None:
    async with session_with(tmp_path / "state", ScriptedSource(["wrong"])) as here:
        await until_state(here, REQUIRED)
        other = ScriptedSource(["wrong", "secret"])
        config = replace(here.config, credentials=other)
        async with FinesseSession(config) as second:
            await second.ready(10)
            assert results(here).count("WRONG") == 1


async def test_closing_during_a_hanging_command_raises_nothing(tmp_path: Path) -> None:
    source = PasswordCommand(AGENT, python("import time; time.sleep(60)"), 60)
    async with session_with(tmp_path / "state", source) as here:
        await asyncio.sleep(0.5)
        async with asyncio.timeout(3):
            await here.session.close()


async def test_secrets_of_every_reading_are_redacted(tmp_path: Path) -> None:
    async with session_with(tmp_path / "state", ScriptedSource(["canary-1", "canary-2"])) as here:
        await until_state(here, REQUIRED)
        shown = here.session.without_secrets("canary-1 and canary-2")
        assert "canary" not in shown
