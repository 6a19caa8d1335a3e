"""Reading teams, queues and calls of agents, against the simulator on real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import InvalidRequestError, NotReadyError, RefusedError
from mcp_finesse.model import User
from tests.session.support import CUSTOMER, TIMING
from tests.session.support_supervision import ADA, TEAM, Office, office


@pytest.fixture
async def finesse(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


async def test_a_team_has_all_its_members_signed_out_ones_too(finesse: Office) -> None:
    team = await finesse.session.groups.team(TEAM)
    assert [user.id for user in team.users] == ["1000", "1001", "1002", "1003"]
    assert finesse.session.mirror.groups.teams[TEAM] == team


@pytest.mark.parametrize(
    ("user", "teams"),
    [("1000", {"310": "North"}), ("2000", {"320": "South", "310": "North"}), ("1001", {"310": "North"})],
)
async def test_the_own_teams_are_those_one_supervises_or_is_on(
    tmp_path: Path, user: str, teams: dict[str, str]
) -> None:
    async with office(tmp_path, user=user) as finesse:
        assert finesse.session.groups.own_teams() == teams


@pytest.mark.parametrize("user", [None, User(id="1")])
async def test_without_a_team_one_has_to_be_named(finesse: Office, user: User | None) -> None:
    finesse.session.mirror.user = user
    with pytest.raises(InvalidRequestError, match="reported no team"):
        finesse.session.groups.own_teams()


async def test_the_queues_of_a_supervisor_are_those_of_the_teams(finesse: Office) -> None:
    queues = await finesse.session.groups.queues()
    assert [queue.id for queue in queues] == ["77", "78"]
    assert list(finesse.session.mirror.groups.queues) == ["77", "78"]
    assert (await finesse.session.groups.queue("91")).name == "South.Sales"


async def test_uccx_has_no_single_queue_and_is_not_asked(tmp_path: Path) -> None:
    async with office(tmp_path, platform="UCCX") as finesse:
        assert [queue.id for queue in await finesse.session.groups.queues()] == ["77", "78"]
        asked = len(finesse.simulator.requests)
        with pytest.raises(InvalidRequestError, match="Queue: get does not exist on UCCX"):
            await finesse.session.groups.queue("77")
        assert len(finesse.simulator.requests) == asked


async def test_the_calls_of_an_agent_are_read_where_that_is_allowed(finesse: Office) -> None:
    call = await finesse.ada_talks()
    (found,) = await finesse.session.groups.calls_of(ADA)
    assert (found.id, found.from_address) == (call, CUSTOMER)
    with pytest.raises(RefusedError):
        await finesse.session.groups.calls_of("2001")


async def test_an_event_of_the_team_feed_and_of_a_queue_keep_the_mirror_up(tmp_path: Path) -> None:
    async with office(tmp_path, time_scale=0.01) as finesse:
        await finesse.session.follow(f"team:{TEAM}")
        await finesse.session.follow("queue:77")
        await finesse.session.groups.team(TEAM)
        finesse.colleague(ADA, "READY")

        def known() -> bool:
            member = finesse.session.mirror.groups.teams[TEAM].member(ADA)
            queue = finesse.session.mirror.groups.queues.get("77")
            ready = queue is not None and queue.statistics is not None and queue.statistics.agents_ready == 1
            return member is not None and member.state == "READY" and ready

        await finesse.until(known)


async def test_after_a_break_teams_are_forgotten_and_the_feed_comes_again(finesse: Office) -> None:
    await finesse.session.follow(f"team:{TEAM}")
    await finesse.session.groups.team(TEAM)
    finesse.simulator.faults.kill_links()
    await finesse.until(lambda: not finesse.session.mirror.groups.teams)
    await finesse.until(
        lambda: finesse.session.status.reconnects == 1 and finesse.session.status.state == "ready", 10
    )
    await finesse.session.groups.team(TEAM)
    finesse.colleague(ADA)
    await finesse.until(
        lambda: (
            (member := finesse.session.mirror.groups.teams[TEAM].member(ADA)) is not None
            and member.state == "NOT_READY"
        )
    )


async def test_a_read_that_takes_too_long_says_so(tmp_path: Path) -> None:
    async with office(tmp_path, timing=replace(TIMING, look=0.1)) as finesse:
        finesse.simulator.faults.no_answer(path=f"/Team/{TEAM}")
        with pytest.raises(NotReadyError, match="The team could not be read in time"):
            await finesse.session.groups.team(TEAM)
