"""Objects and layouts assigned to teams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mcp_finesse.errors import InvalidRequestError
from mcp_finesse.rest.admin import (
    ASSIGNMENTS,
    change_assigned,
    change_team_layout,
    get_assigned,
    get_team_layout,
    list_teams,
)
from mcp_finesse.rest.operation import operations_of
from tests.rest.admin.support import LAYOUT, Ask, category_of
from tests.rest.support import scripted, xml

TEAMS = xml(
    "<Teams><Team><uri>/finesse/api/Team/310</uri><id>310</id><name>North</name></Team>"
    "<Team><id>320</id><name>South</name></Team></Teams>"
)
QUERY: dict[str, str] = {
    kind: "?category=NOT_READY" if ASSIGNMENTS[kind].by_category else "" for kind in ASSIGNMENTS
}


async def refusal(asking: Ask) -> str:
    async with scripted() as (client, server):
        with pytest.raises(InvalidRequestError) as caught:
            await asking(client)
        assert server.requests == []
    return str(caught.value)


async def test_teams_are_listed() -> None:
    async with scripted(TEAMS) as (client, server):
        assert [(team.id, team.name) for team in await list_teams(client)] == [
            ("310", "North"),
            ("320", "South"),
        ]
    assert server.requests[0].line == "GET /finesse/api/Teams"


@pytest.mark.parametrize("kind", ASSIGNMENTS)
async def test_assigned_objects_are_read(kind: str) -> None:
    answer = xml(f"<{kind}s><{kind}><uri>/finesse/api/{kind}/7</uri></{kind}></{kind}s>")
    async with scripted(answer) as (client, server):
        (found,) = await get_assigned(client, "310", kind, category=category_of(kind))
    assert isinstance(found, ASSIGNMENTS[kind].read)
    assert found.id == 7  # type: ignore[attr-defined]
    assert server.requests[0].line == f"GET /finesse/api/Team/310/{kind}s{QUERY[kind]}"


@pytest.mark.parametrize("kind", ASSIGNMENTS)
async def test_assigned_objects_are_replaced_by_uris(kind: str) -> None:
    async with scripted() as (client, server):
        await change_assigned(client, 310, kind, ["7", 5], request_id="r", category=category_of(kind))
        await change_assigned(client, 310, kind, [], request_id="r", category=category_of(kind))
    full, empty = server.requests
    assert full.line == f"PUT /finesse/api/Team/310/{kind}s{QUERY[kind]}"
    item = f"<{kind}><uri>/finesse/api/{kind}/{{}}</uri></{kind}>"
    assert full.body.decode() == f"<{kind}s>{item.format(7)}{item.format(5)}</{kind}s>"
    assert empty.body.decode() == f"<{kind}s/>"


def setting(kind: str = "Workflow", ids: Any = (1,), team: Any = 310, category: str | None = None) -> Ask:
    return lambda client: change_assigned(client, team, kind, ids, request_id="r", category=category)


@pytest.mark.parametrize(
    ("asking", "words"),
    [
        (setting("MediaPropertiesLayout"), "'MediaPropertiesLayout' cannot be assigned to teams"),
        (setting(""), "'' cannot be assigned"),
        (setting("ReasonCode"), "category is None"),
        (setting("ReasonCode", category="ALL"), "category is 'ALL'"),
        (setting(category="LOGOUT"), "Workflow objects have no category"),
        (setting(team="-1"), "team id is '-1'"),
        (setting(team=""), "team id is ''"),
        (setting(ids=["-1"]), "Workflow id is '-1'"),
        (setting(ids=[1, None]), "Workflow id is None"),
        (setting(ids=[1, 2, "1"]), "The Workflow 1 is listed twice"),
        (setting(ids=range(1, 22)), "There are 21 Workflow objects; a team can have 20"),
    ],
)
async def test_invalid_assignment_is_rejected(asking: Ask, words: str) -> None:
    assert words in await refusal(asking)


async def test_team_layout_is_read_and_changed() -> None:
    answer = xml(
        "<TeamLayoutConfig><useDefault>false</useDefault><layoutxml>&lt;a/&gt;</layoutxml></TeamLayoutConfig>"
    )
    async with scripted(answer) as (client, server):
        layout = await get_team_layout(client, 310)
        await change_team_layout(client, 310, {"use_default": False, "layoutxml": LAYOUT}, request_id="r")
        await change_team_layout(client, 310, {"use_default": True}, request_id="r")
    assert (layout.use_default, layout.layoutxml) == (False, "<a/>")
    assert {request.target for request in server.requests} == {"/finesse/api/Team/310/LayoutConfig"}
    assert b"<useDefault>false</useDefault><layoutxml>&lt;finesseLayout" in server.requests[1].body
    assert server.requests[2].body == b"<TeamLayoutConfig><useDefault>true</useDefault></TeamLayoutConfig>"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "use_default is missing"),
        ({"layoutxml": LAYOUT}, "use_default is missing"),
        ({"use_default": False}, "layoutxml is missing"),
        ({"use_default": False, "layoutxml": "<a"}, "cannot be a layout"),
        ({"use_default": "x"}, "use_default: Input should be a valid boolean"),
    ],
)
async def test_invalid_team_layout_is_rejected(values: dict[str, Any], words: str) -> None:
    assert words in await refusal(lambda client: change_team_layout(client, 310, values, request_id="r"))


@pytest.mark.parametrize("function", [get_assigned, change_assigned])
def test_every_assignment_is_declared(function: Callable[..., Any]) -> None:
    declared = operations_of(function)
    assert {each.path for each in declared} == {f"/finesse/api/Team/{{id}}/{kind}s" for kind in ASSIGNMENTS}
