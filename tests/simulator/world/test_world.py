"""Consistency of the default world."""

from __future__ import annotations

import pytest

from mcp_finesse.simulator.world.world import AgentRecord, default_world

WORLD = default_world()


def test_agents_have_existing_devices_teams_and_queues() -> None:
    teams = {team.id for team in WORLD.teams}
    for record in WORLD.agents:
        assert WORLD.devices[record.extension]
        assert record.team_id in teams
        assert set(record.supervises) <= teams
    assert {agent for queue in WORLD.queues for agent in queue.agents} <= {
        record.id for record in WORLD.agents
    }


def test_reason_code_ids_are_unique() -> None:
    ids = [code.id for code in WORLD.reason_codes]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("user_id", "login_name", "roles"),
    [("1000", "dkim", ("Agent", "Supervisor")), ("1001", "aokoro", ("Agent",))],
)
def test_agents_have_login_names_and_roles(user_id: str, login_name: str, roles: tuple[str, ...]) -> None:
    record = next(each for each in WORLD.agents if each.id == user_id)
    assert (record.login_name, record.roles) == (login_name, roles)


def test_repr_does_not_show_passwords() -> None:
    assert "hush" not in repr(AgentRecord("1", "A", "B", "2", "3", password="hush"))


def test_wrap_up_labels_fit_the_39_byte_limit() -> None:
    assert all(len(reason.label.encode()) <= 39 for reason in WORLD.wrap_up_reasons)
