"""Reads of media and tasks: on UCCE only, without delaying reads of the agent and the calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import InvalidRequestError, RefusedError
from mcp_finesse.session import FinesseSession
from mcp_finesse.session.actions.tasks import accept_task, close_task, work_on_task
from mcp_finesse.session.reading.tasks import TaskReader
from mcp_finesse.simulator import Simulator, SimulatorSettings
from tests.session.support import AGENT, TIMING, Floor, config_for

CHAT, MAIL = "5001", "5002"


@asynccontextmanager
async def before_it_connects(folder: Path, platform: str = "UCCE") -> AsyncIterator[Floor]:
    """Yield a session that has not started. The caller enters it."""
    async with Simulator(SimulatorSettings(platform=platform)) as simulator:  # type: ignore[arg-type]
        config = config_for(simulator, folder, timing=replace(TIMING, safety=0.2))
        yield Floor(simulator, FinesseSession(config), config)


def asked(finesse: Floor) -> list[str]:
    return [request.path for request in finesse.simulator.requests if "/Media" in request.path]


async def until(condition: Callable[[], object]) -> None:
    """Poll until a condition on the simulator, which has no events, holds."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the condition reads plain values
            await asyncio.sleep(0.005)


async def offered(finesse: Floor, media_id: str) -> str:
    """Offer a task to the agent, who is ready, and return its id."""
    task = finesse.simulator.center.customers.send_task(media_id)
    await until(lambda: task.agent_id == AGENT)
    return task.id


def works_on_chat(finesse: Floor, state: str = "READY") -> None:
    puppet = finesse.simulator.center.colleague(AGENT)
    puppet.sign_in_to_media(CHAT)
    puppet.change_media(CHAT, state=state)


async def test_media_and_tasks_are_read_after_start(tmp_path: Path) -> None:
    async with before_it_connects(tmp_path) as finesse:
        works_on_chat(finesse)
        task_id = await offered(finesse, CHAT)
        async with finesse.session as session:
            await session.ready(10)
            await finesse.until(lambda: session.mirror.task_store.known)
            assert {media.id: media.state for media in session.mirror.media.values()} == {
                CHAT: "RESERVED",
                MAIL: "LOGOUT",
            }
            assert list(session.mirror.tasks) == [task_id]
            first = f"/finesse/api/User/{AGENT}/Media"
            assert asked(finesse)[:2] == [first, f"{first}/{CHAT}/Dialogs"]
            assert session.status.gaps == 0


async def test_uccx_is_not_asked_for_media(tmp_path: Path) -> None:
    async with before_it_connects(tmp_path, "UCCX") as finesse, finesse.session as session:
        await session.ready(10)
        await session.refresh_user()
        assert asked(finesse) == []


async def test_rejected_media_read_is_repeated_only_after_a_reconnect(tmp_path: Path) -> None:
    async with before_it_connects(tmp_path) as finesse:
        finesse.simulator.faults.http_status(404, n=2, method="GET", path="/Media")
        async with finesse.session as session:
            await session.ready(10)
            # The safety poll runs twice.
            await until(lambda: sum(r.path.endswith("/Dialogs") for r in finesse.simulator.requests) >= 3)
            assert len(asked(finesse)) == 1
            assert session.status.state == "ready"
            with pytest.raises(RefusedError):
                await session.refresh_tasks()
            finesse.simulator.faults.kill_links()
            await finesse.until(lambda: session.mirror.task_store.known)


async def test_unanswered_media_read_does_not_delay_readiness(tmp_path: Path) -> None:
    async with before_it_connects(tmp_path) as finesse:
        finesse.simulator.faults.no_answer(n=1, method="GET", path="/Media")
        async with finesse.session as session:
            await session.ready(2)
            assert not session.mirror.task_store.known
        assert session.status.state == "closed"


async def test_task_changes_during_a_disconnect_are_found_after_the_reconnect(tmp_path: Path) -> None:
    async with before_it_connects(tmp_path) as finesse:
        works_on_chat(finesse)
        gone = finesse.simulator.center.customers.send_task(CHAT)
        await until(lambda: gone.agent_id == AGENT)
        async with finesse.session as session:
            await session.ready(10)
            await finesse.until(lambda: gone.id in session.mirror.tasks)
            finesse.simulator.faults.lose_next_event(4, f"/finesse/api/User/{AGENT}/Dialogs/Media")
            finesse.simulator.center.customers.withdraw_task(gone)
            come = finesse.simulator.center.customers.send_task(CHAT)
            finesse.simulator.faults.kill_links()
            await finesse.until(lambda: list(session.mirror.tasks) == [come.id], 10)
            await finesse.until(lambda: session.status.gaps)


async def test_task_reported_as_unknown_is_noted_and_can_still_be_accepted(tmp_path: Path) -> None:
    async with before_it_connects(tmp_path) as finesse:
        works_on_chat(finesse)
        task_id = await offered(finesse, CHAT)
        body = (
            f"<Dialogs><Dialog><id>{task_id}</id><mediaType>Cisco_Chat</mediaType><state>UNKNOWN</state>"
            f"<mediaProperties><mediaId>{CHAT}</mediaId></mediaProperties><participants><Participant>"
            f"<mediaAddress>{AGENT}</mediaAddress><state>UNKNOWN</state></Participant></participants>"
            f"<uri>/finesse/api/Dialog/{task_id}</uri></Dialog></Dialogs>"
        )
        finesse.simulator.faults.http_status(200, body, method="GET", path=f"/Media/{CHAT}/Dialogs")
        async with finesse.session as session:
            await session.ready(10)
            await finesse.until(lambda: task_id in session.mirror.tasks)
            assert any(f"are in state UNKNOWN now: {task_id}." in note for note in session.status.notes)
            outcome = await session.act(accept_task(task_id))
            assert outcome.status == "confirmed"


async def test_interrupted_task_read_at_start_becomes_active_when_the_interrupt_ends(tmp_path: Path) -> None:
    async with before_it_connects(tmp_path) as finesse:
        puppet = finesse.simulator.center.colleague(AGENT)
        for media in (MAIL, CHAT):
            puppet.sign_in_to_media(media)
            puppet.change_media(media, state="READY")
        mail = await offered(finesse, MAIL)
        async with finesse.session as session:
            await session.ready(10)
            await finesse.until(lambda: mail in session.mirror.tasks)
            await session.act(accept_task(mail))
            await session.act(work_on_task(mail, "START"))
            chat = await offered(finesse, CHAT)
            await finesse.until(lambda: chat in session.mirror.tasks)
            await session.act(accept_task(chat))
            await finesse.until(lambda: session.mirror.media[MAIL].state == "INTERRUPTED")
        again = FinesseSession(finesse.config)
        finesse = Floor(finesse.simulator, again, finesse.config)
        async with again:
            await again.ready(10)
            await finesse.until(lambda: mail in again.mirror.tasks)
            assert again.mirror.tasks[mail].state == "INTERRUPTED"
            with pytest.raises(InvalidRequestError, match="state INTERRUPTED"):
                await again.act(work_on_task(mail, "PAUSE"))
            await again.act(close_task(chat))
            await finesse.until(lambda: again.mirror.tasks[mail].state == "ACTIVE")


async def test_cancellation_while_closing_the_task_reader_is_not_swallowed() -> None:
    reader = TaskReader.__new__(TaskReader)
    held = asyncio.Event()

    async def linger() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await held.wait()

    reader._task = asyncio.create_task(linger())
    await asyncio.sleep(0)
    ending = asyncio.create_task(reader.aclose())
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    held.set()
    await asyncio.wait({reader._task})
