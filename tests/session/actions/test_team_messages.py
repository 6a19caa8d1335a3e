"""Outcomes of messages to teams: only reading the list confirms them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcp_finesse.errors import FinesseError, InvalidRequestError
from mcp_finesse.session.actions.team_messages import delete_team_message, send_team_message
from tests.session.support import TIMING
from tests.session.support_supervision import ADA, SUPERVISOR, TEAM, Office, office

MESSAGES = "/TeamMessages"
REFUSAL = "<ApiErrors><ApiError><ErrorType>Invalid Input</ErrorType></ApiError></ApiErrors>"


@pytest.fixture
async def finesse(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as made:
        yield made


def messages(finesse: Office) -> dict[str, str]:
    return {id_: item["content"] for id_, item in finesse.simulator.center.truth()["messages"].items()}


async def test_sent_message_is_confirmed_with_the_message_from_the_list(finesse: Office) -> None:
    outcome = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    assert outcome.team_message is not None
    assert messages(finesse) == {outcome.team_message.id: "Plan B"}
    assert outcome.team_message.teams == [TEAM]
    assert outcome.seconds < TIMING.event, "no event is waited for"


async def test_same_text_sent_again_is_another_message(finesse: Office) -> None:
    first = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    second = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    assert first.team_message is not None
    assert second.team_message is not None
    assert first.team_message.id != second.team_message.id


async def test_message_is_deleted_once(finesse: Office) -> None:
    sent = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    assert sent.team_message is not None
    delete = delete_team_message(sent.team_message.id, [TEAM])
    await finesse.do(delete)
    assert messages(finesse) == {}
    await finesse.do(delete, "unchanged")


async def test_message_that_cannot_be_read_back_is_unreported(finesse: Office) -> None:
    finesse.simulator.faults.http_status(404, n=9, method="GET", path=MESSAGES)
    outcome = await finesse.do(send_team_message("Plan B", [TEAM], 600), "unreported")
    assert outcome.team_message is None
    assert "the state could not be read back" in outcome.message
    assert list(messages(finesse).values()) == ["Plan B"]


@pytest.mark.parametrize("earlier", [True, False])
async def test_message_accepted_without_effect_is_unknown(tmp_path: Path, earlier: bool) -> None:
    async with office(tmp_path, timing=replace(TIMING, confirmation=0.3)) as finesse:
        if earlier:  # by another client, so this session has never read it
            center = finesse.simulator.center
            center.team_messages.create(
                center.state.agents[finesse.session.mirror.user_id], "Plan B", "600", [TEAM]
            )
        finesse.simulator.faults.http_status(201, method="POST")
        outcome = await finesse.do(send_team_message("Plan B", [TEAM], 600), "unknown")
        assert outcome.team_message is None
        assert len(finesse.sent("POST")) == 1


async def test_deletion_accepted_without_effect_is_unknown(tmp_path: Path) -> None:
    async with office(tmp_path, timing=replace(TIMING, confirmation=0.3)) as finesse:
        sent = await finesse.do(send_team_message("Plan B", [TEAM], 600))
        assert sent.team_message is not None
        finesse.simulator.faults.http_status(200, method="DELETE")
        await finesse.do(delete_team_message(sent.team_message.id, [TEAM]), "unknown")


@pytest.mark.parametrize("status", [0, 400], ids=["404 of Finesse", "400"])
async def test_message_that_another_client_deleted_first_is_unchanged(finesse: Office, status: int) -> None:
    sent = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    assert sent.team_message is not None
    center = finesse.simulator.center
    center.team_messages.delete(center.state.agents[SUPERVISOR], sent.team_message.id)
    if status:
        finesse.simulator.faults.http_status(status, REFUSAL, method="DELETE")
    outcome = await finesse.do(delete_team_message(sent.team_message.id, [TEAM]), "unchanged")
    assert outcome.errors
    assert len(finesse.sent("DELETE")) == 1


async def test_message_that_may_not_be_deleted_is_failed(finesse: Office) -> None:
    sent = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    assert sent.team_message is not None
    finesse.simulator.faults.http_status(400, REFUSAL, method="DELETE")
    await finesse.do(delete_team_message(sent.team_message.id, [TEAM]), "failed")


async def test_nothing_is_sent_when_the_current_messages_cannot_be_read(finesse: Office) -> None:
    finesse.simulator.faults.http_status(500, n=9, method="GET", path=MESSAGES)
    with pytest.raises(FinesseError):
        await finesse.session.act(send_team_message("Plan B", [TEAM], 600))
    assert finesse.sent("POST") == []


async def test_lost_response_is_confirmed_by_the_message_list(finesse: Office) -> None:
    finesse.simulator.faults.http_status(502, "<html>bad</html>", method="POST", carry_out=True)
    outcome = await finesse.do(send_team_message("Plan B", [TEAM], 600))
    assert outcome.team_message is not None


async def test_lost_response_without_message_in_the_list_is_unknown(tmp_path: Path) -> None:
    async with office(tmp_path, timing=replace(TIMING, confirmation=0.5)) as finesse:
        finesse.simulator.faults.http_status(502, "<html>bad</html>", method="POST")
        await finesse.do(send_team_message("Plan B", [TEAM], 600), "unknown")


async def test_message_rejected_by_finesse_is_failed_with_its_error(finesse: Office) -> None:
    outcome = await finesse.do(send_team_message("Plan B", ["320"], 600), "failed")
    assert outcome.errors


@pytest.mark.parametrize(
    ("content", "teams", "said"),
    [("", [TEAM], "content is empty"), ("x" * 256, [TEAM], "256 characters"), ("x", [], "teams is empty")],
)
async def test_invalid_message_is_rejected_before_any_request(
    finesse: Office, content: str, teams: list[str], said: str
) -> None:
    with pytest.raises(InvalidRequestError, match=said):
        await finesse.session.act(send_team_message(content, teams, 600))
    assert finesse.sent("POST") == []


async def test_agent_may_read_messages_but_not_send(tmp_path: Path) -> None:
    async with office(tmp_path, user=ADA) as finesse:
        with pytest.raises(InvalidRequestError, match="requires the role supervisor"):
            await finesse.session.act(send_team_message("Plan B", [TEAM], 600))
        assert await finesse.session.team_reader.messages([TEAM]) == []
