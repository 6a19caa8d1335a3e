"""Resources read the mirror and the journal and return JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp import MCPError
from mcp.client import Client

from mcp_finesse.errors import FinesseError, NotFoundError, RefusedError
from mcp_finesse.model import Update
from mcp_finesse.server.present import uris
from mcp_finesse.session import Change, SessionState
from tests.server.support import ScriptedSession, agent, call, connected, signed_in
from tests.server.support_groups import member, queue, team


async def read(client: Client, uri: str) -> Any:
    [content] = (await client.read_resource(uri)).contents
    assert content.mime_type == "application/json"
    return json.loads(content.text)  # type: ignore[union-attr]


def turn(session: ScriptedSession, state: str) -> None:
    session.hear("user", Update(event="PUT", source="/finesse/api/User/1001", user=agent(state=state)))


async def test_resources_and_templates_are_listed(era: str) -> None:
    async with connected(signed_in(), era) as client:
        listed = [str(item.uri) for item in (await client.list_resources()).resources]
        templates = [
            item.uri_template for item in (await client.list_resource_templates()).resource_templates
        ]
    assert listed == [
        uris.SESSION,
        uris.USER,
        uris.DIALOGS,
        uris.TASKS,
        uris.NOTIFICATIONS,
        uris.REFERENCE,
    ]
    assert templates == [
        uris.DIALOG_TEMPLATE,
        uris.TEAM_TEMPLATE,
        uris.QUEUE_TEMPLATE,
        uris.SINCE_TEMPLATE,
        uris.FEED_TEMPLATE,
        uris.REFERENCE_TEMPLATE,
    ]


async def test_team_and_queue_are_read_from_finesse_and_subscribed(era: str) -> None:
    session = signed_in()
    session.team_reader.known["310"] = team(
        "310", "North", member("1001", "Ada Okoro", "READY", 9), member("1002", "Ben Ito", "NOT_READY", 3)
    )
    session.team_reader.others["77"] = queue("77", "North.Sales", calls_in_queue=0)
    async with connected(session, era) as client:
        shown = await read(client, "finesse://teams/310")
        assert await read(client, "finesse://queues/77") == {
            "id": "77", "name": "North.Sales", "calls_in_queue": 0,
        }  # fmt: skip
    assert (shown["id"], shown["name"]) == ("310", "North")
    assert [(each["id"], each["seconds"]) for each in shown["agents"]] == [("1002", 420), ("1001", 60)]
    assert session.wanted == ["team:310", "queue:77"]


@pytest.mark.parametrize(
    ("error", "uri"),
    [
        (NotFoundError("Finesse knows no such team."), "finesse://teams/9"),
        (RefusedError("Finesse rejected."), "finesse://queues/9"),
    ],
)
async def test_error_of_an_unreadable_team_or_queue_is_returned(error: FinesseError, uri: str) -> None:
    session = signed_in()
    session.team_reader.error = error
    async with connected(session) as client:
        with pytest.raises(MCPError, match=error.message):
            await client.read_resource(uri)


async def test_session_user_and_dialogs_are_read(era: str) -> None:
    session = signed_in()
    session.have(call("331"), call("332"))
    async with connected(session, era) as client:
        assert (await read(client, "finesse://session"))["state"] == "ready"
        assert (await read(client, "finesse://user"))["state"] == "READY"
        assert [item["id"] for item in (await read(client, "finesse://dialogs"))["dialogs"]] == ["331", "332"]
        assert (await read(client, "finesse://dialogs/332"))["my_state"] == "ACTIVE"


async def test_error_for_missing_resource_lists_the_current_ones(era: str) -> None:
    session = ScriptedSession()
    session.have(call("331"))
    async with connected(session, era) as client:
        with pytest.raises(MCPError, match="state yet: Scripted") as unknown:
            await client.read_resource("finesse://user")
        assert unknown.value.error.code == -32603
        with pytest.raises(MCPError, match="Current calls: 331") as missing:
            await client.read_resource("finesse://dialogs/9")
        assert missing.value.error.code == -32602


async def test_notifications_are_read_newest_first_page_and_from_a_cursor(era: str) -> None:
    session = signed_in()
    for state in ("READY", "NOT_READY", "TALKING"):
        turn(session, state)
    async with connected(session, era) as client:
        newest = await read(client, "finesse://notifications")
        assert [item["number"] for item in newest["notifications"]] == [1, 2, 3]
        page = await read(client, "finesse://notifications?after=life:1&limit=1")
        assert [item["number"] for item in page["notifications"]] == [2]
        assert (page["cursor"], page["left_out"], page["gap"]) == ("life:2", 1, False)
        assert "raw" not in str(page)
        with pytest.raises(MCPError, match="is not a cursor"):
            await client.read_resource("finesse://notifications?after=x")


async def test_at_most_fifty_notifications_are_returned() -> None:
    session = signed_in()
    for _ in range(60):
        turn(session, "READY")
    async with connected(session) as client:
        page = await read(client, "finesse://notifications?limit=1000")
        assert (len(page["notifications"]), page["left_out"]) == (50, 10)
        assert len((await read(client, "finesse://notifications?limit=-3"))["notifications"]) == 1


async def test_notifications_of_one_feed_are_read(era: str) -> None:
    session = signed_in()
    turn(session, "READY")
    session.hear("team:310", Update(event="PUT", source="/x", other={"Team": "x"}))
    session.hear("/odd/node", Update(event="PUT", source="/x", other={"Odd": "x"}))
    async with connected(session, era) as client:
        for feed, number in (("user", 1), ("team:310", 2), ("/odd/node", 3)):
            page = await read(client, uris.feed(feed))
            assert [item["number"] for item in page["notifications"]] == [number]


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (Change("session"), [uris.SESSION]),
        (Change("system"), [uris.SESSION]),
        (Change("user"), [uris.USER]),
        (Change("dialogs"), [uris.DIALOGS]),
        (Change("dialog", "331"), [uris.DIALOGS, "finesse://dialogs/331"]),
        (Change("team", "310"), ["finesse://teams/310"]),
        (Change("queue", "7/7"), ["finesse://queues/7%2F7"]),
        (Change("tasks"), [uris.TASKS]),
        (Change("task", "1_2_3"), [uris.TASKS]),
        (Change("media", "5001"), [uris.TASKS]),
    ],
)
def test_change_maps_to_the_resources_it_affects(change: Change, touched: list[str]) -> None:
    assert uris.of_change(change) == touched


async def test_session_resource_is_readable_while_not_ready() -> None:
    session = ScriptedSession()
    session.state = SessionState.OUT_OF_SERVICE
    async with connected(session) as client:
        assert (await read(client, "finesse://session"))["state"] == "out_of_service"


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("finesse://notifications?limit=many", 'limit is "many", which is not a whole number'),
        ("finesse://notifications/calls", 'There is no feed "calls". Feeds: user, dialogs'),
    ],
)
async def test_invalid_notifications_request_is_explained(
    uri: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(signed_in()) as client:
        with pytest.raises(MCPError, match=said):
            await client.read_resource(uri)
    assert "Traceback" not in caplog.text
