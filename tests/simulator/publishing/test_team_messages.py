"""Team messages: permissions, recipients and expiry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcp_finesse.simulator.errors import ApiProblem
from mcp_finesse.simulator.publishing.team_messages import TeamMessage
from mcp_finesse.simulator.server import Simulator
from mcp_finesse.simulator.world.properties import Properties
from mcp_finesse.simulator.world.world import default_world
from tests.simulator.support import Stage, parse_notification
from tests.simulator.support_rest import client_of, error, xml


def create(
    stage: Stage,
    acting: str = "2000",
    content: str = "Plan B",
    duration: str = "600",
    teams: tuple[str, ...] = ("310", "320"),
) -> TeamMessage:
    return stage.center.team_messages.create(stage.center.state.agents[acting], content, duration, teams)


def test_message_is_published_to_every_team() -> None:
    stage = Stage()
    message = create(stage)
    received = [parse_notification(each) for each in stage.published]
    assert [(each.event, each.node, each.source) for each in received] == [
        ("POST", f"/finesse/api/Team/{team}/TeamMessages", message.uri) for team in ("310", "320")
    ]
    assert all(stage.center.feeds.known(each.node) for each in received)
    assert received[0].data.findtext("content") == "Plan B"
    assert received[0].data.findtext("createdBy/firstName") == "Omar"
    stage.published.clear()
    stage.center.team_messages.delete(stage.center.state.agents["2000"], message.id)
    assert [parse_notification(each).event for each in stage.published] == ["DELETE", "DELETE"]
    assert stage.center.truth()["messages"] == {}


def test_message_expires_after_its_duration() -> None:
    stage = Stage()
    message = create(stage)
    assert stage.center.truth()["messages"][message.id] == {
        "createdBy": "2000",
        "content": "Plan B",
        "duration": 600,
        "teams": ["310", "320"],
    }
    stage.time.advance(599)
    assert stage.center.team_messages.of_team("310") == [message]
    stage.time.advance(1)
    assert stage.center.team_messages.by("2000") == []


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"acting": "1001"}, (401, "Authorization Failure", "1001")),
        ({"acting": "1000"}, (401, "Authorization Failure", "1000")),  # not of team 320
        ({"content": ""}, (400, "Parameter Missing", "content")),
        ({"duration": ""}, (400, "Parameter Missing", "duration")),
        ({"teams": ()}, (400, "Parameter Missing", "teams")),
        ({"duration": "long"}, (400, "Invalid Input", "duration")),
        ({"duration": "0"}, (400, "Invalid Input", "duration")),
        ({"duration": str(2**31)}, (400, "Invalid Input", "duration")),
        ({"duration": "9" * 5000}, (400, "Invalid Input", "duration")),
        ({"duration": "\u0663"}, (400, "Invalid Input", "duration")),
    ],
)
def test_invalid_message_is_rejected(fields: dict[str, str], refused: tuple[int, str, str]) -> None:
    with pytest.raises(ApiProblem) as caught:
        create(Stage(), **fields)  # type: ignore[arg-type]
    assert (caught.value.status, caught.value.details.type, caught.value.details.data) == refused


def test_number_of_active_messages_is_limited() -> None:
    stage = Stage(world=replace(default_world(), properties=Properties(team_message_limit=1)))
    create(stage)
    with pytest.raises(ApiProblem, match="System Resource Limit Exceeded"):
        create(stage)
    stage.time.advance(600)
    create(stage)


def test_message_can_be_deleted_only_by_its_author() -> None:
    stage = Stage()
    message = create(stage, teams=("310",))
    with pytest.raises(ApiProblem, match="Authorization Failure"):
        stage.center.team_messages.delete(stage.center.state.agents["1000"], message.id)


async def test_messages_are_created_read_and_deleted_over_rest() -> None:
    body = (
        "<TeamMessage><duration>600</duration><content>Plan B &amp; C</content>"
        "<teams><team>310</team></teams></TeamMessage>"
    )
    async with Simulator() as simulator:
        async with client_of(simulator, "1000") as dana:
            for path in ("TeamMessage", "TeamMessages"):
                answer = await dana.send("POST", path, body)
                assert (answer.status_code, answer.text) == (200, "")
            location = answer.headers["location"].removeprefix("/finesse/api/")
            assert len(xml(await dana.get("TeamMessages?createdBy=1000"))) == 2
            assert error(await dana.get("TeamMessages"))[3] == "createdBy"
            assert error(await dana.get("TeamMessages?createdBy=2000"))[0] == 401
            unknown = body.replace("310", "999")
            assert error(await dana.send("POST", "TeamMessage", unknown))[:2] == (404, "Not Found")
            assert (await dana.send("DELETE", location, "")).status_code == 200
            assert error(await dana.send("DELETE", location, ""))[:2] == (404, "Not Found")
        async with client_of(simulator, "1001") as ada:
            (message,) = xml(await ada.get("Team/310/TeamMessages"))
            assert message.findtext("content") == "Plan B & C"
            assert error(await ada.get("Team/320/TeamMessages"))[:2] == (401, "Authorization Failure")
            assert error(await ada.send("POST", "TeamMessage", body))[:2] == (401, "Authorization Failure")
