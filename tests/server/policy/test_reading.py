"""Rules about teams and feeds, applied to every tool, resource and completion that shows the same data."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import MCPError
from mcp.types import ResourceTemplateReference

from mcp_finesse.model import Team, TeamRef, Update
from mcp_finesse.server.present import uris
from tests.mirrored import set_user
from tests.server.policy.test_gate import Office, every_era, office, supervisor
from tests.server.support import ScriptedSession, agent, data, refusal, tell
from tests.server.support_groups import member, queue

NO_TEAM = {"teams": {"deny": ["310"]}}
NO_QUEUE = {"feeds": {"deny": ["queue:7"]}}
ONE_QUEUE = {"feeds": {"allow": ["queue:8", "queues"]}}
HIDDEN, SHOWN = "Ruby", "Opal"
"""Names that must not be visible, and names that must be."""


def site() -> ScriptedSession:
    """Return a session of a supervisor that has received notifications of a team and of two queues."""
    session = supervisor()
    session.team_reader.listed = [queue("7", HIDDEN, calls_in_queue=3), queue("8", SHOWN, calls_in_queue=4)]
    session.mirror.queue_store.merge(session.team_reader.listed)
    session.team_reader.others["7"] = session.team_reader.listed[0]
    session.wanted += ["queue:7", "queue:8", "queues", "team:310"]
    session.hear("team:310", Update(event="PUT", user=member("1002", "Ben Kim", "READY")))
    session.hear("queue:7", Update(event="PUT", queue=queue("7", HIDDEN)))
    session.hear("queue:8", Update(event="PUT", queue=queue("8", SHOWN)))
    session.hear("queues", Update(event="POST", queues=session.team_reader.listed))
    session.hear("/finesse/api/User/2002/Queues", Update(event="POST", queues=[queue("7", HIDDEN)]))
    return session


@asynccontextmanager
async def reader(rules: dict[str, Any], era: str = "auto") -> AsyncIterator[Office]:
    async with office(session=site(), rules=rules, toolsets=("all",), era=era) as here:
        yield here


@every_era
@pytest.mark.parametrize("rules", [NO_QUEUE, ONE_QUEUE], ids=["deny", "allow"])
async def test_denied_queue_is_in_no_result(rules: dict[str, Any], era: str) -> None:
    async with reader(rules, era) as here:
        for tool, arguments in (
            ("get_queues", {}),
            ("get_queues", {"query": HIDDEN}),
            ("get_notifications", {}),
            ("get_notifications", {"feed": "queues"}),
            ("list_feeds", {}),
        ):
            text = await here.tell(tool, **arguments)
            assert HIDDEN not in text
            assert "queue:7" not in text
        assert SHOWN in await here.tell("get_queues")
        assert "hides 1 queues" in await here.tell("get_queues")
        assert SHOWN in await here.tell("get_notifications")
        for uri in ("finesse://notifications", "finesse://notifications?limit=50"):
            [content] = (await here.client.read_resource(uri)).contents
            assert HIDDEN not in content.text  # type: ignore[union-attr]
            assert SHOWN in content.text  # type: ignore[union-attr]


@pytest.mark.parametrize("rules", [NO_QUEUE, ONE_QUEUE], ids=["deny", "allow"])
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_queues", {"query": "7"}),
        ("get_queues", {"query": " 007"}),
        ("get_queues", {"query": "٧"}),
        ("get_queues", {"query": "0" * 40 + "7"}),
        ("get_notifications", {"feed": "queue:7"}),
        ("get_notifications", {"feed": "QUEUE: 07"}),
        ("wait_for_notification", {"feed": "queue:7"}),
        ("subscribe_feed", {"feed": "queue:" + "0" * 40 + "7"}),
    ],
)
async def test_denied_queue_cannot_be_named(
    rules: dict[str, Any], tool: str, arguments: dict[str, Any]
) -> None:
    async with reader(rules) as here:
        text = await refusal(here.client, tool, **arguments)
        assert "of the policy file forbids it" in text
        assert HIDDEN not in text


async def test_list_of_queues_cannot_be_read_if_its_feed_is_denied() -> None:
    async with reader({"feeds": {"deny": ["queues"]}}) as here:
        assert "feeds.deny" in await refusal(here.client, "get_queues")
        assert HIDDEN not in await here.tell("get_notifications", limit=1)
        assert HIDDEN in await here.tell("get_queues", query="7")


async def test_notification_of_a_denied_queue_is_neither_waited_for_nor_shown_raw() -> None:
    async with reader(NO_QUEUE) as here:
        session = here.session
        waited = {"kind": "queue", "object_id": "7", "after": "life:0", "timeout": 0}
        found = await data(here.client, "wait_for_notification", **waited)
        assert found["status"] == "nothing_yet"
        grown = {"field": "longest_wait_seconds", "value": ">=0", "object_id": "7", "timeout": 0}
        assert HIDDEN not in await tell(here.client, "wait_for_notification", **grown)
        for entry in session.journal:
            if entry.feed not in ("queue:8", "team:310"):
                assert "There is no notification" in await refusal(
                    here.client, "get_raw_notification", number=entry.number
                )


@every_era
async def test_resource_of_a_denied_feed_is_refused(era: str) -> None:
    async with reader(NO_QUEUE, era) as here:
        with pytest.raises(MCPError, match=r"feeds\.deny"):
            await here.client.read_resource("finesse://notifications/queue:7")
        with pytest.raises(MCPError, match=r"feeds\.deny"):
            await here.client.read_resource(f"finesse://queues/{'0' * 40}7")


@pytest.mark.parametrize("rules", [NO_TEAM, {"feeds": {"deny": ["team:*"]}}], ids=["team", "feed"])
async def test_denied_team_is_not_readable(rules: dict[str, Any]) -> None:
    async with reader(rules) as here:
        for tool, arguments in (
            ("get_team", {}),
            ("get_team", {"team": "North"}),
            ("get_team", {"team": "0" * 40 + "310"}),
            ("get_notifications", {"feed": "team:310"}),
        ):
            assert "of the policy file forbids it" in await refusal(here.client, tool, **arguments)
        unknown = await refusal(here.client, "sign_out_agent", agent="nobody")
        assert "Ben" not in unknown
        assert "4502" not in unknown
        several = await refusal(here.client, "sign_out_agent", agent="e")
        assert "Ben" not in several


async def test_agent_of_a_readable_team_is_still_suggested() -> None:
    session = supervisor()
    teams = [TeamRef(id="310", name="North"), TeamRef(id="311", name="South")]
    set_user(session.mirror, agent(teams=teams))
    session.team_reader.known["311"] = Team(
        id="311", name="South", users=[member("3003", "Zoe Lee", "READY")]
    )
    async with office(session=session, rules=NO_TEAM, toolsets=("supervisor",)) as here:
        text = await refusal(here.client, "sign_out_agent", agent="nobody")
        assert "Zoe Lee" in text
        assert "Ben" not in text


@every_era
@pytest.mark.parametrize(
    ("rules", "template", "name", "expected"),
    [
        (NO_QUEUE, uris.QUEUE_TEMPLATE, "id", ["8"]),
        (NO_TEAM, uris.TEAM_TEMPLATE, "id", []),
        ({"feeds": {"deny": ["team:*"]}}, uris.TEAM_TEMPLATE, "id", []),
        (NO_TEAM, uris.FEED_TEMPLATE, "feed", ["user", "dialogs", "queue:7", "queue:8", "queues"]),
        (ONE_QUEUE, uris.FEED_TEMPLATE, "feed", ["user", "dialogs", "queue:8", "queues"]),
        ({}, uris.TEAM_TEMPLATE, "id", ["310"]),
    ],
)
async def test_denied_object_is_not_completed(
    era: str, rules: dict[str, Any], template: str, name: str, expected: list[str]
) -> None:
    async with reader(rules, era) as here:
        reference = ResourceTemplateReference(uri=template)
        result = await here.client.complete(reference, {"name": name, "value": ""})
    assert result.completion.values == expected


async def test_own_feeds_are_readable_whatever_the_rules_are() -> None:
    async with reader({"feeds": {"allow": []}, "teams": {"allow": []}}) as here:
        here.session.hear("user", Update(event="PUT", user=agent()))
        assert "user" in await here.tell("get_notifications", feed="user")
        assert "dialogs" in await here.tell("list_feeds")


async def test_rules_of_one_server_do_not_apply_to_another() -> None:
    async with reader(NO_QUEUE) as strict, reader({}) as free:
        assert HIDDEN in await free.tell("get_queues")
        assert HIDDEN not in await strict.tell("get_queues")
        assert HIDDEN in await free.tell("get_queues")
