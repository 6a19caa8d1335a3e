"""Reads of teams, queues and agents' calls, against the simulator on real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import InvalidRequestError, NotReadyError, RefusedError
from mcp_finesse.model import User
from tests.mirrored import set_user
from tests.session.support import CUSTOMER, TIMING
from tests.session.support_supervision import ADA, TEAM, Office, office


@pytest.fixture
async def finesse(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


async def test_team_contains_signed_out_members(finesse: Office) -> None:
    team = await finesse.session.team_reader.team(TEAM)
    assert [user.id for user in team.users] == ["1000", "1001", "1002", "1003"]
    assert finesse.session.mirror.teams[TEAM] == team


@pytest.mark.parametrize(
    ("user", "teams"),
    [("1000", {"310": "North"}), ("2000", {"320": "South", "310": "North"}), ("1001", {"310": "North"})],
)
async def test_own_teams_are_the_supervised_and_the_member_teams(
    tmp_path: Path, user: str, teams: dict[str, str]
) -> None:
    async with office(tmp_path, user=user) as finesse:
        assert finesse.session.team_reader.own_teams() == teams


@pytest.mark.parametrize("user", [None, User(id="1")])
async def test_team_must_be_named_when_the_user_has_none(finesse: Office, user: User | None) -> None:
    set_user(finesse.session.mirror, user)
    with pytest.raises(InvalidRequestError, match="reported no team"):
        finesse.session.team_reader.own_teams()


async def test_supervisor_queues_are_the_queues_of_the_supervised_teams(finesse: Office) -> None:
    queues = await finesse.session.team_reader.queues()
    assert [queue.id for queue in queues] == ["77", "78"]
    assert list(finesse.session.mirror.queues) == ["77", "78"]
    assert (await finesse.session.team_reader.queue("91")).name == "South.Sales"


async def test_single_queue_is_not_requested_on_uccx(tmp_path: Path) -> None:
    async with office(tmp_path, platform="UCCX") as finesse:
        assert [queue.id for queue in await finesse.session.team_reader.queues()] == ["77", "78"]
        asked = len(finesse.simulator.requests)
        with pytest.raises(InvalidRequestError, match="Queue: get does not exist on UCCX"):
            await finesse.session.team_reader.queue("77")
        assert len(finesse.simulator.requests) == asked


async def test_calls_of_an_agent_are_read_where_allowed(finesse: Office) -> None:
    call = await finesse.ada_talks()
    (found,) = await finesse.session.team_reader.calls_of(ADA)
    assert (found.id, found.from_address) == (call, CUSTOMER)
    with pytest.raises(RefusedError):
        await finesse.session.team_reader.calls_of("2001")


async def test_team_and_queue_events_update_the_mirror(tmp_path: Path) -> None:
    async with office(tmp_path, time_scale=0.01) as finesse:
        await finesse.session.follow(f"team:{TEAM}")
        await finesse.session.follow("queue:77")
        await finesse.session.team_reader.team(TEAM)
        finesse.colleague(ADA, "READY")

        def known() -> bool:
            member = finesse.session.mirror.teams[TEAM].member(ADA)
            queue = finesse.session.mirror.queues.get("77")
            ready = queue is not None and queue.statistics is not None and queue.statistics.agents_ready == 1
            return member is not None and member.state == "READY" and ready

        await finesse.until(known)


async def test_teams_are_forgotten_on_disconnect_and_the_feed_is_subscribed_again(finesse: Office) -> None:
    await finesse.session.follow(f"team:{TEAM}")
    await finesse.session.team_reader.team(TEAM)
    finesse.simulator.faults.kill_links()
    await finesse.until(lambda: not finesse.session.mirror.teams)
    await finesse.until(
        lambda: finesse.session.status.reconnects == 1 and finesse.session.status.state == "ready", 10
    )
    await finesse.session.team_reader.team(TEAM)
    finesse.colleague(ADA)
    await finesse.until(
        lambda: (
            (member := finesse.session.mirror.teams[TEAM].member(ADA)) is not None
            and member.state == "NOT_READY"
        )
    )


async def test_team_read_that_times_out_raises(tmp_path: Path) -> None:
    async with office(tmp_path, timing=replace(TIMING, read=0.1)) as finesse:
        finesse.simulator.faults.no_answer(path=f"/Team/{TEAM}")
        with pytest.raises(NotReadyError, match="The team could not be read in time"):
            await finesse.session.team_reader.team(TEAM)
